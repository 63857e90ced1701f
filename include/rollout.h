/* Floor 7: prompts in, trajectories out.  Continuous batching over one page store. */
#pragma once
#include "testbed.h"

typedef struct {                     /* one completion */
    int      item, sample;           /* which prompt (caller's number) and which of its G */
    int32_t *token; int n_prompt, n_token; /* prompt + completion: token[n_prompt + n_token]; the trajectory's own */
    float   *logp;                   /* [n_token], at the sampling temperature */
    int      truncated;              /* ran into max_new before a stop token */
    int64_t  version;                /* of the parameters that made every token */
} traj_t;

typedef struct {                     /* [sampler] of a deck */
    sampling_t how;
    int  group, max_new;             /* G completions a prompt, tokens a completion */
    int  width;                      /* sequences decoded at once */
    int  max_prompt;
    int32_t stop[8]; int n_stop;
    uint64_t seed; uint32_t purpose; uint64_t step;  /* randomness: (seed, purpose, step, item*G+sample, position) */
} sampler_t;

/* sampler.c */
/* [sampler] of a deck: temperature, top_p, top_k, max_new, width, max_prompt, run.seed; group 1, no purpose yet. */
sampler_t sampler_read(const deck_t *d);
/* Adds tokens that end a completion, each once; CODE_DATA when they are more than there is room for. */
void      sampler_stop(sampler_t *s, const int32_t *id, int n);

/* engine.c */
typedef struct engine engine_t;      /* page store + workspace, sized once */
engine_t *engine_new(const model_config_t *c, const ops_t *ops, const sampler_t *s);
void      engine_free(engine_t *e);
size_t    engine_bytes(const model_config_t *c, const ops_t *ops, const sampler_t *s);
size_t    engine_page_bytes(const model_config_t *c, const ops_t *ops, const sampler_t *s); /* keys and values in it */

typedef struct { int item; const int32_t *token; int n; } prompt_t;
/* Generates s->group completions of each prompt; out[n*G] in order of (prompt, sample), whatever the batching.
   Each prompt is prefilled once.  each (may be NULL) is called as completions finish, and idle between
   decode steps; a nonzero return from idle abandons the phase (returns 1, out freed).  local */
int  engine_run(engine_t *e, const model_t *m, const sampler_t *s, const prompt_t *p, int n, traj_t *out,
                void (*each)(void *ctx, const traj_t *t), int (*idle)(void *ctx), void *ctx);
void traj_reset(traj_t *t);
double traj_flops(const model_config_t *c, const traj_t *t);         /* to sample it; its prompt is sample 0's */
typedef struct { int64_t prefilled, sampled, steps; double seconds; } engine_stats_t;
engine_stats_t engine_stats(const engine_t *e);      /* since engine_new */
