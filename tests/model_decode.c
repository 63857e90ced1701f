// Sampled log-probabilities are training's bits, whatever the pages, batches and threads.
// RUN: np=1 backend=cpu,strict,cpu-bf16
#include "model_cases.h"
#include <omp.h>

enum { PROMPTS = 3, G = 3, NEW = 21, SEQ = PROMPTS * G, ROOM = 8 };

typedef struct {             /* keys of one prompt or one continuation */
    int32_t page[ROOM];      /* ROOM pages at most */
    int pages, first, count; /* positions [first, first + count) */
} keys_t;

typedef struct {
    int32_t *prompt[PROMPTS], token[SEQ][NEW];
    int n_prompt[PROMPTS];
    float logp[SEQ][NEW];
    keys_t prompt_keys[PROMPTS], keys[SEQ];
    pages_t *p;
    decoder_t *d;
    batch_t b;
    int32_t *slot;
    int n_slot, cap_slot;
} play_t;

/* n new positions of k: their slots are pushed, taking pages as needed. */
static void extend(play_t *s, keys_t *k, int n)
{
    for (int i = 0; i < n; i++, k->count++) {
        if (k->count == k->pages * KEY_PAGE) {
            k->page[k->pages] = pages_take(s->p);
            ASSERT(k->page[k->pages] >= 0);
            k->pages++;
        }
        int32_t slot = k->page[k->count / KEY_PAGE] * KEY_PAGE + k->count % KEY_PAGE;
        PUSH(s->slot, s->n_slot, s->cap_slot, slot);
    }
}

static int runs_of(const keys_t *k, run_t *run)
{
    for (int i = 0; i < k->pages; i++) {
        int left = k->count - i * KEY_PAGE;
        run[i] = (run_t){k->first + i * KEY_PAGE, k->page[i] * KEY_PAGE,
                         left < KEY_PAGE ? left : KEY_PAGE};
    }
    return k->pages;
}

/* A continuation's keys begin with what the prompt's last page holds, if it is not full. */
static void begin(play_t *s, keys_t *k, const keys_t *prompt)
{
    int tail = prompt->count % KEY_PAGE;
    k->first = prompt->count - tail;
    if (!tail)
        return;
    k->page[0] = pages_take(s->p);
    ASSERT(k->page[0] >= 0);
    pages_copy(s->p, k->page[0], prompt->page[prompt->pages - 1]);
    k->pages = 1;
    k->count = tail;
}

static void step(const model_t *m, play_t *s, const sampling_t *how, const float *u, int32_t *token,
                 float *logp)
{
    decode_step(m, s->d, s->p, &s->b, s->slot, how, u, token, logp);
    batch_clear(&s->b);
    s->n_slot = 0;
}

/* The prompt in pieces of `piece`, then G first tokens of it from its one last row. */
static void prefill(const model_t *m, play_t *s, int i, int piece, const sampling_t *how)
{
    float u[G] = {0}, logp[G];
    int32_t token[G];
    for (int at = 0; at < s->n_prompt[i]; at += piece) {
        int n = s->n_prompt[i] - at < piece ? s->n_prompt[i] - at : piece;
        run_t run[ROOM];
        extend(s, &s->prompt_keys[i], n);
        int first =
            batch_span(&s->b, s->prompt[i] + at, n, at, run, runs_of(&s->prompt_keys[i], run));
        for (int g = 0; g < G && at + n == s->n_prompt[i]; g++) {
            u[g] = rng_at(1, RNG_SAMPLE, 0, (uint64_t)(i * G + g), 0);
            batch_row(&s->b, first + n - 1, -1);
        }
        step(m, s, how, u, token, logp);
    }
    for (int g = 0; g < G; g++) {
        s->token[i * G + g][0] = token[g];
        s->logp[i * G + g][0] = logp[g];
        begin(s, &s->keys[i * G + g], &s->prompt_keys[i]);
    }
}

/* Token t of sequences [from, to) in one call. */
static void decode(const model_t *m, play_t *s, int from, int to, int t, const sampling_t *how)
{
    float u[SEQ] = {0}, logp[SEQ];
    int32_t token[SEQ];
    for (int q = from; q < to; q++) {
        run_t run[2 * ROOM];
        runs_of(&s->prompt_keys[q / G], run);
        int n = s->n_prompt[q / G] / KEY_PAGE;
        extend(s, &s->keys[q], 1);
        n += runs_of(&s->keys[q], run + n);
        batch_row(&s->b,
                  batch_span(&s->b, &s->token[q][t - 1], 1, s->n_prompt[q / G] + t - 1, run, n),
                  -1);
        u[q - from] = rng_at(1, RNG_SAMPLE, 0, (uint64_t)q, (uint32_t)t);
    }
    step(m, s, how, u, token, logp);
    for (int q = from; q < to; q++) {
        s->token[q][t] = token[q - from];
        s->logp[q][t] = logp[q - from];
    }
}

static void play(const model_t *m, play_t *s, int piece, int width, const sampling_t *how,
                 int scatter)
{
    const model_config_t *c = model_config(m);
    s->p = pages_new(c, model_ops(m), 90);
    s->d = decoder_new(c, model_ops(m), 128, SEQ);
    pages_stamp(s->p, model_version(m));
    int order[90];
    for (int i = 0; i < 90; i++)
        order[i] = pages_take(s->p);
    rng_t r = rng_make(4, RNG_TEST, 0, 0);
    if (scatter)
        rng_shuffle(&r, order, 90);
    for (int i = 0; i < 90; i++)
        pages_give(s->p, order[i]);
    memset(s->keys, 0, sizeof s->keys);
    memset(s->prompt_keys, 0, sizeof s->prompt_keys);
    for (int i = 0; i < PROMPTS; i++)
        prefill(m, s, i, piece, how);
    for (int t = 1; t < NEW; t++)
        for (int q = 0; q < SEQ; q += width)
            decode(m, s, q, q + width < SEQ ? q + width : SEQ, t, how);
    decoder_free(s->d);
    pages_free(s->p);
}

static void train(const model_t *m, const play_t *s, int from, int to, float temperature,
                  float *logp)
{
    batch_t b = {0};
    for (int i = from; i < to; i++) {
        int h = batch_prompt(&b, s->prompt[i], s->n_prompt[i]);
        for (int g = 0; g < G; g++)
            batch_continue(&b, h, s->token[i * G + g], NEW);
    }
    acts_t *a = acts_new(model_config(m), model_ops(m), b.n, b.n_row);
    train_forward(m, a, &b, temperature, logp, NULL);
    acts_free(a);
    batch_free(&b);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    const ops_t *ops = case_ops();
    const sampling_t how[4] = {{1, 1, 0}, {0.8f, 0.9f, 20}, {0, 1, 0}, {1, 1, 0}};
    for (int i = 0; i < 4; i++) {
        model_config_t c = case_config(i);
        model_t *m = case_model(&c, ops, 5);
        play_t s = {.n_prompt = {37, 1, 100}}, other = s;
        for (int p = 0; p < PROMPTS; p++)
            s.prompt[p] = other.prompt[p] = case_tokens(s.n_prompt[p], c.vocab, (uint64_t)p + 1);
        float *logp = ALLOC(float, SEQ *NEW);
        float temperature = how[i].temperature > 0 ? how[i].temperature : 1;
        omp_set_num_threads(1);
        play(m, &s, 128, SEQ, &how[i], 0);
        omp_set_num_threads(i == 2 ? 2 : 1); /* barriers are slow on a busy machine */
        play(m, &other, 7, 2, &how[i], 1);
        check(!memcmp(s.token, other.token, sizeof s.token),
              "shape %d: other batches, other tokens", i);
        check(!memcmp(s.logp, other.logp, sizeof s.logp), "shape %d: other batches, other bits", i);
        for (int threads = 1; threads <= 2; threads++) {
            omp_set_num_threads(threads);
            train(m, &s, 0, PROMPTS, temperature, logp);
            check(!memcmp(logp, s.logp, sizeof s.logp), "shape %d, %d threads: trained bits", i,
                  threads);
            for (int p = 0; p < PROMPTS; p++)
                train(m, &s, p, p + 1, temperature, logp + p * G * NEW);
            check(!memcmp(logp, s.logp, sizeof s.logp), "shape %d: one prompt at a time", i);
        }
        for (int p = 0; p < PROMPTS; p++)
            mem_free(s.prompt[p]);
        mem_free(logp);
        batch_free(&s.b);
        batch_free(&other.b);
        mem_free(s.slot);
        mem_free(other.slot);
        model_free(m);
    }
    return test_end();
}
