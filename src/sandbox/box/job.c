/* One program on all its tests, in one visit, and the verdict of each.

   Precedence: FAULT, CHECKER_FAULT, COMPILE_ERROR, OUTPUT_LIMIT, MEMORY_LIMIT, TIME_LIMIT,
   RUNTIME_ERROR, WRONG_ANSWER, ACCEPTED: a right output never beats a limit, a signal
   or a non-zero status (ending.c).

   A run is repeated once where the first may have been the machine's doing: CPU time
   between 1 and 1.3 times the limit, real time up with much of the CPU time unused but
   some used, or an end by a signal that batch systems send to everything (TERM, USR1,
   ...).  The second run counts.

   The output of a run that ended well is compared (judge.c), given to a special checker
   (special.c) or, for a call, taken for a value (calls.c).  A test that is a program of
   its own runs beside the program and decides itself (tester.c).

   After each run the scratch is cleaned; a launcher that could not clean it ends after
   this job, and the rest of the job is a fault, which the keeper runs again elsewhere. */
#include "box.h"
#include <string.h>

typedef struct {
    const job_t *j;
    done_t *d;
    ready_t program[FORMS], checker; /* by form_t; opened where a test needs them */
    int has_program[FORMS], has_checker, has_fault;
    calls_t calls;
    text_t words; /* of a checker that failed, of a test that is none */
} work_t;

static void judge_output(box_t *b, work_t *w, int i, const guest_t *r, outcome_t *o)
{
    const job_t *j = w->j;
    int right = 1;
    if (j->form[i] == FORM_CALL) {
        calls_judge(&w->calls.call[i], j->check[i], &j->limits, &r->out, o);
        return;
    }
    if (check_is_program(j->check[i])) {
        if (w->has_checker && w->checker.kind != special_kind(j->check[i])) {
            ready_close(b, &w->checker);
            w->has_checker = 0;
        }
        if (!w->has_checker++)
            special_open(b, &w->checker, j, j->check[i]);
        right = special_judge(b, &w->checker, j, i, &r->out, o, &w->words);
    } else if (j->expect[i]) {
        right = judge_any(j->check[i], &j->limits, r->out.s ? r->out.s : "", r->out.len,
                          j->expect[i], j->n_expect[i], j->other ? j->other[i] : NULL,
                          j->other ? j->n_other[i] : 0, o);
    }
    if (o->verdict == V_NONE)
        o->verdict = right ? V_ACCEPTED : V_WRONG_ANSWER;
}

/* As text: NULs would end it. */
static void keep_words(done_t *d, const char *s, size_t n)
{
    size_t from = n > 4000 ? n - 4000 : 0;
    mem_free(d->message);
    d->message = mem_new(n - from + 1);
    for (size_t i = from; i < n; i++)
        d->message[i - from] = s[i] ? s[i] : ' ';
}

static void keep(work_t *w, box_t *b, int i, const guest_t *r)
{
    done_t *d = w->d;
    const outcome_t *o = &d->outcome[i];
    const int wanted = o->verdict == V_ACCEPTED && !w->j->expect[i] && w->j->form[i] == FORM_STDIN;
    if (wanted || w->j->output_of == i + 1) {
        d->output[i] = mem_new(r->out.len + 1);
        memcpy(d->output[i], r->out.s ? r->out.s : "", r->out.len);
        d->n_output[i] = r->out.len;
    }
    /* its words are the ones wanted */
    int fault = (o->verdict == V_FAULT || o->verdict == V_CHECKER_FAULT) && !w->has_fault++;
    if (o->verdict == V_ACCEPTED || (d->message[0] && !fault))
        return;
    if (r->fault)
        keep_words(d, b->why, strlen(b->why));
    else if (w->words.len)
        keep_words(d, w->words.s, w->words.len);
    else if (r->err.len)
        keep_words(d, r->err.s, r->err.len);
}

static void run_test(box_t *b, work_t *w, int i)
{
    const job_t *j = w->j;
    outcome_t *o = &w->d->outcome[i];
    const call_t *call = j->form[i] == FORM_CALL ? &w->calls.call[i] : NULL;
    const int test = call && *call->how == 'T'; /* a program of its own (tester.c) */
    for (int attempt = 0, again = 1; again && attempt < 2; attempt++) {
        guest_t r = {.in = test   ? ""
                           : call ? call->call
                                  : j->input[i],
                     .n_in = test   ? 0
                             : call ? strlen(call->call)
                                    : j->n_input[i],
                     .limits = j->limits};
        if (test) {
            r.test = call->call;
            r.n_test = strlen(call->call);
        }
        text_clear(&w->words);
        ready_use(b, &w->program[j->form[i]], &r);
        if (attempt && o->verdict == V_TIME_LIMIT)
            alone_begin(b);
        run_go(b, &r);
        alone_end(b);
        w->d->runs++;
        *o = test ? tester_outcome(&r, &w->words) : ending(&r, j->lang);
        o->runs = attempt + 1;
        if (r.fault)
            b->tainted = 1;
        again = !attempt && (ending_again(o, &j->limits) ||
                             (test && r.over_wall && o->verdict == V_CHECKER_FAULT));
        if (!again) {
            if (o->verdict == V_NONE)
                judge_output(b, w, i, &r, o);
            keep(w, b, i, &r);
        }
        run_reset(&r);
        box_clean(b);
    }
}

/* Nothing was run: why not. */
static outcome_t not_run(verdict_kind_t v, const char *subcode, int exit)
{
    return (outcome_t){.verdict = v,
                       .subcode = subcode_text(subcode),
                       .exit = exit,
                       .first_difference = -1};
}

/* The program as tests of this form need it. */
static const ready_t *program_for(box_t *b, work_t *w, form_t form)
{
    ready_t *p = &w->program[form];
    if (!w->has_program[form]++) {
        ready_open(b, p, w->j,
                   form != FORM_CALL ? READY_PLAIN
                   : w->calls.n_test ? READY_SERVED
                                     : READY_CALLS);
        w->d->compiled |= p->compiled;
        if (p->subcode)
            keep_words(w->d, p->message.s ? p->message.s : "", p->message.len);
    }
    return p;
}

static void run_tests(box_t *b, work_t *w)
{
    const job_t *j = w->j;
    const char *none;
    int stopped = 0;
    for (int i = 0; i < j->n_test; i++) {
        outcome_t *o = &w->d->outcome[i];
        if (b->tainted)
            continue;
        if (stopped) {
            *o = not_run(V_SKIPPED, "", -1);
            continue;
        }
        text_clear(&w->words);
        none = j->form[i] == FORM_CALL ? calls_refuse(&w->calls, j, i, &w->words) : NULL;
        if (none) {
            *o = not_run(strcmp(none, "bad test") ? V_FAULT : V_CHECKER_FAULT, none, -1);
            if (!w->has_fault++)
                keep_words(w->d, w->words.s, w->words.len);
            continue;
        }
        const ready_t *p = program_for(b, w, j->form[i]);
        if (!p->subcode) {
            run_test(b, w, i);
            stopped = j->stop_at_first && o->verdict != V_ACCEPTED;
        } else {
            *o = not_run((verdict_kind_t)p->verdict, p->subcode,
                         j->lang == LANG_PYTHON && p->verdict != V_FAULT ? 1 : -1);
        }
    }
}

/* Not a program: what is known of a language's tool-chain. */
static done_t *report(box_t *b, const job_t *j)
{
    text_t t = {0};
    toolchain_report(b, j->lang, &t);
    done_t *d = wire_fault(j->ticket, 0, "", t.s);
    text_reset(&t);
    return d;
}

done_t *job_run(box_t *b, const job_t *j)
{
    if (j->ticket < TICKET_REPORT + LANG_MOST)
        return report(b, j);
    if (j->ticket == TICKET_CALLS)
        return calls_report(b, j);
    if (!root_room(b, &j->limits))
        return wire_fault(j->ticket, j->n_test, "start", b->why);
    double start = clock_now();
    work_t w = {.j = j, .d = wire_fault(j->ticket, j->n_test, "launcher", "")};
    b->placed = NULL;
    box_clean(b);
    calls_open(b, &w.calls, j);
    run_tests(b, &w);
    for (int form = 0; form < FORMS; form++)
        if (w.has_program[form])
            ready_close(b, &w.program[form]);
    if (w.has_checker)
        ready_close(b, &w.checker);
    calls_reset(&w.calls);
    text_reset(&w.words);
    box_clean(b);
    w.d->busy_s = clock_now() - start;
    return w.d;
}
