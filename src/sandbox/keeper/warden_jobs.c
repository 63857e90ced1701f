/* The keeper's jobs: from the rank into a queue, to launchers, and their answers back.

   A job is kept as the bytes that came until it is answered, so that it can be given to
   another launcher: one whose launcher died, stopped or fell silent goes back to the
   head of the queue, at most LAUNCHER_MOST times in all, a little later each time (what
   kills launchers may be passing: an administrator, memory of the machine).  One that
   came back with faults keeps what was answered, and another launcher gets the tests
   that were not; that goes on as long as every launcher answers some, so that a program
   which wears launchers out is still judged on all its tests, and ends when one answered
   none of them the second time.  What is repeated or replaced is counted and told to the
   rank with the next message.  Other answers are passed on as they are. */
#include "warden.h"
#include <string.h>

enum { LAUNCHER_MOST = 5 };

static void work_free(work_t *j)
{
    mem_free(j->bytes);
    mem_free(j->left);
    done_free(j->have);
    mem_free(j);
}

static void send_answer(warden_t *w, work_t *j, const done_t *d)
{
    text_t t = {0};
    wire_put_done(&t, d);
    frame_put(&w->rank, MSG_DONE, &t);
    text_reset(&t);
    work_free(j);
}

static int is_answered(const outcome_t *o)
{
    return o->verdict != V_FAULT || !strcmp(o->subcode, "no toolchain");
}

/* What a launcher says of the tests that the work still holds goes to the rest of its
   answers.  How many tests it answered. */
static int keep(work_t *j, done_t *d)
{
    int some = 0;
    if (!j->have) {
        j->have = wire_fault(j->ticket, j->n_test, "launcher", "");
        j->left = ALLOC(int, j->n_test + 1);
        for (int i = 0; i < j->n_test; i++)
            j->left[i] = i;
    }
    done_t *h = j->have;
    for (int i = 0; i < d->n_test; i++) {
        int to = j->left[i];
        h->outcome[to] = d->outcome[i];
        h->output[to] = d->output[i];
        h->n_output[to] = d->n_output[i];
        d->output[i] = NULL;
        some += is_answered(&h->outcome[to]);
    }
    if (d->message[0] && (!h->message[0] || some < d->n_test)) {
        mem_free(h->message);
        h->message = mem_text(d->message);
    }
    h->compiled |= d->compiled;
    h->runs += d->runs;
    h->busy_s += d->busy_s;
    return some;
}

/* The work is from here on what has no answer yet. */
static void shorten(work_t *j, const done_t *d)
{
    job_t of;
    wire_in_t in = {.p = j->bytes, .n = j->n};
    text_t t = {0};
    int n = 0, output_of = 0;
    ASSERT(wire_job(&in, &of) && of.n_test == d->n_test);
    check_t *check = (check_t *)of.check;
    form_t *form = (form_t *)of.form;
    for (int i = 0; i < of.n_test; i++) {
        if (is_answered(&j->have->outcome[j->left[i]]))
            continue;
        of.input[n] = of.input[i], ((size_t *)of.n_input)[n] = of.n_input[i];
        of.expect[n] = of.expect[i], ((size_t *)of.n_expect)[n] = of.n_expect[i];
        of.other[n] = of.other[i], ((size_t *)of.n_other)[n] = of.n_other[i];
        check[n] = check[i];
        form[n] = form[i];
        output_of = of.output_of == i + 1 ? n + 1 : output_of;
        j->left[n++] = j->left[i];
    }
    of.n_test = n;
    of.output_of = output_of;
    wire_put_job(&t, &of, 1);
    wire_job_reset(&of);
    mem_free(j->bytes);
    j->bytes = t.s;
    j->n = t.len;
}

static void answer(warden_t *w, work_t *j, const char *subcode, const char *why)
{
    done_t *d = j->have ? j->have : wire_fault(j->ticket, j->n_test, subcode, why);
    j->have = NULL;
    if (!d->message[0]) {
        mem_free(d->message);
        d->message = mem_text(why);
    }
    send_answer(w, j, d);
    done_free(d);
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
    k->allowance =
        30 + 10 * j.limits.compile_wall_ms * 1e-3 + j.n_test * (10.0 * j.limits.wall_ms * 1e-3 + 2);
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
    work_t *j = l->work;
    int faults = !d;
    l->work = NULL;
    for (int i = 0; d && i < d->n_test; i++)
        faults += !is_answered(&d->outcome[i]);
    if (!j) {
        done_free(d);
        return;
    }
    int some = d && (faults || j->have) ? keep(j, d) : 0;
    if (faults && (some || j->attempts < 2)) {
        j->attempts = some ? 0 : j->attempts;
        if (some)
            shorten(j, d);
        again(w, j, 2, "");
    } else if (!d) {
        answer(w, j, "damaged message", "a launcher's answer was damaged");
    } else {
        send_answer(w, j, j->have ? j->have : d);
    }
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
