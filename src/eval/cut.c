/* Lists that are alike: by their length, their problem's family or difficulty, the mutators of their
   wrong candidates, the edit of their comments.

   A mutator's name is a part of a program's origin ("off by one, sign lost"), behind what an edit has
   put there; programs that were not made by mutators have none.  Cost: lists times names. */
#include "eval.h"
#include <stdlib.h>
#include <string.h>

static void add(cuts_t *c, const char *name, size_t len, int unit)
{
    int at = 0;
    len = len < sizeof c->cut->name ? len : sizeof c->cut->name - 1;
    while (at < c->n && (strlen(c->cut[at].name) != len || memcmp(c->cut[at].name, name, len) != 0))
        at++;
    if (at == c->n) {
        cut_t fresh = {0};
        memcpy(fresh.name, name, len);
        PUSH(c->cut, c->n, c->cap, fresh);
    }
    cut_t *u = &c->cut[at];
    if (!u->n || u->unit[u->n - 1] != unit) /* units come in order: once each */
        PUSH(u->unit, u->n, u->cap, unit);
}

/* The next name in an origin; 0: there is none. */
static int next_name(const char **p, const char **name, size_t *len)
{
    *p += strspn(*p, ", ");
    *name = *p;
    const char *end = strstr(*p, ", ");
    *len = end ? (size_t)(end - *p) : strlen(*p);
    *p += *len;
    return *len > 0;
}

static int is_mutant(const program_t *p)
{
    return p->pool == POOL_WEAK || p->pool == POOL_STRONG;
}

static void add_mutators(cuts_t *c, const bank_t *b, const list_t *l, int unit)
{
    for (int k = 0; k < l->n; k++) {
        const program_t *p = &b->program[l->program[k]];
        const char *of = program_edited(p), *at = of ? of : p->origin ? p->origin : "", *name;
        size_t len;
        while (k != l->answer && is_mutant(p) && next_name(&at, &name, &len))
            add(c, name, len, unit);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const cut_t *)a)->name, ((const cut_t *)b)->name);
}

cuts_t cuts_by(const char *by, const bank_t *b, const int *list, int n)
{
    cuts_t c = {0};
    char number[16];
    for (int i = 0; i < n; i++) {
        const list_t *l = &b->list[list[i]];
        const problem_t *p = &b->problem[l->problem];
        const char *name = number;
        if (!strcmp(by, "mutator")) {
            add_mutators(&c, b, l, i);
            continue;
        }
        if (!strcmp(by, "length"))
            snprintf(number, sizeof number, "%d", l->n);
        else if (!strcmp(by, "difficulty"))
            snprintf(number, sizeof number, "%d", p->difficulty);
        else if (!strcmp(by, "family"))
            name = p->family;
        else if (l->edit)
            name = edit_names[l->edit];
        else
            continue;
        add(&c, name, strlen(name), i);
    }
    if (c.n)
        qsort(c.cut, (size_t)c.n, sizeof *c.cut, by_name);
    return c;
}

void cuts_free(cuts_t *c)
{
    for (int i = 0; i < c->n; i++)
        mem_free(c->cut[i].unit);
    mem_free(c->cut);
    *c = (cuts_t){0};
}
