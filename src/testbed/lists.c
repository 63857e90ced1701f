/* Lists of 2 to 5 candidates, exactly one of them right, from programs that were executed.

   easy: wrong candidates pass at most half of the tests; hard: 0.7 to 0.9.  The pass rates of the
   wrong ones are pairwise distinct.  Per suite:

       train, heldout   weak mutants, easy        strong       strong mutants, easy
       hard             weak mutants, hard        equivalent   weak, easy; the right one is not
                                                               written like the reference

   Lengths are balanced greedily: each list takes the length, among those the problem's programs
   allow, of which the suite has fewest.  Positions are shuffled.

   The suite hard is balanced exactly, because few problems have wrong programs of several rates in
   its narrow range.  Whoever can give a list of n can give a shorter one, so m lists of each length
   can be made where, for every n, the problems that can give n or more candidates suffice for the
   6 - n lengths from n on; the largest such m is taken, and lengths are dealt from 5 down. */
#include "testbed.h"
#include <math.h>
#include <stdlib.h>
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
        if (program_edited(p))
            continue;
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

int lists_rates(suite_t suite, int tests)
{
    int n = 0;
    for (int k = 0; k < tests; k++)
        n += in_range(suite, (float)((double)k / tests));
    return n;
}

/* A list of n candidates that the bank does not have since list `from`; 0: it came out as another
   one did. */
static int add_list(bank_t *b, const choice_t *c, rng_t *r, list_t l, int n, int from)
{
    draw_list(b, c, r, n, &l);
    for (int i = from; i < b->n_list; i++)
        if (b->list[i].problem == l.problem && b->list[i].n == n &&
            !memcmp(b->list[i].program, l.program, sizeof(int) * (size_t)n))
            return 0;
    PUSH(b->list, b->n_list, b->cap_list, l);
    return 1;
}

static int by_problem(const void *a, const void *b)
{
    const list_t *x = a, *y = b;
    return x->problem != y->problem ? (x->problem < y->problem ? -1 : 1)
                                    : (x->n > y->n) - (x->n < y->n);
}

/* slot[n_slot]: problems, each as often as it may give a list, in an order that was drawn. */
static void deal(bank_t *b, suite_t suite, uint64_t seed, const int *longest, int *slot, int n_slot,
                 int each)
{
    int from = b->n_list, made[6] = {0}, fewest = each;
    choice_t *c = ALLOC(choice_t, 1);
    for (int n = 5; n >= 2; n--)
        for (int s = 0; s < n_slot && made[n] < each; s++) {
            if (slot[s] < 0 || longest[slot[s]] < n)
                continue;
            rng_t r = rng_make(seed, RNG_LIST, (uint64_t)suite | (uint64_t)(s + 1) << 8,
                               (uint64_t)slot[s]);
            collect(b, slot[s], suite, c);
            int added = 0;
            for (int attempt = 0; attempt < 8 && !added; attempt++)
                added = add_list(b, c, &r, (list_t){.suite = suite, .problem = slot[s]}, n, from);
            if (added)
                made[n]++, slot[s] = -1;
        }
    for (int n = 2; n <= 5; n++)
        fewest = made[n] < fewest ? made[n] : fewest;
    int kept = from, have[6] = {0};
    for (int i = from; i < b->n_list; i++)
        if (have[b->list[i].n]++ < fewest)
            b->list[kept++] = b->list[i];
    b->n_list = kept;
    qsort(b->list + from, (size_t)(kept - from), sizeof *b->list, by_problem);
    mem_free(c);
}

int lists_make_balanced(bank_t *b, suite_t suite, int most, uint64_t seed)
{
    int *longest = ALLOC(int, b->n_problem + 1), able[6] = {0}, n_slot = 0;
    int *slot = ALLOC(int, (int64_t)b->n_problem *most + 1);
    choice_t *c = ALLOC(choice_t, 1);
    for (int p = 0; p < b->n_problem; p++) {
        if (b->problem[p].split != SUITE_HELDOUT)
            continue;
        collect(b, p, suite, c);
        longest[p] = !c->n_right ? 0 : c->rates < 4 ? c->rates + 1 : 5;
        for (int n = 2; n <= longest[p]; n++)
            able[n]++;
        for (int k = 0; k < most && longest[p] >= 2; k++)
            slot[n_slot++] = p;
    }
    int64_t each = INT32_MAX;
    for (int n = 2; n <= 5; n++) {
        int64_t can = (int64_t)able[n] * most / (6 - n);
        each = can < each ? can : each;
    }
    rng_t r = rng_make(seed, RNG_LIST, (uint64_t)suite, UINT64_MAX);
    rng_shuffle(&r, slot, n_slot);
    if (able[5])
        deal(b, suite, seed, longest, slot, n_slot, (int)each);
    for (int p = 0; p < b->n_problem && !able[5]; p++)
        if (b->problem[p].split == SUITE_HELDOUT)
            lists_make(b, p, suite, most, seed);
    mem_free(c);
    mem_free(longest);
    mem_free(slot);
    return able[5];
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
