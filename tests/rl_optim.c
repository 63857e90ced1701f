// Ten AdamW steps give PyTorch's losses; a restored state continues in the same bits.
// RUN: np=1 backend=cpu,strict
#include "model_cases.h"
#include "rl.h"

static double one_step(model_t *m, acts_t *a, const batch_t *b, optim_t *o, buf_t grad,
                       const adamw_t *h)
{
    float logp[256], coef[256];
    double loss = 0;
    train_forward(m, a, b, 1, logp, NULL);
    for (int i = 0; i < b->n_row; i++) {
        loss -= logp[i] / (double)b->n_row;
        coef[i] = -1 / (float)b->n_row;
    }
    model_ops(m)->zero(grad, (size_t)model_params(m)->count * sizeof(float));
    train_backward(m, a, b, 1, coef, grad);
    optim_step(o, m, grad, h);
    return loss;
}

static void compare(const char *path, const ops_t *ops)
{
    reference_t r;
    reference_read(&r, path);
    model_t *m = reference_model(&r, ops), *half = model_new(&r.c, ops);
    batch_t b = {0};
    reference_batch(&r, &b);
    acts_t *a = acts_new(&r.c, ops, b.n, b.n_row);
    optim_t *o = optim_new(m), *restored = optim_new(m);
    size_t bytes = (size_t)model_params(m)->count * sizeof(float);
    check(optim_bytes(&r.c) == 3 * bytes);
    buf_t grad = case_grad(m);
    adamw_t h = {.lr = r.adamw[0],
                 .beta1 = r.adamw[1],
                 .beta2 = r.adamw[2],
                 .eps = r.adamw[3],
                 .decay = r.adamw[4],
                 .clip_norm = r.adamw[5]};
    for (int t = 0; t < 10; t++) {
        if (t == 5) {
            model_copy(half, m);
            ops->copy(optim_master(restored), optim_master(o), bytes);
            ops->copy(optim_m(restored), optim_m(o), bytes);
            ops->copy(optim_v(restored), optim_v(o), bytes);
            optim_set_count(restored, optim_count(o));
        }
        int64_t version = model_version(m);
        double loss = one_step(m, a, &b, o, grad, &h);
        check(fabs(loss / r.losses[t] - 1) < 1e-5, "%s, step %d: loss %.8f, PyTorch %.8f",
              path, t, loss, r.losses[t]);
        check(model_version(m) == version + 1 && optim_count(o) == t + 1);
    }
    for (int t = 5; t < 10; t++)
        one_step(half, a, &b, restored, grad, &h);
    check(hash_equal(model_hash(m), model_hash(half)));
    case_grad_free(m, grad);
    optim_free(o);
    optim_free(restored);
    acts_free(a);
    batch_free(&b);
    model_free(m);
    model_free(half);
    reference_free(&r);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    const ops_t *ops = case_ops();
    compare("tests/data/model_qwen2.ref", ops);
    compare("tests/data/model_llama.ref", ops);
    check(fabs(lr_at(2, 0.1, 0, 100) - 0.2) < 1e-12);
    check(fabs(lr_at(2, 0.1, 4, 100) - 1.0) < 1e-12);
    check(lr_at(2, 0.1, 9, 100) == 2 && lr_at(2, 0.1, 99, 100) == 2);
    check(lr_at(2, 0, 0, 100) == 2);
    return test_end();
}
