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

verdict_by_t work_by(const grading_t *g, const bank_t *b, const test_t *t)
{
    const problem_t *p = &b->problem[t->problem];
    verdict_by_t by = {.accept = b->accept};
    if (t->check >= CHECK_SPECIAL)
        by.checker = p->checker, by.toolchain = grading_toolchain(g, p->checker_lang),
        by.testlib = g->testlib_hash;
    return by;
}

const char *work_harness(const problem_t *p, lang_t l)
{
    return p->harness && *p->harness && p->harness_lang == l ? p->harness : NULL;
}

static hash_t test_part(const grading_work_t *w, int test, const char *output, size_t n)
{
    const test_t *t = &w->b->test[test];
    const verdict_by_t by = work_by(w->g, w->b, t);
    return verdict_test(t, output, n, &by);
}

hash_t work_output_key(const grading_work_t *w, int reference, int test)
{
    const limits_t l = work_limits(w, w->b->program[reference].problem);
    return verdict_key(w->program_part[reference], test_part(w, test, NULL, 0), &l, w->mode);
}

void work_set_output(grading_work_t *w, int test, const char *output, size_t n)
{
    w->test_part[test] = test_part(w, test, output, n);
    w->has_output[test] = 1;
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
    if (missing && !w->skip_bad)
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
    w->has_output = ALLOC(char, b->n_test + 1);
    for (int i = 0; i < b->n_program; i++) {
        const program_t *p = &b->program[i];
        w->program_part[i] =
            verdict_program(p->source, p->n_source, grading_toolchain(w->g, p->lang),
                            work_harness(&b->problem[p->problem], p->lang));
    }
    for (int t = 0; t < b->n_test; t++) {
        w->test_part[t] = test_part(w, t, b->test[t].output, b->test[t].n_output);
        w->has_output[t] = b->test[t].output != NULL;
    }
}

/* One problem once; LANGS: nothing is said of a language. */
static void refused(const grading_t *g, int problem, lang_t l, const char *what, char *seen,
                    bank_bads_t *to)
{
    text_t why = {0};
    if (seen[problem] || !*grading_refusal(g, l))
        return;
    seen[problem] = 1;
    text_addf(&why, "%s is in %s, which cannot be executed here: language %s: %s", what,
              lang_names[l], lang_names[l], grading_refusal(g, l));
    bank_bad(to, problem, 0, "", why.s);
    text_reset(&why);
}

void grading_bank_bads(const grading_t *g, const bank_t *b, const char *want, bank_bads_t *to)
{
    char *seen = ALLOC(char, b->n_problem + 1), *wanted = ALLOC(char, b->n_problem + 1), what[300];
    for (int i = 0; i < b->n_program; i++) {
        const program_t *p = &b->program[i];
        if (want && !want[i])
            continue;
        wanted[p->problem] = 1;
        snprintf(what, sizeof what, "program %.200s", p->origin);
        refused(g, p->problem, p->lang, what, seen, to);
    }
    for (int t = 0; t < b->n_test; t++)
        if (b->test[t].check >= CHECK_SPECIAL && wanted[b->test[t].problem])
            refused(g, b->test[t].problem, b->problem[b->test[t].problem].checker_lang,
                    "its checker", seen, to);
    for (int t = 0; t < b->n_test && !g->testlib.len; t++) {
        int p = b->test[t].problem;
        if (b->test[t].check != CHECK_TESTLIB || !wanted[p] || seen[p] ||
            !strstr(b->problem[p].checker, "testlib.h"))
            continue;
        seen[p] = 1;
        bank_bad(to, p, 0, "",
                 "its checker includes testlib.h, which is not here: sandbox.testlib names it");
    }
    mem_free(seen);
    mem_free(wanted);
}

/* Problems with something in a language that cannot be run here are left, all of each. */
static void leave_languages(grading_work_t *w)
{
    bank_bads_t bad = {0};
    char *out = ALLOC(char, w->b->n_problem + 1);
    grading_bank_bads(w->g, w->b, w->todo, &bad);
    for (int i = 0; i < bad.n; i++) {
        out[bad.item[i].problem] = 1;
        if (!w->me)
            work_left(w, bad.item[i].problem, bad.item[i].why);
    }
    for (int i = 0; i < w->n_program; i++)
        w->todo[i] = w->todo[i] && !out[w->b->program[i].problem];
    bank_bads_free(&bad);
    mem_free(out);
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
            fail(CODE_USAGE, "%d programs in %s cannot be executed here: language %s: %s", n[l],
                 lang_names[l], lang_names[l], grading_refusal(w->g, (lang_t)l));
    bank_bads_t bad = {0};
    grading_bank_bads(w->g, b, w->todo, &bad);
    if (bad.n)
        fail(CODE_USAGE, "problem %d: %s", bad.item[0].problem, bad.item[0].why);
}

/* todo[i] = 0 where program i has, for every test, a verdict under the name of what would be
   executed now.  All the bank's verdicts become known, whatever program they stand with. */
void work_find_todo(grading_work_t *w, const char *want)
{
    const bank_t *b = w->b;
    int *n = ALLOC(int, b->n_program + 1);
    /* a checker's fault is kept: no rate will come of it */
    char *broken = ALLOC(char, b->n_program + 1);
    for (int i = 0; i < b->n_verdict; i++) {
        const verdict_t *v = &b->verdict[i];
        const said_t said = said_of(v);
        known_put(w->known, v->key, &said, NULL, 0);
        int says = known_is_answer(v->verdict) && b->test[v->test].output &&
                   hash_equal(v->key, work_key(w, v->program, v->test));
        n[v->program] += says;
        broken[v->program] |= says && v->verdict == V_CHECKER_FAULT;
    }
    w->todo = ALLOC(char, b->n_program + 1);
    for (int i = 0; i < b->n_program; i++) {
        int p = b->program[i].problem;
        int executed =
            n[i] >= b->problem[p].tests && !(n[i] && isnan(b->program[i].pass_rate) && !broken[i]);
        w->todo[i] =
            !executed && (!want || want[i]) && p >= w->first_problem && p < w->last_problem;
    }
    mem_free(n);
    mem_free(broken);
    if (w->skip_bad)
        leave_languages(w);
    else
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

static int lacks_output(const grading_work_t *w, int p)
{
    const problem_t *q = &w->b->problem[p];
    int n = 0;
    for (int t = q->test; t < q->test + q->tests; t++)
        n += !w->has_output[t];
    return n > 0;
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
        if (w->skip_bad && work_reference(w, p) < 0 && lacks_output(w, p))
            work_left(w, p, "it has tests without output and no reference program to make them");
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
