/* Fields of JSON files that other software wrote: config.json, tokenizer.json, headers of
   safetensors files.

   jansson parses; this file adds what makes a message useful: which file, which field
   by its path from the root ("model.vocab"), what stands there and what was expected.
   A field that is absent and one that is null are the same, as in the files themselves.
   jansson reads what it can and json_plain.c the rest: numbers beyond 64 bits, NaN, half
   surrogate pairs, names that are there twice.  What has no value here is refused where it
   is read, not where it stands.  Cost: one parse, two of a text that jansson refuses; the
   tree in memory until field_close.

   What is wrong ends the program, unless the reader runs inside field_try: then its
   caller gets the message and goes on with what comes next.  The tree of that reader is
   released there; what else it made is its caller's to undo.  Refusals gather such
   messages, so that a user sees all that is wrong at once. */
#include "field.h"
#include <math.h>
#include <setjmp.h>
#include <string.h>

typedef struct {
    jmp_buf back;
    text_t *why;
    json_t *root; /* of the one object that it has open */
} trap_t;
static trap_t *trap; /* of the innermost field_try; NULL: none */

int field_try(void (*read)(void *ctx), void *ctx, text_t *why)
{
    trap_t own = {.why = why}, *volatile before = trap;
    trap = &own;
    int bad = setjmp(own.back);
    if (!bad)
        read(ctx);
    else if (own.root)
        json_decref(own.root);
    trap = before;
    return bad;
}

void refusals_add(refusals_t *r, const char *fmt, ...)
{
    enum { MOST = 3000 }; /* bytes; a message of fail() is not much longer */
    char line[2000];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (r->n++ == 0 || r->text.len + strlen(line) < MOST)
        r->shown++, text_addf(&r->text, "%s%s", r->text.len ? "\n  " : "", line);
}

int refusals_try(refusals_t *r, void (*read)(void *ctx), void *ctx)
{
    text_t why = {0};
    int bad = field_try(read, ctx, &why);
    if (bad)
        refusals_add(r, "%s", why.s);
    text_reset(&why);
    return bad;
}

void refusals_say(const refusals_t *r, const char *name, text_t *why)
{
    if (r->n > 1)
        text_addf(why, "%s: %d things are in the way%s:\n  ", name, r->n,
                  r->shown < r->n ? "; the first of them" : "");
    if (r->n)
        text_add(why, r->text.s);
}

void refusals_end(refusals_t *r, const char *name)
{
    text_t why = {0};
    refusals_say(r, name, &why);
    if (r->n)
        fail(CODE_DATA, "%s", why.s);
    text_reset(&r->text);
}

static _Noreturn void refuse(const char *message)
{
    if (!trap)
        fail(CODE_DATA, "%s", message);
    text_add(trap->why, message);
    longjmp(trap->back, 1);
}

static const char *odd_of(const json_t *v)
{
    return json_string_value(json_object_get(v, FIELD_ODD));
}

static field_t root_of(const char *name, json_t *o, const json_error_t *e)
{
    char message[6000];
    if (json_is_object(o) && !odd_of(o)) {
        if (trap)
            trap->root = o;
        return (field_t){.file = name, .o = o};
    }
    if (o)
        snprintf(message, sizeof message, "%s: a JSON object was expected at the top", name);
    else
        snprintf(message, sizeof message, "%s: not JSON: %s (line %d, column %d)", name, e->text,
                 e->line, e->column);
    json_decref(o);
    refuse(message);
}

static json_t *load(const char *text, size_t len, json_error_t *e)
{
    size_t skip = field_bom(text, len), flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL;
    json_t *o = json_loadb(text + skip, len - skip, flags, e);
    if (o)
        return o;
    text_t plain = {0};
    json_plain(text + skip, len - skip, &plain);
    o = json_loadb(plain.s, plain.len, flags, e);
    text_reset(&plain);
    return o;
}

field_t field_file(const char *path)
{
    text_t text = {0};
    int bad = text_read_file(&text, path);
    if (bad) {
        char message[6000];
        snprintf(message, sizeof message, "%.5000s: cannot be read: %s", path, strerror(bad));
        refuse(message);
    }
    json_error_t e = {0};
    json_t *o = load(text.s, text.len, &e);
    text_reset(&text);
    return root_of(path, o, &e);
}

field_t field_parse(const char *name, const char *text, size_t len)
{
    json_error_t e = {0};
    json_t *o = load(text, len, &e);
    return root_of(name, o, &e);
}

field_t field_line(const char *name, const char *text, size_t len)
{
    json_error_t e = {0};
    size_t skip = field_bom(text, len);
    json_t *o = json_loadb(text + skip, len - skip, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &e);
    field_t f = root_of(name, o, &e);
    f.line = 1;
    return f;
}

size_t field_bom(const char *text, size_t len)
{
    return len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;
}

void field_close(field_t root)
{
    if (trap && trap->root == root.o)
        trap->root = NULL;
    json_decref((json_t *)root.o);
}

void field_bad(const field_t *f, const char *key, const char *fmt, ...)
{
    char why[1024], message[6000];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    snprintf(message, sizeof message, "%s: field %s%s: %s", f->file, f->where, key, why);
    refuse(message);
}

const json_t *field_get(const field_t *f, const char *key)
{
    const json_t *v = json_object_get(f->o, key);
    return json_is_null(v) ? NULL : v;
}

static const char *kind(const json_t *v)
{
    if (!v)
        return "nothing";
    if (odd_of(v))
        return odd_of(v);
    switch (json_typeof(v)) {
    case JSON_OBJECT:
        return "an object";
    case JSON_ARRAY:
        return "a list";
    case JSON_STRING:
        return "a text";
    case JSON_INTEGER:
        return "a whole number";
    case JSON_REAL:
        return "a real number";
    case JSON_TRUE:
    case JSON_FALSE:
        return "true or false";
    default:
        return "null";
    }
}

static field_t below(const field_t *f, const json_t *o, const char *fmt, const char *key, size_t i)
{
    field_t in = {.file = f->file, .o = o, .line = f->line};
    char step[80];
    snprintf(step, sizeof step, fmt, key, i);
    if (strlen(f->where) + strlen(step) < sizeof in.where)
        strcat(strcpy(in.where, f->where), step);
    else
        strcpy(in.where, "...");
    return in;
}

field_t field_object(const field_t *f, const char *key)
{
    const json_t *v = field_get(f, key);
    if (!json_is_object(v) || odd_of(v))
        field_bad(f, key, "an object was expected, found %s", kind(v));
    return below(f, v, "%.60s.", key, 0);
}

field_t field_item(const field_t *f, const char *key, size_t i, const json_t *item)
{
    if (!json_is_object(item) || odd_of(item))
        field_bad(f, key, "item %zu: an object was expected, found %s", i, kind(item));
    return below(f, item, "%.60s[%zu].", key, i);
}

const json_t *field_array(const field_t *f, const char *key)
{
    const json_t *v = field_get(f, key);
    if (!json_is_array(v))
        field_bad(f, key, "a list was expected, found %s", kind(v));
    return v;
}

const char *field_text_or(const field_t *f, const char *key, const char *otherwise)
{
    const json_t *v = field_get(f, key);
    if (!v)
        return otherwise;
    if (!json_is_string(v))
        field_bad(f, key, "a text was expected, found %s", kind(v));
    if (strlen(json_string_value(v)) != json_string_length(v))
        field_bad(f, key, "it holds a NUL byte%s",
                  f->line ? "; only input, output and source may" : "");
    return json_string_value(v);
}

const char *field_bytes_or(const field_t *f, const char *key, size_t *n)
{
    const json_t *v = field_get(f, key);
    if (v && !json_is_string(v))
        field_bad(f, key, "a text was expected, found %s", kind(v));
    *n = v ? json_string_length(v) : 0;
    return v ? json_string_value(v) : NULL;
}

const char *field_text(const field_t *f, const char *key)
{
    const char *s = field_text_or(f, key, NULL);
    if (!s)
        field_bad(f, key, "missing; a text was expected");
    return s;
}

int64_t field_int_or(const field_t *f, const char *key, int64_t low, int64_t high,
                     int64_t otherwise)
{
    const json_t *v = field_get(f, key);
    if (!v)
        return otherwise;
    double x = json_number_value(v);
    if (json_is_real(v) && (x >= 0x1p63 || x < -0x1p63) && x == floor(x))
        field_bad(f, key, "a whole number was expected, from %lld to %lld, found %g",
                  (long long)low, (long long)high, x);
    if (!json_is_integer(v))
        field_bad(f, key, "a whole number was expected, found %s", kind(v));
    int64_t n = json_integer_value(v);
    if (n < low || n > high)
        field_bad(f, key, "%lld is outside %lld to %lld", (long long)n, (long long)low,
                  (long long)high);
    return n;
}

int64_t field_int(const field_t *f, const char *key, int64_t low, int64_t high)
{
    if (!field_get(f, key))
        field_bad(f, key, "missing; a whole number from %lld to %lld was expected", (long long)low,
                  (long long)high);
    return field_int_or(f, key, low, high, 0);
}

double field_real_or(const field_t *f, const char *key, double otherwise)
{
    const json_t *v = field_get(f, key);
    if (!v)
        return otherwise;
    if (!json_is_number(v))
        field_bad(f, key, "a number was expected, found %s", kind(v));
    return json_number_value(v);
}

int field_flag_or(const field_t *f, const char *key, int otherwise)
{
    const json_t *v = field_get(f, key);
    if (!v)
        return otherwise;
    if (!json_is_boolean(v))
        field_bad(f, key, "true or false was expected, found %s", kind(v));
    return json_is_true(v);
}
