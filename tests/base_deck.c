// A deck's values are default < file < override; what is written is a valid deck again; bad input
// names file:line and the nearest key.
// RUN: np=1
#include "test.h"

static void parse(void *text)
{
    char *over[] = {"run.seed=7"};
    deck_free(deck_parse("x.in", text, 1, over));
}

static void override_bad(void *text)
{
    char *over[] = {text};
    deck_free(deck_parse("x.in", "", 1, over));
}

static void open_path(void *path)
{
    deck_free(deck_open(path, 0, NULL));
}

/* Bytes that no editor should have left, but do: each is either the same deck or refused by
   line. */
static void odd_files(void)
{
    char path[] = "/tmp/aletheia-test-XXXXXX";
    int fd = mkstemp(path), n = 1 << 20;
    char *line = ALLOC(char, n + 64);
    strcpy(line, "[run]\ndir = ");
    memset(line + strlen(line), 'x', (size_t)n);
    test_fails(CODE_USAGE, parse, line, "x.in:2: line longer than 198 characters");
    line[6] = '#';
    test_fails(0, parse, line, ""); /* a comment may be as long as it likes */
    memset(line, '[', (size_t)n);
    test_fails(CODE_USAGE, parse, line, "x.in:1: line longer than 198 characters");
    mem_free(line);
    test_fails(0, parse, "\xEF\xBB\xBF[run]\r\nkeep = 3\r\nsteps = 2", "");
    test_fails(CODE_USAGE, parse, "[run]\r\nkeep = 0\r\n", "x.in:2: run.keep = 0: out of range");
    test_fails(CODE_USAGE, parse, "[run]\nkeep = 0", "x.in:2: run.keep = 0: out of range");
    test_fails(CODE_USAGE, parse, "[run]\n\xEF\xBB\xBFkeep = 3\n", "x.in:2: unknown key run.");
    test_fails(CODE_USAGE, parse, "[run\n", "x.in:1: expected [section]");
    ASSERT(fd >= 0 && !text_write_file(path, "[run]\nkeep\0 = 3\n", 16));
    test_fails(CODE_USAGE, open_path, path, "contains NUL bytes: this is not a deck");
    ASSERT(!text_write_file(path, "[\0r\0u\0n\0]\0\n\0", 12)); /* UTF-16 */
    test_fails(CODE_USAGE, open_path, path, "contains NUL bytes");
    test_fails(CODE_USAGE, open_path, "/tmp", "/tmp: cannot read this deck: Is a directory");
    close(fd);
    remove(path);
}

/* An override that could not be read again from the effective deck. */
static void odd_overrides(void)
{
    static char wide[] =
        "run.dir=0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
        "0123456789012345678901234567890123456789012345678901234567890123456789012345678";
    test_fails(0, override_bad, wide, "");
    wide[sizeof wide - 2] = ' ';
    test_fails(CODE_USAGE, override_bad, wide, "a value has no space at its ends");
    test_fails(CODE_USAGE, override_bad, "run.dir= a",
               "command line: run.dir =  a: a value has no space at its ends");
    test_fails(CODE_USAGE, override_bad, "run.dir=a #b",
               "# at its start or after a space begins a comment");
    test_fails(CODE_USAGE, override_bad, "run.dir=a ;b",
               "; at its start or after a space begins a comment");
    test_fails(CODE_USAGE, override_bad, "run.dir=#b",
               "# at its start or after a space begins a comment");
    test_fails(CODE_USAGE, override_bad, "run.dir=a\nb", "one line without control characters");
    test_fails(CODE_USAGE, override_bad, "run.steps= 5", "a value has no space at its ends");
    test_fails(0, override_bad, "run.dir=a#b;c\td", "");
}

int main(int argc, char **argv)
{
    odd_files();
    odd_overrides();
    test_fails(CODE_USAGE, parse, "[run]\nseeds = 3\n",
               "x.in:2: unknown key run.seeds; did you mean run.seed");
    test_fails(CODE_USAGE, parse, "[run]\n\nsteps = many\n",
               "x.in:3: run.steps = many: expected an integer");
    test_fails(CODE_USAGE, parse, "[run]\nsteps = 1.5\n", "expected an integer");
    test_fails(CODE_USAGE, parse, "[run]\nkeep = 0\n",
               "x.in:2: run.keep = 0: out of range, expected 1 to");
    test_fails(CODE_USAGE, parse, "[run]\nresume = maybe\n", "expected yes or no");
    test_fails(CODE_USAGE, parse, "[layout]\nbackend = gpu\n", "expected one of cpu|strict");
    test_fails(CODE_USAGE, parse, "seed = 3\n", "before any [section]");
    test_fails(CODE_USAGE, parse, "[run]\nseed = 3\nseed = 4\n",
               "x.in:3: key run.seed is given twice");
    test_fails(CODE_USAGE, parse, "[run]\nnonsense\n", "x.in:2: expected [section]");
    test_fails(CODE_USAGE, override_bad, "run.seed", "expected section.key=value");
    test_fails(CODE_USAGE, override_bad, "run.sede=3", "did you mean run.seed");

    test_begin(&argc, &argv);
    char *over[] = {"run.steps=12", "run.dir=a=b"};
    deck_t *d =
        deck_parse("input/some.in", "# head\n [run]\nsteps = 5 # comment\n seed=1e6\n\n", 2, over);
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
    check(
        !strcmp(t.s, u.s),
        "input/REFERENCE.in is not what the table says: aletheia help reference > input/REFERENCE.in");
    text_reset(&t);
    text_reset(&u);
    deck_free(d);
    deck_free(e);
    return test_end();
}
