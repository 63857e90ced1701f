// The policy loss's coefficients are its derivatives, by finite differences, at every point of
// recipe space; at rho = 1 they have closed forms; advantages sum to zero and have the spread that
// their kind says.
// RUN: np=1
#include "test.h"
#include "rl.h"

enum { N = 7 };

static double loss_at(const recipe_t *r, const float *logp, const float *old, const float *ref,
                      float a)
{
    float coef[N];
    loss_sums_t s = {0};
    loss_policy(coef, &s, r, logp, old, ref, N, a, 13.0);
    return s.loss;
}

/* Away from the kinks of the clip, where the derivative exists. */
static void differences(const recipe_t *r, float a, int with_ref)
{
    float logp[N], old[N], ref[N], coef[N];
    test_fill(logp, N, 1), test_fill(old, N, 2), test_fill(ref, N, 3);
    for (int i = 0; i < N; i++) {
        logp[i] = -1 - 0.3f * logp[i];
        old[i] = logp[i] + 0.4f * old[i];
        ref[i] = logp[i] + 0.5f * ref[i];
    }
    loss_sums_t s = {0};
    loss_policy(coef, &s, r, logp, old, with_ref ? ref : NULL, N, a, 13.0);
    check(s.tokens == N && (with_ref ? s.kl > 0 : s.kl == 0));
    for (int i = 0; i < N; i++) {
        float h = 1.0f / 512, keep = logp[i];
        logp[i] = keep + h;
        double up = loss_at(r, logp, old, with_ref ? ref : NULL, a);
        logp[i] = keep - h;
        double down = loss_at(r, logp, old, with_ref ? ref : NULL, a);
        logp[i] = keep;
        double slope = (up - down) / (2.0 * h);
        check(fabs(slope - coef[i]) < 1e-5 + 1e-4 * fabs(slope), "token %d: %g by differences, %g",
              i, slope, coef[i]);
    }
}

static void closed_forms(void)
{
    recipe_t r = *recipe_find("grpo-think");
    float logp[N], coef[N];
    test_fill(logp, N, 4);
    for (int n = 0; n < 3; n++)
        for (int ratio = 0; ratio < 2; ratio++) {
            r.normaliser = (normaliser_t)n, r.ratio = (ratio_t)ratio;
            loss_sums_t s = {0};
            loss_policy(coef, &s, &r, logp, logp, logp, N, 1.5f, 10.0);
            double w = n == NORM_SEQUENCE ? 1.0 / (10 * N) : 0.1;
            for (int i = 0; i < N; i++) /* on policy, reference = policy: -w A */
                check(fabs(coef[i] + 1.5 * w) < 1e-7, "%g %g", coef[i], -1.5 * w);
            check(fabs(s.loss + 1.5 * w * N) < 1e-6 && s.kl == 0 && s.ratio_clipped == 0);
        }
    /* clipped: the ratio is far out on the side where that pays, and no gradient is left but
       KL's */
    r = *recipe_find("grpo-think");
    float far[N];
    for (int i = 0; i < N; i++)
        far[i] = logp[i] - 1; /* rho = e */
    loss_sums_t s = {0};
    loss_policy(coef, &s, &r, logp, far, NULL, N, 1, 1);
    for (int i = 0; i < N; i++)
        check(coef[i] == 0);
    check(s.ratio_clipped == N && fabs(s.loss + 1.28 * N) < 1e-5, "%g", s.loss);
    loss_policy(coef, &s, &r, logp, far, NULL, N, -1, 1);
    for (int i = 0; i < N; i++) /* negative advantage: not clipped above */
        check(fabs(coef[i] - exp(1)) < 1e-5);
}

static void advantages(void)
{
    float r[6] = {1, 0, 1, -1, 0.25f, 1}, a[6], same[3] = {0.3f, 0.3f, 0.3f};
    advantage_group(a, r, 6, ADV_MEAN_ONLY);
    double sum = 0, sq = 0, var = 0, mean = 2.25 / 6;
    for (int i = 0; i < 6; i++) {
        check(fabs(a[i] - (r[i] - mean)) < 1e-6);
        var += (r[i] - mean) * (r[i] - mean) / 6;
    }
    advantage_group(a, r, 6, ADV_GROUP_STD);
    for (int i = 0; i < 6; i++)
        sum += a[i], sq += (double)a[i] * a[i] / 6;
    check(fabs(sum) < 1e-5);
    check(fabs(sqrt(sq) - sqrt(var) / (sqrt(var) + 1e-4)) < 1e-6);
    advantage_group(a, same, 3, ADV_GROUP_STD);
    check(a[0] == 0 && a[1] == 0 && a[2] == 0);
    advantage_group(a, r, 6, ADV_POSITIVES);
    check(a[0] == 1 && a[1] == 0 && a[3] == 0 && a[5] == 1);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    for (int n = 0; n < 3; n++)
        for (int ratio = 0; ratio < 2; ratio++)
            for (int ref = 0; ref < 2; ref++)
                for (int sign = -1; sign <= 1; sign++) {
                    recipe_t r = *recipe_find("grpo-instruct");
                    r.normaliser = (normaliser_t)n, r.ratio = (ratio_t)ratio, r.kl_beta = 0.7;
                    differences(&r, 0.8f * (float)sign, ref);
                }
    closed_forms();
    advantages();
    return test_end();
}
