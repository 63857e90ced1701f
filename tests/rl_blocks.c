// One set of parameters for k steps: the first step of a block is the on-policy step, bit for bit; the
// later ones learn from what was sampled then, with log-probabilities untouched, in a ratio that is no
// longer one; the last block is as long as steps are left; the next is of new parameters and new lists.
// RUN: np=1,2 backend=cpu,strict
// TIMEOUT: 300
#include "rl_hand.h"

enum { PROMPTS = 7, GROUP = 4, ROWS = PROMPTS * GROUP };
static const char common[] = "recipe.kl_beta=0 recipe.reference_reset=0 recipe.record_every=1";

/* The first step alone: what it changes. */
static hash_t first_step(const char *run, int k)
{
    deck_t *deck;
    char more[300];
    snprintf(more, sizeof more, "%s run.steps=9 recipe.sync_every=%d", common, k);
    trainer_t *r = hand_open(run, more, comm_world(), &deck);
    check(step_run(r) == 0 && r->step.mismatch == 0 && r->step.age == 0);
    hash_t h = hand_state(r);
    int64_t waits = 0;
    for (int i = 0; i < r->block.n; i++)
        waits += r->block.item[i].n;
    comm_sum_i64(comm_world(), &waits, 1);
    check(waits == (k - 1) * ROWS && r->state.block_end == k);
    check(r->state.drawn == k * ROWS &&
          r->state.drawn - waits == r->state.learned + r->state.dropped);
    hand_close(r, deck);
    return h;
}

static void same_first_step(void)
{
    char run[32];
    hash_t one = first_step("k1", 1);
    records_t a = hand_records("k1", 0);
    for (int k = 2; k <= 4; k++) {
        snprintf(run, sizeof run, "k%d", k);
        hash_t h = first_step(run, k);
        records_t b = hand_records(run, 0);
        check(a.n == ROWS && b.n == ROWS);
        for (int i = 0; i < ROWS && b.n == ROWS; i++)
            check(hand_same(&a.row[i], &b.row[i]) && a.row[i].advantage == b.row[i].advantage &&
                      a.row[i].group == i / GROUP && b.row[i].step == 0 && b.row[i].version == 0,
                  "sync_every %d: row %d", k, i);
        check(hash_equal(one, h),
              "the first of %d steps on one set of parameters is another update", k);
        records_free(&b);
    }
    records_free(&a);
}

/* Rows of the block as they were sampled, by (step, item, sample), on every rank. */
typedef struct {
    float logp[64];
    int32_t token[64];
    int n;
} sampled_t;

static void note(const trainer_t *r, sampled_t *all, int steps)
{
    sampled_t *mine = ALLOC(sampled_t, steps * ROWS);
    int64_t first = r->state.step, n = (int64_t)steps * ROWS * (int64_t)sizeof *mine / 4;
    for (int k = 0; k < r->block.n; k++) {
        const judged_t *j = &r->block.item[k];
        check(j->step == first + j->prompt.item / PROMPTS && j->made == first);
        for (int i = 0; i < j->n; i++) {
            sampled_t *s = &mine[j->prompt.item * GROUP + i];
            s->n = j->traj[i].n_token;
            memcpy(s->logp, j->traj[i].logp, (size_t)s->n * sizeof *s->logp);
            memcpy(s->token, j->traj[i].token + j->traj[i].n_prompt,
                   (size_t)s->n * sizeof *s->token);
        }
    }
    char *every = ALLOC(char, r->team.ranks *n * 4);
    comm_allgather(r->team.group, every, mine, (size_t)n * 4);
    for (int rank = 0; rank < r->team.ranks; rank++)
        for (int i = 0; i < steps * ROWS; i++) {
            const sampled_t *s = (sampled_t *)(every + (size_t)rank * (size_t)n * 4) + i;
            if (s->n)
                all[i] = *s;
        }
    mem_free(every), mem_free(mine);
}

/* GRPO's clipped loss of this step, by hand, with the sampled log-probabilities as the old ones.  Largest
   |ratio - 1|. */
static double clipped(trainer_t *r, hand_t *h, double *loss)
{
    const recipe_t *c = &r->set.recipe;
    double tokens = 0, off = 0;
    float coef[64], x[GROUP], a[GROUP];
    for (int pass = 0; pass < 2; pass++) {
        for (int k = 0; k < r->block.n; k++) {
            const judged_t *j = &r->block.item[k];
            for (int i = 0; i < GROUP; i++)
                x[i] = j->reward[i].total;
            advantage_group(a, x, GROUP, ADV_GROUP_STD);
            for (int i = 0; i < GROUP && j->step == r->state.step; i++) {
                const traj_t *t = &j->traj[i];
                if (t->truncated)
                    continue;
                tokens += pass ? 0 : t->n_token;
                if (!pass || a[i] == 0)
                    continue;
                const float *logp = hand_logp(h, r->net.model, t);
                for (int n = 0; n < t->n_token; n++) {
                    double rho = exp((double)logp[n] - t->logp[n]), clip = rho;
                    clip = clip < 1 - c->clip_low ? 1 - c->clip_low : clip;
                    clip = clip > 1 + c->clip_high ? 1 + c->clip_high : clip;
                    int active = rho * a[i] > clip * a[i];
                    coef[n] = (float)(active ? 0 : -rho * a[i] / tokens);
                    *loss -= (active ? clip : rho) * a[i] / tokens;
                    off = fmax(off, fabs(rho - 1));
                }
                hand_add(h, t, coef);
            }
        }
        comm_sum_f64(r->team.group, &tokens, !pass);
    }
    comm_sum_f64(r->team.group, loss, 1);
    comm_max_f64(r->team.group, &off, 1);
    return off;
}

/* Of one step's record: what was sampled when the block was, to the bit. */
static void same_as_sampled(const char *run, int step, int first, const sampled_t *all)
{
    records_t rows = hand_records(run, step);
    check(rows.n == ROWS);
    for (int64_t i = 0; i < rows.n; i++) {
        const record_t *q = &rows.row[i];
        int item = (step - first) * PROMPTS + (int)i / GROUP;
        const sampled_t *s = &all[item * GROUP + q->sample];
        size_t bytes = (size_t)s->n * 4;
        check(q->group == item && q->version == first && q->step == step && q->n_token == s->n &&
                  !memcmp(q->token, s->token, bytes) && !memcmp(q->logp, s->logp, bytes),
              "step %d row %d", step, (int)i);
    }
    records_free(&rows);
}

/* Steps 0 to 2 from one block, 3 and 4, the last ones, from another. */
static void later_steps(void)
{
    deck_t *deck;
    char more[300];
    sampled_t *all = ALLOC(sampled_t, 3 * ROWS);
    snprintf(more, sizeof more, "%s run.steps=5 recipe.sync_every=3 recipe.lr=1e-2", common);
    trainer_t *r = hand_open("three", more, comm_world(), &deck);
    for (int step = 0; step < 5; step++) {
        int first = step < 3 ? 0 : 3;
        double loss = 0;
        if (step == first) {
            hand_sample(r);
            note(r, all, first ? 2 : 3);
            check(r->state.block_end == (first ? 5 : 3));
            check(r->state.position == (first ? 5 : 3) * PROMPTS);
        }
        hand_t h = hand_new(r);
        double off = clipped(r, &h, &loss);
        check(step_run(r) == 0 && r->step.mismatch == 0 && r->step.age == step - first);
        double far = hand_end(&h);
        check(far < 1e-5, "step %d: the gradient with the sampled log-probabilities is %g away",
              step, far);
        check(fabs(r->step.sum[SUM_LOSS] - loss) < 1e-9);
        check(step == first ? off == 0 : off > 1e-2, "step %d: ratios are off by %g", step, off);
        check(step != first || r->step.sum[SUM_CLIPPED] == 0);
        check(step - first < 2 || r->step.sum[SUM_CLIPPED] > 0);
        same_as_sampled("three", step, first, all);
    }
    check(r->block.n == 0);
    hand_close(r, deck);
    mem_free(all);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    case_make();
    same_first_step();
    later_steps();
    return test_end();
}
