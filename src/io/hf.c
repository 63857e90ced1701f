/* Hugging Face model directories: config.json, tokenizer.json, model.safetensors.

   Reading is exact: every tensor of the model must be there once, with the model's
   shape, and nothing else, so that no weight is silently left at zero or ignored.  One
   exception: a model whose head shares the embedding may store lm_head.weight too, if
   it has the same values.  Large models come in several files with
   model.safetensors.index.json; the index says which files, each file says what it
   holds.  One tensor is in memory as float32 at a time, besides the model.

   Writing gives a directory that `transformers` loads: config, tokenizer files copied
   as they are, generation_config.json (the source's, or made from its eos_token),
   weights last, each file aside and renamed.  local */
#include "field.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    safetensors_t **file;
    char **name;
    int n, cap, cap_name;
} shards_t;

static void shard_add(shards_t *s, const char *dir, const char *name)
{
    text_t path = {0};
    for (int i = 0; i < s->n; i++)
        if (!strcmp(s->name[i], name))
            return;
    text_addf(&path, "%s/%s", dir, name);
    int n = s->n;
    PUSH(s->name, n, s->cap_name, mem_text(name));
    PUSH(s->file, s->n, s->cap, safetensors_open(path.s));
    text_reset(&path);
}

static void shards_open(shards_t *s, const char *dir)
{
    text_t path = {0};
    text_addf(&path, "%s/model.safetensors.index.json", dir);
    if (access(path.s, F_OK)) {
        shard_add(s, dir, "model.safetensors");
    } else {
        const char *name;
        json_t *file;
        field_t root = field_file(path.s), map = field_object(&root, "weight_map");
        if (!json_object_size(map.o))
            field_bad(&root, "weight_map", "at least one tensor was expected");
        json_object_foreach((json_t *)map.o, name, file)
        {
            const char *where = field_text(&map, name);
            if (strchr(where, '/') || !*where)
                field_bad(&map, name,
                          "'%s': the name of a file in the same directory was expected",
                          where);
            shard_add(s, dir, where);
        }
        field_close(root);
    }
    text_reset(&path);
}

static void shards_close(shards_t *s)
{
    for (int i = 0; i < s->n; i++) {
        safetensors_close(s->file[i]);
        mem_free(s->name[i]);
    }
    mem_free(s->file);
    mem_free(s->name);
}

/* Where the tensor is: its file and, in *at, its index there; -1: nowhere. */
static int shards_find(const shards_t *s, const char *dir, const char *name, int *at)
{
    int found = -1;
    for (int i = 0; i < s->n; i++) {
        int k = safetensors_find(s->file[i], name);
        if (k < 0)
            continue;
        if (found >= 0)
            fail(CODE_DATA, "%s: tensor %s is in both %s and %s", dir, name,
                 s->name[found], s->name[i]);
        found = i;
        *at = k;
    }
    return found;
}

static safetensors_item_t item_of(const param_t *p)
{
    if (p->rows == 1)
        return (safetensors_item_t){p->name, {p->cols}, 1};
    return (safetensors_item_t){p->name, {p->rows, p->cols}, 2};
}

/* Tensors that are not the model's. */
static void refuse_strangers(const shards_t *s, const char *dir, const model_t *m)
{
    const model_config_t *c = model_config(m);
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < safetensors_count(s->file[i]); k++) {
            const char *name = safetensors_name(s->file[i], k);
            if (params_find(model_params(m), name))
                continue;
            if (!c->tied || strcmp(name, "lm_head.weight"))
                fail(CODE_DATA,
                     "%s/%s: tensor %s is not part of the %s that config.json describes",
                     dir, s->name[i], name, c->arch);
            int64_t dim[2] = {c->vocab, c->width}, n = dim[0] * dim[1];
            float *head = ALLOC(float, n), *embed = ALLOC(float, n);
            safetensors_get(s->file[i], k, head, dim, 2);
            model_get(m, "model.embed_tokens.weight", embed);
            if (memcmp(head, embed, (size_t)n * sizeof *head))
                fail(CODE_DATA,
                     "%s/%s: tensor lm_head.weight differs from "
                     "model.embed_tokens.weight, but config.json has "
                     "tie_word_embeddings true",
                     dir, s->name[i]);
            mem_free(head);
            mem_free(embed);
        }
}

void hf_weights_read(const char *dir, model_t *m)
{
    shards_t s = {0};
    const params_t *all = model_params(m);
    shards_open(&s, dir);
    for (int i = 0; i < all->n; i++) {
        const param_t *p = &all->tensor[i];
        safetensors_item_t item = item_of(p);
        int at = 0, where = shards_find(&s, dir, p->name, &at);
        if (where < 0)
            fail(CODE_DATA,
                 "%s/%s: tensor %s is missing; shape [%lld%s%.0lld] was expected", dir,
                 s.name[0], p->name, (long long)item.dim[0], item.dims > 1 ? ", " : "",
                 (long long)item.dim[1]);
        float *x = ALLOC(float, p->rows * p->cols);
        safetensors_get(s.file[where], at, x, item.dim, item.dims);
        model_put(m, p->name, x);
        mem_free(x);
    }
    refuse_strangers(&s, dir, m);
    shards_close(&s);
    model_commit(m);
}

model_t *hf_open(const char *dir, const ops_t *ops)
{
    model_config_t c;
    hf_config_read(dir, &c);
    model_t *m = model_new(&c, ops);
    hf_weights_read(dir, m);
    return m;
}

static void put_text(const char *dir, const char *name, const char *s, size_t n)
{
    text_t path = {0};
    text_addf(&path, "%s/%s", dir, name);
    int bad = text_write_file(path.s, s, n);
    if (bad)
        fail(CODE_FIT, "%s: cannot be written: %s", path.s, strerror(bad));
    text_reset(&path);
}

/* 0 if the source has no such file. */
static int copy_file(const char *dir, const char *from, const char *name)
{
    text_t path = {0}, body = {0};
    text_addf(&path, "%s/%s", from, name);
    int bad = text_read_file(&body, path.s);
    if (bad && bad != ENOENT)
        fail(CODE_DATA, "%s: cannot be read: %s", path.s, strerror(bad));
    if (!bad)
        put_text(dir, name, body.s, body.len);
    text_reset(&path);
    text_reset(&body);
    return !bad;
}

/* The id of the directory's eos_token; -1: it names none. */
static int eos_of(const char *dir)
{
    text_t path = {0};
    int id = -1;
    text_addf(&path, "%s/tokenizer_config.json", dir);
    if (!access(path.s, F_OK)) {
        field_t root = field_file(path.s);
        const json_t *eos = field_get(&root, "eos_token");
        const char *content = json_string_value(
            json_is_object(eos) ? json_object_get(eos, "content") : eos);
        tokenizer_t *t = content ? tokenizer_open(dir) : NULL;
        id = t ? tokenizer_special(t, content) : -1;
        tokenizer_free(t);
        field_close(root);
    }
    text_reset(&path);
    return id;
}

static void copy_tokenizer(const char *dir, const char *from)
{
    static const char *const files[] = {"tokenizer.json",
                                        "tokenizer_config.json",
                                        "special_tokens_map.json",
                                        "added_tokens.json",
                                        "vocab.json",
                                        "merges.txt",
                                        "chat_template.jinja",
                                        "generation_config.json"};
    char *a = realpath(dir, NULL), *b = realpath(from, NULL);
    if (!a || !b || strcmp(a, b))
        for (size_t i = 0; i < sizeof files / sizeof *files; i++)
            if (!copy_file(dir, from, files[i]) && i == 0)
                fail(CODE_DATA,
                     "%s/tokenizer.json: cannot be read: the model directory needs its "
                     "tokenizer",
                     from);
    free(a);
    free(b);
}

static void write_config(const char *dir, const model_config_t *c, dtype_t t, int eos)
{
    text_t text = {0};
    hf_config_text(c, &text);
    while (text.len && strchr("}\n", text.s[text.len - 1]))
        text.s[--text.len] = 0;
    if (eos >= 0)
        text_addf(&text, ",\n  \"eos_token_id\": %d", eos);
    text_addf(&text, ",\n  \"torch_dtype\": \"%s\"\n}\n",
              t == BF16 ? "bfloat16" : "float32");
    put_text(dir, "config.json", text.s, text.len);
    text_clear(&text);
    text_addf(&text, "%s/generation_config.json", dir);
    if (eos >= 0 && access(text.s, F_OK)) {
        text_clear(&text);
        text_addf(&text, "{\n  \"eos_token_id\": %d\n}\n", eos);
        put_text(dir, "generation_config.json", text.s, text.len);
    }
    text_reset(&text);
}

void hf_write(const char *dir, const model_t *m, dtype_t t, const char *tokenizer_from)
{
    const params_t *all = model_params(m);
    text_t path = {0};
    if (mkdir(dir, 0777) && errno != EEXIST)
        fail(CODE_FIT, "%s: cannot be made: %s", dir, strerror(errno));
    if (tokenizer_from)
        copy_tokenizer(dir, tokenizer_from);
    write_config(dir, model_config(m), t, eos_of(dir));
    safetensors_item_t *item = ALLOC(safetensors_item_t, all->n);
    for (int i = 0; i < all->n; i++)
        item[i] = item_of(&all->tensor[i]);
    text_addf(&path, "%s/model.safetensors", dir);
    safetensors_out_t *o = safetensors_create(path.s, t, item, all->n);
    for (int i = 0; i < all->n; i++) {
        const param_t *p = &all->tensor[i];
        float *x = ALLOC(float, p->rows * p->cols);
        model_get(m, p->name, x);
        safetensors_put(o, x, p->rows * p->cols);
        mem_free(x);
    }
    safetensors_commit(o);
    mem_free(item);
    text_reset(&path);
}
