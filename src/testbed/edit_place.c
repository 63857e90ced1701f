/* Where in a program a comment may stand without becoming a part of something else.

   A small lexer walks through the text and knows strings and comments of Python, C, C++, Java, Rust
   and Go, nothing more.  Of every line it says

       above     it begins outside of strings and comments, and the line before does not go on in it
                 (a backslash at its end), so a line may be put in between
       behind    it ends in that way too, is not empty and has no comment yet

   What makes it doubt (a string that its line does not end, where lines end strings; a carriage
   return alone or a NUL byte; an f-string that may have strings inside; code points of Java that
   are written as numbers) leaves all of the inner
   places out, and so does a language that it does not know.  There a comment may stand at the head
   and, unless the last line goes on or data follows the program (__END__), at the tail: outside of
   everything in any program that compiles.

   The head is behind what must be first: a byte order mark, #! and a line that names the source's
   encoding, in the first two lines.

   Cost: one pass.  local */
#include "edit.h"
#include <ctype.h>
#include <string.h>

typedef struct {
    const char *s;
    size_t n, at;
    lang_t lang;
    int unsure;
    char *inside; /* [n + 1] this byte is in a string or comment that began before it */
    char *noted;  /* [n + 1] a comment begins or goes on here */
} lexer_t;

static int is_at(const lexer_t *l, const char *what)
{
    size_t k = strlen(what);
    return l->at + k <= l->n && !memcmp(l->s + l->at, what, k);
}

static int word_byte(int c)
{
    return isalnum(c) || c == '_' || c >= 0x80;
}

/* From here to where `end` ends; escapes: a backslash takes the next byte with it; multi: it may
   hold line ends. */
static void skip_string(lexer_t *l, size_t opening, const char *end, int escapes, int multi)
{
    size_t from = l->at;
    for (l->at += opening; l->at < l->n && !is_at(l, end);) {
        int two = escapes && l->s[l->at] == '\\' && l->at + 1 < l->n;
        if (!multi && l->s[l->at] == '\n') {
            l->unsure = 1;
            return;
        }
        l->at += two ? 2 : 1;
        if (two && l->at + 1 < l->n && l->s[l->at - 1] == '\r' && l->s[l->at] == '\n')
            l->at++; /* a line that goes on, with the line ends of another system */
    }
    if (l->at >= l->n) {
        l->unsure = 1;
        l->at = l->n;
        return;
    }
    l->at += strlen(end);
    memset(l->inside + from + 1, 1, l->at - from - 1);
}

static void skip_comment(lexer_t *l, const char *begin, const char *end, int nested)
{
    size_t from = l->at;
    int deep = 1;
    for (l->at += strlen(begin); l->at < l->n && deep;)
        if (is_at(l, end))
            deep--, l->at += strlen(end);
        else if (nested && is_at(l, begin))
            deep++, l->at += strlen(begin);
        else
            l->at++;
    l->unsure |= deep != 0;
    memset(l->inside + from + 1, 1, l->at - from - 1);
    memset(l->noted + from, 1, l->at - from);
}

/* In C and C++ a backslash at its end takes the next line into it. */
static void skip_line_comment(lexer_t *l)
{
    size_t from = l->at;
    int joins = l->lang == LANG_C || l->lang == LANG_CPP, last = 0;
    for (; l->at < l->n && (l->s[l->at] != '\n' || (joins && last == '\\')); l->at++)
        last = strchr(" \t\f\v\r", l->s[l->at]) ? last : l->s[l->at];
    memset(l->inside + from + 1, 1, l->at - from - 1);
    memset(l->noted + from, 1, l->at - from);
}

/* Python: prefixes of a string are in front of it already. */
static void python_string(lexer_t *l)
{
    size_t from = l->at, word = l->at, open = 0, close = 0;
    char one[2] = {l->s[l->at], 0}, three[4] = {l->s[l->at], l->s[l->at], l->s[l->at], 0};
    int formatted = 0, triple = is_at(l, three);
    while (word > 0 && word_byte((unsigned char)l->s[word - 1]))
        formatted |= strchr("fFtT", l->s[--word]) != NULL;
    skip_string(l, triple ? 3 : 1, triple ? three : one, 1, triple);
    for (size_t i = from; i < l->at; i++)
        open += l->s[i] == '{', close += l->s[i] == '}';
    l->unsure |= formatted && open != close; /* one with strings inside? */
}

static void python_step(lexer_t *l)
{
    if (l->s[l->at] == '#')
        skip_line_comment(l);
    else if (l->s[l->at] == '"' || l->s[l->at] == '\'')
        python_string(l);
    else
        l->at++;
}

/* R"delimiter( ... )delimiter" */
static void raw_string(lexer_t *l)
{
    char end[20] = ")";
    size_t k = 0;
    const char *delimiter = l->s + l->at + 1;
    while (l->at + 1 + k < l->n && delimiter[k] != '(' && k < 17)
        k++;
    if (l->at + 1 + k >= l->n || k > 16) {
        l->unsure = 1, l->at = l->n;
        return;
    }
    memcpy(end + 1, delimiter, k);
    end[k + 1] = '"', end[k + 2] = 0;
    skip_string(l, k + 2, end, 0, 1);
}

/* r"...", r#"..."#, with any number of # */
static void rust_raw(lexer_t *l)
{
    char end[34] = "\"";
    size_t k = 0;
    while (l->at + 1 + k < l->n && l->s[l->at + 1 + k] == '#' && k < 32)
        end[++k] = '#', end[k + 1] = 0;
    if (l->at + 1 + k < l->n && l->s[l->at + 1 + k] == '"')
        skip_string(l, k + 2, end, 0, 1);
    else
        l->at++;
}

/* A character, a lifetime of Rust, or a mark between digits. */
static void quote(lexer_t *l)
{
    const char *s = l->s + l->at;
    size_t left = l->n - l->at;
    size_t word = l->at;
    while (word > 0 && (word_byte((unsigned char)l->s[word - 1]) || l->s[word - 1] == '\''))
        word--;
    if (l->lang == LANG_CPP && word < l->at && isdigit((unsigned char)l->s[word]))
        l->at++;
    else if (l->lang == LANG_RUST && left > 1 && s[1] != '\\' &&
             !(left > 2 && (s[2] == '\'' || (unsigned char)s[1] >= 0x80)))
        l->at++;
    else
        skip_string(l, 1, "'", 1, 0);
}

static void c_step(lexer_t *l)
{
    int c = (unsigned char)l->s[l->at];
    int begins = l->at == 0 || !word_byte((unsigned char)l->s[l->at - 1]);
    int nested = l->lang == LANG_RUST, triple = l->lang == LANG_JAVA && is_at(l, "\"\"\"");
    if (is_at(l, "//")) {
        skip_line_comment(l);
    } else if (is_at(l, "/*")) {
        skip_comment(l, "/*", "*/", nested);
    } else if ((l->lang == LANG_CPP || l->lang == LANG_C) && is_at(l, "R\"") &&
               (begins || strchr("uUL8", l->s[l->at - 1]))) {
        l->at++;
        raw_string(l);
    } else if (l->lang == LANG_RUST && c == 'r' &&
               (begins || l->s[l->at - 1] == 'b' || l->s[l->at - 1] == 'c')) {
        rust_raw(l);
    } else if (l->lang == LANG_GO && c == '`') {
        skip_string(l, 1, "`", 0, 1);
    } else if (triple) {
        skip_string(l, 3, "\"\"\"", 1, 1);
    } else if (c == '"') {
        skip_string(l, 1, "\"", 1, l->lang == LANG_RUST);
    } else if (c == '\'') {
        quote(l);
    } else {
        l->at++;
    }
}

/* Lines -------------------------------------------------------------------------------------- */

/* Does a line go on in the next one, or might it, however white space at its end is taken? */
static int goes_on(const char *s, const edit_line_t *l)
{
    size_t end = l->end;
    while (end > l->begin && strchr(" \t\f\v\r", s[end - 1]))
        end--;
    return end > l->begin &&
           (s[end - 1] == '\\' || (end - l->begin >= 3 && !memcmp(s + end - 3, "?\?/", 3)));
}

static int has_data(const char *s, const edit_line_t *l)
{
    static const char *const marks[] = {"__END__", "__DATA__", "=pod", "=begin"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (l->end - l->begin >= strlen(marks[i]) &&
            !memcmp(s + l->begin, marks[i], strlen(marks[i])))
            return 1;
    return 0;
}

/* #! or, in a comment, coding: or coding= . */
static int must_be_first(const char *s, const edit_line_t *l, int i)
{
    size_t n = l->end - l->begin;
    const char *p = s + l->begin, *c = memchr(p, '#', n);
    if (i == 0 && n >= 2 && p[0] == '#' && p[1] == '!' && !(n > 2 && p[2] == '['))
        return 1;
    for (; c && c + 7 <= p + n; c++)
        if (!memcmp(c, "coding", 6) && (c[6] == ':' || c[6] == '='))
            return 1;
    return 0;
}

static void cut_lines(edit_places_t *p, const char *s, size_t n)
{
    int cap = 0;
    size_t at = n >= 3 && !memcmp(s, "\xef\xbb\xbf", 3) ? 3 : 0;
    while (at < n || !p->n) {
        const char *end = n > at ? memchr(s + at, '\n', n - at) : NULL;
        edit_line_t l = {.begin = at, .end = end ? (size_t)(end - s) : n};
        at = end ? l.end + 1 : n;
        if (l.end > l.begin && s[l.end - 1] == '\r')
            l.end--;
        PUSH(p->line, p->n, cap, l);
    }
}

static void mark_lines(edit_places_t *p, const lexer_t *l)
{
    for (int i = p->first; i < p->n; i++) {
        edit_line_t *x = &p->line[i];
        size_t blank = x->begin;
        int noted = 0;
        while (blank < x->end && isspace((unsigned char)l->s[blank]))
            blank++;
        for (size_t k = x->begin; k < x->end; k++)
            noted |= l->noted[k];
        int goes = goes_on(l->s, x), came = i > 0 && goes_on(l->s, x - 1);
        x->above = blank < x->end && !l->inside[x->begin] && !came;
        x->behind = blank < x->end && !l->inside[x->end] && !goes && !noted;
    }
}

edit_places_t edit_places(lang_t lang, const char *s, size_t n)
{
    edit_places_t p = {0};
    lexer_t l = {.s = s, .n = n, .lang = lang};
    l.inside = ALLOC(char, n + 2);
    l.noted = ALLOC(char, n + 2);
    int known = lang <= LANG_GO, pythonic = lang == LANG_PYTHON;
    cut_lines(&p, s, n);
    p.tail = !goes_on(s, &p.line[p.n - 1]);
    for (int i = 0; i < p.n; i++) {
        p.tail &= known || !has_data(s, &p.line[i]);
        if (i < 2 && must_be_first(s, &p.line[i], i))
            p.first = i + 1;
    }
    for (size_t i = 0; i < n; i++)
        l.unsure |= !s[i] || (s[i] == '\r' && (i + 1 == n || s[i + 1] != '\n'));
    l.unsure |= lang == LANG_GO && memmem(s, n, "import \"C\"", 10) != NULL;
    l.unsure |= lang == LANG_JAVA && memmem(s, n, "\\u00", 4) != NULL; /* a quote in disguise? */
    l.at = p.line[0].begin;
    while (known && !l.unsure && l.at < n)
        (pythonic ? python_step : c_step)(&l);
    if (known && !l.unsure)
        mark_lines(&p, &l);
    mem_free(l.inside);
    mem_free(l.noted);
    return p;
}

void edit_places_free(edit_places_t *p)
{
    mem_free(p->line);
    *p = (edit_places_t){0};
}
