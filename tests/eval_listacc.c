// Intervals cover, agree between the two ways of resampling, and list accuracy counts what it says,
// unparsable answers as wrong.
// RUN: np=1
#include "test.h"
#include "eval.h"

/* The same 0/1 values shifted by a hair take the general path: both must agree. */
static void two_ways(void)
{
    enum { N = 300 };
    double x[N], y[N];
    for (int i = 0; i < N; i++) {
        x[i] = i % 3 == 0;
        y[i] = x[i] * (1 + 1e-9);
    }
    interval_t a = interval_bootstrap(x, N, 5), b = interval_bootstrap(y, N, 5),
               c = interval_bootstrap(x, N, 5);
    double normal = 1.96 * sqrt(a.mean * (1 - a.mean) / N);
    check(fabs(a.mean - 1.0 / 3) < 1e-12 && a.lo == c.lo && a.hi == c.hi);
    check(fabs(a.lo - b.lo) < 0.006 && fabs(a.hi - b.hi) < 0.006, "%g %g / %g %g", a.lo, a.hi, b.lo,
          b.hi);
    check(fabs(a.hi - a.mean - normal) < 0.006 && fabs(a.mean - a.lo - normal) < 0.006);
    double few[INTERVAL_LEAST] = {1, 0, 1, 1, 1};
    a = interval_bootstrap(few, INTERVAL_LEAST - 1, 1);
    check(a.mean == 0.75 && isnan(a.lo) && isnan(a.hi));
    a = interval_bootstrap(few, INTERVAL_LEAST, 1);
    check(a.mean == 0.8 && a.lo < 0.8 && a.hi == 1);
    check(isnan(interval_bootstrap(NULL, 0, 1).mean));
}

/* Of 400 experiments at p = 0.4 the interval must hold p in about 380. */
static void coverage(void)
{
    int held = 0;
    for (int e = 0; e < 400; e++) {
        double x[200];
        rng_t r = rng_make(9, RNG_TEST, (uint64_t)e, 0);
        for (int i = 0; i < 200; i++)
            x[i] = rng_uniform(&r) < 0.4;
        interval_t v = interval_bootstrap(x, 200, (uint64_t)e);
        held += v.lo <= 0.4 && 0.4 <= v.hi;
    }
    check(held >= 360 && held <= 396, "held %d of 400", held);
}

static void counting(void)
{
    answer_t a[] = {
        {.list = 3, .n = 2, .k = 0, .answer = 1, .right = 1, .parsed = 1, .length = 10},
        {.list = 3,
         .n = 2,
         .k = 1,
         .answer = -1,
         .right = 1,
         .parsed = 0,
         .length = 30,
         .truncated = 1},
        {.list = 5, .n = 4, .k = 0, .answer = 0, .right = 2, .parsed = 1, .length = 8},
        {.list = 5, .n = 4, .k = 1, .answer = 2, .right = 2, .parsed = 1, .length = 12},
    };
    listacc_t r = listacc_of(a, 4, 1);
    check(r.lists == 2 && fabs(r.acc.mean - 0.5) < 1e-12 && fabs(r.chance - 0.375) < 1e-12);
    check(r.count_n[2] == 1 && r.count_n[4] == 1 && r.count_n[3] == 0 && isnan(r.acc_n[3].mean));
    check(r.parse_rate == 0.75 && r.truncated == 0.25 && r.length_mean == 15 && r.length_max == 30);
    check(fabs(r.picked[0] - 1.0 / 3) < 1e-12 && r.right[1] == 0.5 && r.right[2] == 0.5);
    text_t t = {0};
    listacc_print(&r, "heldout", &t);
    check(strstr(t.s, "0.500 [    -,     -]      0.375   too few lists for an interval\n") &&
              !strstr(t.s, "nan"),
          "%s", t.s);
    text_reset(&t);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    two_ways();
    coverage();
    counting();
    return test_end();
}
