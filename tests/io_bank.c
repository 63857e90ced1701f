// A bank read back is the bank written, on any number of ranks or piece by piece; pass rates follow
// verdicts or say that they are imported.
// RUN: np=1,2,4
#include "io_child.h"
#include "io.h"
#include <sys/stat.h>

enum { PROBLEMS = 40, TESTS = 6, PROGRAMS = 5 };

/* Program k of a problem passes TESTS - k tests; the last problem's programs were not executed. */
static bank_t make_bank(int problems)
{
    bank_t b = {0};
    char s[200];
    for (int i = 0; i < problems; i++) {
        snprintf(s, sizeof s, "Problem %d: add \xc3\xa9 and\n\"ten\".", i);
        problem_t p = {hash_bytes(&i, sizeof i),
                       i % 2 ? SUITE_HELDOUT : SUITE_TRAIN,
                       mem_text(i % 3 ? "sums" : "strings"),
                       mem_text(s),
                       i % 3,
                       1000 + i,
                       65536,
                       b.n_test,
                       TESTS,
                       mem_text(i % 4 ? "1 2" : ""),
                       mem_text(i % 2 ? "exit(0)" : "import sys\n"),
                       i % LANGS,
                       {0, 0, 0, 0},
                       NULL,
                       LANG_PYTHON};
        PUSH(b.problem, b.n_problem, b.cap_problem, p);
        for (int t = 0; t < TESTS; t++) {
            snprintf(s, sizeof s, "%d\n", t);
            test_t one = {i,
                          mem_text(t ? s : ""),
                          t == 5 && i == problems - 1 ? NULL : mem_text(s),
                          t % CHECKS,
                          t == 3 ? FORM_CALL : FORM_STDIN,
                          t ? strlen(s) : 0,
                          strlen(s),
                          0,
                          0};
            PUSH(b.test, b.n_test, b.cap_test, one);
        }
        list_t l = {i % SUITES, i, 2 + i % 4, {0}, i % (2 + i % 4), EDIT_NONE, 0};
        for (int k = 0; k < PROGRAMS; k++) {
            snprintf(s, sizeof s, "print(%d)\n", i * 10 + k);
            program_t r = {hash_bytes(s, strlen(s)),
                           i,
                           i % LANGS,
                           k ? POOL_WEAK : POOL_REFERENCE,
                           mem_text(s),
                           mem_text(k ? "digit changed" : ""),
                           mem_text("( a + b )"),
                           mem_text(""),
                           NAN,
                           LABEL_EXECUTED,
                           strlen(s)};
            PUSH(b.program, b.n_program, b.cap_program, r);
            for (int t = 0; t < TESTS && i < problems - 1; t++) {
                verdict_t v = {b.n_program - 1,
                               p.test + t,
                               t < TESTS - k ? V_ACCEPTED : V_WRONG_ANSWER,
                               (sandbox_mode_t)(t % IN_MODES),
                               100 + t,
                               900,
                               p.id,
                               0,
                               0,
                               NULL};
                PUSH(b.verdict, b.n_verdict, b.cap_verdict, v);
            }
            if (k < l.n) /* program 0 is the right one */
                l.program[k == 0 ? l.answer : k <= l.answer ? k - 1 : k] = b.n_program - 1;
        }
        PUSH(b.list, b.n_list, b.cap_list, l);
    }
    bank_rates(&b);
    return b;
}

static void check_rates(void)
{
    bank_t b = make_bank(3);
    check(b.program[0].pass_rate == 1 && fabsf(b.program[2].pass_rate - 4.0f / 6) < 1e-7f);
    check(isnan(b.program[2 * PROGRAMS].pass_rate), "not executed");
    b.verdict[3].verdict = V_FAULT; /* ours: says nothing */
    bank_rates(&b);
    check(isnan(b.program[0].pass_rate), "a fault is no verdict");
    b.verdict[3].verdict = V_TIME_LIMIT;
    bank_rates(&b);
    check(fabsf(b.program[0].pass_rate - 5.0f / 6) < 1e-7f);
    bank_free(&b);
}

static void same(group_t *g, const char *path, hash_t want)
{
    bank_t b;
    bank_read(g, &b, path);
    hash_t got = bank_hash(&b);
    check(hash_equal(got, want), "content differs");
    check(b.test[b.n_test - 1].output == NULL && b.test[0].output && b.test[0].input[0] == 0);
    bank_free(&b);
}

/* A problem without tests, with a list of one right program and one that passes `rate`; both were
   said by others. */
static void add_untested(bank_t *b, float rate)
{
    int n = b->n_problem;
    problem_t p = {.family = mem_text("imported"),
                   .statement = mem_text("Untested."),
                   .time_ms = 1000,
                   .memory_kb = 65536,
                   .test = b->n_test,
                   .example = mem_text(""),
                   .checker = mem_text("")};
    list_t l = {SUITE_HARD, n, 2, {b->n_program, b->n_program + 1}, 0, EDIT_NONE, 0};
    PUSH(b->problem, b->n_problem, b->cap_problem, p);
    for (int k = 0; k < 2; k++) {
        program_t r = {.problem = n,
                       .pool = POOL_IMPORTED,
                       .source = mem_text(k ? "1" : "2"),
                       .n_source = 1,
                       .origin = mem_text("x/y"),
                       .core = mem_text(""),
                       .walk = mem_text(""),
                       .pass_rate = k ? rate : 1,
                       .label = LABEL_IMPORTED};
        PUSH(b->program, b->n_program, b->cap_program, r);
    }
    PUSH(b->list, b->n_list, b->cap_list, l);
}

static int64_t version_of(const char *path)
{
    int64_t v = 0;
    h5_t *f = h5_open(NULL, path, "problems", 99);
    h5_get_int(f, "/", "version", &v);
    h5_close(f);
    return v;
}

/* Imported labels come back as such, are not touched by verdicts, and make the file one that older
   programs refuse. */
static void imported(group_t *g, const char *path)
{
    bank_t b = make_bank(4), c;
    hash_t without = bank_hash(&b);
    bank_write(g, &b, path, NULL);
    check(version_of(path) == 1);
    add_untested(&b, 0.25f);
    bank_rates(&b);
    check(b.program[b.n_program - 1].pass_rate == 0.25f, "bank_rates took it away");
    check(bank_imported_lists(&b, SUITES) == 1 && bank_imported_lists(&b, SUITE_HARD) == 1 &&
          bank_imported_lists(&b, SUITE_TRAIN) == 0);
    bank_write(g, &b, path, NULL);
    check(version_of(path) == 2);
    bank_read(g, &c, path);
    check(hash_equal(bank_hash(&b), bank_hash(&c)) && !hash_equal(bank_hash(&b), without));
    check(c.program[c.n_program - 1].label == LABEL_IMPORTED &&
          c.program[0].label == LABEL_EXECUTED);
    c.program[c.n_program - 1].label = LABEL_EXECUTED;
    check(!hash_equal(bank_hash(&b), bank_hash(&c)), "the label is not in the hash");
    bank_free(&c);
    bank_free(&b);
}

/* b's items behind a's, by hand. */
static void join(bank_t *a, bank_t *b)
{
    int problems = a->n_problem, tests = a->n_test, programs = a->n_program;
    for (int i = 0; i < b->n_problem; i++) {
        b->problem[i].test += tests;
        PUSH(a->problem, a->n_problem, a->cap_problem, b->problem[i]);
    }
    for (int i = 0; i < b->n_test; i++) {
        b->test[i].problem += problems;
        PUSH(a->test, a->n_test, a->cap_test, b->test[i]);
    }
    for (int i = 0; i < b->n_program; i++) {
        b->program[i].problem += problems;
        PUSH(a->program, a->n_program, a->cap_program, b->program[i]);
    }
    for (int i = 0; i < b->n_verdict; i++) {
        b->verdict[i].program += programs, b->verdict[i].test += tests;
        PUSH(a->verdict, a->n_verdict, a->cap_verdict, b->verdict[i]);
    }
    for (int i = 0; i < b->n_list; i++) {
        b->list[i].problem += problems;
        for (int k = 0; k < b->list[i].n; k++)
            b->list[i].program[k] += programs;
        PUSH(a->list, a->n_list, a->cap_list, b->list[i]);
    }
    b->n_problem = b->n_test = b->n_program = 0; /* their texts are a's now */
    bank_free(b);
}

/* A file written piece by piece is the file of all pieces; one that is dropped leaves nothing. */
static void grown(const char *path)
{
    static const int size[] = {3, 1, 700, 2};
    char tmp[700];
    bank_t all = {0}, c;
    bank_out_t *o = bank_create(path, "[run]\n", 1);
    for (int i = 0; i < 4; i++) {
        bank_t b = make_bank(size[i]), same = make_bank(size[i]);
        if (i == 3)
            add_untested(&b, 0.5f), add_untested(&same, 0.5f);
        bank_append(o, &b);
        bank_free(&b);
        join(&all, &same);
    }
    check(bank_commit(o) == all.n_list);
    bank_read(NULL, &c, path);
    check(hash_equal(bank_hash(&all), bank_hash(&c)) && c.n_problem == 707, "%d problems",
          c.n_problem);
    bank_free(&c);
    bank_free(&all);
    check(!unlink(path));
    snprintf(tmp, sizeof tmp, "%s.tmp", path);
    o = bank_create(path, NULL, 0);
    check(!access(tmp, F_OK));
    bank_drop(o);
    check(access(tmp, F_OK) && access(path, F_OK));
    bank_commit(bank_create(path, NULL, 0));
    bank_read(NULL, &c, path);
    check(c.n_problem == 0 && version_of(path) == 1);
    bank_free(&c);
}

/* What a damaged bank is said to be, by the function that bank_read asks. */
static void told(int what, const char *says)
{
    bank_t b = make_bank(6);
    text_t why = {0};
    switch (what) {
    case 0:
        break;
    case 1:
        b.list[4].answer = (b.list[4].answer + 1) % b.list[4].n;
        break;
    case 2:
        b.list[1].program[0] = b.n_program;
        break;
    case 3:
        b.list[1].program[0] = 0;
        break;
    case 4:
        b.list[2].program[0] = b.list[2].program[1];
        break;
    case 5:
        b.program[7].pass_rate = 1;
        break;
    case 6:
        b.verdict[9].test = -1;
        break;
    case 7:
        b.verdict[9].test = b.n_test - 1;
        break;
    case 8:
        b.program[3].problem = 99;
        break;
    case 9:
        b.list[3].n = 6;
        break;
    case 10:
        b.problem[2].tests = 40;
        break;
    case 11: /* two right: the weak one passes everything too */
        for (int i = 0; i < b.n_verdict; i++)
            if (b.verdict[i].program / PROGRAMS == 1)
                b.verdict[i].verdict = V_ACCEPTED;
        bank_rates(&b);
        break;
    case 12:
        b.list[5].answer = 0;
        break; /* not executed: nothing is known, so nothing is wrong */
    case 13:
        b.problem[3].checker[0] = 0;
        break;
    case 14:
        b.program[8].label = LABEL_IMPORTED;
        break;
    case 15:
        add_untested(&b, 1.5f);
        break;
    case 16:
        add_untested(&b, 0.25f);
        break;
    }
    int bad = bank_check(&b, &why);
    check(bad == (says != NULL) && (!says || strstr(why.s, says)), "case %d: %s", what,
          why.s ? why.s : "");
    text_reset(&why);
    bank_free(&b);
}

/* An otherwise sound file whose stored answers were changed from outside, read by the program:
   CODE_DATA. */
static void edited_file(const char *path, const char *dir)
{
    char command[1600];
    text_t err = {0};
    if (system("/usr/bin/python3 -c 'import h5py' 2>/dev/null")) {
        fprintf(stderr, "h5py is not there: edited files were not tried\n");
        return;
    }
    snprintf(
        command, sizeof command,
        "cp %s %s/e.h5 && /usr/bin/python3 -c \"\n"
        "import h5py\n"
        "f = h5py.File('%s/e.h5', 'r+')\n"
        "o = f['problem/statement/offset'][:]; d = f['problem/statement/data']\n"
        "assert bytes(d[o[7]:o[8]]).decode().startswith('Problem 7: add \\u00e9'), 'text'\n"
        "e = h5py.check_enum_dtype(f['verdict/verdict'].dtype)\n"
        "assert e['accepted'] == 1 and len(e) == 11, e\n"
        "assert f['program/pass_rate'].shape == (200,) and f.attrs['format'] == b'aletheia/problems'\n"
        "f['list/answer'][4] = (f['list/answer'][4] + 1) %% 2\n"
        "\"",
        path, dir, dir);
    check(!system(command), "h5py could not read it");
    snprintf(command, sizeof command, "%s/e.h5", dir);
    int code = child_run(0, (const char *[]){"read", command, NULL}, &err);
    check(code == CODE_DATA && strstr(err.s, "list 4") && strstr(err.s, "right candidate"), "%d %s",
          code, err.s);
    text_reset(&err);
}

/* After the Python statement `code` on the open file f the file is refused, and the message has
   both parts. */
static void changed_file(const char *path, const char *dir, const char *code, const char *one,
                         const char *two)
{
    char command[1600];
    text_t err = {0};
    if (system("/usr/bin/python3 -c 'import h5py' 2>/dev/null"))
        return;
    snprintf(command, sizeof command,
             "cp %s %s/e.h5 && /usr/bin/python3 -c \"\n"
             "import h5py\n"
             "f = h5py.File('%s/e.h5', 'r+')\n"
             "%s\n"
             "\"",
             path, dir, dir, code);
    check(!system(command), "h5py could not change it");
    snprintf(command, sizeof command, "%s/e.h5", dir);
    int ended = child_run(0, (const char *[]){"read", command, NULL}, &err);
    check(ended == CODE_DATA && strstr(err.s, one) && strstr(err.s, two), "%d %s", ended, err.s);
    text_reset(&err);
}

/* A size that the header claims and the file does not hold costs no memory. */
static void hollow_file(const char *path, const char *dir, const char *set, const char *shape)
{
    char code[400];
    snprintf(code, sizeof code,
             "t = f['%s'].dtype; del f['%s']; f.create_dataset('%s', %s, dtype=t, chunks=True)",
             set, set, set, shape);
    changed_file(path, dir, code, set, "but the file does not hold so much of it");
}

/* Parts that lie in other files are not followed: one may be a pipe, on which a reader would wait
   for ever. */
static void elsewhere(const char *path, const char *dir)
{
    char code[600];
    snprintf(code, sizeof code, "%s/pipe", dir);
    check(!mkfifo(code, 0600));
    text_t err = {0};
    int ended = child_run(0, (const char *[]){"read", code, NULL}, &err);
    check(ended == CODE_DATA && strstr(err.s, "expected an HDF5 file of kind problems"), "%d %s",
          ended, err.s);
    text_reset(&err);
    snprintf(code, sizeof code,
             "del f['problem/split']; f['problem/split'] = h5py.ExternalLink('%s/pipe', '/x')",
             dir);
    changed_file(path, dir, code, "no dataset problem/split", "");
    snprintf(code, sizeof code,
             "del f['problem']; f['problem'] = h5py.ExternalLink('%s/pipe', '/x')", dir);
    changed_file(path, dir, code, "no dataset problem/split", "");
    changed_file(
        path, dir,
        "f['x'] = f['problem/split']; del f['problem/split']; f['problem/split'] = h5py.SoftLink('/x')",
        "no dataset problem/split", "");
    snprintf(code, sizeof code,
             "d = f['test/problem']; n = len(d); t = d.dtype; del f['test/problem']; "
             "f.create_dataset('test/problem', (n,), dtype=t, external=[('%s/pipe', 0, 4 * n)])",
             dir);
    changed_file(path, dir, code, "test/problem", "the file does not hold so much of it");
}

/* 100,000 lists and all that belongs to them. */
static void large(group_t *g, const char *path)
{
    bank_t b = make_bank(20000), c;
    for (int i = 0; b.n_list < 100000; i++)
        PUSH(b.list, b.n_list, b.cap_list, b.list[i]);
    bank_write(g, &b, path, NULL);
    bank_read(g, &c, path);
    check(hash_equal(bank_hash(&b), bank_hash(&c)));
    bank_free(&b);
    bank_free(&c);
}

int main(int argc, char **argv)
{
    bank_t b;
    if (argc > 2) {
        bank_read(NULL, &b, argv[2]);
        return 0;
    }
    test_begin(&argc, &argv);
    group_t *g = comm_world();
    char *dir = child_folder("bank"), path[600];
    snprintf(path, sizeof path, "%s/problems.h5", dir);
    check_rates();
    const char *const says[] =
        {NULL,
         "list 4 (suite equivalent, problem 4): no right candidate: the answer",
         "is program 30; there are 30",
         "belongs to problem 0",
         "are the same program",
         "program 7: its pass rate is stored as 1",
         "do not both exist",
         "its test 35 to problem 5",
         "its problem 99 does not exist",
         "6 candidates, expected 2 to 5",
         "tests 12 to 51 do not exist",
         "two right candidates",
         NULL,
         "problem 3: test 22 asks for a special checker",
         "program 8: its pass rate is an imported one, but its problem has 6 tests",
         "program 31: its imported pass rate is 1.5",
         NULL};
    for (size_t i = 0; i < sizeof says / sizeof *says; i++)
        told((int)i, says[i]);
    b = make_bank(PROBLEMS);
    hash_t h = bank_hash(&b);
    bank_write(g, &b, path, "[run]\n");
    same(g, path, h);
    group_t *half = group_split(g, group_rank(g) % 2, 0); /* other numbers of ranks */
    if (group_rank(g) % 2 == 0)
        same(half, path, h);
    comm_barrier(g);
    if (group_rank(g) == 0) {
        same(NULL, path, h);
        edited_file(path, dir);
        changed_file(path, dir, "f['problem/statement/data'][7] = 0",
                     "problem/statement, item 0 holds a NUL byte", "a text was expected");
        changed_file(
            path, dir,
            "import os; n = f.filename; g = h5py.File(n + '.old', 'w', libver='earliest'); g.attrs.update(f.attrs); "
            "[f.copy(k, g) for k in f]; g.close(); f.close(); os.rename(n + '.old', n)",
            "in HDF5's oldest format", "copy it with h5repack --low=1");
        elsewhere(path, dir);
        hollow_file(path, dir, "problem/split", "(2**28,)");
        hollow_file(path, dir, "test/problem", "(2**62,)");
        hollow_file(path, dir, "problem/statement/data", "(2**61, 3)");
        hollow_file(path, dir, "program/source/offset", "(2**40, 0)");
        bank_write(NULL, &b, path, NULL);
    }
    comm_barrier(g);
    same(g, path, h);
    bank_free(&b);
    bank_write(g, &b, path, NULL); /* nothing in it */
    bank_read(g, &b, path);
    check(b.n_problem == 0 && b.n_list == 0);
    bank_free(&b);
    if (group_size(g) != 4)
        large(g, path);
    imported(g, path);
    comm_barrier(g);
    if (group_rank(g) == 0)
        grown(path);
    comm_barrier(g);
    group_free(half);
    child_folder_remove(dir);
    return test_end();
}
