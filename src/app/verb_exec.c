/* aletheia exec LANGUAGE FILE [options] [section.key=value ...] < input

   Runs one program in the sandbox, on this process's standard input, and prints one line
   of JSON per run: what happened to it (exec_help says what stands in it).  The exit code
   says whether verdicts were reached (0) or the sandbox itself failed (70); never how
   the program did.  No MPI.

   All runs go through one launcher, hence one persistent sandbox.  --repeat hands them
   over in jobs of 1, 2, 4, ... runs, as many as take about half a second: lines come
   soon, and little is done more than once. */
#include "app.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SOURCE_MIB = 16, INPUT_MIB = 256, MOST_RUNS = 1000000, MOST_CHUNK = 256 };

typedef struct {
    const char *language, *file, *expect, *checker, *calls, *test;
    int repeat;
    char **override;
    int n_override;
} options_t;

typedef struct {
    int n;               /* tests in a round: 1, or one per call */
    text_t source, input, want, checker, calls;
    const char **call;   /* [n] */
    int *line;           /* of the calls' file */
    check_t check;
    lang_t lang, checker_lang;
} work_t;

void exec_help(text_t *out)
{
    text_addf(out,
        "\n"
        "  The program runs on what stands on standard input (nothing if that is a terminal).\n"
        "    --expect FILE     compare its output with FILE; without: accepted if it ends well\n"
        "    --checker NAME    how: tokens (default), exact, lines, floats, or special:LANGUAGE:FILE,\n"
        "                      a program that is run as PROGRAM input expected output (three files in\n"
        "                      its folder) and ends with 0: right, 1: wrong; anything else is a fault.\n"
        "                      floats: [sandbox] float_absolute, float_relative\n"
        "    --calls FILE      python: instead of input, one test a line, as `assert f(arguments) == value`;\n"
        "                      one line of JSON each.  The program is a module (__name__ is not\n"
        "                      __main__), and never sees the value.  Any other statements are a test\n"
        "                      program (subcode test program): they run in a process of their own,\n"
        "                      which the program cannot reach; what they do not define is the\n"
        "                      program's, which is asked for plain data.  pytest's raises and approx,\n"
        "                      unittest.TestCase, check(candidate) are known.  An exception of the\n"
        "                      test is wrong_answer, one of the program runtime_error; checker_fault:\n"
        "                      bad test (no Python, a module that is not there), test limit (it has\n"
        "                      the limits of compiling).  Lines that begin with '#' are comments\n"
        "    --test FILE       the same, the whole file being one test; one line of JSON\n"
        "    --repeat N        run it N times in the same sandbox, compiled once; a line each\n"
        "  A line of JSON: verdict (accepted, wrong_answer, time_limit, memory_limit, output_limit,\n"
        "  runtime_error, compile_error, fault, checker_fault), subcode (which limit, ...), exit (-1: by a signal),\n"
        "  signal, cpu_us and time_us (the same), wall_us, memory_kb, stdout_bytes, stderr_bytes,\n"
        "  first_difference (null, or at, unit, got, expected: position from 0, at most %d bytes of\n"
        "  either side), mode (of the sandbox), runs (a doubtful one is repeated), and message for\n"
        "  compile errors and faults.  ASCII only: bytes that are not UTF-8 stand as \\xNN.\n"
        "  Of a call, stdout_bytes is the length of its answer; what it prints counts as stderr.\n"
        "  At most: %d MiB of source, %d MiB of input or expected output, %d runs.\n"
        "  Exit codes: 0 verdicts were reached, 2 usage, 3 a file cannot be read or is too large,\n"
        "  4 standard output is full, 70 a verdict is fault: the sandbox or a special checker failed.\n"
        "  A special checker has the limits compile_cpu_ms, compile_wall_ms and compile_memory_kb.\n",
        EXCERPT, SOURCE_MIB, INPUT_MIB, MOST_RUNS);
}

/* the command line ------------------------------------------------------------------- */

/* The value of option argv[*i], as --name VALUE or --name=VALUE; NULL: another option. */
static const char *value_of(const call_t *c, int *i, const char *name)
{
    const char *s = c->argv[*i];
    size_t n = strlen(name);
    if (strncmp(s, name, n) || (s[n] && s[n] != '='))
        return NULL;
    if (s[n] == '=')
        return s + n + 1;
    if (*i + 1 == c->argc)
        fail(CODE_USAGE, "exec: %s needs a value; see `aletheia help exec`", name);
    return c->argv[++*i];
}

static int count_of(const char *text)
{
    char *end;
    long n = strtol(text, &end, 10);
    if (!*text || *end || n < 1 || n > MOST_RUNS)
        fail(CODE_USAGE, "exec: --repeat %s: expected a number from 1 to %d", text,
             MOST_RUNS);
    return (int)n;
}

static options_t options_read(const call_t *c)
{
    options_t o = {.repeat = 1, .override = ALLOC(char *, c->argc + 1)};
    for (int i = 0; i < c->argc; i++) {
        const char *s = c->argv[i], *v;
        if ((v = value_of(c, &i, "--expect")))
            o.expect = v;
        else if ((v = value_of(c, &i, "--checker")))
            o.checker = v;
        else if ((v = value_of(c, &i, "--calls")))
            o.calls = v;
        else if ((v = value_of(c, &i, "--test")))
            o.test = v;
        else if ((v = value_of(c, &i, "--repeat")))
            o.repeat = count_of(v);
        else if (!strncmp(s, "--", 2))
            fail(CODE_USAGE, "exec: no option %s; known: --expect, --checker, --calls, "
                             "--test, --repeat", s);
        else if (!o.language)
            o.language = s;
        else if (!o.file)
            o.file = s;
        else
            o.override[o.n_override++] = c->argv[i];
    }
    if (!o.file)
        fail(CODE_USAGE, "usage: aletheia exec LANGUAGE FILE [--expect FILE] "
                         "[--checker NAME] [--calls FILE | --test FILE] [--repeat N] "
                         "[section.key=value ...] < input");
    if (o.calls && o.test)
        fail(CODE_USAGE, "exec: either --calls or --test");
    if (o.test && (o.expect || o.checker))
        fail(CODE_USAGE, "exec: with --test the test decides: no --expect and no --checker");
    if (o.calls && (o.expect || (o.checker && strcmp(o.checker, "floats"))))
        fail(CODE_USAGE, "exec: with --calls the expected values stand in the asserts: no "
                         "--expect, and no --checker but floats");
    if (o.checker && !o.expect && !o.calls && strncmp(o.checker, "special:", 8))
        fail(CODE_USAGE, "exec: --checker %s compares with an expected output: give "
                         "--expect FILE", o.checker);
    return o;
}

/* input ------------------------------------------------------------------------------ */

static void read_all(text_t *t, int fd, const char *name, int mib)
{
    char part[1 << 16];
    ssize_t n;
    while ((n = read(fd, part, sizeof part)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            fail(CODE_DATA, "%s: %s", name, strerror(errno));
        text_addn(t, part, (size_t)n);
        if (t->len > (size_t)mib << 20)
            fail(CODE_DATA, "%s: larger than %d MiB, the most that exec takes here", name,
                 mib);
    }
    text_addn(t, "", 0);
}

static void read_file(text_t *t, const char *path, int mib)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        fail(CODE_DATA, "%s: %s", path, strerror(errno));
    read_all(t, fd, path, mib);
    close(fd);
}

/* --checker NAME; a special one's source is read too. */
static void checker_read(work_t *w, keeper_t *k, const char *name)
{
    const char *file;
    if (!strcmp(name, "floats")) {
        w->check = CHECK_FLOAT;
        return;
    }
    for (int c = 0; c < CHECKS; c++)
        if (!strcmp(name, check_names[c]) && c != CHECK_SPECIAL) {
            w->check = (check_t)c;
            return;
        }
    if (strncmp(name, "special:", 8) || !(file = strchr(name + 8, ':')))
        fail(CODE_USAGE, "exec: no checker `%s`; known: tokens, exact, lines, floats, "
                         "special:LANGUAGE:FILE", name);
    text_t lang = {0};
    text_addn(&lang, name + 8, (size_t)(file - name - 8));
    w->check = CHECK_SPECIAL;
    w->checker_lang = keeper_language(k, lang.s);
    read_file(&w->checker, file + 1, SOURCE_MIB);
    text_reset(&lang);
}

/* Lines of the calls' file that are neither empty nor comments. */
static void calls_read(work_t *w, const char *path)
{
    int cap = 0, cap_line = 0, line = 1, n_line = 0;
    read_file(&w->calls, path, SOURCE_MIB);
    if (strlen(w->calls.s) != w->calls.len)
        fail(CODE_DATA, "%s: holds a NUL byte; expected one test a line", path);
    for (char *at = w->calls.s, *end; *at; at = end, line++) {
        end = at + strcspn(at, "\n");
        if (*end)
            *end++ = 0;
        at += strspn(at, " \t\r");
        if (!*at || *at == '#')
            continue;
        PUSH(w->line, n_line, cap_line, line);
        PUSH(w->call, w->n, cap, at);
    }
    if (!w->n)
        fail(CODE_DATA, "%s: holds no tests; expected one a line", path);
}

static void test_read(work_t *w, const char *path)
{
    int cap = 0, cap_line = 0, n_line = 0;
    read_file(&w->calls, path, SOURCE_MIB);
    if (strlen(w->calls.s) != w->calls.len)
        fail(CODE_DATA, "%s: holds a NUL byte; expected a test program", path);
    PUSH(w->line, n_line, cap_line, 1);
    PUSH(w->call, w->n, cap, w->calls.s);
}

/* What can be said of tests before anything is run. */
static void calls_check(const work_t *w, keeper_t *k, const char *path)
{
    char **why = ALLOC(char *, w->n + 1);
    keeper_check_calls(k, w->call, w->n, why);
    for (int i = 0; i < w->n; i++)
        if (why[i] && strncmp(keeper_mode(k), "none", 4))
            fail(CODE_DATA, "%s:%d: %s", path, w->line[i], why[i]);
    for (int i = 0; i < w->n; i++)
        mem_free(why[i]);
    mem_free(why);
}

static void work_read(work_t *w, keeper_t *k, const options_t *o)
{
    *w = (work_t){.n = o->calls || o->test ? 0 : 1, .lang = keeper_language(k, o->language)};
    if ((o->calls || o->test) && w->lang != LANG_PYTHON)
        fail(CODE_USAGE, "exec: --%s is for python, not for %s", o->calls ? "calls" : "test", o->language);
    if (o->checker)
        checker_read(w, k, o->checker);
    read_file(&w->source, o->file, SOURCE_MIB);
    if (o->expect)
        read_file(&w->want, o->expect, INPUT_MIB);
    if (o->calls)
        calls_read(w, o->calls);
    else if (o->test)
        test_read(w, o->test);
    else if (!isatty(0))
        read_all(&w->input, 0, "standard input", INPUT_MIB);
    text_addn(&w->input, "", 0);
    if (w->call)
        calls_check(w, k, o->calls ? o->calls : o->test);
}

/* running ---------------------------------------------------------------------------- */

static done_t *run_rounds(keeper_t *k, const work_t *w, int expected, int rounds)
{
    int n = w->n * rounds;
    const char **text = ALLOC(const char *, 2 * n + 1);
    size_t *len = ALLOC(size_t, 2 * n + 1);
    check_t *check = ALLOC(check_t, n + 1);
    form_t *form = ALLOC(form_t, n + 1);
    for (int i = 0; i < n; i++) {
        text[i] = w->call ? w->call[i % w->n] : w->input.s;
        len[i] = w->call ? strlen(text[i]) : w->input.len;
        text[n + i] = expected ? w->want.s : NULL;
        len[n + i] = w->want.len;
        check[i] = w->check;
        form[i] = w->call ? FORM_CALL : FORM_STDIN;
    }
    job_t j = {.lang = w->lang,
               .source = w->source.s,
               .n_source = w->source.len,
               .n_test = n,
               .input = text,
               .n_input = len,
               .expect = text + n,
               .n_expect = len + n,
               .check = check,
               .form = form,
               .checker_lang = w->checker_lang,
               .checker = w->checker.s,
               .n_checker = w->checker.len};
    keeper_submit(k, &j);
    mem_free(text);
    mem_free(len);
    mem_free(check);
    mem_free(form);
    done_t *d;
    while (!(d = keeper_poll(k, 1000))) {
    }
    return d;
}

/* The program's words, for whoever sits in front: nothing a terminal would obey. */
static void tell(const done_t *d)
{
    text_t t = {0};
    for (const char *s = d->message; *s; s++) {
        char c = (*s >= ' ' && *s < 127) || *s == '\n' || *s == '\t' ? *s : '?';
        text_addn(&t, &c, 1);
    }
    if (t.len)
        fprintf(stderr, "%s%s", t.s, t.s[t.len - 1] == '\n' ? "" : "\n");
    text_reset(&t);
}

static int print(keeper_t *k, const work_t *w, const done_t *d)
{
    static const char *const units[CHECKS] = {"token", "byte", "token", "line", ""};
    text_t out = {0};
    int faults = 0, failed = 0;
    for (int i = 0; i < d->n_test; i++) {
        const outcome_t *r = &d->outcome[i];
        exec_line(&out, r, w->call ? "byte" : units[w->check], keeper_mode(k), d->message);
        faults += r->verdict == V_FAULT || r->verdict == V_CHECKER_FAULT;
        failed += r->verdict != V_ACCEPTED;
    }
    if (fwrite(out.s, 1, out.len, stdout) != out.len || fflush(stdout))
        fail(CODE_FIT, "standard output: %s", strerror(errno));
    if (failed)
        tell(d);
    text_reset(&out);
    return faults;
}

int verb_exec(call_t *c)
{
    options_t o = options_read(c);
    work_t w;
    deck_t *d = deck_open(NULL, o.n_override, o.override);
    limits_t l = limits_read(d);
    keeper_languages(c->keeper, d);
    keeper_configure(c->keeper, &l, limits_modes(d), 1);
    work_read(&w, c->keeper, &o);
    int faults = 0, left = o.repeat, chunk = 1;
    size_t room = ((size_t)64 << 20) / (w.input.len + w.want.len + 1);
    while (left > 0) {
        double start = clock_now();
        int n = chunk < left ? chunk : left;
        done_t *done = run_rounds(c->keeper, &w, o.expect != NULL, n);
        faults += print(c->keeper, &w, done);
        done_free(done);
        left -= n;
        double took = clock_now() - start;
        chunk = took < 0.25 && 2 * n <= MOST_CHUNK ? 2 * n : took > 0.5 && n > 1 ? n / 2 : n;
        chunk = (size_t)chunk > room ? room > 1 ? (int)room : 1 : chunk;
    }
    deck_free(d);
    mem_free(o.override);
    mem_free((void *)w.call);
    mem_free(w.line);
    text_t *const all[] = {&w.source, &w.input, &w.want, &w.checker, &w.calls};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        text_reset(all[i]);
    return faults ? CODE_FAULT : CODE_DONE;
}
