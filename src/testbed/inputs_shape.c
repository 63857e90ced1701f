/* Inputs that must have a shape: sorted lists, edges of a graph, brackets, postfix, intervals.

   As everywhere the first inputs are edge cases, each shape's own: nothing at all, one item, all
   alike; no edge, a path, a star; only opening brackets, only closing ones; one operand; intervals
   that are equal, that touch, that lie in each other.  Random ones follow.  What a shape promises
   (testbed/ast.h) holds for every input, so a reference never meets anything else.

   With `small` the same, but short enough to be worked through by hand. */
#include "testbed/ast.h"
#include <string.h>

enum { EMPTY, ONE, ALIKE, CHAIN, NEST, RANDOM };

typedef struct {
    int x[AST_ITEMS], n;
} items_t;

static int between(rng_t *r, int lo, int hi)
{
    return hi <= lo ? lo : lo + rng_below(r, hi - lo + 1);
}

static int least(int a, int b)
{
    return a < b ? a : b;
}

static void put(items_t *o, int x)
{
    if (o->n < AST_ITEMS)
        o->x[o->n++] = x;
}

/* How many items or pairs. */
static int size(const sketch_t *s, rng_t *r, int kind, int small)
{
    int lo = s->len_lo, hi = s->len_hi;
    if (small)
        return between(r, lo > 2 ? lo : 2, least(lo > 3 ? lo : 3, hi));
    return kind == EMPTY ? lo : kind == ONE ? least(lo > 1 ? lo : 1, hi) : between(r, lo + 1, hi);
}

static void ascending(const sketch_t *s, rng_t *r, int kind, int n, items_t *o)
{
    int x = between(r, s->item_lo, s->item_hi);
    for (int i = 0; i < n; i++) {
        if (kind == CHAIN)
            x = least(s->item_lo + i, s->item_hi);
        else if (kind == NEST)
            x = i % 2 ? s->item_hi : s->item_lo;
        else if (kind != ALIKE)
            x = between(r, s->item_lo, s->item_hi);
        put(o, x);
        for (int j = o->n - 1; j > 0 && o->x[j] < o->x[j - 1]; j--) {
            int y = o->x[j];
            o->x[j] = o->x[j - 1], o->x[j - 1] = y;
        }
    }
}

static void mirrored(rng_t *r, int kind, int n, int lo, int hi, items_t *o)
{
    for (int i = 0; i < n; i++) {
        int twin = n - 1 - i, same = kind == CHAIN || (kind != NEST && rng_below(r, 2));
        int x = kind == ALIKE && i ? o->x[0] : between(r, lo, hi);
        put(o, twin < i && same ? o->x[twin] : x);
    }
}

/* m pairs of vertices 0..n-1 */
static void edges(rng_t *r, int kind, int m, int n, items_t *o)
{
    for (int i = 0; i < m && n > 0; i++) {
        int u = rng_below(r, n), v = rng_below(r, n);
        if (u == v && n > 1)
            v = (v + 1 + rng_below(r, n - 1)) % n;
        if (kind == ALIKE)
            u = 0, v = n - 1;
        if (kind == CHAIN && i < n - 1)
            u = i, v = i + 1;
        if (kind == NEST && i < n - 1)
            u = 0, v = i + 1;
        put(o, u), put(o, v);
    }
}

static void next_items(rng_t *r, int kind, int n, items_t *o)
{
    for (int i = 0; i < n; i++)
        put(o, kind == ALIKE   ? 0
               : kind == CHAIN ? (i + 1) % n
               : kind == NEST  ? least(i + 1, n - 1)
                               : rng_below(r, n));
}

/* A balanced text of n pairs, of the pairs that stand in `letters`. */
static void balanced(const sketch_t *s, rng_t *r, int kind, int n, items_t *o)
{
    int pairs = (int)strlen(s->letters) / 2, stack[AST_ITEMS], depth = 0, opened = 0;
    while (opened < n || depth > 0) {
        int open = opened < n && (depth == 0 || kind == NEST || (kind != ALIKE && rng_below(r, 2)));
        if (open) {
            stack[depth] = kind == ALIKE ? 0 : rng_below(r, pairs);
            put(o, s->letters[2 * stack[depth++]]);
            opened++;
        } else {
            put(o, s->letters[2 * stack[--depth] + 1]);
        }
    }
}

static void brackets(const sketch_t *s, rng_t *r, int kind, int n, items_t *o)
{
    int pairs = (int)strlen(s->letters) / 2;
    if (kind == CHAIN) { /* one side only */
        int side = rng_below(r, 2);
        for (int i = 0; i < n; i++)
            put(o, s->letters[2 * rng_below(r, pairs) + side]);
        return;
    }
    balanced(s, r, kind, kind == EMPTY ? n / 2 : (n + 1) / 2, o);
    for (int c = kind == RANDOM && o->n ? rng_below(r, 4) : 0; c > 0 && o->n; c--) {
        int at = rng_below(r, o->n), last = o->n - 1, drop = rng_below(r, 3) == 0;
        if (drop)
            memmove(&o->x[at], &o->x[at + 1], (size_t)(last - at) * sizeof(int)), o->n--;
        else
            o->x[at] = s->letters[rng_below(r, 2 * pairs)];
    }
}

/* n operands, in each of the orders that operators allow */
static void postfix(const sketch_t *s, rng_t *r, int kind, int n, items_t *o)
{
    int depth = 0, given = 0;
    while (given < n || depth > 1) {
        int take = depth > 1 && (given == n || kind == CHAIN || (kind != NEST && rng_below(r, 2)));
        if (take)
            put(o, -1 - rng_below(r, -s->item_lo)), depth--;
        else
            put(o, kind == ALIKE ? s->item_hi : rng_below(r, s->item_hi + 1)), depth++, given++;
    }
}

static void intervals(const sketch_t *s, rng_t *r, int kind, int n, items_t *o)
{
    int lo = s->item_lo, hi = s->item_hi, at = lo, end = hi;
    int u = between(r, lo, hi - 2), v = between(r, u, hi);
    for (int i = 0; i < n; i++) {
        if (kind == CHAIN) { /* each begins where the last one ends */
            u = at, at = v = least(at + 1 + rng_below(r, 3), hi);
        } else if (kind == NEST) {
            u = at, v = end;
            at = least(at + rng_below(r, 3), hi), end = end - rng_below(r, 3);
            end = end < at ? at : end;
        } else if (kind != ALIKE) {
            u = between(r, lo, hi), v = least(u + rng_below(r, (hi - lo) / 2 + 1), hi);
        }
        int j = o->n;
        put(o, u), put(o, v);
        for (; j >= 2 && o->x[j] < o->x[j - 2]; j -= 2)
            for (int k = 0; k < 2; k++) {
                int y = o->x[j + k];
                o->x[j + k] = o->x[j + k - 2], o->x[j + k - 2] = y;
            }
    }
}

void shape_draw(const sketch_t *s, rng_t *r, int i, int n, int small, text_t *out)
{
    items_t o = {.n = 0};
    int kind = i < RANDOM ? i : RANDOM, many = size(s, r, kind, small);
    const int is_text = s->ast.var[s->ast.n_input - 1].type == T_STR;
    switch (s->shape) {
    case SHAPE_SORTED:
        ascending(s, r, kind, many, &o);
        break;
    case SHAPE_MIRROR:
        mirrored(r, kind, many, is_text ? 0 : s->item_lo,
                 is_text ? (int)strlen(s->letters) - 1 : s->item_hi, &o);
        for (int j = 0; j < o.n && is_text; j++)
            o.x[j] = s->letters[o.x[j]];
        break;
    case SHAPE_EDGES:
        edges(r, kind, many, n, &o);
        break;
    case SHAPE_NEXT:
        next_items(r, kind, many, &o);
        break;
    case SHAPE_BRACKETS:
        brackets(s, r, kind, small ? many + 1 : many, &o);
        break;
    case SHAPE_POSTFIX:
        postfix(s, r, kind, many, &o);
        break;
    default:
        intervals(s, r, kind, many, &o);
    }
    for (int j = 0; j < o.n; j++)
        if (is_text)
            text_addf(out, "%c", (char)o.x[j]);
        else
            text_addf(out, "%s%d", out->len ? " " : "", o.x[j]);
}
