/* Tasks of a product, dealt out to threads.

   They are shared out evenly in order; a thread takes its own in order, an eighth of what is left
   at a time, and, when it has none left, half of what the thread with most of them has, from the
   end.
     Few rows (decoding): a task is a panel of weights, which come from memory, and fastest as one
     long stream for each
   thread, for every beginning of a run costs as much as a panel.
     Many rows: tasks are ordered by rows, so a thread has the same rows in one product after the
     other, and in what lies
   between, where rows are shared out evenly too.  Where cores share no cache, what one has written
   comes to the other slowly: with tasks for whoever comes first a product of 200 rows took twice as
   long. */
#include "backend/cpu/cpu.h"
#include <omp.h>

static int64_t left_of(const share_t *s)
{
    uint64_t x = __atomic_load_n(&s->left, __ATOMIC_RELAXED);
    return (int64_t)(uint32_t)x - (int64_t)(x >> 32);
}

int64_t share_next(shares_t *s, int64_t *first)
{
    for (int me = omp_get_thread_num();;) {
        int own = me < s->n && left_of(s->of + me) > 0, of = own ? me : 0;
        for (int i = 0; !own && i < s->n; i++)
            of = left_of(s->of + i) > left_of(s->of + of) ? i : of;
        uint64_t x = __atomic_load_n(&s->of[of].left, __ATOMIC_RELAXED), from = x >> 32,
                 to = (uint32_t)x;
        if (from >= to && !own)
            return 0;
        if (from >= to)
            continue;
        uint64_t some = own ? (to - from + 7) / 8 : (to - from + 1) / 2;
        uint64_t rest = own ? (from + some) << 32 | to : from << 32 | (to - some);
        *first = (int64_t)(own ? from : to - some);
        if (__atomic_compare_exchange_n(&s->of[of].left, &x, rest, 0, __ATOMIC_RELAXED,
                                        __ATOMIC_RELAXED))
            return (int64_t)some;
    }
}

shares_t share_out(int64_t tasks)
{
    busy_look();
    shares_t s = {.n = omp_get_max_threads() < SHARES ? omp_get_max_threads() : SHARES};
    for (int i = 0; i < s.n; i++)
        s.of[i].left = (uint64_t)(tasks * i / s.n) << 32 | (uint64_t)(tasks * (i + 1) / s.n);
    return s;
}
