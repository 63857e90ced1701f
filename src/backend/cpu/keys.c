/* Where the keys of a span lie: blocks of KEYS absolute positions, gathered from the rows of a batch, or the pages
   of a store.

   Blocks begin at multiples of KEYS positions, wherever their rows are stored, so attention does the same
   arithmetic for a contiguous batch, for scattered pages and for a prompt that several spans share.  Rows past the
   span's last position are never read: gathered rows are zero there.

   A page is a block in the form that kernel_product takes: keys transposed once, when they are put, and not whenever
   a token looks at them; nothing is gathered in decoding.  A page of all heads is one piece of memory, which the
   hardware's prefetchers follow.  (A new key is d scattered stores, into lines that attention reads next.) */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"

size_t cpu_page_bytes(int kv_heads, int head_dim)
{
    return (size_t)kv_heads * KEYS * (size_t)(head_dim + ROUND_UP(head_dim, KEYS)) * 4;
}

void cpu_keys_put(buf_t store, buf_t kv, int64_t ld, buf_t slot, int64_t t, int kv_heads, int head_dim)
{
    int64_t page = (int64_t)cpu_page_bytes(kv_heads, head_dim) / 4, d = head_dim, dp = ROUND_UP(d, KEYS);
    const int32_t *to = slot.p;
#pragma omp parallel for schedule(static) if (t * kv_heads * d > 1 << 13)
    for (int64_t i = 0; i < t; i++) {
        const float *k = (float *)kv.p + i * ld, *v = k + kv_heads * d;
        float *kt = (float *)store.p + to[i] / KEYS * page + to[i] % KEYS;
        float *vt = (float *)store.p + to[i] / KEYS * page + kv_heads * d * KEYS + to[i] % KEYS * dp;
        for (int64_t j = 0; j < kv_heads * d; j++)
            kt[j * KEYS] = k[j];
        for (int64_t h = 0; h < kv_heads; h++)
            memcpy(vt + h * KEYS * dp, v + h * d, (size_t)d * 4);
    }
}

keys_t keys_of(const attn_t *a, const span_t *s)
{
    ASSERT(s->runs > 0 && s->run >= 0 && s->run + s->runs <= a->n_run && a->run[s->run].pos == 0);
    return (keys_t){ .run = a->run + s->run, .runs = s->runs, .end = s->pos + s->count };
}

int keys_next(keys_t *w, int32_t slot[KEYS])
{
    int n = 0;
    for (; n < KEYS && w->pos < w->end; n++, w->pos++) {
        while (w->pos >= w->run[w->at].pos + w->run[w->at].count) {
            w->at++;
            ASSERT(w->at < w->runs && w->run[w->at].pos <= w->pos);
        }
        slot[n] = w->run[w->at].slot + (w->pos - w->run[w->at].pos);
    }
    return n;
}

/* VL elements of which `left` are there; with `whole` known to be all. */
INLINE vf part(const float *p, int left, const int whole)
{
    return whole ? vec_load(p) : left > 0 ? vec_load_n(p, left) : (vf){0};
}

INLINE void gather(float *x, float *t, const float *const row[KEYS], int n, int d, int dp, const int whole)
{
    for (int j = 0; x && j < KEYS; j++)
        for (int i = 0; i < dp; i += VL)
            vec_store(x + j * dp + i, part(row[j] + i, d - i, whole));
    for (int j = 0; t && j < KEYS; j += VL)
        for (int i = 0; i < dp; i += VL) {
            vf v[VL] = {{0}};
            if (j < n) {
#pragma GCC unroll 16
                for (int l = 0; l < VL; l++)
                    v[l] = part(row[j + l] + i, d - i, whole);
                vec_transpose(v);
            }
#pragma GCC unroll 16
            for (int l = 0; l < VL; l++)
                vec_store(t + (i + l) * KEYS + j, v[l]);
        }
}

void keys_gather(float *x, float *t, const float *store, int64_t ld, const int32_t *slot, int n, int d, int dp)
{
    static const float none[HEAD_DIM_MAX];              /* stands for keys that are not there */
    const float *row[KEYS];
    for (int j = 0; j < KEYS; j++)
        row[j] = j < n ? store + slot[j] * ld : none;
    if (d == dp)
        gather(x, t, row, n, d, dp, 1);
    else
        gather(x, t, row, n, d, dp, 0);
}
