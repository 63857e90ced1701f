// Emitted Python and C print what the interpreter of the small language prints, for every family
// and level; rewriting changes no output, mutating usually does.
// RUN: np=1
#include "test.h"
#include "testbed/ast.h"
#include <unistd.h>

enum { EACH = 5, INPUTS = 8 };

typedef struct {
    text_t script;
    char dir[64];
    int c_programs, mutants, changed;
} work_t;

static void quoted(text_t *o, const char *s)
{
    text_add(o, "\"");
    for (; *s; s++)
        text_addf(o, *s == '\n' ? "\\n" : *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
    text_add(o, "\"");
}

/* One more program with its inputs and the outputs it must have. */
static void python_case(work_t *w, const ast_t *t, const text_t *input, const text_t *output)
{
    text_t source = {0};
    emit_python(t, &source);
    text_add(&w->script, "("), quoted(&w->script, source.s), text_add(&w->script, ",[");
    for (int i = 0; i < INPUTS; i++) {
        text_add(&w->script, i ? ",(" : "("), quoted(&w->script, input[i].s);
        text_add(&w->script, ","), quoted(&w->script, output[i].s), text_add(&w->script, ")");
    }
    text_add(&w->script, "]),\n");
    text_reset(&source);
}

static void c_case(work_t *w, const ast_t *t, const text_t *input, const text_t *output)
{
    text_t source = {0}, path = {0}, command = {0};
    emit_c(t, &source);
    text_addf(&path, "%s/p.c", w->dir);
    text_write_file(path.s, source.s, source.len);
    text_addf(&command, "gcc -std=c17 -O0 -w -o %s/p %s/p.c", w->dir, w->dir);
    check(system(command.s) == 0, "does not compile:\n%s", source.s);
    for (int i = 0; i < INPUTS; i += 3) {
        char line[4096] = "";
        size_t n = 0;
        text_clear(&path), text_addf(&path, "%s/in", w->dir);
        text_write_file(path.s, input[i].s, input[i].len);
        text_clear(&command), text_addf(&command, "%s/p < %s/in", w->dir, w->dir);
        FILE *f = popen(command.s, "r");
        n = f ? fread(line, 1, sizeof line - 1, f) : 0;
        check(f && pclose(f) == 0, "C program failed");
        while (n && (line[n - 1] == ' ' || line[n - 1] == '\n'))
            line[--n] = 0;
        size_t m = output[i].len;
        while (m && (output[i].s[m - 1] == ' ' || output[i].s[m - 1] == '\n'))
            m--;
        for (char *s; (s = strstr(line, " \n"));)
            memmove(s, s + 1, strlen(s));
        check(n == m && !memcmp(line, output[i].s, n), "C prints '%s', not '%s' on %s for\n%s",
              line, output[i].s, input[i].s, source.s);
    }
    w->c_programs++;
    text_reset(&source), text_reset(&path), text_reset(&command);
}

static void mutants(work_t *w, const ast_t *t, rng_t *r, const text_t *input, const text_t *output)
{
    for (int k = 0; k < 8; k++) {
        ast_t m = *t;
        text_t out = {0};
        if (!(k % 2 ? mutate_strong(&m, r) : mutate_weak(&m, r)))
            continue;
        int same = 1;
        for (int i = 0; i < INPUTS; i++) {
            text_clear(&out);
            same &= !interp_run(&m, input[i].s, &out, NULL) && !strcmp(out.s, output[i].s);
        }
        w->mutants++;
        w->changed += !same;
        text_reset(&out);
    }
}

static void problem(work_t *w, int family, int level, rng_t *r, int with_c)
{
    static sketch_t s;
    text_t input[INPUTS] = {0}, output[INPUTS] = {0};
    memset(&s, 0, sizeof s);
    ast_begin(&s.ast);
    families[family].draw(&s, r, level);
    check(s.statement.len > 20 && s.statement.len < 250, "statement '%s'", s.statement.s);
    for (int i = 0; i < INPUTS; i++) {
        inputs_draw(&s, r, i, &input[i]);
        check(!interp_run(&s.ast, input[i].s, &output[i], NULL), "reference of %s fails on %s",
              families[family].name, input[i].s);
    }
    python_case(w, &s.ast, input, output);
    for (int k = 0; k < 4; k++) {
        ast_t t = s.ast;
        rewrite_program(&t, r, 0.25 * (k + 1), LANG_PYTHON);
        python_case(w, &t, input, output);
    }
    if (with_c) {
        ast_t t = s.ast;
        rewrite_program(&t, r, 0.5, LANG_C);
        c_case(w, &t, input, output);
    }
    mutants(w, &s.ast, r, input, output);
    for (int i = 0; i < INPUTS; i++)
        text_reset(&input[i]), text_reset(&output[i]);
    text_reset(&s.statement);
}

int main(int argc, char **argv)
{
    work_t w = {.dir = "/tmp/aletheia-test-XXXXXX"};
    test_begin(&argc, &argv);
    if (system("python3 -c pass > /dev/null 2>&1") || system("gcc --version > /dev/null 2>&1"))
        test_skip("python3 or gcc is not installed");
    ASSERT(mkdtemp(w.dir));
    text_add(&w.script, "import io, sys\ncases = [\n");
    for (int f = 0; f < n_families; f++)
        for (int level = 0; level < 3; level++)
            for (int k = 0; k < EACH; k++) {
                rng_t r = rng_make(11, RNG_TEST, (uint64_t)(f * 3 + level), (uint64_t)k);
                problem(&w, f, level, &r, k == 0);
            }
    text_add(&w.script,
             "]\nbad = 0\n"
             "for source, tests in cases:\n"
             "    code = compile(source, 'program', 'exec')\n"
             "    for given, want in tests:\n"
             "        out = []\n"
             "        exec(code, {'input': lambda: given.rstrip('\\n'),\n"
             "                    'print': lambda *a: out.append(' '.join(map(str, a)))})\n"
             "        if '\\n'.join(out).split() != want.split():\n"
             "            bad += 1\n"
             "            print(source, repr(given), out, repr(want), file=sys.stderr)\n"
             "sys.exit(bad > 0)\n");
    text_t path = {0}, command = {0};
    text_addf(&path, "%s/all.py", w.dir);
    text_write_file(path.s, w.script.s, w.script.len);
    text_addf(&command, "python3 %s", path.s);
    check(system(command.s) == 0, "Python disagrees with the interpreter");
    check(w.c_programs == 3 * n_families);
    check(w.changed > 0.8 * w.mutants, "%d of %d mutants print something else", w.changed,
          w.mutants);
    text_clear(&command), text_addf(&command, "rm -r %s", w.dir);
    check(system(command.s) == 0);
    text_reset(&path), text_reset(&command), text_reset(&w.script);
    return test_end();
}
