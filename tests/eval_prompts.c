// A list whose prompt is longer than the limit is left out and counted, in training, in the warm
// start and in evaluation, never cut; a statement of 10 MB on one line costs seconds at most.
// RUN: np=1,2 backend=cpu
#include "rl_case.h"
#include "eval.h"

enum { LONG = 10000000, VICTIM = 5, STEPS = 4 };

/* The bank of rl_case.h, with one training problem (5) and one held-out one (0) that go on for 10
   MB. */
static bank_t long_bank(void)
{
    bank_t b = case_bank();
    for (int i = 0; i <= VICTIM; i += VICTIM) {
        problem_t *p = &b.problem[i];
        char *s = mem_new(LONG + 1);
        memset(s, 'a' + i, LONG);
        mem_free(p->statement);
        p->statement = s;
        p->id = hash_bytes(s, LONG);
    }
    return b;
}

/* How often the list of problem 5 is among the first n of the stream. */
static int64_t times_drawn(const bank_t *b, uint64_t seed, int n)
{
    data_t *d = data_new(b, seed);
    int64_t times = 0;
    for (int i = 0; i < n; i++)
        times += b->list[data_list(d, 5, i)].problem == VICTIM;
    data_free(d);
    return times;
}

/* Trains for some steps; what was left out must be what the stream held of the long problem. */
static void run(run_kind_t kind, const char *name, const bank_t *b)
{
    char more[512];
    snprintf(more, sizeof more, "run.steps=%d data.problems=%s/long.h5", STEPS, case_dir());
    deck_t *d = case_deck(name, more);
    trainer_t *r = trainer_open(kind, d, deck_text(d, "run.dir"), comm_world(), NULL, "test");
    int64_t expected = times_drawn(b, r->set.seed, 7 * STEPS);
    for (int i = 0; i < STEPS; i++)
        check((kind == RUN_SFT ? sft_run(r) : step_run(r)) == 0);
    check(expected > 0, "the test's stream must hold the long list");
    check(r->state.left_out == expected, "%s: %lld left out, not %lld", name,
          (long long)r->state.left_out, (long long)expected);
    check(r->state.drawn == (7 * STEPS - expected) * (kind == RUN_SFT ? 1 : r->set.recipe.group));
    trainer_close(r, CODE_DONE);
    deck_free(d);
}

static void evaluate(const bank_t *b)
{
    deck_t *d = case_deck("x", "");
    model_t *m = hf_open(deck_text(d, "model.dir"), backend_open(case_backend()));
    tokenizer_t *t = tokenizer_open(deck_text(d, "model.dir"));
    template_t *template = template_open(d, deck_text(d, "model.dir"), t);
    asking_t o =
        {.template = template,
         .samples = 2,
         .sampler = {.how = {1, 1, 0}, .group = 2, .max_new = 8, .width = 8, .max_prompt = 200}};
    sampler_stop(&o.sampler, template->stop, template->n_stop);
    engine_t *e = engine_new(model_config(m), model_ops(m), &o.sampler);
    const asker_t asker = {.engine = e, .model = m, .tokenizer = t, .bank = b, .how = &o};
    int lists[SUITES] = {0};
    for (int i = 0; i < b->n_list; i++)
        lists[b->list[i].suite]++;
    for (suite_t suite = SUITE_TRAIN; suite <= SUITE_HELDOUT; suite++) {
        asked_t a = eval_suite(comm_world(), &asker, suite);
        check(a.dropped == 1 && a.acc.lists == lists[suite] - 1, "%d dropped, %d asked of %d",
              a.dropped, a.acc.lists, lists[suite]);
        asked_free(&a);
    }
    o.sampler.max_prompt = 3; /* nothing fits: nothing is asked, all is counted */
    asked_t none = eval_suite(comm_world(), &asker, SUITE_TRAIN);
    check(none.dropped == lists[SUITE_TRAIN] && none.acc.lists == 0 && none.sampled == 0);
    asked_free(&none);
    engine_free(e);
    template_free(template);
    tokenizer_free(t);
    model_free(m);
    deck_free(d);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    char path[512];
    case_make();
    case_path(path, "long.h5");
    bank_t b = long_bank();
    bank_write(comm_world(), &b, path, "");
    comm_barrier(comm_world());
    double start = clock_now();
    run(RUN_TRAIN, "train", &b);
    run(RUN_SFT, "sft", &b);
    evaluate(&b);
    check(clock_now() - start < 60, "%g s", clock_now() - start);
    bank_free(&b);
    return test_end();
}
