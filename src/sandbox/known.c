/* What execution said before, by content: the verdict store.

   In memory a table from names (verdict.c) to verdicts, with time and memory; where the
   run made an expected output, that too.  It is filled from

       the bank itself        by grade_bank.c
       other files            known_read: problem files, verdict files, folders of them;
                              they are read, never written
       journals               what an interrupted job had executed

   and grows by what is executed now (known_learn), which is also appended to this
   rank's journal, so that a SIGKILL loses the answers still on their way and no others.
   known_save puts what was learned into a verdict file (kind "verdicts"), written by
   one rank aside and renamed, and begins the journals anew.

   A fault of the sandbox is no answer: it is never taken in, from wherever it comes.

   Records (travelling between ranks, and in journals): length, verdict, name, time,
   memory, and the output where there is one.  About 100 bytes of memory a verdict; a
   million are read in a second. */
#include "known.h"
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
    hash_t key;
    int64_t time_us, memory_kb;
    char *output; /* NULL: a verdict only */
    int verdict;
} item_t;

struct known {
    keymap_t place; /* key -> index in item */
    item_t *item;
    int n, cap;
    journal_t *journal; /* NULL: none */
    int keep;           /* learned records are kept for known_save */
    text_t learned;
};

static int is_answer(int64_t v)
{
    return v > V_NONE && v < VERDICTS && v != V_SKIPPED && v != V_FAULT;
}

known_t *known_new(void)
{
    return ALLOC(known_t, 1);
}

known_t *known_open(group_t *g, const char *journal)
{
    known_t *k = known_new();
    text_t records = {0};
    k->journal = journal_open(g, journal, &records);
    known_put_records(k, records.s, records.len);
    text_reset(&records);
    return k;
}

void known_free(known_t *k)
{
    if (!k)
        return;
    journal_close(k->journal);
    for (int i = 0; i < k->n; i++)
        mem_free(k->item[i].output);
    mem_free(k->item);
    keymap_reset(&k->place);
    text_reset(&k->learned);
    mem_free(k);
}

void known_trim(known_t *k, int64_t most)
{
    if (k->n <= most)
        return;
    for (int i = 0; i < k->n; i++)
        mem_free(k->item[i].output);
    k->n = 0;
    keymap_reset(&k->place);
}

int64_t known_count(const known_t *k)
{
    return k->n;
}

void known_put(known_t *k, hash_t key, verdict_kind_t v, int64_t time_us,
               int64_t memory_kb, const char *output)
{
    if (!is_answer(v) || keymap_claim(&k->place, key, k->n) != k->n)
        return;
    item_t it = {.key = key,
                 .verdict = v,
                 .time_us = time_us,
                 .memory_kb = memory_kb,
                 .output = output ? mem_text(output) : NULL};
    PUSH(k->item, k->n, k->cap, it);
}

verdict_kind_t known_get(const known_t *k, hash_t key, int64_t *time_us,
                         int64_t *memory_kb)
{
    int64_t at = keymap_find(&k->place, key);
    if (at < 0)
        return V_NONE;
    if (time_us)
        *time_us = k->item[at].time_us;
    if (memory_kb)
        *memory_kb = k->item[at].memory_kb;
    return (verdict_kind_t)k->item[at].verdict;
}

const char *known_output(const known_t *k, hash_t key)
{
    int64_t at = keymap_find(&k->place, key);
    return at < 0 ? NULL : k->item[at].output;
}

/* records ---------------------------------------------------------------------------- */

void known_record(text_t *t, hash_t key, verdict_kind_t v, int64_t time_us,
                  int64_t memory_kb, const char *output)
{
    text_t r = {0};
    wire_put_i64(&r, v);
    wire_put_i64(&r, (int64_t)key.lo);
    wire_put_i64(&r, (int64_t)key.hi);
    wire_put_i64(&r, time_us);
    wire_put_i64(&r, memory_kb);
    if (output)
        wire_put_bytes(&r, output, strlen(output));
    wire_put_bytes(t, r.s, r.len);
    text_reset(&r);
}

void known_put_records(known_t *k, const char *records, size_t n)
{
    wire_in_t all = {.p = records, .n = n};
    while (all.at < all.n && !all.bad) {
        size_t len, n_output;
        const char *one = wire_bytes(&all, &len);
        wire_in_t r = {.p = one, .n = len};
        int64_t v = wire_i64(&r);
        hash_t key;
        key.lo = (uint64_t)wire_i64(&r);
        key.hi = (uint64_t)wire_i64(&r);
        int64_t time_us = wire_i64(&r), memory_kb = wire_i64(&r);
        const char *output = r.at < r.n ? wire_bytes(&r, &n_output) : NULL;
        if (!all.bad && !r.bad)
            known_put(k, key, (verdict_kind_t)v, time_us, memory_kb, output);
    }
}

void known_learn(known_t *k, text_t *out, hash_t key, verdict_kind_t v, int64_t time_us,
                 int64_t memory_kb, const char *output)
{
    if (!is_answer(v) || keymap_find(&k->place, key) >= 0)
        return;
    known_put(k, key, v, time_us, memory_kb, output);
    size_t from = out->len;
    known_record(out, key, v, time_us, memory_kb, output);
    if (k->journal)
        journal_put(k->journal, out->s + from, out->len - from);
    if (k->keep)
        text_addn(&k->learned, out->s + from, out->len - from);
}

void known_sync(known_t *k)
{
    if (k->journal)
        journal_sync(k->journal);
}

void known_done(known_t *k, group_t *g)
{
    if (k->journal)
        journal_remove(k->journal, g);
    text_clear(&k->learned);
}

/* verdict files ---------------------------------------------------------------------- */

void known_keep(known_t *k)
{
    k->keep = 1;
    for (int i = 0; i < k->n; i++) /* those of the journals are in no file yet */
        known_record(&k->learned, k->item[i].key, (verdict_kind_t)k->item[i].verdict,
                     k->item[i].time_us, k->item[i].memory_kb, k->item[i].output);
}

static int by_key(const void *a, const void *b)
{
    const item_t *x = a, *y = b;
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
        for (int i = 0; i < all->n; i++) {
            const item_t *it = &all->item[i];
            row[i] = (verdict_t){.verdict = (verdict_kind_t)it->verdict,
                                 .time_us = it->time_us,
                                 .memory_kb = it->memory_kb,
                                 .key = it->key};
            output[i] = it->output;
        }
        verdicts_write(path, row, output, all->n, deck);
        mem_free(row);
        mem_free(output);
    }
    int made = all->n;
    known_free(all);
    comm_barrier(g);
    known_done(k, g); /* the file has it now */
    return made;
}

static void add_file(text_t *records, const char *path)
{
    verdict_t *row;
    char **output;
    int n = verdicts_read(path, &row, &output);
    for (int i = 0; i < n; i++) {
        if (is_answer(row[i].verdict))
            known_record(records, row[i].key, row[i].verdict, row[i].time_us,
                         row[i].memory_kb, output[i]);
        mem_free(output[i]);
    }
    mem_free(row);
    mem_free(output);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The *.h5 of a folder in order, or the file itself. */
static void add_path(text_t *records, const char *path, const char *from)
{
    struct stat s;
    if (stat(path, &s))
        fail(CODE_DATA,
             "%s: not there; sandbox.verdicts names problem files, verdict files or "
             "folders of them",
             path);
    if (!S_ISDIR(s.st_mode)) {
        add_file(records, path);
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
        add_file(records, full.s);
        text_reset(&full);
        mem_free(name[i]);
    }
    mem_free(name);
}

int64_t known_read(known_t *k, group_t *g, const char *paths, const char *from)
{
    text_t records = {0};
    for (const char *p = paths; group_rank(g) == 0 && *p;) {
        size_t skip = strspn(p, " ,\t"), n = strcspn(p + skip, " ,\t");
        text_t one = {0};
        text_addn(&one, p + skip, n);
        if (n)
            add_path(&records, one.s, from);
        text_reset(&one);
        p += skip + n;
    }
    uint64_t n = records.len;
    comm_bcast(g, &n, sizeof n, 0);
    char *all = group_rank(g) ? mem_new(n + 1) : records.s;
    comm_bcast(g, all, n, 0);
    int64_t had = k->n;
    known_put_records(k, all, n);
    mem_free(all);
    return k->n - had;
}
