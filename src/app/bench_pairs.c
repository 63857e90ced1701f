/* What a pair saves that shares its prompt: forward, backward and update of PAIRS pairs, prompts of
   200 and answers of 40 tokens, by learn.c as a step does it, against the same with a prompt
   for each answer.  Both find the same loss, bit for bit. */
#include "bench_recipes.h"
#include <string.h>

enum { PAIRS = 16, PROMPT = 200, ANSWER = 40 };

/* n answers to prompt `item`, from answer `first` on. */
static judged_t made_up(int vocab, int item, int first, int n)
{
    int32_t *token = ALLOC(int32_t, PROMPT);
    for (int i = 0; i < PROMPT; i++)
        token[i] = (int32_t)(rng_at(7, RNG_TEST, (uint64_t)item, 0, (uint32_t)i) * (float)vocab);
    judged_t j = judged_new(0, &(prompt_t){item, token, PROMPT}, n);
    for (int k = 0; k < n; k++) {
        traj_t *t = &j.traj[k];
        *t = (traj_t){.item = item, .sample = first + k, .n_prompt = PROMPT, .n_token = ANSWER};
        t->token = ALLOC(int32_t, PROMPT + ANSWER);
        t->logp = ALLOC(float, ANSWER);
        memcpy(t->token, token, sizeof *token * PROMPT);
        for (int i = 0; i < ANSWER; i++)
            t->token[PROMPT + i] = (int32_t)(rng_at(7, RNG_TEST, (uint64_t)item,
                                                    (uint64_t)(1 + first + k), (uint32_t)i) *
                                             (float)vocab);
    }
    return j;
}

static int everyone(const trainer_t *r, const judged_t *j, int i)
{
    (void)r, (void)j, (void)i;
    return 1;
}

/* Neighbours are a pair, whether they share their prompt or not; where they began is the reference. */
static void weigh(trainer_t *r, micro_t *m)
{
    pair_sums_t s = {0};
    ASSERT(m->n_member % 2 == 0);
    for (int k = 0; k < m->n_member; k += 2) {
        double coef[2], logp[2] = {0}, reference[2] = {0};
        for (int side = 0; side < 2; side++)
            for (int i = 0; i < m->member[k + side].n; i++)
                logp[side] += m->logp[m->member[k + side].row + i];
        loss_pair(coef, &s, r->set.recipe.pair_beta, logp, reference, PAIRS);
        for (int side = 0; side < 2; side++)
            for (int i = 0; i < m->member[k + side].n; i++)
                m->coef[m->member[k + side].row + i] = (float)coef[side];
    }
    r->step.sum[SUM_LOSS] += s.loss;
}

/* Seconds of one step, in one micro-batch; *loss is what it found. */
static double pair_step(trainer_t *t, int shared, double *loss)
{
    int vocab = model_config(t->net.model)->vocab;
    judged_list_t *l = &t->step.judged;
    for (int i = 0; i < PAIRS; i++)
        for (int k = 0; k < (shared ? 1 : 2); k++)
            PUSH(l->item, l->n, l->cap, made_up(vocab, i, k, shared ? 2 : 1));
    t->step.sum[SUM_LOSS] = 0;
    double start = clock_now();
    learn_run(t, everyone, 0, weigh);
    learn_update(t);
    double seconds = clock_now() - start;
    *loss = t->step.sum[SUM_LOSS];
    trainer_clear(t);
    return seconds;
}

void recipes_pairs(const recipes_t *b)
{
    enum { REPEAT = 25 };
    char micro[64];
    snprintf(micro, sizeof micro, "recipe.micro_tokens=%d", 2 * PAIRS * (PROMPT + ANSWER));
    const char *key[] = {EVERY, "recipe.name=online-dpo", "recipe.sync_every=1", micro};
    deck_t *d = recipes_deck(b, key, sizeof key / sizeof *key);
    trainer_t *t = recipes_open(b, d, "pairs");
    double x[REPEAT], seconds[2][REPEAT], loss[2];
    for (int k = -1; k < REPEAT; k++) { /* the first one touches the memory */
        int first = k & 1;
        for (int i = 0; i < 2; i++) {
            int shared = i ? !first : first;
            double s = pair_step(t, shared, &loss[shared]);
            if (k >= 0)
                seconds[shared][k] = s;
        }
        if (k >= 0)
            x[k] = seconds[1][k] / seconds[0][k];
    }
    log_line("RESULT bench=pairs pairs=%d prompt=%d answer=%d shared_s=%.4f unshared_s=%.4f "
             "ratio=%.3f same_loss=%d",
             PAIRS, PROMPT, ANSWER, recipes_median(seconds[1], REPEAT),
             recipes_median(seconds[0], REPEAT), recipes_median(x, REPEAT), loss[0] == loss[1]);
    recipes_close(b, t, d);
}
