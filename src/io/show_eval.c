/* Evaluations and choices in words: answers of each suite and the whole table of results, one line
   a number.  Files of older versions have results as attributes only. */
#include "show.h"
#include <math.h>
#include <string.h>

static void line(text_t *out, const char *name, double x, double lo, double hi, double beside,
                 int lists)
{
    text_addf(out, "  %-38s %10.5g", name, x);
    if (!isnan(lo) && !isnan(hi))
        text_addf(out, "   %10.5g to %-10.5g", lo, hi);
    else if (lists || !isnan(beside))
        text_addf(out, "   %24s", "");
    if (!isnan(beside))
        text_addf(out, " beside %-8.4g", beside);
    else if (lists)
        text_addf(out, " %15s", "");
    if (lists)
        text_addf(out, " %d lists", lists);
    while (out->len && out->s[out->len - 1] == ' ')
        out->s[--out->len] = 0;
    text_add(out, "\n");
}

static void show_numbers(h5_t *f, const char *folder, text_t *out)
{
    numbers_t t = numbers_get(f, folder);
    char name[128];
    text_addf(out, "  %-38s %10s   %-24s\n", "result", "value", "95% interval");
    for (int i = 0; i < t.n; i++) {
        const number_t *x = &t.row[i];
        int all = !strcmp(x->by, "all");
        snprintf(name, sizeof name, "%s%s%s%s%s", x->measure, all ? "" : "  ", all ? "" : x->by,
                 all ? "" : " ", x->of);
        line(out, name, x->value, x->lo, x->hi, x->beside, x->lists);
    }
    mem_free(t.row);
}

static int ends_with(const char *s, const char *tail)
{
    size_t n = strlen(s), m = strlen(tail);
    return n >= m && !strcmp(s + n - m, tail);
}

static void show_attributes(h5_t *f, const char *folder, text_t *out)
{
    char **name, bound[600];
    int n = h5_list_attributes(f, folder, &name);
    text_addf(out, "  %-38s %10s   95%% interval\n", "result", "value");
    for (int j = 0; j < n; j++) {
        double x, lo = NAN, hi = NAN;
        if (ends_with(name[j], "_lo") || ends_with(name[j], "_hi") ||
            !h5_get_real(f, folder, name[j], &x))
            continue;
        snprintf(bound, sizeof bound, "%s_lo", name[j]);
        h5_get_real(f, folder, bound, &lo);
        snprintf(bound, sizeof bound, "%s_hi", name[j]);
        h5_get_real(f, folder, bound, &hi);
        line(out, name[j], x, lo, hi, NAN, 0);
    }
    h5_free_names(name, n);
}

static void say_parameters(h5_t *f, text_t *out)
{
    char *hash = h5_get_text(f, "/", "param_hash");
    text_addf(out, "parameters %s\n", hash ? hash : "?");
    mem_free(hash);
}

void show_eval(h5_t *f, text_t *out)
{
    char **suite, folder[512], part[600];
    int n = h5_list(f, "suite", &suite);
    say_parameters(f, out);
    for (int i = 0; i < n; i++) {
        int64_t rows = 0, cols;
        snprintf(folder, sizeof folder, "suite/%s", suite[i]);
        snprintf(part, sizeof part, "%s/correct", folder);
        h5_shape(f, part, &rows, &cols);
        text_addf(out, "suite %s: %lld answers\n", suite[i], (long long)rows);
        snprintf(part, sizeof part, "%s/number", folder);
        if (h5_has(f, part))
            show_numbers(f, part, out);
        else
            show_attributes(f, folder, out);
    }
    h5_free_names(suite, n);
}

void show_select(h5_t *f, text_t *out)
{
    int64_t rows, cols;
    char *suite = h5_get_text(f, "/", "suite");
    say_parameters(f, out);
    h5_shape(f, "choice/problem", &rows, &cols);
    text_addf(out, "%lld choices among programs of problems of suite %s\n", (long long)rows,
              suite ? suite : "?");
    show_numbers(f, "number", out);
    mem_free(suite);
}
