/* Wrong programs, made by one change to the tree.

   Weak mutations are gross: another operator, the opposite comparison, a dropped condition, a
   constant far off, another start value, an operation left out, an intermediate printed.
   Strong mutations are subtle: off by one, < for <=, a sign forgotten, the first or last item
   skipped, a start value that only fails on negative or empty input, operands exchanged.

   A mutation picks one applicable site at random.  Whether the result is wrong, and on how many
   tests, is never assumed: it is executed.  Mutators are tried in random order until one
   applies, so rare ones are as likely as frequent ones. */
#include "testbed/ast.h"
#include <string.h>

typedef struct {
    int16_t node, parent;
    char slot;
    int8_t depth;
} site_t;
typedef struct {
    site_t at[AST_NODES * 2];
    int n;
} sites_t;

static void visit(const ast_t *t, int e, int parent, char slot, int depth, sites_t *s)
{
    if (!e)
        return;
    const node_t *n = &t->node[e];
    int loop = n->kind == N_EACH || n->kind == N_RANGE || n->kind == N_WHILE;
    s->at[s->n++] = (site_t){(int16_t)e, (int16_t)parent, slot, (int8_t)depth};
    visit(t, n->a, e, 'a', depth, s);
    visit(t, n->b, e, 'b', depth + loop, s);
    visit(t, n->c, e, 'c', depth, s);
    visit(t, n->next, e, 'n', depth, s);
}

typedef int (*accept_t)(const ast_t *t, const site_t *s);

/* A random site that `accept` likes; 0 if there is none. */
static int choose(const ast_t *t, rng_t *r, accept_t accept, site_t *out)
{
    sites_t s = {.n = 0};
    visit(t, t->body, 0, 'n', 0, &s);
    int n = 0;
    for (int i = 0; i < s.n; i++)
        if (accept(t, &s.at[i]))
            s.at[n++] = s.at[i];
    if (n)
        *out = s.at[rng_below(r, n)];
    return n;
}

static void put_in(ast_t *t, const site_t *s, int e)
{
    node_t *p = &t->node[s->parent];
    if (!s->parent)
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

/* What stands at a site ---------------------------------------------------------------------- */

static int kind_at(const ast_t *t, const site_t *s)
{
    return t->node[s->node].kind;
}
static int op_at(const ast_t *t, const site_t *s)
{
    return t->node[s->node].op;
}

static int is_arith(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_BIN && op_at(t, s) <= OP_MUL;
}
static int is_cmp(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_CMP;
}
static int is_order(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_CMP && op_at(t, s) <= OP_GE;
}
static int is_if(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_IF;
}
static int is_if_else(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_IF && t->node[s->node].c;
}
static int is_minmax(const ast_t *t, const site_t *s)
{
    int op = op_at(t, s);
    return kind_at(t, s) == N_CALL &&
           (op == OP_MIN || op == OP_MAX || op == OP_TOP || op == OP_LOW);
}
static int is_const(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_INT && s->parent && t->node[s->parent].kind != N_SET;
}
static int is_any_const(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_INT;
}
static int is_start(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_SET && s->depth == 0 && t->node[t->node[s->node].a].kind == N_INT;
}
static int is_letter(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_CHAR;
}
static int is_bool(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_BOOL;
}
static int is_sort(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_SORT;
}
static int is_sign(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_CALL && (op_at(t, s) == OP_ABS || op_at(t, s) == OP_NEG);
}
static int is_each(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_EACH;
}
static int is_range(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_RANGE;
}
static int is_print_name(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_PRINT && t->node[t->node[s->node].a].kind == N_VAR;
}
static int is_use(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_VAR && t->var[t->node[s->node].value].type == T_INT &&
           s->slot != 'n' && t->node[s->parent].kind != N_RANGE;
}
static int is_ordered_pair(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_BIN &&
           (op_at(t, s) == OP_SUB || op_at(t, s) == OP_MOD || op_at(t, s) == OP_DIV) &&
           t->node[t->node[s->node].b].kind != N_INT;
}
static int is_dropped_step(const ast_t *t, const site_t *s)
{
    int k = kind_at(t, s);
    return s->depth > 0 && k == N_SET && (s->slot == 'n' || t->node[s->node].next);
}
static int is_first_item(const ast_t *t, const site_t *s)
{
    return kind_at(t, s) == N_INDEX && t->node[s->parent].kind == N_SET && s->depth == 0;
}

/* Weak ---------------------------------------------------------------------- */

static int other_operator(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_arith, &s))
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
    if (!choose(t, r, is_cmp, &s))
        return 0;
    node_t *n = &t->node[s.node];
    int at = n->op - OP_LT;
    n->op = rng_below(r, 2) ? negated[at] : mirrored[at];
    return 1;
}

static int dropped_condition(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_if, &s))
        return 0;
    node_t n = t->node[s.node];
    int keep = n.c && rng_below(r, 2) ? n.c : n.b;
    put_in(t, &s, ast_chain(t, keep, n.next));
    return 1;
}

static int exchanged_branches(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_if_else, &s))
        return 0;
    node_t *n = &t->node[s.node];
    int16_t b = n->b;
    n->b = n->c, n->c = b;
    return 1;
}

static int other_extreme(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_minmax, &s))
        return 0;
    node_t *n = &t->node[s.node];
    n->op = n->op == OP_MIN ? OP_MAX : n->op == OP_MAX ? OP_MIN : n->op == OP_TOP ? OP_LOW : OP_TOP;
    return 1;
}

static int far_constant(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_const, &s))
        return 0;
    int *v = &t->node[s.node].value, by = 2 + rng_below(r, 3);
    *v += *v > 5 || (*v > by && rng_below(r, 2)) ? -by : by;
    return 1;
}

static int other_start(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_start, &s))
        return 0;
    int *v = &t->node[t->node[s.node].a].value;
    *v = (*v + 1 + rng_below(r, 8)) % 10;
    return 1;
}

static int left_out_operation(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_arith, &s))
        return 0;
    node_t n = t->node[s.node], p = t->node[s.parent];
    int step = p.kind == N_SET && t->node[n.a].kind == N_VAR && t->node[n.a].value == p.value;
    put_in(t, &s, step || (t->node[n.a].kind == N_INT && t->node[n.b].kind != N_INT) ? n.b : n.a);
    return 1;
}

static int lost_sign(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_sign, &s))
        return 0;
    put_in(t, &s, t->node[s.node].a);
    return 1;
}

static int printed_intermediate(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_print_name, &s))
        return 0;
    node_t *e = &t->node[t->node[s.node].a];
    int like[AST_VARS], n = 0;
    for (int v = 0; v < t->n_var; v++)
        if (v != e->value && t->var[v].type == t->var[e->value].type)
            like[n++] = v;
    if (n)
        e->value = like[rng_below(r, n)];
    return n;
}

static int other_variable(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_use, &s))
        return 0;
    node_t *e = &t->node[s.node];
    int like[AST_VARS], n = 0;
    for (int v = 0; v < t->n_var; v++)
        if (v != e->value && t->var[v].type == T_INT && (v < t->n_input || ast_loop_var(t, v)))
            like[n++] = v;
    if (n)
        e->value = like[rng_below(r, n)];
    return n;
}

static int other_letter(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_letter, &s))
        return 0;
    int *c = &t->node[s.node].value;
    *c = 'a' + (*c - 'a' + 1 + rng_below(r, 4)) % 5;
    return 1;
}

static int and_or(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_bool, &s))
        return 0;
    t->node[s.node].op = t->node[s.node].op == OP_AND ? OP_OR : OP_AND;
    return 1;
}

static int other_direction(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_sort, &s))
        return 0;
    t->node[s.node].op = t->node[s.node].op == OP_LT ? OP_GT : OP_LT;
    return 1;
}

static int dropped_step(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_dropped_step, &s))
        return 0;
    put_in(t, &s, t->node[s.node].next);
    return 1;
}

/* Strong
   ---------------------------------------------------------------------- */

static int off_by_one(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_any_const, &s))
        return 0;
    t->node[s.node].value += rng_below(r, 2) ? 1 : -1;
    return 1;
}

static int border_lost(ast_t *t, rng_t *r)
{
    static const uint8_t to[] = {OP_LE, OP_LT, OP_GE, OP_GT};
    site_t s;
    if (!choose(t, r, is_order, &s))
        return 0;
    t->node[s.node].op = to[t->node[s.node].op - OP_LT];
    return 1;
}

static int equality_widened(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_cmp, &s) || t->node[s.node].op < OP_EQ)
        return 0;
    t->node[s.node].op = t->node[s.node].op == OP_EQ ? (rng_below(r, 2) ? OP_GE : OP_LE)
                                                     : (rng_below(r, 2) ? OP_GT : OP_LT);
    return 1;
}

static int bound_moved(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_range, &s))
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
    if (!choose(t, r, is_each, &s) || t->n_var == AST_VARS || t->n_node > AST_NODES - 12)
        return 0;
    node_t n = t->node[s.node];
    int list = t->node[n.a].value, i = ast_var(t, "i", T_INT);
    int get = ast_set(t, n.value, ast_node(t, N_INDEX, 0, n.a, ast_use(t, i)));
    int len = ast_node(t, N_CALL, OP_LEN, ast_use(t, list), 0);
    int last = rng_below(r, 2);
    int to = last ? ast_bin(t, OP_SUB, len, ast_int(t, 1)) : len;
    int loop = ast_range(t, i, ast_int(t, !last), to, ast_chain(t, get, n.b));
    t->node[loop].next = n.next;
    put_in(t, &s, loop);
    return 1;
}

static int first_item_assumed(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_first_item, &s))
        return 0;
    put_in(t, &s, ast_int(t, 0));
    return 1;
}

static int exchanged_operands(ast_t *t, rng_t *r)
{
    site_t s;
    if (!choose(t, r, is_ordered_pair, &s))
        return 0;
    node_t *n = &t->node[s.node];
    int16_t a = n->a;
    n->a = n->b, n->b = a;
    return 1;
}

typedef struct {
    const char *name;
    int (*apply)(ast_t *, rng_t *);
} mutation_t;

static const mutation_t weak[] = {
    {"another operator", other_operator},
    {"opposite comparison", opposite_comparison},
    {"condition dropped", dropped_condition},
    {"branches exchanged", exchanged_branches},
    {"other extreme", other_extreme},
    {"constant far off", far_constant},
    {"another start value", other_start},
    {"operation left out", left_out_operation},
    {"sign lost", lost_sign},
    {"intermediate printed", printed_intermediate},
    {"another variable", other_variable},
    {"another letter", other_letter},
    {"and for or", and_or},
    {"other direction", other_direction},
    {"step dropped", dropped_step},
};

static const mutation_t strong[] = {
    {"off by one", off_by_one},
    {"border lost", border_lost},
    {"equality widened", equality_widened},
    {"bound moved", bound_moved},
    {"item skipped", first_item_skipped},
    {"first item assumed", first_item_assumed},
    {"sign lost", lost_sign},
    {"operands exchanged", exchanged_operands},
};

static const char *mutate(ast_t *t, rng_t *r, const mutation_t *m, int n)
{
    int order[16];
    for (int i = 0; i < n; i++)
        order[i] = i;
    rng_shuffle(r, order, n);
    for (int i = 0; i < n; i++)
        if (m[order[i]].apply(t, r))
            return m[order[i]].name;
    return NULL;
}

const char *mutate_weak(ast_t *t, rng_t *r)
{
    return mutate(t, r, weak, sizeof weak / sizeof *weak);
}

const char *mutate_strong(ast_t *t, rng_t *r)
{
    return mutate(t, r, strong, sizeof strong / sizeof *strong);
}
