/* What a run will take, before anything is loaded: one piece of code for the run's own
   first page and for `aletheia plan`.

   plan_read turns a deck into the sizes that matter: samplers, micro-batches; ready.c
   says in which type the model is held.  plan_memory asks every x_bytes for them, the function that
   stands beside each x_new and is tested against it; nothing is estimated.  Left out is
   what a problem file takes in memory (the first page says it once it is read) and what
   trajectories take while a step lasts, which is small beside pages and activations.

   Per rank, since every rank holds the whole model (data parallel).  Files are of the
   run: a checkpoint has parameters, both moments and, where the reference is not the
   policy, the reference, float32 each.  local */
#include "rl.h"
#include <string.h>

void plan_read(trainer_t *r)
{
    const deck_t *d = r->deck;
    recipe_fill(r->deck);
    r->recipe = recipe_read(d);
    r->seed = (uint64_t)deck_int(d, "run.seed");
    r->steps = deck_int(d, "run.steps");
    r->micro_tokens = (int)deck_int(d, "recipe.micro_tokens");
    r->record_every = (int)deck_int(d, "recipe.record_every");
    r->eval_every = (int)deck_int(d, "run.eval_every");
    if (!*deck_text(d, "model.dir"))
        fail_any(r->group, 1, CODE_USAGE,
                 "model.dir is not set: name a model directory (`aletheia init` "
                 "makes one)");
    r->sampler = (sampler_t){.how = {(float)r->recipe.temperature, 1, 0},
                             .group = r->recipe.group,
                             .max_new = r->recipe.max_new,
                             .width = (int)deck_int(d, "sampler.width"),
                             .max_prompt = (int)deck_int(d, "sampler.max_prompt"),
                             .seed = r->seed,
                             .purpose = RNG_SAMPLE};
    r->eval = (sampler_t){.group = (int)deck_int(d, "eval.samples"),
                          .max_new = (int)deck_int(d, "eval.max_new"),
                          .width = (int)deck_int(d, "eval.width"),
                          .max_prompt = (int)deck_int(d, "eval.max_prompt")};
    int answer = r->kind == RUN_SFT ? (int)deck_int(d, "sft.max_answer") : r->recipe.max_new;
    int longest = r->sampler.max_prompt + answer;
    r->max_tokens = longest > r->micro_tokens ? longest : r->micro_tokens;
}

void plan_effective(trainer_t *r, dtype_t held)
{
    deck_set(r->deck, "model.dtype", dtype_texts[held]);
    question_decide(r->deck, deck_text(r->deck, "model.dir"));
}

void plan_fit(trainer_t *r, const model_config_t *c)
{
    int room = c->max_position - r->eval.max_new;
    r->eval.max_prompt = r->eval.max_prompt < room ? r->eval.max_prompt : room;
}

int plan_memory(plan_t *p, const trainer_t *r, const model_config_t *c, int ranks)
{
    params_t all = params_new(c);
    size_t block = (size_t)all.count * sizeof(float), host = LEARN_CHUNK * sizeof(float);
    params_free(&all);
    int train = r->kind == RUN_TRAIN, n = 0, eval = r->eval_every > 0;
    p[n++] = (plan_t){"parameters, as they are held", model_bytes(c, r->ops)};
    p[n++] =
        (plan_t){"reference model", train && r->recipe.kl_beta > 0 ? model_bytes(c, r->ops) : 0};
    p[n++] = (plan_t){"optimizer: float32 master, two moments", optim_bytes(c)};
    p[n++] = (plan_t){"gradient", block + (ranks > 1 ? block < host ? block : host : 0)};
    p[n++] = (plan_t){"activations", acts_bytes(c, r->ops, r->max_tokens, r->max_tokens) +
                                         (size_t)r->max_tokens * 20};
    size_t pages[2] = {train ? engine_page_bytes(c, r->ops, &r->sampler) : 0,
                       eval ? engine_page_bytes(c, r->ops, &r->eval) : 0};
    p[n++] = (plan_t){"generation: keys and values", pages[0]};
    p[n++] = (plan_t){"generation: workspace",
                      train ? engine_bytes(c, r->ops, &r->sampler) - pages[0] : 0};
    p[n++] = (plan_t){"evaluation: keys and values", pages[1]};
    p[n++] =
        (plan_t){"evaluation: workspace", eval ? engine_bytes(c, r->ops, &r->eval) - pages[1] : 0};
    ASSERT(n < PLAN_LINES);
    return n;
}

int plan_misfit(const plan_t *p, int n, size_t have, text_t *why)
{
    size_t sum = 0;
    for (int i = 1; i < n; i++) /* the first line is what the program has already */
        sum += p[i].bytes;
    if (sum > have)
        text_addf(why,
                  "does not fit: needs %.1f MB on each rank, have %.1f MB; lower "
                  "recipe.micro_tokens (activations), sampler.width or sampler.max_prompt "
                  "(generation), or run fewer ranks on a machine",
                  (double)sum / 1e6, (double)have / 1e6);
    return sum > have;
}

int plan_files(plan_t *p, const trainer_t *r, const model_config_t *c)
{
    params_t all = params_new(c);
    int64_t count = 0;
    for (int i = 0; i < all.n; i++)
        count += all.tensor[i].rows * all.tensor[i].cols;
    params_free(&all);
    int reference = r->kind == RUN_TRAIN && r->recipe.kl_beta > 0 && r->recipe.reference_reset != 1;
    size_t bytes = (size_t)count * sizeof(float);
    p[0] = (plan_t){"a checkpoint", bytes * 3};
    p[1] = (plan_t){"a checkpoint between resets of the reference", reference ? bytes * 4 : 0};
    p[2] = (plan_t){"checkpoints kept (run.keep)",
                    (bytes * (reference ? 4 : 3)) * (size_t)deck_int(r->deck, "run.keep")};
    p[3] = (plan_t){"the exported model, bfloat16", bytes / 2};
    p[4] = (plan_t){"the exported model, float32", bytes};
    return 5;
}
