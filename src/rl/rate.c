/* The learning rate of an update.

       s < W      lr (s + 1) / W                         W = ceil(warmup * steps)
       constant   lr
       linear     lr (1 - (1 - f) x)                     x = (s - W) / (steps - W)
       cosine     lr (f + (1 - f) (1 + cos(pi x)) / 2)   f = decay_to

   Warm-up is lr_at's (optim.c). */
#include "rl.h"
#include <math.h>
#include <string.h>

double rate_at(const deck_t *d, int64_t step, int64_t steps)
{
    double warmup = deck_real(d, "recipe.warmup"), floor_at = deck_real(d, "recipe.decay_to");
    double lr = lr_at(deck_real(d, "recipe.lr"), warmup, step, steps);
    const char *decay = deck_text(d, "recipe.decay");
    double begin = ceil(warmup * (double)steps);
    if (!strcmp(decay, "constant") || (double)step < begin || (double)steps <= begin)
        return lr;
    double x = fmin(1, ((double)step - begin) / ((double)steps - begin));
    if (!strcmp(decay, "linear"))
        return lr * (1 - (1 - floor_at) * x);
    return lr * (floor_at + (1 - floor_at) * (1 + cos(acos(-1) * x)) / 2);
}
