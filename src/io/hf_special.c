/* The tokens that begin and end a text, as a model directory names them.

   As in transformers: bos_token and eos_token of tokenizer_config.json, a text or an
   object with the text in its field `content`; what special_tokens_map.json says of
   either replaces that, unless tokenizer_config.json lists its tokens itself in
   added_tokens_decoder.  A null that stands says that there is none, as with Qwen's.
   Where none of these files has the field at all, bos_token_id and eos_token_id of
   config.json count (of a list the first): a number, whose text the tokenizer knows.
   local */
#include "field.h"
#include "io/hf.h"
#include <string.h>

static char *token_text(const field_t *f, const char *key)
{
    const json_t *v = field_get(f, key);
    const char *s = json_string_value(json_is_object(v) ? json_object_get(v, "content") : v);
    if (v && !s)
        field_bad(f, key, "a token's text, or an object with one as `content`, was expected");
    return s && *s ? mem_text(s) : NULL;
}

enum { BOS, EOS, BOTH };
static const char *const names[BOTH] = {"bos_token", "eos_token"};
static const char *const numbers[BOTH] = {"bos_token_id", "eos_token_id"};

typedef struct {
    char *text[BOTH];
    int said[BOTH], listed; /* the field stands somewhere; so does added_tokens_decoder */
} special_t;

static void read_texts(const char *dir, const char *file, special_t *s)
{
    text_t path = {0};
    if (!text_in_dir(dir, file))
        return;
    text_addf(&path, "%s/%s", dir, file);
    field_t root = field_file(path.s);
    for (int k = 0; k < BOTH; k++) {
        if (!json_object_get(root.o, names[k]))
            continue;
        mem_free(s->text[k]);
        s->text[k] = token_text(&root, names[k]);
        s->said[k] = 1;
    }
    s->listed |= json_object_get(root.o, "added_tokens_decoder") != NULL;
    field_close(root);
    text_reset(&path);
}

static void read_numbers(const char *dir, const special_t *s, int32_t *id[BOTH])
{
    text_t path = {0};
    if (!text_in_dir(dir, "config.json"))
        return;
    text_addf(&path, "%s/config.json", dir);
    field_t root = field_file(path.s);
    for (int k = 0; k < BOTH; k++) {
        const json_t *v = field_get(&root, numbers[k]);
        v = json_is_array(v) ? json_array_get(v, 0) : v;
        if (!s->said[k] && json_is_integer(v) && json_integer_value(v) >= 0 &&
            json_integer_value(v) < 1 << 24)
            *id[k] = (int32_t)json_integer_value(v);
    }
    field_close(root);
    text_reset(&path);
}

void hf_special_read(const char *dir, hf_chat_t *c)
{
    special_t s = {0};
    c->bos_id = c->eos_id = -1;
    read_texts(dir, "tokenizer_config.json", &s);
    if (!s.listed)
        read_texts(dir, "special_tokens_map.json", &s);
    read_numbers(dir, &s, (int32_t *[BOTH]){&c->bos_id, &c->eos_id});
    c->bos = s.text[BOS], c->eos = s.text[EOS];
}
