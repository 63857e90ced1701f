/* Banks from problem files: what bank_file.c writes, column by column
   (bank_columns.def), into arrays of items.

   Of a file nothing is believed: sizes are looked at before memory is taken (h5_data.c),
   every column of a table has as many rows as its first, texts hold no NUL (input, outputs
   and source may), tests of a problem and outputs of a test stand together; then bank_check
   (bank.c).  Columns that not every file has are asked for.  Every rank reads everything. */
#include "bank_file.h"
#include <math.h>
#include <string.h>

typedef struct { /* one kind of item while its columns are read */
    h5_t *f;
    char *item; /* the array of structs */
    size_t stride;
    int64_t n;
} table_t;

/* Reading: the number of rows of a column, which all others of the table must have. */
static table_t table_in(h5_t *f, const char *name, size_t stride)
{
    int64_t rows, cols;
    h5_shape(f, name, &rows, &cols);
    if (rows > INT32_MAX / 2)
        fail(CODE_FIT, "%s: %s has %lld rows, at most 2^30 fit", h5_path(f), name, (long long)rows);
    char *item = mem_new((size_t)(rows ? rows : 1) * stride);
    return (table_t){f, item, stride, rows};
}

static void spread(const table_t *t, size_t field, const void *c, size_t width)
{
    for (int64_t i = 0; i < t->n; i++)
        memcpy(t->item + (size_t)i * t->stride + field, (const char *)c + (size_t)i * width, width);
}

static void get_column(const table_t *t, const char *name, h5_type_t type, size_t width,
                       size_t field)
{
    char *c = mem_new((size_t)t->n * width + 1);
    h5_get(t->f, name, type, c, t->n, 0, 0, t->n);
    spread(t, field, c, width);
    mem_free(c);
}

static void get_hashes(const table_t *t, const char *name, size_t field)
{
    char *c = mem_new((size_t)t->n * 16 + 1);
    h5_get(t->f, name, H5_U8, c, t->n, 16, 0, t->n);
    spread(t, field, c, 16);
    mem_free(c);
}

static void get_names(const table_t *t, const char *name, const char *const *names, int n_names,
                      size_t field)
{
    int8_t *e = ALLOC(int8_t, t->n + 1);
    int *c = ALLOC(int, t->n + 1);
    h5_get_enum(t->f, name, names, n_names, e, t->n, 0, t->n);
    for (int64_t i = 0; i < t->n; i++)
        c[i] = e[i];
    spread(t, field, c, sizeof *c);
    mem_free(c);
    mem_free(e);
}

static void count_is(const table_t *t, const char *name, int64_t n)
{
    if (n != t->n)
        fail(CODE_DATA, "%s: %s has %lld items, expected %lld; the file is damaged", h5_path(t->f),
             name, (long long)n, (long long)t->n);
}

/* length: where in the item the number of bytes goes; 0: a text, which holds no NUL. */
static void get_bytes(const table_t *t, const char *name, size_t field, size_t length)
{
    char *flat;
    int64_t *offset;
    count_is(t, name, h5_get_ragged(t->f, name, H5_U8, (void **)&flat, &offset, 1));
    for (int64_t i = 0; i < t->n; i++) {
        size_t n = (size_t)(offset[i + 1] - offset[i]);
        if (!length && memchr(flat + offset[i], 0, n))
            fail(CODE_DATA,
                 "%s: %s, item %lld holds a NUL byte, a text was expected; the file is damaged",
                 h5_path(t->f), name, (long long)i);
        char *s = bank_text(flat + offset[i], n), *item = t->item + (size_t)i * t->stride;
        memcpy(item + field, &s, sizeof s);
        if (length)
            memcpy(item + length, &n, sizeof n);
    }
    mem_free(flat);
    mem_free(offset);
}

static void get_scores(const table_t *t)
{
    verdict_t *v = (verdict_t *)t->item;
    double *score = ALLOC(double, t->n + 1);
    h5_get(t->f, "verdict/score", H5_F64, score, t->n, 0, 0, t->n);
    for (int64_t i = 0; i < t->n; i++)
        v[i].scored = !isnan(score[i]), v[i].score = v[i].scored ? score[i] : 0;
    mem_free(score);
}

/* No words are NULL. */
static void get_words(const table_t *t)
{
    verdict_t *v = (verdict_t *)t->item;
    get_bytes(t, "verdict/message", offsetof(verdict_t, message), 0);
    for (int64_t i = 0; i < t->n; i++)
        if (!*v[i].message) {
            mem_free(v[i].message);
            v[i].message = NULL;
        }
}

static void get_known(const table_t *t)
{
    int8_t *known = ALLOC(int8_t, t->n + 1);
    test_t *test = (test_t *)t->item;
    h5_get(t->f, "test/known", H5_I8, known, t->n, 0, 0, t->n);
    for (int64_t i = 0; i < t->n; i++)
        if (!known[i]) {
            mem_free(test[i].output);
            test[i].output = NULL;
            test[i].n_output = 0;
        }
    mem_free(known);
}

/* Of a list that is not edited: nothing. */
static void get_bases(const table_t *t)
{
    list_t *list = (list_t *)t->item;
    get_column(t, "list/base", H5_I32, 4, offsetof(list_t, base));
    for (int64_t i = 0; i < t->n; i++)
        list[i].base = list[i].edit ? list[i].base : 0;
}

static void get_lists(const table_t *t)
{
    int32_t *flat;
    int64_t *offset;
    int8_t *answer = ALLOC(int8_t, t->n + 1);
    list_t *list = (list_t *)t->item;
    h5_get(t->f, "list/answer", H5_I8, answer, t->n, 0, 0, t->n);
    count_is(t, "list/program",
             h5_get_ragged(t->f, "list/program", H5_I32, (void **)&flat, &offset, 1));
    for (int64_t i = 0; i < t->n; i++) {
        int64_t n = offset[i + 1] - offset[i];
        list[i].answer = answer[i];
        list[i].n = (int)n;
        if (n < 2 || n > 5)
            fail(CODE_DATA,
                 "%s: list %lld has %lld candidates, expected 2 to 5; make the lists "
                 "again (aletheia problems)",
                 h5_path(t->f), (long long)i, (long long)n);
        memcpy(list[i].program, flat + offset[i], (size_t)n * sizeof *flat);
    }
    mem_free(flat);
    mem_free(offset);
    mem_free(answer);
}

/* Which tests a problem has, from test/problem: they must stand together. */
static void find_tests(bank_t *b, const char *path)
{
    for (int i = 0; i < b->n_test; i++) {
        int q = b->test[i].problem;
        if (q < 0 || q >= b->n_problem)
            fail(CODE_DATA, "%s: test %d belongs to problem %d; there are %d", path, i, q,
                 b->n_problem);
        problem_t *p = &b->problem[q];
        if (p->tests == 0)
            p->test = i;
        if (p->test + p->tests != i)
            fail(CODE_DATA, "%s: the tests of problem %d do not stand together (test %d)", path, q,
                 i);
        p->tests++;
    }
}

/* Which further outputs a test has, from accept/test: they stand in the order of tests. */
static void find_accepts(bank_t *b, const char *path)
{
    for (int i = 0; i < b->n_accept; i++) {
        int t = b->accept[i].test;
        if (t < 0 || t >= b->n_test || (i && t < b->accept[i - 1].test))
            fail(
                CODE_DATA,
                "%s: accepted output %d is of test %d; tests 0 to %d in rising order were expected",
                path, i, t, b->n_test - 1);
        if (!b->test[t].accepts++)
            b->test[t].accept = i;
    }
}

/* The rows of bank_columns.def. */
#define TABLE(kind, name, array) t = table_in(f, name, sizeof(kind));
#define TAKE(kind, array)        b->array = (kind *)t.item, b->n_##array = b->cap_##array = (int)t.n;
#define HASH(name, kind, field)  get_hashes(&t, name, offsetof(kind, field));
#define INT(name, kind, field)   get_column(&t, name, H5_I32, 4, offsetof(kind, field));
#define NUMBER(name, type, kind, field) \
    get_column(&t, name, type, sizeof((kind *)0)->field, offsetof(kind, field));
#define NAMED(name, names, n, kind, field) get_names(&t, name, names, n, offsetof(kind, field));
#define TEXT(name, kind, field)            get_bytes(&t, name, offsetof(kind, field), 0);
#define BYTES(name, kind, field) \
    get_bytes(&t, name, offsetof(kind, field), offsetof(kind, n_##field));
#define OTHER(what)       get_##what(&t);
#define WHERE(some, name) if (h5_has(f, name)) {
#define END               }

static void get_all(h5_t *f, bank_t *b)
{
    table_t t;
#include "bank_columns.def"
}

static void read_all(group_t *g, bank_t *b, const char *path, int derive)
{
    _Static_assert(sizeof(suite_t) == sizeof(int) && sizeof(verdict_kind_t) == sizeof(int),
                   "enums are ints");
    *b = (bank_t){0};
    h5_t *f = h5_open(g, path, "problems", BANK_VERSION);
    get_all(f, b);
    h5_close(f);
    find_tests(b, path);
    find_accepts(b, path);
    text_t why = {0};
    int bad = (derive && bank_derive(b, &why)) || bank_check(b, &why);
    if (bad && g)
        fail_any(g, group_rank(g) == 0, CODE_DATA, "%s: %s", path, why.s);
    else if (bad)
        fail(CODE_DATA, "%s: %s", path, why.s);
    text_reset(&why);
}

void bank_read(group_t *g, bank_t *b, const char *path)
{
    read_all(g, b, path, 0);
}

int bank_is(const char *path)
{
    text_t why = {0};
    int is = !h5_probe(path, "problems", BANK_VERSION, &why);
    text_reset(&why);
    return is;
}

void bank_read_unrated(group_t *g, bank_t *b, const char *path)
{
    read_all(g, b, path, 1);
}
