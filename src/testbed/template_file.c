/* The table of chat templates as a file: [name] sections of key = value lines.

   input/templates.conf explains the keys and is built into the program; a user's FILE has
   the same form and goes through the same checks, each of which names file and line: what
   is neither section, key nor comment, keys that are unknown, doubled or missing,
   placeholders and escapes that mean nothing, a question or system message that has no
   place or two.  conf.c reads the lines.  Cost: microseconds.  local */
#include "template.h"
#include "conf.h"
#include <string.h>

__asm__(".section .rodata\n.global templates_builtin\ntemplates_builtin:\n.incbin "
        "\"input/templates.conf\"\n.byte 0\n.previous\n");

static const char *const key_names[ROW_KEYS] = {"tokens",   "marks",          "alone", "begin",
                                                "system",   "default_system", "user",  "think",
                                                "instruct", "stop",           "trim"};

/* Filling in ------------------------------------------------------------------------- */

/* The hole of a value: {user} or {system}. */
static const char *hole_of(row_key_t key)
{
    return key == ROW_USER ? "{user}" : key == ROW_SYSTEM ? "{system}" : NULL;
}

static int starts(const char *s, const char *with)
{
    return !strncmp(s, with, strlen(with));
}

enum { PLACES = 3 };
static const char *const places[PLACES] = {"{bos}", "{eos}", "{start}"};

/* Which of them begins at s; PLACES: none. */
static int place_of(const char *s)
{
    int k = 0;
    while (k < PLACES && !starts(s, places[k]))
        k++;
    return k;
}

/* NULL, or what is wrong at s; holes: how often the hole was met. */
static const char *check_value(row_key_t key, const char *s, int *holes)
{
    const char *hole = hole_of(key);
    for (*holes = 0; *s; s++) {
        if (*s == '\\' && !conf_escape(s[1]))
            return CONF_ESCAPES;
        if (*s == '\\')
            s++;
        else if (*s == '{' && hole && starts(s, hole))
            ++*holes, s += strlen(hole) - 1;
        else if (*s == '{' && place_of(s) == PLACES)
            return hole
                       ? "in braces only {bos}, {eos}, {start} and the key's own name are known; \\{ is a brace"
                       : "in braces only {bos}, {eos} and {start} are known here; \\{ is a brace";
    }
    return NULL;
}

const char *row_check(row_key_t key, const char *value)
{
    int holes;
    return check_value(key, value, &holes);
}

const char *row_fill(const row_t *r, row_key_t key, const words_t *words, text_t part[2])
{
    const char *const word[PLACES] = {words->bos, words->eos, words->start};
    const char *hole = hole_of(key), *missing = NULL;
    text_t *to = part;
    text_clear(&part[0]), text_clear(&part[1]);
    for (const char *s = r->value[key] ? r->value[key] : ""; *s; s++) {
        if (*s == '\\') {
            text_addn(to, &(char){conf_escape(*++s)}, 1);
        } else if (*s == '{' && hole && starts(s, hole)) {
            to = &part[1];
            s += strlen(hole) - 1;
        } else if (*s == '{') {
            int k = place_of(s);
            text_add(to, word[k] ? word[k] : places[k]);
            missing = word[k] ? missing : places[k];
            s += strlen(places[k]) - 1;
        } else {
            text_addn(to, s, 1);
        }
    }
    return missing;
}

/* Reading ---------------------------------------------------------------------------- */

static void put(void *ctx, int line, const char *key, int more, char *value)
{
    rows_t *r = ctx;
    row_t *row = r->n ? &r->row[r->n - 1] : NULL;
    int k = 0;
    if (!row)
        fail(CODE_USAGE, "%s:%d: key %s stands before any [name]", r->source, line, key);
    while (k < ROW_KEYS && strcmp(key, key_names[k]))
        k++;
    if (k == ROW_KEYS)
        fail(
            CODE_USAGE,
            "%s:%d: unknown key %s; known are tokens, marks, alone, begin, system, default_system, user, "
            "think, instruct, stop and trim",
            r->source, line, key);
    if (row->value[k] && !more)
        fail(CODE_USAGE, "%s:%d: key %s is given twice; `%s += ...` goes on with it", r->source,
             line, key, key);
    if (!row->value[k] && more)
        fail(CODE_USAGE, "%s:%d: %s += goes on with a value that is not there; expected `%s = ...`",
             r->source, line, key, key);
    int holes;
    const char *wrong = check_value((row_key_t)k, value, &holes);
    if (wrong)
        fail(CODE_USAGE, "%s:%d: %s = %s: %s", r->source, line, key, value, wrong);
    text_t all = {0};
    text_addf(&all, "%s%s", more ? row->value[k] : "", value);
    mem_free(row->value[k]);
    mem_free(value);
    row->value[k] = all.s;
    row->line_of[k] = line;
}

static void section(void *ctx, int line, char *name)
{
    rows_t *r = ctx;
    if (!*name || rows_find(r, name) >= 0)
        fail(CODE_USAGE, "%s:%d: [%s]: %s", r->source, line, name,
             *name ? "this section is there already" : "a name was expected in the brackets");
    PUSH(r->row, r->n, r->cap, ((row_t){.name = name, .line = line}));
}

/* Checking --------------------------------------------------------------------------- */

static void check_row(const rows_t *r, const row_t *row)
{
    static const row_key_t needed[] = {ROW_USER, ROW_THINK, ROW_INSTRUCT, ROW_STOP};
    int holes;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!row->value[needed[i]])
            fail(CODE_USAGE, "%s:%d: [%s]: `%s = ...` is missing", r->source, row->line, row->name,
                 key_names[needed[i]]);
    for (row_key_t k = 0; k < ROW_KEYS; k++) {
        if (!row->value[k] || !hole_of(k))
            continue;
        check_value(k, row->value[k], &holes);
        if (holes != 1)
            fail(CODE_USAGE, "%s:%d: [%s]: %s has %s %d times; once was expected", r->source,
                 row->line_of[k], row->name, key_names[k], hole_of(k), holes);
    }
    if (row->value[ROW_DEFAULT_SYSTEM] && !row->value[ROW_SYSTEM])
        fail(CODE_USAGE,
             "%s:%d: [%s]: default_system without `system = ...`, which says where it goes",
             r->source, row->line_of[ROW_DEFAULT_SYSTEM], row->name);
    if (!row->value[ROW_STOP][strspn(row->value[ROW_STOP], " \t")])
        fail(CODE_USAGE, "%s:%d: [%s]: stop is empty; a token that ends an answer was expected",
             r->source, row->line_of[ROW_STOP], row->name);
    const char *trim = row->value[ROW_TRIM];
    if (trim && strcmp(trim, "yes") && strcmp(trim, "no"))
        fail(CODE_USAGE, "%s:%d: trim = %s: expected yes or no", r->source, row->line_of[ROW_TRIM],
             trim);
}

void rows_parse(rows_t *r, const char *source, const char *text)
{
    *r = (rows_t){.source = mem_text(source)};
    conf_read(&(conf_t){section, put, r}, source, text);
    if (!r->n)
        fail(CODE_USAGE,
             "%s: no template in it; expected a section like those of input/templates.conf",
             source);
    for (int i = 0; i < r->n; i++)
        check_row(r, &r->row[i]);
}

void rows_reset(rows_t *r)
{
    for (int i = 0; i < r->n; i++) {
        mem_free(r->row[i].name);
        for (int k = 0; k < ROW_KEYS; k++)
            mem_free(r->row[i].value[k]);
    }
    mem_free(r->row);
    mem_free(r->source);
    *r = (rows_t){0};
}

int rows_find(const rows_t *r, const char *name)
{
    for (int i = 0; i < r->n; i++)
        if (!strcmp(r->row[i].name, name))
            return i;
    return -1;
}
