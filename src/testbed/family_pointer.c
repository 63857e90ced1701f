/* Family pointer: two places in one list, which move towards or behind each other.

   pairs    from both ends of a sorted list, by the sum of the two numbers
   window   runs of neighbours whose sum, or number of matching elements, is bounded
   mirror   the first with the last, the second with the last but one, and so on */
#include "testbed/ast.h"

typedef struct {
    int n, a, i, j, s;
} vars_t;

static int index_of(ast_t *t, int list, int i)
{
    return ast_at(t, list, ast_use(t, i));
}

static int distance(ast_t *t, const vars_t *v)
{
    return ast_bin(t, OP_SUB, ast_use(t, v->j), ast_use(t, v->i));
}

/* What happens to s where i and j stand. */
static int act(ast_t *t, rng_t *r, const vars_t *v, int level, text_t *say)
{
    int k = 1 + rng_below(r, level ? 9 : 4);
    switch (rng_below(r, level ? 6 : 3)) {
    case 0:
        text_addf(say, "add %d", k);
        return ast_step(t, v->s, OP_ADD, ast_int(t, k));
    case 1:
        text_add(say, PICK(r, "add their distance", "add how far apart they are"));
        return ast_step(t, v->s, OP_ADD, distance(t, v));
    case 2:
        text_add(say, PICK(r, "add the left number", "add the number on the left"));
        return ast_step(t, v->s, OP_ADD, index_of(t, v->a, v->i));
    case 3:
        text_addf(say, "subtract %d", k);
        return ast_step(t, v->s, OP_SUB, ast_int(t, k));
    case 4:
        text_add(say, PICK(r, "add the right number", "add the number on the right"));
        return ast_step(t, v->s, OP_ADD, index_of(t, v->a, v->j));
    default:
        text_add(say, PICK(r, "subtract the right number", "take off the right number"));
        return ast_step(t, v->s, OP_SUB, index_of(t, v->a, v->j));
    }
}

/* s = start; i, j = both ends */
static int begin(ast_t *t, const vars_t *v, int start)
{
    int end = ast_bin(t, OP_SUB, ast_len(t, v->a), ast_int(t, 1));
    return BLOCK(t, ast_set(t, v->s, ast_int(t, start)), ast_set(t, v->i, ast_int(t, 0)),
                 ast_set(t, v->j, end));
}

static int between_ends(ast_t *t, const vars_t *v, int body)
{
    return ast_while(t, ast_cmp(t, OP_LT, ast_use(t, v->i), ast_use(t, v->j)), body);
}

static void pairs(sketch_t *k, rng_t *r, int level)
{
    ast_t *t = &k->ast;
    vars_t v;
    v.n = ast_input(t, "n", T_INT), v.a = ast_input(t, "a", T_LIST);
    v.i = ast_var(t, "i", T_INT), v.j = ast_var(t, "j", T_INT), v.s = ast_var(t, "s", T_INT);
    k->shape = SHAPE_SORTED;
    k->lo = -2, k->hi = 14, k->len_lo = 0, k->len_hi = 7, k->item_lo = -4, k->item_hi = 9;
    int start = level ? rng_below(r, 6) : 0, plus = level > 1 ? rng_below(r, 4) : 0;
    int counts = level == 0 && rng_below(r, 2);
    op_t cmp = counts ? (op_t)(OP_LT + rng_below(r, 2)) : phrase_compare(r);
    text_t one = {0}, two = {0}, before = {0};
    int yes, no = 0;
    if (counts)
        yes = ast_step(t, v.s, OP_ADD, distance(t, &v));
    else
        yes = act(t, r, &v, level, &one);
    if (level > 0)
        no = act(t, r, &v, level, &two);
    int sum = ast_bin(t, OP_ADD, index_of(t, v.a, v.i), index_of(t, v.a, v.j));
    if (plus)
        sum = ast_bin(t, OP_ADD, sum, ast_int(t, plus));
    yes = ast_chain(t, yes, ast_step(t, v.i, OP_ADD, ast_int(t, 1)));
    no = ast_chain(t, no, ast_step(t, v.j, OP_SUB, ast_int(t, 1)));
    int body = ast_if(t, ast_cmp(t, cmp, sum, ast_use(t, v.n)), yes, no);
    int out = phrase_print(t, r, ast_use(t, v.s), level, &before);
    t->body = BLOCK(t, begin(t, &v, start), between_ends(t, &v, body), ast_print(t, out));
    const char *order = phrase_order(cmp, r), *b = before.s;
    if (counts) {
        text_addf(&k->statement,
                  PICK(r, "A list is sorted. Print %sthe number of pairs with a sum %s n.",
                       "Given n and a sorted list, output %show many pairs of its elements have a "
                       "sum %s n."),
                  b, order);
    } else {
        text_addf(&k->statement,
                  PICK(r, "Begin at both ends of a sorted list with %d. Until they meet: ",
                       "From %d, move in from both ends of a sorted list. Until they meet: "),
                  start);
        text_add(&k->statement, "if their sum ");
        if (plus)
            text_addf(&k->statement, "plus %d ", plus);
        text_addf(&k->statement, "is %s n, %s and move the left one; else ", order, one.s);
        text_addf(&k->statement, two.s ? "%s and move the right one. " : "%smove the right one. ",
                  two.s ? two.s : "");
        text_addf(&k->statement, "Print %sthe result.", b);
    }
    text_reset(&one), text_reset(&two), text_reset(&before);
}

/* The window i..j is as long as its weight allows; s is taken from each. */
static int taken(ast_t *t, const vars_t *v, int w, int mode)
{
    int width = ast_bin(t, OP_ADD, distance(t, v), ast_int(t, 1));
    return mode == 0   ? ast_step(t, v->s, OP_MAX, width)
           : mode == 1 ? ast_step(t, v->s, OP_ADD, width)
                       : ast_step(t, v->s, OP_MAX, ast_use(t, w));
}

static void window(sketch_t *k, rng_t *r, int level)
{
    ast_t *t = &k->ast;
    vars_t v;
    v.n = ast_input(t, "n", T_INT), v.a = ast_input(t, "a", T_LIST);
    v.i = ast_var(t, "i", T_INT), v.j = ast_var(t, "j", T_INT), v.s = ast_var(t, "s", T_INT);
    int w = ast_var(t, "w", T_INT), x = ast_var(t, "x", T_INT);
    int matching = level > 0 && rng_below(r, 2), mode = rng_below(r, matching ? 2 : 3), by = 0;
    op_t cmp = OP_GT;
    k->len_lo = 0, k->len_hi = 7, k->item_hi = 9, k->item_lo = matching ? -4 : 0;
    k->lo = 0, k->hi = matching ? 3 : 20;
    text_t np = {0}, say = {0}, before = {0};
    int more, less, e = ast_use(t, x), times = 0;
    if (matching) {
        int cond = phrase_filter(t, r, x, level, &np);
        more = ast_if(t, cond, ast_step(t, w, OP_ADD, ast_int(t, 1)), 0);
        less = ast_if(t, ast_copy(t, cond), ast_step(t, w, OP_SUB, ast_int(t, 1)), 0);
    } else {
        if (rng_below(r, 2))
            cmp = OP_GE, k->lo = 1;
        by = rng_below(r, level ? 5 : 3), times = level > 0 && rng_below(r, 3) == 0;
        if (by)
            e = ast_bin(t, times ? OP_MUL : OP_ADD, e, ast_int(t, by + times));
        more = ast_step(t, w, OP_ADD, e);
        less = ast_step(t, w, OP_SUB, ast_copy(t, e));
    }
    int shrink = BLOCK(t, ast_set(t, x, index_of(t, v.a, v.i)), less,
                       ast_step(t, v.i, OP_ADD, ast_int(t, 1)));
    int body = BLOCK(t, ast_set(t, x, index_of(t, v.a, v.j)), more,
                     ast_while(t, ast_cmp(t, cmp, ast_use(t, w), ast_use(t, v.n)), shrink),
                     taken(t, &v, w, mode));
    int out = phrase_print(t, r, ast_use(t, v.s), level, &before);
    t->body = BLOCK(t, ast_set(t, v.s, ast_int(t, 0)), ast_set(t, v.i, ast_int(t, 0)),
                    ast_set(t, w, ast_int(t, 0)),
                    ast_range(t, v.j, ast_int(t, 0), ast_len(t, v.a), body), ast_print(t, out));
    text_add(&say, mode == 0   ? PICK(r, "the length of the longest", "the size of the longest")
                   : mode == 1 ? PICK(r, "the number of", "the count of")
                               : PICK(r, "the largest sum of a", "the greatest sum of a"));
    text_addf(&k->statement,
              PICK(r, "Print %s%s %s of neighbours with ",
                   "Given n and a list, find %s%s %s of "
                   "consecutive elements with "),
              before.s, say.s,
              mode == 1 ? PICK(r, "runs", "stretches") : PICK(r, "run", "stretch"));
    if (matching)
        text_addf(&k->statement, "at most n %s", np.s);
    else
        text_addf(&k->statement, "a sum %s n", cmp == OP_GT ? "of at most" : "below");
    if (by)
        text_addf(&k->statement, ", each number %s %d", times ? "times" : "plus", by + times);
    text_add(&k->statement, ".");
    if (mode != 1)
        text_add(&k->statement, PICK(r, " Without any it is 0.", " It is 0 where there is none."));
    text_reset(&np), text_reset(&say), text_reset(&before);
}

static void mirror(sketch_t *k, rng_t *r, int level)
{
    ast_t *t = &k->ast;
    vars_t v = {.n = -1};
    v.a = ast_input(t, "a", T_LIST);
    v.i = ast_var(t, "i", T_INT), v.j = ast_var(t, "j", T_INT), v.s = ast_var(t, "s", T_INT);
    k->shape = SHAPE_MIRROR;
    k->len_lo = 0, k->len_hi = 8, k->item_lo = -3, k->item_hi = 6;
    op_t cmp = (op_t)(OP_LT + rng_below(r, 6));
    int start = rng_below(r, 6), by = level && cmp < OP_EQ ? rng_below(r, 4) : 0, yes, no = 0;
    text_t one = {0}, two = {0}, before = {0};
    yes = act(t, r, &v, level, &one);
    if (level > 0 || rng_below(r, 2))
        no = act(t, r, &v, level, &two);
    int right = index_of(t, v.a, v.j);
    if (by)
        right = ast_bin(t, OP_ADD, right, ast_int(t, by));
    int test = ast_cmp(t, cmp, index_of(t, v.a, v.i), right);
    int body = BLOCK(t, ast_if(t, test, yes, no), ast_step(t, v.i, OP_ADD, ast_int(t, 1)),
                     ast_step(t, v.j, OP_SUB, ast_int(t, 1)));
    int out = phrase_print(t, r, ast_use(t, v.s), level, &before);
    t->body = BLOCK(t, begin(t, &v, start), between_ends(t, &v, body), ast_print(t, out));
    text_addf(&k->statement,
              PICK(r,
                   "From %d, compare the first number with the last, the second with the last "
                   "but one, and so on: ",
                   "Walk from both ends of the list to its middle, beginning with %d: "),
              start);
    text_addf(&k->statement, "if the left one is %s the right one", phrase_order(cmp, r));
    if (by)
        text_addf(&k->statement, " plus %d", by);
    text_addf(&k->statement, ", %s", one.s);
    if (two.s)
        text_addf(&k->statement, ", else %s", two.s);
    text_addf(&k->statement, ". Print %sthe result.", before.s);
    text_reset(&one), text_reset(&two), text_reset(&before);
}

void family_pointer(sketch_t *k, rng_t *r, int level)
{
    static void (*const kinds[])(sketch_t *, rng_t *, int) = {pairs, window, mirror};
    k->ast.rich = 1;
    kinds[rng_below(r, 3)](k, r, level);
}
