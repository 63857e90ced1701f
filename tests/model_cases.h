/* What the tests of the model share: random models.  Models with known results are in
   reference_models.h. */
#pragma once
#include "model.h"
#include "test.h"

static inline const ops_t *case_ops(void)
{
    const char *name = getenv("ALETHEIA_BACKEND");
    return backend_open(name ? name : "cpu");
}

/* Shapes that have everything: bias, tied, grouped heads, widths no multiple of 16. */
static inline model_config_t case_config(int i)
{
    model_config_t c = {.arch = "Qwen2ForCausalLM",
                        .vocab = 211,
                        .width = 48,
                        .layers = 3,
                        .heads = 4,
                        .kv_heads = 2,
                        .head_dim = 16,
                        .ffn = 80,
                        .max_position = 256,
                        .qkv_bias = 1,
                        .tied = 1,
                        .rms_eps = 1e-6f,
                        .rope.theta = 1e6};
    if (i == 1)
        c = (model_config_t){.arch = "LlamaForCausalLM",
                             .vocab = 97,
                             .width = 36,
                             .layers = 2,
                             .heads = 3,
                             .kv_heads = 1,
                             .head_dim = 10,
                             .ffn = 53,
                             .max_position = 256,
                             .rms_eps = 1e-5f,
                             .rope.theta = 10000};
    if (i == 2)
        c = (model_config_t){.arch = "LlamaForCausalLM",
                             .vocab = 768,
                             .width = 160,
                             .layers = 2,
                             .heads = 5,
                             .kv_heads = 5,
                             .head_dim = 32,
                             .ffn = 448,
                             .max_position = 512,
                             .tied = 1,
                             .rms_eps = 1e-5f,
                             .rope.theta = 10000};
    if (i == 3) { /* norms of heads, a sliding layer, stretched positions */
        c = (model_config_t){.arch = "Qwen3ForCausalLM",
                             .vocab = 101,
                             .width = 40,
                             .layers = 3,
                             .heads = 8,
                             .kv_heads = 2,
                             .head_dim = 18,
                             .ffn = 48,
                             .max_position = 256,
                             .qk_norm = 1,
                             .rms_eps = 1e-6f,
                             .window = 11,
                             .slides = {2 | 4}};
        c.rope = (rope_t){ROPE_YARN, 1e4, 4, 1, 32, 1.2, 32, 1};
    }
    return c;
}

/* Larger than the usual start, so that distributions are not flat. */
static inline model_t *case_model(const model_config_t *c, const ops_t *ops, uint64_t seed)
{
    model_t *m = model_new(c, ops);
    const params_t *p = model_params(m);
    for (int i = 0; i < p->n; i++) {
        const param_t *t = &p->tensor[i];
        float *x = ALLOC(float, t->rows * t->cols);
        test_fill(x, t->rows * t->cols, seed * 1000 + (uint64_t)i);
        int norm = strstr(t->name, "norm") != NULL;
        for (int64_t j = 0; j < t->rows * t->cols; j++)
            x[j] = norm ? 1 + 0.1f * x[j] : 0.15f * x[j];
        model_put(m, t->name, x);
        mem_free(x);
    }
    model_commit(m);
    return m;
}

static inline int32_t *case_tokens(int n, int vocab, uint64_t seed)
{
    int32_t *t = ALLOC(int32_t, n + 1);
    rng_t r = rng_make(seed, RNG_TEST, 1, 0);
    for (int i = 0; i < n; i++)
        t[i] = rng_below(&r, vocab);
    return t;
}

static inline buf_t case_grad(const model_t *m)
{
    size_t bytes = (size_t)model_params(m)->count * sizeof(float);
    buf_t g = model_ops(m)->alloc(bytes);
    model_ops(m)->zero(g, bytes);
    return g;
}

static inline float *case_grad_get(const model_t *m, buf_t g)
{
    size_t bytes = (size_t)model_params(m)->count * sizeof(float);
    float *host = ALLOC(float, model_params(m)->count);
    model_ops(m)->get(host, g, bytes);
    return host;
}

static inline void case_grad_free(const model_t *m, buf_t g)
{
    model_ops(m)->release(g, (size_t)model_params(m)->count * sizeof(float));
}
