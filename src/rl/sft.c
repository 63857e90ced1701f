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
   of it, ranks take contiguous shares.  The denominators are summed over the ranks
   before learning. */
#include "rl.h"
#include <math.h>
#include <string.h>

static int longest_list(const trainer_t *r)
{
    double grow = deck_real(r->deck, "sft.grow") * (double)r->steps;
    if (grow <= 0)
        return 5;
    int longest = 2 + (int)(4 * (double)r->state.step / grow);
    while (longest < 5 && !data_count(r->data, longest))
        longest++;
    return longest > 5 ? 5 : longest;
}

/* Prompt and written answer as one trajectory without log-probabilities. */
static void draw_answer(trainer_t *r, int i, int list, answer_mode_t mode, int brief, text_t *text)
{
    int32_t *ask, *say;
    int n_ask, n_say;
    const list_t *l = &r->file.list[list];
    text_clear(text);
    prompt_text(text, r->template, &r->file, l, mode);
    trainer_encode(r, text, &ask, &n_ask);
    text_clear(text);
    if (brief)
        trace_brief_text(text, r->template, l, mode);
    else
        trace_text(text, r->template, &r->file, l, mode);
    trainer_encode(r, text, &say, &n_say);
    if (n_ask > r->sampler.max_prompt || n_say > (int)deck_int(r->deck, "sft.max_answer") ||
        !n_say) {
        r->sum[SUM_LEFT_OUT]++;
        mem_free(ask);
        mem_free(say);
        return;
    }
    traj_t *t = &r->traj[r->n_prompt];
    t->item = i, t->n_prompt = n_ask, t->n_token = n_say;
    t->token = ALLOC(int32_t, n_ask + n_say);
    memcpy(t->token, ask, sizeof *ask * n_ask);
    memcpy(t->token + n_ask, say, sizeof *say * n_say);
    mem_free(say);
    r->list[r->n_prompt] = list;
    r->prompt[r->n_prompt++] = (prompt_t){i, ask, n_ask};
    r->sum[SUM_DRAWN]++;
    r->sum[SUM_GROUPS]++;
    r->sum[SUM_PREFILLED] += n_ask;
    r->sum[SUM_LENGTH] += n_say;
    r->length_max = fmax(r->length_max, n_say);
}

static void draw(trainer_t *r)
{
    int batch = (int)deck_int(r->deck, "sft.batch"), first, last, longest = longest_list(r);
    double think = deck_real(r->deck, "sft.think_fraction"),
           prompt = deck_real(r->deck, "sft.prompt_weight");
    double from = deck_real(r->deck, "sft.brief_from") * (double)r->steps;
    double brief = (double)r->state.step < from ? 0 : deck_real(r->deck, "sft.brief_fraction");
    text_t text = {0};
    trainer_share(r, batch, &first, &last);
    trainer_room(r, last - first, 1);
    r->n_prompt = 0;
    for (int i = first; i < last; i++) {
        int list = data_list(r->data, longest, r->state.step * batch + i);
        float u = rng_at(r->seed, RNG_SFT, (uint64_t)r->state.step, (uint64_t)i, 0);
        float v = rng_at(r->seed, RNG_SFT, (uint64_t)r->state.step, (uint64_t)i, 1);
        draw_answer(r, i, list, u < think ? MODE_THINK : MODE_INSTRUCT, v < brief, &text);
    }
    text_reset(&text);
    double weight = 0;
    for (int i = 0; i < r->n_prompt; i++)
        weight += r->traj[i].n_token + (prompt > 0 ? prompt * (r->traj[i].n_prompt - 1) : 0);
    comm_sum_f64(r->group, &weight, 1);
    r->denom = weight;
    trainer_phase(r, PHASE_DRAW);
}

static void weigh(trainer_t *r, int i, float *coef, const float *logp, const float *ref, int n)
{
    double prompt = deck_real(r->deck, "sft.prompt_weight");
    int given = n - r->traj[i].n_token; /* rows that predict the prompt */
    (void)ref;
    for (int t = 0; t < n; t++) {
        double w = (t < given ? prompt : 1) / r->denom;
        coef[t] = (float)-w;
        r->sum[SUM_LOSS] -= w * logp[t];
    }
}

static void learn(trainer_t *r)
{
    char *use = ALLOC(char, r->n_prompt + 1);
    memset(use, 1, r->n_prompt);
    learn_run(r, use, deck_real(r->deck, "sft.prompt_weight") > 0, weigh);
    mem_free(use);
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
