/* What tests of a backend share: the table under test, and arrays that go into device memory and
   come back. */
#pragma once
#include "test.h"
#include "backend.h"

static const ops_t *ops;

/* n float32 or int32 values in a new buffer. */
static inline buf_t put(const void *x, int64_t n)
{
    buf_t b = ops->alloc((size_t)n * 4);
    ops->put(b, x, (size_t)n * 4);
    return b;
}

/* The values, in a new block; the buffer is gone. */
static inline float *take(buf_t b, int64_t n)
{
    float *x = ALLOC(float, n);
    ops->get(x, b, (size_t)n * 4);
    ops->release(b, (size_t)n * 4);
    return x;
}

/* What the table's packs would hold: bfloat16 to nearest, ties to even. */
static inline void as_held(float *x, int64_t n)
{
    for (int64_t i = 0; ops->weight == BF16 && i < n; i++) {
        uint32_t b;
        memcpy(&b, x + i, 4);
        b = (b + 0x7fff + (b >> 16 & 1)) & 0xffff0000u;
        memcpy(x + i, &b, 4);
    }
}

/* The main of a test of the named backend: everything; of bfloat16 once with the matrix unit, where
   there is one, and once without. */
static inline int device_main(int argc, char **argv, void (*all)(void))
{
    test_begin(&argc, &argv);
    const char *name = getenv("ALETHEIA_BACKEND");
    ops = backend_open(name ? name : "cpu");
    all();
    if (ops->weight == BF16 && backend_matrix_unit(1)) {
        backend_matrix_unit(0);
        all();
    }
    return test_end();
}

static inline float *random_new(int64_t n, uint64_t seed)
{
    float *x = ALLOC(float, n);
    test_fill(x, n, seed);
    return x;
}
