// Keepers, launchers, zygotes and graders are killed and stopped while a bank is graded: the
// verdicts are those of a quiet run.
// RUN: np=1,2,4
// TIMEOUT: 300
#include "test.h"
#include "sandbox_sums.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>

enum { PROBLEMS = 5, TESTS = 4, KINDS = 6, MOST = 64 };

/* The injector: a child of each rank, started before its keeper. ------------------------- */

typedef struct {
    volatile int begin, end, hits, forked, stop_rank, kill_both;
} orders_t;

static int children(pid_t of, pid_t *list)
{
    char path[64], text[4096] = "", *at = text, *next;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", of, of);
    int fd = open(path, O_RDONLY), n = 0;
    if (fd >= 0 && read(fd, text, sizeof text - 1) < 0)
        text[0] = 0;
    if (fd >= 0)
        close(fd);
    for (long p; n < MOST && (p = strtol(at, &next, 10), next != at); at = next)
        list[n++] = (pid_t)p;
    return n;
}

/* The name of a process and its state. */
static char comm(pid_t pid, char name[32])
{
    char path[64], text[256] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY);
    if (fd >= 0 && read(fd, text, sizeof text - 1) < 0)
        text[0] = 0;
    if (fd >= 0)
        close(fd);
    char *from = strchr(text, '('), *to = strrchr(text, ')');
    name[0] = 0;
    if (from && to)
        snprintf(name, 32, "%.*s", (int)(to - from - 1), from + 1);
    return from && to ? to[2] : 0;
}

static pid_t find(pid_t of, const char *what)
{
    pid_t list[MOST];
    char name[32], state;
    int n = children(of, list);
    for (int i = 0; i < n; i++)
        if ((state = comm(list[i], name)) && state != 'Z' && state != 'T' && state != 'X' &&
            !strncmp(name, what, strlen(what)))
            return list[i];
    return 0;
}

static int sound(pid_t rank, const char *own, orders_t *o)
{
    pid_t list[MOST];
    char name[32];
    int n = children(rank, list), keepers = 0;
    for (int i = 0; i < n; i++) {
        char state = comm(list[i], name);
        keepers += !strncmp(name, "keeper", 6) && (state == 'S' || state == 'R' || state == 'D');
        o->forked |= list[i] != getpid() && !strcmp(name, own);
    }
    return keepers;
}

static void inject(orders_t *o, int seed)
{
    pid_t rank = getppid();
    char own[32];
    comm(rank, own);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    rng_t r = rng_make((uint64_t)seed, RNG_TEST, (uint64_t)rank, 0);
    for (int kind = rng_below(&r, KINDS), done = 0; !o->end; usleep(5000)) {
        int keepers = o->begin ? sound(rank, own, o) : 0;
        if (o->begin && o->stop_rank) {
            usleep(300000);
            kill(rank, SIGSTOP);
            sleep(3);
            kill(rank, SIGCONT);
            o->hits++;
            o->stop_rank = 0;
        }
        if (o->begin && o->kill_both) { /* before a third can be there */
            pid_t list[MOST];
            usleep(500000);
            char name[32];
            for (int i = children(rank, list) - 1; i >= 0; i--)
                if (comm(list[i], name) && !strncmp(name, "keeper", 6))
                    kill(list[i], SIGKILL);
            o->hits++;
            o->begin = o->kill_both = 0;
        }
        if (!o->begin) {
            done = 0;
            continue;
        }
        if (keepers < 2 || done == KINDS)
            continue;
        usleep((useconds_t)(50000 + rng_below(&r, 250000)));
        pid_t keeper = find(rank, "keeper"), launcher = keeper ? find(keeper, "launcher") : 0,
              zygote = launcher ? find(launcher, "python3") : 0;
        pid_t victim = kind / 2 == 0 ? keeper : kind / 2 == 1 ? launcher : zygote;
        if (!victim || !o->begin || sound(rank, own, o) < 2)
            continue;
        kill(victim, kind % 2 ? SIGSTOP : SIGKILL);
        o->hits++;
        done++;
        kind = (kind + 1) % KINDS;
    }
    _exit(0);
}

/* The bank --------------------------------------------------------------------------------- */

static const char *const text[] = {
    "a, b = map(int, input().split())\nprint(a + b * %d)\n",
    "import time\na, b = map(int, input().split())\ntime.sleep(0.06)\nprint(a + b * %d)\n",
    "a, b = map(int, input().split())\nprint(a + b * %d if a %% 2 else 0)\n",
    "#include <stdio.h>\n#include <unistd.h>\nint main(void) { int a, b; scanf(\"%%d %%d\", "
    "&a, &b); usleep(30000); printf(\"%%d\\n\", a + b * %d); }\n",
    "print(input(\n",
    "while True: pass\n#%d",
};

static bank_t make(void)
{
    bank_t b = {0};
    for (int i = 0; i < PROBLEMS; i++) {
        sums_problem(&b, i, TESTS, 200);
        for (int k = 0; k < (i ? 5 : 6); k++)
            sums_program(&b, i, k == 3 ? LANG_C : LANG_PYTHON, k ? POOL_WEAK : POOL_REFERENCE,
                         text[k]);
    }
    return b;
}

enum { QUIET, INJECT, SLEEP, ORPHAN }; /* what happens meanwhile; the last two: to the last rank */

static hash_t graded(keeper_t *k, int graders, orders_t *o, int how, grading_stats_t *s)
{
    char keys[200];
    bank_t b = make();
    hash_t h = {0}, all[8];
    snprintf(
        keys, sizeof keys,
        "[sandbox]\nheartbeat_ms = 50\nlost_ms = 1500\n[layout]\ngraders = %d\nlaunchers = 1\n",
        graders);
    deck_t *d = deck_parse("faults", keys, 0, NULL);
    limits_t l = limits_read(d);
    grading_t *g = grading_read(d, comm_world(), k);
    if (strncmp(grading_mode(g), "namespaces", 10))
        test_skip(grading_mode(g));
    int last = group_rank(comm_world()) == group_size(comm_world()) - 1;
    o->stop_rank = how == SLEEP && last;
    o->kill_both = how == ORPHAN && last;
    o->begin = how == INJECT ? !graders || grading_is_grader(g) : how != QUIET && last;
    grading_bank(g, comm_world(), &b, &l, 0, -1, NULL, NULL);
    o->begin = 0;
    *s = grading_stats(g);
    grading_close(g);
    deck_free(d);
    check(b.n_verdict == b.n_program * TESTS, "%d verdicts", b.n_verdict);
    for (int i = 0; i < b.n_verdict; i++) {
        h = hash_more(h, &b.verdict[i].verdict, sizeof b.verdict[i].verdict);
        h = hash_more(h, &b.verdict[i].key, sizeof(hash_t));
    }
    comm_allgather(comm_world(), all, &h, sizeof h);
    for (int i = 0; i < group_size(comm_world()); i++)
        check(hash_equal(all[i], h), "rank %d has another bank", i);
    bank_free(&b);
    return h;
}

int main(int argc, char **argv)
{
    orders_t *o = mmap(NULL, sizeof *o, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* whatever is left over becomes ours */
    pid_t injector = fork();
    if (injector == 0)
        inject(o, 1);
    keeper_t *k = keeper_start(1);
    test_begin(&argc, &argv);
    int size = group_size(comm_world()), graders = size == 4 ? 2 : size - 1;
    grading_stats_t s;
    hash_t quiet = graded(k, graders, o, QUIET, &s);
    check(s.redispatched == 0 && s.restarts == 0 && s.lost == 0, "a quiet run: %d %d %d",
          (int)s.redispatched, (int)s.restarts, (int)s.lost);
    for (int n = size == 4 ? graders : 0; n <= graders; n += graders ? graders : 1) {
        check(hash_equal(quiet, graded(k, n, o, INJECT, &s)), "%d graders: other verdicts", n);
        double sum[3] = {(double)s.restarts, (double)s.redispatched, (double)s.faults};
        comm_sum_f64(comm_world(), sum, 3);
        check(sum[0] > 0, "nothing was restarted (%d hits)", o->hits);
        check(sum[2] == 0, "%g faults", sum[2]);
    }
    if (graders > 1) {
        check(hash_equal(quiet, graded(k, graders, o, SLEEP, &s)),
              "a grader slept: other verdicts");
        double lost = (double)s.lost;
        comm_sum_f64(comm_world(), &lost, 1);
        check(lost > 0, "nobody noticed that a grader slept");
        check(hash_equal(quiet, graded(k, graders, o, ORPHAN, &s)),
              "a grader without keepers: other verdicts");
        check(s.faults == 0, "%d faults", (int)s.faults);
    }
    check(!o->forked, "the rank forked");
    keeper_stop(k);
    o->end = 1;
    int left = 1;
    char name[32] = "";
    for (double start = clock_now(); left && clock_now() < start + 10; usleep(10000)) {
        pid_t list[MOST];
        left = 0;
        while (waitpid(-1, NULL, WNOHANG) > 0) {
        }
        for (int i = children(getpid(), list) - 1; i >= 0 && !left; i--)
            left = comm(list[i], name) && strcmp(name, "orted"); /* a single rank has one */
    }
    check(!left, "processes are left: %s", name);
    return test_end();
}
