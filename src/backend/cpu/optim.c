/* The optimizer's loops over one block of n parameters.

   AdamW (Loshchilov & Hutter 2019), g' = gscale g:
     m = b1 m + (1-b1) g',  v = b2 v + (1-b2) g'^2,
     p = p - lr (m/c1 / (sqrt(v/c2) + eps) + decay p).
   sumsq is a fixed tree: LANES lanes in double within a chunk of CHUNK elements, chunks of a slot in
   order, the SLOTS slots in order.  Slots are a function of n only, so threads never change a
   bit. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"

#define CHUNK 4096
#define SLOTS 256

void cpu_adamw(buf_t p, buf_t m, buf_t v, buf_t g, int64_t n, float lr, float b1, float b2,
               float eps, float decay, float c1, float c2, float gscale)
{
    float *pp = p.p, *mp = m.p, *vp = v.p;
    const float *gp = g.p;
    float a1 = 1 - b1, a2 = 1 - b2, r1 = 1 / c1, r2 = 1 / c2;
#pragma omp parallel for schedule(static) if (n > CHUNK)
    for (int64_t c = 0; c < n; c += CHUNK)
        for (int64_t i = c; i < c + CHUNK && i < n; i += VL) {
            vf gi = vec_load_n(gp + i, n - i) * gscale, pi = vec_load_n(pp + i, n - i);
            vf mi = b1 * vec_load_n(mp + i, n - i) + a1 * gi;
            vf vi_ = b2 * vec_load_n(vp + i, n - i) + a2 * gi * gi;
            vec_store_n(mp + i, mi, n - i);
            vec_store_n(vp + i, vi_, n - i);
            vec_store_n(pp + i, pi - lr * (mi * r1 / (vec_sqrt(vi_ * r2) + eps) + decay * pi),
                        n - i);
        }
}

static double chunk_sumsq(const float *x, int64_t n)
{
    double s[LANES] = {0}, sum = 0;
    for (int64_t i = 0; i < n; i += LANES)
        for (int l = 0; l < LANES; l += VL) {
            vf a = vec_load_some(x + i + l, n - i - l);
            for (int j = 0; j < VL; j++)
                s[l + j] += (double)a[j] * (double)a[j];
        }
    for (int j = 0; j < LANES; j++)
        sum += s[j];
    return sum;
}

double cpu_sumsq(buf_t x, int64_t n)
{
    const float *p = x.p;
    double slot[SLOTS] = {0}, sum = 0;
    int64_t per = ROUND_UP((n + SLOTS - 1) / SLOTS, CHUNK);
#pragma omp parallel for schedule(static) if (n > CHUNK)
    for (int s = 0; s < SLOTS; s++)
        for (int64_t i = s * per; i < (s + 1) * per && i < n; i += CHUNK)
            slot[s] += chunk_sumsq(p + i, n - i < CHUNK ? n - i : CHUNK);
    for (int s = 0; s < SLOTS; s++)
        sum += slot[s];
    return sum;
}

void cpu_hold(buf_t x, int64_t n)
{
    (void)x, (void)n;
}

void cpu_hold_bf16(buf_t x, int64_t n)
{
    float *p = x.p;
    for (int64_t i = 0; i < n; i += VL)
        vec_store_n(p + i, vec_odd((vf)vec_round(vec_load_n(p + i, n - i))), n - i);
}

void cpu_scale(buf_t x, float a, int64_t n)
{
    float *p = x.p;
#pragma omp parallel for simd schedule(static) if (n > CHUNK)
    for (int64_t i = 0; i < n; i++)
        p[i] *= a;
}
