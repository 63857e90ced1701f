/* Inside floor 5: the keeper's store of what launchers make for each other. */
#pragma once
#include "sandbox/language/languages.h"

typedef struct store store_t;
store_t *store_new(void);
/* Launcher i is reached by `to`, descriptors by `side`, until it is lost. */
void store_join(store_t *s, int i, pipe_end_t *to, int side);
void store_lost(store_t *s, int i);
/* MSG_ASK and MSG_MADE of launcher i. */
void store_hear(store_t *s, int i, int kind, wire_in_t *in);
/* share.c */
int share_send(int side, int fd); /* 0: could not */
int share_receive(int side);      /* -1: none came */
