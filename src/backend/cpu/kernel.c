/* The register tile under every product, of float32 or of pairs of bfloat16.

   c[m,n] (+)= a[m,k] b[k,n] is cut into tiles of at most MR x NR elements that live in registers
   while k runs: per step of k one row of a panel of b is loaded (two vectors) and MR elements of a
   are broadcast, 2 MR vector FMAs.  With AVX-512 MR = 12: 24 accumulators, enough to hide the FMA
   latency (4 cycles at one or two per cycle), and 14 loads for 24 FMAs, so the FMA units are the
   bound, not the loads. Few rows take several panels at once, for the same number of independent
   chains; not in decoding, where weights come from memory and one panel at a time is faster
   (matmul.c).

   With AVX2 there are 16 registers for 12 accumulators, so a tile is 6 rows of two vectors; of fewer
   rows 4 x 3, 3 x 4, 2 x 6 vectors, always near twelve chains, since two FMAs a cycle of latency 4
   or 5 want ten.

   Of pairs an element of a or b is 32 bits, two neighbours in k (vec.h), and a step takes both: the
   same loads for twice the work where the processor has the instruction (AVX512_BF16).  Elsewhere
   a step is two FMAs, the odd half first, which is that instruction's order.  a then comes as
   float32 already (factor.c), for its halves would be taken apart once for every panel; b's are
   taken apart in the tile, four instructions for 24 FMAs, since b as float32 would fill the caches
   twice over.  Numbers below the normal ones are zero there, as in the instruction: same bits.

   In decoding weights come from memory.  The tile sends for the panels that follow while it is at
   work, its share of them in each of two passes (eight rows are 4 + 4 and read a panel twice):
   otherwise memory would be idle in the second one.

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

/* What a holds, as far as the tile's code knows: strides that are constants need no registers. */
typedef enum { SINGLES, PAIRS, ALONG, ACROSS } form_t;

/* What is sent for while a tile is at work: panels that follow, pace floats of each a step. */
typedef struct {
    const float *at; /* NULL: nothing */
    int64_t pace;
} fetch_t;

/* An element of a, or half of a pair, in every lane. */
INLINE vf element(const float *at, const int pairs)
{
    return pairs && UNIT == 1 ? vec_spread(at) : vec_all(*at);
}

/* A vector of b's columns; of pairs that the processor does not multiply their odd or even half. */
INLINE vf columns(const float *at, const int halves, const int odd)
{
    vf y = vec_load(at);
    return halves == 1 ? y : odd ? vec_odd(y) : vec_even(y);
}

/* A row of a tile of three vectors, from an element that every lane gets.  With 12 sums and three
   vectors of b the element's register is the last one, so it may not be loaded early. */
INLINE void row_of_three(vf s[8], const float *at, const vf y[8])
{
#if VL == 8 && defined __FMA__
    vf x;
    __asm__("vbroadcastss %4, %3\n\tvfmadd231ps %5, %3, %0\n\t"
            "vfmadd231ps %6, %3, %1\n\tvfmadd231ps %7, %3, %2"
            : "+x"(s[0]), "+x"(s[1]), "+x"(s[2]), "=&x"(x)
            : "m"(*at), "x"(y[0]), "x"(y[1]), "x"(y[2]));
#else
    for (int j = 0; j < 3; j++)
        s[j] = vec_mad(s[j], vec_all(*at), y[j], 0);
#endif
}

/* The sums of a tile to its n columns of c. */
INLINE void put(float *c, int64_t ldc, vf (*s)[8], int64_t n, how_t how, const int mr, const int nv)
{
    if (MR == 6) /* or there is a loop for each */
        __asm__ volatile("" : "+r"(how));
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

/* One tile of mr rows and nv vectors of columns, from the first-th of b's first panel on; these are
   constants after inlining. */
INLINE void tile(float *c, int64_t ldc, const float *a, int64_t rsa, int64_t csa, const float *b,
                 int64_t pb, int64_t ldb, int64_t n, int64_t k, how_t how, fetch_t fetch,
                 const int mr, const int nv, const int first, const form_t form, const int few)
{
    vf s[MR][8];
    const int pairs = form != SINGLES, halves = pairs ? UNIT : 1;
    if (form == ALONG)
        csa = UNIT;
    if (form == ACROSS)
        csa = UNIT * MR, rsa = 1;
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
        if (MR == 12 && nv == 2 && mr >= MR / 2 && mr < MR) { /* fewer rows wait anyhow */
            __builtin_prefetch(b + AHEAD * ldb, 0, 2);
            if (VL == 16)
                __builtin_prefetch(b + AHEAD * ldb + VL, 0, 2);
        }
        if (few) {
#pragma GCC unroll 4
            for (int j = first + first % 2; j < first + nv; j += 2)
                __builtin_prefetch(fetch.at + j / 2 * pb, 0, 2);
            fetch.at += fetch.pace;
        }
#pragma GCC unroll 2
        for (int h = halves - 1; h >= 0; h--) { /* the odd one first */
            const float *from = b;
            if (halves ==
                2) /* b is read twice: kept between, it would push sums out of registers */
                __asm__ volatile("" : "+r"(from));
            vf x[MR], y[8];
#pragma GCC unroll 16
            for (int i = 0; nv > mr && i < mr; i++)
                x[i] = element(row[i / 4] + i % 4 * rsa + (h ? csa / 2 : 0), pairs);
#pragma GCC unroll 8
            for (int j = 0; j < nv; j++) {
                y[j] = columns(from + (first + j) / 2 * pb + (first + j) % 2 * VL, halves, h);
#pragma GCC unroll 16
                for (int i = 0; nv > mr && i < mr; i++)
                    s[i][j] = vec_mad(s[i][j], x[i], y[j], pairs);
            }
#pragma GCC unroll 16
            for (int i = 0; nv <= mr && i < mr; i++) {
                if (nv == 3) {
                    row_of_three(s[i], row[i / 4] + i % 4 * rsa + (h ? csa / 2 : 0), y);
                    continue;
                }
                x[i] = element(row[i / 4] + i % 4 * rsa + (h ? csa / 2 : 0), pairs);
#pragma GCC unroll 8
                for (int j = 0; j < nv; j++)
                    s[i][j] = vec_mad(s[i][j], x[i], y[j], pairs);
            }
        }
#pragma GCC unroll 4
        for (int i = 0; i < (mr + 3) / 4; i++)
            row[i] += csa;
        b += ldb;
    }
    vec_unflush(mode, pairs);
    put(c, ldc, s, n, how, mr, nv);
}

#define TILE(mr, nv, first, form, few)                                     \
    tile(c + j, ldc, a, rsa, csa, b + j / NR * pb, pb, ldb, n - j, k, how, \
         (fetch_t){fetch.at + j / NR * pb, fetch.pace}, mr, nv, first, form, few)

/* Rows [0,mr) of all n columns, nv vectors at a time and the rest panel by panel.  Three vectors are
   one panel and a half: a second tile goes on from there. */
#define ROWS_OF(name, mr, nv, form, few)                                                     \
    static void name##_##mr(float *c, int64_t ldc, const float *a, int64_t rsa, int64_t csa, \
                            const float *b, int64_t pb, int64_t ldb, int64_t n, int64_t k,   \
                            how_t how, fetch_t fetch)                                        \
    {                                                                                        \
        int64_t j = 0;                                                                       \
        for (; nv > 2 && nv % 2 == 0 && j + nv * VL <= n; j += nv * VL)                      \
            TILE(mr, nv, 0, form, few);                                                      \
        for (; nv == 3 && j + 6 * VL <= n; j += 3 * VL) {                                    \
            TILE(mr, 3, 0, form, few);                                                       \
            j += 3 * VL;                                                                     \
            TILE(mr, 3, 1, form, few);                                                       \
        }                                                                                    \
        for (; j < n; j += NR)                                                               \
            TILE(mr, 2, 0, form, few);                                                       \
    }
#if UNIT == 1
#define ROWS(mr, nv) ROWS_OF(rows, mr, nv, SINGLES, 0) ROWS_OF(pairs, mr, nv, PAIRS, 0)
#else
#define ROWS(mr, nv)                  \
    ROWS_OF(rows, mr, nv, SINGLES, 0) \
    ROWS_OF(pairs, mr, nv, ALONG, 0)  \
    ROWS_OF(across, mr, nv, ACROSS, 0) FEW_ROWS(mr, nv)
#endif
#if MR == 12
#define FEW_ROWS(mr, nv)
#else
#define FEW_ROWS(mr, nv) ROWS_OF(few_rows, mr, nv, SINGLES, 1) ROWS_OF(few_pairs, mr, nv, ALONG, 1)
#endif

// clang-format off
#if MR == 12
ROWS(1, 8) ROWS(2, 8) ROWS(3, 8) ROWS(4, 4) ROWS(5, 4) ROWS(6, 4)
ROWS(7, 2) ROWS(8, 2) ROWS(9, 2) ROWS(10, 2) ROWS(11, 2) ROWS(12, 2)
#else
ROWS(1, 4) ROWS(2, 6) ROWS(3, 4) ROWS(4, 3) ROWS(5, 2) ROWS(6, 2)
#endif

typedef void rows_t(float *, int64_t, const float *, int64_t, int64_t, const float *, int64_t,
                    int64_t, int64_t, int64_t, how_t, fetch_t);
#if MR == 12
#define TABLE(name) {name##_1, name##_2, name##_3, name##_4, name##_5, name##_6, \
                     name##_7, name##_8, name##_9, name##_10, name##_11, name##_12}
#else
#define TABLE(name) {name##_1, name##_2, name##_3, name##_4, name##_5, name##_6}
#endif
static rows_t *const singles[MR] = TABLE(rows), *const pairs[MR] = TABLE(pairs);
#if UNIT == 2
static rows_t *const across[MR] = TABLE(across);
#else
#define across pairs
#endif
#if MR == 12
#define few_singles singles
#define few_pairs   pairs
#else
static rows_t *const few_singles[MR] = TABLE(few_rows), *const few_pairs[MR] = TABLE(few_pairs);
#endif
// clang-format on

INLINE void product(rows_t *const *rows, float *c, int64_t ldc, const float *a, int64_t rsa,
                    int64_t csa, const float *b, int64_t pb, int64_t ldb, int64_t m, int64_t n,
                    int64_t k, how_t how, const float *next)
{
    int64_t passes = (m + MR - 1) / MR;
    for (int64_t left = m, mr, pass = 0; left > 0; left -= mr, pass++) {
        int64_t blocks = (left + MR - 1) / MR; /* even shares: 13 rows are 7 + 6 */
        mr = (left + blocks - 1) / blocks;
        fetch_t fetch = {next ? next + k * NR * pass / passes : b, NR / passes};
        rows[mr - 1](c, ldc, a, rsa, csa, b, pb, ldb, n, k, how, fetch);
        c += mr * ldc;
        a += mr * rsa;
    }
}

void kernel_product(float *c, int64_t ldc, const float *a, int64_t rsa, int64_t csa, const float *b,
                    int64_t pb, int64_t ldb, int64_t m, int64_t n, int64_t k, how_t how)
{
    product(singles, c, ldc, a, rsa, csa, b, pb, ldb, m, n, k, how, NULL);
}

void kernel_pairs(float *c, int64_t ldc, const float *a, int64_t rsa, int64_t csa, const float *b,
                  int64_t pb, int64_t ldb, int64_t m, int64_t n, int64_t k, how_t how)
{
    product(csa == UNIT ? pairs : across, c, ldc, a, rsa, csa, b, pb, ldb, m, n, k, how, NULL);
}

void kernel_few(float *c, int64_t ldc, const float *a, int64_t rsa, const float *b, int64_t pb,
                int64_t m, int64_t n, int64_t k, how_t how, const float *next, dtype_t type)
{
    if (type == BF16)
        product(few_pairs, c, ldc, a, rsa, UNIT, b, pb, NR, m, n, k, how, next);
    else
        product(few_singles, c, ldc, a, rsa, 1, b, pb, NR, m, n, k, how, next);
}
