/* Calibration: is a verifier right as often as its votes make it seem?

   The confidence in a choice is the share of answers that name it.  A verifier is calibrated if of
   the choices made with confidence c a share c is right.  Confidences fall into ten equal bins (lo, hi],
   0 into the first; the expected calibration error (Guo et al. 2017, equation 3) is the mean over all
   choices of |right - confidence| of their bin's means, and the bins are the reliability curve.  The
   Brier score needs no bins: it is the mean of (confidence - right)^2.

   Read ECE with care: a bin's gap is never below 0, so what is due to chance does not cancel, and ECE
   of few choices is too large.  calibration_noise says how large it would be for a calibrated verifier
   with the same confidences: the mean over 200 drawn sets of verdicts. */
#include "eval.h"
#include <math.h>

enum { DRAWS = 200 };

/* Shares such as 3/10 stand at the upper end of their bins, whichever way they were rounded. */
static int bin_of(double c)
{
    int b = (int)ceil(c * BINS - 1e-9) - 1;
    return b < 0 ? 0 : b >= BINS ? BINS - 1 : b;
}

calibration_t calibration_of(const double *confidence, const double *right, int n)
{
    calibration_t r = {.ece = NAN, .brier = NAN};
    double gap = 0, square = 0;
    for (int i = 0; i < n; i++) {
        double off = confidence[i] - right[i];
        bin_t *b = &r.bin[bin_of(confidence[i])];
        b->n++;
        b->confidence += confidence[i];
        b->right += right[i];
        square += off * off;
    }
    for (int b = 0; b < BINS; b++) {
        bin_t *at = &r.bin[b];
        gap += fabs(at->right - at->confidence);
        at->confidence = at->n ? at->confidence / at->n : NAN;
        at->right = at->n ? at->right / at->n : NAN;
    }
    if (n) {
        r.ece = gap / n;
        r.brier = square / n;
    }
    return r;
}

double calibration_noise(const double *confidence, int n, uint64_t seed)
{
    double sum = 0, *right = ALLOC(double, n + 1);
    rng_t r = rng_make(seed, RNG_BOOTSTRAP, (uint64_t)n, 2);
    for (int d = 0; d < DRAWS; d++) {
        for (int i = 0; i < n; i++)
            right[i] = rng_uniform(&r) < confidence[i];
        sum += calibration_of(confidence, right, n).ece;
    }
    mem_free(right);
    return sum / DRAWS;
}
