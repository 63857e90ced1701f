/* How good a completion was, compared with the other completions of its prompt.

       group-std   A = (r - mean) / (std + 1e-4)   GRPO; std with divisor G
       mean-only   A = r - mean                    Dr.GRPO: no bonus for little spread
       positives   A = 1 where r > 0.5, else 0     RAFT; r is correctness here

   A group whose rewards are all equal has A = 0 exactly, whatever the rounding of its
   mean: such groups carry no gradient, and the caller skips them by testing for zero.
   Cost: three passes over G numbers, in double.  Communication: none. */
#include "rl.h"
#include <math.h>

void advantage_group(float *a, const float *r, int g, advantage_t kind)
{
    if (kind == ADV_POSITIVES) {
        for (int i = 0; i < g; i++)
            a[i] = r[i] > 0.5f;
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
    double scale = kind == ADV_GROUP_STD ? 1 / (sqrt(var) + 1e-4) : 1;
    for (int i = 0; i < g; i++)
        a[i] = equal ? 0 : (float)((r[i] - mean) * scale);
}
