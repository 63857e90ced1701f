/* Answers that were sampled before: the index of one or more rollout files.

   The index is in memory on every rank, about 100 bytes a completion; tokens and log-
   probabilities are read when a step uses them, by the rank that does, from a handle of
   its own.  All files are looked at before anything is used: they must be from the run's
   tokenizer and question (origin.c) and, where an objective takes ratios of
   probabilities, from the parameters that the run begins with.  What a row says is
   compared with its sum when it is used.

   A list is known by its prompt's tokens, whatever number it has in whichever problem
   file: answers of several files to one prompt are answers to one question.  Files that
   name another letter as right for the same prompt contradict each other, which ends the
   run with both rows; nothing is voted on.

   Questions are numbered as they first appear, in order of files and rows.  Each rank
   hashes the prompts of its share of the rows; the hashes are gathered. */
#include "rl.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

typedef struct {
    char *path;
    struct stat is; /* which file */
    origin_t origin;
    h5_t *own; /* this rank's handle */
    int64_t n, *prompt_at, *token_at, *one_at;
} file_t;

struct rollouts {
    group_t *g;
    rollouts_want_t want;
    file_t *file;
    int n_file, cap_file;
    rollout_t *item;
    hash_t *prompt; /* of each item's prompt, while opening */
    hash_t of;
    int64_t n;
};

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

static void check_row(const file_t *f, const rollout_t *q, int64_t prompt, int64_t one)
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

static void read_rows(rollouts_t *p, file_t *f, h5_t *h)
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

/* A ratio to what was sampled at another temperature needs the log-probabilities at 1 (unfit). */
static void check_ratio(const rollouts_t *p, const file_t *f)
{
    if (!p->want.ratio || p->want.is.temperature == f->origin.temperature)
        return;
    for (int64_t r = 0; r < f->n; r++)
        if (f->one_at[r + 1] == f->one_at[r])
            fail(
                CODE_DATA,
                "%s: sample row %lld has no log-probabilities at temperature 1, which "
                "recipe.temperature = 1 needs; set it to %g, at which the file was sampled, or make "
                "the file with `aletheia collect`",
                f->path, (long long)r, f->origin.temperature);
}

/* Hashes of the prompts of all rows; each rank reads its share. */
static void hash_prompts(rollouts_t *p, const file_t *f)
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
static void check_twice(rollouts_t *p, file_t *f)
{
    int twice = stat(f->path, &f->is) ? 0 : -1;
    for (int i = 0; i < p->n_file && twice; i++)
        if (f->is.st_ino == p->file[i].is.st_ino && f->is.st_dev == p->file[i].is.st_dev)
            fail_any(p->g, 1, CODE_USAGE, "data.rollouts names %s twice (%s); name every file once",
                     f->path, p->file[i].path);
}

/* Log-probabilities of every row at the temperature of the ratio. */
static void check_logp(rollouts_t *p, const file_t *f, int64_t *at)
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

static void open_file(rollouts_t *p, const char *path)
{
    file_t f = {.path = mem_text(path)};
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
    check_ratio(p, &f);
    h5_close(h);
    f.own = h5_open(NULL, path, "rollout", ROLLOUT_VERSION);
    hash_prompts(p, &f);
    p->n += f.n;
    PUSH(p->file, p->n_file, p->cap_file, f);
}

/* Questions ---------------------------------------------------------------------------- */

typedef struct {
    hash_t prompt;
    int64_t at, first; /* of the item; of the first with this prompt */
} place_t;

static int by_prompt(const void *a, const void *b)
{
    const place_t *x = a, *y = b;
    int c = memcmp(&x->prompt, &y->prompt, sizeof x->prompt);
    return c ? c : (x->at > y->at) - (x->at < y->at);
}

static int by_first(const void *a, const void *b)
{
    const place_t *x = a, *y = b;
    return x->first != y->first ? (x->first > y->first) - (x->first < y->first)
                                : (x->at > y->at) - (x->at < y->at);
}

static void check_agreement(const rollouts_t *p, const rollout_t *a, const rollout_t *b)
{
    if (a->candidates != b->candidates || a->right != b->right) /* the same on every rank */
        fail_any(p->g, 1, CODE_DATA,
                 "%s row %d and %s row %d answer the same prompt, but %c is right of %d in the "
                 "one, %c of %d in the other: they are from problem files that contradict each "
                 "other; use one",
                 p->file[a->file].path, a->row, p->file[b->file].path, b->row, 'A' + a->right,
                 a->candidates, 'A' + b->right, b->candidates);
}

/* Numbers the questions and puts the items in their order. */
static void number(rollouts_t *p)
{
    place_t *key = ALLOC(place_t, p->n + 1);
    rollout_t *item = ALLOC(rollout_t, p->n + 1);
    for (int64_t i = 0; i < p->n; i++)
        key[i] = (place_t){p->prompt[i], i, i};
    qsort(key, (size_t)p->n, sizeof *key, by_prompt);
    for (int64_t i = 1; i < p->n; i++)
        if (!memcmp(&key[i].prompt, &key[i - 1].prompt, sizeof key->prompt))
            key[i].first = key[i - 1].first;
    qsort(key, (size_t)p->n, sizeof *key, by_first);
    for (int64_t i = 0, question = -1; i < p->n; i++) {
        question += i == 0 || key[i].first != key[i - 1].first;
        item[i] = p->item[key[i].at];
        item[i].question = (int32_t)question;
        if (i && key[i].first == key[i - 1].first)
            check_agreement(p, &item[i - 1], &item[i]);
    }
    mem_free(p->item);
    mem_free(key);
    p->item = item;
}

/* All ---------------------------------------------------------------------------------- */

rollouts_t *rollouts_open(group_t *g, const char *files, const rollouts_want_t *want)
{
    rollouts_t *p = ALLOC(rollouts_t, 1);
    p->g = g;
    p->want = *want;
    for (const char *w = files + strspn(files, ", "); *w;) {
        size_t len = strcspn(w, ",");
        char *path = bank_text(w, len);
        while (len && path[len - 1] == ' ')
            path[--len] = 0;
        open_file(p, path);
        mem_free(path);
        w += strcspn(w, ",");
        w += strspn(w, ", ");
    }
    fail_any(g, !p->n_file, CODE_USAGE,
             "data.rollouts = %s names no file; name those that `aletheia collect` made, with "
             "commas between them",
             files);
    fail_any(g, !p->n, CODE_DATA, "%s: holds no completions", files);
    number(p);
    for (int64_t i = 0; i < p->n; i++)
        p->of = hash_more(p->of, &p->item[i].sum, sizeof p->item[i].sum);
    for (int i = 0; i < p->n_file; i++)
        p->of = hash_more(p->of, &p->file[i].origin.params, sizeof(hash_t));
    mem_free(p->prompt);
    p->prompt = NULL;
    return p;
}

void rollouts_free(rollouts_t *p)
{
    for (int i = 0; i < p->n_file; i++) {
        file_t *f = &p->file[i];
        h5_close(f->own);
        mem_free(f->path), mem_free(f->origin.model);
        mem_free(f->prompt_at), mem_free(f->token_at), mem_free(f->one_at);
    }
    mem_free(p->file);
    mem_free(p->item);
    mem_free(p->prompt);
    mem_free(p);
}

int rollouts_files(const rollouts_t *p)
{
    return p->n_file;
}

const origin_t *rollouts_origin(const rollouts_t *p, int file)
{
    return &p->file[file].origin;
}

int64_t rollouts_count(const rollouts_t *p)
{
    return p->n;
}

const rollout_t *rollouts_at(const rollouts_t *p, int64_t i)
{
    return &p->item[i];
}

hash_t rollouts_hash(const rollouts_t *p)
{
    return p->of;
}

/* The row is as it was written. */
static void check_sum(const file_t *f, const rollout_t *q, const traj_t *t, float *logp, float *one)
{
    const reward_t *w = &q->reward;
    record_t r = {.list = q->list,
                  .sample = q->sample,
                  .candidates = q->candidates,
                  .answer = w->answer,
                  .right = q->right,
                  .truncated = q->truncated,
                  .n_prompt = q->n_prompt,
                  .n_token = q->n_token,
                  .reward = w->total,
                  .correct = w->correct,
                  .format = w->format,
                  .overlong = w->overlong,
                  .prompt = t->token,
                  .token = t->token + q->n_prompt,
                  .logp = logp,
                  .logp_one = one};
    if (record_sum(&r) != q->sum)
        fail(CODE_DATA, "%s: sample row %d: %s; use another copy of the file, or collect it again",
             f->path, q->row, RECORD_CHANGED);
}

/* Tokens with the prompt's before them, log-probabilities where the file has them. */
static traj_t completion(rollouts_t *p, const rollout_t *q, double temperature)
{
    const file_t *f = &p->file[q->file];
    traj_t t = {.sample = q->sample,
                .n_prompt = q->n_prompt,
                .n_token = q->n_token,
                .truncated = q->truncated};
    int64_t n = q->n_token, ones = f->one_at[q->row + 1] - f->one_at[q->row];
    t.token = ALLOC(int32_t, q->n_prompt + n);
    h5_get(f->own, "sample/prompt_tokens/data", H5_I32, t.token, -1, 0, f->prompt_at[q->row],
           q->n_prompt);
    h5_get(f->own, "sample/tokens/data", H5_I32, t.token + q->n_prompt, -1, 0, f->token_at[q->row],
           n);
    for (int64_t i = 0; i < q->n_prompt + n; i++)
        if (t.token[i] < 0 || t.token[i] >= p->want.vocab)
            fail(CODE_DATA, "%s: sample row %d: token %d is outside the model's vocabulary of %d",
                 f->path, q->row, t.token[i], p->want.vocab);
    float *logp = ALLOC(float, n), *one = ones ? ALLOC(float, n) : NULL;
    h5_get(f->own, "sample/logprob/data", H5_F32, logp, -1, 0, f->token_at[q->row], n);
    if (one)
        h5_get(f->own, "sample/logprob_1/data", H5_F32, one, -1, 0, f->one_at[q->row], n);
    check_sum(f, q, &t, logp, one);
    t.logp = temperature == f->origin.temperature ? logp : temperature == 1 ? one : NULL;
    mem_free(t.logp == logp ? one : logp);
    if (t.logp != logp && t.logp != one)
        mem_free(one);
    return t;
}

judged_t rollouts_take(rollouts_t *p, const int64_t *at, int n, double temperature)
{
    const rollout_t *first = &p->item[at[0]];
    judged_t j = judged_new(first->list, &(prompt_t){0}, n);
    j.candidates = first->candidates, j.right = first->right;
    j.made = -1;
    for (int i = 0; i < n; i++) {
        const rollout_t *q = &p->item[at[i]];
        j.traj[i] = completion(p, q, temperature);
        j.reward[i] = q->reward;
    }
    int32_t *token = ALLOC(int32_t, first->n_prompt);
    memcpy(token, j.traj[0].token, (size_t)first->n_prompt * sizeof *token);
    j.prompt = (prompt_t){.token = token, .n = first->n_prompt};
    return j;
}
