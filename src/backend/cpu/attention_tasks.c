/* How a batch's attention is cut into tasks of one thread.

   A task is up to TASK_ROWS rows, which are (query, head) pairs of a span, grouped by key head.
   With many queries it has one key head; in decoding (one query per span) several, because the
   heads of a key lie side by side in memory and should be read together.  Neighbouring spans that
   share their first blocks (the answers to one prompt) form one task as long as they fit: shared
   blocks are read once for all of them.  No cut changes a bit (attention.c).

   Cost: one pass over spans and the runs that neighbours share. */
#include "backend/cpu/cpu.h"
#include <omp.h>

/* Positions from 0 on that two spans keep in the same rows. */
static int32_t common(const attn_t *a, const span_t *x, const span_t *y)
{
    const run_t *p = a->run + x->run, *q = a->run + y->run;
    int32_t n = 0;
    for (int i = 0; i < x->runs && i < y->runs && p[i].slot == q[i].slot; i++) {
        n += p[i].count < q[i].count ? p[i].count : q[i].count;
        if (p[i].count != q[i].count)
            break;
    }
    return n;
}

/* How many spans from s on make one task, and the blocks they share: every row must see those
   whole. */
static int family(const attn_t *a, int s, int group, int32_t *shared)
{
    int n = 1, rows = a->span[s].count * group;
    int32_t least = a->span[s].pos + 1;
    *shared = 0;
    for (; s + n < a->n_span && (rows += a->span[s + n].count * group) <= TASK_ROWS; n++) {
        const span_t *y = a->span + s + n;
        int32_t both = common(a, a->span + s, y);
        both = both < least ? both : least;
        both = both < y->pos + 1 ? both : y->pos + 1;
        if (both < KEYS || 2 * both < y->pos) /* little in common */
            break;
        least = both;
        *shared = both / KEYS;
    }
    return n;
}

task_t *attention_tasks(const attn_t *a, int64_t *count)
{
    int64_t n = 0, cap = 0;
    int group = a->heads / a->kv_heads;
    int threads = omp_get_max_threads();
    task_t *task = NULL;
    for (int i = 0, spans; i < a->n_span; i += spans) {
        int32_t shared, all = 0;
        spans = family(a, i, group, &shared);
        for (int j = 0; j < spans; j++)
            all += a->span[i + j].count * group;
        int32_t tiles = (all + TASK_ROWS - 1) / TASK_ROWS; /* more than 1 for a single span only */
        for (int32_t j = tiles - 1; j >= 0; j--) {         /* longest first */
            int32_t r = (int32_t)((int64_t)all * j / tiles),
                    rows = (int32_t)((int64_t)all * (j + 1) / tiles) - r;
            int heads = a->n_span < 4 * threads          ? 1
                        : TASK_ROWS / rows < a->kv_heads ? TASK_ROWS / rows
                                                         : a->kv_heads;
            for (int h = 0; h < a->kv_heads; h += heads) {
                task_t one = {i,     spans, r,
                              rows,  h,     a->kv_heads - h < heads ? a->kv_heads - h : heads,
                              shared};
                PUSH(task, n, cap, one);
            }
        }
    }
    *count = n;
    return task;
}
