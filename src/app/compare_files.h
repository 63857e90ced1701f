/* What verb_compare.c and compare_files.c share: files of evaluations and choices, and which of them
   belong together. */
#pragma once
#include "app.h"

enum { COMPARE_MOST = 26 }; /* names: A to Z */

typedef struct {
    int name;           /* which of the command line's: 0 is A */
    char *path, *block; /* files with the same block belong together */
    const char *suite;
    int select, imported; /* of choices; how many of its lists have imported labels */
    eval_file_t eval;     /* one of the two */
    select_file_t choice;
    int least, most; /* answers to a list */
    unit_t *unit;    /* of a block that was made */
    int units;
} rival_t;
typedef struct {
    rival_t *item;
    int n, cap;
} rivals_t;
/* Of files and folders; CODE_DATA.  local */
rivals_t rivals_read(char *const *name, int n);
void rivals_free(rivals_t *all);

typedef struct {
    rival_t *rival[COMPARE_MOST]; /* borrowed, in order of names */
    int n;
    int samples, programs; /* answers to each list; of choices: among how many programs */
    int lists;             /* units of each, pairwise in the same place */
} block_t;
/* Fills in the rest.  samples 0: all; common: lists that only some have are left out, else refused.
   CODE_DATA, CODE_USAGE */
void block_make(block_t *b, int samples, int common);
