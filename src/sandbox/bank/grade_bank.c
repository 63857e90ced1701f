/* Executing a whole bank: references first, then everyone on the references' outputs.

   A problem is dealt to one client (bank_plan.c), so its reference and candidates meet
   there and no exchange is needed until the end.  It goes through: where outputs are
   missing its first reference is submitted twice on those tests, both must be accepted
   and print the same bytes, which become the expected outputs; then every other wanted
   program is submitted with these, on those tests whose verdict the store (known.c)
   does not have and that nobody else has claimed (bank_ask.c).  An answer goes into the
   store and this rank's journal at once, with what a checker said of it.

   No label can be trusted without its reference.  One that fails or contradicts itself
   leaves its problem's outputs unknown, and no program is executed on these tests: the
   problem is named, the others go on.  Where nobody asked to be told (training, whose
   references are its own) it ends the program (CODE_DATA).  What happens at the end:
   bank_end.c. */
#include "bank_work.h"
#include <string.h>

enum { FLYING_MOST = 192 };

void work_left(grading_work_t *w, int problem, const char *why)
{
    wire_put_i64(&w->left, problem);
    wire_put_bytes(&w->left, why, strlen(why));
}

grading_work_t *grading_bank_begin(grading_t *g, const bank_t *b, const limits_t *l,
                                   int first_problem, int n_problem, const char *want)
{
    return work_begin(g, b, l, first_problem, n_problem, want, &(grading_watch_t){0});
}

grading_work_t *work_begin(grading_t *g, const bank_t *b, const limits_t *l, int first_problem,
                           int n_problem, const char *want, const grading_watch_t *watch)
{
    ASSERT(!grading_is_grader(g));
    const limits_t table = limits_default();
    grading_work_t *w = ALLOC(grading_work_t, 1);
    w->g = g;
    w->b = b;
    w->tolerant = watch->left != NULL;
    w->skip_bad = w->tolerant && watch->skip_bad;
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

/* answers ---------------------------------------------------------------------------- */

/* Of what an interpreter says of its end; a compiler's words are taken from their beginning. */
static const char *last_line(const char *words)
{
    size_t n = strlen(words);
    while (n && strchr(" \n\r", words[n - 1]))
        n--;
    const char *s = words + n;
    while (strstr(words, "Traceback (") && s > words && s[-1] != '\n')
        s--;
    return s < words + n ? s : words;
}

/* Once for a problem; it ends the program where nobody asked to be told. */
static void reference_failed(grading_work_t *w, open_t *o, int t, const char *what,
                             const char *words)
{
    const problem_t *p = &w->b->problem[o->problem];
    const char *name = w->b->program[o->reference].origin;
    text_t why = {0};
    if (!w->tolerant)
        fail(CODE_DATA, "the reference of problem %d (%s%s%s) on test %d: %s\n%s", o->problem,
             p->family ? p->family : "?", name && *name ? ": " : "", name ? name : "", t + 1, what,
             words);
    text_addf(&why, "its reference %s on test %d: %s%s%.1000s", name ? name : "", t + 1, what,
              *words ? ": " : "", last_line(words));
    for (char *s = why.s; (s = strpbrk(s, "\n\r"));)
        *s = ' ';
    while (why.s[why.len - 1] == ' ')
        why.s[--why.len] = 0;
    if (!o->failed++)
        work_left(w, o->problem, why.s);
    text_reset(&why);
}

/* What the checker said, as text: without NUL bytes.  New; NULL: nothing. */
static char *words_of(const outcome_t *o, const char *message)
{
    text_t t = {0};
    if (o->n_words)
        text_addn(&t, o->words, (size_t)o->n_words);
    else if (o->verdict == V_CHECKER_FAULT)
        text_addf(&t, "%s%s%.1000s", o->subcode, *o->subcode && *message ? ": " : "", message);
    for (size_t i = 0; i < t.len; i++)
        t.s[i] = t.s[i] ? t.s[i] : ' ';
    while (t.len && strchr(" \n\r", t.s[t.len - 1]))
        t.s[--t.len] = 0;
    if (!t.len)
        text_reset(&t);
    return t.s;
}

/* Its message is new. */
static said_t said_now(const grading_work_t *w, const outcome_t *o, const char *message)
{
    return (said_t){o->verdict, w->in,    o->cpu_us,           o->memory_kb,
                    o->scored,  o->score, words_of(o, message)};
}

/* The sandbox's own failure: never a verdict, but counted. */
static void take_fault(grading_work_t *w, int program, int test, const outcome_t *r,
                       const char *message)
{
    int64_t row[4] = {program, test, r->cpu_us, r->memory_kb};
    text_addn(&w->faults, (const char *)row, sizeof row);
    w->n_faults++;
    if (!w->why[0])
        snprintf(w->why, sizeof w->why, "%s: %s", r->subcode, message);
}

/* One run of the reference: 0 where it is none to go by. */
static int take_output(grading_work_t *w, open_t *o, int t, const outcome_t *r, const char *message,
                       const char *output, size_t n)
{
    if (r->verdict == V_FAULT && !w->tolerant)
        fail(CODE_FAULT, "the sandbox cannot run programs: %s (%s)", message, r->subcode);
    if (r->verdict == V_FAULT)
        take_fault(w, o->reference, w->b->problem[o->problem].test + t, r, message);
    if (r->verdict != V_ACCEPTED || !output)
        reference_failed(w, o, t, verdict_names[r->verdict], message);
    else if (!o->answered)
        o->output[t] = bank_text(output, n), o->n_output[t] = n;
    else if (!o->output[t] || o->n_output[t] != n || memcmp(o->output[t], output, n))
        reference_failed(w, o, t, "two runs printed different outputs", "");
    return !o->failed;
}

static void take_reference(grading_work_t *w, open_t *o, const asked_t *a, const done_t *d)
{
    for (int i = 0; i < a->n; i++) {
        int t = a->test[i];
        const outcome_t *r = &d->outcome[i];
        int good = take_output(w, o, t, r, d->message, d->output[i], d->n_output[i]);
        if (good && a->kind == FIRST)
            o->said[t] = said_now(w, r, d->message);
    }
    if (!o->answered++)
        return;
    for (int i = 0; i < a->n; i++)
        if (!o->failed) {
            work_made(w, o, a->test[i]);
        } else {
            mem_free(o->output[a->test[i]]);
            o->output[a->test[i]] = NULL;
        }
    o->cursor = w->first_of[o->problem];
}

static void take_program(grading_work_t *w, const asked_t *a, const done_t *d)
{
    for (int i = 0; i < a->n; i++) {
        const outcome_t *r = &d->outcome[i];
        int test = w->b->problem[a->problem].test + a->test[i];
        if (r->verdict == V_FAULT) {
            take_fault(w, a->program, test, r, d->message);
            continue;
        }
        const said_t said = said_now(w, r, d->message);
        known_learn(w->known, &w->learned, work_key(w, a->program, test), &said, NULL, 0);
        mem_free(said.message);
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
    work_advance(w);
    for (done_t *d; (d = grading_poll(w->g));) {
        take(w, d);
        work_advance(w);
    }
    known_sync(w->known);
    return w->n_open || w->next < w->n_problem ? 0.999 * w->n_done / (w->n_total ? w->n_total : 1)
                                               : 1;
}
