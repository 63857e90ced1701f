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

exit $fail
