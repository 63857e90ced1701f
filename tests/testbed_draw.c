// A draw is a pure function of its seed; more than 1e5 different problems can be drawn at every
// level; the splits share no problem; wrong candidates differ in core.
// RUN: np=1
#include "test.h"
#include "testbed/ast.h"

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

static int distinct(uint64_t *h, int n)
{
    int u = 0;
    qsort(h, (size_t)n, sizeof *h, by_value);
    for (int i = 0; i < n; i++)
        u += i == 0 || h[i] != h[i - 1];
    return u;
}

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

/* Statements alone: other tests for the same words do not count as another problem here. */
static void many(int level)
{
    int n = 0, tries = level ? 25000 : 60000;
    uint64_t *h = ALLOC(uint64_t, tries * n_families);
    sketch_t *s = ALLOC(sketch_t, 1);
    draw_t all = some(1, SUITE_TRAIN, 0, level), held = some(1, SUITE_HELDOUT, 0, level);
    for (int f = 0; f < n_families; f++) {
        int want = families[f].statements[level], first = n;
        rng_t r = rng_make(7, RNG_TEST, (uint64_t)f, (uint64_t)level);
        for (int i = 0; i < tries; i++) {
            text_t core = {0};
            memset(s, 0, sizeof *s);
            ast_begin(&s->ast);
            families[f].draw(s, &r, level);
            core_text(&s->ast, &core);
            if (draw_split(families[f].name, core.s) == SUITE_TRAIN)
                h[n++] = hash_bytes(s->statement.s, s->statement.len).lo;
            text_reset(&core), text_reset(&s->statement);
        }
        int u = distinct(h + first, n - first);
        check(u > 0.35 * (want < tries ? want : tries), "level %d: %s %d of %d", level,
              families[f].name, u, want);
    }
    n = distinct(h, n);
    check(n >= 100000, "level %d: %d different training statements", level, n);
    check(draw_capacity(&all) >= 100000 && draw_capacity(&held) >= 25000, "%d %d",
          draw_capacity(&all), draw_capacity(&held));
    mem_free(s);
    mem_free(h);
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
    for (int level = 0; level < 3; level++)
        many(level);
    corpus();
    return test_end();
}
