/* Numbers of tests/data/statistics.ref: a line is a kind and numbers, what they are stands in
   statistics_reference.py. */
#pragma once
#include "test.h"

enum { NUMBERS_MOST = 2048 };

/* Calls with the n numbers of every line of that kind; how many lines. */
static inline int reference(const char *kind, void (*line)(const double *x, int n))
{
    text_t t = {0};
    int lines = 0;
    double x[NUMBERS_MOST];
    if (text_read_file(&t, "tests/data/statistics.ref"))
        fail(CODE_DATA,
             "tests/data/statistics.ref cannot be read: run the test from the repository's root");
    for (char *s = strtok(t.s, "\n"); s; s = strtok(NULL, "\n")) {
        size_t word = strcspn(s, " ");
        if (strlen(kind) != word || strncmp(s, kind, word))
            continue;
        int n = 0;
        for (char *at = s + word, *end; n < NUMBERS_MOST; at = end, n++) {
            x[n] = strtod(at, &end);
            if (end == at)
                break;
        }
        line(x, n);
        lines++;
    }
    text_reset(&t);
    return lines;
}

/* The same number, or both none. */
static inline int same(double a, double b, double tolerance)
{
    return (isnan(a) && isnan(b)) || fabs(a - b) <= tolerance * fmax(fabs(b), 1e-300);
}
