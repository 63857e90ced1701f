/* How good a completion was, compared with the other completions of its prompt.

       group-std   A = (r - mean) / (std + 1e-4)   GRPO; std with divisor G
       mean-only   A = r - mean                    Dr.GRPO: no bonus for little spread
       leave-one-out  A = r - mean of the others   RLOO: (r - mean) G / (G - 1), unbiased
       sign        A = 1 where r > 0.5, else -1    plain REINFORCE, no baseline
       positives   A = 1 where r > 0.5, else 0     RAFT; r is correctness in these two

   A group whose rewards are all equal has A = 0 exactly, whatever the rounding of its
   mean (but for the last two, which compare with nothing): such groups carry no gradient,
   and the caller skips them by testing for zero.  Of right answers `keep` at most may be
   kept, drawn by position so that every rank and every resumed run keeps the same.
   Cost: three passes over G numbers, in double.  Communication: none. */
#include "rl.h"
#include <math.h>

void advantage_group(float *a, const float *r, int g, advantage_t kind)
{
    if (kind == ADV_POSITIVES || kind == ADV_SIGN) {
        for (int i = 0; i < g; i++)
            a[i] = r[i] > 0.5f ? 1 : kind == ADV_SIGN ? -1 : 0;
        return;
    }
    double mean = 0, var = 0;
    int equal = 1;
    for (int i = 0; i < g; i++) {
        mean += r[i] / (double)g;
        equal &= r[i] == r[0];
    }
    for (int i = 0; i < g; i++)
        var += (r[i] - mean) * (r[i] - mean) / g;
    double scale = kind == ADV_GROUP_STD       ? 1 / (sqrt(var) + 1e-4)
                   : kind == ADV_LEAVE_ONE_OUT ? g / (g - 1.0)
                                               : 1;
    for (int i = 0; i < g; i++)
        a[i] = equal ? 0 : (float)((r[i] - mean) * scale);
}

void advantage_keep(float *a, int g, int n, uint64_t seed, int64_t step, int item)
{
    if (!n)
        return;
    int *right = ALLOC(int, g), rights = 0;
    for (int i = 0; i < g; i++)
        if (a[i] > 0)
            right[rights++] = i;
    rng_t rng = rng_make(seed, RNG_KEEP, (uint64_t)step, (uint64_t)item);
    rng_shuffle(&rng, right, rights);
    for (int i = n; i < rights; i++)
        a[right[i]] = 0;
    mem_free(right);
}
