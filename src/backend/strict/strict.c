/* The strict backend: cpu arithmetic with a device's manners, so that mistakes that only a GPU
   would show are found without one.

   An address it hands out is the real one with bit 54 set.  No machine maps user memory there
   (Linux keeps below 2^47 or 2^52 unless asked), so a host read or write of a buffer dies with
   SIGSEGV at the guilty line and a system call on it gives EFAULT; every operation clears the bit
   first.  Offsets (buf_at) carry through, and there is no state: two engines in one process work.
   Fresh memory holds NaN (as float32) and an absurd number (as int32), so a result that was never
   written shows. */
#include "backend/cpu/cpu.h"
#include <string.h>

#define FAR    ((uintptr_t)1 << 54)
#define POISON 0x7fc0deadu /* a quiet NaN */

static buf_t near(buf_t b)
{
    return (buf_t){(void *)((uintptr_t)b.p & ~FAR)};
}

static buf_t strict_alloc(size_t bytes)
{
    uint32_t *p = mem_new(ROUND_UP(bytes, 4));
    for (size_t i = 0; i < (bytes + 3) / 4; i++)
        p[i] = POISON;
    return (buf_t){(void *)((uintptr_t)p | (p ? FAR : 0))};
}

static void strict_release(buf_t b, size_t bytes)
{
    ASSERT(!b.p || (uintptr_t)b.p & FAR);
    for (size_t i = 0; b.p && i < bytes / 4; i++) /* use after release shows too */
        ((uint32_t *)near(b).p)[i] = POISON;
    mem_free(near(b).p);
}

static void strict_put(buf_t dst, const void *host, size_t bytes)
{
    ASSERT(!bytes || (uintptr_t)dst.p & FAR);
    if (bytes)
        memcpy(near(dst).p, host, bytes);
}

static void strict_get(void *host, buf_t src, size_t bytes)
{
    ASSERT(!bytes || (uintptr_t)src.p & FAR);
    if (bytes)
        memcpy(host, near(src).p, bytes);
}

static void strict_copy(buf_t dst, buf_t src, size_t bytes)
{
    ASSERT(!bytes || ((uintptr_t)dst.p & (uintptr_t)src.p & FAR));
    if (bytes)
        memmove(near(dst).p, near(src).p, bytes);
}

static void strict_zero(buf_t b, size_t bytes)
{
    ASSERT(!bytes || (uintptr_t)b.p & FAR);
    if (bytes)
        memset(near(b).p, 0, bytes);
}

static void strict_sync(void)
{
}

static void strict_pack_put(pack_t *p, buf_t w, dtype_t type, int64_t row, int64_t rows)
{
    cpu_pack_put(p, near(w), type, row, rows);
}

static void strict_pack_get(const pack_t *p, buf_t w, int64_t row, int64_t rows)
{
    cpu_pack_get(p, near(w), row, rows);
}

static void strict_matmul(buf_t y, buf_t x, const pack_t *w, buf_t bias, int64_t m)
{
    cpu_matmul(near(y), near(x), w, near(bias), m);
}

static void strict_matmul_add(buf_t y, buf_t x, const pack_t *w, buf_t plus, int64_t m)
{
    cpu_matmul_add(near(y), near(x), w, near(plus), m);
}

static void strict_matmul_swiglu(buf_t y, buf_t gu, const pack_t *w, buf_t plus, buf_t work,
                                 int64_t m)
{
    cpu_matmul_swiglu(near(y), near(gu), w, near(plus), near(work), m);
}

static void strict_matmul_dx(buf_t dx, buf_t dy, const pack_t *w, int64_t m)
{
    cpu_matmul_dx(near(dx), near(dy), w, m);
}

static void strict_matmul_dw(buf_t dw, buf_t dy, buf_t x, int64_t m, int64_t n, int64_t k)
{
    cpu_matmul_dw(near(dw), near(dy), near(x), m, n, k);
}

static void strict_matmul_dw_bf16(buf_t dw, buf_t dy, buf_t x, int64_t m, int64_t n, int64_t k)
{
    cpu_matmul_dw_bf16(near(dw), near(dy), near(x), m, n, k);
}

static void strict_bias_back(buf_t db, buf_t dy, int64_t m, int64_t n)
{
    cpu_bias_back(near(db), near(dy), m, n);
}

static void strict_embed(buf_t y, const pack_t *table, buf_t token, int64_t t)
{
    cpu_embed(near(y), table, near(token), t);
}

static void strict_embed_back(buf_t dtable, buf_t dy, buf_t token, int64_t t, int64_t c, int64_t v)
{
    cpu_embed_back(near(dtable), near(dy), near(token), t, c, v);
}

static void strict_rmsnorm(buf_t y, buf_t rstd, buf_t x, buf_t w, int64_t t, int64_t c, float eps)
{
    cpu_rmsnorm(near(y), near(rstd), near(x), near(w), t, c, eps);
}

static void strict_rmsnorm_back(buf_t dx, buf_t dw, buf_t dy, buf_t x, buf_t w, buf_t rstd,
                                int64_t t, int64_t c)
{
    cpu_rmsnorm_back(near(dx), near(dw), near(dy), near(x), near(w), near(rstd), t, c);
}

static void strict_headnorm(buf_t x, buf_t raw, buf_t rstd, buf_t w, int64_t t, int64_t ld,
                            int heads, int head_dim, float eps)
{
    cpu_headnorm(near(x), near(raw), near(rstd), near(w), t, ld, heads, head_dim, eps);
}

static void strict_headnorm_back(buf_t dx, buf_t dw, buf_t raw, buf_t rstd, buf_t w, int64_t t,
                                 int64_t ld, int heads, int head_dim)
{
    cpu_headnorm_back(near(dx), near(dw), near(raw), near(rstd), near(w), t, ld, heads, head_dim);
}

static void strict_rope(buf_t x, buf_t pos, buf_t table, int64_t t, int64_t ld, int heads,
                        int head_dim, int inverse)
{
    cpu_rope(near(x), near(pos), near(table), t, ld, heads, head_dim, inverse);
}

static void strict_swiglu(buf_t y, buf_t gu, int64_t t, int64_t f)
{
    cpu_swiglu(near(y), near(gu), t, f);
}

static void strict_swiglu_back(buf_t dgu, buf_t dy, buf_t gu, int64_t t, int64_t f)
{
    cpu_swiglu_back(near(dgu), near(dy), near(gu), t, f);
}

static void strict_add(buf_t x, buf_t y, int64_t n)
{
    cpu_add(near(x), near(y), n);
}

static void strict_gather(buf_t y, buf_t x, buf_t row, int64_t r, int64_t c)
{
    cpu_gather(near(y), near(x), near(row), r, c);
}

static void strict_scatter_add(buf_t x, buf_t y, buf_t row, int64_t r, int64_t c)
{
    const int32_t *id = near(row).p;
    int32_t top = 0;
    for (int64_t i = 0; i < r; i++)
        top = id[i] > top ? id[i] : top;
    char *seen = ALLOC(char, (int64_t)top + 1); /* a device adds them in any order */
    for (int64_t i = 0; i < r; i++)
        ASSERT(!seen[id[i]]++);
    mem_free(seen);
    cpu_scatter_add(near(x), near(y), near(row), r, c);
}

#define STRICT_ATTENTION(suffix)                                                                   \
    static void strict_attention##suffix(buf_t out, buf_t lse, buf_t q, int64_t ldq, buf_t k,      \
                                         buf_t v, int64_t ldk, const attn_t *a)                    \
    {                                                                                              \
        cpu_attention##suffix(near(out), near(lse), near(q), ldq, near(k), near(v), ldk, a);       \
    }                                                                                              \
    static void strict_attention_pages##suffix(buf_t out, buf_t q, int64_t ldq, buf_t store,       \
                                               const attn_t *a)                                    \
    {                                                                                              \
        cpu_attention_pages##suffix(near(out), near(q), ldq, near(store), a);                      \
    }                                                                                              \
    static void strict_keys_put##suffix(buf_t store, buf_t kv, int64_t ld, buf_t slot, int64_t t,  \
                                        int kv_heads, int head_dim)                                \
    {                                                                                              \
        cpu_keys_put##suffix(near(store), near(kv), ld, near(slot), t, kv_heads, head_dim);        \
    }                                                                                              \
    static void strict_attention_back##suffix(buf_t dq, buf_t dk, buf_t dv, buf_t dout, buf_t out, \
                                              buf_t lse, buf_t q, int64_t ldq, buf_t k, buf_t v,   \
                                              int64_t ldk, buf_t work, int64_t t, const attn_t *a) \
    {                                                                                              \
        cpu_attention_back##suffix(near(dq), near(dk), near(dv), near(dout), near(out), near(lse), \
                                   near(q), ldq, near(k), near(v), ldk, near(work), t, a);         \
    }

STRICT_ATTENTION()
STRICT_ATTENTION(_bf16)

static void strict_head_logprob(buf_t logp, buf_t lse, buf_t entropy, buf_t x, const pack_t *w,
                                buf_t target, float temperature, buf_t work, int64_t r)
{
    cpu_head_logprob(near(logp), near(lse), near(entropy), near(x), w, near(target), temperature,
                     near(work), r);
}

static void strict_head_back(buf_t dx, buf_t dw, buf_t x, const pack_t *w, buf_t target, buf_t lse,
                             buf_t coef, float temperature, buf_t work, int64_t r)
{
    cpu_head_back(near(dx), near(dw), near(x), w, near(target), near(lse), near(coef), temperature,
                  near(work), r);
}

static void strict_head_sample(buf_t token, buf_t logp, buf_t x, const pack_t *w, buf_t u,
                               const sampling_t *s, buf_t work, int64_t r)
{
    cpu_head_sample(near(token), near(logp), near(x), w, near(u), s, near(work), r);
}

static void strict_adamw(buf_t p, buf_t m, buf_t v, buf_t g, int64_t n, float lr, float b1,
                         float b2, float eps, float decay, float c1, float c2, float gscale)
{
    cpu_adamw(near(p), near(m), near(v), near(g), n, lr, b1, b2, eps, decay, c1, c2, gscale);
}

static double strict_sumsq(buf_t x, int64_t n)
{
    return cpu_sumsq(near(x), n);
}

static void strict_scale(buf_t x, float a, int64_t n)
{
    cpu_scale(near(x), a, n);
}

static void strict_hold(buf_t x, int64_t n)
{
    cpu_hold(near(x), n);
}

static void strict_hold_bf16(buf_t x, int64_t n)
{
    cpu_hold_bf16(near(x), n);
}

#define STRICT_OPS(table, suffix, type, called)            \
    const ops_t table = {                                  \
        .name = called,                                    \
        .weight = type,                                    \
        .activation = F32,                                 \
        .alloc = strict_alloc,                             \
        .release = strict_release,                         \
        .put = strict_put,                                 \
        .get = strict_get,                                 \
        .copy = strict_copy,                               \
        .zero = strict_zero,                               \
        .sync = strict_sync,                               \
        .pack_new = cpu_pack_new##suffix,                  \
        .pack_bytes = cpu_pack_bytes##suffix,              \
        .pack_put = strict_pack_put,                       \
        .pack_get = strict_pack_get,                       \
        .pack_copy = cpu_pack_copy,                        \
        .pack_free = cpu_pack_free,                        \
        .matmul = strict_matmul,                           \
        .matmul_add = strict_matmul_add,                   \
        .matmul_swiglu = strict_matmul_swiglu,             \
        .matmul_dx = strict_matmul_dx,                     \
        .matmul_dw = strict_matmul_dw##suffix,             \
        .bias_back = strict_bias_back,                     \
        .product_bytes = cpu_product_bytes##suffix,        \
        .embed = strict_embed,                             \
        .embed_back = strict_embed_back,                   \
        .rmsnorm = strict_rmsnorm,                         \
        .rmsnorm_back = strict_rmsnorm_back,               \
        .headnorm = strict_headnorm,                       \
        .headnorm_back = strict_headnorm_back,             \
        .rope = strict_rope,                               \
        .swiglu = strict_swiglu,                           \
        .swiglu_back = strict_swiglu_back,                 \
        .add = strict_add,                                 \
        .gather = strict_gather,                           \
        .scatter_add = strict_scatter_add,                 \
        .attention = strict_attention##suffix,             \
        .attention_pages = strict_attention_pages##suffix, \
        .keys_put = strict_keys_put##suffix,               \
        .page_bytes = cpu_page_bytes##suffix,              \
        .attention_back = strict_attention_back##suffix,   \
        .attention_back_bytes = cpu_attention_back_bytes,  \
        .head_logprob = strict_head_logprob,               \
        .head_back = strict_head_back,                     \
        .head_sample = strict_head_sample,                 \
        .head_bytes = cpu_head_bytes,                      \
        .adamw = strict_adamw,                             \
        .sumsq = strict_sumsq,                             \
        .scale = strict_scale,                             \
        .hold = strict_hold##suffix,                       \
    }

STRICT_OPS(strict_ops, , F32, "strict");
STRICT_OPS(strict_bf16_ops, _bf16, BF16, "strict-bf16");
