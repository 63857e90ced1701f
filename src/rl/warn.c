/* Headlines: what a user would want to know at once, said once in a run, however often it is
   continued, each with the key to turn.

   They look at a step's sums over all ranks, so that every rank finds the same and rank 0
   speaks.  The columns of run.h5 that show the same, step by step, are named in the table:
   a headline is about one step, a curve about the run. */
#include "rl.h"
#include <stdio.h>

typedef struct {
    int now;
    char text[256];
} headline_t;

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : 0;
}

#define SAY(h, ...) ((h)->now = 1, (void)snprintf((h)->text, sizeof(h)->text, __VA_ARGS__))

static void masked(const trainer_t *r, headline_t *h)
{
    double part = share(r->step.sum[SUM_MASKED], r->step.sum[SUM_LENGTH]);
    if (part > 0.5)
        SAY(h,
            "%.0f %% of the tokens are in completions that were cut off, and are masked out "
            "of the loss; raise recipe.max_new = %d (column masked)",
            100 * part, r->set.recipe.max_new);
}

static void length(const trainer_t *r, headline_t *h)
{
    double n = r->step.sum[SUM_COUNTED], mean = share(r->step.sum[SUM_LENGTH], n);
    if (n > 0 && mean > 0.9 * r->set.recipe.max_new)
        SAY(h,
            "completions are %.0f tokens long in the mean, near the budget: raise "
            "recipe.max_new = %d, or recipe.overlong_cache = %d, which makes long ones cost "
            "reward earlier (column length_mean)",
            mean, r->set.recipe.max_new, r->set.recipe.overlong_cache);
}

static void filtered(const trainer_t *r, headline_t *h)
{
    const double *s = r->step.sum;
    double all = s[SUM_GROUPS] + s[SUM_FILTERED] + s[SUM_SURPLUS];
    double gone = s[SUM_FILTERED] + s[SUM_SKIPPED];
    if (!r->src.offline && all > 0 && gone > 0.5 * all)
        SAY(h,
            "%.0f of %.0f groups have nothing to learn from, %s: choose easier or harder lists, "
            "raise recipe.group = %d or recipe.temperature (columns groups_filtered, "
            "groups_dropped)",
            gone, all,
            r->set.recipe.advantage == ADV_POSITIVES ? "no completion is right"
                                                     : "their completions are all alike",
            r->set.recipe.group);
}

static void unfilled(const trainer_t *r, headline_t *h)
{
    int missing = r->set.recipe.prompts - r->step.taken;
    if (r->set.recipe.refill && missing > 0)
        SAY(h,
            "%d of %d groups are missing after %d rounds of sampling: raise recipe.refill = %d, "
            "or lower recipe.prompts (columns groups_missing, rounds)",
            missing, r->set.recipe.prompts, r->step.rounds, r->set.recipe.refill);
}

static void parsed(const trainer_t *r, headline_t *h)
{
    double n = r->step.sum[SUM_COUNTED], rate = share(r->step.sum[SUM_PARSED], n);
    if (n > 0 && rate < 0.5)
        SAY(h,
            "%.0f %% of the answers can be read: the model does not know the form that is asked "
            "for; teach it with `aletheia sft`, or change recipe.mode or prompt.question "
            "(column parse_rate)",
            100 * rate);
}

static void falling(const trainer_t *r, headline_t *h)
{
    int64_t n = deck_int(r->set.deck, "run.reward_below");
    if (!r->src.offline && r->state.below >= n)
        SAY(h,
            "the reward has been below that of the first steps, %.3f, for %lld steps: lower "
            "recipe.lr, or raise recipe.prompts (column reward_below)",
            r->state.reward_start, (long long)r->state.below);
}

static void empty(const trainer_t *r, headline_t *h)
{
    if (!r->step.used)
        SAY(h, "there was nothing to learn: no completion has an advantage; the step changed "
               "nothing (column empty)");
}

void warn_step(trainer_t *r)
{
    static void (*const all[])(const trainer_t *, headline_t *) = {
        masked, length, filtered, unfilled, parsed, falling, empty,
    };
    if (r->set.kind != RUN_TRAIN)
        return;
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++) {
        headline_t h = {0};
        if (r->state.warned >> i & 1)
            continue;
        all[i](r, &h);
        if (!h.now)
            continue;
        r->state.warned |= (int64_t)1 << i;
        log_warn("at step %lld: %s", (long long)r->state.step, h.text);
    }
}
