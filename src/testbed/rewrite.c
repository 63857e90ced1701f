/* Other ways to write the same program.

   Each rewriting keeps what the program prints on every input: renamed variables, flipped
   comparisons, exchanged operands of + and *, x += y, loops over items / over indices / while,
   negated if/else, a conditional expression, min/max as a comparison, reordered independent
   assignments, a temporary, and in Python sum(...) and list comprehensions.  All candidates are
   rewritten, wrong ones too, so the form of a program says nothing about its verdict.

   Loops become while loops only if their bound does not change inside. */
#include "testbed/ast.h"
#include <string.h>

static int chance(rng_t *r, double p)
{
    return rng_uniform(r) < p;
}

static int uses(const ast_t *t, int e, int var)
{
    if (!e)
        return 0;
    const node_t *n = &t->node[e];
    return (n->kind == N_VAR && n->value == var) || uses(t, n->a, var) || uses(t, n->b, var) ||
           uses(t, n->c, var);
}

static int assigns(const ast_t *t, int s, int var)
{
    for (; s; s = t->node[s].next) {
        const node_t *n = &t->node[s];
        if ((n->kind == N_SET || n->kind == N_PUT || n->kind == N_EACH || n->kind == N_RANGE ||
             n->kind == N_SORT || n->kind == N_STORE || n->kind == N_POP) &&
            n->value == var)
            return 1;
        if (n->kind >= N_EACH && n->kind <= N_IF &&
            (assigns(t, n->b, var) || (n->kind == N_IF && assigns(t, n->c, var))))
            return 1;
    }
    return 0;
}

static int bound_is_fixed(const ast_t *t, const node_t *loop)
{
    for (int v = 0; v < t->n_var; v++)
        if (uses(t, loop->c, v) && (v == loop->value || assigns(t, loop->b, v)))
            return 0;
    return !assigns(t, loop->b, loop->value);
}

static int room(const ast_t *t)
{
    return t->n_node < AST_NODES - 16 && t->n_var < AST_VARS - 1;
}

/* s = k; for x in a: [if c:] s = s + e   ->   s = k + sum(e for x in a if c), lists alike. */
static void gather(ast_t *t, int first)
{
    node_t *set = &t->node[first], *loop = &t->node[set->next];
    if (!set->next || set->kind != N_SET || loop->kind != N_EACH || !loop->b)
        return;
    node_t *in = &t->node[loop->b];
    int cond = 0;
    if (in->kind == N_IF && !in->c && !in->next) {
        cond = in->a;
        in = &t->node[in->b];
    }
    if (in->next || in->value != set->value || uses(t, cond, set->value))
        return;
    int list =
        in->kind == N_PUT && t->node[set->a].kind == N_EMPTY && t->var[set->value].type == T_LIST;
    int sum = in->kind == N_SET && t->node[in->a].kind == N_BIN && t->node[in->a].op == OP_ADD &&
              t->node[t->node[in->a].a].kind == N_VAR &&
              t->node[t->node[in->a].a].value == set->value && t->node[set->a].kind == N_INT;
    if (!list && !sum)
        return;
    int e = list ? in->a : t->node[in->a].b, start = set->a, next = loop->next;
    if (uses(t, e, set->value) || uses(t, next, loop->value))
        return;
    int g = ast_node(t, N_GATHER, sum ? OP_SUM : OP_LIST, e, loop->a);
    t->node[g].c = (int16_t)cond;
    t->node[g].value = loop->value;
    if (sum && t->node[start].value)
        g = ast_bin(t, OP_ADD, start, g);
    set->a = (int16_t)g;
    set->next = (int16_t)next;
}

static int fresh_index(ast_t *t)
{
    static const char *const names[] = {"i", "j0", "k0"};
    for (int c = 0; c < 3; c++) {
        int used = 0;
        for (int v = 0; v < t->n_var; v++)
            used |= !strcmp(t->var[v].name, names[c]);
        if (!used)
            return ast_var(t, names[c], T_INT);
    }
    return -1;
}

static void by_index(ast_t *t, int s)
{
    int i = fresh_index(t);
    if (i < 0)
        return;
    node_t n = t->node[s];
    int get = ast_set(t, n.value, ast_node(t, N_INDEX, 0, n.a, ast_use(t, i)));
    int to = ast_node(t, N_CALL, OP_LEN, ast_copy(t, n.a), 0);
    int zero = ast_int(t, 0);
    t->node[s] = (node_t){.kind = N_RANGE,
                          .a = (int16_t)zero,
                          .c = (int16_t)to,
                          .b = (int16_t)ast_chain(t, get, n.b),
                          .next = n.next,
                          .value = i};
}

static void as_while(ast_t *t, int s)
{
    node_t n = t->node[s];
    int test = ast_cmp(t, OP_LT, ast_use(t, n.value), n.c);
    int one = ast_step(t, n.value, OP_ADD, ast_int(t, 1));
    int loop = ast_node(t, N_WHILE, 0, test, ast_chain(t, n.b, one));
    t->node[loop].next = n.next;
    t->node[s] = (node_t){.kind = N_SET, .value = n.value, .a = n.a, .next = (int16_t)loop};
}

static void negate(ast_t *t, int s)
{
    static const uint8_t not_[] = {OP_GE, OP_GT, OP_LE, OP_LT, OP_NE, OP_EQ};
    node_t *n = &t->node[s], *c = &t->node[n->a];
    if (!n->c || c->kind != N_CMP)
        return;
    int16_t b = n->b;
    c->op = not_[c->op - OP_LT];
    n->b = n->c, n->c = b;
}

static void conditional(ast_t *t, int s)
{
    node_t n = t->node[s];
    if (!n.c || t->node[n.b].next || t->node[n.c].next || t->node[n.b].kind != t->node[n.c].kind ||
        (t->node[n.b].kind != N_SET && t->node[n.b].kind != N_PRINT &&
         t->node[n.b].kind != N_RETURN) ||
        t->node[n.b].value != t->node[n.c].value)
        return;
    int e = ast_node(t, N_PICK, 0, t->node[n.b].a, t->node[n.c].a);
    t->node[e].c = n.a;
    int next = n.next;
    t->node[s] = t->node[n.b];
    t->node[s].a = (int16_t)e;
    t->node[s].next = (int16_t)next;
}

static void compare_for_extreme(ast_t *t, int s)
{
    node_t n = t->node[s], e = t->node[n.a];
    if (e.kind != N_CALL || (e.op != OP_MIN && e.op != OP_MAX) || t->node[e.a].kind != N_VAR ||
        t->node[e.a].value != n.value)
        return;
    int kind = t->node[e.b].kind;
    if (kind != N_VAR && kind != N_INT)
        return;
    int test = ast_cmp(t, e.op == OP_MAX ? OP_GT : OP_LT, ast_copy(t, e.b), e.a);
    int then = ast_set(t, n.value, e.b);
    t->node[s] = (node_t){.kind = N_IF, .a = (int16_t)test, .b = (int16_t)then, .next = n.next};
}

static void exchange(ast_t *t, int s)
{
    int m = t->node[s].next;
    if (!m)
        return;
    node_t a = t->node[s], b = t->node[m];
    if (a.kind != N_SET || b.kind != N_SET || a.value == b.value || uses(t, b.a, a.value) ||
        uses(t, a.a, b.value))
        return;
    int16_t next = b.next;
    b.next = (int16_t)m, a.next = next;
    t->node[s] = b, t->node[m] = a;
}

static void temporary(ast_t *t, int s)
{
    node_t n = t->node[s];
    int kind = t->node[n.a].kind;
    if (kind != N_BIN && kind != N_CALL)
        return;
    int v = ast_var(t, "res", T_INT);
    int out = ast_print(t, ast_use(t, v));
    t->node[out].next = n.next;
    t->node[s] = (node_t){.kind = N_SET, .value = v, .a = n.a, .next = (int16_t)out};
}

static void in_expression(ast_t *t, rng_t *r, double p, int e)
{
    static const uint8_t mirror[] = {OP_GT, OP_GE, OP_LT, OP_LE, OP_EQ, OP_NE};
    if (!e)
        return;
    node_t *n = &t->node[e];
    if ((n->kind == N_CMP || (n->kind == N_BIN && (n->op == OP_ADD || n->op == OP_MUL))) &&
        chance(r, p)) {
        int16_t a = n->a;
        n->a = n->b, n->b = a;
        if (n->kind == N_CMP)
            n->op = mirror[n->op - OP_LT];
    }
    in_expression(t, r, p, n->a);
    in_expression(t, r, p, n->b);
    in_expression(t, r, p, n->c);
}

static void block(ast_t *t, rng_t *r, double p, lang_t lang, int s)
{
    for (; s; s = t->node[s].next) {
        if (t->node[s].kind == N_SET && chance(r, p))
            exchange(t, s);
        if (t->node[s].kind == N_SET && room(t) && lang == LANG_PYTHON && chance(r, p))
            gather(t, s);
        if (t->node[s].kind == N_EACH && room(t) && chance(r, p))
            by_index(t, s);
        if (t->node[s].kind == N_RANGE && room(t) && bound_is_fixed(t, &t->node[s]) &&
            chance(r, p / 2))
            as_while(t, s);
        if (t->node[s].kind == N_IF && chance(r, p))
            negate(t, s);
        if (t->node[s].kind == N_IF && room(t) && chance(r, p))
            conditional(t, s);
        if (t->node[s].kind == N_SET && room(t) && chance(r, p))
            compare_for_extreme(t, s);
        if (t->node[s].kind == N_PRINT && room(t) && chance(r, p / 2))
            temporary(t, s);
        node_t *n = &t->node[s];
        int step = n->kind == N_SET && t->node[n->a].kind == N_BIN &&
                   t->node[t->node[n->a].a].kind == N_VAR &&
                   t->node[t->node[n->a].a].value == n->value;
        if (step && chance(r, p)) {
            n->style = 1;
            in_expression(t, r, p / 2, t->node[n->a].b);
        } else {
            in_expression(t, r, p / 2, n->a);
        }
        if (n->kind == N_STORE)
            in_expression(t, r, p / 2, n->b);
        if (n->kind >= N_EACH && n->kind <= N_IF)
            block(t, r, p, lang, n->b);
        if (n->kind == N_IF)
            block(t, r, p, lang, n->c);
    }
}

/* Inputs and the function keep their names, which statements mention. */
static int is_kept(const ast_t *t, const char *name)
{
    int kept = t->fn.body && !strcmp(t->fn.name, name);
    for (int v = 0; v < t->n_input; v++)
        kept |= !strcmp(t->var[v].name, name);
    return kept;
}

static void rename_all(ast_t *t, rng_t *r)
{
    static const char *const pool[] = {"d", "e", "f", "g", "k", "m", "p", "q",
                                       "r", "t", "u", "v", "w", "x", "y", "z"};
    int order[sizeof pool / sizeof *pool], n = sizeof pool / sizeof *pool, free = 0;
    for (int i = 0; i < n; i++)
        order[i] = i;
    rng_shuffle(r, order, n);
    for (int i = 0; i < n; i++)
        if (!is_kept(t, pool[order[i]]))
            order[free++] = order[i];
    ASSERT(t->n_var <= free);
    for (int v = t->n_input; v < t->n_var; v++)
        snprintf(t->var[v].name, sizeof t->var[v].name, "%s", pool[order[v]]);
}

void rewrite_program(ast_t *t, rng_t *r, double p, lang_t lang)
{
    block(t, r, p, lang, t->body);
    block(t, r, p, lang, t->fn.body);
    if (chance(r, p))
        rename_all(t, r);
}
