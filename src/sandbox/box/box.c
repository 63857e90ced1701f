/* The launcher: one process per core that lives in its own sandbox and runs guests
   there.

   The keeper creates it with fresh user, mount, pid, net, ipc, uts and cgroup
   namespaces.  It is process 1 of its pid namespace, so its end is the end of
   everything below it.  Inside, there is one user, 65534: outside that is the caller's
   own id or, when root started us, an id per launcher that owns nothing (so that a
   limit on processes binds).  It builds the root (root.c), loads the filter (filter.c),
   then waits for jobs and runs each on all its tests (job.c).  It keeps its
   capabilities over its own namespaces, which it needs to make one more pid namespace
   per run; guests get none.

   A launcher that cannot get its scratch clean (clean.c), or that lost a process, finishes
   its job and exits; the keeper starts a new one (a few milliseconds).

   The READY message says whether the sandbox stands, in which mode, with which tool-
   chains. */
#include "box.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GUEST = 65534 };

int box_fail(box_t *b, const char *what)
{
    snprintf(b->why, sizeof b->why, "%s: %s", what, strerror(errno));
    return 0;
}

int box_owns(const box_t *b, pid_t pid)
{
    int own = pid == b->zygote || pid == b->program || tester_owns(b, pid);
    for (int i = 0; i < READY_KINDS && !own; i++)
        own = pid == b->loaded[i];
    return own;
}

/* Tasks of this user, for kernels that count RLIMIT_NPROC per user and not per user
   namespace. */
int box_tasks(void)
{
    int n = 0;
    DIR *d = opendir("/proc");
    for (struct dirent *e; d && (e = readdir(d));) {
        char path[300];
        struct stat s;
        snprintf(path, sizeof path, "/proc/%s/task", e->d_name);
        if (e->d_name[0] > '0' && e->d_name[0] <= '9' && stat(path, &s) == 0 &&
            s.st_uid == geteuid())
            n += (int)s.st_nlink - 2;
    }
    if (d)
        closedir(d);
    return n;
}

static int become_guest(box_t *b, const limits_t *l, int n_tasks)
{
    if (setgroups(0, NULL) < 0 && errno != EPERM)
        return box_fail(b, "dropping groups");
    if (setresgid(GUEST, GUEST, GUEST) < 0 || setresuid(GUEST, GUEST, GUEST) < 0)
        return box_fail(b, "changing to the guest's user");
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    b->n_base = BOX_OTHERS + n_tasks;
    if (!root_enter(b, l))
        return 0;
    if (sethostname("sandbox", 7) < 0)
        return box_fail(b, "naming the host");
    int rc = filter_load(0);
    if (rc < 0) {
        errno = -rc;
        return box_fail(b, "loading the system-call filter");
    }
    b->own_ns = b->proc < 0 ? (int)syscall(434, getpid(), 0) /* pidfd_open */
                            : openat(b->proc, "self/ns/pid", O_RDONLY | O_CLOEXEC);
    return b->own_ns < 0 ? box_fail(b, "opening the own pid namespace") : 1;
}

/* Root without namespaces: an id that owns nothing, so that the bounds of a user bind. */
static int own_id(box_t *b)
{
    uid_t id = (uid_t)(BOX_OWN_ID + getpid());
    if (setgroups(0, NULL) < 0 || setresgid(id, id, id) < 0 || fchown(b->scratch, id, id) < 0 ||
        fchown(b->cache, id, id) < 0 || setresuid(id, id, id) < 0)
        return 0;
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    b->n_base = BOX_FEWER;
    return b->own_id = 1;
}

/* Root inside a container may be anybody outside: whether the bound on processes holds
   for him is tried. */
static int is_bounded(void)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        struct rlimit one = {1, 1};
        pid_t inner = setrlimit(RLIMIT_NPROC, &one) < 0 ? 0 : fork();
        _exit(inner < 0 ? 0 : 1);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static int start_degraded(box_t *b, const limits_t *l, int n_tasks)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    b->n_base = BOX_FEWER + n_tasks;
    b->landlock = filter_landlock_abi();
    if (!root_degraded(b, l))
        return 0;
    const char *why = NULL;
    if (geteuid() == 0 && !own_id(b) && b->group.pids < 0 && !is_bounded())
        why = "no bound on processes holds for root here (he may not change to another "
              "user, and there is no control group for pids): start as an ordinary user";
    else if (!b->landlock && !b->own_id)
        why = "neither user namespaces nor landlock (kernels from 5.13 on): nothing would "
              "keep a program from this user's files";
    if (why)
        snprintf(b->why, sizeof b->why, "%s", why);
    return !why;
}

static int box_start(box_t *b, const limits_t *l, int go, cgroup_site_t *site, int i)
{
    int n_tasks = box_tasks(), version = 0, minor = 0;
    FILE *f = fopen("/proc/sys/kernel/osrelease", "r");
    if (f && fscanf(f, "%d.%d", &version, &minor) == 2 && version * 1000 + minor >= 5014)
        n_tasks = b->degraded ? n_tasks : 0;
    if (f)
        fclose(f);
    if ((f = fopen("/proc/self/oom_score_adj", "w"))) {
        fputs("500", f); /* guests: 1000, so that the kernel takes them first */
        fclose(f);
    }
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    unsigned char kinds;
    if (read(go, &kinds, 1) != 1) /* the keeper has written the id maps */
        return box_fail(b, "waiting for the id maps");
    close(go);
    for (int k = 0; k < CGROUP_KINDS; k++)
        site->version[k] *= kinds >> k & 1;
    cgroup_open(&b->group, site, i);
    if (b->group.pids >= 0 && n_tasks) /* the group counts better */
        n_tasks = 1 << 20;
    for (int k = 0; k < (int)RLIM_NLIMITS; k++) {
        struct rlimit now;
        b->hard[k] =
            getrlimit(k, &now) < 0 || now.rlim_max > INT64_MAX ? -1 : (int64_t)now.rlim_max;
    }
    return b->degraded ? start_degraded(b, l, n_tasks) : become_guest(b, l, n_tasks);
}

void box_beat(box_t *b)
{
    double now = clock_now();
    if (!b->to || now - b->beat < 0.5)
        return;
    b->beat = now;
    frame_put(b->to, MSG_BEAT, NULL);
    frame_pump(b->to, 0);
}

static void box_ready(box_t *b, pipe_end_t *to, int stands)
{
    text_t t = {0}, mode = {0};
    if (!stands)
        text_addf(&mode, "none: %s", b->why);
    else if (b->degraded)
        text_addf(&mode, "degraded: seccomp%s%s+rlimits, no namespaces",
                  b->landlock ? "+landlock" : "", b->own_id ? "+own user" : "");
    else
        text_addf(&mode, "namespaces+seccomp+rlimits%s",
                  b->proc < 0 ? " (no proc: memory by address space only)" : "");
    if (stands)
        cgroup_print(&mode, b->group.version);
    wire_put_i64(&t, stands);
    wire_put_bytes(&t, mode.s, mode.len);
    wire_put_bytes(&t, b->scratch_path, b->degraded ? strlen(b->scratch_path) : 0);
    frame_put(to, MSG_READY, &t);
    text_reset(&t);
    text_reset(&mode);
}

static void wait_for(pipe_end_t *e)
{
    struct pollfd p = {e->fd, (short)(POLLIN | (frame_waiting(e) ? POLLOUT : 0)), 0};
    poll(&p, 1, -1);
    frame_pump(e, p.revents & (POLLIN | POLLHUP));
    if (e->closed)
        _exit(0);
}

_Noreturn void box_main(int fd, int degraded, const limits_t *l, int go, cgroup_site_t *site, int i,
                        int side, const languages_t *languages, struct alone *alone)
{
    box_t *b = ALLOC(box_t, 1);
    *b = (box_t){.degraded = degraded,
                 .scratch = -1,
                 .shm = -1,
                 .streams = -1,
                 .desk = -1,
                 .mine = {-1, -1, -1},
                 .theirs = {-1, -1, -1},
                 .sockets = -1,
                 .cache = -1,
                 .proc = -1,
                 .own_ns = -1,
                 .zygote_fd = -1,
                 .program_fd = -1,
                 .shelf = -1,
                 .shelf_used = -1,
                 .languages = *languages,
                 .number = i,
                 .alone = alone,
                 .side = side};
    setsid(); /* away from any terminal */
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_SETMASK, &child, NULL);
    b->signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    pipe_end_t to = {.fd = fd};
    b->to = &to;
    int stands = box_start(b, l, go, site, i);
    if (stands) {
        box_remember(b);
        python_start(b);
    }
    box_ready(b, &to, stands);
    while (!stands || !b->tainted) {
        int kind;
        wire_in_t w;
        job_t j;
        while (!frame_get(&to, &kind, &w))
            wait_for(&to);
        if (kind != MSG_JOB)
            continue;
        text_t out = {0}, own = {0}; /* the stream is read meanwhile (share.c) */
        text_addn(&own, w.p, w.n);
        w = (wire_in_t){.p = own.s, .n = own.len};
        int good = wire_job(&w, &j);
        if (good)
            j.limits = language_limits(&b->languages.row[j.lang], j.limits);
        done_t *d =
            good ? job_run(b, &j) : wire_fault(0, 0, "damaged message", "a job was cut short");
        cgroup_rest(&b->group);
        wire_put_done(&out, d);
        frame_put(&to, MSG_DONE, &out);
        text_reset(&out);
        done_free(d);
        wire_job_reset(&j);
        text_reset(&own);
    }
    while (frame_waiting(&to))
        wait_for(&to);
    _exit(0);
}
