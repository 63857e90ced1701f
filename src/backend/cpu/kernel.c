/* The register tile under every product, of float32 or of pairs of bfloat16.

   c[m,n] (+)= a[m,k] b[k,n] is cut into tiles of at most MR x NR elements that live in registers
   while k runs: per step of k one row of a panel of b is loaded (two vectors) and MR elements of a
   are broadcast, 2 MR vector FMAs.  With AVX-512 MR = 12: 24 accumulators, enough to hide the FMA
   latency (4 cycles at one or two per cycle), and 14 loads for 24 FMAs, so the FMA units are the
   bound, not the loads. Few rows take several panels at once, for the same number of independent
   chains; not in decoding, where weights come from memory and one panel at a time is faster
   (matmul.c).

   Of pairs an element of a or b is 32 bits, two neighbours in k (vec.h), and a step takes both: the
   same loads for twice the work where the processor has the instruction (AVX512_BF16), else two
   FMAs of widened numbers.

   Each element of c is one chain s = fma(a_k, b_k, s), k ascending from s = 0, then c = s or c + s.
   Neither the shape of tiles nor the number of rows, columns and threads has a part in it: row
   invariance by construction, as long as callers cut k by k alone.
   A stored c is written past the caches (STREAM) where there is much of it: each line would be
   fetched before it is overwritten, and where two cores share no cache, from the other one's: 12%
   of a product's time. (Goto & van de Geijn, ACM TOMS 34, 2008, for the blocking.) */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"

/* steps that weights are sent for before, where the tile computes too long for the hardware's own
   prefetch */
#define AHEAD 48
#if MR == 12
#define FETCHED(mr, nv) ((nv) == 2 && (mr) >= MR / 2 && (mr) < MR)
#else
#define FETCHED(mr, nv) ((mr) < MR)
#endif

/* One tile of mr rows and nv vectors of columns, from the first-th of b's first panel on; these are
   constants after inlining. */
INLINE void tile(float *c, int64_t ldc, const float *a, int64_t rsa, int64_t csa, const float *b,
                 int64_t pb, int64_t ldb, int64_t n, int64_t k, how_t how, const int mr,
                 const int nv, const int first, const int pairs)
{
    vf s[MR][8];
    const int halves = pairs ? UNIT : 1;
#pragma GCC unroll 16
    for (int i = 0; i < mr; i++) {
        /* c is wanted when the sum is ready */
        for (int j = 0; how == ADD && j < nv * VL; j += 16)
            __builtin_prefetch(c + i * ldc + j, 1);
#pragma GCC unroll 8
        for (int j = 0; j < nv; j++)
            s[i][j] = (vf){0};
    }
    const float *row[(MR + 3) / 4]; /* every fourth: twelve rows in six registers, not twelve */
#pragma GCC unroll 4
    for (int i = 0; i < (mr + 3) / 4; i++)
        row[i] = a + 4 * i * rsa;
    unsigned mode = vec_flush(pairs);
    for (int64_t l = 0; l < k; l++) {
        if (FETCHED(mr, nv)) /* decoding: weights come from memory */
#pragma GCC unroll 8
            for (int j = first; j < first + nv; j += 16 / VL)
                __builtin_prefetch(b + AHEAD * ldb + j / 2 * pb + j % 2 * VL, 0, 2);
#pragma GCC unroll 2
        for (int h = halves - 1; h >= 0; h--) { /* the odd one first */
            vf y[8];
#pragma GCC unroll 8
            for (int j = 0; j < nv; j++) {
                y[j] = vec_load(b + (first + j) / 2 * pb + (first + j) % 2 * VL);
                if (halves == 2)
                    y[j] = h ? vec_odd(y[j]) : vec_even(y[j]);
            }
#pragma GCC unroll 16
            for (int i = 0; i < mr; i++) {
                const float *at = row[i / 4] + (i % 4) * rsa + (h ? csa / 2 : 0);
                vf x = pairs && UNIT == 1 ? vec_spread(at) : vec_all(*at);
#pragma GCC unroll 8
                for (int j = 0; j < nv; j++)
                    s[i][j] = vec_mad(s[i][j], x, y[j], pairs);
            }
        }
#pragma GCC unroll 4
        for (int i = 0; i < (mr + 3) / 4; i++)
            row[i] += csa;
        b += ldb;
    }
    vec_unflush(mode, pairs);
    if (n <
        nv * VL) { /* by way of memory: calls among values in registers cost the loop above some */
        float edge[MR * 8 * VL];
#pragma GCC unroll 16
        for (int i = 0; i < mr; i++)
#pragma GCC unroll 8
            for (int j = 0; j < nv; j++)
                vec_store(edge + (i * nv + j) * VL, s[i][j]);
        for (int i = 0; i < mr; i++)
            for (int64_t j = 0; j < n; j++)
                c[i * ldc + j] =
                    how == ADD ? c[i * ldc + j] + edge[i * nv * VL + j] : edge[i * nv * VL + j];
        return;
    }
    int past = how == STREAM && (uintptr_t)c % 64 == 0 && ldc % 16 == 0;
#pragma GCC unroll 16
    for (int i = 0; i < mr; i++)
#pragma GCC unroll 8
        for (int j = 0; j < nv; j++) {
            float *p = c + i * ldc + j * VL;
            if (past)
                vec_stream(p, s[i][j]);
            else
                vec_store(p, how == ADD ? vec_load(p) + s[i][j] : s[i][j]);
        }
}

#define TILE(mr, nv, first, pairs) \
    tile(c + j, ldc, a, rsa, csa, b + j / NR * pb, pb, ldb, n - j, k, how, mr, nv, first, pairs)

/* Rows [0,mr) of all n columns, nv vectors at a time and the rest panel by panel.  Three vectors are
   one panel and a half: a second tile goes on from there. */
#define ROWS_OF(name, mr, nv, pairs)                                                         \
    static void name##_##mr(float *c, int64_t ldc, const float *a, int64_t rsa, int64_t csa, \
                            const float *b, int64_t pb, int64_t ldb, int64_t n, int64_t k,   \
                            how_t how)                                                       \
    {                                                                                        \
        int64_t j = 0;                                                                       \
        for (; nv > 2 && nv % 2 == 0 && j + nv * VL <= n; j += nv * VL)                      \
            TILE(mr, nv, 0, pairs);                                                          \
        for (; nv == 3 && j + 6 * VL <= n; j += 3 * VL) {                                    \
            TILE(mr, 3, 0, pairs);                                                           \
            j += 3 * VL;                                                                     \
            TILE(mr, 3, 1, pairs);                                                           \
        }                                                                                    \
        for (; j < n; j += NR)                                                               \
            TILE(mr, 2, 0, pairs);                                                           \
    }
#define ROWS(mr, nv) ROWS_OF(rows, mr, nv, 0) ROWS_OF(pairs, mr, nv, 1)

// clang-format off
#if MR == 12
ROWS(1, 8) ROWS(2, 8) ROWS(3, 8) ROWS(4, 4) ROWS(5, 4) ROWS(6, 4)
ROWS(7, 2) ROWS(8, 2) ROWS(9, 2) ROWS(10, 2) ROWS(11, 2) ROWS(12, 2)
#else
ROWS(1, 8) ROWS(2, 6) ROWS(3, 4) ROWS(4, 3) ROWS(5, 2) ROWS(6, 2)
#endif

typedef void rows_t(float *, int64_t, const float *, int64_t, int64_t, const float *, int64_t,
                    int64_t, int64_t, int64_t, how_t);
static rows_t *const table[2][MR] = {
    {rows_1, rows_2, rows_3, rows_4, rows_5, rows_6,
#if MR == 12
     rows_7, rows_8, rows_9, rows_10, rows_11, rows_12
#endif
    },
    {pairs_1, pairs_2, pairs_3, pairs_4, pairs_5, pairs_6,
#if MR == 12
     pairs_7, pairs_8, pairs_9, pairs_10, pairs_11, pairs_12
#endif
    },
};
// clang-format on

INLINE void product(rows_t *const *rows, float *c, int64_t ldc, const float *a, int64_t rsa,
                    int64_t csa, const float *b, int64_t pb, int64_t ldb, int64_t m, int64_t n,
                    int64_t k, how_t how)
{
    for (int64_t left = m, mr; left > 0; left -= mr) {
        int64_t blocks = (left + MR - 1) / MR; /* even shares: 13 rows are 7 + 6 */
        mr = (left + blocks - 1) / blocks;
        rows[mr - 1](c, ldc, a, rsa, csa, b, pb, ldb, n, k, how);
        c += mr * ldc;
        a += mr * rsa;
    }
}

void kernel_product(float *c, int64_t ldc, const float *a, int64_t rsa, int64_t csa, const float *b,
                    int64_t pb, int64_t ldb, int64_t m, int64_t n, int64_t k, how_t how)
{
    product(table[0], c, ldc, a, rsa, csa, b, pb, ldb, m, n, k, how);
}

void kernel_pairs(float *c, int64_t ldc, const float *a, int64_t rsa, int64_t csa, const float *b,
                  int64_t pb, int64_t ldb, int64_t m, int64_t n, int64_t k, how_t how)
{
    product(table[1], c, ldc, a, rsa, csa, b, pb, ldb, m, n, k, how);
}
