// Recipes against their definitions, computed by hand without anything shared: RAFT's gradient is that
// of plain cross-entropy on the right answers, a pair's is that of its two answers each behind its own
// prompt, with the same log-probabilities bit for bit; a step that has nothing to learn changes nothing.
// RUN: np=1,2 backend=cpu,strict
// TIMEOUT: 300
#include "rl_hand.h"

/* RAFT ----------------------------------------------------------------------------------- */

/* Some answers are right, at a place that is a function of the item; of some items none, of some all. */
static void judge_anew(trainer_t *r)
{
    for (int k = 0; k < r->block.n; k++) {
        judged_t *j = &r->block.item[k];
        for (int i = 0; i < j->n; i++) {
            int right = j->prompt.item % 3 == 2 || (j->prompt.item % 3 == 1 && i % 2 == 0);
            right &= !j->traj[i].truncated;
            j->reward[i].correct = j->reward[i].total = (float)right;
            j->reward[i].answer = right ? j->right : -1;
        }
    }
}

typedef struct {
    double tokens, completions, loss;
} sums_t;

/* The right ones of a group that are kept. */
static void kept_of(const trainer_t *r, const judged_t *j, float *a)
{
    for (int i = 0; i < j->n; i++)
        a[i] = j->reward[i].correct;
    advantage_keep(a, j->n, r->set.recipe.keep, r->set.seed, r->state.step, j->prompt.item);
}

static double weight_of(const trainer_t *r, const sums_t *s, const traj_t *t)
{
    switch (r->set.recipe.normaliser) {
    case NORM_TOKEN:
        return 1 / s->tokens;
    case NORM_SEQUENCE:
        return 1 / (s->completions * t->n_token);
    default:
        return 1 / (s->completions * r->set.recipe.max_new);
    }
}

/* Two passes: the sizes of the batch, then its gradient. */
static sums_t cross_entropy(trainer_t *r, hand_t *h)
{
    sums_t s = {0};
    float *coef = ALLOC(float, r->set.recipe.max_new), *a = ALLOC(float, r->set.recipe.group);
    for (int pass = 0; pass < 2; pass++) {
        for (int k = 0; k < r->block.n; k++) {
            const judged_t *j = &r->block.item[k];
            kept_of(r, j, a);
            for (int i = 0; i < j->n; i++) {
                const traj_t *t = &j->traj[i];
                if (a[i] == 0)
                    continue;
                s.tokens += pass ? 0 : t->n_token;
                s.completions += !pass;
                if (!pass)
                    continue;
                double w = weight_of(r, &s, t);
                for (int n = 0; n < t->n_token; n++)
                    coef[n] = (float)-w;
                hand_add(h, t, coef);
                s.loss -= w * hand_sum(h->logp, t->n_token);
            }
        }
        double all[2] = {pass ? 0 : s.tokens, pass ? 0 : s.completions};
        comm_sum_f64(r->team.group, all, 2);
        if (!pass)
            s.tokens = all[0], s.completions = all[1];
    }
    comm_sum_f64(r->team.group, &s.loss, 1);
    mem_free(coef), mem_free(a);
    return s;
}

static void raft(void)
{
    deck_t *deck;
    trainer_t *r = hand_open("raft", "recipe.name=raft run.steps=9", comm_world(), &deck);
    for (int step = 0; step < 6; step++) {
        r->set.recipe.normaliser = (normaliser_t)(step % 3);
        r->set.recipe.keep = step < 3 ? 0 : 1;
        hand_sample(r);
        judge_anew(r);
        hand_t h = hand_new(r);
        sums_t want = cross_entropy(r, &h);
        check(step_run(r) == 0 && r->step.mismatch == 0);
        double far = hand_end(&h), loss = r->step.sum[SUM_LOSS];
        check(far < 1e-5, "step %d: cross-entropy's gradient is %g away", step, far);
        check(fabs(loss - want.loss) < 1e-9 * want.loss, "step %d: loss %.12g, cross-entropy %.12g",
              step, loss, want.loss);
        check(r->step.used == (int64_t)want.completions && want.completions > 3);
        check(r->step.sum[SUM_LEARNED] == want.completions);
        check(r->step.sum[SUM_WEIGHED] == want.tokens && want.tokens > 3 * want.completions);
    }
    hand_close(r, deck);
}

/* Pairs ---------------------------------------------------------------------------------- */

/* The best answer and the worst that were not cut off, by their order after a sort. */
static void best_and_worst(const judged_t *j, int *best, int *worst)
{
    *best = *worst = -1;
    for (int i = j->n - 1; i >= 0; i--) {
        if (j->traj[i].truncated)
            continue;
        if (*best < 0 || j->reward[i].total >= j->reward[*best].total)
            *best = i;
        if (*worst < 0 || j->reward[i].total <= j->reward[*worst].total)
            *worst = i;
    }
    if (*best >= 0 && j->reward[*best].total == j->reward[*worst].total)
        *best = *worst = -1;
}

/* What the reference says of the two, with the prompt computed once for both; the same bits as of
   either alone. */
static void reference_of(hand_t *h, const judged_t *j, int chosen, int rejected, double out[2])
{
    trainer_t *r = h->r;
    const traj_t two[2] = {j->traj[chosen], j->traj[rejected]};
    float *logp = ALLOC(float, two[0].n_token + two[1].n_token), *at = logp;
    learn_score(r->net.acts, r->set.max_tokens, r->net.reference, &j->prompt, two, 2,
                (float)r->set.recipe.temperature, logp);
    for (int side = 0; side < 2; side++) {
        const float *alone = hand_logp(h, r->net.reference, &two[side]);
        size_t bytes = (size_t)two[side].n_token * sizeof *at;
        check(!memcmp(alone, at, bytes), "a shared prompt changes a log-probability");
        out[side] = hand_sum(alone, two[side].n_token);
        at += two[side].n_token;
    }
    mem_free(logp);
}

typedef struct {
    double pairs, right, loss, margin;
} pairs_t;

/* -log sigmoid(beta ((x_c - f_c) - (x_r - f_r))), by itself and with its derivative; keep: the two and
   their reference are left in the block for a run that takes them from there. */
static pairs_t preference(trainer_t *r, hand_t *h, int keep)
{
    pairs_t s = {0};
    const double beta = r->set.recipe.pair_beta;
    float *coef = ALLOC(float, r->set.recipe.max_new);
    for (int pass = 0; pass < 2; pass++) {
        double n = 0;
        for (int k = 0; k < r->block.n; k++) {
            judged_t *j = &r->block.item[k];
            int which[2];
            double x[2], f[2];
            best_and_worst(j, &which[0], &which[1]);
            if (which[0] < 0)
                continue;
            n++;
            if (!pass)
                continue;
            reference_of(h, j, which[0], which[1], f);
            for (int side = 0; side < 2; side++) {
                const traj_t *t = &j->traj[which[side]];
                x[side] = hand_sum(hand_logp(h, r->net.model, t), t->n_token);
            }
            double m = beta * ((x[0] - f[0]) - (x[1] - f[1]));
            s.loss += log1p(exp(-m)) / s.pairs;
            s.margin += m;
            s.right += m > 0;
            for (int side = 0; side < 2; side++) {
                const traj_t *t = &j->traj[which[side]];
                for (int i = 0; i < t->n_token; i++)
                    coef[i] = (float)((side ? beta : -beta) / (1 + exp(m)) / s.pairs);
                hand_add(h, t, coef);
            }
            if (keep) {
                j->chosen = which[0], j->rejected = which[1], j->has_reference = 1;
                memcpy(j->reference, f, sizeof f);
            }
        }
        comm_sum_f64(r->team.group, &n, 1);
        s.pairs = n;
    }
    comm_sum_f64(r->team.group, &s.right, 3); /* right, loss, margin */
    mem_free(coef);
    return s;
}

/* Three steps; the reference stays where the run began.  kept: the pairs bring its numbers. */
static hash_t pairs(const char *run, int kept)
{
    deck_t *deck;
    trainer_t *r = hand_open(run, "recipe.name=online-dpo recipe.pair_beta=0.7 run.steps=9",
                             comm_world(), &deck);
    hash_t all = {0};
    for (int step = 0; step < 3; step++) {
        hand_sample(r);
        hand_t h = hand_new(r);
        pairs_t want = preference(r, &h, kept);
        check(step_run(r) == 0 && r->step.mismatch == 0);
        double far = hand_end(&h);
        const double *s = r->step.sum;
        check(far < 1e-5, "step %d: the gradient of unshared pairs is %g away", step, far);
        check(fabs(s[SUM_LOSS] - want.loss) < 1e-9 && fabs(s[SUM_MARGIN] - want.margin) < 1e-9,
              "step %d: loss %.12g, %.12g by hand", step, s[SUM_LOSS], want.loss);
        check(s[SUM_PAIRS] == want.pairs && s[SUM_PAIR_RIGHT] == want.right && want.pairs > 3);
        check(step ? fabs(want.margin) > 0.1 : want.margin == 0 && want.right == 0);
        hash_t grad = case_hash(r, r->net.grad);
        all = hash_more(all, &grad, sizeof grad);
    }
    hash_t state = hand_state(r);
    all = hash_more(all, &state, sizeof state);
    hand_close(r, deck);
    return all;
}

/* Nothing to learn ----------------------------------------------------------------------- */

/* No answer is right, or better than another; or all are cut off. */
static void spoil(trainer_t *r, int cut)
{
    for (int k = 0; k < r->block.n; k++) {
        judged_t *j = &r->block.item[k];
        for (int i = 0; i < j->n; i++) {
            j->reward[i].correct = 0;
            j->reward[i].total = cut ? (float)i : -1;
            j->traj[i].truncated = cut;
        }
    }
}

/* Steps 0 and 2 learn (moments are not zero), steps 1 and 3 cannot. */
static void nothing(const char *name)
{
    deck_t *deck;
    char run[64], more[300];
    snprintf(run, sizeof run, "nothing-%s", name);
    snprintf(more, sizeof more,
             "recipe.name=%s run.steps=20 recipe.refill=0 recipe.filter=none recipe.sync_every=1",
             name);
    trainer_t *r = hand_open(run, more, comm_world(), &deck);
    int alike = !r->set.recipe.kl_beta && r->set.recipe.advantage != ADV_SIGN;
    for (int step = 0; step < 4; step++) {
        hand_sample(r);
        judge_anew(r);
        hash_t before = hand_state(r);
        int64_t count = optim_count(r->net.optim), empty = r->state.empty,
                learned = r->state.learned;
        if (step % 2)
            spoil(r, step == 3 || !alike);
        check(step_run(r) == 0 && r->state.step == step + 1 && r->block.n == 0);
        hash_t after = hand_state(r);
        check(hash_equal(before, after) == step % 2, "%s: step %d", name, step);
        check(optim_count(r->net.optim) == count + !(step % 2), "%s: step %d", name, step);
        check(r->state.empty == empty + step % 2, "%s: step %d", name, step);
        check((r->state.learned > learned) == !(step % 2), "%s: step %d", name, step);
        hash_t first = after;
        comm_bcast(comm_world(), &first, sizeof first, 0);
        check(hash_equal(first, after), "%s: step %d: ranks differ", name, step);
    }
    hand_close(r, deck);
}

/* One right answer, of the first item: the other ranks have nothing, and the same update. */
static void one_rank(void)
{
    deck_t *deck;
    trainer_t *r = hand_open("one", "recipe.name=raft run.steps=9", comm_world(), &deck);
    hand_sample(r);
    spoil(r, 0);
    if (r->team.rank == 0)
        for (int i = 0; i < r->block.item[0].n; i++)
            r->block.item[0].reward[i].correct = !r->block.item[0].traj[i].truncated;
    hash_t before = hand_state(r);
    check(step_run(r) == 0 && r->state.empty == 0 && r->step.grad_norm > 0);
    hash_t after = hand_state(r), first = after;
    comm_bcast(comm_world(), &first, sizeof first, 0);
    check(!hash_equal(before, after) && hash_equal(first, after));
    hand_close(r, deck);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    case_make();
    raft();
    hash_t pulled = pairs("pulled", 0), brought = pairs("brought", 1);
    check(hash_equal(pulled, brought), "a reference that was computed before gives other bits");
#define RECIPE(name, source, ...)      \
    if (recipe_find(name)->sync_every) \
        nothing(name);
#include "recipes.def"
#undef RECIPE
    one_rank();
    return test_end();
}
