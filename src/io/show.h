/* Inside io only: what show.c shows, by kind of file. */
#pragma once
#include "io.h"

void show_problems(const char *path, text_t *out); /* show_bank.c */
void show_metrics(h5_t *f, text_t *out);           /* show_run.c */
void show_rollout(h5_t *f, text_t *out);
void show_pairs(h5_t *f, text_t *out);
void show_eval(h5_t *f, text_t *out); /* show_eval.c */
void show_select(h5_t *f, text_t *out);
/* Every line of s behind a margin; NUL bytes as \0. */
void show_indented(text_t *out, const char *s, size_t len);
