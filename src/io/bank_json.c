/* Problems from JSON lines.

   One problem a line:

       {"id": TEXT, "statement": TEXT, "time_ms": N, "memory_kb": N, "checker": ...,
        "tests": [...], "setup": TEXT,
        "harness": {"language": NAME, "source": TEXT},
        "programs": [{"id": TEXT, "language": NAME, "source": TEXT, "reference": BOOL,
                      "pool": NAME}, ...]}

   Needed: tests, programs, and of a program language and source.  Tests, checkers and texts
   that lie in files or are base64: json_test.c.  A language has its name or one of its
   usual other ones (lang.c).  A test without output gets that of the program that says
   "reference": true.  Calls are for programs in Python.  A harness is the main file of the
   problem's programs, which are in its language and which it includes.  Ids are unique (of
   programs: within their problem); without one a problem is #LINE and a program its number
   in the line.  Both become the program's origin, PROBLEM/PROGRAM.  Other fields are left
   alone, with one warning for each name.  `aletheia import` reads one more of programs,
   pass_rate, to compare it (import.c reads by the same functions).

   Lines of two public sets of Python functions are problems as they stand, with programs
   added: task_id is an id, text or prompt a statement, test and entry_point, test_list,
   test_imports and test_setup_code are tests, completion of a program stands behind the
   prompt, and where there are no programs canonical_solution (behind the prompt) or code is
   the only one, the reference.

   The file is read once, a line at a time.  A line that is wrong goes as if it had not been
   there, and file:line, field, problem, test and what was expected are kept: the caller
   knows all of them at the end.  A byte order mark before a line is passed over. */
#include "bank_json.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a file says that a program passes, where its reader wants to know (NAN: nothing). */
static float read_rate(const field_t *f)
{
    double rate = field_real_or(f, "pass_rate", NAN);
    if (rate < 0 || rate > 1)
        field_bad(f, "pass_rate", "%g is outside 0 to 1", rate);
    return (float)rate;
}

/* The source of a program: its own, or what it puts behind the problem's prompt. */
static void read_source(bank_reader_t *m, const field_t *f, program_t *p)
{
    const char *rest = field_text_or(f, "completion", NULL);
    p->source = json_bytes(m, f, "source", &p->n_source);
    if (p->source && rest)
        field_bad(f, "completion", "there, and so is source; one of them was expected");
    if (!p->source && !rest)
        field_bad(f, "source", "missing; a text was expected");
    if (!rest)
        return;
    text_t t = {0};
    text_addf(&t, "%s%s", m->prompt, rest);
    p->source = t.s, p->n_source = t.len;
}

/* Ends what read_program and read_solution began. */
static void finish_program(bank_reader_t *m, program_t *p, const char *name)
{
    text_t origin = {0};
    text_addf(&origin, "%s/%s", m->id.s, name);
    bank_json_add_id(m, origin.s, 0);
    p->id = hash_more(hash_bytes(lang_names[p->lang], strlen(lang_names[p->lang])), p->source,
                      p->n_source);
    p->origin = origin.s;
    p->core = mem_text("");
    p->walk = mem_text("");
}

static program_t *new_program(bank_reader_t *m, float rate)
{
    const program_t p = {.problem = m->b->n_problem, .pass_rate = rate, .pool = POOL_REFERENCE};
    PUSH(m->b->program, m->b->n_program, m->b->cap_program, p);
    return &m->b->program[m->b->n_program - 1];
}

static void read_program(bank_reader_t *m, const field_t *f, int number, int calls)
{
    static const char *const known[] = {"id",          "language",      "source",
                                        "source_file", "source_base64", "completion",
                                        "reference",   "pool",          NULL},
                             *const rated[] = {"id",          "language",      "source",
                                               "source_file", "source_base64", "completion",
                                               "reference",   "pool",          "pass_rate",
                                               NULL};
    bank_json_left_alone(m, f, m->rates ? rated : known);
    program_t *p = new_program(m, m->rates ? read_rate(f) : NAN);
    p->lang = json_language(f, "language");
    p->pool = (pool_t)bank_json_name(f, "pool", pool_names, POOLS, POOL_IMPORTED);
    if (field_flag_or(f, "reference", 0))
        p->pool = POOL_REFERENCE;
    if (calls && p->lang != LANG_PYTHON)
        field_bad(f, "language", "\"%s\", but tests that are calls are for python only",
                  lang_names[p->lang]);
    if (m->now.harness && p->lang != m->now.harness_lang)
        field_bad(f, "language", "\"%s\", but the problem's harness is in %s", lang_names[p->lang],
                  lang_names[m->now.harness_lang]);
    read_source(m, f, p);
    const char *id = field_text_or(f, "id", NULL);
    char numbered[24];
    snprintf(numbered, sizeof numbered, "%d", number + 1);
    if (id && strchr(id, '/'))
        field_bad(f, "id", "\"%.60s\" holds a slash, which separates problem and program", id);
    finish_program(m, p, id ? id : numbered);
}

/* The published solution, where no programs are given; 0: there is none. */
static int read_solution(bank_reader_t *m, const field_t *f)
{
    const char *behind = field_text_or(f, "canonical_solution", NULL),
               *code = behind ? behind : field_text_or(f, "code", NULL);
    if (!code || field_get(f, "programs"))
        return 0;
    program_t *p = new_program(m, NAN);
    text_t t = {0};
    text_addf(&t, "%s%s", behind ? m->prompt : "", code);
    p->lang = LANG_PYTHON;
    p->source = t.s, p->n_source = t.len;
    finish_program(m, p, "canonical");
    return 1;
}

void bank_json_tests(bank_reader_t *m, const field_t *f, problem_t *p)
{
    json_tests(m, f, p);
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
        if (b->test[i].check < CHECK_SPECIAL)
            field_bad(f, "tests",
                      "test %d has no output, and no program says \"reference\": true, "
                      "whose output it could be",
                      i - p->test + 1);
        b->test[i].output = mem_text("");
    }
}

/* id, or task_id as others call it: a text or a whole number; else #LINE. */
static void read_id(bank_reader_t *m, const field_t *f)
{
    const char *key = field_get(f, "id") ? "id" : "task_id";
    const json_t *v = field_get(f, key);
    text_t id = {0};
    if (json_is_integer(v))
        text_addf(&id, "%lld", (long long)json_integer_value(v));
    else if (v)
        text_add(&id, field_text(f, key));
    else
        text_addf(&id, "#%d", m->line);
    text_clear(&m->id);
    text_add(&m->id, id.s ? id.s : "");
    text_reset(&id);
}

static void read_harness(bank_reader_t *m, const field_t *f, problem_t *p)
{
    if (!field_get(f, "harness"))
        return;
    field_t h = field_object(f, "harness");
    p->harness = json_program(m, &h, &p->harness_lang);
}

static int has_calls(const bank_t *b, const problem_t *p)
{
    int calls = 0;
    for (int i = p->test; i < b->n_test; i++)
        calls |= b->test[i].form == FORM_CALL;
    return calls;
}

void bank_json_problem(bank_reader_t *m, const field_t *f)
{
    static const char *const known[] = {"id",
                                        "task_id",
                                        "statement",
                                        "prompt",
                                        "text",
                                        "tests",
                                        "programs",
                                        "checker",
                                        "time_ms",
                                        "memory_kb",
                                        "difficulty",
                                        "split",
                                        "harness",
                                        "setup",
                                        "calls",
                                        "test",
                                        "entry_point",
                                        "test_list",
                                        "test_setup_code",
                                        "test_imports",
                                        "challenge_test_list",
                                        "canonical_solution",
                                        "code",
                                        CHECK_OPTIONS,
                                        NULL};
    bank_t *b = m->b;
    problem_t *p = &m->now;
    read_id(m, f);
    bank_json_left_alone(m, f, known);
    m->prompt = field_text_or(f, "prompt", "");
    const char *statement = field_text_or(f, "statement", field_text_or(f, "text", m->prompt));
    bank_json_add_id(m, m->id.s, 1);
    *p = (problem_t){.id = hash_bytes(statement, strlen(statement)),
                     .split = bank_json_name(f, "split", suite_names, 2, SUITE_TRAIN),
                     .difficulty = bank_json_name(f, "difficulty", difficulty_names, 3, 0),
                     .time_ms = (int)field_int_or(f, "time_ms", 10, 600000, m->time_ms),
                     .memory_kb = (int)field_int_or(f, "memory_kb", 8192, 67108864, m->memory_kb)};
    int first = b->n_program;
    json_tests(m, f, p);
    read_harness(m, f, p);
    int calls = has_calls(b, p);
    const json_t *programs = read_solution(m, f) ? NULL : field_array(f, "programs");
    if (programs && !json_array_size(programs))
        field_bad(f, "programs", "empty; at least one program was expected");
    for (size_t i = 0; i < json_array_size(programs); i++) {
        field_t one = field_item(f, "programs", i, json_array_get(programs, i));
        read_program(m, &one, (int)i, calls);
    }
    check_outputs(m, f, p, first);
    p->statement = mem_text(statement);
    p->family = mem_text("imported");
    p->example = mem_text("");
    if (!p->checker)
        p->checker = mem_text("");
    if (!p->harness)
        p->harness = mem_text("");
    PUSH(b->problem, b->n_problem, b->cap_problem, *p);
    m->now = (problem_t){0};
    text_clear(&m->id);
}

typedef struct {
    bank_reader_t *m;
    const char *s;
    size_t n;
} line_text_t;

static void read_line(void *ctx)
{
    const line_text_t *l = ctx;
    char where[4096];
    snprintf(where, sizeof where, "%s:%d", l->m->path, l->m->line);
    field_t f = field_line(where, l->s, l->n);
    bank_json_problem(l->m, &f);
    field_close(f);
}

static int by_line(const void *a, const void *b)
{
    const bank_bad_t *x = a, *y = b;
    return x->line - y->line;
}

static int blank(const char *s, size_t n)
{
    size_t i = field_bom(s, n);
    while (i < n && s[i] && strchr(" \t\r\n", s[i]))
        i++;
    return i == n;
}

/* Problems of lines with an id that came before go: the others keep their order. */
static void drop_twice(bank_t *b, const bank_bads_t *bad, int from, int **line)
{
    char *drop = ALLOC(char, b->n_problem + 1);
    int kept = 0;
    for (int i = 0, k = from; i < b->n_problem; i++) {
        while (k < bad->n && bad->item[k].line < (*line)[i])
            k++;
        drop[i] = k < bad->n && bad->item[k].line == (*line)[i];
        if (!drop[i])
            (*line)[kept++] = (*line)[i];
    }
    bank_without(b, drop);
    mem_free(drop);
}

void bank_import(bank_t *b, const char *path, int time_ms, int memory_kb, bank_bads_t *bad,
                 int **of_line)
{
    bank_reader_t m = {.b = b,
                       .path = path,
                       .time_ms = time_ms,
                       .memory_kb = memory_kb,
                       .warned = ","};
    FILE *f = fopen(path, "rb");
    char *line = NULL;
    size_t cap = 0;
    int n_line = 0, cap_line = 0, lines = 0;
    *b = (bank_t){0};
    *of_line = NULL;
    if (!f)
        fail(CODE_DATA, "%s: cannot be read: %s", path, strerror(errno));
    for (ssize_t n; (n = getline(&line, &cap, f)) >= 0;) {
        line_text_t text = {&m, line, (size_t)n};
        text_t why = {0};
        m.line++;
        if (blank(line, (size_t)n))
            continue;
        lines++;
        bank_mark_t mark = bank_json_mark(&m);
        if (!field_try(read_line, &text, &why)) {
            PUSH(*of_line, n_line, cap_line, m.line);
            continue;
        }
        bank_json_where(&m, &why);
        if (!m.id.len)
            text_addf(&m.id, "#%d", m.line);
        bank_bad(bad, -1, m.line, m.id.s, why.s);
        bank_json_undo(&m, mark);
        text_reset(&why);
    }
    if (ferror(f))
        fail(CODE_DATA, "%s: cannot be read: %s", path, strerror(errno));
    fclose(f);
    free(line);
    if (!lines)
        fail(CODE_DATA,
             "%s: no problems in it; one JSON object with tests and programs was expected "
             "on each line",
             path);
    int from = bad->n;
    bank_json_ids(&m, bad);
    drop_twice(b, bad, from, of_line);
    if (bad->n)
        qsort(bad->item, (size_t)bad->n, sizeof *bad->item, by_line);
    bank_json_end(&m);
}
