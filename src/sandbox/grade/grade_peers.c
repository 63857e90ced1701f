/* Whom a client asks, and whether he still lives.

   A grader is given at most as much work as keeps it busy for AHEAD_S, so that late work
   can still go to whoever is free, and at most its share in jobs and bytes.

   Choice.  A job goes to the grader with the least estimated work of this client for
   each of its launchers (tests times the running mean for its language), or, where that
   makes no difference to speak of, to the one that its hash names, so that equal jobs of
   several clients meet and are executed once.  A job that came back with a fault goes
   once more, to another where there is one; then the fault is reported.

   Lost graders.  While work is pending each is sent a PING every beat_ms; one that has
   said nothing for lost_ms is lost: what it has goes back to the head of the queue and
   to others, it is told to drop it, and answers that still come are dropped by their
   tickets.  Any word from it makes it one of us again.  If it is the only one its work
   stays with it.  Patience counts only while this rank looks (a rank that computes or
   is suspended reads first).  A grader whose keepers are gone says so and gets nothing
   more while there are others.  If all are lost for GIVE_UP times lost_ms, the run ends. */
#include "grade.h"
#include <math.h>

enum { GIVE_UP = 40 };
#define AHEAD_S 1.0
#define NAMED_S 0.05 /* how much longer a job may have to wait for the grader that its hash names */

void peers_take_back(client_t *c, int slot)
{
    const item_t *it = &c->items.item[slot];
    peer_t *p = &c->peer[it->target];
    p->jobs--;
    p->bytes -= it->bytes.len;
    p->work = p->jobs ? p->work - it->cost : 0;
}

static int usable(const peer_t *p)
{
    return !p->lost && !p->broken;
}

static int n_usable(const client_t *c)
{
    int n = 0;
    for (int s = 0; s < c->n_peer; s++)
        n += usable(&c->peer[s]);
    return n;
}

/* What a lost grader has goes to others, in the order in which it was sent. */
static void move_work(grading_t *g, int s)
{
    client_t *c = g->client;
    for (;;) {
        int last = -1;
        for (int i = 0; i < c->items.n_item; i++) {
            const item_t *it = &c->items.item[i];
            if (it->state == SENT && it->target == s &&
                (last < 0 || it->ticket > c->items.item[last].ticket))
                last = i;
        }
        if (last < 0)
            break;
        text_t t = {0};
        wire_put_i64(&t, c->items.item[last].ticket);
        mail_post(g->world, g->n_clients + s, TAG_CANCEL, t.s, t.len);
        text_reset(&t);
        peers_take_back(c, last);
        items_requeue(&c->items, last);
        g->stats.redispatched++;
    }
}

void peers_hear(grading_t *g, int s)
{
    peer_t *p = &g->client->peer[s];
    p->asked = 0;
    if (p->lost)
        log_warn("grader %d is back", s);
    p->lost = 0;
}

void peers_look(grading_t *g)
{
    client_t *c = g->client;
    double now = clock_now(), away = now - c->looked - 2e-3 * g->beat_ms - 1;
    double patience = g->lost_ms * 1e-3, longest = 1e30;
    c->looked = now;
    for (int s = 0; away > 0 && s < c->n_peer; s++)
        c->peer[s].asked += c->peer[s].asked ? away : 0;
    if (now < c->look_at)
        return;
    c->look_at = now + g->beat_ms * 1e-3;
    for (int s = 0; s < c->n_peer; s++) {
        peer_t *p = &c->peer[s];
        if (!p->asked) {
            mail_post(g->world, g->n_clients + s, TAG_PING, "", 1);
            p->asked = now;
        } else if (!p->lost && now - p->asked > patience) {
            p->lost = 1;
            g->stats.lost++;
            log_warn("grader %d has given no sign of life for %.1f s: its work goes to "
                     "others",
                     s, now - p->asked);
        }
        longest = p->lost && now - p->asked < longest ? now - p->asked : p->lost ? longest : 0;
    }
    if (longest > GIVE_UP * patience)
        fail(CODE_FAULT, "no grader has given a sign of life for %.0f s (sandbox.lost_ms is %d)",
             longest, g->lost_ms);
    for (int s = 0; s < c->n_peer; s++)
        if (!usable(&c->peer[s]) && c->peer[s].jobs && n_usable(c))
            move_work(g, s);
}

/* sending ---------------------------------------------------------------------------- */

static int has_room(const client_t *c, const peer_t *p, const item_t *it)
{
    return p->jobs == 0 || (p->jobs < c->most_jobs && p->bytes + it->bytes.len <= c->most_bytes &&
                            (p->jobs < 2 * p->launchers || p->work < AHEAD_S * p->launchers));
}

/* -1: nobody, now. */
static int choose(const client_t *c, const item_t *it)
{
    int any = n_usable(c), best = -1, named = (int)(it->key.hi % (uint64_t)c->n_peer);
    int waiting = 0; /* for one that may come back */
    for (int s = 0; !any && s < c->n_peer; s++)
        waiting |= c->peer[s].lost && !c->peer[s].broken;
    if (waiting)
        return -1;
    for (int s = 0; s < c->n_peer; s++) {
        const peer_t *p = &c->peer[s], *b = best < 0 ? NULL : &c->peer[best];
        if (any && (!usable(p) || (any > 1 && it->attempts && it->target == s)))
            continue;
        if (has_room(c, p, it) && (!b || p->work * b->launchers < b->work * p->launchers))
            best = s;
    }
    const peer_t *n = &c->peer[named], *b = best < 0 ? NULL : &c->peer[best];
    if (b && usable(n) && !it->attempts && has_room(c, n, it) &&
        n->work / n->launchers <= b->work / b->launchers + fmin(2 * it->cost, NAMED_S))
        best = named;
    return best;
}

int peers_send(grading_t *g)
{
    client_t *c = g->client;
    int slot = c->items.queue.first, s;
    if (slot < 0)
        return 0;
    item_t *it = &c->items.item[slot];
    it->cost = 0.0005 + it->n_test * c->per_test[it->lang];
    if ((s = choose(c, it)) < 0)
        return 0;
    items_send(&c->items, slot, s);
    peer_t *p = &c->peer[s];
    p->jobs++;
    p->bytes += it->bytes.len;
    p->work += it->cost;
    if (g->n_graders) {
        mail_post(g->world, g->n_clients + s, TAG_JOB, it->bytes.s, it->bytes.len);
        return 1;
    }
    wire_in_t w = {.p = it->bytes.s, .n = it->bytes.len};
    job_t j;
    ASSERT(wire_job(&w, &j));
    keeper_submit(g->k, &j);
    wire_job_reset(&j);
    return 1;
}
