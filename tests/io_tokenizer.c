// Ids and decoded text equal those of the Hugging Face `tokenizers` package; any bytes come back;
// what is not byte-level BPE is refused by name.
// RUN: np=1
#include "test.h"
#include "io.h"
#include "io/pretoken.h"
#include <jansson.h>
#include <time.h>

enum { VARIANTS = 13, TOKENS = 913 };
#ifdef __SANITIZE_ADDRESS__
enum { LINE = 100000 };
#else
enum { LINE = 1000000 };
#endif
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
    refuse_text("{\"model\": 1, \"model\": 2}",
                "field model: an object was expected, found two different values");
    refuse_text("[]", "a JSON object was expected");
    refuse("model.type", "\"WordPiece\"", "field model.type: WordPiece");
    refuse("model.type", "\"Unigram\"", "field model.type: Unigram");
    refuse("model", NULL, "field model");
    refuse("model.vocab", "{\"a\": 0}", "merge 0 names the token");
    refuse("model.vocab.!", "1", "belongs to two tokens");
    refuse("model.vocab.!", "-1", "field model.vocab.!: -1 is outside");
    refuse("model.vocab.!", "16777216",
           "field model.vocab: the largest id is 16777216, but there are only");
    refuse("model.merges", "[[\"a\", \"zzzzzq\"]]", "merge 0 names the token 'zzzzzq'");
    refuse("model.merges", "[\"a b c\"]", "merge 0: \"a b\" or");
    refuse("model.merges", "{}", "field model.merges: a list was expected");
    refuse("model.dropout", "0.1", "field model.dropout");
    refuse("model.end_of_word_suffix", "\"</w>\"", "field model.end_of_word_suffix");
    refuse("normalizer", "{\"type\": \"Lowercase\"}", "field normalizer.type: Lowercase");
    refuse("pre_tokenizer", "{\"type\": \"Metaspace\"}", "field pre_tokenizer.type: Metaspace");
    refuse("pre_tokenizer", "{\"type\": \"Digits\"}", "field pre_tokenizer: no ByteLevel");
    refuse("pre_tokenizer.pretokenizers",
           "[{\"type\": \"Split\", \"pattern\": {\"Regex\": \"\\\\w+$\"}, \"behavior\": "
           "\"Isolated\"}]",
           "field pre_tokenizer.pretokenizers[0].pattern");
    refuse("pre_tokenizer.pretokenizers",
           "[{\"type\": \"Split\", \"pattern\": {\"Regex\": \"a\"}, \"behavior\": \"Odd\"}]",
           "behavior: Odd is not supported");
    refuse("decoder", "{\"type\": \"WordPiece\"}", "field decoder.type");
    refuse("model.byte_fallback", "7", "field model.byte_fallback: true or false was expected");
    refuse("model.vocab", "{}", "field model.vocab: no token for any byte");
    refuse("version", "\"2.0\"", "field version");
}

/* What the package applies to whole texts is not for prompts; without gaps neither unk_token nor
   byte_fallback changes anything. */
static void taken(void)
{
    write_with("truncation", "{\"max_length\": 5, \"strategy\": \"LongestFirst\", \"stride\": 0}");
    test_fails(
        0, open_dir, dir,
        "tokenizer.json: truncation is set there and not applied: prompts have their own limits");
    write_with("padding", "{\"strategy\": {\"Fixed\": 9}, \"pad_id\": 0}");
    test_fails(0, open_dir, dir, "tokenizer.json: padding is set there and not applied");
    write_with("model.byte_fallback", "true");
    test_fails(0, open_dir, dir, "");
    write_with("model.unk_token", "\"no such token\"");
    test_fails(0, open_dir, dir, "");
}

static void refuse_added(const char *list, const char *part)
{
    refuse("added_tokens", list, part);
}

static void bad_added(void)
{
    refuse_added("[{\"id\": 3, \"content\": \"<x>\"}]",
                 "field added_tokens[0].id: '<x>' is 3 here, but added tokens follow");
    refuse_added("[{\"id\": 905, \"content\": \"<x>\"}]", "900 was expected");
    refuse_added("[{\"id\": 900, \"content\": \"<x>\"}, {\"id\": 900, \"content\": \"<y>\"}]",
                 "'<y>' is 900 here");
    refuse_added("[{\"id\": 901, \"content\": \"a\"}]", "'a' is 901 here and 6");
    refuse_added("[{\"id\": 900, \"content\": \"<x>\"}, {\"id\": 901, \"content\": \"<x>\"}]",
                 "'<x>' is there twice");
    refuse_added(
        "[{\"id\": 900, \"content\": \"\\u00c5<\"}, {\"id\": 901, \"content\": \"A\\u030a<\"}]",
        "is searched for as another added token is");
    refuse_added("[{\"id\": 900, \"content\": \"\"}]", "found an empty one");
    refuse_added("[{\"id\": 900}]", "field added_tokens[0].content");
    refuse_added("[{\"content\": \"<x>\"}]", "field added_tokens[0].id");
    refuse_added("[{\"id\": 900, \"content\": \"<x>\", \"lstrip\": 1}]",
                 "field added_tokens[0].lstrip");
    refuse_added("[7]", "field added_tokens: item 0");
    refuse_added("{}", "field added_tokens");
}

/* Every field with a value of every wrong type, and the file cut short anywhere. */
static void bad_shapes(void)
{
    static const char *const field[] = {"model",
                                        "model.vocab",
                                        "model.vocab.!",
                                        "model.merges",
                                        "model.type",
                                        "model.ignore_merges",
                                        "model.unk_token",
                                        "model.fuse_unk",
                                        "added_tokens",
                                        "normalizer",
                                        "normalizer.type",
                                        "pre_tokenizer",
                                        "pre_tokenizer.pretokenizers",
                                        "decoder",
                                        "decoder.type",
                                        "version"};
    static const char *const value[] = {"1.5", "\"x\"", "[[]]", "{\"x\": []}", "true", "-7"};
    text_t file = {0}, name = {0};
    for (size_t i = 0; i < sizeof field / sizeof *field; i++)
        for (size_t k = 0; k < sizeof value / sizeof *value; k++)
            if (!(k == 1 && i == 6) && !(k == 4 && (i == 5 || i == 7)))
                refuse(field[i], value[k], "tokenizer.json: field ");
    ASSERT(!text_read_file(&file, base));
    text_addf(&name, "%s/tokenizer.json", dir);
    for (size_t len = 0; len < file.len; len += 1 + len / 3) {
        ASSERT(!text_write_file(name.s, file.s, len));
        test_fails(CODE_DATA, open_dir, dir, "not JSON");
    }
    text_reset(&file);
    text_reset(&name);
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
        same &= v || pretoken_valid(back.s, back.len) < back.len || /* the package replaces bytes */
                fnv(back.s, back.len) == decoded;
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
        json_t *o = json_array_get(list, (size_t)v), *ignore = json_object_get(o, "ignore_merges");
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
    check(tokenizer_size(t) == TOKENS && tokenizer_special(t, "<|im_end|>") == 902 &&
          tokenizer_special(t, "none") == -1);
    for (int i = 0; i < 2000; i++) {
        rng_t r = rng_make(5, RNG_TEST, (uint64_t)i, 0);
        char s[200];
        int len = rng_below(&r, 200);
        for (int k = 0; k < len; k++)
            s[k] = (char)(i % 2 ? rng_below(&r, 256)
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

static hash_t ids_of(const char *text, int special)
{
    tokenizer_t *t = tokenizer_open(dir);
    int32_t *ids = NULL;
    int n = 0, cap = 0;
    tokenizer_encode(t, text, strlen(text), special, &ids, &n, &cap);
    hash_t h = hash_bytes(ids, (size_t)n * sizeof *ids);
    tokenizer_free(t);
    mem_free(ids);
    return h;
}

/* Merges as lines of a merges.txt, its first line included, are the same merges. */
static void old_merges(void)
{
    json_t *root = json_load_file(base, 0, NULL), *m, *lines = json_array();
    size_t i;
    json_array_append_new(lines, json_string("#version: 0.2"));
    json_array_foreach (json_object_get(json_object_get(root, "model"), "merges"), i, m)
        json_array_append_new(lines, json_sprintf("%s %s", json_string_value(json_array_get(m, 0)),
                                                  json_string_value(json_array_get(m, 1))));
    char *text = json_dumps(lines, 0), *source = json_dumps(root, JSON_ENSURE_ASCII);
    write_with("version", "\"1.0\"");
    hash_t want = ids_of(source, 1);
    write_with("model.merges", text);
    check(hash_equal(want, ids_of(source, 1)));
    free(text);
    free(source);
    json_decref(lines);
    json_decref(root);
}

/* A special token that is not asked for is text, also where whole pre-tokens are looked up. */
static void unasked(void)
{
    static const char list[] = "[{\"id\": 900, \"content\": \"zqzq\", \"special\": true}]";
    write_with("added_tokens", list);
    hash_t want = ids_of("zqzq", 0);
    check(!hash_equal(want, ids_of("zqzq", 1)));
    json_t *root = json_load_file(base, 0, NULL), *model = json_object_get(root, "model");
    json_object_set_new(model, "ignore_merges", json_true());
    text_t file = {0};
    text_addf(&file, "%s/tokenizer.json", dir);
    json_object_set_new(root, "added_tokens", json_loads(list, 0, NULL));
    ASSERT(!json_dump_file(root, file.s, 0));
    check(hash_equal(want, ids_of("zqzq", 0)));
    text_reset(&file);
    json_decref(root);
}

/* Space that one token took is looked through for others; one that strips to the left has nothing
   left there. */
static void taken_space(void)
{
    write_with(
        "added_tokens",
        "[{\"id\": 900, \"content\": \"<r>\", \"rstrip\": true}, {\"id\": 901, \"content\": \"\\n\"},"
        " {\"id\": 902, \"content\": \"\\u00a0\", \"lstrip\": true}]");
    static const struct {
        const char *text;
        int n;
        int32_t id[3];
    } want[] = {{"<r> \u00a0", 1, {900}},
                {"<r> \n", 2, {900, 901}},
                {"<r>  <r>\n", 3, {900, 900, 901}},
                {" \u00a0", 1, {902}}};
    tokenizer_t *t = tokenizer_open(dir);
    int32_t *ids = NULL;
    int n, cap = 0;
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        n = 0;
        tokenizer_encode(t, want[i].text, strlen(want[i].text), 1, &ids, &n, &cap);
        check(n == want[i].n && !memcmp(ids, want[i].id, (size_t)n * sizeof *ids),
              "text %zu: %d tokens", i, n);
    }
    mem_free(ids);
    tokenizer_free(t);
}

/* A line without end: as many tokens as its parts have, in time that grows as it does. */
static void long_lines(void)
{
    enum { UNITS = 12, EXACT = 8 }; /* the first eight must come back */
    static const char *const unit[UNITS] = {"a", " ",    "\n",      "\u00e9", "7",       "\x01",
                                            "'", "\xff", "e\u0301", "<|im_",  " <mask>", "  <l>"};
    static const int variant[] = {1, 9, 11, 0}; /* the rules of GPT-2, DeepSeek, GPT-4o, Qwen */
    static const char letters[] = "etaoinshrdlucmfwygpbvkxqjzETAOIN_9";
    json_t *all = json_load_file("tests/data/tokenizer_variants.json", 0, NULL),
           *list = json_object_get(all, "variants");
    int32_t *ids = NULL;
    int n = 0, cap = 0;
    text_t s = {0}, back = {0};
    for (size_t v = 0; v < sizeof variant / sizeof *variant; v++) {
        char *pre =
            json_dumps(json_object_get(json_array_get(list, (size_t)variant[v]), "pre_tokenizer"),
                       0);
        write_with("pre_tokenizer", pre);
        free(pre);
        tokenizer_t *t = tokenizer_open(dir);
        for (int i = 0; i <= UNITS; i++) {
            rng_t r = rng_make(4, RNG_TEST, 0, (uint64_t)i);
            text_clear(&s);
            while (s.len < (i < UNITS || v ? LINE : 10 * LINE))
                text_addn(&s,
                          i < UNITS ? unit[i] : &letters[rng_below(&r, (int)sizeof letters - 1)],
                          i < UNITS ? strlen(unit[i]) : 1);
            clock_t start = clock();
            n = 0;
            tokenizer_encode(t, s.s, s.len, 1, &ids, &n, &cap);
            double took = (double)(clock() - start) / CLOCKS_PER_SEC;
            check(took < 60, "variant %d line %d took %.0f s", variant[v], i, took);
            text_clear(&back);
            tokenizer_decode(t, ids, n, 1, &back);
            int exact = i < EXACT || i == UNITS;
            check(n > 0 && (!exact || (back.len == s.len && !memcmp(back.s, s.s, s.len))),
                  "variant %d line %d", variant[v], i);
        }
        tokenizer_free(t);
    }
    json_decref(all);
    text_reset(&s);
    text_reset(&back);
    mem_free(ids);
}

/* For tests/peers/tokenizer_corpus.py: strings from stdin, each behind its length; ids, text with
   and without special tokens to stdout, each behind its count. */
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
            size_t got =
                fread(part, 1, len - s.len < sizeof part ? len - s.len : sizeof part, stdin);
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
    taken();
    bad_added();
    bad_shapes();
    test_begin(&argc, &argv);
    variants();
    old_merges();
    unasked();
    taken_space();
    long_lines();
    any_bytes();
    text_t file = {0};
    text_addf(&file, "%s/tokenizer.json", dir);
    remove(file.s);
    remove(dir);
    text_reset(&file);
    return test_end();
}
