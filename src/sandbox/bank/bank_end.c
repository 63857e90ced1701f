/* The end of executing a bank: everyone learns what the others did, and the bank gets it.

   The clients exchange the records of what they executed and their faults (two
   all-gathers), so that all have the same store.  Then every client fills the bank from
   it: outputs that were missing, then for each program that was to be done a row for
   each test whose verdict is known, in order of (program, test), in place of what stood
   there before.  So every rank has the same bank whatever the number of ranks and
   graders, whoever was first, and whether a verdict was executed now, by an interrupted
   job before, or by another program with the same text.  Graders, who have no store, get
   the rows by a broadcast.

   Faults that remain after the repetitions stand as V_FAULT in the bank (its pass rate
   is then unknown).  More of them than sandbox.fault_rate end the program, unless its
   caller asked to be told what is left (grading_watch_t): then it gets everything that
   there is, their number, and the problems that were left with the reasons. */
#include "bank_work.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
    int64_t program, test;
    said_t said; /* its message does not travel here */
    hash_t key;
} row_t;

void work_free(grading_work_t *w)
{
    for (int i = 0; i < w->n_asked; i++)
        mem_free(w->asked[i].test);
    for (int i = 0; i < w->n_open; i++)
        open_free(w, &w->open[i]);
    if (w->own_known)
        known_free(w->known);
    keymap_reset(&w->claim);
    mem_free(w->todo);
    mem_free(w->first_of);
    mem_free(w->next_of);
    mem_free(w->has_output);
    mem_free(w->program_part);
    mem_free(w->test_part);
    mem_free(w->problem);
    mem_free(w->open);
    mem_free(w->asked);
    text_reset(&w->learned);
    text_reset(&w->faults);
    text_reset(&w->left);
    mem_free(w);
}

/* What all clients executed, in the store of all of them. */
static void share_learned(grading_work_t *w)
{
    size_t n;
    char *records = comm_allgatherv(grading_clients(w->g), w->learned.s, w->learned.len, &n, NULL);
    known_put_records(w->known, records, n);
    mem_free(records);
}

/* What all clients executed, and their faults, on all of them.  faults: {program, test, time,
   memory}* of everyone; the caller frees. */
static int64_t *gather(grading_work_t *w, size_t *n_faults)
{
    group_t *c = grading_clients(w->g);
    double sum[2] = {(double)w->n_executed, (double)w->n_faults};
    comm_sum_f64(c, sum, 2);
    fail_any(c, !w->tolerant && w->n_faults && sum[1] > sum[0] * grading_fault_rate(w->g),
             CODE_FAULT, "%g of %g runs failed on our side, not the programs': %s", sum[1], sum[0],
             w->why);
    size_t n;
    share_learned(w);
    int64_t *faults = comm_allgatherv(c, w->faults.s, w->faults.len, &n, NULL);
    *n_faults = n / (4 * sizeof *faults);
    return faults;
}

/* Outputs that became known, as {test, bytes}*. */
static void put_outputs(grading_work_t *w, text_t *all)
{
    text_t outputs = {0};
    char *seen = ALLOC(char, w->b->n_problem + 1);
    for (int i = 0; i < w->n_program; i++) {
        int p = w->b->program[i].problem;
        if (!w->todo[i] || seen[p])
            continue;
        seen[p] = 1;
        const problem_t *q = &w->b->problem[p];
        int reference = work_reference(w, p);
        for (int t = q->test; reference >= 0 && t < q->test + q->tests; t++) {
            size_t n;
            const char *made = w->b->test[t].output
                                   ? NULL
                                   : known_output(w->known, work_output_key(w, reference, t), &n);
            if (!made)
                continue;
            work_set_output(w, t, made, n);
            wire_put_i64(&outputs, t);
            wire_put_bytes(&outputs, made, n);
        }
    }
    wire_put_bytes(all, outputs.s ? outputs.s : "", outputs.len);
    text_reset(&outputs);
    mem_free(seen);
}

/* The rows of every program that was to be done, from the store; faults where it has none. */
static void put_rows(grading_work_t *w, text_t *all, const int64_t *fault, size_t n_faults)
{
    row_t *row = NULL;
    text_t words = {0}; /* {row, message}* */
    int n = 0, cap = 0;
    for (int i = 0; i < w->n_program; i++) {
        const problem_t *p = &w->b->problem[w->b->program[i].problem];
        for (int t = p->test; w->todo[i] && t < p->test + p->tests; t++) {
            row_t r = {.program = i, .test = t, .key = work_key(w, i, t)};
            if (!w->has_output[t] || known_get(w->known, r.key, &r.said) == V_NONE)
                continue;
            if (r.said.message) {
                wire_put_i64(&words, n);
                wire_put_bytes(&words, r.said.message, strlen(r.said.message));
            }
            r.said.message = NULL;
            PUSH(row, n, cap, r);
        }
    }
    for (size_t f = 0; f < n_faults; f++, fault += 4) {
        row_t r = {fault[0],
                   fault[1],
                   {.verdict = V_FAULT, .mode = w->in, .time_us = fault[2], .memory_kb = fault[3]},
                   {0, 0}};
        r.key = work_key(w, (int)r.program, (int)r.test);
        if (!known_get(w->known, r.key, NULL))
            PUSH(row, n, cap, r);
    }
    wire_put_bytes(all, row ? (const char *)row : "", (size_t)n * sizeof *row);
    wire_put_bytes(all, w->todo, (size_t)w->n_program);
    wire_put_bytes(all, words.s ? words.s : "", words.len);
    text_reset(&words);
    mem_free(row);
}

/* Everything that the bank gets, as one block: outputs, rows, whose old rows go, words; and what is
   left. */
void work_pack(grading_work_t *w, text_t *all)
{
    size_t n_faults;
    int64_t *faults = gather(w, &n_faults);
    put_outputs(w, all);
    put_rows(w, all, faults, n_faults);
    mem_free(faults);
    size_t n;
    char *left = comm_allgatherv(grading_clients(w->g), w->left.s, w->left.len, &n, NULL);
    wire_put_bytes(all, left, n);
    mem_free(left);
}

static int by_program(const void *a, const void *b)
{
    const verdict_t *x = a, *y = b;
    return x->program != y->program ? (x->program < y->program ? -1 : 1)
                                    : (x->test > y->test) - (x->test < y->test);
}

/* Old rows of what was to be done go, the new ones come.  The bank's own are sorted in between
   them: what is there does not tell when it came. */
static void apply_rows(bank_t *b, const char *rows, size_t n_rows, const char *todo,
                       size_t n_program, wire_in_t words)
{
    int kept = 0;
    for (int i = 0; i < b->n_verdict; i++)
        if ((size_t)b->verdict[i].program >= n_program || !todo[b->verdict[i].program])
            b->verdict[kept++] = b->verdict[i];
        else
            mem_free(b->verdict[i].message);
    b->n_verdict = kept;
    for (size_t at = 0; at + sizeof(row_t) <= n_rows; at += sizeof(row_t)) {
        row_t r;
        memcpy(&r, rows + at, sizeof r);
        verdict_t v = {(int)r.program,   (int)r.test, r.said.verdict, r.said.mode,  r.said.time_us,
                       r.said.memory_kb, r.key,       r.said.scored,  r.said.score, NULL};
        PUSH(b->verdict, b->n_verdict, b->cap_verdict, v);
    }
    while (words.at < words.n && !words.bad) {
        size_t n;
        int64_t i = wire_i64(&words);
        const char *s = wire_bytes(&words, &n);
        ASSERT(!words.bad && i >= 0 && kept + i < b->n_verdict);
        b->verdict[kept + i].message = bank_text(s, n);
    }
    if (n_rows)
        qsort(b->verdict, (size_t)b->n_verdict, sizeof *b->verdict, by_program);
}

static int by_problem(const void *a, const void *b)
{
    const bank_bad_t *x = a, *y = b;
    return (x->problem > y->problem) - (x->problem < y->problem);
}

static void apply_left(const bank_t *b, wire_in_t in, bank_bads_t *left)
{
    int had = left->n;
    while (in.at < in.n && !in.bad) {
        size_t n;
        text_t id = {0};
        int problem = (int)wire_i64(&in);
        const char *why = wire_bytes(&in, &n);
        ASSERT(!in.bad && problem >= 0 && problem < b->n_problem);
        bank_problem_id(b, problem, &id);
        bank_bad(left, problem, 0, id.s, why);
        text_reset(&id);
    }
    if (left->n > had)
        qsort(left->item + had, (size_t)(left->n - had), sizeof *left->item, by_problem);
}

/* How many rows came. */
int64_t work_apply(bank_t *b, const text_t *all, bank_bads_t *left)
{
    size_t n_rows, n_outputs, n_program, n_words, n_left, len;
    wire_in_t w = {.p = all->s, .n = all->len};
    const char *outputs = wire_bytes(&w, &n_outputs);
    const char *rows = wire_bytes(&w, &n_rows), *todo = wire_bytes(&w, &n_program);
    const char *words = wire_bytes(&w, &n_words), *leaving = wire_bytes(&w, &n_left);
    ASSERT(!w.bad && n_program <= (size_t)b->n_program);
    apply_rows(b, rows, n_rows, todo, n_program, (wire_in_t){.p = words, .n = n_words});
    wire_in_t o = {.p = outputs, .n = n_outputs};
    while (o.at < o.n && !o.bad) {
        int64_t test = wire_i64(&o);
        const char *text = wire_bytes(&o, &len);
        ASSERT(!o.bad && test >= 0 && test < b->n_test);
        mem_free(b->test[test].output);
        b->test[test].output = bank_text(text, len);
        b->test[test].n_output = len;
    }
    if (left)
        apply_left(b, (wire_in_t){.p = leaving, .n = n_left}, left);
    bank_rates(b);
    return (int64_t)(n_rows / sizeof(row_t));
}

void grading_bank_finish(grading_work_t *w, bank_t *b)
{
    text_t all = {0};
    while (grading_bank_poll(w) < 1)
        grading_wait(w->g, 2);
    work_pack(w, &all);
    work_apply(b, &all, NULL);
    text_reset(&all);
    work_free(w);
}

void grading_bank_drop(grading_work_t *w)
{
    grading_cancel(w->g);
    share_learned(w); /* who executes what next follows from the store: it must be the same */
    work_free(w);
}
