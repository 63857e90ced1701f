/* How tokens are drawn, from a deck's [sampler] section.

   Evaluation and `aletheia sample` take everything from here.  Training takes width and
   max_prompt only: its group, budget and temperature belong to the recipe, and it
   samples from the whole distribution, since a truncated one would make the recorded
   log-probabilities those of another policy. */
#include "rollout.h"

sampler_t sampler_read(const deck_t *d)
{
    sampler_t s = {0};
    s.how.temperature = (float)deck_real(d, "sampler.temperature");
    s.how.top_p = (float)deck_real(d, "sampler.top_p");
    s.how.top_k = (int)deck_int(d, "sampler.top_k");
    s.max_new = (int)deck_int(d, "sampler.max_new");
    s.width = (int)deck_int(d, "sampler.width");
    s.max_prompt = (int)deck_int(d, "sampler.max_prompt");
    s.group = 1;
    s.seed = (uint64_t)deck_int(d, "run.seed");
    return s;
}

void sampler_stop(sampler_t *s, const tokenizer_t *t)
{
    int id = tokenizer_special(t, prompt_stop());
    if (id < 0)
        fail(CODE_DATA,
             "the tokenizer has no special token %s, which ends an answer; use a "
             "tokenizer "
             "of the Qwen2 family or one made by `aletheia init`",
             prompt_stop());
    ASSERT(s->n_stop < 8);
    s->stop[s->n_stop++] = id;
}
