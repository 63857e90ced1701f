/* Inside floor 6: the common form of tables like input/templates.conf and input/questions.conf. */
#pragma once
#include "testbed.h"

/* What a table does with the next section, and with the next value of the section before; it owns
   name and value.  more: `key += value`. */
typedef struct {
    void (*section)(void *ctx, int line, char *name);
    void (*value)(void *ctx, int line, const char *key, int more, char *value);
    void *ctx;
} conf_t;
/* CODE_USAGE with source:line for what is neither section, key nor comment.  local */
void conf_read(const conf_t *c, const char *source, const char *text);
/* What \c means in a value; 0: nothing. */
char conf_escape(char c);
#define CONF_ESCAPES "after \\ one of n t s \\ { } was expected"
