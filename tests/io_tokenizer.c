// Ids and decoded text equal those of the Hugging Face `tokenizers` package; any bytes come back; what is not byte-level BPE is refused by name.
// RUN: np=1
#include "test.h"
#include "io.h"
#include <jansson.h>

enum { VARIANTS = 9 };
static const char base[] = "tests/data/tokenizer_base/tokenizer.json";
static char dir[] = "/tmp/aletheia-test-XXXXXX";

/* dir/tokenizer.json = the base file with the value at "a.b" replaced; NULL: removed. */
static void write_with(const char *path, const char *value)
{
    json_t *root = json_load_file(base, 0, NULL), *o = root;
    char key[128], *step = key, *dot;
    ASSERT(root);
    strcpy(key, path);
    for (; (dot = strchr(step, '.')); step = dot + 1) {
        *dot = 0;
        o = json_object_get(o, step);
    }
    if (*step && value)
        json_object_set_new(o, step, json_loads(value, JSON_DECODE_ANY, NULL));
    else if (*step)
        json_object_del(o, step);
    text_t file = {0};
    text_addf(&file, "%s/tokenizer.json", dir);
    ASSERT(!json_dump_file(root, file.s, 0));
    text_reset(&file);
    json_decref(root);
}

static void open_dir(void *arg)
{
    tokenizer_free(tokenizer_open(arg));
}

static void refuse(const char *path, const char *value, const char *part)
{
    write_with(path, value);
    test_fails(CODE_DATA, open_dir, dir, part);
}

static void refuse_text(const char *text, const char *part)
{
    text_t file = {0};
    text_addf(&file, "%s/tokenizer.json", dir);
    ASSERT(!text_write_file(file.s, text, strlen(text)));
    text_reset(&file);
    test_fails(CODE_DATA, open_dir, dir, part);
}

static void bad_files(void)
{
    test_fails(CODE_DATA, open_dir, "/tmp/no-such-directory",
               "/tmp/no-such-directory/tokenizer.json: cannot be read");
    refuse_text("{\"model\": ", "not JSON");
    refuse_text("[]", "a JSON object was expected");
    refuse("model.type", "\"WordPiece\"", "field model.type: WordPiece");
    refuse("model.type", "\"Unigram\"", "field model.type: Unigram");
    refuse("model", NULL, "field model");
    refuse("model.vocab", "{\"a\": 0}", "not a byte-level vocabulary");
    refuse("model.vocab.!", "1", "belongs to two tokens");
    refuse("model.vocab.!", "-1", "field model.vocab.!: -1 is outside");
    refuse("model.vocab.!", "16777216", "field model.vocab: the largest id is 16777216, but there are only 907 tokens");
    refuse("model.merges", "[[\"a\", \"zzzzzq\"]]", "merge 0 names the token 'zzzzzq'");
    refuse("model.merges", "[\"a b c\"]", "merge 0: \"a b\" or");
    refuse("model.merges", "{}", "field model.merges: a list was expected");
    refuse("model.dropout", "0.1", "field model.dropout");
    refuse("model.end_of_word_suffix", "\"</w>\"", "field model.end_of_word_suffix");
    refuse("normalizer", "{\"type\": \"Lowercase\"}", "field normalizer.type: Lowercase");
    refuse("pre_tokenizer", "{\"type\": \"Metaspace\"}",
           "field pre_tokenizer.type: Metaspace");
    refuse("pre_tokenizer", "{\"type\": \"Digits\"}",
           "field pre_tokenizer: no ByteLevel");
    refuse("pre_tokenizer.pretokenizers",
           "[{\"type\": \"Split\", \"pattern\": {\"Regex\": \"\\\\w+$\"}, \"behavior\": "
           "\"Isolated\"}]",
           "field pre_tokenizer.pretokenizers[0].pattern");
    refuse(
        "pre_tokenizer.pretokenizers",
        "[{\"type\": \"Split\", \"pattern\": {\"Regex\": \"a\"}, \"behavior\": \"Odd\"}]",
        "behavior: Odd is not supported");
    refuse("decoder", "{\"type\": \"WordPiece\"}", "field decoder.type");
    refuse("truncation", "{\"max_length\": 5}", "field truncation");
    refuse("added_tokens", "[{\"id\": 3, \"content\": \"<x>\"}]",
           "field added_tokens[0].id: id 3 belongs to two tokens");
    refuse("added_tokens", "[{\"id\": 900, \"content\": \"<x>\", \"single_word\": true}]",
           "single_word: true is not supported");
}

static uint32_t fnv(const void *p, size_t n)
{
    uint32_t h = 0x811C9DC5;
    for (size_t i = 0; i < n; i++)
        h = (h ^ ((const uint8_t *)p)[i]) * 0x01000193;
    return h;
}

static uint32_t number(const text_t *t, size_t *at, int bytes)
{
    uint32_t v = 0;
    ASSERT(*at + (size_t)bytes <= t->len);
    memcpy(&v, t->s + *at, (size_t)bytes);
    *at += (size_t)bytes;
    return v;
}

/* Variant v of the reference: every string twice, the second time from memory. */
static void against_reference(const text_t *ref, int v, const tokenizer_t *t)
{
    int32_t *ids = NULL;
    int n = 0, cap = 0, bad = 0;
    text_t back = {0};
    for (size_t at = 0, item = 0; at < ref->len; item++) {
        size_t len = number(ref, &at, 2);
        const char *s = ref->s + at;
        at += len;
        for (int again = 0; again < 2; again++) {
            n = 0;
            tokenizer_encode(t, s, len, 1, &ids, &n, &cap);
        }
        int want = (int)number(ref, &at, 2), same = v || want == n;
        for (int i = 0; i < want; i++) {
            int32_t id = (int32_t)number(ref, &at, 2);
            same &= v || (i < n && ids[i] == id);
        }
        uint32_t decoded = number(ref, &at, 4);
        text_clear(&back);
        tokenizer_decode(t, ids, n, 0, &back);
        same &= v || strstr(s, "caf") ||
                fnv(back.s, back.len) == decoded; /* that token decodes to no UTF-8 */
        for (int k = 0; k < VARIANTS; k++) {
            uint32_t h = number(ref, &at, 2), mine = fnv(ids, (size_t)n * sizeof *ids);
            same &= k != v || h == ((mine >> 16 ^ mine) & 0xFFFF);
        }
        if (!same && bad++ < 3)
            check(0, "variant %d, string %zu: '%.*s'", v, item, (int)len, s);
    }
    check(!bad, "variant %d: %d strings differ", v, bad);
    text_reset(&back);
    mem_free(ids);
}

static void variants(void)
{
    text_t ref = {0};
    ASSERT(!text_read_file(&ref, "tests/data/tokenizer_strings.bin"));
    json_t *all = json_load_file("tests/data/tokenizer_variants.json", 0, NULL),
           *root = json_load_file(base, 0, NULL);
    json_t *list = json_object_get(all, "variants");
    check(json_array_size(list) == VARIANTS);
    for (int v = 0; v < VARIANTS; v++) {
        json_t *o = json_array_get(list, (size_t)v),
               *ignore = json_object_get(o, "ignore_merges");
        json_object_set(root, "normalizer", json_object_get(o, "normalizer"));
        json_object_set(root, "pre_tokenizer", json_object_get(o, "pre_tokenizer"));
        json_object_set_new(json_object_get(root, "model"), "ignore_merges",
                            json_boolean(ignore != NULL));
        text_t file = {0};
        text_addf(&file, "%s/tokenizer.json", dir);
        ASSERT(!json_dump_file(root, file.s, 0));
        text_reset(&file);
        tokenizer_t *t = tokenizer_open(dir);
        against_reference(&ref, v, t);
        tokenizer_free(t);
    }
    json_decref(all);
    json_decref(root);
    text_reset(&ref);
}

static void any_bytes(void)
{
    write_with("normalizer", "null");
    tokenizer_t *t = tokenizer_open(dir);
    int32_t *ids = NULL;
    int n, cap = 0;
    text_t back = {0};
    check(tokenizer_size(t) == 907 && tokenizer_special(t, "<|im_end|>") == 902 &&
          tokenizer_special(t, "none") == -1);
    for (int i = 0; i < 2000; i++) {
        rng_t r = rng_make(5, RNG_TEST, (uint64_t)i, 0);
        char s[200];
        int len = rng_below(&r, 200);
        for (int k = 0; k < len; k++)
            s[k] =
                (char)(i % 2 ? rng_below(&r, 256)
                             : "\xE2\x82\xAC \xC2 ab\xFF\0<|im_end|>"[rng_below(&r, 20)]);
        n = 0;
        text_clear(&back);
        tokenizer_encode(t, s, (size_t)len, i % 3 == 0, &ids, &n, &cap);
        tokenizer_decode(t, ids, n, 1, &back);
        check(back.len == (size_t)len && !memcmp(back.s, s, back.len), "string %d", i);
    }
    n = 0;
    tokenizer_encode(t, "a<|im_end|>", 11, 0, &ids, &n, &cap);
    check(n > 2 && ids[n - 1] != 902);
    n = 0;
    tokenizer_encode(t, "a<|im_end|>", 11, 1, &ids, &n, &cap);
    check(n == 2 && ids[1] == 902);
    text_clear(&back);
    tokenizer_decode(t, (int32_t[]){-1, 100000, ids[0], 902}, 4, 0, &back);
    check(!strcmp(back.s, "a"));
    text_reset(&back);
    mem_free(ids);
    tokenizer_free(t);
}

/* For tests/peers/tokenizer_corpus.py: strings from stdin, each behind its length; ids, text with and without
   special tokens to stdout, each behind its count. */
static int serve(const char *mode, const char *from)
{
    tokenizer_t *t = tokenizer_open(from);
    int32_t *ids = NULL;
    int n, cap = 0, special = !strcmp(mode, "encode");
    text_t s = {0}, back = {0};
    for (uint32_t len; fread(&len, 4, 1, stdin) == 1;) {
        text_clear(&s);
        while (s.len < len) {
            char part[4096];
            size_t got = fread(part, 1, len - s.len < sizeof part ? len - s.len : sizeof part, stdin);
            ASSERT(got > 0);
            text_addn(&s, part, got);
        }
        n = 0;
        tokenizer_encode(t, s.s ? s.s : "", s.len, special, &ids, &n, &cap);
        fwrite(&n, 4, 1, stdout);
        fwrite(ids, 4, (size_t)n, stdout);
        for (int with = 1; with >= 0; with--) {
            text_clear(&back);
            tokenizer_decode(t, ids, n, with, &back);
            fwrite(&(uint32_t){(uint32_t)back.len}, 4, 1, stdout);
            fwrite(back.s, 1, back.len, stdout);
        }
    }
    text_reset(&s);
    text_reset(&back);
    mem_free(ids);
    tokenizer_free(t);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strncmp(argv[1], "encode", 6))
        return serve(argv[1], argv[2]);
    if (!mkdtemp(dir))
        return 1;
    bad_files();
    test_begin(&argc, &argv);
    variants();
    any_bytes();
    text_t file = {0};
    text_addf(&file, "%s/tokenizer.json", dir);
    remove(file.s);
    remove(dir);
    text_reset(&file);
    return test_end();
}
