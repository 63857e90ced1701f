// A step is the same on any number of ranks: the same trajectories, rewards and advantages bit for
// bit, the same update up to the order of sums; micro-batches change nothing but that order;
// rewards rise when it is repeated, and written answers are learned.
// RUN: np=1,2,4 backend=cpu,strict
// TIMEOUT: 300
#include "rl_case.h"
#include <stdlib.h>

typedef struct {
    float *block;
    double loss, norm, reward, weighed;
} update_t;

/* Two recorded steps of one group of ranks; the first update's parameters. */
static update_t two_steps(const char *run, const char *more, group_t *g)
{
    deck_t *d = case_deck(run, more);
    trainer_t *r = trainer_open(RUN_TRAIN, d, deck_text(d, "run.dir"), g, NULL, "test");
    check(step_run(r) == 0);
    update_t u = {ALLOC(float, r->net.count), r->step.sum[SUM_LOSS], r->step.grad_norm,
                  r->step.sum[SUM_REWARD], r->step.sum[SUM_WEIGHED]};
    r->net.ops->get(u.block, optim_master(r->net.optim), (size_t)r->net.count * sizeof(float));
    check(step_run(r) == 0 && r->step.mismatch == 0);
    check(r->state.drawn == 2 * 7 * 4 && r->state.drawn == r->state.learned + r->state.dropped);
    trainer_close(r, CODE_DONE);
    deck_free(d);
    return u;
}

static int by_group(const void *a, const void *b)
{
    const record_t *x = a, *y = b;
    return x->group != y->group ? x->group - y->group : x->sample - y->sample;
}

/* Every row of a record, by (group, sample): ranks write theirs one after another. */
static void same_record(const char *a, const char *b)
{
    char path[600];
    records_t all[2];
    int64_t n = 7 * 4;
    for (int k = 0; k < 2; k++) {
        snprintf(path, sizeof path, "%s/%s/rollout/step-00000000.h5", case_dir(), k ? b : a);
        h5_t *f = h5_open(comm_world(), path, "rollout", ROLLOUT_VERSION);
        all[k] = record_get(f, "sample");
        check(all[k].n == n);
        qsort(all[k].row, (size_t)n, sizeof *all[k].row, by_group);
        h5_close(f);
    }
    for (int64_t i = 0; i < n; i++) {
        const record_t *x = &all[0].row[i], *y = &all[1].row[i];
        size_t m = (size_t)x->n_token * 4;
        check(x->list == y->list && x->group == y->group && x->sample == y->sample);
        check(x->n_token == y->n_token && x->n_prompt == y->n_prompt);
        check(!memcmp(x->prompt, y->prompt, (size_t)x->n_prompt * 4));
        check(!memcmp(x->token, y->token, m) && !memcmp(x->logp, y->logp, m));
        check(x->reward == y->reward && x->advantage == y->advantage);
        check(x->overlong == y->overlong && x->correct == y->correct && x->right == y->right);
    }
    records_free(&all[0]);
    records_free(&all[1]);
}

static double repeat(run_kind_t kind, const char *run, const char *more, int steps, double *first)
{
    deck_t *d = case_deck(run, more);
    trainer_t *r = trainer_open(kind, d, deck_text(d, "run.dir"), comm_world(), NULL, "test");
    double last = 0;
    for (int i = 0; i < steps; i++) {
        check((kind == RUN_SFT ? sft_run(r) : step_run(r)) == 0);
        last = kind == RUN_SFT ? r->step.sum[SUM_LOSS]
                               : r->step.sum[SUM_REWARD] / r->step.sum[SUM_COUNTED];
        *first = i ? *first : last;
    }
    trainer_close(r, CODE_DONE);
    deck_free(d);
    return last;
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    case_make();
    const char *more = "run.steps=9 recipe.record_every=1 recipe.micro_tokens=3000";
    char own[64], text[400];
    int rank = group_rank(comm_world());
    group_t *self = group_split(comm_world(), rank, 0);
    update_t all = two_steps("all", more, comm_world());
    snprintf(own, sizeof own, "own-%d", rank);
    update_t alone = two_steps(own, more, self);
    snprintf(own, sizeof own, "cut-%d", rank);
    snprintf(text, sizeof text, "%s recipe.micro_tokens=1 sampler.width=3", more);
    update_t cut = two_steps(own, text, self);
    comm_barrier(comm_world());
    same_record("all", "own-0");
    same_record("all", "cut-0");
    int64_t n = 0;
    deck_t *d = case_deck("x", "");
    model_config_t c;
    hf_config_read(deck_text(d, "model.dir"), &c);
    params_t p = params_new(&c);
    n = p.count;
    params_free(&p);
    deck_free(d);
    check(fabs(all.norm - alone.norm) < 1e-4 * all.norm &&
          fabs(all.norm - cut.norm) < 1e-4 * all.norm);
    check(fabs(all.loss - alone.loss) < 1e-6 && fabs(all.loss - cut.loss) < 1e-6);
    check(all.reward == alone.reward && all.weighed == cut.weighed && all.weighed > 0);
    check(test_distance(all.block, alone.block, n) <
          2e-3); /* Adam's first step is a sign: tiny gradients may flip */
    check(test_distance(all.block, cut.block, n) < 2e-3);
    mem_free(all.block), mem_free(alone.block), mem_free(cut.block);
    group_free(self);

    double first, last = repeat(RUN_TRAIN, "learn", "run.steps=25 recipe.lr=1e-2", 25, &first);
    check(last > first + 0.15, "reward %g to %g", first, last);
    last = repeat(RUN_SFT, "sft", "run.steps=25 recipe.lr=1e-2 sft.prompt_weight=0.1", 25, &first);
    check(first > 5 && last < 3.5, "loss %g to %g", first, last);
    return test_end();
}
