/* From single answers to numbers with intervals.

   What is independent is a list: several answers to one are averaged first, and every interval is
   a bootstrap over lists.

       listacc         share of right answers; of all lists and of those alike by something (cut.c)
       fooled          share of answers that name a candidate of a mutator, beside what guessing would
       sc, pass        the vote of K answers, and one right among K (vote.c); K = 1 .. votes
       vote            the vote of all answers
       ece, brier,     the winner's share of the votes as confidence that it is right (calibration.c);
       reliability     a tie has no winner and is wrong; ECE beside what chance alone would make of it
       position        letters of each list's first answer, beside those of a guess; position_p its test
       parse, truncated, tokens, seconds        of answers
       unedited, effect                         accuracy on the lists before their comments were edited,
                                                and the paired difference
   Pairs and budgets: results_pairs.c.  Cost: 10,000 resamples a number, a few milliseconds each. */
#include "eval/results.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

const char *const cut_names[CUTS] = {"length", "family", "difficulty", "mutator", "edit"};

static number_t row_of(const char *measure, const char *by, const char *of, int lists, interval_t v,
                       double beside)
{
    number_t x = {.lists = lists, .value = v.mean, .lo = v.lo, .hi = v.hi, .beside = beside};
    snprintf(x.measure, sizeof x.measure, "%s", measure);
    snprintf(x.by, sizeof x.by, "%s", by);
    snprintf(x.of, sizeof x.of, "%s", of);
    return x;
}

void results_add(results_t *r, const char *measure, const char *by, const char *of, int lists,
                 interval_t v, double beside)
{
    number_add(&r->t, row_of(measure, by, of, lists, v, beside));
}

/* A share of something: no interval of it reaches beyond nothing and all. */
static interval_t share_of(interval_t v)
{
    return (interval_t){v.mean, v.lo < 0 ? 0 : v.lo, v.hi > 1 ? 1 : v.hi};
}

void results_plain(results_t *r, const char *measure, const char *by, const char *of, double value,
                   double beside)
{
    results_add(r, measure, by, of, r->n, (interval_t){value, NAN, NAN}, beside);
}

void results_means(results_t *r, const char *by, const char *of, const int *unit, int n,
                   const column_t *c, int many)
{
    double *part = ALLOC(double, (size_t)n *(size_t)many + 1);
    const double **x = ALLOC(const double *, many + 1);
    interval_t *v = ALLOC(interval_t, many + 1);
    for (int k = 0; k < many; k++) {
        x[k] = part + (int64_t)k * n;
        for (int i = 0; i < n; i++)
            part[(int64_t)k * n + i] = c[k].x[unit ? unit[i] : i];
    }
    interval_means(x, many, n, r->seed, v);
    for (int k = 0; k < many; k++) {
        double beside = 0;
        for (int i = 0; i < n && c[k].beside; i++)
            beside += c[k].beside[unit ? unit[i] : i];
        results_add(r, c[k].measure, by, c[k].of ? c[k].of : of, n, v[k],
                    c[k].beside && n ? beside / n : NAN);
    }
    mem_free(part), mem_free(x), mem_free(v);
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

static double ratio(const void *ctx, const int *unit, int n)
{
    const shares_t *r = ctx;
    double num = 0, den = 0;
    for (int i = 0; i < n; i++)
        num += r->num[unit[i]], den += r->den[unit[i]];
    return den > 0 ? num / den : NAN;
}

void results_ratio(results_t *r, const char *measure, const char *by, const char *of,
                   const int *unit, int n, const double *num, const double *den, double beside)
{
    double *part = ALLOC(double, 2 * n + 1), all = 0;
    shares_t of_part = {part, part + n};
    for (int i = 0; i < n; i++) {
        int at = unit ? unit[i] : i;
        part[i] = num[at], part[n + i] = den[at], all += den[at];
    }
    if (all > 0)
        results_add(r, measure, by, of, n, share_of(interval_of(ratio, &of_part, n, r->seed)),
                    beside);
    mem_free(part);
}

/* Lists as they were answered
   ---------------------------------------------------------------------- */

static void read_lists(results_t *r, const answer_t *a, int n)
{
    r->seen = ALLOC(seen_t, n + 1);
    r->list = ALLOC(int, n + 1);
    r->value = ALLOC(double, 6 * n + 6);
    r->chance = r->value + n + 1, r->parsed = r->chance + n + 1;
    r->truncated = r->parsed + n + 1, r->length = r->truncated + n + 1;
    for (int i = 0, j; i < n; i = j, r->n++) {
        seen_t *s = &r->seen[r->n];
        *s = (seen_t){.n = a[i].n, .right = a[i].right, .first = a[i].answer};
        double parsed = 0, truncated = 0, length = 0;
        for (j = i; j < n && a[j].list == a[i].list; j++) {
            s->asked++;
            parsed += a[j].parsed, truncated += a[j].truncated, length += a[j].length;
            if (a[j].parsed)
                s->votes[a[j].answer]++;
        }
        r->list[r->n] = a[i].list;
        r->value[r->n] = (double)s->votes[s->right] / s->asked;
        r->chance[r->n] = 1.0 / s->n;
        r->parsed[r->n] = parsed / s->asked;
        r->truncated[r->n] = truncated / s->asked;
        r->length[r->n] = length / s->asked;
    }
}

void results_cuts(results_t *r, const column_t *col, int many)
{
    for (int k = 0; k < CUTS; k++) {
        cuts_t c = cuts_by(cut_names[k], r->bank, r->list, r->n);
        for (int i = 0; i < c.n; i++)
            results_means(r, cut_names[k], c.cut[i].name, c.cut[i].unit, c.cut[i].n, col, many);
        cuts_free(&c);
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

/* Does the mutator's name stand in the program's origin, as a whole part of it? */
static int made_by(const program_t *p, const char *name)
{
    size_t n = strlen(name);
    const char *s = p->pool == POOL_WEAK || p->pool == POOL_STRONG ? p->origin : NULL;
    for (; s && (s = strstr(s, name)); s += n)
        if ((s == p->origin || s[-1] == ' ') && (!s[n] || s[n] == ','))
            return 1;
    return 0;
}

static void fooled(results_t *r)
{
    cuts_t c = cuts_by("mutator", r->bank, r->list, r->n);
    double *share = ALLOC(double, r->n + 1), *guess = ALLOC(double, r->n + 1);
    for (int i = 0; i < c.n; i++) {
        for (int k = 0; k < c.cut[i].n; k++) {
            int u = c.cut[i].unit[k], many = 0, votes = 0;
            const list_t *l = &r->bank->list[r->list[u]];
            for (int p = 0; p < l->n; p++)
                if (p != l->answer && made_by(&r->bank->program[l->program[p]], c.cut[i].name))
                    many++, votes += r->seen[u].votes[p];
            share[u] = (double)votes / r->seen[u].asked;
            guess[u] = (double)many / l->n;
        }
        results_mean(r, "fooled", "mutator", c.cut[i].name, c.cut[i].unit, c.cut[i].n, share,
                     guess);
    }
    mem_free(share), mem_free(guess);
    cuts_free(&c);
}

/* Votes
   ---------------------------------------------------------------------- */

static void votes(results_t *r, int most)
{
    char of[MOST_VOTES][16];
    column_t col[2 * MOST_VOTES];
    double *x = ALLOC(double, (size_t)(2 * most) * (size_t)r->n + 1);
    for (int k = 1; k <= most; k++) {
        double *sc = x + (int64_t)(2 * k - 2) * r->n, *pass = sc + r->n;
        snprintf(of[k - 1], sizeof of[0], "%d", k);
        for (int i = 0; i < r->n; i++) {
            const seen_t *s = &r->seen[i];
            sc[i] = vote_right(s->votes, s->n, s->right, s->asked, k);
            pass[i] = pass_at(s->asked, s->votes[s->right], k);
        }
        col[2 * k - 2] = (column_t){"sc", of[k - 1], sc, r->chance};
        col[2 * k - 1] = (column_t){"pass", of[k - 1], pass, r->chance};
    }
    results_means(r, "K", "", NULL, r->n, col, 2 * most);
    mem_free(x);
}

typedef struct {
    const double *confidence, *right;
    double *part; /* [2n] */
} confident_t;

static double calibrated(const void *ctx, const int *unit, int n)
{
    const confident_t *c = ctx;
    for (int i = 0; i < n; i++)
        c->part[i] = c->confidence[unit[i]], c->part[n + i] = c->right[unit[i]];
    return calibration_of(c->part, c->part + n, n).ece;
}

/* ECE of those lists; x[2 r->n]: confidences, right or not. */
static void ece(results_t *r, const char *by, const char *of, const int *unit, int n,
                const double *x)
{
    double *part = ALLOC(double, 4 * n + 1);
    confident_t c = {part, part + n, part + 2 * n};
    for (int i = 0; i < n; i++)
        part[i] = x[unit[i]], part[n + i] = x[r->n + unit[i]];
    results_add(r, "ece", by, of, n, share_of(interval_of(calibrated, &c, n, r->seed)),
                calibration_noise(part, n, r->seed));
    mem_free(part);
}

static void reliability(results_t *r, const double *x, int *unit)
{
    int n = r->n;
    calibration_t k = calibration_of(x, x + n, n);
    for (int b = 0; b < BINS; b++) {
        char of[16];
        int m = 0;
        for (int i = 0; i < n; i++)
            if (x[i] <= (b + 1.0) / BINS && (b == 0 || x[i] > (double)b / BINS))
                unit[m++] = i;
        snprintf(of, sizeof of, "%.1f", (b + 1.0) / BINS);
        if (m)
            results_mean(r, "reliability", "bin", of, unit, m, x + n, NULL);
        if (m)
            r->t.row[r->t.n - 1].beside = k.bin[b].confidence;
    }
}

/* The vote of all answers, and how far its share can be trusted.  What a mutator or an edit does to
   that, the Brier score says. */
static void calibrate(results_t *r)
{
    enum { ECE_CUTS = 3 };
    int n = r->n, *unit = ALLOC(int, n + 1);
    double *x = ALLOC(double, 3 * n + 1);
    for (int i = 0; i < n; i++) {
        const seen_t *s = &r->seen[i];
        int top = 0;
        for (int p = 0; p < s->n; p++)
            top = s->votes[p] > top ? s->votes[p] : top;
        unit[i] = i;
        x[i] = (double)top / s->asked;
        x[n + i] = vote_winner(s->votes, s->n) == s->right;
        x[2 * n + i] = (x[i] - x[n + i]) * (x[i] - x[n + i]);
    }
    const column_t col[] = {{"vote", NULL, x + n, r->chance}, {"brier", NULL, x + 2 * n, NULL}};
    results_means(r, "all", "", NULL, n, col, 2);
    results_cuts(r, col, 2);
    ece(r, "all", "", unit, n, x);
    for (int k = 0; k < ECE_CUTS; k++) {
        cuts_t c = cuts_by(cut_names[k], r->bank, r->list, n);
        for (int i = 0; i < c.n; i++)
            ece(r, cut_names[k], c.cut[i].name, c.cut[i].unit, c.cut[i].n, x);
        cuts_free(&c);
    }
    reliability(r, x, unit);
    mem_free(unit), mem_free(x);
}

static void position(results_t *r)
{
    int answered[6][5] = {{0}}, total = 0, freedom;
    double expected[5] = {0}, statistic;
    for (int i = 0; i < r->n; i++)
        if (r->seen[i].first >= 0) {
            answered[r->seen[i].n][r->seen[i].first]++;
            total++;
            for (int p = 0; p < r->seen[i].n; p++)
                expected[p] += r->chance[i];
        }
    for (int p = 0; p < 5 && total && expected[p] > 0; p++) {
        int at = answered[2][p] + answered[3][p] + answered[4][p] + answered[5][p];
        results_plain(r, "position", "letter", (char[]){(char)('A' + p), 0}, (double)at / total,
                      expected[p] / total);
    }
    results_plain(r, "position_p", "all", "", position_test(answered, &statistic, &freedom), NAN);
}

/* Edited lists beside those that they were made of
   ---------------------------------------------------------------------- */

static void edits(results_t *r, const answer_t *a, int n)
{
    double *before = ALLOC(double, r->n + 1), *effect = ALLOC(double, r->n + 1);
    results_t base = {.bank = r->bank};
    read_lists(&base, a, n);
    for (int i = 0; i < r->n; i++) {
        const list_t *l = &r->bank->list[r->list[i]];
        int low = 0, high = base.n;
        while (low < high) {
            int mid = (low + high) / 2;
            if (base.list[mid] < l->base)
                low = mid + 1;
            else
                high = mid;
        }
        int found = l->edit && low < base.n && base.list[low] == l->base;
        before[i] = found ? base.value[low] : NAN;
        effect[i] = r->value[i] - before[i];
    }
    cuts_t c = cuts_by("edit", r->bank, r->list, r->n);
    for (int i = 0; i < c.n; i++) {
        const cut_t *e = &c.cut[i];
        results_mean(r, "unedited", "edit", e->name, e->unit, e->n, before, r->chance);
        results_mean(r, "effect", "edit", e->name, e->unit, e->n, effect, NULL);
    }
    cuts_free(&c);
    results_mean(r, "unedited", "all", "", NULL, r->n, before, r->chance);
    results_mean(r, "effect", "all", "", NULL, r->n, effect, NULL);
    mem_free(before), mem_free(effect);
    results_free(&base);
}

void results_free(results_t *r)
{
    mem_free(r->seen);
    mem_free(r->list);
    mem_free(r->value);
}

numbers_t results_of(const asked_t *asked, const bank_t *b, const asking_t *o,
                     const answer_t *unedited, int n_unedited)
{
    results_t r = {.bank = b, .seed = o->seed};
    read_lists(&r, asked->answer, asked->n_answer);
    if (r.n) {
        const column_t col[] = {{"listacc", NULL, r.value, r.chance},
                                {"parse", NULL, r.parsed, NULL},
                                {"truncated", NULL, r.truncated, NULL},
                                {"tokens", NULL, r.length, NULL}};
        results_means(&r, "all", "", NULL, r.n, col, 4);
        results_cuts(&r, col, 4);
        fooled(&r);
        votes(&r, o->votes);
        if (o->samples > 1)
            calibrate(&r);
        position(&r);
        results_plain(&r, "seconds", "all", "", asked->seconds / asked->n_answer, NAN);
        if (unedited)
            edits(&r, unedited, n_unedited);
        results_pairs(&r, asked);
        results_budgets(&r, asked);
    }
    results_free(&r);
    sort_rows(&r.t);
    return r.t;
}
