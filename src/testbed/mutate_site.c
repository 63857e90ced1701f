/* Where a program can be changed.

   A mutation says which sites it likes; one of these is picked at random.  Sites are the nodes of
   the body, then of the function, in the order of the source.  Each carries the variables that are
   sure to have a value there: those that are read, the function's parameters, what was set before
   it in its own block or in one around it, and the variables of the loops around it.  Changes to
   rich programs put no other variable anywhere, because one without a value ends a program in
   Python and is 0 in C. */
#include "testbed/mutate.h"

typedef struct {
    site_t at[AST_NODES * 2];
    int n;
} sites_t;

static void visit(const ast_t *t, int e, site_t s, sites_t *all)
{
    if (!e)
        return;
    const node_t *n = &t->node[e];
    int each = n->kind == N_EACH || n->kind == N_RANGE, loop = each || n->kind == N_WHILE;
    uint16_t own = (uint16_t)(each || n->kind == N_SET ? 1 << n->value : 0);
    s.node = (int16_t)e;
    all->at[all->n++] = s;
    s.parent = (int16_t)e;
    s.slot = 'a';
    visit(t, n->a, s, all);
    site_t in = s;
    in.slot = 'b';
    in.depth = (int8_t)(s.depth + loop);
    in.known |= each ? own : 0;
    visit(t, n->b, in, all);
    s.slot = 'c';
    visit(t, n->c, s, all);
    s.slot = 'n';
    s.known |= each ? 0 : own;
    visit(t, n->next, s, all);
}

int site_choose(const ast_t *t, rng_t *r, accept_t accept, site_t *out)
{
    sites_t s = {.n = 0};
    uint16_t read = (uint16_t)((1 << t->n_input) - 1);
    visit(t, t->body, (site_t){.slot = 'n', .known = read}, &s);
    if (t->fn.body)
        for (int v = 0; v < t->fn.n_param; v++)
            read |= (uint16_t)(1 << (t->fn.first + v));
    visit(t, t->fn.body, (site_t){.slot = 'f', .known = read}, &s);
    int n = 0;
    for (int i = 0; i < s.n; i++)
        if (accept(t, &s.at[i]))
            s.at[n++] = s.at[i];
    if (n)
        *out = s.at[rng_below(r, n)];
    return n;
}

void site_put(ast_t *t, const site_t *s, int e)
{
    node_t *p = &t->node[s->parent];
    if (!s->parent && s->slot == 'f')
        t->fn.body = e;
    else if (!s->parent)
        t->body = e;
    else if (s->slot == 'a')
        p->a = (int16_t)e;
    else if (s->slot == 'b')
        p->b = (int16_t)e;
    else if (s->slot == 'c')
        p->c = (int16_t)e;
    else
        p->next = (int16_t)e;
}

int site_knows(const site_t *s, int var)
{
    return s->known >> var & 1;
}

int site_kind(const ast_t *t, const site_t *s)
{
    return t->node[s->node].kind;
}
int site_op(const ast_t *t, const site_t *s)
{
    return t->node[s->node].op;
}
int site_is_compare(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_CMP;
}
int site_is_order(const ast_t *t, const site_t *s)
{
    return site_kind(t, s) == N_CMP && site_op(t, s) <= OP_GE;
}

const char *mutate_any(ast_t *t, rng_t *r, const mutation_t *m, int n)
{
    int order[24];
    ASSERT(n <= 24);
    for (int i = 0; i < n; i++)
        order[i] = i;
    rng_shuffle(r, order, n);
    for (int i = 0; i < n; i++)
        if (m[order[i]].apply(t, r))
            return m[order[i]].name;
    return NULL;
}
