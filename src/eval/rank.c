/* Ranking: a list put in order by asking about all its pairs, each in both orders.

   A list of n candidates is n (n - 1) questions.  A candidate's score is its wins: how many answers
   name it.  An answer that could not be parsed is a win of nobody, and a wrong answer.  The order by
   wins is held against the order by pass rates:

       tau-b (Kendall 1945)   (concordant - discordant) / sqrt(pairs untied in x * pairs untied in y)
       NDCG                   gains pass rate, discounts 1 / log2(rank + 1); of candidates with equal
                              wins each has the mean discount of the ranks that they share

   Everything else is counts, so that lists can be summed before they are divided: pairwise accuracy
   (pairs of equal pass rates have no right answer and do not count), how often the one shown first is
   named, pairs answered differently in the two orders, and triples answered in a circle.  A circle can
   only be spoken of where all three pairs have one answer, the same in both orders.  n is at most 5:
   all of it is a few hundred operations. */
#include "eval.h"
#include <math.h>

double kendall_tau_b(const double *x, const double *y, int n)
{
    double sum = 0, in_x = 0, in_y = 0;
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++) {
            int a = (x[i] > x[j]) - (x[i] < x[j]), b = (y[i] > y[j]) - (y[i] < y[j]);
            sum += a * b;
            in_x += a != 0;
            in_y += b != 0;
        }
    return in_x > 0 && in_y > 0 ? sum / (sqrt(in_x) * sqrt(in_y)) : -1;
}

/* Each group of equal scores gets the mean of its gains at every rank that it takes, which is the mean
   over the group's orders. */
static double dcg(const double *gain, const double *score, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++) {
        int before = 0, equal = 0;
        double discount = 0;
        for (int j = 0; j < n; j++) {
            before += score[j] > score[i];
            equal += score[j] == score[i];
        }
        for (int r = before; r < before + equal; r++)
            discount += 1 / log2(r + 2);
        sum += gain[i] * discount / equal;
    }
    return sum;
}

double ndcg(const double *gain, const double *score, int n)
{
    double best = dcg(gain, gain, n);
    return best > 0 ? dcg(gain, score, n) / best : NAN;
}

/* The candidate that both orders of a pair name, or -1. */
static int agreed(int answer[5][5], int i, int j)
{
    return answer[i][j] == answer[j][i] ? answer[i][j] : -1;
}

static void count_pair(ranking_t *r, const float *rate, int answer[5][5], int i, int j)
{
    int there = answer[i][j], back = answer[j][i];
    r->answered += (there >= 0) + (back >= 0);
    r->first += (there == i) + (back == j);
    if (there >= 0 && back >= 0) {
        r->both++;
        r->contradicted += there != back;
    }
    if (rate[i] != rate[j]) {
        int better = rate[i] > rate[j] ? i : j;
        r->asked += 2;
        r->right += (there == better) + (back == better);
    }
}

ranking_t ranking_of(const float *pass_rate, int n, int answer[5][5])
{
    ASSERT(n >= 2 && n <= 5);
    ranking_t r = {0};
    double wins[5] = {0}, rate[5];
    for (int i = 0; i < n; i++) {
        rate[i] = (double)pass_rate[i];
        for (int j = 0; j < n; j++) {
            ASSERT(i == j || answer[i][j] == i || answer[i][j] == j || answer[i][j] == -1);
            if (i != j && answer[i][j] >= 0)
                wins[answer[i][j]]++;
            if (i < j)
                count_pair(&r, pass_rate, answer, i, j);
        }
    }
    for (int i = 0; i < n; i++)
        for (int j = i + 1; j < n; j++)
            for (int k = j + 1; k < n; k++) {
                int a = agreed(answer, i, j), b = agreed(answer, j, k), c = agreed(answer, k, i);
                if (a < 0 || b < 0 || c < 0)
                    continue;
                r.triples++; /* a circle: each of the three wins once */
                r.transitive += a == b || b == c || c == a;
            }
    r.tau = kendall_tau_b(wins, rate, n);
    r.ndcg = ndcg(rate, wins, n);
    return r;
}
