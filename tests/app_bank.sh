# Grading a problem file survives kill -9 at any moment: it goes on from what was executed and ends with the content of an
# undisturbed one, on any number of ranks and graders; one job at a time; a file that was changed is not overwritten; what
# another job executed is not executed again.
# RUN: np=1,2,4
# TIMEOUT: 400
. "$TOP/tests/shell.sh"
python=/usr/bin/python3
: >e.in

# p.jsonl: sums, without outputs; half of the problems in other words twice
$python - <<'END2' || exit 1
import json
with open("p.jsonl", "w") as f:
    for i in range(16):
        add = f"a, b = map(int, input().split())\nprint(a + b * {i // 2}"
        programs = [{"id": "ref", "language": "python", "source": add + ")", "reference": True}]
        for k in range(2, 7):
            programs.append({"id": f"c{k}", "language": "python", "source": add + f" if a % {k} else {k})"})
        f.write(json.dumps({"id": f"p{i}", "statement": f"sum {i}", "programs": programs, "time_ms": 4000,
                            "tests": [{"input": f"{t} {t * t + i // 2}\n"} for t in range(8)]}) + "\n")
END2
sed -n '1p' p.jsonl | sed 's/a, b = /import time; time.sleep(0.2); a, b = /g' >slow.jsonl   # executing them takes a while
cat >facts.py <<'END2'
import sys
try:
    import h5py
except ImportError:
    sys.exit(0)
with h5py.File(sys.argv[1]) as f:
    v = f["verdict"]
    for row in zip(v["program"][:].tolist(), v["test"][:].tolist(), v["verdict"][:].tolist(), map(bytes, v["key"][:])):
        print(*row)
    print(f["test/known"][:].tolist(), bytes(f["test/output/data"][:]), f["program/pass_rate"][:].tolist())
    print(f["list/problem"][:].tolist(), f["list/program/data"][:].tolist())
END2

# same NAME WHAT   NAME.h5 and its report say what the undisturbed ones do; nothing is left beside them
same()
{
    $python facts.py "$1.h5" >"$1.facts" || bad "$2: unreadable"
    cmp -s "$1.facts" whole.facts || bad "$2: other content"
    cmp -s "$1.jsonl" whole.jsonl || bad "$2: another report"
    [ -z "$(ls "$1".h5.* 2>/dev/null)" ] || bad "$2: left behind: $(echo "$1".h5.*)"
}

keys() { echo "e.in data.problems=$1.h5 grade.report=$1.jsonl"; }

must 1 grade e.in grade.in=p.jsonl grade.out=whole.h5 grade.report=whole.jsonl
$python facts.py whole.h5 >whole.facts
[ "$(result faults)" = 0 ] && [ "$(result incomplete)" = 0 ] || bad "faults, or not everything executed: $(grep ^RESULT out)"
grep -q '"problem":"p3","program":"c2",.*"tests":8,"verdicts":{"accepted":[1-7],"wrong_answer":[1-7]},"pass_rate":0' whole.jsonl ||
    bad "the report says $(grep '"p3","program":"c2"' whole.jsonl)"
[ "$(wc -l <whole.jsonl)" = 96 ] || bad "$(wc -l <whole.jsonl) lines of report for 96 programs"
runs=$(result runs)
[ "$runs" -le 448 ] || bad "$runs runs: equal ones were made twice"          # 8 x (6 x 8 + 8)
must 2 grade e.in grade.in=p.jsonl grade.out=two.h5 grade.report=two.jsonl
[ "$(result runs)" -le 448 ] || bad "2 ranks: $(result runs) runs: equal ones were made twice"
same two "2 ranks"
must 4 grade e.in grade.in=p.jsonl grade.out=four.h5 grade.report=four.jsonl layout.graders=2
same four "4 ranks, 2 of them graders"
must 1 grade $(keys two)
[ "$(result runs)" = 0 ] || bad "the second time: $(result runs) runs"

# Every verdict says in which mode of the sandbox; a file from before that column is read, and says that it is unknown.
must 1 show whole.h5
grep -Eq 'in mode +(rlimits|cgroup-v[12]|degraded[^ ]*) 768' out || bad "the modes: $(grep 'in mode' out)"
cp whole.h5 older.h5
if $python -c 'import h5py; del h5py.File("older.h5", "r+")["verdict/mode"]' 2>/dev/null; then
    must 1 show older.h5
    grep -Eq 'in mode +unknown 768' out || bad "the modes of an older file: $(grep 'in mode' out)"
fi

# begin N NAME KEYS...   in the background; $pid
begin()
{
    local n=$1 name=$2
    shift 2
    $MPIRUN -np "$n" "$ALETHEIA" grade $(keys $name) "$@" >$name.out 2>$name.err </dev/null &
    pid=$!
}

# until_answers NAME   its journals hold something, or it has ended: a fast machine is done before it is looked at
until_answers()
{
    local i
    for i in $(seq 600); do
        [ -z "$(find . -name "$1.h5.journal-*" -size +1k)" ] || return
        kill -0 "$pid" 2>/dev/null || return
        sleep 0.02
    done
    bad "$1: nothing was executed"
}

# the file as imported: graded for the cost of nothing but the import, by a stop that is there at once
touch raw.h5.stop
on 1 grade e.in grade.in=p.jsonl grade.out=raw.h5
[ $code = 75 ] && [ ! -e raw.h5.stop ] || bad "stopped before it began: exit $code"

# Killed again and again, at random times; then let alone.
for np in 1 2 4; do
    cp raw.h5 kill$np.h5
    graders=$((np / 4))
    for k in 1 2; do
        begin $np kill$np layout.graders=$graders
        until_answers kill$np
        sleep 0.$((RANDOM % 5))
        for rank in $(ps --ppid $pid -o pid=); do kill -9 "$rank" 2>/dev/null; done
        wait $pid && break                       # it was faster than we
        must 0 show kill$np.h5
    done
    must $np grade $(keys kill$np) layout.graders=$graders
    grep -q '^going on' out || [ "$(result runs)" = 0 ] || bad "$np ranks: it did not go on after the kills"
    [ "$(result runs)" -lt "$runs" ] || bad "$np ranks: everything was executed again after the kills"
    same kill$np "$np ranks, killed"
done

# Stopped: saved, and the next goes on.
for how in file signal; do
    cp raw.h5 $how.h5
    begin 2 $how layout.graders=$([ $how = file ] && echo 0 || echo 1)
    until_answers $how
    if [ $how = file ]; then touch file.h5.stop; else kill -TERM "$(ps --ppid $pid -o pid= | tail -n 1)"; fi
    wait $pid
    code=$?
    [ $code = 75 ] || rm -f file.h5.stop         # it was faster than we
    [ $code = 75 ] || [ $code = 0 ] || { bad "stopped by a $how: exit $code"; cat $how.err; }
    [ $code = 0 ] || grep -q '^stopped: [1-9][0-9]* of 96 programs' $how.out || bad "stopped by a $how: no word of it"
    must 2 grade $(keys $how)
    [ "$(result runs)" -lt "$runs" ] || bad "stopped by a $how: everything was executed again"
    same $how "stopped by a $how"
done

# One job at a time.
touch slow.h5.stop
on 1 grade e.in grade.in=slow.jsonl grade.out=slow.h5
cp slow.h5 held.h5
begin 1 held
until_answers held
holder=$(ps --ppid $pid -o pid= | tail -n 1)
refused 1 3 "held.h5: held by another job: process $((holder)) on host $(hostname), since 20" grade $(keys held)
kill -9 "$holder"
wait $pid 2>/dev/null
must 1 grade $(keys held)
grep -q 'held.h5.lock: its holder has ended' err || bad "a dead holder's lock was taken without a word"
[ "$(result runs)" -lt 56 ] && [ "$(result incomplete)" = 0 ] || bad "after a dead holder: $(grep ^RESULT out)"
sed "s/^host=.*/host=elsewhere/" >held.h5.lock <<END2
host=here
pid=1
start=1
job=77
attempt=0
since=2026-01-01 00:00:00
end=
END2
refused 2 3 'held by another job: process 1 on host elsewhere, job 77, since 2026.*remove held.h5.lock' grade $(keys held)
SLURM_JOB_ID=77 SLURM_RESTART_COUNT=1 must 1 grade $(keys held)               # an earlier attempt of the same job
: >held.h5.lock
refused 1 3 'held.h5.lock: this lock does not say who holds it' grade $(keys held)
rm held.h5.lock

# Changed while it is graded: not overwritten, and nothing is lost.
cp slow.h5 changed.h5
begin 1 changed
until_answers changed
cp slow.h5 new.h5
printf x >>new.h5
mv new.h5 changed.h5
wait $pid
code=$?
cp changed.err err
one_message 3 'changed.h5: it was changed while it was being graded; nothing is overwritten' "a changed file"
[ "$(cksum <changed.h5)" = "$(cat slow.h5 <(printf x) | cksum)" ] || bad "the changed file was overwritten"
[ ! -e changed.h5.lock ] || bad "the lock is left after a refusal"
must 1 grade $(keys changed)
[ "$(result runs)" = 0 ] || bad "what was executed before the change: $(result runs) runs again"
[ "$(result incomplete)" = 0 ] || bad "changed, then graded again: $(grep ^RESULT out)"

# Another file with the same programs and tests: what others executed is taken.  Nothing of it is written.
mkdir store
cp whole.h5 store/whole.h5
sum=$(cksum store/whole.h5)
tac p.jsonl >q.jsonl
must 2 grade e.in grade.in=q.jsonl grade.out=q.h5 sandbox.verdicts="store" grade.report=q.out
[ "$(result runs)" = 0 ] && [ "$(result incomplete)" = 0 ] || bad "with a store: $(grep ^RESULT out)"
[ "$(sort q.out)" = "$(sort whole.jsonl)" ] || bad "with a store: another report"
[ "$sum" = "$(cksum store/whole.h5)" ] || bad "the store was written"
must 1 grade e.in grade.in=q.jsonl grade.out=r.h5 sandbox.verdicts="whole.h5, q.h5" sandbox.cpu_ms=3000 grade.report=r.out
[ "$(result runs)" = 0 ] || bad "with a store, a default limit that no problem uses: $(result runs) runs"
sed 's/"time_ms": 4000/"time_ms": 4001/' q.jsonl >s.jsonl
must 1 grade e.in grade.in=s.jsonl grade.out=s.h5 sandbox.verdicts=whole.h5
[ "$(result runs)" -gt 0 ] || bad "other limits, but no runs"
refused 1 3 'nowhere.h5: not there' grade $(keys held) sandbox.verdicts=nowhere.h5
refused 1 3 'e.in: this is not an HDF5 file|e.in: the file is empty' grade $(keys held) sandbox.verdicts=e.in
exit $fail
