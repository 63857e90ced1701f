/* Private to the backend floor: what the files of cpu/ use of each other. */
#pragma once
#include "backend.h"

#define KEYS         KEY_PAGE /* keys of a block of attention; blocks begin at multiples of it */
#define HEAD_DIM_MAX 256

/* kernel.c: c[m,n] (+)= a b, one thread.  Element (i,k) of a is a[i*rsa + k*csa].  Columns of b
   come in panels of NR: row k of panel j is b[j*pb + k*ldb .. +NR), readable in full, also where n
   ends inside it. Each element of c is one chain of fused multiply-adds in the order of k, whatever
   m and n.  STREAM: stored past the caches where c's lines are whole; vec_streamed() before others
   read it. */
typedef enum { STORE, ADD, STREAM } how_t;
void kernel_product(float *c, int64_t ldc, const float *a, int64_t rsa, int64_t csa, const float *b,
                    int64_t pb, int64_t ldb, int64_t m, int64_t n, int64_t k, how_t how);
/* The same of pairs: elements of a and b are units of two bfloat16 that follow each other in k; k
   counts units.  Where the processor does not multiply pairs (UNIT is 2, vec.h), a unit of a is two
   float32, csa / 2 apart, the even one first. */
void kernel_pairs(float *c, int64_t ldc, const float *a, int64_t rsa, int64_t csa, const float *b,
                  int64_t pb, int64_t ldb, int64_t m, int64_t n, int64_t k, how_t how);

/* The same of either type for few rows of a, units of which follow each other, and panels of b that
   come from memory: `next` are those that will be wanted next, as far apart. */
void kernel_few(float *c, int64_t ldc, const float *a, int64_t rsa, const float *b, int64_t pb,
                int64_t m, int64_t n, int64_t k, how_t how, const float *next, dtype_t type);

/* amx.c: the same as kernel_pairs on the processor's matrix unit, with other bits.  Unit l of row i
   of a is at a[i*lda + l*unit] where both are multiples of AMX_SIDE, unit = AMX_SIDE: in tiles of
   AMX_SIDE x AMX_SIDE units; 1: in rows. Row l of panel j is at b[j*pb + l*NR].  k is a multiple of
   AMX_SIDE, or less.  Units up to k, rows up to m are read. ahead: panels follow each other and
   come from memory, they are sent for.  amx_here: built for it, and the kernel grants it.
   amx_release: a thread calls it after its last product, for the unit's state is part of the
   thread's. */
#define AMX_SIDE 16 /* rows of a tile, and units or float32 in a row */
int amx_here(void);
void amx_allow(int allowed);
void amx_release(void);
void amx_rounds(int64_t n); /* n times 8 AMX_SIDE^3 multiply-adds, as fast as the unit can */
void amx_product(float *c, int64_t ldc, const float *a, int64_t lda, int64_t unit, const float *b,
                 int64_t pb, int64_t m, int64_t n, int64_t k, int add, int ahead);

/* factor.c: units of bfloat16 in scratch that the next product reuses, or the factor in place (type
   F32). */
/* rows and their stride; panels and theirs */
typedef struct {
    const float *a;
    int64_t ld;
} factor_t;
int64_t units_per(dtype_t type); /* elements in a unit */
/* [m][n/2], in tiles where amx_here */
factor_t factor_rows(const float *a, int64_t lda, int64_t m, int64_t n, dtype_t type);
/* the same of silu(gate) up; work[m,f] */
factor_t factor_swiglu(const float *gu, float *work, int64_t m, int64_t f, dtype_t type);
/* [m/2][n]; which: 0 or 1, two live at a time */
factor_t factor_across(const float *a, int64_t lda, int64_t m, int64_t n, dtype_t type, int which);
/* For amx.c; ld is the distance of rows, in float32, as amx_product takes it. */
/* tiles of [n][m/2], and beside it */
factor_t factor_turned(const float *a, int64_t lda, int64_t m, int64_t n);
/* [n/NR][m/2][NR]; ld: of panels */
factor_t factor_panels(const float *a, int64_t lda, int64_t m, int64_t n);

/* pack.c */
struct pack {
    int64_t n, k, units; /* rows, columns; units of 32 bits in a row */
    dtype_t type;
    float *panel; /* [n/NR][units][NR], zero-padded */
};
pack_t *cpu_pack_new(int64_t n, int64_t k);
pack_t *cpu_pack_new_bf16(int64_t n, int64_t k);
void cpu_pack_put(pack_t *p, buf_t w, dtype_t type, int64_t row, int64_t rows);
void cpu_pack_get(const pack_t *p, buf_t w, int64_t row, int64_t rows);
void cpu_pack_copy(pack_t *dst, const pack_t *src);
void cpu_pack_free(pack_t *p);
size_t cpu_pack_bytes(int64_t n, int64_t k);
size_t cpu_pack_bytes_bf16(int64_t n, int64_t k);
void cpu_embed(buf_t y, const pack_t *table, buf_t token, int64_t t);
/* panel[cols/NR][d][NR] = columns [j0, j0+cols) of d units along the rows from r0 on (r0 a multiple
   of VL, j0 of NR). */
void pack_turn(float *panel, const pack_t *p, int64_t r0, int64_t j0, int64_t d, int64_t cols);

/* matmul.c */
void cpu_matmul(buf_t y, buf_t x, const pack_t *w, buf_t bias, int64_t m);
void cpu_matmul_add(buf_t y, buf_t x, const pack_t *w, buf_t plus, int64_t m);
void cpu_matmul_swiglu(buf_t y, buf_t gu, const pack_t *w, buf_t plus, buf_t work, int64_t m);
void cpu_matmul_dx(buf_t dx, buf_t dy, const pack_t *w, int64_t m);
void cpu_matmul_dw(buf_t dw, buf_t dy, buf_t x, int64_t m, int64_t n, int64_t k);
void cpu_matmul_dw_bf16(buf_t dw, buf_t dy, buf_t x, int64_t m, int64_t n, int64_t k);
size_t cpu_product_bytes(int64_t m, int64_t wide);
size_t cpu_product_bytes_bf16(int64_t m, int64_t wide);
void cpu_bias_back(buf_t db, buf_t dy, int64_t m, int64_t n);
/* The same with rows [n0, n0+n) of w only (n0 a multiple of what products sum at a time), results
   with a stride. */
void product_forward(float *y, int64_t ldy, const factor_t *x, const pack_t *w, int64_t n0,
                     int64_t n, const float *bias, const float *plus,
                     int64_t m); /* plus (stride ldy): added to the sum */
void product_dx(float *dx, const float *dy, int64_t lddy, const pack_t *w, int64_t n0, int64_t n,
                int64_t m, int add);
void product_dw(float *dw, const float *dy, int64_t lddy, const float *x, int64_t m, int64_t n,
                int64_t k, dtype_t type);

/* share.c: tasks dealt out to the threads of a parallel region: shares of which each thread takes
   its own in order, and then of others'.  share_next: how many from *first on the caller is to do;
   0: none are left. */
#define SHARES 64
/* the first << 32, one past the last */
typedef struct {
    __attribute__((aligned(64))) uint64_t left;
} share_t;
typedef struct {
    share_t of[SHARES];
    int n;
} shares_t;
/* busy.c: fewer threads for a while where other processes keep some of ours from running.  Outside of
   parallel regions; costs nothing where there is one thread. */
void busy_look(void);
shares_t share_out(int64_t tasks);
int64_t share_next(shares_t *s, int64_t *first);

/* How m x n results become tasks of rows x cols, at most so many, rows a multiple of `side`. */
void product_cut(int64_t m, int64_t n, int64_t *rows, int64_t *cols, int64_t most_rows,
                 int64_t most_cols, int64_t side);

/* matmul_amx.c: the same three on the matrix unit. */
#define AMX_ROWS 512 /* of a task at most */
#define AMX_COLS 448
/* Rows i .. i+m of x times w's rows n0 .. n0+cols, one thread; y is the block, added to where
   `add`. */
void amx_forward(float *y, int64_t ldy, const factor_t *x, int64_t i, const pack_t *w, int64_t n0,
                 int64_t m, int64_t cols, int add);
void amx_dx(float *dx, const float *dy, int64_t lddy, const pack_t *w, int64_t n0, int64_t n,
            int64_t m, int add);
void amx_dw(float *dw, const float *dy, int64_t lddy, const float *x, int64_t m, int64_t n,
            int64_t k);

/* rows.c */
void cpu_embed_back(buf_t dtable, buf_t dy, buf_t token, int64_t t, int64_t c, int64_t v);
void cpu_rmsnorm(buf_t y, buf_t rstd, buf_t x, buf_t w, int64_t t, int64_t c, float eps);
void cpu_rmsnorm_back(buf_t dx, buf_t dw, buf_t dy, buf_t x, buf_t w, buf_t rstd, int64_t t,
                      int64_t c);
void cpu_headnorm(buf_t x, buf_t raw, buf_t rstd, buf_t w, int64_t t, int64_t ld, int heads,
                  int head_dim, float eps);
void cpu_headnorm_back(buf_t dx, buf_t dw, buf_t raw, buf_t rstd, buf_t w, int64_t t, int64_t ld,
                       int heads, int head_dim);
void cpu_rope(buf_t x, buf_t pos, buf_t table, int64_t t, int64_t ld, int heads, int head_dim,
              int inverse);
void cpu_swiglu(buf_t y, buf_t gu, int64_t t, int64_t f);
void cpu_swiglu_back(buf_t dgu, buf_t dy, buf_t gu, int64_t t, int64_t f);
void cpu_add(buf_t x, buf_t y, int64_t n);
void cpu_gather(buf_t y, buf_t x, buf_t row, int64_t r, int64_t c);
void cpu_scatter_add(buf_t x, buf_t y, buf_t row, int64_t r, int64_t c);

/* keys.c: the keys of one span, block by block: gathered from rows, or read where they lie in
   pages. */
typedef struct {
    const run_t *run;
    int runs, at;     /* the run that holds position `pos` */
    int32_t pos, end; /* next position; one past the last */
} keys_t;
keys_t keys_of(const attn_t *a, const span_t *s);
/* Store rows of the next block; returns how many (at most KEYS). */
int keys_next(keys_t *w, int32_t slot[KEYS]);
/* x[j] = store[slot[j]*ld ..+d), zero-padded to [KEYS, dp]; t = its transpose [dp, KEYS].  Either
   may be NULL.  Rounded to type. */
void keys_gather(float *x, float *t, const float *store, int64_t ld, const int32_t *slot, int n,
                 int d, int dp, dtype_t type);
/* Keys and values of n slots as a page of bfloat16 has them. */
void keys_gather_pairs(float *kt, float *vp, const float *k, const float *v, int64_t ld,
                       const int32_t *slot, int n, int d, int dp);
/* A page is [KV][d][KEYS] keys, transposed, and then [KV][KEYS][dp] values, dp = d rounded up to
   KEYS; of bfloat16 (units of two) [KV][dp/2][KEYS] keys, pairs along d, and
   [KV][dp/NR][KEYS/2][NR] values, pairs of positions. */
size_t cpu_page_bytes(int kv_heads, int head_dim);
size_t cpu_page_bytes_bf16(int kv_heads, int head_dim);
void cpu_keys_put(buf_t store, buf_t kv, int64_t ld, buf_t slot, int64_t t, int kv_heads,
                  int head_dim);
void cpu_keys_put_bf16(buf_t store, buf_t kv, int64_t ld, buf_t slot, int64_t t, int kv_heads,
                       int head_dim);

/* attention_tasks.c */
#define TASK_ROWS 192
typedef struct {
    int32_t span, spans; /* consecutive spans: all their rows, or of a single one the rows */
    int32_t row, n;      /* row .. row+n of its count * group (query, head) pairs */
    int32_t head, heads; /* key heads; pair i of the j-th is row j * n + i of the tile */
    int32_t shared;      /* leading blocks that are the same rows for all spans */
} task_t;
/* Longest first; the caller frees it. */
task_t *attention_tasks(const attn_t *a, int64_t *count);

/* attention.c, attention_back.c */
void cpu_attention(buf_t out, buf_t lse, buf_t q, int64_t ldq, buf_t k, buf_t v, int64_t ldk,
                   const attn_t *a);
void cpu_attention_pages(buf_t out, buf_t q, int64_t ldq, buf_t store, const attn_t *a);
void cpu_attention_back(buf_t dq, buf_t dk, buf_t dv, buf_t dout, buf_t out, buf_t lse, buf_t q,
                        int64_t ldq, buf_t k, buf_t v, int64_t ldk, buf_t work, int64_t t,
                        const attn_t *a);
void cpu_attention_bf16(buf_t out, buf_t lse, buf_t q, int64_t ldq, buf_t k, buf_t v, int64_t ldk,
                        const attn_t *a);
void cpu_attention_pages_bf16(buf_t out, buf_t q, int64_t ldq, buf_t store, const attn_t *a);
void cpu_attention_back_bf16(buf_t dq, buf_t dk, buf_t dv, buf_t dout, buf_t out, buf_t lse,
                             buf_t q, int64_t ldq, buf_t k, buf_t v, int64_t ldk, buf_t work,
                             int64_t t, const attn_t *a);
size_t cpu_attention_back_bytes(int64_t t, int heads, int kv_heads, int head_dim);

/* head.c, sample.c */
void cpu_head_logprob(buf_t logp, buf_t lse, buf_t entropy, buf_t x, const pack_t *w, buf_t target,
                      float temperature, buf_t work, int64_t r);
void cpu_head_back(buf_t dx, buf_t dw, buf_t x, const pack_t *w, buf_t target, buf_t lse,
                   buf_t coef, float temperature, buf_t work, int64_t r);
void cpu_head_sample(buf_t token, buf_t logp, buf_t x, const pack_t *w, buf_t u,
                     const sampling_t *s, buf_t work, int64_t r);
size_t cpu_head_bytes(int64_t c, int64_t v);
/* The softmax of a row of logits z * beta, block by block. */
typedef struct {
    float top, sum[16], zsum[16], unused[15]; /* LANES of each */
} softmax_t;
void softmax_start(softmax_t *s);
/* the block's own mass, sum of exp((z - top) beta) */
float softmax_more(softmax_t *s, const float *z, int64_t v, float beta);
/* *mean (may be NULL) = expectation of z * beta */
float softmax_lse(const softmax_t *s, float beta, float *mean);
/* The token chosen from one row of logits; q[v] is workspace.  Whole: of the full distribution,
   given the masses of blocks of `step` logits, each relative to its own top, and the top of all. */
typedef struct {
    float top, mass;
} block_t;
int32_t sample_whole(float *q, const float *z, int64_t v, int64_t step, const block_t *block,
                     float top, float beta, float u);
int32_t sample_cut(float *q, const float *z, int64_t v, const sampling_t *s, float u);

/* optim.c */
void cpu_adamw(buf_t p, buf_t m, buf_t v, buf_t g, int64_t n, float lr, float b1, float b2,
               float eps, float decay, float c1, float c2, float gscale);
double cpu_sumsq(buf_t x, int64_t n);
void cpu_scale(buf_t x, float a, int64_t n);
void cpu_hold(buf_t x, int64_t n);
void cpu_hold_bf16(buf_t x, int64_t n);

#define ROUND_UP(n, q) (((n) + (q)-1) / (q) * (q))
static inline int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}
