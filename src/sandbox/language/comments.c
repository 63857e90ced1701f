/* The table of languages that a deck names, and how comments are written in each: what the program
   says of its own accord (edits of candidates' comments) is said in a language's own syntax, as the
   key `comment` of its row has it.  A row without that key has none, and neither has a language
   without a row.  Read by every rank for itself: a few kB. */
#include "languages.h"
#include <string.h>

void languages_read(languages_t *t, const deck_t *d)
{
    text_t s = {0};
    const char *path = deck_text(d, "sandbox.languages");
    int bad = *path ? text_read_file(&s, path) : 0;
    if (bad)
        fail(CODE_USAGE, "sandbox.languages = %s: cannot read this table of languages: %s", path,
             strerror(bad));
    if (*path && strlen(s.s ? s.s : "") != s.len)
        fail(CODE_USAGE, "%s: contains NUL bytes: this is not a table of languages", path);
    languages_parse(t, path, *path ? s.s ? s.s : "" : languages_builtin);
    text_reset(&s);
}

void comments_read(comment_t to[LANGS], const deck_t *d)
{
    const char *none[] = {NULL};
    languages_t t = {0};
    languages_read(&t, d);
    for (int i = 0; i < LANGS; i++) {
        line_t l = {0};
        to[i] = (comment_t){.row = t.row[i].name != NULL};
        if (t.row[i].comment)
            line_split(&l, t.row[i].comment, none);
        if (l.n > 0)
            snprintf(to[i].begin, sizeof to[i].begin, "%s", l.word[0]);
        if (l.n > 1)
            snprintf(to[i].end, sizeof to[i].end, "%s", l.word[1]);
        line_reset(&l);
    }
    languages_reset(&t);
}
