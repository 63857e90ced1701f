/* Families accum, adjacent and sort: counting loops, neighbours, and selection after sorting. */
#include "testbed/ast.h"

/* One step of an accumulator: "add i times 2", as s = s + i * 2. */
static int step(ast_t *t, rng_t *r, int s, int i, int level, text_t *say)
{
    int k = 1 + rng_below(r, level ? 6 : 4);
    switch (rng_below(r, level ? 7 : 5)) {
    case 0:
        text_add(say, PICK(r, "add i", "increase s by i"));
        return ast_step(t, s, OP_ADD, ast_use(t, i));
    case 1:
        text_add(say, PICK(r, "subtract i", "decrease s by i"));
        return ast_step(t, s, OP_SUB, ast_use(t, i));
    case 2:
        text_addf(say, PICK(r, "add %d", "increase s by %d"), k);
        return ast_step(t, s, OP_ADD, ast_int(t, k));
    case 3:
        text_addf(say, PICK(r, "subtract %d", "decrease s by %d"), k);
        return ast_step(t, s, OP_SUB, ast_int(t, k));
    case 4:
        text_addf(say, "add i times %d", k + 1);
        return ast_step(t, s, OP_ADD, ast_bin(t, OP_MUL, ast_use(t, i), ast_int(t, k + 1)));
    case 5:
        text_add(say, PICK(r, "add i squared", "increase s by i times i"));
        return ast_step(t, s, OP_ADD, ast_bin(t, OP_MUL, ast_use(t, i), ast_use(t, i)));
    default:
        text_add(say, PICK(r, "double s", "multiply s by 2"));
        return ast_step(t, s, OP_MUL, ast_int(t, 2));
    }
}

void family_accum(sketch_t *k, rng_t *r, int level)
{
    ast_t *t = &k->ast;
    int n = ast_input(t, "n", T_INT), s = ast_var(t, "s", T_INT), i = ast_var(t, "i", T_INT);
    t->result = s;
    k->lo = 0, k->hi = 12;
    text_t one = {0}, two = {0}, np = {0};
    int start = rng_below(r, 10), from = rng_below(r, 2), choice = level > 0 || rng_below(r, 2);
    int cond = 0, other = 0, first;
    if (choice) {
        int kind = rng_below(r, 3), c = 1 + rng_below(r, 5);
        op_t cmp = phrase_compare(r);
        if (kind < 2)
            text_add(&np, kind ? "odd" : "even");
        else
            text_addf(&np, "%s %d", phrase_order(cmp, r), c);
        cond = kind == 2 ? ast_cmp(t, cmp, ast_use(t, i), ast_int(t, c))
                         : ast_cmp(t, OP_EQ, ast_bin(t, OP_MOD, ast_use(t, i), ast_int(t, 2)),
                                   ast_int(t, kind));
    }
    first = step(t, r, s, i, level, &one);
    if (level > 0 && rng_below(r, 2))
        other = step(t, r, s, i, level, &two);
    int to = ast_bin(t, OP_ADD, ast_use(t, n), ast_int(t, 1));
    t->body = ast_set(t, s, ast_int(t, start));
    ast_chain(t, t->body, ast_range(t, i, ast_int(t, from), to, ast_if(t, cond, first, other)));
    ast_chain(t, t->body, ast_print(t, ast_use(t, s)));

    text_add(&k->statement, PICK(r, "Start with", "Begin at", "Let s be"));
    text_addf(&k->statement, " %d. ", start);
    text_addf(&k->statement,
              PICK(r, "For each i from %d to n ",
                   "Go through i = %d to n: ", "For i = %d up to n, "),
              from);
    if (!cond)
        text_addf(&k->statement, "%s.", one.s);
    else if (!other)
        text_addf(&k->statement, PICK(r, "%s if i is %s.", "%s when i is %s."), one.s, np.s);
    else
        text_addf(&k->statement,
                  PICK(r, "%s if i is %s, else %s.", "%s when i is %s, otherwise %s."), one.s, np.s,
                  two.s);
    text_add(&k->statement, PICK(r, " Print the result.", " What is the result?", " Output it."));
    text_reset(&one), text_reset(&two), text_reset(&np);
}

static int at(ast_t *t, int list, int i, int back)
{
    int index = ast_use(t, i);
    if (back)
        index = ast_bin(t, OP_SUB, index, ast_int(t, back));
    return ast_node(t, N_INDEX, 0, ast_use(t, list), index);
}

void family_adjacent(sketch_t *k, rng_t *r, int level)
{
    ast_t *t = &k->ast;
    int a = ast_input(t, "a", T_LIST), s = ast_var(t, "s", T_INT), i = ast_var(t, "i", T_INT);
    t->result = s;
    k->len_lo = 1, k->len_hi = 7, k->item_lo = -4, k->item_hi = 9;
    op_t cmp = phrase_compare(r);
    int by = rng_below(r, level ? 6 : 4), plus = rng_below(r, 2), back = 1, body;
    int mode = rng_below(r, level ? 4 : 3); /* count, sum, differences, steps of two */
    if (mode == 3)
        back = 2, mode = rng_below(r, 3);
    const char *before = back == 2
                             ? PICK(r, "the one two places before", "the second one before it")
                             : PICK(r, "the one before", "its left neighbour", "the previous one");
    text_t rule = {0};
    int border = at(t, a, i, back);
    if (by) {
        border = ast_bin(t, plus ? OP_ADD : OP_SUB, border, ast_int(t, by));
        text_addf(&rule, " %s %d", plus ? "plus" : "minus", by);
    }
    int test = ast_cmp(t, cmp, at(t, a, i, 0), border);
    if (mode == 0) {
        body = ast_if(t, test, ast_step(t, s, OP_ADD, ast_int(t, 1)), 0);
        text_addf(&k->statement,
                  PICK(r, "How many elements are %s %s%s?", "Count the numbers %s %s%s.",
                       "Print the number of elements %s %s%s."),
                  phrase_order(cmp, r), before, rule.s ? rule.s : "");
    } else if (mode == 1) {
        body = ast_if(t, test, ast_step(t, s, OP_ADD, at(t, a, i, 0)), 0);
        text_addf(&k->statement,
                  PICK(r, "Sum the elements that are %s %s%s.",
                       "Print the total of the numbers %s %s%s.", "Add up all values %s %s%s."),
                  phrase_order(cmp, r), before, rule.s ? rule.s : "");
    } else {
        int d = ast_bin(t, OP_SUB, at(t, a, i, 0), at(t, a, i, back)), abs = rng_below(r, 2);
        int m = rng_below(r, 3), start = m ? rng_below(r, 6) : 1 + rng_below(r, 5);
        static const op_t ops[] = {OP_ADD, OP_MAX, OP_MIN};
        body = ast_step(t, s, ops[m], abs ? ast_node(t, N_CALL, OP_ABS, d, 0) : d);
        text_addf(&k->statement, "Of each element subtract %s%s. ", before,
                  abs ? " and drop the sign" : "");
        text_addf(&k->statement,
                  m == 0   ? PICK(r, "Print %d plus the sum.", "Print the total plus %d.")
                  : m == 1 ? PICK(r, "Print the maximum of %d and the results.",
                                  "Print the largest of these and %d.")
                           : PICK(r, "Print the minimum of %d and the results.",
                                  "Print the smallest of these and %d."),
                  start);
        t->body = ast_set(t, s, ast_int(t, start));
    }
    if (!t->body)
        t->body = ast_set(t, s, ast_int(t, 0));
    int len = ast_node(t, N_CALL, OP_LEN, ast_use(t, a), 0);
    ast_chain(t, t->body, ast_range(t, i, ast_int(t, back), len, body));
    ast_chain(t, t->body, ast_print(t, ast_use(t, s)));
    text_reset(&rule);
}

static const char *const nth[] = {"first", "second", "third"};

void family_sort(sketch_t *k, rng_t *r, int level)
{
    ast_t *t = &k->ast;
    int a = ast_input(t, "a", T_LIST), s = ast_var(t, "s", T_INT), i = ast_var(t, "i", T_INT);
    k->len_lo = 4, k->len_hi = 7, k->item_lo = -4, k->item_hi = 9;
    int down = rng_below(r, 2), kind = rng_below(r, level ? 3 : 2), p = rng_below(r, 3);
    int sort = ast_node(t, N_SORT, down ? OP_GT : OP_LT, 0, 0);
    t->node[sort].value = a;
    t->body = sort;
    text_t e = {0};
    const char *word = down ? PICK(r, "largest", "biggest") : PICK(r, "smallest", "least");
    if (kind == 0) { /* one item, and a little arithmetic */
        static const op_t ops[] = {OP_ADD, OP_SUB, OP_MUL};
        int op = rng_below(r, 3), c = 1 + rng_below(r, 9);
        int item = ast_node(t, N_INDEX, 0, ast_use(t, a), ast_int(t, p));
        ast_chain(t, t->body, ast_print(t, ast_bin(t, ops[op], item, ast_int(t, c))));
        text_addf(&e, "the %s%s%s number %s %d", p ? nth[p] : "", p ? " " : "", word,
                  op == 0   ? "plus"
                  : op == 1 ? "minus"
                            : "times",
                  c);
    } else { /* the first few: added up, or compared */
        int many = 2 + rng_below(r, 2), minus = rng_below(r, 3) == 0;
        int start = minus ? rng_below(r, 6) : 1 + rng_below(r, 5);
        t->result = s;
        int item = ast_node(t, N_INDEX, 0, ast_use(t, a), ast_use(t, i));
        text_t suffix = {0}, verb = {0};
        if (kind == 2) {
            int x = ast_var(t, "x", T_INT);
            int map = phrase_map(t, r, x, level, &suffix, &verb);
            int body =
                ast_chain(t, ast_set(t, x, item), ast_step(t, s, minus ? OP_SUB : OP_ADD, map));
            ast_chain(t, t->body, ast_set(t, s, ast_int(t, start)));
            ast_chain(t, t->body, ast_range(t, i, ast_int(t, 0), ast_int(t, many), body));
        } else {
            ast_chain(t, t->body, ast_set(t, s, ast_int(t, start)));
            ast_chain(t, t->body,
                      ast_range(t, i, ast_int(t, 0), ast_int(t, many),
                                ast_step(t, s, minus ? OP_SUB : OP_ADD, item)));
        }
        ast_chain(t, t->body, ast_print(t, ast_use(t, s)));
        text_addf(&e, "%d %s the sum of the %s %s numbers%s", start, minus ? "minus" : "plus",
                  many == 2 ? "two" : "three", word, suffix.s ? suffix.s : "");
        text_reset(&suffix), text_reset(&verb);
    }
    switch (rng_below(r, 3)) {
    case 0:
        text_addf(&k->statement, "Print %s of the list.", e.s);
        break;
    case 1:
        text_addf(&k->statement, "Given a list, output %s.", e.s);
        break;
    default:
        text_addf(&k->statement, "Sort the numbers and find %s.", e.s);
    }
    text_reset(&e);
}
