/* What bank_file.c and bank_grow.c share: the columns of a problem file. */
#pragma once
#include "io.h"

enum { BANK_PLAIN = 1, BANK_VERSION = 2 };   /* version 2: some pass rates are imported */

typedef struct { int checkers, calls, labels, grow; } bank_columns_t;    /* those that not every file has; grow: append */
void bank_put(h5_t *f, group_t *g, const bank_t *b, bank_columns_t with);
