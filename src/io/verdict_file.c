/* Verdicts by name, in HDF5: what one job leaves so that others need not execute it again.

       kind "verdicts":  verdict/{key[V,16], verdict[V], mode[V], time_us[V], memory_kb[V]}
                         verdict/score[V] (NAN: none), verdict/message ragged
                         output[V] ragged, known[V]

   The columns are those of a problem file's verdict/, without program and test: a name
   (XXH3-128, low word first) says all.  known[i] = 1: the run made output[i] (it was a
   reference's); it is any bytes.  Files of version 1 have no scores and messages.  Written
   and read by one process, aside and renamed. */
#include "bank_file.h"
#include <math.h>
#include <string.h>

static void put_words(h5_t *f, const verdict_t *v, int n)
{
    double *score = ALLOC(double, n + 1);
    int64_t *offset = ALLOC(int64_t, n + 1);
    text_t flat = {0};
    text_add(&flat, "");
    for (int i = 0; i < n; i++) {
        score[i] = v[i].scored ? v[i].score : NAN;
        text_add(&flat, v[i].message ? v[i].message : "");
        offset[i + 1] = (int64_t)flat.len;
    }
    h5_put(f, "verdict/score", H5_F64, score, n, 0, 0, n);
    h5_put_ragged(f, "verdict/message", H5_U8, flat.s, offset, n);
    text_reset(&flat);
    mem_free(offset);
    mem_free(score);
}

void verdicts_write(const char *path, const verdict_t *v, char *const *output,
                    const size_t *n_output, int n, const char *deck)
{
    h5_t *f = h5_create(NULL, path, "verdicts", VERDICTS_VERSION, deck);
    int8_t *small = ALLOC(int8_t, n + 1);
    int64_t *wide = ALLOC(int64_t, n + 1);
    hash_t *key = ALLOC(hash_t, n + 1);
    text_t flat = {0};
    for (int i = 0; i < n; i++) {
        key[i] = v[i].key;
        small[i] = (int8_t)v[i].verdict;
    }
    h5_put(f, "verdict/key", H5_U8, key, n, 16, 0, n);
    h5_put_enum(f, "verdict/verdict", verdict_names, VERDICTS, small, n, 0, n);
    for (int i = 0; i < n; i++)
        small[i] = (int8_t)v[i].mode;
    h5_put_enum(f, "verdict/mode", sandbox_mode_names, IN_MODES, small, n, 0, n);
    for (int i = 0; i < n; i++)
        wide[i] = v[i].time_us;
    h5_put(f, "verdict/time_us", H5_I64, wide, n, 0, 0, n);
    for (int i = 0; i < n; i++)
        wide[i] = v[i].memory_kb;
    h5_put(f, "verdict/memory_kb", H5_I64, wide, n, 0, 0, n);
    wide[0] = 0;
    for (int i = 0; i < n; i++) {
        small[i] = output[i] != NULL;
        text_addn(&flat, output[i] ? output[i] : "", output[i] ? n_output[i] : 0);
        wide[i + 1] = (int64_t)flat.len;
    }
    put_words(f, v, n);
    h5_put(f, "known", H5_I8, small, n, 0, 0, n);
    h5_put_ragged(f, "output", H5_U8, flat.s, wide, n);
    h5_commit(f);
    text_reset(&flat);
    mem_free(small);
    mem_free(wide);
    mem_free(key);
}

/* Version 1 has none. */
static void get_words(h5_t *f, verdict_t *v, int n)
{
    char *flat;
    int64_t *offset;
    double *score = ALLOC(double, n + 1);
    if (h5_has(f, "verdict/score")) {
        h5_get(f, "verdict/score", H5_F64, score, n, 0, 0, n);
        if (h5_get_ragged(f, "verdict/message", H5_U8, (void **)&flat, &offset, 1) != n)
            fail(CODE_DATA,
                 "%s: verdict/message has not as many items as verdict/key; the file is damaged",
                 h5_path(f));
        for (int i = 0; i < n; i++) {
            size_t len = (size_t)(offset[i + 1] - offset[i]);
            v[i].scored = !isnan(score[i]), v[i].score = v[i].scored ? score[i] : 0;
            v[i].message = len ? bank_text(flat + offset[i], len) : NULL;
        }
        mem_free(flat);
        mem_free(offset);
    }
    mem_free(score);
}

static void get_outputs(h5_t *f, char **output, size_t *n_output, int n)
{
    char *flat;
    int64_t *offset;
    int8_t *known = ALLOC(int8_t, n + 1);
    h5_get(f, "known", H5_I8, known, n, 0, 0, n);
    if (h5_get_ragged(f, "output", H5_U8, (void **)&flat, &offset, 1) != n)
        fail(CODE_DATA, "%s: output has not as many items as verdict/key; the file is damaged",
             h5_path(f));
    for (int i = 0; i < n; i++)
        if (known[i]) {
            n_output[i] = (size_t)(offset[i + 1] - offset[i]);
            output[i] = bank_text(flat + offset[i], n_output[i]);
        }
    mem_free(known);
    mem_free(flat);
    mem_free(offset);
}

int verdicts_read(const char *path, verdict_t **v, char ***output, size_t **n_output)
{
    h5_t *f = h5_open(NULL, path, "verdicts", VERDICTS_VERSION);
    int64_t rows, cols;
    h5_shape(f, "verdict/key", &rows, &cols);
    if (rows > INT32_MAX / 2)
        fail(CODE_FIT, "%s: %lld verdicts, at most 2^30 fit", path, (long long)rows);
    int n = (int)rows;
    *v = ALLOC(verdict_t, n + 1);
    *output = ALLOC(char *, n + 1);
    *n_output = ALLOC(size_t, n + 1);
    int8_t *small = ALLOC(int8_t, n + 1);
    int64_t *wide = ALLOC(int64_t, n + 1);
    hash_t *key = ALLOC(hash_t, n + 1);
    h5_get(f, "verdict/key", H5_U8, key, n, 16, 0, n);
    h5_get_enum(f, "verdict/verdict", verdict_names, VERDICTS, small, n, 0, n);
    h5_get(f, "verdict/time_us", H5_I64, wide, n, 0, 0, n);
    for (int i = 0; i < n; i++)
        (*v)[i] =
            (verdict_t){.verdict = (verdict_kind_t)small[i], .time_us = wide[i], .key = key[i]};
    if (h5_has(f, "verdict/mode")) { /* older files do not say */
        h5_get_enum(f, "verdict/mode", sandbox_mode_names, IN_MODES, small, n, 0, n);
        for (int i = 0; i < n; i++)
            (*v)[i].mode = (sandbox_mode_t)small[i];
    }
    h5_get(f, "verdict/memory_kb", H5_I64, wide, n, 0, 0, n);
    for (int i = 0; i < n; i++)
        (*v)[i].memory_kb = wide[i];
    get_words(f, *v, n);
    get_outputs(f, *output, *n_output, n);
    h5_close(f);
    mem_free(small);
    mem_free(wide);
    mem_free(key);
    return n;
}

/* "FIRST12 NAME, 3 NAME": the names of an enumeration that occur. */
static void show_names(h5_t *f, const char *column, const char *const *names, int n_names,
                       int64_t rows, const char *first, text_t *out)
{
    int64_t count[INT8_MAX + 1] = {0};
    int n = 0;
    int8_t *v = ALLOC(int8_t, rows + 1);
    h5_get_enum(f, column, names, n_names, v, rows, 0, rows);
    for (int64_t i = 0; i < rows; i++)
        count[v[i]]++;
    for (int i = 0; i < n_names; i++)
        if (count[i])
            text_addf(out, "%s%lld %s", n++ ? ", " : first, (long long)count[i], names[i]);
    mem_free(v);
}

void verdicts_show(h5_t *f, text_t *out)
{
    int64_t rows, cols;
    h5_shape(f, "verdict/verdict", &rows, &cols);
    text_addf(out, "%lld verdicts", (long long)rows);
    show_names(f, "verdict/verdict", verdict_names, VERDICTS, rows, ", ", out);
    if (h5_has(f, "verdict/mode"))
        show_names(f, "verdict/mode", sandbox_mode_names, IN_MODES, rows, "; in mode ", out);
    text_add(out, "\n");
}
