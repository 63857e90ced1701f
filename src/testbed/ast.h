/* Inside floor 6: the small imperative language in which all problems are written. */
#pragma once
#include "testbed.h"

enum { AST_NODES = 320, AST_VARS = 12, AST_ITEMS = 64 };

typedef enum { T_INT, T_CHAR, T_LIST, T_STR } type_t;

typedef enum {
    N_NONE,
    /* expressions */
    N_INT,
    N_CHAR,
    N_VAR, /* value; value; value = variable */
    N_BIN,
    N_CMP,
    N_BOOL,   /* op, a, b */
    N_CALL,   /* op, a, b (b 0 for one argument) */
    N_INDEX,  /* a = variable node, b = index */
    N_PICK,   /* a if c else b */
    N_EMPTY,  /* empty list or string */
    N_GATHER, /* op SUM | ANY_LIST of a, for x = value in list b, if c: Python only */
    /* statements, chained by next */
    N_SET,   /* value = variable, a; style 1: x += y */
    N_PUT,   /* append a to variable `value` */
    N_EACH,  /* for value in variable node a: b */
    N_RANGE, /* for value from a to c (excluded): b */
    N_WHILE, /* while a: b */
    N_IF,    /* if a: b else: c */
    N_SORT,  /* variable value; op OP_LT up, OP_GT down */
    N_PRINT, /* a */
    /* an expression: the program's function of a (and b) */
    N_APPLY,
    /* what stands only on the right of N_SET: a list of b times a */
    N_FILL,
    /* statements */
    N_STORE, /* item b of list `value` becomes a */
    N_POP,   /* the last item of `value` goes: of an empty list it fails, of an empty string not */
    N_RETURN /* a: only in the function */
} kind_t;

typedef enum {
    OP_ADD,
    OP_SUB,
    OP_MUL,
    OP_DIV,
    OP_MOD,
    OP_LT,
    OP_LE,
    OP_GT,
    OP_GE,
    OP_EQ,
    OP_NE,
    OP_AND,
    OP_OR,
    OP_MIN,
    OP_MAX,
    OP_ABS,
    OP_NEG,
    OP_LEN,
    OP_SUM,
    OP_TOP,
    OP_LOW,
    OP_LIST
} op_t;

typedef struct {
    uint8_t kind, op, style;
    int16_t a, b, c, next;
    int32_t value;
} node_t;

typedef struct {
    node_t node[AST_NODES];
    int n_node; /* node 0 is "none" */
    struct {
        char name[8];
        type_t type;
    } var[AST_VARS];
    /* the first n_input variables are read: integers, then at most one list; or one string */
    int n_var, n_input;
    int body;   /* first statement */
    int result; /* the variable that is usually printed, or -1 */
    /* One function: variables first .. first+own are its own, the first n_param of them its one
       or two integer parameters; it may read inputs, changes nothing, and has no N_EACH.  body 0:
       none */
    struct {
        char name[8];
        int body, first, n_param, own;
    } fn;
    /* 1: a program of several loops, lists or functions: its core names all variables, and it is
       changed by every mutation, with regard to where variables have values */
    int rich;
} ast_t;

typedef struct { /* one value of each variable */
    long num[AST_VARS];
    int n[AST_VARS];
    int item[AST_VARS][AST_ITEMS];
} state_t;

/* What a list or string must be like to be an input at all, or to be worth one. */
typedef enum {
    SHAPE_ANY,
    SHAPE_SORTED,    /* ascending */
    SHAPE_MIRROR,    /* often the same from both ends */
    SHAPE_EDGES,     /* pairs of vertices 0..n-1, where n is the first integer */
    SHAPE_NEXT,      /* each item is an index of the list */
    SHAPE_BRACKETS,  /* of the pairs in `letters`, often balanced */
    SHAPE_POSTFIX,   /* operands >= 0, and operators -1..item_lo each behind what it takes */
    SHAPE_INTERVALS, /* start, end, start, end, ...; by start, start <= end */
    SHAPES
} shape_t;

/* A problem before its tests are drawn: what a family makes. */
typedef struct {
    ast_t ast;
    text_t statement;
    int lo, hi;           /* integer inputs */
    int len_lo, len_hi;   /* list or string */
    int item_lo, item_hi; /* list elements */
    char letters[16];     /* alphabet of the string */
    shape_t shape;        /* of the list or string */
} sketch_t;

typedef void (*family_draw_t)(sketch_t *s, rng_t *r, int level);
typedef struct {
    const char *name;
    family_draw_t draw;
    int statements[3];
    const char *what;
} family_t;
#define FAMILY(name, n0, n1, n2, what) void family_##name(sketch_t *s, rng_t *r, int level);
#include "families.def"
#undef FAMILY
extern const family_t families[];
extern const int n_families;
/* The first families: what was drawn and written of them stays as it was, to the letter. */
enum { OLDER_FAMILIES = 12 };

/* ast.c */
void ast_begin(ast_t *t);
int ast_var(ast_t *t, const char *name, type_t type);
int ast_input(ast_t *t, const char *name, type_t type); /* before any ast_var */
int ast_node(ast_t *t, kind_t k, int op, int a, int b);
int ast_int(ast_t *t, int v);
int ast_char(ast_t *t, int c);
int ast_use(ast_t *t, int var);
int ast_bin(ast_t *t, op_t op, int a, int b);
int ast_cmp(ast_t *t, op_t op, int a, int b);
int ast_set(ast_t *t, int var, int e);
int ast_step(ast_t *t, int var, op_t op, int e); /* var = var op e, or min/max(var, e) */
int ast_put(ast_t *t, int var, int e);
int ast_each(ast_t *t, int var, int list, int body);
int ast_range(ast_t *t, int var, int from, int to, int body);
int ast_if(ast_t *t, int cond, int then, int other); /* cond 0: just `then` */
int ast_print(ast_t *t, int e);
/* first; then: returns first (or then if first is 0) */
int ast_chain(ast_t *t, int first, int then);
int ast_copy(ast_t *t, int e);              /* a deep copy of an expression */
int ast_loop_var(const ast_t *t, int var);  /* is a loop's own variable */
int ast_same(const ast_t *t, int a, int b); /* expressions written alike */
/* is a variable of the function */
int ast_own(const ast_t *t, int var);
/* The rest is for rich programs. */
int ast_at(ast_t *t, int list, int index);
int ast_len(ast_t *t, int list);
int ast_last(ast_t *t, int list); /* its last item */
int ast_and(ast_t *t, int a, int b);
int ast_while(ast_t *t, int cond, int body);
int ast_empty(ast_t *t, int var); /* var = [] */
int ast_fill(ast_t *t, int var, int item, int count);
int ast_store(ast_t *t, int var, int index, int e);
int ast_pop(ast_t *t, int var);
/* Begins the function: its parameters are the next variables; b NULL: one.  Returns the first. */
int ast_function(ast_t *t, const char *name, const char *a, const char *b);
int ast_apply(ast_t *t, int a, int b); /* b 0: one argument */
int ast_return(ast_t *t, int e);
/* Statements in their order; 0: none. */
int ast_list(ast_t *t, const int *s, int n);
#define BLOCK(t, ...) \
    ast_list(t, (const int[]){__VA_ARGS__}, (int)(sizeof((const int[]){__VA_ARGS__}) / sizeof(int)))

/* interp.c, interp_eval.c: runs it; 0, or 1 when it failed (index, division), or 2 where it took
   too many steps, calls in calls or items, or came to too large numbers.  walk: states in words;
   out: what is printed. */
int interp_run(const ast_t *t, const char *input, text_t *out, text_t *walk);

/* core.c, emit_python.c, emit_c.c */
void core_text(const ast_t *t, text_t *out);
/* one operation or condition, with a leading space */
void core_operation(const ast_t *t, int e, text_t *out);
void emit_python(const ast_t *t, text_t *out);
void emit_c(const ast_t *t, text_t *out);
void emit_c_helpers(const ast_t *t, text_t *out); /* emit_c_helper.c */
int emit_rank(const ast_t *t, int e);             /* binding strength of an expression */
/* 1: n sets a variable to the last item of a list, and its next statement takes that off */
int emit_taken(const ast_t *t, const node_t *n);
/* n stores an item plus or minus something: that; else 0 */
int emit_change(const ast_t *t, const node_t *n);
extern const char *const op_text[];

/* mutate_weak.c, mutate_strong.c: changes what the program does (most likely); the name of the
   change, or NULL if none applied.  The last one tries only the strong change of that name. */
const char *mutate_weak(ast_t *t, rng_t *r);
const char *mutate_strong(ast_t *t, rng_t *r);
const char *mutate_named(ast_t *t, rng_t *r, const char *name);
/* mutate_some.c: the same, grossly wrong on some of the inputs that s describes */
const char *mutate_some(ast_t *t, rng_t *r, const sketch_t *s);

/* rewrite.c: another way to write the same; each rewriting is tried with probability p. */
void rewrite_program(ast_t *t, rng_t *r, double p, lang_t lang);

/* phrase.c */
const char *phrase_pick(rng_t *r, int n, const char *const *of);
#define PICK(r, ...)                                                              \
    phrase_pick(r, (int)(sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *)), \
                (const char *[]){__VA_ARGS__})
/* condition; "even numbers" */
int phrase_filter(ast_t *t, rng_t *r, int var, int level, text_t *np);
/* expression; ", each squared"; "square each" */
int phrase_map(ast_t *t, rng_t *r, int var, int level, text_t *suffix, text_t *verb);
/* e, 3 * e, e + 4 and so on, to be printed; "3 times ", "4 plus ": what stands before its name */
int phrase_print(ast_t *t, rng_t *r, int e, int level, text_t *before);
const char *phrase_order(op_t cmp, rng_t *r); /* "greater than" */
op_t phrase_compare(rng_t *r);                /* < <= > >= */

/* candidates.c */
enum { MUTANTS = 48, HARD_MUTANTS = 1000, MAX_TESTS = 64 };
typedef struct {
    ast_t ast;
    text_t core;
    char origin[64];
    int passes, chosen;
} mutant_t;
/* Mutants in m[MUTANTS] that fail a test, with predicted passes; how many. */
int mutants_draw(const ast_t *ref, const char *core, rng_t *r, int strong, int n_test,
                 const text_t *input, const text_t *output, mutant_t *m);
/* Up to `want` weak ones, all chosen, that pass 0.7 to 0.9 of the tests, of rates of which there are
   few: used[passes], which are counted on. */
int mutants_hard(const sketch_t *s, const char *core, rng_t *r, int want, int n_test,
                 const text_t *input, const text_t *output, int *used, mutant_t *m);
/* Marks up to `want` of them. */
void mutants_choose(mutant_t *m, int n, int want, int n_test);
/* The input to work through by hand, appended to best; nothing where each fails. */
void example_choose(const sketch_t *s, rng_t *r, const mutant_t *m, int n, text_t *best);

/* idle.c: NULL, or why the problem of reference t is not worth asking ("constant", "identity":
   on the n tests; "idle": a part of it has no effect on the first `shown` >= n inputs) */
const char *idle_why(const ast_t *t, int n, int shown, const text_t *input, const text_t *output);

/* draw.c: n test inputs, and the reference's outputs on them; NULL, or why the problem will not do.
   input[MAX_TESTS], output[MAX_TESTS]: the caller's, cleared or not; more than n may be filled. */
const char *draw_tests(const sketch_t *s, rng_t *r, int n, text_t *input, text_t *output);
/* What problem i of the range means (never 0), as draw_distinct would draw it; makes no
   programs. */
uint64_t draw_meaning(const draw_t *d, int i, meanings_t *seen);

/* meanings.c: what was drawn before, by keys that are not 0 */
int meanings_hold(const meanings_t *m, uint64_t key);
void meanings_add(meanings_t *m, uint64_t key);

/* inputs.c, inputs_shape.c */
/* The list or string of a shaped input; n: the first integer before it.  small: to work by hand. */
void shape_draw(const sketch_t *s, rng_t *r, int i, int n, int small, text_t *out);
/* test input i: the first ones are edge cases */
void inputs_draw(const sketch_t *s, rng_t *r, int i, text_t *out);
void inputs_small(const sketch_t *s, rng_t *r, text_t *out); /* an input to work through by hand */
