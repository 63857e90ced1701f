/* Inside floor 9: the table of results while it is made. */
#pragma once
#include "eval.h"

typedef struct { /* a list as it was answered */
    int n, right, first, asked, votes[5];
} seen_t;

/* Rows of the table whose intervals are still to be computed, from part[..][n]: means of `many` columns; a share,
   numerators and denominators; ECE, confidences and right or not, and as much room. */
typedef enum { WORK_MEANS, WORK_SHARE, WORK_ECE } work_kind_t;
typedef struct {
    work_kind_t kind;
    int row, many, n;
    double *part;
} work_t;

typedef struct {
    const bank_t *bank;
    uint64_t seed;
    numbers_t t;
    work_t *work;
    int n_work, cap_work;
    seen_t *seen;                                         /* [n], and for each list: */
    int *list, n;                                         /* its index in the bank */
    double *value, *chance, *parsed, *truncated, *length; /* means over its answers */
    double *confidence, *vote,
        *brier; /* of the vote of all: the winner's share, is it right, square of what is between */
    double *block; /* all of these */
} results_t;

/* work.c: computes all that is to be computed, on all threads, and gives the finished table; frees all else */
numbers_t results_end(results_t *r);
void results_free(results_t *r); /* all but the table */
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
/* ECE of those lists, beside what chance makes of it; right: 0 or 1 */
void results_ece(results_t *r, const char *by, const char *of, const int *unit, int n,
                 const double *confidence, const double *right);
/* results_means by each way to be alike (cut_names) */
enum { CUTS = 5 };
extern const char *const cut_names[CUTS];
void results_cuts(results_t *r, const column_t *c, int many);
/* results_pairs.c */
void results_pairs(results_t *r, const asked_t *asked);
void results_budgets(results_t *r, const asked_t *asked);
