/* Inside floor 5: graders and their clients, as the grade_*.c files share them. */
#pragma once
#include "sandbox.h"
#include "sandbox/wire.h"

enum {
    TAG_JOB = 1,
    TAG_DONE,
    TAG_REST,
    TAG_CLOSE,
    TAG_BYE,
    TAG_PING,
    TAG_PONG,
    TAG_CANCEL,
    TAG_HALT
};

typedef struct client client_t;
typedef struct server server_t;
struct grading {
    group_t *world, *clients; /* clients: NULL on a grader */
    keeper_t *k;
    int n_graders, n_clients, is_grader;
    int beat_ms, lost_ms;
    keeper_stats_t before; /* the keeper's when this was opened */
    client_t *client;      /* one of these two is NULL */
    server_t *server;
    known_t *known;                                        /* borrowed */
    char mode[256], tool[LANGS][640], refusal[LANGS][400]; /* refusal "": it can be run */
    grading_stats_t stats;
    double fault_rate;
    text_t testlib; /* the header; empty: none */
    hash_t testlib_hash;
};

group_t *grading_world(grading_t *g);
const char *grading_testlib(const grading_t *g, size_t *n); /* testlib.h; NULL: there is none */
void grading_rest(grading_t *g);         /* client: graders may leave grading_serve */
void grading_wait(grading_t *g, int ms); /* client: sleeps until something came, or so long */
void grading_drop(grading_t *g); /* client: cancels all, and graders may leave grading_serve */

/* grade_place.c: collective(world) */
/* cores of this rank, divided by the ranks of its node that may use them too */
int place_share(group_t *world);
/* k NULL: this rank has none to place */
void place_launchers(group_t *world, int is_grader, keeper_t *k);
/* grade_client.c */
/* of each grader; of the own keeper */
client_t *client_new(const grading_t *g, const int *launchers);
void client_free(grading_t *g);
/* all its answers are compared: equal jobs are the same work */
int client_named(const job_t *j);
/* grade_items.c: what a client was asked for.  A slot is an item's number */
enum { QUEUED = 1, SENT, KEPT }; /* 0: a free slot */
typedef struct {
    hash_t key;
    int state, named, lang, n_test, target, attempts;
    int next;          /* in its bucket; -1 ends */
    int before, after; /* in the queue, or among kept answers; -1 ends */
    int64_t ticket;    /* under which it was sent last; never used twice */
    double cost;       /* seconds, estimated */
    text_t bytes;      /* the job; KEPT: the answer */
    int64_t *waiter;   /* tickets that want it */
    int n_waiter, cap_waiter;
} item_t;
typedef struct {
    int first, last, n;
} chain_t;
typedef struct {
    item_t *item;
    int n_item, cap_item, free; /* free: first free slot, linked by next */
    int *bucket;
    chain_t queue, kept;      /* kept: the oldest first */
    size_t bytes, kept_bytes; /* of jobs queued and sent; of kept answers */
    int64_t n_sent;
} items_t;
void items_init(items_t *t);
void items_reset(items_t *t);
int items_find(const items_t *t, hash_t key); /* -1: none */
int items_add(items_t *t, const item_t *it);  /* to the end of the queue; takes it->bytes */
void items_remove(items_t *t, int slot);
void items_send(items_t *t, int slot, int target);     /* out of the queue, under a new ticket */
int items_sent(const items_t *t, int64_t ticket);      /* -1: not awaited (any more) */
void items_requeue(items_t *t, int slot);              /* to the queue's head */
void items_keep(items_t *t, int slot, text_t *answer); /* takes the answer; old ones go */
typedef struct { /* one grader, or the own keeper, as this client sees it */
    int launchers, jobs, lost, broken;
    size_t bytes;
    double work;  /* in flight, seconds, estimated */
    double asked; /* when the PING went that is not answered; 0: none */
} peer_t;

typedef struct {
    done_t *d;
    size_t bytes;
} ready_t;

struct client {
    peer_t *peer; /* [max(1, n_graders)] */
    int n_peer, most_jobs;
    size_t most_bytes;
    items_t items;
    double per_test[LANG_MOST]; /* seconds: running means */
    double looked, look_at;
    ready_t *ready; /* [ready_at, n_ready) */
    int n_ready, cap_ready, ready_at, undelivered;
    size_t ready_bytes;
};
/* grade_peers.c: whom a client asks */
void peers_look(grading_t *g);        /* who is lost; moves his work */
void peers_hear(grading_t *g, int s); /* a word from grader s */
/* the first of the queue to whom it suits best; 0: there is none, or nobody has room */
int peers_send(grading_t *g);
void peers_take_back(client_t *c, int slot); /* a job that was sent is there no more */
/* grade_serve.c */
server_t *server_new(const grading_t *g);
void server_free(grading_t *g);
void server_close(grading_t *g); /* until all clients have closed; tells them */
