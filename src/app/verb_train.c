/* aletheia train DECK, aletheia sft DECK: prolog, loop, epilog.

   The last `graders` ranks execute programs until the others have ended; the rest
   train.  The loop asks once a step whether any rank was told to stop, evaluates and
   saves when due, and always ends with a checkpoint.  The exit code is the same on
   every rank: 0 when all steps are done, 75 when the run was stopped before and the
   same command will continue it. */
#include "app.h"
#include <string.h>

static int asked_to_stop(void *ctx)
{
    return trainer_asked(ctx);
}

/* Evaluations ------------------------------------------------------------------------ */

/* 1: abandoned, since the run is to stop. */
static int evaluate_suite(trainer_t *t, suite_t suite, const asking_t *o, const char *mode)
{
    const asker_t asker = {.engine = t->net.eval_engine,
                           .model = t->net.model,
                           .tokenizer = t->net.tokenizer,
                           .bank = &t->src.file,
                           .how = o,
                           .stop = asked_to_stop,
                           .ctx = t};
    asked_t a = eval_suite(t->team.group, &asker, suite);
    const listacc_t *r = &a.acc;
    if (!a.stopped && a.dropped)
        log_warn("eval at step %lld: suite %s: %d lists left out, their prompts are longer than "
                 "eval.max_prompt or than the model has positions for",
                 (long long)t->state.step, suite_names[suite], a.dropped);
    int stopped = a.stopped;
    if (stopped || !r->lists) {
        asked_free(&a);
        return stopped;
    }
    text_t line = {0};
    text_addf(&line,
              "suite=%s mode=%s lists=%d chance=%.4f acc=%.4f lo=%.4f hi=%.4f "
              "parsed=%.4f length=%.1f dropped=%d%s",
              suite_names[suite], mode, r->lists, r->chance, r->acc.mean, r->acc.lo, r->acc.hi,
              r->parse_rate, r->length_mean, a.dropped,
              bank_imported_lists(&t->src.file, suite) ? " labels=imported" : "");
    metrics_event(t->book.metrics, t->state.step, "eval", line.s);
    log_line("eval at step %lld  %s  %.2f s", (long long)t->state.step, line.s, a.seconds);
    text_reset(&line);
    asked_free(&a);
    return 0;
}

static int evaluate(trainer_t *t)
{
    double think = t->set.kind == RUN_SFT ? deck_real(t->set.deck, "sft.think_fraction")
                                          : t->set.recipe.mode == MODE_THINK;
    suite_t suite[SUITES];
    int n = suites_read(deck_text(t->set.deck, "eval.suites"), suite);
    for (int think_now = 0; think_now < 2; think_now++) {
        if (think_now ? think <= 0 : think >= 1)
            continue;
        const char *mode = think_now ? "think" : "instruct";
        asking_t o = asking_read(t->set.deck, mode);
        o.template = t->net.template;
        o.sampler.max_prompt = t->set.eval.max_prompt;
        o.sampler.n_stop = t->set.eval.n_stop;
        memcpy(o.sampler.stop, t->set.eval.stop, sizeof o.sampler.stop);
        for (int i = 0; i < n; i++)
            if (evaluate_suite(t, suite[i], &o, mode))
                return 1;
    }
    metrics_event(t->book.metrics, t->state.step, "evaluated", "");
    return 0;
}

/* An evaluation is due after every so many steps, before the first and after the last; a
   continued run makes up for one that it was stopped in. */
static int evaluation_due(trainer_t *t)
{
    int64_t step = t->state.step;
    return t->set.eval_every && (step % t->set.eval_every == 0 || step == t->set.steps) &&
           !metrics_has(t->book.metrics, step, "evaluated");
}

/* Prolog, loop, epilog --------------------------------------------------------------- */

static void first_page(text_t *out, const call_t *c, run_kind_t kind, int n_graders, int n_ranks)
{
    text_addf(out, "aletheia %s, commit %s, deck %s", ALETHEIA_VERSION, ALETHEIA_COMMIT,
              c->argv[0]);
    if (n_graders)
        text_addf(out, "\ngraders      the last %d of %d ranks", n_graders, n_ranks);
    if (c->keeper && kind == RUN_TRAIN)
        text_addf(out, "\nsandbox      %s", keeper_mode(c->keeper));
}

static int loop(trainer_t *t)
{
    int64_t save_every = deck_int(t->set.deck, "run.save_every");
    if (trainer_prepare(t) || (evaluation_due(t) && evaluate(t)))
        return CODE_AGAIN;
    while (t->state.step < t->set.steps) {
        if (trainer_stopping(t))
            return CODE_AGAIN;
        if (t->set.kind == RUN_SFT ? sft_run(t) : step_run(t))
            return CODE_AGAIN;
        if (evaluation_due(t) && evaluate(t))
            return CODE_AGAIN;
        if (save_every && t->state.step % save_every == 0)
            trainer_save(t);
    }
    return CODE_DONE;
}

static int compute(deck_t *d, const char *dir, const char *page, run_kind_t kind, group_t *group,
                   grading_t *grading)
{
    trainer_t *t = trainer_open(kind, d, dir, group, grading, page);
    int code = loop(t);
    trainer_save(t);
    trainer_close(t, code);
    return code;
}

int verb_run(call_t *c, run_kind_t kind)
{
    deck_t *d = c->deck;
    group_t *world = comm_world();
    int ranks = group_size(world),
        graders = kind == RUN_TRAIN ? (int)deck_int(d, "layout.graders") : 0;
    stop_install();
    grading_t *grading = kind == RUN_TRAIN ? grading_read(d, world, c->keeper) : NULL;
    int code = CODE_DONE;
    if (grading && grading_is_grader(grading)) {
        grading_serve(grading);
    } else {
        text_t page = {0};
        char *dir = rundir_path(d, c->argv[0]);
        first_page(&page, c, kind, graders, ranks);
        code = compute(d, dir, page.s, kind, grading ? grading_clients(grading) : world, grading);
        text_reset(&page);
        mem_free(dir);
    }
    if (grading)
        grading_close(grading);
    comm_bcast(world, &code, sizeof code, 0);
    return code;
}

int verb_train(call_t *c)
{
    return verb_run(c, RUN_TRAIN);
}
