/* The three products of a linear layer, w[N,K] as in Hugging Face's Linear.

     forward    y[m,N]  = x[m,K] w' + bias      w in panels (pack.c)
     dx         dx[m,K] = dy[m,N] w             blocks of w turned on the fly
     dw         dw[N,K] += dy'[N,m] x[m,K]      panels of x and rows of dy' packed on the fly

   Where w is of float32 the factors are; where it is of bfloat16 the other factor is rounded to
   bfloat16 first, once, into units of two (scratch: product_bytes), for a register then holds twice
   as many, where the processor multiplies those; sums are float32 always.

   All go through kernel.c: every element is a chain of FMAs in ascending order of the summed index,
   in steps of DEPTH units so that a task's panels stay in the second-level cache.  The steps depend
   on that index alone, so how the rest is cut (below, also by the number of threads) cannot change
   a bit.  A task is a block of rows x columns of the result, dealt out as share.c says.  Packing on
   the fly costs one copy of an element of b per 2 ROWS flops: 1-3%. Rows of float32 whose stride is
   a multiple of 2 kB would fall into few sets of the first-level cache (8 ways, MR = 12 rows): they
   are copied aside first.  Few rows (decoding) take one panel after the other from its beginning to
   its end, so that weights stream from memory in the order in which they lie there. Other scratch
   lies on the thread's stack, at most 900 kB.

   Cost: 2 m N K flops each. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"
#include <omp.h>

#define DEPTH 384 /* units of the summed index at a time, */
#ifndef PAIRS
#define PAIRS 512 /* and units of bfloat16: an even number of them in COLS of head.c */
#endif
#define ROWS 264 /* rows of a task at most; a multiple of MR */
#define TALL \
    528 /* the same of the forward, and of dx where w is of bfloat16: a panel comes from memory while the first
                                    MR rows are at work */
#define COLS 256 /* at most, columns of a task */
#define PAIRS_COLS \
    (MR == 12 ? 256 : 128)    /* and of bfloat16, where a second-level cache may have 256 kB */
#define ASIDE    (DEPTH + 16) /* stride of rows that were copied aside */
#define DW_DEPTH 192          /* the same for dw of bfloat16, where packing weighs twice as much */
#define DW_ROWS  396
#define DW_COLS  384
#define MANY     (2 << 20) /* results that no cache holds */
#define FEW      12        /* rows that a panel is read once for */

/* How m x n results are cut: even blocks of rows, tall because a block streams its panels once, but
   one for every thread where they stay tall, because every task copies its rows aside; then columns
   so that every thread has a few tasks; of near widths the one that keeps all threads busy to the
   end. */
void product_cut(int64_t m, int64_t n, int64_t *rows, int64_t *cols, int64_t most_rows,
                 int64_t most_cols, int64_t side)
{
    int64_t threads = omp_get_max_threads(), blocks = (m + most_rows - 1) / most_rows;
    while (blocks < threads && m / blocks >= 8 * side)
        blocks *= 2;
    while (blocks * (n / NR) < 2 * threads && m / blocks > 4 * side)
        blocks *= 2;
    *rows = ROUND_UP((m + blocks - 1) / blocks, side);
    int64_t want = ROUND_UP((n * blocks + 4 * threads - 1) / (4 * threads), NR),
            least = m < side ? 4 * NR : NR;
    want = want < least ? least : want > most_cols ? most_cols : want;
    *cols = want;
    blocks = (m + *rows - 1) / *rows;
    for (int64_t c = want, best = INT64_MAX; c >= least && 2 * c > want; c -= NR) {
        int64_t rounds = (blocks * ((n + c - 1) / c) + threads - 1) / threads;
        if (rounds * c < best) {
            best = rounds * c;
            *cols = c;
        }
    }
}

/* Units that are summed at a time. */
static int64_t depth_of(dtype_t type)
{
    return type == BF16 ? PAIRS : DEPTH;
}

static int64_t most_cols(dtype_t type)
{
    return type == BF16 ? PAIRS_COLS : COLS;
}

/* Units [l, l+d) of mr rows from row i on, aside where their stride is bad. */
static const float *rows_of(float *aside, const factor_t *f, int64_t i, int64_t mr, int64_t l,
                            int64_t d, int64_t *ld, dtype_t type)
{
    *ld = f->ld;
    if (type == BF16)
        return f->a + i * f->ld + l * UNIT;
    const float *a = f->a + i * f->ld + l;
    if (f->ld % 512)
        return a;
    *ld = ASIDE;
    for (int64_t r = 0; r < mr; r++)
        memcpy(aside + r * ASIDE, a + r * f->ld, (size_t)d * 4);
    return aside;
}

INLINE void product(float *c, int64_t ldc, const float *a, int64_t rsa, int64_t csa, const float *b,
                    int64_t pb, int64_t m, int64_t n, int64_t k, how_t how, dtype_t type)
{
    (type == BF16 ? kernel_pairs : kernel_product)(c, ldc, a, rsa, type == BF16 ? csa * UNIT : csa,
                                                   b, pb, NR, m, n, k, how);
}

/* How the first share of a sum goes to its m x n results: past the caches if they are many and it
   is the only one. */
static how_t first_share(int64_t m, int64_t n, int64_t units, int64_t depth)
{
    return m * n >= MANY && units <= depth ? STREAM : STORE;
}

/* Columns that few rows take at a time: whole tiles of theirs (kernel.c). */
static int64_t few_cols(int64_t m, dtype_t type)
{
#if MR == 12
    (void)m, (void)type;
    return NR;
#else
    static const int64_t panels[2][FEW + 1] = {{0, 1, 1, 1, 3, 1, 1, 3, 3, 3, 1, 1, 1},
                                               {0, 1, 3, 3, 3, 1, 1, 3, 3, 3, 1, 1, 1}};
    return panels[type == BF16][m] * NR;
#endif
}

/* Of one or two rows of float32 the processor's own prefetch is the better one. */
static int few_fetch(int64_t m, dtype_t type)
{
    return type == BF16 || m > 2;
}

typedef struct { /* y = x w' + bias + plus, with rows of w from n0 on */
    float *y;
    int64_t ldy, n0;
    const factor_t *x;
    const pack_t *w;
    const float *bias, *plus;
    int amx;
    how_t first;
} forward_t;

/* Rows i .. i+m and columns j .. j+cols of y. */
static void forward_task(const forward_t *f, int64_t i, int64_t m, int64_t j, int64_t cols)
{
    float *y = f->y + i * f->ldy + j;
    const pack_t *w = f->w;
    int few = m <= FEW;
    int64_t units = w->units, depth = depth_of(w->type), wide = few ? few_cols(m, w->type) : cols,
            step = few ? FEW : MR;
    for (int64_t r = 0; f->bias && r < m; r++)
        memcpy(y + r * f->ldy, f->bias + j, (size_t)cols * 4);
    if (f->amx)
        amx_forward(y, f->ldy, f->x, i, w, f->n0 + j, m, cols, f->bias != NULL);
    for (int64_t c = 0; c < cols && !f->amx; c += wide)
        for (int64_t l = 0; l < units; l += depth) {
            int64_t d = least(depth, units - l), n = least(wide, cols - c);
            const float *panel = w->panel + (f->n0 + j + c) * units + l * NR;
            how_t how = l ? ADD : f->first;
            for (int64_t r = 0; r < m; r += step) {
                float aside[FEW * ASIDE], *to = y + r * f->ldy + c;
                int64_t mr = least(step, m - r), ld;
                const float *a = rows_of(aside, f->x, i + r, mr, l, d, &ld, w->type);
                const float *next = panel + (l + d < units ? d * NR : wide * units - l * NR);
                if (few)
                    kernel_few(to, f->ldy, a, ld, panel, units * NR, mr, n, d, how,
                               few_fetch(m, w->type) ? next : NULL, w->type);
                else
                    product(to, f->ldy, a, ld, 1, panel, units * NR, mr, n, d, how, w->type);
            }
        }
    if (f->first == STREAM)
        vec_streamed();
    for (int64_t r = 0; f->plus && r < m; r++)
        for (int64_t c = 0; c < cols; c += VL) {
            float *p = y + r * f->ldy + c;
            vec_store_n(p,
                        vec_load_n(p, cols - c) +
                            vec_load_n(f->plus + (i + r) * f->ldy + j + c, cols - c),
                        cols - c);
        }
}

void product_forward(float *y, int64_t ldy, const factor_t *x, const pack_t *w, int64_t n0,
                     int64_t n, const float *bias, const float *plus, int64_t m)
{
    forward_t f = {y, ldy, n0, x, w, bias, plus, w->type == BF16 && amx_here(), STORE};
    f.first = bias ? ADD : plus ? STORE : first_share(m, n, w->units, depth_of(w->type));
    int few = m <= (f.amx ? 2 * AMX_SIDE : FEW);
    int64_t rows = m, step = n, some_cols = f.amx ? NR : few_cols(least(m, FEW), w->type);
    if (!few)
        product_cut(m, n, &rows, &step, f.amx ? AMX_ROWS : TALL,
                    f.amx ? AMX_COLS : most_cols(w->type), f.amx ? 2 * AMX_SIDE : MR);
    int64_t nj = (n + step - 1) / step;
    shares_t shares = share_out(few ? (n + some_cols - 1) / some_cols : (m + rows - 1) / rows * nj);
#pragma omp parallel if (m * n * w->k > 1 << 16)
    {
        for (int64_t first, some; (some = share_next(&shares, &first)) > 0;) {
            if (few)
                forward_task(&f, 0, m, first * some_cols,
                             least(some * some_cols, n - first * some_cols));
            for (int64_t task = first; !few && task < first + some; task++) {
                int64_t i = task / nj * rows, j = task % nj * step;
                forward_task(&f, i, least(rows, m - i), j, least(step, n - j));
            }
        }
        if (f.amx)
            amx_release();
    }
}

void cpu_matmul(buf_t y, buf_t x, const pack_t *w, buf_t bias, int64_t m)
{
    factor_t f = factor_rows(x.p, w->k, m, w->k, w->type);
    product_forward(y.p, w->n, &f, w, 0, w->n, bias.p, NULL, m);
}

void cpu_matmul_add(buf_t y, buf_t x, const pack_t *w, buf_t plus, int64_t m)
{
    factor_t f = factor_rows(x.p, w->k, m, w->k, w->type);
    product_forward(y.p, w->n, &f, w, 0, w->n, NULL, plus.p, m);
}

void cpu_matmul_swiglu(buf_t y, buf_t gu, const pack_t *w, buf_t plus, buf_t work, int64_t m)
{
    factor_t f = factor_swiglu(gu.p, work.p, m, w->k, w->type);
    product_forward(y.p, w->n, &f, w, 0, w->n, NULL, plus.p, m);
}

typedef struct { /* dx (+)= dy w, of w's rows from n0 on */
    float *dx;
    const factor_t *dy;
    const pack_t *w;
    int64_t n0, deep, depth; /* units that are summed, and at a time */
    how_t first;
} dx_t;

static void dx_task(const dx_t *c, int64_t i0, int64_t m, int64_t j, int64_t cols)
{
    const pack_t *w = c->w;
    float panel[(PAIRS > DEPTH ? PAIRS : DEPTH) * COLS], aside[MR * ASIDE];
    for (int64_t l = 0; l < c->deep; l += c->depth) {
        int64_t d = least(c->depth, c->deep - l);
        pack_turn(panel, w, c->n0 + l * units_per(w->type), j, d, cols);
        for (int64_t i = i0; i < i0 + m; i += MR) {
            int64_t mr = least(MR, i0 + m - i), ld;
            const float *a = rows_of(aside, c->dy, i, mr, l, d, &ld, w->type);
            product(c->dx + i * w->k + j, w->k, a, ld, 1, panel, d * NR, mr, cols, d,
                    l ? ADD : c->first, w->type);
        }
    }
    if (c->first == STREAM)
        vec_streamed();
}

void product_dx(float *dx, const float *dy, int64_t lddy, const pack_t *w, int64_t n0, int64_t n,
                int64_t m, int add)
{
    if (w->type == BF16 && amx_here()) {
        amx_dx(dx, dy, lddy, w, n0, n, m, add);
        return;
    }
    int64_t rows, step, k = w->k, per = units_per(w->type), deep = (n + per - 1) / per,
                        depth = depth_of(w->type);
    product_cut(m, k, &rows, &step, w->type == BF16 ? TALL : ROWS, most_cols(w->type), MR);
    int64_t nj = (k + step - 1) / step;
    factor_t f = factor_rows(dy, lddy, m, n, w->type);
    dx_t c = {dx, &f, w, n0, deep, depth, add ? ADD : first_share(m, k, deep, depth)};
    shares_t shares = share_out((m + rows - 1) / rows * nj);
#pragma omp parallel if (m * n * k > 1 << 16)
    for (int64_t first, some; (some = share_next(&shares, &first)) > 0;)
        for (int64_t task = first; task < first + some; task++) {
            int64_t i = task / nj * rows, j = task % nj * step;
            dx_task(&c, i, least(rows, m - i), j, least(step, k - j));
        }
}

void cpu_matmul_dx(buf_t dx, buf_t dy, const pack_t *w, int64_t m)
{
    product_dx(dx.p, dy.p, w->n, w, 0, w->n, m, 0);
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

/* MR units of which n are there, as a product's other factor: in UNIT rows of MR. */
INLINE void put_units(float *to, const float *a, int64_t n)
{
    vf x[(MR + VL - 1) / VL];
    for (int i = 0; i < MR; i += VL)
        x[i / VL] = vec_load_some(a + i, n - i);
#pragma GCC unroll 2
    for (int h = 0; h < UNIT; h++)
        for (int i = 0; i < MR; i += VL) {
            vf y = UNIT == 1 ? x[i / VL] : h ? vec_odd(x[i / VL]) : vec_even(x[i / VL]);
            memcpy(to + h * MR + i, &y, (MR - i < VL ? MR - i : VL) * sizeof(float));
        }
}

/* aside[block of MR columns][d][MR] = columns [0,cols) of d rows of a: dy' by rows of the
   result. */
INLINE void pack_cols(float *aside, const float *a, int64_t lda, int64_t d, int64_t cols,
                      dtype_t type)
{
    for (int64_t l = 0; l < d; l++) {
        for (int64_t i = 0; i < cols; i += 16) /* rows far apart: no hardware prefetcher follows */
            __builtin_prefetch(a + (l + 12 < d ? l + 12 : l) * lda + i);
        for (int64_t i = 0; i < cols; i += MR) {
            const float *from = a + l * lda + i;
            int64_t n = least(MR, cols - i);
            if (type == BF16 && UNIT == 2)
                put_units(aside + (i * d + l * MR) * UNIT, from, n);
            else if (n == MR)
                memcpy(aside + i * d + l * MR, from, MR * 4);
            else
                memcpy(aside + i * d + l * MR, from, (size_t)n * 4);
        }
    }
}

/* One block of dw: rows i0 .. i0+n0, columns j .. j+cols; the scratch holds depth rows of each. */
INLINE void dw_task(float *dw, int64_t k, const factor_t *dy, const factor_t *x, int64_t i0,
                    int64_t n0, int64_t j, int64_t cols, int64_t deep, float *panel, float *aside,
                    int64_t depth, dtype_t type)
{
    for (int64_t l = 0; l < deep; l += depth) {
        int64_t d = deep - l < depth ? deep - l : depth;
        pack_rows(panel, x->a + l * x->ld + j, x->ld, d, cols);
        pack_cols(aside, dy->a + l * dy->ld + i0, dy->ld, d, n0, type);
        for (int64_t i = 0; i < n0; i += MR)
            product(dw + (i0 + i) * k + j, k, aside + i * d * (type == BF16 ? UNIT : 1), 1, MR,
                    panel, d * NR, n0 - i < MR ? n0 - i : MR, cols, d, ADD, type);
    }
}

void product_dw(float *dw, const float *dy, int64_t lddy, const float *x, int64_t m, int64_t n,
                int64_t k, dtype_t type)
{
    if (type == BF16 && amx_here()) {
        amx_dw(dw, dy, lddy, x, m, n, k);
        return;
    }
    int64_t rows, step, per = units_per(type), deep = (m + per - 1) / per;
    product_cut(n, k, &rows, &step, type == BF16 ? DW_ROWS : ROWS, type == BF16 ? DW_COLS : COLS,
                MR);
    int64_t nj = (k + step - 1) / step;
    factor_t fy = factor_across(dy, lddy, m, n, type, 0), fx = factor_across(x, k, m, k, type, 1);
    shares_t shares = share_out((n + rows - 1) / rows * nj);
#pragma omp parallel if (m * n * k > 1 << 16)
    for (int64_t first, some; (some = share_next(&shares, &first)) > 0;)
        for (int64_t task = first; task < first + some; task++) {
            int64_t i = task / nj * rows, j = task % nj * step, cols = least(step, k - j),
                    n0 = least(rows, n - i);
            if (type == BF16) {
                float panel[DW_DEPTH * DW_COLS], aside[DW_DEPTH * DW_ROWS * UNIT];
                dw_task(dw, k, &fy, &fx, i, n0, j, cols, deep, panel, aside, DW_DEPTH, BF16);
            } else {
                float panel[DEPTH * COLS], aside[DEPTH * ROWS];
                dw_task(dw, k, &fy, &fx, i, n0, j, cols, deep, panel, aside, DEPTH, F32);
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
