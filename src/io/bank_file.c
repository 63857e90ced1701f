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

   id and key are XXH3-128 (low word first); split, difficulty, checker, language, pool,
   verdict, mode, label, suite are enumerations; family, statement, example, input, output, source,
   origin, core, walk and list/program are ragged (NAME/data, NAME/offset). A test whose
   output is not known yet has known = 0.  Input, outputs and source are any bytes, all other
   texts hold no NUL.  A file whose outputs are compared in ways that older programs do not
   know, or with harnesses, is of version 3.  The tests of a problem stand together; which
   they are follows from test/problem.

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
    return with;
}

int bank_version(const bank_t *b)
{
    const bank_columns_t with = columns_of(b);
    return with.compares || with.harnesses || with.accepts ? BANK_VERSION
           : with.labels                                   ? BANK_IMPORTED
                                                           : BANK_PLAIN;
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

#define INT(name, type, field)  put_column(&t, name, H5_I32, 4, offsetof(type, field))
#define HASH(name, type, field) put_hashes(&t, name, offsetof(type, field))
#define TEXT(name, type, field) put_texts(&t, name, offsetof(type, field))
#define BYTES(name, type, field) \
    put_sized(&t, name, offsetof(type, field), offsetof(type, n_##field))
#define NAMED(name, names, n, type, field) put_names(&t, name, names, n, offsetof(type, field))

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
    if (with.compares) {
        put_column(&t, "problem/float_absolute", H5_F64, 8, offsetof(problem_t, compare.absolute));
        put_column(&t, "problem/float_relative", H5_F64, 8, offsetof(problem_t, compare.relative));
        INT("problem/nocase", problem_t, compare.nocase);
        INT("problem/spaces", problem_t, compare.spaces);
    }
    if (with.harnesses) {
        TEXT("problem/harness", problem_t, harness);
        NAMED("problem/harness_language", lang_names, LANGS, problem_t, harness_lang);
    }
    if (with.accepts) {
        t = table_of(f, g, b->accept, sizeof(accepted_t), b->n_accept, with.grow);
        INT("accept/test", accepted_t, test);
        BYTES("accept/output", accepted_t, output);
    }
    t = table_of(f, g, b->test, sizeof(test_t), b->n_test, with.grow);
    INT("test/problem", test_t, problem);
    NAMED("test/checker", check_names, CHECKS, test_t, check);
    if (with.calls)
        NAMED("test/form", form_names, FORMS, test_t, form);
    BYTES("test/input", test_t, input);
    BYTES("test/output", test_t, output);
    put_known(&t);
    t = table_of(f, g, b->program, sizeof(program_t), b->n_program, with.grow);
    HASH("program/id", program_t, id);
    INT("program/problem", program_t, problem);
    NAMED("program/language", lang_names, LANGS, program_t, lang);
    NAMED("program/pool", pool_names, POOLS, program_t, pool);
    put_column(&t, "program/pass_rate", H5_F32, 4, offsetof(program_t, pass_rate));
    if (with.labels)
        NAMED("program/label", label_names, LABELS, program_t, label);
    BYTES("program/source", program_t, source);
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
    if (with.words) {
        put_scores(&t);
        TEXT("verdict/message", verdict_t, message);
    }
    t = table_of(f, g, b->list, sizeof(list_t), b->n_list, with.grow);
    NAMED("list/suite", suite_names, SUITES, list_t, suite);
    INT("list/problem", list_t, problem);
    put_lists(&t);
}
#undef INT
#undef HASH
#undef TEXT
#undef BYTES
#undef NAMED

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
