/* tests/data/models/NAME: a model directory as transformers writes it, and in reference.ref what
   transformers computes with it (tests/data/reference_models.py says what each line is). */
#pragma once
#include "io.h"
#include "test.h"

enum { REFERENCE_MAX = 128, REFERENCE_TENSORS = 64 };

typedef struct {
    char dir[96];
    int32_t prompt[REFERENCE_MAX], cont[4][REFERENCE_MAX], greedy[REFERENCE_MAX];
    int n_prompt, n_cont[4], conts, n, n_greedy; /* n: predicted tokens in all */
    float logp[REFERENCE_MAX], logp_warm[REFERENCE_MAX], coef[REFERENCE_MAX],
        greedy_logp[REFERENCE_MAX], temperature;
    double adamw[6], losses[10]; /* lr b1 b2 eps decay clip */
    int64_t rows, vocab;         /* of logits: every second predicted token */
    float *logits;
    struct {
        char name[96];
        int64_t rows, cols;
        float *g;
    } tensor[REFERENCE_TENSORS];
    int tensors;
    text_t file;
} reference_t;

static const char *const reference_names[] = {
    "qwen2-default", "qwen2-window", "qwen2-yarn",   "qwen3-default",
    "qwen3-yarn",    "llama-linear", "llama-llama3", "llama-yarn",
};
enum { REFERENCE_MODELS = sizeof reference_names / sizeof *reference_names };

static inline int reference_ints(int32_t *to, const double *x, int n)
{
    for (int i = 0; i < n; i++)
        to[i] = (int32_t)x[i];
    return n;
}

static inline int reference_reals(float *to, const double *x, int n)
{
    for (int i = 0; i < n; i++)
        to[i] = (float)x[i];
    return n;
}

static inline void reference_line(reference_t *r, const char *key, const char *rest)
{
    double x[REFERENCE_MAX];
    int n = 0;
    char *end;
    for (const char *s = rest; n < REFERENCE_MAX; s = end, n++) {
        x[n] = strtod(s, &end);
        if (end == s)
            break;
    }
    if (!strcmp(key, "prompt"))
        r->n_prompt = reference_ints(r->prompt, x, n);
    if (!strcmp(key, "continue"))
        r->n_cont[r->conts] = reference_ints(r->cont[r->conts], x, n), r->conts++;
    if (!strcmp(key, "greedy"))
        r->n_greedy = reference_ints(r->greedy, x, n);
    if (!strcmp(key, "logp"))
        r->n = reference_reals(r->logp, x, n);
    if (!strcmp(key, "logp_warm"))
        reference_reals(r->logp_warm, x, n);
    if (!strcmp(key, "greedy_logp"))
        reference_reals(r->greedy_logp, x, n);
    if (!strcmp(key, "coef"))
        reference_reals(r->coef, x, n);
    if (!strcmp(key, "temperature"))
        r->temperature = (float)x[0];
    if (!strcmp(key, "adamw"))
        memcpy(r->adamw, x, sizeof r->adamw);
    if (!strcmp(key, "losses"))
        memcpy(r->losses, x, sizeof r->losses);
}

/* The n float32 numbers at *at, in memory of their own; *at goes behind them. */
static inline float *reference_block(char **at, int64_t n)
{
    float *x = ALLOC(float, n);
    memcpy(x, *at, (size_t)n * sizeof *x);
    *at += (size_t)n * sizeof *x;
    return x;
}

static inline void reference_read(reference_t *r, const char *name)
{
    text_t path = {0};
    memset(r, 0, sizeof *r);
    snprintf(r->dir, sizeof r->dir, "tests/data/models/%s", name);
    text_addf(&path, "%s/reference.ref", r->dir);
    if (text_read_file(&r->file, path.s))
        fail(CODE_DATA, "%s cannot be read: run the test from the repository's root", path.s);
    for (char *s = r->file.s, *stop = s + r->file.len, *next; s < stop; s = next) {
        char key[32];
        int used = 0;
        next = strchr(s, '\n') + 1;
        next[-1] = 0;
        sscanf(s, "%31s %n", key, &used);
        reference_line(r, key, s + used);
        if (!strcmp(key, "logits")) {
            ASSERT(sscanf(s + used, "%ld %ld", &r->rows, &r->vocab) == 2);
            r->logits = reference_block(&next, r->rows * r->vocab);
        }
        if (!strcmp(key, "gradient")) {
            int i = r->tensors++;
            ASSERT(i < REFERENCE_TENSORS && sscanf(s + used, "%95s %ld %ld", r->tensor[i].name,
                                                   &r->tensor[i].rows, &r->tensor[i].cols) == 3);
            r->tensor[i].g = reference_block(&next, r->tensor[i].rows * r->tensor[i].cols);
        }
    }
    ASSERT(r->n > 0 && r->tensors > 0 && r->rows == (r->n + 1) / 2);
    text_reset(&path);
}

static inline void reference_free(reference_t *r)
{
    for (int i = 0; i < r->tensors; i++)
        mem_free(r->tensor[i].g);
    mem_free(r->logits);
    text_reset(&r->file);
}

/* The prompt's own tokens, each given those before it; then the continuations of the prompt, which
   they share. */
static inline void reference_batch(const reference_t *r, batch_t *b)
{
    batch_clear(b);
    batch_continue(b, -1, r->prompt, r->n_prompt);
    int p = batch_prompt(b, r->prompt, r->n_prompt);
    for (int i = 0; i < r->conts; i++)
        batch_continue(b, p, r->cont[i], r->n_cont[i]);
}

/* |a - b| / |b|. */
static inline double reference_distance(const float *a, const float *b, int64_t n)
{
    double d = 0, s = 1e-60;
    for (int64_t i = 0; i < n; i++) {
        d += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
        s += (double)b[i] * b[i];
        if (!isfinite(a[i]))
            return INFINITY;
    }
    return sqrt(d / s);
}
