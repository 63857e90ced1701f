/* Parameters in and out of a model: rows of one tensor from and to the host, all of them
   from and to a block in device memory, initial values, and the hash.

   Initial values: N(0, 0.02) for matrices, with the two that write to the residual
   stream divided by sqrt(2 L), so that the stream's variance does not grow with depth
   (Radford et al. 2019); norms 1; biases 0.  Every row of every tensor has its own
   random stream, keyed by tensor and row, so any share of a tensor can be made alone.

   The hash is a sum over tensors of H(name, shape, values by row) of what is held:
   neither the order of tensors nor where they are in memory matters.

   On the host there is never more than a few MB of a tensor at a time. */
#include "model/inside.h"
#include <math.h>
#include <string.h>

enum { CHUNK = 1 << 20 }; /* floats on the host or in scratch at a time */

/* A multiple of what packs take at once, but at least one row. */
static int64_t chunk_rows(const param_t *t)
{
    int64_t rows = CHUNK / t->cols;
    rows = rows < 64 ? rows + !rows : rows / 64 * 64;
    return rows < t->rows ? rows : t->rows;
}

static const held_t *held_of(const model_t *m, const param_t *t)
{
    ASSERT(t >= m->params.tensor && t < m->params.tensor + m->params.n); /* of this model */
    return &m->held[t - m->params.tensor];
}

void model_put_stored(model_t *m, const param_t *t, int64_t row, int64_t rows, dtype_t type,
                      const void *host)
{
    const held_t *h = held_of(m, t);
    const ops_t *ops = m->ops;
    int64_t step = ops->unified ? rows : chunk_rows(t), bytes = t->cols * dtype_bytes(type);
    ASSERT(row >= 0 && row + rows <= t->rows && h->pack >= 0);
    for (int64_t r = 0; r < rows; r += step) {
        const char *from = (const char *)host + r * bytes;
        int64_t n = rows - r < step ? rows - r : step;
        buf_t lent = {(void *)(uintptr_t)from};
        if (!ops->unified)
            ops->put(m->scratch, from, (size_t)(n * bytes));
        ops->pack_put(m->pack[h->pack], ops->unified ? lent : m->scratch, type, h->at + row + r, n);
    }
}

void model_put_rows(model_t *m, const param_t *t, int64_t row, int64_t rows, const float *host)
{
    const held_t *h = held_of(m, t);
    if (h->pack >= 0) {
        model_put_stored(m, t, row, rows, F32, host);
        return;
    }
    buf_t vector = buf_at(m->vectors, h->at);
    ASSERT(row == 0 && rows == 1);
    m->ops->put(vector, host, (size_t)t->cols * sizeof *host);
    m->ops->hold(vector, t->cols);
}

void model_get_rows(const model_t *m, const param_t *t, int64_t row, int64_t rows, float *host)
{
    const held_t *h = held_of(m, t);
    buf_t from = h->pack < 0 ? buf_at(m->vectors, h->at) : m->scratch;
    ASSERT(row >= 0 && row + rows <= t->rows);
    for (int64_t r = 0, step = chunk_rows(t); r < rows; r += step) {
        int64_t n = rows - r < step ? rows - r : step;
        if (h->pack >= 0)
            m->ops->pack_get(m->pack[h->pack], from, h->at + row + r, n);
        m->ops->get(host + r * t->cols, from, (size_t)(n * t->cols) * sizeof *host);
    }
}

int64_t scratch_floats(const params_t *p)
{
    int64_t most = 1;
    for (int i = 0; i < p->n; i++) {
        int64_t n = chunk_rows(&p->tensor[i]) * p->tensor[i].cols;
        most = n > most ? n : most;
    }
    return most;
}

static const param_t *tensor(const model_t *m, const char *name)
{
    const param_t *t = params_find(&m->params, name);
    if (!t)
        fail(CODE_DATA, "the model has no tensor '%s'", name);
    return t;
}

void model_put(model_t *m, const char *name, const float *host)
{
    const param_t *t = tensor(m, name);
    model_put_rows(m, t, 0, t->rows, host);
}

void model_get(const model_t *m, const char *name, float *host)
{
    const param_t *t = tensor(m, name);
    model_get_rows(m, t, 0, t->rows, host);
}

void model_from_block(model_t *m, buf_t block)
{
    for (int i = 0; i < m->params.n; i++) {
        const param_t *t = &m->params.tensor[i];
        const held_t *h = &m->held[i];
        buf_t from = buf_at(block, t->offset);
        if (h->pack < 0)
            m->ops->copy(buf_at(m->vectors, h->at), from, (size_t)t->cols * sizeof(float));
        else
            m->ops->pack_put(m->pack[h->pack], from, F32, h->at, t->rows);
    }
    m->ops->hold(m->vectors, m->n_vectors);
    model_commit(m);
}

/* Gaps are at most 15 floats before a tensor and at the end. */
static void zero_gaps(const model_t *m, buf_t block)
{
    int64_t end = 0;
    for (int i = 0; i <= m->params.n; i++) {
        int64_t next = i < m->params.n ? m->params.tensor[i].offset : m->params.count;
        if (next > end)
            m->ops->zero(buf_at(block, end), (size_t)(next - end) * sizeof(float));
        if (i < m->params.n)
            end = next + m->params.tensor[i].rows * m->params.tensor[i].cols;
    }
}

void model_to_block(const model_t *m, buf_t block)
{
    zero_gaps(m, block);
    for (int i = 0; i < m->params.n; i++) {
        const param_t *t = &m->params.tensor[i];
        const held_t *h = &m->held[i];
        buf_t to = buf_at(block, t->offset);
        if (h->pack < 0)
            m->ops->copy(to, buf_at(m->vectors, h->at), (size_t)t->cols * sizeof(float));
        else
            m->ops->pack_get(m->pack[h->pack], to, h->at, t->rows);
    }
}

void model_copy(model_t *dst, const model_t *src)
{
    ASSERT(dst->params.count == src->params.count && dst->ops == src->ops);
    for (int i = 0; i < src->c.layers * PACK_KINDS + (src->c.tied ? 1 : 2); i++)
        dst->ops->pack_copy(dst->pack[i], src->pack[i]);
    dst->ops->copy(dst->vectors, src->vectors, (size_t)src->n_vectors * sizeof(float));
    model_commit(dst);
}

static void init_row(const param_t *t, int layers, uint64_t seed, int64_t row, float *x)
{
    int residual = t->id == PARAM_O || t->id == PARAM_DOWN;
    double std = residual ? 0.02 / sqrt(2.0 * layers) : 0.02;
    int one = t->id == PARAM_NORM1 || t->id == PARAM_NORM2 || t->id == PARAM_NORM ||
              t->id == PARAM_QNORM || t->id == PARAM_KNORM;
    int bias = t->id == PARAM_QB || t->id == PARAM_KB || t->id == PARAM_VB;
    rng_t r = rng_make(seed, RNG_INIT, (uint64_t)(t->layer + 1) * PARAM_KINDS + (uint64_t)t->id,
                       (uint64_t)row);
    for (int64_t i = 0; i < t->cols; i++)
        x[i] = one ? 1 : bias ? 0 : (float)(std * rng_normal(&r));
}

void model_init_random(model_t *m, uint64_t seed)
{
    for (int i = 0; i < m->params.n; i++) {
        const param_t *t = &m->params.tensor[i];
        int64_t step = chunk_rows(t);
        float *x = ALLOC(float, step * t->cols);
        for (int64_t r = 0; r < t->rows; r += step) {
            int64_t n = t->rows - r < step ? t->rows - r : step;
#pragma omp parallel for schedule(static) if (n * t->cols > 1 << 14)
            for (int64_t j = 0; j < n; j++)
                init_row(t, m->c.layers, seed, r + j, x + j * t->cols);
            model_put_rows(m, t, r, n, x);
        }
        mem_free(x);
    }
    model_commit(m);
}

static hash_t tensor_hash(const model_t *m, const param_t *t)
{
    int64_t step = chunk_rows(t), shape[2] = {t->rows, t->cols};
    float *x = ALLOC(float, step * t->cols);
    hash_t h = hash_more(hash_bytes(t->name, strlen(t->name)), shape, sizeof shape);
    for (int64_t r = 0; r < t->rows; r += step) {
        int64_t n = t->rows - r < step ? t->rows - r : step;
        model_get_rows(m, t, r, n, x);
        for (int64_t j = 0; j < n; j++)
            h = hash_more(h, x + j * t->cols, (size_t)t->cols * sizeof *x);
    }
    mem_free(x);
    return h;
}

hash_t model_hash(const model_t *m)
{
    hash_t sum = {0};
    for (int i = 0; i < m->params.n; i++) {
        hash_t h = tensor_hash(m, &m->params.tensor[i]);
        sum.lo += h.lo;
        sum.hi += h.hi;
    }
    return sum;
}
