/* What the verifier is asked.

   Between the two parts of the model's chat template (template.c): the statement, the
   candidates one per block under their letters, and one line that says what is wanted.
   Leading lines that all candidates share and that only include or read (imports, input)
   are shown once, above them.  For thinking an example input is added (an input only,
   never an output), and the template opens the assistant's turn with the thinking tag. */
#include "testbed.h"
#include <string.h>

/* A line that only includes or reads. */
static int is_opening(const char *line, size_t n)
{
    static const char *const heads[] = {"import ", "from ", "#include", "using "};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        if (!strncmp(line, heads[i], strlen(heads[i])))
            return 1;
    return memmem(line, n, "input(", 6) != NULL;
}

/* Bytes of leading lines that all candidates of the list share. */
static size_t shared_lines(const bank_t *b, const list_t *l)
{
    const char *first = b->program[l->program[0]].source;
    for (size_t n = 0;;) {
        const char *end = memchr(first + n, '\n', b->program[l->program[0]].n_source - n);
        size_t line = end ? (size_t)(end + 1 - (first + n)) : 0;
        if (!line || !is_opening(first + n, line))
            return n;
        for (int i = 1; i < l->n; i++)
            if (b->program[l->program[i]].n_source < n + line ||
                memcmp(b->program[l->program[i]].source, first, n + line))
                return n;
        n += line;
    }
}

static void question(text_t *out, const bank_t *b, const list_t *l, answer_mode_t mode)
{
    const problem_t *p = &b->problem[l->problem];
    size_t shared = shared_lines(b, l);
    text_addf(out, "%s\n", p->statement);
    if (mode == MODE_THINK && p->example[0])
        text_addf(out, "Example: %s\n", p->example);
    if (shared) {
        text_add(out, "All begin:\n");
        text_addn(out, b->program[l->program[0]].source, shared);
    }
    for (int i = 0; i < l->n; i++) {
        const char *rest = b->program[l->program[i]].source + shared;
        size_t n = b->program[l->program[i]].n_source - shared;
        text_addf(out, "%c:\n", 'A' + i);
        text_addn(out, rest, n);
        text_add(out, n && rest[n - 1] != '\n' ? "\n" : "");
    }
    text_add(out, "Which program is right? Box its letter.");
}

/* Cuts white space off what was added since `from`: at its beginning; its end has none. */
static void trim(text_t *t, size_t from)
{
    size_t n = strspn(t->s + from, " \t\n\v\f\r");
    memmove(t->s + from, t->s + from + n, t->len - from - n + 1);
    t->len -= n;
}

void prompt_text(text_t *out, const template_t *t, const bank_t *b, const list_t *l,
                 answer_mode_t mode)
{
    text_add(out, t->head);
    size_t from = out->len;
    question(out, b, l, mode);
    if (t->trim)
        trim(out, from);
    text_add(out, t->tail[mode]);
}
