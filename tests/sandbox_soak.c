// A long mix of good and hostile programs: every verdict right; no process, descriptor, memory,
// file, object or group is left.
// RUN: np=1 alone
// TIMEOUT: 600
/* As a test a few hundred; `make soak N=100000` runs it long and has it report.  Nearly all are
   short good programs with inputs and answers of their own; one in 25 is an attack that ends at
   once, one in 400 any attack.  What the keeper and its launchers hold (descriptors, memory) is
   looked at when every program that takes part has run once, and again at the end. */
#include "attacks/canary.h"
#include <ftw.h>

enum { SHORT_RUN = 400, AT_ONCE = 24, KINDS = 8 };

typedef struct {
    const char *source;
    lang_t lang;
    verdict_kind_t verdict;
} good_t;

static const good_t good[KINDS] = {
    {"a, b = map(int, input().split())\nprint(a + b)\n", LANG_PYTHON, V_ACCEPTED},
    {"import sys\nprint(sum(int(x) for x in sys.stdin.read().split()))\n", LANG_PYTHON, V_ACCEPTED},
    {"a, b = map(int, input().split())\nprint(a - b - 1)\n", LANG_PYTHON, V_WRONG_ANSWER},
    {"raise ValueError(input())\n", LANG_PYTHON, V_RUNTIME_ERROR},
    {"print(7\n", LANG_PYTHON, V_COMPILE_ERROR},
    {"#include <stdio.h>\nint main(void) { int a, b; scanf(\"%d%d\", &a, &b); printf(\"%d\\n\", a + b); }\n",
     LANG_C, V_ACCEPTED},
    {"#include <stdio.h>\nint main(void) { int a, b; scanf(\"%d%d\", &a, &b); printf(\"%d\\n\", b - a - 1); }\n",
     LANG_C, V_WRONG_ANSWER},
    {"#include <stdlib.h>\nint main(void) { abort(); }\n", LANG_C, V_RUNTIME_ERROR},
};

typedef struct {
    keeper_t *k;
    attack_t *a;
    int n_attack, *use, n_use, *quick, n_quick; /* which take part; those that end at once */
    int what[AT_ONCE * 4];                      /* by ticket: attack number, or -1 - kind */
    const char *answer, *large;
    int64_t count[16], wrong, late, leaked, answered;
    int fds, processes;
    long rss_kb;
} soak_t;

static void submit_good(soak_t *s, int64_t ticket, int i)
{
    const good_t *g = &good[i % KINDS];
    char input[64], want[32];
    text_t source = {0};
    int a = i % 9973, b = i % 7919;
    const char *in = input, *out = want;
    size_t n_in, n_out;
    text_add(&source, g->source);
    if (g->lang == LANG_PYTHON && i % 3)
        text_addf(&source, "# %d\n", i); /* a program of its own */
    n_in = (size_t)snprintf(input, sizeof input, "%d %d\n", a, b);
    n_out = (size_t)snprintf(want, sizeof want, "%d\n", a + b);
    check_t c = CHECK_TOKENS;
    job_t j = {.ticket = ticket,
               .lang = g->lang,
               .source = source.s,
               .n_source = source.len,
               .n_test = 1,
               .input = &in,
               .n_input = &n_in,
               .expect = &out,
               .n_expect = &n_out,
               .check = &c,
               .limits = {.cpu_ms = 2000, .wall_ms = 20000}};
    keeper_submit(s->k, &j);
    text_reset(&source);
}

static void judge_one(soak_t *s, const done_t *d)
{
    int what = s->what[d->ticket];
    for (int t = 0; t < d->n_test; t++) {
        const outcome_t *o = &d->outcome[t];
        int right = what < 0 ? o->verdict == good[-1 - what].verdict
                             : attack_matches(&s->a[what], verdict_names[o->verdict], o->subcode);
        s->count[o->verdict]++;
        s->wrong += !right;
        s->late += o->wall_us > 3000000;
        check(right, "%s: %s/%s exit %d signal %d cpu %lld wall %lld us: %s",
              what < 0 ? good[-1 - what].source : s->a[what].name, verdict_names[o->verdict],
              o->subcode, o->exit, o->signal, (long long)o->cpu_us, (long long)o->wall_us,
              d->message);
        int told = (d->output[t] && memmem(d->output[t], d->n_output[t], s->answer, 20)) ||
                   strstr(d->message, s->answer + 20);
        s->leaked += told;
        check(!told, "%s found the answer", what < 0 ? "a good program" : s->a[what].name);
    }
    s->answered++;
}

/* n programs; pick says which attack comes at step i, or -1. */
static void run(soak_t *s, int64_t n, int (*pick)(const soak_t *, int64_t))
{
    int64_t given = 0, end = s->answered + n;
    int free_[AT_ONCE], n_free = AT_ONCE;
    for (int i = 0; i < AT_ONCE; i++)
        free_[i] = i;
    while (s->answered < end) {
        for (; n_free > 0 && given < n; given++) {
            int ticket = free_[--n_free], i = pick(s, given);
            s->what[ticket] = i >= 0 ? i : -1 - (int)(given % KINDS);
            if (i >= 0)
                attack_submit(s->k, &s->a[i], ticket, s->large);
            else
                submit_good(s, ticket, (int)given);
        }
        done_t *d = keeper_poll(s->k, 100000);
        if (!d)
            fail(CODE_FAULT, "no answer within 100 s");
        judge_one(s, d);
        free_[n_free++] = (int)d->ticket;
        done_free(d);
    }
}

static int pick_each(const soak_t *s, int64_t i)
{
    return s->use[i];
}

static int pick_mixed(const soak_t *s, int64_t i)
{
    if (i % 400 == 7)
        return s->use[i / 400 * 7 % s->n_use];
    return i % 25 == 3 ? s->quick[i / 25 * 11 % s->n_quick] : -1;
}

/* A launcher's child of the same name is process 1 of the next run's namespace: it shares all with
   the launcher, and may be there or not. */
static int is_guard(const proc_t *p, int n, int i)
{
    int shares = 0;
    for (int k = 0; k < n; k++)
        shares |= p[k].pid == p[i].parent && !strcmp(p[k].name, "launcher") &&
                  !strcmp(p[i].name, "launcher");
    return shares;
}

/* What keeper and launchers hold when nothing runs. */
static void holdings(soak_t *s)
{
    static proc_t p[512];
    usleep(300000);
    int n = proc_below(p, 512);
    s->processes = s->fds = 0;
    s->rss_kb = 0;
    for (int i = 0; i < n; i++) {
        int fds = strcmp(p[i].name, "python3") ? proc_fds(p[i].pid) : 0;
        if (is_guard(p, n, i))
            continue;
        s->processes++;
        s->fds += fds > 0 ? fds : 0;
        s->rss_kb += p[i].rss_kb;
    }
}

/* Which attacks take part: all in a long run, else some of each class; none that needs a language
   that is not there. */
static void choose(soak_t *s, int64_t n)
{
    int step = n >= 3000 ? 1 : 6;
    s->use = ALLOC(int, s->n_attack);
    s->quick = ALLOC(int, s->n_attack);
    for (int i = 0; i < s->n_attack; i++) {
        const attack_t *x = &s->a[i];
        if (i % step || !keeper_toolchain(s->k, x->lang)[0])
            continue;
        s->use[s->n_use++] = i;
        if (x->class != 4 && !strstr(x->expect, "_limit") && !x->limits.cpu_ms)
            s->quick[s->n_quick++] = i;
    }
}

/* Groups of keepers that are no more: those of others, from before, are not ours to judge. */
static text_t groups_before;

static int group_dead(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    int keeper = 0;
    (void)st, (void)kind;
    return sscanf(path + at->base, "aletheia-%d-", &keeper) == 1 && kill(keeper, 0) < 0;
}

static int group_note(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    if (group_dead(path, st, kind, at))
        text_addf(&groups_before, "%s\n", path);
    return 0;
}

static int group_left(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    if (group_dead(path, st, kind, at))
        check(groups_before.s && strstr(groups_before.s, path), "a control group is left: %s",
              path);
    return 0;
}

static void report(const soak_t *s, const soak_t *before, double seconds, int64_t n)
{
    printf("%lld programs in %.1f s, %.0f a second, mode %s\n", (long long)n, seconds,
           (double)n / seconds, keeper_mode(s->k));
    for (int v = 0; v < 16; v++)
        if (s->count[v])
            printf("  %-14s %lld\n", verdict_names[v], (long long)s->count[v]);
    printf("  wrong verdicts %lld\n  answers found %lld\n  later than 3 s %lld\n",
           (long long)s->wrong, (long long)s->leaked, (long long)s->late);
    printf(
        "  keeper and launchers: %d processes (before %d), %d descriptors (before %d), %ld KiB (before %ld)\n",
        s->processes, before->processes, s->fds, before->fds, s->rss_kb, before->rss_kb);
}

static int soak(canary_t *canary, int64_t n)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    nftw("/sys/fs/cgroup", group_note, 32, FTW_PHYS);
    size_t had = mem_live();
    soak_t s = {.answer = canary->answer}, before;
    char *large = mem_new(4 * LARGE + 1);
    for (int i = 0; i < 4 * LARGE; i++)
        large[i] = i % 2 ? ' ' : 'x';
    large[4 * LARGE] = 0;
    s.large = large;
    s.k = keeper_start(0);
    limits_t l = {.cpu_ms = 250,
                  .wall_ms = 700,
                  .memory_kb = 65536,
                  .output_kb = 1024,
                  .processes = 48,
                  .compile_cpu_ms = 4000,
                  .compile_wall_ms = 12000,
                  .compile_memory_kb = 262144};
    keeper_configure(s.k, &l, 0, 0);
    if (!strncmp(keeper_mode(s.k), "none", 4)) {
        printf("skipped: %s\n", keeper_mode(s.k));
        keeper_stop(s.k);
        return 77;
    }
    s.a = ALLOC(attack_t, ATTACKS_MOST);
    s.n_attack = attacks_read(s.a, canary->replace, 8);
    choose(&s, n);
    /* until launchers hold what they keep: compiled programs */
    for (int i = 0; i < (n > 1000 ? 3 : 1); i++)
        run(&s, s.n_use, pick_each);
    run(&s, 200 + n / 50, pick_mixed);
    holdings(&s);
    before = s;
    double start = clock_now();
    int parts = n > 5000 ? 10 : 1;
    for (int i = 0; i < parts; i++) {
        run(&s, n * (i + 1) / parts - n * i / parts, pick_mixed);
        holdings(&s);
        if (parts > 1)
            printf("%7lld of %lld programs: %d processes, %d descriptors, %ld KiB\n",
                   (long long)(n * (i + 1) / parts), (long long)n, s.processes, s.fds, s.rss_kb),
                fflush(stdout);
    }
    double seconds = clock_now() - start;
    if (n > 1000)
        report(&s, &before, seconds, n);
    check(s.processes <= before.processes, "%d processes, before %d", s.processes,
          before.processes);
    /* A launcher keeps its latest compiled programs open: after a short warm-up it may come to have
       them later. */
    int later = n > 1000 ? 4 : 128 * keeper_launchers(s.k);
    check(s.fds <= before.fds + later, "%d descriptors, before %d", s.fds, before.fds);
    check(s.rss_kb <= before.rss_kb + 16384 * (1 + keeper_launchers(s.k)), "%ld KiB, before %ld",
          s.rss_kb, before.rss_kb);
    keeper_stop(s.k);
    text_t list = {0};
    check(proc_settle(0, &list), "processes are left over:%s", list.s);
    text_reset(&list);
    nftw("/sys/fs/cgroup", group_left, 32, FTW_PHYS);
    attacks_free(s.a, s.n_attack);
    mem_free(s.use);
    mem_free(s.quick);
    mem_free(large);
    check(mem_live() == had, "%zu bytes were not freed", mem_live() - had);
    text_reset(&groups_before);
    return test_failures != 0;
}

int main(int argc, char **argv)
{
    int64_t n = argc > 1 ? atoll(argv[1]) : SHORT_RUN;
    canary_t canary;
    char name[300] = "";
    int status = 0;
    if (n < 1)
        fail(CODE_USAGE, "sandbox_soak [N], N > 0");
    canary_start(&canary);
    unsigned low = canary.is_root ? GUESTS_FIRST : geteuid(),
             high = canary.is_root ? ~0u : geteuid();
    int had = files_of(low, high, name, sizeof name);
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        exit(soak(&canary, n));
    waitpid(pid, &status, 0);
    int skipped = WIFEXITED(status) && WEXITSTATUS(status) == 77;
    check(skipped || status == 0, "%x", status);
    check(files_of(low, high, name, sizeof name) <= had, "a file is left: %s", name);
    canary_end(&canary);
    if (n > 1000)
        printf("%s\n",
               test_failures ? "NOT all well" : "all well: nothing was reached, nothing is left");
    return test_failures ? 1 : skipped ? 77 : 0;
}
