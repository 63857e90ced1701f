/* Tables as files: [name] sections of key = value lines, for templates and questions.

   Lines may be of any length; a value is the rest of its line without the blanks at its
   ends, `key += more` goes on with it, comments are lines that begin with #.  What names
   and values mean is the tables' own business.  Cost: microseconds.  local */
#include "conf.h"
#include <string.h>

static char *cut(const char *s, const char *end)
{
    while (s < end && (*s == ' ' || *s == '\t'))
        s++;
    while (end > s && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    text_t t = {0};
    text_addn(&t, s, (size_t)(end - s));
    return t.s;
}

static void read_line(const conf_t *c, const char *source, int line, const char *s, const char *end)
{
    char *all = cut(s, end), *eq = strchr(all, '=');
    size_t n = strlen(all);
    if (*all == '[' && all[n - 1] == ']') {
        c->section(c->ctx, line, cut(all + 1, all + n - 1));
    } else if (*all && *all != '#') {
        if (!eq || eq == all || *all == '[')
            fail(CODE_USAGE, "%s:%d: expected [name], key = value or # comment", source, line);
        int more = eq[-1] == '+';
        char *key = cut(all, eq - more);
        c->value(c->ctx, line, key, more, cut(eq + 1, all + n));
        mem_free(key);
    }
    mem_free(all);
}

void conf_read(const conf_t *c, const char *source, const char *text)
{
    int line = 1;
    for (const char *s = text; *s; line++) {
        const char *end = s + strcspn(s, "\n");
        read_line(c, source, line, s, end);
        s = *end ? end + 1 : end;
    }
}

char conf_escape(char c)
{
    static const char means[] = "n\nt\ts \\\\{{}}";
    for (const char *m = means; *m; m += 2)
        if (*m == c)
            return m[1];
    return 0;
}
