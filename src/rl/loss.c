/* The policy losses of one completion and their derivatives by each token's log-probability.

   With x_t = log pi(token t) now, o_t = the same when the token was sampled, f_t = the
   reference's, A = the advantage and w_t the weight that the normaliser gives (below),
   the completion adds

       sum_t w_t [ objective_t  +  beta k3_t ]

       clip    -min(rho_t A, clip(rho_t, 1 - low, 1 + high) A)    Schulman et al. 2017; GRPO
               with clip_dual = c and A < 0: no larger than -c A (Ye et al. 2020, equation 5)
       cispo   -sg(clip(rho_t, 1 - low, 1 + high)) A x_t          MiniMax 2025, equation 4
       nll     -A x_t                                             A is 1 for right answers

       rho_t = exp(x_t - o_t)               token ratio
       rho_t = exp(mean_u(x_u - o_u))       sequence ratio (GSPO, Zheng et al. 2025)
       k3_t  = exp(d) - d - 1, d = f_t-x_t  estimates KL(pi | reference): unbiased, >= 0

       w_t = 1 / denom           token: denom = tokens of the whole batch (DAPO)
       w_t = 1 / (n denom)       sequence: denom = completions of the whole batch (GRPO)
       w_t = 1 / denom           constant: denom = max_new times completions (Dr.GRPO)

   Derivatives   clip, token ratio     d/dx_t = -w_t rho_t A; 0 where a clip is active
                 clip, sequence ratio  d/dx_t = -(sum_u w_u) rho A / n; likewise
                 cispo                 d/dx_t = -w_t clip(rho_t) A: no token drops out
                 nll                   d/dx_t = -w_t A
                 k3                    d/dx_t = w_t beta (1 - exp(d))
   The clip is active where it gives the larger loss: rho > 1 + high with A > 0,
   rho < 1 - low with A < 0; the dual one where rho > c with A < 0.  On the first update
   after sampling x = o: rho = 1 exactly, and the derivative is -w_t A for all of them.

   Cost: two exponentials a token.  Sums in double.  Communication: none. */
#include "rl.h"
#include <math.h>

typedef struct {
    double loss, slope; /* by x_t, both without the weight */
    int cut;
} part_t;

static double bounded(const recipe_t *r, double rho)
{
    return fmin(fmax(rho, 1 - r->clip_low), 1 + r->clip_high);
}

static part_t clipped(const recipe_t *r, double rho, double a)
{
    int dual = a < 0 && r->clip_dual > 0 && rho > r->clip_dual;
    int cut = dual || (a > 0 ? rho > 1 + r->clip_high : a < 0 && rho < 1 - r->clip_low);
    double loss = dual ? -r->clip_dual * a : -fmin(rho * a, bounded(r, rho) * a);
    return (part_t){loss, cut ? 0 : -rho * a, cut};
}

static part_t part_of(const recipe_t *r, double rho, double a, double x)
{
    double b = bounded(r, rho);
    switch (r->objective) {
    case OBJECTIVE_CISPO:
        return (part_t){-b * a * x, -b * a, b != rho};
    case OBJECTIVE_NLL:
        return (part_t){-a * x, -a, 0};
    default:
        return clipped(r, rho, a);
    }
}

void loss_policy(float *coef, loss_sums_t *sums, const recipe_t *r, const float *logp,
                 const float *old, const float *ref, int n, float advantage, double denom)
{
    double w = r->normaliser == NORM_SEQUENCE ? 1 / (n * denom) : 1 / denom;
    double whole = 0;
    int ratios = r->objective != OBJECTIVE_NLL;
    for (int t = 0; t < n && ratios; t++)
        whole += ((double)logp[t] - old[t]) / n;
    for (int t = 0; t < n; t++) {
        double d_old = !ratios ? 0 : r->ratio == RATIO_SEQUENCE ? whole : (double)logp[t] - old[t];
        double rho = exp(d_old);
        part_t p = part_of(r, rho, advantage, logp[t]);
        double slope = w * p.slope;
        sums->loss += w * p.loss;
        sums->ratio_clipped += p.cut;
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
