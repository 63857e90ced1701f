/* The client's side: what is asked for, who does it, and whether he still lives.

   grading_submit copies a job into a queue, sends what may be sent and returns; grading_poll
   also takes what has come, and looks at the mail only when it has nothing left to give: where
   ranks are more than cores every look may lend this one's core to others.  Neither waits.  Work is named by its content: an equal
   job in flight or answered is not run again, its answer is copied, unless it holds a
   fault.  Jobs that ask for outputs are not named: running a reference twice is meant.
   Which grader ran a job, and when its answer came, leaves no trace in the answer.

   Bounds.  At most HELD_JOBS jobs and HELD_BYTES of them and of answers that were not
   polled yet are held here; at the bound grading_submit takes nothing and returns 0 (one
   job is always taken).  In flight to one grader are at most its
   share of the 1024 jobs and 128 MB that it allows all clients together (at least one
   job).  Whom a job goes to, and what happens to those of a lost grader: grade_peers.c. */
#include "grade.h"
#include <string.h>
#include <time.h>

enum { HELD_JOBS = 1 << 14, HELD_BYTES = 512 << 20 };
enum { ALL_JOBS = 1024, ALL_BYTES = 128 << 20, PAIR_MOST = 128 };

client_t *client_new(const grading_t *g, const int *launchers)
{
    client_t *c = ALLOC(client_t, 1);
    c->n_peer = g->n_graders ? g->n_graders : 1;
    c->peer = ALLOC(peer_t, c->n_peer);
    for (int i = 0; i < c->n_peer; i++)
        c->peer[i].launchers = launchers[i] > 0 ? launchers[i] : 1;
    for (int i = 0; i < LANG_MOST; i++)
        c->per_test[i] = 0.004;
    int sharers = g->n_graders ? g->n_clients : 1;
    c->most_jobs = ALL_JOBS / sharers;
    c->most_jobs = c->most_jobs > PAIR_MOST ? PAIR_MOST : c->most_jobs < 2 ? 2 : c->most_jobs;
    c->most_bytes = ALL_BYTES / (size_t)sharers;
    items_init(&c->items);
    return c;
}

void client_free(grading_t *g)
{
    items_reset(&g->client->items);
    mem_free(g->client->ready);
    mem_free(g->client->peer);
    mem_free(g->client);
}

int client_named(const job_t *j)
{
    int named = 1;
    for (int t = 0; t < j->n_test; t++)
        named &= j->expect && j->expect[t];
    return named;
}

int grading_pending(const grading_t *g)
{
    return g->client ? g->client->undelivered : 0;
}

/* answers ---------------------------------------------------------------------------- */

/* A copy of the answer for everyone who waits for this item. */
static void deliver(client_t *c, item_t *it, const text_t *answer)
{
    for (int i = 0; i < it->n_waiter; i++) {
        wire_in_t w = {.p = answer->s, .n = answer->len};
        ready_t r = {wire_done(&w), answer->len};
        ASSERT(r.d);
        r.d->ticket = it->waiter[i];
        c->ready_bytes += r.bytes;
        PUSH(c->ready, c->n_ready, c->cap_ready, r);
    }
    it->n_waiter = 0;
}

static void learn_cost(client_t *c, const item_t *it, const done_t *d)
{
    if (d->busy_s > 0 && it->n_test)
        c->per_test[it->lang] += 0.1 * (d->busy_s / it->n_test - c->per_test[it->lang]);
}

static void complete(grading_t *g, done_t *d, int cached)
{
    client_t *c = g->client;
    int slot = d ? items_sent(&c->items, d->ticket) : -1, faults = 0;
    if (slot < 0) { /* damaged, cancelled, or from a grader that was given up */
        done_free(d);
        return;
    }
    item_t *it = &c->items.item[slot];
    peers_take_back(c, slot);
    for (int i = 0; i < d->n_test; i++)
        faults += d->outcome[i].verdict == V_FAULT;
    it->attempts++;
    if (faults && it->attempts < 2) {
        g->stats.redispatched++;
        items_requeue(&c->items, slot);
        done_free(d);
        return;
    }
    learn_cost(c, it, d);
    g->stats.faults += faults;
    g->stats.runs += d->runs;
    g->stats.compiled += d->compiled;
    g->stats.cached += cached;
    g->stats.busy_s += d->busy_s;
    text_t answer = {0};
    wire_put_done(&answer, d);
    done_free(d);
    deliver(c, it, &answer);
    if (it->named && !faults)
        items_keep(&c->items, slot, &answer);
    else
        items_remove(&c->items, slot);
    text_reset(&answer);
}

static void take_mail(grading_t *g)
{
    size_t n;
    int from, tag;
    for (char *m; (m = mail_poll(g->world, &n, &from, &tag)); mem_free(m)) {
        wire_in_t w = {.p = m, .n = n};
        peers_hear(g, from - g->n_clients);
        if (tag == TAG_PONG)
            g->client->peer[from - g->n_clients].broken = wire_i64(&w) == 0;
        if (tag == TAG_HALT)
            stop_ask();
        if (tag != TAG_DONE)
            continue;
        done_t *d = wire_done(&w);
        int cached = (int)wire_i64(&w);
        g->stats.restarts += wire_i64(&w);
        g->stats.redispatched += wire_i64(&w);
        complete(g, d, cached);
    }
}

static void pump(grading_t *g)
{
    if (g->n_graders)
        take_mail(g);
    for (done_t *d; !g->n_graders && (d = keeper_poll(g->k, 0));)
        complete(g, d, 0);
    if (g->n_graders && g->client->undelivered)
        peers_look(g);
    while (peers_send(g)) {
    }
}

/* what callers do -------------------------------------------------------------------- */

static size_t size_of(const job_t *j)
{
    size_t n = j->n_source + 256;
    for (int t = 0; t < j->n_test; t++)
        n += j->n_input[t] + (j->expect && j->expect[t] ? j->n_expect[t] : 0) + 64;
    return n;
}

/* What no message can carry. */
static void refuse_size(grading_t *g, const job_t *j, size_t n)
{
    char why[128];
    snprintf(why, sizeof why, "the job is %zu bytes long: more than 1 GiB cannot be sent", n);
    ready_t r = {wire_fault(j->ticket, j->n_test, "damaged message", why), 0};
    g->stats.faults += j->n_test;
    PUSH(g->client->ready, g->client->n_ready, g->client->cap_ready, r);
}

int grading_submit(grading_t *g, const job_t *j)
{
    ASSERT(!g->is_grader);
    client_t *c = g->client;
    size_t n = size_of(j);
    if (c->undelivered &&
        (c->undelivered >= HELD_JOBS || c->items.bytes + c->ready_bytes + n > HELD_BYTES)) {
        pump(g);
        return 0;
    }
    c->undelivered++;
    g->stats.programs++;
    if (n > 1 << 30) {
        refuse_size(g, j, n);
        return 1;
    }
    item_t it = {.named = client_named(j), .lang = j->lang, .n_test = j->n_test};
    wire_put_job(&it.bytes, j, 1);
    it.key = hash_bytes(it.bytes.s + sizeof(int64_t), it.bytes.len - sizeof(int64_t));
    int slot = it.named ? items_find(&c->items, it.key) : -1;
    if (slot < 0) {
        slot = items_add(&c->items, &it);
    } else {
        g->stats.cached++;
        text_reset(&it.bytes);
    }
    item_t *at = &c->items.item[slot];
    PUSH(at->waiter, at->n_waiter, at->cap_waiter, j->ticket);
    if (at->state == KEPT)
        deliver(c, at, &at->bytes);
    while (peers_send(g)) {
    }
    return 1;
}

done_t *grading_poll(grading_t *g)
{
    client_t *c = g->client;
    if (c->undelivered &&
        c->ready_at == c->n_ready) /* one look at the mail for all that it brings */
        pump(g);
    if (c->ready_at == c->n_ready)
        return NULL;
    ready_t r = c->ready[c->ready_at++];
    if (c->ready_at == c->n_ready)
        c->ready_at = c->n_ready = 0;
    c->ready_bytes -= r.bytes;
    c->undelivered--;
    return r.d;
}

void grading_listen(grading_t *g)
{
    if (g->client && g->n_graders)
        take_mail(g);
}

void grading_wait(grading_t *g, int ms)
{
    client_t *c = g->client;
    done_t *d = !g->n_graders && c->items.bytes ? keeper_poll(g->k, ms) : NULL;
    if (d)
        complete(g, d, 0);
    else if (g->n_graders && c->ready_at == c->n_ready)
        nanosleep(&(struct timespec){0, 1000000L * ms}, NULL);
}

void grading_cancel(grading_t *g)
{
    client_t *c = g->client;
    text_t all = {0};
    int sent = 0;
    wire_put_i64(&all, -1);
    for (int i = 0; c && i < c->items.n_item; i++) {
        const item_t *it = &c->items.item[i];
        if (it->state == SENT)
            sent++, peers_take_back(c, i);
        if (it->state == SENT || it->state == QUEUED)
            items_remove(&c->items, i);
    }
    for (int s = 0; sent && s < g->n_graders; s++)
        mail_post(g->world, g->n_clients + s, TAG_CANCEL, all.s, all.len);
    if (sent && !g->n_graders)
        keeper_cancel(g->k, -1);
    text_reset(&all);
    if (!c)
        return;
    for (; c->ready_at < c->n_ready; c->ready_at++)
        done_free(c->ready[c->ready_at].d);
    c->n_ready = c->ready_at = c->undelivered = 0;
    c->ready_bytes = 0;
}

void grading_drop(grading_t *g)
{
    grading_cancel(g);
    grading_rest(g);
}

void grading_rest(grading_t *g)
{
    for (int i = 0; i < g->n_graders; i++)
        mail_post(g->world, g->n_clients + i, TAG_REST, "", 1);
    mail_flush(g->world);
}
