/* The table of results: rows of (measure, by, of) with a value, its interval and what it is beside,
   as plain columns of a folder.  It is small: it is read and looked up whole. */
#include "io/rows.h"
#include <string.h>

const number_t *number_find(const numbers_t *t, const char *measure, const char *by, const char *of)
{
    for (int i = 0; i < t->n; i++)
        if (!strcmp(t->row[i].measure, measure) && !strcmp(t->row[i].by, by) &&
            !strcmp(t->row[i].of, of))
            return &t->row[i];
    return NULL;
}

void number_add(numbers_t *t, number_t n)
{
    PUSH(t->row, t->n, t->cap, n);
}

#define NUMBER_TEXTS 3
static const struct {
    const char *name;
    size_t at, width;
} texts[NUMBER_TEXTS] = {
    {"measure", offsetof(number_t, measure), sizeof((number_t *)0)->measure},
    {"by", offsetof(number_t, by), sizeof((number_t *)0)->by},
    {"of", offsetof(number_t, of), sizeof((number_t *)0)->of},
};

static void put_words(const rows_t *r, const char *name, size_t field)
{
    int64_t *at = ALLOC(int64_t, r->n + 1);
    text_t all = {0};
    text_add(&all, "");
    for (int64_t i = 0; i < r->n; i++) {
        text_add(&all, r->item + (size_t)i * r->stride + field);
        at[i + 1] = (int64_t)all.len;
    }
    rows_put_ragged(r, name, H5_U8, all.s, at);
    text_reset(&all);
    mem_free(at);
}

static void get_words(h5_t *f, const char *folder, const char *name, int64_t n, char *to,
                      size_t width)
{
    text_t full = {0};
    char *data;
    int64_t *at;
    text_addf(&full, "%s/%s", folder, name);
    int64_t m = h5_get_ragged(f, full.s, H5_U8, (void **)&data, &at, 1);
    for (int64_t i = 0; i < m && m == n; i++) {
        int64_t len = at[i + 1] - at[i];
        if (len >= (int64_t)width)
            m = -1;
        else
            memcpy(to + (size_t)i * sizeof(number_t), data + at[i], (size_t)len);
    }
    if (m != n)
        fail(CODE_DATA, "%s: %s does not fit the other columns; the file is damaged", h5_path(f),
             full.s);
    mem_free(data);
    mem_free(at);
    text_reset(&full);
}

void numbers_put(h5_t *f, const char *folder, const numbers_t *t)
{
    rows_t r = rows_of(f, folder, t->row, sizeof(number_t), t->n);
    for (int i = 0; i < NUMBER_TEXTS; i++)
        put_words(&r, texts[i].name, texts[i].at);
    rows_put(&r, "lists", H5_I32, offsetof(number_t, lists), 4);
    rows_put(&r, "value", H5_F64, offsetof(number_t, value), 8);
    rows_put(&r, "lo", H5_F64, offsetof(number_t, lo), 8);
    rows_put(&r, "hi", H5_F64, offsetof(number_t, hi), 8);
    rows_put(&r, "beside", H5_F64, offsetof(number_t, beside), 8);
}

numbers_t numbers_get(h5_t *f, const char *folder)
{
    int64_t n = rows_in(f, folder, "lists");
    numbers_t t = {.row = ALLOC(number_t, n + 1), .n = (int)n, .cap = (int)n + 1};
    if (!n)
        return t;
    for (int i = 0; i < NUMBER_TEXTS; i++)
        get_words(f, folder, texts[i].name, n, (char *)t.row + texts[i].at, texts[i].width);
#define GET(name, type, width) \
    rows_get(f, folder, #name, type, t.row, sizeof *t.row, n, offsetof(number_t, name), width)
    GET(lists, H5_I32, 4);
    GET(value, H5_F64, 8), GET(lo, H5_F64, 8), GET(hi, H5_F64, 8), GET(beside, H5_F64, 8);
#undef GET
    return t;
}
