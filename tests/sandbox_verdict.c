// A right output never beats a limit, a signal or a status; special checkers decide or are faults.
// RUN: np=1
#include "test.h"
#include "sandbox.h"

static done_t *run(keeper_t *k, const job_t *j)
{
    keeper_submit(k, j);
    done_t *d = keeper_poll(k, 120000);
    if (!d)
        fail(CODE_FAULT, "no answer within two minutes");
    return d;
}

static void expect(const done_t *d, const char *what, const char *want)
{
    char got[100];
    const outcome_t *o = &d->outcome[0];
    snprintf(got, sizeof got, "%s/%s", verdict_names[o->verdict], o->subcode);
    check(!strncmp(got, want, strlen(want)), "\n%s\n  wanted %s, got %s exit %d signal %d: %s",
          what, want, got, o->exit, o->signal, d->message);
}

/* The output is right or wrong; what follows it decides. */
static void check_precedence(keeper_t *k)
{
#define AFTER(text) "import sys, os, time, signal\nprint(7, flush=True)\n" text
#define C_AFTER(text)                                                                   \
    "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <time.h>\n" \
    "#include <unistd.h>\n#include <sys/ptrace.h>\n"                                    \
    "int main(void) { puts(\"7\"); fflush(stdout); " text " }\n"
    static const struct {
        lang_t lang;
        const char *source, *want;
    } row[] = {
        {LANG_PYTHON, AFTER(""), "accepted/"},
        {LANG_PYTHON, AFTER("print(8)"), "wrong_answer/"},
        {LANG_PYTHON, AFTER("sys.exit(1)"), "runtime_error/exit status"},
        {LANG_PYTHON, AFTER("print(8); sys.exit(1)"), "runtime_error/exit status"},
        {LANG_PYTHON, AFTER("os.kill(os.getpid(), signal.SIGKILL)"), "runtime_error/signal"},
        {LANG_PYTHON, AFTER("raise ValueError"), "runtime_error/exit status"},
        {LANG_PYTHON, AFTER("while True: pass"), "time_limit/cpu"},
        {LANG_PYTHON, AFTER("time.sleep(60)"), "time_limit/wall"},
        {LANG_PYTHON, AFTER("while time.process_time() < 0.45: pass\nsys.exit(3)"),
         "time_limit/cpu"},
        {LANG_PYTHON, AFTER("while True: print('x' * 10000)"), "output_limit/stdout"},
        {LANG_PYTHON, AFTER("while True: sys.stderr.write('x' * 10000)"), "output_limit/stderr"},
        {LANG_PYTHON, AFTER("os.write(1, b'x' * 900000)\nos.abort()"), "output_limit/stdout"},
        {LANG_PYTHON, AFTER("os.write(1, b'x' * 900000)\nx = bytearray(1 << 28)"), "output_limit/"},
        {LANG_PYTHON, AFTER("raise MemoryError"), "memory_limit/allocation"},
        {LANG_PYTHON, AFTER("x = bytearray(b'x') * (100 << 20)\ntime.sleep(0.2)\nsys.exit(1)"),
         "memory_limit/"},
        {LANG_PYTHON, "print(7", "compile_error/syntax"},
        {LANG_C, C_AFTER("return 0;"), "accepted/"},
        {LANG_C, C_AFTER("return 1;"), "runtime_error/exit status"},
        {LANG_C, C_AFTER("abort();"), "runtime_error/signal"},
        {LANG_C, C_AFTER("*(volatile char *)8 = 1;"), "runtime_error/signal"},
        {LANG_C, C_AFTER("ptrace(PTRACE_TRACEME, 0, 0, 0);"), "runtime_error/security"},
        {LANG_C, C_AFTER("for (;;);"), "time_limit/cpu"},
        {LANG_C,
         C_AFTER("volatile char *p = malloc(200 << 20); for (int i = 0; i < 200 << 20; i += 512) "
                 "p[i] = 1; sleep(1); return 1;"),
         "memory_limit/"},
        {LANG_C, C_AFTER("for (;;) puts(\"0123456789\");"), "output_limit/stdout"},
        {LANG_C, "int main(void) { puts(\"7\") }", "compile_error/compiler"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const char *in = "", *out = "7\n";
        const size_t n_in = 0, n_out = 2;
        job_t j = {.lang = row[i].lang,
                   .source = row[i].source,
                   .n_source = strlen(row[i].source),
                   .n_test = 1,
                   .input = &in,
                   .n_input = &n_in,
                   .expect = &out,
                   .n_expect = &n_out};
        done_t *d = run(k, &j);
        expect(d, row[i].source, row[i].want);
        if (d->outcome[0].verdict == V_COMPILE_ERROR)
            check(d->message[0], "a compile error without words");
        done_free(d);
    }
}

#define CHECK_PY(text) \
    "import sys, os\ni, e, o = [open(a, 'rb').read() for a in sys.argv[1:]]\n" text
#define CHECK_C(text)                                                                      \
    "#include <stdio.h>\n#include <stdlib.h>\nint main(int n, char **v) { int x = -1; "    \
    "FILE *f = n == 4 ? fopen(v[3], \"r\") : NULL; if (!f || fscanf(f, \"%d\", &x) != 1) " \
    "return 1; " text " }\n"

static void check_special(keeper_t *k)
{
    static const struct {
        lang_t lang;
        const char *checker, *guest, *want;
    } row[] = {
        {LANG_PYTHON, CHECK_PY("sys.exit(0 if (i, e, o) == (b'in\\0', b'want', b'7\\n') else 1)"),
         "print(7)", "accepted/"},
        {LANG_PYTHON, CHECK_PY("sys.exit(1)"), "print(7)", "wrong_answer/"},
        {LANG_PYTHON,
         CHECK_PY(
             "sys.exit(set(os.listdir('.')) - {'main.py'} != {'input', 'expected', 'output'})"),
         "import os\nos.mkdir('output')\nopen('output/x', 'w').write('y')\n"
         "os.symlink('/etc/ld.so.cache', 'input')\nopen('expected', 'w').write('z')\nprint(7)",
         "accepted/"},
        {LANG_PYTHON, CHECK_PY("sys.exit(o != bytes(range(256)) * 3000)"),
         "import os\nos.write(1, bytes(range(256)) * 3000)", "accepted/"},
        {LANG_PYTHON, CHECK_PY("sys.exit(2)"), "print(7)", "checker_fault/checker exit"},
        {LANG_PYTHON, CHECK_PY("raise ValueError('my words')"), "print(7)",
         "checker_fault/checker exit"},
        {LANG_PYTHON, CHECK_PY("os.abort()"), "print(7)", "checker_fault/checker crash"},
        {LANG_PYTHON, CHECK_PY("while True: pass"), "print(7)", "checker_fault/checker limit"},
        {LANG_PYTHON, CHECK_PY("while True: print('x' * 10000)"), "print(7)",
         "checker_fault/checker limit"},
        {LANG_PYTHON, "if", "print(7)", "checker_fault/checker compile"},
        {LANG_PYTHON, CHECK_PY("sys.exit(2)"), "print(7)\nimport sys\nsys.exit(1)",
         "runtime_error/exit status"},
        {LANG_PYTHON, CHECK_PY("sys.exit(2)"), "while True: pass", "time_limit/"},
        {LANG_C, CHECK_C("return x != 7;"), "print(7)", "accepted/"},
        {LANG_C, CHECK_C("return x != 7;"), "print(8)", "wrong_answer/"},
        {LANG_C, CHECK_C("return x != 7;"), "print('x')", "wrong_answer/"},
        {LANG_C, CHECK_C("abort();"), "print(7)", "checker_fault/checker crash"},
        {LANG_C, "int main(", "print(7)", "checker_fault/checker compile"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        const char *in = "in\0", *out = "want";
        const size_t n_in = 3, n_out = 4;
        const check_t c = CHECK_SPECIAL;
        job_t j = {.lang = LANG_PYTHON,
                   .source = row[i].guest,
                   .n_source = strlen(row[i].guest),
                   .n_test = 1,
                   .input = &in,
                   .n_input = &n_in,
                   .expect = &out,
                   .n_expect = &n_out,
                   .check = &c,
                   .checker_lang = row[i].lang,
                   .checker = row[i].checker,
                   .n_checker = strlen(row[i].checker)};
        done_t *d = run(k, &j);
        char what[600];
        snprintf(what, sizeof what, "%.300s\nchecks\n%.200s", row[i].checker, row[i].guest);
        expect(d, what, row[i].want);
        if (strstr(row[i].checker, "my words"))
            check(strstr(d->message, "my words"), "%s", d->message);
        done_free(d);
    }
}

/* A C program and its C checker, then both forms of test in one job: each as often as it is asked
   for. */
static void check_together(keeper_t *k)
{
    const char *in[] = {"7", "assert f(1) == 2", "8", "assert f(1) == 3"},
               *out[4] = {"7", 0, "7", 0};
    const size_t n_in[] = {1, 16, 1, 16}, n_out[4] = {1, 0, 1, 0};
    const check_t c[] = {CHECK_SPECIAL, CHECK_TOKENS, CHECK_SPECIAL, CHECK_TOKENS};
    const form_t form[] = {FORM_STDIN, FORM_CALL, FORM_STDIN, FORM_CALL};
    const verdict_kind_t want[] = {V_ACCEPTED, V_ACCEPTED, V_WRONG_ANSWER, V_WRONG_ANSWER};
    const char *source = "def f(x): return x + 1\nif __name__ == '__main__': print(input())\n",
               *checker = CHECK_C("return x != 7;");
    job_t j = {.lang = LANG_PYTHON,
               .source = source,
               .n_source = strlen(source),
               .n_test = 4,
               .input = in,
               .n_input = n_in,
               .expect = out,
               .n_expect = n_out,
               .check = c,
               .form = form,
               .checker_lang = LANG_C,
               .checker = checker,
               .n_checker = strlen(checker)};
    done_t *d = run(k, &j);
    for (int i = 0; i < 4; i++)
        check(d->outcome[i].verdict == want[i] && d->outcome[i].runs == 1, "test %d: %s: %s", i,
              verdict_names[d->outcome[i].verdict], d->message);
    done_free(d);
}

int main(int argc, char **argv)
{
    keeper_t *k = keeper_start(1);
    test_begin(&argc, &argv);
    const limits_t l = {.cpu_ms = 400,
                        .wall_ms = 2500,
                        .memory_kb = 65536,
                        .output_kb = 800,
                        .compile_cpu_ms = 1000,
                        .compile_wall_ms = 6000,
                        .compile_memory_kb = 262144};
    keeper_configure(k, &l, 0, 1);
    if (strncmp(keeper_mode(k), "namespaces", 10)) {
        static char why[300];
        snprintf(why, sizeof why, "%s", keeper_mode(k));
        keeper_stop(k);
        test_skip(why);
    }
    check_precedence(k);
    check_special(k);
    check_together(k);
    keeper_stop(k);
    return test_end();
}
