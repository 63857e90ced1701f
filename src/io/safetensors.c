/* The safetensors format: eight bytes of header length (little-endian), a JSON header,
   then the data.

   The header maps each tensor's name to {"dtype", "shape", "data_offsets": [first,
   end)}, offsets counted from the end of the header; "__metadata__" may hold texts.
   Nothing of it is believed: its length against the file's and against 100 MB, every
   range against the data, ranges against each other (no overlap, no hole, nothing left
   over), every size against shape times element size.  F32, F16 and BF16 become
   float32, exactly; other types are known only by their size, so that a message can
   name them.

   Elements are read where they are asked for, as they stand in the file, into memory
   that the caller has warm in its caches; any number of threads may do so at once.  A
   map of the file would save that copy and cost more: a fault for every few pages, and
   pages taken out again at the end; and a file that another program cuts short meanwhile
   would be a signal instead of a message.  local */
#include "field.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
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
    int fd;
    uint64_t data; /* where it begins in the file */
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

static int bytes_of(const char *name)
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
    const json_t *shape = field_array(&f, "shape"), *range = field_array(&f, "data_offsets"), *item;
    size_t i;
    t.dtype = field_text(&f, "dtype");
    int bytes = bytes_of(t.dtype);
    if (!bytes)
        field_bad(&f, "dtype", "%s is not known", t.dtype);
    json_array_foreach (shape, i, item) {
        int64_t d = json_is_integer(item) ? json_integer_value(item) : -1;
        if (i >= 8 || d < 0 || (d && t.count > INT64_MAX / 16 / d))
            field_bad(&f, "shape", "at most 8 sizes of at most 2^59 elements in all were expected");
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

/* 0, or what errno says, or EIO at the end of the file. */
static int read_at(int fd, void *to, uint64_t n, uint64_t at)
{
    for (uint64_t done = 0; done < n;) {
        ssize_t got = pread(fd, (char *)to + done, n - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got ? errno : EIO;
        done += (uint64_t)got;
    }
    return 0;
}

/* Of the file's `size` bytes, 8 and the header's. */
static void read_header(safetensors_t *s, uint64_t size)
{
    uint8_t head[8];
    uint64_t len = 0;
    int error = read_at(s->fd, head, 8, 0);
    for (int i = 7; !error && i >= 0; i--)
        len = len << 8 | head[i];
    if (!error && (len < 2 || len > 100000000 || len > size - 8))
        fail(CODE_DATA,
             "%s: a header of %llu bytes in a file of %llu: not a safetensors file, or "
             "truncated",
             s->path, (unsigned long long)len, (unsigned long long)size);
    char *text = mem_new(len + 1);
    if (error || (error = read_at(s->fd, text, len, 8)))
        fail(CODE_DATA, "%s: cannot be read: %s", s->path, strerror(error));
    s->header = field_parse(s->path, text, len);
    s->data = 8 + len;
    mem_free(text);
}

safetensors_t *safetensors_open(const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe is refused, not waited for */
    if (fd < 0 || fstat(fd, &st))
        fail(CODE_DATA, "%s: cannot be read: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode) || st.st_size < 10)
        fail(CODE_DATA, "%s: not a safetensors file: %lld bytes", path, (long long)st.st_size);
    safetensors_t *s = ALLOC(safetensors_t, 1);
    s->path = mem_text(path);
    s->fd = fd;
    read_header(s, (uint64_t)st.st_size);
    uint64_t room = (uint64_t)st.st_size - s->data, at = 0;
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)s->header.o, name, value)
        if (strcmp(name, "__metadata__"))
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
    close(s->fd);
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

/* Is one of them NaN or infinite?  Then all bits of its exponent are set. */
static int unusable(const uint8_t *p, dtype_t type, int64_t n)
{
    uint32_t any = 0;
    uint16_t any_half = 0, mask = type == BF16 ? 0x7F80 : 0x7C00;
    for (int64_t k = 0; type == F32 && k < n; k++) {
        uint32_t bits;
        memcpy(&bits, p + 4 * k, 4);
        any |= (bits & 0x7F800000) == 0x7F800000;
    }
    for (int64_t k = 0; type != F32 && k < n; k++) {
        uint16_t half;
        memcpy(&half, p + 2 * k, 2);
        any_half |= (half & mask) == mask;
    }
    return any || any_half;
}

/* -1: none that is read. */
static int type_of(const safetensors_t *s, int i)
{
    for (dtype_t k = F32; k <= F16; k++)
        if (!strcmp(s->tensor[i].dtype, dtype_names[k]))
            return (int)k;
    return -1;
}

int safetensors_is_number(const safetensors_t *s, int i, text_t *why)
{
    int is = type_of(s, i) >= 0;
    if (!is)
        text_addf(why, "%s: tensor %s is of type %s; F32, F16 or BF16 was expected", s->path,
                  s->tensor[i].name, s->tensor[i].dtype);
    return is;
}

dtype_t safetensors_type(const safetensors_t *s, int i)
{
    text_t why = {0};
    if (!safetensors_is_number(s, i, &why))
        fail(CODE_DATA, "%s", why.s);
    return (dtype_t)type_of(s, i);
}

int safetensors_is_shape(const safetensors_t *s, int i, const int64_t *dim, int dims, text_t *has)
{
    const tensor_t *t = &s->tensor[i];
    if (t->dims == dims && !memcmp(t->dim, dim, (size_t)dims * sizeof *dim))
        return 1;
    if (has)
        shape_text(has, t->dim, t->dims);
    return 0;
}

void safetensors_shape(const safetensors_t *s, int i, const int64_t *dim, int dims)
{
    text_t has = {0}, want = {0};
    if (safetensors_is_shape(s, i, dim, dims, &has))
        return;
    shape_text(&want, dim, dims);
    fail(CODE_DATA, "%s: tensor %s has shape %s; %s was expected", s->path, s->tensor[i].name,
         has.s, want.s);
}

int64_t safetensors_place(const safetensors_t *s, int i)
{
    return (int64_t)s->tensor[i].first;
}

static uint64_t offset_of(const safetensors_t *s, int i, int64_t first)
{
    return s->data + s->tensor[i].first + (uint64_t)(first * bytes_of(s->tensor[i].dtype));
}

void safetensors_ahead(const safetensors_t *s, int i, int64_t first, int64_t n)
{
    posix_fadvise(s->fd, (off_t)offset_of(s, i, first), n * bytes_of(s->tensor[i].dtype),
                  POSIX_FADV_WILLNEED);
}

int safetensors_take(const safetensors_t *s, int i, int64_t first, int64_t n, void *raw)
{
    dtype_t type = safetensors_type(s, i);
    return read_at(s->fd, raw, (uint64_t)(n * dtype_bytes(type)), offset_of(s, i, first)) ||
           unusable(raw, type, n);
}

void safetensors_refuse(const safetensors_t *s, int i, int64_t first, int64_t n)
{
    dtype_t type = safetensors_type(s, i);
    int64_t size = dtype_bytes(type);
    uint8_t *raw = mem_new((size_t)(n * size));
    int error = read_at(s->fd, raw, (uint64_t)(n * size), offset_of(s, i, first));
    if (error)
        fail(CODE_DATA, "%s: tensor %s cannot be read: %s", s->path, s->tensor[i].name,
             strerror(error));
    for (int64_t k = 0; k < n; k++)
        if (unusable(raw + k * size, type, 1)) {
            float x;
            safetensors_widen(type, raw + k * size, 1, &x);
            fail(CODE_DATA, "%s: tensor %s, element %lld is %s: not a number to compute with",
                 s->path, s->tensor[i].name, (long long)(first + k), x != x ? "NaN" : "infinite");
        }
    fail(CODE_DATA,
         "%s: tensor %s had other bytes when it was read again: is the file being written?",
         s->path, s->tensor[i].name);
}

enum { PIECE = 1 << 16 }; /* elements at a time */

static void widen(dtype_t type, const uint8_t *p, int64_t n, float *x)
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

void safetensors_widen(dtype_t type, const void *raw, int64_t n, float *x)
{
#pragma omp parallel for schedule(static) if (n > PIECE)
    for (int64_t k = 0; k < n; k += PIECE)
        widen(type, (const uint8_t *)raw + k * dtype_bytes(type), n - k < PIECE ? n - k : PIECE,
              x + k);
}

void safetensors_get(const safetensors_t *s, int i, int64_t first, int64_t n, float *x)
{
    uint8_t *raw = mem_new(4 * PIECE);
    for (int64_t k = 0; k < n; k += PIECE) {
        int64_t some = n - k < PIECE ? n - k : PIECE;
        if (safetensors_take(s, i, first + k, some, raw))
            safetensors_refuse(s, i, first + k, some);
        safetensors_widen(safetensors_type(s, i), raw, some, x + k);
    }
    mem_free(raw);
}
