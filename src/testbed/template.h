/* Inside floor 6: the table of chat templates as it stands in a file (input/templates.conf explains
   its keys). */
#pragma once
#include "testbed.h"

typedef enum {
    ROW_TOKENS,
    ROW_MARKS,
    ROW_ALONE,
    ROW_BEGIN,
    ROW_SYSTEM,
    ROW_DEFAULT_SYSTEM,
    ROW_USER,
    ROW_THINK,
    ROW_INSTRUCT,
    ROW_STOP,
    ROW_TRIM,
    ROW_KEYS
} row_key_t;

typedef struct {
    /* values as written, placeholders and escapes in them; NULL: absent */
    char *name, *value[ROW_KEYS];
    int line, line_of[ROW_KEYS];
} row_t;
typedef struct {
    char *source;
    row_t *row;
    int n, cap;
} rows_t;

extern const char templates_builtin[]; /* input/templates.conf */
/* checks everything; CODE_USAGE with source:line */
void rows_parse(rows_t *r, const char *source, const char *text);
void rows_reset(rows_t *r);
int rows_find(const rows_t *r, const char *name);        /* -1: none */
const char *row_check(row_key_t key, const char *value); /* NULL, or what is wrong with it */
/* What {bos}, {eos} and {start} stand for; NULL: not known. */
typedef struct {
    const char *bos, *eos, *start;
} words_t;
/* The value with escapes and these filled in, in two parts: up to {user} or {system}, and after it.
   One that is asked for and not known is left as it is written and returned: the text of that
   placeholder, else NULL. */
const char *row_fill(const row_t *r, row_key_t key, const words_t *words, text_t part[2]);

/* The system message (new), NULL: none; asked: prompt.system; own: the model's chat template, NULL:
   none; dir for complaints.  CODE_USAGE */
char *template_system(const row_t *row, const char *own, const words_t *words, const char *dir,
                      const char *asked);
