/* What expressions of the small language are worth, and what of that goes into the walk.

   Integer semantics are Python's.  Whatever Python would end on (an index outside, a division by 0,
   the maximum of nothing) fails here too, and so does what is far larger than any problem needs,
   where C would go on with other numbers than Python.  A call of the function keeps the caller's
   variables aside and runs its body. */
#include "testbed/interp.h"
#include <stdlib.h>
#include <string.h>

void engine_note(engine_t *r, const char *mark, long v, type_t type)
{
    if (r->quiet || !r->walk || r->failed)
        return;
    if (type == T_CHAR)
        text_addf(r->walk, " %s%c", mark, (char)v);
    else
        text_addf(r->walk, " %s%ld", mark, v);
}

void engine_name(engine_t *r, int e)
{
    if (r->quiet || !r->walk || r->failed || r->met[e])
        return;
    r->met[e] = 1;
    core_operation(r->t, e, r->walk);
}

long engine_stop(engine_t *r)
{
    if (!r->failed)
        r->failed = STOPPED;
    return 0;
}

long engine_end(engine_t *r)
{
    if (!r->failed)
        r->failed = ENDLESS;
    return 0;
}

static long floor_div(long a, long b)
{
    return a / b - ((a % b != 0) && ((a < 0) != (b < 0)));
}

static long eval_apply(engine_t *r, const node_t *n)
{
    const ast_t *t = r->t;
    long arg[2] = {engine_eval(r, n->a), n->b ? engine_eval(r, n->b) : 0}, kept[AST_VARS];
    size_t own = (size_t)t->fn.own * sizeof(long);
    if (r->failed)
        return 0;
    if (++r->depth > DEPTH)
        return engine_end(r);
    memcpy(kept, &r->s.num[t->fn.first], own);
    for (int i = 0; i < t->fn.n_param; i++) {
        r->s.num[t->fn.first + i] = arg[i];
        engine_note(r, "@", arg[i], T_INT);
    }
    engine_block(r, t->fn.body);
    memcpy(&r->s.num[t->fn.first], kept, own);
    r->depth--;
    if (!r->returned)
        return engine_stop(r);
    r->returned = 0;
    return r->answer;
}

static long eval_call(engine_t *r, int e)
{
    const node_t *n = &r->t->node[e];
    int v = r->t->node[n->a].value, many = r->s.n[v];
    if (n->op == OP_LEN)
        return many;
    if (n->op == OP_SUM || n->op == OP_TOP || n->op == OP_LOW) {
        if (n->op != OP_SUM && many == 0)
            return engine_stop(r);
        long s = n->op == OP_SUM ? 0 : r->s.item[v][0];
        for (int i = 0; i < many; i++) {
            long x = r->s.item[v][i];
            s = n->op == OP_SUM ? s + x : n->op == OP_TOP ? (x > s ? x : s) : (x < s ? x : s);
        }
        engine_name(r, e);
        engine_note(r, "", s, T_INT);
        return s;
    }
    long a = engine_eval(r, n->a), b = n->b ? engine_eval(r, n->b) : 0, y = 0;
    switch (n->op) {
    case OP_MIN:
        y = a < b ? a : b;
        break;
    case OP_MAX:
        y = a > b ? a : b;
        break;
    case OP_ABS:
        y = labs(a);
        break;
    case OP_NEG:
        y = -a;
        break;
    }
    engine_name(r, e);
    engine_note(r, "", y, T_INT);
    return y;
}

static long eval_bin(engine_t *r, int e)
{
    const node_t *n = &r->t->node[e];
    long a = engine_eval(r, n->a), b = engine_eval(r, n->b), y = 0;
    if (labs(a) > LARGE || labs(b) > LARGE)
        return engine_end(r);
    if ((n->op == OP_DIV || n->op == OP_MOD) && b == 0)
        return engine_stop(r);
    switch (n->op) {
    case OP_ADD:
        y = a + b;
        break;
    case OP_SUB:
        y = a - b;
        break;
    case OP_MUL:
        y = a * b;
        break;
    case OP_DIV:
        y = floor_div(a, b);
        break;
    case OP_MOD:
        y = a - b * floor_div(a, b);
        break;
    }
    engine_name(r, e);
    engine_note(r, "", y, T_INT);
    return y;
}

long engine_eval(engine_t *r, int e)
{
    const node_t *n = &r->t->node[e];
    if (r->failed)
        return 0;
    switch (n->kind) {
    case N_INT:
    case N_CHAR:
        return n->value;
    case N_VAR:
        return r->s.num[n->value];
    case N_BIN:
        return eval_bin(r, e);
    case N_CALL:
        return eval_call(r, e);
    case N_APPLY:
        return eval_apply(r, n);
    case N_CMP: {
        long a = engine_eval(r, n->a), b = engine_eval(r, n->b);
        switch (n->op) {
        case OP_LT:
            return a < b;
        case OP_LE:
            return a <= b;
        case OP_GT:
            return a > b;
        case OP_GE:
            return a >= b;
        case OP_EQ:
            return a == b;
        default:
            return a != b;
        }
    }
    case N_BOOL:
        if (n->op == OP_AND)
            return engine_eval(r, n->a) && engine_eval(r, n->b);
        return engine_eval(r, n->a) || engine_eval(r, n->b);
    case N_INDEX: {
        int v = r->t->node[n->a].value;
        r->quiet += r->t->rich;
        long i = engine_eval(r, n->b);
        r->quiet -= r->t->rich;
        if (i < 0)
            i += r->s.n[v];
        return i < 0 || i >= r->s.n[v] ? engine_stop(r) : r->s.item[v][i];
    }
    case N_PICK:
        return engine_eval(r, n->c) ? engine_eval(r, n->a) : engine_eval(r, n->b);
    default:
        return engine_stop(r);
    }
}
