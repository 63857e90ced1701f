/* Comparing what a program printed with what it should have printed.

   Bytes all the way: outputs may hold NULs and invalid UTF-8 and are never decoded.
   White space is the ASCII six.

     tokens   the same sequence of maximal non-space runs
     exact    every byte
     lines    line by line; white space at the end of a line and empty lines at the end
              do not count
     float    the same number of tokens; where the expected token is a number in strict
              grammar ([+-]digits[.digits][e[+-]digits], at least one digit, finite) the
              other must be one too and |a - b| <= absolute or |a - b| <= relative |b|,
              written so that NaN fails; other tokens must be the same bytes
     call     two values as calls.py writes them (one text for all equal values): the
              same bytes; with `float` numbers in them may differ as above
     special  is not compared here: a program decides (special.c)

   The first difference is told as a position (byte, token or line, from 0) with what
   stands there on both sides, cut to EXCERPT bytes. Cost: one walk over both. */
#include "box.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    const char *s;
    size_t n;
} piece_t;

static int is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static piece_t next_token(const char *s, size_t n, size_t *at)
{
    while (*at < n && is_space(s[*at]))
        (*at)++;
    size_t from = *at;
    while (*at < n && !is_space(s[*at]))
        (*at)++;
    return (piece_t){s + from, *at - from};
}

/* White space at its end is not part of a line. */
static piece_t next_line(const char *s, size_t n, size_t *at)
{
    const char *from = s + *at, *end = memchr(from, '\n', n - *at);
    size_t len = end ? (size_t)(end - from) : n - *at;
    *at += len + (end != NULL);
    while (len && is_space(from[len - 1]))
        len--;
    return (piece_t){from, len};
}

static size_t number_length(const char *s, size_t n)
{
    size_t i = n && (s[0] == '+' || s[0] == '-'), digits = 0;
    for (; i < n && s[i] >= '0' && s[i] <= '9'; i++)
        digits++;
    if (i < n && s[i] == '.')
        for (i++; i < n && s[i] >= '0' && s[i] <= '9'; i++)
            digits++;
    if (!digits)
        return 0;
    if (i < n && (s[i] == 'e' || s[i] == 'E')) {
        size_t e = i + 1;
        e += e < n && (s[e] == '+' || s[e] == '-');
        if (e == n || s[e] < '0' || s[e] > '9')
            return i;
        for (i = e; i < n && s[i] >= '0' && s[i] <= '9'; i++) {
        }
    }
    return i;
}

/* The text is followed by a byte that ends a number, or by its NUL. */
static int number(const char *s, size_t n, double *x)
{
    char copy[512];
    if (!n || n >= sizeof copy || number_length(s, n) != n)
        return 0;
    memcpy(copy, s, n);
    copy[n] = 0;
    *x = strtod(copy, NULL);
    return isfinite(*x);
}

static int near(const char *a, size_t n_a, const char *b, size_t n_b, const limits_t *l)
{
    double x, y, absolute = fmax(l->compare.absolute, 0), relative = fmax(l->compare.relative, 0);
    if (!number(b, n_b, &y) || !number(a, n_a, &x))
        return 0;
    return fabs(x - y) <= absolute || fabs(x - y) <= relative * fabs(y);
}

static int same_token(check_t c, const limits_t *l, piece_t a, piece_t b)
{
    return (a.n == b.n && !memcmp(a.s, b.s, a.n)) ||
           (c == CHECK_FLOAT && near(a.s, a.n, b.s, b.n, l));
}

static void excerpt(char *to, int *n, const char *s, size_t len)
{
    *n = (int)(len < EXCERPT ? len : EXCERPT);
    memcpy(to, s, (size_t)*n);
}

static int differs(outcome_t *o, int64_t at, piece_t got, piece_t want)
{
    o->first_difference = at;
    excerpt(o->got, &o->n_got, got.s, got.n);
    excerpt(o->want, &o->n_want, want.s, want.n);
    return 0;
}

static int same_lines(const char *got, size_t n_got, const char *want, size_t n_want,
                      outcome_t *o)
{
    while (n_got && is_space(got[n_got - 1]))
        n_got--;
    while (n_want && is_space(want[n_want - 1]))
        n_want--;
    size_t a = 0, b = 0;
    for (int64_t i = 0; a < n_got || b < n_want; i++) {
        int more = (a < n_got) == (b < n_want);
        piece_t x = next_line(got, n_got, &a), y = next_line(want, n_want, &b);
        if (!more || x.n != y.n || memcmp(x.s, y.s, x.n))
            return differs(o, i, x, y);
    }
    return 1;
}

static int same_bytes(const char *got, size_t n_got, const char *want, size_t n_want,
                      outcome_t *o)
{
    size_t n = n_got < n_want ? n_got : n_want, i = 0;
    while (i < n && got[i] == want[i])
        i++;
    if (i == n_got && i == n_want)
        return 1;
    return differs(o, (int64_t)i, (piece_t){got + i, n_got - i},
                   (piece_t){want + i, n_want - i});
}

int judge(check_t c, const limits_t *l, const char *got, size_t n_got, const char *want,
          size_t n_want, outcome_t *o)
{
    o->first_difference = -1;
    o->n_got = o->n_want = 0;
    if (c == CHECK_EXACT)
        return same_bytes(got, n_got, want, n_want, o);
    if (c == CHECK_LINES)
        return same_lines(got, n_got, want, n_want, o);
    size_t a = 0, b = 0;
    for (int64_t i = 0;; i++) {
        piece_t x = next_token(got, n_got, &a), y = next_token(want, n_want, &b);
        if (!x.n && !y.n)
            return 1;
        if (!x.n || !y.n || !same_token(c, l, x, y))
            return differs(o, i, x, y);
    }
}

/* Both texts are walked together; inside strings every byte counts. */
static int same_but_numbers(const limits_t *l, const char *got, size_t n_got,
                            const char *want, size_t n_want)
{
    size_t a = 0, b = 0;
    int quoted = 0;
    while (a < n_got && b < n_want) {
        size_t x = quoted ? 0 : number_length(got + a, n_got - a),
               y = quoted ? 0 : number_length(want + b, n_want - b);
        if (x && y && ((x == y && !memcmp(got + a, want + b, x)) ||
                       near(got + a, x, want + b, y, l))) {
            a += x;
            b += y;
            continue;
        }
        if (x || y || got[a] != want[b])
            return 0;
        if (quoted && got[a] == '\\' && a + 1 < n_got && b + 1 < n_want) {
            if (got[++a] != want[++b])
                return 0;
        } else if (got[a] == '"') {
            quoted = !quoted;
        }
        a++;
        b++;
    }
    return a == n_got && b == n_want;
}

int judge_value(check_t c, const limits_t *l, const char *got, size_t n_got,
                const char *want, size_t n_want, outcome_t *o)
{
    o->first_difference = -1;
    o->n_got = o->n_want = 0;
    if (c == CHECK_FLOAT && same_but_numbers(l, got, n_got, want, n_want))
        return 1;
    if (n_got == n_want && !memcmp(got, want, n_got))
        return 1;
    size_t at = 0;
    while (at < n_got && at < n_want && got[at] == want[at])
        at++;
    return differs(o, (int64_t)at, (piece_t){got, n_got}, (piece_t){want, n_want});
}
