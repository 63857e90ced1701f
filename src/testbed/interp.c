/* Runs a program of the small language on one input and writes down its states.

   The states ("the walk") are what a reader would write when working an example by hand: per
   round of a loop the element it is at (marked with @, so that the trace shows it once), the
   truth of each condition (T or F), the value of each operation outside conditions, each
   assigned or appended value that no operation produced, and what is printed unless it is the
   program's usual result.  Where an operation or condition is met for the first time its name
   stands before the value ("square 9", "> 3 F"), in the words of its core.  Labels never come from
   here: they come from executed programs.

   A call of the function is a round of its own: its arguments are marked like a loop's element, and
   what it gives back is noted like an assigned value.

   A run ends after a bounded number of steps, and calls are bounded in depth (far below what ends
   Python and C); a failed run's walk ends with "!". */
#include "testbed/ast.h"
#include <stdlib.h>
#include <string.h>

enum { STEPS = 3000, DEPTH = 60 };
enum { STOPPED = 1, TOO_LONG = 2 }; /* failed */

typedef struct {
    const ast_t *t;
    state_t s;
    text_t *out, *walk;
    int quiet, failed, steps, depth;
    int returned; /* the function is being left, with */
    long answer;
    char met[AST_NODES];
} engine_t;

static void note(engine_t *r, const char *mark, long v, type_t type)
{
    if (r->quiet || !r->walk || r->failed)
        return;
    if (type == T_CHAR)
        text_addf(r->walk, " %s%c", mark, (char)v);
    else
        text_addf(r->walk, " %s%ld", mark, v);
}

/* The name of operation or condition e, when it is met for the first time. */
static void name(engine_t *r, int e)
{
    if (r->quiet || !r->walk || r->failed || r->met[e])
        return;
    r->met[e] = 1;
    core_operation(r->t, e, r->walk);
}

static long stopped(engine_t *r)
{
    r->failed = STOPPED;
    return 0;
}

static long floor_div(long a, long b)
{
    return a / b - ((a % b != 0) && ((a < 0) != (b < 0)));
}

static long eval(engine_t *r, int e);
static void block(engine_t *r, int s);

static long eval_apply(engine_t *r, const node_t *n)
{
    const ast_t *t = r->t;
    long arg[2] = {eval(r, n->a), n->b ? eval(r, n->b) : 0}, kept[AST_VARS];
    size_t own = (size_t)t->fn.own * sizeof(long);
    if (r->failed)
        return 0;
    if (++r->depth > DEPTH) {
        r->failed = TOO_LONG;
        return 0;
    }
    memcpy(kept, &r->s.num[t->fn.first], own);
    for (int i = 0; i < t->fn.n_param; i++) {
        r->s.num[t->fn.first + i] = arg[i];
        note(r, "@", arg[i], T_INT);
    }
    block(r, t->fn.body);
    memcpy(&r->s.num[t->fn.first], kept, own);
    r->depth--;
    if (!r->returned)
        return stopped(r);
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
            return stopped(r);
        long s = n->op == OP_SUM ? 0 : r->s.item[v][0];
        for (int i = 0; i < many; i++) {
            long x = r->s.item[v][i];
            s = n->op == OP_SUM ? s + x : n->op == OP_TOP ? (x > s ? x : s) : (x < s ? x : s);
        }
        name(r, e);
        note(r, "", s, T_INT);
        return s;
    }
    long a = eval(r, n->a), b = n->b ? eval(r, n->b) : 0, y = 0;
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
    name(r, e);
    note(r, "", y, T_INT);
    return y;
}

static long eval_bin(engine_t *r, int e)
{
    const node_t *n = &r->t->node[e];
    long a = eval(r, n->a), b = eval(r, n->b), y = 0;
    if (labs(a) > 1000000000L || labs(b) > 1000000000L)
        return stopped(r);
    if ((n->op == OP_DIV || n->op == OP_MOD) && b == 0)
        return stopped(r);
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
    name(r, e);
    note(r, "", y, T_INT);
    return y;
}

static long eval(engine_t *r, int e)
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
        long a = eval(r, n->a), b = eval(r, n->b);
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
            return eval(r, n->a) && eval(r, n->b);
        return eval(r, n->a) || eval(r, n->b);
    case N_INDEX: {
        int v = r->t->node[n->a].value;
        long i = eval(r, n->b);
        if (i < 0)
            i += r->s.n[v];
        return i < 0 || i >= r->s.n[v] ? stopped(r) : r->s.item[v][i];
    }
    case N_PICK:
        return eval(r, n->c) ? eval(r, n->a) : eval(r, n->b);
    default:
        return stopped(r);
    }
}

static int truth(engine_t *r, int e)
{
    name(r, e);
    r->quiet++;
    int y = eval(r, e) != 0;
    r->quiet--;
    if (!r->quiet && r->walk && !r->failed)
        text_add(r->walk, y ? " T" : " F");
    return y;
}

static type_t type_of(const ast_t *t, int e)
{
    const node_t *n = &t->node[e];
    if (n->kind == N_CHAR)
        return T_CHAR;
    if (n->kind == N_VAR)
        return t->var[n->value].type;
    if (n->kind == N_INDEX)
        return t->var[t->node[n->a].value].type == T_STR ? T_CHAR : T_INT;
    return T_INT;
}

static int noted_itself(const ast_t *t, int e)
{
    const node_t *n = &t->node[e];
    return n->kind == N_BIN || n->kind == N_APPLY || (n->kind == N_CALL && n->op != OP_LEN);
}

static void print_value(engine_t *r, int e)
{
    type_t ty = type_of(r->t, e);
    int v = r->t->node[e].value;
    if (ty == T_LIST || ty == T_STR) {
        for (int i = 0; i < r->s.n[v] && r->out; i++)
            if (ty == T_STR)
                text_addf(r->out, "%c", (char)r->s.item[v][i]);
            else
                text_addf(r->out, "%s%d", i ? " " : "", r->s.item[v][i]);
        if (v != r->t->result && r->walk)
            for (int i = 0; i < r->s.n[v]; i++)
                note(r, "", r->s.item[v][i], ty == T_STR ? T_CHAR : T_INT);
    } else {
        long y = eval(r, e);
        if (r->out && !r->failed && ty == T_CHAR)
            text_addf(r->out, "%c", (int)y);
        else if (r->out && !r->failed)
            text_addf(r->out, "%ld", y);
        if (!noted_itself(r->t, e) && !(r->t->node[e].kind == N_VAR && v == r->t->result))
            note(r, "", y, ty);
    }
    if (r->out && !r->failed)
        text_add(r->out, "\n");
}

static void append(engine_t *r, int v, long y)
{
    if (r->s.n[v] >= AST_ITEMS || labs(y) > 1000000000L)
        stopped(r);
    else
        r->s.item[v][r->s.n[v]++] = (int)y;
}

static void sort_items(engine_t *r, int v, int down)
{
    int *x = r->s.item[v], n = r->s.n[v];
    for (int i = 1; i < n; i++)
        for (int j = i; j > 0 && (down ? x[j] > x[j - 1] : x[j] < x[j - 1]); j--) {
            int y = x[j];
            x[j] = x[j - 1], x[j - 1] = y;
        }
    for (int i = 0; i < n; i++)
        note(r, "", x[i], T_INT);
}

static void fill(engine_t *r, int v, int e)
{
    const node_t *n = &r->t->node[e];
    r->quiet++;
    long item = eval(r, n->a), many = eval(r, n->b);
    r->quiet--;
    r->s.n[v] = 0;
    for (long i = 0; i < many && !r->failed; i++)
        append(r, v, item);
}

static void store(engine_t *r, const node_t *n)
{
    long y = eval(r, n->a);
    r->quiet++;
    long i = eval(r, n->b);
    r->quiet--;
    int many = r->s.n[n->value];
    if (i < 0)
        i += many;
    if (i < 0 || i >= many || labs(y) > 1000000000L)
        stopped(r);
    if (r->failed)
        return;
    r->s.item[n->value][i] = (int)y;
    if (!noted_itself(r->t, n->a))
        note(r, "", y, type_of(r->t, n->a));
}

static void pop(engine_t *r, int v)
{
    if (r->s.n[v])
        r->s.n[v]--;
    else if (r->t->var[v].type != T_STR)
        stopped(r);
}

static void statement(engine_t *r, int s)
{
    const ast_t *t = r->t;
    const node_t *n = &t->node[s];
    switch (n->kind) {
    case N_SET:
        if (t->node[n->a].kind == N_EMPTY) {
            r->s.n[n->value] = 0;
            return;
        }
        if (t->node[n->a].kind == N_FILL) {
            fill(r, n->value, n->a);
            return;
        }
        r->s.num[n->value] = eval(r, n->a);
        if (!noted_itself(t, n->a))
            note(r, "", r->s.num[n->value], type_of(t, n->a));
        return;
    case N_PUT: {
        long y = eval(r, n->a);
        append(r, n->value, y);
        if (!noted_itself(t, n->a))
            note(r, "", y, type_of(t, n->a));
        return;
    }
    case N_EACH: {
        int v = t->node[n->a].value;
        for (int i = 0; i < r->s.n[v] && !r->failed && !r->returned; i++) {
            r->s.num[n->value] = r->s.item[v][i];
            note(r, "@", r->s.item[v][i], t->var[v].type == T_STR ? T_CHAR : T_INT);
            block(r, n->b);
        }
        return;
    }
    case N_RANGE: {
        r->quiet++;
        long from = eval(r, n->a), to = eval(r, n->c);
        r->quiet--;
        for (long i = from; i < to && !r->failed && !r->returned; i++) {
            r->s.num[n->value] = i;
            note(r, "@", i, T_INT);
            block(r, n->b);
        }
        return;
    }
    case N_WHILE:
        for (;;) {
            r->quiet++;
            int go = eval(r, n->a) != 0;
            r->quiet--;
            if (!go || r->failed || r->returned)
                return;
            block(r, n->b);
        }
    case N_IF:
        block(r, truth(r, n->a) ? n->b : n->c);
        return;
    case N_SORT:
        sort_items(r, n->value, n->op == OP_GT);
        return;
    case N_STORE:
        store(r, n);
        return;
    case N_POP:
        pop(r, n->value);
        return;
    case N_RETURN:
        r->answer = eval(r, n->a);
        if (!noted_itself(t, n->a))
            note(r, "", r->answer, T_INT);
        r->returned = 1;
        return;
    default:
        print_value(r, n->a);
    }
}

static void block(engine_t *r, int s)
{
    if (++r->steps > STEPS)
        r->failed = TOO_LONG;
    for (; s && !r->failed && !r->returned; s = r->t->node[s].next)
        statement(r, s);
}

int interp_run(const ast_t *t, const char *input, text_t *out, text_t *walk)
{
    engine_t r = {.t = t, .out = out, .walk = walk};
    const char *p = input;
    for (int v = 0; v < t->n_input; v++) {
        type_t ty = t->var[v].type;
        char *end;
        if (ty == T_INT) {
            r.s.num[v] = strtol(p, &end, 10);
            p = end;
        } else if (ty == T_LIST) {
            for (long x; x = strtol(p, &end, 10), end != p; p = end)
                append(&r, v, x);
        } else {
            for (; *p && *p != '\n'; p++)
                append(&r, v, *p);
        }
    }
    block(&r, t->body);
    if (r.failed && walk)
        text_add(walk, " !");
    return r.failed;
}
