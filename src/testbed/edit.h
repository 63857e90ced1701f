/* Inside floor 6: edits of comments (suite adv). */
#pragma once
#include "testbed.h"

/* edit_place.c: where in a program a comment may stand.  A line is s[begin .. end), without its end;
   above: a comment may have a line of its own before it; behind: it may stand at its end. */
typedef struct {
    size_t begin, end;
    char above, behind;
} edit_line_t;
typedef struct {
    edit_line_t *line;
    int n, first; /* first: the line that a comment at the head stands above */
    int tail;     /* a comment may stand at the end */
} edit_places_t;
edit_places_t edit_places(lang_t lang, const char *s, size_t n);
void edit_places_free(edit_places_t *p);

/* edit_words.c: what a comment of that edit says, in plain letters; misleading: not of the problem. */
void edit_words(text_t *out, edit_t edit, const problem_t *p, rng_t *r);
int edit_wordings(edit_t edit); /* how many there are to draw from */
