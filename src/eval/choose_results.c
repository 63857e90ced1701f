/* What choices say: pass@1 of whoever chooses, by the number N of programs there are.

       verifier   its choice, executed            random     the share of right ones
       oracle     one of the N is right (pass@N)  majority   the vote of outputs
   and differences of the verifier's and each other's on the same problems.  What is independent is a
   problem.  questions, silent: what a choice cost, and the share of questions that named no winner. */
#include "eval/results.h"
#include <math.h>
#include <stdio.h>

enum { VERIFIER, RANDOM, ORACLE, MAJORITY, CHOOSERS };
static const char *const name[CHOOSERS] = {"verifier", "random", "oracle", "majority"};

static void differences(results_t *r, const char *of, int n, double *const x[CHOOSERS])
{
    double *d = ALLOC(double, n + 1);
    for (int c = RANDOM; c < CHOOSERS; c++) {
        char measure[24];
        snprintf(measure, sizeof measure, "verifier-%s", name[c]);
        for (int i = 0; i < n; i++)
            d[i] = x[VERIFIER][i] - x[c][i];
        results_mean(r, measure, "N", of, NULL, n, d, NULL);
    }
    mem_free(d);
}

static void of_size(results_t *r, const choices_t *c, int size)
{
    int n = 0;
    double *block = ALLOC(double, (CHOOSERS + 2) * (c->n + 1)), *x[CHOOSERS + 2];
    char of[16];
    for (int k = 0; k < CHOOSERS + 2; k++)
        x[k] = block + k * (c->n + 1);
    for (int i = 0; i < c->n; i++) {
        const chosen_t *row = &c->row[i];
        if (row->n != size)
            continue;
        x[VERIFIER][n] = row->right;
        x[RANDOM][n] = row->share;
        x[ORACLE][n] = row->any;
        x[MAJORITY][n] = row->majority_right;
        x[CHOOSERS][n] = row->asked;
        x[CHOOSERS + 1][n++] = row->asked ? (double)row->unparsed / row->asked : NAN;
    }
    snprintf(of, sizeof of, "%d", size);
    for (int k = 0; k < CHOOSERS; k++)
        results_mean(r, name[k], "N", of, NULL, n, x[k], NULL);
    differences(r, of, n, x);
    results_mean(r, "questions", "N", of, NULL, n, x[CHOOSERS], NULL);
    results_mean(r, "silent", "N", of, NULL, n, x[CHOOSERS + 1], NULL);
    mem_free(block);
}

numbers_t choices_results(const choices_t *c, uint64_t seed)
{
    results_t r = {.seed = seed};
    int last = 0;
    for (int i = 0; i < c->n && c->row[i].n > last; i++) { /* the first problem has every size */
        last = c->row[i].n;
        of_size(&r, c, last);
    }
    return results_end(&r);
}
