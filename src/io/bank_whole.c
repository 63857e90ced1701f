/* Banks as wholes: freed, compared, one without some of its problems, and why they are out, or
   without some of its lists; how many problems are different; which programs are others with edited
   comments (their origin says so).

   Alike are banks whose problems, tests and programs are (outputs where both know them):
   verdicts and lists are what was made of these.  Problems are taken out before anything
   was executed: what stays keeps its order, and indices follow.  Both are one pass.

   Drawn problems mean the same when they are of one family and their references have one core,
   whatever the words and the tests: hashes, sorted. */
#include "bank_file.h"
#include <stdlib.h>
#include <string.h>

static void free_problem(problem_t *p)
{
    mem_free(p->family);
    mem_free(p->statement);
    mem_free(p->example);
    mem_free(p->checker);
    mem_free(p->harness);
}

static void free_program(program_t *p)
{
    mem_free(p->source);
    mem_free(p->origin);
    mem_free(p->core);
    mem_free(p->walk);
}

void bank_free(bank_t *b)
{
    for (int i = 0; i < b->n_problem; i++)
        free_problem(&b->problem[i]);
    for (int i = 0; i < b->n_test; i++) {
        mem_free(b->test[i].input);
        mem_free(b->test[i].output);
    }
    for (int i = 0; i < b->n_accept; i++)
        mem_free(b->accept[i].output);
    for (int i = 0; i < b->n_program; i++)
        free_program(&b->program[i]);
    for (int i = 0; i < b->n_verdict; i++)
        mem_free(b->verdict[i].message);
    mem_free(b->problem);
    mem_free(b->test);
    mem_free(b->accept);
    mem_free(b->program);
    mem_free(b->verdict);
    mem_free(b->list);
    *b = (bank_t){0};
}

void bank_bad(bank_bads_t *to, int problem, int line, const char *id, const char *why)
{
    const bank_bad_t one = {problem, line, mem_text(id), mem_text(why)};
    PUSH(to->item, to->n, to->cap, one);
}

void bank_bads_free(bank_bads_t *b)
{
    for (int i = 0; i < b->n; i++) {
        mem_free(b->item[i].id);
        mem_free(b->item[i].why);
    }
    mem_free(b->item);
    *b = (bank_bads_t){0};
}

void bank_bads_fail(const bank_bads_t *b, const char *key)
{
    text_t t = {0};
    for (int i = 0; i < b->n && i < 12; i++)
        text_addf(&t, "%s%.*s%s", i ? "\n  " : "", i ? 260 : 1024, b->item[i].why,
                  i && strlen(b->item[i].why) > 260 ? "..." : "");
    if (b->n > 12)
        text_addf(&t, "\n  and %d more", b->n - 12);
    fail(CODE_DATA, "%s\n  (%s%s goes on without %s)", t.s, key, *key == '-' ? "" : " = yes",
         b->n > 1 ? "these" : "it");
}

void bank_problem_id(const bank_t *b, int problem, text_t *out)
{
    const char *family = b->problem[problem].family;
    int i = 0;
    while (i < b->n_program && b->program[i].problem != problem)
        i++;
    const char *origin = i < b->n_program ? b->program[i].origin : "",
               *slash = strrchr(origin, '/');
    if (slash && family && (!strcmp(family, "imported") || judge_family(family)))
        text_addn(out, origin, (size_t)(slash - origin));
    else
        text_addf(out, "#%d", problem);
}

static int alike(const char *a, const char *b)
{
    return !strcmp(a ? a : "", b ? b : "");
}

static int equal(const char *a, size_t n_a, const char *b, size_t n_b)
{
    return n_a == n_b && !memcmp(a, b, n_a);
}

static int same_compare(const compare_t *a, const compare_t *b)
{
    return a->absolute == b->absolute && a->relative == b->relative && a->nocase == b->nocase &&
           a->spaces == b->spaces;
}

static int same_accepts(const bank_t *a, const test_t *x, const bank_t *b, const test_t *y)
{
    int same = x->accepts == y->accepts;
    for (int k = 0; same && k < x->accepts; k++) {
        const accepted_t *p = &a->accept[x->accept + k], *q = &b->accept[y->accept + k];
        same = equal(p->output, p->n_output, q->output, q->n_output);
    }
    return same;
}

int bank_same(const bank_t *a, const bank_t *b)
{
    int same =
        a->n_problem == b->n_problem && a->n_test == b->n_test && a->n_program == b->n_program;
    for (int i = 0; same && i < a->n_problem; i++) {
        const problem_t *x = &a->problem[i], *y = &b->problem[i];
        same = hash_equal(x->id, y->id) && x->time_ms == y->time_ms &&
               x->memory_kb == y->memory_kb && x->tests == y->tests &&
               alike(x->statement, y->statement) && alike(x->checker, y->checker) &&
               x->checker_lang == y->checker_lang && same_compare(&x->compare, &y->compare) &&
               alike(x->harness, y->harness) && x->harness_lang == y->harness_lang;
    }
    for (int i = 0; same && i < a->n_test; i++) {
        const test_t *x = &a->test[i], *y = &b->test[i];
        same =
            x->check == y->check && x->form == y->form &&
            equal(x->input, x->n_input, y->input, y->n_input) &&
            (!x->output || !y->output || equal(x->output, x->n_output, y->output, y->n_output)) &&
            same_accepts(a, x, b, y);
    }
    for (int i = 0; same && i < a->n_program; i++) {
        const program_t *x = &a->program[i], *y = &b->program[i];
        same = x->problem == y->problem && x->lang == y->lang && x->pool == y->pool &&
               equal(x->source, x->n_source, y->source, y->n_source) && alike(x->origin, y->origin);
    }
    return same;
}

static void without_tests(bank_t *b, const char *drop, const int *to)
{
    int tests = 0, accepts = 0;
    for (int i = 0; i < b->n_test; i++) {
        test_t t = b->test[i];
        int gone = drop[t.problem];
        for (int k = t.accept; k < t.accept + t.accepts; k++) {
            accepted_t a = b->accept[k];
            a.test = tests;
            if (gone)
                mem_free(a.output);
            else
                b->accept[accepts++] = a;
        }
        if (gone) {
            mem_free(t.input);
            mem_free(t.output);
            continue;
        }
        t.accept = accepts - t.accepts;
        t.problem = to[t.problem];
        b->test[tests++] = t;
    }
    b->n_test = tests;
    b->n_accept = accepts;
}

void bank_without(bank_t *b, const char *drop)
{
    int *to = ALLOC(int, b->n_problem + 1), kept = 0, first = 0, programs = 0;
    ASSERT(!b->n_verdict && !b->n_list);
    for (int i = 0; i < b->n_problem; i++)
        to[i] = drop[i] ? -1 : kept++;
    without_tests(b, drop, to);
    for (int i = 0; i < b->n_program; i++) {
        program_t p = b->program[i];
        if (drop[p.problem]) {
            free_program(&p);
            continue;
        }
        p.problem = to[p.problem];
        b->program[programs++] = p;
    }
    b->n_program = programs;
    for (int i = 0; i < b->n_problem; i++) {
        problem_t p = b->problem[i];
        if (drop[i]) {
            free_problem(&p);
            continue;
        }
        p.test = first;
        first += p.tests;
        b->problem[to[i]] = p;
    }
    b->n_problem = kept;
    mem_free(to);
}

void bank_keep_lists(bank_t *b, char *keep)
{
    int *to = ALLOC(int, b->n_list + 1), kept = 0;
    for (int i = 0; i < b->n_list; i++)
        if (b->list[i].edit && !keep[b->list[i].base])
            keep[i] = 0;
    for (int i = 0; i < b->n_list; i++)
        to[i] = keep[i] ? kept++ : -1;
    for (int i = 0; i < b->n_list; i++) {
        list_t l = b->list[i];
        l.base = l.edit && keep[i] ? to[l.base] : 0;
        if (keep[i])
            b->list[to[i]] = l;
    }
    b->n_list = kept;
    mem_free(to);
}

#define EDITED "edited: "

const char *program_edited(const program_t *p)
{
    const char *of =
        p->origin && !strncmp(p->origin, EDITED, strlen(EDITED)) ? strstr(p->origin, ", ") : NULL;
    return of ? of + 2 : NULL;
}

char *program_edit_origin(const program_t *p, edit_t edit)
{
    text_t t = {0};
    text_addf(&t, EDITED "%s, %s", edit_names[edit], p->origin ? p->origin : "");
    return t.s;
}

static int by_value(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

int bank_meanings(const bank_t *b, suite_t split, int *known)
{
    uint64_t *key = ALLOC(uint64_t, b->n_program + 1);
    int n = 0, different = 0;
    for (int i = 0; i < b->n_program; i++) {
        const program_t *p = &b->program[i];
        const problem_t *q = &b->problem[p->problem];
        if (p->pool != POOL_REFERENCE || !p->core || !*p->core || program_edited(p))
            continue;
        if (split == SUITES || q->split == (int)split)
            key[n++] =
                hash_more(hash_bytes(q->family, strlen(q->family)), p->core, strlen(p->core)).lo;
    }
    qsort(key, (size_t)n, sizeof *key, by_value);
    for (int i = 0; i < n; i++)
        different += i == 0 || key[i] != key[i - 1];
    mem_free(key);
    if (known)
        *known = n;
    return different;
}
