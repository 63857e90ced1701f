/* bank_read on problem files that are HDF5 but not what bank_write gives.

   Nearly all changes of bytes end at HDF5's checksums (damage.c makes those).  So an input is a
   list of changes, five bytes each, to a small sound problem file, which is made once, by
   bank_write (sound.c): which dataset, what is to be done to it, and two numbers.  A dataset loses
   or gains rows, gets other values, another type (also one of strings, compounds, references, or
   enumerations with other names), another rank, a size that it has no data for, chunks or
   compression, is taken away, becomes a group, a link to nothing or to another one; root attributes
   change as well.  The file is made in memory (core driver) from the image of the sound one.

   libhdf5 is not instrumented: what guides the fuzzer is our own code.  About 100 inputs a second:
   three times HDF5 opens a file, for which it clears a megabyte. */
#include "fuzz.h"
#include "io.h"
#include <hdf5.h>
#include <unistd.h>

static const char *const sets[] = {
    "problem/id",
    "problem/split",
    "problem/difficulty",
    "problem/time_ms",
    "problem/memory_kb",
    "problem/family/data",
    "problem/family/offset",
    "problem/statement/data",
    "problem/statement/offset",
    "problem/example/data",
    "problem/example/offset",
    "problem/checker/data",
    "problem/checker/offset",
    "problem/checker_language",
    "problem/float_absolute",
    "problem/float_relative",
    "problem/nocase",
    "problem/spaces",
    "problem/harness/data",
    "problem/harness/offset",
    "problem/harness_language",
    "accept/test",
    "accept/output/data",
    "accept/output/offset",
    "test/problem",
    "test/checker",
    "test/form",
    "test/input/data",
    "test/input/offset",
    "test/output/data",
    "test/output/offset",
    "test/known",
    "program/id",
    "program/problem",
    "program/language",
    "program/pool",
    "program/label",
    "program/pass_rate",
    "program/source/data",
    "program/source/offset",
    "program/origin/data",
    "program/origin/offset",
    "program/core/data",
    "program/core/offset",
    "program/walk/data",
    "program/walk/offset",
    "verdict/program",
    "verdict/test",
    "verdict/verdict",
    "verdict/mode",
    "verdict/time_us",
    "verdict/memory_kb",
    "verdict/key",
    "verdict/score",
    "verdict/message/data",
    "verdict/message/offset",
    "list/suite",
    "list/problem",
    "list/edit",
    "list/base",
    "list/program/data",
    "list/program/offset",
    "list/answer",
};
enum { SETS = sizeof sets / sizeof *sets, BYTES = 5 };

static void *image; /* the sound file */
static size_t image_size;

static void use(void *arg)
{
    bank_t b;
    text_t why = {0};
    bank_read(NULL, &b, arg);
    fuzz_want(!bank_check(&b, &why), "read, but: %s", why.s);
    bank_hash(&b);
    bank_free(&b);
}

static void use_unrated(void *arg)
{
    bank_t b;
    bank_read_unrated(NULL, &b, arg);
    bank_free(&b);
}

static int64_t border(uint8_t a, uint8_t b)
{
    static const int64_t value[] = {0,         1,         -1,        2,         127,
                                    128,       255,       256,       65536,     INT32_MAX,
                                    INT32_MIN, 1ll << 31, 1ll << 32, 1ll << 40, 1ll << 61,
                                    INT64_MAX, INT64_MIN, -2};
    return a % 2 ? (int64_t)(int8_t)b : value[b % (sizeof value / sizeof *value)];
}

static hid_t type_of(uint8_t a)
{
    hid_t t;
    switch (a % 16) {
    case 0:
        return H5Tcopy(H5T_STD_I8LE);
    case 1:
        return H5Tcopy(H5T_STD_U64BE);
    case 2:
        return H5Tcopy(H5T_IEEE_F64LE);
    case 3:
        return H5Tcopy(H5T_IEEE_F32BE);
    case 4:
        return H5Tcopy(H5T_STD_I64LE);
    case 5:
        return H5Tcopy(H5T_STD_U8LE);
    case 6:
        return H5Tcopy(H5T_STD_B8LE);
    case 7:
        return H5Tcopy(H5T_STD_REF_OBJ);
    case 8:
    case 9:
        t = H5Tcopy(H5T_C_S1);
        H5Tset_size(t, a % 16 == 8 ? 5 : H5T_VARIABLE);
        return t;
    case 10:
        t = H5Tcreate(H5T_COMPOUND, 16);
        H5Tinsert(t, "x", 0, H5T_STD_I32LE);
        H5Tinsert(t, "y", 8, H5T_IEEE_F64LE);
        return t;
    case 11:
        return H5Tarray_create2(H5T_STD_I32LE, 1, (hsize_t[]){3});
    case 12:
        return H5Tvlen_create(H5T_STD_U8LE);
    case 13:
        t = H5Tcopy(H5T_STD_I32LE);
        H5Tset_precision(t, 7);
        return t;
    case 14:
        return H5Tcreate(H5T_OPAQUE, 3);
    default:
        t = H5Tenum_create(a & 16 ? H5T_STD_I16LE : H5T_STD_I8LE);
        for (int i = 0; i < a / 32; i++)
            H5Tenum_insert(t,
                           ((const char *[]){"train", "python", "easy", "imported", "no such name",
                                             "tokens", "special"})[i],
                           &(int16_t){(int16_t)(3 * i)});
        return t;
    }
}

/* Taken away and made again: other type, rank, size, storage; filled with a pattern where that is
   not too much. */
static void remake(hid_t file, const char *name, uint8_t what, uint8_t a, uint8_t b)
{
    hid_t old = H5Dopen2(file, name, H5P_DEFAULT);
    if (old < 0)
        return;
    hid_t space = H5Dget_space(old), type = what & 1 ? type_of(a) : H5Dget_type(old),
          how = H5Pcreate(H5P_DATASET_CREATE);
    hsize_t dims[4] = {1, 1, 1, 1};
    int n = H5Sget_simple_extent_ndims(space);
    H5Sget_simple_extent_dims(space, dims, NULL);
    H5Sclose(space);
    if (what & 2)
        n = b % 5;
    if (what & 4)
        dims[b >> 6 & 1] = (hsize_t)border(a, b & 63) & INT64_MAX;
    double items = 1;
    for (int i = 0; i < n; i++)
        items *= (double)dims[i];
    int small = items <= 4096 && items * (double)H5Tget_size(type) <= 65536;
    if ((what & 8 || !small) && n) {
        H5Pset_chunk(how, n, (hsize_t[]){dims[0] < 4 && dims[0] ? dims[0] : 4, 1, 1, 1});
        if (b & 1)
            H5Pset_deflate(how, 1);
    }
    void *data = calloc(1, 65536 + 16);
    H5T_class_t class = H5Tget_class(type);
    int plain = class == H5T_INTEGER || class == H5T_FLOAT || class == H5T_ENUM;
    if (small && plain && items)
        H5Dread(old, type, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                H5Dget_storage_size(old) <= 65536 && items >= 1 ? data : NULL);
    H5Dclose(old);
    H5Ldelete(file, name, H5P_DEFAULT);
    space = n ? H5Screate_simple(n, dims, NULL) : H5Screate(b & 128 ? H5S_NULL : H5S_SCALAR);
    hid_t set = H5Dcreate2(file, name, type, space, H5P_DEFAULT, how, H5P_DEFAULT);
    if (set >= 0 && small && plain)
        H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
    free(data);
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(how);
    H5Tclose(type);
}

/* One element becomes `value`, as its bytes. */
static void poke(hid_t file, const char *name, uint8_t at, int64_t value)
{
    hid_t set = H5Dopen2(file, name, H5P_DEFAULT);
    if (set < 0)
        return;
    hid_t space = H5Dget_space(set), type = H5Dget_type(set);
    int64_t n = H5Sget_simple_extent_npoints(space);
    size_t width = H5Tget_size(type);
    H5T_class_t class = H5Tget_class(type);
    if (n > 0 && n <= 4096 && width <= 8 &&
        (class == H5T_INTEGER || class == H5T_FLOAT || class == H5T_ENUM)) {
        char *data = calloc((size_t)n, width);
        if (H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0) {
            memcpy(data + (size_t)(at % n) * width, &value, width);
            H5Dwrite(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
        }
        free(data);
    }
    H5Tclose(type);
    H5Sclose(space);
    H5Dclose(set);
}

static void attribute(hid_t file, uint8_t what, uint8_t a, uint8_t b)
{
    const char *name = ((const char *[]){"format", "version", "committed", "deck"})[what % 4];
    H5Adelete(file, name);
    hid_t type = what & 4 ? type_of(a) : H5Tcopy(H5T_STD_I64LE);
    hid_t space = what & 8 ? H5Screate_simple(1, (hsize_t[]){b % 7}, NULL)
                           : H5Screate(a & 64 ? H5S_NULL : H5S_SCALAR);
    hid_t at = what & 16 ? -1 : H5Acreate2(file, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    if (at >= 0 && H5Tget_class(type) == H5T_INTEGER && H5Tget_size(type) <= 8 && !(what & 8))
        H5Awrite(at, type, &(int64_t){border(a, b)});
    if (at >= 0)
        H5Aclose(at);
    H5Sclose(space);
    H5Tclose(type);
}

static void change(hid_t file, const uint8_t *d)
{
    const char *name = sets[d[0] % SETS], *other = sets[d[2] % SETS];
    char group[100];
    snprintf(group, sizeof group, "%.*s", (int)(strrchr(name, '/') - name), name);
    switch (d[1] % 8) {
    case 0:
    case 1:
        poke(file, name, d[2], border(d[3], d[4]));
        break;
    case 2:
    case 3:
        remake(file, name, d[2], d[3], d[4]);
        break;
    case 4:
        attribute(file, d[2], d[3], d[4]);
        break;
    case 5:
        H5Ldelete(file, d[2] % 4 ? name : group, H5P_DEFAULT);
        break;
    case 6:
        H5Ldelete(file, name, H5P_DEFAULT);
        if (d[3] % 3 == 0)
            H5Lcreate_soft(d[4] % 2 ? name : "/nowhere", file, name, H5P_DEFAULT, H5P_DEFAULT);
        else if (d[3] % 3 == 1)
            H5Lcreate_external("/nowhere/other.h5", "/x", file, name, H5P_DEFAULT, H5P_DEFAULT);
        else
            H5Gclose(H5Gcreate2(file, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        break;
    default:
        if (strcmp(name, other) && H5Lexists(file, group, H5P_DEFAULT) > 0) {
            H5Ldelete(file, name, H5P_DEFAULT);
            H5Lcreate_hard(file, other, file, name, H5P_DEFAULT, H5P_DEFAULT);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!image)
        image = sound_image(&image_size);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    const char *path = fuzz_file("problems.h5", "", 0);
    unlink(path); /* an image becomes a new file only */
    hid_t a = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_fapl_core(a, 1 << 16, 1);
    H5Pset_libver_bounds(a, H5F_LIBVER_V18, H5F_LIBVER_V110);
    H5Pset_file_image(a, image, image_size);
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, a);
    fuzz_want(file >= 0, "the image cannot be opened");
    for (size_t i = 0; i + BYTES <= size && i < 16 * BYTES; i += BYTES)
        change(file, data + i);
    fuzz_want(H5Fclose(file) >= 0, "the changed file cannot be written");
    H5Pclose(a);
    fuzz_try(size % 2 ? use_unrated : use, (void *)path);
    return 0;
}
