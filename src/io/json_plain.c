/* JSON as other software writes it, made readable for jansson.

   jansson takes whole numbers of 64 bits and refuses some of what Python's json module writes and
   reads.  Where it refuses a text (field.c), this file writes it again, every byte as it was but:

       a whole number beyond 64 bits     the real number nearest to it (transformers writes
                                         model_max_length = 10^30 for "no limit")
       a real number beyond a double, NaN, Infinity, -Infinity
                                         an odd value (below), which names it
       half of a surrogate pair          U+FFFD, the replacement character
       \u0000 in a name                  U+FDD0; in texts it stays
       a name twice in one object        once; with two different values an odd value

   An odd value is {"<U+FDD1>": what it is}: of no kind that a reader takes, so who reads the field
   refuses it by name and can say what stands there, and who does not read it never knows.  Line
   ends stay, so messages of the second reading name the line of the file.  What is no JSON by any
   rule is copied from there on as it is, and jansson says what is wrong.

   Cost: one pass; names of the open objects are kept as hashes.  Only files that jansson refuses
   come here.  local */
#include "field.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 2048 }; /* as jansson */

typedef struct {
    hash_t name;
    size_t from, value, end; /* in what was written: the name, its value, behind it */
    int twice, gone;
} entry_t;

typedef struct {
    const char *s, *end; /* what is left */
    text_t out, scratch;
    int depth;
    int64_t objects; /* so far: each has a number */
    entry_t *entry;  /* of all open objects, the innermost last */
    int n, cap;
    int32_t *slot; /* hash of (object, name) -> entry, -1 empty; stale ones do not match */
    uint64_t mask;
    int64_t used;
} plain_t;

/* 0, or this is where JSON ends. */
static int value(plain_t *p);

static void keep(plain_t *p, size_t n)
{
    text_addn(&p->out, p->s, n);
    p->s += n;
}

static void space(plain_t *p)
{
    size_t n = 0;
    while (p->s + n < p->end && memchr(" \t\r\n", p->s[n], 4))
        n++;
    keep(p, n);
}

static int starts(const plain_t *p, const char *word)
{
    size_t n = strlen(word);
    return (size_t)(p->end - p->s) >= n && !memcmp(p->s, word, n);
}

static void odd(text_t *out, const char *what)
{
    text_addf(out, "{\"" FIELD_ODD "\": \"%s\"}", what);
}

/* The 16 bits of \uXXXX at s, or -1. */
static int unit(const char *s, const char *end)
{
    char hex[5] = {0};
    if (end - s < 6 || s[0] != '\\' || s[1] != 'u')
        return -1;
    memcpy(hex, s + 2, 4);
    return strspn(hex, "0123456789abcdefABCDEF") == 4 ? (int)strtol(hex, NULL, 16) : -1;
}

/* One escape of a text or, if `name`, of a name. */
static void escape(plain_t *p, int name)
{
    int a = unit(p->s, p->end), b = a < 0 ? -1 : unit(p->s + 6, p->end);
    if (a < 0) {
        keep(p, p->end - p->s < 2 ? 1 : 2);
    } else if (a >= 0xD800 && a < 0xDC00 && b >= 0xDC00 && b < 0xE000) {
        keep(p, 12);
    } else if ((a >= 0xD800 && a < 0xE000) || (a == 0 && name)) {
        text_add(&p->out, a ? "\xEF\xBF\xBD" : FIELD_NUL);
        p->s += 6;
    } else {
        keep(p, 6);
    }
}

static int string(plain_t *p, int name)
{
    keep(p, 1);
    while (p->s < p->end && *p->s != '"') {
        size_t n = 0;
        while (p->s + n < p->end && p->s[n] != '"' && p->s[n] != '\\')
            n++;
        keep(p, n);
        if (p->s < p->end && *p->s == '\\')
            escape(p, name);
    }
    if (p->s == p->end)
        return 1;
    keep(p, 1);
    return 0;
}

static void number(plain_t *p)
{
    size_t n = 0, sign = *p->s == '-';
    while (p->s + n < p->end && memchr("-+.0123456789eE", p->s[n], 15))
        n++;
    text_clear(&p->scratch);
    text_addn(&p->scratch, p->s, n);
    int whole = strspn(p->scratch.s + sign, "0123456789") + sign == n;
    double x = strtod(p->scratch.s, NULL);
    errno = 0;
    if (whole)
        (void)strtoll(p->scratch.s, NULL, 10);
    if (x > 1.7976931348623157e308 || x < -1.7976931348623157e308) {
        odd(&p->out, "a number beyond what a double holds");
        p->s += n;
        return;
    }
    keep(p, n);
    if (whole && errno == ERANGE)
        text_add(&p->out, ".0");
}

static int literal(plain_t *p)
{
    static const char *const names[] = {"NaN", "Infinity", "-Infinity"}, *const plain[] = {"true",
                                                                                           "false",
                                                                                           "null"};
    for (int i = 0; i < 3; i++)
        if (starts(p, names[i])) {
            odd(&p->out, names[i]);
            p->s += strlen(names[i]);
            return 0;
        }
    for (int i = 0; i < 3; i++)
        if (starts(p, plain[i])) {
            keep(p, strlen(plain[i]));
            return 0;
        }
    if (p->s == p->end || !memchr("-0123456789", *p->s, 11))
        return 1;
    number(p);
    return 0;
}

/* Objects ------------------------------------------------------------------------------ */

static void slots_grow(plain_t *p)
{
    p->mask = p->mask ? 2 * p->mask + 1 : 1023;
    p->slot = mem_grow(p->slot, (p->mask + 1) * sizeof *p->slot);
    memset(p->slot, -1, (p->mask + 1) * sizeof *p->slot);
    for (int i = 0; i < p->n; i++) {
        uint64_t k = p->entry[i].name.lo & p->mask;
        while (p->slot[k] >= 0)
            k = (k + 1) & p->mask;
        p->slot[k] = i;
    }
    p->used = p->n;
}

/* The entry of that name, at or above `first`; -1: this is its first. */
static int find(plain_t *p, int first, hash_t name)
{
    if ((uint64_t)p->used * 2 >= p->mask)
        slots_grow(p);
    uint64_t k = name.lo & p->mask;
    for (; p->slot[k] >= 0; k = (k + 1) & p->mask) {
        int i = p->slot[k];
        if (i >= first && i < p->n && hash_equal(p->entry[i].name, name))
            return i;
    }
    p->slot[k] = p->n;
    p->used++;
    return -1;
}

/* Of a name as it was written, quotes included: escapes do not make another one. */
static hash_t name_hash(const char *s, size_t n, int64_t object)
{
    json_t *v = memchr(s, '\\', n) ? json_loadb(s, n, JSON_DECODE_ANY, NULL) : NULL;
    hash_t h =
        v ? hash_bytes(json_string_value(v), json_string_length(v)) : hash_bytes(s + 1, n - 2);
    json_decref(v);
    return hash_more(h, &object, sizeof object);
}

static void entry_end(plain_t *p, int first, entry_t e)
{
    e.end = p->out.len;
    int at = find(p, first, e.name);
    if (at >= 0) {
        const entry_t *was = &p->entry[at];
        size_t n = e.end - e.value;
        e.gone = 1;
        if (n != was->end - was->value || memcmp(p->out.s + was->value, p->out.s + e.value, n) != 0)
            p->entry[at].twice = 1;
    }
    PUSH(p->entry, p->n, p->cap, e);
}

/* The object that begins at `from`, written again without what is there twice. */
static void once(plain_t *p, int first, size_t from)
{
    text_t *t = &p->scratch;
    size_t lines = 0;
    text_clear(t);
    text_add(t, "{");
    for (int i = first; i < p->n; i++) {
        const entry_t *e = &p->entry[i];
        if (e->gone)
            continue;
        text_add(t, t->len > 1 ? "," : "");
        text_addn(t, p->out.s + e->from, (e->twice ? e->value : e->end) - e->from);
        if (e->twice)
            odd(t, "two different values, as the name is there twice");
    }
    for (size_t i = from; i < p->out.len; i++)
        lines += p->out.s[i] == '\n';
    for (size_t i = 0; i < t->len; i++)
        lines -= t->s[i] == '\n';
    p->out.len = from;
    text_addn(&p->out, t->s, t->len);
    while (lines--)
        text_add(&p->out, "\n");
}

static int object(plain_t *p)
{
    size_t from = p->out.len;
    int first = p->n, bad = 0, again = 0;
    int64_t number = p->objects++;
    keep(p, 1);
    space(p);
    while (!bad && p->s < p->end && *p->s != '}') {
        entry_t e = {.from = p->out.len};
        bad = *p->s != '"' || string(p, 1);
        if (bad)
            break;
        e.name = name_hash(p->out.s + e.from, p->out.len - e.from, number);
        space(p);
        if ((bad = p->s == p->end || *p->s != ':'))
            break;
        keep(p, 1);
        space(p);
        e.value = p->out.len;
        if ((bad = value(p)))
            break;
        entry_end(p, first, e);
        again |= p->entry[p->n - 1].gone;
        space(p);
        if ((bad = p->s == p->end || (*p->s != ',' && *p->s != '}')))
            break;
        if (*p->s == ',') {
            keep(p, 1);
            space(p);
            bad = p->s == p->end || *p->s != '"';
        }
    }
    bad |= p->s == p->end;
    if (!bad && again)
        once(p, first, from);
    if (!bad)
        keep(p, 1);
    p->n = first;
    return bad;
}

static int array(plain_t *p)
{
    keep(p, 1);
    space(p);
    while (p->s < p->end && *p->s != ']') {
        if (value(p))
            return 1;
        space(p);
        if (p->s == p->end || (*p->s != ',' && *p->s != ']'))
            return 1;
        if (*p->s == ',') {
            keep(p, 1);
            space(p);
            if (p->s < p->end && *p->s == ']')
                return 1;
        }
    }
    if (p->s == p->end)
        return 1;
    keep(p, 1);
    return 0;
}

static int value(plain_t *p)
{
    if (p->s == p->end || p->depth == DEEPEST)
        return 1;
    p->depth++;
    int bad = *p->s == '{'   ? object(p)
              : *p->s == '[' ? array(p)
              : *p->s == '"' ? string(p, 0)
                             : literal(p);
    p->depth--;
    return bad;
}

void json_plain(const char *text, size_t len, text_t *out)
{
    plain_t p = {.s = text, .end = text + len};
    text_addn(&p.out, "", 0);
    text_addn(&p.scratch, "", 0);
    space(&p);
    value(&p);
    keep(&p, (size_t)(p.end - p.s));
    text_addn(out, p.out.s, p.out.len);
    text_reset(&p.out);
    text_reset(&p.scratch);
    mem_free(p.entry);
    mem_free(p.slot);
}

/* Changing one value ------------------------------------------------------------------- */

/* Behind the value at s: of valid JSON. */
static const char *behind(const char *s, const char *end)
{
    int depth = 0;
    for (; s < end; s++) {
        if (*s == '"') {
            for (s++; s < end && *s != '"'; s++)
                s += *s == '\\';
        } else if (*s == '{' || *s == '[') {
            depth++;
        } else if (*s == '}' || *s == ']') {
            if (!depth--)
                return s;
        } else if (*s == ',' && !depth) {
            return s;
        }
        if (!depth && memchr("\"}]", *s, 3))
            return s + 1;
    }
    return end;
}

int json_set(text_t *file, const char *key, const char *json)
{
    const char *end = file->s + file->len, *s = memchr(file->s, '{', file->len), *kept = file->s;
    size_t n = strlen(key);
    text_t made = {0};
    for (s = s ? s + 1 : end; s < end; s++) {
        if (*s != '"')
            continue;
        int is = (size_t)(end - s) > n + 2 && s[n + 1] == '"' && !memcmp(s + 1, key, n);
        s = behind(s, end);
        while (s < end && memchr(" \t\r\n:", *s, 5))
            s++;
        const char *from = s;
        s = behind(s, end);
        while (s > from && memchr(" \t\r\n", s[-1], 4))
            s--;
        if (!is)
            continue;
        text_addn(&made, kept, (size_t)(from - kept));
        text_add(&made, json);
        kept = s;
    }
    int found = kept > file->s;
    text_addn(&made, kept, (size_t)(end - kept));
    text_reset(file);
    *file = made;
    return found;
}
