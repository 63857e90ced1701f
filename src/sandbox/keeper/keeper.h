/* Private to the rank's side of its keeper: keeper.c and keeper_watch.c. */
#pragma once
#include "warden.h"

typedef struct {
    int64_t ticket;
    int n_test;
    text_t job; /* wire form, to be sent again */
} promise_t;

typedef struct { /* one of the two processes */
    pid_t pid;   /* 0: none */
    pipe_end_t to;
    double asked; /* when the question went that is not answered; 0: none */
    int stopped;  /* looks in a row that found it stopped */
} end_t;

struct keeper {
    end_t now, spare;
    int nursery, brood;               /* datagram pair; brood: a spare was asked for */
    int launchers, known, wants_info; /* known: INFO has come */
    int beat_ms, lost_ms, barren;
    double looked, look_at;
    text_t config, place;
    limits_t limits;
    languages_t languages;
    char *mode, *found[LANG_MOST]; /* "+" tool-chain, "-" why there is none; NULL: not asked for */
    promise_t *promise;            /* submitted, not yet answered */
    int n_promise, cap_promise;
    done_t **ready; /* answered, not yet returned */
    int n_ready, cap_ready;
    keeper_stats_t stats, before; /* before: of keepers that are gone */
};

/* To the working keeper, as far as its socket takes it. */
void keeper_tell(keeper_t *k, int kind, const text_t *t);
/* Ends one of the two, whatever state it is in. */
void keeper_end(end_t *e);
void keeper_forget(keeper_t *k, int promise);
void keeper_hear(keeper_t *k, end_t *e); /* takes what has come from one of them */
void keeper_take_spare(keeper_t *k);     /* the one that a keeper has forked, if it is there */
void keeper_look_after(keeper_t *k);     /* replaces what is lost; cheap, called in every poll */
