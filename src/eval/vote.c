/* Votes: what several answers to one list say together.

   The vote of k answers is for the candidate that strictly more of them name than any other; a tie
   names nobody, and an answer that could not be parsed is one vote fewer.  Self-consistency SC@k is
   the chance that k of the `asked` answers, drawn without replacement, vote for the right candidate.
   It is counted, not sampled: of all C(asked, k) subsets those are wanted in which the right one has
   r votes and every other fewer than r.  For each r that is

       C(v_right, r) * [x^(k-r)] (1 + x)^unparsed * product over others of sum_{j < r} C(v, j) x^j

   since the coefficient of x^j in a factor is in how many ways j of its answers are drawn.  So every k
   up to K costs one sampling of K answers, and SC@k has no noise of its own.  Products are cut
   behind degree k: O(n k^3) in all, some microseconds for k = 16.

   pass@k (Chen et al. 2021) is 1 - C(asked - right, k) / C(asked, k), as the product that does not
   overflow. */
#include "eval.h"
#include <math.h>

enum { MOST = 1024 }; /* answers: binomials of them are still doubles */

int vote_winner(const int *votes, int n)
{
    int best = -1, most = 0;
    for (int i = 0; i < n; i++) {
        if (votes[i] == most)
            best = -1;
        if (votes[i] > most) {
            best = i;
            most = votes[i];
        }
    }
    return best;
}

/* row[j] = C(n, j) for j = 0..k; exact below 2^53. */
static void binomials(double *row, int n, int k)
{
    double c = 1;
    for (int j = 0; j <= k; j++) {
        row[j] = c;
        c = c < 1e300 ? c * (n - j) / (j + 1) : c / (j + 1) * (n - j);
    }
}

/* p *= f, behind whose degree `last` there is nothing, cut behind degree k. */
static void multiply(double *p, int k, const double *f, int last)
{
    for (int d = k; d >= 0; d--) {
        double sum = 0;
        for (int j = 0; j <= last && j <= d; j++)
            sum += p[d - j] * f[j];
        p[d] = sum;
    }
}

double vote_right(const int *votes, int n, int right, int asked, int k)
{
    ASSERT(right >= 0 && right < n && k >= 1 && k <= asked && asked <= MOST);
    int width = k + 1, unparsed = asked;
    double *row = ALLOC(double, (n + 3) * width), *none = row + n * width, *all = none + width,
           *p = all + width, ways = 0;
    for (int i = 0; i < n; i++) {
        binomials(row + i * width, votes[i], k);
        unparsed -= votes[i];
    }
    ASSERT(unparsed >= 0);
    binomials(none, unparsed, k);
    binomials(all, asked, k);
    for (int r = 1; r <= k && r <= votes[right]; r++) {
        for (int d = 0; d <= k; d++)
            p[d] = none[d];
        for (int i = 0; i < n; i++)
            if (i != right)
                multiply(p, k, row + i * width, r - 1);
        ways += row[right * width + r] * p[k - r];
    }
    double chance = fmin(ways / all[k], 1);
    mem_free(row);
    return chance;
}

double pass_at(int asked, int right, int k)
{
    ASSERT(right >= 0 && right <= asked && k >= 1 && k <= asked);
    if (asked - right < k)
        return 1;
    double none = 1;
    for (int i = asked - right + 1; i <= asked; i++)
        none *= 1 - (double)k / i;
    return 1 - none;
}
