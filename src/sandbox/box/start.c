/* How a guest starts: with what limits, as which process, and what it gives up before its
   first instruction.

   A compiled program is cloned vfork-fashion (the launcher's memory is borrowed, not
   copied) into the run's namespace and executed from a descriptor; a Python program is
   forked from the process that has compiled it (python.c).  Between the clone and the
   exec there are system calls only: signals as at home, the three streams, the limits,
   no capability, and without namespaces the filter and landlock too.

   A program that the kernel will not execute, by its own doing, has failed; one that we
   could not start is a fault. */
#include "box.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <linux/capability.h>
#include <unistd.h>

enum { UNBOUNDED = -1 };

typedef struct {
    box_t *b;
    const guest_t *r;
    const int *stream;
    bound_t bound[16];
    int n_bound;
    volatile int failed, executing; /* errno, and whether of exec; written by the child */
    char home[300], temporary[300];
} start_t;

int run_bounds(const box_t *b, const limits_t *l, bound_t *out)
{
    /* Resident memory is what is bounded; address space only where nothing can look. */
    const int watched = b->proc >= 0 || b->group.version[CGROUP_MEMORY];
    int64_t cpu = l->cpu_ms * 13LL / 10000 + 2,
            as = watched ? UNBOUNDED : l->memory_kb * 2048LL + (256 << 20),
            stack = (l->stack_kb ? l->stack_kb : l->memory_kb) * 1024LL;
    const bound_t all[] = {
        {RLIMIT_CPU, cpu, cpu + 1},
        {RLIMIT_AS, as, as},
        {RLIMIT_STACK, stack, l->stack_kb ? stack : UNBOUNDED},
        {RLIMIT_FSIZE, l->file_kb * 1024LL, l->file_kb * 1024LL},
        {RLIMIT_CORE, 0, 0},
        {RLIMIT_NOFILE, 128, 128},
        {RLIMIT_MEMLOCK, 65536, 65536},
        {RLIMIT_MSGQUEUE, 0, 0},
        {RLIMIT_NPROC, l->processes + b->n_base, l->processes + b->n_base},
    };
    const int n = (int)(sizeof all / sizeof *all);
    memcpy(out, all, sizeof all);
    for (int i = 0; i < n; i++) { /* what we were given ourselves is the most */
        int64_t most = b->hard[out[i].which];
        if (most >= 0 && (out[i].soft == UNBOUNDED || most < out[i].soft))
            out[i].soft = most;
        if (most >= 0 && (out[i].hard == UNBOUNDED || most < out[i].hard))
            out[i].hard = most;
    }
    return n;
}

/* What a guest must have said of himself before his first instruction (zygote_so.c does the same
   for Python's). Of those in the group the kernel, short of memory, takes guests first: the first
   look at him may come when it has already taken the launcher.  And the namespace's next process,
   if he starts none, has his number: it would tell how many ran before. */
static void introduce_oneself(const box_t *b)
{
    if (b->guard && b->last_pid > 0 && pwrite(b->last_pid, "1", 1, 0) < 0) {
    }
    int fd = b->group.version[CGROUP_MEMORY]
                 ? openat(b->proc, "self/oom_score_adj", O_WRONLY | O_CLOEXEC)
                 : -1;
    if (fd >= 0 && write(fd, "1000", 4) < 0) {
    }
    if (fd >= 0)
        close(fd);
}

/* Runs in the child, on the launcher's memory: system calls only, nothing shared is
   changed. */
static int child_exec(void *arg)
{
    start_t *s = arg;
    struct sigaction normal = {.sa_handler = SIG_DFL};
    const int ignored[] = {SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        sigaction(ignored[i], &normal, NULL);
    setpgid(0, 0); /* not setsid: a session of its own costs a group in the scheduler */
    introduce_oneself(s->b);
    if (fchdir(s->r->folder > 0 ? s->r->folder : s->b->scratch) < 0)
        goto failed;
    for (int i = 0; i < 3; i++)
        if (dup2(s->stream[i], i) < 0)
            goto failed;
    if (s->b->degraded) {
        int rc =
            s->b->landlock ? filter_landlock(s->b->scratch_path, s->r->exe, s->b->landlock) : 0;
        if (!rc)
            rc = filter_load(getpid());
        if (rc < 0) {
            errno = -rc;
            goto failed;
        }
    }
    for (int i = 0; i < s->n_bound; i++) {
        struct rlimit l = {(rlim_t)s->bound[i].soft, (rlim_t)s->bound[i].hard};
        if (setrlimit(s->bound[i].which, &l) < 0)
            goto failed;
    }
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    const char *more[4] = {NULL};
    for (int i = 0; s->r->variables && i < s->r->variables->n && i < 4; i++)
        more[i] = s->r->variables->word[i];
    const char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin",
                                       s->home,
                                       s->temporary,
                                       "LC_ALL=C.UTF-8",
                                       "LANG=C.UTF-8",
                                       more[0],
                                       more[1],
                                       more[2],
                                       more[3],
                                       NULL};
    sigset_t open;
    sigemptyset(&open);
    if (syscall(SYS_capset, &head, none) < 0 || sigprocmask(SIG_SETMASK, &open, NULL) < 0)
        goto failed;
    s->executing = 1;
    if (s->r->exe >= 0)
        syscall(SYS_execveat, s->r->exe, "", s->r->argv, environment, AT_EMPTY_PATH);
    else
        execve(s->r->argv[0], (char *const *)s->r->argv, (char *const *)environment);
failed:
    s->failed = errno ? errno : EINVAL;
    _exit(127);
}

int run_home(box_t *b)
{
    if (b->away && syscall(SYS_setns, b->own_ns, CLONE_NEWPID) < 0)
        return 0;
    b->away = 0;
    return 1;
}

/* A compiled program that the kernel will not execute, by its own doing (a loader that
   does not exist, say). */
static int guests_own(const guest_t *r, int why)
{
    struct statvfs v;
    return r->exe >= 0 && why != ENOMEM && why != EAGAIN && why != EPERM && why != EIO &&
           why != EMFILE && why != ENFILE && !(fstatvfs(r->exe, &v) == 0 && v.f_flag & ST_NOEXEC);
}

pid_t run_start(box_t *b, guest_t *r, const int stream[3], char *stack)
{
    if (!r->argv) {
        pid_t pid = python_fork(b, stream, b->guard_ns);
        if (pid <= 0)
            r->fault = "start";
        return pid > 0 ? pid : 0;
    }
    start_t s = {.b = b, .r = r, .stream = stream};
    s.n_bound = run_bounds(b, &r->limits, s.bound);
    if (r->is_tester)
        tester_bounds(&r->limits, s.bound, s.n_bound);
    snprintf(s.home, sizeof s.home, "HOME=%s", b->scratch_path);
    snprintf(s.temporary, sizeof s.temporary, "TMPDIR=%s", b->scratch_path);
    if (b->guard && !b->away && syscall(SYS_setns, b->guard_ns, CLONE_NEWPID) < 0) {
        r->fault = "start";
        return 0;
    }
    b->away = b->guard > 0;
    int flags = SIGCHLD | (b->degraded ? CLONE_VFORK : CLONE_VFORK | CLONE_VM);
    pid_t pid = clone(child_exec, stack, flags, &s);
    if (pid > 0 && s.failed) {
        waitpid(pid, NULL, 0);
        if (s.executing && guests_own(r, s.failed)) {
            text_addf(&r->err, "the program cannot be executed: %s", strerror(s.failed));
            r->status = 127 << 8;
            return 0;
        }
        errno = s.failed;
        pid = -1;
    }
    if (pid < 0) {
        box_fail(b, "starting a program");
        r->fault = "start";
        return 0;
    }
    return pid;
}
