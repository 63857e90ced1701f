/* Inside floor 5: the table of languages, and what is known of their tool-chains here. */
#pragma once
#include "sandbox/wire.h"

enum { LINE_WORDS = 64 };
typedef struct {
    char *name; /* NULL: no such row */
    int python; /* driver: python.c, else command */
    char *file, *compile, *options, *keep, *run, *version, *precompile, *probe, *environment,
        *checker_file, *checker_text, *checker_run, *comment; /* NULL: none */
    int precompile_after;
    double cpu, wall, memory, processes, compiling; /* factors */
    /* found out in a sandbox at the first need; the keeper tells later launchers */
    int probed, here;
    uint64_t taken; /* options that the tool-chain takes, by their bits */
    char tool[640]; /* its version and its flags */
    char why[400];  /* not here: why */
} language_t;
/* by lang_t; names of one's own follow LANGS */
typedef struct {
    text_t text;
    language_t row[LANG_MOST];
} languages_t;

extern const char languages_builtin[]; /* input/languages.conf */
/* source: for complaints (CODE_USAGE).  The table is empty before. */
void languages_parse(languages_t *t, const char *source, const char *text);
/* The table that a deck names, or the built-in one.  The table is empty before. */
void languages_read(languages_t *t, const deck_t *d);
void languages_reset(languages_t *t);
int languages_find(const languages_t *t, const char *name); /* -1 */
int language_wants_class(const language_t *l);              /* its `run` says {class} */
void languages_names(const languages_t *t, text_t *out);
/* The same table, and what is known of tool-chains in it: between processes that trust each
   other. */
void languages_put(text_t *out, const languages_t *t);
void languages_get(wire_in_t *w, languages_t *t); /* frees what stood in t */
void language_put_found(text_t *out, int lang, const language_t *l);
void language_get_found(wire_in_t *w, languages_t *t);

typedef struct {
    char *word[LINE_WORDS + 1];
    int n;
    text_t room;
} line_t; /* word[n] is NULL */
/* Cuts a line into words and fills in {NAME} from pairs name, value, ..., NULL.  0, or why not
   (static). */
const char *line_split(line_t *l, const char *line, const char *const *pairs);
void line_reset(line_t *l);
limits_t language_limits(const language_t *l, limits_t given); /* times the factors */
