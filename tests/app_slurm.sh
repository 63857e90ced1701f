# On a Slurm of two virtual nodes: a training job that is told to stop saves, exits 75, is
# put back into the queue, goes on, and ends with the parameters of a run that was never
# interrupted, bit for bit.  A mistake is one message; srun's own lines say the exit code.
# RUN: np=4
# TIMEOUT: 600
[ "$(id -u)" = 0 ] || { echo "skipped: a private Slurm can be started by root only"; exit 77; }
PATH=$PATH:/usr/sbin:/sbin
for tool in munged slurmctld slurmd sbatch srun; do
    command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }
done
getent hosts "$(hostname -s)" >/dev/null || { echo "skipped: this machine's own name does not resolve"; exit 77; }
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
tiny_make || { bad "no tiny model"; exit 1; }

cluster=$TEST_TMP/cluster
trap '"$TOP/tests/slurm/down.sh" "$cluster"' EXIT
"$TOP/tests/slurm/up.sh" "$cluster" 2 || { bad "Slurm did not start"; exit 1; }
export SLURM_CONF=$cluster/slurm.conf

# Jobs run where sbatch is called, with the environment it is called in.  Two virtual
# nodes are one machine: their ranks must not take each other for neighbours in shared
# memory.
ln -s "$TOP/jobs" jobs
export OMPI_MCA_btl=self,tcp OMPI_MCA_btl_tcp_if_include=lo
export SITE=local DECK=$PWD/tiny.in
options="--parsable --nodes=2 --ntasks-per-node=2 --time=60"

# mistake CODE TEXT ARGUMENTS...   of all four ranks
mistake()
{
    srun --mpi=pmix --nodes=2 --ntasks=4 "$ALETHEIA" "${@:3}" >out 2>err </dev/null
    code=$?
    one_message "$1" "$2" "srun ${*:3}"
    [ "$(grep -Evc "^aletheia: |^srun: error: n[12]: tasks? [-0-9,]*: Exited with exit code $1\$" err)" = 0 ] ||
        { bad "srun ${*:3}: more is said"; cat err; }
}
printf '[run]\nseeed = 1\n' >bad.in
mistake 2 'bad.in:2: unknown key run.seeed'      train bad.in
mistake 3 'nowhere: expected a model directory'  eval tiny.in eval.model=nowhere

state() { scontrol show job "$1" | grep -o "\b$2=[^ ]*" | cut -d= -f2; }

# ended JOB   waits until it has ended.  Slurm holds a job that was put back for two minutes;
# this starts it sooner, but not within the cred_expire of tests/slurm/up.sh: a node refuses
# the credential of a job that it has just killed, and the job would end as FAILED.
ended()
{
    local i
    for i in $(seq 1200); do
        case $(state "$1" JobState) in
        COMPLETED) return 0 ;;
        PENDING)
            [ "$(state "$1" Restarts)" = 0 ] || {
                sleep 6
                scontrol update jobid="$1" starttime=now 2>/dev/null
            } ;;
        FAILED | CANCELLED | TIMEOUT | NODE_FAIL) return 1 ;;
        esac
        sleep 0.2
    done
    return 1
}

# Stopped once it has made some steps.
steps=40
more="run.steps=$steps run.save_every=0 recipe.prompts=16 recipe.group=8 recipe.max_new=64"
job=$(OVERRIDES="run.dir=stopped $more" sbatch $options --output="$PWD/stopped.log" jobs/train.sbatch)
for i in $(seq 1200); do
    ! grep -q '^step 3/' stopped.log 2>/dev/null || break
    sleep 0.1
done
scancel -s USR1 "$job"
ended "$job" || bad "the stopped job did not complete: $(state "$job" JobState)"
[ "$(state "$job" Restarts)" = 1 ] || bad "the job was put back $(state "$job" Restarts) times, not once"
grep -q "job $job exit 75" stopped.log || bad "no exit 75 in the log"
grep -q "job $job exit 0" stopped.log || bad "no exit 0 in the log"

job=$(OVERRIDES="run.dir=whole $more" sbatch $options --output="$PWD/whole.log" jobs/train.sbatch)
ended "$job" || bad "the uninterrupted job did not complete: $(state "$job" JobState)"
[ "$(state "$job" Restarts)" = 0 ] || bad "the uninterrupted job was restarted"

# Every tensor of parameters and moments, by its hash.
hash() { "$ALETHEIA" show "$1/ckpt/step-$(printf %08d $steps).h5" | grep -E '^ *(param_hash|drawn|learned|model\.|lm_head)'; }
[ -n "$(hash whole)" ] || bad "no hash of the finished run's parameters"
[ "$(hash whole)" = "$(hash stopped)" ] || bad "stopped and uninterrupted differ: $(hash stopped) $(hash whole)"
[ $fail = 0 ] || grep -v '^step' stopped.log whole.log | tail -n 100
[ $fail = 0 ] || grep -h 'JobId=' "$cluster/log/slurmctld.log" | tail -n 30
exit $fail
