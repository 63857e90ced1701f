/* Causal attention, forward.

     s_ij = scale q_i.k_j  (j <= i),   out_i = sum_j exp(s_ij - lse_i) v_j,   lse_i = log sum_j
     exp(s_ij)

   Keys are walked in blocks of KEYS positions with a running maximum m and sum l (online softmax:
   Milakov & Gimelshein
   2018; Dao et al. 2022).  For each block, with m' = max(m, max s):
       l = l e^(m-m') + sum_j e^(s_j-m'),    o = o e^(m-m') + sum_j e^(s_j-m') v_j.
   Nothing of size T x T exists: a task holds TILE rows of q and o and one block of keys, about 500
   kB on the thread's stack.

   A task (attention_tasks.c) is up to TILE rows, (query, head) pairs, of one span or of several
   that share their first blocks, which are read once for all of them.  The next block, also of the
   next span, is sent for while one is at work: blocks lie anywhere.  Keys of a batch are gathered
   and transposed; in pages (keys.c) they lie as the products want them.

   Where weights are of bfloat16, queries, keys, values and probabilities are rounded to it as the
   other factors of their products are, and pages take half the memory; sums and the softmax are of
   float32.

   Both products are kernel_product's (kernel_pairs', amx_product's): chains in fixed order per row;
   the sum l is kept per lane of a block.  A row sees whole blocks up to its own position, later
   keys (and where layers slide, those before its window) are masked to exactly 0: its bits do not
   depend on other rows, on where keys are stored, on sharing, or on what follows.
   Cost: 4 T_q T_k D flops and one exponential per pair. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"

#define TILE  TASK_ROWS
#define STEPS 3 /* of a head's block, between which the next block is sent for */

typedef struct { /* the caller's arrays */
    float *out, *lse;
    const float *q, *k, *v; /* k, v: rows of a batch; or */
    const float *store;     /* pages */
    int64_t ldq, ldk, page;
    const attn_t *a;
    int d, dp, group, pairs, amx;
} call_t;

typedef struct { /* rows of a task */
    LINES float q[TILE * HEAD_DIM_MAX], o[TILE * HEAD_DIM_MAX], s[TILE * KEYS], m[TILE],
        l[TILE * LANES];
    LINES float kt[HEAD_DIM_MAX * KEYS], v[KEYS * HEAD_DIM_MAX];
    int32_t pos[TILE];
} tile_t;

/* One tile against one block: s[n,KEYS] to probabilities (as pairs in the first half of a row,
   where UNIT is 1); o
   and l rescaled. first: position of s's column 0. */
INLINE void softmax_rows(float *s, float *o, float *m, float *l, int n, int dp, const int32_t *pos,
                         int32_t first, int32_t window, const int pairs)
{
    vi lane;
    for (int j = 0; j < VL; j++)
        lane[j] = j;
    for (int i = 0; i < n; i++) {
        float *p = s + i * KEYS;
        int32_t seen = pos[i] - first;              /* columns 0..seen count, */
        int32_t gone = window ? seen - window : -1; /* but not 0..gone */
        vf top = vec_all(-INFINITY);
        if (gone >= KEYS - 1) {
            memset(p, 0, KEYS * sizeof *p);
            continue;
        }
        for (int j = 0; j < KEYS; j += VL) {
            vf x = vec_load(p + j);
            if (seen < KEYS - 1 || gone >= 0)
                vec_store(p + j, x = vec_select((lane + j <= seen) & (lane + j > gone), x,
                                                vec_all(-INFINITY)));
            top = vec_max(top, x);
        }
        if (vec_any(top > m[i])) {
            float now = vec_top(top), a = vec_exp(vec_all(m[i] - now))[0];
            m[i] = now;
            for (int j = 0; j < LANES; j += VL)
                vec_store(l + i * LANES + j, vec_load(l + i * LANES + j) * a);
            for (int j = 0; j < dp; j += VL)
                vec_store(o + i * dp + j, vec_load(o + i * dp + j) * a);
        }
        vf sum[PARTS];
        for (int j = 0; j < PARTS; j++)
            sum[j] = vec_load(l + i * LANES + j * VL);
#pragma GCC unroll 4
        for (int j = 0; j < KEYS; j += 2 * VL) {
            vf e = vec_exp(vec_load(p + j) - m[i]), f = vec_exp(vec_load(p + j + VL) - m[i]);
            if (pairs) {
                vec_units(p + j / 2 * UNIT, e, f);
            } else {
                vec_store(p + j, e);
                vec_store(p + j + VL, f);
            }
            sum[j / VL % PARTS] += e;
            sum[(j / VL + 1) % PARTS] += f;
        }
        for (int j = 0; j < PARTS; j++)
            vec_store(l + i * LANES + j * VL, sum[j]);
    }
}

static void softmax_block(float *s, float *o, float *m, float *l, int n, int dp, const int32_t *pos,
                          int32_t first, int32_t window, int pairs)
{
    if (pairs)
        softmax_rows(s, o, m, l, n, dp, pos, first, window, 1);
    else
        softmax_rows(s, o, m, l, n, dp, pos, first, window, 0);
}

/* Rows of q, stride dp, against a block of keys; and of probabilities, stride KEYS, with a block of
   values. */
static void scores(const call_t *c, float *s, const float *q, const float *kt, int n)
{
    if (c->amx)
        amx_product(s, KEYS, q, c->dp, 1, kt, 0, n, KEYS, c->dp / 2, 0, 0);
    else if (c->pairs)
        kernel_pairs(s, KEYS, q, c->dp, UNIT, kt, NR, KEYS, n, KEYS, c->dp / 2, 0);
    else
        kernel_product(s, KEYS, q, c->dp, 1, kt, NR, KEYS, n, KEYS, c->d, 0);
}

static void weigh(const call_t *c, float *o, const float *p, const float *v, int n, int keys)
{
    int dp = c->dp, units = (keys + 1) / 2;
    if (c->amx)
        amx_product(o, dp, p, KEYS, 1, v, KEYS / 2 * NR, n, dp, units, 1, 0);
    else if (c->pairs)
        kernel_pairs(o, dp, p, KEYS, UNIT, v, KEYS / 2 * NR, NR, n, dp, units, 1);
    else
        kernel_product(o, dp, p, KEYS, 1, v, NR, dp, n, dp, keys, 1);
}

static void load_rows(tile_t *t, const call_t *c, const span_t *s, int head, int row, int at, int n)
{
    int d = c->d, dp = c->dp;
    for (int i = at; i < at + n; i++) {
        int r = row + i - at;
        const float *q =
            c->q + (s->first + r / c->group) * c->ldq + (head * c->group + r % c->group) * d;
        t->pos[i] = s->pos + r / c->group;
        t->m[i] = -INFINITY;
        memset(t->l + i * LANES, 0, LANES * sizeof *t->l);
        for (int j = 0; j < dp; j += 2 * VL) {
            vf x = j < d ? vec_load_n(q + j, d - j) * c->a->scale : (vf){0};
            vf y = j + VL < d ? vec_load_n(q + j + VL, d - j - VL) * c->a->scale : (vf){0};
            if (c->pairs) {
                vec_units(t->q + i * dp + j / 2 * UNIT, x, y);
            } else {
                vec_store(t->q + i * dp + j, x);
                vec_store(t->q + i * dp + j + VL, y);
            }
            vec_store(t->o + i * dp + j, (vf){0});
            vec_store(t->o + i * dp + j + VL, (vf){0});
        }
    }
}

static void store_rows(const tile_t *t, const call_t *c, const span_t *s, int head, int row, int at,
                       int n)
{
    int d = c->d;
    for (int i = at; i < at + n; i++) {
        int r = row + i - at;
        int64_t h =
            (int64_t)(s->first + r / c->group) * c->a->heads + head * c->group + r % c->group;
        vf part[PARTS];
        for (int j = 0; j < PARTS; j++)
            part[j] = vec_load(t->l + i * LANES + j * VL);
        float sum = vec_sum(part);
        for (int j = 0; j < d; j += VL)
            vec_store_n(c->out + h * d + j, vec_load(t->o + i * c->dp + j) / sum, d - j);
        if (c->lse)
            c->lse[h] = t->m[i] + logf(sum);
    }
}

/* Floats of one head's keys in a page, and where a head's keys and values begin (keys.c). */
static int64_t block_floats(const call_t *c)
{
    return c->pairs ? c->dp / 2 * KEYS : c->d * KEYS;
}

static const float *page_keys(const call_t *c, int32_t page, int head)
{
    return c->store + page * c->page + head * block_floats(c);
}

static const float *page_values(const call_t *c, int32_t page, int head)
{
    return page_keys(c, page, c->a->kv_heads) +
           (int64_t)head * (c->pairs ? KEYS / 2 : KEYS) * c->dp;
}

/* What is to be sent for into the second-level cache (the block at work fills the first): up to two
   pieces, a share at a time between the steps of the block at work, for a core holds few requests
   and waits for the rest. */
typedef struct {
    const float *p[2];
    int64_t left[2], share;
} ahead_t; /* floats */

static void send(ahead_t *w)
{
    int64_t share = w->share;
    for (int i = 0; i < 2; i++)
        for (; share > 0 && w->left[i] > 0; share -= 16, w->left[i] -= 16, w->p[i] += 16)
            __builtin_prefetch(w->p[i], 0, 2);
}

/* The next block of w, all heads of the task: where its rows are, or its page (in slot[0]); what it
   is to bring. */
static int next_block(keys_t *w, int32_t slot[KEYS], ahead_t *ahead, const call_t *c,
                      const task_t *task)
{
    int64_t d = c->d, width = task->heads * d;
    *ahead = (ahead_t){.share = 0};
    if (c->store) {
        int n = w->end - w->pos < KEYS ? w->end - w->pos : KEYS;
        const run_t *r = w->run + w->pos / KEYS;
        ASSERT(r->slot % KEYS == 0 && r->pos == w->pos && r->count >= n);
        slot[0] = r->slot / KEYS;
        w->pos += n;
        int64_t keys = task->heads * block_floats(c),
                values = task->heads * (c->pairs ? KEYS / 2 : KEYS) * c->dp;
        *ahead = (ahead_t){{page_keys(c, slot[0], task->head), page_values(c, slot[0], task->head)},
                           {keys, values},
                           (keys + values) / (STEPS * task->heads) + 16};
        return n;
    }
    int n = keys_next(w, slot);
    for (int j = 0; j < n; j++) {
        int64_t at = slot[j] * c->ldk + task->head * d;
        for (int64_t i = 0; i < width; i += 16)
            __builtin_prefetch(c->k + at + i, 0, 2);
        for (int64_t i = 0; i < width; i += 16)
            __builtin_prefetch(c->v + at + i, 0, 2);
    }
    return n;
}

/* Pairs at .. at+n of every head against the blocks from position `first` up to `end` of the span.
   During a block the next is sent for, during the last the first own block of the span `after` (may
   be NULL). */
static void walk(tile_t *t, const call_t *c, const task_t *task, const span_t *s, int at, int n,
                 int32_t first, int32_t end, const span_t *after)
{
    int32_t slot[2][KEYS];
    ahead_t ahead;
    int d = c->d, dp = c->dp, count[2], now = 0;
    if (c->a->window) { /* blocks before every row's window */
        int32_t least = t->pos[at];
        for (int i = at; i < at + n; i++)
            least = t->pos[i] < least ? t->pos[i] : least;
        least = (least - c->a->window + 1) / KEYS * KEYS;
        first = least > first ? least : first;
    }
    keys_t w = keys_of(c->a, s);
    w.pos = first;
    count[0] = first < end ? next_block(&w, slot[0], &ahead, c, task) : 0;
    for (; first < end; first += KEYS, now ^= 1) {
        ahead.share = 0;
        if (first + KEYS < end) {
            count[!now] = next_block(&w, slot[!now], &ahead, c, task);
        } else if (after) {
            w = keys_of(c->a, after);
            w.pos = task->shared * KEYS;
            next_block(&w, slot[!now], &ahead, c, task);
        }
        while (t->pos[at] < first) /* rows that end before this block */
            at++, n--;
        for (int h = 0; h < task->heads; h++) {
            int r = h * task->n + at, head = task->head + h;
            const float *kt = t->kt, *v = t->v;
            if (c->store) {
                kt = page_keys(c, slot[now][0], head);
                v = page_values(c, slot[now][0], head);
            } else if (c->pairs) {
                keys_gather_pairs(t->kt, t->v, c->k + head * d, c->v + head * d, c->ldk, slot[now],
                                  count[now], d, dp);
            } else {
                keys_gather(NULL, t->kt, c->k + head * d, c->ldk, slot[now], count[now], d, dp,
                            F32);
                keys_gather(t->v, NULL, c->v + head * d, c->ldk, slot[now], count[now], d, dp, F32);
            }
            scores(c, t->s, t->q + r * dp, kt, n);
            send(&ahead);
            softmax_block(t->s, t->o + r * dp, t->m + r, t->l + r * LANES, n, dp, t->pos + at,
                          first, c->a->window, c->pairs);
            send(&ahead);
            weigh(c, t->o + r * dp, t->s, v, n, count[now]);
            send(&ahead);
        }
    }
}

static void run_task(const task_t *task, const call_t *c)
{
    tile_t t;
    int32_t own = task->shared * KEYS; /* where the span's own blocks begin */
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0, at = 0, n; i < task->spans; i++, at += n) {
            const span_t *s = c->a->span + task->span + i;
            n = task->spans > 1 ? s->count * c->group : task->n;
            for (int h = 0; pass == 0 && h < task->heads; h++)
                load_rows(&t, c, s, task->head + h, task->row, h * task->n + at, n);
            if (pass == 0)
                continue;
            if (i == 0)
                walk(&t, c, task, s, 0, task->n, 0, own, s);
            walk(&t, c, task, s, at, n, own, t.pos[at + n - 1] + 1,
                 i + 1 < task->spans ? s + 1 : NULL);
            for (int h = 0; h < task->heads; h++)
                store_rows(&t, c, s, task->head + h, task->row, h * task->n + at, n);
        }
}

static void run(const call_t *c)
{
    ASSERT(c->d <= HEAD_DIM_MAX && c->a->heads % c->a->kv_heads == 0);
    int64_t n;
    task_t *task = attention_tasks(c->a, &n);
#pragma omp parallel if (n > 1)
    {
#pragma omp for schedule(dynamic)
        for (int64_t i = 0; i < n; i++)
            run_task(task + i, c);
        if (c->amx)
            amx_release();
    }
    mem_free(task);
}

#define ATTENTION(suffix, bf16)                                                              \
    void cpu_attention##suffix(buf_t out, buf_t lse, buf_t q, int64_t ldq, buf_t k, buf_t v, \
                               int64_t ldk, const attn_t *a)                                 \
    {                                                                                        \
        run(&(call_t){.out = out.p,                                                          \
                      .lse = lse.p,                                                          \
                      .q = q.p,                                                              \
                      .k = k.p,                                                              \
                      .v = v.p,                                                              \
                      .ldq = ldq,                                                            \
                      .ldk = ldk,                                                            \
                      .a = a,                                                                \
                      .pairs = bf16,                                                         \
                      .amx = bf16 && amx_here(),                                             \
                      .d = a->head_dim,                                                      \
                      .dp = ROUND_UP(a->head_dim, KEYS),                                     \
                      .group = a->heads / a->kv_heads});                                     \
    }                                                                                        \
    void cpu_attention_pages##suffix(buf_t out, buf_t q, int64_t ldq, buf_t store,           \
                                     const attn_t *a)                                        \
    {                                                                                        \
        run(&(call_t){.out = out.p,                                                          \
                      .q = q.p,                                                              \
                      .ldq = ldq,                                                            \
                      .store = store.p,                                                      \
                      .a = a,                                                                \
                      .page = (int64_t)cpu_page_bytes##suffix(a->kv_heads, a->head_dim) / 4, \
                      .pairs = bf16,                                                         \
                      .amx = bf16 && amx_here(),                                             \
                      .d = a->head_dim,                                                      \
                      .dp = ROUND_UP(a->head_dim, KEYS),                                     \
                      .group = a->heads / a->kv_heads});                                     \
    }

ATTENTION(, 0)
ATTENTION(_bf16, 1)
