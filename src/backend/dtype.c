/* The types of numbers and their names in config.json and decks. */
#include "backend.h"
#include <string.h>

const char *const dtype_texts[] = {[F32] = "float32", [BF16] = "bfloat16", [F16] = "float16"};

int64_t dtype_bytes(dtype_t t)
{
    return t == F32 ? 4 : 2;
}

dtype_t dtype_of(const char *text, dtype_t otherwise)
{
    for (dtype_t i = F32; i <= F16; i++)
        if (!strcmp(text, dtype_texts[i]))
            return i;
    return otherwise;
}
