/* List accuracy: of N lists, in how many the right candidate was named.

   An unparsable answer counts as wrong.  Chance is the mean of 1/n over the lists at hand, so that
   it fits the mix of lengths.  Position bias: how often each letter was answered beside how often
   it was the right one; a verifier that has learned to judge shows equal columns.  With k samples
   a list, each sample is one value and the interval is over lists (a list's samples are averaged
   first), since samples of one list are not independent. */
#include "eval.h"
#include <math.h>
#include <string.h>

/* Answers of one list stand together (sorted by list, then k). */
listacc_t listacc_of(const answer_t *a, int n, uint64_t seed)
{
    listacc_t r = {0};
    double *value = ALLOC(double, n ? n : 1), *part = ALLOC(double, n ? n : 1),
           *size = ALLOC(double, n ? n : 1);
    double parsed = 0, length = 0, truncated = 0;
    for (int i = 0, j; i < n; i = j) {
        double hits = 0;
        for (j = i; j < n && a[j].list == a[i].list; j++) {
            hits += a[j].parsed && a[j].answer == a[j].right;
            parsed += a[j].parsed;
            truncated += a[j].truncated;
            length += a[j].length;
            r.length_max = fmax(r.length_max, a[j].length);
            if (a[j].parsed)
                r.picked[a[j].answer]++;
        }
        ASSERT(a[i].n >= 2 && a[i].n <= 5);
        r.right[a[i].right]++;
        value[r.lists] = hits / (j - i);
        size[r.lists++] = a[i].n;
        r.chance += 1.0 / a[i].n;
    }
    r.acc = interval_bootstrap(value, r.lists, seed);
    for (int c = 2; c <= 5; c++) {
        int m = 0;
        for (int i = 0; i < r.lists; i++)
            if (size[i] == c)
                part[m++] = value[i];
        r.count_n[c] = m;
        r.chance_n[c] = 1.0 / c;
        r.acc_n[c] = interval_bootstrap(part, m, seed);
    }
    for (int p = 0; p < 5; p++) {
        r.picked[p] /= fmax(parsed, 1);
        r.right[p] /= fmax(r.lists, 1);
    }
    r.chance /= fmax(r.lists, 1);
    r.parse_rate = parsed / fmax(n, 1);
    r.truncated = truncated / fmax(n, 1);
    r.length_mean = length / fmax(n, 1);
    mem_free(value);
    mem_free(part);
    mem_free(size);
    return r;
}

static void print_row(text_t *out, const char *what, int lists, interval_t v, double chance)
{
    char bounds[32] = "[    -,     -]"; /* too few lists */
    if (!isnan(v.lo))
        snprintf(bounds, sizeof bounds, "[%5.3f, %5.3f]", v.lo, v.hi);
    text_addf(out, "  %-8s %6d  %5.3f %s     %6.3f%s\n", what, lists, v.mean, bounds, chance,
              isnan(v.lo) ? "   too few lists for an interval" : "");
}

void listacc_print(const listacc_t *r, const char *suite, text_t *out)
{
    text_addf(out, "%-10s %6s  %-24s %6s\n", suite, "lists", "ListAcc [95% interval]", "chance");
    print_row(out, "all", r->lists, r->acc, r->chance);
    for (int c = 2; c <= 5; c++)
        if (r->count_n[c]) {
            char what[24];
            snprintf(what, sizeof what, "%d cand.", c);
            print_row(out, what, r->count_n[c], r->acc_n[c], r->chance_n[c]);
        }
    text_addf(out, "  parsed %.3f   cut off %.3f   tokens: mean %.1f, longest %.0f\n",
              r->parse_rate, r->truncated, r->length_mean, r->length_max);
    text_addf(out, "  answered A-E ");
    for (int p = 0; p < 5; p++)
        text_addf(out, " %.2f", r->picked[p]);
    text_addf(out, "   right A-E ");
    for (int p = 0; p < 5; p++)
        text_addf(out, " %.2f", r->right[p]);
    text_addf(out, "\n");
}
