/* Answers that were sampled before: the index of one or more rollout files.

   The index is in memory on every rank, about 100 bytes a completion; tokens and log-
   probabilities stay in the files (rollouts_take.c).  All files are looked at before
   anything is used (rollouts_file.c).

   A list is known by its prompt's tokens, whatever number it has in whichever problem
   file: answers of several files to one prompt are answers to one question.  Files that
   name another letter as right for the same prompt contradict each other, which ends the
   run with both rows; nothing is voted on.  Questions are numbered as they first appear, in
   order of files and rows.  collective */
#include "rollouts.h"
#include <stdlib.h>
#include <string.h>

/* Questions ---------------------------------------------------------------------------- */

typedef struct {
    hash_t prompt;
    int64_t at, first; /* of the item; of the first with this prompt */
} place_t;

static int by_prompt(const void *a, const void *b)
{
    const place_t *x = a, *y = b;
    int c = memcmp(&x->prompt, &y->prompt, sizeof x->prompt);
    return c ? c : (x->at > y->at) - (x->at < y->at);
}

static int by_first(const void *a, const void *b)
{
    const place_t *x = a, *y = b;
    return x->first != y->first ? (x->first > y->first) - (x->first < y->first)
                                : (x->at > y->at) - (x->at < y->at);
}

static void check_agreement(const rollouts_t *p, const rollout_t *a, const rollout_t *b)
{
    if (a->candidates != b->candidates || a->right != b->right) /* the same on every rank */
        fail_any(p->g, 1, CODE_DATA,
                 "%s row %d and %s row %d answer the same prompt, but %c is right of %d in the "
                 "one, %c of %d in the other: they are from problem files that contradict each "
                 "other; use one",
                 p->file[a->file].path, a->row, p->file[b->file].path, b->row, 'A' + a->right,
                 a->candidates, 'A' + b->right, b->candidates);
}

/* Numbers the questions and puts the items in their order. */
static void number(rollouts_t *p)
{
    place_t *key = ALLOC(place_t, p->n + 1);
    rollout_t *item = ALLOC(rollout_t, p->n + 1);
    for (int64_t i = 0; i < p->n; i++)
        key[i] = (place_t){p->prompt[i], i, i};
    qsort(key, (size_t)p->n, sizeof *key, by_prompt);
    for (int64_t i = 1; i < p->n; i++)
        if (!memcmp(&key[i].prompt, &key[i - 1].prompt, sizeof key->prompt))
            key[i].first = key[i - 1].first;
    qsort(key, (size_t)p->n, sizeof *key, by_first);
    for (int64_t i = 0, question = -1; i < p->n; i++) {
        question += i == 0 || key[i].first != key[i - 1].first;
        item[i] = p->item[key[i].at];
        item[i].question = (int32_t)question;
        if (i && key[i].first == key[i - 1].first)
            check_agreement(p, &item[i - 1], &item[i]);
    }
    mem_free(p->item);
    mem_free(key);
    p->item = item;
}

/* All ---------------------------------------------------------------------------------- */

rollouts_t *rollouts_open(group_t *g, const char *files, const rollouts_want_t *want)
{
    rollouts_t *p = ALLOC(rollouts_t, 1);
    p->g = g;
    p->want = *want;
    for (const char *w = files + strspn(files, ", "); *w;) {
        size_t len = strcspn(w, ",");
        char *path = bank_text(w, len);
        while (len && path[len - 1] == ' ')
            path[--len] = 0;
        rollouts_add(p, path);
        mem_free(path);
        w += strcspn(w, ",");
        w += strspn(w, ", ");
    }
    fail_any(g, !p->n_file, CODE_USAGE,
             "data.rollouts = %s names no file; name those that `aletheia collect` made, with "
             "commas between them",
             files);
    fail_any(g, !p->n, CODE_DATA, "%s: holds no completions", files);
    number(p);
    for (int64_t i = 0; i < p->n; i++)
        p->of = hash_more(p->of, &p->item[i].sum, sizeof p->item[i].sum);
    for (int i = 0; i < p->n_file; i++)
        p->of = hash_more(p->of, &p->file[i].origin.params, sizeof(hash_t));
    mem_free(p->prompt);
    p->prompt = NULL;
    return p;
}

void rollouts_free(rollouts_t *p)
{
    for (int i = 0; i < p->n_file; i++) {
        rollout_file_t *f = &p->file[i];
        h5_close(f->own);
        mem_free(f->path), mem_free(f->origin.model);
        mem_free(f->prompt_at), mem_free(f->token_at), mem_free(f->one_at);
    }
    mem_free(p->file);
    mem_free(p->item);
    mem_free(p->prompt);
    mem_free(p);
}

int rollouts_files(const rollouts_t *p)
{
    return p->n_file;
}

const origin_t *rollouts_origin(const rollouts_t *p, int file)
{
    return &p->file[file].origin;
}

int64_t rollouts_count(const rollouts_t *p)
{
    return p->n;
}

const rollout_t *rollouts_at(const rollouts_t *p, int64_t i)
{
    return &p->item[i];
}

hash_t rollouts_hash(const rollouts_t *p)
{
    return p->of;
}
