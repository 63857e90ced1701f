# A grader rank that is told to stop, stopped, or whose keeper is killed: training stops, or goes on, as if it had not been.
# RUN: np=2 backend=cpu
# TIMEOUT: 300
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
tiny_make || { bad "no tiny model"; exit 1; }
deck="tiny.in data.source=fresh run.save_every=0 recipe.prompts=3 problems.weak=3 problems.equivalents=1"
graders="layout.graders=1 layout.launchers=1"

# ranks WORD   the process numbers of the ranks with WORD in their command line, in order of rank
ranks()
{
    local d
    for d in /proc/[0-9]*; do
        tr '\0' ' ' <"$d/cmdline" 2>/dev/null | grep -q -- "$1" || continue
        r=$(tr '\0' '\n' <"$d/environ" 2>/dev/null | sed -n 's/^OMPI_COMM_WORLD_RANK=//p')
        [ -z "$r" ] || [ "$(cat "$d/comm" 2>/dev/null)" != aletheia ] || echo "$r ${d#/proc/}"
    done | sort -n | cut -d' ' -f2
}

# begin DIR ARGUMENTS...   two ranks in the background; rank0 and rank1 are their numbers
begin()
{
    local dir=$1
    shift
    : >out >err # steps of the run before would be taken for this one's
    $MPIRUN -np 2 "$ALETHEIA" train $deck $graders run.dir="$dir" "$@" >out 2>err </dev/null &
    mpi=$!
    for i in $(seq 600); do
        ! grep -q '^step 2/' out || break
        sleep 0.05
    done
    read -r rank0 rank1 <<<"$(ranks "run.dir=$dir" | tr '\n' ' ')"
    [ -n "${rank1:-}" ] || { bad "no two ranks: $rank0"; tail out err; exit 1; }
}

steps() { grep '^step' "$1/log.txt" | sed 's/  entropy.*//'; }

# The grader alone gets the batch system's signal: all stop, saved.
begin a run.steps=500
kill -USR1 "$rank1"
wait $mpi
code=$?
[ $code = 75 ] || { bad "exit $code after a signal to the grader"; tail -n 5 err; }
ls a/ckpt/*.h5 >/dev/null 2>&1 || bad "no checkpoint after a signal to the grader"

# The grader hangs, its programs never end: the compute rank saves all the same.
begin b run.steps=500
kill -STOP "$rank1"
sleep 0.3
touch b/stop
for i in $(seq 200); do
    ls b/ckpt/*.h5 >/dev/null 2>&1 && break
    sleep 0.05
done
ls b/ckpt/*.h5 >/dev/null 2>&1 || bad "stopping waits for programs that run"
kill -CONT "$rank1"
wait $mpi
code=$?
[ $code = 75 ] || { bad "exit $code after stopping with a hung grader"; tail -n 5 err; }

# The grader's keeper is killed, then its launcher, while it trains: the same steps.
must 1 train $deck run.dir=quiet run.steps=8
begin c run.steps=8 sandbox.heartbeat_ms=50
keeper=$(cut -d' ' -f1 "/proc/$rank1/task/$rank1/children" 2>/dev/null)
[ -z "$keeper" ] || kill -9 "$keeper"
sleep 0.5
keeper=$(cut -d' ' -f1 "/proc/$rank1/task/$rank1/children" 2>/dev/null)
launcher=$(cut -d' ' -f1 "/proc/$keeper/task/$keeper/children" 2>/dev/null)
[ -z "$launcher" ] || kill -9 "$launcher" 2>/dev/null
wait $mpi
code=$?
[ $code = 0 ] || { bad "exit $code after a keeper was killed"; tail -n 5 err; }
[ "$(steps c)" = "$(steps quiet)" ] || { bad "a killed keeper changes the steps"; steps c; steps quiet; }
refused 1 2 'sandbox.lost_ms = 1000 is less than four times' train $deck run.dir=d sandbox.lost_ms=1000
exit $fail
