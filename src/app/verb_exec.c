/* aletheia exec LANGUAGE FILE [options] [section.key=value ...] < input

   Runs one program in the sandbox, on this process's standard input, and prints one line
   of JSON per run: what happened to it (exec_help says what stands in it).  The exit code
   says whether verdicts were reached (0) or the sandbox or a checker failed (70); never how
   the program did.  No MPI.

   All runs go through one launcher, hence one persistent sandbox.  --repeat hands them
   over in jobs of 1, 2, 4, ... runs, as many as take about half a second: lines come
   soon, and little is done more than once. */
#include "exec.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { MOST_CHUNK = 256 };

void exec_help(text_t *out)
{
    text_addf(
        out,
        "\n"
        "  The program runs on what stands on standard input (nothing if that is a terminal).\n"
        "    --expect FILE     compare its output with FILE; without: accepted if it ends well\n"
        "    --other FILE      a further output that is right too; any number of times\n"
        "    --checker WORDS   how: one of tokens (default), exact, lines, floats; with nocase letters of\n"
        "                      either case are the same: \"tokens nocase\", \"floats,nocase\".  Of the Kattis\n"
        "                      format: case_sensitive, space_change_sensitive, float_tolerance=X,\n"
        "                      float_absolute_tolerance=X, float_relative_tolerance=X; these alone ignore\n"
        "                      case unless they say case_sensitive.  floats without a tolerance: [sandbox]\n"
        "                      float_absolute, float_relative; nan is nan in any spelling, infinity too,\n"
        "                      and numbers stand in brackets and behind commas and = as well\n"
        "    --checker special:LANGUAGE:FILE   a program that is run as PROGRAM input expected output\n"
        "                      (three files in its folder): 0 right, 1 wrong\n"
        "    --checker kattis:LANGUAGE:FILE    PROGRAM input expected feedback/ < output: 42 right, 43\n"
        "                      wrong; judgemessage.txt, score.txt\n"
        "    --checker testlib:LANGUAGE:FILE   PROGRAM input output expected: 0 right, 1, 2, 4 and 8 wrong,\n"
        "                      7 points; testlib.h is where [sandbox] testlib says\n"
        "                      Anything else that one of these does is checker_fault.  Its limits are\n"
        "                      compile_cpu_ms, compile_wall_ms and compile_memory_kb\n"
        "    --harness FILE    the main file, of the program's language: it includes the program, which lies\n"
        "                      beside it as solution.cpp, solution.c, solution.rs ...; of Java both are\n"
        "                      compiled together, Python's imports solution\n"
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
        "    --stdout FILE     what the program printed, of the last run, whatever the verdict\n"
        "    --repeat N        run it N times in the same sandbox, compiled once; a line each\n"
        "  A line of JSON: verdict (accepted, wrong_answer, time_limit, memory_limit, output_limit,\n"
        "  runtime_error, compile_error, checker_fault, fault), subcode (which limit, ...), exit (-1: by a\n"
        "  signal), signal, cpu_us and time_us (the same), wall_us, memory_kb, stdout_bytes, stderr_bytes\n"
        "  (at most [sandbox] stderr_kb), first_difference (null, or at, unit, got, expected: position from\n"
        "  0, at most %d bytes of either side), mode (of the sandbox), runs (a doubtful one is repeated);\n"
        "  where a program checked, checker (message: its first %d bytes, score: a number or null); note,\n"
        "  where a file is missing that it may want; message for compile errors and faults.\n"
        "  ASCII only: bytes that are not UTF-8 stand as \\xNN.\n"
        "  Of a call, stdout_bytes is the length of its answer; what it prints counts as stderr.\n"
        "  At most: %d MiB of source, %d MiB of input or expected output, %d runs.\n"
        "  Exit codes: 0 verdicts were reached, 2 usage, 3 a file cannot be read or is too large,\n"
        "  4 standard output is full, 70 a verdict is fault or checker_fault: the sandbox, or a program that\n"
        "  checks, failed.\n",
        EXCERPT, WORDS, EXEC_SOURCE_MIB, EXEC_INPUT_MIB, EXEC_RUNS);
}

/* last: the output of the last run comes back. */
static done_t *run_rounds(keeper_t *k, const work_t *w, int expected, int rounds, int last)
{
    int n = w->n * rounds;
    const char **text = ALLOC(const char *, 3 * n + 1);
    size_t *len = ALLOC(size_t, 3 * n + 1);
    check_t *check = ALLOC(check_t, n + 1);
    form_t *form = ALLOC(form_t, n + 1);
    for (int i = 0; i < n; i++) {
        text[i] = w->call ? w->call[i % w->n] : w->input.s;
        len[i] = w->call ? strlen(text[i]) : w->input.len;
        text[n + i] = expected ? w->want.s : NULL;
        len[n + i] = w->want.len;
        text[2 * n + i] = w->other.len ? w->other.s : NULL;
        len[2 * n + i] = w->other.len;
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
               .other = text + 2 * n,
               .n_other = len + 2 * n,
               .check = check,
               .form = form,
               .checker_lang = w->checker_lang,
               .checker = w->checker.s,
               .n_checker = w->checker.len,
               .testlib = w->testlib.s,
               .n_testlib = w->testlib.len,
               .harness = w->harness.s,
               .n_harness = w->harness.len,
               .limits.compare = w->compare,
               .output_of = last ? n : 0};
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
    static const char *const units[CHECKS] = {"token", "byte", "token", "line", "", "", ""};
    text_t out = {0};
    int faults = 0, failed = 0;
    for (int i = 0; i < d->n_test; i++) {
        const outcome_t *r = &d->outcome[i];
        exec_line(&out, r, w->call ? "byte" : units[w->check], keeper_mode(k),
                  check_is_program(w->check), w->note, d->message);
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

/* What the last run printed. */
static void save_output(const work_t *w, const char *path, const done_t *d)
{
    const int last = d->n_test - 1;
    for (size_t at = 0; d->output[last] && at < d->n_output[last];) {
        ssize_t n = write(w->output, d->output[last] + at, d->n_output[last] - at);
        if (n < 0 && errno != EINTR)
            fail(CODE_FIT, "%s: %s", path, strerror(errno));
        at += n > 0 ? (size_t)n : 0;
    }
}

int verb_exec(call_t *c)
{
    options_t o = options_read(c);
    work_t w;
    deck_t *d = deck_open(NULL, o.n_override, o.override);
    comm_alone();
    limits_t l = limits_read(d);
    keeper_languages(c->keeper, d);
    keeper_configure(c->keeper, &l, limits_modes(d), 1);
    work_read(&w, c->keeper, &o, d);
    if (*w.note)
        fprintf(stderr, "aletheia: note: %s\n", w.note);
    int faults = 0, left = o.repeat, chunk = 1;
    size_t room = ((size_t)64 << 20) / (w.input.len + w.want.len + w.other.len + 1);
    while (left > 0) {
        double start = clock_now();
        int n = chunk < left ? chunk : left;
        done_t *done = run_rounds(c->keeper, &w, o.expect != NULL, n, o.output && n == left);
        faults += print(c->keeper, &w, done);
        left -= n;
        if (o.output && !left)
            save_output(&w, o.output, done);
        done_free(done);
        double took = clock_now() - start;
        chunk = took < 0.25 && 2 * n <= MOST_CHUNK ? 2 * n : took > 0.5 && n > 1 ? n / 2 : n;
        chunk = (size_t)chunk > room ? room > 1 ? (int)room : 1 : chunk;
    }
    deck_free(d);
    mem_free(o.override);
    mem_free((void *)o.other);
    work_reset(&w);
    return faults ? CODE_FAULT : CODE_DONE;
}
