/* The tournaments of many problems, a round at a time.

   All tournaments of a rank's problems play a round together, and a round's questions of all of them
   are one batch for the engine.  A pair that one tournament has asked is known to the others of its
   problem.  Between the engine's steps programs are executed: the choices that are made, and all
   entrants (trial.c). */
#include "choose.h"
#include <math.h>

typedef struct { /* a match waiting for the answer to a question */
    int at, size, query;
    match_t *match;
} waiting_t;

static list_t list_of(const choosing_now_t *w, int at, const match_t *m)
{
    list_t l = {.suite = w->c->split, .problem = w->of[at].problem, .n = m->n};
    for (int i = 0; i < m->n; i++)
        l.program[i] = w->entrant[(int64_t)at * w->c->programs + m->entrant[i]];
    return l;
}

/* The number of a question of a problem: the same whatever else is asked. */
static int item_of(const case_t *k, int question)
{
    return (int)(((int64_t)k->problem * ENTRANTS * ENTRANTS + question) & INT32_MAX);
}

typedef struct { /* a round's questions: lists, then pairs */
    query_t *query[2];
    int n[2], cap[2], n_waiting, cap_waiting;
    waiting_t *waiting; /* query: below 0 ~ of a pair */
} round_t;

/* A pair's answer is known, or its question is in the round already. */
static int known_pair(const choosing_now_t *w, const round_t *r, int at, match_t *m)
{
    const case_t *k = &w->of[at];
    m->winner = k->pair[m->entrant[0] * ENTRANTS + m->entrant[1]];
    if (m->winner != PAIR_UNKNOWN)
        return -1;
    m->winner = -1;
    int item = item_of(k, m->entrant[0] * ENTRANTS + m->entrant[1]);
    for (int i = r->n[1] - 1; i >= 0 && r->query[1][i].list.problem == k->problem; i--)
        if (r->query[1][i].item == item)
            return i;
    return r->n[1];
}

static void add_match(choosing_now_t *w, round_t *r, int at, int size, match_t *m)
{
    case_t *k = &w->of[at];
    int is_pair = w->size[size] > w->c->group && w->c->method != BY_KNOCKOUT;
    query_t q = {.list = list_of(w, at, m)};
    k->asked[size]++;
    int place = r->n[0];
    if (is_pair) {
        place = known_pair(w, r, at, m);
        if (place < 0) {
            k->silent[size] += m->winner < 0;
            return;
        }
        q.item = item_of(k, m->entrant[0] * ENTRANTS + m->entrant[1]);
    } else {
        q.item = item_of(k, k->lists++);
    }
    if (place == r->n[is_pair])
        PUSH(r->query[is_pair], r->n[is_pair], r->cap[is_pair], q);
    PUSH(r->waiting, r->n_waiting, r->cap_waiting,
         ((waiting_t){at, size, is_pair ? ~place : place, m}));
}

static int decided(const choosing_now_t *w, const query_t *q, const heard_t *h)
{
    int votes[5] = {0};
    for (int s = 0; s < w->a->how->samples; s++)
        if (h[s].answer >= 0)
            votes[h[s].answer]++;
    return vote_winner(votes, q->list.n);
}

/* 1: abandoned. */
static int hear(choosing_now_t *w, const asker_t *a, round_t *r)
{
    int K = a->how->samples, stopped = 0;
    heard_t *heard[2];
    for (int p = 0; p < 2; p++) {
        heard[p] = ALLOC(heard_t, (size_t)r->n[p] * (size_t)K + 1);
        stopped = stopped ||
                  ask_model(a, p ? ASK_DUEL : ASK_CHOICE, r->query[p], r->n[p], K, heard[p], NULL);
        w->questions += r->n[p];
        for (int i = 0; i < r->n[p] && !stopped; i++)
            w->silent += decided(w, &r->query[p][i], heard[p] + i * K) < 0;
    }
    for (int i = 0; i < r->n_waiting && !stopped; i++) {
        waiting_t *x = &r->waiting[i];
        case_t *k = &w->of[x->at];
        int p = x->query < 0, q = p ? ~x->query : x->query;
        int letter = decided(w, &r->query[p][q], heard[p] + q * K);
        x->match->winner = letter < 0 ? -1 : x->match->entrant[letter];
        k->silent[x->size] += letter < 0;
        if (p)
            k->pair[x->match->entrant[0] * ENTRANTS + x->match->entrant[1]] =
                (int8_t)x->match->winner;
    }
    mem_free(heard[0]), mem_free(heard[1]);
    return stopped;
}

/* All matches that can be played now; 0: everything is decided. */
static int collect(choosing_now_t *w, round_t *r)
{
    for (int i = 0; i < w->n; i++)
        for (int s = 0; s < w->sizes; s++) {
            case_t *k = &w->of[i];
            match_t *m;
            if (k->chosen[s] >= 0)
                continue;
            k->chosen[s] = tournament_winner(k->contest[s]);
            if (k->chosen[s] >= 0) {
                trial_judge(w->trial, i, k->chosen[s]);
                continue;
            }
            int n = tournament_round(k->contest[s], &m);
            for (int j = 0; j < n; j++)
                add_match(w, r, i, s, &m[j]);
        }
    for (int i = 0; i < w->n; i++)
        for (int s = 0; s < w->sizes; s++)
            if (w->of[i].chosen[s] < 0)
                return 1;
    return 0;
}

/* Graders are looked after as often as takes a thirtieth of the time: a look is some microseconds, but
   where ranks are more than cores MPI lends this one's to others meanwhile.  What they hold lasts
   longer than the longest pause. */
static int between_steps(void *ctx)
{
    const double often = 0.005, seldom = 1, share = 30;
    choosing_now_t *w = ctx;
    double start = clock_now();
    if (start >= w->next_poll) {
        trial_poll(w->trial);
        double end = clock_now(), pause = share * (end - start);
        w->stall += end - start;
        w->next_poll = end + fmin(fmax(pause, often), seldom);
        w->stopped = w->a->stop && w->a->stop(w->a->ctx);
    }
    return w->stopped;
}

int play(choosing_now_t *w)
{
    asker_t a = *w->a;
    int stopped = 0;
    a.stop = between_steps, a.ctx = w;
    for (int going = 1; going && !stopped;) {
        round_t r = {0};
        going = collect(w, &r);
        stopped = going && hear(w, &a, &r);
        for (int i = 0; i < w->n && going && !stopped; i++)
            for (int s = 0; s < w->sizes; s++)
                if (w->of[i].chosen[s] < 0)
                    tournament_played(w->of[i].contest[s]);
        mem_free(r.query[0]), mem_free(r.query[1]), mem_free(r.waiting);
    }
    return stopped;
}
