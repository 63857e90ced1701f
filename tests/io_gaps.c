// A byte-level vocabulary in which bytes have no token encodes what it can, as the `tokenizers` package
// does with and without unk_token, fuse_unk, byte_fallback and ignore_merges; it is said once.
// RUN: np=1
#include "test.h"
#include "io.h"
#include <jansson.h>

static const char base[] = "tests/data/tokenizer_gaps/tokenizer.json";
static char dir[] = "/tmp/aletheia-test-XXXXXX";

static uint32_t fnv(const void *p, size_t n)
{
    uint32_t h = 0x811C9DC5;
    for (size_t i = 0; i < n; i++)
        h = (h ^ ((const uint8_t *)p)[i]) * 0x01000193;
    return h;
}

static void write_json(const json_t *root)
{
    text_t file = {0};
    text_addf(&file, "%s/tokenizer.json", dir);
    ASSERT(!json_dump_file(root, file.s, 0));
    text_reset(&file);
}

/* dir/tokenizer.json with those fields of `model`, as JSON. */
static void write_with(const char *fields)
{
    json_t *root = json_load_file(base, 0, NULL), *more = json_loads(fields, 0, NULL);
    ASSERT(root && more);
    json_object_update(json_object_get(root, "model"), more);
    write_json(root);
    json_decref(more);
    json_decref(root);
}

static void encode(const tokenizer_t *t, const char *s, size_t n, int32_t **ids, int *count,
                   int *cap)
{
    *count = 0;
    tokenizer_encode(t, s, n, 1, ids, count, cap);
}

/* Every string twice: the second time from memory. */
static void against_package(void)
{
    json_t *all = json_load_file("tests/data/tokenizer_gaps.json", JSON_ALLOW_NUL, NULL), *v, *s;
    size_t i, k;
    int32_t *ids = NULL;
    int n, cap = 0;
    ASSERT(all);
    json_array_foreach (json_object_get(all, "variants"), i, v) {
        char *fields = json_dumps(v, 0);
        write_with(fields);
        free(fields);
        tokenizer_t *t = tokenizer_open(dir);
        const json_t *want = json_array_get(json_object_get(all, "hashes"), i);
        for (int again = 0; again < 2; again++)
            json_array_foreach (json_object_get(all, "strings"), k, s) {
                encode(t, json_string_value(s), json_string_length(s), &ids, &n, &cap);
                uint32_t h = fnv(ids, (size_t)n * sizeof *ids);
                check(h == (uint32_t)json_integer_value(json_array_get(want, k)),
                      "variant %zu, string %zu: '%s'", i, k, json_string_value(s));
            }
        tokenizer_free(t);
    }
    mem_free(ids);
    json_decref(all);
}

/* Any bytes: ids are in range, and what comes back is the text without the missing bytes, also where a
   pre-token is long. */
static void any_bytes(void)
{
    write_with("{}");
    tokenizer_t *t = tokenizer_open(dir);
    int32_t *ids = NULL;
    int n, cap = 0, missing[256] = {0}, count = 0;
    text_t back = {0};
    for (int b = 0; b < 256; b++) {
        encode(t, &(char){(char)b}, 1, &ids, &n, &cap);
        missing[b] = n == 0;
        count += missing[b];
    }
    check(count == 24, "%d bytes are missing", count);
    for (int i = 0; i < 2000; i++) {
        rng_t r = rng_make(9, RNG_TEST, (uint64_t)i, 0);
        char s[300], want[300];
        int len = rng_below(&r, 300), left = 0;
        for (int k = 0; k < len; k++) {
            s[k] =
                i % 2 ? (char)rng_below(&r, 256) : "tqheZ~ in\x04"[rng_below(&r, i % 4 ? 4 : 11)];
            want[left] = s[k];
            left += !missing[(unsigned char)s[k]];
        }
        encode(t, s, (size_t)len, &ids, &n, &cap);
        text_clear(&back);
        tokenizer_decode(t, ids, n, 1, &back);
        check(back.len == (size_t)left && !memcmp(back.s, want, back.len), "string %d", i);
    }
    text_reset(&back);
    mem_free(ids);
    tokenizer_free(t);
}

static void open_dir(void *arg)
{
    tokenizer_free(tokenizer_open(arg));
}

static void open_twice(void *arg)
{
    open_dir(arg);
    fprintf(stderr, "again: ");
    open_dir(arg);
    fprintf(stderr, "silent");
}

static void refuse(const char *fields, const char *part)
{
    write_with(fields);
    test_fails(CODE_DATA, open_dir, dir, part);
}

static void said_and_refused(void)
{
    write_with("{}");
    test_fails(
        0, open_twice, dir,
        "tokenizer.json: 24 of 256 bytes have no token; in a text such bytes are left out, as "
        "in the tokenizers package\nagain: silent");
    write_with("{\"unk_token\": \"the\"}");
    test_fails(0, open_dir, dir,
               "24 of 256 bytes have no token; unk_token or byte_fallback stands");
    refuse("{\"unk_token\": \"<none>\"}",
           "field model.unk_token: '<none>' stands for 24 bytes that have no token");
    refuse("{\"unk_token\": \"e\"}", "field model.merges: a merge takes what stands for bytes");
    refuse("{\"vocab\": {\"zz\": 0}, \"merges\": []}",
           "field model.vocab: no token for any byte: not a byte-level vocabulary");
    refuse("{\"continuing_subword_prefix\": \"##\", \"end_of_word_suffix\": \"</w>\"}",
           "field model.continuing_subword_prefix: only the empty text");
    refuse("{\"dropout\": 0.1}", "field model.dropout");
}

int main(int argc, char **argv)
{
    if (!mkdtemp(dir))
        return 1;
    said_and_refused();
    test_begin(&argc, &argv);
    log_set_rank(1); /* the warnings were looked at above */
    against_package();
    any_bytes();
    text_t file = {0};
    text_addf(&file, "%s/tokenizer.json", dir);
    remove(file.s);
    rmdir(dir);
    text_reset(&file);
    return test_end();
}
