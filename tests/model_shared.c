// A prompt computed once gives the bits of one computed each time, and its gradient.
// RUN: np=1 backend=cpu,strict,cpu-bf16
#include "model_cases.h"

enum { G = 5, PROMPTS = 2 };

typedef struct {
    int32_t *prompt, *cont[G];
    int n_prompt, n_cont[G];
} group_of_t;

static void fill(group_of_t *g, int i, int vocab)
{
    const int lengths[G] = {13, 1, 40, 2, 29};
    g->n_prompt = i ? 70 : 33;
    g->prompt = case_tokens(g->n_prompt, vocab, 10 + (uint64_t)i);
    for (int j = 0; j < G; j++) {
        g->n_cont[j] = lengths[(i + j) % G];
        g->cont[j] = case_tokens(g->n_cont[j], vocab, 100 + (uint64_t)(10 * i + j));
    }
}

/* Forward and backward of the groups: together and shared, or one sequence a prompt. */
static void run(const model_t *m, const group_of_t *g, int shared, const float *coef, float *logp,
                float **grad)
{
    batch_t b = {0};
    for (int i = 0; i < PROMPTS; i++) {
        int p = -1;
        for (int j = 0; j < G; j++) {
            if (!shared || j == 0)
                p = batch_prompt(&b, g[i].prompt, g[i].n_prompt);
            batch_continue(&b, p, g[i].cont[j], g[i].n_cont[j]);
        }
    }
    acts_t *a = acts_new(model_config(m), model_ops(m), b.n, b.n_row);
    buf_t dw = case_grad(m);
    train_forward(m, a, &b, 0.9f, logp, NULL);
    train_backward(m, a, &b, 0.9f, coef, dw);
    *grad = case_grad_get(m, dw);
    case_grad_free(m, dw);
    acts_free(a);
    batch_free(&b);
}

/* Alone, without a prompt: handle -1 scores from the second token. */
static void alone(const model_t *m, const group_of_t *g, const float *logp)
{
    int n = g->n_prompt + g->n_cont[0];
    int32_t *all = ALLOC(int32_t, n);
    memcpy(all, g->prompt, (size_t)g->n_prompt * sizeof *all);
    memcpy(all + g->n_prompt, g->cont[0], (size_t)g->n_cont[0] * sizeof *all);
    batch_t b = {0};
    batch_continue(&b, -1, all, n);
    check(b.n == n - 1 && b.n_row == n - 1);
    acts_t *a = acts_new(model_config(m), model_ops(m), b.n, b.n_row);
    float *mine = ALLOC(float, n);
    train_forward(m, a, &b, 0.9f, mine, NULL);
    check(!memcmp(mine + g->n_prompt - 1, logp, (size_t)g->n_cont[0] * sizeof *logp));
    mem_free(mine);
    mem_free(all);
    acts_free(a);
    batch_free(&b);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    const ops_t *ops = case_ops();
    for (int i = 0; i < 4; i++) {
        model_config_t c = case_config(i);
        model_t *m = case_model(&c, ops, 5);
        group_of_t g[PROMPTS];
        int n = 0;
        for (int p = 0; p < PROMPTS; p++) {
            fill(&g[p], p, c.vocab);
            for (int j = 0; j < G; j++)
                n += g[p].n_cont[j];
        }
        float *coef = ALLOC(float, n), *one = ALLOC(float, n), *two = ALLOC(float, n), *g1, *g2;
        test_fill(coef, n, 3);
        run(m, g, 1, coef, one, &g1);
        run(m, g, 0, coef, two, &g2);
        check(!memcmp(one, two, (size_t)n * sizeof *one), "shape %d", i);
        for (int t = 0; t < model_params(m)->n; t++) {
            const param_t *p = &model_params(m)->tensor[t];
            double d = test_distance(g1 + p->offset, g2 + p->offset, p->rows * p->cols);
            /* slopes are rounded on their way into products */
            double most = ops->weight == BF16 ? 1e-2 : 1e-5;
            check(d < most, "shape %d: %s differs by %g", i, p->name, d);
        }
        alone(m, &g[0], one);
        for (int p = 0; p < PROMPTS; p++) {
            mem_free(g[p].prompt);
            for (int j = 0; j < G; j++)
                mem_free(g[p].cont[j]);
        }
        mem_free(coef);
        mem_free(one);
        mem_free(two);
        mem_free(g1);
        mem_free(g2);
        model_free(m);
    }
    return test_end();
}
