/* Where the keys of a span lie: blocks of KEYS absolute positions, gathered from the rows of a
   batch, or the pages of a store.

   Blocks begin at multiples of KEYS positions, wherever their rows are stored, so attention does
   the same arithmetic for a contiguous batch, for scattered pages and for a prompt that several
   spans share.  Rows past the span's last position are never read: gathered rows are zero there.

   A page is a block in the form that kernel_product takes: keys transposed once, when they are put,
   and not whenever a token looks at them; nothing is gathered in decoding.  A page of all heads is
   one piece of memory, which the hardware's prefetchers follow.  (A new key is d scattered stores,
   into lines that attention reads next.)

   Of bfloat16, pages hold units of two as products of pairs want them: keys two neighbours of the
   width, values two neighbouring positions.  A value at an even position brings a zero for the next
   one: what no key has filled is never read but as half of such a unit, and must be a number. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"

size_t cpu_page_bytes(int kv_heads, int head_dim)
{
    return (size_t)kv_heads * KEYS * (size_t)(head_dim + ROUND_UP(head_dim, KEYS)) * 4;
}

void cpu_keys_put(buf_t store, buf_t kv, int64_t ld, buf_t slot, int64_t t, int kv_heads,
                  int head_dim)
{
    int64_t page = (int64_t)cpu_page_bytes(kv_heads, head_dim) / 4, d = head_dim,
            dp = ROUND_UP(d, KEYS);
    const int32_t *to = slot.p;
#pragma omp parallel for schedule(static) if (t * kv_heads * d > 1 << 13)
    for (int64_t i = 0; i < t; i++) {
        const float *k = (float *)kv.p + i * ld, *v = k + kv_heads * d;
        float *kt = (float *)store.p + to[i] / KEYS * page + to[i] % KEYS;
        float *vt =
            (float *)store.p + to[i] / KEYS * page + kv_heads * d * KEYS + to[i] % KEYS * dp;
        for (int64_t j = 0; j < kv_heads * d; j++)
            kt[j * KEYS] = k[j];
        for (int64_t h = 0; h < kv_heads; h++)
            memcpy(vt + h * KEYS * dp, v + h * d, (size_t)d * 4);
    }
}

size_t cpu_page_bytes_bf16(int kv_heads, int head_dim)
{
    return (size_t)kv_heads * KEYS * (size_t)ROUND_UP(head_dim, KEYS) * 4;
}

/* One key's units, along the width. */
INLINE void put_key(float *kt, const float *k, int64_t d, int64_t dp)
{
    vi even;
    for (int i = 0; i < VL; i++)
        even[i] = 2 * i;
    for (int64_t i = 0; i < dp; i += 2 * VL) {
        vf a = vec_load_some(k + i, d - i), b = vec_load_some(k + i + VL, d - i - VL);
        vf unit = vec_pair(__builtin_shuffle(a, b, even), __builtin_shuffle(a, b, even + 1));
        for (int l = 0; l < VL; l++)
            memcpy(kt + (i / 2 + l) * KEYS, (float *)&unit + l, 4);
    }
}

/* Half of the units of values: v at an even place with its neighbour (NULL: 0), at an odd one
   beside what is there. */
INLINE void put_value(float *vp, const float *v, const float *neighbour, int odd, int64_t d,
                      int64_t dp)
{
    for (int64_t i = 0; i < dp; i += VL) {
        float *to = vp + i / NR * (KEYS / 2) * NR + i % NR;
        vf x = vec_load_some(v + i, d - i),
           y = neighbour ? vec_load_some(neighbour + i, d - i) : (vf){0};
        if (odd)
            vec_store(to, (vf)(((vu)vec_load(to) & 0xffffu) | (vu)vec_held(x)));
        else
            vec_store(to, vec_pair(x, y));
    }
}

void cpu_keys_put_bf16(buf_t store, buf_t kv, int64_t ld, buf_t slot, int64_t t, int kv_heads,
                       int head_dim)
{
    int64_t page = (int64_t)cpu_page_bytes_bf16(kv_heads, head_dim) / 4, d = head_dim,
            dp = ROUND_UP(d, KEYS);
    int64_t block = dp / 2 * KEYS; /* of one head's keys, and of its values */
    const int32_t *to = slot.p;
#pragma omp parallel for schedule(static) if (t * kv_heads * d > 1 << 13)
    for (int64_t i = 0; i < t; i++) {
        const float *k = (float *)kv.p + i * ld, *v = k + kv_heads * d;
        float *at = (float *)store.p + to[i] / KEYS * page;
        int place = to[i] % KEYS, odd = place % 2;
        int done = odd && i > 0 && to[i - 1] == to[i] - 1,
            both = !odd && i + 1 < t && to[i + 1] == to[i] + 1;
        for (int64_t h = 0; h < kv_heads; h++) {
            put_key(at + h * block + place, k + h * d, d, dp);
            if (!done)
                put_value(at + (kv_heads + h) * block + place / 2 * NR, v + h * d,
                          both ? v + ld + h * d : NULL, odd, d, dp);
        }
    }
}

keys_t keys_of(const attn_t *a, const span_t *s)
{
    ASSERT(s->runs > 0 && s->run >= 0 && s->run + s->runs <= a->n_run && a->run[s->run].pos == 0);
    return (keys_t){.run = a->run + s->run, .runs = s->runs, .end = s->pos + s->count};
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
    return whole ? vec_load(p) : vec_load_some(p, left);
}

INLINE vf as_held(vf x, const int pairs)
{
    return pairs ? vec_held(x) : x;
}

INLINE void gather(float *x, float *t, const float *const row[KEYS], int n, int d, int dp,
                   const int whole, const int pairs)
{
    for (int j = 0; x && j < KEYS; j++)
        for (int i = 0; i < dp; i += VL)
            vec_store(x + j * dp + i, as_held(part(row[j] + i, d - i, whole), pairs));
    for (int j = 0; t && j < KEYS; j += VL)
        for (int i = 0; i < dp; i += VL) {
            vf v[VL] = {{0}};
            if (j < n) {
#pragma GCC unroll 16
                for (int l = 0; l < VL; l++)
                    v[l] = as_held(part(row[j + l] + i, d - i, whole), pairs);
                vec_transpose(v);
            }
#pragma GCC unroll 16
            for (int l = 0; l < VL; l++)
                vec_store(t + (i + l) * KEYS + j, v[l]);
        }
}

static const float none[HEAD_DIM_MAX]; /* stands for keys that are not there */

static void rows_at(const float *row[KEYS], const float *store, int64_t ld, const int32_t *slot,
                    int n)
{
    for (int j = 0; j < KEYS; j++)
        row[j] = j < n ? store + slot[j] * ld : none;
}

void keys_gather(float *x, float *t, const float *store, int64_t ld, const int32_t *slot, int n,
                 int d, int dp, dtype_t type)
{
    const float *row[KEYS];
    rows_at(row, store, ld, slot, n);
    if (type == BF16)
        gather(x, t, row, n, d, dp, 0, 1);
    else if (d == dp)
        gather(x, t, row, n, d, dp, 1, 0);
    else
        gather(x, t, row, n, d, dp, 0, 0);
}

void keys_gather_pairs(float *kt, float *vp, const float *k, const float *v, int64_t ld,
                       const int32_t *slot, int n, int d, int dp)
{
    const float *row[KEYS];
    rows_at(row, k, ld, slot, n);
    for (int j = 0; j < KEYS; j += VL)
        for (int i = 0; i < dp; i += VL) {
            vf x[VL];
#pragma GCC unroll 16
            for (int l = 0; l < VL; l++)
                x[l] = vec_load_some(row[j + l] + i, d - i);
            vec_transpose(x);
#pragma GCC unroll 8
            for (int l = 0; l < VL; l += 2)
                vec_store(kt + (i + l) / 2 * KEYS + j, vec_pair(x[l], x[l + 1]));
        }
    rows_at(row, v, ld, slot, n);
    for (int j = 0; j < n; j += 2)
        for (int i = 0; i < dp; i += VL)
            vec_store(vp + (i / NR * (KEYS / 2) + j / 2) * NR + i % NR,
                      vec_pair(vec_load_some(row[j] + i, d - i),
                               vec_load_some(row[j + 1] + i, d - i)));
}
