/* Inside floor 5: a table from content keys to numbers. */
#pragma once
#include "base.h"

typedef struct {
    hash_t *key;
    int64_t *value;
    int64_t n, cap;
} keymap_t; /* {0} is empty */
/* The value that stands under key; where none does, value is put there and returned. */
int64_t keymap_claim(keymap_t *m, hash_t key, int64_t value);
int64_t keymap_find(const keymap_t *m, hash_t key); /* -1: nothing; values are >= 0 */
void keymap_reset(keymap_t *m);
