/* Floor 1: MPI, and the only floor that includes mpi.h.

   A group is a handle; nothing above says WORLD.  Everything is `collective` over the group unless
   marked local.  Failing on any rank ends all ranks (comm installs base's fail hook). */
#pragma once
#include "base.h"

/* comm.c - life, groups, collectives ------------------------------------------------------------ */

typedef struct group group_t;

void     comm_init(int *argc, char ***argv);  /* MPI_THREAD_FUNNELED; installs the fail hook, tells log the rank */
void     comm_finish(void);
/* comm_finish, with the exit code of all ranks; gives it back to return */
int      comm_end(int code);
int      comm_active(void);                   /* between init and finish */
group_t *comm_world(void);                    /* borrowed */
group_t *group_split(group_t *g, int color, int key);   /* color < 0: NULL for this rank; caller frees */
void     group_free(group_t *g);
int      group_rank(const group_t *g);        /* local */
int      group_size(const group_t *g);        /* local */
void    *group_native(group_t *g);            /* local: MPI_Comm *, for parallel HDF5 and BLACS only */

void comm_barrier(group_t *g);
void comm_bcast(group_t *g, void *p, size_t bytes, int root);
void comm_sum_f32(group_t *g, float *x, int64_t n);     /* in place; same bits on the same layout */
void comm_sum_f64(group_t *g, double *x, int64_t n);
void comm_sum_i64(group_t *g, int64_t *x, int64_t n);
void comm_max_f64(group_t *g, double *x, int64_t n);
void comm_gather(group_t *g, void *all, const void *mine, size_t bytes, int root);  /* all: [size][bytes] on root */
void comm_allgather(group_t *g, void *all, const void *mine, size_t bytes);
/* Ragged: every rank gives `bytes` bytes; every rank gets the concatenation in rank order in a new
   block (caller frees) and, if counts is not NULL, the sizes [size]. */
void *comm_allgatherv(group_t *g, const void *mine, size_t bytes, size_t *total, size_t *counts);

/* Collective failure: if any rank saw bad != 0, the lowest such rank's message is printed and all end. */
#define fail_any(g, bad, code, ...) comm_fail_any((g), (bad), __FILE__, __LINE__, (code), __VA_ARGS__)
void comm_fail_any(group_t *g, int bad, const char *file, int line, int code, const char *fmt, ...)
    __attribute__((format(printf, 6, 7)));

/* ends.c - the end of all ranks, and what the launcher says before MPI has started ---------------- */

void comm_prepare(void);      /* local: rank and fail hook from the launcher's environment; comm_init does it too */
void comm_alone(void);        /* local: from here on each rank is a program by itself, without MPI */
int  comm_local_size(void);   /* local: ranks on this node, as the launcher says; 1 where it does not */

/* mail.c - small messages between single ranks, local and non-blocking ----------------------------- */

/* Sends n bytes; the data is copied, so the caller's block is free at once. */
void  mail_post(group_t *g, int to, int tag, const void *bytes, size_t n);
/* A message if one has arrived: new block (caller frees), its length, sender and tag; NULL if none.
   Also makes posted messages progress. */
void *mail_poll(group_t *g, size_t *n, int *from, int *tag);
void  mail_flush(group_t *g);                 /* until all that was posted here has left; gives the box's memory back */
