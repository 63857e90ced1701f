/* Floor 8: from rewards to parameters.  advantage.c loss.c optim.c recipe.c (recipes.def) run.c step.c sft.c */
#pragma once
#include "rollout.h"

/* advantage.c */
typedef enum { ADV_GROUP_STD, ADV_MEAN_ONLY, ADV_POSITIVES } advantage_t;
void advantage_group(float *a, const float *r, int g, advantage_t kind);     /* A = (r-mean)/(std+1e-4) | r-mean | 1{correct} */

/* loss.c - the point in recipe space that a run uses (testbed.md section 2) */
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
const recipe_t *recipe_find(const char *name);       /* NULL: unknown */
void recipe_names(text_t *out);
recipe_t recipe_read(const deck_t *d);               /* preset, then the deck's overrides of single constants */

typedef struct { double loss, kl, ratio_clipped, tokens; } loss_sums_t;
/* One trajectory's share.  coef[n] = dLoss/dlogp[t] (to be minimised); ref may be NULL (no KL); masked: contributes nothing.
   denom is the normaliser's denominator over the whole global batch. */
void loss_policy(float *coef, loss_sums_t *sums, const recipe_t *r, const float *logp, const float *old, const float *ref,
                 int n, float advantage, double denom);

/* optim.c - AdamW over the one block */
typedef struct optim optim_t;
optim_t *optim_new(const model_t *m);
void     optim_free(optim_t *o);
size_t   optim_bytes(const model_config_t *c);
buf_t    optim_m(const optim_t *o);
buf_t    optim_v(const optim_t *o);
int64_t  optim_count(const optim_t *o);              /* updates so far */
void     optim_set_count(optim_t *o, int64_t n);
typedef struct { double lr, beta1, beta2, eps, decay, clip_norm; } adamw_t;
double   optim_step(optim_t *o, model_t *m, buf_t grad, const adamw_t *h);   /* returns the gradient's norm; commits the model */
double   lr_at(double lr, double warmup_fraction, int64_t step, int64_t steps);
