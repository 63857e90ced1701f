/* Runs a program of the small language on one input and writes down its states.

   The states ("the walk") are what a reader would write when working an example by hand: per
   round of a loop the element it is at (marked with @, so that the trace shows it once), the
   truth of each condition (T or F), the value of each operation outside conditions (and, in rich
   programs, outside of an index), each assigned, stored or appended value that no operation
   produced, and what is printed unless it is the program's usual result.  Where an operation or
   condition is met for the first time its name stands before the value ("square 9", "> 3 F"), in
   the words of its core.  Labels never come from here: they come from executed programs.

   A call of the function is a round of its own: its arguments are marked like a loop's element, and
   what it gives back is noted like an assigned value.

   A run ends after a bounded number of steps, and calls are bounded in depth (far below what ends
   Python and C); a failed run's walk ends with "!". */
#include "testbed/interp.h"
#include <stdlib.h>
#include <string.h>

static int truth(engine_t *r, int e)
{
    engine_name(r, e);
    r->quiet++;
    int y = engine_eval(r, e) != 0;
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
                engine_note(r, "", r->s.item[v][i], ty == T_STR ? T_CHAR : T_INT);
    } else {
        long y = engine_eval(r, e);
        if (r->out && !r->failed && ty == T_CHAR)
            text_addf(r->out, "%c", (int)y);
        else if (r->out && !r->failed)
            text_addf(r->out, "%ld", y);
        if (!noted_itself(r->t, e) && !(r->t->node[e].kind == N_VAR && v == r->t->result))
            engine_note(r, "", y, ty);
    }
    if (r->out && !r->failed)
        text_add(r->out, "\n");
}

static void append(engine_t *r, int v, long y)
{
    if (r->s.n[v] >= AST_ITEMS || labs(y) > LARGE)
        engine_end(r);
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
        engine_note(r, "", x[i], T_INT);
}

static void fill(engine_t *r, int v, int e)
{
    const node_t *n = &r->t->node[e];
    r->quiet++;
    long item = engine_eval(r, n->a), many = engine_eval(r, n->b);
    r->quiet--;
    r->s.n[v] = 0;
    for (long i = 0; i < many && !r->failed; i++)
        append(r, v, item);
}

static void store(engine_t *r, const node_t *n)
{
    long y = engine_eval(r, n->a);
    r->quiet++;
    long i = engine_eval(r, n->b);
    r->quiet--;
    int many = r->s.n[n->value];
    if (i < 0)
        i += many;
    if (i < 0 || i >= many)
        engine_stop(r);
    if (labs(y) > LARGE)
        engine_end(r);
    if (r->failed)
        return;
    r->s.item[n->value][i] = (int)y;
    if (!noted_itself(r->t, n->a))
        engine_note(r, "", y, type_of(r->t, n->a));
}

static void pop(engine_t *r, int v)
{
    if (r->s.n[v])
        r->s.n[v]--;
    else if (r->t->var[v].type != T_STR)
        engine_stop(r);
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
        r->s.num[n->value] = engine_eval(r, n->a);
        if (!noted_itself(t, n->a))
            engine_note(r, "", r->s.num[n->value], type_of(t, n->a));
        return;
    case N_PUT: {
        long y = engine_eval(r, n->a);
        append(r, n->value, y);
        if (!noted_itself(t, n->a))
            engine_note(r, "", y, type_of(t, n->a));
        return;
    }
    case N_EACH: {
        int v = t->node[n->a].value;
        for (int i = 0; i < r->s.n[v] && !r->failed && !r->returned; i++) {
            r->s.num[n->value] = r->s.item[v][i];
            engine_note(r, "@", r->s.item[v][i], t->var[v].type == T_STR ? T_CHAR : T_INT);
            engine_block(r, n->b);
        }
        return;
    }
    case N_RANGE: {
        r->quiet++;
        long from = engine_eval(r, n->a), to = engine_eval(r, n->c);
        r->quiet--;
        for (long i = from; i < to && !r->failed && !r->returned; i++) {
            r->s.num[n->value] = i;
            engine_note(r, "@", i, T_INT);
            engine_block(r, n->b);
        }
        return;
    }
    case N_WHILE:
        for (;;) {
            r->quiet++;
            int go = engine_eval(r, n->a) != 0;
            r->quiet--;
            if (!go || r->failed || r->returned)
                return;
            engine_block(r, n->b);
        }
    case N_IF:
        engine_block(r, truth(r, n->a) ? n->b : n->c);
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
        r->answer = engine_eval(r, n->a);
        if (!noted_itself(t, n->a))
            engine_note(r, "", r->answer, T_INT);
        r->returned = 1;
        return;
    default:
        print_value(r, n->a);
    }
}

void engine_block(engine_t *r, int s)
{
    if (++r->steps > STEPS)
        engine_end(r);
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
    engine_block(&r, t->body);
    if (r.failed && walk)
        text_add(walk, " !");
    return r.failed;
}
