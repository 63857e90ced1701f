/* Fresh problems from a seed.

   Problem i of a draw is a pure function of (seed, i): a family and a level are chosen, the
   family writes a reference program and a statement, test inputs are drawn, and candidates are
   made by mutating the reference and rewriting the result (candidates.c).  A draw that will not
   do is thrown away and made again from the next random numbers of i:

   Splits.  Whether a problem is for training or held out is decided by a hash of its family and
   of the reference's core, i.e. of what the program does: its meaning.  Draws of the other split
   are thrown away.  So no problem, in whatever words and with whatever tests, is ever in both.

   Worth asking.  So are those whose reference fails on a test, prints what it read, or almost the
   same on all, or has a part without an effect on any test, nor on further inputs where there are
   fewer than SHOWN tests (idle.c).

   Meanings.  Small families come to the same meaning again and again.  Where several problems are
   drawn with one `meanings_t`, a meaning that it holds is drawn again up to REDRAWS times before
   it is taken all the same: what comes out depends on the problems before it in that range, in
   their order, and on nothing else. */
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

enum { SHOWN = 24, HELDOUT_OF = 4, REDRAWS = 24 };

static hash_t meaning(const char *family, const char *core)
{
    return hash_more(hash_bytes(family, strlen(family)), core, strlen(core));
}

suite_t draw_split(const char *family, const char *core)
{
    return meaning(family, core).lo % HELDOUT_OF == 0 ? SUITE_HELDOUT : SUITE_TRAIN;
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
                  .hard = train ? 0 : (int)deck_int(deck, "problems.hard"),
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
    return d->split == SUITE_HELDOUT ? n / 6 : n / 3 * 2;
}

/* 1: of this split; its meaning in *key, never 0. */
static int sketch(const draw_t *d, int i, int attempt, sketch_t *s, rng_t *r, int *family,
                  int *level, uint64_t *key)
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
    *key = meaning(families[*family].name, core.s).lo | 1;
    text_reset(&core);
    return mine;
}

/* Inputs from..to; 1: the reference fails on one. */
static int draw_inputs(const sketch_t *s, rng_t *r, int from, int to, text_t *input, text_t *output)
{
    for (int i = from; i < to; i++) {
        int fresh = 0;
        for (int attempt = 0; attempt < 20 && !fresh; attempt++) {
            text_clear(&input[i]), text_clear(&output[i]);
            inputs_draw(s, r, attempt < 10 ? i : 99, &input[i]);
            fresh = 1;
            for (int j = 0; j < i; j++)
                fresh &= strcmp(input[i].s, input[j].s) != 0;
        }
        if (interp_run(&s->ast, input[i].s, &output[i], NULL))
            return 1;
    }
    return 0;
}

const char *draw_tests(const sketch_t *s, rng_t *r, int n, text_t *input, text_t *output)
{
    if (draw_inputs(s, r, 0, n, input, output))
        return "fails";
    const char *why = idle_why(&s->ast, n, n, input, output);
    if (!why || strcmp(why, "idle") != 0 || n >= SHOWN)
        return why;
    if (draw_inputs(s, r, n, SHOWN, input, output))
        return "fails";
    return idle_why(&s->ast, n, SHOWN, input, output);
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

/* What the suite hard needs, from random numbers of its own: the other programs of a problem are the
   same without them.  Behind those, and not what is there already.  used: predicted passes of
   those. */
static void add_hard(bank_t *b, const draw_t *d, const sketch_t *s, int first, int problem,
                     const char *core, const text_t *input, const text_t *output, int *used,
                     const char *example, mutant_t *m)
{
    rng_t r = rng_make(d->seed, RNG_PROGRAM, b->problem[problem].id.lo, b->problem[problem].id.hi);
    int n = mutants_hard(s, core, &r, d->hard, d->tests, input, output, used, m);
    for (int i = 0; i < n; i++) {
        int fresh = 1;
        for (int k = first; k < b->n_program; k++)
            fresh &= strcmp(b->program[k].core, m[i].core.s) != 0;
        if (fresh)
            add_program(b, first, problem, &m[i].ast, &r, d->rewrite, d, POOL_WEAK, m[i].origin,
                        example);
    }
}

static void add_problem(bank_t *b, const draw_t *d, const sketch_t *s, rng_t *r, int family,
                        int level, const text_t *input, const text_t *output)
{
    int problem = b->n_problem, first = b->n_program, used[MAX_TESTS + 1] = {0};
    mutant_t *m = ALLOC(mutant_t, MUTANTS);
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
            n = mutants_draw(&s->ast, core.s, r, pool == POOL_STRONG, d->tests, input, output, m);
        mutants_choose(m, n, want, d->tests);
        if (!example.len)
            example_choose(s, r, m, n, &example);
        if (b->n_program == first)
            add_program(b, first, problem, &s->ast, r, 0, d, POOL_REFERENCE, "reference",
                        example.s);
        for (int i = 0; i < n; i++)
            if (m[i].chosen)
                used[m[i].passes] += add_program(b, first, problem, &m[i].ast, r, d->rewrite, d,
                                                 (pool_t)pool, m[i].origin, example.s) &&
                                     pool == POOL_WEAK;
    }
    for (int e = 0, attempt = 0; e < d->equivalents && attempt < 6 * d->equivalents; attempt++)
        e += add_program(b, first, problem, &s->ast, r, fmax(d->rewrite, 0.4), d, POOL_EQUIVALENT,
                         "rewritten", example.s);
    if (d->hard)
        add_hard(b, d, s, first, problem, core.s, input, output, used, example.s, m);
    b->problem[problem].example = mem_text(example.s);
    for (int k = 0; k < MUTANTS; k++)
        text_reset(&m[k].core);
    text_reset(&core), text_reset(&example);
    mem_free(m);
}

/* A problem as it is being drawn. */
typedef struct {
    sketch_t *s;
    text_t input[MAX_TESTS], output[MAX_TESTS];
    rng_t r;
    uint64_t key; /* its meaning */
    int family, level;
} found_t;

static found_t *find(const draw_t *d, int i, const meanings_t *seen)
{
    ASSERT(d->tests >= 2 && d->tests <= MAX_TESTS);
    found_t *f = ALLOC(found_t, 1);
    f->s = ALLOC(sketch_t, 1);
    for (int attempt = 0, again = 0;; attempt++) {
        if (attempt > 5000)
            fail(CODE_USAGE,
                 "problems.families = %s: no %s problem found in %d draws; allow more "
                 "families or levels",
                 d->families, suite_names[d->split], attempt);
        if (!sketch(d, i, attempt, f->s, &f->r, &f->family, &f->level, &f->key) ||
            (seen && again < REDRAWS && meanings_hold(seen, f->key) && ++again) ||
            draw_tests(f->s, &f->r, d->tests, f->input, f->output))
            continue;
        return f;
    }
}

static void found_free(found_t *f)
{
    for (int t = 0; t < MAX_TESTS; t++)
        text_reset(&f->input[t]), text_reset(&f->output[t]);
    text_reset(&f->s->statement);
    mem_free(f->s);
    mem_free(f);
}

void draw_distinct(bank_t *b, const draw_t *d, int i, meanings_t *seen)
{
    found_t *f = find(d, i, seen);
    add_problem(b, d, f->s, &f->r, f->family, f->level, f->input, f->output);
    if (seen)
        meanings_add(seen, f->key);
    found_free(f);
}

uint64_t draw_meaning(const draw_t *d, int i, meanings_t *seen)
{
    found_t *f = find(d, i, seen);
    uint64_t key = f->key;
    if (seen)
        meanings_add(seen, key);
    found_free(f);
    return key;
}

void draw_problem(bank_t *b, const draw_t *d, int i)
{
    draw_distinct(b, d, i, NULL);
}
