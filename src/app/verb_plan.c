/* aletheia plan DECK [section.key=value ...]: what a run would take, before anything is
   loaded.

   The model is that of model.dir, which may be a directory or just a config.json: no
   weights and no tokenizer are read.  The lines are the run's own plan (rl/plan.c), for
   plan.verb on plan.ranks ranks, each of which holds the whole model.  Exit code 0 also
   where it does not fit this machine: the plan may be for another. */
#include "app.h"
#include <string.h>

static size_t print(const char *title, const plan_t *p, int n)
{
    size_t sum = 0;
    log_line("%s", title);
    for (int i = 0; i < n; i++) {
        sum += p[i].bytes;
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
    size_t pages = engine_page_bytes(c, r->ops, &o.sampler);
    p[0] = (plan_t){"parameters, as they are held", model_bytes(c, r->ops)};
    p[1] = (plan_t){"evaluation: keys and values", pages};
    p[2] = (plan_t){"evaluation: workspace", engine_bytes(c, r->ops, &o.sampler) - pages};
    return 3;
}

static void say_model(const trainer_t *r, const model_config_t *c)
{
    int64_t n = 0;
    params_t p = params_new(c);
    for (int i = 0; i < p.n; i++)
        n += p.tensor[i].rows * p.tensor[i].cols;
    params_free(&p);
    log_line("model        %s: %s, %lld parameters, %d layers of width %d, held as %s",
             deck_text(r->deck, "model.dir"), c->arch, (long long)n, c->layers, c->width,
             deck_text(r->deck, "model.dtype"));
}

/* Decks name what a run of that kind needs; a plan needs less. */
int verb_plan(call_t *c)
{
    if (c->argc < 1)
        fail(CODE_USAGE, "usage: aletheia plan DECK [section.key=value ...]");
    deck_t *d = deck_open(c->argv[0], c->argc - 1, c->argv + 1);
    const char *verb = deck_text(d, "plan.verb");
    int ranks = (int)deck_int(d, "plan.ranks"), eval = !strcmp(verb, "eval"), n;
    ranks = ranks ? ranks : group_size(comm_world());
    model_config_t config;
    plan_t p[PLAN_LINES] = {{"program and libraries", mem_peak_rss()}}, f[PLAN_LINES];
    trainer_t r = {.kind = strcmp(verb, "sft") ? RUN_TRAIN : RUN_SFT,
                   .deck = d,
                   .group = comm_world()};
    plan_read(&r);
    hf_config_read(deck_text(d, "model.dir"), &config);
    r.ops = deck_backend(d, dtype_of(deck_text(d, "model.dtype"), F32));
    plan_fit(&r, &config);
    say_model(&r, &config);
    n = 1 + (eval ? eval_memory(p + 1, &r, &config, d) : plan_memory(p + 1, &r, &config, ranks));
    text_t title = {0};
    text_addf(&title, "memory       of each of %d rank%s that %s", ranks, ranks > 1 ? "s" : "",
              eval ? "evaluate" : "train");
    size_t sum = print(title.s, p, n), file = 0;
    log_line("  %12.1f MB  in all; this machine has %.1f MB free", (double)sum / 1e6,
             (double)mem_available() / 1e6);
    if (!eval) {
        int lines = plan_files(f, &r, &config);
        print("files", f, lines);
        file = f[0].bytes;
    }
    log_line("RESULT verb=plan of=%s ranks=%d planned_mb=%.1f checkpoint_mb=%.1f", verb, ranks,
             (double)sum / 1e6, (double)file / 1e6);
    text_reset(&title);
    deck_free(d);
    return CODE_DONE;
}
