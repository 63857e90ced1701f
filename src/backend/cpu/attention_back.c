/* Causal attention, backward.

   From the saved lse the probabilities are made again block by block (Dao et al. 2022):
     P_ij = exp(scale q_i.k_j - lse_i)         dV_j = sum_i P_ij dO_i
     delta_i = dO_i . O_i                      dP_ij = dO_i . v_j,   dS_ij = P_ij (dP_ij - delta_i)
     dQ_i = scale sum_j dS_ij k_j              dK_j = scale sum_i dS_ij q_i
   Five products of 2 T_q T_k D flops each and one exponential per pair.

   A prompt that several spans share gets the sum over all of them.  Spans whose runs touch the same
   rows form a family (union-find over the owners of rows); a task is (family, key head), done by
   one thread in the order of spans, key blocks, queries: dk and dv are summed in a fixed order and
   tasks never write the same row. So parallelism is families x key heads; a training batch has
   several problems, each its own family.

   Where weights are of bfloat16 the forward rounded q, k and v to it: so does this, whose products
   are of float32 all the same.  It is the gradient of the function that was computed, with the
   rounding taken for the identity.

   work: for each row and head scaled q, dO and dQ (padded to a multiple of KEYS), lse and delta,
   and the list of families. */
#include "backend/cpu/cpu.h"
#include "backend/cpu/vec.h"

#define TILE 96 /* (query, head) rows at a time */

typedef struct { /* the caller's arrays */
    float *dq, *dk, *dv;
    const float *dout, *out, *lse, *q, *k, *v;
    int64_t ldq, ldk;
    const attn_t *a;
    int d, dp, group;
    dtype_t type;
} back_t;

typedef struct { /* one key head's share of work, row (query, head) pairs of a span */
    float *q, *dout, *dq, *lse, *delta;
} rows_t;

static size_t rows_floats(int64_t rows, int dp)
{
    return (size_t)(rows * (3 * dp + 2));
}

size_t cpu_attention_back_bytes(int64_t t, int heads, int kv_heads, int head_dim)
{
    (void)kv_heads;
    return rows_floats(t * heads, ROUND_UP(head_dim, KEYS)) * 4 + (size_t)(4 * t + 16) * 4;
}

/* Copies of q (scaled) and dO, delta; dQ zero. */
static void load_rows(const back_t *b, const rows_t *w, const span_t *s, int head)
{
    int d = b->d, dp = b->dp, heads = b->a->heads;
    for (int r = 0; r < s->count * b->group; r++) {
        int64_t row = s->first + r / b->group, h = head * b->group + r % b->group;
        const float *q = b->q + row * b->ldq + h * d, *g = b->dout + (row * heads + h) * d,
                    *o = b->out + (row * heads + h) * d;
        vf delta[PARTS] = {{0}};
        for (int j = 0; j < dp; j += VL) {
            vf gj = j < d ? vec_load_n(g + j, d - j) : (vf){0};
            vf qj = j < d ? vec_load_n(q + j, d - j) * b->a->scale : (vf){0};
            vec_store(w->q + r * dp + j, b->type == BF16 ? vec_held(qj) : qj);
            vec_store(w->dout + r * dp + j, gj);
            vec_store(w->dq + r * dp + j, (vf){0});
            vf *sum = delta + j / VL % PARTS;
            *sum += vec_times(gj, vec_load_some(o + j, d - j));
        }
        w->delta[r] = vec_sum(delta);
        w->lse[r] = b->lse[row * heads + h];
    }
}

static void store_rows(const back_t *b, const rows_t *w, const span_t *s, int head)
{
    for (int r = 0; r < s->count * b->group; r++) {
        int64_t row = s->first + r / b->group, h = head * b->group + r % b->group;
        float *dq = b->dq + row * b->ldq + h * b->d;
        for (int j = 0; j < b->d; j += VL)
            vec_store_n(dq + j, vec_load(w->dq + r * b->dp + j) * b->a->scale, b->d - j);
    }
}

/* s to P and dp to dS for n rows against one block whose first key has position `first`. */
static void softmax_back(float *s, float *ds, const float *lse, const float *delta, int n, int row,
                         int group, int32_t pos, int32_t first, int keys, int32_t window)
{
    vi lane;
    for (int j = 0; j < VL; j++)
        lane[j] = j;
    for (int i = 0; i < n; i++) {
        int32_t seen = pos + (row + i) / group - first, gone = window ? seen - window : -1;
        seen = seen < keys ? seen : keys - 1;
        for (int j = 0; j < KEYS; j += VL) {
            vf x = vec_load(s + i * KEYS + j) - lse[i];
            if (seen < KEYS - 1 || gone >= 0)
                x = vec_select((lane + j <= seen) & (lane + j > gone), x, vec_all(-INFINITY));
            vf p = vec_exp(x);
            vec_store(s + i * KEYS + j, p);
            vec_store(ds + i * KEYS + j, p * (vec_load(ds + i * KEYS + j) - delta[i]));
        }
    }
}

/* One block of keys against all rows of the span that see it. */
static void block_back(const back_t *b, const rows_t *w, const span_t *s, int head, int32_t first,
                       const int32_t *slot, int keys)
{
    int d = b->d, dp = b->dp, all = s->count * b->group;
    float kt[HEAD_DIM_MAX * KEYS], vt[HEAD_DIM_MAX * KEYS], kb[KEYS * HEAD_DIM_MAX];
    float dk[KEYS * HEAD_DIM_MAX], dv[KEYS * HEAD_DIM_MAX], p[TILE * KEYS], ds[TILE * KEYS];
    keys_gather(kb, kt, b->k + head * d, b->ldk, slot, keys, d, dp, b->type);
    keys_gather(NULL, vt, b->v + head * d, b->ldk, slot, keys, d, dp, b->type);
    /* the first row that sees it */
    int r = first > s->pos ? (first - s->pos) * b->group : 0, add = 0;
    int64_t past =
        b->a->window ? (int64_t)(first + KEYS - 1 + b->a->window - s->pos) * b->group : all;
    all = past < all ? (int)past : all; /* and the first that no longer does */
    for (int n; r < all; r += n, add = 1) {
        n = all - r < TILE ? all - r : TILE;
        const float *q = w->q + (int64_t)r * dp, *g = w->dout + (int64_t)r * dp;
        kernel_product(p, KEYS, q, dp, 1, kt, NR, KEYS, n, KEYS, d, 0);
        kernel_product(ds, KEYS, g, dp, 1, vt, NR, KEYS, n, KEYS, d, 0);
        softmax_back(p, ds, w->lse + r, w->delta + r, n, r, b->group, s->pos, first, keys,
                     b->a->window);
        kernel_product(dv, dp, p, 1, KEYS, g, NR, dp, KEYS, dp, n, add);
        kernel_product(dk, dp, ds, 1, KEYS, q, NR, dp, KEYS, dp, n, add);
        kernel_product(w->dq + (int64_t)r * dp, dp, ds, KEYS, 1, kb, NR, dp, n, dp, KEYS, 1);
    }
    for (int j = 0; add && j < keys; j++) {
        float *dkj = b->dk + slot[j] * b->ldk + head * d,
              *dvj = b->dv + slot[j] * b->ldk + head * d;
        for (int i = 0; i < d; i += VL) {
            vec_store_n(dkj + i, vec_load_n(dkj + i, d - i) + vec_load(dk + j * dp + i), d - i);
            vec_store_n(dvj + i, vec_load_n(dvj + i, d - i) + vec_load(dv + j * dp + i), d - i);
        }
    }
}

static int find(int32_t *parent, int i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* parent[span] = the first span of its family. */
static void families(int32_t *parent, int32_t *owner, int64_t t, const attn_t *a)
{
    for (int64_t i = 0; i < t; i++)
        owner[i] = -1;
    for (int s = 0; s < a->n_span; s++) {
        parent[s] = s;
        for (int i = 0; i < a->span[s].count; i++)
            owner[a->span[s].first + i] = s;
    }
    for (int s = 0; s < a->n_span; s++)
        for (int r = 0; r < a->span[s].runs; r++) {
            const run_t *run = a->run + a->span[s].run + r;
            for (int i = 0; i < run->count; i++) {
                ASSERT(run->slot + i < t && owner[run->slot + i] >= 0);
                int x = find(parent, s), y = find(parent, owner[run->slot + i]);
                parent[x > y ? x : y] = x > y ? y : x;
            }
        }
    for (int s = 0; s < a->n_span; s++)
        parent[s] = find(parent, s);
}

static void zero_rows(const back_t *b, const span_t *s, int head)
{
    for (int i = 0; i < s->count; i++) {
        memset(b->dk + (s->first + i) * b->ldk + head * b->d, 0, (size_t)b->d * 4);
        memset(b->dv + (s->first + i) * b->ldk + head * b->d, 0, (size_t)b->d * 4);
    }
}

static void family_back(const back_t *b, float *work, int64_t t, const int32_t *family, int head)
{
    const attn_t *a = b->a;
    int32_t slot[KEYS];
    for (int s = family[0]; s < a->n_span; s++)
        if (family[s - family[0]] == family[0])
            zero_rows(b, a->span + s, head);
    for (int s = family[0]; s < a->n_span; s++) {
        if (family[s - family[0]] != family[0])
            continue;
        const span_t *sp = a->span + s;
        int64_t rows = t * b->group, at = head * rows + (int64_t)sp->first * b->group;
        float *x = work, *scalars = work + 3 * t * a->heads * b->dp;
        rows_t w = {x + at * b->dp, x + (t * a->heads + at) * b->dp,
                    x + (2 * t * a->heads + at) * b->dp, scalars + at, scalars + t * a->heads + at};
        load_rows(b, &w, sp, head);
        keys_t walk = keys_of(a, sp);
        for (int32_t first = 0; first < walk.end; first += KEYS) {
            int keys = keys_next(&walk, slot);
            block_back(b, &w, sp, head, first, slot, keys);
        }
        store_rows(b, &w, sp, head);
    }
}

static void back(const back_t *b, float *work, int64_t t)
{
    const attn_t *a = b->a;
    ASSERT(a->head_dim <= HEAD_DIM_MAX && a->heads % a->kv_heads == 0 && a->n_span <= t);
    int32_t *parent = (int32_t *)(work + rows_floats(t * a->heads, b->dp)), *owner = parent + t;
    families(parent, owner, t, a);
#pragma omp parallel for collapse(2) schedule(dynamic)
    for (int s = 0; s < a->n_span; s++)
        for (int h = 0; h < a->kv_heads; h++)
            if (parent[s] == s)
                family_back(b, work, t, parent + s, h);
}

#define ATTENTION_BACK(suffix, type)                                                            \
    void cpu_attention_back##suffix(buf_t dq, buf_t dk, buf_t dv, buf_t dout, buf_t out,        \
                                    buf_t lse, buf_t q, int64_t ldq, buf_t k, buf_t v,          \
                                    int64_t ldk, buf_t work, int64_t t, const attn_t *a)        \
    {                                                                                           \
        back(&(back_t){dq.p, dk.p, dv.p, dout.p, out.p, lse.p, q.p, k.p, v.p, ldq, ldk, a,      \
                       a->head_dim, ROUND_UP(a->head_dim, KEYS), a->heads / a->kv_heads, type}, \
             work.p, t);                                                                        \
    }

ATTENTION_BACK(, F32)
ATTENTION_BACK(_bf16, BF16)
