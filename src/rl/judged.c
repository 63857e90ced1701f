/* A prompt with its completions and what was found of them: the piece that moves from
   sampling, or from a file, through the block into a step.

   It owns all that it points to, so that moving it is a copy of the struct.  As rows of a
   table (record_t, a row for each completion) it is written: to RUN/rollout for people,
   and into a checkpoint where it was sampled but not yet learned from.  Reading those
   rows back gives the same bits: tokens, log-probabilities, rewards; advantages are
   computed when it is learned from.

   Rows of one (step, item) stand together.  Which rank takes a row back is the caller's
   word, so that another number of ranks can.  local */
#include "rl.h"
#include <string.h>

judged_t judged_new(int32_t list, const prompt_t *p, int n)
{
    return (judged_t){.list = list,
                      .prompt = *p,
                      .n = n,
                      .traj = ALLOC(traj_t, n),
                      .reward = ALLOC(reward_t, n),
                      .text = ALLOC(text_t, n),
                      .advantage = ALLOC(float, n),
                      .chosen = -1,
                      .rejected = -1};
}

void judged_reset(judged_t *j)
{
    for (int i = 0; i < j->n; i++) {
        traj_reset(&j->traj[i]);
        text_reset(&j->text[i]);
    }
    mem_free(j->traj), mem_free(j->reward), mem_free(j->text), mem_free(j->advantage);
    mem_free((void *)j->prompt.token);
    *j = (judged_t){0};
}

void judged_clear(judged_list_t *l)
{
    for (int i = 0; i < l->n; i++)
        judged_reset(&l->item[i]);
    l->n = 0;
}

void judged_free(judged_list_t *l)
{
    judged_clear(l);
    mem_free(l->item);
    *l = (judged_list_t){0};
}

static record_t row_of(const judged_t *j, int i)
{
    const traj_t *t = &j->traj[i];
    const reward_t *w = &j->reward[i];
    return (record_t){.list = j->list,
                      .group = j->prompt.item,
                      .sample = t->sample,
                      .candidates = j->candidates,
                      .answer = w->answer,
                      .right = j->right,
                      .parsed = w->answer >= 0,
                      .truncated = t->truncated,
                      .n_prompt = j->prompt.n,
                      .version = j->made,
                      .step = j->step,
                      .reward = w->total,
                      .correct = w->correct,
                      .format = w->format,
                      .overlong = w->overlong,
                      .advantage = j->advantage[i],
                      .token = t->token + t->n_prompt,
                      .logp = t->logp,
                      .n_token = t->n_token,
                      .text = j->text[i].s ? j->text[i].s : "",
                      .prompt = j->prompt.token};
}

int judged_records(const judged_list_t *l, record_t **rows)
{
    int n = 0, cap = 0;
    *rows = NULL;
    for (int k = 0; k < l->n; k++)
        for (int i = 0; i < l->item[k].n; i++)
            PUSH(*rows, n, cap, row_of(&l->item[k], i));
    return n;
}

static void completion_from(judged_t *j, int i, const record_t *r)
{
    traj_t *t = &j->traj[i];
    t->item = r->group, t->sample = r->sample;
    t->n_prompt = r->n_prompt, t->n_token = r->n_token;
    t->truncated = r->truncated;
    t->token = ALLOC(int32_t, r->n_prompt + r->n_token);
    t->logp = ALLOC(float, r->n_token);
    memcpy(t->token, r->prompt, sizeof *t->token * (size_t)r->n_prompt);
    memcpy(t->token + r->n_prompt, r->token, sizeof *t->token * (size_t)r->n_token);
    memcpy(t->logp, r->logp, sizeof *t->logp * (size_t)r->n_token);
    j->reward[i] = (reward_t){.total = r->reward,
                              .correct = r->correct,
                              .format = r->format,
                              .overlong = r->overlong,
                              .answer = r->answer};
    text_add(&j->text[i], r->text ? r->text : "");
}

void judged_from_records(judged_list_t *to, const record_t *rows, int64_t n,
                         int (*owner)(void *ctx, int item), void *ctx)
{
    for (int64_t i = 0, end; i < n; i = end) {
        for (end = i;
             end < n && rows[end].group == rows[i].group && rows[end].step == rows[i].step;)
            end++;
        if (!owner(ctx, rows[i].group))
            continue;
        int32_t *token = ALLOC(int32_t, rows[i].n_prompt);
        memcpy(token, rows[i].prompt, sizeof *token * (size_t)rows[i].n_prompt);
        judged_t j = judged_new(rows[i].list, &(prompt_t){rows[i].group, token, rows[i].n_prompt},
                                (int)(end - i));
        j.candidates = rows[i].candidates, j.right = rows[i].right;
        j.step = rows[i].step, j.made = rows[i].version;
        for (int k = 0; k < j.n; k++)
            completion_from(&j, k, &rows[i + k]);
        PUSH(to->item, to->n, to->cap, j);
    }
}
