// Stopped at step 5 and continued to 10, parameters and moments are those of 10 uninterrupted
// steps, bit for bit, in train and in sft; sampled and trained log-probabilities are equal in every
// step; another number of ranks continues the same tensors.
// RUN: np=1,2,4 backend=cpu,strict
// TIMEOUT: 300
#include "rl_case.h"

typedef struct {
    hash_t p, m, v, ref;
    state_t state;
} end_t;

static trainer_t *start(run_kind_t kind, const char *run, const char *more, group_t *g,
                        deck_t **deck)
{
    *deck = case_deck(run, more);
    return trainer_open(kind, *deck, deck_text(*deck, "run.dir"), g, NULL, "test");
}

static void steps(trainer_t *r, int64_t until)
{
    while (r->state.step < until) {
        check((r->set.kind == RUN_SFT ? sft_run(r) : step_run(r)) == 0);
        check(r->step.mismatch == 0, "step %d: log-probabilities differ by %g", (int)r->state.step,
              r->step.mismatch);
        check(r->set.kind == RUN_SFT || r->step.sum[SUM_LEARNED] > 0);
        check(r->step.grad_norm > 0);
    }
}

static end_t finish(trainer_t *r, deck_t *deck)
{
    end_t e = {case_hash(r, optim_master(r->net.optim)),
               case_hash(r, optim_m(r->net.optim)),
               case_hash(r, optim_v(r->net.optim)),
               {0},
               r->state};
    if (r->net.reference)
        e.ref = model_hash(r->net.reference);
    trainer_save(r);
    check(r->state.drawn == r->state.learned + r->state.dropped);
    trainer_close(r, CODE_DONE);
    deck_free(deck);
    return e;
}

static void stop_and_go(run_kind_t kind, const char *name, const char *more)
{
    char run[64], text[400];
    deck_t *deck;
    snprintf(run, sizeof run, "%s-whole", name);
    trainer_t *r = start(kind, run, more, comm_world(), &deck);
    steps(r, 10);
    end_t whole = finish(r, deck);

    snprintf(run, sizeof run, "%s-parts", name);
    r = start(kind, run, more, comm_world(), &deck);
    steps(r, 5);
    end_t half = finish(r, deck);
    snprintf(text, sizeof text, "%s run.resume=yes", more);
    r = start(kind, run, text, comm_world(), &deck);
    check(r->state.step == 5);
    hash_t p = case_hash(r, optim_master(r->net.optim));
    check(hash_equal(p, half.p));
    steps(r, 10);
    end_t parts = finish(r, deck);
    check(hash_equal(whole.p, parts.p) && hash_equal(whole.m, parts.m) &&
              hash_equal(whole.v, parts.v),
          "%s", name);
    check(hash_equal(whole.ref, parts.ref));
    check(!hash_equal(whole.p, half.p));
    whole.state.seconds = parts.state.seconds = 0;
    check(!memcmp(&whole.state, &parts.state, sizeof whole.state));
}

/* Saved by `before` ranks, continued by `after`; the world has at least as many. */
static void other_ranks(int before, int after)
{
    int rank = group_rank(comm_world());
    end_t half = {0}, then = {0};
    deck_t *deck;
    char run[64];
    snprintf(run, sizeof run, "ranks-%d-%d", before, after);
    group_t *g = group_split(comm_world(), rank < before ? 0 : -1, rank);
    if (g) {
        trainer_t *r = start(RUN_TRAIN, run, "run.steps=10", g, &deck);
        steps(r, 3);
        half = finish(r, deck);
        group_free(g);
    }
    comm_barrier(comm_world());
    comm_bcast(comm_world(), &half, sizeof half, 0);
    g = group_split(comm_world(), rank < after ? 0 : -1, rank);
    if (g) {
        trainer_t *r = start(RUN_TRAIN, run, "run.steps=10 run.resume=yes", g, &deck);
        check(hash_equal(case_hash(r, optim_master(r->net.optim)), half.p));
        check(hash_equal(case_hash(r, optim_m(r->net.optim)), half.m));
        check(hash_equal(case_hash(r, optim_v(r->net.optim)), half.v) &&
              r->state.drawn == half.state.drawn);
        steps(r, 6);
        then = finish(r, deck);
        check(then.state.drawn == 2 * half.state.drawn);
        group_free(g);
    }
    comm_barrier(comm_world());
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    case_make();
    stop_and_go(RUN_TRAIN, "train", "run.steps=10 recipe.kl_beta=0.1 recipe.reference_reset=4");
    stop_and_go(RUN_SFT, "sft", "run.steps=10 sft.grow=0.6 recipe.warmup=0.2 recipe.decay=cosine");
    stop_and_go(RUN_TRAIN, "held",
                "run.steps=10 model.dtype=bfloat16 recipe.kl_beta=0.1 recipe.reference_reset=4");
    int size = group_size(comm_world());
    if (size == 2)
        other_ranks(2, 1);
    if (size == 4)
        other_ranks(2, 3);
    return test_end();
}
