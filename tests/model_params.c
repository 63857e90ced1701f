// Tensors are where they must be, plans are true, hashes see values, starts are random.
// RUN: np=1 backend=cpu,strict
#include "model_cases.h"
#include <sys/wait.h>
#include <unistd.h>

static void places(const model_config_t *c)
{
    params_t p = params_new(c);
    int64_t end = 0, q = (int64_t)c->heads * c->head_dim, kv = (int64_t)c->kv_heads * c->head_dim;
    for (int i = 0; i < p.n; i++) {
        check(p.tensor[i].offset >= end && p.tensor[i].offset < end + 16, "%s", p.tensor[i].name);
        end = p.tensor[i].offset + p.tensor[i].rows * p.tensor[i].cols;
        check(params_find(&p, p.tensor[i].name) == &p.tensor[i]);
    }
    check(p.count >= end && p.count < end + 16);
    for (int l = 0; l < c->layers; l++) {
        int64_t at = params_offset(&p, PARAM_Q, l);
        check(at % 16 == 0);
        check(params_offset(&p, PARAM_K, l) == at + q * c->width);
        check(params_offset(&p, PARAM_V, l) == at + (q + kv) * c->width);
        check(params_offset(&p, PARAM_UP, l) ==
              params_offset(&p, PARAM_GATE, l) + (int64_t)c->ffn * c->width);
        if (c->qkv_bias)
            check(params_offset(&p, PARAM_VB, l) == params_offset(&p, PARAM_QB, l) + q + kv);
        else
            check(params_offset(&p, PARAM_QB, l) == -1);
    }
    check(!!params_find(&p, "lm_head.weight") == !c->tied);
    check(!!params_find(&p, "model.layers.1.self_attn.k_proj.bias") == c->qkv_bias);
    params_free(&p);
}

/* Within 5% and a few pages of what is held (small host structures are not planned). */
static void planned(const char *what, size_t live, size_t plan)
{
    check(live + 1024 >= plan && live < plan + plan / 20 + 16384, "%s: holds %zu, planned %zu",
          what, live, plan);
}

static void plans(const model_config_t *c, const ops_t *ops)
{
    size_t before = mem_live();
    model_t *m = model_new(c, ops);
    planned("model", mem_live() - before, model_bytes(c, ops));
    before = mem_live();
    acts_t *a = acts_new(c, ops, 300, 120);
    planned("acts", mem_live() - before, acts_bytes(c, ops, 300, 120));
    before = mem_live();
    decoder_t *d = decoder_new(c, ops, 64, 8);
    planned("decoder", mem_live() - before, decoder_bytes(c, ops, 64, 8));
    before = mem_live();
    pages_t *p = pages_new(c, ops, 40);
    planned("pages", mem_live() - before, pages_bytes(c, ops, 40));
    pages_free(p);
    decoder_free(d);
    acts_free(a);
    model_free(m);
}

static void hashes(const model_config_t *c, const ops_t *ops)
{
    model_t *m = model_new(c, ops), *o = model_new(c, ops);
    model_init_random(m, 7);
    const params_t *p = model_params(m);
    int64_t version = model_version(o);
    for (int i = p->n - 1; i >= 0; i--) { /* one by one, backwards */
        float *x = ALLOC(float, p->tensor[i].rows * p->tensor[i].cols);
        model_get(m, p->tensor[i].name, x);
        model_put(o, p->tensor[i].name, x);
        mem_free(x);
    }
    model_commit(o);
    check(model_version(o) == version + 1);
    check(hash_equal(model_hash(m), model_hash(o)));
    hash_t h = model_hash(m);
    model_init_random(m, 8);
    check(!hash_equal(h, model_hash(m)));
    model_copy(m, o);
    check(hash_equal(h, model_hash(m)));
    const char *name[] = {"model.norm.weight", "model.layers.1.mlp.up_proj.weight"};
    for (int i = 0; i < 2; i++) { /* one bit of one value anywhere */
        const param_t *t = params_find(p, name[i]);
        int64_t n = t->rows * t->cols;
        float *x = ALLOC(float, n);
        model_copy(m, o);
        model_get(m, name[i], x);
        x[n / 2] = nextafterf(x[n / 2], 9);
        model_put(m, name[i], x);
        check(!hash_equal(h, model_hash(m)));
        mem_free(x);
    }
    model_free(m);
    model_free(o);
}

static void statistics(const model_config_t *c, const ops_t *ops)
{
    model_t *m = model_new(c, ops);
    model_init_random(m, 3);
    for (int i = 0; i < model_params(m)->n; i++) {
        const param_t *t = &model_params(m)->tensor[i];
        int64_t n = t->rows * t->cols;
        float *x = ALLOC(float, n);
        model_get(m, t->name, x);
        double sum = 0, sq = 0, std = 0.02;
        for (int64_t j = 0; j < n; j++) {
            sum += x[j];
            sq += (double)x[j] * x[j];
        }
        if (t->id == PARAM_O || t->id == PARAM_DOWN)
            std /= sqrt(2.0 * c->layers);
        if (t->rows > 1) {
            check(fabs(sum / (double)n) < 5 * std / sqrt((double)n), "%s: mean", t->name);
            check(fabs(sqrt(sq / (double)n) / std - 1) < 4 / sqrt((double)n), "%s: %g", t->name,
                  sqrt(sq / (double)n));
        } else {
            int one = strstr(t->name, "norm") != NULL;
            check(sum == (one ? (double)n : 0) && sq == sum, "%s", t->name);
        }
        mem_free(x);
    }
    model_free(m);
}

static void leave(int code)
{
    _exit(code);
}

/* A key of older parameters, a page given twice: both end the run. */
static void asserts(const model_config_t *c, const ops_t *ops)
{
    pages_t *p = pages_new(c, ops, 3);
    for (int what = 0; what < 3; what++) {
        fflush(NULL);
        pid_t child = fork();
        if (!child) {
            fail_set_hook(leave);
            if (!freopen("/dev/null", "w", stderr))
                _exit(1);
            int page = pages_take(p);
            if (what)
                pages_give(p, page);
            if (what == 1)
                pages_give(p, page);
            if (what == 0)
                pages_stamp(p, 5);
            _exit(0);
        }
        int status = 0;
        waitpid(child, &status, 0);
        check(WEXITSTATUS(status) == (what == 2 ? 0 : CODE_FAULT), "case %d", what);
    }
    int a = pages_take(p), b = pages_take(p), d = pages_take(p);
    check(a != b && b != d && a != d && pages_take(p) == -1 && pages_left(p) == 0);
    pages_give(p, b);
    check(pages_left(p) == 1 && pages_take(p) == b);
    pages_free(p);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    const ops_t *ops = case_ops();
    for (int i = 0; i < 4; i++) {
        model_config_t c = case_config(i);
        places(&c);
        plans(&c, ops);
        hashes(&c, ops);
        statistics(&c, ops);
    }
    model_config_t c = case_config(1);
    asserts(&c, ops);
    text_t why = {0};
    check(!model_config_check(&c, &why));
    c.kv_heads = 2;
    check(model_config_check(&c, &why) && strstr(why.s, "num_key_value_heads = 2"));
    c = case_config(1);
    c.head_dim = 9;
    check(model_config_check(&c, &why) && strstr(why.s, "even"));
    strcpy(c.arch, "GPT2LMHeadModel");
    check(model_config_check(&c, &why) && strstr(why.s, "GPT2LMHeadModel"));
    text_reset(&why);
    return test_end();
}
