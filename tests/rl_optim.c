// A restored optimizer state continues in the same bits; the learning rate's warm-up.  (That steps
// are AdamW's: rl_reference.c.)
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

/* A restored state: parameters, moments and the count of updates. */
static void restored(const ops_t *ops)
{
    model_config_t c = case_config(0);
    model_t *m = case_model(&c, ops, 5), *half = model_new(&c, ops);
    int32_t *prompt = case_tokens(37, c.vocab, 1), *answer = case_tokens(23, c.vocab, 2);
    batch_t b = {0};
    batch_continue(&b, batch_prompt(&b, prompt, 37), answer, 23);
    acts_t *a = acts_new(&c, ops, b.n, b.n_row);
    optim_t *o = optim_new(m), *again = optim_new(m);
    size_t bytes = (size_t)model_params(m)->count * sizeof(float);
    check(optim_bytes(&c) == 3 * bytes);
    buf_t grad = case_grad(m);
    adamw_t h =
        {.lr = 3e-3, .beta1 = 0.9, .beta2 = 0.95, .eps = 1e-8, .decay = 0.1, .clip_norm = 0.5};
    double first = 0, last = 0;
    for (int t = 0; t < 10; t++) {
        if (t == 5) {
            model_copy(half, m);
            ops->copy(optim_master(again), optim_master(o), bytes);
            ops->copy(optim_m(again), optim_m(o), bytes);
            ops->copy(optim_v(again), optim_v(o), bytes);
            optim_set_count(again, optim_count(o));
        }
        int64_t version = model_version(m);
        last = one_step(m, a, &b, o, grad, &h);
        first = t ? first : last;
        check(model_version(m) == version + 1 && optim_count(o) == t + 1);
    }
    check(last < 0.9 * first, "loss %g to %g", first, last);
    for (int t = 5; t < 10; t++)
        one_step(half, a, &b, again, grad, &h);
    check(hash_equal(model_hash(m), model_hash(half)));
    case_grad_free(m, grad);
    optim_free(o);
    optim_free(again);
    acts_free(a);
    batch_free(&b);
    model_free(m);
    model_free(half);
    mem_free(prompt);
    mem_free(answer);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    restored(case_ops());
    check(fabs(lr_at(2, 0.1, 0, 100) - 0.2) < 1e-12);
    check(fabs(lr_at(2, 0.1, 4, 100) - 1.0) < 1e-12);
    check(lr_at(2, 0.1, 9, 100) == 2 && lr_at(2, 0.1, 99, 100) == 2);
    check(lr_at(2, 0, 0, 100) == 2);
    return test_end();
}
