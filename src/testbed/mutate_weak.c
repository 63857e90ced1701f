/* Wrong programs with gross faults, made by one change to the tree.

   Another operator, the opposite comparison, a dropped condition, a constant far off, another start
   value, an operation left out, an intermediate printed.

   A mutation picks one applicable site at random.  Whether the result is wrong, and on how many
   tests, is never assumed: it is executed.  Mutators are tried in random order until one
   applies, so rare ones are as likely as frequent ones. */
#include "testbed/mutate.h"
#include <string.h>

static int is_arith(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_BIN && site_op(t, s) <= OP_MUL;
}
static int is_if(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_IF;
}
static int is_if_else(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_IF && t->node[s->node].c;
}
static int is_minmax(const ast_t *t, const site_t *s)
{
    int op = site_op(t, s);
    return site_kind(t, s) == N_CALL &&
           (op == OP_MIN || op == OP_MAX || op == OP_TOP || op == OP_LOW);
}
static int is_const(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_INT && s->parent && t->node[s->parent].kind != N_SET;
}
static int is_start(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_SET && s->depth == 0 && t->node[t->node[s->node].a].kind == N_INT;
}
static int is_letter(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_CHAR;
}
static int is_bool(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_BOOL;
}
static int is_sort(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_SORT;
}
static int is_sign(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_CALL && (site_op(t, s) == OP_ABS || site_op(t, s) == OP_NEG);
}
static int is_print_name(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_PRINT && t->node[t->node[s->node].a].kind == N_VAR;
}
static int is_use(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_VAR && t->var[t->node[s->node].value].type == T_INT &&
           s->slot != 'n' && t->node[s->parent].kind != N_RANGE;
}

/* A variable that would then have no value keeps its step. */
static int is_dropped_step(const ast_t *t, const site_t *s)
{
    const node_t *n = &t->node[s->node];
    return s->depth > 0 && n->kind == N_SET && (s->slot == 'n' || n->next) &&
           (!t->rich || site_knows(s, n->value));
}

static int other_operator(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_arith, &s))
        return 0;
    node_t *n = &t->node[s.node];
    n->op = (uint8_t)((n->op + 1 + rng_below(r, 2)) % 3);
    return 1;
}

static int opposite_comparison(ast_t *t, rng_t *r)
{
    static const uint8_t negated[] = {OP_GE, OP_GT, OP_LE, OP_LT, OP_NE, OP_EQ};
    static const uint8_t mirrored[] = {OP_GT, OP_GE, OP_LT, OP_LE, OP_NE, OP_EQ};
    site_t s;
    if (!site_choose(t, r, site_is_compare, &s))
        return 0;
    node_t *n = &t->node[s.node];
    int at = n->op - OP_LT;
    n->op = rng_below(r, 2) ? negated[at] : mirrored[at];
    return 1;
}

static int dropped_condition(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_if, &s))
        return 0;
    node_t n = t->node[s.node];
    int keep = n.c && rng_below(r, 2) ? n.c : n.b;
    site_put(t, &s, ast_chain(t, keep, n.next));
    return 1;
}

static int exchanged_branches(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_if_else, &s))
        return 0;
    node_t *n = &t->node[s.node];
    int16_t b = n->b;
    n->b = n->c, n->c = b;
    return 1;
}

static int other_extreme(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_minmax, &s))
        return 0;
    node_t *n = &t->node[s.node];
    n->op = n->op == OP_MIN ? OP_MAX : n->op == OP_MAX ? OP_MIN : n->op == OP_TOP ? OP_LOW : OP_TOP;
    return 1;
}

static int far_constant(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_const, &s))
        return 0;
    int *v = &t->node[s.node].value, by = 2 + rng_below(r, 3);
    *v += *v > 5 || (*v > by && rng_below(r, 2)) ? -by : by;
    return 1;
}

static int other_start(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_start, &s))
        return 0;
    int *v = &t->node[t->node[s.node].a].value;
    *v = (*v + 1 + rng_below(r, 8)) % 10;
    return 1;
}

static int left_out_operation(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_arith, &s))
        return 0;
    node_t n = t->node[s.node], p = t->node[s.parent];
    int step = p.kind == N_SET && t->node[n.a].kind == N_VAR && t->node[n.a].value == p.value;
    site_put(t, &s, step || (t->node[n.a].kind == N_INT && t->node[n.b].kind != N_INT) ? n.b : n.a);
    return 1;
}

int mutation_lost_sign(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_sign, &s))
        return 0;
    site_put(t, &s, t->node[s.node].a);
    return 1;
}

static int printed_intermediate(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_print_name, &s))
        return 0;
    node_t *e = &t->node[t->node[s.node].a];
    int like[AST_VARS], n = 0;
    for (int v = 0; v < t->n_var; v++)
        if (v != e->value && t->var[v].type == t->var[e->value].type &&
            (!t->rich || site_knows(&s, v)))
            like[n++] = v;
    if (n)
        e->value = like[rng_below(r, n)];
    return n;
}

static int other_variable(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_use, &s))
        return 0;
    node_t *e = &t->node[s.node];
    int like[AST_VARS], n = 0;
    for (int v = 0; v < t->n_var; v++)
        if (v != e->value && t->var[v].type == T_INT &&
            (t->rich ? site_knows(&s, v) : v < t->n_input || ast_loop_var(t, v)))
            like[n++] = v;
    if (n)
        e->value = like[rng_below(r, n)];
    return n;
}

static int other_letter(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_letter, &s))
        return 0;
    static const char brackets[] = "()[]{}";
    int *c = &t->node[s.node].value;
    const char *at = *c ? strchr(brackets, *c) : NULL;
    if (at)
        *c = brackets[(at - brackets + 1 + rng_below(r, 3)) % 4];
    else
        *c = 'a' + (*c - 'a' + 1 + rng_below(r, 4)) % 5;
    return 1;
}

static int and_or(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_bool, &s))
        return 0;
    t->node[s.node].op = t->node[s.node].op == OP_AND ? OP_OR : OP_AND;
    return 1;
}

static int other_direction(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_sort, &s))
        return 0;
    t->node[s.node].op = t->node[s.node].op == OP_LT ? OP_GT : OP_LT;
    return 1;
}

static int dropped_step(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_dropped_step, &s))
        return 0;
    site_put(t, &s, t->node[s.node].next);
    return 1;
}

static const mutation_t weak[] = {
    {"another operator", other_operator},
    {"opposite comparison", opposite_comparison},
    {"condition dropped", dropped_condition},
    {"branches exchanged", exchanged_branches},
    {"other extreme", other_extreme},
    {"constant far off", far_constant},
    {"another start value", other_start},
    {"operation left out", left_out_operation},
    {"sign lost", mutation_lost_sign},
    {"intermediate printed", printed_intermediate},
    {"another variable", other_variable},
    {"another letter", other_letter},
    {"and for or", and_or},
    {"other direction", other_direction},
    {"step dropped", dropped_step},
};

const char *mutate_weak(ast_t *t, rng_t *r)
{
    return mutate_any(t, r, weak, sizeof weak / sizeof *weak);
}
