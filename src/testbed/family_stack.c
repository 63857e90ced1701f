/* Family stack: what is read is put on a stack, and taken off by what comes later.

   nested    brackets of two kinds that must match
   cancel    letters that vanish with the one before them
   nearest   for each number the nearest one before it that is greater, or less
   postfix   numbers, and operators behind what they take */
#include "testbed/ast.h"

typedef struct {
    int in, x, t, m;
    text_t one, two, before;
} reader_t;

static int is_char(ast_t *t, int var, int c)
{
    return ast_cmp(t, OP_EQ, ast_use(t, var), ast_char(t, c));
}

static int top_is(ast_t *t, const reader_t *v, int c)
{
    return ast_cmp(t, OP_EQ, ast_last(t, v->t), ast_char(t, c));
}

static int some_left(ast_t *t, const reader_t *v)
{
    return ast_cmp(t, OP_GT, ast_len(t, v->t), ast_int(t, 0));
}

/* x closes what is open last: it goes, and w points come, times the depth where `deep`. */
static int closes(ast_t *t, const reader_t *v, const char *pair, int w, int deep, int other)
{
    int test =
        ast_and(t, some_left(t, v), ast_and(t, is_char(t, v->x, pair[1]), top_is(t, v, pair[0])));
    int gain = ast_int(t, w);
    if (deep)
        gain = ast_bin(t, OP_MUL, ast_len(t, v->t), gain);
    return ast_if(t, test, BLOCK(t, ast_step(t, v->m, OP_ADD, gain), ast_pop(t, v->t)), other);
}

static void nested(sketch_t *k, rng_t *r, int level, reader_t *v)
{
    ast_t *t = &k->ast;
    v->in = ast_input(t, "s", T_STR), v->x = ast_var(t, "x", T_CHAR);
    v->t = ast_var(t, "t", T_STR), v->m = ast_var(t, "m", T_INT);
    k->shape = SHAPE_BRACKETS, k->len_lo = 0, k->len_hi = 8;
    int round = rng_below(r, 3); /* which two kinds */
    static const char *const kinds[] = {"()[]", "()<>", "[]{}"};
    const char *set = kinds[round];
    snprintf(k->letters, sizeof k->letters, "%s", set);
    int start = rng_below(r, level ? 9 : 5), one = 1 + rng_below(r, 6), bad = 1 + rng_below(r, 5);
    int two = level ? 1 + rng_below(r, 6) : one, left = level ? rng_below(r, 4) : 0;
    int deep = level > 1 && rng_below(r, 2);
    int no = ast_step(t, v->m, OP_SUB, ast_int(t, bad));
    int chain = closes(t, v, set, one, deep, closes(t, v, set + 2, two, deep, no));
    int opens = ast_node(t, N_BOOL, OP_OR, is_char(t, v->x, set[0]), is_char(t, v->x, set[2]));
    int body = ast_if(t, opens, ast_put(t, v->t, ast_use(t, v->x)), chain), end = 0;
    if (left)
        end = ast_step(t, v->m, OP_SUB,
                       left > 1 ? ast_bin(t, OP_MUL, ast_int(t, left), ast_len(t, v->t))
                                : ast_len(t, v->t));
    t->result = v->m;
    t->body = BLOCK(t, ast_empty(t, v->t), ast_set(t, v->m, ast_int(t, start)),
                    ast_each(t, v->x, v->in, body), end, ast_print(t, ast_use(t, v->m)));
    text_addf(
        &k->statement,
        PICK(r,
             "Read the brackets from left to right, with %d points. One that closes the last "
             "open one takes it away and gives ",
             "Points start at %d. Of brackets read in order, one that closes the innermost open "
             "one removes it and gives "),
        start);
    if (one == two)
        text_addf(&k->statement, "%d", one);
    else
        text_addf(&k->statement, "%d for %.2s and %d for %.2s", one, set, two, set + 2);
    text_addf(&k->statement, "%s; any other closing one %s %d", deep ? ", times the depth" : "",
              PICK(r, "costs", "takes"), bad);
    if (left)
        text_addf(&k->statement, "; each left open at the end costs %d", left);
    text_add(&k->statement, PICK(r, ". Print the points.", ". How many points are left?"));
}

static void cancel(sketch_t *k, rng_t *r, int level, reader_t *v)
{
    ast_t *t = &k->ast;
    v->in = ast_input(t, "s", T_STR), v->x = ast_var(t, "x", T_CHAR);
    v->t = ast_var(t, "t", T_STR), v->m = ast_var(t, "m", T_INT);
    snprintf(k->letters, sizeof k->letters, level ? "abcd" : "abc");
    k->len_lo = 0, k->len_hi = 9;
    int rule = rng_below(r, 3), a = 'a' + rng_below(r, 3),
        b = 'a' + (a - 'a' + 1 + rng_below(r, 2)) % 3;
    int gain = 1 + rng_below(r, 9), start = rng_below(r, 7), also = level ? rng_below(r, 3) : 0;
    int shows = rng_below(r, 2), each = 1 + rng_below(r, 4);
    op_t cmp = rng_below(r, 2) ? OP_LT : OP_GT;
    int test = rule == 0   ? ast_cmp(t, OP_EQ, ast_last(t, v->t), ast_use(t, v->x))
               : rule == 1 ? ast_and(t, top_is(t, v, a), is_char(t, v->x, b))
                           : ast_cmp(t, cmp, ast_last(t, v->t), ast_use(t, v->x));
    int yes = BLOCK(t, ast_pop(t, v->t), ast_step(t, v->m, OP_ADD, ast_int(t, gain)));
    if (also == 1)
        ast_chain(t, yes, ast_step(t, v->m, OP_ADD, ast_len(t, v->t)));
    if (also == 2)
        ast_chain(t, yes, ast_step(t, v->m, OP_SUB, ast_len(t, v->t)));
    int no = ast_put(t, v->t, ast_use(t, v->x));
    int body = ast_if(t, ast_and(t, some_left(t, v), test), yes, no), end;
    if (shows)
        end = BLOCK(t, ast_print(t, ast_use(t, v->m)), ast_print(t, ast_use(t, v->t)));
    else
        end = ast_print(t, ast_bin(t, OP_ADD, ast_use(t, v->m),
                                   ast_bin(t, OP_MUL, ast_int(t, each + 1), ast_len(t, v->t))));
    t->body = BLOCK(t, ast_empty(t, v->t), ast_set(t, v->m, ast_int(t, start)),
                    ast_each(t, v->x, v->in, body), end);
    text_add(&k->statement, PICK(r, "Read the string letter by letter, keeping a row: ",
                                 "Letters come one by one to a "
                                 "row: "));
    if (rule == 0)
        text_add(&k->statement, "one equal to the last of the row");
    else if (rule == 1)
        text_addf(&k->statement, "%c behind %c", b, a);
    else
        text_addf(&k->statement, "one that comes %s the last of the row in the alphabet",
                  cmp == OP_LT ? "after" : "before");
    text_addf(&k->statement,
              " takes that away, is dropped and adds %d%s to m, others join. m is at first %d. ",
              gain,
              also == 1   ? " plus the new length"
              : also == 2 ? " minus the new length"
                          : "",
              start);
    if (shows)
        text_add(&k->statement,
                 PICK(r, "Print m, then the row.", "Output m and below it the row."));
    else
        text_addf(&k->statement, "Print m plus %d for each letter left.", each + 1);
}

static void nearest(sketch_t *k, rng_t *r, int level, reader_t *v)
{
    ast_t *t = &k->ast;
    v->in = ast_input(t, "a", T_LIST), v->x = ast_var(t, "x", T_INT);
    v->t = ast_var(t, "t", T_LIST), v->m = ast_var(t, "m", T_INT);
    k->len_lo = 0, k->len_hi = 7, k->item_lo = -3, k->item_hi = 9;
    op_t cmp = phrase_compare(r), want = (op_t)(OP_LT + (cmp - OP_LT + 2) % 4);
    want = want == OP_LT ? OP_LE : want == OP_LE ? OP_LT : want == OP_GT ? OP_GE : OP_GT;
    int none = rng_below(r, 6), what = rng_below(r, level ? 4 : 2),
        start = level ? rng_below(r, 6) : 0;
    int cost = level > 1 ? rng_below(r, 4) : 0, by = 2 + rng_below(r, 3);
    int e = ast_last(t, v->t);
    e = what == 0   ? e
        : what == 1 ? ast_bin(t, OP_SUB, ast_use(t, v->x), e)
        : what == 2 ? ast_bin(t, OP_MUL, ast_int(t, by), e)
                    : ast_bin(t, OP_MUL, ast_use(t, v->x), e);
    int off = ast_pop(t, v->t);
    if (cost)
        ast_chain(t, off, ast_step(t, v->m, OP_SUB, ast_int(t, cost)));
    int away =
        ast_while(t,
                  ast_and(t, some_left(t, v), ast_cmp(t, cmp, ast_last(t, v->t), ast_use(t, v->x))),
                  off);
    int no = none ? ast_step(t, v->m, OP_ADD, ast_int(t, none)) : 0;
    int body = BLOCK(t, away, ast_if(t, some_left(t, v), ast_step(t, v->m, OP_ADD, e), no),
                     ast_put(t, v->t, ast_use(t, v->x)));
    int out = phrase_print(t, r, ast_use(t, v->m), level, &v->before);
    t->body = BLOCK(t, ast_empty(t, v->t), ast_set(t, v->m, ast_int(t, start)),
                    ast_each(t, v->x, v->in, body), ast_print(t, out));
    text_addf(&k->statement,
              PICK(r, "For each number find the nearest one before it that is %s it, and add ",
                   "Each number looks back to the first one that is %s it, and adds "),
              phrase_order(want, r));
    if (what == 0)
        text_add(&k->statement, "that one");
    else if (what == 1)
        text_add(&k->statement, "the number minus that one");
    else if (what == 2)
        text_addf(&k->statement, "%d times that one", by);
    else
        text_add(&k->statement, "their product");
    if (none)
        text_addf(&k->statement, ", or %d if there is none", none);
    if (cost)
        text_addf(&k->statement, "; numbers passed over are never looked at again and cost %d each",
                  cost);
    text_addf(&k->statement, ". Print %sthe total", v->before.s);
    text_addf(&k->statement, start ? ", which starts at %d." : ".", start);
}

/* u op v, said in words */
static int operation(ast_t *t, rng_t *r, int u, int v, int level, text_t *say)
{
    int k = 1 + rng_below(r, level ? 9 : 4), a = ast_use(t, u), b = ast_use(t, v);
    switch (rng_below(r, level ? 7 : 4)) {
    case 0:
        text_addf(say, "u + v + %d", k);
        return ast_bin(t, OP_ADD, ast_bin(t, OP_ADD, a, b), ast_int(t, k));
    case 1:
        text_add(say, "u - v");
        return ast_bin(t, OP_SUB, a, b);
    case 2:
        text_add(say, "u * v");
        return ast_bin(t, OP_MUL, a, b);
    case 3:
        text_add(say, "u + v");
        return ast_bin(t, OP_ADD, a, b);
    case 4:
        text_addf(say, "%d * u - v", k + 1);
        return ast_bin(t, OP_SUB, ast_bin(t, OP_MUL, ast_int(t, k + 1), a), b);
    case 5:
        text_addf(say, "the larger of u and v - %d", k);
        return ast_node(t, N_CALL, OP_MAX, a, ast_bin(t, OP_SUB, b, ast_int(t, k)));
    default:
        text_addf(say, "the smaller of u + %d and v", k);
        return ast_node(t, N_CALL, OP_MIN, ast_bin(t, OP_ADD, a, ast_int(t, k)), b);
    }
}

static void postfix(sketch_t *k, rng_t *r, int level, reader_t *v)
{
    ast_t *t = &k->ast;
    v->in = ast_input(t, "a", T_LIST), v->x = ast_var(t, "x", T_INT),
    v->t = ast_var(t, "t", T_LIST);
    int a = ast_var(t, "u", T_INT), b = ast_var(t, "v", T_INT);
    k->shape = SHAPE_POSTFIX, k->len_lo = 1, k->len_hi = 5, k->item_lo = -2, k->item_hi = 6;
    int one = ast_put(t, v->t, operation(t, r, a, b, level, &v->one));
    int two = ast_put(t, v->t, operation(t, r, a, b, level, &v->two));
    int apply = BLOCK(t, ast_set(t, b, ast_last(t, v->t)), ast_pop(t, v->t),
                      ast_set(t, a, ast_last(t, v->t)), ast_pop(t, v->t),
                      ast_if(t, ast_cmp(t, OP_EQ, ast_use(t, v->x), ast_int(t, -1)), one, two));
    int push = ast_put(t, v->t, ast_use(t, v->x));
    int body = ast_if(t, ast_cmp(t, OP_GE, ast_use(t, v->x), ast_int(t, 0)), push, apply);
    int out = phrase_print(t, r, ast_last(t, v->t), level, &v->before);
    t->body = BLOCK(t, ast_empty(t, v->t), ast_each(t, v->x, v->in, body), ast_print(t, out));
    text_addf(
        &k->statement,
        PICK(r,
             "The list is postfix: numbers from 0 on are operands; -1 puts %s for the last two, "
             "u and v, -2 puts %s. ",
             "Numbers from 0 on go on a stack; -1 takes v, then u off and puts %s there, -2 "
             "likewise %s. "),
        v->one.s, v->two.s);
    text_addf(&k->statement, "Print %swhat is left.", v->before.s);
}

void family_stack(sketch_t *k, rng_t *r, int level)
{
    static void (*const kinds[])(sketch_t *, rng_t *, int, reader_t *) = {nested, cancel, nearest,
                                                                          postfix};
    reader_t v = {.in = 0};
    k->ast.rich = 1;
    kinds[rng_below(r, 4)](k, r, level, &v);
    text_reset(&v.one), text_reset(&v.two), text_reset(&v.before);
}
