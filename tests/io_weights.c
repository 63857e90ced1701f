// A model read from files of any type, by any number of ranks and threads, is the one that was
// written; the first bad number is named.
// RUN: np=1,2,3 backend=cpu,strict,cpu-bf16
#include "test.h"
#include "io/hf.h"
#include <omp.h>

static char dir[] = "/tmp/aletheia-test-XXXXXX";
static const model_config_t c = {.arch = "LlamaForCausalLM",
                                 .vocab = 5000,
                                 .width = 300,
                                 .layers = 2,
                                 .heads = 3,
                                 .kv_heads = 1,
                                 .head_dim = 100,
                                 .ffn = 701,
                                 .max_position = 64,
                                 .rms_eps = 1e-6f,
                                 .rope = {.theta = 1e4, .factor = 1}};
static params_t p;
static const ops_t *ops;

/* Element i of tensor t: a number that every type holds. */
static float number(int t, int64_t i)
{
    uint64_t h = ((uint64_t)t * 1000003 + (uint64_t)i) * 0x9E3779B97F4A7C15u;
    return (float)((int)(h >> 40) % 255 - 127) / 128;
}

static float *numbers(int t)
{
    int64_t n = p.tensor[t].rows * p.tensor[t].cols;
    float *x = ALLOC(float, n);
    for (int64_t i = 0; i < n; i++)
        x[i] = number(t, i);
    return x;
}

/* All tensors from the last to the first, so that parts do not come in the model's order; NaN at
   the ends of two if `bad`. */
static void write_model(dtype_t type, int bad)
{
    text_t path = {0}, config = {0};
    safetensors_item_t *item = ALLOC(safetensors_item_t, p.n);
    for (int i = 0; i < p.n; i++) {
        item[i] = hf_item(&p.tensor[p.n - 1 - i]);
        item[i].type = type;
    }
    text_addf(&path, "%s/model.safetensors", dir);
    safetensors_out_t *o = safetensors_create(path.s, item, p.n);
    for (int i = p.n - 1; i >= 0; i--) {
        float *x = numbers(i);
        int64_t n = p.tensor[i].rows * p.tensor[i].cols;
        if (bad && (p.tensor[i].id == PARAM_EMBED || p.tensor[i].id == PARAM_DOWN))
            x[n - 2] = NAN;
        safetensors_put(o, x, n);
        mem_free(x);
    }
    safetensors_commit(o);
    text_reset(&path);
    text_addf(&path, "%s/config.json", dir);
    hf_config_text(&c, &config);
    ASSERT(!text_write_file(path.s, config.s, config.len));
    mem_free(item);
    text_reset(&path), text_reset(&config);
}

static void open_it(void *threads)
{
    omp_set_num_threads(*(int *)threads);
    hf_open(dir, ops);
}

/* File order: of the two with a NaN, the last layer's comes first. */
static void first_bad(void)
{
    write_model(BF16, 1);
    test_fails(CODE_DATA, open_it, &(int){1},
               "tensor model.layers.1.mlp.down_proj.weight, element 210298 is NaN");
    test_fails(CODE_DATA, open_it, &(int){5},
               "tensor model.layers.1.mlp.down_proj.weight, element 210298 is NaN");
}

typedef struct {
    int inside;
    int64_t *rows;
} seen_t;

static void see(void *ctx, const param_t *t, int64_t row, int64_t rows, const float *x)
{
    seen_t *s = ctx;
    int before, k = (int)(t - p.tensor);
#pragma omp atomic capture
    before = s->inside++;
    check(before == 0, "two calls at once");
    for (int64_t i = 0; i < rows * t->cols; i++)
        if (x[i] != number(k, row * t->cols + i)) {
            check(0, "%s, row %ld", t->name, row + i / t->cols);
            break;
        }
    s->rows[k] += rows;
#pragma omp atomic
    s->inside--;
}

static void rows_once(void)
{
    seen_t s = {0, ALLOC(int64_t, p.n)};
    hf_weights(comm_world(), dir, &c, &p, see, &s);
    for (int i = 0; i < p.n; i++)
        check(s.rows[i] == p.tensor[i].rows, "%s: %ld rows", p.tensor[i].name, s.rows[i]);
    mem_free(s.rows);
}

static void same_model(void)
{
    model_t *want = model_new(&c, ops), *got = model_new(&c, ops);
    for (int i = 0; i < p.n; i++) {
        float *x = numbers(i);
        model_put(want, p.tensor[i].name, x);
        mem_free(x);
    }
    model_commit(want);
    hf_weights_read(comm_world(), dir, got);
    hash_t a = model_hash(want), b = model_hash(got);
    check(a.lo == b.lo && a.hi == b.hi);
    model_free(want), model_free(got);
}

static void remove_all(void)
{
    static const char *const made[] = {"config.json", "model.safetensors"};
    for (int i = 0; i < 2; i++) {
        text_t path = {0};
        text_addf(&path, "%s/%s", dir, made[i]);
        check(!unlink(path.s));
        text_reset(&path);
    }
    check(!rmdir(dir));
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    const char *name = getenv("ALETHEIA_BACKEND");
    int rank = group_rank(comm_world());
    ops = backend_open(name ? name : "cpu");
    p = params_new(&c);
    if (rank == 0)
        ASSERT(mkdtemp(dir));
    comm_bcast(comm_world(), dir, sizeof dir, 0);
    if (group_size(comm_world()) == 1)
        first_bad();
    for (dtype_t type = F32; type <= F16; type++) {
        if (rank == 0)
            write_model(type, 0);
        comm_barrier(comm_world());
        for (int threads = 1; threads <= 5; threads += 4) {
            omp_set_num_threads(threads);
            same_model();
            rows_once();
        }
        comm_barrier(comm_world());
    }
    params_free(&p);
    if (rank == 0)
        remove_all();
    return test_end();
}
