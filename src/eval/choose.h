/* Inside floor 9: choices on their way.  choose.c draws who takes part and writes what came out, play.c
   plays the tournaments. */
#pragma once
#include "eval.h"

enum { SIZES = 8, PAIR_UNKNOWN = -2 };

typedef struct { /* a problem and its tournaments */
    int problem, lists;
    tournament_t *contest[SIZES];
    int asked[SIZES], silent[SIZES], chosen[SIZES];
    int8_t pair[ENTRANTS * ENTRANTS]; /* by who was shown first and second: winner, -1, unknown */
} case_t;

typedef struct {
    const asker_t *a;
    const choosing_t *c;
    int size[SIZES], sizes;
    case_t *of;
    int n, *entrant; /* [n][programs]: programs of the bank */
    trial_t *trial;
    double stall,
        next_poll; /* seconds with graders while the model works; when they are looked at */
    int stopped;
    int64_t questions, silent;
} choosing_now_t;

/* Plays until of[..].chosen is known; 1: abandoned.  local */
int play(choosing_now_t *w);
