/* What would it have said with less thinking?

   An answer of b tokens or fewer that ended by itself is the same under a budget of b.  A longer one
   is cut behind its token b and made to answer: the thinking tag is closed (where it is still open)
   and a box opened, in the words of the demanded shape, and the model writes a few tokens more (cf.
   budget forcing: Muennighoff et al. 2025, section 3).  All budgets of an answer are cuts of one
   generation, so curves over budgets compare the same traces, and their prompts begin alike: of each
   cut only what its shorter neighbour lacks is computed. */
#include "eval.h"
#include <string.h>

enum { ENDING = 12 }; /* tokens that an answer may take once its box is open */

static const char closing[] = "\n</think>\n\\boxed{", boxing[] = "\n\\boxed{";

sampler_t budget_sampler(const asker_t *a)
{
    const asking_t *o = a->how;
    int32_t *token = NULL;
    int n = 0, cap = 0, most = o->n_budget ? o->budget[o->n_budget - 1] : 0;
    tokenizer_encode(a->tokenizer, closing, strlen(closing), 1, &token, &n, &cap);
    mem_free(token);
    int room = model_config(a->model)->max_position - ENDING;
    sampler_t s = o->sampler;
    if (most > s.max_new)
        fail(CODE_USAGE,
             "eval.budget: %d tokens, but answers are at most eval.max_new = %d long: raise "
             "eval.max_new, or leave this budget out",
             most, s.max_new);
    s.group = 1;
    s.max_new = ENDING;
    s.max_prompt += most + n;
    if (s.max_prompt > room)
        s.max_prompt = room;
    return s;
}

typedef struct {       /* of an answer that is cut */
    int row, n_prompt; /* in r->budget; tokens before the answer */
} place_t;

typedef struct {
    const asker_t *a;
    asked_t *r;
    int cap_row;
    place_t *of; /* [n], and the question that each has become */
    prompt_t *prompt;
    int n, cap_of, n_prompt, cap_prompt, most;
    text_t text;
} work_t;

/* The first `keep` tokens of the answer with what makes it end; NULL: there is no room for that. */
static int32_t *cut_tokens(work_t *w, const traj_t *j, int keep, int *n)
{
    int32_t *token = NULL;
    int cap = 0;
    *n = 0;
    text_clear(&w->text);
    tokenizer_decode(w->a->tokenizer, j->token + j->n_prompt, keep, 1, &w->text);
    const char *end = memmem(w->text.s, w->text.len, "</think>", 8) ? boxing : closing;
    for (int i = 0; i < j->n_prompt + keep; i++)
        PUSH(token, *n, cap, j->token[i]);
    tokenizer_encode(w->a->tokenizer, end, strlen(end), 1, &token, n, &cap);
    if (*n <= w->most)
        return token;
    mem_free(token);
    return NULL;
}

static int read_answer(work_t *w, const int32_t *token, int n, const list_t *l)
{
    text_clear(&w->text);
    tokenizer_decode(w->a->tokenizer, token, n, 1, &w->text);
    return answer_parse(w->text.s, w->text.len, l->n, w->a->how->mode);
}

/* Rows of one answer; those that have to be asked are noted. */
static void add_answer(work_t *w, int list, int k, const traj_t *j)
{
    const asking_t *o = w->a->how;
    const list_t *l = &w->a->bank->list[list];
    for (int b = 0; b < o->n_budget; b++) {
        int keep = j->n_token < o->budget[b] ? j->n_token : o->budget[b], n;
        budget_answer_t row = {.list = list,
                               .k = k,
                               .budget = o->budget[b],
                               .cut = j->truncated || j->n_token > o->budget[b],
                               .answer = -1,
                               .right = l->answer,
                               .length = keep};
        int32_t *token = row.cut ? cut_tokens(w, j, keep, &n) : NULL;
        if (token) {
            int item = (int)((((int64_t)list * o->samples + k) * BUDGETS + b) & INT32_MAX);
            PUSH(w->prompt, w->n_prompt, w->cap_prompt, ((prompt_t){item, token, n}));
            PUSH(w->of, w->n, w->cap_of, ((place_t){w->r->n_budget, j->n_prompt}));
        } else if (!row.cut) {
            row.answer = read_answer(w, j->token + j->n_prompt, j->n_token, l);
        }
        PUSH(w->r->budget, w->r->n_budget, w->cap_row, row);
    }
}

/* Kept tokens, what was put behind them and what the model added, read as one answer. */
static void read_cut(work_t *w, int i, const traj_t *j)
{
    budget_answer_t *row = &w->r->budget[w->of[i].row];
    int from = w->of[i].n_prompt;
    row->length = j->n_prompt + j->n_token - from;
    row->answer = read_answer(w, j->token + from, row->length, &w->a->bank->list[row->list]);
    w->r->sampled += j->n_token;
}

int ask_budgets(const asker_t *a, const int *list, int n, const traj_t *traj, asked_t *r)
{
    int K = a->how->samples;
    sampler_t s = budget_sampler(a);
    work_t w = {.a = a, .r = r, .most = s.max_prompt};
    double start = clock_now();
    for (int i = 0; i < n * K; i++)
        if (traj[i].token)
            add_answer(&w, list[i / K], i % K, &traj[i]);
    traj_t *out = ALLOC(traj_t, w.n + 1);
    s.seed = a->how->seed;
    s.purpose = RNG_EVAL;
    s.step = ASK_CUT;
    int stopped = engine_run(a->cut, a->model, &s, w.prompt, w.n, out, NULL, a->stop, a->ctx) != 0;
    for (int i = 0; i < w.n; i++) {
        if (!stopped)
            read_cut(&w, i, &out[i]);
        traj_reset(&out[i]);
        mem_free((void *)(uintptr_t)w.prompt[i].token);
    }
    text_reset(&w.text);
    mem_free(out), mem_free(w.prompt), mem_free(w.of);
    r->budget_seconds = clock_now() - start;
    return stopped;
}
