/* Tests.

   McNemar's exact test: two verifiers judged the same lists; lists on which both are right or both wrong
   say nothing of which is better.  If neither is, each of the others is as likely right for one as for
   the other: only_a is binomial(only_a + only_b, 1/2), and p is the chance of a split at least as
   uneven, to either side.

   Holm (1979): of m tests the smallest p counts m times, the next m - 1 times, and so on, none less
   than the one before it.  Whatever is then below 0.05: the chance that any of them is there without
   reason is below 0.05.

   Pearson's chi-squared test for whether letters are named equally often.  Lists of n candidates have n
   letters, so each length is a table of its own; their statistics and degrees of freedom add up.  A
   length whose letters are expected fewer than 5 times each is left out: the distribution is not yet
   that of chi-squared.  For whole degrees of freedom its tail is a finite sum. */
#include "eval.h"
#include <math.h>

double mcnemar_exact(int only_a, int only_b)
{
    int n = only_a + only_b, fewer = only_a < only_b ? only_a : only_b;
    double term = exp(lgamma(n + 1.0) - lgamma(fewer + 1.0) - lgamma(n - fewer + 1.0) - n * M_LN2),
           sum = 0;
    for (int k = fewer; k >= 0 && term > 0; k--) {
        sum += term;
        term *= (double)k / (n - k + 1);
    }
    return fmin(2 * sum, 1);
}

void holm(const double *p, int n, double *adjusted)
{
    int *order = ALLOC(int, n + 1);
    for (int i = 0; i < n; i++) {
        int j = i;
        for (; j > 0 && p[order[j - 1]] > p[i]; j--)
            order[j] = order[j - 1];
        order[j] = i;
    }
    double least = 0;
    for (int i = 0; i < n; i++) {
        least = fmax(least, fmin((n - i) * p[order[i]], 1));
        adjusted[order[i]] = least;
    }
    mem_free(order);
}

/* With h = x/2: e^-h (1 + h + h^2/2! + ...), or erfc(sqrt h) + e^-h (h^(1/2)/(1/2)! + h^(3/2)/(3/2)! + ...) */
double chi2_tail(double x, int freedom)
{
    ASSERT(freedom > 0);
    if (!(x > 0))
        return 1;
    double h = x / 2, sum = freedom % 2 ? erfc(sqrt(h)) : 0;
    for (double i = freedom % 2 ? 0.5 : 0; i < freedom / 2.0 - 0.25; i++)
        sum += exp(i * log(h) - h - lgamma(i + 1));
    return fmin(sum, 1);
}

double position_test(int answered[6][5], double *statistic, int *freedom)
{
    *statistic = 0;
    *freedom = 0;
    for (int n = 2; n <= 5; n++) {
        double total = 0;
        for (int l = 0; l < n; l++)
            total += answered[n][l];
        double expected = total / n;
        if (expected < 5)
            continue;
        for (int l = 0; l < n; l++)
            *statistic += (answered[n][l] - expected) * (answered[n][l] - expected) / expected;
        *freedom += n - 1;
    }
    return *freedom ? chi2_tail(*statistic, *freedom) : NAN;
}
