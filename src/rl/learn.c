/* Forward, loss and backward over one rank's completions.

   Completions of one prompt stand together: the prompt's tokens are computed once, the
   completions continue it (batch_prompt, batch_continue), and its gradient is
   accumulated once.  Groups are packed until micro_tokens are reached; a group that
   alone is larger is cut between completions and its prompt repeated.  Where the cut
   falls changes no log-probability (the forward is row-invariant), and it is a function
   of the completions alone, so a resumed run cuts at the same places.

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
static void flush(trainer_t *r, int whole, weigh_t *weigh)
{
    micro_t *m = &r->micro;
    const batch_t *b = &m->batch;
    if (!m->n_member)
        return;
    double T = r->set.kind == RUN_SFT ? 1 : r->set.recipe.temperature;
    const model_config_t *c = model_config(r->net.model);
    m->pull = r->net.reference && r->state.reference_step != r->state.step;
    if (m->pull)
        train_forward(r->net.reference, r->net.acts, b, (float)T, m->ref_logp, NULL);
    train_forward(r->net.model, r->net.acts, b, (float)T, m->logp, m->entropy);
    int row = 0;
    for (int k = 0; k < m->n_member; k++) {
        member_t *one = &m->member[k];
        one->row = row;
        one->n = rows_of(&one->j->traj[one->i], whole);
        row += one->n;
    }
    ASSERT(row == b->n_row);
    weigh(r, m);
    for (int i = 0; i < row; i++)
        r->step.sum[SUM_ENTROPY] += m->entropy[i];
    train_backward(r->net.model, r->net.acts, b, (float)T, m->coef, r->net.grad);
    int64_t seen = batch_attended(b);
    r->step.sum[SUM_WEIGHED] += row;
    r->step.sum[SUM_TRAINED] += b->n;
    r->step.sum[SUM_LEARNED] += m->n_member;
    double flops =
        model_flops(c, b->n, seen, row, 1) + (m->pull ? model_flops(c, b->n, seen, row, 0) : 0);
    r->step.sum[SUM_FLOPS] += flops;
    r->step.sum[SUM_LEARN_FLOPS] += flops;
    batch_clear(&m->batch);
    m->n_member = 0;
}

static int fits(const trainer_t *r, int tokens, int rows, int limit)
{
    const batch_t *b = &r->micro.batch;
    return b->n + tokens <= limit && b->n_row + rows <= limit;
}

/* The completions of one prompt. */
static void learn_group(trainer_t *r, judged_t *j, use_t *use, int whole, weigh_t *weigh)
{
    micro_t *m = &r->micro;
    const prompt_t *q = &j->prompt;
    int tokens = 0, rows = 0, handle = -1;
    for (int i = 0; i < j->n; i++)
        if (use(r, j, i))
            tokens += j->traj[i].n_token - 1 + (whole ? q->n : 0),
                rows += rows_of(&j->traj[i], whole);
    if (!rows)
        return;
    if (!fits(r, tokens + q->n, rows, r->set.micro_tokens))
        flush(r, whole, weigh);
    for (int i = 0; i < j->n; i++) {
        const traj_t *t = &j->traj[i];
        if (!use(r, j, i))
            continue;
        int alone = t->n_token + (whole || handle < 0 ? q->n : 0);
        if (!fits(r, alone, rows_of(t, whole), r->set.max_tokens))
            flush(r, whole, weigh), handle = -1;
        if (!whole && handle < 0)
            handle = batch_prompt(&m->batch, q->token, q->n);
        if (whole)
            batch_continue(&m->batch, -1, t->token, t->n_prompt + t->n_token);
        else
            batch_continue(&m->batch, handle, t->token + t->n_prompt, t->n_token);
        m->member[m->n_member++] = (member_t){.j = j, .i = i};
    }
}

void learn_run(trainer_t *r, use_t *use, int whole, weigh_t *weigh)
{
    r->net.ops->zero(r->net.grad, (size_t)r->net.count * sizeof(float));
    batch_clear(&r->micro.batch);
    r->micro.n_member = 0;
    for (int k = 0; k < r->step.judged.n; k++)
        learn_group(r, &r->step.judged.item[k], use, whole, weigh);
    flush(r, whole, weigh);
    r->net.ops->sync();
}

double learn_score(acts_t *acts, int max_tokens, const model_t *m, const prompt_t *p,
                   const traj_t *t, int n, float temperature, float *logp)
{
    batch_t b = {0};
    double flops = 0;
    for (int i = 0, done = 0; i < n; i = done) {
        batch_clear(&b);
        int handle = batch_prompt(&b, p->token, p->n);
        do {
            batch_continue(&b, handle, t[done].token + t[done].n_prompt, t[done].n_token);
            done++;
        } while (done < n && b.n + t[done].n_token <= max_tokens &&
                 b.n_row + t[done].n_token <= max_tokens);
        train_forward(m, acts, &b, temperature, logp, NULL);
        flops += model_flops(model_config(m), b.n, batch_attended(&b), b.n_row, 0);
        logp += b.n_row;
    }
    batch_free(&b);
    return flops;
}

void learn_reduce(trainer_t *r)
{
    enum { CHUNK = LEARN_CHUNK };
    if (r->team.ranks == 1)
        return;
    float *host = ALLOC(float, r->net.count < CHUNK ? r->net.count : CHUNK);
    for (int64_t i = 0; i < r->net.count; i += CHUNK) {
        int64_t n = r->net.count - i < CHUNK ? r->net.count - i : CHUNK;
        r->net.ops->get(host, buf_at(r->net.grad, i), (size_t)n * sizeof(float));
        comm_sum_f32(r->team.group, host, n);
        r->net.ops->put(buf_at(r->net.grad, i), host, (size_t)n * sizeof(float));
    }
    mem_free(host);
}

void learn_update(trainer_t *r)
{
    r->step.lr = rate_at(r->set.deck, r->state.step, r->set.steps);
    adamw_t h = {r->step.lr,        r->set.recipe.beta1,        r->set.recipe.beta2,
                 r->set.recipe.eps, r->set.recipe.weight_decay, r->set.recipe.clip_norm};
    r->step.grad_norm = optim_step(r->net.optim, r->net.model, r->net.grad, &h);
}
