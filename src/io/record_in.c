/* Rollout rows read back: what record_put wrote under a folder, whole on every rank.

   Everything is checked against everything before anything is used: all columns have as
   many rows, a row's tokens and log-probabilities are as many, its prompt is as long as it
   says, its answer is a letter of its list, and its numbers have the sum that they were
   written with.  A file that was cut or changed ends with its path and the row.  collective over the file's group */
#include "io/rows.h"
#include <string.h>

enum { IN_I32 = H5_I32, IN_I64 = H5_I64, IN_F32 = H5_F32 };

static void ragged(h5_t *f, const char *folder, const char *name, h5_type_t type, int64_t n,
                   void **data, int64_t **at)
{
    text_t full = {0};
    text_addf(&full, "%s/%s", folder, name);
    int64_t m = h5_get_ragged(f, full.s, type, data, at, 1);
    if (m != n)
        fail(CODE_DATA, "%s: %s has %lld items, %lld were expected; the file is damaged",
             h5_path(f), full.s, (long long)m, (long long)n);
    text_reset(&full);
}

/* NULL, or what is wrong with a row whose ragged lengths are these. */
static const char *wrong_with(const record_t *r, int64_t prompt, int64_t tokens, int64_t logp,
                              int64_t one)
{
    if (tokens < 1 || tokens > INT32_MAX || logp != tokens || (one && one != tokens))
        return "its tokens and log-probabilities are not as many";
    if (r->n_prompt < 1 || (prompt && prompt != r->n_prompt))
        return "its prompt is not as long as it says";
    if (r->candidates < 2 || r->candidates > 5 || r->right < 0 || r->right >= r->candidates)
        return "the right answer is not a letter of its list";
    if (r->answer < -1 || r->answer >= r->candidates || r->parsed != (r->answer >= 0))
        return "its answer is not a letter of its list";
    return NULL;
}

static void link_rows(h5_t *f, const char *folder, records_t *r, int64_t *const at[5],
                      const int64_t *sum)
{
    for (int64_t i = 0; i < r->n; i++) {
        record_t *q = &r->row[i];
        int64_t n[5];
        for (int k = 0; k < 5; k++)
            n[k] = at[k][i + 1] - at[k][i];
        const char *why = wrong_with(q, n[0], n[1], n[2], n[3]);
        q->n_token = (int)n[1];
        q->prompt = n[0] ? (int32_t *)r->block[0] + at[0][i] : NULL;
        q->token = (int32_t *)r->block[1] + at[1][i];
        q->logp = (float *)r->block[2] + at[2][i];
        q->logp_one = n[3] ? (float *)r->block[3] + at[3][i] : NULL;
        if (!why && record_sum(q) != sum[i])
            why = RECORD_CHANGED;
        if (why)
            fail(CODE_DATA, "%s: %s row %lld: %s; the file is damaged", h5_path(f), folder,
                 (long long)i, why);
    }
}

/* Texts of the file have no NUL behind them: ours do. */
static void link_texts(records_t *r, const char *bytes, const int64_t *at)
{
    char *s = mem_new((size_t)(at[r->n] + r->n) + 1);
    for (int64_t i = 0; i < r->n; i++) {
        char *to = s + at[i] + i;
        memcpy(to, bytes + at[i], (size_t)(at[i + 1] - at[i]));
        r->row[i].text = to;
    }
    r->block[5] = s;
}

records_t record_get(h5_t *f, const char *folder)
{
    static const struct {
        const char *name;
        h5_type_t type;
    } parts[5] = {{"prompt_tokens", H5_I32},
                  {"tokens", H5_I32},
                  {"logprob", H5_F32},
                  {"logprob_1", H5_F32},
                  {"text", H5_U8}};
    records_t r = {0};
    int64_t cols, *at[5];
    text_t full = {0};
    text_addf(&full, "%s/list", folder);
    h5_shape(f, full.s, &r.n, &cols);
    r.row = ALLOC(record_t, r.n + 1);
#define COLUMN(type, name, field)                                              \
    rows_get(f, folder, name, (h5_type_t)IN_##type, r.row, sizeof *r.row, r.n, \
             offsetof(record_t, field), sizeof r.row->field);
#include "record_columns.def"
#undef COLUMN
    int64_t *sum = ALLOC(int64_t, r.n + 1);
    text_clear(&full);
    text_addf(&full, "%s/xxh3", folder);
    h5_get(f, full.s, H5_I64, sum, r.n, 0, 0, r.n);
    for (int k = 0; k < 5; k++)
        ragged(f, folder, parts[k].name, parts[k].type, r.n, &r.block[k], &at[k]);
    link_rows(f, folder, &r, at, sum);
    mem_free(sum);
    link_texts(&r, r.block[4], at[4]);
    for (int k = 0; k < 5; k++)
        mem_free(at[k]);
    text_reset(&full);
    return r;
}

void records_free(records_t *r)
{
    for (size_t k = 0; k < sizeof r->block / sizeof *r->block; k++)
        mem_free(r->block[k]);
    mem_free(r->row);
    *r = (records_t){0};
}
