/* What the verifier is asked.

   Between the two parts of the model's chat template (template.c) stands a question: a text of
   input/questions.conf with the problem's statement, the candidates under their letters and what
   is wanted filled in.  Lists of judge sets are asked another one, where the table or the user's
   file has it: there answers are right or better, and no test decides.

   Where the question shows shared lines, leading lines that all candidates have in common and
   that only include or read (imports, input) stand once, above them.  An example input is an
   input only, never an output; samples of both in a statement that was imported go where the
   question says so (io/samples.c).  A candidate's fence is longer than any run of backticks in
   the program, so nothing in it can end it. */
#include "question.h"
#include <string.h>

/* Shared lines ----------------------------------------------------------------------- */

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

/* Parts ------------------------------------------------------------------------------ */

static const struct {
    const char *title, *tag;
} languages[LANGS] = {[LANG_PYTHON] = {"Python", "python"},
                      [LANG_C] = {"C", "c"},
                      [LANG_CPP] = {"C++", "cpp"},
                      [LANG_JAVA] = {"Java", "java"},
                      [LANG_RUST] = {"Rust", "rust"},
                      [LANG_GO] = {"Go", "go"},
                      [LANG_JAVASCRIPT] = {"JavaScript", "javascript"},
                      [LANG_RUBY] = {"Ruby", "ruby"},
                      [LANG_PERL] = {"Perl", "perl"},
                      [LANG_HASKELL] = {"Haskell", "haskell"},
                      [LANG_OCAML] = {"OCaml", "ocaml"},
                      [LANG_PASCAL] = {"Pascal", "pascal"},
                      [LANG_KOTLIN] = {"Kotlin", "kotlin"},
                      [LANG_CSHARP] = {"C#", "csharp"},
                      [LANG_TEXT] = {"text", ""}};

static filler_t filler(const char *name, const char *text)
{
    return (filler_t){name, text, strlen(text)};
}

/* Backticks, more than any run of them in s. */
static void add_fence(text_t *out, const char *s, size_t n)
{
    size_t run = 0, longest = 2;
    for (size_t i = 0; i < n; i++) {
        run = s[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    for (size_t i = 0; i <= longest; i++)
        text_add(out, "`");
}

/* Parts that hold lines of programs: a candidate, or what all of them share. */
static void add_lines(text_t *out, const char *part, const char *name, const char *s, size_t n,
                      lang_t lang, char letter)
{
    text_t fence = {0}, lines = {0};
    add_fence(&fence, s, n);
    text_addn(&lines, s, n);
    if (n && s[n - 1] != '\n')
        text_add(&lines, "\n");
    question_fill(out, part,
                  (filler_t[]){{name, lines.s, lines.len},
                               {"letter", &letter, 1},
                               filler("fence", fence.s),
                               filler("language", languages[lang].title),
                               filler("tag", languages[lang].tag),
                               {0}});
    text_reset(&fence);
    text_reset(&lines);
}

static void add_candidates(text_t *out, const char *part, const bank_t *b, const list_t *l,
                           size_t shared)
{
    for (int i = 0; i < l->n; i++) {
        const program_t *p = &b->program[l->program[i]];
        add_lines(out, part, "program", p->source + shared, p->n_source - shared, p->lang,
                  (char)('A' + i));
    }
}

/* before A after, before B after and/or before C after */
static void add_letters(text_t *out, int n, const char *before, const char *after)
{
    for (int i = 0; i < n; i++)
        text_addf(out, "%s%s%c%s", !i ? "" : i < n - 1 ? ", " : " or ", before, 'A' + i, after);
}

static void add_statement(text_t *out, const question_t *q, const problem_t *p)
{
    if (q->cut && p->family && !strcmp(p->family, "imported"))
        statement_samples(p->statement, out, NULL);
    else
        text_add(out, p->statement);
    while (q->cut && out->len && strchr(" \t\r\n", out->s[out->len - 1]))
        out->s[--out->len] = 0;
}

/* What is asked of a problem's lists. */
static char *const *parts_of(const question_t *q, const problem_t *p)
{
    return q->judge[PART_CANDIDATE] && p->family && judge_family(p->family) ? q->judge : q->part;
}

static void question(text_t *out, const question_t *q, const bank_t *b, const list_t *l,
                     answer_mode_t mode)
{
    const problem_t *p = &b->problem[l->problem];
    const program_t *first = &b->program[l->program[0]];
    char *const *part = parts_of(q, p);
    size_t shared = part[PART_SHARED] ? shared_lines(b, l) : 0;
    text_t statement = {0}, example = {0}, lines = {0}, candidates = {0}, letters = {0},
           boxes = {0};
    char count[12];
    snprintf(count, sizeof count, "%d", l->n);
    add_statement(&statement, q, p);
    if (p->example[0] && part[PART_EXAMPLE])
        question_fill(&example, part[PART_EXAMPLE], (filler_t[]){filler("input", p->example), {0}});
    if (shared)
        add_lines(&lines, part[PART_SHARED], "lines", first->source, shared, first->lang, 0);
    add_candidates(&candidates, part[PART_CANDIDATE], b, l, shared);
    add_letters(&letters, l->n, "", "");
    add_letters(&boxes, l->n, "\\boxed{", "}");
    question_fill(out, part[mode == MODE_THINK ? PART_THINK : PART_INSTRUCT],
                  (filler_t[]){{"statement", statement.s, statement.len},
                               {"example", example.s, example.len},
                               {"shared", lines.s, lines.len},
                               {"candidates", candidates.s, candidates.len},
                               {"letters", letters.s, letters.len},
                               {"boxes", boxes.s, boxes.len},
                               filler("count", count),
                               filler("language", languages[first->lang].title),
                               {0}});
    text_reset(&statement), text_reset(&example), text_reset(&lines);
    text_reset(&candidates), text_reset(&letters), text_reset(&boxes);
}

/* Cuts white space off both ends of what was added since `from`. */
static void trim(text_t *t, size_t from)
{
    size_t n = strspn(t->s + from, " \t\n\v\f\r");
    memmove(t->s + from, t->s + from + n, t->len - from - n + 1);
    t->len -= n;
    while (t->len > from && strchr(" \t\n\v\f\r", t->s[t->len - 1]))
        t->s[--t->len] = 0;
}

void prompt_text(text_t *out, const template_t *t, const bank_t *b, const list_t *l,
                 answer_mode_t mode)
{
    text_add(out, t->head);
    size_t from = out->len;
    question(out, t->question, b, l, mode);
    if (t->trim)
        trim(out, from);
    text_add(out, t->tail[mode]);
}
