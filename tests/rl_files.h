/* Rollout files made up row by row, for tests of the index and of pairs: what a token or a number is says
   which file and row it is of. */
#pragma once
#include "io_child.h"
#include "rl.h"

enum { QUESTIONS = 40, MOST = 12 };

/* A row: which question, its number in its file's own lists, what came of it. */
typedef struct {
    int question, list, sample, right, truncated, n;
} row_t;
typedef struct {
    const char *path;
    row_t row[QUESTIONS * MOST];
    int n;
    double temperature;
    int at_one, letter; /* logprob_1 stands beside; added to the right letter of question 1 */
} made_t;

static const hash_t tokenizer = {1, 2}, prompt = {3, 4}, params = {5, 6};

static inline int candidates_of(int question)
{
    return 3 + question % 3;
}

/* Tokens and numbers say where they are from. */
static inline int32_t token_of(int file, int row, int i)
{
    return 100 + (file * 7919 + row * 31 + i) % 800;
}

static inline float logp_of(int file, int row, int i)
{
    return -0.5f * (float)(1 + (file * 101 + row * 7 + i) % 64);
}

/* Written by rank 0 alone.  collective(world) */
static inline void write_file(int file, const made_t *f)
{
    record_t *rows = ALLOC(record_t, f->n + 1);
    int32_t *ask = ALLOC(int32_t, f->n * 8), *say = ALLOC(int32_t, f->n * 8);
    float *logp = ALLOC(float, f->n * 8), *one = ALLOC(float, f->n * 8);
    for (int r = 0; r < f->n; r++) {
        const row_t *q = &f->row[r];
        int letters = candidates_of(q->question), n = q->n;
        int right = (q->question + (q->question == 1 ? f->letter : 0)) % letters;
        for (int i = 0; i < 8; i++) {
            ask[8 * r + i] = i ? 7 + q->question % 3 : 20 + q->question;
            say[8 * r + i] = token_of(file, r, i);
            logp[8 * r + i] = logp_of(file, r, i);
            one[8 * r + i] = logp_of(file, r, i) / 4;
        }
        rows[r] = (record_t){.list = q->list,
                             .sample = q->sample,
                             .candidates = letters,
                             .right = right,
                             .answer = q->right ? right
                                       : r % 2  ? -1
                                                : (right + 1) % letters,
                             .truncated = q->truncated,
                             .n_prompt = 2 + q->question % 3,
                             .reward = (float)q->right - (float)(r % 8) / 8,
                             .correct = (float)q->right,
                             .token = say + 8 * r,
                             .logp = logp + 8 * r,
                             .logp_one = f->at_one ? one + 8 * r : NULL,
                             .n_token = n,
                             .text = "",
                             .prompt = ask + 8 * r};
    }
    char name[] = "model-0";
    name[6] = (char)('0' + file);
    origin_t o = {.model = name,
                  .params = params,
                  .tokenizer = tokenizer,
                  .prompt = prompt,
                  .mode = "think",
                  .temperature = f->temperature,
                  .top_p = 1};
    o.params.lo += (uint64_t)file;
    h5_t *h = record_create(comm_world(), f->path, "");
    record_put(h, "sample", rows, group_rank(comm_world()) ? 0 : f->n);
    origin_put(h, &o);
    h5_commit(h);
    mem_free(rows), mem_free(ask), mem_free(say), mem_free(logp), mem_free(one);
}

static inline rollouts_t *open_files(group_t *g, const char *files, int ratio)
{
    rollouts_want_t want = {.is = {.params = params,
                                   .tokenizer = tokenizer,
                                   .prompt = prompt,
                                   .mode = "think",
                                   .temperature = 1},
                            .ratio = ratio,
                            .any_model = 1,
                            .vocab = 1000};
    return rollouts_open(g, files, &want);
}

/* Files of every sort of question.  A holds `per` answers to each, B two to every other one; their rows
   lie mixed, and B's questions stand in another order under other numbers. */
static inline void make(made_t *a, made_t *b, const char *dir)
{
    rng_t rng = rng_make(4, RNG_TEST, 0, 0);
    static char path[2][300];
    snprintf(path[0], sizeof path[0], "%s/a.h5", dir);
    snprintf(path[1], sizeof path[1], "%s/b.h5", dir);
    *a = (made_t){.path = path[0], .temperature = 1};
    *b = (made_t){.path = path[1], .temperature = 0.5, .at_one = 1};
    for (int sample = 0; sample < 8; sample++)
        for (int q = 0; q < QUESTIONS; q++) {
            int right = q % 8 == 0 ? 1 : q % 8 == 1 ? 0 : rng_below(&rng, 2);
            int cut = q % 8 == 3 || (!right && (q % 8 == 2 || rng_below(&rng, 6) == 0));
            a->row[a->n++] = (row_t){q, q, sample, right, cut, 1 + rng_below(&rng, 8)};
        }
    for (int q = QUESTIONS - 2; q >= 0; q -= 2)
        for (int sample = 0; sample < 4; sample++) {
            int right = q % 8 == 0 ? 1 : sample < 2;
            b->row[b->n++] = (row_t){q, 1000 + q, sample, right, 0, 1 + rng_below(&rng, 8)};
        }
    write_file(0, a);
    write_file(1, b);
}
