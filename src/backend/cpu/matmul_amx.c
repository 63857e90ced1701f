/* The three products of matmul.c on the matrix unit (amx.c), weights of bfloat16.

     forward    y[m,N]  = x w' + bias      rows of x      w's panels as they are held (pack.c)
     dx         dx[m,K] = dy w             rows of dy     blocks of w turned on the fly
     dw         dw[N,K] += dy' x           dy turned      panels of x

   All three are tiles of units times panels of units (factor.c); a task is a block of rows x
   columns of the result, and takes DEPTH units of the summed index at a time, so that its rows and
   panels stay in the second-level cache.  A sum goes on where memory left off: the cuts, by rows,
   columns, DEPTH or the number of threads, change no bit. Other scratch lies on the thread's stack,
   at most 800 kB. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"
#include <omp.h>

#define DEPTH   512
#define DX_COLS 256

void amx_forward(float *y, int64_t ldy, const factor_t *x, int64_t i, const pack_t *w, int64_t n0,
                 int64_t m, int64_t cols, int add)
{
    /* few rows: a panel from its beginning to its end */
    int64_t deep = w->units, depth = m > 2 * AMX_SIDE ? DEPTH : deep;
    for (int64_t l = 0; l < deep; l += depth)
        amx_product(y, ldy, x->a + i * x->ld + l * AMX_SIDE, x->ld, AMX_SIDE,
                    w->panel + n0 * deep + l * NR, deep * NR, m, cols, least(depth, deep - l),
                    add || l > 0, 1);
}

void amx_dx(float *dx, const float *dy, int64_t lddy, const pack_t *w, int64_t n0, int64_t n,
            int64_t m, int add)
{
    int64_t rows, step, k = w->k, deep = ROUND_UP((n + 1) / 2, AMX_SIDE);
    product_cut(m, k, &rows, &step, 4 * AMX_ROWS, DX_COLS, 2 * AMX_SIDE);
    int64_t nj = (k + step - 1) / step, tasks = (m + rows - 1) / rows * nj;
    factor_t f = factor_rows(dy, lddy, m, n, BF16);
#pragma omp parallel if (m * n * k > 1 << 16)
    {
#pragma omp for schedule(dynamic)
        for (int64_t task = 0; task < tasks; task++) {
            int64_t i = task / nj * rows, j = task % nj * step, cols = least(step, k - j),
                    mr = least(rows, m - i);
            LINES float panel[DEPTH * DX_COLS];
            for (int64_t l = 0; l < deep; l += DEPTH) {
                int64_t d = least(DEPTH, deep - l);
                pack_turn(panel, w, n0 + 2 * l, j, d, cols);
                amx_product(dx + i * k + j, k, f.a + i * f.ld + l * AMX_SIDE, f.ld, AMX_SIDE, panel,
                            d * NR, mr, cols, d, add || l > 0, 0);
            }
        }
        amx_release();
    }
}

void amx_dw(float *dw, const float *dy, int64_t lddy, const float *x, int64_t m, int64_t n,
            int64_t k)
{
    int64_t rows, step, deep = ROUND_UP((m + 1) / 2, AMX_SIDE);
    product_cut(n, k, &rows, &step, AMX_ROWS, AMX_COLS, 2 * AMX_SIDE);
    int64_t nj = (k + step - 1) / step, tasks = (n + rows - 1) / rows * nj;
    factor_t fy = factor_turned(dy, lddy, m, n), fx = factor_panels(x, k, m, k);
#pragma omp parallel if (m * n * k > 1 << 16)
    {
#pragma omp for schedule(dynamic)
        for (int64_t task = 0; task < tasks; task++) {
            int64_t i = task / nj * rows, j = task % nj * step, cols = least(step, k - j),
                    mr = least(rows, n - i);
            for (int64_t l = 0; l < deep; l += DEPTH)
                amx_product(dw + i * k + j, k, fy.a + i * fy.ld + l * AMX_SIDE, fy.ld, AMX_SIDE,
                            fx.a + j / NR * fx.ld + l * NR, fx.ld, mr, cols, least(DEPTH, deep - l),
                            1, 1);
        }
        amx_release();
    }
}
