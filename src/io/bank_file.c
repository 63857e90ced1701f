/* Banks in problem files (kind "problems").

       problem/{id[P,16], split[P], family, difficulty[P], statement, time_ms[P],
                memory_kb[P], example}
                and, where a problem has one, checker, checker_language[P];
                where one says how outputs are compared, float_absolute[P], float_relative[P]
                (0: as the deck says, below 0: none), nocase[P], spaces[P];
                where one has a main file of its own, harness, harness_language[P]
       test/{problem[T], input, output, known[T], checker[T]}
                and, where a test is a call, form[T]
       accept/{test[A], output}
                where a test has further outputs that are right too; sorted by test
       program/{id[R,16], problem[R], language[R], pool[R], source, origin, core, walk,
                pass_rate[R]}
                and, where a pass rate was imported, label[R]: executed or imported;
                such a file is of version 2, which older programs refuse
       verdict/{program[V], test[V], verdict[V], mode[V], time_us[V], memory_kb[V], key[V,16]}
                and, where a checker gave points or said something, score[V] (NAN: none), message
       list/{suite[N], problem[N], program, answer[N]}
                and, where comments of candidates were edited, edit[N] and base[N]: the list whose
                candidates these are, unedited (-1: none)

   id and key are XXH3-128 (low word first); split, difficulty, checker, language, pool,
   verdict, mode, label, suite, edit are enumerations; family, statement, example, input, output, source,
   origin, core, walk and list/program are ragged (NAME/data, NAME/offset). A test whose
   output is not known yet has known = 0.  Input, outputs and source are any bytes, all other
   texts hold no NUL.  A file whose outputs are compared in ways that older programs do not
   know, or with harnesses, is of version 3.  The tests of a problem stand together; which
   they are follows from test/problem.

   Their order and where they stand in memory are in bank_columns.def.

   Writing: all ranks hold the same bank; rank r writes items [r n / ranks, (r+1) n /
   ranks) of every column.  bank_grow.c writes the same columns piece by piece.  Reading
   (bank_in.c): every rank reads everything.  Columns are copied to and from plain arrays,
   never item by item: 100,000 lists with their programs and verdicts take a second or two. */
#include "bank_file.h"
#include <math.h>
#include <string.h>

typedef struct { /* one kind of item while its columns are written or read */
    h5_t *f;
    char *item; /* the array of structs */
    size_t stride;
    int64_t n, first, count; /* this rank writes [first, first+count) */
    int grow;                /* behind what is there already; the items are all this process's */
} table_t;

static table_t table_of(h5_t *f, group_t *g, const void *item, size_t stride, int64_t n, int grow)
{
    int64_t size = g ? group_size(g) : 1, rank = g ? group_rank(g) : 0;
    int64_t first = n * rank / size;
    return (table_t){f, (char *)item, stride, n, first, n * (rank + 1) / size - first, grow};
}

/* The column `field` (offset into every item) as one array of `width` bytes each. */
static char *column(const table_t *t, size_t field, size_t width)
{
    char *c = mem_new((size_t)t->count * width + 1);
    for (int64_t i = 0; i < t->count; i++)
        memcpy(c + (size_t)i * width, t->item + (size_t)(t->first + i) * t->stride + field, width);
    return c;
}

static void put(const table_t *t, const char *name, h5_type_t type, const void *c, int64_t cols)
{
    if (t->grow)
        h5_append(t->f, name, type, c, cols, t->count);
    else
        h5_put(t->f, name, type, c, t->n, cols, t->first, t->count);
}

static void put_ragged(const table_t *t, const char *name, h5_type_t type, const void *flat,
                       const int64_t *offset)
{
    if (t->grow)
        h5_append_ragged(t->f, name, type, flat, offset, t->count);
    else
        h5_put_ragged(t->f, name, type, flat, offset, t->count);
}

static void put_column(const table_t *t, const char *name, h5_type_t type, size_t width,
                       size_t field)
{
    char *c = column(t, field, width);
    put(t, name, type, c, 0);
    mem_free(c);
}

static void put_hashes(const table_t *t, const char *name, size_t field)
{
    char *c = column(t, field, 16);
    put(t, name, H5_U8, c, 16);
    mem_free(c);
}

static void put_names(const table_t *t, const char *name, const char *const *names, int n_names,
                      size_t field)
{
    int *c = (int *)column(t, field, sizeof(int));
    int8_t *e = ALLOC(int8_t, t->count + 1);
    for (int64_t i = 0; i < t->count; i++)
        e[i] = (int8_t)c[i];
    if (t->grow)
        h5_append_enum(t->f, name, names, n_names, e, t->count);
    else
        h5_put_enum(t->f, name, names, n_names, e, t->n, t->first, t->count);
    mem_free(e);
    mem_free(c);
}

/* n[i] bytes of each text; NULL: texts without a NUL. */
static void put_bytes(const table_t *t, const char *name, size_t field, const size_t *n)
{
    char **c = (char **)column(t, field, sizeof(char *));
    int64_t *offset = ALLOC(int64_t, t->count + 1);
    for (int64_t i = 0; i < t->count; i++)
        offset[i + 1] = offset[i] + (c[i] ? (int64_t)(n ? n[i] : strlen(c[i])) : 0);
    char *flat = mem_new((size_t)offset[t->count] + 1);
    for (int64_t i = 0; i < t->count; i++)
        memcpy(flat + offset[i], c[i] ? c[i] : "", (size_t)(offset[i + 1] - offset[i]));
    put_ragged(t, name, H5_U8, flat, offset);
    mem_free(flat);
    mem_free(offset);
    mem_free(c);
}

static void put_texts(const table_t *t, const char *name, size_t field)
{
    put_bytes(t, name, field, NULL);
}

static void put_sized(const table_t *t, const char *name, size_t field, size_t length)
{
    size_t *n = (size_t *)column(t, length, sizeof(size_t));
    put_bytes(t, name, field, n);
    mem_free(n);
}

static void put_scores(const table_t *t)
{
    double *score = ALLOC(double, t->count + 1);
    const verdict_t *v = (const verdict_t *)t->item + t->first;
    for (int64_t i = 0; i < t->count; i++)
        score[i] = v[i].scored ? v[i].score : NAN;
    put(t, "verdict/score", H5_F64, score, 0);
    mem_free(score);
}

static void put_words(const table_t *t)
{
    put_texts(t, "verdict/message", offsetof(verdict_t, message));
}

static void put_known(const table_t *t)
{
    int8_t *known = ALLOC(int8_t, t->count + 1);
    const test_t *test = (const test_t *)t->item + t->first;
    for (int64_t i = 0; i < t->count; i++)
        known[i] = test[i].output != NULL;
    put(t, "test/known", H5_I8, known, 0);
    mem_free(known);
}

/* Which of the columns that not every file has this bank needs. */
static bank_columns_t columns_of(const bank_t *b)
{
    bank_columns_t with = {.accepts = b->n_accept > 0};
    for (int i = 0; i < b->n_problem; i++) {
        const problem_t *p = &b->problem[i];
        with.checkers |= p->checker && *p->checker;
        with.compares |= bank_compares(&p->compare);
        with.harnesses |= p->harness && *p->harness;
    }
    for (int i = 0; i < b->n_program; i++)
        with.labels |= b->program[i].label == LABEL_IMPORTED;
    for (int i = 0; i < b->n_test; i++)
        with.calls |= b->test[i].form != FORM_STDIN;
    for (int i = 0; i < b->n_verdict; i++)
        with.words |= b->verdict[i].scored || b->verdict[i].message;
    for (int i = 0; i < b->n_list; i++)
        with.edits |= b->list[i].edit != EDIT_NONE;
    return with;
}

int bank_version(const bank_t *b)
{
    const bank_columns_t with = columns_of(b);
    return with.compares || with.harnesses || with.accepts ? BANK_VERSION
           : with.labels                                   ? BANK_IMPORTED
                                                           : BANK_PLAIN;
}

static void put_bases(const table_t *t)
{
    int32_t *base = ALLOC(int32_t, t->count + 1);
    const list_t *list = (const list_t *)t->item + t->first;
    for (int64_t i = 0; i < t->count; i++)
        base[i] = list[i].edit ? list[i].base : -1;
    put(t, "list/base", H5_I32, base, 0);
    mem_free(base);
}

static void put_lists(const table_t *t)
{
    int64_t *offset = ALLOC(int64_t, t->count + 1);
    int32_t *flat = ALLOC(int32_t, t->count * 5 + 1);
    int8_t *answer = ALLOC(int8_t, t->count + 1);
    const list_t *list = (const list_t *)t->item + t->first;
    for (int64_t i = 0; i < t->count; i++) {
        answer[i] = (int8_t)list[i].answer;
        offset[i + 1] = offset[i] + list[i].n;
        memcpy(flat + offset[i], list[i].program, (size_t)list[i].n * sizeof *flat);
    }
    put(t, "list/answer", H5_I8, answer, 0);
    put_ragged(t, "list/program", H5_I32, flat, offset);
    mem_free(answer);
    mem_free(flat);
    mem_free(offset);
}

/* The rows of bank_columns.def. */
#define TABLE(kind, name, array) \
    t = table_of(f, g, b->array, sizeof(kind), b->n_##array, with.grow);
#define TAKE(kind, array)
#define HASH(name, kind, field) put_hashes(&t, name, offsetof(kind, field));
#define INT(name, kind, field)  put_column(&t, name, H5_I32, 4, offsetof(kind, field));
#define NUMBER(name, type, kind, field) \
    put_column(&t, name, type, sizeof((kind *)0)->field, offsetof(kind, field));
#define NAMED(name, names, n, kind, field) put_names(&t, name, names, n, offsetof(kind, field));
#define TEXT(name, kind, field)            put_texts(&t, name, offsetof(kind, field));
#define BYTES(name, kind, field) \
    put_sized(&t, name, offsetof(kind, field), offsetof(kind, n_##field));
#define OTHER(what)       put_##what(&t);
#define WHERE(some, name) if (some) {
#define END               }

void bank_put(h5_t *f, group_t *g, const bank_t *b, bank_columns_t with)
{
    table_t t;
#include "bank_columns.def"
}

void bank_write(group_t *g, const bank_t *b, const char *path, const char *deck)
{
    text_t why = {0};
    if (bank_check(b, &why))
        fail(CODE_FAULT, "%s: this bank is not written: %s", path, why.s);
    text_reset(&why);
    h5_t *f = h5_create(g, path, "problems", bank_version(b), deck);
    bank_put(f, g, b, columns_of(b));
    h5_commit(f);
}
