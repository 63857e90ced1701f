# Sourced by the job scripts, after the site's environment.
#
# run VERB DECK [section.key=value ...] starts one program on all tasks of the job.  A
# program that was asked to stop (the signal that --signal sends before the time limit, or
# preemption) saves and exits 75: then the job is put back into the queue, and goes on
# from its checkpoint when it is started again.

trap : USR1 TERM      # the shell outlives the signal: it waits for the program to save

run()
{
    resume=${RESUME:-no}
    [ "${SLURM_RESTART_COUNT:-0}" = 0 ] || resume=yes
    echo "job $SLURM_JOB_ID start ${SLURM_RESTART_COUNT:-0} on $SLURM_JOB_NODELIST: $*"
    srun --mpi=pmix ${SRUN_OPTIONS:-} "${ALETHEIA:-bin/aletheia}" "$@" "run.resume=$resume"
    code=$?
    echo "job $SLURM_JOB_ID exit $code"
    [ $code != 75 ] || { scontrol requeue "$SLURM_JOB_ID" && sleep 60; }     # ends this shell
    return $code
}
