/* Families number and dp: divisors, digits, greatest common divisors; recurrences, best sums. */
#include "testbed/ast.h"

static int small_filter(ast_t *t, rng_t *r, int var, int level, text_t *np)
{
    text_t full = {0};
    int c = phrase_filter(t, r, var, level > 1 ? 1 : 0, &full);
    text_add(np, full.s);
    text_reset(&full);
    return c;
}

static void divisors(sketch_t *k, rng_t *r, int level)
{
    ast_t *t = &k->ast;
    int n = ast_input(t, "n", T_INT), s = ast_var(t, "s", T_INT), i = ast_var(t, "i", T_INT);
    t->result = s;
    k->lo = 1, k->hi = 30;
    int counts = rng_below(r, 2), proper = rng_below(r, 2), from = 1 + rng_below(r, 2);
    int test = ast_cmp(t, OP_EQ, ast_bin(t, OP_MOD, ast_use(t, n), ast_use(t, i)), ast_int(t, 0));
    text_t np = {0}, suffix = {0}, verb = {0};
    int e = counts ? ast_int(t, 1) : ast_use(t, i);
    if (level > 0)
        test = ast_node(t, N_BOOL, OP_AND, test, small_filter(t, r, i, level, &np));
    if (!counts && rng_below(r, 2))
        e = phrase_map(t, r, i, level, &suffix, &verb);
    int start = 1 + rng_below(r, 5);
    int to = proper ? ast_use(t, n) : ast_bin(t, OP_ADD, ast_use(t, n), ast_int(t, 1));
    t->body = ast_set(t, s, ast_int(t, start));
    ast_chain(t, t->body,
              ast_range(t, i, ast_int(t, from), to, ast_if(t, test, ast_step(t, s, OP_ADD, e), 0)));
    ast_chain(t, t->body, ast_print(t, ast_use(t, s)));
    text_addf(&k->statement,
              PICK(r, "Print %d plus the %s of the divisors of n from %d to %s%s%s%s.",
                   "Given n, output %d plus the %s of its divisors from %d up to %s%s%s%s.",
                   "Starting at %d, find the %s of all divisors of n between %d and %s%s%s%s."),
              start, counts ? PICK(r, "number", "count") : PICK(r, "sum", "total"), from,
              proper ? "n - 1" : "n", np.len ? ", only " : "", np.len ? np.s : "",
              suffix.s ? suffix.s : "");
    text_reset(&np), text_reset(&suffix), text_reset(&verb);
}

static void digits(sketch_t *k, rng_t *r, int level)
{
    ast_t *t = &k->ast;
    int n = ast_input(t, "n", T_INT), s = ast_var(t, "s", T_INT), d = ast_var(t, "d", T_INT);
    t->result = s;
    k->lo = 1, k->hi = 999;
    int which = rng_below(r, 4), test = 0;
    int start = which == 1 || which == 2 ? rng_below(r, 6) : 1 + rng_below(r, 5);
    static const op_t ops[] = {OP_ADD, OP_MAX, OP_MIN, OP_ADD};
    text_t np = {0}, suffix = {0}, verb = {0};
    if (level > 0 || which == 3)
        test = small_filter(t, r, d, level, &np);
    int e = which == 3 ? ast_int(t, 1) : ast_use(t, d);
    if (which < 3 && rng_below(r, 2))
        e = phrase_map(t, r, d, level, &suffix, &verb);
    int body = ast_set(t, d, ast_bin(t, OP_MOD, ast_use(t, n), ast_int(t, 10)));
    ast_chain(t, body, ast_if(t, test, ast_step(t, s, ops[which], e), 0));
    ast_chain(t, body, ast_step(t, n, OP_DIV, ast_int(t, 10)));
    t->body = ast_set(t, s, ast_int(t, start));
    int loop = ast_node(t, N_WHILE, 0, ast_cmp(t, OP_GT, ast_use(t, n), ast_int(t, 0)), body);
    ast_chain(t, t->body, loop);
    ast_chain(t, t->body, ast_print(t, ast_use(t, s)));
    static const char *const say[] = {"%d plus the sum", "the maximum of %d and all",
                                      "the minimum of %d and all", "%d plus the number"};
    text_add(&k->statement, PICK(r, "Print ", "Given n, find ", "Output "));
    text_addf(&k->statement, say[which], start);
    text_addf(&k->statement, " of the digits of n%s%s%s.", np.len ? ", only " : "",
              np.len ? np.s : "", suffix.s ? suffix.s : "");
    text_reset(&np), text_reset(&suffix), text_reset(&verb);
}

static void common(sketch_t *k, rng_t *r, int level)
{
    ast_t *t = &k->ast;
    int a = ast_input(t, "a", T_INT), b = ast_input(t, "b", T_INT), h = ast_var(t, "t", T_INT);
    k->lo = 1, k->hi = 24;
    static const op_t ops[] = {OP_ADD, OP_SUB, OP_MUL};
    int op = rng_below(r, 3), c = 1 + rng_below(r, level ? 9 : 6);
    int body = ast_set(t, h, ast_bin(t, OP_MOD, ast_use(t, a), ast_use(t, b)));
    ast_chain(t, body, ast_set(t, a, ast_use(t, b)));
    ast_chain(t, body, ast_set(t, b, ast_use(t, h)));
    t->body = ast_node(t, N_WHILE, 0, ast_cmp(t, OP_GT, ast_use(t, b), ast_int(t, 0)), body);
    ast_chain(t, t->body, ast_print(t, ast_bin(t, ops[op], ast_use(t, a), ast_int(t, c))));
    text_addf(&k->statement,
              PICK(r, "Print the greatest common divisor of a and b %s %d.",
                   "Given a and b, output their greatest common divisor %s %d.",
                   "Find the largest number that divides a and b, %s %d."),
              op == 0   ? "plus"
              : op == 1 ? "minus"
                        : "times",
              c);
}

void family_number(sketch_t *k, rng_t *r, int level)
{
    switch (rng_below(r, 5)) {
    case 0:
    case 1:
        divisors(k, r, level);
        break;
    case 2:
    case 3:
        digits(k, r, level);
        break;
    default:
        common(k, r, level);
    }
}

static void recurrence(sketch_t *k, rng_t *r, int level)
{
    ast_t *t = &k->ast;
    int n = ast_input(t, "n", T_INT), a = ast_var(t, "a", T_INT), b = ast_var(t, "b", T_INT);
    int c = ast_var(t, "c", T_INT), i = ast_var(t, "i", T_INT);
    t->result = a;
    k->lo = 0, k->hi = 9;
    int p = rng_below(r, 6), q = 1 + rng_below(r, 6), x = 1 + rng_below(r, 3), minus = 0;
    int extra = level > 0 ? rng_below(r, 4) : 0;
    text_t rule = {0};
    int e = ast_use(t, b);
    if (x > 1)
        e = ast_bin(t, OP_MUL, e, ast_int(t, x));
    minus = level > 0 && rng_below(r, 2);
    e = ast_bin(t, minus ? OP_SUB : OP_ADD, e, ast_use(t, a));
    if (extra)
        e = ast_bin(t, OP_ADD, e, ast_int(t, extra));
    if (x > 1)
        text_addf(&rule, "%d times ", x);
    text_addf(&rule, "the last one %s the one before it", minus ? "minus" : "plus");
    if (extra)
        text_addf(&rule, " plus %d", extra);
    int body = ast_set(t, c, e);
    ast_chain(t, body, ast_set(t, a, ast_use(t, b)));
    ast_chain(t, body, ast_set(t, b, ast_use(t, c)));
    t->body = ast_set(t, a, ast_int(t, p));
    ast_chain(t, t->body, ast_set(t, b, ast_int(t, q)));
    ast_chain(t, t->body, ast_range(t, i, ast_int(t, 0), ast_use(t, n), body));
    ast_chain(t, t->body, ast_print(t, ast_use(t, a)));
    text_addf(&k->statement,
              PICK(r,
                   "A sequence starts %d, %d; each next term is %s. Print the term after "
                   "n steps.",
                   "The first terms are %d and %d, every new term is %s. Print term n, "
                   "counted from 0.",
                   "Begin with %d, %d and let each further term be %s. Output term "
                   "number n from 0."),
              p, q, rule.s);
    text_reset(&rule);
}

static void best_sum(sketch_t *k, rng_t *r, int level)
{
    ast_t *t = &k->ast;
    int a = ast_input(t, "a", T_LIST), x = ast_var(t, "x", T_INT), e = ast_var(t, "e", T_INT);
    int b = ast_var(t, "b", T_INT);
    t->result = b;
    k->len_lo = 1, k->len_hi = 7, k->item_lo = -6, k->item_hi = 7;
    int least = rng_below(r, 2), start = rng_below(r, 6), cost = rng_below(r, level ? 4 : 3);
    op_t op = least ? OP_MIN : OP_MAX;
    int item = ast_use(t, x);
    if (cost)
        item = ast_bin(t, OP_SUB, item, ast_int(t, cost));
    int grow = ast_bin(t, OP_ADD, ast_use(t, e), item);
    int body = ast_set(t, e, ast_node(t, N_CALL, op, grow, ast_int(t, 0)));
    ast_chain(t, body, ast_set(t, b, ast_node(t, N_CALL, op, ast_use(t, b), ast_use(t, e))));
    t->body = ast_set(t, e, ast_int(t, 0));
    ast_chain(t, t->body, ast_set(t, b, ast_int(t, least ? -start : start)));
    ast_chain(t, t->body, ast_each(t, x, a, body));
    ast_chain(t, t->body, ast_print(t, ast_use(t, b)));
    const char *word = least ? PICK(r, "smallest", "least") : PICK(r, "largest", "best");
    text_addf(&k->statement,
              PICK(r, "Print the %s sum of consecutive elements",
                   "Find the %s sum of a run of neighbours",
                   "Output the %s total over all stretches of the list"),
              word);
    if (cost)
        text_addf(&k->statement, ", each minus %d", cost);
    text_addf(&k->statement, PICK(r, "; %s it is %d.", ", but %s %d."),
              least ? "at most" : "at least", least ? -start : start);
}

static void pick_apart(sketch_t *k, rng_t *r, int level)
{
    ast_t *t = &k->ast;
    int a = ast_input(t, "a", T_LIST), x = ast_var(t, "x", T_INT), u = ast_var(t, "u", T_INT);
    int v = ast_var(t, "v", T_INT), c = ast_var(t, "c", T_INT);
    t->result = v;
    k->len_lo = 1, k->len_hi = 7, k->item_lo = -2, k->item_hi = 9;
    text_t suffix = {0}, verb = {0};
    int start = 1 + rng_below(r, 5);
    int item =
        level > 0 || rng_below(r, 2) ? phrase_map(t, r, x, level, &suffix, &verb) : ast_use(t, x);
    int take = ast_bin(t, OP_ADD, ast_use(t, u), item);
    int body = ast_set(t, c, ast_node(t, N_CALL, OP_MAX, ast_use(t, v), take));
    ast_chain(t, body, ast_set(t, u, ast_use(t, v)));
    ast_chain(t, body, ast_set(t, v, ast_use(t, c)));
    t->body = ast_set(t, u, ast_int(t, start));
    ast_chain(t, t->body, ast_set(t, v, ast_int(t, start)));
    ast_chain(t, t->body, ast_each(t, x, a, body));
    ast_chain(t, t->body, ast_print(t, ast_use(t, v)));
    text_addf(&k->statement,
              PICK(r,
                   "Choose elements, no two of them neighbours%s: print %d plus the largest "
                   "sum.",
                   "Without taking two neighbours%s, output %d plus the best sum of elements.",
                   "Print the best total of elements no two adjacent%s, plus %d."),
              suffix.s ? suffix.s : "", start);
    text_reset(&suffix), text_reset(&verb);
}

void family_dp(sketch_t *k, rng_t *r, int level)
{
    switch (rng_below(r, 3)) {
    case 0:
        recurrence(k, r, level);
        break;
    case 1:
        best_sum(k, r, level);
        break;
    default:
        pick_apart(k, r, level);
    }
}
