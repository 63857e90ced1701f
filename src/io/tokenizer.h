/* What the files of the tokenizer share: tokenizer.c (use), merge.c and added.c (its two searches),
   tokenizer_json.c (loading).  Inside floor 4 only. */
#pragma once
#include "field.h"
#include "pretoken.h"

typedef struct { /* a token that is found in the text before any splitting */
    char *name;  /* as the file has it */
    size_t len;  /* of what is searched for: in normal form if `normal` */
    int id, special, lstrip, rstrip, single, normal;
} added_t;
/* of a tree of bytes; 0: none, token -1: none */
typedef struct {
    int32_t child, next, token;
    unsigned char byte;
} node_t;

/* key: left id << 32 | right id; id -1: empty */
typedef struct {
    uint64_t key;
    int32_t rank, id;
} merge_t;
typedef struct {
    int32_t rank, id;
} merged_t; /* of two bytes; rank INT32_MAX: no merge */
/* len -1: no token has this id */
typedef struct {
    size_t at;
    int32_t len;
    int32_t special;
} spell_t;
typedef struct {
    int32_t id, prev, next;
} sym_t;
typedef struct {
    int32_t pos, next;
} waiting_t; /* a candidate for a merge */
typedef struct {
    int32_t head, tail;
} queue_t; /* of one rank; head -1: empty */

enum { SEEN_LONGEST = 26, SEEN_IDS = 8, SEEN = 1 << 16 };
typedef struct { /* a pre-token already cut and its ids: one line of the cache; len 0: empty */
    uint32_t tag;
    uint8_t len, n;
    char key[SEEN_LONGEST];
    int32_t id[SEEN_IDS];
} seen_t;

typedef struct {
    int n;
    int32_t id[2];
    int unknown; /* id[0] is the unknown token */
} gap_t;         /* what stands for a byte without a token */

struct tokenizer {
    int size, ignore_merges, fuse_unknown;
    int gaps; /* bytes without a token */
    pretoken_t pre;
    text_t bytes;   /* what each token decodes to */
    spell_t *spell; /* [size] */
    int32_t *word;
    uint64_t word_mask; /* byte string -> id, -1 empty: the vocabulary's tokens */
    merge_t *merge;
    uint64_t merge_mask;
    int n_merge;
    merged_t *pair;       /* [256][256]: the merges of two bytes */
    int32_t byte_id[256]; /* -1: see gap */
    gap_t gap[256];
    added_t *added;
    int n_added, cap_added;
    node_t *node;
    int n_node, cap_node; /* node[0] is none */
    /* by first byte, of the tokens sought in raw and in normal text; 0: none */
    int32_t root[2][256];
    /* what the post_processor puts around a text; post_bad: why that is not known, else NULL */
    int32_t *before, *after;
    int n_before, cap_before, n_after, cap_after;
    char *post_bad;
    /* scratch and the memory of pre-tokens already cut */
    seen_t *seen; /* [SEEN] */
    text_t form;
    sym_t *sym;
    waiting_t *wait;
    int n_wait, cap_wait;
    queue_t *queue; /* [n_merge] */
    int32_t *rank;
    int n_rank, cap_rank;
};

typedef struct {
    int32_t *id;
    int n, cap;
} ids_t; /* where ids are put */
void ids_reserve(ids_t *k, size_t more);

/* The byte-level alphabet: byte -> code point, and back (-1: not in it). */
int tokenizer_letter(int byte);
int tokenizer_byte(int code_point);
/* The bytes that a token's text stands for; 0 if a character is outside the alphabet (then the text
   as it is). */
int tokenizer_spelling(const char *text, size_t len, text_t *out);
void tokenizer_put_word(tokenizer_t *t, int id);
int tokenizer_find_word(const tokenizer_t *t, const char *s, size_t n); /* id or -1 */

/* postprocess.c: after everything else */
void tokenizer_post(tokenizer_t *t, const field_t *root);

/* merge.c */
void merge_put(tokenizer_t *t, int left, int right, int rank, int id);
void merge_pairs(tokenizer_t *t); /* once byte_id and all merges are there */
/* appends the ids of one pre-token */
void merge_all(tokenizer_t *t, const char *s, size_t n, ids_t *out);

/* added.c */
/* 0; 1: another of its kind is searched for by the same text */
int added_put(tokenizer_t *t, const added_t *a, const char *content);
/* Calls between(arg, s, n) for text without added tokens of this kind, and appends the tokens'
   ids. */
void added_split(const tokenizer_t *t, const char *s, size_t n, int special, int normal, ids_t *out,
                 void (*between)(void *arg, const char *s, size_t n), void *arg);
