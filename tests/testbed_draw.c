// A draw is a pure function of its seed; the splits share no problem; wrong candidates differ in
// core; problems drawn together mean different things as far as there are enough.
// RUN: np=1
#include "distinct.h"
#include "test.h"
#include "testbed/ast.h"

static draw_t some(uint64_t seed, suite_t split, int n, int level)
{
    return (draw_t){.seed = seed,
                    .split = split,
                    .count = n,
                    .difficulty = level,
                    .weak = 8,
                    .strong = 4,
                    .equivalents = 2,
                    .tests = 8,
                    .rewrite = 0.3,
                    .families = "all"};
}

static void draw_all(bank_t *b, const draw_t *d)
{
    for (int i = 0; i < d->count; i++)
        draw_problem(b, d, i);
}

static void pure(void)
{
    bank_t a = {0}, b = {0}, c = {0};
    draw_t d = some(5, SUITE_TRAIN, 40, 2);
    draw_all(&a, &d);
    draw_all(&b, &d);
    check(hash_equal(bank_hash(&a), bank_hash(&b)));
    d.first = 20, d.count = 20; /* a range is a part of a longer one */
    draw_all(&c, &d);
    for (int i = 0; i < 20; i++)
        check(hash_equal(c.problem[i].id, a.problem[20 + i].id) &&
              !strcmp(c.problem[i].example, a.problem[20 + i].example));
    check(a.n_program > 40 * 8, "%d programs", a.n_program);
    bank_free(&b);
    d = some(6, SUITE_TRAIN, 40, 2);
    draw_all(&b, &d);
    check(!hash_equal(bank_hash(&a), bank_hash(&b)));
    bank_free(&a), bank_free(&b), bank_free(&c);
}

/* What the reference does, as (family, core): the identity of a problem in any words. */
static int meanings(const bank_t *b, uint64_t *h)
{
    int n = 0;
    for (int i = 0; i < b->n_program; i++) {
        const program_t *p = &b->program[i];
        const char *family = b->problem[p->problem].family;
        if (p->pool == POOL_REFERENCE)
            h[n++] = hash_more(hash_bytes(family, strlen(family)), p->core, strlen(p->core)).lo;
    }
    return n;
}

static void apart(void)
{
    static uint64_t h[1200];
    bank_t train = {0}, held = {0};
    draw_t t = some(1, SUITE_TRAIN, 500, 0), e = some(1, SUITE_HELDOUT, 500, 0);
    draw_all(&train, &t), draw_all(&held, &e);
    int a = meanings(&train, h), ua = distinct(h, a);
    int b = meanings(&held, h), ub = distinct(h, b);
    check(a == 500 && b == 500);
    meanings(&train, h), meanings(&held, h + a);
    check(distinct(h, a + b) == ua + ub, "a problem is in both splits");
    for (int i = 0, reference = 0; i < train.n_program; i++) {
        const program_t *p = &train.program[i], *r = &train.program[reference];
        if (p->pool == POOL_REFERENCE)
            reference = i;
        else
            check((p->pool == POOL_EQUIVALENT) == !strcmp(p->core, r->core), "%s: '%s' and '%s'",
                  p->origin, p->core, r->core);
        check(isnan(p->pass_rate) && p->problem == train.program[reference].problem);
    }
    for (int i = 0; i < train.n_test; i++)
        check(train.test[i].output == NULL && train.test[i].input[0]);
    bank_free(&train), bank_free(&held);
}

/* Numbers 0..n of one family at level 0, drawn together or each for itself. */
static void draw_family(bank_t *b, const char *family, suite_t split, int n, int together)
{
    draw_t d = some(1, split, n, 0);
    meanings_t *seen = together ? meanings_new() : NULL;
    d.weak = 2, d.strong = 0, d.equivalents = 0;
    snprintf(d.families, sizeof d.families, "%s", family);
    for (int i = 0; i < n; i++)
        draw_distinct(b, &d, i, seen);
    meanings_free(seen);
}

static void together(void)
{
    static const struct {
        const char *family;
        int n, least; /* meanings among n problems drawn together */
    } want[] = {{"machine,accum", 600, 600}, {"string", 250, 240}, {"transform", 150, 29}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        bank_t a = {0}, b = {0}, c = {0};
        int n = want[i].n, known;
        draw_family(&a, want[i].family, SUITE_TRAIN, n, 1);
        draw_family(&b, want[i].family, SUITE_TRAIN, n, 1);
        draw_family(&c, want[i].family, SUITE_TRAIN, n, 0);
        int apart = bank_meanings(&c, SUITES, NULL), u = bank_meanings(&a, SUITE_TRAIN, &known);
        check(hash_equal(bank_hash(&a), bank_hash(&b)));
        check(a.n_problem == n && known == n && u >= want[i].least && u > apart,
              "%s: %d meanings together, %d apart, of %d", want[i].family, u, apart, known);
        check(bank_meanings(&a, SUITE_HELDOUT, &known) == 0 && known == 0);
        check(hash_equal(a.problem[0].id, c.problem[0].id)); /* nothing was seen before it */
        bank_free(&a), bank_free(&b), bank_free(&c);
    }
    bank_t t = {0}, h = {0};
    draw_family(&t, "string", SUITE_TRAIN, 300, 1);
    draw_family(&h, "string", SUITE_HELDOUT, 300, 1);
    static uint64_t key[600];
    int k = meanings(&t, key);
    k += meanings(&h, key + k);
    check(k == 600 &&
          distinct(key, k) == bank_meanings(&t, SUITES, NULL) + bank_meanings(&h, SUITES, NULL));
    bank_free(&t), bank_free(&h);
}

static void unknown_family(void *arg)
{
    (void)arg;
    char over[] = "problems.families=reduce,sorting", *o[] = {over};
    draw_t d;
    draw_read(&d, deck_open(NULL, 1, o), SUITE_TRAIN);
}

static void corpus(void)
{
    char a[] = "problems.families=reduce,machine", b[] = "problems.difficulty=1", *o[] = {a, b};
    deck_t *d = deck_open(NULL, 2, o);
    text_t t = {0}, u = {0};
    corpus_text(&t, d), corpus_text(&u, d);
    check(t.len > 1000000 && t.len == u.len && !memcmp(t.s, u.s, t.len), "%zu bytes", t.len);
    text_reset(&t), text_reset(&u);
    deck_free(d);
}

int main(int argc, char **argv)
{
    test_fails(CODE_USAGE, unknown_family, NULL,
               "no family \"sorting\"; choose all, or some of: arith");
    test_begin(&argc, &argv);
    pure();
    apart();
    together();
    for (int level = 0; level < 3; level++) {
        draw_t all = some(1, SUITE_TRAIN, 0, level), held = some(1, SUITE_HELDOUT, 0, level);
        check(draw_capacity(&all) >= 100000 && draw_capacity(&held) >= 25000, "%d %d",
              draw_capacity(&all), draw_capacity(&held));
    }
    corpus();
    return test_end();
}
