/* Two keepers, so that one can be lost.

   Two are started: one works, the other, the spare, sleeps.  When the first is
   lost (its socket ends, it has been stopped for three looks, or it gives no sign of
   life for lost_ms) it is killed, with it everything that it runs, and the spare takes
   its place: it gets the configuration, all jobs that are not answered yet (their bytes
   are kept here until then), and has to fork another spare.  It does that with
   CLONE_PARENT, so that a rank's children are always these two, and sends the new
   socket over a datagram pair that all generations share (the nursery).  A spare that
   is lost is replaced in the same way.  Only if both die within the same milliseconds
   is there none: then everything that is pending comes back as a fault.

   Looking is part of keeper_poll: every beat_ms a question goes to both, and their state
   is read in /proc (T: stopped).  Patience runs only while the rank looks: a rank that
   computed for a minute, or was itself stopped, first reads what has come meanwhile.

   Five losses in a row without one answer between them are no accident: what is pending
   is then a fault, and the next keeper starts with nothing. */
#include "keeper.h"
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

enum { STOPPED_LOOKS = 3, BARREN_MOST = 5 };

void keeper_tell(keeper_t *k, int kind, const text_t *t)
{
    if (k->now.pid <= 0)
        return;
    frame_put(&k->now.to, kind, t);
    frame_pump(&k->now.to, 0);
}

void keeper_end(end_t *e)
{
    frame_reset(&e->to);
    if (e->pid > 0)
        kill(e->pid, SIGKILL);
    for (int i = 0; e->pid > 0 && i < 2000 && waitpid(e->pid, NULL, WNOHANG) == 0; i++)
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    *e = (end_t){.to.fd = -1};
}

void keeper_forget(keeper_t *k, int i)
{
    text_reset(&k->promise[i].job);
    memmove(&k->promise[i], &k->promise[i + 1], (size_t)(--k->n_promise - i) * sizeof *k->promise);
}

/* what comes ------------------------------------------------------------------------- */

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
    k->known = 1;
    k->wants_info = 0;
}

/* An answer for the caller, or one that was asked for in here. */
static void ready(keeper_t *k, done_t *d)
{
    if (d->ticket >= TICKET_REPORT + LANG_MOST) {
        PUSH(k->ready, k->n_ready, k->cap_ready, d);
        return;
    }
    char **to = &k->found[d->ticket - TICKET_REPORT];
    mem_free(*to);
    *to = mem_text(d->message);
    done_free(d);
}

static void take_done(keeper_t *k, done_t *d)
{
    int i = 0;
    while (d && i < k->n_promise && k->promise[i].ticket != d->ticket)
        i++;
    if (!d || i == k->n_promise) { /* cancelled meanwhile */
        done_free(d);
        return;
    }
    keeper_forget(k, i);
    k->barren = 0;
    ready(k, d);
}

static void take_count(keeper_t *k, wire_in_t *w)
{
    k->stats.launchers = k->before.launchers + wire_i64(w);
    k->stats.repeated = k->before.repeated + wire_i64(w);
}

void keeper_hear(keeper_t *k, end_t *e)
{
    int kind;
    wire_in_t w;
    while (frame_get(&e->to, &kind, &w)) {
        e->asked = 0;
        if (kind == MSG_INFO)
            take_info(k, &w);
        else if (kind == MSG_DONE)
            take_done(k, wire_done(&w));
        else if (kind == MSG_COUNT)
            take_count(k, &w);
    }
}

/* The spare that a keeper has forked: its pid, with its socket attached. */
void keeper_take_spare(keeper_t *k)
{
    pid_t pid = 0;
    end_t new = {0};
    if (!process_take(k->nursery, &pid, sizeof pid, &new.to.fd))
        return;
    new.pid = pid;
    k->brood = 0;
    if (k->spare.pid)
        keeper_end(&new);
    else
        k->spare = new;
}

/* losing one ------------------------------------------------------------------------- */

static void all_faults(keeper_t *k, const char *why)
{
    for (int i = 0; i < k->n_promise; i++) {
        promise_t *p = &k->promise[i];
        done_t *d = wire_fault(p->ticket, p->n_test, "launcher", why);
        text_reset(&p->job);
        ready(k, d);
    }
    k->n_promise = 0;
}

static void ask_spare(keeper_t *k)
{
    if (k->brood || k->spare.pid || !k->now.pid)
        return;
    k->brood = 1;
    keeper_tell(k, MSG_BREED, NULL);
}

static void take_over(keeper_t *k)
{
    keeper_end(&k->now);
    keeper_take_spare(k);
    k->now = k->spare;
    k->spare = (end_t){.to.fd = -1};
    k->brood = 0;
    k->stats.keepers++;
    k->before = k->stats;
    if (!k->now.pid) {
        all_faults(k, "the keeper process has ended");
        return;
    }
    ask_spare(k);
    if (k->config.len)
        keeper_tell(k, MSG_CONFIG, &k->config);
    if (k->place.len)
        keeper_tell(k, MSG_PLACE, &k->place);
    if (k->wants_info)
        keeper_tell(k, MSG_INFO, NULL);
    if (++k->barren > BARREN_MOST) {
        k->barren = 0;
        all_faults(k, "the keeper process ended again and again while it had this job");
    }
    for (int i = 0; i < k->n_promise; i++)
        keeper_tell(k, MSG_JOB, &k->promise[i].job);
    k->stats.repeated += k->n_promise;
    k->before.repeated += k->n_promise;
}

/* One look at one of them; 1: it is lost. */
static int look(const keeper_t *k, end_t *e, double now)
{
    e->stopped = process_stopped(-1, e->pid) ? e->stopped + 1 : 0;
    if (!e->asked) {
        frame_put(&e->to, MSG_PING, NULL);
        frame_pump(&e->to, 0);
        e->asked = now;
    }
    return e->stopped >= STOPPED_LOOKS || now - e->asked > k->lost_ms * 1e-3;
}

void keeper_look_after(keeper_t *k)
{
    double now = clock_now(), away = now - k->looked - 2e-3 * k->beat_ms - 1;
    end_t *const both[] = {&k->now, &k->spare};
    k->looked = now;
    for (int i = 0; away > 0 && i < 2; i++)
        both[i]->asked += both[i]->asked ? away : 0;
    if (now >= k->look_at) {
        k->look_at = now + k->beat_ms * 1e-3;
        if (k->spare.pid) {
            frame_pump(&k->spare.to, 1);
            keeper_hear(k, &k->spare);
        }
        if (k->spare.pid && (k->spare.to.closed || look(k, &k->spare, now)))
            keeper_end(&k->spare);
        if (k->now.pid && !k->now.to.closed && look(k, &k->now, now))
            k->now.to.closed = 1;
        keeper_take_spare(k);
        ask_spare(k);
    }
    if (k->now.pid && k->now.to.closed)
        take_over(k);
    else if (!k->now.pid)
        all_faults(k, "the keeper process has ended");
}
