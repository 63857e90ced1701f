/* The one table of deck keys (include/keys.def), and what is made from it: checks, the nearest
   valid key for a typo, the reference deck, and the help page of a verb.

   A key is one row; nothing else in the program knows defaults or ranges.  Numbers are read by
   strtod and kept as text, so the effective deck shows what the user wrote.  The nearest key is
   that of the smallest edit distance (Levenshtein, names counting twice as much as sections).
   Cost: microseconds, once per key of a deck. */
#include "deck_keys.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define INT       KEY_INT, NULL
#define REAL      KEY_REAL, NULL
#define FLAG      KEY_FLAG, NULL
#define TEXT      KEY_TEXT, NULL
#define PATH      KEY_PATH, NULL
#define CHOICE(s) KEY_CHOICE, s
enum { FREE, FIXED };
#define KEY(section, name, type, fallback, low, high, unit, resume, verbs, meaning) \
    {#section, #name, #section "." #name, type, fallback, low, high, unit, resume, verbs, meaning},
const deck_key_t deck_keys[] = {
#include "keys.def"
};

static const char *const type_names[] = {"integer", "number", "yes|no", "text", "path", ""};

int deck_n_keys(void)
{
    return (int)(sizeof deck_keys / sizeof *deck_keys);
}

int deck_key_find(const char *section, const char *name)
{
    for (int i = 0; i < deck_n_keys(); i++)
        if (!strcmp(deck_keys[i].section, section) && !strcmp(deck_keys[i].name, name))
            return i;
    return -1;
}

/* Edit distance, two rows. */
static int distance(const char *a, const char *b)
{
    int n = (int)strlen(b), row[256], m = (int)strlen(a);
    if (n > 255 || m > 255)
        return 1000;
    for (int j = 0; j <= n; j++)
        row[j] = j;
    for (int i = 1; i <= m; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            int cost = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < cost)
                cost = row[j] + 1;
            if (row[j - 1] + 1 < cost)
                cost = row[j - 1] + 1;
            row[j] = cost;
        }
    }
    return row[n];
}

int deck_key_nearest(const char *section, const char *name)
{
    int best = 0, least = 10000;
    for (int i = 0; i < deck_n_keys(); i++) {
        int names = distance(name, deck_keys[i].name),
            d = 2 * names + distance(section, deck_keys[i].section);
        if (d < least) {
            least = d;
            best = i;
        }
    }
    return best;
}

static int accepts_number(const deck_key_t *k, const char *value, text_t *why)
{
    char *end;
    errno = 0;
    double x = strtod(value, &end);
    int whole = k->type == KEY_INT;
    if (end == value || *end || !isfinite(x) || (whole && x != floor(x))) {
        text_addf(why, "expected %s", whole ? "an integer" : "a number");
        return 0;
    }
    if (x < k->low || x > k->high) {
        text_addf(why, "out of range, expected %.15g to %.15g%s%s", k->low, k->high,
                  *k->unit ? " " : "", k->unit);
        return 0;
    }
    return 1;
}

/* Would the value, written by deck_write, be read again as it is?  From a file it always would; an
   override may be anything that the shell lets through. */
static int is_writable(const deck_key_t *k, const char *value, text_t *why)
{
    size_t n = strlen(value), name = strlen(k->name),
           most = DECK_LINE - (name > 16 ? name : 16) - 3;
    for (const char *c = value; *c; c++) {
        if ((*c >= 0 && *c < ' ' && *c != '\t') || *c == 127)
            text_addf(why, "a value is one line without control characters");
        else if ((*c == '#' || *c == ';') && (c == value || c[-1] == ' ' || c[-1] == '\t'))
            text_addf(why, "%c at its start or after a space begins a comment", *c);
        else if ((*c == ' ' || *c == '\t') && (c == value || !c[1]))
            text_addf(why, "a value has no space at its ends");
        if (why->len)
            return 0;
    }
    if (n > most)
        text_addf(why, "%zu characters are too long for a line of a deck; at most %zu fit", n,
                  most);
    return n <= most;
}

int deck_key_accepts(const deck_key_t *k, const char *value, text_t *why)
{
    if (!is_writable(k, value, why))
        return 0;
    if (k->type == KEY_INT || k->type == KEY_REAL)
        return accepts_number(k, value, why);
    if (k->type == KEY_FLAG && strcmp(value, "yes") && strcmp(value, "no")) {
        text_addf(why, "expected yes or no");
        return 0;
    }
    if (k->type == KEY_CHOICE) {
        size_t n = strlen(value);
        for (const char *c = k->choices; *c; c += strcspn(c, "|"), c += *c == '|')
            if (n && strcspn(c, "|") == n && !strncmp(c, value, n))
                return 1;
        text_addf(why, "expected one of %s", k->choices);
        return 0;
    }
    return 1;
}

static void describe(const deck_key_t *k, text_t *out)
{
    text_addf(out, "%s", k->type == KEY_CHOICE ? k->choices : type_names[k->type]);
    if (k->type == KEY_INT || k->type == KEY_REAL)
        text_addf(out, " %.15g..%.15g", k->low, k->high);
    if (*k->unit)
        text_addf(out, " %s", k->unit);
}

void deck_reference(text_t *out)
{
    text_add(out,
             "# Every key of every deck, with its default.  Generated: aletheia help reference\n"
             "# After each key's meaning: type and range, unit; who reads it; `fixed` keys must\n"
             "# not change when a run is resumed.\n");
    for (int i = 0; i < deck_n_keys(); i++) {
        const deck_key_t *k = &deck_keys[i];
        if (i == 0 || strcmp(k->section, k[-1].section))
            text_addf(out, "\n[%s]\n", k->section);
        text_addf(out, "# %s\n# (", k->meaning);
        describe(k, out);
        text_addf(out, "; %s%s)\n%-16s = %s\n", k->verbs, k->fixed ? "; fixed" : "", k->name,
                  k->fallback);
    }
}

/* Is `verb` one of the space-separated words? */
static int has_word(const char *words, const char *verb)
{
    size_t n = strlen(verb);
    for (const char *w = words; *w; w += strcspn(w, " "), w += *w == ' ')
        if (strcspn(w, " ") == n && !strncmp(w, verb, n))
            return 1;
    return 0;
}

void deck_help(text_t *out, const char *verb)
{
    for (int i = 0; i < deck_n_keys(); i++) {
        const deck_key_t *k = &deck_keys[i];
        if (verb && !has_word(k->verbs, verb))
            continue;
        text_addf(out, "  %-28s %-12s %s  [", k->full, *k->fallback ? k->fallback : "-",
                  k->meaning);
        describe(k, out);
        text_add(out, "]\n");
    }
}
