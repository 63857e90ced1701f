/* aletheia bench busy: what generation loses on a machine that others use too.

   The same tokens are generated alone and beside one process that does nothing but spin, with the
   same priority, by as many threads as there are cores.  So one thread has to share its core, and
   the others wait for it at the end of every operation; backend/cpu/busy.c says what is done about
   that.  A fair share of the machine is (cores + 1) / cores times the time; 2.5 is the bound.

   Best of REPEAT alone, the median beside the other process. */
#include "app.h"
#include <math.h>
#include <omp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PROMPTS = 8, GROUP = 8, PROMPT = 200, ANSWER = 40, REPEAT = 7 };

static double generate(engine_t *e, const model_t *m, const sampler_t *s)
{
    int32_t token[PROMPT];
    prompt_t p[PROMPTS];
    traj_t out[PROMPTS * GROUP];
    for (int i = 0; i < PROMPT; i++)
        token[i] = i % model_config(m)->vocab;
    for (int i = 0; i < PROMPTS; i++)
        p[i] = (prompt_t){i, token, PROMPT};
    double start = clock_now();
    engine_run(e, m, s, p, PROMPTS, out, NULL, NULL, NULL);
    double seconds = clock_now() - start;
    for (int i = 0; i < PROMPTS * GROUP; i++)
        traj_reset(&out[i]);
    return seconds;
}

/* A process that spins until it is ended, or its parent is gone. */
static pid_t spinner(void)
{
    pid_t parent = getpid(), child = fork();
    if (child < 0)
        fail(CODE_FAULT, "bench busy: fork");
    while (child == 0)
        for (volatile int i = 0; i < 1000000; i++)
            if (i == 0 && getppid() != parent)
                _exit(0);
    return child;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void bench_busy(const model_config_t *c, const ops_t *ops)
{
    int threads = omp_get_num_procs();
    sampler_t s = {.how = {1, 1, 0},
                   .group = GROUP,
                   .max_new = ANSWER,
                   .width = PROMPTS * GROUP,
                   .max_prompt = PROMPT,
                   .seed = 1,
                   .purpose = RNG_SAMPLE};
    omp_set_num_threads(threads);
    model_t *m = model_new(c, ops);
    model_init_random(m, 3);
    model_commit(m);
    engine_t *e = engine_new(c, ops, &s);
    double alone = INFINITY, beside[REPEAT];
    for (int i = 0; i < REPEAT; i++)
        alone = fmin(alone, generate(e, m, &s));
    pid_t other = spinner();
    for (int i = 0; i < REPEAT; i++)
        beside[i] = generate(e, m, &s);
    kill(other, SIGKILL);
    waitpid(other, NULL, 0);
    qsort(beside, REPEAT, sizeof *beside, by_size);
    log_line("RESULT bench=busy threads=%d alone_s=%.4f beside_s=%.4f ratio=%.3f", threads, alone,
             beside[REPEAT / 2], beside[REPEAT / 2] / alone);
    engine_free(e);
    model_free(m);
    omp_set_num_threads(1);
}
