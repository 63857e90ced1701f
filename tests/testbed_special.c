// {bos}, {eos} and {start} of templates are the model's own tokens in each spelling that directories
// have, and the template plain begins as the model's tokenizer begins every text.
// RUN: np=1
#include "put.h"
#include "test.h"
#include "testbed.h"
#include <jansson.h>
#include <sys/stat.h>

static char dir[512];

/* Tokens from id 256 on; NULL: no such file, or the post_processor as init makes it. */
typedef struct {
    const char *tokenizer, *map, *config, *post, *overrides, *head;
} case_t;

static void make(const case_t *c)
{
    static const char *const special[] = {"<b>", "<e>", "<|start_header_id|>", "<|end_header_id|>",
                                          "<|eot_id|>"};
    text_t path = {0};
    mkdir(dir, 0777);
    text_addf(&path, "%s/tokenizer.json", dir);
    tokenizer_train(path.s, "", 0, 261, special, 5);
    if (c->post) {
        json_t *root = json_load_file(path.s, 0, NULL);
        json_object_set_new(root, "post_processor", json_loads(c->post, 0, NULL));
        ASSERT(!json_dump_file(root, path.s, 0));
        json_decref(root);
    }
    put(dir, "tokenizer_config.json", c->tokenizer);
    put(dir, "special_tokens_map.json", c->map);
    put(dir, "config.json", c->config);
    text_reset(&path);
}

static template_t *open_case(const case_t *c)
{
    char words[256], *word[4];
    int n = 0;
    make(c);
    snprintf(words, sizeof words, "%s", c->overrides);
    for (char *w = strtok(words, "|"); w; w = strtok(NULL, "|"))
        word[n++] = w;
    deck_t *d = deck_parse("test", "", n, word);
    tokenizer_t *t = tokenizer_open(dir);
    template_t *template = template_open(d, dir, t);
    tokenizer_free(t);
    deck_free(d);
    return template;
}

#define LLAMA "prompt.template=llama3"
#define PLAIN "prompt.template=plain"
#define EOS   "{\"eos_token\": \"<e>\"}"
#define USER  "<|start_header_id|>user<|end_header_id|>\n\n"
#define TEMPLATE(before)                                                                           \
    "{\"type\": \"TemplateProcessing\", \"single\": [" before                                      \
    "{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}], \"pair\": [], \"special_tokens\": {\"b\": " \
    "{\"id\": \"b\", \"ids\": [256], \"tokens\": [\"<b>\"]}}}"
#define B "{\"SpecialToken\": {\"id\": \"b\", \"type_id\": 0}}, "
#define LEVEL \
    "{\"type\": \"ByteLevel\", \"add_prefix_space\": true, \"trim_offsets\": false, \"use_regex\": true}"

static const case_t good[] = {
    {"{\"bos_token\": \"<b>\"}", NULL, NULL, NULL, LLAMA, "<b>" USER},
    {"{\"bos_token\": {\"__type\": \"AddedToken\", \"content\": \"<b>\"}}", NULL, NULL, NULL, LLAMA,
     "<b>" USER},
    {"{}", "{\"bos_token\": \"<b>\"}", NULL, NULL, LLAMA, "<b>" USER},
    {NULL, "{\"bos_token\": {\"content\": \"<b>\"}}", NULL, NULL, LLAMA, "<b>" USER},
    {"{}", NULL, "{\"bos_token_id\": 256}", NULL, LLAMA, "<b>" USER},
    {NULL, NULL, "{\"bos_token_id\": 256}", NULL, LLAMA, "<b>" USER},
    {"{\"bos_token\": \"<e>\"}", NULL, "{\"bos_token_id\": 256}", NULL, LLAMA, "<e>" USER},
    {EOS, NULL, NULL, NULL, PLAIN, "Question:\n"},
    {EOS, NULL, NULL, LEVEL, PLAIN, "Question:\n"},
    {EOS, NULL, NULL, TEMPLATE(""), PLAIN, "Question:\n"},
    {EOS, NULL, NULL, TEMPLATE(B), PLAIN, "<b>Question:\n"},
    {EOS, NULL, NULL, TEMPLATE(B B), PLAIN, "<b><b>Question:\n"},
    {EOS, NULL, NULL, "{\"type\": \"Sequence\", \"processors\": [" LEVEL ", " TEMPLATE(B) "]}",
     PLAIN, "<b>Question:\n"},
    {"{\"bos_token\": \"<b>\", \"eos_token\": \"<e>\", \"add_bos_token\": true}", NULL, NULL, LEVEL,
     PLAIN, "Question:\n"},
    {NULL, NULL, "{\"eos_token_id\": [257, 256]}", NULL, PLAIN, "Question:\n"},
    {"{\"bos_token\": \"<b>\"}", NULL, NULL, "{\"type\": \"Fancy\"}", LLAMA, "<b>" USER},
    {"{\"bos_token\": \"<b>\"}", NULL, NULL, TEMPLATE(B), LLAMA "|prompt.system={start}x",
     "<b><|start_header_id|>system<|end_header_id|>\n\n<b>x<|eot_id|>" USER},
};

/* head: what the refusal says. */
static const case_t bad[] = {
    {"{\"bos_token\": null}", NULL, "{\"bos_token_id\": 256}", NULL, LLAMA,
     "field bos_token: a token's text was expected, since template llama3 has {bos}"},
    {"{\"bos_token\": \"<b>\"}", "{\"bos_token\": null}", NULL, NULL, LLAMA, "field bos_token"},
    {NULL, NULL, NULL, NULL, LLAMA, "field bos_token"},
    {"{}", NULL, "{\"bos_token_id\": 4000}", NULL, LLAMA, "field bos_token"},
    {"{\"bos_token\": 7}", NULL, NULL, NULL, LLAMA, "tokenizer_config.json: field bos_token"},
    {NULL, "{\"eos_token\": []}", NULL, NULL, PLAIN, "special_tokens_map.json: field eos_token"},
    {"{\"bos_token\": \"<s>\"}", NULL, NULL, NULL, LLAMA, "no special token <s>"},
    {"{}", NULL, "{\"bos_token_id\": 65}", NULL, LLAMA, "no special token b"},
    {EOS, NULL, NULL, "{\"type\": \"Fancy\"}", PLAIN,
     "post_processor.type: Fancy is not supported"},
};

static void refused(void *c)
{
    template_free(open_case(c));
}

int main(int argc, char **argv)
{
    snprintf(dir, sizeof dir, "%s/model", getenv("TEST_TMP") ? getenv("TEST_TMP") : "/tmp");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        test_fails(CODE_DATA, refused, (void *)(uintptr_t)&bad[i], bad[i].head);
    test_begin(&argc, &argv);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        template_t *t = open_case(&good[i]);
        check(!strcmp(t->head, good[i].head), "case %zu: '%s', not '%s'", i, t->head, good[i].head);
        template_free(t);
    }
    template_t *t = template_named("plain");
    check(!strcmp(t->head, "{start}Question:\n"), "%s", t->head);
    template_free(t);
    return test_end();
}
