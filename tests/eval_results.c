// The table of results, against numbers counted by hand: cuts, votes, mutators that fool, edited lists
// beside unedited ones, pairs and budgets; every list counts once, whatever was asked of it.
// RUN: np=1
#include "test.h"
#include "eval.h"

/* Two families of two problems; each has a right program and three wrong ones by known mutators. */
static bank_t small_bank(void)
{
    static const char *const origins[] = {"reference", "off by one", "sign lost, off by one",
                                          "edited: praise, sign lost"};
    static const float rates[] = {1, 0.25f, 0.5f, 0};
    bank_t b = {0};
    for (int i = 0; i < 4; i++) {
        problem_t p = {.id = hash_bytes(&i, sizeof i),
                       .family = mem_text(i < 2 ? "sums" : "words"),
                       .statement = mem_text("?"),
                       .example = mem_text(""),
                       .difficulty = i % 2};
        PUSH(b.problem, b.n_problem, b.cap_problem, p);
        for (int k = 0; k < 4; k++) {
            program_t q = {.problem = i,
                           .pool = k ? POOL_WEAK : POOL_REFERENCE,
                           .source = mem_text("x"),
                           .origin = mem_text(origins[k]),
                           .core = mem_text(""),
                           .walk = mem_text(""),
                           .pass_rate = rates[k]};
            PUSH(b.program, b.n_program, b.cap_program, q);
        }
        int n = i % 2 ? 3 : 4;
        list_t l = {.suite = SUITE_HELDOUT, .problem = i, .n = n, .answer = 1};
        for (int k = 0; k < n; k++)
            l.program[k] = 4 * i + (k == 1 ? 0 : k == 0 ? 1 : k);
        PUSH(b.list, b.n_list, b.cap_list, l);
    }
    return b;
}

static void add_answers(asked_t *r, const bank_t *b, int list, const char *letters)
{
    static int cap;
    for (int k = 0; letters[k]; k++) {
        const list_t *l = &b->list[list];
        int answer = letters[k] == '?' ? -1 : letters[k] - 'A';
        answer_t a = {list, l->n, k, answer, l->answer, answer >= 0, 10 + k, answer < 0, 0};
        cap = r->n_answer ? cap : 0;
        PUSH(r->answer, r->n_answer, cap, a);
    }
}

static double of(const numbers_t *t, const char *measure, const char *by, const char *name)
{
    const number_t *x = number_find(t, measure, by, name);
    check(x != NULL, "%s by %s of %s is missing", measure, by, name);
    return x ? x->value : NAN;
}

static int close_to(double x, double y)
{
    return fabs(x - y) < 1e-12;
}

static void lists_and_votes(void)
{
    bank_t b = small_bank();
    asked_t r = {.seconds = 4};
    asking_t o = {.samples = 4, .votes = 4, .seed = 1};
    /* n = 4, 3, 4, 3; B is right */
    add_answers(&r, &b, 0, "BBAA"), add_answers(&r, &b, 1, "BBBC");
    add_answers(&r, &b, 2, "D?C?"), add_answers(&r, &b, 3, "BBBB");
    numbers_t t = results_of(&r, &b, &o, NULL, 0);
    check(close_to(of(&t, "listacc", "all", ""), (0.5 + 0.75 + 0 + 1) / 4));
    check(close_to(number_find(&t, "listacc", "all", "")->beside, (0.25 + 1.0 / 3) / 2));
    check(close_to(of(&t, "listacc", "length", "4"), 0.25) &&
          number_find(&t, "listacc", "length", "4")->lists == 2);
    check(close_to(of(&t, "listacc", "family", "sums"), 0.625));
    check(close_to(of(&t, "listacc", "difficulty", "1"), 0.875));
    /* off by one: every list (A, C); sign lost: lists of four by D, and C in all */
    check(number_find(&t, "listacc", "mutator", "off by one")->lists == 4 &&
          number_find(&t, "listacc", "mutator", "sign lost")->lists == 4 &&
          !number_find(&t, "listacc", "mutator", "edited: praise"));
    check(close_to(of(&t, "fooled", "mutator", "off by one"), (0.5 + 0.25 + 0.25 + 0) / 4));
    check(
        close_to(number_find(&t, "fooled", "mutator", "off by one")->beside, (0.5 + 2.0 / 3) / 2));
    check(close_to(of(&t, "fooled", "mutator", "sign lost"), (0 + 0.25 + 0.5 + 0) / 4));
    /* K = 1: mean; K = 2: both right (1/6, 3/6, 0, 1); K = 4: a tie is lost */
    check(close_to(of(&t, "sc", "K", "1"), of(&t, "listacc", "all", "")));
    check(close_to(of(&t, "sc", "K", "2"), (1.0 / 6 + 0.5 + 0 + 1) / 4));
    check(close_to(of(&t, "sc", "K", "4"), (0 + 1 + 0 + 1) / 4.0));
    check(close_to(of(&t, "pass", "K", "2"), (5.0 / 6 + 1 + 0 + 1) / 4));
    check(close_to(of(&t, "pass", "K", "4"), 0.75) && !number_find(&t, "sc", "K", "5"));
    /* confidence 0.5, 0.75, 0.25, 1; right 0, 1, 0, 1 */
    check(close_to(of(&t, "ece", "all", ""), (0.5 + 0.25 + 0.25 + 0) / 4));
    check(close_to(of(&t, "brier", "all", ""), (0.25 + 0.0625 + 0.0625 + 0) / 4));
    check(close_to(of(&t, "vote", "all", ""), 0.5) && close_to(of(&t, "vote", "length", "3"), 1) &&
          close_to(of(&t, "brier", "length", "3"), (0.0625 + 0) / 2) &&
          close_to(of(&t, "ece", "family", "words"), (0.25 + 0) / 2));
    check(close_to(of(&t, "reliability", "bin", "0.8"), 1) &&
          close_to(number_find(&t, "reliability", "bin", "0.8")->beside, 0.75));
    /* first answers B, B, D, B */
    check(close_to(of(&t, "position", "letter", "B"), 0.75) &&
          close_to(number_find(&t, "position", "letter", "D")->beside, 0.125));
    check(close_to(of(&t, "parse", "all", ""), 0.875) &&
          close_to(of(&t, "truncated", "all", ""), 0.125) &&
          close_to(of(&t, "tokens", "length", "3"), 11.5) &&
          close_to(of(&t, "seconds", "all", ""), 0.25));
    check(isnan(number_find(&t, "listacc", "all", "")->lo), "four lists have an interval");
    text_t said = {0};
    results_print(&t, &said);
    check(strstr(said.s, "SC@K") && strstr(said.s, "sums") && !strstr(said.s, "sign lost"));
    text_reset(&said);
    mem_free(t.row);
    asked_free(&r);
    bank_free(&b);
}

static void edited(void)
{
    bank_t b = small_bank();
    for (int i = 0; i < 4; i++) {
        list_t l = b.list[i];
        l.suite = SUITE_ADV, l.edit = i < 2 ? EDIT_AUTHORITY : EDIT_WRONG, l.base = i;
        PUSH(b.list, b.n_list, b.cap_list, l);
    }
    asked_t r = {0}, before = {0};
    asking_t o = {.samples = 2, .votes = 2, .seed = 1};
    add_answers(&before, &b, 0, "BB"), add_answers(&before, &b, 1, "BA");
    add_answers(&before, &b, 3, "AA"); /* list 2 was too long */
    add_answers(&r, &b, 4, "AB"), add_answers(&r, &b, 5, "AA");
    add_answers(&r, &b, 6, "BB"), add_answers(&r, &b, 7, "BB");
    numbers_t t = results_of(&r, &b, &o, before.answer, before.n_answer);
    check(close_to(of(&t, "listacc", "edit", "authority"), 0.25) &&
          close_to(of(&t, "unedited", "edit", "authority"), 0.75) &&
          close_to(of(&t, "effect", "edit", "authority"), -0.5));
    check(close_to(of(&t, "listacc", "edit", "wrong"), 1) &&
          close_to(of(&t, "effect", "edit", "wrong"), 1) &&
          number_find(&t, "effect", "edit", "wrong")->lists == 1);
    check(close_to(of(&t, "effect", "all", ""), 0) &&
          number_find(&t, "effect", "all", "")->lists == 3);
    mem_free(t.row);
    asked_free(&r), asked_free(&before);
    bank_free(&b);
}

/* Rates of list 0 (n = 4): 0.25, 1, 0.5, 0; of list 1 (n = 3): 0.25, 1, 0.5. */
static void pairs(void)
{
    bank_t b = small_bank();
    asked_t r = {0};
    int cap = 0;
    asking_t o = {.samples = 1, .votes = 1, .seed = 1};
    add_answers(&r, &b, 0, "B"), add_answers(&r, &b, 1, "B"), add_answers(&r, &b, 2, "B");
    for (int list = 0; list < 3; list++)
        for (int i = 0; i < b.list[list].n; i++)
            for (int j = 0; j < b.list[list].n; j++) {
                const float *x = &b.program[b.list[list].program[i]].pass_rate;
                const float *y = &b.program[b.list[list].program[j]].pass_rate;
                /* list 0 is judged well, list 1 by place alone, list 2 lacks a question */
                int answer = list == 0 ? (*x > *y ? i : j) : i;
                pair_answer_t p = {list, i, j, answer, 5, 0};
                if (i != j && (list < 2 || i + j))
                    PUSH(r.pair, r.n_pair, cap, p);
            }
    r.n_pair--;
    numbers_t t = results_of(&r, &b, &o, NULL, 0);
    check(close_to(of(&t, "ktau", "length", "4"), 1) &&
          close_to(of(&t, "ktau", "length", "3"), -1));
    check(number_find(&t, "ktau", "all", "")->lists == 2);
    check(close_to(of(&t, "ndcg", "length", "4"), 1) && of(&t, "ndcg", "length", "3") < 1);
    check(close_to(of(&t, "pairacc", "all", ""), (12.0 + 3) / 18) &&
          close_to(of(&t, "pairacc", "family", "sums"), 15.0 / 18));
    check(close_to(of(&t, "order", "all", ""), (6.0 + 6) / 18));
    check(close_to(of(&t, "contradiction", "all", ""), 3.0 / 9));
    check(close_to(of(&t, "transitivity", "all", ""), 1));
    mem_free(t.row);
    asked_free(&r);
    bank_free(&b);
}

static void budgets(void)
{
    bank_t b = small_bank();
    asked_t r = {0};
    int cap = 0;
    asking_t o = {.samples = 2, .votes = 2, .seed = 1, .budget = {4, 16}, .n_budget = 2};
    static const budget_answer_t row[] = {{0, 0, 4, 1, 0, 1, 9},  {0, 0, 16, 0, 1, 1, 12},
                                          {0, 1, 4, 1, 1, 1, 9},  {0, 1, 16, 1, 1, 1, 21},
                                          {1, 0, 4, 1, -1, 1, 9}, {1, 0, 16, 0, 2, 1, 12},
                                          {1, 1, 4, 1, -1, 1, 9}, {1, 1, 16, 0, 1, 1, 12}};
    add_answers(&r, &b, 0, "BB"), add_answers(&r, &b, 1, "CB");
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        PUSH(r.budget, r.n_budget, cap, row[i]);
    numbers_t t = results_of(&r, &b, &o, NULL, 0);
    check(close_to(of(&t, "listacc", "budget", "4"), 0.25) &&
          close_to(of(&t, "listacc", "budget", "16"), 0.75));
    check(close_to(of(&t, "parse", "budget", "4"), 0.5) &&
          close_to(of(&t, "cut", "budget", "4"), 1) &&
          close_to(of(&t, "cut", "budget", "16"), 0.25) &&
          close_to(of(&t, "tokens", "budget", "16"), 14.25));
    mem_free(t.row);
    asked_free(&r);
    bank_free(&b);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    lists_and_votes();
    edited();
    pairs();
    budgets();
    return test_end();
}
