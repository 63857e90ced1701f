/* The three products of a linear layer, w[N,K] as in Hugging Face's Linear.

     forward    y[m,N]  = x[m,K] w' + bias      w in panels (pack.c)
     dx         dx[m,K] = dy[m,N] w             blocks of w turned on the fly
     dw         dw[N,K] += dy'[N,m] x[m,K]      panels of x and rows of dy' packed on the fly

   Where w is of float32 the factors are; where it is of bfloat16 the other factor is rounded to bfloat16 on its way into
   a task, for one row of the processor's registers then holds twice as many; sums are float32 always.

   All go through kernel.c: every element is a chain of FMAs in ascending order of the summed index, in steps
   of DEPTH units so that a task's panels stay in the second-level cache.  The steps depend on that index alone, so how
   the rest is cut (below, also by the number of threads) cannot change a bit.  A task is a block of rows x columns
   of the result.  Packing on the fly costs one copy of an element of b per 2 ROWS flops: 1-3%.
   Rows of a whose stride is a multiple of 2 kB would fall into few sets of the first-level cache (8 ways, MR = 12
   rows): they are copied aside first.  Scratch lives on the thread's stack, at most 800 kB.

   Cost: 2 m N K flops each. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"
#include <omp.h>

#define DEPTH 384                /* units of the summed index at a time */
#define ROWS 264                 /* rows of a task at most; a multiple of MR */
#define COLS 256                 /* at most, columns of a task */
#define ASIDE (DEPTH + 16)       /* stride of rows that were copied aside */

/* How m x n results are cut: even blocks of rows, tall because a block streams its panels once, but one for every
   thread where they stay tall, because every task copies its rows aside; then columns so that every thread has a
   few tasks. */
static void task_cut(int64_t m, int64_t n, int64_t *rows, int64_t *cols)
{
    int64_t threads = omp_get_max_threads(), blocks = (m + ROWS - 1) / ROWS;
    while (blocks < threads && m / blocks >= 8 * MR)
        blocks *= 2;
    while (blocks * (n / NR) < 2 * threads && m / blocks > 4 * MR)
        blocks *= 2;
    *rows = ROUND_UP((m + blocks - 1) / blocks, MR);
    int64_t want = ROUND_UP((n * blocks + 4 * threads - 1) / (4 * threads), NR), least = m < MR ? 4 * NR : NR;
    *cols = want < least ? least : want > COLS ? COLS : want;
}

INLINE void product(float *c, int64_t ldc, const float *a, int64_t rsa, int64_t csa, const float *b, int64_t pb,
                    int64_t m, int64_t n, int64_t k, int add, dtype_t type)
{
    (type == BF16 ? kernel_pairs : kernel_product)(c, ldc, a, rsa, csa, b, pb, NR, m, n, k, add);
}

/* Elements [first, first + n) of mr rows of a, as units: in place, or aside where they must be converted or moved. */
static const float *units(float *aside, const float *a, int64_t lda, int64_t mr, int64_t n, dtype_t type, int64_t *ld)
{
    *ld = ASIDE;
    if (type == F32 && lda % 512) {
        *ld = lda;
        return a;
    }
    for (int64_t r = 0; r < mr; r++) {
        const float *s = a + r * lda;
        float *to = aside + r * ASIDE;
        if (type == F32)
            memcpy(to, s, (size_t)n * 4);
        else
            for (int64_t i = 0; i < n; i += 2 * VL)
                vec_store(to + i / 2, vec_pairs(vec_load_n(s + i, n - i), i + VL < n ? vec_load_n(s + i + VL, n - i - VL)
                                                                                     : (vf){0}));
    }
    return aside;
}

/* Elements in a unit. */
static int64_t per_unit(dtype_t type)
{
    return type == BF16 ? 2 : 1;
}

/* y's block = bias + x w', rows of w from row n0 on. */
static void forward_task(float *y, int64_t ldy, const float *x, const pack_t *w, int64_t n0, const float *bias,
                         int64_t m, int64_t cols)
{
    float aside[MR * ASIDE];
    int64_t per = per_unit(w->type), k = w->k;
    const float *panel = w->panel + n0 * w->units;
    if (bias)
        for (int64_t i = 0; i < m; i++)
            memcpy(y + i * ldy, bias, (size_t)cols * 4);
    for (int64_t l = 0; l < w->units; l += DEPTH) {
        int64_t d = w->units - l < DEPTH ? w->units - l : DEPTH, left = k - l * per, n = left < d * per ? left : d * per;
        for (int64_t i = 0; i < m; i += MR) {
            int64_t mr = m - i < MR ? m - i : MR, ld;
            const float *a = units(aside, x + i * k + l * per, k, mr, n, w->type, &ld);
            product(y + i * ldy, ldy, a, ld, 1, panel + l * NR, w->units * NR, mr, cols, d, bias || l > 0, w->type);
        }
    }
}

void product_forward(float *y, int64_t ldy, const float *x, const pack_t *w, int64_t n0, int64_t n, const float *bias,
                     int64_t m)
{
    int64_t rows, step;
    task_cut(m, n, &rows, &step);
    int64_t nj = (n + step - 1) / step, tasks = (m + rows - 1) / rows * nj;
#pragma omp parallel for schedule(dynamic) if (m * n * w->k > 1 << 16)
    for (int64_t task = 0; task < tasks; task++) {
        int64_t i = task / nj * rows, j = task % nj * step;
        forward_task(y + i * ldy + j, ldy, x + i * w->k, w, n0 + j, bias ? bias + j : NULL, m - i < rows ? m - i : rows,
                     n - j < step ? n - j : step);
    }
}

void cpu_matmul(buf_t y, buf_t x, const pack_t *w, buf_t bias, int64_t m)
{
    product_forward(y.p, w->n, x.p, w, 0, w->n, bias.p, m);
}

void product_dx(float *dx, const float *dy, int64_t lddy, const pack_t *w, int64_t n0, int64_t n, int64_t m, int add)
{
    int64_t rows, step, k = w->k, per = per_unit(w->type), deep = (n + per - 1) / per;
    task_cut(m, k, &rows, &step);
    int64_t nj = (k + step - 1) / step, tasks = (m + rows - 1) / rows * nj;
#pragma omp parallel for schedule(dynamic) if (m * n * k > 1 << 16)
    for (int64_t task = 0; task < tasks; task++) {
        int64_t i0 = task / nj * rows, j = task % nj * step, cols = k - j < step ? k - j : step;
        int64_t end = m - i0 < rows ? m : i0 + rows;
        float panel[DEPTH * COLS], aside[MR * ASIDE];
        for (int64_t l = 0; l < deep; l += DEPTH) {
            int64_t d = deep - l < DEPTH ? deep - l : DEPTH, left = n - l * per, e = left < d * per ? left : d * per;
            pack_turn(panel, w, n0 + l * per, j, d, cols);
            for (int64_t i = i0; i < end; i += MR) {
                int64_t mr = end - i < MR ? end - i : MR, ld;
                const float *a = units(aside, dy + i * lddy + l * per, lddy, mr, e, w->type, &ld);
                product(dx + i * k + j, k, a, ld, 1, panel, d * NR, mr, cols, d, add || l > 0, w->type);
            }
        }
    }
}

void cpu_matmul_dx(buf_t dx, buf_t dy, const pack_t *w, int64_t m)
{
    product_dx(dx.p, dy.p, w->n, w, 0, w->n, m, 0);
}

/* Row l of b; of pairs, rows 2 l and 2 l + 1 of the `rows` there are. */
INLINE vf rows_at(const float *b, int64_t ldb, int64_t l, int64_t rows, int64_t left, const int pairs)
{
    if (!pairs)
        return vec_load_n(b + l * ldb, left);
    vf even = vec_load_n(b + 2 * l * ldb, left);
    return vec_pair(even, 2 * l + 1 < rows ? vec_load_n(b + (2 * l + 1) * ldb, left) : (vf){0});
}

/* panel[cols/NR][d][NR] = columns [0,cols) of the d units of b's rows, zero-padded. */
INLINE void pack_rows(float *panel, const float *b, int64_t ldb, int64_t rows, int64_t d, int64_t cols, const int pairs)
{
    for (int64_t j = 0; j < cols; j += VL) {
        float *dst = panel + j / NR * NR * d + j % NR;
        for (int64_t l = 0; l < d; l++)
            vec_store(dst + l * NR, rows_at(b + j, ldb, l, rows, cols - j, pairs));
    }
    if (cols % NR && cols % NR <= VL)
        for (int64_t l = 0; l < d; l++)
            vec_store(panel + cols / NR * NR * d + l * NR + VL, (vf){0});
}

/* aside[block of MR columns][d][MR] = columns [0,cols) of the d units of a's rows: dy' by rows of the result. */
INLINE void pack_cols(float *aside, const float *a, int64_t lda, int64_t rows, int64_t d, int64_t cols, const int pairs)
{
    float line[ROWS + VL];
    for (int64_t l = 0; l < d; l++) {
        const float *from = a + l * lda;
        int64_t ahead = (l + 12 < d ? l + 12 : l) * (1 + pairs);
        for (int64_t i = 0; i < cols; i += 16) {            /* rows far apart: no hardware prefetcher follows */
            __builtin_prefetch(a + ahead * lda + i);
            if (pairs)
                __builtin_prefetch(a + (ahead + (ahead + 1 < rows)) * lda + i);
        }
        if (pairs) {
            for (int64_t i = 0; i < cols; i += VL)
                vec_store(line + i, rows_at(a + i, lda, l, rows, cols - i, 1));
            from = line;
        }
        for (int64_t i = 0; i < cols; i += MR) {
            float *dst = aside + (i * d + l * MR);
            if (cols - i >= MR)
                memcpy(dst, from + i, MR * 4);
            else
                memcpy(dst, from + i, (size_t)(cols - i) * 4);
        }
    }
}

void product_dw(float *dw, const float *dy, int64_t lddy, const float *x, int64_t m, int64_t n, int64_t k, dtype_t type)
{
    int64_t rows, step, per = per_unit(type), deep = (m + per - 1) / per;
    task_cut(n, k, &rows, &step);
    int64_t nj = (k + step - 1) / step, tasks = (n + rows - 1) / rows * nj;
#pragma omp parallel for schedule(dynamic) if (m * n * k > 1 << 16)
    for (int64_t task = 0; task < tasks; task++) {
        int64_t i0 = task / nj * rows, j = task % nj * step, cols = k - j < step ? k - j : step;
        int64_t n0 = n - i0 < rows ? n - i0 : rows;
        float panel[DEPTH * COLS], aside[DEPTH * ROWS];
        for (int64_t l = 0; l < deep; l += DEPTH) {
            int64_t d = deep - l < DEPTH ? deep - l : DEPTH, first = l * per, have = m - first;
            if (type == BF16) {
                pack_rows(panel, x + first * k + j, k, have, d, cols, 1);
                pack_cols(aside, dy + first * lddy + i0, lddy, have, d, n0, 1);
            } else {
                pack_rows(panel, x + first * k + j, k, have, d, cols, 0);
                pack_cols(aside, dy + first * lddy + i0, lddy, have, d, n0, 0);
            }
            for (int64_t i = 0; i < n0; i += MR)
                product(dw + (i0 + i) * k + j, k, aside + i * d, 1, MR, panel, d * NR, n0 - i < MR ? n0 - i : MR, cols, d,
                        1, type);
        }
    }
}

void cpu_matmul_dw(buf_t dw, buf_t dy, buf_t x, int64_t m, int64_t n, int64_t k)
{
    product_dw(dw.p, dy.p, n, x.p, m, n, k, F32);
}

void cpu_matmul_dw_bf16(buf_t dw, buf_t dy, buf_t x, int64_t m, int64_t n, int64_t k)
{
    product_dw(dw.p, dy.p, n, x.p, m, n, k, BF16);
}

void cpu_bias_back(buf_t db, buf_t dy, int64_t m, int64_t n)
{
    float *dbp = db.p;
    const float *dyp = dy.p;
#pragma omp parallel for schedule(static) if (m * n > 1 << 16)
    for (int64_t j = 0; j < n; j += VL) {
        vf s = {0};
        for (int64_t i = 0; i < m; i++)
            s += vec_load_n(dyp + i * n + j, n - j);
        vec_store_n(dbp + j, vec_load_n(dbp + j, n - j) + s, n - j);
    }
}
