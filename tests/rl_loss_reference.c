// The policy losses of every objective, ratio and normaliser, and the pairwise loss, with their
// derivatives are PyTorch's, and TRL's where it has them (tests/data/loss_reference.py); the pairwise
// loss's coefficients are its derivatives, it adds up, and no margin is too large for it.
// RUN: np=1
#include "test.h"
#include "rl.h"

enum { SETS = 4, COMPLETIONS = 8, TOKENS = 64 };

typedef struct {
    float advantage, logp[TOKENS], old[TOKENS], ref[TOKENS];
    int n;
} completion_t;
typedef struct {
    char name[32];
    completion_t c[COMPLETIONS];
    int n, tokens;
} set_t;

static set_t set[SETS];
static int sets, cases, pairs,
    seen[3][2][3][2]; /* cases: objective, ratio, normaliser, dual clip */

static int floats(const char *s, float *x)
{
    int n = 0;
    char *end;
    for (; n < TOKENS; s = end, n++) {
        x[n] = strtof(s, &end);
        if (end == s)
            break;
    }
    return n;
}

static int near(double a, double b, double tolerance)
{
    return fabs(a - b) <= tolerance * fabs(b);
}

typedef struct {
    char name[32], set[32];
    recipe_t r;
    int max_new;
    double loss, kl;
    int clipped;
} case_t;

/* What the normaliser divides by, over the batch that the set is. */
static double denominator(const case_t *k, const set_t *s)
{
    return k->r.normaliser == NORM_TOKEN      ? s->tokens
           : k->r.normaliser == NORM_SEQUENCE ? s->n
                                              : (double)k->max_new * s->n;
}

static void policy(const case_t *k, const float *want)
{
    const set_t *s = NULL;
    float coef[TOKENS];
    loss_sums_t sums = {0};
    double far = 0, size = 0;
    int at = 0;
    for (int i = 0; i < sets; i++)
        if (!strcmp(set[i].name, k->set))
            s = &set[i];
    ASSERT(s && s->n == 6);
    for (int i = 0; i < s->n; i++) {
        const completion_t *c = &s->c[i];
        loss_policy(coef + at, &sums, &k->r, c->logp,
                    k->r.objective == OBJECTIVE_NLL ? NULL : c->old,
                    k->r.kl_beta > 0 ? c->ref : NULL, c->n, c->advantage, denominator(k, s));
        at += c->n;
    }
    for (int i = 0; i < at; i++) {
        far += (coef[i] - (double)want[i]) * (coef[i] - (double)want[i]);
        size += (double)want[i] * want[i];
        check(fabs(coef[i] - (double)want[i]) <= 1e-5 * fabs(want[i]),
              "%s: token %d: %.9g, PyTorch %.9g", k->name, i, coef[i], want[i]);
    }
    check(at == s->tokens && size > 0 && sqrt(far / size) < 1e-6, "%s: coefficients off by %g",
          k->name, sqrt(far / size));
    check(near(sums.loss, k->loss, 1e-6), "%s: loss %.9g, PyTorch %.9g", k->name, sums.loss,
          k->loss);
    check(near(sums.kl, k->kl, 1e-6), "%s: KL %.9g, PyTorch %.9g", k->name, sums.kl, k->kl);
    check(sums.ratio_clipped == k->clipped && sums.tokens == at, "%s: %g clipped of %g", k->name,
          sums.ratio_clipped, sums.tokens);
    cases++;
}

static void pair(const char *s)
{
    double beta, x[2], f[2], loss, d[2], coef[2];
    pair_sums_t sums = {0};
    ASSERT(sscanf(s, "%lf %lf %lf %lf %lf %lf %lf %lf", &beta, x, x + 1, f, f + 1, &loss, d,
                  d + 1) == 8);
    loss_pair(coef, &sums, beta, x, f, 1);
    check(near(sums.loss, loss, 1e-9), "pair %s: loss %.12g", s, sums.loss);
    check(near(coef[PAIR_CHOSEN], d[0], 1e-9) && near(coef[PAIR_REJECTED], d[1], 1e-9),
          "pair %s: %.12g %.12g", s, coef[0], coef[1]);
    pairs++;
}

/* The place of a word among the names of an enum, NULL behind the last. */
static int which(const char *word, const char *const *names)
{
    int i = 0;
    while (names[i] && strcmp(word, names[i]))
        i++;
    ASSERT(names[i]);
    return i;
}

static void read_case(case_t *k, const char *s)
{
    static const char *const objectives[] = {"clip", "cispo", "nll", NULL},
                             *const ratios[] = {"token", "sequence", NULL},
                             *const normalisers[] = {"token", "sequence", "constant", NULL};
    char objective[16], ratio[16], normaliser[16];
    *k = (case_t){.r = *recipe_find("grpo-think")};
    ASSERT(sscanf(s, "%31s %31s %15s %15s %15s %lf %lf %lf %lf %d", k->name, k->set, objective,
                  ratio, normaliser, &k->r.clip_low, &k->r.clip_high, &k->r.clip_dual,
                  &k->r.kl_beta, &k->max_new) == 10);
    k->r.objective = (objective_t)which(objective, objectives);
    k->r.ratio = (ratio_t)which(ratio, ratios);
    k->r.normaliser = (normaliser_t)which(normaliser, normalisers);
    seen[k->r.objective][k->r.ratio][k->r.normaliser][k->r.clip_dual > 0]++;
}

static void line(const char *key, const char *rest, case_t *k)
{
    float x[TOKENS];
    set_t *s = &set[sets ? sets - 1 : 0];
    completion_t *c = &s->c[s->n ? s->n - 1 : 0];
    if (!strcmp(key, "set")) {
        ASSERT(sets < SETS && sscanf(rest, "%31s", set[sets++].name) == 1);
    } else if (!strcmp(key, "completion")) {
        ASSERT(s->n < COMPLETIONS);
        s->c[s->n++].advantage = strtof(rest, NULL);
    } else if (!strcmp(key, "logp")) {
        c->n = floats(rest, c->logp);
        s->tokens += c->n;
    } else if (!strcmp(key, "old")) {
        floats(rest, c->old);
    } else if (!strcmp(key, "ref")) {
        floats(rest, c->ref);
    } else if (!strcmp(key, "case")) {
        read_case(k, rest);
    } else if (!strcmp(key, "sums")) {
        ASSERT(sscanf(rest, "%lf %lf %d", &k->loss, &k->kl, &k->clipped) == 3);
    } else if (!strcmp(key, "coef")) {
        floats(rest, x);
        policy(k, x);
    } else if (!strcmp(key, "pair")) {
        pair(rest);
    }
}

static void from_file(void)
{
    text_t t = {0};
    case_t k = {0};
    if (text_read_file(&t, "tests/data/losses.ref"))
        fail(CODE_DATA,
             "tests/data/losses.ref cannot be read: run the test from the repository's root");
    for (char *s = strtok(t.s, "\n"); s; s = strtok(NULL, "\n")) {
        char *space = strchr(s, ' ');
        *space = 0;
        line(s, space + 1, &k);
    }
    check(cases == 26 && pairs == 8, "%d cases, %d pairs", cases, pairs);
    for (int i = 0; i < 2 * 3; i++) {
        int ratio = i / 3, n = i % 3;
        check(seen[OBJECTIVE_CLIP][ratio][n][0] && seen[OBJECTIVE_CLIP][ratio][n][1] &&
                  seen[OBJECTIVE_CISPO][ratio][n][0] && seen[OBJECTIVE_NLL][0][n][0],
              "ratio %d, normaliser %d: not every objective was compared", ratio, n);
    }
    text_reset(&t);
}

static double pair_loss(double beta, const double x[2], const double f[2], double denom,
                        double coef[2])
{
    pair_sums_t sums = {0};
    loss_pair(coef, &sums, beta, x, f, denom);
    return sums.loss;
}

static void differences(void)
{
    const double f[2] = {-31.5, -28}, h = 1e-4;
    for (int i = -6; i <= 6; i++)
        for (int side = 0; side < 2; side++) {
            double x[2] = {-30 + 7.0 * i, -29}, coef[2], unused[2];
            pair_loss(0.3, x, f, 5, coef);
            x[side] += h;
            double up = pair_loss(0.3, x, f, 5, unused);
            x[side] -= 2 * h;
            double slope = (up - pair_loss(0.3, x, f, 5, unused)) / (2 * h);
            check(fabs(slope - coef[side]) < 1e-9 + 1e-6 * fabs(slope),
                  "margin %d: %.9g by differences, %.9g", i, slope, coef[side]);
        }
}

static void extremes(void)
{
    const double f[2] = {0, 0}, margin[] = {0, 30, 800, 1e6, 1e300};
    pair_sums_t sums = {0};
    double coef[2];
    for (int i = 0; i < 5; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            const double m = sign * margin[i], x[2] = {m / 2, -m / 2};
            double loss = pair_loss(1, x, f, 1, coef);
            check(isfinite(loss) && loss >= 0 && coef[0] <= 0 && coef[0] >= -1 &&
                      coef[1] == -coef[0],
                  "margin %g", m);
            if (margin[i] >= 30)
                check(near(loss, m < 0 ? -m : exp(-m), 1e-12) &&
                          near(coef[0], m < 0 ? -1 : -exp(-m), 1e-12),
                      "margin %g: %g %g", m, loss, coef[0]);
            else
                check(near(loss, log(2), 1e-15) && coef[0] == -0.5);
        }
    const double a[2] = {-10, -20}, g[2] = {-12, -19}, b[2] = {-20, -10}, same[2] = {-7, -7};
    loss_pair(coef, &sums, 0.1, a, g, 4); /* rewards 0.2, -0.1 */
    check(near(coef[0], -0.1 / (1 + exp(0.3)) / 4, 1e-12));
    loss_pair(coef, &sums, 0.1, b, g, 4); /* -0.8, 0.9 */
    loss_pair(coef, &sums, 0.1, same, same, 4);
    check(sums.pairs == 3 && sums.right == 1 && near(sums.chosen, -0.6, 1e-12) &&
          near(sums.rejected, 0.8, 1e-12));
    check(near(sums.loss, (log1p(exp(-0.3)) + log1p(exp(1.7)) + log(2)) / 4, 1e-12), "%.15g",
          sums.loss);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    from_file();
    differences();
    extremes();
    return test_end();
}
