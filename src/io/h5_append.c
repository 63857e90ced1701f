/* Datasets that grow, for files that are written as their content comes in.

   Such a dataset is chunked and has no largest number of rows; rows are put after those
   that are there, by one process.  Where h5_put wants to know the whole beforehand and
   all ranks at once, this wants neither, so memory is that of one call.  Readers see no
   difference.

   Each call opens its dataset and closes it again: nothing but the file's own tables is
   kept between calls, however many datasets there are.  The last chunk is read and
   written anew by the next call (64 KiB at most), so rows should come by the thousand.
   Disk space is reserved before it is used, as everywhere (h5.c). */
#include "h5.h"
#include <string.h>

enum { CHUNK_BYTES = 1 << 16, SMALL_BYTES = 1 << 13 };

/* Bytes of a chunk: texts come in long runs, columns in short ones. */
static hsize_t chunk_rows(size_t width, int64_t cols)
{
    size_t row = width * (size_t)(cols ? cols : 1);
    return (width == 1 && !cols ? CHUNK_BYTES : SMALL_BYTES) / row + 1;
}

static hid_t make(h5_t *f, const char *name, hid_t stored, int64_t cols)
{
    hsize_t dims[2] = {0, (hsize_t)cols}, most[2] = {H5S_UNLIMITED, (hsize_t)cols},
            chunk[2] = {chunk_rows(H5Tget_size(stored), cols), (hsize_t)cols};
    hid_t links = H5Pcreate(H5P_LINK_CREATE), how = H5Pcreate(H5P_DATASET_CREATE);
    int n = cols ? 2 : 1;
    H5Pset_create_intermediate_group(links, 1);
    H5Pset_chunk(how, n, chunk);
    hid_t space = H5Screate_simple(n, dims, most);
    hid_t set = H5Dcreate2(f->file, name, stored, space, links, how, H5P_DEFAULT);
    h5_must(f, set < 0, "making the dataset", name);
    f->headers += 4096;
    H5Sclose(space);
    H5Pclose(how);
    H5Pclose(links);
    return set;
}

/* The dataset and how many rows it has. */
static hid_t find(h5_t *f, const char *name, hid_t stored, int64_t cols, hsize_t *rows)
{
    ASSERT(!f->g && f->tmp);
    hsize_t dims[2] = {0, 0};
    hid_t set = h5_linked(f->file, name) ? H5Dopen2(f->file, name, H5P_DEFAULT)
                                         : make(f, name, stored, cols);
    h5_must(f, set < 0, "opening", name);
    hid_t space = H5Dget_space(set);
    H5Sget_simple_extent_dims(space, dims, NULL);
    H5Sclose(space);
    ASSERT(cols == (int64_t)dims[1]);
    *rows = dims[0];
    return set;
}

static void append(h5_t *f, const char *name, hid_t stored, hid_t held, const void *part,
                   int64_t cols, int64_t count)
{
    hsize_t rows, end = 0;
    hid_t set = find(f, name, stored, cols, &rows);
    if (count > 0) {
        hsize_t start[2] = {rows, 0}, part_rows[2] = {(hsize_t)count, (hsize_t)cols},
                all[2] = {rows + (hsize_t)count, (hsize_t)cols};
        int64_t bytes = count * (cols ? cols : 1) * (int64_t)H5Tget_size(held);
        H5Fget_filesize(f->file, &end);
        h5_reserve(f, (int64_t)end, bytes + 2 * CHUNK_BYTES);
        h5_must(f, H5Dset_extent(set, all) < 0, "growing", name);
        hid_t space = H5Dget_space(set), mine = H5Screate_simple(cols ? 2 : 1, part_rows, NULL);
        int bad = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, part_rows, NULL) < 0 ||
                  H5Dwrite(set, held, mine, space, f->access, part) < 0;
        h5_must(f, bad, "writing", name);
        H5Sclose(mine);
        H5Sclose(space);
    }
    h5_must(f, H5Dclose(set) < 0, "writing", name);
}

void h5_append(h5_t *f, const char *name, h5_type_t t, const void *part, int64_t cols,
               int64_t count)
{
    append(f, name, h5_stored(t), h5_held(t), part, cols, count);
}

void h5_append_enum(h5_t *f, const char *name, const char *const *names, int n_names,
                    const int8_t *part, int64_t count)
{
    hid_t t = h5_names_type(f, name, names, n_names);
    append(f, name, t, t, part, 0, count);
    H5Tclose(t);
}

void h5_append_ragged(h5_t *f, const char *name, h5_type_t t, const void *data,
                      const int64_t *offset, int64_t n)
{
    char full[1024];
    hsize_t flat, items;
    int64_t base = n ? offset[0] : 0, *place = ALLOC(int64_t, n + 1);
    snprintf(full, sizeof full, "%s/data", name);
    H5Dclose(find(f, full, h5_stored(t), 0, &flat));
    for (int64_t i = 0; i <= n; i++)
        place[i] = (n ? offset[i] - base : 0) + (int64_t)flat;
    h5_append(f, full, t, data ? (const char *)data + (size_t)base * h5_width(t) : NULL, 0,
              n ? offset[n] - base : 0);
    snprintf(full, sizeof full, "%s/offset", name);
    H5Dclose(find(f, full, h5_stored(H5_I64), 0, &items));
    int begun = items > 0; /* then the first offset is there */
    h5_append(f, full, H5_I64, place + begun, 0, n + !begun);
    mem_free(place);
}
