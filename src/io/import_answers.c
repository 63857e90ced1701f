/* What stands in a line of a judge set: requests, answers, and answers that are code.

   A request is a text or a list of messages; answers stand at a key as a text or as a list of
   texts, none empty, at most four of them wrong.  judge_code takes answers of a line for programs
   where all of them are nothing else (import_judge.c says when).  Cost: a line's bytes a few times. */
#include "import.h"
#include <string.h>

enum { RIGHT_MOST = 1000, WRONG_MOST = 4 };

/* Where a set's right and wrong answers stand. */
const char *judge_key(judge_set_t set, int wrong)
{
    return set == JUDGE_JUDGEBENCH       ? "response_B"
           : set == JUDGE_CODEJUDGEBENCH ? (wrong ? "neg_response" : "pos_response")
           : wrong                       ? "rejected"
                                         : "chosen";
}

/* Texts --------------------------------------------------------------------------------- */

int judge_blank(const char *s)
{
    return !s[strspn(s, " \t\r\n\v\f")];
}

const char *judge_said(const field_t *f, const char *key)
{
    const char *s = field_text(f, key);
    if (judge_blank(s))
        field_bad(f, key, "empty; a text was expected");
    return s;
}

/* A text, or messages: one as it stands, of several each behind its role. */
void judge_request(import_judge_t *j, const field_t *f, const char *key)
{
    const json_t *v = field_get(f, key), *one;
    size_t i, n = json_array_size(v);
    if (!json_is_array(v)) {
        text_add(&j->statement, judge_said(f, key));
        return;
    }
    if (!n)
        field_bad(f, key, "empty; a text, or messages with role and content, were expected");
    json_array_foreach (v, i, one) {
        field_t m = field_item(f, key, i, one);
        const char *role = judge_said(&m, "role"), *content = judge_said(&m, "content");
        if (n > 1)
            text_addf(&j->statement, "%s%s: ", i ? "\n\n" : "", role);
        text_add(&j->statement, content);
    }
}

static judge_text_t *add_answer(import_judge_t *j, const char *s)
{
    judge_text_t t = {mem_text(s), judge_set_names[j->set], ""};
    int n = j->right + j->wrong;
    PUSH(j->text, n, j->cap, t);
    return &j->text[j->right + j->wrong];
}

/* The texts at a key, as right or wrong answers. */
void judge_side(import_judge_t *j, const field_t *f, const char *key, int *count)
{
    const json_t *v = field_get(f, key), *one;
    size_t i, n = json_array_size(v), most = count == &j->right ? RIGHT_MOST : WRONG_MOST;
    if (!v)
        field_bad(f, key, "missing; a text, or a list of texts, was expected");
    if (!json_is_array(v)) {
        add_answer(j, judge_said(f, key));
        ++*count;
        return;
    }
    if (j->set == JUDGE_RMBENCH && n != 3)
        field_bad(f, key,
                  "%zu answers; 3 were expected, as RM-Bench has them: concise, detailed, detailed "
                  "with markdown",
                  n);
    if (!n || n > most)
        field_bad(f, key, "%zu answers; 1 to %zu were expected%s", n, most,
                  most == WRONG_MOST ? ", since a list has at most 5 candidates and one is right"
                                     : "");
    json_array_foreach (v, i, one) {
        const char *s = json_string_value(one);
        if (!s || strlen(s) != json_string_length(one) || judge_blank(s))
            field_bad(f, key, "answer %zu: %s", i + 1,
                      !s               ? "a text was expected"
                      : judge_blank(s) ? "empty; a text was expected"
                                       : "it holds a NUL byte");
        add_answer(j, s);
        ++*count;
    }
}

/* Code ---------------------------------------------------------------------------------- */

/* Backticks at the beginning of a line: how many, where at least three stand there. */
static size_t fence(const char *line)
{
    size_t blanks = strspn(line, " "), n = strspn(line + blanks, "`");
    return n >= 3 && blanks < 4 ? n : 0;
}

static const char *next_line(const char *s)
{
    const char *end = strchr(s, '\n');
    return end ? end + 1 : s + strlen(s);
}

static int has_fence(const char *s)
{
    int found = 0;
    for (; *s && !found; s = next_line(s))
        found = fence(s) > 0;
    return found;
}

/* Is s one fenced block and nothing else?  Then its tag, and its inside: [from, to). */
static int lone_block(const char *s, char tag[32], const char **from, const char **to)
{
    while (*s && strcspn(s, "\n") == strspn(s, " \t\r\v\f"))
        s = next_line(s);
    size_t n = fence(s);
    if (!n)
        return 0;
    const char *name = s + strspn(s, " `") + strspn(s + strspn(s, " `"), " \t");
    size_t n_tag = strcspn(name, " \t\r\n{,");
    snprintf(tag, 32, "%.*s", (int)(n_tag < 31 ? n_tag : 31), name);
    if (memchr(name, '`', strcspn(name, "\n")))
        return 0;
    *from = next_line(s);
    for (s = *from; *s; s = next_line(s))
        if (fence(s) >= n) {
            const char *behind = s + strspn(s, " `");
            *to = s;
            return judge_blank(behind);
        }
    return 0;
}

void judge_code(import_judge_t *j, const field_t *f)
{
    const char *name = field_text_or(f, "language", NULL), *from, *to;
    int lang = name ? lang_find(name) : -1, blocks = 1, fences = 0, n = j->right + j->wrong;
    int said_lang = lang == LANG_TEXT ? -1 : lang;
    lang = said_lang;
    for (int i = 0; i < n; i++) {
        char tag[32] = "";
        int here = lone_block(j->text[i].text, tag, &from, &to);
        int of_tag = here && *tag ? lang_find(tag) : said_lang;
        blocks &= here && of_tag >= 0 && of_tag != LANG_TEXT && (lang < 0 || lang == of_tag);
        lang = lang < 0 ? of_tag : lang;
        fences |= has_fence(j->text[i].text);
    }
    if (blocks) {
        j->lang = (lang_t)lang;
        for (int i = 0; i < n; i++) {
            char tag[32];
            lone_block(j->text[i].text, tag, &from, &to);
            char *inside = bank_text(from, (size_t)(to - from));
            mem_free(j->text[i].text);
            j->text[i].text = inside;
            if (judge_blank(inside))
                field_bad(f, judge_key(j->set, i >= j->right), "empty; code was expected");
        }
    } else if (said_lang >= 0 && !fences) {
        j->lang = (lang_t)said_lang;
    }
}
