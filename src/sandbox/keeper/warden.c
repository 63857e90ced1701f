/* The keeper process: gives jobs to launchers, and starts launchers.

   It sits between the rank's socket and one socket per launcher in a single poll loop;
   nothing in it blocks.  Launchers are started when there is work for them, at most as
   many as cores, each with clone(NEWUSER | NEWNS | NEWPID | NEWNET | NEWIPC | NEWUTS |
   NEWCGROUP); the keeper writes the id maps, since a process of root maps the guests to
   an id of its own per launcher (it owns nothing, and RLIMIT_NPROC binds it),
   an ordinary user can only map to himself.  Without user namespaces launchers refuse,
   unless the deck allows the degraded mode.

   A launcher that dies, that is found stopped (T in /proc) twice in a row, that gives no
   sign of life for lost_ms while it works (it sends a beat every half second, and with
   every answer), or that holds a job longer than all its limits together allow, is
   killed (with it goes its whole pid namespace), a new one takes its place, and the job
   is repeated, at most four times; then it is a fault.  A job that comes back with faults is
   given to a fresh launcher once.  A job that is cancelled leaves the queue; one that
   runs takes its launcher along: that is the quickest way to end its processes.

   A spare keeper is this same loop with nothing to do, until its rank speaks to it
   (keeper.c says when); asked to, a keeper forks another, as its own sibling.

   When the rank ends, in whatever way, its socket does, and the keeper goes: launchers
   first, then what they leave (control groups; without namespaces also folders), which
   nobody else would remove.  So it is in a process group of its own, where a kill of the
   whole job does not end it before it is done, is woken if it is stopped, and has ten
   seconds.  Launchers are killed by the kernel when the keeper ends.  Signals that batch
   systems send to whole jobs are ignored: stopping is the rank's decision. */
#include "warden.h"
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

enum { LAST_SECONDS = 10 };
static pid_t rank_pid; /* for the signal handler */

static void close_all_but(int low, int high)
{
    for (int fd = 3; fd < high; fd++)
        if (fd != low)
            close(fd);
    process_close_from(high + 1);
}

/* the loop --------------------------------------------------------------------------- */

static void send_info(warden_t *w)
{
    text_t t = {0};
    wire_put_bytes(&t, w->mode, strlen(w->mode));
    frame_put(&w->rank, MSG_INFO, &t);
    text_reset(&t);
    w->info_wanted = 0;
}

/* Once a second: are those that should work or start stopped?  Time in which this
   process itself did not run is nobody's fault. */
static void look(warden_t *w)
{
    double now = clock_now(), away = now - w->turned - 3;
    w->turned = now;
    for (int i = 0; away > 0 && i < WARDEN_MOST; i++)
        w->l[i].heard += away, w->l[i].deadline += away;
    if (now < w->look_at)
        return;
    w->look_at = now + 1;
    for (int i = 0; i < WARDEN_MOST; i++)
        if (w->l[i].pid && (w->l[i].work || !w->l[i].ready))
            w->l[i].stopped = process_stopped(-1, w->l[i].pid) ? w->l[i].stopped + 1 : 0;
}

/* One round; 1: what was found out needs another. */
static int schedule(warden_t *w)
{
    int known = w->probed;
    if (w->probed && !w->stands && !w->degraded && w->modes & MODE_DEGRADED &&
        !warden_ungrouped(w)) {
        for (int i = 0; i < WARDEN_MOST; i++)
            if (w->l[i].pid)
                warden_end(w, &w->l[i]);
        w->degraded = 1;
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); /* see warden_end */
        w->probed = 0;
    }
    if (w->probed && w->info_wanted)
        send_info(w);
    if (w->probed && !w->stands)
        warden_refuse(w);
    if (clock_now() < w->hold)
        return !known && w->probed;
    int waiting = w->n_queue - w->head, starting = 0;
    for (int i = 0; i < w->launchers && w->head < w->n_queue; i++)
        if (w->l[i].ready && !w->l[i].work && !w->l[i].to.closed)
            warden_give(w, &w->l[i]);
    waiting = w->n_queue - w->head;
    for (int i = 0; i < w->launchers; i++)
        starting += w->l[i].pid && !w->l[i].ready;
    int first = !w->probed && (w->info_wanted || waiting);
    for (int i = 0; i < w->launchers && (starting < waiting || (first && !starting)); i++)
        if (!w->l[i].pid && (!w->probed ? !starting : w->stands)) {
            warden_launch(w, i);
            starting++;
        }
    return !known && w->probed;
}

/* 1: another table than before. */
static int take_languages(warden_t *w, wire_in_t *in)
{
    wire_in_t copy = *in;
    size_t n;
    if (!strcmp(wire_bytes(&copy, &n), w->languages.text.s))
        return 0;
    languages_get(in, &w->languages);
    return 1;
}

static void take_config(warden_t *w, wire_in_t *in)
{
    limits_t l = wire_limits(in);
    int modes = (int)wire_i64(in), n = (int)wire_i64(in), other = modes != w->modes,
        renew = other || l.scratch_kb != w->limits.scratch_kb;
    w->configured = 1;
    w->launchers = n < 1 ? 1 : n > WARDEN_MOST ? WARDEN_MOST : n;
    w->lost_ms = (int)wire_i64(in);
    w->limits = l;
    renew |= take_languages(w, in);
    for (int i = 0; renew && i < WARDEN_MOST; i++)
        if (w->l[i].pid && !w->l[i].work)
            warden_end(w, &w->l[i]);
    w->modes = modes;
    if (other) { /* ask the machine again */
        warden_leave_groups(w);
        w->probed = w->degraded = 0;
    }
}

/* Idle launchers that move are started anew, since what they forked stays behind. */
static void take_place(warden_t *w, wire_in_t *in)
{
    w->pin = (int)wire_i64(in);
    int64_t n = wire_i64(in);
    for (w->n_core = 0; w->n_core < n && w->n_core < WARDEN_CORES;) {
        int64_t core = wire_i64(in);
        w->core[w->n_core++] = core >= 0 && core < WARDEN_CORES ? (int)core : 0;
    }
    for (int i = 0; i < WARDEN_MOST; i++)
        if (w->l[i].pid && warden_place(w, i, w->l[i].pid) && !w->l[i].work)
            warden_end(w, &w->l[i]);
}

/* Another keeper like this one, as the rank's own child; its socket and pid go to the
   rank.  It has a copy of this one's memory, and uses none of it. */
static void breed(warden_t *w)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return;
    pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        warden_main(pair[1], w->nursery, w->launchers, 1);
    close(pair[1]);
    if (pid > 0 && !process_hand(w->nursery, &pid, sizeof pid, &pair[0], 1, 0))
        kill(pid, SIGKILL);
    close(pair[0]);
}

static void hear_rank(warden_t *w, int readable)
{
    int kind;
    wire_in_t in;
    frame_pump(&w->rank, readable);
    while (frame_get(&w->rank, &kind, &in))
        switch (kind) {
        case MSG_JOB:
            warden_take(w, &in);
            break;
        case MSG_INFO:
            w->info_wanted = 1;
            break;
        case MSG_CONFIG:
            prctl(PR_SET_NAME, "keeper", 0, 0, 0);
            take_config(w, &in);
            break;
        case MSG_PLACE:
            take_place(w, &in);
            break;
        case MSG_PING:
            frame_put(&w->rank, MSG_PONG, NULL);
            break;
        case MSG_CANCEL:
            warden_cancel(w, wire_i64(&in));
            break;
        case MSG_BREED:
            prctl(PR_SET_NAME, "keeper", 0, 0, 0);
            breed(w);
            break;
        }
}

/* The rank may be gone.  A keeper that was stopped goes on by this very signal. */
static void hurry(int signal)
{
    (void)signal;
    if (getppid() != rank_pid)
        alarm(LAST_SECONDS);
}

_Noreturn void warden_main(int fd, int nursery, int launchers, int spare)
{
    const int ignored[] = {SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    rank_pid = getppid();
    sigaction(SIGCONT, &(struct sigaction){.sa_handler = hurry, .sa_flags = SA_RESTART}, NULL);
    prctl(PR_SET_PDEATHSIG, SIGCONT, 0, 0, 0);
    setpgid(0, 0);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* or /proc/PID/uid_map would be root's */
    prctl(PR_SET_NAME, spare ? "keeper (spare)" : "keeper", 0, 0, 0);
    int null = open("/dev/null", O_RDWR);
    for (int i = 0; i < 3; i++)
        dup2(null, i);
    close_all_but(fd < nursery ? fd : nursery, fd < nursery ? nursery : fd);
    warden_t *w = ALLOC(warden_t, 1);
    w->rank.fd = fd;
    w->nursery = nursery;
    w->lost_ms = 15000;
    w->turned = clock_now();
    w->limits = limits_default();
    w->store = store_new();
    languages_parse(&w->languages, "languages", languages_builtin);
    w->launchers = launchers < 1 ? 1 : launchers > WARDEN_MOST ? WARDEN_MOST : launchers;
    for (int i = 0; i < WARDEN_MOST; i++)
        w->l[i].to.fd = -1;
    while (!w->rank.closed) {
        struct pollfd p[WARDEN_MOST + 1] = {
            {fd, (short)(POLLIN | (frame_waiting(&w->rank) ? POLLOUT : 0)), 0}};
        int who[WARDEN_MOST + 1], n = 1, busy = 0;
        for (int i = 0; i < WARDEN_MOST; i++)
            if (w->l[i].pid) {
                who[n] = i;
                busy |= w->l[i].work || !w->l[i].ready;
                p[n++] =
                    (struct pollfd){w->l[i].to.fd,
                                    (short)(POLLIN | (frame_waiting(&w->l[i].to) ? POLLOUT : 0)),
                                    0};
            }
        poll(p, (nfds_t)n, w->hold > clock_now() ? 20 : busy ? 1000 : -1);
        if (!busy)
            w->turned = clock_now();
        look(w);
        hear_rank(w, p[0].revents & (POLLIN | POLLHUP));
        for (int i = 1; i < n; i++)
            if (w->l[who[i]].pid)
                warden_hear(w, &w->l[who[i]], p[i].revents & (POLLIN | POLLHUP));
        while (schedule(w)) {
        }
        frame_pump(&w->rank, 0);
    }
    alarm(LAST_SECONDS);
    for (int i = 0; i < WARDEN_MOST; i++)
        if (w->l[i].pid)
            warden_end(w, &w->l[i]);
    if (w->configured && !w->grouped && !(w->modes & MODE_NO_CGROUPS))
        cgroup_find(&w->site, ""); /* a keeper whose place this one took may have left some */
    warden_leave_groups(w);
    _exit(0);
}
