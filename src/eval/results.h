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
/* Means of columns over those lists (unit NULL: the first n), each beside the mean of `beside` (NULL: nothing); they
   are resampled together.  x: no NAN. */
typedef struct {
    const char *measure, *of; /* of NULL: as results_means is told */
    const double *x, *beside;
} column_t;
void results_means(results_t *r, const char *by, const char *of, const int *unit, int n,
                   const column_t *c, int many);
/* The mean of x over those lists where it is not NAN. */
void results_mean(results_t *r, const char *measure, const char *by, const char *of,
                  const int *unit, int n, const double *x, const double *beside);
/* sum num / sum den over those lists; none where there is nothing to share */
void results_ratio(results_t *r, const char *measure, const char *by, const char *of,
                   const int *unit, int n, const double *num, const double *den, double beside);
/* results_means by each way to be alike (cut_names) */
enum { CUTS = 5 };
extern const char *const cut_names[CUTS];
void results_cuts(results_t *r, const column_t *c, int many);
/* results_pairs.c */
void results_pairs(results_t *r, const asked_t *asked);
void results_budgets(results_t *r, const asked_t *asked);
