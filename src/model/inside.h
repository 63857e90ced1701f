/* What the files of this floor share and nobody else sees. */
#pragma once
#include "model.h"

enum { PACK_QKV, PACK_O, PACK_GATE_UP, PACK_DOWN, PACK_KINDS };
enum {
    AT_NORM1,
    AT_QKV,
    AT_BIAS,
    AT_QNORM,
    AT_KNORM,
    AT_O,
    AT_NORM2,
    AT_GATE_UP,
    AT_DOWN,
    AT_KINDS
};

/* rows from `at` on of that pack, or (-1) a place in `vectors` */
typedef struct {
    int pack;
    int64_t at;
} held_t;

struct model {
    model_config_t c;
    const ops_t *ops;
    params_t params;
    held_t *held;  /* [params.n] */
    buf_t vectors; /* [n_vectors]: norms and biases */
    int64_t n_vectors;
    buf_t scratch; /* rows on their way in or out: scratch_floats */
    buf_t rope;    /* [max_position, D] cosines, then sines */
    pack_t **pack; /* [L * PACK_KINDS], the head's, the embedding's (the same where tied) */
    int64_t (*at)[AT_KINDS]; /* [L] where a layer's tensors are in a block; -1: absent */
    int64_t (*in)[AT_KINDS]; /* [L] where its vectors are in `vectors` */
    int64_t at_embed, at_norm, at_head, in_norm;
    int64_t version;
};

/* A layer's vector, or none. */
static inline buf_t model_vector(const model_t *m, int layer, int kind)
{
    int64_t in = m->in[layer][kind];
    return in < 0 ? (buf_t){NULL} : buf_at(m->vectors, in);
}

static inline buf_t model_last_norm(const model_t *m)
{
    return buf_at(m->vectors, m->in_norm);
}

static inline pack_t *model_head(const model_t *m)
{
    return m->pack[m->c.layers * PACK_KINDS];
}

static inline pack_t *model_embedding(const model_t *m)
{
    return m->pack[m->c.layers * PACK_KINDS + 1];
}

static inline pack_t *model_pack(const model_t *m, int layer, int kind)
{
    return m->pack[layer * PACK_KINDS + kind];
}

/* Widths of rows. */
static inline int64_t qkv_width(const model_config_t *c)
{
    return (int64_t)(c->heads + 2 * c->kv_heads) * c->head_dim;
}
static inline int64_t q_width(const model_config_t *c)
{
    return (int64_t)c->heads * c->head_dim;
}
static inline int64_t kv_width(const model_config_t *c)
{
    return (int64_t)c->kv_heads * c->head_dim;
}

/* Shape [n, k] of pack i of a model. */
void pack_shape(const model_config_t *c, int i, int64_t *n, int64_t *k);

/* held.c: rows that go in or out at a time, of any tensor. */
int64_t scratch_floats(const params_t *p);

/* carve.c: one allocation cut into tensors.  With a NULL base it only counts. */
typedef struct {
    buf_t base;
    int64_t used;
} carve_t;                          /* used: floats */
buf_t carve(carve_t *k, int64_t n); /* n floats or int32 */
buf_t carve_bytes(carve_t *k, size_t bytes);

/* layer.c: the forward of a layer's two halves, the same for training and generation. */
typedef struct { /* C 1 C QKV HD H; with qk_norm also (H+KV)D and H+KV */
    buf_t x, rstd, norm, qkv, att, lse;
    /* queries [T, HD], then keys [T, KVD], before their norm; NULL: not kept */
    buf_t raw, raw_rstd;
} attend_t;
typedef struct { /* C HD C 1 C 2F F C */
    buf_t x, att, x2, rstd, norm, gate_up, mlp, next;
} feed_t;
typedef struct {       /* where keys go; store NULL: they stay in qkv */
    buf_t store, slot; /* a layer's pages; place of each row, int32[T] */
} place_t;
void layer_attend(const model_t *m, int layer, const attend_t *s, const place_t *place, buf_t pos,
                  int64_t t, const attn_t *a);
void layer_feed(const model_t *m, int layer, const feed_t *s, int64_t t);
attn_t layer_attn(const model_config_t *c, const batch_t *b, int layer);
void layer_headnorm(const model_t *m, int layer, const attend_t *s, int64_t t);

/* batch.c: ASSERTs that a batch fits the model and the workspace. */
void batch_check(const batch_t *b, const model_config_t *c, int max_tokens, int max_rows);

/* pages.c */
buf_t pages_layer(const pages_t *p, int layer); /* its pages */
int64_t pages_version(const pages_t *p);
int pages_slots(const pages_t *p);
