// A step is the same on any number of ranks: the same trajectories, rewards and advantages bit for
// bit, the same update up to the order of sums; micro-batches change nothing but that order;
// rewards rise when it is repeated, and written answers are learned.
// RUN: np=1,2,4 backend=cpu,strict
// TIMEOUT: 300
#include "rl_case.h"

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
    update_t u = {ALLOC(float, r->count), r->sum[SUM_LOSS], r->grad_norm, r->sum[SUM_REWARD],
                  r->sum[SUM_WEIGHED]};
    r->ops->get(u.block, optim_master(r->optim), (size_t)r->count * sizeof(float));
    check(step_run(r) == 0 && r->mismatch == 0);
    check(r->state.drawn == 2 * 7 * 4 && r->state.drawn == r->state.learned + r->state.dropped);
    trainer_close(r, CODE_DONE);
    deck_free(d);
    return u;
}

/* Every row of a record, by (group, sample): ranks write theirs one after another, in order of
   group. */
static void same_record(const char *a, const char *b)
{
    static const char *const columns[] = {"reward", "advantage", "reward_overlong",
                                          "reward_correct"};
    char path[2][600];
    h5_t *f[2];
    void *data[2][2];
    int64_t *offset[2][2], n = 7 * 4;
    for (int k = 0; k < 2; k++) {
        snprintf(path[k], sizeof path[k], "%s/%s/rollout/step-00000000.h5", case_dir(), k ? b : a);
        f[k] = h5_open(comm_world(), path[k], "rollout", 1);
        check(h5_get_ragged(f[k], "sample/tokens", H5_I32, &data[k][0], &offset[k][0], 1) == n);
        check(h5_get_ragged(f[k], "sample/logprob", H5_F32, &data[k][1], &offset[k][1], 1) == n);
    }
    check(!memcmp(offset[0][0], offset[1][0], sizeof(int64_t) * (size_t)(n + 1)));
    for (int j = 0; j < 2; j++)
        check(!memcmp(data[0][j], data[1][j], 4 * (size_t)offset[0][j][n]), "%s",
              j ? "logprob" : "tokens");
    for (int c = 0; c < 4; c++) {
        float x[2][7 * 4];
        char name[64];
        snprintf(name, sizeof name, "sample/%s", columns[c]);
        for (int k = 0; k < 2; k++)
            h5_get(f[k], name, H5_F32, x[k], n, 0, 0, n);
        check(!memcmp(x[0], x[1], sizeof x[0]), "%s", columns[c]);
    }
    for (int k = 0; k < 2; k++) {
        h5_close(f[k]);
        for (int j = 0; j < 2; j++)
            mem_free(data[k][j]), mem_free(offset[k][j]);
    }
}

static double repeat(run_kind_t kind, const char *run, const char *more, int steps, double *first)
{
    deck_t *d = case_deck(run, more);
    trainer_t *r = trainer_open(kind, d, deck_text(d, "run.dir"), comm_world(), NULL, "test");
    double last = 0;
    for (int i = 0; i < steps; i++) {
        check((kind == RUN_SFT ? sft_run(r) : step_run(r)) == 0);
        last = kind == RUN_SFT ? r->sum[SUM_LOSS] : r->sum[SUM_REWARD] / r->sum[SUM_DRAWN];
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
