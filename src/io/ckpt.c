/* Checkpoints (kind "checkpoint"): DIR/step-XXXXXXXX.h5.

       SECTION/<tensor name>   Hugging Face's name, global shape, float32; attribute xxh3
       state                   attributes: step, config.json, param_hash, and the caller's
       SECTION: param, optim/m, optim/v, reference (only where one is kept), ...

   Nothing in the file knows how many ranks wrote it: tensors have names and global
   shapes, and rank r of R writes and reads rows [r n / R, (r+1) n / R) of each.  Every
   rank holds all tensors, so a load is: read my rows, then each rank broadcasts its
   rows.  On the host is one tensor at a time.

   The hash of a tensor is H(name, rows, cols, row after row); the tensors are dealt out
   over the ranks and the hashes gathered, so that a checkpoint of P parameters costs
   about P / (11 GB/s) / ranks extra.  param_hash is the sum over the tensors of
   `param`, word by word: the same number as model_hash.  Loading computes both again
   and names the tensor that differs.

   h5.c makes the file appear whole or not at all.  Names are ordered by step, so "the
   newest" needs no index: the highest step whose file is complete.  Commit deletes,
   newest first, all complete files after the `keep`-th and what killed runs left half-
   written; damaged files are left for the user to look at, and never counted. */
#include "io.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CKPT_VERSION = 1 };

struct ckpt {
    group_t *g;
    h5_t *f;
    char *dir; /* while writing */
    int writing;
};

static int rank_of(const ckpt_t *c)
{
    return c->g ? group_rank(c->g) : 0;
}

static int size_of(const ckpt_t *c)
{
    return c->g ? group_size(c->g) : 1;
}

static void ckpt_path(text_t *out, const char *dir, int64_t step)
{
    text_addf(out, "%s/step-%08lld.h5", dir, (long long)step);
}

ckpt_t *ckpt_create(group_t *g, const char *dir, int64_t step, const char *deck)
{
    text_t path = {0};
    ckpt_path(&path, dir, step);
    ckpt_t *c = ALLOC(ckpt_t, 1);
    c->g = g;
    c->f = h5_create(g, path.s, "checkpoint", CKPT_VERSION, deck);
    c->dir = mem_text(dir);
    c->writing = 1;
    ckpt_put_int(c, "step", step);
    text_reset(&path);
    return c;
}

/* A vector is one-dimensional in the file, as in Hugging Face files. */
static void shape_of(int vector, const param_t *t, int64_t *rows, int64_t *cols)
{
    *rows = vector ? t->cols : t->rows;
    *cols = vector ? 0 : t->cols;
}

/* Is it one-dimensional in this file?  Matrices of one row once were. */
static int is_flat(ckpt_t *c, const char *name, const param_t *t)
{
    int64_t rows, cols;
    if (t->vector || t->rows > 1)
        return t->vector;
    h5_shape(c->f, name, &rows, &cols);
    return cols == 0;
}

static hash_t tensor_hash(const param_t *t, const float *x)
{
    int64_t shape[2] = {t->rows, t->cols};
    hash_t h = hash_more(hash_bytes(t->name, strlen(t->name)), shape, sizeof shape);
    for (int64_t r = 0; r < t->rows; r++)
        h = hash_more(h, x + r * t->cols, (size_t)t->cols * sizeof *x);
    return h;
}

/* hash[p->n] of one rank each, to all. */
static void share_hashes(const ckpt_t *c, hash_t *h, int n)
{
    if (c->g)
        comm_sum_i64(c->g, (int64_t *)h, 2 * (int64_t)n); /* one rank's word, zeros of the others */
}

static float *room_for(const params_t *p)
{
    int64_t most = 1;
    for (int i = 0; i < p->n; i++)
        if (p->tensor[i].rows * p->tensor[i].cols > most)
            most = p->tensor[i].rows * p->tensor[i].cols;
    return ALLOC(float, most);
}

static void sum_hex(const hash_t *h, int n, char hex[33])
{
    hash_t sum = {0};
    for (int i = 0; i < n; i++) {
        sum.lo += h[i].lo;
        sum.hi += h[i].hi;
    }
    hash_hex(sum, hex);
}

void ckpt_put_tensors(ckpt_t *c, const char *section, const params_t *p, ckpt_tensor_t *get,
                      void *ctx)
{
    hash_t *h = ALLOC(hash_t, p->n);
    float *x = room_for(p);
    text_t name = {0};
    char hex[33];
    for (int i = 0; i < p->n; i++) {
        const param_t *t = &p->tensor[i];
        int64_t rows, cols;
        shape_of(t->vector, t, &rows, &cols);
        int64_t first = rows * rank_of(c) / size_of(c), end = rows * (rank_of(c) + 1) / size_of(c);
        get(ctx, t, x);
        if (i % size_of(c) == rank_of(c))
            h[i] = tensor_hash(t, x);
        text_clear(&name);
        text_addf(&name, "%s/%s", section, t->name);
        h5_put(c->f, name.s, H5_F32, x + first * (cols ? cols : 1), rows, cols, first, end - first);
    }
    share_hashes(c, h, p->n);
    for (int i = 0; i < p->n; i++) {
        text_clear(&name);
        text_addf(&name, "%s/%s", section, p->tensor[i].name);
        hash_hex(h[i], hex);
        h5_put_text(c->f, name.s, "xxh3", hex);
    }
    if (!strcmp(section, "param")) {
        sum_hex(h, p->n, hex);
        h5_put_text(c->f, "state", "param_hash", hex);
    }
    text_reset(&name);
    mem_free(x);
    mem_free(h);
}

static void from_block(void *block, const param_t *t, float *host)
{
    memcpy(host, (const float *)block + t->offset, (size_t)(t->rows * t->cols) * sizeof *host);
}

static void to_block(void *block, const param_t *t, float *host)
{
    memcpy((float *)block + t->offset, host, (size_t)(t->rows * t->cols) * sizeof *host);
}

void ckpt_put_block(ckpt_t *c, const char *section, const params_t *p, const float *block)
{
    ckpt_put_tensors(c, section, p, from_block, (void *)block);
}

void ckpt_put_int(ckpt_t *c, const char *name, int64_t value)
{
    h5_put_int(c->f, "state", name, value);
}

void ckpt_put_real(ckpt_t *c, const char *name, double value)
{
    h5_put_real(c->f, "state", name, value);
}

void ckpt_put_config(ckpt_t *c, const model_config_t *config)
{
    text_t t = {0};
    hf_config_text(config, &t);
    h5_put_text(c->f, "state", "config.json", t.s);
    text_reset(&t);
}

static int downwards(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x < y) - (x > y);
}

/* The steps of all files of that name in dir, newest first; suffix "" or ".tmp".  New
   array; -1: no folder. */
static int steps_in(const char *dir, const char *suffix, int64_t **step)
{
    int n = 0, cap = 0;
    *step = NULL;
    DIR *d = opendir(dir);
    if (!d)
        return -1;
    for (struct dirent *e; (e = readdir(d));) {
        long long s;
        int end = 0;
        if (sscanf(e->d_name, "step-%lld.h5%n", &s, &end) == 1 && end &&
            !strcmp(e->d_name + end, suffix))
            PUSH(*step, n, cap, (int64_t)s);
    }
    closedir(d);
    if (n)
        qsort(*step, (size_t)n, sizeof **step, downwards);
    return n;
}

static int complete(const char *dir, int64_t step)
{
    text_t path = {0}, why = {0};
    ckpt_path(&path, dir, step);
    int ok = !h5_probe(path.s, "checkpoint", CKPT_VERSION, &why);
    text_reset(&path);
    text_reset(&why);
    return ok;
}

int64_t ckpt_newest(const char *dir)
{
    int64_t *step, found = -1;
    int n = steps_in(dir, "", &step);
    for (int i = 0; i < n && found < 0; i++)
        if (complete(dir, step[i]))
            found = step[i];
    mem_free(step);
    return found;
}

static void remove_old(const char *dir, int keep)
{
    int64_t *step;
    text_t path = {0};
    int n = steps_in(dir, "", &step), seen = 0;
    for (int i = 0; i < n; i++) {
        if (!complete(dir, step[i]) || ++seen <= keep)
            continue;
        text_clear(&path);
        ckpt_path(&path, dir, step[i]);
        unlink(path.s);
    }
    mem_free(step);
    n = steps_in(dir, ".tmp", &step);
    for (int i = 0; i < n; i++) {
        text_clear(&path);
        ckpt_path(&path, dir, step[i]);
        text_add(&path, ".tmp");
        unlink(path.s);
    }
    mem_free(step);
    text_reset(&path);
}

void ckpt_commit(ckpt_t *c, int keep)
{
    ASSERT(c->writing && keep >= 1);
    h5_commit(c->f);
    if (rank_of(c) == 0)
        remove_old(c->dir, keep);
    if (c->g)
        comm_barrier(c->g);
    mem_free(c->dir);
    mem_free(c);
}

ckpt_t *ckpt_open(group_t *g, const char *path)
{
    ckpt_t *c = ALLOC(ckpt_t, 1);
    c->g = g;
    c->f = h5_open(g, path, "checkpoint", CKPT_VERSION);
    return c;
}

h5_t *ckpt_file(ckpt_t *c)
{
    return c->f;
}

int64_t ckpt_int_or(ckpt_t *c, const char *name, int64_t otherwise)
{
    int64_t value;
    return h5_get_int(c->f, "state", name, &value) ? value : otherwise;
}

double ckpt_real_or(ckpt_t *c, const char *name, double otherwise)
{
    double value;
    return h5_get_real(c->f, "state", name, &value) ? value : otherwise;
}

int ckpt_has(ckpt_t *c, const char *section)
{
    return h5_has(c->f, section);
}

/* On failure the lowest rank that saw it speaks. */
static void stop_if(ckpt_t *c, int bad, const char *section, const char *tensor, const char *what)
{
    const char *told = "%s: tensor %s/%s %s; use the previous checkpoint";
    if (c->g)
        fail_any(c->g, bad, CODE_DATA, told, h5_path(c->f), section, tensor, what);
    else if (bad)
        fail(CODE_DATA, told, h5_path(c->f), section, tensor, what);
}

/* This rank's rows from the file, then everybody's from everybody. */
static void get_tensor(ckpt_t *c, const char *name, const param_t *t, float *x)
{
    int64_t rows, cols, width, n = size_of(c);
    shape_of(is_flat(c, name, t), t, &rows, &cols);
    width = cols ? cols : 1;
    int64_t first = rows * rank_of(c) / n, end = rows * (rank_of(c) + 1) / n;
    h5_get(c->f, name, H5_F32, x + first * width, rows, cols, first, end - first);
    for (int r = 0; c->g && r < n; r++) {
        int64_t from = rows * r / n, to = rows * (r + 1) / n;
        comm_bcast(c->g, x + from * width, (size_t)((to - from) * width) * sizeof *x, r);
    }
}

void ckpt_get_tensors(ckpt_t *c, const char *section, const params_t *p, ckpt_tensor_t *put,
                      void *ctx)
{
    text_t name = {0};
    char(*stored)[33] = mem_new((size_t)p->n * 33);
    hash_t *h = ALLOC(hash_t, p->n);
    float *x = room_for(p);
    for (int i = 0; i < p->n; i++) {
        const param_t *t = &p->tensor[i];
        text_clear(&name);
        text_addf(&name, "%s/%s", section, t->name);
        stop_if(c, !h5_has(c->f, name.s), section, t->name, "is missing");
        get_tensor(c, name.s, t, x);
        char *hex = h5_get_text(c->f, name.s, "xxh3");
        stop_if(c, !hex || strlen(hex) != 32, section, t->name, "has no checksum");
        memcpy(stored[i], hex, 33);
        mem_free(hex);
        if (i % size_of(c) == rank_of(c))
            h[i] = tensor_hash(t, x);
        put(ctx, t, x);
    }
    share_hashes(c, h, p->n);
    for (int i = 0; i < p->n; i++) {
        char hex[33];
        hash_hex(h[i], hex);
        stop_if(c, strcmp(hex, stored[i]) != 0, section, p->tensor[i].name,
                "does not have the checksum it was written with: the file is damaged");
    }
    mem_free(x);
    mem_free(h);
    mem_free(stored);
    text_reset(&name);
}

void ckpt_get_block(ckpt_t *c, const char *section, const params_t *p, float *block)
{
    ckpt_get_tensors(c, section, p, to_block, block);
}

static void from_model(void *m, const param_t *t, float *host)
{
    model_get_rows(m, t, 0, t->rows, host);
}

static void to_model(void *m, const param_t *t, float *host)
{
    model_put_rows(m, t, 0, t->rows, host);
}

void ckpt_put_model(ckpt_t *c, const char *section, const model_t *m)
{
    ckpt_put_tensors(c, section, model_params(m), from_model, (void *)m);
}

void ckpt_get_model(ckpt_t *c, const char *section, model_t *m)
{
    ckpt_get_tensors(c, section, model_params(m), to_model, m);
    model_commit(m);
}

static void absent(ckpt_t *c, const char *name)
{
    const char *told =
        "%s: state has no entry %s; the checkpoint is of an older program or damaged";
    if (c->g)
        fail_any(c->g, 1, CODE_DATA, told, h5_path(c->f), name);
    fail(CODE_DATA, told, h5_path(c->f), name);
}

int64_t ckpt_int(ckpt_t *c, const char *name)
{
    int64_t v = 0;
    if (!h5_get_int(c->f, "state", name, &v))
        absent(c, name);
    return v;
}

double ckpt_real(ckpt_t *c, const char *name)
{
    double v = 0;
    if (!h5_get_real(c->f, "state", name, &v))
        absent(c, name);
    return v;
}

char *ckpt_deck(ckpt_t *c)
{
    char *deck = h5_get_text(c->f, "/", "deck");
    return deck ? deck : mem_text("");
}

void ckpt_config(ckpt_t *c, model_config_t *config)
{
    char *json = h5_get_text(c->f, "state", "config.json");
    if (!json)
        absent(c, "config.json");
    hf_config_parse(h5_path(c->f), json, config);
    mem_free(json);
}

void ckpt_close(ckpt_t *c)
{
    if (!c)
        return;
    h5_close(c->f);
    mem_free(c);
}
