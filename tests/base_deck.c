// A deck's values are default < file < override; what is written is a valid deck again; bad input names file:line and the nearest key.
// RUN: np=1
#include "test.h"

static void parse(void *text)
{
    char *over[] = { "run.seed=7" };
    deck_free(deck_parse("x.in", text, 1, over));
}

static void override_bad(void *text)
{
    char *over[] = { text };
    deck_free(deck_parse("x.in", "", 1, over));
}

int main(int argc, char **argv)
{
    test_fails(CODE_USAGE, parse, "[run]\nseeds = 3\n", "x.in:2: unknown key run.seeds; did you mean run.seed");
    test_fails(CODE_USAGE, parse, "[run]\n\nsteps = many\n", "x.in:3: run.steps = many: expected an integer");
    test_fails(CODE_USAGE, parse, "[run]\nsteps = 1.5\n", "expected an integer");
    test_fails(CODE_USAGE, parse, "[run]\nkeep = 0\n", "x.in:2: run.keep = 0: out of range, expected 1 to");
    test_fails(CODE_USAGE, parse, "[run]\nresume = maybe\n", "expected yes or no");
    test_fails(CODE_USAGE, parse, "[layout]\nbackend = gpu\n", "expected one of cpu|strict");
    test_fails(CODE_USAGE, parse, "seed = 3\n", "before any [section]");
    test_fails(CODE_USAGE, parse, "[run]\nseed = 3\nseed = 4\n", "x.in:3: key run.seed is given twice");
    test_fails(CODE_USAGE, parse, "[run]\nnonsense\n", "x.in:2: expected [section]");
    test_fails(CODE_USAGE, override_bad, "run.seed", "expected section.key=value");
    test_fails(CODE_USAGE, override_bad, "run.sede=3", "did you mean run.seed");

    test_begin(&argc, &argv);
    char *over[] = { "run.steps=12", "run.dir=a=b" };
    deck_t *d = deck_parse("input/some.in", "# head\n [run]\nsteps = 5 # comment\n seed=1e6\n\n", 2, over);
    check(!strcmp(deck_name(d), "some"));
    check(deck_int(d, "run.steps") == 12 && deck_int(d, "run.seed") == 1000000);
    check(!strcmp(deck_text(d, "run.dir"), "a=b") && deck_is_set(d, "run.dir"));
    check(!deck_is_set(d, "run.keep") && deck_int(d, "run.keep") == 2);

    text_t t = {0}, u = {0};
    deck_write(d, &t);
    deck_t *e = deck_parse("again", t.s, 0, NULL);
    deck_write(e, &u);
    check(!strcmp(t.s, u.s));
    check(!deck_differs(d, e));
    deck_set(e, "run.steps", "99");
    check(!deck_differs(d, e), "run length may change on resume");
    deck_set(e, "run.seed", "2");
    check(deck_differs(d, e) && !strcmp(deck_differs(d, e), "run.seed"));

    text_clear(&t);
    deck_reference(&t);
    deck_free(deck_parse("reference", t.s, 0, NULL));
    text_clear(&u);
    text_read_file(&u, "input/REFERENCE.in");
    check(!strcmp(t.s, u.s), "input/REFERENCE.in is not what the table says: aletheia help reference > input/REFERENCE.in");
    text_reset(&t);
    text_reset(&u);
    deck_free(d);
    deck_free(e);
    return test_end();
}
