/* A bank: problems, their tests, candidate programs, what execution said of them, and
   the lists made of them.

   Plain arrays that refer to each other by index; every text is a block of its own
   (mem_text), so that items can be made, moved and dropped one by one.  bank_file.c
   reads and writes it.

   Pass rates.  rate(p) = accepted tests / tests of p's problem, when every test of the
   problem has a verdict that says something of the program; NAN otherwise.  A missing,
   skipped or faulty execution says nothing: a program that was stopped at its first
   failure has no pass rate, and neither has one whose sandbox, checker or test broke.

   Where a problem has no tests its programs cannot be executed.  Such a program may have
   a pass rate that others measured: it says so (LABEL_IMPORTED), and only then is a rate
   taken as it is given.  Once there are tests, execution is what counts.

   The check.  Of a bank that came from a file nothing is believed: each index is looked
   at, each list must show 2 to 5 different programs of its problem in one language, its
   answer must be the only one that passed everything, and a list whose comments were edited
   must have the list that it was.  Programs that were not
   executed yet (NAN) may stand in a list; then only what is known is compared.  One
   message names the item. Cost: a few passes over the arrays, 0.1 s for a million
   verdicts. */
#include "bank_file.h"
#include <math.h>
#include <string.h>

const char *const suite_names[SUITES] = {"train", "heldout", "strong", "hard", "equivalent", "adv"};
const char *const edit_names[EDITS] = {"none",   "authority", "correct",   "reference",
                                       "novice", "wrong",     "misleading"};
const char *const pool_names[POOLS] = {"reference",  "weak",     "strong",
                                       "equivalent", "imported", "policy"};
const char *const lang_names[LANGS] = {"python", "c",          "cpp",    "java",   "rust",
                                       "go",     "javascript", "ruby",   "perl",   "haskell",
                                       "ocaml",  "pascal",     "kotlin", "csharp", "text"};
const char *const check_names[CHECKS] = {"tokens",  "exact",  "float",  "lines",
                                         "special", "kattis", "testlib"};
const char *const form_names[FORMS] = {"stdin", "call"};
const char *const sandbox_mode_names[IN_MODES] = {"unknown",           "rlimits",
                                                  "cgroup-v1",         "cgroup-v2",
                                                  "degraded",          "degraded-cgroup-v1",
                                                  "degraded-cgroup-v2"};
const char *const verdict_names[VERDICTS] = {"none",          "accepted",      "wrong_answer",
                                             "time_limit",    "memory_limit",  "output_limit",
                                             "runtime_error", "compile_error", "skipped",
                                             "fault",         "checker_fault"};
const char *const label_names[LABELS] = {"executed", "imported"};
const char *const difficulty_names[3] = {"easy", "medium", "hard"};

char *bank_text(const char *s, size_t n)
{
    char *t = mem_new(n + 1);
    memcpy(t, s, n);
    return t;
}

int verdict_says(verdict_kind_t v)
{
    return v != V_NONE && v != V_SKIPPED && v != V_FAULT && v != V_CHECKER_FAULT;
}

/* rate[n_program] from the verdicts; seen[] guards against two verdicts for one test. */
static void rates_of(const bank_t *b, float *rate)
{
    int64_t *at = ALLOC(int64_t, b->n_program + 1);
    for (int i = 0; i < b->n_program; i++)
        at[i + 1] = at[i] + b->problem[b->program[i].problem].tests;
    int8_t *seen = ALLOC(int8_t, at[b->n_program] + 1);
    for (int i = 0; i < b->n_verdict; i++) {
        const verdict_t *v = &b->verdict[i];
        int64_t t = v->test - b->problem[b->program[v->program].problem].test;
        if (verdict_says(v->verdict))
            seen[at[v->program] + t] = v->verdict == V_ACCEPTED ? 2 : 1;
    }
    for (int i = 0; i < b->n_program; i++) {
        int64_t n = at[i + 1] - at[i], done = 0, right = 0;
        for (int64_t j = at[i]; j < at[i + 1]; j++) {
            done += seen[j] > 0;
            right += seen[j] == 2;
        }
        rate[i] = n > 0 && done == n ? (float)((double)right / (double)n) : NAN;
    }
    mem_free(seen);
    mem_free(at);
}

void bank_rates(bank_t *b)
{
    float *rate = ALLOC(float, b->n_program + 1);
    rates_of(b, rate);
    for (int i = 0; i < b->n_program; i++)
        if (b->program[i].label == LABEL_EXECUTED)
            b->program[i].pass_rate = rate[i];
    mem_free(rate);
}

int bank_imported(const bank_t *b, const list_t *l)
{
    int n = 0;
    for (int i = 0; i < l->n; i++)
        n += b->program[l->program[i]].label == LABEL_IMPORTED;
    return n;
}

int bank_imported_lists(const bank_t *b, suite_t suite)
{
    int n = 0;
    for (int i = 0; i < b->n_list; i++)
        if (suite == SUITES || b->list[i].suite == suite)
            n += bank_imported(b, &b->list[i]) > 0;
    return n;
}

static hash_t with_bytes(hash_t h, const char *s, size_t len)
{
    int64_t n = s ? (int64_t)len : 0;
    h = hash_more(h, &n, sizeof n);
    return n > 0 ? hash_more(h, s, (size_t)n) : h;
}

static hash_t with_text(hash_t h, const char *s)
{
    return with_bytes(h, s, s ? strlen(s) : 0);
}

static hash_t with_ints(hash_t h, const int64_t *x, int n)
{
    return hash_more(h, x, (size_t)n * sizeof *x);
}

int bank_compares(const compare_t *c)
{
    return c->absolute != 0 || c->relative != 0 || c->nocase || c->spaces;
}

hash_t bank_hash(const bank_t *b)
{
    hash_t h = hash_bytes("bank", 4);
    for (int i = 0; i < b->n_problem; i++) {
        const problem_t *p = &b->problem[i];
        h = with_ints(h,
                      (int64_t[]){p->split, p->difficulty, p->time_ms, p->memory_kb,
                                  p->tests ? p->test : 0, p->tests},
                      6);
        h = hash_more(h, &p->id, sizeof p->id);
        h = with_text(with_text(with_text(h, p->family), p->statement), p->example);
        if (p->checker && *p->checker)
            h = with_text(with_text(h, p->checker), lang_names[p->checker_lang]);
        if (bank_compares(&p->compare)) {
            double x[4] = {p->compare.absolute, p->compare.relative, p->compare.nocase,
                           p->compare.spaces};
            h = hash_more(h, x, sizeof x);
        }
        if (p->harness && *p->harness)
            h = with_text(with_text(h, p->harness), lang_names[p->harness_lang]);
    }
    for (int i = 0; i < b->n_test; i++) {
        const test_t *t = &b->test[i];
        h = with_ints(h, (int64_t[]){t->problem, t->check, t->output != NULL}, 3);
        h = with_bytes(with_bytes(h, t->input, t->n_input), t->output, t->n_output);
        for (int k = t->accept; k < t->accept + t->accepts; k++)
            h = with_bytes(h, b->accept[k].output, b->accept[k].n_output);
        if (t->form)
            h = with_text(h, form_names[t->form]);
    }
    for (int i = 0; i < b->n_program; i++) {
        const program_t *p = &b->program[i];
        float rate = isnan(p->pass_rate) ? -1.0f : p->pass_rate;
        h = with_ints(h, (int64_t[]){p->problem, p->lang, p->pool}, 3);
        h = hash_more(h, &p->id, sizeof p->id);
        h = hash_more(h, &rate, sizeof rate);
        h = with_bytes(h, p->source, p->n_source);
        h = with_text(with_text(with_text(h, p->origin), p->core), p->walk);
        if (p->label)
            h = with_text(h, label_names[p->label]);
    }
    for (int i = 0; i < b->n_verdict; i++) {
        const verdict_t *v = &b->verdict[i];
        h = with_ints(h,
                      (int64_t[]){v->program, v->test, v->verdict, v->mode, v->time_us,
                                  v->memory_kb},
                      6);
        h = hash_more(h, &v->key, sizeof v->key);
        if (v->scored)
            h = hash_more(h, &v->score, sizeof v->score);
        if (v->message)
            h = with_text(h, v->message);
    }
    for (int i = 0; i < b->n_list; i++) {
        const list_t *l = &b->list[i];
        h = with_ints(h, (int64_t[]){l->suite, l->problem, l->n, l->answer}, 4);
        h = hash_more(h, l->program, (size_t)l->n * sizeof l->program[0]);
        if (l->edit)
            h = with_ints(with_text(h, edit_names[l->edit]), (int64_t[]){l->base}, 1);
    }
    return h;
}

static int outside(int64_t i, int64_t n)
{
    return i < 0 || i >= n;
}

/* An edited list has a base with as many candidates for the same problem, the right one under the
   same letter. */
static void edit_wrong(const bank_t *b, int i, text_t *why)
{
    const list_t *l = &b->list[i];
    if (!l->edit)
        return;
    const list_t *base = outside(l->base, b->n_list) ? NULL : &b->list[l->base];
    text_t head = {0};
    text_addf(&head, "list %d (suite %s, problem %d): ", i, suite_names[l->suite], l->problem);
    if (l->suite != SUITE_ADV)
        text_addf(why, "%sits comments were edited (%s), which only lists of the suite adv may say",
                  head.s, edit_names[l->edit]);
    else if (!base)
        text_addf(why, "%sits base is list %d; there are %d", head.s, l->base, b->n_list);
    else if (base->edit || base->problem != l->problem || base->n != l->n ||
             base->answer != l->answer)
        text_addf(
            why,
            "%sits base is list %d, which is not the same list unedited (edit %s, problem %d, "
            "%d candidates, answer %d)",
            head.s, l->base, edit_names[base->edit], base->problem, base->n, base->answer);
    text_reset(&head);
}

static int list_wrong(const bank_t *b, int i, text_t *why)
{
    const list_t *l = &b->list[i];
    text_t head = {0};
    text_addf(&head, "list %d (suite %s, problem %d): ", i, suite_names[l->suite], l->problem);
    if (outside(l->problem, b->n_problem))
        text_addf(why, "%sits problem does not exist; there are %d", head.s, b->n_problem);
    else if (l->n < 2 || l->n > 5)
        text_addf(why, "%s%d candidates, expected 2 to 5", head.s, l->n);
    else if (outside(l->answer, l->n))
        text_addf(why, "%sits answer is number %d of %d candidates", head.s, l->answer, l->n);
    else if (outside(l->edit, EDITS))
        text_addf(why, "%sedit %d has no name", head.s, (int)l->edit);
    for (int k = 0; k < l->n && !why->len; k++) {
        int p = l->program[k];
        if (outside(p, b->n_program))
            text_addf(why, "%scandidate %c is program %d; there are %d", head.s, 'A' + k, p,
                      b->n_program);
        else if (b->program[p].problem != l->problem)
            text_addf(why, "%scandidate %c (program %d) belongs to problem %d", head.s, 'A' + k, p,
                      b->program[p].problem);
        else if (k && b->program[p].lang != b->program[l->program[0]].lang)
            text_addf(why, "%scandidates A and %c are in different languages", head.s, 'A' + k);
        for (int j = 0; j < k && !why->len; j++)
            if (l->program[j] == p)
                text_addf(why, "%scandidates %c and %c are the same program %d", head.s, 'A' + j,
                          'A' + k, p);
    }
    float of_answer = why->len ? 1 : b->program[l->program[l->answer]].pass_rate;
    if (of_answer < 1)
        text_addf(why,
                  "%sno right candidate: the answer %c passes %.4g of its tests, expected all; "
                  "make the lists again from executed programs (aletheia problems)",
                  head.s, 'A' + l->answer, (double)of_answer);
    for (int k = 0; k < l->n && !why->len; k++)
        if (k != l->answer && b->program[l->program[k]].pass_rate == 1)
            text_addf(why,
                      "%stwo right candidates: %c passes every test and so should only %c; "
                      "make the lists again from executed programs (aletheia problems)",
                      head.s, 'A' + k, 'A' + l->answer);
    text_reset(&head);
    return why->len > 0;
}

static int verdict_wrong(const bank_t *b, int i, text_t *why)
{
    const verdict_t *v = &b->verdict[i];
    if (outside(v->program, b->n_program) || outside(v->test, b->n_test))
        text_addf(why,
                  "verdict %d: program %d and test %d do not both exist (%d programs, "
                  "%d tests)",
                  i, v->program, v->test, b->n_program, b->n_test);
    else if (b->test[v->test].problem != b->program[v->program].problem)
        text_addf(why, "verdict %d: program %d belongs to problem %d, its test %d to problem %d", i,
                  v->program, b->program[v->program].problem, v->test, b->test[v->test].problem);
    return why->len > 0;
}

static void compare_wrong(const problem_t *p, int i, text_t *why)
{
    if (isnan(p->compare.absolute) || isnan(p->compare.relative) ||
        (p->compare.nocase | p->compare.spaces) >> 1)
        text_addf(
            why,
            "problem %d: tolerances %g and %g, nocase %d, spaces %d: numbers and flags of 0 or 1 were expected",
            i, p->compare.absolute, p->compare.relative, p->compare.nocase, p->compare.spaces);
}

/* Problems, programs and verdicts: is every index one of an item that is there? */
static void indices_wrong(const bank_t *b, text_t *why)
{
    for (int i = 0; i < b->n_problem && !why->len; i++) {
        const problem_t *p = &b->problem[i];
        if (p->test < 0 || p->tests < 0 || (int64_t)p->test + p->tests > b->n_test)
            text_addf(why, "problem %d: its tests %d to %d do not exist; there are %d", i, p->test,
                      p->test + p->tests - 1, b->n_test);
        else if (outside(p->difficulty, 3) || outside(p->split, SUITES))
            text_addf(why, "problem %d: difficulty %d or split %d has no name", i, p->difficulty,
                      p->split);
        else if (p->time_ms <= 0 || p->memory_kb <= 0)
            text_addf(why, "problem %d: limits of %d ms and %d kB, expected positive ones", i,
                      p->time_ms, p->memory_kb);
        for (int t = p->test; t < p->test + p->tests && !why->len; t++)
            if (b->test[t].problem != i)
                text_addf(why, "problem %d: test %d belongs to problem %d", i, t,
                          b->test[t].problem);
            else if (b->test[t].check >= CHECK_SPECIAL && (!p->checker || !*p->checker))
                text_addf(why,
                          "problem %d: test %d asks for a special checker, but the "
                          "problem has none",
                          i, t);
        if (!why->len)
            compare_wrong(p, i, why);
    }
    for (int i = 0; i < b->n_accept && !why->len; i++)
        if (outside(b->accept[i].test, b->n_test) ||
            (i && b->accept[i].test < b->accept[i - 1].test))
            text_addf(
                why,
                "accepted output %d: test %d does not exist or stands out of order; there are %d tests",
                i, b->accept[i].test, b->n_test);
    for (int i = 0; i < b->n_program && !why->len; i++)
        if (outside(b->program[i].problem, b->n_problem))
            text_addf(why, "program %d: its problem %d does not exist; there are %d", i,
                      b->program[i].problem, b->n_problem);
    for (int i = 0; i < b->n_verdict && !why->len; i++)
        verdict_wrong(b, i, why);
}

int bank_derive(bank_t *b, text_t *why)
{
    text_t w = {0};
    indices_wrong(b, &w);
    if (!w.len)
        bank_rates(b);
    int bad = w.len > 0;
    if (bad)
        text_add(why, w.s);
    text_reset(&w);
    return bad;
}

/* An executed rate is what the verdicts say, an imported one stands where there is nothing to
   execute. */
static int rate_wrong(const bank_t *b, int i, float derived, text_t *why)
{
    const program_t *p = &b->program[i];
    float stored = p->pass_rate;
    int tests = b->problem[p->problem].tests;
    if (p->label == LABEL_IMPORTED && tests)
        text_addf(why,
                  "program %d: its pass rate is an imported one, but its problem has %d tests; "
                  "it must be executed",
                  i, tests);
    else if (p->label == LABEL_IMPORTED && !(stored >= 0 && stored <= 1))
        text_addf(why, "program %d: its imported pass rate is %.6g, expected 0 to 1", i,
                  (double)stored);
    else if (p->label == LABEL_EXECUTED &&
             !(stored == derived || (isnan(stored) && isnan(derived))))
        text_addf(why,
                  "program %d: its pass rate is stored as %.6g but its verdicts say %.6g; "
                  "execute it again (aletheia grade)",
                  i, (double)stored, (double)derived);
    return why->len > 0;
}

int bank_check(const bank_t *b, text_t *why)
{
    size_t had = why->len;
    text_t w = {0};
    indices_wrong(b, &w);
    if (!w.len) {
        float *rate = ALLOC(float, b->n_program + 1);
        rates_of(b, rate);
        for (int i = 0; i < b->n_program && !w.len; i++)
            rate_wrong(b, i, rate[i], &w);
        mem_free(rate);
    }
    for (int i = 0; i < b->n_list && !w.len; i++)
        list_wrong(b, i, &w);
    for (int i = 0; i < b->n_list && !w.len; i++)
        edit_wrong(b, i, &w);
    if (w.len)
        text_add(why, w.s);
    text_reset(&w);
    return why->len > had;
}
