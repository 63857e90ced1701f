/* What the processes of one run use, while they run.

   The launcher's own proc shows exactly its pid namespace: itself, Python's helpers,
   the run's guard, and the guest's processes, however they detached themselves.  Every
   one of the latter is read: its CPU clock (clock_gettime on the process clock:
   nanoseconds, threads included) and its resident pages.  The CPU time of a process that
   is seen no more stays in the sum by its last reading, so that children reaped behind
   our back still count; where new ones keep coming, run.c looks more often.  Where the
   plain sum of resident pages passes the limit and there are several processes, shared
   pages are sorted out by smaps_rollup (Pss).  Without a control group for memory,
   hidden.c then looks for what resident pages do not show.

   Without namespaces the machine's /proc is everyone's: the guest's processes are those
   below the launcher, which adopts whoever loses its parent.

   Cost: some 10 us plus 5 us per process; called every few milliseconds of a run. */
#include "box.h"
#include "sandbox/process.h"
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { HURRY = 30 };

struct entry {
    uint64_t ino;
    int64_t off;
    unsigned short len;
    unsigned char type;
    char name[];
};

static int64_t pages(int dir, const char *name)
{
    char text[256];
    long long size = 0, resident = 0;
    if (process_read(dir, name, text, sizeof text) > 0)
        sscanf(text, "%lld %lld", &size, &resident);
    return resident;
}

/* A process whose first thread has ended shows no memory; another thread of it does. */
static int64_t pages_of_threads(box_t *b, pid_t pid)
{
    char name[64];
    int64_t resident = 0;
    snprintf(name, sizeof name, "%d/task", pid);
    int fd = openat(b->proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (!d && fd >= 0)
        close(fd);
    for (struct dirent *e; d && !resident && (e = readdir(d));) {
        snprintf(name, sizeof name, "%.20s/statm", e->d_name);
        if (e->d_name[0] != '.')
            resident = pages(fd, name);
    }
    if (d)
        closedir(d);
    return resident;
}

static int64_t resident_kb(box_t *b, pid_t pid)
{
    char name[64];
    snprintf(name, sizeof name, "%d/statm", pid);
    int64_t resident = pages(b->proc, name);
    if (!resident)
        resident = pages_of_threads(b, pid);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static int64_t proportional_kb(box_t *b, pid_t pid)
{
    char name[64], text[2048];
    snprintf(name, sizeof name, "%d/smaps_rollup", pid);
    if (process_read(b->proc, name, text, sizeof text) <= 0)
        return resident_kb(b, pid);
    const char *at = strstr(text, "\nPss:");
    return at ? strtoll(at + 5, NULL, 10) : resident_kb(b, pid);
}

/* The processes of the run, into t->now ------------------------------------------------ */

static void found(tree_t *t, pid_t pid)
{
    if (t->n < BOX_TREE)
        t->now[t->n++] = (seen_t){0, pid};
}

static void list_namespace(const box_t *b, tree_t *t)
{
    char buf[8192];
    lseek(b->proc, 0, SEEK_SET);
    for (ssize_t got; (got = syscall(SYS_getdents64, b->proc, buf, sizeof buf)) > 0;)
        for (ssize_t at = 0; at < got;) {
            struct entry *e = (struct entry *)(buf + at);
            pid_t pid = e->name[0] >= '1' && e->name[0] <= '9' ? atoi(e->name) : 0;
            at += e->len;
            if (pid > 1 && pid != t->guard && !box_owns(b, pid))
                found(t, pid);
        }
}

void tree_kill(const box_t *b, tree_t *t)
{
    if (b->proc < 0 || b->degraded)
        return;
    t->n = 0;
    list_namespace(b, t);
    for (int i = 0; i < t->n; i++)
        kill(t->now[i].pid, SIGKILL);
}

static void list_children(const box_t *b, tree_t *t, pid_t of)
{
    char name[64], list[16384];
    snprintf(name, sizeof name, "%d/task", of);
    int fd = openat(b->proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (!d && fd >= 0)
        close(fd);
    for (struct dirent *e; d && (e = readdir(d));) {
        snprintf(name, sizeof name, "%.20s/children", e->d_name);
        if (e->d_name[0] == '.' || process_read(fd, name, list, sizeof list) <= 0)
            continue;
        char *at = list, *next;
        for (long p; (p = strtol(at, &next, 10), next != at); at = next)
            if (!tester_owns(b, (pid_t)p))
                found(t, (pid_t)p);
    }
    if (d)
        closedir(d);
}

static void list_below(const box_t *b, tree_t *t, pid_t main_pid)
{
    list_children(b, t, getpid());
    for (int i = 0; i < t->n; i++)
        list_children(b, t, t->now[i].pid);
    if (!t->n)
        found(t, main_pid); /* a kernel that lists no children */
}

/* The kernel, short of memory, takes guests before anybody else.  Not for the main process,
   which has said so itself: while it is being executed it may still be on the launcher's
   memory without counting as a vfork, and who shares that memory, the launcher and process
   1 of the runs, would be told the same. */
static void raise_oom(const box_t *b, pid_t pid)
{
    char name[64];
    snprintf(name, sizeof name, "%d/oom_score_adj", pid);
    int fd = openat(b->proc, name, O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, "1000", 4) < 0) {
    }
    if (fd >= 0)
        close(fd);
}

/* CPU time of all that were ever seen.  Both lists are in the order of /proc, so that
   equal places are tried first. */
static void sum_cpu(const box_t *b, tree_t *t, pid_t main_pid)
{
    int64_t us = 0;
    int fresh = 0;
    for (int i = 0; i < t->n; i++) {
        struct timespec c;
        seen_t *s = &t->now[i];
        if (clock_gettime((clockid_t)(~(unsigned)s->pid << 3 | 2), &c) == 0)
            s->cpu_us = c.tv_sec * 1000000LL + c.tv_nsec / 1000;
        int k = i;
        if (k >= t->n_before || t->before[k].pid != s->pid)
            for (k = 0; k < t->n_before && t->before[k].pid != s->pid;)
                k++;
        if (k == t->n_before) {
            fresh++;
            if (s->pid != main_pid)
                raise_oom(b, s->pid);
        } else if (s->cpu_us >= t->before[k].cpu_us) {
            t->before[k].cpu_us = 0; /* the same process: its new reading counts */
        }
        us += s->cpu_us;
    }
    for (int k = 0; k < t->n_before; k++)
        t->gone_us += t->before[k].cpu_us;
    t->cpu_us = us + t->gone_us;
    t->hurry = t->n_before && fresh ? HURRY : t->hurry - (t->hurry > 0);
    memcpy(t->before, t->now, (size_t)t->n * sizeof *t->now);
    t->n_before = t->n;
}

void tree_begin(const box_t *b, tree_t *t, pid_t guard)
{
    t->n = t->n_before = t->hurry = t->looks = 0;
    t->gone_us = t->cpu_us = t->rss_kb = 0;
    t->guard = guard;
    t->shared_kb = b->group.version[CGROUP_MEMORY] ? -1 : hidden_shared_kb();
}

/* A swarm leaves the launcher, one among many to the scheduler, too little of a core to end
   it in time: it becomes nice. */
static void step_back(const tree_t *t)
{
    for (int i = 0; i < t->n; i++)
        setpriority(PRIO_PROCESS, (id_t)t->now[i].pid, 19);
}

void tree_measure(box_t *b, tree_t *t, pid_t main_pid, int64_t limit_kb)
{
    int64_t kb = 0;
    if (b->proc < 0)
        return;
    t->n = 0;
    if (b->degraded)
        list_below(b, t, main_pid);
    else
        list_namespace(b, t);
    if (t->n > TREE_SWARM)
        step_back(t);
    sum_cpu(b, t, main_pid);
    for (int i = 0; i < t->n; i++)
        kb += resident_kb(b, t->now[i].pid);
    if (kb > limit_kb && t->n > 1) {
        kb = 0;
        for (int i = 0; i < t->n && kb <= limit_kb; i++)
            kb += proportional_kb(b, t->now[i].pid);
    }
    if (kb <= limit_kb && t->shared_kb >= 0)
        kb += hidden_kb(b, t, limit_kb - kb);
    t->rss_kb = kb > t->rss_kb ? kb : t->rss_kb; /* the peak */
}
