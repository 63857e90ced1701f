/* aletheia select DECK: the best of N programs, chosen by a verifier and executed.

   For each problem of a split N of its programs are drawn, the model chooses among the first 1, 2, 4,
   ... of them (eval/choose.c), and what it chose is executed on all tests.  A table and RESULT lines
   say pass@1 of its choice beside a random one, the vote of outputs and the best possible, with
   intervals, and of the differences; select.out names a file with every choice.  The model is asked
   as in `aletheia eval`: [eval] and [prompt] of the deck. */
#include "app.h"
#include <math.h>
#include <string.h>

static int asked_to_stop(void *ctx)
{
    grading_listen(ctx);
    return stop_asked();
}

static choosing_t choosing_read(const deck_t *d)
{
    choosing_t c = {.group = (int)deck_int(d, "select.group"),
                    .rounds = (int)deck_int(d, "select.rounds"),
                    .programs = (int)deck_int(d, "select.programs"),
                    .limit = (int)deck_int(d, "select.limit"),
                    .split =
                        strcmp(deck_text(d, "select.split"), "train") ? SUITE_HELDOUT : SUITE_TRAIN,
                    .seed = (uint64_t)deck_int(d, "run.seed"),
                    .limits = limits_read(d)};
    while (strcmp(method_names[c.method], deck_text(d, "select.method")) != 0)
        c.method++;
    if (c.programs < 2)
        fail(CODE_USAGE,
             "select.programs = %d: there is nothing to choose among fewer than 2 programs",
             c.programs);
    return c;
}

static void value(text_t *out, const numbers_t *t, const char *measure, const char *of)
{
    const number_t *x = number_find(t, measure, "N", of);
    if (!x || isnan(x->value))
        text_addf(out, " %-22s", "-");
    else if (isnan(x->lo))
        text_addf(out, " %6.3f %15s", x->value, "");
    else
        text_addf(out, " %6.3f [%.3f, %.3f]", x->value, x->lo, x->hi);
}

static void say_table(const numbers_t *t, const choices_t *r)
{
    static const char *const columns[] = {"verifier", "random", "majority", "oracle",
                                          "verifier-random"};
    text_t line = {0};
    text_addf(&line, "%-4s", "N");
    for (int c = 0; c < 5; c++)
        text_addf(&line, " %-22s", columns[c]);
    log_line("%d problems; pass@1 of the choice, with its 95%% interval", r->problems);
    log_line("%s questions", line.s);
    for (int i = 0; i < t->n; i++) {
        const number_t *x = &t->row[i];
        if (strcmp(x->measure, "verifier") != 0)
            continue;
        text_clear(&line);
        text_addf(&line, "%-4s", x->of);
        for (int c = 0; c < 5; c++)
            value(&line, t, columns[c], x->of);
        text_addf(&line, " %9.1f", number_find(t, "questions", "N", x->of)->value);
        log_line("%s", line.s);
    }
    text_reset(&line);
}

static void say_results(const numbers_t *t, const choices_t *r, const choosing_t *c)
{
    static const char *const what[][2] = {{"verifier", "verifier"},
                                          {"random", "random"},
                                          {"majority", "majority"},
                                          {"oracle", "oracle"},
                                          {"verifier-random", "over_random"},
                                          {"verifier-majority", "over_majority"},
                                          {"verifier-oracle", "over_oracle"},
                                          {"questions", "questions"},
                                          {"silent", "silent"}};
    text_t line = {0};
    for (int i = 0; i < t->n; i++) {
        if (strcmp(t->row[i].measure, "verifier") != 0)
            continue;
        text_clear(&line);
        text_addf(&line, "RESULT select N=%s method=%s problems=%d", t->row[i].of,
                  method_names[c->method], t->row[i].lists);
        for (size_t k = 0; k < sizeof what / sizeof *what; k++) {
            const number_t *x = number_find(t, what[k][0], "N", t->row[i].of);
            if (x && !isnan(x->value))
                results_key(x, what[k][1], &line);
        }
        log_line("%s", line.s);
    }
    text_reset(&line);
    log_line("RESULT select problems=%d too_few=%d questions=%lld silent=%lld executed=%lld "
             "faults=%lld differ=%lld generate_s=%.2f stall_s=%.3f wait_s=%.2f",
             r->problems, r->too_few, (long long)r->questions, (long long)r->silent,
             (long long)r->runs, (long long)r->faults, (long long)r->differ, r->generate_s,
             r->stall_s, r->wait_s);
}

static void say_warnings(const choices_t *r, const choosing_t *c)
{
    if (r->too_few)
        log_line("  %d problems left out: fewer than select.programs = %d executed programs",
                 r->too_few, c->programs);
    if (r->problems < INTERVAL_LEAST)
        log_line("  %d problems are too few for an interval", r->problems);
    if (r->questions && r->silent == r->questions)
        log_warn(
            "not one question was answered: every choice was drawn.  See that eval.mode, "
            "prompt.template, eval.max_new and eval.max_prompt suit the model (`aletheia show list` "
            "prints a prompt)");
    if (r->differ)
        log_warn("%lld chosen programs passed or failed otherwise than the problem file says: "
                 "run `aletheia grade` on it",
                 (long long)r->differ);
}

/* Tables, lines, file. */
static void report(group_t *g, const choices_t *r, const choosing_t *c, const deck_t *d,
                   const model_t *m)
{
    numbers_t t = {0}; /* the first rank's, which alone speaks; the file takes them from it */
    if (group_rank(g) == 0)
        t = choices_results(r, c->seed);
    const char *out = deck_text(d, "select.out");
    say_table(&t, r);
    say_warnings(r, c);
    say_results(&t, r, c);
    if (*out) {
        text_t deck = {0};
        deck_write(d, &deck);
        select_write(g, out, deck.s, suite_names[c->split], model_hash(m), r->row,
                     group_rank(g) ? 0 : r->n, &t);
        text_reset(&deck);
        log_line("written: %s", out);
    }
    mem_free(t.row);
}

static void check_choices(const choices_t *r, const choosing_t *c, const deck_t *d)
{
    if (r->problems || r->stopped)
        return;
    if (r->too_few && !r->most)
        fail(
            CODE_DATA,
            "%s: no program of its %s problems was executed here: a choice is executed, so imported "
            "labels do not do; run `aletheia grade` on it, or give its tests to `aletheia import`",
            deck_text(d, "data.problems"), suite_names[c->split]);
    if (r->too_few)
        fail(CODE_USAGE,
             "select.programs = %d, but a %s problem of %s has at most %d executed programs in one "
             "language: choose among fewer, or draw more (problems.weak, problems.strong, "
             "problems.equivalents)",
             c->programs, suite_names[c->split], deck_text(d, "data.problems"), r->most);
    fail(CODE_USAGE, "%s has no problems of split %s (select.split)", deck_text(d, "data.problems"),
         suite_names[c->split]);
}

static int choose(deck_t *d, grading_t *grading, group_t *g)
{
    choosing_t c = choosing_read(d);
    const char *path = asked_path(d);
    if (!*deck_text(d, "data.problems"))
        fail(CODE_USAGE,
             "data.problems is not set: name a problem file (`aletheia problems` makes one)");
    asking_t o = asking_read(d, deck_text(d, "eval.mode"));
    ready_want_t want = eval_want(d, path);
    loaded_t l = load_asked(g, path, &want, 0);
    bank_t bank = {0};
    bank_read(g, &bank, deck_text(d, "data.problems"));
    asker_t a = {.how = &o, .bank = &bank, .stop = asked_to_stop, .ctx = grading};
    template_t *template = asker_open(&a, &o, d, &l, g);
    log_line("%s chooses among %d programs of %s problems of %s, %s, %s answers, %d a question",
             path, c.programs, suite_names[c.split], deck_text(d, "data.problems"),
             method_names[c.method], deck_text(d, "eval.mode"), o.samples);
    log_line("sandbox: %s", grading_mode(grading));
    choices_t r = choose_programs(g, &a, grading, &c);
    check_choices(&r, &c, d);
    int broken = !r.stopped && r.faults > grading_fault_rate(grading) * (double)r.runs;
    if (!r.stopped)
        report(g, &r, &c, d, l.model);
    if (broken)
        log_warn("%lld of %lld executions failed on our side: run the same command again",
                 (long long)r.faults, (long long)r.runs);
    int code = r.stopped ? CODE_AGAIN : broken ? CODE_FAULT : CODE_DONE;
    engine_free(a.engine);
    mem_free(r.row);
    bank_free(&bank);
    template_free(template);
    load_free(&l);
    return code;
}

int verb_select(call_t *c)
{
    group_t *world = comm_world();
    stop_install();
    grading_t *grading = grading_read(c->deck, world, c->keeper);
    int code = CODE_DONE;
    if (grading_is_grader(grading))
        grading_serve(grading);
    else
        code = choose(c->deck, grading, grading_clients(grading));
    grading_close(grading);
    return code;
}
