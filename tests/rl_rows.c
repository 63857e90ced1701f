// Completions read back from rollout files are what was written, bit for bit: rows of a question that stand together,
// apart, and in two files; log-probabilities at the sampling temperature, at 1 where a row has them, and none else.
// RUN: np=1,2
#include "rl_case.h"

enum { ROWS = 41, QUESTIONS = 5, FILES = 2 };

/* File 0: a question's rows together; file 1: one after another, questions taking turns. */
static int question_of(int file, int row)
{
    return file ? row % QUESTIONS : row * QUESTIONS / ROWS;
}

static int32_t token_of(int a, int b, int c)
{
    return (a * 131 + b * 31 + c * 7) % CASE_VOCAB;
}

static record_t row_of(int file, int row)
{
    int q = question_of(file, row), n = 1 + (row * 5 + file) % 9, one = row % 3 != 1;
    record_t r = {.list = q,
                  .group = q,
                  .sample = row,
                  .candidates = 3,
                  .answer = row % 4 - 1,
                  .right = q % 3,
                  .parsed = row % 4 > 0,
                  .truncated = row % 5 == 0,
                  .n_prompt = 3 + q,
                  .reward = (float)row / 3,
                  .correct = row % 4 - 1 == q % 3,
                  .n_token = n,
                  .text = "x"};
    int32_t *prompt = ALLOC(int32_t, r.n_prompt), *token = ALLOC(int32_t, n);
    float *logp = ALLOC(float, n), *logp_one = one ? ALLOC(float, n) : NULL;
    for (int i = 0; i < r.n_prompt; i++)
        prompt[i] = token_of(q, 99, i);
    for (int i = 0; i < n; i++) {
        token[i] = token_of(file + 1, row, i);
        logp[i] = -(float)(row + 1) / (float)(i + 1 + file);
        if (one)
            logp_one[i] = -(float)(row + 2) / (float)(i + 3 + file);
    }
    r.prompt = prompt, r.token = token, r.logp = logp, r.logp_one = logp_one;
    return r;
}

static void row_free(record_t *r)
{
    mem_free((void *)r->prompt), mem_free((void *)r->token), mem_free((void *)r->logp),
        mem_free((void *)r->logp_one);
}

static origin_t origin(void)
{
    return (origin_t){.model = "m", .mode = "think", .temperature = 0.5, .top_p = 1};
}

static void write_file(int file, const char *path)
{
    record_t row[ROWS];
    origin_t o = origin();
    for (int i = 0; i < ROWS; i++)
        row[i] = row_of(file, i);
    h5_t *f = record_create(NULL, path, "");
    record_put(f, "sample", row, ROWS);
    origin_put(f, &o);
    h5_commit(f);
    for (int i = 0; i < ROWS; i++)
        row_free(&row[i]);
}

static void same(const rollout_t *q, const judged_t *j, int i, double temperature)
{
    record_t r = row_of(q->file, q->row);
    const traj_t *t = &j->traj[i];
    const float *logp = temperature == 0.5 ? r.logp : temperature == 1 ? r.logp_one : NULL;
    check(t->n_prompt == r.n_prompt && t->n_token == r.n_token && t->sample == r.sample);
    check(t->truncated == r.truncated && j->reward[i].total == r.reward);
    check(!memcmp(t->token, r.prompt, (size_t)r.n_prompt * 4));
    check(!memcmp(t->token + r.n_prompt, r.token, (size_t)r.n_token * 4));
    check(!memcmp(j->prompt.token, r.prompt, (size_t)r.n_prompt * 4) && j->prompt.n == r.n_prompt);
    check(!logp == !t->logp && (!logp || !memcmp(logp, t->logp, (size_t)r.n_token * 4)));
    check(j->right == r.right && j->candidates == r.candidates);
    row_free(&r);
}

/* Every question whole, its rows backwards, and pairs of them. */
static void take_all(rollouts_t *p, double temperature)
{
    int64_t n = rollouts_count(p), at[FILES * ROWS];
    for (int64_t i = 0, end; i < n; i = end) {
        for (end = i; end < n && rollouts_at(p, end)->question == rollouts_at(p, i)->question;)
            end++;
        for (int way = 0; way < 2; way++) {
            int m = (int)(end - i);
            for (int k = 0; k < m; k++)
                at[k] = way ? end - 1 - k : i + k;
            judged_t j = rollouts_take(p, at, m, temperature);
            for (int k = 0; k < m; k++)
                same(rollouts_at(p, at[k]), &j, k, temperature);
            judged_reset(&j);
        }
        at[0] = i, at[1] = end - 1;
        judged_t j = rollouts_take(p, at, 2, temperature);
        same(rollouts_at(p, i), &j, 0, temperature);
        same(rollouts_at(p, end - 1), &j, 1, temperature);
        judged_reset(&j);
    }
}

int main(int argc, char **argv)
{
    char path[FILES][512], files[1100];
    test_begin(&argc, &argv);
    case_path(path[0], "a.h5");
    case_path(path[1], "b.h5");
    for (int i = 0; i < FILES && group_rank(comm_world()) == 0; i++)
        write_file(i, path[i]);
    comm_barrier(comm_world());
    snprintf(files, sizeof files, "%s, %s", path[0], path[1]);
    rollouts_want_t want = {.is = origin(), .vocab = CASE_VOCAB};
    rollouts_t *p = rollouts_open(comm_world(), files, &want);
    check(rollouts_count(p) == FILES * ROWS && rollouts_files(p) == FILES);
    check(rollouts_at(p, rollouts_count(p) - 1)->question == QUESTIONS - 1);
    take_all(p, 0.5);
    take_all(p, 1);
    take_all(p, 0.7);
    rollouts_free(p);
    return test_end();
}
