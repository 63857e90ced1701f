// References of every family print in Python and in C what the small interpreter prints, on 1,000
// inputs each; wrong candidates pass and fail the same tests in both languages.  Programs written
// for it fail alike where a stack is empty, an item is outside, or a function does not end.
// RUN: np=1
// TIMEOUT: 400
#include "test.h"
#include "testbed/ast.h"
#include <unistd.h>

enum { PROBLEMS = 20, INPUTS = 50, MUTANT_INPUTS = 12, EACH = 2, CASES = 8192 };

typedef struct {
    int rich;
    char what; /* 'r'eference, re'w'ritten, 'm'utant, 'f'ails */
    const char *why;
    text_t python, c, input, want; /* want: the reference's output */
} case_t_;

typedef struct {
    char dir[64];
    case_t_ at[CASES];
    int n, mutants, failing;
} work_t;

static void quoted(text_t *o, const char *s)
{
    text_add(o, "\"");
    for (; *s; s++)
        text_addf(o, *s == '\n' ? "\\n" : *s == '"' || *s == '\\' ? "\\%c" : "%c", *s);
    text_add(o, "\"");
}

/* One program, plain and as it is written, on its inputs but those where it does not end. */
static void add(work_t *w, char what, const char *why, const ast_t *plain, const ast_t *python,
                const ast_t *c, int n, const text_t *input, const text_t *want)
{
    text_t out = {0}, p = {0}, q = {0};
    emit_python(python, &p), emit_c(c, &q);
    for (int i = 0; i < n; i++) {
        text_clear(&out);
        int bad = interp_run(plain, input[i].s, &out, NULL);
        if (bad == 2)
            continue;
        ASSERT(w->n < CASES);
        case_t_ *k = &w->at[w->n++];
        *k = (case_t_){.rich = plain->rich, .what = what, .why = why};
        text_add(&k->python, p.s), text_add(&k->c, q.s);
        text_add(&k->input, input[i].s), text_add(&k->want, want[i].s);
        check(what == 'm' || what == 'f' || (!bad && !strcmp(out.s, want[i].s)), "%s\non %s", p.s,
              input[i].s);
    }
    text_reset(&out), text_reset(&p), text_reset(&q);
}

static void draw(work_t *w, int f, int k)
{
    static sketch_t s;
    text_t input[MAX_TESTS] = {0}, output[MAX_TESTS] = {0};
    rng_t r = rng_make(21, RNG_TEST, (uint64_t)f, (uint64_t)k);
    do {
        text_reset(&s.statement);
        memset(&s, 0, sizeof s);
        ast_begin(&s.ast);
        families[f].draw(&s, &r, k % 3);
    } while (draw_tests(&s, &r, 10, input, output));
    for (int i = 0; i < INPUTS; i++) {
        text_clear(&input[i]), text_clear(&output[i]);
        inputs_draw(&s, &r, i < 6 ? i : 99, &input[i]);
        check(!interp_run(&s.ast, input[i].s, &output[i], NULL));
    }
    add(w, 'r', "reference", &s.ast, &s.ast, &s.ast, INPUTS, input, output);
    ast_t p = s.ast, c = s.ast;
    rewrite_program(&p, &r, 0.6, LANG_PYTHON), rewrite_program(&c, &r, 0.6, LANG_C);
    add(w, 'w', "rewritten", &s.ast, &p, &c, MUTANT_INPUTS, input, output);
    for (int m = 0; m < 2 * EACH; m++) {
        ast_t plain = s.ast;
        const char *why = m < EACH ? mutate_weak(&plain, &r) : mutate_strong(&plain, &r);
        c = plain;
        rewrite_program(&c, &r, 0.3, LANG_C); /* one program, in both languages */
        if (why)
            add(w, 'm', why, &plain, &c, &c, MUTANT_INPUTS, input, output);
    }
    for (int i = 0; i < MAX_TESTS; i++)
        text_reset(&input[i]), text_reset(&output[i]);
    text_reset(&s.statement);
}

static int same_program(const work_t *w, int i)
{
    return i && !strcmp(w->at[i].c.s, w->at[i - 1].c.s) &&
           !strcmp(w->at[i].python.s, w->at[i - 1].python.s);
}

/* All programs in one file, each under names of its own; every case is a child that reads from
   memory and writes to memory.  One line a case: 1 and what was printed, or 0. */
static void write_c(const work_t *w, const char *path)
{
    static const char *const names[] = {"main", "f",     "a",    "na",   "n",   "nn",
                                        "mod",  "quo",   "at",   "min",  "max", "sum",
                                        "most", "least", "sort", "cell", "pop", "fill"};
    const int many = sizeof names / sizeof *names;
    text_t o = {0}, table = {0};
    text_add(&o,
             "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <unistd.h>\n"
             "#include <sys/wait.h>\n#include <sys/mman.h>\n#include <sys/resource.h>\n");
    for (int i = 0, p = -1; i < w->n; i++) {
        if (!same_program(w, i)) {
            p++;
            for (int k = 0; k < many; k++)
                text_addf(&o, "#define %s p%d_%s\n", names[k], p, names[k]);
            text_add(&o, w->at[i].c.s);
            for (int k = 0; k < many; k++)
                text_addf(&o, "#undef %s\n", names[k]);
        }
        text_addf(&table, "{p%d_main, ", p), quoted(&table, w->at[i].input.s);
        text_add(&table, "},\n");
    }
    text_addf(&o, "static struct { int (*run)(void); const char *in; } cases[] = {\n%s};\n",
              table.s);
    text_add(
        &o,
        "int main(void)\n{\n"
        "    char *buf = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);\n"
        "    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {\n"
        "        int status;\n        memset(buf, 0, 65536);\n        fflush(stdout);\n"
        "        pid_t child = fork();\n"
        "        if (child == 0) {\n"
        "            setrlimit(RLIMIT_CPU, &(struct rlimit){2, 2});\n"
        "            setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});\n"
        "            stdin = fmemopen((void *)cases[i].in, strlen(cases[i].in), \"r\");\n"
        "            stdout = fmemopen(buf, 65535, \"w\");\n"
        "            int rc = cases[i].run();\n            fflush(stdout);\n            _exit(rc);\n"
        "        }\n"
        "        waitpid(child, &status, 0);\n"
        "        int ok = WIFEXITED(status) && WEXITSTATUS(status) == 0;\n"
        "        printf(\"%d\", ok);\n"
        "        for (char *s = strtok(buf, \" \\n\"); s && ok; s = strtok(NULL, \" \\n\"))\n"
        "            printf(\" %s\", s);\n"
        "        printf(\"\\n\");\n    }\n    return 0;\n}\n");
    text_write_file(path, o.s, o.len);
    text_reset(&o), text_reset(&table);
}

static void write_python(const work_t *w, const char *path)
{
    text_t o = {0};
    text_add(&o, "programs = []\ncases = []\n");
    for (int i = 0; i < w->n; i++) {
        if (!same_program(w, i))
            text_add(&o, "programs.append("), quoted(&o, w->at[i].python.s), text_add(&o, ")\n");
        text_add(&o, "cases.append((len(programs) - 1, "), quoted(&o, w->at[i].input.s);
        text_add(&o, "))\n");
    }
    text_add(&o, "compiled = [compile(s, 'program', 'exec') for s in programs]\n"
                 "for which, given in cases:\n"
                 "    out = []\n"
                 "    try:\n"
                 "        exec(compiled[which], {'input': lambda: given.rstrip('\\n'),\n"
                 "             'print': lambda *a: out.extend(str(x) for x in a)})\n"
                 "        print(1, *' '.join(out).split())\n"
                 "    except NameError:\n"
                 "        print('0 a variable has no value')\n"
                 "    except Exception:\n"
                 "        print(0)\n");
    text_write_file(path, o.s, o.len);
    text_reset(&o);
}

/* The words of what should be printed, as the two programs write them. */
static void words(const char *s, text_t *o)
{
    text_clear(o), text_add(o, "1");
    while (*(s += strspn(s, " \n"))) {
        size_t n = strcspn(s, " \n");
        text_add(o, " "), text_addn(o, s, n);
        s += n;
    }
}

/* Runs all cases in both languages, and compares line by line. */
static void run(work_t *w, const char *name)
{
    text_t path = {0}, command = {0}, want = {0};
    static char c[65536], p[65536];
    text_addf(&path, "%s/p.py", w->dir), write_python(w, path.s);
    text_addf(&command, "python3 %s", path.s);
    FILE *python = popen(command.s, "r");
    text_clear(&path), text_addf(&path, "%s/p.c", w->dir), write_c(w, path.s);
    text_clear(&command);
    text_addf(&command, "gcc -std=gnu17 -O1 -w -o %s/p %s && %s/p", w->dir, path.s, w->dir);
    FILE *native = popen(command.s, "r");
    for (int i = 0; i < w->n; i++) {
        const case_t_ *k = &w->at[i];
        if (!fgets(c, sizeof c, native) || !fgets(p, sizeof p, python)) {
            check(0, "%s ends at case %d of %d", name, i, w->n);
            break;
        }
        c[strcspn(c, "\n")] = p[strcspn(p, "\n")] = 0;
        words(k->want.s, &want);
        int in_c = !strcmp(c, want.s), in_python = !strcmp(p, want.s);
        w->mutants += k->what == 'm', w->failing += k->what == 'm' && !in_c;
        /* Mutations of the older families may leave a variable without a value, which C takes for 0. */
        int unset = k->what == 'm' && !k->rich && !strcmp(p, "0 a variable has no value");
        if (k->what == 'f' ? c[0] != '0' || p[0] != '0'
                           : (in_c != in_python && !unset) || (k->what != 'm' && !in_c))
            check(0, "%s, %s, on %s: C '%s', Python '%s', wanted '%s'\n%s\n%s", name, k->why,
                  k->input.s, c, p, want.s, k->python.s, k->c.s);
    }
    check(pclose(native) == 0 && pclose(python) == 0);
    for (int i = 0; i < w->n; i++)
        text_reset(&w->at[i].python), text_reset(&w->at[i].c), text_reset(&w->at[i].input),
            text_reset(&w->at[i].want);
    w->n = 0;
    text_reset(&path), text_reset(&command), text_reset(&want);
}

/* Hand-written programs ------------------------------------------------------- */

typedef struct {
    const char *input, *output; /* NULL: it fails */
} expect_t;

static void expects(work_t *w, const ast_t *t, const expect_t *e)
{
    for (; e->input; e++) {
        text_t in = {0}, out = {0}, got = {0};
        text_add(&in, e->input), text_add(&out, e->output ? e->output : "-");
        text_add(&got, "");
        int bad = interp_run(t, e->input, &got, NULL);
        check(e->output ? !bad && !strcmp(got.s, e->output) : bad == 1, "on %s: %d '%s'", e->input,
              bad, got.s);
        add(w, e->output ? 'r' : 'f', "by hand", t, t, t, 1, &in, &out);
        text_reset(&in), text_reset(&out), text_reset(&got);
    }
}

static void functions_by_hand(work_t *w)
{
    static ast_t t;
    /* f(k) = a[k] + f(k - 1) down to k == 0; two parameters are kept apart in calls */
    ast_begin(&t);
    int n = ast_input(&t, "n", T_INT), a = ast_input(&t, "a", T_LIST);
    int k = ast_function(&t, "f", "k", "m");
    int again = ast_apply(&t, ast_bin(&t, OP_SUB, ast_use(&t, k), ast_int(&t, 1)),
                          ast_bin(&t, OP_ADD, ast_use(&t, k + 1), ast_int(&t, 10)));
    int sum = ast_bin(&t, OP_ADD, ast_bin(&t, OP_ADD, again, ast_at(&t, a, ast_use(&t, k))),
                      ast_use(&t, k + 1));
    t.fn.body = BLOCK(&t,
                      ast_if(&t, ast_cmp(&t, OP_EQ, ast_use(&t, k), ast_int(&t, 0)),
                             ast_return(&t, ast_use(&t, k + 1)), 0),
                      ast_return(&t, sum));
    t.body = ast_print(&t, ast_apply(&t, ast_use(&t, n), ast_int(&t, 0)));
    expects(w, &t,
            (const expect_t[]){{"0 5\n", "0\n"}, {"2 5 6 7\n", "43\n"}, {"3 5 6 7\n", NULL}, {0}});
    /* Without an end, in steps or in depth: the interpreter says that it is too long. */
    text_t out = {0};
    t.fn.body = t.node[t.fn.body].next;
    t.node[sum].a = (int16_t)again;
    check(interp_run(&t, "3 1\n", &out, NULL) == 2);
    ast_begin(&t);
    n = ast_input(&t, "n", T_INT);
    k = ast_function(&t, "f", "k", NULL);
    int down = ast_apply(&t, ast_bin(&t, OP_SUB, ast_use(&t, k), ast_int(&t, 1)), 0);
    t.fn.body = BLOCK(&t,
                      ast_if(&t, ast_cmp(&t, OP_LT, ast_use(&t, k), ast_int(&t, 1)),
                             ast_return(&t, ast_int(&t, 1)), 0),
                      ast_return(&t, ast_bin(&t, OP_ADD, down, ast_copy(&t, down))));
    t.body = ast_print(&t, ast_apply(&t, ast_use(&t, n), 0));
    expects(w, &t, (const expect_t[]){{"0\n", "1\n"}, {"7\n", "128\n"}, {0}});
    check(interp_run(&t, "20\n", &out, NULL) == 2 && interp_run(&t, "200\n", &out, NULL) == 2);
    /* a // n and a % n */
    ast_begin(&t);
    n = ast_input(&t, "n", T_INT), a = ast_input(&t, "a", T_INT);
    t.rich = 1;
    t.body = BLOCK(&t, ast_print(&t, ast_bin(&t, OP_DIV, ast_use(&t, a), ast_use(&t, n))),
                   ast_print(&t, ast_bin(&t, OP_MOD, ast_use(&t, a), ast_use(&t, n))));
    expects(w, &t,
            (const expect_t[]){{"3 7\n", "2\n1\n"},
                               {"-3 7\n", "-3\n-2\n"},
                               {"0 7\n", NULL},
                               {"0 0\n", NULL},
                               {0}});
    text_reset(&out);
}

static void by_hand(work_t *w)
{
    static ast_t t;
    /* pops twice, prints what is left */
    ast_begin(&t);
    int a = ast_input(&t, "a", T_LIST);
    t.body = BLOCK(&t, ast_pop(&t, a), ast_pop(&t, a), ast_print(&t, ast_use(&t, a)));
    expects(w, &t,
            (const expect_t[]){{"1 2 3\n", "1\n"},
                               {"1 2\n", "\n"},
                               {"1\n", NULL},
                               {"\n", NULL},
                               {0}});
    /* the same of a string, of which nothing is taken when it is empty */
    ast_begin(&t);
    a = ast_input(&t, "s", T_STR);
    t.body = BLOCK(&t, ast_pop(&t, a), ast_pop(&t, a), ast_print(&t, ast_use(&t, a)));
    expects(w, &t, (const expect_t[]){{"abc\n", "a\n"}, {"a\n", "\n"}, {"\n", "\n"}, {0}});
    /* a[n] = 7, then a[n] += 1 */
    ast_begin(&t);
    int n = ast_input(&t, "n", T_INT);
    a = ast_input(&t, "a", T_LIST);
    int more = ast_bin(&t, OP_ADD, ast_at(&t, a, ast_use(&t, n)), ast_int(&t, 1));
    t.body = BLOCK(&t, ast_store(&t, a, ast_use(&t, n), ast_int(&t, 7)),
                   ast_store(&t, a, ast_use(&t, n), more), ast_print(&t, ast_use(&t, a)));
    expects(w, &t,
            (const expect_t[]){{"0 1 2 3\n", "8 2 3\n"},
                               {"2 1 2 3\n", "1 2 8\n"},
                               {"-1 1 2 3\n", "1 2 8\n"},
                               {"-3 1 2 3\n", "8 2 3\n"},
                               {"3 1 2 3\n", NULL},
                               {"-4 1 2 3\n", NULL},
                               {0}});
    /* [n] * n, and its last item taken */
    ast_begin(&t);
    n = ast_input(&t, "n", T_INT);
    int d = ast_var(&t, "d", T_LIST), x = ast_var(&t, "x", T_INT);
    t.body =
        BLOCK(&t, ast_fill(&t, d, ast_use(&t, n), ast_use(&t, n)), ast_set(&t, x, ast_last(&t, d)),
              ast_pop(&t, d), ast_put(&t, d, ast_bin(&t, OP_ADD, ast_use(&t, x), ast_int(&t, 1))),
              ast_print(&t, ast_use(&t, d)));
    expects(w, &t,
            (const expect_t[]){{"1\n", "2\n"},
                               {"3\n", "3 3 4\n"},
                               {"0\n", NULL},
                               {"-2\n", NULL},
                               {0}});
    functions_by_hand(w);
    run(w, "by hand");
}

int main(int argc, char **argv)
{
    work_t *w = ALLOC(work_t, 1);
    snprintf(w->dir, sizeof w->dir, "/tmp/aletheia-test-XXXXXX");
    test_begin(&argc, &argv);
    if (system("python3 -c pass > /dev/null 2>&1") || system("gcc --version > /dev/null 2>&1"))
        test_skip("python3 or gcc is not installed");
    ASSERT(mkdtemp(w->dir));
    by_hand(w);
    w->mutants = w->failing = 0;
    for (int f = 0; f < n_families; f++) {
        for (int k = 0; k < PROBLEMS; k++)
            draw(w, f, k);
        run(w, families[f].name);
    }
    check(w->failing > w->mutants / 4 && w->failing < w->mutants, "%d of %d runs of mutants fail",
          w->failing, w->mutants);
    text_t command = {0};
    text_addf(&command, "rm -r %s", w->dir);
    check(system(command.s) == 0);
    text_reset(&command);
    mem_free(w);
    return test_end();
}
