/* normal.c - Unicode normal forms.  Inside floor 4 only. */
#pragma once
#include "io.h"

enum { NORMAL_FORMS = 4 };
typedef struct {
    int form[NORMAL_FORMS], n; /* applied in this order, as utf8proc options */
    /* a bit for each character that NFC may change or join to the one before */
    uint8_t unsafe[65536 / 8];
} normal_t;

/* NULL or why not: "NFC", "NFD", "NFKC", "NFKD" are known. */
const char *normal_add(normal_t *f, const char *name);
/* out = the normal form of valid UTF-8 s[n]; 0: s is its own normal form, out is not touched. */
int normal_apply(const normal_t *f, const char *s, size_t n, text_t *out);
