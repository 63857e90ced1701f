/* How outputs are compared, in words: what `aletheia exec --checker` and problem files say.

       tokens   exact   lines   floats (or float)     one of them; tokens where none is named
       nocase                      letters of either case are the same
       case_sensitive              they are not
       space_change_sensitive      white space counts too
       float_tolerance X           numbers may differ by X, absolutely or relatively
       float_absolute_tolerance X, float_relative_tolerance X     by X in this way only, and in
                                   the other only where that one is given too; X 0: not at all

   Words stand beside each other, with spaces or commas between; a number follows its word
   after a space or a `=`.  A tolerance makes tokens floats.

   The last five are those of the Kattis problem format, whose judges do not look at case
   unless told to.  So a line that consists of these alone, as a problem.yaml has it, ignores
   case unless it says case_sensitive; beside one of ours case counts unless it says nocase. */
#include "io.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    int kind, ours, theirs; /* kind -1: none named; how many words of either sort */
    int nocase, sensitive, spaces, tolerant;
    double absolute, relative;
} said_words_t;

static int is_between(char c)
{
    return c == ' ' || c == ',' || (c >= '\t' && c <= '\r');
}

static int word_length(const char *s)
{
    int n = 0;
    while (s[n] && s[n] != '=' && !is_between(s[n]))
        n++;
    return n;
}

static int is_word(const char *s, int n, const char *word)
{
    return (int)strlen(word) == n && !strncmp(s, word, (size_t)n);
}

/* The number after a word, at most one `=` between; NULL: there is none. */
static const char *take_number(const char *s, const char *word, double *x, text_t *why)
{
    char copy[64] = "", *end = copy;
    while (is_between(*s))
        s++;
    s += *s == '=';
    while (is_between(*s))
        s++;
    int n = word_length(s);
    if (n < (int)sizeof copy) {
        memcpy(copy, s, (size_t)n);
        copy[n] = 0;
        *x = strtod(copy, &end);
    }
    if (!n || end != copy + n || strpbrk(copy, "xXnN") || !(*x >= 0 && *x <= 1e300)) {
        text_addf(why, "%s: expected a number of 0 or more after it, as in %s=1e-6", word, word);
        return NULL;
    }
    return s + n;
}

static int one_kind(said_words_t *w, check_t kind, text_t *why)
{
    w->ours++;
    if (w->kind >= 0 && w->kind != (int)kind) {
        text_addf(why, "%s and %s at once; one of them has to go", check_names[w->kind],
                  check_names[kind]);
        return 0;
    }
    w->kind = (int)kind;
    return 1;
}

/* The word at s; what stands behind it, or NULL and why. */
static const char *take_word(said_words_t *w, const char *s, text_t *why)
{
    static const char *const tolerances[] = {"float_tolerance", "float_absolute_tolerance",
                                             "float_relative_tolerance"};
    const int n = word_length(s);
    for (int c = CHECK_TOKENS; c <= CHECK_LINES; c++)
        if (is_word(s, n, check_names[c]) || (c == CHECK_FLOAT && is_word(s, n, "floats")))
            return one_kind(w, (check_t)c, why) && s[n] != '=' ? s + n : NULL;
    for (int i = 0; i < 3; i++)
        if (is_word(s, n, tolerances[i])) {
            double x = 0;
            s = take_number(s + n, tolerances[i], &x, why);
            if (i != 2)
                w->absolute = x;
            if (i != 1)
                w->relative = x;
            w->tolerant = 1;
            w->theirs++;
            return s;
        }
    int *flag = is_word(s, n, "nocase")                   ? &w->nocase
                : is_word(s, n, "case_sensitive")         ? &w->sensitive
                : is_word(s, n, "space_change_sensitive") ? &w->spaces
                                                          : NULL;
    if (!flag || s[n] == '=')
        return NULL;
    w->ours += flag == &w->nocase;
    w->theirs += flag != &w->nocase;
    *flag = 1;
    return s + n;
}

int check_parse(const char *words, check_t *kind, compare_t *how, text_t *why)
{
    said_words_t w = {.kind = -1};
    size_t had = why->len;
    for (const char *s = words, *next; *s; s = next) {
        next = s + 1;
        if (is_between(*s))
            continue;
        next = take_word(&w, s, why);
        if (next)
            continue;
        if (why->len == had)
            text_addf(
                why,
                "no checker `%.*s`; known: tokens, exact, lines, floats, nocase, case_sensitive, "
                "space_change_sensitive, float_tolerance=X, float_absolute_tolerance=X, "
                "float_relative_tolerance=X",
                (int)strcspn(s, " ,\t\n"), s);
        return 1;
    }
    *kind = w.kind >= 0 ? (check_t)w.kind : CHECK_TOKENS;
    if (w.nocase && w.sensitive)
        text_add(why, "nocase and case_sensitive at once; one of them has to go");
    else if (w.tolerant && w.kind >= 0 && *kind != CHECK_FLOAT && *kind != CHECK_TOKENS)
        text_addf(why, "%s knows no tolerance; floats does", check_names[*kind]);
    else if (w.spaces && *kind == CHECK_LINES)
        text_add(
            why,
            "lines does not count white space at the end of a line; space_change_sensitive goes with "
            "tokens or floats");
    if (why->len != had)
        return 1;
    if (w.tolerant)
        *kind = CHECK_FLOAT;
    *how = (compare_t){.nocase = w.nocase || (w.theirs && !w.ours && !w.sensitive),
                       .spaces = w.spaces};
    if (w.tolerant) {
        how->absolute = w.absolute > 0 ? w.absolute : -1;
        how->relative = w.relative > 0 ? w.relative : -1;
    }
    return 0;
}

int check_is_program(check_t kind)
{
    return kind == CHECK_SPECIAL || kind == CHECK_KATTIS || kind == CHECK_TESTLIB;
}
