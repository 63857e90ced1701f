/* What bench_recipes.c, bench_recipes_say.c and bench_pairs.c share. */
#pragma once
#include "app.h"

/* Keys of every trainer here: no end, no evaluations, no movement. */
#define EVERY                                                                   \
    "run.steps=1000000000", "run.eval_every=0", "run.resume=no", "recipe.lr=0", \
        "recipe.record_every=0", "data.source=file"

enum { VISIT = 4, MOST = 101 }; /* steps of a turn, rounds at most */

typedef struct { /* one turn */
    double wall, phase[PHASES], sampled, trained, flops, learn_flops;
    double rounds, groups, surplus;
    int blocks;
} turn_t;

typedef struct {
    const char *name, *key[4];
    deck_t *deck;
    trainer_t *trainer;
    turn_t turn[MOST];
} runner_t;

typedef struct {
    group_t *world;
    char **argv; /* deck and the user's overrides */
    int argc;
    char folder[512];
    int n; /* rounds so far */
    collected_t collected[MOST];
} recipes_t;

/* bench_recipes.c: decks of the user's with these keys too (a value may hold one %s, the folder); their trainers */
deck_t *recipes_deck(const recipes_t *b, const char *const *key, int n);
trainer_t *recipes_open(const recipes_t *b, deck_t *d, const char *name);
void recipes_close(const recipes_t *b, trainer_t *t, deck_t *d);
/* bench_recipes_say.c: RESULT lines; of those that are numbers */
double recipes_median(double *x, int n);
void recipes_say(const recipes_t *b, const runner_t *r, const runner_t *grpo);
void recipes_say_collect(const recipes_t *b, const runner_t *grpo);
/* bench_pairs.c */
void recipes_pairs(const recipes_t *b);
