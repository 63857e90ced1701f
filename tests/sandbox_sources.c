// From odd but sound sources to programs: Java's classes of any name, harnesses, large programs;
// and no compile error is mute.
// RUN: np=1
// TIMEOUT: 300
#include "test.h"
#include "sandbox.h"

static keeper_t *k;

static void configure(const char *table, int n, const char *const *more)
{
    char path[600], key[700], *overrides[8];
    const char *top = getenv("TEST_TMP");
    snprintf(path, sizeof path, "%s/languages.conf", top ? top : "/tmp");
    if (table)
        text_write_file(path, table, strlen(table));
    snprintf(key, sizeof key, "sandbox.languages=%s", table ? path : "");
    for (int i = 0; i < n; i++)
        overrides[i] = (char *)more[i];
    overrides[n] = key;
    deck_t *d = deck_open(NULL, n + 1, overrides);
    limits_t l = limits_read(d);
    keeper_languages(k, d);
    keeper_configure(k, &l, limits_modes(d), 1);
    deck_free(d);
}

/* Two tests, so that whatever the first leaves is met by the second. */
static done_t *run(lang_t lang, const char *source, const char *harness)
{
    const char *in[2] = {"3 4\n", "5 2\n"}, *want[2] = {"7", "7"};
    const size_t n_in[2] = {4, 4}, n_want[2] = {1, 1};
    job_t j = {.lang = lang,
               .source = source,
               .n_source = strlen(source),
               .n_test = 2,
               .input = in,
               .n_input = n_in,
               .expect = want,
               .n_expect = n_want,
               .harness = harness,
               .n_harness = harness ? strlen(harness) : 0};
    keeper_submit(k, &j);
    done_t *d = keeper_poll(k, 120000);
    if (!d)
        fail(CODE_FAULT, "no answer within two minutes");
    return d;
}

static void must(lang_t lang, const char *source, const char *harness, const char *verdict,
                 const char *said)
{
    done_t *d = run(lang, source, harness);
    for (int i = 0; i < 2; i++) {
        char got[100];
        const outcome_t *o = &d->outcome[i];
        snprintf(got, sizeof got, "%s/%s", verdict_names[o->verdict], o->subcode);
        check(!strncmp(got, verdict, strlen(verdict)), "\n%.400s\n  %d: wanted %s, got %s: %s",
              source, i, verdict, got, d->message);
    }
    check(!said || strstr(d->message, said), "\n%.400s\n  `%s` is not in: %s", source, said,
          d->message);
    check(d->outcome[0].verdict != V_COMPILE_ERROR || *d->message,
          "\n%.400s\n  a mute compile error", source);
    done_free(d);
}

#define HEAD  "import java.util.*;\n"
#define SUM   "Scanner s = new Scanner(System.in); System.out.println(s.nextInt() + s.nextInt());"
#define MAIN  "public static void main(String[] a) { " SUM " }"
#define OTHER "public static void main(String[] a) { System.out.println(0); }"

static void check_java(void)
{
    static const char *const good[] = {
        HEAD "class Hello { " MAIN " }",
        HEAD "public class Solution { " MAIN " }",
        HEAD "public final strictfp class A1_$ { " MAIN " }",
        "package one.two;\n" HEAD "public class Deep { " MAIN " }\nclass Helper { }",
        "package one;\n" HEAD "class Quiet { " MAIN " static class In { } }",
        "// public class Fake {\n/* public class Fake2 { */\n" HEAD
        "class T { static String s = \"} public class Fake3 { \\\" \"; static char c = '\"', d = '\\'', e = '{'; }\npublic class Real { " MAIN
        " }",
        HEAD
        "class B { static String t = \"\"\"\n  } public class Fake { \"quoted\" \\\"\"\" {\n\"\"\"; }\npublic class Block { " MAIN
        " }",
        HEAD
        "@SuppressWarnings({\"unchecked\", \"class\"})\npublic\nclass /* here */ Far // there\n{ " MAIN
        " }",
        HEAD
        "class Helper { int f() { return 1; } } interface Shape { } enum Kind { X } class Runner { " MAIN
        " }",
        HEAD "public interface Face { static void main(String[] a) { " SUM " } }",
        HEAD "public enum Sort { X, Y; " MAIN " }",
        HEAD "record Point(int x, int y) { " MAIN " }",
        HEAD "abstract class Base { " MAIN " } public class Child extends Base { }",
        HEAD "class Out { static class In { " MAIN " } }",
        HEAD
        "class Args { public static final synchronized void main(final String... a) throws Exception { " SUM
        " } }",
        HEAD "class First { " OTHER " } public class Chosen { " MAIN " }",
        HEAD "class First { " OTHER " } class Main { " MAIN " }",
        HEAD "class Zed { " MAIN " } class Abe { " OTHER " }",
        HEAD
        "class Own { static void main() { } void main(String a) { } int main(String[] a) { return 0; } } class Right { " MAIN
        " }",
        HEAD "public @interface Mark { } class Marked { " MAIN " }",
        HEAD "public class Gr\xc3\xb6\xc3\x9f"
             "e { " MAIN " }",
        HEAD
        "class Many { static class A {} static class B {} Runnable r = new Runnable() { public void run() {} }; " MAIN
        " }",
    };
    if (*keeper_refusal(k, LANG_JAVA))
        return;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        must(LANG_JAVA, good[i], NULL, "accepted/", NULL);
    must(LANG_JAVA, "class Empty { }", NULL, "compile_error/compiler",
         "no class with `public static void main(String[])`");
    must(LANG_JAVA, "class Hidden { static void main(String[] a) { } }", NULL,
         "compile_error/compiler", "no class with");
    must(LANG_JAVA, "", NULL, "compile_error/compiler", "left nothing");
    must(LANG_JAVA, "/* never closed", NULL, "compile_error/compiler", "comment");
    must(LANG_JAVA, "public class A { int x = y; }", NULL, "compile_error/compiler", "A.java:1");
    must(LANG_JAVA, "public class A { } public class B { }", NULL, "compile_error/compiler",
         "B.java");
    must(LANG_JAVA, "class CheckerStart { " OTHER " }", NULL, "wrong_answer/", NULL);
}

static void check_harness(void)
{
#define C_MAIN \
    "#include <stdio.h>\n#include \"solution.c\"\nint main(void) { int a, b; scanf(\"%d %d\", &a, &b); printf(\"%d\\n\", add(a, b)); }\n"
#define CPP_MAIN                                                          \
    "#include <iostream>\n#include <vector>\n#include \"solution.cpp\"\n" \
    "int main() { int a, b; std::cin >> a >> b; std::cout << Solution().add({a, b}) << '\\n'; }\n"
    must(LANG_C, "int add(int a, int b) { return a + b; }", C_MAIN, "accepted/", NULL);
    must(LANG_C, "int add(int a, int b) { return a - b; }", C_MAIN, "wrong_answer/", NULL);
    must(LANG_C, "int add(int a, int b) { return c; }", C_MAIN, "compile_error/compiler",
         "solution.c:1");
    must(LANG_C, "int sub(int a, int b) { return b; }", C_MAIN "#error none\n",
         "compile_error/compiler", "none");
    must(LANG_C, "int add(int a, int b) { return a + b; }",
         "#include \"solution.c\"\n#include <stdio.h>\nint main(void) { puts(\"8\"); }\n",
         "wrong_answer/", NULL); /* another harness is another program */
    must(
        LANG_CPP,
        "class Solution { public: int add(std::vector<int> v) { int s = 0; for (int x : v) s += x; return s; } };",
        CPP_MAIN, "accepted/", NULL);
    must(LANG_CPP, "class Solution { };", CPP_MAIN, "compile_error/compiler", "add");
    must(LANG_PYTHON, "def add(a, b):\n    return a + b\n",
         "from solution import *\nprint(add(*map(int, input().split())))\n", "accepted/", NULL);
    must(LANG_PYTHON, "def add(a, b):\n    return a * b\n",
         "from solution import add\nprint(add(*map(int, input().split())))\n", "wrong_answer/",
         NULL);
    must(LANG_PYTHON, "def add(a, b)\n", "from solution import *\nprint(7)\n",
         "compile_error/syntax", "SyntaxError");
    must(LANG_PYTHON, "x = 1\n", "from solution import *\nprint(\n", "checker_fault/harness",
         "SyntaxError");
    must(LANG_PYTHON, "raise KeyError\n", "import solution\nprint(7)\n",
         "runtime_error/exit status", "KeyError");
    if (!*keeper_refusal(k, LANG_JAVA)) {
        static const char main_java[] = HEAD
            "public class Main { public static void main(String[] a) { Scanner s = new Scanner(System.in); "
            "System.out.println(new Solution().add(s.nextInt(), s.nextInt())); } }";
        must(LANG_JAVA, "class Solution { int add(int a, int b) { return a + b; } }", main_java,
             "accepted/", NULL);
        must(LANG_JAVA,
             "public class Solution { int add(int a, int b) { return a + b; } " OTHER " }",
             main_java, "accepted/", NULL);
        must(LANG_JAVA, "class Solution { int add(int a, int b) { return a - b; } }", main_java,
             "wrong_answer/", NULL);
        must(LANG_JAVA, "class Solution { int sub() { return 1; } }", main_java,
             "compile_error/compiler", "Main.java");
        must(LANG_JAVA, "public class Main { }", main_java, "compile_error/compiler",
             "both called Main.java");
    }
    if (!*keeper_refusal(k, LANG_RUST))
        must(
            LANG_RUST, "pub fn add(a: i64, b: i64) -> i64 { a + b }",
            "mod solution;\nuse std::io::*;\nfn main() { let mut s = String::new(); stdin().read_to_string(&mut s).unwrap();\n"
            "let v: Vec<i64> = s.split_whitespace().map(|x| x.parse().unwrap()).collect(); println!(\"{}\", solution::add(v[0], v[1])); }",
            "accepted/", NULL);
}

/* What a row of commands leaves, and what is said where a compiler says nothing. */
static void check_words(void)
{
#define ROW(compile) "[c]\nfile = main.c\nrun = ./main\nversion = echo 1\ncompile = " compile "\n"
    static const struct {
        const char *table, *said;
    } row[] = {
        {ROW("sh -c \"exit 3\""), "the compiler ended with status 3 without a word"},
        {ROW("sh -c \"kill -9 $$\""), "the compiler ended by signal 9 without a word"},
        {ROW("true"), "the compiler left nothing that could be run"},
        {ROW("mkdir {program}"), "the compiler left nothing that could be run"},
        {ROW("ln -s /usr/bin/true {program}"), "the compiler left nothing that could be run"},
        {ROW("sleep 9"), "[sandbox] compile_wall_ms, 3000 ms"},
        {ROW("sh -c \"while :; do :; done\""), "[sandbox] compile_cpu_ms, 500 ms"},
        {ROW("yes"), "it printed more than 64 KiB"},
        {ROW("head -c 5000000 -v /dev/zero"), "it printed more than 64 KiB"},
        {ROW("dd if=/dev/zero of={program} bs=1M count=3"), "[sandbox] compile_file_kb, 2048 KiB"},
        {ROW("sh -c \"for i in a b c d e f g h; do head -c 2000000 /dev/zero >$i || exit 1; done\""),
         "[sandbox] compile_file_kb, 2048 KiB"},
        {ROW("sh -c \"echo on standard output; exit 1\""), "on standard output"},
    };
    static const char *const small[] = {"sandbox.compile_wall_ms=3000",
                                        "sandbox.compile_cpu_ms=500",
                                        "sandbox.compile_file_kb=2048", "sandbox.scratch_kb=4096"};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        configure(row[i].table, 4, small);
        must(LANG_C, "x", NULL, "compile_error/", row[i].said);
    }
    configure(
        "[x]\nfile = x.txt\ncompile = sh -c \"mkdir -p a/b; echo echo 7 >a/b/go.sh; echo >a/b/no.txt; ln -s /usr a/usr; ln -s go.sh a/b/link.sh\"\n"
        "keep = **/*.sh\nrun = sh -c \"test ! -e a/b/no.txt && test ! -e a/usr && test ! -e a/b/link.sh && sh a/b/go.sh\"\nversion = echo 1\n",
        0, NULL);
    must(keeper_language(k, "x"), "x", NULL, "accepted/", NULL);
}

/* More initialised data than the scratch holds, and than a compiler may write. */
static void check_large(void)
{
    /* 92 MB */
    static const char big[] =
        "#include <stdio.h>\nint memo[23000000] = {7};\nint main(void) { printf(\"%d\", memo[0]); }\n";
    static const char *const less[] = {"sandbox.compile_file_kb=50000"};
    configure(NULL, 0, NULL);
    must(LANG_C, big, NULL, "accepted/", NULL);
    must(
        LANG_C,
        "#include <stdio.h>\nint main(void) { int a, b; scanf(\"%d%d\", &a, &b); FILE *f = fopen(\"x\", \"w\");\n"
        "static char s[1 << 20]; int n = 0; for (int i = 0; i < 15; i++) n += (int)fwrite(s, 1, sizeof s, f) == sizeof s;\n"
        "printf(\"%d\", n == 15 ? a + b : n); }\n",
        NULL, "accepted/", NULL);
    must(
        LANG_C,
        "#include <stdio.h>\n#include <stdlib.h>\nint main(void) { char name[9]; static char s[1 << 20]; int n = 0;\n"
        "for (int i = 0; i < 100; i++) { sprintf(name, \"%d\", i); FILE *f = fopen(name, \"w\"); n += fwrite(s, 1, sizeof s, f) == sizeof s && !fclose(f); }\n"
        "puts(n > 50 && n < 65 ? \"7\" : \"guests have the compilers' scratch\"); }\n",
        NULL, "accepted/", NULL);
    configure(NULL, 1, less);
    must(LANG_C, big, NULL, "compile_error/", "[sandbox] compile_file_kb, 50000 KiB");
}

int main(int argc, char **argv)
{
    k = keeper_start(1);
    test_begin(&argc, &argv);
    configure(NULL, 0, NULL);
    if (!strncmp(keeper_mode(k), "none", 4) || *keeper_refusal(k, LANG_C)) {
        printf("skipped: %s; %s\n", keeper_mode(k), keeper_refusal(k, LANG_C));
        return 77;
    }
    check_java();
    check_harness();
    check_large();
    check_words();
    check(keeper_stats(k).launchers == 0, "%d launchers were lost", (int)keeper_stats(k).launchers);
    keeper_stop(k);
    return test_end();
}
