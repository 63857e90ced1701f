// The head's log-probabilities, entropy and gradient agree with their definition; sampling follows
// p, its cuts keep the right set, and its log-probability has the bits of head_logprob in every
// batch.
// RUN: np=1 backend=cpu,strict,cpu-bf16
#include "device.h"
#include <omp.h>

static float *scaled_new(int64_t n, uint64_t seed, float size)
{
    float *x = random_new(n, seed);
    for (int64_t i = 0; i < n; i++)
        x[i] *= size;
    return x;
}

static void define(int64_t r, int64_t c, int64_t v, float temperature)
{
    float *x = scaled_new(r * c, 1, 1), *w = scaled_new(v * c, 2, 3 / sqrtf((float)c)),
          *coef = scaled_new(r, 3, 1), *dw = scaled_new(v * c, 4, 1);
    as_held(x, r * c), as_held(w, v * c);
    int32_t *id = ALLOC(int32_t, r);
    double *z = ALLOC(double, v), *dwd = ALLOC(double, v *c), *dxd = ALLOC(double, r *c);
    float *lp = ALLOC(float, r), *lse = ALLOC(float, r), *en = ALLOC(float, r),
          *dx = ALLOC(float, r *c);
    for (int64_t i = 0; i < r; i++) {
        double sum = 0, mean = 0;
        id[i] = (int32_t)(i * 7919 % v);
        for (int64_t j = 0; j < v; j++) {
            z[j] = 0;
            for (int64_t l = 0; l < c; l++)
                z[j] += (double)x[i * c + l] * w[j * c + l] / temperature;
            sum += exp(z[j]);
            mean += exp(z[j]) * z[j];
        }
        lse[i] = (float)log(sum);
        lp[i] = (float)(z[id[i]] - log(sum));
        en[i] = (float)(log(sum) - mean / sum);
        for (int64_t j = 0; j < v; j++) {
            double g = coef[i] / temperature * ((j == id[i]) - exp(z[j]) / sum);
            for (int64_t l = 0; l < c; l++) {
                dxd[i * c + l] += g * w[j * c + l];
                dwd[j * c + l] += g * x[i * c + l];
            }
        }
    }
    buf_t bx = put(x, r * c), bw = put(w, v * c), bid = put(id, r), bco = put(coef, r),
          bdw = put(dw, v * c), bdx = put(x, r * c);
    buf_t blp = put(x, r), blse = put(x, r), ben = put(x, r),
          work = ops->alloc(ops->head_bytes(c, v));
    pack_t *p = ops->pack_new(v, c);
    ops->pack_put(p, bw, F32, 0, v);
    ops->head_logprob(blp, blse, ben, bx, p, bid, temperature, work, r);
    ops->head_back(bdx, bdw, bx, p, bid, blse, bco, temperature, work, r);
    for (int64_t i = 0; i < r * c; i++)
        dx[i] = (float)dxd[i];
    for (int64_t i = 0; i < v * c; i++)
        dw[i] += (float)dwd[i];
    float *got[] = {take(blp, r), take(blse, r), take(ben, r), take(bdx, r * c), take(bdw, v * c)},
          *want[] = {lp, lse, en, dx, dw};
    int64_t n[] = {r, r, r, r * c, v * c};
    for (int i = 0; i < 5; i++) {
        /* slopes are rounded on their way into products */
        double most = ops->weight == BF16 && i >= 3 ? 4e-3 : 3e-5;
        check(test_distance(got[i], want[i], n[i]) < most, "%d at V %ld: %g", i, v,
              test_distance(got[i], want[i], n[i]));
        mem_free(got[i]), mem_free(want[i]);
    }
    ops->pack_free(p);
    ops->release(work, ops->head_bytes(c, v));
    mem_free(take(bx, 1)), mem_free(take(bw, 1)), mem_free(take(bid, 1)), mem_free(take(bco, 1));
    mem_free(x), mem_free(w), mem_free(coef), mem_free(id), mem_free(z), mem_free(dwd),
        mem_free(dxd);
}

/* R equal rows drawn with different u: tokens and their log-probabilities; rows one by one give the
   same. */
typedef struct {
    int64_t r, c, v;
    pack_t *p;
    buf_t x, work;
} head_t;

static int32_t *draw(const head_t *h, sampling_t s, uint64_t seed)
{
    float *u = ALLOC(float, h->r);
    for (int64_t i = 0; i < h->r; i++)
        u[i] = rng_at(seed, RNG_TEST, 1, 2, (uint32_t)i);
    buf_t bu = put(u, h->r), id = put(u, h->r), lp = put(u, h->r), lp2 = put(u, h->r),
          lse = put(u, h->r), one = put(u, 2);
    ops->head_sample(id, lp, h->x, h->p, bu, &s, h->work, h->r);
    ops->head_logprob(lp2, lse, (buf_t){NULL}, h->x, h->p, id,
                      s.temperature > 0 ? s.temperature : 1, h->work, h->r);
    for (int64_t i = 0; i < h->r; i += 97) {
        int32_t t[2];
        float a[2];
        ops->head_sample(one, buf_at(one, 1), buf_at(h->x, i * h->c), h->p, buf_at(bu, i), &s,
                         h->work, 1);
        ops->get(t, one, 4);
        ops->get(a, buf_at(one, 1), 4);
        ops->get(t + 1, buf_at(id, i), 4);
        ops->get(a + 1, buf_at(lp, i), 4);
        check(t[0] == t[1] && !memcmp(a, a + 1, 4), "row %ld", i);
    }
    int32_t *token = ALLOC(int32_t, h->r);
    ops->get(token, id, (size_t)h->r * 4);
    float *a = take(lp, h->r), *b = take(lp2, h->r);
    check(!memcmp(a, b, (size_t)h->r * 4));
    mem_free(a), mem_free(b), mem_free(u);
    mem_free(take(bu, 1)), mem_free(take(id, 1)), mem_free(take(lse, 1)), mem_free(take(one, 1));
    return token;
}

/* Chi-square of the draws against q (zero outside the kept set); a row of 60 tokens, 6000 draws. */
static void follows(const head_t *h, sampling_t s, const double *q)
{
    int32_t *t = draw(h, s, 11);
    double *n = ALLOC(double, h->v), chi = 0;
    int cells = 0;
    for (int64_t i = 0; i < h->r; i++)
        n[t[i]]++;
    for (int64_t j = 0; j < h->v; j++) {
        check(q[j] > 0 || n[j] == 0, "token %ld was drawn %g times", j, n[j]);
        if (q[j] * (double)h->r > 5) {
            chi +=
                (n[j] - q[j] * (double)h->r) * (n[j] - q[j] * (double)h->r) / (q[j] * (double)h->r);
            cells++;
        }
    }
    check(chi < cells + 4 * sqrt(2.0 * cells) + 1, "chi-square %g of %d cells", chi, cells);
    mem_free(t), mem_free(n);
}

static void keep(double *q, const double *p, int64_t v, int top_k, double top_p)
{
    double mass = 1, sum = 0, left = 0;
    memset(q, 0, (size_t)v * 8);
    for (int pass = 0; pass < 2; pass++) { /* first the mass of the top k, then the cut */
        char *used = ALLOC(char, v);
        sum = 0;
        for (int64_t k = 0; k < (top_k ? top_k : v) && (pass == 0 || sum < top_p * mass); k++) {
            int64_t best = -1;
            for (int64_t j = 0; j < v; j++)
                if (!used[j] && (best < 0 || p[j] > p[best]))
                    best = j;
            used[best] = 1;
            sum += p[best];
            if (pass)
                q[best] = p[best];
        }
        mass = pass ? mass : sum;
        left = sum;
        mem_free(used);
    }
    for (int64_t j = 0; j < v; j++)
        q[j] /= left;
}

static void sampling(void)
{
    head_t h = {.r = 6000,
                .c = 8,
                .v = 60,
                .p = ops->pack_new(60, 8),
                .work = ops->alloc(ops->head_bytes(8, 60))};
    float *x = ALLOC(float, h.r *h.c), *w = scaled_new(h.v * h.c, 5, 1);
    for (int64_t i = 0; i < h.r; i++)
        for (int j = 0; j < 8; j++)
            x[i * 8 + j] = 0.3f * (float)(j - 3);
    for (int i = 0; i < 8; i++)
        w[40 * 8 + i] = w[3 * 8 + i] = w[20 * 8 + i]; /* ties */
    as_held(x, h.r * h.c), as_held(w, h.v * h.c);
    h.x = put(x, h.r * h.c);
    buf_t bw = put(w, h.v * h.c);
    ops->pack_put(h.p, bw, F32, 0, h.v);
    double p[60], q[60], sum = 0;
    const float temperature = 0.8f;
    int best = 0;
    for (int j = 0; j < 60; j++) {
        double z = 0;
        for (int i = 0; i < 8; i++)
            z += (double)x[i] * w[j * 8 + i];
        sum += p[j] = exp(z / temperature);
        best = p[j] > p[best] ? j : best;
    }
    for (int j = 0; j < 60; j++)
        p[j] /= sum;
    for (int k = 0; k <= 60; k += 7) {
        keep(q, p, 60, k, 1);
        follows(&h, (sampling_t){temperature, 1, k}, q);
        keep(q, p, 60, k, 0.6);
        follows(&h, (sampling_t){temperature, 0.6f, k}, q);
    }
    sampling_t greedy[] = {{0, 1, 0}, {temperature, 1, 1}, {temperature, 0, 0}, {0, 0.5f, 3}};
    for (int g = 0; g < 4; g++) {
        int32_t *t = draw(&h, greedy[g], 12);
        for (int64_t i = 0; i < h.r; i++)
            check(t[i] == best);
        mem_free(t);
    }
    ops->pack_free(h.p);
    ops->release(h.work, ops->head_bytes(8, 60));
    mem_free(take(h.x, 1)), mem_free(take(bw, 1)), mem_free(x), mem_free(w);
}

/* Many blocks of logits: the token is where the distribution function, summed in double, passes
   u. */
static void inversion(void)
{
    enum { V = 20011, R = 500 };
    head_t h = {.r = R,
                .c = 1,
                .v = V,
                .p = ops->pack_new(V, 1),
                .work = ops->alloc(ops->head_bytes(1, V))};
    float one[R], *w = ALLOC(float, V);
    double *until = ALLOC(double, V + 1), sum = 0;
    for (int i = 0; i < R; i++)
        one[i] = 1;
    /* the top grows on the way */
    for (int j = 0; j < V; j++)
        w[j] = 8 * rng_at(5, RNG_TEST, 1, 3, (uint32_t)j) + (j / 6144 == 2 ? 4 : 0);
    as_held(w, V);
    for (int j = 0; j < V; j++)
        until[j + 1] = sum += exp((double)w[j] / 0.9);
    h.x = put(one, R);
    buf_t bw = put(w, V);
    ops->pack_put(h.p, bw, F32, 0, V);
    int32_t *t = draw(&h, (sampling_t){0.9f, 1, 0}, 13);
    for (int i = 0; i < R; i++) {
        double u = (double)rng_at(13, RNG_TEST, 1, 2, (uint32_t)i);
        check(until[t[i]] <= (u + 1e-6) * sum && until[t[i] + 1] >= (u - 1e-6) * sum,
              "u %.7f: token %d, %.7f to %.7f", u, t[i], until[t[i]] / sum, until[t[i] + 1] / sum);
    }
    ops->pack_free(h.p);
    ops->release(h.work, ops->head_bytes(1, V));
    mem_free(take(h.x, 1)), mem_free(take(bw, 1)), mem_free(w), mem_free(t), mem_free(until);
}

static void all(void)
{
    define(5, 3, 7, 1);
    define(400, 32, 130, 0.7f);
    define(30, 16, 20011, 1.3f);
    define(540, 6, 13001, 1);
    sampling();
    inversion();
    check(ops->head_bytes(4096, 152064) <= (size_t)90 << 20);
}

int main(int argc, char **argv)
{
    return device_main(argc, argv, all);
}
