/* Choosing a backend, and asking it to prove its promise.

   The self-test runs one product and one attention of the run's own width with each row alone, in
   batches of other sizes and with one thread and all, and compares bits.  The cpu kernels keep the
   promise by construction (kernel.c); the test guards against a compiler or a machine that breaks
   it. */
#include "backend/cpu/cpu.h"
#include <omp.h>
#include <string.h>

#define BACKEND(x) extern const ops_t x##_ops;
#include "backends.def"
#undef BACKEND

static const ops_t *const table[] = {
#define BACKEND(x) &x##_ops,
#include "backends.def"
#undef BACKEND
};

int backend_matrix_unit(int allowed)
{
    amx_allow(allowed);
    return amx_here();
}

buf_t buf_at(buf_t b, int64_t n)
{
    return (buf_t){(char *)b.p + n * 4};
}

void backend_names(text_t *out)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        text_addf(out, "%s%s", i ? ", " : "", table[i]->name);
}

const ops_t *backend_open(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (!strcmp(table[i]->name, name))
            return table[i];
    text_t names = {0};
    backend_names(&names);
    fail(CODE_USAGE, "backend: \"%s\" is not one of %s", name, names.s);
}

const ops_t *backend_typed(const char *name, dtype_t weight)
{
    char full[64];
    snprintf(full, sizeof full, "%s%s", name, weight == BF16 ? "-bf16" : "");
    return backend_open(full);
}

/* A buffer with n numbers in (-1, 1), a fixed function of the index. */
static buf_t numbers(const ops_t *ops, int64_t n, uint32_t seed)
{
    float *x = ALLOC(float, n);
    for (int64_t i = 0; i < n; i++) {
        uint32_t h = ((uint32_t)i + seed) * 2654435761u;
        h ^= h >> 15;
        x[i] = (float)(int32_t)(h * 2246822519u) / 2147483648.0f;
    }
    buf_t b = ops->alloc((size_t)n * 4);
    ops->put(b, x, (size_t)n * 4);
    mem_free(x);
    return b;
}

static int same(const ops_t *ops, buf_t a, buf_t b, int64_t n)
{
    float *x = ALLOC(float, 2 * n);
    ops->get(x, a, (size_t)n * 4);
    ops->get(x + n, b, (size_t)n * 4);
    int equal = !memcmp(x, x + n, (size_t)n * 4);
    mem_free(x);
    return equal;
}

static int product_invariant(const ops_t *ops, int64_t n, int64_t k)
{
    enum { M = 150 };
    buf_t x = numbers(ops, M * k, 1), w = numbers(ops, n * k, 2);
    buf_t all = ops->alloc((size_t)(M * n) * 4), part = ops->alloc((size_t)(M * n) * 4);
    pack_t *p = ops->pack_new(n, k);
    int good = 1;
    ops->pack_put(p, w, F32, 0, n);
    ops->matmul(all, x, p, (buf_t){NULL}, M);
    for (int step = 1; good && step < M; step = step * 2 + 1) {
        for (int i = 0; i < M; i += step)
            ops->matmul(buf_at(part, i * n), buf_at(x, i * k), p, (buf_t){NULL},
                        M - i < step ? M - i : step);
        good = same(ops, all, part, M * n);
    }
    ops->pack_free(p);
    ops->release(x, (size_t)(M * k) * 4);
    ops->release(w, (size_t)(n * k) * 4);
    ops->release(all, (size_t)(M * n) * 4);
    ops->release(part, (size_t)(M * n) * 4);
    return good;
}

/* All positions at once, then one at a time with keys in pages that are stored in reverse. */
static int attention_invariant(const ops_t *ops)
{
    enum { D = 32, PAGES = 3, T = PAGES * KEY_PAGE - 8, QKV = 3 * D };
    buf_t qkv = numbers(ops, T * QKV, 1), all = numbers(ops, T * D, 2),
          one = numbers(ops, T * D, 3), lse = numbers(ops, T, 4);
    size_t bytes = PAGES * ops->page_bytes(1, D);
    buf_t store = ops->alloc(bytes), slot = ops->alloc(T * 4);
    attn_t a = {.span = &(span_t){0, T, 0, 0, 1},
                .n_span = 1,
                .run = &(run_t){0, 0, T},
                .n_run = 1,
                .heads = 1,
                .kv_heads = 1,
                .head_dim = D,
                .scale = 1};
    ops->attention(all, lse, qkv, QKV, buf_at(qkv, D), buf_at(qkv, 2 * D), QKV, &a);
    run_t page[PAGES];
    int32_t at[T];
    for (int i = 0; i < PAGES; i++)
        page[i] = (run_t){i * KEY_PAGE, (PAGES - 1 - i) * KEY_PAGE, KEY_PAGE};
    for (int i = 0; i < T; i++)
        at[i] = page[i / KEY_PAGE].slot + i % KEY_PAGE;
    ops->put(slot, at, sizeof at);
    ops->keys_put(store, buf_at(qkv, D), QKV, slot, T, 1, D);
    for (int i = 0; i < T; i++) {
        span_t s = {0, 1, i, 0, i / KEY_PAGE + 1};
        attn_t b = {.span = &s,
                    .n_span = 1,
                    .run = page,
                    .n_run = i / KEY_PAGE + 1,
                    .heads = 1,
                    .kv_heads = 1,
                    .head_dim = D,
                    .scale = 1};
        ops->attention_pages(buf_at(one, i * D), buf_at(qkv, i * QKV), QKV, store, &b);
    }
    int good = same(ops, all, one, T * D);
    ops->release(qkv, T * QKV * 4);
    ops->release(all, T * D * 4);
    ops->release(one, T * D * 4);
    ops->release(lse, T * 4);
    ops->release(store, bytes);
    ops->release(slot, T * 4);
    return good;
}

int backend_selftest(const ops_t *ops, int64_t n, int64_t k)
{
    int threads = omp_get_max_threads(), good = 1;
    for (int t = 1; good && t <= threads; t = t < threads && 2 * t > threads ? threads : 2 * t) {
        omp_set_num_threads(t);
        good = product_invariant(ops, n, k) && attention_invariant(ops);
        if (t == threads)
            break;
    }
    omp_set_num_threads(threads);
    return !good;
}
