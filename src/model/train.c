/* The forward that remembers, and its backward.

   Forward: embedding, the layers of layer.c, and the head for the rows whose next token
   is wanted.  Each layer keeps x, qkv, the attention's output and log-sum-exp, x2,
   gate_up and the two rstd; the normed inputs and silu(gate) up are computed again in
   the backward, for they cost little and would cost 2 C + F floats a token and layer.

   Backward: the listing of layer.c from the bottom to the top, with
       dx of y = x w'       dx = dy w       dw += dy' x
   and one residual gradient `dx` to which the two norms of a layer add.

   Wanted rows.  Behind the attention of the last layer only they are computed: their x
   and att are gathered, and on the way back the gradients are spread over zeros.  A row
   is wanted once per continuation that begins after it (the last row of a shared
   prompt), so `row` repeats.  Rows are sorted by how often they occurred before: pass j
   holds the j-th occurrences, whose rows are distinct, and gradients are added pass by
   pass, which fixes the order of the sum.  The forward does not care (rows are
   independent).

   Memory, in floats: per token and layer C + QKV + HD + H + 1 and C + 2 F + 1 (in the
   last layer per wanted row), with norms of heads (H+KV)(D+1) more, and some 5 C + QKV + HD + 4 F
   per token of work.  Nothing is allocated in a step. */
#include "model/inside.h"
#include <string.h>

struct acts {
    model_config_t c;
    const ops_t *ops;
    int max_tokens, max_rows;
    buf_t block;
    size_t bytes;
    attend_t *attend; /* [L], T rows; all share norm */
    feed_t *feed;     /* [L], T rows, the last one R; norm, mlp too */
    buf_t token, pos; /* [T] */
    buf_t dx, dnorm, dmlp, dgate_up, dqkv, datt, attention_work;
    buf_t row, target, coef, logp, lse, entropy, rstd; /* [R] */
    buf_t hn, dhn, dlast, dlast_att, head_work;        /* [R, C], [R, HD] */
    int32_t *order, *pass, *seen; /* host: [R] indices into b->row; [R+1]; [T] */
    int32_t *host_i;              /* [R] */
    float *host_f;
    int n_pass;
    int n, n_row; /* of the last forward */
};

static void plan(acts_t *a, carve_t *k)
{
    const model_config_t *c = &a->c;
    int64_t T = a->max_tokens, R = a->max_rows, C = c->width, F = c->ffn;
    int64_t N = T > R ? T : R, HD = q_width(c);
    a->token = carve(k, T);
    a->pos = carve(k, T);
    buf_t norm = carve(k, N * C), mlp = carve(k, N * F), x = carve(k, T * C);
    for (int l = 0; l < c->layers; l++) {
        int last = l + 1 == c->layers;
        int64_t n = last ? R : T;
        attend_t t = {.x = x, .norm = norm};
        t.rstd = carve(k, T);
        t.qkv = carve(k, T * qkv_width(c));
        t.att = carve(k, T * HD);
        t.lse = carve(k, T * c->heads);
        if (c->qk_norm) {
            t.raw = carve(k, T * (HD + kv_width(c)));
            t.raw_rstd = carve(k, T * (c->heads + c->kv_heads));
        }
        feed_t f = {.x = x, .att = t.att, .norm = norm, .mlp = mlp};
        if (last) {
            f.x = carve(k, R * C);
            f.att = carve(k, R * HD);
        }
        f.x2 = carve(k, n * C);
        f.rstd = carve(k, n);
        f.gate_up = carve(k, n * 2 * F);
        f.next = x = carve(k, n * C);
        if (a->attend) {
            a->attend[l] = t;
            a->feed[l] = f;
        }
    }
    a->dx = carve(k, T * C);
    a->dnorm = carve(k, N * C);
    a->dmlp = carve(k, N * F);
    a->dgate_up = carve(k, N * 2 * F);
    a->dqkv = carve(k, T * qkv_width(c));
    a->datt = carve(k, T * HD);
    a->attention_work =
        carve_bytes(k, a->ops->attention_back_bytes(T, c->heads, c->kv_heads, c->head_dim));
    buf_t *one[] = {&a->row, &a->target, &a->coef, &a->logp, &a->lse, &a->entropy, &a->rstd};
    for (size_t i = 0; i < sizeof one / sizeof *one; i++)
        *one[i] = carve(k, R);
    buf_t *wide[] = {&a->hn, &a->dhn, &a->dlast};
    for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
        *wide[i] = carve(k, R * C);
    a->dlast_att = carve(k, R * HD);
    a->head_work = carve_bytes(k, a->ops->head_bytes(C, c->vocab));
}

size_t acts_bytes(const model_config_t *c, const ops_t *ops, int max_tokens, int max_rows)
{
    acts_t a = {.c = *c, .ops = ops, .max_tokens = max_tokens, .max_rows = max_rows};
    carve_t k = {0};
    plan(&a, &k);
    size_t host = (size_t)(4 * (int64_t)max_rows + 1 + max_tokens) * sizeof(int32_t);
    int64_t wide = 2 * (int64_t)c->ffn > c->width ? 2 * (int64_t)c->ffn : c->width;
    return (size_t)k.used * sizeof(float) + host + 2 * ops->product_bytes(max_tokens, wide);
}

acts_t *acts_new(const model_config_t *c, const ops_t *ops, int max_tokens, int max_rows)
{
    ASSERT(max_tokens > 0 && max_rows > 0);
    acts_t *a = ALLOC(acts_t, 1);
    *a = (acts_t){.c = *c, .ops = ops, .max_tokens = max_tokens, .max_rows = max_rows};
    carve_t k = {0};
    plan(a, &k);
    a->bytes = (size_t)k.used * sizeof(float);
    a->block = ops->alloc(a->bytes);
    a->attend = ALLOC(attend_t, c->layers);
    a->feed = ALLOC(feed_t, c->layers);
    k = (carve_t){.base = a->block};
    plan(a, &k);
    a->order = ALLOC(int32_t, max_rows);
    a->pass = ALLOC(int32_t, max_rows + 1);
    a->seen = ALLOC(int32_t, max_tokens);
    a->host_i = ALLOC(int32_t, max_rows);
    a->host_f = ALLOC(float, max_rows);
    return a;
}

void acts_free(acts_t *a)
{
    if (!a)
        return;
    a->ops->release(a->block, a->bytes);
    mem_free(a->attend);
    mem_free(a->feed);
    mem_free(a->order);
    mem_free(a->pass);
    mem_free(a->seen);
    mem_free(a->host_i);
    mem_free(a->host_f);
    mem_free(a);
}

/* order: rows sorted, stably, by occurrence; pass[j]..pass[j+1]: the j-th ones. */
static void sort_rows(acts_t *a, const batch_t *b)
{
    memset(a->seen, 0, (size_t)b->n * sizeof *a->seen);
    memset(a->pass, 0, ((size_t)b->n_row + 1) * sizeof *a->pass);
    a->n_pass = 0;
    for (int i = 0; i < b->n_row; i++) {
        int j = a->host_i[i] = a->seen[b->row[i]]++;
        a->pass[j + 1]++;
        if (j + 1 > a->n_pass)
            a->n_pass = j + 1;
    }
    for (int j = 0; j < a->n_pass; j++)
        a->pass[j + 1] += a->pass[j];
    for (int i = 0; i < b->n_row; i++)
        a->order[a->pass[a->host_i[i]]++] = i;
    for (int j = a->n_pass; j > 0; j--)
        a->pass[j] = a->pass[j - 1];
    a->pass[0] = 0;
}

static void put_rows(acts_t *a, const batch_t *b)
{
    size_t bytes = (size_t)b->n_row * sizeof(int32_t);
    sort_rows(a, b);
    for (int i = 0; i < b->n_row; i++)
        a->host_i[i] = b->row[a->order[i]];
    a->ops->put(a->row, a->host_i, bytes);
    for (int i = 0; i < b->n_row; i++) {
        a->host_i[i] = b->target[a->order[i]];
        ASSERT(a->host_i[i] >= 0 && a->host_i[i] < a->c.vocab);
    }
    a->ops->put(a->target, a->host_i, bytes);
}

static void get_rows(acts_t *a, buf_t from, float *to)
{
    a->ops->get(a->host_f, from, (size_t)a->n_row * sizeof(float));
    for (int i = 0; i < a->n_row; i++)
        to[a->order[i]] = a->host_f[i];
}

void train_forward(const model_t *m, acts_t *a, const batch_t *b, float temperature, float *logp,
                   float *entropy)
{
    const ops_t *ops = m->ops;
    const model_config_t *c = &m->c;
    int64_t T = b->n, R = b->n_row, C = c->width;
    batch_check(b, c, a->max_tokens, a->max_rows);
    a->n = b->n;
    a->n_row = b->n_row;
    if (!T)
        return;
    place_t here = {0};

    ops->put(a->token, b->token, (size_t)T * sizeof(int32_t));
    ops->put(a->pos, b->pos, (size_t)T * sizeof(int32_t));
    ops->embed(a->attend[0].x, model_embedding(m), a->token, T);
    for (int l = 0; l < c->layers; l++) {
        attn_t attn = layer_attn(c, b, l);
        layer_attend(m, l, &a->attend[l], &here, a->pos, T, &attn);
        if (l + 1 < c->layers)
            layer_feed(m, l, &a->feed[l], T);
    }
    if (!R)
        return;
    const feed_t *last = &a->feed[c->layers - 1];
    put_rows(a, b);
    ops->gather(last->x, a->attend[c->layers - 1].x, a->row, R, C);
    ops->gather(last->att, a->attend[c->layers - 1].att, a->row, R, q_width(c));
    layer_feed(m, c->layers - 1, last, R);
    ops->rmsnorm(a->hn, a->rstd, last->next, model_last_norm(m), R, C, c->rms_eps);
    ops->head_logprob(a->logp, a->lse, entropy ? a->entropy : (buf_t){NULL}, a->hn, model_head(m),
                      a->target, temperature, a->head_work, R);
    get_rows(a, a->logp, logp);
    if (entropy)
        get_rows(a, a->entropy, entropy);
}

void train_logits(const model_t *m, acts_t *a, float *host)
{
    const ops_t *ops = m->ops;
    int64_t R = a->n_row, V = m->c.vocab;
    if (!R)
        return;
    size_t bytes = (size_t)(R * V) * sizeof(float);
    float *sorted = ALLOC(float, R *V);
    buf_t y = ops->alloc(bytes), none = {NULL};
    ops->matmul(y, a->hn, model_pack(m, m->c.layers, 0), none, R);
    ops->get(sorted, y, bytes);
    for (int64_t i = 0; i < R; i++)
        memcpy(host + a->order[i] * V, sorted + i * V, (size_t)V * sizeof(float));
    ops->release(y, bytes);
    mem_free(sorted);
}

/* dlast = gradient of the wanted rows behind the last layer. */
static void head_backward(const model_t *m, acts_t *a, float temperature, const float *coef,
                          buf_t grad)
{
    const ops_t *ops = m->ops;
    int64_t R = a->n_row, C = m->c.width;
    for (int i = 0; i < a->n_row; i++)
        a->host_f[i] = coef[a->order[i]];
    ops->put(a->coef, a->host_f, (size_t)R * sizeof(float));
    ops->head_back(a->dhn, buf_at(grad, m->at_head), a->hn, model_head(m), a->target, a->lse,
                   a->coef, temperature, a->head_work, R);
    ops->zero(a->dlast, (size_t)(R * C) * sizeof(float));
    ops->rmsnorm_back(a->dlast, buf_at(grad, m->at_norm), a->dhn, a->feed[m->c.layers - 1].next,
                      model_last_norm(m), a->rstd, R, C);
}

/* dx[t, C] is the gradient of `next` and becomes that of x2 = x + ..; datt = of att. */
static void feed_backward(const model_t *m, int layer, acts_t *a, buf_t dx, buf_t datt, int64_t t,
                          buf_t grad)
{
    const ops_t *ops = m->ops;
    const model_config_t *c = &m->c;
    const feed_t *s = &a->feed[layer];
    const int64_t *at = m->at[layer];
    int64_t C = c->width, F = c->ffn, hd = q_width(c);
    buf_t norm2 = model_vector(m, layer, AT_NORM2);

    ops->swiglu(s->mlp, s->gate_up, t, F);
    ops->matmul_dw(buf_at(grad, at[AT_DOWN]), dx, s->mlp, t, C, F);
    ops->matmul_dx(a->dmlp, dx, model_pack(m, layer, PACK_DOWN), t);
    ops->swiglu_back(a->dgate_up, a->dmlp, s->gate_up, t, F);
    ops->rmsnorm(s->norm, s->rstd, s->x2, norm2, t, C, c->rms_eps);
    ops->matmul_dw(buf_at(grad, at[AT_GATE_UP]), a->dgate_up, s->norm, t, 2 * F, C);
    ops->matmul_dx(a->dnorm, a->dgate_up, model_pack(m, layer, PACK_GATE_UP), t);
    ops->rmsnorm_back(dx, buf_at(grad, at[AT_NORM2]), a->dnorm, s->x2, norm2, s->rstd, t, C);
    ops->matmul_dw(buf_at(grad, at[AT_O]), dx, s->att, t, C, hd);
    ops->matmul_dx(datt, dx, model_pack(m, layer, PACK_O), t);
}

/* From the wanted rows to all: zero elsewhere. */
static void spread(const model_t *m, acts_t *a)
{
    const ops_t *ops = m->ops;
    int64_t T = a->n, C = m->c.width, hd = q_width(&m->c);
    ops->zero(a->dx, (size_t)(T * C) * sizeof(float));
    ops->zero(a->datt, (size_t)(T * hd) * sizeof(float));
    for (int j = 0; j < a->n_pass; j++) {
        int first = a->pass[j], n = a->pass[j + 1] - first;
        buf_t row = buf_at(a->row, first);
        ops->scatter_add(a->dx, buf_at(a->dlast, first * C), row, n, C);
        ops->scatter_add(a->datt, buf_at(a->dlast_att, first * hd), row, n, hd);
    }
}

/* a->datt and a->dx, the gradients of att and x2, to that of x in a->dx. */
static void attend_backward(const model_t *m, int layer, acts_t *a, const batch_t *b, buf_t grad)
{
    attn_t attn = layer_attn(&m->c, b, layer);
    const ops_t *ops = m->ops;
    const model_config_t *c = &m->c;
    const attend_t *s = &a->attend[layer];
    const int64_t *at = m->at[layer];
    int64_t T = a->n, C = c->width;
    int64_t qkv = qkv_width(c), hd = q_width(c), kvd = kv_width(c);
    buf_t norm1 = model_vector(m, layer, AT_NORM1);

    ops->attention_back(a->dqkv, buf_at(a->dqkv, hd), buf_at(a->dqkv, hd + kvd), a->datt, s->att,
                        s->lse, s->qkv, qkv, buf_at(s->qkv, hd), buf_at(s->qkv, hd + kvd), qkv,
                        a->attention_work, T, &attn);
    ops->rope(a->dqkv, a->pos, m->rope, T, qkv, c->heads + c->kv_heads, c->head_dim, 1);
    if (c->qk_norm) {
        ops->headnorm_back(a->dqkv, buf_at(grad, at[AT_QNORM]), s->raw, s->raw_rstd,
                           model_vector(m, layer, AT_QNORM), T, qkv, c->heads, c->head_dim);
        ops->headnorm_back(buf_at(a->dqkv, hd), buf_at(grad, at[AT_KNORM]), buf_at(s->raw, T * hd),
                           buf_at(s->raw_rstd, T * c->heads), model_vector(m, layer, AT_KNORM), T,
                           qkv, c->kv_heads, c->head_dim);
    }
    if (at[AT_BIAS] >= 0)
        ops->bias_back(buf_at(grad, at[AT_BIAS]), a->dqkv, T, qkv);
    ops->rmsnorm(s->norm, s->rstd, s->x, norm1, T, C, c->rms_eps);
    ops->matmul_dw(buf_at(grad, at[AT_QKV]), a->dqkv, s->norm, T, qkv, C);
    ops->matmul_dx(a->dnorm, a->dqkv, model_pack(m, layer, PACK_QKV), T);
    ops->rmsnorm_back(a->dx, buf_at(grad, at[AT_NORM1]), a->dnorm, s->x, norm1, s->rstd, T, C);
}

void train_backward(const model_t *m, acts_t *a, const batch_t *b, float temperature,
                    const float *coef, buf_t grad)
{
    ASSERT(b->n == a->n && b->n_row == a->n_row);
    if (!a->n || !a->n_row)
        return;
    head_backward(m, a, temperature, coef, grad);
    int last = m->c.layers - 1;
    feed_backward(m, last, a, a->dlast, a->dlast_att, a->n_row, grad);
    spread(m, a);
    attend_backward(m, last, a, b, grad);
    for (int l = last - 1; l >= 0; l--) {
        feed_backward(m, l, a, a->dx, a->datt, a->n, grad);
        attend_backward(m, l, a, b, grad);
    }
    m->ops->embed_back(buf_at(grad, m->at_embed), a->dx, a->token, a->n, m->c.width, m->c.vocab);
}
