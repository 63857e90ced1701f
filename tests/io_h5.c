// What n ranks wrote is what m ranks read; a bad or half-written file is refused by name; the
// previous file survives.
// RUN: np=1,2,4
#include "io_child.h"
#include "io.h"
#include <sys/stat.h>

enum { ROWS = 1003, COLS = 7, LANES = 5 };
static const char *const colours[] = {"red", "green", "blue"}, *const other[] = {"blue", "violet",
                                                                                 "red", "green"};

static float cell(int64_t i, int64_t j)
{
    return (float)(i * 31 + j * 7) * 0.25f;
}

static void write_file(group_t *g, const char *path, int seed)
{
    int64_t n = group_size(g), r = group_rank(g), first = ROWS * r / n,
            count = ROWS * (r + 1) / n - first;
    h5_t *f = h5_create(g, path, "test", 3, "[run]\nseed = 1\n");
    float *x = ALLOC(float, count *COLS + 1);
    int8_t *e = ALLOC(int8_t, count + 1);
    int64_t *offset = ALLOC(int64_t, count + 1);
    text_t flat = {0};
    for (int64_t i = 0; i < count; i++) {
        for (int j = 0; j < COLS; j++)
            x[i * COLS + j] = cell(first + i + seed, j);
        e[i] = (int8_t)((first + i) % 3);
        for (int64_t k = 0; k < (first + i) % 4; k++)
            text_addf(&flat, "%lld,", (long long)(first + i));
        offset[i + 1] = (int64_t)flat.len;
    }
    h5_put(f, "a/b/matrix", H5_F32, x, ROWS, COLS, first, count);
    h5_put_enum(f, "a/colour", colours, 3, e, ROWS, first, count);
    h5_put_ragged(f, "a/text", H5_U8, flat.s, offset, count);
    h5_put(f, "a/empty", H5_I32, NULL, 0, 0, 0, 0);
    int64_t mine = LANES > r ? (LANES - r + n - 1) / n : 0;
    double *lane = ALLOC(double, 3 * mine * 2 + 1);
    for (int64_t i = 0; i < 3; i++)
        for (int64_t l = 0; l < mine; l++)
            for (int64_t c = 0; c < 2; c++)
                lane[(i * mine + l) * 2 + c] = (double)(100 * i + 10 * (r + l * n) + c);
    h5_put_lanes(f, "lanes", H5_F64, lane, 3, LANES, 2, mine ? r : 0, n, mine);
    h5_put_text(f, "a/colour", "unit", "none \xc3\xa9");
    h5_put_real(f, "a", "pi", 3.25);
    h5_put_int(f, "state", "seed", seed);
    char *big = mem_new(100001);
    memset(big, 'x', 100000);
    h5_put_text(f, "/", "long", big);
    h5_commit(f);
    mem_free(big);
    mem_free(lane);
    mem_free(x);
    mem_free(e);
    mem_free(offset);
    text_reset(&flat);
}

static void read_file(group_t *g, const char *path, int64_t seed)
{
    int64_t n = group_size(g), r = group_rank(g), first = ROWS * r / n,
            count = ROWS * (r + 1) / n - first, rows, cols;
    h5_t *f = h5_open(g, path, "test", 3);
    float *x = ALLOC(float, count *COLS + 1);
    int8_t *e = ALLOC(int8_t, count + 1);
    h5_get(f, "a/b/matrix", H5_F32, x, ROWS, COLS, first, count);
    h5_get_enum(f, "a/colour", other, 4, e, ROWS, first, count);
    int bad = 0;
    for (int64_t i = 0; i < count; i++) {
        for (int j = 0; j < COLS; j++)
            bad += x[i * COLS + j] != cell(first + i + seed, j);
        bad += strcmp(other[e[i]], colours[(first + i) % 3]) != 0;
    }
    check(bad == 0, "%d cells differ", bad);
    char *text, *unit = h5_get_text(f, "a/colour", "unit"), *big = h5_get_text(f, "/", "long"),
                one[32];
    int64_t *offset, items = h5_get_ragged(f, "a/text", H5_U8, (void **)&text, &offset, r == 0),
                     s = -1;
    check(items == ROWS);
    for (int64_t i = 0; r == 0 && i < items; i++) {
        int64_t len = snprintf(one, sizeof one, "%lld,", (long long)i);
        bad += offset[i + 1] - offset[i] != len * (i % 4) ||
               (i % 4 && memcmp(text + offset[i], one, (size_t)len));
    }
    check(bad == 0, "ragged");
    double lane[3 * LANES * 2], pi = 0;
    h5_get_lanes(f, "lanes", H5_F64, lane, 3, LANES, 2, 0, 1, LANES);
    for (int i = 0; i < 3 * LANES * 2; i++)
        bad += lane[i] != 100 * (i / (LANES * 2)) + 10 * (i / 2 % LANES) + i % 2;
    check(bad == 0, "lanes");
    h5_shape(f, "a/empty", &rows, &cols);
    check(rows == 0 && cols == 0);
    check(unit && !strcmp(unit, "none \xc3\xa9") && big && strlen(big) == 100000);
    check(h5_get_real(f, "a", "pi", &pi) && pi == 3.25 && h5_get_int(f, "state", "seed", &s) &&
          s == seed);
    check(!h5_get_text(f, "a", "pi") && !h5_get_int(f, "nowhere", "x", &s) &&
          !h5_has(f, "a/none/b"));
    char **names;
    int m = h5_list(f, "a", &names);
    check(m == 4 && !strcmp(names[0], "b") && !strcmp(names[3], "text"));
    h5_free_names(names, m);
    h5_close(f);
    mem_free(x);
    mem_free(e);
    mem_free(text);
    mem_free(offset);
    mem_free(unit);
    mem_free(big);
}

/* The child: opens, or is killed while writing. */
static int child(int argc, char **argv)
{
    if (!strcmp(argv[1], "kill")) {
        h5_t *f = h5_create(NULL, argv[2], "test", 3, NULL);
        float x[4] = {0};
        h5_put(f, "x", H5_F32, x, 4, 0, 0, 4);
        raise(SIGKILL);
    }
    h5_t *f = h5_open(NULL, argv[2], argc > 3 ? argv[3] : "test", argc > 4 ? atoi(argv[4]) : 3);
    int32_t x[4];
    if (argc > 5)
        h5_get(f, argv[5], H5_I32, x, 4, 0, 0, 4);
    h5_close(f);
    return 0;
}

static void refused(const char *path, const char *kind, const char *version, const char *name,
                    const char *says)
{
    text_t err = {0};
    int code = child_run(0, (const char *[]){"open", path, kind, version, name, NULL}, &err);
    check(code == CODE_DATA && strstr(err.s, path) && strstr(err.s, says) &&
              !strstr(err.s, "HDF5-DIAG"),
          "code %d, not \"%s\" in: %s", code, says, err.s);
    text_reset(&err);
}

static void bad_files(const char *dir, const char *good)
{
    char p[600], cut[600];
    struct stat s;
    text_t bytes = {0}, err = {0};
    text_read_file(&bytes, good);
    snprintf(p, sizeof p, "%s/absent.h5", dir);
    refused(p, "test", "3", NULL, "No such file");
    refused(dir, "test", "3", NULL, "folder");
    snprintf(p, sizeof p, "%s/words.h5", dir);
    text_write_file(p, "these are words\n", 16);
    refused(p, "test", "3", NULL, "not an HDF5 file");
    refused(good, "problems", "3", NULL, "kind test, expected kind problems");
    refused(good, "test", "2", NULL, "newer");
    refused(good, "test", "3", "a/nothing", "no dataset a/nothing");
    refused(good, "test", "3", "a/b/matrix", "integers");
    snprintf(cut, sizeof cut, "%s/cut.h5", dir);
    for (int part = 1; part <= 7; part++) {
        text_write_file(cut, bytes.s, bytes.len * (size_t)part / 8);
        refused(cut, "test", "3", NULL, "truncated");
    }
    int code = child_run(0, (const char *[]){"kill", good, NULL}, &err);
    check(code == 128 + SIGKILL, "code %d", code);
    snprintf(p, sizeof p, "%s.tmp", good);
    check(!stat(p, &s), "no temporary");
    refused(p, "test", "3", NULL, "");
    text_reset(&err);
    snprintf(p, sizeof p, "%s/none/x.h5", dir);
    check(child_run(0, (const char *[]){"kill", p, NULL}, &err) == CODE_DATA &&
              strstr(err.s, "cannot be created"),
          "%s", err.s);
    text_reset(&err);
    text_reset(&bytes);
}

int main(int argc, char **argv)
{
    if (argc > 2)
        return child(argc, argv);
    test_begin(&argc, &argv);
    group_t *g = comm_world();
    char *dir = child_folder("h5"), path[512];
    snprintf(path, sizeof path, "%s/a.h5", dir);
    write_file(g, path, 0);
    write_file(g, path, 5);
    read_file(g, path, 5);
    for (int m = 1; m < group_size(g); m++) { /* on fewer ranks, and back */
        group_t *s = group_split(g, group_rank(g) < m ? 0 : -1, 0);
        if (s) {
            read_file(s, path, m == 1 ? 5 : m - 1);
            write_file(s, path, m);
        }
        group_free(s);
        comm_barrier(g);
        read_file(g, path, m);
    }
    if (group_rank(g) == 0)
        bad_files(dir, path);
    comm_barrier(g);
    read_file(g, path,
              group_size(g) > 1 ? group_size(g) - 1
                                : 5); /* the writer that was killed did no harm */
    child_folder_remove(dir);
    return test_end();
}
