/* Grader ranks and their clients: how they are opened and closed.

   The last n ranks of the world are graders: each runs programs through its own keeper
   and does nothing else (grade_serve.c).  The others are clients, which submit and poll
   (grade_client.c).  With no graders a client's own keeper takes the place of the only
   one.

   Messages (mail.c of comm, over a communicator of their own):

     JOB, DONE        a job's bytes and its answer's (wire.c), with the client's ticket
     CANCEL           ticket, or -1 for all of this client
     PING, PONG       sign of life; PONG says whether that grader can run programs
     HALT             a grader was told to stop: the compute ranks decide
     REST, CLOSE, BYE a client needs no more service now, or ever; a grader's last word

   After BYE nothing is on its way from that grader, so that none is left when MPI ends. */
#include "grade.h"
#include <string.h>
#include <time.h>

static void ask_mode(grading_t *g, int root)
{
    if (group_rank(g->world) == root && g->k) {
        snprintf(g->mode, sizeof g->mode, "%s", keeper_mode(g->k));
        int none = !strncmp(g->mode, "none", 4); /* runs will say so */
        for (int i = 0; i < LANGS && !none; i++) {
            snprintf(g->tool[i], sizeof g->tool[i], "%s", keeper_toolchain(g->k, (lang_t)i));
            snprintf(g->refusal[i], sizeof g->refusal[i], "%s", keeper_refusal(g->k, (lang_t)i));
        }
    }
    comm_bcast(g->world, g->mode, sizeof g->mode, root);
    comm_bcast(g->world, g->tool, sizeof g->tool, root);
    comm_bcast(g->world, g->refusal, sizeof g->refusal, root);
}

static void open_sides(grading_t *g)
{
    int size = group_size(g->world), own = g->k ? keeper_launchers(g->k) : 1;
    int *all = ALLOC(int, size + 1);
    comm_allgather(g->world, all, &own, sizeof own);
    if (g->is_grader)
        g->server = server_new(g);
    else
        g->client = client_new(g, g->n_graders ? all + g->n_clients : &own);
    mem_free(all);
}

static grading_t *open_watched(group_t *world, int n_graders, keeper_t *k, int beat_ms, int lost_ms)
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
    g->fault_rate = 0.01;
    g->beat_ms = beat_ms;
    g->lost_ms = lost_ms;
    fail_any(world, !k && (g->is_grader || !n_graders), CODE_FAULT,
             "a rank that grades has no keeper");
    g->k = k;
    g->world = group_split(world, 0, rank);
    g->clients = group_split(world, g->is_grader ? -1 : 0, rank);
    place_launchers(g->world, g->is_grader, k);
    ask_mode(g, n_graders ? g->n_clients : 0);
    if (k)
        g->before = keeper_stats(k);
    open_sides(g);
    return g;
}

grading_t *grading_open(group_t *world, int n_graders, keeper_t *k)
{
    return open_watched(world, n_graders, k, 500, 15000);
}

/* The first rank reads it, all have it. */
static void read_testlib(grading_t *g, const deck_t *d)
{
    if (group_rank(g->world) == 0)
        testlib_read(d, &g->testlib);
    uint64_t n = g->testlib.len;
    comm_bcast(g->world, &n, sizeof n, 0);
    if (n && group_rank(g->world))
        g->testlib = (text_t){.s = mem_new(n + 1), .len = n, .cap = n + 1};
    if (n)
        comm_bcast(g->world, g->testlib.s, n, 0);
    g->testlib_hash = hash_bytes(n ? g->testlib.s : "", n);
}

grading_t *grading_read(const deck_t *d, group_t *world, keeper_t *k)
{
    int ranks = group_size(world), graders = (int)deck_int(d, "layout.graders"),
        beat = (int)deck_int(d, "sandbox.heartbeat_ms"), lost = (int)deck_int(d, "sandbox.lost_ms"),
        launchers = (int)deck_int(d, "layout.launchers");
    if (graders >= ranks)
        fail(CODE_USAGE,
             "layout.graders = %d leaves no rank of %d to compute; start more ranks or "
             "lower it",
             graders, ranks);
    keeper_languages(k, d);
    if (lost < 4 * beat)
        fail(CODE_USAGE,
             "sandbox.lost_ms = %d is less than four times sandbox.heartbeat_ms = %d: whoever "
             "is busy for a moment would be taken for lost",
             lost, beat);
    int share = place_share(world);
    if (k) {
        limits_t limits = limits_read(d);
        keeper_watch(k, beat, lost);
        keeper_configure(k, &limits, limits_modes(d), launchers ? launchers : share);
    }
    grading_t *g = open_watched(world, graders, k, beat, lost);
    g->fault_rate = deck_real(d, "sandbox.fault_rate");
    read_testlib(g, d);
    return g;
}

int grading_is_grader(const grading_t *g)
{
    return g->is_grader;
}

const char *grading_mode(const grading_t *g)
{
    return g->mode;
}

const char *grading_refusal(const grading_t *g, lang_t l)
{
    return g->refusal[l];
}

const char *grading_toolchain(const grading_t *g, lang_t l)
{
    return g->tool[l];
}

double grading_fault_rate(const grading_t *g)
{
    return g->fault_rate;
}

const char *grading_testlib(const grading_t *g, size_t *n)
{
    *n = g->testlib.len;
    return g->testlib.s;
}

group_t *grading_clients(const grading_t *g)
{
    return g->clients;
}

void grading_know(grading_t *g, known_t *k)
{
    g->known = k;
}

known_t *grading_known(const grading_t *g)
{
    return g->known;
}

group_t *grading_world(grading_t *g)
{
    return g->world;
}

grading_stats_t grading_stats(const grading_t *g)
{
    grading_stats_t s = g->stats;
    if (g->client && !g->n_graders) {
        keeper_stats_t k = keeper_stats(g->k);
        s.restarts += k.keepers - g->before.keepers + k.launchers - g->before.launchers;
        s.redispatched += k.repeated - g->before.repeated;
    }
    return s;
}

void grading_close(grading_t *g)
{
    int waiting = 0;
    if (g->is_grader) {
        server_close(g);
    } else {
        grading_cancel(g);
        for (; waiting < g->n_graders; waiting++)
            mail_post(g->world, g->n_clients + waiting, TAG_CLOSE, "", 1);
    }
    while (waiting) {
        size_t n;
        int tag;
        char *m = mail_poll(g->world, &n, NULL, &tag);
        if (m)
            waiting -= tag == TAG_BYE;
        else
            nanosleep(&(struct timespec){0, 500000}, NULL);
        mem_free(m);
    }
    mail_flush(g->world);
    comm_barrier(g->world);
    if (g->client)
        client_free(g);
    if (g->server)
        server_free(g);
    if (g->clients)
        group_free(g->clients);
    group_free(g->world);
    text_reset(&g->testlib);
    mem_free(g);
}
