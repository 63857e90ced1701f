/* The keeper process: gives jobs to launchers, and starts launchers.

   It sits between the rank's socket and one socket per launcher in a single poll loop;
   nothing in it blocks.  Launchers are started when there is work for them, at most as
   many as cores, each with clone(NEWUSER | NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS |
   NEWCGROUP); the keeper writes the id maps, since a process of root maps the guests to
   an id of its own per launcher (200000 + i: owns nothing, and RLIMIT_NPROC binds it),
   an ordinary user can only map to himself.  Without user namespaces launchers refuse,
   unless the deck allows the degraded mode.

   A launcher that dies, or that holds a job longer than all its limits together allow,
   is killed (with it goes its whole pid namespace), a new one takes its place, and the
   job is repeated once; then it is a fault.  So is a job that comes back with faults:
   it is given to a fresh launcher once.

   The keeper asks the kernel to be killed when the rank ends, launchers when the keeper
   ends, and both also end when their socket does.  Signals that batch systems send to
   whole jobs are ignored: stopping is the rank's decision. */
#include "warden.h"
#include "box.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX = 256, OWN_ID = 200000 };

typedef struct {
    char *bytes;
    size_t n;
    int64_t ticket;
    int n_test, attempts;
    double allowance;
} work_t;

typedef struct {
    pid_t pid; /* 0: not running */
    pipe_end_t to;
    int ready;
    work_t *work; /* NULL: idle */
    double deadline;
    char *folder; /* degraded: its scratch, removed when it ends */
} launcher_t;

typedef struct {
    pipe_end_t rank;
    limits_t limits;
    int allow_degraded, degraded, launchers, info_wanted, stands, probed, failures;
    char *mode, *tool[LANGS];
    launcher_t l[MAX];
    work_t **queue; /* first in, first out: [head, n) */
    int head, n_queue, cap_queue;
} warden_t;

/* starting --------------------------------------------------------------------------- */

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
    if (fd >= 0)
        close(fd);
    return n < 0 ? -1 : 0;
}

static int map_ids(pid_t pid, int i)
{
    char path[64], text[64];
    const char *const kinds[] = {"uid_map", "gid_map"};
    const unsigned own[] = {geteuid(), getegid()};
    snprintf(path, sizeof path, "/proc/%d/setgroups", pid);
    if (geteuid() != 0)
        write_file(path, "deny");
    for (int k = 0; k < 2; k++) {
        snprintf(path, sizeof path, "/proc/%d/%s", pid, kinds[k]);
        snprintf(text, sizeof text, "65534 %d 1", OWN_ID + i);
        if (geteuid() == 0 && write_file(path, text) == 0)
            continue;
        snprintf(text, sizeof text, "65534 %u 1", own[k]);
        if (write_file(path, text) < 0)
            return -1;
    }
    return 0;
}

static void close_all_but(int keep)
{
    for (int fd = 3; fd < keep; fd++)
        close(fd);
    if (syscall(436, keep + 1, ~0u, 0) < 0) /* close_range */
        for (int fd = keep + 1; fd < 4096; fd++)
            close(fd);
}

static void launcher_start(warden_t *w, int i)
{
    launcher_t *l = &w->l[i];
    int pair[2], go[2];
    const int spaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
                       CLONE_NEWIPC | CLONE_NEWUTS;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ||
        pipe2(go, O_CLOEXEC) < 0)
        _exit(1);
    long pid = syscall(SYS_clone, SIGCHLD | (w->degraded ? 0 : spaces | CLONE_NEWCGROUP),
                       0, 0, 0, 0);
    if (pid < 0 && errno == EINVAL && !w->degraded)
        pid = syscall(SYS_clone, SIGCHLD | spaces, 0, 0, 0, 0);
    if (pid == 0) {
        if (pair[1] < 10) /* keep two, close the rest */
            pair[1] = fcntl(pair[1], F_DUPFD_CLOEXEC, 10);
        dup2(go[0], 3);
        for (int fd = 4; fd < pair[1]; fd++)
            close(fd);
        if (syscall(436, pair[1] + 1, ~0u, 0) < 0)
            for (int fd = pair[1] + 1; fd < 4096; fd++)
                close(fd);
        box_main(pair[1], w->degraded, &w->limits, w->degraded ? -1 : 3);
    }
    int why = errno;
    close(pair[1]);
    close(go[0]);
    if (pid > 0 && !w->degraded && map_ids((pid_t)pid, i) < 0) {
        why = errno;
        kill((pid_t)pid, SIGKILL);
        waitpid((pid_t)pid, NULL, 0);
        pid = -1;
    }
    if (pid > 0 && write(go[1], "g", 1) < 0) {
    }
    close(go[1]);
    l->to = (pipe_end_t){.fd = pair[0]};
    l->pid = pid > 0 ? (pid_t)pid : 0;
    l->ready = 0;
    l->deadline = clock_now() + 120;
    if (pid > 0)
        return;
    frame_reset(&l->to);
    text_t t = {0};
    text_addf(
        &t,
        "none: user namespaces are not to be had here (%s); ask the administrator for "
        "user.max_user_namespaces > 0, or set [sandbox] allow_degraded = yes",
        strerror(why));
    mem_free(w->mode);
    w->mode = mem_text(t.s);
    text_reset(&t);
    w->stands = 0;
    w->probed = 1;
}

static void launcher_end(launcher_t *l)
{
    if (l->pid > 0) {
        kill(l->pid, SIGKILL);
        waitpid(l->pid, NULL, 0);
    }
    if (l->folder &&
        l->folder[0] == '/') { /* degraded: what its namespace would have taken along */
        char bin[512];
        snprintf(bin, sizeof bin, "%s.bin", l->folder);
        const char *const both[] = {l->folder, bin};
        for (int i = 0; i < 2; i++) {
            int fd = open(both[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (fd >= 0)
                box_remove(fd);
            rmdir(both[i]);
        }
    }
    mem_free(l->folder);
    l->folder = NULL;
    frame_reset(&l->to);
    l->pid = 0;
    l->ready = 0;
}

/* work ------------------------------------------------------------------------------- */

static void work_free(work_t *j)
{
    mem_free(j->bytes);
    mem_free(j);
}

static void answer(warden_t *w, work_t *j, const char *subcode, const char *why)
{
    text_t t = {0};
    done_t *d = wire_fault(j->ticket, j->n_test, subcode, why);
    wire_put_done(&t, d);
    frame_put(&w->rank, MSG_DONE, &t);
    text_reset(&t);
    done_free(d);
    work_free(j);
}

/* A job whose launcher failed: once more, at the head of the queue. */
static void again(warden_t *w, work_t *j, const char *why)
{
    if (j->attempts >= 2) {
        answer(w, j, "launcher", why);
        return;
    }
    if (w->head > 0) {
        w->queue[--w->head] = j;
        return;
    }
    PUSH(w->queue, w->n_queue, w->cap_queue, j);
    memmove(w->queue + 1, w->queue, (size_t)(w->n_queue - 1) * sizeof *w->queue);
    w->queue[0] = j;
}

static void take_job(warden_t *w, const wire_in_t *in)
{
    wire_in_t copy = *in;
    job_t j;
    if (!wire_job(&copy, &j))
        return;
    work_t *k = ALLOC(work_t, 1);
    k->bytes = mem_new(in->n);
    memcpy(k->bytes, in->p, in->n);
    k->n = in->n;
    k->ticket = j.ticket;
    k->n_test = j.n_test;
    k->allowance = 30 + 10 * j.limits.compile_wall_ms * 1e-3 +
                   j.n_test * (10.0 * j.limits.wall_ms * 1e-3 + 2);
    wire_job_reset(&j);
    PUSH(w->queue, w->n_queue, w->cap_queue, k);
}

static void give(warden_t *w, launcher_t *l)
{
    work_t *j = w->queue[w->head++];
    if (w->head == w->n_queue)
        w->head = w->n_queue = 0;
    text_t t = {.s = j->bytes, .len = j->n};
    frame_put(&l->to, MSG_JOB, &t);
    frame_pump(&l->to, 0);
    j->attempts++;
    l->work = j;
    l->deadline = clock_now() + j->allowance;
}

static void take_ready(warden_t *w, launcher_t *l, wire_in_t *in)
{
    size_t n;
    int stands = (int)wire_i64(in);
    mem_free(w->mode);
    w->mode = mem_text(wire_bytes(in, &n));
    mem_free(l->folder);
    l->folder = mem_text(wire_bytes(in, &n));
    for (int i = 0; i < LANGS; i++) {
        mem_free(w->tool[i]);
        w->tool[i] = mem_text(wire_bytes(in, &n));
    }
    w->probed = 1;
    w->stands = stands;
    l->ready = stands;
    if (stands)
        w->failures = 0;
}

static void take_done(warden_t *w, launcher_t *l, wire_in_t *in)
{
    done_t *d = wire_done(in);
    int faults = !d;
    for (int i = 0; d && i < d->n_test; i++)
        faults += d->outcome[i].verdict == V_FAULT &&
                  strcmp(d->outcome[i].subcode, "no toolchain");
    if (!l->work) {
        done_free(d);
        return;
    }
    if (faults && l->work->attempts < 2) {
        again(w, l->work, "");
    } else if (!d) {
        answer(w, l->work, "damaged message", "a launcher's answer was damaged");
    } else {
        text_t t = {0};
        wire_put_done(&t, d);
        frame_put(&w->rank, MSG_DONE, &t);
        text_reset(&t);
        work_free(l->work);
    }
    l->work = NULL;
    done_free(d);
}

static void hear_launcher(warden_t *w, launcher_t *l, int readable)
{
    int kind;
    wire_in_t in;
    frame_pump(&l->to, readable);
    while (frame_get(&l->to, &kind, &in))
        if (kind == MSG_READY)
            take_ready(w, l, &in);
        else if (kind == MSG_DONE)
            take_done(w, l, &in);
    if (!l->to.closed && ((l->ready && !l->work) || clock_now() < l->deadline))
        return;
    work_t *j = l->work;
    int was_ready = l->ready;
    l->work = NULL;
    launcher_end(l);
    if (j)
        again(w, j, "two launchers in turn died or hung on this job");
    else if (!was_ready && ++w->failures >= (w->probed ? 20 : 3)) {
        w->probed = 1;
        w->stands = 0;
        mem_free(w->mode);
        w->mode = mem_text("none: launchers die while they start");
    }
}

/* the loop --------------------------------------------------------------------------- */

static void refuse_all(warden_t *w)
{
    while (w->head < w->n_queue)
        answer(w, w->queue[w->head++], "no sandbox", w->mode);
    w->head = w->n_queue = 0;
}

static void send_info(warden_t *w)
{
    text_t t = {0};
    wire_put_bytes(&t, w->mode, strlen(w->mode));
    for (int i = 0; i < LANGS; i++) {
        const char *s = w->tool[i] && w->stands ? w->tool[i] : "";
        wire_put_bytes(&t, s, strlen(s));
    }
    frame_put(&w->rank, MSG_INFO, &t);
    text_reset(&t);
    w->info_wanted = 0;
}

/* One round; 1: what was found out needs another. */
static int schedule(warden_t *w)
{
    int known = w->probed;
    if (w->probed && !w->stands && !w->degraded && w->allow_degraded) {
        for (int i = 0; i < MAX; i++)
            if (w->l[i].pid)
                launcher_end(&w->l[i]);
        w->degraded = 1;
        w->probed = 0;
    }
    if (w->probed && w->info_wanted)
        send_info(w);
    if (w->probed && !w->stands)
        refuse_all(w);
    int waiting = w->n_queue - w->head, starting = 0;
    for (int i = 0; i < w->launchers && w->head < w->n_queue; i++)
        if (w->l[i].ready && !w->l[i].work && !w->l[i].to.closed)
            give(w, &w->l[i]);
    waiting = w->n_queue - w->head;
    for (int i = 0; i < w->launchers; i++)
        starting += w->l[i].pid && !w->l[i].ready;
    int first = !w->probed && (w->info_wanted || waiting);
    for (int i = 0; i < w->launchers && (starting < waiting || (first && !starting)); i++)
        if (!w->l[i].pid && (!w->probed ? !starting : w->stands)) {
            launcher_start(w, i);
            starting++;
        }
    return !known && w->probed;
}

static void hear_rank(warden_t *w, int readable)
{
    int kind;
    wire_in_t in;
    frame_pump(&w->rank, readable);
    while (frame_get(&w->rank, &kind, &in))
        if (kind == MSG_JOB) {
            take_job(w, &in);
        } else if (kind == MSG_INFO) {
            w->info_wanted = 1;
        } else if (kind == MSG_CONFIG) {
            limits_t l = wire_limits(&in);
            w->allow_degraded = (int)wire_i64(&in);
            int n = (int)wire_i64(&in), scratch = l.scratch_kb != w->limits.scratch_kb;
            w->launchers = n < 1 ? 1 : n > MAX ? MAX : n;
            w->limits = l;
            for (int i = 0; scratch && i < MAX; i++)
                if (w->l[i].pid && !w->l[i].work)
                    launcher_end(&w->l[i]);
        }
}

_Noreturn void warden_main(int fd, int launchers)
{
    const int ignored[] = {SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* or /proc/PID/uid_map would be root's */
    prctl(PR_SET_NAME, "keeper", 0, 0, 0);
    int null = open("/dev/null", O_RDWR);
    for (int i = 0; i < 3; i++)
        dup2(null, i);
    close_all_but(fd);
    warden_t *w = ALLOC(warden_t, 1);
    w->rank.fd = fd;
    w->limits = limits_default();
    w->launchers = launchers < 1 ? 1 : launchers > MAX ? MAX : launchers;
    for (int i = 0; i < MAX; i++)
        w->l[i].to.fd = -1;
    while (!w->rank.closed) {
        struct pollfd p[MAX + 1] = {
            {fd, (short)(POLLIN | (frame_waiting(&w->rank) ? POLLOUT : 0)), 0}};
        int who[MAX + 1], n = 1, busy = 0;
        for (int i = 0; i < MAX; i++)
            if (w->l[i].pid) {
                who[n] = i;
                busy |= w->l[i].work || !w->l[i].ready;
                p[n++] = (struct pollfd){
                    w->l[i].to.fd,
                    (short)(POLLIN | (frame_waiting(&w->l[i].to) ? POLLOUT : 0)), 0};
            }
        poll(p, (nfds_t)n, busy ? 1000 : -1);
        hear_rank(w, p[0].revents & (POLLIN | POLLHUP));
        for (int i = 1; i < n; i++)
            if (w->l[who[i]].pid)
                hear_launcher(w, &w->l[who[i]], p[i].revents & (POLLIN | POLLHUP));
        while (schedule(w)) {
        }
        frame_pump(&w->rank, 0);
    }
    for (int i = 0; i < MAX; i++)
        if (w->l[i].pid)
            launcher_end(&w->l[i]);
    _exit(0);
}
