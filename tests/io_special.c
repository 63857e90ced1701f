// What stands around a text is what transformers puts there, and the tokens that begin and end one are
// those that it reads from a directory (tests/data/special.json), each in every spelling.
// RUN: np=1
#include "io.h"
#include "test.h"
#include <jansson.h>
#include <sys/stat.h>

static char dir[512];

static json_t *data(const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "%s/tests/data/%s", getenv("TOP") ? getenv("TOP") : ".", name);
    json_t *o = json_load_file(path, 0, NULL);
    ASSERT(o);
    return o;
}

/* NULL or null: no such file. */
static void put(const char *name, const json_t *o)
{
    text_t path = {0};
    text_addf(&path, "%s/%s", dir, name);
    unlink(path.s);
    ASSERT(!o || json_is_null(o) || !json_dump_file(o, path.s, 0));
    text_reset(&path);
}

/* dir anew: tests/data/tokenizer_base with these added tokens and this post_processor. */
static void make(json_t *added, json_t *post)
{
    json_t *root = data("tokenizer_base/tokenizer.json"), *list = json_array(), *token;
    size_t i, first = json_object_size(json_object_get(json_object_get(root, "model"), "vocab"));
    json_array_foreach (added, i, token)
        json_array_append_new(list, json_pack("{si sO sb sb}", "id", (int)(first + i), "content",
                                              token, "special", 1, "normalized", 0));
    json_object_set_new(root, "added_tokens", list);
    json_object_set(root, "post_processor", post);
    put("tokenizer.json", root);
    put("tokenizer_config.json", NULL);
    put("special_tokens_map.json", NULL);
    put("config.json", NULL);
    json_decref(root);
}

static void same_ids(const char *what, const tokenizer_t *t, const char *text, const json_t *want)
{
    const int32_t *before;
    int32_t *id = NULL;
    int n = 0, cap = 0, twice = tokenizer_before(t, &before), behind = 0;
    text_t begin = {0};
    tokenizer_before_text(t, &begin);
    if (!begin.len || strncmp(text, begin.s, begin.len))
        twice = 0; /* we write what the text has already once, transformers again */
    if (strstr(what, "behind") || strstr(what, "sep"))
        behind = 1; /* and what comes after a text never */
    tokenizer_encode_whole(t, text, strlen(text), &id, &n, &cap);
    check(n == (int)json_array_size(want) - twice - behind, "%s: '%s': %d ids", what, text, n);
    for (int i = 0; i < n; i++)
        check(id[i] == json_integer_value(json_array_get(want, (size_t)(i + twice))),
              "%s: '%s': id %d is %d", what, text, i, id[i]);
    text_reset(&begin);
    mem_free(id);
}

static void same_text(const char *what, const char *got, const json_t *want)
{
    const char *s = json_string_value(want);
    check(!got == !s && (!s || !strcmp(got, s)), "%s: '%s', not '%s'", what, got ? got : "none",
          s ? s : "none");
}

static void against_transformers(void)
{
    json_t *all = data("special.json"), *c, *text;
    size_t i, k;
    json_array_foreach (json_object_get(all, "cases"), i, c) {
        const char *what = json_string_value(json_object_get(c, "name"));
        hf_chat_t chat;
        make(json_object_get(c, "added"), json_object_get(c, "post_processor"));
        put("tokenizer_config.json", json_object_get(c, "tokenizer_config.json"));
        put("special_tokens_map.json", json_object_get(c, "special_tokens_map.json"));
        tokenizer_t *t = tokenizer_open(dir);
        json_array_foreach (json_object_get(c, "texts"), k, text)
            same_ids(what, t, json_string_value(text),
                     json_array_get(json_object_get(c, "ids"), k));
        hf_chat_read(dir, &chat);
        same_text(what, chat.bos, json_object_get(c, "bos"));
        same_text(what, chat.eos, json_object_get(c, "eos"));
        check(chat.bos_id == -1 && chat.eos_id == -1, "%s", what);
        hf_chat_reset(&chat);
        tokenizer_free(t);
    }
    check(i == 16, "%zu cases", i);
    json_decref(all);
}

/* config.json's numbers count where no other file has the field, not even a null. */
static void numbers(void)
{
    static const struct {
        const char *tokenizer, *config;
        int bos, eos;
    } cases[] = {
        {"{}", "{\"bos_token_id\": 900, \"eos_token_id\": [901, 902]}", 900, 901},
        {"{\"bos_token\": null}", "{\"bos_token_id\": 900, \"eos_token_id\": 901}", -1, 901},
        {"{\"eos_token\": \"<e>\"}", "{\"bos_token_id\": null, \"eos_token_id\": 901}", -1, -1},
        {NULL, "{\"bos_token_id\": 0, \"eos_token_id\": null}", 0, -1},
        {"{}", NULL, -1, -1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *a = cases[i].tokenizer ? json_loads(cases[i].tokenizer, 0, NULL) : NULL;
        json_t *b = cases[i].config ? json_loads(cases[i].config, 0, NULL) : NULL;
        hf_chat_t chat;
        put("tokenizer_config.json", a);
        put("special_tokens_map.json", NULL);
        put("config.json", b);
        hf_chat_read(dir, &chat);
        check(chat.bos_id == cases[i].bos && chat.eos_id == cases[i].eos, "case %zu: %d and %d", i,
              chat.bos_id, chat.eos_id);
        hf_chat_reset(&chat);
        json_decref(a);
        json_decref(b);
    }
}

/* A post_processor that is not known does not keep a tokenizer from its other work. */
#define A "{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}"
#define B "{\"SpecialToken\": {\"id\": \"<b>\", \"type_id\": 0}}"
#define T(single, ids)                                                            \
    "{\"type\": \"TemplateProcessing\", \"single\": [" single "], \"pair\": [], " \
    "\"special_tokens\": {\"<b>\": {\"id\": \"<b>\", \"ids\": [" ids "], \"tokens\": [\"<b>\"]}}}"
static const struct {
    const char *post, *part;
} unknown[] = {
    {"{\"type\": \"Fancy\"}", "post_processor.type: Fancy is not supported"},
    {"{\"type\": 7}", "post_processor.type"},
    {"[]", "post_processor"},
    {T(B, "900"), "the text, A, was expected once"},
    {T(A "," B "," A, "900"), "the text, A, was expected once"},
    {T("{\"Sequence\": {\"id\": \"B\", \"type_id\": 0}}", "900"), "the text, A, was expected once"},
    {T(B "," A, "901"), "post_processor.special_tokens.<b>.ids: the number of a token"},
    {T(B "," A, "\"900\""), "the number of a token of this file was expected"},
    {T("{\"SpecialToken\": {\"id\": \"<c>\", \"type_id\": 0}}," A, "900"), "<c>"},
    {"{\"type\": \"BertProcessing\", \"sep\": [\"<b>\"], \"cls\": [\"<b>\", 900]}", "sep"},
    {"{\"type\": \"Sequence\", \"processors\": [" T(B "," A, "900") ", " T(B "," A, "900") "]}",
     "TemplateProcessing after another one"},
};

static void ask(void *post)
{
    int32_t *id = NULL;
    int n = 0, cap = 0;
    json_t *added = json_pack("[s]", "<b>"), *p = json_loads(post, 0, NULL);
    make(added, p);
    tokenizer_t *t = tokenizer_open(dir);
    tokenizer_encode(t, "the <b>", 7, 1, &id, &n, &cap);
    ASSERT(n == 3 && id[2] == 900);
    tokenizer_encode_whole(t, "the", 3, &id, &n, &cap);
}

/* What a template is to write must be read back as the same token. */
static void unwritable(void *post)
{
    text_t text = {0};
    make(NULL, json_loads(post, 0, NULL));
    tokenizer_before_text(tokenizer_open(dir), &text);
}

int main(int argc, char **argv)
{
    snprintf(dir, sizeof dir, "%s/model", getenv("TEST_TMP") ? getenv("TEST_TMP") : "/tmp");
    mkdir(dir, 0777);
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
        test_fails(CODE_DATA, ask, (void *)(uintptr_t)unknown[i].post, unknown[i].part);
    test_fails(CODE_DATA, unwritable, T(B "," A, "67, 68"), "is no special token");
    test_begin(&argc, &argv);
    against_transformers();
    numbers();
    return test_end();
}
