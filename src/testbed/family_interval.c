/* Family interval: starts and ends in turn, ordered by start.

   covered   what the intervals cover together, the gaps between them, or how many pieces
   holding   the intervals that hold a number
   longest   the longest or shortest one, first or last among equals
   greedy    one after the other, as far as they fit
   overlap   pairs that overlap, and by how much
   clipped   what of each lies within bounds */
#include "testbed/ast.h"

typedef struct {
    int n, a, i, b, c, h, m;
    text_t np, before;
} spans_t;

static int at(ast_t *t, const spans_t *v, int i, int end)
{
    int first = ast_bin(t, OP_MUL, ast_int(t, 2), ast_use(t, i));
    return ast_at(t, v->a, end ? ast_bin(t, OP_ADD, first, ast_int(t, 1)) : first);
}

static int many(ast_t *t, const spans_t *v)
{
    return ast_bin(t, OP_DIV, ast_len(t, v->a), ast_int(t, 2));
}

/* for i in range(len(a) // 2): b, c = the ends of interval i; body */
static int each(ast_t *t, const spans_t *v, int body)
{
    return ast_range(t, v->i, ast_int(t, 0), many(t, v),
                     BLOCK(t, ast_set(t, v->b, at(t, v, v->i, 0)),
                           ast_set(t, v->c, at(t, v, v->i, 1)), body));
}

static int length(ast_t *t, const spans_t *v)
{
    return ast_bin(t, OP_SUB, ast_use(t, v->c), ast_use(t, v->b));
}

/* The whole program: m = start, the loop, what is printed; and the end of its statement. */
static void whole(sketch_t *k, rng_t *r, spans_t *v, int level, int start, int first, int loop,
                  const char *what)
{
    ast_t *t = &k->ast;
    int out = phrase_print(t, r, ast_use(t, v->m), level, &v->before);
    t->body = BLOCK(t, ast_set(t, v->m, ast_int(t, start)), first, loop, ast_print(t, out));
    text_addf(&k->statement, "Print %s%s.", v->before.s, what);
}

static void covered(sketch_t *k, rng_t *r, int level, spans_t *v)
{
    ast_t *t = &k->ast;
    int what = rng_below(r, 3), touch = rng_below(r, 2), edge = 1 + rng_below(r, 5), end;
    int each_piece = what == 0 && level ? rng_below(r, 6) : 0,
        w = what == 2 ? 1 + rng_below(r, 6) : 0;
    int longer = what == 2 && level ? rng_below(r, 4) : 0;
    int piece, inside = ast_set(t, v->h, ast_use(t, v->c));
    int gap = ast_bin(t, OP_SUB, ast_use(t, v->b), ast_use(t, v->h));
    if (what == 0) {
        piece = length(t, v);
        if (each_piece)
            piece = ast_bin(t, OP_ADD, piece, ast_int(t, each_piece));
        int more = ast_bin(t, OP_SUB, ast_use(t, v->c), ast_use(t, v->h));
        inside = ast_chain(t, ast_step(t, v->m, OP_ADD, more), inside);
    } else {
        piece = what == 1 ? gap : ast_int(t, w);
    }
    piece = ast_step(t, v->m, OP_ADD, piece);
    if (longer)
        ast_chain(t, inside, ast_step(t, v->m, OP_SUB, ast_int(t, longer)));
    end = ast_if(t, ast_cmp(t, OP_GT, ast_use(t, v->c), ast_use(t, v->h)), inside, 0);
    op_t cmp = touch && (what != 0 || each_piece) && what != 1 ? OP_GE : OP_GT;
    int test = ast_cmp(t, cmp, ast_use(t, v->b), ast_use(t, v->h));
    int body = ast_if(t, test, BLOCK(t, piece, ast_set(t, v->h, ast_use(t, v->c))), end);
    text_addf(
        &k->statement,
        PICK(r, "Intervals come as start, end, ordered by start; one up to %d is there already. ",
             "The list holds starts and ends of intervals in order; what lies up to %d is taken. "),
        edge);
    if (each_piece)
        text_addf(&k->statement, "A new piece%s counts %d more. ",
                  cmp == OP_GE ? ", also one that touches," : "", each_piece);
    if (w)
        text_addf(&k->statement, "One %s all before gives %d. ",
                  cmp == OP_GE ? "that begins at or behind the end of"
                               : "that begins behind the end of",
                  w);
    if (longer)
        text_addf(&k->statement, "Any other that reaches further costs %d. ", longer);
    whole(k, r, v, level, 0, ast_set(t, v->h, ast_int(t, edge)), each(t, v, body),
          what == 0
              ? PICK(r, "the length that they newly cover", "how much they add to what is taken")
          : what == 1
              ? PICK(r, "the length of the gaps between", "how much is left free in between")
              : PICK(r, "the sum", "the total"));
}

static void holding(sketch_t *k, rng_t *r, int level, spans_t *v)
{
    ast_t *t = &k->ast;
    op_t left = rng_below(r, 2) ? OP_LE : OP_LT, right = rng_below(r, 2) ? OP_LE : OP_LT;
    int what = rng_below(r, level ? 5 : 3), w = 1 + rng_below(r, level ? 8 : 4),
        start = rng_below(r, 5);
    int near = level > 0 ? rng_below(r, 4) : 0;
    int end = ast_use(t, v->c);
    if (near)
        end = ast_bin(t, OP_ADD, end, ast_int(t, near));
    int test = ast_and(t, ast_cmp(t, left, ast_use(t, v->b), ast_use(t, v->n)),
                       ast_cmp(t, right, ast_use(t, v->n), end));
    int e = what == 0   ? ast_int(t, w)
            : what == 1 ? length(t, v)
            : what == 2 ? ast_bin(t, OP_SUB, ast_use(t, v->n), ast_use(t, v->b))
            : what == 3 ? ast_bin(t, OP_SUB, ast_use(t, v->c), ast_use(t, v->n))
                        : ast_bin(t, OP_MUL, ast_use(t, v->b), ast_int(t, w + 1));
    int yes = ast_step(t, v->m, OP_ADD, e), no = 0;
    int miss = level > 0 ? rng_below(r, 5) : 0;
    if (miss)
        no = ast_step(t, v->m, OP_SUB, ast_int(t, miss));
    text_addf(
        &k->statement,
        PICK(r,
             "The list holds intervals, start and end in turn. Each one whose start is %s n and "
             "whose end",
             "Given n and intervals as start, end: each whose start is %s n and whose end"),
        left == OP_LE ? PICK(r, "at most", "not above") : PICK(r, "below", "less than"));
    if (near)
        text_addf(&k->statement, " plus %d", near);
    text_addf(&k->statement, " is %s n adds ",
              right == OP_LE ? PICK(r, "at least", "not below") : PICK(r, "above", "greater than"));
    if (what == 0)
        text_addf(&k->statement, "%d", w);
    else if (what == 4)
        text_addf(&k->statement, "%d times its start", w + 1);
    else
        text_add(&k->statement, what == 1   ? "its length"
                                : what == 2 ? "n minus its start"
                                            : "its end minus n");
    if (miss)
        text_addf(&k->statement, ", any other takes %d", miss);
    text_addf(&k->statement, ". From %d: ", start);
    whole(k, r, v, level, start, 0, each(t, v, ast_if(t, test, yes, no)),
          PICK(r, "the total", "the result"));
}

static void longest(sketch_t *k, rng_t *r, int level, spans_t *v)
{
    ast_t *t = &k->ast;
    int up = rng_below(r, 2), last = rng_below(r, 2),
        border = up ? rng_below(r, 5) : 4 + rng_below(r, 6);
    int odd = level ? rng_below(r, 3) : 2, by = level > 1 ? rng_below(r, 4) : 0;
    op_t cmp = (op_t)((up ? OP_GT : OP_LT) + (last ? 1 : 0));
    int size = length(t, v);
    if (by) /* a later start makes up for length */
        size = ast_bin(t, OP_ADD, ast_bin(t, OP_MUL, size, ast_int(t, by + 1)), ast_use(t, v->b));
    int test = ast_cmp(t, cmp, size, ast_use(t, v->m));
    if (odd < 2)
        test = ast_and(t,
                       ast_cmp(t, OP_EQ, ast_bin(t, OP_MOD, ast_use(t, v->b), ast_int(t, 2)),
                               ast_int(t, odd)),
                       test);
    int yes = BLOCK(t, ast_set(t, v->m, ast_copy(t, size)), ast_set(t, v->h, ast_use(t, v->b)));
    int loop = each(t, v, ast_if(t, test, yes, 0));
    int out = phrase_print(t, r, ast_use(t, v->m), level, &v->before);
    t->body = BLOCK(t, ast_set(t, v->m, ast_int(t, border)), ast_set(t, v->h, ast_int(t, -1)), loop,
                    ast_print(t, ast_use(t, v->h)), ast_print(t, out));
    text_add(&k->statement, PICK(r, "Intervals are given as start, end. ",
                                 "The list holds intervals: start, end. "));
    text_addf(&k->statement, "Of those%s whose ",
              odd == 2 ? ""
              : odd    ? " with an odd start"
                       : " with an even start");
    if (by)
        text_addf(&k->statement, "score (%d times the length plus the start) is", by + 1);
    else
        text_add(&k->statement, "length is");
    text_addf(&k->statement, " %s %d take the %s, the %s if equal. ", phrase_order(cmp, r), border,
              up ? (by ? "highest" : "longest") : (by ? "lowest" : "shortest"),
              last ? "last" : "first");
    text_addf(&k->statement, "Print its start (none: -1), then %sits %s (none: %d).", v->before.s,
              by ? "score" : "length", border);
}

static void greedy(sketch_t *k, rng_t *r, int level, spans_t *v)
{
    ast_t *t = &k->ast;
    op_t cmp = rng_below(r, 2) ? OP_GE : OP_GT;
    int gap = rng_below(r, level ? 4 : 2), from = rng_below(r, 6),
        what = rng_below(r, level ? 3 : 2);
    int w = 1 + rng_below(r, level ? 8 : 5), miss = level ? rng_below(r, 6) : 0;
    int h = ast_use(t, v->h);
    if (gap)
        h = ast_bin(t, OP_ADD, h, ast_int(t, gap));
    int e = what == 0   ? ast_int(t, w)
            : what == 1 ? length(t, v)
                        : ast_bin(t, OP_ADD, length(t, v), ast_int(t, w));
    int yes = BLOCK(t, ast_step(t, v->m, OP_ADD, e), ast_set(t, v->h, ast_use(t, v->c)));
    int no = miss ? ast_step(t, v->m, OP_SUB, ast_int(t, miss)) : 0;
    int body = ast_if(t, ast_cmp(t, cmp, ast_use(t, v->b), h), yes, no);
    text_addf(
        &k->statement,
        PICK(r,
             "Intervals come as start, end, ordered by start. Take each one that starts %s the "
             "end of the last one taken",
             "Meetings are listed as start and end. In order attend each that starts %s the end "
             "of the last one attended"),
        cmp == OP_GE ? "at or behind" : "behind");
    if (gap)
        text_addf(&k->statement, " plus %d", gap);
    text_addf(&k->statement, " (at first %d); it gives ", from);
    if (what == 0)
        text_addf(&k->statement, "%d", w);
    else if (what == 1)
        text_add(&k->statement, "its length");
    else
        text_addf(&k->statement, "its length plus %d", w);
    if (miss)
        text_addf(&k->statement, ", any other costs %d", miss);
    text_add(&k->statement, ". ");
    whole(k, r, v, level, 0, ast_set(t, v->h, ast_int(t, from)), each(t, v, body), "the total");
}

static void overlap(sketch_t *k, rng_t *r, int level, spans_t *v)
{
    ast_t *t = &k->ast;
    int j = v->h, what = rng_below(r, 3), w = 1 + rng_below(r, level ? 7 : 3),
        start = rng_below(r, 5);
    int least = level ? rng_below(r, 5) : 0;
    op_t cmp = rng_below(r, 2) ? OP_GT : OP_GE;
    int shared = ast_node(t, N_CALL, OP_MIN, ast_use(t, v->c), at(t, v, j, 1));
    shared = ast_bin(t, OP_SUB, shared, at(t, v, j, 0));
    int x = ast_var(t, "x", T_INT);
    int test = ast_cmp(t, cmp, ast_use(t, x), ast_int(t, least));
    int e = what == 0   ? ast_int(t, w)
            : what == 1 ? ast_use(t, x)
                        : ast_bin(t, OP_MUL, ast_use(t, x), ast_int(t, w + 1));
    int yes = ast_step(t, v->m, level && rng_below(r, 3) == 0 ? OP_MAX : OP_ADD, e);
    int longest_of = t->node[t->node[yes].a].kind == N_CALL;
    int inner = ast_range(t, j, ast_bin(t, OP_ADD, ast_use(t, v->i), ast_int(t, 1)), many(t, v),
                          BLOCK(t, ast_set(t, x, shared), ast_if(t, test, yes, 0)));
    text_addf(
        &k->statement,
        PICK(r,
             "Intervals are given as start, end, ordered by start. For two of them let x be the "
             "smaller end minus the later start. ",
             "The list holds starts and ends of intervals, by start. Two of them share x: their "
             "smaller end minus the later start. "));
    text_addf(&k->statement, "Each pair with x %s %d counts ", phrase_order(cmp, r), least);
    if (what == 0)
        text_addf(&k->statement, "%d", w);
    else if (what == 1)
        text_add(&k->statement, "x");
    else
        text_addf(&k->statement, "x times %d", w + 1);
    text_add(&k->statement, ". ");
    text_t say = {0};
    text_addf(&say, longest_of ? "the maximum of that and %d" : "the total, from %d on", start);
    int loop = ast_range(t, v->i, ast_int(t, 0), many(t, v),
                         ast_chain(t, ast_set(t, v->c, at(t, v, v->i, 1)), inner));
    whole(k, r, v, level, start, 0, loop, say.s);
    text_reset(&say);
}

static void clipped(sketch_t *k, rng_t *r, int level, spans_t *v)
{
    ast_t *t = &k->ast;
    int lo = 1 + rng_below(r, 6), hi = lo + 3 + rng_below(r, 6),
        w = 1 + rng_below(r, level ? 4 : 2);
    int extra = level ? rng_below(r, 5) : 0, start = rng_below(r, 5);
    op_t cmp = rng_below(r, 2) ? OP_LT : OP_LE;
    if (cmp == OP_LE && !extra)
        extra = 1 + rng_below(r, 4);
    int clip = BLOCK(t, ast_step(t, v->b, OP_MAX, ast_int(t, lo)),
                     ast_step(t, v->c, OP_MIN, ast_int(t, hi)));
    int e = length(t, v);
    if (w > 1)
        e = ast_bin(t, OP_MUL, e, ast_int(t, w));
    if (extra)
        e = ast_bin(t, OP_ADD, e, ast_int(t, extra));
    int test = ast_cmp(t, cmp, ast_use(t, v->b), ast_use(t, v->c));
    int no = level > 1 ? ast_step(t, v->m, OP_SUB, ast_int(t, 1 + rng_below(r, 5))) : 0;
    int body = ast_chain(t, clip, ast_if(t, test, ast_step(t, v->m, OP_ADD, e), no));
    text_addf(
        &k->statement,
        PICK(
            r, "Intervals are given as start, end. Of each only what lies from %d to %d counts: ",
            "The list holds starts and ends of intervals; cut each to %d up to %d. What is left: "),
        lo, hi);
    text_add(&k->statement, w > 1 ? "its length " : "its length");
    if (w > 1)
        text_addf(&k->statement, "times %d", w);
    if (extra)
        text_addf(&k->statement, " plus %d", extra);
    text_addf(&k->statement, ", if it is %s", cmp == OP_LT ? "longer than 0" : "not less than 0");
    if (no)
        text_addf(&k->statement, ", else minus %d", t->node[t->node[t->node[no].a].b].value);
    text_addf(&k->statement, ". From %d: ", start);
    whole(k, r, v, level, start, 0, each(t, v, body), "the total");
}

void family_interval(sketch_t *k, rng_t *r, int level)
{
    static void (*const kinds[])(sketch_t *, rng_t *, int, spans_t *) = {covered, holding, longest,
                                                                         greedy,  overlap, clipped};
    ast_t *t = &k->ast;
    int kind = rng_below(r, 6);
    spans_t v = {.n = -1};
    if (kind == 1)
        v.n = ast_input(t, "n", T_INT);
    v.a = ast_input(t, "a", T_LIST);
    v.i = ast_var(t, "i", T_INT), v.b = ast_var(t, "b", T_INT), v.c = ast_var(t, "c", T_INT);
    v.m = ast_var(t, "m", T_INT), v.h = ast_var(t, kind == 4 ? "j" : "h", T_INT);
    t->rich = 1;
    k->shape = SHAPE_INTERVALS;
    k->lo = 0, k->hi = 15, k->len_lo = 0, k->len_hi = 5, k->item_lo = 0, k->item_hi = 15;
    kinds[kind](k, r, level, &v);
    text_reset(&v.np), text_reset(&v.before);
}
