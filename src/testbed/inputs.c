/* Test inputs: edge cases first, then random ones; and small inputs for work by hand.

   Edge cases are what subtle mistakes show on and gross ones sometimes survive: the shortest
   list or string, one item, equal items, only negative items, an ascending list, borders of the
   ranges.  What has a shape of its own, like edges of a graph or brackets, is drawn by
   inputs_shape.c.  So wrong programs pass different shares of the tests, which lists need. */
#include "testbed/ast.h"
#include <string.h>

static int between(rng_t *r, int lo, int hi)
{
    return lo + rng_below(r, hi - lo + 1);
}

static int at_most(int a, int b)
{
    return a < b ? a : b;
}

static void items(const sketch_t *s, rng_t *r, int edge, text_t *o)
{
    int n = between(r, s->len_lo + (s->len_lo < 2 && s->len_hi > 3 ? 2 : 0), s->len_hi);
    if (edge == 0)
        n = s->len_lo;
    if (edge == 1)
        n = at_most(s->len_lo + 1, s->len_hi);
    int x = between(r, s->item_lo, s->item_hi);
    for (int i = 0; i < n; i++) {
        if (edge == 3)
            x = s->item_lo < 0 ? between(r, s->item_lo, -1) : s->item_lo + i % 2;
        else if (edge == 4)
            x = at_most(s->item_lo + 2 * i, s->item_hi);
        else if (edge != 2)
            x = between(r, s->item_lo, s->item_hi);
        text_addf(o, "%s%d", o->len ? " " : "", x);
    }
}

static void letters(const sketch_t *s, rng_t *r, int edge, text_t *o)
{
    int n = between(r, s->len_lo + 1, s->len_hi), kinds = (int)strlen(s->letters);
    if (edge < 2)
        n = at_most(s->len_lo + edge, s->len_hi);
    int c = rng_below(r, kinds);
    for (int i = 0; i < n; i++) {
        if (edge != 2)
            c = rng_below(r, kinds);
        text_addn(o, &s->letters[c], 1);
    }
}

void inputs_draw(const sketch_t *s, rng_t *r, int i, text_t *out)
{
    const ast_t *t = &s->ast;
    text_t o = {0};
    int first = 0;
    for (int v = 0; v < t->n_input; v++) {
        if (s->shape != SHAPE_ANY && t->var[v].type != T_INT) {
            shape_draw(s, r, i, first, 0, &o);
        } else if (t->var[v].type == T_LIST) {
            items(s, r, i, &o);
        } else if (t->var[v].type == T_STR) {
            letters(s, r, i, &o);
        } else {
            int x = between(r, s->lo, s->hi);
            if (i == 0)
                x = v ? between(r, s->lo, s->lo + (s->hi - s->lo) / 4) : s->lo;
            if (i == 1)
                x = v ? x : s->hi;
            if (i == 2)
                x = s->lo + (s->hi - s->lo) / 2;
            text_addf(&o, "%s%d", o.len ? " " : "", x);
            first = v ? first : x;
        }
    }
    text_add(&o, "\n");
    text_addn(out, o.s, o.len);
    text_reset(&o);
}

void inputs_small(const sketch_t *s, rng_t *r, text_t *out)
{
    const ast_t *t = &s->ast;
    int first = 1, vertices = 0;
    for (int v = 0; v < t->n_input; v++) {
        if (s->shape != SHAPE_ANY && t->var[v].type != T_INT) {
            shape_draw(s, r, 99, vertices, 1, out);
        } else if (t->var[v].type == T_LIST) {
            int n = between(r, s->len_lo > 2 ? s->len_lo : 2,
                            at_most(s->len_lo > 3 ? s->len_lo : 3, s->len_hi));
            for (int i = 0; i < n; i++, first = 0)
                text_addf(out, "%s%d", first ? "" : " ",
                          between(r, s->item_lo < -2 ? -2 : s->item_lo, at_most(s->item_hi, 6)));
        } else if (t->var[v].type == T_STR) {
            int n = between(r, 2, at_most(4, s->len_hi));
            for (int i = 0; i < n; i++)
                text_addn(out, &s->letters[rng_below(r, (int)strlen(s->letters))], 1);
        } else {
            int x = between(r, s->lo < -1 ? -1 : s->lo, at_most(s->hi, s->lo < 2 ? 5 : s->lo + 4));
            text_addf(out, "%s%d", first ? "" : " ", x);
            vertices = v ? vertices : x;
            first = 0;
        }
    }
}
