/* What tokenizer.c (use) and tokenizer_json.c (loading) share.  Inside floor 4 only. */
#pragma once
#include "pretoken.h"

typedef struct {                     /* a token that is found in the text before any splitting */
    char  *content;                  /* as it is searched for: in normal form if `normal` */
    char  *name;                     /* as the file has it */
    size_t len;
    int    id, special, lstrip, rstrip, normal;
} added_t;

typedef struct { uint64_t key; int32_t rank, id; } merge_t;          /* key: left id << 32 | right id; id -1: empty */
typedef struct { size_t at; int32_t len; int32_t special; } spell_t; /* len -1: no token has this id */
typedef struct { uint64_t hash; uint32_t at, len, first, n; } seen_t; /* len 0: empty */
typedef struct { int32_t id, prev, next; } sym_t;
typedef struct { int32_t rank, pos, id; } cand_t;

enum { TOKENIZER_SEEN = 1 << 16 };   /* pre-tokens remembered: half of it */

struct tokenizer {
    int        size, ignore_merges;
    pretoken_t pre;
    text_t     bytes;                /* what each token decodes to */
    spell_t   *spell;                /* [size] */
    int32_t   *word; uint64_t word_mask;             /* byte string -> id, -1 empty: tokens that merges can reach */
    merge_t   *merge; uint64_t merge_mask;
    int32_t    byte_id[256];
    added_t   *added; int n_added;   /* longest first */
    uint8_t    starts[2][256];       /* first bytes of added tokens: raw, normal */
    /* scratch and the memory of pre-tokens already cut */
    seen_t    *seen; int64_t n_seen;
    text_t     seen_text;
    int32_t   *seen_id; int n_seen_id, cap_seen_id;
    sym_t     *sym; int64_t cap_sym;
    cand_t    *heap; int n_heap, cap_heap;
};

/* The byte-level alphabet: byte -> code point, and back (-1: not in it). */
int  tokenizer_letter(int byte);
int  tokenizer_byte(int code_point);
/* The bytes that a token's text stands for; 0 if a character is outside the alphabet (then the text as it is). */
int  tokenizer_spelling(const char *text, size_t len, text_t *out);
void tokenizer_put_word(tokenizer_t *t, int id);
int  tokenizer_find_word(const tokenizer_t *t, const char *s, size_t n);     /* id or -1 */
void tokenizer_put_merge(tokenizer_t *t, int left, int right, int rank, int id);
const merge_t *tokenizer_find_merge(const tokenizer_t *t, int left, int right);
