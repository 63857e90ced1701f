/* Wrong programs with subtle faults, made by one change to the tree.

   Off by one, < for <=, a sign forgotten, the first or last item skipped, a start value that only
   fails on negative or empty input, operands exchanged; and, for rich programs, the four kinds of
   mutate_subtle.c.  The older families keep to the kinds that they were drawn with from the
   beginning, so that a seed gives the problems that it always gave. */
#include "testbed/mutate.h"
#include <string.h>

static int is_any_const(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_INT;
}
static int is_each(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_EACH;
}
static int is_range(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_RANGE;
}
static int is_ordered_pair(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_BIN &&
           (site_op(t, s) == OP_SUB || site_op(t, s) == OP_MOD || site_op(t, s) == OP_DIV) &&
           t->node[t->node[s->node].b].kind != N_INT;
}
static int is_first_item(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_INDEX && t->node[s->parent].kind == N_SET && s->depth == 0;
}

static int off_by_one(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_any_const, &s))
        return 0;
    t->node[s.node].value += rng_below(r, 2) ? 1 : -1;
    return 1;
}

static int border_lost(ast_t *t, rng_t *r)
{
    static const uint8_t to[] = {OP_LE, OP_LT, OP_GE, OP_GT};
    site_t s;
    if (!site_choose(t, r, site_is_order, &s))
        return 0;
    t->node[s.node].op = to[t->node[s.node].op - OP_LT];
    return 1;
}

static int equality_widened(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, site_is_compare, &s) || t->node[s.node].op < OP_EQ)
        return 0;
    t->node[s.node].op = t->node[s.node].op == OP_EQ ? (rng_below(r, 2) ? OP_GE : OP_LE)
                                                     : (rng_below(r, 2) ? OP_GT : OP_LT);
    return 1;
}

static int bound_moved(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_range, &s))
        return 0;
    node_t *n = &t->node[s.node];
    int by = rng_below(r, 2) ? 1 : -1, c = n->c;
    if (t->node[c].kind == N_BIN && t->node[c].op == OP_ADD && t->node[t->node[c].b].kind == N_INT)
        t->node[t->node[c].b].value += by;
    else if (t->node[c].kind == N_INT)
        t->node[c].value += by;
    else {
        int one = ast_int(t, 1);
        t->node[s.node].c = (int16_t)ast_bin(t, by > 0 ? OP_ADD : OP_SUB, c, one);
    }
    return 1;
}

static int first_item_skipped(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_each, &s) || t->n_var == AST_VARS || t->n_node > AST_NODES - 12)
        return 0;
    node_t n = t->node[s.node];
    int taken = 0;
    for (int v = 0; v < t->n_var; v++)
        taken |= !strcmp(t->var[v].name, "i");
    int list = t->node[n.a].value, i = ast_var(t, taken ? "i0" : "i", T_INT);
    int get = ast_set(t, n.value, ast_node(t, N_INDEX, 0, n.a, ast_use(t, i)));
    int len = ast_node(t, N_CALL, OP_LEN, ast_use(t, list), 0);
    int last = rng_below(r, 2);
    int to = last ? ast_bin(t, OP_SUB, len, ast_int(t, 1)) : len;
    int loop = ast_range(t, i, ast_int(t, !last), to, ast_chain(t, get, n.b));
    t->node[loop].next = n.next;
    site_put(t, &s, loop);
    return 1;
}

static int first_item_assumed(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_first_item, &s))
        return 0;
    site_put(t, &s, ast_int(t, 0));
    return 1;
}

static int exchanged_operands(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_ordered_pair, &s))
        return 0;
    node_t *n = &t->node[s.node];
    int16_t a = n->a;
    n->a = n->b, n->b = a;
    return 1;
}

static const mutation_t strong[] = {
    {"off by one", off_by_one},
    {"border lost", border_lost},
    {"equality widened", equality_widened},
    {"bound moved", bound_moved},
    {"item skipped", first_item_skipped},
    {"first item assumed", first_item_assumed},
    {"sign lost", mutation_lost_sign},
    {"operands exchanged", exchanged_operands},
    /* of rich programs */
    {"wrong initial value", mutation_wrong_start},
    {"missed edge case", mutation_missed_edge},
    {"wrong tie-break", mutation_wrong_tie},
    {"swapped bounds", mutation_swapped_bounds},
};
enum { ALL = sizeof strong / sizeof *strong, OLD = 8 };

const char *mutate_strong(ast_t *t, rng_t *r)
{
    return mutate_any(t, r, strong, t->rich ? ALL : OLD);
}

const char *mutate_named(ast_t *t, rng_t *r, const char *name)
{
    for (int i = 0; i < ALL; i++)
        if (!strcmp(strong[i].name, name))
            return strong[i].apply(t, r) ? strong[i].name : NULL;
    return NULL;
}
