// Learning from files: from what the run's own parameters sampled, the first update is that of the step
// that sampled it, bit for bit, for every objective and at a temperature other than 1; the pairs'
// reference is the same whether the file brings it or the model computes it, and is kept.
// RUN: np=1,2 backend=cpu,strict
// TIMEOUT: 300
#include "rl_hand.h"

enum { PROMPTS = 7, GROUP = 4 };

/* Rewards as if some answers had been right: of one item all, of every other the first that was not cut
   off and some behind it. */
static void judge_anew(trainer_t *r)
{
    for (int k = 0; k < r->block.n; k++) {
        judged_t *j = &r->block.item[k];
        for (int i = 0, none = 1; i < j->n; i++) {
            reward_t *w = &j->reward[i];
            int right = none || j->prompt.item == 3 || (i + j->prompt.item) % 3 == 0;
            right &= !j->traj[i].truncated;
            none &= !right;
            w->correct = (float)right;
            w->answer = right ? j->right : -1;
            w->format = right ? 0 : -1;
            w->total = w->correct + w->format + w->overlong;
        }
    }
}

typedef struct {
    const char *path;
    double temperature;
    int of_others; /* the file says that other parameters sampled it */
    int at_one;    /* its log-probabilities at 1 stand beside */
} file_t;

/* The block as a rollout file.  The offline run takes groups in shuffled order: each item's rows are put
   where that order finds them, so that both runs add the same numbers in the same order. */
static void write_file(trainer_t *r, const file_t *f)
{
    record_t *rows, *put = ALLOC(record_t, PROMPTS * GROUP);
    float **one = ALLOC(float *, PROMPTS *GROUP);
    data_t *order = data_items(PROMPTS, r->set.seed);
    check(judged_records(&r->block, &rows) == PROMPTS * GROUP);
    for (int i = 0; i < PROMPTS; i++)
        for (int k = 0; k < GROUP; k++) {
            int to = data_list(order, 5, i) * GROUP + k;
            const judged_t *j = &r->block.item[i];
            put[to] = rows[i * GROUP + k];
            if (!f->at_one)
                continue;
            put[to].logp_one = one[to] = ALLOC(float, j->traj[k].n_token);
            learn_score(r->net.acts, r->set.max_tokens, r->net.model, &j->prompt, &j->traj[k], 1, 1,
                        one[to]);
        }
    h5_t *h = record_create(r->team.group, f->path, "");
    record_put(h, "sample", put, PROMPTS * GROUP);
    origin_t o = {.model = r->set.dir,
                  .params = model_hash(r->net.model),
                  .tokenizer = origin_tokenizer(deck_text(r->set.deck, "model.dir")),
                  .prompt = origin_prompt(r->net.template, r->set.recipe.mode),
                  .temperature = f->temperature,
                  .top_p = 1};
    snprintf(o.mode, sizeof o.mode, "instruct");
    o.params.lo ^= (uint64_t)f->of_others;
    origin_put(h, &o);
    h5_commit(h);
    for (int i = 0; i < PROMPTS * GROUP; i++)
        mem_free(one[i]);
    mem_free(one), mem_free(put), mem_free(rows);
    data_free(order);
}

/* What the parameters of the start sample in the first step, written by one rank.  collective(world) */
static void sample_file(const char *run, const char *more, const file_t *f)
{
    group_t *g = group_split(comm_world(), group_rank(comm_world()) ? -1 : 0, 0);
    if (g) {
        deck_t *deck;
        trainer_t *r = hand_open(run, more, g, &deck);
        hand_sample(r);
        judge_anew(r);
        write_file(r, f);
        hand_close(r, deck);
        group_free(g);
    }
    comm_barrier(comm_world());
}

typedef struct {
    hash_t state;
    double loss, learned, clipped;
} update_t;

static update_t one_step(const char *run, const char *more)
{
    deck_t *deck;
    trainer_t *r = hand_open(run, more, comm_world(), &deck);
    check(trainer_prepare(r) == 0);
    hand_sample(r);
    if (!r->src.offline)
        judge_anew(r);
    check(step_run(r) == 0 && r->step.mismatch == 0 && r->state.empty == 0);
    update_t u = {hand_state(r), r->step.sum[SUM_LOSS], r->step.sum[SUM_LEARNED],
                  r->step.sum[SUM_CLIPPED]};
    hand_close(r, deck);
    return u;
}

static void same_update(const char *name, const char *how, double temperature)
{
    char run[64], path[512], more[500], text[1100];
    snprintf(run, sizeof run, "%s.h5", name);
    case_path(path, run);
    snprintf(more, sizeof more,
             "recipe.name=offline-grpo recipe.mode=instruct run.steps=9 recipe.temperature=%g %s",
             temperature, how);
    snprintf(text, sizeof text, "%s recipe.sync_every=1", more);
    snprintf(run, sizeof run, "%s-draw", name);
    sample_file(run, text, &(file_t){path, temperature, 0, 0});
    snprintf(run, sizeof run, "%s-on", name);
    update_t on = one_step(run, text);
    snprintf(text, sizeof text, "%s data.rollouts=%s", more, path);
    snprintf(run, sizeof run, "%s-off", name);
    update_t off = one_step(run, text);
    check(hash_equal(on.state, off.state), "%s: another update from files than from sampling",
          name);
    check(on.loss == off.loss && on.learned == off.learned && on.learned > 4, "%s: %g %g", name,
          on.loss, off.loss);
    check(on.clipped == 0 && off.clipped == 0, "%s: ratios are not 1", name);
}

/* Sampled at 0.8, learned from at 1: the file's log-probabilities at 1 are the old ones, so that all
   ratios are 1, as they are in a file that was sampled at 1. */
static void at_one(void)
{
    char a[512], b[512], more[800];
    case_path(a, "at-one.h5"), case_path(b, "as-one.h5");
    const char *draw = "recipe.name=offline-grpo recipe.mode=instruct run.steps=9 "
                       "recipe.temperature=0.8 recipe.sync_every=1",
               *learn =
                   "recipe.name=offline-grpo recipe.mode=instruct run.steps=9 recipe.clip_low=1e-9 "
                   "recipe.clip_high=1e-9";
    sample_file("at-one-draw", draw, &(file_t){a, 0.8, 0, 1});
    snprintf(more, sizeof more, "%s data.rollouts=%s", learn, a);
    update_t one = one_step("at-one", more);
    check(one.clipped == 0, "%g ratios are not 1", one.clipped);
    sample_file("as-one-draw", draw, &(file_t){b, 1, 0, 0}); /* says 1, which is not so */
    snprintf(more, sizeof more, "%s data.rollouts=%s", learn, b);
    check(one_step("as-one", more).clipped > 20);
}

/* DPO from files. */
static void same_reference(void)
{
    static const file_t files[2] = {{"own.h5", 1, 0, 0}, {"others.h5", 1, 1, 0}};
    const char *more =
        "recipe.name=dpo-think recipe.mode=instruct run.steps=9 recipe.pair_beta=0.7";
    update_t u[3];
    pair_t *pair[3];
    int n[3] = {0};
    for (int k = 0; k < 3; k++) { /* the third finds what the second has computed */
        deck_t *deck;
        char path[512], run[64], text[1200];
        file_t f = files[k > 0];
        case_path(path, f.path);
        f.path = path;
        snprintf(run, sizeof run, "pairs-draw-%d", k);
        if (k < 2)
            sample_file(run, "recipe.name=offline-grpo recipe.mode=instruct recipe.sync_every=1",
                        &f);
        snprintf(text, sizeof text, "%s data.rollouts=%s", more, path);
        if (k == 2)
            snprintf(text + strlen(text), 600, " pairs.file=%s/pairs-1/pairs.h5", case_dir());
        snprintf(run, sizeof run, "pairs-%d", k);
        trainer_t *r = hand_open(run, text, comm_world(), &deck);
        check(trainer_prepare(r) == 0);
        hash_t first = hand_state(r);
        for (int step = 0; step < 3; step++) {
            check(step_run(r) == 0 && r->state.empty == 0);
            check(step || fabs(r->step.sum[SUM_LOSS] - log(2)) < 1e-12, "%.17g",
                  r->step.sum[SUM_LOSS]);
            check(step || r->step.sum[SUM_MARGIN] == 0, "the reference is not the start: %g",
                  r->step.sum[SUM_MARGIN]);
            check(r->step.sum[SUM_PAIRS] == PROMPTS);
        }
        u[k] = (update_t){.state = hand_state(r), .loss = r->step.sum[SUM_LOSS]};
        check(!hash_equal(first, u[k].state) && u[k].loss < log(2) - 1e-3);
        rollouts_want_t want = {.is = {.tokenizer = origin_tokenizer(deck_text(deck, "model.dir")),
                                       .prompt = origin_prompt(r->net.template, MODE_INSTRUCT)},
                                .vocab = CASE_VOCAB};
        snprintf(want.is.mode, sizeof want.is.mode, "instruct");
        rollouts_t *p = rollouts_open(comm_world(), path, &want);
        pairing_count_t count;
        pair[k] = pairs_form(p, &(pairing_t){(int)deck_int(deck, "pairs.most"), 0, r->set.seed},
                             &n[k], &count);
        snprintf(text, sizeof text, "%s/pairs-%d/pairs.h5", case_dir(), k > 0);
        check(pairs_read(comm_world(), text, r->state.start,
                         pairs_hash(p, pair[k], n[k], 1, (hash_t){0, 0}), pair[k], n[k]) == 1);
        rollouts_free(p);
        hand_close(r, deck);
    }
    for (int k = 1; k < 3; k++) {
        check(n[k] == n[0] && n[0] >= 5, "%d pairs, %d", n[k], n[0]);
        check(!memcmp(pair[k], pair[0], (size_t)n[0] * sizeof *pair[0]),
              "the reference that was computed is not the one that was sampled");
        check(hash_equal(u[k].state, u[0].state) && u[k].loss == u[0].loss);
    }
    for (int k = 0; k < 3; k++)
        mem_free(pair[k]);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    case_make();
    same_update("clip", "", 1);
    same_update("cool", "", 0.8);
    same_update("sequence", "recipe.ratio=sequence recipe.normaliser=sequence", 1);
    same_update("cispo",
                "recipe.objective=cispo recipe.advantage=leave-one-out "
                "recipe.normaliser=constant",
                1);
    same_update("kept", "recipe.advantage=positives recipe.objective=nll recipe.keep=1", 1);
    same_update("pulled", "recipe.kl_beta=0.1", 1);
    same_update("sign", "recipe.advantage=sign recipe.normaliser=sequence", 1);
    at_one();
    same_reference();
    return test_end();
}
