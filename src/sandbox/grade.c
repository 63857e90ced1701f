/* Grader ranks and their clients.

   The last n ranks of the world are graders: each runs programs through its own keeper
   and does nothing else.  The others are clients: grading_submit copies a job, puts it
   into a queue and returns; grading_poll sends what may be sent and takes what has
   come.  A job goes to the grader with the fewest jobs of this client in flight (ties:
   by turn, starting at the client's own rank, so that clients spread out), at most
   WINDOW at a time, so that late work can still go to whoever is free.  With no graders
   the client's own keeper takes the place of the only one.

   Work is named by its content (language, source, tests, limits): an identical job in
   flight or done is not run again, its answer is copied.  Jobs that ask for outputs are
   the exception: running a reference twice is meant.  A job with a fault goes once to
   the next grader, then the fault is reported.  Which grader ran a job, and when its
   answer came, leaves no trace in the answer.

   Messages (mail.c of comm, over a communicator of their own): JOB and DONE carry
   wire.c's bytes, the ticket is the client's index; REST and CLOSE say that this client
   needs no more service now, or ever; DROP that it wants none of what it asked for (said
   by all clients or by none; a grader says it back and then sends nothing more).  A
   grader sleeps half a millisecond when it has neither mail nor running programs. */
#include "grade.h"
#include "wire.h"
#include <string.h>
#include <time.h>

enum { TAG_JOB = 1, TAG_DONE, TAG_REST, TAG_CLOSE, TAG_DROP };
enum { WINDOW = 64, CACHE_MOST = 1 << 14, BUCKETS = 1 << 16 };
enum { QUEUED, SENT, DONE };

typedef struct { /* one piece of work */
    hash_t key;
    int state, named, target, attempts, next; /* next: in its bucket, -1 ends */
    text_t job;                               /* wire form, until done */
    done_t *result;
    int64_t *waiter;
    int n_waiter, cap_waiter; /* tickets that want it */
} item_t;

typedef struct {
    int from;
    int64_t ticket;
} origin_t;

struct grading {
    group_t *world, *clients;
    keeper_t *k;
    int n_graders, n_clients, is_grader;
    int n_rest, n_close, n_drop; /* grader: clients that said so */
    known_t *known;              /* borrowed */
    origin_t *origin;
    int n_origin, cap_origin;
    item_t *item;
    int n_item, cap_item, first_queued;
    int *bucket;     /* [BUCKETS] */
    int *load, turn; /* [max(1, n_graders)] */
    int in_flight, undelivered;
    done_t **ready;
    int n_ready, cap_ready, ready_at;
    char mode[256], tool[LANGS][256];
    grading_stats_t stats;
};

static void ask_mode(grading_t *g, int root)
{
    if (group_rank(g->world) == root && g->k) {
        snprintf(g->mode, sizeof g->mode, "%s", keeper_mode(g->k));
        for (int i = 0; i < LANGS; i++)
            snprintf(g->tool[i], sizeof g->tool[i], "%s",
                     keeper_toolchain(g->k, (lang_t)i));
    }
    comm_bcast(g->world, g->mode, sizeof g->mode, root);
    comm_bcast(g->world, g->tool, sizeof g->tool, root);
}

grading_t *grading_open(group_t *world, int n_graders, keeper_t *k)
{
    int size = group_size(world), rank = group_rank(world);
    fail_any(world, n_graders >= size && n_graders > 0, CODE_USAGE,
             "[layout] graders = %d, but only %d ranks were started: at least one has to "
             "compute",
             n_graders, size);
    grading_t *g = ALLOC(grading_t, 1);
    g->n_graders = n_graders;
    g->n_clients = size - n_graders;
    g->is_grader = rank >= g->n_clients;
    fail_any(world, !k && (g->is_grader || !n_graders), CODE_FAULT,
             "a rank that grades has no keeper");
    g->k = k;
    g->world = group_split(world, 0, rank);
    g->clients = group_split(world, g->is_grader ? -1 : 0, rank);
    g->bucket = ALLOC(int, BUCKETS);
    memset(g->bucket, 0xff, BUCKETS * sizeof(int));
    g->load = ALLOC(int, n_graders + 1);
    g->turn = rank;
    ask_mode(g, n_graders ? g->n_clients : 0);
    return g;
}

grading_t *grading_read(const deck_t *d, group_t *world, keeper_t *k)
{
    int ranks = group_size(world), graders = (int)deck_int(d, "layout.graders");
    if (graders >= ranks)
        fail(CODE_USAGE,
             "layout.graders = %d leaves no rank of %d to compute; start more ranks or "
             "lower it",
             graders, ranks);
    keeper_languages(k, d);
    if (k) {
        limits_t limits = limits_read(d);
        keeper_configure(k, &limits, limits_modes(d),
                         (int)deck_int(d, "layout.launchers"));
    }
    return grading_open(world, graders, k);
}

int grading_is_grader(const grading_t *g)
{
    return g->is_grader;
}

const char *grading_mode(const grading_t *g)
{
    return g->mode;
}

const char *grading_toolchain(const grading_t *g, lang_t l)
{
    return g->tool[l];
}

group_t *grading_clients(const grading_t *g)
{
    return g->clients;
}

group_t *grading_world(grading_t *g)
{
    return g->world;
}

grading_stats_t grading_stats(const grading_t *g)
{
    return g->stats;
}

int grading_pending(const grading_t *g)
{
    return g->undelivered;
}

/* the grader's side ------------------------------------------------------------------ */

static int serve_mail(grading_t *g)
{
    size_t n;
    int from, tag, any = 0;
    for (char *m; (m = mail_poll(g->world, &n, &from, &tag)); mem_free(m), any = 1) {
        wire_in_t w = {.p = m, .n = n};
        job_t j;
        g->n_rest += tag == TAG_REST;
        g->n_close += tag == TAG_CLOSE;
        g->n_drop += tag == TAG_DROP;
        if (tag != TAG_JOB || !wire_job(&w, &j))
            continue;
        int slot = 0;
        while (slot < g->n_origin && g->origin[slot].from >= 0)
            slot++;
        origin_t o = {from, j.ticket};
        if (slot == g->n_origin)
            PUSH(g->origin, g->n_origin, g->cap_origin, o);
        g->origin[slot] = o;
        j.ticket = slot;
        keeper_submit(g->k, &j);
        wire_job_reset(&j);
    }
    return any;
}

static void serve_done(grading_t *g, done_t *d)
{
    origin_t *o = &g->origin[d->ticket];
    text_t t = {0};
    d->ticket = o->ticket;
    wire_put_done(&t, d);
    mail_post(g->world, o->from, TAG_DONE, t.s, t.len);
    o->from = -1;
    text_reset(&t);
    done_free(d);
}

void grading_serve(grading_t *g)
{
    ASSERT(g->is_grader);
    while (g->n_drop < g->n_clients) {
        int busy = serve_mail(g);
        for (done_t *d; (d = keeper_poll(g->k, busy ? 0 : 1)); busy = 1)
            serve_done(g, d);
        if (keeper_pending(g->k) == 0 &&
            (g->n_rest >= g->n_clients || g->n_close >= g->n_clients))
            break;
        if (!busy && keeper_pending(g->k) == 0)
            nanosleep(&(struct timespec){0, 500000}, NULL);
    }
    if (g->n_drop)
        keeper_cancel(g->k, -1);
    for (int i = 0; g->n_drop && i < g->n_clients; i++)
        mail_post(g->world, i, TAG_DROP, "", 1);
    mail_flush(g->world);
    if (g->n_rest >= g->n_clients)
        g->n_rest -= g->n_clients;
}

/* the client's side ------------------------------------------------------------------ */

static void item_reset(item_t *it)
{
    text_reset(&it->job);
    done_free(it->result);
    mem_free(it->waiter);
    *it = (item_t){.next = -1};
}

static void forget_all(grading_t *g)
{
    for (int i = 0; i < g->n_item; i++)
        item_reset(&g->item[i]);
    memset(g->bucket, 0xff, BUCKETS * sizeof(int));
    g->n_item = g->first_queued = 0;
}

static void deliver(grading_t *g, item_t *it)
{
    for (int i = 0; i < it->n_waiter; i++) {
        text_t t = {0};
        wire_put_done(&t, it->result);
        wire_in_t w = {.p = t.s, .n = t.len};
        done_t *copy = wire_done(&w);
        text_reset(&t);
        ASSERT(copy);
        copy->ticket = it->waiter[i];
        PUSH(g->ready, g->n_ready, g->cap_ready, copy);
    }
    it->n_waiter = 0;
    if (!it->named)
        item_reset(it);
}

static void complete(grading_t *g, done_t *d)
{
    if (!d || d->ticket < 0 || d->ticket >= g->n_item ||
        g->item[d->ticket].state != SENT) {
        done_free(d);
        return;
    }
    item_t *it = &g->item[d->ticket];
    int faults = 0;
    g->load[it->target]--;
    g->in_flight--;
    for (int i = 0; i < d->n_test; i++)
        faults += d->outcome[i].verdict == V_FAULT;
    if (faults && it->attempts < 2) {
        it->state = QUEUED;
        if (d->ticket < g->first_queued)
            g->first_queued = (int)d->ticket;
        done_free(d);
        return;
    }
    g->stats.faults += faults;
    g->stats.runs += d->runs;
    g->stats.compiled += d->compiled;
    g->stats.busy_s += d->busy_s;
    it->state = DONE;
    it->result = d;
    text_reset(&it->job);
    deliver(g, it);
}

static void send_item(grading_t *g, int i)
{
    int n = g->n_graders ? g->n_graders : 1, best = -1;
    item_t *it = &g->item[i];
    for (int t = 0; t < n; t++) {
        int s = (t + g->turn) % n;
        int same = it->attempts && n > 1 && s == it->target; /* a fault goes elsewhere */
        if (!same && (best < 0 || g->load[s] < g->load[best]))
            best = s;
    }
    g->turn = (g->turn + 1) % n;
    it->target = best;
    it->attempts++;
    it->state = SENT;
    g->load[best]++;
    g->in_flight++;
    wire_in_t w = {.p = it->job.s, .n = it->job.len};
    if (g->n_graders) {
        mail_post(g->world, g->n_clients + best, TAG_JOB, it->job.s, it->job.len);
        return;
    }
    job_t j;
    ASSERT(wire_job(&w, &j));
    keeper_submit(g->k, &j);
    wire_job_reset(&j);
}

static void pump(grading_t *g)
{
    size_t n;
    int from, tag, room = WINDOW * (g->n_graders ? g->n_graders : 1);
    for (char *m; g->n_graders && (m = mail_poll(g->world, &n, &from, &tag));
         mem_free(m)) {
        wire_in_t w = {.p = m, .n = n};
        if (tag == TAG_DONE)
            complete(g, wire_done(&w));
    }
    for (done_t *d; !g->n_graders && (d = keeper_poll(g->k, 0));)
        complete(g, d);
    for (; g->first_queued < g->n_item && g->in_flight < room; g->first_queued++)
        if (g->item[g->first_queued].state == QUEUED)
            send_item(g, g->first_queued);
}

void grading_submit(grading_t *g, const job_t *j)
{
    ASSERT(!g->is_grader);
    if (g->n_item >= CACHE_MOST && !g->undelivered)
        forget_all(g);
    text_t content = {0};
    wire_put_job(&content, j, 0);
    hash_t key = hash_bytes(content.s, content.len);
    text_reset(&content);
    int named = 1, i = g->bucket[key.lo % BUCKETS];
    for (int t = 0; t < j->n_test; t++)
        named &= j->expect && j->expect[t];
    while (i >= 0 && !(named && hash_equal(g->item[i].key, key)))
        i = g->item[i].next;
    g->undelivered++;
    g->stats.programs++;
    if (i < 0) {
        item_t it = {.key = key, .named = named, .next = -1};
        job_t copy = *j;
        copy.ticket = i = g->n_item;
        wire_put_job(&it.job, &copy, 1);
        if (named) {
            it.next = g->bucket[key.lo % BUCKETS];
            g->bucket[key.lo % BUCKETS] = i;
        }
        PUSH(g->item, g->n_item, g->cap_item, it);
    } else {
        g->stats.cached++;
    }
    item_t *it = &g->item[i];
    PUSH(it->waiter, it->n_waiter, it->cap_waiter, j->ticket);
    if (it->state == DONE)
        deliver(g, it);
    pump(g);
}

done_t *grading_poll(grading_t *g)
{
    if (g->undelivered)
        pump(g);
    if (g->ready_at == g->n_ready)
        return NULL;
    done_t *d = g->ready[g->ready_at++];
    if (g->ready_at == g->n_ready)
        g->ready_at = g->n_ready = 0;
    g->undelivered--;
    return d;
}

void grading_wait(grading_t *g, int ms)
{
    done_t *d = !g->n_graders && g->in_flight ? keeper_poll(g->k, ms) : NULL;
    if (d)
        complete(g, d);
    else if (g->n_graders && g->ready_at == g->n_ready)
        nanosleep(&(struct timespec){0, 500000}, NULL);
}

void grading_rest(grading_t *g)
{
    for (int i = 0; i < g->n_graders; i++)
        mail_post(g->world, g->n_clients + i, TAG_REST, "", 1);
    mail_flush(g->world);
}

void grading_drop(grading_t *g)
{
    size_t n;
    int tag, said = 0;
    for (int i = 0; i < g->n_graders; i++)
        mail_post(g->world, g->n_clients + i, TAG_DROP, "", 1);
    while (said < g->n_graders) {
        char *m = mail_poll(g->world, &n, NULL, &tag);
        said += m && tag == TAG_DROP;
        mem_free(m);
    }
    mail_flush(g->world);
}

void grading_know(grading_t *g, known_t *k)
{
    g->known = k;
}

known_t *grading_known(const grading_t *g)
{
    return g->known;
}

void grading_close(grading_t *g)
{
    for (int i = 0; !g->is_grader && i < g->n_graders; i++)
        mail_post(g->world, g->n_clients + i, TAG_CLOSE, "", 1);
    mail_flush(g->world);
    while (g->is_grader && g->n_close < g->n_clients)
        if (!serve_mail(g))
            nanosleep(&(struct timespec){0, 500000}, NULL);
    comm_barrier(g->world);
    forget_all(g);
    for (int i = g->ready_at; i < g->n_ready; i++)
        done_free(g->ready[i]);
    mem_free(g->ready);
    mem_free(g->item);
    mem_free(g->bucket);
    mem_free(g->load);
    mem_free(g->origin);
    if (g->clients)
        group_free(g->clients);
    group_free(g->world);
    mem_free(g);
}
