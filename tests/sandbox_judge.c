// Outputs are compared as bytes, tokens or numbers, exactly as the checkers are described.
// RUN: np=1
#include "test.h"
#include "sandbox.h"

static int same(const char *a, const char *b, double absolute, double relative)
{
    outcome_t o;
    const limits_t l = {.compare = {.absolute = absolute, .relative = relative}};
    return judge(CHECK_FLOAT, &l, a, strlen(a), b, strlen(b), &o);
}

static void check_tolerances(void)
{
    check(same("1.4", "1", 0.5, -1) && !same("1.6", "1", 0.5, -1));
    check(same("140", "100", -1, 0.5) && !same("160", "100", -1, 0.5));
    check(!same("1.0000000001", "1", -1, -1) && same("1.0", "1", -1, -1));
    check(!same("nan", "1", 1e300, 1e300) && !same("1", "nan", 1e300, 1e300) &&
          !same("inf", "1", 1e300, 1e300) && !same("-inf", "inf", 1e300, 1e300));
    deck_t *d = deck_parse("t", "[sandbox]\nfloat_absolute = 0\n", 0, NULL);
    const limits_t own = {0}, deck = limits_read(d), l = limits_fill(own, &deck);
    check(l.compare.absolute < 0 && l.compare.relative == 1e-6);
    deck_free(d);
}

/* Every spelling agrees with every other of the same kind and with nothing else. */
static void check_infinite(void)
{
    static const char *const of[3][14] = {{"nan", "NaN", "NAN", "-nan", "+NaN", "nan(0x8000f)",
                                           "-nan(ind)", "nan()", "1.#QNAN", "-1.#IND00", NULL},
                                          {"inf", "Inf", "INF", "+inf", "Infinity", "+INFINITY",
                                           "1.#INF", "1.#INF00", "\xe2\x88\x9e", NULL},
                                          {"-inf", "-Inf", "-infinity", "-Infinity", "-1.#INF",
                                           "-\xe2\x88\x9e", NULL}};
    static const char *const none[] = {"0",
                                       "1e308",
                                       "-1e308",
                                       "1e400",
                                       "-1e400",
                                       "nan1",
                                       "xnan",
                                       "infinite",
                                       "in",
                                       "nan(",
                                       "nan)",
                                       "nan(a b)",
                                       "--inf",
                                       "1.#",
                                       "1.#INFX",
                                       "na",
                                       "\xe2\x88\x9e"
                                       "1"};
    for (int p = 0; p < 3; p++)
        for (int i = 0; of[p][i]; i++) {
            for (int q = 0; q < 3; q++)
                for (int j = 0; of[q][j]; j++)
                    check(same(of[p][i], of[q][j], 1e300, 1e300) == (p == q), "%s and %s", of[p][i],
                          of[q][j]);
            for (size_t j = 0; j < sizeof none / sizeof *none; j++)
                check(!same(of[p][i], none[j], 1e300, 1e300) &&
                          !same(none[j], of[p][i], 1e300, 1e300),
                      "%s and %s", of[p][i], none[j]);
        }
}

/* A number of many digits is one too. */
static void check_long(void)
{
    char *third = mem_new(3000), *large = mem_new(3000);
    memset(third, '3', 2000);
    memcpy(third, "0.", 2);
    memset(large, '0', 1000);
    large[0] = '1';
    check(same(third, "0.33333333333", 1e-6, -1) && !same(third, "0.3334", 1e-6, -1));
    check(same(large, "1e999", -1, 1e-9) && !same(large, "1.1e999", -1, 1e-9) &&
          !same("1e999", third, -1, 1e-9));
    mem_free(third);
    mem_free(large);
}

static int with(check_t c, compare_t how, const char *got, const char *want, int64_t *at)
{
    outcome_t o;
    const limits_t l = {.compare = how};
    int right = judge(c, &l, got, strlen(got), want, strlen(want), &o);
    *at = o.first_difference;
    return right;
}

static void check_options(void)
{
    static const struct {
        check_t c;
        int nocase, spaces;
        const char *got, *want;
        int right;
        int64_t at;
    } row[] = {
        {CHECK_TOKENS, 1, 0, "IMPOSSIBLE  3", "Impossible 3", 1, -1},
        {CHECK_TOKENS, 1, 0, "no", "yes", 0, 0},
        {CHECK_TOKENS, 1, 0, "[", "{", 0, 0},
        {CHECK_TOKENS, 1, 0, "@", "`", 0, 0},
        {CHECK_TOKENS, 1, 0, "\xc3\x84", "\xc3\xa4", 0, 0},
        {CHECK_LINES, 1, 0, "A b \nc\n\n", "a B\nC", 1, -1},
        {CHECK_LINES, 1, 0, "A  b", "a b", 0, 0},
        {CHECK_EXACT, 1, 0, "aBc\n", "AbC\n", 1, -1},
        {CHECK_EXACT, 1, 0, "aBc", "AbC\n", 0, 3},
        {CHECK_FLOAT, 1, 0, "AREA=2.50 Yes", "area=2.5 YES", 1, -1},
        {CHECK_FLOAT, 1, 0, "AREA=2.6", "area=2.5", 0, 0},
        {CHECK_FLOAT, 0, 0, "AREA=2.50", "area=2.5", 0, 0},
        {CHECK_TOKENS, 0, 1, "1 2\n", "1 2\n", 1, -1},
        {CHECK_TOKENS, 0, 1, "1  2\n", "1 2\n", 0, 1},
        {CHECK_TOKENS, 0, 1, "1 2", "1 2\n", 0, 2},
        {CHECK_TOKENS, 0, 1, "1 2\n\n", "1 2\n", 0, 2},
        {CHECK_TOKENS, 0, 1, " 1 2\n", "1 2\n", 0, 0},
        {CHECK_TOKENS, 0, 1, "1\t2\n", "1 2\n", 0, 1},
        {CHECK_TOKENS, 1, 1, "A b\n", "a B\n", 1, -1},
        {CHECK_FLOAT, 0, 1, "1.0 2\n", "1 2.0\n", 1, -1},
        {CHECK_FLOAT, 0, 1, "1.0\n2\n", "1 2.0\n", 0, 1},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int64_t at;
        int right = with(row[i].c, (compare_t){.nocase = row[i].nocase, .spaces = row[i].spaces},
                         row[i].got, row[i].want, &at);
        check(right == row[i].right && at == row[i].at, "row %zu: %d at %lld", i, right,
              (long long)at);
    }
    limits_t deck = limits_default();
    const problem_t p = {.time_ms = 100,
                         .compare = {.absolute = 0.25, .relative = -1, .nocase = 1}};
    limits_t l = limits_problem(&p, &deck);
    check(l.compare.absolute == 0.25 && l.compare.relative == -1 && l.compare.nocase &&
          !l.compare.spaces);
}

/* What differs is told in at most EXCERPT bytes of each side, whatever they are. */
static void check_excerpts(const limits_t *l)
{
    char *big = mem_new(1000);
    outcome_t o = {0};
    memset(big, 'x', 999);
    memcpy(big, "a \0\xff", 4);
    check(!judge(CHECK_TOKENS, l, big, 999, "a b", 3, &o) && o.first_difference == 1 &&
          o.n_got == EXCERPT && !memcmp(o.got, "\0\xffx", 3) && o.n_want == 1 && o.want[0] == 'b');
    check(!judge(CHECK_EXACT, l, "abc", 3, "abcd", 4, &o) && o.first_difference == 3 &&
          o.n_got == 0 && o.n_want == 1 && o.want[0] == 'd');
    mem_free(big);
}

static const struct {
    check_t c;
    const char *got;
    size_t n_got;
    const char *want;
    size_t n_want;
    int right;
    int64_t where;
} row[] = {
#define ROW(c, got, want, right, where)                             \
    {                                                               \
        c, got, sizeof got - 1, want, sizeof want - 1, right, where \
    }
    ROW(CHECK_TOKENS, " 1\t2\r\n3 ", "1 2\n3\n", 1, -1),
    ROW(CHECK_TOKENS, "1 2", "1 2 3", 0, 2),
    ROW(CHECK_TOKENS, "1 2 3", "1 2", 0, 2),
    ROW(CHECK_TOKENS, "12", "1 2", 0, 0),
    ROW(CHECK_TOKENS, "", " \n\v\f", 1, -1),
    ROW(CHECK_TOKENS, "1\0", "1", 0, 0),
    ROW(CHECK_TOKENS,
        "1\xc2\xa0"
        "2",
        "1 2", 0, 0),
    ROW(CHECK_TOKENS, "1.0", "1", 0, 0),
    ROW(CHECK_EXACT, "a\n", "a\n", 1, -1),
    ROW(CHECK_EXACT, "a", "a\n", 0, 1),
    ROW(CHECK_EXACT, "a\0b", "a\0c", 0, 2),
    ROW(CHECK_FLOAT, "1.0000001", "1", 1, -1),
    ROW(CHECK_FLOAT, "1.00001", "1", 0, 0),
    ROW(CHECK_FLOAT, "1000000.5", "1e6", 1, -1),
    ROW(CHECK_FLOAT, "nan", "1", 0, 0),
    ROW(CHECK_FLOAT, "1", "nan", 0, 0),
    ROW(CHECK_FLOAT, "nan", "nan", 1, -1),
    ROW(CHECK_FLOAT, "inf", "1e400", 0, 0),
    ROW(CHECK_FLOAT, "0x10", "16", 0, 0),
    ROW(CHECK_FLOAT, "1e", "1", 0, 0),
    ROW(CHECK_FLOAT, ".", "0", 0, 0),
    ROW(CHECK_FLOAT, "+.5 yes", "0.5 yes", 1, -1),
    ROW(CHECK_FLOAT, "0.5 no", "0.5 yes", 0, 1),
    ROW(CHECK_FLOAT, "1 2", "1", 0, 1),
    ROW(CHECK_FLOAT, "1000001", "1e6", 1, -1),
    ROW(CHECK_FLOAT, "1000001.1", "1e6", 0, 0),
    ROW(CHECK_FLOAT, "0.0000009", "0", 1, -1),
    ROW(CHECK_FLOAT, "1e-5", "0", 0, 0),
    ROW(CHECK_FLOAT, "-0", "0.0", 1, -1),
    ROW(CHECK_FLOAT, "1e999", "1e998", 0, 0),
    ROW(CHECK_FLOAT, "1e0 x", "1\0 x", 0, 0),
    ROW(CHECK_FLOAT, "1e+", "1", 0, 0),
    ROW(CHECK_FLOAT, "1,5", "1.5", 0, 0),
    ROW(CHECK_FLOAT, "1e400", "1E400", 1, -1),
    ROW(CHECK_FLOAT, "2.0000001e999", "2e999", 1, -1),
    ROW(CHECK_FLOAT, "2.001e999", "2e999", 0, 0),
    ROW(CHECK_FLOAT, "1_000", "1000", 0, 0),
    ROW(CHECK_FLOAT, "5.", "+5", 1, -1),
    ROW(CHECK_FLOAT, "7 0x1p3", "7 8", 0, 1),
    ROW(CHECK_FLOAT, "1e99999", "2e99999", 0, 0),
    ROW(CHECK_FLOAT, "1 nano", "1 nan", 0, 1),
    ROW(CHECK_FLOAT, "inf", "5", 0, 0),
    ROW(CHECK_FLOAT, "NaN1", "nan1", 0, 0),
    ROW(CHECK_FLOAT, "INFinite", "infinite", 0, 0),
    ROW(CHECK_FLOAT, "1e400", "inf", 0, 0),
    ROW(CHECK_FLOAT, "12.5", "[12.5", 0, 0),
    ROW(CHECK_FLOAT, "[0.50, 2.0, 3.25]", "[0.5, 2, 3.2500001]", 1, -1),
    ROW(CHECK_FLOAT, "[0.5, 2.1, 3]", "[0.5, 2, 3]", 0, 1),
    ROW(CHECK_FLOAT, "(2,3.5000001)", "(2,3.5)", 1, -1),
    ROW(CHECK_FLOAT, "(2;3.5)", "(2,3.5)", 0, 0),
    ROW(CHECK_FLOAT, "x=0.3000000001", "x=0.30", 1, -1),
    ROW(CHECK_FLOAT, "y=0.3", "x=0.30", 0, 0),
    ROW(CHECK_FLOAT, "x=0.3", "x=0.31", 0, 0),
    ROW(CHECK_FLOAT, "{\"a\":-1.5,\"b\":nan}", "{\"a\":-1.50,\"b\":NaN}", 1, -1),
    ROW(CHECK_FLOAT, "[nan,1]", "[1,nan]", 0, 0),
    ROW(CHECK_FLOAT, "(1.5+2.0000001j)", "(1.5+2j)", 1, -1),
    ROW(CHECK_FLOAT, "(1.5+2.1j)", "(1.5+2j)", 0, 0),
    ROW(CHECK_FLOAT, "(1.5-2j)", "(1.5+2j)", 0, 0),
    ROW(CHECK_FLOAT, "v2.0", "v2", 0, 0),
    ROW(CHECK_FLOAT, "1.2.30", "1.2.3", 0, 0),
    ROW(CHECK_FLOAT, "[0x10]", "[16]", 0, 0),
    ROW(CHECK_FLOAT, "3-2.0", "3-2", 1, -1),
    ROW(CHECK_FLOAT, "3--2", "3-2", 0, 0),
    ROW(CHECK_FLOAT, "12.50%", "12.5%", 1, -1),
    ROW(CHECK_FLOAT, "[1,2", "[1,2]", 0, 0),
    ROW(CHECK_FLOAT, "[1,2]", "[1,2", 0, 0),
    ROW(CHECK_FLOAT, "Yes 1.0", "yes 1", 0, 0),
    ROW(CHECK_LINES, "a b\nc\n", "a b\nc", 1, -1),
    ROW(CHECK_LINES, "a b \t\r\nc  \n\n \n", "a b\nc", 1, -1),
    ROW(CHECK_LINES, "a  b\n", "a b\n", 0, 0),
    ROW(CHECK_LINES, " a\n", "a\n", 0, 0),
    ROW(CHECK_LINES, "a\n\nb", "a\nb", 0, 1),
    ROW(CHECK_LINES, "a\n\nb", "a\n \nb\n", 1, -1),
    ROW(CHECK_LINES, "\n\n", "", 1, -1),
    ROW(CHECK_LINES, "", "a", 0, 0),
    ROW(CHECK_LINES, "a\nb\nc", "a\nb", 0, 2),
    ROW(CHECK_LINES, "a\0\n", "a\n", 0, 0),
    ROW(CHECK_LINES, "\xff\nx", "\xff\ny", 0, 1),
};

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    limits_t l = limits_default();
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        outcome_t o = {0};
        int right = judge(row[i].c, &l, row[i].got, row[i].n_got, row[i].want, row[i].n_want, &o);
        check(right == row[i].right && o.first_difference == row[i].where, "row %zu: %d at %lld", i,
              right, (long long)o.first_difference);
    }
    check_excerpts(&l);
    check_tolerances();
    check_infinite();
    check_long();
    check_options();
    const limits_t deck = {.cpu_ms = 1000, .wall_ms = 9000, .memory_kb = 5};
    const problem_t p = {.time_ms = 200};
    l = limits_problem(&p, &deck);
    check(l.cpu_ms == 200 && l.memory_kb == 5 && l.wall_ms == 9000);
    l = limits_fill((limits_t){.cpu_ms = 100}, &deck);
    check(l.wall_ms == 800);
    return test_end();
}
