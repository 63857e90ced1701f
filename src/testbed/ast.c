/* The language of the problems: a tree in an array.

   A program is at most AST_NODES nodes of fixed size, linked by index, so that copying one is a
   plain assignment and mutators can work on the copy.  Node 0 means "nothing".  Statements are
   chained by `next`.  Values are integers, characters, integer lists and strings (which share
   their representation: items).  Integer semantics are those of Python: // and % round
   towards minus infinity; programs keep their values far below 2^63, so that C agrees.

   A program may have one function of integers, which may call itself.  It changes nothing but its
   own variables, so calls may be exchanged.

   The functions here only build.  They are terse on purpose: a family reads like its program. */
#include "testbed/ast.h"
#include <string.h>

void ast_begin(ast_t *t)
{
    memset(t, 0, sizeof *t);
    t->n_node = 1;
    t->result = -1;
}

int ast_var(ast_t *t, const char *name, type_t type)
{
    ASSERT(t->n_var < AST_VARS);
    snprintf(t->var[t->n_var].name, sizeof t->var[0].name, "%s", name);
    t->var[t->n_var].type = type;
    return t->n_var++;
}

int ast_input(ast_t *t, const char *name, type_t type)
{
    ASSERT(t->n_var == t->n_input);
    t->n_input++;
    return ast_var(t, name, type);
}

int ast_node(ast_t *t, kind_t k, int op, int a, int b)
{
    ASSERT(t->n_node < AST_NODES);
    t->node[t->n_node] =
        (node_t){.kind = (uint8_t)k, .op = (uint8_t)op, .a = (int16_t)a, .b = (int16_t)b};
    return t->n_node++;
}

static int with_value(ast_t *t, int n, int value)
{
    t->node[n].value = value;
    return n;
}

int ast_int(ast_t *t, int v)
{
    return with_value(t, ast_node(t, N_INT, 0, 0, 0), v);
}
int ast_char(ast_t *t, int c)
{
    return with_value(t, ast_node(t, N_CHAR, 0, 0, 0), c);
}
int ast_use(ast_t *t, int v)
{
    return with_value(t, ast_node(t, N_VAR, 0, 0, 0), v);
}
int ast_bin(ast_t *t, op_t op, int a, int b)
{
    return ast_node(t, N_BIN, op, a, b);
}
int ast_cmp(ast_t *t, op_t op, int a, int b)
{
    return ast_node(t, N_CMP, op, a, b);
}

int ast_set(ast_t *t, int var, int e)
{
    return with_value(t, ast_node(t, N_SET, 0, e, 0), var);
}

int ast_step(ast_t *t, int var, op_t op, int e)
{
    kind_t k = op == OP_MIN || op == OP_MAX ? N_CALL : N_BIN;
    return ast_set(t, var, ast_node(t, k, op, ast_use(t, var), e));
}

int ast_put(ast_t *t, int var, int e)
{
    return with_value(t, ast_node(t, N_PUT, 0, e, 0), var);
}

int ast_each(ast_t *t, int var, int list, int body)
{
    return with_value(t, ast_node(t, N_EACH, 0, ast_use(t, list), body), var);
}

int ast_range(ast_t *t, int var, int from, int to, int body)
{
    int n = ast_node(t, N_RANGE, 0, from, body);
    t->node[n].c = (int16_t)to;
    return with_value(t, n, var);
}

int ast_if(ast_t *t, int cond, int then, int other)
{
    if (!cond)
        return then;
    int n = ast_node(t, N_IF, 0, cond, then);
    t->node[n].c = (int16_t)other;
    return n;
}

int ast_print(ast_t *t, int e)
{
    return ast_node(t, N_PRINT, 0, e, 0);
}

int ast_chain(ast_t *t, int first, int then)
{
    if (!first)
        return then;
    int n = first;
    while (t->node[n].next)
        n = t->node[n].next;
    t->node[n].next = (int16_t)then;
    return first;
}

int ast_copy(ast_t *t, int e)
{
    if (!e)
        return 0;
    node_t n = t->node[e];
    n.a = (int16_t)ast_copy(t, n.a);
    n.b = (int16_t)ast_copy(t, n.b);
    n.c = (int16_t)ast_copy(t, n.c);
    int m = ast_node(t, N_NONE, 0, 0, 0);
    t->node[m] = n;
    return m;
}

int ast_loop_var(const ast_t *t, int var)
{
    for (int i = 1; i < t->n_node; i++)
        if ((t->node[i].kind == N_EACH || t->node[i].kind == N_RANGE) && t->node[i].value == var)
            return 1;
    return 0;
}

int ast_same(const ast_t *t, int a, int b)
{
    const node_t *x = &t->node[a], *y = &t->node[b];
    if (!a || !b)
        return a == b;
    return x->kind == y->kind && x->op == y->op && x->value == y->value &&
           ast_same(t, x->a, y->a) && ast_same(t, x->b, y->b) && ast_same(t, x->c, y->c);
}

int ast_own(const ast_t *t, int var)
{
    return t->fn.body && var >= t->fn.first && var < t->fn.first + t->fn.own;
}

int ast_at(ast_t *t, int list, int index)
{
    return ast_node(t, N_INDEX, 0, ast_use(t, list), index);
}
int ast_len(ast_t *t, int list)
{
    return ast_node(t, N_CALL, OP_LEN, ast_use(t, list), 0);
}
int ast_last(ast_t *t, int list)
{
    return ast_at(t, list, ast_int(t, -1));
}
int ast_and(ast_t *t, int a, int b)
{
    return ast_node(t, N_BOOL, OP_AND, a, b);
}
int ast_while(ast_t *t, int cond, int body)
{
    return ast_node(t, N_WHILE, 0, cond, body);
}
int ast_empty(ast_t *t, int var)
{
    return ast_set(t, var, ast_node(t, N_EMPTY, 0, 0, 0));
}
int ast_fill(ast_t *t, int var, int item, int count)
{
    return ast_set(t, var, ast_node(t, N_FILL, 0, item, count));
}
int ast_store(ast_t *t, int var, int index, int e)
{
    return with_value(t, ast_node(t, N_STORE, 0, e, index), var);
}
int ast_pop(ast_t *t, int var)
{
    return with_value(t, ast_node(t, N_POP, 0, 0, 0), var);
}

int ast_function(ast_t *t, const char *name, const char *a, const char *b)
{
    snprintf(t->fn.name, sizeof t->fn.name, "%s", name);
    t->fn.first = ast_var(t, a, T_INT);
    if (b)
        ast_var(t, b, T_INT);
    t->fn.n_param = t->fn.own = 1 + (b != NULL);
    return t->fn.first;
}

int ast_apply(ast_t *t, int a, int b)
{
    return ast_node(t, N_APPLY, 0, a, b);
}
int ast_return(ast_t *t, int e)
{
    return ast_node(t, N_RETURN, 0, e, 0);
}

int ast_list(ast_t *t, const int *s, int n)
{
    int first = 0;
    for (int i = 0; i < n; i++)
        first = ast_chain(t, first, s[i]);
    return first;
}
