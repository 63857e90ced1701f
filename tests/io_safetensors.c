// What is written is read back, bit for bit or rounded as it must be; a damaged file is refused by
// what is wrong with it.
// RUN: np=1
#include "test.h"
#include "io.h"
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/aletheia-test-XXXXXX";
static text_t path;

static void open_path(void *arg)
{
    safetensors_close(safetensors_open(arg));
}

/* A file from a header text and n bytes of zeros. */
static void make(uint64_t length, const char *header, size_t n)
{
    text_t t = {0};
    for (int i = 0; i < 8; i++)
        text_addn(&t, &(char){(char)(length >> 8 * i)}, 1);
    text_add(&t, header);
    for (size_t i = 0; i < n; i++)
        text_addn(&t, "", 1);
    ASSERT(!text_write_file(path.s, t.s, t.len));
    text_reset(&t);
}

static void refuse(const char *header, size_t n, const char *part)
{
    make(strlen(header), header, n);
    test_fails(CODE_DATA, open_path, path.s, part);
}

static void wrong_shape(void *arg)
{
    safetensors_shape(safetensors_open(arg), 0, (int64_t[]){3, 4}, 2);
}

static void wrong_type(void *arg)
{
    float x[12];
    safetensors_get(safetensors_open(arg), 0, 0, 12, x);
}

/* Another program makes the file shorter while it is being read. */
static void cut_short(void *arg)
{
    float x[12];
    safetensors_t *s = safetensors_open(arg);
    ASSERT(!truncate(arg, 100));
    safetensors_get(s, 0, 0, 12, x);
}

static void not_finite(void *arg)
{
    float x[4] = {1, 2, NAN, 4};
    safetensors_item_t item = {"w", {4}, 1, BF16};
    safetensors_out_t *o = safetensors_create(arg, &item, 1);
    safetensors_put(o, x, 4);
    safetensors_commit(o);
    safetensors_get(safetensors_open(arg), 0, 0, 4, x);
}

static void no_room(void *arg)
{
    safetensors_item_t item = {"w", {4}, 1, F32};
    (void)arg;
    safetensors_create("/tmp/no-such-directory/model.safetensors", &item, 1);
}

static void bad_files(void)
{
    test_fails(CODE_DATA, open_path, "/tmp/no-such-file", "/tmp/no-such-file: cannot be read");
    test_fails(CODE_DATA, open_path, "/tmp", "not a safetensors file");
    test_fails(CODE_FIT, no_room, NULL, "cannot be written");
    remove(path.s);
    check(!mkfifo(path.s, 0600));
    test_fails(CODE_DATA, open_path, path.s, "not a safetensors file");
    remove(path.s);
    make(1ull << 63, "{}", 0);
    test_fails(CODE_DATA, open_path, path.s,
               "a header of 9223372036854775808 bytes in a file of 10");
    make(3, "{}", 0);
    test_fails(CODE_DATA, open_path, path.s, "a header of 3 bytes");
    refuse("{\"a\": ", 0, "not JSON");
    refuse("[1, 2]", 0, "a JSON object was expected");
    refuse("{\"a\":1}", 0, "field a: an object was expected");
    refuse("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 4,
           "field a.data_offsets: ends at 8, but the file has 4");
    refuse("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}", 9,
           "9 bytes of data, but the tensors end at 8");
    refuse("{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}", 8,
           "8 bytes for 3 elements of F32");
    refuse("{\"a\":{\"dtype\":\"F99\",\"shape\":[2],\"data_offsets\":[0,8]}}", 8,
           "field a.dtype: F99");
    refuse("{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}", 8, "field a.shape");
    refuse("{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":"
           "[0,8]}}",
           8, "field a.shape");
    refuse("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}", 8,
           "field a.data_offsets");
    refuse("{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}", 8,
           "field a.data_offsets");
    refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[0,8]},\"b\":{"
           "\"dtype\":\"U8\",\"shape\":[8],\"data_offsets\":[4,12]}}",
           12, "tensor b begins at 4 where 8 was expected: tensors overlap");
    refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{"
           "\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[3,4]}}",
           4, "tensor b begins at 3 where 2 was expected");
    refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"a\":{"
           "\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]}}",
           4, "field a: an object was expected, found two different values");
    static const char wide[] =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4,3],\"data_offsets\":[0,48]}}";
    make(sizeof wide - 1, wide, 48);
    test_fails(CODE_DATA, wrong_shape, path.s, "tensor a has shape [4, 3]; [3, 4] was expected");
    static const char small[] =
        "{\"a\":{\"dtype\":\"I8\",\"shape\":[3,4],\"data_offsets\":[0,12]}}";
    test_fails(CODE_DATA, cut_short, path.s, "tensor a cannot be read: ");
    make(sizeof small - 1, small, 12);
    test_fails(CODE_DATA, wrong_type, path.s,
               "tensor a is of type I8; F32, F16 or BF16 was expected");
    test_fails(CODE_DATA, not_finite, path.s, "tensor w, element 2 is NaN");
}

static void get_first(void *arg)
{
    float x[8];
    safetensors_get(safetensors_open(arg), 0, 0, 2, x);
}

/* One tensor of two elements of this type, with these bytes. */
static void refuse_data(const char *dtype, int64_t each, const void *data, const char *part)
{
    text_t t = {0}, h = {0};
    text_addf(&h, "{\"w\":{\"dtype\":\"%s\",\"shape\":[2],\"data_offsets\":[0,%lld]}}", dtype,
              (long long)(2 * each));
    text_addn(&t, (char[8]){(char)h.len}, 8);
    text_addn(&t, h.s, h.len);
    text_addn(&t, data, (size_t)(2 * each));
    ASSERT(!text_write_file(path.s, t.s, t.len));
    test_fails(CODE_DATA, get_first, path.s, part);
    text_reset(&t);
    text_reset(&h);
}

static void bad_data(void)
{
    static const char zeros[16];
    static const char *const other[][2] = {{"F64", "8"},    {"I64", "8"},  {"I32", "4"},
                                           {"U16", "2"},    {"BOOL", "1"}, {"F8_E4M3", "1"},
                                           {"F8_E5M2", "1"}};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        char part[80];
        snprintf(part, sizeof part, "tensor w is of type %s; F32, F16 or BF16 was expected",
                 other[i][0]);
        refuse_data(other[i][0], atoi(other[i][1]), zeros, part);
    }
    refuse_data("F32", 4, (uint32_t[]){0, 0xFF800000}, "tensor w, element 1 is infinite");
    refuse_data("F32", 4, (uint32_t[]){0x7F800001, 0}, "tensor w, element 0 is NaN");
    refuse_data("F16", 2, (uint16_t[]){0x7BFF, 0x7C00}, "tensor w, element 1 is infinite");
    refuse_data("F16", 2, (uint16_t[]){0xFE00, 0}, "tensor w, element 0 is NaN");
    refuse_data("BF16", 2, (uint16_t[]){0, 0x7F80}, "tensor w, element 1 is infinite");
    refuse_data("BF16", 2, (uint16_t[]){0x7F81, 0}, "tensor w, element 0 is NaN");
}

/* Lengths of the header: near 2^63 and 2^64, beyond the file, 100 MB and one byte more. */
static void bad_lengths(void)
{
    static const uint64_t length[] = {(1ull << 63) - 1,
                                      (1ull << 63) + 8,
                                      UINT64_MAX,
                                      UINT64_MAX - 7,
                                      UINT64_MAX - 8,
                                      1ull << 32,
                                      0,
                                      1,
                                      3,
                                      100};
    for (size_t i = 0; i < sizeof length / sizeof *length; i++) {
        char part[80];
        make(length[i], "{}", 0);
        snprintf(part, sizeof part,
                 "a header of %llu bytes in a file of 10: not a safetensors file, or truncated",
                 (unsigned long long)length[i]);
        test_fails(CODE_DATA, open_path, path.s, part);
    }
    static const char whole[] = "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
    for (int64_t size = 0; size < (int64_t)sizeof whole + 15; size++) { /* cut off anywhere */
        make(sizeof whole - 1, whole, 8);
        ASSERT(!truncate(path.s, size));
        test_fails(CODE_DATA, open_path, path.s,
                   size < 10 ? "not a safetensors file" : "truncated");
    }
    make(100000001, "{}", 0);
    ASSERT(!truncate(path.s, 100000100));
    test_fails(CODE_DATA, open_path, path.s,
               "a header of 100000001 bytes in a file of 100000100: not a safetensors file");
    make(100000000, "{}", 0);
    ASSERT(!truncate(path.s, 100000100)); /* holes: NUL bytes */
    test_fails(CODE_DATA, open_path, path.s, "not JSON");
}

/* Tensors of no elements, and sizes that overflow. */
static void sizes(void)
{
    static const char none[] = "{\"z\":{\"dtype\":\"F32\",\"shape\":[0,7],\"data_offsets\":[8,8]},"
                               "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
                               "\"s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[8,12]}}";
    make(sizeof none - 1, none, 12);
    test_fails(0, open_path, path.s, "");
    refuse(
        "{\"z\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[4,4]},\"a\":{\"dtype\":\"F32\",\"shape\":[2],"
        "\"data_offsets\":[0,8]}}",
        8, "tensor z begins at 4 where 8 was expected: tensors overlap");
    refuse("{\"a\":{\"dtype\":\"F32\",\"shape\":[4294967296,4294967296],\"data_offsets\":[0,0]}}",
           0, "field a.shape");
    refuse(
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[9223372036854775807],\"data_offsets\":[0,9223372036854775807]}}",
        0, "field a.shape");
    refuse(
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[9223372036854775806,9223372036854775807]}}",
        1, "field a.data_offsets: ends at 9223372036854775807, but the file has 1 bytes");
    refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[18446744073709551616],\"data_offsets\":[0,0]}}", 0,
           "field a.shape: at most 8");
    refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[1,1,1,1,1,1,1,1,1],\"data_offsets\":[0,1]}}", 1,
           "field a.shape: at most 8");
    refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}}", 1, "field a.shape");
    refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":1,\"data_offsets\":[0,1]}}", 1,
           "field a.shape: a list was expected");
    refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[-1,0]}}", 1,
           "field a.data_offsets: [first, end]");
    refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,2]}}", 1,
           "field a.data_offsets: [first, end]");
    refuse("{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1,
           "field a.data_offsets: a list was expected, found nothing");
    refuse("{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "field a.dtype: missing");
    refuse("{\"a\":null}", 0, "field a: an object was expected");
    refuse("{\"\\u0000\":{}}", 0, ".shape: a list was expected, found nothing");
}

/* The nearest bfloat16, by trying both neighbours. */
static float nearest(float x)
{
    uint32_t b;
    float low, high;
    memcpy(&b, &x, 4);
    uint32_t l = b & 0xFFFF0000, h = l + 0x10000;
    memcpy(&low, &l, 4);
    memcpy(&high, &h, 4);
    double dl = fabs((double)x - low), dh = fabs((double)high - x);
    return dl < dh || (dl == dh && !(l >> 16 & 1)) ? low : high;
}

static void round_trip(dtype_t type)
{
    enum { N = 5000 };
    float *x = ALLOC(float, 3 * N), *y = ALLOC(float, 3 * N);
    test_fill(x, 3 * N, 3);
    for (int i = 0; i < N; i++) { /* ties, tiny and large ones too */
        uint32_t b;
        memcpy(&b, &x[i], 4);
        b = i % 2 ? (b & 0xFFFF0000) | 0x8000 : b;
        memcpy(&x[i], &b, 4);
        x[i] *= i % 3 ? 1.0f : 0x1p-120f;
    }
    safetensors_item_t item[] = {{"first", {3 * N - 10, 0}, 1, type},
                                 {"second \"q\"", {5, 2}, 2, type}};
    safetensors_out_t *o = safetensors_create(path.s, item, 2);
    safetensors_put(o, x, 3 * N - 10);
    safetensors_put(o, x + 3 * N - 10, 10);
    safetensors_commit(o);
    safetensors_t *s = safetensors_open(path.s);
    check(safetensors_count(s) == 2 && safetensors_find(s, "nothing") == -1);
    for (int i = 0; i < 2; i++)
        safetensors_shape(s, safetensors_find(s, item[i].name), item[i].dim, item[i].dims);
    safetensors_get(s, safetensors_find(s, item[1].name), 0, 10, y + 3 * N - 10);
    safetensors_get(s, safetensors_find(s, item[0].name), 0, 3 * N - 10, y);
    for (int i = 0; i < 3 * N; i++)
        check(y[i] == (type == F32 ? x[i] : nearest(x[i])), "element %d: %a became %a", i, x[i],
              y[i]);
    safetensors_close(s);
    mem_free(x);
    mem_free(y);
}

/* Every finite float16 is written as it was read; what lies between two goes to the nearer, and the
   largest stay finite. */
static void float16_out(void)
{
    enum { N = 65536 - 2 * 1024 };
    float *x = ALLOC(float, N), *y = ALLOC(float, N);
    uint16_t *half = ALLOC(uint16_t, N), *again = ALLOC(uint16_t, N);
    safetensors_item_t item = {"h", {N}, 1, F16}, few = {"h", {8}, 1, F16};
    text_t t = {0};
    for (int i = 0, h = 0; h < 65536; h++)
        if ((h & 0x7C00) != 0x7C00)
            half[i++] = (uint16_t)h;
    text_addf(&t, "{\"h\":{\"dtype\":\"F16\",\"shape\":[%d],\"data_offsets\":[0,%d]}}", N, 2 * N);
    text_t file = {0};
    uint64_t len = t.len;
    text_addn(&file, (char *)&len, 8);
    text_addn(&file, t.s, t.len);
    text_addn(&file, (char *)half, 2 * N);
    ASSERT(!text_write_file(path.s, file.s, file.len));
    safetensors_t *s = safetensors_open(path.s);
    check(safetensors_type(s, 0) == F16);
    safetensors_get(s, 0, 0, N, x);
    safetensors_close(s);
    safetensors_out_t *o = safetensors_create(path.s, &item, 1);
    safetensors_put(o, x, N);
    safetensors_commit(o);
    s = safetensors_open(path.s);
    check(!safetensors_take(s, 0, 0, N, again) && !memcmp(again, half, 2 * N));
    safetensors_close(s);
    const float in[8] = {1 + 0x1p-11f, 1 + 0x1.8p-10f, 65519,        -65519,
                         0x1p-25f,     0x1.8p-24f,     0x1.FFFp-15f, -0x1p-30f};
    const float out[8] = {1, 1 + 0x1p-9f, 65504, -65504, 0, 0x1p-23f, 0x1p-14f, -0.0f};
    o = safetensors_create(path.s, &few, 1);
    safetensors_put(o, in, 3), safetensors_put(o, in + 3, 5);
    safetensors_commit(o);
    s = safetensors_open(path.s);
    safetensors_get(s, 0, 0, 8, y);
    for (int i = 0; i < 8; i++)
        check(!memcmp(y + i, out + i, 4), "%a became %a", in[i], y[i]);
    safetensors_close(s);
    mem_free(x), mem_free(y), mem_free(half), mem_free(again);
    text_reset(&t), text_reset(&file);
}

static void too_large(void *arg)
{
    (void)arg;
    float x[2] = {1, 65520};
    safetensors_item_t item = {"w", {2}, 1, F16};
    safetensors_put(safetensors_create(path.s, &item, 1), x, 2);
}

/* Float16: one, smallest normal, smallest subnormal, largest, -2, negative zero. */
static void float16(void)
{
    static const char header[] =
        "{\"h\":{\"dtype\":\"F16\",\"shape\":[6],\"data_offsets\":[0,12]}}";
    static const uint16_t half[6] = {0x3C00, 0x0400, 0x0001, 0x7BFF, 0xC000, 0x8000};
    static const float want[6] = {1, 0x1p-14f, 0x1p-24f, 65504, -2, -0.0f};
    float x[6];
    text_t t = {0};
    text_addn(&t, (char[8]){sizeof header - 1}, 8);
    text_add(&t, header);
    text_addn(&t, (const char *)half, sizeof half);
    ASSERT(!text_write_file(path.s, t.s, t.len));
    safetensors_t *s = safetensors_open(path.s);
    safetensors_get(s, 0, 0, 6, x);
    check(!memcmp(x, want, sizeof x));
    safetensors_close(s);
    text_reset(&t);
}

int main(int argc, char **argv)
{
    if (!mkdtemp(dir))
        return 1;
    text_addf(&path, "%s/model.safetensors", dir);
    bad_files();
    bad_data();
    bad_lengths();
    sizes();
    test_begin(&argc, &argv);
    round_trip(F32);
    round_trip(BF16);
    float16();
    float16_out();
    test_fails(CODE_DATA, too_large, NULL, "tensor w holds 65520, which float16 cannot");
    remove(path.s);
    remove(dir);
    text_reset(&path);
    return test_end();
}
