/* Inside io: structs of this rank as columns of a file, rows of lower ranks first. */
#pragma once
#include "io.h"

typedef struct {
    h5_t *f;
    const char *folder, *item;
    size_t stride;
    int64_t n, first, total;
    int append; /* behind those that are there; one process */
} rows_t;

/* n_local structs of `stride` bytes.  collective over the file's group */
rows_t rows_of(h5_t *f, const char *folder, const void *item, size_t stride, int n_local);
/* FOLDER/name: the field of `width` bytes at offset `field` of each */
void rows_put(const rows_t *r, const char *name, h5_type_t type, size_t field, size_t width);
/* FOLDER/name: ragged */
void rows_put_ragged(const rows_t *r, const char *name, h5_type_t type, const void *data,
                     const int64_t *at);
/* Of an open file into n structs: the column must have n rows, else CODE_DATA.  collective */
void rows_get(h5_t *f, const char *folder, const char *name, h5_type_t type, void *item,
              size_t stride, int64_t n, size_t field, size_t width);
/* Rows of a folder by one of its columns; 0 where it is not there.  CODE_DATA: more than fit an int. */
int64_t rows_in(h5_t *f, const char *folder, const char *column);
