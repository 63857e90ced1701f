// The words for comparing outputs: what each means, together and against each other.
// RUN: np=1
#include "test.h"
#include "io.h"

static void check_good(void)
{
    static const struct {
        const char *words;
        check_t kind;
        int nocase, spaces;
        double absolute, relative;
    } row[] = {
        {"", CHECK_TOKENS, 0, 0, 0, 0},
        {" , ", CHECK_TOKENS, 0, 0, 0, 0},
        {"tokens", CHECK_TOKENS, 0, 0, 0, 0},
        {"exact", CHECK_EXACT, 0, 0, 0, 0},
        {"lines", CHECK_LINES, 0, 0, 0, 0},
        {"float", CHECK_FLOAT, 0, 0, 0, 0},
        {"floats", CHECK_FLOAT, 0, 0, 0, 0},
        {"nocase", CHECK_TOKENS, 1, 0, 0, 0},
        {"tokens nocase", CHECK_TOKENS, 1, 0, 0, 0},
        {"nocase,lines", CHECK_LINES, 1, 0, 0, 0},
        {"floats, nocase", CHECK_FLOAT, 1, 0, 0, 0},
        {"exact nocase", CHECK_EXACT, 1, 0, 0, 0},
        {"tokens case_sensitive", CHECK_TOKENS, 0, 0, 0, 0},
        {"tokens space_change_sensitive", CHECK_TOKENS, 0, 1, 0, 0},
        {"floats float_tolerance=1e-3", CHECK_FLOAT, 0, 0, 1e-3, 1e-3},
        {"tokens float_tolerance=1e-3 nocase", CHECK_FLOAT, 1, 0, 1e-3, 1e-3},
        {"case_sensitive", CHECK_TOKENS, 0, 0, 0, 0},
        {"space_change_sensitive", CHECK_TOKENS, 1, 1, 0, 0},
        {"case_sensitive space_change_sensitive", CHECK_TOKENS, 0, 1, 0, 0},
        {"float_tolerance 2e-4", CHECK_FLOAT, 1, 0, 2e-4, 2e-4},
        {"float_tolerance=2e-4 case_sensitive", CHECK_FLOAT, 0, 0, 2e-4, 2e-4},
        {"float_tolerance = 2e-4,case_sensitive", CHECK_FLOAT, 0, 0, 2e-4, 2e-4},
        {"float_absolute_tolerance 0.5", CHECK_FLOAT, 1, 0, 0.5, -1},
        {"float_relative_tolerance 0.25", CHECK_FLOAT, 1, 0, -1, 0.25},
        {"float_relative_tolerance 0.25 float_absolute_tolerance 3", CHECK_FLOAT, 1, 0, 3, 0.25},
        {"float_tolerance 0", CHECK_FLOAT, 1, 0, -1, -1},
        {"tokens tokens", CHECK_TOKENS, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        check_t kind = CHECK_SPECIAL;
        compare_t how = {9, 9, 9, 9};
        text_t why = {0};
        int bad = check_parse(row[i].words, &kind, &how, &why);
        check(!bad && kind == row[i].kind && how.nocase == row[i].nocase &&
                  how.spaces == row[i].spaces && how.absolute == row[i].absolute &&
                  how.relative == row[i].relative,
              "`%s`: %s, %s nocase %d spaces %d %g %g", row[i].words, why.s ? why.s : "",
              check_names[kind], how.nocase, how.spaces, how.absolute, how.relative);
        text_reset(&why);
    }
}

static void check_bad(void)
{
    static const struct {
        const char *words, *said;
    } row[] = {
        {"token", "no checker `token`; known: tokens, exact, lines, floats, nocase"},
        {"tokens upper", "no checker `upper`"},
        {"Tokens", "no checker `Tokens`"},
        {"special", "no checker `special`"},
        {"kattis", "no checker `kattis`"},
        {"nocase=yes", "no checker `nocase=yes`"},
        {"floats=1e-3", "no checker `floats=1e-3`"},
        {"=", "no checker `=`"},
        {"tokens exact", "tokens and exact at once"},
        {"floats lines", "float and lines at once"},
        {"nocase case_sensitive", "nocase and case_sensitive at once"},
        {"exact float_tolerance=1", "exact knows no tolerance"},
        {"lines float_relative_tolerance=1", "lines knows no tolerance"},
        {"lines space_change_sensitive", "space_change_sensitive goes with"},
        {"float_tolerance", "float_tolerance: expected a number of 0 or more after it"},
        {"float_tolerance=", "expected a number"},
        {"float_tolerance=-1", "expected a number"},
        {"float_tolerance=nan", "expected a number"},
        {"float_tolerance=inf", "expected a number"},
        {"float_tolerance=0x1", "expected a number"},
        {"float_tolerance=1e-6x", "expected a number"},
        {"float_tolerance case_sensitive", "expected a number"},
        {"float_absolute_tolerance == 1", "float_absolute_tolerance: expected a number"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        check_t kind;
        compare_t how;
        text_t why = {0};
        int bad = check_parse(row[i].words, &kind, &how, &why);
        check(bad == 1 && why.s && strstr(why.s, row[i].said), "`%s`: %d, %s", row[i].words, bad,
              why.s ? why.s : "");
        text_reset(&why);
    }
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    check_good();
    check_bad();
    return test_end();
}
