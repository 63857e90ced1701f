/* Numbers of lists that were asked pair by pair, and of answers that were cut.

       ktau, ndcg      order by won pairs against order by pass rates, mean over lists
       pairacc         share of answers that name the better candidate
       order           share of answers that name the one shown first; a fair judge: 0.5
       contradiction   share of pairs answered differently in the two orders
       transitivity    share of triples without a circle, of those whose pairs were answered alike in
                       both orders
   A list counts when all of its pairs could be asked.  Shares are sums over lists, their intervals
   bootstraps over lists.

       listacc, parse, tokens, cut; by budget */
#include "eval/results.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { RIGHT, ASKED, FIRST, ANSWERED, CONTRADICTED, BOTH, TRANSITIVE, TRIPLES, SHARES };

typedef struct {
    int *list, n;
    double *tau, *ndcg, *share[SHARES], *block;
} ranked_t;

static void rank_list(ranked_t *k, const bank_t *b, const pair_answer_t *p, int n)
{
    const list_t *l = &b->list[p->list];
    int answer[5][5];
    float rate[5];
    if (n != l->n * (l->n - 1))
        return;
    for (int i = 0; i < n; i++)
        answer[p[i].first][p[i].second] = p[i].answer;
    for (int i = 0; i < l->n; i++)
        rate[i] = b->program[l->program[i]].pass_rate;
    ranking_t r = ranking_of(rate, l->n, answer);
    const int share[SHARES] = {r.right,        r.asked, r.first,      r.answered,
                               r.contradicted, r.both,  r.transitive, r.triples};
    k->list[k->n] = p->list;
    k->tau[k->n] = r.tau, k->ndcg[k->n] = r.ndcg;
    for (int s = 0; s < SHARES; s++)
        k->share[s][k->n] = share[s];
    k->n++;
}

static void shares(results_t *r, const ranked_t *k, const char *by, const char *of, const int *unit,
                   int n)
{
    static const struct {
        const char *name;
        int of;
        double beside;
    } one[] = {{"pairacc", RIGHT, 0.5},
               {"order", FIRST, 0.5},
               {"contradiction", CONTRADICTED, NAN},
               {"transitivity", TRANSITIVE, NAN}};
    const column_t col[] = {{"ktau", NULL, k->tau, NULL}, {"ndcg", NULL, k->ndcg, NULL}};
    results_means(r, by, of, unit, n, col, 2);
    for (int i = 0; i < 4; i++)
        results_ratio(r, one[i].name, by, of, unit, n, k->share[one[i].of], k->share[one[i].of + 1],
                      one[i].beside);
}

void results_pairs(results_t *r, const asked_t *asked)
{
    int most = asked->n_pair / 6 + 1;
    if (!asked->n_pair)
        return;
    ranked_t k = {.list = ALLOC(int, most), .block = ALLOC(double, (SHARES + 2) * most)};
    k.tau = k.block, k.ndcg = k.block + most;
    for (int s = 0; s < SHARES; s++)
        k.share[s] = k.block + (s + 2) * most;
    for (int i = 0, j; i < asked->n_pair; i = j) {
        for (j = i; j < asked->n_pair && asked->pair[j].list == asked->pair[i].list;)
            j++;
        rank_list(&k, r->bank, &asked->pair[i], j - i);
    }
    shares(r, &k, "all", "", NULL, k.n);
    for (int b = 0; b < CUTS; b++) {
        cuts_t c = cuts_by(cut_names[b], r->bank, k.list, k.n);
        for (int i = 0; i < c.n; i++)
            shares(r, &k, cut_names[b], c.cut[i].name, c.cut[i].unit, c.cut[i].n);
        cuts_free(&c);
    }
    mem_free(k.list), mem_free(k.block);
}

static void budget(results_t *r, const asked_t *asked, int tokens)
{
    int most = asked->n_budget + 1, n = 0, last = -1;
    double *x = ALLOC(double, 6 * most), *part[6];
    char of[16];
    for (int k = 0; k < 6; k++)
        part[k] = x + k * most; /* right, parsed, tokens, cut, answers, chance */
    for (int i = 0; i < asked->n_budget; i++) {
        const budget_answer_t *a = &asked->budget[i];
        if (a->budget != tokens)
            continue;
        n += a->list != last;
        last = a->list;
        part[0][n - 1] += a->answer == a->right;
        part[1][n - 1] += a->answer >= 0;
        part[2][n - 1] += a->length;
        part[3][n - 1] += a->cut;
        part[4][n - 1]++;
        part[5][n - 1] = 1.0 / r->bank->list[a->list].n;
    }
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 4; k++)
            part[k][i] /= part[4][i];
    snprintf(of, sizeof of, "%d", tokens);
    results_mean(r, "listacc", "budget", of, NULL, n, part[0], part[5]);
    results_mean(r, "parse", "budget", of, NULL, n, part[1], NULL);
    results_mean(r, "tokens", "budget", of, NULL, n, part[2], NULL);
    results_mean(r, "cut", "budget", of, NULL, n, part[3], NULL);
    mem_free(x);
}

void results_budgets(results_t *r, const asked_t *asked)
{
    /* the rows of an answer name all budgets, ascending */
    for (int i = 0; i < asked->n_budget; i++) {
        budget(r, asked, asked->budget[i].budget);
        if (i + 1 < asked->n_budget && asked->budget[i + 1].budget <= asked->budget[i].budget)
            return;
    }
}
