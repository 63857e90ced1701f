// What a completion says depends on its prompt and number alone: not on width, order, company,
// pages or ranks; scoring it again gives the same log-probabilities, bit for bit.
// RUN: np=1,2 backend=cpu,strict,cpu-bf16
#include "test.h"
#include "rollout.h"

enum { PROMPTS = 9, G = 5, NEW = 40, LONGEST = 37 };

static const model_config_t config = {
    .arch = "Qwen2ForCausalLM",
    .vocab = 61,
    .width = 32,
    .layers = 2,
    .heads = 4,
    .kv_heads = 2,
    .head_dim = 8,
    .ffn = 48,
    .max_position = 128,
    .qkv_bias = 1,
    .tied = 1,
    .rms_eps = 1e-6f,
    .rope.theta = 10000,
};

static int32_t tokens[PROMPTS][LONGEST];
static int idle_calls;

static sampler_t sampler(int width)
{
    return (sampler_t){.how = {1.5f, 1, 0},
                       .group = G,
                       .max_new = NEW,
                       .width = width,
                       .max_prompt = LONGEST,
                       .stop = {7, 11},
                       .n_stop = 2,
                       .seed = 5,
                       .purpose = RNG_SAMPLE,
                       .step = 3};
}

static prompt_t prompt(int i)
{
    rng_t r = rng_make(9, RNG_TEST, 0, (uint64_t)i);
    int n = i == 3 ? 1 : i == 4 ? LONGEST : 1 + rng_below(&r, LONGEST);
    for (int k = 0; k < n; k++)
        tokens[i][k] = rng_below(&r, config.vocab);
    return (prompt_t){i, tokens[i], n};
}

/* Prompts in an order, at a width; out sorted by item. */
static void generate(const model_t *m, const ops_t *ops, int width, const int *order, int n,
                     traj_t *out)
{
    sampler_t s = sampler(width);
    engine_t *e = engine_new(&config, ops, &s);
    prompt_t p[PROMPTS];
    traj_t *raw = ALLOC(traj_t, n * G);
    for (int i = 0; i < n; i++)
        p[i] = prompt(order[i]);
    check(engine_run(e, m, &s, p, n, raw, NULL, NULL, NULL) == 0);
    for (int i = 0; i < n * G; i++) {
        check(raw[i].item == order[i / G] && raw[i].sample == i % G);
        out[raw[i].item * G + raw[i].sample] = raw[i];
    }
    check(engine_stats(e).sampled > 0);
    mem_free(raw);
    engine_free(e);
}

static int same(const traj_t *a, const traj_t *b)
{
    return a->n_prompt == b->n_prompt && a->n_token == b->n_token && a->truncated == b->truncated &&
           !memcmp(a->token, b->token, sizeof(int32_t) * (size_t)(a->n_prompt + a->n_token)) &&
           !memcmp(a->logp, b->logp, sizeof(float) * (size_t)a->n_token);
}

static void reset_all(traj_t *t)
{
    for (int i = 0; i < PROMPTS * G; i++)
        traj_reset(&t[i]);
}

/* The training forward of each group returns the sampled log-probabilities. */
static void score(const model_t *m, const ops_t *ops, const traj_t *t)
{
    acts_t *a = acts_new(&config, ops, 400, 400);
    batch_t b = {0};
    float logp[400];
    for (int i = 0; i < PROMPTS; i++) {
        batch_clear(&b);
        int h = batch_prompt(&b, t[i * G].token, t[i * G].n_prompt), row = 0;
        for (int g = 0; g < G; g++)
            batch_continue(&b, h, t[i * G + g].token + t[i * G].n_prompt, t[i * G + g].n_token);
        train_forward(m, a, &b, sampler(1).how.temperature, logp, NULL);
        for (int g = 0; g < G; row += t[i * G + g].n_token, g++)
            check(!memcmp(logp + row, t[i * G + g].logp,
                          sizeof(float) * (size_t)t[i * G + g].n_token),
                  "group %d sample %d", i, g);
    }
    batch_free(&b);
    acts_free(a);
}

/* Prompts that begin alike, for 0, 31, 32, 64 and 70 tokens, and one that is the beginning of another:
   as each alone, and what is shared is computed once. */
static void beginnings(const model_t *m, const ops_t *ops)
{
    enum { N = 7, LONG = 80 };
    static const int length[N] = {70, 80, 64, 33, 75, 72, 71},
                     alike[N] = {0, 70, 64, 33, 31, 64, 0};
    static int32_t token[N][LONG];
    rng_t r = rng_make(9, RNG_TEST, 1, 0);
    sampler_t s = sampler(16);
    s.max_prompt = LONG;
    engine_t *e = engine_new(&config, ops, &s), *alone = engine_new(&config, ops, &s);
    prompt_t p[N];
    traj_t out[N * G], one[G];
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < LONG; k++)
            token[i][k] = k < alike[i] ? token[0][k] : rng_below(&r, config.vocab);
        p[i] = (prompt_t){i, token[i], length[i]};
    }
    check(engine_run(e, m, &s, p, N, out, NULL, NULL, NULL) == 0);
    for (int i = 0; i < N; i++) {
        check(engine_run(alone, m, &s, &p[i], 1, one, NULL, NULL, NULL) == 0);
        for (int g = 0; g < G; g++) {
            check(same(&out[i * G + g], &one[g]), "prompt %d sample %d beside others", i, g);
            traj_reset(&out[i * G + g]);
            traj_reset(&one[g]);
        }
    }
    int64_t all = engine_stats(alone).prefilled, saved = all - engine_stats(e).prefilled;
    check(all == 465 && saved == 64 + 32 + 32 + 64, "%lld tokens, %lld saved", (long long)all,
          (long long)saved);
    engine_free(e);
    engine_free(alone);
}

static int give_up(void *ctx)
{
    (void)ctx;
    return ++idle_calls == 7;
}

static void count_each(void *ctx, const traj_t *t)
{
    (*(int *)ctx) += t->n_token > 0;
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    const char *name = getenv("ALETHEIA_BACKEND");
    const ops_t *ops = backend_open(name ? name : "cpu");
    model_t *m = model_new(&config, ops);
    model_init_random(m, 1);
    int forward[PROMPTS], back[PROMPTS];
    for (int i = 0; i < PROMPTS; i++)
        forward[i] = i, back[i] = PROMPTS - 1 - i;
    traj_t one[PROMPTS * G], other[PROMPTS * G];
    generate(m, ops, 1, forward, PROMPTS, one);
    score(m, ops, one);
    int stopped = 0;
    for (int i = 0; i < PROMPTS * G; i++)
        stopped += !one[i].truncated;
    check(stopped > 0 && stopped < PROMPTS * G, "want both ends, have %d stopped", stopped);

    for (int k = 0; k < 3; k++) { /* width and order */
        generate(m, ops, (int[]){7, 64, 3}[k], k < 2 ? forward : back, PROMPTS, other);
        for (int i = 0; i < PROMPTS * G; i++)
            check(same(&one[i], &other[i]), "item %d sample %d, case %d", i / G, i % G, k);
        reset_all(other);
    }

    /* each rank its share: together the same */
    int rank = group_rank(comm_world()), size = group_size(comm_world());
    int first = PROMPTS * rank / size, last = PROMPTS * (rank + 1) / size;
    memset(other, 0, sizeof other);
    generate(m, ops, 4, forward + first, last - first, other);
    for (int i = first * G; i < last * G; i++)
        check(same(&one[i], &other[i]), "rank %d item %d", rank, i / G);
    reset_all(other);

    beginnings(m, ops);

    /* abandoned, and the engine still good for the next phase */
    sampler_t s = sampler(6);
    engine_t *e = engine_new(&config, ops, &s);
    prompt_t p[PROMPTS];
    for (int i = 0; i < PROMPTS; i++)
        p[i] = prompt(i);
    check(engine_run(e, m, &s, p, PROMPTS, other, NULL, give_up, NULL) == 1);
    for (int i = 0; i < PROMPTS * G; i++)
        check(!other[i].token);
    int finished = 0;
    check(engine_run(e, m, &s, p, PROMPTS, other, count_each, NULL, &finished) == 0);
    check(finished == PROMPTS * G);
    for (int i = 0; i < PROMPTS * G; i++)
        check(same(&one[i], &other[i]), "after abandoning: %d", i);
    reset_all(other);

    /* the most likely token; one token a completion */
    s.how.temperature = 0, s.max_new = 1, s.group = 2;
    check(engine_run(e, m, &s, p, PROMPTS, other, NULL, NULL, NULL) == 0);
    for (int i = 0; i < PROMPTS * 2; i += 2)
        check(other[i].n_token == 1 &&
              other[i].token[other[i].n_prompt] == other[i + 1].token[other[i].n_prompt]);
    for (int i = 0; i < PROMPTS * 2; i++)
        traj_reset(&other[i]);
    engine_free(e);
    reset_all(one);
    model_free(m);
    return test_end();
}
