/* Completions of rollout files as a step learns from them: read when they are used, by the rank that
   does, from a handle of its own, a row at a time (0.2 % of the time that learning from them
   takes).

   A row carries the sum of what is learned from: verdict, reward, tokens, log-
   probabilities.  It is compared here, so that a bit that fell over on a disk ends the run
   with file and row instead of moving the parameters a little.  local */
#include "rollouts.h"
#include <string.h>

/* The row is as it was written. */
static void check_sum(const rollout_file_t *f, const rollout_t *q, const traj_t *t, float *logp,
                      float *one)
{
    const reward_t *w = &q->reward;
    record_t r = {.list = q->list,
                  .sample = q->sample,
                  .candidates = q->candidates,
                  .answer = w->answer,
                  .right = q->right,
                  .truncated = q->truncated,
                  .n_prompt = q->n_prompt,
                  .n_token = q->n_token,
                  .reward = w->total,
                  .correct = w->correct,
                  .format = w->format,
                  .overlong = w->overlong,
                  .prompt = t->token,
                  .token = t->token + q->n_prompt,
                  .logp = logp,
                  .logp_one = one};
    if (record_sum(&r) != q->sum)
        fail(CODE_DATA, "%s: sample row %d: %s; use another copy of the file, or collect it again",
             f->path, q->row, RECORD_CHANGED);
}

/* Tokens with the prompt's before them, log-probabilities where the file has them. */
static traj_t completion(rollouts_t *p, const rollout_t *q, double temperature)
{
    const rollout_file_t *f = &p->file[q->file];
    traj_t t = {.sample = q->sample,
                .n_prompt = q->n_prompt,
                .n_token = q->n_token,
                .truncated = q->truncated};
    int64_t n = q->n_token, ones = f->one_at[q->row + 1] - f->one_at[q->row];
    t.token = ALLOC(int32_t, q->n_prompt + n);
    h5_get(f->own, "sample/prompt_tokens/data", H5_I32, t.token, -1, 0, f->prompt_at[q->row],
           q->n_prompt);
    h5_get(f->own, "sample/tokens/data", H5_I32, t.token + q->n_prompt, -1, 0, f->token_at[q->row],
           n);
    for (int64_t i = 0; i < q->n_prompt + n; i++)
        if (t.token[i] < 0 || t.token[i] >= p->want.vocab)
            fail(CODE_DATA, "%s: sample row %d: token %d is outside the model's vocabulary of %d",
                 f->path, q->row, t.token[i], p->want.vocab);
    float *logp = ALLOC(float, n), *one = ones ? ALLOC(float, n) : NULL;
    h5_get(f->own, "sample/logprob/data", H5_F32, logp, -1, 0, f->token_at[q->row], n);
    if (one)
        h5_get(f->own, "sample/logprob_1/data", H5_F32, one, -1, 0, f->one_at[q->row], n);
    check_sum(f, q, &t, logp, one);
    t.logp = temperature == f->origin.temperature ? logp : temperature == 1 ? one : NULL;
    if (t.logp != logp)
        mem_free(logp);
    if (t.logp != one)
        mem_free(one);
    return t;
}

judged_t rollouts_take(rollouts_t *p, const int64_t *at, int n, double temperature)
{
    const rollout_t *first = &p->item[at[0]];
    judged_t j = judged_new(first->list, &(prompt_t){0}, n);
    j.candidates = first->candidates, j.right = first->right;
    j.made = -1;
    for (int i = 0; i < n; i++) {
        const rollout_t *q = &p->item[at[i]];
        j.traj[i] = completion(p, q, temperature);
        j.reward[i] = q->reward;
    }
    int32_t *token = ALLOC(int32_t, first->n_prompt);
    memcpy(token, j.traj[0].token, (size_t)first->n_prompt * sizeof *token);
    j.prompt = (prompt_t){.token = token, .n = first->n_prompt};
    return j;
}
