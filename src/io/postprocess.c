/* What a tokenizer's own software puts around a text before a model sees it: the
   post_processor of tokenizer.json.

   Read: TemplateProcessing (its `single`: special tokens, the text, special tokens),
   BertProcessing and RobertaProcessing (cls, the text, sep), ByteLevel (which moves
   offsets only), and one of these in a Sequence.  Llama 3 has <|begin_of_text|> before
   every text in this way; Qwen's and SmolLM2's put nothing.  tokenizer_config.json has a
   say in none of it: transformers from version 5 on leaves add_bos_token aside where
   there is a tokenizer.json.  Version 4 obeyed it in the classes of Llama, true being
   the default there, so for their directories the two versions may differ; the newer
   one is followed and late_bos says so.

   A post_processor of another kind changes nothing about the ids of the text, so a
   tokenizer that has one loads; it is refused where somebody asks what stands before a
   text.  What would come after a text is known and never written: whoever asks goes on
   with the text.  local */
#include "field.h"
#include "tokenizer.h"
#include <string.h>

typedef struct {
    tokenizer_t *t;
    const field_t *root;
    int found;
} reading_t;

static void put_id(reading_t *r, const field_t *f, const char *key, const json_t *v, int behind)
{
    tokenizer_t *t = r->t;
    int64_t id = json_is_integer(v) ? json_integer_value(v) : -1;
    if (id < 0 || id >= t->size || t->spell[id].len < 0)
        field_bad(f, key, "the number of a token of this file was expected");
    if (behind)
        PUSH(t->after, t->n_after, t->cap_after, (int32_t)id);
    else
        PUSH(t->before, t->n_before, t->cap_before, (int32_t)id);
}

/* The ids of a special token that stands in `single`. */
static void put_special(reading_t *r, const field_t *f, const char *name, int behind)
{
    field_t all = field_object(f, "special_tokens"), one = field_object(&all, name);
    const json_t *ids = field_array(&one, "ids"), *id;
    size_t i;
    json_array_foreach (ids, i, id)
        put_id(r, &one, "ids", id, behind);
}

static void read_template(reading_t *r, const field_t *f)
{
    const json_t *single = field_array(f, "single"), *item;
    int text = 0;
    size_t i;
    json_array_foreach (single, i, item) {
        field_t piece = field_item(f, "single", i, item);
        int sequence = field_get(&piece, "Sequence") != NULL;
        field_t in = field_object(&piece, sequence ? "Sequence" : "SpecialToken");
        if (!sequence)
            put_special(r, f, field_text(&in, "id"), text);
        else if (text++ || strcmp(field_text(&in, "id"), "A"))
            field_bad(f, "single", "the text, A, was expected once");
    }
    if (!text)
        field_bad(f, "single", "the text, A, was expected once");
}

/* ["<s>", 0]: the second is the number. */
static void read_cls_sep(reading_t *r, const field_t *f)
{
    put_id(r, f, "cls", json_array_get(field_array(f, "cls"), 1), 0);
    put_id(r, f, "sep", json_array_get(field_array(f, "sep"), 1), 1);
}

static void read_one(reading_t *r, const field_t *f)
{
    const char *type = field_text(f, "type");
    const json_t *item;
    size_t i;
    if (!strcmp(type, "Sequence")) {
        json_array_foreach (field_array(f, "processors"), i, item) {
            field_t in = field_item(f, "processors", i, item);
            read_one(r, &in);
        }
        return;
    }
    if (!strcmp(type, "ByteLevel"))
        return;
    if (r->found++)
        field_bad(f, "type", "%s after another one that adds tokens is not supported", type);
    if (!strcmp(type, "TemplateProcessing"))
        read_template(r, f);
    else if (!strcmp(type, "BertProcessing") || !strcmp(type, "RobertaProcessing"))
        read_cls_sep(r, f);
    else
        field_bad(f, "type",
                  "%s is not supported; known are TemplateProcessing, BertProcessing, "
                  "RobertaProcessing, ByteLevel and Sequence",
                  type);
}

static void read_all(void *ctx)
{
    reading_t *r = ctx;
    if (!field_get(r->root, "post_processor"))
        return;
    field_t f = field_object(r->root, "post_processor");
    read_one(r, &f);
}

void tokenizer_post(tokenizer_t *t, const field_t *root)
{
    reading_t r = {.t = t, .root = root};
    text_t why = {0};
    if (field_try(read_all, &r, &why))
        t->post_bad = mem_text(why.s);
    text_reset(&why);
}

int tokenizer_before(const tokenizer_t *t, const int32_t **id)
{
    if (t->post_bad)
        fail(CODE_DATA, "%s; what stands before every text is therefore not known", t->post_bad);
    *id = t->before;
    return t->n_before;
}

void tokenizer_before_text(const tokenizer_t *t, text_t *out)
{
    const int32_t *id;
    int32_t *again = NULL;
    int n = tokenizer_before(t, &id), m = 0, cap = 0;
    size_t from = out->len;
    tokenizer_decode(t, id, n, 1, out);
    tokenizer_encode(t, out->s + from, out->len - from, 1, &again, &m, &cap);
    if (m != n || (n && memcmp(id, again, (size_t)n * sizeof *id)))
        fail(CODE_DATA,
             "tokenizer.json: field post_processor: what it puts before every text, `%s`, is no "
             "special token, so a template cannot write it",
             out->s + from);
    mem_free(again);
}

void tokenizer_encode_whole(const tokenizer_t *t, const char *text, size_t len, int32_t **ids,
                            int *n, int *cap)
{
    const int32_t *id;
    int before = tokenizer_before(t, &id), first = *n;
    tokenizer_encode(t, text, len, 1, ids, n, cap);
    int there = *n - first >= before;
    if (before && there && !memcmp(*ids + first, id, (size_t)before * sizeof *id))
        return;
    for (int i = 0; i < before; i++)
        PUSH(*ids, *n, *cap, id[i]);
    if (before) {
        memmove(*ids + first + before, *ids + first, (size_t)(*n - first - before) * sizeof *id);
        memcpy(*ids + first, id, (size_t)before * sizeof *id);
    }
}

int tokenizer_specials(const tokenizer_t *t)
{
    int n = 0;
    for (int i = 0; i < t->n_added; i++)
        n += t->added[i].special;
    return n;
}

void tokenizer_late_bos(const tokenizer_t *t, const hf_chat_t *chat, const char *dir)
{
    const char *class = chat->tokenizer_class ? chat->tokenizer_class : "";
    if (strcmp(class, "LlamaTokenizer") && strcmp(class, "LlamaTokenizerFast"))
        return;
    int has = t->n_before > 0;
    if (t->post_bad || !chat->bos || has == chat->add_bos)
        return;
    log_warn(
        "%s: transformers 4 %s %s before a text (add_bos_token of tokenizer_config.json), 5 %s "
        "(post_processor of tokenizer.json), and so it is done here%s",
        dir, has ? "puts no" : "puts", chat->bos, has ? "does" : "does not",
        has ? "" : "; write it at the beginning of the text to have it there");
}
