/* English for the parts that families share: which elements, and what is done to each. */
#include "testbed/ast.h"
#include <string.h>

const char *phrase_pick(rng_t *r, int n, const char *const *of)
{
    return of[rng_below(r, n)];
}

const char *phrase_order(op_t cmp, rng_t *r)
{
    switch (cmp) {
    case OP_LT:
        return PICK(r, "less than", "below", "smaller than");
    case OP_LE:
        return PICK(r, "at most", "not above", "no more than");
    case OP_GT:
        return PICK(r, "greater than", "above", "larger than");
    case OP_GE:
        return PICK(r, "at least", "not below", "no less than");
    case OP_EQ:
        return "equal to";
    default:
        return "different from";
    }
}

op_t phrase_compare(rng_t *r)
{
    return (op_t)(OP_LT + rng_below(r, 4));
}

/* level 0: parity, or a comparison with 0..5; level 1: also divisibility by 3..5;
   level 2: also two conditions at once. */
int phrase_filter(ast_t *t, rng_t *r, int var, int level, text_t *np)
{
    const char *noun = PICK(r, "numbers", "elements", "values");
    int kind = rng_below(r, level == 0 ? 5 : level == 1 ? 6 : 7), x = ast_use(t, var);
    if (kind < 2) {
        text_addf(np, "%s %s", kind ? "odd" : "even", noun);
        return ast_cmp(t, OP_EQ, ast_bin(t, OP_MOD, x, ast_int(t, 2)), ast_int(t, kind));
    }
    if (kind < 5) {
        op_t cmp = phrase_compare(r);
        int k = rng_below(r, level ? 8 : 6);
        text_addf(np, "%s %s %d", noun, phrase_order(cmp, r), k);
        return ast_cmp(t, cmp, x, ast_int(t, k));
    }
    if (kind == 5) {
        int k = 3 + rng_below(r, 3);
        if (rng_below(r, 2))
            text_addf(np, "multiples of %d", k);
        else
            text_addf(np, "%s divisible by %d", noun, k);
        return ast_cmp(t, OP_EQ, ast_bin(t, OP_MOD, x, ast_int(t, k)), ast_int(t, 0));
    }
    op_t cmp = phrase_compare(r);
    int k = rng_below(r, 7), odd = rng_below(r, 2);
    text_addf(np, "%s %s %s %d", odd ? "odd" : "even", noun, phrase_order(cmp, r), k);
    int first = ast_cmp(t, OP_EQ, ast_bin(t, OP_MOD, x, ast_int(t, 2)), ast_int(t, odd));
    int second = ast_cmp(t, cmp, ast_use(t, var), ast_int(t, k));
    return ast_node(t, N_BOOL, OP_AND, first, second);
}

/* level 2 also a product plus a constant. */
int phrase_map(ast_t *t, rng_t *r, int var, int level, text_t *suffix, text_t *verb)
{
    int x = ast_use(t, var), k;
    switch (rng_below(r, level < 2 ? 6 : 8)) {
    case 0:
        text_add(suffix, PICK(r, ", each squared", ", each times itself"));
        text_add(verb, PICK(r, "square each", "multiply each by itself"));
        return ast_bin(t, OP_MUL, x, ast_use(t, var));
    case 1:
    case 2:
        k = 1 + rng_below(r, level ? 9 : 6);
        text_addf(suffix, ", each %s %d", PICK(r, "plus", "increased by"), k);
        text_addf(verb, PICK(r, "add %d to each", "increase each by %d"), k);
        return ast_bin(t, OP_ADD, x, ast_int(t, k));
    case 3:
        k = 1 + rng_below(r, level ? 9 : 6);
        text_addf(suffix, ", each %s %d", PICK(r, "minus", "decreased by"), k);
        text_addf(verb, PICK(r, "subtract %d from each", "decrease each by %d"), k);
        return ast_bin(t, OP_SUB, x, ast_int(t, k));
    case 4:
        k = 2 + rng_below(r, level ? 6 : 3);
        text_addf(suffix, ", each %s %d", PICK(r, "times", "multiplied by"), k);
        text_addf(verb, "multiply each by %d", k);
        return ast_bin(t, OP_MUL, x, ast_int(t, k));
    case 5:
        text_add(suffix, PICK(r, ", without their signs", ", as absolute values"));
        text_add(verb, PICK(r, "drop the sign of each", "take the absolute value of each"));
        return ast_node(t, N_CALL, OP_ABS, x, 0);
    default: {
        int m = 2 + rng_below(r, 3);
        k = 1 + rng_below(r, 5);
        text_addf(suffix, ", each times %d plus %d", m, k);
        text_addf(verb, "multiply each by %d and add %d", m, k);
        return ast_bin(t, OP_ADD, ast_bin(t, OP_MUL, x, ast_int(t, m)), ast_int(t, k));
    }
    }
}

int phrase_print(ast_t *t, rng_t *r, int e, int level, text_t *before)
{
    text_add(before, "");
    int k = 1 + rng_below(r, level ? 9 : 5), m = 2 + rng_below(r, 3);
    switch (rng_below(r, 4 + level)) {
    case 0:
        text_addf(before, "%d plus ", k);
        return ast_bin(t, OP_ADD, e, ast_int(t, k));
    case 1:
        text_addf(before, "%d minus ", k);
        return ast_bin(t, OP_SUB, ast_int(t, k), e);
    case 2:
        text_addf(before, "%d times ", m);
        return ast_bin(t, OP_MUL, ast_int(t, m), e);
    case 3:
        return e;
    default:
        text_addf(before, "%d plus %d times ", k, m);
        return ast_bin(t, OP_ADD, ast_int(t, k), ast_bin(t, OP_MUL, ast_int(t, m), e));
    }
}
