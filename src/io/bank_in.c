/* Banks from problem files: what bank_file.c writes, column by column, into arrays of items.

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

/* Points and words, where the file has them; no words are NULL. */
static void get_scores(const table_t *t)
{
    verdict_t *v = (verdict_t *)t->item;
    if (h5_has(t->f, "verdict/score")) {
        double *score = ALLOC(double, t->n + 1);
        h5_get(t->f, "verdict/score", H5_F64, score, t->n, 0, 0, t->n);
        for (int64_t i = 0; i < t->n; i++)
            v[i].scored = !isnan(score[i]), v[i].score = v[i].scored ? score[i] : 0;
        mem_free(score);
    }
    if (h5_has(t->f, "verdict/message"))
        get_bytes(t, "verdict/message", offsetof(verdict_t, message), 0);
    for (int64_t i = 0; i < t->n; i++)
        if (v[i].message && !*v[i].message) {
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

#define INT(name, type, field)  get_column(&t, name, H5_I32, 4, offsetof(type, field))
#define HASH(name, type, field) get_hashes(&t, name, offsetof(type, field))
#define TEXT(name, type, field) get_bytes(&t, name, offsetof(type, field), 0)
#define BYTES(name, type, field) \
    get_bytes(&t, name, offsetof(type, field), offsetof(type, n_##field))
#define NAMED(name, names, n, type, field) get_names(&t, name, names, n, offsetof(type, field))
#define TAKE(array, type)                  (b->array = (type *)t.item, b->n_##array = b->cap_##array = (int)t.n)

static void read_all(group_t *g, bank_t *b, const char *path, int derive)
{
    _Static_assert(sizeof(suite_t) == sizeof(int) && sizeof(verdict_kind_t) == sizeof(int),
                   "enums are ints");
    *b = (bank_t){0};
    h5_t *f = h5_open(g, path, "problems", BANK_VERSION);
    table_t t = table_in(f, "problem/split", sizeof(problem_t));
    HASH("problem/id", problem_t, id);
    NAMED("problem/split", suite_names, SUITES, problem_t, split);
    NAMED("problem/difficulty", difficulty_names, 3, problem_t, difficulty);
    INT("problem/time_ms", problem_t, time_ms);
    INT("problem/memory_kb", problem_t, memory_kb);
    TEXT("problem/family", problem_t, family);
    TEXT("problem/statement", problem_t, statement);
    TEXT("problem/example", problem_t, example);
    if (h5_has(f, "problem/checker")) {
        TEXT("problem/checker", problem_t, checker);
        NAMED("problem/checker_language", lang_names, LANGS, problem_t, checker_lang);
    }
    if (h5_has(f, "problem/nocase")) {
        get_column(&t, "problem/float_absolute", H5_F64, 8, offsetof(problem_t, compare.absolute));
        get_column(&t, "problem/float_relative", H5_F64, 8, offsetof(problem_t, compare.relative));
        INT("problem/nocase", problem_t, compare.nocase);
        INT("problem/spaces", problem_t, compare.spaces);
    }
    if (h5_has(f, "problem/harness")) {
        TEXT("problem/harness", problem_t, harness);
        NAMED("problem/harness_language", lang_names, LANGS, problem_t, harness_lang);
    }
    TAKE(problem, problem_t);
    if (h5_has(f, "accept/test")) {
        t = table_in(f, "accept/test", sizeof(accepted_t));
        INT("accept/test", accepted_t, test);
        BYTES("accept/output", accepted_t, output);
        TAKE(accept, accepted_t);
    }
    t = table_in(f, "test/problem", sizeof(test_t));
    INT("test/problem", test_t, problem);
    NAMED("test/checker", check_names, CHECKS, test_t, check);
    if (h5_has(f, "test/form"))
        NAMED("test/form", form_names, FORMS, test_t, form);
    BYTES("test/input", test_t, input);
    BYTES("test/output", test_t, output);
    get_known(&t);
    TAKE(test, test_t);
    t = table_in(f, "program/problem", sizeof(program_t));
    HASH("program/id", program_t, id);
    INT("program/problem", program_t, problem);
    NAMED("program/language", lang_names, LANGS, program_t, lang);
    NAMED("program/pool", pool_names, POOLS, program_t, pool);
    get_column(&t, "program/pass_rate", H5_F32, 4, offsetof(program_t, pass_rate));
    if (h5_has(f, "program/label")) /* older files: all executed */
        NAMED("program/label", label_names, LABELS, program_t, label);
    BYTES("program/source", program_t, source);
    TEXT("program/origin", program_t, origin);
    TEXT("program/core", program_t, core);
    TEXT("program/walk", program_t, walk);
    TAKE(program, program_t);
    t = table_in(f, "verdict/program", sizeof(verdict_t));
    INT("verdict/program", verdict_t, program);
    INT("verdict/test", verdict_t, test);
    NAMED("verdict/verdict", verdict_names, VERDICTS, verdict_t, verdict);
    if (h5_has(f, "verdict/mode")) /* older files do not say in which mode */
        NAMED("verdict/mode", sandbox_mode_names, IN_MODES, verdict_t, mode);
    get_column(&t, "verdict/time_us", H5_I64, 8, offsetof(verdict_t, time_us));
    get_column(&t, "verdict/memory_kb", H5_I64, 8, offsetof(verdict_t, memory_kb));
    HASH("verdict/key", verdict_t, key);
    get_scores(&t);
    TAKE(verdict, verdict_t);
    t = table_in(f, "list/problem", sizeof(list_t));
    NAMED("list/suite", suite_names, SUITES, list_t, suite);
    INT("list/problem", list_t, problem);
    get_lists(&t);
    TAKE(list, list_t);
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
