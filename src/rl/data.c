/* Which lists a step uses.

   The lists of the train suite with at most L candidates (L = 2..5, for a curriculum)
   are shuffled anew for every epoch, keyed by (seed, epoch, L); the epochs follow each
   other in one endless stream, and a step reads the positions [step * batch, (step + 1)
   * batch) of it.  So the data of a step is a function of (seed, step): a resumed run
   needs no memory of it, and the number of ranks does not matter.  The current epoch's
   order is kept; going back and forth costs one shuffle.  Groups and pairs of rollout
   files are taken in the same way. */
#include "rl.h"

enum { LONGEST = 5 };

struct data {
    uint64_t seed;
    int *list[LONGEST + 1], n[LONGEST + 1]; /* by the longest list allowed */
    int *order, order_longest;              /* shuffled epoch */
    int64_t order_epoch;
};

data_t *data_new(const bank_t *b, uint64_t seed)
{
    data_t *d = ALLOC(data_t, 1);
    d->seed = seed;
    d->order_epoch = -1;
    for (int longest = 2; longest <= LONGEST; longest++) {
        d->list[longest] = ALLOC(int, b->n_list + 1);
        for (int i = 0; i < b->n_list; i++)
            if (b->list[i].suite == SUITE_TRAIN && b->list[i].n <= longest)
                d->list[longest][d->n[longest]++] = i;
    }
    d->order = ALLOC(int, b->n_list + 1);
    return d;
}

data_t *data_items(int n, uint64_t seed)
{
    data_t *d = ALLOC(data_t, 1);
    d->seed = seed;
    d->order_epoch = -1;
    for (int longest = 2; longest <= LONGEST; longest++) {
        d->list[longest] = ALLOC(int, n + 1);
        for (int i = 0; i < n; i++)
            d->list[longest][d->n[longest]++] = i;
    }
    d->order = ALLOC(int, n + 1);
    return d;
}

void data_free(data_t *d)
{
    if (!d)
        return;
    for (int longest = 2; longest <= LONGEST; longest++)
        mem_free(d->list[longest]);
    mem_free(d->order);
    mem_free(d);
}

int data_count(const data_t *d, int longest)
{
    return longest < 2 ? 0 : d->n[longest > LONGEST ? LONGEST : longest];
}

int data_list(data_t *d, int longest, int64_t position)
{
    int n = data_count(d, longest);
    ASSERT(n > 0 && position >= 0);
    longest = longest > LONGEST ? LONGEST : longest;
    int64_t epoch = position / n;
    if (epoch != d->order_epoch || longest != d->order_longest) {
        rng_t r = rng_make(d->seed, RNG_ORDER, (uint64_t)epoch, (uint64_t)longest);
        for (int i = 0; i < n; i++)
            d->order[i] = d->list[longest][i];
        rng_shuffle(&r, d->order, n);
        d->order_epoch = epoch;
        d->order_longest = longest;
    }
    return d->order[position % n];
}
