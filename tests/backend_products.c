// Products agree with their definition in double, keep a row's bits for every batch size, thread
// count and cut, and accumulate where they must.
// RUN: np=1 backend=cpu,strict,cpu-bf16,strict-bf16
#include "device.h"
#include "backend/cpu/cpu.h"
#include <omp.h>

static void drop(buf_t b, int64_t n)
{
    ops->release(b, (size_t)n * 4);
}

/* y[m,n] = c + a b with element (i,l) of a at a[i*ra + l*ca], of b at b[l*rb + j*cb]. */
static void define(float *y, const float *c, const float *a, int64_t ra, int64_t ca, const float *b,
                   int64_t rb, int64_t cb, int64_t m, int64_t n, int64_t k, int c_is_row)
{
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < n; j++) {
            double s = c ? c[c_is_row ? j : i * n + j] : 0;
            for (int64_t l = 0; l < k; l++)
                s += (double)a[i * ra + l * ca] * b[l * rb + j * cb];
            y[i * n + j] = (float)s;
        }
}

static void shape(int64_t m, int64_t n, int64_t k)
{
    int64_t big = m * n + m * k + n * k + n;
    float *x = ALLOC(float, m *k), *w = ALLOC(float, n *k), *dy = ALLOC(float, m *n),
          *bias = ALLOC(float, n);
    float *want = ALLOC(float, big), *got = ALLOC(float, big);
    test_fill(x, m * k, 1);
    test_fill(w, n * k, 2);
    test_fill(dy, m * n, 3);
    test_fill(bias, n, 4);
    as_held(x, m * k), as_held(w, n * k), as_held(dy, m * n);
    buf_t bx = put(x, m * k), bw = put(w, n * k), bdy = put(dy, m * n), bb = put(bias, n),
          y = put(dy, m * n);
    buf_t dx = put(x, m * k), dw = put(w, n * k);
    pack_t *p = ops->pack_new(n, k);
    ops->pack_put(p, bw, F32, 0, n);

    ops->matmul(y, bx, p, bb, m);
    ops->get(got, y, (size_t)(m * n) * 4);
    define(want, bias, x, k, 1, w, 1, k, m, n, k, 1);
    check(test_distance(got, want, m * n) < 1e-6 * sqrt((double)k), "%ld %ld %ld", m, n, k);
    ops->matmul(y, bx, p, (buf_t){NULL}, m);
    ops->get(got, y, (size_t)(m * n) * 4);
    define(want, NULL, x, k, 1, w, 1, k, m, n, k, 0);
    check(test_distance(got, want, m * n) < 1e-6 * sqrt((double)k), "%ld %ld %ld", m, n, k);

    ops->matmul_dx(dx, bdy, p, m);
    ops->get(got, dx, (size_t)(m * k) * 4);
    define(want, NULL, dy, n, 1, w, k, 1, m, k, n, 0);
    check(test_distance(got, want, m * k) < 1e-6 * sqrt((double)n), "%ld %ld %ld", m, n, k);

    ops->matmul_dw(dw, bdy, bx, m, n, k);
    ops->get(got, dw, (size_t)(n * k) * 4);
    define(want, w, dy, 1, n, x, k, 1, n, k, m, 0);
    check(test_distance(got, want, n * k) < 1e-6 * sqrt((double)m), "%ld %ld %ld", m, n, k);

    ops->bias_back(bb, bdy, m, n);
    ops->get(got, bb, (size_t)n * 4);
    for (int64_t j = 0; j < n; j++) {
        double s = bias[j];
        for (int64_t i = 0; i < m; i++)
            s += dy[i * n + j];
        want[j] = (float)s;
    }
    check(test_distance(got, want, n) < 1e-5, "%ld %ld", m, n);
    ops->pack_free(p);
    drop(bx, m * k), drop(bw, n * k), drop(bdy, m * n), drop(bb, n), drop(y, m * n),
        drop(dx, m * k), drop(dw, n * k);
    mem_free(x), mem_free(w), mem_free(dy), mem_free(bias), mem_free(want), mem_free(got);
}

/* Rows that go in by any shares come out as they are held, and nothing beside them changes. */
static void held(int64_t n, int64_t k)
{
    float *w = random_new(n * k, 1), *got;
    buf_t bw = put(w, n * k), out = put(w, n * k);
    pack_t *p = ops->pack_new(n, k), *q = ops->pack_new(n, k);
    for (int64_t r = 0, step = 1; r < n; r += step, step = step * 2 + 1) {
        int64_t rows = n - r < step ? n - r : step;
        ops->pack_put(p, buf_at(bw, r * k), F32, r, rows);
    }
    ops->pack_copy(q, p);
    as_held(w, n * k);
    ops->pack_get(q, out, 0, n);
    got = take(out, n * k);
    check(!memcmp(got, w, (size_t)(n * k) * 4), "%ld %ld", n, k);
    mem_free(got);
    for (int64_t r = 0, rows = n / 3 + 1; r < n; r += rows) {
        int64_t some = n - r < rows ? n - r : rows;
        out = put(w, n * k);
        ops->pack_get(p, out, r, some);
        got = take(out, n * k);
        check(!memcmp(got, w + r * k, (size_t)(some * k) * 4), "%ld rows from %ld", some, r);
        mem_free(got);
    }
    ops->pack_free(p), ops->pack_free(q);
    drop(bw, n * k);
    mem_free(w);
}

/* Rows stored as bfloat16, at an odd address, become what the same numbers as float32 become, in
   the pack's gaps too. */
static void stored(int64_t n, int64_t k)
{
    float *w = random_new(n * k, 1), *got;
    size_t bytes = (size_t)(n * k) * 2 + 1;
    char *half = mem_new(bytes);
    for (int64_t i = 0; i < n * k; i++) {
        uint32_t bits;
        memcpy(&bits, &w[i], 4);
        bits &= 0xffff0000u;
        memcpy(&w[i], &bits, 4);
        memcpy(half + 1 + 2 * i, (char *)&bits + 2, 2);
    }
    buf_t bw = put(w, n * k), bh = ops->alloc(bytes), out = put(w, n * k);
    ops->put(bh, half, bytes);
    pack_t *p = ops->pack_new(n, k), *q = ops->pack_new(n, k);
    ops->pack_put(p, bw, F32, 0, n);
    for (int64_t r = 0, rows = n / 2 + 1; r < n; r += rows)
        ops->pack_put(q, (buf_t){(char *)bh.p + 1 + 2 * r * k}, BF16, r, least(rows, n - r));
    ops->pack_get(q, out, 0, n);
    got = take(out, n * k);
    check(!memcmp(got, w, (size_t)(n * k) * 4) &&
              !memcmp(p->panel, q->panel, ops->pack_bytes(n, k)),
          "%ld %ld", n, k);
    ops->pack_free(p), ops->pack_free(q);
    ops->release(bh, bytes);
    drop(bw, n * k);
    mem_free(w), mem_free(got), mem_free(half);
}

/* One chain of fused multiply-adds in the order of k; of bfloat16 the odd one of each pair first,
   by instruction or not. */
static float chained(const float *x, const float *w, int64_t k, int two)
{
    float s = 0;
    for (int64_t i = 0; i < k; i++) {
        int64_t l = two && (i ^ 1) < k ? i ^ 1 : i;
        s = fmaf(x[l], w[l], s);
    }
    return s;
}

/* On the matrix unit a step of 16 pairs has a chain for its even and one for its odd products, and
   their sum is added. */
static float stepped(const float *x, const float *w, int64_t k)
{
    float s = 0;
    for (int64_t i = 0; i < k; i += 2 * AMX_SIDE) {
        float even = 0, odd = 0;
        for (int64_t l = i; l < i + 2 * AMX_SIDE && l < k; l += 2) {
            even = fmaf(x[l], w[l], even);
            odd = l + 1 < k ? fmaf(x[l + 1], w[l + 1], odd) : odd;
        }
        s += even + odd;
    }
    return s;
}

static void chain(int64_t n, int64_t k)
{
    float *x = random_new(k, 1), *w = random_new(n * k, 2), *want = ALLOC(float, n);
    int two = ops->weight == BF16;
    as_held(x, k), as_held(w, n * k);
    for (int64_t j = 0; j < n; j++)
        want[j] = two && amx_here() ? stepped(x, w + j * k, k) : chained(x, w + j * k, k, two);
    buf_t bx = put(x, k), bw = put(w, n * k), y = put(want, n);
    pack_t *p = ops->pack_new(n, k);
    ops->pack_put(p, bw, F32, 0, n);
    ops->matmul(y, bx, p, (buf_t){NULL}, 1);
    float *got = take(y, n);
    check(!memcmp(got, want, (size_t)n * 4), "%ld %ld", n, k);
    ops->pack_free(p);
    drop(bx, k), drop(bw, n * k);
    mem_free(x), mem_free(w), mem_free(want), mem_free(got);
}

/* What is fused has the bits of its parts. */
static void fused(int64_t m, int64_t n, int64_t k)
{
    float *x = random_new(m * k, 1), *gu = random_new(m * 2 * k, 2), *w = random_new(n * k, 3),
          *plus = random_new(m * n, 4);
    buf_t bx = put(x, m * k), bgu = put(gu, m * 2 * k), bw = put(w, n * k), bp = put(plus, m * n),
          work = put(x, m * k);
    buf_t parts = put(plus, m * n), whole = put(plus, m * n);
    pack_t *p = ops->pack_new(n, k);
    ops->pack_put(p, bw, F32, 0, n);
    for (int i = 0; i < 2; i++) {
        if (i)
            ops->swiglu(bx, bgu, m, k);
        ops->matmul(parts, bx, p, (buf_t){NULL}, m);
        ops->add(parts, bp, m * n);
        if (i)
            ops->matmul_swiglu(whole, bgu, p, bp, work, m);
        else
            ops->matmul_add(whole, bx, p, bp, m);
        float *want = ALLOC(float, m *n), *got = ALLOC(float, m *n);
        ops->get(want, parts, (size_t)(m * n) * 4);
        ops->get(got, whole, (size_t)(m * n) * 4);
        check(!memcmp(got, want, (size_t)(m * n) * 4), "%s %ld %ld %ld", i ? "swiglu" : "add", m, n,
              k);
        mem_free(want), mem_free(got);
    }
    ops->pack_free(p);
    drop(bx, m * k), drop(bgu, m * 2 * k), drop(bw, n * k), drop(bp, m * n), drop(work, m * k),
        drop(parts, m * n), drop(whole, m * n);
    mem_free(x), mem_free(gu), mem_free(w), mem_free(plus);
}

/* The bits of every row: alone, in batches of every size, at odd offsets, with 1 and 2 threads. */
static void rows_keep_bits(int64_t n, int64_t k)
{
    enum { M = 512 };
    float *x = ALLOC(float, M *k), *w = ALLOC(float, n *k), *ref = ALLOC(float, M *n),
          *got = ALLOC(float, M *n);
    test_fill(x, M * k, 5);
    test_fill(w, n * k, 6);
    buf_t bx = put(x, M * k), bw = put(w, n * k), y = put(ref, M * n);
    pack_t *p = ops->pack_new(n, k);
    ops->pack_put(p, bw, F32, 0, n);
    omp_set_num_threads(1);
    for (int i = 0; i < M; i++)
        ops->matmul(buf_at(y, i * n), buf_at(bx, i * k), p, (buf_t){NULL}, 1);
    ops->get(ref, y, (size_t)(M * n) * 4);
    for (int threads = 1; threads <= 2; threads++) {
        omp_set_num_threads(threads);
        for (int m = 1; m <= M; m += m < 50 ? 1 : 77) {
            int at = m < M - 37 ? 37 : 0;
            ops->matmul(y, buf_at(bx, at * k), p, (buf_t){NULL}, m);
            ops->get(got, y, (size_t)(m * n) * 4);
            check(!memcmp(got, ref + at * n, (size_t)(m * n) * 4), "%d rows, %d threads, %ld %ld",
                  m, threads, n, k);
        }
    }
    ops->pack_free(p);
    drop(bx, M * k), drop(bw, n * k), drop(y, M * n);
    mem_free(x), mem_free(w), mem_free(ref), mem_free(got);
}

static void multiply(buf_t y, buf_t x, const pack_t *p, int64_t m, int dx)
{
    if (dx)
        ops->matmul_dx(y, x, p, m);
    else
        ops->matmul(y, x, p, (buf_t){NULL}, m);
}

/* m x n results that are too many for the caches are those of few rows at a time, to the bit. */
static void many(int64_t m, int64_t n, int64_t k, int dx)
{
    float *x = random_new(m * k, 1), *w = random_new(n * k, 2), *a, *b;
    buf_t bx = put(x, m * k), bw = put(w, n * k), all = ops->alloc((size_t)(m * n) * 4),
          part = ops->alloc((size_t)(m * n) * 4);
    pack_t *p = dx ? ops->pack_new(k, n) : ops->pack_new(n, k);
    ops->pack_put(p, bw, F32, 0, dx ? k : n);
    multiply(all, bx, p, m, dx);
    for (int64_t r = 0; r < m; r += 100)
        multiply(buf_at(part, r * n), buf_at(bx, r * k), p, least(100, m - r), dx);
    a = take(all, m * n), b = take(part, m * n);
    check(!memcmp(a, b, (size_t)(m * n) * 4), "%ld %ld %ld, dx %d", m, n, k, dx);
    ops->pack_free(p);
    drop(bx, m * k), drop(bw, n * k);
    mem_free(a), mem_free(b), mem_free(x), mem_free(w);
}

static void all(void)
{
    fused(1, 40, 33);
    fused(33, 70, 100);
    fused(200, 96, 1100);
    shape(1, 1, 1);
    shape(7, 5, 3);
    shape(13, 33, 31);
    shape(100, 200, 151);
    shape(97, 48, 512);
    shape(300, 512, 130);
    shape(64, 130, 600);
    rows_keep_bits(192, 192);
    rows_keep_bits(200, 512);
    rows_keep_bits(31, 151);
    held(1, 1), held(70, 5), held(130, 96), held(33, 151);
    stored(1, 1), stored(70, 5), stored(130, 96), stored(33, 151);
    many(1055, 2064, 70, 0), many(1055, 2064, 70, 1);
    chain(40, 130), chain(5, 33);
    check(backend_selftest(ops, 192, 192) == 0);
}

int main(int argc, char **argv)
{
    return device_main(argc, argv, all);
}
