/* Hugging Face model directories: reading weights.

   Reading is exact: every tensor of the model must be there once, with the model's
   shape, and nothing else, so that no weight is silently left at zero or ignored.  One
   exception: a model whose head shares the embedding may store lm_head.weight too, if
   it has the same values.  Large models come in several files with
   model.safetensors.index.json; the index says which files, and each file must hold
   what the index says of it.

   Files are mapped and walked from front to back, a few MB at a time, while the bytes
   behind are being sent for; a share becomes float32 and goes to where its rows belong.
   So beside the model a rank never holds more than two shares.  Where several ranks
   load one model, share i is read by rank i mod ranks and broadcast as it stands in the
   file: a byte leaves the file system once, whatever the number of ranks.

   Cost: one pass over the bytes; on a warm cache bound by the conversion, in all threads.  */
#include "field.h"
#include "io/hf.h"
#include <stdlib.h>
#include <string.h>

enum { SHARE = 16 << 20, AHEAD = 4 };    /* bytes at a time; shares sent for before */
enum { PART = 1 << 20 };                 /* elements handed over at a time */

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
    json_object_foreach((json_t *)map.o, name, file)
    {
        const char *where = field_text(&map, name);
        if (strchr(where, '/') || !*where)
            field_bad(&map, name,
                      "'%s': the name of a file in the same directory was expected",
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

void shards_open(shards_t *s, const char *dir)
{
    if (!text_in_dir(dir, many)) {
        shard_add(s, dir, single);
        return;
    }
    text_t path = {0};
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
            fail(CODE_DATA, "%s: tensor %s is in both %s and %s", dir, name,
                 s->name[found], s->name[i]);
        found = i;
        *at = k;
    }
    return found;
}

safetensors_item_t hf_item(const param_t *p)
{
    if (p->rows == 1)
        return (safetensors_item_t){p->name, {p->cols}, 1, F32};
    return (safetensors_item_t){p->name, {p->rows, p->cols}, 2, F32};
}

/* Where the model's tensors stand, in the order of the files. */
typedef struct { const param_t *t; int file, at; int64_t place; } found_t;

static int by_place(const void *x, const void *y)
{
    const found_t *a = x, *b = y;
    return a->file != b->file ? (a->file > b->file) - (a->file < b->file)
                              : (a->place > b->place) - (a->place < b->place);
}

static found_t *find_all(const shards_t *s, const char *dir, const params_t *p)
{
    found_t *f = ALLOC(found_t, p->n);
    for (int i = 0; i < p->n; i++) {
        safetensors_item_t item = hf_item(&p->tensor[i]);
        f[i].t = &p->tensor[i];
        f[i].file = shards_find(s, dir, item.name, &f[i].at);
        if (f[i].file < 0)
            fail(CODE_DATA,
                 "%s/%s: tensor %s is missing; shape [%lld%s%.0lld] was expected", dir,
                 s->name[0], item.name, (long long)item.dim[0], item.dims > 1 ? ", " : "",
                 (long long)item.dim[1]);
        safetensors_shape(s->file[f[i].file], f[i].at, item.dim, item.dims);
        safetensors_type(s->file[f[i].file], f[i].at);
        f[i].place = safetensors_place(s->file[f[i].file], f[i].at);
    }
    qsort(f, (size_t)p->n, sizeof *f, by_place);
    return f;
}

/* lm_head.weight beside a tied embedding: the same numbers, perhaps in another type. */
static void same_head(const shards_t *s, const char *dir, int file, int at, const model_config_t *c)
{
    int embed_at = 0, embed = shards_find(s, dir, "model.embed_tokens.weight", &embed_at);
    int64_t dim[2] = {c->vocab, c->width}, step = SHARE / 4 / c->width + 1;
    float *a = ALLOC(float, step * c->width), *b = ALLOC(float, step * c->width);
    safetensors_shape(s->file[file], at, dim, 2);
    for (int64_t r = 0; r < c->vocab; r += step) {
        int64_t n = (c->vocab - r < step ? c->vocab - r : step) * c->width, first = r * c->width;
        safetensors_widen(s->file[file], at, first, n, safetensors_data(s->file[file], at, first), a);
        safetensors_widen(s->file[embed], embed_at, first, n, safetensors_data(s->file[embed], embed_at, first), b);
        if (memcmp(a, b, (size_t)n * sizeof *a))
            fail(CODE_DATA,
                 "%s/%s: tensor lm_head.weight differs from model.embed_tokens.weight, but "
                 "config.json has tie_word_embeddings true",
                 dir, s->name[file]);
    }
    mem_free(a);
    mem_free(b);
}

/* Tensors that are not the model's. */
static void refuse_strangers(const shards_t *s, const char *dir, const model_config_t *c, const params_t *p)
{
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < safetensors_count(s->file[i]); k++) {
            const char *name = safetensors_name(s->file[i], k);
            if (params_find(p, name))
                continue;
            if (!c->tied || strcmp(name, "lm_head.weight"))
                fail(CODE_DATA,
                     "%s/%s: tensor %s is not part of the %s that config.json describes",
                     dir, s->name[i], name, c->arch);
            same_head(s, dir, i, k, c);
        }
}

typedef struct {
    group_t *g;
    hf_rows_t *put;
    void *ctx;
    uint8_t *raw;                        /* a share on its way between ranks */
    float *x;
    int64_t share;                       /* number of the next one */
} reading_t;

/* As many rows as fit, of more than 64 a multiple of that: what packs take at once. */
static int64_t rows_in(int64_t elements, int64_t cols)
{
    int64_t rows = elements / cols;
    return rows < 1 ? 1 : rows > 64 ? rows / 64 * 64 : rows;
}

/* The rows at `raw`, a part at a time: as float32 they are twice as many bytes and are to stay in the caches. */
static void hand_over(reading_t *r, const safetensors_t *s, const found_t *f, int64_t row, int64_t rows, const char *raw)
{
    int64_t cols = f->t->cols, size = safetensors_type(s, f->at) == F32 ? 4 : 2, step = rows_in(PART, cols);
    for (int64_t i = 0; i < rows; i += step) {
        int64_t some = rows - i < step ? rows - i : step;
        safetensors_widen(s, f->at, (row + i) * cols, some * cols, raw + i * cols * size, r->x);
        r->put(r->ctx, f->t, row + i, some, r->x);
    }
}

static void read_tensor(reading_t *r, const safetensors_t *s, const found_t *f)
{
    int ranks = r->g ? group_size(r->g) : 1, size = safetensors_type(s, f->at) == F32 ? 4 : 2;
    int64_t step = rows_in(SHARE / size, f->t->cols);
    for (int64_t row = 0; row < f->t->rows; row += step, r->share++) {
        int64_t rows = f->t->rows - row < step ? f->t->rows - row : step;
        int64_t first = row * f->t->cols, n = rows * f->t->cols;
        int owner = (int)(r->share % ranks);
        const void *raw = safetensors_data(s, f->at, first);
        if (!r->g || owner == group_rank(r->g))
            safetensors_ahead(s, (const char *)raw + (int64_t)AHEAD * ranks * SHARE, SHARE);
        if (ranks > 1) {
            if (owner == group_rank(r->g))
                memcpy(r->raw, raw, (size_t)(n * size));
            comm_bcast(r->g, r->raw, (size_t)(n * size), owner);
            raw = r->raw;
        }
        hand_over(r, s, f, row, rows, raw);
    }
}

void hf_weights(group_t *g, const char *dir, const model_config_t *c, const params_t *p, hf_rows_t *put, void *ctx)
{
    shards_t s = {0};
    int64_t widest = SHARE / 2;          /* elements of a share at most */
    shards_open(&s, dir);
    found_t *f = find_all(&s, dir, p);
    refuse_strangers(&s, dir, c, p);
    for (int i = 0; i < p->n; i++)
        widest = p->tensor[i].cols > widest ? p->tensor[i].cols : widest;
    reading_t r = {.g = g, .put = put, .ctx = ctx, .x = ALLOC(float, widest)};
    if (g && group_size(g) > 1)
        r.raw = mem_new((size_t)widest * 4);
    if (p->n)
        safetensors_ahead(s.file[f[0].file], safetensors_data(s.file[f[0].file], f[0].at, 0), (size_t)AHEAD * SHARE);
    for (int i = 0; i < p->n; i++)
        read_tensor(&r, s.file[f[i].file], &f[i]);
    mem_free(r.raw);
    mem_free(r.x);
    mem_free(f);
    shards_close(&s);
}

static void into_model(void *m, const param_t *t, int64_t row, int64_t rows, const float *x)
{
    model_put_rows(m, t, row, rows, x);
}

void hf_weights_read(group_t *g, const char *dir, model_t *m)
{
    hf_weights(g, dir, model_config(m), model_params(m), into_model, m);
    model_commit(m);
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
        fail(CODE_USAGE, "model.dtype = float16: a model is held in float32 or bfloat16; float16 can only be written");
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
