/* aletheia plan DECK|DIR [section.key=value ...]: whether a run can begin, and what it
   would take, before anything is loaded.

   The model is DIR or model.dir, a directory or just a config.json.  What the verb
   (plan.verb) would refuse of it is refused here by the same functions (rl/ready.c), all
   in one message: of the weights only the headers are read.  Of a config.json alone the
   rest cannot be looked at, and that is said.  The lines are the run's own plan
   (rl/plan.c), on plan.ranks ranks, each of which holds the whole model.  They are
   compared with the memory that is free here, or with plan.free_mb where the run is to be
   on another machine; too little is refused where a deck is named whose verb would do so
   too (train and sft).  DIR is planned with every key's default, which nobody chose, and
   a config.json alone is no run that could begin: there too little is only said. */
#include "app.h"
#include <string.h>
#include <sys/stat.h>

static size_t print(const char *title, const plan_t *p, int n)
{
    size_t sum = 0;
    log_line("%s", title);
    for (int i = 0; i < n; i++) {
        sum += p[i].bound ? 0 : p[i].bytes;
        if (p[i].bytes)
            log_line("  %12.1f MB  %s", (double)p[i].bytes / 1e6, p[i].name);
    }
    return sum;
}

static int eval_memory(plan_t *p, const trainer_t *r, const model_config_t *c, const deck_t *d)
{
    asking_t o = asking_read(d, deck_text(d, "eval.mode"));
    int room = c->max_position - o.sampler.max_new;
    o.sampler.max_prompt = o.sampler.max_prompt < room ? o.sampler.max_prompt : room;
    size_t pages = engine_page_bytes(c, r->net.ops, &o.sampler);
    p[0] = plan_line("parameters, as they are held", model_bytes(c, r->net.ops));
    p[1] = plan_line("evaluation: keys and values", pages);
    p[2] = plan_line("evaluation: workspace", engine_bytes(c, r->net.ops, &o.sampler) - pages);
    return 3;
}

static int collect_memory(plan_t *p, const trainer_t *r, const model_config_t *c, const deck_t *d)
{
    sampler_t s = collect_sampler(d, c);
    size_t pages = engine_page_bytes(c, r->net.ops, &s);
    int tokens = s.max_prompt + s.max_new, again = deck_real(d, "collect.temperature") != 1;
    p[0] = plan_line("parameters, as they are held", model_bytes(c, r->net.ops));
    p[1] = plan_line("generation: keys and values", pages);
    p[2] = plan_line("generation: workspace", engine_bytes(c, r->net.ops, &s) - pages);
    p[3] = plan_line("log-probabilities at temperature 1: activations",
                     again ? acts_bytes(c, r->net.ops, tokens, tokens) : 0);
    return 4;
}

static void say_model(const trainer_t *r, const model_config_t *c)
{
    int64_t n = 0;
    params_t p = params_new(c);
    for (int i = 0; i < p.n; i++)
        n += p.tensor[i].rows * p.tensor[i].cols;
    params_free(&p);
    log_line("model        %s: %s, %lld parameters, %d layers of width %d, held as %s",
             deck_text(r->set.deck, "model.dir"), c->arch, (long long)n, c->layers, c->width,
             deck_text(r->set.deck, "model.dtype"));
}

/* The first word names a deck, or a model: a directory, or a file that is a JSON object. */
static int names_model(const char *path)
{
    struct stat st;
    text_t text = {0};
    if (!stat(path, &st) && S_ISDIR(st.st_mode))
        return 1;
    int model = !text_read_file(&text, path) && text.len &&
                text.s[strspn(text.s, " \t\r\n\xEF\xBB\xBF")] == '{';
    text_reset(&text);
    return model;
}

static deck_t *read_deck(const call_t *c)
{
    int model = names_model(c->argv[0]);
    deck_t *d = deck_open(model ? NULL : c->argv[0], c->argc - 1, c->argv + 1);
    if (model && deck_is_set(d, "model.dir"))
        fail(CODE_USAGE, "plan: two models, %s and model.dir = %s; one was expected", c->argv[0],
             deck_text(d, "model.dir"));
    if (model)
        deck_set(d, "model.dir", c->argv[0]);
    else if (!strcmp(deck_text(d, "plan.verb"), "eval") && *deck_text(d, "eval.model"))
        deck_set(d, "model.dir", deck_text(d, "eval.model"));
    return d;
}

static void say_prompt(const ready_t *ready)
{
    text_t text = {0};
    if (ready->template) {
        template_say(ready->template, &text);
        log_line("prompt       %s", text.s);
    }
    text_reset(&text);
}

static void say_unchecked(const ready_t *ready)
{
    if (ready->alone && ready->want.config_will_do)
        log_line("not checked  weights, tokenizer and how the model is asked: %s is a config.json "
                 "alone",
                 ready->want.dir);
}

/* Memory beside the program, as the run will compare it; refuse: as it will. */
static void look_at_memory(ready_t *ready, const plan_t *p, int n, size_t have, const char *whose,
                           int refuse)
{
    text_t why = {0};
    if (plan_misfit(p, n, have, &why)) {
        text_addf(&why, " (%s; plan.free_mb = MB plans for another)", whose);
        if (refuse)
            ready_add(ready, CODE_FIT, why.s);
        else
            log_line("             %s", why.s);
    }
    text_reset(&why);
}

/* Lines of memory and files; what does not fit is added to what is refused. */
static void plan_all(trainer_t *r, ready_t *ready, int refuse)
{
    const model_config_t *c = &ready->config;
    const char *verb = deck_text(r->set.deck, "plan.verb");
    int here = group_size(comm_world()), ranks = (int)deck_int(r->set.deck, "plan.ranks");
    int eval = !strcmp(verb, "eval"), collect = !strcmp(verb, "collect");
    double free_mb = deck_real(r->set.deck, "plan.free_mb");
    size_t have = free_mb > 0 ? (size_t)(free_mb * 1e6) : mem_available() / (size_t)here;
    plan_t p[PLAN_LINES] = {plan_line("program and libraries", mem_peak_rss())}, f[PLAN_LINES];
    ranks = ranks ? ranks : here;
    plan_effective(r, ready->held);
    r->net.ops = deck_backend(r->set.deck, ready->held);
    plan_fit(r, c);
    say_model(r, c);
    say_prompt(ready);
    int n = 1 + (eval      ? eval_memory(p + 1, r, c, r->set.deck)
                 : collect ? collect_memory(p + 1, r, c, r->set.deck)
                           : plan_memory(p + 1, r, c, ranks));
    text_t title = {0};
    text_addf(&title, "memory       of each of %d rank%s that %s", ranks, ranks > 1 ? "s" : "",
              eval      ? "evaluate"
              : collect ? "collect"
                        : "train");
    size_t sum = print(title.s, p, n), file = 0;
    log_line("  %12.1f MB  in all; %s %.1f MB free", (double)sum / 1e6,
             free_mb > 0 ? "there are" : "this machine has",
             (free_mb > 0 ? (double)have : (double)mem_available()) / 1e6);
    if (!eval && !collect) {
        int lines = plan_files(f, r, c);
        print("files", f, lines);
        file = f[0].bytes;
    }
    look_at_memory(ready, p, n, have, free_mb > 0 ? "plan.free_mb" : "this machine",
                   refuse && !eval && !collect && !ready->alone);
    log_line("RESULT verb=plan of=%s ranks=%d planned_mb=%.1f checkpoint_mb=%.1f", verb, ranks,
             (double)sum / 1e6, (double)file / 1e6);
    text_reset(&title);
}

/* Decks name what a run of that kind needs; a plan needs less. */
int verb_plan(call_t *c)
{
    if (c->argc < 1)
        fail(CODE_USAGE, "usage: aletheia plan DECK|DIR|config.json [section.key=value ...]");
    deck_t *d = read_deck(c);
    const char *verb = deck_text(d, "plan.verb");
    trainer_t r = {.set = {.kind = strcmp(verb, "sft") ? RUN_TRAIN : RUN_SFT, .deck = d},
                   .team = {.group = comm_world()}};
    plan_read(&r);
    if (!strcmp(verb, "train"))
        plan_check(&r);
    const char *dir = deck_text(d, "model.dir");
    ready_want_t want = !strcmp(verb, "eval")      ? eval_want(d, dir)
                        : !strcmp(verb, "collect") ? collect_want(d, dir)
                                                   : ready_of_run(&r);
    want.config_will_do = 1;
    ready_t ready = ready_look(&want);
    if (ready.has_config && !ready.n)
        plan_all(&r, &ready, !names_model(c->argv[0]));
    ready_refuse(&ready, comm_world());
    say_unchecked(&ready);
    ready_free(&ready);
    deck_free(d);
    return CODE_DONE;
}
