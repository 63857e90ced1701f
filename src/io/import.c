/* Lists and problems of others, read as a stream.

   Input: files of JSON lines, each line a list in the published schema (import_line.c) or
   a problem with its tests (bank_json.c); and, for lists, a file of tests:

       {"prompt_id": TEXT, "tests": [{"input": TEXT, "output": TEXT}, ...], "checker": NAME,
        "time_ms": N, "memory_kb": N}

   First every line is read and checked, alone and against the others (import_index.c), so
   that nothing is made of an input that is refused.  Then the lines are read again in the
   order of their problems, as batches: blocks of bytes, the lines and where they stood,
   that one rank may send to others (import_batch.c makes banks of them).  A line that was
   changed in between is refused.

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
    suite_t suite;                   /* SUITES: as the lines say */
    int fd;
} file_t;

struct import {
    file_t *file;                    /* the last one may be the tests */
    int n_file, cap_file, tests;     /* tests: its number, or -1 */
    int64_t line_bytes;
    int schema;                      /* of line_kind_t, or -1: as a line looks */
    int time_ms, memory_kb;
    line_index_t *index;
    int64_t number;
    char *line;
    size_t n, cap;
    bank_reader_t reader;
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
            fail(CODE_DATA, "%s:%d: the line is longer than %lld bytes; one list or problem on each line was "
                 "expected (import.line_mb takes longer ones)", path, line, (long long)m->line_bytes);
        PUSH(m->line, m->n, m->cap, (char)c);
    }
    if (ferror(f))
        fail(CODE_DATA, "%s: cannot be read: %s", path, strerror(errno));
    return m->n || c != EOF;
}

static int blank(const import_t *m)
{
    size_t i = 0;
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

static void check_problem(import_t *m, line_t *l, const field_t *f)
{
    bank_t scratch = {0};
    const char *id = field_text_or(f, "id", NULL);
    m->reader.b = &scratch;
    bank_json_problem(&m->reader, f);
    bank_json_ids(&m->reader);
    bank_free(&scratch);
    l->prompt = id ? hash_text("prompt", id) : hash_bytes(&l->number, sizeof l->number);
    l->problem = l->content = l->prompt;
}

static void check_tests(import_t *m, line_t *l, const field_t *f)
{
    bank_t scratch = {0};
    problem_t p = {0};
    l->prompt = hash_text("prompt", field_text(f, "prompt_id"));
    l->content = l->problem = l->prompt;
    m->reader.b = &scratch;
    import_tests(&m->reader, f, &p);
    for (int i = 0; i < scratch.n_test; i++)
        l->calls |= scratch.test[i].form == FORM_CALL;
    mem_free(p.checker);
    bank_free(&scratch);
}

static line_kind_t kind_of(const import_t *m, const field_t *f)
{
    int list = field_get(f, "candidates") != NULL, problem = field_get(f, "programs") != NULL;
    if (m->schema < 0 && list == problem)
        field_bad(f, "candidates", list ? "there, and so is programs: a list has one, a problem the other"
                  : "missing, and so is programs: a list (candidates, pass_rates, ...) or a problem (tests, "
                  "programs) was expected");
    return m->schema >= 0 ? (line_kind_t)m->schema : list ? LINE_LIST : LINE_PROBLEM;
}

static void check_line(import_t *m, line_t *l, int *base)
{
    char where[4096];
    const file_t *file = &m->file[l->file];
    snprintf(where, sizeof where, "%s:%d", file->path, l->line);
    l->text = hash_bytes(m->line, m->n);
    field_t f = field_parse(where, m->line, m->n);
    m->reader.path = file->path, m->reader.line = l->line;
    l->kind = (int8_t)(l->file == m->tests ? LINE_TESTS : kind_of(m, &f));
    if (l->kind == LINE_LIST)
        check_list(m, l, &f, file->suite, base);
    else if (l->kind == LINE_PROBLEM)
        check_problem(m, l, &f);
    else
        check_tests(m, l, &f);
    field_close(f);
    index_add(m->index, l);
}

static void check_file(import_t *m, int i, import_count_t *count)
{
    const char *path = m->file[i].path;
    FILE *f = fdopen(dup(m->file[i].fd), "rb");
    int base = 3, found = 0;
    line_t l = {.file = i};
    if (!f)
        fail(CODE_DATA, "%s: cannot be read: %s", path, strerror(errno));
    for (int line = 1; next_line(m, f, path, line); line++) {
        line_t one = {.file = i, .line = line, .at = l.at, .bytes = (int64_t)m->n, .number = m->number};
        l.at += (int64_t)m->n + 1;
        if (blank(m))
            continue;
        check_line(m, &one, &base);
        m->number++;
        found++;
        count->lines += one.kind != LINE_TESTS;
        count->lists += one.kind == LINE_LIST;
    }
    fclose(f);
    if (!found)
        fail(CODE_DATA, "%s: nothing is in it; one JSON object on each line was expected", path);
}

import_t *import_open(const import_from_t *from, import_count_t *count)
{
    import_t *m = ALLOC(import_t, 1);
    *count = (import_count_t){0};
    m->line_bytes = from->line_bytes;
    m->time_ms = from->time_ms, m->memory_kb = from->memory_kb;
    m->schema = !strcmp(from->schema, "lists") ? LINE_LIST : !strcmp(from->schema, "problems") ? LINE_PROBLEM : -1;
    m->reader = (bank_reader_t){.time_ms = m->time_ms, .memory_kb = m->memory_kb, .rates = 1, .warned = ","};
    add_files(m, from);
    m->tests = *from->tests ? m->n_file : -1;
    if (*from->tests)
        add_file(m, from->tests, SUITES);
    m->index = index_new(from->beside);
    for (int i = 0; i < m->n_file; i++)
        check_file(m, i, count);
    index_finish(m->index, name_of, m, count);
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
    mem_free(m);
}

/* Batches ------------------------------------------------------------------------------ */

static void fetch(const import_t *m, int file, int64_t at, int64_t n, int line, hash_t text,
                  text_t *out)
{
    const file_t *f = &m->file[file];
    char *s = mem_new((size_t)n + 1);
    int64_t got = 0;
    for (ssize_t r = 1; got < n && r > 0; got += r > 0 ? r : 0)
        r = pread(f->fd, s + got, (size_t)(n - got), (off_t)(at + got));
    if (got < n || !hash_equal(text, hash_bytes(s, (size_t)n)))
        fail(CODE_DATA, "%s:%d: the file was changed while it was being read", f->path, line);
    text_addn(out, s, (size_t)n);
    mem_free(s);
}

static void pack(import_t *m, const line_t *l, int begins, text_t *out)
{
    int tests = begins && l->tests_bytes > 0;
    const char *path = m->file[l->file].path, *tests_path = tests ? m->file[m->tests].path : "";
    import_head_t h = {l->line, l->kind, l->suite, begins, l->tests_line, m->time_ms, m->memory_kb,
                (int64_t)strlen(path), l->bytes, (int64_t)strlen(tests_path), tests ? l->tests_bytes : 0};
    text_addn(out, (const char *)&h, sizeof h);
    text_add(out, path);
    fetch(m, l->file, l->at, l->bytes, l->line, l->text, out);
    text_add(out, tests_path);
    if (tests)
        fetch(m, m->tests, l->tests_at, l->tests_bytes, l->tests_line, l->tests_text, out);
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
