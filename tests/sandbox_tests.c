// Tests that are programs of their own: every form that people write, what goes wrong in them, and
// programs that cheat.
// RUN: np=1 alone
// TIMEOUT: 600
/* The cases are the files in tests/calls; each runs in every mode. */
#include "attacks/canary.h"

typedef struct {
    char *program, *test, *want;
} case_t;

static int read_cases(const char *name, case_t *to, int most, text_t *hold)
{
    char path[200], part[4096];
    snprintf(path, sizeof path, "tests/calls/%s.txt", name);
    FILE *f = fopen(path, "r");
    check(f != NULL, "%s", path);
    for (size_t got; f && (got = fread(part, 1, sizeof part, f)) > 0;)
        text_addn(hold, part, got);
    if (f)
        fclose(f);
    int n = 0;
    char *at = strchr(hold->s, '\n') + 1; /* the first line says what the file is */
    while (n < most && *at) {
        char *middle = strstr(at, "----\n"), *end = middle ? strstr(middle, "==== ") : NULL;
        char *over = end ? strchr(end, '\n') : NULL;
        if (!over)
            break;
        to[n++] = (case_t){at, middle + 5, end + 5};
        *middle = *end = *over = 0;
        at = over + 1;
    }
    check(n > 0 && !*at, "%s: cut short after %d cases", path, n);
    return n;
}

static done_t *run(keeper_t *k, const case_t *c)
{
    const char *in = c->test;
    const size_t n_in = strlen(c->test);
    const form_t form = FORM_CALL;
    job_t j = {.lang = LANG_PYTHON,
               .source = c->program,
               .n_source = strlen(c->program),
               .n_test = 1,
               .input = &in,
               .n_input = &n_in,
               .form = &form};
    keeper_submit(k, &j);
    done_t *d = keeper_poll(k, 60000);
    if (!d)
        fail(CODE_FAULT, "no answer within a minute:\n%s\n%s", c->program, c->test);
    return d;
}

static void check_case(keeper_t *k, const case_t *c, const char *who)
{
    char got[100];
    done_t *d = run(k, c);
    const outcome_t *o = d->outcome;
    snprintf(got, sizeof got, "%s/%s", verdict_names[o->verdict], o->subcode);
    check(!strncmp(got, c->want, strlen(c->want)),
          "%s:\n%s----\n%s  wanted %s, got %s (exit %d signal %d): %s", who, c->program, c->test,
          c->want, got, o->exit, o->signal, d->message);
    if (getenv("VERBOSE"))
        fprintf(stderr, "%-40s cpu %lld wall %lld busy %.4f\n", got, (long long)o->cpu_us,
                (long long)o->wall_us, d->busy_s);
    done_free(d);
}

static int suite(const char *who, int modes, const char *mode)
{
    static const char *const files[] = {"forms", "faults", "cheats"};
    static case_t all[200];
    const limits_t l = {.cpu_ms = 1500,
                        .wall_ms = 2000,
                        .memory_kb = 196608,
                        .output_kb = 1024,
                        .stderr_kb = 1024,
                        .processes = 16,
                        .compile_cpu_ms = 1000,
                        .compile_wall_ms = 20000,
                        .compile_memory_kb = 262144};
    const size_t had = mem_live();
    keeper_t *k = keeper_start(1);
    keeper_configure(k, &l, modes, 1);
    const char *only = getenv("ONLY");
    if (strncmp(keeper_mode(k), mode, strlen(mode)) || !*keeper_toolchain(k, LANG_PYTHON)) {
        printf("%s: %s\n", who, keeper_mode(k));
        keeper_stop(k);
        return 77;
    }
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        text_t hold = {0};
        int n = only && strcmp(only, files[f]) ? 0 : read_cases(files[f], all, 200, &hold);
        /* forms are the same everywhere, limits with groups and without namespaces */
        const int step = f == 0 && modes ? 3 : f == 1 && modes == MODE_NO_CGROUPS ? 4 : 1;
        for (int i = 0; i < n; i += step)
            check_case(k, &all[i], who);
        text_reset(&hold);
    }
    check(keeper_stats(k).launchers == 0, "%s: %d launchers were lost", who,
          (int)keeper_stats(k).launchers);
    keeper_stop(k);
    check(mem_live() == had, "%s: %zu bytes were not freed", who, mem_live() - had);
    return test_failures ? 1 : 0;
}

typedef struct {
    const char *who, *mode;
    int modes, user;
} place_t;

static int in_mode(void *ctx)
{
    const place_t *p = ctx;
    return mode_enter(p->modes, p->user) ? suite(p->who, p->modes, p->mode) : 77;
}

int main(void)
{
    place_t table[] = {
        {"groups", "namespaces", 0, 0},
        {"rlimits", "namespaces+seccomp+rlimits", MODE_NO_CGROUPS, 0},
        {"rlimits, a user", "namespaces+seccomp+rlimits", MODE_NO_CGROUPS, 1},
        {"degraded", "degraded", MODE_NO_CGROUPS | MODE_DEGRADED, 0},
    };
    int ran = 0;
    const char *only = getenv("MODE");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        if ((table[i].user && geteuid() != 0) || (only && atoi(only) != (int)i))
            continue;
        int status = mode_forked(in_mode, &table[i]);
        check(status == 0 || status == 77, "%s: %d", table[i].who, status);
        ran += status == 0;
    }
    return test_failures ? 1 : ran ? 0 : 77;
}
