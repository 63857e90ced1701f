/* The head: logits, their log-softmax, its gradient and sampling, without ever storing [rows, V].

     z = x w'  (row-invariant product),   lse_i = log sum_v exp(beta z_iv),   beta = 1/temperature,
     logp_i = beta z_i,target - lse_i,    entropy_i = lse_i - sum_v p_iv beta z_iv.
   Backward of sum_i coef_i logp_i: logits are made again and turned in place into
     g_iv = coef_i beta ([v = target_i] - p_iv),   dx = g w,  dw += g' x.

   Work holds ROWS rows of COLS logits.  A row's sum walks the vocabulary in blocks of COLS with a
   running maximum m: where a block raises it to m', what is summed so far shrinks by exp((m - m')
   beta) (Milakov & Gimelshein 2018). COLS is a multiple of what products sum at a time, so that dx
   is the same chain as of the whole row.  Tall blocks: of the matrix and its gradient each element
   is read once for ROWS rows, which is what makes 150,000 words affordable.

   A row's softmax is one thread's work in a fixed order (LANES lanes, then a tree) from the row's
   logits alone, and head_sample takes lse and logp from the same functions: its logp has the bits
   of head_logprob.  On the way it keeps the masses of blocks, among which sample.c looks for the
   token. Cost: 2 R C V flops forward, 6 backward (one product again), one exponential per logit
   each. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"

#define ROWS   528
#define COLS   6144                /* a multiple of 2 DEPTH of matmul.c, and of NR */
#define SAMPLE ((int64_t)16 << 20) /* bytes of logits to sample from */

static int64_t sample_rows(int64_t v)
{
    int64_t rows = SAMPLE / (4 * v);
    return rows > 192 ? 192 : rows < 72 ? 72 : rows / 12 * 12;
}

static int64_t block_cols(int64_t v)
{
    return v < COLS ? v : COLS;
}

size_t cpu_head_bytes(int64_t c, int64_t v)
{
    (void)c;
    int64_t blocks = (v + block_cols(v) - 1) / block_cols(v);
    int64_t sample = sample_rows(v) * (2 * v + 2 * blocks); /* logits, weights, block_t */
    int64_t block = ROWS * (block_cols(v) + (int64_t)(sizeof(softmax_t) / 4));
    return (size_t)(sample > block ? sample : block) * 4;
}

void softmax_start(softmax_t *s)
{
    *s = (softmax_t){.top = -INFINITY};
}

/* LANES logits, of which n are there, to exp((z - m) beta) in sum, and that times its exponent. */
INLINE void exponents(vf sum[PARTS], vf zsum[PARTS], const float *z, int64_t n, float m, float beta)
{
#pragma GCC unroll 4
    for (int p = 0; p < PARTS; p++) {
        int64_t left = n - p * VL;
        vf d = (vec_load_some(z + p * VL, left) - m) * beta;
        for (int i = 0; n < LANES && i < VL; i++)
            d[i] = i < left ? d[i] : -1000;
        vf e = vec_exp(d);
        sum[p] += e;
        zsum[p] = vec_fma(e, d, zsum[p]);
    }
}

float softmax_more(softmax_t *s, const float *z, int64_t v, float beta)
{
    vf sum[PARTS] = {{0}}, zsum[PARTS] = {{0}};
    float m = vec_row_top(z, v);
    m = m > s->top ? m : s->top;
    int64_t j = 0;
    for (; j + LANES <= v; j += LANES)
        exponents(sum, zsum, z + j, LANES, m, beta);
    if (j < v)
        exponents(sum, zsum, z + j, v - j, m, beta);
    float own = vec_sum(sum), down = (s->top - m) * beta;
    vf by = vec_all(down), a = vec_exp(by);
    for (int p = 0; p < PARTS; p++) {
        if (s->top > -INFINITY) {
            vf before = vec_load(s->sum + p * VL);
            sum[p] = before * a + sum[p];
            zsum[p] = (vec_load(s->zsum + p * VL) + before * by) * a + zsum[p];
        }
        vec_store(s->sum + p * VL, sum[p]);
        vec_store(s->zsum + p * VL, zsum[p]);
    }
    s->top = m;
    return own;
}

/* Of LANES float32. */
static float lanes_sum(const float *x)
{
    vf part[PARTS];
    for (int p = 0; p < PARTS; p++)
        part[p] = vec_load(x + p * VL);
    return vec_sum(part);
}

float softmax_lse(const softmax_t *s, float beta, float *mean)
{
    float sum = lanes_sum(s->sum);
    if (mean)
        *mean = lanes_sum(s->zsum) / sum + s->top * beta;
    return fmaf(s->top, beta, logf(sum));
}

void cpu_head_logprob(buf_t logp, buf_t lse, buf_t entropy, buf_t x, const pack_t *w, buf_t target,
                      float temperature, buf_t work, int64_t r)
{
    const int32_t *id = target.p;
    int64_t c = w->k, v = w->n, step = block_cols(v);
    float *z = work.p, *lp = logp.p, *ls = lse.p, *en = entropy.p, beta = 1 / temperature;
    softmax_t *s = (softmax_t *)(z + ROWS * step);
    for (int64_t i0 = 0; i0 < r; i0 += ROWS) {
        int64_t n = least(ROWS, r - i0);
        for (int64_t i = 0; i < n; i++)
            softmax_start(s + i);
        factor_t f = factor_rows((float *)x.p + i0 * c, c, n, c, w->type);
        for (int64_t v0 = 0; v0 < v; v0 += step) {
            int64_t cols = least(step, v - v0);
            product_forward(z, cols, &f, w, v0, cols, NULL, NULL, n);
#pragma omp parallel for schedule(static) if (n * cols > 1 << 14)
            for (int64_t i = 0; i < n; i++) {
                int64_t at = id[i0 + i] - v0;
                softmax_more(s + i, z + i * cols, cols, beta);
                if (at >= 0 && at < cols)
                    lp[i0 + i] = z[i * cols + at];
            }
        }
        for (int64_t i = 0; i < n; i++) {
            float mean;
            ls[i0 + i] = softmax_lse(s + i, beta, &mean);
            lp[i0 + i] = fmaf(lp[i0 + i], beta, -ls[i0 + i]);
            if (en)
                en[i0 + i] = ls[i0 + i] - mean;
        }
    }
}

static void slope(float *z, int64_t cols, int64_t at, float lse, float beta, float g)
{
    for (int64_t j = 0; j < cols; j += VL)
        vec_store_n(z + j, vec_exp(vec_load_n(z + j, cols - j) * beta - lse) * -g, cols - j);
    if (at >= 0 && at < cols)
        z[at] += g;
}

void cpu_head_back(buf_t dx, buf_t dw, buf_t x, const pack_t *w, buf_t target, buf_t lse,
                   buf_t coef, float temperature, buf_t work, int64_t r)
{
    const int32_t *id = target.p;
    const float *ls = lse.p, *co = coef.p;
    int64_t c = w->k, v = w->n, step = block_cols(v);
    float *z = work.p, beta = 1 / temperature;
    for (int64_t i0 = 0; i0 < r; i0 += ROWS) {
        int64_t n = least(ROWS, r - i0);
        const float *xi = (float *)x.p + i0 * c;
        for (int64_t v0 = 0; v0 < v; v0 += step) {
            int64_t cols = least(step, v - v0);
            factor_t f = factor_rows(xi, c, n, c, w->type); /* the others use its scratch */
            product_forward(z, cols, &f, w, v0, cols, NULL, NULL, n);
#pragma omp parallel for schedule(static) if (n * cols > 1 << 14)
            for (int64_t i = 0; i < n; i++)
                slope(z + i * cols, cols, id[i0 + i] - v0, ls[i0 + i], beta, co[i0 + i] * beta);
            product_dx((float *)dx.p + i0 * c, z, cols, w, v0, cols, n, v0 > 0);
            product_dw((float *)dw.p + v0 * c, z, cols, xi, n, cols, c, w->type);
        }
    }
}

void cpu_head_sample(buf_t token, buf_t logp, buf_t x, const pack_t *w, buf_t u,
                     const sampling_t *s, buf_t work, int64_t r)
{
    const float *up = u.p;
    float *z = work.p, *lp = logp.p, beta = s->temperature > 0 ? 1 / s->temperature : 1;
    int32_t *id = token.p;
    int64_t v = w->n, rows = sample_rows(v), step = block_cols(v), blocks = (v + step - 1) / step;
    int whole = s->temperature > 0 && !(s->top_k > 0 && s->top_k < v) && !(s->top_p < 1);
    float *q = z + rows * v;
    block_t *block = (block_t *)(q + rows * v);
    for (int64_t i0 = 0; i0 < r; i0 += rows) {
        int64_t n = least(rows, r - i0);
        factor_t f = factor_rows((float *)x.p + i0 * w->k, w->k, n, w->k, w->type);
        product_forward(z, v, &f, w, 0, v, NULL, NULL, n);
#pragma omp parallel for schedule(dynamic) if (n * v > 1 << 12)
        for (int64_t i = 0; i < n; i++) {
            const float *row = z + i * v;
            block_t *part = block + i * blocks;
            softmax_t sum;
            softmax_start(&sum);
            for (int64_t j = 0; j < blocks; j++) {
                float mass = softmax_more(&sum, row + j * step, least(step, v - j * step), beta);
                part[j] = (block_t){sum.top, mass};
            }
            id[i0 + i] =
                whole ? sample_whole(q + i * v, row, v, step, part, sum.top, beta, up[i0 + i])
                      : sample_cut(q + i * v, row, v, s, up[i0 + i]);
            lp[i0 + i] = fmaf(row[id[i0 + i]], beta, -softmax_lse(&sum, beta, NULL));
        }
    }
}
