/* What rollouts.c, rollouts_file.c and rollouts_take.c share. */
#pragma once
#include "rl.h"
#include <sys/stat.h>

typedef struct {
    char *path;
    struct stat is; /* which file */
    origin_t origin;
    h5_t *own; /* this rank's handle */
    int64_t n, *prompt_at, *token_at, *one_at;
} rollout_file_t;

struct rollouts {
    group_t *g;
    rollouts_want_t want;
    rollout_file_t *file;
    int n_file, cap_file;
    rollout_t *item;
    hash_t *prompt; /* of each item's prompt, while opening */
    hash_t of;
    int64_t n;
};

/* The file as one more of p: its rows behind those that are there, and their prompts' hashes.  CODE_DATA: it cannot be
   used, or is damaged.  collective */
void rollouts_add(rollouts_t *p, const char *path);
