/* Generation: the forward of new tokens whose keys go into pages, and a token for wanted
   rows.

   The layers are those of training (layer.c) with one set of tensors lent to all of
   them; keys of the new tokens are put into the store before attention reads it, so a
   prompt of many tokens and a single new token are the same call.  The chosen token's
   log-probability comes from the same head product as in training, hence from the same
   bits. */
#include "model/inside.h"

struct decoder {
    model_config_t c;
    const ops_t *ops;
    int max_tokens, max_rows;
    buf_t block;
    size_t bytes;
    attend_t attend;
    feed_t feed, last;                 /* [T]; [R] behind the last attention */
    buf_t token, pos, slot;            /* [T] */
    buf_t row, u, out, logp, rstd, hn; /* [R], hn [R, C] */
    buf_t head_work;
};

static void plan(decoder_t *d, carve_t *k)
{
    const model_config_t *c = &d->c;
    int64_t T = d->max_tokens, R = d->max_rows, C = c->width, F = c->ffn;
    int64_t N = T > R ? T : R;
    attend_t *a = &d->attend;
    feed_t *f = &d->feed;
    buf_t *t[] = {&d->token, &d->pos, &d->slot, &a->rstd, &f->rstd};
    for (size_t i = 0; i < sizeof t / sizeof *t; i++)
        *t[i] = carve(k, T);
    buf_t *r[] = {&d->row, &d->u, &d->out, &d->logp, &d->rstd};
    for (size_t i = 0; i < sizeof r / sizeof *r; i++)
        *r[i] = carve(k, R);
    a->x = f->x = f->next = carve(k, T * C);
    a->norm = f->norm = carve(k, T * C);
    a->qkv = carve(k, T * qkv_width(c));
    if (c->qk_norm)
        a->raw_rstd = carve(k, T * (c->heads + c->kv_heads));
    a->att = f->att = carve(k, T * q_width(c));
    f->x2 = carve(k, N * C);
    f->gate_up = carve(k, N * 2 * F);
    f->mlp = carve(k, N * F);
    d->last = *f;
    d->last.rstd = d->rstd;
    d->last.x = d->last.next = carve(k, R * C);
    d->last.att = carve(k, R * q_width(c));
    d->last.norm = d->hn = carve(k, R * C);
    d->head_work = carve_bytes(k, d->ops->head_bytes(C, c->vocab));
}

size_t decoder_bytes(const model_config_t *c, const ops_t *ops, int max_tokens, int max_rows)
{
    decoder_t d = {.c = *c, .ops = ops, .max_tokens = max_tokens, .max_rows = max_rows};
    carve_t k = {0};
    plan(&d, &k);
    int64_t wide = c->ffn > c->width ? c->ffn : c->width;
    return (size_t)k.used * sizeof(float) + ops->product_bytes(max_tokens, wide);
}

decoder_t *decoder_new(const model_config_t *c, const ops_t *ops, int max_tokens, int max_rows)
{
    ASSERT(max_tokens > 0 && max_rows > 0);
    decoder_t *d = ALLOC(decoder_t, 1);
    *d = (decoder_t){.c = *c, .ops = ops, .max_tokens = max_tokens, .max_rows = max_rows};
    carve_t k = {0};
    plan(d, &k);
    d->bytes = (size_t)k.used * sizeof(float);
    d->block = ops->alloc(d->bytes);
    k = (carve_t){.base = d->block};
    plan(d, &k);
    return d;
}

void decoder_free(decoder_t *d)
{
    if (!d)
        return;
    d->ops->release(d->block, d->bytes);
    mem_free(d);
}

static void check_slots(const batch_t *b, const pages_t *p, const int32_t *slot)
{
    int slots = pages_slots(p);
    for (int i = 0; i < b->n; i++)
        ASSERT(slot[i] >= 0 && slot[i] < slots);
    for (int i = 0; i < b->n_run; i++)
        ASSERT(b->run[i].slot >= 0 && b->run[i].slot + b->run[i].count <= slots);
}

void decode_step(const model_t *m, decoder_t *d, pages_t *p, const batch_t *b, const int32_t *slot,
                 const sampling_t *s, const float *u, int32_t *token_out, float *logp_out)
{
    const ops_t *ops = m->ops;
    const model_config_t *c = &m->c;
    int64_t T = b->n, R = b->n_row, C = c->width;
    batch_check(b, c, d->max_tokens, d->max_rows);
    check_slots(b, p, slot);
    ASSERT(pages_version(p) == model_version(m));
    if (!T)
        return;
    place_t place = {.slot = d->slot};

    ops->put(d->token, b->token, (size_t)T * sizeof(int32_t));
    ops->put(d->pos, b->pos, (size_t)T * sizeof(int32_t));
    ops->put(d->slot, slot, (size_t)T * sizeof(int32_t));
    ops->embed(d->attend.x, model_embedding(m), d->token, T);
    for (int l = 0; l < c->layers; l++) {
        attn_t attn = layer_attn(c, b, l);
        place.store = pages_layer(p, l);
        layer_attend(m, l, &d->attend, &place, d->pos, T, &attn);
        if (l + 1 < c->layers)
            layer_feed(m, l, &d->feed, T);
    }
    if (!R)
        return;
    ops->put(d->row, b->row, (size_t)R * sizeof(int32_t));
    ops->put(d->u, u, (size_t)R * sizeof(float));
    ops->gather(d->last.x, d->attend.x, d->row, R, C);
    ops->gather(d->last.att, d->attend.att, d->row, R, q_width(c));
    layer_feed(m, c->layers - 1, &d->last, R);
    ops->rmsnorm(d->hn, d->rstd, d->last.next, model_last_norm(m), R, C, c->rms_eps);
    ops->head_sample(d->out, d->logp, d->hn, model_head(m), d->u, s, d->head_work, R);
    ops->get(token_out, d->out, (size_t)R * sizeof(int32_t));
    ops->get(logp_out, d->logp, (size_t)R * sizeof(float));
}
