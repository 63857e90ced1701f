/* The splitting rules of the published byte-level tokenizers, by hand, on ASCII text.

   GPT-2's, Qwen's, Llama 3's and DeepSeek's long rule (and the one that bpe.c trains
   with) are alternatives of one shape, tried in this order at each place:
       contraction        's 't 're 've 'm 'll 'd, capitals too for some
       mark and word      a mark followed by ASCII letters (DeepSeek)
       lead? letters+     the lead is a space, or one character of a wider class
       digits             one, up to three, or ` ?\p{N}+`
       space? marks+      and line ends after them, for most
       \s*[\r\n]+         not GPT-2
       \s+(?!\S) | \s+
   For ASCII the classes are a table of 128 entries, so a match is a few loops. What lies
   beyond ASCII is never judged here: when the answer depends on such a byte, or when
   nothing matches at this place, the result is "undecided", and pretoken.c asks the
   expression.  tests/io_tokenizer.c compares both ways on random text. Cost: about a
   nanosecond per byte.  local */
#include "scan.h"
#include <string.h>

enum { HIGH, LETTER, DIGIT, SPACE, MARK, OTHER }; /* OTHER: controls that are not white */
enum {
    CONTRACT = 1,
    CAPITALS = 2,
    WIDE = 4,
    WIDE_NO_MARK = 8,
    NO_OTHER = 16,
    TAIL = 32,
    LINES = 64,
    ASCII_WORD = 128
};
enum { UNLIMITED = 99 };

struct scan {
    int flags, digits; /* digits: most in one match; 0: none, UNLIMITED: a space may lead */
    const char *pattern;
};

#define CUTS_OF_GPT2  "'s|'t|'re|'ve|'m|'ll|'d"
#define CUTS_OF_SPACE "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
#define CUTS_OF_QWEN(word, digits, mark)                                       \
    "(?i:" CUTS_OF_GPT2 ")|[^\\r\\n\\p{L}\\p{N}]?" word "+|" digits "| ?" mark \
    "+[\\r\\n]*" CUTS_OF_SPACE
#define ANY_MARK "[^\\s\\p{L}\\p{N}]"

static const scan_t known[] = {
    {CONTRACT, UNLIMITED, CUTS_OF_GPT2 "| ?\\p{L}+| ?\\p{N}+| ?" ANY_MARK "+|\\s+(?!\\S)|\\s+"},
    {CONTRACT | CAPITALS | WIDE | TAIL | LINES, 1, CUTS_OF_QWEN("\\p{L}", "\\p{N}", ANY_MARK)},
    {CONTRACT | CAPITALS | WIDE | TAIL | LINES, 3, CUTS_OF_QWEN("\\p{L}", "\\p{N}{1,3}", ANY_MARK)},
    {CONTRACT | CAPITALS | WIDE | TAIL | LINES, 1,
     CUTS_OF_QWEN("[\\p{L}\\p{M}]", "\\p{N}", "[^\\s\\p{L}\\p{M}\\p{N}]")},
    {WIDE | WIDE_NO_MARK | NO_OTHER | TAIL | LINES | ASCII_WORD, 0,
     "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+"
     "|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| "
     "?[\\p{P}\\p{S}]+[\\r\\n]*" CUTS_OF_SPACE},
    {LINES, 1, " ?\\p{L}+|\\p{N}| ?" ANY_MARK "+" CUTS_OF_SPACE},
};

const scan_t *scan_find(const char *pattern)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strcmp(pattern, known[i].pattern))
            return &known[i];
    return NULL;
}

#define CONTROLS OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER, OTHER
#define MARKS7   MARK, MARK, MARK, MARK, MARK, MARK, MARK
#define LETTERS13                                                                           \
    LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, LETTER, \
        LETTER, LETTER
static const unsigned char kind_of[256] = {CONTROLS,  OTHER,     SPACE,     SPACE,  SPACE,
                                           SPACE,     SPACE,     OTHER,     OTHER,  CONTROLS,
                                           CONTROLS,  SPACE,     MARKS7,    MARKS7, MARK,
                                           DIGIT,     DIGIT,     DIGIT,     DIGIT,  DIGIT,
                                           DIGIT,     DIGIT,     DIGIT,     DIGIT,  DIGIT,
                                           MARKS7,    LETTERS13, LETTERS13, MARK,   MARK,
                                           MARK,      MARK,      MARK,      MARK,   LETTERS13,
                                           LETTERS13, MARK,      MARK,      MARK,   MARK,
                                           OTHER}; /* the rest is HIGH */

static int kind(const char *s, size_t i)
{
    return kind_of[(unsigned char)s[i]];
}

static size_t run(const char *s, size_t n, size_t i, int what)
{
    while (i < n && kind(s, i) == what)
        i++;
    return i;
}

/* i, or 0 where what follows decides and is not ASCII */
static size_t sure(const char *s, size_t n, size_t i)
{
    return i < n && kind(s, i) == HIGH ? 0 : i;
}

static int is_line_end(char c)
{
    return c == '\r' || c == '\n';
}

/* After an apostrophe at `at`: the end of a contraction; `at`: none; 0: undecided. */
static size_t contraction(const scan_t *k, const char *s, size_t n, size_t at)
{
    char letter[2] = {0};
    for (size_t i = 0; i < 2 && at + 1 + i < n; i++) {
        letter[i] = s[at + 1 + i];
        if (k->flags & CAPITALS && letter[i] >= 'A' && letter[i] <= 'Z')
            letter[i] = (char)(letter[i] + 32);
    }
    if (letter[0] && strchr("stmd", letter[0]))
        return at + 2;
    if (letter[0] && letter[1] &&
        (!memcmp(letter, "re", 2) || !memcmp(letter, "ve", 2) || !memcmp(letter, "ll", 2)))
        return at + 3;
    return letter[0] & 0x80 ? 0 : at; /* U+017F is a small s too */
}

/* White space at `at`, no word or mark takes it: to the last line end, or all but the last. */
static size_t white(const scan_t *k, const char *s, size_t n, size_t at)
{
    size_t end = run(s, n, at, SPACE), line = end;
    if (!sure(s, n, end))
        return 0;
    if (k->flags & LINES) {
        while (line > at && !is_line_end(s[line - 1]))
            line--;
        if (line > at)
            return line;
    }
    return end == n || end == at + 1 ? end : end - 1;
}

static size_t marks(const scan_t *k, const char *s, size_t n, size_t i)
{
    while (i < n && (kind(s, i) == MARK || (kind(s, i) == OTHER && !(k->flags & NO_OTHER))))
        i++;
    if (!sure(s, n, i))
        return 0;
    while (k->flags & TAIL && i < n && is_line_end(s[i]))
        i++;
    return i;
}

static int may_lead(const scan_t *k, const char *s, size_t at, int here)
{
    if (!(k->flags & WIDE))
        return s[at] == ' ';
    if (k->flags & WIDE_NO_MARK ? here == MARK : here == DIGIT)
        return 0;
    return !is_line_end(s[at]);
}

size_t scan_next(const scan_t *k, const char *s, size_t n, size_t at)
{
    int here = kind(s, at), next = at + 1 < n ? kind(s, at + 1) : SPACE;
    if (here == LETTER)
        return sure(s, n, run(s, n, at + 1, LETTER));
    if (here == HIGH)
        return 0;
    if (s[at] == '\'' && k->flags & CONTRACT) {
        size_t end = contraction(k, s, n, at);
        if (end != at)
            return end;
    }
    if (here == MARK && next == LETTER && k->flags & ASCII_WORD)
        return run(s, n, at + 1, LETTER);
    if (may_lead(k, s, at, here)) {
        if (next == HIGH)
            return 0;
        if (next == LETTER)
            return sure(s, n, run(s, n, at + 1, LETTER));
    }
    size_t from = at + (s[at] == ' ' && at + 1 < n);
    int first = kind(s, from);
    if (k->digits == UNLIMITED && first == DIGIT)
        return sure(s, n, run(s, n, from, DIGIT));
    if (here == DIGIT && k->digits) {
        size_t end = at;
        while (end < n && end < at + (size_t)k->digits && kind(s, end) == DIGIT)
            end++;
        return end == at + (size_t)k->digits ? end : sure(s, n, end);
    }
    if (first == MARK || (first == OTHER && !(k->flags & NO_OTHER)))
        return marks(k, s, n, from);
    return here == SPACE ? white(k, s, n, at) : 0;
}
