/* How many of many numbers differ. */
#pragma once
#include <stdint.h>
#include <stdlib.h>

static inline int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

/* Sorts h[n]. */
static inline int distinct(uint64_t *h, int n)
{
    int u = 0;
    qsort(h, (size_t)n, sizeof *h, by_value);
    for (int i = 0; i < n; i++)
        u += i == 0 || h[i] != h[i - 1];
    return u;
}
