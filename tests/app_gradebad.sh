# One bad item never stops the others, and says who it is: what can be seen in JSON lines is seen when they are read, all of it; what fails
# while programs run is a verdict of that run, kept with its words, and the report is complete.
# RUN: np=2
# TIMEOUT: 300
. "$TOP/tests/shell.sh"
python=/usr/bin/python3
: >e.in
cat >make.py <<'END2'
import json
f = None
def lines(name):
    global f
    f = open(name, "w")
def put(**k):
    f.write(json.dumps(k) + "\n")
def program(source, language="python3", **k):
    return dict(language=language, source=source, **k)
echo = program("print(input())", id="echo")
add = program("def add(a, b): return a + b", id="add")

lines("bad.jsonl")                       # what is wrong with lines 2, 3, 5 and 6 is found when they are read; 7 comes again
put(id="one", tests=[dict(input="1", output="1")], programs=[echo, program("print(2)", id="two")])
put(id="syntax", tests=[dict(call="assert add(1, 2) == 3"), dict(call="assert add(1, 2 == 3")], programs=[add])
put(id="base", tests=[dict(input="1", output="1"), dict(input_base64="!", output="1")], programs=[echo])
put(id="call", tests=[dict(call="assert add(1, 2) == 3")], programs=[add])
put(id="lang", tests=[dict(input="1", output="1")], programs=[echo, program("x", language="cobol")])
f.write('{"id": "cut",\n')
put(id="one", tests=[dict(input="1", output="1")], programs=[echo])
put(id="last", tests=[dict(input="5", output="5")], programs=[echo])

lines("good.jsonl")
put(id="one", tests=[dict(input="1", output="1")], programs=[echo, program("print(2)", id="two")])
put(id="call", tests=[dict(call="assert add(1, 2) == 3")], programs=[add])
put(id="last", tests=[dict(input="5", output="5")], programs=[echo])

lines("checker.jsonl")                   # one program's output brings its checker down; two other problems
crash = "import sys\nwant, got = (open(n).read().split() for n in sys.argv[2:4])\nif got == ['13']: raise ValueError('thirteen')\nsys.exit(want != got)"
put(id="crash", tests=[dict(input=str(i), output=str(i)) for i in (1, 13)], checker=dict(language="py", source=crash),
    programs=[echo, program("print(13)", id="thirteen"), program("print(1)", id="always")])
kattis = """import sys
want, got = open(sys.argv[2]).read().split(), sys.stdin.read().split()
open(sys.argv[3] + "/judgemessage.txt", "w").write("right" if want == got else "said " + repr(got))
open(sys.argv[3] + "/score.txt", "w").write("1" if want == got else "0.25")
sys.exit(42 if want == got else 43)"""
put(id="points", tests=[dict(input="1", output="1"), dict(input="2", output="2")], checker=dict(language="py3", source=kattis, protocol="kattis"),
    programs=[echo, program("print(2)", id="two")])
put(id="plain", tests=[dict(input="7", output="7")], programs=[echo])

lines("ways.jsonl")
cat = "import sys\nsys.stdout.buffer.write(sys.stdin.buffer.read())"
put(id="nul", checker="exact", tests=[dict(input="a\0b", output="a\0b"), dict(input_base64="/wD/", output_base64="/wD/")],
    programs=[program(cat, id="a"), program(cat.replace("read()", "read(1)"), id="b")])
put(id="made", checker="exact", tests=[dict(input_base64="AAD/")], programs=[program(cat, id="a", reference=True), program(cat.replace("read()", "read(2)"), id="b")])
put(id="several", checker="tokens nocase", tests=[dict(outputs=["1 a", "2 b", "YES"])], programs=[program("print(2, 'B')", id="a"), program("print('yes')", id="b"), program("print(2, 'a')", id="c")])
put(id="near", float_tolerance=0.25, tests=[dict(output="2 x")], programs=[program("print(2.2, 'X')", id="a"), program("print(2.6, 'x')", id="b")])
put(id="main", harness=dict(language="c++", source='#include <iostream>\n#include "solution.cpp"\nint main() { int x; std::cin >> x; std::cout << twice(x); }'),
    tests=[dict(input="3", output="6")], programs=[program("int twice(int x) { return 2 * x; }", "cpp17", id="a"), program("int twice(int x) { return x; }", "g++", id="b")])
put(id="files", tests=[dict(input_file="in.txt", output_file="out.txt")], programs=[dict(id="a", language="py", source_file="a.py")])
open("in.txt", "w").write("4")
open("out.txt", "w").write("8")
open("a.py", "w").write("print(2 * int(input()))")
put(task_id="Set/1", prompt="def inc(x):\n", entry_point="inc", canonical_solution="    return x + 1\n", test_list=["assert inc(1) == 2", "assert inc(-1) == 0"])
END2
$python make.py || exit 1

# Everything that is wrong is said at once; nothing is made.  The same with graders.
for keys in '' layout.graders=1; do
    refused 2 3 'bad.jsonl:2: field tests: test 2: .*\(problem syntax\)' grade e.in grade.in=bad.jsonl grade.out=b.h5 $keys
    for text in 'bad.jsonl:3: field tests\[1\].input_base64: this is not base64 (problem base, test 2)' \
        'bad.jsonl:5: field programs\[1\].language: "cobol" is not known' 'bad.jsonl:6: not JSON' 'bad.jsonl:7: the id "one" is that of line 1 already' \
        'grade.skip_bad = yes goes on without these'; do
        grep -q "$text" err || bad "not said: $text: $(cat err)"
    done
    [ -z "$(ls b.h5* 2>/dev/null)" ] || bad "something was made: $(ls b.h5*)"
done
must 1 grade e.in grade.in=good.jsonl grade.out=g.h5 grade.report=g.out
for n in 1 2; do
    must $n grade e.in grade.in=bad.jsonl grade.out=b$n.h5 grade.report=b.out grade.skip_bad=yes layout.graders=$((n - 1))
    [ "$(result skipped) $(result failed) $(result faults) $(result checker_faults) $(result incomplete)" = '5 0 0 0 0' ] || bad "$(grep RESULT out)"
    grep -q '5 of 8 problems are skipped' err && grep -q 'skipped: bad.jsonl:6: not JSON' err || bad "the log: $(cat err)"
    [ "$(head -n 4 b.out)" = "$(cat g.out)" ] || bad "the good problems: $(cat b.out)"
    [ "$(tail -n 5 b.out | cut -d, -f 1,2)" = '{"problem":"syntax","line":2
{"problem":"base","line":3
{"problem":"lang","line":5
{"problem":"#6","line":6
{"problem":"one","line":7' ] && [ "$(tail -n 5 b.out | grep -c '"skipped":"bad.jsonl:')" = 5 ] || bad "the report: $(cat b.out)"
done
cmp g.h5 b1.h5 >/dev/null 2>&1             # not the same deck; but the same problems:
must 1 grade e.in grade.in=good.jsonl grade.out=b2.h5
[ "$(result runs)" = 0 ] || bad "a file without the bad lines is another: $(grep RESULT out)"

# A checker that crashes on one program's output: that is a verdict, kept with its words; everything is written first.
on 2 grade e.in grade.in=checker.jsonl grade.out=c.h5 grade.report=c.out
[ $code = 70 ] && [ "$(grep -c '^aletheia: ' err)" = 1 ] && grep -q 'faults are more than sandbox.fault_rate' err || bad "exit $code: $(cat err)"
[ "$(result checker_faults) $(result faults) $(result incomplete)" = '3 0 2' ] || bad "$(grep RESULT out)"
grep -q '"problem":"crash","program":"echo",.*"verdicts":{"accepted":1,"checker_fault":1},"pass_rate":null' c.out &&
    grep -q '"program":"thirteen",.*{"checker_fault":2},"pass_rate":null,"failing":\[{"test":0,"verdict":"checker_fault","message":".*thirteen' c.out &&
    grep -q '"program":"always",.*"verdicts":{"accepted":1,"wrong_answer":1},"pass_rate":0.5}' c.out || bad "the crash: $(cat c.out)"
[ "$(sed -n 4,6p c.out)" = '{"problem":"points","program":"echo","language":"python","pool":"imported","tests":2,"verdicts":{"accepted":2},"pass_rate":1.0}
{"problem":"points","program":"two","language":"python","pool":"imported","tests":2,"verdicts":{"accepted":1,"wrong_answer":1},"pass_rate":0.5,"failing":[{"test":0,"verdict":"wrong_answer","score":0.25,"message":"said ['"'2'"']"}]}
{"problem":"plain","program":"echo","language":"python","pool":"imported","tests":1,"verdicts":{"accepted":1},"pass_rate":1.0}' ] || bad "the others: $(cat c.out)"
must 1 grade e.in grade.in=checker.jsonl grade.out=c.h5 grade.report=again.out sandbox.fault_rate=0.5
[ "$(result runs) $(result checker_faults)" = '0 3' ] && cmp c.out again.out && grep -q 'everything in it was executed before' out || bad "kept verdicts: $(grep RESULT out; cat again.out)"
grep -q '3 of 11 verdicts are checker_fault' err || bad "no warning: $(cat err)"
must 2 grade e.in grade.in=checker.jsonl grade.out=d.h5 grade.report=d.out sandbox.verdicts=c.h5 sandbox.fault_rate=0.5
[ "$(result runs)" = 0 ] && cmp c.out d.out || bad "from a store: $(grep RESULT out; cat d.out)"
must 0 show c.h5
grep -q 'checkers .*special 2, kattis 2' out && grep -q 'scores 4, messages of checkers 7' out && grep -q 'checker_fault 3' out || bad "show: $(cat out)"

# Stores: of several files one is damaged.
mkdir store
cp c.h5 store/a.h5
head -c 9000 c.h5 >store/b.h5
cp c.h5 store/c.h5
refused 2 3 'store/b.h5' grade e.in grade.in=checker.jsonl grade.out=s.h5 sandbox.verdicts=store
rm -f s.h5*
must 2 grade e.in grade.in=checker.jsonl grade.out=s.h5 sandbox.verdicts="store none.h5" sandbox.skip_bad=yes sandbox.fault_rate=1
[ "$(result runs)" = 0 ] && grep -q 'left out: store/b.h5' err && grep -q 'left out: none.h5' err || bad "a damaged store: $(grep RESULT out; cat err)"

# Bytes that JSON cannot hold, several outputs, options, files, published lines.
must 2 grade e.in grade.in=ways.jsonl grade.out=w.h5 grade.report=w.out
rates=$($python -c 'import json
for l in open("w.out"):
    o = json.loads(l)
    print(o["problem"], o["program"], o["pass_rate"])' | tr '\n' ';')
[ "$rates" = 'nul a 1.0;nul b 0.0;made a 1.0;made b 0.0;several a 1.0;several b 1.0;several c 0.0;near a 1.0;near b 0.0;main a 1.0;main b 0.0;files a 1.0;Set/1 canonical 1.0;' ] ||
    bad "ways: $rates"
must 1 grade e.in data.problems=w.h5
[ "$(result runs)" = 0 ] || bad "ways, the second time: $(grep RESULT out)"
exit $fail
