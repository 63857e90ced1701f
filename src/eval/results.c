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

/* Lists as they were answered
   ---------------------------------------------------------------------- */

/* Of the list last read: means over its answers, and their vote. */
static void add_list(results_t *r, const seen_t *s, double parsed, double truncated, double length)
{
    int i = r->n++, top = 0;
    for (int p = 0; p < s->n; p++)
        top = s->votes[p] > top ? s->votes[p] : top;
    r->value[i] = (double)s->votes[s->right] / s->asked;
    r->chance[i] = 1.0 / s->n;
    r->parsed[i] = parsed / s->asked;
    r->truncated[i] = truncated / s->asked;
    r->length[i] = length / s->asked;
    r->confidence[i] = (double)top / s->asked;
    r->vote[i] = vote_winner(s->votes, s->n) == s->right;
    r->brier[i] = (r->confidence[i] - r->vote[i]) * (r->confidence[i] - r->vote[i]);
}

static void read_lists(results_t *r, const answer_t *a, int n)
{
    double **column[] = {&r->value,  &r->chance,     &r->parsed, &r->truncated,
                         &r->length, &r->confidence, &r->vote,   &r->brier};
    r->seen = ALLOC(seen_t, n + 1);
    r->list = ALLOC(int, n + 1);
    r->block = ALLOC(double, 8 * n + 1);
    for (int k = 0; k < 8; k++)
        *column[k] = r->block + (int64_t)k * n;
    for (int i = 0, j; i < n; i = j) {
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
        add_list(r, s, parsed, truncated, length);
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

static void reliability(results_t *r, int *unit)
{
    int n = r->n;
    const double *x = r->confidence;
    calibration_t k = calibration_of(x, r->vote, n);
    for (int b = 0; b < BINS; b++) {
        char of[16];
        int m = 0;
        for (int i = 0; i < n; i++)
            if (x[i] <= (b + 1.0) / BINS && (b == 0 || x[i] > (double)b / BINS))
                unit[m++] = i;
        snprintf(of, sizeof of, "%.1f", (b + 1.0) / BINS);
        if (m)
            results_mean(r, "reliability", "bin", of, unit, m, r->vote, NULL);
        if (m)
            r->t.row[r->t.n - 1].beside = k.bin[b].confidence;
    }
}

/* How far the share of the winner of all answers can be trusted.  What a mutator or an edit does to
   that, the Brier score says. */
static void calibrate(results_t *r)
{
    enum { ECE_CUTS = 3 };
    int n = r->n, *unit = ALLOC(int, n + 1);
    for (int i = 0; i < n; i++)
        unit[i] = i;
    results_ece(r, "all", "", unit, n, r->confidence, r->vote);
    for (int k = 0; k < ECE_CUTS; k++) {
        cuts_t c = cuts_by(cut_names[k], r->bank, r->list, n);
        for (int i = 0; i < c.n; i++)
            results_ece(r, cut_names[k], c.cut[i].name, c.cut[i].unit, c.cut[i].n, r->confidence,
                        r->vote);
        cuts_free(&c);
    }
    reliability(r, unit);
    mem_free(unit);
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

numbers_t results_of(const asked_t *asked, const bank_t *b, const asking_t *o,
                     const answer_t *unedited, int n_unedited)
{
    results_t r = {.bank = b, .seed = o->seed};
    read_lists(&r, asked->answer, asked->n_answer);
    if (r.n) {
        const column_t col[] = {{"listacc", NULL, r.value, r.chance},
                                {"parse", NULL, r.parsed, NULL},
                                {"truncated", NULL, r.truncated, NULL},
                                {"tokens", NULL, r.length, NULL},
                                {"vote", NULL, r.vote, r.chance},
                                {"brier", NULL, r.brier, NULL}};
        const int columns = o->samples > 1 ? 6 : 4;
        results_means(&r, "all", "", NULL, r.n, col, columns);
        results_cuts(&r, col, columns);
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
    return results_end(&r);
}
