/* Writing safetensors files.

   All names, shapes and types are known first and make the header; then the tensors
   stream, any number of elements at a time, into PATH.tmp, which is fsynced and renamed:
   a full disk leaves PATH as it was.  bfloat16 is the upper half of float32, rounded to
   nearest, ties to even; float16 is rounded likewise, and a number too large for it ends
   the program by the tensor's name rather than become infinite.  What came from a file of
   such numbers is therefore written with the same bytes.  local */
#include "field.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct safetensors_out {
    char *path, *aside;
    FILE *f;
    safetensors_item_t *item; /* names borrowed */
    int n, at;                /* the tensor that is being written */
    int64_t done;             /* and how much of it was */
};

static int64_t count_of(const safetensors_item_t *t)
{
    int64_t n = 1;
    for (int k = 0; k < t->dims; k++)
        n *= t->dim[k];
    return n;
}

int64_t safetensors_bytes(const safetensors_item_t *item)
{
    return count_of(item) * dtype_bytes(item->type);
}

static json_t *header_of(const safetensors_item_t *item, int n)
{
    json_t *header = json_pack("{s{ss}}", "__metadata__", "format", "pt");
    int64_t at = 0;
    for (int i = 0; i < n; i++) {
        json_t *shape = json_array();
        int64_t first = at;
        for (int k = 0; k < item[i].dims; k++)
            json_array_append_new(shape, json_integer(item[i].dim[k]));
        at += safetensors_bytes(&item[i]);
        json_object_set_new(header, item[i].name,
                            json_pack("{ss so s[II]}", "dtype", dtype_names[item[i].type], "shape",
                                      shape, "data_offsets", (json_int_t)first, (json_int_t)at));
    }
    return header;
}

safetensors_out_t *safetensors_create(const char *path, const safetensors_item_t *item, int n)
{
    safetensors_out_t *o = ALLOC(safetensors_out_t, 1);
    text_t aside = {0};
    json_t *header = header_of(item, n);
    char *text = json_dumps(header, JSON_COMPACT);
    ASSERT(text);
    text_addf(&aside, "%s.tmp", path);
    o->path = mem_text(path);
    o->aside = aside.s;
    o->item = ALLOC(safetensors_item_t, n + 1);
    memcpy(o->item, item, (size_t)n * sizeof *item);
    o->n = n;
    o->f = fopen(aside.s, "wb");
    if (!o->f)
        fail(CODE_FIT, "%s: cannot be written: %s", aside.s, strerror(errno));
    size_t len = strlen(text), pad = (8 - len % 8) % 8;
    uint64_t total = len + pad;
    for (int i = 0; i < 8; i++)
        fputc((int)(total >> 8 * i & 255), o->f);
    fprintf(o->f, "%s%*s", text, (int)pad, "");
    free(text);
    json_decref(header);
    return o;
}

static uint16_t to_bf16(float x)
{
    uint32_t b;
    memcpy(&b, &x, 4);
    int nan = (b & 0x7FFFFFFF) > 0x7F800000;
    return (uint16_t)(nan ? b >> 16 | 64 : (b + 0x7FFF + (b >> 16 & 1)) >> 16);
}

/* x is finite and below 65520 in size. */
static uint16_t to_f16(float x)
{
    uint32_t b;
    memcpy(&b, &x, 4);
    uint32_t sign = b >> 16 & 0x8000, size = b & 0x7FFFFFFF;
    if (size < 0x38800000) /* subnormal there: multiples of 2^-24, rounded by the addition */
        return (uint16_t)(sign | (uint32_t)lrintf(fabsf(x) * 0x1p24f));
    return (uint16_t)(sign | ((size - 0x38000000 + 0xFFF + (size >> 13 & 1)) >> 13));
}

static void narrow(const safetensors_out_t *o, uint16_t *half, const float *x, int64_t n,
                   dtype_t type)
{
    for (int64_t k = 0; k < n; k++) {
        if (type == F16 && !(fabsf(x[k]) < 65520))
            fail(CODE_DATA,
                 "%s: tensor %s holds %g, which float16 cannot: write bfloat16 or float32", o->path,
                 o->item[o->at].name, x[k]);
        half[k] = type == F16 ? to_f16(x[k]) : to_bf16(x[k]);
    }
}

void safetensors_put(safetensors_out_t *o, const float *x, int64_t n)
{
    enum { BLOCK = 4096 };
    uint16_t half[BLOCK];
    while (n) {
        while (o->at < o->n && o->done == count_of(&o->item[o->at]))
            o->at++, o->done = 0;
        ASSERT(o->at < o->n);
        dtype_t type = o->item[o->at].type;
        int64_t left = count_of(&o->item[o->at]) - o->done, most = type == F32 ? n : BLOCK;
        int64_t m = n < left ? n : left;
        m = m < most ? m : most;
        if (type == F32) {
            fwrite(x, 4, (size_t)m, o->f);
        } else {
            narrow(o, half, x, m, type);
            fwrite(half, 2, (size_t)m, o->f);
        }
        o->done += m, x += m, n -= m;
    }
}

void safetensors_commit(safetensors_out_t *o)
{
    errno = 0;
    int bad = fflush(o->f) || ferror(o->f) || fsync(fileno(o->f));
    bad |= fclose(o->f);
    if (bad || rename(o->aside, o->path)) {
        int why = errno;
        remove(o->aside);
        fail(CODE_FIT, "%s: cannot be written: %s", o->path,
             why ? strerror(why) : "the disk refused");
    }
    mem_free(o->aside);
    mem_free(o->path);
    mem_free(o->item);
    mem_free(o);
}
