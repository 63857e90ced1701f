/* Families reduce, transform and compose: one pass over a list, and two. */
#include "testbed/ast.h"

static void list_input(sketch_t *s, int shortest)
{
    ast_input(&s->ast, "a", T_LIST);
    s->len_lo = shortest, s->len_hi = 7;
    s->item_lo = -4, s->item_hi = 9;
}

void family_reduce(sketch_t *s, rng_t *r, int level)
{
    ast_t *t = &s->ast;
    list_input(s, 0);
    int x = ast_var(t, "x", T_INT), sum = ast_var(t, "s", T_INT);
    t->result = sum;
    text_t np = {0}, suffix = {0}, verb = {0};
    int which = rng_below(r, 5); /* sum, product, count, maximum, minimum */
    int filtered = which == 2 || level > 0 || rng_below(r, 2);
    int mapped = which != 2 && (level > 0 || !filtered || rng_below(r, 3) == 0);
    int cond = 0, e = 0, start = which == 1, limit = rng_below(r, 10);
    if (filtered)
        cond = phrase_filter(t, r, x, level, &np);
    else
        text_add(&np, PICK(r, "numbers", "elements", "values"));
    if (mapped)
        e = phrase_map(t, r, x, level, &suffix, &verb);
    if (!e)
        e = which == 2 ? ast_int(t, 1) : ast_use(t, x);
    if (which == 3)
        start = limit;
    if (which == 4)
        start = limit;
    static const op_t ops[] = {OP_ADD, OP_MUL, OP_ADD, OP_MAX, OP_MIN};
    int step = ast_step(t, sum, ops[which], e);
    t->body = ast_set(t, sum, ast_int(t, start));
    ast_chain(t, t->body, ast_each(t, x, 0, ast_if(t, cond, step, 0)));
    ast_chain(t, t->body, ast_print(t, ast_use(t, sum)));

    text_t what = {0};
    if (which == 3)
        text_addf(&what, PICK(r, "the maximum of %d and", "the largest of %d and"), limit);
    else if (which == 4)
        text_addf(&what, PICK(r, "the minimum of %d and", "the smallest of %d and"), limit);
    else
        text_add(&what, which == 0   ? PICK(r, "the sum of", "the total of")
                        : which == 1 ? "the product of"
                                     : PICK(r, "the number of", "the count of"));
    const char *sf = suffix.s ? suffix.s : "";
    int form = rng_below(r, verb.len ? 4 : 3);
    if (form == 0)
        text_addf(&s->statement, "Print %s the %s%s.", what.s, np.s, sf);
    else if (form == 1)
        text_addf(&s->statement, "Given a list, find %s its %s%s.", what.s, np.s, sf);
    else if (form == 2)
        text_addf(&s->statement, "From the list take the %s%s, and output %s them.", np.s, sf,
                  what.s);
    else
        text_addf(&s->statement, "Take the %s, %s and print %s the results.", np.s, verb.s, what.s);
    text_reset(&np), text_reset(&suffix), text_reset(&verb), text_reset(&what);
}

void family_transform(sketch_t *s, rng_t *r, int level)
{
    ast_t *t = &s->ast;
    list_input(s, 0);
    int x = ast_var(t, "x", T_INT), out = ast_var(t, "b", T_LIST);
    t->result = out;
    text_t np = {0}, suffix = {0}, verb = {0}, sfx2 = {0}, verb2 = {0};
    int both = level > 1 && rng_below(r, 2);
    int filtered = level > 0 || rng_below(r, 2), mapped = level > 0 || !filtered;
    int cond = 0, e, other = 0;
    if (filtered)
        cond = phrase_filter(t, r, x, level, &np);
    else
        text_add(&np, PICK(r, "numbers", "elements", "values"));
    e = mapped ? phrase_map(t, r, x, level, &suffix, &verb) : ast_use(t, x);
    if (both)
        other = ast_put(t, out, phrase_map(t, r, x, level, &sfx2, &verb2));
    int body = ast_if(t, cond, ast_put(t, out, e), other);
    t->body = ast_set(t, out, ast_node(t, N_EMPTY, 0, 0, 0));
    ast_chain(t, t->body, ast_each(t, x, 0, body));
    ast_chain(t, t->body, ast_print(t, ast_use(t, out)));
    const char *sf = suffix.s ? suffix.s : "";
    int form = rng_below(r, 3);
    if (both)
        text_addf(&s->statement,
                  PICK(r,
                       "Go through the list: of the %s %s, of all others %s. Print the new "
                       "list.",
                       "Among the %s, %s; among the rest, %s. Output the list.",
                       "For the %s %s and for the others %s, then print everything in order."),
                  np.s, verb.s, verb2.s);
    else if (form == 0 || (form == 2 && !mapped))
        text_addf(&s->statement, "Print the %s of the list in order%s.", np.s, sf);
    else if (form == 1)
        text_addf(&s->statement, "Given a list, output its %s%s.", np.s, sf);
    else
        text_addf(&s->statement, "Take the %s, %s and print the new list.", np.s, verb.s);
    text_reset(&np), text_reset(&suffix), text_reset(&verb), text_reset(&sfx2), text_reset(&verb2);
}

void family_compose(sketch_t *s, rng_t *r, int level)
{
    ast_t *t = &s->ast;
    list_input(s, 1);
    int x = ast_var(t, "x", T_INT), m = ast_var(t, "m", T_INT), sum = ast_var(t, "s", T_INT);
    t->result = sum;
    static const op_t firsts[] = {OP_TOP, OP_LOW, OP_SUM, OP_LEN};
    int which = rng_below(r, 4), k = rng_below(r, level ? 6 : 4), adds = rng_below(r, 2);
    int minus = rng_below(r, 2);
    op_t cmp = phrase_compare(r);
    int first = ast_node(t, N_CALL, firsts[which], ast_use(t, 0), 0);
    int border = ast_use(t, m);
    text_t rule = {0}, say = {0};
    text_add(&rule, "m");
    if (k) {
        border = ast_bin(t, minus ? OP_SUB : OP_ADD, border, ast_int(t, k));
        text_addf(&rule, " %s %d", minus ? "minus" : "plus", k);
    }
    int e = !adds ? ast_int(t, 1) : ast_use(t, x);
    text_t suffix = {0}, verb = {0};
    if (level > 0 && adds)
        e = phrase_map(t, r, x, level, &suffix, &verb);
    int step = ast_if(t, ast_cmp(t, cmp, ast_use(t, x), border), ast_step(t, sum, OP_ADD, e), 0);
    t->body = ast_set(t, m, first);
    ast_chain(t, t->body, ast_set(t, sum, ast_int(t, 0)));
    ast_chain(t, t->body, ast_each(t, x, 0, step));
    ast_chain(t, t->body, ast_print(t, ast_use(t, sum)));
    text_add(&say, which == 0   ? PICK(r, "the maximum", "the largest number")
                   : which == 1 ? PICK(r, "the minimum", "the smallest number")
                   : which == 2 ? PICK(r, "the sum", "the total")
                                : PICK(r, "the length", "the size"));
    const char *order = phrase_order(cmp, r), *sf = suffix.s ? suffix.s : "";
    const char *task = adds ? "the sum of" : PICK(r, "the number of", "the count of");
    switch (rng_below(r, 3)) {
    case 0:
        text_addf(&s->statement, "Let m be %s of the list. Print %s the elements %s %s%s.", say.s,
                  task, order, rule.s, sf);
        break;
    case 1:
        text_addf(&s->statement, "Find %s m of the list, then output %s the values %s %s%s.", say.s,
                  task, order, rule.s, sf);
        break;
    default:
        text_addf(&s->statement, "Compute %s the numbers %s %s%s, where m is %s of the list.", task,
                  order, rule.s, sf, say.s);
    }
    text_reset(&rule), text_reset(&say), text_reset(&suffix), text_reset(&verb);
}
