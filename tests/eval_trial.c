// Programs executed beside the model's work: verdicts are the checker's, the vote of outputs counts
// what programs print, token by token; who fails on a test has no vote; with graders and without.
// RUN: np=1,2
// TIMEOUT: 120
#include "test.h"
#include "eval.h"
#include <unistd.h>

enum { PROGRAMS = 6 };

/* Doubles the input.  Two are right and are written differently, two are wrong alike, one fails on the
   second test, one prints what is right in other words. */
static const char *const sources[PROGRAMS] = {
    "print(int(input()) * 2)",
    "n = int(input())\nprint(' ', n * 3)",
    "n = int(input())\nprint(n * 3, end='\\n\\n')",
    "n = int(input())\nprint(n + n)",
    "n = int(input())\nprint(2 * n if n < 5 else [][n])",
    "n = int(input())\nprint(n * 3)",
};
static const int passes[PROGRAMS] = {1, 0, 0, 1, 0, 0};

static bank_t doubles(void)
{
    bank_t b = {0};
    for (int i = 0; i < 2; i++) { /* the second problem has only the first three programs' sort */
        problem_t p = {.id = hash_bytes(&i, sizeof i),
                       .family = mem_text("f"),
                       .statement = mem_text("Double it."),
                       .example = mem_text(""),
                       .time_ms = 2000,
                       .memory_kb = 131072,
                       .test = 2 * i,
                       .tests = 2};
        PUSH(b.problem, b.n_problem, b.cap_problem, p);
        for (int t = 0; t < 2; t++) {
            test_t x = {.problem = i,
                        .input = mem_text(t ? "7\n" : "2\n"),
                        .output = mem_text(t ? "14\n" : "4\n"),
                        .n_input = 2,
                        .n_output = t ? 3 : 2};
            PUSH(b.test, b.n_test, b.cap_test, x);
        }
        for (int k = 0; k < PROGRAMS; k++) {
            program_t q = {.problem = i,
                           .source = mem_text(sources[i ? 4 : k]),
                           .origin = mem_text(""),
                           .core = mem_text(""),
                           .walk = mem_text(""),
                           .pass_rate = 0};
            q.n_source = strlen(q.source);
            PUSH(b.program, b.n_program, b.cap_program, q);
        }
    }
    return b;
}

static void client(grading_t *g)
{
    bank_t b = doubles();
    int entrant[2 * PROGRAMS], first;
    limits_t l = limits_default();
    for (int i = 0; i < 2 * PROGRAMS; i++)
        entrant[i] = i;
    trial_t *t = trial_new(g, &b, &l, entrant, 2, PROGRAMS);
    trial_judge(t, 0, 3);
    trial_judge(t, 0, 3);
    check(trial_passes(t, 0, 3) == -1);
    for (double start = clock_now(); trial_left(t) && clock_now() < start + 90; usleep(1000))
        trial_poll(t);
    check(!trial_left(t) && trial_passes(t, 0, 3) == 1);
    /* leaders among 1, 2, 4 and all were judged on their own account */
    for (int k = 0; k < PROGRAMS; k++)
        check(trial_passes(t, 0, k) == -1 || trial_passes(t, 0, k) == passes[k], "program %d", k);
    check(trial_majority(t, 0, 1, &first) == 1 && first == 0);
    check(trial_majority(t, 0, 2, &first) == 0.5 && first == 0); /* a right one and a wrong one */
    check(trial_majority(t, 0, 4, &first) == 0.5);               /* two and two */
    check(trial_majority(t, 0, 6, &first) == 0 && first == 1);   /* three print three times n */
    check(trial_majority(t, 1, 6, &first) == 0 && first == -1);  /* all fail on a test */
    int64_t runs, faults;
    trial_counts(t, &runs, &faults);
    check(runs == 2 * PROGRAMS + 3 && faults == 0, "%lld runs, %lld faults", (long long)runs,
          (long long)faults);
    trial_free(t);
    t = trial_new(g, &b, &l, entrant, 2, PROGRAMS); /* given up on the way */
    trial_poll(t);
    trial_free(t);
    check(grading_pending(g) == 0);
    bank_free(&b);
}

static void run(keeper_t *k, int graders)
{
    grading_t *g = grading_open(comm_world(), graders, k);
    if (grading_is_grader(g))
        grading_serve(g);
    else
        client(g);
    grading_close(g);
}

int main(int argc, char **argv)
{
    keeper_t *k = keeper_start(1);
    test_begin(&argc, &argv);
    stop_install();
    limits_t l = limits_default();
    keeper_configure(k, &l, 1, 0);
    run(k, 0);
    if (group_size(comm_world()) > 1)
        run(k, 1);
    keeper_stop(k);
    return test_end();
}
