/* Hugging Face model directories: writing.

   The directory loads in `transformers` and vLLM: config, tokenizer files copied as they
   are, generation_config.json (the source's, or made from its eos_token), weights last,
   each file aside and renamed.  Where the source's config.json describes the same
   function it is carried over with its bytes; only the name of the weights' type
   changes.

   Tensors stand in the order of params_t and stream through a few MB.  Beyond
   shard_bytes they are dealt to files model-0000i-of-0000n.safetensors in that order (a
   larger tensor goes alone), with an index that says where each is.  Written in the
   type that a tensor had in the source, what was not changed has the same bytes.
   local */
#include "field.h"
#include "io/hf.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static int same_place(const char *a, const char *b)
{
    char *x = realpath(a, NULL), *y = realpath(b, NULL);
    int same = x && y && !strcmp(x, y);
    free(x);
    free(y);
    return same;
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
        const char *content =
            json_string_value(json_is_object(eos) ? json_object_get(eos, "content") : eos);
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
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        if (!copy_file(dir, from, files[i]) && i == 0)
            fail(CODE_DATA,
                 "%s/tokenizer.json: cannot be read: the model directory needs its tokenizer",
                 from);
}

/* config.json ------------------------------------------------------------------------ */

/* One more field at the end of an object that has some. */
static void add_value(text_t *file, const char *key, const char *json)
{
    for (int brace = 0;
         file->len && strchr(brace ? "\r\n\t " : "}\r\n\t ", file->s[file->len - 1]);)
        brace |= file->s[--file->len] == '}';
    text_addf(file, ",\n  \"%s\": %s\n}\n", key, json);
}

/* The source's file with that type named; 0: it describes another model. */
static int carry_config(const char *dir, const char *from, const model_config_t *c, dtype_t type)
{
    model_config_t theirs;
    char want[40];
    text_t path = {0}, body = {0}, a = {0}, b = {0};
    hf_config_read(from, &theirs);
    hf_config_text(&theirs, &a);
    hf_config_text(c, &b);
    int same = !strcmp(a.s, b.s);
    text_addf(&path, "%s/config.json", from);
    if (same && text_read_file(&body, path.s))
        fail(CODE_DATA, "%s: cannot be read", path.s);
    if (same) {
        field_t root = field_parse(path.s, body.s, body.len);
        const char *key = field_get(&root, "dtype") ? "dtype" : "torch_dtype";
        const char *is = json_string_value(json_object_get(root.o, key));
        snprintf(want, sizeof want, "\"%s\"", dtype_texts[type]);
        if ((!is || strcmp(is, dtype_texts[type])) && !json_set(&body, key, want))
            add_value(&body, key, want);
        put_text(dir, "config.json", body.s, body.len);
        field_close(root);
    }
    text_reset(&path), text_reset(&body), text_reset(&a), text_reset(&b);
    return same;
}

static void make_config(const char *dir, const model_config_t *c, dtype_t type, int eos)
{
    text_t text = {0};
    char id[40];
    hf_config_text(c, &text);
    snprintf(id, sizeof id, "%d", eos);
    if (eos >= 0)
        add_value(&text, "eos_token_id", id);
    snprintf(id, sizeof id, "\"%s\"", dtype_texts[type]);
    add_value(&text, "torch_dtype", id);
    put_text(dir, "config.json", text.s, text.len);
    text_reset(&text);
}

static void write_config(const char *dir, const char *from, const model_config_t *c, dtype_t type)
{
    int eos = eos_of(dir);
    if (!from || !text_in_dir(from, "config.json") || !carry_config(dir, from, c, type))
        make_config(dir, c, type, eos);
    if (eos >= 0 && !text_in_dir(dir, "generation_config.json")) {
        text_t text = {0};
        text_addf(&text, "{\n  \"eos_token_id\": %d\n}\n", eos);
        put_text(dir, "generation_config.json", text.s, text.len);
        text_reset(&text);
    }
}

/* Weights ---------------------------------------------------------------------------- */

/* Every tensor with its type; returns the type of most elements. */
static dtype_t choose_types(safetensors_item_t *item, const params_t *p, int type, const char *from)
{
    shards_t s = {0};
    int64_t n[F16 + 1] = {0};
    int look = type == HF_AS_BEFORE && from && hf_has_weights(from);
    if (look)
        shards_open(&s, from);
    for (int i = 0; i < p->n; i++) {
        int at = 0, file = look ? shards_find(&s, from, p->tensor[i].name, &at) : -1;
        item[i] = hf_item(&p->tensor[i]);
        item[i].type = type != HF_AS_BEFORE ? (dtype_t)type
                       : file < 0           ? F32
                                            : safetensors_type(s.file[file], at);
        n[item[i].type] += p->tensor[i].rows * p->tensor[i].cols;
    }
    if (look)
        shards_close(&s);
    return n[BF16] > n[F32] && n[BF16] >= n[F16] ? BF16 : n[F16] > n[F32] ? F16 : F32;
}

/* One file with tensors [first, end). */
static void write_file(const char *path, const model_t *m, const safetensors_item_t *item,
                       int first, int end)
{
    enum { CHUNK = 1 << 20 };
    safetensors_out_t *o = safetensors_create(path, item + first, end - first);
    for (int i = first; i < end; i++) {
        const param_t *t = &model_params(m)->tensor[i];
        int64_t step = CHUNK / t->cols;
        step = step < 1 ? 1 : step > 64 ? step / 64 * 64 : step;
        float *x = ALLOC(float, step * t->cols);
        for (int64_t r = 0; r < t->rows; r += step) {
            int64_t n = t->rows - r < step ? t->rows - r : step;
            model_get_rows(m, t, r, n, x);
            safetensors_put(o, x, n * t->cols);
        }
        mem_free(x);
    }
    safetensors_commit(o);
}

/* first[i] is the first tensor of file i; returns how many files. */
static int deal(const safetensors_item_t *item, int n, int64_t most, int *first)
{
    int files = 0;
    int64_t used = 0;
    for (int i = 0; i < n; i++) {
        int64_t size = safetensors_bytes(&item[i]);
        if (!files || used + size > most) {
            first[files++] = i;
            used = 0;
        }
        used += size;
    }
    first[files] = n;
    return files;
}

static void write_index(const char *dir, const safetensors_item_t *item, const int *first,
                        int files)
{
    int64_t total = 0;
    json_t *map = json_object();
    char name[64];
    for (int f = 0; f < files; f++)
        for (int i = first[f]; i < first[f + 1]; i++) {
            snprintf(name, sizeof name, "model-%05d-of-%05d.safetensors", f + 1, files);
            json_object_set_new(map, item[i].name, json_string(name));
            total += safetensors_bytes(&item[i]);
        }
    json_t *root =
        json_pack("{s{sI} so}", "metadata", "total_size", (json_int_t)total, "weight_map", map);
    char *text = json_dumps(root, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
    ASSERT(text);
    put_text(dir, "model.safetensors.index.json", text, strlen(text));
    free(text);
    json_decref(root);
}

void hf_write(const char *dir, const model_t *m, int type, const char *from, int64_t shard_bytes)
{
    const params_t *p = model_params(m);
    text_t path = {0};
    if (mkdir(dir, 0777) && errno != EEXIST)
        fail(CODE_FIT, "%s: cannot be made: %s", dir, strerror(errno));
    from = from && same_place(dir, from) ? NULL : from;
    safetensors_item_t *item = ALLOC(safetensors_item_t, p->n);
    int *first = ALLOC(int, p->n + 1);
    dtype_t most = choose_types(item, p, type, from);
    int files = deal(item, p->n, shard_bytes, first);
    if (from)
        copy_tokenizer(dir, from);
    write_config(dir, from, model_config(m), most);
    for (int f = 0; f < files; f++) {
        text_clear(&path);
        if (files == 1)
            text_addf(&path, "%s/model.safetensors", dir);
        else
            text_addf(&path, "%s/model-%05d-of-%05d.safetensors", dir, f + 1, files);
        write_file(path.s, m, item, first[f], first[f + 1]);
    }
    if (files > 1)
        write_index(dir, item, first, files);
    mem_free(item);
    mem_free(first);
    text_reset(&path);
}
