// Kendall's tau-b is scipy's and NDCG scikit-learn's, with ties and where they are undefined; what the
// answers to all pairs say is counted as Python counts it.
// RUN: np=1
#include "statistics.h"
#include "eval.h"

static void tau_line(const double *x, int n)
{
    int m = (int)x[0];
    double got = kendall_tau_b(x + 1, x + 1 + m, m);
    check(n == 2 * m + 2 && fabs(got - x[n - 1]) < 1e-12, "%g for %g", got, x[n - 1]);
}

static void ndcg_line(const double *x, int n)
{
    int m = (int)x[0];
    double got = ndcg(x + 1, x + 1 + m, m);
    check(n == 2 * m + 2 && same(got, x[n - 1], 1e-12), "%g for %g", got, x[n - 1]);
}

static void ranking_line(const double *x, int n)
{
    int m = (int)x[0], answer[5][5];
    float rate[5];
    for (int i = 0; i < m; i++)
        rate[i] = (float)x[1 + i];
    for (int i = 0; i < 25; i++)
        answer[i / 5][i % 5] = (int)x[1 + m + i];
    const double *y = x + 1 + m + 25;
    ranking_t r = ranking_of(rate, m, answer);
    check(n == m + 36 && fabs(r.tau - y[0]) < 1e-12 && same(r.ndcg, y[1], 1e-12), "%g %g for %g %g",
          r.tau, r.ndcg, y[0], y[1]);
    int got[8] = {r.right,        r.asked, r.first,      r.answered,
                  r.contradicted, r.both,  r.transitive, r.triples};
    for (int i = 0; i < 8; i++)
        check(got[i] == y[2 + i], "of %d, number %d: %d for %g", m, i, got[i], y[2 + i]);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    int tau = reference("tau", tau_line), gain = reference("ndcg", ndcg_line),
        ranking = reference("ranking", ranking_line);
    check(tau == 25 && gain == 25 && ranking == 20, "%d %d %d", tau, gain, ranking);
    return test_end();
}
