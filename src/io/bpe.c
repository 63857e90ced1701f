/* Training a byte-level BPE tokenizer on a text, and writing it as tokenizer.json.

   The text is cut into pre-tokens by
       ?\p{L}+ | \p{N} | ?[^\s\p{L}\p{N}]+ | \s*[\r\n]+ | \s+(?!\S) | \s+
   (a space may lead a word, every digit stands alone, line ends close a piece, all but
   the last space of an indentation are one piece; no English contractions, which would
   cut program text at its quotes). Then, beginning with 256 bytes, the most frequent
   adjacent pair becomes a new token until `vocab` entries are reached (Sennrich et al.
   2016).  Ties: the pair with the smaller left id, then the smaller right id; so the
   result is a function of the text alone.  The bytes are numbered in the order of their
   letters in the byte-level alphabet, merges follow, special tokens come last; where a
   special token stands in the text, the text is cut and its own letters teach nothing.

   Equal pre-tokens are counted once.  For each pair a list says which of them may hold
   it; a merge visits those, changes them in place and adjusts the counts of the
   neighbouring pairs.  The pairs wait in a heap with the counts they had when put
   there, a stale one is put back with its present count. Cost: cutting the text, then
   about (number of changes) x log(pairs).  local */
#include "tokenizer.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const char bpe_pattern[] =
    " ?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

typedef struct {
    size_t at;
    int32_t len;
    int64_t count;
    int32_t *sym;
    int n;
} word_t; /* a distinct pre-token */
typedef struct {
    int32_t a, b;
    int64_t count;
    int32_t *word;
    int n, cap;
} pair_t; /* word: may hold it */
typedef struct {
    int64_t count;
    int32_t pair;
} wait_t;
typedef struct {
    int32_t id_a, id_b, id;
} join_t;

typedef struct {
    text_t bytes; /* of all words */
    word_t *word;
    int n_word, cap_word;
    int32_t *word_slot;
    uint64_t word_mask;
    pair_t *pair;
    int n_pair, cap_pair;
    int32_t *pair_slot;
    uint64_t pair_mask;
    wait_t *heap;
    int n_heap, cap_heap;
    text_t spell; /* of all tokens */
    size_t *token;
    int n_token, cap_token; /* token i is spell[token[i-1] .. token[i]) */
    join_t *join;
    int n_join, cap_join;
} bpe_t;

static void rehash_words(bpe_t *b)
{
    b->word_mask = b->word_mask ? 2 * b->word_mask + 1 : 4095;
    b->word_slot = mem_grow(b->word_slot, (b->word_mask + 1) * sizeof *b->word_slot);
    memset(b->word_slot, -1, (b->word_mask + 1) * sizeof *b->word_slot);
    for (int w = 0; w < b->n_word; w++) {
        uint64_t i =
            hash_bytes(b->bytes.s + b->word[w].at, (size_t)b->word[w].len).lo & b->word_mask;
        while (b->word_slot[i] >= 0)
            i = (i + 1) & b->word_mask;
        b->word_slot[i] = w;
    }
}

static void count_word(void *arg, const char *s, size_t n)
{
    bpe_t *b = arg;
    if ((uint64_t)b->n_word * 2 >= b->word_mask)
        rehash_words(b);
    uint64_t i = hash_bytes(s, n).lo & b->word_mask;
    for (; b->word_slot[i] >= 0; i = (i + 1) & b->word_mask) {
        word_t *w = &b->word[b->word_slot[i]];
        if ((size_t)w->len == n && !memcmp(b->bytes.s + w->at, s, n)) {
            w->count++;
            return;
        }
    }
    b->word_slot[i] = b->n_word;
    PUSH(b->word, b->n_word, b->cap_word,
         ((word_t){.at = b->bytes.len, .len = (int32_t)n, .count = 1}));
    text_addn(&b->bytes, s, n);
}

static uint64_t pair_hash(int32_t x, int32_t y)
{
    uint64_t h = ((uint64_t)(uint32_t)x << 32 | (uint32_t)y) * 0x9E3779B97F4A7C15ull;
    return h ^ h >> 29;
}

/* The pair's index; a new one has count 0. */
static int pair_of(bpe_t *b, int32_t x, int32_t y)
{
    if ((uint64_t)b->n_pair * 2 >= b->pair_mask) {
        b->pair_mask = b->pair_mask ? 2 * b->pair_mask + 1 : 8191;
        b->pair_slot = mem_grow(b->pair_slot, (b->pair_mask + 1) * sizeof *b->pair_slot);
        memset(b->pair_slot, -1, (b->pair_mask + 1) * sizeof *b->pair_slot);
        for (int p = 0; p < b->n_pair; p++) {
            uint64_t i = pair_hash(b->pair[p].a, b->pair[p].b) & b->pair_mask;
            while (b->pair_slot[i] >= 0)
                i = (i + 1) & b->pair_mask;
            b->pair_slot[i] = p;
        }
    }
    uint64_t i = pair_hash(x, y) & b->pair_mask;
    for (; b->pair_slot[i] >= 0; i = (i + 1) & b->pair_mask)
        if (b->pair[b->pair_slot[i]].a == x && b->pair[b->pair_slot[i]].b == y)
            return b->pair_slot[i];
    b->pair_slot[i] = b->n_pair;
    PUSH(b->pair, b->n_pair, b->cap_pair, ((pair_t){.a = x, .b = y}));
    return b->n_pair - 1;
}

static int sooner(const bpe_t *b, wait_t x, wait_t y)
{
    if (x.count != y.count)
        return x.count > y.count;
    const pair_t *p = &b->pair[x.pair], *q = &b->pair[y.pair];
    return p->a != q->a ? p->a < q->a : p->b < q->b;
}

static void wait_push(bpe_t *b, int pair)
{
    wait_t w = {b->pair[pair].count, pair};
    int i = b->n_heap;
    PUSH(b->heap, b->n_heap, b->cap_heap, w);
    for (; i > 0 && sooner(b, w, b->heap[(i - 1) / 2]); i = (i - 1) / 2)
        b->heap[i] = b->heap[(i - 1) / 2];
    b->heap[i] = w;
}

static wait_t wait_pop(bpe_t *b)
{
    wait_t top = b->heap[0], w = b->heap[--b->n_heap];
    int i = 0;
    for (int k; (k = 2 * i + 1) < b->n_heap; i = k) {
        if (k + 1 < b->n_heap && sooner(b, b->heap[k + 1], b->heap[k]))
            k++;
        if (!sooner(b, b->heap[k], w))
            break;
        b->heap[i] = b->heap[k];
    }
    b->heap[i] = w;
    return top;
}

/* `change` more of the pair (x, y) in word w. */
static void pair_add(bpe_t *b, int32_t x, int32_t y, int w, int64_t change, int wait)
{
    int p = pair_of(b, x, y);
    pair_t *q = &b->pair[p];
    q->count += change;
    if (change < 0)
        return;
    if (!q->n || q->word[q->n - 1] != w)
        PUSH(q->word, q->n, q->cap, w);
    if (wait)
        wait_push(b, p);
}

static size_t token_at(const bpe_t *b, int id)
{
    return id ? b->token[id - 1] : 0;
}

/* The id of the token that spells x then y: most often a new one. */
static int32_t token_join(bpe_t *b, int32_t x, int32_t y)
{
    size_t at = b->spell.len, nx = b->token[x] - token_at(b, x), ny = b->token[y] - token_at(b, y);
    for (int k = 0; k < 2; k++) {
        int32_t id = k ? y : x;
        char copy[4096];
        size_t n = k ? ny : nx;
        if (n > sizeof copy)
            fail(CODE_DATA,
                 "tokenizer training: a token longer than %zu bytes; the text repeats "
                 "itself too much",
                 sizeof copy);
        memcpy(copy, b->spell.s + token_at(b, id), n);
        text_addn(&b->spell, copy, n);
    }
    for (int i = 256; i < b->n_token; i++)
        if (b->token[i] - token_at(b, i) == nx + ny &&
            !memcmp(b->spell.s + token_at(b, i), b->spell.s + at, nx + ny)) {
            b->spell.len = at;
            return i;
        }
    PUSH(b->token, b->n_token, b->cap_token, b->spell.len);
    return b->n_token - 1;
}

/* Replaces (x, y) by id in word w, from left to right. */
static void word_join(bpe_t *b, int w, int32_t x, int32_t y, int32_t id)
{
    word_t *o = &b->word[w];
    int n = 0;
    for (int i = 0; i < o->n; i++) {
        if (!(i + 1 < o->n && o->sym[i] == x && o->sym[i + 1] == y)) {
            o->sym[n++] = o->sym[i];
            continue;
        }
        if (n > 0) {
            pair_add(b, o->sym[n - 1], x, w, -o->count, 0);
            pair_add(b, o->sym[n - 1], id, w, o->count, 1);
        }
        if (i + 2 < o->n) {
            pair_add(b, y, o->sym[i + 2], w, -o->count, 0);
            pair_add(b, id, o->sym[i + 2], w, o->count, 1);
        }
        o->sym[n++] = id;
        i++;
    }
    o->n = n;
}

/* Where the next special token begins and how long it is. */
static size_t next_special(const char *s, size_t n, const char *const *special, int n_special,
                           size_t *len)
{
    for (size_t at = 0; at < n; at++)
        for (int i = 0; i < n_special; i++) {
            *len = strlen(special[i]);
            if (s[at] == special[i][0] && *len <= n - at && !memcmp(s + at, special[i], *len))
                return at;
        }
    *len = 0;
    return n;
}

static void cut_text(bpe_t *b, const char *text, size_t len, const char *const *special,
                     int n_special)
{
    pretoken_t pre;
    text_t why = {0};
    pretoken_init(&pre);
    if (pretoken_add(&pre, bpe_pattern, 0, CUT_ISOLATED, 0, &why))
        fail(CODE_FAULT, "%s", why.s);
    for (size_t i = 0, skip; i < len; i += skip) {
        size_t end = i + next_special(text + i, len - i, special, n_special, &skip);
        while (i < end) {
            size_t good = pretoken_valid(text + i, end - i);
            pretoken_walk(&pre, text + i, good, count_word, b);
            i += good + (i + good < end); /* a byte that is not UTF-8 teaches nothing */
        }
    }
    pretoken_reset(&pre);
    text_reset(&why);
}

/* Bytes in the order of their letters; words as bytes; all pairs counted. */
static void start(bpe_t *b)
{
    int32_t id[256];
    for (int c = 0; c < 512; c++) {
        int byte = tokenizer_byte(c);
        if (byte < 0)
            continue;
        id[byte] = b->n_token;
        text_addn(&b->spell, &(char){(char)byte}, 1);
        PUSH(b->token, b->n_token, b->cap_token, b->spell.len);
    }
    for (int w = 0; w < b->n_word; w++) {
        word_t *o = &b->word[w];
        o->n = o->len;
        o->sym = ALLOC(int32_t, o->len);
        for (int i = 0; i < o->n; i++)
            o->sym[i] = id[(unsigned char)b->bytes.s[o->at + (size_t)i]];
        for (int i = 0; i + 1 < o->n; i++)
            pair_add(b, o->sym[i], o->sym[i + 1], w, o->count, 0);
    }
    for (int p = 0; p < b->n_pair; p++)
        wait_push(b, p);
}

static void learn(bpe_t *b, int tokens)
{
    while (b->n_token < tokens && b->n_heap) {
        wait_t top = wait_pop(b);
        pair_t p = b->pair[top.pair];
        if (p.count != top.count) {
            if (p.count > 0)
                wait_push(b, top.pair);
            continue;
        }
        if (p.count < 1)
            continue;
        int32_t id = token_join(b, p.a, p.b);
        PUSH(b->join, b->n_join, b->cap_join, ((join_t){p.a, p.b, id}));
        b->pair[top.pair].word = NULL;
        b->pair[top.pair].n = b->pair[top.pair].cap = 0;
        for (int i = 0; i < p.n; i++)
            word_join(b, p.word[i], p.a, p.b, id);
        mem_free(p.word);
        b->pair[top.pair].count = 0;
    }
}

static json_t *letters(const bpe_t *b, int id, text_t *out)
{
    text_clear(out);
    for (size_t i = token_at(b, id); i < b->token[id]; i++) {
        int c = tokenizer_letter((unsigned char)b->spell.s[i]);
        if (c < 128)
            text_addn(out, &(char){(char)c}, 1);
        else
            text_addn(out, (char[2]){(char)(0xC0 | c >> 6), (char)(0x80 | (c & 63))}, 2);
    }
    return json_string(out->s);
}

static void write_file(const bpe_t *b, const char *path, const char *const *special, int n_special)
{
    text_t one = {0}, two = {0};
    json_t *added = json_array(), *vocab = json_object(), *merges = json_array();
    for (int i = 0; i < b->n_token; i++) {
        json_decref(letters(b, i, &one));
        json_object_set_new(vocab, one.s, json_integer(i));
    }
    for (int i = 0; i < b->n_join; i++) {
        json_decref(letters(b, b->join[i].id_a, &one));
        json_decref(letters(b, b->join[i].id_b, &two));
        text_addf(&one, " %s", two.s);
        json_array_append_new(merges, json_string(one.s));
    }
    for (int i = 0; i < n_special; i++)
        json_array_append_new(added, json_pack("{si ss sb sb sb sb sb}", "id", b->n_token + i,
                                               "content", special[i], "single_word", 0, "lstrip", 0,
                                               "rstrip", 0, "normalized", 0, "special", 1));
    json_t *level = json_pack("{ss sb sb sb}", "type", "ByteLevel", "add_prefix_space", 0,
                              "trim_offsets", 0, "use_regex", 0);
    json_t *file =
        json_pack("{ss sn sn so sn s{ss s[{ss s{ss} ss sb} O]} sO sO s{ss sn sn sn sn sb sb sb so "
                  "so}}",
                  "version", "1.0", "truncation", "padding", "added_tokens", added, "normalizer",
                  "pre_tokenizer", "type", "Sequence", "pretokenizers", "type", "Split", "pattern",
                  "Regex", bpe_pattern, "behavior", "Isolated", "invert", 0, level,
                  "post_processor", level, "decoder", level, "model", "type", "BPE", "dropout",
                  "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", 0,
                  "byte_fallback", 0, "ignore_merges", 0, "vocab", vocab, "merges", merges);
    char *text = file ? json_dumps(file, JSON_INDENT(1) | JSON_PRESERVE_ORDER) : NULL;
    ASSERT(text);
    int bad = text_write_file(path, text, strlen(text));
    if (bad)
        fail(CODE_FIT, "%s: cannot be written: %s", path, strerror(bad));
    free(text);
    json_decref(level);
    json_decref(file);
    text_reset(&one);
    text_reset(&two);
}

/* exact: fewer entries than `vocab` are refused; returns how many there are. */
static int train(const char *path, const char *text, size_t len, int vocab,
                 const char *const *special, int n_special, int exact)
{
    bpe_t b = {0};
    if (vocab < 256 + n_special)
        fail(CODE_USAGE,
             "a byte-level tokenizer with %d special tokens has at least %d entries; %d "
             "were asked for",
             n_special, 256 + n_special, vocab);
    cut_text(&b, text, len, special, n_special);
    start(&b);
    learn(&b, vocab - n_special);
    if (exact && b.n_token < vocab - n_special)
        fail(CODE_DATA,
             "the text of %zu bytes gives only %d tokens of the %d asked for: give more "
             "text or a smaller vocabulary",
             len, b.n_token + n_special, vocab);
    write_file(&b, path, special, n_special);
    int made = b.n_token + n_special;
    for (int i = 0; i < b.n_word; i++)
        mem_free(b.word[i].sym);
    for (int i = 0; i < b.n_pair; i++)
        mem_free(b.pair[i].word);
    mem_free(b.word);
    mem_free(b.word_slot);
    mem_free(b.pair);
    mem_free(b.pair_slot);
    mem_free(b.heap);
    mem_free(b.token);
    mem_free(b.join);
    text_reset(&b.bytes);
    text_reset(&b.spell);
    return made;
}

void tokenizer_train(const char *path, const char *text, size_t len, int vocab,
                     const char *const *special, int n_special)
{
    train(path, text, len, vocab, special, n_special, 1);
}

int tokenizer_train_most(const char *path, const char *text, size_t len, int most,
                         const char *const *special, int n_special)
{
    return train(path, text, len, most, special, n_special, 0);
}
