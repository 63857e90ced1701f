/* The meaning-bearing part of a program in few words.

   Two programs are compared by walking their cores side by side, so a core must (1) differ
   wherever the programs differ in substance, (2) keep the order of the source, (3) be short,
   and (4) use words that stand in the source or in the statement.  Reading the input, the names
   of variables and of accumulators, and the element a loop is at are left out:

       s = 0                                0
       for x in a:
           if x % 2 == 0:          ->       even
               s = s + x * x                + square
       print(s)

   Frequent shapes have names (even, odd, square, "% k"); a loop's own variable is left out on
   the left of an operator, a list's name before its index, and a bound that is the list's
   length; other upper bounds of ranges are written inclusively.  The core is taken
   before behaviour-preserving rewriting, so rewritten programs share it.

   In rich programs (several loops, lists, or a function) these would be different things, so there
   no name is left out:

       for x in a:                          x
           p.append(p[-1] + x)              p p -1 + x
       for i in range(len(p)):              i 0 to len p - 1
           if p[i] > s:                     p i > s
               s = s + 1                    s + 1 */
#include "testbed/ast.h"
#include <string.h>

const char *const op_text[] = {
    [OP_ADD] = "+",   [OP_SUB] = "-",     [OP_MUL] = "*",   [OP_DIV] = "//",  [OP_MOD] = "%",
    [OP_LT] = "<",    [OP_LE] = "<=",     [OP_GT] = ">",    [OP_GE] = ">=",   [OP_EQ] = "==",
    [OP_NE] = "!=",   [OP_AND] = "and",   [OP_OR] = "or",   [OP_MIN] = "min", [OP_MAX] = "max",
    [OP_ABS] = "abs", [OP_NEG] = "neg",   [OP_LEN] = "len", [OP_SUM] = "sum", [OP_TOP] = "max",
    [OP_LOW] = "min", [OP_LIST] = "list",
};

static int is_own(const ast_t *t, int e)
{
    if (t->rich)
        return 0;
    if (t->node[e].kind == N_INDEX)
        return is_own(t, t->node[e].b);
    return t->node[e].kind == N_VAR && ast_loop_var(t, t->node[e].value);
}

static int is_input(const ast_t *t, int e)
{
    return t->node[e].kind == N_VAR && t->node[e].value < t->n_input &&
           t->var[t->node[e].value].type == T_LIST;
}

static int is_int(const ast_t *t, int e, int v)
{
    return t->node[e].kind == N_INT && t->node[e].value == v;
}

static int same(const ast_t *t, int a, int b)
{
    return t->node[a].kind == N_VAR && t->node[b].kind == N_VAR &&
           t->node[a].value == t->node[b].value;
}

static void expr(const ast_t *t, int e, text_t *o);

/* x % k == r by name; 1 if it was one. */
static int divisible(const ast_t *t, const node_t *n, text_t *o)
{
    const node_t *m = &t->node[n->a];
    if (m->kind != N_BIN || m->op != OP_MOD || t->node[m->b].kind != N_INT ||
        t->node[n->b].kind != N_INT || (n->op != OP_EQ && n->op != OP_NE))
        return 0;
    int k = t->node[m->b].value, rest = t->node[n->b].value;
    if (!is_own(t, m->a))
        expr(t, m->a, o);
    if (k == 2 && (rest == 0 || rest == 1)) {
        text_add(o, (rest == 0) == (n->op == OP_EQ) ? " even" : " odd");
        return 1;
    }
    text_addf(o, " %% %d", k);
    if (n->op == OP_NE)
        text_add(o, " !=");
    if (rest || n->op == OP_NE)
        text_addf(o, " %d", rest);
    return 1;
}

static void expr(const ast_t *t, int e, text_t *o)
{
    const node_t *n = &t->node[e];
    switch (n->kind) {
    case N_INT:
        text_addf(o, " %d", n->value);
        return;
    case N_CHAR:
        text_addf(o, " %c", n->value);
        return;
    case N_VAR:
        text_addf(o, " %s", t->var[n->value].name);
        return;
    case N_CMP:
        if (divisible(t, n, o))
            return;
        if (!is_own(t, n->a))
            expr(t, n->a, o);
        text_addf(o, " %s", op_text[n->op]);
        expr(t, n->b, o);
        return;
    case N_BIN:
        if (n->op == OP_MUL && same(t, n->a, n->b)) {
            text_add(o, " square");
            if (!is_own(t, n->a))
                expr(t, n->a, o);
            return;
        }
        if (!is_own(t, n->a))
            expr(t, n->a, o);
        text_addf(o, " %s", op_text[n->op]);
        expr(t, n->b, o);
        return;
    case N_BOOL:
        expr(t, n->a, o);
        text_addf(o, " %s", op_text[n->op]);
        expr(t, n->b, o);
        return;
    case N_CALL:
        text_addf(o, " %s", op_text[n->op]);
        if (n->b || t->rich || (!is_own(t, n->a) && !is_input(t, n->a)))
            expr(t, n->a, o);
        if (n->b)
            expr(t, n->b, o);
        return;
    case N_INDEX:
        if (t->rich)
            expr(t, n->a, o);
        expr(t, n->b, o);
        return;
    case N_APPLY:
        text_addf(o, " %s", t->fn.name);
        expr(t, n->a, o), expr(t, n->b, o);
        return;
    case N_FILL:
        expr(t, n->a, o), expr(t, n->b, o);
        return;
    case N_PICK:
        expr(t, n->c, o), expr(t, n->a, o), expr(t, n->b, o);
        return;
    default:
        return;
    }
}

void core_operation(const ast_t *t, int e, text_t *o)
{
    const node_t *n = &t->node[e];
    if (n->kind == N_CMP || n->kind == N_BOOL) {
        expr(t, e, o);
    } else if (n->kind == N_BIN && n->op == OP_MUL && same(t, n->a, n->b)) {
        text_add(o, " square");
    } else {
        text_addf(o, " %s", op_text[n->op]);
        if (n->b && t->node[n->b].kind == N_INT)
            expr(t, n->b, o);
    }
}

static void upper(const ast_t *t, int e, text_t *o)
{
    const node_t *n = &t->node[e];
    if (n->kind == N_INT)
        text_addf(o, " %d", n->value - 1);
    else if (n->kind == N_BIN && n->op == OP_ADD && is_int(t, n->b, 1))
        expr(t, n->a, o);
    else
        expr(t, e, o), text_add(o, " - 1");
}

/* "x" or "x + 1" for x = x + 1, behind the name of what is set. */
static void becomes(const ast_t *t, int e, int own, text_t *o)
{
    const node_t *n = &t->node[e];
    if ((n->kind == N_BIN || (n->kind == N_CALL && n->b)) && own) {
        text_addf(o, " %s", op_text[n->op]);
        expr(t, n->b, o);
    } else {
        expr(t, e, o);
    }
}

/* Is the first operand of e item `index` of list `var`? */
static int is_item(const ast_t *t, int e, int var, int index)
{
    const node_t *n = &t->node[t->node[e].a];
    return n->kind == N_INDEX && t->node[n->a].value == var && ast_same(t, n->b, index);
}

static void block(const ast_t *t, int s, text_t *o)
{
    for (; s; s = t->node[s].next) {
        const node_t *n = &t->node[s], *e = &t->node[n->a];
        if (t->rich && n->kind != N_WHILE && n->kind != N_IF && n->kind != N_PRINT &&
            n->kind != N_RETURN)
            text_addf(o, " %s", t->var[n->value].name);
        switch (n->kind) {
        case N_SET:
            becomes(t, n->a, t->node[e->a].kind == N_VAR && t->node[e->a].value == n->value, o);
            break;
        case N_STORE:
            expr(t, n->b, o);
            becomes(t, n->a, is_item(t, n->a, n->value, n->b), o);
            break;
        case N_POP:
            text_add(o, " pop");
            break;
        case N_RETURN:
            text_add(o, " return");
            expr(t, n->a, o);
            break;
        case N_PUT:
            expr(t, n->a, o);
            break;
        case N_EACH:
            block(t, n->b, o);
            break;
        case N_RANGE:
            expr(t, n->a, o);
            if (t->rich)
                text_add(o, " to");
            if (t->rich || t->node[n->c].kind != N_CALL || t->node[n->c].op != OP_LEN)
                upper(t, n->c, o);
            block(t, n->b, o);
            break;
        case N_WHILE:
            expr(t, n->a, o);
            block(t, n->b, o);
            break;
        case N_IF:
            expr(t, n->a, o);
            block(t, n->b, o);
            if (n->c) {
                text_add(o, " else");
                block(t, n->c, o);
            }
            break;
        case N_SORT:
            text_add(o, n->op == OP_GT ? " down" : " up");
            break;
        case N_PRINT:
            if (e->kind != N_VAR || e->value != t->result)
                expr(t, n->a, o);
            break;
        }
    }
}

void core_text(const ast_t *t, text_t *out)
{
    text_t o = {0};
    if (t->fn.body) {
        text_addf(&o, " %s", t->fn.name);
        block(t, t->fn.body, &o);
    }
    block(t, t->body, &o);
    text_add(out, o.len ? o.s + 1 : "");
    text_reset(&o);
}
