/* Families string and machine: letters one by one, and commands that move a state. */
#include "testbed/ast.h"

static int is_letter(ast_t *t, int var, int c)
{
    return ast_cmp(t, OP_EQ, ast_use(t, var), ast_char(t, c));
}

/* "a", or "a or d" at higher levels; the condition with or without "not". */
static int letter_filter(ast_t *t, rng_t *r, int x, int level, text_t *say)
{
    int c = 'a' + rng_below(r, 5), d = 'a' + (c - 'a' + 1 + rng_below(r, 4)) % 5;
    int other = rng_below(r, 3) == 0, pair = level > 0 && rng_below(r, 2);
    int test = is_letter(t, x, c);
    if (pair)
        test = ast_node(t, N_BOOL, OP_OR, test, is_letter(t, x, d));
    else if (other)
        t->node[test].op = OP_NE;
    text_add(say, !pair && other ? PICK(r, "letter other than ", "letter except ") : "");
    text_addf(say, pair ? "%c or %c" : "%c", c, d);
    return test;
}

void family_string(sketch_t *k, rng_t *r, int level)
{
    ast_t *t = &k->ast;
    int s = ast_input(t, "s", T_STR), x = ast_var(t, "x", T_CHAR);
    snprintf(k->letters, sizeof k->letters, "abcde");
    k->len_lo = 0, k->len_hi = 8;
    text_t say = {0};
    int mode = rng_below(r, 3), test = letter_filter(t, r, x, level, &say);
    if (mode == 0) {
        int m = ast_var(t, "m", T_INT), start = rng_below(r, 10),
            by = 1 + rng_below(r, level ? 6 : 4);
        int less = level > 0 ? rng_below(r, 5) : 0;
        t->result = m;
        int no = less ? ast_step(t, m, OP_SUB, ast_int(t, less)) : 0;
        t->body = ast_set(t, m, ast_int(t, start));
        ast_chain(t, t->body,
                  ast_each(t, x, s, ast_if(t, test, ast_step(t, m, OP_ADD, ast_int(t, by)), no)));
        ast_chain(t, t->body, ast_print(t, ast_use(t, m)));
        text_addf(&k->statement,
                  PICK(r, "Start with %d. Each %s adds %d",
                       "From %d, for every %s in the string add %d",
                       "Points begin at %d; a %s gives %d"),
                  start, say.s, by);
        if (less)
            text_addf(&k->statement, PICK(r, ", any other takes %d", ", all the rest subtract %d"),
                      less);
        text_add(&k->statement, PICK(r, ". Print the result.", ". What is the total?"));
    } else {
        int out = ast_var(t, "t", T_STR), c = 'a' + rng_below(r, 5), copies = rng_below(r, 3);
        t->result = out;
        int yes, no = ast_put(t, out, ast_use(t, x));
        if (mode == 1 && copies == 0) { /* drop */
            yes = no, no = 0;
            text_addf(&k->statement,
                      PICK(r, "Keep every %s of the string and drop the rest.",
                           "Print only each %s of the string.",
                           "From the string take each %s in order."),
                      say.s);
        } else if (mode == 1) { /* repeat */
            yes = ast_put(t, out, ast_use(t, x));
            for (int i = 0; i < copies; i++)
                ast_chain(t, yes, ast_put(t, out, ast_use(t, x)));
            text_addf(&k->statement,
                      copies == 1
                          ? PICK(r, "Double every %s of the string.", "Write each %s twice.")
                          : PICK(r, "Triple every %s of the string.", "Write each %s three times."),
                      say.s);
        } else { /* replace */
            yes = ast_put(t, out, ast_char(t, c));
            text_addf(&k->statement,
                      PICK(r, "Replace every %s by %c.", "Change each %s of the string to %c.",
                           "Turn each %s into %c."),
                      say.s, c);
            if (level > 0) {
                int d = 'a' + rng_below(r, 5);
                ast_chain(t, yes, ast_put(t, out, ast_char(t, d)));
                text_addf(&k->statement, " Then put %c after it.", d);
            }
        }
        t->body = ast_set(t, out, ast_node(t, N_EMPTY, 0, 0, 0));
        ast_chain(t, t->body, ast_each(t, x, s, ast_if(t, test, yes, no)));
        ast_chain(t, t->body, ast_print(t, ast_use(t, out)));
        text_add(&k->statement, PICK(r, " Print it.", " Output the new string."));
    }
    text_reset(&say);
}

static int move(ast_t *t, rng_t *r, int m, int level, text_t *say)
{
    int k = 1 + rng_below(r, level ? 8 : 5);
    switch (rng_below(r, level ? 5 : 4)) {
    case 0:
        text_addf(say, PICK(r, "adds %d", "raises it by %d"), k);
        return ast_step(t, m, OP_ADD, ast_int(t, k));
    case 1:
        text_addf(say, PICK(r, "subtracts %d", "lowers it by %d"), k);
        return ast_step(t, m, OP_SUB, ast_int(t, k));
    case 2:
        text_addf(say, PICK(r, "sets it to %d", "resets it to %d"), k);
        return ast_set(t, m, ast_int(t, k));
    case 3:
        text_add(say, PICK(r, "doubles it", "multiplies it by 2"));
        return ast_step(t, m, OP_MUL, ast_int(t, 2));
    default:
        text_addf(say, PICK(r, "caps it at %d", "limits it to %d"), k);
        return ast_step(t, m, OP_MIN, ast_int(t, k));
    }
}

void family_machine(sketch_t *k, rng_t *r, int level)
{
    ast_t *t = &k->ast;
    int s = ast_input(t, "s", T_STR), x = ast_var(t, "x", T_CHAR), m = ast_var(t, "m", T_INT);
    t->result = m;
    snprintf(k->letters, sizeof k->letters, level > 0 ? "abc" : "ab");
    k->len_lo = 0, k->len_hi = 7;
    text_t one = {0}, two = {0}, three = {0};
    int start = rng_below(r, 10);
    int first = move(t, r, m, level, &one), last = move(t, r, m, level, &two), rest = 0;
    if (level > 0)
        rest = move(t, r, m, level, &three);
    int chain = level > 0 ? ast_if(t, is_letter(t, x, 'b'), last, rest) : last;
    t->body = ast_set(t, m, ast_int(t, start));
    ast_chain(t, t->body, ast_each(t, x, s, ast_if(t, is_letter(t, x, 'a'), first, chain)));
    ast_chain(t, t->body, ast_print(t, ast_use(t, m)));
    text_addf(&k->statement,
              PICK(r, "The state starts at %d. The letter a %s, b %s",
                   "A counter begins at %d: a %s and b %s",
                   "Begin with %d; reading the string, a %s, b %s"),
              start, one.s, two.s);
    if (level > 0)
        text_addf(&k->statement, ", c %s", three.s);
    text_add(&k->statement, PICK(r, ". Print the final state.", ". Where does it end?",
                                 ". Output the last value."));
    text_reset(&one), text_reset(&two), text_reset(&three);
}
