/* One step of reinforcement learning, as a listing.

       draw       which lists: a function of (seed, step); a rank takes a contiguous share
       generate   G completions of each prompt, with their log-probabilities
       judge      the completions as text, against lists whose candidates were executed
       reward     correctness, format, length
       advantage  within each group; what has no gradient is marked
       learn      forward, loss, backward in micro-batches
       reduce     the gradient over the ranks
       update     AdamW: the same on every rank
       record     one line, one row, sometimes every completion

   The samples are those of the parameters that learn from them: the sampled log-
   probabilities are the old ones of the ratio, no second forward computes them, and
   learn's own forward must return the same bits; the largest difference is recorded as
   logp_mismatch and is 0.

   Nothing to learn is nothing computed: completions cut off at the budget are masked; a
   group whose advantages are all zero is skipped where no reference pulls.  Both stay
   in the denominators' rules: the token and sequence normalisers count completions that
   are not masked, over all ranks, so that the loss is a mean over what was sampled,
   whatever the number of ranks or micro-batches.

   Communication: one small sum before learning, the gradient, the sums of the report. */
#include "rl.h"
#include <math.h>
#include <string.h>

/* Draw ------------------------------------------------------------------------------- */

static int asked_to_stop(void *ctx)
{
    return trainer_asked(ctx);
}

/* The lists of this step, in order; n: how many there are.  -1: the run is to stop. */
static int step_lists(trainer_t *r, int32_t *list)
{
    int wanted = r->recipe.prompts, n = 0;
    if (!r->fresh) {
        for (; n < wanted; n++)
            list[n] = data_list(r->data, 5, r->state.step * wanted + n);
        return n;
    }
    const bank_t *bank = fresh_take(r->fresh, r->state.step, asked_to_stop, r);
    if (!bank)
        return -1;
    r->bank = bank;
    for (int i = 0; i < r->bank->n_list && n < wanted; i++)
        list[n++] = i;
    if (r->state.step + 1 < r->steps)
        fresh_begin(r->fresh, r->state.step + 1);
    return n;
}

/* 1: the run is to stop, and this step never was. */
static int draw(trainer_t *r)
{
    int first, last, n;
    text_t text = {0};
    int32_t *list = ALLOC(int32_t, r->recipe.prompts);
    if ((n = step_lists(r, list)) < 0) {
        mem_free(list);
        return 1;
    }
    trainer_share(r, n, &first, &last);
    trainer_room(r, last - first, r->recipe.group);
    r->n_prompt = 0;
    for (int i = first; i < last; i++) {
        int32_t *token;
        int n;
        text_clear(&text);
        prompt_text(&text, r->template, r->bank, &r->bank->list[list[i]], r->recipe.mode);
        trainer_encode(r, &text, &token, &n);
        if (n > r->sampler.max_prompt) {
            r->sum[SUM_LEFT_OUT]++;
            mem_free(token);
            continue;
        }
        r->list[r->n_prompt] = list[i];
        r->prompt[r->n_prompt++] = (prompt_t){i, token, n};
        r->sum[SUM_PREFILLED] += n;
    }
    mem_free(list);
    text_reset(&text);
    trainer_phase(r, PHASE_DRAW);
    return 0;
}

/* Generate --------------------------------------------------------------------------- */

static int between_tokens(void *ctx)
{
    trainer_t *r = ctx;
    if (r->fresh && clock_now() >= r->look_at)
        fresh_poll(r->fresh);
    return trainer_asked(r);
}

/* 1: the run is to stop, and this step never was. */
static int generate(trainer_t *r)
{
    r->sampler.step = (uint64_t)r->state.step;
    double left = engine_run(r->engine, r->model, &r->sampler, r->prompt, r->n_prompt, r->traj,
                             NULL, between_tokens, r);
    comm_max_f64(r->group, &left, 1);
    const model_config_t *c = model_config(r->model);
    for (int i = 0; left == 0 && i < r->n_prompt * r->group_size; i++) {
        const traj_t *t = &r->traj[i];
        int64_t n = t->n_prompt, k = t->n_token - 1;
        int64_t seen = k * n + k * (k + 1) / 2 + (t->sample ? 0 : n * (n + 1) / 2);
        r->sum[SUM_FLOPS] += model_flops(c, k + (t->sample ? 0 : n), seen, t->n_token, 0);
        r->sum[SUM_SAMPLED] += t->n_token;
    }
    trainer_phase(r, PHASE_GENERATE);
    return left > 0;
}

/* Judge, reward, advantage ----------------------------------------------------------- */

static void judge_texts(trainer_t *r)
{
    for (int p = 0; p < r->n_prompt; p++) {
        const char *wrong = list_check(r->bank, &r->bank->list[r->list[p]]);
        if (wrong)
            fail(CODE_DATA, "list %d: %s", r->list[p], wrong);
        for (int i = p * r->group_size; i < (p + 1) * r->group_size; i++)
            tokenizer_decode(r->tokenizer, r->traj[i].token + r->traj[i].n_prompt,
                             r->traj[i].n_token, 1, &r->text[i]);
    }
    trainer_phase(r, PHASE_JUDGE);
}

static void reward(trainer_t *r)
{
    for (int i = 0; i < r->n_prompt * r->group_size; i++) {
        const traj_t *t = &r->traj[i];
        reward_t w =
            reward_of(r->text[i].s ? r->text[i].s : "", r->text[i].len, t->n_token,
                      &r->bank->list[r->list[i / r->group_size]], r->recipe.mode, r->template,
                      r->recipe.max_new, r->recipe.overlong_cache, t->truncated);
        r->reward[i] = w;
        r->sum[SUM_DRAWN]++;
        r->sum[SUM_REWARD] += w.total;
        r->sum[SUM_REWARD2] += (double)w.total * w.total;
        r->sum[SUM_RIGHT] += w.correct;
        r->sum[SUM_FORMAT] += w.format;
        r->sum[SUM_OVERLONG] += w.overlong;
        r->sum[SUM_PARSED] += w.answer >= 0;
        r->sum[SUM_TRUNCATED] += t->truncated;
        r->sum[SUM_LENGTH] += t->n_token;
        r->length_max = fmax(r->length_max, t->n_token);
    }
    trainer_phase(r, PHASE_REWARD);
}

static void advantage(trainer_t *r)
{
    int G = r->group_size;
    float *x = ALLOC(float, G);
    for (int p = 0; p < r->n_prompt; p++) {
        for (int g = 0; g < G; g++) {
            const reward_t *w = &r->reward[p * G + g];
            x[g] = r->recipe.advantage == ADV_POSITIVES ? w->correct : w->total;
        }
        advantage_group(r->advantage + p * G, x, G, r->recipe.advantage);
        for (int g = 0; g < G; g++) {
            const traj_t *t = &r->traj[p * G + g];
            r->sum[SUM_KEPT] += !t->truncated;
            r->sum[SUM_KEPT_TOKENS] += t->truncated ? 0 : t->n_token;
        }
    }
    mem_free(x);
    double n[3] = {r->sum[SUM_KEPT_TOKENS], r->sum[SUM_KEPT], r->sum[SUM_DRAWN]};
    comm_sum_f64(r->group, n, 3);
    r->denom = r->recipe.normaliser == NORM_TOKEN      ? n[0]
               : r->recipe.normaliser == NORM_SEQUENCE ? n[1]
                                                       : n[2] * r->recipe.max_new;
    trainer_phase(r, PHASE_ADVANTAGE);
}

/* Learn ------------------------------------------------------------------------------ */

static void weigh(trainer_t *r, int i, float *coef, const float *logp, const float *ref, int n)
{
    const traj_t *t = &r->traj[i];
    loss_sums_t s = {0};
    loss_policy(coef, &s, &r->recipe, logp, t->logp, ref, n, r->advantage[i], r->denom);
    r->sum[SUM_LOSS] += s.loss;
    r->sum[SUM_KL] += s.kl;
    r->sum[SUM_CLIPPED] += s.ratio_clipped;
    for (int k = 0; k < n; k++)
        r->mismatch = fmax(r->mismatch, fabs((double)logp[k] - t->logp[k]));
    ASSERT(t->version == model_version(r->model));
}

static void learn(trainer_t *r)
{
    int G = r->group_size, pull = r->reference && r->state.reference_step != r->state.step;
    char *use = ALLOC(char, r->n_prompt *G + 1);
    for (int p = 0; p < r->n_prompt; p++) {
        int some = pull;
        for (int i = p * G; i < (p + 1) * G; i++)
            some |= r->advantage[i] != 0 && !r->traj[i].truncated;
        for (int i = p * G; i < (p + 1) * G; i++)
            use[i] = (char)(some && !r->traj[i].truncated);
        r->sum[SUM_GROUPS]++;
        r->sum[SUM_SKIPPED] += !some;
    }
    learn_run(r, use, 0, weigh);
    mem_free(use);
    trainer_phase(r, PHASE_LEARN);
}

static void reduce(trainer_t *r)
{
    learn_reduce(r);
    trainer_phase(r, PHASE_REDUCE);
}

static void update(trainer_t *r)
{
    learn_update(r);
    trainer_phase(r, PHASE_UPDATE);
}

/* Record ----------------------------------------------------------------------------- */

static void record_all(trainer_t *r)
{
    int n = r->n_prompt * r->group_size;
    record_t *all = ALLOC(record_t, n + 1);
    for (int i = 0; i < n; i++) {
        const traj_t *t = &r->traj[i];
        const reward_t *w = &r->reward[i];
        all[i] = (record_t){
            .list = r->list[i / r->group_size],
            .group = t->item,
            .sample = t->sample,
            .answer = w->answer,
            .right = w->correct > 0.5f,
            .parsed = w->answer >= 0,
            .truncated = t->truncated,
            .n_prompt = t->n_prompt,
            .version = t->version,
            .reward = w->total,
            .correct = w->correct,
            .format = w->format,
            .overlong = w->overlong,
            .advantage = r->advantage[i],
            .token = t->token + t->n_prompt,
            .logp = t->logp,
            .n_token = t->n_token,
            .text = r->text[i].s ? r->text[i].s : "",
            .prompt = t->token,
        };
    }
    text_t path = {0};
    text_addf(&path, "%s/rollout/step-%08lld.h5", r->dir, (long long)r->state.step);
    record_write(r->group, path.s, r->deck_text, all, n);
    text_reset(&path);
    mem_free(all);
}

static void record(trainer_t *r)
{
    if (r->record_every && r->state.step % r->record_every == 0)
        record_all(r);
    report_step(r);
    trainer_clear(r);
}

int step_run(trainer_t *r)
{
    trainer_begin(r);
    if (draw(r) || generate(r)) {
        trainer_clear(r);
        return 1;
    }
    judge_texts(r);
    reward(r);
    advantage(r);
    learn(r);
    reduce(r);
    update(r);
    record(r);
    return 0;
}
