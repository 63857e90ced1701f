/* Floor 8: from rewards to parameters. */
#pragma once
#include "rollout.h"

/* advantage.c - how good a completion is beside the others of its prompt */
typedef enum { ADV_GROUP_STD, ADV_MEAN_ONLY, ADV_LEAVE_ONE_OUT, ADV_SIGN, ADV_POSITIVES } advantage_t;
/* A = (r-mean)/(std+1e-4) | r-mean | r - mean of the others | correct ? 1 : -1 | correct ? 1 : 0; r: rewards, or
   correctness 0/1 for the last two */
void advantage_group(float *a, const float *r, int g, advantage_t kind);
/* Keeps n of the completions with a > 0, drawn by (seed, step, item), and sets a of the others to 0; n 0: all. */
void advantage_keep(float *a, int g, int n, uint64_t seed, int64_t step, int item);

/* recipe.c (recipes.def) - the point in recipe space that a run uses */
typedef enum { OBJECTIVE_CLIP, OBJECTIVE_CISPO, OBJECTIVE_NLL, OBJECTIVE_PAIR } objective_t;
typedef enum { RATIO_TOKEN, RATIO_SEQUENCE } ratio_t;
typedef enum { NORM_TOKEN, NORM_SEQUENCE, NORM_CONSTANT } normaliser_t;
typedef enum { FILTER_NONE, FILTER_ALL_EQUAL, FILTER_ALL_SAME } filter_t;
typedef struct {
    const char *name, *source;       /* in a deck; where it is described */
    answer_mode_t mode;
    objective_t objective;
    advantage_t advantage;
    ratio_t     ratio;
    normaliser_t normaliser;
    double clip_low, clip_high, clip_dual;           /* clip_dual 0: off */
    double kl_beta, pair_beta;
    int    reference_reset;          /* steps between hard resets of the reference; 0: never */
    int    sync_every;               /* steps that one set of parameters samples for; 0: nothing is sampled */
    filter_t filter;
    int    refill, keep;             /* further rounds of sampling at most; right answers of a group (0: all) */
    int    group, max_new, overlong_cache;
    int    prompts;                  /* a step; of objective pair: groups or pairs */
    double temperature;
    double lr, warmup_fraction, weight_decay, clip_norm, beta1, beta2, eps;
} recipe_t;
const recipe_t *recipe_find(const char *name);       /* NULL: unknown */
void recipe_names(text_t *out);
void recipe_table(text_t *out);                      /* every preset, and what each sets */
recipe_t recipe_read(const deck_t *d);               /* preset, then the deck's overrides of single constants */
void recipe_fill(deck_t *d); /* gives every key of [recipe] that nobody set the preset's value */
/* 0: all keys go together, [data] included; else 1, and every two that do not are named. */
int  recipe_check(const recipe_t *r, const deck_t *d, text_t *why);
int  recipe_keeps_reference(const recipe_t *r);      /* 1: a second model is needed while it learns */

/* loss.c - loss is weighted; kl, ratio_clipped count tokens */
typedef struct { double loss, kl, ratio_clipped, tokens; } loss_sums_t;
/* One completion's share.  coef[n] = dLoss/dlogp[t] (to be minimised); ref may be NULL (no KL), and old where the
   objective is nll.  denom is the normaliser's denominator over the whole global batch. */
void loss_policy(float *coef, loss_sums_t *sums, const recipe_t *r, const float *logp, const float *old,
                 const float *ref,
                 int n, float advantage, double denom);

/* loss_pair.c - a chosen and a rejected answer to one prompt */
enum { PAIR_CHOSEN, PAIR_REJECTED };
/* loss is weighted; chosen, rejected: implied rewards, their difference is the margin; right: pairs with a margin
   above zero */
typedef struct { double loss, chosen, rejected, right, pairs; } pair_sums_t;
/* Of an answer, in order: where policy and reference are one, a margin is 0 exactly. */
double loss_logp(const float *logp, int n);
/* One pair's share.  logp, ref: sums over each answer's tokens, now and under the reference; coef: dLoss/dlogp of every
   token of each (to be minimised).  denom: pairs of the whole global batch. */
void loss_pair(double coef[2], pair_sums_t *sums, double beta, const double logp[2], const double ref[2], double denom);

/* optim.c - AdamW over the one block */
typedef struct optim optim_t;
optim_t *optim_new(const model_t *m);                /* its master parameters are what the model holds now */
void     optim_free(optim_t *o);
size_t   optim_bytes(const model_config_t *c);
buf_t    optim_master(const optim_t *o);             /* float32; whoever changes it calls model_from_block */
buf_t    optim_m(const optim_t *o);
buf_t    optim_v(const optim_t *o);
int64_t  optim_count(const optim_t *o);              /* updates so far */
void     optim_set_count(optim_t *o, int64_t n);
typedef struct { double lr, beta1, beta2, eps, decay, clip_norm; } adamw_t;
/* returns the gradient's norm; commits the model */
double   optim_step(optim_t *o, model_t *m, buf_t grad, const adamw_t *h);
double   lr_at(double lr, double warmup_fraction, int64_t step, int64_t steps);

/* data.c - which lists a step uses: a function of (seed, position), never of the rank */
typedef struct data data_t;
data_t *data_new(const bank_t *b, uint64_t seed);    /* the train suite's lists; b is borrowed */
data_t *data_items(int n, uint64_t seed);            /* 0..n-1 in place of lists, all as long as any */
void    data_free(data_t *d);
int     data_count(const data_t *d, int longest);    /* lists of at most `longest` candidates */
/* List at a position of the endless stream of reshuffled epochs over those lists. */
int     data_list(data_t *d, int longest, int64_t position);

/* fresh.c - lists of problems that are drawn and executed while the run goes on.  A unit is one step's worth: the
   problems of unit u are the numbers [u, u + 1) * problems of the train split. */
typedef struct fresh fresh_t;
/* [problems] and [data] of the deck; lists for so many prompts a unit.  Verdicts stand in DIR/verdicts. */
fresh_t *fresh_new(const deck_t *d, grading_t *g, const char *dir, int prompts);
/* what was executed since the last time, as DIR/verdicts/step-*.h5.  collective */
void     fresh_save(fresh_t *f, int64_t step);
void     fresh_free(fresh_t *f); /* collective over the clients: what is being executed is cancelled */
/* Draws the units [unit, unit + units) and sends their programs to be executed; step: where the run stands. */
void     fresh_begin(fresh_t *f, int64_t unit, int units, int64_t step);
void     fresh_poll(fresh_t *f);                     /* local: takes answers, sends more; cheap: call it often */
/* Their executed problems and lists, in order of the unit, perhaps some units more; borrowed until the next take.
   NULL: stop(ctx) was true on some rank while they waited. collective */
const bank_t *fresh_take(fresh_t *f, int64_t unit, int units, int64_t step, int (*stop)(void *ctx), void *ctx);
int      fresh_unit(const fresh_t *f, const bank_t *b, int list);    /* which of the units just taken: 0.. */

/* judged.c - a prompt and its judged completions, wherever they are from */
typedef struct {
    int32_t  list, candidates, right; /* in the problem file; how many letters; the right one's index */
    int64_t  step, made;             /* learned from in this step; sampled by the parameters of so many steps */
    prompt_t prompt;                 /* its tokens are its own; item: its number among those of its draw */
    int      n;                      /* completions */
    traj_t  *traj;                   /* [n], its own, as are the next three */
    reward_t *reward;
    text_t  *text;
    float   *advantage;
    int      some;                   /* there is something to learn from it */
    int      chosen, rejected;       /* objective pair: which two; -1: no pair */
    double   reference[2];           /* ... and their log-probabilities under the start, where has_reference */
    int      has_reference;
} judged_t;
judged_t judged_new(int32_t list, const prompt_t *p, int n);         /* takes the prompt's tokens */
void     judged_reset(judged_t *j);
typedef struct { judged_t *item; int n, cap; } judged_list_t;        /* {0} is empty */
void     judged_clear(judged_list_t *l);
void     judged_free(judged_list_t *l);
/* A row for each completion; borrowed; how many. */
int      judged_records(const judged_list_t *l, record_t **rows);
/* Rows of one prompt stand together; owner(ctx, item) != 0: taken.  Appends. */
void     judged_from_records(judged_list_t *to, const record_t *rows, int64_t n, int (*owner)(void *ctx, int item),
                             void *ctx);

/* trainer.c, source.c, quit.c, resume.c - a run: all that hangs together from its first page to its last, cut by how
   long it lives */
enum { PHASE_DRAW, PHASE_GENERATE, PHASE_JUDGE, PHASE_REWARD, PHASE_ADVANTAGE, PHASE_LEARN, PHASE_REDUCE,
       PHASE_UPDATE, PHASE_RECORD, PHASES };
typedef enum { RUN_TRAIN, RUN_SFT } run_kind_t;

typedef struct {                     /* what the deck says; as long as the run */
    run_kind_t kind;
    deck_t    *deck;                 /* borrowed */
    char      *dir, *deck_text;      /* run directory; the effective deck */
    recipe_t   recipe;
    sampler_t  sampler, eval;        /* of training; of the evaluations */
    uint64_t   seed;
    int64_t    steps;
    int        micro_tokens, max_tokens, record_every, eval_every;
    size_t     planned;              /* bytes */
} settings_t;

typedef struct {                     /* who computes */
    group_t   *group;                /* compute ranks; borrowed */
    grading_t *grading;              /* borrowed; NULL: nothing is executed */
    int        rank, ranks;
} team_t;

typedef struct offline offline_t;
typedef struct {                     /* where lists and answers come from */
    bank_t     file;                 /* data.problems */
    const bank_t *bank;              /* &file, or the fresh problems taken last */
    data_t    *data;                 /* NULL when fresh or offline */
    fresh_t   *fresh;                /* NULL when from a file or offline */
    offline_t *offline;              /* data.rollouts; NULL: answers are sampled */
} source_t;

typedef struct {                     /* models, and the memory to work in */
    const ops_t *ops;
    tokenizer_t *tokenizer;
    template_t *template;
    model_t   *model, *reference;    /* reference NULL: none is kept */
    optim_t   *optim;
    engine_t  *engine, *eval_engine; /* NULL where not needed */
    acts_t    *acts;
    buf_t      grad;
    int64_t    count;
} net_t;

typedef struct {                     /* counters of all ranks since the run began; in every checkpoint */
    int64_t step;                    /* updates done, those that had nothing to learn included */
    int64_t empty;                   /* ... how many these were: they changed nothing */
    /* completions (sft: written answers): drawn = judged = learned + dropped + those that wait in the block */
    int64_t drawn, judged, learned, dropped;
    int64_t left_out;                /* lists whose prompt (sft: or answer) is too long */
    int64_t prefilled, sampled, trained;             /* tokens */
    int64_t reference_step;          /* the reference is the policy after so many updates */
    int64_t position, units;         /* of the data: lists drawn from a file; units of fresh problems */
    int64_t block_end;               /* the block holds what is learned from before this step */
    int64_t tried, kept;             /* with refilling, the last block: prompts drawn, and groups with a contrast */
    int64_t below;                   /* steps in a row whose reward was below that of the start */
    int64_t warned;                  /* headlines that were said, bit by bit (warn.c) */
    double  reward_start;            /* mean of the first steps' rewards */
    double  seconds, flops;
    hash_t  start, rollouts;         /* of the parameters that the run began with; of data.rollouts, zero: none */
} state_t;

enum { SUM_DRAWN, SUM_COUNTED, SUM_RIGHT, SUM_PARSED, SUM_TRUNCATED, SUM_REWARD, SUM_REWARD2,
       SUM_FORMAT, SUM_OVERLONG, SUM_LENGTH, SUM_MASKED, SUM_GROUPS, SUM_SKIPPED, SUM_FILTERED, SUM_SURPLUS,
       SUM_LEFT_OUT, SUM_PREFILLED, SUM_SAMPLED, SUM_TRAINED, SUM_LEARNED, SUM_LOSS,
       SUM_KL, SUM_CLIPPED, SUM_ENTROPY, SUM_WEIGHED, SUM_FLOPS, SUM_LEARN_FLOPS, SUM_PAIRS, SUM_PAIR_RIGHT, SUM_MARGIN,
       SUM_FLUSH, SUMS };

typedef struct {                     /* one step, on this rank */
    judged_list_t judged;            /* what it learns from */
    double     denom, lr, grad_norm;
    int64_t    used;                 /* completions with something to learn, over all ranks */
    int        taken, rounds;        /* groups or pairs of all ranks; rounds of sampling */
    double     sum[SUMS], length_max, mismatch, age; /* age: steps since the samples were made */
    double     mark, started, phase[PHASES];         /* seconds */
} step_t;

typedef struct { judged_t *j; int i, row, n; } member_t;              /* j->traj[i] has rows [row, row + n) */
typedef struct {                     /* one micro-batch of a step and its [max_tokens] rows */
    batch_t    batch;
    float     *logp, *ref_logp, *entropy, *coef;
    member_t  *member;               /* [max_tokens] */
    int        n_member;
    int        pull;                 /* 1: ref_logp is the reference's */
} micro_t;

typedef struct {                     /* what people are told */
    metrics_t *metrics;
    int64_t    first_step, saved_step;
    double     started, pace, flush_at, phase_sum[PHASES];
} book_t;

typedef struct {                     /* the wish to stop */
    group_t   *mail;                 /* the compute ranks, for the word that one was asked */
    int        stop, told, heard;    /* asked to stop; said so to the others; how many said so */
    double     look_at;
} quit_t;

typedef struct {
    settings_t set;                  /* a run: from its first page to its last */
    team_t     team;
    source_t   src;
    net_t      net;
    book_t     book;
    quit_t     quit;
    state_t    state;                /* its state: in every checkpoint, beside parameters and moments */
    judged_list_t block;             /* ... what was sampled and not yet learned, in order of the step */
    step_t     step;                 /* a step */
    micro_t    micro;
} trainer_t;

/* Reads the deck, begins or continues the directory, prints the first page with the plan, allocates.  grading may be
   NULL where nothing is executed.  collective(group) */
trainer_t *trainer_open(run_kind_t kind, deck_t *d, const char *dir, group_t *group, grading_t *grading,
                        const char *first_page);
void    trainer_close(trainer_t *r, int code);       /* last page; frees.  collective(group) */
/* local: rewards and lengths into the step's sums */
void    trainer_count(trainer_t *r, const judged_t *j);
void    trainer_phase(trainer_t *r, int phase);      /* local: the time since the last call was that phase's */
void    trainer_begin(trainer_t *r);                 /* local: sums to zero, clocks started, reference reset if due */
void    trainer_clear(trainer_t *r);                 /* local: frees the step's completions */
/* What must be computed before the first step, once; 1: abandoned, since the run is to stop.  collective(group) */
int     trainer_prepare(trainer_t *r);
void    trainer_encode(trainer_t *r, const text_t *t, int32_t **token, int *n);   /* local: new block */
int     trainer_owns(const trainer_t *r, int64_t item);               /* local: items are dealt to the ranks in turn */
void    trainer_save(trainer_t *r);                  /* resume.c: checkpoint.  collective(group) */
/* resume.c: configuration, then all state, of the newest checkpoint; fails where the decks differ.
   collective(group) */
ckpt_t *resume_open(trainer_t *r);
void    resume_state(trainer_t *r, ckpt_t *c);

/* source.c - lists and answers.  collective(group) */
void    source_open(trainer_t *r);                   /* problem file, fresh problems */
void    source_open_offline(trainer_t *r);           /* rollout files, once model and state are there */
void    source_close(trainer_t *r);

/* quit.c */
int     trainer_asked(trainer_t *r);                 /* this rank was asked to stop, or heard of it; local, cheap */
int     trainer_stopping(trainer_t *r);              /* any was asked; the same on all ranks.  collective(group) */
void    quit_settle(trainer_t *r);                   /* no word is on the wire any more.  collective(group) */

/* rundir.c - the folder of a run */
char   *rundir_path(const deck_t *d, const char *deck_path);   /* run.dir with %n filled in; new */
/* 1: there is a checkpoint to continue.  collective(g) */
int     rundir_prepare(group_t *g, const char *dir, int resume);
/* writes deck.in, once the deck is known to suit the run.  rank 0 */
void    rundir_deck(group_t *g, const char *dir, const char *deck);

/* ready.c - what a verb will refuse of a model, before anything is loaded.  local, the same on every rank */
typedef struct {
    const deck_t *deck;              /* [model] dtype, [prompt] */
    const char   *dir;               /* model directory, or a config.json */
    const model_config_t *config;    /* a checkpoint's, with its weights; NULL: the directory's are looked at */
    int    config_will_do;           /* the directory may be a config.json alone: the rest is not looked at then */
    int    asks;                     /* questions are put: the template must be decided */
    int    longest;                  /* tokens of prompt and answer together, at most; 0: not looked at */
    const char *answer_key;          /* of the deck, for that answer */
    int    eval_new;                 /* tokens of an evaluation's answer; 0: there are none */
    const char *eval_key;            /* of the deck, for that; NULL: eval.max_new */
} ready_want_t;
typedef struct {
    ready_want_t want;
    model_config_t config;
    int    has_config, alone;        /* it could be read; there is nothing else */
    dtype_t held;                    /* in which the model is to be held */
    tokenizer_t *tokenizer;          /* NULL: could not be opened, or was not looked at; so is template */
    template_t  *template;
    char **why; int n, cap;          /* what stands in the way, in words */
    int    code;                     /* of the first */
} ready_t;
ready_t ready_look(const ready_want_t *want);        /* what want points to is borrowed */
void    ready_add(ready_t *r, int code, const char *message);   /* one more; copied */
/* ends the program, with all of it, where there is any.  collective(g) */
void    ready_refuse(const ready_t *r, group_t *g);
void    ready_free(ready_t *r);                      /* also tokenizer and template, unless the caller took them */

/* plan.c - what a run will take, before anything is loaded.  local */
/* bound: it may come to that, and is in no sum */
typedef struct { const char *name; size_t bytes; int bound; } plan_t;
plan_t  plan_line(const char *name, size_t bytes);
enum { PLAN_LINES = 16 };
/* kind, deck, group are set: the deck's sizes */
void    plan_read(trainer_t *r);
void    plan_check(const trainer_t *r);              /* CODE_USAGE: its recipe contradicts itself.  collective(group) */
ready_want_t ready_of_run(const trainer_t *r);       /* ready.c: of a run whose plan was read */
void    plan_effective(trainer_t *r, dtype_t held);       /* what the deck leaves open: type and question */
void    plan_fit(trainer_t *r, const model_config_t *c); /* prompts of evaluations end where the model's positions do */
/* Fill p, return how many lines: memory of each of `ranks` ranks (kind, ops and what plan_read fills are set); files of
   the run. */
int     plan_memory(plan_t *p, const trainer_t *r, const model_config_t *c, int ranks);
int     plan_files(plan_t *p, const trainer_t *r, const model_config_t *c);

/* report.c - what people read */
/* 0: so many bytes fit beside the program; else 1, and what would help is appended to why.  local */
int     plan_misfit(const plan_t *p, int n, size_t have, text_t *why);
/* prints; CODE_FIT where it does not fit.  collective(group) */
void    report_plan(trainer_t *r, const plan_t *p, int n);
void    report_open(trainer_t *r);                   /* run.h5 */
void    report_step(trainer_t *r);                   /* sums over ranks, metrics row, one line.  collective(group) */
void    report_last(trainer_t *r, int code); /* balance, time by phase, memory against plan.  collective(group) */

/* learn.c - forward, loss, backward over the step's completions in micro-batches.  local */
enum { LEARN_CHUNK = 8 << 20 };                      /* gradients on the host at a time while ranks sum them */
/* Sets coef of every row of the micro-batch.  A group's used completions are never in two of them where they fit. */
typedef void weigh_t(trainer_t *r, micro_t *m);
/* use(j, i) != 0: completion i takes part; whole: the prompt's tokens are predicted too. */
typedef int  use_t(const trainer_t *r, const judged_t *j, int i);
void    learn_run(trainer_t *r, use_t *use, int whole, weigh_t *weigh);
/* logp[sum of n_token], in order, of completions t[n] of one prompt, which is computed once for as many as acts, made
   for max_tokens, can hold.  Returns the FLOPs.  local */
double  learn_score(acts_t *acts, int max_tokens, const model_t *m, const prompt_t *p, const traj_t *t, int n,
                    float temperature, float *logp);
void    learn_reduce(trainer_t *r);                  /* gradient summed over the ranks.  collective(group) */
void    learn_update(trainer_t *r);                  /* clip, AdamW: the parameters change here, only here.  local */

/* rate.c - warm-up, then constant, linear or cosine to a fraction.  [recipe] of a deck */
double  rate_at(const deck_t *d, int64_t step, int64_t steps);

/* gather.c - the block: draws prompts, samples, judges, filters, refills, for as many steps as one set of parameters
   samples for.  1: abandoned.  collective(group) */
int     gather_run(trainer_t *r);
enum { GATHER_MOST = 2 };                            /* blocks that a round of refilling draws at most */
/* Prompts of a round that is to find `missing` groups, where of `drawn` prompts before `kept` were such; drawn 0:
   unknown.  local */
int     gather_draws(int missing, int most, int64_t drawn, int64_t kept);
/* local: the recipe's filter takes the group out */
int     gather_filtered(const recipe_t *c, const judged_t *j);

/* origin.c - where the answers of a rollout file are from, as attributes of its root */
typedef struct {
    char  *model;                    /* where its parameters were read */
    hash_t params, tokenizer, prompt;                /* of these; of tokenizer.json; of how questions are put */
    char   mode[16];
    double temperature, top_p;
} origin_t;
hash_t   origin_prompt(const template_t *t, answer_mode_t mode);     /* any other word of a question changes it */
hash_t   origin_tokenizer(const char *dir);
/* As a run samples, and asks; without params, which move; model is borrowed. */
origin_t origin_of_run(const trainer_t *r);
void     origin_put(h5_t *f, const origin_t *o);     /* collective over the file's group */
int      origin_get(h5_t *f, origin_t *o);           /* 0: the file says nothing; model is new */

/* rollouts.c, rollouts_file.c, rollouts_take.c - answers that were sampled before, of one or more files: an index in
   memory, the rest read when used */
typedef struct rollouts rollouts_t;
typedef struct {                     /* one completion */
    int32_t file, row, question;     /* question: which prompt, over all files; a group is a file's rows of one */
    int32_t list, sample, candidates, right, n_prompt, n_token, truncated;
    reward_t reward;
    int64_t sum;                     /* record_sum of the row */
} rollout_t;
typedef struct {                     /* what a run can use */
    origin_t is;
    int ratio, any_model;            /* objective with a ratio: log-probabilities at is.temperature, of is.params */
    int vocab;
} rollouts_want_t;
/* FILES, comma-separated.  CODE_DATA: one that cannot be used, or they disagree about a list.  collective(g) */
rollouts_t *rollouts_open(group_t *g, const char *files, const rollouts_want_t *want);
void     rollouts_free(rollouts_t *p);
int      rollouts_files(const rollouts_t *p);
const origin_t *rollouts_origin(const rollouts_t *p, int file);
int64_t  rollouts_count(const rollouts_t *p);        /* completions, in order of (question, file, row) */
const rollout_t *rollouts_at(const rollouts_t *p, int64_t i);
hash_t   rollouts_hash(const rollouts_t *p);         /* of all rows, in that order, and who answered */
/* The prompt and completions at[n] of one question; their log-probabilities are those at the temperature, or absent
   (NULL) where the file has none such.  local */
judged_t rollouts_take(rollouts_t *p, const int64_t *at, int n, double temperature);

/* offline.c, offline_pairs.c - data.rollouts in place of sampling */
offline_t *offline_open(trainer_t *r);               /* reads, forms groups or pairs.  collective(group) */
void     offline_free(offline_t *o);
hash_t   offline_hash(const offline_t *o);           /* of all answers */
int      offline_prepare(trainer_t *r);              /* reference log-probabilities of pairs; 1: to stop.  collective */
void     offline_fill(trainer_t *r);                 /* the next step's groups or pairs into the block.  local */

/* pairs.c - which two answers to one question form a pair */
typedef struct { int64_t chosen, rejected; double reference[2]; } pair_t;      /* chosen -1: a written answer */
typedef struct { int most, splice; uint64_t seed; } pairing_t;       /* [pairs] */
typedef struct { int questions, both, only_right, only_wrong, spliced; } pairing_count_t;
pair_t  *pairs_form(const rollouts_t *p, const pairing_t *how, int *n, pairing_count_t *count);       /* new array */
/* Of what the reference's numbers depend on beside its parameters; written: of the problem file whose lists written
   answers are to, zero: there are none. */
hash_t   pairs_hash(const rollouts_t *p, const pair_t *pair, int n, double temperature, hash_t written);
/* The pairs with the reference's log-probabilities (kind "pairs"), of parameters `params`.  collective(g) */
void     pairs_write(group_t *g, const char *path, const char *deck, hash_t params, hash_t of, const pair_t *p, int n);
/* 0: there is no such file; 1: read.  CODE_DATA: of other parameters or other pairs.  collective(g) */
int      pairs_read(group_t *g, const char *path, hash_t params, hash_t of, pair_t *p, int n);

/* warn.c - headlines: what a user would want to know at once, each once, with the key to turn.  local */
void     warn_step(trainer_t *r);

/* step.c, sft.c - one update.  0: done; 1: abandoned because the run is to stop, and nothing has changed.
   collective(group) */
int     step_run(trainer_t *r);
int     sft_run(trainer_t *r);
