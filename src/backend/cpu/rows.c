/* Operations on rows (tokens): RMSNorm, rotary positions, SwiGLU, residual add, gather,
   scatter-add.

   RMSNorm (Zhang & Sennrich 2019):  y = x r w,  r = 1/sqrt(mean(x^2) + eps).  Backward, with g = dy
   w:
       dx += r g - x r^3 mean(g x),   dw += sum over rows of dy x r.
   Norms of heads (Qwen3) are RMSNorms of D elements of a row, all heads with the same weight.
   Rotary positions (Su et al. 2021), halves convention: the pair (x_i, x_{i+D/2}) is turned by the
   angle of its position; the backward turns back.
   SwiGLU (Shazeer 2020):  y = g s(g) u,  s the logistic function.

   A row is always one thread's, and its sums run over LANES lanes and then a fixed tree (vec.h), so
   its bits depend neither on other rows nor on the processor.  Sums over rows (dw, embed_back) are cut by columns: every
   column is summed in the order of rows by one thread.  All are bound by memory: a few bytes per
   flop. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"

#define SMALL (1 << 14) /* elements below which one thread is faster than waking others */

void cpu_embed_back(buf_t dtable, buf_t dy, buf_t token, int64_t t, int64_t c, int64_t v)
{
    float *d = dtable.p;
    const float *y = dy.p;
    const int32_t *id = token.p;
    int64_t step = 2 * VL;
    for (int64_t i = 0; i < t; i++)
        ASSERT(id[i] >= 0 && id[i] < v);
#pragma omp parallel for schedule(static) if (t * c > SMALL)
    for (int64_t j = 0; j < c; j += step)
        for (int64_t i = 0; i < t; i++)
            for (int64_t l = j; l < j + step && l < c; l += VL) {
                float *p = d + id[i] * c + l;
                vec_store_n(p, vec_load_n(p, c - l) + vec_load_n(y + i * c + l, c - l), c - l);
            }
}

/* Sum of a[i] b[i]: four times LANES lanes, then a tree. */
INLINE float dot(const float *a, const float *b, int64_t c)
{
    vf s[4][PARTS] = {{{0}}};
    int64_t i = 0;
    for (; i + 4 * LANES <= c; i += 4 * LANES)
#pragma GCC unroll 16
        for (int j = 0; j < 4 * PARTS; j++)
            s[j / PARTS][j % PARTS] = vec_fma(vec_load(a + i + j * VL), vec_load(b + i + j * VL),
                                              s[j / PARTS][j % PARTS]);
    for (; i < c; i += LANES)
#pragma GCC unroll 4
        for (int j = 0; j < PARTS; j++) {
            int64_t at = i + j * VL;
            s[0][j] =
                vec_fma(vec_load_some(a + at, c - at), vec_load_some(b + at, c - at), s[0][j]);
        }
    for (int j = 0; j < PARTS; j++)
        s[0][j] = (s[0][j] + s[1][j]) + (s[2][j] + s[3][j]);
    return vec_sum(s[0]);
}

void cpu_rmsnorm(buf_t y, buf_t rstd, buf_t x, buf_t w, int64_t t, int64_t c, float eps)
{
    float *yp = y.p, *rp = rstd.p;
    const float *xp = x.p, *wp = w.p;
#pragma omp parallel for schedule(static) if (t * c > SMALL)
    for (int64_t i = 0; i < t; i++) {
        const float *a = xp + i * c;
        float r = 1 / sqrtf(dot(a, a, c) / (float)c + eps);
        rp[i] = r;
        for (int64_t j = 0; j < c; j += VL)
            vec_store_n(yp + i * c + j, vec_load_n(a + j, c - j) * r * vec_load_n(wp + j, c - j),
                        c - j);
    }
}

/* Sum of dy w x over one row. */
INLINE float dot3(const float *a, const float *b, const float *w, int64_t c)
{
    vf s[2][PARTS] = {{{0}}};
    int64_t i = 0;
    for (; i + 2 * LANES <= c; i += 2 * LANES)
#pragma GCC unroll 8
        for (int j = 0; j < 2 * PARTS; j++) {
            int64_t at = i + j * VL;
            s[j / PARTS][j % PARTS] = vec_fma(vec_load(a + at) * vec_load(w + at), vec_load(b + at),
                                              s[j / PARTS][j % PARTS]);
        }
    for (; i < c; i += LANES)
#pragma GCC unroll 4
        for (int j = 0; j < PARTS; j++) {
            int64_t at = i + j * VL, left = c - at;
            s[0][j] = vec_fma(vec_load_some(a + at, left) * vec_load_some(w + at, left),
                              vec_load_some(b + at, left), s[0][j]);
        }
    for (int j = 0; j < PARTS; j++)
        s[0][j] = s[0][j] + s[1][j];
    return vec_sum(s[0]);
}

void cpu_rmsnorm_back(buf_t dx, buf_t dw, buf_t dy, buf_t x, buf_t w, buf_t rstd, int64_t t,
                      int64_t c)
{
    float *dxp = dx.p, *dwp = dw.p;
    const float *dyp = dy.p, *xp = x.p, *wp = w.p, *rp = rstd.p;
#pragma omp parallel if (t * c > SMALL)
    {
#pragma omp for schedule(static) nowait
        for (int64_t i = 0; i < t; i++) {
            const float *g = dyp + i * c, *a = xp + i * c;
            float r = rp[i], q = dot3(g, a, wp, c) / (float)c * r * r * r;
            for (int64_t j = 0; j < c; j += VL) {
                vf d = vec_load_n(g + j, c - j) * vec_load_n(wp + j, c - j) * r -
                       vec_load_n(a + j, c - j) * q;
                vec_store_n(dxp + i * c + j, vec_load_n(dxp + i * c + j, c - j) + d, c - j);
            }
        }
#pragma omp for schedule(static)
        for (int64_t j = 0; j < c; j += VL) {
            vf s = {0};
            for (int64_t i = 0; i < t; i++)
                s = vec_load_n(dyp + i * c + j, c - j) * vec_load_n(xp + i * c + j, c - j) * rp[i] +
                    s;
            vec_store_n(dwp + j, vec_load_n(dwp + j, c - j) + s, c - j);
        }
    }
}

void cpu_headnorm(buf_t x, buf_t raw, buf_t rstd, buf_t w, int64_t t, int64_t ld, int heads,
                  int head_dim, float eps)
{
    float *xp = x.p, *keep = raw.p, *rp = rstd.p;
    const float *wp = w.p;
    int64_t d = head_dim, width = heads * d;
#pragma omp parallel for schedule(static) if (t * width > SMALL)
    for (int64_t i = 0; i < t; i++) {
        if (keep)
            memcpy(keep + i * width, xp + i * ld, (size_t)width * 4);
        for (int h = 0; h < heads; h++) {
            float *a = xp + i * ld + h * d, r = 1 / sqrtf(dot(a, a, d) / (float)d + eps);
            rp[i * heads + h] = r;
            for (int64_t j = 0; j < d; j += VL)
                vec_store_n(a + j, vec_load_n(a + j, d - j) * r * vec_load_n(wp + j, d - j), d - j);
        }
    }
}

void cpu_headnorm_back(buf_t dx, buf_t dw, buf_t raw, buf_t rstd, buf_t w, int64_t t, int64_t ld,
                       int heads, int head_dim)
{
    float *dxp = dx.p, *dwp = dw.p;
    const float *xp = raw.p, *rp = rstd.p, *wp = w.p;
    int64_t d = head_dim, width = heads * d;
#pragma omp parallel if (t * width > SMALL)
    {
#pragma omp for schedule(static)
        for (int64_t j = 0; j < d; j += VL) {
            vf s = {0};
            for (int64_t i = 0; i < t; i++)
                for (int h = 0; h < heads; h++)
                    s = vec_load_n(dxp + i * ld + h * d + j, d - j) *
                            vec_load_n(xp + i * width + h * d + j, d - j) * rp[i * heads + h] +
                        s;
            vec_store_n(dwp + j, vec_load_n(dwp + j, d - j) + s, d - j);
        }
#pragma omp for schedule(static)
        for (int64_t i = 0; i < t; i++)
            for (int h = 0; h < heads; h++) {
                float *g = dxp + i * ld + h * d, r = rp[i * heads + h];
                const float *a = xp + i * width + h * d;
                float q = dot3(g, a, wp, d) / (float)d * r * r * r;
                for (int64_t j = 0; j < d; j += VL)
                    vec_store_n(g + j,
                                vec_load_n(g + j, d - j) * vec_load_n(wp + j, d - j) * r -
                                    vec_load_n(a + j, d - j) * q,
                                d - j);
            }
    }
}

void cpu_rope(buf_t x, buf_t pos, buf_t table, int64_t t, int64_t ld, int heads, int head_dim,
              int inverse)
{
    float *xp = x.p;
    const int32_t *at = pos.p;
    const float *tab = table.p;
    int64_t half = head_dim / 2;
    float sign = inverse ? -1 : 1;
#pragma omp parallel for schedule(static) if (t * heads * head_dim > SMALL)
    for (int64_t i = 0; i < t; i++) {
        const float *co = tab + (int64_t)at[i] * head_dim, *si = co + half;
        for (int h = 0; h < heads; h++) {
            float *a = xp + i * ld + (int64_t)h * head_dim, *b = a + half;
            for (int64_t j = 0; j < half; j += VL) {
                vf u = vec_load_n(a + j, half - j), v = vec_load_n(b + j, half - j);
                vf c = vec_load_n(co + j, half - j), s = sign * vec_load_n(si + j, half - j);
                vec_store_n(a + j, u * c - v * s, half - j);
                vec_store_n(b + j, v * c + u * s, half - j);
            }
        }
    }
}

void cpu_swiglu(buf_t y, buf_t gu, int64_t t, int64_t f)
{
    float *yp = y.p;
    const float *p = gu.p;
#pragma omp parallel for schedule(static) if (t * f > SMALL)
    for (int64_t i = 0; i < t; i++)
        for (int64_t j = 0; j < f; j += VL) {
            vf g = vec_load_n(p + i * 2 * f + j, f - j),
               u = vec_load_n(p + i * 2 * f + f + j, f - j);
            vec_store_n(yp + i * f + j, vec_swiglu(g, u), f - j);
        }
}

/* dy/dg = u s (1 + g (1 - s)), dy/du = g s. */
void cpu_swiglu_back(buf_t dgu, buf_t dy, buf_t gu, int64_t t, int64_t f)
{
    float *d = dgu.p;
    const float *p = gu.p, *dyp = dy.p;
#pragma omp parallel for schedule(static) if (t * f > SMALL)
    for (int64_t i = 0; i < t; i++)
        for (int64_t j = 0; j < f; j += VL) {
            int64_t at = i * 2 * f + j;
            vf g = vec_load_n(p + at, f - j), u = vec_load_n(p + at + f, f - j);
            vf dv = vec_load_n(dyp + i * f + j, f - j), s = 1.0f / (1.0f + vec_exp(-g));
            vec_store_n(d + at, dv * u * s * (1.0f + g * (1.0f - s)), f - j);
            vec_store_n(d + at + f, dv * g * s, f - j);
        }
}

void cpu_add(buf_t x, buf_t y, int64_t n)
{
    float *xp = x.p;
    const float *yp = y.p;
#pragma omp parallel for simd schedule(static) if (n > SMALL)
    for (int64_t i = 0; i < n; i++)
        xp[i] += yp[i];
}

void cpu_gather(buf_t y, buf_t x, buf_t row, int64_t r, int64_t c)
{
    float *yp = y.p;
    const float *xp = x.p;
    const int32_t *at = row.p;
#pragma omp parallel for schedule(static) if (r * c > SMALL)
    for (int64_t i = 0; i < r; i++)
        memcpy(yp + i * c, xp + at[i] * c, (size_t)c * 4);
}

void cpu_scatter_add(buf_t x, buf_t y, buf_t row, int64_t r, int64_t c)
{
    float *xp = x.p;
    const float *yp = y.p;
    const int32_t *at = row.p;
#pragma omp parallel for schedule(static) if (r * c > SMALL)
    for (int64_t i = 0; i < r; i++)
        for (int64_t j = 0; j < c; j += VL) {
            float *p = xp + at[i] * c + j;
            vec_store_n(p, vec_load_n(p, c - j) + vec_load_n(yp + i * c + j, c - j), c - j);
        }
}
