/* The three products of a linear layer, w[N,K] as in Hugging Face's Linear.

     forward    y[m,N]  = x[m,K] w' + bias      w packed in panels once per update
     dx         dx[m,K] = dy[m,N] w             panels of w packed on the fly
     dw         dw[N,K] += dy'[N,m] x[m,K]      panels of x and rows of dy' packed on the fly

   All go through kernel_product: every element is a chain of FMAs in ascending order of the summed index, in steps
   of DEPTH so that a task's panels stay in the second-level cache.  The steps depend on that index alone, so how
   the rest is cut (below, also by the number of threads) cannot change a bit.  A task is a block of rows x columns
   of the result.  Packing on the fly costs one copy of an element of b per 2 ROWS flops: 1-2%.
   Rows of a whose stride is a multiple of 2 kB would fall into few sets of the first-level cache (8 ways, MR = 12
   rows): they are copied aside first.  Scratch lives on the thread's stack, at most 800 kB.

   Cost: 2 m N K flops each. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"
#include <omp.h>

#define DEPTH 384                /* steps of the summed index at a time */
#define ROWS 264                 /* rows of a task at most; a multiple of MR */
#define COLS 256                 /* at most, columns of a task */

pack_t *cpu_pack_new(int64_t n, int64_t k)
{
    pack_t *p = ALLOC(pack_t, 1);
    p->n = n;
    p->k = k;
    p->panel = mem_new(cpu_pack_bytes(n, k));
    return p;
}

void cpu_pack_free(pack_t *p)
{
    if (p)
        mem_free(p->panel);
    mem_free(p);
}

size_t cpu_pack_bytes(int64_t n, int64_t k)
{
    return (size_t)(ROUND_UP(n, NR) * k) * 4;
}

/* panel[j][k][NR] from w[N,K]: transposed VL x VL at a time. */
void cpu_pack_put(pack_t *p, buf_t w)
{
    const float *src = w.p;
    int64_t k = p->k;
#pragma omp parallel for schedule(static) if (p->n * k > 1 << 16)
    for (int64_t j = 0; j < p->n; j += VL) {
        float *dst = p->panel + j / NR * NR * k + j % NR;
        int64_t nj = p->n - j < VL ? p->n - j : VL;
        for (int64_t i = 0; i < k; i += VL) {
            vf x[VL];
            for (int l = 0; l < VL; l++)
                x[l] = l < nj ? vec_load_n(src + (j + l) * k + i, k - i) : (vf){0};
            vec_transpose(x);
            for (int l = 0; l < VL && i + l < k; l++)
                vec_store(dst + (i + l) * NR, x[l]);
        }
    }
}

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

/* y's block = bias + x w'. */
static void forward_task(float *y, const float *x, const float *panel, const float *bias, int64_t m, int64_t n,
                         int64_t cols, int64_t k)
{
    float aside[MR * (DEPTH + 16)];
    int64_t pb = k * NR;
    if (bias)
        for (int64_t i = 0; i < m; i++)
            memcpy(y + i * n, bias, (size_t)cols * 4);
    for (int64_t l = 0; l < k; l += DEPTH) {
        int64_t d = k - l < DEPTH ? k - l : DEPTH;
        int add = bias || l > 0;
        if (k % 512) {
            kernel_product(y, n, x + l, k, 1, panel + l * NR, pb, NR, m, cols, d, add);
            continue;
        }
        for (int64_t i = 0; i < m; i += MR) {
            int64_t mr = m - i < MR ? m - i : MR;
            for (int64_t r = 0; r < mr; r++)
                memcpy(aside + r * (DEPTH + 16), x + (i + r) * k + l, (size_t)d * 4);
            kernel_product(y + i * n, n, aside, DEPTH + 16, 1, panel + l * NR, pb, NR, mr, cols, d, add);
        }
    }
}

void cpu_matmul(buf_t y, buf_t x, const pack_t *w, buf_t bias, int64_t m)
{
    int64_t n = w->n, k = w->k, rows, step;
    task_cut(m, n, &rows, &step);
    int64_t nj = (n + step - 1) / step, tasks = (m + rows - 1) / rows * nj;
    float *yp = y.p;
    const float *xp = x.p, *bp = bias.p;
#pragma omp parallel for schedule(dynamic) if (m * n * k > 1 << 16)
    for (int64_t task = 0; task < tasks; task++) {
        int64_t i = task / nj * rows, j = task % nj * step;
        forward_task(yp + i * n + j, xp + i * k, w->panel + j * k, bp ? bp + j : NULL,
                     m - i < rows ? m - i : rows, n, n - j < step ? n - j : step, k);
    }
}

/* panel[cols/NR][d][NR] = columns [0,cols) of d rows of b, zero-padded. */
static void pack_rows(float *panel, const float *b, int64_t ldb, int64_t d, int64_t cols)
{
    for (int64_t j = 0; j < cols; j += VL) {
        float *dst = panel + j / NR * NR * d + j % NR;
        for (int64_t l = 0; l < d; l++)
            vec_store(dst + l * NR, vec_load_n(b + l * ldb + j, cols - j));
    }
    if (cols % NR && cols % NR <= VL)
        for (int64_t l = 0; l < d; l++)
            vec_store(panel + cols / NR * NR * d + l * NR + VL, (vf){0});
}

void cpu_matmul_dx(buf_t dx, buf_t dy, buf_t w, int64_t m, int64_t n, int64_t k)
{
    int64_t rows, step;
    task_cut(m, k, &rows, &step);
    int64_t nj = (k + step - 1) / step, tasks = (m + rows - 1) / rows * nj;
    float *dxp = dx.p;
    const float *dyp = dy.p, *wp = w.p;
#pragma omp parallel for schedule(dynamic) if (m * n * k > 1 << 16)
    for (int64_t task = 0; task < tasks; task++) {
        int64_t i0 = task / nj * rows, j = task % nj * step, cols = k - j < step ? k - j : step;
        int64_t m0 = m - i0 < rows ? m - i0 : rows;
        float panel[DEPTH * COLS], aside[MR * (DEPTH + 16)];
        for (int64_t l = 0; l < n; l += DEPTH) {
            int64_t d = n - l < DEPTH ? n - l : DEPTH;
            pack_rows(panel, wp + l * k + j, k, d, cols);
            for (int64_t i = i0; i < i0 + m0; i += MR) {
                int64_t mr = i0 + m0 - i < MR ? i0 + m0 - i : MR;
                const float *a = dyp + i * n + l;
                for (int64_t r = 0; n % 512 == 0 && r < mr; r++)
                    memcpy(aside + r * (DEPTH + 16), a + r * n, (size_t)d * 4);
                kernel_product(dxp + i * k + j, k, n % 512 ? a : aside, n % 512 ? n : DEPTH + 16, 1,
                               panel, d * NR, NR, mr, cols, d, l > 0);
            }
        }
    }
}

/* aside[block of MR columns][d][MR] = columns [0,cols) of d rows of a: dy' by rows of the result. */
static void pack_cols(float *aside, const float *a, int64_t lda, int64_t d, int64_t cols)
{
    for (int64_t l = 0; l < d; l++) {
        for (int64_t i = 0; i < cols; i += 16)              /* rows far apart: no hardware prefetcher follows */
            __builtin_prefetch(a + (l + 12 < d ? l + 12 : l) * lda + i);
        for (int64_t i = 0; i < cols; i += MR) {
            float *dst = aside + (i * d + l * MR);
            if (cols - i >= MR)
                memcpy(dst, a + l * lda + i, MR * 4);
            else
                memcpy(dst, a + l * lda + i, (size_t)(cols - i) * 4);
        }
    }
}

void cpu_matmul_dw(buf_t dw, buf_t dy, buf_t x, int64_t m, int64_t n, int64_t k)
{
    int64_t rows, step;
    task_cut(n, k, &rows, &step);
    int64_t nj = (k + step - 1) / step, tasks = (n + rows - 1) / rows * nj;
    float *dwp = dw.p;
    const float *dyp = dy.p, *xp = x.p;
#pragma omp parallel for schedule(dynamic) if (m * n * k > 1 << 16)
    for (int64_t task = 0; task < tasks; task++) {
        int64_t i0 = task / nj * rows, j = task % nj * step, cols = k - j < step ? k - j : step;
        int64_t n0 = n - i0 < rows ? n - i0 : rows;
        float panel[DEPTH * COLS], aside[DEPTH * ROWS];
        for (int64_t l = 0; l < m; l += DEPTH) {
            int64_t d = m - l < DEPTH ? m - l : DEPTH;
            pack_rows(panel, xp + l * k + j, k, d, cols);
            pack_cols(aside, dyp + l * n + i0, n, d, n0);
            for (int64_t i = 0; i < n0; i += MR)
                kernel_product(dwp + (i0 + i) * k + j, k, aside + i * d, 1, MR, panel, d * NR, NR,
                               n0 - i < MR ? n0 - i : MR, cols, d, 1);
        }
    }
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
