// The policy loss's coefficients are its derivatives, by finite differences, at every point of
// recipe space (CISPO's with its ratio held); beyond a clip they are exactly zero; at rho = 1 they have
// closed forms; advantages are what their definitions say, kept ones a draw by position alone.
// RUN: np=1
#include "test.h"
#include "rl.h"

enum { N = 7 };
static const double denom = 13;

static double loss_at(const recipe_t *r, const float *logp, const float *old, const float *ref,
                      float a)
{
    float coef[N];
    loss_sums_t s = {0};
    loss_policy(coef, &s, r, logp, old, ref, N, a, denom);
    return s.loss;
}

/* No ratio within what a step of h can move it to of an edge. */
static int away(const recipe_t *r, const float *logp, const float *old, double h)
{
    double edge[3] = {1 - r->clip_low, 1 + r->clip_high, r->clip_dual}, mean = 0;
    for (int i = 0; i < N; i++)
        mean += ((double)logp[i] - old[i]) / N;
    for (int i = 0; i < N; i++) {
        double d = r->ratio == RATIO_SEQUENCE ? mean : (double)logp[i] - old[i];
        for (int k = 0; k < 3; k++)
            if (fabs(d - log(fmax(edge[k], 1e-9))) < 2 * h)
                return 0;
    }
    return 1;
}

/* Away from the kinks of the clips, where the derivative exists.  CISPO's weight is no part of what
   is differentiated: old moves with logp, so that the ratio stands still. */
static void differences(const recipe_t *r, float a, int with_ref)
{
    float logp[N], old[N], ref[N], coef[N], *f = with_ref ? ref : NULL;
    const float h = 1.0f / 512;
    test_fill(logp, N, 1), test_fill(old, N, 2), test_fill(ref, N, 3);
    for (int i = 0; i < N; i++) {
        logp[i] = -1 - 0.3f * logp[i];
        old[i] = logp[i] + 0.4f * old[i];
        ref[i] = logp[i] + 0.5f * ref[i];
    }
    check(away(r, logp, old, h), "a ratio is too near to a clip for finite differences");
    loss_sums_t s = {0};
    loss_policy(coef, &s, r, logp, r->objective == OBJECTIVE_NLL ? NULL : old, f, N, a, denom);
    check(s.tokens == N && (with_ref ? s.kl > 0 : s.kl == 0));
    int held = r->objective == OBJECTIVE_CISPO;
    for (int i = 0; i < N; i++) {
        float keep = logp[i], keep_old = old[i];
        double side[2];
        for (int k = 0; k < 2; k++) {
            logp[i] = k ? keep - h : keep + h;
            old[i] = keep_old + (held ? logp[i] - keep : 0);
            side[k] = loss_at(r, logp, old, f, a);
        }
        logp[i] = keep, old[i] = keep_old;
        double slope = (side[0] - side[1]) / (2.0 * h);
        check(fabs(slope - coef[i]) < 1e-5 + 1e-4 * fabs(slope),
              "objective %d ratio %d normaliser %d dual %g A %g token %d: %g by differences, %g",
              r->objective, r->ratio, r->normaliser, r->clip_dual, a, i, slope, coef[i]);
    }
}

/* Every objective, ratio and normaliser, with and without the dual clip and KL, for good, equal and
   bad answers; the sequence ratio of these numbers is 0.7: high where clips are lower. */
static void all_differences(void)
{
    static const struct {
        objective_t objective;
        double low, high, dual;
    } set[] = {
        {OBJECTIVE_CLIP, 0.2, 0.28, 0},    {OBJECTIVE_CLIP, 0.2, 0.28, 1.35},
        {OBJECTIVE_CLIP, 0.9, -0.5, 0.6},  {OBJECTIVE_CLIP, 0.9, 3, 0},
        {OBJECTIVE_CISPO, 0.2, 0.28, 0},   {OBJECTIVE_CISPO, 1, 4, 0},
        {OBJECTIVE_CISPO, 0.95, -0.45, 0}, {OBJECTIVE_NLL, 0.2, 0.28, 0},
    };
    for (size_t k = 0; k < sizeof set / sizeof *set; k++)
        for (int i = 0; i < 3 * 2 * 2 * 3; i++) {
            recipe_t r = *recipe_find("grpo-instruct");
            r.objective = set[k].objective, r.clip_low = set[k].low;
            r.clip_high = set[k].high, r.clip_dual = set[k].dual;
            r.normaliser = (normaliser_t)(i % 3), r.ratio = (ratio_t)(i / 3 % 2), r.kl_beta = 0.7;
            differences(&r, 0.8f * (float)(i / 12 - 1), i / 6 % 2);
        }
}

/* Log-ratio d of all tokens, advantage a: the policy's slope is exactly zero (cut), or all tokens
   have -w A rho; what is left under a reference is KL's alone. */
static void beyond(const recipe_t *r, float d, float a, int cut, double loss)
{
    float logp[N], old[N], ref[N], coef[N];
    loss_sums_t s = {0}, unused = {0};
    test_fill(logp, N, 4), test_fill(ref, N, 5);
    for (int i = 0; i < N; i++)
        old[i] = (logp[i] = roundf(64 * logp[i]) / 64) - d;
    double w = r->normaliser == NORM_SEQUENCE ? 1 / (N * denom) : 1 / denom;
    loss_policy(coef, &s, r, logp, old, NULL, N, a, denom);
    for (int i = 0; i < N; i++)
        if (cut)
            check(coef[i] == 0, "log-ratio %g, A %g: %g", d, a, coef[i]);
        else
            check(fabs(coef[i] + w * a * exp(d)) < 1e-6, "log-ratio %g, A %g: %g", d, a, coef[i]);
    check(s.ratio_clipped == (cut ? N : 0));
    check(fabs(s.loss - w * N * loss) < 1e-6, "log-ratio %g, A %g: %g", d, a, s.loss);
    loss_policy(coef, &unused, r, logp, old, ref, N, a, denom);
    for (int i = 0; i < N && cut; i++)
        check(coef[i] == (float)(-w * r->kl_beta * expm1((double)ref[i] - logp[i])));
}

static void zeros(void)
{
    for (int i = 0; i < 6; i++) {
        recipe_t r = *recipe_find("grpo-think");
        r.normaliser = (normaliser_t)(i % 3), r.ratio = (ratio_t)(i / 3), r.kl_beta = 0.3;
        r.clip_low = 0.2, r.clip_high = 0.28;
        beyond(&r, 1, 1, 1, -1.28);   /* rho = e pays: cut */
        beyond(&r, 1, -1, 0, exp(1)); /* and costs without bound */
        beyond(&r, -1, -1, 1, 0.8);
        beyond(&r, -1, 1, 0, -exp(-1));
        beyond(&r, 1, 0, 0, 0);
        r.clip_dual = 3;
        beyond(&r, 1, -1, 0, exp(1)); /* e < 3 */
        beyond(&r, 2, -1, 1, 3);
        beyond(&r, 2, -0.5f, 1, 1.5);
        beyond(&r, 2, 1, 1, -1.28); /* the second clip is for bad answers only */
        beyond(&r, -1, -1, 1, 0.8);
    }
}

/* No token drops out: the coefficient is -clip(rho) A w, though the loss is -clip(rho) A w x. */
static void cispo(void)
{
    static const float d[N] = {-2, -0.5f, -0.125f, 0, 0.125f, 0.75f, 2};
    for (int i = 0; i < 6; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            recipe_t r = *recipe_find("cispo");
            float logp[N], old[N], coef[N], a = 1.5f * (float)sign;
            double loss = 0;
            loss_sums_t s = {0};
            r.normaliser = (normaliser_t)(i % 3), r.ratio = (ratio_t)(i / 3);
            r.clip_low = 0.3, r.clip_high = 0.02;
            double w = r.normaliser == NORM_SEQUENCE ? 1 / (N * denom) : 1 / denom;
            for (int t = 0; t < N; t++)
                logp[t] = -1 - (float)t / 8, old[t] = logp[t] - d[t];
            loss_policy(coef, &s, &r, logp, old, NULL, N, a, denom);
            for (int t = 0; t < N; t++) {
                double rho = exp(i / 3 ? 0.25 / N : d[t]); /* the mean of d is 0.25 / 7 */
                double clipped = rho < 0.7 ? 0.7 : rho > 1.02 ? 1.02 : rho;
                check(fabs(coef[t] + clipped * a * w) < 1e-7, "%g %g", coef[t], clipped);
                loss -= clipped * a * w * logp[t];
            }
            check(fabs(s.loss - loss) < 1e-7 && s.ratio_clipped == (i / 3 ? N : 5), "%g %g %g",
                  s.loss, loss, s.ratio_clipped);
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
    advantage_group(a, r, 6, ADV_SIGN);
    check(a[0] == 1 && a[1] == -1 && a[2] == 1 && a[3] == -1 && a[4] == -1 && a[5] == 1);
    advantage_group(a, same, 3, ADV_SIGN); /* compares with nothing, not even with its like */
    check(a[0] == -1 && a[2] == -1);
}

/* Against the definition: the mean of the others, by a loop over them. */
static void leave_one_out(void)
{
    for (int g = 2; g <= 9; g++) {
        float r[9], a[9], same[9], sum = 0;
        test_fill(r, g, 20 + (uint64_t)g);
        advantage_group(a, r, g, ADV_LEAVE_ONE_OUT);
        for (int i = 0; i < g; i++) {
            double others = 0;
            for (int k = 0; k < g; k++)
                others += k != i ? r[k] : 0;
            check(fabs(a[i] - (r[i] - others / (g - 1))) < 1e-6, "%d of %d: %g", i, g, a[i]);
            sum += a[i];
            same[i] = r[0] / 3;
        }
        check(fabs(sum) < 1e-5);
        for (int kind = 0; kind <= ADV_LEAVE_ONE_OUT; kind++) {
            advantage_group(a, same, g, (advantage_t)kind);
            for (int i = 0; i < g; i++)
                check(a[i] == 0, "all rewards equal: %g", a[i]);
        }
    }
}

/* n of the right ones, each as likely as another, by (seed, step, item) alone. */
static void keep(void)
{
    enum { G = 12, DRAWS = 4000, RIGHT = 7 };
    const float all[G] = {1, 0, 0, 1, 1, 0, 1, 1, 0, 0, 1, 1};
    int count[G] = {0}, changes[3] = {0};
    for (int n = 0; n <= G; n++)
        for (int k = 0; k < DRAWS / 10; k++) {
            float a[G], again[G];
            int kept = 0;
            memcpy(a, all, sizeof a), memcpy(again, all, sizeof again);
            advantage_keep(a, G, n, 5, k, 3);
            advantage_keep(again, G, n, 5, k, 3);
            check(!memcmp(a, again, sizeof a));
            for (int i = 0; i < G; i++)
                check(a[i] == 0 || a[i] == all[i]);
            for (int i = 0; i < G; i++)
                kept += a[i] == 1;
            check(kept == (n && n < RIGHT ? n : RIGHT), "%d of %d right ones kept, not %d", kept,
                  RIGHT, n);
        }
    for (int k = 0; k < DRAWS; k++) {
        float a[4][G];
        for (int j = 0; j < 4; j++) {
            memcpy(a[j], all, sizeof all);
            advantage_keep(a[j], G, 3, 5 + (j == 1), k + (j == 2), 2 * k + (j == 3));
            if (j)
                changes[j - 1] += memcmp(a[j], a[0], sizeof a[0]) != 0;
        }
        for (int i = 0; i < G; i++)
            count[i] += a[0][i] == 1;
    }
    for (int i = 0; i < G; i++) /* 3 of 7: 1714, standard deviation 31 */
        check(all[i] > 0 ? abs(count[i] - DRAWS * 3 / RIGHT) < 150 : count[i] == 0, "%d: %d", i,
              count[i]);
    for (int j = 0; j < 3; j++) /* 35 subsets: another draw is the same one time in 35 */
        check(changes[j] > DRAWS * 9 / 10, "%d of %d draws changed", changes[j], DRAWS);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    all_differences();
    closed_forms();
    zeros();
    cispo();
    advantages();
    leave_one_out();
    keep();
    return test_end();
}
