/* The block: what one set of parameters samples for the steps that learn from it.

       draw       which lists: a function of the seed and of how many were drawn before
       generate   G completions of each prompt, with their log-probabilities
       judge      the completions as text, against lists whose candidates were executed
       reward     correctness, format, length
       filter     groups without a contrast go, where the recipe says so
       refill     ... and further rounds draw more, until the block is full

   recipe.sync_every = k steps share a block: k = 1 is on-policy, for k > 1 the later
   steps learn from samples of older parameters, whose log-probabilities, as they were
   sampled, stand in the ratio.  Item i of the draw is dealt to rank i mod ranks, and
   belongs to step i / prompts of the block.  With refilling, the groups that are kept
   are numbered in order of their items, over all ranks, and that number takes i's place;
   what is left over is dropped and counted.

   Refilling ends (Yu et al. 2025, dynamic sampling): after recipe.refill further rounds
   the block is what it is, and a step with fewer prompts than asked for says so.  How many
   prompts a round draws is a bet.  A round lasts as long as its longest completion, however
   few there are, with a decoder that is nearly empty at its end; what is drawn beyond the
   block is thrown away.  So a round draws as many as fill the block with a probability of
   five in six, by the share of groups that were kept in the block before and so far in this
   one: n with n p - sqrt(n p (1 - p)) = missing.  Drawing the expected number, missing / p,
   fails every second time, and then again with less: for 128 groups at p = 1/2, 2.8 rounds a
   block, the last ones tiny.  Betting takes 1.5, since the first round knows the share from
   the block before, and throws away 3 % of the groups instead of 1.5; for 8 groups it is 1.4
   rounds instead of 2.6, and 19 % instead of 9: few groups are a bad bet.  A round is no more than
   two blocks, which bounds what waits in memory; where p is below a half, such rounds are
   well filled.  The rule knows counts over all ranks alone, so that neither ranks nor
   sampler.width change what is drawn.

   Nothing of the run changes before the whole block stands: one that is abandoned never
   was.  What the block holds is written into every checkpoint (judged.c), and taken back
   by the rank to which an item is dealt.  What is filtered, or surplus, is freed at the end
   of its round.

   Communication: a word after each generation whether to stop, and one flag an item where
   groups are filtered and refilled. */
#include "rl.h"
#include <math.h>
#include <string.h>

typedef struct {
    judged_list_t all;       /* of this rank, in order of item; the last round's from `fresh` on */
    int fresh;               /* first of the round */
    int steps, wanted;       /* steps of the block; groups that fill it */
    int items, round;        /* drawn so far, over all ranks */
    int kept;                /* groups so far, over all ranks; with refilling */
    int64_t position, units; /* of the data, after what was drawn */
} gather_t;

/* Draw ------------------------------------------------------------------------------- */

static int asked_to_stop(void *ctx)
{
    return trainer_asked(ctx);
}

/* The first checkpoint that may hold verdicts of programs which this block needs. */
static int64_t known_from(const trainer_t *r)
{
    int64_t step = r->state.step - (r->set.recipe.sync_every - 1);
    return step > 0 ? step : 0;
}

/* Prompts of a block's first round. */
static int first_draw(const trainer_t *r, int wanted)
{
    return r->set.recipe.refill
               ? gather_draws(wanted, GATHER_MOST * wanted, r->state.tried, r->state.kept)
               : wanted;
}

/* While this block is sampled, the problems that come after it are executed. */
static void begin_next(trainer_t *r, const gather_t *g)
{
    int k = r->set.recipe.sync_every, per_unit = r->set.recipe.prompts;
    int64_t left = r->set.steps - r->state.step - g->steps;
    int n = first_draw(r, (left > 0 && left < k ? (int)left : k) * per_unit);
    if (left > 0 || g->round <= r->set.recipe.refill)
        fresh_begin(r->src.fresh, g->units, (n + per_unit - 1) / per_unit, known_from(r));
}

/* list[n] of the bank, -1: none at that place.  1: the run is to stop. */
static int next_lists(trainer_t *r, gather_t *g, int32_t *list, int n)
{
    int per_unit = r->set.recipe.prompts, units = (n + per_unit - 1) / per_unit;
    if (!r->src.fresh) {
        for (int i = 0; i < n; i++)
            list[i] = data_list(r->src.data, 5, g->position++);
        return 0;
    }
    const bank_t *bank = fresh_take(r->src.fresh, g->units, units, known_from(r), asked_to_stop, r);
    if (!bank)
        return 1;
    r->src.bank = bank;
    g->units += units;
    begin_next(r, g);
    int *used = ALLOC(int, units);
    for (int i = 0; i < n; i++)
        list[i] = -1;
    for (int i = 0; i < bank->n_list; i++) {
        int unit =
            fresh_unit(r->src.fresh, bank, i); /* more may have been executed than is taken */
        int at = unit < units ? unit * per_unit + used[unit] : n;
        if (at < n && used[unit] < per_unit)
            list[at] = i, used[unit]++;
    }
    mem_free(used);
    return 0;
}

static void add_prompt(trainer_t *r, gather_t *g, int item, int32_t list, text_t *text)
{
    int32_t *token;
    int n;
    const list_t *l = &r->src.bank->list[list];
    const char *wrong = list_check(r->src.bank, l);
    if (wrong)
        fail(CODE_DATA, "list %d: %s", list, wrong);
    text_clear(text);
    prompt_text(text, r->net.template, r->src.bank, l, r->set.recipe.mode);
    trainer_encode(r, text, &token, &n);
    if (n > r->set.sampler.max_prompt) {
        r->step.sum[SUM_LEFT_OUT]++;
        mem_free(token);
        return;
    }
    judged_t j = judged_new(list, &(prompt_t){item, token, n}, r->set.recipe.group);
    j.candidates = l->n, j.right = l->answer;
    j.made = r->state.step;
    j.step = r->state.step + item / r->set.recipe.prompts;
    PUSH(g->all.item, g->all.n, g->all.cap, j);
    r->step.sum[SUM_PREFILLED] += n;
}

/* 1: the run is to stop. */
static int draw(trainer_t *r, gather_t *g, int n)
{
    text_t text = {0};
    int32_t *list = ALLOC(int32_t, n);
    int stop = next_lists(r, g, list, n);
    g->fresh = g->all.n;
    for (int i = 0; i < n && !stop; i++)
        if (list[i] >= 0 && trainer_owns(r, g->items + i))
            add_prompt(r, g, g->items + i, list[i], &text);
    g->items += n;
    mem_free(list);
    text_reset(&text);
    trainer_phase(r, PHASE_DRAW);
    return stop;
}

/* Generate --------------------------------------------------------------------------- */

static int between_tokens(void *ctx)
{
    trainer_t *r = ctx;
    if (r->src.fresh && clock_now() >= r->quit.look_at)
        fresh_poll(r->src.fresh);
    return trainer_asked(r);
}

static void count_sampled(trainer_t *r, const traj_t *t)
{
    r->step.sum[SUM_FLOPS] += traj_flops(model_config(r->net.model), t);
    r->step.sum[SUM_SAMPLED] += t->n_token;
    r->step.sum[SUM_DRAWN]++;
}

/* 1: the run is to stop. */
static int generate(trainer_t *r, gather_t *g)
{
    int n = g->all.n - g->fresh, G = r->set.recipe.group;
    judged_t *j = g->all.item + g->fresh;
    prompt_t *prompt = ALLOC(prompt_t, n + 1);
    traj_t *out = ALLOC(traj_t, (size_t)n * G + 1);
    for (int i = 0; i < n; i++)
        prompt[i] = j[i].prompt;
    r->set.sampler.step = (uint64_t)r->state.step;
    double left = engine_run(r->net.engine, r->net.model, &r->set.sampler, prompt, n, out, NULL,
                             between_tokens, r);
    for (int i = 0; i < n && !left; i++)
        memcpy(j[i].traj, out + (size_t)i * G, sizeof *out * G);
    comm_max_f64(r->team.group, &left, 1);
    for (int i = 0; i < n * G && left == 0; i++)
        count_sampled(r, &out[i]);
    mem_free(prompt);
    mem_free(out);
    trainer_phase(r, PHASE_GENERATE);
    return left > 0;
}

/* Judge, reward ---------------------------------------------------------------------- */

static void read_answers(trainer_t *r, gather_t *g)
{
    for (int k = g->fresh; k < g->all.n; k++) {
        judged_t *j = &g->all.item[k];
        for (int i = 0; i < j->n; i++)
            tokenizer_decode(r->net.tokenizer, j->traj[i].token + j->traj[i].n_prompt,
                             j->traj[i].n_token, 1, &j->text[i]);
    }
    trainer_phase(r, PHASE_JUDGE);
}

static void reward(trainer_t *r, gather_t *g)
{
    const recipe_t *c = &r->set.recipe;
    for (int k = g->fresh; k < g->all.n; k++) {
        judged_t *j = &g->all.item[k];
        list_t list = {.n = j->candidates, .answer = j->right};
        for (int i = 0; i < j->n; i++)
            j->reward[i] = reward_of(j->text[i].s ? j->text[i].s : "", j->text[i].len,
                                     j->traj[i].n_token, &list, c->mode, r->net.template,
                                     c->max_new, c->overlong_cache, j->traj[i].truncated);
    }
    trainer_phase(r, PHASE_REWARD);
}

/* Filter, refill --------------------------------------------------------------------- */

/* The group goes: all its rewards, or all its verdicts, are the same. */
int gather_filtered(const recipe_t *c, const judged_t *j)
{
    int same = 1, equal = 1;
    for (int i = 1; i < j->n; i++) {
        equal &= j->reward[i].total == j->reward[0].total;
        same &= j->reward[i].correct == j->reward[0].correct;
    }
    return c->filter == FILTER_ALL_EQUAL ? equal : c->filter == FILTER_ALL_SAME && same;
}

static void drop(trainer_t *r, judged_t *j, int why)
{
    trainer_count(r, j);
    r->step.sum[why]++;
    j->step = -1;
}

/* The round's groups that stay, numbered over all ranks in order of their items: that is their place in the block. */
static void number(trainer_t *r, gather_t *g)
{
    int64_t *flag = ALLOC(int64_t, g->items);
    for (int k = g->fresh; k < g->all.n; k++)
        flag[g->all.item[k].prompt.item] = g->all.item[k].step >= 0;
    comm_sum_i64(r->team.group, flag, g->items);
    for (int i = 0, k = g->fresh; i < g->items; i++) {
        if (!flag[i])
            continue;
        while (k < g->all.n && g->all.item[k].prompt.item < i)
            k++;
        judged_t *j = k < g->all.n && g->all.item[k].prompt.item == i ? &g->all.item[k] : NULL;
        if (j && g->kept < g->wanted)
            j->step = r->state.step + g->kept / r->set.recipe.prompts;
        else if (j)
            drop(r, j, SUM_SURPLUS);
        g->kept++;
    }
    mem_free(flag);
}

/* What goes is freed; what stays moves up. */
static void forget(gather_t *g)
{
    int n = g->fresh;
    for (int k = g->fresh; k < g->all.n; k++)
        if (g->all.item[k].step < 0)
            judged_reset(&g->all.item[k]);
        else
            g->all.item[n++] = g->all.item[k];
    g->all.n = n;
}

static void filter(trainer_t *r, gather_t *g)
{
    for (int k = g->fresh; k < g->all.n; k++)
        if (gather_filtered(&r->set.recipe, &g->all.item[k]))
            drop(r, &g->all.item[k], SUM_FILTERED);
    if (r->set.recipe.refill)
        number(r, g);
    forget(g);
    trainer_phase(r, PHASE_ADVANTAGE);
}

int gather_draws(int missing, int most, int64_t drawn, int64_t kept)
{
    int n = missing;
    if (missing <= 0)
        return 0;
    if (drawn && !kept)
        return most;
    double p = drawn ? (double)kept / (double)drawn : 1;
    while (n < most && n * p - sqrt(n * p * (1 - p)) < missing)
        n++;
    return n < most ? n : most;
}

/* How many prompts the next round draws; 0: there is none. */
static int more(const trainer_t *r, const gather_t *g)
{
    if (g->round > r->set.recipe.refill)
        return 0;
    return gather_draws(g->wanted - g->kept, GATHER_MOST * g->wanted, r->state.tried + g->items,
                        r->state.kept + g->kept);
}

/* All -------------------------------------------------------------------------------- */

static void commit(trainer_t *r, gather_t *g)
{
    judged_list_t *to = &r->block;
    for (int64_t step = r->state.step; step < r->state.step + g->steps; step++)
        for (int k = 0; k < g->all.n; k++)
            if (g->all.item[k].step == step) {
                PUSH(to->item, to->n, to->cap, g->all.item[k]);
                g->all.item[k] = (judged_t){0};
                g->all.item[k].step = -1;
            }
    r->step.rounds = g->round;
    r->state.position = g->position, r->state.units = g->units;
    r->state.block_end = r->state.step + g->steps;
    if (r->set.recipe.refill)
        r->state.tried = g->items, r->state.kept = g->kept;
}

int gather_run(trainer_t *r)
{
    if (r->state.step < r->state.block_end)
        return 0;
    if (r->src.offline) {
        offline_fill(r);
        return 0;
    }
    int k = r->set.recipe.sync_every;
    int64_t left = r->set.steps - r->state.step;
    gather_t g = {.position = r->state.position, .units = r->state.units};
    g.steps = left > 0 && left < k ? (int)left : k;
    g.wanted = g.steps * r->set.recipe.prompts;
    int stop = 0;
    for (int n = first_draw(r, g.wanted); n > 0 && !stop;
         n = stop || !r->set.recipe.refill ? 0 : more(r, &g)) {
        g.round++;
        stop = draw(r, &g, n) || generate(r, &g);
        if (stop)
            break;
        read_answers(r, &g);
        reward(r, &g);
        filter(r, &g);
    }
    if (!stop)
        commit(r, &g);
    judged_free(&g.all);
    return stop;
}
