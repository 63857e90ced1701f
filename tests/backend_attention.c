// Attention agrees with the O(T^2) definition, forward and backward, whole and in sliding windows;
// a row keeps its bits in scattered pages, one token at a time, under a shared prompt, and for any
// thread count.
// RUN: np=1 backend=cpu,strict,cpu-bf16,strict-bf16
#include "device.h"
#include <omp.h>

/* A batch: rows of q|k|v with stride ld = (H + 2 KV) D, in doubles what the definition gives. */
typedef struct {
    int64_t t, ld, hd;
    attn_t a;
    float *qkv, *dout;
    double *out, *lse, *dqkv;
} case_t;

static double dot(const float *a, const float *b, int n)
{
    double s = 0;
    for (int i = 0; i < n; i++)
        s += (double)a[i] * b[i];
    return s;
}

/* One query (row, head) of span s against its keys. */
static void define_row(case_t *c, const span_t *s, int64_t row, int32_t pos, int h)
{
    const attn_t *a = &c->a;
    int d = a->head_dim, g = h / (a->heads / a->kv_heads), n = 0;
    int64_t kat = (int64_t)(a->heads + g) * d, vat = kat + (int64_t)a->kv_heads * d;
    int64_t *slot = ALLOC(int64_t, pos + 1);
    double *p = ALLOC(double, pos + 1), sum = 0, delta = 0, *o = c->out + row * c->hd + h * d,
           *dq = c->dqkv + row * c->ld + h * d;
    for (int r = 0; r < s->runs; r++)
        for (int i = 0; i < a->run[s->run + r].count && n <= pos; i++)
            slot[n++] = a->run[s->run + r].slot + i;
    const float *q = c->qkv + row * c->ld + h * d, *g_out = c->dout + row * c->hd + h * d;
    int from = a->window && n > a->window ? n - a->window : 0;
    for (int j = from; j < n; j++)
        sum += p[j] = exp(a->scale * dot(q, c->qkv + slot[j] * c->ld + kat, d));
    c->lse[row * a->heads + h] = log(sum);
    for (int j = from; j < n; j++) {
        p[j] /= sum;
        for (int i = 0; i < d; i++)
            o[i] += p[j] * c->qkv[slot[j] * c->ld + vat + i];
        delta += p[j] * dot(g_out, c->qkv + slot[j] * c->ld + vat, d);
    }
    for (int j = from; j < n; j++) {
        double ds = p[j] * (dot(g_out, c->qkv + slot[j] * c->ld + vat, d) - delta) * a->scale;
        for (int i = 0; i < d; i++) {
            dq[i] += ds * c->qkv[slot[j] * c->ld + kat + i];
            c->dqkv[slot[j] * c->ld + kat + i] += ds * q[i];
            c->dqkv[slot[j] * c->ld + vat + i] += p[j] * g_out[i];
        }
    }
    mem_free(slot), mem_free(p);
}

static float *narrow(const double *x, int64_t n)
{
    float *y = ALLOC(float, n);
    for (int64_t i = 0; i < n; i++)
        y[i] = (float)x[i];
    return y;
}

/* Tokens one or two at a time with keys in pages stored in reverse order: the same bits as
   `out`. */
static void decode_pages(const case_t *c, const span_t *s, const float *out)
{
    const attn_t *a = &c->a;
    int total = s->pos + s->count, pages = (total + KEY_PAGE - 1) / KEY_PAGE, n = 0;
    size_t bytes = (size_t)pages * ops->page_bytes(a->kv_heads, a->head_dim);
    float *stale = random_new((int64_t)bytes / 4, 9), *room = random_new(2 * c->hd, 3);
    run_t *run = ALLOC(run_t, pages);
    memset(stale, 0xff, bytes); /* NaN: what no key has filled has no part in anything */
    for (int i = 0; i < pages; i++)
        run[i] = (run_t){i * KEY_PAGE, (pages - 1 - i) * KEY_PAGE, KEY_PAGE};
    buf_t store = put(stale, (int64_t)bytes / 4), bq = put(c->qkv, c->t * c->ld),
          bo = put(room, 2 * c->hd);
    for (int r = 0; r < s->runs; r++)
        for (int i = 0; i < a->run[s->run + r].count && n < total; i++, n++) {
            int32_t to = run[n / KEY_PAGE].slot + n % KEY_PAGE;
            buf_t slot = ops->alloc(4);
            ops->put(slot, &to, 4);
            ops->keys_put(store,
                          buf_at(bq,
                                 (a->run[s->run + r].slot + i) * c->ld + a->heads * a->head_dim),
                          c->ld, slot, 1, a->kv_heads, a->head_dim);
            ops->release(slot, 4);
        }
    for (int i = 0; i < s->count; i += 2) {
        int m = s->count - i < 3 ? 1 : 2;
        span_t one = {0, m, s->pos + i, 0, (s->pos + i + m - 1) / KEY_PAGE + 1};
        attn_t b = *a;
        b.span = &one, b.n_span = 1, b.run = run, b.n_run = pages;
        ops->attention_pages(bo, buf_at(bq, (s->first + i) * c->ld), c->ld, store, &b);
        float *o = ALLOC(float, m * c->hd);
        ops->get(o, bo, (size_t)(m * c->hd) * 4);
        check(!memcmp(o, out + (s->first + i) * c->hd, (size_t)(m * c->hd) * 4), "row %d",
              s->first + i);
        mem_free(o);
    }
    mem_free(take(store, (int64_t)bytes / 4)), mem_free(take(bq, 1)), mem_free(take(bo, 1));
    mem_free(stale), mem_free(room), mem_free(run);
}

/* The same with keys in runs of 5 rows in reverse order: the same bits as `out`, `lse`. */
static void decode(const case_t *c, const span_t *s, const float *out, const float *lse)
{
    const attn_t *a = &c->a;
    enum { PAGE = 5 };
    int total = s->pos + s->count, pages = (total + PAGE - 1) / PAGE, n = 0;
    int64_t kd = (int64_t)a->kv_heads * a->head_dim;
    float *store = random_new(pages * PAGE * 2 * kd, 9), *room = random_new(2 * c->hd, 3);
    run_t *run = ALLOC(run_t, pages);
    for (int i = 0; i < pages; i++)
        run[i] = (run_t){i * PAGE, (pages - 1 - i) * PAGE, PAGE};
    for (int r = 0; r < s->runs; r++)
        for (int i = 0; i < a->run[s->run + r].count; i++, n++)
            memcpy(store + (run[n / PAGE].slot + n % PAGE) * 2 * kd,
                   c->qkv + (a->run[s->run + r].slot + i) * c->ld + a->heads * a->head_dim,
                   (size_t)(2 * kd) * 4);
    buf_t bs = put(store, pages * PAGE * 2 * kd), bq = put(c->qkv, c->t * c->ld),
          bo = put(room, 2 * c->hd), bl = put(room, 2 * a->heads);
    for (int i = 0; i < s->count; i += 2) {
        int m = s->count - i < 3 ? 1 : 2; /* one or two tokens at a time */
        span_t one = {0, m, s->pos + i, 0, (s->pos + i + m - 1) / PAGE + 1};
        attn_t b = *a;
        b.span = &one, b.n_span = 1, b.run = run, b.n_run = pages;
        ops->attention(bo, bl, buf_at(bq, (s->first + i) * c->ld), c->ld, bs, buf_at(bs, kd),
                       2 * kd, &b);
        float *o = ALLOC(float, m * c->hd), *l = ALLOC(float, m * a->heads);
        ops->get(o, bo, (size_t)(m * c->hd) * 4);
        ops->get(l, bl, (size_t)(m * a->heads) * 4);
        check(!memcmp(o, out + (s->first + i) * c->hd, (size_t)(m * c->hd) * 4), "row %d",
              s->first + i);
        check(!memcmp(l, lse + (s->first + i) * a->heads, (size_t)(m * a->heads) * 4), "row %d",
              s->first + i);
        mem_free(o), mem_free(l);
    }
    mem_free(take(bs, 1)), mem_free(take(bq, 1)), mem_free(take(bo, 1)), mem_free(take(bl, 1));
    mem_free(store), mem_free(room), mem_free(run);
}

static void run_window(const span_t *span, int n_span, const run_t *run, int n_run, int heads,
                       int kv, int d, int window)
{
    case_t c = {.a = {span, n_span, run, n_run, heads, kv, d, 1 / sqrtf((float)d), window}};
    for (int i = 0; i < n_span; i++)
        c.t += span[i].count;
    c.ld = (int64_t)(heads + 2 * kv) * d, c.hd = (int64_t)heads * d;
    int64_t nq = c.t * c.ld, no = c.t * c.hd, nl = c.t * heads;
    c.qkv = random_new(nq, 1), c.dout = random_new(no, 2);
    c.out = ALLOC(double, no), c.lse = ALLOC(double, nl), c.dqkv = ALLOC(double, nq);
    for (int s = 0; s < n_span; s++)
        for (int i = 0; i < span[s].count; i++)
            for (int h = 0; h < heads; h++)
                define_row(&c, span + s, span[s].first + i, span[s].pos + i, h);
    size_t bytes = ops->attention_back_bytes(c.t, heads, kv, d);
    buf_t q = put(c.qkv, nq), dout = put(c.dout, no), work = ops->alloc(bytes);
    buf_t k = buf_at(q, heads * d), v = buf_at(k, kv * d);
    float *out = narrow(c.out, no), *lse = narrow(c.lse, nl), *dqkv = narrow(c.dqkv, nq),
          *first[3] = {0};
    for (int threads = 1; threads <= 2; threads++) {
        buf_t o = put(c.dout, no), l = put(c.dout, nl), dq = put(c.qkv, nq);
        omp_set_num_threads(threads);
        ops->attention(o, l, q, c.ld, k, v, c.ld, &c.a);
        ops->attention_back(dq, buf_at(dq, heads * d), buf_at(dq, (heads + kv) * d), dout, o, l, q,
                            c.ld, k, v, c.ld, work, c.t, &c.a);
        float *got[3] = {take(o, no), take(l, nl), take(dq, nq)};
        double most = ops->weight == BF16 ? 8e-3 : 2e-6; /* of bfloat16: 2^-9 for each rounding */
        check(test_distance(got[0], out, no) < most, "D %d: %g", d, test_distance(got[0], out, no));
        check(test_distance(got[1], lse, nl) < most, "D %d: %g", d, test_distance(got[1], lse, nl));
        check(test_distance(got[2], dqkv, nq) < 2.5 * most, "D %d: %g", d,
              test_distance(got[2], dqkv, nq));
        for (int i = 0; i < 3; i++) {
            if (threads == 1)
                first[i] = got[i];
            else {
                check(!memcmp(first[i], got[i], (size_t)(i == 0 ? no : i == 1 ? nl : nq) * 4));
                mem_free(got[i]);
            }
        }
    }
    for (int s = 0; s < n_span; s++) {
        decode(&c, span + s, first[0], first[1]);
        decode_pages(&c, span + s, first[0]);
    }
    ops->release(work, bytes);
    mem_free(take(q, 1)), mem_free(take(dout, 1));
    for (int i = 0; i < 3; i++)
        mem_free(first[i]);
    mem_free(c.qkv), mem_free(c.dout), mem_free(c.out), mem_free(c.lse), mem_free(c.dqkv);
    mem_free(out), mem_free(lse), mem_free(dqkv);
}

static void run_case(const span_t *span, int n_span, const run_t *run, int n_run, int heads, int kv,
                     int d)
{
    run_window(span, n_span, run, n_run, heads, kv, d, 0);
}

static void all(void)
{
    for (int t = 1; t <= 161; t += 32)
        run_case(&(span_t){0, t, 0, 0, 1}, 1, &(run_t){0, 0, t}, 1, 2, 1, 16);
    run_case(&(span_t){0, 70, 0, 0, 1}, 1, &(run_t){0, 0, 70}, 1, 3, 3, 40);
    run_case(&(span_t){0, 40, 0, 0, 1}, 1, &(run_t){0, 0, 40}, 1, 14, 2, 64);
    run_case(&(span_t){0, 35, 0, 0, 1}, 1, &(run_t){0, 0, 35}, 1, 2, 2, 256);
    /* two prompts; the first has three answers, one of them empty but for a token, the second
       two */
    const span_t span[] = {{0, 50, 0, 0, 1},   {50, 20, 50, 1, 2}, {70, 1, 50, 3, 2},
                           {71, 33, 50, 5, 2}, {104, 10, 0, 7, 1}, {114, 90, 10, 8, 2},
                           {204, 7, 10, 10, 2}};
    const run_t run[] = {{0, 0, 50},   {0, 0, 50},    {50, 50, 20}, {0, 0, 50},
                         {50, 70, 1},  {0, 0, 50},    {50, 71, 33}, {0, 104, 10},
                         {0, 104, 10}, {10, 114, 90}, {0, 104, 10}, {10, 204, 7}};
    run_case(span, 7, run, 12, 6, 6, 32);
    run_case(span, 7, run, 12, 4, 2, 32);
    for (int window = 1; window <= 64; window = 2 * window + (window == 4)) /* 1 2 4 9 18 36 */
        run_window(span, 7, run, 12, 4, 2, 32, window);
    run_window(&(span_t){0, 161, 0, 0, 1}, 1, &(run_t){0, 0, 161}, 1, 3, 1, 20, 32);
    run_window(&(span_t){0, 161, 0, 0, 1}, 1, &(run_t){0, 0, 161}, 1, 3, 1, 20, 200);
}

int main(int argc, char **argv)
{
    return device_main(argc, argv, all);
}
