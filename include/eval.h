/* Floor 9: numbers with intervals.  What a verifier's answers say of it, and which of two verifiers is better. */
#pragma once
#include "rl.h"

/* interval.c - bootstrap (Efron 1979) over what is independent, which is lists; 95%, seeded, the same on every machine
   ----------------- */

typedef struct { double mean, lo, hi; } interval_t;
enum { INTERVAL_LEAST = 5 };         /* of fewer values there is no interval: lo and hi are NAN */
/* Of a mean of 0/1 or real values. */
interval_t interval_bootstrap(const double *x, int n, uint64_t seed);
/* Of any statistic: value(ctx, unit, n) of n of the units 0..n-1, drawn with replacement; mean: its value of each unit
   once.  Resamples where it is NAN are left out; no interval where these are more than half, or mean is NAN.  Bounds may
   lie outside of what the statistic can be. */
typedef double statistic_t(const void *ctx, const int *unit, int n);
interval_t interval_of(statistic_t *value, const void *ctx, int n, uint64_t seed);

/* vote.c - several answers to one list: votes[n] for its candidates, of `asked` answers; the others were unparsable
   ---------------- */

int    vote_winner(const int *votes, int n);         /* the candidate with strictly the most votes; -1: a tie, or none */
/* Self-consistency SC@K (Wang et al. 2022): the chance that k of the answers, drawn without replacement, vote for the
   right candidate: that it has strictly more of them than any other.  Exact, over all subsets.  1 <= k <= asked <= 1024.
   */
double vote_right(const int *votes, int n, int right, int asked, int k);
/* pass@k (Chen et al. 2021, equation 1): that at least one of k answers is right, `right` of `asked` are.  1 <= k <= asked
   */
double pass_at(int asked, int right, int k);

/* calibration.c - the share of votes as a confidence ------------------------------ */

enum { BINS = 10 };
typedef struct { int n; double confidence, right; } bin_t;           /* means over what is in the bin; NAN: nothing is */
typedef struct { double ece, brier; bin_t bin[BINS]; } calibration_t;
/* confidence[n] in [0,1]; right[n] 0 or 1.  ECE (Guo et al. 2017, equation 3) over equal bins (lo, hi], 0 in the first;
   Brier: mean of (confidence - right)^2. */
calibration_t calibration_of(const double *confidence, const double *right, int n);
/* The ECE that a verifier with these confidences would have on average if it were calibrated: what is due to chance. */
double calibration_noise(const double *confidence, int n, uint64_t seed);

/* rank.c - a list put in order by asking all its pairs, in both orders ------------------------------------ */

double kendall_tau_b(const double *x, const double *y, int n);       /* -1 where undefined: x or y all equal */
/* DCG with gain[n] and discount log2(rank + 1) in the order of score[n], over the best possible; of equal scores the mean
   over their orders (McSherry & Najork 2008).  NAN where all gains are 0. */
double ndcg(const double *gain, const double *score, int n);
/* answer[i][j]: candidate i was shown as A and j as B: i, j, or -1 (unparsable); answer[i][i] is not looked at.  n: 2 to 5.
   Shares are numerator and denominator. */
typedef struct {
    double tau;                      /* wins over all asked pairs against pass rates */
    double ndcg;                     /* by wins, gain: pass rate; NAN: no candidate passes anything */
    int    right, asked;             /* answers that name the better one; of pairs with different rates, both orders */
    int    first, answered;          /* answers that name the candidate shown first; of all that could be parsed */
    int    contradicted, both;       /* pairs that were answered differently in the two orders; parsed in both */
    int    transitive, triples;      /* triples without a circle; whose three pairs were answered alike in both orders */
} ranking_t;
ranking_t ranking_of(const float *pass_rate, int n, int answer[5][5]);

/* paired.c - tests -------------------------------------------------------------- */

/* McNemar's exact test: two-sided p of a list being right for one verifier only, only_a and only_b times. */
double mcnemar_exact(int only_a, int only_b);
void   holm(const double *p, int n, double *adjusted);               /* Holm (1979): family-wise adjusted p */
double chi2_tail(double x, int freedom);             /* P(X > x) */
/* Pearson's test that answers to lists of n candidates name each letter equally often, answered[n][letter] for n = 2..5;
   lengths with fewer than 5 answers a letter do not count.  p; NAN where none does. */
double position_test(int answered[6][5], double *statistic, int *freedom);

/* listacc.c */
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
