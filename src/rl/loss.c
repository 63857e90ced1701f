/* The policy loss of one completion and its derivative by each token's log-probability.

   With x_t = log pi(token t) now, o_t = the same when the token was sampled, f_t = the
   reference's, A = the advantage and w_t the weight that the normaliser gives (below),
   the completion adds

       sum_t w_t [ -min(rho_t A, clip(rho_t, 1 - low, 1 + high) A)  +  beta k3_t ]

       rho_t = exp(x_t - o_t)               token ratio (Schulman et al. 2017; GRPO)
       rho_t = exp(mean_u(x_u - o_u))       sequence ratio (GSPO, Zheng et al. 2025)
       k3_t  = exp(d) - d - 1, d = f_t-x_t  estimates KL(pi | reference): unbiased, >= 0

       w_t = 1 / denom           token: denom = tokens of the whole batch (DAPO)
       w_t = 1 / (n denom)       sequence: denom = completions of the whole batch (GRPO)
       w_t = 1 / denom           constant: denom = max_new times completions (Dr.GRPO)

   Derivatives   token ratio     d/dx_t = -w_t rho_t A; 0 where the clip is active
                 sequence ratio  d/dx_t = -(sum_u w_u) rho A / n; likewise
                 k3              d/dx_t = w_t beta (1 - exp(d))
   The clip is active where it gives the larger loss: rho > 1 + high with A > 0,
   rho < 1 - low with A < 0.  On the first update after sampling x = o: rho = 1 exactly,
   and the derivative is -w_t A.

   Cost: two exponentials a token.  Sums in double.  Communication: none. */
#include "rl.h"
#include <math.h>

static int clipped(const recipe_t *r, double rho, double advantage)
{
    return advantage > 0 ? rho > 1 + r->clip_high : advantage < 0 && rho < 1 - r->clip_low;
}

static double surrogate(const recipe_t *r, double rho, double advantage)
{
    double bound = fmin(fmax(rho, 1 - r->clip_low), 1 + r->clip_high);
    return -fmin(rho * advantage, bound * advantage);
}

void loss_policy(float *coef, loss_sums_t *sums, const recipe_t *r, const float *logp,
                 const float *old, const float *ref, int n, float advantage, double denom)
{
    double w = r->normaliser == NORM_SEQUENCE ? 1 / (n * denom) : 1 / denom;
    double whole = 0;
    for (int t = 0; t < n; t++)
        whole += ((double)logp[t] - old[t]) / n;
    for (int t = 0; t < n; t++) {
        double rho = exp(r->ratio == RATIO_SEQUENCE ? whole : (double)logp[t] - old[t]);
        int cut = clipped(r, rho, advantage);
        double slope = cut ? 0 : -w * rho * advantage;
        sums->loss += w * surrogate(r, rho, advantage);
        sums->ratio_clipped += cut;
        if (ref) {
            double d = (double)ref[t] - logp[t], k3 = expm1(d) - d;
            slope -= w * r->kl_beta * expm1(d);
            sums->loss += w * r->kl_beta * k3;
            sums->kl += k3;
        }
        coef[t] = (float)slope;
    }
    sums->tokens += n;
}
