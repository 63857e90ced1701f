// A keeper survives its launchers, falls with its rank, and answers everything once.
// RUN: np=1 alone
#include "test.h"
#include "sandbox.h"
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int children(pid_t of, pid_t *list, int most)
{
    char path[64], text[4096] = "", *at = text, *next;
    snprintf(path, sizeof path, "/proc/%d/task/%d/children", of, of);
    int fd = open(path, O_RDONLY), n = 0;
    if (fd >= 0 && read(fd, text, sizeof text - 1) < 0)
        text[0] = 0;
    close(fd);
    for (long p; n < most && (p = strtol(at, &next, 10), next != at); at = next)
        list[n++] = (pid_t)p;
    return n;
}

static void submit(keeper_t *k, int ticket, const char *source, int tests, const char *want,
                   int stop)
{
    const char *in[8], *out[8];
    size_t n_in[8], n_out[8];
    for (int i = 0; i < tests; i++) {
        in[i] = i % 2 ? "2 2\n" : "3 4\n";
        out[i] = want;
        n_in[i] = 4;
        n_out[i] = want ? strlen(want) : 0;
    }
    job_t j = {.ticket = ticket,
               .source = source,
               .n_source = strlen(source),
               .n_test = tests,
               .input = in,
               .n_input = n_in,
               .expect = out,
               .n_expect = n_out,
               .stop_at_first = stop};
    keeper_submit(k, &j);
}

static done_t *wait_done(keeper_t *k)
{
    done_t *d = keeper_poll(k, 60000);
    if (!d)
        fail(CODE_FAULT, "no answer within a minute");
    return d;
}

static void check_outputs(keeper_t *k)
{
    submit(k, 1, "import os, sys\nos.write(1, b'a\\0\\xff\\n' + sys.stdin.read().encode())", 2,
           NULL, 0);
    done_t *d = wait_done(k);
    check(d->ticket == 1 && d->n_output[0] == 8 && d->n_output[1] == 8 &&
          !memcmp(d->output[0], "a\0\xff\n3 4\n", 8) && !memcmp(d->output[1], "a\0\xff\n2 2\n", 8));
    done_free(d);
    submit(k, 2, "print(7)", 4, "8", 1);
    d = wait_done(k);
    check(d->outcome[0].verdict == V_WRONG_ANSWER && d->outcome[1].verdict == V_SKIPPED &&
          d->outcome[3].verdict == V_SKIPPED);
    done_free(d);
}

/* Jobs survive their launcher; signals meant for the batch job touch nobody. */
static void check_killed_launcher(keeper_t *k)
{
    pid_t keeper[4], launcher[8];
    check(children(getpid(), keeper, 4) == 2); /* and the spare */
    for (int i = 0; i < 6; i++)
        submit(k, 10 + i, "import time\ntime.sleep(0.3)\nprint(7)", 1, "7", 0);
    keeper_poll(k, 150);
    int n = children(keeper[0], launcher, 8);
    check(n >= 1 && n <= 2, "%d launchers", n);
    for (int i = 0; i < n; i++) {
        const int all[] = {SIGTERM, SIGUSR1, SIGINT, SIGHUP};
        for (int s = 0; s < 4; s++)
            kill(launcher[i], all[s]), kill(keeper[0], all[s]);
    }
    kill(launcher[0], SIGKILL);
    int good = 0;
    for (int i = 0; i < 6; i++) {
        done_t *d = wait_done(k);
        good += d->outcome[0].verdict == V_ACCEPTED;
        done_free(d);
    }
    check(good == 6 && keeper_pending(k) == 0, "%d of 6", good);
}

/* The keeper, the spare, or the one that took over dies or stops: the answer is what it
   would have been, and there are two again.  Both at once: our fault, at once. */
static void check_lost_keeper(void)
{
    pid_t keeper[4];
    keeper_t *k = keeper_start(1);
    keeper_watch(k, 50, 0);
    const int how[] = {SIGKILL, SIGSTOP};
    for (int i = 0; i < 6; i++) {
        int n = children(getpid(), keeper, 4);
        check(n == 2, "%d children", n);
        submit(k, i, "import time\ntime.sleep(0.3)\nprint(7)", 2, "7", 0);
        keeper_poll(k, 150);
        kill(keeper[i % 3 == 2], how[i % 2]);
        done_t *d = wait_done(k);
        check(d->ticket == i && d->outcome[1].verdict == V_ACCEPTED, "%d: %s", i, d->message);
        done_free(d);
        for (int t = 0; t < 100 && keeper_pending(k); t++)
            keeper_poll(k, 10);
    }
    keeper_stats_t s = keeper_stats(k);
    check(s.keepers == 4, "%d keepers were replaced", (int)s.keepers);
    children(getpid(), keeper, 4);
    submit(k, 7, "import time\ntime.sleep(5)", 3, "7", 0);
    keeper_poll(k, 200);
    kill(keeper[0], SIGKILL);
    kill(keeper[1], SIGKILL);
    done_t *d = wait_done(k);
    check(d->n_test == 3 && d->outcome[2].verdict == V_FAULT && d->message[0]);
    check(!keeper_alive(k));
    done_free(d);
    keeper_stop(k);
    check(children(getpid(), keeper, 4) == 0);
}

/* What is cancelled ends at once, and the rest goes on. */
static void check_cancelled(void)
{
    keeper_t *k = keeper_start(1);
    for (int i = 0; i < 3; i++)
        submit(k, i, i ? "print(7)" : "import time\ntime.sleep(5)\nprint(7)", 1, "7", 0);
    keeper_poll(k, 300);
    double start = clock_now();
    keeper_cancel(k, 0);
    keeper_cancel(k, 2);
    check(keeper_pending(k) == 1);
    done_t *d = wait_done(k);
    check(d->ticket == 1 && d->outcome[0].verdict == V_ACCEPTED);
    check(clock_now() - start < 4 && keeper_pending(k) == 0);
    done_free(d);
    keeper_stop(k);
}

static pid_t *keeper_of_dead; /* [2], shared with the rank that dies */
static int groups;

static int count_group(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    int pid = 0;
    (void)st, (void)kind;
    groups += sscanf(path + at->base, "aletheia-%d-", &pid) == 1 &&
              (pid == keeper_of_dead[0] || pid == keeper_of_dead[1]);
    return 0;
}

static int groups_left(void)
{
    groups = 0;
    nftw("/sys/fs/cgroup", count_group, 32, FTW_PHYS);
    return groups;
}

/* The rank dies by SIGKILL in the middle of a run, its keeper working or stopped: nothing of it is
   left. */
static void check_killed_rank(int stopped)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    keeper_of_dead = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t rank = fork(), left[64];
    if (rank == 0) {
        keeper_t *k = keeper_start(2);
        submit(k, 1, "import os\nwhile True:\n  try: os.fork()\n  except OSError: pass", 1, "7", 0);
        keeper_poll(k, 500);
        children(getpid(), keeper_of_dead, 2);
        if (stopped)
            kill(keeper_of_dead[0], SIGSTOP);
        raise(SIGKILL);
    }
    int n = 1;
    double start = clock_now();
    for (waitpid(rank, NULL, 0); n && clock_now() < start + 10; usleep(10000)) {
        while (waitpid(-1, NULL, WNOHANG) > 0) {
        }
        n = children(getpid(), left, 64);
    }
    check(n == 0, "%d processes are left 10 s after the rank was killed", n);
    check(groups_left() == 0, "%d control groups are left after the rank was killed", groups);
    munmap(keeper_of_dead, 4096);
    prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

int main(void)
{
    check_killed_rank(0);
    check_killed_rank(1);
    keeper_t *k = keeper_start(2);
    if (strncmp(keeper_mode(k), "namespaces", 10)) {
        printf("%s\n", keeper_mode(k));
        keeper_stop(k);
        return 77;
    }
    check_outputs(k);
    check_killed_launcher(k);
    keeper_stop(k);
    check_lost_keeper();
    check_cancelled();
    check(mem_live() == 0, "%zu bytes were not freed", mem_live());
    return test_failures != 0;
}
