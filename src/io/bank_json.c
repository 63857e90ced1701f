/* Problems from JSON lines, and verdicts to JSON lines.

   One problem a line:

       {"id": TEXT, "statement": TEXT, "time_ms": N, "memory_kb": N, "checker": NAME,
        "tests": [{"input": TEXT, "output": TEXT, "checker": NAME}, {"call": TEXT}, ...],
        "programs": [{"id": TEXT, "language": NAME, "source": TEXT, "reference": BOOL,
                      "pool": NAME}, ...]}

   Needed: tests, programs, and of a program language and source.  checker is a name
   (tokens, exact, lines, float) or, of the whole problem, a program that decides:
   {"language": NAME, "source": TEXT}.  A test without output gets that of the program
   that says "reference": true.  A call is a test of a Python function.
   Ids are unique (of programs: within their problem); without one a problem is #LINE and
   a program its number in the line.  Both become the program's origin, PROBLEM/PROGRAM.
   Other fields are left alone, with one warning for each name.  `aletheia import` reads
   one more of programs, pass_rate, to compare it (import.c reads by the same functions).

   The file is read once, a line at a time.  A bad line ends it: file:line, field, what
   was expected; nothing of the file is imported.

   Out comes one line for each program: problem, program, language, pool, tests, how many
   of each verdict, pass_rate (null where a test has no verdict). */
#include "bank_json.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Fields that nobody reads: said once for each name. */
void bank_json_left_alone(bank_reader_t *m, const field_t *f, const char *const *known)
{
    const char *key;
    json_t *v;
    if (m->quiet)
        return;
    json_object_foreach((json_t *)f->o, key, v) {
        int i = 0;
        char mark[64];
        while (known[i] && strcmp(known[i], key))
            i++;
        snprintf(mark, sizeof mark, ",%.60s,", key);
        if (known[i] || strstr(m->warned, mark))
            continue;
        log_warn("%s: field %s%.60s is not known here and left alone", f->file, f->where, key);
        snprintf(m->warned + strlen(m->warned), sizeof m->warned - strlen(m->warned), "%s", mark);
    }
}

int bank_json_name(const field_t *f, const char *key, const char *const *names, int n,
                   int otherwise)
{
    const char *s = field_text_or(f, key, NULL);
    for (int i = 0; s && i < n; i++)
        if (!strcmp(s, names[i]))
            return i;
    if (!s && otherwise >= 0)
        return otherwise;
    text_t all = {0};
    for (int i = 0; i < n; i++)
        text_addf(&all, "%s%s", i ? ", " : "", names[i]);
    if (!s)
        field_bad(f, key, "missing; one of %s was expected", all.s);
    field_bad(f, key, "\"%.60s\" is not known; one of %s was expected", s, all.s);
}

static void add_id(bank_reader_t *m, const char *id)
{
    bank_name_t n = {hash_bytes(id, strlen(id)), m->line, mem_text(id)};
    PUSH(m->name, m->n_name, m->cap_name, n);
}

static int by_id(const void *a, const void *b)
{
    const bank_name_t *x = a, *y = b;
    return x->id.hi != y->id.hi   ? (x->id.hi < y->id.hi ? -1 : 1)
           : x->id.lo != y->id.lo ? (x->id.lo < y->id.lo ? -1 : 1)
                                  : x->line - y->line;
}

/* Said first: of the earlier line, and a problem before its programs. */
static int before(const bank_name_t *x, const bank_name_t *y)
{
    return x->line != y->line ? x->line < y->line : strlen(x->name) < strlen(y->name);
}

/* Ids that came twice: the later line is the bad one. */
void bank_json_ids(bank_reader_t *m)
{
    if (m->n_name)
        qsort(m->name, (size_t)m->n_name, sizeof *m->name, by_id);
    const bank_name_t *bad = NULL, *first = NULL;
    for (int i = 1; i < m->n_name; i++)
        if (hash_equal(m->name[i].id, m->name[i - 1].id) && (!bad || before(&m->name[i], bad)))
            bad = &m->name[i], first = &m->name[i - 1];
    if (bad)
        fail(CODE_DATA, "%s:%d: the id \"%.200s\" is that of line %d already; ids must be unique",
             m->path, bad->line, bad->name, first->line);
    for (int i = 0; i < m->n_name; i++)
        mem_free(m->name[i].name);
    mem_free(m->name);
    m->name = NULL;
    m->n_name = m->cap_name = 0;
}

/* `floats`, as `aletheia exec` says it, is a name too. */
static check_t checker_of(const field_t *f, check_t otherwise)
{
    const json_t *v = field_get(f, "checker");
    if (json_is_string(v) && !strcmp(json_string_value(v), "floats"))
        return CHECK_FLOAT;
    return (check_t)bank_json_name(f, "checker", check_names, CHECK_SPECIAL, (int)otherwise);
}

/* The problem's checker: a name for all its tests, or a program. */
static check_t read_checker(const field_t *f, problem_t *p)
{
    if (!json_is_object(field_get(f, "checker")))
        return checker_of(f, CHECK_TOKENS);
    field_t c = field_object(f, "checker");
    p->checker_lang = (lang_t)bank_json_name(&c, "language", lang_names, LANGS, -1);
    p->checker = mem_text(field_text(&c, "source"));
    if (!*p->checker)
        field_bad(&c, "source", "empty; the source of a program was expected");
    return CHECK_SPECIAL;
}

static void read_test(bank_reader_t *m, const field_t *f, test_t *t, check_t check)
{
    static const char *const known[] = {"input", "output", "checker", "call", "id", NULL};
    bank_json_left_alone(m, f, known);
    t->check = check == CHECK_SPECIAL && !field_get(f, "checker") ? check : checker_of(f, check);
    const char *call = field_text_or(f, "call", NULL), *output = field_text_or(f, "output", NULL);
    if (call) {
        if (field_get(f, "input") || output)
            field_bad(f, "call", "such a test has no input and no output");
        t->form = FORM_CALL;
        t->input = mem_text(call);
        t->output = mem_text("");
        return;
    }
    t->input = mem_text(field_text_or(f, "input", ""));
    t->output = output ? mem_text(output) : NULL;
}

/* What a file says that a program passes, where its reader wants to know (NAN: nothing). */
static float read_rate(const field_t *f)
{
    double rate = field_real_or(f, "pass_rate", NAN);
    if (rate < 0 || rate > 1)
        field_bad(f, "pass_rate", "%g is outside 0 to 1", rate);
    return (float)rate;
}

static void read_program(bank_reader_t *m, const field_t *f, const char *problem, int number, int calls)
{
    static const char *const known[] = {"id", "language", "source", "reference", "pool", NULL},
                      *const rated[] = {"id", "language", "source", "reference", "pool", "pass_rate", NULL};
    bank_t *b = m->b;
    bank_json_left_alone(m, f, m->rates ? rated : known);
    program_t p = {.problem = b->n_problem, .pass_rate = m->rates ? read_rate(f) : NAN};
    p.lang = (lang_t)bank_json_name(f, "language", lang_names, LANGS, -1);
    p.pool = (pool_t)bank_json_name(f, "pool", pool_names, POOLS, POOL_IMPORTED);
    if (field_flag_or(f, "reference", 0))
        p.pool = POOL_REFERENCE;
    if (calls && p.lang != LANG_PYTHON)
        field_bad(f, "language", "\"%s\", but tests that are calls are for python only",
                  lang_names[p.lang]);
    const char *source = field_text(f, "source"), *id = field_text_or(f, "id", NULL);
    char numbered[24];
    snprintf(numbered, sizeof numbered, "%d", number + 1);
    if (id && strchr(id, '/'))
        field_bad(f, "id", "\"%.60s\" holds a slash, which separates problem and program", id);
    text_t origin = {0};
    text_addf(&origin, "%s/%s", problem, id ? id : numbered);
    add_id(m, origin.s);
    p.id = hash_more(hash_bytes(lang_names[p.lang], strlen(lang_names[p.lang])), source,
                     strlen(source));
    p.source = mem_text(source);
    p.origin = mem_text(origin.s);
    p.core = mem_text("");
    p.walk = mem_text("");
    text_reset(&origin);
    PUSH(b->program, b->n_program, b->cap_program, p);
}

void bank_json_tests(bank_reader_t *m, const field_t *f, problem_t *p)
{
    bank_t *b = m->b;
    const json_t *tests = field_array(f, "tests");
    check_t check = read_checker(f, p);
    p->test = b->n_test;
    p->tests = (int)json_array_size(tests);
    if (!p->tests)
        field_bad(f, "tests", "empty; at least one test was expected");
    for (int i = 0; i < p->tests; i++) {
        test_t t = {.problem = b->n_problem};
        field_t one = field_item(f, "tests", (size_t)i, json_array_get(tests, (size_t)i));
        read_test(m, &one, &t, check);
        p->id = hash_more(p->id, t.input, strlen(t.input));
        PUSH(b->test, b->n_test, b->cap_test, t);
    }
}

/* Outputs that are missing need a reference; a special checker can do without. */
static void check_outputs(bank_reader_t *m, const field_t *f, const problem_t *p, int first_program)
{
    bank_t *b = m->b;
    int reference = 0;
    for (int i = first_program; i < b->n_program; i++)
        reference |= b->program[i].pool == POOL_REFERENCE;
    for (int i = p->test; i < b->n_test && !reference; i++) {
        if (b->test[i].output)
            continue;
        if (b->test[i].check != CHECK_SPECIAL)
            field_bad(f, "tests", "test %d has no output, and no program says \"reference\": true, "
                      "whose output it could be", i - p->test + 1);
        b->test[i].output = mem_text("");
    }
}

void bank_json_problem(bank_reader_t *m, const field_t *f)
{
    static const char *const known[] = {"id", "statement", "tests", "programs", "checker", "time_ms",
                                        "memory_kb", "difficulty", "split", NULL};
    bank_t *b = m->b;
    bank_json_left_alone(m, f, known);
    text_t id = {0};
    text_addf(&id, "#%d", m->line);
    const char *name = field_text_or(f, "id", id.s);
    const char *statement = field_text_or(f, "statement", "");
    add_id(m, name);
    problem_t p = {.id = hash_bytes(statement, strlen(statement)),
                   .split = bank_json_name(f, "split", suite_names, 2, SUITE_TRAIN),
                   .difficulty = bank_json_name(f, "difficulty", difficulty_names, 3, 0),
                   .time_ms = (int)field_int_or(f, "time_ms", 10, 600000, m->time_ms),
                   .memory_kb = (int)field_int_or(f, "memory_kb", 8192, 67108864, m->memory_kb)};
    bank_json_tests(m, f, &p);
    int calls = 0, first = b->n_program;
    for (int i = p.test; i < b->n_test; i++)
        calls |= b->test[i].form == FORM_CALL;
    const json_t *programs = field_array(f, "programs");
    if (!json_array_size(programs))
        field_bad(f, "programs", "empty; at least one program was expected");
    for (size_t i = 0; i < json_array_size(programs); i++) {
        field_t one = field_item(f, "programs", i, json_array_get(programs, i));
        read_program(m, &one, name, (int)i, calls);
    }
    check_outputs(m, f, &p, first);
    p.statement = mem_text(statement);
    p.family = mem_text("imported");
    p.example = mem_text("");
    if (!p.checker)
        p.checker = mem_text("");
    PUSH(b->problem, b->n_problem, b->cap_problem, p);
    text_reset(&id);
}

static void read_line(bank_reader_t *m, const char *s, size_t n)
{
    char where[4096];
    snprintf(where, sizeof where, "%s:%d", m->path, m->line);
    field_t f = field_parse(where, s, n);
    bank_json_problem(m, &f);
    field_close(f);
}

void bank_import(bank_t *b, const char *path, int time_ms, int memory_kb)
{
    bank_reader_t m = {.b = b, .path = path, .time_ms = time_ms, .memory_kb = memory_kb, .warned = ","};
    FILE *f = fopen(path, "rb");
    char *line = NULL;
    size_t cap = 0;
    *b = (bank_t){0};
    if (!f)
        fail(CODE_DATA, "%s: cannot be read: %s", path, strerror(errno));
    for (ssize_t n; (n = getline(&line, &cap, f)) >= 0;) {
        m.line++;
        if (strspn(line, " \t\r\n") < (size_t)n)
            read_line(&m, line, (size_t)n);
    }
    if (ferror(f))
        fail(CODE_DATA, "%s: cannot be read: %s", path, strerror(errno));
    fclose(f);
    free(line);
    if (!b->n_problem)
        fail(CODE_DATA, "%s: no problems in it; one JSON object with tests and programs was expected "
             "on each line", path);
    bank_json_ids(&m);
}

/* out -------------------------------------------------------------------------------- */

/* Imported programs by the ids that they came with, others by their numbers. */
static json_t *row_of(const bank_t *b, int i)
{
    const program_t *p = &b->program[i];
    const problem_t *q = &b->problem[p->problem];
    const char *slash = strrchr(p->origin, '/');
    json_t *o = json_object();
    if (slash && q->family && !strcmp(q->family, "imported")) {
        json_object_set_new(o, "problem", json_stringn(p->origin, (size_t)(slash - p->origin)));
        json_object_set_new(o, "program", json_string(slash + 1));
    } else {
        json_object_set_new(o, "problem", json_integer(p->problem));
        json_object_set_new(o, "program", json_integer(i));
    }
    json_object_set_new(o, "language", json_string(lang_names[p->lang]));
    json_object_set_new(o, "pool", json_string(pool_names[p->pool]));
    json_object_set_new(o, "tests", json_integer(q->tests));
    json_object_set_new(o, "verdicts", json_object());
    json_object_set_new(o, "pass_rate", isnan(p->pass_rate) ? json_null() : json_real(p->pass_rate));
    return o;
}

void bank_report(const bank_t *b, const char *path)
{
    text_t out = {0};
    int(*count)[VERDICTS] = mem_new((size_t)(b->n_program + 1) * sizeof *count);
    for (int i = 0; i < b->n_verdict; i++)
        count[b->verdict[i].program][b->verdict[i].verdict]++;
    for (int i = 0; i < b->n_program; i++) {
        json_t *o = row_of(b, i), *v = json_object_get(o, "verdicts");
        for (int k = 0; k < VERDICTS; k++)
            if (count[i][k])
                json_object_set_new(v, verdict_names[k], json_integer(count[i][k]));
        char *s = json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(7));
        text_addf(&out, "%s\n", s);
        free(s);
        json_decref(o);
    }
    int e = text_write_file(path, out.s ? out.s : "", out.len);
    if (e)
        fail(e == ENOSPC || e == EDQUOT ? CODE_FIT : CODE_DATA, "%s: cannot be written: %s", path,
             strerror(e));
    text_reset(&out);
    mem_free(count);
}
