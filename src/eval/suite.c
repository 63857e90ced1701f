/* Asking a model about every list of a suite.

   A rank takes a contiguous share of the suite's lists, generates `samples` answers to each (the
   prompt is computed once), parses them, and the small rows of all ranks are gathered, so that
   every rank computes the same intervals.  The sampler is keyed by the list's index in the bank: an
   evaluation gives the same answers on any number of ranks, and the same lists are comparable
   between checkpoints (common random numbers). */
#include "eval.h"
#include <string.h>

/* The lists of the suite whose prompts fit, and their tokens. */
static int prompts_of(const bank_t *b, const int *list, int n, const tokenizer_t *t,
                      const asking_t *o, prompt_t *p, int *dropped)
{
    int kept = 0;
    text_t text = {0};
    for (int i = 0; i < n; i++) {
        int32_t *token = NULL;
        int n_token = 0, cap = 0;
        text_clear(&text);
        prompt_text(&text, o->template, b, &b->list[list[i]], o->mode);
        tokenizer_encode(t, text.s, text.len, 1, &token, &n_token, &cap);
        if (n_token > o->sampler.max_prompt) {
            (*dropped)++;
            mem_free(token);
            continue;
        }
        p[kept++] = (prompt_t){.item = list[i], .token = token, .n = n_token};
    }
    text_reset(&text);
    return kept;
}

static answer_t answer_of(const bank_t *b, const tokenizer_t *t, const traj_t *j,
                          answer_mode_t mode, text_t *text)
{
    const list_t *l = &b->list[j->item];
    text_clear(text);
    tokenizer_decode(t, j->token + j->n_prompt, j->n_token, 1, text);
    int answer = answer_parse(text->s, text->len, l->n, mode);
    return (answer_t){.list = j->item,
                      .n = l->n,
                      .k = j->sample,
                      .answer = answer,
                      .right = l->answer,
                      .parsed = answer >= 0,
                      .length = j->n_token,
                      .truncated = j->truncated};
}

asked_t eval_suite(group_t *g, engine_t *e, const model_t *m, const tokenizer_t *t, const bank_t *b,
                   suite_t suite, const asking_t *o, int (*stop)(void *), void *ctx)
{
    asked_t r = {0};
    double start = clock_now();
    int n = 0, *list = ALLOC(int, b->n_list + 1);
    for (int i = 0; i < b->n_list; i++)
        if (b->list[i].suite == suite && (!o->limit || n < o->limit))
            list[n++] = i;
    int rank = group_rank(g), size = group_size(g);
    int first = (int)((int64_t)n * rank / size), last = (int)((int64_t)n * (rank + 1) / size);

    prompt_t *p = ALLOC(prompt_t, last - first + 1);
    int kept = prompts_of(b, list + first, last - first, t, o, p, &r.dropped);
    sampler_t s = o->sampler;
    s.group = o->samples;
    s.seed = o->seed;
    s.purpose = RNG_EVAL;
    s.step = 0;
    traj_t *out = ALLOC(traj_t, kept * s.group + 1);
    int64_t counts[3] = {engine_run(e, m, &s, p, kept, out, NULL, stop, ctx) != 0, 0, r.dropped};
    r.answer = ALLOC(answer_t, kept * s.group + 1);
    text_t text = {0};
    for (int i = 0; !counts[0] && i < kept * s.group; i++) {
        r.answer[r.n_local++] = answer_of(b, t, &out[i], o->mode, &text);
        counts[1] += out[i].n_token;
        traj_reset(&out[i]);
    }
    text_reset(&text);
    for (int i = 0; i < kept; i++)
        mem_free((void *)(uintptr_t)p[i].token);
    mem_free(p);
    mem_free(out);
    mem_free(list);

    comm_sum_i64(g, counts, 3);
    r.sampled = counts[1];
    r.dropped = (int)counts[2];
    r.stopped = counts[0] > 0;
    if (!r.stopped) {
        size_t bytes;
        answer_t *all = comm_allgatherv(g, r.answer, (size_t)r.n_local * sizeof *all, &bytes, NULL);
        r.acc = listacc_of(all, (int)(bytes / sizeof *all), o->seed);
        mem_free(all);
    }
    r.seconds = clock_now() - start;
    return r;
}
