/* Metrics of a run (kind "metrics", run.h5): one row per step, and one per step, rank
   and phase.

       step/step[S]                       int64
       step/<column>[S]                   float64, NaN where not measured
       phase/names[P]                     an enumeration whose names are the phases
       phase/seconds[S, ranks, P]         float32; NaN where a rank did not take part
       event/{time[E], step[E], kind, text}   start, resume, checkpoint, ...: Unix time,
                                          ragged texts

   How it survives.  An HDF5 file that is being changed in place when its writer is
   killed may be lost as a whole: its tree of headers is only sound between flushes, and
   nothing says when the kernel writes which page. So the file is never changed.  Rows
   are kept in memory, and metrics_flush writes the whole file aside and renames it, as
   every file of ours.  That is affordable since a run's metrics are small: 10,000 steps
   of 40 columns are 3.2 MB on the first rank, and phases are spread over the ranks
   (10,000 steps of 12 phases: 0.5 MB each), so a flush costs tens of
   milliseconds, headers and an fsync, and even 1,000 ranks write 0.5 GB, less than the
   checkpoint that the flush goes with.  Flushing S times costs O(S^2) bytes: flush per
   checkpoint, not per step, in very long runs.

   Resuming.  Rows with step >= from_step are dropped: they will be computed again.
   Events are kept, they happened. Columns and phases are matched by name and united:
   what only the file has stays, with NaN in new rows; what is new has NaN in old rows.
   The rank dimension is the largest number of ranks the run ever had.  Lane j (what
   rank j measured) is kept in memory by rank j mod R of the present R ranks, which
   writes it back; so another number of ranks can continue the file. */
#include "io.h"
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { METRICS_VERSION = 1 };

typedef struct {
    double time;
    int64_t step;
    char *kind, *text;
} event_t;

struct metrics {
    group_t *g;
    char *path, *deck;
    int64_t rows, cap;
    int64_t *step;  /* [rows], every rank */
    double *value;  /* [rows][n], first rank */
    float *seconds; /* [rows][mine][n_phase] */
    char **name, **phase;
    int n, n_phase; /* of the file; the caller's are the first n_given of them */
    int n_given, phase_given;
    int lanes, mine; /* rank dimension; lanes rank, rank + size, ... are kept here */
    event_t *event;
    int n_event, cap_event;
};

static int rank_of(const metrics_t *m)
{
    return m->g ? group_rank(m->g) : 0;
}

static int size_of(const metrics_t *m)
{
    return m->g ? group_size(m->g) : 1;
}

static void need(metrics_t *m, int64_t rows)
{
    if (rows <= m->cap)
        return;
    int64_t cap = rows > 2 * m->cap ? rows + 64 : 2 * m->cap;
    m->step = mem_grow(m->step, (size_t)cap * sizeof *m->step);
    m->value = mem_grow(m->value, (size_t)(cap * (m->n + 1)) * sizeof *m->value);
    m->seconds =
        mem_grow(m->seconds, (size_t)(cap * (m->mine * m->n_phase + 1)) * sizeof *m->seconds);
    m->cap = cap;
}

/* Appends to list what is not in it. */
static void unite(char ***list, int *n, char *const *more, int n_more)
{
    for (int i = 0; i < n_more; i++) {
        int known = 0;
        for (int j = 0; j < *n && !known; j++)
            known = !strcmp((*list)[j], more[i]);
        if (known)
            continue;
        *list = mem_grow(*list, (size_t)(*n + 1) * sizeof **list);
        (*list)[(*n)++] = mem_text(more[i]);
    }
}

static int place_of(char *const *list, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (!strcmp(list[i], name))
            return i;
    return -1;
}

static void add_event(metrics_t *m, double time, int64_t step, const char *kind, size_t kind_len,
                      const char *text, size_t text_len)
{
    event_t e = {time, step, mem_new(kind_len + 1), mem_new(text_len + 1)};
    memcpy(e.kind, kind, kind_len);
    memcpy(e.text, text, text_len);
    PUSH(m->event, m->n_event, m->cap_event, e);
}

static void read_events(metrics_t *m, h5_t *f)
{
    int first = rank_of(m) == 0;
    char *kind, *text;
    int64_t *ok, *ot, n = h5_get_ragged(f, "event/kind", H5_U8, (void **)&kind, &ok, first);
    if (h5_get_ragged(f, "event/text", H5_U8, (void **)&text, &ot, first) != n)
        fail(CODE_DATA, "%s: event/kind and event/text differ in length; the file is damaged",
             m->path);
    double *time = ALLOC(double, n + 1);
    int64_t *step = ALLOC(int64_t, n + 1);
    h5_get(f, "event/time", H5_F64, time, n, 0, 0, first ? n : 0);
    h5_get(f, "event/step", H5_I64, step, n, 0, 0, first ? n : 0);
    for (int64_t i = 0; i < n && first; i++)
        add_event(m, time[i], step[i], kind + ok[i], (size_t)(ok[i + 1] - ok[i]), text + ot[i],
                  (size_t)(ot[i + 1] - ot[i]));
    mem_free(time);
    mem_free(step);
    mem_free(kind);
    mem_free(text);
    mem_free(ok);
    mem_free(ot);
}

/* Old rows before from_step; steps are in order, so these are the first `keep`. */
static void read_rows(metrics_t *m, h5_t *f, int64_t rows, int64_t from_step, int64_t old_lanes)
{
    char **old;
    int old_n = h5_enum_names(f, "phase/names", &old);
    int64_t here =
        old_lanes > rank_of(m) ? (old_lanes - rank_of(m) + size_of(m) - 1) / size_of(m) : 0;
    int64_t *step = ALLOC(int64_t, rows + 1), keep = 0;
    double *x = ALLOC(double, rows + 1);
    float *s = ALLOC(float, rows *here *old_n + 1);
    h5_get(f, "step/step", H5_I64, step, rows, 0, 0, rows);
    while (keep < rows && step[keep] < from_step)
        keep++;
    need(m, keep);
    for (int64_t i = 0; i < keep; i++)
        m->step[i] = step[i];
    for (int64_t i = 0; i < keep * m->n; i++)
        m->value[i] = NAN;
    for (int64_t i = 0; i < keep * m->mine * m->n_phase; i++)
        m->seconds[i] = NAN;
    for (int j = 0; j < m->n; j++) {
        char name[512];
        snprintf(name, sizeof name, "step/%s", m->name[j]);
        if (!h5_has(f, name))
            continue;
        h5_get(f, name, H5_F64, x, rows, 0, 0, rows);
        for (int64_t i = 0; i < keep; i++)
            m->value[i * m->n + j] = x[i];
    }
    h5_get_lanes(f, "phase/seconds", H5_F32, s, rows, old_lanes, old_n, here ? rank_of(m) : 0,
                 size_of(m), here);
    for (int64_t i = 0; i < keep; i++)
        for (int64_t l = 0; l < here; l++)
            for (int p = 0; p < old_n; p++)
                m->seconds[(i * m->mine + l) * m->n_phase +
                           place_of(m->phase, m->n_phase, old[p])] = s[(i * here + l) * old_n + p];
    m->rows = keep;
    h5_free_names(old, old_n);
    mem_free(step);
    mem_free(x);
    mem_free(s);
}

/* The file as it is: names, lanes, rows, events. */
static void take_over(metrics_t *m, int64_t from_step)
{
    h5_t *f = h5_open(m->g, m->path, "metrics", METRICS_VERSION);
    char **col, **old;
    int n_col = h5_list(f, "step", &col), n_old = h5_enum_names(f, "phase/names", &old);
    int64_t rows, lanes, cols;
    h5_lanes(f, "phase/seconds", &rows, &lanes, &cols);
    if (cols != n_old)
        fail(CODE_DATA, "%s: phase/seconds has %lld phases, phase/names %d; the file is damaged",
             m->path, (long long)cols, n_old);
    for (int i = 0; i < n_col; i++)
        if (strcmp(col[i], "step"))
            unite(&m->name, &m->n, col + i, 1);
    unite(&m->phase, &m->n_phase, old, n_old);
    m->lanes = lanes > m->lanes ? (int)lanes : m->lanes;
    m->mine = (m->lanes - rank_of(m) + size_of(m) - 1) / size_of(m);
    read_rows(m, f, rows, from_step, lanes);
    read_events(m, f);
    h5_free_names(col, n_col);
    h5_free_names(old, n_old);
    h5_close(f);
}

metrics_t *metrics_open(group_t *g, const char *path, const char *deck, const char *const *names,
                        int n, const char *const *phases, int n_phase, int64_t from_step)
{
    ASSERT(n > 0 && n_phase > 0);
    metrics_t *m = ALLOC(metrics_t, 1);
    m->g = g;
    m->path = mem_text(path);
    m->deck = mem_text(deck ? deck : "");
    unite(&m->name, &m->n, (char *const *)names, n);
    unite(&m->phase, &m->n_phase, (char *const *)phases, n_phase);
    ASSERT(m->n == n && m->n_phase == n_phase); /* no name twice */
    m->n_given = n;
    m->phase_given = n_phase;
    m->lanes = size_of(m);
    m->mine = 1;
    struct stat s;
    int there = rank_of(m) == 0 && stat(path, &s) == 0;
    if (g)
        comm_bcast(g, &there, sizeof there, 0);
    if (there)
        take_over(m, from_step);
    metrics_flush(m);
    return m;
}

void metrics_row(metrics_t *m, int64_t step, const double *value, const double *phase_seconds)
{
    ASSERT(m->rows == 0 || step > m->step[m->rows - 1]);
    need(m, m->rows + 1);
    m->step[m->rows] = step;
    double *v = m->value + m->rows * m->n;
    for (int j = 0; j < m->n; j++)
        v[j] = rank_of(m) == 0 && j < m->n_given ? value[j] : NAN;
    float *s = m->seconds + m->rows * m->mine * m->n_phase;
    for (int i = 0; i < m->mine * m->n_phase; i++)
        s[i] = i < m->phase_given ? (float)phase_seconds[i] : NAN;
    m->rows++;
}

void metrics_event(metrics_t *m, int64_t step, const char *kind, const char *text)
{
    struct timespec t;
    if (rank_of(m) != 0)
        return;
    clock_gettime(CLOCK_REALTIME, &t);
    add_event(m, (double)t.tv_sec + 1e-9 * (double)t.tv_nsec, step, kind, strlen(kind), text,
              strlen(text));
}

int metrics_has(metrics_t *m, int64_t step, const char *kind)
{
    int there = 0;
    for (int i = 0; i < m->n_event && !there; i++)
        there = m->event[i].step == step && !strcmp(m->event[i].kind, kind);
    if (m->g)
        comm_bcast(m->g, &there, sizeof there, 0);
    return there;
}

static void put_event_texts(h5_t *f, const char *name, const metrics_t *m, int kind)
{
    text_t flat = {0};
    int64_t *offset = ALLOC(int64_t, m->n_event + 1);
    for (int i = 0; i < m->n_event; i++) {
        text_add(&flat, kind ? m->event[i].kind : m->event[i].text);
        offset[i + 1] = (int64_t)flat.len;
    }
    h5_put_ragged(f, name, H5_U8, flat.s, offset, m->n_event);
    mem_free(offset);
    text_reset(&flat);
}

static void put_events(h5_t *f, const metrics_t *m)
{
    int64_t first, total, n = m->n_event; /* 0 on all but the first rank */
    h5_rows(f, n, &first, &total);
    double *time = ALLOC(double, n + 1);
    int64_t *step = ALLOC(int64_t, n + 1);
    for (int i = 0; i < n; i++) {
        time[i] = m->event[i].time;
        step[i] = m->event[i].step;
    }
    h5_put(f, "event/time", H5_F64, time, total, 0, first, n);
    h5_put(f, "event/step", H5_I64, step, total, 0, first, n);
    put_event_texts(f, "event/kind", m, 1);
    put_event_texts(f, "event/text", m, 0);
    mem_free(time);
    mem_free(step);
}

void metrics_flush(metrics_t *m)
{
    h5_t *f = h5_create(m->g, m->path, "metrics", METRICS_VERSION, m->deck);
    int64_t mine = rank_of(m) == 0 ? m->rows : 0;
    double *x = ALLOC(double, m->rows + 1);
    h5_put(f, "step/step", H5_I64, m->step, m->rows, 0, 0, mine);
    for (int j = 0; j < m->n; j++) {
        char name[512];
        for (int64_t i = 0; i < m->rows; i++)
            x[i] = m->value[i * m->n + j];
        snprintf(name, sizeof name, "step/%s", m->name[j]);
        h5_put(f, name, H5_F64, x, m->rows, 0, 0, mine);
    }
    mem_free(x);
    int8_t *id = ALLOC(int8_t, m->n_phase);
    for (int i = 0; i < m->n_phase; i++)
        id[i] = (int8_t)i;
    h5_put_enum(f, "phase/names", (const char *const *)m->phase, m->n_phase, id, m->n_phase, 0,
                rank_of(m) == 0 ? m->n_phase : 0);
    mem_free(id);
    h5_put_lanes(f, "phase/seconds", H5_F32, m->seconds, m->rows, m->lanes, m->n_phase, rank_of(m),
                 size_of(m), m->mine);
    put_events(f, m);
    h5_commit(f);
}

void metrics_close(metrics_t *m)
{
    if (!m)
        return;
    metrics_flush(m);
    for (int i = 0; i < m->n_event; i++) {
        mem_free(m->event[i].kind);
        mem_free(m->event[i].text);
    }
    mem_free(m->event);
    h5_free_names(m->name, m->n);
    h5_free_names(m->phase, m->n_phase);
    mem_free(m->step);
    mem_free(m->value);
    mem_free(m->seconds);
    mem_free(m->path);
    mem_free(m->deck);
    mem_free(m);
}
