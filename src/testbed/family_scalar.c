/* Families arith and cond: expressions of integers, and a choice between two of them.

   An expression is a chain of operations on the inputs and small constants, each applied to the
   result so far; a comma before each further operation makes its English read one way:
   "a plus b, times 3" is (a + b) * 3. */
#include "testbed/ast.h"

/* A variable (other than `but`) or, where allowed, a constant. */
static int leaf(ast_t *t, rng_t *r, int constants, int but, text_t *say)
{
    if (!constants || rng_below(r, 3)) {
        int v = rng_below(r, t->n_input);
        if (v == but)
            v = (v + 1) % t->n_input;
        text_add(say, t->var[v].name);
        return ast_use(t, v);
    }
    int k = 1 + rng_below(r, 9);
    text_addf(say, "%d", k);
    return ast_int(t, k);
}

static int tree(ast_t *t, rng_t *r, int depth, text_t *say)
{
    static const op_t ops[] = {OP_ADD, OP_SUB, OP_MUL, OP_MAX, OP_MIN};
    op_t op = ops[rng_below(r, 5)];
    int extreme = op == OP_MAX || op == OP_MIN;
    if (extreme)
        text_add(say, op == OP_MAX ? PICK(r, "the larger of ", "the maximum of ")
                                   : PICK(r, "the smaller of ", "the minimum of "));
    int a = depth > 1 ? tree(t, r, depth - 1, say) : leaf(t, r, 0, -1, say);
    text_add(say, depth > 1 ? ", " : " ");
    text_add(say, extreme ? "and " : op == OP_ADD ? "plus " : op == OP_SUB ? "minus " : "times ");
    int b = leaf(t, r, 1, depth > 1 ? -1 : t->node[a].value, say);
    return extreme ? ast_node(t, N_CALL, op, a, b) : ast_bin(t, op, a, b);
}

static void inputs(sketch_t *s, int n)
{
    static const char *const names[] = {"a", "b", "c"};
    for (int i = 0; i < n; i++)
        ast_input(&s->ast, names[i], T_INT);
    s->lo = -3, s->hi = 9;
}

void family_arith(sketch_t *s, rng_t *r, int level)
{
    ast_t *t = &s->ast;
    inputs(s, level ? 3 : 2);
    text_t e = {0};
    int k = tree(t, r, 2 + (level > 0 && rng_below(r, 2)) + (level > 1), &e);
    const char *in = level ? "a, b and c" : "a and b";
    switch (rng_below(r, 3)) {
    case 0:
        text_addf(&s->statement, "Given %s, print %s.", in, e.s);
        break;
    case 1:
        text_addf(&s->statement, "Read %s and output %s.", in, e.s);
        break;
    default:
        text_addf(&s->statement, "What is %s? Input: %s.", e.s, in);
    }
    t->body = ast_print(t, k);
    text_reset(&e);
}

void family_cond(sketch_t *s, rng_t *r, int level)
{
    ast_t *t = &s->ast;
    inputs(s, level ? 3 : 2);
    text_t c = {0}, e = {0}, f = {0};
    op_t op = phrase_compare(r);
    int cond, kind = rng_below(r, 3);
    if (kind == 0) {
        int odd = rng_below(r, 2), v = rng_below(r, t->n_input);
        text_addf(&c, "%s is %s", t->var[v].name, odd ? "odd" : "even");
        cond = ast_cmp(t, OP_EQ, ast_bin(t, OP_MOD, ast_use(t, v), ast_int(t, 2)), ast_int(t, odd));
    } else if (kind == 1) {
        int k = 1 + rng_below(r, 6), v = rng_below(r, t->n_input);
        text_addf(&c, "%s is %s %d", t->var[v].name, phrase_order(op, r), k);
        cond = ast_cmp(t, op, ast_use(t, v), ast_int(t, k));
    } else {
        int v = rng_below(r, t->n_input), w = (v + 1 + rng_below(r, t->n_input - 1)) % t->n_input;
        text_addf(&c, "%s is %s %s", t->var[v].name, phrase_order(op, r), t->var[w].name);
        cond = ast_cmp(t, op, ast_use(t, v), ast_use(t, w));
    }
    int result = ast_var(t, "s", T_INT);
    t->result = result;
    int yes = ast_set(t, result, tree(t, r, level > 1 ? 2 : 1, &e));
    int no = ast_set(t, result, tree(t, r, level > 1 ? 2 : 1, &f));
    switch (rng_below(r, 3)) {
    case 0:
        text_addf(&s->statement, "If %s, print %s; otherwise print %s.", c.s, e.s, f.s);
        break;
    case 1:
        text_addf(&s->statement, "Print %s if %s, else %s.", e.s, c.s, f.s);
        break;
    default:
        text_addf(&s->statement, "When %s the answer is %s, in all other cases %s.", c.s, e.s, f.s);
    }
    t->body = ast_chain(t, ast_if(t, cond, yes, no), ast_print(t, ast_use(t, result)));
    text_reset(&c), text_reset(&e), text_reset(&f);
}
