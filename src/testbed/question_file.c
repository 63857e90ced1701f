/* The table of questions as a file: [NAME.TASK] sections of key = value lines.

   input/questions.conf explains keys and placeholders and is built into the program; a user's
   FILE has the same form and goes through the same checks, each of which names file and line:
   unknown keys, tasks and placeholders, parts that are missing or given twice, a question
   without statement or candidates.  The task verify must be there; without judge, lists of judge
   sets are asked by it too.  conf.c reads the lines.  Cost: microseconds.  local */
#include "question.h"
#include "conf.h"
#include <errno.h>
#include <string.h>

__asm__(".section .rodata\n.global questions_builtin\nquestions_builtin:\n.incbin "
        "\"input/questions.conf\"\n.byte 0\n.previous\n");
extern const char questions_builtin[];

static const struct {
    const char *key, *known; /* placeholders, in blanks */
} parts[PARTS] = {{"instruct",
                   " statement candidates example shared count language letters boxes "},
                  {"think", " statement candidates example shared count language letters boxes "},
                  {"candidate", " letter program fence language tag "},
                  {"example", " input "},
                  {"shared", " lines fence language tag "},
                  {"samples", " "}};
static const char *const tasks[] = {"verify", "judge"};

typedef struct {
    const char *source, *want; /* the row that is read; NULL: the first */
    question_t *q;
    text_t name;      /* of the row that is read */
    char *row;        /* of the section before; NULL: none yet */
    int here, found;  /* the section before is the one; how many of the first task were */
    int task, judged; /* of tasks[], of the section before; was the second one there? */
    int line[PARTS], at;
} reading_t;

/* The placeholder at s ("{name}"): its length with braces, 0: it is none of the known. */
static size_t placeholder(const char *s, const char *known)
{
    size_t n = strcspn(s + 1, "}\\{ ");
    if (s[1 + n] != '}' || !n)
        return 0;
    for (const char *k = known; (k = strchr(k, ' ')) && k[1]; k++)
        if (!strncmp(k + 1, s + 1, n) && k[1 + n] == ' ')
            return n + 2;
    return 0;
}

/* Does the part have that placeholder? */
static int has(const char *part, const char *name)
{
    for (const char *s = part; *s; s++)
        if (*s == '\\' && s[1])
            s++;
        else if (*s == '{' && !strncmp(s, name, strlen(name)))
            return 1;
    return 0;
}

static void check_value(const reading_t *r, int line, part_t k, const char *value)
{
    for (const char *s = value; *s; s++) {
        if (*s == '\\' && !conf_escape(s[1]))
            fail(CODE_USAGE, "%s:%d: %s = %.60s: " CONF_ESCAPES, r->source, line, parts[k].key,
                 value);
        if (*s == '\\') {
            s++;
        } else if (*s == '{') {
            size_t n = placeholder(s, parts[k].known);
            if (!n)
                fail(CODE_USAGE,
                     "%s:%d: %s has %.20s: in its braces only%s%sare known; \\{ is a brace",
                     r->source, line, parts[k].key, s, k == PART_SAMPLES ? " none " : "",
                     k == PART_SAMPLES ? "" : parts[k].known);
            s += n - 1;
        }
    }
}

static char **parts_of(const reading_t *r)
{
    return r->task ? r->q->judge : r->q->part;
}

static void check_row(const reading_t *r)
{
    static const struct {
        part_t part;
        const char *needs[2];
    } needed[] = {{PART_INSTRUCT, {"{statement}", "{candidates}"}},
                  {PART_THINK, {"{statement}", "{candidates}"}},
                  {PART_CANDIDATE, {"{letter}", "{program}"}}};
    char *const *part = parts_of(r);
    const char *task = tasks[r->task];
    for (size_t i = 0; r->here && i < sizeof needed / sizeof *needed; i++) {
        part_t k = needed[i].part;
        if (!part[k])
            fail(CODE_USAGE, "%s:%d: [%s.%s]: `%s = ...` is missing", r->source, r->at, r->row,
                 task, parts[k].key);
        for (int j = 0; j < 2; j++)
            if (!has(part[k], needed[i].needs[j]))
                fail(CODE_USAGE, "%s:%d: [%s.%s]: %s has no %s", r->source, r->line[k], r->row,
                     task, parts[k].key, needed[i].needs[j]);
    }
    if (r->here && part[PART_SHARED] && !has(part[PART_SHARED], "{lines}"))
        fail(CODE_USAGE,
             "%s:%d: [%s.%s]: shared has no {lines}; they would be lost from the candidates",
             r->source, r->line[PART_SHARED], r->row, task);
}

static void section(void *ctx, int line, char *name)
{
    reading_t *r = ctx;
    char *dot = strrchr(name, '.');
    check_row(r);
    r->task = dot && !strcmp(dot + 1, tasks[1]);
    if (!dot || dot == name || strcmp(dot + 1, tasks[r->task]))
        fail(CODE_USAGE, "%s:%d: [%s]: expected [NAME.%s] or [NAME.%s]", r->source, line, name,
             tasks[0], tasks[1]);
    *dot = 0;
    if (!r->name.len)
        text_add(&r->name, r->want ? r->want : name);
    mem_free(r->row);
    r->row = name;
    r->at = line;
    r->here = !strcmp(name, r->name.s);
    r->found += r->here && !r->task;
    r->judged += r->here && r->task;
    memset(r->line, 0, sizeof r->line);
    if (r->found > 1 || r->judged > 1 || (!r->want && !r->here))
        fail(CODE_USAGE, "%s:%d: [%s.%s]: a second question; a file holds one", r->source, line,
             name, tasks[r->task]);
}

static void put(void *ctx, int line, const char *key, int more, char *value)
{
    reading_t *r = ctx;
    int k = 0;
    if (!r->row)
        fail(CODE_USAGE, "%s:%d: key %s stands before any [NAME.%s]", r->source, line, key,
             tasks[0]);
    while (k < PARTS && strcmp(key, parts[k].key))
        k++;
    if (k == PARTS)
        fail(CODE_USAGE,
             "%s:%d: unknown key %s; known are instruct, think, candidate, example, shared and "
             "samples",
             r->source, line, key);
    check_value(r, line, (part_t)k, value);
    if (k == PART_SAMPLES && (more || (strcmp(value, "cut") && strcmp(value, "keep"))))
        fail(CODE_USAGE, "%s:%d: samples = %s: expected keep or cut", r->source, line, value);
    if (r->here) {
        char **part = &parts_of(r)[k];
        if (*part && !more)
            fail(CODE_USAGE, "%s:%d: key %s is given twice; `%s += ...` goes on with it", r->source,
                 line, key, key);
        if (!*part && more)
            fail(CODE_USAGE,
                 "%s:%d: %s += goes on with a value that is not there; expected `%s = ...`",
                 r->source, line, key, key);
        text_t all = {0};
        text_addf(&all, "%s%s", more ? *part : "", value);
        mem_free(*part);
        *part = all.s;
        r->line[k] = line;
    }
    mem_free(value);
}

void question_read(question_t *q, const char *name, const char *file)
{
    reading_t r = {.source = file ? file : "input/questions.conf",
                   .want = file ? NULL : name,
                   .q = q};
    text_t text = {0};
    int bad = file ? text_read_file(&text, file) : 0;
    if (bad)
        fail(CODE_USAGE,
             "prompt.question = %s: expected auto, brief, full, or a file of the form of "
             "input/questions.conf (%s)",
             file, strerror(bad));
    if (file && text.s && memchr(text.s, 0, text.len))
        fail(CODE_USAGE, "%s: a NUL byte: this is not a question", file);
    conf_read(&(conf_t){section, put, &r}, r.source,
              !file    ? questions_builtin
              : text.s ? text.s
                       : "");
    check_row(&r);
    if (!r.found)
        fail(CODE_USAGE,
             "%s: no question in it; expected a section [NAME.verify] like those of "
             "input/questions.conf",
             r.source);
    q->cut = q->part[PART_SAMPLES] && !strcmp(q->part[PART_SAMPLES], "cut");
    text_reset(&text);
    text_reset(&r.name);
    mem_free(r.row);
}

void question_fill(text_t *out, const char *part, const filler_t *with)
{
    for (const char *s = part; *s; s++) {
        if (*s == '\\') {
            text_addn(out, &(char){conf_escape(*++s)}, 1);
        } else if (*s == '{') {
            size_t n = strcspn(s + 1, "}");
            const filler_t *f = with;
            while (f->name && (strncmp(f->name, s + 1, n) || f->name[n]))
                f++;
            ASSERT(f->name);
            text_addn(out, f->text, f->n);
            s += n + 1;
        } else {
            text_addn(out, s, 1);
        }
    }
}
