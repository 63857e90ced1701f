/* What every test includes.  A test is a program: exit 0 passed, 77 skipped (reason on stdout),
   anything else failed.  Silent when right.  Its first line says what must be true, its second
     // RUN: np=1,2,4 backend=cpu,strict
   on how many ranks and backends tests/run.sh starts it. */
#pragma once
#include "base.h"
#include "comm.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int test_failures;

/* check(c): a fact; the test goes on, and fails at its end. */
#define check(c, ...)                                             \
    do {                                                          \
        if (!(c)) {                                               \
            test_failures++;                                      \
            fprintf(stderr, "%s:%d: %s", __FILE__, __LINE__, #c); \
            fprintf(stderr, " " __VA_ARGS__);                     \
            fprintf(stderr, "\n");                                \
        }                                                         \
    } while (0)

static inline void test_begin(int *argc, char ***argv)
{
    comm_init(argc, argv);
}

static inline int test_end(void)
{
    double bad = test_failures;
    comm_sum_f64(comm_world(), &bad, 1);
    int leaked = mem_live() != 0;
    if (leaked)
        fprintf(stderr, "%zu bytes were not freed\n", mem_live());
    comm_finish();
    return bad > 0 || leaked;
}

static inline void test_skip(const char *why)
{
    printf("skipped: %s\n", why);
    if (comm_active())
        comm_finish();
    exit(77);
}

/* Largest |a-b| relative to the largest |b|. */
static inline double test_distance(const float *a, const float *b, int64_t n)
{
    double d = 0, m = 1e-30;
    for (int64_t i = 0; i < n; i++) {
        d = fmax(d, fabs((double)a[i] - b[i]));
        m = fmax(m, fabs((double)b[i]));
        if (!isfinite(a[i]))
            return INFINITY;
    }
    return d / m;
}

static inline void test_fill(float *x, int64_t n, uint64_t seed)
{
    rng_t r = rng_make(seed, RNG_TEST, 0, 0);
    for (int64_t i = 0; i < n; i++)
        x[i] = (float)rng_normal(&r);
}

/* Bad input: fn(arg), run in a forked child, must end through fail() with this exit code and a
   message that holds `part`.  Best called before test_begin (a child of an MPI rank may not use
   MPI). */
#define test_fails(code, fn, arg, part) test_fails_at(__LINE__, #fn, (code), (fn), (arg), (part))

static inline void test_leave(int code)
{
    _exit(code);
}

static inline void test_fails_at(int line, const char *what, int code, void (*fn)(void *),
                                 void *arg, const char *part)
{
    char text[4096];
    size_t n = 0;
    ssize_t got;
    int ends[2], status = 0;
    if (pipe(ends))
        fail(CODE_FAULT, "pipe");
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        dup2(ends[1], 2);
        fail_set_hook(test_leave);
        fn(arg);
        _exit(0);
    }
    close(ends[1]);
    while ((got = read(ends[0], text + n, sizeof text - 1 - n)) > 0)
        n += (size_t)got;
    text[n] = 0;
    close(ends[0]);
    waitpid(child, &status, 0);
    int ended = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    if (ended != code || !strstr(text, part)) {
        test_failures++;
        fprintf(stderr,
                "line %d: %s ended with %d instead of %d, saying '%s', where '%s' was expected\n",
                line, what, ended, code, text, part);
    }
}
