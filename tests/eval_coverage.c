// Intervals hold the truth at their rate, 95%: of 200 synthetic verifiers of known probabilities 92 to 98%, at 100 and
// at 300 lists, for accuracy, the mean of four answers, the difference of two verifiers on the same lists, and, as any
// statistic, pairwise accuracy, tau and ECE.  (ALETHEIA_LONG=1: of 1000, also at 20 lists, and says the rates.)
// RUN: np=2
// TIMEOUT: 600
#include "test.h"
#include "eval.h"

enum { MOST = 300 };

/* What a unit says: one or two numbers. */
typedef struct {
    double x[MOST], y[MOST], p;
    int n;
} units_t;

static double ratio(const void *ctx, const int *unit, int n)
{
    const units_t *u = ctx;
    double right = 0, asked = 0;
    for (int i = 0; i < n; i++) {
        right += u->x[unit[i]];
        asked += u->y[unit[i]];
    }
    return right / asked;
}

static double ece(const void *ctx, const int *unit, int n)
{
    const units_t *u = ctx;
    double confidence[MOST], right[MOST];
    for (int i = 0; i < n; i++) {
        confidence[i] = u->x[unit[i]];
        right[i] = u->y[unit[i]];
    }
    return calibration_of(confidence, right, n).ece;
}

/* Mean tau over the lists where it is defined. */
static double tau(const void *ctx, const int *unit, int n)
{
    const units_t *u = ctx;
    double sum = 0, lists = 0;
    for (int i = 0; i < n; i++)
        if (!isnan(u->x[unit[i]])) {
            sum += u->x[unit[i]];
            lists++;
        }
    return lists > 0 ? sum / lists : NAN;
}

static int chance(rng_t *r, double p)
{
    return rng_uniform(r) < p;
}

/* One list: each draws a unit, and the truth behind the statistic is known. */
static void accuracy(units_t *u, int i, rng_t *r)
{
    u->x[i] = chance(r, u->p);
}

static void four_answers(units_t *u, int i, rng_t *r)
{
    double p = sqrt(rng_uniform(r)); /* of this list: mean 2/3 */
    for (int k = 0; k < 4; k++)
        u->x[i] += chance(r, p) / 4.0;
}

static void difference(units_t *u, int i, rng_t *r)
{
    double hard = rng_uniform(r) / 2;
    u->x[i] = chance(r, 0.3 + hard) - chance(r, 0.2 + hard);
}

static void pairwise(units_t *u, int i, rng_t *r)
{
    double p = 0.5 + rng_uniform(r) / 2; /* of this list, the same for all lengths: mean 3/4 */
    u->y[i] = 2 * (1 + rng_below(r, 10));
    for (int k = 0; k < u->y[i]; k++)
        u->x[i] += chance(r, p);
}

/* Three candidates, whose three pairs are told apart with 0.8 each: tau is 1, 1/3, -1/3 or -1; undefined now and then. */
static void taus(units_t *u, int i, rng_t *r)
{
    int right = chance(r, 0.8) + chance(r, 0.8) + chance(r, 0.8);
    u->x[i] = chance(r, 0.1) ? NAN : (2 * right - 3) / 3.0;
}

/* ECE 0.1 * 5/8, of which chance alone would show as much in 100 lists. */
static void somewhat_overconfident(units_t *u, int i, rng_t *r)
{
    u->x[i] = (1 + rng_below(r, 4)) / 4.0;
    u->y[i] = chance(r, 0.9 * u->x[i]);
}

static void overconfident(units_t *u, int i, rng_t *r)
{
    u->x[i] = (1 + rng_below(r, 4)) / 4.0;
    u->y[i] = chance(r, 0.7 * u->x[i]); /* ECE 0.3 * 5/8 */
}

static const struct {
    const char *name;
    void (*draw)(units_t *u, int i, rng_t *r);
    statistic_t *value; /* NULL: the mean, by interval_bootstrap */
    double truth;       /* NAN: its p, another one in each draw */
} cases[] = {{"accuracy", accuracy, NULL, NAN},
             {"mean of four answers", four_answers, NULL, 2.0 / 3},
             {"paired difference", difference, NULL, 0.1},
             {"pairwise accuracy", pairwise, ratio, 0.75},
             {"tau", taus, tau, 0.6},
             {"ECE", overconfident, ece, 0.1875},
             {"small ECE", somewhat_overconfident, ece, 0.0625}};
enum { CASES = sizeof cases / sizeof *cases };

static double share_held(int c, int n, int draws)
{
    static units_t u;
    double held = 0;
    for (int e = group_rank(comm_world()); e < draws; e += group_size(comm_world())) {
        memset(&u, 0, sizeof u);
        rng_t r = rng_make(12, RNG_TEST, (uint64_t)e, (uint64_t)c);
        u.p = 0.3 + 0.6 * rng_uniform(&r);
        for (u.n = 0; u.n < n; u.n++)
            cases[c].draw(&u, u.n, &r);
        interval_t v = cases[c].value ? interval_of(cases[c].value, &u, n, (uint64_t)e)
                                      : interval_bootstrap(u.x, n, (uint64_t)e);
        double truth = isnan(cases[c].truth) ? u.p : cases[c].truth;
        held += v.lo <= truth && truth <= v.hi;
    }
    comm_sum_f64(comm_world(), &held, 1);
    return held / draws;
}

static double nothing(const void *ctx, const int *unit, int n)
{
    (void)ctx, (void)unit, (void)n;
    return NAN;
}

/* Defined where unit 0 is drawn at all: in 63% of the resamples; at least twice: 26%. */
static double sometimes(const void *ctx, const int *unit, int n)
{
    int found = 0;
    for (int i = 0; i < n; i++)
        found += unit[i] == 0;
    return found >= *(const int *)ctx ? unit[0] : NAN;
}

static void edges(void)
{
    units_t u = {.x = {1, 0, 1, 1, 0.5}, .y = {1, 1, 1, 1, 1}};
    for (int n = 0; n <= 5; n++) {
        interval_t a = interval_bootstrap(u.x, n, 1), b = interval_of(ratio, &u, n, 1);
        check(n ? fabs(a.mean - b.mean) < 1e-15 : isnan(a.mean) && isnan(b.mean));
        check(isnan(a.lo) == (n < INTERVAL_LEAST) && isnan(a.hi) == isnan(a.lo) &&
              isnan(b.lo) == isnan(a.lo) && isnan(b.hi) == isnan(a.lo));
    }
    interval_t a = interval_of(ratio, &u, 5, 1), b = interval_of(ratio, &u, 5, 1),
               c = interval_of(ratio, &u, 5, 2);
    double five[] = {1, 2, 3, 4, 5.5}; /* 0.03% of the resamples are 1, 0.16% are 1.2 */
    check(fabs(interval_bootstrap(five, 5, 1).lo - 1.2) < 1e-12);
    check(a.lo == b.lo && a.hi == b.hi && a.lo < a.mean && a.mean < a.hi && isfinite(c.lo));
    a = interval_of(nothing, NULL, 50, 1);
    check(isnan(a.mean) && isnan(a.lo) && isnan(a.hi));
    int once = 1, twice = 2;
    a = interval_of(sometimes, &once, 50, 1);
    check(a.mean == 0 && isfinite(a.lo) && a.hi > 40);
    double *x = ALLOC(double, 200000); /* fewer resamples: seconds, not minutes */
    for (int i = 0; i < 200000; i++)
        x[i] = i % 4 / 2.0;
    a = interval_bootstrap(x, 200000, 1);
    check(fabs(a.mean - 0.75) < 1e-12 && fabs(a.hi - a.lo - 2 * 1.96 * 0.559 / sqrt(200000)) < 4e-4,
          "%g %g", a.lo, a.hi);
    mem_free(x);
    a = interval_of(sometimes, &twice, 50, 1);
    check(isnan(a.lo) && isnan(a.hi));
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    int longer = getenv("ALETHEIA_LONG") != NULL, draws = longer ? 1000 : 200;
    const int lists[] = {100, 300, 20};
    const char *slow = getenv("SAN");
    int sizes = longer ? 3 : slow && *slow ? 1 : 2;
    edges();
    for (int c = 0; c < CASES; c++)
        for (int k = 0; k < sizes; k++) {
            double held = share_held(c, lists[k], draws);
            if (longer && group_rank(comm_world()) == 0)
                printf("%-22s %4d lists  %.4f\n", cases[c].name, lists[k], held);
            if (!longer)
                check(held >= 0.92 && held <= 0.98, "%s, %d lists: %.3f", cases[c].name, lists[k],
                      held);
        }
    return test_end();
}
