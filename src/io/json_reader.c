/* What readers of JSON lines keep between lines and take back of one that is wrong.

   Ids of all lines so far, to be compared at the end; the names of fields that nobody reads,
   each said once; and where in the bank a line began.  A line is read straight into the bank:
   where something in it is wrong what it put there goes again, so that the next line finds
   the bank as it was. */
#include "bank_json.h"
#include <stdlib.h>
#include <string.h>

/* Fields that nobody reads: said once for each name. */
void bank_json_left_alone(bank_reader_t *m, const field_t *f, const char *const *known)
{
    const char *key;
    json_t *v;
    if (m->quiet)
        return;
    json_object_foreach ((json_t *)f->o, key, v) {
        int i = 0;
        char mark[64];
        while (known[i] && strcmp(known[i], key))
            i++;
        snprintf(mark, sizeof mark, ",%.60s,", key);
        if (known[i] || strstr(m->warned, mark))
            continue;
        log_warn("%s: field %s%.60s is not known here and left alone", f->file, f->where, key);
        snprintf(m->warned + strlen(m->warned), sizeof m->warned - strlen(m->warned), "%s", mark);
    }
}

int bank_json_name(const field_t *f, const char *key, const char *const *names, int n,
                   int otherwise)
{
    const char *s = field_text_or(f, key, NULL);
    for (int i = 0; s && i < n; i++)
        if (!strcmp(s, names[i]))
            return i;
    if (!s && otherwise >= 0)
        return otherwise;
    char all[400] = "";
    for (int i = 0; i < n; i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? ", " : "", names[i]);
    if (!s)
        field_bad(f, key, "missing; one of %s was expected", all);
    field_bad(f, key, "\"%.60s\" is not known; one of %s was expected", s, all);
}

void bank_json_add_id(bank_reader_t *m, const char *id, int problem)
{
    bank_name_t n = {hash_bytes(id, strlen(id)), m->line, problem, mem_text(id)};
    PUSH(m->name, m->n_name, m->cap_name, n);
}

static int by_id(const void *a, const void *b)
{
    const bank_name_t *x = a, *y = b;
    return x->id.hi != y->id.hi   ? (x->id.hi < y->id.hi ? -1 : 1)
           : x->id.lo != y->id.lo ? (x->id.lo < y->id.lo ? -1 : 1)
                                  : x->line - y->line;
}

static int by_line(const void *a, const void *b)
{
    const bank_bad_t *x = a, *y = b;
    return x->line - y->line;
}

/* The later of two lines is the bad one; of one with several such ids the problem's is said, else
   the first found. */
void bank_json_ids(bank_reader_t *m, bank_bads_t *bad)
{
    int had = bad->n;
    if (m->n_name)
        qsort(m->name, (size_t)m->n_name, sizeof *m->name, by_id);
    for (int problem = 1; problem >= 0; problem--)
        for (int i = 1; i < m->n_name; i++) {
            const bank_name_t *x = &m->name[i], *y = x - 1;
            int said = !hash_equal(x->id, y->id) || x->problem != problem;
            for (int k = had; k < bad->n && !said; k++)
                said = bad->item[k].line == x->line;
            if (said)
                continue;
            text_t why = {0};
            text_addf(&why,
                      "%s:%d: the id \"%.200s\" is that of line %d already; ids must be unique",
                      m->path, x->line, x->name, y->line);
            const char *slash = problem ? NULL : strrchr(x->name, '/');
            text_clear(&m->scratch);
            text_addn(&m->scratch, x->name, slash ? (size_t)(slash - x->name) : strlen(x->name));
            bank_bad(bad, -1, x->line, m->scratch.s, why.s);
            text_reset(&why);
        }
    if (bad->n > had)
        qsort(bad->item + had, (size_t)(bad->n - had), sizeof *bad->item, by_line);
    for (int i = 0; i < m->n_name; i++)
        mem_free(m->name[i].name);
    mem_free(m->name);
    m->name = NULL;
    m->n_name = m->cap_name = 0;
}

bank_mark_t bank_json_mark(const bank_reader_t *m)
{
    return (bank_mark_t){m->b->n_problem, m->b->n_test, m->b->n_accept, m->b->n_program, m->n_name};
}

static void undo_now(bank_reader_t *m)
{
    mem_free(m->now.statement);
    mem_free(m->now.family);
    mem_free(m->now.example);
    mem_free(m->now.checker);
    mem_free(m->now.harness);
    m->now = (problem_t){0};
    m->test = 0;
    text_clear(&m->id);
}

/* Problems are complete when they stand in the bank: the one that went wrong is m->now. */
void bank_json_undo(bank_reader_t *m, bank_mark_t at)
{
    bank_t *b = m->b;
    ASSERT(b->n_problem == at.problems);
    for (; b->n_test > at.tests; b->n_test--) {
        mem_free(b->test[b->n_test - 1].input);
        mem_free(b->test[b->n_test - 1].output);
    }
    for (; b->n_accept > at.accepts; b->n_accept--)
        mem_free(b->accept[b->n_accept - 1].output);
    for (; b->n_program > at.programs; b->n_program--) {
        program_t *p = &b->program[b->n_program - 1];
        mem_free(p->source);
        mem_free(p->origin);
        mem_free(p->core);
        mem_free(p->walk);
    }
    for (; m->n_name > at.names; m->n_name--)
        mem_free(m->name[m->n_name - 1].name);
    undo_now(m);
}

void bank_json_end(bank_reader_t *m)
{
    undo_now(m);
    mem_free(m->name);
    text_reset(&m->id);
    text_reset(&m->setup);
    text_reset(&m->scratch);
}

void bank_json_where(const bank_reader_t *m, text_t *why)
{
    if (m->id.len && m->test)
        text_addf(why, " (problem %.200s, test %d)", m->id.s, m->test);
    else if (m->id.len)
        text_addf(why, " (problem %.200s)", m->id.s);
    else if (m->test)
        text_addf(why, " (test %d)", m->test);
}
