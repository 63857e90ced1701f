/* Text to tokens and back: byte-level byte-pair encoding (Sennrich et al. 2016; over
   bytes: GPT-2).

   Encoding.  (1) Added tokens are found, leftmost and longest first; those marked
   special only on request.  (2) What lies between is brought into normal form, if the
   file says so, and cut into pre-tokens (pretoken.c).  (3) Within a pre-token, whose
   symbols are its bytes at first, the adjacent pair of lowest rank is replaced by its
   merge, leftmost first, until none is left. Ids equal those of the Hugging Face
   `tokenizers` package with add_special_tokens = false: a post-processor that would add
   a beginning-of-text token is not applied.

   The candidates for a merge wait in a heap ordered by (rank, position), stale ones are
   skipped when they surface: n log n for a pre-token of n bytes.  Text repeats itself,
   so a table remembers the ids of every short pre-token seen (forgotten as a whole when
   full); most are one look-up.

   Bytes that are not UTF-8 are text too, for programs may print them: each maximal run
   of them is a pre-token of its own, and the text on each side is encoded as if it
   stood alone.  Every byte has a token, so decode(encode(x)) = x for any bytes x,
   provided that no normal form is asked for and no added token strips spaces.  Decoding
   gives raw bytes; a token may end within a character.

   Not for two threads at a time (the table of seen pre-tokens).  local */
#include "tokenizer.h"
#include <string.h>

enum { SEEN = TOKENIZER_SEEN, SEEN_LONGEST = 48 };

int tokenizer_letter(int byte)
{
    if ((byte >= '!' && byte <= '~') || (byte >= 0xA1 && byte <= 0xAC) ||
        (byte >= 0xAE && byte <= 0xFF))
        return byte;
    return 256 + (byte <= ' ' ? byte : byte <= 0xA0 ? 33 + byte - 0x7F : 67);
}

int tokenizer_byte(int c)
{
    if (c < 256)
        return c >= 0 && tokenizer_letter(c) == c ? c : -1;
    c -= 256;
    return c <= ' ' ? c : c < 67 ? 0x7F + c - 33 : c == 67 ? 0xAD : -1;
}

int tokenizer_spelling(const char *text, size_t len, text_t *out)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t start = out->len;
    for (size_t i = 0; i < len;) {
        int two = i + 1 < len && s[i] >= 0xC2 && s[i] < 0xE0;
        int b = s[i] < 0x80 ? tokenizer_byte(s[i])
                : two       ? tokenizer_byte((s[i] & 31) << 6 | (s[i + 1] & 63))
                            : -1;
        if (b < 0) {
            out->len = start;
            text_addn(out, text, len);
            return 0;
        }
        text_addn(out, &(char){(char)b}, 1);
        i += s[i] < 0x80 ? 1 : 2;
    }
    return 1;
}

void tokenizer_put_word(tokenizer_t *t, int id)
{
    const char *s = t->bytes.s + t->spell[id].at;
    uint64_t i = hash_bytes(s, (size_t)t->spell[id].len).lo & t->word_mask;
    while (t->word[i] >= 0)
        i = (i + 1) & t->word_mask;
    t->word[i] = id;
}

int tokenizer_find_word(const tokenizer_t *t, const char *s, size_t n)
{
    for (uint64_t i = hash_bytes(s, n).lo & t->word_mask; t->word[i] >= 0;
         i = (i + 1) & t->word_mask) {
        const spell_t *w = &t->spell[t->word[i]];
        if ((size_t)w->len == n && !memcmp(t->bytes.s + w->at, s, n))
            return t->word[i];
    }
    return -1;
}

static merge_t *merge_slot(const tokenizer_t *t, int left, int right)
{
    uint64_t key = (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
    uint64_t i = (key * 0x9E3779B97F4A7C15ull) >> 20 & t->merge_mask;
    while (t->merge[i].id >= 0 && t->merge[i].key != key)
        i = (i + 1) & t->merge_mask;
    return &t->merge[i];
}

void tokenizer_put_merge(tokenizer_t *t, int left, int right, int rank, int id)
{
    *merge_slot(t, left, right) =
        (merge_t){(uint64_t)(uint32_t)left << 32 | (uint32_t)right, rank, id};
}

const merge_t *tokenizer_find_merge(const tokenizer_t *t, int left, int right)
{
    const merge_t *m = merge_slot(t, left, right);
    return m->id < 0 ? NULL : m;
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
    const merge_t *m =
        next < 0 ? NULL : tokenizer_find_merge(t, t->sym[pos].id, t->sym[next].id);
    if (m)
        heap_push(t, (cand_t){m->rank, pos, m->id});
}

/* Appends the ids of one pre-token, found by merging. */
static void merge_all(tokenizer_t *t, const char *s, size_t n, int32_t **ids, int *n_ids,
                      int *cap)
{
    if (n >= INT32_MAX)
        fail(CODE_FIT, "a pre-token of %zu bytes is too long to encode", n);
    if (t->cap_sym < (int64_t)n) {
        t->cap_sym = 2 * (int64_t)n;
        t->sym = mem_grow(t->sym, (size_t)t->cap_sym * sizeof *t->sym);
    }
    int last = (int)n - 1;
    for (int i = 0; i <= last; i++)
        t->sym[i] =
            (sym_t){t->byte_id[(unsigned char)s[i]], i - 1, i < last ? i + 1 : -1};
    for (int i = 0; i < last; i++)
        consider(t, i);
    while (t->n_heap) {
        cand_t c = heap_pop(t);
        sym_t *a = &t->sym[c.pos];
        if (a->id < 0 || a->next < 0)
            continue;
        sym_t *b = &t->sym[a->next];
        const merge_t *m = tokenizer_find_merge(t, a->id, b->id);
        if (!m || m->id != c.id)
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
        PUSH(*ids, *n_ids, *cap, t->sym[i].id);
}

typedef struct {
    tokenizer_t *t;
    int32_t **ids;
    int *n, *cap;
} sink_t;

static void forget(tokenizer_t *t)
{
    memset(t->seen, 0, SEEN * sizeof *t->seen);
    t->n_seen = t->n_seen_id = 0;
    text_clear(&t->seen_text);
}

static void piece(void *arg, const char *s, size_t n)
{
    sink_t *k = arg;
    tokenizer_t *t = k->t;
    int whole = t->ignore_merges ? tokenizer_find_word(t, s, n) : -1;
    if (whole >= 0) {
        PUSH(*k->ids, *k->n, *k->cap, whole);
        return;
    }
    if (n > SEEN_LONGEST) {
        merge_all(t, s, n, k->ids, k->n, k->cap);
        return;
    }
    if (t->n_seen > SEEN / 2)
        forget(t);
    uint64_t h = hash_bytes(s, n).lo, i = h & (SEEN - 1);
    for (; t->seen[i].len; i = (i + 1) & (SEEN - 1))
        if (t->seen[i].hash == h && t->seen[i].len == n &&
            !memcmp(t->seen_text.s + t->seen[i].at, s, n))
            break;
    seen_t *e = &t->seen[i];
    if (!e->len) {
        *e = (seen_t){h, (uint32_t)t->seen_text.len, (uint32_t)n, (uint32_t)t->n_seen_id,
                      0};
        text_addn(&t->seen_text, s, n);
        merge_all(t, s, n, &t->seen_id, &t->n_seen_id, &t->cap_seen_id);
        e->n = (uint32_t)t->n_seen_id - e->first;
        t->n_seen++;
    }
    for (uint32_t j = 0; j < e->n; j++)
        PUSH(*k->ids, *k->n, *k->cap, t->seen_id[e->first + j]);
}

/* The longest added token (of the raw or of the normal kind) at s; -1: none. */
static int added_at(const tokenizer_t *t, const char *s, size_t n, int normal)
{
    if (!t->starts[normal][(unsigned char)*s])
        return -1;
    for (int i = 0; i < t->n_added; i++) {
        const added_t *a = &t->added[i];
        if (a->normal == normal && a->len <= n && !memcmp(a->content, s, a->len))
            return i;
    }
    return -1;
}

static void encode_between(sink_t *k, const char *s, size_t n, int special, int normal);

/* Text that holds no more added tokens of the kind just searched for. */
static void encode_next(sink_t *k, const char *s, size_t n, int special, int normal)
{
    if (normal) {
        pretoken_walk(&k->t->pre, s, n, piece, k);
        return;
    }
    text_t form = {0};
    if (pretoken_normal(&k->t->pre, s, n, &form))
        encode_between(k, form.s, form.len, special, 1);
    else
        encode_between(k, s, n, special, 1);
    text_reset(&form);
}

/* Splits at added tokens: first those sought in the raw text, then those in its normal form. */
static void encode_between(sink_t *k, const char *s, size_t n, int special, int normal)
{
    size_t done = 0;
    for (size_t i = 0; i < n;) {
        int at = added_at(k->t, s + i, n - i, normal);
        if (at < 0) {
            i++;
            continue;
        }
        const added_t *a = &k->t->added[at];
        size_t first = i, end = i + a->len;
        i = end;
        if (a->special && !special)
            continue;
        if (a->lstrip)
            first -= pretoken_space(s + done, first - done, -1);
        if (a->rstrip)
            end += pretoken_space(s + end, n - end, 1);
        if (first > done)
            encode_next(k, s + done, first - done, special, normal);
        PUSH(*k->ids, *k->n, *k->cap, a->id);
        done = end;
        i = end > i ? end : i;
    }
    if (done < n)
        encode_next(k, s + done, n - done, special, normal);
}

void tokenizer_encode(const tokenizer_t *ct, const char *text, size_t len, int special,
                      int32_t **ids, int *n, int *cap)
{
    tokenizer_t *t = (tokenizer_t *)ct; /* what changes is memory of earlier work */
    sink_t k = {t, ids, n, cap};
    for (size_t i = 0; i < len;) {
        size_t good = pretoken_valid(text + i, len - i), bad = 0;
        if (good)
            encode_between(&k, text + i, good, special, 0);
        i += good;
        while (i + bad < len &&
               !pretoken_valid(text + i + bad, len - i - bad < 4 ? len - i - bad : 4))
            bad++;
        if (bad)
            merge_all(t, text + i, bad, ids, n, cap);
        i += bad;
    }
}

void tokenizer_decode(const tokenizer_t *t, const int32_t *ids, int n, int special,
                      text_t *out)
{
    text_addn(out, "", 0);
    for (int i = 0; i < n; i++) {
        if (ids[i] < 0 || ids[i] >= t->size || t->spell[ids[i]].len < 0 ||
            (!special && t->spell[ids[i]].special))
            continue;
        text_addn(out, t->bytes.s + t->spell[ids[i]].at, (size_t)t->spell[ids[i]].len);
    }
}

int tokenizer_size(const tokenizer_t *t)
{
    return t->size;
}

int tokenizer_special(const tokenizer_t *t, const char *content)
{
    for (int i = 0; i < t->n_added; i++)
        if (!strcmp(t->added[i].name, content))
            return t->added[i].id;
    return -1;
}

void tokenizer_free(tokenizer_t *t)
{
    if (!t)
        return;
    pretoken_reset(&t->pre);
    for (int i = 0; i < t->n_added; i++) {
        mem_free(t->added[i].content);
        mem_free(t->added[i].name);
    }
    text_reset(&t->bytes);
    text_reset(&t->seen_text);
    mem_free(t->spell);
    mem_free(t->word);
    mem_free(t->merge);
    mem_free(t->added);
    mem_free(t->seen);
    mem_free(t->seen_id);
    mem_free(t->sym);
    mem_free(t->heap);
    mem_free(t);
}
