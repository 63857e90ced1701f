/* Executing a bank: what is asked for, and when.

   A job is a program with those of its problem's tests whose verdict nobody knows.  AHEAD
   problems are open at a time; jobs on their way are bounded in number and in bytes.
   A problem whose reference has still to make outputs sends that alone, twice. */
#include "bank_work.h"
#include <string.h>

enum { AHEAD = 64 };
enum { BYTES_MOST = 256 << 20 };

/* NULL: nobody knows it. */
static const char *expected(const grading_work_t *w, const open_t *o, int t, size_t *n)
{
    const test_t *test = &w->b->test[w->b->problem[o->problem].test + t];
    const char *own = test->output;
    *n = own ? test->n_output : o->output && o->output[t] ? o->n_output[t] : 0;
    return own ? own : o->output ? o->output[t] : NULL;
}

static void submit(grading_work_t *w, open_t *o, asked_t a)
{
    const char **expect = ALLOC(const char *, a.n + 1);
    size_t *n_expect = ALLOC(size_t, a.n + 1);
    for (int i = 0; i < a.n && a.kind == PLAIN; i++)
        expect[i] = expected(w, o, a.test[i], &n_expect[i]);
    bank_job_t x = bank_job(w->g, w->b, a.program, a.test, a.n, a.kind == PLAIN ? expect : NULL,
                            n_expect, work_limits(w, o->problem));
    int slot = 0;
    while (slot < w->n_asked && w->asked[slot].test)
        slot++;
    if (slot == w->n_asked)
        PUSH(w->asked, w->n_asked, w->cap_asked, a);
    a.bytes = x.bytes;
    w->asked[slot] = a;
    x.job.ticket = slot;
    o->waiting++;
    w->flying++;
    w->bytes += a.bytes;
    grading_submit(w->g, &x.job);
    bank_job_reset(&x);
    mem_free(expect);
    mem_free(n_expect);
}

/* A program on those tests that nobody knows and that it is the first to ask for. */
static void submit_program(grading_work_t *w, open_t *o, int program)
{
    const problem_t *p = &w->b->problem[o->problem];
    asked_t a = {.problem = o->problem,
                 .program = program,
                 .kind = PLAIN,
                 .test = ALLOC(int, p->tests + 1)};
    for (int t = 0; t < p->tests; t++) {
        size_t n;
        if (!expected(w, o, t, &n)) /* nor will anybody */
            continue;
        int64_t self = program * w->n_test + p->test + t;
        hash_t key = work_key(w, program, p->test + t);
        if (known_get(w->known, key, NULL) || keymap_claim(&w->claim, key, self) != self)
            w->n_known += program != o->reference;
        else
            a.test[a.n++] = t;
    }
    if (a.n) {
        submit(w, o, a);
        return;
    }
    mem_free(a.test);
    w->n_done++;
}

/* An output that the reference made: expected from here on. */
void work_made(grading_work_t *w, open_t *o, int t)
{
    int test = w->b->problem[o->problem].test + t;
    known_learn(w->known, &w->learned, work_output_key(w, o->reference, test), &o->said[t],
                o->output[t], o->n_output[t]);
    work_set_output(w, test, o->output[t], o->n_output[t]);
    known_learn(w->known, &w->learned, work_key(w, o->reference, test), &o->said[t], NULL, 0);
}

/* The reference on those tests whose output nobody knows; nothing to do: on to the programs. */
static void submit_reference(grading_work_t *w, open_t *o)
{
    const problem_t *p = &w->b->problem[o->problem];
    asked_t a[2] = {{.problem = o->problem, .program = o->reference, .kind = FIRST},
                    {.problem = o->problem, .program = o->reference, .kind = SECOND}};
    o->output = ALLOC(char *, p->tests + 1);
    o->n_output = ALLOC(size_t, p->tests + 1);
    o->said = ALLOC(said_t, p->tests + 1);
    for (int k = 0; k < 2; k++)
        a[k].test = ALLOC(int, p->tests + 1);
    for (int t = 0; t < p->tests; t++) {
        if (w->b->test[p->test + t].output)
            continue;
        hash_t key = work_output_key(w, o->reference, p->test + t);
        const char *made = known_output(w->known, key, &o->n_output[t]);
        if (made) {
            known_get(w->known, key, &o->said[t]);
            o->said[t].message = o->said[t].message ? mem_text(o->said[t].message) : NULL;
            o->output[t] = bank_text(made, o->n_output[t]);
            work_made(w, o, t);
        } else {
            a[0].test[a[0].n++] = a[1].test[a[1].n++] = t;
        }
    }
    for (int k = 0; k < 2; k++)
        if (a[k].n)
            submit(w, o, a[k]);
        else
            mem_free(a[k].test);
    o->cursor = a[0].n ? -1 : w->first_of[o->problem];
}

static void open_problem(grading_work_t *w, int problem)
{
    open_t o = {.problem = problem,
                .reference = work_reference(w, problem),
                .cursor = w->first_of[problem]};
    PUSH(w->open, w->n_open, w->cap_open, o);
    if (o.reference >= 0)
        submit_reference(w, &w->open[w->n_open - 1]);
}

void open_free(const grading_work_t *w, open_t *o)
{
    for (int t = 0; o->output && t < w->b->problem[o->problem].tests; t++) {
        mem_free(o->output[t]);
        mem_free(o->said[t].message);
    }
    mem_free(o->output);
    mem_free(o->n_output);
    mem_free(o->said);
}

static void close_problem(grading_work_t *w, open_t *o)
{
    open_free(w, o);
    *o = w->open[--w->n_open];
}

static int room(const grading_work_t *w)
{
    return !w->stop && w->flying < w->most_flying && (w->bytes < BYTES_MOST || !w->flying);
}

/* Sends what may be sent: programs of open problems, then further problems. */
static void advance(grading_work_t *w)
{
    for (int i = 0; i < w->n_open; i++) {
        open_t *o = &w->open[i];
        for (; o->cursor >= 0 && room(w); o->cursor = w->next_of[o->cursor])
            if (w->todo[o->cursor])
                submit_program(w, o, o->cursor);
        if (o->cursor < 0 && !o->waiting) {
            close_problem(w, o);
            i--;
        }
    }
}

void work_advance(grading_work_t *w)
{
    advance(w);
    while (w->next < w->n_problem && w->n_open < AHEAD && room(w) &&
           (w->next != w->n_first || !w->n_open)) {
        open_problem(w, w->problem[w->next++]);
        advance(w);
    }
}
