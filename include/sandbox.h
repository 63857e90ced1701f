/* Floor 5: run one untrusted program on one input, and say what happened.  The only floor with
   namespaces and seccomp.  A verdict is about the guest; what goes wrong on our side is V_FAULT,
   counted, never a label.

   main starts the keeper BEFORE MPI and any thread (keeper_start); a rank talks to it over a socket
   pair.  Grader ranks (comm's mail) serve compute ranks; with no graders each rank's own keeper
   grades in the background. */
#pragma once
#include "io.h"

typedef struct {                     /* per test; 0 = default of the deck */
    int cpu_ms, wall_ms, memory_kb, output_kb, processes, file_kb, scratch_kb;
    int compile_cpu_ms, compile_wall_ms, compile_memory_kb;
} limits_t;

typedef struct {                     /* what one run of one program did */
    verdict_kind_t verdict;
    const char *subcode;             /* "", "cpu", "wall", "security", ... static text */
    int     exit, signal;            /* exit status (-1 if by signal), signal (0 if none) */
    int64_t cpu_us, wall_us, memory_kb, stdout_bytes, stderr_bytes;
    int64_t first_difference;        /* byte offset or token index, -1 */
} outcome_t;

/* keeper.c ---------------------------------------------------------------------------------------------- */

typedef struct keeper keeper_t;
/* Forks the keeper and its launchers; call before MPI and threads exist.  allow_degraded: without user
   namespaces still run (seccomp + rlimits only); else runs end in V_FAULT with a clear text.  NULL never. */
keeper_t   *keeper_start(int launchers);
void        keeper_configure(keeper_t *k, const limits_t *l, int allow_degraded);
void        keeper_stop(keeper_t *k);                /* ends it and everything it runs; frees k */
const char *keeper_mode(keeper_t *k);                /* "namespaces+seccomp+rlimits", "degraded", ...; for the log's first page */
const char *keeper_toolchain(keeper_t *k, lang_t l); /* version line, part of every verdict's key; "" if absent */

/* One program on many inputs (all tests in one visit).  The keeper's answers come back by keeper_poll. */
typedef struct {
    int64_t ticket;                  /* caller's; comes back with the answer */
    lang_t  lang;
    const char *source; size_t n_source;
    int     n_test;
    const char **input;  const size_t *n_input;
    const char **expect; const size_t *n_expect;     /* expect[i] NULL: no comparison; the output is returned */
    const check_t *check;
    limits_t limits;
    int     stop_at_first;           /* 1: after the first failure the rest is V_SKIPPED */
} job_t;
typedef struct {
    int64_t ticket;
    int n_test;
    outcome_t *outcome;              /* [n_test] */
    char **output; size_t *n_output; /* [n_test], only where expect was NULL and the run was accepted */
} done_t;
void    keeper_submit(keeper_t *k, const job_t *j);  /* copies; non-blocking as seen by the caller */
done_t *keeper_poll(keeper_t *k, int wait_ms);       /* NULL: nothing yet; caller frees with done_free */
void    done_free(done_t *d);
int     keeper_pending(const keeper_t *k);

/* grade.c - graders and their clients ---------------------------------------------------------------------- */

typedef struct grading grading_t;
/* collective(world).  n_graders last ranks of the world serve; 0: each rank's keeper grades what that rank submits.
   Identical work (by content key) is executed once per job. */
grading_t *grading_open(group_t *world, int n_graders, keeper_t *k);
int        grading_is_grader(const grading_t *g);    /* local */
void       grading_serve(grading_t *g);              /* a grader rank: returns when all clients have closed */
void       grading_submit(grading_t *g, const job_t *j);   /* client, non-blocking */
done_t    *grading_poll(grading_t *g);               /* client; NULL: nothing yet */
int        grading_pending(const grading_t *g);
typedef struct { int64_t programs, runs, compiled, cached, faults; double busy_s; } grading_stats_t;
grading_stats_t grading_stats(const grading_t *g);   /* what this rank asked for, and what it cost */
void       grading_close(grading_t *g);              /* collective(world) */

/* Convenience: execute the named programs of a bank (tests without output first get theirs from the reference),
   append verdicts, set pass rates.  collective(world) when graders serve; every rank ends with the same bank. */
hash_t     verdict_key(const char *source, const char *input, const char *output, const limits_t *l, const char *toolchain);
