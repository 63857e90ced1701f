// Metrics continue on another number of ranks; rows from the resumed step on are replaced; a
// SIGKILL loses nothing that was flushed.
// RUN: np=1,2,4
#include "io_child.h"
#include "io.h"

static const char *const columns[] = {"loss", "reward_mean", "wall_s"},
                         *const fewer[] = {"reward_mean", "entropy"};
static const char *const phases[] = {"generate", "learn"}, *const more[] = {"judge", "learn",
                                                                            "generate"};

static void rows(metrics_t *m, int rank, int from, int to, int n, int n_phase)
{
    for (int s = from; s < to; s++) {
        double v[3], p[3];
        for (int j = 0; j < n; j++)
            v[j] = 100 * j + s;
        for (int j = 0; j < n_phase; j++)
            p[j] = rank + 10 * j + 0.5 * s;
        metrics_row(m, s, v, p);
    }
}

static double at(h5_t *f, const char *name, int64_t i)
{
    int64_t n, cols;
    h5_shape(f, name, &n, &cols);
    int whole = !strcmp(name + strlen(name) - 5, "/step");
    double *x = ALLOC(double, n);
    int64_t *k = ALLOC(int64_t, n);
    h5_get(f, name, whole ? H5_I64 : H5_F64, whole ? (void *)k : x, n, 0, 0, n);
    double v = i >= n ? -1 : whole ? (double)k[i] : x[i];
    mem_free(x);
    mem_free(k);
    return v;
}

/* First run: steps 0..9 on all ranks; second, from 6, on half of them, with other columns and
   phases. */
static void read_back(const char *path, int before, int after)
{
    h5_t *f = h5_open(NULL, path, "metrics", 1);
    int64_t n, lanes, cols, *offset;
    float s[9 * 4 * 3];
    char **name, *text;
    h5_lanes(f, "phase/seconds", &n, &lanes, &cols);
    check(n == 9 && lanes == before && cols == 3, "%lld %lld %lld", (long long)n, (long long)lanes,
          (long long)cols);
    check(h5_list(f, "step", &name) == 5);
    h5_free_names(name, 5);
    check(at(f, "step/step", 5) == 5 && at(f, "step/step", 8) == 8);
    check(at(f, "step/loss", 5) == 5 && isnan(at(f, "step/loss", 6)) &&
          isnan(at(f, "step/entropy", 5)));
    check(at(f, "step/reward_mean", 5) == 105 && at(f, "step/reward_mean", 6) == 6 &&
          at(f, "step/entropy", 8) == 108);
    int k = h5_enum_names(f, "phase/names", &name);
    check(k == 3 && !strcmp(name[0], "judge") && !strcmp(name[2], "generate"));
    h5_free_names(name, k);
    h5_get_lanes(f, "phase/seconds", H5_F32, s, 9, lanes, 3, 0, 1, lanes);
    for (int r = 0; r < lanes; r++)
        for (int i = 0; i < 9; i++) {
            float *x = s + (i * lanes + r) * 3;
            if (i < 6)
                check(isnan(x[0]) && x[1] == r + 10 + 0.5f * i && x[2] == r + 0.5f * i,
                      "row %d lane %d", i, r);
            else if (r < after)
                check(x[0] == r + 0.5f * i && x[2] == r + 20 + 0.5f * i, "row %d lane %d", i, r);
            else
                check(isnan(x[0]) && isnan(x[1]) && isnan(x[2]), "row %d lane %d", i, r);
        }
    n = h5_get_ragged(f, "event/text", H5_U8, (void **)&text, &offset, 1);
    check(n == 2 && offset[2] == 10 && !memcmp(text, "firstsecond", 5) &&
          !memcmp(text + 5, "again", 5));
    check(at(f, "event/step", 1) == 6 && at(f, "event/time", 1) > 1.7e9);
    mem_free(text);
    mem_free(offset);
    h5_close(f);
}

static int child(char **argv)
{
    metrics_t *m = metrics_open(NULL, argv[2], NULL, columns, 3, phases, 2, 0);
    rows(m, 0, 0, 5, 3, 2);
    metrics_flush(m);
    rows(m, 0, 5, 7, 3, 2);
    raise(SIGKILL);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 2)
        return child(argv);
    test_begin(&argc, &argv);
    group_t *g = comm_world();
    int size = group_size(g), rank = group_rank(g), half = (size + 1) / 2;
    char *dir = child_folder("metrics"), path[600];
    text_t err = {0};
    snprintf(path, sizeof path, "%s/run.h5", dir);
    metrics_t *m = metrics_open(g, path, "[run]\n", columns, 3, phases, 2, 0);
    metrics_event(m, 0, "start", "first");
    rows(m, rank, 0, 10, 3, 2);
    metrics_close(m);
    group_t *part = group_split(g, rank < half ? 0 : -1, 0);
    if (part) {
        m = metrics_open(part, path, "[run]\n", fewer, 2, more, 3, 6);
        metrics_event(m, 6, "resume", "again");
        rows(m, rank, 6, 9, 2, 3);
        metrics_flush(m);
        if (rank == 0)
            read_back(path, size, half);
        metrics_close(m);
    }
    group_free(part);
    comm_barrier(g);
    m = metrics_open(g, path, NULL, fewer, 2, more, 3, 100); /* all ranks again: nothing is lost */
    metrics_close(m);
    if (rank == 0) {
        read_back(path, size, half);
        snprintf(path, sizeof path, "%s/killed.h5", dir);
        check(child_run(0, (const char *[]){"kill", path, NULL}, &err) == 128 + SIGKILL, "%s",
              err.s);
        h5_t *f = h5_open(NULL, path, "metrics", 1);
        int64_t n, cols;
        h5_shape(f, "step/loss", &n, &cols);
        check(n == 5 && at(f, "step/loss", 4) == 4, "%lld rows", (long long)n);
        h5_close(f);
    }
    text_reset(&err);
    child_folder_remove(dir);
    return test_end();
}
