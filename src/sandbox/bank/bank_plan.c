/* What of a bank has to be executed, and who does it.

   Everything goes by names (verdict.c).  A program is executed when each of its tests
   has a verdict under the name of the run that would be made now; what was changed since
   (text, test, limits, tool-chain) is to be done again.

   Equal runs are made once in a job: every client walks the same bank and lets the first
   program that needs a verdict claim it; the others find it in the store at the end.
   Names of tests without output are not known yet; problems that
   lack outputs and have equal tests and references (twins) go to one client, the later
   ones when the earlier are done.

   Dealing: problem p to client p mod n, a twin to the client of its first.  Cost: every
   text is hashed once, then a few table look-ups for each program and test. */
#include "bank_work.h"
#include <math.h>
#include <string.h>

limits_t work_limits(const grading_work_t *w, int problem)
{
    return limits_problem(&w->b->problem[problem], &w->deck);
}

hash_t work_key(const grading_work_t *w, int program, int test)
{
    const limits_t l = work_limits(w, w->b->program[program].problem);
    return verdict_key(w->program_part[program], w->test_part[test], &l, w->mode);
}

static hash_t test_part(const grading_work_t *w, int test, const char *output)
{
    const test_t *t = &w->b->test[test];
    const problem_t *p = &w->b->problem[t->problem];
    return verdict_test(t, output, p->checker ? p->checker : "",
                        t->check == CHECK_SPECIAL
                            ? grading_toolchain(w->g, p->checker_lang)
                            : "");
}

hash_t work_output_key(const grading_work_t *w, int reference, int test)
{
    const limits_t l = work_limits(w, w->b->program[reference].problem);
    return verdict_key(w->program_part[reference], test_part(w, test, NULL), &l, w->mode);
}

void work_set_output(grading_work_t *w, int test, const char *output)
{
    w->test_part[test] = test_part(w, test, output);
}

int work_reference(const grading_work_t *w, int problem)
{
    const problem_t *p = &w->b->problem[problem];
    int missing = 0;
    for (int t = p->test; t < p->test + p->tests; t++)
        missing += w->b->test[t].output == NULL;
    for (int i = w->first_of[problem]; missing && i >= 0; i = w->next_of[i])
        if (w->b->program[i].pool == POOL_REFERENCE)
            return i;
    if (missing)
        fail(CODE_DATA,
             "problem %d (%s) has tests without output and no reference program to make "
             "them",
             problem, p->family ? p->family : "?");
    return -1;
}

/* what is to be done ----------------------------------------------------------------- */

/* next_of[i]: the next program of program i's problem, first_of[p]: problem p's first;
   -1: none. */
void work_index(grading_work_t *w)
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

void work_hash(grading_work_t *w)
{
    const bank_t *b = w->b;
    w->program_part = ALLOC(hash_t, b->n_program + 1);
    w->test_part = ALLOC(hash_t, b->n_test + 1);
    for (int i = 0; i < b->n_program; i++)
        w->program_part[i] = verdict_program(
            b->program[i].source, grading_toolchain(w->g, b->program[i].lang));
    for (int t = 0; t < b->n_test; t++)
        w->test_part[t] = test_part(w, t, b->test[t].output);
}

/* A tool-chain that is not there is not the programs' fault, and no other machine's label. */
static void refuse_languages(const grading_work_t *w)
{
    const bank_t *b = w->b;
    int n[LANGS] = {0};
    for (int i = 0; i < b->n_program; i++)
        n[b->program[i].lang] += w->todo[i] != 0;
    for (int l = 0; l < LANGS; l++)
        if (n[l] && *grading_refusal(w->g, (lang_t)l))
            fail(CODE_USAGE, "%d programs in %s cannot be executed here: language %s: %s", n[l], lang_names[l],
                 lang_names[l], grading_refusal(w->g, (lang_t)l));
}

/* todo[i] = 0 where program i has, for every test, a verdict under the name of what would be
   executed now.  All the bank's verdicts become known, whatever program they stand with. */
void work_find_todo(grading_work_t *w, const char *want)
{
    const bank_t *b = w->b;
    int *n = ALLOC(int, b->n_program + 1);
    for (int i = 0; i < b->n_verdict; i++) {
        const verdict_t *v = &b->verdict[i];
        const said_t said = said_of(v);
        known_put(w->known, v->key, &said, NULL);
        int says = v->verdict != V_NONE && v->verdict != V_SKIPPED &&
                   v->verdict != V_FAULT && b->test[v->test].output;
        n[v->program] += says && hash_equal(v->key, work_key(w, v->program, v->test));
    }
    w->todo = ALLOC(char, b->n_program + 1);
    for (int i = 0; i < b->n_program; i++) {
        int p = b->program[i].problem;
        int executed =
            n[i] >= b->problem[p].tests && !(n[i] && isnan(b->program[i].pass_rate));
        w->todo[i] = !executed && (!want || want[i]) && p >= w->first_problem &&
                     p < w->last_problem;
    }
    mem_free(n);
    refuse_languages(w);
}

/* Of equal runs the first program has it made. */
void work_claim(grading_work_t *w)
{
    for (int i = 0; i < w->n_program; i++) {
        const problem_t *p = &w->b->problem[w->b->program[i].problem];
        for (int t = p->test; w->todo[i] && t < p->test + p->tests; t++) {
            hash_t key = work_key(w, i, t);
            if (w->b->test[t].output && !known_get(w->known, key, NULL))
                keymap_claim(&w->claim, key, i * w->n_test + t);
        }
    }
}

/* The first problem with the same tests and reference, where outputs are missing; else p itself. */
static int twin_of(grading_work_t *w, keymap_t *seen, int p)
{
    const problem_t *q = &w->b->problem[p];
    const limits_t l = work_limits(w, p);
    int reference = work_reference(w, p);
    if (reference < 0)
        return p;
    hash_t h = w->program_part[reference];
    for (int t = q->test; t < q->test + q->tests; t++)
        h = hash_more(h, &w->test_part[t], sizeof(hash_t));
    return (int)keymap_claim(seen, verdict_key(h, h, &l, w->mode), p);
}

void work_deal(grading_work_t *w)
{
    char *wanted = ALLOC(char, w->b->n_problem + 1);
    int *twins = ALLOC(int, w->b->n_problem + 1), n_twins = 0;
    keymap_t seen = {0};
    for (int i = 0; i < w->n_program; i++)
        wanted[w->b->program[i].problem] |= w->todo[i];
    w->problem = ALLOC(int, w->b->n_problem + 1);
    for (int p = 0; p < w->b->n_problem; p++) {
        int first = wanted[p] ? twin_of(w, &seen, p) : -1;
        if (first < 0 || first % w->n_client != w->me)
            continue;
        if (first == p)
            w->problem[w->n_problem++] = p;
        else
            twins[n_twins++] = p;
        for (int i = w->first_of[p]; i >= 0; i = w->next_of[i])
            w->n_total += w->todo[i];
    }
    w->n_first = w->n_problem;
    memcpy(w->problem + w->n_problem, twins, (size_t)n_twins * sizeof *twins);
    w->n_problem += n_twins;
    keymap_reset(&seen);
    mem_free(twins);
    mem_free(wanted);
}
