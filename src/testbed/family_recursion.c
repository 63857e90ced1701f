/* Family recursion: functions that are defined by themselves.

   linear    two earlier values, weighted
   halves    another rule for even and odd numbers
   digits    digit by digit, in some base
   pair      two arguments, in the way of a greatest common divisor
   ways      ways to climb, with two base cases
   grid      two arguments that shrink in turn
   items     the rest of a list, and its first item */
#include "testbed/ast.h"

typedef struct {
    int f, n, m; /* the function's parameters: f; n and m are read */
    text_t rule, before;
} call_t;

static int number(ast_t *t, int e, op_t op, int k)
{
    return k ? ast_bin(t, op, e, ast_int(t, k)) : e;
}

/* f(p - k) */
static int again(ast_t *t, const call_t *v, int k)
{
    return ast_apply(t, number(t, ast_use(t, v->f), OP_SUB, k), 0);
}

static int times(ast_t *t, int k, int e)
{
    return k > 1 ? ast_bin(t, OP_MUL, ast_int(t, k), e) : e;
}

static void say_times(text_t *o, int k)
{
    if (k > 1)
        text_addf(o, "%d * ", k);
}

static int base(ast_t *t, const call_t *v, op_t op, int k, int value)
{
    return ast_if(t, ast_cmp(t, op, ast_use(t, v->f), ast_int(t, k)), ast_return(t, value), 0);
}

static void one_argument(sketch_t *k, call_t *v, int lo, int hi)
{
    ast_t *t = &k->ast;
    v->n = ast_input(t, "n", T_INT);
    v->f = ast_function(t, "f", "k", NULL);
    k->lo = lo, k->hi = hi;
}

/* The body is known: main prints something of f(n), and the statement ends. */
static void finish(sketch_t *k, rng_t *r, call_t *v, int level, int call, const char *name)
{
    ast_t *t = &k->ast;
    t->body = ast_print(t, phrase_print(t, r, call, level, &v->before));
    text_addf(&k->statement, "%s %s ", PICK(r, "Let", "A function is given by", "Define"),
              v->rule.s);
    text_addf(&k->statement, "%s %s%s.", PICK(r, "Print", "Output", "Find"), v->before.s, name);
}

static void linear(sketch_t *k, rng_t *r, int level, call_t *v)
{
    ast_t *t = &k->ast;
    int q = 2 + rng_below(r, 2), p = 1 + rng_below(r, q - 1), x = 1 + rng_below(r, level ? 3 : 2);
    int y = 1 + rng_below(r, 2), c = rng_below(r, level ? 7 : 4), z = level ? rng_below(r, 7) : 0;
    int minus = level && rng_below(r, 2), grows = rng_below(r, 2);
    op_t op = minus ? OP_SUB : OP_ADD;
    one_argument(k, v, 0, 9);
    int start = !grows ? ast_int(t, c) : number(t, ast_use(t, v->f), OP_ADD, c);
    int e = ast_bin(t, op, times(t, x, again(t, v, p)), times(t, y, again(t, v, q)));
    t->fn.body = BLOCK(t, base(t, v, OP_LT, q, start), ast_return(t, number(t, e, OP_ADD, z)));
    text_add(&v->rule, grows ? "f(k) = k" : "f(k) = ");
    if (!grows)
        text_addf(&v->rule, "%d", c);
    else if (c)
        text_addf(&v->rule, " + %d", c);
    text_addf(&v->rule, " for k below %d, else ", q);
    say_times(&v->rule, x);
    text_addf(&v->rule, "f(k - %d) %s ", p, minus ? "-" : "+");
    say_times(&v->rule, y);
    text_addf(&v->rule, "f(k - %d)", q);
    if (z)
        text_addf(&v->rule, " + %d", z);
    text_add(&v->rule, ".");
    finish(k, r, v, level, ast_apply(t, ast_use(t, v->n), 0), "f(n)");
}

static void halves(sketch_t *k, rng_t *r, int level, call_t *v)
{
    ast_t *t = &k->ast;
    int c = rng_below(r, 6), x = 1 + rng_below(r, level ? 3 : 2), y = 1 + rng_below(r, 3);
    int u = rng_below(r, level ? 9 : 5), w = 1 + rng_below(r, level ? 9 : 5),
        d = 2 + (level && rng_below(r, 2));
    int minus = rng_below(r, 2);
    one_argument(k, v, 0, 40);
    int part = ast_apply(t, ast_bin(t, OP_DIV, ast_use(t, v->f), ast_int(t, d)), 0);
    int yes = ast_return(t, number(t, times(t, x, part), OP_ADD, u));
    int test =
        ast_cmp(t, OP_EQ, ast_bin(t, OP_MOD, ast_use(t, v->f), ast_int(t, d)), ast_int(t, 0));
    int no = number(t, times(t, y, again(t, v, 1)), minus ? OP_SUB : OP_ADD, w);
    t->fn.body =
        BLOCK(t, base(t, v, OP_EQ, 0, ast_int(t, c)), ast_if(t, test, yes, 0), ast_return(t, no));
    text_addf(&v->rule, "f(0) = %d; for k divisible by %d f(k) = ", c, d);
    say_times(&v->rule, x);
    text_addf(&v->rule, "f(k / %d)", d);
    if (u)
        text_addf(&v->rule, " + %d", u);
    text_add(&v->rule, ", for others ");
    say_times(&v->rule, y);
    text_addf(&v->rule, "f(k - 1) %s %d.", minus ? "-" : "+", w);
    finish(k, r, v, level, ast_apply(t, ast_use(t, v->n), 0), "f(n)");
}

static void digits(sketch_t *k, rng_t *r, int level, call_t *v)
{
    ast_t *t = &k->ast;
    int b = rng_below(r, 3) ? 10 : 2 + rng_below(r, 5), c = rng_below(r, 5),
        x = 1 + rng_below(r, 3);
    int y = 1 + rng_below(r, level ? 4 : 2),
        border = b == 10 ? 2 + rng_below(r, 6) : b / 2 + (b == 2);
    int u = rng_below(r, level ? 9 : 5);
    op_t cmp = phrase_compare(r);
    one_argument(k, v, 0, b == 10 ? 9999 : 300);
    int digit = ast_bin(t, OP_MOD, ast_use(t, v->f), ast_int(t, b));
    int rest = ast_apply(t, ast_bin(t, OP_DIV, ast_use(t, v->f), ast_int(t, b)), 0);
    int yes = ast_return(t, number(t, ast_copy(t, rest), OP_ADD, u));
    int test = ast_cmp(t, cmp, ast_copy(t, digit), ast_int(t, border));
    int no = ast_return(t, ast_bin(t, OP_ADD, times(t, x, rest), times(t, y, digit)));
    int chosen = level > 0 || rng_below(r, 2);
    t->fn.body =
        BLOCK(t, base(t, v, OP_EQ, 0, ast_int(t, c)), chosen ? ast_if(t, test, yes, 0) : 0, no);
    text_addf(&v->rule, "f(0) = %d. Of k > 0 let d be the last digit", c);
    if (b != 10)
        text_addf(&v->rule, " in base %d", b);
    text_add(&v->rule, " and q the number without it: ");
    if (chosen) {
        text_addf(&v->rule, "f(k) = f(q)");
        if (u)
            text_addf(&v->rule, " + %d", u);
        text_addf(&v->rule, " if d is %s %d, else ", phrase_order(cmp, r), border);
    } else {
        text_add(&v->rule, "f(k) = ");
    }
    say_times(&v->rule, x);
    text_add(&v->rule, "f(q) + ");
    say_times(&v->rule, y);
    text_add(&v->rule, "d.");
    finish(k, r, v, level, ast_apply(t, ast_use(t, v->n), 0), "f(n)");
}

static void two_arguments(sketch_t *k, call_t *v, int lo, int hi)
{
    ast_t *t = &k->ast;
    v->n = ast_input(t, "n", T_INT), v->m = ast_input(t, "m", T_INT);
    v->f = ast_function(t, "f", "a", "b");
    k->lo = lo, k->hi = hi;
}

static int use_first(ast_t *t, const call_t *v)
{
    return ast_use(t, v->f);
}
static int use_second(ast_t *t, const call_t *v)
{
    return ast_use(t, v->f + 1);
}

static void pair(sketch_t *k, rng_t *r, int level, call_t *v)
{
    ast_t *t = &k->ast;
    int x = rng_below(r, 6), y = rng_below(r, level ? 7 : 4), z = 1 + rng_below(r, level ? 8 : 4);
    int euclid = rng_below(r, 2), w = 1 + rng_below(r, 3), quotient = euclid && rng_below(r, 2);
    two_arguments(k, v, 0, 20);
    int end = ast_if(t, ast_cmp(t, OP_EQ, use_second(t, v), ast_int(t, 0)),
                     ast_return(t, number(t, times(t, w, use_first(t, v)), OP_ADD, x)), 0);
    text_add(&v->rule, "f(a, 0) = ");
    say_times(&v->rule, w);
    text_add(&v->rule, "a");
    if (x)
        text_addf(&v->rule, " + %d", x);
    if (euclid) {
        int e =
            ast_apply(t, use_second(t, v), ast_bin(t, OP_MOD, use_first(t, v), use_second(t, v)));
        e = number(t, e, OP_ADD, z);
        if (quotient)
            e = ast_bin(t, OP_ADD, e, ast_bin(t, OP_DIV, use_first(t, v), use_second(t, v)));
        t->fn.body = BLOCK(t, end, ast_return(t, e));
        text_addf(&v->rule, ", else f(a, b) = f(b, a %% b) + %d", z);
        text_add(&v->rule, quotient ? " + a // b." : ".");
    } else {
        int turn = ast_if(t, ast_cmp(t, OP_LT, use_first(t, v), use_second(t, v)),
                          ast_return(t, number(t, ast_apply(t, use_second(t, v), use_first(t, v)),
                                               OP_ADD, y)),
                          0);
        int less =
            ast_apply(t, ast_bin(t, OP_SUB, use_first(t, v), use_second(t, v)), use_second(t, v));
        t->fn.body = BLOCK(t, end, turn, ast_return(t, number(t, less, OP_ADD, z)));
        text_add(&v->rule, "; f(a, b) = f(b, a)");
        if (y)
            text_addf(&v->rule, " + %d", y);
        text_addf(&v->rule, " for a < b, else f(a - b, b) + %d.", z);
    }
    finish(k, r, v, level, ast_apply(t, ast_use(t, v->n), ast_use(t, v->m)), "f(n, m)");
}

static void ways(sketch_t *k, rng_t *r, int level, call_t *v)
{
    ast_t *t = &k->ast;
    int p = 1 + rng_below(r, 2), q = p + 1 + rng_below(r, 2), x = 1 + rng_below(r, level ? 3 : 2);
    int one = 1 + rng_below(r, 4), none = level ? rng_below(r, 3) : 0,
        z = level > 1 ? rng_below(r, 4) : 0;
    int least = level && rng_below(r, 3) == 0;
    one_argument(k, v, 0, 10);
    int a = times(t, x, again(t, v, p)), b = again(t, v, q);
    if (least)
        none = 50;
    int e = least ? ast_bin(t, OP_ADD,
                            ast_node(t, N_CALL, OP_MIN, number(t, again(t, v, p), OP_ADD, x), b),
                            ast_int(t, 1 + z))
                  : number(t, ast_bin(t, OP_ADD, a, b), OP_ADD, z);
    t->fn.body = BLOCK(t, base(t, v, OP_LT, 0, ast_int(t, none)),
                       base(t, v, OP_EQ, 0, ast_int(t, one)), ast_return(t, e));
    text_addf(&v->rule, "f(0) = %d, f(k) = %d for k < 0, and else ", one, none);
    if (least) {
        text_addf(&v->rule, "%d plus the smaller of f(k - %d) + %d and f(k - %d).", 1 + z, p, x, q);
    } else {
        say_times(&v->rule, x);
        text_addf(&v->rule, "f(k - %d) + f(k - %d)", p, q);
        if (z)
            text_addf(&v->rule, " + %d", z);
        text_add(&v->rule, ".");
    }
    finish(k, r, v, level, ast_apply(t, ast_use(t, v->n), 0), "f(n)");
}

static void grid(sketch_t *k, rng_t *r, int level, call_t *v)
{
    ast_t *t = &k->ast;
    int x = 1 + rng_below(r, 3), y = 1 + rng_below(r, 3), z = rng_below(r, level ? 6 : 3);
    int c = 1 + rng_below(r, 5), d = rng_below(r, 5), skew = level && rng_below(r, 2);
    two_arguments(k, v, 0, 4);
    int top = ast_if(t, ast_cmp(t, OP_EQ, use_first(t, v), ast_int(t, 0)),
                     ast_return(t, number(t, use_second(t, v), OP_ADD, d)), 0);
    int side = ast_if(t, ast_cmp(t, OP_EQ, use_second(t, v), ast_int(t, 0)),
                      ast_return(t, ast_int(t, c)), 0);
    int one = ast_apply(t, ast_bin(t, OP_SUB, use_first(t, v), ast_int(t, 1)), use_second(t, v));
    int to = skew ? ast_bin(t, OP_SUB, use_first(t, v), ast_int(t, 1)) : use_first(t, v);
    int two = ast_apply(t, to, ast_bin(t, OP_SUB, use_second(t, v), ast_int(t, 1)));
    int e = ast_bin(t, OP_ADD, times(t, x, one), times(t, y, two));
    t->fn.body = BLOCK(t, top, side, ast_return(t, number(t, e, OP_ADD, z)));
    text_add(&v->rule, "f(0, b) = b");
    if (d)
        text_addf(&v->rule, " + %d", d);
    text_addf(&v->rule, "; f(a, 0) = %d for a > 0; else f(a, b) = ", c);
    say_times(&v->rule, x);
    text_add(&v->rule, "f(a - 1, b) + ");
    say_times(&v->rule, y);
    text_add(&v->rule, skew ? "f(a - 1, b - 1)" : "f(a, b - 1)");
    if (z)
        text_addf(&v->rule, " + %d", z);
    text_add(&v->rule, ".");
    finish(k, r, v, level, ast_apply(t, ast_use(t, v->n), ast_use(t, v->m)), "f(n, m)");
}

static void items(sketch_t *k, rng_t *r, int level, call_t *v)
{
    ast_t *t = &k->ast;
    int a = ast_input(t, "a", T_LIST), c = rng_below(r, 6), border = rng_below(r, 7) - 1;
    int x = 1 + rng_below(r, level ? 4 : 2), w = rng_below(r, level ? 7 : 4),
        best = rng_below(r, 3);
    op_t cmp = phrase_compare(r);
    v->f = ast_function(t, "f", "i", NULL);
    k->len_lo = 0, k->len_hi = 6, k->item_lo = -3, k->item_hi = 9;
    int end = ast_if(t, ast_cmp(t, OP_GE, ast_use(t, v->f), ast_len(t, a)),
                     ast_return(t, ast_int(t, c)), 0);
    int item = ast_at(t, a, ast_use(t, v->f));
    int next = ast_apply(t, number(t, ast_use(t, v->f), OP_ADD, 1), 0);
    int after = ast_apply(t, number(t, ast_use(t, v->f), OP_ADD, 2), 0);
    text_addf(&v->rule, "f(i) = %d where i is behind the list, counted from 0; else ", c);
    if (best == 0) { /* take an item and leave its neighbour, or not */
        op_t extreme = rng_below(r, 2) ? OP_MAX : OP_MIN;
        int taken = ast_bin(t, OP_ADD, times(t, x, item), after);
        int left = number(t, next, OP_SUB, w);
        t->fn.body = BLOCK(t, end, ast_return(t, ast_node(t, N_CALL, extreme, taken, left)));
        text_addf(&v->rule, "the %s of ", extreme == OP_MAX ? "larger" : "smaller");
        say_times(&v->rule, x);
        text_add(&v->rule, "a[i] + f(i + 2) and f(i + 1)");
        if (w)
            text_addf(&v->rule, " - %d", w);
        text_add(&v->rule, ".");
    } else {
        int turned = best == 1, jump = level && rng_below(r, 2);
        int test = ast_cmp(t, cmp, ast_copy(t, item), ast_int(t, border));
        int yes = number(t, jump ? after : ast_copy(t, next), OP_ADD, w);
        int no = ast_bin(t, turned ? OP_SUB : OP_ADD, times(t, x, item), next);
        t->fn.body = BLOCK(t, end, ast_if(t, test, ast_return(t, yes), 0), ast_return(t, no));
        text_addf(&v->rule, "f(i + %d)", jump ? 2 : 1);
        if (w)
            text_addf(&v->rule, " + %d", w);
        text_addf(&v->rule, " if a[i] is %s %d, otherwise ", phrase_order(cmp, r), border);
        say_times(&v->rule, x);
        text_addf(&v->rule, "a[i] %s f(i + 1).", turned ? "-" : "+");
    }
    finish(k, r, v, level, ast_apply(t, ast_int(t, 0), 0), "f(0)");
}

void family_recursion(sketch_t *k, rng_t *r, int level)
{
    static void (*const kinds[])(sketch_t *, rng_t *, int,
                                 call_t *) = {linear, halves, digits, pair, ways, grid, items};
    call_t v = {.n = -1};
    k->ast.rich = 1;
    kinds[rng_below(r, 7)](k, r, level, &v);
    text_reset(&v.rule), text_reset(&v.before);
}
