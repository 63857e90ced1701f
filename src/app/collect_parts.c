/* A collection's parts on the disk.

   Answers to so many lists at a time are written as OUT.parts/part-NNNNNN.h5, whole or not
   at all, so that a job that is killed loses at most the part that it worked on.  Every
   part says what decides its content: the parameters, the question, the lists, the keys;
   parts of another collection are refused, not mixed.  A part's answers are functions of
   (seed, list, sample), so it does not matter which job, or how many ranks, made it.

   When all are there, the first rank puts them behind each other into OUT, one part in
   memory at a time, rows in order of list and sample, and removes them.  OUT says of which
   collection it is, too: a job that was killed between the two is ended by the next.

   A part also says what it cost, OUT what all of them did, whichever jobs made them: so
   learning from the file can be charged with it. */
#include "app.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART_DAMAGED "%s; or remove that part: the same command then samples its answers again"

static void part_path(const collection_t *c, int part, text_t *out)
{
    text_clear(out);
    text_addf(out, "%s/part-%06d.h5", c->folder, part);
}

static void put_hash(h5_t *f, hash_t h)
{
    char hex[33];
    hash_hex(h, hex);
    h5_put_text(f, "/", "collection", hex);
}

/* What was spent on answers: ranks times seconds, and floating-point operations. */
static void put_cost(h5_t *f, double flops, double core_s)
{
    h5_put_real(f, "/", "flops", flops);
    h5_put_real(f, "/", "core_s", core_s);
}

/* A file of this collection, looked at by one process. */
typedef struct {
    const collection_t *c;
    const char *path;
    int ours;       /* it says that it is of this collection */
    int rows;       /* they are to be read */
    records_t part; /* the rows; the caller's */
    int costed;     /* it says what it cost: */
    double flops, core_s;
} looked_t;

static void look(void *ctx)
{
    looked_t *l = ctx;
    char hex[33];
    hash_hex(l->c->of, hex);
    h5_t *f = h5_open(NULL, l->path, "rollout", ROLLOUT_VERSION);
    char *of = h5_get_text(f, "/", "collection");
    l->ours = of && !strcmp(of, hex);
    if (l->rows)
        l->part = record_get(f, "sample");
    l->costed =
        h5_get_real(f, "/", "flops", &l->flops) && h5_get_real(f, "/", "core_s", &l->core_s);
    mem_free(of);
    h5_close(f);
}

static void remove_parts(const collection_t *c)
{
    text_t path = {0};
    for (int i = 0; i < c->parts; i++) {
        part_path(c, i, &path);
        unlink(path.s);
        text_add(&path, ".tmp"); /* of a job that was killed */
        unlink(path.s);
    }
    rmdir(c->folder);
    text_reset(&path);
}

/* On the first rank: out is whole, only its parts are left. */
static int is_done(const collection_t *c)
{
    text_t why = {0};
    looked_t l = {.c = c, .path = c->out};
    int done = !access(c->folder, F_OK) && !fail_try(look, &l, &why) && l.ours;
    if (done)
        remove_parts(c);
    text_reset(&why);
    return done;
}

int collection_open(collection_t *c, group_t *g)
{
    text_t folder = {0};
    text_addf(&folder, "%s.parts", c->out);
    c->folder = folder.s;
    int there = group_rank(g) == 0 && !access(c->out, F_OK), done = there && is_done(c);
    comm_bcast(g, &done, sizeof done, 0);
    if (done)
        return 1;
    fail_any(g, there, CODE_USAGE,
             "collect.out = %s is there already; name another file, or remove it", c->out);
    struct stat st;
    int bad = group_rank(g) == 0 && mkdir(c->folder, 0777) ? errno : 0;
    if (bad == EEXIST && !stat(c->folder, &st))
        bad = S_ISDIR(st.st_mode) ? 0 : ENOTDIR;
    fail_any(g, bad, bad == ENOSPC ? CODE_FIT : CODE_USAGE, "%s: cannot make this folder: %s",
             c->folder, strerror(bad));
    return 0;
}

int collection_has(const collection_t *c, group_t *g, int part)
{
    text_t path = {0}, why = {0};
    part_path(c, part, &path);
    looked_t l = {.c = c, .path = path.s};
    int there = group_rank(g) == 0 && !access(path.s, F_OK);
    int bad = there && fail_try(look, &l, &why);
    fail_any(g, bad, CODE_DATA, PART_DAMAGED, why.s);
    fail_any(g, there && !l.ours, CODE_USAGE,
             "%s: is part of another collection (another model, problem file or key than "
             "now); remove %s, or name another collect.out",
             path.s, c->folder);
    comm_bcast(g, &there, sizeof there, 0);
    text_reset(&path);
    text_reset(&why);
    return there;
}

void collection_put(const collection_t *c, group_t *g, int part, const judged_list_t *judged,
                    float *const *logp_one, double flops, double seconds)
{
    text_t path = {0};
    record_t *rows;
    comm_sum_f64(g, &flops, 1);
    comm_max_f64(g, &seconds, 1);
    part_path(c, part, &path);
    int n = judged_records(judged, &rows);
    for (int i = 0; i < n; i++)
        rows[i].logp_one = logp_one[i];
    h5_t *f = record_create(g, path.s, c->deck);
    record_put(f, "sample", rows, n);
    origin_put(f, &c->origin);
    put_hash(f, c->of);
    put_cost(f, flops, seconds * group_size(g));
    h5_commit(f);
    mem_free(rows);
    text_reset(&path);
}

static int by_list(const void *a, const void *b)
{
    const record_t *x = a, *y = b;
    return x->list != y->list ? (x->list > y->list) - (x->list < y->list) : x->sample - y->sample;
}

static int64_t merge(const collection_t *c)
{
    text_t path = {0}, why = {0};
    int64_t rows = 0;
    int costed = 1; /* a part of an older version does not say what it cost: then OUT does not */
    double flops = 0, core_s = 0;
    h5_t *to = record_create(NULL, c->out, c->deck);
    for (int i = 0; i < c->parts; i++) {
        part_path(c, i, &path);
        looked_t l = {.c = c, .path = path.s, .rows = 1};
        if (fail_try(look, &l, &why))
            fail(CODE_DATA, PART_DAMAGED, why.s);
        if (l.part.n)
            qsort(l.part.row, (size_t)l.part.n, sizeof *l.part.row, by_list);
        record_append(to, "sample", l.part.row, (int)l.part.n);
        rows += l.part.n;
        costed &= l.costed;
        flops += l.flops, core_s += l.core_s;
        records_free(&l.part);
    }
    origin_put(to, &c->origin);
    put_hash(to, c->of);
    if (costed)
        put_cost(to, flops, core_s);
    if (rows)
        h5_commit(to);
    else
        h5_drop(to);
    remove_parts(c);
    text_reset(&path);
    return rows;
}

int64_t collection_end(collection_t *c, group_t *g)
{
    int64_t rows = group_rank(g) == 0 ? merge(c) : 0;
    comm_bcast(g, &rows, sizeof rows, 0);
    return rows;
}

void collection_reset(collection_t *c)
{
    mem_free(c->folder);
    mem_free(c->deck);
    *c = (collection_t){0};
}
