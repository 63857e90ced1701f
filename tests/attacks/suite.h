/* The whole corpus in persistent sandboxes: in each mode, as one user; two halves side by side.

   After every attack the same sandbox runs two good programs, which must be accepted and find
   everything as it was; nothing may be left below the keeper but what stood there before. */
#pragma once
#include "canary.h"

static const char good_python[] =
    "import os, math, sys\n"
    "a, b = map(int, input().split())\n"
    "assert set(os.listdir()) <= {'main.py'} and os.stat('.').st_mode & 0o7777 == 0o700\n"
    "assert math.sqrt(4) == 2 and sys.getrecursionlimit() == 1000\n"
    "open('f', 'w').write('x' * 100000)\n"
    "print(a + b)\n";
static const char good_c[] = "#include <stdio.h>\n"
                             "#include <stdlib.h>\n"
                             "#include <unistd.h>\n"
                             "int main(void)\n"
                             "{\n"
                             "    int a, b;\n"
                             "    if (scanf(\"%d%d\", &a, &b) != 2 || access(\"f\", F_OK) == 0)\n"
                             "        abort();\n"
                             "    pid_t child = fork();\n"
                             "    if (child <= 0)\n"
                             "        _exit(child);\n"
                             "    printf(\"%d\\n\", a + b);\n"
                             "    return 0;\n"
                             "}\n";

typedef struct {
    const char *who, *mode; /* which user, which mode */
    int modes;              /* for keeper_configure */
    int half, user;         /* user: gives up root */
    const char *large;
    canary_t *canary;
    int stays; /* processes that are there when nothing runs; process 1 of a
                                        namespace that the next run takes over may come on top */
} corpus_run_t;

static inline limits_t suite_limits(void)
{
    return (limits_t){.cpu_ms = 250,
                      .wall_ms = 700,
                      .memory_kb = 65536,
                      .output_kb = 1024,
                      .processes = 48,
                      .compile_cpu_ms = 4000,
                      .compile_wall_ms = 12000,
                      .compile_memory_kb = 262144};
}

static inline void suite_good(keeper_t *k, const corpus_run_t *s, const char *after)
{
    attack_t good[2] = {{.lang = LANG_PYTHON, .output = (char *)"7"},
                        {.lang = LANG_C, .output = (char *)"7"}};
    good[0].source = (text_t){.s = (char *)good_python, .len = sizeof good_python - 1};
    good[1].source = (text_t){.s = (char *)good_c, .len = sizeof good_c - 1};
    for (int i = 0; i < 2; i++) {
        good[i].limits = (limits_t){.cpu_ms = 2000, .wall_ms = 10000};
        attack_submit(k, &good[i], -1 - i, s->large);
        done_t *d = keeper_poll(k, 60000);
        check(d && d->outcome[0].verdict == V_ACCEPTED,
              "\n  after %s (%s, %s) a good %s program is %s/%s\n  %s", after, s->who, s->mode,
              lang_names[good[i].lang], d ? verdict_names[d->outcome[0].verdict] : "lost",
              d ? d->outcome[0].subcode : "", d ? d->message : "");
        done_free(d);
    }
}

static inline void suite_one(keeper_t *k, const corpus_run_t *s, const attack_t *x)
{
    limits_t l = suite_limits();
    attack_submit(k, x, 1, s->large);
    double start = clock_now();
    done_t *d = keeper_poll(k, 100000);
    check(d, "%s (%s, %s): no answer within %.0f s", x->name, s->who, s->mode, clock_now() - start);
    if (!d)
        exit(1);
    for (int t = 0; t < d->n_test; t++) {
        const outcome_t *o = &d->outcome[t];
        check(
            attack_matches(x, verdict_names[o->verdict], o->subcode),
            "\n  %s (%s, %s, test %d): wanted %s, got %s/%s exit %d signal %d cpu %lld us wall %lld us "
            "memory %lld kB out %lld\n  %s",
            x->name, s->who, s->mode, t, x->expect, verdict_names[o->verdict], o->subcode, o->exit,
            o->signal, (long long)o->cpu_us, (long long)o->wall_us, (long long)o->memory_kb,
            (long long)o->stdout_bytes, d->message);
        int64_t late = o->wall_us - 1000LL * (x->limits.wall_ms ? x->limits.wall_ms : l.wall_ms);
        check(late < 2000000, "%s (%s, %s): %lld us late", x->name, s->who, s->mode,
              (long long)late);
        if (getenv("VERBOSE"))
            fprintf(stderr, "%s %s %s %s/%s wall %.3f busy %.3f%s\n", s->who, s->mode, x->name,
                    verdict_names[o->verdict], o->subcode, o->wall_us * 1e-6, d->busy_s,
                    late > 150000 ? " LATE" : "");
        check(!d->output[t] || !memmem(d->output[t], d->n_output[t], s->canary->answer, 20),
              "%s (%s, %s) found the answer", x->name, s->who, s->mode);
    }
    check(!strstr(d->message, s->canary->answer + 20), "%s (%s, %s) found the answer", x->name,
          s->who, s->mode);
    done_free(d);
}

static inline int suite_wants(keeper_t *k, const corpus_run_t *s, const attack_t *x)
{
    const char *only = getenv("ONLY");
    if (only)
        return strstr(x->name, only) != NULL && s->half == 0;
    int second = x->class != 0 && x->class != 1;
    return second == s->half && keeper_toolchain(k, x->lang)[0] &&
           !(x->needs && strstr(x->needs, "namespaces") &&
             strncmp(keeper_mode(k), "namespaces", 10));
}

static const int suite_modes[] = {0, MODE_NO_CGROUPS, MODE_NO_CGROUPS | MODE_DEGRADED};

/* Without namespaces guests are forked: for a moment the launcher's memory, which the sanitizer
   watches, is theirs. */
static inline int suite_can(int modes)
{
#ifdef __SANITIZE_ADDRESS__
    return !(modes & MODE_DEGRADED);
#else
    return modes >= 0;
#endif
}

/* One half, in a process of its own, which adopts what its keeper may leave behind. */
static inline int suite_half(corpus_run_t *s)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    if (!mode_enter(s->modes, s->user))
        return 0;
    size_t had = mem_live();
    attack_t *a = ALLOC(attack_t, ATTACKS_MOST);
    keeper_t *k = keeper_start(1);
    int n = attacks_read(a, s->canary->replace, 8), ran = 0;
    limits_t l = suite_limits();
    keeper_configure(k, &l, s->modes, 1);
    s->mode = mem_text(keeper_mode(k));
    int stands = strncmp(s->mode, "none", 4) != 0;
    if (!stands)
        printf("%s: %s\n", s->who, s->mode);
    if (stands) {
        suite_good(k, s, "nothing");
        usleep(200000);
        proc_t below[64];
        s->stays = proc_below(below, 64);
    }
    for (int i = 0; stands && i < n; i++) {
        text_t list = {0};
        if (!suite_wants(k, s, &a[i]))
            continue;
        ran++;
        suite_one(k, s, &a[i]);
        suite_good(k, s, a[i].name);
        check(proc_settle(s->stays + 1, &list), "%s (%s, %s) left processes:%s", a[i].name, s->who,
              s->mode, list.s);
        text_reset(&list);
    }
    keeper_stop(k);
    text_t list = {0};
    check(proc_settle(0, &list), "%s, %s: processes are left over:%s", s->who, s->mode, list.s);
    text_reset(&list);
    if (getenv("VERBOSE"))
        fprintf(stderr, "%s, %s: %d programs\n", s->who, s->mode, ran);
    mem_free((char *)s->mode);
    attacks_free(a, n);
    check(mem_live() == had, "%zu bytes were not freed", mem_live() - had);
    return test_failures ? 1 : stands ? 0 : 77;
}

static inline int suite_run(corpus_run_t *s)
{
    int status, skipped = 0;
    for (s->half = 0; s->half < 2; s->half++)
        if (fork() == 0)
            _exit(suite_half(s));
    for (int i = 0; i < 2; i++) {
        pid_t pid = 0;
        while (pid <= 0 || pid == s->canary->target[0] || pid == s->canary->target[1]) {
            pid = wait(&status);
            check(pid != s->canary->target[0] && pid != s->canary->target[1],
                  "a target was reached");
            if (pid < 0)
                return skipped;
        }
        skipped |= WIFEXITED(status) && WEXITSTATUS(status) == 77;
        check(WIFEXITED(status) && (!WEXITSTATUS(status) || WEXITSTATUS(status) == 77), "%s: %x",
              s->who, status);
    }
    return skipped;
}

/* Every mode as one user; the test's exit status. */
static inline int suite_main(int user)
{
    canary_t canary;
    char name[300] = "";
    canary_start(&canary);
    unsigned low = user && canary.is_root ? ATTACK_USER : canary.is_root ? GUESTS_FIRST : geteuid();
    unsigned high = canary.is_root && !user ? ~0u : low;
    int had = files_of(low, high, name, sizeof name), skipped = 0;
    char *large = mem_new(4 * LARGE + 1);
    for (int i = 0; i < 4 * LARGE; i++)
        large[i] = i % 2 ? ' ' : 'x';
    large[4 * LARGE] = 0;
    corpus_run_t s = {.who = user ? "user" : "root",
                      .user = user && canary.is_root,
                      .large = large,
                      .canary = &canary};
    const char *only = getenv("MODE");
    for (int i = 0; i < 3; i++) {
        s.modes = suite_modes[i];
        if ((!only || atoi(only) == i) && suite_can(s.modes))
            skipped |= suite_run(&s);
    }
    check(files_of(low, high, name, sizeof name) <= had, "a file is left: %s", name);
    canary_end(&canary);
    mem_free(large);
    return test_failures ? 1 : skipped ? 77 : 0;
}
