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

/* What differs is told in at most EXCERPT bytes of each side, whatever they are. */
static void check_excerpts(const limits_t *l)
{
    char *big = mem_new(1000);
    outcome_t o = {0};
    memset(big, 'x', 999);
    memcpy(big, "a \0\xff", 4);
    check(!judge(CHECK_TOKENS, l, big, 999, "a b", 3, &o) && o.first_difference == 1 &&
          o.n_got == EXCERPT && !memcmp(o.got, "\0\xffx", 3) && o.n_want == 1 &&
          o.want[0] == 'b');
    check(!judge(CHECK_EXACT, l, "abc", 3, "abcd", 4, &o) && o.first_difference == 3 &&
          o.n_got == 0 && o.n_want == 1 && o.want[0] == 'd');
    mem_free(big);
}

int main(int argc, char **argv)
{
    static const struct {
        check_t c;
        const char *got;
        size_t n_got;
        const char *want;
        size_t n_want;
        int right;
        int64_t where;
    } row[] = {
#define ROW(c, got, want, right, where)                                                  \
    {c, got, sizeof got - 1, want, sizeof want - 1, right, where}
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
    test_begin(&argc, &argv);
    limits_t l = limits_default();
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        outcome_t o = {0};
        int right = judge(row[i].c, &l, row[i].got, row[i].n_got, row[i].want,
                          row[i].n_want, &o);
        check(right == row[i].right && o.first_difference == row[i].where,
              "row %zu: %d at %lld", i, right, (long long)o.first_difference);
    }
    check_excerpts(&l);
    check_tolerances();
    const limits_t deck = {.cpu_ms = 1000, .wall_ms = 9000, .memory_kb = 5};
    const problem_t p = {.time_ms = 200};
    l = limits_problem(&p, &deck);
    check(l.cpu_ms == 200 && l.memory_kb == 5 && l.wall_ms == 9000);
    l = limits_fill((limits_t){.cpu_ms = 100}, &deck);
    check(l.wall_ms == 800);
    return test_end();
}
