// A model that transformers wrote, read and written again, whole or in several files, has the same
// tensors byte for byte, the same configuration, and computes the same bits.
// RUN: np=1
#include "reference_models.h"
#include <dirent.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    text_t file;
    json_t *header;
    const char *data;
} raw_t;

static char dir[64] = "/tmp/aletheia-test-XXXXXX", source[80];

static const char *at(const char *folder, const char *name)
{
    static text_t path;
    if (!folder) {
        text_reset(&path);
        return NULL;
    }
    text_clear(&path);
    text_addf(&path, "%s/%s", folder, name); /* one at a time */
    return path.s;
}

static raw_t raw_open(const char *path)
{
    raw_t r = {0};
    uint64_t n;
    ASSERT(!text_read_file(&r.file, path));
    memcpy(&n, r.file.s, 8);
    r.header = json_loadb(r.file.s + 8, n, 0, NULL);
    r.data = r.file.s + 8 + n;
    ASSERT(r.header);
    return r;
}

static void raw_close(raw_t *r)
{
    json_decref(r->header);
    text_reset(&r->file);
}

static const char *raw_bytes(const raw_t *r, const json_t *tensor, int64_t *n)
{
    const json_t *o = json_object_get(tensor, "data_offsets");
    int64_t first = json_integer_value(json_array_get(o, 0));
    *n = json_integer_value(json_array_get(o, 1)) - first;
    return r->data + first;
}

/* Tensors of one of the source's files; how many they are. */
static int compare_file(const char *folder, const char *file, const raw_t *out)
{
    raw_t in = raw_open(at(folder, file));
    const char *name;
    json_t *t;
    int n = 0;
    json_object_foreach (in.header, name, t) {
        const json_t *u = json_object_get(out->header, name);
        const char *a = json_string_value(json_object_get(t, "dtype")),
                   *b = json_string_value(json_object_get(u, "dtype"));
        int64_t size[2];
        if (!strcmp(name, "__metadata__"))
            continue;
        n++;
        check(u, "%s: %s was not written", folder, name);
        if (!u)
            continue;
        check(json_equal(json_object_get(t, "shape"), json_object_get(u, "shape")), "%s: %s",
              folder, name);
        const char *x = raw_bytes(&in, t, &size[0]), *y = raw_bytes(out, u, &size[1]);
        check(!strcmp(a, b) && size[0] == size[1] && !memcmp(x, y, (size_t)size[0]),
              "%s: %s has other bytes", folder, name);
    }
    raw_close(&in);
    return n;
}

static void logp_of(const reference_t *r, const model_t *m, float *logp)
{
    batch_t b = {0};
    reference_batch(r, &b);
    acts_t *a = acts_new(model_config(m), model_ops(m), b.n, b.n_row);
    train_forward(m, a, &b, 1, logp, NULL);
    acts_free(a);
    batch_free(&b);
}

/* The model's files and a tokenizer, by links in one folder. */
static void make_source(const char *folder)
{
    DIR *d = opendir(folder);
    char to[4096];
    ASSERT(!mkdir(source, 0777));
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.') {
            ASSERT(realpath(at(folder, e->d_name), to));
            ASSERT(!symlink(to, at(source, e->d_name)));
        }
    closedir(d);
    ASSERT(realpath("tests/data/tokenizer_base/tokenizer.json", to) &&
           !symlink(to, at(source, "tokenizer.json")));
}

static void empty(const char *folder)
{
    DIR *d = opendir(folder);
    for (struct dirent *e; (e = readdir(d));)
        if (e->d_name[0] != '.')
            unlink(at(folder, e->d_name));
    closedir(d);
}

static int same_file(const char *a, const char *b, const char *name)
{
    text_t x = {0}, y = {0};
    int same = !text_read_file(&x, at(a, name)) && !text_read_file(&y, at(b, name)) &&
               x.len == y.len && !memcmp(x.s, y.s, x.len);
    text_reset(&x), text_reset(&y);
    return same;
}

/* In files of at most 20 kB of data, but where one tensor has more; the index says where each
   is. */
static void in_shards(const char *name, const model_t *m)
{
    enum { MOST = 20000 };
    empty(dir);
    hf_write(dir, m, HF_AS_BEFORE, source, MOST);
    int files = 0;
    DIR *d = opendir(dir);
    for (struct dirent *e; (e = readdir(d));)
        if (strlen(e->d_name) == 32 && !strcmp(e->d_name + 20, ".safetensors")) {
            raw_t f = raw_open(at(dir, e->d_name));
            int64_t n = (int64_t)(f.file.len - (size_t)(f.data - f.file.s));
            check(n <= MOST || json_object_size(f.header) == 2, "%s: %ld bytes in %s", name, n,
                  e->d_name);
            raw_close(&f);
            files++;
        }
    closedir(d);
    check(files > 2 && access(at(dir, "model.safetensors"), F_OK), "%s: %d files", name, files);
    model_t *back = hf_open(dir, backend_open("cpu"));
    check(hash_equal(model_hash(m), model_hash(back)), "%s: another model from %d files", name,
          files);
    model_free(back);
}

static void round_trip(const char *name)
{
    reference_t r;
    float logp[2][REFERENCE_MAX];
    int n = 0, files = 0;
    reference_read(&r, name);
    make_source(r.dir);
    model_t *m = hf_open(source, backend_open("cpu"));
    hf_write(dir, m, HF_AS_BEFORE, source, HF_SHARD_BYTES);
    raw_t out = raw_open(at(dir, "model.safetensors"));
    DIR *d = opendir(r.dir);
    for (struct dirent *e; (e = readdir(d));)
        if (strlen(e->d_name) > 12 && !strcmp(e->d_name + strlen(e->d_name) - 12, ".safetensors"))
            n += compare_file(r.dir, e->d_name, &out), files++;
    closedir(d);
    int metadata = json_object_get(out.header, "__metadata__") != NULL;
    check(files == (strcmp(name, "qwen2-default") ? 1 : 3) &&
              n == (int)json_object_size(out.header) - metadata,
          "%s: %d tensors in %d files, %d written", name, n, files,
          (int)json_object_size(out.header) - metadata);
    check(same_file(source, dir, "config.json") &&
              same_file(source, dir, "generation_config.json") &&
              same_file(source, dir, "tokenizer.json"),
          "%s", name);

    model_t *back = hf_open(dir, backend_open("cpu"));
    check(hash_equal(model_hash(m), model_hash(back)));
    logp_of(&r, m, logp[0]);
    logp_of(&r, back, logp[1]);
    check(!memcmp(logp[0], logp[1], (size_t)r.n * sizeof(float)),
          "%s: another function than before", name);
    raw_close(&out);
    in_shards(name, m);

    empty(dir); /* another type: the rest of the configuration stays */
    hf_write(dir, m, BF16, source, HF_SHARD_BYTES);
    model_config_t before, after;
    hf_config_read(source, &before);
    hf_config_read(dir, &after);
    check(!memcmp(&before, &after, sizeof before));
    text_t config = {0};
    ASSERT(!text_read_file(&config, at(dir, "config.json")));
    check(strstr(config.s, "\"bfloat16\"") && strstr(config.s, "transformers_version"), "%s: %s",
          name, config.s);
    text_reset(&config);
    check(hf_weights_type(dir) == BF16);

    hf_write(dir, m, F32, NULL, HF_SHARD_BYTES); /* without a source the configuration is our own */
    model_t *own = hf_open(dir, backend_open("cpu"));
    check(hash_equal(model_hash(m), model_hash(own)), "%s", name);
    empty(dir), empty(source);
    ASSERT(!rmdir(source));
    model_free(m), model_free(back), model_free(own);
    reference_free(&r);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    ASSERT(mkdtemp(dir));
    snprintf(source, sizeof source, "%s/source", dir);
    strcat(dir, "/out");
    ASSERT(!mkdir(dir, 0777));
    for (int i = 0; i < REFERENCE_MODELS; i++)
        round_trip(reference_names[i]);
    check(!rmdir(dir));
    *strrchr(dir, '/') = 0;
    check(!rmdir(dir));
    at(NULL, NULL);
    return test_end();
}
