/* aletheia grade DECK: execute what is not executed yet in a problem file, in place.

   Reads data.problems (or grade.out, made of the JSON lines of grade.in) and runs every program
   that has no verdict on some test, or one that is not that of its present text, test, limits and
   tool-chain, or a fault of the sandbox (expected outputs that are missing come from the
   reference). What other files say of the same runs (sandbox.verdicts) is taken instead of
   executing.  Lists that the new pass rates contradict are dropped; where the file has none, those
   that [problems] asks for are made (for adv further programs are executed: suites.c).  A file in which everything was executed costs nothing and is
   left alone.

   One bad item stops no other.  All of grade.in is looked at before anything is made, also what
   only Python or a tool-chain can say of it: every problem that cannot be taken is named by
   file:line, id, test and field, and ends it (CODE_DATA), or is skipped (grade.skip_bad).  While
   programs run, a reference that fails leaves its problem's outputs unknown, a checker or test that
   fails is a verdict of its own, and what fails on our side none; the file and the report are
   complete before too many of these (sandbox.fault_rate) make the exit code 70.

   FILE is at any moment the old file or the new one.  Beside it there are, while it is graded:

       FILE.lock        who grades it: a second job is refused (base/lock.c)
       FILE.journal*    what was executed, as soon as it was: after a SIGKILL the same command goes
                        on from there; they go when FILE has it all
       FILE.tmp         the new file until it is whole
       FILE.stop        made by a person: save and end, as SIGTERM and SIGUSR1 do (exit 75)

   FILE is hashed before it is read and again before it is replaced: one that was changed in between
   is not overwritten, and what was executed stays in the journal. */
#include "app.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file ---------------------------------------------------------------------------------- */

static hash_t content(const char *path)
{
    hash_t h;
    int e = hash_file(&h, path);
    if (e)
        fail(CODE_DATA, "%s: %s", path, strerror(e));
    return h;
}

/* What is wrong with problems that could be read: tests that are no Python, and languages that
   nobody can run here. */
static void look(const grading_t *g, keeper_t *k, const char *in, const bank_t *b, const int *line,
                 bank_bads_t *bad)
{
    const char **text = ALLOC(const char *, b->n_test + 1);
    char **why = ALLOC(char *, b->n_test + 1);
    int *test = ALLOC(int, b->n_test + 1), n = 0, had = bad->n;
    bank_bads_t refused = {0};
    for (int i = 0; i < b->n_test; i++)
        if (b->test[i].form == FORM_CALL)
            test[n] = i, text[n++] = b->test[i].input;
    if (n)
        execute_calls(k, text, n, why);
    for (int i = 0; i < n; i++) {
        int p = b->test[test[i]].problem;
        text_t t = {0};
        text_addf(&t, "field tests: test %d: %s", test[i] - b->problem[p].test + 1,
                  why[i] ? why[i] : "");
        if (why[i] && (bad->n == had || bad->item[bad->n - 1].problem != p))
            bank_bad(bad, p, line[p], "", t.s);
        text_reset(&t);
        mem_free(why[i]);
    }
    grading_bank_bads(g, b, NULL, &refused);
    for (int i = 0, k = had; i < refused.n; i++) {
        for (k = had; k < bad->n && bad->item[k].problem != refused.item[i].problem;)
            k++;
        if (k == bad->n)
            bank_bad(bad, refused.item[i].problem, 0, "", refused.item[i].why);
    }
    bank_bads_free(&refused);
    for (int i = had; i < bad->n; i++) {
        bank_bad_t *x = &bad->item[i];
        text_t id = {0}, t = {0};
        bank_problem_id(b, x->problem, &id);
        text_addf(&t, "%s:%d: %s%s (problem %s)", in, line[x->problem],
                  strncmp(x->why, "field", 5) ? "field programs: " : "", x->why, id.s);
        mem_free(x->id);
        mem_free(x->why);
        *x = (bank_bad_t){x->problem, line[x->problem], id.s, t.s};
    }
    mem_free(text);
    mem_free(why);
    mem_free(test);
}

static int by_line(const void *a, const void *b)
{
    const bank_bad_t *x = a, *y = b;
    return x->line - y->line;
}

/* The problems of grade.in that can be executed; the others are named, or end it here, before
   anything is made. */
static void read_in(const deck_t *d, const grading_t *g, keeper_t *k, const char *in, bank_t *b,
                    bank_bads_t *bad)
{
    int *line;
    bank_import(b, in, (int)deck_int(d, "sandbox.cpu_ms"), (int)deck_int(d, "sandbox.memory_kb"),
                bad, &line);
    look(g, k, in, b, line, bad);
    if (bad->n)
        qsort(bad->item, (size_t)bad->n, sizeof *bad->item, by_line);
    if (bad->n && !deck_flag(d, "grade.skip_bad"))
        bank_bads_fail(bad, "grade.skip_bad");
    char *drop = ALLOC(char, b->n_problem + 1);
    int lines = b->n_problem;
    for (int i = 0; i < bad->n; i++) {
        if (bad->item[i].problem >= 0)
            drop[bad->item[i].problem] = 1;
        else
            lines++;
        bad->item[i].problem = -1;
        if (i < 20)
            log_warn("skipped: %s", bad->item[i].why);
    }
    if (bad->n)
        log_warn("%d of %d problems are skipped%s", bad->n, lines,
                 bad->n > 20 ? "; grade.report has all of them" : "");
    bank_without(b, drop);
    mem_free(drop);
    mem_free(line);
}

/* grade.in becomes grade.out, unless that is there already and of the same problems.  One
   process. */
static void import(const deck_t *d, const grading_t *g, keeper_t *k, const char *in,
                   const char *out, bank_bads_t *bad)
{
    bank_t b, old;
    struct stat s;
    read_in(d, g, k, in, &b, bad);
    if (stat(out, &s) == 0) {
        bank_read_unrated(NULL, &old, out);
        if (!bank_same(&b, &old))
            fail(CODE_DATA,
                 "%s: is there already, with other problems than %s; remove it, or name another "
                 "grade.out",
                 out, in);
        bank_free(&old);
    } else {
        text_t deck = {0};
        deck_write(d, &deck);
        bank_write(NULL, &b, out, deck.s);
        text_reset(&deck);
        log_line("%s: %d problems, %d tests, %d programs from %s", out, b.n_problem, b.n_test,
                 b.n_program, in);
    }
    bank_free(&b);
}

/* Rank 0 locks the file, makes it where it is to be imported, and hashes it. */
static lock_t *open_file(const deck_t *d, const grading_t *g, keeper_t *k, group_t *world,
                         const char *path, hash_t *hash, bank_bads_t *bad)
{
    const char *in = deck_text(d, "grade.in");
    struct stat s;
    lock_t *lock = NULL;
    if (group_rank(world) == 0) {
        if (!*in && stat(path, &s))
            fail(CODE_DATA, "%s: %s", path, strerror(errno));
        lock = lock_take(path);
        if (*in)
            import(d, g, k, in, path, bad);
        *hash = content(path);
    }
    comm_bcast(world, hash, sizeof *hash, 0);
    return lock;
}

static const char *path_of(const deck_t *d)
{
    const char *in = deck_text(d, "grade.in"), *out = deck_text(d, "grade.out");
    const char *path = *in ? out : deck_text(d, "data.problems");
    if (*in && !*out)
        fail(CODE_USAGE,
             "grade.in is set, but grade.out is not: name the problem file to make of it");
    if (!*in && *out)
        fail(CODE_USAGE,
             "grade.out is set, but grade.in is not: name the JSON lines to make it of");
    if (!*path)
        fail(CODE_USAGE,
             "data.problems is not set: name the problem file to execute, or grade.in and "
             "grade.out");
    return path;
}

/* Lists and the end ------------------------------------------------------------------------- */

static void write_file(const deck_t *d, group_t *world, const bank_t *b, const char *path,
                       hash_t hash)
{
    text_t deck = {0};
    if (group_rank(world) == 0 && !hash_equal(hash, content(path)))
        fail(
            CODE_DATA,
            "%s: it was changed while it was being graded; nothing is overwritten.  What was "
            "executed stands in %s.journal*: run the same command again to grade the file as it is now",
            path, path);
    deck_write(d, &deck);
    bank_write(world, b, path, deck.s);
    text_reset(&deck);
}

typedef struct {
    int dropped, faults, checker_faults, incomplete, changed;
    edits_t adv;
} end_t;

/* Lists, the file, the report. */
static end_t finish(const deck_t *d, grading_t *g, group_t *world, bank_t *b, grading_made_t *made,
                    const char *path, hash_t hash, const bank_bads_t *skipped,
                    const bank_bads_t *failed)
{
    end_t e = {0};
    int had = b->n_list;
    e.dropped = made->rows ? execute_drop_lists(b, NULL, NULL) : 0;
    if (b->n_list == 0 && !made->stopped) {
        made_lists_t m = problems_make_lists(b, d, g, world);
        made->executed += m.made.executed, made->known += m.made.known;
        made->programs += m.made.programs, made->rows += m.made.rows;
        made->faults += m.made.faults, made->stopped = m.made.stopped;
        if (!*made->why)
            memcpy(made->why, m.made.why, sizeof made->why);
        e.adv = m.adv;
    }
    for (int i = 0; i < b->n_verdict; i++)
        e.faults += b->verdict[i].verdict == V_FAULT,
            e.checker_faults += b->verdict[i].verdict == V_CHECKER_FAULT;
    for (int i = 0; i < b->n_program; i++)
        e.incomplete += isnan(b->program[i].pass_rate) != 0;
    e.changed = made->rows || b->n_list != had;
    if (e.changed) /* what was dropped was found by running */
        write_file(d, world, b, path, hash);
    if (*deck_text(d, "grade.report") && group_rank(world) == 0)
        bank_report(b, deck_text(d, "grade.report"), skipped, failed);
    return e;
}

static void say(const bank_t *b, const grading_made_t *m, const end_t *e, const char *path,
                int skipped, int failed, double seconds)
{
    double t = fmax(seconds, 1e-9);
    if (e->changed)
        log_line("written: %s: %lld verdicts, %d lists, %d dropped", path, (long long)m->rows,
                 b->n_list, e->dropped);
    else
        log_line("%s: everything in it was executed before", path);
    if (e->adv.programs)
        log_line(
            "adv: %d lists, %d programs edited and executed; %d lists dropped because a verdict "
            "changed, %d because there is none",
            e->adv.lists, e->adv.programs, e->adv.changed, e->adv.unknown);
    if (m->stopped)
        log_line("stopped: %d of %d programs are not executed yet; run the same command again",
                 e->incomplete, b->n_program);
    int64_t cached = b->n_verdict - m->executed;
    log_line(
        "RESULT problems=%d programs=%d runs=%lld cached=%lld known=%lld lists=%d dropped=%d faults=%d "
        "checker_faults=%d skipped=%d failed=%d incomplete=%d seconds=%.2f runs_per_s=%.0f programs_per_s=%.0f",
        b->n_problem, b->n_program, (long long)m->executed, (long long)(cached > 0 ? cached : 0),
        (long long)m->known, b->n_list, e->dropped, e->faults, e->checker_faults, skipped, failed,
        e->incomplete, seconds, (double)m->executed / t, (double)m->programs / t);
}

/* aletheia grade --doctor [DECK] [section.key=value ...]: 0 where programs could be run.  Without
   MPI. */
static int doctor(call_t *c)
{
    int named = c->argc > 1 && !strchr(c->argv[1], '=');
    deck_t *d = deck_open(named ? c->argv[1] : NULL, c->argc - 1 - named, c->argv + 1 + named);
    comm_alone();
    limits_t limits = limits_read(d);
    text_t t = {0};
    keeper_configure(c->keeper, &limits, limits_modes(d), (int)deck_int(d, "layout.launchers"));
    int stands = doctor_report(c->keeper, &t);
    fputs(t.s ? t.s : "", stdout);
    text_reset(&t);
    deck_free(d);
    return stands ? CODE_DONE : CODE_FAULT;
}

void grade_help(text_t *out)
{
    text_add(
        out,
        "\ngrade.in: one problem a line, as JSON; tests and programs must be there\n"
        "  id, statement, time_ms, memory_kb     (task_id; text, prompt)\n"
        "  tests: [{\"input\", \"output\"} | {\"input\", \"outputs\": [...]} | {\"call\": Python that asserts} |\n"
        "          {\"check\": Python that defines check(candidate), \"entry_point\": NAME}, ...]\n"
        "  calls: [TEXT, ...]  (test_list);  test with entry_point;  setup (test_setup_code, test_imports): before each call\n"
        "  checker: words (tokens exact lines floats nocase case_sensitive space_change_sensitive float_tolerance X\n"
        "          float_relative_tolerance X float_absolute_tolerance X; also as fields), or\n"
        "          {\"language\", \"source\", \"protocol\": special | kattis | testlib}\n"
        "  harness: {\"language\", \"source\"}         the main file, which includes the program (solution.EXTENSION)\n"
        "  programs: [{\"id\", \"language\", \"source\" | \"completion\", \"reference\": true, \"pool\"}, ...]\n"
        "          none: canonical_solution or code is the reference; an output that is missing is what the reference prints\n"
        "  input, output, source: or KEY_file (relative to the lines), KEY_base64; they may hold any bytes\n"
        "\nWhat cannot be taken is named, all of it (exit code 3), or skipped (grade.skip_bad = yes).  A checker or test that\n"
        "fails itself is the verdict checker_fault, kept with its words, never a label; a reference that fails leaves its\n"
        "problem's outputs unknown.  Everything is written and reported first; then, beyond sandbox.fault_rate, exit code 70.\n"
        "grade.report: for each program {problem, program, language, pool, tests, verdicts, pass_rate, failing: [{test,\n"
        "verdict, score, message}]}; then {problem, line, skipped: WHY} and {problem, failed: WHY}.\n");
}

int verb_grade(call_t *c)
{
    if (c->argc && !strcmp(c->argv[0], "--doctor"))
        return doctor(c);
    deck_t *d = c->deck;
    group_t *world = comm_world();
    const char *path = path_of(d);
    char *journal = execute_beside(path, "journal"), *stop = execute_beside(path, "stop");
    bank_t b;
    hash_t hash = {0};
    stop_install();
    grading_t *g = grading_read(d, world, c->keeper);
    bank_bads_t skipped = {0}, failed = {0};
    lock_t *lock = open_file(d, g, c->keeper, world, path, &hash, &skipped);
    bank_read_unrated(world, &b, path);
    suites_check(d, &b);
    stop_watch_file(stop);
    double start = clock_now();
    known_t *known = execute_store(d, g, journal);
    grading_made_t made = execute_bank(d, g, world, &b, &failed, deck_flag(d, "grade.skip_bad"));
    for (int i = 0; i < failed.n; i++)
        if (i < 20)
            log_warn("problem %s: %s", failed.item[i].id, failed.item[i].why);
    end_t end = finish(d, g, world, &b, &made, path, hash, &skipped, &failed);
    if (known)
        known_done(known, grading_clients(g));
    say(&b, &made, &end, path, skipped.n, failed.n, clock_now() - start);
    int broken = group_rank(world) == 0 && !made.stopped &&
                 execute_faults(grading_fault_rate(g), made.faults, made.executed, made.why,
                                end.checker_faults, b.n_verdict);
    if (group_rank(world) == 0)
        unlink(stop); /* it meant this job, also where that was faster */
    stop_watch_file(NULL);
    known_free(known);
    bank_bads_free(&skipped);
    bank_bads_free(&failed);
    bank_free(&b);
    mem_free(journal);
    mem_free(stop);
    grading_close(g);
    lock_release(lock);
    return made.stopped ? CODE_AGAIN : execute_ends(world, broken);
}
