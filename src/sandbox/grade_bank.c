/* Executing a whole bank: references first, then everyone on the references' outputs.

   Problems are dealt to the clients by their number (problem p to client p mod n), so a
   problem's reference and candidates meet on one client and no exchange is needed until
   the end.  Each problem goes through: its first reference is submitted twice on all
   tests, both must be accepted and print the same bytes, which become the expected
   outputs; then every other wanted program that is not executed yet is submitted with
   these.  A problem whose tests have outputs already starts at the second stage.  AHEAD
   problems are open at a time.

   Executed is a program with a verdict on every test whose key, a hash of source,
   input, expected output, limits and tool-chain, is that of the run that would be made
   now: what was changed since is executed again.

   A reference that fails or contradicts itself ends the program (CODE_DATA): no label
   can be trusted without it.  Faults that remain after the repetitions stand as V_FAULT
   in the bank (its pass rate is then unknown); more than one run in a hundred of them
   ends the program.

   At the end the clients exchange rows and outputs (one all-gather), sort the rows by
   (program, test) and append them: every rank has the same bank whatever the number of
   ranks and graders, and whoever was first. */
#include "grade.h"
#include "wire.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { AHEAD = 64, PLAIN = 0, FIRST = 1, SECOND = 2 };

typedef struct {
    int64_t program, test, verdict, time_us, memory_kb;
    hash_t key;
} row_t;
typedef struct {
    int problem, reference;       /* program index, -1: outputs are known */
    int waiting;                  /* answers to come */
    char **output;                /* [tests], of the reference; NULL: the bank's */
    int64_t *time_us, *memory_kb; /* [tests], of the reference's first run */
    int answered;
} open_t;

struct grading_work {
    grading_t *g;
    const bank_t *b;
    limits_t deck;
    char *todo;              /* [n_program at begin] 1: to be executed here */
    int *first_of, *next_of; /* programs of a problem, as chains */
    int *problem, n_problem, next;
    open_t *open;
    int n_open, cap_open;
    row_t *row;
    int n_row, cap_row;
    text_t outputs; /* {test, bytes}* */
    int n_done, n_total;
    int64_t runs, faults;
    char why[256];
};

/* e[i] = 1: program i has, for every test, a verdict under the key of what would be executed now.  A verdict
   of another text, limit or tool-chain says nothing of this program; a fault never did. */
static char *executed(const grading_work_t *w)
{
    const bank_t *b = w->b;
    char *e = ALLOC(char, b->n_program + 1);
    int *n = ALLOC(int, b->n_program + 1);
    for (int i = 0; i < b->n_verdict; i++) {
        const verdict_t *v = &b->verdict[i];
        const program_t *p = &b->program[v->program];
        const limits_t l = limits_problem(&b->problem[p->problem], &w->deck);
        const test_t *t = &b->test[v->test];
        int known = v->verdict != V_NONE && v->verdict != V_SKIPPED &&
                    v->verdict != V_FAULT && t->output;
        n[v->program] +=
            known && hash_equal(v->key, verdict_key(p->source, t->input, t->output, &l,
                                                    grading_toolchain(w->g, p->lang)));
    }
    for (int i = 0; i < b->n_program; i++)
        e[i] = n[i] >= b->problem[b->program[i].problem].tests &&
               !(n[i] && isnan(b->program[i].pass_rate));
    mem_free(n);
    return e;
}

/* next_of[i]: the next program of program i's problem, first_of[p]: problem p's first;
   -1: none. */
static void index_programs(grading_work_t *w)
{
    const bank_t *b = w->b;
    w->first_of = ALLOC(int, b->n_problem + 1);
    w->next_of = ALLOC(int, b->n_program + 1);
    for (int p = 0; p < b->n_problem; p++)
        w->first_of[p] = -1;
    for (int i = b->n_program - 1; i >= 0; i--) {
        int *first = &w->first_of[b->program[i].problem];
        w->next_of[i] = *first;
        *first = i;
    }
}

grading_work_t *grading_bank_begin(grading_t *g, const bank_t *b, const limits_t *l,
                                   int first_problem, int n_problem, const char *want)
{
    ASSERT(!grading_is_grader(g));
    const limits_t table = limits_default();
    int me = group_rank(grading_clients(g)), n_clients = group_size(grading_clients(g));
    int last = n_problem < 0 ? b->n_problem : first_problem + n_problem;
    grading_work_t *w = ALLOC(grading_work_t, 1);
    w->g = g;
    w->b = b;
    w->deck = limits_fill(*l, &table);
    w->todo = executed(w);
    index_programs(w);
    char *wanted = ALLOC(char, b->n_problem + 1);
    for (int i = 0; i < b->n_program; i++) {
        int p = b->program[i].problem;
        w->todo[i] = !w->todo[i] && (!want || want[i]) && p >= first_problem &&
                     p < last && p % n_clients == me;
        w->n_total += w->todo[i];
        wanted[p] |= w->todo[i];
    }
    w->problem = ALLOC(int, b->n_problem + 1);
    for (int p = 0; p < b->n_problem; p++)
        if (wanted[p])
            w->problem[w->n_problem++] = p;
    mem_free(wanted);
    grading_bank_poll(w);
    return w;
}

/* submitting ------------------------------------------------------------------------- */

static const char *expected(const grading_work_t *w, const open_t *o, int t)
{
    return o->output ? o->output[t]
                     : w->b->test[w->b->problem[o->problem].test + t].output;
}

static void submit(grading_work_t *w, open_t *o, int program, int kind)
{
    const problem_t *p = &w->b->problem[o->problem];
    const program_t *r = &w->b->program[program];
    int n = p->tests;
    const char **text = ALLOC(const char *, 2 * n + 1);
    size_t *len = ALLOC(size_t, 2 * n + 1);
    check_t *check = ALLOC(check_t, n + 1);
    for (int t = 0; t < n; t++) {
        const test_t *test = &w->b->test[p->test + t];
        text[t] = test->input;
        len[t] = strlen(test->input);
        check[t] = test->check;
        text[n + t] = kind == PLAIN ? expected(w, o, t) : NULL;
        len[n + t] = text[n + t] ? strlen(text[n + t]) : 0;
    }
    job_t j = {.ticket = (int64_t)program * 4 + kind,
               .lang = r->lang,
               .source = r->source,
               .n_source = strlen(r->source),
               .n_test = n,
               .input = text,
               .n_input = len,
               .expect = text + n,
               .n_expect = len + n,
               .check = check,
               .limits = limits_problem(p, &w->deck)};
    o->waiting++;
    grading_submit(w->g, &j);
    mem_free(text);
    mem_free(len);
    mem_free(check);
}

static void submit_programs(grading_work_t *w, open_t *o)
{
    for (int i = w->first_of[o->problem]; i >= 0; i = w->next_of[i])
        if (w->todo[i] && i != o->reference) {
            w->todo[i] = 0;
            submit(w, o, i, PLAIN);
        }
}

static void open_problem(grading_work_t *w, int problem)
{
    const bank_t *b = w->b;
    const problem_t *p = &b->problem[problem];
    open_t o = {.problem = problem, .reference = -1};
    int missing = 0;
    for (int t = 0; t < p->tests; t++)
        missing += b->test[p->test + t].output == NULL;
    for (int i = w->first_of[problem]; missing && o.reference < 0 && i >= 0;
         i = w->next_of[i])
        if (b->program[i].pool == POOL_REFERENCE)
            o.reference = i;
    if (missing && o.reference < 0)
        fail(CODE_DATA,
             "problem %d (%s) has tests without output and no reference program to make "
             "them",
             problem, p->family ? p->family : "?");
    if (missing) {
        o.output = ALLOC(char *, p->tests + 1);
        o.time_us = ALLOC(int64_t, p->tests + 1);
        o.memory_kb = ALLOC(int64_t, p->tests + 1);
    }
    PUSH(w->open, w->n_open, w->cap_open, o);
    open_t *at = &w->open[w->n_open - 1];
    if (missing) {
        submit(w, at, o.reference, FIRST);
        submit(w, at, o.reference, SECOND);
    } else {
        submit_programs(w, at);
    }
}

/* answers ---------------------------------------------------------------------------- */

static void add_row(grading_work_t *w, const open_t *o, int program, int t,
                    const outcome_t *r, int64_t time_us, int64_t memory_kb)
{
    const problem_t *p = &w->b->problem[o->problem];
    const limits_t l = limits_problem(p, &w->deck);
    const program_t *c = &w->b->program[program];
    row_t row = {program,
                 p->test + t,
                 r->verdict,
                 time_us,
                 memory_kb,
                 verdict_key(c->source, w->b->test[p->test + t].input, expected(w, o, t),
                             &l, grading_toolchain(w->g, c->lang))};
    w->runs++;
    w->faults += r->verdict == V_FAULT;
    PUSH(w->row, w->n_row, w->cap_row, row);
}

static void reference_failed(const grading_work_t *w, const open_t *o, int t,
                             const char *what, const char *words)
{
    const problem_t *p = &w->b->problem[o->problem];
    fail(CODE_DATA, "the reference of problem %d (%s) on test %d: %s\n%s", o->problem,
         p->family ? p->family : "?", t, what, words);
}

static void take_reference(grading_work_t *w, open_t *o, const done_t *d)
{
    const problem_t *p = &w->b->problem[o->problem];
    for (int t = 0; t < p->tests; t++) {
        const outcome_t *r = &d->outcome[t];
        if (r->verdict == V_FAULT)
            fail(CODE_FAULT, "the sandbox cannot run programs: %s (%s)", d->message,
                 r->subcode);
        if (r->verdict != V_ACCEPTED)
            reference_failed(w, o, t, verdict_names[r->verdict], d->message);
        if (strlen(d->output[t]) != d->n_output[t])
            reference_failed(w, o, t, "it prints a NUL byte", "");
        if (!o->answered) {
            o->output[t] = mem_text(d->output[t]);
        } else if (strcmp(o->output[t], d->output[t])) {
            reference_failed(w, o, t, "two runs printed different outputs", "");
        }
        if (d->ticket % 4 == FIRST) {
            o->time_us[t] = r->cpu_us;
            o->memory_kb[t] = r->memory_kb;
        }
    }
    if (!o->answered++)
        return;
    const outcome_t accepted = {.verdict = V_ACCEPTED};
    for (int t = 0; t < p->tests; t++) {
        add_row(w, o, o->reference, t, &accepted, o->time_us[t], o->memory_kb[t]);
        if (!w->b->test[p->test + t].output) {
            wire_put_i64(&w->outputs, p->test + t);
            wire_put_bytes(&w->outputs, o->output[t], strlen(o->output[t]));
        }
    }
    w->n_done += w->todo[o->reference];
    w->todo[o->reference] = 0;
    submit_programs(w, o);
}

static void take(grading_work_t *w, done_t *d)
{
    int program = (int)(d->ticket / 4), i = 0;
    while (i < w->n_open && w->open[i].problem != w->b->program[program].problem)
        i++;
    ASSERT(i < w->n_open);
    open_t *o = &w->open[i];
    o->waiting--;
    if (d->ticket % 4 != PLAIN) {
        take_reference(w, o, d);
    } else {
        for (int t = 0; t < d->n_test; t++) {
            add_row(w, o, program, t, &d->outcome[t], d->outcome[t].cpu_us,
                    d->outcome[t].memory_kb);
            if (d->outcome[t].verdict == V_FAULT && !w->why[0])
                snprintf(w->why, sizeof w->why, "%s: %s", d->outcome[t].subcode,
                         d->message);
        }
        w->n_done++;
    }
    done_free(d);
    if (o->waiting)
        return;
    for (int t = 0; o->output && t < w->b->problem[o->problem].tests; t++)
        mem_free(o->output[t]);
    mem_free(o->output);
    mem_free(o->time_us);
    mem_free(o->memory_kb);
    *o = w->open[--w->n_open];
}

double grading_bank_poll(grading_work_t *w)
{
    while (w->next < w->n_problem && w->n_open < AHEAD)
        open_problem(w, w->problem[w->next++]);
    for (done_t *d; (d = grading_poll(w->g));) {
        take(w, d);
        while (w->next < w->n_problem && w->n_open < AHEAD)
            open_problem(w, w->problem[w->next++]);
    }
    return w->n_open || w->next < w->n_problem
               ? 0.999 * w->n_done / (w->n_total ? w->n_total : 1)
               : 1;
}

/* the end ---------------------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
    const row_t *x = a, *y = b;
    int64_t d = x->program != y->program ? x->program - y->program : x->test - y->test;
    return d < 0 ? -1 : d > 0;
}

/* All clients' rows and outputs as one block on every client. */
static void gather(grading_work_t *w, text_t *all)
{
    group_t *c = grading_clients(w->g);
    double sum[2] = {(double)w->runs, (double)w->faults};
    comm_sum_f64(c, sum, 2);
    int worst = sum[1] * 100 > sum[0];
    fail_any(c, worst && w->faults > 0, CODE_FAULT,
             "%g of %g runs failed on our side, not the programs': %s", sum[1], sum[0],
             w->why);
    size_t n_rows, n_outputs;
    char *rows =
        comm_allgatherv(c, w->row, (size_t)w->n_row * sizeof *w->row, &n_rows, NULL);
    char *outputs = comm_allgatherv(c, w->outputs.s, w->outputs.len, &n_outputs, NULL);
    if (n_rows)
        qsort(rows, n_rows / sizeof(row_t), sizeof(row_t), by_place);
    wire_put_bytes(all, rows, n_rows);
    wire_put_bytes(all, outputs, n_outputs);
    mem_free(rows);
    mem_free(outputs);
}

/* What was known of the programs that were executed now is replaced. */
static void drop_old(bank_t *b, const char *rows, size_t n_rows)
{
    int kept = 0;
    char *again = ALLOC(char, b->n_program + 1);
    for (size_t at = 0; at + sizeof(row_t) <= n_rows; at += sizeof(row_t)) {
        row_t r;
        memcpy(&r, rows + at, sizeof r);
        again[r.program] = 1;
    }
    for (int i = 0; i < b->n_verdict; i++)
        if (!again[b->verdict[i].program])
            b->verdict[kept++] = b->verdict[i];
    b->n_verdict = kept;
    mem_free(again);
}

/* How many verdicts came. */
static int apply(bank_t *b, const text_t *all)
{
    size_t n_rows, n_outputs;
    wire_in_t w = {.p = all->s, .n = all->len};
    const char *rows = wire_bytes(&w, &n_rows), *outputs = wire_bytes(&w, &n_outputs);
    drop_old(b, rows, n_rows);
    for (size_t at = 0; at + sizeof(row_t) <= n_rows; at += sizeof(row_t)) {
        row_t r;
        memcpy(&r, rows + at, sizeof r);
        verdict_t v = {(int)r.program, (int)r.test, (verdict_kind_t)r.verdict,
                       r.time_us,      r.memory_kb, r.key};
        PUSH(b->verdict, b->n_verdict, b->cap_verdict, v);
    }
    wire_in_t o = {.p = outputs, .n = n_outputs};
    while (o.at < o.n && !o.bad) {
        size_t len;
        int64_t test = wire_i64(&o);
        const char *text = wire_bytes(&o, &len);
        ASSERT(!o.bad && test >= 0 && test < b->n_test);
        mem_free(b->test[test].output);
        b->test[test].output = mem_text(text);
    }
    bank_rates(b);
    return (int)(n_rows / sizeof(row_t));
}

static void work_free(grading_work_t *w)
{
    mem_free(w->todo);
    mem_free(w->first_of);
    mem_free(w->next_of);
    mem_free(w->problem);
    mem_free(w->open);
    mem_free(w->row);
    text_reset(&w->outputs);
    mem_free(w);
}

static void wait_all(grading_work_t *w, void (*progress)(void *, int, int), void *ctx)
{
    while (grading_bank_poll(w) < 1) {
        if (progress)
            progress(ctx, w->n_done, w->n_total);
        grading_wait(w->g, 2);
    }
    if (progress)
        progress(ctx, w->n_total, w->n_total);
}

void grading_bank_finish(grading_work_t *w, bank_t *b)
{
    text_t all = {0};
    wait_all(w, NULL, NULL);
    gather(w, &all);
    apply(b, &all);
    text_reset(&all);
    work_free(w);
}

int grading_bank(grading_t *g, group_t *world, bank_t *b, const limits_t *l,
                 int first_problem, int n_problem,
                 void (*progress)(void *ctx, int done, int total), void *ctx)
{
    text_t all = {0};
    if (grading_is_grader(g)) {
        grading_serve(g);
    } else {
        grading_work_t *w = grading_bank_begin(g, b, l, first_problem, n_problem, NULL);
        wait_all(w, progress, ctx);
        gather(w, &all);
        work_free(w);
        grading_rest(g);
    }
    uint64_t n = all.len;
    comm_bcast(world, &n, sizeof n, 0);
    if (grading_is_grader(g)) {
        mem_free(all.s);
        all = (text_t){.s = mem_new(n + 1), .len = n, .cap = n + 1};
    }
    comm_bcast(world, all.s, n, 0);
    int made = apply(b, &all);
    text_reset(&all);
    return made;
}
