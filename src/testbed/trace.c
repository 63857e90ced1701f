/* A right answer, written down step by step, for the warm start.

   instruct: for each candidate in order, what is wanted and what the candidate has, word by word
   and side by side, up to the first difference; then "no", or "yes" at the right one, which
   ends the walk; then the box.

       A 0 0 even odd no
       B 0 0 even even + + square square yes
       \boxed{B}

   think: the same over the states that reference and candidate pass through on the example
   input; an element that both are at is written once, and where one is at an element and the other
   has the same word for a value, the first says "next" (not in the older families, whose texts
   stay: there both words are written, alike as they are).  Where a wrong candidate goes through the
   same states, the walk goes on with the cores, which differ.

   A brief answer gives the same verdicts without their reasons.  It cannot be learned by a small
   model (there is no local act that leads to its words), so a base that has seen both kinds answers
   one of them by guessing and the other by judging; which kind pays is left to be found out.

   Every token is a local act: copy the next word of one of two places, or compare two
   neighbours.  A trace is true: it never says "no" without a difference it has shown. */
#include "testbed/ast.h"
#include <string.h>

/* Cuts the next word off *p: returns its length, 0 at the end. */
static size_t word(const char **p, const char **start)
{
    *p += strspn(*p, " ");
    *start = *p;
    size_t n = strcspn(*p, " ");
    *p += n;
    return n;
}

/* Writes the walk of `want` against `have`; 1 if they differ.  apart: see above. */
static int side_by_side(text_t *out, const char *want, const char *have, int apart)
{
    const char *w, *h;
    for (;;) {
        size_t nw = word(&want, &w), nh = word(&have, &h);
        if (!nw && !nh)
            return 0;
        int same = nw == nh && !memcmp(w, h, nw);
        if (same && w[0] == '@' && nw > 1) {
            text_addf(out, " %.*s", (int)nw - 1, w + 1);
            continue;
        }
        const char *end = "end", *next = "next";
        if (!nw)
            w = end, nw = 3;
        if (!nh)
            h = end, nh = 3;
        int mw = w[0] == '@' && nw > 1, mh = h[0] == '@' && nh > 1;
        if (apart && mw != mh && nw - (size_t)mw == nh - (size_t)mh &&
            !memcmp(w + mw, h + mh, nw - (size_t)mw)) {
            if (mw)
                w = next, nw = 4, mw = 0;
            else
                h = next, nh = 4, mh = 0;
        }
        text_addf(out, " %.*s %.*s", (int)nw - mw, w + mw, (int)nh - mh, h + mh);
        if (!same)
            return 1;
    }
}

/* The end that both forms of an answer share. */
static void conclude(text_t *out, const template_t *t, const list_t *l, answer_mode_t mode)
{
    if (mode == MODE_THINK)
        text_add(out, "</think>\n");
    text_addf(out, "\\boxed{%c}%s", 'A' + l->answer, t->stop_text[0]);
}

void trace_brief_text(text_t *out, const template_t *t, const list_t *l, answer_mode_t mode)
{
    for (int i = 0; i <= l->answer; i++)
        text_addf(out, "%c %s\n", 'A' + i, i == l->answer ? "yes" : "no");
    conclude(out, t, l, mode);
}

static int is_older(const char *family)
{
    for (int f = 0; f < OLDER_FAMILIES; f++)
        if (!strcmp(families[f].name, family))
            return 1;
    return 0;
}

void trace_text(text_t *out, const template_t *t, const bank_t *b, const list_t *l,
                answer_mode_t mode)
{
    const program_t *right = &b->program[l->program[l->answer]];
    const int apart = !is_older(b->problem[l->problem].family);
    for (int i = 0; i <= l->answer; i++) {
        const program_t *p = &b->program[l->program[i]];
        text_addf(out, "%c", 'A' + i);
        int differs = 0;
        if (mode == MODE_THINK)
            differs = side_by_side(out, right->walk, p->walk, apart);
        if (!differs && (mode == MODE_INSTRUCT || i < l->answer))
            differs = side_by_side(out, right->core, p->core, 0);
        text_add(out, i == l->answer ? " yes\n" : differs ? " no\n" : " ?\n");
    }
    conclude(out, t, l, mode);
}
