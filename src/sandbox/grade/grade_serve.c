/* The grader's side: mail to keeper, keeper to mail.

   A loop that never blocks for long: a grader answers a PING within milliseconds, however
   long its programs run.  While every launcher has its next job waiting it looks for mail
   every 5 ms, else every millisecond; it sleeps half a one when nothing runs.  Jobs are given to
   the keeper at once; clients bound what they have here (grade_client.c), so that a grader holds at
   most 1024 jobs and 128 MB of them, and one job more for each client.

   Identical work is executed once: an equal job that runs is joined, and answers without
   a fault are kept (4096 places, the key says which; 32 MB, then all go), since clients
   prefer to send equal jobs to the same grader.  Such an answer costs no runs, and says
   so.  Jobs that ask for outputs are the exception: running those twice is meant.

   A signal that asks this rank to stop is passed on to the clients, which alone can end
   a run.  A grader whose keepers are both gone says so: nothing more comes then. */
#include "grade.h"
#include <string.h>
#include <time.h>

enum { PLACES = 4096, KEPT_BYTES = 32 << 20 };

typedef struct {
    int from;
    int64_t ticket;
} origin_t;

typedef struct { /* a job that the keeper has */
    int64_t ticket;
    hash_t key;
    int named;
    origin_t *origin; /* who wants it */
    int n, cap;
} task_t;

typedef struct {
    hash_t key;
    text_t answer; /* wire form; empty: free */
} kept_t;

struct server {
    int n_rest, n_close; /* clients that said so */
    task_t *run;
    int n_run, cap_run;
    int64_t next_ticket;
    kept_t *kept; /* [PLACES] */
    size_t kept_bytes;
    int told_stop, alive;
    keeper_stats_t told;
};

server_t *server_new(const grading_t *g)
{
    server_t *s = ALLOC(server_t, 1);
    s->kept = ALLOC(kept_t, PLACES);
    s->alive = 1;
    s->told = g->before;
    return s;
}

static void forget_kept(server_t *s)
{
    for (int i = 0; i < PLACES; i++)
        text_reset(&s->kept[i].answer);
    s->kept_bytes = 0;
}

void server_free(grading_t *g)
{
    server_t *s = g->server;
    forget_kept(s);
    for (int i = 0; i < s->n_run; i++)
        mem_free(s->run[i].origin);
    mem_free(s->run);
    mem_free(s->kept);
    mem_free(s);
}

/* answers ---------------------------------------------------------------------------- */

static void post_done(grading_t *g, const origin_t *o, done_t *d, int cached)
{
    server_t *s = g->server;
    keeper_stats_t now = keeper_stats(g->k);
    text_t t = {0};
    d->ticket = o->ticket;
    wire_put_done(&t, d);
    wire_put_i64(&t, cached);
    wire_put_i64(&t, now.keepers - s->told.keepers + now.launchers - s->told.launchers);
    wire_put_i64(&t, now.repeated - s->told.repeated);
    s->told = now;
    mail_post(g->world, o->from, TAG_DONE, t.s, t.len);
    text_reset(&t);
}

/* For whoever asks for the same again. */
static void keep(server_t *s, hash_t key, const done_t *d)
{
    kept_t *k = &s->kept[key.lo % PLACES];
    s->kept_bytes -= k->answer.len;
    text_reset(&k->answer);
    k->key = key;
    wire_put_done(&k->answer, d);
    s->kept_bytes += k->answer.len;
    if (s->kept_bytes > KEPT_BYTES)
        forget_kept(s);
}

static void serve_done(grading_t *g, done_t *d)
{
    server_t *s = g->server;
    int i = 0, faults = 0;
    while (i < s->n_run && s->run[i].ticket != d->ticket)
        i++;
    if (i == s->n_run) {
        done_free(d);
        return;
    }
    task_t r = s->run[i];
    s->run[i] = s->run[--s->n_run];
    for (int t = 0; t < d->n_test; t++)
        faults += d->outcome[t].verdict == V_FAULT;
    for (int o = 0; o < r.n; o++) {
        post_done(g, &r.origin[o], d, o > 0);
        d->runs = d->compiled = 0;
        d->busy_s = 0;
    }
    if (r.named && !faults)
        keep(s, r.key, d);
    mem_free(r.origin);
    done_free(d);
}

/* mail ------------------------------------------------------------------------------- */

static void serve_job(grading_t *g, int from, const char *m, size_t n)
{
    server_t *s = g->server;
    wire_in_t w = {.p = m, .n = n};
    job_t j;
    if (!wire_job(&w, &j))
        return;
    origin_t o = {from, j.ticket};
    hash_t key = hash_bytes(m + sizeof(int64_t), n - sizeof(int64_t));
    int named = client_named(&j), i = 0;
    kept_t *k = &s->kept[key.lo % PLACES];
    if (named && k->answer.len && hash_equal(k->key, key)) {
        wire_in_t a = {.p = k->answer.s, .n = k->answer.len};
        done_t *d = wire_done(&a);
        ASSERT(d);
        post_done(g, &o, d, 1);
        done_free(d);
        wire_job_reset(&j);
        return;
    }
    while (i < s->n_run && !(named && s->run[i].named && hash_equal(s->run[i].key, key)))
        i++;
    if (i == s->n_run) {
        task_t r = {.ticket = s->next_ticket++, .key = key, .named = named};
        PUSH(s->run, s->n_run, s->cap_run, r);
        j.ticket = r.ticket;
        keeper_submit(g->k, &j);
    }
    task_t *r = &s->run[i];
    PUSH(r->origin, r->n, r->cap, o);
    wire_job_reset(&j);
}

/* What nobody wants any more ends at once. */
static void serve_cancel(grading_t *g, int from, int64_t ticket)
{
    server_t *s = g->server;
    for (int i = s->n_run - 1; i >= 0; i--) {
        task_t *r = &s->run[i];
        int kept = 0, had = r->n;
        for (int o = 0; o < had; o++)
            if (r->origin[o].from != from || (ticket >= 0 && r->origin[o].ticket != ticket))
                r->origin[kept++] = r->origin[o];
        r->n = kept;
        if (kept || !had)
            continue;
        keeper_cancel(g->k, r->ticket);
        mem_free(r->origin);
        s->run[i] = s->run[--s->n_run];
    }
}

static void post_pong(grading_t *g, int to)
{
    text_t t = {0};
    wire_put_i64(&t, keeper_alive(g->k));
    mail_post(g->world, to, TAG_PONG, t.s, t.len);
    text_reset(&t);
}

static int serve_mail(grading_t *g)
{
    server_t *s = g->server;
    size_t n;
    int from, tag, any = 0;
    for (char *m; (m = mail_poll(g->world, &n, &from, &tag)); mem_free(m), any = 1) {
        wire_in_t w = {.p = m, .n = n};
        s->n_rest += tag == TAG_REST;
        s->n_close += tag == TAG_CLOSE;
        if (tag == TAG_JOB)
            serve_job(g, from, m, n);
        else if (tag == TAG_CANCEL)
            serve_cancel(g, from, wire_i64(&w));
        else if (tag == TAG_PING)
            post_pong(g, from);
    }
    return any;
}

/* What all clients should know at once. */
static void tell_clients(grading_t *g)
{
    server_t *s = g->server;
    int died = s->alive && !keeper_alive(g->k);
    for (int i = 0; died && i < g->n_clients; i++)
        post_pong(g, i);
    s->alive &= !died;
    for (int i = 0; !s->told_stop && stop_asked() && i < g->n_clients; i++)
        mail_post(g->world, i, TAG_HALT, "", 1);
    s->told_stop = stop_asked();
}

/* How long to listen to the keeper before the mail is looked at: each look takes a core from the
   programs. */
static int patience(const grading_t *g)
{
    return keeper_pending(g->k) > keeper_launchers(g->k) ? 5 : 1;
}

void grading_serve(grading_t *g)
{
    ASSERT(g->is_grader);
    server_t *s = g->server;
    for (int idle = 0;; idle++) {
        int busy = serve_mail(g);
        tell_clients(g);
        for (done_t *d; (d = keeper_poll(g->k, busy ? 0 : patience(g))); busy = 1) {
            tell_clients(g);
            serve_done(g, d);
        }
        if (keeper_pending(g->k) == 0 && (s->n_rest >= g->n_clients || s->n_close >= g->n_clients))
            break;
        if (busy || keeper_pending(g->k))
            idle = 0;
        else
            nanosleep(&(struct timespec){0, idle < 2000 ? 500000 : 2000000}, NULL);
    }
    mail_flush(g->world);
    if (s->n_rest >= g->n_clients)
        s->n_rest -= g->n_clients;
}

void server_close(grading_t *g)
{
    while (g->server->n_close < g->n_clients)
        if (!serve_mail(g))
            nanosleep(&(struct timespec){0, 500000}, NULL);
    for (int i = 0; i < g->n_clients; i++)
        mail_post(g->world, i, TAG_BYE, "", 1);
}
