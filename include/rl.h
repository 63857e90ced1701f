/* Floor 8: from rewards to parameters. */
#pragma once
#include "rollout.h"

/* advantage.c */
typedef enum { ADV_GROUP_STD, ADV_MEAN_ONLY, ADV_POSITIVES } advantage_t;
/* A = (r-mean)/(std+1e-4) | r-mean | 1{correct} */
void advantage_group(float *a, const float *r, int g, advantage_t kind);

/* loss.c - the point in recipe space that a run uses */
typedef enum { RATIO_TOKEN, RATIO_SEQUENCE } ratio_t;
typedef enum { NORM_TOKEN, NORM_SEQUENCE, NORM_CONSTANT } normaliser_t;
typedef struct {
    const char *name;
    answer_mode_t mode;
    advantage_t advantage;
    ratio_t     ratio;
    normaliser_t normaliser;
    double clip_low, clip_high, kl_beta;
    int    reference_reset;          /* steps between hard resets of the reference; 0: never */
    int    group, max_new, overlong_cache;
    int    prompts;                  /* a step */
    double temperature;
    double lr, warmup_fraction, weight_decay, clip_norm, beta1, beta2, eps;
} recipe_t;

/* recipe.c (recipes.def), recipe_*.c - presets and the deck's changes to them */
#define RECIPE(id, name) extern const recipe_t recipe_##id;
#include "recipes.def"
#undef RECIPE
const recipe_t *recipe_find(const char *name);       /* NULL: unknown */
void recipe_names(text_t *out);
recipe_t recipe_read(const deck_t *d);               /* preset, then the deck's overrides of single constants */
void recipe_fill(deck_t *d); /* gives every key of [recipe] that nobody set the preset's value */


/* loss is weighted; kl, ratio_clipped count tokens */
typedef struct { double loss, kl, ratio_clipped, tokens; } loss_sums_t;
/* One trajectory's share.  coef[n] = dLoss/dlogp[t] (to be minimised); ref may be NULL (no KL); masked: contributes
   nothing. denom is the normaliser's denominator over the whole global batch. */
void loss_policy(float *coef, loss_sums_t *sums, const recipe_t *r, const float *logp, const float *old,
                 const float *ref,
                 int n, float advantage, double denom);

/* loss_pair.c - a chosen and a rejected answer to one prompt */
enum { PAIR_CHOSEN, PAIR_REJECTED };
/* loss is weighted; chosen, rejected: implied rewards, their difference is the margin; right: pairs with a margin
   above zero */
typedef struct { double loss, chosen, rejected, right, pairs; } pair_sums_t;
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
void    data_free(data_t *d);
int     data_count(const data_t *d, int longest);    /* lists of at most `longest` candidates */
/* List at a position of the endless stream of reshuffled epochs over those lists. */
int     data_list(data_t *d, int longest, int64_t position);

/* fresh.c - lists of problems that are drawn and executed while the run goes on */
typedef struct fresh fresh_t;
/* [problems] and [data] of the deck; lists for so many prompts a step.  Verdicts stand in DIR/verdicts. */
fresh_t *fresh_new(const deck_t *d, grading_t *g, const char *dir, int prompts);
/* what was executed since the last time, as DIR/verdicts/step-*.h5.  collective */
void     fresh_save(fresh_t *f, int64_t step);
void     fresh_free(fresh_t *f); /* collective over the clients: what is being executed is cancelled */
void     fresh_begin(fresh_t *f, int64_t step); /* draws the step's problems, sends their programs to be executed */
void     fresh_poll(fresh_t *f);                     /* local: takes answers, sends more; cheap: call it often */
/* The step's executed problems and lists; borrowed until the next take.  NULL: stop(ctx) was true on some rank while
   they waited. collective */
const bank_t *fresh_take(fresh_t *f, int64_t step, int (*stop)(void *ctx), void *ctx);

/* trainer.c, resume.c - a run: all that hangs together from its first page to its last */
enum { PHASE_DRAW, PHASE_GENERATE, PHASE_JUDGE, PHASE_REWARD, PHASE_ADVANTAGE, PHASE_LEARN, PHASE_REDUCE,
       PHASE_UPDATE, PHASE_RECORD, PHASES };
typedef enum { RUN_TRAIN, RUN_SFT } run_kind_t;

typedef struct {                     /* of all ranks since the run began; in every checkpoint */
    int64_t step;                    /* updates done */
    /* completions (sft: written answers): drawn = judged = learned + dropped */
    int64_t drawn, judged, learned, dropped;
    int64_t left_out;                /* lists whose prompt (sft: or answer) is too long */
    int64_t prefilled, sampled, trained;             /* tokens */
    int64_t reference_step;          /* the reference is the policy after so many updates */
    double  seconds, flops;
} state_t;

enum { SUM_DRAWN, SUM_RIGHT, SUM_PARSED, SUM_TRUNCATED, SUM_REWARD, SUM_REWARD2, SUM_FORMAT, SUM_OVERLONG, SUM_LENGTH,
       SUM_GROUPS, SUM_SKIPPED, SUM_LEFT_OUT, SUM_KEPT, SUM_KEPT_TOKENS, SUM_PREFILLED, SUM_SAMPLED, SUM_TRAINED,
       SUM_LEARNED, SUM_LOSS, SUM_KL, SUM_CLIPPED, SUM_ENTROPY, SUM_WEIGHED, SUM_FLOPS, SUM_FLUSH, SUMS };

typedef struct {
    run_kind_t kind;
    deck_t    *deck;                 /* borrowed */
    char      *dir, *deck_text;      /* run directory; the effective deck */
    recipe_t   recipe;
    sampler_t  sampler, eval;        /* of training; of the evaluations */
    uint64_t   seed;
    int64_t    steps;
    int        micro_tokens, max_tokens, record_every, eval_every;

    group_t   *group;                /* compute ranks; borrowed */
    group_t   *mail;                 /* the same ranks, for the word that one was asked to stop */
    grading_t *grading;              /* borrowed; NULL: nothing is executed */
    int        rank, ranks;

    const ops_t *ops;
    tokenizer_t *tokenizer;
    template_t *template;
    model_t   *model, *reference;    /* reference NULL: no KL */
    optim_t   *optim;
    engine_t  *engine, *eval_engine; /* NULL where not needed */
    acts_t    *acts;
    buf_t      grad;
    int64_t    count;

    bank_t     file;                 /* data.problems */
    const bank_t *bank;              /* this step's: &file, or fresh problems */
    data_t    *data;                 /* NULL when fresh */
    fresh_t   *fresh;                /* NULL when from a file */

    state_t    state;
    metrics_t *metrics;
    int64_t    first_step, saved_step;
    int        stop, told, heard;    /* asked to stop; said so to the others; how many said so */
    size_t     planned;
    double     started, mark, step_started, pace, flush_at, look_at, phase[PHASES], phase_sum[PHASES];

    /* this step, on this rank */
    int        group_size, n_prompt; /* completions of a prompt, prompts */
    int32_t   *list;                 /* [n_prompt], into bank->list */
    prompt_t  *prompt;               /* [n_prompt] */
    traj_t    *traj;                 /* [n_prompt * group_size], as are the next three */
    reward_t  *reward;
    float     *advantage;
    text_t    *text;
    int        cap_prompt;
    batch_t    batch;                /* one micro-batch and its [max_tokens] rows */
    float     *logp, *ref_logp, *entropy, *coef;
    int       *member, n_member;     /* trajectories in it, [max_tokens] */
    double     denom, lr, grad_norm;
    double     sum[SUMS], length_max, mismatch;
} trainer_t;

/* Reads the deck, begins or continues the directory, prints the first page with the plan, allocates.  grading may be
   NULL where nothing is executed.  collective(group) */
trainer_t *trainer_open(run_kind_t kind, deck_t *d, const char *dir, group_t *group, grading_t *grading,
                        const char *first_page);
void    trainer_close(trainer_t *r, int code);       /* last page; frees.  collective(group) */
int     trainer_asked(trainer_t *r);                 /* this rank was asked to stop, or heard of it; local, cheap */
int     trainer_stopping(trainer_t *r);              /* any was asked; the same on all ranks.  collective(group) */
void    trainer_phase(trainer_t *r, int phase);      /* local: the time since the last call was that phase's */
/* local: space for so many prompts and their completions */
void    trainer_room(trainer_t *r, int n_prompt, int group_size);
void    trainer_begin(trainer_t *r);                 /* local: sums to zero, clocks started, reference reset if due */
void    trainer_clear(trainer_t *r);                 /* local: frees the step's trajectories */
void    trainer_encode(trainer_t *r, const text_t *t, int32_t **token, int *n);   /* local: new block */
void    trainer_share(const trainer_t *r, int n, int *first, int *last);          /* local: this rank's part of 0..n */
void    trainer_save(trainer_t *r);                  /* resume.c: checkpoint.  collective(group) */
/* resume.c: configuration, then all state, of the newest checkpoint; fails where the decks differ.
   collective(group) */
ckpt_t *resume_open(trainer_t *r);
void    resume_state(trainer_t *r, ckpt_t *c);

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
typedef struct { const char *name; size_t bytes; } plan_t;
enum { PLAN_LINES = 16 };
/* kind, deck, group are set: the deck's sizes */
void    plan_read(trainer_t *r);
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

/* learn.c - forward, loss, backward over the step's trajectories in micro-batches.  local */
enum { LEARN_CHUNK = 8 << 20 };                      /* gradients on the host at a time while ranks sum them */
/* coef[n] of trajectory i, whose rows' log-probabilities are logp[n]; ref NULL: no reference. */
typedef void weigh_t(trainer_t *r, int i, float *coef, const float *logp, const float *ref, int n);
/* use[i] != 0: trajectory i takes part; whole: the prompt's tokens are predicted too. */
void    learn_run(trainer_t *r, const char *use, int whole, weigh_t *weigh);
void    learn_reduce(trainer_t *r);                  /* gradient summed over the ranks.  collective(group) */
void    learn_update(trainer_t *r);                  /* clip, AdamW: the parameters change here, only here.  local */

/* rate.c - warm-up, then constant, linear or cosine to a fraction.  [recipe] of a deck */
double  rate_at(const deck_t *d, int64_t step, int64_t steps);

/* step.c, sft.c - one update.  0: done; 1: abandoned because the run is to stop, and nothing has changed.
   collective(group) */
int     step_run(trainer_t *r);
int     sft_run(trainer_t *r);
