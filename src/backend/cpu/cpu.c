/* The cpu backend's memory and its table.  Device memory is host memory from mem.c; nothing is
   asynchronous. */
#include "backend/cpu/cpu.h"
#include <string.h>

static buf_t cpu_alloc(size_t bytes)
{
    return (buf_t){mem_new(bytes)};
}

static void cpu_release(buf_t b, size_t bytes)
{
    (void)bytes;
    mem_free(b.p);
}

/* In pieces, one thread alone does not get what memory gives. */
static void copy_in_pieces(char *dst, const char *src, size_t bytes)
{
    const size_t piece = (size_t)1 << 18;
#pragma omp parallel for schedule(static) if (bytes > piece)
    for (size_t at = 0; at < bytes; at += piece)
        memcpy(dst + at, src + at, bytes - at < piece ? bytes - at : piece);
}

static void cpu_put(buf_t dst, const void *host, size_t bytes)
{
    copy_in_pieces(dst.p, host, bytes);
}

static void cpu_get(void *host, buf_t src, size_t bytes)
{
    copy_in_pieces(host, src.p, bytes);
}

static void cpu_copy(buf_t dst, buf_t src, size_t bytes)
{
    if (bytes)
        memmove(dst.p, src.p, bytes);
}

static void cpu_zero(buf_t b, size_t bytes)
{
    if (bytes)
        memset(b.p, 0, bytes);
}

static void cpu_sync(void)
{
}

/* One table for each type of weights. */
#define CPU_OPS(table, suffix, type, called)              \
    const ops_t table = {                                 \
        .name = called,                                   \
        .weight = type,                                   \
        .activation = F32,                                \
        .unified = 1,                                     \
        .alloc = cpu_alloc,                               \
        .release = cpu_release,                           \
        .put = cpu_put,                                   \
        .get = cpu_get,                                   \
        .copy = cpu_copy,                                 \
        .zero = cpu_zero,                                 \
        .sync = cpu_sync,                                 \
        .pack_new = cpu_pack_new##suffix,                 \
        .pack_bytes = cpu_pack_bytes##suffix,             \
        .pack_put = cpu_pack_put,                         \
        .pack_get = cpu_pack_get,                         \
        .pack_copy = cpu_pack_copy,                       \
        .pack_free = cpu_pack_free,                       \
        .matmul = cpu_matmul,                             \
        .matmul_add = cpu_matmul_add,                     \
        .matmul_swiglu = cpu_matmul_swiglu,               \
        .matmul_dx = cpu_matmul_dx,                       \
        .matmul_dw = cpu_matmul_dw##suffix,               \
        .bias_back = cpu_bias_back,                       \
        .product_bytes = cpu_product_bytes##suffix,       \
        .embed = cpu_embed,                               \
        .embed_back = cpu_embed_back,                     \
        .rmsnorm = cpu_rmsnorm,                           \
        .rmsnorm_back = cpu_rmsnorm_back,                 \
        .headnorm = cpu_headnorm,                         \
        .headnorm_back = cpu_headnorm_back,               \
        .rope = cpu_rope,                                 \
        .swiglu = cpu_swiglu,                             \
        .swiglu_back = cpu_swiglu_back,                   \
        .add = cpu_add,                                   \
        .gather = cpu_gather,                             \
        .scatter_add = cpu_scatter_add,                   \
        .attention = cpu_attention##suffix,               \
        .attention_pages = cpu_attention_pages##suffix,   \
        .keys_put = cpu_keys_put##suffix,                 \
        .page_bytes = cpu_page_bytes##suffix,             \
        .attention_back = cpu_attention_back##suffix,     \
        .attention_back_bytes = cpu_attention_back_bytes, \
        .head_logprob = cpu_head_logprob,                 \
        .head_back = cpu_head_back,                       \
        .head_sample = cpu_head_sample,                   \
        .head_bytes = cpu_head_bytes,                     \
        .adamw = cpu_adamw,                               \
        .sumsq = cpu_sumsq,                               \
        .scale = cpu_scale,                               \
        .hold = cpu_hold##suffix,                         \
    }

CPU_OPS(cpu_ops, , F32, "cpu");
CPU_OPS(cpu_bf16_ops, _bf16, BF16, "cpu-bf16");
