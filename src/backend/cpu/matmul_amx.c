/* The three products of matmul.c on the matrix unit (amx.c), weights of bfloat16.

     forward    y[m,N]  = x w' + bias      rows of x      w's panels as they are held (pack.c)
     dx         dx[m,K] = dy w             rows of dy     blocks of w turned on the fly
     dw         dw[N,K] += dy' x           dy turned      panels of x

   All three are tiles of units times panels of units (factor.c); a task is a block of rows x columns of the result, and
   takes DEPTH units of the summed index at a time, so that its rows and panels stay in the second-level cache.  A sum
   goes on where memory left off: the cuts, by rows, columns, DEPTH or the number of threads, change no bit.
   Other scratch lies on the thread's stack, at most 800 kB. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"
#include <omp.h>

#define DEPTH 512
#define ROWS 512
#define COLS 448
#define DX_COLS 256

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Few rows: weights come from memory, and fastest as one long stream: a thread takes half of its even share of the panels
   that are left, again and again. */
static void stream(float *y, int64_t ldy, const factor_t *f, const pack_t *w, int64_t n0, int64_t n, const float *bias,
                   const float *plus, int64_t m)
{
    int64_t deep = w->units, panels = (n + NR - 1) / NR, threads = omp_get_max_threads(), taken = 0;
#pragma omp parallel if (m * n * w->k > 1 << 16)
    {
        for (;;) {
            int64_t from = __atomic_load_n(&taken, __ATOMIC_RELAXED), some;
            do
                some = (panels - from + 2 * threads - 1) / (2 * threads);
            while (some > 0 && !__atomic_compare_exchange_n(&taken, &from, from + some, 1, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
            if (some <= 0)
                break;
            int64_t j = from * NR, cols = least(some * NR, n - j);
            for (int64_t r = 0; bias && r < m; r++)
                memcpy(y + r * ldy + j, bias + j, (size_t)cols * 4);
            amx_product(y + j, ldy, f->a, f->ld, AMX_SIDE, w->panel + (n0 + j) * deep, deep * NR, m, cols, deep, bias != NULL, 1);
            product_plus(y + j, plus ? plus + j : NULL, ldy, m, cols);
        }
        amx_release();
    }
}

void amx_forward(float *y, int64_t ldy, const factor_t *x, const pack_t *w, int64_t n0, int64_t n, const float *bias,
                 const float *plus, int64_t m)
{
    int64_t rows, step, deep = w->units;
    if (m <= 2 * AMX_SIDE) {
        stream(y, ldy, x, w, n0, n, bias, plus, m);
        return;
    }
    product_cut(m, n, &rows, &step, ROWS, COLS, 2 * AMX_SIDE);
    int64_t nj = (n + step - 1) / step, tasks = (m + rows - 1) / rows * nj;
#pragma omp parallel if (m * n * w->k > 1 << 16)
    {
#pragma omp for schedule(dynamic)
        for (int64_t task = 0; task < tasks; task++) {
            int64_t i = task / nj * rows, j = task % nj * step, cols = least(step, n - j), mr = least(rows, m - i);
            float *to = y + i * ldy + j;
            for (int64_t r = 0; bias && r < mr; r++)
                memcpy(to + r * ldy, bias + j, (size_t)cols * 4);
            for (int64_t l = 0; l < deep; l += DEPTH)
                amx_product(to, ldy, x->a + i * x->ld + l * AMX_SIDE, x->ld, AMX_SIDE, w->panel + (n0 + j) * deep + l * NR, deep * NR,
                            mr, cols, least(DEPTH, deep - l), bias || l > 0, 1);
            product_plus(to, plus ? plus + i * ldy + j : NULL, ldy, mr, cols);
        }
        amx_release();
    }
}

void amx_dx(float *dx, const float *dy, int64_t lddy, const pack_t *w, int64_t n0, int64_t n, int64_t m, int add)
{
    int64_t rows, step, k = w->k, deep = ROUND_UP((n + 1) / 2, AMX_SIDE);
    product_cut(m, k, &rows, &step, 4 * ROWS, DX_COLS, 2 * AMX_SIDE);
    int64_t nj = (k + step - 1) / step, tasks = (m + rows - 1) / rows * nj;
    factor_t f = factor_rows(dy, lddy, m, n, BF16);
#pragma omp parallel if (m * n * k > 1 << 16)
    {
#pragma omp for schedule(dynamic)
        for (int64_t task = 0; task < tasks; task++) {
            int64_t i = task / nj * rows, j = task % nj * step, cols = least(step, k - j), mr = least(rows, m - i);
            LINES float panel[DEPTH * DX_COLS];
            for (int64_t l = 0; l < deep; l += DEPTH) {
                int64_t d = least(DEPTH, deep - l);
                pack_turn(panel, w, n0 + 2 * l, j, d, cols);
                amx_product(dx + i * k + j, k, f.a + i * f.ld + l * AMX_SIDE, f.ld, AMX_SIDE, panel, d * NR, mr, cols, d, add || l > 0, 0);
            }
        }
        amx_release();
    }
}

void amx_dw(float *dw, const float *dy, int64_t lddy, const float *x, int64_t m, int64_t n, int64_t k)
{
    int64_t rows, step, deep = ROUND_UP((m + 1) / 2, AMX_SIDE);
    product_cut(n, k, &rows, &step, ROWS, COLS, 2 * AMX_SIDE);
    int64_t nj = (k + step - 1) / step, tasks = (n + rows - 1) / rows * nj;
    factor_t fy = factor_turned(dy, lddy, m, n), fx = factor_panels(x, k, m, k);
#pragma omp parallel if (m * n * k > 1 << 16)
    {
#pragma omp for schedule(dynamic)
        for (int64_t task = 0; task < tasks; task++) {
            int64_t i = task / nj * rows, j = task % nj * step, cols = least(step, k - j), mr = least(rows, n - i);
            for (int64_t l = 0; l < deep; l += DEPTH)
                amx_product(dw + i * k + j, k, fy.a + i * fy.ld + l * AMX_SIDE, fy.ld, AMX_SIDE, fx.a + j / NR * fx.ld + l * NR, fx.ld, mr, cols,
                            least(DEPTH, deep - l), 1, 1);
        }
        amx_release();
    }
}
