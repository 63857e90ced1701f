// Families that need more than a line of reasoning: their inputs have the shape that they promise,
// each kind of subtle mistake that applies to one gives wrong programs that some test catches and
// some test misses, and what is written to teach from them is true and of moderate length.
// RUN: np=1
#include "test.h"
#include "testbed/ast.h"

enum { PROBLEMS = 240, TESTS = 10, TRIES = 4 };
static const char *const kinds[] = {"off by one", "wrong initial value", "missed edge case",
                                    "wrong tie-break", "swapped bounds"};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* Which kinds apply to a family, and the least share of its problems that they apply to, in
   percent. */
static const struct {
    const char *family;
    int least[KINDS];
} table[] = {
    {"pointer", {99, 99, 0, 90, 3}},    {"prefix", {99, 99, 2, 60, 60}},
    {"graph", {99, 99, 0, 10, 25}},     {"stack", {99, 60, 60, 25, 0}},
    {"interval", {99, 99, 25, 70, 70}}, {"recursion", {99, 50, 45, 10, 15}},
};
enum { FAMILIES = sizeof table / sizeof *table };

static int family_of(const char *name)
{
    for (int f = 0; f < n_families; f++)
        if (!strcmp(families[f].name, name))
            return f;
    return -1;
}

static void draw(sketch_t *s, rng_t *r, int f, int level, text_t *input, text_t *output)
{
    do {
        text_reset(&s->statement);
        memset(s, 0, sizeof *s);
        ast_begin(&s->ast);
        families[f].draw(s, r, level);
    } while (draw_tests(s, r, TESTS, input, output));
}

/* The tests that a program passes, of TESTS; -1: it does not end on one. */
static int passes(const ast_t *t, const text_t *input, const text_t *output)
{
    int n = 0, endless = 0;
    text_t out = {0};
    for (int i = 0; i < TESTS; i++) {
        text_clear(&out), text_add(&out, "");
        int bad = interp_run(t, input[i].s, &out, NULL);
        n += !bad && !strcmp(out.s, output[i].s);
        endless |= bad == 2;
    }
    text_reset(&out);
    return endless ? -1 : n;
}

/* Shapes ---------------------------------------------------------------------- */

static int read_list(const char *s, int *x)
{
    int n = 0;
    for (char *end; n < AST_ITEMS; s = end) {
        x[n] = (int)strtol(s, &end, 10);
        if (end == s)
            break;
        n++;
    }
    return n;
}

static int is_balanced(const char *s, const char *pairs)
{
    char stack[64];
    int depth = 0;
    for (; *s && *s != '\n'; s++) {
        const char *at = strchr(pairs, *s);
        if ((at - pairs) % 2 == 0)
            stack[depth++] = at[1];
        else if (!depth || stack[--depth] != *s)
            return 0;
    }
    return depth == 0;
}

/* Does the input keep the promise of its shape?  *nice: what the shape is often, but not always. */
static int has_shape(const sketch_t *s, const char *input, int *nice)
{
    int x[AST_ITEMS], n = read_list(input, x), skip = s->ast.n_input - 1, ok = 1, depth = 0;
    int *a = x + skip, m = n - skip;
    *nice = 0;
    switch (s->shape) {
    case SHAPE_SORTED:
        for (int i = 1; i < m; i++)
            ok &= a[i - 1] <= a[i];
        return ok && m >= s->len_lo && m <= s->len_hi;
    case SHAPE_MIRROR:
        for (int i = 0; i < m; i++)
            *nice |= a[i] != a[m - 1 - i];
        return m >= s->len_lo && m <= s->len_hi;
    case SHAPE_EDGES:
        for (int i = 0; i < m; i++)
            ok &= a[i] >= 0 && a[i] < x[0] && (i % 2 == 0 || a[i] != a[i - 1]);
        *nice = m > 0;
        return ok && m % 2 == 0 && x[0] >= 2;
    case SHAPE_NEXT:
        for (int i = 0; i < m; i++)
            ok &= a[i] >= 0 && a[i] < m;
        *nice = m > 1;
        return ok && m > 0;
    case SHAPE_BRACKETS:
        *nice = is_balanced(input, s->letters);
        return strspn(input, s->letters) == strcspn(input, "\n") && strlen(input) < 20;
    case SHAPE_POSTFIX:
        for (int i = 0; i < m; i++) {
            ok &= a[i] >= 0 ? a[i] <= s->item_hi : a[i] >= s->item_lo && depth >= 2;
            depth += a[i] >= 0 ? 1 : -1;
        }
        *nice = m > 3;
        return ok && depth == 1;
    case SHAPE_INTERVALS:
        for (int i = 0; i + 1 < m; i += 2) {
            ok &= a[i] <= a[i + 1] && a[i] >= s->item_lo && a[i + 1] <= s->item_hi;
            ok &= !i || a[i - 2] <= a[i];
            *nice |= i && a[i] < a[i - 1];
        }
        return ok && m % 2 == 0;
    default:
        return 1;
    }
}

static void shapes(void)
{
    static sketch_t s;
    int seen[SHAPES] = {0}, nice[SHAPES] = {0}, shortest[SHAPES] = {0};
    text_t in = {0};
    for (int f = 0; f < FAMILIES; f++)
        for (int k = 0; k < 200; k++) {
            rng_t r = rng_make(3, RNG_TEST, (uint64_t)f, (uint64_t)k);
            text_reset(&s.statement);
            memset(&s, 0, sizeof s);
            ast_begin(&s.ast);
            families[family_of(table[f].family)].draw(&s, &r, k % 3);
            check(s.statement.len > 20 && s.statement.len < 250, "%s", s.statement.s);
            for (int i = 0; i < 20; i++) {
                int good;
                text_clear(&in);
                if (i < 16)
                    inputs_draw(&s, &r, i, &in);
                else
                    inputs_small(&s, &r, &in);
                check(has_shape(&s, in.s, &good), "%s: shape %d is not '%s'", table[f].family,
                      (int)s.shape, in.s);
                seen[s.shape]++, nice[s.shape] += good;
                shortest[s.shape] += i == 0 && in.len <= (s.ast.n_input > 1 ? 4 : 2) + 2u;
                check(i < 16 || in.len < 40, "small: '%s'", in.s);
            }
        }
    for (int k = SHAPE_ANY + 1; k < SHAPES; k++) {
        check(seen[k] >= 500 && shortest[k] > 0, "shape %d: %d, %d shortest", k, seen[k],
              shortest[k]);
        check(k == SHAPE_SORTED || (nice[k] > seen[k] / 5 && nice[k] < seen[k]),
              "shape %d: %d of %d", k, nice[k], seen[k]);
    }
    text_reset(&in), text_reset(&s.statement);
}

/* Mistakes -------------------------------------------------------------------- */

static void mistakes(void)
{
    static sketch_t s;
    text_t input[MAX_TESTS] = {0}, output[MAX_TESTS] = {0};
    int families_of[KINDS] = {0};
    for (int f = 0; f < FAMILIES; f++) {
        int applies[KINDS] = {0}, wrong[KINDS] = {0}, subtle[KINDS] = {0}, used = 0;
        for (int i = 0; i < PROBLEMS; i++) {
            rng_t r = rng_make(8, RNG_TEST, (uint64_t)f, (uint64_t)i);
            draw(&s, &r, family_of(table[f].family), i % 3, input, output);
            for (int k = 0; k < KINDS; k++) {
                int is_wrong = 0, is_subtle = 0;
                for (int q = 0; q < TRIES; q++) {
                    ast_t t = s.ast;
                    if (!mutate_named(&t, &r, kinds[k]))
                        break;
                    applies[k] += q == 0;
                    int n = passes(&t, input, output);
                    is_wrong |= n >= 0 && n < TESTS;
                    is_subtle |= n > 0 && n < TESTS;
                }
                wrong[k] += is_wrong, subtle[k] += is_subtle;
            }
        }
        for (int k = 0; k < KINDS; k++) {
            int least = table[f].least[k];
            used += least > 0, families_of[k] += least > 0;
            if (getenv("VERBOSE"))
                printf("%-9s %-19s applies %3d wrong %3d, missed by some test %3d of %d\n",
                       table[f].family, kinds[k], applies[k], wrong[k], subtle[k], PROBLEMS);
            check(100 * applies[k] >= least * PROBLEMS && (!least || subtle[k] > 0),
                  "%s, %s: applies to %d, is subtle in %d of %d", table[f].family, kinds[k],
                  applies[k], subtle[k], PROBLEMS);
        }
        check(used >= 3, "%s", table[f].family);
    }
    for (int k = 0; k < KINDS; k++)
        check(families_of[k] >= 3, "%s applies to %d families", kinds[k], families_of[k]);
    check(!mutate_named(&s.ast, &(rng_t){0}, "no such change"));
    for (int i = 0; i < MAX_TESTS; i++)
        text_reset(&input[i]), text_reset(&output[i]);
    text_reset(&s.statement);
}

/* The older families know the older kinds only: what a seed gave, it gives. */
static void older_stay(void)
{
    static sketch_t s;
    for (int f = 0; f < n_families; f++)
        for (int k = 0; k < 60; k++) {
            rng_t r = rng_make(9, RNG_TEST, (uint64_t)f, (uint64_t)k);
            memset(&s, 0, sizeof s);
            ast_begin(&s.ast);
            families[f].draw(&s, &r, k % 3);
            ast_t t = s.ast;
            const char *name = mutate_strong(&t, &r);
            for (int q = 1; q < KINDS; q++)
                check(f >= OLDER_FAMILIES || !name || strcmp(name, kinds[q]) != 0, "%s",
                      families[f].name);
            check(s.ast.rich == (f >= OLDER_FAMILIES), "%s", families[f].name);
            text_reset(&s.statement);
        }
}

/* Traces ----------------------------------------------------------------------- */

/* A line "A w h w h ... no": the last two words before "no" differ; "yes" ends the last line. */
static void true_line(const char *line, size_t n, int last)
{
    text_t t = {0};
    text_addn(&t, line, n);
    char *w[3] = {NULL};
    for (char *p = strtok(t.s, " "); p; p = strtok(NULL, " "))
        w[0] = w[1], w[1] = w[2], w[2] = p;
    check(w[2] && !strcmp(w[2], last ? "yes" : "no"), "%.*s", (int)n, line);
    check(last || (w[0] && w[1] && strcmp(w[0], w[1]) != 0), "%.*s", (int)n, line);
    text_reset(&t);
}

static int words(const char *s)
{
    int n = *s != 0;
    for (; *s; s++)
        n += *s == ' ';
    return n;
}

static void traces(void)
{
    template_t *chat = template_named("chatml");
    bank_t b = {0};
    draw_t d = {.seed = 5,
                .count = 150,
                .split = SUITE_HELDOUT,
                .difficulty = 2,
                .weak = 8,
                .strong = 6,
                .equivalents = 2,
                .tests = 8,
                .rewrite = 0.5};
    for (int f = 0; f < FAMILIES; f++)
        snprintf(d.families + strlen(d.families), 40, "%s,", table[f].family);
    for (int i = 0; i < d.count; i++)
        draw_problem(&b, &d, i);
    double core = 0, walk = 0, many = 0, empty = 0;
    for (int i = 0; i < b.n_program; i++) {
        program_t *p = &b.program[i];
        int wrong = p->pool == POOL_WEAK || p->pool == POOL_STRONG;
        p->pass_rate = wrong ? (float)(i % 10) / 10 : 1;
        if (p->pool != POOL_REFERENCE)
            continue;
        core += words(p->core), walk += words(p->walk), many++, empty += !p->walk[0];
        check(words(p->core) <= 80 && words(p->walk) <= 120, "core '%s'\nwalk '%s'", p->core,
              p->walk);
    }
    check(core / many < 50 && walk / many < 35 && empty == 0,
          "core %.1f, walk %.1f words, %g empty", core / many, walk / many, empty);
    for (int s = SUITE_HELDOUT; s < SUITE_ADV; s++)
        for (int i = 0; i < b.n_problem; i++)
            lists_make(&b, i, (suite_t)s, 2, 5);
    check(b.n_list > 200, "%d lists", b.n_list);
    text_t t = {0};
    for (int i = 0; i < b.n_list; i++)
        for (answer_mode_t m = MODE_INSTRUCT; m <= MODE_THINK; m++) {
            const list_t *l = &b.list[i];
            text_clear(&t), trace_text(&t, chat, &b, l, m);
            const char *p = t.s;
            for (int c = 0; c <= l->answer; c++, p++) {
                size_t n = strcspn(p, "\n");
                true_line(p, n, c == l->answer);
                p += n;
            }
            check(answer_parse(t.s, t.len, l->n, m) == l->answer, "%s", t.s);
        }
    text_reset(&t);
    template_free(chat);
    bank_free(&b);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    shapes();
    mistakes();
    older_stay();
    traces();
    return test_end();
}
