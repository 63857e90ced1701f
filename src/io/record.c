/* Records: what was sampled (kind "rollout"), and what an evaluation found (kind
   "eval").

   rollout   sample/{list, group, sample, candidates, answer, right, parsed, truncated,
                     n_prompt, param_version, step, reward, reward_correct, reward_format,
                     reward_overlong, advantage}[N]
             sample/{prompt_tokens, tokens, logprob, text} ragged: the prompt's and the
                     completion's tokens, the log-probability of each as it was sampled, its
                     text; logprob_1: at temperature 1, empty where it was not computed
             sample/xxh3[N]: of what is learned from in the row, so that a changed byte is
                     found when it is read
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

enum { EVAL_VERSION = 1 };

typedef struct { /* rows of this rank in a file */
    h5_t *f;
    const char *folder, *item;
    size_t stride;
    int64_t n, first, total;
    int append; /* behind those that are there; one process */
} rows_t;

static rows_t rows_of(h5_t *f, const char *folder, const void *item, size_t stride, int n_local)
{
    rows_t r = {f, folder, item, stride, n_local, 0, 0, 0};
    h5_rows(f, n_local, &r.first, &r.total);
    return r;
}

static void put_ragged(const rows_t *r, const char *name, h5_type_t type, const void *data,
                       const int64_t *at)
{
    text_t full = {0};
    text_addf(&full, "%s/%s", r->folder, name);
    (r->append ? h5_append_ragged : h5_put_ragged)(r->f, full.s, type, data, at, r->n);
    text_reset(&full);
}

static void put_field(const rows_t *r, const char *name, h5_type_t type, size_t field, size_t width)
{
    text_t full = {0};
    text_addf(&full, "%s/%s", r->folder, name);
    char *c = mem_new((size_t)r->n * width + 1);
    for (int64_t i = 0; i < r->n; i++)
        memcpy(c + (size_t)i * width, r->item + (size_t)i * r->stride + field, width);
    if (r->append)
        h5_append(r->f, full.s, type, c, 0, r->n);
    else
        h5_put(r->f, full.s, type, c, r->total, 0, r->first, r->n);
    mem_free(c);
    text_reset(&full);
}

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
    put_ragged(rows, name, type, x, at);
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
    put_field(&of, "xxh3", H5_I64, 0, sizeof *sum);
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
    put_ragged(rows, "text", H5_U8, s, at);
    mem_free(s);
    mem_free(at);
}

#define I32(name, type, field) put_field(&rows, name, H5_I32, offsetof(type, field), 4)
#define I64(name, type, field) put_field(&rows, name, H5_I64, offsetof(type, field), 8)
#define F32(name, type, field) put_field(&rows, name, H5_F32, offsetof(type, field), 4)

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
