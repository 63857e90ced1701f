/* Wrong programs that are grossly wrong on some inputs and right on the others, made by one change to
   the tree: what lists of the suite hard need.

       a step of a loop left out for some items, or on some inputs
       another result on some inputs: off by a constant, negated, an input itself
       an input clipped: to a largest or smallest value

   Which inputs these are is a comparison with a constant, drawn from the ranges that the problem's
   inputs are drawn from, or a remainder.  How many tests such a program passes is then anything
   from none to all: mutants_hard (candidates.c) keeps those of the rates that are wanted.

   Steps of while loops stay as they are, since a loop might never end; so do first assignments,
   without which a program would stop where it reads the variable. */
#include "testbed/ast.h"
#include <string.h>

typedef struct {
    int16_t node[AST_NODES], item[AST_NODES]; /* a statement; its loop's own variable, or -1 */
    int n;
} steps_t;

static int between(rng_t *r, int lo, int hi)
{
    return lo + rng_below(r, hi > lo ? hi - lo + 1 : 1);
}

/* Steps inside of loops that are not while loops. */
static void find_steps(const ast_t *t, int e, int in_loop, int item, steps_t *s)
{
    for (; e; e = t->node[e].next) {
        const node_t *n = &t->node[e];
        if ((n->kind == N_SET || n->kind == N_PUT) && in_loop)
            s->node[s->n] = (int16_t)e, s->item[s->n++] = (int16_t)item;
        else if (n->kind == N_EACH || n->kind == N_RANGE)
            find_steps(t, n->b, 1, n->value, s);
        else if (n->kind == N_IF)
            find_steps(t, n->b, in_loop, item, s), find_steps(t, n->c, in_loop, item, s);
    }
}

/* e compared with a constant of lo..hi, or its remainder. */
static int compared(ast_t *t, rng_t *r, int e, int lo, int hi)
{
    static const op_t order[] = {OP_LT, OP_LE, OP_GT, OP_GE};
    if (rng_below(r, 3) == 0) {
        int m = between(r, 2, 6);
        return ast_cmp(t, OP_EQ, ast_bin(t, OP_MOD, e, ast_int(t, m)), ast_int(t, rng_below(r, m)));
    }
    return ast_cmp(t, order[rng_below(r, 4)], e, ast_int(t, between(r, lo, hi)));
}

/* A condition on an input: its value, or its length. */
static int on_input(ast_t *t, rng_t *r, const sketch_t *s)
{
    int v = rng_below(r, t->n_input);
    if (t->var[v].type == T_INT)
        return compared(t, r, ast_use(t, v), s->lo, s->hi);
    return compared(t, r, ast_node(t, N_CALL, OP_LEN, ast_use(t, v), 0), s->len_lo, s->len_hi);
}

static int on_item(ast_t *t, rng_t *r, const sketch_t *s, int item)
{
    if (t->var[item].type != T_CHAR)
        return compared(t, r, ast_use(t, item), s->item_lo < 0 ? s->item_lo : 0,
                        s->item_hi > 0 ? s->item_hi : s->hi);
    return ast_cmp(t, rng_below(r, 2) ? OP_EQ : OP_NE, ast_use(t, item),
                   ast_char(t, s->letters[rng_below(r, (int)strlen(s->letters))]));
}

/* What stands in node e from here on stands in a new node, which is returned; e goes on to it. */
static int moved(ast_t *t, int e)
{
    int m = ast_node(t, N_NONE, 0, 0, 0);
    t->node[m] = t->node[e];
    return m;
}

static int step_left_out(ast_t *t, rng_t *r, const sketch_t *s)
{
    steps_t all = {.n = 0};
    find_steps(t, t->body, 0, -1, &all);
    if (!all.n)
        return 0;
    int k = rng_below(r, all.n), e = all.node[k], item = all.item[k];
    int typed =
        item >= 0 && (t->var[item].type == T_INT || (t->var[item].type == T_CHAR && *s->letters));
    int cond = typed && rng_below(r, 3) ? on_item(t, r, s, item) : on_input(t, r, s);
    int m = moved(t, e);
    int16_t next = t->node[m].next;
    t->node[m].next = 0;
    t->node[e] = (node_t){.kind = N_IF, .a = (int16_t)cond, .b = (int16_t)m, .next = next};
    return 1;
}

static int is_number(const ast_t *t, int e)
{
    const node_t *n = &t->node[e];
    return n->kind == N_BIN || n->kind == N_INT || n->kind == N_PICK ||
           (n->kind == N_VAR && t->var[n->value].type == T_INT) ||
           (n->kind == N_CALL && n->op != OP_LIST);
}

static int other_result(ast_t *t, rng_t *r, const sketch_t *s)
{
    int e = t->body;
    while (e && t->node[e].kind != N_PRINT)
        e = t->node[e].next;
    if (!e || t->node[e].next || !is_number(t, t->node[e].a))
        return 0;
    int cond = on_input(t, r, s), input = rng_below(r, t->n_input);
    int value = ast_copy(t, t->node[e].a), kind = rng_below(r, 3);
    if (kind == 0 && t->var[input].type == T_INT)
        value = ast_use(t, input);
    else if (kind == 1)
        value = ast_node(t, N_CALL, OP_NEG, value, 0);
    else
        value = ast_bin(t, rng_below(r, 2) ? OP_ADD : OP_SUB, value, ast_int(t, between(r, 1, 9)));
    int right = moved(t, e), wrong = ast_print(t, value);
    t->node[e] =
        (node_t){.kind = N_IF, .a = (int16_t)cond, .b = (int16_t)wrong, .c = (int16_t)right};
    return 1;
}

static int clipped_input(ast_t *t, rng_t *r, const sketch_t *s)
{
    int v = rng_below(r, t->n_input);
    if (t->var[v].type != T_INT)
        return 0;
    int set =
        ast_step(t, v, rng_below(r, 2) ? OP_MIN : OP_MAX, ast_int(t, between(r, s->lo, s->hi)));
    t->body = ast_chain(t, set, t->body);
    return 1;
}

const char *mutate_some(ast_t *t, rng_t *r, const sketch_t *s)
{
    static const struct {
        const char *name;
        int (*make)(ast_t *t, rng_t *r, const sketch_t *s);
    } all[] = {{"step left out on some inputs", step_left_out},
               {"another result on some inputs", other_result},
               {"input clipped", clipped_input}};
    int order[] = {0, 1, 2};
    if (t->n_node > AST_NODES - 40 || !t->n_input)
        return NULL;
    rng_shuffle(r, order, 3);
    for (int i = 0; i < 3; i++)
        if (all[order[i]].make(t, r, s))
            return all[order[i]].name;
    return NULL;
}
