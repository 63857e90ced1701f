/* Two verifiers on the same lists.

   Lists differ in difficulty far more than verifiers do in strength, so verifiers are compared list by
   list.  A unit is what one verifier said of one list; units of two files belong together by the hash of
   the list's content, whatever banks the files were made from, and lists that are alike (a bank may
   hold one twice) in the order in which they stand.  Of the pairs

       difference   mean over lists of a - b, its interval from resampling lists with both their values
       only_a/b     lists on which one verifier is right alone: McNemar's exact test (paired.c)

   The test needs one outcome a list, so several answers count by their vote, in which ties and what
   could not be parsed win nothing; the difference is of whatever is measured.  Sorting aside all is
   linear in the lists. */
#include "eval.h"
#include <stdlib.h>

const char *const measure_names[MEASURES] = {"listacc", "vote", "pass"};

static int by_id(const void *a, const void *b)
{
    const unit_t *x = a, *y = b;
    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return x->nth - y->nth;
}

/* nth is the place in the file until here. */
static void put_in_order(unit_t *u, int n)
{
    qsort(u, (size_t)n, sizeof *u, by_id);
    for (int i = 0; i < n; i++)
        u[i].nth = i && u[i].id == u[i - 1].id ? u[i - 1].nth + 1 : 0;
}

int units_of_answers(const answer_t *a, int n, int k, unit_t *unit)
{
    int units = 0;
    for (int i = 0, j; i < n; i = j) {
        unit_t u = {.id = a[i].id, .nth = units, .asked = k};
        int votes[5] = {0};
        for (j = i; j < n && a[j].list == a[i].list; j++) {
            if (j - i >= k)
                continue;
            u.right += a[j].answer == a[j].right;
            u.unparsed += a[j].answer < 0;
            if (a[j].answer >= 0)
                votes[a[j].answer]++;
        }
        ASSERT(j - i >= k);
        u.won = vote_winner(votes, a[i].n) == a[i].right;
        unit[units++] = u;
    }
    put_in_order(unit, units);
    return units;
}

int units_of_choices(const chosen_t *c, int n_choice, int n, unit_t *unit)
{
    int units = 0;
    for (int i = 0; i < n_choice; i++)
        if (c[i].n == n)
            unit[units++] = (unit_t){.id = c[i].id,
                                     .nth = c[i].problem,
                                     .asked = 1,
                                     .right = c[i].right,
                                     .unparsed = c[i].asked && c[i].unparsed == c[i].asked,
                                     .won = c[i].right};
    put_in_order(unit, units);
    return units;
}

int units_common(unit_t *const *unit, const int *n, int files)
{
    int common = 0, *at = ALLOC(int, files);
    for (int i = 0; i < n[0]; i++) {
        int in = 1;
        for (int f = 1; f < files; f++) {
            while (at[f] < n[f] && by_id(&unit[f][at[f]], &unit[0][i]) < 0)
                at[f]++;
            in += at[f] < n[f] && by_id(&unit[f][at[f]], &unit[0][i]) == 0;
        }
        if (in < files)
            continue;
        for (int f = 1; f < files; f++)
            unit[f][common] = unit[f][at[f]];
        unit[0][common++] = unit[0][i];
    }
    mem_free(at);
    return common;
}

static double value_of(const unit_t *u, measure_t m)
{
    return m == MEASURE_LISTACC ? (double)u->right / u->asked
           : m == MEASURE_PASS  ? u->right > 0
                                : u->won;
}

interval_t units_mean(const unit_t *u, int n, measure_t m, uint64_t seed)
{
    double *x = ALLOC(double, n + 1);
    for (int i = 0; i < n; i++)
        x[i] = value_of(&u[i], m);
    interval_t v = interval_bootstrap(x, n, seed);
    mem_free(x);
    return v;
}

comparison_t compare_units(const unit_t *a, const unit_t *b, int n, measure_t m, uint64_t seed)
{
    comparison_t c = {0};
    double *x = ALLOC(double, n + 1);
    for (int i = 0; i < n; i++) {
        ASSERT(a[i].id == b[i].id && a[i].nth == b[i].nth);
        int in_a = m == MEASURE_PASS ? a[i].right > 0 : a[i].won,
            in_b = m == MEASURE_PASS ? b[i].right > 0 : b[i].won;
        x[i] = value_of(&a[i], m) - value_of(&b[i], m);
        c.only_a += in_a && !in_b;
        c.only_b += in_b && !in_a;
    }
    c.difference = interval_bootstrap(x, n, seed);
    c.p = c.adjusted = mcnemar_exact(c.only_a, c.only_b);
    mem_free(x);
    return c;
}
