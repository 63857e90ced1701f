# Lists of others become a problem file, or are refused with file, line, field and what was expected, exit code 3, and nothing is left.
# RUN: np=2
# TIMEOUT: 300
. "$TOP/tests/shell.sh"
python=/usr/bin/python3
: >e.in

# edit.py FILE KEY=PYTHON...   a good published line with these fields in place of its own; None: without the field
cat >edit.py <<'END'
import json, sys
line = {"prompt_id": "p1", "query": "Add two numbers.", "generator": "Org/Model-7B", "language": "python", "num_candidates": 3,
        "candidates": ["print(1)", "print(2)", "print(3)"], "chosen_position": 1, "chosen_answer": "[[B]]",
        "pass_rates": [0.25, 1.0, 0.5], "easy_hard": "easy", "weak_strong": "weak", "source": "Codeforces",
        "max_prompt_tokens": 64, "idx": "train_1"}
for a in sys.argv[2:]:
    key, value = a.split("=", 1)
    line[key] = eval(value)
    if line[key] is None:
        del line[key]
with open(sys.argv[1], "a") as f:
    f.write(json.dumps(line, ensure_ascii=False) + "\n")
END
put() { $python edit.py "$@" || bad "not written: $*"; }
put good 'prompt_id="p0"' 'idx="train_0"'

before=$(ls -A)
nothing_left()      # but what the test itself makes
{
    local more
    more=$(ls -A | grep -vxF "$before" | grep -vxE 'l.jsonl|t.jsonl|out|err')
    [ -z "$more" ] || { bad "$1: left behind: $more"; rm -rf $more; }
}

# The fields one by one: tests/io_import.c.  Here: what the program makes of a refusal.
# wrong PATTERN KEY=PYTHON...   as line 2: refused with a message that names it
wrong()
{
    local text=$1
    shift
    cp good l.jsonl
    put l.jsonl "$@"
    refused 0 3 "l.jsonl:2: $text" import e.in import.in=l.jsonl import.suite=train import.out=l.h5 import.report=r.jsonl
    nothing_left "$text"
}


wrong 'field prompt_id: missing; a text'                     prompt_id=None
wrong 'field language: "cobol" is not known; one of python'  'language="cobol"'
wrong 'field num_candidates: 2, but there are 3 candidates'  num_candidates=2
wrong 'field pass_rates: that of candidate C, 1.5, is outside 0 to 1'    'pass_rates=[0.25,1.0,1.5]'
wrong 'field chosen_position: 4 is outside 0 to 3'           chosen_position=4
wrong 'field chosen_position: 2 for candidate B counts from 1, but earlier lines of this file count from 0'   chosen_position=2
wrong 'field idx: the same as in l.jsonl:1 already'          'idx="train_0"'
wrong 'field candidates: the same candidates for the same prompt_id as in l.jsonl:1'  'prompt_id="p0"'
cp good l.jsonl
echo '{"prompt_id": ' >>l.jsonl
refused 0 3 'l.jsonl:2: not JSON.*column' import e.in import.in=train:l.jsonl import.out=l.h5
nothing_left 'not JSON'

# Suites by what the lines say, where no key says it.
auto() { rm -f l.jsonl; put l.jsonl "${@:2}"; refused 0 3 "l.jsonl:1: $1" import e.in import.in=l.jsonl import.out=l.h5; nothing_left "$1"; }
auto 'field easy_hard: easy, and weak_strong is weak: such lists are of the train suite or of heldout'  'idx=None'

# Files.
: >t.jsonl
refused 0 3 't.jsonl: nothing is in it' import e.in import.in=t.jsonl import.out=l.h5
printf '\n  \n' >t.jsonl
refused 0 3 't.jsonl: nothing is in it' import e.in import.in=t.jsonl import.out=l.h5
refused 2 3 'none.jsonl: cannot be read: No such file' import e.in import.in=none.jsonl import.out=l.h5
refused 0 3 '/dev/null: a plain file was expected' import e.in import.in=/dev/null import.out=l.h5
refused 0 3 'nowhere/l.h5: the file cannot be locked.*No such file' import e.in import.in=train:good import.out=nowhere/l.h5
refused 0 2 'import.in is not set' import e.in import.out=l.h5
refused 0 2 'import.out is not set' import e.in import.in=good
nothing_left 'bad files'

# A line of 10 MB: junk is named, not repeated; a good one is taken, unless it is longer than is allowed.
cp good l.jsonl
head -c 10000000 /dev/zero | tr '\0' x >>l.jsonl
refused 0 3 'l.jsonl:2: not JSON' import e.in import.in=train:l.jsonl import.out=l.h5
[ "$(wc -c <err)" -lt 1000 ] || bad "a line of 10 MB is repeated in the message"
cp good l.jsonl
put l.jsonl 'candidates=["print(1)","print(2)","#"*10000000]'
refused 0 3 'l.jsonl:2: the line is longer than 1048576 bytes' import e.in import.in=train:l.jsonl import.out=l.h5 import.line_mb=1
nothing_left 'long lines'
must 0 import e.in import.in=train:l.jsonl import.out=l.h5
[ "$(result lists)" = 2 ] || bad "a line of 10 MB: $(grep RESULT out)"
sum=$(cksum l.h5)
refused 0 3 'l.h5: is there already' import e.in import.in=train:good import.out=l.h5
[ "$sum" = "$(cksum l.h5)" ] || bad "a file that was there is touched"
rm l.h5

# Positions from 1 throughout, answers as letters and as texts; suites by what the lines say; the rest as it stands.
rm l.jsonl
put l.jsonl chosen_position=2 'chosen_answer="B"' 'easy_hard="hard"' 'pass_rates=[0.7,1,0.9]' 'query="Ä \"q\""' idx=1
put l.jsonl chosen_position=3 'chosen_answer="print(3)"' 'pass_rates=[0,0.125,1]' 'weak_strong="strong"' 'prompt_id="p2"' 'extra=1' idx=2
put l.jsonl chosen_position=2 'modification="authority"' 'candidates=["# sure\nprint(1)","print(2)","print(3)"]' 'prompt_id="p2"' 'extra=1' idx=3
put t.jsonl 'prompt_id="p2"' 'candidates=["print(1)","print(2)"]' num_candidates=2 'pass_rates=[0.25,1]'
must 2 import e.in import.in='l.jsonl  heldout:t.jsonl' layout.graders=1 import.out=l.h5
[ "$(grep -c 'field extra is not known' err)" = 1 ] || bad "a field that nobody reads: $(cat err)"
[ "$(result lists) $(result problems) $(result programs) $(result imported) $(result overlap)" = '4 2 11 11 0' ] || bad "$(grep RESULT out)"
must 0 show l.h5
grep -q 'heldout 1, strong 1, hard 1, adv 1' out && grep -q '0 programs executed, 11 imported' out || bad "$(cat out)"
must 0 show l.h5 list 0
grep -q 'Ä "q"' out && grep -q 'suite hard' out && grep -q 'answer B' out &&
    grep -q 'passes 90.0 % (imported, not executed) (p1/Org:Model-7B#3)' out || bad "$(cat out)"
must 0 show l.h5 list 2
grep -q 'p2/Org:Model-7B#4+authority' out || bad "$(cat out)"
rm t.jsonl

# Samples in a statement: said, and left out of the full question.
put t.jsonl 'query="Print the largest of the two numbers on the line.\nSample Input\n1 2\nSample Output\n2\n"'
must 2 import e.in import.in=heldout:t.jsonl import.out=samples.h5
must 0 show samples.h5
grep -q 'samples  *1 of 1 imported statements show samples of input and output' out || bad "$(cat out)"
must 0 show samples.h5 list 0
grep -Fq 'which the full question leaves out: 1 section (Sample Input), 33 of 83 bytes' out || bad "$(cat out)"
must 0 show samples.h5 prompt 0 instruct
grep -q 'two numbers on the line' out && ! grep -q Sample out || bad "$(cat out)"
must 0 show samples.h5 prompt 0 instruct prompt.question=brief
grep -q 'Sample Output' out || bad "$(cat out)"
rm t.jsonl
put t.jsonl 'idx="x"'
put t.jsonl 'idx="y"' chosen_position=2
refused 0 3 't.jsonl:2: field chosen_position: 2 .*earlier lines of this file count from 0' import e.in import.in='train:t.jsonl' import.out=m.h5

# The same prompt in training and in another suite is said; the same program with two rates too.
rm l.jsonl t.jsonl
put l.jsonl
put t.jsonl 'pass_rates=[0.125,1,0.5]' 'candidates=["print(1)","print(4)","print(5)"]'
must 0 import e.in import.in='train:l.jsonl heldout:t.jsonl' import.out=m.h5 import.report=r.jsonl
[ "$(result overlap) $(result two_rates) $(result programs)" = '1 1 6' ] || bad "$(grep RESULT out)"
grep -q '1 problems have lists of the train suite and of another' err && grep -q 't.jsonl:1: candidate A stands in an earlier line' err || bad "$(cat err)"
[ "$(cat r.jsonl)" = '{"kind":"two_rates","file":"t.jsonl","line":1,"idx":"train_1","candidate":0}' ] || bad "$(cat r.jsonl)"

# Several bad lines are all named at once; or left out, named and counted, and the rest is as if they had not been there.
rm l.jsonl t.jsonl
put l.jsonl 'prompt_id="a"' 'idx=1'
echo '{"cut": ' >>l.jsonl
put l.jsonl 'prompt_id="b"' 'idx=2' 'num_candidates=4'
put l.jsonl 'prompt_id="a"' 'idx=3'
put l.jsonl 'prompt_id="c"' 'idx=1'
put l.jsonl 'prompt_id="d"' 'idx=4' 'language="Python3"'
put l.jsonl 'prompt_id="e"' 'idx=5' 'language="c++"' 'candidates=["1","2","3"]'
cat >t.jsonl <<'END2'
{"prompt_id": "d", "tests": [{"input": "", "output": "2"}]}
{"prompt_id": "d", "tests": [{"input": "", "output": "1"}]}
{"prompt_id": "e", "test_list": ["assert f(1) == 1"]}
{"prompt_id": "x", "tests": [{"call": "assert f(1 == 1"}]}
{"prompt_id": "a", "tests": [{"input": "", "output": 3}]}
END2
refused 0 3 'l.jsonl:2: not JSON' import e.in import.in=train:l.jsonl import.tests=t.jsonl import.out=s.h5
for text in 'l.jsonl:3: field num_candidates: 4, but there are 3' 'l.jsonl:4: field candidates: the same candidates for the same prompt_id as in l.jsonl:1 already' \
    'l.jsonl:5: field idx: the same as in l.jsonl:1 already' 't.jsonl:2: field prompt_id: the same as in t.jsonl:1 already' \
    'l.jsonl:7: field language: not python, but the tests of its prompt_id (t.jsonl:3) are calls of a Python function' \
    't.jsonl:5: field tests\[0\].output: a text was expected, found a whole number (test 1)' 't.jsonl:4: field tests: "assert f(1 == 1" cannot be a test: ' \
    'import.skip_bad = yes goes on without these'; do
    grep -qF -- "$(printf %s "$text" | tr -d '\\')" err || bad "not said: $text: $(cat err)"
done
[ ! -e s.h5 ] || bad "a file was made of bad lines"
for n in 0 2; do
    must $n import e.in import.in=train:l.jsonl import.tests=t.jsonl import.out=s$n.h5 import.report=s$n.jsonl import.skip_bad=yes layout.graders=$((n / 2))
    [ "$(result lines) $(result lists) $(result dropped) $(result problems) $(result executed) $(result imported) $(result skipped)" = '2 1 1 2 3 3 8' ] || bad "$(grep RESULT out)"
    [ "$(grep -c '^left out: ' err)" = 8 ] && grep -q '8 lines are left out' err || bad "the log: $(cat err)"
    [ "$(grep -c '^{"kind":"skipped","file":"[lt].jsonl","line":[2-7],"why":"' s$n.jsonl)" = 8 ] || bad "the report: $(cat s$n.jsonl)"
done
cmp s0.jsonl s2.jsonl || bad "another report on two ranks"
must 0 show s0.h5 list 0
grep -q 'print(2)' out && grep -q 'a/Org' out && grep -q 'answer B' out || bad "the list that is left: $(cat out)"

# Files that lines name are read by the first rank; a reference that fails and a checker that crashes stop nothing.
mkdir far
printf 4 >far/in
printf 'print(2 * int(input()))' >far/a.py
cat >far/p.jsonl <<'END2'
{"id": "files", "file": "left alone", "input_file": "left alone", "tests": [{"input_file": "in", "outputs": [{"file": "in"}, "8"]}], "programs": [{"id": "a", "language": "py", "source_file": "a.py"}]}
{"id": "fails", "tests": [{"input": "x"}], "programs": [{"id": "a", "language": "py", "source_file": "a.py", "reference": true}, {"id": "b", "language": "py", "source": "print(input())"}]}
{"id": "crash", "tests": [{"input": "1", "output": "1"}], "checker": {"language": "py", "source": "raise ValueError('no')"}, "programs": [{"id": "a", "language": "py", "source": "print(1)"}]}
END2
on 2 import e.in import.in=far/p.jsonl import.out=far/p.h5 import.report=far/r.jsonl layout.graders=1
[ $code = 70 ] && grep -q 'faults are more than sandbox.fault_rate' err && grep -q '1 of 2 verdicts are checker_fault' err || bad "exit $code: $(cat err)"
[ "$(result problems) $(result executed) $(result incomplete) $(result failed) $(result checker_faults) $(result faults)" = '3 1 3 1 1 0' ] || bad "$(grep RESULT out)"
grep -q 'far/p.jsonl:2: problem fails: its reference fails/a on test 1: runtime_error: ValueError' err || bad "the reference: $(cat err)"
grep -q '^{"kind":"failed","file":"far/p.jsonl","line":2,"problem":"fails","why":"its reference fails/a' far/r.jsonl || bad "the report: $(cat far/r.jsonl)"
must 2 import e.in import.in=far/p.jsonl import.out=far/q.h5 sandbox.fault_rate=1
cp far/p.h5 far/both.h5
must 1 grade e.in data.problems=far/both.h5 sandbox.fault_rate=1 grade.report=far/both.out
grep -q '"problem":"files","program":"a",.*"verdicts":{"accepted":1},"pass_rate":1.0' far/both.out || bad "files: $(cat far/both.out)"
exit $fail
