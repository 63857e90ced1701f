// While all cores are busy half of the CPU limit is always enough, twice as much never, and what is
// just above is run again.
// RUN: np=1 alone
#include "test.h"
#include "sandbox.h"
#include <signal.h>

enum { HALF = 100, TWICE = 10, ABOVE = 6, LIMIT_MS = 60 };

static void submit(keeper_t *k, lang_t lang, int ticket, int percent)
{
    char c[300], in[32];
    const char *input = in, *want = "7";
    size_t n_in, n_want = 1;
    check_t check = CHECK_TOKENS;
    snprintf(in, sizeof in, "%d\n", LIMIT_MS * 10 * percent);
    n_in = strlen(in);
    snprintf(
        c, sizeof c,
        lang == LANG_C
            ? "#include <stdio.h>\n#include <time.h>\nint main(void) { long us; "
              "if (scanf(\"%%ld\", &us) != 1) return 1; while (clock() < us) ; puts(\"7\"); return 0; }"
            : "import time\nus = int(input())\nwhile time.process_time() < us / 1e6: pass\nprint(7)");
    job_t j = {.ticket = ticket,
               .lang = lang,
               .source = c,
               .n_source = strlen(c),
               .n_test = 1,
               .input = &input,
               .n_input = &n_in,
               .expect = &want,
               .n_expect = &n_want,
               .check = &check};
    keeper_submit(k, &j);
}

int main(void)
{
    keeper_t *k = keeper_start(2);
    limits_t l = {.cpu_ms = LIMIT_MS};
    keeper_configure(k, &l, 0, 2);
    if (strncmp(keeper_mode(k), "namespaces", 10)) {
        printf("%s\n", keeper_mode(k));
        keeper_stop(k);
        return 77;
    }
    lang_t lang = keeper_toolchain(k, LANG_C)[0] ? LANG_C : LANG_PYTHON;
    pid_t busy[8];
    int cores = (int)sysconf(_SC_NPROCESSORS_ONLN), n_busy = cores < 8 ? cores : 8;
    for (int i = 0; i < n_busy; i++)
        if ((busy[i] = fork()) == 0)
            for (volatile int x = 0;; x++) {
            }
    for (int i = 0; i < HALF; i++)
        submit(k, lang, 1000 + i, 50);
    for (int i = 0; i < TWICE; i++)
        submit(k, lang, 2000 + i, 200);
    for (int i = 0; i < ABOVE; i++)
        submit(k, lang, 3000 + i, 108);
    int half = 0, twice = 0, above = 0, again = 0;
    for (int i = 0; i < HALF + TWICE + ABOVE; i++) {
        done_t *d = keeper_poll(k, 60000);
        if (!d)
            fail(CODE_FAULT, "no answer within a minute");
        const outcome_t *o = d->outcome;
        half += d->ticket < 2000 && o->verdict == V_ACCEPTED;
        twice += d->ticket / 1000 == 2 && o->verdict == V_TIME_LIMIT &&
                 !strcmp(o->subcode, "cpu") && d->runs == 1;
        above += d->ticket >= 3000 && o->verdict == V_TIME_LIMIT;
        again += d->ticket >= 3000 && d->runs == 2;
        check(d->ticket >= 2000 || o->verdict == V_ACCEPTED, "%s/%s cpu %lld wall %lld us",
              verdict_names[o->verdict], o->subcode, (long long)o->cpu_us, (long long)o->wall_us);
        done_free(d);
    }
    for (int i = 0; i < n_busy; i++)
        kill(busy[i], SIGKILL), waitpid(busy[i], NULL, 0);
    check(half == HALF, "%d of %d with half of the time", half, HALF);
    check(twice == TWICE, "%d of %d that need twice the time", twice, TWICE);
    check(above == ABOVE && again == ABOVE, "%d and %d of %d that need a little more", above, again,
          ABOVE);
    keeper_stop(k);
    check(mem_live() == 0, "%zu bytes were not freed", mem_live());
    return test_failures != 0;
}
