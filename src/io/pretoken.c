/* Text into pre-tokens: the pieces inside which byte-pair merges happen.

   A tokenizer.json gives a normal form (NFC, or none) and a list of splitting rules.
   Each rule is a regular expression and says what becomes of a match: a piece of its
   own (Isolated), dropped (Removed), glued to its left or right neighbour
   (MergedWithPrevious, MergedWithNext) or to further matches (Contiguous).  Rules apply
   one after the other, each to the pieces of the one before. Digits is the rule \p{N};
   ByteLevel's own rule is GPT-2's expression; so all are one kind.

   The files were made by software that matches with Oniguruma in its Ruby syntax; PCRE2
   (UTF, UCP, JIT) matches here.  Where the two read an expression differently it is
   either translated or refused, never guessed: \s becomes the Unicode property
   White_Space spelled out (PCRE2's \s also holds U+180E); refused are ^ and $ (lines in
   Ruby, texts in PCRE2), \w \b \h and other escapes, a bare [ or && within a class (a
   set operation in Ruby), {..}+ (a repeat in Ruby, possessive in PCRE2), {,n}, and
   inline options other than (?i:..).

   Text must be valid UTF-8 (pretoken_valid finds how far it is); the matcher then skips
   its own check.  Normalisation costs nothing for text below U+0300, which is its own
   NFC.  Characters younger than the Unicode tables of the installed PCRE2 and utf8proc
   are unassigned here. Cost: one JIT match per piece, about 0.1 us; scratch of 24 bytes
   per piece. */
#include "pretoken.h"
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

const char *const pretoken_cuts[CUTS] = {"Isolated", "Removed", "MergedWithPrevious",
                                         "MergedWithNext", "Contiguous"};

static const char white[] = "\\t-\\r "
                            "\\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}"
                            "\\x{202F}\\x{205F}\\x{3000}";

void pretoken_init(pretoken_t *p)
{
    *p = (pretoken_t){.space_before = -1};
    p->context = pcre2_match_context_create(NULL);
    p->stack = pcre2_jit_stack_create(64 << 10, 64 << 20, NULL);
    ASSERT(p->context && p->stack);
    pcre2_jit_stack_assign(p->context, NULL, p->stack);
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

/* One escape \c of the pattern; NULL: translated into out. */
static const char *escape(char c, int in_class, text_t *out)
{
    if (c == 's') {
        text_addf(out, in_class ? "%s" : "[%s]", white);
    } else if (c == 'S' && !in_class) {
        text_addf(out, "[^%s]", white);
    } else if (c &&
               (strchr("pPdDrnt", c) ||
                (c > ' ' && c < 127 &&
                 !strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
                         c)))) {
        text_addf(out, "\\%c", c);
    } else {
        return "this escape is not supported";
    }
    return NULL;
}

/* The pattern in PCRE2's words; NULL or why not. */
static const char *translate(const char *s, text_t *out)
{
    int in_class = 0;
    for (; *s; s++) {
        if (*s == '\\') {
            const char *bad = escape(*++s, in_class, out);
            if (bad)
                return bad;
            if ((*s == 'p' || *s == 'P') &&
                s[1] == '{') { /* a property's braces are no repeat */
                size_t name = strcspn(s + 1, "}");
                name += s[1 + name] == '}';
                text_addn(out, s + 1, name);
                s += name;
            }
            continue;
        }
        if (in_class) {
            if (*s == '[' || (s[0] == '&' && s[1] == '&'))
                return "set operations within a class are not supported";
            in_class = *s != ']';
        } else if (*s == '[') {
            in_class = 1;
            text_addn(out, s, 1);
            if (s[1] == '^')
                text_addn(out, ++s, 1);
            if (s[1] == ']')
                return "a class that begins with ] is not supported";
            continue;
        } else if (*s == '^' || *s == '$') {
            return "^ and $ are not supported";
        } else if (s[0] == '}' && s[1] == '+') { /* the end of {m,n} */
            return "{..}+ is not supported";
        } else if (s[0] == '{' && s[1] == ',') {
            return "{,n} is not supported";
        } else if (s[0] == '(' && s[1] == '?') {
            static const char *const known[] = {
                "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:"};
            size_t i = 0, n = sizeof known / sizeof *known;
            while (i < n && strncmp(s, known[i], strlen(known[i])))
                i++;
            if (i == n)
                return "this kind of group is not supported";
        } else if (s[0] == '(' && s[1] == '*') {
            return "(* is not supported";
        }
        text_addn(out, s, 1);
    }
    return NULL;
}

const char *pretoken_add(pretoken_t *p, const char *pattern, int literal, cut_kind_t kind,
                         int invert, text_t *why)
{
    text_t words = {0};
    text_clear(why);
    if (p->n_cut == PRETOKEN_CUTS)
        text_add(why, "too many splitting rules");
    else if (!*pattern)
        text_add(why, "the pattern is empty");
    else if (literal)
        text_add(&words, pattern);
    else {
        const char *bad = translate(pattern, &words);
        if (bad)
            text_addf(why, "pattern %s: %s", pattern, bad);
    }
    if (!why->len) {
        int code;
        size_t at;
        pcre2_compile_context *cc = pcre2_compile_context_create(NULL);
        pcre2_set_newline(cc, PCRE2_NEWLINE_LF);
        uint32_t flags = literal ? PCRE2_UTF | PCRE2_LITERAL : PCRE2_UTF | PCRE2_UCP;
        pcre2_code *re =
            pcre2_compile((PCRE2_SPTR)words.s, words.len, flags, &code, &at, cc);
        pcre2_compile_context_free(cc);
        if (!re) {
            char text[256];
            pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof text);
            text_addf(why, "pattern %s: %s", pattern, text);
        } else {
            pcre2_jit_compile(
                re,
                PCRE2_JIT_COMPLETE); /* where there is no JIT, pcre2_match interprets */
            p->cut[p->n_cut++] =
                (cut_t){re, pcre2_match_data_create(1, NULL), kind, invert};
        }
    }
    text_reset(&words);
    return why->len ? why->s : NULL;
}

const char *pretoken_form(pretoken_t *p, const char *name)
{
    static const struct {
        const char *name;
        int option;
    } forms[] = {{"NFC", UTF8PROC_COMPOSE},
                 {"NFD", UTF8PROC_DECOMPOSE},
                 {"NFKC", UTF8PROC_COMPOSE | UTF8PROC_COMPAT},
                 {"NFKD", UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (strcmp(name, forms[i].name))
            continue;
        if (p->n_form == PRETOKEN_FORMS)
            return "too many normal forms";
        p->form[p->n_form++] = forms[i].option;
        return NULL;
    }
    return "known are NFC, NFD, NFKC, NFKD and Sequence";
}

/* out += s in one normal form.  U+11A7 (a vowel of Old Korean that composes with nothing)
   stands apart, because utf8proc 2.8 loses it after a syllable. */
static void normalise(int form, const char *s, size_t n, text_t *out)
{
    static const char apart[] = "\xE1\x86\xA7";
    while (n) {
        const char *stop = memmem(s, n, apart, 3);
        size_t part = stop ? (size_t)(stop - s) : n;
        utf8proc_uint8_t *to = NULL;
        utf8proc_ssize_t len =
            part ? utf8proc_map((const utf8proc_uint8_t *)s, (utf8proc_ssize_t)part, &to,
                                (utf8proc_option_t)(form | UTF8PROC_STABLE))
                 : 0;
        if (len < 0)
            fail(CODE_DATA, "text cannot be normalised: %s", utf8proc_errmsg(len));
        text_addn(out, (const char *)to, (size_t)len);
        free(to);
        text_add(out, stop ? apart : "");
        s += part + (stop ? 3 : 0);
        n -= part + (stop ? 3 : 0);
    }
}

int pretoken_normal(const pretoken_t *p, const char *s, size_t n, text_t *out)
{
    size_t low =
        0; /* bytes of leading text that no form changes: below U+0300 (NFC), ASCII */
    int plain = 1;
    for (int i = 0; i < p->n_form; i++)
        plain &= p->form[i] == UTF8PROC_COMPOSE;
    for (unsigned char most = plain ? 0xCC : 0x80;
         low < n && (unsigned char)s[low] < most;)
        low++;
    if (low == n || !p->n_form)
        return 0;
    text_t from = {0};
    text_clear(out);
    text_addn(out, s, n);
    for (int i = 0; i < p->n_form; i++) {
        text_t done = from;
        from = *out;
        *out = done;
        text_clear(out);
        normalise(p->form[i], from.s, from.len, out);
    }
    text_reset(&from);
    return 1;
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

static int is_white(int32_t c)
{
    return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

size_t pretoken_space(const char *s, size_t n, int dir)
{
    size_t done = 0;
    while (done < n) {
        size_t at = dir > 0 ? done : n - done - 1;
        while (dir < 0 && at > 0 && ((unsigned char)s[at] & 0xC0) == 0x80)
            at--;
        int32_t c;
        size_t room = dir > 0 ? n - at : n - done - at;
        utf8proc_ssize_t len = utf8proc_iterate((const utf8proc_uint8_t *)s + at,
                                                (utf8proc_ssize_t)room, &c);
        if (len <= 0 || !is_white(c))
            break;
        done += (size_t)len;
    }
    return done;
}

static void part_add(pretoken_t *p, size_t first, size_t end, int match)
{
    PUSH(p->part, p->n_part, p->cap_part, ((part_t){first, end, match}));
}

/* Appends the matches of one rule and the gaps between them. */
static void find(pretoken_t *p, const cut_t *c, const char *s, size_t n)
{
    size_t done = 0, from = 0;
    while (from < n) {
        int r = pcre2_match(c->code, (PCRE2_SPTR)s, n, from, PCRE2_NO_UTF_CHECK, c->found,
                            p->context);
        if (r == PCRE2_ERROR_NOMATCH)
            break;
        if (r < 0)
            fail(CODE_DATA,
                 "a text of %zu bytes is too hard for the tokenizer's splitting rule "
                 "(PCRE2 error %d)",
                 n, r);
        const size_t *at = pcre2_get_ovector_pointer(c->found);
        if (at[1] ==
            at[0]) { /* an empty match splits nothing: look on from the next character */
            for (from = at[0] + 1; from < n && ((unsigned char)s[from] & 0xC0) == 0x80;)
                from++;
            continue;
        }
        if (at[0] > done)
            part_add(p, done, at[0], c->invert);
        part_add(p, at[0], at[1], !c->invert);
        done = from = at[1];
    }
    if (done < n)
        part_add(p, done, n, c->invert);
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

static void walk(pretoken_t *p, int k, const char *s, size_t n, int spaced,
                 void (*piece)(void *, const char *, size_t), void *arg)
{
    if (k == p->space_before && !spaced && n && s[0] != ' ') {
        text_t with = {0};
        text_addn(&with, " ", 1);
        text_addn(&with, s, n);
        walk(p, k, with.s, with.len, 1, piece, arg);
        text_reset(&with);
        return;
    }
    if (k == p->n_cut) {
        piece(arg, s, n);
        return;
    }
    const cut_t *c = &p->cut[k];
    int64_t mark = p->n_part;
    find(p, c, s, n);
    if (c->kind >= CUT_MERGED_PREVIOUS)
        glue(p, mark, c->kind);
    for (int64_t i = mark, end = p->n_part; i < end; i++) {
        part_t q = p->part[i];
        if (!(c->kind == CUT_REMOVED && q.match))
            walk(p, k + 1, s + q.first, q.end - q.first, 0, piece, arg);
    }
    p->n_part = mark;
}

void pretoken_walk(pretoken_t *p, const char *s, size_t n,
                   void (*piece)(void *, const char *, size_t), void *arg)
{
    if (n)
        walk(p, 0, s, n, 0, piece, arg);
}
