/* late.c - characters younger than the Unicode tables in use.  Inside floor 4 only. */
#pragma once
#include "io.h"

/* Appends, for a class of a regular expression, the ranges of Unicode 15 to 16 whose category
   begins so ("L", "Lu"). */
void late_class(const char *category, text_t *out);
/* The category of a character of Unicode 15 to 16; NULL: of an earlier or later one. */
const char *late_category(int32_t code_point);
/* Has this character no normalisation properties in the `tokenizers` package? */
int late_bare(int32_t code_point);
