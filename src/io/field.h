/* field.c - JSON files of foreign make, field by field.  Inside floor 4 only.
   Every failure is CODE_DATA and names the file, the field and what was expected; inside field_try
   it comes back. */
#pragma once
#include "io.h"
#include <jansson.h>

typedef struct { /* an object and where it stands; a view, the root owns it */
    const char *file;
    char where[96]; /* "" at the root, else "model." */
    const json_t *o;
    int line; /* of JSON lines (field_line) */
} field_t;

/* The root object of a file or a text; the caller releases it with field_close.  As other software
   writes JSON (json_plain.c): what jansson has no value for, and a name with two different values,
   is an odd value, refused where it is read. */
field_t field_file(const char *path);
field_t field_parse(const char *name, const char *text, size_t len);
/* A line of JSON lines: a byte order mark may stand before it, texts may hold NUL bytes (field_text
   refuses these). */
field_t field_line(const char *name, const char *text, size_t len);
/* bytes of a byte order mark at the beginning: 3 or 0 */
size_t field_bom(const char *text, size_t len);
void field_close(field_t root);
/* json_plain.c: that text as jansson takes it, appended; line ends stay */
void json_plain(const char *text, size_t len, text_t *out);
/* The value of `key` at the top of valid JSON becomes that one, all else keeps its bytes; 0: there
   is no such key. */
int json_set(text_t *file, const char *key, const char *json);
#define FIELD_ODD "\xEF\xB7\x91" /* the name in an odd value: U+FDD1 */
#define FIELD_NUL "\xEF\xB7\x90" /* U+0000 in names: U+FDD0 */

/* read(ctx), in which one object at most is opened: 0, or 1 where it met something wrong, and the
   message is appended to why. */
int field_try(void (*read)(void *ctx), void *ctx, text_t *why);

/* What is wrong, a line each. */
typedef struct {
    text_t text;
    int n, shown; /* of all, and of those in the text */
} refusals_t;     /* {0} at first */
void refusals_add(refusals_t *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int refusals_try(refusals_t *r, void (*read)(void *ctx), void *ctx); /* by field_try */
/* all of them as one message, which begins with `name` where there are several, appended */
void refusals_say(const refusals_t *r, const char *name, text_t *why);
/* CODE_DATA with that message; returns if there is nothing to say */
void refusals_end(refusals_t *r, const char *name);

_Noreturn void field_bad(const field_t *f, const char *key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
const json_t *field_get(const field_t *f, const char *key); /* NULL if absent or null */
field_t field_object(const field_t *f, const char *key);    /* must be there */
/* element i of array `key`: an object */
field_t field_item(const field_t *f, const char *key, size_t i, const json_t *item);
const json_t *field_array(const field_t *f, const char *key); /* must be there */
const char *field_text(const field_t *f, const char *key);    /* must be there */
const char *field_text_or(const field_t *f, const char *key, const char *otherwise);
/* any bytes, a NUL behind them; NULL: none */
const char *field_bytes_or(const field_t *f, const char *key, size_t *n);
int64_t field_int(const field_t *f, const char *key, int64_t low, int64_t high);
int64_t field_int_or(const field_t *f, const char *key, int64_t low, int64_t high,
                     int64_t otherwise);
double field_real_or(const field_t *f, const char *key, double otherwise);
int field_flag_or(const field_t *f, const char *key, int otherwise);
