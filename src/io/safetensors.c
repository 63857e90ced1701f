/* The safetensors format: eight bytes of header length (little-endian), a JSON header,
   then the data.

   The header maps each tensor's name to {"dtype", "shape", "data_offsets": [first,
   end)}, offsets counted from the end of the header; "__metadata__" may hold texts.  A
   file is mapped, not read (a pipe is refused, not waited for): a tensor's pages are
   touched when it is asked for, and those behind them are sent for meanwhile
   (safetensors_ahead).  Nothing of the header is believed: its length against the file's and against 100 MB, every
   range against the data, ranges against each other (no overlap, no hole, nothing left
   over), every size against shape times element size.  F32, F16 and BF16 become
   float32, exactly; other types are known only by their size, so that a message can
   name them.  local */
#include "field.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    const char *name;
    const char *dtype;
    int64_t dim[8], count;
    int dims;
    uint64_t first, end;
} tensor_t;

struct safetensors {
    char *path;
    const uint8_t *map, *data;
    size_t size;
    field_t header;
    tensor_t *tensor;
    int n, cap;
};

const char *const dtype_names[] = {[F32] = "F32", [BF16] = "BF16", [F16] = "F16"};

static const struct {
    const char *name;
    int bytes;
} dtypes[] = {{"F32", 4}, {"F16", 2}, {"BF16", 2}, {"F64", 8},     {"I64", 8},
              {"I32", 4}, {"I16", 2}, {"I8", 1},   {"U64", 8},     {"U32", 4},
              {"U16", 2}, {"U8", 1},  {"BOOL", 1}, {"F8_E4M3", 1}, {"F8_E5M2", 1}};

static int dtype_bytes(const char *name)
{
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
        if (!strcmp(dtypes[i].name, name))
            return dtypes[i].bytes;
    return 0;
}

static void read_tensor(safetensors_t *s, const char *name, uint64_t room)
{
    tensor_t t = {.name = name, .count = 1};
    field_t f = field_object(&s->header, name);
    const json_t *shape = field_array(&f, "shape"),
                 *range = field_array(&f, "data_offsets"), *item;
    size_t i;
    t.dtype = field_text(&f, "dtype");
    int bytes = dtype_bytes(t.dtype);
    if (!bytes)
        field_bad(&f, "dtype", "%s is not known", t.dtype);
    json_array_foreach(shape, i, item)
    {
        int64_t d = json_is_integer(item) ? json_integer_value(item) : -1;
        if (i >= 8 || d < 0 || (d && t.count > INT64_MAX / 16 / d))
            field_bad(&f, "shape",
                      "at most 8 sizes of at most 2^59 elements in all were expected");
        t.dim[t.dims++] = d;
        t.count *= d;
    }
    json_t *a = json_array_get(range, 0), *b = json_array_get(range, 1);
    if (json_array_size(range) != 2 || !json_is_integer(a) || !json_is_integer(b) ||
        json_integer_value(a) < 0 || json_integer_value(b) < json_integer_value(a))
        field_bad(&f, "data_offsets", "[first, end] was expected");
    t.first = (uint64_t)json_integer_value(a);
    t.end = (uint64_t)json_integer_value(b);
    if (t.end > room)
        field_bad(&f, "data_offsets",
                  "ends at %llu, but the file has %llu bytes of data: truncated?",
                  (unsigned long long)t.end, (unsigned long long)room);
    if (t.end - t.first != (uint64_t)t.count * (uint64_t)bytes)
        field_bad(&f, "data_offsets", "%llu bytes for %lld elements of %s",
                  (unsigned long long)(t.end - t.first), (long long)t.count, t.dtype);
    PUSH(s->tensor, s->n, s->cap, t);
}

static int by_place(const void *x, const void *y)
{
    const tensor_t *a = x, *b = y;
    return a->first != b->first ? (a->first > b->first) - (a->first < b->first)
                                : (a->end > b->end) - (a->end < b->end);
}

safetensors_t *safetensors_open(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 || fstat(fd, &st))
        fail(CODE_DATA, "%s: cannot be read: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode) || st.st_size < 10)
        fail(CODE_DATA, "%s: not a safetensors file: %lld bytes", path,
             (long long)st.st_size);
    safetensors_t *s = ALLOC(safetensors_t, 1);
    s->path = mem_text(path);
    s->size = (size_t)st.st_size;
    s->map = mmap(NULL, s->size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (s->map == MAP_FAILED)
        fail(CODE_FIT, "%s: cannot be mapped: %s", path, strerror(errno));
    close(fd);
    uint64_t len = 0;
    for (int i = 7; i >= 0; i--)
        len = len << 8 | s->map[i];
    if (len < 2 || len > 100000000 || len > s->size - 8)
        fail(CODE_DATA,
             "%s: a header of %llu bytes in a file of %zu: not a safetensors file, or "
             "truncated",
             path, (unsigned long long)len, s->size);
    s->header = field_parse(s->path, (const char *)s->map + 8, len);
    s->data = s->map + 8 + len;
    uint64_t room = s->size - 8 - len, at = 0;
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)s->header.o, name,
                        value) if (strcmp(name, "__metadata__"))
        read_tensor(s, name, room);
    if (s->n)
        qsort(s->tensor, (size_t)s->n, sizeof *s->tensor, by_place);
    for (int i = 0; i < s->n; at = s->tensor[i++].end)
        if (s->tensor[i].first != at)
            fail(CODE_DATA,
                 "%s: tensor %s begins at %llu where %llu was expected: tensors overlap "
                 "or leave a hole",
                 path, s->tensor[i].name, (unsigned long long)s->tensor[i].first,
                 (unsigned long long)at);
    if (at != room)
        fail(CODE_DATA, "%s: %llu bytes of data, but the tensors end at %llu", path,
             (unsigned long long)room, (unsigned long long)at);
    return s;
}

void safetensors_close(safetensors_t *s)
{
    munmap((void *)s->map, s->size);
    field_close(s->header);
    mem_free(s->tensor);
    mem_free(s->path);
    mem_free(s);
}

int safetensors_count(const safetensors_t *s)
{
    return s->n;
}

const char *safetensors_name(const safetensors_t *s, int i)
{
    return s->tensor[i].name;
}

int safetensors_find(const safetensors_t *s, const char *name)
{
    for (int i = 0; i < s->n; i++)
        if (!strcmp(s->tensor[i].name, name))
            return i;
    return -1;
}

static void shape_text(text_t *out, const int64_t *dim, int dims)
{
    text_add(out, "[");
    for (int i = 0; i < dims; i++)
        text_addf(out, "%s%lld", i ? ", " : "", (long long)dim[i]);
    text_add(out, "]");
}

/* Exact: F16's values, subnormal ones too, are float32 values. */
static float from_f16(uint16_t h)
{
    uint32_t sign = (uint32_t)(h & 0x8000) << 16, e = h >> 10 & 31, m = h & 1023, bits;
    float f;
    if (e == 0) {
        f = (float)m * 0x1p-24f;
        return sign ? -f : f;
    }
    bits = sign | (e == 31 ? 0x7F800000u : (e + 112) << 23) | m << 13;
    memcpy(&f, &bits, 4);
    return f;
}

static void widen(float *x, const uint8_t *p, dtype_t type, int64_t n)
{
    if (type == F32)
        memcpy(x, p, (size_t)n * 4);
    for (int64_t k = 0; type != F32 && k < n; k++) {
        uint16_t half;
        memcpy(&half, p + 2 * k, 2);
        uint32_t bits = (uint32_t)half << 16;
        if (type == BF16)
            memcpy(&x[k], &bits, 4);
        else
            x[k] = from_f16(half);
    }
}

/* Is one of them NaN or infinite? */
static int unusable(const float *x, int64_t n)
{
    uint32_t any = 0;
    for (int64_t k = 0; k < n; k++) {
        uint32_t bits;
        memcpy(&bits, &x[k], 4);
        any |= (bits & 0x7F800000) == 0x7F800000;
    }
    return (int)any;
}

dtype_t safetensors_type(const safetensors_t *s, int i)
{
    const tensor_t *t = &s->tensor[i];
    for (dtype_t k = F32; k <= F16; k++)
        if (!strcmp(t->dtype, dtype_names[k]))
            return k;
    fail(CODE_DATA, "%s: tensor %s is of type %s; F32, F16 or BF16 was expected", s->path,
         t->name, t->dtype);
}

void safetensors_shape(const safetensors_t *s, int i, const int64_t *dim, int dims)
{
    const tensor_t *t = &s->tensor[i];
    if (t->dims == dims && !memcmp(t->dim, dim, (size_t)dims * sizeof *dim))
        return;
    text_t has = {0}, want = {0};
    shape_text(&has, t->dim, t->dims);
    shape_text(&want, dim, dims);
    fail(CODE_DATA, "%s: tensor %s has shape %s; %s was expected", s->path, t->name, has.s,
         want.s);
}

const void *safetensors_data(const safetensors_t *s, int i, int64_t first)
{
    return s->data + s->tensor[i].first + (size_t)first * (size_t)dtype_bytes(s->tensor[i].dtype);
}

int64_t safetensors_place(const safetensors_t *s, int i)
{
    return (int64_t)s->tensor[i].first;
}

/* In pieces by all threads: most of the time is the kernel's, which makes the pages. */
void safetensors_ahead(const safetensors_t *s, const void *from, size_t bytes)
{
    const size_t piece = (size_t)1 << 20;
    uintptr_t a = (uintptr_t)from / 4096 * 4096, last = (uintptr_t)(s->map + s->size), end = (uintptr_t)from + bytes;
    end = end < last ? end : last;
#pragma omp parallel for schedule(static)
    for (uintptr_t at = a; at < end; at += piece)
        madvise((void *)at, end - at < piece ? end - at : piece, MADV_WILLNEED);
}

void safetensors_widen(const safetensors_t *s, int i, int64_t first, int64_t n, const void *raw, float *x)
{
    enum { SHARE = 1 << 16 };
    const tensor_t *t = &s->tensor[i];
    dtype_t type = safetensors_type(s, i);
    const uint8_t *p = raw;
    int bad = 0;
#pragma omp parallel for schedule(static) reduction(| : bad) if (n > SHARE)
    for (int64_t k = 0; k < n; k += SHARE) {
        int64_t m = n - k < SHARE ? n - k : SHARE;
        widen(x + k, p + (size_t)k * (type == F32 ? 4 : 2), type, m);
        bad |= unusable(x + k, m);
    }
    for (int64_t k = 0; bad && k < n; k++)
        if (unusable(x + k, 1))
            fail(CODE_DATA, "%s: tensor %s, element %lld is %s: not a number to compute with",
                 s->path, t->name, (long long)(first + k), x[k] != x[k] ? "NaN" : "infinite");
}

void safetensors_get(const safetensors_t *s, int i, float *x, const int64_t *dim, int dims)
{
    safetensors_shape(s, i, dim, dims);
    safetensors_widen(s, i, 0, s->tensor[i].count, safetensors_data(s, i, 0), x);
}
