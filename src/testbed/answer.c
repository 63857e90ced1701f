/* Reading answers.

   The verdict is the letter in the first box after the last closing think tag; an answer with
   thinking that never closed its tag has none, one without thinking is read from the start.  A
   box is \boxed{X}; around X may stand what models write there, any number of times: blanks,
   \text{}, \textbf{}, \mathrm{} and their like, brackets, asterisks, quotation marks, dollars,
   one full stop or the like behind it.  What is left must be one capital letter that names a
   candidate; anything else is unparseable: there is no second chance in a later box.

   The demanded shape of a whole completion is stricter: instruct - no think tag, some analysis,
   exactly one box, nothing after it; think - some trace, exactly one closing tag, then the box
   alone; and in the box the letter alone, blanks apart.  The text of a token that ends an answer
   (template.c) and white space at the end are allowed. */
#include "testbed.h"
#include <ctype.h>
#include <string.h>

static const char open_tag[] = "<think>", close_tag[] = "</think>", box[] = "\\boxed{";

static const char *find(const char *s, const char *end, const char *what)
{
    return s < end ? memmem(s, (size_t)(end - s), what, strlen(what)) : NULL;
}

static int blank(const char *s, const char *end)
{
    while (s < end && (*s == ' ' || *s == '\n' || *s == '\t' || *s == '\r'))
        s++;
    return s == end;
}

static const char *after_thinking(const char *text, const char *end)
{
    for (const char *p; (p = find(text, end, close_tag));)
        text = p + strlen(close_tag);
    return text;
}

/* The strict box at p: its letter, and where it ends. */
static int read_box(const char *p, const char *end, int n, const char **after)
{
    p += strlen(box);
    while (p < end && *p == ' ')
        p++;
    int letter = p < end && *p >= 'A' && *p < 'A' + n ? *p++ - 'A' : -1;
    while (p < end && *p == ' ')
        p++;
    if (letter < 0 || p >= end || *p != '}')
        return -1;
    *after = p + 1;
    return letter;
}

/* The brace that closes what was opened before s; NULL: none. */
static const char *closing(const char *s, const char *end)
{
    for (int depth = 1; s < end; s++) {
        depth += *s == '{' ? 1 : *s == '}' ? -1 : 0;
        if (!depth)
            return s;
    }
    return NULL;
}

/* Takes one layer off [s, end): blanks, a pair around it, a command, a stop behind it.  0: there is
   none. */
static int peel(const char **s, const char **end)
{
    static const char *const pairs[][2] = {{"{", "}"}, {"(", ")"}, {"[", "]"},    {"**", "**"},
                                           {"*", "*"}, {"$", "$"}, {"`", "`"},    {"\"", "\""},
                                           {"'", "'"}, {"“", "”"}, {"\\(", "\\)"}};
    const char *was = *s, *was_end = *end;
    while (*s < *end && isspace((unsigned char)**s))
        ++*s;
    while (*s < *end && isspace((unsigned char)(*end)[-1]))
        --*end;
    size_t n = (size_t)(*end - *s);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        size_t a = strlen(pairs[i][0]), b = strlen(pairs[i][1]);
        if (n > a + b && !memcmp(*s, pairs[i][0], a) && !memcmp(*end - b, pairs[i][1], b)) {
            *s += a, *end -= b;
            return 1;
        }
    }
    if (n > 1 && **s == '\\') {
        const char *p = *s + 1;
        while (p < *end && islower((unsigned char)*p))
            p++;
        while (p > *s + 1 && p < *end && *p == ' ')
            p++;
        if (p > *s + 1 && p < *end && *p == '{' && closing(p + 1, *end) == *end - 1) {
            *s = p + 1, --*end;
            return 1;
        }
    }
    if (n > 1 && strchr(".,:;)", (*end)[-1])) {
        --*end;
        return 1;
    }
    return *s != was || *end != was_end;
}

int answer_parse(const char *text, size_t len, int n, answer_mode_t mode)
{
    const char *end = text + len, *body = after_thinking(text, end);
    const char *p = body == text && mode == MODE_THINK ? NULL : find(body, end, box);
    const char *s = p ? p + strlen(box) : NULL, *brace = p ? closing(s, end) : NULL;
    if (!brace)
        return -1;
    while (peel(&s, &brace))
        continue;
    return brace - s == 1 && *s >= 'A' && *s < 'A' + n ? *s - 'A' : -1;
}

/* Where the first token that ends an answer stands, and in *after where it is over; NULL:
   nowhere. */
static const char *find_stop(const char *text, const char *end, const template_t *t,
                             const char **after)
{
    const char *first = NULL;
    for (int i = 0; i < t->n_stop; i++) {
        const char *p = t->stop_text[i] ? find(text, end, t->stop_text[i]) : NULL;
        if (p && (!first || p < first))
            first = p, *after = p + strlen(t->stop_text[i]);
    }
    return first;
}

int answer_format(const char *text, size_t len, int n, answer_mode_t mode, const template_t *t)
{
    const char *end = text + len, *after, *stop = find_stop(text, end, t, &after);
    if (stop) {
        if (!blank(after, end))
            return 0;
        end = stop;
    }
    if (find(text, end, open_tag))
        return 0;
    const char *tag = find(text, end, close_tag), *body = after_thinking(text, end);
    if ((mode == MODE_THINK) != (tag != NULL))
        return 0;
    if (tag && (tag + strlen(close_tag) != body || blank(text, tag)))
        return 0;
    const char *p = find(body, end, box);
    if (!p || blank(body, p) != (mode == MODE_THINK))
        return 0;
    return read_box(p, end, n, &after) >= 0 && blank(after, end);
}
