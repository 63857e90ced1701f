/* MPI: life, groups, collectives.  With mail.c the only files that include mpi.h.

   Every MPI call is wrapped by CHECK_MPI; MPI's own handler is switched to returning, so that the
   message is ours.  Counts above 2^31 are cut into pieces of 2^30 elements.

   Sums: an in-place MPI_Allreduce.  Open MPI picks its algorithm by size and number of ranks only,
   so the same layout gives the same bits; another layout may add in another order.  Large float
   sums go in pieces of 1 Mi elements, where the in-node algorithms are fastest (they then stay in
   the last-level cache).

   One rank that fails ends all: how is in ends.c. */
#include "comm_mpi.h"
#include <signal.h>
#include <string.h>

static group_t world; /* MPI_COMM_WORLD's handle */
static int active;

void comm_check(int rc, const char *call, const char *file, int line)
{
    if (rc == MPI_SUCCESS)
        return;
    char why[MPI_MAX_ERROR_STRING];
    int n = 0;
    MPI_Error_string(rc, why, &n);
    fail_at(file, line, CODE_FAULT, "%s: %.*s", call, n, why);
}

void comm_init(int *argc, char ***argv)
{
    int given;
    sigset_t interrupt, was;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    comm_prepare();
    sigprocmask(SIG_BLOCK, &interrupt, &was); /* MPI says more than one line of it */
    MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &given);
    sigprocmask(SIG_SETMASK, &was, NULL);
    ends_open();
    active = 1;
    world.comm = MPI_COMM_WORLD;
    CHECK_MPI(MPI_Comm_rank(world.comm, &world.rank));
    CHECK_MPI(MPI_Comm_size(world.comm, &world.size));
    if (given < MPI_THREAD_FUNNELED)
        fail(CODE_FAULT, "this MPI gives no MPI_THREAD_FUNNELED");
}

int comm_end(int code)
{
    if (!active)
        return code;
    mail_flush(&world);
    MPI_Barrier(world.comm);
    active = 0;
    ends_close(code);
    MPI_Finalize();
    return code;
}

void comm_finish(void)
{
    comm_end(CODE_DONE);
}

int comm_active(void)
{
    return active;
}

group_t *comm_world(void)
{
    return &world;
}

group_t *group_split(group_t *g, int color, int key)
{
    MPI_Comm c;
    CHECK_MPI(MPI_Comm_split(g->comm, color < 0 ? MPI_UNDEFINED : color, key, &c));
    if (c == MPI_COMM_NULL)
        return NULL;
    group_t *s = ALLOC(group_t, 1);
    s->comm = c;
    MPI_Comm_set_errhandler(c, MPI_ERRORS_RETURN);
    CHECK_MPI(MPI_Comm_rank(c, &s->rank));
    CHECK_MPI(MPI_Comm_size(c, &s->size));
    return s;
}

void group_free(group_t *g)
{
    if (!g || g == &world)
        return;
    mail_flush(g);
    CHECK_MPI(MPI_Comm_free(&g->comm));
    mem_free(g);
}

int group_rank(const group_t *g)
{
    return g->rank;
}

int group_size(const group_t *g)
{
    return g->size;
}

void *group_native(group_t *g)
{
    return &g->comm;
}

void comm_barrier(group_t *g)
{
    CHECK_MPI(MPI_Barrier(g->comm));
}

void comm_bcast(group_t *g, void *p, size_t bytes, int root)
{
    enum { PIECE = 1 << 30 };
    for (size_t at = 0; at < bytes; at += PIECE) {
        size_t n = bytes - at < PIECE ? bytes - at : PIECE;
        CHECK_MPI(MPI_Bcast((char *)p + at, (int)n, MPI_BYTE, root, g->comm));
    }
}

/* x[n] of `type` (width bytes each), reduced in place. */
static void reduce(group_t *g, void *x, int64_t n, size_t width, MPI_Datatype type, MPI_Op op)
{
    enum { PIECE = 1 << 20 };
    if (g->size == 1)
        return;
    for (int64_t at = 0; at < n; at += PIECE) {
        int64_t m = n - at < PIECE ? n - at : PIECE;
        CHECK_MPI(
            MPI_Allreduce(MPI_IN_PLACE, (char *)x + (size_t)at * width, (int)m, type, op, g->comm));
    }
}

void comm_sum_f32(group_t *g, float *x, int64_t n)
{
    reduce(g, x, n, sizeof *x, MPI_FLOAT, MPI_SUM);
}

void comm_sum_f64(group_t *g, double *x, int64_t n)
{
    reduce(g, x, n, sizeof *x, MPI_DOUBLE, MPI_SUM);
}

void comm_sum_i64(group_t *g, int64_t *x, int64_t n)
{
    reduce(g, x, n, sizeof *x, MPI_INT64_T, MPI_SUM);
}

void comm_max_f64(group_t *g, double *x, int64_t n)
{
    reduce(g, x, n, sizeof *x, MPI_DOUBLE, MPI_MAX);
}

void comm_gather(group_t *g, void *all, const void *mine, size_t bytes, int root)
{
    ASSERT(bytes < INT32_MAX);
    CHECK_MPI(MPI_Gather(mine, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE, root, g->comm));
}

void comm_allgather(group_t *g, void *all, const void *mine, size_t bytes)
{
    ASSERT(bytes < INT32_MAX);
    CHECK_MPI(MPI_Allgather(mine, (int)bytes, MPI_BYTE, all, (int)bytes, MPI_BYTE, g->comm));
}

/* Rank by rank broadcasts: no 2 GiB limit on the sum, and these gathers are rare. */
void *comm_allgatherv(group_t *g, const void *mine, size_t bytes, size_t *total, size_t *counts)
{
    size_t *n = ALLOC(size_t, g->size), sum = 0;
    comm_allgather(g, n, &bytes, sizeof bytes);
    for (int r = 0; r < g->size; r++)
        sum += n[r];
    char *all = mem_new(sum ? sum : 1);
    size_t at = 0;
    for (int r = 0; r < g->size; r++) {
        if (r == g->rank && bytes)
            memcpy(all + at, mine, bytes);
        comm_bcast(g, all + at, n[r], r);
        at += n[r];
        if (counts)
            counts[r] = n[r];
    }
    mem_free(n);
    if (total)
        *total = sum;
    return all;
}

void comm_fail_any(group_t *g, int bad, const char *file, int line, int code, const char *fmt, ...)
{
    int first = bad ? g->rank : g->size, low;
    CHECK_MPI(MPI_Allreduce(&first, &low, 1, MPI_INT, MPI_MIN, g->comm));
    if (low == g->size)
        return;
    if (low == g->rank) {
        char message[4096];
        va_list ap;
        va_start(ap, fmt);
        vsnprintf(message, sizeof message, fmt, ap);
        va_end(ap);
        fail_set_rank(0);
        fail_at(file, line, code, "%s", message);
    }
    ends_said();
    fail_quietly(code);
}
