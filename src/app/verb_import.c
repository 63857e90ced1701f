/* aletheia import DECK: lists and problems of others as a problem file.

   Reads import.in, lists in the published schema, lines of judge sets or problems with tests, as
   JSON lines, and writes import.out.  Programs whose tests are there (a problem's own, or import.tests for the prompt of a
   list) are executed like those of `aletheia grade`, by the same graders, with the same store and
   journal; what was said of their pass rates is compared with what they do, and execution wins: it
   is the label, and lists that it contradicts are dropped.  Programs without tests keep what was
   said as a label of another kind, imported, which the file states and other verbs refuse unless
   data.allow_imported says yes.

   Rank 0 reads (io/import.c checks everything before anything is made), sends batches that are to
   be executed to all ranks, and appends each to the file.  Memory is that of a batch, whatever the
   size of the input and of the file: but for the store of verdicts, which forgets beyond a million
   of them what was learned, and the journal of an earlier job, which is read whole.

   Beside import.out there are meanwhile its .lock, .tmp, .journal* and .stop, as for `aletheia
   grade`. A job that was killed or stopped (exit 75) leaves the journal: the same command reads the
   input again and executes only what is missing. */
#include "app.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* verdicts of this job that are remembered; lines to the log of each kind */
enum { KNOWN_MOST = 1 << 20, SAID = 5 };

typedef struct {
    const deck_t *d;
    group_t *world;
    grading_t *g;
    const char *path;
    import_t *in; /* rank 0, as all below */
    bank_out_t *out;
    const char *report_path; /* "": none */
    char *report_tmp;
    FILE *report;
    const import_batch_t *batch; /* that is being settled */
    import_count_t count;
    bank_bads_t bad;                /* lines that were left out */
    int64_t judged;                 /* lines of judge sets */
    int64_t checker_faults, failed; /* failed: problems whose reference did */
    char why[256];                  /* the first fault */
    keeper_t *keeper;
    int64_t problems, programs, executed, imported, incomplete, faults, disagree, clashes, dropped,
        runs, known, verdicts, adv, changed; /* changed: lists of adv that went */
    double difference;                       /* largest, of those that disagree */
} importing_t;

/* The report ---------------------------------------------------------------------------------- */

static void open_report(importing_t *j)
{
    j->report_path = deck_text(j->d, "import.report");
    if (!*j->report_path)
        return;
    j->report_tmp = execute_beside(j->report_path, "tmp");
    j->report = fopen(j->report_tmp, "w");
    if (!j->report)
        fail(CODE_DATA, "%s: cannot be written: %s", j->report_path, strerror(errno));
    fail_remove(j->report_tmp);
}

/* ready: it gets its name; else it goes. */
static void close_report(importing_t *j, int ready)
{
    if (!j->report)
        return;
    int bad = ready && (fflush(j->report) || fsync(fileno(j->report)));
    bad |= fclose(j->report) != 0;
    if (!ready)
        unlink(j->report_tmp);
    else if (bad || rename(j->report_tmp, j->report_path))
        fail(errno == ENOSPC || errno == EDQUOT ? CODE_FIT : CODE_DATA, "%s: cannot be written: %s",
             j->report_path, strerror(errno));
    fail_keep(j->report_tmp);
    mem_free(j->report_tmp);
}

static void add_text(text_t *t, const char *key, const char *value)
{
    text_addf(t, ",\"%s\":", key);
    exec_quote(t, value, strlen(value));
}

/* {"kind": KIND, "file": F, "line": N, "idx": I, ...: the line goes on as `more` says. */
static void report(const importing_t *j, const char *kind, import_place_t at, const char *more)
{
    const import_line_t *l = &j->batch->line[at.line];
    text_t t = {0};
    text_addf(&t, "{\"kind\":\"%s\"", kind);
    add_text(&t, "file", l->file);
    text_addf(&t, ",\"line\":%d", l->line);
    if (*l->idx)
        add_text(&t, "idx", l->idx);
    text_addf(&t, "%s}\n", more);
    if (j->report && fwrite(t.s, 1, t.len, j->report) != t.len)
        fail(CODE_FIT, "%s: cannot be written: %s", j->report_path, strerror(errno));
    text_reset(&t);
}

/* What is settled of a batch ------------------------------------------------------------------- */

static void compare(importing_t *j, int i)
{
    const import_batch_t *b = j->batch;
    const program_t *p = &b->bank.program[i];
    double d = fabs((double)b->said[i] - (double)p->pass_rate);
    if (isnan(d) || d <= 1e-6)
        return;
    const import_place_t at = b->program_at[i];
    text_t t = {0};
    add_text(&t, "program", p->origin);
    text_addf(&t, ",\"candidate\":%d,\"said\":%.7g,\"executed\":%.7g", at.candidate,
              (double)b->said[i], (double)p->pass_rate);
    report(j, "pass_rate", at, t.s);
    text_reset(&t);
    if (j->disagree++ < SAID)
        log_line("%s:%d: %s is said to pass %.4g of its tests, executed it passes %.4g",
                 b->line[at.line].file, b->line[at.line].line, p->origin, (double)b->said[i],
                 (double)p->pass_rate);
    j->difference = fmax(j->difference, d);
}

static void drop(void *ctx, int list, const char *why)
{
    importing_t *j = ctx;
    const import_place_t at = j->batch->list_at[list];
    text_t t = {0};
    add_text(&t, "suite", suite_names[j->batch->bank.list[list].suite]);
    add_text(&t, "why", why);
    report(j, "dropped", at, t.s);
    text_reset(&t);
    if (j->dropped++ < SAID)
        log_line("%s:%d: its list is dropped: %s", j->batch->line[at.line].file,
                 j->batch->line[at.line].line, why);
}

static void clash(importing_t *j, import_place_t at)
{
    text_t t = {0};
    text_addf(&t, ",\"candidate\":%d", at.candidate);
    report(j, "two_rates", at, t.s);
    text_reset(&t);
    if (j->clashes++ < SAID)
        log_warn(
            "%s:%d: candidate %c stands in an earlier line for the same prompt_id with another pass rate",
            j->batch->line[at.line].file, j->batch->line[at.line].line, 'A' + at.candidate);
}

/* Problems of which not everything could be executed, and why. */
static void failed(importing_t *j, const import_batch_t *b, const bank_bads_t *left)
{
    for (int i = 0; i < left->n; i++) {
        int p = 0;
        text_t t = {0};
        while (p < b->bank.n_program && b->bank.program[p].problem != left->item[i].problem)
            p++;
        if (p == b->bank.n_program)
            continue;
        add_text(&t, "problem", left->item[i].id);
        add_text(&t, "why", left->item[i].why);
        report(j, "failed", b->program_at[p], t.s);
        text_reset(&t);
        const import_line_t *at = &b->line[b->program_at[p].line];
        if (j->failed++ < SAID)
            log_warn("%s:%d: problem %s: %s", at->file, at->line, left->item[i].id,
                     left->item[i].why);
    }
}

/* What the files say of a batch beside what was executed. */
static void hold_against(importing_t *j, import_batch_t *b, const bank_bads_t *left)
{
    failed(j, b, left);
    for (int i = 0; i < b->bank.n_program; i++)
        compare(j, i);
    for (int i = 0; i < b->n_clash; i++)
        clash(j, b->clash[i]);
}

static void quietly(void *ctx, int list, const char *why)
{
    (void)ctx, (void)list, (void)why;
}

/* Lists of problems that came without: those that [problems] asks for.  Executed batches are on every
   rank, others on the first alone; 1: stopped. */
static int make_lists(importing_t *j, import_batch_t *b, int tested)
{
    execute_drop_lists(&b->bank, group_rank(j->world) ? quietly : drop, j);
    made_lists_t m = problems_make_lists(&b->bank, j->d, tested ? j->g : NULL, j->world);
    j->runs += m.made.executed, j->known += m.made.known;
    j->adv += m.adv.lists, j->changed += m.adv.changed + m.adv.unknown;
    if (!*j->why)
        snprintf(j->why, sizeof j->why, "%s", m.made.why);
    return m.made.stopped;
}

static void settle(importing_t *j, import_batch_t *b)
{
    bank_t *k = &b->bank;
    for (int i = 0; i < k->n_program; i++) {
        j->imported += k->program[i].label == LABEL_IMPORTED;
        j->executed += k->program[i].label == LABEL_EXECUTED && !isnan(k->program[i].pass_rate);
        j->incomplete += isnan(k->program[i].pass_rate) != 0;
    }
    for (int i = 0; i < k->n_verdict; i++)
        j->faults += k->verdict[i].verdict == V_FAULT,
            j->checker_faults += k->verdict[i].verdict == V_CHECKER_FAULT;
    j->problems += k->n_problem;
    j->programs += k->n_program;
    j->verdicts += k->n_verdict;
    bank_append(j->out, k);
}

/* Batches -------------------------------------------------------------------------------------- */

/* Rank 0's next batch; on other ranks only where all are to execute it.  0: there are no more, or a
   stop was asked for. */
static int next(importing_t *j, text_t *t, int *tested, int *stopped)
{
    struct {
        int64_t n, more, tested, stopped;
    } h = {0, 0, 0, 0};
    int first = group_rank(j->world) == 0;
    text_clear(t);
    if (first) {
        h.stopped = stop_asked();
        h.more = !h.stopped && import_next(j->in, t);
        h.n = (int64_t)t->len;
        h.tested = h.more && import_tested(t->s, t->len);
    }
    comm_bcast(j->world, &h, sizeof h, 0);
    if (h.tested && !first) {
        char *s = mem_new((size_t)h.n + 1);
        comm_bcast(j->world, s, (size_t)h.n, 0);
        text_addn(t, s, (size_t)h.n);
        mem_free(s);
    } else if (h.tested) {
        comm_bcast(j->world, t->s, t->len, 0);
    }
    *tested = h.tested != 0;
    *stopped = h.stopped != 0;
    return h.more != 0;
}

/* All of them; 1: stopped before the end. */
static int run(importing_t *j, known_t *known)
{
    text_t t = {0};
    int tested, stopped = 0, first = group_rank(j->world) == 0;
    int64_t most = known ? known_count(known) + KNOWN_MOST : 0;
    while (!stopped && next(j, &t, &tested, &stopped)) {
        import_batch_t b = {0};
        bank_bads_t left = {0};
        if (tested || first)
            import_read(&b, t.s, t.len);
        j->batch = &b;
        if (tested) {
            suites_check(j->d, &b.bank);
            grading_made_t made = execute_bank(j->d, j->g, j->world, &b.bank, &left,
                                               deck_flag(j->d, "import.skip_bad"));
            j->runs += made.executed, j->known += made.known;
            if (!*j->why)
                snprintf(j->why, sizeof j->why, "%s", made.why);
            stopped = made.stopped;
        }
        if (known)
            known_trim(known, most);
        if (first && !stopped)
            hold_against(j, &b, &left);
        if ((tested || first) && !stopped)
            stopped = make_lists(j, &b, tested);
        if (first && !stopped)
            settle(j, &b);
        bank_bads_free(&left);
        import_batch_free(&b);
    }
    text_reset(&t);
    return stopped;
}

/* Beginning and end
   ----------------------------------------------------------------------------- */

static void look_at_calls(void *ctx, const char *const *text, int n, char **why)
{
    const importing_t *j = ctx;
    execute_calls(j->keeper, text, n, why);
}

/* Lines of judge sets, by set. */
static int64_t say_judged(const importing_t *j)
{
    int64_t all = 0;
    for (int i = 0; i < JUDGE_SETS; i++) {
        int64_t n = j->count.judged[i];
        all += n;
        if (n)
            log_line("judge set %s: %lld lines, labels imported", judge_set_names[i], (long long)n);
        if (n && j->report &&
            fprintf(j->report, "{\"kind\":\"judge_set\",\"set\":\"%s\",\"lines\":%lld}\n",
                    judge_set_names[i], (long long)n) < 0)
            fail(CODE_FIT, "%s: cannot be written: %s", j->report_path, strerror(errno));
    }
    return all;
}

/* Lines that are left out, by name. */
static void say_bad(importing_t *j)
{
    for (int i = 0; i < j->bad.n; i++) {
        const bank_bad_t *x = &j->bad.item[i];
        text_t t = {0};
        text_add(&t, "{\"kind\":\"skipped\"");
        add_text(&t, "file", x->id);
        text_addf(&t, ",\"line\":%d", x->line);
        add_text(&t, "why", x->why);
        text_add(&t, "}\n");
        if (j->report && fwrite(t.s, 1, t.len, j->report) != t.len)
            fail(CODE_FIT, "%s: cannot be written: %s", j->report_path, strerror(errno));
        text_reset(&t);
        if (i < 4 * SAID)
            log_warn("left out: %s", x->why);
    }
    if (j->bad.n)
        log_warn("%d lines are left out%s", j->bad.n,
                 j->bad.n > 4 * SAID ? "; import.report has all of them" : "");
}

static void open_input(importing_t *j)
{
    struct stat s;
    text_t deck = {0};
    const char *suite = deck_text(j->d, "import.suite");
    import_from_t from = {.in = deck_text(j->d, "import.in"),
                          .suite = suite,
                          .schema = deck_text(j->d, "import.schema"),
                          .tests = deck_text(j->d, "import.tests"),
                          .beside = j->path,
                          .time_ms = (int)deck_int(j->d, "sandbox.cpu_ms"),
                          .memory_kb = (int)deck_int(j->d, "sandbox.memory_kb"),
                          .seed = (uint64_t)deck_int(j->d, "problems.seed"),
                          .line_bytes = deck_int(j->d, "import.line_mb") << 20,
                          .skip_bad = deck_flag(j->d, "import.skip_bad"),
                          .calls = look_at_calls,
                          .ctx = j};
    if (!stat(j->path, &s))
        fail(CODE_DATA, "%s: is there already; remove it, or name another import.out", j->path);
    j->in = import_open(&from, &j->count, &j->bad);
    const import_count_t *c = &j->count;
    log_line(
        "read: %lld lines with %lld lists, %lld problems; %lld lines are on problems with tests",
        (long long)c->lines, (long long)c->lists, (long long)c->problems, (long long)c->tested);
    if (c->unused)
        log_warn("%s: %lld lines are tests for no prompt_id of import.in", from.tests,
                 (long long)c->unused);
    if (c->overlap)
        log_warn(
            "%lld problems have lists of the train suite and of another one: what is measured on these is "
            "not held out",
            (long long)c->overlap);
    open_report(j);
    j->judged = say_judged(j);
    say_bad(j);
    deck_write(j->d, &deck);
    j->out = bank_create(j->path, deck.s, c->tested < c->lines);
    text_reset(&deck);
}

static void say(const importing_t *j, int lists, double seconds)
{
    if (j->disagree)
        log_line(
            "%lld of %lld executed pass rates are not what was said, by up to %.4g; execution counts",
            (long long)j->disagree, (long long)j->executed, j->difference);
    if (j->imported)
        log_line(
            "labels: %lld programs executed, %lld imported, which are not executed and are refused unless "
            "data.allow_imported = yes",
            (long long)j->executed, (long long)j->imported);
    if (j->adv || j->changed)
        log_line(
            "adv: %lld lists with edited comments; %lld dropped because a verdict changed or is "
            "not there",
            (long long)j->adv, (long long)j->changed);
    log_line("written: %s: %lld problems, %lld programs, %lld verdicts, %d lists, %lld dropped",
             j->path, (long long)j->problems, (long long)j->programs, (long long)j->verdicts, lists,
             (long long)j->dropped);
    log_line(
        "RESULT lines=%lld problems=%lld programs=%lld lists=%d executed=%lld imported=%lld incomplete=%lld "
        "disagree=%lld two_rates=%lld dropped=%lld overlap=%lld runs=%lld known=%lld faults=%lld checker_faults=%lld "
        "skipped=%d failed=%lld judged=%lld "
        "peak_mb=%.1f seconds=%.2f",
        (long long)j->count.lines, (long long)j->problems, (long long)j->programs, lists,
        (long long)j->executed, (long long)j->imported, (long long)j->incomplete,
        (long long)j->disagree, (long long)j->clashes, (long long)j->dropped,
        (long long)j->count.overlap, (long long)j->runs, (long long)j->known, (long long)j->faults,
        (long long)j->checker_faults, j->bad.n, (long long)j->failed, (long long)j->judged,
        (double)mem_peak_rss() / 1e6, seconds);
}

static void finish(importing_t *j, int stopped, const char *stop, double start)
{
    if (stopped) {
        bank_drop(j->out);
        log_line("stopped: what was executed stands in %s.journal*; run the same command again",
                 j->path);
    } else {
        int lists = bank_commit(j->out);
        close_report(j, 1);
        say(j, lists, clock_now() - start);
    }
    if (stopped)
        close_report(j, 0);
    import_close(j->in);
    unlink(stop);
}

int verb_import(call_t *c)
{
    deck_t *d = c->deck;
    importing_t j = {.d = d, .world = comm_world(), .path = deck_text(d, "import.out")};
    int first = group_rank(j.world) == 0;
    double start = clock_now();
    if (!*deck_text(d, "import.in"))
        fail(CODE_USAGE, "import.in is not set: name files of JSON lines");
    if (!*j.path)
        fail(CODE_USAGE, "import.out is not set: name the problem file to make");
    suites_check(d, &(bank_t){0});
    stop_install();
    j.keeper = c->keeper;
    j.g = grading_read(d, j.world, c->keeper);
    char *journal = execute_beside(j.path, "journal"), *stop = execute_beside(j.path, "stop");
    lock_t *lock = first ? lock_take(j.path) : NULL;
    if (first)
        open_input(&j);
    stop_watch_file(stop);
    comm_bcast(j.world, &j.count, sizeof j.count, 0);
    known_t *known = j.count.tested ? execute_store(d, j.g, journal) : NULL;
    int stopped = run(&j, known);
    if (first)
        finish(&j, stopped, stop, start);
    stop_watch_file(NULL);
    if (known && !stopped)
        known_done(known, grading_clients(j.g));
    int broken = first && !stopped &&
                 execute_faults(grading_fault_rate(j.g), j.faults, j.runs, j.why, j.checker_faults,
                                j.verdicts);
    bank_bads_free(&j.bad);
    known_free(known);
    mem_free(journal);
    mem_free(stop);
    grading_close(j.g);
    lock_release(lock);
    return stopped ? CODE_AGAIN : execute_ends(j.world, broken);
}
