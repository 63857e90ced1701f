// Answers are read, judged and paid as the rules say; written answers of both forms are read back
// right; list_check refuses lists without exactly one right candidate.
// RUN: np=1
#include "test.h"
#include "testbed.h"

static template_t *chatml;

typedef struct {
    const char *text;
    int n, letter, instruct, think;
} row_t;

static const row_t rows[] = {
    {"A no\nB yes\n\\boxed{B}<|im_end|>", 3, 1, 1, 0},
    {"A no\nB yes\n\\boxed{B}", 3, 1, 1, 0},
    {"A no\nB yes\n\\boxed{B}\n \n<|im_end|>\n", 3, 1, 1, 0},
    {"short \\boxed{ A }", 2, 0, 1, 0},
    {"trace\n</think>\n\\boxed{C}<|im_end|>", 3, 2, 0, 1},
    {"trace\n</think>\\boxed{C}", 5, 2, 0, 1},
    {"\\boxed{A}", 2, 0, 0, 0},         /* no analysis */
    {"</think>\\boxed{A}", 2, 0, 0, 0}, /* no trace */
    {"x \\boxed{C}", 2, -1, 0, 0},      /* no such candidate */
    {"x \\boxed{c}", 4, -1, 0, 0},
    {"x \\boxed{AB}", 4, -1, 0, 0},
    {"x \\boxed{}", 4, -1, 0, 0},
    {"x \\boxed{A", 4, -1, 0, 0},
    {"x \\boxed{1}", 4, -1, 0, 0},
    {"x boxed{A}", 4, -1, 0, 0},
    {"x A", 4, -1, 0, 0},
    {"", 4, -1, 0, 0},
    {"x \\boxed{A} and \\boxed{B}", 4, 0, 0, 0},  /* the first counts, the form is lost */
    {"x \\boxed{?} and \\boxed{B}", 4, -1, 0, 0}, /* no second chance */
    {"x \\boxed{A}.", 4, 0, 0, 0},
    {"\\boxed{A} </think> \\boxed{B}", 4, 1, 0, 1}, /* a box inside the trace is no verdict */
    {"x \\boxed{A} </think>", 4, -1, 0, 0},
    {"x </think> y </think> \\boxed{B}", 4, 1, 0, 0}, /* two closing tags */
    {"x </think> so \\boxed{B}", 4, 1, 0, 0},         /* words after the tag */
    {"<think> x </think>\\boxed{B}", 4, 1, 0, 0},     /* the tag was open already */
    {"x \\boxed{A}<|im_end|>more", 4, 0, 0, 0},
    /* what models write is read, and is not the demanded shape */
    {"x \\boxed{\\text{B}}", 3, 1, 0, 0},
    {"x \\boxed{\\textbf{B}}", 3, 1, 0, 0},
    {"x \\boxed{\\mathrm{ B }}", 3, 1, 0, 0},
    {"x \\boxed{\\mathbf {B}}", 3, 1, 0, 0},
    {"x \\boxed{\\text{\\bf{(B)}}.}", 3, 1, 0, 0},
    {"x \\boxed{B.}", 3, 1, 0, 0},
    {"x \\boxed{B)}", 3, 1, 0, 0},
    {"x \\boxed{(B)}", 3, 1, 0, 0},
    {"x \\boxed{[B]}", 3, 1, 0, 0},
    {"x \\boxed{{B}}", 3, 1, 0, 0},
    {"x \\boxed{**B**}", 3, 1, 0, 0},
    {"x \\boxed{$B$}", 3, 1, 0, 0},
    {"x \\boxed{`B`}", 3, 1, 0, 0},
    {"x \\boxed{\"B\"}", 3, 1, 0, 0},
    {"x \\boxed{\nB\n}", 3, 1, 0, 0},
    {"x $\\boxed{B}$", 3, 1, 0, 0},
    {"x **\\boxed{B}**", 3, 1, 0, 0},
    {"x \\[\\boxed{B}\\]", 3, 1, 0, 0},
    {"t</think>\\boxed{\\text{B}}", 3, 1, 0, 0},
    {"t</think>\\boxed{B}", 3, 1, 0, 1},
    {"x \\boxed{\\text{D}}", 3, -1, 0, 0},
    {"x \\boxed{\\text{b}}", 3, -1, 0, 0},
    {"x \\boxed{\\text{A}\\text{B}}", 3, -1, 0, 0},
    {"x \\boxed{(A)(B)}", 3, -1, 0, 0},
    {"x \\boxed{A, B}", 3, -1, 0, 0},
    {"x \\boxed{A or B}", 3, -1, 0, 0},
    {"x \\boxed{Program B}", 3, -1, 0, 0},
    {"x \\boxed{\\text{Program B}}", 3, -1, 0, 0},
    {"x \\boxed{BAD}", 3, -1, 0, 0},
    {"x \\boxed{\\text{B}", 3, -1, 0, 0},
    {"x \\boxed{\\B}", 3, -1, 0, 0},
    {"x \\boxed{()}", 3, -1, 0, 0},
    {"x \\boxed{.}", 3, -1, 0, 0},
    {"x \\boxed{1}. \\boxed{B}", 3, -1, 0, 0},
};

static void read_rows(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const row_t *r = &rows[i];
        size_t len = strlen(r->text);
        int closed = strstr(r->text, "</think>") != NULL;
        check(answer_parse(r->text, len, r->n, MODE_INSTRUCT) == r->letter, "'%s': %d", r->text,
              answer_parse(r->text, len, r->n, MODE_INSTRUCT));
        check(answer_parse(r->text, len, r->n, MODE_THINK) == (closed ? r->letter : -1),
              "thinking '%s': %d", r->text, answer_parse(r->text, len, r->n, MODE_THINK));
        check(answer_format(r->text, len, r->n, MODE_INSTRUCT, chatml) == r->instruct,
              "instruct '%s'", r->text);
        check(answer_format(r->text, len, r->n, MODE_THINK, chatml) == r->think, "think '%s'",
              r->text);
    }
    char nul[] = "x \\boxed{A}\0 \\boxed{B}";
    check(answer_parse(nul + 11, sizeof nul - 12, 2, MODE_INSTRUCT) == 1);
    check(answer_parse("x \\boxed{A}", 9, 2, MODE_INSTRUCT) == -1); /* only len bytes count */
}

static void pay(void)
{
    list_t l = {.n = 3, .answer = 1};
    const char *right = "x\n\\boxed{B}", *wrong = "x\n\\boxed{C}", *broken = "\\boxed{B}",
               *none = "x";
    struct {
        const char *text;
        int tokens, max, cache, truncated;
        float total;
    } t[] = {
        {right, 10, 100, 20, 0, 1},    {wrong, 10, 100, 20, 0, 0},  {broken, 10, 100, 20, 0, 0},
        {none, 10, 100, 20, 0, -1},    {right, 80, 100, 20, 0, 1},  {right, 85, 100, 20, 0, 0.75f},
        {right, 90, 100, 20, 0, 0.5f}, {right, 100, 100, 20, 0, 0}, {wrong, 120, 100, 20, 0, -1},
        {none, 100, 100, 20, 0, -2},   {right, 100, 100, 0, 0, 1},  {right, 100, 100, 20, 1, -2},
    };
    for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
        reward_t r = reward_of(t[i].text, strlen(t[i].text), t[i].tokens, &l, MODE_INSTRUCT, chatml,
                               t[i].max, t[i].cache, t[i].truncated);
        check(fabsf(r.total - t[i].total) < 1e-6f, "row %zu: %g", i, r.total);
        check(r.total == r.correct + r.format + r.overlong);
        check(r.total >= -2 && r.total <= 1);
    }
}

/* Pass rates as execution might have measured them: the reference and its rewritings 1, mutants k /
   10. */
static void pretend(bank_t *b)
{
    for (int i = 0; i < b->n_program; i++) {
        program_t *p = &b->program[i];
        int wrong = p->pool == POOL_WEAK || p->pool == POOL_STRONG;
        p->pass_rate = wrong ? (float)(i % 10) / 10 : 1;
    }
}

static void round_trip(void)
{
    bank_t b = {0};
    draw_t d = {.seed = 3,
                .count = 60,
                .split = SUITE_HELDOUT,
                .difficulty = 2,
                .weak = 10,
                .strong = 8,
                .equivalents = 2,
                .tests = 10,
                .rewrite = 0.5,
                .families = "all"};
    int lists[SUITES] = {0}, length[SUITES][6] = {{0}}, longest = 0;
    text_t t = {0};
    for (int i = 0; i < d.count; i++)
        draw_problem(&b, &d, i);
    pretend(&b);
    for (int s = SUITE_TRAIN; s < SUITE_ADV; s++)
        for (int i = 0; i < b.n_problem; i++)
            lists[s] += lists_make(&b, i, (suite_t)s, 2, 5);
    for (int i = 0; i < b.n_list; i++) {
        const list_t *l = &b.list[i];
        check(list_check(&b, l) == NULL, "list %d: %s", i, list_check(&b, l));
        length[l->suite][l->n]++;
        pool_t pool = b.program[l->program[l->answer]].pool;
        check(l->suite != SUITE_EQUIVALENT || pool == POOL_EQUIVALENT);
        for (answer_mode_t m = MODE_INSTRUCT; m <= MODE_THINK; m++) {
            text_clear(&t), trace_text(&t, chatml, &b, l, m);
            check(answer_parse(t.s, t.len, l->n, m) == l->answer, "%s", t.s);
            check(answer_format(t.s, t.len, l->n, m, chatml), "%s", t.s);
            check(reward_of(t.s, t.len, 50, l, m, chatml, 512, 128, 0).total == 1);
            text_clear(&t), trace_brief_text(&t, chatml, l, m);
            check(answer_parse(t.s, t.len, l->n, m) == l->answer, "%s", t.s);
            check(answer_format(t.s, t.len, l->n, m, chatml), "%s", t.s);
            text_clear(&t), prompt_text(&t, chatml, &b, l, m);
            longest = (int)t.len > longest ? (int)t.len : longest;
            check(strstr(t.s, b.problem[l->problem].statement) && !strstr(t.s, "boxed{"));
            check((strstr(t.s, "<think>") != NULL) == (m == MODE_THINK));
        }
    }
    for (int s = SUITE_TRAIN; s < SUITE_ADV; s++)
        check(lists[s] > 60, "suite %s: %d lists", suite_names[s], lists[s]);
    check(longest < 6000, "longest prompt %d bytes", longest);
    list_t l = b.list[0];
    float *rate = &b.program[l.program[l.answer]].pass_rate,
          *other = &b.program[l.program[!l.answer]].pass_rate;
    float was = *other;
    *rate = 0.9f;
    check(list_check(&b, &l) && strstr(list_check(&b, &l), "no candidate passes"));
    *rate = 1, *other = 1;
    check(list_check(&b, &l) && strstr(list_check(&b, &l), "more than one"));
    *other = NAN;
    check(list_check(&b, &l) && strstr(list_check(&b, &l), "not executed"));
    *other = 0.6f;
    check(list_check(&b, &l) && strstr(list_check(&b, &l), "outside"));
    *other = was, l.answer = !l.answer;
    check(list_check(&b, &l) && strstr(list_check(&b, &l), "answer"));
    l = b.list[0], l.program[1] = l.program[0];
    check(list_check(&b, &l) != NULL);
    int three = 0;
    while (b.list[three].n < 3)
        three++;
    l = b.list[three];
    program_t *x = &b.program[l.program[(l.answer + 1) % l.n]],
              *y = &b.program[l.program[(l.answer + 2) % l.n]];
    was = y->pass_rate, y->pass_rate = x->pass_rate;
    check(list_check(&b, &l) && strstr(list_check(&b, &l), "same pass rate"));
    x->label = y->label = LABEL_IMPORTED; /* others say right or wrong, and no more */
    check(!list_check(&b, &l), "%s", list_check(&b, &l));
    x->label = y->label = LABEL_EXECUTED, y->pass_rate = was;
    l = b.list[0], l.n = 1;
    check(list_check(&b, &l) != NULL);
    text_reset(&t);
    bank_free(&b);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    chatml = template_named("chatml");
    read_rows();
    pay();
    round_trip();
    template_free(chatml);
    return test_end();
}
