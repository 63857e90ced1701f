/* Floor 2: one table of operations over device memory.

   cpu/ is the definition; strict/ is cpu arithmetic with a device's manners (the host cannot look
   into buffers, fresh memory is poison); cuda/ comes as a plug-in later.  A kernel's arguments are
   outputs, inputs, sizes.  Accumulation, once and for all: parameter gradients `+=`, activation
   gradients `=`, except on the residual stream (`+=`, named so below).

   ROW INVARIANCE.  In forward operations the bits of a row (token) depend on that row's own inputs
   (and, in attention, its own history) only: not on the number of rows, their order, the thread
   count, or where its keys are stored.  Backward operations are thread-invariant and repeatable.

   Control data (spans, runs, row lists, token numbers marked `host`) is read before the call
   returns; everything in a buf_t may be used asynchronously until sync().
   Shapes: T rows (tokens), C width, H query heads, KV key heads, D head width, F feed-forward width,
   V vocabulary, R selected rows.  Everything but packs and pages is stored as float32.                      */
#pragma once
#include "base.h"

typedef enum { F32, BF16, F16 } dtype_t;                /* float16 is met in files only */
extern const char *const dtype_texts[];                 /* "float32", "bfloat16", "float16" */
dtype_t dtype_of(const char *text, dtype_t otherwise);
int64_t dtype_bytes(dtype_t t);
typedef struct { void *p; } buf_t;                      /* device memory */

/* The same block, `n` float32 elements further on. */
buf_t buf_at(buf_t b, int64_t n);

/* Keys for generation are kept in pages of KEY_PAGE positions, from a multiple of it on; what a page looks like is
   the backend's own business (page_bytes, keys_put, attention_pages). */
enum { KEY_PAGE = 32 };

/* Keys of one sequence: positions [pos, pos+count) are rows [slot, slot+count) of the batch; or, in a store of
   pages, where one run is one page, places [slot, slot+count), slot = page * KEY_PAGE. */
typedef struct { int32_t pos, slot, count; } run_t;

/* New tokens: rows [first, first+count) of the packed batch have absolute positions pos, pos+1, ...
   Their keys so far, themselves included, are runs[run .. run+runs), in order of position, without gaps from 0. */
typedef struct { int32_t first, count, pos, run, runs; } span_t;

/* What attention needs to know of a batch.  host.  In training the key store is the batch's own
   rows (slot = row); in generation it is a store of pages. */
typedef struct {
    const span_t *span; int n_span;
    const run_t  *run;  int n_run;
    int heads, kv_heads, head_dim;                      /* H, KV, D */
    float scale;                                        /* 1/sqrt(D) unless the model says otherwise */
    int window; /* a token sees the last so many positions, its own included; 0: all */
} attn_t;

/* The weights of a product, w[N,K] as in Hugging Face's Linear (out, in), in the backend's own form and of its own
   type: the only copy that a model holds.  Rows go in as files have them and come out as float32. */
typedef struct pack pack_t;

/* How a token is chosen from its distribution. */
typedef struct {
    float temperature;                                  /* 0: the most likely token */
    float top_p;                                        /* 1: off */
    int   top_k;                                        /* 0: off */
} sampling_t;

typedef struct {
    const char *name;
    /* Storage; accumulation is float32.  weight BF16: packs and pages of keys hold bfloat16, and the other factor of
       their products is rounded to it. */
    dtype_t     weight, activation;

    /* Memory.  Sizes and offsets in bytes. */
    int   unified;                                      /* a host pointer may stand for a buffer that is only read */
    buf_t (*alloc)(size_t bytes);
    void  (*release)(buf_t b, size_t bytes);
    void  (*put)(buf_t dst, const void *host, size_t bytes);
    void  (*get)(void *host, buf_t src, size_t bytes);
    void  (*copy)(buf_t dst, buf_t src, size_t bytes);
    void  (*zero)(buf_t b, size_t bytes);
    void  (*sync)(void);

    /* Products. */
    pack_t *(*pack_new)(int64_t n, int64_t k);          /* zeros */
    /* Rows [row, row+rows) = w[rows,K], stored as float32 or bfloat16 (at any address), rounded to the pack's type. */
    void    (*pack_put)(pack_t *p, buf_t w, dtype_t type, int64_t row, int64_t rows);
    void    (*pack_get)(const pack_t *p, buf_t w, int64_t row, int64_t rows);        /* w[rows,K] = what is held */
    void    (*pack_copy)(pack_t *dst, const pack_t *src);                            /* of one shape */
    void    (*pack_free)(pack_t *p);
    size_t  (*pack_bytes)(int64_t n, int64_t k);        /* for the plan */
    /* y[m,N] = x[m,K] w' + bias[N]; bias.p may be NULL */
    void    (*matmul)(buf_t y, buf_t x, const pack_t *w, buf_t bias, int64_t m);
    /* y[m,N] = x[m,K] w' + plus[m,N]; the bits of matmul and add */
    void    (*matmul_add)(buf_t y, buf_t x, const pack_t *w, buf_t plus, int64_t m);
    void    (*matmul_swiglu)(buf_t y, buf_t gu, const pack_t *w, buf_t plus, buf_t work, int64_t m);
                    /* the same of x = swiglu(gu[m,2K]), the bits of swiglu, matmul and add; work[m,K] may be written */
    void    (*matmul_dx)(buf_t dx, buf_t dy, const pack_t *w, int64_t m);            /* dx[m,K] = dy[m,N] w */
    void    (*matmul_dw)(buf_t dw, buf_t dy, buf_t x, int64_t m, int64_t n, int64_t k);  /* dw[N,K] += dy' x */
    /* for the plan: scratch of a product of m rows, factors up to `wide` columns */
    size_t  (*product_bytes)(int64_t m, int64_t wide);
    void    (*bias_back)(buf_t db, buf_t dy, int64_t m, int64_t n);                  /* db[N] += column sums */

    /* Rows. */
    /* y[T,C] = rows of table[V,C]; token int32[T] */
    void (*embed)(buf_t y, const pack_t *table, buf_t token, int64_t t);
    void (*embed_back)(buf_t dtable, buf_t dy, buf_t token, int64_t t, int64_t c, int64_t v);
    void (*rmsnorm)(buf_t y, buf_t rstd, buf_t x, buf_t w, int64_t t, int64_t c, float eps);   /* rstd[T] */
    /* dx += (residual stream), dw += */
    void (*rmsnorm_back)(buf_t dx, buf_t dw, buf_t dy, buf_t x, buf_t w, buf_t rstd, int64_t t, int64_t c);
    /* RMSNorm of the first `heads` heads of each row (stride ld) in place, the same w[head_dim] for each; raw[T,
       heads*head_dim] (raw.p may be NULL) keeps what was there, rstd[T, heads].  The backward turns the gradient dx
       (same places) into that of raw; dw +=. */
    void (*headnorm)(buf_t x, buf_t raw, buf_t rstd, buf_t w, int64_t t, int64_t ld, int heads, int head_dim,
                     float eps);
    void (*headnorm_back)(buf_t dx, buf_t dw, buf_t raw, buf_t rstd, buf_t w, int64_t t, int64_t ld, int heads,
                          int head_dim);
    void (*rope)(buf_t x, buf_t pos, buf_t table, int64_t t, int64_t ld, int heads, int head_dim, int inverse);
                    /* first `heads` heads of each row (stride ld) in place; pos int32[T];
                       table[positions, D] = cos in [0,D/2), sin in [D/2,D), both perhaps scaled; halves convention;
                       inverse: the backward */
    void (*swiglu)(buf_t y, buf_t gu, int64_t t, int64_t f); /* gu[T,2F]: gate then up; y = silu(gate) up */
    void (*swiglu_back)(buf_t dgu, buf_t dy, buf_t gu, int64_t t, int64_t f);        /* dgu may be gu */
    void (*add)(buf_t x, buf_t y, int64_t n);                                        /* x += y */
    void (*gather)(buf_t y, buf_t x, buf_t row, int64_t r, int64_t c); /* y[i] = x[row[i]]; row int32[R] */
    void (*scatter_add)(buf_t x, buf_t y, buf_t row, int64_t r, int64_t c); /* x[row[i]] += y[i]; rows distinct */

    /* Attention, causal by absolute position.  q[T] rows of stride ldq hold H heads; keys and values
       are rows of the store, stride ldk, KV heads.  Never stores a T x T matrix: keys are walked in
       blocks aligned to absolute position, with a running maximum and sum (online softmax).
       out[T, H*D]; lse[T,H] = log of the sum of exponentials. */
    void (*attention)(buf_t out, buf_t lse, buf_t q, int64_t ldq, buf_t k, buf_t v, int64_t ldk, const attn_t *a);
    /* The same, to the bit, with keys and values in a store of pages; no lse. */
    void   (*attention_pages)(buf_t out, buf_t q, int64_t ldq, buf_t store, const attn_t *a);
    /* The KV keys and then values of row i of kv (stride ld) become place slot[i] of the store (int32[T]). */
    void   (*keys_put)(buf_t store, buf_t kv, int64_t ld, buf_t slot, int64_t t, int kv_heads, int head_dim);
    size_t (*page_bytes)(int kv_heads, int head_dim);   /* of one page: keys and values of one layer */
    /* Training only (slot = row).  dq, dk, dv share the batch's rows with strides ldq, ldk; all `=`.
       work: attention_back_bytes. */
    void (*attention_back)(buf_t dq, buf_t dk, buf_t dv, buf_t dout, buf_t out, buf_t lse,
                           buf_t q, int64_t ldq, buf_t k, buf_t v, int64_t ldk, buf_t work, int64_t t, const attn_t *a);
    size_t (*attention_back_bytes)(int64_t t, int heads, int kv_heads, int head_dim);

    /* Head w[V,C].  Logits exist for a block at a time (work: head_bytes), never [T,V].
       p = softmax(x w' / temperature).  logp[R] of target[R] (int32), lse[R], entropy[R] (entropy.p may be NULL). */
    void (*head_logprob)(buf_t logp, buf_t lse, buf_t entropy, buf_t x, const pack_t *w, buf_t target,
                         float temperature, buf_t work, int64_t r);
    /* d(sum_i coef[i] logp[i]): dx[R,C] =, dw[V,C] += */
    void (*head_back)(buf_t dx, buf_t dw, buf_t x, const pack_t *w, buf_t target, buf_t lse, buf_t coef,
                      float temperature, buf_t work, int64_t r);
    /* token[R] (int32) chosen with u[R] in [0,1); logp[R] is of the untruncated softmax at s->temperature
       (at temperature 0: of the softmax at 1), bit-equal to head_logprob's. */
    void (*head_sample)(buf_t token, buf_t logp, buf_t x, const pack_t *w, buf_t u, const sampling_t *s,
                        buf_t work, int64_t r);
    size_t (*head_bytes)(int64_t c, int64_t v);

    /* Optimizer.  grad is multiplied by gscale first (clipping); decay is decoupled (Loshchilov & Hutter 2019);
       bias corrections c1 = 1-b1^t, c2 = 1-b2^t. */
    void   (*adamw)(buf_t p, buf_t m, buf_t v, buf_t g, int64_t n, float lr, float b1, float b2, float eps,
                    float decay, float c1, float c2, float gscale);
    double (*sumsq)(buf_t x, int64_t n);                /* fixed tree; synchronises */
    void   (*scale)(buf_t x, float a, int64_t n);
    void   (*hold)(buf_t x, int64_t n);                 /* float32, each rounded to what the type of weights can hold */
} ops_t;

/* backend.c ------------------------------------------------------------------------------------- */

const ops_t *backend_open(const char *name);            /* fails with CODE_USAGE and the list of names */
/* The table of that backend ("cpu", "strict") with weights of that type ("cpu" and BF16: "cpu-bf16"). */
const ops_t *backend_typed(const char *name, dtype_t weight);
void         backend_names(text_t *out);
/* Whether products of bfloat16 may run on a processor's matrix unit from here on (at first: yes); returns whether they
   do.  They are several times as fast there and have other bits.  To be said before any of them runs.  local */
int          backend_matrix_unit(int allowed);
/* Checks that products of the run's own width and attention are row-invariant (rows alone, in small and in
   large batches, keys in scattered pages, 1 and all threads).  Returns 0; 1 when they are not, which no
   build of the cpu kernels should ever do: the caller stops or warns.  local */
int          backend_selftest(const ops_t *ops, int64_t n, int64_t k);
/* Best rates of this process with that many threads, measured anew (about 0.1 s each): multiply-adds of factors of that
   type kept in registers or, on a matrix unit, the first cache (flop/s, a multiply-add counts 2), and bytes/s read from
   memory.  local */
double       backend_peak_flops(int threads, dtype_t type);
double       backend_memory_rate(int threads);
