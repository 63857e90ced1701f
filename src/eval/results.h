/* Inside floor 9: the table of results while it is made. */
#pragma once
#include "eval.h"

typedef struct { /* a list as it was answered */
    int n, right, first, asked, votes[5];
} seen_t;

typedef struct {
    const bank_t *bank;
    uint64_t seed;
    numbers_t t;
    seen_t *seen;                                         /* [n], and for each list: */
    int *list, n;                                         /* its index in the bank */
    double *value, *chance, *parsed, *truncated, *length; /* means over its answers; one block */
} results_t;

typedef struct {
    const double *num, *den;
} shares_t;

void results_free(results_t *r); /* all but the table */
void results_add(results_t *r, const char *measure, const char *by, const char *of, int lists,
                 interval_t v, double beside);
/* a number without an interval, of all lists */
void results_plain(results_t *r, const char *measure, const char *by, const char *of, double value,
                   double beside);
/* The mean of x over those lists (unit NULL: the first n), where it is not NAN, beside that of
   `beside` (NULL: nothing). */
void results_mean(results_t *r, const char *measure, const char *by, const char *of,
                  const int *unit, int n, const double *x, const double *beside);
/* sum num / sum den over those lists; none where there is nothing to share */
void results_ratio(results_t *r, const char *measure, const char *by, const char *of,
                   const int *unit, int n, const double *num, const double *den, double beside);
/* results_mean by each of these ways to be alike */
void results_cuts(results_t *r, const char *measure, const double *x, const double *beside,
                  const char *const *by, int n_by);
/* results_pairs.c */
void results_pairs(results_t *r, const asked_t *asked);
void results_budgets(results_t *r, const asked_t *asked);
