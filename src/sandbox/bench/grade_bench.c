/* How fast the grader is, beside floors measured in the same run.

   what=floor            vfork + exec + wait of a program of two instructions, with pipes
   what=exec             the same program in the sandbox; ratio: of the floor, per launcher
   what=c-dynamic, c     "read two numbers, print their sum" in C; added: what the sandbox adds to a
   run of the
                         same executable without it, as a share of that
   what=python           the same in Python; ratio: runs per cold start of `python3 -I -S -E -c
   pass` what=scaling          runs per second of all launchers against one
   what=resident         the same with gigabytes resident in this process, against without
   what=cpp-compile      a program with all standard headers: the compiler alone, in the sandbox
   once the headers are
                         precompiled, and the same source again
   what=python-programs, c-programs   programs that have to be loaded or compiled first
   what=graders          a bank's worth of programs on grader ranks against one program's rate
   (grading_bench_ranks)

   Rates are the best of several repetitions, taken in turns with the floors.  One launcher and the
   bare runs that it is compared with have the same core to themselves, as a grader's launchers have
   one each: where a run may move to an idle core, waking that core is what one measures.  A table
   of languages for the bench alone gives executables the names of languages. */
#include "bench_bare.h"
#include "sandbox/grade/grade.h"
#include <math.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

static const char languages[] =
    "[python]\ndriver = python\nfile = main.py\n"
    "[c]\nfile = main.c\ncompile = gcc -O2 -w -o {program} {source}\noptions = -static\n"
    "probe = int main(void) { return 0; }\nrun = ./main\nversion = gcc --version\n"
    "[cpp]\nfile = main.c\ncompile = gcc -O2 -w -o {program} {source}\nrun = ./main\nversion = gcc --version\n"
    "[rust]\nfile = main.c\ncompile = gcc -O2 -w -nostdlib -static -o {program} {source}\nrun = ./main\nversion = gcc --version\n";
static const lang_t dynamic_c = LANG_CPP, no_libc = LANG_RUST;

static const char leave_c[] =
    "#if defined(__x86_64__)\n"
    "__asm__(\".globl _start\\n_start: mov $60, %eax\\n xor %edi, %edi\\n syscall\\n\");\n"
    "#else\n"
    "__asm__(\".globl _start\\n_start: mov x8, 93\\n mov x0, 0\\n svc 0\\n\");\n"
    "#endif\n";

static const char sum_c[] =
    "#include <stdio.h>\nint main(void)\n{\n    int a, b;\n    if (scanf(\"%d %d\", &a, &b) == 2)\n"
    "        printf(\"%d\\n\", a + b);\n    return 0;\n}\n";
static const char sum_python[] = "a, b = map(int, input().split())\nprint(a + b)\n";
static const char headers_cpp[] =
    "#include <bits/stdc++.h>\nusing namespace std;\nint main() { int a, b; "
    "if (cin >> a >> b) { map<int, vector<string>> m; m[a + b].push_back(\"x\"); "
    "for (auto &p : m) cout << p.first << '\\n'; } }\n";

static const char *made(text_t *t, const char *source, int number, const char *comment)
{
    text_reset(t);
    text_addf(t, "%s%s %d\n", source, comment, number);
    return t->s;
}

/* One job on n tests that all say 7 to "3 4" (judged), or nothing. */
static void submit(keeper_t *k, lang_t lang, const char *source, size_t n_source, int64_t ticket,
                   int tests, int judged)
{
    enum { MOST = 512 };
    const char *in[MOST], *want[MOST];
    size_t n_in[MOST], n_want[MOST];
    for (int i = 0; i < tests; i++) {
        in[i] = "3 4\n";
        want[i] = judged ? "7\n" : "";
        n_in[i] = 4;
        n_want[i] = judged ? 2 : 0;
    }
    job_t j = {.ticket = ticket,
               .lang = lang,
               .source = source,
               .n_source = n_source,
               .n_test = tests,
               .input = in,
               .n_input = n_in,
               .expect = want,
               .n_expect = n_want};
    keeper_submit(k, &j);
}

/* Waits for all; how many runs were not accepted.  *busy: seconds of launchers. */
static int collect(keeper_t *k, double *busy, int *compiled)
{
    int bad = 0;
    for (done_t *d; keeper_pending(k) && (d = keeper_poll(k, 120000)); done_free(d)) {
        for (int i = 0; i < d->n_test; i++)
            bad += d->outcome[i].verdict != V_ACCEPTED;
        if (busy)
            *busy += d->busy_s;
        if (compiled)
            *compiled += d->compiled;
    }
    return bad;
}

typedef struct {
    lang_t lang;
    const char *source;
    size_t n;
    int tests;
} load_t;

/* Seconds of one run on one launcher, or of all launchers together; best of three.  0: something
   was not accepted. */
static double seconds(keeper_t *k, const load_t *l, int launchers)
{
    double best = 0;
    for (int repeat = 0; repeat < 4; repeat++) { /* the first compiles and warms up */
        double start = clock_now();
        for (int i = 0; i < launchers; i++)
            submit(k, l->lang, l->source, l->n, i, l->tests, l->lang != no_libc);
        if (collect(k, NULL, NULL))
            return 0;
        double s = (clock_now() - start) / (l->tests * launchers);
        best = repeat && (!best || s < best) ? s : best;
    }
    return best;
}

static double better(double a, double b)
{
    return !a || (b && b < a) ? b : a;
}

static cpu_set_t allowed; /* this process's cores, from before it was put onto one */

static void onto_core(int core)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    sched_setaffinity(0, sizeof one, core < 0 ? &allowed : &one);
}

/* The core for what is measured on one: the last; and all, this one first. */
static int cores(int *core)
{
    int n = 0;
    for (int c = CPU_SETSIZE - 1; c >= 0; c--)
        if (CPU_ISSET(c, &allowed))
            core[n++] = c;
    return n;
}

static void keeper_with(keeper_t *k, const char *table, int launchers)
{
    text_t t = {0};
    int core[CPU_SETSIZE], n = cores(core);
    text_addf(&t, "[sandbox]\nlanguages = %s\n", table);
    deck_t *d = deck_parse("bench", t.s, 0, NULL);
    limits_t l = limits_read(d);
    keeper_languages(k, d);
    keeper_configure(k, &l, limits_modes(d), launchers);
    if (n)
        keeper_place(k, core, launchers < n ? launchers : n, 1);
    deck_free(d);
    text_reset(&t);
}

typedef struct {
    double leave, c, dynamic, python;
} floors_t;

static void measure_floors(bare_t *b, floors_t *f)
{
    char path[512];
    int core[CPU_SETSIZE], n = cores(core);
    onto_core(n ? core[0] : -1);
    snprintf(path, sizeof path, "%s", bare_path(b, "leave"));
    f->leave = better(f->leave, bare_seconds((const char *[]){path, NULL}, 0.4));
    snprintf(path, sizeof path, "%s", bare_path(b, "static"));
    f->c = better(f->c, bare_seconds((const char *[]){path, NULL}, 0.4));
    snprintf(path, sizeof path, "%s", bare_path(b, "dynamic"));
    f->dynamic = better(f->dynamic, bare_seconds((const char *[]){path, NULL}, 0.4));
    f->python = better(f->python, bare_seconds((const char *[]){"/usr/bin/python3", "-I", "-S",
                                                                "-E", "-c", "pass", NULL},
                                               0.6));
    onto_core(-1);
}

static int compile_bare(bare_t *b, const char *name, const char *source, const char *how)
{
    char out[512], in[512], line[1400];
    snprintf(out, sizeof out, "%s", bare_path(b, name));
    bare_put(b, "main.c", source, strlen(source));
    snprintf(in, sizeof in, "%s", bare_path(b, "main.c"));
    snprintf(line, sizeof line, "exec gcc -O2 -w %s -o '%s' '%s'", how, out, in);
    return bare_seconds((const char *[]){"/bin/sh", "-c", line, NULL}, 0) > 0;
}

static void bench_rates(keeper_t *k, bare_t *b, floors_t *f, int all, text_t *out)
{
    const struct {
        const char *what;
        load_t load;
        double *floor;
    } row[] = {
        {"exec", {no_libc, leave_c, strlen(leave_c), 500}, &f->leave},
        {"c", {LANG_C, sum_c, strlen(sum_c), 400}, &f->c},
        {"c-dynamic", {dynamic_c, sum_c, strlen(sum_c), 400}, &f->dynamic},
        {"python", {LANG_PYTHON, sum_python, strlen(sum_python), 400}, &f->python},
    };
    enum { ROWS = sizeof row / sizeof *row, ROUNDS = 3 };
    double one[ROWS] = {0}, many[ROWS] = {0};
    for (int round = 0; round < ROUNDS; round++) {
        measure_floors(b, f);
        keeper_with(k, bare_path(b, "languages"), 1);
        for (int i = 0; i < ROWS; i++)
            one[i] = better(one[i], seconds(k, &row[i].load, 1));
        keeper_with(k, bare_path(b, "languages"), all);
        for (int i = 0; i < ROWS; i++)
            many[i] = better(many[i], seconds(k, &row[i].load, all));
    }
    measure_floors(b, f);
    text_addf(
        out,
        "RESULT bench=grader what=floor launchers=1 runs_per_s=%.0f c_per_s=%.0f dynamic_per_s=%.0f python_cold_per_s=%.1f\n",
        1 / f->leave, 1 / f->c, 1 / f->dynamic, 1 / f->python);
    for (int i = 0; i < ROWS; i++)
        text_addf(
            out,
            "RESULT bench=grader what=%s launchers=1 runs_per_s=%.0f ratio=%.3f added=%.3f launchers_all=%d "
            "all_per_s=%.0f scaling=%.3f\n",
            row[i].what, 1 / one[i], *row[i].floor / one[i],
            (one[i] - *row[i].floor) / *row[i].floor, all, 1 / many[i], one[i] / many[i]);
}

/* The same rates with `gigabytes` resident in this process. */
static void bench_resident(keeper_t *k, bare_t *b, text_t *out)
{
    size_t gigabytes = 8, room = mem_available() >> 30;
    gigabytes = room > gigabytes + 4 ? gigabytes : room / 2;
    load_t load = {LANG_C, sum_c, strlen(sum_c), 400};
    keeper_with(k, bare_path(b, "languages"), 1);
    double without = seconds(k, &load, 1);
    void *block = mem_new(gigabytes << 30);
    double with = better(seconds(k, &load, 1), seconds(k, &load, 1));
    mem_free(block);
    without = better(without, seconds(k, &load, 1));
    text_addf(out, "RESULT bench=grader what=resident gigabytes=%zu ratio=%.3f\n", gigabytes,
              without / with);
}

static void bench_compile(keeper_t *k, bare_t *b, text_t *out)
{
    char line[1400], in[512], to[512];
    text_t t = {0};
    double first = 0, later = 0, again = 0;
    int compiled = 0;
    keeper_with(k, "", 1);
    if (!keeper_toolchain(k, LANG_CPP)[0])
        return;
    for (int i = 0; i < 12; i++) {
        double busy = 0;
        made(&t, headers_cpp, i, "//");
        submit(k, LANG_CPP, t.s, t.len, i, 1, 1);
        collect(k, &busy, NULL);
        first = i ? first : busy;
        later = i > 5 ? better(later, busy) : 0;
    }
    for (int i = 0; i < 3; i++) {
        double busy = 0;
        submit(k, LANG_CPP, t.s, t.len, i, 1, 1);
        collect(k, &busy, &compiled);
        again = better(again, busy);
    }
    snprintf(in, sizeof in, "%s", bare_path(b, "all.cpp"));
    snprintf(to, sizeof to, "%s", bare_path(b, "all"));
    bare_put(b, "all.cpp", t.s, t.len);
    snprintf(line, sizeof line, "exec g++ -O2 -std=gnu++20 -w -s -static -o '%s' '%s'", to, in);
    double plain = bare_seconds((const char *[]){"/bin/sh", "-c", line, NULL}, 2);
    text_addf(
        out,
        "RESULT bench=grader what=cpp-compile plain_ms=%.0f first_ms=%.0f precompiled_ms=%.0f again_ms=%.1f again_compiled=%d\n",
        plain * 1e3, first * 1e3, later * 1e3, again * 1e3, compiled);
    text_reset(&t);
}

static void bench_programs(keeper_t *k, int all, text_t *out)
{
    text_t t = {0};
    keeper_with(k, "", all);
    const struct {
        const char *what;
        lang_t lang;
        const char *source, *comment;
        int programs, tests;
    } row[] = {{"python-programs", LANG_PYTHON, sum_python, "#", 64, 4},
               {"c-programs", LANG_C, sum_c, "//", 24, 1}};
    for (int r = 0; r < 2; r++) {
        double start = clock_now();
        for (int i = 0; i < row[r].programs * all; i++) {
            made(&t, row[r].source, i, row[r].comment);
            submit(k, row[r].lang, t.s, t.len, i, row[r].tests, 1);
        }
        int bad = collect(k, NULL, NULL);
        double s = clock_now() - start;
        text_addf(
            out,
            "RESULT bench=grader what=%s launchers=%d programs_per_s=%.1f runs_per_s=%.0f bad=%d\n",
            row[r].what, all, row[r].programs * all / s, row[r].programs * all * row[r].tests / s,
            bad);
    }
    text_reset(&t);
}

void grading_bench(keeper_t *k, text_t *out)
{
    static const char *const files[] = {"leave",     "main.c",  "static", "dynamic",
                                        "languages", "all.cpp", "all",    NULL};
    bare_t b;
    floors_t f = {0};
    int all = keeper_launchers(k);
    sched_getaffinity(0, sizeof allowed, &allowed);
    if (!bare_open(&b))
        fail(CODE_USAGE, "bench: no folder can be made in TMPDIR");
    if (!bare_put(&b, "languages", languages, strlen(languages)) ||
        !compile_bare(&b, "leave", leave_c, "-nostdlib -static") ||
        !compile_bare(&b, "static", sum_c, "-static") || !compile_bare(&b, "dynamic", sum_c, "")) {
        bare_close(&b, files);
        fail(CODE_USAGE, "bench: gcc cannot make programs in TMPDIR; `bench grader` needs it");
    }
    bench_rates(k, &b, &f, all, out);
    bench_resident(k, &b, out);
    bench_compile(k, &b, out);
    bench_programs(k, all, out);
    keeper_with(k, "", all);
    bench_bounds(k, out);
    bare_close(&b, files);
}

enum { PROGRAMS = 1000, TESTS = 20, LONG = 4000, TURNS = 2 };

/* Runs per second of `programs` different programs, shared among the clients, on n_test tests
   each. */
static double together(grading_t *g, int programs, int n_test, int *serial, int *bad)
{
    static const char *in[LONG], *want[LONG];
    static size_t n_in[LONG], n_want[LONG];
    const int me = group_rank(grading_clients(g)), clients = group_size(grading_clients(g));
    for (int i = 0; i < n_test; i++) {
        in[i] = "3 4\n", want[i] = "7\n";
        n_in[i] = 4, n_want[i] = 2;
    }
    text_t t = {0};
    comm_barrier(grading_clients(g));
    double start = clock_now();
    job_t j = {.lang = LANG_PYTHON,
               .n_test = n_test,
               .input = in,
               .n_input = n_in,
               .expect = want,
               .n_expect = n_want};
    for (int i = 0; i < programs; i++) {
        (*serial)++;
        if (i % clients != me)
            continue;
        j.source = made(&t, sum_python, *serial, "#");
        j.n_source = t.len;
        j.ticket = i;
        grading_submit(g, &j);
    }
    while (grading_pending(g)) {
        done_t *d = grading_poll(g);
        if (!d)
            grading_wait(g, 2);
        for (int i = 0; d && i < d->n_test; i++)
            *bad += d->outcome[i].verdict != V_ACCEPTED;
        done_free(d);
    }
    comm_barrier(grading_clients(g));
    text_reset(&t);
    return programs * (double)n_test / (clock_now() - start);
}

/* A thousand programs on 20 tests each, beside what the graders do when each has one program with
   thousands of tests (all at once: sum; the ratio is to that), and one of them alone (of_alone: to
   that times their number, which the machine's cores limit too).  Each the best of some turns. */
void grading_bench_ranks(group_t *world, int n_graders, keeper_t *k, text_t *out)
{
    keeper_with(k, "", 1);
    grading_t *g = grading_open(world, n_graders, k);
    if (grading_is_grader(g)) {
        grading_serve(g);
        grading_close(g);
        return;
    }
    double alone = 0, sum = 0, many = 0;
    int bad = 0, serial = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        alone = fmax(alone, together(g, 1, LONG, &serial, &bad));
        sum = fmax(sum, together(g, n_graders, LONG, &serial, &bad));
        many = fmax(many, together(g, PROGRAMS, TESTS, &serial, &bad));
    }
    if (group_rank(grading_clients(g)) == 0)
        text_addf(
            out,
            "RESULT bench=graders graders=%d programs=%d tests=%d alone_per_s=%.0f sum_per_s=%.0f together_per_s=%.0f "
            "ratio=%.3f of_alone=%.3f bad=%d\n",
            n_graders, PROGRAMS, TESTS, alone, sum, many, many / sum, many / alone / n_graders,
            bad);
    grading_close(g);
}
