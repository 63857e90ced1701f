/* Any of our files, in words, for `aletheia show`: what it is, who wrote it, and what
   one would ask first.

   problems     show_bank.c: counts; one list on demand
   checkpoint   step, seed and other state, parameters with shapes and hashes, sections
   metrics, rollout           show_run.c
   eval, select               show_eval.c
   a folder     of a run: its metrics; of checkpoints: the newest; of a model: its shapes

   One process, no MPI (group NULL).  Reading goes through the same functions that
   programs use, so what is shown was also checked. */
#include "bank_file.h"
#include "io/hf.h"
#include "show.h"
#include <string.h>
#include <sys/stat.h>

static void show_head(h5_t *f, const char *kind, text_t *out)
{
    char *by = h5_get_text(f, "/", "created_by"), *layout = h5_get_text(f, "/", "host_layout");
    int64_t version = 0;
    h5_get_int(f, "/", "version", &version);
    text_addf(out, "%s: kind %s, version %lld, written by %s on %s\n", h5_path(f), kind,
              (long long)version, by ? by : "?", layout ? layout : "?");
    mem_free(by);
    mem_free(layout);
}

static void show_attributes(h5_t *f, const char *object, text_t *out)
{
    char **name;
    int n = h5_list_attributes(f, object, &name);
    for (int i = 0; i < n; i++) {
        int64_t v;
        double x;
        char *s;
        if (h5_get_int(f, object, name[i], &v))
            text_addf(out, "  %-20s %lld\n", name[i], (long long)v);
        else if (h5_get_real(f, object, name[i], &x))
            text_addf(out, "  %-20s %.9g\n", name[i], x);
        else if ((s = h5_get_text(f, object, name[i]))) {
            if (!strchr(s, '\n'))
                text_addf(out, "  %-20s %s\n", name[i], s);
            mem_free(s);
        }
    }
    h5_free_names(name, n);
}

static void show_config(const model_config_t *c, text_t *out)
{
    text_addf(out,
              "  %s: %d layers, width %d, %d heads and %d key/value heads of %d, "
              "feed-forward %d, vocabulary %d, "
              "positions %d%s%s\n",
              c->arch, c->layers, c->width, c->heads, c->kv_heads, c->head_dim, c->ffn, c->vocab,
              c->max_position, c->qkv_bias ? ", biases on q, k, v" : "",
              c->tied ? ", tied head" : "");
}

static void show_shape(char shape[64], int64_t rows, int64_t cols)
{
    if (cols)
        snprintf(shape, 64, "[%lld, %lld]", (long long)rows, (long long)cols);
    else
        snprintf(shape, 64, "[%lld]", (long long)rows);
}

static void show_checkpoint(h5_t *f, text_t *out)
{
    char **section, **tensor, name[1024], *json = h5_get_text(f, "state", "config.json");
    show_attributes(f, "state", out);
    if (json) {
        model_config_t c;
        hf_config_parse(h5_path(f), json, &c);
        show_config(&c, out);
        mem_free(json);
    }
    int n = h5_list(f, "param", &tensor);
    int64_t rows, cols, count = 0;
    for (int i = 0; i < n; i++) {
        char shape[64];
        snprintf(name, sizeof name, "param/%s", tensor[i]);
        h5_shape(f, name, &rows, &cols);
        count += rows * (cols ? cols : 1);
        show_shape(shape, rows, cols);
        char *hash = h5_get_text(f, name, "xxh3");
        text_addf(out, "  %-52s %-16s %.16s\n", tensor[i], shape, hash ? hash : "");
        mem_free(hash);
    }
    text_addf(out, "%d tensors, %lld parameters; sections:", n, (long long)count);
    h5_free_names(tensor, n);
    n = h5_list(f, "/", &section);
    for (int i = 0; i < n; i++)
        text_addf(out, " %s", section[i]);
    text_add(out, "\n");
    h5_free_names(section, n);
}

/* The files of weights and their size. */
static void show_weights(const char *dir, text_t *out)
{
    shards_t w = {0};
    text_t path = {0};
    double bytes = 0;
    if (!hf_has_weights(dir)) {
        text_add(out, "weights are missing: there is no model.safetensors\n");
        return;
    }
    shards_open(&w, dir);
    for (int i = 0; i < w.n; i++) {
        struct stat s;
        text_clear(&path);
        text_addf(&path, "%s/%s", dir, w.name[i]);
        bytes += stat(path.s, &s) ? 0 : (double)s.st_size;
    }
    if (w.n == 1)
        text_addf(out, "%s has %.2f MB\n", w.name[0], bytes / 1e6);
    else
        text_addf(out, "%d files of weights have %.2f MB\n", w.n, bytes / 1e6);
    shards_close(&w);
    text_reset(&path);
}

static void show_model(const char *dir, text_t *out)
{
    model_config_t c;
    hf_config_read(dir, &c);
    params_t p = params_new(&c);
    int64_t count = 0;
    text_addf(out, "%s: a model directory\n", dir);
    show_config(&c, out);
    for (int i = 0; i < p.n; i++) {
        const param_t *t = &p.tensor[i];
        char shape[64];
        count += t->rows * t->cols;
        show_shape(shape, t->vector ? t->cols : t->rows, t->vector ? 0 : t->cols);
        text_addf(out, "  %-52s %s\n", t->name, shape);
    }
    text_addf(out, "%d tensors, %lld parameters; ", p.n, (long long)count);
    show_weights(dir, out);
    params_free(&p);
}

static int newest_version(const char *path)
{
    text_t why = {0};
    static const struct {
        const char *kind;
        int version;
    } newest[] = {{"problems", BANK_VERSION},
                  {"verdicts", VERDICTS_VERSION},
                  {"rollout", ROLLOUT_VERSION},
                  {"eval", EVAL_VERSION}};
    int version = 1;
    for (size_t i = 0; i < sizeof newest / sizeof *newest; i++)
        if (!h5_probe(path, newest[i].kind, INT32_MAX, &why))
            version = newest[i].version;
    text_reset(&why);
    return version;
}

void show_file(const char *path, text_t *out)
{
    struct stat s;
    text_t other = {0};
    if (stat(path, &s) == 0 && S_ISDIR(s.st_mode)) {
        int64_t step = ckpt_newest(path);
        text_addf(&other, "%s/run.h5", path);
        if (stat(other.s, &s)) {
            text_clear(&other);
            text_addf(&other, "%s/step-%08lld.h5", path, (long long)step);
            if (step < 0) {
                show_model(path, out);
                text_reset(&other);
                return;
            }
        }
        path = other.s;
    }
    static const struct {
        const char *kind;
        void (*show)(h5_t *f, text_t *out);
    } shown[] = {
        {"checkpoint", show_checkpoint}, {"metrics", show_metrics},
        {"rollout", show_rollout},       {"eval", show_eval},
        {"select", show_select},         {"verdicts", verdicts_show},
        {"pairs", show_pairs},           {"problems", NULL},
    };
    h5_t *f = h5_open(NULL, path, NULL, newest_version(path));
    char *format = h5_get_text(f, "/", "format");
    int known = 0;
    show_head(f, format + strlen("aletheia/"), out);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (!strcmp(format + strlen("aletheia/"), shown[i].kind)) {
            known = 1;
            if (shown[i].show)
                shown[i].show(f, out);
        }
    if (!known)
        fail(CODE_DATA, "%s: kind %s is none that can be shown", path, format);
    int problems = !strcmp(format, "aletheia/problems");
    mem_free(format);
    h5_close(f);
    if (problems)
        show_problems(path, out);
    text_reset(&other);
}
