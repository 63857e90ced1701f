/* Learning from files alone: groups or pairs of data.rollouts in the place of sampling.

   A group is what one file holds of one question.  Groups that the recipe's filter takes
   out, that have no right answer where only those are learned from, or that are longer
   than sampler.max_prompt and recipe.max_new allow are never drawn; the first page counts
   them.  A step takes the next `prompts` groups (or pairs) of an endless stream of
   reshuffled epochs, keyed by (seed, epoch): like lists from a problem file, so that a
   resumed run needs no memory of it.  Item i of a step is read by rank i mod ranks, when
   the step needs it.

   Rewards are those that the file holds; log-probabilities are those that sampled, so that
   the ratio is to the parameters that really did.

   Communication: none after opening. */
#include "offline.h"
#include <string.h>

int offline_too_long(const trainer_t *r, int n_prompt, int n_token)
{
    return n_prompt > r->set.sampler.max_prompt || n_token > r->set.recipe.max_new;
}

enum { FITS, TOO_LONG, FILTERED, NO_RIGHT, ALONE, REASONS };

/* Whether completions [from, to) of one file and question are a group, or why not. */
static int fate(const trainer_t *r, const offline_t *o, int64_t from, int64_t to)
{
    const recipe_t *c = &r->set.recipe;
    int n = (int)(to - from), right = 0, bad = 0, positives = c->advantage == ADV_POSITIVES;
    judged_t j = {.n = n, .reward = ALLOC(reward_t, n)};
    for (int i = 0; i < n; i++) {
        const rollout_t *q = rollouts_at(o->from, from + i);
        j.reward[i] = q->reward;
        right += q->reward.correct > 0.5f && !q->truncated;
        bad |= offline_too_long(r, q->n_prompt, q->n_token);
    }
    int filtered = gather_filtered(c, &j);
    mem_free(j.reward);
    return bad                                               ? TOO_LONG
           : filtered                                        ? FILTERED
           : positives && !right                             ? NO_RIGHT
           : !positives && n < 2 && c->advantage != ADV_SIGN ? ALONE
                                                             : FITS;
}

static void open_groups(trainer_t *r, offline_t *o)
{
    int out[REASONS] = {0}, cap = 0, questions = 0;
    int64_t n = rollouts_count(o->from);
    for (int64_t i = 0, end; i < n; i = end) {
        const rollout_t *q = rollouts_at(o->from, i);
        for (end = i; end < n && rollouts_at(o->from, end)->question == q->question &&
                      rollouts_at(o->from, end)->file == q->file;)
            end++;
        int why = fate(r, o, i, end);
        out[why]++;
        questions++;
        if (why == FITS)
            PUSH(o->group, o->n_group, cap, ((range_t){i, end}));
    }
    log_line("data         %d groups of %d to learn from; %d too long, %d filtered, %d without a "
             "right answer, %d of one answer alone",
             o->n_group, questions, out[TOO_LONG], out[FILTERED], out[NO_RIGHT], out[ALONE]);
    fail_any(r->team.group, !o->n_group, CODE_DATA,
             "%s: no group of answers is left to learn from (of %d, %d too long for "
             "sampler.max_prompt = %d or recipe.max_new = %d, %d filtered, %d without a right "
             "answer, %d of one answer alone)",
             deck_text(r->set.deck, "data.rollouts"), questions, out[TOO_LONG],
             r->set.sampler.max_prompt, r->set.recipe.max_new, out[FILTERED], out[NO_RIGHT],
             out[ALONE]);
}

static rollouts_want_t want_of(const trainer_t *r)
{
    const recipe_t *c = &r->set.recipe;
    rollouts_want_t w = {.is = origin_of_run(r),
                         .ratio = c->objective == OBJECTIVE_CLIP || c->objective == OBJECTIVE_CISPO,
                         .any_model = deck_flag(r->set.deck, "data.any_model"),
                         .vocab = model_config(r->net.model)->vocab};
    w.is.params = r->state.start;
    return w;
}

offline_t *offline_open(trainer_t *r)
{
    offline_t *o = ALLOC(offline_t, 1);
    rollouts_want_t want = want_of(r);
    o->from = rollouts_open(r->team.group, deck_text(r->set.deck, "data.rollouts"), &want);
    log_line("data         %lld completions of %d rollout file%s, nothing is sampled",
             (long long)rollouts_count(o->from), rollouts_files(o->from),
             rollouts_files(o->from) > 1 ? "s" : "");
    if (r->set.recipe.objective == OBJECTIVE_PAIR)
        offline_pairs_open(r, o);
    else
        open_groups(r, o);
    o->order = data_items(o->n_group + o->n_pair, r->set.seed);
    return o;
}

void offline_free(offline_t *o)
{
    rollouts_free(o->from);
    data_free(o->order);
    mem_free(o->group);
    mem_free(o->pair);
    mem_free(o);
}

hash_t offline_hash(const offline_t *o)
{
    return rollouts_hash(o->from);
}

static judged_t take_group(trainer_t *r, offline_t *o, int i)
{
    int64_t from = o->group[i].first, n = o->group[i].end - from;
    int64_t *at = ALLOC(int64_t, n);
    for (int64_t k = 0; k < n; k++)
        at[k] = from + k;
    judged_t j = rollouts_take(o->from, at, (int)n, r->set.recipe.temperature);
    mem_free(at);
    return j;
}

void offline_fill(trainer_t *r)
{
    offline_t *o = r->src.offline;
    for (int i = 0; i < r->set.recipe.prompts; i++, r->state.position++) {
        if (!trainer_owns(r, i))
            continue;
        int which = data_list(o->order, 5, r->state.position);
        judged_t j = o->pair ? offline_pair(r, o, which) : take_group(r, o, which);
        j.prompt.item = i;
        j.step = r->state.step;
        r->step.sum[SUM_DRAWN] += j.n;
        PUSH(r->block.item, r->block.n, r->block.cap, j);
    }
    r->state.block_end = r->state.step + 1;
    trainer_phase(r, PHASE_DRAW);
}
