/* The system message of a run.

   prompt.system = auto: the template row's default_system, or the one that the model's own
   chat template puts in when none is given, found in that text as a literal between the
   two parts of the row's `system`:  '<|im_start|>system\nYou are Qwen, ...<|im_end|>\n'.
   Two different ones leave it undecided, which ends the program.  What is put together
   from variables is no literal and is not found.  none: none.  Else the text itself, with
   the escapes of a template file.  local */
#include "template.h"
#include <string.h>

/* Escapes of a text, undone, {bos} and {eos} filled in. */
static char *fill_text(const char *text, const words_t *words, const char *dir)
{
    row_t row = {.value = {[ROW_DEFAULT_SYSTEM] = (char *)(uintptr_t)text}};
    text_t part[2] = {{0}, {0}};
    const char *missing = row_fill(&row, ROW_DEFAULT_SYSTEM, words, part);
    if (missing && dir)
        fail(CODE_DATA,
             "%s/tokenizer_config.json names no %.3s_token, but the system message has %s", dir,
             missing + 1, missing);
    text_reset(&part[1]);
    return part[0].s;
}

/* A system message must survive being written into the deck of a checkpoint. */
static void check_system(const row_t *row, const char *text)
{
    const char *wrong = row_check(ROW_DEFAULT_SYSTEM, text);
    size_t n = strlen(text);
    if (!wrong && (n > 150 || strstr(text, " #") || strstr(text, " ;") || !n ||
                   strchr(" \t", text[0]) || strchr(" \t", text[n - 1])))
        wrong =
            "expected auto, none or a text of up to 150 characters without blanks at its ends and "
            "without # or ; after a blank; another one can be the default_system of a template file";
    if (!wrong && !row->value[ROW_SYSTEM])
        wrong = "the template has no place for a system message";
    if (wrong)
        fail(CODE_USAGE, "prompt.system = %s: %s (template %s)", text, wrong, row->name);
}

/* Jinja's escapes, undone; escaped quotes and backslashes stand as \1 \2 \3 meanwhile. */
static char *unescaped(const char *s)
{
    char *out = mem_text(s), *to = out;
    for (; *s; s++) {
        const char *known = "n'\"\\t", *k = *s == '\\' && s[1] ? strchr(known, s[1]) : NULL;
        *to++ = k ? "\n\1\2\3\t"[k - known] : *s;
        s += k != NULL;
    }
    *to = 0;
    return out;
}

/* The literal between `before` and `after` that begins at s, in quotes q (0: plain text of the
   template): its length, or -1. */
static long literal(const char *s, const char *after, char q)
{
    const char *end = strstr(s, after);
    for (const char *c = s; end && c < end; c++)
        if (q ? *c == q : *c == '{' && (c[1] == '{' || c[1] == '%'))
            return -1;
    return end ? end - s : -1;
}

/* The system message that the model's own chat template puts in; NULL: none. */
static char *own_system(const row_t *row, const char *own, const words_t *words, const char *dir)
{
    text_t part[2] = {{0}, {0}}, found = {0};
    row_fill(row, ROW_SYSTEM, words, part);
    char *text = own && part[0].len && part[1].len ? unescaped(own) : NULL;
    for (const char *s = text; s && (s = strstr(s, part[0].s)); s++) {
        char q = s > text && (s[-1] == '\'' || s[-1] == '"') ? s[-1] : 0;
        const char *at = s + part[0].len;
        long n = literal(at, part[1].s, q);
        if (n < 0)
            continue;
        if (found.s && (found.len != (size_t)n || memcmp(found.s, at, found.len)))
            fail(
                CODE_USAGE,
                "prompt.system = auto: the chat template of %s has more than one default system message; "
                "set prompt.system to none or to a text",
                dir);
        text_clear(&found);
        text_addn(&found, at, (size_t)n);
    }
    for (char *c = found.s; c && *c; c++)
        *c = *c == 1 ? '\'' : *c == 2 ? '"' : *c == 3 ? '\\' : *c;
    text_reset(&part[0]), text_reset(&part[1]);
    mem_free(text);
    return found.s;
}

char *template_system(const row_t *row, const char *own, const words_t *words, const char *dir,
                      const char *asked)
{
    if (!strcmp(asked, "none"))
        return NULL;
    if (strcmp(asked, "auto")) {
        check_system(row, asked);
        return fill_text(asked, words, dir);
    }
    return row->value[ROW_DEFAULT_SYSTEM] ? fill_text(row->value[ROW_DEFAULT_SYSTEM], words, dir)
                                          : own_system(row, own, words, dir);
}
