/* Text to tokens and back: byte-level byte-pair encoding (Sennrich et al. 2016; over
   bytes: GPT-2).

   Encoding.  (1) Added tokens are found (added.c), first those sought in the text as it
   is.  (2) What lies between is brought into normal form, if the file says so (normal.c),
   added tokens sought in that are found, and the rest is cut into pre-tokens
   (pretoken.c).  (3) Within a pre-token adjacent pairs are merged (merge.c); with
   ignore_merges a pre-token that is a token is that token.  Ids equal those of the
   Hugging Face `tokenizers` package with add_special_tokens = false; what a
   post-processor would put around a whole text is in postprocess.c.  tests/peers/
   tokenizer_corpus.py compares 100 000 strings of all kinds with the package.

   Text repeats itself, so a table remembers the ids of short pre-tokens: a line of 64
   bytes each, sought in two places, the newer one first; most pre-tokens are one
   look-up, and nothing needs to be forgotten as a whole.

   Bytes that are not UTF-8 are text too, for programs may print them: each maximal run
   of them is a pre-token of its own, and the text on each side is encoded as if it
   stood alone.  Where every byte has a token, decode(encode(x)) = x for any bytes x, provided
   that no normal form is asked for and no added token strips spaces; bytes without one:
   tokenizer_json.c.  Decoding
   gives raw bytes; a token may end within a character.

   Cost: on one core about 0.1 us per token of text seen before, a few times that for a
   new pre-token (`aletheia bench tokenizer`).  Not for two threads at a time (the table
   of seen pre-tokens).  local */
#include "tokenizer.h"
#include <string.h>

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

void ids_reserve(ids_t *k, size_t more)
{
    if ((size_t)(k->cap - k->n) >= more)
        return;
    size_t cap = 2 * (size_t)k->cap + more + 16;
    if ((size_t)k->n + more > INT32_MAX)
        fail(CODE_FIT, "more than %d tokens: encode the text in parts", INT32_MAX);
    k->cap = cap > INT32_MAX ? INT32_MAX : (int)cap;
    k->id = mem_grow(k->id, (size_t)k->cap * sizeof *k->id);
}

typedef struct {
    tokenizer_t *t;
    ids_t ids;
    int special;
} sink_t;

/* Of a short text; any function will do, but for speed. */
static uint64_t mix(const char *s, size_t n)
{
    uint64_t a = 0, b = 0, c = 0;
    uint32_t x = 0, y = 0;
    if (n >= 8) {
        memcpy(&a, s, 8);
        memcpy(&b, s + n - 8, 8);
        memcpy(&c, s + n / 2 - 4, 8);
    } else if (n >= 4) {
        memcpy(&x, s, 4);
        memcpy(&y, s + n - 4, 4);
        a = x;
        b = y;
    } else {
        a = (unsigned char)s[0] | (uint64_t)(unsigned char)s[n / 2] << 8;
        b = (unsigned char)s[n - 1];
    }
    uint64_t h = (a ^ n << 56) * 0x9E3779B97F4A7C15ull;
    h = (h ^ h >> 32 ^ b) * 0xD6E8FEB86659FD93ull;
    h = (h ^ h >> 32 ^ c) * 0xD6E8FEB86659FD93ull;
    return h ^ h >> 32;
}

static void cut_new(tokenizer_t *t, const char *s, size_t n, ids_t *out)
{
    int whole = t->ignore_merges ? tokenizer_find_word(t, s, n) : -1;
    if (whole < 0) {
        merge_all(t, s, n, out);
        return;
    }
    ids_reserve(out, 1);
    out->id[out->n++] = whole;
}

static int is_seen(const seen_t *e, uint32_t tag, const char *s, size_t n)
{
    return e->tag == tag && e->len == n && !memcmp(e->key, s, n);
}

static void piece(void *arg, const char *s, size_t n)
{
    sink_t *k = arg;
    tokenizer_t *t = k->t;
    if (n > SEEN_LONGEST) {
        cut_new(t, s, n, &k->ids);
        return;
    }
    uint64_t h = mix(s, n);
    uint32_t tag = (uint32_t)(h >> 32);
    seen_t *e = &t->seen[h & (SEEN - 2)];
    e += !is_seen(e, tag, s, n);
    if (is_seen(e, tag, s, n)) {
        ids_reserve(&k->ids, SEEN_IDS);
        memcpy(k->ids.id + k->ids.n, e->id, sizeof e->id);
        k->ids.n += e->n;
        return;
    }
    int first = k->ids.n;
    cut_new(t, s, n, &k->ids);
    int made = k->ids.n - first;
    if (made > SEEN_IDS)
        return;
    *e = e[-1];
    *--e = (seen_t){.tag = tag, .len = (uint8_t)n, .n = (uint8_t)made};
    memcpy(e->key, s, n);
    memcpy(e->id, k->ids.id + first, (size_t)made * sizeof *e->id);
}

static void between_all(void *arg, const char *s, size_t n)
{
    sink_t *k = arg;
    pretoken_walk(&k->t->pre, s, n, piece, k);
}

static void between_raw(void *arg, const char *s, size_t n)
{
    sink_t *k = arg;
    text_t *form = &k->t->form;
    int other = normal_apply(&k->t->pre.normal, s, n, form);
    added_split(k->t, other ? form->s : s, other ? form->len : n, k->special, 1, &k->ids,
                between_all, k);
}

void tokenizer_encode(const tokenizer_t *ct, const char *text, size_t len, int special,
                      int32_t **ids, int *n, int *cap)
{
    tokenizer_t *t = (tokenizer_t *)ct; /* what changes is memory of earlier work */
    sink_t k = {t, {*ids, *n, *cap}, special};
    for (size_t i = 0; i < len;) {
        size_t good = pretoken_valid(text + i, len - i), bad = 0;
        if (good)
            added_split(t, text + i, good, special, 0, &k.ids, between_raw, &k);
        i += good;
        while (i + bad < len &&
               !pretoken_valid(text + i + bad, len - i - bad < 4 ? len - i - bad : 4))
            bad++;
        if (bad)
            merge_all(t, text + i, bad, &k.ids);
        i += bad;
    }
    *ids = k.ids.id;
    *n = k.ids.n;
    *cap = k.ids.cap;
}

void tokenizer_decode(const tokenizer_t *t, const int32_t *ids, int n, int special, text_t *out)
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
    for (int i = 0; i < t->n_added; i++)
        mem_free(t->added[i].name);
    text_reset(&t->bytes);
    text_reset(&t->form);
    mem_free(t->spell);
    mem_free(t->word);
    mem_free(t->merge);
    mem_free(t->pair);
    mem_free(t->added);
    mem_free(t->node);
    mem_free(t->seen);
    mem_free(t->sym);
    mem_free(t->wait);
    mem_free(t->queue);
    mem_free(t->rank);
    mem_free(t->before);
    mem_free(t->after);
    mem_free(t->post_bad);
    mem_free(t);
}
