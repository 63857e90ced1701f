/* Causal attention, forward.

     s_ij = scale q_i.k_j  (j <= i),   out_i = sum_j exp(s_ij - lse_i) v_j,   lse_i = log sum_j exp(s_ij)

   Keys are walked in blocks of KEYS positions with a running maximum m and sum l (online softmax: Milakov & Gimelshein
   2018; Dao et al. 2022).  For each block, with m' = max(m, max s):
       l = l e^(m-m') + sum_j e^(s_j-m'),    o = o e^(m-m') + sum_j e^(s_j-m') v_j.
   Nothing of size T x T exists: a task holds TILE rows of q and o and one block of keys, about 500 kB on
   the thread's stack.

   A task is (span, TILE rows, key head); its rows are (query, head of the group) pairs, so grouped-query attention
   in decoding (one query per span) still fills a tile.  Both products are kernel_product's: chains in fixed order
   per row; the sum l is kept per lane of a block.  A row sees whole blocks up to its own position, later keys
   are masked to exactly 0: its bits do not depend on other rows, on where keys are stored, or on what follows.
   Cost: 4 T_q T_k D flops and one exponential per pair. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"

#define TILE 192                 /* rows of a task at most */

typedef struct {
    int32_t span, row;           /* rows row .. row+n of the span's count * group pairs */
    int32_t n, head;             /* key head */
} task_t;

/* One tile against one block: s[n,KEYS] to probabilities; o and l rescaled.  first: position of s's column 0. */
static void softmax_block(float *s, float *o, float *m, float *l, int n, int dp, const int32_t *pos, int32_t first)
{
    vi lane;
    for (int j = 0; j < VL; j++)
        lane[j] = j;
    for (int i = 0; i < n; i++) {
        float *p = s + i * KEYS;
        int32_t seen = pos[i] - first;                  /* columns 0..seen count */
        vf top = vec_all(-INFINITY);
        for (int j = 0; j < KEYS; j += VL) {
            vf x = vec_load(p + j);
            if (seen < KEYS - 1)
                vec_store(p + j, x = vec_select(lane + j <= seen, x, vec_all(-INFINITY)));
            top = vec_max(top, x);
        }
        if (vec_any(top > m[i])) {
            float now = vec_top(top), a = vec_exp(vec_all(m[i] - now))[0];
            m[i] = now;
            vec_store(l + i * VL, vec_load(l + i * VL) * a);
            for (int j = 0; j < dp; j += VL)
                vec_store(o + i * dp + j, vec_load(o + i * dp + j) * a);
        }
        vf sum = vec_load(l + i * VL);
        for (int j = 0; j < KEYS; j += VL) {
            vf e = vec_exp(vec_load(p + j) - m[i]);
            vec_store(p + j, e);
            sum += e;
        }
        vec_store(l + i * VL, sum);
    }
}

static void run_task(const task_t *t, const attn_t *a, float *out, float *lse, const float *q, int64_t ldq,
                     const float *k, const float *v, int64_t ldk)
{
    int d = a->head_dim, dp = ROUND_UP(d, KEYS), group = a->heads / a->kv_heads, n = t->n;
    float qt[TILE * HEAD_DIM_MAX], ot[TILE * HEAD_DIM_MAX], kt[HEAD_DIM_MAX * KEYS], vt[KEYS * HEAD_DIM_MAX];
    float s[TILE * KEYS], m[TILE], l[TILE * VL];
    int32_t pos[TILE], slot[KEYS];
    const span_t *sp = a->span + t->span;
    for (int i = 0; i < n; i++) {
        int r = t->row + i;
        const float *src = q + (int64_t)(sp->first + r / group) * ldq + (t->head * group + r % group) * d;
        pos[i] = sp->pos + r / group;
        m[i] = -INFINITY;
        vec_store(l + i * VL, (vf){0});
        for (int j = 0; j < dp; j += VL) {
            vec_store(qt + i * dp + j, j < d ? vec_load_n(src + j, d - j) * a->scale : (vf){0});
            vec_store(ot + i * dp + j, (vf){0});
        }
    }
    keys_t w = keys_of(a, sp);
    int32_t last = sp->pos + (t->row + n - 1) / group;
    for (int32_t first = 0; first <= last; first += KEYS) {
        int keys = keys_next(&w, slot), i0 = 0;
        while (sp->pos + (t->row + i0) / group < first) /* rows that end before this block */
            i0++;
        keys_gather(NULL, kt, k + t->head * d, ldk, slot, keys, d, dp);
        keys_gather(vt, NULL, v + t->head * d, ldk, slot, keys, d, dp);
        kernel_product(s, KEYS, qt + i0 * dp, dp, 1, kt, NR, KEYS, n - i0, KEYS, d, 0);
        softmax_block(s, ot + i0 * dp, m + i0, l + i0 * VL, n - i0, dp, pos + i0, first);
        kernel_product(ot + i0 * dp, dp, s, KEYS, 1, vt, NR, dp, n - i0, dp, KEYS, 1);
    }
    for (int i = 0; i < n; i++) {
        int r = t->row + i;
        int64_t row = sp->first + r / group, head = t->head * group + r % group;
        float sum = vec_sum(vec_load(l + i * VL));
        for (int j = 0; j < d; j += VL)
            vec_store_n(out + (row * a->heads + head) * d + j, vec_load(ot + i * dp + j) / sum, d - j);
        lse[row * a->heads + head] = m[i] + logf(sum);
    }
}

void cpu_attention(buf_t out, buf_t lse, buf_t q, int64_t ldq, buf_t k, buf_t v, int64_t ldk, const attn_t *a)
{
    ASSERT(a->head_dim <= HEAD_DIM_MAX && a->heads % a->kv_heads == 0);
    int group = a->heads / a->kv_heads;
    int64_t n = 0;
    for (int i = 0; i < a->n_span; i++)
        n += (a->span[i].count * group + TILE - 1) / TILE * a->kv_heads;
    task_t *task = ALLOC(task_t, n);
    n = 0;
    for (int i = 0; i < a->n_span; i++) {
        int32_t all = a->span[i].count * group, tiles = (all + TILE - 1) / TILE;
        for (int32_t j = tiles - 1; j >= 0; j--)        /* longest first */
            for (int h = 0; h < a->kv_heads; h++) {
                int32_t r = (int32_t)((int64_t)all * j / tiles);
                task[n++] = (task_t){ i, r, (int32_t)((int64_t)all * (j + 1) / tiles) - r, h };
            }
    }
#pragma omp parallel for schedule(dynamic) if (n > 1)
    for (int64_t i = 0; i < n; i++)
        run_task(task + i, a, out.p, lse.p, q.p, ldq, k.p, v.p, ldk);
    mem_free(task);
}
