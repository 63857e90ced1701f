/* Hugging Face model directories: the files that hold the weights.

   Large models come in several files with model.safetensors.index.json; the index says
   which files, and each file must hold what the index says of it. */
#include "field.h"
#include "io/hf.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static int file_of(const shards_t *s, const char *name)
{
    int i = 0;
    while (i < s->n && strcmp(s->name[i], name))
        i++;
    return i;
}

static void read_index(shards_t *s, const char *dir, const char *path)
{
    const char *name;
    json_t *file;
    field_t root = field_file(path), map = field_object(&root, "weight_map");
    if (!json_object_size(map.o))
        field_bad(&root, "weight_map", "at least one tensor was expected");
    json_object_foreach ((json_t *)map.o, name, file) {
        const char *where = field_text(&map, name);
        if (strchr(where, '/') || !*where)
            field_bad(&map, name, "'%s': the name of a file in the same directory was expected",
                      where);
        shard_add(s, dir, where);
        if (safetensors_find(s->file[file_of(s, where)], name) < 0)
            field_bad(&map, name, "%s does not hold this tensor", where);
    }
    field_close(root);
}

static const char single[] = "model.safetensors", many[] = "model.safetensors.index.json";

int hf_has_weights(const char *dir)
{
    return text_in_dir(dir, single) || text_in_dir(dir, many);
}

int hf_is_config(const char *dir)
{
    static const char *const others[] = {single,
                                         many,
                                         "tokenizer.json",
                                         "tokenizer_config.json",
                                         "vocab.json",
                                         "tokenizer.model",
                                         "pytorch_model.bin",
                                         "pytorch_model.bin.index.json"};
    struct stat st;
    if (!stat(dir, &st) && S_ISREG(st.st_mode))
        return 1;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (text_in_dir(dir, others[i]))
            return 0;
    return text_in_dir(dir, "config.json");
}

void shards_open(shards_t *s, const char *dir)
{
    text_t path = {0};
    if (!hf_has_weights(dir)) {
        hf_missing(dir, HF_WEIGHTS, &path);
        fail(CODE_DATA, "%s", path.s);
    }
    if (!text_in_dir(dir, many)) {
        shard_add(s, dir, single);
        return;
    }
    text_addf(&path, "%s/%s", dir, many);
    read_index(s, dir, path.s);
    text_reset(&path);
}

void shards_close(shards_t *s)
{
    for (int i = 0; i < s->n; i++) {
        safetensors_close(s->file[i]);
        mem_free(s->name[i]);
    }
    mem_free(s->file);
    mem_free(s->name);
}

int shards_find(const shards_t *s, const char *dir, const char *name, int *at)
{
    int found = -1;
    for (int i = 0; i < s->n; i++) {
        int k = safetensors_find(s->file[i], name);
        if (k < 0)
            continue;
        if (found >= 0)
            fail(CODE_DATA, "%s: tensor %s is in both %s and %s", dir, name, s->name[found],
                 s->name[i]);
        found = i;
        *at = k;
    }
    return found;
}

safetensors_item_t hf_item(const param_t *p)
{
    if (p->vector)
        return (safetensors_item_t){p->name, {p->cols}, 1, F32};
    return (safetensors_item_t){p->name, {p->rows, p->cols}, 2, F32};
}

dtype_t hf_weights_type(const char *dir)
{
    shards_t s = {0};
    int at = 0;
    shards_open(&s, dir);
    int file = shards_find(&s, dir, "model.embed_tokens.weight", &at);
    if (file < 0)
        fail(CODE_DATA, "%s/%s: tensor model.embed_tokens.weight is missing", dir, s.name[0]);
    dtype_t type = safetensors_type(s.file[file], at);
    shards_close(&s);
    return type;
}

dtype_t hf_held_type(const deck_t *d, const char *dir)
{
    const char *want = deck_text(d, "model.dtype");
    if (!strcmp(want, "float16"))
        fail(
            CODE_USAGE,
            "model.dtype = float16: a model is held in float32 or bfloat16; float16 can only be written");
    if (strcmp(want, "auto"))
        return dtype_of(want, F32);
    return (hf_has_weights(dir) ? hf_weights_type(dir) : hf_config_type(dir)) == BF16 ? BF16 : F32;
}

model_t *hf_open(const char *dir, const ops_t *ops)
{
    model_config_t c;
    hf_config_read(dir, &c);
    model_t *m = model_new(&c, ops);
    hf_weights_read(NULL, dir, m);
    return m;
}
