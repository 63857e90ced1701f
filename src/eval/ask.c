/* Any number of questions to one model.

   A question is a few candidates of one problem, in the order shown; the model generates `samples`
   answers to each (the prompt is computed once, and so is what it shares with its neighbours:
   rollout/engine.c), and each answer is read.  Lists, pairs of a list and rounds of a tournament are
   all only questions.  The sampler is keyed by the kind of question and its number, so an answer
   depends on nothing that is asked beside it.  Communication: none. */
#include "eval.h"

/* The questions whose prompts fit, and their tokens; item: index of the question. */
static int prompts_of(const asker_t *a, const query_t *q, int n, prompt_t *p)
{
    int kept = 0;
    text_t text = {0};
    for (int i = 0; i < n; i++) {
        int32_t *token = NULL;
        int n_token = 0, cap = 0;
        text_clear(&text);
        prompt_text(&text, a->how->template, a->bank, &q[i].list, a->how->mode);
        tokenizer_encode(a->tokenizer, text.s, text.len, 1, &token, &n_token, &cap);
        if (n_token <= a->how->sampler.max_prompt)
            p[kept++] = (prompt_t){.item = q[i].item, .token = token, .n = n_token};
        else
            mem_free(token);
    }
    text_reset(&text);
    return kept;
}

static heard_t heard_of(const asker_t *a, const traj_t *j, int n, text_t *text)
{
    text_clear(text);
    tokenizer_decode(a->tokenizer, j->token + j->n_prompt, j->n_token, 1, text);
    return (heard_t){answer_parse(text->s, text->len, n, a->how->mode), j->n_token, j->truncated};
}

int ask_model(const asker_t *a, ask_t kind, const query_t *q, int n, int samples, heard_t *heard,
              traj_t *traj)
{
    prompt_t *p = ALLOC(prompt_t, n + 1);
    int kept = prompts_of(a, q, n, p);
    traj_t *out = ALLOC(traj_t, (size_t)kept * (size_t)samples + 1);
    sampler_t s = a->how->sampler;
    s.group = samples;
    s.seed = a->how->seed;
    s.purpose = RNG_EVAL;
    s.step = kind;
    int stopped = engine_run(a->engine, a->model, &s, p, kept, out, NULL, a->stop, a->ctx) != 0;
    text_t text = {0};
    for (int i = 0, at = 0; i < n && !stopped; i++) {
        int asked = at < kept && p[at].item == q[i].item;
        for (int k = 0; k < samples; k++) {
            traj_t *j = &out[at * samples + k];
            heard[i * samples + k] =
                asked ? heard_of(a, j, q[i].list.n, &text) : (heard_t){NOT_ASKED, 0, 0};
            if (traj)
                traj[i * samples + k] = asked ? *j : (traj_t){0};
            else if (asked)
                traj_reset(j);
        }
        at += asked;
    }
    text_reset(&text);
    for (int i = 0; i < kept; i++)
        mem_free((void *)(uintptr_t)p[i].token);
    mem_free(p);
    mem_free(out);
    return stopped;
}
