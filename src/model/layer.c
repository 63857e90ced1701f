/* The forward of one decoder layer, in two halves over packed rows.

   attend    n  = rmsnorm(x)        qkv = n [q;k;v]' + bias
             Qwen3: q and k = headnorm(q), headnorm(k)
             q and k turned by position; att = attention(qkv)
   feed      x2 = x + att o'        n = rmsnorm(x2)
             next = x2 + (silu(n gate') * (n up')) down'

   This one listing serves training and generation.  They differ in two places only:
   training gives each layer its own tensors and leaves keys where the product wrote
   them; generation lends every layer the same tensors and copies keys into pages.  A
   row's bits come from the same operations in the same order either way, and each
   operation is row-invariant, so a sampled log-probability is the trained one.

   Two halves, because behind the last layer's attention only the wanted rows matter: the
   callers gather these and feed them alone.  Of a prompt that is one row.

   The residual is added to the finished sum of a product, while it is in the cache.  A
   layer's output may be its input's memory (`next` = `x`): x is not
   read after x2.

   Cost, per row: 2 QKV C operations and 4 HD per key seen; 2 (HD C + 3 F C). */
#include "model/inside.h"
#include <math.h>

/* Norms of query and key heads; where training keeps what they were, keys follow the queries. */
void layer_headnorm(const model_t *m, int layer, const attend_t *s, int64_t t)
{
    const model_config_t *c = &m->c;
    int64_t qkv = qkv_width(c), hd = q_width(c);
    buf_t kraw = s->raw.p ? buf_at(s->raw, t * hd) : s->raw;
    m->ops->headnorm(s->qkv, s->raw, s->raw_rstd, model_vector(m, layer, AT_QNORM), t, qkv,
                     c->heads, c->head_dim, c->rms_eps);
    m->ops->headnorm(buf_at(s->qkv, hd), kraw, buf_at(s->raw_rstd, t * c->heads),
                     model_vector(m, layer, AT_KNORM), t, qkv, c->kv_heads, c->head_dim,
                     c->rms_eps);
}

void layer_attend(const model_t *m, int layer, const attend_t *s, const place_t *place, buf_t pos,
                  int64_t t, const attn_t *a)
{
    const ops_t *ops = m->ops;
    const model_config_t *c = &m->c;
    int64_t C = c->width, qkv = qkv_width(c), hd = q_width(c), kvd = kv_width(c);

    ops->rmsnorm(s->norm, s->rstd, s->x, model_vector(m, layer, AT_NORM1), t, C, c->rms_eps);
    ops->matmul(s->qkv, s->norm, model_pack(m, layer, PACK_QKV), model_vector(m, layer, AT_BIAS),
                t);
    if (c->qk_norm)
        layer_headnorm(m, layer, s, t);
    ops->rope(s->qkv, pos, m->rope, t, qkv, c->heads + c->kv_heads, c->head_dim, 0);
    if (place->store.p) {
        ops->keys_put(place->store, buf_at(s->qkv, hd), qkv, place->slot, t, c->kv_heads,
                      c->head_dim);
        ops->attention_pages(s->att, s->qkv, qkv, place->store, a);
    } else {
        ops->attention(s->att, s->lse, s->qkv, qkv, buf_at(s->qkv, hd), buf_at(s->qkv, hd + kvd),
                       qkv, a);
    }
}

void layer_feed(const model_t *m, int layer, const feed_t *s, int64_t t)
{
    const ops_t *ops = m->ops;
    const model_config_t *c = &m->c;
    int64_t C = c->width;
    buf_t none = {NULL};

    ops->matmul_add(s->x2, s->att, model_pack(m, layer, PACK_O), s->x, t);
    ops->rmsnorm(s->norm, s->rstd, s->x2, model_vector(m, layer, AT_NORM2), t, C, c->rms_eps);
    ops->matmul(s->gate_up, s->norm, model_pack(m, layer, PACK_GATE_UP), none, t);
    ops->matmul_swiglu(s->next, s->gate_up, model_pack(m, layer, PACK_DOWN), s->x2, s->mlp, t);
}

attn_t layer_attn(const model_config_t *c, const batch_t *b, int layer)
{
    return (attn_t){
        .span = b->span,
        .n_span = b->n_span,
        .run = b->run,
        .n_run = b->n_run,
        .heads = c->heads,
        .kv_heads = c->kv_heads,
        .head_dim = c->head_dim,
        .scale = (float)(1 / sqrt(c->head_dim)),
        .window = model_layer_window(c, layer),
    };
}
