/* One step of the warm start: next-token loss on answers that the testbed writes.

       loss = -sum_t w_t log pi(t) / sum_t w_t
       w = 1 on the answer, sft.prompt_weight on the prompt

   An answer is a right one in the demanded shape, with a thinking trace in
   think_fraction of the cases (drawn per position of the data stream) or a short
   analysis; from sft.brief_from on, brief_fraction of the answers give their verdicts
   without any working, as people often do.  Lists come reshuffled every epoch; with sft.grow the
   longest list allowed rises from 2 to 5 over the first part of the run, since judging a short list
   has to be learned before a long one can be.

   Everything is a function of (seed, step): an answer of the step's batch is number i
   of it, dealt to the ranks in turn.  The denominators are summed over the ranks
   before learning. */
#include "rl.h"
#include <math.h>
#include <string.h>

static int longest_list(const trainer_t *r)
{
    double grow = deck_real(r->set.deck, "sft.grow") * (double)r->set.steps;
    if (grow <= 0)
        return 5;
    int longest = 2 + (int)(4 * (double)r->state.step / grow);
    while (longest < 5 && !data_count(r->src.data, longest))
        longest++;
    return longest > 5 ? 5 : longest;
}

/* Prompt and written answer as one completion without log-probabilities. */
static void draw_answer(trainer_t *r, int i, int list, answer_mode_t mode, int brief, text_t *text)
{
    int32_t *ask, *say;
    int n_ask, n_say;
    const list_t *l = &r->src.file.list[list];
    text_clear(text);
    prompt_text(text, r->net.template, &r->src.file, l, mode);
    trainer_encode(r, text, &ask, &n_ask);
    text_clear(text);
    if (brief)
        trace_brief_text(text, r->net.template, l, mode);
    else
        trace_text(text, r->net.template, &r->src.file, l, mode);
    trainer_encode(r, text, &say, &n_say);
    if (n_ask > r->set.sampler.max_prompt || n_say > (int)deck_int(r->set.deck, "sft.max_answer") ||
        !n_say) {
        r->step.sum[SUM_LEFT_OUT]++;
        mem_free(ask);
        mem_free(say);
        return;
    }
    judged_t j = judged_new(list, &(prompt_t){i, ask, n_ask}, 1);
    traj_t *t = j.traj;
    t->item = i, t->n_prompt = n_ask, t->n_token = n_say;
    t->token = ALLOC(int32_t, n_ask + n_say);
    memcpy(t->token, ask, sizeof *ask * n_ask);
    memcpy(t->token + n_ask, say, sizeof *say * n_say);
    mem_free(say);
    PUSH(r->step.judged.item, r->step.judged.n, r->step.judged.cap, j);
    r->step.sum[SUM_DRAWN]++;
    r->step.sum[SUM_COUNTED]++;
    r->step.sum[SUM_GROUPS]++;
    r->step.sum[SUM_PREFILLED] += n_ask;
    r->step.sum[SUM_LENGTH] += n_say;
    r->step.length_max = fmax(r->step.length_max, n_say);
}

static void draw(trainer_t *r)
{
    const deck_t *d = r->set.deck;
    int batch = (int)deck_int(d, "sft.batch"), longest = longest_list(r);
    double think = deck_real(d, "sft.think_fraction"), prompt = deck_real(d, "sft.prompt_weight");
    double from = deck_real(d, "sft.brief_from") * (double)r->set.steps;
    double brief = (double)r->state.step < from ? 0 : deck_real(d, "sft.brief_fraction");
    text_t text = {0};
    for (int i = 0; i < batch; i++) {
        if (!trainer_owns(r, i))
            continue;
        int list = data_list(r->src.data, longest, r->state.step * batch + i);
        float u = rng_at(r->set.seed, RNG_SFT, (uint64_t)r->state.step, (uint64_t)i, 0);
        float v = rng_at(r->set.seed, RNG_SFT, (uint64_t)r->state.step, (uint64_t)i, 1);
        draw_answer(r, i, list, u < think ? MODE_THINK : MODE_INSTRUCT, v < brief, &text);
    }
    text_reset(&text);
    double weight = 0;
    for (int k = 0; k < r->step.judged.n; k++) {
        const traj_t *t = r->step.judged.item[k].traj;
        weight += t->n_token + (prompt > 0 ? prompt * (t->n_prompt - 1) : 0);
    }
    comm_sum_f64(r->team.group, &weight, 1);
    r->step.denom = weight;
    trainer_phase(r, PHASE_DRAW);
}

static void weigh(trainer_t *r, micro_t *m)
{
    double prompt = deck_real(r->set.deck, "sft.prompt_weight");
    for (int k = 0; k < m->n_member; k++) {
        const member_t *one = &m->member[k];
        int given = one->n - one->j->traj[one->i].n_token; /* rows that predict the prompt */
        for (int t = 0; t < one->n; t++) {
            double w = (t < given ? prompt : 1) / r->step.denom;
            m->coef[one->row + t] = (float)-w;
            r->step.sum[SUM_LOSS] -= w * m->logp[one->row + t];
        }
    }
}

static int all(const trainer_t *r, const judged_t *j, int i)
{
    (void)r, (void)j, (void)i;
    return 1;
}

static void learn(trainer_t *r)
{
    learn_run(r, all, deck_real(r->set.deck, "sft.prompt_weight") > 0, weigh);
    trainer_phase(r, PHASE_LEARN);
}

int sft_run(trainer_t *r)
{
    trainer_begin(r);
    draw(r);
    learn(r);
    learn_reduce(r);
    trainer_phase(r, PHASE_REDUCE);
    learn_update(r);
    trainer_phase(r, PHASE_UPDATE);
    report_step(r);
    trainer_clear(r);
    return 0;
}
