/* What a step computes, computed anew by the test: every completion alone behind its own prompt, in a
   batch of its own, with coefficients that the test works out from the papers' formulas.  Nothing of
   learn.c, loss.c or step.c is used, and no prompt is shared.

   A step is taken in two: hand_sample draws and samples its block, which the test may then look
   at and change (rewards, as if other answers had been right); step_run learns from it. */
#pragma once
#include "rl_case.h"

typedef struct {
    trainer_t *r;
    buf_t grad;
    batch_t batch;
    float *logp; /* of the completion that was looked at last */
} hand_t;

static inline trainer_t *hand_open(const char *run, const char *more, group_t *g, deck_t **deck)
{
    *deck = case_deck(run, more);
    return trainer_open(RUN_TRAIN, *deck, deck_text(*deck, "run.dir"), g, NULL, "test");
}

static inline void hand_close(trainer_t *r, deck_t *deck)
{
    trainer_close(r, CODE_DONE);
    deck_free(deck);
}

static inline void hand_sample(trainer_t *r)
{
    trainer_begin(r);
    check(gather_run(r) == 0);
}

static inline hand_t hand_new(trainer_t *r)
{
    hand_t h = {.r = r,
                .grad = r->net.ops->alloc((size_t)r->net.count * sizeof(float)),
                .logp = ALLOC(float, r->set.max_tokens)};
    r->net.ops->zero(h.grad, (size_t)r->net.count * sizeof(float));
    return h;
}

/* Log-probabilities of its tokens under m. */
static inline const float *hand_logp(hand_t *h, const model_t *m, const traj_t *t)
{
    batch_clear(&h->batch);
    int prompt = batch_prompt(&h->batch, t->token, t->n_prompt);
    batch_continue(&h->batch, prompt, t->token + t->n_prompt, t->n_token);
    train_forward(m, h->r->net.acts, &h->batch, (float)h->r->set.recipe.temperature, h->logp, NULL);
    return h->logp;
}

/* The gradient of sum coef[i] logp[i] is added, of that completion under the policy. */
static inline void hand_add(hand_t *h, const traj_t *t, const float *coef)
{
    hand_logp(h, h->r->net.model, t);
    train_backward(h->r->net.model, h->r->net.acts, &h->batch, (float)h->r->set.recipe.temperature,
                   coef, h->grad);
}

/* How far the gradient that the step has used is from this one, summed over the ranks.  collective */
static inline double hand_end(hand_t *h)
{
    trainer_t *r = h->r;
    size_t bytes = (size_t)r->net.count * sizeof(float);
    float *mine = ALLOC(float, r->net.count), *used = ALLOC(float, r->net.count);
    r->net.ops->get(mine, h->grad, bytes);
    r->net.ops->get(used, r->net.grad, bytes);
    comm_sum_f32(r->team.group, mine, r->net.count);
    double far = test_distance(used, mine, r->net.count);
    r->net.ops->release(h->grad, bytes);
    mem_free(mine), mem_free(used), mem_free(h->logp);
    batch_free(&h->batch);
    return far;
}

static inline double hand_sum(const float *x, int n)
{
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += x[i];
    return sum;
}

/* Everything that an update changes, as one hash, and how many updates there were. */
static inline hash_t hand_state(const trainer_t *r)
{
    hash_t h[4] = {case_hash(r, optim_master(r->net.optim)), case_hash(r, optim_m(r->net.optim)),
                   case_hash(r, optim_v(r->net.optim)), model_hash(r->net.model)};
    int64_t n = optim_count(r->net.optim);
    return hash_more(hash_bytes(h, sizeof h), &n, sizeof n);
}

/* Records -------------------------------------------------------------------------------- */

static inline int hand_by_row(const void *a, const void *b)
{
    const record_t *x = a, *y = b;
    return x->group != y->group ? x->group - y->group : x->sample - y->sample;
}

/* Rows of RUN/rollout of a step by (item, sample), however they were written.  collective(world) */
static inline records_t hand_records(const char *run, int step)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s/rollout/step-%08d.h5", case_dir(), run, step);
    h5_t *f = h5_open(comm_world(), path, "rollout", ROLLOUT_VERSION);
    records_t all = record_get(f, "sample");
    qsort(all.row, (size_t)all.n, sizeof *all.row, hand_by_row);
    h5_close(f);
    return all;
}

/* 1: the same completion to the same prompt, with the same log-probabilities and rewards, bit for bit. */
static inline int hand_same(const record_t *x, const record_t *y)
{
    return x->list == y->list && x->group == y->group && x->sample == y->sample &&
           x->version == y->version && x->step == y->step && x->truncated == y->truncated &&
           x->candidates == y->candidates && x->right == y->right && x->answer == y->answer &&
           x->n_prompt == y->n_prompt && x->n_token == y->n_token &&
           !memcmp(x->prompt, y->prompt, (size_t)x->n_prompt * sizeof *x->prompt) &&
           !memcmp(x->token, y->token, (size_t)x->n_token * sizeof *x->token) &&
           !memcmp(x->logp, y->logp, (size_t)x->n_token * sizeof *x->logp) &&
           x->reward == y->reward && x->correct == y->correct && x->format == y->format &&
           x->overlong == y->overlong;
}
