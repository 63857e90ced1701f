/* Languages as data: a table with one section per language (input/languages.conf, which
   explains its keys; built into the program, so that it works from any folder).

   A table is read once, in the rank, where every complaint names file and line and ends
   the program; its text then goes to the keeper and from there to launchers, which read
   it again.  Rows of names that problem files know stand at their lang_t, others after
   LANGS: `exec` runs those too.

   Whether a tool-chain is there, of which version, and which options it takes is found
   out in a sandbox when a language is first asked for (toolchain.c) and then stands
   beside the row.  A row's `tool` line holds the version, every flag and every factor:
   it is part of every verdict's key. */
#include "languages.h"
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

__asm__(".section .rodata\n.global languages_builtin\nlanguages_builtin:\n.incbin "
        "\"input/languages.conf\"\n.byte 0\n.previous\n");

/* lines ------------------------------------------------------------------------------ */

static const char *fill_in(text_t *room, const char **at, const char *const *pairs)
{
    const char *end = strchr(*at, '}');
    size_t n = end ? (size_t)(end - *at - 1) : 0;
    for (int i = 0; end && pairs[i]; i += 2)
        if (strlen(pairs[i]) == n && !memcmp(pairs[i], *at + 1, n)) {
            text_add(room, pairs[i + 1]);
            *at = end + 1;
            return NULL;
        }
    return "in braces only {source}, {program} and {memory_mb} are known, in `run` {class} too, and in `environment` {folder}";
}

const char *line_split(line_t *l, const char *line, const char *const *pairs)
{
    size_t from[LINE_WORDS];
    int quoted = 0;
    const char *wrong = NULL;
    *l = (line_t){0};
    for (const char *at = line; !wrong && *at;) {
        if (*at == ' ' || *at == '\t') {
            at++;
            continue;
        }
        if (l->n == LINE_WORDS)
            return "more than 64 words";
        from[l->n++] = l->room.len;
        for (; !wrong && *at && (quoted || (*at != ' ' && *at != '\t'));)
            if (*at == '"')
                quoted = !quoted, at++;
            else if (*at == '{')
                wrong = fill_in(&l->room, &at, pairs);
            else
                text_addn(&l->room, at++, 1);
        text_addn(&l->room, "", 1);
    }
    if (quoted)
        wrong = "a quotation mark has no partner";
    for (int i = 0; i < l->n; i++)
        l->word[i] = l->room.s + from[i];
    return wrong;
}

void line_reset(line_t *l)
{
    text_reset(&l->room);
    *l = (line_t){0};
}

/* reading ---------------------------------------------------------------------------- */

typedef struct {
    languages_t *table;
    char seen[LANG_MOST][32];
    char where[LANG_MOST][600]; /* of the row's last line */
} filling_t;

static const char *const keys[] = {"driver",           "file",          "compile",
                                   "options",          "keep",          "run",
                                   "version",          "precompile",    "probe",
                                   "environment",      "checker_file",  "checker_text",
                                   "checker_run",      "comment",       "precompile_after",
                                   "cpu_factor",       "wall_factor",   "memory_factor",
                                   "processes_factor", "compile_factor"};
enum {
    N_KEY = sizeof keys / sizeof *keys,
    FIRST_TEXT = 1,
    KEEP = 4,
    RUN = 5,
    PROBE = 8,
    ENVIRONMENT = 9,
    CHECKER_FILE = 10,
    CHECKER_TEXT = 11,
    CHECKER_RUN = 12,
    COMMENT = 13,
    AFTER = 14,
    FIRST_FACTOR = 15
};

static char **text_field(language_t *l, int key)
{
    char **const f[] = {&l->file,        &l->compile,      &l->options,      &l->keep,
                        &l->run,         &l->version,      &l->precompile,   &l->probe,
                        &l->environment, &l->checker_file, &l->checker_text, &l->checker_run,
                        &l->comment};
    return f[key - FIRST_TEXT];
}

static int row_of(filling_t *f, const char *where, const char *name)
{
    languages_t *t = f->table;
    int i = languages_find(t, name), n = LANGS;
    if (i >= 0)
        return i;
    if (strlen(name) > 31 ||
        strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789+-_") != strlen(name))
        fail(CODE_USAGE,
             "%s: [%s]: a language's name has at most 31 small letters, digits, +, - and _", where,
             name);
    for (i = 0; i < LANGS && strcmp(lang_names[i], name); i++) {
    }
    while (i == LANGS && n < LANG_MOST && t->row[n].name)
        n++;
    i = i < LANGS ? i : n;
    if (i == LANG_MOST)
        fail(CODE_USAGE, "%s: [%s]: at most %d languages with names of one's own", where, name,
             LANG_MOST - LANGS);
    t->row[i] = (language_t){.name = mem_text(name),
                             .cpu = 1,
                             .wall = 1,
                             .memory = 1,
                             .processes = 1,
                             .compiling = 1};
    return i;
}

static double number_of(const char *where, const char *section, const char *name, const char *value,
                        double low, double high)
{
    char *end;
    double x = strtod(value, &end);
    if (end == value || *end || !(x >= low && x <= high))
        fail(CODE_USAGE, "%s: %s.%s = %s: expected a number from %g to %g", where, section, name,
             value, low, high);
    return x;
}

static int comment_fits(const line_t *l)
{
    int fits = l->n <= 2;
    for (int i = 0; i < l->n; i++)
        fits &= *l->word[i] && strlen(l->word[i]) < sizeof((comment_t *)0)->begin;
    return fits;
}

static void take_text(language_t *l, int key, const char *where, const char *name,
                      const char *value)
{
    line_t line = {.n = 1};
    const char *pairs[] = {"source", "", "program", "", "memory_mb", "", "class", "", NULL};
    if (key != RUN && key != CHECKER_RUN)
        pairs[6] = NULL;
    if (key == ENVIRONMENT)
        pairs[0] = "folder", pairs[2] = NULL;
    const char *wrong =
        key == PROBE || key == CHECKER_TEXT ? NULL : line_split(&line, value, pairs);
    if (!wrong && !line.n)
        wrong = key == COMMENT ? "nothing stands there; leave the key out, or write it in "
                                 "quotation marks: comment = \"#\""
                               : "nothing stands there; leave the key out";
    if (!wrong && key == COMMENT && !comment_fits(&line))
        wrong = "expected what begins a comment that the line ends, or what begins and what ends "
                "one: one or two words of at most 7 bytes";
    if (!wrong && (key == FIRST_TEXT || key == CHECKER_FILE) &&
        (line.n > 1 || strchr(value, '/') || value[0] == '.' || strchr(value, '{')))
        wrong = "expected the plain name of a file, like main.c";
    for (int i = 0; !wrong && key == KEEP && i < line.n; i++)
        if (strchr(line.word[i] + (strncmp(line.word[i], "**/", 3) ? 0 : 3), '/') ||
            strchr(value, '{'))
            wrong =
                "expected plain names of files, * allowed, **/ before one that is in folders too";
    if (!wrong && !strcmp(keys[key], "options") && line.n > 16)
        wrong = "at most 16 words";
    if (!wrong && key == ENVIRONMENT && (line.n > 4 || !strchr(value, '=')))
        wrong = "expected NAME=VALUE, four at most";
    line_reset(&line);
    if (wrong)
        fail(CODE_USAGE, "%s: %s.%s = %s: %s", where, l->name, name, value, wrong);
    text_t all = {0};
    if (*text_field(l, key)) /* checker_text goes on */
        text_addf(&all, "%s\n", *text_field(l, key));
    text_add(&all, value);
    mem_free(*text_field(l, key));
    *text_field(l, key) = mem_text(all.s);
    text_reset(&all);
}

static void on_line(void *user, const char *where, const char *section, const char *name,
                    const char *value)
{
    filling_t *f = user;
    int key = 0, i = row_of(f, where, section);
    language_t *l = &f->table->row[i];
    while (key < N_KEY && strcmp(keys[key], name))
        key++;
    if (key == N_KEY) {
        text_t all = {0};
        for (int k = 0; k < N_KEY; k++)
            text_addf(&all, "%s%s", k ? ", " : "", keys[k]);
        fail(CODE_USAGE, "%s: [%s] has no key %s; expected one of %s", where, section, name, all.s);
    }
    if (f->seen[i][key] && key != CHECKER_TEXT)
        fail(CODE_USAGE, "%s: key %s of [%s] is given twice; one of the lines has to go", where,
             name, section);
    f->seen[i][key] = 1;
    snprintf(f->where[i], sizeof f->where[i], "%s", where);
    double *const factor[] = {&l->cpu, &l->wall, &l->memory, &l->processes, &l->compiling};
    if (key >= FIRST_FACTOR) {
        *factor[key - FIRST_FACTOR] = number_of(where, section, name, value, 0.1, 100);
    } else if (key == AFTER) {
        l->precompile_after = (int)number_of(where, section, name, value, 0, 1e6);
    } else if (key >= FIRST_TEXT) {
        take_text(l, key, where, name, value);
    } else {
        l->python = !strcmp(value, "python");
        if (!l->python && strcmp(value, "command"))
            fail(CODE_USAGE, "%s: %s.driver = %s: expected command or python", where, section,
                 value);
    }
}

static void check_row(const language_t *l, const char *where)
{
    const char *missing = !l->file                    ? "file"
                          : !l->run && !l->python     ? "run"
                          : !l->version && !l->python ? "version"
                                                      : NULL;
    if (missing)
        fail(CODE_USAGE,
             "%s: language %s: required key `%s` is missing; add a line `%s = ...` to [%s]", where,
             l->name, missing, missing, l->name);
    const char *without = l->options      ? "options"
                          : l->keep       ? "keep"
                          : l->precompile ? "precompile"
                          : l->probe      ? "probe"
                                          : NULL;
    if (!l->compile && without)
        fail(CODE_USAGE,
             "%s: language %s: `%s` means nothing without `compile`; add that, or leave it out",
             where, l->name, without);
    if (!l->compile && language_wants_class(l))
        fail(CODE_USAGE,
             "%s: language %s: {class} is looked for in what `compile` leaves; add that", where,
             l->name);
    if (!l->checker_file != !l->checker_text || (l->checker_file && !l->checker_run))
        fail(CODE_USAGE,
             "%s: language %s: `checker_file`, `checker_text` and `checker_run` go together", where,
             l->name);
    if (l->options && !l->probe)
        fail(CODE_USAGE,
             "%s: language %s: `options` are tried on a program; add one in a line `probe = ...`",
             where, l->name);
    if (l->python && strcmp(l->name, lang_names[LANG_PYTHON]))
        fail(CODE_USAGE,
             "%s: language %s: driver = python belongs to [python] alone; expected command", where,
             l->name);
    if (!strcmp(l->name, lang_names[LANG_PYTHON]) && !l->python)
        fail(CODE_USAGE, "%s: language python: expected driver = python", where);
}

void languages_parse(languages_t *t, const char *source, const char *text)
{
    filling_t *f = ALLOC(filling_t, 1);
    int n = 0;
    f->table = t;
    deck_lines(source, text, on_line, f);
    for (int i = 0; i < LANG_MOST; i++)
        if (t->row[i].name) {
            check_row(&t->row[i], f->where[i]);
            n++;
        }
    if (!n)
        fail(CODE_USAGE, "%s: no language in it; expected sections like input/languages.conf has",
             source);
    mem_free(f);
    text_clear(&t->text);
    text_add(&t->text, text);
}

void languages_reset(languages_t *t)
{
    for (int i = 0; i < LANG_MOST; i++) {
        language_t *l = &t->row[i];
        mem_free(l->name);
        for (int key = FIRST_TEXT; key < AFTER; key++)
            mem_free(*text_field(l, key));
    }
    text_reset(&t->text);
    *t = (languages_t){0};
}

int language_wants_class(const language_t *l)
{
    return l->run && strstr(l->run, "{class}") != NULL;
}

int languages_find(const languages_t *t, const char *name)
{
    for (int i = 0; i < LANG_MOST; i++)
        if (t->row[i].name && !strcmp(t->row[i].name, name))
            return i;
    return -1;
}

void languages_names(const languages_t *t, text_t *out)
{
    for (int i = 0, n = 0; i < LANG_MOST; i++)
        if (t->row[i].name)
            text_addf(out, "%s%s", n++ ? ", " : "", t->row[i].name);
}

/* travelling ------------------------------------------------------------------------- */

void language_put_found(text_t *out, int lang, const language_t *l)
{
    wire_put_i64(out, lang);
    wire_put_i64(out, l->probed);
    wire_put_i64(out, l->here);
    wire_put_i64(out, (int64_t)l->taken);
    wire_put_bytes(out, l->tool, strlen(l->tool));
    wire_put_bytes(out, l->why, strlen(l->why));
}

void language_get_found(wire_in_t *w, languages_t *t)
{
    size_t n;
    int64_t lang = wire_i64(w);
    if (w->bad || lang < 0 || lang >= LANG_MOST) {
        w->bad = 1;
        return;
    }
    language_t *l = &t->row[lang];
    l->probed = (int)wire_i64(w);
    l->here = (int)wire_i64(w);
    l->taken = (uint64_t)wire_i64(w);
    snprintf(l->tool, sizeof l->tool, "%s", wire_bytes(w, &n));
    snprintf(l->why, sizeof l->why, "%s", wire_bytes(w, &n));
}

void languages_put(text_t *out, const languages_t *t)
{
    wire_put_bytes(out, t->text.s, t->text.len);
}

void languages_get(wire_in_t *w, languages_t *t)
{
    size_t n;
    char *text = mem_text(wire_bytes(w, &n)); /* it may be t's own */
    languages_reset(t);
    languages_parse(t, "languages", text);
    mem_free(text);
}

limits_t language_limits(const language_t *l, limits_t g)
{
    if (!l->name)
        return g;
#define TIMES(name, by) g.name = (int)fmin(ceil(g.name * (by)), 2e9)
    TIMES(cpu_ms, l->cpu);
    TIMES(wall_ms, l->wall);
    TIMES(memory_kb, l->memory);
    TIMES(processes, l->processes);
    TIMES(compile_cpu_ms, l->compiling);
    TIMES(compile_wall_ms, l->compiling);
    TIMES(compile_memory_kb, l->compiling);
#undef TIMES
    return g;
}
