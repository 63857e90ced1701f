/* Speed of a training step, as a fraction of what the cores can do.

   Three batches are timed, forward and backward each:
       plain     8 sequences of 240 tokens, every next token wanted
       group     one prompt of 200 tokens and 8 answers of 40, the prompt computed once
       unshared  the same work with the prompt in every sequence
   group / unshared is what computing the prompt once saves.

   The rate is model_flops (mathematics only: no recomputation, attention's causal half)
   over the best of several runs; the peak is the backend's, measured here and now on as
   many threads. */
#include "model/inside.h"
#include <omp.h>

enum { SEQUENCES = 8, PROMPT = 200, ANSWER = 40 };

static void fill(batch_t *b, int vocab, int shared)
{
    int32_t prompt[PROMPT], answer[ANSWER];
    rng_t r = rng_make(1, RNG_TEST, 0, 0);
    int p = -1;
    for (int i = 0; i < PROMPT; i++)
        prompt[i] = rng_below(&r, vocab);
    for (int s = 0; s < SEQUENCES; s++) {
        if (!shared || !s)
            p = batch_prompt(b, prompt, PROMPT);
        for (int i = 0; i < ANSWER; i++)
            answer[i] = rng_below(&r, vocab);
        batch_continue(b, p, answer, ANSWER);
    }
}

static void fill_plain(batch_t *b, int vocab)
{
    int32_t token[PROMPT + ANSWER];
    rng_t r = rng_make(1, RNG_TEST, 0, 0);
    for (int s = 0; s < SEQUENCES; s++) {
        for (int i = 0; i < PROMPT + ANSWER; i++)
            token[i] = rng_below(&r, vocab);
        batch_continue(b, -1, token, PROMPT + ANSWER);
    }
}

typedef struct { double forward, both, flops; } timing_t;

/* Best of at least 5 runs and half a second. */
static timing_t measure(const model_t *m, const batch_t *b)
{
    const ops_t *ops = m->ops;
    size_t bytes = (size_t)m->params.count * sizeof(float);
    acts_t *a = acts_new(&m->c, ops, b->n, b->n_row);
    float *logp = ALLOC(float, b->n_row), *coef = ALLOC(float, b->n_row);
    for (int i = 0; i < b->n_row; i++)
        coef[i] = -1.0f / (float)b->n_row;
    buf_t grad = ops->alloc(bytes);
    ops->zero(grad, bytes);
    timing_t best = {1e9, 1e9, 0};
    double start = clock_now();
    for (int i = 0; i < 5 || clock_now() - start < 0.5; i++) {
        double t = clock_now();
        train_forward(m, a, b, 1, logp, NULL);
        double forward = clock_now() - t;
        train_backward(m, a, b, 1, coef, grad);
        ops->sync();
        t = clock_now() - t;
        best.forward = forward < best.forward ? forward : best.forward;
        best.both = t < best.both ? t : best.both;
    }
    best.flops = model_flops(&m->c, b->n, batch_attended(b), b->n_row, 1);
    ops->release(grad, bytes);
    mem_free(logp);
    mem_free(coef);
    acts_free(a);
    return best;
}

void model_bench(const ops_t *ops, const model_config_t *c, text_t *out)
{
    int threads = omp_get_max_threads();
    double peak = backend_peak_flops(threads);
    model_t *m = model_new(c, ops);
    model_init_random(m, 1);
    batch_t plain = {0}, group = {0}, unshared = {0};
    fill_plain(&plain, c->vocab);
    fill(&group, c->vocab, 1);
    fill(&unshared, c->vocab, 0);
    timing_t p = measure(m, &plain), g = measure(m, &group), u = measure(m, &unshared);
    text_addf(out, "training step, width %d, %d layers, %d threads; peak %.0f GF/s\n",
              c->width, c->layers, threads, peak / 1e9);
    const char *name[] = {"plain", "group", "unshared"};
    const timing_t *t[] = {&p, &g, &u};
    const batch_t *b[] = {&plain, &group, &unshared};
    for (int i = 0; i < 3; i++) {
        text_addf(
            out,
            "  %-9s %5d tokens %5d wanted  forward %7.2f ms  with backward %7.2f ms  "
            "%6.1f GF/s  %4.1f%% of peak\n",
            name[i], b[i]->n, b[i]->n_row, 1e3 * t[i]->forward, 1e3 * t[i]->both,
            t[i]->flops / t[i]->both / 1e9, 100 * t[i]->flops / t[i]->both / peak);
    }
    text_addf(out,
              "RESULT bench=train backend=%s threads=%d tokens_per_s=%.0f gflops=%.1f "
              "peak_gflops=%.1f fraction=%.3f group_fraction=%.3f shared_cost=%.3f\n",
              ops->name, threads, plain.n / p.both, p.flops / p.both / 1e9, peak / 1e9,
              p.flops / p.both / peak, g.flops / g.both / peak, g.both / u.both);
    batch_free(&plain);
    batch_free(&group);
    batch_free(&unshared);
    model_free(m);
}
