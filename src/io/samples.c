/* Samples of input and output in the statement of a problem that came from elsewhere.

   A verifier that reads samples checks these and nothing else, so questions can leave them out.
   What goes is found line by line; a rule errs to the side of leaving a sample in.

   A heading is a line that, without its decoration (# * - = _ : tags, a number at its end), is
   one of a few phrases; a label (Input: 3) may have its text behind a colon.
     sample input, sample output, example input, ...     begin a section, always
     sample, examples, example 1, sample test, ...       begin one if a label "input" and a label
                                                         "output" follow in it
     input, output, explanation                          inside a section belong to it
   Without any heading, a line `Input: DATA` with a line `Output: DATA` right behind it is a
   section of these lines and of an `Explanation: ...`; DATA is numbers, quoted texts, brackets,
   NAME = and for outputs a single word.

   A section ends before a heading of another kind (constraints, note, output format, scoring,
   ...), before any other decorated line or `Words:` on a line, and before prose: a paragraph
   of sentences that no explanation begins, or "input" and "output" followed by one, which then
   describe and show nothing.  A statement of which less than 20 letters would stay keeps its
   samples.  Cost: linear.  local */
#include "io.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

typedef enum { TEXT, BLANK, FENCE, SHOWN, SAMPLE, INPUT, OUTPUT, EXPLAINED, OTHER } kind_t;

typedef struct {
    const char *s; /* the line with its newline */
    size_t n;
    kind_t kind;
    int prose, data; /* sentences; what stands behind a label is data */
} line_t;

/* Words of a line in small letters, one blank between them, decoration and numbers at the end off;
   colon: what stands behind a label's. */
static void plain(const line_t *l, char out[64], const char **colon)
{
    size_t n = 0, words = 0;
    int digits = 0;
    *colon = NULL;
    for (size_t i = 0; i < l->n && n < 62; i++) {
        unsigned char c = (unsigned char)l->s[i];
        const char *tag = c == '<' ? memchr(l->s + i, '>', l->n - i) : NULL;
        if (tag && tag - (l->s + i) <= 8 &&
            (isalpha((unsigned char)l->s[i + 1]) || l->s[i + 1] == '/')) {
            i = (size_t)(tag - l->s); /* a tag is decoration */
        } else if (c == ':' && n) {
            *colon = l->s + i + 1;
            break;
        } else if (isalpha(c) || c == '/' || c == '\\' || c >= 128) {
            words += n == 0 || out[n - 1] == ' ';
            out[n++] = (char)tolower(c);
        } else if (isdigit(c)) {
            digits++;
            if (n && out[n - 1] != ' ')
                out[n++] = ' ';
            if (!n) {
                out[n++] = '0'; /* begins with a number: no heading */
            }
        } else if (!strchr(" \t\r\n#*-=_~[]().|+", c)) {
            out[n++] = (char)c;
        } else if (n && out[n - 1] != ' ') {
            out[n++] = ' ';
        }
    }
    while (n && out[n - 1] == ' ')
        n--;
    out[words > 6 || n >= 62 || digits > 3 ? 0 : n] = 0;
}

/* `of` is words between bars. */
static int one_of(const char *s, const char *of)
{
    char barred[70];
    snprintf(barred, sizeof barred, "|%s|", s);
    return *s && strstr(of, barred) != NULL;
}

static kind_t kind_of_words(const char *s)
{
    static const char shown[] =
        "|sample input|sample output|sample inputs|sample outputs|example input|"
        "example output|example inputs|example outputs|input example|output example|"
        "input sample|output sample|input examples|output examples|sample input output|"
        "sample input/output|sample i/o|sample io|sample input and output|"
        "example input and output|example input/output|input/output examples|"
        "output for sample input|output for the sample input|sample in|sample out|"
        "sample interaction|sample test input|sample test output|sample data|"
        "sample input data|sample output data|sample input case|sample input file|"
        "sample output file|";
    static const char sample[] =
        "|sample|samples|example|examples|sample test|sample tests|example test|"
        "example tests|sample case|sample cases|example case|example cases|"
        "sample test case|sample test cases|test example|examples of tests|sample run|"
        "sample testcase|sample testcases|for example|";
    static const char other[] =
        "|input format|output format|input specification|output specification|"
        "input description|output description|input data|output data|input file|"
        "output file|constraints|constraint|note|notes|hint|hints|scoring|subtask|"
        "subtasks|grading|limits|limitations|your task|task|problem|problem statement|"
        "problem description|description|statement|background|function description|"
        "returns|return|return value|parameters|follow up|time limit|memory limit|"
        "time complexity|expected time complexity|expected auxiliary space|remarks|"
        "remark|restrictions|source|rules|definition|definitions|interaction|"
        "interaction protocol|protocol|requirements|details|specification|warning|"
        "important|bonus|goal|story|performance|";
    if (one_of(s, shown))
        return SHOWN;
    if (one_of(s, sample))
        return SAMPLE;
    if (!strcmp(s, "input") || !strcmp(s, "inputs"))
        return INPUT;
    if (!strcmp(s, "output") || !strcmp(s, "outputs") || !strcmp(s, "expected output"))
        return OUTPUT;
    if (!strncmp(s, "explanation", 11))
        return EXPLAINED;
    return one_of(s, other) ? OTHER : TEXT;
}

/* A sentence's part: six words or more, nearly all of them plain. */
static int is_prose(const char *s, const char *end)
{
    int words = 0, plain_words = 0, ends = 0;
    while (s < end) {
        while (s < end && isspace((unsigned char)*s))
            s++;
        const char *w = s;
        int letters = 1;
        for (; s < end && !isspace((unsigned char)*s); s++)
            letters &= isalpha((unsigned char)*s) || strchr(".,;:!?'()-", *s) || (*s & 128);
        if (s > w) {
            words++, plain_words += letters;
            ends = strchr(".:;,!?", s[-1]) != NULL;
        }
    }
    return words >= 6 && plain_words * 10 >= words * 7 && (ends || words >= 9);
}

/* Numbers, quoted texts, brackets, NAME = and a single word (Yes): 2 with a digit, quote or bracket,
   1 without; anything with words or bounds (n <= 10) describes: 0. */
static int is_data(const char *s, const char *end)
{
    int words = 0, others = 0, firm = 0;
    char quote = 0;
    for (; s < end; s++) {
        if (quote) {
            quote = quote == *s ? 0 : quote;
        } else if (*s == '"' || *s == '\'') {
            quote = *s, firm = 1;
        } else if (*s == '<' || *s == '>' || *s == '^' || *s == '\\' || (*s & 128)) {
            return 0;
        } else if (isalpha((unsigned char)*s)) {
            while (s < end && (isalnum((unsigned char)*s) || *s == '_'))
                s++;
            const char *next = s;
            while (next < end && strchr(" []", *next))
                next++;
            words += !(next < end && *next == '=');
            s--;
        } else if (!isspace((unsigned char)*s)) {
            others++;
            firm |= isdigit((unsigned char)*s) || strchr("[{", *s) != NULL;
        }
    }
    return words > 1 || (words && (others || firm)) ? 0 : firm ? 2 : words;
}

static int is_decorated(const line_t *l)
{
    size_t i = 0, n = l->n;
    while (i < n && (l->s[i] == ' ' || l->s[i] == '\t'))
        i++;
    while (n > i && isspace((unsigned char)l->s[n - 1]))
        n--;
    if (n - i < 3 || n - i > 60)
        return 0;
    const char *s = l->s + i, *end = l->s + n - 1;
    int letters = 0;
    for (const char *c = s; c <= end; c++)
        letters += isalpha((unsigned char)*c) != 0;
    return letters > 2 &&
           ((*s == '#' && (s[1] == ' ' || s[1] == '#')) ||
            (!strncmp(s, "**", 2) && (*end == '*' || *end == ':')) ||
            (!strncmp(s, "--", 2) && *end == '-') || (!strncmp(s, "==", 2) && *end == '='));
}

static void read_kind(line_t *l)
{
    char words[64];
    const char *colon, *end = l->s + l->n;
    const char *first = l->s;
    while (first < end && isspace((unsigned char)*first))
        first++;
    if (first == end) {
        l->kind = BLANK;
        return;
    }
    plain(l, words, &colon);
    const char *rest = colon ? colon : end;
    while (rest < end &&
           (isspace((unsigned char)*rest) || *rest == '*' || *rest == '-' || *rest == '`'))
        rest++;
    l->kind = kind_of_words(words);
    int alone = rest >= end || *rest == '<';
    l->data = alone ? 0 : is_data(rest, end);
    l->prose = is_prose(first, end);
    if (!strncmp(first, "```", 3) || !strncmp(first, "~~~", 3))
        l->kind = FENCE;
    else if (l->kind == SAMPLE && !strcmp(words, "for example") && (!colon || !alone))
        l->kind = TEXT;
    else if ((l->kind == SHOWN || l->kind == SAMPLE || l->kind == OTHER) && !alone &&
             !(l->kind != OTHER && l->data))
        l->kind = TEXT;
    else if (l->kind == TEXT &&
             (is_decorated(l) || (colon && rest >= end && *words &&
                                  isupper((unsigned char)*first) && strlen(words) > 3)))
        l->kind = OTHER;
    if ((l->kind == INPUT || l->kind == OUTPUT) && !alone && !l->data && l->prose)
        l->kind = OTHER; /* Input: The first line holds ... */
}

static int after_blanks(const line_t *l, int n, int i)
{
    while (i < n && (l[i].kind == BLANK || l[i].kind == FENCE))
        i++;
    return i;
}

/* Where the section that begins at line i ends; i: it is none, nor is another that begins before
   *none. */
static int section_end(const line_t *l, int n, int i, int *none)
{
    int explained = 0, input = 0, output = 0, fence = 0, start = i, shown = 0;
    for (; i < n; i++) {
        int bare = (l[i].kind == INPUT || l[i].kind == OUTPUT) && !l[i].data;
        int next = bare ? after_blanks(l, n, i + 1) : n;
        int describes = next < n && l[next].kind == TEXT && l[next].prose;
        if (l[i].kind == FENCE) {
            fence = !fence;
        } else if (fence) {
            input |= l[i].kind == INPUT, output |= l[i].kind == OUTPUT;
            continue;
        } else if (l[i].kind == OTHER || describes) {
            break;
        } else if (l[i].kind == TEXT && l[i].prose && !explained && i > start + 1 &&
                   (l[i - 1].kind == BLANK || l[i - 1].kind == FENCE)) {
            break;
        }
        explained =
            l[i].kind == EXPLAINED || (explained && (l[i].kind == TEXT || l[i].kind == BLANK));
        input |= l[i].kind == INPUT, output |= l[i].kind == OUTPUT;
        shown |= l[i].kind == SHOWN;
    }
    if (!fence && (shown || (input && output)))
        return i;
    *none = i;
    return start;
}

/* A pair `Input: DATA` and `Output: DATA` without a heading. */
static int pair_end(const line_t *l, int n, int i)
{
    int j = after_blanks(l, n, i + 1);
    if (l[i].data < 2 || j == n || l[j].kind != OUTPUT || !l[j].data)
        return i;
    int k = after_blanks(l, n, j + 1);
    return k < n && l[k].kind == EXPLAINED ? k + 1 : j + 1;
}

static void say_heading(text_t *heads, const line_t *l)
{
    size_t i = 0, n = l->n;
    while (i < n && !isalpha((unsigned char)l->s[i])) {
        const char *tag = l->s[i] == '<' ? memchr(l->s + i, '>', n - i) : NULL;
        i = tag ? (size_t)(tag - l->s) : i + 1;
    }
    const char *tag = memchr(l->s + i, '<', n - i);
    n = tag ? (size_t)(tag - l->s) : n;
    while (n > i && !isalnum((unsigned char)l->s[n - 1]))
        n--;
    text_addf(heads, "%s%.*s", heads->len ? ", " : "", (int)(n - i > 40 ? 40 : n - i), l->s + i);
}

static int letters_of(const text_t *t)
{
    int letters = 0;
    for (size_t i = 0; i < t->len && letters < 20; i++)
        letters += isalpha((unsigned char)t->s[i]) || (t->s[i] & 128);
    return letters;
}

int statement_samples(const char *statement, text_t *rest, text_t *heads)
{
    line_t *l = NULL;
    int n = 0, cap = 0, cuts = 0;
    size_t before = heads ? heads->len : 0;
    for (const char *s = statement; *s;) {
        line_t one = {.s = s, .n = strcspn(s, "\n")};
        one.n += s[one.n] == '\n';
        read_kind(&one);
        PUSH(l, n, cap, one);
        s += one.n;
    }
    text_clear(rest);
    for (int i = 0, end, none = 0; i < n; i = end) {
        int begins = l[i].kind == SHOWN || l[i].kind == SAMPLE;
        end = begins && i >= none  ? section_end(l, n, i, &none)
              : l[i].kind == INPUT ? pair_end(l, n, i)
                                   : i;
        if (end == i) {
            text_addn(rest, l[i].s, l[i].n);
            end = i + 1;
            continue;
        }
        cuts++;
        if (heads)
            say_heading(heads, &l[i]);
    }
    mem_free(l);
    if (!cuts || letters_of(rest) < 20) {
        if (heads && heads->s)
            heads->s[heads->len = before] = 0;
        text_clear(rest);
        text_add(rest, statement);
        cuts = 0;
    }
    return cuts;
}
