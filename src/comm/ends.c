/* The end of all ranks when one fails, with one message and as little of the launcher's as it allows.

   Who speaks.  What is wrong with the input is seen by all ranks, each in its own time.  Rank 0 says
   it at once; another rank that fails enters a barrier of its own (MPI_Ibarrier on a communicator
   that nothing else uses) and speaks only if rank 0 has neither come there nor ended it within two
   seconds.

   How they end.  Mpirun explains an exit code other than 0 in twelve lines, unless it was told to be
   quiet, but says nothing of a job that was aborted; so below mpirun the rank that spoke aborts, and
   the others wait to be ended.  Srun is the other way round: it has a line per node for ranks that
   end by themselves, and four for those that it ends; so there all wait for all, and exit, and only
   where a rank fails alone (the others sit in a collective) it aborts.  MPI_Abort prints a banner of
   eight lines of its own; Open MPI does so before it calls ompi_mpi_abort, which is called here
   instead where the library has it.

   Before MPI has started only the launcher's environment says which rank this is.  A failure then
   starts MPI first: the other ranks come there too, failing or not, and what was said holds.  A
   process that no launcher started has nobody to end: it just exits. */
#include "comm_mpi.h"
#include <stdlib.h>
#include <unistd.h>

#ifdef OPEN_MPI
extern int ompi_mpi_abort(MPI_Comm comm, int code) __attribute__((weak));
#define ABORT (ompi_mpi_abort ? ompi_mpi_abort : MPI_Abort)
#else
#define ABORT MPI_Abort
#endif

enum { PATIENCE = 10 };                  /* seconds, of those who wait to be ended */
static int mpirun;                       /* the launcher is Open MPI's */
static int rank, size = 1, said_already; /* said_already: by another rank */
static MPI_Comm last = MPI_COMM_NULL;    /* of the barrier; NULL before MPI has started */

/* A number that the launcher put into the environment, or `otherwise`. */
static int from_launcher(const char *const *names, int otherwise)
{
    for (; *names; names++)
        if (getenv(*names))
            return atoi(getenv(*names));
    return otherwise;
}

int comm_local_size(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_LOCAL_SIZE", "SLURM_NTASKS_PER_NODE",
                                        NULL};
    return from_launcher(names, 1);
}

/* 1: every rank has failed.  Seconds to wait for that. */
static int all_fail(double seconds)
{
    static MPI_Request request;
    static int entered, all;
    if (!entered++ && MPI_Ibarrier(last, &request))
        return 0;
    for (double until = clock_now() + seconds;; usleep(2000))
        if (all || MPI_Test(&request, &all, MPI_STATUS_IGNORE) || clock_now() >= until)
            return all;
}

static void start(void)
{
    int given;
    if (last == MPI_COMM_NULL && !MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &given))
        ends_open();
}

/* On ranks other than 0. */
static int said(void)
{
    start();
    said_already = size > 1 && all_fail(2 + 0.4 * (rank < 4 ? rank : 4));
    return said_already;
}

static void end_all(int code)
{
    start();
    if (size > 1 && all_fail(said_already ? PATIENCE : mpirun ? 0.2 : 1) && !mpirun)
        return;
    if (mpirun && said_already)
        sleep(PATIENCE);
    else if (mpirun || size > 1)
        ABORT(MPI_COMM_WORLD, code);
}

void ends_open(void)
{
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    MPI_Comm_dup(MPI_COMM_WORLD, &last);
    log_set_rank(rank);
    fail_set_rank(rank);
    fail_set_hook(end_all);
    fail_set_said(said);
}

void ends_close(int code)
{
    fflush(NULL);
    MPI_Allreduce(MPI_IN_PLACE, &code, 1, MPI_INT, MPI_MAX, last);
    if (code && mpirun) {
        if (rank == 0)
            ABORT(MPI_COMM_WORLD, code);
        sleep(PATIENCE);
    }
    MPI_Comm_free(&last);
    fail_set_hook(NULL);
}

void ends_said(void)
{
    said_already = 1;
}

void comm_prepare(void)
{
    static const char *const ranks[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK",
                                        "SLURM_PROCID", NULL};
    static const char *const sizes[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS",
                                        "SLURM_NTASKS", NULL};
    int launched = getenv("PMIX_RANK") || getenv("PMI_RANK");
    mpirun = getenv("OMPI_COMM_WORLD_SIZE") != NULL;
    rank = from_launcher(ranks, 0);
    size = from_launcher(sizes, 1);
    log_set_rank(rank);
    fail_set_rank(rank);
    if (mpirun || (launched && size > 1)) {
        fail_set_hook(end_all);
        fail_set_said(said);
    }
}

void comm_alone(void)
{
    if (size > 1)
        fail_set_hook(NULL);
}
