/* What must be known of Java: how a source's file has to be called, and which of the
   classes that it becomes is to be started.

   javac wants a public class X in X.java, and the virtual machine wants to be told the
   class whose main it shall call.  Programs that people send are called Main, Solution
   or Hello, public or not, in a package or none.  So the top-level types of a source are
   read off it (comments, strings, text blocks, characters and everything in braces or
   brackets are passed over): the public one names the file.  Of the classes that come
   out, those qualify that have a `public static void main(String[])`; from version 25 of
   the language on (class files of major version 69) also the shorter forms.  If several
   do: the public type, else `Main`, else the first in the source, and of its own nested
   ones the first by name.

   Class files are read by bytes, with every length checked: a compiler that was made to
   write nonsense gives a class without main.  Cost: one walk over the source and over
   each class file. */
#include "compile.h"
#include <string.h>

enum { MAJOR_SHORT_MAIN = 69, PUBLIC = 1, PRIVATE = 2, STATIC = 8 };

/* sources ---------------------------------------------------------------------------- */

static int is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

/* Behind a string, text block or character that begins at s. */
static const char *behind_quotes(const char *s, const char *end)
{
    const char quote = *s;
    const int block = quote == '"' && end - s >= 3 && s[1] == '"' && s[2] == '"';
    for (s += block ? 3 : 1; s < end; s++) {
        if (*s == '\\' && s + 1 < end)
            s++;
        else if (*s == quote && (!block || (end - s >= 3 && s[1] == '"' && s[2] == '"')))
            return s + (block ? 3 : 1);
        else if (*s == '\n' && !block)
            return s;
    }
    return end;
}

/* The next byte that is neither white space nor comment. */
static const char *next_thing(const char *s, const char *end)
{
    while (s < end) {
        if (*s == ' ' || (*s >= '\t' && *s <= '\r')) {
            s++;
        } else if (end - s >= 2 && s[0] == '/' && s[1] == '/') {
            while (s < end && *s != '\n')
                s++;
        } else if (end - s >= 2 && s[0] == '/' && s[1] == '*') {
            const char *close = memmem(s + 2, (size_t)(end - s) - 2, "*/", 2);
            s = close ? close + 2 : end;
        } else {
            break;
        }
    }
    return s;
}

static size_t name_length(const char *s, const char *end)
{
    size_t n = 0;
    while (s + n < end && is_name(s[n]))
        n++;
    return n;
}

static int is_word(const char *s, size_t n, const char *word)
{
    return strlen(word) == n && !memcmp(s, word, n);
}

/* The name that a declaration which begins with this word gives; NULL: it is none. */
static const char *declared(const char *s, size_t n, const char *end, size_t *n_name)
{
    const int record = is_word(s, n, "record");
    if (!record && !is_word(s, n, "class") && !is_word(s, n, "interface") && !is_word(s, n, "enum"))
        return NULL;
    const char *name = next_thing(s + n, end);
    *n_name = name_length(name, end);
    const char *after = next_thing(name + *n_name, end);
    return *n_name && (!record || (after < end && (*after == '(' || *after == '<'))) ? name : NULL;
}

void java_source(const char *s, size_t n, java_source_t *out)
{
    const char *end = s + n;
    int depth = 0, is_public = 0;
    *out = (java_source_t){.n = 0};
    while ((s = next_thing(s, end)) < end && out->n < JAVA_TYPES) {
        if (*s == '"' || *s == '\'') {
            s = behind_quotes(s, end);
            continue;
        }
        size_t len = name_length(s, end), n_name = 0;
        if (!len) {
            depth += (*s == '{' || *s == '(' || *s == '[') - (*s == '}' || *s == ')' || *s == ']');
            is_public &= depth || (*s != ';' && *s != '}');
            s++;
            continue;
        }
        const char *name = depth ? NULL : declared(s, len, end, &n_name);
        if (name) {
            out->type[out->n] = name;
            out->length[out->n] = n_name;
            if (is_public && !out->named)
                out->named = out->n + 1;
            out->n++;
            len = (size_t)(name - s) + n_name;
        }
        is_public |= !depth && is_word(s, len, "public");
        s += len;
    }
}

void java_file(const java_source_t *j, char *name, size_t cap)
{
    char ending[32];
    const char *dot = strrchr(name, '.');
    const int i = j->named - 1;
    snprintf(ending, sizeof ending, "%s", dot ? dot : "");
    if (i >= 0 && j->length[i] + strlen(ending) < cap)
        snprintf(name, cap, "%.*s%s", (int)j->length[i], j->type[i], ending);
}

int java_order(const java_source_t *j, const char *class, int only)
{
    const char *dot = strrchr(class, '.'), *simple = dot ? dot + 1 : class;
    const size_t all = strlen(simple),
                 outer = strcspn(simple + (*simple != 0), "$") + (*simple != 0);
    for (int nested = 0; nested < 2; nested++)
        for (int i = 0; i < j->n; i++)
            if (j->length[i] == (nested ? outer : all) && !memcmp(j->type[i], simple, j->length[i]))
                return nested                    ? 4 + 2 * i + 1
                       : j->named == i + 1       ? 1
                       : !strcmp(simple, "Main") ? 2
                                                 : 4 + 2 * i;
    if (only && j->n)
        return 0;
    return !strcmp(simple, "Main") ? 3 : 5 + 2 * JAVA_TYPES;
}

/* class files ------------------------------------------------------------------------ */

typedef struct {
    const unsigned char *p;
    size_t n, at;
    int bad;
} bytes_t;

static uint32_t take(bytes_t *b, size_t n)
{
    uint32_t x = 0;
    if (b->bad || b->n - b->at < n) {
        b->bad = 1;
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        x = x << 8 | b->p[b->at++];
    return x;
}

static void pass(bytes_t *b, size_t n)
{
    b->bad |= b->bad || b->n - b->at < n;
    b->at += b->bad ? 0 : n;
}

static void pass_attributes(bytes_t *b)
{
    for (uint32_t n = take(b, 2); n-- && !b->bad;) {
        pass(b, 2);
        pass(b, take(b, 4));
    }
}

/* Where entries of the constant pool stand: entry[1 .. n); 0: none there. */
static size_t *read_pool(bytes_t *b, uint32_t *n)
{
    static const unsigned char size[21] = {0, 0, 0, 4, 4, 8, 8, 2, 2, 4, 4,
                                           4, 4, 0, 0, 3, 2, 4, 4, 2, 2};
    *n = take(b, 2);
    size_t *entry = ALLOC(size_t, *n + 1);
    for (uint32_t i = 1; i < *n && !b->bad; i++) {
        entry[i] = b->at;
        uint32_t tag = take(b, 1);
        if (tag == 1)
            pass(b, take(b, 2));
        else if (tag < sizeof size && size[tag])
            pass(b, size[tag]);
        else
            b->bad = 1;
        i += tag == 5 || tag == 6; /* these take two places */
    }
    return entry;
}

/* Entry i as text, which lies in the file; "" if it is none. */
static const char *text_at(const bytes_t *b, const size_t *entry, uint32_t n, uint32_t i,
                           size_t *len)
{
    bytes_t at = {b->p, b->n, i < n ? entry[i] : 0, i >= n || !entry[i]};
    int good = take(&at, 1) == 1;
    *len = take(&at, 2);
    good &= !at.bad && at.n - at.at >= *len;
    *len = good ? *len : 0;
    return good ? (const char *)b->p + at.at : "";
}

/* How good a main the next method is: 2 that of all versions, 1 a short form. */
static int method_main(bytes_t *b, const size_t *entry, uint32_t n, uint32_t major)
{
    size_t n_name, n_type;
    const uint32_t access = take(b, 2);
    const char *name = text_at(b, entry, n, take(b, 2), &n_name),
               *type = text_at(b, entry, n, take(b, 2), &n_type);
    pass_attributes(b);
    const int with = is_word(type, n_type, "([Ljava/lang/String;)V"),
              without = is_word(type, n_type, "()V");
    if (b->bad || !is_word(name, n_name, "main") || (!with && !without))
        return 0;
    if (with && (access & (PUBLIC | STATIC)) == (PUBLIC | STATIC))
        return 2;
    return major >= MAJOR_SHORT_MAIN && !(access & PRIVATE);
}

int java_main(const void *file, size_t size, char *class, size_t cap)
{
    bytes_t b = {file, size, 0, 0};
    uint32_t n, good = take(&b, 4) == 0xcafebabe, major = take(&b, 4) & 0xffff;
    size_t *entry = read_pool(&b, &n), len = 0;
    int rank = 0;
    pass(&b, 2);
    uint32_t this = take(&b, 2);
    bytes_t at = {b.p, b.n, this < n ? entry[this] : 0,
                  b.bad || !good || this >= n || !entry[this]};
    const char *name = take(&at, 1) == 7 ? text_at(&b, entry, n, take(&at, 2), &len) : "";
    pass(&b, 2);
    pass(&b, 2 * (size_t)take(&b, 2)); /* interfaces */
    for (uint32_t i = take(&b, 2); i-- && !b.bad;) {
        pass(&b, 6);
        pass_attributes(&b);
    }
    for (uint32_t i = take(&b, 2); i-- && !b.bad;) {
        int one = method_main(&b, entry, n, major);
        rank = one > rank ? one : rank;
    }
    mem_free(entry);
    if (b.bad || !len || len >= cap || memchr(name, 0, len))
        return 0;
    for (size_t i = 0; i < len; i++)
        class[i] = name[i] == '/' ? '.' : name[i];
    class[len] = 0;
    return rank;
}
