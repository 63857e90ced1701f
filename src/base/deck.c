/* Input decks: [section], key = value, # comment.

   The INI library (inih) reads the syntax; what a key is stands in one table (keys.def, through
   deck_keys.c).  Lines are handed to the library one by one, so that every complaint can name
   file:line.  A deck is an array of values beside that table: an unknown key cannot be stored, a
   value is checked once, when it enters, and what deck_write gives is a valid deck again.
   Precedence: default < file < override < deck_set by the program for keys nobody set. */
#include "deck_keys.h"
#include <ini.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct deck {
    char *name;   /* base name without .in */
    char **value; /* [DECK_KEYS] text as given, or the default's */
    char *set;    /* [DECK_KEYS] by file or override */
};

typedef struct {             /* while reading */
    const char *source, *at; /* for messages; rest of the text */
    int line;
    deck_line_t on;
    void *user;
} reader_t;

static deck_t *deck_default(const char *name)
{
    deck_t *d = ALLOC(deck_t, 1);
    const char *base = strrchr(name, '/');
    d->name = mem_text(base ? base + 1 : name);
    size_t n = strlen(d->name);
    if (n > 3 && strcmp(d->name + n - 3, ".in") == 0)
        d->name[n - 3] = 0;
    d->value = ALLOC(char *, deck_n_keys());
    d->set = ALLOC(char, deck_n_keys());
    for (int i = 0; i < deck_n_keys(); i++)
        d->value[i] = mem_text(deck_keys[i].fallback);
    return d;
}

void deck_free(deck_t *d)
{
    if (!d)
        return;
    for (int i = 0; i < deck_n_keys(); i++)
        mem_free(d->value[i]);
    mem_free(d->value);
    mem_free(d->set);
    mem_free(d->name);
    mem_free(d);
}

const char *deck_name(const deck_t *d)
{
    return d->name;
}

/* Checks and stores; `where` is "file:line" or "command line". */
static void store(deck_t *d, const char *where, int i, const char *value)
{
    const deck_key_t *k = &deck_keys[i];
    text_t why = {0};
    if (!deck_key_accepts(k, value, &why))
        fail(CODE_USAGE, "%s: %s.%s = %s: %s", where, k->section, k->name, value, why.s);
    text_reset(&why);
    mem_free(d->value[i]);
    d->value[i] = mem_text(value);
    d->set[i] = 1;
}

static int find_or_fail(const char *where, const char *section, const char *name)
{
    int i = deck_key_find(section, name);
    if (i >= 0)
        return i;
    const deck_key_t *near = &deck_keys[deck_key_nearest(section, name)];
    fail(CODE_USAGE,
         "%s: unknown key %s.%s; did you mean %s.%s?  "
         "(`aletheia help deck` lists all keys)",
         where, section, name, near->section, near->name);
}

/* The library asks for the next line. */
static char *next_line(char *out, int room, void *stream)
{
    reader_t *r = stream;
    if (!*r->at)
        return NULL;
    r->line++;
    size_t n = strcspn(r->at, "\n");
    const char *s = r->at, *end = s + n;
    r->at = *end ? end + 1 : end;
    while (s < end && (*s == ' ' || *s == '\t'))
        s++;
    while (end > s && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        end--;
    if (s < end && (*s == '#' || *s == ';'))
        end = s;
    for (const char *c = s; c + 1 < end; c++)
        if (c[1] == '#' && (*c == ' ' || *c == '\t')) {
            end = c;
            break;
        }
    ASSERT(DECK_LINE + 2 <= room);
    if (end - s > DECK_LINE)
        fail(CODE_USAGE, "%s:%d: line longer than %d characters", r->source, r->line, DECK_LINE);
    if (memchr(s, 0, (size_t)(end - s)))
        fail(CODE_USAGE, "%s:%d: a NUL byte: this is not a deck", r->source, r->line);
    memcpy(out, s, (size_t)(end - s));
    memcpy(out + (end - s), "\n", 2);
    return out;
}

static int on_line(void *user, const char *section, const char *name, const char *value)
{
    reader_t *r = user;
    char where[600];
    snprintf(where, sizeof where, "%s:%d", r->source, r->line);
    if (!*section)
        fail(CODE_USAGE, "%s: key %s stands before any [section]", where, name);
    r->on(r->user, where, section, name, value);
    return 1;
}

void deck_lines(const char *source, const char *text, deck_line_t on, void *user)
{
    reader_t r = {source, text, 0, on, user};
    int bad = ini_parse_stream(next_line, &r, on_line, &r);
    if (bad)
        fail(CODE_USAGE, "%s:%d: expected [section], key = value or # comment", source, bad);
}

typedef struct {
    deck_t *deck;
    char *seen;
} filling_t; /* seen: [DECK_KEYS] in this file */

static void on_key(void *user, const char *where, const char *section, const char *name,
                   const char *value)
{
    filling_t *f = user;
    int i = find_or_fail(where, section, name);
    if (f->seen[i])
        fail(CODE_USAGE, "%s: key %s.%s is given twice in this file", where, section, name);
    f->seen[i] = 1;
    store(f->deck, where, i, value);
}

static void override(deck_t *d, const char *text)
{
    const char *eq = strchr(text, '='), *dot = strchr(text, '.');
    if (!eq || !dot || dot > eq)
        fail(CODE_USAGE, "command line: %s: expected section.key=value", text);
    char section[64], name[64];
    snprintf(section, sizeof section, "%.*s", (int)(dot - text), text);
    snprintf(name, sizeof name, "%.*s", (int)(eq - dot - 1), dot + 1);
    store(d, "command line", find_or_fail("command line", section, name), eq + 1);
}

deck_t *deck_parse(const char *name, const char *text, int n_overrides, char **overrides)
{
    deck_t *d = deck_default(name);
    filling_t f = {d, ALLOC(char, deck_n_keys())};
    deck_lines(name, text, on_key, &f);
    mem_free(f.seen);
    for (int i = 0; i < n_overrides; i++)
        override(d, overrides[i]);
    return d;
}

deck_t *deck_open(const char *path, int n_overrides, char **overrides)
{
    text_t t = {0};
    int bad = path ? text_read_file(&t, path) : 0;
    if (bad)
        fail(CODE_USAGE, "%s: cannot read this deck: %s", path, strerror(bad));
    if (path && strlen(t.s) != t.len)
        fail(CODE_USAGE, "%s: contains NUL bytes: this is not a deck", path);
    deck_t *d = deck_parse(path ? path : "defaults", path ? t.s : "", n_overrides, overrides);
    text_reset(&t);
    return d;
}

static int index_of(const char *key)
{
    const char *dot = strchr(key, '.');
    ASSERT(dot);
    char section[64];
    snprintf(section, sizeof section, "%.*s", (int)(dot - key), key);
    int i = deck_key_find(section, dot + 1);
    if (i < 0)
        fail(CODE_FAULT, "no key %s in keys.def", key);
    return i;
}

int64_t deck_int(const deck_t *d, const char *key)
{
    int i = index_of(key);
    ASSERT(deck_keys[i].type == KEY_INT);
    return (int64_t)llround(strtod(d->value[i], NULL));
}

double deck_real(const deck_t *d, const char *key)
{
    int i = index_of(key);
    ASSERT(deck_keys[i].type == KEY_REAL);
    return strtod(d->value[i], NULL);
}

int deck_flag(const deck_t *d, const char *key)
{
    int i = index_of(key);
    ASSERT(deck_keys[i].type == KEY_FLAG);
    return strcmp(d->value[i], "yes") == 0;
}

const char *deck_text(const deck_t *d, const char *key)
{
    return d->value[index_of(key)];
}

int deck_is_set(const deck_t *d, const char *key)
{
    return d->set[index_of(key)];
}

void deck_set(deck_t *d, const char *key, const char *value)
{
    store(d, "program", index_of(key), value);
}

void deck_write(const deck_t *d, text_t *out)
{
    for (int i = 0; i < deck_n_keys(); i++) {
        const deck_key_t *k = &deck_keys[i];
        if (i == 0 || strcmp(k->section, k[-1].section))
            text_addf(out, "%s[%s]\n", i ? "\n" : "", k->section);
        text_addf(out, "%-16s = %s\n", k->name, d->value[i]);
    }
}

const char *deck_differs(const deck_t *a, const deck_t *b)
{
    for (int i = 0; i < deck_n_keys(); i++)
        if (deck_keys[i].fixed && strcmp(a->value[i], b->value[i]))
            return deck_keys[i].full;
    return NULL;
}
