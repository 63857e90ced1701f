/* Reading answers.

   The verdict is the letter in the first box after the last closing think tag (from the start
   if there is none).  A box is \boxed{X}, spaces inside allowed; anything else in it, or a
   letter that names no candidate, is unparseable: there is no second chance in a later box.

   The demanded shape of a whole completion: instruct - no think tag, some analysis, exactly one
   box, nothing after it; think - some trace, exactly one closing tag, then the box alone.  The
   text of a token that ends an answer (template.c) and white space at the end are allowed. */
#include "testbed.h"
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

/* The letter of the box at p, and where the box ends. */
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

int answer_parse(const char *text, size_t len, int n)
{
    const char *end = text + len, *after;
    const char *p = find(after_thinking(text, end), end, box);
    return p ? read_box(p, end, n, &after) : -1;
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
