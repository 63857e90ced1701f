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

void sampler_stop(sampler_t *s, const int32_t *id, int n)
{
    for (int i = 0; i < n; i++) {
        int k = 0;
        ASSERT(id[i] >= 0);
        while (k < s->n_stop && s->stop[k] != id[i])
            k++;
        if (k == (int)(sizeof s->stop / sizeof *s->stop))
            fail(CODE_DATA, "more than %d tokens are to end a text; name fewer as eos_token_id", k);
        s->stop[k] = id[i];
        s->n_stop += k == s->n_stop;
    }
}
