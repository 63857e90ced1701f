/* Numbers in what programs print, as the float checker sees them.

   A number is [+-]digits[.digits][e[+-]digits] with at least one digit, so `.5`, `5.` and
   `+5` are numbers, `0x10`, `1_000` and `1e` are not.  Two of them agree where
   |a - b| <= absolute or |a - b| <= relative |b|.  What a double cannot hold is compared as
   long double; what that cannot hold either agrees with the same bytes only.

   Not a number, in any spelling and with any sign, agrees with itself alone, and infinity
   with infinity of the same sign:

       nan NaN -nan nan(0x1) -nan(ind) 1.#QNAN -1.#IND        inf Infinity +Inf 1.#INF and the sign
       U+221E

   A token may hold several: `[1.0,`, `(2,3.5)`, `x=0.30`, `1:2`, `3+4j`.  A number stands
   where no letter, digit, `_` or `.` touches it (the unit of a complex number may follow);
   all between numbers must be the same bytes.  So `v2`, `1.2.3` and `0x10` are words.

   Cost: one walk over both tokens, and only where they are not the same bytes. */
#include "box.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef enum { IS_NONE, IS_NUMBER, IS_NAN, IS_INFINITE, IS_MINUS_INFINITE } value_t;

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What a number cannot touch. */
static int is_word(char c)
{
    return is_digit(c) || is_letter(c) || c == '_' || c == '.';
}

size_t number_length(const char *s, size_t n)
{
    size_t i = n && (s[0] == '+' || s[0] == '-'), digits = 0;
    for (; i < n && is_digit(s[i]); i++)
        digits++;
    if (i < n && s[i] == '.')
        for (i++; i < n && is_digit(s[i]); i++)
            digits++;
    if (!digits)
        return 0;
    if (i < n && (s[i] == 'e' || s[i] == 'E')) {
        size_t e = i + 1;
        e += e < n && (s[e] == '+' || s[e] == '-');
        if (e == n || !is_digit(s[e]))
            return i;
        for (i = e; i < n && is_digit(s[i]); i++) {
        }
    }
    return i;
}

static long double value_of(const char *s, size_t n, int wide)
{
    char room[512], *copy = n < sizeof room ? room : mem_new(n + 1);
    memcpy(copy, s, n);
    copy[n] = 0;
    long double x = wide ? strtold(copy, NULL) : (long double)strtod(copy, NULL);
    if (copy != room)
        mem_free(copy);
    return x;
}

int number_near(const compare_t *c, const char *a, size_t n_a, const char *b, size_t n_b)
{
    const double absolute = fmax(c->absolute, 0), relative = fmax(c->relative, 0);
    if (!n_a || !n_b || number_length(a, n_a) != n_a || number_length(b, n_b) != n_b)
        return 0;
    double x = (double)value_of(a, n_a, 0), y = (double)value_of(b, n_b, 0);
    if (isfinite(x) && isfinite(y))
        return fabs(x - y) <= absolute || fabs(x - y) <= relative * fabs(y);
    long double p = value_of(a, n_a, 1), q = value_of(b, n_b, 1);
    if (isfinite(p) && isfinite(q))
        return fabsl(p - q) <= absolute || fabsl(p - q) <= relative * fabsl(q);
    return n_a == n_b && !memcmp(a, b, n_a);
}

/* `word` in any case at s; its length, or 0. */
static size_t spelt(const char *s, size_t n, const char *word)
{
    size_t len = strlen(word);
    return n >= len && !strncasecmp(s, word, len) ? len : 0;
}

/* Behind `nan`: (letters and digits), as C prints a payload. */
static size_t payload(const char *s, size_t n)
{
    size_t i = 1;
    while (i < n && (is_digit(s[i]) || is_letter(s[i]) || s[i] == '_'))
        i++;
    return n && s[0] == '(' && i < n && s[i] == ')' ? i + 1 : 0;
}

/* Not a number or infinity at s, its length in *len. */
static value_t infinite(const char *s, size_t n, size_t *len)
{
    static const struct {
        const char *word;
        int nan;
    } known[] = {{"nan", 1},      {"1.#qnan", 1}, {"1.#snan", 1}, {"1.#ind", 1},
                 {"infinity", 0}, {"inf", 0},     {"1.#inf", 0},  {"\xe2\x88\x9e", 0}};
    const size_t sign = n && (s[0] == '+' || s[0] == '-');
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        size_t at = sign + spelt(s + sign, n - sign, known[i].word);
        if (at == sign)
            continue;
        at += i ? 0 : payload(s + at, n - at);
        while (strchr(known[i].word, '#') && at < n && s[at] == '0')
            at++;
        if (at < n && is_word(s[at]))
            continue;
        *len = at;
        return known[i].nan ? IS_NAN : s[0] == '-' ? IS_MINUS_INFINITE : IS_INFINITE;
    }
    return IS_NONE;
}

static value_t value_at(const char *s, size_t n, size_t *len)
{
    value_t what = infinite(s, n, len);
    if (what != IS_NONE)
        return what;
    const size_t at = number_length(s, n);
    const int unit = at && at < n && (s[at] == 'i' || s[at] == 'j');
    if (!at || (at + (size_t)unit < n && is_word(s[at + (size_t)unit])))
        return IS_NONE;
    *len = at;
    return IS_NUMBER;
}

int numbers_near(const compare_t *c, const char *a, size_t n_a, const char *b, size_t n_b)
{
    size_t i = 0, j = 0;
    while (i < n_a && j < n_b) {
        size_t x = 0, y = 0;
        value_t p = IS_NONE, q = IS_NONE;
        if ((!i || !is_word(a[i - 1])) && (!j || !is_word(b[j - 1]))) {
            p = value_at(a + i, n_a - i, &x);
            q = p == IS_NONE ? IS_NONE : value_at(b + j, n_b - j, &y);
        }
        if (p != IS_NONE && q != IS_NONE) {
            if (p != q || (p == IS_NUMBER && !number_near(c, a + i, x, b + j, y)))
                return 0;
            i += x;
            j += y;
            continue;
        }
        if (a[i] != b[j] &&
            !(c->nocase && is_letter(a[i]) && is_letter(b[j]) && (a[i] | 32) == (b[j] | 32)))
            return 0;
        i++;
        j++;
    }
    return i == n_a && j == n_b;
}
