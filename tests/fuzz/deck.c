/* deck_parse on any text and overrides: an input is the deck, then overrides, each after a NUL.
   What is accepted is written (the effective deck of a run) and read again: the same values. */
#include "fuzz.h"

typedef struct {
    char *text, *over[16];
    int n;
} input_t;

static void use(void *arg)
{
    input_t *in = arg;
    text_t one = {0}, two = {0}, help = {0};
    deck_t *d = deck_parse("x.in", in->text, in->n, in->over);
    deck_write(d, &one);
    deck_t *e = deck_parse("written by deck_write", one.s, 0, NULL);
    deck_write(e, &two);
    fuzz_want(!strcmp(one.s, two.s), "written, read and written:\n%s\n%s", one.s, two.s);
    fuzz_want(!deck_differs(d, e), "%s differs", deck_differs(d, e));
    deck_int(d, "run.seed");
    deck_real(d, "recipe.clip_low");
    deck_flag(d, "run.resume");
    deck_help(&help, "train");
    text_reset(&one);
    text_reset(&two);
    text_reset(&help);
    deck_free(d);
    deck_free(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *s = calloc(size + 1, 1);
    memcpy(s, data, size);
    input_t in = {.text = s};
    for (size_t i = strlen(s) + 1; i < size && in.n < 16; i += strlen(s + i) + 1)
        in.over[in.n++] = s + i;
    fuzz_try(use, &in);
    free(s);
    return 0;
}
