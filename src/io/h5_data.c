/* Datasets of HDF5 files: columns, matrices, lanes, enumerations and ragged data.

   Everything is contiguous, allocated when it is created and never filled twice.  A
   transfer is a regular box of up to three dimensions; each rank selects its own part
   (or nothing) and all ranks go through one collective H5Dwrite or H5Dread.  Boxes
   above 1 GiB are cut along the first dimension into as many pieces as the *global*
   size asks for, so that all ranks make the same number of calls without asking each
   other.

   Ragged data is a pair: NAME/data is flat, NAME/offset has one entry more than there
   are items, and item i is data[offset[i] .. offset[i+1]).  Ranks' items follow in rank
   order; two small all-gathers give each rank its place.  Cost of a put: creation about
   0.1 ms, then the disk's speed.

   A dataset that claims more than is stored of it (a size without data, which costs a
   few bytes in a file) is refused before anything of its size is allocated.

   Enumerations carry their names in the file.  They are read by name, not by number, so
   that a program whose list of names has grown in the middle still reads old files
   rightly. */
#include "h5.h"
#include <string.h>

typedef struct {
    int n;
    hsize_t dims[3], start[3], stride[3], count[3];
} box_t;

static const size_t width_of[] = {
    [H5_I8] = 1, [H5_U8] = 1, [H5_U16] = 2, [H5_I32] = 4, [H5_I64] = 8, [H5_F32] = 4, [H5_F64] = 8,
};

size_t h5_width(h5_type_t t)
{
    return width_of[t];
}

hid_t h5_held(h5_type_t t)
{
    const hid_t type[] = {
        [H5_I8] = H5T_NATIVE_INT8,    [H5_U8] = H5T_NATIVE_UINT8,  [H5_U16] = H5T_NATIVE_UINT16,
        [H5_I32] = H5T_NATIVE_INT32,  [H5_I64] = H5T_NATIVE_INT64, [H5_F32] = H5T_NATIVE_FLOAT,
        [H5_F64] = H5T_NATIVE_DOUBLE,
    };
    return type[t];
}

hid_t h5_stored(h5_type_t t)
{
    const hid_t type[] = {
        [H5_I8] = H5T_STD_I8LE,    [H5_U8] = H5T_STD_U8LE,   [H5_U16] = H5T_STD_U16LE,
        [H5_I32] = H5T_STD_I32LE,  [H5_I64] = H5T_STD_I64LE, [H5_F32] = H5T_IEEE_F32LE,
        [H5_F64] = H5T_IEEE_F64LE,
    };
    return type[t];
}

static box_t rows_box(int64_t rows, int64_t cols, int64_t first, int64_t count)
{
    ASSERT(rows >= 0 && cols >= 0 && first >= 0 && count >= 0 && first + count <= rows);
    box_t b = {cols ? 2 : 1,
               {(hsize_t)rows, (hsize_t)cols},
               {(hsize_t)first, 0},
               {1, 1},
               {(hsize_t)count, (hsize_t)cols}};
    return b;
}

/* This rank's piece of the dataset, to or from memory that holds just the box. */
static void transfer(h5_t *f, const char *name, hid_t set, hid_t held, void *part, const box_t *b,
                     size_t width, int writing)
{
    static char nothing[8];
    double bytes = (double)width;
    size_t row = width;
    for (int i = 0; i < b->n; i++) {
        bytes *= (double)b->dims[i];
        row *= i ? (size_t)b->count[i] : 1;
    }
    if (bytes == 0)
        return;
    int pieces = (int)(bytes / (1 << 30)) + 1;
    for (int p = 0; p < pieces; p++) {
        hsize_t from = b->count[0] * (hsize_t)p / (hsize_t)pieces;
        hsize_t to = b->count[0] * (hsize_t)(p + 1) / (hsize_t)pieces, one = 1;
        hsize_t start[3], count[3], items = 1;
        memcpy(start, b->start, sizeof start);
        memcpy(count, b->count, sizeof count);
        start[0] += from * b->stride[0];
        count[0] = to - from;
        for (int i = 0; i < b->n; i++)
            items *= count[i];
        hid_t space = H5Dget_space(set);
        hid_t mine = H5Screate_simple(items ? b->n : 1, items ? count : &one, NULL);
        int bad = 0;
        if (items) {
            bad = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, b->stride, count, NULL) < 0;
        } else {
            H5Sselect_none(space);
            H5Sselect_none(mine);
        }
        h5_must(f, bad, "choosing the part of", name);
        char *at = items ? (char *)part + from * row : nothing;
        bad = (writing ? H5Dwrite(set, held, mine, space, f->access, at)
                       : H5Dread(set, held, mine, space, f->access, at)) < 0;
        h5_must(f, bad, writing ? "writing" : "reading", name);
        H5Sclose(mine);
        H5Sclose(space);
    }
}

/* Creates the dataset, its disk space reserved, and writes it. */
static void put_box(h5_t *f, const char *name, hid_t stored, hid_t held, size_t width,
                    const void *part, const box_t *b)
{
    hid_t links = H5Pcreate(H5P_LINK_CREATE), how = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    H5Pset_alloc_time(how, H5D_ALLOC_TIME_EARLY);
    H5Pset_fill_time(how, H5D_FILL_TIME_NEVER);
    hid_t space = H5Screate_simple(b->n, b->dims, NULL);
    hid_t set = H5Dcreate2(f->file, name, stored, space, links, how, H5P_DEFAULT);
    h5_must(f, set < 0, "making the dataset", name);
    f->headers += 2048;
    haddr_t at = H5Dget_offset(set);
    if (at != HADDR_UNDEF)
        h5_reserve(f, (int64_t)at, (int64_t)H5Dget_storage_size(set));
    transfer(f, name, set, held, (void *)part, b, width, 1);
    H5Dclose(set);
    H5Sclose(space);
    H5Pclose(how);
    H5Pclose(links);
}

void h5_put(h5_t *f, const char *name, h5_type_t t, const void *part, int64_t rows, int64_t cols,
            int64_t first, int64_t count)
{
    box_t b = rows_box(rows, cols, first, count);
    put_box(f, name, h5_stored(t), h5_held(t), width_of[t], part, &b);
}

static box_t lanes_box(int64_t rows, int64_t lanes, int64_t cols, int64_t first, int64_t step,
                       int64_t count)
{
    box_t b = {3,
               {(hsize_t)rows, (hsize_t)lanes, (hsize_t)cols},
               {0, (hsize_t)first, 0},
               {1, (hsize_t)step, 1},
               {count ? (hsize_t)rows : 0, (hsize_t)count, (hsize_t)cols}};
    return b;
}

void h5_put_lanes(h5_t *f, const char *name, h5_type_t t, const void *part, int64_t rows,
                  int64_t lanes, int64_t cols, int64_t first, int64_t step, int64_t count)
{
    box_t b = lanes_box(rows, lanes, cols, first, step, count);
    put_box(f, name, h5_stored(t), h5_held(t), width_of[t], part, &b);
}

/* Is the dataset larger than what is stored of it can be?  Its size is then a claim of the header
   only, and nothing of that size should be allocated. */
static int hollow(const h5_t *f, hid_t set, int n, const hsize_t dims[3])
{
    enum { DEFLATE_MOST = 1032 };
    hid_t type = H5Dget_type(set), how = H5Dget_create_plist(set);
    hsize_t file = 0, stored = H5Dget_storage_size(set);
    double bytes = (double)H5Tget_size(type), longest = 0;
    int elsewhere = H5Pget_external_count(how) != 0;
    H5Tclose(type);
    H5Pclose(how);
    H5Fget_filesize(f->file, &file);
    for (int i = 0; i < n; i++) {
        bytes *= (double)dims[i];
        longest = (double)dims[i] > longest ? (double)dims[i] : longest;
    }
    if (bytes == 0)
        return longest > (double)file;
    return elsewhere || stored > file || bytes > DEFLATE_MOST * (double)stored;
}

/* Opens a dataset for reading; dims[3] padded with 1. */
static hid_t open_set(h5_t *f, const char *name, int *n, hsize_t dims[3])
{
    hid_t set = h5_linked(f->file, name) ? H5Dopen2(f->file, name, H5P_DEFAULT) : -1;
    const char *told = "%s: no dataset %s; the file is damaged or of an older layout";
    if (f->g)
        fail_any(f->g, set < 0, CODE_DATA, told, f->path, name);
    else if (set < 0)
        fail(CODE_DATA, told, f->path, name);
    hid_t space = H5Dget_space(set);
    *n = H5Sget_simple_extent_ndims(space);
    h5_must(f, *n < 1 || *n > 3, "expecting one to three dimensions of", name);
    dims[0] = dims[1] = dims[2] = 1;
    H5Sget_simple_extent_dims(space, dims, NULL);
    H5Sclose(space);
    int bad = hollow(f, set, *n, dims);
    told =
        "%s: %s has the size [%llu, %llu, %llu], but the file does not hold so much of it; the file is damaged";
    if (f->g)
        fail_any(f->g, bad, CODE_DATA, told, f->path, name, dims[0], dims[1], dims[2]);
    else if (bad)
        fail(CODE_DATA, told, f->path, name, dims[0], dims[1], dims[2]);
    return set;
}

void h5_shape(h5_t *f, const char *name, int64_t *rows, int64_t *cols)
{
    int n;
    hsize_t dims[3];
    H5Dclose(open_set(f, name, &n, dims));
    *rows = (int64_t)dims[0];
    *cols = n == 1 ? 0 : (int64_t)(dims[1] * dims[2]);
}

static void wrong(h5_t *f, const char *name, const char *what, int64_t is0, int64_t is1,
                  int64_t want0, int64_t want1)
{
    const char *told = "%s: %s has %s [%lld, %lld], expected [%lld, %lld]";
    if (f->g)
        fail_any(f->g, 1, CODE_DATA, told, f->path, name, what, (long long)is0, (long long)is1,
                 (long long)want0, (long long)want1);
    fail(CODE_DATA, told, f->path, name, what, (long long)is0, (long long)is1, (long long)want0,
         (long long)want1);
}

/* The memory type for reading as t, after checking the class. */
static void check_class(h5_t *f, const char *name, hid_t set, h5_type_t t)
{
    hid_t type = H5Dget_type(set);
    H5T_class_t class = H5Tget_class(type);
    H5Tclose(type);
    int real = t == H5_F32 || t == H5_F64;
    int bad = class != (real ? H5T_FLOAT : H5T_INTEGER);
    const char *told = "%s: %s does not hold %s; the file is damaged or of another layout";
    if (f->g)
        fail_any(f->g, bad, CODE_DATA, told, f->path, name, real ? "real numbers" : "integers");
    else if (bad)
        fail(CODE_DATA, told, f->path, name, real ? "real numbers" : "integers");
}

void h5_get(h5_t *f, const char *name, h5_type_t t, void *part, int64_t rows, int64_t cols,
            int64_t first, int64_t count)
{
    int n;
    hsize_t dims[3];
    hid_t set = open_set(f, name, &n, dims);
    check_class(f, name, set, t);
    int64_t is_cols = n == 1 ? 0 : (int64_t)dims[1];
    if (n > 2 || (rows >= 0 && rows != (int64_t)dims[0]) || cols != is_cols)
        wrong(f, name, "the shape", (int64_t)dims[0], is_cols, rows, cols);
    box_t b = rows_box((int64_t)dims[0], cols, first, count);
    transfer(f, name, set, h5_held(t), part, &b, width_of[t], 0);
    H5Dclose(set);
}

void h5_get_lanes(h5_t *f, const char *name, h5_type_t t, void *part, int64_t rows, int64_t lanes,
                  int64_t cols, int64_t first, int64_t step, int64_t count)
{
    int n;
    hsize_t dims[3];
    hid_t set = open_set(f, name, &n, dims);
    check_class(f, name, set, t);
    if (n != 3 || rows != (int64_t)dims[0] || lanes != (int64_t)dims[1] || cols != (int64_t)dims[2])
        wrong(f, name, "the shape", (int64_t)dims[0], (int64_t)(dims[1] * dims[2]), rows,
              lanes * cols);
    box_t b = lanes_box(rows, lanes, cols, first, step, count);
    transfer(f, name, set, h5_held(t), part, &b, width_of[t], 0);
    H5Dclose(set);
}

void h5_lanes(h5_t *f, const char *name, int64_t *rows, int64_t *lanes, int64_t *cols)
{
    int n;
    hsize_t dims[3];
    H5Dclose(open_set(f, name, &n, dims));
    if (n != 3)
        wrong(f, name, "dimensions", n, 0, 3, 0);
    *rows = (int64_t)dims[0];
    *lanes = (int64_t)dims[1];
    *cols = (int64_t)dims[2];
}

hid_t h5_names_type(h5_t *f, const char *name, const char *const *names, int n_names)
{
    hid_t t = H5Tenum_create(H5T_STD_I8LE);
    for (int8_t i = 0; i < n_names; i++)
        h5_must(f, H5Tenum_insert(t, names[i], &i) < 0, "naming the values of", name);
    return t;
}

void h5_put_enum(h5_t *f, const char *name, const char *const *names, int n_names,
                 const int8_t *part, int64_t rows, int64_t first, int64_t count)
{
    hid_t t = h5_names_type(f, name, names, n_names);
    box_t b = rows_box(rows, 0, first, count);
    put_box(f, name, t, t, 1, part, &b);
    H5Tclose(t);
}

/* The names in the file: value[i] is called names[i].  New arrays. */
static int enum_members(h5_t *f, const char *name, hid_t type, char ***names, int8_t **value)
{
    int bad = H5Tget_class(type) != H5T_ENUM || H5Tget_size(type) != 1;
    const char *told = "%s: %s is no enumeration; the file is damaged or of another layout";
    if (f->g)
        fail_any(f->g, bad, CODE_DATA, told, f->path, name);
    else if (bad)
        fail(CODE_DATA, told, f->path, name);
    int n = H5Tget_nmembers(type);
    *names = ALLOC(char *, n ? n : 1);
    *value = ALLOC(int8_t, n ? n : 1);
    for (int i = 0; i < n; i++) {
        char *s = H5Tget_member_name(type, (unsigned)i);
        (*names)[i] = mem_text(s ? s : "");
        H5free_memory(s);
        H5Tget_member_value(type, (unsigned)i, *value + i);
    }
    return n;
}

int h5_enum_names(h5_t *f, const char *name, char ***names)
{
    int n;
    hsize_t dims[3];
    int8_t *value;
    hid_t set = open_set(f, name, &n, dims), type = H5Dget_type(set);
    int m = enum_members(f, name, type, names, &value);
    mem_free(value);
    H5Tclose(type);
    H5Dclose(set);
    return m;
}

void h5_get_enum(h5_t *f, const char *name, const char *const *names, int n_names, int8_t *part,
                 int64_t rows, int64_t first, int64_t count)
{
    int n;
    hsize_t dims[3];
    char **member;
    int8_t *value, map[256];
    hid_t set = open_set(f, name, &n, dims), type = H5Dget_type(set);
    int m = enum_members(f, name, type, &member, &value);
    if (n != 1 || (rows >= 0 && rows != (int64_t)dims[0]))
        wrong(f, name, "the shape", (int64_t)dims[0], n, rows, 1);
    memset(map, -1, sizeof map);
    for (int i = 0; i < m; i++)
        for (int j = 0; j < n_names; j++)
            if (!strcmp(member[i], names[j]))
                map[(uint8_t)value[i]] = (int8_t)j;
    box_t b = rows_box((int64_t)dims[0], 0, first, count);
    transfer(f, name, set, type, part, &b, 1, 0);
    int bad = 0, seen = 0;
    for (int64_t i = 0; i < count; i++) {
        if (map[(uint8_t)part[i]] < 0 && !bad) {
            bad = 1;
            seen = part[i];
        }
        part[i] = map[(uint8_t)part[i]];
    }
    const char *called = "no name";
    for (int i = 0; i < m; i++)
        if (bad && value[i] == seen)
            called = member[i];
    const char *told = "%s: %s holds the value %d (%s), which this program does not know";
    if (f->g)
        fail_any(f->g, bad, CODE_DATA, told, f->path, name, seen, called);
    else if (bad)
        fail(CODE_DATA, told, f->path, name, seen, called);
    h5_free_names(member, m);
    mem_free(value);
    H5Tclose(type);
    H5Dclose(set);
}

void h5_rows(h5_t *f, int64_t n_local, int64_t *first, int64_t *total)
{
    *first = 0;
    *total = n_local;
    if (!f->g)
        return;
    int64_t *all = ALLOC(int64_t, h5_size(f));
    comm_allgather(f->g, all, &n_local, sizeof n_local);
    *total = 0;
    for (int r = 0; r < h5_size(f); r++) {
        if (r == h5_rank(f))
            *first = *total;
        *total += all[r];
    }
    mem_free(all);
}

void h5_put_ragged(h5_t *f, const char *name, h5_type_t t, const void *data, const int64_t *offset,
                   int64_t n_local)
{
    int64_t first, total, at, flat, base = n_local ? offset[0] : 0;
    int64_t mine = n_local ? offset[n_local] - base : 0;
    h5_rows(f, n_local, &first, &total);
    h5_rows(f, mine, &at, &flat);
    int last = h5_rank(f) == h5_size(f) - 1;
    int64_t *place = ALLOC(int64_t, n_local + 1);
    for (int64_t i = 0; i < n_local; i++)
        place[i] = offset[i] - base + at;
    place[n_local] = flat;
    char full[1024];
    snprintf(full, sizeof full, "%s/offset", name);
    h5_put(f, full, H5_I64, place, total + 1, 0, first, n_local + last);
    snprintf(full, sizeof full, "%s/data", name);
    h5_put(f, full, t, data ? (const char *)data + (size_t)base * width_of[t] : NULL, flat, 0, at,
           mine);
    mem_free(place);
}

int64_t h5_get_ragged(h5_t *f, const char *name, h5_type_t t, void **data, int64_t **offset,
                      int want)
{
    int64_t n, flat, cols;
    char full[1024];
    snprintf(full, sizeof full, "%s/offset", name);
    h5_shape(f, full, &n, &cols);
    int64_t *o = ALLOC(int64_t, n ? n : 1);
    h5_get(f, full, H5_I64, o, n, 0, 0, want ? n : 0);
    snprintf(full, sizeof full, "%s/data", name);
    h5_shape(f, full, &flat, &cols);
    int bad = n < 1 || (want && (o[0] != 0 || o[n - 1] != flat));
    for (int64_t i = 1; i < n && want && !bad; i++)
        bad = o[i] < o[i - 1];
    const char *told = "%s: the offsets of %s do not fit its data; the file is damaged";
    if (f->g)
        fail_any(f->g, bad, CODE_DATA, told, f->path, name);
    else if (bad)
        fail(CODE_DATA, told, f->path, name);
    char *d = mem_new(want && flat ? (size_t)flat * width_of[t] : 1);
    h5_get(f, full, t, d, flat, 0, 0, want ? flat : 0);
    if (!want) {
        mem_free(d);
        mem_free(o);
        d = NULL;
        o = NULL;
    }
    *data = d;
    *offset = o;
    return n - 1;
}
