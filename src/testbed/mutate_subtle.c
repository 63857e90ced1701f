/* Subtle faults of four kinds that longer programs invite; each looks for a place where it is one.

   wrong initial value   what a variable, list, item or base case starts with is another small
                         number, or the first number of the list
   missed edge case      one of two conditions is forgotten, or a whole case that stands beside the
                         others: a check before or behind the loops, a further "else if", one of
                         several base cases, the step that settles what is left after a loop
   wrong tie-break       two computed values that are compared may now be equal, or no longer
   swapped bounds        the two ends of a stretch, an interval, an edge or a pair of arguments are
                         exchanged

   All apply to rich programs only (mutate_strong.c). */
#include "testbed/mutate.h"

/* Wrong initial value ------------------------------------------------------ */

static int has_loop_after(const ast_t *t, int s)
{
    for (s = t->node[s].next; s; s = t->node[s].next)
        if (t->node[s].kind == N_EACH || t->node[s].kind == N_RANGE || t->node[s].kind == N_WHILE)
            return 1;
    return 0;
}

/* The constant that statement s starts something with; 0: none. */
static int start_of(const ast_t *t, const site_t *s)
{
    const node_t *n = &t->node[s->node];
    int first = s->depth == 0 || has_loop_after(t, s->node), e = n->a;
    if (n->kind == N_SET && t->node[e].kind == N_FILL)
        e = t->node[e].a;
    else if (n->kind != N_RETURN && n->kind != N_SET && n->kind != N_PUT && n->kind != N_STORE)
        return 0;
    return first && t->node[e].kind == N_INT ? e : 0;
}

static int is_initial(const ast_t *t, const site_t *s)
{
    return start_of(t, s) != 0;
}

int mutation_wrong_start(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_initial, &s))
        return 0;
    int e = start_of(t, &s), was = t->node[e].value, list = t->n_input - 1;
    int like[] = {0, 1, -1, was + 1, was - 1}, value;
    if (t->node[s.node].kind == N_SET && t->node[s.node].a == e && s.depth == 0 &&
        t->var[list].type == T_LIST && rng_below(r, 4) == 0) {
        int first = ast_at(t, list, ast_int(t, 0));
        t->node[s.node].a = (int16_t)first;
        return 1;
    }
    do
        value = like[rng_below(r, 5)];
    while (value == was);
    t->node[e].value = value;
    return 1;
}

/* Missed edge case ---------------------------------------------------------- */

static int base_cases(const ast_t *t)
{
    int n = 0;
    for (int s = t->fn.body; s; s = t->node[s].next)
        n += t->node[s].kind == N_IF && t->node[t->node[s].b].kind == N_RETURN;
    return n;
}

static int has_loop_before(const ast_t *t, int first, int s)
{
    for (; first && first != s; first = t->node[first].next)
        if (t->node[first].kind == N_EACH || t->node[first].kind == N_RANGE ||
            t->node[first].kind == N_WHILE)
            return 1;
    return 0;
}

static int is_edge_case(const ast_t *t, const site_t *s)
{
    const node_t *n = &t->node[s->node];
    if (n->kind == N_BOOL)
        return 1;
    if (n->kind == N_IF && !n->c && s->slot == 'c')
        return 1;
    if (n->kind == N_IF && !n->c && t->node[n->b].kind == N_RETURN)
        return n->next && base_cases(t) > 1;
    if (s->depth > 0 || (s->slot != 'n' && s->slot != 'f'))
        return 0;
    return (n->kind == N_IF && !n->c) ||
           (n->kind == N_SET && site_knows(s, n->value) && has_loop_before(t, t->body, s->node));
}

int mutation_missed_edge(ast_t *t, rng_t *r)
{
    site_t s;
    if (!site_choose(t, r, is_edge_case, &s))
        return 0;
    node_t n = t->node[s.node];
    site_put(t, &s, n.kind != N_BOOL ? n.next : rng_below(r, 2) ? n.a : n.b);
    return 1;
}

/* Wrong tie-break ------------------------------------------------------------- */

static int is_tie(const ast_t *t, const site_t *s)
{
    const node_t *n = &t->node[s->node], *p = &t->node[s->parent];
    int decides = s->parent && ((s->slot == 'a' && (p->kind == N_IF || p->kind == N_WHILE)) ||
                                p->kind == N_BOOL || (s->slot == 'c' && p->kind == N_PICK));
    return decides && site_is_order(t, s) && t->node[n->a].kind != N_INT &&
           t->node[n->b].kind != N_INT;
}

int mutation_wrong_tie(ast_t *t, rng_t *r)
{
    static const uint8_t to[] = {OP_LE, OP_LT, OP_GE, OP_GT};
    site_t s;
    if (!site_choose(t, r, is_tie, &s))
        return 0;
    t->node[s.node].op = to[t->node[s.node].op - OP_LT];
    return 1;
}

/* Swapped bounds ------------------------------------------------------------ */

/* Items of one list at different places. */
static int are_items(const ast_t *t, int a, int b)
{
    const node_t *x = &t->node[a], *y = &t->node[b];
    return x->kind == N_INDEX && y->kind == N_INDEX && t->node[x->a].value == t->node[y->a].value &&
           !ast_same(t, x->b, y->b);
}

/* The two places that hold the ends at a site; 0: it is no such site. */
static int ends_of(ast_t *t, const site_t *s, int16_t **one, int16_t **two)
{
    node_t *n = &t->node[s->node], *m = &t->node[n->next];
    if (n->kind == N_SET && n->next && m->kind == N_SET && are_items(t, n->a, m->a)) {
        *one = &n->a, *two = &m->a;
        return 1;
    }
    if ((n->kind == N_BIN && n->op == OP_SUB && are_items(t, n->a, n->b)) ||
        (n->kind == N_CMP && n->op <= OP_GE && are_items(t, n->a, n->b)) ||
        (n->kind == N_APPLY && n->b && !ast_same(t, n->a, n->b))) {
        *one = &n->a, *two = &n->b;
        return 1;
    }
    node_t *x = &t->node[n->a], *y = &t->node[n->b];
    if (n->kind != N_BOOL || x->kind != N_CMP || y->kind != N_CMP || x->op > OP_GE || y->op > OP_GE)
        return 0;
    if (ast_same(t, x->b, y->a) && !ast_same(t, x->a, y->b)) {
        *one = &x->a, *two = &y->b;
        return 1;
    }
    *one = &x->b, *two = &y->b;
    return ast_same(t, x->a, y->a) && !ast_same(t, x->b, y->b);
}

static int has_ends(const ast_t *t, const site_t *s)
{
    int16_t *one, *two;
    return ends_of((ast_t *)t, s, &one, &two);
}

int mutation_swapped_bounds(ast_t *t, rng_t *r)
{
    site_t s;
    int16_t *one, *two;
    if (!site_choose(t, r, has_ends, &s) || !ends_of(t, &s, &one, &two))
        return 0;
    int16_t kept = *one;
    *one = *two, *two = kept;
    return 1;
}
