/* Inside floor 6: where programs are changed, and how changes are listed. */
#pragma once
#include "testbed/ast.h"

typedef struct {
    int16_t node, parent;
    char slot; /* of the parent: 'a', 'b', 'c', 'n'ext; parent 0: the body, or 'f' the function's */
    int8_t depth;
    uint16_t known; /* variables that have a value wherever this is reached */
} site_t;

typedef int (*accept_t)(const ast_t *t, const site_t *s);
/* A random site that `accept` likes; 0 if there is none. */
int site_choose(const ast_t *t, rng_t *r, accept_t accept, site_t *out);
/* e stands at the site from now on. */
void site_put(ast_t *t, const site_t *s, int e);
int site_knows(const site_t *s, int var);

int site_kind(const ast_t *t, const site_t *s);
int site_op(const ast_t *t, const site_t *s);
int site_is_compare(const ast_t *t, const site_t *s);
int site_is_order(const ast_t *t, const site_t *s);

typedef struct {
    const char *name;
    int (*apply)(ast_t *, rng_t *); /* 1: done */
} mutation_t;
/* Tries them in random order until one applies: its name, or NULL. */
const char *mutate_any(ast_t *t, rng_t *r, const mutation_t *m, int n);

int mutation_lost_sign(ast_t *t, rng_t *r); /* both weak and strong */
/* mutate_subtle.c */
int mutation_wrong_start(ast_t *t, rng_t *r);
int mutation_missed_edge(ast_t *t, rng_t *r);
int mutation_wrong_tie(ast_t *t, rng_t *r);
int mutation_swapped_bounds(ast_t *t, rng_t *r);
