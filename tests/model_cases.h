/* What the tests of the model share: random models, and the reference files in
   tests/data. */
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
    if (i == 3) {                    /* norms of heads, a sliding layer, stretched positions */
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
static inline model_t *case_model(const model_config_t *c, const ops_t *ops,
                                  uint64_t seed)
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

/* One of tests/data/model_*.ref, written by model_reference.py. */
typedef struct {
    model_config_t c;
    int32_t prompt[256], cont[8][256];
    int n_prompt, n_cont[8], conts, n;               /* n: predicted tokens in all */
    float logp[256], logp_warm[256], coef[256], temperature;
    double adamw[6], losses[10];                     /* lr b1 b2 eps decay clip */
    struct { char name[96]; int64_t rows, cols; const float *w, *g; } tensor[64];
    int tensors;
    text_t file;
    float *block;                                    /* aligned copies of w and g */
} reference_t;

static inline int case_numbers(const char *line, double *x, int max)
{
    int n = 0;
    char *end;
    for (const char *s = line; n < max; s = end) {
        double v = strtod(s, &end);
        if (end == s)
            break;
        x[n++] = v;
    }
    return n;
}

static inline void reference_line(reference_t *r, const char *key, const char *rest)
{
    double x[256];
    int n = case_numbers(rest, x, 256);
    float *f = !strcmp(key, "logp") ? r->logp : !strcmp(key, "logp_warm") ? r->logp_warm
        : !strcmp(key, "coef") ? r->coef : NULL;
    for (int i = 0; f && i < n; i++)
        f[i] = (float)x[i];
    if (!strcmp(key, "logp"))
        r->n = n;
    if (!strcmp(key, "temperature"))
        r->temperature = (float)x[0];
    for (int i = 0; !strcmp(key, "prompt") && i < n; i++)
        r->prompt[r->n_prompt++] = (int32_t)x[i];
    for (int i = 0; !strcmp(key, "continue") && i < n; i++)
        r->cont[r->conts][i] = (int32_t)x[i];
    if (!strcmp(key, "continue"))
        r->n_cont[r->conts++] = n;
    for (int i = 0; !strcmp(key, "adamw") && i < 6; i++)
        r->adamw[i] = x[i];
    for (int i = 0; !strcmp(key, "losses") && i < 10; i++)
        r->losses[i] = x[i];
    if (!strcmp(key, "config")) {
        model_config_t *c = &r->c;
        ASSERT(sscanf(rest, "%63s %d %d %d %d %d %d %d %d %d %d %f %lf", c->arch,
                      &c->vocab, &c->width, &c->layers, &c->heads, &c->kv_heads,
                      &c->head_dim, &c->ffn, &c->max_position, &c->qkv_bias, &c->tied,
                      &c->rms_eps, &c->rope.theta)
               == 13);
    }
}

static inline void reference_read(reference_t *r, const char *path)
{
    memset(r, 0, sizeof *r);
    if (text_read_file(&r->file, path))
        fail(CODE_DATA, "%s cannot be read: run the test from the repository's root",
             path);
    r->block = ALLOC(float, r->file.len / sizeof(float) + 1);
    float *to = r->block;
    for (char *s = r->file.s, *stop = s + r->file.len, *next; s < stop; s = next) {
        char key[32];
        int used = 0;
        next = strchr(s, '\n') + 1;
        next[-1] = 0;
        sscanf(s, "%31s %n", key, &used);
        reference_line(r, key, s + used);
        if (strcmp(key, "tensor"))
            continue;
        int i = r->tensors++;
        ASSERT(sscanf(s + used, "%95s %ld %ld", r->tensor[i].name, &r->tensor[i].rows,
                      &r->tensor[i].cols) == 3);
        int64_t n = r->tensor[i].rows * r->tensor[i].cols;
        memcpy(to, next, 2 * (size_t)n * sizeof(float));
        r->tensor[i].w = to;
        r->tensor[i].g = to + n;
        to += 2 * n;
        next += 2 * (size_t)n * sizeof(float);
    }
}

static inline void reference_free(reference_t *r)
{
    text_reset(&r->file);
    mem_free(r->block);
}

static inline model_t *reference_model(const reference_t *r, const ops_t *ops)
{
    model_t *m = model_new(&r->c, ops);
    for (int i = 0; i < r->tensors; i++)
        model_put(m, r->tensor[i].name, r->tensor[i].w);
    model_commit(m);
    return m;
}

static inline void reference_batch(const reference_t *r, batch_t *b)
{
    batch_clear(b);
    int p = batch_prompt(b, r->prompt, r->n_prompt);
    for (int i = 0; i < r->conts; i++)
        batch_continue(b, p, r->cont[i], r->n_cont[i]);
}
