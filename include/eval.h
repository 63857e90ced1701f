/* Floor 9: numbers with intervals. */
#pragma once
#include "rl.h"

typedef struct { double mean, lo, hi; } interval_t;
/* Percentile bootstrap of a mean of 0/1 or real values, 95%, 10,000 resamples, seeded: the same on every machine. */
interval_t interval_bootstrap(const double *x, int n, uint64_t seed);

typedef struct {
    int lists;
    interval_t acc, acc_n[6];        /* over all, and by number of candidates (index 2..5) */
    int        count_n[6];
    double     chance, chance_n[6];
    double     parse_rate, length_mean, length_max, truncated;
    double     picked[5], right[5];  /* position bias: share of answers / of right ones at each letter */
} listacc_t;
listacc_t listacc_of(const answer_t *a, int n, uint64_t seed);
void      listacc_print(const listacc_t *r, const char *suite, text_t *out);   /* the table */
