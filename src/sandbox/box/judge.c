/* Comparing what a program printed with what it should have printed.

   Bytes all the way: outputs may hold NULs and invalid UTF-8 and are never decoded.
   White space is the ASCII six.

     tokens   the same sequence of maximal non-space runs
     exact    every byte
     lines    line by line; white space at the end of a line and empty lines at the end
              do not count
     float    the same number of tokens; where a number stands in the expected token the
              other must have one too and |a - b| <= absolute or |a - b| <= relative |b|;
              what stands around numbers must be the same bytes (number.c)
     call     two values as calls.py writes them (one text for all equal values): the
              same bytes; with `float` numbers in them may differ as above
     special, kattis, testlib   are not compared here: a program decides (special.c)

   With compare.nocase ASCII letters of either case are the same byte, but not in calls; with
   compare.spaces the white space between and around tokens must be the same bytes too.
   Where several outputs are right, one that is the same as any of them is; the difference
   that is told is that from the first.

   The first difference is told as a position (byte, token or line, from 0) with what
   stands there on both sides, cut to EXCERPT bytes. Cost: one walk over both. */
#include "box.h"
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

static char folded(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* How many bytes from the start are the same. */
static size_t same_bytes(const char *a, const char *b, size_t n, int nocase)
{
    size_t i = 0;
    while (i < n && (a[i] == b[i] || (nocase && folded(a[i]) == folded(b[i]))))
        i++;
    return i;
}

static int same(piece_t a, piece_t b, int nocase)
{
    return a.n == b.n &&
           (!memcmp(a.s, b.s, a.n) || (nocase && same_bytes(a.s, b.s, a.n, 1) == a.n));
}

static int same_token(check_t c, const limits_t *l, piece_t a, piece_t b)
{
    return same(a, b, l->compare.nocase) ||
           (c == CHECK_FLOAT && numbers_near(&l->compare, a.s, a.n, b.s, b.n));
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

static int same_lines(const char *got, size_t n_got, const char *want, size_t n_want, int nocase,
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
        if (!more || !same(x, y, nocase))
            return differs(o, i, x, y);
    }
    return 1;
}

static int same_exactly(const char *got, size_t n_got, const char *want, size_t n_want, int nocase,
                        outcome_t *o)
{
    size_t i = same_bytes(got, want, n_got < n_want ? n_got : n_want, nocase);
    if (i == n_got && i == n_want)
        return 1;
    return differs(o, (int64_t)i, (piece_t){got + i, n_got - i}, (piece_t){want + i, n_want - i});
}

int judge(check_t c, const limits_t *l, const char *got, size_t n_got, const char *want,
          size_t n_want, outcome_t *o)
{
    o->first_difference = -1;
    o->n_got = o->n_want = 0;
    if (c == CHECK_EXACT)
        return same_exactly(got, n_got, want, n_want, l->compare.nocase, o);
    if (c == CHECK_LINES)
        return same_lines(got, n_got, want, n_want, l->compare.nocase, o);
    size_t a = 0, b = 0;
    for (int64_t i = 0;; i++) {
        size_t gap = a, space = b;
        piece_t x = next_token(got, n_got, &a), y = next_token(want, n_want, &b);
        if (l->compare.spaces) {
            piece_t p = {got + gap, (size_t)(x.s - got) - gap},
                    q = {want + space, (size_t)(y.s - want) - space};
            if (p.n != q.n || memcmp(p.s, q.s, p.n))
                return differs(o, i, (piece_t){p.s, p.n + x.n}, (piece_t){q.s, q.n + y.n});
        }
        if (!x.n && !y.n)
            return 1;
        if (!x.n || !y.n || !same_token(c, l, x, y))
            return differs(o, i, x, y);
    }
}

int judge_any(check_t c, const limits_t *l, const char *got, size_t n_got, const char *want,
              size_t n_want, const char *other, size_t n_other, outcome_t *o)
{
    int right = judge(c, l, got, n_got, want, n_want, o);
    wire_in_t w = {.p = other, .n = other ? n_other : 0};
    while (!right && w.at < w.n && !w.bad) {
        size_t n;
        outcome_t unused;
        const char *s = wire_bytes(&w, &n);
        right = !w.bad && judge(c, l, got, n_got, s, n, &unused);
    }
    if (right) {
        o->first_difference = -1;
        o->n_got = o->n_want = 0;
    }
    return right;
}

/* Both texts are walked together; inside strings every byte counts. */
static int same_but_numbers(const limits_t *l, const char *got, size_t n_got, const char *want,
                            size_t n_want)
{
    size_t a = 0, b = 0;
    int quoted = 0;
    while (a < n_got && b < n_want) {
        size_t x = quoted ? 0 : number_length(got + a, n_got - a),
               y = quoted ? 0 : number_length(want + b, n_want - b);
        if (x && y &&
            ((x == y && !memcmp(got + a, want + b, x)) ||
             number_near(&l->compare, got + a, x, want + b, y))) {
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

int judge_value(check_t c, const limits_t *l, const char *got, size_t n_got, const char *want,
                size_t n_want, outcome_t *o)
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
