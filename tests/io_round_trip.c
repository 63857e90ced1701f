// A model that transformers wrote, read and written again, has the same tensors byte for byte (float16, which is not written,
// becomes the float32 of the same values) and computes the same bits; written once more, it is the same file.
// RUN: np=1
#include "reference_models.h"
#include <dirent.h>
#include <jansson.h>

typedef struct { text_t file; json_t *header; const char *data; } raw_t;

static char dir[] = "/tmp/aletheia-test-XXXXXX";

static const char *at(const char *folder, const char *name)
{
    static text_t path;
    if (!folder) {
        text_reset(&path);
        return NULL;
    }
    text_clear(&path);
    text_addf(&path, "%s/%s", folder, name);
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

/* Values of a float16 tensor, as the reader gives them, against the bytes of a float32 one. */
static int same_values(const char *folder, const char *name, const char *bytes, int64_t n)
{
    safetensors_t *s = safetensors_open(at(folder, "model.safetensors"));
    model_config_t c;
    hf_config_read(folder, &c);
    params_t p = params_new(&c);
    const param_t *t = params_find(&p, name);
    int64_t dim[2] = {t->rows > 1 ? t->rows : t->cols, t->cols}, count = t->rows * t->cols;
    float *x = ALLOC(float, count);
    safetensors_get(s, safetensors_find(s, name), x, dim, t->rows > 1 ? 2 : 1);
    int same = n == count * 4 && !memcmp(x, bytes, (size_t)n);
    mem_free(x);
    params_free(&p);
    safetensors_close(s);
    return same;
}

/* Tensors of one of the source's files; how many they are. */
static int compare_file(const char *folder, const char *file, const raw_t *out)
{
    raw_t in = raw_open(at(folder, file));
    const char *name;
    json_t *t;
    int n = 0;
    json_object_foreach(in.header, name, t)
    {
        const json_t *u = json_object_get(out->header, name);
        const char *a = json_string_value(json_object_get(t, "dtype")), *b = json_string_value(json_object_get(u, "dtype"));
        int64_t size[2];
        if (!strcmp(name, "__metadata__"))
            continue;
        n++;
        check(u, "%s: %s was not written", folder, name);
        if (!u)
            continue;
        check(json_equal(json_object_get(t, "shape"), json_object_get(u, "shape")), "%s: %s", folder, name);
        const char *x = raw_bytes(&in, t, &size[0]), *y = raw_bytes(out, u, &size[1]);
        if (!strcmp(a, "F16"))
            check(!strcmp(b, "F32") && same_values(folder, name, y, size[1]), "%s: %s has other values", folder, name);
        else
            check(!strcmp(a, b) && size[0] == size[1] && !memcmp(x, y, (size_t)size[0]), "%s: %s has other bytes", folder, name);
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

static void round_trip(const char *name)
{
    reference_t r;
    float logp[2][REFERENCE_MAX];
    text_t config = {0}, once = {0}, twice = {0};
    int n = 0, files = 0;
    reference_read(&r, name);
    model_t *m = hf_open(r.dir, backend_open("cpu"));
    ASSERT(!text_read_file(&config, at(r.dir, "config.json")));
    dtype_t type = strstr(config.s, "\"dtype\": \"bfloat16\"") ? BF16 : F32;
    hf_write(dir, m, type, NULL);
    raw_t out = raw_open(at(dir, "model.safetensors"));
    DIR *d = opendir(r.dir);
    for (struct dirent *e; (e = readdir(d));)
        if (strlen(e->d_name) > 12 && !strcmp(e->d_name + strlen(e->d_name) - 12, ".safetensors"))
            n += compare_file(r.dir, e->d_name, &out), files++;
    closedir(d);
    int metadata = json_object_get(out.header, "__metadata__") != NULL;
    check(files == (strcmp(name, "qwen2-default") ? 1 : 3) && n == (int)json_object_size(out.header) - metadata,
          "%s: %d tensors in %d files, %d written", name, n, files, (int)json_object_size(out.header) - metadata);

    model_t *back = hf_open(dir, backend_open("cpu"));
    check(hash_equal(model_hash(m), model_hash(back)));
    logp_of(&r, m, logp[0]);
    logp_of(&r, back, logp[1]);
    check(!memcmp(logp[0], logp[1], (size_t)r.n * sizeof(float)), "%s: another function than before", name);
    ASSERT(!text_read_file(&once, at(dir, "config.json")));
    hf_write(dir, back, type, NULL);
    ASSERT(!text_read_file(&twice, at(dir, "config.json")));
    raw_t again = raw_open(at(dir, "model.safetensors"));
    check(once.len == twice.len && !memcmp(once.s, twice.s, once.len));
    check(out.file.len == again.file.len && !memcmp(out.file.s, again.file.s, out.file.len), "%s: another file", name);
    raw_close(&out);
    raw_close(&again);
    text_reset(&config);
    text_reset(&once);
    text_reset(&twice);
    model_free(m);
    model_free(back);
    reference_free(&r);
}

int main(int argc, char **argv)
{
    static const char *const made[] = {"config.json", "model.safetensors", "generation_config.json"};
    test_begin(&argc, &argv);
    ASSERT(mkdtemp(dir));
    for (int i = 0; i < REFERENCE_MODELS; i++)
        round_trip(reference_names[i]);
    for (int i = 0; i < 3; i++)
        unlink(at(dir, made[i]));
    check(!rmdir(dir));
    at(NULL, NULL);
    return test_end();
}
