/* The pid namespace of runs, and who is left in it.

   A guard is its process 1: it shares the launcher's memory and does nothing but let the
   kernel reap orphans; killing it kills every process of the namespace, at once and
   completely.  A run that ended by itself and left nobody behind leaves the namespace to
   the next.  Without namespaces whoever is left has become the launcher's child, and is
   hunted.

   A run can leave sockets too, in flight in a circle: they hold files, memory and a share of
   what its user may have in flight, which the next run would miss.  The network namespace
   says how many sockets it has; where they are more than before the kernel is asked to let
   go and given a moment.  (Without namespaces the machine says so, for all its users.) */
#include "box.h"
#include "sandbox/process.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int guard_life(void *arg)
{
    (void)arg;
    struct sigaction reap = {.sa_handler = SIG_IGN};
    sigaction(SIGCHLD, &reap, NULL);
    for (;;)
        syscall(SYS_pause);
    return 0;
}

/* Ends the namespace.  It is gone when it is empty, and a guest can make children that
   are ours (CLONE_PARENT), so all that end are reaped until the guard is among them.
   Whom we can see is killed by us first: process 1, which would do it, is one among many
   that want a core, and with 64 of them waits for 50 ms.  Returns the CPU time of the
   others. */
int64_t guard_end(box_t *b)
{
    int64_t us = 0;
    struct rusage u;
    if (b->tree)
        tree_kill(b, b->tree);
    kill(b->guard, SIGKILL);
    for (pid_t got = 0; got != b->guard;) {
        got = wait4(-1, NULL, __WALL, &u);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            break;
        if (box_owns(b, got))
            b->tainted = 1;
        else if (got != b->guard)
            us += (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000LL + u.ru_utime.tv_usec +
                  u.ru_stime.tv_usec;
    }
    if (b->guard_ns >= 0)
        close(b->guard_ns);
    if (b->guard_kids >= 0)
        close(b->guard_kids);
    b->guard = 0;
    return us;
}

/* A pid namespace that is empty but for its process 1; 0: none could be made. */
int guard_start(box_t *b, char *stack)
{
    if (b->degraded || b->guard)
        return 1;
    if (!run_home(b))
        return 0;
    pid_t pid = clone(guard_life, stack + GUARD_STACK,
                      CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_NEWPID | SIGCHLD, NULL);
    if (pid < 0)
        return 0;
    const int how = O_RDONLY | O_CLOEXEC;
    char name[64];
    b->guard = pid;
    snprintf(name, sizeof name, "%d/ns/pid", pid);
    b->guard_ns =
        b->proc >= 0 ? openat(b->proc, name, how) : (int)syscall(434, pid, 0); /* pidfd_open */
    snprintf(name, sizeof name, "%d/task/%d/children", pid, pid);
    b->guard_kids = b->proc >= 0 ? openat(b->proc, name, how) : -1;
    snprintf(name, sizeof name, "%d/task/%d/children", getpid(), getpid());
    if (b->own_kids <= 0)
        b->own_kids = b->proc >= 0 ? openat(b->proc, name, how) : -1;
    if (b->load <= 0)
        b->load = b->proc >= 0 ? openat(b->proc, "loadavg", how) : -1;
    if (b->last_pid <= 0)
        b->last_pid =
            b->proc >= 0 ? openat(b->proc, "sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC) : -1;
    if (b->guard_ns < 0)
        guard_end(b);
    return b->guard > 0;
}

static int sockets(box_t *b)
{
    char text[32] = "";
    if (b->sockstat <= 0)
        b->sockstat =
            b->proc >= 0 ? openat(b->proc, "self/net/sockstat", O_RDONLY | O_CLOEXEC) : -1;
    return b->sockstat > 0 && pread(b->sockstat, text, sizeof text - 1, 0) > 0
               ? atoi(text + strcspn(text, "0123456789"))
               : -1;
}

void guard_count(box_t *b)
{
    if (b->sockets < 0 || b->degraded)
        b->sockets = sockets(b);
}

void guard_let_go(box_t *b)
{
    const int most = b->degraded ? 15 : 300; /* there they may be anybody's */
    for (int i = 0; i < most && sockets(b) > b->sockets; i++) {
        process_let_go();
        usleep(i < 10 ? 100 : 1000);
    }
}

/* The number that the youngest process here was given, threads included; 0: not known. */
static long last_pid(const box_t *b)
{
    char text[128] = "";
    ssize_t n = b->load > 0 ? pread(b->load, text, sizeof text - 1, 0) : 0;
    const char *last = n > 0 ? strrchr(text, ' ') : NULL;
    return last ? strtol(last, NULL, 10) : 0;
}

/* The main process is gone and reaped.  Whoever it left behind is a child of process 1 or
   of ours, or descends from one; and if it started anybody, the next one would see by its
   own number how many. */
int guard_alone(const box_t *b, pid_t main_pid)
{
    char list[256] = "";
    if (last_pid(b) != main_pid)
        return 0;
    if (b->guard_kids < 0 || b->own_kids < 0 || pread(b->guard_kids, list, 1, 0) != 0 ||
        pread(b->own_kids, list, sizeof list - 1, 0) <= 0)
        return 0;
    for (char *at = list, *next;; at = next) {
        long pid = strtol(at, &next, 10);
        if (next == at)
            return 1;
        if (pid != b->guard && !box_owns(b, pid))
            return 0;
    }
}

/* Without namespaces: everything that was left behind has become the launcher's child. */
void guard_hunt(box_t *b, pid_t pid)
{
    /* Who forks faster than he is killed is stopped first: what is stopped forks no more,
       and counts towards the bound on processes.  What they hold by now is no more the run's. */
    const int64_t peak_kb = b->tree->rss_kb;
    for (int round = 0, same = 0, had = -1; !b->own_id && same < 3 && round < 500; round++) {
        tree_measure(b, b->tree, pid, INT64_MAX);
        for (int i = 0; i < b->tree->n; i++)
            kill(b->tree->now[i].pid, SIGSTOP);
        same = b->tree->n == had ? same + 1 : 0;
        had = b->tree->n;
    }
    b->tree->rss_kb = peak_kb;
    for (int i = 0; !b->own_id && i < b->tree->n; i++)
        kill(b->tree->now[i].pid, SIGKILL);
    for (int round = 0; round < 1000; round++) {
        if (b->own_id) /* all of this user, but for the launcher itself */
            kill(-1, SIGKILL);
        kill(-pid, SIGKILL);
        pid_t child[1024];
        int n = process_children(child, 1024);
        for (int i = 0; i < n; i++) {
            kill(child[i], SIGKILL);
            waitpid(child[i], NULL, 0);
        }
        if (!n)
            return;
    }
    b->tainted = 1;
}
