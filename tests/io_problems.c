// Problems as others write them are read as they stand, every byte of them, and each line that is
// wrong is named and no other goes with it.
// RUN: np=1
#include "test.h"
#include "io.h"
#include <sys/stat.h>

static char dir[] = "/tmp/problems-XXXXXX", path[400];

static void write_bytes(const char *name, const char *s, size_t n)
{
    snprintf(path, sizeof path, "%s/%s", dir, name);
    check(!text_write_file(path, s, n));
}

/* The lines as a bank, into which nothing bad went; bad gets the others. */
static bank_t read_lines(const char *lines, size_t n, bank_bads_t *bad)
{
    bank_t b;
    int *line;
    text_t why = {0};
    write_bytes("p.jsonl", lines, n);
    bank_import(&b, path, 1000, 65536, bad, &line);
    check(!bank_check(&b, &why), "%s", why.s ? why.s : "");
    for (int i = 1; i < b.n_problem; i++)
        check(line[i] > line[i - 1]);
    text_reset(&why);
    mem_free(line);
    return b;
}

/* A problem with these fields and one Python program that is right by definition. */
static bank_t one(const char *fields)
{
    text_t t = {0};
    bank_bads_t bad = {0};
    text_addf(&t, "{%s}\n", fields);
    bank_t b = read_lines(t.s, t.len, &bad);
    check(bad.n == 0 && b.n_problem == 1, "%s: %s", fields, bad.n ? bad.item[0].why : "");
    bank_bads_free(&bad);
    text_reset(&t);
    return b;
}

#define PROGRAM "\"programs\":[{\"language\":\"python\",\"source\":\"print(1)\"}]"
#define TESTS   "\"tests\":[{\"input\":\"1\",\"output\":\"2\"}]"

/* The only problem that these fields make is refused, and why has all the parts (separated by
   |). */
static void wrong(const char *fields, const char *parts)
{
    text_t t = {0};
    bank_bads_t bad = {0};
    char part[200];
    text_addf(&t, "{%s}\n{" TESTS "," PROGRAM "}\n", fields);
    bank_t b = read_lines(t.s, t.len, &bad);
    check(bad.n == 1 && b.n_problem == 1 && b.n_test == 1 && b.n_program == 1 && !b.n_accept,
          "%s: %d bad", fields, bad.n);
    if (bad.n) {
        check(bad.item[0].line == 1 && strstr(bad.item[0].why, "p.jsonl:1: "), "%s",
              bad.item[0].why);
        for (const char *s = parts; *s; s += strcspn(s, "|"), s += *s == '|') {
            snprintf(part, sizeof part, "%.*s", (int)strcspn(s, "|"), s);
            check(strstr(bad.item[0].why, part) != NULL, "'%s' is not in: %s", part,
                  bad.item[0].why);
        }
    }
    bank_bads_free(&bad);
    bank_free(&b);
    text_reset(&t);
}

static int is(const char *s, size_t n, const char *want, size_t n_want)
{
    return n == n_want && !memcmp(s, want, n) && !s[n];
}

static void bytes(void)
{
    bank_t b = one(
        "\"tests\":[{\"input\":\"a\\u0000b\",\"output\":\"\\u0000\"},{\"input_base64\":\"/wAK\",\"output_base64\":\"\"},"
        "{\"input_base64\":\"YWJj\\nZA==\",\"output_base64\":\"_-8\"}],\"programs\":[{\"language\":\"c\",\"source\":\"x\\u0000y\"},"
        "{\"language\":\"c\",\"source_base64\":\"AAEC\"}]");
    check(is(b.test[0].input, b.test[0].n_input, "a\0b", 3) &&
          is(b.test[0].output, b.test[0].n_output, "\0", 1));
    check(is(b.test[1].input, b.test[1].n_input, "\xff\0\n", 3) &&
          is(b.test[1].output, b.test[1].n_output, "", 0));
    check(is(b.test[2].input, b.test[2].n_input, "abcd", 4) &&
          is(b.test[2].output, b.test[2].n_output, "\xff\xef", 2));
    check(is(b.program[0].source, b.program[0].n_source, "x\0y", 3) &&
          is(b.program[1].source, b.program[1].n_source, "\0\1\2", 3));
    bank_free(&b);
    static const char *const no[] = {"A",  "AB=",  "A===",  "AB==C",  "A*BC",
                                     "AB", "====", "AAAA=", "YWJj=ZA"};
    for (size_t i = 0; i < sizeof no / sizeof *no; i++) {
        char fields[300];
        snprintf(fields, sizeof fields,
                 "\"tests\":[{\"input_base64\":\"%s\",\"output\":\"\"}]," PROGRAM, no[i]);
        wrong(fields, "field tests[0].input_base64: this is not base64|problem #1, test 1");
    }
    wrong("\"tests\":[{\"input\":\"1\",\"input_base64\":\"AAAA\"}]," PROGRAM,
          "field tests[0].input: it is given more than once");
    wrong("\"id\":\"n\\u0000\"," TESTS "," PROGRAM, "field id: it holds a NUL byte");
    wrong("\"statement\":\"n\\u0000\"," TESTS "," PROGRAM,
          "field statement: it holds a NUL byte|(problem #1)");
    wrong("\"tests\":[{\"call\":\"assert f()\\u0000\"}]," PROGRAM,
          "field tests[0].call: it holds a NUL byte|test 1");
    wrong(TESTS ",\"checker\":{\"language\":\"c\",\"source\":\"x\\u0000\"}," PROGRAM,
          "field checker.source: it holds a NUL byte");
}

static void files(void)
{
    char fields[700], deep[300];
    write_bytes("in", "1\0002", 3);
    write_bytes("out", "\xff", 1);
    snprintf(deep, sizeof deep, "%s/sub", dir);
    check(!mkdir(deep, 0700));
    write_bytes("sub/a.py", "print(3)", 8);
    bank_t b = one(
        "\"tests\":[{\"input_file\":\"in\",\"output_file\":\"out\"}],\"programs\":[{\"language\":\"py\",\"source_file\":\"sub/a.py\"}]");
    check(is(b.test[0].input, b.test[0].n_input, "1\0002", 3) &&
          is(b.test[0].output, b.test[0].n_output, "\xff", 1));
    check(!strcmp(b.program[0].source, "print(3)"));
    bank_free(&b);
    snprintf(
        fields, sizeof fields,
        "\"tests\":[{\"input_file\":\"%s/in\",\"outputs\":[\"1\",{\"file\":\"out\"},{\"base64\":\"AA==\"}]}]," PROGRAM,
        dir);
    b = one(fields);
    check(b.n_accept == 2 && b.test[0].accepts == 2 &&
          is(b.test[0].output, b.test[0].n_output, "1", 1) && b.test[0].n_input == 3);
    check(is(b.accept[0].output, b.accept[0].n_output, "\xff", 1) &&
          is(b.accept[1].output, b.accept[1].n_output, "\0", 1));
    bank_free(&b);
    snprintf(path, sizeof path, "%s/pipe", dir);
    check(!mkfifo(path, 0600));
    wrong("\"tests\":[{\"input_file\":\"none\",\"output\":\"\"}]," PROGRAM,
          "field tests[0].input_file: |none: cannot be read: No such file");
    wrong("\"tests\":[{\"input\":\"\",\"output_file\":\"pipe\"}]," PROGRAM,
          "field tests[0].output_file: |pipe: a plain file was expected");
    wrong("\"tests\":[{\"input\":\"\",\"output_file\":\"sub\"}]," PROGRAM,
          "sub: a plain file was expected");
    wrong(TESTS ",\"programs\":[{\"language\":\"c\",\"source_file\":\"none.c\"}]",
          "field programs[0].source_file: |none.c: cannot be read");
    wrong("\"tests\":[{\"outputs\":[]}]," PROGRAM, "field tests[0].outputs: empty");
    wrong("\"tests\":[{\"output\":\"\",\"outputs\":[\"1\"]}]," PROGRAM,
          "field tests[0].outputs: there, and so is output");
    wrong("\"tests\":[{\"outputs\":[\"1\",7]}]," PROGRAM,
          "field tests[0].outputs: item 1: an object was expected, found a whole number");
    wrong("\"tests\":[{\"outputs\":[{\"file\":\"in\",\"base64\":\"\"}]}]," PROGRAM,
          "field tests[0].outputs: item 0: a text, {");
}

static void languages(void)
{
    static const struct {
        const char *name;
        lang_t l;
    } good[] = {{"python", LANG_PYTHON},   {"Python3", LANG_PYTHON}, {"PY", LANG_PYTHON},
                {"PyPy3", LANG_PYTHON},    {"C++", LANG_CPP},        {"cpp20", LANG_CPP},
                {"g++", LANG_CPP},         {"GNU++17", LANG_CPP},    {"js", LANG_JAVASCRIPT},
                {"Node", LANG_JAVASCRIPT}, {"golang", LANG_GO},      {"rs", LANG_RUST},
                {"C#", LANG_CSHARP},       {"cs", LANG_CSHARP},      {"rb", LANG_RUBY},
                {"hs", LANG_HASKELL},      {"kt", LANG_KOTLIN},      {"C", LANG_C}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        check(lang_find(good[i].name) == (int)good[i].l, "%s", good[i].name);
    static const char *const bad[] = {"", "pyth", "pythons", "c+", "c++ 17 ", "cobol", "j", "+"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        check(lang_find(bad[i]) < 0, "%s", bad[i]);
    for (int i = 0; i < LANGS; i++)
        check(lang_find(lang_names[i]) == i);
    wrong(TESTS ",\"programs\":[{\"language\":\"cobol\",\"source\":\"\"}]",
          "field programs[0].language: \"cobol\" is not known; one of python, c,");
}

static int compare_is(const bank_t *b, check_t check, double absolute, double relative, int nocase,
                      int spaces)
{
    const compare_t *c = &b->problem[0].compare;
    return b->test[0].check == check && c->absolute == absolute && c->relative == relative &&
           c->nocase == nocase && c->spaces == spaces;
}

static void checkers(void)
{
    static const struct {
        const char *fields;
        check_t check;
        double absolute, relative;
        int nocase, spaces;
    } good[] =
        {{"\"checker\":\"nocase\"", CHECK_TOKENS, 0, 0, 1, 0},
         {"\"checker\":\"lines nocase\"", CHECK_LINES, 0, 0, 1, 0},
         {"\"checker\":\"floats\"", CHECK_FLOAT, 0, 0, 0, 0},
         {"\"checker\":\"floats float_tolerance 1e-3\"", CHECK_FLOAT, 1e-3, 1e-3, 0, 0},
         {"\"checker\":\"tokens\",\"float_relative_tolerance\":0.25", CHECK_FLOAT, -1, 0.25, 0, 0},
         {"\"checker\":\"exact\",\"nocase\":true", CHECK_EXACT, 0, 0, 1, 0},
         {"\"float_absolute_tolerance\":0.5,\"case_sensitive\":true", CHECK_FLOAT, 0.5, -1, 0, 0},
         {"\"space_change_sensitive\":true", CHECK_TOKENS, 0, 0, 1, 1},
         {"\"checker\":{\"name\":\"floats\",\"float_tolerance\":2}", CHECK_FLOAT, 2, 2, 0, 0},
         {"\"checker\":{\"name\":\"tokens\",\"nocase\":true}", CHECK_TOKENS, 0, 0, 1, 0}};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        char fields[400];
        snprintf(fields, sizeof fields, "%s," TESTS "," PROGRAM, good[i].fields);
        bank_t b = one(fields);
        check(compare_is(&b, good[i].check, good[i].absolute, good[i].relative, good[i].nocase,
                         good[i].spaces),
              "%s", good[i].fields);
        bank_free(&b);
    }
    static const char *const protocol[] = {"special", "kattis", "testlib"};
    for (int i = 0; i < 3; i++) {
        char fields[400];
        snprintf(
            fields, sizeof fields,
            "\"checker\":{\"language\":\"c++\",\"source\":\"int main(){}\",\"protocol\":\"%s\"},\"tests\":[{}]," PROGRAM,
            protocol[i]);
        bank_t b = one(fields);
        check(b.test[0].check == (check_t)(CHECK_SPECIAL + i) &&
              b.problem[0].checker_lang == LANG_CPP && b.test[0].output && !*b.test[0].output);
        bank_free(&b);
    }
    bank_t b = one(
        "\"nocase\":true,\"tests\":[{\"output\":\"\",\"checker\":\"exact\"},{\"output\":\"\",\"checker\":\"lines nocase\"}]," PROGRAM);
    check(b.test[0].check == CHECK_EXACT && b.test[1].check == CHECK_LINES &&
          b.problem[0].compare.nocase);
    bank_free(&b);
    wrong("\"checker\":\"magic\"," TESTS "," PROGRAM, "field checker: no checker `magic`");
    wrong("\"checker\":\"exact\",\"float_tolerance\":1," TESTS "," PROGRAM,
          "field checker: |tolerance");
    wrong("\"float_tolerance\":-1," TESTS "," PROGRAM,
          "field float_tolerance: -1; a tolerance of 0 or more");
    wrong("\"float_tolerance\":\"1\"," TESTS "," PROGRAM,
          "field float_tolerance: a number was expected, found a text");
    wrong("\"nocase\":1," TESTS "," PROGRAM, "field nocase: true or false was expected");
    wrong("\"checker\":{\"language\":\"c\",\"source\":\"x\",\"protocol\":\"icpc\"}," TESTS
          "," PROGRAM,
          "field checker.protocol: \"icpc\" is not known; one of special, kattis, testlib");
    wrong("\"checker\":{\"language\":\"c\",\"source\":\"\"}," TESTS "," PROGRAM,
          "field checker.source: empty");
    wrong("\"checker\":{\"language\":\"c\"}," TESTS "," PROGRAM, "field checker.source: missing");
    wrong("\"tests\":[{\"output\":\"\"},{\"output\":\"\",\"checker\":\"nocase\"}]," PROGRAM,
          "field tests[1].checker: options are of the whole problem|test 2");
}

static void calls(void)
{
    bank_t b = one(
        "\"setup\":\"import math\",\"tests\":[{\"call\":\"assert f(1)\"},{\"check\":\"def check(c):\\n    assert c(1)\",\"entry_point\":\"f\"}],"
        "\"calls\":[\"assert f(2)\",\"x = f(3)\\nassert x\"]," PROGRAM);
    static const char *const text[] = {"import math\nassert f(1)",
                                       "import math\ndef check(c):\n    assert c(1)\ncheck(f)\n",
                                       "import math\nassert f(2)",
                                       "import math\nx = f(3)\nassert x"};
    check(b.n_test == 4);
    for (int i = 0; i < 4 && b.n_test == 4; i++)
        check(b.test[i].form == FORM_CALL &&
                  is(b.test[i].input, b.test[i].n_input, text[i], strlen(text[i])),
              "%s", b.test[i].input);
    bank_free(&b);
    b = one(
        "\"task_id\":\"Set/0\",\"prompt\":\"def f(x):\\n\",\"entry_point\":\"f\",\"canonical_solution\":\"    return x\\n\","
        "\"test\":\"def check(candidate):\\n    assert candidate(1) == 1\\n\"");
    check(b.n_test == 1 &&
              !strcmp(b.test[0].input,
                      "def check(candidate):\n    assert candidate(1) == 1\n\ncheck(f)\n"),
          "%s", b.test[0].input);
    check(!strcmp(b.program[0].source, "def f(x):\n    return x\n") &&
          !strcmp(b.program[0].origin, "Set/0/canonical") && b.program[0].pool == POOL_REFERENCE &&
          !strcmp(b.problem[0].statement, "def f(x):\n"));
    bank_free(&b);
    b = one(
        "\"task_id\":\"Set/0\",\"prompt\":\"def f(x):\\n\",\"entry_point\":\"f\",\"canonical_solution\":\"    return x\\n\",\"test\":\"def check(c): pass\","
        "\"programs\":[{\"id\":\"s\",\"language\":\"py3\",\"completion\":\"    return 1\\n\"}]");
    check(b.n_program == 1 && !strcmp(b.program[0].source, "def f(x):\n    return 1\n") &&
          !strcmp(b.program[0].origin, "Set/0/s"));
    bank_free(&b);
    b = one(
        "\"task_id\":11,\"text\":\"Say it.\",\"code\":\"def f(): return 1\",\"test_list\":[\"assert f() == 1\",\"assert f() != 2\"],"
        "\"test_setup_code\":\"y = 2\",\"test_imports\":[\"import os\",\"import re\"]");
    check(b.n_test == 2 &&
              !strcmp(b.test[1].input, "import os\nimport re\ny = 2\nassert f() != 2") &&
              !strcmp(b.program[0].origin, "11/canonical") &&
              !strcmp(b.problem[0].statement, "Say it."),
          "%s", b.test[1].input);
    bank_free(&b);
    b = one(
        "\"task_id\":12,\"prompt\":\"Say it.\",\"code\":\"def f(): return 1\",\"test_list\":[\"assert f() == 1\"],\"test_setup_code\":\"\",\"test_imports\":[]");
    check(!strcmp(b.test[0].input, "assert f() == 1") &&
          !strcmp(b.program[0].source, "def f(): return 1"));
    bank_free(&b);
    wrong("\"tests\":[{\"call\":\"assert f()\",\"input\":\"\"}]," PROGRAM,
          "field tests[0].call: such a test has no input");
    wrong("\"tests\":[{\"check\":\"def check(c): pass\"}]," PROGRAM,
          "field tests[0].entry_point: missing");
    wrong("\"tests\":[{\"check\":\"\",\"entry_point\":\"f()\"}]," PROGRAM,
          "field tests[0].entry_point: \"f()\"; the name of a function");
    wrong("\"tests\":[{\"check\":\"\",\"call\":\"\",\"entry_point\":\"f\"}]," PROGRAM,
          "field tests[0].check: there, and so is call");
    wrong("\"test_list\":[\"assert 1\",2]," PROGRAM,
          "field test_list: item 1: a text was expected|test 2");
    wrong("\"test_list\":[]," PROGRAM, "field tests: empty");
    wrong("\"test\":\"def check(c): pass\"," PROGRAM, "field entry_point: missing");
    wrong(
        "\"calls\":[\"assert f()\"],\"programs\":[{\"language\":\"js\",\"source\":\"\"}]",
        "field programs[0].language: \"javascript\", but tests that are calls are for python only");
    wrong(TESTS ",\"programs\":[{\"language\":\"c\",\"source\":\"\",\"completion\":\"\"}]",
          "field programs[0].completion: there, and so is source");
}

static void harnesses(void)
{
    bank_t b = one(
        "\"harness\":{\"language\":\"cpp17\",\"source\":\"#include \\\"solution.cpp\\\"\"}," TESTS
        ",\"programs\":[{\"language\":\"g++\",\"source\":\"\"}]");
    check(b.problem[0].harness_lang == LANG_CPP && strstr(b.problem[0].harness, "solution"));
    bank_free(&b);
    wrong("\"harness\":{\"language\":\"c\",\"source\":\"x\"}," TESTS "," PROGRAM,
          "field programs[0].language: \"python\", but the problem's harness is in c");
    wrong("\"harness\":{\"language\":\"c\"}," TESTS "," PROGRAM, "field harness.source: missing");
    wrong("\"harness\":\"x\"," TESTS "," PROGRAM,
          "field harness: an object was expected, found a text");
}

/* Of several lines each bad one is named in order, and the good ones are there as if they were
   alone. */
static void many(void)
{
    static const char lines[] =
        "\xef\xbb\xbf{\"id\":\"a\"," TESTS "," PROGRAM "}\n"
        "{\"id\":\"b\",\n"
        "\n"
        "{\"id\":\"c\",\"tests\":[{\"input\":\"x\",\"outputs\":[\"1\",\"2\",\"3\"]},{\"input\":\"y\"}]," PROGRAM
        "}\n"
        "{\"id\":\"d\",\"tests\":[{\"input\":\"x\",\"outputs\":[\"1\",\"2\"]},{\"input\":\"y\",\"outputs\":[\"3\",\"4\"]}],\"programs\":[{\"language\":\"c\",\"source\":\"1\"},{\"language\":\"c\",\"source\":\"2\"}]}\n"
        "\xef\xbb\xbf{\"id\":\"a\",\"tests\":[{\"input\":\"x\",\"outputs\":[\"8\",\"9\"]}]," PROGRAM
        "}\n"
        "{\"id\":\"e\"," TESTS
        ",\"programs\":[{\"id\":\"p\",\"language\":\"c\",\"source\":\"1\"},{\"id\":\"p\",\"language\":\"c\",\"source\":\"2\"}]}\n"
        "\xef\xbb\xbf  \n"
        "[]\n"
        "{\"id\":\"f\",\"tests\":[{\"input\":\"x\",\"outputs\":[\"5\",\"6\"]}]," PROGRAM "}";
    static const struct {
        int line;
        const char *id, *why;
    } want[] = {{2, "#2", "p.jsonl:2: not JSON"},
                {4, "c", "p.jsonl:4: field tests: test 2 has no output, and no program says"},
                {6, "a", "p.jsonl:6: the id \"a\" is that of line 1 already"},
                {7, "e", "p.jsonl:7: the id \"e/p\" is that of line 7 already"},
                {9, "#9", "p.jsonl:9: a JSON object was expected"}};
    bank_bads_t bad = {0};
    bank_t b = read_lines(lines, sizeof lines - 1, &bad);
    check(bad.n == 5, "%d bad", bad.n);
    for (int i = 0; i < 5 && bad.n == 5; i++)
        check(bad.item[i].line == want[i].line && !strcmp(bad.item[i].id, want[i].id) &&
                  strstr(bad.item[i].why, want[i].why),
              "%d %s: %s", bad.item[i].line, bad.item[i].id, bad.item[i].why);
    check(b.n_problem == 3 && b.n_test == 4 && b.n_program == 4 && b.n_accept == 3);
    check(!strcmp(b.program[0].origin, "a/1") && !strcmp(b.program[2].origin, "d/2") &&
          !strcmp(b.program[3].origin, "f/1") && b.program[3].problem == 2);
    static const char *const other[] = {"2", "4", "6"};
    for (int i = 0; i < 3; i++)
        check(b.accept[i].test == i + 1 && !strcmp(b.accept[i].output, other[i]) &&
              b.test[i + 1].accept == i && b.test[i + 1].accepts == 1);
    check(b.problem[2].test == 3 && b.problem[2].tests == 1 && b.test[3].problem == 2);
    bank_bads_free(&bad);
    bank_free(&b);
}

/* A report holds what checkers said, and who was left out. */
static void report(void)
{
    bank_t b = one("\"id\":\"r\",\"tests\":[{\"output\":\"1\"},{\"output\":\"2\"}]," PROGRAM);
    bank_bads_t skipped = {0}, failed = {0};
    text_t t = {0};
    verdict_t v[2] = {{.test = 1,
                       .verdict = V_WRONG_ANSWER,
                       .scored = 1,
                       .score = 0.25,
                       .message = mem_text("a \"b\"\xff")},
                      {.test = 0, .verdict = V_ACCEPTED, .message = mem_text("fine")}};
    PUSH(b.verdict, b.n_verdict, b.cap_verdict, v[1]);
    PUSH(b.verdict, b.n_verdict, b.cap_verdict, v[0]);
    bank_rates(&b);
    bank_bad(&skipped, -1, 7, "x", "why \xff");
    bank_bad(&failed, 0, 0, "r", "it did");
    snprintf(path, sizeof path, "%s/report", dir);
    bank_report(&b, path, &skipped, &failed);
    check(!text_read_file(&t, path));
    check(
        !strcmp(
            t.s,
            "{\"problem\":\"r\",\"program\":\"1\",\"language\":\"python\",\"pool\":\"imported\",\"tests\":2,\"verdicts\":{\"accepted\":1,"
            "\"wrong_answer\":1},\"pass_rate\":0.5,\"failing\":[{\"test\":1,\"verdict\":\"wrong_answer\",\"score\":0.25,"
            "\"message\":\"a \\\"b\\\"\\\\xff\"}]}\n{\"problem\":\"x\",\"line\":7,\"skipped\":\"why \\\\xff\"}\n"
            "{\"problem\":\"r\",\"failed\":\"it did\"}\n"),
        "%s", t.s);
    text_reset(&t);
    bank_bads_free(&skipped);
    bank_bads_free(&failed);
    bank_free(&b);
}

int main(int argc, char **argv)
{
    char command[64];
    check(mkdtemp(dir) != NULL);
    bytes();
    files();
    languages();
    checkers();
    calls();
    harnesses();
    many();
    report();
    test_begin(&argc, &argv);
    snprintf(command, sizeof command, "rm -r %s", dir);
    check(!system(command));
    return test_end();
}
