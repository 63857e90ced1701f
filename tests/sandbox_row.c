// Every resource attack many times in a row in the same launchers, in each mode, as root and as a
// user: never a fault.
// RUN: np=1 alone
// TIMEOUT: 900
/* What a dead guest keeps for a while (descriptors in flight, memory that is still being freed,
   numbers of processes, signals in queues, counts of a user) must not be missed by the runs after
   it.  As a test a few runs of each; `make row N=10000 S=60` makes N of each, for at most S
   seconds, and reports. Environment: MODE=0,1,2 and ONLY=part of a name, as sandbox_attacks has
   them. */
#include "attacks/suite.h"

enum { TESTS = 64 };

typedef struct {
    corpus_run_t s; /* who, in which mode */
    int64_t n;      /* runs of each attack */
    double seconds; /* at most, of each */
    int64_t runs, faults, wrong;
} row_t;

static done_t *many(keeper_t *k, const attack_t *x, int n)
{
    const char *in[TESTS], *want[TESTS];
    size_t n_in[TESTS], n_want[TESTS];
    check_t c[TESTS];
    for (int i = 0; i < n; i++) {
        in[i] = "3 4\n";
        n_in[i] = 4;
        want[i] = x->output;
        n_want[i] = x->output ? strlen(x->output) : 0;
        c[i] = x->check;
    }
    job_t j = {.ticket = 1,
               .lang = x->lang,
               .source = x->source.s,
               .n_source = x->source.len,
               .n_test = n,
               .input = in,
               .n_input = n_in,
               .expect = want,
               .n_expect = n_want,
               .check = c,
               .limits = x->limits};
    keeper_submit(k, &j);
    return keeper_poll(k, 600000);
}

static void one(keeper_t *k, const corpus_run_t *s, const attack_t *x, row_t *r)
{
    double start = clock_now();
    int64_t runs = 0, faults = 0, wrong = 0;
    char other[64] = "";
    for (int n = 2; runs < r->n && clock_now() < start + r->seconds; runs += n, n = TESTS) {
        n = n < r->n - runs ? n : (int)(r->n - runs);
        done_t *d = many(k, x, n);
        check(d, "%s (%s, %s): no answer", x->name, s->who, s->mode);
        for (int i = 0; d && i < n; i++) {
            const outcome_t *o = &d->outcome[i];
            faults += o->verdict == V_FAULT;
            if (attack_matches(x, verdict_names[o->verdict], o->subcode))
                continue;
            wrong++;
            snprintf(other, sizeof other, "%s/%s", verdict_names[o->verdict], o->subcode);
        }
        check(!faults && !wrong,
              "%s (%s, %s): of %lld runs %lld faults, %lld others than %s (%s): %s", x->name,
              s->who, s->mode, (long long)(runs + n), (long long)faults,
              (long long)(wrong - faults), x->expect, other, d ? d->message : "");
        done_free(d);
        if (faults || wrong)
            break;
    }
    if (r->n > 1000)
        printf("%-5s %-32s %-28s %6lld runs %7.1f s\n", s->who, x->name, s->mode, (long long)runs,
               clock_now() - start),
            fflush(stdout);
    r->runs += runs;
    r->faults += faults;
    r->wrong += wrong;
}

/* A few runs of those that end by themselves; many of all. */
static int takes_part(keeper_t *k, const attack_t *x, const row_t *r)
{
    const char *only = getenv("ONLY");
    return x->class == 0 && !x->large && (!only || strstr(x->name, only)) &&
           keeper_toolchain(k, x->lang)[0] &&
           !(x->needs && strstr(x->needs, "namespaces") &&
             strncmp(keeper_mode(k), "namespaces", 10)) &&
           (r->n > 1000 || (!strstr(x->expect, "_limit") && !x->limits.cpu_ms));
}

static int rows(void *ctx)
{
    row_t *r = ctx;
    corpus_run_t *s = &r->s;
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    if (!mode_enter(s->modes, s->user))
        return 0;
    attack_t *a = ALLOC(attack_t, ATTACKS_MOST);
    keeper_t *k = keeper_start(1);
    int n = attacks_read(a, s->canary->replace, 8);
    limits_t l = suite_limits();
    keeper_configure(k, &l, s->modes, 1);
    s->mode = mem_text(keeper_mode(k));
    int stands = strncmp(s->mode, "none", 4) != 0;
    for (int i = 0; stands && i < n; i++)
        if (takes_part(k, &a[i], r))
            one(k, s, &a[i], r);
    if (r->n > 1000)
        printf("%-5s %-28s %lld runs, %lld faults, %lld wrong; launchers lost %lld\n", s->who,
               s->mode, (long long)r->runs, (long long)r->faults, (long long)r->wrong,
               (long long)keeper_stats(k).launchers);
    keeper_stop(k);
    mem_free((char *)s->mode);
    attacks_free(a, n);
    return test_failures ? 1 : stands ? 0 : 77;
}

int main(int argc, char **argv)
{
    row_t r = {.n = argc > 1 ? atoll(argv[1]) : 6, .seconds = argc > 2 ? atof(argv[2]) : 60};
    const char *only = getenv("MODE");
    canary_t canary;
    int skipped = 0;
    canary_start(&canary);
    for (int user = 0; user <= canary.is_root; user++)
        for (int i = 0; i < 3; i++) {
            r.s = (corpus_run_t){.who = user || !canary.is_root ? "user" : "root",
                                 .user = user,
                                 .modes = suite_modes[i],
                                 .canary = &canary};
            if ((only && atoi(only) != i) || !suite_can(r.s.modes))
                continue;
            int status = mode_forked(rows, &r);
            skipped |= status == 77;
            check(status == 0 || status == 77, "%s, mode %d", r.s.who, i);
        }
    canary_end(&canary);
    return test_failures ? 1 : skipped ? 77 : 0;
}
