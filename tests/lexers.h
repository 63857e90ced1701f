/* Python and C without their comments, written for tests alone: text -> tokens, one a line, with
   line structure for Python, and the comments apart. */
#pragma once
#include "base.h"
#include <ctype.h>
#include <string.h>

typedef struct {
    text_t tokens, comments; /* one a line; a line end within is shown as \n */
    int n_comment;
} lexed_t;

static inline void lexed_reset(lexed_t *l)
{
    text_reset(&l->tokens), text_reset(&l->comments);
}

static inline void lex_put(text_t *t, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        text_addn(t, s[i] == '\n' ? "\\n" : &s[i], s[i] == '\n' ? 2 : 1);
    text_add(t, "\n");
}

/* C: lines are spliced first, as the standard has it; then one token after the other.  What a
   directive is follows from its line, so line ends of directives are tokens. */
static inline lexed_t lex_c(const char *source, size_t size)
{
    lexed_t l = {0};
    text_t spliced = {0};
    for (size_t i = 0; i < size; i++)
        if (source[i] == '\\' && i + 1 < size && source[i + 1] == '\n')
            i++;
        else if (source[i] != '\r')
            text_addn(&spliced, source + i, 1);
    const char *s = spliced.s ? spliced.s : "", *end = s + spliced.len;
    int directive = 0, fresh = 1;
    while (s < end) {
        const char *from = s;
        if (s[0] == '/' && s[1] == '/') {
            s += strcspn(s, "\n");
            lex_put(&l.comments, from, (size_t)(s - from)), l.n_comment++;
            continue;
        }
        if (s[0] == '/' && s[1] == '*') {
            s = strstr(s + 2, "*/");
            s = s ? s + 2 : end;
            lex_put(&l.comments, from, (size_t)(s - from)), l.n_comment++;
            continue;
        }
        if (*s == '\n') {
            if (directive)
                lex_put(&l.tokens, "<end of directive>", 18);
            directive = 0, fresh = 1, s++;
            continue;
        }
        if (isspace((unsigned char)*s)) {
            s++;
            continue;
        }
        if (*s == '#' && fresh)
            directive = 1;
        fresh = 0;
        if (s[0] == 'R' &&
            s[1] == '"') { /* raw: what was spliced in it is the same on both sides */
            char close[40] = ")";
            size_t k = strcspn(s + 2, "(");
            strncat(close, s + 2, k < 30 ? k : 30), strcat(close, "\"");
            s = strstr(s + 2, close);
            s = s ? s + strlen(close) : end;
        } else if (*s == '"' || *s == '\'') {
            char q = *s++;
            while (s < end && *s != q && *s != '\n')
                s += *s == '\\' ? 2 : 1;
            s += s < end && *s == q;
        } else if (isdigit((unsigned char)*s)) {
            while (s < end && (isalnum((unsigned char)*s) || *s == '.' || *s == '\''))
                s++;
        } else if (isalpha((unsigned char)*s) || *s == '_') {
            while (isalnum((unsigned char)*s) || *s == '_')
                s++;
        } else {
            s++;
        }
        lex_put(&l.tokens, from, (size_t)(s - from));
    }
    if (directive)
        lex_put(&l.tokens, "<end of directive>", 18);
    text_reset(&spliced);
    return l;
}

/* Python: a line that is not blank begins with its indentation, outside of brackets and strings
   only; its end is a token there. */
static inline lexed_t lex_python(const char *source, size_t size)
{
    lexed_t l = {0};
    text_t plain = {0};
    for (size_t i = 0; i < size; i++)
        if (source[i] != '\r' || i + 1 == size || source[i + 1] != '\n')
            text_addn(&plain, source + i, 1);
    const char *s = plain.s ? plain.s : "", *end = s + plain.len;
    int depth = 0, fresh = 1;
    if (!strncmp(s, "\xef\xbb\xbf", 3))
        s += 3;
    while (s < end) {
        const char *from = s;
        if (fresh && !depth) { /* indentation, unless nothing but a comment follows */
            size_t n = strspn(s, " \t");
            if (s[n] && s[n] != '\n' && s[n] != '#') {
                char words[40];
                int k = snprintf(words, sizeof words, "<indent %zu>", n);
                lex_put(&l.tokens, words, (size_t)k);
            }
            fresh = 0, s += n;
            int blank = s >= end || *s == '\n';
            int note = s < end && *s == '#';
            if (blank || note) {
                size_t c = strcspn(s, "\n");
                if (note)
                    lex_put(&l.comments, s, c), l.n_comment++;
                s += c + (s + c < end), fresh = 1;
            }
            continue;
        }
        if (*s == '#') {
            s += strcspn(s, "\n");
            lex_put(&l.comments, from, (size_t)(s - from)), l.n_comment++;
        } else if (*s == '\n') {
            s++;
            if (!depth)
                lex_put(&l.tokens, "<end>", 5), fresh = 1;
        } else if (*s == '\\' && s[1] == '\n') {
            s += 2;
        } else if (*s == ' ' || *s == '\t') {
            s++;
        } else if (*s == '"' || *s == '\'') {
            int q = *s, three = s[1] == q && s[2] == q;
            s += three ? 3 : 1;
            while (s < end && !(three ? s[0] == q && s[1] == q && s[2] == q : *s == q))
                s += *s == '\\' ? 2 : 1;
            s += three ? 3 : 1;
            s = s > end ? end : s;
            lex_put(&l.tokens, from, (size_t)(s - from));
        } else if (isalnum((unsigned char)*s) || *s == '_' || (unsigned char)*s >= 0x80) {
            while (isalnum((unsigned char)*s) || *s == '_' || (unsigned char)*s >= 0x80)
                s++;
            lex_put(&l.tokens, from, (size_t)(s - from));
        } else {
            depth += strchr("([{", *s) != NULL;
            depth -= strchr(")]}", *s) != NULL && depth > 0;
            lex_put(&l.tokens, s++, 1);
        }
    }
    if (!fresh && !depth) /* the last line ends */
        lex_put(&l.tokens, "<end>", 5);
    text_reset(&plain);
    return l;
}
