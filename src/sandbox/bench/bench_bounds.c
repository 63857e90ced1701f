/* What must be bounded, measured: how long the end of a run full of spinning processes
   takes, how late a verdict comes behind its limit, and whether time limits are right
   while every core is busy. */
#include "bench_bare.h"
#include <string.h>

static const char swarm[] = "#include <unistd.h>\n"
                            "int main(void)\n"
                            "{\n"
                            "    for (int i = 0; i < 63; i++)\n"
                            "        if (fork() == 0)\n"
                            "            for (;;) ;\n"
                            "    usleep(50000);\n"
                            "    return 0;\n"
                            "}\n";
static const char sleeper[] = "#include <unistd.h>\nint main(void) { for (;;) pause(); }\n";
static const char spinner[] = "int main(void) { for (volatile long i = 0;; i++) ; }\n";
/* Uses what stands on stdin, in milliseconds of CPU time. */
static const char worker[] = "#include <stdio.h>\n#include <time.h>\n"
                             "int main(void)\n"
                             "{\n"
                             "    double ms;\n"
                             "    struct timespec t;\n"
                             "    if (scanf(\"%lf\", &ms) != 1) return 1;\n"
                             "    do clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);\n"
                             "    while (t.tv_sec * 1e3 + t.tv_nsec * 1e-6 < ms);\n"
                             "    return 0;\n"
                             "}\n";

static void submit(keeper_t *k, const char *source, const char *input, int tests, limits_t l)
{
    enum { MOST = 256 };
    const char *in[MOST];
    size_t n_in[MOST];
    const char *want[MOST] = {NULL};
    const size_t n_want[MOST] = {0};
    for (int i = 0; i < tests; i++) {
        in[i] = input;
        n_in[i] = strlen(input);
    }
    job_t j = {.ticket = 1,
               .lang = LANG_C,
               .source = source,
               .n_source = strlen(source),
               .n_test = tests,
               .input = in,
               .n_input = n_in,
               .expect = want,
               .n_expect = n_want,
               .limits = l};
    keeper_submit(k, &j);
}

/* How long after the main process's end its 63 spinning children are gone. */
static void bench_kill(keeper_t *k, text_t *out)
{
    double worst = 0, mean = 0;
    enum { TIMES = 20 };
    int good = 1;
    submit(k, swarm, "", 1, (limits_t){0}); /* compiles it */
    done_free(keeper_poll(k, 60000));
    for (int i = 0; i < TIMES; i++) {
        submit(k, swarm, "", 1, (limits_t){.processes = 128});
        done_t *d = keeper_poll(k, 60000);
        double late = d ? d->busy_s - 1e-6 * (double)d->outcome[0].wall_us : 0;
        good &= d && d->outcome[0].verdict == V_ACCEPTED;
        worst = late > worst ? late : worst;
        mean += late / TIMES;
        done_free(d);
    }
    text_addf(out,
              "RESULT bench=grader what=kill processes=64 mean_ms=%.2f worst_ms=%.2f good=%d\n",
              mean * 1e3, worst * 1e3, good);
}

/* Verdicts behind their limits, on all launchers at a time. */
static void bench_late(keeper_t *k, text_t *out)
{
    enum { LIMIT = 200, TESTS = 5 };
    double worst_wall = 0, worst_cpu = 0;
    int wrong = 0, all = keeper_launchers(k);
    limits_t wall = {.wall_ms = LIMIT, .cpu_ms = 10000}, cpu = {.cpu_ms = LIMIT, .wall_ms = 10000};
    for (int i = 0; i < all; i++) {
        submit(k, sleeper, "", TESTS, wall);
        submit(k, spinner, "", TESTS, cpu);
    }
    for (done_t *d; keeper_pending(k) && (d = keeper_poll(k, 60000)); done_free(d))
        for (int i = 0; i < d->n_test; i++) {
            outcome_t *o = &d->outcome[i];
            int by_cpu = !strcmp(o->subcode, "cpu");
            double late = 1e-3 * (double)(by_cpu ? o->cpu_us : o->wall_us) - LIMIT;
            double *worst = by_cpu ? &worst_cpu : &worst_wall;
            *worst = late > *worst ? late : *worst;
            wrong += o->verdict != V_TIME_LIMIT;
        }
    text_addf(
        out,
        "RESULT bench=grader what=late limit_ms=%d wall_worst_ms=%.1f cpu_worst_ms=%.1f wrong=%d\n",
        LIMIT, worst_wall, worst_cpu, wrong);
}

/* Half of the limit is always enough, twice never, with more runs than cores. */
static void bench_limits(keeper_t *k, text_t *out)
{
    enum { LIMIT = 40, MANY = 100, JOBS = 10, FEW = 20 };
    int half = 0, twice = 0;
    limits_t l = {.cpu_ms = LIMIT};
    for (int i = 0; i < JOBS; i++)
        submit(k, worker, "20\n", MANY, l);
    for (done_t *d; keeper_pending(k) && (d = keeper_poll(k, 120000)); done_free(d))
        for (int i = 0; i < d->n_test; i++)
            half += d->outcome[i].verdict == V_ACCEPTED;
    for (int i = 0; i < JOBS; i++)
        submit(k, worker, "80\n", FEW, l);
    for (done_t *d; keeper_pending(k) && (d = keeper_poll(k, 120000)); done_free(d))
        for (int i = 0; i < d->n_test; i++)
            twice += d->outcome[i].verdict != V_TIME_LIMIT;
    text_addf(
        out,
        "RESULT bench=grader what=time-limit limit_ms=%d half_runs=%d half_accepted=%d twice_runs=%d twice_passed=%d\n",
        LIMIT, JOBS * MANY, half, JOBS * FEW, twice);
}

void bench_bounds(keeper_t *k, text_t *out)
{
    bench_kill(k, out);
    bench_late(k, out);
    bench_limits(k, out);
}
