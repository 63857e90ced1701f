// What is asked in pairs is what lists of two with the same candidates in the same order say; an answer
// that ended before its budget is that answer, whatever else is asked of it; on any number of ranks.
// RUN: np=1,2 backend=cpu
// TIMEOUT: 120
#include "test.h"
#include "eval.h"

enum { LISTS = 6, TRIPLE = 3 };

static bank_t drawn(void)
{
    bank_t b = {0};
    draw_t d = {.seed = 1,
                .first = 20000,
                .split = SUITE_TRAIN,
                .lang = LANG_PYTHON,
                .families = "accum,string",
                .weak = 6,
                .equivalents = 1,
                .tests = 6,
                .rewrite = 0.2};
    for (int i = 0; i < LISTS; i++) {
        int first = b.n_program;
        draw_problem(&b, &d, i);
        list_t l = {.suite = SUITE_HELDOUT, .problem = i, .n = TRIPLE, .answer = i % TRIPLE};
        for (int k = 0; k < TRIPLE; k++)
            l.program[k] = first + (k == l.answer ? 0 : k + 1);
        PUSH(b.list, b.n_list, b.cap_list, l);
    }
    for (int i = 0; i < b.n_program; i++)
        b.program[i].pass_rate = (float)(i % 7) / 7;
    return b;
}

/* Lists of two behind those of three: every ordered pair of every list, in the order of the pairs. */
static void add_twos(bank_t *b)
{
    for (int i = 0; i < LISTS; i++)
        for (int k = 0; k < TRIPLE * TRIPLE; k++) {
            const list_t *l = &b->list[i];
            list_t two = {.suite = SUITE_STRONG,
                          .problem = l->problem,
                          .n = 2,
                          .program = {l->program[k / TRIPLE], l->program[k % TRIPLE]}};
            if (k / TRIPLE != k % TRIPLE)
                PUSH(b->list, b->n_list, b->cap_list, two);
        }
}

static void pairs(const asker_t *a)
{
    int parsed = 0;
    asked_t three = eval_suite(comm_world(), a, SUITE_HELDOUT);
    asked_t two = eval_suite(comm_world(), a, SUITE_STRONG);
    check(three.n_pair == LISTS * TRIPLE * (TRIPLE - 1) && two.n_answer == three.n_pair &&
              two.n_pair == 0,
          "%d pairs, %d lists of two", three.n_pair, two.n_answer);
    for (int i = 0; i < three.n_pair && i < two.n_answer; i++) {
        const pair_answer_t *p = &three.pair[i];
        int letter = two.answer[i].answer;
        int want = letter < 0 ? -1 : letter ? p->second : p->first;
        check(p->answer == want && p->length == two.answer[i].length, "pair %d: %d, not %d", i,
              p->answer, want);
        parsed += letter >= 0;
    }
    check(parsed > three.n_pair / 2, "only %d of %d pairs were answered", parsed, three.n_pair);
    asked_free(&three), asked_free(&two);
}

static void budgets(const asker_t *a)
{
    const asking_t *o = a->how;
    asked_t r = eval_suite(comm_world(), a, SUITE_HELDOUT);
    int cut = 0, whole = 0;
    check(r.n_budget == LISTS * o->samples * o->n_budget, "%d rows", r.n_budget);
    for (int i = 0; i < r.n_budget; i++) {
        const budget_answer_t *b = &r.budget[i];
        const answer_t *x = &r.answer[i / o->n_budget];
        check(b->list == x->list && b->k == x->k && b->budget == o->budget[i % o->n_budget] &&
              b->right == x->right);
        check(b->cut == (x->truncated || x->length > b->budget), "row %d", i);
        if (b->cut) {
            check(b->length > b->budget && b->length <= b->budget + 40, "%d of %d", b->length,
                  b->budget);
            cut++;
        } else {
            check(b->answer == x->answer && b->length == x->length, "row %d", i);
            whole++;
        }
    }
    check(cut > 0 && whole > 0, "%d cut, %d whole", cut, whole);
    asked_free(&r);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    text_t dir = {0};
    text_addf(&dir, "%s/input/models/pocket", getenv("TOP") ? getenv("TOP") : ".");
    bank_t b = drawn();
    add_twos(&b);
    deck_t *d = deck_parse("deck", "[run]\nseed = 1\n", 0, NULL);
    model_t *m = hf_open(dir.s, backend_open("cpu"));
    tokenizer_t *t = tokenizer_open(dir.s);
    template_t *template = template_open(d, dir.s, t);
    asking_t o = {.template = template,
                  .samples = 1,
                  .votes = 1,
                  .pairs = 1,
                  .sampler = {.how = {0, 1, 0}, .group = 2, .max_new = 100, .width = 16}};
    o.sampler.max_prompt = 480;
    sampler_stop(&o.sampler, template->stop, template->n_stop);
    asker_t a = {.model = m, .tokenizer = t, .bank = &b, .how = &o};
    a.engine = engine_new(model_config(m), model_ops(m), &o.sampler);
    pairs(&a);
    o.pairs = 0, o.samples = 2, o.mode = MODE_THINK, o.sampler.how.temperature = 0.6f;
    static const int at[] = {6, 14, 15, 16, 17, 18, 20, 22, 24, 26, 30, 40, 60, 100};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++)
        o.budget[o.n_budget++] = at[i];
    sampler_t cut = budget_sampler(&a);
    a.cut = engine_new(model_config(m), model_ops(m), &cut);
    budgets(&a);
    engine_free(a.engine), engine_free(a.cut);
    template_free(template);
    tokenizer_free(t);
    model_free(m);
    deck_free(d);
    bank_free(&b);
    text_reset(&dir);
    return test_end();
}
