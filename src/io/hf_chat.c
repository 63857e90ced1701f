/* What a model directory says about chats: its chat template's text, the tokens that begin
   and end a text, and the ids that end an answer.

   chat template   chat_template.jinja, or chat_template of tokenizer_config.json: a text,
                   or a list of named ones of which `default` counts.  Nothing is made of
                   it here; testbed/template.c looks for words in it.
   bos, eos        hf_special.c
   ids             eos_token_id of generation_config.json, one or a list; where that file
                   or field is absent, that of config.json.

   question        aletheia_question of config.json: which question of input/questions.conf
                   the model wants to be asked, brief or full.  `aletheia init` writes it.

   Absent files and fields are no error: a directory may say nothing.  A field of the
   wrong kind is one, by file and field.  local */
#include "field.h"
#include "io/hf.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The path of a file of the directory; 0: it is not there. */
static int there(const char *dir, const char *name, text_t *path)
{
    text_clear(path);
    text_addf(path, "%s/%s", dir, name);
    return access(path->s, F_OK) == 0;
}

static char *template_text(const field_t *f)
{
    const json_t *v = field_get(f, "chat_template"), *item;
    size_t i;
    const char *s = json_string_value(v);
    if (v && !s && !json_is_array(v))
        field_bad(f, "chat_template", "a text or a list of named texts was expected");
    json_array_foreach (v, i, item) {
        field_t in = field_item(f, "chat_template", i, item);
        if (!strcmp(field_text(&in, "name"), "default"))
            s = field_text(&in, "template");
    }
    return s ? mem_text(s) : NULL;
}

static void read_tokenizer_config(const char *path, hf_chat_t *c)
{
    field_t root = field_file(path);
    c->template = template_text(&root);
    c->add_bos = !json_is_false(json_object_get(root.o, "add_bos_token"));
    c->tokenizer_class = field_text_or(&root, "tokenizer_class", NULL)
                             ? mem_text(field_text(&root, "tokenizer_class"))
                             : NULL;
    field_close(root);
}

static void read_jinja(const char *path, hf_chat_t *c)
{
    text_t text = {0};
    int bad = text_read_file(&text, path);
    if (bad)
        fail(CODE_DATA, "%s: cannot be read: %s", path, strerror(bad));
    mem_free(c->template);
    c->template = mem_text(text.s);
    text_reset(&text);
}

static void add_end(const field_t *f, const json_t *v, hf_chat_t *c, int *cap)
{
    if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) >= 1 << 24)
        field_bad(f, "eos_token_id", "a token's number, 0 or more, or a list of them was expected");
    PUSH(c->end, c->n_end, *cap, (int32_t)json_integer_value(v));
}

/* 0: the file does not say. */
static int read_ends(const char *path, hf_chat_t *c)
{
    field_t root = field_file(path);
    const json_t *v = field_get(&root, "eos_token_id"), *item;
    size_t i;
    int cap = 0, said = v != NULL;
    if (json_is_array(v) && !json_array_size(v))
        field_bad(&root, "eos_token_id", "the list is empty; one number at least was expected");
    json_array_foreach (v, i, item)
        add_end(&root, item, c, &cap);
    if (v && !json_is_array(v))
        add_end(&root, v, c, &cap);
    if (said)
        c->end_from = mem_text(path);
    field_close(root);
    return said;
}

static void read_question(const char *path, hf_chat_t *c)
{
    static const char key[] = "aletheia_question";
    field_t root = field_file(path);
    const char *s = field_text_or(&root, key, NULL);
    if (s && strcmp(s, "brief") && strcmp(s, "full"))
        field_bad(&root, key, "\"%.40s\"; brief or full was expected", s);
    c->question = s ? mem_text(s) : NULL;
    field_close(root);
}

void hf_question_write(const char *dir, const char *question)
{
    text_t path = {0}, body = {0};
    text_addf(&path, "%s/config.json", dir);
    int bad = text_read_file(&body, path.s);
    if (bad)
        fail(CODE_DATA, "%s: cannot be read: %s", path.s, strerror(bad));
    while (body.len && strchr("}\n ", body.s[body.len - 1]))
        body.s[--body.len] = 0;
    text_addf(&body, ",\n  \"aletheia_question\": \"%s\"\n}\n", question);
    bad = text_write_file(path.s, body.s, body.len);
    if (bad)
        fail(CODE_FIT, "%s: cannot be written: %s", path.s, strerror(bad));
    text_reset(&path), text_reset(&body);
}

void hf_chat_read(const char *dir, hf_chat_t *c)
{
    text_t path = {0};
    *c = (hf_chat_t){.add_bos = 1};
    if (there(dir, "tokenizer_config.json", &path))
        read_tokenizer_config(path.s, c);
    if (there(dir, "chat_template.jinja", &path))
        read_jinja(path.s, c);
    hf_special_read(dir, c);
    if (!there(dir, "generation_config.json", &path) || !read_ends(path.s, c))
        if (there(dir, "config.json", &path))
            read_ends(path.s, c);
    if (there(dir, "config.json", &path))
        read_question(path.s, c);
    text_reset(&path);
}

void hf_chat_reset(hf_chat_t *c)
{
    mem_free(c->template), mem_free(c->tokenizer_class);
    mem_free(c->bos), mem_free(c->eos);
    mem_free(c->end), mem_free(c->end_from);
    mem_free(c->question);
    *c = (hf_chat_t){0};
}
