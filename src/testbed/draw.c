/* Fresh problems from a seed.

   Problem i of a draw is a pure function of (seed, i): a family and a level are chosen, the
   family writes a reference program and a statement, test inputs are drawn, and candidates are
   made by mutating the reference and rewriting the result.

   Splits.  Whether a problem is for training or held out is decided by a hash of its family and
   of the reference's core, i.e. of what the program does.  Draws of the other split are thrown
   away.  So no problem, in whatever words and with whatever tests, is ever in both.

   Selection.  Many mutants are tried; those that print the same as the reference on all tests
   or share its core are dropped, and among the rest different predicted pass rates are
   preferred, because a list needs wrong candidates with distinct rates.  The prediction (by the
   small interpreter) only chooses what is worth executing; labels come from execution alone.

   The example is the one of a dozen small inputs on which most wrong candidates walk through
   other states than the reference, short walks preferred. */
#include "testbed/ast.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FAMILY(name, n0, n1, n2, what) {#name, family_##name, {n0, n1, n2}, what},
const family_t families[] = {
#include "families.def"
};
#undef FAMILY
const int n_families = sizeof families / sizeof *families;

enum { MUTANTS = 48, EXAMPLES = 12, MAX_TESTS = 64, HELDOUT_OF = 4 };

typedef struct {
    ast_t ast;
    text_t core;
    char origin[64];
    int passes, chosen;
} mutant_t;

suite_t draw_split(const char *family, const char *core)
{
    hash_t h = hash_more(hash_bytes(family, strlen(family)), core, strlen(core));
    return h.lo % HELDOUT_OF == 0 ? SUITE_HELDOUT : SUITE_TRAIN;
}

static int allowed(const draw_t *d, int f)
{
    const char *list = d->families, *name = families[f].name;
    if (!*list || !strcmp(list, "all"))
        return 1;
    for (const char *p = list; *p;) {
        p += strspn(p, ", ");
        size_t n = strcspn(p, ", ");
        if (n == strlen(name) && !strncmp(p, name, n))
            return 1;
        p += n;
    }
    return 0;
}

void draw_read(draw_t *d, const deck_t *deck, suite_t split)
{
    int train = split == SUITE_TRAIN;
    *d = (draw_t){.seed = (uint64_t)deck_int(deck, "problems.seed"),
                  .split = split,
                  .first = (int)deck_int(deck, "problems.first"),
                  .count = (int)deck_int(deck, train ? "problems.train" : "problems.heldout"),
                  .difficulty = (int)deck_int(deck, "problems.difficulty"),
                  .weak = (int)deck_int(deck, "problems.weak"),
                  .strong = train ? 0 : (int)deck_int(deck, "problems.strong"),
                  .equivalents = (int)deck_int(deck, "problems.equivalents"),
                  .tests = (int)deck_int(deck, "problems.tests"),
                  .rewrite = deck_real(deck, "problems.rewrite")};
    d->lang = strcmp(deck_text(deck, "problems.language"), "c") ? LANG_PYTHON : LANG_C;
    const char *list = deck_text(deck, "problems.families");
    if (strlen(list) >= sizeof d->families)
        fail(CODE_USAGE, "problems.families is longer than %zu bytes", sizeof d->families - 1);
    snprintf(d->families, sizeof d->families, "%s", list);
    if (!strcmp(list, "all"))
        return;
    for (const char *p = list; *p;) {
        p += strspn(p, ", ");
        size_t n = strcspn(p, ", ");
        int known = n == 0;
        text_t names = {0};
        for (int f = 0; f < n_families; f++) {
            known |= strlen(families[f].name) == n && !strncmp(p, families[f].name, n);
            text_addf(&names, " %s", families[f].name);
        }
        if (!known)
            fail(CODE_USAGE,
                 "problems.families: there is no family \"%.*s\"; choose all, or some "
                 "of:%s",
                 (int)n, p, names.s);
        text_reset(&names);
        p += n;
    }
}

/* A quarter of the meanings is held out; with room for uneven shares. */
int draw_capacity(const draw_t *d)
{
    int n = 0;
    for (int f = 0; f < n_families; f++)
        if (allowed(d, f))
            n += families[f].statements[d->difficulty];
    return d->split == SUITE_HELDOUT ? n / 6 : n / 5 * 3;
}

static int sketch(const draw_t *d, int i, int attempt, sketch_t *s, rng_t *r, int *family,
                  int *level)
{
    *r = rng_make(d->seed, RNG_PROBLEM, ((uint64_t)d->split << 40) | (uint32_t)(d->first + i),
                  (uint64_t)attempt);
    int which[64], n = 0;
    for (int f = 0; f < n_families; f++)
        if (allowed(d, f))
            which[n++] = f;
    ASSERT(n > 0);
    *family = which[rng_below(r, n)];
    *level = rng_below(r, d->difficulty + 1);
    text_t kept = s->statement;
    memset(s, 0, sizeof *s);
    s->statement = kept;
    text_clear(&s->statement);
    ast_begin(&s->ast);
    families[*family].draw(s, r, *level);
    text_t core = {0};
    core_text(&s->ast, &core);
    int mine = draw_split(families[*family].name, core.s) == d->split;
    text_reset(&core);
    return mine;
}

/* Draws the inputs; 0 when the reference fails on one or prints almost the same on all. */
static int draw_tests(const sketch_t *s, rng_t *r, int n, text_t *input, text_t *output)
{
    int distinct = 0;
    for (int i = 0; i < n; i++) {
        int fresh = 0;
        for (int attempt = 0; attempt < 20 && !fresh; attempt++) {
            text_clear(&input[i]), text_clear(&output[i]);
            inputs_draw(s, r, attempt < 10 ? i : 99, &input[i]);
            fresh = 1;
            for (int j = 0; j < i; j++)
                fresh &= strcmp(input[i].s, input[j].s) != 0;
        }
        if (interp_run(&s->ast, input[i].s, &output[i], NULL))
            return 0;
        int new_output = 1;
        for (int j = 0; j < i; j++)
            new_output &= strcmp(output[i].s, output[j].s) != 0;
        distinct += new_output;
    }
    return distinct >= (n + 2) / 3;
}

static int draw_mutants(const ast_t *ref, const char *core, rng_t *r, int strong, int n_test,
                        const text_t *input, const text_t *output, mutant_t *m)
{
    int n = 0;
    text_t out = {0};
    for (int attempt = 0; attempt < MUTANTS; attempt++) {
        mutant_t *u = &m[n];
        u->ast = *ref;
        u->passes = u->chosen = 0;
        text_clear(&u->core);
        const char *a = strong ? mutate_strong(&u->ast, r) : mutate_weak(&u->ast, r), *b = NULL;
        if (a && !strong && rng_below(r, 4) == 0)
            b = mutate_weak(&u->ast, r);
        if (!a)
            continue;
        snprintf(u->origin, sizeof u->origin, "%s%s%s", a, b ? ", " : "", b ? b : "");
        core_text(&u->ast, &u->core);
        int fresh = strcmp(u->core.s, core) != 0;
        for (int i = 0; i < n; i++)
            fresh &= strcmp(u->core.s, m[i].core.s) != 0;
        if (!fresh)
            continue;
        for (int i = 0; i < n_test; i++) {
            text_clear(&out);
            int bad = interp_run(&u->ast, input[i].s, &out, NULL);
            u->passes += !bad && !strcmp(out.s, output[i].s);
        }
        if (u->passes < n_test)
            n++;
    }
    text_reset(&out);
    return n;
}

/* Marks up to `want` mutants: fewest chosen of the same predicted rate first, useful rates
   first. */
static void choose_mutants(mutant_t *m, int n, int want, int n_test)
{
    int used[MAX_TESTS + 1] = {0};
    for (int c = 0; c < want; c++) {
        int best = -1, best_cost = 1 << 30;
        for (int i = 0; i < n; i++) {
            double rate = (double)m[i].passes / n_test;
            int useful = rate <= 0.5 || (rate >= 0.7 && rate <= 0.9);
            int cost = 4 * used[m[i].passes] + (useful ? rate > 0.5 : 6);
            if (!m[i].chosen && cost < best_cost)
                best = i, best_cost = cost;
        }
        if (best < 0)
            return;
        m[best].chosen = 1;
        used[m[best].passes]++;
    }
}

static int walk_words(const char *walk, int *largest)
{
    int n = 0;
    *largest = 0;
    for (const char *p = walk; *p; p++)
        if (*p == ' ') {
            int v = abs(atoi(p + 1 + (p[1] == '@')));
            n++;
            *largest = v > *largest ? v : *largest;
        }
    return n;
}

static void choose_example(const sketch_t *s, rng_t *r, const mutant_t *m, int n, text_t *best)
{
    text_t input = {0}, want = {0}, walk = {0};
    double best_score = -1e9;
    for (int e = 0; e < EXAMPLES; e++) {
        int largest, apart = 0, words;
        text_clear(&input), text_clear(&want);
        text_add(&want, "");
        inputs_small(s, r, &input);
        if (interp_run(&s->ast, input.s, NULL, &want))
            continue;
        words = walk_words(want.s, &largest);
        for (int i = 0; i < n; i++)
            if (m[i].chosen) {
                text_clear(&walk);
                text_add(&walk, "");
                interp_run(&m[i].ast, input.s, NULL, &walk);
                apart += strcmp(walk.s, want.s) != 0;
            }
        double score = apart - 0.12 * words -
                       (largest > 99   ? 5
                        : largest > 20 ? 1
                                       : 0) -
                       (words > 24 ? 5 : 0);
        if (score > best_score) {
            best_score = score;
            text_clear(best);
            text_addn(best, input.s, input.len);
        }
    }
    text_reset(&input), text_reset(&want), text_reset(&walk);
}

static int add_program(bank_t *b, int first, int problem, const ast_t *ast, rng_t *r,
                       double rewrite, const draw_t *d, pool_t pool, const char *origin,
                       const char *example)
{
    ast_t t = *ast;
    text_t source = {0}, core = {0}, walk = {0};
    rewrite_program(&t, r, rewrite, d->lang);
    (d->lang == LANG_C ? emit_c : emit_python)(&t, &source);
    hash_t id = hash_more(hash_bytes(lang_names[d->lang], strlen(lang_names[d->lang])), source.s,
                          source.len);
    int fresh = 1;
    for (int i = first; i < b->n_program; i++)
        fresh &= !hash_equal(b->program[i].id, id);
    if (fresh) {
        core_text(ast, &core);
        interp_run(ast, example, NULL, &walk);
        program_t p = {.id = id,
                       .problem = problem,
                       .lang = d->lang,
                       .pool = pool,
                       .source = mem_text(source.s),
                       .n_source = source.len,
                       .origin = mem_text(origin),
                       .core = mem_text(core.s ? core.s : ""),
                       .walk = mem_text(walk.len ? walk.s + 1 : ""),
                       .pass_rate = NAN};
        PUSH(b->program, b->n_program, b->cap_program, p);
    }
    text_reset(&source), text_reset(&core), text_reset(&walk);
    return fresh;
}

static void add_problem(bank_t *b, const draw_t *d, const sketch_t *s, rng_t *r, int family,
                        int level, const text_t *input, const text_t *output, mutant_t *m)
{
    int problem = b->n_problem, first = b->n_program;
    text_t core = {0}, example = {0};
    core_text(&s->ast, &core);
    problem_t p = {.split = (int)d->split,
                   .family = mem_text(families[family].name),
                   .statement = mem_text(s->statement.s),
                   .difficulty = level,
                   .time_ms = 1000,
                   .memory_kb = 131072,
                   .test = b->n_test,
                   .tests = d->tests};
    p.id = hash_bytes(p.statement, strlen(p.statement));
    for (int i = 0; i < d->tests; i++) {
        test_t t = {.problem = problem,
                    .input = mem_text(input[i].s),
                    .check = CHECK_TOKENS,
                    .n_input = input[i].len};
        p.id = hash_more(p.id, input[i].s, input[i].len);
        PUSH(b->test, b->n_test, b->cap_test, t);
    }
    PUSH(b->problem, b->n_problem, b->cap_problem, p);

    for (int pool = POOL_WEAK; pool <= POOL_STRONG; pool++) {
        int want = pool == POOL_WEAK ? d->weak : d->strong, n = 0;
        if (want)
            n = draw_mutants(&s->ast, core.s, r, pool == POOL_STRONG, d->tests, input, output, m);
        choose_mutants(m, n, want, d->tests);
        if (!example.len)
            choose_example(s, r, m, n, &example);
        if (b->n_program == first)
            add_program(b, first, problem, &s->ast, r, 0, d, POOL_REFERENCE, "reference",
                        example.s);
        for (int i = 0; i < n; i++)
            if (m[i].chosen)
                add_program(b, first, problem, &m[i].ast, r, d->rewrite, d, (pool_t)pool,
                            m[i].origin, example.s);
    }
    for (int e = 0, attempt = 0; e < d->equivalents && attempt < 6 * d->equivalents; attempt++)
        e += add_program(b, first, problem, &s->ast, r, fmax(d->rewrite, 0.4), d, POOL_EQUIVALENT,
                         "rewritten", example.s);
    b->problem[problem].example = mem_text(example.s);
    text_reset(&core), text_reset(&example);
}

void draw_problem(bank_t *b, const draw_t *d, int i)
{
    ASSERT(d->tests >= 2 && d->tests <= MAX_TESTS);
    sketch_t *s = ALLOC(sketch_t, 1);
    mutant_t *m = ALLOC(mutant_t, MUTANTS);
    text_t input[MAX_TESTS] = {0}, output[MAX_TESTS] = {0};
    rng_t r;
    int family = 0, level = 0, attempt = 0;
    while (!sketch(d, i, attempt, s, &r, &family, &level) ||
           !draw_tests(s, &r, d->tests, input, output))
        if (++attempt > 5000)
            fail(CODE_USAGE,
                 "problems.families = %s: no %s problem found in %d draws; allow more "
                 "families or levels",
                 d->families, suite_names[d->split], attempt);
    add_problem(b, d, s, &r, family, level, input, output, m);
    for (int t = 0; t < MAX_TESTS; t++)
        text_reset(&input[t]), text_reset(&output[t]);
    for (int k = 0; k < MUTANTS; k++)
        text_reset(&m[k].core);
    text_reset(&s->statement);
    mem_free(m);
    mem_free(s);
}
