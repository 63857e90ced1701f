// Statements ask for what references print: tests/words.py reads the words of drawn problems, computes
// what they ask for in the plainest way, and compares.
// RUN: np=1
#include "test.h"
#include "testbed/ast.h"
#include <unistd.h>

enum { PROBLEMS = 600, TESTS = 10 };

static void problem(text_t *o, int f, int i)
{
    static sketch_t s;
    static text_t input[MAX_TESTS], output[MAX_TESTS];
    rng_t r = rng_make(77, RNG_TEST, (uint64_t)i, (uint64_t)f);
    do {
        text_reset(&s.statement);
        memset(&s, 0, sizeof s);
        ast_begin(&s.ast);
        families[f].draw(&s, &r, i % 3);
    } while (draw_tests(&s, &r, TESTS, input, output));
    text_addf(o, "S %s\n", s.statement.s);
    for (int k = 0; k < TESTS; k++) {
        for (char *p = output[k].s; *p; p++)
            *p = *p == '\n' ? ' ' : *p;
        text_addf(o, "T %.*s|%s\n", (int)strcspn(input[k].s, "\n"), input[k].s, output[k].s);
    }
    for (int k = 0; k < MAX_TESTS; k++)
        text_reset(&input[k]), text_reset(&output[k]);
    text_reset(&s.statement);
}

int main(int argc, char **argv)
{
    char path[] = "/tmp/aletheia-test-XXXXXX";
    const char *top = getenv("TOP");
    text_t o = {0}, command = {0};
    test_begin(&argc, &argv);
    if (system("python3 -c pass > /dev/null 2>&1"))
        test_skip("python3 is not installed");
    for (int f = OLDER_FAMILIES; f < n_families; f++)
        for (int i = 0; i < PROBLEMS; i++)
            problem(&o, f, i);
    int fd = mkstemp(path);
    check(fd >= 0 && write(fd, o.s, o.len) == (ssize_t)o.len);
    close(fd);
    text_addf(&command, "python3 %s/tests/words.py < %s", top ? top : ".", path);
    check(system(command.s) == 0, "see above");
    unlink(path);
    text_reset(&o), text_reset(&command);
    return test_end();
}
