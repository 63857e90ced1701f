/* Byte-pair merges within one pre-token.

   The symbols are the bytes' tokens at first; the adjacent pair of lowest rank is
   replaced by its merge, leftmost first, until no pair has one.

   Merges are found by a hash of the two ids, those of two bytes in a table that needs
   none.  A short pre-token keeps the ranks of its pairs in an array and looks for the
   least: n^2 with a tiny constant.  In a long one the candidates of each rank wait in a
   queue of their own, and the ranks in a heap; queues are read from left to right, so
   memory is too.  Stale candidates are skipped.

   Why a queue is in order of position as it was filled: a rank belongs to one pair of
   tokens.  Where a token arises, no merge has crossed its borders, so what happened
   inside is what would have happened to its bytes alone: a token always arises from the
   same pair, at the same rank.  If that rank's queue is in order, the token arises from
   left to right; and a pair of two such tokens becomes a candidate when the later of the
   two arises, so its queue is in order as well.  Bytes are there from the start.  No
   merge makes a pair of the rank being read, as its token is longer than either half.
   What stands for a byte without a token is in no merge (tokenizer_json.c sees to that), so
   all this holds between two of them.

   Cost: n log n at most, in practice 0.1 us per byte however long the pre-token is; 40
   bytes of scratch per byte, given back when it is large.  local */
#include "tokenizer.h"
#include <string.h>

enum { SHORT = 48, KEEP = 1 << 16, LONGEST = 1 << 28 };

static merge_t *slot(const tokenizer_t *t, int left, int right)
{
    uint64_t key = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
    uint64_t i = (key * 0x9E3779B97F4A7C15ull) >> 20 & t->merge_mask;
    while (t->merge[i].id >= 0 && t->merge[i].key != key)
        i = (i + 1) & t->merge_mask;
    return &t->merge[i];
}

void merge_put(tokenizer_t *t, int left, int right, int rank, int id)
{
    *slot(t, left, right) = (merge_t){(uint64_t)(uint32_t)left << 32 | (uint32_t)right, rank, id};
}

static merged_t find(const tokenizer_t *t, int left, int right)
{
    const merge_t *m = slot(t, left, right);
    return m->id < 0 ? (merged_t){INT32_MAX, -1} : (merged_t){m->rank, m->id};
}

void merge_pairs(tokenizer_t *t)
{
    t->pair = ALLOC(merged_t, 65536);
    for (int i = 0; i < 65536; i++)
        t->pair[i] = find(t, t->byte_id[i >> 8], t->byte_id[i & 255]);
}

static void merge_few(const tokenizer_t *t, int32_t *id, merged_t *pair, int n, ids_t *out)
{
    while (n > 1) {
        int at = 0;
        for (int i = 1; i + 1 < n; i++)
            at = pair[i].rank < pair[at].rank ? i : at;
        if (pair[at].rank == INT32_MAX)
            break;
        id[at] = pair[at].id;
        n--;
        memmove(id + at + 1, id + at + 2, (size_t)(n - at - 1) * sizeof *id);
        if (at + 1 < n) {
            memmove(pair + at + 1, pair + at + 2, (size_t)(n - at - 1) * sizeof *pair);
            pair[at] = find(t, id[at], id[at + 1]);
        }
        if (at)
            pair[at - 1] = find(t, id[at - 1], id[at]);
    }
    memcpy(out->id + out->n, id, (size_t)n * sizeof *id);
    out->n += n;
}

static void merge_short(const tokenizer_t *t, const char *text, int n, ids_t *out)
{
    const unsigned char *s = (const unsigned char *)text;
    int32_t id[SHORT];
    merged_t pair[SHORT];
    for (int i = 0; i < n; i++)
        id[i] = t->byte_id[s[i]];
    for (int i = 0; i + 1 < n; i++)
        pair[i] = t->pair[s[i] << 8 | s[i + 1]];
    merge_few(t, id, pair, n, out);
}

/* The heap of ranks that have candidates waiting. */
static void ranks_push(tokenizer_t *t, int32_t rank)
{
    int i = t->n_rank;
    PUSH(t->rank, t->n_rank, t->cap_rank, rank);
    for (; i > 0 && rank < t->rank[(i - 1) / 2]; i = (i - 1) / 2)
        t->rank[i] = t->rank[(i - 1) / 2];
    t->rank[i] = rank;
}

static void ranks_pop(tokenizer_t *t)
{
    int32_t last = t->rank[--t->n_rank];
    int i = 0;
    for (int k; (k = 2 * i + 1) < t->n_rank; i = k) {
        if (k + 1 < t->n_rank && t->rank[k + 1] < t->rank[k])
            k++;
        if (t->rank[k] >= last)
            break;
        t->rank[i] = t->rank[k];
    }
    t->rank[i] = last;
}

static void consider(tokenizer_t *t, int pos)
{
    int next = t->sym[pos].next;
    if (next < 0)
        return;
    merged_t m = find(t, t->sym[pos].id, t->sym[next].id);
    if (m.id < 0)
        return;
    queue_t *q = &t->queue[m.rank];
    PUSH(t->wait, t->n_wait, t->cap_wait, ((waiting_t){pos, -1}));
    if (q->head < 0) {
        *q = (queue_t){t->n_wait - 1, t->n_wait - 1};
        ranks_push(t, m.rank);
        return;
    }
    ASSERT(pos > t->wait[q->tail].pos);
    t->wait[q->tail].next = t->n_wait - 1;
    q->tail = t->n_wait - 1;
}

/* Takes the first candidate of the least rank; if its pair still has that rank, merges it. */
static void step(tokenizer_t *t)
{
    int32_t rank = t->rank[0];
    queue_t *q = &t->queue[rank];
    int pos = t->wait[q->head].pos;
    q->head = t->wait[q->head].next;
    if (q->head < 0)
        ranks_pop(t);
    sym_t *a = &t->sym[pos];
    if (a->id < 0 || a->next < 0)
        return;
    sym_t *b = &t->sym[a->next];
    merged_t m = find(t, a->id, b->id);
    if (m.id < 0 || m.rank != rank)
        return; /* the pair has changed since */
    a->id = m.id;
    b->id = -1;
    a->next = b->next;
    if (b->next >= 0)
        t->sym[b->next].prev = pos;
    if (a->prev >= 0)
        consider(t, a->prev);
    consider(t, pos);
}

/* t->sym[n] holds ids. */
static void merge_many(tokenizer_t *t, int n, ids_t *out)
{
    if (!t->queue) {
        t->queue = ALLOC(queue_t, t->n_merge + 1);
        for (int i = 0; i < t->n_merge; i++)
            t->queue[i].head = -1;
    }
    for (int i = 0; i < n; i++)
        t->sym[i] = (sym_t){t->sym[i].id, i - 1, i < n - 1 ? i + 1 : -1};
    for (int i = 0; i < n - 1; i++)
        consider(t, i);
    while (t->n_rank)
        step(t);
    t->n_wait = 0;
    for (int i = 0; i >= 0; i = t->sym[i].next)
        out->id[out->n++] = t->sym[i].id;
}

static void merge_long(tokenizer_t *t, const char *s, int n, ids_t *out)
{
    t->sym = mem_grow(t->sym, (size_t)n * sizeof *t->sym);
    for (int i = 0; i < n; i++)
        t->sym[i].id = t->byte_id[(unsigned char)s[i]];
    merge_many(t, n, out);
}

/* Where bytes have no tokens: what stands for them, if anything. */
static void merge_gaps(tokenizer_t *t, const char *s, int n, ids_t *out)
{
    int made = 0;
    int32_t waiting = -1; /* an unknown token that is not there yet: the package puts it before the
                             next byte that has a token */
    t->sym = mem_grow(t->sym, 2 * (size_t)n * sizeof *t->sym);
    for (int i = 0; i <= n; i++) {
        int32_t id = i < n ? t->byte_id[(unsigned char)s[i]] : -1;
        const gap_t *g = i < n && id < 0 ? &t->gap[(unsigned char)s[i]] : NULL;
        if (waiting >= 0 && (!g || (g->unknown && !t->fuse_unknown))) {
            t->sym[made++].id = waiting;
            waiting = -1;
        }
        if (id >= 0)
            t->sym[made++].id = id;
        for (int k = 0; g && !g->unknown && k < g->n; k++)
            t->sym[made++].id = g->id[k];
        if (g && g->unknown)
            waiting = g->id[0];
    }
    ids_reserve(out, (size_t)made);
    if (made > SHORT) {
        merge_many(t, made, out);
        return;
    }
    int32_t id[SHORT];
    merged_t pair[SHORT];
    for (int i = 0; i < made; i++)
        id[i] = t->sym[i].id;
    for (int i = 0; i + 1 < made; i++)
        pair[i] = find(t, id[i], id[i + 1]);
    merge_few(t, id, pair, made, out);
}

void merge_all(tokenizer_t *t, const char *s, size_t n, ids_t *out)
{
    if (n > LONGEST)
        fail(CODE_FIT, "a pre-token of %zu bytes is too long to encode (at most %d)", n, LONGEST);
    ids_reserve(out, n);
    if (t->gaps)
        merge_gaps(t, s, (int)n, out);
    else if (n <= SHORT)
        merge_short(t, s, (int)n, out);
    else
        merge_long(t, s, (int)n, out);
    if (n > KEEP) {
        mem_free(t->sym);
        mem_free(t->wait);
        t->sym = NULL;
        t->wait = NULL;
        t->cap_wait = 0;
    }
}
