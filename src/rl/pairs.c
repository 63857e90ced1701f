/* Which two answers to one question form a pair, and the file that keeps what the reference
   says of them.

   Chosen is a right answer, rejected a wrong one to the same question; completions cut off
   at their budget take no part, answers that cannot be read count as wrong.  No answer is
   in two pairs.  Of each question up to `most` pairs are formed: right and wrong answers of
   each origin (file) are shuffled by (seed, question), then taken from the origins in
   turn, beginning at one that is drawn for every question, so that no model's answers
   outweigh another's where both have some.  A question with wrong answers only may be given a
   written right answer (splice); otherwise it, and one with right answers only, forms no
   pair and is counted.

   pairs/{chosen, rejected}[N] int64, rows of the index over all files, -1: written;
   pairs/reference[N, 2] float64; attributes: param_hash of the reference, pairs_hash of
   what the pairs are made of, xxh3 of the numbers.  Every hash must be the run's: a margin
   against another model's numbers would be learned from without a sign that it is wrong. */
#include "rl.h"
#include <string.h>
#include <unistd.h>

enum { PAIRS_VERSION = 1 };

/* Forming ------------------------------------------------------------------------------ */

static int goes(const rollout_t *q, int right)
{
    return !q->truncated && (q->reward.correct > 0.5f) == right;
}

/* All of that kind, shuffled within each file, taken from the files in turn. */
static int order(const rollouts_t *p, int64_t from, int64_t to, int right, uint64_t seed,
                 int64_t *out)
{
    int files = rollouts_files(p), n = 0;
    int question = rollouts_at(p, from)->question;
    int *start = ALLOC(int, files + 1), *item = ALLOC(int, to - from + 1);
    rng_t rng = rng_make(seed, RNG_PAIR, (uint64_t)question, (uint64_t)right),
          begin = rng_make(seed, RNG_PAIR, (uint64_t)question, 2); /* for right and wrong ones */
    int begun = rng_below(&begin, files);
    for (int f = 0; f < files; f++) {
        for (int64_t i = from; i < to; i++)
            if (rollouts_at(p, i)->file == f && goes(rollouts_at(p, i), right))
                item[n++] = (int)(i - from);
        start[f + 1] = n;
        rng_shuffle(&rng, item + start[f], n - start[f]);
    }
    int done = 0;
    for (int round = 0; done < n; round++)
        for (int k = 0; k < files; k++) {
            int f = (k + begun) % files;
            if (start[f] + round < start[f + 1])
                out[done++] = from + item[start[f] + round];
        }
    mem_free(start);
    mem_free(item);
    return n;
}

pair_t *pairs_form(const rollouts_t *p, const pairing_t *how, int *n, pairing_count_t *count)
{
    pair_t *pair = NULL;
    int cap = 0;
    *n = 0;
    *count = (pairing_count_t){0};
    for (int64_t i = 0, end; i < rollouts_count(p); i = end) {
        for (end = i; end < rollouts_count(p) &&
                      rollouts_at(p, end)->question == rollouts_at(p, i)->question;)
            end++;
        int64_t *right = ALLOC(int64_t, end - i + 1), *wrong = ALLOC(int64_t, end - i + 1);
        int rights = order(p, i, end, 1, how->seed, right);
        int wrongs = order(p, i, end, 0, how->seed, wrong), made = 0;
        for (; made < rights && made < wrongs && made < how->most; made++)
            PUSH(pair, *n, cap, ((pair_t){.chosen = right[made], .rejected = wrong[made]}));
        if (!rights && wrongs && how->splice)
            PUSH(pair, *n, cap, ((pair_t){.chosen = -1, .rejected = wrong[0]}));
        count->questions++;
        count->both += made > 0;
        count->only_right += rights && !wrongs;
        count->only_wrong += !rights && wrongs;
        count->spliced += !rights && wrongs && how->splice;
        mem_free(right);
        mem_free(wrong);
    }
    return pair;
}

hash_t pairs_hash(const rollouts_t *p, const pair_t *pair, int n, double temperature,
                  hash_t written)
{
    hash_t h = hash_more(rollouts_hash(p), &temperature, sizeof temperature);
    h = hash_more(h, &written, sizeof written);
    for (int i = 0; i < n; i++) {
        int64_t two[2] = {pair[i].chosen, pair[i].rejected};
        h = hash_more(h, two, sizeof two);
    }
    return h;
}

/* The file ----------------------------------------------------------------------------- */

void pairs_write(group_t *g, const char *path, const char *deck, hash_t params, hash_t of,
                 const pair_t *p, int n)
{
    int mine = group_rank(g) == 0 ? n : 0; /* every rank has all of them */
    char hex[33];
    int64_t *index = ALLOC(int64_t, 2 * n + 1);
    double *reference = ALLOC(double, 2 * n + 1);
    for (int i = 0; i < n; i++) {
        index[i] = p[i].chosen, index[n + i] = p[i].rejected;
        memcpy(reference + 2 * i, p[i].reference, sizeof p[i].reference);
    }
    h5_t *f = h5_create(g, path, "pairs", PAIRS_VERSION, deck);
    h5_put(f, "pairs/chosen", H5_I64, index, n, 0, 0, mine);
    h5_put(f, "pairs/rejected", H5_I64, index + n, n, 0, 0, mine);
    h5_put(f, "pairs/reference", H5_F64, reference, n, 2, 0, mine);
    hash_hex(params, hex);
    h5_put_text(f, "/", "param_hash", hex);
    hash_hex(of, hex);
    h5_put_text(f, "/", "pairs_hash", hex);
    hash_hex(hash_bytes(reference, 2 * (size_t)n * sizeof *reference), hex);
    h5_put_text(f, "/", "xxh3", hex);
    h5_commit(f);
    mem_free(index);
    mem_free(reference);
}

static int says(h5_t *f, const char *name, hash_t h)
{
    char hex[33], *there = h5_get_text(f, "/", name);
    hash_hex(h, hex);
    int same = there && !strcmp(there, hex);
    mem_free(there);
    return same;
}

int pairs_read(group_t *g, const char *path, hash_t params, hash_t of, pair_t *p, int n)
{
    double there = !access(path, F_OK);
    comm_max_f64(g, &there, 1);
    if (there == 0)
        return 0;
    h5_t *f = h5_open(g, path, "pairs", PAIRS_VERSION);
    fail_any(g, !says(f, "param_hash", params), CODE_DATA,
             "%s: the reference's log-probabilities in it are of other parameters than this run "
             "began with; begin from that model, or name another pairs.file",
             path);
    fail_any(g, !says(f, "pairs_hash", of), CODE_DATA,
             "%s: its pairs are made of other answers, or by other [pairs] keys, run.seed or "
             "recipe.temperature, than this run's; name another pairs.file",
             path);
    double *reference = ALLOC(double, 2 * n + 1);
    h5_get(f, "pairs/reference", H5_F64, reference, n, 2, 0, n);
    fail_any(
        g, !says(f, "xxh3", hash_bytes(reference, 2 * (size_t)n * sizeof *reference)), CODE_DATA,
        "%s: its numbers were changed since they were written; before the first step it can be "
        "removed, and is made again",
        path);
    for (int i = 0; i < n; i++)
        memcpy(p[i].reference, reference + 2 * i, sizeof p[i].reference);
    h5_close(f);
    mem_free(reference);
    return 1;
}
