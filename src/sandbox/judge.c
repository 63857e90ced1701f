/* Comparing what a program printed with what it should have printed.

   Bytes all the way: outputs may hold NULs and invalid UTF-8 and are never decoded.
   White space is the ASCII six.  tokens: the same sequence of maximal non-space runs.
   exact: every byte.  float: the same number of tokens; where the expected token is a
   number in strict grammar ([+-]digits[.digits][e[+-]digits], at least one digit) the
   other must be one too and |a - b| <= 1e-6 max(1, |b|), written so that NaN fails;
   other tokens must be the same bytes. Cost: one walk over both. */
#include "sandbox.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static size_t next_token(const char *s, size_t n, size_t *at)
{
    while (*at < n && is_space(s[*at]))
        (*at)++;
    size_t from = *at;
    while (*at < n && !is_space(s[*at]))
        (*at)++;
    return *at - from;
}

static int number(const char *s, size_t n, double *x)
{
    char copy[64];
    size_t i = 0, digits = 0;
    if (n == 0 || n >= sizeof copy)
        return 0;
    i += s[i] == '+' || s[i] == '-';
    for (; i < n && s[i] >= '0' && s[i] <= '9'; i++)
        digits++;
    if (i < n && s[i] == '.')
        for (i++; i < n && s[i] >= '0' && s[i] <= '9'; i++)
            digits++;
    if (!digits)
        return 0;
    if (i < n && (s[i] == 'e' || s[i] == 'E')) {
        i++;
        i += i < n && (s[i] == '+' || s[i] == '-');
        if (i == n)
            return 0;
        for (; i < n && s[i] >= '0' && s[i] <= '9'; i++) {
        }
    }
    if (i != n)
        return 0;
    memcpy(copy, s, n);
    copy[n] = 0;
    *x = strtod(copy, NULL);
    return isfinite(*x);
}

static int same_token(check_t c, const char *a, size_t n_a, const char *b, size_t n_b)
{
    double x, y;
    if (n_a == n_b && !memcmp(a, b, n_a))
        return 1;
    if (c != CHECK_FLOAT || !number(b, n_b, &y) || !number(a, n_a, &x))
        return 0;
    return fabs(x - y) <= 1e-6 * fmax(1, fabs(y));
}

int judge(check_t c, const char *got, size_t n_got, const char *want, size_t n_want,
          int64_t *where)
{
    *where = -1;
    if (c == CHECK_EXACT) {
        size_t n = n_got < n_want ? n_got : n_want, i = 0;
        while (i < n && got[i] == want[i])
            i++;
        if (i == n_got && i == n_want)
            return 1;
        *where = (int64_t)i;
        return 0;
    }
    size_t a = 0, b = 0;
    for (int64_t i = 0;; i++) {
        size_t n_a = next_token(got, n_got, &a), n_b = next_token(want, n_want, &b);
        if (!n_a && !n_b)
            return 1;
        if (!n_a || !n_b || !same_token(c, got + a - n_a, n_a, want + b - n_b, n_b)) {
            *where = i;
            return 0;
        }
    }
}
