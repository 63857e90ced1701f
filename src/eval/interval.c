/* Bootstrap intervals.

   Percentile bootstrap of a mean (Efron 1979): 10,000 resamples of n values with replacement, the
   2.5% and 97.5% quantiles of their means.  For values that are all 0 or 1 a resample's sum is a
   binomial number, which is drawn directly from its exact distribution function by inversion:
   the same law, and n times cheaper.  The stream is counter-based, so the same values give the same
   interval on every machine and rank count. */
#include "eval.h"
#include <math.h>
#include <stdlib.h>

enum { RESAMPLES = 10000 };

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* cdf[k] = P(Binomial(n, p) <= k) */
static void binomial_cdf(double *cdf, int n, double p)
{
    double sum = 0;
    for (int k = 0; k <= n; k++) {
        sum += exp(lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0) + k * log(p) +
                   (n - k) * log1p(-p));
        cdf[k] = sum;
    }
}

static int invert(const double *cdf, int n, double u)
{
    int low = 0, high = n;
    while (low < high) {
        int mid = (low + high) / 2;
        if (cdf[mid] > u)
            high = mid;
        else
            low = mid + 1;
    }
    return low;
}

interval_t interval_bootstrap(const double *x, int n, uint64_t seed)
{
    if (n == 0)
        return (interval_t){NAN, NAN, NAN};
    double sum = 0, *mean = ALLOC(double, RESAMPLES);
    int binary = 1;
    for (int i = 0; i < n; i++) {
        sum += x[i];
        binary &= x[i] == 0 || x[i] == 1;
    }
    rng_t r = rng_make(seed, RNG_BOOTSTRAP, (uint64_t)n, 0);
    double p = sum / n;
    if (binary && p > 0 && p < 1) {
        double *cdf = ALLOC(double, n + 1);
        binomial_cdf(cdf, n, p);
        for (int b = 0; b < RESAMPLES; b++)
            mean[b] = (double)invert(cdf, n, rng_uniform(&r)) / n;
        mem_free(cdf);
    } else {
        for (int b = 0; b < RESAMPLES; b++) {
            double s = 0;
            for (int i = 0; i < n; i++)
                s += x[rng_below(&r, n)];
            mean[b] = s / n;
        }
    }
    qsort(mean, RESAMPLES, sizeof *mean, by_value);
    interval_t v = {p, mean[RESAMPLES * 25 / 1000], mean[RESAMPLES * 975 / 1000 - 1]};
    mem_free(mean);
    return v;
}
