/* Family graph: small graphs, as pairs of vertices or as a list of where each place leads.

   degree   points that edges give to their ends
   label    vertices that are joined take the same label
   cost     the cheapest way from vertex 0 to each other one
   visit    places that lead to each other, until one is met again
   jump     n jumps around a circle */
#include "testbed/ast.h"

typedef struct {
    int n, e, d, i, u, v, s;
    text_t one, two, before;
} graph_t;

/* for i in range(len(e) // 2): u, v = the ends of edge i; body */
static int each_edge(ast_t *t, const graph_t *g, int body)
{
    int first = ast_bin(t, OP_MUL, ast_int(t, 2), ast_use(t, g->i));
    int second = ast_bin(t, OP_ADD, ast_copy(t, first), ast_int(t, 1));
    int ends = BLOCK(t, ast_set(t, g->u, ast_at(t, g->e, first)),
                     ast_set(t, g->v, ast_at(t, g->e, second)), body);
    int many = ast_bin(t, OP_DIV, ast_len(t, g->e), ast_int(t, 2));
    return ast_range(t, g->i, ast_int(t, 0), many, ends);
}

static void begin(sketch_t *k, graph_t *g)
{
    ast_t *t = &k->ast;
    g->n = ast_input(t, "n", T_INT), g->e = ast_input(t, "e", T_LIST);
    g->d = ast_var(t, "d", T_LIST), g->i = ast_var(t, "i", T_INT), g->u = ast_var(t, "u", T_INT);
    g->v = ast_var(t, "v", T_INT), g->s = ast_var(t, "s", T_INT);
    k->shape = SHAPE_EDGES;
    k->lo = 2, k->hi = 6, k->len_lo = 0, k->len_hi = 7;
    text_add(&k->statement, "Vertices are 0 to n - 1, edges u v. ");
}

static int item(ast_t *t, const graph_t *g, int index)
{
    return ast_at(t, g->d, ast_use(t, index));
}

/* for i in range(n): if d[i] cmp c: s += ...; said as "the number of vertices with at most c" */
static int gather(ast_t *t, const graph_t *g, int test, int what)
{
    int e = what == 0   ? ast_int(t, 1)
            : what == 1 ? ast_use(t, g->i)
            : what == 2 ? item(t, g, g->i)
                        : ast_bin(t, OP_MUL, item(t, g, g->i), item(t, g, g->i));
    return ast_range(t, g->i, ast_int(t, 0), ast_use(t, g->n),
                     ast_if(t, test, ast_step(t, g->s, OP_ADD, e), 0));
}

static const char *const gathered[] = {"the number of vertices", "the sum of the vertices",
                                       "the sum of all", "the sum of the squares of all"};

static int points(rng_t *r, int level)
{
    int k = rng_below(r, level ? 9 : 4) - (level ? 3 : 0);
    return k >= 0 ? k + 1 : k;
}

static int add_points(ast_t *t, const graph_t *g, int vertex, int k)
{
    int e = ast_bin(t, k < 0 ? OP_SUB : OP_ADD, item(t, g, vertex), ast_int(t, k < 0 ? -k : k));
    return ast_store(t, g->d, ast_use(t, vertex), e);
}

static void degree(sketch_t *k, rng_t *r, int level, graph_t *g)
{
    ast_t *t = &k->ast;
    begin(k, g);
    int one = points(r, level), both = rng_below(r, 3), two = both ? points(r, level) : 0;
    int start = level ? rng_below(r, 4) : 0, ranks = rng_below(r, 3) == 0, loop, end;
    int edge = add_points(t, g, g->u, one);
    if (two)
        edge = ast_chain(t, edge, add_points(t, g, g->v, two));
    loop = each_edge(t, g, edge);
    text_addf(&k->statement, PICK(r, "Each vertex starts with %d points; ", "All begin at %d; "),
              start);
    text_addf(&k->statement, "an edge gives u %d", one);
    if (two)
        text_addf(&k->statement, " and v %d", two);
    int first = BLOCK(t, ast_fill(t, g->d, ast_int(t, start), ast_use(t, g->n)), loop);
    if (ranks) { /* who has most, or least */
        int up = rng_below(r, 2), last = rng_below(r, 2);
        op_t cmp = (op_t)((up ? OP_GT : OP_LT) + (last ? 1 : 0));
        int test = ast_cmp(t, cmp, item(t, g, g->i), item(t, g, g->s));
        end = ast_range(t, g->i, ast_int(t, 1), ast_use(t, g->n),
                        ast_if(t, test, ast_set(t, g->s, ast_use(t, g->i)), 0));
        int out = phrase_print(t, r, item(t, g, g->s), level, &g->before);
        end = BLOCK(t, ast_set(t, g->s, ast_int(t, 0)), end, ast_print(t, ast_use(t, g->s)),
                    ast_print(t, out));
        text_addf(&k->statement, ". Print the vertex with %s, the %s if equal, then %sits points.",
                  up ? PICK(r, "most points", "the most points")
                     : PICK(r, "least points", "the fewest points"),
                  last ? "last" : "first", g->before.s);
    } else {
        int what = rng_below(r, 4), c = start + rng_below(r, 6);
        op_t cmp = phrase_compare(r);
        int test = ast_cmp(t, cmp, item(t, g, g->i), ast_int(t, c));
        end = gather(t, g, test, what);
        int out = phrase_print(t, r, ast_use(t, g->s), level, &g->before);
        end = BLOCK(t, ast_set(t, g->s, ast_int(t, 0)), end, ast_print(t, out));
        text_addf(&k->statement, ". Print %s%s%s %s %d.", g->before.s, gathered[what],
                  what < 2 ? " whose points are" : " points", phrase_order(cmp, r), c);
    }
    t->body = ast_chain(t, first, end);
}

/* What joining two labels does to s. */
static int joined(ast_t *t, rng_t *r, const graph_t *g, int level, text_t *say)
{
    int k = 1 + rng_below(r, level ? 9 : 4);
    switch (rng_below(r, level ? 5 : 2)) {
    case 0:
        text_addf(say, "add %d", k);
        return ast_step(t, g->s, OP_ADD, ast_int(t, k));
    case 1:
        text_addf(say, "subtract %d", k);
        return ast_step(t, g->s, OP_SUB, ast_int(t, k));
    case 2:
        text_add(say, "add u");
        return ast_step(t, g->s, OP_ADD, ast_use(t, g->u));
    case 3:
        text_addf(say, "add v times %d", k);
        return ast_step(t, g->s, OP_ADD, ast_bin(t, OP_MUL, ast_use(t, g->v), ast_int(t, k)));
    default:
        text_add(say, "add the edge's index");
        return ast_step(t, g->s, OP_ADD, ast_use(t, g->i));
    }
}

static void label(sketch_t *k, rng_t *r, int level, graph_t *g)
{
    ast_t *t = &k->ast;
    begin(k, g);
    int j = ast_var(t, "j", T_INT), x = ast_var(t, "x", T_INT), what = rng_below(r, 3);
    int start = rng_below(r, 6), back = rng_below(r, 2), from = back ? g->v : g->u;
    int to = back ? g->u : g->v, by = level > 1 ? rng_below(r, 4) : 0;
    op_t cmp = rng_below(r, 2) && level ? (op_t)(OP_LT + 2 * rng_below(r, 2)) : OP_NE;
    int name = ast_use(t, g->i);
    if (by)
        name = ast_bin(t, OP_ADD, ast_bin(t, OP_MUL, name, ast_int(t, 2)), ast_int(t, by));
    int act = joined(t, r, g, level, &g->one);
    int own = ast_cmp(t, OP_EQ, item(t, g, j), ast_use(t, x));
    int take = ast_store(t, g->d, ast_use(t, j), item(t, g, from));
    int all = ast_range(t, j, ast_int(t, 0), ast_use(t, g->n), ast_if(t, own, take, 0));
    int edge = ast_if(t, ast_cmp(t, cmp, item(t, g, g->u), item(t, g, g->v)),
                      BLOCK(t, act, ast_set(t, x, item(t, g, to)), all), 0);
    int loop = each_edge(t, g, edge), end = 0;
    if (what) { /* labels count, not only joins */
        int e = what == 1 ? item(t, g, g->i) : ast_int(t, 1 + rng_below(r, 3));
        int w = what == 2 ? t->node[e].value : 0;
        int test =
            what == 2 ? ast_cmp(t, OP_EQ, item(t, g, g->i), ast_at(t, g->d, ast_int(t, 0))) : 0;
        end = ast_range(t, g->i, ast_int(t, 0), ast_use(t, g->n),
                        ast_if(t, test, ast_step(t, g->s, OP_ADD, e), 0));
        if (what == 1)
            text_add(&g->two, "Then add all labels. ");
        else
            text_addf(&g->two, "Then add %d for each vertex with the label of 0. ", w);
    }
    int out = phrase_print(t, r, ast_use(t, g->s), level ? level - 1 : 0, &g->before);
    t->body = BLOCK(t, ast_set(t, g->s, ast_int(t, start)), ast_empty(t, g->d),
                    ast_range(t, g->i, ast_int(t, 0), ast_use(t, g->n), ast_put(t, g->d, name)),
                    loop, end, ast_print(t, out));
    text_addf(&k->statement, by ? "Vertex i has label 2i + %d. " : "Labels are the numbers. ", by);
    text_addf(&k->statement,
              "From %d: in turn, if u's label %s v's, %s and all with %s label take %s. ", start,
              cmp == OP_NE   ? "differs from"
              : cmp == OP_LT ? "is less than"
                             : "is greater than",
              g->one.s, back ? "u's" : "v's", back ? "v's" : "u's");
    text_addf(&k->statement, "%sPrint %sthe result.", g->two.s ? g->two.s : "", g->before.s);
}

/* d[to] = min(d[to], d[from] + w) */
static int relax(ast_t *t, const graph_t *g, int to, int from, int w)
{
    int way = ast_bin(t, OP_ADD, item(t, g, from), ast_int(t, w));
    return ast_store(t, g->d, ast_use(t, to), ast_node(t, N_CALL, OP_MIN, item(t, g, to), way));
}

static void cost(sketch_t *k, rng_t *r, int level, graph_t *g)
{
    ast_t *t = &k->ast;
    begin(k, g);
    int j = ast_var(t, "j", T_INT), w = 1 + rng_below(r, level ? 9 : 4);
    int back = level > 0 && rng_below(r, 2) ? 1 + rng_below(r, 9) : 0;
    int what = rng_below(r, 3), c = w * (1 + rng_below(r, 3)), bounded = level > 0 || what < 2;
    int start = level > 1 ? rng_below(r, 4) : 0;
    op_t cmp = bounded ? phrase_compare(r) : OP_LT;
    int edge = relax(t, g, g->v, g->u, w);
    if (back)
        edge = ast_chain(t, edge, relax(t, g, g->u, g->v, back));
    int rounds = ast_range(t, j, ast_int(t, 0), ast_use(t, g->n), each_edge(t, g, edge));
    int test = ast_cmp(t, cmp, item(t, g, g->i), ast_int(t, bounded ? c : 99));
    if (bounded && cmp >= OP_GT)
        test = ast_and(t, ast_cmp(t, OP_LT, item(t, g, g->i), ast_int(t, 99)), test);
    int end = gather(t, g, test, what);
    int out = phrase_print(t, r, ast_use(t, g->s), level, &g->before);
    t->body = BLOCK(t, ast_fill(t, g->d, ast_int(t, 99), ast_use(t, g->n)),
                    ast_store(t, g->d, ast_int(t, 0), ast_int(t, start)), rounds,
                    ast_set(t, g->s, ast_int(t, 0)), end, ast_print(t, out));
    text_addf(&k->statement, PICK(r, "Starting in 0 costs %d, ", "Whoever starts in 0 pays %d; "),
              start);
    text_addf(&k->statement,
              PICK(r, "an edge from u to v costs %d", "walking from u to v costs %d"), w);
    if (back)
        text_addf(&k->statement, " and %d backwards", back);
    text_addf(&k->statement, ". Print %s%s", g->before.s,
              what == 0   ? "the number of vertices within reach"
              : what == 1 ? "the sum of the vertices within reach"
                          : "the sum of the least costs of those within reach");
    if (bounded)
        text_addf(&k->statement, what < 2 ? " whose least cost is %s %d" : " if %s %d",
                  phrase_order(cmp, r), c);
    text_add(&k->statement, ".");
}

/* What a place i gives to s. */
static int place(ast_t *t, rng_t *r, const graph_t *g, int level, text_t *say)
{
    int k = 1 + rng_below(r, level ? 9 : 5);
    switch (rng_below(r, level ? 5 : 3)) {
    case 0:
        text_addf(say, "add %d", k);
        return ast_step(t, g->s, OP_ADD, ast_int(t, k));
    case 1:
        text_add(say, "add the place");
        return ast_step(t, g->s, OP_ADD, ast_use(t, g->i));
    case 2:
        text_addf(say, "add the place times %d", k + 1);
        return ast_step(t, g->s, OP_ADD, ast_bin(t, OP_MUL, ast_use(t, g->i), ast_int(t, k + 1)));
    case 3:
        text_addf(say, "subtract %d", k);
        return ast_step(t, g->s, OP_SUB, ast_int(t, k));
    default:
        text_addf(say, "double s and add %d", k);
        return ast_set(t, g->s,
                       ast_bin(t, OP_ADD, ast_bin(t, OP_MUL, ast_use(t, g->s), ast_int(t, 2)),
                               ast_int(t, k)));
    }
}

/* By a condition on the place or on where it leads. */
static int choice(ast_t *t, rng_t *r, graph_t *g, int level, text_t *say)
{
    int yes = place(t, r, g, level, &g->one), no = 0, on_next = rng_below(r, 2), cond;
    if (!level && rng_below(r, 2)) {
        text_add(say, g->one.s);
        return yes;
    }
    if (level)
        no = place(t, r, g, level, &g->two);
    int x = on_next ? ast_at(t, g->e, ast_use(t, g->i)) : ast_use(t, g->i), kind = rng_below(r, 3);
    op_t cmp = phrase_compare(r);
    const char *name = on_next ? "its number" : "the place";
    if (kind == 0) {
        int odd = rng_below(r, 2);
        cond = ast_cmp(t, OP_EQ, ast_bin(t, OP_MOD, x, ast_int(t, 2)), ast_int(t, odd));
        text_addf(say, "if %s is %s", name, odd ? "odd" : "even");
    } else if (kind == 1 && on_next) {
        cond = ast_cmp(t, cmp, x, ast_use(t, g->i));
        text_addf(say, "if its number is %s the place", phrase_order(cmp, r));
    } else {
        int c = 1 + rng_below(r, 4);
        cond = ast_cmp(t, cmp, x, ast_int(t, c));
        text_addf(say, "if %s is %s %d", name, phrase_order(cmp, r), c);
    }
    text_addf(say, " %s", g->one.s);
    if (no)
        text_addf(say, ", else %s", g->two.s);
    return ast_if(t, cond, yes, no);
}

static void visit(sketch_t *k, rng_t *r, int level, graph_t *g)
{
    ast_t *t = &k->ast;
    g->e = ast_input(t, "a", T_LIST), g->d = ast_var(t, "d", T_LIST);
    g->i = ast_var(t, "i", T_INT), g->s = ast_var(t, "s", T_INT);
    k->shape = SHAPE_NEXT, k->len_lo = 1, k->len_hi = 7;
    int start = rng_below(r, 6), ends = rng_below(r, 2);
    text_t say = {0};
    int act = choice(t, r, g, level, &say);
    int body = BLOCK(t, ast_store(t, g->d, ast_use(t, g->i), ast_int(t, 1)), act,
                     ast_set(t, g->i, ast_at(t, g->e, ast_use(t, g->i))));
    int fresh = ast_cmp(t, OP_EQ, item(t, g, g->i), ast_int(t, 0));
    int out = phrase_print(t, r, ast_use(t, g->s), level, &g->before);
    t->body = BLOCK(t, ast_fill(t, g->d, ast_int(t, 0), ast_len(t, g->e)),
                    ast_set(t, g->i, ast_int(t, 0)), ast_set(t, g->s, ast_int(t, start)),
                    ast_while(t, fresh, body), ends ? ast_print(t, ast_use(t, g->i)) : 0,
                    ast_print(t, out));
    text_addf(
        &k->statement,
        PICK(r, "Each number is the next place. From place 0 go on until one comes again. ",
             "Follow the numbers of the list as places, from 0 up to the first one seen again. "),
        0);
    text_addf(&k->statement, "At each place %s; s is at first %d. Print %s%ss.", say.s, start,
              ends ? "the repeated place, then " : "", g->before.s);
    text_reset(&say);
}

static void jump(sketch_t *k, rng_t *r, int level, graph_t *g)
{
    ast_t *t = &k->ast;
    g->n = ast_input(t, "n", T_INT), g->e = ast_input(t, "a", T_LIST);
    g->i = ast_var(t, "i", T_INT), g->s = ast_var(t, "s", T_INT);
    int j = ast_var(t, "j", T_INT), start = rng_below(r, 6), more = level ? rng_below(r, 3) : 0;
    k->shape = SHAPE_NEXT, k->len_lo = 1, k->len_hi = 7, k->lo = 0, k->hi = 9;
    text_t say = {0};
    int act = choice(t, r, g, level, &say), ahead = ast_at(t, g->e, ast_use(t, g->i));
    if (more)
        ahead = ast_bin(t, OP_ADD, ahead, ast_int(t, more));
    int to = ast_bin(t, OP_MOD, ast_bin(t, OP_ADD, ast_use(t, g->i), ahead), ast_len(t, g->e));
    int out = phrase_print(t, r, ast_use(t, g->s), level, &g->before);
    t->body =
        BLOCK(t, ast_set(t, g->i, ast_int(t, 0)), ast_set(t, g->s, ast_int(t, start)),
              ast_range(t, j, ast_int(t, 0), ast_use(t, g->n), BLOCK(t, act, ast_set(t, g->i, to))),
              ast_print(t, out));
    text_addf(
        &k->statement,
        PICK(r,
             "The list is a circle; from place 0 jump n times, each time ahead by the number "
             "there",
             "Walk around the list as a ring: n times go on from your place, at first 0, by its "
             "number"),
        0);
    if (more)
        text_addf(&k->statement, " plus %d", more);
    text_addf(&k->statement, ". Before each, %s; s is at first %d. Print %ss.", say.s, start,
              g->before.s);
    text_reset(&say);
}

void family_graph(sketch_t *k, rng_t *r, int level)
{
    static void (*const kinds[])(sketch_t *, rng_t *, int, graph_t *) = {degree, label, cost, visit,
                                                                         jump};
    graph_t g = {.n = -1};
    k->ast.rich = 1;
    kinds[rng_below(r, 5)](k, r, level, &g);
    text_reset(&g.one), text_reset(&g.two), text_reset(&g.before);
}
