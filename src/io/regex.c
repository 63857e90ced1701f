/* Regular expressions of tokenizer.json, which were written for Oniguruma in its Ruby
   syntax, compiled for PCRE2 (UTF, UCP, JIT).

   Where the two read an expression differently it is either translated or refused, never
   guessed.  Translated: \s becomes the Unicode property White_Space spelled out (PCRE2's
   \s also holds U+180E); \p{..} of a general category is joined by the characters that
   are younger than PCRE2's tables (late.c).  Refused are: ^ and $ (lines in Ruby, texts
   in PCRE2); \w \b \h and other escapes; properties other than general categories
   (\p{Han} is the script in one and the script's extensions in the other); \S and \P
   within a class; a bare [ or && within a class (a set operation in Ruby); {..}+ and
   {n}? (a repeat and an option in Ruby, possessive and lazy in PCRE2); {,n}; inline
   options other than (?i:..), and within that all but ASCII letters, apostrophes and
   alternatives, and pairs of letters that are one character elsewhere (ss, ff, fi, fl,
   st), since Oniguruma folds a sharp s to ss.

   The class \w of added tokens that must be single words is that of Rust's regex:
   Alphabetic, marks, decimal digits, connectors, joiners.  local */
#include "late.h"
#include "pretoken.h"
#include <string.h>
#include <utf8proc.h>

static const char white[] = "\\t-\\r "
                            "\\x{85}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}"
                            "\\x{202F}\\x{205F}\\x{3000}";

typedef struct {
    const char *s; /* what is still to be read */
    text_t *out;
    int in_class, depth, folded; /* folded: depth of the (?i: that is open; 0: none */
} translation_t;

static int is_category(const char *name, size_t n)
{
    static const char *const known[] = {"L",  "Lu", "Ll", "Lt", "Lm", "Lo", "M",  "Mn", "Mc",
                                        "Me", "N",  "Nd", "Nl", "No", "P",  "Pc", "Pd", "Ps",
                                        "Pe", "Pi", "Pf", "Po", "S",  "Sm", "Sc", "Sk", "So",
                                        "Z",  "Zs", "Zl", "Zp", "Cc", "Cf", "Co"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i]) == n && !memcmp(known[i], name, n))
            return 1;
    return 0;
}

static void add_category(translation_t *t, int no, const char *name)
{
    text_addf(t->out, "%s\\p{%s}", t->in_class ? "" : no ? "[^" : "[", name);
    late_class(name, t->out);
    text_add(t->out, t->in_class ? "" : "]");
}

/* s is at the p or P of \p{..}, and is left at its end. */
static const char *property(translation_t *t)
{
    int no = *t->s == 'P';
    size_t n = t->s[1] == '{' ? strcspn(t->s + 2, "}") : 0;
    char name[3] = {0};
    if (!n || !is_category(t->s + 2, n))
        return "only general categories, as in \\p{L} or \\p{Lu}, are supported";
    if (no && t->in_class)
        return "\\P within a class is not supported";
    memcpy(name, t->s + 2, n);
    add_category(t, no, name);
    t->s += 2 + n;
    return NULL;
}

static int is_plain(char c) /* stands for itself behind a backslash */
{
    return c >= ' ' && c < 127 && !((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9');
}

/* s is behind a backslash, and is left at the escape's last character. */
static const char *escape(translation_t *t)
{
    char c = *t->s;
    if (t->folded)
        return "escapes within (?i:..) are not supported";
    if (c == 'p' || c == 'P')
        return property(t);
    if (c == 's')
        text_addf(t->out, t->in_class ? "%s" : "[%s]", white);
    else if (c == 'S' && !t->in_class)
        text_addf(t->out, "[^%s]", white);
    else if (c == 'd' || (c == 'D' && !t->in_class))
        add_category(t, c == 'D', "Nd");
    else if (is_plain(c) || (c && strchr("rnt", c)))
        text_addf(t->out, "\\%c", c);
    else
        return "this escape is not supported";
    return NULL;
}

static const char *open_group(translation_t *t)
{
    static const char *const known[] = {"(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:"};
    t->depth++;
    if (t->s[1] == '*')
        return "(* is not supported";
    if (t->s[1] != '?')
        return NULL;
    size_t i = 0, n = sizeof known / sizeof *known;
    while (i < n && strncmp(t->s, known[i], strlen(known[i])))
        i++;
    if (i == n || (i == n - 1 && t->folded))
        return "this kind of group is not supported";
    if (i == n - 1)
        t->folded = t->depth;
    return NULL;
}

/* The character at s, within (?i:..): do both fold it alike? */
static int folds_alike(const char *s, int in_class)
{
    static const char *const pairs[] = {"ss", "ff", "fi", "fl", "st"};
    char two[2] = {(char)(s[0] | 32), (char)(s[1] | 32)};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs && !in_class; i++)
        if (!memcmp(two, pairs[i], 2))
            return 0;
    return (two[0] >= 'a' && two[0] <= 'z') || strchr("'|()?:[]", *s);
}

/* One character outside escapes. */
static const char *one(translation_t *t)
{
    const char *s = t->s, *bad = NULL;
    if (t->folded && !folds_alike(s, t->in_class))
        return "within (?i:..) only letters, apostrophes and alternatives are supported";
    text_addn(t->out, s, 1);
    if (t->in_class) {
        if (*s == '[' || (s[0] == '&' && s[1] == '&'))
            return "set operations within a class are not supported";
        t->in_class = *s != ']';
    } else if (*s == '[') {
        t->in_class = 1;
        if (s[1] == '^')
            text_addn(t->out, ++t->s, 1);
        if (t->s[1] == ']')
            return "a class that begins with ] is not supported";
    } else if (*s == '^' || *s == '$') {
        return "^ and $ are not supported";
    } else if (*s == '}' && (s[1] == '+' || s[1] == '?')) {
        return "a sign after {..} is not supported";
    } else if (s[0] == '{' && s[1] == ',') {
        return "{,n} is not supported";
    } else if (*s == '(') {
        bad = open_group(t);
    } else if (*s == ')') {
        t->folded = t->folded == t->depth ? 0 : t->folded;
        t->depth--;
    }
    return bad;
}

static const char *translate(const char *pattern, text_t *out)
{
    translation_t t = {.s = pattern, .out = out};
    const char *bad = NULL;
    for (; *t.s && !bad; t.s += *t.s != 0) {
        if (*t.s == '\\') {
            t.s++;
            bad = escape(&t);
        } else {
            bad = one(&t);
        }
    }
    return bad;
}

pcre2_code *regex_new(const char *pattern, int literal, text_t *why)
{
    text_t words = {0};
    text_clear(why);
    const char *bad = *pattern ? NULL : "is empty";
    if (!bad && literal)
        text_add(&words, pattern);
    else if (!bad)
        bad = translate(pattern, &words);
    pcre2_code *re = NULL;
    if (bad) {
        text_addf(why, "pattern %s: %s", pattern, bad);
    } else {
        int code;
        size_t at;
        pcre2_compile_context *cc = pcre2_compile_context_create(NULL);
        pcre2_set_newline(cc, PCRE2_NEWLINE_LF);
        uint32_t flags = literal ? PCRE2_UTF | PCRE2_LITERAL : PCRE2_UTF | PCRE2_UCP;
        re = pcre2_compile((PCRE2_SPTR)words.s, words.len, flags, &code, &at, cc);
        pcre2_compile_context_free(cc);
        if (re) {
            pcre2_jit_compile(re, PCRE2_JIT_COMPLETE); /* without JIT, pcre2_match interprets */
        } else {
            char text[256];
            pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof text);
            text_addf(why, "pattern %s: %s", pattern, text);
        }
    }
    text_reset(&words);
    return re;
}

static int is_white(int32_t c)
{
    return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

/* The first or last character of s[n]; its length. */
static size_t edge(const char *s, size_t n, int dir, int32_t *c)
{
    size_t at = dir > 0 ? 0 : n - 1;
    while (dir < 0 && at > 0 && ((unsigned char)s[at] & 0xC0) == 0x80)
        at--;
    utf8proc_ssize_t len =
        utf8proc_iterate((const utf8proc_uint8_t *)s + at, (utf8proc_ssize_t)(n - at), c);
    return len > 0 ? (size_t)len : 0;
}

size_t regex_space(const char *s, size_t n, int dir)
{
    size_t done = 0;
    while (done < n) {
        int32_t c;
        size_t len = edge(dir > 0 ? s + done : s, n - done, dir, &c);
        if (!len || !is_white(c))
            break;
        done += len;
    }
    return done;
}

int regex_word(const char *s, size_t n, int dir)
{
    int32_t c = -1;
    edge(s, n, dir, &c);
    const char *kind = late_category(c);
    if (!kind)
        kind = utf8proc_category_string(c);
    return *kind == 'L' || *kind == 'M' || !strcmp(kind, "Nd") || !strcmp(kind, "Nl") ||
           !strcmp(kind, "Pc") || c == 0x200C || c == 0x200D || (c >= 0x24B6 && c <= 0x24E9) ||
           (c >= 0x1F130 && c <= 0x1F149) || (c >= 0x1F150 && c <= 0x1F169) ||
           (c >= 0x1F170 && c <= 0x1F189);
}
