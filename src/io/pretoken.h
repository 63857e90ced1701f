/* pretoken.c - text into pre-tokens, by the rules of a tokenizer.json.  Inside floor 4 only. */
#pragma once
#include "normal.h"
#include "scan.h"
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

typedef enum {
    CUT_ISOLATED,
    CUT_REMOVED,
    CUT_MERGED_PREVIOUS,
    CUT_MERGED_NEXT,
    CUT_CONTIGUOUS,
    CUTS
} cut_kind_t;
extern const char *const pretoken_cuts[CUTS]; /* their names in tokenizer.json */

typedef struct { /* one splitting rule */
    pcre2_code *code;
    pcre2_match_data *found;
    const scan_t *scan; /* the same rule by hand, for ASCII; NULL: none */
    cut_kind_t kind;
    int invert; /* what does not match is the delimiter */
} cut_t;
typedef struct {
    size_t first, end;
    int match;
} part_t;

enum { PRETOKEN_CUTS = 16 };
typedef struct {
    cut_t cut[PRETOKEN_CUTS];
    int n_cut;
    int space_before; /* cut before which a missing leading space is put; -1: none */
    normal_t normal;
    pcre2_match_context *context;
    pcre2_jit_stack *stack;
    part_t *part;
    int64_t n_part, cap_part; /* scratch */
} pretoken_t;

void pretoken_init(pretoken_t *p);
void pretoken_reset(pretoken_t *p);
/* NULL, or why not (in `why`): a pattern that other regular-expression software would read
   differently. */
const char *pretoken_add(pretoken_t *p, const char *pattern, int literal, cut_kind_t kind,
                         int invert, text_t *why);
/* Calls piece(arg, bytes, n) for each pre-token of valid UTF-8 s[n], in order. */
void pretoken_walk(pretoken_t *p, const char *s, size_t n,
                   void (*piece)(void *arg, const char *s, size_t n), void *arg);
/* Bytes of s[n] that are valid UTF-8 from its start. */
size_t pretoken_valid(const char *s, size_t n);

/* regex.c - regular expressions of the Ruby kind in PCRE2's words
   ---------------------------------------------- */

/* The compiled pattern, or NULL and in `why` why not. */
pcre2_code *regex_new(const char *pattern, int literal, text_t *why);
/* White space (the Unicode property) at the start (dir 1) or the end (dir -1) of valid UTF-8 s[n],
   in bytes. */
size_t regex_space(const char *s, size_t n, int dir);
/* Is the first (dir 1) or the last (dir -1) character of valid UTF-8 s[n], n > 0, one of a word
   (\w)? */
int regex_word(const char *s, size_t n, int dir);
