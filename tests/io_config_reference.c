// config.json means what transformers takes it to mean: shapes, defaults, rotary frequencies,
// sliding layers
// (tests/data/config_reference.py).  With an argument: that configuration only.
// RUN: np=1
#include "io.h"
#include "test.h"

enum { NUMBERS = 160 };

typedef struct {
    char name[64];
    model_config_t c;
} named_t;

static int numbers(const char *s, double *x)
{
    int n = 0;
    char *end;
    for (; n < NUMBERS; s = end, n++) {
        s += strspn(s, " /");
        x[n] = strtod(s, &end);
        if (end == s)
            break;
    }
    return n;
}

static int near(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fabs(b);
}

static void shape(const named_t *k, const char *rest)
{
    static const char *const what[] = {"vocab",    "width",    "layers", "heads",
                                       "kv_heads", "head_dim", "ffn",    "max_position",
                                       "qkv_bias", "qk_norm",  "tied"};
    const model_config_t *c = &k->c;
    const int ours[] = {c->vocab,    c->width,    c->layers, c->heads,
                        c->kv_heads, c->head_dim, c->ffn,    c->max_position,
                        c->qkv_bias, c->qk_norm,  c->tied};
    double x[NUMBERS];
    int n = numbers(rest, x);
    for (int i = 0; i < 11; i++)
        check(ours[i] == x[i], "%s: %s is %d, transformers takes %g", k->name, what[i], ours[i],
              x[i]);
    check(c->rms_eps == (float)x[11], "%s: epsilon %g, transformers takes %g", k->name, c->rms_eps,
          x[11]);
    double factor = c->rope.kind == ROPE_YARN ? c->rope.attention : 1;
    check(near(factor, x[12]), "%s: table's factor %.15g, transformers takes %.15g", k->name,
          factor, x[12]);
    check(n == 13 + c->layers, "%s: %d layers in the file", k->name, n - 13);
    for (int l = 0; l < c->layers; l++)
        check(model_layer_window(c, l) == x[13 + l],
              "%s: layer %d has a window of %d, in transformers %g", k->name, l,
              model_layer_window(c, l), x[13 + l]);
}

static void frequencies(const named_t *k, const char *rest)
{
    double x[NUMBERS], ours[NUMBERS];
    int n = numbers(rest, x);
    check(n == k->c.head_dim / 2);
    ASSERT(k->c.head_dim / 2 <= NUMBERS);
    rope_frequencies(&k->c.rope, k->c.head_dim, ours);
    for (int i = 0; i < n; i++)
        check(near(ours[i], x[i]), "%s: frequency %d is %.15g, in transformers %.15g", k->name, i,
              ours[i], x[i]);
}

int main(int argc, char **argv)
{
    text_t t = {0};
    named_t k = {0};
    int n = 0, take = 0;
    const char *only = argc > 1 ? argv[1] : NULL;
    test_begin(&argc, &argv);
    if (text_read_file(&t, "tests/data/configs.ref"))
        fail(CODE_DATA,
             "tests/data/configs.ref cannot be read: run the test from the repository's root");
    for (char *s = strtok(t.s, "\n"); s; s = strtok(NULL, "\n")) {
        char *rest = strchr(s, ' ');
        *rest++ = 0;
        if (!strcmp(s, "config")) {
            char *json = strchr(rest, ' ');
            *json++ = 0;
            snprintf(k.name, sizeof k.name, "%s", rest);
            take = !only || !strcmp(only, rest);
            n += take;
            if (take)
                hf_config_parse(k.name, json, &k.c);
        } else if (take && !strcmp(s, "is")) {
            shape(&k, rest);
        } else if (take && !strcmp(s, "frequencies")) {
            frequencies(&k, rest);
        }
    }
    check(n == (only ? 1 : 53), "%d configurations", n);
    text_reset(&t);
    return test_end();
}
