// Byte-pair merges are what their definition says: the least rank, leftmost first, in short and in
// long pre-tokens.
// RUN: np=1
#include "test.h"
#include "io.h"
#include <jansson.h>

static const char base[] = "tests/data/tokenizer_base/tokenizer.json";
static char dir[] = "/tmp/aletheia-test-XXXXXX";

/* Every text of one to six letters a and b is a token (the empty one is none), reached by some or
   all of its merges, in random order. */
enum { AB = 127 };
typedef struct {
    char text[AB][7];
    int rank[AB][AB];
} ab_t;

static int ab_find(const ab_t *m, const char *text)
{
    int i = 0;
    while (i < AB && strcmp(m->text[i], text))
        i++;
    return i;
}

static void ab_make(ab_t *m, uint64_t seed)
{
    static int pair[AB * AB];
    int n = 0;
    json_t *vocab = json_object(), *merges = json_array(), *old = json_load_file(base, 0, NULL),
           *id;
    const char *key;
    rng_t r = rng_make(6, RNG_TEST, seed, 0);
    json_object_foreach (json_object_get(json_object_get(old, "model"), "vocab"), key, id)
        if (json_integer_value(id) < 256)
            json_object_set(vocab, key, id);
    *m = (ab_t){0};
    for (int i = 1; i < AB; i++) {
        for (int k = 0, len = 31 - __builtin_clz((unsigned)i + 1); k < len; k++)
            m->text[i][k] = (i + 1) >> k & 1 ? 'b' : 'a';
        if (strlen(m->text[i]) > 1)
            json_object_set_new(vocab, m->text[i], json_integer(253 + i));
    }
    for (int a = 1; a < AB; a++)
        for (int b = 1; b < AB; b++) {
            m->rank[a][b] = INT32_MAX;
            if (strlen(m->text[a]) + strlen(m->text[b]) <= 6 && rng_below(&r, 8) <= (int)(seed % 8))
                pair[n++] = a * AB + b;
        }
    rng_shuffle(&r, pair, n);
    for (int i = 0; i < n; i++) {
        m->rank[pair[i] / AB][pair[i] % AB] = i;
        json_array_append_new(merges,
                              json_pack("[ss]", m->text[pair[i] / AB], m->text[pair[i] % AB]));
    }
    json_t *model = json_object_get(old, "model");
    json_object_set_new(model, "vocab", vocab);
    json_object_set_new(model, "merges", merges);
    json_object_set_new(old, "added_tokens", json_array());
    text_t file = {0};
    text_addf(&file, "%s/tokenizer.json", dir);
    ASSERT(!json_dump_file(old, file.s, 0));
    text_reset(&file);
    json_decref(old);
}

/* Merges as they are defined: the least rank, leftmost first, until none is left. */
static int ab_merge(const ab_t *m, int *sym, int n)
{
    for (;;) {
        int best = -1;
        for (int i = 0; i + 1 < n; i++)
            if (m->rank[sym[i]][sym[i + 1]] <
                (best < 0 ? INT32_MAX : m->rank[sym[best]][sym[best + 1]]))
                best = i;
        if (best < 0)
            return n;
        char both[13];
        snprintf(both, sizeof both, "%s%s", m->text[sym[best]], m->text[sym[best + 1]]);
        sym[best] = ab_find(m, both);
        memmove(sym + best + 1, sym + best + 2, (size_t)(--n - best - 1) * sizeof *sym);
    }
}

static void by_definition(void)
{
    enum { LONG = 200 };
    int32_t *ids = NULL;
    int n, cap = 0;
    text_t back = {0};
    static ab_t m;
    for (uint64_t table = 0; table < 40; table++) {
        ab_make(&m, table);
        tokenizer_t *t = tokenizer_open(dir);
        for (uint64_t k = 0; k < 50; k++) {
            char s[LONG];
            int sym[LONG], same = 1;
            rng_t r = rng_make(8, RNG_TEST, table, k);
            int len = 1 + rng_below(&r, k % 2 ? LONG : 40);
            for (int i = 0; i < len; i++) {
                s[i] = "ab"[rng_below(&r, 2 + (int)(k % 5)) % 2];
                sym[i] = ab_find(&m, (char[]){s[i], 0});
            }
            int want = ab_merge(&m, sym, len);
            n = 0;
            tokenizer_encode(t, s, (size_t)len, 1, &ids, &n, &cap);
            for (int i = 0; i < want && i < n; i++) {
                text_clear(&back);
                tokenizer_decode(t, &ids[i], 1, 1, &back);
                same &= !strcmp(back.s, m.text[sym[i]]);
            }
            check(n == want && same, "table %d: '%.*s'", (int)table, len, s);
        }
        tokenizer_free(t);
    }
    text_reset(&back);
    mem_free(ids);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    if (!mkdtemp(dir))
        return 1;
    by_definition();
    text_t file = {0};
    text_addf(&file, "%s/tokenizer.json", dir);
    remove(file.s);
    remove(dir);
    text_reset(&file);
    return test_end();
}
