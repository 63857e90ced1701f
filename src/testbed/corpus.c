/* Text for training a tokenizer: prompts and written answers in both forms.

   In the frame of template chatml, whose tokens `aletheia init` gives a model.

   The problems are drawn as the deck's [problems] section says, with half of the candidates
   rewritten, but nothing is executed: a tokenizer only needs the words and their frequencies.
   The lists here are therefore never used for anything else. */
#include "testbed.h"

enum { PROBLEMS = 1500 };

void corpus_text(text_t *out, const deck_t *deck)
{
    draw_t d;
    template_t *t = template_named("chatml");
    draw_read(&d, deck, SUITE_TRAIN);
    for (int i = 0; i < PROBLEMS; i++) {
        bank_t b = {0};
        draw_problem(&b, &d, i);
        rng_t r = rng_make(d.seed, RNG_LIST, 1, (uint64_t)i);
        list_t l = {.n = 0};
        int wrong[64], n_wrong = 0;
        for (int p = 1; p < b.n_program && n_wrong < 64; p++)
            if (b.program[p].pool != POOL_EQUIVALENT)
                wrong[n_wrong++] = p;
        rng_shuffle(&r, wrong, n_wrong);
        int want = 2 + i % 4;
        l.n = 1 + (want - 1 < n_wrong ? want - 1 : n_wrong);
        l.answer = rng_below(&r, l.n);
        for (int k = 0, w = 0; k < l.n; k++)
            l.program[k] = k == l.answer ? 0 : wrong[w++];
        for (answer_mode_t mode = MODE_INSTRUCT; mode <= MODE_THINK; mode++) {
            prompt_text(out, t, &b, &l, mode);
            trace_text(out, t, &b, &l, mode);
            text_add(out, "\n");
        }
        bank_free(&b);
    }
    template_free(t);
}
