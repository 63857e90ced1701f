/* The chat template of a run: which one, with which system message, and what ends an answer.

   A template is not a program: it is the text before the question and the text after it,
   in each of the two modes.  [prompt] template names a row of input/templates.conf or a
   file of that form; auto chooses the first row of which the model's tokenizer has all
   tokens and the model directory's own chat template has the first token and all marks.
   Without a chat template it is a base model, and its tokens say nothing about how it
   was trained (those of base models have their families' chat tokens too): only a row
   that knows such tokenizers by all of their special tokens fits.  What cannot be decided
   ends the program, with what can be set.

   With the system message that the model's own template puts in (template_system.c) a
   model is asked as transformers' apply_chat_template would ask it.

   An answer ends with the row's stop tokens or those of the model directory
   (io/hf_chat.c), eight in all.  Everything that stands in <|...|> around a question must
   be a token of the tokenizer: a misspelt one would go unnoticed into every prompt.

   Cost: milliseconds, once a run.  local */
#include "template.h"
#include <errno.h>
#include <string.h>

enum { STOPS = sizeof((template_t *)0)->stop / sizeof *((template_t *)0)->stop };

typedef struct {                  /* while a template is being opened */
    const char *dir;              /* NULL: without a model */
    const tokenizer_t *tokenizer; /* NULL likewise */
    hf_chat_t chat;
    words_t words;
    rows_t table, file;
    const row_t *row;
} opening_t;

/* Words ------------------------------------------------------------------------------ */

/* Cuts the next word off *at; 0: there is none. */
static int next_word(const char **at, char word[128])
{
    *at += strspn(*at, " \t");
    size_t n = strcspn(*at, " \t");
    snprintf(word, 128, "%.*s", (int)n, *at);
    *at += n;
    return n > 0;
}

/* The first word that the tokenizer has no token for; 0: it has all. */
static int word_missing(const tokenizer_t *t, const char *words, char word[128])
{
    for (const char *at = words ? words : ""; next_word(&at, word);)
        if (tokenizer_special(t, word) < 0)
            return 1;
    return 0;
}

/* Does the chat template have the row's first token and all marks? */
static int reads_like(const char *chat, const row_t *row)
{
    char word[128];
    const char *at = row->value[ROW_TOKENS];
    if (!next_word(&at, word) || !strstr(chat, word))
        return 0;
    for (at = row->value[ROW_MARKS] ? row->value[ROW_MARKS] : ""; next_word(&at, word);)
        if (!strstr(chat, word))
            return 0;
    return 1;
}

/* Is this the very tokenizer that the row takes without a chat template? */
static int fits_alone(const opening_t *o, const row_t *row)
{
    char word[128], stop[128];
    int n = 0;
    const char *at = row->value[ROW_ALONE], *stops = row->value[ROW_STOP];
    if (!at || word_missing(o->tokenizer, at, word) || !next_word(&stops, stop))
        return 0;
    while (next_word(&at, word))
        n++;
    return tokenizer_specials(o->tokenizer) == n && o->words.eos && !strcmp(o->words.eos, stop);
}

static void list_names(const rows_t *r, text_t *out)
{
    for (int i = 0; i < r->n; i++)
        text_addf(out, "%s%s", i ? ", " : "", r->row[i].name);
}

/* Choosing --------------------------------------------------------------------------- */

/* The row for the model, or NULL and why there is none. */
static const row_t *choose(const opening_t *o, text_t *why)
{
    const char *chat = o->chat.template, *class = o->chat.tokenizer_class;
    char word[128];
    text_t near = {0};
    for (int i = 0; i < o->table.n; i++) {
        const row_t *row = &o->table.row[i];
        if (!row->value[ROW_TOKENS] || word_missing(o->tokenizer, row->value[ROW_TOKENS], word))
            continue;
        if (chat ? reads_like(chat, row) : fits_alone(o, row)) {
            text_reset(&near);
            return row;
        }
        text_addf(&near, "%s%s", near.len ? ", " : "", row->name);
    }
    text_add(why, chat ? "the model's chat template is none of the known ones"
                       : "there is no chat template, as with base models");
    if (class)
        text_addf(why, " (tokenizer_class %s)", class);
    text_add(why, chat ? ", or its tokens are not in the tokenizer; set prompt.template to one of "
                       : "; set prompt.template to plain (question and answer as plain text)");
    if (chat)
        list_names(&o->table, why);
    else if (near.len)
        text_addf(why,
                  ", to the form that it was trained on, if that is among these, whose tokens "
                  "it has: %s",
                  near.s);
    text_reset(&near);
    return NULL;
}

static void read_own(opening_t *o, const char *path)
{
    text_t text = {0}, names = {0};
    int bad = text_read_file(&text, path);
    list_names(&o->table, &names);
    if (bad)
        fail(
            CODE_USAGE,
            "prompt.template = %s: expected auto, %s, or a file of the form of input/templates.conf "
            "(%s)",
            path, names.s, strerror(bad));
    if (memchr(text.s, 0, text.len))
        fail(CODE_USAGE, "%s: a NUL byte: this is not a template", path);
    rows_parse(&o->file, path, text.s);
    if (o->file.n > 1)
        fail(CODE_USAGE, "%s:%d: [%s]: a second template; a file holds one", path,
             o->file.row[1].line, o->file.row[1].name);
    o->row = &o->file.row[0];
    text_reset(&text);
    text_reset(&names);
}

/* The template that the deck asks for; 0: auto, and it cannot be decided. */
static int pick(opening_t *o, const char *asked, int must, template_t *t)
{
    text_t why = {0};
    int i = rows_find(&o->table, asked);
    if (i >= 0) {
        o->row = &o->table.row[i];
        t->why = mem_text("as the deck says");
    } else if (strcmp(asked, "auto")) {
        read_own(o, asked);
        t->why = mem_text(asked);
    } else {
        o->row = choose(o, &why);
        t->why = mem_text(o->chat.template ? "chosen by the model's chat template"
                                           : "chosen by the tokenizer's special tokens, which are "
                                             "those that `aletheia init` gives");
    }
    if (!o->row && must)
        fail(
            CODE_USAGE,
            "prompt.template = auto: %s: how this model is to be asked cannot be decided: %s, or to "
            "a file of the form of input/templates.conf",
            o->dir, why.s);
    text_reset(&why);
    return o->row != NULL;
}

/* Filling in ------------------------------------------------------------------------- */

static void fill(const opening_t *o, row_key_t key, text_t part[2])
{
    const char *missing = row_fill(o->row, key, &o->words, part), *value = o->row->value[key];
    if (missing && o->dir)
        fail(
            CODE_DATA,
            "%s/tokenizer_config.json: field %.3s_token: a token's text was expected, since template %s "
            "has %s",
            o->dir, missing + 1, o->row->name, missing);
    for (int k = 0; o->tokenizer && value && k < 2; k++) {
        const char *word = k ? o->words.eos : o->words.bos;
        if (word && strstr(value, k ? "{eos}" : "{bos}") &&
            tokenizer_special(o->tokenizer, word) < 0)
            fail(CODE_DATA,
                 "%s/tokenizer.json has no special token %s, which is the model's %s_token and "
                 "stands in template %s",
                 o->dir, word, k ? "eos" : "bos", o->row->name);
    }
}

static void fill_all(const opening_t *o, template_t *t)
{
    text_t head = {0}, part[2] = {{0}, {0}}, open[2] = {{0}, {0}};
    fill(o, ROW_BEGIN, part);
    text_add(&head, part[0].s);
    if (t->system) {
        fill(o, ROW_SYSTEM, part);
        text_addf(&head, "%s%s%s", part[0].s, t->system, part[1].s);
    }
    fill(o, ROW_USER, part);
    text_add(&head, part[0].s);
    t->head = head.s;
    for (int mode = 0; mode < 2; mode++) {
        text_t tail = {0};
        fill(o, mode == MODE_THINK ? ROW_THINK : ROW_INSTRUCT, open);
        text_addf(&tail, "%s%s", part[1].s, open[0].s);
        t->tail[mode] = tail.s;
    }
    text_reset(&part[0]), text_reset(&part[1]), text_reset(&open[0]), text_reset(&open[1]);
    t->trim = o->row->value[ROW_TRIM] && !strcmp(o->row->value[ROW_TRIM], "yes");
}

/* What ends an answer ---------------------------------------------------------------- */

static void add_stop(const opening_t *o, template_t *t, int id, const char *text)
{
    for (int i = 0; i < t->n_stop; i++)
        if (id >= 0 && t->stop[i] == id)
            return;
    if (t->n_stop == STOPS)
        fail(
            CODE_DATA,
            "%s: more than %d tokens end an answer: those of template %s and eos_token_id of %s; leave "
            "some out",
            o->dir, STOPS, o->row->name, o->chat.end_from ? o->chat.end_from : "no file");
    t->stop[t->n_stop] = id;
    t->stop_text[t->n_stop++] = text ? mem_text(text) : NULL;
}

static void own_stops(const opening_t *o, template_t *t)
{
    char word[128];
    text_t part[2] = {{0}, {0}};
    fill(o, ROW_STOP, part);
    for (const char *at = part[0].s; next_word(&at, word);) {
        int id = o->tokenizer ? tokenizer_special(o->tokenizer, word) : -1;
        if (o->tokenizer && id < 0)
            fail(CODE_DATA,
                 "%s/tokenizer.json has no special token %s, which ends an answer in template %s",
                 o->dir, word, o->row->name);
        add_stop(o, t, id, word);
    }
    text_reset(&part[0]), text_reset(&part[1]);
}

static void model_stops(const opening_t *o, template_t *t)
{
    text_t text = {0};
    for (int i = 0; i < o->chat.n_end; i++) {
        int id = o->chat.end[i];
        text_clear(&text);
        tokenizer_decode(o->tokenizer, &id, 1, 1, &text);
        if (!text.len)
            fail(CODE_DATA, "%s: field eos_token_id: %d is no token of %s/tokenizer.json",
                 o->chat.end_from, id, o->dir);
        add_stop(o, t, id, tokenizer_special(o->tokenizer, text.s) == id ? text.s : NULL);
    }
    text_reset(&text);
}

/* Tokens of the frame ---------------------------------------------------------------- */

/* Everything written as a special token is one. */
static void check_tokens(const opening_t *o, const char *text)
{
    static const char *const open[] = {"<|", "<｜"}, *const close[] = {"|>", "｜>"};
    for (int k = 0; k < 2; k++)
        for (const char *s = text; (s = strstr(s, open[k])); s += strlen(open[k])) {
            const char *end = strstr(s, close[k]);
            char word[128];
            if (!end || end + strlen(close[k]) - s >= (long)sizeof word ||
                strcspn(s, " \n") < (size_t)(end - s))
                continue;
            snprintf(word, sizeof word, "%.*s", (int)(end - s + (long)strlen(close[k])), s);
            if (tokenizer_special(o->tokenizer, word) < 0)
                fail(CODE_DATA,
                     "%s/tokenizer.json has no special token %s, which template %s writes", o->dir,
                     word, o->row->name);
        }
}

static void check_row(const opening_t *o)
{
    char word[128];
    if (o->tokenizer && word_missing(o->tokenizer, o->row->value[ROW_TOKENS], word))
        fail(
            CODE_DATA,
            "%s/tokenizer.json has no special token %s, which template %s needs; is it another model's?",
            o->dir, word, o->row->name);
}

/* All ------------------------------------------------------------------------------------ */

/* What {bos} and {eos} are; the texts of numbers go to own[2]. */
static void find_words(opening_t *o, text_t own[2])
{
    int32_t id[2] = {o->chat.bos_id, o->chat.eos_id};
    const char **word[2] = {&o->words.bos, &o->words.eos};
    o->words = (words_t){o->chat.bos, o->chat.eos, NULL};
    for (int k = 0; k < 2 && o->tokenizer; k++) {
        if (*word[k] || id[k] < 0)
            continue;
        tokenizer_decode(o->tokenizer, &id[k], 1, 1, &own[k]);
        *word[k] = own[k].len ? own[k].s : NULL;
    }
}

/* What {start} is, only where it is asked for: a tokenizer may be one of which it is not known. */
static void find_start(opening_t *o, const char *system, text_t *own)
{
    int asked = strstr(system, "{start}") != NULL;
    for (row_key_t k = 0; k < ROW_KEYS; k++)
        asked |= o->row->value[k] && strstr(o->row->value[k], "{start}");
    if (!asked || !o->tokenizer)
        return;
    tokenizer_before_text(o->tokenizer, own);
    o->words.start = own->s;
    tokenizer_late_bos(o->tokenizer, &o->chat, o->dir);
}

static template_t *open_as(const char *asked, const char *system, const char *dir,
                           const tokenizer_t *tokenizer, int must)
{
    opening_t o = {.dir = dir, .tokenizer = tokenizer};
    template_t *t = ALLOC(template_t, 1);
    text_t own[3] = {{0}, {0}, {0}};
    rows_parse(&o.table, "input/templates.conf", templates_builtin);
    if (dir)
        hf_chat_read(dir, &o.chat);
    find_words(&o, own);
    if (!pick(&o, asked, must, t)) {
        template_free(t);
        t = NULL;
    } else {
        t->name = mem_text(o.row->name);
        check_row(&o);
        find_start(&o, system, &own[2]);
        t->system = template_system(o.row, o.chat.template, &o.words, dir, system);
        fill_all(&o, t);
        own_stops(&o, t);
        if (tokenizer) {
            check_tokens(&o, t->head);
            check_tokens(&o, t->tail[0]);
            check_tokens(&o, t->tail[1]);
            model_stops(&o, t);
        }
    }
    hf_chat_reset(&o.chat);
    rows_reset(&o.file);
    rows_reset(&o.table);
    for (int k = 0; k < 3; k++)
        text_reset(&own[k]);
    return t;
}

static template_t *with_question(template_t *t, const deck_t *d, const char *dir,
                                 const tokenizer_t *tokenizer)
{
    if (t)
        t->question = question_open(d, dir, tokenizer);
    return t;
}

template_t *template_open(const deck_t *d, const char *dir, const tokenizer_t *tokenizer)
{
    return with_question(open_as(deck_text(d, "prompt.template"), deck_text(d, "prompt.system"),
                                 dir, tokenizer, 1),
                         d, dir, tokenizer);
}

template_t *template_try(const deck_t *d, const char *dir, const tokenizer_t *tokenizer)
{
    return with_question(open_as(deck_text(d, "prompt.template"), deck_text(d, "prompt.system"),
                                 dir, tokenizer, 0),
                         d, dir, tokenizer);
}

template_t *template_named(const char *name)
{
    template_t *t = open_as(name, "auto", NULL, NULL, 1);
    t->question = question_named("brief");
    return t;
}

void template_free(template_t *t)
{
    if (!t)
        return;
    for (int i = 0; i < t->n_stop; i++)
        mem_free(t->stop_text[i]);
    mem_free(t->name), mem_free(t->why), mem_free(t->head), mem_free(t->system);
    mem_free(t->tail[0]), mem_free(t->tail[1]);
    question_free(t->question);
    mem_free(t);
}

/* Newlines as \n: one line. */
static void add_quoted(text_t *out, const char *s)
{
    for (; *s; s++)
        if (*s == '\n')
            text_add(out, "\\n");
        else
            text_addn(out, s, 1);
}

void template_say(const template_t *t, text_t *out)
{
    text_addf(out, "template %s (%s), ", t->name, t->why);
    if (t->system) {
        text_add(out, "system message `");
        add_quoted(out, t->system);
        text_add(out, "`");
    } else {
        text_add(out, "no system message");
    }
    text_add(out, "; an answer ends with");
    for (int i = 0; i < t->n_stop; i++)
        if (t->stop_text[i])
            text_addf(out, " %s", t->stop_text[i]);
        else
            text_addf(out, " token %d", t->stop[i]);
    text_add(out, "; ");
    question_say(t->question, out);
}
