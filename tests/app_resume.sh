# A run that is stopped by a file, by a signal to one rank or by SIGKILL, and then continued by the same command, ends as the
# uninterrupted one, bit for bit; a run directory is never overwritten; another number of ranks continues.
# RUN: np=1,2,4 backend=cpu
# TIMEOUT: 420
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
tiny_make || { bad "no tiny model"; exit 1; }
steps=40
work="recipe.prompts=12 recipe.group=8 recipe.max_new=64"       # a step takes long enough to be stopped in the run's middle

# begin N DIR KEYS...   in the background; its mpirun is $pid
begin()
{
    local n=$1 dir=$2
    shift 2
    $MPIRUN -np "$n" "$ALETHEIA" train tiny.in run.dir="$dir" run.steps=$steps run.save_every=10 \
        run.resume=yes $work "$@" >out 2>err </dev/null &
    pid=$!
}

# until_line DIR PATTERN   its log has such a line
until_line()
{
    local i
    for i in $(seq 1200); do
        grep -q "$2" "$1/log.txt" 2>/dev/null && return
        sleep 0.05
    done
    bad "$1: no line '$2' came"
}

# until_step DIR K   its log says that step K is done
until_step() { until_line "$1" "^step $2/"; }

# ended CODE WHAT
ended()
{
    wait $pid
    code=$?
    [ $code = "$1" ] || { bad "$2: exit $code instead of $1"; tail -n 5 out err; }
}

# same DIR AS WHAT   the last checkpoints hold the same parameters
same()
{
    must 0 export "$1" "$1-model"
    cmp "$1-model/model.safetensors" "$2-model/model.safetensors" >/dev/null || bad "$3: other parameters"
}

for np in 1 2 4; do
    begin $np whole$np
    ended 0 "whole, $np ranks"
    must 0 export whole$np whole$np-model

    begin $np file$np
    until_step file$np 3
    touch file$np/stop
    ended 75 "stop file, $np ranks"
    [ ! -e file$np/stop ] || bad "the stop file is still there"
    begin $np file$np
    ended 0 "continued, $np ranks"
    same file$np whole$np "stop file, $np ranks"

    begin $np kill$np
    until_step kill$np 12
    kill -9 "$(ps --ppid $pid -o pid= | tail -n 1)" 2>/dev/null
    wait $pid && bad "SIGKILL, $np ranks: exit 0"
    ls kill$np/ckpt/*.h5 >/dev/null 2>&1 || bad "SIGKILL, $np ranks: no checkpoint left"
    must 0 show kill$np/run.h5
    begin $np kill$np
    ended 0 "continued after SIGKILL, $np ranks"
    same kill$np whole$np "SIGKILL, $np ranks"
done

# A signal to the last of two ranks; then on one rank, and on three.
begin 2 signal
until_step signal 3
kill -TERM "$(ps --ppid $pid -o pid= | tail -n 1)"
ended 75 "SIGTERM to one rank"
cp -r signal one
cp -r signal three
begin 2 signal
ended 0 "continued after SIGTERM"
same signal whole2 "SIGTERM to one rank"
begin 1 one
ended 0 "2 ranks, then 1"
begin 3 three
ended 0 "2 ranks, then 3"

# Stopped inside generation: the phase is left at once, the step never was, and is done again.
long="recipe.max_new=500 sampler.width=2 recipe.prompts=60 run.save_every=1"
steps=2 work=
begin 2 longwhole $long
ended 0 "long generation"
must 0 export longwhole longwhole-model
begin 2 long $long
until_line long '^parameters'
sleep 0.3
touch long/stop
ended 75 "stopped inside generation"
grep -q '^stopped at step [01] of 2' long/log.txt || bad "long: not stopped inside a step"
begin 2 long $long
ended 0 "long generation, continued"
same long longwhole "stopped inside generation"

# Refusals.
refused 2 2 'signal already holds a run.*run.resume=yes'       train tiny.in run.dir=signal
refused 2 2 'run.seed = 5.*the deck says 6.*may not change'    train tiny.in run.dir=signal run.seed=6 run.resume=yes
refused 1 4 'does not fit: needs'  train tiny.in run.dir=large recipe.micro_tokens=100000000
exit $fail
