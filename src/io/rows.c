/* Structs as columns: a field of each is copied out, written where this rank's rows belong, or read
   and copied in.  Cost: one pass over the rows a column. */
#include "io/rows.h"
#include <string.h>

rows_t rows_of(h5_t *f, const char *folder, const void *item, size_t stride, int n_local)
{
    rows_t r = {f, folder, item, stride, n_local, 0, 0, 0};
    h5_rows(f, n_local, &r.first, &r.total);
    return r;
}

void rows_put_ragged(const rows_t *r, const char *name, h5_type_t type, const void *data,
                     const int64_t *at)
{
    text_t full = {0};
    text_addf(&full, "%s/%s", r->folder, name);
    (r->append ? h5_append_ragged : h5_put_ragged)(r->f, full.s, type, data, at, r->n);
    text_reset(&full);
}

void rows_put(const rows_t *r, const char *name, h5_type_t type, size_t field, size_t width)
{
    text_t full = {0};
    text_addf(&full, "%s/%s", r->folder, name);
    char *c = mem_new((size_t)r->n * width + 1);
    for (int64_t i = 0; i < r->n; i++)
        memcpy(c + (size_t)i * width, r->item + (size_t)i * r->stride + field, width);
    if (r->append)
        h5_append(r->f, full.s, type, c, 0, r->n);
    else
        h5_put(r->f, full.s, type, c, r->total, 0, r->first, r->n);
    mem_free(c);
    text_reset(&full);
}

void rows_get(h5_t *f, const char *folder, const char *name, h5_type_t type, void *item,
              size_t stride, int64_t n, size_t field, size_t width)
{
    text_t full = {0};
    text_addf(&full, "%s/%s", folder, name);
    char *c = mem_new((size_t)n * width + 1);
    h5_get(f, full.s, type, c, n, 0, 0, n);
    for (int64_t i = 0; i < n; i++)
        memcpy((char *)item + (size_t)i * stride + field, c + (size_t)i * width, width);
    mem_free(c);
    text_reset(&full);
}

int64_t rows_in(h5_t *f, const char *folder, const char *column)
{
    int64_t rows = 0, cols;
    text_t full = {0};
    text_addf(&full, "%s/%s", folder, column);
    if (h5_has(f, full.s))
        h5_shape(f, full.s, &rows, &cols);
    text_reset(&full);
    if (rows > INT32_MAX / 2)
        fail(CODE_DATA, "%s: %s has %lld rows, more than can be read", h5_path(f), folder,
             (long long)rows);
    return rows;
}
