/* The reward of one completion: correctness + format + soft overlong penalty, in [-2, 1].

   A completion is right when it names the candidate that passes every test.  The length penalty
   is the one of DAPO (Yu et al. 2025): free up to max - cache, then linear down to -1 at max. */
#include "testbed.h"

reward_t reward_of(const char *text, size_t len, int n_token, const list_t *l, answer_mode_t mode,
                   const template_t *t, int max_tokens, int overlong_cache, int truncated)
{
    reward_t r = {.answer = truncated ? -1 : answer_parse(text, len, l->n, mode)};
    r.correct = r.answer == l->answer;
    r.format = !truncated && answer_format(text, len, l->n, mode, t) ? 0 : -1;
    int free_tokens = max_tokens - overlong_cache;
    if (overlong_cache > 0 && n_token > free_tokens)
        r.overlong =
            n_token >= max_tokens ? -1 : -(float)(n_token - free_tokens) / (float)overlong_cache;
    r.total = r.correct + r.format + r.overlong;
    return r;
}
