/* Fields of JSON files that other software wrote: config.json, tokenizer.json, headers of
   safetensors files.

   jansson parses; this file adds what makes a message useful: which file, which field
   by its path from the root ("model.vocab"), what stands there and what was expected.
   A field that is absent and one that is null are the same, as in the files themselves.
   Duplicate keys are refused: two readers would take different ones.  Cost: one parse,
   the tree in memory until field_close. */
#include "field.h"
#include <string.h>

static field_t root_of(const char *name, json_t *o, const json_error_t *e)
{
    if (!o)
        fail(CODE_DATA, "%s: not JSON: %s (line %d, column %d)", name, e->text, e->line,
             e->column);
    if (!json_is_object(o))
        fail(CODE_DATA, "%s: a JSON object was expected at the top", name);
    return (field_t){.file = name, .o = o};
}

field_t field_file(const char *path)
{
    text_t text = {0};
    int bad = text_read_file(&text, path);
    if (bad)
        fail(CODE_DATA, "%s: cannot be read: %s", path, strerror(bad));
    field_t f = field_parse(path, text.s, text.len);
    text_reset(&text);
    return f;
}

field_t field_parse(const char *name, const char *text, size_t len)
{
    json_error_t e = {0};
    json_t *o = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);
    return root_of(name, o, &e);
}

void field_close(field_t root)
{
    json_decref((json_t *)root.o);
}

void field_bad(const field_t *f, const char *key, const char *fmt, ...)
{
    char why[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, sizeof why, fmt, ap);
    va_end(ap);
    fail(CODE_DATA, "%s: field %s%s: %s", f->file, f->where, key, why);
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

static field_t below(const field_t *f, const json_t *o, const char *fmt, const char *key,
                     size_t i)
{
    field_t in = {.file = f->file, .o = o};
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
    if (!json_is_object(v))
        field_bad(f, key, "an object was expected, found %s", kind(v));
    return below(f, v, "%.60s.", key, 0);
}

field_t field_item(const field_t *f, const char *key, size_t i, const json_t *item)
{
    if (!json_is_object(item))
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
    return json_string_value(v);
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
        field_bad(f, key, "missing; a whole number from %lld to %lld was expected",
                  (long long)low, (long long)high);
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
