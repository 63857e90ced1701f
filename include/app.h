/* Floor 10: verbs.  main.c is a table; each verb_*.c reads a deck, builds, loops, reports. */
#pragma once
#include "eval.h"

typedef struct {                     /* what main hands to a verb */
    keeper_t *keeper;                /* started before MPI; NULL if the verb needs none */
    int    argc;                     /* arguments after the verb */
    char **argv;
} call_t;

/* A verb returns an exit code.  collective(world) */
int verb_train(call_t *c);    int verb_sft(call_t *c);      int verb_eval(call_t *c);
int verb_problems(call_t *c); int verb_grade(call_t *c);    int verb_init(call_t *c);
int verb_export(call_t *c);   int verb_sample(call_t *c);   int verb_score(call_t *c);
int verb_exec(call_t *c);     int verb_show(call_t *c);     int verb_bench(call_t *c);
int verb_help(call_t *c);
