/* aletheia bench [TOPIC ...], bench tokenizer DIR FILE, bench model DIR [TYPE], bench recipes DECK,
   bench eval DECK: speeds, each beside its limit measured in the same run.

   Timings are not tests: they depend on the machine and its load.  What can be compared is a ratio
   of two numbers taken one after the other in one process, so every RESULT line carries both.
   Times are the best of several repetitions; the limit is measured before and after, and the
   larger counts. */
#include "app.h"
#include <math.h>
#include <omp.h>
#include <string.h>

/* argv: of a topic that has arguments; or NULL */
typedef struct {
    call_t *call;
    const ops_t *ops;
    char **argv;
} bench_t;

/* The model whose speed is reported: the shape of the shipped one. */
static const model_config_t pocket = {
    .arch = "Qwen2ForCausalLM",
    .vocab = 640,
    .width = 128,
    .layers = 4,
    .heads = 4,
    .kv_heads = 4,
    .head_dim = 32,
    .ffn = 384,
    .max_position = 1024,
    .qkv_bias = 1,
    .tied = 1,
    .rms_eps = 1e-6f,
    .rope.theta = 10000,
};
enum { PROMPT = 200, ANSWER = 40, GROUP = 8 };

static int threads_here(void)
{
    return omp_get_num_procs();
}

/* Forward product y[m,n] = x[m,k] w', packed weights, against the FMA peak. */
static void bench_product(bench_t *b)
{
    if (group_rank(comm_world()))
        return;
    static const int shape[][3] = {{256, 1024, 1024}, {1, 1024, 1024}, {16, 1024, 1024},
                                   {512, 384, 128},   {512, 768, 128}, {64, 384, 128}};
    for (int t = 1; t <= threads_here(); t *= 2) {
        omp_set_num_threads(t);
        for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
            int64_t m = shape[i][0], n = shape[i][1], k = shape[i][2];
            buf_t x = b->ops->alloc((size_t)(m * k) * 4), w = b->ops->alloc((size_t)(n * k) * 4),
                  y = b->ops->alloc((size_t)(m * n) * 4), none = {NULL};
            b->ops->zero(x, (size_t)(m * k) * 4);
            b->ops->zero(w, (size_t)(n * k) * 4);
            pack_t *p = b->ops->pack_new(n, k);
            b->ops->pack_put(p, w, F32, 0, n);
            double peak = backend_peak_flops(t, F32), best = INFINITY;
            int inner = (int)fmax(1, 2e8 / (2.0 * (double)(m * n * k)));
            for (int rep = 0; rep < 20; rep++) {
                double start = clock_now();
                for (int j = 0; j < inner; j++)
                    b->ops->matmul(y, x, p, none, m);
                b->ops->sync();
                best = fmin(best, (clock_now() - start) / inner);
            }
            peak = fmax(peak, backend_peak_flops(t, F32));
            double rate = 2.0 * (double)(m * n * k) / best;
            log_line(
                "RESULT bench=product m=%lld n=%lld k=%lld threads=%d gflops=%.1f peak=%.1f ratio=%.3f",
                (long long)m, (long long)n, (long long)k, t, rate / 1e9, peak / 1e9, rate / peak);
            b->ops->pack_free(p);
            b->ops->release(x, (size_t)(m * k) * 4);
            b->ops->release(w, (size_t)(n * k) * 4);
            b->ops->release(y, (size_t)(m * n) * 4);
        }
    }
    omp_set_num_threads(1);
}

typedef struct {
    model_t *model;
    acts_t *acts;
    optim_t *optim;
    buf_t grad;
    batch_t batch;
    float *coef, *logp;
} timed_t;

static void fill_batch(batch_t *b, int groups, int shared)
{
    int32_t token[PROMPT + ANSWER];
    batch_clear(b);
    for (int g = 0; g < groups; g++) {
        for (int i = 0; i < PROMPT + ANSWER; i++)
            token[i] =
                (int32_t)(rng_at(7, RNG_TEST, (uint64_t)g, 0, (uint32_t)i) * (float)pocket.vocab);
        int p = batch_prompt(b, token, PROMPT);
        for (int s = 0; s < GROUP; s++) {
            if (!shared && s)
                p = batch_prompt(b, token, PROMPT);
            batch_continue(b, p, token + PROMPT, ANSWER);
        }
    }
}

static timed_t step_new(const ops_t *ops, int groups, int shared)
{
    timed_t s = {.model = model_new(&pocket, ops)};
    fill_batch(&s.batch, groups, shared);
    s.acts = acts_new(&pocket, ops, s.batch.n, s.batch.n_row);
    s.optim = optim_new(s.model);
    size_t bytes = (size_t)model_params(s.model)->count * 4;
    s.grad = ops->alloc(bytes);
    ops->zero(s.grad, bytes);
    s.coef = ALLOC(float, s.batch.n_row);
    s.logp = ALLOC(float, s.batch.n_row);
    for (int i = 0; i < s.batch.n_row; i++)
        s.coef[i] = 1e-6f;
    model_init_random(s.model, 3);
    model_commit(s.model);
    return s;
}

static void step_free(timed_t *s)
{
    const ops_t *ops = model_ops(s->model);
    ops->release(s->grad, (size_t)model_params(s->model)->count * 4);
    optim_free(s->optim);
    acts_free(s->acts);
    batch_free(&s->batch);
    model_free(s->model);
    mem_free(s->coef);
    mem_free(s->logp);
}

/* Seconds of forward + backward, best of `reps`. */
static double step_time(timed_t *s, int reps)
{
    double best = INFINITY;
    for (int r = 0; r < reps; r++) {
        double start = clock_now();
        train_forward(s->model, s->acts, &s->batch, 1, s->logp, NULL);
        train_backward(s->model, s->acts, &s->batch, 1, s->coef, s->grad);
        model_ops(s->model)->sync();
        best = fmin(best, clock_now() - start);
    }
    return best;
}

/* A training step's share of the peak, and what computing the prompt once saves. */
static void bench_step(bench_t *b)
{
    if (group_rank(comm_world()))
        return;
    for (int t = 1; t <= threads_here(); t *= 2) {
        omp_set_num_threads(t);
        timed_t once = step_new(b->ops, 4, 1), each = step_new(b->ops, 4, 0);
        double peak = backend_peak_flops(t, F32), s1 = step_time(&once, 5),
               s2 = step_time(&each, 3);
        s1 = fmin(s1, step_time(&once, 5));
        double flops =
            model_flops(&pocket, once.batch.n, batch_attended(&once.batch), once.batch.n_row, 1);
        int same = 0;
        train_forward(each.model, each.acts, &each.batch, 1, each.logp, NULL);
        train_forward(once.model, once.acts, &once.batch, 1, once.logp, NULL);
        same = !memcmp(once.logp, each.logp, (size_t)once.batch.n_row * sizeof(float));
        log_line(
            "RESULT bench=step threads=%d tokens=%d tokens_per_s=%.0f gflops=%.1f peak=%.1f ratio=%.3f",
            t, once.batch.n, once.batch.n / s1, flops / s1 / 1e9, peak / 1e9, flops / s1 / peak);
        log_line(
            "RESULT bench=prompt-once threads=%d group=%d prompt=%d answer=%d shared_s=%.4f unshared_s=%.4f "
            "ratio=%.3f same_bits=%d",
            t, GROUP, PROMPT, ANSWER, s1, s2, s1 / s2, same);
        step_free(&once);
        step_free(&each);
    }
    omp_set_num_threads(1);
}

/* The same 16 groups on one rank and on all of them: forward, backward, sum of gradients,
   update. */
static void bench_ranks(bench_t *b)
{
    enum { GROUPS = 16 };
    group_t *w = comm_world();
    int rank = group_rank(w), size = group_size(w);
    double seconds[2] = {INFINITY, INFINITY};
    omp_set_num_threads(1);
    for (int way = 0; way < 2; way++) {
        int n = way ? size : 1;
        group_t *g = group_split(w, rank < n ? 0 : -1, rank);
        int share = rank < n ? GROUPS * (rank + 1) / n - GROUPS * rank / n : 0;
        timed_t s = {0};
        if (g)
            s = step_new(b->ops, share, 1);
        for (int rep = 0; rep < 5; rep++) {
            comm_barrier(w);
            double start = clock_now();
            if (g) {
                int64_t count = model_params(s.model)->count;
                step_time(&s, 1);
                float *grad = ALLOC(float, count);
                b->ops->get(grad, s.grad, (size_t)count * 4);
                comm_sum_f32(g, grad, count);
                b->ops->put(s.grad, grad, (size_t)count * 4);
                mem_free(grad);
                adamw_t h = {.lr = 1e-6, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .clip_norm = 1};
                optim_step(s.optim, s.model, s.grad, &h);
                comm_barrier(g);
                seconds[way] = fmin(seconds[way], clock_now() - start);
            }
        }
        if (g)
            step_free(&s);
        group_free(g);
    }
    log_line("RESULT bench=ranks ranks=%d one_s=%.4f all_s=%.4f speedup=%.3f", size, seconds[0],
             seconds[1], seconds[0] / seconds[1]);
}

/* Tokens per second of generation: 8 prompts, 8 answers each. */
static void bench_generate(bench_t *b)
{
    if (group_rank(comm_world()))
        return;
    for (int t = 1; t <= threads_here(); t *= 2) {
        omp_set_num_threads(t);
        timed_t s = step_new(b->ops, 1, 1);
        sampler_t how = {.how = {1, 1, 0},
                         .group = GROUP,
                         .max_new = ANSWER,
                         .width = 64,
                         .max_prompt = PROMPT,
                         .seed = 1,
                         .purpose = RNG_SAMPLE};
        engine_t *e = engine_new(&pocket, b->ops, &how);
        prompt_t p[8];
        traj_t out[8 * GROUP];
        for (int i = 0; i < 8; i++)
            p[i] = (prompt_t){.item = i, .token = s.batch.token, .n = PROMPT};
        double best = INFINITY;
        for (int rep = 0; rep < 5; rep++) {
            double start = clock_now();
            engine_run(e, s.model, &how, p, 8, out, NULL, NULL, NULL);
            best = fmin(best, clock_now() - start);
            for (int i = 0; i < 8 * GROUP; i++)
                traj_reset(&out[i]);
        }
        log_line(
            "RESULT bench=generate threads=%d prompts=8 group=%d prompt=%d answer=%d seconds=%.4f "
            "tokens_per_s=%.0f",
            t, GROUP, PROMPT, ANSWER, best, 8.0 * GROUP * ANSWER / best);
        engine_free(e);
        step_free(&s);
    }
    omp_set_num_threads(1);
}

/* Tokens of a file, cut at line ends into texts of 16 KiB: *hash of all ids. */
static int64_t encode_file(const tokenizer_t *t, const text_t *file, hash_t *hash)
{
    enum { TEXT = 16384 };
    int32_t *id = NULL;
    int n = 0, cap = 0;
    int64_t total = 0;
    *hash = (hash_t){0};
    for (size_t at = 0, end; at < file->len; at = end, n = 0) {
        end = file->len - at > TEXT ? at + TEXT : file->len;
        while (end < file->len && file->s[end - 1] != '\n')
            end++;
        tokenizer_encode(t, file->s + at, end - at, 1, &id, &n, &cap);
        *hash = hash_more(*hash, id, (size_t)n * sizeof *id);
        total += n;
    }
    mem_free(id);
    return total;
}

/* A look at each byte, which no tokenizer can do without. */
static double look_time(const text_t *file)
{
    double best = INFINITY;
    for (int rep = 0; rep < 3; rep++) {
        double start = clock_now();
        unsigned char table[256] = {['\n'] = 1}, *s = (unsigned char *)file->s;
        volatile uint32_t state = 0;
        for (size_t i = 0; i < file->len; i++)
            state = state + table[s[i]];
        best = fmin(best, clock_now() - start);
    }
    return best;
}

/* One core; cold: from the moment the tokenizer was opened, nothing seen yet. */
static void bench_tokenizer(bench_t *b)
{
    if (group_rank(comm_world()) || (!b->argv && !b->call->argc))
        return;
    if (!b->argv)
        fail(
            CODE_USAGE,
            "bench tokenizer: its directory with a tokenizer.json and a text file were expected, and no other topic");
    text_t file = {0};
    int bad = text_read_file(&file, b->argv[1]);
    if (bad || !file.len)
        fail(CODE_DATA, "%s: cannot be read, or is empty: %s", b->argv[1], strerror(bad));
    double open = INFINITY, cold = INFINITY, warm = INFINITY, look = look_time(&file);
    int64_t tokens = 0;
    int size = 0;
    hash_t hash, again;
    for (int rep = 0; rep < 3; rep++) {
        double start = clock_now();
        tokenizer_t *t = tokenizer_open(b->argv[0]);
        open = fmin(open, clock_now() - start);
        start = clock_now();
        tokens = encode_file(t, &file, &hash);
        cold = fmin(cold, clock_now() - start);
        start = clock_now();
        encode_file(t, &file, &again);
        warm = fmin(warm, clock_now() - start);
        ASSERT(hash_equal(hash, again));
        size = tokenizer_size(t);
        tokenizer_free(t);
    }
    char hex[33];
    hash_hex(hash, hex);
    log_line(
        "RESULT bench=tokenizer vocab=%d bytes=%zu tokens=%lld open_s=%.3f cold_s=%.3f warm_s=%.3f cold_tokens_per_s=%.0f "
        "warm_tokens_per_s=%.0f look_s=%.3f ratio=%.3f ids=%s",
        size, file.len, (long long)tokens, open, cold, warm, (double)tokens / cold,
        (double)tokens / warm, look, look / cold, hex);
    text_reset(&file);
}

static void bench_beside(bench_t *b)
{
    if (!group_rank(comm_world()))
        bench_busy(&pocket, b->ops);
}

/* Of topics with arguments: they stand alone. */
static void bench_nothing(bench_t *b)
{
    (void)b;
}

static void bench_grader(bench_t *b)
{
    if (group_rank(comm_world()))
        return;
    text_t out = {0};
    grading_bench(b->call->keeper, &out);
    fputs(out.s, stdout);
    text_reset(&out);
}

/* On three ranks or more: two of them are graders. */
static void bench_graders(bench_t *b)
{
    enum { GRADERS = 2 };
    text_t out = {0};
    if (group_size(comm_world()) > GRADERS)
        grading_bench_ranks(comm_world(), GRADERS, b->call->keeper, &out);
    else if (group_rank(comm_world()) == 0 && b->call->argc)
        text_addf(&out, "graders: needs %d ranks or more\n", GRADERS + 1);
    fputs(out.s ? out.s : "", stdout);
    text_reset(&out);
}

static const struct {
    const char *topic;
    void (*run)(bench_t *b);
    const char *meaning;
} topics[] = {
    {"product", bench_product, "forward product against the measured FMA peak"},
    {"step", bench_step,
     "training step against the peak; the prompt computed once against once per answer"},
    {"ranks", bench_ranks, "a step's fixed work on one rank and on all"},
    {"generate", bench_generate, "generation, tokens per second"},
    {"busy", bench_beside, "generation by all cores alone and beside a process that spins"},
    {"tokenizer", bench_tokenizer,
     "DIR FILE: tokens per second of a file with the tokenizer.json of a directory"},
    {"model", bench_nothing,
     "DIR [TYPE]: load, decode, prefill and training step of a model directory"},
    {"recipes", bench_nothing,
     "DECK: steps of bo-grpo, raft, dapo and of files beside grpo-think's; pairs; collect"},
    {"eval", bench_nothing,
     "DECK: a list's pairs with a shared beginning beside each alone; votes beside sampling"},
    {"grader", bench_grader, "sandboxed runs per second against bare ones; what must be bounded"},
    {"graders", bench_graders, "a thousand programs on two grader ranks (of three ranks or more)"},
};
enum { TOPICS = sizeof topics / sizeof *topics };

int verb_bench(call_t *c)
{
    bench_t b = {.call = c, .ops = backend_open("cpu")};
    if (c->argc && !strcmp(c->argv[0], "tokenizer")) {
        b.argv = c->argc == 3 ? c->argv + 1 : NULL;
        bench_tokenizer(&b);
        return CODE_DONE;
    }
    if (c->argc && !strcmp(c->argv[0], "model")) {
        if (c->argc < 2)
            fail(CODE_USAGE, "usage: aletheia bench model DIR [float32|bfloat16]");
        bench_model(c->argv + 1, c->argc - 1);
        return CODE_DONE;
    }
    if (c->argc && !strcmp(c->argv[0], "recipes")) {
        if (c->argc < 2)
            fail(CODE_USAGE, "usage: aletheia bench recipes DECK [section.key=value ...]");
        bench_recipes(c->argv + 1, c->argc - 1);
        return CODE_DONE;
    }
    if (c->argc && !strcmp(c->argv[0], "eval")) {
        if (c->argc < 2)
            fail(CODE_USAGE, "usage: aletheia bench eval DECK [section.key=value ...]");
        bench_eval(c->argv + 1, c->argc - 1);
        return CODE_DONE;
    }
    for (int a = 0; a < c->argc; a++) {
        int known = 0;
        for (int i = 0; i < TOPICS; i++)
            known |= !strcmp(c->argv[a], topics[i].topic);
        if (!known) {
            text_t list = {0};
            for (int i = 0; i < TOPICS; i++)
                text_addf(&list, "\n  %-9s %s", topics[i].topic, topics[i].meaning);
            fail(CODE_USAGE, "bench %s: no such topic; there are%s", c->argv[a], list.s);
        }
    }
    for (int i = 0; i < TOPICS; i++) {
        int wanted = c->argc == 0;
        for (int a = 0; a < c->argc; a++)
            wanted |= !strcmp(c->argv[a], topics[i].topic);
        if (wanted)
            topics[i].run(&b);
        comm_barrier(comm_world());
    }
    return CODE_DONE;
}
