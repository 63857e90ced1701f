# What others said of programs with tests is compared with execution, which wins; a killed import goes on from its journal; lists with imported
# labels are refused by training and evaluation unless the deck takes them, and then whatever is measured says so.
# RUN: np=2
# TIMEOUT: 400
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
python=/usr/bin/python3
cp "$TOP/tests/data/tiny.in" e.in
cat >make.py <<'END'
import json, sys
add, zero, half = "a,b=map(int,input().split())\nprint(a+b)", "print('no')", "a,b=map(int,input().split())\nprint(a+b if a<3 else 0)"
def line(prompt, query, pairs, idx, **more):
    right = [r for _, r in pairs].index(1.0)
    return json.dumps(dict(prompt_id=prompt, query=query, generator="m", language="python", num_candidates=len(pairs), candidates=[c for c, _ in pairs],
        chosen_position=right, chosen_answer=f"[[{'ABCDE'[right]}]]", pass_rates=[r for _, r in pairs], idx=idx, **more)) + "\n"
test = lambda a, b, c: {"input": f"{a} {b}\n", "output": f"{c}\n"}
with open("l.jsonl", "w") as f:
    f.write(line("add", "Add.", [(half, .5), (add, 1.0)], "0"))
    f.write(line("free", "No tests.", [("x = 1", 1.0), ("x = 2", .1)], "1"))
    f.write(line("add", "Add.", [(add, 1.0), (zero, .25), (half, .5)], "2"))
    f.write(line("sub", "Subtract.", [(add, 1.0), (add.replace("a+b", "a-b"), 0.0)], "3"))
with open("t.jsonl", "w") as f:
    f.write(json.dumps({"prompt_id": "add", "tests": [test(1, 2, 3), test(2, 2, 4), test(3, 3, 6), test(4, 5, 9)], "time_ms": 1500}) + "\n")
    f.write(json.dumps({"prompt_id": "sub", "tests": [test(5, 2, 3), test(7, 2, 5)]}) + "\n")
with open("p.jsonl", "w") as f:      # our own schema, with what others said beside it
    f.write(json.dumps({"id": "own", "statement": "Add.", "tests": [{"input": "1 2"}, {"input": "3 4"}], "programs": [
        {"id": "ref", "language": "python", "source": add, "reference": True, "pass_rate": 1}, {"id": "no", "language": "python", "source": zero, "pool": "weak", "pass_rate": 0.75},
        {"id": "half", "language": "python", "source": half, "pool": "weak"}]}) + "\n")
with open("many.jsonl", "w") as f, open("many_t.jsonl", "w") as t:
    for i in range(150):
        f.write(line(str(i), f"Add {i}.", [(add + f"\nimport time; time.sleep(0.05) # {i}", 1.0), (zero + f" # {i}", 0.0)], str(i)))
        t.write(json.dumps({"prompt_id": str(i), "tests": [test(1, i, i + 1), test(2, i, i + 2)]}) + "\n")
END
$python make.py

# Compared: the same file whoever executes; a list that execution contradicts goes.
facts() { on 0 show "$1"; grep -vE 'hash|version|one list' out; for i in 0 1 2; do on 0 show "$1" list $i; cat out; done; }
for n in 1 2; do
    must $n import e.in import.in=train:l.jsonl import.tests=t.jsonl import.out=a$n.h5 import.report=r$n.jsonl layout.graders=$((n - 1))
    [ "$(result executed) $(result imported) $(result disagree) $(result dropped) $(result lists) $(result incomplete)" = '5 2 3 1 3 0' ] || bad "$(grep RESULT out)"
    facts a$n.h5 >f$n
done
cmp f1 f2 || bad "two ranks make another file"
cmp r1.jsonl r2.jsonl || bad "two ranks make another report"
[ "$(cat r1.jsonl)" = '{"kind":"pass_rate","file":"l.jsonl","line":3,"idx":"2","program":"add/m#3","candidate":1,"said":0.25,"executed":0}
{"kind":"pass_rate","file":"l.jsonl","line":4,"idx":"3","program":"sub/m#1","candidate":0,"said":1,"executed":0}
{"kind":"pass_rate","file":"l.jsonl","line":4,"idx":"3","program":"sub/m#2","candidate":1,"said":0,"executed":1}
{"kind":"dropped","file":"l.jsonl","line":4,"idx":"3","suite":"train","why":"its answer is not the right candidate"}' ] || bad "$(cat r1.jsonl)"
must 0 show a1.h5
grep -q '5 programs executed, 2 imported: not executed here; 1 of the lists' out || bad "$(cat out)"
must 0 grade e.in data.problems=a1.h5
[ "$(result runs)" = 0 ] && grep -q 'everything in it was executed before' out || bad "grade executes an imported file again: $(cat out)"

# Problems of our own schema: executed, compared, listed, as by grade; without a list there is nothing imported.
must 0 import e.in import.in=p.jsonl import.out=p.h5 import.report=r.jsonl problems.suites=train
[ "$(result executed) $(result imported) $(result disagree) $(result lists)" = '3 0 1 4' ] || bad "$(grep RESULT out)"
grep -q '"program":"own/no","candidate":1,"said":0.75,"executed":0' r.jsonl || bad "$(cat r.jsonl)"
must 0 grade e.in grade.in=p.jsonl grade.out=g.h5 problems.suites=train
for f in p g; do on 0 show $f.h5 list 0; cp out $f.list; done
cmp p.list g.list || bad "import and grade make different lists of the same problems"

# Killed: what was executed is in the journal, and the same command executes the rest; told to stop: the same, with code 75.
$MPIRUN -np 2 "$ALETHEIA" import e.in import.in=heldout:many.jsonl import.tests=many_t.jsonl import.out=m.h5 import.report=r.jsonl >out 2>err </dev/null &
for i in $(seq 200); do [ -s m.h5.journal-0 ] && [ -s m.h5.journal-1 ] && break; sleep 0.05; done
sleep 0.5
kill -KILL $! 2>/dev/null
wait $! 2>/dev/null
for i in $(seq 100); do pgrep -f "import.out=m.h5" >/dev/null || break; sleep 0.1; done
[ ! -e m.h5 ] && ls m.h5.journal* >/dev/null || bad "killed: $(ls)"
touch m.h5.stop
on 2 import e.in import.in=heldout:many.jsonl import.tests=many_t.jsonl import.out=m.h5 import.report=r.jsonl
[ $code = 75 ] && grep -q 'stopped: what was executed' out && [ ! -e m.h5 ] && [ ! -e m.h5.tmp ] && [ ! -e m.h5.lock ] || bad "stop: code $code, $(ls)"
must 2 import e.in import.in=heldout:many.jsonl import.tests=many_t.jsonl import.out=m.h5
grep -q 'going on: [1-9]' out || bad "nothing was known of the killed job: $(cat out)"
[ "$(result runs)" -lt 600 ] && [ "$(result executed) $(result lists) $(result disagree)" = '300 150 0' ] || bad "$(grep RESULT out)"
[ -z "$(ls | grep -E 'm.h5\.|journal|tmp')" ] || bad "left: $(ls)"

# Refused, and taken where the deck says so.
tiny_make || { bad "no tiny model"; exit 1; }
refused 2 3 'a1.h5: 1 lists have imported labels, which were not executed here' train tiny.in data.problems=a1.h5 run.dir=no
refused 0 3 'a1.h5: 1 lists have imported labels' sft tiny.in data.problems=a1.h5 run.dir=no2
refused 2 3 'a1.h5: 1 lists have imported labels' eval tiny.in data.problems=a1.h5 eval.suites=train
must 0 eval tiny.in data.problems=m.h5
grep RESULT out | grep -q imported && bad "executed lists are said to be imported"
must 2 train tiny.in data.problems=a1.h5 data.allow_imported=yes run.dir=yes run.steps=1 run.eval_every=1 eval.suites=train
grep -q '^labels  *IMPORTED, not executed here, for 1 of 3 lists of a1.h5' yes/log.txt || bad "the first page does not say it: $(head -n 20 yes/log.txt)"
grep -q 'RESULT run=.* labels=imported' out && grep -q 'eval at step 1 .* labels=imported' out || bad "$(grep -E 'RESULT|eval' out)"
grep -q '^allow_imported *= yes' yes/deck.in || bad "the run's deck does not say it"
refused 0 2 'data.allow_imported' train tiny.in data.problems=a1.h5 run.dir=yes run.steps=2 run.resume=yes
must 2 eval tiny.in data.problems=a1.h5 data.allow_imported=yes eval.suites=train eval.out=ev
grep -q 'RESULT suite=train lists=3 .* labels=imported imported=1' out || bad "$(grep RESULT out)"
must 0 show ev/train.h5
grep -Eq 'imported_lists +1' out || bad "$(cat out)"
exit $fail
