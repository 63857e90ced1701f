/* Records: what was sampled (kind "rollout").

   rollout   sample/{list, group, sample, candidates, answer, right, parsed, truncated,
                     n_prompt, param_version, step, reward, reward_correct, reward_format,
                     reward_overlong, advantage}[N]
             sample/{prompt_tokens, tokens, logprob, text} ragged: the prompt's and the
                     completion's tokens, the log-probability of each as it was sampled, its
                     text; logprob_1: at temperature 1, empty where it was not computed
             sample/xxh3[N]: of what is learned from in the row, so that a changed byte is
                     found when it is read
   Each rank writes the rows that it has, after those of lower ranks, in one collective
   call a column.  The order of rows therefore follows the layout; (list, group, sample)
   identifies a row whatever it was. */
#include "io/rows.h"
#include <string.h>

/* A ragged column of numbers of four bytes; item(r, &n): its block, NULL: none. */
static void put_numbers(const rows_t *rows, const char *name, h5_type_t type, const record_t *r,
                        const void *(*item)(const record_t *r, int *n))
{
    int64_t n = rows->n, *at = ALLOC(int64_t, n + 1);
    for (int64_t i = 0; i < n; i++) {
        int m = 0;
        at[i + 1] = at[i] + (item(&r[i], &m) ? m : 0);
    }
    int32_t *x = ALLOC(int32_t, at[n] + 1);
    for (int64_t i = 0; i < n; i++) {
        int m = 0;
        const void *from = item(&r[i], &m);
        if (from && m)
            memcpy(x + at[i], from, (size_t)m * sizeof *x);
    }
    rows_put_ragged(rows, name, type, x, at);
    mem_free(x);
    mem_free(at);
}

static const void *prompt_of(const record_t *r, int *n)
{
    *n = r->n_prompt;
    return r->prompt;
}

static const void *tokens_of(const record_t *r, int *n)
{
    *n = r->n_token;
    return r->token;
}

static const void *logp_of(const record_t *r, int *n)
{
    *n = r->n_token;
    return r->logp;
}

static const void *logp_one_of(const record_t *r, int *n)
{
    *n = r->n_token;
    return r->logp_one;
}

int64_t record_sum(const record_t *r)
{
    const int32_t whole[] = {r->list,  r->sample,    r->candidates, r->answer,
                             r->right, r->truncated, r->n_prompt,   r->n_token};
    const float real[] = {r->reward, r->correct, r->format, r->overlong};
    const void *part[] = {r->prompt, r->token, r->logp, r->logp_one};
    const int n[] = {r->n_prompt, r->n_token, r->n_token, r->n_token};
    hash_t h = hash_more(hash_bytes(whole, sizeof whole), real, sizeof real);
    for (int k = 0; k < 4; k++)
        h = hash_more(h, part[k], part[k] ? 4 * (size_t)n[k] : 0);
    return (int64_t)h.lo;
}

static void put_sums(const rows_t *rows, const record_t *r)
{
    int64_t *sum = ALLOC(int64_t, rows->n + 1);
    for (int64_t i = 0; i < rows->n; i++)
        sum[i] = record_sum(&r[i]);
    rows_t of = *rows;
    of.item = (const char *)sum, of.stride = sizeof *sum;
    rows_put(&of, "xxh3", H5_I64, 0, sizeof *sum);
    mem_free(sum);
}

static void put_texts(const rows_t *rows, const record_t *r)
{
    int64_t n = rows->n, *at = ALLOC(int64_t, n + 1);
    for (int64_t i = 0; i < n; i++)
        at[i + 1] = at[i] + (r[i].text ? (int64_t)strlen(r[i].text) : 0);
    char *s = mem_new((size_t)at[n] + 1);
    for (int64_t i = 0; i < n; i++)
        memcpy(s + at[i], r[i].text ? r[i].text : "", (size_t)(at[i + 1] - at[i]));
    rows_put_ragged(rows, "text", H5_U8, s, at);
    mem_free(s);
    mem_free(at);
}

#define I32(name, type, field) rows_put(&rows, name, H5_I32, offsetof(type, field), 4)
#define I64(name, type, field) rows_put(&rows, name, H5_I64, offsetof(type, field), 8)
#define F32(name, type, field) rows_put(&rows, name, H5_F32, offsetof(type, field), 4)

static void put_rows(rows_t rows, const record_t *r)
{
#define COLUMN(type, name, field) type(name, record_t, field);
#include "record_columns.def"
#undef COLUMN
    put_numbers(&rows, "prompt_tokens", H5_I32, r, prompt_of);
    put_numbers(&rows, "tokens", H5_I32, r, tokens_of);
    put_numbers(&rows, "logprob", H5_F32, r, logp_of);
    put_numbers(&rows, "logprob_1", H5_F32, r, logp_one_of);
    put_texts(&rows, r);
    put_sums(&rows, r);
}

void record_put(h5_t *f, const char *folder, const record_t *r, int n_local)
{
    put_rows(rows_of(f, folder, r, sizeof *r, n_local), r);
}

void record_append(h5_t *f, const char *folder, const record_t *r, int n)
{
    put_rows((rows_t){.f = f,
                      .folder = folder,
                      .item = (const char *)r,
                      .stride = sizeof *r,
                      .n = n,
                      .append = 1},
             r);
}

h5_t *record_create(group_t *g, const char *path, const char *deck)
{
    return h5_create(g, path, "rollout", ROLLOUT_VERSION, deck);
}

void record_write(group_t *g, const char *path, const char *deck, const record_t *r, int n_local)
{
    h5_t *f = record_create(g, path, deck);
    record_put(f, "sample", r, n_local);
    h5_commit(f);
}
