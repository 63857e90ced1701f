/* Lists of 2 to 5 candidates, exactly one of them right, from programs that were executed.

   easy: wrong candidates pass at most half of the tests; hard: 0.7 to 0.9.  The pass rates of the
   wrong ones are pairwise distinct.  Per suite:

       train, heldout   weak mutants, easy        strong       strong mutants, easy
       hard             weak mutants, hard        equivalent   weak, easy; the right one is not
                                                               written like the reference

   Lengths are balanced greedily: each list takes the length, among those the problem's programs
   allow, of which the suite has fewest.  Positions are shuffled. */
#include "testbed.h"
#include <math.h>
#include <string.h>

static int in_range(suite_t suite, float rate)
{
    return suite == SUITE_HARD ? rate >= 0.7f - 1e-6f && rate <= 0.9f + 1e-6f : rate <= 0.5f;
}

static int is_right(const program_t *p)
{
    return p->pass_rate == 1;
}

static int right_pool(suite_t suite, pool_t pool)
{
    return pool == POOL_EQUIVALENT || (pool == POOL_REFERENCE && suite != SUITE_EQUIVALENT);
}

typedef struct {
    int right[64], n_right, wrong[256], n_wrong, rates;
} choice_t;

static void collect(const bank_t *b, int problem, suite_t suite, choice_t *c)
{
    pool_t pool = suite == SUITE_STRONG ? POOL_STRONG : POOL_WEAK;
    c->n_right = c->n_wrong = c->rates = 0;
    /* A problem's programs stand together, in the order of problems. */
    int lo = 0, hi = b->n_program;
    while (lo < hi) {
        int mid = (lo + hi) / 2;
        if (b->program[mid].problem < problem)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (int i = lo; i < b->n_program && b->program[i].problem == problem; i++) {
        const program_t *p = &b->program[i];
        if (right_pool(suite, p->pool) && is_right(p) && c->n_right < 64)
            c->right[c->n_right++] = i;
        if (p->pool != pool || isnan(p->pass_rate) || !in_range(suite, p->pass_rate) ||
            c->n_wrong == 256)
            continue;
        int fresh = 1;
        for (int j = 0; j < c->n_wrong; j++)
            fresh &= b->program[c->wrong[j]].pass_rate != p->pass_rate;
        c->rates += fresh;
        c->wrong[c->n_wrong++] = i;
    }
}

static void draw_list(const bank_t *b, const choice_t *c, rng_t *r, int n, list_t *l)
{
    int pool[256], order[5] = {0, 1, 2, 3, 4}, take[5];
    memcpy(pool, c->wrong, sizeof(int) * (size_t)c->n_wrong);
    rng_shuffle(r, pool, c->n_wrong);
    take[0] = c->right[rng_below(r, c->n_right)];
    for (int i = 0, k = 1; i < c->n_wrong && k < n; i++) {
        int fresh = 1;
        for (int j = 1; j < k; j++)
            fresh &= b->program[take[j]].pass_rate != b->program[pool[i]].pass_rate;
        if (fresh)
            take[k++] = pool[i];
    }
    rng_shuffle(r, order, n);
    l->n = n;
    for (int i = 0; i < n; i++) {
        l->program[i] = take[order[i]];
        if (order[i] == 0)
            l->answer = i;
    }
}

int lists_make(bank_t *b, int problem, suite_t suite, int n, uint64_t seed)
{
    choice_t c;
    collect(b, problem, suite, &c);
    int longest = c.rates < 4 ? c.rates + 1 : 5, made = 0, first = b->n_list, count[6] = {0};
    if (!c.n_right || longest < 2)
        return 0;
    for (int i = 0; i < b->n_list; i++)
        count[b->list[i].n] += b->list[i].suite == suite;
    rng_t r = rng_make(seed, RNG_LIST, (uint64_t)suite, (uint64_t)problem);
    for (int attempt = 0; made < n && attempt < 3 * n; attempt++) {
        list_t l = {.suite = suite, .problem = problem};
        int len = 2;
        for (int k = 3; k <= longest; k++)
            if (count[k] <= count[len])
                len = k;
        draw_list(b, &c, &r, len, &l);
        int fresh = 1;
        for (int i = first; i < b->n_list; i++)
            fresh &= b->list[i].n != l.n ||
                     memcmp(b->list[i].program, l.program, sizeof(int) * (size_t)l.n) != 0;
        if (!fresh)
            continue;
        count[len]++, made++;
        PUSH(b->list, b->n_list, b->cap_list, l);
    }
    return made;
}

/* The wrong candidates: distinct rates (where they were executed: a judge set says right or wrong
   and no more), inside the suite's range (edited and imported lists may be otherwise). */
static const char *wrong_check(const bank_t *b, const list_t *l)
{
    for (int i = 0; i < l->n; i++) {
        const program_t *p = &b->program[l->program[i]];
        if (i == l->answer)
            continue;
        for (int j = 0; j < i; j++)
            if (p->label == LABEL_EXECUTED && p->pass_rate == b->program[l->program[j]].pass_rate)
                return "two wrong candidates have the same pass rate";
        if (l->suite != SUITE_ADV && p->pool != POOL_IMPORTED && !in_range(l->suite, p->pass_rate))
            return "a wrong candidate's pass rate is outside its suite's range";
    }
    return NULL;
}

const char *list_check(const bank_t *b, const list_t *l)
{
    int right = 0;
    if (l->n < 2 || l->n > 5)
        return "a list has 2 to 5 candidates";
    if (l->problem < 0 || l->problem >= b->n_problem)
        return "its problem does not exist";
    if (l->answer < 0 || l->answer >= l->n)
        return "its answer names no candidate";
    for (int i = 0; i < l->n; i++) {
        if (l->program[i] < 0 || l->program[i] >= b->n_program)
            return "a candidate does not exist";
        const program_t *p = &b->program[l->program[i]];
        if (p->problem != l->problem)
            return "a candidate is for another problem";
        if (p->lang != b->program[l->program[0]].lang)
            return "its candidates are in different languages";
        if (isnan(p->pass_rate))
            return "a candidate was not executed";
        right += is_right(p);
        for (int j = 0; j < i; j++)
            if (l->program[i] == l->program[j])
                return "a candidate stands twice";
    }
    if (right == 0)
        return "no candidate passes every test";
    if (right > 1)
        return "more than one candidate passes every test";
    if (!is_right(&b->program[l->program[l->answer]]))
        return "its answer is not the right candidate";
    return wrong_check(b, l);
}
