/* Private to the grader's benchmark. */
#pragma once
#include "sandbox.h"

typedef struct {
    char folder[256], path[512];
} bare_t;
int bare_open(bare_t *b);                           /* a folder; 0: none could be made */
const char *bare_path(bare_t *b, const char *name); /* valid until the next call */
/* an executable file; 0: failed */
int bare_put(bare_t *b, const char *name, const char *s, size_t n);
void bare_close(bare_t *b, const char *const *names); /* removes these and the folder */
/* Seconds of one run, mean over at_least seconds of them; 0: it did not end well. */
double bare_seconds(const char *const *argv, double at_least);

/* bench_bounds.c: times that must be bounded, and time limits that must be right. */
void bench_bounds(keeper_t *k, text_t *out);
