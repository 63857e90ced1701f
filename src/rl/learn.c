/* Forward, loss and backward over one rank's trajectories.

   Trajectories of one prompt stand together: the prompt's tokens are computed once, the
   completions continue it (batch_prompt, batch_continue), and its gradient is
   accumulated once.  Groups are packed until micro_tokens are reached; a group that
   alone is larger is cut between completions and its prompt repeated.  Where the cut
   falls changes no log-probability (the forward is row-invariant), and it is a function
   of the trajectories alone, so a resumed run cuts at the same places.

   The reference's forward, where there is one, goes first through the same workspace.
   Gradients of all micro-batches accumulate; dividing by the batch is in the
   coefficients (loss.c), so nothing is rescaled afterwards.

   Memory: activations for max(micro_tokens, max_prompt + longest answer) tokens, once.
   Communication: learn_reduce sums the gradient over the ranks, through host memory, some MB at a
   time. */
#include "rl.h"
#include <math.h>
#include <string.h>

static int rows_of(const traj_t *t, int whole)
{
    return whole ? t->n_prompt + t->n_token - 1 : t->n_token;
}

/* One forward and backward of what has been packed. */
static void micro(trainer_t *r, int whole, weigh_t *weigh)
{
    const batch_t *b = &r->batch;
    if (!r->n_member)
        return;
    double T = r->kind == RUN_SFT ? 1 : r->recipe.temperature;
    const model_config_t *c = model_config(r->model);
    int pull = r->reference && r->state.reference_step != r->state.step;
    if (pull)
        train_forward(r->reference, r->acts, b, (float)T, r->ref_logp, NULL);
    train_forward(r->model, r->acts, b, (float)T, r->logp, r->entropy);
    int row = 0;
    for (int k = 0; k < r->n_member; k++) {
        int n = rows_of(&r->traj[r->member[k]], whole);
        weigh(r, r->member[k], r->coef + row, r->logp + row, pull ? r->ref_logp + row : NULL, n);
        row += n;
    }
    ASSERT(row == b->n_row);
    for (int i = 0; i < row; i++)
        r->sum[SUM_ENTROPY] += r->entropy[i];
    train_backward(r->model, r->acts, b, (float)T, r->coef, r->grad);
    int64_t seen = batch_attended(b);
    r->sum[SUM_WEIGHED] += row;
    r->sum[SUM_TRAINED] += b->n;
    r->sum[SUM_LEARNED] += r->n_member;
    r->sum[SUM_FLOPS] +=
        model_flops(c, b->n, seen, row, 1) + (pull ? model_flops(c, b->n, seen, row, 0) : 0);
    batch_clear(&r->batch);
    r->n_member = 0;
}

static int fits(const trainer_t *r, int tokens, int rows, int limit)
{
    return r->batch.n + tokens <= limit && r->batch.n_row + rows <= limit;
}

/* The completions of one prompt. */
static void learn_group(trainer_t *r, int p, const char *use, int whole, weigh_t *weigh)
{
    int first = p * r->group_size, last = first + r->group_size, tokens = 0, rows = 0;
    const prompt_t *q = &r->prompt[p];
    for (int i = first; i < last; i++)
        if (use[i])
            tokens += r->traj[i].n_token - 1 + (whole ? q->n : 0),
                rows += rows_of(&r->traj[i], whole);
    if (!rows)
        return;
    if (!fits(r, tokens + q->n, rows, r->micro_tokens))
        micro(r, whole, weigh);
    int handle = -1;
    for (int i = first; i < last; i++) {
        const traj_t *t = &r->traj[i];
        if (!use[i])
            continue;
        int alone = t->n_token + (whole || handle < 0 ? q->n : 0);
        if (!fits(r, alone, rows_of(t, whole), r->max_tokens))
            micro(r, whole, weigh), handle = -1;
        if (!whole && handle < 0)
            handle = batch_prompt(&r->batch, q->token, q->n);
        if (whole)
            batch_continue(&r->batch, -1, t->token, t->n_prompt + t->n_token);
        else
            batch_continue(&r->batch, handle, t->token + t->n_prompt, t->n_token);
        r->member[r->n_member++] = i;
    }
}

void learn_run(trainer_t *r, const char *use, int whole, weigh_t *weigh)
{
    r->ops->zero(r->grad, (size_t)r->count * sizeof(float));
    batch_clear(&r->batch);
    r->n_member = 0;
    for (int p = 0; p < r->n_prompt; p++)
        learn_group(r, p, use, whole, weigh);
    micro(r, whole, weigh);
    r->ops->sync();
}

void learn_reduce(trainer_t *r)
{
    enum { CHUNK = LEARN_CHUNK };
    if (r->ranks == 1)
        return;
    float *host = ALLOC(float, r->count < CHUNK ? r->count : CHUNK);
    for (int64_t i = 0; i < r->count; i += CHUNK) {
        int64_t n = r->count - i < CHUNK ? r->count - i : CHUNK;
        r->ops->get(host, buf_at(r->grad, i), (size_t)n * sizeof(float));
        comm_sum_f32(r->group, host, n);
        r->ops->put(buf_at(r->grad, i), host, (size_t)n * sizeof(float));
    }
    mem_free(host);
}

void learn_update(trainer_t *r)
{
    r->lr = rate_at(r->deck, r->state.step, r->steps);
    adamw_t h = {r->lr,         r->recipe.beta1,        r->recipe.beta2,
                 r->recipe.eps, r->recipe.weight_decay, r->recipe.clip_norm};
    r->grad_norm = optim_step(r->optim, r->model, r->grad, &h);
}
