// ECE and Brier are scikit-learn's and numpy's; bins are (lo, hi], with shares at their upper ends; what
// chance alone gives is about what calibrated verifiers show.
// RUN: np=1
#include "statistics.h"
#include "eval.h"

static void line(const double *x, int n)
{
    int m = (int)x[0], held = 0;
    calibration_t c = calibration_of(x + 1, x + 1 + m, m);
    const double *y = x + 1 + 2 * m;
    check(n == 2 * m + 3 && fabs(c.brier - y[0]) < 1e-12 && fabs(c.ece - y[1]) < 1e-12,
          "%g %g for %g %g", c.brier, c.ece, y[0], y[1]);
    for (int b = 0; b < BINS; b++) {
        held += c.bin[b].n;
        check(c.bin[b].n
                  ? c.bin[b].confidence <= (b + 1) / 10.0 + 1e-9 && c.bin[b].confidence >= b / 10.0
                  : isnan(c.bin[b].confidence) && isnan(c.bin[b].right));
    }
    check(held == m);
}

static void bins(void)
{
    double confidence[14], right[14] = {[3] = 1, [12] = 1};
    for (int i = 0; i <= 10; i++)
        confidence[i] = i / 10.0;
    confidence[11] = 0.1 + 0.2; /* 3/10, rounded up */
    confidence[12] = 0.31;
    confidence[13] = 1.0 / 3;
    calibration_t c = calibration_of(confidence, right, 14);
    int want[BINS] = {2, 1, 2, 3, 1, 1, 1, 1, 1, 1};
    for (int b = 0; b < BINS; b++)
        check(c.bin[b].n == want[b], "bin %d: %d for %d", b, c.bin[b].n, want[b]);
    check(c.bin[2].right == 0.5 && fabs(c.bin[3].right - 1.0 / 3) < 1e-12);
    c = calibration_of(NULL, NULL, 0);
    check(isnan(c.ece) && isnan(c.brier) && isnan(c.bin[0].right) && c.bin[9].n == 0);
}

static void noise(void)
{
    enum { N = 100, DRAWS = 400 };
    double confidence[N], right[N], sum = 0;
    for (int i = 0; i < N; i++)
        confidence[i] = (1 + i % 4) / 5.0;
    for (int e = 0; e < DRAWS; e++) {
        rng_t r = rng_make(4, RNG_TEST, (uint64_t)e, 0);
        for (int i = 0; i < N; i++)
            right[i] = rng_uniform(&r) < confidence[i];
        sum += calibration_of(confidence, right, N).ece;
    }
    double expected = calibration_noise(confidence, N, 1);
    check(expected == calibration_noise(confidence, N, 1) && fabs(expected - sum / DRAWS) < 0.006,
          "%g %g", expected, sum / DRAWS);
    confidence[0] = 1;
    check(calibration_noise(confidence, 1, 1) == 0 && isnan(calibration_noise(confidence, 0, 1)));
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    int lines = reference("calibration", line);
    check(lines == 7, "%d", lines);
    bins();
    noise();
    return test_end();
}
