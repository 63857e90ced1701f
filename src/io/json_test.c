/* Tests of a problem in JSON lines, and how what a program prints is compared.

   A test is one of

       {"input": TEXT, "output": TEXT}          outputs: [TEXT, ...] where several are right
       {"call": TEXT}                           Python that asserts: any statements
       {"check": TEXT, "entry_point": NAME}     Python that defines check(candidate)

   and calls may also stand in the problem itself: calls or test_list, lists of texts; test
   with entry_point, one text that defines check.  setup, test_imports and test_setup_code of
   the problem stand before each of them, in the order test_imports, test_setup_code, setup.

   What JSON texts cannot hold is written as base64 (input_base64, output_base64,
   source_base64) or lies in a file that is named (input_file, ...), relative to the folder of
   the lines; in outputs as {"base64": TEXT} or {"file": NAME}.

   checker is words (check.c), or {"name": WORDS} with options as fields, or a program that
   decides, {"language": NAME, "source": TEXT, "protocol": special | kattis | testlib}.  The
   options nocase, case_sensitive, space_change_sensitive, float_tolerance,
   float_relative_tolerance and float_absolute_tolerance may be fields of the problem too.
   A test may have a checker of its own by name; options are of the whole problem. */
#include "bank_json.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

lang_t json_language(const field_t *f, const char *key)
{
    const char *name = field_text_or(f, key, NULL);
    int l = name ? lang_find(name) : -1;
    return (lang_t)(l >= 0 && l != LANG_TEXT ? l
                                             : bank_json_name(f, key, lang_names, LANG_TEXT, -1));
}

char *json_file(bank_reader_t *m, const field_t *f, const char *key, const char *name, size_t *n)
{
    const char *slash = strrchr(m->path, '/');
    struct stat s;
    text_t all = {0};
    text_clear(&m->scratch);
    if (*name != '/' && slash)
        text_addn(&m->scratch, m->path, (size_t)(slash + 1 - m->path));
    text_add(&m->scratch, name);
    int e = stat(m->scratch.s, &s) ? errno : 0;
    if (!e && !S_ISREG(s.st_mode))
        field_bad(f, key, "%.500s: a plain file was expected", m->scratch.s);
    e = e ? e : text_read_file(&all, m->scratch.s);
    if (e) {
        text_reset(&all);
        field_bad(f, key, "%.500s: cannot be read: %s", m->scratch.s, strerror(e));
    }
    *n = all.len;
    m->files++;
    char *bytes = bank_text(all.s ? all.s : "", all.len);
    text_reset(&all);
    return bytes;
}

static char *read_base64(bank_reader_t *m, const field_t *f, const char *key, const char *s,
                         size_t *n)
{
    text_clear(&m->scratch);
    if (base64_read(s, strlen(s), &m->scratch))
        field_bad(f, key, "this is not base64");
    *n = m->scratch.len;
    return bank_text(m->scratch.s, *n);
}

char *json_bytes(bank_reader_t *m, const field_t *f, const char *key, size_t *n)
{
    char file[64], coded[64];
    snprintf(file, sizeof file, "%s_file", key);
    snprintf(coded, sizeof coded, "%s_base64", key);
    const char *plain = field_bytes_or(f, key, n), *name = field_text_or(f, file, NULL),
               *code = field_text_or(f, coded, NULL);
    if ((plain != NULL) + (name != NULL) + (code != NULL) > 1)
        field_bad(f, key, "it is given more than once; one of %s, %s, %s was expected", key, file,
                  coded);
    return plain  ? bank_text(plain, *n)
           : name ? json_file(m, f, file, name, n)
           : code ? read_base64(m, f, coded, code, n)
                  : NULL;
}

char *json_program(bank_reader_t *m, const field_t *f, lang_t *l)
{
    size_t n;
    *l = json_language(f, "language");
    char *s = json_bytes(m, f, "source", &n);
    int nul = s && strlen(s) != n, empty = s && !n;
    if (s && !nul && !empty)
        return s;
    mem_free(s);
    if (!s)
        field_bad(f, "source", "missing; a text was expected");
    field_bad(f, "source",
              nul ? "it holds a NUL byte" : "empty; the source of a program was expected");
}

void json_lines(const field_t *f, const char *key, text_t *out)
{
    const json_t *v = field_get(f, key), *s;
    size_t i;
    if (v && !json_is_array(v)) {
        text_addf(out, "%s\n", field_text(f, key));
        return;
    }
    json_array_foreach (v, i, s) {
        if (!json_is_string(s) || strlen(json_string_value(s)) != json_string_length(s))
            field_bad(f, key, "item %zu: a text was expected", i);
        text_addf(out, "%s\n", json_string_value(s));
    }
}

/* checkers --------------------------------------------------------------------------- */

/* Options that are fields, as words. */
static void option_words(const field_t *f, text_t *out)
{
    static const char *const number[] = {"float_tolerance", "float_relative_tolerance",
                                         "float_absolute_tolerance"},
                             *const flag[] = {"nocase", "case_sensitive", "space_change_sensitive"};
    for (int i = 0; i < 3; i++)
        if (field_get(f, number[i])) {
            double x = field_real_or(f, number[i], 0);
            if (!(x >= 0 && x <= 1e300))
                field_bad(f, number[i], "%g; a tolerance of 0 or more was expected", x);
            text_addf(out, " %s %.17g", number[i], x);
        }
    for (int i = 0; i < 3; i++)
        if (field_flag_or(f, flag[i], 0))
            text_addf(out, " %s", flag[i]);
}

static void parse(bank_reader_t *m, const field_t *f, const char *key, check_t *check,
                  compare_t *how)
{
    text_t why = {0};
    char copy[400];
    if (!check_parse(m->scratch.s, check, how, &why))
        return;
    snprintf(copy, sizeof copy, "%s", why.s);
    text_reset(&why);
    field_bad(f, key, "%s", copy);
}

/* The problem's checker: words for all its tests, or a program. */
static check_t read_checker(bank_reader_t *m, const field_t *f, problem_t *p)
{
    static const char *const protocols[] = {"special", "kattis", "testlib"};
    check_t check = CHECK_TOKENS;
    int object = json_is_object(field_get(f, "checker"));
    static const char *const known[] = {"name",          "language", "source",      "source_file",
                                        "source_base64", "protocol", CHECK_OPTIONS, NULL};
    field_t c = object ? field_object(f, "checker") : *f;
    if (object)
        bank_json_left_alone(m, &c, known);
    if (object && !field_get(&c, "name")) {
        check = (check_t)(CHECK_SPECIAL + bank_json_name(&c, "protocol", protocols, 3, 0));
        p->checker = json_program(m, &c, &p->checker_lang);
        return check;
    }
    const char *words = field_text_or(&c, object ? "name" : "checker", "");
    text_clear(&m->scratch);
    text_add(&m->scratch, words);
    option_words(f, &m->scratch);
    if (object)
        option_words(&c, &m->scratch);
    parse(m, f, "checker", &check, &p->compare);
    return check;
}

static check_t own_checker(bank_reader_t *m, const field_t *f, check_t otherwise,
                           const compare_t *of)
{
    check_t check = otherwise;
    compare_t how = {0};
    const char *words = field_text_or(f, "checker", NULL);
    if (!words)
        return otherwise;
    text_clear(&m->scratch);
    text_add(&m->scratch, words);
    parse(m, f, "checker", &check, &how);
    int same = how.absolute == of->absolute && how.relative == of->relative &&
               how.nocase == of->nocase && how.spaces == of->spaces;
    if (bank_compares(&how) && !same)
        field_bad(f, "checker",
                  "options are of the whole problem; give them there, and here a name alone");
    return check;
}

/* tests ------------------------------------------------------------------------------ */

/* What an assert or a check function becomes: the statements of one test. */
static void make_call(bank_reader_t *m, const field_t *f, test_t *t, const char *key,
                      const char *entry)
{
    text_t s = {0};
    const char *text = field_text(f, key);
    if (entry &&
        (!*entry ||
         entry[strspn(entry, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789.")] ||
         strchr("0123456789.", *entry)))
        field_bad(f, "entry_point", "\"%.60s\"; the name of a function was expected", entry);
    text_addn(&s, m->setup.s ? m->setup.s : "", m->setup.len);
    text_add(&s, text);
    if (entry)
        text_addf(&s, "\ncheck(%s)\n", entry);
    t->form = FORM_CALL;
    t->input = s.s, t->n_input = s.len;
    t->output = mem_text("");
}

/* One of several right outputs: a text, {"file": NAME} or {"base64": TEXT}. */
static char *one_output(bank_reader_t *m, const field_t *f, const json_t *v, size_t i, size_t *n)
{
    if (json_is_string(v))
        return bank_text(json_string_value(v), *n = json_string_length(v));
    field_t o = field_item(f, "outputs", i, v);
    const char *name = field_text_or(&o, "file", NULL), *code = field_text_or(&o, "base64", NULL);
    if (!name == !code)
        field_bad(f, "outputs",
                  "item %zu: a text, {\"file\": NAME} or {\"base64\": TEXT} was expected", i);
    return name ? json_file(m, &o, "file", name, n) : read_base64(m, &o, "base64", code, n);
}

static void read_outputs(bank_reader_t *m, const field_t *f, test_t *t)
{
    bank_t *b = m->b;
    const json_t *all = field_get(f, "outputs") ? field_array(f, "outputs") : NULL, *v;
    size_t i;
    if (!all)
        return;
    if (t->output)
        field_bad(f, "outputs", "there, and so is output; one of them was expected");
    if (!json_array_size(all))
        field_bad(f, "outputs", "empty; at least one text was expected");
    t->accept = b->n_accept;
    json_array_foreach (all, i, v) {
        accepted_t one = {.test = b->n_test - 1};
        one.output = one_output(m, f, v, i, &one.n_output);
        if (i) {
            PUSH(b->accept, b->n_accept, b->cap_accept, one);
            t->accepts++;
        } else {
            t->output = one.output, t->n_output = one.n_output;
        }
    }
}

/* A fresh test of the problem that is being read, to be filled in its place, before the next
   one. */
static test_t *add_test(bank_reader_t *m, check_t check)
{
    const test_t t = {.problem = m->b->n_problem, .check = check};
    PUSH(m->b->test, m->b->n_test, m->b->cap_test, t);
    m->test++;
    return &m->b->test[m->b->n_test - 1];
}

static void read_test(bank_reader_t *m, const field_t *f, check_t check, const problem_t *p)
{
    static const char *const known[] = {"input",       "input_file",    "input_base64", "output",
                                        "output_file", "output_base64", "outputs",      "checker",
                                        "call",        "check",         "entry_point",  "id",
                                        NULL};
    test_t *t = add_test(m, check);
    bank_json_left_alone(m, f, known);
    t->check = own_checker(m, f, check, &p->compare);
    const char *key = field_get(f, "call") ? "call" : field_get(f, "check") ? "check" : NULL;
    t->input = json_bytes(m, f, "input", &t->n_input);
    t->output = json_bytes(m, f, "output", &t->n_output);
    if (key && (t->input || t->output || field_get(f, "outputs")))
        field_bad(f, key, "such a test has no input and no output");
    if (field_get(f, "call") && field_get(f, "check"))
        field_bad(f, "check", "there, and so is call; one of them was expected");
    if (key) {
        make_call(m, f, t, key, key[1] == 'h' ? field_text(f, "entry_point") : NULL);
        return;
    }
    read_outputs(m, f, t);
    if (!t->input)
        t->input = mem_text("");
}

/* Calls that stand in the problem itself. */
static void read_calls(bank_reader_t *m, const field_t *f, const char *key, check_t check)
{
    const json_t *all = field_get(f, key) ? field_array(f, key) : NULL, *v;
    size_t i;
    json_array_foreach (all, i, v) {
        test_t *t = add_test(m, check);
        text_t s = {0};
        if (!json_is_string(v) || strlen(json_string_value(v)) != json_string_length(v))
            field_bad(f, key, "item %zu: a text was expected", i);
        text_addn(&s, m->setup.s ? m->setup.s : "", m->setup.len);
        text_add(&s, json_string_value(v));
        t->form = FORM_CALL;
        t->input = s.s, t->n_input = s.len;
        t->output = mem_text("");
    }
}

void json_tests(bank_reader_t *m, const field_t *f, problem_t *p)
{
    bank_t *b = m->b;
    int own = field_get(f, "calls") || field_get(f, "test_list") || field_get(f, "test");
    const json_t *tests = own && !field_get(f, "tests") ? NULL : field_array(f, "tests");
    check_t check = read_checker(m, f, p);
    text_clear(&m->setup);
    json_lines(f, "test_imports", &m->setup);
    if (*field_text_or(f, "test_setup_code", ""))
        json_lines(f, "test_setup_code", &m->setup);
    json_lines(f, "setup", &m->setup);
    p->test = b->n_test;
    m->test = 0;
    for (size_t i = 0; i < json_array_size(tests); i++) {
        field_t one = field_item(f, "tests", i, json_array_get(tests, i));
        read_test(m, &one, check, p);
    }
    read_calls(m, f, "calls", check);
    read_calls(m, f, "test_list", check);
    if (field_get(f, "test"))
        make_call(m, f, add_test(m, check), "test", field_text(f, "entry_point"));
    m->test = 0;
    p->tests = b->n_test - p->test;
    if (!p->tests)
        field_bad(f, "tests", "empty; at least one test was expected");
    for (int i = p->test; i < b->n_test; i++)
        p->id = hash_more(p->id, b->test[i].input, b->test[i].n_input);
}
