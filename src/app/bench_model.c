/* aletheia bench model DIR [TYPE]: a model directory's own speeds, each beside its limit.

   load      the directory's weights from the disk (its pages are dropped from the cache
             before), beside reading the same files with read(2), dropped before too; and
             once more from a warm cache, with a prompt of PROMPT tokens and one token
   train     forward, backward and update of TRAIN sequences of LENGTH tokens, every token
             predicted, flops beside the best rate of products of its type
   prefill   the same sequences through pages, one token chosen of each
   decode    one token for each of 1 and 8 sequences of CONTEXT tokens, beside reading the
             weights once at the rate that memory gives, and beside the multiply-adds

   Medians of REPEAT.  The peer is tests/peers/model_torch.py, same shapes. */
#include "app.h"
#include <fcntl.h>
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <dirent.h>

enum { TRAIN = 4, LENGTH = 512, PROMPT = 128, CONTEXT = 256, NEW = 24, REPEAT = 5, BATCH = 8 };

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *x, int n)
{
    qsort(x, (size_t)n, sizeof *x, by_size);
    return x[n / 2];
}

/* Every weight file: visit(fd, bytes) with it open; returns bytes. */
static int64_t each_file(const char *dir, void (*visit)(int fd, int64_t bytes))
{
    int64_t sum = 0;
    DIR *d = opendir(dir);
    if (!d)
        fail(CODE_DATA, "%s: cannot be read", dir);
    for (struct dirent *e; (e = readdir(d));) {
        size_t n = strlen(e->d_name);
        struct stat st;
        int fd;
        if (n < 12 || strcmp(e->d_name + n - 12, ".safetensors") ||
            (fd = openat(dirfd(d), e->d_name, O_RDONLY)) < 0)
            continue;
        if (!fstat(fd, &st)) {
            visit(fd, st.st_size);
            sum += st.st_size;
        }
        close(fd);
    }
    closedir(d);
    return sum;
}

static void forget(int fd, int64_t bytes)
{
    fdatasync(fd);
    posix_fadvise(fd, 0, bytes, POSIX_FADV_DONTNEED);
}

static void read_through(int fd, int64_t bytes)
{
    enum { BLOCK = 8 << 20 };
    char *to = mem_new(BLOCK);
    (void)bytes;
    posix_fadvise(fd, 0, bytes, POSIX_FADV_SEQUENTIAL);
    while (read(fd, to, BLOCK) > 0)
        ;
    mem_free(to);
}

static model_t *load(const char *dir, dtype_t type)
{
    return hf_open(dir, backend_typed("cpu", type));
}

static void fill(int32_t *token, int n, int vocab, uint64_t item)
{
    for (int i = 0; i < n; i++)
        token[i] = (int32_t)(rng_at(7, RNG_TEST, item, 0, (uint32_t)i) * (float)vocab);
}

typedef struct { /* when each step of decoding was over */
    double at[2 * NEW];
    int n;
} steps_t;

static int note_step(void *steps)
{
    steps_t *s = steps;
    if (s->n < 2 * NEW)
        s->at[s->n++] = clock_now();
    return 0;
}

/* Generation of `count` sequences from prompts of n tokens, `fresh` tokens each; seconds.  steps may
   be NULL. */
static double generate(const model_t *m, int count, int n, int fresh, steps_t *steps)
{
    const model_config_t *c = model_config(m);
    sampler_t s = {.how = {1, 1, 0},
                   .group = 1,
                   .max_new = fresh,
                   .width = count,
                   .max_prompt = n,
                   .seed = 1,
                   .purpose = RNG_SAMPLE};
    engine_t *e = engine_new(c, model_ops(m), &s);
    prompt_t p[BATCH];
    traj_t out[BATCH];
    int32_t *token = ALLOC(int32_t, count * n);
    for (int i = 0; i < count; i++) {
        fill(token + i * n, n, c->vocab, (uint64_t)i);
        p[i] = (prompt_t){i, token + i * n, n};
    }
    double start = clock_now();
    engine_run(e, m, &s, p, count, out, NULL, steps ? note_step : NULL, steps);
    double seconds = clock_now() - start;
    for (int i = 0; i < count; i++)
        traj_reset(&out[i]);
    engine_free(e);
    mem_free(token);
    return seconds;
}

static model_t *bench_load(const char *dir, dtype_t type, int threads)
{
    double cold[REPEAT], disk[REPEAT], warm[REPEAT], first[REPEAT];
    model_t *m = NULL;
    int64_t bytes = 0;
    for (int i = 0; i < REPEAT; i++) {
        model_free(m);
        each_file(dir, forget);
        double start = clock_now();
        bytes = each_file(dir, read_through);
        disk[i] = clock_now() - start;
        each_file(dir, forget);
        start = clock_now();
        m = load(dir, type);
        cold[i] = clock_now() - start;
        model_free(m);
        start = clock_now();
        m = load(dir, type);
        warm[i] = clock_now() - start;
        first[i] = warm[i] + generate(m, 1, PROMPT, 1, NULL);
    }
    double d = median(disk, REPEAT), l = median(cold, REPEAT);
    log_line(
        "RESULT bench=load threads=%d mb=%.0f disk_s=%.3f cold_s=%.3f ratio=%.3f warm_s=%.3f first_token_s=%.3f",
        threads, (double)bytes / 1e6, d, l, d / l, median(warm, REPEAT), median(first, REPEAT));
    return m;
}

static void bench_train(const model_t *m, int threads)
{
    const model_config_t *c = model_config(m);
    const ops_t *ops = model_ops(m);
    int32_t token[LENGTH + 1];
    batch_t b = {0};
    for (int i = 0; i < TRAIN; i++) {
        fill(token, LENGTH + 1, c->vocab, (uint64_t)i);
        batch_continue(&b, -1, token, LENGTH + 1);
    }
    model_t *own = model_new(c, ops);
    model_copy(own, m);
    acts_t *a = acts_new(c, ops, b.n, b.n_row);
    optim_t *o = optim_new(own);
    size_t bytes = (size_t)model_params(m)->count * sizeof(float);
    buf_t grad = ops->alloc(bytes);
    float *logp = ALLOC(float, b.n_row), *coef = ALLOC(float, b.n_row);
    double seconds[REPEAT + 1], part[3][REPEAT + 1];
    adamw_t h =
        {.lr = 1e-6, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .decay = 0.01, .clip_norm = 1};
    for (int i = 0; i < b.n_row; i++)
        coef[i] = -1.0f / (float)b.n_row;
    for (int i = 0; i <= REPEAT; i++) { /* the first one touches the memory */
        double start = clock_now();
        ops->zero(grad, bytes);
        train_forward(own, a, &b, 1, logp, NULL);
        double forward = clock_now();
        train_backward(own, a, &b, 1, coef, grad);
        double backward = clock_now();
        optim_step(o, own, grad, &h);
        seconds[i] = clock_now() - start;
        part[0][i] = forward - start, part[1][i] = backward - forward,
        part[2][i] = clock_now() - backward;
    }
    double flops = model_flops(c, b.n, batch_attended(&b), b.n_row, 1),
           peak = backend_peak_flops(threads, model_ops(m)->weight);
    double s = median(seconds + 1, REPEAT);
    log_line(
        "RESULT bench=train threads=%d tokens=%d seconds=%.3f tokens_per_s=%.1f gflops=%.1f peak=%.1f ratio=%.3f "
        "forward_s=%.3f backward_s=%.3f update_s=%.3f",
        threads, b.n, s, b.n / s, flops / s / 1e9, peak / 1e9, flops / s / peak,
        median(part[0] + 1, REPEAT), median(part[1] + 1, REPEAT), median(part[2] + 1, REPEAT));
    ops->release(grad, bytes);
    mem_free(logp), mem_free(coef);
    optim_free(o);
    acts_free(a);
    model_free(own);
    batch_free(&b);
}

static void bench_prefill(const model_t *m, int threads)
{
    double seconds[REPEAT];
    for (int i = 0; i < REPEAT; i++)
        seconds[i] = generate(m, TRAIN, LENGTH, 1, NULL);
    double s = median(seconds, REPEAT);
    log_line("RESULT bench=prefill threads=%d tokens=%d seconds=%.3f tokens_per_s=%.1f", threads,
             TRAIN * LENGTH, s, TRAIN * LENGTH / s);
}

/* What a token must read: every matrix but an embedding that is not the head. */
static double weight_bytes(const model_t *m)
{
    const model_config_t *c = model_config(m);
    double per = (double)dtype_bytes(model_ops(m)->weight), sum = 0;
    for (int i = 0; i < model_params(m)->n; i++) {
        const param_t *t = &model_params(m)->tensor[i];
        if (!t->vector && (t->id != PARAM_EMBED || c->tied))
            sum += per * (double)(t->rows * t->cols);
    }
    return sum;
}

/* A step's time, the median of those after the prompts' own, beside what it cannot do without:
   reading the weights once, and the multiply-adds of so many rows at the best rate.  ratio: of the
   first, bound: of the larger of the two.  The memory's rate is taken before and after each
   repetition, since on a shared machine it changes from second to second.  (The difference of two
   whole generations would carry the noise of their prompts: ten times what is measured.) */
static void bench_decode(const model_t *m, int threads, int count)
{
    double seconds[REPEAT], rates[REPEAT], ratio[REPEAT], bound[REPEAT], bytes = weight_bytes(m);
    dtype_t type = model_ops(m)->weight;
    double compute =
        2 * count * bytes / (double)dtype_bytes(type) / backend_peak_flops(threads, type);
    for (int i = 0; i < REPEAT; i++) {
        steps_t steps = {.n = 0};
        double before = backend_memory_rate(threads), step[2 * NEW];
        generate(m, count, CONTEXT, NEW, &steps);
        int n = steps.n - 1;
        for (int k = 0; k < n; k++)
            step[k] = steps.at[k + 1] - steps.at[k];
        ASSERT(n > NEW / 2);
        seconds[i] = median(step, n);
        rates[i] = (before + backend_memory_rate(threads)) / 2;
        ratio[i] = bytes / rates[i] / seconds[i];
        bound[i] = fmax(bytes / rates[i], compute) / seconds[i];
    }
    double s = median(seconds, REPEAT), rate = median(rates, REPEAT);
    log_line(
        "RESULT bench=decode threads=%d batch=%d ms=%.2f tokens_per_s=%.1f weights_gb_per_s=%.2f memory_gb_per_s=%.2f "
        "ratio=%.3f memory_ms=%.2f compute_ms=%.2f bound=%.3f",
        threads, count, s * 1e3, count / s, bytes / s / 1e9, rate / 1e9, median(ratio, REPEAT),
        bytes / rate * 1e3, compute * 1e3, median(bound, REPEAT));
}

void bench_model(char **argv, int argc)
{
    dtype_t type = dtype_of(argc > 1 ? argv[1] : dtype_texts[hf_weights_type(argv[0])], F16);
    type = argc == 1 && type == F16 ? F32 : type;
    if (argc > 2 || type == F16)
        fail(CODE_USAGE, "usage: aletheia bench model DIR [float32|bfloat16]");
    if (group_rank(comm_world()))
        return;
    int threads = omp_get_num_procs();
    omp_set_num_threads(threads);
    log_line("model        %s, held as %s, %d threads%s, medians", argv[0], dtype_texts[type],
             threads, type == BF16 && backend_matrix_unit(1) ? ", matrix unit" : "");
    model_t *m = bench_load(argv[0], type, threads);
    bench_decode(m, threads, 1);
    bench_decode(m, threads, BATCH);
    bench_prefill(m, threads);
    bench_train(m, threads);
    model_free(m);
    omp_set_num_threads(1);
}
