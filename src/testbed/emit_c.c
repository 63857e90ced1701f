/* A program of the small language as C.

   The same input format as Python's.  What Python does and C does not is put into small functions,
   written only where they are used (emit_c_helper.c): mod and quo round down, at() counts negative
   indices from the end and ends the program on an index outside, so that a wrong program fails in
   both languages alike; cell() does so where an item is stored, pop() where one is taken off, in
   rich programs mod and quo on 0, and no mutation takes a function's last return away.  What the
   function reads of the input stands outside of main.  A range's bound is evaluated once and its
   variable keeps the last value, as in Python.  A list or string x has its length in nx. */
#include "testbed/ast.h"
#include <string.h>

static void expr(const ast_t *t, int e, text_t *o);

static void inner(const ast_t *t, int e, int rank, text_t *o)
{
    int r = emit_rank(t, e);
    if (t->node[e].kind == N_BIN && (t->node[e].op == OP_MOD || t->node[e].op == OP_DIV))
        r = 7;
    text_add(o, r < rank ? "(" : "");
    expr(t, e, o);
    text_add(o, r < rank ? ")" : "");
}

static void call(const ast_t *t, const node_t *n, text_t *o)
{
    const char *name = t->var[t->node[n->a].value].name;
    switch (n->op) {
    case OP_NEG:
        text_add(o, "-");
        inner(t, n->a, 7, o);
        return;
    case OP_LEN:
        text_addf(o, "n%s", name);
        return;
    case OP_SUM:
        text_addf(o, "sum(%s, n%s)", name, name);
        return;
    case OP_TOP:
        text_addf(o, "most(%s, n%s)", name, name);
        return;
    case OP_LOW:
        text_addf(o, "least(%s, n%s)", name, name);
        return;
    case OP_ABS:
        text_add(o, "labs(");
        break;
    default:
        text_addf(o, "%s(", op_text[n->op]);
    }
    expr(t, n->a, o);
    if (n->b)
        text_add(o, ", "), expr(t, n->b, o);
    text_add(o, ")");
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
    case N_CALL:
        call(t, n, o);
        return;
    case N_BIN:
        if (n->op == OP_MOD || n->op == OP_DIV) {
            text_add(o, n->op == OP_MOD ? "mod(" : "quo(");
            expr(t, n->a, o), text_add(o, ", "), expr(t, n->b, o), text_add(o, ")");
            return;
        }
        /* fall through */
    case N_CMP:
    case N_BOOL:
        inner(t, n->a, rank + (n->kind == N_CMP), o);
        text_addf(o, " %s ", n->kind != N_BOOL ? op_text[n->op] : n->op == OP_AND ? "&&" : "||");
        inner(t, n->b, rank + (n->kind != N_BOOL), o);
        return;
    case N_INDEX: {
        const char *name = t->var[t->node[n->a].value].name;
        text_addf(o, "at(%s, n%s, ", name, name), expr(t, n->b, o), text_add(o, ")");
        return;
    }
    case N_APPLY:
        text_addf(o, "%s(", t->fn.name);
        expr(t, n->a, o);
        if (n->b)
            text_add(o, ", "), expr(t, n->b, o);
        text_add(o, ")");
        return;
    case N_PICK:
        inner(t, n->c, 1, o), text_add(o, " ? "), inner(t, n->a, 1, o);
        text_add(o, " : "), inner(t, n->b, 1, o);
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

static void branch(const ast_t *t, int s, int depth, text_t *o)
{
    const node_t *n = &t->node[s];
    text_add(o, "if ("), expr(t, n->a, o), text_add(o, ") {\n");
    block(t, n->b, depth + 1, o);
    if (n->c && t->node[n->c].kind == N_IF && !t->node[n->c].next) {
        line(o, depth, "} else ");
        branch(t, n->c, depth, o);
        return;
    }
    if (n->c) {
        line(o, depth, "} else {\n");
        block(t, n->c, depth + 1, o);
    }
    line(o, depth, "}\n");
}

static void print(const ast_t *t, int e, int depth, text_t *o)
{
    const node_t *n = &t->node[e];
    type_t ty = n->kind == N_VAR ? t->var[n->value].type : n->kind == N_CHAR ? T_CHAR : T_INT;
    if (n->kind == N_INDEX && t->var[t->node[n->a].value].type == T_STR)
        ty = T_CHAR;
    if (ty == T_LIST || ty == T_STR) {
        const char *name = t->var[n->value].name;
        text_addf(o, "for (int j = 0; j < n%s; j++)\n", name);
        line(o, depth + 1, "");
        text_addf(o, ty == T_LIST ? "printf(\"%%ld \", %s[j]);\n" : "putchar((int)%s[j]);\n", name);
        line(o, depth, "printf(\"\\n\");\n");
        return;
    }
    text_add(o, ty == T_CHAR ? "printf(\"%c\\n\", (int)" : "printf(\"%ld\\n\", (long)");
    inner(t, e, 7, o);
    text_add(o, ");\n");
}

static int mentions(const ast_t *t, int e, int var)
{
    if (!e)
        return 0;
    const node_t *n = &t->node[e];
    int own = (n->kind == N_VAR || n->kind == N_SET || n->kind == N_PUT || n->kind == N_EACH ||
               n->kind == N_RANGE || n->kind == N_SORT || n->kind == N_STORE || n->kind == N_POP) &&
              n->value == var;
    return own || mentions(t, n->a, var) || mentions(t, n->b, var) || mentions(t, n->c, var) ||
           mentions(t, n->next, var);
}

static void statement(const ast_t *t, const node_t *n, int s, int depth, text_t *o)
{
    const char *name = t->var[n->value].name;
    const node_t *e = &t->node[n->a];
    switch (n->kind) {
    case N_SET:
        if (e->kind == N_EMPTY) {
            text_addf(o, "n%s = 0;\n", name);
        } else if (e->kind == N_FILL) {
            text_addf(o, "n%s = fill(%s, ", name, name), expr(t, e->a, o);
            text_add(o, ", "), expr(t, e->b, o), text_add(o, ");\n");
        } else if (n->style && e->kind == N_BIN && e->op <= OP_MUL) {
            text_addf(o, "%s %s= ", name, op_text[e->op]);
            expr(t, e->b, o), text_add(o, ";\n");
        } else {
            text_addf(o, "%s = ", name), expr(t, n->a, o), text_add(o, ";\n");
        }
        return;
    case N_PUT: {
        int of_itself = mentions(t, n->a, n->value);
        text_addf(o, of_itself ? "%s[n%s] = " : "%s[n%s++] = ", name, name);
        expr(t, n->a, o), text_add(o, ";\n");
        if (of_itself)
            line(o, depth, ""), text_addf(o, "n%s++;\n", name);
        return;
    }
    case N_EACH: {
        const char *from = t->var[e->value].name;
        text_addf(o, "for (int j%d = 0; j%d < n%s; j%d++) {\n", depth, depth, from, depth);
        line(o, depth + 1, "");
        text_addf(o, "%s = %s[j%d];\n", name, from, depth);
        block(t, n->b, depth + 1, o);
        line(o, depth, "}\n");
        return;
    }
    case N_RANGE:
        text_addf(o, "for (long j%d = ", depth), expr(t, n->a, o);
        text_addf(o, ", e%d = ", depth), expr(t, n->c, o);
        text_addf(o, "; j%d < e%d; j%d++) {\n", depth, depth, depth);
        line(o, depth + 1, "");
        text_addf(o, "%s = j%d;\n", name, depth);
        block(t, n->b, depth + 1, o);
        line(o, depth, "}\n");
        return;
    case N_WHILE:
        text_add(o, "while ("), expr(t, n->a, o), text_add(o, ") {\n");
        block(t, n->b, depth + 1, o);
        line(o, depth, "}\n");
        return;
    case N_IF:
        branch(t, s, depth, o);
        return;
    case N_STORE: {
        int change = emit_change(t, n);
        text_addf(o, "*cell(%s, n%s, ", name, name), expr(t, n->b, o);
        text_addf(o, change ? ") %s= " : ") = ", change ? op_text[e->op] : "");
        expr(t, change ? change : n->a, o), text_add(o, ";\n");
        return;
    }
    case N_POP:
        text_addf(o, t->var[n->value].type == T_STR ? "n%s -= n%s > 0;\n" : "pop(&n%s);\n", name,
                  name);
        return;
    case N_RETURN:
        text_add(o, "return "), expr(t, n->a, o), text_add(o, ";\n");
        return;
    case N_SORT:
        text_addf(o, "sort(%s, n%s, %d);\n", name, name, n->op == OP_GT);
        return;
    default:
        print(t, n->a, depth, o);
    }
}

static void block(const ast_t *t, int s, int depth, text_t *o)
{
    for (; s; s = t->node[s].next) {
        line(o, depth, "");
        statement(t, &t->node[s], s, depth, o);
    }
}

static void declare(const ast_t *t, int v, const char *before, text_t *o)
{
    const char *name = t->var[v].name;
    if (t->var[v].type == T_LIST || t->var[v].type == T_STR)
        text_addf(o, "%slong %s[99] = {0};\n%sint n%s = 0;\n", before, name, before, name);
    else
        text_addf(o, "%slong %s = 0;\n", before, name);
}

static void function(const ast_t *t, text_t *o)
{
    for (int v = 0; v < t->n_input; v++)
        if (mentions(t, t->fn.body, v))
            declare(t, v, "static ", o);
    text_addf(o, "static long %s(", t->fn.name);
    for (int i = 0; i < t->fn.n_param; i++)
        text_addf(o, "%slong %s", i ? ", " : "", t->var[t->fn.first + i].name);
    text_add(o, ")\n{\n");
    for (int v = t->fn.first + t->fn.n_param; v < t->fn.first + t->fn.own; v++)
        if (mentions(t, t->fn.body, v))
            declare(t, v, "    ", o);
    block(t, t->fn.body, 1, o);
    text_add(o, "}\n");
}

void emit_c(const ast_t *t, text_t *o)
{
    text_add(o, "#include <stdio.h>\n#include <stdlib.h>\n");
    emit_c_helpers(t, o);
    if (t->fn.body)
        function(t, o);
    text_add(o, "int main(void)\n{\n");
    for (int v = 0; v < t->n_var; v++)
        if (!ast_own(t, v) && !(v < t->n_input && mentions(t, t->fn.body, v)) &&
            (v < t->n_input || mentions(t, t->body, v)))
            declare(t, v, "    ", o);
    for (int v = 0; v < t->n_input; v++) {
        const char *name = t->var[v].name;
        if (t->var[v].type == T_INT)
            text_addf(o, "    if (scanf(\"%%ld\", &%s) != 1)\n        return 1;\n", name);
        else if (t->var[v].type == T_LIST)
            text_addf(o,
                      "    while (n%s < 99 && scanf(\"%%ld\", &%s[n%s]) == 1)\n        "
                      "n%s++;\n",
                      name, name, name, name);
        else
            text_addf(o, "    for (int ch; (ch = getchar()) > ' ';)\n        %s[n%s++] = ch;\n",
                      name, name);
    }
    block(t, t->body, 1, o);
    text_add(o, "    return 0;\n}\n");
}
