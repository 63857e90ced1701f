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

/* suite.c - asking a model about every list of a suite */
typedef struct {
    answer_mode_t mode;
    const template_t *template;      /* the caller's */
    int       samples;               /* answers a list (K) */
    int       limit;                 /* at most so many lists, the first ones; 0: all */
    sampler_t sampler;               /* group is set to samples, purpose to RNG_EVAL */
    uint64_t  seed;
} asking_t;
typedef struct {
    listacc_t acc;                   /* the same on every rank */
    answer_t *answer; int n_local;   /* this rank's, caller frees with mem_free */
    int       dropped;               /* lists whose prompt is longer than sampler.max_prompt */
    int       stopped;               /* abandoned, on whichever rank it was asked; the same on every rank */
    double    seconds;
    int64_t   sampled;               /* tokens, all ranks */
} asked_t;
/* Lists are dealt to the ranks of g in contiguous shares; randomness is keyed by list, so the answers do not depend
   on the number of ranks.  stop (may be NULL): nonzero abandons; then stopped is 1 and acc empty.  collective(g) */
asked_t eval_suite(group_t *g, engine_t *e, const model_t *m, const tokenizer_t *t, const bank_t *b, suite_t suite,
                   const asking_t *o, int (*stop)(void *), void *ctx);
