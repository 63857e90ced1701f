/* The keeper's jobs: from the rank into a queue, to launchers, and their answers back.

   A job is kept as the bytes that came until it is answered, so that it can be given to
   another launcher: one whose launcher died, stopped or fell silent goes back to the
   head of the queue, at most LAUNCHER_MOST times in all, a little later each time (what
   kills launchers may be passing: an administrator, memory of the machine); one that came back with faults
   gets one more launcher.  What is repeated or replaced is counted and told to the rank
   with the next message.  Answers are passed on as they are. */
#include "warden.h"
#include <string.h>

enum { LAUNCHER_MOST = 5 };

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

static void count(warden_t *w, int restarts, int repeated)
{
    text_t t = {0};
    wire_put_i64(&t, w->restarts += restarts);
    wire_put_i64(&t, w->repeated += repeated);
    frame_put(&w->rank, MSG_COUNT, &t);
    text_reset(&t);
}

/* A job whose launcher failed: once more, at the head of the queue. */
static void again(warden_t *w, work_t *j, int most, const char *why)
{
    if (j->attempts >= most) {
        answer(w, j, "launcher", why);
        return;
    }
    count(w, 0, 1);
    if (w->head > 0) {
        w->queue[--w->head] = j;
        return;
    }
    PUSH(w->queue, w->n_queue, w->cap_queue, j);
    memmove(w->queue + 1, w->queue, (size_t)(w->n_queue - 1) * sizeof *w->queue);
    w->queue[0] = j;
}

void warden_take(warden_t *w, const wire_in_t *in)
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
    j.limits = language_limits(&w->languages.row[j.lang], j.limits);
    k->allowance = 30 + 10 * j.limits.compile_wall_ms * 1e-3 +
                   j.n_test * (10.0 * j.limits.wall_ms * 1e-3 + 2);
    wire_job_reset(&j);
    PUSH(w->queue, w->n_queue, w->cap_queue, k);
}

void warden_give(warden_t *w, launcher_t *l)
{
    work_t *j = w->queue[w->head++];
    if (w->head == w->n_queue)
        w->head = w->n_queue = 0;
    text_t t = {.s = j->bytes, .len = j->n};
    frame_put(&l->to, MSG_JOB, &t);
    frame_pump(&l->to, 0);
    j->attempts++;
    l->work = j;
    l->heard = clock_now();
    l->stopped = 0;
    l->deadline = l->heard + j->allowance;
}

static void take_ready(warden_t *w, launcher_t *l, wire_in_t *in)
{
    size_t n;
    int stands = (int)wire_i64(in);
    mem_free(w->mode);
    w->mode = mem_text(wire_bytes(in, &n));
    mem_free(l->folder);
    l->folder = mem_text(wire_bytes(in, &n));
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
        again(w, l->work, 2, "");
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

void warden_hear(warden_t *w, launcher_t *l, int readable)
{
    int kind;
    wire_in_t in;
    frame_pump(&l->to, readable);
    if (readable)
        l->heard = clock_now();
    while (frame_get(&l->to, &kind, &in))
        if (kind == MSG_READY)
            take_ready(w, l, &in);
        else if (kind == MSG_DONE)
            take_done(w, l, &in);
        else if (kind == MSG_FOUND)
            language_get_found(&in, &w->languages);
        else
            store_hear(w->store, (int)(l - w->l), kind, &in);
    double now = clock_now();
    if (!l->to.closed && l->stopped < 2 &&
        ((l->ready && !l->work) ||
         (now < l->deadline && now < l->heard + (l->ready ? w->lost_ms * 1e-3 : 120))))
        return;
    work_t *j = l->work;
    int was_ready = l->ready;
    if (j || !l->to.closed)
        count(w, 1, 0);
    l->work = NULL;
    warden_end(w, l);
    if (j) {
        w->hold = now + 0.1 * j->attempts;
        again(w, j, LAUNCHER_MOST, "launchers in turn died or hung on this job");
    } else if (!was_ready && (w->hold = now + 0.1 * ++w->failures) &&
               w->failures >= (w->probed ? 20 : 8)) {
        w->probed = 1;
        w->stands = 0;
        mem_free(w->mode);
        w->mode = mem_text("none: launchers die while they start");
    }
}

void warden_refuse(warden_t *w)
{
    while (w->head < w->n_queue)
        answer(w, w->queue[w->head++], "no sandbox", w->mode);
    w->head = w->n_queue = 0;
}

void warden_cancel(warden_t *w, int64_t ticket)
{
    int kept = w->head;
    for (int i = w->head; i < w->n_queue; i++)
        if (ticket < 0 || w->queue[i]->ticket == ticket)
            work_free(w->queue[i]);
        else
            w->queue[kept++] = w->queue[i];
    w->n_queue = kept;
    if (w->head == w->n_queue)
        w->head = w->n_queue = 0;
    for (int i = 0; i < WARDEN_MOST; i++) {
        launcher_t *l = &w->l[i];
        if (!l->pid || !l->work || (ticket >= 0 && l->work->ticket != ticket))
            continue;
        work_free(l->work);
        l->work = NULL;
        warden_end(w, l);
    }
}
