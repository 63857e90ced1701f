/* Records: what was sampled (kind "rollout"), and what an evaluation found (kind
   "eval").

   rollout   sample/{list, group, sample, answer, right, parsed, truncated, n_prompt,
                     param_version, reward, reward_correct, reward_format,
                     reward_overlong, advantage}[N]
             sample/{prompt_tokens, tokens, logprob, text} ragged: the prompt's and the completion's
             tokens, the
                     log-probability of each as it was sampled, its text
   eval      suite/<name>/{list, n, k, answer, right, parsed, length, truncated,
                     correct}[N]: one row a list and sample
             attributes of suite/<name>: every scalar result NAME and its 95% interval
                     NAME_lo, NAME_hi (left out where lo and hi are NaN)
             attribute param_hash of the root: which parameters were measured

   Each rank writes the rows that it has, after those of lower ranks, in one collective
   call a column.  The order of rows therefore follows the layout; (list, group, sample)
   and (list, k) identify a row whatever it was. */
#include "io.h"
#include <math.h>
#include <string.h>

enum { ROLLOUT_VERSION = 1, EVAL_VERSION = 1 };

typedef struct { /* rows of this rank in a file */
    h5_t *f;
    const char *folder, *item;
    size_t stride;
    int64_t n, first, total;
} rows_t;

static rows_t rows_of(h5_t *f, const char *folder, const void *item, size_t stride, int n_local)
{
    rows_t r = {f, folder, item, stride, n_local, 0, 0};
    h5_rows(f, n_local, &r.first, &r.total);
    return r;
}

static void put_field(const rows_t *r, const char *name, h5_type_t type, size_t field, size_t width)
{
    text_t full = {0};
    text_addf(&full, "%s/%s", r->folder, name);
    char *c = mem_new((size_t)r->n * width + 1);
    for (int64_t i = 0; i < r->n; i++)
        memcpy(c + (size_t)i * width, r->item + (size_t)i * r->stride + field, width);
    h5_put(r->f, full.s, type, c, r->total, 0, r->first, r->n);
    mem_free(c);
    text_reset(&full);
}

static void put_prompts(h5_t *f, const record_t *r, int n)
{
    int64_t *at = ALLOC(int64_t, n + 1);
    for (int i = 0; i < n; i++)
        at[i + 1] = at[i] + (r[i].prompt ? r[i].n_prompt : 0);
    int32_t *t = ALLOC(int32_t, at[n] + 1);
    for (int i = 0; i < n; i++)
        if (r[i].prompt)
            memcpy(t + at[i], r[i].prompt, (size_t)r[i].n_prompt * sizeof *t);
    h5_put_ragged(f, "sample/prompt_tokens", H5_I32, t, at, n);
    mem_free(t);
    mem_free(at);
}

static void put_completions(h5_t *f, const record_t *r, int n)
{
    int64_t *tokens = ALLOC(int64_t, n + 1), *bytes = ALLOC(int64_t, n + 1);
    for (int i = 0; i < n; i++) {
        tokens[i + 1] = tokens[i] + r[i].n_token;
        bytes[i + 1] = bytes[i] + (r[i].text ? (int64_t)strlen(r[i].text) : 0);
    }
    int32_t *t = ALLOC(int32_t, tokens[n] + 1);
    float *p = ALLOC(float, tokens[n] + 1);
    char *s = mem_new((size_t)bytes[n] + 1);
    for (int i = 0; i < n; i++) {
        size_t m = (size_t)r[i].n_token;
        if (m) {
            memcpy(t + tokens[i], r[i].token, m * sizeof *t);
            memcpy(p + tokens[i], r[i].logp, m * sizeof *p);
        }
        memcpy(s + bytes[i], r[i].text ? r[i].text : "", (size_t)(bytes[i + 1] - bytes[i]));
    }
    put_prompts(f, r, n);
    h5_put_ragged(f, "sample/tokens", H5_I32, t, tokens, n);
    h5_put_ragged(f, "sample/logprob", H5_F32, p, tokens, n);
    h5_put_ragged(f, "sample/text", H5_U8, s, bytes, n);
    mem_free(tokens);
    mem_free(bytes);
    mem_free(t);
    mem_free(p);
    mem_free(s);
}

#define I32(name, type, field) put_field(&rows, name, H5_I32, offsetof(type, field), 4)
#define F32(name, type, field) put_field(&rows, name, H5_F32, offsetof(type, field), 4)

void record_write(group_t *g, const char *path, const char *deck, const record_t *r, int n_local)
{
    h5_t *f = h5_create(g, path, "rollout", ROLLOUT_VERSION, deck);
    rows_t rows = rows_of(f, "sample", r, sizeof *r, n_local);
    I32("list", record_t, list);
    I32("group", record_t, group);
    I32("sample", record_t, sample);
    I32("answer", record_t, answer);
    I32("right", record_t, right);
    I32("parsed", record_t, parsed);
    I32("truncated", record_t, truncated);
    I32("n_prompt", record_t, n_prompt);
    put_field(&rows, "param_version", H5_I64, offsetof(record_t, version), 8);
    F32("reward", record_t, reward);
    F32("reward_correct", record_t, correct);
    F32("reward_format", record_t, format);
    F32("reward_overlong", record_t, overlong);
    F32("advantage", record_t, advantage);
    put_completions(f, r, n_local);
    h5_commit(f);
}

static void put_correct(const rows_t *rows, const answer_t *a)
{
    text_t full = {0};
    text_addf(&full, "%s/correct", rows->folder);
    int8_t *c = ALLOC(int8_t, rows->n + 1);
    for (int64_t i = 0; i < rows->n; i++)
        c[i] = a[i].parsed && a[i].answer == a[i].right;
    h5_put(rows->f, full.s, H5_I8, c, rows->total, 0, rows->first, rows->n);
    mem_free(c);
    text_reset(&full);
}

/* Rank 0's scalars, the same on every rank from here on. */
static void put_scalars(group_t *g, h5_t *f, const char *folder, const scalar_t *s, int n)
{
    int first = !g || group_rank(g) == 0;
    struct {
        char name[64];
        double x[3];
    } one;
    if (g)
        comm_bcast(g, &n, sizeof n, 0);
    for (int i = 0; i < n; i++) {
        char bound[80];
        memset(&one, 0, sizeof one);
        if (first) {
            snprintf(one.name, sizeof one.name, "%s", s[i].name);
            one.x[0] = s[i].value;
            one.x[1] = s[i].lo;
            one.x[2] = s[i].hi;
        }
        if (g)
            comm_bcast(g, &one, sizeof one, 0);
        h5_put_real(f, folder, one.name, one.x[0]);
        if (isnan(one.x[1]) || isnan(one.x[2]))
            continue;
        snprintf(bound, sizeof bound, "%s_lo", one.name);
        h5_put_real(f, folder, bound, one.x[1]);
        snprintf(bound, sizeof bound, "%s_hi", one.name);
        h5_put_real(f, folder, bound, one.x[2]);
    }
}

void eval_write(group_t *g, const char *path, const char *deck, const char *suite,
                hash_t param_hash, const answer_t *a, int n_local, const scalar_t *s, int n_scalar)
{
    h5_t *f = h5_create(g, path, "eval", EVAL_VERSION, deck);
    text_t folder = {0};
    char hex[33];
    hash_hex(param_hash, hex);
    h5_put_text(f, "/", "param_hash", hex);
    text_addf(&folder, "suite/%s", suite);
    rows_t rows = rows_of(f, folder.s, a, sizeof *a, n_local);
    I32("list", answer_t, list);
    I32("n", answer_t, n);
    I32("k", answer_t, k);
    I32("answer", answer_t, answer);
    I32("right", answer_t, right);
    I32("parsed", answer_t, parsed);
    I32("length", answer_t, length);
    I32("truncated", answer_t, truncated);
    put_correct(&rows, a);
    put_scalars(g, f, folder.s, s, n_scalar);
    h5_commit(f);
    text_reset(&folder);
}
