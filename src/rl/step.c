/* One step of learning, as a listing: every recipe's.

       gather     the block of samples, where the last one is used up (gather.c); or the
                  next groups or pairs of rollout files (offline.c)
       take       what of it belongs to this step
       advantage  within each group; what has no gradient is marked; pairs are chosen
       learn      forward, loss, backward in micro-batches
       reduce     the gradient over the ranks
       update     AdamW: the same on every rank
       record     one line, one row, sometimes every completion

   The sampled log-probabilities are the old ones of the ratio, no second forward computes
   them.  Where the samples are those of the parameters that learn from them, learn's own
   forward must return the same bits; the largest difference is recorded as logp_mismatch
   and is 0.

   Nothing to learn is nothing computed: completions cut off at the budget are masked; a
   group whose advantages are all zero is skipped where no reference pulls; where the
   advantage is `positives`, only right answers take part at all.  The token and sequence
   normalisers count the completions that take part or could have, over all ranks, so that
   the loss is a mean over what was sampled, whatever the number of ranks or
   micro-batches.  A step in which no rank has anything to learn changes nothing, neither
   parameters nor moments, and is counted.

   Objective pair: of a sampled group the best completion and the worst, by reward, the
   first of equals; a group without a difference is skipped.  The two share their prompt's
   forward as any group does.

   Communication: one small sum before learning, the gradient, the sums of the report. */
#include "rl.h"
#include <math.h>
#include <string.h>

/* Take ------------------------------------------------------------------------------- */

static void take(trainer_t *r)
{
    judged_list_t *from = &r->block, *to = &r->step.judged;
    int kept = 0;
    for (int k = 0; k < from->n; k++)
        if (from->item[k].step == r->state.step)
            PUSH(to->item, to->n, to->cap, from->item[k]);
        else
            from->item[kept++] = from->item[k];
    from->n = kept;
    for (int k = 0; k < to->n; k++)
        trainer_count(r, &to->item[k]);
}

/* Advantage -------------------------------------------------------------------------- */

/* Best and worst completion that were not cut off. */
static void choose_pair(judged_t *j)
{
    int best = -1, worst = -1;
    for (int i = 0; i < j->n; i++) {
        if (j->traj[i].truncated)
            continue;
        if (best < 0 || j->reward[i].total > j->reward[best].total)
            best = i;
        if (worst < 0 || j->reward[i].total < j->reward[worst].total)
            worst = i;
    }
    int differ = best >= 0 && j->reward[best].total > j->reward[worst].total;
    j->chosen = differ ? best : -1;
    j->rejected = differ ? worst : -1;
}

static void compare(const trainer_t *r, judged_t *j, int pull)
{
    const recipe_t *c = &r->set.recipe;
    float *x = ALLOC(float, j->n);
    int verdicts = c->advantage == ADV_POSITIVES || c->advantage == ADV_SIGN;
    for (int i = 0; i < j->n; i++)
        x[i] = verdicts ? j->reward[i].correct : j->reward[i].total;
    advantage_group(j->advantage, x, j->n, c->advantage);
    if (c->advantage == ADV_POSITIVES)
        advantage_keep(j->advantage, j->n, c->keep, r->set.seed, r->state.step, j->prompt.item);
    j->some = pull && c->advantage != ADV_POSITIVES;
    for (int i = 0; i < j->n; i++)
        j->some |= j->advantage[i] != 0 && !j->traj[i].truncated;
    mem_free(x);
}

static int used(const trainer_t *r, const judged_t *j, int i)
{
    const recipe_t *c = &r->set.recipe;
    if (c->objective == OBJECTIVE_PAIR)
        return i == j->chosen || i == j->rejected;
    return j->some && !j->traj[i].truncated &&
           (c->advantage != ADV_POSITIVES || j->advantage[i] != 0);
}

static int counts(const trainer_t *r, const judged_t *j, int i)
{
    return !j->traj[i].truncated &&
           (r->set.recipe.advantage != ADV_POSITIVES || j->advantage[i] != 0);
}

static void advantage(trainer_t *r)
{
    const recipe_t *c = &r->set.recipe;
    int pull = r->net.reference && r->state.reference_step != r->state.step;
    double n[6] = {0}; /* tokens, completions, all of them, used, groups, pairs */
    for (int k = 0; k < r->step.judged.n; k++) {
        judged_t *j = &r->step.judged.item[k];
        int some = 0;
        if (c->objective != OBJECTIVE_PAIR)
            compare(r, j, pull);
        else if (!j->has_reference)
            choose_pair(j);
        for (int i = 0; i < j->n; i++) {
            n[0] += counts(r, j, i) ? j->traj[i].n_token : 0;
            n[1] += counts(r, j, i);
            n[2] += c->advantage != ADV_POSITIVES || counts(r, j, i);
            n[3] += used(r, j, i);
            some |= used(r, j, i);
        }
        n[4]++;
        n[5] += j->chosen >= 0;
        r->step.sum[SUM_GROUPS]++;
        r->step.sum[SUM_SKIPPED] += !some;
    }
    comm_sum_f64(r->team.group, n, 6);
    r->step.used = (int64_t)n[3];
    r->step.taken = (int)n[4];
    r->step.denom = c->objective == OBJECTIVE_PAIR   ? n[5]
                    : c->normaliser == NORM_TOKEN    ? n[0]
                    : c->normaliser == NORM_SEQUENCE ? n[1]
                                                     : n[2] * c->max_new;
    trainer_phase(r, PHASE_ADVANTAGE);
}

/* Learn ------------------------------------------------------------------------------ */

static void note_mismatch(trainer_t *r, const member_t *m, const float *logp)
{
    const traj_t *t = &m->j->traj[m->i];
    if (m->j->made == r->state.step)
        for (int k = 0; k < m->n; k++)
            r->step.mismatch = fmax(r->step.mismatch, fabs((double)logp[k] - t->logp[k]));
}

static void weigh(trainer_t *r, micro_t *m)
{
    loss_sums_t s = {0};
    for (int k = 0; k < m->n_member; k++) {
        const member_t *one = &m->member[k];
        const float *logp = m->logp + one->row;
        loss_policy(m->coef + one->row, &s, &r->set.recipe, logp, one->j->traj[one->i].logp,
                    m->pull ? m->ref_logp + one->row : NULL, one->n, one->j->advantage[one->i],
                    r->step.denom);
        note_mismatch(r, one, logp);
    }
    r->step.sum[SUM_LOSS] += s.loss;
    r->step.sum[SUM_KL] += s.kl;
    r->step.sum[SUM_CLIPPED] += s.ratio_clipped;
}

/* Members stand two by two; where neither a reference nor its numbers are there, the policy is the reference. */
static void weigh_pairs(trainer_t *r, micro_t *m)
{
    pair_sums_t s = {0};
    for (int k = 0; k < m->n_member; k += 2) {
        const judged_t *j = m->member[k].j;
        double logp[2], ref[2], coef[2];
        ASSERT(k + 1 < m->n_member && m->member[k + 1].j == j);
        for (int side = 0; side < 2; side++) {
            const member_t *one = &m->member[k + side];
            int which = one->i == j->chosen ? PAIR_CHOSEN : PAIR_REJECTED;
            logp[which] = loss_logp(m->logp + one->row, one->n);
            ref[which] = j->has_reference ? j->reference[which]
                         : m->pull        ? loss_logp(m->ref_logp + one->row, one->n)
                                          : logp[which];
            note_mismatch(r, one, m->logp + one->row);
        }
        loss_pair(coef, &s, r->set.recipe.pair_beta, logp, ref, r->step.denom);
        for (int side = 0; side < 2; side++) {
            const member_t *one = &m->member[k + side];
            float c = (float)coef[one->i == j->chosen ? PAIR_CHOSEN : PAIR_REJECTED];
            for (int i = 0; i < one->n; i++)
                m->coef[one->row + i] = c;
        }
    }
    r->step.sum[SUM_LOSS] += s.loss;
    r->step.sum[SUM_PAIRS] += s.pairs;
    r->step.sum[SUM_PAIR_RIGHT] += s.right;
    r->step.sum[SUM_MARGIN] += s.chosen - s.rejected;
}

static void learn(trainer_t *r)
{
    learn_run(r, used, 0, r->set.recipe.objective == OBJECTIVE_PAIR ? weigh_pairs : weigh);
    trainer_phase(r, PHASE_LEARN);
}

static void reduce(trainer_t *r)
{
    learn_reduce(r);
    trainer_phase(r, PHASE_REDUCE);
}

static void update(trainer_t *r)
{
    learn_update(r);
    trainer_phase(r, PHASE_UPDATE);
}

/* Record ----------------------------------------------------------------------------- */

/* Which parameters of the run sampled a row stands in the row. */
static void record_all(trainer_t *r)
{
    record_t *rows;
    text_t path = {0};
    int n = judged_records(&r->step.judged, &rows);
    text_addf(&path, "%s/rollout/step-%08lld.h5", r->set.dir, (long long)r->state.step);
    h5_t *f = record_create(r->team.group, path.s, r->set.deck_text);
    record_put(f, "sample", rows, n);
    if (!r->src.offline) {
        origin_t o = origin_of_run(r);
        origin_put(f, &o);
    }
    h5_commit(f);
    text_reset(&path);
    mem_free(rows);
}

static void record(trainer_t *r)
{
    if (r->set.record_every && r->state.step % r->set.record_every == 0)
        record_all(r);
    report_step(r);
    trainer_clear(r);
}

int step_run(trainer_t *r)
{
    trainer_begin(r);
    if (gather_run(r)) {
        trainer_clear(r);
        return 1;
    }
    take(r);
    advantage(r);
    if (r->step.used) {
        learn(r);
        reduce(r);
        update(r);
    } else {
        r->state.empty++;
    }
    record(r);
    return 0;
}
