/* Floor 9: numbers with intervals.  What a verifier's answers say of it, and which of two verifiers is better. */
#pragma once
#include "rl.h"

/* interval.c - bootstrap (Efron 1979) over what is independent, which is lists; 95%, seeded, the same on every machine
   ----------------- */

typedef struct { double mean, lo, hi; } interval_t;
enum { INTERVAL_LEAST = 5 };         /* of fewer values there is no interval: lo and hi are NAN */
/* Of a mean of 0/1 or real values. */
interval_t interval_bootstrap(const double *x, int n, uint64_t seed);
/* The same of many such means over the same n: v[many], with the bits that each alone has. */
void       interval_means(const double *const *x, int many, int n, uint64_t seed, interval_t *v);
/* Of any statistic: value(ctx, unit, n) of n of the units 0..n-1, drawn with replacement; mean: its value of each unit
   once.  Resamples where it is NAN are left out; no interval where these are more than half, or mean is NAN.  Bounds
   may lie outside of what the statistic can be. */
typedef double statistic_t(const void *ctx, const int *unit, int n);
interval_t interval_of(statistic_t *value, const void *ctx, int n, uint64_t seed);

/* vote.c - several answers to one list: votes[n] for its candidates, of `asked` answers; the others were unparsable
   ---------------- */

int    vote_winner(const int *votes, int n);         /* the candidate with strictly the most votes; -1: tied, or none */
/* Self-consistency SC@K (Wang et al. 2022): the chance that k of the answers, drawn without replacement, vote for the
   right candidate: that it has strictly more of them than any other.  Exact, over all subsets.
   1 <= k <= asked <= 1024. */
double vote_right(const int *votes, int n, int right, int asked, int k);
/* pass@k (Chen et al. 2021, equation 1): that at least one of k answers is right, `right` of `asked` are.
   1 <= k <= asked. */
double pass_at(int asked, int right, int k);

/* calibration.c - the share of votes as a confidence ------------------------------ */

enum { BINS = 10 };
typedef struct { int n; double confidence, right; } bin_t;           /* means over what is in the bin; NAN: nothing */
typedef struct { double ece, brier; bin_t bin[BINS]; } calibration_t;
/* confidence[n] in [0,1]; right[n] 0 or 1.  ECE (Guo et al. 2017, equation 3) over equal bins (lo, hi], 0 in the first;
   Brier: mean of (confidence - right)^2. */
calibration_t calibration_of(const double *confidence, const double *right, int n);
/* The ECE that a verifier with these confidences would have on average if it were calibrated: what is due to chance. */
double calibration_noise(const double *confidence, int n, uint64_t seed);

/* rank.c - a list put in order by asking all its pairs, in both orders ------------------------------------ */

double kendall_tau_b(const double *x, const double *y, int n);       /* -1 where undefined: x or y all equal */
/* DCG with gain[n] and discount log2(rank + 1) in the order of score[n], over the best possible; of equal scores the
   mean over their orders (McSherry & Najork 2008).  NAN where all gains are 0. */
double ndcg(const double *gain, const double *score, int n);
/* answer[i][j]: candidate i was shown as A and j as B: i, j, or -1 (unparsable); answer[i][i] is not looked at.  n: 2
   to 5.  Shares are numerator and denominator. */
typedef struct {
    double tau;                      /* wins over all asked pairs against pass rates */
    double ndcg;                     /* by wins, gain: pass rate; NAN: no candidate passes anything */
    int    right, asked;             /* answers that name the better one; of pairs with different rates, both orders */
    int    first, answered;          /* answers that name the candidate shown first; of all that could be parsed */
    int    contradicted, both;       /* pairs that were answered differently in the two orders; parsed in both */
    int    transitive, triples;      /* triples without a circle; whose three pairs have one answer in both orders */
} ranking_t;
ranking_t ranking_of(const float *pass_rate, int n, int answer[5][5]);

/* paired.c - tests -------------------------------------------------------------- */

/* McNemar's exact test: two-sided p of a list being right for one verifier only, only_a and only_b times. */
double mcnemar_exact(int only_a, int only_b);
void   holm(const double *p, int n, double *adjusted);               /* Holm (1979): family-wise adjusted p */
double chi2_tail(double x, int freedom);             /* P(X > x) */
/* Pearson's test that answers to lists of n candidates name each letter equally often, answered[n][letter] for n of 2
   to 5; lengths with fewer than 5 answers a letter do not count.  p; NAN where none does. */
double position_test(int answered[6][5], double *statistic, int *freedom);

/* compare.c - verifiers on the same lists ----------------------------------------------- */

/* What one verifier said of one list: of `asked` answers so many were right, so many could not be parsed; won: their
   vote is for the right candidate.  nth: of lists with this id, in their order. */
typedef struct { int64_t id; int nth, asked, right, unparsed, won; } unit_t;
/* The mean of right / asked, of won, of whether one answer is right. */
typedef enum { MEASURE_LISTACC, MEASURE_VOTE, MEASURE_PASS, MEASURES } measure_t;
extern const char *const measure_names[MEASURES];
/* The first k answers to each list, as a unit; answers of a list stand together, in order of samples, k of them or
   more.  unit[n] is enough; how many there are, in order of id and nth. */
int        units_of_answers(const answer_t *a, int n, int k, unit_t *unit);
/* The choices among n programs. */
int        units_of_choices(const chosen_t *c, int n_choice, int n, unit_t *unit);
/* Leaves in each of the files' n[file] units those that all have, pairwise in the same place; how many. */
int        units_common(unit_t *const *unit, const int *n, int files);
interval_t units_mean(const unit_t *u, int n, measure_t m, uint64_t seed);
typedef struct {
    interval_t difference;           /* mean of a - b over lists; paired bootstrap */
    int    only_a, only_b;           /* lists on which one alone is right: by pass where measured, else by vote */
    double p, adjusted;              /* McNemar's; adjusted is the caller's (holm) */
} comparison_t;
comparison_t compare_units(const unit_t *a, const unit_t *b, int n, measure_t m, uint64_t seed);

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

/* ask.c - any number of questions to one model
   ------------------------------------------------------------------------------------------ */

enum { BUDGETS = 16, MOST_VOTES = 16 };
typedef struct {                     /* [eval] of a deck */
    answer_mode_t mode;
    const template_t *template;      /* the caller's */
    int       samples;               /* answers a list (K) */
    int       votes;                 /* SC@K and pass@K up to this K, at most samples */
    int       limit;                 /* at most so many lists of a suite, the first ones; 0: all */
    int       pairs;                 /* 1: lists of 3 and more are also asked pair by pair, in both orders */
    int       budget[BUDGETS], n_budget;             /* tokens at which thinking is cut, ascending */
    sampler_t sampler;               /* group is set to samples, purpose to RNG_EVAL */
    uint64_t  seed;
} asking_t;
typedef struct {                     /* all borrowed */
    engine_t *engine;                /* made for sampler with group = samples */
    engine_t *cut;                   /* for answers that are cut (budget_sampler); NULL where there are no budgets */
    const model_t *model;
    const tokenizer_t *tokenizer;
    const bank_t *bank;
    const asking_t *how;
    int     (*stop)(void *ctx);      /* may be NULL; nonzero abandons */
    void     *ctx;
} asker_t;
/* Questions: candidates of a problem in the order shown, and what keys their randomness beside the seed: the kind of
   question and its number among these. */
typedef enum { ASK_LISTS, ASK_PAIRS, ASK_CUT, ASK_CHOICE, ASK_DUEL } ask_t;
typedef struct { list_t list; int item; } query_t;
enum { NOT_ASKED = -2 };
/* answer: the candidate named, -1: unparsable, NOT_ASKED: the prompt is longer than sampler.max_prompt */
typedef struct { int answer, length, truncated; } heard_t;
/* heard[n * samples], in order.  1: abandoned, nothing was heard.  traj (may be NULL) [n * samples]: the completions,
   the caller's to reset; those not asked are empty.  local */
int ask_model(const asker_t *a, ask_t kind, const query_t *q, int n, int samples, heard_t *heard, traj_t *traj);

/* suite.c, pairs.c, budget.c - every list of a suite
   ----------------------------------------------------------------------------------------- */

typedef struct {
    listacc_t acc;
    answer_t *answer; int n_answer;  /* of all ranks, in order of list and sample: the same on every rank */
    pair_answer_t *pair; int n_pair;                 /* the same, where pairs are asked */
    budget_answer_t *budget; int n_budget;
    int       dropped;               /* lists whose prompt is longer than sampler.max_prompt */
    int       stopped;               /* abandoned, on whichever rank it was asked, and nothing else; the same on all */
    double    seconds, pair_seconds, budget_seconds;
    int64_t   sampled;               /* tokens, all ranks */
} asked_t;
/* Lists are dealt to the ranks of g in contiguous shares; randomness is keyed by list, so the answers do not depend
   on the number of ranks.  collective(g) */
asked_t eval_suite(group_t *g, const asker_t *a, suite_t suite);
asked_t eval_lists(group_t *g, const asker_t *a, const int *list, int n);    /* those of the bank, ascending */
void    asked_free(asked_t *a);
/* Pieces of it, for this rank's lists; 1: abandoned.  r grows by this rank's rows, r->dropped by what was not asked.
   local */
query_t pair_query(const bank_t *b, int list, int first, int second);        /* candidates first as A, second as B */
int     ask_pairs(const asker_t *a, const int *list, int n, asked_t *r);
/* traj[n * samples]: the answers to list[n], of which those not asked are empty. */
int     ask_budgets(const asker_t *a, const int *list, int n, const traj_t *traj, asked_t *r);
/* What the engine for cut answers is made with.  CODE_USAGE: a budget is beyond max_new or the model's positions. */
sampler_t budget_sampler(const asker_t *a);

/* cut.c, results.c, results_pairs.c, results_print.c, work.c - from answers to numbers
   ------------------------------------------------------------------------------------------- */

/* Lists that are alike by something: "length", "family", "difficulty", "mutator" (of a wrong candidate: a list is in
   several), "edit". */
typedef struct { char name[64]; int *unit, n, cap; } cut_t;          /* unit: indices into list[] as given */
typedef struct { cut_t *cut; int n, cap; } cuts_t;
cuts_t cuts_by(const char *by, const bank_t *b, const int *list, int n);     /* in order of their names */
void   cuts_free(cuts_t *c);
/* All numbers of what was asked (io.h, number_t), seconds too.  unedited[n_unedited] (may be NULL): answers to the
   lists whose candidates the suite's lists edited.  local */
numbers_t results_of(const asked_t *r, const bank_t *b, const asking_t *o, const answer_t *unedited, int n_unedited);
/* " key=value key_lo=.. key_hi=..", the bounds where there is an interval; nothing where x is NULL */
void   results_key(const number_t *x, const char *key, text_t *out);
void   results_print(const numbers_t *t, text_t *out);               /* what listacc_print does not say */

/* tournament.c - choosing among more candidates than a list holds, round by round
   ------------------------------------------------------------------------------- */

enum { ENTRANTS = 64 };
/* BY_KNOCKOUT: lists of up to `group`, their winners go on.  BY_SWISS: `rounds` rounds of pairs of like score, each in
   both orders.  BY_PAIRS: every pair in both orders.  Up to `group` entrants BY_KNOCKOUT is one list. */
typedef enum { BY_KNOCKOUT, BY_SWISS, BY_PAIRS, METHODS } method_t;
extern const char *const method_names[METHODS];
/* Entrants 0..n-1, n in 1..ENTRANTS; group 2..5; rounds 0: the logarithm of n, rounded up, and one more.  Where a list
   has no winner one is drawn: a function of (seed, key, round). */
typedef struct { method_t method; int n, group, rounds; uint64_t seed, key; } contest_t;
typedef struct { int n, entrant[5], winner; } match_t;               /* in the order shown; winner: an entrant, or -1 */
typedef struct tournament tournament_t;
tournament_t *tournament_new(const contest_t *c);
void   tournament_free(tournament_t *t);
int    tournament_winner(const tournament_t *t);     /* -1: there are matches to play */
/* The next round's matches, the tournament's, valid until it is played; how many. */
int    tournament_round(tournament_t *t, match_t **match);
void   tournament_played(tournament_t *t);           /* their winners are in; counts them */

/* choose.c, play.c, trial.c, choose_results.c - the best of N programs of a problem, chosen by a verifier and executed
   -------------------------- */

typedef struct {                     /* [select] of a deck */
    method_t method;
    int      group, rounds;          /* contest_t's */
    int      programs;               /* N: 2..ENTRANTS */
    int      limit;                  /* at most so many problems, the first ones; 0: all */
    suite_t  split;                  /* SUITE_TRAIN or SUITE_HELDOUT: whose problems */
    uint64_t seed;
    limits_t limits;                 /* the deck's */
} choosing_t;
typedef struct {                     /* but for row, the same on every rank */
    chosen_t *row; int n;            /* of all ranks, in order of problem and N; the caller's */
    int      problems;               /* chosen for */
    int      too_few, most;          /* with fewer than N programs; the most programs that any problem has */
    int      stopped;                /* abandoned; nothing else */
    int64_t  questions, silent;      /* put to the model; that named no winner */
    int64_t  runs, faults, differ;   /* programs executed; that failed on our side; otherwise than the file says */
    double   generate_s, stall_s;    /* generating; in it with graders.  These times: of the longest rank */
    double   wait_s;                 /* for graders after it */
} choices_t;
/* The programs of each problem in drawn order; of its first 1, 2, 4, ... N one is chosen and executed on all tests, and
   all are executed for the vote of their outputs, in the background.  A function of seeds, model and bank, whatever the
   ranks.  collective(g), g: the clients of grading */
choices_t choose_programs(group_t *g, const asker_t *a, grading_t *grading, const choosing_t *c);
/* verifier, random, oracle (pass@N), majority by "N", and paired differences verifier-random, ...  local */
numbers_t choices_results(const choices_t *c, uint64_t seed);

/* trial.c: programs of problems executed while the model works.  local, one client */
typedef struct trial trial_t;
/* entrant[problems][programs]: programs of the bank; borrowed, as all is. */
trial_t *trial_new(grading_t *g, const bank_t *b, const limits_t *l, const int *entrant, int problems, int programs);
void     trial_free(trial_t *t);     /* cancels what runs */
void     trial_judge(trial_t *t, int problem, int entrant);          /* its verdict is wanted */
void     trial_poll(trial_t *t);     /* sends and takes what there is; never blocks */
int64_t  trial_left(const trial_t *t);               /* jobs to come of what was asked for; 0: all is there */
int      trial_passes(const trial_t *t, int problem, int entrant);   /* 1, 0, -1: not known (yet, or for ever) */
/* The vote of the first n entrants by their outputs: the share of right ones among the most frequent outputs; programs
   that fail on a test do not count, and where none does it is 0.  NAN: the problem's tests are calls, which print
   nothing, or no verdict is known.  *first: an entrant with one of these outputs, -1. */
double   trial_majority(const trial_t *t, int problem, int n, int *first);
void     trial_counts(const trial_t *t, int64_t *runs, int64_t *faults);
