// Languages are rows of a table: each runs as it says, is compiled once, and no source breaks its
// compiler out.
// RUN: np=1
// TIMEOUT: 300
#include "test.h"
#include "sandbox.h"

#define SUM_C \
    "#include <stdio.h>\nint main(void) { int a, b; scanf(\"%d %d\", &a, &b); printf(\"%d\\n\", a + b); }\n"
#define SUM_CPP \
    "#include <cstdio>\n#include <string>\nint main() { int a, b; scanf(\"%d %d\", &a, &b); puts(std::to_string(a + b).c_str()); }\n"

static const char *path_of(const char *name)
{
    static char path[600];
    const char *top = getenv("TEST_TMP");
    snprintf(path, sizeof path, "%s/%s", top ? top : "/tmp", name);
    return path;
}

/* limits: overrides of [sandbox]; table NULL: the built-in one. */
static void configure(keeper_t *k, const char *table, int n, const char *const *limits)
{
    char key[700], *overrides[8];
    if (table)
        text_write_file(path_of("languages.conf"), table, strlen(table));
    snprintf(key, sizeof key, "sandbox.languages=%s", table ? path_of("languages.conf") : "");
    for (int i = 0; i < n; i++)
        overrides[i] = (char *)limits[i];
    overrides[n] = key;
    deck_t *d = deck_open(NULL, n + 1, overrides);
    limits_t l = limits_read(d);
    keeper_languages(k, d);
    if (k)
        keeper_configure(k, &l, limits_modes(d), 2);
    deck_free(d);
}

static void submit(keeper_t *k, int64_t ticket, lang_t lang, const char *source, size_t n,
                   const char *want)
{
    const char *in = "3 4\n";
    const size_t n_in = 4, n_want = strlen(want);
    job_t j = {.ticket = ticket,
               .lang = lang,
               .source = source,
               .n_source = n,
               .n_test = 1,
               .input = &in,
               .n_input = &n_in,
               .expect = &want,
               .n_expect = &n_want};
    keeper_submit(k, &j);
}

static done_t *wait_done(keeper_t *k)
{
    done_t *d = NULL;
    for (int i = 0; i < 120 && !d; i++)
        d = keeper_poll(k, 1000);
    if (!d)
        fail(CODE_FAULT, "no answer within two minutes");
    return d;
}

typedef struct {
    verdict_kind_t verdict;
    int compiled;
    char words[4200];
} ran_t;

static ran_t run(keeper_t *k, lang_t lang, const char *source, size_t n)
{
    ran_t s;
    submit(k, 1, lang, source, n, "7");
    done_t *d = wait_done(k);
    s.verdict = d->outcome[0].verdict;
    s.compiled = d->compiled;
    snprintf(s.words, sizeof s.words, "%s: %s", d->outcome[0].subcode, d->message);
    done_free(d);
    return s;
}

#define must(verdict_, lang, source)                                                      \
    do {                                                                                  \
        ran_t s_ = run(k, lang, source, strlen(source));                                  \
        check(s_.verdict == (verdict_), "%s, %s\n", verdict_names[s_.verdict], s_.words); \
    } while (0)

/* the table -------------------------------------------------------------------------- */

static void read_table(void *table)
{
    configure(NULL, table, 0, NULL);
}

static void read_nothing(void *arg)
{
    (void)arg;
    char *overrides[] = {"sandbox.languages=/nonexistent/languages.conf"};
    keeper_languages(NULL, deck_open(NULL, 1, overrides));
}

static void check_bad_tables(void)
{
#define ROW "[x]\nfile = main.x\nrun = sh main.x\nversion = sh --version\n"
    static const struct {
        const char *table, *said;
    } bad[] = {
        {"", "no language in it"},
        {ROW "colour = red\n",
         "languages.conf:5: [x] has no key colour; expected one of driver, file"},
        {ROW "run = sh\n", "languages.conf:5: key run of [x] is given twice"},
        {"file = main.c\n", "languages.conf:1: key file stands before any [section]"},
        {"[x]\nfile main.c\n", "languages.conf:2: expected [section], key = value"},
        {"[x]\nfile = main.x\nrun = sh main.x\n",
         "languages.conf:3: language x: required key `version` is missing"},
        {"[x]\nfile = main.x\nversion = sh\n", "required key `run` is missing"},
        {"[x]\nrun = sh\nversion = sh\n", "required key `file` is missing"},
        {"[x]\nfile = ../main.x\n",
         "languages.conf:2: x.file = ../main.x: expected the plain name"},
        {"[x]\nfile = \n", "nothing stands there"},
        {ROW "compile = cc {where}\n", "in braces only {source}, {program} and {memory_mb}"},
        {ROW "compile = cc \"a b\n", "a quotation mark has no partner"},
        {ROW "cpu_factor = fast\n", "x.cpu_factor = fast: expected a number from 0.1 to 100"},
        {ROW "cpu_factor = 0\n", "expected a number from 0.1 to 100"},
        {ROW "keep = main\n", "`keep` means nothing without `compile`"},
        {ROW "compile = cc\noptions = -static\n", "add one in a line `probe = ...`"},
        {ROW "environment = PATH\n", "expected NAME=VALUE"},
        {ROW "driver = python\n", "driver = python belongs to [python] alone"},
        {ROW "driver = java\n", "expected command or python"},
        {"[python]\nfile = main.py\nrun = python3 main.py\nversion = python3 --version\n",
         "expected driver = python"},
        {"[A/B]\nfile = main.x\n", "a language's name has"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        test_fails(CODE_USAGE, read_table, (void *)bad[i].table, bad[i].said);
    test_fails(CODE_USAGE, read_nothing, NULL, "cannot read this table of languages");
}

static void check_rows(keeper_t *k)
{
    static const char table[] =
        "[c]\nfile = main.c\ncompile = gcc -O1 -w -o {program} {source}\nrun = ./main\nversion = gcc --version\n"
        "memory_factor = 4\n"
        "[cpp]\nfile = main.cpp\ncompile = no-such-compiler {source}\nrun = ./main\nversion = no-such-compiler -v\n"
        "[bourne]\nfile = sum.sh\nrun = sh sum.sh\nversion = echo shell\n"
        "[several]\nfile = sum.txt\ncompile = sh -c \"cp sum.txt a.part; cp sum.txt b.part\"\nkeep = *.part\n"
        "run = sh a.part\nversion = echo parts\n"
        "[broken]\nfile = x\nrun = sh x\nversion = sh -c \"echo I am ill; exit 3\"\n";
    static const char *const small[] = {"sandbox.memory_kb=40000"};
    const char much[] =
        "#include <stdlib.h>\n#include <string.h>\n#include <stdio.h>\nint main(void)\n"
        "{ char *volatile p = malloc(90 << 20); if (!p) return 9; memset(p, 1, 90 << 20); printf(\"%d\", p[5] + 6); }\n";
    configure(k, table, 1, small);
    must(V_ACCEPTED, LANG_C, much);
    check(strstr(keeper_toolchain(k, LANG_C), "gcc") &&
              strstr(keeper_toolchain(k, LANG_C), "; gcc -O1 -w") &&
              strstr(keeper_toolchain(k, LANG_C), "; memory x4"),
          "%s", keeper_toolchain(k, LANG_C));
    check(strstr(keeper_refusal(k, LANG_CPP),
                 "no-such-compiler is not installed in /usr/local/bin"),
          "%s", keeper_refusal(k, LANG_CPP));
    check(!*keeper_toolchain(k, LANG_CPP) && !*keeper_refusal(k, LANG_C));
    ran_t s = run(k, LANG_CPP, "int main() {}", 13);
    check(s.verdict == V_FAULT && strstr(s.words, "no toolchain: language cpp: no-such-compiler"),
          "%s", s.words);
    s = run(k, LANG_PYTHON, "print(7)", 8);
    check(s.verdict == V_FAULT && strstr(s.words, "no row in the table"), "%s", s.words);
    lang_t own = keeper_language(k, "bourne");
    check(own >= LANGS && !strncmp(keeper_toolchain(k, own), "shell", 5));
    must(V_ACCEPTED, own, "read a b\necho $((a + b)) > $TMPDIR/x; cat x; ls > y; echo > sum.sh\n");
    must(V_ACCEPTED, own, "read a b\nls | grep -v sum.sh\necho $((a + b))\n");
    must(V_RUNTIME_ERROR, own, "exit 3\n");
    must(V_ACCEPTED, keeper_language(k, "several"), "cmp a.part b.part || exit 1\necho 7\n");
    check(strstr(keeper_refusal(k, keeper_language(k, "bourne") + 2), "I am ill"));

    static const char plain[] =
        "[c]\nfile = main.c\ncompile = gcc -O1 -w -o {program} {source}\nrun = ./main\n"
        "version = gcc --version\n";
    configure(k, plain, 1, small);
    must(V_MEMORY_LIMIT, LANG_C, much);
    check(!strstr(keeper_toolchain(k, LANG_C), "memory"));
}

/* compiling -------------------------------------------------------------------------- */

/* On two launchers at once, and again, and again as a failure. */
static void check_once(keeper_t *k)
{
    const char wrong[] = "int main(void) { return nothing; }\n";
    int compiled = 0, right = 0;
    for (int i = 0; i < 6; i++)
        submit(k, i, LANG_C, i < 4 ? SUM_C : wrong, strlen(i < 4 ? SUM_C : wrong),
               i % 2 ? "7" : " 7");
    for (int i = 0; i < 6; i++) {
        done_t *d = wait_done(k);
        compiled += d->compiled;
        right += d->outcome[0].verdict == (d->ticket < 4 ? V_ACCEPTED : V_COMPILE_ERROR);
        check(d->ticket < 4 || strstr(d->message, "nothing"));
        done_free(d);
    }
    check(right == 6 && compiled == 2, "%d right, compiled %d times", right, compiled);
    static const char *const other[] = {"sandbox.compile_cpu_ms=9000"};
    configure(k, NULL, 1, other);
    ran_t s = run(k, LANG_C, wrong, strlen(wrong));
    check(s.compiled == 1, "a failure under other limits was believed");
    configure(k, NULL, 0, NULL);
    s = run(k, LANG_C, SUM_C, strlen(SUM_C));
    check(s.compiled == 0 && s.verdict == V_ACCEPTED);
}

/* The line that precompiles leaves a mark here, so that its use is seen; the one that compiles
   tries to forge it. */
static void check_prefix(keeper_t *k)
{
    static const char table[] =
        "[c]\nfile = main.c\ncompile = sh -c \"rm -f prefix.h; echo x > prefix.h; chmod 777 . prefix.h; gcc -w -o {program} $@ {source}\" sh\n"
        "run = ./main\nversion = gcc --version\n"
        "precompile = sh -c \"echo int marked\\; >> prefix.h && echo > prefix.h.gch\"\nprecompile_after = 3\n";
    char source[400];
    configure(k, table, 0, NULL);
    for (int i = 0; i < 5; i++) {
        snprintf(source, sizeof source,
                 "// %d\n/* a\n b */\n# include <stdio.h>\n#include <math.h> \nint main(void) "
                 "{ printf(\"%%d\", 7 + marked); }\n",
                 i);
        must(i < 2 ? V_COMPILE_ERROR : V_ACCEPTED, LANG_C, source);
    }
    must(V_COMPILE_ERROR, LANG_C,
         "#define X\n#include <stdio.h>\n#include <math.h>\nint main() { return marked; }");
    must(V_COMPILE_ERROR, LANG_C,
         "#include <stdio.h>\n#include <stdlib.h>\nint main() { return marked; }");
    for (int i = 0; i < 4; i++) { /* what is not there is never made up for */
        snprintf(source, sizeof source, "#include <no/such/header.h>\nint main() { return %d; }",
                 i);
        must(V_COMPILE_ERROR, LANG_C, source);
    }
}

static void check_real_prefix(keeper_t *k)
{
    if (*keeper_refusal(k, LANG_CPP)) {
        printf("without C++: %s\n", keeper_refusal(k, LANG_CPP));
        return;
    }
    char source[400];
    for (int i = 0; i < 4; i++) {
        snprintf(source, sizeof source, "// %d\n%s", i, SUM_CPP);
        must(V_ACCEPTED, LANG_CPP, source);
    }
    must(
        V_COMPILE_ERROR, LANG_CPP,
        "#include <cstdio>\n#include <string>\nint main() { std::map<int, int> m; printf(\"%d\", 7 + (int)m.size()); }");
    must(
        V_ACCEPTED, LANG_CPP,
        "#include <iostream>\n#include <vector>\n#include <map>\nusing namespace std;\nint count_ = 7, bisect = 0;\n"
        "int main() { map<int, vector<int>> m; cout << count_ + m.size() + bisect; }");
}

static void check_others(keeper_t *k)
{
    must(V_ACCEPTED, LANG_PYTHON, "print(sum(map(int, input().split())))");
    if (*keeper_refusal(k, LANG_JAVA))
        check(strstr(keeper_refusal(k, LANG_JAVA), "javac") ||
              strstr(keeper_refusal(k, LANG_JAVA), "java"));
    else
        must(
            V_ACCEPTED, LANG_JAVA,
            "class Help { int f(int a) { return a + 1; } }\npublic class Main { public static void "
            "main(String[] a) { System.out.println(new Help().f(6)); } }");
    if (*keeper_refusal(k, LANG_RUST))
        check(strstr(keeper_refusal(k, LANG_RUST), "rustc"));
    else
        must(V_ACCEPTED, LANG_RUST, "fn main() { println!(\"7\"); }");
    check(strstr(keeper_refusal(k, LANG_HASKELL), "no row"));
}

static void check_odd_sources(keeper_t *k)
{
    size_t n = 10 << 20;
    char *big = malloc(n + 200);
    const lang_t both[] = {LANG_C, LANG_PYTHON};
    const char *const end[] = {"*/\n" SUM_C, "\nprint(7)\n"};
    for (int i = 0; i < 2; i++) {
        ran_t s = run(k, both[i], "", 0);
        check(s.verdict == (i ? V_WRONG_ANSWER : V_COMPILE_ERROR), "%s", s.words);
        memset(big, 'x', n);
        memcpy(big, i ? "# " : "/*", 2);
        strcpy(big + n, end[i]);
        s = run(k, both[i], big, strlen(big));
        check(s.verdict == V_ACCEPTED || s.verdict == V_COMPILE_ERROR, "10 MB: %s", s.words);
        memset(big, 0, 1000);
        s = run(k, both[i], big, 1000);
        check(s.verdict == V_COMPILE_ERROR, "NULs: %s", s.words);
        memset(big, 0xff, 1000);
        s = run(k, both[i], big, 1000);
        check(s.verdict == V_COMPILE_ERROR, "not text: %s", s.words);
    }
    ran_t s = run(k, LANG_C, SUM_C "//\0 \0\n", sizeof SUM_C + 6);
    check(s.verdict == V_ACCEPTED || s.verdict == V_COMPILE_ERROR, "NULs in a comment: %s",
          s.words);
    free(big);
}

/* None of these may be our fault, show anything of this machine, or hold anybody up. */
static void check_bombs(keeper_t *k)
{
    static const char *const limits[] = {"sandbox.compile_cpu_ms=2000",
                                         "sandbox.compile_wall_ms=20000",
                                         "sandbox.compile_memory_kb=400000"};
    static const struct {
        lang_t lang;
        const char *source;
    } bomb[] = {
        {LANG_C, "#include \"/dev/zero\"\nint main(void) {}"},
        {LANG_C, "#include \"/dev/full\"\nint main(void) {}"},
        {LANG_C, "#include \"/dev/urandom\"\nint main(void) {}"},
        {LANG_C, "#include \"/etc/passwd\"\nint main(void) {}"},
        {LANG_C, "#include \"/proc/self/environ\"\nint main(void) {}"},
        {LANG_C, "#include \"main.c\"\n#include \"main.c\"\nint main(void) {}"},
        {LANG_C, "__asm__(\".incbin \\\"/etc/passwd\\\"\");\nint main(void) {}"},
        {LANG_C, "__asm__(\".rept 1000000000\\n.quad 1,2,3,4\\n.endr\");\nint main(void) {}"},
        {LANG_C, "__asm__(\".fill 8000000000,1,1\");\nint main(void) {}"},
        {LANG_C, "char a[10000000000] = {1};\nint main(void) {}"},
        {LANG_C,
         "#define A(x) x x x x x x x x x x\n#define B(x) A(A(A(A(A(x)))))\nint main(void) { B(B(0;)) }"},
        {LANG_C, "#pragma GCC dependency \"/etc/passwd\"\n#include_next <x>\nint main(void) {}"},
        {LANG_C, "int main(void) { x y z"},
        {LANG_CPP,
         "template <int n> struct A { typedef typename A<n + 1>::t t; };\nA<0>::t x;\nint main() {}"},
        {LANG_CPP, "template <class T> void f(T t) { f(&t); }\nint main() { f(0); }"},
        {LANG_CPP,
         "constexpr int f(long n) { while (n) n += 1; return 1; }\nconstexpr int x = f(1);\nint main() { return x; }"},
        {LANG_CPP,
         "template <int a, int b> struct F { enum { v = F<a - 1, b>::v + F<a - 1, b + (1 << (a % 31))>::v }; };\n"
         "template <int b> struct F<0, b> { enum { v = 1 }; };\nint x = F<30, 0>::v;\nint main() {}"},
    };
    configure(k, NULL, 3, limits);
    for (size_t i = 0; i < sizeof bomb / sizeof *bomb; i++) {
        if (bomb[i].lang == LANG_CPP && *keeper_refusal(k, LANG_CPP))
            continue;
        ran_t s = run(k, bomb[i].lang, bomb[i].source, strlen(bomb[i].source));
        check(s.verdict == V_COMPILE_ERROR, "%s: %s, %s", bomb[i].source, verdict_names[s.verdict],
              s.words);
        check(!strstr(s.words, "root:"), "%s shows %s", bomb[i].source, s.words);
    }
    /* more memory than is allowed, but only when it runs */
    ran_t s = run(k, LANG_C, "char a[1900000000];\nint main(void) { return a[5]; }", 50);
    check(s.verdict == V_RUNTIME_ERROR || s.verdict == V_MEMORY_LIMIT ||
              s.verdict == V_COMPILE_ERROR,
          "%s, %s", verdict_names[s.verdict], s.words);
    must(V_ACCEPTED, LANG_C, SUM_C);
}

int main(void)
{
    check_bad_tables();
    keeper_t *k = keeper_start(2);
    if (!strncmp(keeper_mode(k), "none", 4) || *keeper_refusal(k, LANG_C)) {
        printf("skipped: %s; %s\n", keeper_mode(k), keeper_refusal(k, LANG_C));
        keeper_stop(k);
        return 77;
    }
    double at[9] = {clock_now()};
    int n = 1;
    void (*const part[])(keeper_t *) = {check_rows,        check_prefix, check_once,
                                        check_real_prefix, check_others, check_odd_sources,
                                        check_bombs};
    for (size_t i = 0; i < sizeof part / sizeof *part; i++, n++) {
        if (i == 2)
            configure(k, NULL, 0, NULL);
        part[i](k);
        at[n] = clock_now();
        if (getenv("TIMES"))
            printf("part %zu: %.1f s\n", i, at[n] - at[n - 1]);
    }
    check(keeper_stats(k).launchers == 0, "%d launchers were lost", (int)keeper_stats(k).launchers);
    keeper_stop(k);
    check(mem_live() == 0, "%zu bytes were not freed", mem_live());
    return test_failures != 0;
}
