/* Attributes of HDF5 files, and what names there are.

   Attributes are text (fixed length, UTF-8, so that every rank can write them), 64-bit
   integers or doubles.  All ranks of the file's group call with the same value.  An
   object that does not exist yet is made a group: attributes of "state" need nothing
   else.  Reading is by class: an integer may be read as a real, any width is accepted. */
#include "h5.h"
#include <stdlib.h>
#include <string.h>

int h5_linked(hid_t file, const char *name)
{
    char part[1024];
    size_t n = strlen(name);
    if (n >= sizeof part)
        return 0;
    if (!strcmp(name, "/"))
        return 1;
    for (size_t i = 1; i <= n; i++)
        if (i == n || name[i] == '/') {
            memcpy(part, name, i);
            part[i] = 0;
            H5L_info_t link;
            if (H5Lexists(file, part, H5P_DEFAULT) <= 0 ||
                H5Lget_info(file, part, &link, H5P_DEFAULT) < 0 || link.type != H5L_TYPE_HARD)
                return 0;
        }
    return n > 0;
}

int h5_has(h5_t *f, const char *name)
{
    return h5_linked(f->file, name);
}

static void put_attribute(h5_t *f, const char *object, const char *name, hid_t stored, hid_t held,
                          const void *value)
{
    if (!h5_linked(f->file, object)) {
        hid_t l = H5Pcreate(H5P_LINK_CREATE);
        H5Pset_create_intermediate_group(l, 1);
        hid_t made = H5Gcreate2(f->file, object, l, H5P_DEFAULT, H5P_DEFAULT);
        h5_must(f, made < 0, "making the group", object);
        H5Gclose(made);
        H5Pclose(l);
    }
    if (H5Aexists_by_name(f->file, object, name, H5P_DEFAULT) > 0) /* the newer value counts */
        h5_must(f, H5Adelete_by_name(f->file, object, name, H5P_DEFAULT) < 0,
                "replacing the attribute", name);
    hid_t space = H5Screate(H5S_SCALAR);
    hid_t a = H5Acreate_by_name(f->file, object, name, stored, space, H5P_DEFAULT, H5P_DEFAULT,
                                H5P_DEFAULT);
    h5_must(f, a < 0, "making the attribute", name);
    f->headers += 512 + (int64_t)H5Tget_size(stored);
    h5_must(f, H5Awrite(a, held, value) < 0, "writing the attribute", name);
    H5Aclose(a);
    H5Sclose(space);
}

void h5_put_text(h5_t *f, const char *object, const char *attribute, const char *value)
{
    size_t n = strlen(value);
    hid_t t = H5Tcopy(H5T_C_S1);
    H5Tset_size(t, n + 1);
    H5Tset_strpad(t, H5T_STR_NULLTERM);
    H5Tset_cset(t, H5T_CSET_UTF8);
    put_attribute(f, object, attribute, t, t, value);
    H5Tclose(t);
}

void h5_put_real(h5_t *f, const char *object, const char *attribute, double value)
{
    put_attribute(f, object, attribute, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}

void h5_put_int(h5_t *f, const char *object, const char *attribute, int64_t value)
{
    put_attribute(f, object, attribute, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}

/* The open attribute, its type and class; -1 if absent. */
static hid_t open_attribute(hid_t file, const char *object, const char *name, hid_t *type,
                            H5T_class_t *class)
{
    if (!h5_linked(file, object) || H5Aexists_by_name(file, object, name, H5P_DEFAULT) <= 0)
        return -1;
    hid_t a = H5Aopen_by_name(file, object, name, H5P_DEFAULT, H5P_DEFAULT);
    if (a < 0)
        return -1;
    *type = H5Aget_type(a);
    *class = H5Tget_class(*type);
    hid_t space = H5Aget_space(a);
    int64_t n = H5Sget_simple_extent_npoints(space);
    H5Sclose(space);
    if (*type < 0 || n != 1) {
        H5Tclose(*type);
        H5Aclose(a);
        return -1;
    }
    return a;
}

int h5_attr_text(hid_t file, const char *object, const char *name, char **value)
{
    hid_t type;
    H5T_class_t class;
    hid_t a = open_attribute(file, object, name, &type, &class);
    if (a < 0)
        return 0;
    int ok = class == H5T_STRING && H5Tis_variable_str(type) == 0;
    if (ok) {
        size_t n = H5Tget_size(type);
        char *s = mem_new(n + 1);
        ok = H5Aread(a, type, s) >= 0;
        if (ok)
            *value = s;
        else
            mem_free(s);
    }
    H5Tclose(type);
    H5Aclose(a);
    return ok;
}

/* Any number, read as `as`. */
static int attr_number(hid_t file, const char *object, const char *name, hid_t as, int real,
                       void *value)
{
    hid_t type;
    H5T_class_t class;
    hid_t a = open_attribute(file, object, name, &type, &class);
    if (a < 0)
        return 0;
    int ok = class == H5T_INTEGER || (real && class == H5T_FLOAT);
    if (ok)
        ok = H5Aread(a, as, value) >= 0;
    H5Tclose(type);
    H5Aclose(a);
    return ok;
}

int h5_attr_int(hid_t file, const char *object, const char *name, int64_t *value)
{
    return attr_number(file, object, name, H5T_NATIVE_INT64, 0, value);
}

char *h5_get_text(h5_t *f, const char *object, const char *attribute)
{
    char *s = NULL;
    return h5_attr_text(f->file, object, attribute, &s) ? s : NULL;
}

int h5_get_real(h5_t *f, const char *object, const char *attribute, double *value)
{
    return attr_number(f->file, object, attribute, H5T_NATIVE_DOUBLE, 1, value);
}

int h5_get_int(h5_t *f, const char *object, const char *attribute, int64_t *value)
{
    return h5_attr_int(f->file, object, attribute, value);
}

static int by_name(const void *a, const void *b)
{
    return strverscmp(*(char *const *)a, *(char *const *)b); /* layers.2 before layers.10 */
}

int h5_list(h5_t *f, const char *group, char ***names)
{
    *names = NULL;
    if (!h5_linked(f->file, group))
        return 0;
    H5G_info_t info;
    h5_must(f, H5Gget_info_by_name(f->file, group, &info, H5P_DEFAULT) < 0, "listing", group);
    int n = (int)info.nlinks;
    *names = ALLOC(char *, n ? n : 1);
    for (int i = 0; i < n; i++) {
        char name[1024] = "";
        ssize_t len = H5Lget_name_by_idx(f->file, group, H5_INDEX_NAME, H5_ITER_INC, (hsize_t)i,
                                         name, sizeof name, H5P_DEFAULT);
        h5_must(f, len < 0, "listing", group);
        (*names)[i] = mem_text(name);
    }
    qsort(*names, (size_t)n, sizeof **names, by_name);
    return n;
}

int h5_list_attributes(h5_t *f, const char *object, char ***names)
{
    *names = NULL;
    if (!h5_linked(f->file, object))
        return 0;
    hid_t o = H5Oopen(f->file, object, H5P_DEFAULT);
    h5_must(f, o < 0, "opening", object);
    int n = H5Aget_num_attrs(o);
    h5_must(f, n < 0, "listing attributes of", object);
    *names = ALLOC(char *, n ? n : 1);
    for (int i = 0; i < n; i++) {
        char name[1024] = "";
        ssize_t len = H5Aget_name_by_idx(o, ".", H5_INDEX_NAME, H5_ITER_INC, (hsize_t)i, name,
                                         sizeof name, H5P_DEFAULT);
        h5_must(f, len < 0, "listing attributes of", object);
        (*names)[i] = mem_text(name);
    }
    H5Oclose(o);
    qsort(*names, (size_t)n, sizeof **names, by_name);
    return n;
}

void h5_free_names(char **names, int n)
{
    for (int i = 0; i < n; i++)
        mem_free(names[i]);
    mem_free(names);
}
