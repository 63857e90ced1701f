/* The table of results while it is made: rows first, their intervals together.

   A row is added with what its interval is to be computed from; the intervals of all rows, some
   hundreds, are independent of each other and are computed by all threads in the end.  Columns over the
   same lists are resampled together (interval_means).  The order of threads changes nothing. */
#include "eval/results.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static void add_row(results_t *r, const char *measure, const char *by, const char *of, int lists,
                    double value, double beside)
{
    number_t x = {.lists = lists, .value = value, .lo = NAN, .hi = NAN, .beside = beside};
    snprintf(x.measure, sizeof x.measure, "%s", measure);
    snprintf(x.by, sizeof x.by, "%s", by);
    snprintf(x.of, sizeof x.of, "%s", of);
    number_add(&r->t, x);
}

/* The next row's work, with room for so many columns. */
static double *add_work(results_t *r, work_kind_t kind, int many, int n, int columns)
{
    work_t w = {kind, r->t.n, many, n, ALLOC(double, (size_t)n *(size_t)columns + 1)};
    PUSH(r->work, r->n_work, r->cap_work, w);
    return w.part;
}

static void take(double *to, const double *x, const int *unit, int n)
{
    for (int i = 0; i < n; i++)
        to[i] = x[unit ? unit[i] : i];
}

void results_plain(results_t *r, const char *measure, const char *by, const char *of, double value,
                   double beside)
{
    add_row(r, measure, by, of, r->n, value, beside);
}

void results_means(results_t *r, const char *by, const char *of, const int *unit, int n,
                   const column_t *c, int many)
{
    double *part = add_work(r, WORK_MEANS, many, n, many);
    for (int k = 0; k < many; k++) {
        double beside = 0;
        take(part + (int64_t)k * n, c[k].x, unit, n);
        for (int i = 0; i < n && c[k].beside; i++)
            beside += c[k].beside[unit ? unit[i] : i];
        add_row(r, c[k].measure, by, c[k].of ? c[k].of : of, n, NAN,
                c[k].beside && n ? beside / n : NAN);
    }
}

void results_mean(results_t *r, const char *measure, const char *by, const char *of,
                  const int *unit, int n, const double *x, const double *beside)
{
    int m = 0, *known = ALLOC(int, n + 1);
    for (int i = 0; i < n; i++) {
        int at = unit ? unit[i] : i;
        if (!isnan(x[at]))
            known[m++] = at;
    }
    results_means(r, by, of, known, m, &(column_t){measure, NULL, x, beside}, 1);
    mem_free(known);
}

void results_ratio(results_t *r, const char *measure, const char *by, const char *of,
                   const int *unit, int n, const double *num, const double *den, double beside)
{
    double all = 0;
    for (int i = 0; i < n; i++)
        all += den[unit ? unit[i] : i];
    if (all == 0)
        return;
    double *part = add_work(r, WORK_SHARE, 1, n, 2);
    take(part, num, unit, n), take(part + n, den, unit, n);
    add_row(r, measure, by, of, n, NAN, beside);
}

void results_ece(results_t *r, const char *by, const char *of, const int *unit, int n,
                 const double *confidence, const double *right)
{
    double *part = add_work(r, WORK_ECE, 1, n, 4);
    take(part, confidence, unit, n), take(part + n, right, unit, n);
    add_row(r, "ece", by, of, n, NAN, NAN);
}

/* Intervals
   ---------------------------------------------------------------------- */

static double share(const void *ctx, const int *unit, int n)
{
    const work_t *w = ctx;
    double num = 0, den = 0;
    for (int i = 0; i < n; i++)
        num += w->part[unit[i]], den += w->part[n + unit[i]];
    return den > 0 ? num / den : NAN;
}

static double ece(const void *ctx, const int *unit, int n)
{
    const work_t *w = ctx;
    double *drawn = w->part + 2 * n;
    for (int i = 0; i < n; i++)
        drawn[i] = w->part[unit[i]], drawn[n + i] = w->part[n + unit[i]];
    return calibration_of(drawn, drawn + n, n).ece;
}

static void put(number_t *row, interval_t v)
{
    row->value = v.mean, row->lo = v.lo, row->hi = v.hi;
}

/* No interval of a share reaches beyond nothing and all. */
static interval_t within(interval_t v)
{
    return (interval_t){v.mean, v.lo < 0 ? 0 : v.lo, v.hi > 1 ? 1 : v.hi};
}

static void compute(const results_t *r, const work_t *w)
{
    number_t *row = &r->t.row[w->row];
    if (w->kind == WORK_MEANS) {
        const double **x = ALLOC(const double *, w->many + 1);
        interval_t *v = ALLOC(interval_t, w->many + 1);
        for (int k = 0; k < w->many; k++)
            x[k] = w->part + (int64_t)k * w->n;
        interval_means(x, w->many, w->n, r->seed, v);
        for (int k = 0; k < w->many; k++)
            put(&row[k], v[k]);
        mem_free(x), mem_free(v);
    } else {
        put(row, within(interval_of(w->kind == WORK_ECE ? ece : share, w, w->n, r->seed)));
        if (w->kind == WORK_ECE)
            row->beside = calibration_noise(w->part, w->n, r->seed);
    }
}

/* Rows of one measure stand together, in the order in which measures came. */
static void sort_rows(numbers_t *t)
{
    number_t *row = ALLOC(number_t, t->n + 1);
    char *taken = ALLOC(char, t->n + 1);
    int n = 0;
    for (int i = 0; i < t->n; i++)
        for (int j = i; j < t->n && !taken[i]; j++)
            if (!taken[j] && j != i && !strcmp(t->row[i].measure, t->row[j].measure))
                row[n++] = t->row[j], taken[j] = 1;
            else if (j == i)
                row[n++] = t->row[i];
    mem_free(taken), mem_free(t->row);
    t->row = row, t->cap = t->n + 1;
}

void results_free(results_t *r)
{
    for (int i = 0; i < r->n_work; i++)
        mem_free(r->work[i].part);
    mem_free(r->work);
    mem_free(r->seen);
    mem_free(r->list);
    mem_free(r->block);
}

numbers_t results_end(results_t *r)
{
#pragma omp parallel for schedule(dynamic)
    for (int i = 0; i < r->n_work; i++)
        compute(r, &r->work[i]);
    results_free(r);
    sort_rows(&r->t);
    return r->t;
}
