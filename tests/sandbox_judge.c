// Outputs are compared as bytes, tokens or numbers, exactly as the checkers are described.
// RUN: np=1
#include "test.h"
#include "sandbox.h"

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
    };
    test_begin(&argc, &argv);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int64_t where;
        int right =
            judge(row[i].c, row[i].got, row[i].n_got, row[i].want, row[i].n_want, &where);
        check(right == row[i].right && where == row[i].where, "row %zu: %d at %lld", i,
              right, (long long)where);
    }
    const limits_t deck = {.cpu_ms = 1000, .wall_ms = 9000, .memory_kb = 5};
    const problem_t p = {.time_ms = 200};
    limits_t l = limits_problem(&p, &deck);
    check(l.cpu_ms == 200 && l.memory_kb == 5 && l.wall_ms == 9000);
    l = limits_fill((limits_t){.cpu_ms = 100}, &deck);
    check(l.wall_ms == 800);
    return test_end();
}
