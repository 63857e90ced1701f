/* The table of results in words: what a reader of the log wants beside list accuracy.

   Numbers of single mutators, and whatever else the table holds, stand in the file (`aletheia show`). */
#include "eval.h"
#include <math.h>
#include <string.h>

static void value(text_t *out, const number_t *x, int digits)
{
    if (isnan(x->lo))
        text_addf(out, "%.*f", digits, x->value);
    else
        text_addf(out, "%.*f [%.*f, %.*f]", digits, x->value, digits, x->lo, digits, x->hi);
}

/* "  name value", if there is such a row */
static void one(const numbers_t *t, const char *measure, const char *name, int digits, text_t *out)
{
    const number_t *x = number_find(t, measure, "all", "");
    if (!x)
        return;
    text_addf(out, "   %s ", name);
    value(out, x, digits);
}

void results_key(const number_t *x, const char *key, text_t *out)
{
    if (!x)
        return;
    text_addf(out, " %s=%.4f", key, x->value);
    if (!isnan(x->lo))
        text_addf(out, " %s_lo=%.4f %s_hi=%.4f", key, x->lo, key, x->hi);
}

static void cut(const numbers_t *t, const char *by, text_t *out)
{
    int n = 0;
    for (int i = 0; i < t->n; i++)
        n += !strcmp(t->row[i].measure, "listacc") && !strcmp(t->row[i].by, by);
    for (int i = 0; i < t->n && n > 1; i++) {
        const number_t *x = &t->row[i];
        if (strcmp(x->measure, "listacc") != 0 || strcmp(x->by, by) != 0)
            continue;
        text_addf(out, "  %-8s %-12s %5d  ", by, x->of, x->lists);
        value(out, x, 3);
        if (!isnan(x->beside))
            text_addf(out, "   chance %.3f", x->beside);
        text_add(out, "\n");
    }
}

/* SC@1, 2, 4, 8, 16 */
static void powers(const numbers_t *t, const char *measure, const char *name, text_t *out)
{
    char of[16];
    if (!number_find(t, measure, "K", "2"))
        return;
    text_addf(out, "  %-9s", name);
    for (int k = 1; k <= MOST_VOTES; k *= 2) {
        snprintf(of, sizeof of, "%d", k);
        const number_t *x = number_find(t, measure, "K", of);
        if (!x)
            break;
        text_addf(out, " %d: ", k);
        value(out, x, 3);
        text_add(out, " ");
    }
    text_add(out, "\n");
}

static void edits(const numbers_t *t, text_t *out)
{
    for (int i = 0; i < t->n; i++) {
        const number_t *x = &t->row[i], *before, *effect;
        if (strcmp(x->measure, "listacc") != 0 || strcmp(x->by, "edit") != 0)
            continue;
        before = number_find(t, "unedited", "edit", x->of);
        effect = number_find(t, "effect", "edit", x->of);
        text_addf(out, "  edit     %-12s %5d  ", x->of, x->lists);
        value(out, x, 3);
        if (before && effect) {
            text_addf(out, "   unedited %.3f   effect ", before->value);
            value(out, effect, 3);
        }
        text_add(out, "\n");
    }
}

static void budgets(const numbers_t *t, text_t *out)
{
    for (int i = 0; i < t->n; i++) {
        const number_t *x = &t->row[i];
        if (strcmp(x->measure, "listacc") != 0 || strcmp(x->by, "budget") != 0)
            continue;
        text_addf(out, "  budget   %-12s %5d  ", x->of, x->lists);
        value(out, x, 3);
        text_addf(out, "   parsed %.3f   tokens %.1f   cut %.3f\n",
                  number_find(t, "parse", "budget", x->of)->value,
                  number_find(t, "tokens", "budget", x->of)->value,
                  number_find(t, "cut", "budget", x->of)->value);
    }
}

void results_print(const numbers_t *t, text_t *out)
{
    const number_t *p = number_find(t, "position_p", "all", "");
    if (p && !isnan(p->value))
        text_addf(out, "  position bias: p = %.3g that letters are named equally often\n",
                  p->value);
    powers(t, "sc", "SC@K", out);
    powers(t, "pass", "pass@K", out);
    if (number_find(t, "ece", "all", "")) {
        text_add(out, "  votes as confidence:");
        one(t, "ece", "ECE", 3, out);
        text_addf(out, " (calibrated: %.3f)", number_find(t, "ece", "all", "")->beside);
        one(t, "brier", "Brier", 3, out);
        text_add(out, "\n");
    }
    cut(t, "family", out), cut(t, "difficulty", out);
    edits(t, out);
    if (number_find(t, "ktau", "all", "")) {
        text_addf(out, "  pairs of %d lists of three and more:",
                  number_find(t, "ktau", "all", "")->lists);
        one(t, "ktau", "K-tau", 3, out), one(t, "ndcg", "NDCG", 3, out);
        text_add(out, "\n                ");
        one(t, "pairacc", "better one named", 3, out);
        one(t, "order", "first one named", 3, out);
        text_add(out, "\n                ");
        one(t, "contradiction", "orders disagree", 3, out);
        one(t, "transitivity", "triples without a circle", 3, out);
        text_add(out, "\n");
    }
    budgets(t, out);
}
