/* What bank_file.c and bank_grow.c share: the columns of a problem file. */
#pragma once
#include "io.h"

/* Version 2: some pass rates are imported; 3: outputs are compared, or programs built, as older
   programs would not do it. */
enum { BANK_PLAIN = 1, BANK_IMPORTED = 2, BANK_VERSION = 3 };
enum { VERDICTS_VERSION = 2 }; /* of verdict files; 1: without scores and messages */

/* those that not every file has; grow: append */
typedef struct {
    int checkers, calls, labels, compares, harnesses, accepts, words, edits, grow;
} bank_columns_t;
void bank_put(h5_t *f, group_t *g, const bank_t *b, bank_columns_t with);
int bank_compares(const compare_t *c); /* does it say anything? */
int bank_version(const bank_t *b);     /* of the file that b would be */
