/* Asking a model about every list of a suite.

   A rank takes a contiguous share of the lists and asks each; where the deck wants it, also all pairs
   of their candidates (pairs.c) and what would have been said with less thinking (budget.c).  The
   small rows of all ranks are gathered, so that every rank computes the same intervals.  The sampler
   is keyed by the list's index in the bank: an evaluation gives the same answers on any number of
   ranks, and the same lists are comparable between checkpoints (common random numbers). */
#include "eval.h"
#include <string.h>

static answer_t answer_of(const bank_t *b, int list, int k, const heard_t *h)
{
    const list_t *l = &b->list[list];
    return (answer_t){.list = list,
                      .n = l->n,
                      .k = k,
                      .answer = h->answer,
                      .right = l->answer,
                      .parsed = h->answer >= 0,
                      .length = h->length,
                      .truncated = h->truncated,
                      .id = list_id(b, l)};
}

/* 1: abandoned. */
static int ask_share(const asker_t *a, const int *list, int n, asked_t *r)
{
    int K = a->how->samples, cut = a->how->n_budget > 0;
    size_t answers = (size_t)n * (size_t)K + 1;
    query_t *q = ALLOC(query_t, n + 1);
    heard_t *heard = ALLOC(heard_t, answers);
    traj_t *traj = cut ? ALLOC(traj_t, answers) : NULL;
    for (int i = 0; i < n; i++)
        q[i] = (query_t){a->bank->list[list[i]], list[i]};
    double start = clock_now();
    int stopped = ask_model(a, ASK_LISTS, q, n, K, heard, traj);
    r->seconds = clock_now() - start;
    r->answer = ALLOC(answer_t, answers);
    for (int i = 0; i < n && !stopped; i++) {
        r->dropped += heard[i * K].answer == NOT_ASKED;
        for (int k = 0; k < K && heard[i * K].answer != NOT_ASKED; k++) {
            r->answer[r->n_answer++] = answer_of(a->bank, list[i], k, &heard[i * K + k]);
            r->sampled += heard[i * K + k].length;
        }
    }
    if (!stopped && cut)
        stopped = ask_budgets(a, list, n, traj, r);
    for (size_t i = 0; traj && i + 1 < answers; i++)
        traj_reset(&traj[i]);
    if (!stopped && a->how->pairs)
        stopped = ask_pairs(a, list, n, r);
    mem_free(q), mem_free(heard), mem_free(traj);
    return stopped;
}

/* This rank's rows become everybody's. */
static void gather(group_t *g, void **row, int *n, size_t size)
{
    size_t bytes;
    void *all = comm_allgatherv(g, *row, (size_t)*n * size, &bytes, NULL);
    mem_free(*row);
    *row = all;
    *n = (int)(bytes / size);
}

asked_t eval_lists(group_t *g, const asker_t *a, const int *list, int n)
{
    asked_t r = {0};
    int rank = group_rank(g), size = group_size(g);
    int first = (int)((int64_t)n * rank / size), last = (int)((int64_t)n * (rank + 1) / size);
    int64_t counts[3] = {ask_share(a, list + first, last - first, &r), r.dropped, r.sampled};
    comm_sum_i64(g, counts, 3);
    r.stopped = counts[0] > 0;
    r.dropped = (int)counts[1];
    r.sampled = counts[2];
    if (r.stopped) {
        asked_free(&r);
        return (asked_t){.stopped = 1};
    }
    double *seconds[] = {&r.seconds, &r.pair_seconds, &r.budget_seconds};
    for (int i = 0; i < 3; i++)
        comm_max_f64(g, seconds[i], 1);
    gather(g, (void **)&r.answer, &r.n_answer, sizeof *r.answer);
    gather(g, (void **)&r.pair, &r.n_pair, sizeof *r.pair);
    gather(g, (void **)&r.budget, &r.n_budget, sizeof *r.budget);
    r.acc = listacc_of(r.answer, r.n_answer, a->how->seed);
    return r;
}

asked_t eval_suite(group_t *g, const asker_t *a, suite_t suite)
{
    int n = 0, *list = ALLOC(int, a->bank->n_list + 1);
    for (int i = 0; i < a->bank->n_list; i++)
        if (a->bank->list[i].suite == suite && (!a->how->limit || n < a->how->limit))
            list[n++] = i;
    asked_t r = eval_lists(g, a, list, n);
    mem_free(list);
    return r;
}

void asked_free(asked_t *a)
{
    mem_free(a->answer);
    mem_free(a->pair);
    mem_free(a->budget);
    *a = (asked_t){0};
}
