/* Problems that are not worth asking, found by running them.

   A family writes whatever its words allow, and some of it asks for nothing: "change each b of
   the string to b", "the maximum of 9 and all digits", "the elements at most m, where m is the
   maximum".  Rules on parameters would have to foresee every such case.  Instead the reference
   runs on the problem's own tests, and a problem is thrown away when it is

     constant   less than a third of the outputs differ from those before, or none does;
     identity   on every test the output is an input, always the same one;
     idle       a part of it can go, and no test (of two dozen) shows that.

   Parts go one at a time, in the body and in the function: a condition becomes always true, then
   always false; a step of a loop, a sort, an item stored or taken off is left out; an operation or
   a call becomes any of the values below it; a constant becomes one more and one less (it is enough
   if either shows).  So a filter that always holds, a sign dropped from what is never negative, a
   "times 1" and a loop that never runs are all found.  What a result starts with is only looked at
   as a constant.

   Cost: 20 to 60 variants, of which nearly all differ on the first input that they run on: some
   twenty microseconds, a hundred where programs loop. */
#include "testbed/ast.h"
#include <stdlib.h>
#include <string.h>

typedef struct {
    ast_t v; /* the reference, but for one part */
    int n;
    const text_t *input, *output;
    text_t out;
    int idle;
} trial_t;

/* 1: some input tells the variant from the reference.  The first inputs are the shortest. */
static int shows(trial_t *t)
{
    for (int i = t->n - 1; i >= 0; i--) {
        text_clear(&t->out);
        text_add(&t->out, "");
        if (interp_run(&t->v, t->input[i].s, &t->out, NULL) ||
            strcmp(t->out.s, t->output[i].s) != 0)
            return 1;
    }
    return 0;
}

/* Node e becomes `other`; 1: that shows. */
static int replaced(trial_t *t, int e, node_t other)
{
    node_t was = t->v.node[e];
    other.next = was.next;
    t->v.node[e] = other;
    int y = shows(t);
    t->v.node[e] = was;
    return y;
}

static node_t constant(int value)
{
    return (node_t){.kind = N_INT, .value = value};
}

/* Lists stand only as arguments of calls and before an index. */
static int takes_list(const node_t *n)
{
    return n->kind == N_CALL &&
           (n->op == OP_LEN || n->op == OP_SUM || n->op == OP_TOP || n->op == OP_LOW);
}

/* Does e become one of the values below it without showing?  Of an index or a comparison only
   what is inside of it is of another kind, so nothing of that comes up. */
static int hoisted(trial_t *t, int e, int below)
{
    const node_t n = t->v.node[below];
    int part[] = {n.a, n.b};
    if ((n.kind != N_BIN && n.kind != N_CALL && n.kind != N_BOOL && n.kind != N_APPLY) ||
        takes_list(&n))
        return 0;
    for (int i = 0; i < 2; i++)
        if (part[i] && (!replaced(t, e, t->v.node[part[i]]) || hoisted(t, e, part[i])))
            return 1;
    return 0;
}

static void condition(trial_t *t, int e)
{
    t->idle |= !replaced(t, e, constant(1)) || !replaced(t, e, constant(0));
}

static void expression(trial_t *t, int e)
{
    const node_t n = t->v.node[e];
    if (!e || t->idle)
        return;
    if (n.kind == N_INT)
        t->idle |= !replaced(t, e, constant(n.value + 1)) && !replaced(t, e, constant(n.value - 1));
    if (hoisted(t, e, e))
        t->idle = 1;
    if (n.kind == N_PICK)
        condition(t, n.c), expression(t, n.c);
    if (takes_list(&n))
        return;
    if (n.kind != N_INDEX)
        expression(t, n.a);
    expression(t, n.b);
}

/* Where a range begins, what running sums begin with, and a digit or a remainder taken as a step of
   its own, are how a program goes about it: an odd digit is found in n as well as in n % 10. */
static int says_something(const trial_t *t, const node_t *n, int outside)
{
    const node_t *a = &t->v.node[n->a];
    if (n->kind == N_PUT && outside && a->kind == N_INT)
        return 0;
    if (n->kind == N_SET)
        return a->kind != N_BIN || (a->op != OP_MOD && a->op != OP_DIV);
    return n->kind != N_EACH && n->kind != N_SORT && (n->kind != N_RANGE || a->kind != N_INT);
}

static void block(trial_t *t, int s, int outside)
{
    const int gone = t->v.n_node - 1; /* a spare node: false */
    for (; s && !t->idle; s = t->v.node[s].next) {
        const node_t n = t->v.node[s];
        int start = n.kind == N_SET && outside &&
                    (t->v.node[n.a].kind == N_INT || t->v.node[n.a].kind == N_EMPTY ||
                     t->v.node[n.a].kind == N_FILL);
        if ((n.kind == N_SET && !start) || n.kind == N_PUT || n.kind == N_SORT ||
            n.kind == N_STORE || n.kind == N_POP)
            t->idle |= !replaced(t, s, (node_t){.kind = N_IF, .a = (int16_t)gone});
        if (n.kind == N_IF)
            condition(t, n.a);
        if (n.kind == N_WHILE)
            t->idle |= !replaced(t, n.a, constant(0));
        if (says_something(t, &n, outside))
            expression(t, n.a);
        if (n.kind == N_RANGE)
            expression(t, n.c);
        if (n.kind == N_STORE)
            expression(t, n.b);
        if (n.kind == N_EACH || n.kind == N_RANGE || n.kind == N_WHILE || n.kind == N_IF)
            block(t, n.b, outside && n.kind == N_IF);
        if (n.kind == N_IF)
            block(t, n.c, outside);
    }
}

static int has_idle_part(const ast_t *reference, int n, const text_t *input, const text_t *output)
{
    trial_t t = {.v = *reference, .n = n, .input = input, .output = output};
    ast_int(&t.v, 0);
    block(&t, t.v.body, 1);
    block(&t, t.v.fn.body, 1);
    text_reset(&t.out);
    return t.idle;
}

/* Is the output on every input the value of variable v? */
static int repeats(const ast_t *t, int v, int n, const text_t *input, const text_t *output)
{
    for (int i = 0; i < n; i++) {
        const char *p = input[i].s, *q = output[i].s;
        char *end;
        if (t->var[v].type == T_INT) {
            long x = 0;
            for (int k = 0; k <= v; k++, p = end)
                x = strtol(p, &end, 10);
            if (strtol(q, &end, 10) != x || end == q || strcmp(end, "\n") != 0)
                return 0;
        } else {
            for (int k = 0; k < v; k++, p = end)
                strtol(p, &end, 10);
            if (strcmp(p + strspn(p, " "), q) != 0)
                return 0;
        }
    }
    return 1;
}

const char *idle_why(const ast_t *t, int n, int shown, const text_t *input, const text_t *output)
{
    int different = 0;
    for (int i = 0; i < n; i++) {
        int fresh = 1;
        for (int j = 0; j < i; j++)
            fresh &= strcmp(output[i].s, output[j].s) != 0;
        different += fresh;
    }
    if (different < 2 || different < (n + 2) / 3)
        return "constant";
    for (int v = 0; v < t->n_input; v++)
        if (repeats(t, v, n, input, output))
            return "identity";
    return has_idle_part(t, shown, input, output) ? "idle" : NULL;
}
