/* Files of a folder that a test makes up. */
#pragma once
#include "test.h"
#include <stdio.h>

/* DIR/NAME holds that text; NULL: there is no such file. */
static inline void put(const char *dir, const char *name, const char *text)
{
    text_t path = {0};
    text_addf(&path, "%s/%s", dir, name);
    if (text)
        ASSERT(!text_write_file(path.s, text, strlen(text)));
    else
        remove(path.s);
    text_reset(&path);
}
