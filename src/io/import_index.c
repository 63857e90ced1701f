/* The lines of a large input, put in order on disk.

   What must be known of all lines at once: which came twice, which tests belong to which
   lists, which lists are of the same problem (they become one problem, whose programs and
   lists stand together).  A row of some 170 bytes for each line answers it; the lines stay
   where they are.  The rows stand in a temporary file beside the file to be made, which
   has no name and so goes with the process.

   Sorting without holding all: a pass over the rows takes those whose hash is in one
   range of as many as are needed for a range to fit into WINDOW rows (hashes spread
   evenly), and sorts them; the next pass takes the next range.

       by prompt   lists with the same candidates; tests that came twice; tests joined to
                   lists; the first line of each problem.  Rows go to a second file.
       by idx      what came twice
       by (first line of the problem, line), in ranges of lines that hold at most WINDOW
                   rows by a histogram: the order in which they are given out

   A line that came twice is left out, the first one stays; what is wrong is kept for whoever
   asked.

   So the order is that of the input, but for later lines of a problem, which come where
   it began.  Memory: WINDOW rows (5 MB) whatever the number of lines, unless one problem
   has more lines than that.  Time: n rows need n / WINDOW passes each; a million lines read
   170 MB some hundred times, from the page cache. */
#include "import.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WINDOW = 30000, BUCKETS = 4096 };

struct line_index {
    FILE *in, *out; /* rows as they came; with first and tests */
    const char *path;
    int64_t n, n_list, bucket[BUCKETS], width; /* lists and problems by their first line */
    line_t *row;
    int64_t n_row, cap_row, at;
    int64_t from; /* first bucket that was not given out yet */
    line_name_t name;
    void *ctx;
    /* lines that are not taken, as others see them; and their numbers, sorted where they are
       used */
    bank_bads_t *bad;
    int64_t *out_of;
    int64_t n_out, cap_out, sorted; /* the first `sorted` of them are */
};

static FILE *nameless(const char *beside)
{
    text_t path = {0};
    text_addf(&path, "%s.index-%ld", beside, (long)getpid());
    int fd = open(path.s, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "w+b");
    if (!f)
        fail(errno == ENOSPC ? CODE_FIT : CODE_DATA,
             "%s: cannot be written: %s; the folder must exist and "
             "be writable",
             path.s, strerror(errno));
    unlink(path.s);
    text_reset(&path);
    return f;
}

line_index_t *index_new(const char *beside, bank_bads_t *bad)
{
    line_index_t *x = ALLOC(line_index_t, 1);
    x->path = beside;
    x->bad = bad;
    x->in = nameless(beside);
    x->out = nameless(beside);
    return x;
}

static void put(const line_index_t *x, FILE *f, const line_t *l)
{
    if (fwrite(l, sizeof *l, 1, f) != 1)
        fail(CODE_FIT, "%s: what is kept beside it while it is made cannot be written: %s", x->path,
             strerror(errno));
}

void index_bad(line_index_t *x, int64_t number)
{
    PUSH(x->out_of, x->n_out, x->cap_out, number);
}

static int by_number(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int is_out(const line_index_t *x, int64_t number)
{
    return x->sorted && bsearch(&number, x->out_of, (size_t)x->sorted, sizeof number, by_number);
}

void index_add(line_index_t *x, const line_t *l)
{
    put(x, x->in, l);
    x->n++;
    x->n_list += l->kind != LINE_TESTS;
}

static void start(const line_index_t *x, FILE *f)
{
    if (fflush(f) || fseek(f, 0, SEEK_SET))
        fail(CODE_FIT, "%s: what is kept beside it while it is made cannot be written: %s", x->path,
             strerror(errno));
}

/* Is hash h in range k of n? */
static int in_range(hash_t h, int64_t k, int64_t n)
{
    return (int64_t)(((unsigned __int128)h.hi * (uint64_t)n) >> 64) == k;
}

/* Rows of a file that are wanted, into x->row. */
static void collect(line_index_t *x, FILE *f, int (*want)(const line_t *, int64_t, int64_t),
                    int64_t k, int64_t n)
{
    line_t l;
    x->n_row = 0;
    start(x, f);
    while (fread(&l, sizeof l, 1, f) == 1)
        if (want(&l, k, n) && !is_out(x, l.number))
            PUSH(x->row, x->n_row, x->cap_row, l);
    if (ferror(f))
        fail(CODE_DATA, "%s: what is kept beside it cannot be read: %s", x->path, strerror(errno));
}

static int order(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int hash_order(hash_t a, hash_t b)
{
    return a.hi != b.hi ? (a.hi > b.hi) - (a.hi < b.hi) : (a.lo > b.lo) - (a.lo < b.lo);
}

static int by_content(const void *a, const void *b)
{
    const line_t *x = a, *y = b;
    int c = hash_order(x->prompt, y->prompt);
    c = c ? c : hash_order(x->content, y->content);
    return c ? c : order(x->number, y->number);
}

/* Tests first, then problem by problem. */
static int by_problem(const void *a, const void *b)
{
    const line_t *x = a, *y = b;
    int c = hash_order(x->prompt, y->prompt);
    c = c ? c : order(x->kind != LINE_TESTS, y->kind != LINE_TESTS);
    c = c ? c : hash_order(x->problem, y->problem);
    return c ? c : order(x->number, y->number);
}

static int by_idx(const void *a, const void *b)
{
    const line_t *x = a, *y = b;
    int c = hash_order(x->idx, y->idx);
    return c ? c : order(x->number, y->number);
}

static int by_first(const void *a, const void *b)
{
    const line_t *x = a, *y = b;
    int c = order(x->first, y->first);
    return c ? c : order(x->number, y->number);
}

static void sort(line_index_t *x, int (*by)(const void *, const void *))
{
    if (x->n_row)
        qsort(x->row, (size_t)x->n_row, sizeof *x->row, by);
}

static void leave_out(line_index_t *x, const line_t *l, const char *why, const line_t *as)
{
    text_t t = {0};
    const char *file = x->name(x->ctx, l->file);
    text_addf(&t, "%s:%d: field %s%s%s%s:%d%s", file, l->line,
              l->kind == LINE_JUDGE && l->set == JUDGE_JUDGEBENCH && *why == 'i' ? "pair_" : "",
              why, why[strlen(why) - 1] == '(' ? "" : " ", x->name(x->ctx, as->file), as->line,
              as->kind == LINE_TESTS && l->kind != LINE_TESTS ? ") are calls of a Python function"
                                                              : " already");
    bank_bad(x->bad, -1, l->line, file, t.s);
    index_bad(x, l->number);
    text_reset(&t);
}

/* Of neighbours that are the same the first one stays.  of_set: what is said of judge sets. */
static void refuse_twice(line_index_t *x, int (*same)(const line_t *, const line_t *),
                         const char *what, const char *of_set)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < x->n_row; i++)
        if (kept && same(&x->row[kept - 1], &x->row[i]))
            leave_out(x, &x->row[i], x->row[i].kind == LINE_JUDGE ? of_set : what,
                      &x->row[kept - 1]);
        else
            x->row[kept++] = x->row[i];
    x->n_row = kept;
}

/* Lists of programs that the tests of their prompt cannot call. */
static void refuse_calls(line_index_t *x)
{
    int64_t kept = 0;
    const line_t *tests = NULL;
    for (int64_t i = 0; i < x->n_row; i++) {
        const line_t l = x->row[i];
        if (l.kind != LINE_TESTS && l.kind == LINE_LIST && tests &&
            hash_equal(tests->prompt, l.prompt) && tests->calls && !l.python)
            leave_out(x, &l, "language: not python, but the tests of its prompt_id (", tests);
        else
            x->row[kept++] = l;
        if (l.kind == LINE_TESTS)
            tests = &x->row[kept - 1];
    }
    x->n_row = kept;
}

static int has_lists(const line_t *l)
{
    return l->kind == LINE_LIST || l->kind == LINE_JUDGE;
}

static int same_content(const line_t *a, const line_t *b)
{
    return has_lists(a) && a->kind == b->kind && hash_equal(a->prompt, b->prompt) &&
           hash_equal(a->content, b->content);
}

static int same_tests(const line_t *a, const line_t *b)
{
    return a->kind == LINE_TESTS && b->kind == LINE_TESTS && hash_equal(a->prompt, b->prompt);
}

static int same_id(const line_t *a, const line_t *b)
{
    return hash_equal(a->prompt, b->prompt) && a->kind != LINE_TESTS && b->kind != LINE_TESTS &&
           (a->kind == LINE_PROBLEM || b->kind == LINE_PROBLEM);
}

static int same_idx(const line_t *a, const line_t *b)
{
    return hash_equal(a->idx, b->idx);
}

/* One prompt: rows [i, end), its tests first. */
static void join(line_index_t *x, int64_t i, int64_t end, import_count_t *count)
{
    const line_t *tests = x->row[i].kind == LINE_TESTS ? &x->row[i] : NULL;
    int train = 0, other = 0;
    count->unused += tests && i + 1 == end;
    for (int64_t first = i += tests != NULL; i < end; i++) {
        line_t *l = &x->row[i];
        if (!hash_equal(l->problem, x->row[first].problem))
            first = i;
        l->first = x->row[first].number;
        count->problems += first == i;
        train |= has_lists(l) && l->suite == SUITE_TRAIN;
        other |= has_lists(l) && l->suite != SUITE_TRAIN;
        if (tests && l->kind == LINE_LIST) {
            l->tests_at = tests->at, l->tests_bytes = tests->bytes, l->tests_line = tests->line;
            l->tests_text = tests->text, l->tests_files = tests->files;
        }
        count->lines++;
        count->lists += l->kind == LINE_JUDGE ? l->lists : has_lists(l);
        if (l->kind == LINE_JUDGE)
            count->judged[l->set]++;
        count->tested += l->kind == LINE_PROBLEM || l->tests_bytes > 0;
        x->bucket[l->first / x->width]++;
        put(x, x->out, l);
    }
    count->overlap += train && other;
}

static int of_prompt(const line_t *l, int64_t k, int64_t n)
{
    return in_range(l->prompt, k, n);
}

static int of_idx(const line_t *l, int64_t k, int64_t n)
{
    return l->has_idx && in_range(l->idx, k, n);
}

static void sort_out(line_index_t *x)
{
    if (x->n_out)
        qsort(x->out_of, (size_t)x->n_out, sizeof *x->out_of, by_number);
    x->sorted = x->n_out;
}

void index_finish(line_index_t *x, line_name_t name, void *ctx, import_count_t *count)
{
    int64_t ranges = x->n * 5 / 4 / WINDOW + 1;
    x->name = name, x->ctx = ctx;
    x->width = x->n / BUCKETS + 1;
    sort_out(x);
    for (int64_t k = 0; k < ranges; k++) {
        collect(x, x->in, of_idx, k, ranges);
        sort(x, by_idx);
        refuse_twice(x, same_idx, "idx: the same as in", "id: the same as in");
    }
    sort_out(x);
    for (int64_t k = 0; k < ranges; k++) {
        collect(x, x->in, of_prompt, k, ranges);
        sort(x, by_content);
        refuse_twice(x, same_content,
                     "candidates: the same candidates for the same prompt_id as in",
                     "chosen: the same answers to the same request as in");
        sort(x, by_problem);
        refuse_twice(x, same_tests, "prompt_id: the same as in", "");
        refuse_twice(x, same_id, "id: the same as in", "");
        refuse_calls(x);
        for (int64_t i = 0, end; i < x->n_row; i = end) {
            for (end = i + 1; end < x->n_row && hash_equal(x->row[end].prompt, x->row[i].prompt);)
                end++;
            join(x, i, end, count);
        }
    }
    x->n_row = x->at = x->from = 0;
}

static int of_first(const line_t *l, int64_t from, int64_t to)
{
    return l->first >= from && l->first < to;
}

const line_t *index_peek(line_index_t *x)
{
    while (x->at == x->n_row && x->from < BUCKETS) {
        int64_t to = x->from, n = 0;
        while (to < BUCKETS && (n == 0 || n + x->bucket[to] <= WINDOW))
            n += x->bucket[to++];
        x->at = x->n_row = 0;
        if (n)
            collect(x, x->out, of_first, x->from * x->width, to * x->width);
        sort(x, by_first);
        x->from = to;
    }
    return x->at < x->n_row ? &x->row[x->at] : NULL;
}

const line_t *index_next(line_index_t *x)
{
    const line_t *l = index_peek(x);
    x->at += l != NULL;
    return l;
}

void index_free(line_index_t *x)
{
    fclose(x->in);
    fclose(x->out);
    mem_free(x->row);
    mem_free(x->out_of);
    mem_free(x);
}
