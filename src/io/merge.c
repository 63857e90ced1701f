/* Byte-pair merges within one pre-token.

   The symbols are the bytes' tokens at first; the adjacent pair of lowest rank is
   replaced by its merge, leftmost first, until no pair has one.

   Merges are found by a hash of the two ids, those of two bytes in a table that needs
   none.  A short pre-token keeps the ranks of its pairs in an array and looks for the
   least: n^2 with a tiny constant.  In a long one the candidates wait in a heap ordered
   by (rank, position), stale ones are skipped when they surface: n log n, 36 bytes of
   scratch per byte, given back when it is large.  local */
#include "tokenizer.h"
#include <string.h>

enum { SHORT = 48, KEEP = 1 << 16 };

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
    *slot(t, left, right) =
        (merge_t){(uint64_t)(uint32_t)left << 32 | (uint32_t)right, rank, id};
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

static void merge_short(const tokenizer_t *t, const char *text, int n, ids_t *out)
{
    const unsigned char *s = (const unsigned char *)text;
    int32_t id[SHORT];
    merged_t pair[SHORT];
    for (int i = 0; i < n; i++)
        id[i] = t->byte_id[s[i]];
    for (int i = 0; i + 1 < n; i++)
        pair[i] = t->pair[s[i] << 8 | s[i + 1]];
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

static int before(cand_t a, cand_t b)
{
    return a.rank != b.rank ? a.rank < b.rank : a.pos < b.pos;
}

static void heap_push(tokenizer_t *t, cand_t c)
{
    int i = t->n_heap;
    PUSH(t->heap, t->n_heap, t->cap_heap, c);
    for (; i > 0 && before(c, t->heap[(i - 1) / 2]); i = (i - 1) / 2)
        t->heap[i] = t->heap[(i - 1) / 2];
    t->heap[i] = c;
}

static cand_t heap_pop(tokenizer_t *t)
{
    cand_t top = t->heap[0], c = t->heap[--t->n_heap];
    int i = 0;
    for (int k; (k = 2 * i + 1) < t->n_heap; i = k) {
        if (k + 1 < t->n_heap && before(t->heap[k + 1], t->heap[k]))
            k++;
        if (!before(t->heap[k], c))
            break;
        t->heap[i] = t->heap[k];
    }
    t->heap[i] = c;
    return top;
}

static void consider(tokenizer_t *t, int pos)
{
    int next = t->sym[pos].next;
    merged_t m = next < 0 ? (merged_t){INT32_MAX, -1} : find(t, t->sym[pos].id, t->sym[next].id);
    if (m.id >= 0)
        heap_push(t, (cand_t){m.rank, pos, m.id});
}

static void merge_long(tokenizer_t *t, const char *s, int n, ids_t *out)
{
    t->sym = mem_grow(t->sym, (size_t)n * sizeof *t->sym);
    for (int i = 0; i < n; i++)
        t->sym[i] = (sym_t){t->byte_id[(unsigned char)s[i]], i - 1, i < n - 1 ? i + 1 : -1};
    for (int i = 0; i < n - 1; i++)
        consider(t, i);
    while (t->n_heap) {
        cand_t c = heap_pop(t);
        sym_t *a = &t->sym[c.pos];
        if (a->id < 0 || a->next < 0)
            continue;
        sym_t *b = &t->sym[a->next];
        if (find(t, a->id, b->id).id != c.id)
            continue; /* the pair has changed since */
        a->id = c.id;
        b->id = -1;
        a->next = b->next;
        if (b->next >= 0)
            t->sym[b->next].prev = c.pos;
        if (a->prev >= 0)
            consider(t, a->prev);
        consider(t, c.pos);
    }
    for (int i = 0; i >= 0; i = t->sym[i].next)
        out->id[out->n++] = t->sym[i].id;
}

void merge_all(tokenizer_t *t, const char *s, size_t n, ids_t *out)
{
    ids_reserve(out, n);
    if (n <= SHORT) {
        merge_short(t, s, (int)n, out);
        return;
    }
    merge_long(t, s, (int)n, out);
    if (n > KEEP) {
        mem_free(t->sym);
        mem_free(t->heap);
        t->sym = NULL;
        t->heap = NULL;
        t->cap_heap = 0;
    }
}
