/* What offline.c and offline_pairs.c share. */
#pragma once
#include "rl.h"

struct offline {
    rollouts_t *from;
    data_t *order;  /* over groups or pairs */
    int64_t *group; /* [n_group][2]: completions [first, end) of the index */
    int n_group;
    pair_t *pair; /* objective pair */
    int n_pair;
    int prepared; /* the pairs have their reference */
};

/* Forms the pairs that fit the run's lengths.  collective(group) */
void offline_pairs_open(trainer_t *r, offline_t *o);
judged_t offline_pair(trainer_t *r, offline_t *o, int i); /* local */
