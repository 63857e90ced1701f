# aletheia exec: every option, one line of sound JSON whatever a guest prints, and clear words for bad input.
# RUN: np=1
. "$TOP/tests/shell.sh"
python=/usr/bin/python3
[ -x $python ] || { echo "skipped: no $python"; exit 77; }
echo 'print(7)' >seven.py
"$ALETHEIA" exec python seven.py </dev/null >out 2>err
if grep -q '"no sandbox"' out; then echo "skipped: $(head -1 err)"; exit 77; fi

# read_back PYTHON   each line of out is one JSON object d with the keys that were promised; the
# expression over them (d is the first, all is the list) must be true
keys='verdict subcode exit signal cpu_us wall_us time_us memory_kb stdout_bytes stderr_bytes first_difference mode runs'
read_back()
{
    $python - "$keys" "$1" $more <<'END' || bad "$what: not so: $1: $(head -c 600 out) $(head -c 300 err)"
import json, sys
data = open('out', 'rb').read()
assert data.endswith(b'\n') and all(32 <= b < 127 or b == 10 for b in data), 'bytes'
all = [json.loads(line) for line in data.split(b'\n')[:-1]]
want = set(sys.argv[1].split())
for d in all:
    also = {'message'} if d['verdict'] in ('compile_error', 'fault', 'checker_fault') else set()
    if 'checker' in sys.argv[3:] and d['verdict'] in ('accepted', 'wrong_answer', 'checker_fault'):
        also |= {'checker'}
        assert set(d['checker']) == {'message', 'score'}
    if 'note' in sys.argv[3:]:
        also |= {'note'}
    assert set(d) == want | also, set(d) ^ want
    f = d['first_difference']
    assert f is None or set(f) == {'at', 'unit', 'got', 'expected'}, f
d = all[0]
v = d['verdict']
sys.exit(not eval(sys.argv[2]))
END
}

# run CODE PYTHON ARGUMENTS... <input
run()
{
    local want=$1 fact=$2
    shift 2
    what="exec $*" more=
    case "$*" in *--checker?special:*|*--checker?kattis:*|*--checker?testlib:*) more=checker
        case "$*" in *--expect*) ;; *) more='checker note' ;; esac ;;
    esac
    "$ALETHEIA" exec "$@" >out 2>err
    code=$?
    [ $code = "$want" ] || bad "$what: exit $code instead of $want: $(head -c 500 err)"
    read_back "$fact"
}

# The plain form, and the overrides.
run 0 "v == 'accepted' and d['stdout_bytes'] == 2 and d['exit'] == 0 and d['runs'] == 1 and len(all) == 1" \
    python seven.py </dev/null
echo 'import sys; n = len(sys.stdin.buffer.read()); print(n)' >count.py
run 0 "v == 'accepted' and d['stdout_bytes'] == 2" python count.py <&-
echo 6 >six
run 0 "v == 'wrong_answer' and d['first_difference'] == {'at': 0, 'unit': 'token', 'got': '7', 'expected': '6'}" \
    python seven.py --expect six </dev/null
run 0 "v == 'runtime_error' and d['exit'] == -1 and d['signal'] == 9" python <(echo 'import os; os.kill(os.getpid(), 9)') </dev/null
run 0 "v == 'time_limit' and d['subcode'] == 'cpu'" python <(echo 'while 1: pass') sandbox.cpu_ms=200 </dev/null
run 0 "v == 'time_limit' and d['subcode'] == 'wall'" python <(echo 'import time; time.sleep(9)') sandbox.wall_ms=300 </dev/null
run 0 "v == 'memory_limit'" python <(echo 'x = b"x" * (200 << 20)') sandbox.memory_kb=50000 </dev/null
run 0 "v == 'output_limit'" python <(echo 'print("x" * 3000)') sandbox.output_kb=2 </dev/null
run 0 "v == 'runtime_error'" python <(echo 'open("x", "wb").write(bytes(50000))') sandbox.file_kb=20 </dev/null
run 0 "v == 'runtime_error'" python <(printf 'for i in range(9): open(str(i), "wb").write(bytes(1 << 20))') \
    sandbox.scratch_kb=4096 </dev/null
run 0 "v == 'runtime_error'" python <(printf 'import os\nfor i in range(9):\n if not os.fork(): os.read(0, 1)') \
    sandbox.processes=4 < <(sleep 0.2)
run 0 "v == 'compile_error' and d['subcode'] == 'compiler memory'" python \
    <($python -c 'print("x = 1\n" * 400000)') sandbox.compile_memory_kb=65536 </dev/null

# A terminal is no input.
what='on a terminal'
timeout 60 $python -c 'import pty, sys; pty.spawn(sys.argv[1:])' "$ALETHEIA" exec python count.py </dev/null 2>err |
    tr -d '\r' >out
read_back "v == 'accepted' and d['stdout_bytes'] == 2"

# Checkers.
printf 'a  b\n1.5\n' >ab
run 0 "v == 'accepted'" python <(echo 'print("a", "b", 1.5)') --expect ab --checker tokens </dev/null
run 0 "v == 'accepted'" python <(echo 'print("a", "b", 1.5000001)') --expect ab --checker floats </dev/null
run 0 "v == 'wrong_answer' and d['first_difference']['at'] == 2" \
    python <(echo 'print("a", "b", 1.5000001)') --expect ab --checker=floats \
    sandbox.float_absolute=0 sandbox.float_relative=0 </dev/null
run 0 "v == 'accepted'" python <(echo 'print("a  b   ", "1.5 ", "", sep="\n")') --expect ab --checker lines </dev/null
run 0 "v == 'wrong_answer' and d['first_difference'] == {'at': 1, 'unit': 'line', 'got': '1.6', 'expected': '1.5'}" \
    python <(printf 'print("a  b\\n1.6")') --expect ab --checker lines </dev/null
run 0 "v == 'wrong_answer' and d['first_difference'] == {'at': 9, 'unit': 'byte', 'got': '\\n', 'expected': ''}" \
    python <(printf 'print("a  b\\n1.5\\n")') --expect ab --checker exact </dev/null
cat >sorts.py <<'END'
import sys
i, e, o = [open(a).read().split() for a in sys.argv[1:]]
sys.exit(sorted(i) != o if not e else 9)
END
run 0 "v == 'accepted'" python <(echo 'print(*sorted(input().split()))') --checker special:python:sorts.py <<<'3 1 2'
run 0 "v == 'wrong_answer' and d['first_difference'] is None" python <(echo 'print(input())') --checker special:python:sorts.py <<<'3 1 2'
run 70 "v == 'checker_fault' and d['subcode'] == 'checker exit' and 'checker' in d['message']" \
    python seven.py --expect six --checker special:python:sorts.py </dev/null
if command -v gcc >/dev/null; then
    echo 'int main(void) { return 0; }' >yes.c
    run 0 "v == 'accepted' and len(all) == 20 and set(x['verdict'] for x in all) == {'accepted'}" \
        c yes.c --checker special:c:yes.c --repeat 20 </dev/null
    run 0 "v == 'compile_error' and 'stdio_x.h' in d['message'] and d['runs'] == 0" c <(echo '#include <stdio_x.h>') </dev/null
    run 0 "v == 'compile_error'" c /dev/null </dev/null
fi

# Words for checkers, beside each other; Kattis' own.
printf 'Yes 0.5\n' >yes
run 0 "v == 'wrong_answer'" python <(echo 'print("YES", 0.5)') --expect yes </dev/null
run 0 "v == 'accepted'" python <(echo 'print("YES", 0.5)') --expect yes --checker nocase </dev/null
run 0 "v == 'accepted'" python <(echo 'print("YES 0.5")') --expect yes --checker 'lines nocase' </dev/null
run 0 "v == 'accepted'" python <(echo 'print("yes", 0.5000001)') --expect yes --checker floats,nocase </dev/null
run 0 "v == 'accepted'" python <(echo 'print("yes", 0.6)') --expect yes --checker float_tolerance=0.2 </dev/null
run 0 "v == 'wrong_answer' and d['first_difference']['at'] == 0" python <(echo 'print("yes", 0.6)') --expect yes \
    --checker 'float_tolerance 0.2 case_sensitive' </dev/null
run 0 "v == 'wrong_answer' and d['first_difference']['at'] == 1" python <(echo 'print("yes", 0.6)') --expect yes \
    --checker float_absolute_tolerance=0.05 sandbox.float_relative=0.9 </dev/null
run 0 "v == 'wrong_answer' and d['first_difference'] == {'at': 1, 'unit': 'token', 'got': '  0.5', 'expected': ' 0.5'}" \
    python <(echo 'print("yes  0.5")') --expect yes --checker space_change_sensitive </dev/null
printf 'NaN [-inf, 2]\n' >nans
run 0 "v == 'accepted'" python <(echo 'print(float("nan"), [float("-inf"), 2.0])') --expect nans --checker floats </dev/null
run 0 "v == 'wrong_answer'" python <(echo 'print(float("inf"), [float("-inf"), 2.0])') --expect nans --checker floats </dev/null
printf '1 2\n' >one_two
run 0 "v == 'accepted'" python <(echo 'print(2, 1)') --expect one_two --other six --other <(echo 2 1) </dev/null
run 0 "v == 'wrong_answer' and d['first_difference']['expected'] == '1'" python <(echo 'print(2, 2)') --expect one_two \
    --other six --other <(echo 2 1) </dev/null

# Checkers of others: what they say and give.
cat >kattis.py <<'END'
import sys
want, got = open(sys.argv[2]).read(), sys.stdin.read()
open(sys.argv[3] + 'judgemessage.txt', 'w').write('saw %s' % got.strip())
open(sys.argv[3] + 'score.txt', 'w').write('2.5')
sys.exit(42 if want.strip() != got.strip() else 43)
END
run 0 "v == 'accepted' and d['checker'] == {'message': 'saw 7', 'score': 2.5}" \
    python seven.py --expect six --checker kattis:python:kattis.py </dev/null
echo 7 >seven
run 0 "v == 'wrong_answer' and d['checker'] == {'message': 'saw 7', 'score': 2.5} and d['first_difference'] is None" \
    python seven.py --expect seven --checker kattis:python:kattis.py </dev/null
grep -q note err && bad "a note where an expected file is there"
run 0 "v == 'accepted' and d['note'] == 'no --expect: the checker finds an empty expected file'" \
    python seven.py --checker=kattis:python:kattis.py </dev/null
grep -q 'note: no --expect' err || bad "no note on standard error"
run 0 "v == 'wrong_answer' and d['checker'] == {'message': 'wrong 3', 'score': None}" python seven.py --expect six \
    --checker testlib:python:<(printf 'import sys\nsys.stderr.write("wrong 3\\n")\nsys.exit(2)\n') </dev/null
run 70 "v == 'checker_fault' and d['subcode'] == 'checker compile' and 'compile' in d['message']" \
    python seven.py --expect six --checker special:python:<(echo 'if') </dev/null
if command -v g++ >/dev/null; then
    echo '#include "testlib.h"' >uses.cpp
    echo 'int main(int n, char **v) { return answer(v[2]); }' >>uses.cpp
    printf '#include <fstream>\nint answer(const char *s) { int x = 0; std::ifstream(s) >> x; return x != 7; }\n' >mini.h
    run 70 "v == 'checker_fault' and '[sandbox] testlib' in d['message']" python seven.py --expect six \
        --checker testlib:cpp:uses.cpp </dev/null
    run 0 "v == 'accepted'" python seven.py --expect six --checker testlib:cpp:uses.cpp sandbox.testlib=mini.h </dev/null
    run 0 "v == 'wrong_answer'" python <(echo 'print(8)') --expect six --checker testlib:cpp:uses.cpp sandbox.testlib=mini.h </dev/null
    run 0 "v == 'accepted'" cpp <(echo 'int twice(int x) { return 2 * x; }') --expect six \
        --harness <(printf '#include <iostream>\n#include "solution.cpp"\nint main() { int x; std::cin >> x; std::cout << twice(x); }\n') <<<3
    run 0 "v == 'compile_error' and 'solution.cpp' in d['message']" cpp <(echo 'int twice(int x) { return y; }') --expect six \
        --harness <(printf '#include "solution.cpp"\nint main() { return twice(1); }\n') <<<3
fi
if command -v javac >/dev/null && command -v java >/dev/null; then
    echo 'class Any { public static void main(String[] a) { System.out.print(7); } }' >any.java
    run 0 "v == 'accepted'" java any.java --expect seven </dev/null
    echo 'class Check { public static void main(String[] a) { throw new IllegalStateException("mine"); } }' >throws.java
    run 70 "v == 'checker_fault' and 'mine' in d['message'] and 'mine' in d['checker']['message']" \
        python seven.py --expect seven --checker special:java:throws.java </dev/null
fi

# What was printed: of the last run, right or wrong, and where it ended badly.
run 0 "v == 'wrong_answer'" python seven.py --expect six --stdout printed </dev/null
[ "$(cat printed)" = 7 ] || bad "--stdout: $(cat printed)"
run 0 "v == 'runtime_error'" python <(printf 'print("before", flush=True)\n1/0') --expect six --stdout=printed </dev/null
[ "$(cat printed)" = before ] || bad "--stdout of a failed run: $(cat printed)"
run 0 "len(all) == 30" python <(printf 'import random\nprint(random.random(), "x" * 1000)') --repeat 30 --stdout printed </dev/null
[ "$(wc -l <printed)" = 1 ] || bad "--stdout of more than one run"
run 0 "v == 'compile_error'" python <(echo 'if') --stdout printed </dev/null
[ -e printed ] && [ ! -s printed ] || bad "--stdout of no run"

# Many runs, in one sandbox: no file is left from one to the next.
cat >once.py <<'END'
import os
print(len(set(os.listdir('.')) - {'main.py'}))
open('left', 'w').write('x')
END
echo 0 >zero
run 0 "len(all) == 50 and set(x['verdict'] for x in all) == {'accepted'}" python once.py --expect zero --repeat 50 </dev/null

echo 'raise ValueError' >seven_raises.py

# Calls.
printf 'def f(x):\n    print("noise")\n    return x + [1]\n' >f.py
printf '# comment\n\nassert f([2]) == [2, 1]\n  assert f([]) == [1, 2]\nassert f(0) == 1\n' >calls
run 0 "[x['verdict'] for x in all] == ['accepted', 'wrong_answer', 'runtime_error'] and \
all[1]['first_difference']['got'] == '[1]' and all[1]['first_difference']['expected'] == '[1, 2]'" \
    python f.py --calls calls </dev/null
run 0 "len(all) == 9" python f.py --calls calls --repeat=3 </dev/null
echo 'assert f([0.5]) == [0.5000001, 1]' >calls
run 0 "v == 'accepted'" python f.py --calls calls --checker floats </dev/null

printf 'def check(candidate):\n    for x in ([], [2]):\n        assert len(candidate(x)) > len(x)\n\ncheck(f)\n' >test
run 0 "v == 'accepted' and d['subcode'] == 'test program'" python f.py --test test </dev/null
echo 'assert f([1]) == f([2])' >test
run 0 "v == 'wrong_answer' and d['subcode'] == 'test program'" python f.py --test test --repeat 2 </dev/null
printf 'import nowhere_at_all\nassert f([1]) == f([2])\n' >test
run 70 "v == 'checker_fault' and d['subcode'] == 'bad test' and 'nowhere_at_all' in d['message']" python f.py --test test </dev/null

# Whatever is printed: JSON.
cat >hostile.py <<'END'
import os, sys
os.write(1, bytes(range(256)) * 8 + b'\xed\xa0\x80\xf4\x90\x80\x80\xc0\x80\xe2\x82"}\n{\\u')
os.write(2, b'\x1b]0;title\x07' + bytes(range(256)))
END
printf '\0\1\2"\\' >want
run 0 "v == 'wrong_answer' and d['first_difference']['at'] == 3 and '\\\\x80' not in d['first_difference']['got']" \
    python hostile.py --expect want --checker exact </dev/null
run 0 "v == 'wrong_answer'" python hostile.py --expect want </dev/null
! LC_ALL=C grep -q '[^ -~[:space:]]' err || bad "what a guest prints reaches the terminal"
run 0 "'\\\\xff' in d['first_difference']['got'] and 'é' in d['first_difference']['got'] and '😀' in d['first_difference']['got']" \
    python <(echo 'import os; os.write(1, b"\xff\xc3\xa9\xf0\x9f\x98\x80\xf0\x9f")') --expect want </dev/null
printf 'raise SyntaxError("\\0\\x1b[2J\\ud800")\n(' >bad.py
run 0 "v == 'compile_error'" python bad.py </dev/null
printf 'print(1)\0' >nul.py
run 0 "v == 'compile_error' and 'null bytes' in d['message']" python nul.py </dev/null
run 0 "v == 'accepted' and d['stdout_bytes'] == 0" python /dev/null </dev/null
head -c 300 /dev/urandom >noise.py
run 0 "v == 'compile_error'" python noise.py </dev/null
$python -c 'print("#" * 10000000)' >large.py
run 0 "v == 'accepted'" python large.py </dev/null

# Without user namespaces: refused, or behind the rest where that is allowed.
cat >degraded <<END
exec unshare -U -r sh -c 'echo 0 >/proc/sys/user/max_user_namespaces || exit 99; exec "\$0" "\$@"' "$ALETHEIA" "\$@"
END
chmod +x degraded
if sh ./degraded --version >/dev/null 2>&1; then
    with=$ALETHEIA
    ALETHEIA=$PWD/degraded
    sed -i '1i #!/bin/sh' degraded
    run 70 "v == 'fault' and d['subcode'] == 'no sandbox' and 'allow_degraded' in d['message']" python seven.py </dev/null
    run 0 "v == 'wrong_answer' and d['mode'].startswith('degraded')" python seven.py --expect six \
        sandbox.allow_degraded=yes </dev/null
    run 0 "v == 'accepted'" python <(echo 'print(*sorted(input().split()))') --checker special:python:sorts.py \
        sandbox.allow_degraded=yes <<<'3 1 2'
    run 70 "v == 'checker_fault' and d['subcode'] == 'checker exit'" python seven.py \
        --checker special:python:seven_raises.py sandbox.allow_degraded=yes </dev/null
    run 0 "v == 'accepted' and d['checker'] == {'message': 'saw 7', 'score': 2.5}" \
        python seven.py --expect six --checker kattis:python:kattis.py sandbox.allow_degraded=yes </dev/null
    run 0 "v == 'accepted' and len(all) == 3" python <(echo 'def f(): return 7') --expect seven --repeat 3 \
        --harness <(echo 'from solution import *; print(f())') sandbox.allow_degraded=yes </dev/null
    run 0 "v == 'compile_error'" python <(echo 'def f() return 7') --expect seven \
        --harness <(echo 'from solution import *; print(f())') sandbox.allow_degraded=yes </dev/null
    if command -v javac >/dev/null && command -v java >/dev/null; then
        sed 's/^/package q.r; /' any.java >inside.java
        run 0 "v == 'accepted' and len(all) == 2" java inside.java --expect seven --repeat 2 sandbox.allow_degraded=yes </dev/null
    fi
    printf 'assert f([2]) == [2, 1]\nassert f([]) == [1, 2]\nassert f(0) == 1\n' >calls
    run 0 "[x['verdict'] for x in all] == ['accepted', 'wrong_answer', 'runtime_error']" \
        python f.py --calls calls sandbox.allow_degraded=yes </dev/null
    ALETHEIA=$with
fi

# Large inputs: 50 MB are taken, more than the limit is refused.
head -c 50000000 /dev/zero >fifty
echo 50000000 >n
run 0 "v == 'accepted'" python count.py --expect n <fifty
refused_in() { "$ALETHEIA" exec "$@" >out 2>err; code=$?; one_message 3 "$say" "exec $*"; }
say='standard input: larger than 256 MiB'
refused_in python count.py < <(head -c 300000000 /dev/zero)
say='standard input: Is a directory'
refused_in python count.py <.
[ ! -e /dev/full ] || { "$ALETHEIA" exec python seven.py >/dev/full 2>err </dev/null; [ $? = 4 ] || bad "/dev/full was not seen"; }

# Bad command lines and files.
refused 0 2 'usage: aletheia exec LANGUAGE FILE'   exec
refused 0 2 'usage: aletheia exec LANGUAGE FILE'   exec python
refused 0 2 'fortran.*python'                      exec fortran seven.py
refused 0 3 'nowhere.py: No such file'             exec python nowhere.py
refused 0 3 '/: Is a directory'                    exec python /
refused 0 3 '/dev/zero: larger than 16 MiB'        exec python /dev/zero
refused 0 3 'nowhere: No such file'                exec python seven.py --expect nowhere
refused 0 2 'no option --expct; known: --expect'   exec python seven.py --expct six
refused 0 2 '--expect needs a value'               exec python seven.py --expect
refused 0 2 'no checker .token.; known: tokens.*special:LANGUAGE:FILE' exec python seven.py --expect six --checker token
refused 0 2 'nocase and case_sensitive at once'    exec python seven.py --expect six --checker 'nocase case_sensitive'
refused 0 2 'float_tolerance: expected a number'   exec python seven.py --expect six --checker float_tolerance=x
refused 0 2 'no checker .kattis:python:'           exec python seven.py --expect six --checker kattis:python:
refused 0 2 'no checker .testlib::'                exec python seven.py --expect six --checker testlib::x
refused 0 3 'nowhere.h: No such file.*testlib.h'   exec python seven.py --expect six --checker testlib:python:seven.py sandbox.testlib=nowhere.h
refused 0 2 '--other is a further output'          exec python seven.py --other six
refused 0 2 '--other is a further output'          exec python seven.py --other six --expect six --checker special:python:seven.py
refused 0 3 'nowhere: No such file'                exec python seven.py --other nowhere --expect six
refused 0 3 'nowhere: No such file'                exec python seven.py --harness nowhere
refused 0 3 'nowhere/x: cannot be written'         exec python seven.py --stdout nowhere/x
refused 0 2 '--stdout means nothing with --calls'  exec python f.py --calls calls --stdout printed
refused 0 2 '--harness means nothing with --calls' exec python f.py --calls calls --harness f.py
refused 0 2 'no --checker but floats'              exec python f.py --calls calls --checker 'floats nocase'
refused 0 2 'no --checker but floats'              exec python f.py --calls calls --checker special:python:f.py
refused 0 2 'give --expect FILE'                   exec python seven.py --checker exact
refused 0 2 'no checker .special:python'           exec python seven.py --checker special:python
refused 0 2 'cobol'                                exec python seven.py --checker special:cobol:x
refused 0 3 'nowhere: No such file'                exec python seven.py --checker special:python:nowhere
refused 0 2 '--repeat 0: expected a number'        exec python seven.py --repeat 0
refused 0 2 '--repeat 1x: expected a number'       exec python seven.py --repeat 1x
refused 0 2 'sandbox.cpu_sm.*sandbox.cpu_ms'       exec python seven.py sandbox.cpu_sm=3
refused 0 2 'sandbox.cpu_ms = 0'                   exec python seven.py sandbox.cpu_ms=0
refused 0 2 'six'                                  exec python seven.py six
refused 0 2 'with --calls the expected values'     exec python f.py --calls calls --expect six
refused 0 3 'nowhere: No such file'                exec python f.py --calls nowhere
refused 0 3 'six:1: the test asks nothing'         exec python f.py --calls six
echo >none
refused 0 3 'none: holds no tests'               exec python f.py --calls none
printf 'assert f([1]) == [1, 1]\n\nassert f([]) > (3\n' >bad
refused 0 3 'bad:3: .*was never closed'           exec python f.py --calls bad
refused 0 3 'bad:1: .*was never closed .line 3.'  exec python f.py --test bad
refused 0 2 'either --calls or --test'             exec python f.py --test bad --calls bad
refused 0 2 'with --test the test decides'         exec python f.py --test bad --expect six
# Without mpirun there is one message and nothing of MPI below it, whatever the verb.
for verb in exec grade problems import init train plan eval; do
    refused 0 2 'sandbox.cpu_sm.*sandbox.cpu_ms' $verb $([ $verb = exec ] && echo python seven.py || echo /dev/null) sandbox.cpu_sm=3
    ! grep -q MPI_ABORT err || bad "$verb: a banner of MPI"
done
for word in expect other checker calls test harness stdout repeat first_difference special:LANGUAGE:FILE kattis:LANGUAGE:FILE \
    testlib:LANGUAGE:FILE nocase float_tolerance sandbox.stderr_kb 70 sandbox.cpu_ms; do
    "$ALETHEIA" help exec | grep -q -- "$word" || bad "help exec does not tell of $word"
done

exit $fail
