/* The parameters of one model and the copies of them that products read.

   Parameters are one block.  The forward product reads packed copies of the matrices
   (one pack a fused product), which model_commit refills after the block changed; it
   also raises the version, which keys in pages and trajectories remember.  Memory: block
   + packs + the rotary table.

   Initial values: N(0, 0.02) for matrices, with the two that write to the residual
   stream divided by sqrt(2 L), so that the stream's variance does not grow with depth
   (Radford et al. 2019); norms 1; biases 0.  Every row of every tensor has its own
   random stream, keyed by tensor and row, so any share of a tensor can be made alone.

   The hash is a sum over tensors of H(name, shape, values by row): neither the order of
   tensors nor where they are in memory matters. */
#include "model/inside.h"
#include <math.h>
#include <string.h>

enum { CHUNK = 1 << 16 };                /* floats on the host at a time */

static size_t rope_bytes(const model_config_t *c)
{
    return (size_t)c->max_position * (size_t)c->head_dim * sizeof(float);
}

static size_t block_bytes(const model_t *m)
{
    return (size_t)m->params.count * sizeof(float);
}

/* Shapes [n, k] of a layer's packed products, in the order of PACK_. */
static void pack_shape(const model_config_t *c, int kind, int64_t *n, int64_t *k)
{
    int64_t C = c->width, F = c->ffn;
    *n = kind == PACK_QKV ? qkv_width(c) : kind == PACK_GATE_UP ? 2 * F : C;
    *k = kind == PACK_O ? q_width(c) : kind == PACK_DOWN ? F : C;
}

/* The table is computed in double: angle = position * frequency. */
static void rope_fill(model_t *m)
{
    int half = m->c.head_dim / 2, n = m->c.max_position;
    double scale = m->c.rope.kind == ROPE_YARN ? m->c.rope.attention : 1;
    double *w = ALLOC(double, half);
    float *table = ALLOC(float, (int64_t)n * 2 * half);
    rope_frequencies(&m->c.rope, m->c.head_dim, w);
    for (int p = 0; p < n; p++)
        for (int i = 0; i < half; i++) {
            table[(int64_t)p * 2 * half + i] = (float)(scale * cos(p * w[i]));
            table[(int64_t)p * 2 * half + half + i] = (float)(scale * sin(p * w[i]));
        }
    mem_free(w);
    m->ops->put(m->rope, table, rope_bytes(&m->c));
    mem_free(table);
}

model_t *model_new(const model_config_t *c, const ops_t *ops)
{
    text_t why = {0};
    if (model_config_check(c, &why))
        fail(CODE_DATA, "model configuration: %s", why.s);
    text_reset(&why);
    model_t *m = ALLOC(model_t, 1);
    m->c = *c;
    m->ops = ops;
    m->params = params_new(c);
    m->block = ops->alloc(block_bytes(m));
    ops->zero(m->block, block_bytes(m));
    m->rope = ops->alloc(rope_bytes(c));
    rope_fill(m);
    m->pack = ALLOC(pack_t *, c->layers * PACK_KINDS + 1);
    m->at = mem_new((size_t)c->layers * sizeof *m->at);
    const int first[AT_KINDS] = {PARAM_NORM1, PARAM_Q,     PARAM_QB,   PARAM_QNORM, PARAM_KNORM,
                                 PARAM_O,     PARAM_NORM2, PARAM_GATE, PARAM_DOWN};
    for (int l = 0; l < c->layers; l++) {
        for (int i = 0; i < AT_KINDS; i++)
            m->at[l][i] = params_offset(&m->params, first[i], l);
        for (int i = 0; i < PACK_KINDS; i++) {
            int64_t n, k;
            pack_shape(c, i, &n, &k);
            m->pack[l * PACK_KINDS + i] = ops->pack_new(n, k);
        }
    }
    m->pack[c->layers * PACK_KINDS] = ops->pack_new(c->vocab, c->width);
    m->at_embed = params_offset(&m->params, PARAM_EMBED, -1);
    m->at_norm = params_offset(&m->params, PARAM_NORM, -1);
    m->at_head = c->tied ? m->at_embed : params_offset(&m->params, PARAM_HEAD, -1);
    model_commit(m);
    return m;
}

void model_free(model_t *m)
{
    if (!m)
        return;
    for (int i = 0; i <= m->c.layers * PACK_KINDS; i++)
        m->ops->pack_free(m->pack[i]);
    m->ops->release(m->block, block_bytes(m));
    m->ops->release(m->rope, rope_bytes(&m->c));
    mem_free(m->pack);
    mem_free(m->at);
    params_free(&m->params);
    mem_free(m);
}

size_t model_bytes(const model_config_t *c, const ops_t *ops)
{
    params_t p = params_new(c);
    size_t sum = (size_t)p.count * sizeof(float) + rope_bytes(c);
    params_free(&p);
    for (int i = 0; i < PACK_KINDS; i++) {
        int64_t n, k;
        pack_shape(c, i, &n, &k);
        sum += (size_t)c->layers * ops->pack_bytes(n, k);
    }
    return sum + ops->pack_bytes(c->vocab, c->width);
}

const model_config_t *model_config(const model_t *m)
{
    return &m->c;
}

const params_t *model_params(const model_t *m)
{
    return &m->params;
}

const ops_t *model_ops(const model_t *m)
{
    return m->ops;
}

buf_t model_block(const model_t *m)
{
    return m->block;
}

int64_t model_version(const model_t *m)
{
    return m->version;
}

void model_commit(model_t *m)
{
    const int at[PACK_KINDS] = {AT_QKV, AT_O, AT_GATE_UP, AT_DOWN};
    for (int l = 0; l < m->c.layers; l++)
        for (int i = 0; i < PACK_KINDS; i++)
            m->ops->pack_put(model_pack(m, l, i), buf_at(m->block, m->at[l][at[i]]));
    m->ops->pack_put(m->pack[m->c.layers * PACK_KINDS], buf_at(m->block, m->at_head));
    m->version++;
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
    m->ops->put(buf_at(m->block, t->offset), host,
                (size_t)(t->rows * t->cols) * sizeof *host);
}

void model_get(const model_t *m, const char *name, float *host)
{
    const param_t *t = tensor(m, name);
    m->ops->get(host, buf_at(m->block, t->offset),
                (size_t)(t->rows * t->cols) * sizeof *host);
}

void model_copy(model_t *dst, const model_t *src)
{
    ASSERT(dst->params.count == src->params.count && dst->ops == src->ops);
    dst->ops->copy(dst->block, src->block, block_bytes(src));
    model_commit(dst);
}

static void init_row(const param_t *t, int layers, uint64_t seed, int64_t row, float *x)
{
    int residual = t->id == PARAM_O || t->id == PARAM_DOWN;
    double std = residual ? 0.02 / sqrt(2.0 * layers) : 0.02;
    int one = t->id == PARAM_NORM1 || t->id == PARAM_NORM2 || t->id == PARAM_NORM ||
              t->id == PARAM_QNORM || t->id == PARAM_KNORM;
    int bias = t->id == PARAM_QB || t->id == PARAM_KB || t->id == PARAM_VB;
    rng_t r = rng_make(seed, RNG_INIT,
                       (uint64_t)(t->layer + 1) * PARAM_KINDS + (uint64_t)t->id,
                       (uint64_t)row);
    for (int64_t i = 0; i < t->cols; i++)
        x[i] = one ? 1 : bias ? 0 : (float)(std * rng_normal(&r));
}

static int64_t chunk_rows(const param_t *t)
{
    return t->cols >= CHUNK ? 1 : t->rows < CHUNK / t->cols ? t->rows : CHUNK / t->cols;
}

void model_init_random(model_t *m, uint64_t seed)
{
    for (int i = 0; i < m->params.n; i++) {
        const param_t *t = &m->params.tensor[i];
        int64_t step = chunk_rows(t);
        float *x = ALLOC(float, step * t->cols);
        for (int64_t r = 0; r < t->rows; r += step) {
            int64_t n = t->rows - r < step ? t->rows - r : step;
            for (int64_t j = 0; j < n; j++)
                init_row(t, m->c.layers, seed, r + j, x + j * t->cols);
            m->ops->put(buf_at(m->block, t->offset + r * t->cols), x,
                        (size_t)(n * t->cols) * sizeof *x);
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
        m->ops->get(x, buf_at(m->block, t->offset + r * t->cols),
                    (size_t)(n * t->cols) * sizeof *x);
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

double model_flops(const model_config_t *c, int64_t tokens, int64_t attended,
                   int64_t head_rows, int backward)
{
    double C = c->width, F = c->ffn, hd = (double)q_width(c), qkv = (double)qkv_width(c);
    double attend = 2 * (double)tokens * qkv * C + 4 * hd * (double)attended;
    double feed = 2 * (hd * C + 3 * F * C);              /* a row */
    double fed = (double)(c->layers - 1) * (double)tokens + (double)head_rows;
    double sum = c->layers * attend + feed * fed + 2 * (double)head_rows * C * c->vocab;
    return backward ? 3 * sum : sum;
}
