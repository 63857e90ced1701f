// McNemar's exact p and Holm's adjustment are statsmodels', the tail of chi-squared and the test of
// positions scipy's.
// RUN: np=1
#include "statistics.h"
#include "eval.h"

static void mcnemar_line(const double *x, int n)
{
    double got = mcnemar_exact((int)x[0], (int)x[1]), back = mcnemar_exact((int)x[1], (int)x[0]);
    check(n == 3 && same(got, x[2], 1e-10) && got == back, "%g %g: %.17g for %.17g", x[0], x[1],
          got, x[2]);
}

static void holm_line(const double *x, int n)
{
    int m = (int)x[0];
    double adjusted[16];
    holm(x + 1, m, adjusted);
    check(n == 2 * m + 1);
    for (int i = 0; i < m; i++)
        check(fabs(adjusted[i] - x[1 + m + i]) < 1e-14, "%g for %g", adjusted[i], x[1 + m + i]);
}

static void chi2_line(const double *x, int n)
{
    double got = chi2_tail(x[0], (int)x[1]);
    check(n == 3 && same(got, x[2], 1e-10), "%g, %g: %.17g for %.17g", x[0], x[1], got, x[2]);
}

static void position_line(const double *x, int n)
{
    int answered[6][5] = {0}, freedom, at = 0;
    double statistic;
    for (int c = 2; c <= 5; c++)
        for (int l = 0; l < c; l++)
            answered[c][l] = (int)x[at++];
    double p = position_test(answered, &statistic, &freedom);
    check(n == 17 && fabs(statistic - x[14]) < 1e-10 && freedom == x[15] && same(p, x[16], 1e-10),
          "%g %d %g for %g %g %g", statistic, freedom, p, x[14], x[15], x[16]);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    int tests = reference("mcnemar", mcnemar_line), many = reference("holm", holm_line),
        tails = reference("chi2", chi2_line), positions = reference("position", position_line);
    check(tests == 11 && many == 6 && tails == 10 && positions == 4, "%d %d %d %d", tests, many,
          tails, positions);
    return test_end();
}
