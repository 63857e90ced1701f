/* The rank's side of its keeper: a socket pair, and jobs that travel over it.

   keeper_start forks while the rank is still small and has no threads, no MPI and no
   accelerator: forking later would be unsafe and, with gigabytes resident, a hundred
   times dearer than the programs that are run.  The keeper (warden.c) forks launchers,
   which live in the sandboxes; the rank never forks again.  Until it is given work the
   keeper sleeps in poll.

   Both directions are buffered and non-blocking: keeper_submit copies and returns; what
   the socket does not take goes later, inside keeper_poll.  If the keeper itself is
   gone, everything that is pending comes back as a fault. */
#include "warden.h"
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    int64_t ticket;
    int n_test;
} promise_t;

struct keeper {
    pid_t pid;
    pipe_end_t to;
    int launchers, known; /* known: INFO has come */
    limits_t limits;
    char *mode, *tool[LANGS];
    promise_t *promise; /* submitted, not yet answered */
    int n_promise, cap_promise;
    done_t **ready; /* answered, not yet returned */
    int n_ready, cap_ready;
};

static int cores(void)
{
    cpu_set_t s;
    return sched_getaffinity(0, sizeof s, &s) == 0 ? CPU_COUNT(&s) : 1;
}

keeper_t *keeper_start(int launchers)
{
    int pair[2];
    keeper_t *k = ALLOC(keeper_t, 1);
    k->launchers = launchers > 0 ? launchers : cores();
    k->limits = limits_default();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        fail(CODE_FAULT, "the keeper cannot be started: socketpair: %s", strerror(errno));
    fflush(NULL);
    k->pid = fork();
    if (k->pid < 0)
        fail(CODE_FAULT, "the keeper cannot be started: fork: %s", strerror(errno));
    if (k->pid == 0) {
        close(pair[0]);
        warden_main(pair[1], k->launchers);
    }
    close(pair[1]);
    k->to.fd = pair[0];
    return k;
}

void keeper_configure(keeper_t *k, const limits_t *l, int allow_degraded, int launchers)
{
    const limits_t table = limits_default();
    text_t t = {0};
    k->limits = limits_fill(*l, &table);
    k->launchers = launchers > 0 ? launchers : k->launchers;
    k->known = 0;
    wire_put_limits(&t, &k->limits);
    wire_put_i64(&t, allow_degraded);
    wire_put_i64(&t, k->launchers);
    frame_put(&k->to, MSG_CONFIG, &t);
    frame_pump(&k->to, 0);
    text_reset(&t);
}

void keeper_stop(keeper_t *k)
{
    if (!k)
        return;
    frame_reset(&k->to); /* the keeper sees it and ends; in two seconds, or else */
    for (int i = 0; i < 200 && waitpid(k->pid, NULL, WNOHANG) == 0; i++)
        nanosleep(&(struct timespec){0, i < 20 ? 500000 : 10000000}, NULL);
    if (kill(k->pid, SIGKILL) == 0)
        waitpid(k->pid, NULL, 0);
    for (int i = 0; i < k->n_ready; i++)
        done_free(k->ready[i]);
    for (int i = 0; i < LANGS; i++)
        mem_free(k->tool[i]);
    mem_free(k->mode);
    mem_free(k->ready);
    mem_free(k->promise);
    mem_free(k);
}

const limits_t *keeper_limits(const keeper_t *k)
{
    return &k->limits;
}

int keeper_launchers(const keeper_t *k)
{
    return k->launchers;
}

static void set_text(char **to, wire_in_t *w)
{
    size_t n;
    const char *s = wire_bytes(w, &n);
    mem_free(*to);
    *to = mem_text(s);
}

static void take_info(keeper_t *k, wire_in_t *w)
{
    set_text(&k->mode, w);
    for (int i = 0; i < LANGS; i++)
        set_text(&k->tool[i], w);
    k->known = 1;
}

static void take_done(keeper_t *k, done_t *d)
{
    int i = 0;
    while (d && i < k->n_promise && k->promise[i].ticket != d->ticket)
        i++;
    if (!d || i == k->n_promise) {
        done_free(d);
        return;
    }
    k->promise[i] = k->promise[--k->n_promise];
    PUSH(k->ready, k->n_ready, k->cap_ready, d);
}

static void take_all(keeper_t *k, int wait_ms)
{
    int kind;
    wire_in_t w;
    struct pollfd p = {k->to.fd, (short)(POLLIN | (frame_waiting(&k->to) ? POLLOUT : 0)),
                       0};
    if (!k->to.closed && poll(&p, 1, wait_ms) >= 0)
        frame_pump(&k->to, p.revents & (POLLIN | POLLHUP));
    while (frame_get(&k->to, &kind, &w))
        if (kind == MSG_INFO)
            take_info(k, &w);
        else if (kind == MSG_DONE)
            take_done(k, wire_done(&w));
    for (int i = 0; k->to.closed && i < k->n_promise; i++) {
        done_t *d = wire_fault(k->promise[i].ticket, k->promise[i].n_test, "launcher",
                               "the keeper process has ended");
        PUSH(k->ready, k->n_ready, k->cap_ready, d);
    }
    if (k->to.closed)
        k->n_promise = 0;
}

static void need_info(keeper_t *k)
{
    if (k->known)
        return;
    frame_put(&k->to, MSG_INFO, NULL);
    while (!k->known && !k->to.closed)
        take_all(k, 1000);
    if (!k->known) {
        mem_free(k->mode);
        k->mode = mem_text("none: the keeper process has ended");
        for (int i = 0; i < LANGS; i++) {
            mem_free(k->tool[i]);
            k->tool[i] = mem_text("");
        }
        k->known = 1;
    }
}

const char *keeper_mode(keeper_t *k)
{
    need_info(k);
    return k->mode;
}

const char *keeper_toolchain(keeper_t *k, lang_t l)
{
    need_info(k);
    return k->tool[l];
}

void keeper_submit(keeper_t *k, const job_t *j)
{
    text_t t = {0};
    job_t full = *j;
    full.limits = limits_fill(j->limits, &k->limits);
    wire_put_job(&t, &full, 1);
    promise_t p = {j->ticket, j->n_test};
    PUSH(k->promise, k->n_promise, k->cap_promise, p);
    frame_put(&k->to, MSG_JOB, &t);
    text_reset(&t);
    frame_pump(&k->to, 0);
}

done_t *keeper_poll(keeper_t *k, int wait_ms)
{
    double end = clock_now() + wait_ms * 1e-3;
    for (int left = wait_ms; !k->n_ready && k->n_promise;) {
        take_all(k, left);
        left = (int)((end - clock_now()) * 1e3);
        if (left <= 0)
            break;
    }
    if (!k->n_ready)
        return NULL;
    done_t *d = k->ready[0];
    memmove(k->ready, k->ready + 1, (size_t)--k->n_ready * sizeof *k->ready);
    return d;
}

int keeper_pending(const keeper_t *k)
{
    return k->n_promise + k->n_ready;
}
