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

/* One tile of mr rows and np panels; both are constants after inlining. */
INLINE void tile(float *c, int64_t ldc, const float *a, int64_t rsa, int64_t csa, const float *b,
                 int64_t pb, int64_t ldb, int64_t n, int64_t k, how_t how, const int mr,
                 const int np, const int pairs)
{
    vf s[MR][8];
    int full = n >= np * NR;
#pragma GCC unroll 16
    for (int i = 0; i < mr; i++) {
        /* c is wanted when the sum is ready */
        for (int j = 0; how == ADD && j < 2 * np * VL; j += 16)
            __builtin_prefetch(c + i * ldc + j, 1);
#pragma GCC unroll 8
        for (int j = 0; j < 2 * np; j++)
            s[i][j] = (vf){0};
    }
    const float *row[(MR + 3) / 4]; /* every fourth: twelve rows in six registers, not twelve */
#pragma GCC unroll 4
    for (int i = 0; i < (mr + 3) / 4; i++)
        row[i] = a + 4 * i * rsa;
    for (int64_t l = 0; l < k; l++) {
        vf y[8];
        if (np == 1 && mr >= MR / 2 && mr < MR) { /* decoding: fewer rows wait for memory anyhow */
            __builtin_prefetch(b + AHEAD * ldb, 0, 2);
            if (VL == 16)
                __builtin_prefetch(b + AHEAD * ldb + VL, 0, 2);
        }
#pragma GCC unroll 8
        for (int j = 0; j < 2 * np; j++)
            y[j] = vec_load(b + (j / 2) * pb + (j % 2) * VL);
#pragma GCC unroll 16
        for (int i = 0; i < mr; i++) {
            const float *at = row[i / 4] + (i % 4) * rsa;
            vf x = pairs ? vec_spread(at) : vec_all(*at);
#pragma GCC unroll 8
            for (int j = 0; j < 2 * np; j++)
                s[i][j] = vec_mad(s[i][j], x, y[j], pairs);
        }
#pragma GCC unroll 4
        for (int i = 0; i < (mr + 3) / 4; i++)
            row[i] += csa;
        b += ldb;
    }
    if (!full) { /* by way of memory: calls among values in registers cost the loop above some */
        float edge[MR * 8 * VL];
#pragma GCC unroll 16
        for (int i = 0; i < mr; i++)
#pragma GCC unroll 8
            for (int j = 0; j < 2 * np; j++)
                vec_store(edge + (i * 2 * np + j) * VL, s[i][j]);
        for (int i = 0; i < mr; i++)
            for (int64_t j = 0; j < n; j++)
                c[i * ldc + j] = how == ADD ? c[i * ldc + j] + edge[i * 2 * np * VL + j]
                                            : edge[i * 2 * np * VL + j];
        return;
    }
    int past = how == STREAM && (uintptr_t)c % 64 == 0 && ldc % 16 == 0;
#pragma GCC unroll 16
    for (int i = 0; i < mr; i++)
#pragma GCC unroll 8
        for (int j = 0; j < 2 * np; j++) {
            float *p = c + i * ldc + j * VL;
            if (past)
                vec_stream(p, s[i][j]);
            else
                vec_store(p, how == ADD ? vec_load(p) + s[i][j] : s[i][j]);
        }
}

/* Rows [0,mr) of all n columns, np panels at a time and the rest one by one. */
#define ROWS_OF(name, mr, np, pairs)                                                               \
    static void name##_##mr(float *c, int64_t ldc, const float *a, int64_t rsa, int64_t csa,       \
                            const float *b, int64_t pb, int64_t ldb, int64_t n, int64_t k,         \
                            how_t how)                                                             \
    {                                                                                              \
        int64_t j = 0;                                                                             \
        for (; np > 1 && j + np * NR <= n; j += np * NR)                                           \
            tile(c + j, ldc, a, rsa, csa, b + j / NR * pb, pb, ldb, n - j, k, how, mr, np, pairs); \
        for (; j < n; j += NR)                                                                     \
            tile(c + j, ldc, a, rsa, csa, b + j / NR * pb, pb, ldb, n - j, k, how, mr, 1, pairs);  \
    }
#define ROWS(mr, np) ROWS_OF(rows, mr, np, 0) ROWS_OF(pairs, mr, np, 1)

// clang-format off
#if MR == 12
ROWS(1, 4) ROWS(2, 4) ROWS(3, 4) ROWS(4, 2) ROWS(5, 2) ROWS(6, 2)
ROWS(7, 1) ROWS(8, 1) ROWS(9, 1) ROWS(10, 1) ROWS(11, 1) ROWS(12, 1)
#else
ROWS(1, 4) ROWS(2, 2) ROWS(3, 2) ROWS(4, 1) ROWS(5, 1) ROWS(6, 1)
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
