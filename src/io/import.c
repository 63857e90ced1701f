/* Lists and problems of others, read as a stream.

   Input: files of JSON lines, each line a list in the published schema (import_line.c), a line of
   a judge set (import_judge.c) or a problem with its tests (bank_json.c); and, for lists in the
   published schema, a file of tests:

       {"prompt_id": TEXT, "tests": [{"input": TEXT, "output": TEXT}, ...], "checker": NAME,
        "time_ms": N, "memory_kb": N}

   First every line is read and checked, alone and against the others (import_index.c), so
   that nothing is made of an input that is refused.  What is wrong with a line does not end
   that: all such lines are named at the end, or left out where that was asked for.  Then the lines
   are read again in the order of their problems, as batches: blocks of bytes, the lines and where
   they stood, that one rank may send to others (import_batch.c makes banks of them).  A line that
   was changed in between is refused.

   Memory: the longest line and its JSON tree, a batch of 4 MB (or one problem with its
   lists and tests), the window of the index.  Nothing grows with the input. */
#include "import.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BATCH_BYTES = 4 << 20, BATCH_LINES = 4096 };

typedef struct {
    char *path;
    suite_t suite; /* SUITES: as the lines say */
    int fd;
} file_t;

struct import {
    file_t *file;                /* the last one may be the tests */
    int n_file, cap_file, tests; /* tests: its number, or -1 */
    int64_t line_bytes;
    int schema, set; /* of line_kind_t and judge_set_t, or -1: as a line looks */
    uint64_t seed;
    int64_t placed[6]; /* lists of judge sets given out, by their length */
    int time_ms, memory_kb;
    line_index_t *index;
    int64_t number;
    char *line;
    size_t n, cap;
    bank_reader_t reader;
    bank_bads_t *bad;
    const import_from_t *from; /* while it is being opened */
    char **call;               /* tests to be looked at together, and whose they are */
    line_t *call_of;
    int n_call, cap_call, cap_call_of;
};

/* The files -------------------------------------------------------------------------- */

static void add_file(import_t *m, const char *path, suite_t suite)
{
    struct stat s;
    file_t f = {mem_text(path), suite, open(path, O_RDONLY | O_CLOEXEC)};
    if (f.fd < 0 || fstat(f.fd, &s))
        fail(CODE_DATA, "%s: cannot be read: %s", path, strerror(errno));
    if (!S_ISREG(s.st_mode))
        fail(CODE_DATA, "%s: a plain file was expected, since it is read twice", path);
    PUSH(m->file, m->n_file, m->cap_file, f);
}

static suite_t suite_named(const char *s, size_t n)
{
    int i = 0;
    while (i < SUITES && (strlen(suite_names[i]) != n || strncmp(s, suite_names[i], n)))
        i++;
    return (suite_t)i;
}

/* "FILE SUITE:FILE ..." */
static void add_files(import_t *m, const import_from_t *from)
{
    suite_t otherwise = suite_named(from->suite, strlen(from->suite));
    for (const char *w = from->in + strspn(from->in, " "); *w; w += strspn(w, " ")) {
        size_t n = strcspn(w, " "), prefix = strcspn(w, ":");
        suite_t suite = prefix < n ? suite_named(w, prefix) : SUITES;
        text_t path = {0};
        size_t skip = suite < SUITES ? prefix + 1 : 0;
        text_addn(&path, w + skip, n - skip);
        add_file(m, path.s ? path.s : "", suite < SUITES ? suite : otherwise);
        text_reset(&path);
        w += n;
    }
}

static const char *name_of(void *ctx, int file)
{
    return ((import_t *)ctx)->file[file].path;
}

/* The next line of f, without its end; 0: there is none. */
static int next_line(import_t *m, FILE *f, const char *path, int line)
{
    int c = EOF;
    m->n = 0;
    while ((c = getc_unlocked(f)) != EOF && c != '\n') {
        if ((int64_t)m->n == m->line_bytes)
            fail(CODE_DATA,
                 "%s:%d: the line is longer than %lld bytes; one list or problem on each line was "
                 "expected (import.line_mb takes longer ones)",
                 path, line, (long long)m->line_bytes);
        PUSH(m->line, m->n, m->cap, (char)c);
    }
    if (ferror(f))
        fail(CODE_DATA, "%s: cannot be read: %s", path, strerror(errno));
    return m->n || c != EOF;
}

static int blank(const import_t *m)
{
    size_t i = field_bom(m->line, m->n);
    while (i < m->n && strchr(" \t\r", m->line[i]) && m->line[i])
        i++;
    return i == m->n;
}

/* Checking: every line once ------------------------------------------------------------ */

static hash_t hash_text(const char *kind, const char *s)
{
    return hash_more(hash_bytes(kind, strlen(kind)), s, strlen(s));
}

static void check_list(import_t *m, line_t *l, const field_t *f, suite_t suite, int *base)
{
    import_list_t one;
    import_list(&m->reader, &one, f, suite, base);
    l->prompt = hash_text("prompt", one.prompt);
    l->problem = hash_more(l->prompt, one.query, strlen(one.query));
    l->content = hash_bytes(lang_names[one.lang], strlen(lang_names[one.lang]));
    for (int i = 0; i < one.n; i++)
        l->content = hash_more(l->content, one.candidate[i], strlen(one.candidate[i]) + 1);
    l->has_idx = *one.idx != 0;
    l->idx = hash_more(hash_bytes(&l->file, sizeof l->file), one.idx, strlen(one.idx));
    l->suite = (int8_t)one.suite;
    l->python = one.lang == LANG_PYTHON;
}

typedef struct { /* a line while it is checked */
    import_t *m;
    line_t *l;
    int *base;
    import_judge_t judge;
    bank_t scratch;
    problem_t tests_of; /* of a line of tests: whose they are */
} checking_t;

enum { CALLS = 2000 }; /* looked at together */

static void flush_calls(import_t *m)
{
    char **why = ALLOC(char *, m->n_call + 1);
    int64_t last = -1;
    if (m->n_call)
        m->from->calls(m->from->ctx, (const char *const *)m->call, m->n_call, why);
    for (int i = 0; i < m->n_call; i++) {
        const line_t *l = &m->call_of[i];
        if (why[i] && l->number != last) {
            text_t t = {0};
            text_addf(&t, "%s:%d: field tests: \"%.80s\" cannot be a test: %s",
                      m->file[l->file].path, l->line, m->call[i], why[i]);
            bank_bad(m->bad, -1, l->line, m->file[l->file].path, t.s);
            index_bad(m->index, l->number);
            last = l->number;
            text_reset(&t);
        }
        mem_free(why[i]);
        mem_free(m->call[i]);
    }
    m->n_call = 0;
    mem_free(why);
}

static void add_calls(import_t *m, const line_t *l, const bank_t *b)
{
    for (int i = 0; m->from->calls && i < b->n_test; i++) {
        int n = m->n_call;
        if (b->test[i].form != FORM_CALL)
            continue;
        PUSH(m->call_of, n, m->cap_call_of, *l);
        PUSH(m->call, m->n_call, m->cap_call, mem_text(b->test[i].input));
    }
    if (m->n_call >= CALLS)
        flush_calls(m);
}

static void check_problem(checking_t *c, const field_t *f)
{
    line_t *l = c->l;
    bank_reader_t *r = &c->m->reader;
    bank_bads_t twice = {0};
    const char *id = field_get(f, "id") ? "id" : field_get(f, "task_id") ? "task_id" : NULL;
    bank_json_problem(r, f);
    bank_json_ids(r, &twice);
    if (twice.n) {
        const char *words = strstr(twice.item[0].why, ": the id ");
        char why[400];
        snprintf(why, sizeof why, "%s", words ? words + 2 : "");
        bank_bads_free(&twice);
        field_bad(f, "programs", "%s", why);
    }
    const json_t *v = id ? field_get(f, id) : NULL;
    char number[32] = "";
    if (json_is_integer(v))
        snprintf(number, sizeof number, "%lld", (long long)json_integer_value(v));
    l->prompt = id ? hash_text("prompt", json_is_string(v) ? json_string_value(v) : number)
                   : hash_bytes(&l->number, sizeof l->number);
    l->problem = l->content = l->prompt;
}

static void check_tests(checking_t *c, const field_t *f)
{
    line_t *l = c->l;
    l->prompt = hash_text("prompt", field_text(f, "prompt_id"));
    l->content = l->problem = l->prompt;
    import_tests(&c->m->reader, f, &c->tests_of);
    for (int i = 0; i < c->scratch.n_test; i++)
        l->calls |= c->scratch.test[i].form == FORM_CALL;
}

/* One problem are lines with the same id (or, without, the same request) and the same request. */
static void check_judge(checking_t *c, const field_t *f, suite_t suite)
{
    line_t *l = c->l;
    import_judge_t *j = &c->judge;
    import_judge(j, f, c->m->set);
    l->suite = (int8_t)(suite == SUITES ? SUITE_HELDOUT : suite);
    if (l->suite != SUITE_HELDOUT && l->suite != SUITE_TRAIN)
        field_bad(f, j->id_key,
                  "a line of a judge set (%s): its lists are of the suite heldout or train, not %s",
                  judge_set_names[j->set], suite_names[l->suite]);
    l->prompt = hash_text(*j->id ? "judged" : "request", *j->id ? j->id : j->statement.s);
    l->problem = hash_more(l->prompt, j->family.s, j->family.len + 1);
    l->problem = hash_more(l->problem, j->statement.s, j->statement.len);
    l->content = hash_more(l->problem, &j->right, sizeof j->right);
    for (int i = 0; i < j->right + j->wrong; i++)
        l->content = hash_more(l->content, j->text[i].text, strlen(j->text[i].text) + 1);
    /* of codejudgebench it is the question's; others number each of their parts anew */
    l->has_idx = *j->id && j->set != JUDGE_CODEJUDGEBENCH;
    l->idx = hash_more(hash_text(j->family.s, j->id), &l->file, sizeof l->file);
    l->set = (int8_t)j->set, l->length = (int8_t)j->length, l->lists = j->lists;
}

static line_kind_t kind_of(const import_t *m, const field_t *f)
{
    int list = field_get(f, "candidates") != NULL, problem = field_get(f, "programs") ||
                                                             field_get(f, "canonical_solution") ||
                                                             field_get(f, "test_list");
    if (m->schema < 0 && !list && !problem && import_judged(f))
        return LINE_JUDGE;
    if (m->schema < 0 && list == problem)
        field_bad(
            f, "candidates",
            list
                ? "there, and so is programs: a list has one, a problem the other"
                : "missing, and so is programs: a list (candidates, pass_rates, ...), a problem (tests, "
                  "programs) or a line of a judge set (chosen, rejected) was expected");
    return m->schema >= 0 ? (line_kind_t)m->schema : list ? LINE_LIST : LINE_PROBLEM;
}

static void read_line(void *ctx)
{
    checking_t *c = ctx;
    import_t *m = c->m;
    char where[4096];
    const file_t *file = &m->file[c->l->file];
    snprintf(where, sizeof where, "%s:%d", file->path, c->l->line);
    field_t f = field_line(where, m->line, m->n);
    c->l->kind = (int8_t)(c->l->file == m->tests ? LINE_TESTS : kind_of(m, &f));
    if (c->l->kind == LINE_LIST)
        check_list(m, c->l, &f, file->suite, c->base);
    else if (c->l->kind == LINE_PROBLEM)
        check_problem(c, &f);
    else if (c->l->kind == LINE_JUDGE)
        check_judge(c, &f, file->suite);
    else
        check_tests(c, &f);
    field_close(f);
}

/* 1: it is taken. */
static int check_line(import_t *m, line_t *l, int *base)
{
    const char *path = m->file[l->file].path;
    checking_t c = {.m = m, .l = l, .base = base};
    int before = *base;
    text_t why = {0};
    m->reader.path = path, m->reader.line = l->line;
    m->reader.b = &c.scratch;
    l->text = hash_bytes(m->line, m->n);
    bank_mark_t mark = bank_json_mark(&m->reader);
    m->reader.files = 0;
    int bad = field_try(read_line, &c, &why);
    if (bad) {
        bank_json_where(&m->reader, &why);
        if (l->line == 1 && m->line[field_bom(m->line, m->n)] == '[')
            text_add(&why, "; of a JSON array every element is to stand on a line of its own "
                           "(jq -c '.[]' writes them so)");
        bank_bad(m->bad, -1, l->line, path, why.s);
        if (c.scratch.n_problem == mark.problems)
            bank_json_undo(&m->reader, mark);
        *base = before;
    } else {
        l->files = m->reader.files > 0;
        index_add(m->index, l);
        add_calls(m, l, &c.scratch);
    }
    mem_free(c.tests_of.checker);
    import_judge_free(&c.judge);
    bank_free(&c.scratch);
    text_reset(&why);
    return !bad;
}

static void check_file(import_t *m, int i)
{
    const char *path = m->file[i].path;
    FILE *f = fdopen(dup(m->file[i].fd), "rb");
    int base = 3, found = 0;
    line_t l = {.file = i};
    if (!f)
        fail(CODE_DATA, "%s: cannot be read: %s", path, strerror(errno));
    for (int line = 1; next_line(m, f, path, line); line++) {
        line_t one = {.file = i,
                      .line = line,
                      .at = l.at,
                      .bytes = (int64_t)m->n,
                      .number = m->number};
        l.at += (int64_t)m->n + 1;
        if (blank(m))
            continue;
        found++;
        if (!check_line(m, &one, &base))
            continue;
        m->number++;
    }
    fclose(f);
    if (!found)
        fail(CODE_DATA, "%s: nothing is in it; one JSON object on each line was expected", path);
}

static int by_place(const void *a, const void *b)
{
    const bank_bad_t *x = a, *y = b;
    int c = strcmp(x->id, y->id);
    return c ? c : x->line - y->line;
}

import_t *import_open(const import_from_t *from, import_count_t *count, bank_bads_t *bad)
{
    import_t *m = ALLOC(import_t, 1);
    *count = (import_count_t){0};
    m->line_bytes = from->line_bytes;
    m->bad = bad;
    m->from = from;
    m->time_ms = from->time_ms, m->memory_kb = from->memory_kb;
    m->seed = from->seed;
    m->schema = !strcmp(from->schema, "lists")      ? LINE_LIST
                : !strcmp(from->schema, "problems") ? LINE_PROBLEM
                : !strcmp(from->schema, "auto")     ? -1
                                                    : LINE_JUDGE;
    m->set = JUDGE_SETS;
    while (m->set-- && strcmp(from->schema, judge_set_names[m->set])) {
    }
    m->reader = (bank_reader_t){.time_ms = m->time_ms,
                                .memory_kb = m->memory_kb,
                                .rates = 1,
                                .warned = ","};
    add_files(m, from);
    m->tests = *from->tests ? m->n_file : -1;
    if (*from->tests)
        add_file(m, from->tests, SUITES);
    m->index = index_new(from->beside, bad);
    for (int i = 0; i < m->n_file; i++)
        check_file(m, i);
    flush_calls(m);
    index_finish(m->index, name_of, m, count);
    count->skipped = bad->n;
    if (bad->n)
        qsort(bad->item, (size_t)bad->n, sizeof *bad->item, by_place);
    if (bad->n && !from->skip_bad)
        bank_bads_fail(bad, "import.skip_bad");
    m->from = NULL;
    return m;
}

void import_close(import_t *m)
{
    for (int i = 0; i < m->n_file; i++) {
        close(m->file[i].fd);
        mem_free(m->file[i].path);
    }
    index_free(m->index);
    mem_free(m->file);
    mem_free(m->line);
    mem_free(m->call);
    mem_free(m->call_of);
    bank_json_end(&m->reader);
    mem_free(m);
}

/* Batches ------------------------------------------------------------------------------ */

/* A line as it stands in its file, or, where it names files, with these in it; how many bytes were
   appended. */
static int64_t fetch(import_t *m, int file, int64_t at, int64_t n, int line, hash_t text, int files,
                     text_t *out)
{
    const file_t *f = &m->file[file];
    char *s = mem_new((size_t)n + 1);
    int64_t got = 0;
    size_t had = out->len;
    for (ssize_t r = 1; got < n && r > 0; got += r > 0 ? r : 0)
        r = pread(f->fd, s + got, (size_t)(n - got), (off_t)(at + got));
    if (got < n || !hash_equal(text, hash_bytes(s, (size_t)n)))
        fail(CODE_DATA, "%s:%d: the file was changed while it was being read", f->path, line);
    if (files) {
        char where[4096];
        snprintf(where, sizeof where, "%s:%d", f->path, line);
        m->reader.path = f->path;
        import_inline(&m->reader, where, s, (size_t)n, out);
    } else {
        text_addn(out, s, (size_t)n);
    }
    mem_free(s);
    return (int64_t)(out->len - had);
}

static void pack(import_t *m, const line_t *l, int begins, text_t *out)
{
    int tests = begins && l->tests_bytes > 0;
    const char *path = m->file[l->file].path, *tests_path = tests ? m->file[m->tests].path : "";
    import_head_t h = {l->line,
                       l->kind,
                       l->suite,
                       begins,
                       l->tests_line,
                       m->time_ms,
                       m->memory_kb,
                       l->set,
                       m->seed,
                       m->placed[l->length],
                       (int64_t)strlen(path),
                       0,
                       (int64_t)strlen(tests_path),
                       0};
    size_t head = out->len;
    m->placed[l->length] += l->lists;
    text_addn(out, (const char *)&h, sizeof h);
    text_add(out, path);
    h.n_line = fetch(m, l->file, l->at, l->bytes, l->line, l->text, l->files, out);
    text_add(out, tests_path);
    if (tests)
        h.n_tests = fetch(m, m->tests, l->tests_at, l->tests_bytes, l->tests_line, l->tests_text,
                          l->tests_files, out);
    memcpy(out->s + head, &h, sizeof h);
}

int import_next(import_t *m, text_t *batch)
{
    int64_t first = -1;
    int n = 0;
    for (const line_t *l; (l = index_peek(m->index)) != NULL; n++) {
        int begins = l->first != first;
        if (begins && (batch->len >= BATCH_BYTES || n >= BATCH_LINES))
            break;
        first = l->first;
        pack(m, index_next(m->index), begins, batch);
    }
    return n > 0;
}
