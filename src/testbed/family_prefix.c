/* Family prefix: sums of the first numbers of a list, and what their differences tell.

   balance   the sum before a place against the sum behind it
   stretch   all stretches, by their sums
   width     the best stretch of a given width, first or last among equals
   lowest    when a running sum is at its lowest or highest */
#include "testbed/ast.h"

typedef struct {
    int a, p, i, j, s, x;
    text_t np, suffix, before;
} prefix_t;

static int sum_at(ast_t *t, const prefix_t *v, int index)
{
    return ast_at(t, v->p, index);
}

/* p = [0]; then the running sums, of each number by a rule. */
static int sums(ast_t *t, rng_t *r, prefix_t *v, int level)
{
    int e = ast_use(t, v->x), cond = 0, filters = level == 2 || (level == 1 && rng_below(r, 2));
    text_t verb = {0};
    if (filters)
        cond = phrase_filter(t, r, v->x, level, &v->np);
    if ((level == 1 && !filters) || (level == 2 && rng_below(r, 2)))
        e = phrase_map(t, r, v->x, level, &v->suffix, &verb);
    int put = ast_put(t, v->p, ast_bin(t, OP_ADD, ast_last(t, v->p), e));
    int keep = cond ? ast_put(t, v->p, ast_last(t, v->p)) : 0;
    text_reset(&verb);
    return BLOCK(t, ast_empty(t, v->p), ast_put(t, v->p, ast_int(t, 0)),
                 ast_each(t, v->x, v->a, ast_if(t, cond, put, keep)));
}

/* The rule of the sums behind a sentence. */
static void rule(sketch_t *k, const prefix_t *v)
{
    if (v->np.s || v->suffix.s)
        text_addf(&k->statement, " Sums are of %s%s%s.", v->np.s ? v->np.s : "the numbers",
                  v->np.s ? " only" : "", v->suffix.s ? v->suffix.s : "");
}

static void balance(sketch_t *k, rng_t *r, int level, prefix_t *v)
{
    ast_t *t = &k->ast;
    op_t cmp = (op_t)(OP_LT + rng_below(r, 4));
    int by = level ? rng_below(r, 6) : rng_below(r, 3), what = rng_below(r, 3);
    int start = sums(t, r, v, level);
    int next = ast_bin(t, OP_ADD, ast_use(t, v->i), ast_int(t, 1));
    int right = ast_bin(t, OP_SUB, ast_last(t, v->p), sum_at(t, v, next));
    if (by)
        right = ast_bin(t, OP_ADD, right, ast_int(t, by));
    int e = what == 0   ? ast_int(t, 1)
            : what == 1 ? ast_use(t, v->i)
                        : ast_at(t, v->a, ast_use(t, v->i));
    int test = ast_cmp(t, cmp, sum_at(t, v, ast_use(t, v->i)), right);
    int loop = ast_range(t, v->i, ast_int(t, 0), ast_len(t, v->a),
                         ast_if(t, test, ast_step(t, v->s, OP_ADD, e), 0));
    int out = phrase_print(t, r, ast_use(t, v->s), level, &v->before);
    t->body = BLOCK(t, start, ast_set(t, v->s, ast_int(t, 0)), loop, ast_print(t, out));
    text_addf(&k->statement,
              PICK(r, "Print %s%s where the sum before it is %s the sum behind it",
                   "Find %s%s whose left side has a sum %s that of the right side"),
              v->before.s,
              what == 0   ? PICK(r, "the number of places", "how many places there are")
              : what == 1 ? "the sum of all places, counted from 0,"
                          : "the sum of all elements at places",
              phrase_order(cmp, r));
    if (by)
        text_addf(&k->statement, " plus %d", by);
    text_add(&k->statement, ".");
    rule(k, v);
}

static void stretch(sketch_t *k, rng_t *r, int level, prefix_t *v)
{
    ast_t *t = &k->ast;
    int divides = rng_below(r, 3) == 0, c = divides ? 2 + rng_below(r, 4) : rng_below(r, 12) - 2;
    op_t cmp = divides ? OP_EQ : phrase_compare(r);
    int rest = divides && level ? rng_below(r, c) : 0, what = rng_below(r, 4);
    int start = sums(t, r, v, level);
    int sum = ast_bin(t, OP_SUB, sum_at(t, v, ast_use(t, v->i)), sum_at(t, v, ast_use(t, v->j)));
    int test = divides ? ast_cmp(t, cmp, ast_bin(t, OP_MOD, ast_copy(t, sum), ast_int(t, c)),
                                 ast_int(t, rest))
                       : ast_cmp(t, cmp, ast_copy(t, sum), ast_int(t, c));
    int width = ast_bin(t, OP_SUB, ast_use(t, v->i), ast_use(t, v->j));
    int step = what == 0   ? ast_step(t, v->s, OP_ADD, ast_int(t, 1))
               : what == 1 ? ast_step(t, v->s, OP_ADD, width)
               : what == 2 ? ast_step(t, v->s, OP_MAX, width)
                           : ast_step(t, v->s, OP_ADD, sum);
    int inner = ast_range(t, v->j, ast_int(t, 0), ast_use(t, v->i), ast_if(t, test, step, 0));
    int loop = ast_range(t, v->i, ast_int(t, 0), ast_len(t, v->p), inner);
    int out = phrase_print(t, r, ast_use(t, v->s), level, &v->before);
    k->len_hi = 6;
    t->body = BLOCK(t, start, ast_set(t, v->s, ast_int(t, 0)), loop, ast_print(t, out));
    text_addf(&k->statement,
              PICK(r, "Print %s%s of all stretches of the list",
                   "Output %s%s of all runs of "
                   "neighbours"),
              v->before.s,
              what == 0   ? PICK(r, "the number", "the count")
              : what == 1 ? "the total length"
              : what == 2 ? "the greatest length (0 if there is none)"
                          : "the sum of the sums");
    if (divides && !rest)
        text_addf(&k->statement, " whose sum is divisible by %d", c);
    else if (divides)
        text_addf(&k->statement, " whose sum leaves %d when divided by %d", rest, c);
    else
        text_addf(&k->statement, " whose sum is %s %d", phrase_order(cmp, r), c);
    text_add(&k->statement, ".");
    rule(k, v);
}

/* if d cmp s: s = d, j = place */
static int best(ast_t *t, const prefix_t *v, op_t cmp, int d, int e, int place)
{
    int yes = BLOCK(t, ast_set(t, v->s, ast_use(t, d)), ast_set(t, v->j, place));
    return BLOCK(t, ast_set(t, d, e),
                 ast_if(t, ast_cmp(t, cmp, ast_use(t, d), ast_use(t, v->s)), yes, 0));
}

static void width(sketch_t *k, rng_t *r, int level, prefix_t *v)
{
    ast_t *t = &k->ast;
    int w = 2 + rng_below(r, 2), start = rng_below(r, 9) - 2, last = rng_below(r, 2);
    int up = rng_below(r, 3) > 0, d = ast_var(t, "d", T_INT);
    op_t cmp = (op_t)((up ? OP_GT : OP_LT) + (last ? 1 : 0));
    int begin = sums(t, r, v, level);
    int from = ast_bin(t, OP_SUB, ast_use(t, v->i), ast_int(t, w));
    int e = ast_bin(t, OP_SUB, sum_at(t, v, ast_use(t, v->i)), sum_at(t, v, ast_copy(t, from)));
    int loop = ast_range(t, v->i, ast_int(t, w), ast_len(t, v->p), best(t, v, cmp, d, e, from));
    int out = phrase_print(t, r, ast_use(t, v->s), level, &v->before);
    t->body = BLOCK(t, begin, ast_set(t, v->s, ast_int(t, start)), ast_set(t, v->j, ast_int(t, -1)),
                    loop, ast_print(t, ast_use(t, v->j)), ast_print(t, out));
    text_addf(&k->statement,
              PICK(r,
                   "Among %d neighbours with a sum %s %d, find those with the %s one, the %s if "
                   "equal. ",
                   "Of all stretches of %d with a sum %s %d take that with the %s sum, the %s "
                   "among equals. "),
              w, phrase_order(cmp, r), start, up ? "largest" : "smallest", last ? "last" : "first");
    text_addf(&k->statement, "Print its start from 0 (-1 if none), then %sthe sum (%d if none).",
              v->before.s, start);
    rule(k, v);
}

static void lowest(sketch_t *k, rng_t *r, int level, prefix_t *v)
{
    ast_t *t = &k->ast;
    int start = rng_below(r, 5), last = rng_below(r, 2), up = rng_below(r, 2);
    int d = ast_var(t, "d", T_INT);
    op_t cmp = (op_t)((up ? OP_GT : OP_LT) + (last ? 1 : 0));
    int begin = sums(t, r, v, level), border = up ? start : -start;
    int loop = ast_range(t, v->i, ast_int(t, 0), ast_len(t, v->p),
                         best(t, v, cmp, d, sum_at(t, v, ast_use(t, v->i)), ast_use(t, v->i)));
    int out = phrase_print(t, r, ast_use(t, v->s), level, &v->before);
    t->body =
        BLOCK(t, begin, ast_set(t, v->s, ast_int(t, border)), ast_set(t, v->j, ast_int(t, -1)),
              loop, ast_print(t, ast_use(t, v->j)), ast_print(t, out));
    text_addf(
        &k->statement,
        PICK(r, "A running sum starts at 0. When is it %s and %s %d, the %s time? ",
             "Among all running sums, the empty one too, take the %s %s %d, the %s if equal. "),
        up ? "highest" : "lowest", phrase_order(cmp, r), border, last ? "last" : "first");
    text_addf(&k->statement,
              "Print how many numbers it holds (-1 if never), then %sits value (else %d).",
              v->before.s, border);
    rule(k, v);
}

void family_prefix(sketch_t *k, rng_t *r, int level)
{
    static void (*const kinds[])(sketch_t *, rng_t *, int, prefix_t *) = {balance, stretch, width,
                                                                          lowest};
    ast_t *t = &k->ast;
    prefix_t v = {.a = ast_input(t, "a", T_LIST)};
    v.p = ast_var(t, "p", T_LIST), v.i = ast_var(t, "i", T_INT), v.j = ast_var(t, "j", T_INT);
    v.s = ast_var(t, "s", T_INT), v.x = ast_var(t, "x", T_INT);
    t->rich = 1;
    k->len_lo = 1, k->len_hi = 7, k->item_lo = -5, k->item_hi = 9;
    kinds[rng_below(r, 4)](k, r, level, &v);
    text_reset(&v.np), text_reset(&v.suffix), text_reset(&v.before);
}
