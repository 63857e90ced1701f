/* Banks in problem files (kind "problems").

       problem/{id[P,16], split[P], family, difficulty[P], statement, time_ms[P],
                memory_kb[P], example}
                and, where a problem has one, checker, checker_language[P]
       test/{problem[T], input, output, known[T], checker[T]}
                and, where a test is a call, form[T]
       program/{id[R,16], problem[R], language[R], pool[R], source, origin, core, walk,
                pass_rate[R]}
                and, where a pass rate was imported, label[R]: executed or imported;
                such a file is of version 2, which older programs refuse
       verdict/{program[V], test[V], verdict[V], mode[V], time_us[V], memory_kb[V], key[V,16]}
       list/{suite[N], problem[N], program, answer[N]}

   id and key are XXH3-128 (low word first); split, difficulty, checker, language, pool,
   verdict, mode, label, suite are enumerations; family, statement, example, input, output, source,
   origin, core, walk and list/program are ragged (NAME/data, NAME/offset). A test whose
   output is not known yet has known = 0.  The tests of a problem stand together; which
   they are follows from test/problem.

   Writing: all ranks hold the same bank; rank r writes items [r n / ranks, (r+1) n /
   ranks) of every column.  bank_grow.c writes the same columns piece by piece.  Reading: every rank reads everything.  Columns are copied to
   and from plain arrays, never item by item: 100,000 lists with their programs and
   verdicts take a second or two. */
#include "bank_file.h"
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
        memcpy(c + (size_t)i * width,
               t->item + (size_t)(t->first + i) * t->stride + field, width);
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

static void put_names(const table_t *t, const char *name, const char *const *names,
                      int n_names, size_t field)
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

static void put_texts(const table_t *t, const char *name, size_t field)
{
    char **c = (char **)column(t, field, sizeof(char *));
    int64_t *offset = ALLOC(int64_t, t->count + 1);
    for (int64_t i = 0; i < t->count; i++)
        offset[i + 1] = offset[i] + (c[i] ? (int64_t)strlen(c[i]) : 0);
    char *flat = mem_new((size_t)offset[t->count] + 1);
    for (int64_t i = 0; i < t->count; i++)
        memcpy(flat + offset[i], c[i] ? c[i] : "", (size_t)(offset[i + 1] - offset[i]));
    put_ragged(t, name, H5_U8, flat, offset);
    mem_free(flat);
    mem_free(offset);
    mem_free(c);
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

static int has_checkers(const bank_t *b)
{
    int n = 0;
    for (int i = 0; i < b->n_problem; i++)
        n += b->problem[i].checker && *b->problem[i].checker;
    return n > 0;
}

static int has_imported(const bank_t *b)
{
    int n = 0;
    for (int i = 0; i < b->n_program; i++)
        n += b->program[i].label == LABEL_IMPORTED;
    return n > 0;
}

static int has_calls(const bank_t *b)
{
    int n = 0;
    for (int i = 0; i < b->n_test; i++)
        n += b->test[i].form != FORM_STDIN;
    return n > 0;
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

#define INT(name, type, field) put_column(&t, name, H5_I32, 4, offsetof(type, field))
#define HASH(name, type, field) put_hashes(&t, name, offsetof(type, field))
#define TEXT(name, type, field) put_texts(&t, name, offsetof(type, field))
#define NAMED(name, names, n, type, field)                                               \
    put_names(&t, name, names, n, offsetof(type, field))

void bank_put(h5_t *f, group_t *g, const bank_t *b, bank_columns_t with)
{
    table_t t = table_of(f, g, b->problem, sizeof(problem_t), b->n_problem, with.grow);
    HASH("problem/id", problem_t, id);
    NAMED("problem/split", suite_names, SUITES, problem_t, split);
    NAMED("problem/difficulty", difficulty_names, 3, problem_t, difficulty);
    INT("problem/time_ms", problem_t, time_ms);
    INT("problem/memory_kb", problem_t, memory_kb);
    TEXT("problem/family", problem_t, family);
    TEXT("problem/statement", problem_t, statement);
    TEXT("problem/example", problem_t, example);
    if (with.checkers) {
        TEXT("problem/checker", problem_t, checker);
        NAMED("problem/checker_language", lang_names, LANGS, problem_t, checker_lang);
    }
    t = table_of(f, g, b->test, sizeof(test_t), b->n_test, with.grow);
    INT("test/problem", test_t, problem);
    NAMED("test/checker", check_names, CHECKS, test_t, check);
    if (with.calls)
        NAMED("test/form", form_names, FORMS, test_t, form);
    TEXT("test/input", test_t, input);
    TEXT("test/output", test_t, output);
    put_known(&t);
    t = table_of(f, g, b->program, sizeof(program_t), b->n_program, with.grow);
    HASH("program/id", program_t, id);
    INT("program/problem", program_t, problem);
    NAMED("program/language", lang_names, LANGS, program_t, lang);
    NAMED("program/pool", pool_names, POOLS, program_t, pool);
    put_column(&t, "program/pass_rate", H5_F32, 4, offsetof(program_t, pass_rate));
    if (with.labels)
        NAMED("program/label", label_names, LABELS, program_t, label);
    TEXT("program/source", program_t, source);
    TEXT("program/origin", program_t, origin);
    TEXT("program/core", program_t, core);
    TEXT("program/walk", program_t, walk);
    t = table_of(f, g, b->verdict, sizeof(verdict_t), b->n_verdict, with.grow);
    INT("verdict/program", verdict_t, program);
    INT("verdict/test", verdict_t, test);
    NAMED("verdict/verdict", verdict_names, VERDICTS, verdict_t, verdict);
    NAMED("verdict/mode", sandbox_mode_names, IN_MODES, verdict_t, mode);
    put_column(&t, "verdict/time_us", H5_I64, 8, offsetof(verdict_t, time_us));
    put_column(&t, "verdict/memory_kb", H5_I64, 8, offsetof(verdict_t, memory_kb));
    HASH("verdict/key", verdict_t, key);
    t = table_of(f, g, b->list, sizeof(list_t), b->n_list, with.grow);
    NAMED("list/suite", suite_names, SUITES, list_t, suite);
    INT("list/problem", list_t, problem);
    put_lists(&t);
}
#undef INT
#undef HASH
#undef TEXT
#undef NAMED

void bank_write(group_t *g, const bank_t *b, const char *path, const char *deck)
{
    text_t why = {0};
    if (bank_check(b, &why))
        fail(CODE_FAULT, "%s: this bank is not written: %s", path, why.s);
    text_reset(&why);
    bank_columns_t with = {has_checkers(b), has_calls(b), has_imported(b), 0};
    h5_t *f = h5_create(g, path, "problems", with.labels ? BANK_VERSION : BANK_PLAIN, deck);
    bank_put(f, g, b, with);
    h5_commit(f);
}

/* Reading: the number of rows of a column, which all others of the table must have. */
static table_t table_in(h5_t *f, const char *name, size_t stride)
{
    int64_t rows, cols;
    h5_shape(f, name, &rows, &cols);
    if (rows > INT32_MAX / 2)
        fail(CODE_FIT, "%s: %s has %lld rows, at most 2^30 fit", h5_path(f), name,
             (long long)rows);
    char *item = mem_new((size_t)(rows ? rows : 1) * stride);
    return (table_t){f, item, stride, rows, 0, rows, 0};
}

static void spread(const table_t *t, size_t field, const void *c, size_t width)
{
    for (int64_t i = 0; i < t->n; i++)
        memcpy(t->item + (size_t)i * t->stride + field,
               (const char *)c + (size_t)i * width, width);
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

static void get_names(const table_t *t, const char *name, const char *const *names,
                      int n_names, size_t field)
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
        fail(CODE_DATA, "%s: %s has %lld items, expected %lld; the file is damaged",
             h5_path(t->f), name, (long long)n, (long long)t->n);
}

static void get_texts(const table_t *t, const char *name, size_t field)
{
    char *flat;
    int64_t *offset;
    count_is(t, name, h5_get_ragged(t->f, name, H5_U8, (void **)&flat, &offset, 1));
    for (int64_t i = 0; i < t->n; i++) {
        size_t n = (size_t)(offset[i + 1] - offset[i]);
        if (memchr(flat + offset[i], 0, n))
            fail(CODE_DATA, "%s: %s, item %lld holds a NUL byte, a text was expected; the file is damaged",
                 h5_path(t->f), name, (long long)i);
        char *s = mem_new(n + 1);
        memcpy(s, flat + offset[i], n);
        memcpy(t->item + (size_t)i * t->stride + field, &s, sizeof s);
    }
    mem_free(flat);
    mem_free(offset);
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
            fail(
                CODE_DATA,
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
            fail(CODE_DATA, "%s: the tests of problem %d do not stand together (test %d)",
                 path, q, i);
        p->tests++;
    }
}

#define INT(name, type, field) get_column(&t, name, H5_I32, 4, offsetof(type, field))
#define HASH(name, type, field) get_hashes(&t, name, offsetof(type, field))
#define TEXT(name, type, field) get_texts(&t, name, offsetof(type, field))
#define NAMED(name, names, n, type, field)                                               \
    get_names(&t, name, names, n, offsetof(type, field))
#define TAKE(array, type)                                                                \
    (b->array = (type *)t.item, b->n_##array = b->cap_##array = (int)t.n)

static void read_all(group_t *g, bank_t *b, const char *path, int derive)
{
    _Static_assert(sizeof(suite_t) == sizeof(int) &&
                       sizeof(verdict_kind_t) == sizeof(int),
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
    TAKE(problem, problem_t);
    t = table_in(f, "test/problem", sizeof(test_t));
    INT("test/problem", test_t, problem);
    NAMED("test/checker", check_names, CHECKS, test_t, check);
    if (h5_has(f, "test/form"))
        NAMED("test/form", form_names, FORMS, test_t, form);
    TEXT("test/input", test_t, input);
    TEXT("test/output", test_t, output);
    get_known(&t);
    TAKE(test, test_t);
    t = table_in(f, "program/problem", sizeof(program_t));
    HASH("program/id", program_t, id);
    INT("program/problem", program_t, problem);
    NAMED("program/language", lang_names, LANGS, program_t, lang);
    NAMED("program/pool", pool_names, POOLS, program_t, pool);
    get_column(&t, "program/pass_rate", H5_F32, 4, offsetof(program_t, pass_rate));
    if (h5_has(f, "program/label"))  /* older files: all executed */
        NAMED("program/label", label_names, LABELS, program_t, label);
    TEXT("program/source", program_t, source);
    TEXT("program/origin", program_t, origin);
    TEXT("program/core", program_t, core);
    TEXT("program/walk", program_t, walk);
    TAKE(program, program_t);
    t = table_in(f, "verdict/program", sizeof(verdict_t));
    INT("verdict/program", verdict_t, program);
    INT("verdict/test", verdict_t, test);
    NAMED("verdict/verdict", verdict_names, VERDICTS, verdict_t, verdict);
    if (h5_has(f, "verdict/mode"))   /* older files do not say in which mode */
        NAMED("verdict/mode", sandbox_mode_names, IN_MODES, verdict_t, mode);
    get_column(&t, "verdict/time_us", H5_I64, 8, offsetof(verdict_t, time_us));
    get_column(&t, "verdict/memory_kb", H5_I64, 8, offsetof(verdict_t, memory_kb));
    HASH("verdict/key", verdict_t, key);
    TAKE(verdict, verdict_t);
    t = table_in(f, "list/problem", sizeof(list_t));
    NAMED("list/suite", suite_names, SUITES, list_t, suite);
    INT("list/problem", list_t, problem);
    get_lists(&t);
    TAKE(list, list_t);
    h5_close(f);
    find_tests(b, path);
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
