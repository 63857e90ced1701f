/* The pairwise loss of two answers to one prompt, and its derivatives (Rafailov et al. 2023,
   equation 7).

   With x the sum over an answer's tokens of log pi(token) now, f the same under the
   reference, c the chosen answer and r the rejected one, the pair adds

       w [ -log sigmoid(m) ],      m = beta ((x_c - f_c) - (x_r - f_r)),      w = 1 / denom

   beta (x - f) is the reward that the policy implies for an answer, m the margin between
   the two.  denom counts the pairs of the whole batch.  The loss is the softplus of -m,

       log(1 + exp(-m)) = max(-m, 0) + log(1 + exp(-|m|))

   in which no exponential can overflow and a small loss keeps its digits.  Every token
   of an answer has the same derivative, for a sum passes it on:

       d/dx_c = -w beta sigmoid(-m)         d/dx_r = +w beta sigmoid(-m)

   A margin of zero, as before the first update where the policy is the reference, costs
   log 2 a pair and counts as not right: the accuracy of such a batch is 0, as in other
   programs.

   Cost: two exponentials and a logarithm a pair.  In double: sums over long answers are
   large numbers with a small difference.  Communication: none. */
#include "rl.h"
#include <math.h>

double loss_logp(const float *logp, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += logp[i];
    return sum;
}

void loss_pair(double coef[2], pair_sums_t *sums, double beta, const double logp[2],
               const double ref[2], double denom)
{
    double reward[2] = {beta * (logp[PAIR_CHOSEN] - ref[PAIR_CHOSEN]),
                        beta * (logp[PAIR_REJECTED] - ref[PAIR_REJECTED])};
    double m = reward[PAIR_CHOSEN] - reward[PAIR_REJECTED], e = exp(-fabs(m));
    double wrong = (m > 0 ? e : 1) / (1 + e); /* sigmoid(-m) */
    coef[PAIR_CHOSEN] = -beta * wrong / denom;
    coef[PAIR_REJECTED] = beta * wrong / denom;
    sums->loss += (fmax(-m, 0) + log1p(e)) / denom;
    sums->chosen += reward[PAIR_CHOSEN];
    sums->rejected += reward[PAIR_REJECTED];
    sums->right += m > 0;
    sums->pairs++;
}
