/* One rollout file: whether a run can use it, and its rows in the index.

   It must be from the run's tokenizer and question (origin.c) and, where an objective takes
   ratios of probabilities, from the parameters that the run begins with, with log-
   probabilities at the temperature of the loss.  Columns are read whole on every rank and
   checked against each other; of tokens only the offsets.  Each rank hashes the prompts of
   its share of the rows; the hashes are gathered.  collective */
#include "rollouts.h"
#include <math.h>
#include <string.h>

/* Whether a file can be used ----------------------------------------------------------- */

static const char *same(hash_t a, hash_t b, const char *otherwise)
{
    return hash_equal(a, b) ? NULL : otherwise;
}

/* NULL, or why not. */
static const char *unfit(const rollouts_want_t *w, const origin_t *o)
{
    const char *why = same(w->is.tokenizer, o->tokenizer,
                           "its tokens are another tokenizer's than that of model.dir");
    if (!why && strcmp(w->is.mode, o->mode))
        why = "its answers are of another form than recipe.mode asks for";
    if (!why)
        why = same(w->is.prompt, o->prompt,
                   "its questions were put in other words; prompt.template, prompt.system and "
                   "prompt.question must be as they were when it was collected");
    if (why || !w->ratio)
        return why;
    if (o->top_p < 1)
        return "it was sampled with collect.top_p below 1, so its log-probabilities are not those "
               "that chose the tokens, which recipe.objective needs";
    if (o->temperature != w->is.temperature && w->is.temperature != 1)
        return "it has log-probabilities at the temperature that it was sampled at and at 1; set "
               "recipe.temperature to one of the two";
    return w->any_model ? NULL
                        : same(w->is.params, o->params,
                               "other parameters sampled it than this run begins with, and the "
                               "objective takes ratios to them; recipe.objective = nll and pair do "
                               "not, or data.any_model = yes takes them all the same");
}

/* Reading ------------------------------------------------------------------------------ */

/* Where each of n rows begins in a ragged column, and after the last. */
static int64_t *offsets(h5_t *f, const char *name, int64_t n)
{
    char path[64];
    int64_t rows, flat, cols, *at = ALLOC(int64_t, n + 1);
    snprintf(path, sizeof path, "sample/%s/data", name);
    h5_shape(f, path, &flat, &cols);
    snprintf(path, sizeof path, "sample/%s/offset", name);
    h5_shape(f, path, &rows, &cols);
    int bad = rows != n + 1;
    if (!bad) {
        h5_get(f, path, H5_I64, at, n + 1, 0, 0, n + 1);
        bad = at[0] != 0 || at[n] != flat;
    }
    for (int64_t i = 0; i < n && !bad; i++)
        bad = at[i + 1] < at[i] || at[i + 1] - at[i] > INT32_MAX;
    if (bad)
        fail(CODE_DATA, "%s: %s does not fit its rows; the file is damaged", h5_path(f), path);
    return at;
}

static void *column(h5_t *f, const char *name, h5_type_t type, int64_t n)
{
    void *x = mem_new((size_t)n * 8 + 1);
    h5_get(f, name, type, x, n, 0, 0, n);
    return x;
}

static void check_row(const rollout_file_t *f, const rollout_t *q, int64_t prompt, int64_t one)
{
    const char *why = NULL;
    if (q->n_prompt < 1 || q->n_prompt != prompt || q->n_token < 1)
        why = "its prompt or its tokens are not as many as it says";
    else if (one && one != q->n_token)
        why = "its tokens and log-probabilities are not as many";
    else if (q->candidates < 2 || q->candidates > 5 || q->right < 0 || q->right >= q->candidates)
        why = "the right answer is not a letter of its list";
    else if (q->reward.answer < -1 || q->reward.answer >= q->candidates ||
             (q->reward.correct > 0.5f) != (q->reward.answer == q->right))
        why = "its verdict does not fit its answer";
    else if (!isfinite(q->reward.total))
        why = "its reward is not a number";
    if (why)
        fail(CODE_DATA, "%s: sample row %d: %s; the file is damaged", f->path, q->row, why);
}

static void read_rows(rollouts_t *p, rollout_file_t *f, h5_t *h)
{
    static const char *const ints[] = {"list",     "sample",    "candidates", "right",
                                       "n_prompt", "truncated", "answer"};
    static const char *const reals[] = {"reward", "reward_correct", "reward_format",
                                        "reward_overlong"};
    int32_t *i[7];
    float *x[4];
    int64_t *sum = column(h, "sample/xxh3", H5_I64, f->n);
    char name[64];
    for (int k = 0; k < 7; k++) {
        snprintf(name, sizeof name, "sample/%s", ints[k]);
        i[k] = column(h, name, H5_I32, f->n);
    }
    for (int k = 0; k < 4; k++) {
        snprintf(name, sizeof name, "sample/%s", reals[k]);
        x[k] = column(h, name, H5_F32, f->n);
    }
    p->item = mem_grow(p->item, (size_t)(p->n + f->n + 1) * sizeof *p->item);
    for (int64_t r = 0; r < f->n; r++) {
        rollout_t *q = &p->item[p->n + r];
        *q = (rollout_t){.file = p->n_file,
                         .row = (int32_t)r,
                         .list = i[0][r],
                         .sample = i[1][r],
                         .candidates = i[2][r],
                         .right = i[3][r],
                         .n_prompt = i[4][r],
                         .truncated = i[5][r],
                         .n_token = (int32_t)(f->token_at[r + 1] - f->token_at[r]),
                         .reward = {x[0][r], x[1][r], x[2][r], x[3][r], i[6][r]},
                         .sum = sum[r]};
        check_row(f, q, f->prompt_at[r + 1] - f->prompt_at[r], f->one_at[r + 1] - f->one_at[r]);
    }
    for (int k = 0; k < 7; k++)
        mem_free(i[k]);
    for (int k = 0; k < 4; k++)
        mem_free(x[k]);
    mem_free(sum);
}

/* Hashes of the prompts of all rows; each rank reads its share. */
static void hash_prompts(rollouts_t *p, const rollout_file_t *f)
{
    int rank = group_rank(p->g), ranks = group_size(p->g);
    int64_t first = f->n * rank / ranks, last = f->n * (rank + 1) / ranks;
    hash_t *mine = ALLOC(hash_t, last - first + 1);
    for (int64_t i = first; i < last; i++) {
        int64_t n = f->prompt_at[i + 1] - f->prompt_at[i];
        int32_t *token = ALLOC(int32_t, n + 1);
        h5_get(f->own, "sample/prompt_tokens/data", H5_I32, token, -1, 0, f->prompt_at[i], n);
        mine[i - first] = hash_bytes(token, (size_t)n * sizeof *token);
        mem_free(token);
    }
    size_t bytes;
    hash_t *all = comm_allgatherv(p->g, mine, (size_t)(last - first) * sizeof *mine, &bytes, NULL);
    p->prompt = mem_grow(p->prompt, (size_t)(p->n + f->n + 1) * sizeof *p->prompt);
    memcpy(p->prompt + p->n, all, bytes);
    mem_free(all);
    mem_free(mine);
}

/* The same answers twice would be two groups, and two origins of pairs. */
static void check_twice(rollouts_t *p, rollout_file_t *f)
{
    int twice = stat(f->path, &f->is) ? 0 : -1;
    for (int i = 0; i < p->n_file && twice; i++)
        if (f->is.st_ino == p->file[i].is.st_ino && f->is.st_dev == p->file[i].is.st_dev)
            fail_any(p->g, 1, CODE_USAGE, "data.rollouts names %s twice (%s); name every file once",
                     f->path, p->file[i].path);
}

/* Log-probabilities of every row at the temperature of the ratio. */
static void check_logp(rollouts_t *p, const rollout_file_t *f, int64_t *at)
{
    int other = p->want.ratio && p->want.is.temperature != f->origin.temperature;
    fail_any(p->g, memcmp(at, f->token_at, (size_t)(f->n + 1) * sizeof *at) != 0, CODE_DATA,
             "%s: sample/logprob/offset does not fit its tokens; the file is damaged", f->path);
    fail_any(p->g, other && f->one_at[f->n] != f->token_at[f->n], CODE_DATA,
             "%s: has log-probabilities at the temperature that it was sampled at alone; set "
             "recipe.temperature = %g",
             f->path, f->origin.temperature);
    mem_free(at);
}

void rollouts_add(rollouts_t *p, const char *path)
{
    rollout_file_t f = {.path = mem_text(path)};
    int64_t cols;
    check_twice(p, &f);
    h5_t *h = h5_open(p->g, path, "rollout", ROLLOUT_VERSION);
    int known = origin_get(h, &f.origin);
    fail_any(p->g, !known, CODE_DATA,
             "%s: does not say which model answered which question (an older version wrote it); "
             "`aletheia collect` makes files that do",
             path);
    const char *why = unfit(&p->want, &f.origin);
    fail_any(p->g, why != NULL, CODE_DATA, "%s: %s", path, why);
    h5_shape(h, "sample/list", &f.n, &cols);
    f.prompt_at = offsets(h, "prompt_tokens", f.n);
    f.token_at = offsets(h, "tokens", f.n);
    f.one_at = offsets(h, "logprob_1", f.n);
    check_logp(p, &f, offsets(h, "logprob", f.n));
    read_rows(p, &f, h);
    h5_close(h);
    f.own = h5_open(NULL, path, "rollout", ROLLOUT_VERSION);
    hash_prompts(p, &f);
    p->n += f.n;
    PUSH(p->file, p->n_file, p->cap_file, f);
}
