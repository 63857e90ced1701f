/* A list asked pair by pair.

   Of each list of three and more every ordered pair of candidates is asked: n(n-1) questions of two
   candidates, both orders, so that what depends on the order can be told from what depends on the
   programs.  Pairs with the same first candidate stand together: their prompts agree up to the end of
   it, all of a list's up to the first candidate, and what agrees is computed once.  What the answers
   say: rank.c. */
#include "eval.h"

query_t pair_query(const bank_t *b, int list, int first, int second)
{
    const list_t *l = &b->list[list];
    return (query_t){.list = {.suite = l->suite,
                              .problem = l->problem,
                              .n = 2,
                              .program = {l->program[first], l->program[second]}},
                     .item = 25 * list + first * l->n + second};
}

int ask_pairs(const asker_t *a, const int *list, int n, asked_t *r)
{
    enum { MOST = 5 * 4 };
    query_t *q = ALLOC(query_t, (size_t)n * MOST + 1);
    pair_answer_t *row = ALLOC(pair_answer_t, (size_t)n * MOST + 1);
    heard_t *heard = ALLOC(heard_t, (size_t)n * MOST + 1);
    int m = 0;
    for (int i = 0; i < n; i++) {
        const list_t *l = &a->bank->list[list[i]];
        for (int k = 0; l->n >= 3 && k < l->n * l->n; k++) {
            int first = k / l->n, second = k % l->n;
            if (first == second)
                continue;
            row[m] = (pair_answer_t){.list = list[i], .first = first, .second = second};
            q[m++] = pair_query(a->bank, list[i], first, second);
        }
    }
    double start = clock_now();
    int stopped = ask_model(a, ASK_PAIRS, q, m, 1, heard, NULL);
    r->pair_seconds = clock_now() - start;
    for (int i = 0; i < m && !stopped; i++) {
        const heard_t *h = &heard[i];
        if (h->answer == NOT_ASKED)
            continue;
        row[i].answer = h->answer < 0 ? -1 : h->answer ? row[i].second : row[i].first;
        row[i].length = h->length;
        row[i].truncated = h->truncated;
        r->sampled += h->length;
        row[r->n_pair++] = row[i];
    }
    r->pair = row;
    mem_free(q), mem_free(heard);
    return stopped;
}
