/* Executing a whole bank: references first, then everyone on the references' outputs.

   A problem is dealt to one client (bank_plan.c), so its reference and candidates meet
   there and no exchange is needed until the end.  It goes through: where outputs are
   missing its first reference is submitted twice on those tests, both must be accepted
   and print the same bytes, which become the expected outputs; then every other wanted
   program is submitted with these, on those tests whose verdict the store (known.c)
   does not have and that nobody else has claimed.  AHEAD problems are open at a time;
   jobs on their way are bounded in number and in bytes.  An answer goes into the store
   and this rank's journal at once.

   A reference that fails or contradicts itself ends the program (CODE_DATA): no label
   can be trusted without it.  What happens at the end: bank_end.c. */
#include "bank_work.h"
#include <string.h>

enum { AHEAD = 64, PLAIN = 0, FIRST = 1, SECOND = 2 };
enum { FLYING_MOST = 192, BYTES_MOST = 256 << 20 };

grading_work_t *grading_bank_begin(grading_t *g, const bank_t *b, const limits_t *l,
                                   int first_problem, int n_problem, const char *want)
{
    ASSERT(!grading_is_grader(g));
    const limits_t table = limits_default();
    grading_work_t *w = ALLOC(grading_work_t, 1);
    w->g = g;
    w->b = b;
    w->mode = grading_mode(g);
    w->in = verdict_mode(w->mode);
    w->me = group_rank(grading_clients(g));
    w->n_client = group_size(grading_clients(g));
    int graders = group_size(grading_world(g)) - w->n_client;
    w->most_flying = FLYING_MOST * (1 + graders / w->n_client);
    w->deck = limits_fill(*l, &table);
    w->n_program = b->n_program;
    w->n_test = b->n_test + 1;
    w->first_problem = first_problem;
    w->last_problem = n_problem < 0 ? b->n_problem : first_problem + n_problem;
    w->known = grading_known(g);
    w->own_known = !w->known;
    if (w->own_known)
        w->known = known_new();
    work_index(w);
    work_hash(w);
    work_find_todo(w, want);
    work_claim(w);
    work_deal(w);
    grading_bank_poll(w);
    return w;
}

/* submitting ------------------------------------------------------------------------- */

static const char *expected(const grading_work_t *w, const open_t *o, int t)
{
    const char *own = w->b->test[w->b->problem[o->problem].test + t].output;
    return own ? own : o->output[t];
}

/* The tests of a job, as pointers into the bank. */
static void submit(grading_work_t *w, open_t *o, asked_t a)
{
    const problem_t *p = &w->b->problem[o->problem];
    const program_t *r = &w->b->program[a.program];
    const char **text = ALLOC(const char *, 2 * a.n + 1);
    size_t *len = ALLOC(size_t, 2 * a.n + 1);
    check_t *check = ALLOC(check_t, a.n + 1);
    form_t *form = ALLOC(form_t, a.n + 1);
    a.bytes = strlen(r->source);
    for (int i = 0; i < a.n; i++) {
        const test_t *test = &w->b->test[p->test + a.test[i]];
        text[i] = test->input;
        len[i] = strlen(test->input);
        check[i] = test->check;
        form[i] = test->form;
        text[a.n + i] = a.kind == PLAIN ? expected(w, o, a.test[i]) : NULL;
        len[a.n + i] = text[a.n + i] ? strlen(text[a.n + i]) : 0;
        a.bytes += len[i] + len[a.n + i];
    }
    int slot = 0;
    while (slot < w->n_asked && w->asked[slot].test)
        slot++;
    if (slot == w->n_asked)
        PUSH(w->asked, w->n_asked, w->cap_asked, a);
    w->asked[slot] = a;
    job_t j = {.ticket = slot,
               .lang = r->lang,
               .source = r->source,
               .n_source = strlen(r->source),
               .n_test = a.n,
               .input = text,
               .n_input = len,
               .expect = text + a.n,
               .n_expect = len + a.n,
               .check = check,
               .form = form,
               .checker_lang = p->checker_lang,
               .checker = p->checker ? p->checker : "",
               .n_checker = p->checker ? strlen(p->checker) : 0,
               .limits = work_limits(w, o->problem)};
    o->waiting++;
    w->flying++;
    w->bytes += a.bytes;
    grading_submit(w->g, &j);
    mem_free(text);
    mem_free(len);
    mem_free(check);
    mem_free(form);
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
        int64_t self = program * w->n_test + p->test + t;
        hash_t key = work_key(w, program, p->test + t);
        if (known_get(w->known, key, NULL) ||
            keymap_claim(&w->claim, key, self) != self)
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
static void make_output(grading_work_t *w, open_t *o, int t)
{
    int test = w->b->problem[o->problem].test + t;
    known_learn(w->known, &w->learned, work_output_key(w, o->reference, test), &o->said[t], o->output[t]);
    work_set_output(w, test, o->output[t]);
    known_learn(w->known, &w->learned, work_key(w, o->reference, test), &o->said[t], NULL);
}

/* The reference on those tests whose output nobody knows; nothing to do: on to the programs. */
static void submit_reference(grading_work_t *w, open_t *o)
{
    const problem_t *p = &w->b->problem[o->problem];
    asked_t a[2] = {{.problem = o->problem, .program = o->reference, .kind = FIRST},
                    {.problem = o->problem, .program = o->reference, .kind = SECOND}};
    o->output = ALLOC(char *, p->tests + 1);
    o->said = ALLOC(said_t, p->tests + 1);
    for (int k = 0; k < 2; k++)
        a[k].test = ALLOC(int, p->tests + 1);
    for (int t = 0; t < p->tests; t++) {
        if (w->b->test[p->test + t].output)
            continue;
        hash_t key = work_output_key(w, o->reference, p->test + t);
        const char *made = known_output(w->known, key);
        if (made) {
            known_get(w->known, key, &o->said[t]);
            o->output[t] = mem_text(made);
            make_output(w, o, t);
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

static void close_problem(grading_work_t *w, open_t *o)
{
    for (int t = 0; o->output && t < w->b->problem[o->problem].tests; t++)
        mem_free(o->output[t]);
    mem_free(o->output);
    mem_free(o->said);
    *o = w->open[--w->n_open];
}

static int room(const grading_work_t *w)
{
    return !w->stop && w->flying < w->most_flying &&
           (w->bytes < BYTES_MOST || !w->flying);
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

static void advance_all(grading_work_t *w)
{
    advance(w);
    while (w->next < w->n_problem && w->n_open < AHEAD && room(w) &&
           (w->next != w->n_first || !w->n_open)) {
        open_problem(w, w->problem[w->next++]);
        advance(w);
    }
}

/* answers ---------------------------------------------------------------------------- */

static void reference_failed(const grading_work_t *w, const open_t *o, int t,
                             const char *what, const char *words)
{
    const problem_t *p = &w->b->problem[o->problem];
    const char *name = w->b->program[o->reference].origin;
    fail(CODE_DATA, "the reference of problem %d (%s%s%s) on test %d: %s\n%s", o->problem,
         p->family ? p->family : "?", name && *name ? ": " : "", name ? name : "", t,
         what, words);
}

static said_t said_now(const grading_work_t *w, const outcome_t *o)
{
    return (said_t){o->verdict, w->in, o->cpu_us, o->memory_kb};
}

static void take_reference(grading_work_t *w, open_t *o, const asked_t *a,
                           const done_t *d)
{
    for (int i = 0; i < a->n; i++) {
        int t = a->test[i];
        const outcome_t *r = &d->outcome[i];
        if (r->verdict == V_FAULT)
            fail(CODE_FAULT, "the sandbox cannot run programs: %s (%s)", d->message,
                 r->subcode);
        if (r->verdict != V_ACCEPTED)
            reference_failed(w, o, t, verdict_names[r->verdict], d->message);
        if (strlen(d->output[i]) != d->n_output[i])
            reference_failed(w, o, t, "it prints a NUL byte", "");
        if (!o->answered)
            o->output[t] = mem_text(d->output[i]);
        else if (strcmp(o->output[t], d->output[i]))
            reference_failed(w, o, t, "two runs printed different outputs", "");
        if (a->kind == FIRST)
            o->said[t] = said_now(w, r);
    }
    if (!o->answered++)
        return;
    for (int i = 0; i < a->n; i++)
        make_output(w, o, a->test[i]);
    o->cursor = w->first_of[o->problem];
}

static void take_program(grading_work_t *w, const asked_t *a, const done_t *d)
{
    for (int i = 0; i < a->n; i++) {
        const outcome_t *r = &d->outcome[i];
        int test = w->b->problem[a->problem].test + a->test[i];
        if (r->verdict != V_FAULT) {
            const said_t said = said_now(w, r);
            known_learn(w->known, &w->learned, work_key(w, a->program, test), &said, NULL);
            continue;
        }
        int64_t row[4] = {a->program, test, r->cpu_us, r->memory_kb};
        text_addn(&w->faults, (const char *)row, sizeof row);
        w->n_faults++;
        if (!w->why[0])
            snprintf(w->why, sizeof w->why, "%s: %s", r->subcode, d->message);
    }
    w->n_done++;
}

static void take(grading_work_t *w, done_t *d)
{
    asked_t a = w->asked[d->ticket];
    int i = 0;
    while (i < w->n_open && w->open[i].problem != a.problem)
        i++;
    ASSERT(i < w->n_open);
    open_t *o = &w->open[i];
    o->waiting--;
    w->flying--;
    w->bytes -= a.bytes;
    w->asked[d->ticket].test = NULL;
    w->n_executed += a.n;
    if (a.kind == PLAIN)
        take_program(w, &a, d);
    else
        take_reference(w, o, &a, d);
    mem_free(a.test);
    done_free(d);
}

double grading_bank_poll(grading_work_t *w)
{
    advance_all(w);
    for (done_t *d; (d = grading_poll(w->g));) {
        take(w, d);
        advance_all(w);
    }
    known_sync(w->known);
    return w->n_open || w->next < w->n_problem
               ? 0.999 * w->n_done / (w->n_total ? w->n_total : 1)
               : 1;
}
