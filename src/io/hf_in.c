/* Hugging Face model directories: reading weights.

   Which tensors must be there, and with which shapes, hf_match.c checks before anything is read.
   A model whose head shares the embedding may store lm_head.weight too, if it has the same
   values.

   Files are read from front to back in parts of a few MB, while the parts behind are
   being sent for.  On one rank each thread takes the next part: reads it into its own
   cache, tests it, and puts it where its rows belong, a matrix into the model as it
   stands; so reading, testing, packing and the kernel's making of the model's pages go
   on at once, and beside the model there are never more than a few MB a thread.  Where
   several ranks load one model, part i is read by rank i mod ranks and broadcast as it
   stands in the file: a byte leaves the file system once, whatever the number of ranks.
   Bad numbers are reported from the first part that has some, by one thread, after the
   others have ended.

   Cost: one pass over the bytes; on a warm cache half of it is the kernel's, which makes
   the model's pages. */
#include "io/hf.h"
#include <stdlib.h>
#include <string.h>

enum { PART = 4 << 20, AHEAD = 32 }; /* bytes at a time; parts sent for before */

/* lm_head.weight beside a tied embedding: the same numbers, perhaps in another type. */
static void same_head(const shards_t *s, const char *dir, const model_config_t *c)
{
    int at = 0, file = c->tied ? shards_find(s, dir, "lm_head.weight", &at) : -1;
    if (file < 0)
        return;
    int embed_at = 0, embed = shards_find(s, dir, "model.embed_tokens.weight", &embed_at);
    int64_t step = PART / 4 / c->width + 1;
    float *a = ALLOC(float, step * c->width), *b = ALLOC(float, step * c->width);
    for (int64_t r = 0; r < c->vocab; r += step) {
        int64_t n = (c->vocab - r < step ? c->vocab - r : step) * c->width, first = r * c->width;
        safetensors_get(s->file[file], at, first, n, a);
        safetensors_get(s->file[embed], embed_at, first, n, b);
        if (memcmp(a, b, (size_t)n * sizeof *a))
            fail(CODE_DATA,
                 "%s/%s: tensor lm_head.weight differs from model.embed_tokens.weight, but "
                 "config.json has tie_word_embeddings true",
                 dir, s->name[file]);
    }
    mem_free(a);
    mem_free(b);
}

typedef struct {
    const safetensors_t *s;
    const param_t *t;
    int at; /* of the tensor in s */
    int64_t row, rows;
    dtype_t type;
} part_t;

typedef struct {
    part_t *part;
    int n, cap;
    size_t room; /* elements of the largest */
    model_t *m;  /* where they go; NULL: to put, as float32 */
    hf_rows_t *put;
    void *ctx;
} reading_t;

/* What a thread needs for a part: its bytes and, on the way to float32, its numbers. */
typedef struct {
    void *raw;
    float *x;
} passing_t;

static passing_t passing_new(const reading_t *r)
{
    return (passing_t){mem_new(r->room * 4), ALLOC(float, (int64_t)r->room)};
}

static void passing_free(passing_t *p)
{
    mem_free(p->raw);
    mem_free(p->x);
}

/* As many rows as fit, of more than 64 a multiple of that: what packs take at once. */
static int64_t rows_in(int64_t elements, int64_t cols)
{
    int64_t rows = elements / cols;
    return rows < 1 ? 1 : rows > 64 ? rows / 64 * 64 : rows;
}

static void cut(reading_t *r, const safetensors_t *s, const found_t *f)
{
    part_t p = {s, f->t, f->at, 0, 0, safetensors_type(s, f->at)};
    int64_t step = rows_in(PART / dtype_bytes(p.type), f->t->cols);
    for (; p.row < f->t->rows; p.row += step) {
        p.rows = f->t->rows - p.row < step ? f->t->rows - p.row : step;
        size_t n = (size_t)(p.rows * f->t->cols);
        r->room = n > r->room ? n : r->room;
        PUSH(r->part, r->n, r->cap, p);
    }
}

static void ahead(const reading_t *r, int i)
{
    const part_t *p = &r->part[i];
    if (i < r->n)
        safetensors_ahead(p->s, p->at, p->row * p->t->cols, p->rows * p->t->cols);
}

/* 0, or there is something wrong with it. */
static int take(const part_t *p, void *raw)
{
    return safetensors_take(p->s, p->at, p->row * p->t->cols, p->rows * p->t->cols, raw);
}

static _Noreturn void refuse(const part_t *p)
{
    safetensors_refuse(p->s, p->at, p->row * p->t->cols, p->rows * p->t->cols);
}

/* Packs take a matrix as it stands, if it is not of float16; the rest passes through float32. */
static void deliver(const reading_t *r, const part_t *p, passing_t *by)
{
    if (r->m && p->type != F16 && !p->t->vector) {
        model_put_stored(r->m, p->t, p->row, p->rows, p->type, by->raw);
        return;
    }
    safetensors_widen(p->type, by->raw, p->rows * p->t->cols, by->x);
    if (r->m)
        model_put_rows(r->m, p->t, p->row, p->rows, by->x);
    else
        r->put(r->ctx, p->t, p->row, p->rows, by->x);
}

/* By all threads.  Only a model in the host's memory takes from several at once. */
static void read_alone(const reading_t *r)
{
    int bad = r->n, together = r->m && model_ops(r->m)->unified;
#pragma omp parallel reduction(min : bad)
    {
        passing_t by = passing_new(r);
#pragma omp for schedule(dynamic) nowait
        for (int i = 0; i < r->n; i++) {
            ahead(r, i + AHEAD);
            if (bad < r->n || take(&r->part[i], by.raw))
                bad = i < bad ? i : bad;
            else if (together)
                deliver(r, &r->part[i], &by);
            else
#pragma omp critical(hf_deliver)
                deliver(r, &r->part[i], &by);
        }
        passing_free(&by);
    }
    if (bad < r->n)
        refuse(&r->part[bad]);
}

static void read_in_turn(const reading_t *r, group_t *g)
{
    int ranks = group_size(g), own = group_rank(g);
    passing_t by = passing_new(r);
    for (int i = 0; i < r->n; i++) {
        const part_t *p = &r->part[i];
        if (i % ranks == own) {
            ahead(r, i + (AHEAD + ranks - 1) / ranks * ranks);
            if (take(p, by.raw))
                refuse(p);
        }
        comm_bcast(g, by.raw, (size_t)(p->rows * p->t->cols * dtype_bytes(p->type)), i % ranks);
        deliver(r, p, &by);
    }
    passing_free(&by);
}

static void read_all(reading_t *r, group_t *g, const char *dir, const model_config_t *c,
                     const params_t *p)
{
    shards_t s = {0};
    refusals_t bad = {0};
    found_t *f = ALLOC(found_t, p->n);
    shards_open(&s, dir);
    shards_match(&s, dir, c, p, f, &bad);
    refusals_end(&bad, dir);
    same_head(&s, dir, c);
    for (int i = 0; i < p->n; i++)
        cut(r, s.file[f[i].file], &f[i]);
    int alone = !g || group_size(g) == 1;
    for (int i = 0; i < AHEAD && i < r->n; i++)
        if (alone || i % group_size(g) == group_rank(g))
            ahead(r, i);
    if (alone)
        read_alone(r);
    else
        read_in_turn(r, g);
    mem_free(r->part);
    mem_free(f);
    shards_close(&s);
}

void hf_weights(group_t *g, const char *dir, const model_config_t *c, const params_t *p,
                hf_rows_t *put, void *ctx)
{
    read_all(&(reading_t){.put = put, .ctx = ctx}, g, dir, c, p);
}

void hf_weights_look(const char *dir, const model_config_t *c)
{
    shards_t s = {0};
    refusals_t bad = {0};
    params_t p = params_new(c);
    found_t *f = ALLOC(found_t, p.n);
    shards_open(&s, dir);
    shards_match(&s, dir, c, &p, f, &bad);
    mem_free(f);
    shards_close(&s);
    params_free(&p);
    refusals_end(&bad, dir);
}

void hf_weights_read(group_t *g, const char *dir, model_t *m)
{
    read_all(&(reading_t){.m = m}, g, dir, model_config(m), model_params(m));
    model_commit(m);
}
