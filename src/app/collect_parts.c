/* A collection's parts on the disk.

   Answers to so many lists at a time are written as OUT.parts/part-NNNNNN.h5, whole or not
   at all, so that a job that is killed loses at most the part that it worked on.  Every
   part says what decides its content: the parameters, the question, the lists, the keys;
   parts of another collection are refused, not mixed.  A part's answers are functions of
   (seed, list, sample), so it does not matter which job, or how many ranks, made it.

   When all are there, the first rank puts them behind each other into OUT, one part in
   memory at a time, rows in order of list and sample, and removes them. */
#include "app.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void part_path(const collection_t *c, int part, text_t *out)
{
    text_clear(out);
    text_addf(out, "%s/part-%06d.h5", c->folder, part);
}

void collection_open(collection_t *c, group_t *g)
{
    text_t folder = {0};
    int there = group_rank(g) == 0 && !access(c->out, F_OK);
    fail_any(g, there, CODE_USAGE,
             "collect.out = %s is there already; name another file, or remove it", c->out);
    text_addf(&folder, "%s.parts", c->out);
    c->folder = folder.s;
    int bad = group_rank(g) == 0 && mkdir(c->folder, 0777) && errno != EEXIST ? errno : 0;
    fail_any(g, bad, bad == ENOSPC ? CODE_FIT : CODE_USAGE, "%s: cannot make this folder: %s",
             c->folder, strerror(bad));
}

static void put_hash(h5_t *f, hash_t h)
{
    char hex[33];
    hash_hex(h, hex);
    h5_put_text(f, "/", "collection", hex);
}

int collection_has(const collection_t *c, group_t *g, int part)
{
    text_t path = {0};
    char hex[33];
    part_path(c, part, &path);
    double there = group_rank(g) == 0 && !access(path.s, F_OK);
    comm_max_f64(g, &there, 1);
    if (there > 0) {
        h5_t *f = h5_open(g, path.s, "rollout", ROLLOUT_VERSION);
        char *of = h5_get_text(f, "/", "collection");
        hash_hex(c->of, hex);
        fail_any(g, !of || strcmp(of, hex), CODE_USAGE,
                 "%s: is part of another collection (another model, problem file or key than "
                 "now); remove %s, or name another collect.out",
                 path.s, c->folder);
        mem_free(of);
        h5_close(f);
    }
    text_reset(&path);
    return there > 0;
}

void collection_put(const collection_t *c, group_t *g, int part, const judged_list_t *judged,
                    float *const *logp_one)
{
    text_t path = {0};
    record_t *rows;
    part_path(c, part, &path);
    int n = judged_records(judged, &rows);
    for (int i = 0; i < n; i++)
        rows[i].logp_one = logp_one[i];
    h5_t *f = record_create(g, path.s, c->deck);
    record_put(f, "sample", rows, n);
    origin_put(f, &c->origin);
    put_hash(f, c->of);
    h5_commit(f);
    mem_free(rows);
    text_reset(&path);
}

static int by_list(const void *a, const void *b)
{
    const record_t *x = a, *y = b;
    return x->list != y->list ? (x->list > y->list) - (x->list < y->list) : x->sample - y->sample;
}

static void merge(const collection_t *c)
{
    text_t path = {0};
    h5_t *to = record_create(NULL, c->out, c->deck);
    for (int i = 0; i < c->parts; i++) {
        part_path(c, i, &path);
        h5_t *from = h5_open(NULL, path.s, "rollout", ROLLOUT_VERSION);
        records_t part = record_get(from, "sample");
        if (part.n)
            qsort(part.row, (size_t)part.n, sizeof *part.row, by_list);
        record_append(to, "sample", part.row, (int)part.n);
        records_free(&part);
        h5_close(from);
    }
    origin_put(to, &c->origin);
    h5_commit(to);
    for (int i = 0; i < c->parts; i++) {
        part_path(c, i, &path);
        unlink(path.s);
    }
    rmdir(c->folder);
    text_reset(&path);
}

void collection_end(collection_t *c, group_t *g)
{
    if (group_rank(g) == 0)
        merge(c);
    comm_barrier(g);
}

void collection_reset(collection_t *c)
{
    mem_free(c->folder);
    mem_free(c->deck);
    *c = (collection_t){0};
}
