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
} field_t;

/* The root object of a file or a text; the caller releases it with json_decref((json_t
   *)root.o). */
field_t field_file(const char *path);
field_t field_parse(const char *name, const char *text, size_t len);
/* A line of JSON lines: a byte order mark may stand before it, texts may hold NUL bytes (field_text
   refuses these). */
field_t field_line(const char *name, const char *text, size_t len);
/* bytes of a byte order mark at the beginning: 3 or 0 */
size_t field_bom(const char *text, size_t len);
void field_close(field_t root);
/* read(ctx), in which one object at most is opened: 0, or 1 where it met something wrong, and the
   message is appended to why. */
int field_try(void (*read)(void *ctx), void *ctx, text_t *why);

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
