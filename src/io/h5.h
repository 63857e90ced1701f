/* What h5.c, h5_data.c and h5_attr.c share: the only files that see HDF5. */
#pragma once
#include "io.h"
#include <hdf5.h>

struct h5 {
    group_t *g; /* NULL: this process alone */
    hid_t file;
    hid_t access;         /* transfer list: collective where there is a group */
    char *path, *tmp;     /* tmp: what is written until the commit; NULL when reading */
    int64_t end, headers; /* while writing: end of the data, estimate of all headers' bytes */
    int fd;               /* of tmp on the first rank while writing, else -1 */
};

int h5_rank(const h5_t *f);
int h5_size(const h5_t *f);
/* collective: if `bad` on any rank, one message about f and all end; `doing` and `name` say what
   failed */
void h5_must(h5_t *f, int bad, const char *doing, const char *name);
/* Disk space for what stands at [at, at + bytes) of the file, before it is written.  collective */
void h5_reserve(h5_t *f, int64_t at, int64_t bytes);
size_t h5_width(h5_type_t t); /* bytes of an element */
hid_t h5_held(h5_type_t t);   /* in memory ... */
hid_t h5_stored(h5_type_t t); /* ... and in the file.  Both borrowed */
/* an enumeration; caller closes */
hid_t h5_names_type(h5_t *f, const char *name, const char *const *names, int n_names);
/* every part of the path exists in this file: hard links only */
int h5_linked(hid_t file, const char *name);
int h5_attr_text(hid_t file, const char *object, const char *name, char **value); /* 1: new text */
int h5_attr_int(hid_t file, const char *object, const char *name, int64_t *value);
