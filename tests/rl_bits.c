// A fixed model gives the same bits on every processor that has fused multiply-adds: forward, gradient, update, generation.
// RUN: np=1 backend=cpu,strict,cpu-bf16,strict-bf16
#include "model_cases.h"
#include "rl.h"

/* What is compared, in the order in which it is computed: the first that differs is where to look.
   Numbers are of a machine with AVX-512; a product of many shapes, then models of three shapes. */
enum { PRODUCT, FORWARD, GRADIENT, UPDATE, GENERATED, STAGES };
static const char *const stage_names[STAGES] = {"products", "forward", "gradient", "update",
                                                "generation"};
static const uint64_t wanted[2][STAGES] = {
    {0x4937b463da2e5205, 0xc02b1ce0325dce2d, 0x032d611fed446c2d, 0x271c94783358efe5,
     0xcf9eb97c53711671},
    {0x94ab19e9bf205b15, 0xfc61d6a46fb5425f, 0x0a95ca92af9bad13, 0xf35b61635d891f7f,
     0x5c68e8389f4e5091},
};
static hash_t found[STAGES];

static void note(int stage, const void *p, size_t bytes)
{
    found[stage] = hash_more(found[stage], p, bytes);
}

/* Numbers between -1 and 1, some of them tiny or of no normal exponent: no library function has a
   part in them. */
static float *numbers(int64_t n, uint32_t seed)
{
    float *x = ALLOC(float, n);
    for (int64_t i = 0; i < n; i++) {
        x[i] =
            rng_at(3, RNG_TEST, seed, 0, (uint32_t)i) - rng_at(3, RNG_TEST, seed, 1, (uint32_t)i);
        if (i % 97 == 13)
            x[i] *= i % 2 ? 1e-38f : 1e-21f;
    }
    return x;
}

static buf_t put(const ops_t *ops, int64_t n, uint32_t seed)
{
    float *x = numbers(n, seed);
    buf_t b = ops->alloc((size_t)n * 4);
    ops->put(b, x, (size_t)n * 4);
    mem_free(x);
    return b;
}

static void note_buf(const ops_t *ops, int stage, buf_t b, int64_t n)
{
    float *x = ALLOC(float, n);
    ops->get(x, b, (size_t)n * 4);
    note(stage, x, (size_t)n * 4);
    mem_free(x);
}

static void product(const ops_t *ops, int64_t m, int64_t n, int64_t k)
{
    size_t s = sizeof(float);
    buf_t x = put(ops, m * k, 1), w = put(ops, n * k, 2), y = put(ops, m * n, 3),
          bias = put(ops, n, 4), dx = put(ops, m * k, 5);
    pack_t *p = ops->pack_new(n, k);
    ops->pack_put(p, w, F32, 0, n);
    ops->matmul_dx(dx, y, p, m);
    note_buf(ops, PRODUCT, dx, m * k);
    ops->matmul_dw(w, y, x, m, n, k);
    note_buf(ops, PRODUCT, w, n * k);
    ops->matmul(y, x, p, (buf_t){NULL}, m);
    note_buf(ops, PRODUCT, y, m * n);
    ops->matmul(y, x, p, bias, m);
    note_buf(ops, PRODUCT, y, m * n);
    ops->pack_free(p);
    ops->release(x, (size_t)(m * k) * s), ops->release(w, (size_t)(n * k) * s);
    ops->release(y, (size_t)(m * n) * s), ops->release(bias, (size_t)n * s);
    ops->release(dx, (size_t)(m * k) * s);
}

static model_t *model(const model_config_t *c, const ops_t *ops)
{
    model_t *m = model_new(c, ops);
    const params_t *p = model_params(m);
    for (int i = 0; i < p->n; i++) {
        const param_t *t = &p->tensor[i];
        float *x = numbers(t->rows * t->cols, 100 + (uint32_t)i);
        int norm = strstr(t->name, "norm") != NULL;
        for (int64_t j = 0; j < t->rows * t->cols; j++)
            x[j] = norm ? 1 + 0.1f * x[j] : 0.3f * x[j];
        model_put(m, t->name, x);
        mem_free(x);
    }
    model_commit(m);
    return m;
}

static void learn(model_t *m)
{
    const model_config_t *c = model_config(m);
    const ops_t *ops = model_ops(m);
    int64_t count = model_params(m)->count;
    batch_t b = {0};
    for (int i = 0; i < 3; i++) {
        int32_t *t = case_tokens(180, c->vocab, 40 + (uint64_t)i);
        int h = batch_prompt(&b, t, 30 + 41 * i);
        for (int j = 0; j < 3; j++)
            batch_continue(&b, h, t + 30 + 41 * i + 5 * j, 11 + 7 * j);
        mem_free(t);
    }
    acts_t *a = acts_new(c, ops, b.n, b.n_row);
    float *logp = ALLOC(float, b.n_row), *entropy = ALLOC(float, b.n_row),
          *coef = numbers(b.n_row, 9);
    train_forward(m, a, &b, 1.3f, logp, entropy);
    note(FORWARD, logp, (size_t)b.n_row * 4), note(FORWARD, entropy, (size_t)b.n_row * 4);
    buf_t grad = case_grad(m);
    train_backward(m, a, &b, 1.3f, coef, grad);
    note_buf(ops, GRADIENT, grad, count);
    optim_t *o = optim_new(m);
    adamw_t h =
        {.lr = 1e-2, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .decay = 0.01, .clip_norm = 1};
    for (int i = 0; i < 2; i++) {
        double norm = optim_step(o, m, grad, &h);
        note(UPDATE, &norm, sizeof norm);
    }
    note_buf(ops, UPDATE, optim_master(o), count);
    note_buf(ops, UPDATE, optim_m(o), count), note_buf(ops, UPDATE, optim_v(o), count);
    optim_free(o);
    case_grad_free(m, grad);
    acts_free(a);
    batch_free(&b);
    mem_free(logp), mem_free(entropy), mem_free(coef);
}

static void generate(const model_t *m)
{
    enum { PROMPTS = 5, G = 3, N = 60 };
    const model_config_t *c = model_config(m);
    sampler_t s = {.how = {1.2f, 1, 0},
                   .group = G,
                   .max_new = 40,
                   .width = 11,
                   .max_prompt = N,
                   .seed = 5,
                   .purpose = RNG_SAMPLE};
    for (int cut = 0; cut < 2; cut++) {
        if (cut)
            s.how = (sampling_t){0.8f, 0.9f, 20};
        engine_t *e = engine_new(c, model_ops(m), &s);
        prompt_t p[PROMPTS];
        int32_t *t = case_tokens(N * PROMPTS, c->vocab, 77);
        traj_t out[PROMPTS * G];
        for (int i = 0; i < PROMPTS; i++)
            p[i] = (prompt_t){i, t + N * i, N - 9 * i};
        engine_run(e, m, &s, p, PROMPTS, out, NULL, NULL, NULL);
        for (int i = 0; i < PROMPTS * G; i++) {
            note(GENERATED, out[i].token, (size_t)(out[i].n_prompt + out[i].n_token) * 4);
            note(GENERATED, out[i].logp, (size_t)out[i].n_token * 4);
            traj_reset(&out[i]);
        }
        mem_free(t);
        engine_free(e);
    }
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    const ops_t *ops = case_ops();
    int type = ops->weight == BF16;
#if !defined __FMA__
    test_skip("built without fused multiply-adds, which have other bits");
#endif
    backend_matrix_unit(0); /* whose sums have an order of their own */
    static const int64_t shape[][3] = {{16, 16, 16},    {37, 29, 53},   {100, 130, 211},
                                       {48, 300, 1100}, {9, 1200, 900}, {600, 70, 36}};
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++)
        product(ops, shape[i][0], shape[i][1], shape[i][2]);
    for (int64_t m = 1; m < 27; m++)
        product(ops, m, 150 + 13 * (m % 5), 130 + 3 * m);
    for (int i = 0; i < 4; i++) {
        model_config_t c = case_config(i);
        model_t *m = model(&c, ops);
        generate(m);
        learn(m);
        generate(m);
        model_free(m);
    }
    for (int i = 0; i < STAGES; i++) {
        if (getenv("ALETHEIA_BITS"))
            printf("%s %s 0x%016llx\n", ops->name, stage_names[i], (unsigned long long)found[i].lo);
        else
            check(found[i].lo == wanted[type][i], "%s, of the %s backend: 0x%016llx, not 0x%016llx",
                  stage_names[i], ops->name, (unsigned long long)found[i].lo,
                  (unsigned long long)wanted[type][i]);
    }
    return test_end();
}
