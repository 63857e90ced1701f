/* aletheia compare A B [C ...]: verifiers on the same lists.

   A, B, ... are what `eval` (eval.out) or `select` left: files, or folders with a file a suite.  Rank 0
   reads them and prints a block for each suite that two of them have: what each verifier reaches, then
   for every pair the difference with its interval (paired bootstrap), the lists on which only one of
   the two is right, McNemar's exact p, and p as Holm adjusts it over all pairs and suites of the call.
   A RESULT line for each pair ends it.  Nothing is written; the seed is fixed, so that the same files
   give the same digits. */
#include "compare_files.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { SEED = 1 };
static const char usage[] = "usage: aletheia compare A B [C ...] [--measure listacc|vote|pass] "
                            "[--samples K] [--suite NAME] [--common]";

typedef struct {
    char *name[COMPARE_MOST]; /* borrowed */
    int n, samples, common;
    measure_t measure;
    const char *suite;
} wish_t;

void compare_help(text_t *out)
{
    text_add(
        out,
        "\nA, B, ...: files that `aletheia eval` (eval.out) or `aletheia select` wrote, or folders "
        "with a file a suite;\nall suites that two of them have are compared.  Lists belong together "
        "by their content, not by their file.\n\n"
        "  --measure M   listacc: mean correctness of a list's answers (default); vote: is their "
        "vote right; pass: is one\n"
        "  --samples K   only the first K answers to each list\n"
        "  --suite NAME  only this suite\n"
        "  --common      only lists that all of them have, where some have others too\n\n"
        "A pair's row: the difference of the measure with its 95% interval (paired bootstrap over "
        "lists); on how many\nlists only one of the two is right (of several answers their vote, in "
        "which ties and what cannot be parsed win\nnothing); McNemar's exact p of these two numbers; "
        "that p adjusted over all pairs and suites of the call (Holm);\nand what follows at 0.05.\n");
}

/* Arguments
   ---------------------------------------------------------------------- */

static const char *value_of(const call_t *c, int *i)
{
    if (*i + 1 == c->argc)
        fail(CODE_USAGE, "compare: %s needs a value\n%s", c->argv[*i], usage);
    return c->argv[++*i];
}

static int samples_read(const char *text)
{
    char *end;
    long k = strtol(text, &end, 10);
    if (*end || end == text || k < 1 || k > 1024)
        fail(CODE_USAGE, "compare: --samples %s: expected a number of answers from 1 to 1024",
             text);
    return (int)k;
}

static measure_t measure_read(const char *text)
{
    for (int m = 0; m < MEASURES; m++)
        if (!strcmp(text, measure_names[m]))
            return (measure_t)m;
    fail(CODE_USAGE, "compare: --measure %s: expected listacc, vote or pass", text);
}

static wish_t wish_read(const call_t *c)
{
    wish_t w = {0};
    for (int i = 0; i < c->argc; i++) {
        const char *s = c->argv[i];
        if (!strcmp(s, "--measure"))
            w.measure = measure_read(value_of(c, &i));
        else if (!strcmp(s, "--samples"))
            w.samples = samples_read(value_of(c, &i));
        else if (!strcmp(s, "--suite"))
            w.suite = value_of(c, &i);
        else if (!strcmp(s, "--common"))
            w.common = 1;
        else if (!strncmp(s, "--", 2))
            fail(CODE_USAGE, "compare: no option %s\n%s", s, usage);
        else if (w.n == COMPARE_MOST)
            fail(CODE_USAGE, "compare: at most %d files or folders", COMPARE_MOST);
        else
            w.name[w.n++] = c->argv[i];
    }
    if (w.n < 2)
        fail(CODE_USAGE, "compare: %s to compare; two or more files or folders were expected\n%s",
             w.n ? "one file has nothing" : "nothing", usage);
    return w;
}

/* Blocks
   ---------------------------------------------------------------------- */

static void add_names(text_t *out, const rivals_t *all, int name)
{
    for (int i = 0, n = 0; i < all->n; i++)
        if (all->item[i].name == name)
            text_addf(out, "%s%s", n++ ? ", " : "", all->item[i].block);
}

/* Whoever has nothing that another has too is named: it was asked to be compared. */
static void check_partners(const wish_t *w, const rivals_t *all, const block_t *block, int blocks)
{
    int paired[COMPARE_MOST] = {0}, known = !w->suite;
    text_t have = {0};
    for (int i = 0; i < all->n; i++)
        known |= w->suite && !strcmp(all->item[i].suite, w->suite);
    for (int b = 0; b < blocks; b++)
        for (int i = 0; i < block[b].n; i++)
            paired[block[b].rival[i]->name] = 1;
    for (int i = 0; i < w->n; i++) {
        text_addf(&have, "%s%s has ", i ? "; " : "", w->name[i]);
        add_names(&have, all, i);
    }
    if (!known)
        fail(CODE_USAGE, "compare: --suite %s: there is no such suite: %s", w->suite, have.s);
    for (int i = 0; i < w->n; i++)
        if (!paired[i])
            fail(CODE_DATA, "%s: no other one has %s: %s", w->name[i],
                 w->suite ? "this suite too" : "a suite that it has", have.s);
    text_reset(&have);
}

/* Files that belong together, at least two; block[rivals] is enough. */
static int blocks_of(const wish_t *w, rivals_t *all, block_t *block, text_t *out)
{
    int blocks = 0;
    for (int i = 0; i < all->n; i++) {
        block_t b = {0};
        int first = 1;
        for (int j = 0; j < all->n; j++)
            if (!strcmp(all->item[j].block, all->item[i].block)) {
                first &= j >= i;
                b.rival[b.n++] = &all->item[j];
            }
        if (!first || (w->suite && strcmp(all->item[i].suite, w->suite)))
            continue;
        if (b.n > 1)
            block[blocks++] = b;
        else
            text_addf(out, "%s is in %c alone: left out\n", all->item[i].block,
                      'A' + all->item[i].name);
    }
    check_partners(w, all, block, blocks);
    return blocks;
}

/* Words
   ---------------------------------------------------------------------- */

static void add_interval(text_t *out, interval_t v, int sign)
{
    char bounds[40] = "-";
    if (!isnan(v.lo))
        snprintf(bounds, sizeof bounds, sign ? "[%+.3f, %+.3f]" : "[%.3f, %.3f]", v.lo, v.hi);
    text_addf(out, sign ? "%+.3f %-18s" : "%.3f %-16s", v.mean, bounds);
}

static void say_files(const block_t *b, const wish_t *w, text_t *out)
{
    text_addf(out, "%s%s, %d %s%s", out->len ? "\n" : "", b->rival[0]->block, b->lists,
              b->programs ? "problem" : "list", b->lists == 1 ? "" : "s");
    if (b->programs)
        text_addf(out, ", each among %d program%s\n", b->programs, b->programs == 1 ? "" : "s");
    else
        text_addf(out, ", %d answer%s to each\n", b->samples, b->samples == 1 ? "" : "s");
    text_addf(out, "     %-22s%8s %7s   file\n",
              w->measure == MEASURE_LISTACC ? "listacc [95% interval]"
              : w->measure == MEASURE_VOTE  ? "vote [95% interval]"
                                            : "pass [95% interval]",
              "vote", "parsed");
    for (int i = 0; i < b->n; i++) {
        const rival_t *s = b->rival[i];
        int won = 0, unparsed = 0;
        for (int j = 0; j < b->lists; j++) {
            won += s->unit[j].won;
            unparsed += s->unit[j].unparsed;
        }
        text_addf(out, "  %c  ", 'A' + s->name);
        add_interval(out, units_mean(s->unit, b->lists, w->measure, SEED), 0);
        text_addf(out, "%8.3f %7.3f   %s\n", (double)won / b->lists,
                  1 - (double)unparsed / b->samples / b->lists, s->path);
    }
}

/* What the numbers do not say. */
static void say_notes(const block_t *b, text_t *out)
{
    if (b->lists < INTERVAL_LEAST)
        text_addf(out, "  too few lists for an interval: %d, where at least %d are needed\n",
                  b->lists, INTERVAL_LEAST);
    for (int i = 0; i < b->n; i++) {
        const rival_t *s = b->rival[i];
        int parsed = 0;
        for (int j = 0; j < b->lists; j++)
            parsed += s->unit[j].unparsed < b->samples;
        if (!parsed)
            text_addf(out,
                      "  %c: none of its answers could be parsed: all of them count as wrong\n",
                      'A' + s->name);
        if (s->imported)
            text_addf(out, "  %c: labels of %d lists are IMPORTED, not executed here\n",
                      'A' + s->name, s->imported);
        if (s->units > b->lists)
            text_addf(out, "  %c: %d further lists, which not all have, are left out\n",
                      'A' + s->name, s->units - b->lists);
    }
}

static int better(const comparison_t *c)
{
    return c->adjusted >= 0.05 ? 0 : c->only_a > c->only_b ? 1 : -1;
}

static void say_pair(const rival_t *a, const rival_t *b, const comparison_t *c, text_t *out)
{
    int who = better(c);
    text_addf(out, "  %c - %c  ", 'A' + a->name, 'A' + b->name);
    add_interval(out, c->difference, 1);
    text_addf(out, " %8d %8d %11.4g %9.4g   ", c->only_a, c->only_b, c->p, c->adjusted);
    if (who)
        text_addf(out, "%c is better\n", 'A' + (who > 0 ? a : b)->name);
    else
        text_add(out, "no difference shown\n");
}

static void result(const block_t *b, const rival_t *x, const rival_t *y, const comparison_t *c,
                   const wish_t *w, text_t *out)
{
    static const char *const verdict[] = {"b", "none", "a"};
    int imported = x->imported > y->imported ? x->imported : y->imported;
    text_addf(out,
              "RESULT pair=%c-%c suite=%s measure=%s lists=%d samples=%d a=%.4f b=%.4f diff=%.4f "
              "lo=%.4f hi=%.4f only_a=%d only_b=%d p=%.6g holm=%.6g verdict=%s",
              'A' + x->name, 'A' + y->name, x->suite, measure_names[w->measure], b->lists,
              b->samples, units_mean(x->unit, b->lists, w->measure, SEED).mean,
              units_mean(y->unit, b->lists, w->measure, SEED).mean, c->difference.mean,
              c->difference.lo, c->difference.hi, c->only_a, c->only_b, c->p, c->adjusted,
              verdict[better(c) + 1]);
    if (b->programs)
        text_addf(out, " programs=%d", b->programs);
    if (imported)
        text_addf(out, " labels=imported imported=%d", imported);
    text_add(out, "\n");
}

static void say_same_files(const wish_t *w, text_t *out)
{
    struct stat a, b;
    for (int i = 0; i < w->n; i++)
        for (int j = i + 1; j < w->n; j++)
            if (!stat(w->name[i], &a) && !stat(w->name[j], &b) && a.st_dev == b.st_dev &&
                a.st_ino == b.st_ino)
                text_addf(out, "%c and %c are the same: %s\n", 'A' + i, 'A' + j, w->name[j]);
}

/* All blocks are compared before the first is printed: p is adjusted over all of them. */
static void compare_all(const wish_t *w, const block_t *block, int blocks, text_t *out)
{
    comparison_t *all = NULL;
    text_t results = {0};
    int n = 0, cap = 0, at = 0;
    for (int k = 0; k < blocks; k++)
        for (int i = 0; i < block[k].n; i++)
            for (int j = i + 1; j < block[k].n; j++)
                PUSH(all, n, cap,
                     compare_units(block[k].rival[i]->unit, block[k].rival[j]->unit, block[k].lists,
                                   w->measure, SEED));
    double *p = ALLOC(double, 2 * n);
    for (int i = 0; i < n; i++)
        p[i] = all[i].p;
    holm(p, n, p + n);
    for (int k = 0; k < blocks; k++) {
        const block_t *b = &block[k];
        say_files(b, w, out);
        text_addf(out, "  pair   %-25s %8s %8s %11s %9s   at 0.05\n", "difference [95% interval]",
                  b->n == 2 ? "only A" : "only 1st", b->n == 2 ? "only B" : "only 2nd", "McNemar p",
                  "Holm p");
        for (int i = 0; i < b->n; i++)
            for (int j = i + 1; j < b->n; j++, at++) {
                all[at].adjusted = p[n + at];
                say_pair(b->rival[i], b->rival[j], &all[at], out);
                result(b, b->rival[i], b->rival[j], &all[at], w, &results);
            }
        say_notes(b, out);
    }
    if (n > 1)
        text_addf(out, "\nHolm p: over the %d pairs of this call\n", n);
    text_addf(out, "\n%s", results.s);
    text_reset(&results);
    mem_free(all);
    mem_free(p);
}

int verb_compare(call_t *c)
{
    if (group_rank(comm_world()))
        return CODE_DONE;
    wish_t w = wish_read(c);
    text_t out = {0};
    say_same_files(&w, &out);
    rivals_t all = rivals_read(w.name, w.n);
    block_t *block = ALLOC(block_t, all.n);
    int blocks = blocks_of(&w, &all, block, &out);
    for (int i = 0; i < blocks; i++)
        block_make(&block[i], w.samples, w.common);
    compare_all(&w, block, blocks, &out);
    fwrite(out.s, 1, out.len, stdout);
    text_reset(&out);
    mem_free(block);
    rivals_free(&all);
    return CODE_DONE;
}
