/* aletheia bench eval DECK [section.key=value ...]: what the numbers of a verifier cost.

   On the first lists of the deck's first suite (96, or eval.limit), with its model and [eval] section;
   answers of one rank.

       pairs    all ordered pairs of the longest lists, with the beginning of their prompts computed
                once, beside the same questions where neighbours have nothing in common (one list's
                pairs far apart), and beside each question asked by itself
       votes    SC@16: sixteen answers a list and every number made of them, beside the sixteen
                answers alone, and beside sixteen times one answer a list

   The ways take turns, the best of ROUNDS counts, and each ratio is of two times of one process. */
#include "app.h"
#include <math.h>
#include <string.h>

enum { ROUNDS = 5, LISTS = 96, ALONE = 3, VOTES = 16 };

typedef struct {
    asker_t a;
    const asking_t *how;
    int list[LISTS], n;
    query_t *query; /* of all pairs, list by list */
    int queries;
} bench_eval_t;

static double seconds_of(const asker_t *a, ask_t kind, const query_t *q, int n, int samples)
{
    heard_t *heard = ALLOC(heard_t, (size_t)n * (size_t)samples + 1);
    double start = clock_now();
    ask_model(a, kind, q, n, samples, heard, NULL);
    mem_free(heard);
    return clock_now() - start;
}

static int64_t prefilled(const bench_eval_t *b)
{
    return engine_stats(b->a.engine).prefilled;
}

/* Every pair of every list, in that order; or every list's first pair, every list's second, ... */
static void make_queries(bench_eval_t *b, query_t *q, int apart)
{
    const bank_t *bank = b->a.bank;
    int n = bank->list[b->list[0]].n, pairs = n * (n - 1);
    for (int i = 0; i < b->n; i++)
        for (int k = 0, pair = 0; k < n * n; k++) {
            if (k / n == k % n)
                continue;
            q[apart ? pair * b->n + i : i * pairs + pair] =
                pair_query(bank, b->list[i], k / n, k % n);
            pair++;
        }
    b->queries = b->n * pairs;
}

static void bench_pairwise(bench_eval_t *b)
{
    int n = b->a.bank->list[b->list[0]].n, pairs = n * (n - 1);
    int alone = b->n < ALONE ? b->n : ALONE;
    query_t *near = ALLOC(query_t, b->n * pairs), *far = ALLOC(query_t, b->n * pairs);
    double best[3] = {INFINITY, INFINITY, INFINITY};
    int64_t computed[2] = {0};
    make_queries(b, near, 0), make_queries(b, far, 1);
    for (int r = 0; r < ROUNDS; r++) {
        int64_t before = prefilled(b);
        best[0] = fmin(best[0], seconds_of(&b->a, ASK_PAIRS, near, b->queries, 1));
        computed[0] = prefilled(b) - before, before = prefilled(b);
        best[1] = fmin(best[1], seconds_of(&b->a, ASK_PAIRS, far, b->queries, 1));
        computed[1] = prefilled(b) - before;
        double one = 0;
        for (int i = 0; i < alone * pairs; i++)
            one += seconds_of(&b->a, ASK_PAIRS, &near[i], 1, 1);
        best[2] = fmin(best[2], one * b->n / alone);
    }
    printf("RESULT eval_pairs lists=%d candidates=%d questions=%d prompt_tokens_computed=%.3f "
           "seconds=%.3f apart_seconds=%.3f alone_seconds=%.3f over_apart=%.2f over_alone=%.2f\n",
           b->n, n, b->queries, (double)computed[0] / (double)computed[1], best[0], best[1],
           best[2], best[1] / best[0], best[2] / best[0]);
    mem_free(near), mem_free(far);
}

static void bench_votes(bench_eval_t *b)
{
    double best[3] = {INFINITY, INFINITY, INFINITY}, start;
    query_t *q = ALLOC(query_t, b->n);
    for (int i = 0; i < b->n; i++)
        q[i] = (query_t){b->a.bank->list[b->list[i]], b->list[i]};
    for (int r = 0; r < ROUNDS; r++) {
        start = clock_now();
        asked_t asked = eval_lists(comm_world(), &b->a, b->list, b->n);
        numbers_t t = results_of(&asked, b->a.bank, b->how, NULL, 0);
        best[0] = fmin(best[0], clock_now() - start);
        mem_free(t.row);
        asked_free(&asked);
        best[1] = fmin(best[1], seconds_of(&b->a, ASK_LISTS, q, b->n, VOTES));
        double single = 0;
        for (int k = 0; k < VOTES; k++)
            single += seconds_of(&b->a, (ask_t)(100 + k), q, b->n, 1);
        best[2] = fmin(best[2], single);
    }
    printf("RESULT eval_votes lists=%d K=%d seconds=%.3f sampling_seconds=%.3f "
           "one_by_one_seconds=%.3f over_sampling=%.3f over_one_by_one=%.3f\n",
           b->n, VOTES, best[0], best[1], best[2], best[0] / best[1], best[0] / best[2]);
    mem_free(q);
}

/* The first lists of the suite; of the longest kind there is where pairs are asked. */
static void find_lists(bench_eval_t *b, suite_t suite, int longest)
{
    int most = 0, limit = b->how->limit && b->how->limit < LISTS ? b->how->limit : LISTS;
    b->n = 0;
    for (int i = 0; i < b->a.bank->n_list; i++)
        if (b->a.bank->list[i].suite == suite && b->a.bank->list[i].n > most)
            most = b->a.bank->list[i].n;
    for (int i = 0; i < b->a.bank->n_list && b->n < limit; i++)
        if (b->a.bank->list[i].suite == suite && (!longest || b->a.bank->list[i].n == most))
            b->list[b->n++] = i;
}

void bench_eval(char **argv, int argc)
{
    deck_t *d = deck_open(argv[0], argc - 1, argv + 1);
    group_t *g = comm_world();
    suite_t suite[SUITES];
    bank_t bank = {0};
    asking_t o = asking_read(d, deck_text(d, "eval.mode"));
    const char *path = asked_path(d);
    fail_any(g, !*path || !*deck_text(d, "data.problems"), CODE_USAGE,
             "%s is not set: bench eval needs a model and a problem file",
             *path ? "data.problems" : "model.dir");
    fail_any(g, group_size(g) > 1, CODE_USAGE,
             "bench eval measures one rank: start it without mpirun");
    suites_read(deck_text(d, "eval.suites"), suite);
    ready_want_t want = eval_want(d, path);
    loaded_t l = load_asked(g, path, &want, 0);
    bank_read(g, &bank, deck_text(d, "data.problems"));
    bench_eval_t b = {.a = {.how = &o, .bank = &bank}, .how = &o};
    o.samples = o.votes = o.sampler.group = VOTES;
    template_t *template = asker_open(&b.a, &o, d, &l, g);
    find_lists(&b, suite[0], 1);
    fail_any(g, !b.n, CODE_DATA, "%s holds no lists of suite %s", deck_text(d, "data.problems"),
             suite_names[suite[0]]);
    bench_pairwise(&b);
    find_lists(&b, suite[0], 0);
    bench_votes(&b);
    engine_free(b.a.engine);
    template_free(template);
    bank_free(&bank);
    load_free(&l);
    deck_free(d);
}
