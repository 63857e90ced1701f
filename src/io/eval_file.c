/* What an evaluation found (kind "eval") and what a verifier chose (kind "select").

   eval      suite/NAME/{list, id, n, k, answer, right, parsed, length, truncated, correct}[N]: one
                     row a list and sample; id names the list by its content, so that two
                     evaluations can be paired whatever file their lists came from
             suite/NAME/pair/{list, first, second, answer, length, truncated}: one row an ordered pair
             suite/NAME/budget/{list, k, budget, cut, answer, right, length}: one row an answer
                     and budget
             suite/NAME/number/{measure, by, of, lists, value, lo, hi, beside}: the results
             attributes of suite/NAME: the results of all its lists, MEASURE, MEASURE_lo and
                     MEASURE_hi (left out where there is no interval), chance; and LISTACC_n of
                     lists of n candidates
             attribute param_hash of the root: which parameters were measured
   select    choice/{problem, id, n, program, right, asked, unparsed, majority, majority_right, any,
                     share}: one row a problem and number of programs; number/ as above

   Each rank writes the rows that it has, after those of lower ranks, in one collective call a
   column.  The table of results is small and the first rank's. */
#include "io/rows.h"
#include <math.h>
#include <string.h>

enum { SELECT_VERSION = 1 };

/* The first rank's rows, on every rank; the caller's. */
static numbers_t shared_numbers(group_t *g, const numbers_t *t)
{
    numbers_t all = {.n = t ? t->n : 0};
    if (g)
        comm_bcast(g, &all.n, sizeof all.n, 0);
    all.row = ALLOC(number_t, all.n + 1);
    if (all.n && (!g || group_rank(g) == 0))
        memcpy(all.row, t->row, (size_t)all.n * sizeof *all.row);
    if (g)
        comm_bcast(g, all.row, (size_t)all.n * sizeof *all.row, 0);
    return all;
}

static void put_attribute(h5_t *f, const char *folder, const char *name, const number_t *x)
{
    char bound[100];
    h5_put_real(f, folder, name, x->value);
    if (isnan(x->lo) || isnan(x->hi))
        return;
    snprintf(bound, sizeof bound, "%.80s_lo", name);
    h5_put_real(f, folder, bound, x->lo);
    snprintf(bound, sizeof bound, "%.80s_hi", name);
    h5_put_real(f, folder, bound, x->hi);
}

static void put_results(group_t *g, h5_t *f, const char *folder, const numbers_t *numbers,
                        const char *table)
{
    numbers_t all = shared_numbers(g, numbers), none = {0};
    char name[100];
    for (int i = 0; i < all.n; i++) {
        const number_t *x = &all.row[i];
        if (!strcmp(x->by, "all"))
            put_attribute(f, folder, x->measure, x);
        else if (!strcmp(x->measure, "listacc") && !strcmp(x->by, "length")) {
            snprintf(name, sizeof name, "%s_%s", x->measure, x->of);
            put_attribute(f, folder, name, x);
        }
        if (!strcmp(x->measure, "listacc") && !strcmp(x->by, "all"))
            h5_put_real(f, folder, "chance", x->beside);
    }
    numbers_put(f, table, g && group_rank(g) ? &none : &all);
    mem_free(all.row);
}

/* Evaluations
   ---------------------------------------------------------------------- */

int64_t list_id(const bank_t *b, const list_t *l)
{
    hash_t h = b->problem[l->problem].id;
    h = hash_more(h, &l->answer, sizeof l->answer);
    for (int i = 0; i < l->n; i++)
        h = hash_more(h, &b->program[l->program[i]].id, sizeof(hash_t));
    return (int64_t)h.lo;
}

static void put_correct(const rows_t *rows, const answer_t *a)
{
    int8_t *c = ALLOC(int8_t, rows->n + 1);
    for (int64_t i = 0; i < rows->n; i++)
        c[i] = a[i].parsed && a[i].answer == a[i].right;
    rows_t r = *rows;
    r.item = (const char *)c, r.stride = 1;
    rows_put(&r, "correct", H5_I8, 0, 1);
    mem_free(c);
}

#define PUT(row, field, type) rows_put(&rows, #field, H5_##type, offsetof(row, field), WIDTH_##type)
#define GET(field, type) \
    rows_get(f, folder, #field, H5_##type, row, sizeof *row, n, offsetof(ROW, field), WIDTH_##type)
enum { WIDTH_I32 = 4, WIDTH_I64 = 8, WIDTH_F64 = 8 };

static void put_answers(h5_t *f, const char *folder, const eval_rows_t *r)
{
    rows_t rows = rows_of(f, folder, r->answer, sizeof(answer_t), r->n_answer);
#define COLUMN(field, type) PUT(answer_t, field, type);
#define ANSWERS
#include "eval_columns.def"
    put_correct(&rows, r->answer);
}

static void put_pairs(h5_t *f, const char *folder, const eval_rows_t *r)
{
    rows_t rows = rows_of(f, folder, r->pair, sizeof(pair_answer_t), r->n_pair);
    if (!rows.total)
        return;
#define COLUMN(field, type) PUT(pair_answer_t, field, type);
#define PAIRS
#include "eval_columns.def"
}

static void put_budgets(h5_t *f, const char *folder, const eval_rows_t *r)
{
    rows_t rows = rows_of(f, folder, r->budget, sizeof(budget_answer_t), r->n_budget);
    if (!rows.total)
        return;
#define COLUMN(field, type) PUT(budget_answer_t, field, type);
#define BUDGETS
#include "eval_columns.def"
}

void eval_write(group_t *g, const char *path, const char *deck, const char *suite,
                hash_t param_hash, const eval_rows_t *r)
{
    h5_t *f = h5_create(g, path, "eval", EVAL_VERSION, deck);
    char hex[33], folder[100], part[120];
    hash_hex(param_hash, hex);
    h5_put_text(f, "/", "param_hash", hex);
    snprintf(folder, sizeof folder, "suite/%s", suite);
    put_answers(f, folder, r);
    snprintf(part, sizeof part, "%s/pair", folder);
    put_pairs(f, part, r);
    snprintf(part, sizeof part, "%s/budget", folder);
    put_budgets(f, part, r);
    snprintf(part, sizeof part, "%s/number", folder);
    put_results(g, f, folder, r->numbers, part);
    h5_commit(f);
}

static void check_answers(const eval_file_t *e, const char *path)
{
    for (int i = 0; i < e->n_answer; i++) {
        const answer_t *a = &e->answer[i];
        if (a->n < 2 || a->n > 5 || a->right < 0 || a->right >= a->n || a->answer < -1 ||
            a->answer >= a->n || a->parsed != (a->answer >= 0))
            fail(CODE_DATA, "%s: answer %d is to no list of 2 to 5 candidates; the file is damaged",
                 path, i);
        if (i && a->list == a[-1].list ? a->k != a[-1].k + 1 || a->id != a[-1].id : a->k != 0)
            fail(CODE_DATA, "%s: answer %d is not the next one to its list; the file is damaged",
                 path, i);
    }
}

eval_file_t eval_read(const char *path)
{
    eval_file_t e = {0};
    char **suite, folder[200];
    text_t table = {0};
    h5_t *f = h5_open(NULL, path, "eval", EVAL_VERSION);
    int suites = h5_list(f, "suite", &suite);
    if (suites != 1 || strlen(suite[0]) > 100)
        fail(CODE_DATA, "%s: %d suites in it, expected one", path, suites);
    snprintf(folder, sizeof folder, "suite/%s", suite[0]);
    e.suite = mem_text(suite[0]);
    h5_free_names(suite, suites);
    e.param_hash = h5_get_text(f, "/", "param_hash");
    int64_t n = rows_in(f, folder, "list");
    e.n_answer = (int)n;
    text_addf(&table, "%s/id", folder);
    if (!h5_has(f, table.s))
        fail(
            CODE_DATA,
            "%s: was made by an older version, which did not name its lists: run `aletheia eval` again",
            path);
    answer_t *row = e.answer = ALLOC(answer_t, n + 1);
#define ROW                 answer_t
#define COLUMN(field, type) GET(field, type);
#define ANSWERS
#include "eval_columns.def"
#undef ROW
    check_answers(&e, path);
    text_clear(&table);
    text_addf(&table, "%s/number", folder);
    e.numbers = numbers_get(f, table.s);
    h5_close(f);
    text_reset(&table);
    return e;
}

void eval_file_free(eval_file_t *e)
{
    mem_free(e->suite);
    mem_free(e->param_hash);
    mem_free(e->answer);
    mem_free(e->numbers.row);
    *e = (eval_file_t){0};
}

/* Choices
   ---------------------------------------------------------------------- */

void select_write(group_t *g, const char *path, const char *deck, const char *suite,
                  hash_t param_hash, const chosen_t *c, int n_local, const numbers_t *numbers)
{
    h5_t *f = h5_create(g, path, "select", SELECT_VERSION, deck);
    char hex[33];
    hash_hex(param_hash, hex);
    h5_put_text(f, "/", "param_hash", hex);
    h5_put_text(f, "/", "suite", suite);
    rows_t rows = rows_of(f, "choice", c, sizeof *c, n_local);
#define COLUMN(field, type) PUT(chosen_t, field, type);
#define CHOICES
#include "eval_columns.def"
    put_results(g, f, "choice", numbers, "number");
    h5_commit(f);
}

select_file_t select_read(const char *path)
{
    const char *folder = "choice";
    h5_t *f = h5_open(NULL, path, "select", SELECT_VERSION);
    int64_t n = rows_in(f, folder, "problem");
    chosen_t *row = ALLOC(chosen_t, n + 1);
#define ROW                 chosen_t
#define COLUMN(field, type) GET(field, type);
#define CHOICES
#include "eval_columns.def"
#undef ROW
    for (int64_t i = 0; i < n; i++)
        if (row[i].n < 1 || row[i].right < 0 || row[i].right > 1)
            fail(CODE_DATA, "%s: choice row %lld is no choice; the file is damaged", path,
                 (long long)i);
    select_file_t s = {.suite = h5_get_text(f, "/", "suite"),
                       .param_hash = h5_get_text(f, "/", "param_hash"),
                       .choice = row,
                       .n_choice = (int)n,
                       .numbers = numbers_get(f, "number")};
    h5_close(f);
    return s;
}

void select_file_free(select_file_t *s)
{
    mem_free(s->suite);
    mem_free(s->param_hash);
    mem_free(s->choice);
    mem_free(s->numbers.row);
    *s = (select_file_t){0};
}
