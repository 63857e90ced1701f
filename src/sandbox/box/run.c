/* One run: a guest from its start to the end of everything it started.

   A guard is there first: process 1 of a pid namespace, sharing the launcher's
   memory, that does nothing but let the kernel reap orphans.  The guest enters that
   namespace as process 2, so that signals it sends to itself, SIGPIPE and alarms work
   as they do at home (process 1 is immune to them), yet it is the launcher's own child:
   the launcher waits for it and reads its usage.  Killing the guard kills every process
   of the namespace, at once and completely.  A run that ended by itself and left nobody
   behind (process 1 has no children, and we have none that we do not know) has left the
   namespace as new: the next run goes there too, which saves a quarter of the cost.

   Input is a file (streams.c).  One poll loop drains stdout and stderr with caps, and
   listens for the guest's end.  The run is over when the *main* process ends: then the
   namespace is killed and what is left in the pipes is read (nobody can write any more,
   so this ends).  Nothing waits for end-of-file before.

   Memory is what is resident, as the control group or the looks of measure.c see it:
   address space has no bound where either is to be had, so stacks of threads, reserved
   arenas and untouched arrays cost nothing.  The main thread's stack may grow to the
   memory limit (stack_kb: to that, for certain).

   A test program runs beside its guest, started before and ended after it (tester.c).

   Real time does not count while the guest waited for a core (up to four times the
   limit).

   Usage: CPU from wait4 and, where larger, the sum over all processes seen (measure.c);
   memory from the same two.  A vfork child's peak as told by wait4 includes the
   launcher's own pages; it is believed only where it is larger than the launcher's
   peak (without namespaces, where the child is a copy: clearly larger).  A guest is
   killed at 1.3 times its CPU limit, so that a borderline case can be told from an
   endless one. */
#include "box.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    COPY_KB = 4096,
    STACK = GUARD_STACK,
    TICK_MS = 5,
    SLOW_MS = 40,
    ERR_KEEP = 1 << 15,
    STEP_KB = 1024
};

static void drain(int fd, text_t *t, int64_t *n, int64_t cap, int tail, int *over)
{
    char part[1 << 16];
    ssize_t got = read(fd, part, sizeof part);
    if (got <= 0)
        return;
    *n += got;
    if (tail) {
        text_addn(t, part, (size_t)got);
        if (t->len > 2 * ERR_KEEP) {
            memmove(t->s, t->s + t->len - ERR_KEEP, ERR_KEEP);
            t->len = ERR_KEEP;
            t->s[t->len] = 0;
        }
    } else {
        int64_t room = cap - (int64_t)t->len;
        if (room > 0)
            text_addn(t, part, (size_t)(got < room ? got : room));
    }
    *over |= *n > cap;
}

/* Seconds that the main thread was ready to run and had no core: a crowded machine is
   not its fault.  But what its own processes did meanwhile is: idle is the time in which
   none of them can have run (none at all for a swarm). */
static double waited(box_t *b, pid_t pid, double idle, double most)
{
    char name[64], text[128] = "";
    unsigned long long ran = 0, queued = 0;
    snprintf(name, sizeof name, "%d/schedstat", pid);
    int fd = b->proc < 0 ? -1 : openat(b->proc, name, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    if (read(fd, text, sizeof text - 1) > 0)
        sscanf(text, "%llu %llu", &ran, &queued);
    close(fd);
    double most_of_all = idle < 0 ? 0 : idle < most ? idle : most;
    return (double)queued * 1e-9 < most_of_all ? (double)queued * 1e-9 : most_of_all;
}

int64_t run_grace_us(const limits_t *l)
{
    return l->cpu_ms < 333 ? l->cpu_ms * 300LL : 100000;
}

/* CPU time of those that share the group with the guests. */
static int64_t helpers_us(const box_t *b)
{
    pid_t all[READY_KINDS + 2] = {getpid(), b->zygote};
    int64_t us = tester_us(b);
    struct timespec t;
    memcpy(all + 2, b->loaded, sizeof b->loaded);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i] > 0 && clock_gettime((clockid_t)(~(unsigned)all[i] << 3 | 2), &t) == 0)
            us += t.tv_sec * 1000000LL + t.tv_nsec / 1000;
    return us;
}

/* What the group says, where it is clearly more than what was seen: it knows processes
   that lived and died between two looks.  Counted from the first look of a run on. */
static int64_t group_cpu(box_t *b, tree_t *t, int64_t seen)
{
    int64_t all = cgroup_cpu_us(&b->group);
    if (!t->looks++) {
        t->first_us = seen;
        b->helpers_us = all < 0 ? 0 : helpers_us(b);
    }
    int64_t theirs = all < 0 ? -1 : t->first_us + all - (helpers_us(b) - b->helpers_us);
    return theirs > seen + seen / 50 + 5000 ? theirs : seen;
}

static double own_cpu(void)
{
    struct timespec t = {0, 0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + t.tv_nsec * 1e-9;
}

static int64_t most_stderr(const guest_t *r)
{
    return (r->limits.stderr_kb ? r->limits.stderr_kb : r->limits.output_kb + 1024) * 1024LL;
}

/* Until the main process has ended or a limit is passed; returns 1 if wait4 has already
   reaped it. */
static int watch(box_t *b, guest_t *r, pid_t pid, const streams_t *s, tree_t *tree,
                 struct rusage *ru, double start)
{
    int first = 1;
    const int64_t cap = r->test ? INT64_MAX : r->limits.output_kb * 1024LL,
                  cap_err = most_stderr(r);
    double tick = start + TICK_MS * 1e-3, end = start + r->limits.wall_ms * 1e-3;
    struct pollfd p[3] = {{b->signals, POLLIN, 0}, {s->out, POLLIN, 0}, {s->err, POLLIN, 0}};
    while (!r->over_cpu && !r->over_wall && !r->over_out && !r->over_err && !r->over_memory) {
        double left = (tick - clock_now()) * 1e3;
        if (first) /* a short run is looked at when it has ended: the pipes hold what it prints */
            poll(p, 1, 1);
        else
            poll(p, 3, left > 0 ? (int)left + 1 : 0);
        first = 0;
        for (int i = 1; i <= 2; i++) {
            if (p[i].revents & POLLIN)
                drain(p[i].fd, i == 1 ? &r->out : &r->err, i == 1 ? &r->n_out : &r->n_err,
                      i == 1 ? cap : cap_err, i == 2 || r->test,
                      i == 1 ? &r->over_out : &r->over_err);
            else if (p[i].revents)
                p[i].fd = -1; /* closed by the guest */
        }
        if (p[0].revents & POLLIN) {
            char info[1024];
            while (read(b->signals, info, sizeof info) > 0) {
            }
            if (r->test && tester_ended(b, r))
                return tester_last(r, pid, ru);
            if (wait4(pid, &r->status, WNOHANG, ru) == pid)
                return 1;
        }
        double now = clock_now();
        if (now >= tick) {
            box_beat(b);
            double cost = -own_cpu(), pause = tree->hurry ? 1e-3 : TICK_MS * 1e-3;
            tree_measure(b, tree, pid, r->limits.memory_kb);
            cost = 8 * (cost + own_cpu());
            pause = cost < pause ? pause : cost > SLOW_MS * 1e-3 ? SLOW_MS * 1e-3 : cost;
            tick = clock_now() + pause;
            r->over_cpu = group_cpu(b, tree, tree->cpu_us) >
                          r->limits.cpu_ms * 1000LL + run_grace_us(&r->limits);
            r->over_memory = tree->rss_kb > r->limits.memory_kb || cgroup_oom(&b->group);
            if (b->degraded && r->limits.scratch_kb && scratch_kb(b, tree) > r->limits.scratch_kb)
                return 0; /* killed: no disk is full of it */
            if (now >= end)
                end = start + r->limits.wall_ms * 1e-3 +
                      (r->test ? (double)tester_us(b) * 1e-6 : 0) +
                      waited(b, pid, tree->n > TREE_SWARM ? 0 : now - start - tree->cpu_us * 1e-6,
                             4e-3 * r->limits.wall_ms);
            r->over_wall = now >= end;
            tick = tick < end ? tick : end;
        }
    }
    return 0;
}

/* What is left in the pipes: nobody can write any more. */
static void drain_all(guest_t *r, const streams_t *s)
{
    const int64_t cap = r->test ? INT64_MAX : r->limits.output_kb * 1024LL,
                  cap_err = most_stderr(r);
    for (int64_t had = -1; had != r->n_out && !r->over_out;) {
        had = r->n_out;
        drain(s->out, &r->out, &r->n_out, cap, r->test != NULL, &r->over_out);
    }
    for (int64_t had = -1; had != r->n_err && !r->over_err;) {
        had = r->n_err;
        drain(s->err, &r->err, &r->n_err, cap_err, 1, &r->over_err);
    }
}

static void go(box_t *b, guest_t *r)
{
    char *stack = b->stack ? b->stack : (b->stack = mem_new(2 * STACK));
    tree_t *tree = b->tree ? b->tree : (b->tree = ALLOC(tree_t, 1));
    struct rusage ru = {0}, self = {0};
    streams_t s;
    int stands = guard_start(b, stack);
    if (!stands)
        box_fail(b, "preparing a run");
    if (!stands || !streams_open(b, r, &s)) {
        r->fault = "start";
        b->tainted = 1;
        return;
    }
    if (b->degraded && !b->own_id && b->group.pids < 0)
        b->n_base = BOX_FEWER + box_tasks(); /* the user's own come and go */
    tree_begin(b, tree, b->guard);
    cgroup_begin(&b->group, &r->limits,
                 3LL * r->limits.output_kb + 256 + (r->test ? r->limits.compile_memory_kb : 0) +
                     (int64_t)(r->n_in >> 10) / STEP_KB * STEP_KB);
    if (r->test && !tester_begin(b, r, &s)) {
        r->fault = "start";
        b->tainted = 1;
    }
    guard_count(b); /* now: a tester may just have been loaded */
    double start = clock_now();
    pid_t pid = r->fault ? 0 : run_start(b, r, s.guest, stack + 2 * STACK);
    getrusage(RUSAGE_SELF, &self); /* now: the guest got no more of it */
    streams_given(b, &s);
    int ended = pid > 0 && watch(b, r, pid, &s, tree, &ru, start);
    if (r->test && r->over_wall)
        tester_ask(b, r);
    if (pid > 0 && !ended) {
        kill(pid, SIGKILL);
        if (wait4(pid, &r->status, 0, &ru) != pid)
            r->fault = "start";
    }
    r->wall_us = (int64_t)((clock_now() - start) * 1e6);
    int64_t siblings_us = r->test ? tester_end(b, r) : 0;
    if (b->guard) {
        if (!ended || !guard_alone(b, pid))
            siblings_us += guard_end(b);
    } else if (pid > 0) {
        guard_hunt(b, pid);
    }
    if (pid > 0)
        drain_all(r, &s);
    b->unread |= r->over_out || r->over_err || pid <= 0;
    streams_close(b, &s);
    guard_let_go(b);
    int64_t used = (ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1000000LL + ru.ru_utime.tv_usec +
                   ru.ru_stime.tv_usec + siblings_us;
    r->cpu_us = used > tree->cpu_us ? used : tree->cpu_us;
    if (tree->looks) /* a run of less than that can do neither */
        r->cpu_us = group_cpu(b, tree, r->cpu_us);
    r->peak_kb = ru.ru_maxrss > tree->rss_kb ? ru.ru_maxrss : tree->rss_kb;
    if (tree->looks || (WIFSIGNALED(r->status) && WTERMSIG(r->status) == SIGKILL))
        r->over_memory |= cgroup_oom(&b->group);
    if (r->peak_kb > r->limits.memory_kb &&
        (tree->rss_kb > r->limits.memory_kb || !r->argv ||
         ru.ru_maxrss > self.ru_maxrss + (b->degraded ? COPY_KB : 0)))
        r->over_memory = 1;
    r->over_cpu |= r->cpu_us > r->limits.cpu_ms * 1000LL;
}

void run_go(box_t *b, guest_t *r)
{
    alone_enter(b);
    go(b, r);
    alone_leave(b);
}

void run_reset(guest_t *r)
{
    text_reset(&r->out);
    text_reset(&r->err);
}

int run_bare(box_t *b, const char *const *argv, text_t *out)
{
    guest_t r = {.argv = argv,
                 .exe = -1,
                 .in = "",
                 .limits = {.cpu_ms = 20000,
                            .wall_ms = 60000,
                            .memory_kb = 1 << 20,
                            .output_kb = 1024,
                            .processes = 64,
                            .file_kb = 1 << 16}};
    run_go(b, &r);
    int good = !r.fault && WIFEXITED(r.status) ? WEXITSTATUS(r.status) : -1;
    if (out)
        text_addn(out, r.out.s ? r.out.s : "", r.out.len);
    run_reset(&r);
    return good;
}
