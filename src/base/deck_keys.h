/* Inside floor 0: the table of deck keys. */
#pragma once
#include "base.h"

typedef enum { KEY_INT, KEY_REAL, KEY_FLAG, KEY_TEXT, KEY_PATH, KEY_CHOICE } key_type_t;
typedef struct {
    const char *section, *name, *full; /* full: "section.name" */
    key_type_t type;
    const char *choices;  /* "a|b|c", NULL for other types */
    const char *fallback; /* default, as text */
    double low, high;     /* inclusive, numbers only */
    const char *unit;
    int fixed; /* must match on resume */
    const char *verbs, *meaning;
} deck_key_t;

/* characters of a line; the INI library's buffer takes that, newline and NUL */
enum { DECK_LINE = 198 };
extern const deck_key_t deck_keys[]; /* sections stand together */
int deck_n_keys(void);
int deck_key_find(const char *section, const char *name);    /* index, -1 */
int deck_key_nearest(const char *section, const char *name); /* least edits over "section.name" */
int deck_key_accepts(const deck_key_t *k, const char *value, text_t *why);
