/* What an evaluation says: tables for the log, RESULT lines for scripts, a file for everything.

       RESULT suite=...              list accuracy, always
       RESULT votes suite=... K=...  SC@K and pass@K of 1, 2, 4, 8, 16, where there are several answers
       RESULT confidence suite=...   ECE and Brier of the vote share, the same
       RESULT ranking suite=...      K-tau and its company, where pairs were asked
       RESULT budget suite=...       one line a budget
       RESULT edit suite=...         one line an edit, beside the unedited lists */
#include "app.h"
#include <math.h>
#include <string.h>

/* How many lists of the answers have imported labels. */
static int imported_lists(const asked_t *a, const bank_t *b)
{
    int n = 0;
    for (int i = 0; i < a->n_answer; i++)
        n += a->answer[i].k == 0 && bank_imported(b, &b->list[a->answer[i].list]) > 0;
    return n;
}

static void add(text_t *out, const numbers_t *t, const char *measure, const char *by,
                const char *of)
{
    results_key(number_find(t, measure, by, of), measure, out);
}

static void say(text_t *line)
{
    log_line("%s", line->s);
    text_clear(line);
}

static void say_votes(const numbers_t *t, const char *suite, text_t *line)
{
    for (int k = 1; k <= MOST_VOTES && number_find(t, "sc", "K", "2"); k *= 2) {
        char of[16];
        snprintf(of, sizeof of, "%d", k);
        if (!number_find(t, "sc", "K", of))
            return;
        text_addf(line, "RESULT votes suite=%s K=%d", suite, k);
        add(line, t, "sc", "K", of), add(line, t, "pass", "K", of);
        say(line);
    }
}

static void say_group(const numbers_t *t, const char *suite, const char *name,
                      const char *const *measure, text_t *line)
{
    const number_t *x = number_find(t, measure[0], "all", "");
    if (!x)
        return;
    text_addf(line, "RESULT %s suite=%s lists=%d", name, suite, x->lists);
    for (int i = 0; measure[i]; i++)
        add(line, t, measure[i], "all", "");
    say(line);
}

/* One line for each value of `by`, whose own measure is listacc. */
static void say_each(const numbers_t *t, const char *suite, const char *by,
                     const char *const *measure, text_t *line)
{
    for (int i = 0; i < t->n; i++) {
        const number_t *x = &t->row[i];
        if (strcmp(x->measure, "listacc") != 0 || strcmp(x->by, by) != 0)
            continue;
        text_addf(line, "RESULT %s suite=%s %s=%s lists=%d", by, suite, by, x->of, x->lists);
        for (int m = 0; measure[m]; m++)
            add(line, t, measure[m], by, x->of);
        say(line);
    }
}

static void results(const asked_t *a, const numbers_t *t, const char *suite, const char *label)
{
    static const char *const confidence[] = {"ece", "brier", NULL};
    static const char *const ranking[] = {"ktau",          "ndcg",         "pairacc", "order",
                                          "contradiction", "transitivity", NULL};
    static const char *const budget[] = {"listacc", "parse", "tokens", "cut", NULL};
    static const char *const edit[] = {"listacc", "unedited", "effect", NULL};
    const listacc_t *r = &a->acc;
    const number_t *p = number_find(t, "position_p", "all", "");
    text_t line = {0};
    double tokens = r->length_mean * a->n_answer;
    log_line(
        "RESULT suite=%s lists=%d chance=%.4f acc=%.4f lo=%.4f hi=%.4f parsed=%.4f length=%.1f seconds=%.2f "
        "tokens_per_s=%.0f dropped=%d position_p=%.4g%s",
        suite, r->lists, r->chance, r->acc.mean, r->acc.lo, r->acc.hi, r->parse_rate,
        r->length_mean, a->seconds, tokens / fmax(a->seconds, 1e-9), a->dropped, p ? p->value : NAN,
        label);
    say_votes(t, suite, &line);
    say_group(t, suite, "confidence", confidence, &line);
    say_group(t, suite, "ranking", ranking, &line);
    say_each(t, suite, "budget", budget, &line);
    say_each(t, suite, "edit", edit, &line);
    text_reset(&line);
}

static void write_file(group_t *g, const asked_t *a, suite_t suite, const char *dir,
                       const deck_t *d, hash_t hash, const numbers_t *t)
{
    text_t path = {0}, deck = {0};
    int first = group_rank(g) == 0;
    eval_rows_t rows = {.answer = a->answer,
                        .n_answer = first ? a->n_answer : 0,
                        .pair = a->pair,
                        .n_pair = first ? a->n_pair : 0,
                        .budget = a->budget,
                        .n_budget = first ? a->n_budget : 0,
                        .numbers = t};
    text_addf(&path, "%s/%s.h5", dir, suite_names[suite]);
    deck_write(d, &deck);
    eval_write(g, path.s, deck.s, suite_names[suite], hash, &rows);
    text_reset(&path);
    text_reset(&deck);
}

void eval_report(group_t *g, const asker_t *a, const asked_t *r, suite_t suite,
                 const asked_t *unedited, const char *dir, const deck_t *d)
{
    text_t text = {0};
    char label[48] = "";
    int imported = imported_lists(r, a->bank);
    numbers_t t = {0}; /* the first rank's, which alone speaks; the file takes them from it */
    if (group_rank(g) == 0)
        t = results_of(r, a->bank, a->how, unedited ? unedited->answer : NULL,
                       unedited ? unedited->n_answer : 0);
    if (imported)
        snprintf(label, sizeof label, " labels=imported imported=%d", imported);
    number_add(&t, (number_t){"dropped", "all", "", r->acc.lists, r->dropped, NAN, NAN, NAN});
    if (imported)
        number_add(&t,
                   (number_t){"imported_lists", "all", "", r->acc.lists, imported, NAN, NAN, NAN});
    listacc_print(&r->acc, suite_names[suite], &text);
    results_print(&t, &text);
    text.s[text.len - 1] = 0;
    log_line("%s", text.s);
    if (r->dropped)
        log_line(
            "  %d lists left out: prompt longer than eval.max_prompt or than the model has positions for",
            r->dropped);
    if (r->acc.lists < INTERVAL_LEAST)
        log_line("  %d lists are too few for an interval", r->acc.lists);
    if (r->acc.parse_rate == 0)
        log_warn("suite %s: not one answer could be read: see that eval.mode, prompt.template and "
                 "eval.max_new suit the model (`aletheia show list` prints a prompt)",
                 suite_names[suite]);
    results(r, &t, suite_names[suite], label);
    if (dir)
        write_file(g, r, suite, dir, d, model_hash(a->model), &t);
    mem_free(t.row);
    text_reset(&text);
}
