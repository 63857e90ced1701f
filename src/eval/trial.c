/* Programs of many problems executed in the background.

   Two kinds of jobs.  All entrants run once on all test inputs without a comparison: what they print
   is hashed, token by token, and entrants that print the same on every test are one party in the
   vote of outputs.  Those whose verdict is wanted (the chosen ones, one of each leading party) are
   judged by the problem's own checker, like any candidate; wanted verdicts go first.

   Nothing blocks: trial_poll sends while graders take, and takes what has come.  A run that failed
   on our side is made once more, then it stays unknown and is counted.  Tests in the form of calls
   print nothing that could be compared: their problems have no vote of outputs. */
#include "eval.h"
#include <math.h>
#include <string.h>

enum { OUTPUTS, VERDICT };
enum { UNKNOWN = -1, WANTED = -2, LOST = -3 };

typedef struct {
    hash_t prints;
    int8_t printed; /* 1: prints is known; 0: not yet; -1: it fails on a test */
    int8_t passes;  /* 1, 0, UNKNOWN, WANTED, LOST */
    int8_t again;   /* jobs of it that were made once more, a bit a kind */
} entrant_t;

typedef struct {
    int problem, entrant, kind;
} want_t;

struct trial {
    grading_t *g;
    const bank_t *b;
    const limits_t *limits;
    const int *program;
    int problems, programs;
    entrant_t *of; /* [problems][programs] */
    int *printing; /* [problems] entrants whose outputs are to come; -1: none will */
    want_t *want;  /* verdicts first come, first served */
    int n_want, next_want, cap_want;
    int64_t next_output, flying, runs, faults;
};

static entrant_t *entrant_of(const trial_t *t, int problem, int entrant)
{
    return &t->of[(int64_t)problem * t->programs + entrant];
}

static int prints_something(const bank_t *b, int problem)
{
    const problem_t *p = &b->problem[problem];
    for (int i = 0; i < p->tests; i++)
        if (b->test[p->test + i].form == FORM_CALL)
            return 0;
    return 1;
}

trial_t *trial_new(grading_t *g, const bank_t *b, const limits_t *l, const int *entrant,
                   int problems, int programs)
{
    trial_t *t = ALLOC(trial_t, 1);
    *t = (trial_t){.g = g,
                   .b = b,
                   .limits = l,
                   .program = entrant,
                   .problems = problems,
                   .programs = programs,
                   .of = ALLOC(entrant_t, (size_t)problems * (size_t)programs + 1),
                   .printing = ALLOC(int, problems + 1)};
    for (int i = 0; i < problems; i++) {
        int prints = prints_something(b, b->program[entrant[(int64_t)i * programs]].problem);
        t->printing[i] = prints ? programs : -1;
        for (int k = 0; k < programs; k++)
            *entrant_of(t, i, k) = (entrant_t){.passes = UNKNOWN, .printed = prints ? 0 : -1};
    }
    return t;
}

void trial_free(trial_t *t)
{
    if (!t)
        return;
    if (t->flying)
        grading_cancel(t->g);
    mem_free(t->of);
    mem_free(t->printing);
    mem_free(t->want);
    mem_free(t);
}

void trial_judge(trial_t *t, int problem, int entrant)
{
    entrant_t *e = entrant_of(t, problem, entrant);
    if (e->passes != UNKNOWN)
        return;
    e->passes = WANTED;
    PUSH(t->want, t->n_want, t->cap_want, ((want_t){problem, entrant, VERDICT}));
}

static int submit(trial_t *t, int problem, int entrant, int kind)
{
    int64_t at = (int64_t)problem * t->programs + entrant;
    int taken = grading_submit_program(t->g, t->b, t->program[at], t->limits, kind == VERDICT,
                                       2 * at + kind);
    t->flying += taken;
    return taken;
}

/* At most so many jobs, so that no call takes long. */
static void send(trial_t *t, int most)
{
    const int64_t all = (int64_t)t->problems * t->programs;
    for (; t->next_want < t->n_want && most > 0; t->next_want++, most--) {
        const want_t *w = &t->want[t->next_want];
        if (!submit(t, w->problem, w->entrant, w->kind))
            return;
    }
    for (; t->next_output < all && most > 0; t->next_output++, most--) {
        int problem = (int)(t->next_output / t->programs);
        if (t->printing[problem] >= 0 &&
            !submit(t, problem, (int)(t->next_output % t->programs), OUTPUTS))
            return;
    }
}

/* White space between tokens is one blank. */
static hash_t hash_tokens(hash_t h, const char *s, size_t n)
{
    for (size_t i = 0, from; i < n;) {
        while (i < n && strchr(" \t\n\v\f\r", s[i]) && s[i])
            i++;
        for (from = i; i < n && !(strchr(" \t\n\v\f\r", s[i]) && s[i]);)
            i++;
        if (i > from)
            h = hash_more(hash_more(h, s + from, i - from), " ", 1);
    }
    return hash_more(h, "\n", 1);
}

/* How a run on our side failed: once more, else it stays unknown. */
static int once_more(trial_t *t, int problem, int entrant, int kind, const done_t *d)
{
    entrant_t *e = entrant_of(t, problem, entrant);
    int fault = 0;
    for (int i = 0; i < d->n_test; i++)
        fault |= d->outcome[i].verdict == V_FAULT;
    if (!fault)
        return 0;
    if (!(e->again >> kind & 1)) {
        e->again |= (int8_t)(1 << kind);
        PUSH(t->want, t->n_want, t->cap_want, ((want_t){problem, entrant, kind}));
        return 1;
    }
    t->faults++;
    return 0;
}

static void leaders_wanted(trial_t *t, int problem);

static void take_outputs(trial_t *t, int problem, int entrant, const done_t *d)
{
    entrant_t *e = entrant_of(t, problem, entrant);
    e->printed = 1;
    e->prints = hash_bytes("", 0);
    for (int i = 0; i < d->n_test; i++) {
        if (d->outcome[i].verdict != V_ACCEPTED || !d->output[i])
            e->printed = -1;
        else
            e->prints = hash_tokens(e->prints, d->output[i], d->n_output[i]);
    }
    if (--t->printing[problem] == 0)
        leaders_wanted(t, problem);
}

static void take_verdict(trial_t *t, int problem, int entrant, const done_t *d)
{
    entrant_t *e = entrant_of(t, problem, entrant);
    e->passes = 1;
    for (int i = 0; i < d->n_test; i++) {
        verdict_kind_t v = d->outcome[i].verdict;
        if (v == V_FAULT || v == V_CHECKER_FAULT)
            e->passes = LOST;
        else if (v != V_ACCEPTED && e->passes == 1)
            e->passes = 0;
    }
}

void trial_poll(trial_t *t)
{
    enum { SENT = 128 };
    send(t, SENT);
    for (done_t *d; (d = grading_poll(t->g));) {
        int64_t at = d->ticket / 2;
        int kind = (int)(d->ticket % 2), problem = (int)(at / t->programs);
        int entrant = (int)(at % t->programs);
        t->flying--;
        t->runs++;
        if (!once_more(t, problem, entrant, kind, d))
            (kind == VERDICT ? take_verdict : take_outputs)(t, problem, entrant, d);
        done_free(d);
        send(t, 1);
    }
}

int64_t trial_left(const trial_t *t)
{
    return t->flying + t->n_want - t->next_want + (int64_t)t->problems * t->programs -
           t->next_output;
}

int trial_passes(const trial_t *t, int problem, int entrant)
{
    int passes = entrant_of(t, problem, entrant)->passes;
    return passes < 0 ? -1 : passes;
}

void trial_counts(const trial_t *t, int64_t *runs, int64_t *faults)
{
    *runs = t->runs;
    *faults = t->faults;
}

/* The vote of outputs
   ---------------------------------------------------------------------- */

/* One of each party with the most members among the first n: how many, their numbers in leader. */
static int leaders(const trial_t *t, int problem, int n, int leader[ENTRANTS])
{
    int most = 0, m = 0;
    for (int i = 0; i < n; i++) {
        const entrant_t *e = entrant_of(t, problem, i);
        int members = 0, first = e->printed == 1;
        for (int k = 0; k < n && first; k++) {
            const entrant_t *o = entrant_of(t, problem, k);
            int same = o->printed == 1 && hash_equal(o->prints, e->prints);
            first = !(same && k < i);
            members += same;
        }
        if (!first || members < most)
            continue;
        m = members > most ? 0 : m;
        most = members;
        leader[m++] = i;
    }
    return m;
}

static void leaders_wanted(trial_t *t, int problem)
{
    int leader[ENTRANTS];
    for (int n = 1; n <= t->programs; n++) {
        int m = leaders(t, problem, n, leader);
        for (int i = 0; i < m && ((n & (n - 1)) == 0 || n == t->programs); i++)
            trial_judge(t, problem, leader[i]);
    }
}

double trial_majority(const trial_t *t, int problem, int n, int *first)
{
    int leader[ENTRANTS], m = leaders(t, problem, n, leader), known = 0;
    double right = 0;
    *first = m ? leader[0] : -1;
    if (t->printing[problem] < 0)
        return NAN;
    if (!m)
        return 0;
    for (int i = 0; i < m; i++) {
        int passes = trial_passes(t, problem, leader[i]);
        known += passes >= 0;
        right += passes == 1;
    }
    return known ? right / known : NAN;
}
