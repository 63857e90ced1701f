/* aletheia eval DECK: every number of one model on the suites of one problem file.

   Prints tables and RESULT lines of each suite; writes OUT/<suite>.h5 with every single answer, so
   that comparisons can pair lists, and the table of results (eval/results.c).  All ranks share the lists; the numbers are those of one
   rank. A checkpoint is asked as its run was: what [prompt] of the deck leaves open, the run's deck
   says. */
#include "app.h"
#include <errno.h>
#include <stdlib.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

static int asked_to_stop(void *ctx)
{
    (void)ctx;
    return stop_asked();
}

asking_t asking_read(const deck_t *d, const char *mode)
{
    asking_t o = {.mode = !strcmp(mode, "think") ? MODE_THINK : MODE_INSTRUCT,
                  .samples = (int)deck_int(d, "eval.samples"),
                  .limit = (int)deck_int(d, "eval.limit"),
                  .seed = (uint64_t)deck_int(d, "run.seed")};
    o.sampler = (sampler_t){.how = {.temperature = (float)deck_real(d, "eval.temperature"),
                                    .top_p = (float)deck_real(d, "eval.top_p"),
                                    .top_k = (int)deck_int(d, "eval.top_k")},
                            .group = o.samples,
                            .max_new = (int)deck_int(d, "eval.max_new"),
                            .width = (int)deck_int(d, "eval.width"),
                            .max_prompt = (int)deck_int(d, "eval.max_prompt")};
    o.votes = o.samples < MOST_VOTES ? o.samples : MOST_VOTES;
    return o;
}

/* What only this verb asks. */
static void votes_read(asking_t *o, const deck_t *d)
{
    int most = (int)deck_int(d, "eval.votes");
    if (most > o->samples)
        fail(
            CODE_USAGE,
            "eval.votes = %d, but there are only eval.samples = %d answers to vote: ask for as many, or "
            "let fewer vote",
            most, o->samples);
    o->votes = most ? most : o->votes;
    o->pairs = deck_flag(d, "eval.pairs");
}

/* "512,1024" -> ascending */
static void budgets_read(asking_t *o, const deck_t *d)
{
    const char *text = deck_text(d, "eval.budget");
    for (const char *w = text; *w; w += strspn(w, ", ")) {
        char *end;
        long b = strtol(w, &end, 10);
        int last = o->n_budget ? o->budget[o->n_budget - 1] : 0;
        if (end == w || (*end && !strchr(", ", *end)) || b <= last || b > 1000000)
            fail(
                CODE_USAGE,
                "eval.budget = %s: expected numbers of tokens, ascending and comma-separated, as in "
                "512,1024,2048; not `%.*s`",
                text, (int)strcspn(w, ", "), w);
        if (o->n_budget == BUDGETS)
            fail(CODE_USAGE, "eval.budget = %s: more than %d budgets", text, BUDGETS);
        o->budget[o->n_budget++] = (int)b;
        w = end;
    }
    if (o->n_budget && o->mode != MODE_THINK)
        fail(
            CODE_USAGE,
            "eval.budget cuts thinking, but eval.mode = instruct has none: set eval.mode = think, or "
            "leave eval.budget out");
}

int suites_read(const char *text, suite_t *suite)
{
    int n = 0;
    for (const char *w = text; *w; w += strcspn(w, ", "), w += strspn(w, ", ")) {
        size_t len = strcspn(w, ", ");
        int s = 0;
        while (s < SUITES && (strlen(suite_names[s]) != len || strncmp(w, suite_names[s], len)))
            s++;
        if (s == SUITES || n == SUITES)
            fail(CODE_USAGE,
                 "suites = %s: `%.*s` is no suite (train, heldout, strong, hard, equivalent, adv)",
                 text, (int)len, w);
        suite[n++] = (suite_t)s;
    }
    return n;
}

const char *asked_path(const deck_t *d)
{
    const char *own = deck_text(d, "eval.model");
    return *own ? own : deck_text(d, "model.dir");
}

ready_want_t eval_want(const deck_t *d, const char *dir)
{
    return (ready_want_t){.deck = d,
                          .dir = dir,
                          .asks = 1,
                          .eval_new = (int)deck_int(d, "eval.max_new")};
}

/* A checkpoint is looked at once its deck is known; lists with longer prompts are left out. */
static void check_room(group_t *g, asking_t *o, const deck_t *d, const loaded_t *l)
{
    const model_config_t *c = model_config(l->model);
    int room = c->max_position - o->sampler.max_new;
    ready_want_t want = eval_want(d, l->from);
    want.config = c;
    if (l->deck) {
        ready_t ready = ready_look(&want);
        ready_refuse(&ready, g);
        ready_free(&ready);
    }
    o->sampler.max_prompt = o->sampler.max_prompt < room ? o->sampler.max_prompt : room;
}

template_t *asked_template(deck_t *d, const loaded_t *l)
{
    static const char *const keys[] = {"prompt.template", "prompt.system", "prompt.question"};
    text_t text = {0};
    if (l->deck &&
        !deck_is_set(l->deck, keys[2])) /* an older version's, which knew only this one */
        deck_set(l->deck, keys[2], "brief");
    for (int i = 0; l->deck && i < 3; i++)
        if (!deck_is_set(d, keys[i]))
            deck_set(d, keys[i], deck_text(l->deck, keys[i]));
    question_decide(d, l->from);
    template_t *t = template_open(d, l->from, l->tokenizer);
    template_say(t, &text);
    log_line("prompt: %s", text.s);
    text_reset(&text);
    return t;
}

template_t *asker_open(asker_t *a, asking_t *o, deck_t *d, const loaded_t *l, group_t *g)
{
    template_t *t = asked_template(d, l);
    o->template = t;
    sampler_stop(&o->sampler, t->stop, t->n_stop);
    check_room(g, o, d, l);
    a->model = l->model;
    a->tokenizer = l->tokenizer;
    a->engine = engine_new(model_config(l->model), model_ops(l->model), &o->sampler);
    if (o->n_budget) {
        sampler_t cut = budget_sampler(a);
        a->cut = engine_new(model_config(l->model), model_ops(l->model), &cut);
    }
    return t;
}

/* Lists with imported labels are asked only where the deck says so. */
void asked_labels(group_t *g, const deck_t *d, const bank_t *b, const suite_t *suite, int n)
{
    int imported = 0;
    for (int i = 0; i < n; i++)
        imported += bank_imported_lists(b, suite[i]);
    fail_any(g, imported && !deck_flag(d, "data.allow_imported"), CODE_DATA, BANK_IMPORTED_REFUSED,
             deck_text(d, "data.problems"), imported);
    if (imported)
        log_line("labels: IMPORTED, not executed here, for %d lists of these suites", imported);
}

/* Answers to the unedited lists of what was asked; r is the caller's where it was asked anew. */
static asked_t ask_unedited(group_t *g, const asker_t *a, const asked_t *edited)
{
    asking_t plain = *a->how;
    asker_t only = *a;
    int n = 0, *list = ALLOC(int, edited->n_answer + 1);
    plain.pairs = plain.n_budget = 0;
    only.how = &plain;
    char *wanted = ALLOC(char, a->bank->n_list + 1);
    for (int i = 0; i < edited->n_answer; i++) {
        const list_t *l = &a->bank->list[edited->answer[i].list];
        if (l->edit)
            wanted[l->base] = 1;
    }
    for (int i = 0; i < a->bank->n_list; i++)
        if (wanted[i])
            list[n++] = i;
    asked_t r = eval_lists(g, &only, list, n);
    mem_free(list), mem_free(wanted);
    return r;
}

/* 1: abandoned. */
static int evaluate(group_t *g, const asker_t *a, suite_t suite, const deck_t *d, const char *out)
{
    asked_t asked = eval_suite(g, a, suite), unedited = {0};
    if (!asked.stopped && asked.acc.lists && suite == SUITE_ADV)
        unedited = ask_unedited(g, a, &asked);
    int stopped = asked.stopped || unedited.stopped;
    if (!stopped && asked.acc.lists == 0) {
        log_warn("suite %s: no lists of it in %s%s (%d left out)", suite_names[suite],
                 deck_text(d, "data.problems"),
                 asked.dropped ? " with a prompt of at most eval.max_prompt tokens" : "",
                 asked.dropped);
        log_line("RESULT suite=%s lists=0 dropped=%d", suite_names[suite], asked.dropped);
    } else if (!stopped) {
        eval_report(g, a, &asked, suite, unedited.n_answer ? &unedited : NULL, out, d);
    }
    asked_free(&asked);
    asked_free(&unedited);
    return stopped;
}

int verb_eval(call_t *c)
{
    deck_t *d = c->deck;
    group_t *g = comm_world();
    stop_install();
    suite_t suite[SUITES];
    int n = suites_read(deck_text(d, "eval.suites"), suite);
    asking_t o = asking_read(d, deck_text(d, "eval.mode"));
    votes_read(&o, d);
    budgets_read(&o, d);
    const char *path = asked_path(d);
    ready_want_t want = eval_want(d, path);
    loaded_t l = load_asked(g, path, &want, 0);
    bank_t bank = {0};
    if (!*deck_text(d, "data.problems"))
        fail(CODE_USAGE,
             "data.problems is not set: name a problem file (`aletheia problems` makes one)");
    bank_read(g, &bank, deck_text(d, "data.problems"));
    asked_labels(g, d, &bank, suite, n);
    const char *out = *deck_text(d, "eval.out") ? deck_text(d, "eval.out") : NULL;
    if (out && group_rank(g) == 0 && mkdir(out, 0777) && errno != EEXIST)
        fail(CODE_USAGE, "eval.out = %s: cannot make this folder: %s", out, strerror(errno));
    comm_barrier(g);

    asker_t a = {.how = &o, .bank = &bank, .stop = asked_to_stop};
    template_t *template = asker_open(&a, &o, d, &l, g);
    log_line("%s on %s, %s answers, %d a list, temperature %g, top-p %g", path,
             deck_text(d, "data.problems"), deck_text(d, "eval.mode"), o.samples,
             o.sampler.how.temperature, o.sampler.how.top_p);
    int stopped = 0;
    for (int i = 0; i < n && !stopped; i++)
        stopped = evaluate(g, &a, suite[i], d, out);
    engine_free(a.engine), engine_free(a.cut);
    bank_free(&bank);
    template_free(template);
    load_free(&l);
    return stopped ? CODE_AGAIN : CODE_DONE;
}
