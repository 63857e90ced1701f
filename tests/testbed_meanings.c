// One seed range holds more than 1e5 different problems to train on, in each language: distinct
// meanings (what the reference does), each worth asking.  They are what draw_distinct draws, and
// none of them is of the other split.
// RUN: np=2
// TIMEOUT: 300
#include "distinct.h"
#include "test.h"
#include "testbed/ast.h"

enum { LEAST = 100000, RANGE = LEAST + LEAST / 25, SAMPLE = 60 };

static draw_t range(suite_t split, lang_t lang)
{
    return (draw_t){.seed = 1,
                    .split = split,
                    .count = RANGE,
                    .lang = lang,
                    .difficulty = 2,
                    .weak = 1,
                    .tests = 6,
                    .families = "all"};
}

/* The first problems of a range, drawn with all that belongs to them. */
static void as_drawn(const draw_t *d)
{
    bank_t b = {0};
    meanings_t *one = meanings_new(), *two = meanings_new();
    for (int i = 0; i < SAMPLE; i++) {
        int first = b.n_program;
        draw_distinct(&b, d, i, one);
        const program_t *p = &b.program[first];
        const char *family = b.problem[i].family;
        check(p->pool == POOL_REFERENCE && p->lang == d->lang);
        check(draw_split(family, p->core) == d->split);
        hash_t h = hash_more(hash_bytes(family, strlen(family)), p->core, strlen(p->core));
        check(draw_meaning(d, i, two) == (h.lo | 1), "problem %d", i);
    }
    meanings_free(one), meanings_free(two);
    bank_free(&b);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    group_t *world = comm_world();
    lang_t lang = group_rank(world) % 2 ? LANG_C : LANG_PYTHON;
    draw_t d = range(SUITE_TRAIN, lang), held = range(SUITE_HELDOUT, lang);
    as_drawn(&d), as_drawn(&held);
    uint64_t *key = ALLOC(uint64_t, RANGE);
    meanings_t *seen = meanings_new();
    for (int i = 0; i < RANGE; i++)
        key[i] = draw_meaning(&d, i, seen);
    meanings_free(seen);
    int u = distinct(key, RANGE);
    check(u >= LEAST, "%d meanings among %d problems in %s", u, RANGE, lang_names[lang]);
    if (getenv("VERBOSE"))
        printf("%s: %d meanings among %d problems\n", lang_names[lang], u, RANGE);
    mem_free(key);
    return test_end();
}
