/* Files that lines name, put into the lines.

   A batch is all that other ranks get to see: so before a line goes into one, each KEY_file
   of it becomes KEY_base64, and each {"file": NAME} of its outputs {"base64": TEXT}, with the
   bytes that the file has now, on the rank that reads.  All ranks make the same bank of it,
   wherever the files lie.  Only lines that name files are taken apart for that. */
#include "import.h"
#include <stdlib.h>
#include <string.h>

static json_t *coded(const char *s, size_t n)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = mem_new((n + 2) / 3 * 4 + 1);
    size_t at = 0;
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i < 3 ? n - i : 3;
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < left ? (unsigned char)s[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            out[at++] = k <= left ? digit[bits >> (18 - 6 * k) & 63] : '=';
    }
    json_t *o = json_stringn(out, at);
    mem_free(out);
    return o;
}

/* The file at key of an object, if one is named there, as its bytes at `to`. */
static void put_bytes(bank_reader_t *m, const char *where, json_t *o, const char *key,
                      const char *to)
{
    const field_t f = {.file = where, .o = o};
    size_t n;
    if (!json_is_object(o) || !json_is_string(json_object_get(o, key)))
        return;
    char *s = json_file(m, &f, key, field_text(&f, key), &n);
    json_object_set_new(o, to, coded(s, n));
    json_object_del(o, key);
    mem_free(s);
}

void import_inline(bank_reader_t *m, const char *where, const char *s, size_t n, text_t *out)
{
    field_t f = field_line(where, s, n);
    json_t *o = (json_t *)f.o, *one, *also;
    size_t i, k;
    json_array_foreach (json_object_get(o, "tests"), i, one) {
        put_bytes(m, where, one, "input_file", "input_base64");
        put_bytes(m, where, one, "output_file", "output_base64");
        json_array_foreach (json_object_get(one, "outputs"), k, also)
            put_bytes(m, where, also, "file", "base64");
    }
    json_array_foreach (json_object_get(o, "programs"), i, one)
        put_bytes(m, where, one, "source_file", "source_base64");
    put_bytes(m, where, json_object_get(o, "checker"), "source_file", "source_base64");
    put_bytes(m, where, json_object_get(o, "harness"), "source_file", "source_base64");
    char *line = json_dumps(f.o, JSON_COMPACT);
    text_add(out, line ? line : "");
    free(line);
    field_close(f);
}
