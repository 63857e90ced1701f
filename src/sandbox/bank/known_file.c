/* The verdict store and files: what other jobs executed comes in, what this one did goes out.

   In (known_read): problem files, verdict files (kind "verdicts") and folders of them;
   one rank reads, all get the records, nothing is ever written there; one that is damaged
   ends the program, or is named and left out (sandbox.skip_bad).  Of a problem file
   all verdicts are taken by the names that stand with them.  Its expected outputs may be
   what its reference printed: where a reference's verdict has the name of the run that
   would be made now, that run's output is taken too, so that the same problems without
   outputs need not execute their references.

   Out (known_save): everything learned since the last time, from all ranks, in the order
   of names (so the file does not depend on who executed what), written by one rank aside
   and renamed; then the journals begin anew. */
#include "bank_work.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct { /* what known_read goes by */
    const grading_t *g;
    limits_t deck;
    text_t records;
    int skip_bad;
    const char *path; /* of the file that is being read */
} reading_t;

static int by_key(const void *a, const void *b)
{
    const known_item_t *x = a, *y = b;
    return x->key.hi != y->key.hi   ? (x->key.hi < y->key.hi ? -1 : 1)
           : x->key.lo != y->key.lo ? (x->key.lo < y->key.lo ? -1 : 1)
                                    : 0;
}

int known_save(known_t *k, group_t *g, const char *path, const char *deck)
{
    size_t n;
    char *records = comm_allgatherv(g, k->learned.s, k->learned.len, &n, NULL);
    known_t *all = known_new();
    known_put_records(all, records, n);
    mem_free(records);
    qsort(all->item, (size_t)all->n, sizeof *all->item, by_key);
    if (all->n && group_rank(g) == 0) {
        verdict_t *row = ALLOC(verdict_t, all->n);
        char **output = ALLOC(char *, all->n);
        size_t *n_output = ALLOC(size_t, all->n);
        for (int i = 0; i < all->n; i++) {
            const known_item_t *it = &all->item[i];
            row[i] = (verdict_t){.verdict = it->said.verdict,
                                 .mode = it->said.mode,
                                 .time_us = it->said.time_us,
                                 .memory_kb = it->said.memory_kb,
                                 .key = it->key,
                                 .scored = it->said.scored,
                                 .score = it->said.score,
                                 .message = it->said.message};
            output[i] = it->output;
            n_output[i] = it->n_output;
        }
        verdicts_write(path, row, output, n_output, all->n, deck);
        mem_free(n_output);
        mem_free(row);
        mem_free(output);
    }
    int made = all->n;
    known_free(all);
    comm_barrier(g);
    known_done(k, g); /* the file has it now */
    return made;
}

/* The run of a reference that made the output of a test, if it is the one of now. */
static void add_output(reading_t *r, const bank_t *b, const verdict_t *v)
{
    const program_t *p = &b->program[v->program];
    const problem_t *q = &b->problem[p->problem];
    const test_t *t = &b->test[v->test];
    if (p->pool != POOL_REFERENCE || v->verdict != V_ACCEPTED || !t->output)
        return;
    const limits_t l = limits_problem(q, &r->deck);
    const verdict_by_t by = work_by(r->g, b, t);
    hash_t program = verdict_program(p->source, p->n_source, grading_toolchain(r->g, p->lang),
                                     work_harness(q, p->lang));
    hash_t with = verdict_test(t, t->output, t->n_output, &by);
    hash_t without = verdict_test(t, NULL, 0, &by);
    const said_t said = said_of(v);
    if (hash_equal(v->key, verdict_key(program, with, &l, grading_mode(r->g))))
        known_record(&r->records, verdict_key(program, without, &l, grading_mode(r->g)), &said,
                     t->output, t->n_output);
}

static void add_bank(reading_t *r, const char *path)
{
    bank_t b;
    bank_read_unrated(NULL, &b, path);
    for (int i = 0; i < b.n_verdict; i++) {
        const verdict_t *v = &b.verdict[i];
        const said_t said = said_of(v);
        if (known_is_answer(v->verdict))
            known_record(&r->records, v->key, &said, NULL, 0);
        add_output(r, &b, v);
    }
    bank_free(&b);
}

static void add_file(reading_t *r, const char *path)
{
    text_t *records = &r->records;
    if (bank_is(path)) {
        add_bank(r, path);
        return;
    }
    verdict_t *row;
    char **output;
    size_t *n_output;
    int n = verdicts_read(path, &row, &output, &n_output);
    for (int i = 0; i < n; i++) {
        const said_t said = said_of(&row[i]);
        if (known_is_answer(said.verdict))
            known_record(records, row[i].key, &said, output[i], n_output[i]);
        mem_free(output[i]);
        mem_free(row[i].message);
    }
    mem_free(n_output);
    mem_free(row);
    mem_free(output);
}

static void try_file(void *ctx)
{
    reading_t *r = ctx;
    add_file(r, r->path);
}

/* Of a file that turns out to be damaged nothing is taken. */
static void add_or_skip(reading_t *r, const char *path)
{
    text_t why = {0};
    size_t had = r->records.len;
    r->path = path;
    if (!r->skip_bad) {
        add_file(r, path);
    } else if (fail_try(try_file, r, &why)) {
        r->records.len = had;
        log_warn("sandbox.verdicts: left out: %s", why.s);
    }
    text_reset(&why);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The *.h5 of a folder in order, or the file itself. */
static void add_path(reading_t *r, const char *path, const char *from)
{
    struct stat s;
    int there = !stat(path, &s);
    if (!there && r->skip_bad) {
        log_warn("sandbox.verdicts: left out: %s: not there", path);
        return;
    }
    if (!there)
        fail(CODE_DATA,
             "%s: not there; sandbox.verdicts names problem files, verdict files or "
             "folders of them",
             path);
    if (!S_ISDIR(s.st_mode)) {
        add_or_skip(r, path);
        return;
    }
    DIR *d = opendir(path);
    char **name = NULL;
    int n = 0, cap = 0;
    for (struct dirent *e; d && (e = readdir(d));) {
        size_t len = strlen(e->d_name);
        if (len > 3 && !strcmp(e->d_name + len - 3, ".h5") && strcmp(e->d_name, from) >= 0)
            PUSH(name, n, cap, mem_text(e->d_name));
    }
    if (d)
        closedir(d);
    if (n)
        qsort(name, (size_t)n, sizeof *name, by_name);
    for (int i = 0; i < n; i++) {
        text_t full = {0};
        text_addf(&full, "%s/%s", path, name[i]);
        add_or_skip(r, full.s);
        text_reset(&full);
        mem_free(name[i]);
    }
    mem_free(name);
}

int64_t known_read(known_t *k, const grading_t *grading, const limits_t *deck, const char *paths,
                   const char *from, int skip_bad)
{
    const limits_t table = limits_default();
    group_t *g = grading_clients(grading);
    reading_t r = {.g = grading, .deck = limits_fill(*deck, &table), .skip_bad = skip_bad};
    if (from && group_rank(g) == 0)
        add_path(&r, paths, from);
    for (const char *p = paths; !from && group_rank(g) == 0 && *p;) {
        size_t skip = strspn(p, " ,\t"), n = strcspn(p + skip, " ,\t");
        text_t one = {0};
        text_addn(&one, p + skip, n);
        if (n)
            add_path(&r, one.s, "");
        text_reset(&one);
        p += skip + n;
    }
    uint64_t n = r.records.len;
    comm_bcast(g, &n, sizeof n, 0);
    char *all = group_rank(g) ? mem_new(n + 1) : r.records.s;
    comm_bcast(g, all, n, 0);
    int64_t had = k->n;
    known_put_records(k, all, n);
    mem_free(all);
    return k->n - had;
}
