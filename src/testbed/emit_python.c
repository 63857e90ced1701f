/* A program of the small language as Python 3.

   Input is one line: integers, then the items of a list, separated by spaces; or one string.
   Binding strengths decide parentheses, so that text is as a person would write it.  The function
   comes first; x = s[-1] before s.pop() is written as one, and what changes an item by so much as
   s[i] += x. */
#include "testbed/ast.h"
#include <string.h>

int emit_rank(const ast_t *t, int e)
{
    const node_t *n = &t->node[e];
    switch (n->kind) {
    case N_PICK:
        return 0;
    case N_BOOL:
        return n->op == OP_OR ? 1 : 2;
    case N_CMP:
        return 3;
    case N_BIN:
        return n->op == OP_ADD || n->op == OP_SUB ? 4 : 5;
    case N_CALL:
        return n->op == OP_NEG ? 6 : 7;
    case N_INT:
        return n->value < 0 ? 6 : 7;
    default:
        return 7;
    }
}

int emit_taken(const ast_t *t, const node_t *n)
{
    const node_t *e = &t->node[n->a], *pop = &t->node[n->next], *at = &t->node[e->b];
    return n->next && pop->kind == N_POP && e->kind == N_INDEX && at->kind == N_INT &&
           at->value == -1 && t->node[e->a].value == pop->value &&
           t->var[pop->value].type == T_LIST;
}

int emit_change(const ast_t *t, const node_t *n)
{
    const node_t *e = &t->node[n->a], *first = &t->node[e->a];
    return e->kind == N_BIN && e->op <= OP_SUB && first->kind == N_INDEX &&
                   t->node[first->a].value == n->value && ast_same(t, first->b, n->b)
               ? e->b
               : 0;
}

static void expr(const ast_t *t, int e, text_t *o);

static void inner(const ast_t *t, int e, int rank, text_t *o)
{
    int wrap = emit_rank(t, e) < rank;
    text_add(o, wrap ? "(" : "");
    expr(t, e, o);
    text_add(o, wrap ? ")" : "");
}

static void expr(const ast_t *t, int e, text_t *o)
{
    const node_t *n = &t->node[e];
    int rank = emit_rank(t, e);
    switch (n->kind) {
    case N_INT:
        text_addf(o, "%d", n->value);
        return;
    case N_CHAR:
        text_addf(o, "'%c'", n->value);
        return;
    case N_VAR:
        text_add(o, t->var[n->value].name);
        return;
    case N_BIN:
    case N_CMP:
    case N_BOOL:
        inner(t, n->a, rank + (n->kind == N_CMP), o);
        text_addf(o, " %s ", op_text[n->op]);
        inner(t, n->b, rank + (n->kind != N_BOOL), o);
        return;
    case N_CALL:
        if (n->op == OP_NEG) {
            text_add(o, "-");
            inner(t, n->a, 7, o);
            return;
        }
        text_addf(o, "%s(", op_text[n->op]);
        expr(t, n->a, o);
        if (n->b)
            text_add(o, ", "), expr(t, n->b, o);
        text_add(o, ")");
        return;
    case N_INDEX:
        expr(t, n->a, o);
        text_add(o, "["), expr(t, n->b, o), text_add(o, "]");
        return;
    case N_PICK:
        inner(t, n->a, 1, o);
        text_add(o, " if "), inner(t, n->c, 1, o), text_add(o, " else ");
        inner(t, n->b, 1, o);
        return;
    case N_APPLY:
        text_addf(o, "%s(", t->fn.name);
        expr(t, n->a, o);
        if (n->b)
            text_add(o, ", "), expr(t, n->b, o);
        text_add(o, ")");
        return;
    case N_FILL:
        text_add(o, "["), expr(t, n->a, o), text_add(o, "] * ");
        inner(t, n->b, 6, o);
        return;
    case N_GATHER:
        text_add(o, n->op == OP_SUM ? "sum(" : "[");
        expr(t, n->a, o);
        text_addf(o, " for %s in ", t->var[n->value].name);
        expr(t, n->b, o);
        if (n->c)
            text_add(o, " if "), expr(t, n->c, o);
        text_add(o, n->op == OP_SUM ? ")" : "]");
        return;
    }
}

static void line(text_t *o, int depth, const char *s)
{
    for (int i = 0; i < depth; i++)
        text_add(o, "    ");
    text_add(o, s);
}

static void block(const ast_t *t, int s, int depth, text_t *o);

static void branch(const ast_t *t, int s, int depth, const char *word, text_t *o)
{
    const node_t *n = &t->node[s];
    line(o, depth, word);
    expr(t, n->a, o), text_add(o, ":\n");
    block(t, n->b, depth + 1, o);
    if (!n->c)
        return;
    if (t->node[n->c].kind == N_IF && !t->node[n->c].next) {
        branch(t, n->c, depth, "elif ", o);
        return;
    }
    line(o, depth, "else:\n");
    block(t, n->c, depth + 1, o);
}

static void set(const ast_t *t, const node_t *n, text_t *o)
{
    const node_t *e = &t->node[n->a];
    const char *name = t->var[n->value].name;
    if (e->kind == N_EMPTY) {
        text_addf(o, "%s = %s", name, t->var[n->value].type == T_STR ? "\"\"" : "[]");
    } else if (n->style && e->kind == N_BIN) {
        text_addf(o, "%s %s= ", name, op_text[e->op]);
        expr(t, e->b, o);
    } else {
        text_addf(o, "%s = ", name);
        expr(t, n->a, o);
    }
}

static void store(const ast_t *t, const node_t *n, text_t *o)
{
    text_addf(o, "%s[", t->var[n->value].name);
    expr(t, n->b, o);
    int change = emit_change(t, n);
    text_addf(o, change ? "] %s= " : "] = ", change ? op_text[t->node[n->a].op] : "");
    expr(t, change ? change : n->a, o);
}

static void block(const ast_t *t, int s, int depth, text_t *o)
{
    if (!s)
        line(o, depth, "pass\n");
    for (; s; s = t->node[s].next) {
        const node_t *n = &t->node[s];
        const char *name = t->var[n->value].name;
        if (n->kind == N_IF) {
            branch(t, s, depth, "if ", o);
            continue;
        }
        line(o, depth, "");
        switch (n->kind) {
        case N_SET:
            if (emit_taken(t, n)) {
                text_addf(o, "%s = %s.pop()\n", name, t->var[t->node[n->next].value].name);
                s = n->next;
                continue;
            }
            set(t, n, o);
            break;
        case N_STORE:
            store(t, n, o);
            break;
        case N_POP:
            if (t->var[n->value].type == T_STR)
                text_addf(o, "%s = %s[:-1]", name, name);
            else
                text_addf(o, "%s.pop()", name);
            break;
        case N_RETURN:
            text_add(o, "return "), expr(t, n->a, o);
            break;
        case N_PUT:
            text_addf(o, t->var[n->value].type == T_STR ? "%s += " : "%s.append(", name);
            expr(t, n->a, o);
            text_add(o, t->var[n->value].type == T_STR ? "" : ")");
            break;
        case N_EACH:
            text_addf(o, "for %s in ", name), expr(t, n->a, o), text_add(o, ":\n");
            block(t, n->b, depth + 1, o);
            continue;
        case N_RANGE:
            text_addf(o, "for %s in range(", name);
            if (t->node[n->a].kind != N_INT || t->node[n->a].value)
                expr(t, n->a, o), text_add(o, ", ");
            expr(t, n->c, o), text_add(o, "):\n");
            block(t, n->b, depth + 1, o);
            continue;
        case N_WHILE:
            text_add(o, "while "), expr(t, n->a, o), text_add(o, ":\n");
            block(t, n->b, depth + 1, o);
            continue;
        case N_SORT:
            text_addf(o, "%s.sort(%s)", name, n->op == OP_GT ? "reverse=True" : "");
            break;
        case N_PRINT: {
            const node_t *e = &t->node[n->a];
            int many = e->kind == N_VAR && t->var[e->value].type == T_LIST;
            text_add(o, many ? "print(*" : "print("), expr(t, n->a, o), text_add(o, ")");
            break;
        }
        }
        text_add(o, "\n");
    }
}

void emit_python(const ast_t *t, text_t *o)
{
    ASSERT(t->n_input > 0);
    if (t->fn.body) {
        text_addf(o, "def %s(", t->fn.name);
        for (int i = 0; i < t->fn.n_param; i++)
            text_addf(o, "%s%s", i ? ", " : "", t->var[t->fn.first + i].name);
        text_add(o, "):\n");
        block(t, t->fn.body, 1, o);
        text_add(o, "\n");
    }
    int list = t->var[t->n_input - 1].type == T_LIST;
    const char *last = t->var[t->n_input - 1].name;
    if (t->var[0].type == T_STR) {
        text_addf(o, "%s = input()\n", last);
    } else if (t->n_input == 1) {
        text_addf(o, list ? "%s = list(map(int, input().split()))\n" : "%s = int(input())\n", last);
    } else {
        for (int v = 0; v < t->n_input; v++)
            text_addf(o, "%s%s%s", v ? ", " : "", list && v == t->n_input - 1 ? "*" : "",
                      t->var[v].name);
        text_add(o, " = map(int, input().split())\n");
    }
    block(t, t->body, 0, o);
}
