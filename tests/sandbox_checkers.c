// Programs that check, asked in three ways, in every language that is here: what they say and give
// is kept, and none of their failures is taken for an answer.
// RUN: np=1
// TIMEOUT: 300
#include "test.h"
#include "sandbox.h"

static keeper_t *k;

typedef struct {
    check_t check;
    lang_t lang;
    const char *source, *verdict; /* verdict/sub-code */
    const char *words;            /* what the checker said; NULL: not looked at */
    double score;                 /* NAN: none */
} row_t;

static const char *testlib;

static done_t *judged(const row_t *r, const char *program)
{
    const char *in = "3 4\n", *want = "7 seven\n";
    const size_t n_in = 4, n_want = 8;
    job_t j = {.lang = LANG_PYTHON,
               .source = program,
               .n_source = strlen(program),
               .n_test = 1,
               .input = &in,
               .n_input = &n_in,
               .expect = &want,
               .n_expect = &n_want,
               .check = &r->check,
               .checker_lang = r->lang,
               .checker = r->source,
               .n_checker = strlen(r->source),
               .testlib = testlib,
               .n_testlib = testlib ? strlen(testlib) : 0,
               .limits = {.compile_cpu_ms = 8000, .compile_wall_ms = 60000}};
    keeper_submit(k, &j);
    done_t *d = keeper_poll(k, 120000);
    if (!d)
        fail(CODE_FAULT, "no answer within two minutes");
    return d;
}

static void must(const row_t *r, const char *program, const char *said)
{
    char got[100];
    done_t *d = judged(r, program);
    const outcome_t *o = &d->outcome[0];
    snprintf(got, sizeof got, "%s/%s", verdict_names[o->verdict], o->subcode);
    check(!strncmp(got, r->verdict, strlen(r->verdict)), "\n%s\n  wanted %s, got %s: %s", r->source,
          r->verdict, got, d->message);
    check(!r->words || ((int)strlen(r->words) == o->n_words &&
                        !memcmp(r->words, o->words, (size_t)o->n_words)),
          "\n%s\n  wanted `%s`, it said `%.*s`", r->source, r->words, o->n_words, o->words);
    check(isnan(r->score) ? !o->scored : o->scored && o->score == r->score, "\n%s\n  score %d %g",
          r->source, o->scored, o->score);
    check(!said || strstr(d->message, said), "\n%s\n  `%s` is not in: %s", r->source, said,
          d->message);
    done_free(d);
}

/* Three files by name, in the order of each way, and nothing else where it must not be. */
static void check_arguments(void)
{
    static const row_t row[] = {
        {CHECK_SPECIAL, LANG_PYTHON,
         "import sys\ni, e, o = [open(a).read() for a in sys.argv[1:]]\n"
         "sys.exit(0 if (i, e, o) == ('3 4\\n', '7 seven\\n', '12\\n') and not sys.stdin.read() else 1)",
         "accepted/", "", NAN},
        {CHECK_KATTIS, LANG_PYTHON,
         "import sys, os\ni, e = [open(a).read() for a in sys.argv[1:3]]\n"
         "ok = (i, e) == ('3 4\\n', '7 seven\\n') and sys.stdin.read() == '12\\n' and len(sys.argv) == 4\n"
         "ok = ok and sys.argv[3][-1] == '/' and os.listdir(sys.argv[3]) == [] and 'output' not in os.listdir('.')\n"
         "sys.exit(42 if ok else 43)",
         "accepted/", "", NAN},
        {CHECK_TESTLIB, LANG_PYTHON,
         "import sys\ni, o, e = [open(a).read() for a in sys.argv[1:]]\n"
         "sys.exit(0 if (i, e, o) == ('3 4\\n', '7 seven\\n', '12\\n') and not sys.stdin.read() else 1)",
         "accepted/", "", NAN},
        {CHECK_KATTIS, LANG_C,
         "#include <stdio.h>\n#include <string.h>\nint main(int n, char **v) { int x = 0, y = 0; FILE *e = n == 4 ? fopen(v[2], \"r\") : 0;\n"
         "if (!e || fscanf(e, \"%d\", &y) != 1 || scanf(\"%d\", &x) != 1) return 1;\n"
         "char path[200]; snprintf(path, 200, \"%sjudgemessage.txt\", v[3]); FILE *m = fopen(path, \"w\"); fprintf(m, \"%d and %d\\n\", x, y);\n"
         "fclose(m); return x == y + 5 ? 42 : 43; }",
         "accepted/", "12 and 7", NAN},
        {CHECK_TESTLIB, LANG_C,
         "#include <stdio.h>\nint main(int n, char **v) { int x = 0, y = 0; FILE *o = n == 4 ? fopen(v[2], \"r\") : 0, *e = n == 4 ? fopen(v[3], \"r\") : 0;\n"
         "if (!o || !e || fscanf(o, \"%d\", &x) != 1 || fscanf(e, \"%d\", &y) != 1) return 3; fprintf(stderr, \"ok %d %d\\n\", x, y);\n"
         "return x == y + 5 ? 0 : 1; }",
         "accepted/", "ok 12 7", NAN},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        must(&row[i], "print(12)", NULL);
}

static void check_kattis(void)
{
#define PY "import sys, os\nd = sys.argv[3]\n"
    static const row_t row[] = {
        {CHECK_KATTIS, LANG_PYTHON, PY "sys.exit(43)", "wrong_answer/", "", NAN},
        {CHECK_KATTIS, LANG_PYTHON,
         PY "open(d + 'judgemessage.txt', 'w').write('off by 5\\n'); sys.exit(43)", "wrong_answer/",
         "off by 5", NAN},
        {CHECK_KATTIS, LANG_PYTHON, PY "open(d + 'score.txt', 'w').write('17.25\\n'); sys.exit(42)",
         "accepted/", "", 17.25},
        {CHECK_KATTIS, LANG_PYTHON, PY "open(d + 'score.txt', 'w').write('none'); sys.exit(42)",
         "accepted/", "", NAN},
        {CHECK_KATTIS, LANG_PYTHON, PY "print('words', file=sys.stderr); sys.exit(42)", "accepted/",
         "words", NAN},
        {CHECK_KATTIS, LANG_PYTHON,
         PY "os.symlink('/etc/ld.so.cache', d + 'judgemessage.txt'); sys.exit(42)", "accepted/", "",
         NAN},
        {CHECK_KATTIS, LANG_PYTHON, PY "os.mkdir(d + 'score.txt'); sys.exit(42)", "accepted/", "",
         NAN},
        {CHECK_KATTIS, LANG_PYTHON, PY "os.rmdir(d); os.symlink('/usr', d[:-1]); sys.exit(43)",
         "wrong_answer/", "", NAN},
        {CHECK_KATTIS, LANG_PYTHON,
         PY "open(d + 'judgemessage.txt', 'w').write('x' * 5000); sys.exit(42)", "accepted/", NULL,
         NAN},
        {CHECK_KATTIS, LANG_PYTHON, PY "sys.exit(0)", "checker_fault/checker exit", "", NAN},
        {CHECK_KATTIS, LANG_PYTHON, PY "sys.exit(1)", "checker_fault/checker exit", "", NAN},
        {CHECK_KATTIS, LANG_PYTHON, PY "raise ValueError", "checker_fault/checker exit", NULL, NAN},
        {CHECK_KATTIS, LANG_PYTHON, PY "os.abort()", "checker_fault/checker crash", "", NAN},
        {CHECK_KATTIS, LANG_PYTHON, "sys.exit(", "checker_fault/checker compile", NULL, NAN},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        must(&row[i], "print(7)", NULL);
    must(&(row_t){CHECK_KATTIS, LANG_PYTHON, PY "sys.exit(0)", "checker_fault/", NULL, NAN},
         "print(7)", "status 0, which is no answer");
}

static void check_testlib(void)
{
#define SAY(words, status) "import sys\nsys.stderr.write('" words "')\nsys.exit(" #status ")"
    static const row_t row[] = {
        {CHECK_TESTLIB, LANG_PYTHON, SAY("ok 3 numbers\\n", 0), "accepted/", "ok 3 numbers", NAN},
        {CHECK_TESTLIB, LANG_PYTHON, SAY("wrong answer 1st", 1), "wrong_answer/",
         "wrong answer 1st", NAN},
        {CHECK_TESTLIB, LANG_PYTHON, SAY("wrong output format", 2), "wrong_answer/",
         "wrong output format", NAN},
        {CHECK_TESTLIB, LANG_PYTHON, SAY("FAIL jury", 3), "checker_fault/checker exit", "FAIL jury",
         NAN},
        {CHECK_TESTLIB, LANG_PYTHON, SAY("dirt", 4), "wrong_answer/", "dirt", NAN},
        {CHECK_TESTLIB, LANG_PYTHON, SAY("points 0.75 well", 7), "accepted/", "points 0.75 well",
         0.75},
        {CHECK_TESTLIB, LANG_PYTHON, SAY("0.5 well", 7), "accepted/", "0.5 well", 0.5},
        {CHECK_TESTLIB, LANG_PYTHON, SAY("points 0", 7), "wrong_answer/", "points 0", 0},
        {CHECK_TESTLIB, LANG_PYTHON, SAY("", 7), "accepted/", "", NAN},
        {CHECK_TESTLIB, LANG_PYTHON, SAY("unexpected eof", 8), "wrong_answer/", "unexpected eof",
         NAN},
        {CHECK_TESTLIB, LANG_PYTHON, SAY("partially correct (40) so so", 56), "wrong_answer/",
         "partially correct (40) so so", 40},
        {CHECK_TESTLIB, LANG_PYTHON, SAY("panicked", 101), "checker_fault/checker exit", "panicked",
         NAN},
        {CHECK_TESTLIB, LANG_PYTHON, SAY("?", 5), "checker_fault/checker exit", "?", NAN},
        {CHECK_TESTLIB, LANG_PYTHON, "raise KeyError(1)", "checker_fault/checker exit", NULL, NAN},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        must(&row[i], "print(7)", NULL);
    const row_t mine = {
        CHECK_TESTLIB,
        LANG_CPP,
        "#include \"testlib.h\"\nint main(int n, char **v) { registerTestlibCmd(n, v); int a = ouf.readInt(), b = ans.readInt();\n"
        "if (inf.readInt() != 3) quitf(_fail, \"input\"); if (a == b + 1) quitp(0.5, \"nearly\");\n"
        "quitf(a == b ? _ok : _wa, \"%d %d\", a, b); }\n",
        "checker_fault/checker compile",
        NULL,
        NAN};
    must(&mine, "print(7)", "[sandbox] testlib");
    /* A few lines with the names that this checker wants. */
    testlib =
        "#pragma once\n#include <cstdarg>\n#include <cstdio>\n#include <cstdlib>\nenum result { _ok, _wa, _pe, _fail };\n"
        "struct reader { FILE *f; int readInt() { int x; if (fscanf(f, \"%d\", &x) != 1) exit(2); return x; } };\n"
        "static reader inf, ouf, ans;\n"
        "static void registerTestlibCmd(int, char **v) { inf.f = fopen(v[1], \"r\"); ouf.f = fopen(v[2], \"r\"); ans.f = fopen(v[3], \"r\"); }\n"
        "[[noreturn]] static void quitf(int r, const char *s, ...) { va_list a; va_start(a, s); fputs(r ? \"wrong \" : \"ok \", stderr);\n"
        "vfprintf(stderr, s, a); exit(r); }\n"
        "[[noreturn]] static void quitp(double p, const char *s) { fprintf(stderr, \"points %g %s\", p, s); exit(7); }\n";
    const struct {
        const char *program, *verdict, *words;
        double score;
    } with[] = {
        {"print(7)", "accepted/", "ok 7 7", NAN},
        {"print(9)", "wrong_answer/", "wrong 9 7", NAN},
        {"print('x')", "wrong_answer/", "", NAN},
        {"print(8)", "accepted/", "points 0.5 nearly", 0.5},
    };
    for (int i = 0; i < 4; i++)
        must(&(row_t){CHECK_TESTLIB, LANG_CPP, mine.source, with[i].verdict, with[i].words,
                      with[i].score},
             with[i].program, NULL);
    const char *kept = testlib; /* another testlib.h, another program */
    testlib =
        "int main() { return 1; }\n#define main unused\n#define registerTestlibCmd(...) int a, b\n"
        "struct { int readInt() { return 1; } } static ouf, ans, inf;\nenum { _ok, _wa, _fail };\n"
        "static void quitf(int, const char *, ...) {}\nstatic void quitp(double, const char *) {}\n";
    done_t *d = judged(&mine, "print(7)");
    check(d->outcome[0].verdict != V_ACCEPTED, "the checker of another testlib.h was taken");
    done_free(d);
    testlib = kept;
}

/* What a special checker says is kept too, right or wrong. */
static void check_words(void)
{
    static const row_t row[] = {
        {CHECK_SPECIAL, LANG_PYTHON, "print('fine', 3)", "accepted/", "fine 3", NAN},
        {CHECK_SPECIAL, LANG_PYTHON, "import sys; sys.exit('bad at 4')", "wrong_answer/",
         "bad at 4", NAN},
        {CHECK_SPECIAL, LANG_PYTHON, "import os; os.write(1, b'a\\0\\xff'); os._exit(1)",
         "wrong_answer/", NULL, NAN},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        must(&row[i], "print(7)", NULL);
    done_t *d = judged(&row[2], "print(7)");
    check(d->outcome[0].n_words == 3 && !memcmp(d->outcome[0].words, "a\0\xff", 3));
    done_free(d);
}

/* Uncaught exceptions and their like, by language. */
static void check_throws(void)
{
#define JAVA(body) \
    "public class Check { public static void main(String[] a) throws Exception { " body " } }"
    static const row_t row[] = {
        {CHECK_SPECIAL, LANG_CPP,
         "#include <stdexcept>\nint main() { throw std::runtime_error(\"x\"); }",
         "checker_fault/checker crash", NULL, NAN},
        {CHECK_SPECIAL, LANG_CPP,
         "#include <vector>\nint main() { std::vector<int> v; return v.at(3); }",
         "checker_fault/checker crash", NULL, NAN},
        {CHECK_TESTLIB, LANG_C, "int main(void) { int *volatile p = 0; return *p; }",
         "checker_fault/checker crash", "", NAN},
        {CHECK_SPECIAL, LANG_JAVA, JAVA("throw new RuntimeException(\"oops\");"),
         "checker_fault/checker exit", NULL, NAN},
        {CHECK_SPECIAL, LANG_JAVA, JAVA("int[] x = new int[2]; x[a.length] = 1;"),
         "checker_fault/checker exit", NULL, NAN},
        {CHECK_SPECIAL, LANG_JAVA,
         "class C { static void f() { f(); } public static void main(String[] a) { f(); } }",
         "checker_fault/checker exit", NULL, NAN},
        {CHECK_SPECIAL, LANG_JAVA,
         JAVA("System.err.println(\"Exception in thread main\"); System.exit(1);"), "wrong_answer/",
         "Exception in thread main", NAN},
        {CHECK_SPECIAL, LANG_JAVA,
         JAVA("if (a.length != 3 || !a[2].equals(\"output\")) System.exit(1);"), "accepted/", "",
         NAN},
        {CHECK_SPECIAL, LANG_JAVA,
         "package x.y; class C { public static void main(String[] a) throws Exception { if (!new String(java.nio.file.Files.readAllBytes(java.nio.file.Paths.get(a[2]))).equals(\"7\\n\")) throw new Error(); System.out.print(\"same\"); } }",
         "accepted/", "same", NAN},
        {CHECK_KATTIS, LANG_JAVA,
         JAVA("System.exit(new java.util.Scanner(System.in).nextInt() == 7 ? 42 : 43);"),
         "accepted/", "", NAN},
        {CHECK_KATTIS, LANG_JAVA, JAVA("throw new Error();"), "checker_fault/checker exit", NULL,
         NAN},
        {CHECK_TESTLIB, LANG_JAVA, JAVA("throw new Error();"), "checker_fault/checker exit", NULL,
         NAN},
        {CHECK_SPECIAL, LANG_RUST,
         "fn main() { let v: Vec<i32> = vec![]; println!(\"{}\", v[std::env::args().count()]); }",
         "checker_fault/checker exit", NULL, NAN},
        {CHECK_SPECIAL, LANG_RUST, "fn main() { std::process::exit(1) }", "wrong_answer/", "", NAN},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (!*keeper_refusal(k, row[i].lang))
            must(&row[i], "print(7)", NULL);
}

/* Languages of which a user adds the rows, with what starts their checkers. */
static void check_own_rows(void)
{
    static const char table[] =
        "[python]\ndriver = python\nfile = main.py\n"
        "[javascript]\nfile = main.js\nrun = node main.js\nversion = node --version\n"
        "checker_file = start.js\nchecker_text = process.on('uncaughtException', (e) => {\n"
        "checker_text =     console.error(e); process.exit(3); });\n"
        "checker_run = node -r ./start.js main.js\n"
        "[perl]\nfile = main.pl\nrun = perl main.pl\nversion = perl -e \"print $^V\"\n"
        "checker_file = Start.pm\nchecker_text = package Start; $SIG{__DIE__} = sub { return if $^S; print STDERR @_; exit 3 }; 1;\n"
        "checker_run = perl -I. -MStart main.pl\n";
    static const row_t row[] = {
        {CHECK_SPECIAL, LANG_JAVASCRIPT, "throw new Error('x')", "checker_fault/checker exit", NULL,
         NAN},
        {CHECK_SPECIAL, LANG_JAVASCRIPT, "Promise.reject(new Error('x'))",
         "checker_fault/checker exit", NULL, NAN},
        {CHECK_SPECIAL, LANG_JAVASCRIPT, "syntax error", "checker_fault/checker exit", NULL, NAN},
        {CHECK_SPECIAL, LANG_JAVASCRIPT,
         "'use strict'; if (require.main === module) process.exit(process.argv.length == 5 ? 1 : 2)",
         "wrong_answer/", "", NAN},
        {CHECK_SPECIAL, LANG_JAVASCRIPT,
         "console.log(require('fs').readFileSync(process.argv[4], 'utf8'))", "accepted/", "7", NAN},
        {CHECK_SPECIAL, LANG_PERL, "die 'x'", "checker_fault/checker exit", NULL, NAN},
        {CHECK_SPECIAL, LANG_PERL, "eval { die 'x' }; exit(@ARGV == 3 ? 1 : 2)", "wrong_answer/",
         "", NAN},
    };
    char path[600], key[700];
    const char *top = getenv("TEST_TMP");
    snprintf(path, sizeof path, "%s/languages.conf", top ? top : "/tmp");
    text_write_file(path, table, sizeof table - 1);
    snprintf(key, sizeof key, "sandbox.languages=%s", path);
    char *overrides[] = {key, "sandbox.compile_memory_kb=4194304"};
    deck_t *d = deck_open(NULL, 2, overrides);
    limits_t l = limits_read(d);
    keeper_languages(k, d);
    keeper_configure(k, &l, limits_modes(d), 1);
    deck_free(d);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (!*keeper_refusal(k, row[i].lang))
            must(&row[i], "print(7)", NULL);
}

/* Tests of one job that are checked in different ways, and further outputs that are right. */
static void check_mixed(void)
{
    const char *in[6] = {"", "", "", "", "", ""}, *want[6] = {"7", "7", "7", "8", "8", "7"};
    const size_t n_in[6] = {0}, n_want[6] = {1, 1, 1, 1, 1, 1};
    const check_t check_[6] = {CHECK_SPECIAL, CHECK_KATTIS, CHECK_SPECIAL,
                               CHECK_TOKENS,  CHECK_TOKENS, CHECK_TESTLIB};
    text_t more = {0};
    for (int i = 0; i < 3; i++) {
        const char *one = i == 1 ? "7" : "x";
        int64_t n = 1;
        text_addn(&more, (const char *)&n, sizeof n);
        text_addn(&more, one, 2);
    }
    const char *other[6] = {NULL, NULL, NULL, more.s, NULL, NULL};
    const size_t n_other[6] = {0, 0, 0, more.len, 0, 0};
    const char *checker =
        "import sys; sys.exit(42 if sys.argv[3] == 'feedback/' else 0 if sys.argv[2] == 'expected' else 8)";
    job_t j = {.lang = LANG_PYTHON,
               .source = "print(7)",
               .n_source = 8,
               .n_test = 6,
               .input = in,
               .n_input = n_in,
               .expect = want,
               .n_expect = n_want,
               .other = other,
               .n_other = n_other,
               .check = check_,
               .checker_lang = LANG_PYTHON,
               .checker = checker,
               .n_checker = strlen(checker),
               .output_of = 5};
    keeper_submit(k, &j);
    done_t *d = keeper_poll(k, 120000);
    static const verdict_kind_t right[6] = {V_ACCEPTED, V_ACCEPTED,     V_ACCEPTED,
                                            V_ACCEPTED, V_WRONG_ANSWER, V_WRONG_ANSWER};
    for (int i = 0; d && i < 6; i++) {
        check(d->outcome[i].verdict == right[i], "test %d: %s", i,
              verdict_names[d->outcome[i].verdict]);
        check((d->output[i] != NULL) == (i == 4));
    }
    check(d && d->n_output[4] == 2 && !memcmp(d->output[4], "7\n", 2) &&
          d->outcome[4].first_difference == 0);
    done_free(d);
    text_reset(&more);
}

int main(int argc, char **argv)
{
    k = keeper_start(1);
    test_begin(&argc, &argv);
    limits_t l = limits_default();
    keeper_configure(k, &l, 0, 1);
    if (!strncmp(keeper_mode(k), "none", 4)) {
        printf("skipped: %s\n", keeper_mode(k));
        return 77;
    }
    check_arguments();
    check_kattis();
    check_testlib();
    check_words();
    check_throws();
    check_mixed();
    check_own_rows();
    keeper_stop(k);
    return test_end();
}
