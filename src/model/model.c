/* The parameters of one model as they are held and used.

   A matrix is held once, in packs that products read (backend.h); q, k and v are one pack,
   gate and up another, and where the head shares the embedding's memory so do they.
   Norms and biases stand together, as float32
   whose values the type can hold: an exported model is the same function.  So a model takes 4 or 2
   bytes a parameter; gradients, moments and the float32 master of a model that is trained have
   the layout of params_t and belong to others.  Changing parameters raises the version,
   which keys in pages and trajectories remember.  Memory: packs, vectors, the rotary
   table. */
#include "model/inside.h"
#include <math.h>
#include <string.h>

static size_t rope_bytes(const model_config_t *c)
{
    return (size_t)c->max_position * (size_t)c->head_dim * sizeof(float);
}

static int pack_count(const model_config_t *c)
{
    return c->layers * PACK_KINDS + (c->tied ? 1 : 2);
}

void pack_shape(const model_config_t *c, int i, int64_t *n, int64_t *k)
{
    int64_t C = c->width, F = c->ffn;
    int kind = i % PACK_KINDS;
    if (i >= c->layers * PACK_KINDS) {
        *n = c->vocab;
        *k = C;
        return;
    }
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
#pragma omp parallel for schedule(static) if (n > 4096)
    for (int p = 0; p < n; p++)
        for (int i = 0; i < half; i++) {
            table[(int64_t)p * 2 * half + i] = (float)(scale * cos(p * w[i]));
            table[(int64_t)p * 2 * half + half + i] = (float)(scale * sin(p * w[i]));
        }
    mem_free(w);
    m->ops->put(m->rope, table, rope_bytes(&m->c));
    mem_free(table);
}

/* Which pack a kind of tensor is in, of its layer or of all; -1: a vector. */
static int pack_of(const model_config_t *c, const param_t *t)
{
    int first = (t->layer < 0 ? 0 : t->layer) * PACK_KINDS, last = c->layers * PACK_KINDS;
    switch (t->id) {
    case PARAM_Q:
    case PARAM_K:
    case PARAM_V:
        return first + PACK_QKV;
    case PARAM_O:
        return first + PACK_O;
    case PARAM_GATE:
    case PARAM_UP:
        return first + PACK_GATE_UP;
    case PARAM_DOWN:
        return first + PACK_DOWN;
    case PARAM_EMBED:
        return last + !c->tied;
    case PARAM_HEAD:
        return last;
    default:
        return -1;
    }
}

static int64_t row_in_pack(const model_config_t *c, int id)
{
    return id == PARAM_K    ? q_width(c)
           : id == PARAM_V  ? q_width(c) + kv_width(c)
           : id == PARAM_UP ? c->ffn
                            : 0;
}

/* Vectors that a product or norm reads together keep their distance: they are cut from one
   range. */
static int64_t place_tensors(const model_config_t *c, const params_t *p, held_t *held)
{
    int64_t used = 0;
    for (int i = 0; i < p->n; i++) {
        const param_t *t = &p->tensor[i];
        held_t h = {pack_of(c, t), row_in_pack(c, t->id)};
        if (h.pack < 0) {
            int joined = t->id == PARAM_KB || t->id == PARAM_VB;
            h.at = used = joined ? used : (used + 15) / 16 * 16;
            used += t->cols;
        }
        if (held)
            held[i] = h;
    }
    return used;
}

static void find_tensors(model_t *m)
{
    const int first[AT_KINDS] = {PARAM_NORM1, PARAM_Q,     PARAM_QB,   PARAM_QNORM, PARAM_KNORM,
                                 PARAM_O,     PARAM_NORM2, PARAM_GATE, PARAM_DOWN};
    for (int l = 0; l < m->c.layers; l++)
        for (int i = 0; i < AT_KINDS; i++)
            m->at[l][i] = m->in[l][i] = -1;
    m->at_embed = m->at_head = m->at_norm = m->in_norm = -1;
    for (int k = 0; k < m->params.n; k++) {
        const param_t *t = &m->params.tensor[k];
        for (int i = 0; i < AT_KINDS && t->layer >= 0; i++)
            if (t->id == first[i]) {
                m->at[t->layer][i] = t->offset;
                m->in[t->layer][i] = m->held[k].pack < 0 ? m->held[k].at : -1;
            }
        if (t->id == PARAM_EMBED)
            m->at_embed = t->offset;
        if (t->id == PARAM_HEAD)
            m->at_head = t->offset;
        if (t->id == PARAM_NORM)
            m->at_norm = t->offset, m->in_norm = m->held[k].at;
    }
    if (m->c.tied)
        m->at_head = m->at_embed;
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
    m->held = ALLOC(held_t, m->params.n);
    m->n_vectors = place_tensors(c, &m->params, m->held);
    m->vectors = ops->alloc((size_t)m->n_vectors * sizeof(float));
    ops->zero(m->vectors, (size_t)m->n_vectors * sizeof(float));
    m->scratch = ops->alloc((size_t)scratch_floats(&m->params) * sizeof(float));
    m->rope = ops->alloc(rope_bytes(c));
    rope_fill(m);
    int packs = pack_count(c);
    m->pack = ALLOC(pack_t *, c->layers * PACK_KINDS + 2);
    for (int i = 0; i < packs; i++) {
        int64_t n, k;
        pack_shape(c, i, &n, &k);
        m->pack[i] = ops->pack_new(n, k);
    }
    if (c->tied)
        m->pack[packs] = m->pack[packs - 1];
    m->at = mem_new((size_t)c->layers * sizeof *m->at);
    m->in = mem_new((size_t)c->layers * sizeof *m->in);
    find_tensors(m);
    model_commit(m);
    return m;
}

void model_free(model_t *m)
{
    if (!m)
        return;
    for (int i = 0; i < pack_count(&m->c); i++)
        m->ops->pack_free(m->pack[i]);
    m->ops->release(m->vectors, (size_t)m->n_vectors * sizeof(float));
    m->ops->release(m->scratch, (size_t)scratch_floats(&m->params) * sizeof(float));
    m->ops->release(m->rope, rope_bytes(&m->c));
    mem_free(m->pack);
    mem_free(m->held);
    mem_free(m->at);
    mem_free(m->in);
    params_free(&m->params);
    mem_free(m);
}

size_t model_bytes(const model_config_t *c, const ops_t *ops)
{
    params_t p = params_new(c);
    size_t sum =
        (size_t)(place_tensors(c, &p, NULL) + scratch_floats(&p)) * sizeof(float) + rope_bytes(c);
    params_free(&p);
    for (int i = 0; i < pack_count(c); i++) {
        int64_t n, k;
        pack_shape(c, i, &n, &k);
        sum += ops->pack_bytes(n, k);
    }
    return sum;
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

int64_t model_version(const model_t *m)
{
    return m->version;
}

void model_commit(model_t *m)
{
    m->version++;
}

double model_flops(const model_config_t *c, int64_t tokens, int64_t attended, int64_t head_rows,
                   int backward)
{
    double C = c->width, F = c->ffn, hd = (double)q_width(c), qkv = (double)qkv_width(c);
    double attend = 2 * (double)tokens * qkv * C + 4 * hd * (double)attended;
    double feed = 2 * (hd * C + 3 * F * C); /* a row */
    double fed = (double)(c->layers - 1) * (double)tokens + (double)head_rows;
    double sum = c->layers * attend + feed * fed + 2 * (double)head_rows * C * c->vocab;
    return backward ? 3 * sum : sum;
}
