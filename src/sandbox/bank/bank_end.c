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
   is then unknown); more than one run in a hundred of them ends the program.

   Watching (grading_bank_watched): clients tell rank 0 by mail how far they are; one
   that is asked to stop tells it too, and rank 0 tells all.  Each says END when it has
   nothing more to do (or was stopped), and rank 0 ends the talk with OVER when it has
   heard all of them: no mail is left behind.  Stopped work is dropped where it is. */
#include "bank_work.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TAG_COUNT = 1, TAG_STOP, TAG_END, TAG_OVER };

typedef struct {
    int64_t program, test;
    said_t said;
    hash_t key;
} row_t;

static void work_free(grading_work_t *w)
{
    for (int i = 0; i < w->n_asked; i++)
        mem_free(w->asked[i].test);
    for (int i = 0; i < w->n_open; i++) {
        open_t *o = &w->open[i];
        for (int t = 0; o->output && t < w->b->problem[o->problem].tests; t++)
            mem_free(o->output[t]);
        mem_free(o->output);
        mem_free(o->said);
    }
    if (w->own_known)
        known_free(w->known);
    keymap_reset(&w->claim);
    mem_free(w->todo);
    mem_free(w->first_of);
    mem_free(w->next_of);
    mem_free(w->program_part);
    mem_free(w->test_part);
    mem_free(w->problem);
    mem_free(w->open);
    mem_free(w->asked);
    text_reset(&w->learned);
    text_reset(&w->faults);
    mem_free(w);
}

/* What all clients executed, and their faults, on all of them.  faults: {program, test, time,
   memory}* of everyone; the caller frees. */
static int64_t *gather(grading_work_t *w, size_t *n_faults)
{
    group_t *c = grading_clients(w->g);
    double sum[2] = {(double)w->n_executed, (double)w->n_faults};
    comm_sum_f64(c, sum, 2);
    fail_any(c, sum[1] * 100 > sum[0] && w->n_faults, CODE_FAULT,
             "%g of %g runs failed on our side, not the programs': %s", sum[1], sum[0],
             w->why);
    size_t n;
    char *records = comm_allgatherv(c, w->learned.s, w->learned.len, &n, NULL);
    known_put_records(w->known, records, n);
    mem_free(records);
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
            const char *made =
                w->b->test[t].output
                    ? NULL
                    : known_output(w->known, work_output_key(w, reference, t));
            if (!made)
                continue;
            work_set_output(w, t, made);
            wire_put_i64(&outputs, t);
            wire_put_bytes(&outputs, made, strlen(made));
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
    int n = 0, cap = 0;
    for (int i = 0; i < w->n_program; i++) {
        const problem_t *p = &w->b->problem[w->b->program[i].problem];
        for (int t = p->test; w->todo[i] && t < p->test + p->tests; t++) {
            row_t r = {.program = i, .test = t, .key = work_key(w, i, t)};
            if (known_get(w->known, r.key, &r.said) != V_NONE)
                PUSH(row, n, cap, r);
        }
    }
    for (size_t f = 0; f < n_faults; f++, fault += 4) {
        row_t r = {fault[0], fault[1], {V_FAULT, w->in, fault[2], fault[3]}, {0, 0}};
        r.key = work_key(w, (int)r.program, (int)r.test);
        if (!known_get(w->known, r.key, NULL))
            PUSH(row, n, cap, r);
    }
    wire_put_bytes(all, row ? (const char *)row : "", (size_t)n * sizeof *row);
    wire_put_bytes(all, w->todo, (size_t)w->n_program);
    mem_free(row);
}

/* Everything that the bank gets, as one block: outputs, rows, and whose old rows go. */
static void pack(grading_work_t *w, text_t *all)
{
    size_t n_faults;
    int64_t *faults = gather(w, &n_faults);
    put_outputs(w, all);
    put_rows(w, all, faults, n_faults);
    mem_free(faults);
}

static int by_program(const void *a, const void *b)
{
    const verdict_t *x = a, *y = b;
    return x->program != y->program ? (x->program < y->program ? -1 : 1)
                                    : (x->test > y->test) - (x->test < y->test);
}

/* How many rows came.  The bank's own are sorted in between them: what is there does not tell
   when it came. */
static int64_t apply(bank_t *b, const text_t *all)
{
    size_t n_rows, n_outputs, n_program, len;
    wire_in_t w = {.p = all->s, .n = all->len};
    const char *outputs = wire_bytes(&w, &n_outputs);
    const char *rows = wire_bytes(&w, &n_rows), *todo = wire_bytes(&w, &n_program);
    ASSERT(!w.bad && n_program <= (size_t)b->n_program);
    int kept = 0;
    for (int i = 0; i < b->n_verdict; i++)
        if ((size_t)b->verdict[i].program >= n_program || !todo[b->verdict[i].program])
            b->verdict[kept++] = b->verdict[i];
    b->n_verdict = kept;
    for (size_t at = 0; at + sizeof(row_t) <= n_rows; at += sizeof(row_t)) {
        row_t r;
        memcpy(&r, rows + at, sizeof r);
        verdict_t v = {(int)r.program, (int)r.test, r.said.verdict, r.said.mode, r.said.time_us, r.said.memory_kb, r.key};
        PUSH(b->verdict, b->n_verdict, b->cap_verdict, v);
    }
    if (n_rows)
        qsort(b->verdict, (size_t)b->n_verdict, sizeof *b->verdict, by_program);
    wire_in_t o = {.p = outputs, .n = n_outputs};
    while (o.at < o.n && !o.bad) {
        int64_t test = wire_i64(&o);
        const char *text = wire_bytes(&o, &len);
        ASSERT(!o.bad && test >= 0 && test < b->n_test);
        mem_free(b->test[test].output);
        b->test[test].output = mem_text(text);
    }
    bank_rates(b);
    return (int64_t)(n_rows / sizeof(row_t));
}

void grading_bank_finish(grading_work_t *w, bank_t *b)
{
    text_t all = {0};
    while (grading_bank_poll(w) < 1)
        grading_wait(w->g, 2);
    pack(w, &all);
    apply(b, &all);
    text_reset(&all);
    work_free(w);
}

void grading_bank_drop(grading_work_t *w)
{
    grading_cancel(w->g);
    work_free(w);
}

/* watching --------------------------------------------------------------------------- */

typedef struct {
    grading_work_t *w;
    const grading_watch_t *watch;
    group_t *talk;
    grading_progress_t *of;  /* rank 0: [clients], as last told */
    int n_ended, incomplete; /* rank 0: who said END; any of them stopped early */
    int told, over;          /* told rank 0 (or, as rank 0, all) to stop; OVER has come */
    double next;
} talk_t;

static grading_progress_t progress_of(const grading_work_t *w)
{
    return (grading_progress_t){w->n_done, w->n_total, w->n_executed, w->n_known};
}

static void show(talk_t *t)
{
    grading_progress_t sum = progress_of(t->w);
    for (int i = 1; i < t->w->n_client; i++) {
        sum.done += t->of[i].done;
        sum.total += t->of[i].total;
        sum.executed += t->of[i].executed;
        sum.known += t->of[i].known;
    }
    if (t->watch->progress)
        t->watch->progress(t->watch->ctx, &sum);
}

static void listen(talk_t *t)
{
    size_t n;
    int from, tag;
    for (char *m; t->w->n_client > 1 && (m = mail_poll(t->talk, &n, &from, &tag));
         mem_free(m)) {
        t->w->stop |= tag == TAG_STOP;
        t->n_ended += tag == TAG_END;
        if ((tag == TAG_COUNT || tag == TAG_END) && n == sizeof *t->of + 1) {
            memcpy(&t->of[from], m, sizeof *t->of);
            t->incomplete |= m[n - 1];
        }
        if (tag == TAG_OVER)
            t->over = 1, t->incomplete = m[0];
    }
}

static void tell(talk_t *t, int tag, int incomplete)
{
    char m[sizeof(grading_progress_t) + 1];
    grading_progress_t p = progress_of(t->w);
    memcpy(m, &p, sizeof p);
    m[sizeof p] = (char)incomplete;
    if (t->w->me)
        mail_post(t->talk, 0, tag, m, sizeof m);
}

/* Now and then: is a stop asked for, how far are we. */
static void look(talk_t *t)
{
    double now = clock_now();
    if (now < t->next)
        return;
    t->next = now + 0.1;
    listen(t);
    t->w->stop |= t->watch->stop && t->watch->stop(t->watch->ctx);
    if (t->w->stop && !t->told) {
        t->told = 1;
        for (int i = t->w->me ? 0 : 1; i < (t->w->me ? 1 : t->w->n_client); i++)
            mail_post(t->talk, i, TAG_STOP, "", 1);
    }
    if (t->w->me)
        tell(t, TAG_COUNT, 0);
    else
        show(t);
}

/* 1: stopped before everything was done, on any client. */
static int watch_work(grading_work_t *w, const grading_watch_t *watch)
{
    talk_t t = {.w = w, .watch = watch};
    t.talk = group_split(grading_clients(w->g), 0, w->me);
    t.of = ALLOC(grading_progress_t, w->n_client);
    double part = 0;
    while (!w->stop && (part = grading_bank_poll(w)) < 1) {
        look(&t);
        grading_wait(w->g, 2);
    }
    t.incomplete |= part < 1;
    tell(&t, TAG_END, t.incomplete);
    while (w->me ? !t.over : t.n_ended < w->n_client - 1) {
        t.next = t.next > clock_now() + 0.01 ? 0 : t.next;
        if (w->me)
            listen(&t);
        else
            look(&t);
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    char m = (char)t.incomplete;
    for (int i = 1; !w->me && i < w->n_client; i++)
        mail_post(t.talk, i, TAG_OVER, &m, 1);
    if (!w->me)
        show(&t);
    mail_flush(t.talk);
    group_free(t.talk);
    mem_free(t.of);
    return t.incomplete;
}

static grading_made_t run(grading_t *g, group_t *world, bank_t *b, const limits_t *l,
                          int first, int n, const grading_watch_t *watch)
{
    text_t all = {0};
    grading_made_t made = {0};
    if (grading_is_grader(g)) {
        grading_serve(g);
    } else {
        grading_work_t *w = grading_bank_begin(g, b, l, first, n, NULL);
        made.stopped = watch_work(w, watch);
        pack(w, &all);
        int64_t sum[3] = {w->n_executed, w->n_known, w->n_total};
        comm_sum_i64(grading_clients(g), sum, 3);
        made.executed = sum[0], made.known = sum[1], made.programs = sum[2];
        work_free(w);
        if (made.stopped)
            grading_drop(g);
        else
            grading_rest(g);
    }
    comm_bcast(world, &made, sizeof made, 0);
    uint64_t size = all.len;
    comm_bcast(world, &size, sizeof size, 0);
    if (grading_is_grader(g))
        all = (text_t){.s = mem_new(size + 1), .len = size, .cap = size + 1};
    comm_bcast(world, all.s, size, 0);
    made.rows = apply(b, &all);
    text_reset(&all);
    return made;
}

grading_made_t grading_bank_watched(grading_t *g, group_t *world, bank_t *b,
                                    const limits_t *l, const grading_watch_t *watch)
{
    return run(g, world, b, l, 0, -1, watch);
}

typedef struct {
    void (*progress)(void *, int, int);
    void *ctx;
} plain_t;

static void plain_progress(void *ctx, const grading_progress_t *p)
{
    const plain_t *to = ctx;
    if (to->progress)
        to->progress(to->ctx, (int)p->done, (int)p->total);
}

int grading_bank(grading_t *g, group_t *world, bank_t *b, const limits_t *l,
                 int first_problem, int n_problem,
                 void (*progress)(void *ctx, int done, int total), void *ctx)
{
    plain_t to = {progress, ctx};
    grading_watch_t w = {.progress = plain_progress, .ctx = &to};
    return (int)run(g, world, b, l, first_problem, n_problem, &w).executed;
}
