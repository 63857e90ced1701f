// Models in the form in which transformers writes them compute what transformers computes: logits,
// log-probabilities, every gradient, greedy continuations, ten AdamW steps; both spellings of
// config.json are the same model.  With an argument: numbers.
// RUN: np=1 backend=cpu,strict
#include "reference_models.h"
#include "rl.h"

static int tell;

static const ops_t *case_ops(void)
{
    const char *name = getenv("ALETHEIA_BACKEND");
    return backend_open(name ? name : "cpu");
}

static void note(const reference_t *r, const char *what, double x, double bound, const char *where)
{
    if (tell)
        printf("%-32s %-16s %.2g %s\n", r->dir, what, x, where);
    check(x <= bound, "%s: %s off by %.3g, allowed %g %s", r->dir, what, x, bound, where);
}

/* Every second predicted token. */
static void logits(const reference_t *r, const model_t *m, acts_t *a)
{
    double norm = 0, most = 0;
    char at[32] = "";
    float *x = ALLOC(float, r->n * r->vocab);
    train_logits(m, a, x);
    for (int64_t i = 0; i < r->rows; i++) {
        const float *ours = x + 2 * i * r->vocab, *theirs = r->logits + i * r->vocab;
        double d = reference_distance(ours, theirs, r->vocab);
        if (d > norm)
            snprintf(at, sizeof at, "at row %d", (int)(2 * i));
        norm = fmax(norm, d);
        most = fmax(most, test_distance(ours, theirs, r->vocab));
    }
    note(r, "logits, norm", norm, 2e-5, at);
    note(r, "logits, largest", most, 2e-5, "");
    mem_free(x);
}

static void log_probabilities(const reference_t *r, const model_t *m, acts_t *a, const batch_t *b)
{
    float *logp = ALLOC(float, r->n);
    double cold = 0, warm = 0;
    train_forward(m, a, b, 1, logp, NULL);
    for (int i = 0; i < r->n; i++)
        cold = fmax(cold, fabs((double)logp[i] - r->logp[i]));
    train_forward(m, a, b, r->temperature, logp, NULL);
    for (int i = 0; i < r->n; i++)
        warm = fmax(warm, fabs((double)logp[i] - r->logp_warm[i]));
    note(r, "logp", cold, 2e-5, "");
    note(r, "logp, warm", warm, 2e-5, "");
    mem_free(logp);
}

static buf_t grad_new(const model_t *m)
{
    size_t bytes = (size_t)model_params(m)->count * sizeof(float);
    buf_t g = model_ops(m)->alloc(bytes);
    model_ops(m)->zero(g, bytes);
    return g;
}

/* Follows train_forward at r->temperature. */
static void gradients(const reference_t *r, const model_t *m, acts_t *a, const batch_t *b)
{
    const params_t *p = model_params(m);
    size_t bytes = (size_t)p->count * sizeof(float);
    float *once = ALLOC(float, p->count), *twice = ALLOC(float, p->count);
    buf_t g = grad_new(m);
    double worst = 0;
    const char *at = "";
    check(p->n == r->tensors, "%s: %d tensors, %d in the file", r->dir, p->n, r->tensors);
    train_backward(m, a, b, r->temperature, r->coef, g);
    model_ops(m)->get(once, g, bytes);
    for (int i = 0; i < r->tensors; i++) {
        const param_t *t = params_find(p, r->tensor[i].name);
        check(t && t->rows == r->tensor[i].rows && t->cols == r->tensor[i].cols, "%s",
              r->tensor[i].name);
        if (!t)
            continue;
        double d = reference_distance(once + t->offset, r->tensor[i].g, t->rows * t->cols);
        check(d <= 1e-4, "%s: gradient of %s off by %.3g", r->dir, t->name, d);
        if (d > worst)
            worst = d, at = t->name;
    }
    note(r, "gradient", worst, 1e-4, at);
    train_backward(m, a, b, r->temperature, r->coef, g); /* it accumulates */
    model_ops(m)->get(twice, g, bytes);
    for (int64_t i = 0; i < p->count; i++)
        once[i] *= 2;
    check(test_distance(twice, once, p->count) < 1e-6);
    model_ops(m)->release(g, bytes);
    mem_free(once);
    mem_free(twice);
}

/* n new tokens at position pos of the one sequence, whose keys fill pages 0, 1, ..; the token after
   them. */
static int32_t decode(const model_t *m, decoder_t *d, pages_t *p, const int32_t *token, int pos,
                      int n, float *logp)
{
    const sampling_t how = {0, 1, 0};
    run_t run[REFERENCE_MAX / KEY_PAGE + 1];
    int32_t slot[REFERENCE_MAX], out;
    int runs = 0;
    float u = 0;
    batch_t b = {0};
    for (int i = 0; i < n; i++)
        slot[i] = pos + i;
    for (int at = 0; at < pos + n; at += KEY_PAGE)
        run[runs++] = (run_t){at, at, pos + n - at < KEY_PAGE ? pos + n - at : KEY_PAGE};
    batch_row(&b, batch_span(&b, token, n, pos, run, runs) + n - 1, -1);
    decode_step(m, d, p, &b, slot, &how, &u, &out, logp);
    batch_free(&b);
    return out;
}

static void greedy(const reference_t *r, const model_t *m)
{
    const int all = (r->n_prompt + r->n_greedy) / KEY_PAGE + 1;
    pages_t *p = pages_new(model_config(m), model_ops(m), all);
    decoder_t *d = decoder_new(model_config(m), model_ops(m), r->n_prompt, 1);
    double worst = 0;
    float logp;
    int seen[16] = {0}, same = 1;
    pages_stamp(p, model_version(m));
    for (int i = 0; i < all; i++)
        seen[pages_take(p)] = 1;
    for (int i = 0; i < all; i++)
        ASSERT(seen[i]);
    int32_t token = decode(m, d, p, r->prompt, 0, r->n_prompt, &logp);
    for (int i = 0; i < r->n_greedy && same; i++) {
        same = token == r->greedy[i];
        check(same, "%s: greedy token %d is %d, transformers says %d", r->dir, i, token,
              r->greedy[i]);
        worst = fmax(worst, fabs((double)logp - r->greedy_logp[i]));
        token = decode(m, d, p, &token, r->n_prompt + i, 1, &logp);
    }
    note(r, "greedy logp", worst, 2e-5, "");
    decoder_free(d);
    pages_free(p);
}

static void losses(const reference_t *r, model_t *m, acts_t *a, const batch_t *b)
{
    size_t bytes = (size_t)model_params(m)->count * sizeof(float);
    float *logp = ALLOC(float, r->n), *coef = ALLOC(float, r->n);
    optim_t *o = optim_new(m);
    buf_t g = grad_new(m);
    const double *h = r->adamw;
    const adamw_t how =
        {.lr = h[0], .beta1 = h[1], .beta2 = h[2], .eps = h[3], .decay = h[4], .clip_norm = h[5]};
    double worst = 0;
    for (int i = 0; i < r->n; i++)
        coef[i] = -1 / (float)r->n;
    for (int t = 0; t < 10; t++) {
        double loss = 0;
        train_forward(m, a, b, 1, logp, NULL);
        for (int i = 0; i < r->n; i++)
            loss -= logp[i] / (double)r->n;
        worst = fmax(worst, fabs(loss / r->losses[t] - 1));
        model_ops(m)->zero(g, bytes);
        train_backward(m, a, b, 1, coef, g);
        optim_step(o, m, g, &how);
    }
    note(r, "losses", worst, 1e-5, "");
    optim_free(o);
    model_ops(m)->release(g, bytes);
    mem_free(logp);
    mem_free(coef);
}

/* config.older.json is the same model, to the bit. */
static void older(const reference_t *r, const model_t *m)
{
    model_config_t c;
    text_t path = {0}, json = {0};
    text_addf(&path, "%s/config.older.json", r->dir);
    ASSERT(!text_read_file(&json, path.s));
    hf_config_parse(path.s, json.s, &c);
    model_t *n = model_new(&c, model_ops(m));
    hf_weights_read(NULL, r->dir, n);
    float logp[2][REFERENCE_MAX];
    batch_t b = {0};
    reference_batch(r, &b);
    for (int i = 0; i < 2; i++) {
        acts_t *a = acts_new(&c, model_ops(m), b.n, b.n_row);
        train_forward(i ? n : m, a, &b, 1, logp[i], NULL);
        acts_free(a);
    }
    check(!memcmp(logp[0], logp[1], (size_t)r->n * sizeof(float)),
          "%s is another model than config.json", path.s);
    batch_free(&b);
    model_free(n);
    text_reset(&path);
    text_reset(&json);
}

static void compare(const char *name)
{
    reference_t r;
    batch_t b = {0};
    reference_read(&r, name);
    model_t *m = hf_open(r.dir, case_ops());
    reference_batch(&r, &b);
    ASSERT(b.n_row == r.n && model_config(m)->vocab == r.vocab);
    acts_t *a = acts_new(model_config(m), model_ops(m), b.n, b.n_row);
    log_probabilities(&r, m, a, &b);
    logits(&r, m, a);
    gradients(&r, m, a, &b);
    greedy(&r, m);
    older(&r, m);
    losses(&r, m, a, &b);
    acts_free(a);
    batch_free(&b);
    model_free(m);
    reference_free(&r);
}

int main(int argc, char **argv)
{
    tell = argc > 1;
    test_begin(&argc, &argv);
    for (int i = 0; i < REFERENCE_MODELS; i++)
        if (argc < 3 || strstr(reference_names[i], argv[2]))
            compare(reference_names[i]);
    return test_end();
}
