/* What execution said of a bank, as JSON lines.

   One line for each program: problem, program, language, pool, tests, how many of each
   verdict, pass_rate (null where a test has no verdict), and where a checker gave points
   or said something of a test that the program does not pass, these:

       "failing": [{"test": N, "verdict": NAME, "score": X, "message": TEXT}, ...]

   N from 0, at most the first FAILING of them.  Then one line for each problem that was not
   taken or could not be executed: problem, line (where one is known), and why, as
   "skipped" (nothing of it was executed) or "failed" (its reference did).

   What guests and checkers print is any bytes: what is no UTF-8 is written as \xNN. */
#include "io.h"
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FAILING = 16 };

static json_t *any_text(const char *s)
{
    json_t *o = json_string(s);
    text_t t = {0};
    for (size_t i = 0; !o && s[i]; i++)
        text_addf(&t, (unsigned char)s[i] < 0x80 ? "%c" : "\\x%02x", (unsigned char)s[i]);
    if (!o)
        o = json_string(t.s ? t.s : "");
    text_reset(&t);
    return o;
}

/* Imported programs by the ids that they came with, others by their numbers. */
static json_t *row_of(const bank_t *b, int i)
{
    const program_t *p = &b->program[i];
    const problem_t *q = &b->problem[p->problem];
    const char *id = program_edited(p) ? program_edited(p) : p->origin, *slash = strrchr(id, '/');
    json_t *o = json_object();
    if (slash && q->family && (!strcmp(q->family, "imported") || judge_family(q->family))) {
        text_t name = {0}; /* edited: WHAT, ID */
        text_addn(&name, p->origin, (size_t)(id - p->origin));
        text_add(&name, slash + 1);
        json_object_set_new(o, "problem", json_stringn(id, (size_t)(slash - id)));
        json_object_set_new(o, "program", json_string(name.s));
        text_reset(&name);
    } else {
        json_object_set_new(o, "problem", json_integer(p->problem));
        json_object_set_new(o, "program", json_integer(i));
    }
    json_object_set_new(o, "language", json_string(lang_names[p->lang]));
    json_object_set_new(o, "pool", json_string(pool_names[p->pool]));
    json_object_set_new(o, "tests", json_integer(q->tests));
    json_object_set_new(o, "verdicts", json_object());
    json_object_set_new(o, "pass_rate",
                        isnan(p->pass_rate) ? json_null() : json_real(p->pass_rate));
    return o;
}

/* Verdicts of one program, [from, to): they stand together in a bank that was executed. */
static void add_failing(const bank_t *b, const int *order, int from, int to, json_t *o)
{
    json_t *all = NULL;
    for (int i = from; i < to && json_array_size(all) < FAILING; i++) {
        const verdict_t *v = &b->verdict[order[i]];
        if (v->verdict == V_ACCEPTED || (!v->scored && !v->message))
            continue;
        if (!all)
            json_object_set_new(o, "failing", all = json_array());
        json_t *one = json_object();
        json_object_set_new(one, "test",
                            json_integer(v->test -
                                         b->problem[b->program[v->program].problem].test));
        json_object_set_new(one, "verdict", json_string(verdict_names[v->verdict]));
        if (v->scored)
            json_object_set_new(one, "score", json_real(v->score));
        if (v->message)
            json_object_set_new(one, "message", any_text(v->message));
        json_array_append_new(all, one);
    }
}

static void add_line(text_t *out, json_t *o)
{
    char *s = json_dumps(o, JSON_COMPACT | JSON_REAL_PRECISION(7));
    text_addf(out, "%s\n", s);
    free(s);
    json_decref(o);
}

static void add_bads(text_t *out, const bank_bads_t *bad, const char *key)
{
    for (int i = 0; bad && i < bad->n; i++) {
        const bank_bad_t *x = &bad->item[i];
        json_t *o = json_object();
        json_object_set_new(o, "problem", any_text(x->id));
        if (x->line)
            json_object_set_new(o, "line", json_integer(x->line));
        json_object_set_new(o, key, any_text(x->why));
        add_line(out, o);
    }
}

/* Verdicts by program, as chains through an order: [at[i], at[i+1]) are those of program i. */
static int *by_program(const bank_t *b, int *at)
{
    int *order = ALLOC(int, b->n_verdict + 1), *next = ALLOC(int, b->n_program + 1);
    for (int i = 0; i < b->n_verdict; i++)
        at[b->verdict[i].program + 1]++;
    for (int i = 0; i < b->n_program; i++)
        next[i] = at[i], at[i + 1] += at[i];
    for (int i = 0; i < b->n_program; i++)
        next[i] = at[i];
    for (int i = 0; i < b->n_verdict; i++)
        order[next[b->verdict[i].program]++] = i;
    mem_free(next);
    return order;
}

void bank_report(const bank_t *b, const char *path, const bank_bads_t *skipped,
                 const bank_bads_t *failed)
{
    text_t out = {0};
    int *at = ALLOC(int, b->n_program + 2), *order = by_program(b, at);
    for (int i = 0; i < b->n_program; i++) {
        json_t *o = row_of(b, i), *v = json_object_get(o, "verdicts");
        int count[VERDICTS] = {0};
        for (int k = at[i]; k < at[i + 1]; k++)
            count[b->verdict[order[k]].verdict]++;
        for (int k = 0; k < VERDICTS; k++)
            if (count[k])
                json_object_set_new(v, verdict_names[k], json_integer(count[k]));
        add_failing(b, order, at[i], at[i + 1], o);
        add_line(&out, o);
    }
    add_bads(&out, skipped, "skipped");
    add_bads(&out, failed, "failed");
    int e = text_write_file(path, out.s ? out.s : "", out.len);
    if (e)
        fail(e == ENOSPC || e == EDQUOT ? CODE_FIT : CODE_DATA, "%s: cannot be written: %s", path,
             strerror(e));
    text_reset(&out);
    mem_free(at);
    mem_free(order);
}
