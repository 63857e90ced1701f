/* Rotary frequencies: the default ones and three ways to stretch them over longer texts.

   Dimension pair i of D/2 turns by position * f_i, with f_i = theta^(-2i/D) (Su et al. 2021).
     linear   f_i / s                                         (Chen et al. 2023, position
     interpolation) llama3   wavelengths 2 pi / f above original / low are stretched by s, those
     below
              original / high are kept, between them both are mixed in proportion to
              (original / wavelength - low) / (high - low)    (Llama 3.1)
     yarn     dimensions that turn more than beta_fast times within the original length are
              kept, those that turn fewer than beta_slow times are stretched, a linear ramp
              over the dimensions between; cosines and sines are multiplied by an attention
              factor, 0.1 ln s + 1 unless told otherwise      (Peng et al. 2023, section 3)
   s is `factor`.  All are fixed functions of the position: nothing depends on how long a
   text is, so keys in pages stay valid. */
#include "model.h"
#include <math.h>

const char *const rope_names[ROPES] = {"default", "linear", "llama3", "yarn"};

static double mscale(double factor, double m)
{
    return factor <= 1 ? 1 : 0.1 * m * log(factor) + 1;
}

double rope_yarn_attention(double factor, double m, double m_all_dim)
{
    if (m != 0 && m_all_dim != 0)
        return mscale(factor, m) / mscale(factor, m_all_dim);
    return mscale(factor, 1);
}

static double llama3(const rope_t *r, double f)
{
    double turns = r->original * f / (2 * M_PI); /* within the original length */
    if (turns < r->low)
        return f / r->factor;
    if (turns > r->high)
        return f;
    double kept = (turns - r->low) / (r->high - r->low);
    return (1 - kept) * f / r->factor + kept * f;
}

/* The (fractional) pair that turns so many times within the original length. */
static double yarn_pair(const rope_t *r, double turns, int head_dim)
{
    return head_dim * log(r->original / (turns * 2 * M_PI)) / (2 * log(r->theta));
}

static double yarn(const rope_t *r, double f, int i, int head_dim)
{
    double first = yarn_pair(r, r->high, head_dim), last = yarn_pair(r, r->low, head_dim);
    if (r->truncate)
        first = floor(first), last = ceil(last);
    first = fmax(first, 0);
    last = fmin(last, head_dim - 1);
    if (first == last)
        last += 0.001;
    double stretched = fmin(fmax((i - first) / (last - first), 0), 1);
    return f / r->factor * stretched + f * (1 - stretched);
}

void rope_frequencies(const rope_t *r, int head_dim, double *frequency)
{
    for (int i = 0; i < head_dim / 2; i++) {
        double f = pow(r->theta, -2.0 * i / head_dim);
        frequency[i] = r->kind == ROPE_LINEAR   ? f / r->factor
                       : r->kind == ROPE_LLAMA3 ? llama3(r, f)
                       : r->kind == ROPE_YARN   ? yarn(r, f, i, head_dim)
                                                : f;
    }
}
