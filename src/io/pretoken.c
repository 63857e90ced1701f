/* Text into pre-tokens: the pieces inside which byte-pair merges happen.

   A tokenizer.json gives normal forms (normal.c) and a list of splitting rules.  Each
   rule is a regular expression (regex.c) and says what becomes of a match: a piece of
   its own (Isolated), dropped (Removed), glued to its left or right neighbour
   (MergedWithPrevious, MergedWithNext) or to further matches (Contiguous).  Rules apply
   one after the other, each to the pieces of the one before. Digits is the rule "a
   numeric character"; ByteLevel's own rule is GPT-2's expression; so all are one kind.

   Matches are taken as the package takes them: from the end of the last one; an empty
   match cuts the text where it stands, except right behind the last match, where the
   search goes on one character further.  Where scan.c knows the rule and the text is
   ASCII, the expression is not asked.

   Text must be valid UTF-8 (pretoken_valid finds how far it is); the matcher then skips
   its own check.  An expression that backtracks over more than the matcher's stack (a
   group repeated over millions of bytes) is matched again by the interpreter, whose
   memory is bounded by the machine's alone; one that tries more than 10^9 paths ends
   the run: the package gives up after 10^7.

   Cost: scan.c's about a nanosecond per byte, else one JIT match per piece, about
   0.1 us; rules that glue need scratch of 24 bytes per piece. */
#include "pretoken.h"
#include <stdlib.h>
#include <string.h>

const char *const pretoken_cuts[CUTS] = {"Isolated", "Removed", "MergedWithPrevious",
                                         "MergedWithNext", "Contiguous"};

void pretoken_init(pretoken_t *p)
{
    *p = (pretoken_t){.space_before = -1};
    p->context = pcre2_match_context_create(NULL);
    p->stack = pcre2_jit_stack_create(64 << 10, 64 << 20, NULL);
    ASSERT(p->context && p->stack);
    pcre2_jit_stack_assign(p->context, NULL, p->stack);
    pcre2_set_match_limit(p->context, 1000000000);
    pcre2_set_depth_limit(p->context, UINT32_MAX);
    pcre2_set_heap_limit(p->context, UINT32_MAX);
}

void pretoken_reset(pretoken_t *p)
{
    for (int i = 0; i < p->n_cut; i++) {
        pcre2_code_free(p->cut[i].code);
        pcre2_match_data_free(p->cut[i].found);
    }
    pcre2_match_context_free(p->context);
    pcre2_jit_stack_free(p->stack);
    mem_free(p->part);
    *p = (pretoken_t){0};
}

const char *pretoken_add(pretoken_t *p, const char *pattern, int literal, cut_kind_t kind,
                         int invert, text_t *why)
{
    text_clear(why);
    if (p->n_cut == PRETOKEN_CUTS)
        return text_add(why, "too many splitting rules"), why->s;
    pcre2_code *re = regex_new(pattern, literal, why);
    if (!re)
        return why->s;
    int exact = !literal && kind == CUT_ISOLATED && !invert;
    p->cut[p->n_cut++] = (cut_t){re, pcre2_match_data_create(1, NULL),
                                 exact ? scan_find(pattern) : NULL, kind, invert};
    return NULL;
}

size_t pretoken_valid(const char *text, size_t n)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t i = 0;
    while (i < n) {
        uint64_t eight;
        while (i + 8 <= n && (memcpy(&eight, s + i, 8), !(eight & 0x8080808080808080ull)))
            i += 8;
        if (i == n)
            break;
        unsigned char c = s[i];
        size_t more = c < 0x80                ? 0
                      : c >= 0xC2 && c < 0xE0 ? 1
                      : c >= 0xE0 && c < 0xF0 ? 2
                      : c >= 0xF0 && c < 0xF5 ? 3
                                              : 9;
        if (more == 9 || i + more >= n)
            return i;
        for (size_t k = 1; k <= more; k++)
            if ((s[i + k] & 0xC0) != 0x80)
                return i;
        if ((c == 0xE0 && s[i + 1] < 0xA0) || (c == 0xED && s[i + 1] > 0x9F) ||
            (c == 0xF0 && s[i + 1] < 0x90) || (c == 0xF4 && s[i + 1] > 0x8F))
            return i; /* too long, a surrogate, beyond U+10FFFF */
        i += 1 + more;
    }
    return n;
}

/* Where a search stands: from where it goes on, and the end of the last match (-1: none). */
typedef struct {
    size_t from;
    int64_t last;
} search_t;

/* The next match of the rule's expression in s[n]; 0: none. */
static int match(pretoken_t *p, const cut_t *c, const char *s, size_t n, search_t *at,
                 size_t *first, size_t *end)
{
    while (at->from <= n) {
        int r = pcre2_match(c->code, (PCRE2_SPTR)s, n, at->from, PCRE2_NO_UTF_CHECK, c->found,
                            p->context);
        if (r == PCRE2_ERROR_JIT_STACKLIMIT)
            r = pcre2_match(c->code, (PCRE2_SPTR)s, n, at->from, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT,
                            c->found, p->context);
        if (r == PCRE2_ERROR_NOMATCH)
            return 0;
        if (r < 0)
            fail(CODE_DATA,
                 "a text of %zu bytes is too hard for the tokenizer's splitting rule "
                 "(PCRE2 error %d)",
                 n, r);
        const size_t *found = pcre2_get_ovector_pointer(c->found);
        *first = found[0];
        *end = found[1];
        if (*first != *end || at->last != (int64_t)*end) {
            at->from = *end;
            at->last = (int64_t)*end;
            return 1;
        }
        for (at->from++; at->from < n && ((unsigned char)s[at->from] & 0xC0) == 0x80;)
            at->from++;
    }
    return 0;
}

/* Glues parts [mark, n_part) as the rule says. */
static void glue(pretoken_t *p, int64_t mark, cut_kind_t kind)
{
    int64_t n = mark;
    if (kind == CUT_MERGED_NEXT) {
        for (int64_t i = mark; i < p->n_part; i++) {
            part_t q = p->part[i];
            if (q.match && i + 1 < p->n_part && !p->part[i + 1].match)
                q.end = p->part[++i].end;
            p->part[n++] = q;
        }
    } else {
        int before = 0;
        for (int64_t i = mark; i < p->n_part; i++) {
            part_t q = p->part[i];
            int join = kind == CUT_CONTIGUOUS ? q.match == before : q.match && !before;
            before = q.match;
            if (join && n > mark)
                p->part[n - 1].end = q.end;
            else
                p->part[n++] = q;
        }
    }
    p->n_part = n;
}

typedef struct {
    pretoken_t *p;
    void (*piece)(void *, const char *, size_t);
    void *arg;
} walk_t;

static void walk(const walk_t *w, int k, const char *s, size_t n);

static void add_part(pretoken_t *p, size_t first, size_t end, int is_match)
{
    PUSH(p->part, p->n_part, p->cap_part, ((part_t){first, end, is_match}));
}

static void cut_glued(const walk_t *w, int k, const char *s, size_t n)
{
    pretoken_t *p = w->p;
    const cut_t *c = &p->cut[k];
    int64_t mark = p->n_part;
    search_t at = {0, -1};
    size_t done = 0, first, end;
    while (match(p, c, s, n, &at, &first, &end)) {
        if (first > done)
            add_part(p, done, first, c->invert);
        add_part(p, first, end, !c->invert);
        done = end;
    }
    if (done < n)
        add_part(p, done, n, c->invert);
    glue(p, mark, c->kind);
    for (int64_t i = mark, stop = p->n_part; i < stop; i++)
        walk(w, k + 1, s + p->part[i].first, p->part[i].end - p->part[i].first);
    p->n_part = mark;
}

/* Isolated and Removed: each piece goes on at once. */
static void cut(const walk_t *w, int k, const char *s, size_t n)
{
    const cut_t *c = &w->p->cut[k];
    int drop = c->kind == CUT_REMOVED;
    search_t at = {0, -1};
    size_t done = 0, first, end;
    while (at.from < n || !c->scan) {
        first = at.from;
        end = c->scan ? scan_next(c->scan, s, n, first) : 0;
        if (end)
            at = (search_t){end, (int64_t)end};
        else if (!match(w->p, c, s, n, &at, &first, &end))
            break;
        if (first > done && !(drop && c->invert))
            walk(w, k + 1, s + done, first - done);
        if (!(drop && !c->invert))
            walk(w, k + 1, s + first, end - first);
        done = end;
    }
    if (done < n && !(drop && c->invert))
        walk(w, k + 1, s + done, n - done);
}

static void walk_spaced(const walk_t *w, int k, const char *s, size_t n)
{
    if (k == w->p->n_cut)
        w->piece(w->arg, s, n);
    else if (w->p->cut[k].kind >= CUT_MERGED_PREVIOUS)
        cut_glued(w, k, s, n);
    else
        cut(w, k, s, n);
}

static void walk(const walk_t *w, int k, const char *s, size_t n)
{
    if (!n)
        return;
    if (k != w->p->space_before || s[0] == ' ') {
        walk_spaced(w, k, s, n);
        return;
    }
    text_t with = {0};
    text_add(&with, " ");
    text_addn(&with, s, n);
    walk_spaced(w, k, with.s, with.len);
    text_reset(&with);
}

void pretoken_walk(pretoken_t *p, const char *s, size_t n,
                   void (*piece)(void *, const char *, size_t), void *arg)
{
    walk(&(walk_t){p, piece, arg}, 0, s, n);
}
