/* The head: logits, their log-softmax, its gradient and sampling, without ever storing [rows, V].

   Rows are taken in blocks of head_rows(V) (work about 32 MB at most up to V = 350 000, and for small V small enough for the cache):
     z = x w'  (row-invariant product),   lse_i = log sum_v exp(beta z_iv),   beta = 1/temperature,
     logp_i = beta z_i,target - lse_i,    entropy_i = lse_i - sum_v p_iv beta z_iv.
   Backward of sum_i coef_i logp_i: the block's logits are made again, turned in place into
     g_iv = coef_i beta ([v = target_i] - p_iv),   dx = g w,  dw += g' x.
   A row's softmax is one thread's work in a fixed order (VL lanes, then a tree) from the row's logits alone, and
   head_sample takes lse and logp from the same functions: its logp has the bits of head_logprob.
   Cost: 2 R C V flops forward, 6 backward (one product again), one exponential per logit. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"

#define WORK ((int64_t)16 << 20)

static int64_t head_rows(int64_t v)
{
    int64_t rows = WORK / (4 * v);
    return rows > 192 ? 192 : rows < 12 ? 12 : rows / 12 * 12;
}

size_t cpu_head_bytes(int64_t c, int64_t v)
{
    (void)c;
    return (size_t)(2 * head_rows(v) * v) * 4;             /* sampling: logits and weights */
}

float head_lse(const float *z, int64_t v, float beta, float *mean)
{
    vf sum = {0}, zsum = {0};
    float m = vec_row_top(z, v);
    int64_t j = 0;
    for (; j + VL <= v; j += VL) {
        vf d = (vec_load(z + j) - m) * beta, e = vec_exp(d);
        sum += e;
        zsum = e * d + zsum;
    }
    if (j < v) {
        vf d = (vec_load_n(z + j, v - j) - m) * beta;
        for (int i = 0; i < VL; i++)
            d[i] = i < v - j ? d[i] : -1000;
        vf e = vec_exp(d);
        sum += e;
        zsum = e * d + zsum;
    }
    float s = vec_sum(sum);
    if (mean)
        *mean = vec_sum(zsum) / s + m * beta;
    return fmaf(m, beta, logf(s));
}

void cpu_head_logprob(buf_t logp, buf_t lse, buf_t entropy, buf_t x, const pack_t *w, buf_t target,
                      float temperature, buf_t work, int64_t r, int64_t c, int64_t v)
{
    const int32_t *id = target.p;
    float *z = work.p, *lp = logp.p, *ls = lse.p, *en = entropy.p, beta = 1 / temperature;
    int64_t step = head_rows(v);
    for (int64_t i0 = 0; i0 < r; i0 += step) {
        int64_t n = r - i0 < step ? r - i0 : step;
        cpu_matmul(work, buf_at(x, i0 * c), w, (buf_t){ NULL }, n);
#pragma omp parallel for schedule(static) if (n * v > 1 << 14)
        for (int64_t i = 0; i < n; i++) {
            float mean;
            ls[i0 + i] = head_lse(z + i * v, v, beta, &mean);
            lp[i0 + i] = fmaf(z[i * v + id[i0 + i]], beta, -ls[i0 + i]);
            if (en)
                en[i0 + i] = ls[i0 + i] - mean;
        }
    }
}

void cpu_head_back(buf_t dx, buf_t dw, buf_t x, const pack_t *pack, buf_t w, buf_t target, buf_t lse, buf_t coef,
                   float temperature, buf_t work, int64_t r, int64_t c, int64_t v)
{
    const int32_t *id = target.p;
    const float *ls = lse.p, *co = coef.p;
    float *z = work.p, beta = 1 / temperature;
    int64_t step = head_rows(v);
    for (int64_t i0 = 0; i0 < r; i0 += step) {
        int64_t n = r - i0 < step ? r - i0 : step;
        cpu_matmul(work, buf_at(x, i0 * c), pack, (buf_t){ NULL }, n);
#pragma omp parallel for schedule(static) if (n * v > 1 << 14)
        for (int64_t i = 0; i < n; i++) {
            float g = co[i0 + i] * beta, *row = z + i * v;
            for (int64_t j = 0; j < v; j += VL)
                vec_store_n(row + j, vec_exp(vec_load_n(row + j, v - j) * beta - ls[i0 + i]) * -g, v - j);
            row[id[i0 + i]] += g;
        }
        cpu_matmul_dx(buf_at(dx, i0 * c), work, w, n, v, c);
        cpu_matmul_dw(dw, work, buf_at(x, i0 * c), n, v, c);
    }
}

void cpu_head_sample(buf_t token, buf_t logp, buf_t x, const pack_t *w, buf_t u, const sampling_t *s,
                     buf_t work, int64_t r, int64_t c, int64_t v)
{
    const float *up = u.p;
    float *z = work.p, *lp = logp.p, beta = s->temperature > 0 ? 1 / s->temperature : 1;
    int32_t *id = token.p;
    int64_t step = head_rows(v);
    for (int64_t i0 = 0; i0 < r; i0 += step) {
        int64_t n = r - i0 < step ? r - i0 : step;
        cpu_matmul(work, buf_at(x, i0 * c), w, (buf_t){ NULL }, n);
#pragma omp parallel for schedule(dynamic) if (n * v > 1 << 12)
        for (int64_t i = 0; i < n; i++) {
            const float *row = z + i * v;
            float ls = head_lse(row, v, beta, NULL);
            id[i0 + i] = sample_row(z + (step + i) * v, row, v, s, up[i0 + i]);
            lp[i0 + i] = fmaf(row[id[i0 + i]], beta, -ls);
        }
    }
}
