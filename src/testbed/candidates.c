/* Candidates of a problem: which of many mutants become its wrong programs, and its example.

   Many mutants are tried; those that print the same as the reference on all tests or share its
   core are dropped, and among the rest different predicted pass rates are preferred, because a
   list needs wrong candidates with distinct rates.  Of rich programs those that do not end are
   dropped too: to execute them takes a second a test, and languages end them in their own ways.
   The prediction (by the small interpreter) only chooses what is worth executing; labels come from
   execution alone.

   Where more candidates of the suite hard are asked for, gross mutants and such that are grossly
   wrong on some inputs (mutate_some.c) are drawn until there are, for every rate of 0.7 to 0.9, about
   as many; one that fails too often is dropped at that test.

   The example is the one of a dozen small inputs on which most wrong candidates walk through
   other states than the reference, short walks preferred.

   Cost: about a millisecond a problem, nearly all of it in the interpreter. */
#include "testbed/ast.h"
#include <stdlib.h>
#include <string.h>

enum { EXAMPLES = 12 };

int mutants_draw(const ast_t *ref, const char *core, rng_t *r, int strong, int n_test,
                 const text_t *input, const text_t *output, mutant_t *m)
{
    int n = 0;
    text_t out = {0};
    for (int attempt = 0; attempt < MUTANTS; attempt++) {
        mutant_t *u = &m[n];
        u->ast = *ref;
        u->passes = u->chosen = 0;
        text_clear(&u->core);
        const char *a = strong ? mutate_strong(&u->ast, r) : mutate_weak(&u->ast, r), *b = NULL;
        if (a && !strong && rng_below(r, 4) == 0)
            b = mutate_weak(&u->ast, r);
        if (!a)
            continue;
        snprintf(u->origin, sizeof u->origin, "%s%s%s", a, b ? ", " : "", b ? b : "");
        core_text(&u->ast, &u->core);
        int fresh = strcmp(u->core.s, core) != 0;
        for (int i = 0; i < n; i++)
            fresh &= strcmp(u->core.s, m[i].core.s) != 0;
        if (!fresh)
            continue;
        int long_run = 0;
        for (int i = 0; i < n_test; i++) {
            text_clear(&out);
            int bad = interp_run(&u->ast, input[i].s, &out, NULL);
            u->passes += !bad && !strcmp(out.s, output[i].s);
            long_run |= bad == 2;
        }
        if (u->passes < n_test && !(long_run && ref->rich))
            n++;
    }
    text_reset(&out);
    return n;
}

int mutants_hard(const sketch_t *s, const char *core, rng_t *r, int want, int n_test,
                 const text_t *input, const text_t *output, int *used, mutant_t *m)
{
    int n = 0, low = 0, high = n_test;
    text_t out = {0};
    while (low * 10 < 7 * n_test)
        low++;
    while (high * 10 > 9 * n_test)
        high--;
    for (int attempt = 0; attempt < HARD_MUTANTS && n < want && n < MUTANTS; attempt++) {
        mutant_t *u = &m[n];
        u->ast = s->ast;
        u->passes = 0, u->chosen = 1;
        text_clear(&u->core);
        const char *a = rng_below(r, 3) ? mutate_some(&u->ast, r, s) : mutate_weak(&u->ast, r);
        if (!a)
            continue;
        snprintf(u->origin, sizeof u->origin, "%s", a);
        core_text(&u->ast, &u->core);
        int fresh = strcmp(u->core.s, core) != 0, least = 1 << 30;
        for (int i = 0; i < n; i++)
            fresh &= strcmp(u->core.s, m[i].core.s) != 0;
        for (int i = 0, failed = 0; fresh && i < n_test && failed <= n_test - low; i++) {
            text_clear(&out);
            int bad = interp_run(&u->ast, input[i].s, &out, NULL);
            int passes = !bad && !strcmp(out.s, output[i].s);
            u->passes += passes, failed += !passes;
        }
        for (int k = low; k <= high; k++)
            least = used[k] < least ? used[k] : least;
        /* at first only rates of which there are fewest; then what comes */
        int late = attempt > HARD_MUTANTS / 2;
        if (fresh && u->passes >= low && u->passes <= high && used[u->passes] <= least + 2 * late)
            used[u->passes]++, n++;
    }
    text_reset(&out);
    return n;
}

/* Fewest chosen of the same predicted rate first, useful rates
   first. */
void mutants_choose(mutant_t *m, int n, int want, int n_test)
{
    int used[MAX_TESTS + 1] = {0};
    for (int c = 0; c < want; c++) {
        int best = -1, best_cost = 1 << 30;
        for (int i = 0; i < n; i++) {
            double rate = (double)m[i].passes / n_test;
            int useful = rate <= 0.5 || (rate >= 0.7 && rate <= 0.9);
            int cost = 4 * used[m[i].passes] + (useful ? rate > 0.5 : 6);
            if (!m[i].chosen && cost < best_cost)
                best = i, best_cost = cost;
        }
        if (best < 0)
            return;
        m[best].chosen = 1;
        used[m[best].passes]++;
    }
}

static int walk_words(const char *walk, int *largest)
{
    int n = 0;
    *largest = 0;
    for (const char *p = walk; *p; p++)
        if (*p == ' ') {
            int v = abs(atoi(p + 1 + (p[1] == '@')));
            n++;
            *largest = v > *largest ? v : *largest;
        }
    return n;
}

void example_choose(const sketch_t *s, rng_t *r, const mutant_t *m, int n, text_t *best)
{
    text_t input = {0}, want = {0}, walk = {0};
    double best_score = -1e9;
    for (int e = 0; e < EXAMPLES; e++) {
        int largest, apart = 0, words;
        text_clear(&input), text_clear(&want);
        text_add(&want, "");
        inputs_small(s, r, &input);
        if (interp_run(&s->ast, input.s, NULL, &want))
            continue;
        words = walk_words(want.s, &largest);
        for (int i = 0; i < n; i++)
            if (m[i].chosen) {
                text_clear(&walk);
                text_add(&walk, "");
                interp_run(&m[i].ast, input.s, NULL, &walk);
                apart += strcmp(walk.s, want.s) != 0;
            }
        double score = apart - 0.12 * words -
                       (largest > 99   ? 5
                        : largest > 20 ? 1
                                       : 0) -
                       (words > 24 ? 5 : 0);
        if (score > best_score) {
            best_score = score;
            text_clear(best);
            text_addn(best, input.s, input.len);
        }
    }
    text_reset(&input), text_reset(&want), text_reset(&walk);
}
