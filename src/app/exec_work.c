/* The command line of `aletheia exec`, and the files that it names.

   Everything is read, and complained about, before the first run. */
#include "exec.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char programs[] =
    "special:LANGUAGE:FILE, kattis:LANGUAGE:FILE or testlib:LANGUAGE:FILE";

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
    if (!*text || *end || n < 1 || n > EXEC_RUNS)
        fail(CODE_USAGE, "exec: --repeat %s: expected a number from 1 to %d", text, EXEC_RUNS);
    return (int)n;
}

/* special:, kattis: or testlib: at the front; its check_t, or -1. */
static int program_kind(const char *checker)
{
    for (int c = 0; checker && c < CHECKS; c++) {
        size_t n = strlen(check_names[c]);
        if (check_is_program((check_t)c) && !strncmp(checker, check_names[c], n) &&
            checker[n] == ':')
            return c;
    }
    return -1;
}

static void check_together(const options_t *o)
{
    const int program = program_kind(o->checker) >= 0;
    const char *tests = o->calls ? "--calls" : "--test";
    if (o->calls && o->test)
        fail(CODE_USAGE, "exec: either --calls or --test");
    if (o->test && (o->expect || o->checker))
        fail(CODE_USAGE, "exec: with --test the test decides: no --expect and no --checker");
    if (o->calls && o->expect)
        fail(CODE_USAGE,
             "exec: with --calls the expected values stand in the asserts: no --expect, and no "
             "--checker but floats");
    if ((o->calls || o->test) && (o->other || o->harness || o->output))
        fail(CODE_USAGE, "exec: %s means nothing with %s: leave one of them out",
             o->other     ? "--other"
             : o->harness ? "--harness"
                          : "--stdout",
             tests);
    if (o->checker && !o->expect && !o->calls && !program)
        fail(CODE_USAGE, "exec: --checker %s compares with an expected output: give --expect FILE",
             o->checker);
    if (o->other && (!o->expect || program))
        fail(
            CODE_USAGE,
            "exec: --other is a further output that is right too: it goes with --expect, and not with a "
            "program that checks");
}

options_t options_read(const call_t *c)
{
    options_t o = {.repeat = 1, .override = ALLOC(char *, c->argc + 1)};
    int cap = 0;
    for (int i = 0; i < c->argc; i++) {
        const char *s = c->argv[i], *v;
        if ((v = value_of(c, &i, "--expect")))
            o.expect = v;
        else if ((v = value_of(c, &i, "--other")))
            PUSH(o.other, o.n_other, cap, v);
        else if ((v = value_of(c, &i, "--checker")))
            o.checker = v;
        else if ((v = value_of(c, &i, "--calls")))
            o.calls = v;
        else if ((v = value_of(c, &i, "--test")))
            o.test = v;
        else if ((v = value_of(c, &i, "--harness")))
            o.harness = v;
        else if ((v = value_of(c, &i, "--stdout")))
            o.output = v;
        else if ((v = value_of(c, &i, "--repeat")))
            o.repeat = count_of(v);
        else if (!strncmp(s, "--", 2))
            fail(
                CODE_USAGE,
                "exec: no option %s; known: --expect, --other, --checker, --calls, --test, --harness, --stdout, "
                "--repeat",
                s);
        else if (!o.language)
            o.language = s;
        else if (!o.file)
            o.file = s;
        else
            o.override[o.n_override++] = c->argv[i];
    }
    if (!o.file)
        fail(
            CODE_USAGE,
            "usage: aletheia exec LANGUAGE FILE [--expect FILE] [--other FILE] [--checker NAME] "
            "[--calls FILE | --test FILE] [--harness FILE] [--stdout FILE] [--repeat N] [section.key=value ...] < input");
    check_together(&o);
    return o;
}

/* files ------------------------------------------------------------------------------ */

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
            fail(CODE_DATA, "%s: larger than %d MiB, the most that exec takes here", name, mib);
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

/* --checker: KIND:LANGUAGE:FILE, whose source is read too, or words. */
static void checker_read(work_t *w, keeper_t *k, const options_t *o, const deck_t *d)
{
    const int kind = program_kind(o->checker);
    text_t lang = {0}, why = {0};
    if (kind < 0) {
        if (check_parse(o->checker, &w->check, &w->compare, &why))
            fail(CODE_USAGE, "exec: %s%s%s", why.s, strstr(why.s, "; known: ") ? "; or " : "",
                 strstr(why.s, "; known: ") ? programs : "");
        if (o->calls && (w->check != CHECK_FLOAT || w->compare.nocase || w->compare.spaces))
            fail(CODE_USAGE,
                 "exec: with --calls the expected values stand in the asserts: no --expect, and no "
                 "--checker but floats");
        return;
    }
    const char *from = strchr(o->checker, ':') + 1, *file = strchr(from, ':');
    if (o->calls)
        fail(
            CODE_USAGE,
            "exec: with --calls the expected values stand in the asserts: no --checker but floats");
    if (!file || file == from || !file[1])
        fail(CODE_USAGE, "exec: no checker `%s`; expected %s", o->checker, programs);
    text_addn(&lang, from, (size_t)(file - from));
    w->check = (check_t)kind;
    w->checker_lang = keeper_language(k, lang.s);
    read_file(&w->checker, file + 1, EXEC_SOURCE_MIB);
    if (kind == CHECK_TESTLIB)
        testlib_read(d, &w->testlib);
    if (!o->expect)
        w->note = "no --expect: the checker finds an empty expected file";
    text_reset(&lang);
}

/* Lines of the calls' file that are neither empty nor comments. */
static void calls_read(work_t *w, const char *path)
{
    int cap = 0, cap_line = 0, line = 1, n_line = 0;
    read_file(&w->calls, path, EXEC_SOURCE_MIB);
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
    read_file(&w->calls, path, EXEC_SOURCE_MIB);
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

/* As job_t.other wants them: length, bytes, NUL. */
static void others_read(work_t *w, const options_t *o)
{
    for (int i = 0; i < o->n_other; i++) {
        text_t one = {0};
        read_file(&one, o->other[i], EXEC_INPUT_MIB);
        const int64_t n = (int64_t)one.len;
        text_addn(&w->other, (const char *)&n, sizeof n);
        text_addn(&w->other, one.s, one.len + 1);
        text_reset(&one);
    }
}

void work_read(work_t *w, keeper_t *k, const options_t *o, const deck_t *d)
{
    const char *tests = o->calls ? o->calls : o->test;
    *w = (work_t){.n = tests ? 0 : 1,
                  .lang = keeper_language(k, o->language),
                  .note = "",
                  .output = -1};
    if (tests && w->lang != LANG_PYTHON)
        fail(CODE_USAGE, "exec: --%s is for python, not for %s", o->calls ? "calls" : "test",
             o->language);
    if (o->checker)
        checker_read(w, k, o, d);
    read_file(&w->source, o->file, EXEC_SOURCE_MIB);
    if (o->harness)
        read_file(&w->harness, o->harness, EXEC_SOURCE_MIB);
    if (o->expect)
        read_file(&w->want, o->expect, EXEC_INPUT_MIB);
    others_read(w, o);
    if (o->calls)
        calls_read(w, o->calls);
    else if (o->test)
        test_read(w, o->test);
    else if (!isatty(0))
        read_all(&w->input, 0, "standard input", EXEC_INPUT_MIB);
    text_addn(&w->input, "", 0);
    if (tests)
        calls_check(w, k, tests);
    if (o->output &&
        (w->output = open(o->output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) < 0)
        fail(CODE_DATA, "%s: cannot be written: %s", o->output, strerror(errno));
}

void work_reset(work_t *w)
{
    mem_free((void *)w->call);
    mem_free(w->line);
    if (w->output >= 0)
        close(w->output);
    text_t *const all[] = {&w->source,  &w->input, &w->want,    &w->other,
                           &w->checker, &w->calls, &w->harness, &w->testlib};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        text_reset(all[i]);
}
