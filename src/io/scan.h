/* scan.c - the common splitting rules on ASCII text, without a regular expression.  Inside floor 4
   only. */
#pragma once
#include <stddef.h>

typedef struct scan scan_t;
const scan_t *scan_find(const char *pattern); /* NULL: not one of the known rules */
/* The end of the rule's match at s[at] of s[n], at < n; 0: only the expression itself can tell. */
size_t scan_next(const scan_t *k, const char *s, size_t n, size_t at);
