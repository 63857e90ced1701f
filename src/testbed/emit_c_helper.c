/* The small functions that a C program needs where Python has an operator or a method.

   Each is written only where the program uses it, in one line, and fails where Python fails. */
#include "testbed/ast.h"

enum {
    USE_MOD = 1,
    USE_QUO = 2,
    USE_AT = 4,
    USE_MIN = 8,
    USE_MAX = 16,
    USE_SUM = 32,
    USE_TOP = 64,
    USE_LOW = 128,
    USE_SORT = 256,
    USE_CELL = 512,
    USE_POP = 1024,
    USE_FILL = 2048,
    HELPERS = 12
};

/* Of rich programs, which may divide by what is read: 0 ends them however C is optimised. */
static const char *const checked[] = {
    "static long mod(long a, long b) { if (!b) exit(1); long r = a % b; return r && (r < 0) != "
    "(b < 0) ? r + b : r; }\n",
    "static long quo(long a, long b) { if (!b) exit(1); return a / b - (a % b && (a < 0) != (b < "
    "0)); }\n",
};

static const char *const helper[] = {
    "static long mod(long a, long b) { long r = a % b; return r && (r < 0) != (b < 0) ? "
    "r + b : r; }\n",
    "static long quo(long a, long b) { return a / b - (a % b && (a < 0) != (b < 0)); }\n",
    "static long at(long *a, int n, long i) { i += i < 0 ? n : 0; if (i < 0 || i >= n) "
    "exit(1); return a[i]; }\n",
    "static long min(long a, long b) { return a < b ? a : b; }\n",
    "static long max(long a, long b) { return a > b ? a : b; }\n",
    "static long sum(long *a, int n) { long s = 0; for (int i = 0; i < n; i++) s += "
    "a[i]; return s; }\n",
    "static long most(long *a, int n) { if (!n) exit(1); long s = a[0]; for (int i = 1; "
    "i < n; i++) if (a[i] > s) s = a[i]; return s; }\n",
    "static long least(long *a, int n) { if (!n) exit(1); long s = a[0]; for (int i = 1; "
    "i < n; i++) if (a[i] < s) s = a[i]; return s; }\n",
    "static void sort(long *a, int n, int down) { for (int i = 1; i < n; i++) for (int j "
    "= i; j > 0 && (down ? a[j] > a[j - 1] : a[j] < a[j - 1]); j--) { long t = a[j]; "
    "a[j] = a[j - 1]; a[j - 1] = t; } }\n",
    "static long *cell(long *a, int n, long i) { i += i < 0 ? n : 0; if (i < 0 || i >= n) "
    "exit(1); return &a[i]; }\n",
    "static void pop(int *n) { if (!*n) exit(1); --*n; }\n",
    "static int fill(long *a, long x, long n) { if (n > 99) exit(1); for (long i = 0; i < n; i++) "
    "a[i] = x; return n > 0 ? n : 0; }\n",
};

/* Which helpers the reachable part of the program needs. */
static int needs(const ast_t *t, int e)
{
    if (!e)
        return 0;
    const node_t *n = &t->node[e];
    int u = needs(t, n->a) | needs(t, n->b) | needs(t, n->c) | needs(t, n->next);
    if (n->kind == N_BIN)
        u |= n->op == OP_MOD ? USE_MOD : n->op == OP_DIV ? USE_QUO : 0;
    if (n->kind == N_INDEX)
        u |= USE_AT;
    if (n->kind == N_SORT)
        u |= USE_SORT;
    if (n->kind == N_STORE)
        u |= USE_CELL;
    if (n->kind == N_POP && t->var[n->value].type != T_STR)
        u |= USE_POP;
    if (n->kind == N_FILL)
        u |= USE_FILL;
    if (n->kind == N_CALL)
        u |= n->op == OP_MIN   ? USE_MIN
             : n->op == OP_MAX ? USE_MAX
             : n->op == OP_SUM ? USE_SUM
             : n->op == OP_TOP ? USE_TOP
             : n->op == OP_LOW ? USE_LOW
                               : 0;
    return u;
}

void emit_c_helpers(const ast_t *t, text_t *o)
{
    int used = needs(t, t->body) | needs(t, t->fn.body);
    for (int i = 0; i < HELPERS; i++)
        if (used >> i & 1)
            text_add(o, t->rich && i < 2 ? checked[i] : helper[i]);
}
