/* Floor 3: the transformer.  Named parameters in one block; one forward for generation and training.

   A batch is packed tokens and spans (backend.h): prefill, decode, scoring, training and shared
   prompts differ only in their spans and in where keys are stored. */
#pragma once
#include "backend.h"

/* model_config.c, rope.c, params.c - what there is -------------------------------------------------- */

typedef enum { ROPE_DEFAULT, ROPE_LINEAR, ROPE_LLAMA3, ROPE_YARN, ROPES } rope_kind_t;
extern const char *const rope_names[ROPES];          /* as rope_type in config.json */
typedef struct {                     /* rotary positions: how frequencies differ from theta^(-2i/D) (rope.c) */
    rope_kind_t kind;
    double theta;
    double factor;                   /* all but default: positions are stretched by it; >= 1 */
    double low, high;                /* llama3: low_freq_factor, high_freq_factor; yarn: beta_slow, beta_fast */
    double attention;                /* yarn: cosines and sines are multiplied by it */
    int    original, truncate;       /* llama3, yarn: original_max_position_embeddings; yarn: whole numbers as bounds */
} rope_t;
/* Fills frequency[D/2] (radians a position). */
void rope_frequencies(const rope_t *r, int head_dim, double *frequency);
/* yarn's attention factor where config.json gives none (Peng et al. 2023, eq. 22); mscale 0: not given. */
double rope_yarn_attention(double factor, double mscale, double mscale_all_dim);

enum { LAYERS_MAX = 1024 };
typedef struct {                     /* Qwen2 / Qwen3 / Llama family; names as in config.json where it has one */
    char   arch[64];                 /* "Qwen2ForCausalLM", "Qwen3ForCausalLM", "LlamaForCausalLM" */
    int    vocab, width, layers, heads, kv_heads, head_dim, ffn;     /* V C L H KV D F */
    int    max_position;
    int    qkv_bias, tied;
    int    qk_norm;                  /* RMSNorm of every query and key head, before rotation (Qwen3) */
    float  rms_eps;
    rope_t rope;
    int    window; /* positions that a token sees in sliding layers, itself included; 0: none slides */
    uint64_t slides[LAYERS_MAX / 64];/* bit l: layer l slides */
} model_config_t;
int model_layer_window(const model_config_t *c, int layer);            /* 0: the layer sees all positions before it */

/* NULL, or what is wrong with it and what was expected (static or *why text). */
const char *model_config_check(const model_config_t *c, text_t *why);

typedef enum { SPLIT_NONE, SPLIT_ROWS, SPLIT_COLS } split_t;
typedef struct {                     /* one tensor of this model */
    char    name[96];                /* Hugging Face name */
    int     id, layer;               /* PARAM_..., -1 outside layers */
    int64_t rows, cols, offset;      /* offset in elements into the block */
    int     vector;                  /* one-dimensional in files, rows 1; a matrix of one row is none */
    split_t split;
    int     decay;                   /* weight decay applies */
} param_t;
enum { PARAM_NONE = -1,
#define PARAM(id, ...) PARAM_##id,
#include "params.def"
#undef PARAM
    PARAM_KINDS };
/* count: elements of the block; tensors are 64-byte aligned, but k,v / biases / up follow q / gate without a gap */
typedef struct { param_t *tensor; int n; int64_t count; } params_t;
params_t params_new(const model_config_t *c);
void     params_free(params_t *p);
const param_t *params_find(const params_t *p, const char *name);      /* NULL if absent */
int64_t  params_offset(const params_t *p, int id, int layer);         /* elements; -1 if absent */

/* model.c, held.c - the parameters as they are held and used ------------------------------------------- */

/* Matrices are held once, in the backend's form and of its type (ops->weight), vectors as float32 rounded to it.  A
   block is the same parameters as float32 in the layout of params_t, in device memory: what an optimizer works on. */
typedef struct model model_t;
model_t *model_new(const model_config_t *c, const ops_t *ops);        /* parameters are zero until put */
void     model_free(model_t *m);
size_t   model_bytes(const model_config_t *c, const ops_t *ops);      /* plan: packs, vectors, tables */
const model_config_t *model_config(const model_t *m);
const params_t       *model_params(const model_t *m);
const ops_t          *model_ops(const model_t *m);
void     model_init_random(model_t *m, uint64_t seed); /* N(0, 0.02), residual outputs / sqrt(2L); norms 1, biases 0 */
/* Rows [row, row+rows) of a tensor from and to the host; after puts, model_commit. */
void     model_put_rows(model_t *m, const param_t *t, int64_t row, int64_t rows, const float *host);
void     model_get_rows(const model_t *m, const param_t *t, int64_t row, int64_t rows, float *host);
/* Rows of a matrix as they are stored: host[rows, cols] is float32 or bfloat16, at any address.  Several threads may
   put different rows at once where the operations are `unified`. */
void     model_put_stored(model_t *m, const param_t *t, int64_t row, int64_t rows, dtype_t type, const void *host);
void     model_put(model_t *m, const char *name, const float *host);  /* a whole tensor */
void     model_get(const model_t *m, const char *name, float *host);
void     model_from_block(model_t *m, buf_t block);                   /* all of them; commits */
void     model_to_block(const model_t *m, buf_t block);               /* what is held, exactly; gaps are zero */
void     model_copy(model_t *dst, const model_t *src);                /* same config and operations; commits dst */
void     model_commit(model_t *m);                                    /* parameters changed: version + 1 */
int64_t  model_version(const model_t *m);
hash_t   model_hash(const model_t *m); /* of what is held, over names, shapes, values; layout-independent */
double   model_flops(const model_config_t *c, int64_t tokens, int64_t attended, int64_t head_rows, int backward);
                                     /* attended: sum over tokens of keys seen; backward: forward + backward */

/* batch.c - packed tokens and their spans (host) --------------------------------------------------------- */

typedef struct {
    int32_t *token, *pos; int n, cap;                /* [n] */
    span_t  *span; int n_span, cap_span;
    run_t   *run;  int n_run, cap_run;
    int32_t *row, *target; int n_row, cap_row;       /* rows whose next token is wanted, and that token */
} batch_t;
void batch_clear(batch_t *b);
void batch_free(batch_t *b);
/* Training and scoring, keys are the batch's own rows.  Appends a prompt; returns a handle for its continuations. */
int  batch_prompt(batch_t *b, const int32_t *token, int n);
/* Appends a continuation of that prompt (shared, computed once): token[n]; the rows that predict each of its
   tokens are added to row/target in order (the first is the prompt's last row).  handle -1: no prompt; then the
   first token is given, not predicted, and rows start with the second. */
void batch_continue(batch_t *b, int prompt, const int32_t *token, int n);
/* The two pieces that these are made of, for generation: a span of n tokens from position pos with its runs
   (returns its first row), and a wanted row (target -1 where unused). */
int  batch_span(batch_t *b, const int32_t *token, int n, int pos, const run_t *run, int runs);
void batch_row(batch_t *b, int row, int32_t target);
int64_t batch_attended(const batch_t *b);            /* sum over tokens of keys seen */

/* train.c - forward with memory, backward --------------------------------------------------------------------- */

typedef struct acts acts_t;                          /* activations for up to max_tokens, max_rows */
acts_t *acts_new(const model_config_t *c, const ops_t *ops, int max_tokens, int max_rows);
void    acts_free(acts_t *a);
size_t  acts_bytes(const model_config_t *c, const ops_t *ops, int max_tokens, int max_rows);
/* logp[n_row], entropy[n_row] (may be NULL) on the host, of b->target at the temperature. */
void    train_forward(const model_t *m, acts_t *a, const batch_t *b, float temperature, float *logp, float *entropy);
/* grad (same layout as the block) += d sum_i coef[i] logp[i]; uses the last train_forward of `a`. */
void    train_backward(const model_t *m, acts_t *a, const batch_t *b, float temperature, const float *coef, buf_t grad);
/* host[n_row, V]: logits of the last train_forward's wanted rows, in their order.  For tests and inspection: no
   training or generation makes them whole, and memory for them is taken anew. */
void    train_logits(const model_t *m, acts_t *a, float *host);

/* pages.c, decode.c - keys kept in pages, and generation -------------------------------------------------------- */

/* One store of keys and values for all sequences of a rank, handed out in pages of KEY_PAGE places (slots), a page the
   same in all layers. */
typedef struct pages pages_t;
pages_t *pages_new(const model_config_t *c, const ops_t *ops, int n_pages);
void     pages_free(pages_t *p);
size_t   pages_bytes(const model_config_t *c, const ops_t *ops, int n_pages);
int      pages_left(const pages_t *p);
int      pages_take(pages_t *p); /* a page's number, or -1: none left; first slot = number * KEY_PAGE */
void     pages_share(pages_t *p, int page);          /* one more owner, who gives it back too */
void     pages_give(pages_t *p, int page);           /* free when the last owner did */
void     pages_copy(pages_t *p, int to, int from);    /* all layers of a page */
/* Parameter version of all keys; using them under another one asserts; may change only while no page is taken. */
void     pages_stamp(pages_t *p, int64_t version);

typedef struct decoder decoder_t;                     /* workspace for up to max_tokens new tokens a call */
decoder_t *decoder_new(const model_config_t *c, const ops_t *ops, int max_tokens, int max_rows);
void       decoder_free(decoder_t *d);
size_t     decoder_bytes(const model_config_t *c, const ops_t *ops, int max_tokens, int max_rows);
/* Forward of b's new tokens; slot[n] says where each new token's key goes; runs refer to slots of the store.
   For each of b->row (targets unused), a token is chosen with u[n_row]: token_out, logp_out on the host. */
void       decode_step(const model_t *m, decoder_t *d, pages_t *p, const batch_t *b, const int32_t *slot,
                       const sampling_t *s, const float *u, int32_t *token_out, float *logp_out);
