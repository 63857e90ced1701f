/* What offline.c and offline_pairs.c share. */
#pragma once
#include "rl.h"

typedef struct {
    int64_t first, end;
} range_t; /* completions of the index */

struct offline {
    rollouts_t *from;
    data_t *order; /* over groups or pairs */
    range_t *group;
    int n_group;
    pair_t *pair; /* objective pair */
    int n_pair;
    int prepared; /* the pairs have their reference */
};

/* Longer than sampler.max_prompt and recipe.max_new allow.  local */
int offline_too_long(const trainer_t *r, int n_prompt, int n_token);
/* Forms the pairs that fit the run's lengths.  collective(group) */
void offline_pairs_open(trainer_t *r, offline_t *o);
judged_t offline_pair(trainer_t *r, offline_t *o, int i); /* local */
