// Along random directions in every tensor, the backward is the slope of the forward.
// RUN: np=1 backend=cpu,strict
#include "model_cases.h"

typedef struct {
    model_t *m;
    acts_t *a;
    batch_t b;
    float *coef, *logp;
} loss_t;

static double loss(loss_t *l)
{
    double sum = 0;
    train_forward(l->m, l->a, &l->b, 1.3f, l->logp, NULL);
    for (int i = 0; i < l->b.n_row; i++)
        sum += (double)l->coef[i] * l->logp[i];
    return sum;
}

static double shifted(loss_t *l, const param_t *t, const float *w, const float *d, float h)
{
    int64_t n = t->rows * t->cols;
    float *x = ALLOC(float, n);
    for (int64_t i = 0; i < n; i++)
        x[i] = w[i] + h * d[i];
    model_put(l->m, t->name, x);
    model_commit(l->m);
    mem_free(x);
    return loss(l);
}

/* Central differences at two widths, extrapolated: the error is of fourth order in h. */
static void tensor_check(loss_t *l, const param_t *t, const float *g, int seed)
{
    int64_t n = t->rows * t->cols;
    float *w = ALLOC(float, n), *d = ALLOC(float, n);
    model_get(l->m, t->name, w);
    test_fill(d, n, (uint64_t)seed);
    double slope = 0, norm = 0, h = 0.02 / sqrt((double)n);
    for (int64_t i = 0; i < n; i++) {
        slope += (double)g[i] * d[i];
        norm += (double)g[i] * g[i];
    }
    double d1 = (shifted(l, t, w, d, (float)h) - shifted(l, t, w, d, (float)-h)) / (2 * h);
    double d2 =
        (shifted(l, t, w, d, (float)(2 * h)) - shifted(l, t, w, d, (float)(-2 * h))) / (4 * h);
    double found = (4 * d1 - d2) / 3;
    check(fabs(found - slope) < 0.02 * sqrt(norm) + 0.01, "%s: backward %g, difference %g", t->name,
          slope, found);
    model_put(l->m, t->name, w);
    model_commit(l->m);
    mem_free(w);
    mem_free(d);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    const ops_t *ops = case_ops();
    for (int i = 0; i < 4; i++) {
        if (i == 2)
            continue;
        model_config_t c = case_config(i);
        loss_t l = {.m = case_model(&c, ops, 9)};
        for (int p = 0; p < 2; p++) {
            int32_t *t = case_tokens(60, c.vocab, 20 + (uint64_t)p);
            int h = batch_prompt(&l.b, t, 25);
            for (int j = 0; j < 3; j++)
                batch_continue(&l.b, h, t + 25 + 7 * j, 12);
            mem_free(t);
        }
        l.coef = ALLOC(float, l.b.n_row);
        l.logp = ALLOC(float, l.b.n_row);
        test_fill(l.coef, l.b.n_row, 8);
        l.a = acts_new(&c, ops, l.b.n, l.b.n_row);
        loss(&l);
        buf_t grad = case_grad(l.m);
        train_backward(l.m, l.a, &l.b, 1.3f, l.coef, grad);
        float *g = case_grad_get(l.m, grad);
        for (int t = 0; t < model_params(l.m)->n; t++) {
            const param_t *p = &model_params(l.m)->tensor[t];
            tensor_check(&l, p, g + p->offset, 40 + t);
        }
        mem_free(g);
        case_grad_free(l.m, grad);
        mem_free(l.coef);
        mem_free(l.logp);
        acts_free(l.a);
        batch_free(&l.b);
        model_free(l.m);
    }
    return test_end();
}
