// Log-probabilities and gradients are PyTorch's (made by tests/data/model_reference.py).
// RUN: np=1 backend=cpu,strict
#include "model_cases.h"

static void compare(const char *path, const ops_t *ops)
{
    reference_t r;
    reference_read(&r, path);
    model_t *m = reference_model(&r, ops);
    check(model_params(m)->n == r.tensors, "%s: %d tensors, %d in the file", path,
          model_params(m)->n, r.tensors);
    batch_t b = {0};
    reference_batch(&r, &b);
    check(b.n_row == r.n);
    acts_t *a = acts_new(&r.c, ops, b.n, b.n_row);
    float *logp = ALLOC(float, r.n);

    double worst = 0;
    train_forward(m, a, &b, 1, logp, NULL);
    for (int i = 0; i < r.n; i++)
        worst = fmax(worst, fabs((double)logp[i] - r.logp[i]));
    train_forward(m, a, &b, r.temperature, logp, NULL);
    for (int i = 0; i < r.n; i++)
        worst = fmax(worst, fabs((double)logp[i] - r.logp_warm[i]));
    check(worst < 2e-5, "%s: log-probability off by %g", path, worst);

    buf_t grad = case_grad(m);
    train_backward(m, a, &b, r.temperature, r.coef, grad);
    float *g = case_grad_get(m, grad);
    for (int i = 0; i < r.tensors; i++) {
        const param_t *t = params_find(model_params(m), r.tensor[i].name);
        check(t && t->rows == r.tensor[i].rows && t->cols == r.tensor[i].cols);
        double d = test_distance(g + t->offset, r.tensor[i].g, t->rows * t->cols);
        check(d < 1e-4, "%s: gradient of %s off by %g of its largest", path, t->name, d);
    }
    /* The same backward again doubles the gradient: it accumulates. */
    train_backward(m, a, &b, r.temperature, r.coef, grad);
    float *twice = case_grad_get(m, grad);
    for (int64_t i = 0; i < model_params(m)->count; i++)
        g[i] *= 2;
    check(test_distance(twice, g, model_params(m)->count) < 1e-6);
    mem_free(twice);
    mem_free(g);
    mem_free(logp);
    case_grad_free(m, grad);
    acts_free(a);
    batch_free(&b);
    model_free(m);
    reference_free(&r);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    const ops_t *ops = case_ops();
    compare("tests/data/model_qwen2.ref", ops);
    compare("tests/data/model_llama.ref", ops);
    return test_end();
}
