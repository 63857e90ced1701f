// No problem asks for nothing.  Parts without an effect are found, kind by kind, and none where
// there is none; over 6,000 to 60,000 problems of each family and level none prints what it read or always
// the same, and more than 1e5 different ones stay at every level.
// RUN: np=2
// TIMEOUT: 400
#include "distinct.h"
#include "test.h"
#include "testbed/ast.h"

enum { TESTS = 6 };

/* One kind of problem: what makes it, and why it will not do. */
typedef struct {
    const char *what, *why;
    void (*make)(sketch_t *s);
} kind_t_;

static int over_list(sketch_t *s, int *x)
{
    int a = ast_input(&s->ast, "a", T_LIST);
    *x = ast_var(&s->ast, "x", T_INT);
    s->len_lo = 1, s->len_hi = 7, s->item_lo = -4, s->item_hi = 9;
    return a;
}

static int over_string(sketch_t *s, int *x)
{
    int a = ast_input(&s->ast, "s", T_STR);
    *x = ast_var(&s->ast, "x", T_CHAR);
    snprintf(s->letters, sizeof s->letters, "abc");
    s->len_lo = 0, s->len_hi = 8;
    return a;
}

/* for x in a: if cond: put yes; else: no.  Prints what was put. */
static void filter_list(sketch_t *s, int a, int x, int cond, int e, int other)
{
    ast_t *t = &s->ast;
    int out = ast_var(t, "t", t->var[a].type);
    int no = other ? ast_put(t, out, other) : 0;
    t->body = ast_set(t, out, ast_node(t, N_EMPTY, 0, 0, 0));
    ast_chain(t, t->body, ast_each(t, x, a, ast_if(t, cond, ast_put(t, out, e), no)));
    ast_chain(t, t->body, ast_print(t, ast_use(t, out)));
}

static void replace(sketch_t *s, int from, int to)
{
    int x, a = over_string(s, &x);
    ast_t *t = &s->ast;
    filter_list(s, a, x, ast_cmp(t, OP_EQ, ast_use(t, x), ast_char(t, from)), ast_char(t, to),
                ast_use(t, x));
}

static void b_to_b(sketch_t *s)
{
    replace(s, 'b', 'b');
}
static void b_to_c(sketch_t *s)
{
    replace(s, 'b', 'c');
}
static void missing_letter(sketch_t *s)
{
    replace(s, 'e', 'a');
}

static void others_to_b(sketch_t *s)
{
    int x, a = over_string(s, &x);
    ast_t *t = &s->ast;
    filter_list(s, a, x, ast_cmp(t, OP_NE, ast_use(t, x), ast_char(t, 'b')), ast_char(t, 'b'),
                ast_use(t, x));
}

static void all_to_b(sketch_t *s) /* what others_to_b means, said as it is */
{
    int x, a = over_string(s, &x);
    filter_list(s, a, x, 0, ast_char(&s->ast, 'b'), 0);
}

static void above(sketch_t *s, int border, int absolute)
{
    int x, a = over_list(s, &x);
    ast_t *t = &s->ast;
    int e = absolute ? ast_node(t, N_CALL, OP_ABS, ast_use(t, x), 0) : ast_use(t, x);
    filter_list(s, a, x, ast_cmp(t, OP_GT, ast_use(t, x), ast_int(t, border)), e, 0);
}

static void above_3(sketch_t *s)
{
    above(s, 3, 0);
}
static void always_above(sketch_t *s)
{
    above(s, -5, 0);
}
static void never_above(sketch_t *s)
{
    above(s, 9, 0);
}
static void no_sign_to_drop(sketch_t *s)
{
    above(s, 0, 1);
}
static void sign_to_drop(sketch_t *s)
{
    above(s, -3, 1);
}

static void times(sketch_t *s, int k, int more)
{
    int x, a = over_list(s, &x);
    ast_t *t = &s->ast;
    int e = ast_bin(t, OP_MUL, ast_use(t, x), ast_int(t, k));
    filter_list(s, a, x, 0, ast_bin(t, OP_ADD, e, ast_int(t, more)), 0);
}

static void times_1(sketch_t *s)
{
    times(s, 1, 2);
}
static void times_0(sketch_t *s)
{
    times(s, 0, 2);
}
static void times_2_plus_0(sketch_t *s)
{
    times(s, 2, 0);
}
static void times_2(sketch_t *s)
{
    times(s, 2, 3);
}

/* sorted `many` times, then the numbers, or 3 times the first */
static void sorted(sketch_t *s, int many, int whole)
{
    ast_t *t = &s->ast;
    int x, a = over_list(s, &x);
    for (int i = 0; i < many; i++) {
        int sort = ast_node(t, N_SORT, OP_LT, 0, 0);
        t->node[sort].value = a;
        t->body = ast_chain(t, t->body, sort);
    }
    int first = ast_node(t, N_INDEX, 0, ast_use(t, a), ast_int(t, 0));
    int e = whole ? ast_use(t, a) : ast_bin(t, OP_MUL, first, ast_int(t, 3));
    t->body = ast_chain(t, t->body, ast_print(t, e));
}

static void sort_once(sketch_t *s)
{
    sorted(s, 1, 0);
}
static void sort_twice(sketch_t *s)
{
    sorted(s, 2, 0);
}
static void sort_not(sketch_t *s)
{
    sorted(s, 0, 1);
}

/* s = start; for i in range(from, to): s += i; print(s + n) */
static void loop(sketch_t *s, int from, int to)
{
    ast_t *t = &s->ast;
    int n = ast_input(t, "n", T_INT), sum = ast_var(t, "s", T_INT), i = ast_var(t, "i", T_INT);
    s->lo = 0, s->hi = 12;
    t->result = -1;
    int end = to < 0 ? ast_bin(t, OP_ADD, ast_use(t, n), ast_int(t, 1)) : ast_int(t, to);
    t->body = ast_set(t, sum, ast_int(t, 4));
    ast_chain(t, t->body,
              ast_range(t, i, ast_int(t, from), end, ast_step(t, sum, OP_ADD, ast_use(t, i))));
    ast_chain(t, t->body, ast_print(t, ast_bin(t, OP_ADD, ast_use(t, sum), ast_use(t, n))));
}

static void empty_range(sketch_t *s)
{
    loop(s, 5, 3);
}
static void real_range(sketch_t *s)
{
    loop(s, 1, -1);
}

static void print_of(sketch_t *s, int (*e)(ast_t *t, int a, int b))
{
    int a = ast_input(&s->ast, "a", T_INT), b = ast_input(&s->ast, "b", T_INT);
    s->lo = -3, s->hi = 9;
    s->ast.body = ast_print(&s->ast, e(&s->ast, a, b));
}

static int there_and_back(ast_t *t, int a, int b)
{
    return ast_bin(t, OP_SUB, ast_bin(t, OP_ADD, ast_use(t, a), ast_use(t, b)), ast_use(t, b));
}
static int bounded(ast_t *t, int a, int b)
{
    (void)b;
    return ast_node(t, N_CALL, OP_MAX, ast_use(t, a), ast_int(t, 9));
}
static int difference(ast_t *t, int a, int b)
{
    return ast_bin(t, OP_SUB, ast_use(t, a), ast_use(t, b));
}
static int back_again(ast_t *t, int a, int b)
{
    return ast_bin(t, OP_MUL, there_and_back(t, a, b), ast_int(t, 3));
}
static int same_either_way(ast_t *t, int a, int b)
{
    int n = ast_node(t, N_PICK, 0, ast_bin(t, OP_MUL, ast_use(t, a), ast_use(t, b)),
                     ast_bin(t, OP_MUL, ast_use(t, b), ast_use(t, a)));
    t->node[n].c = (int16_t)ast_cmp(t, OP_LT, ast_use(t, a), ast_use(t, b));
    return n;
}
static int either(ast_t *t, int a, int b)
{
    int n = ast_node(t, N_PICK, 0, ast_bin(t, OP_ADD, ast_use(t, a), ast_use(t, b)),
                     ast_bin(t, OP_MUL, ast_use(t, b), ast_use(t, a)));
    t->node[n].c = (int16_t)ast_cmp(t, OP_LT, ast_use(t, a), ast_use(t, b));
    return n;
}

static void a_back(sketch_t *s)
{
    print_of(s, there_and_back);
}
static void a_back_times(sketch_t *s)
{
    print_of(s, back_again);
}
static void nine(sketch_t *s)
{
    print_of(s, bounded);
}
static void a_minus_b(sketch_t *s)
{
    print_of(s, difference);
}
static void one_of_one(sketch_t *s)
{
    print_of(s, same_either_way);
}
static void one_of_two(sketch_t *s)
{
    print_of(s, either);
}

/* d = [1] * (n + 1); d[where] = 5; d[n] += 2; print d[0] + 3 * d[n] */
static void stored(sketch_t *s, int first)
{
    ast_t *t = &s->ast;
    int n = ast_input(t, "n", T_INT), d = ast_var(t, "d", T_LIST);
    s->lo = 2, s->hi = 40;
    int many = ast_bin(t, OP_ADD, ast_use(t, n), ast_int(t, 1));
    int more = ast_bin(t, OP_ADD, ast_at(t, d, ast_use(t, n)), ast_use(t, n));
    int all = ast_bin(t, OP_MUL, ast_at(t, d, ast_use(t, n)), ast_at(t, d, ast_int(t, 0)));
    t->body = BLOCK(t, ast_fill(t, d, ast_int(t, 1), many),
                    ast_store(t, d, ast_int(t, first ? 0 : 1), ast_int(t, 5)),
                    ast_store(t, d, ast_use(t, n), more), ast_print(t, all));
}

static void item_read(sketch_t *s)
{
    stored(s, 1);
}
static void item_never_read(sketch_t *s)
{
    stored(s, 0);
}

/* a without its last item, its first one, and the length */
static void popped(sketch_t *s, int shows)
{
    ast_t *t = &s->ast;
    int x, a = over_list(s, &x);
    s->len_lo = 2;
    int first = ast_bin(t, OP_MUL, ast_at(t, a, ast_int(t, 0)), ast_int(t, 3));
    t->body = BLOCK(t, ast_pop(t, a), ast_print(t, first));
    if (shows)
        ast_chain(t, t->body, ast_print(t, ast_len(t, a)));
}

static void pop_shows(sketch_t *s)
{
    popped(s, 1);
}
static void pop_hidden(sketch_t *s)
{
    popped(s, 0);
}

/* f(k): below 1: 2; k == extra: 7; else f(k - 1) * 2 + k */
static void called(sketch_t *s, int extra, int from)
{
    ast_t *t = &s->ast;
    int n = ast_input(t, "n", T_INT), k = ast_function(t, "f", "k", NULL);
    s->lo = from, s->hi = 12;
    int low =
        ast_if(t, ast_cmp(t, OP_LT, ast_use(t, k), ast_int(t, 1)), ast_return(t, ast_int(t, 2)), 0);
    int other = ast_if(t, ast_cmp(t, OP_EQ, ast_use(t, k), ast_int(t, extra)),
                       ast_return(t, ast_int(t, 7)), 0);
    int again = ast_apply(t, ast_bin(t, OP_SUB, ast_use(t, k), ast_int(t, 1)), 0);
    int e = ast_bin(t, OP_ADD, ast_bin(t, OP_MUL, again, ast_int(t, 2)), ast_use(t, k));
    t->fn.body = BLOCK(t, low, other, ast_return(t, e));
    t->body = ast_print(t, ast_apply(t, ast_use(t, n), 0));
}

static void call(sketch_t *s)
{
    called(s, 4, 0);
}
static void case_never_met(sketch_t *s)
{
    called(s, -3, 0);
}
static void call_never_made(sketch_t *s)
{
    called(s, 30, 13);
    s->hi = 25;
    s->ast.body =
        ast_print(&s->ast, ast_bin(&s->ast, OP_MUL, ast_use(&s->ast, 0), ast_int(&s->ast, 2)));
}

static const kind_t_ kinds[] = {
    {"b becomes b", "identity", b_to_b},
    {"b becomes c", NULL, b_to_c},
    {"a letter that never comes", "identity", missing_letter},
    {"every other letter becomes b", "idle", others_to_b},
    {"every letter becomes b", NULL, all_to_b},
    {"above 3", NULL, above_3},
    {"a filter that always holds", "identity", always_above},
    {"a filter that never holds", "constant", never_above},
    {"the sign of positive numbers", "idle", no_sign_to_drop},
    {"the sign of numbers", NULL, sign_to_drop},
    {"times 1", "idle", times_1},
    {"times 0", "idle", times_0},
    {"plus 0", "idle", times_2_plus_0},
    {"times 2", NULL, times_2},
    {"sorted", NULL, sort_once},
    {"sorted twice", "idle", sort_twice},
    {"the list", "identity", sort_not},
    {"an empty range", "idle", empty_range},
    {"a range", NULL, real_range},
    {"a plus b minus b", "identity", a_back},
    {"three times that", "idle", a_back_times},
    {"at least the largest", "constant", nine},
    {"a minus b", NULL, a_minus_b},
    {"a choice between the same", "idle", one_of_one},
    {"a choice", NULL, one_of_two},
    {"an item stored and read", NULL, item_read},
    {"an item stored and never read", "idle", item_never_read},
    {"a last item taken off", NULL, pop_shows},
    {"a last item that was not looked at", "idle", pop_hidden},
    {"a function that calls itself", NULL, call},
    {"a case that is never met", "idle", case_never_met},
    {"a function that is not called", "idle", call_never_made},
};

static void by_kind(void)
{
    sketch_t *s = ALLOC(sketch_t, 1);
    text_t input[MAX_TESTS] = {0}, output[MAX_TESTS] = {0};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (int seed = 0; seed < 20; seed++) {
            rng_t r = rng_make((uint64_t)seed, RNG_TEST, 3, k);
            memset(s, 0, sizeof *s);
            ast_begin(&s->ast);
            kinds[k].make(s);
            const char *why = draw_tests(s, &r, TESTS, input, output), *want = kinds[k].why;
            check(!why == !want && (!why || !strcmp(why, want)), "%s: %s, not %s", kinds[k].what,
                  why ? why : "nothing", want ? want : "nothing");
        }
    for (int i = 0; i < MAX_TESTS; i++)
        text_reset(&input[i]), text_reset(&output[i]);
    mem_free(s);
}

/* The same output everywhere, or everywhere one of the inputs: decided on words, not as idle.c
   does it. */
static int nothing(const ast_t *t, const text_t *input, const text_t *output)
{
    int constant = 1, whole = 1, word[3] = {1, 1, 1};
    for (int i = 0; i < TESTS; i++) {
        char a[3][16] = {"", "", ""}, y[16] = "", more[4] = "";
        int n = sscanf(input[i].s, "%15s %15s %15s", a[0], a[1], a[2]);
        int one = sscanf(output[i].s, "%15s %3s", y, more) == 1;
        constant &= !strcmp(output[i].s, output[0].s);
        whole &= !strcmp(input[i].s, output[i].s);
        for (int k = 0; k < 3; k++)
            word[k] &= k < n && one && !strcmp(a[k], y) && t->var[k].type == T_INT;
    }
    return constant || whole || word[0] || word[1] || word[2];
}

/* How many training problems of `tries` are different statements: other tests for the same words
   do not count as another problem. */
static int many(int f, int level, int tries, int *meanings)
{
    int n = 0, bad = 0;
    uint64_t *h = ALLOC(uint64_t, tries), *m = ALLOC(uint64_t, tries);
    sketch_t *s = ALLOC(sketch_t, 1);
    text_t input[MAX_TESTS] = {0}, output[MAX_TESTS] = {0}, core = {0};
    for (int i = 0; i < tries;) {
        rng_t r = rng_make(7, RNG_TEST, (uint64_t)i, (uint64_t)(f * 3 + level));
        for (const char *why = ""; why;) {
            text_reset(&s->statement);
            memset(s, 0, sizeof *s);
            ast_begin(&s->ast);
            families[f].draw(s, &r, level);
            why = draw_tests(s, &r, TESTS, input, output);
        }
        i++;
        if (nothing(&s->ast, input, output) && bad++ < 3)
            check(0, "%s, level %d: %s", families[f].name, level, s->statement.s);
        text_clear(&core);
        core_text(&s->ast, &core);
        if (draw_split(families[f].name, core.s) == SUITE_TRAIN) {
            m[n] = hash_bytes(core.s, core.len).lo;
            h[n++] = hash_bytes(s->statement.s, s->statement.len).lo;
        }
    }
    for (int i = 0; i < MAX_TESTS; i++)
        text_reset(&input[i]), text_reset(&output[i]);
    text_reset(&s->statement), text_reset(&core);
    int u = distinct(h, n);
    *meanings = distinct(m, n);
    mem_free(h), mem_free(m), mem_free(s);
    return u;
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    group_t *world = comm_world();
    if (group_rank(world) == 0)
        by_kind();
    for (int level = 0; level < 3; level++) {
        double all[2] = {0, 0};
        for (int f = 0; f < n_families; f++) {
            if (f % group_size(world) != group_rank(world))
                continue;
            int want = families[f].statements[level], meanings;
            int tries = f >= OLDER_FAMILIES ? 6000 : level ? 20000 : 60000;
            int u = many(f, level, tries, &meanings);
            all[0] += u, all[1] += meanings;
            check(u > 0.35 * (want < tries ? want : tries), "level %d: %s %d of %d", level,
                  families[f].name, u, want);
            if (getenv("VERBOSE"))
                printf("level %d %-10s %d statements, %d meanings to train on\n", level,
                       families[f].name, u, meanings);
        }
        comm_sum_f64(world, all, 2);
        check(all[0] >= 100000, "level %d: %g different training statements", level, all[0]);
        if (getenv("VERBOSE") && group_rank(world) == 0)
            printf("level %d: %g statements, %g meanings\n", level, all[0], all[1]);
    }
    return test_end();
}
