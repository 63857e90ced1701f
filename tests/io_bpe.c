// Training merges the most frequent pair at each step, as counting anew each time says; digits stay
// single; the file reads back.
// RUN: np=1
#include "test.h"
#include "io.h"
#include <jansson.h>

static char dir[] = "/tmp/aletheia-test-XXXXXX";
static text_t path;
static const char *const special[] = {"<|end|>", "<|start|>"};

static void small_vocab(void *arg)
{
    (void)arg;
    tokenizer_train(path.s, "abc", 3, 257, special, 2);
}

static void small_text(void *arg)
{
    (void)arg;
    tokenizer_train(path.s, "abc abc", 7, 300, special, 2);
}

/* Words of a small random language: a pre-token is a space and letters. */
static void write_text(text_t *t, uint64_t seed)
{
    for (int i = 0; i < 3000; i++) {
        rng_t r = rng_make(seed, RNG_TEST, (uint64_t)i, 0);
        int n = 1 + rng_below(&r, 9);
        text_add(t, i ? " " : "");
        for (int k = 0; k < n; k++)
            text_addn(t, &"aaaabbcde"[rng_below(&r, 9)], 1);
    }
}

/* The definition: tokens are numbered, pairs counted over the whole text at each step. */
static void by_definition(const text_t *t, const json_t *merges, const json_t *vocab)
{
    enum { V = 300 };
    int *id = ALLOC(int, t->len), *first = ALLOC(int, t->len), *count = ALLOC(int, V *V),
        n = (int)t->len;
    for (int i = 0; i < n;
         i++) { /* 'a' is letter 64 of the alphabet's order ('!' is 0), space is U+0120 */
        id[i] = t->s[i] == ' ' ? 220 : t->s[i] - '!';
        first[i] = t->s[i] == ' ' || i == 0;
    }
    check(json_integer_value(json_object_get(vocab, "a")) == 'a' - '!' &&
          json_integer_value(json_object_get(vocab, "\u0120")) == 220);
    char name[V][64] = {{0}};
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)vocab, key, value)
        snprintf(name[json_integer_value(value)], sizeof name[0], "%s", key);
    for (size_t m = 0; m < json_array_size(merges); m++) {
        int best = -1, new = -1;
        memset(count, 0, V * V * sizeof *count);
        for (int i = 0; i + 1 < n; i++)
            if (!first[i + 1])
                count[id[i] * V + id[i + 1]]++;
        for (int p = 0; p < V * V; p++)
            if (best < 0 || count[p] > count[best])
                best = p;
        char want[160];
        snprintf(want, sizeof want, "%s %s", name[best / V], name[best % V]);
        check(!strcmp(want, json_string_value(json_array_get(merges, m))),
              "merge %zu is %s, not %s", m, json_string_value(json_array_get(merges, m)), want);
        snprintf(want, sizeof want, "%s%s", name[best / V], name[best % V]);
        new = (int)json_integer_value(json_object_get(vocab, want));
        check(new >= 256);
        int k = 0;
        for (int i = 0; i < n; k++, i++) {
            int both = i + 1 < n && !first[i + 1] && id[i] == best / V && id[i + 1] == best % V;
            first[k] = first[i];
            id[k] = both ? new : id[i];
            i += both;
        }
        n = k;
    }
    mem_free(id);
    mem_free(first);
    mem_free(count);
}

static void reads_back(void)
{
    tokenizer_t *t = tokenizer_open(dir);
    int32_t *ids = NULL;
    int n = 0, cap = 0;
    const char *s = "abc 1234\n    x = 'sum'\xF0\x9F\x98\x80\xFF<|end|>";
    text_t back = {0};
    check(tokenizer_size(t) == 300 && tokenizer_special(t, "<|end|>") == 298 &&
          tokenizer_special(t, "<|start|>") == 299);
    tokenizer_encode(t, s, strlen(s), 1, &ids, &n, &cap);
    tokenizer_decode(t, ids, n, 1, &back);
    check(!strcmp(back.s, s) && ids[n - 1] == 298);
    n = 0;
    tokenizer_encode(t, "1234", 4, 1, &ids, &n, &cap);
    check(n == 4);
    mem_free(ids);
    text_reset(&back);
    tokenizer_free(t);
}

int main(int argc, char **argv)
{
    text_t t = {0}, one = {0}, two = {0};
    if (!mkdtemp(dir))
        return 1;
    text_addf(&path, "%s/tokenizer.json", dir);
    test_fails(CODE_USAGE, small_vocab, NULL, "has at least 258 entries; 257 were asked for");
    test_fails(CODE_DATA, small_text, NULL, "of the 300 asked for: give more text");
    test_begin(&argc, &argv);
    write_text(&t, 1);
    tokenizer_train(path.s, t.s, t.len, 300, special, 2);
    json_t *root = json_load_file(path.s, 0, NULL), *model = json_object_get(root, "model");
    check(json_array_size(json_object_get(model, "merges")) == 42);
    by_definition(&t, json_object_get(model, "merges"), json_object_get(model, "vocab"));
    json_decref(root);
    reads_back();
    text_read_file(&one, path.s);
    for (int i = 0; i < 500; i++)
        text_add(&t, special[i % 2]);
    tokenizer_train(path.s, t.s, t.len, 300, special, 2);
    text_read_file(&two, path.s);
    check(one.len == two.len && !memcmp(one.s, two.s, one.len),
          "special tokens in the text change nothing");
    remove(path.s);
    remove(dir);
    text_reset(&t);
    text_reset(&one);
    text_reset(&two);
    text_reset(&path);
    return test_end();
}
