/* A problem file that is written piece by piece.

   A piece is a small bank of whole problems: their tests, programs, verdicts and lists.
   It is checked like any bank, its indices are moved behind those that the file has
   already, and its columns are appended.  So the file is sound when its pieces are, and
   memory is that of the largest piece, whatever the file grows to.  One process writes;
   the columns that not every file has (checkers, forms of tests, ...) are always there, since
   what comes later is not known; whether labels may be imported must be said at the start,
   and which version it is stands in it at the end.

   Cost of a piece: some forty appends of about 0.1 ms beside the bytes themselves. */
#include "bank_file.h"

struct bank_out {
    h5_t *f;
    int imported, version;
    int64_t problems, tests, programs, lists; /* in the file so far */
};

bank_out_t *bank_create(const char *path, const char *deck, int imported)
{
    bank_out_t *o = ALLOC(bank_out_t, 1);
    o->f =
        h5_create(NULL, path, "problems", o->version = imported ? BANK_IMPORTED : BANK_PLAIN, deck);
    o->imported = imported;
    bank_append(o, &(bank_t){0});
    return o;
}

static void move(const bank_out_t *o, bank_t *b)
{
    int problems = (int)o->problems, tests = (int)o->tests, programs = (int)o->programs,
        lists = (int)o->lists;
    for (int i = 0; i < b->n_test; i++)
        b->test[i].problem += problems;
    for (int i = 0; i < b->n_accept; i++)
        b->accept[i].test += tests;
    for (int i = 0; i < b->n_program; i++)
        b->program[i].problem += problems;
    for (int i = 0; i < b->n_verdict; i++) {
        b->verdict[i].program += programs;
        b->verdict[i].test += tests;
    }
    for (int i = 0; i < b->n_list; i++) {
        b->list[i].problem += problems;
        b->list[i].base += b->list[i].edit ? lists : 0;
        for (int k = 0; k < b->list[i].n; k++)
            b->list[i].program[k] += programs;
    }
}

void bank_append(bank_out_t *o, bank_t *b)
{
    enum { MOST = 1 << 30 };
    text_t why = {0};
    if (bank_check(b, &why))
        fail(CODE_FAULT, "%s: this bank is not written: %s", h5_path(o->f), why.s);
    text_reset(&why);
    for (int i = 0; i < b->n_program && !o->imported; i++)
        ASSERT(b->program[i].label == LABEL_EXECUTED);
    if (o->tests + b->n_test > MOST || o->programs + b->n_program > MOST)
        fail(CODE_FIT, "%s: more than 2^30 tests or programs do not fit into one file",
             h5_path(o->f));
    int version = bank_version(b);
    o->version = version > o->version ? version : o->version;
    move(o, b);
    bank_put(o->f, NULL, b, (bank_columns_t){1, 1, o->imported, 1, 1, 1, 1, 1, 1});
    o->problems += b->n_problem;
    o->tests += b->n_test;
    o->programs += b->n_program;
    o->lists += b->n_list;
}

int bank_commit(bank_out_t *o)
{
    int lists = (int)o->lists;
    h5_put_int(o->f, "/", "version", o->version);
    h5_commit(o->f);
    mem_free(o);
    return lists;
}

void bank_drop(bank_out_t *o)
{
    h5_drop(o->f);
    mem_free(o);
}
