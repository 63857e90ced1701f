/* What a run will take, before anything is loaded: one piece of code for the run's own
   first page and for `aletheia plan`.

   plan_read turns a deck into the sizes that matter: samplers, micro-batches; ready.c
   says in which type the model is held.  plan_memory asks every x_bytes for them, the function that
   stands beside each x_new and is tested against it.  Completions that wait to be learned
   from are counted as if every one were as long as it may be, at four bytes of text a token:
   a bound, which stands in the plan but in no sum, since real answers are far from it.  Four
   steps of 128 prompts, 16 answers to each of 8,192 tokens, prompts of up to 4,096, are 0.95 GB
   over all ranks.  Left out is what a problem file takes in memory (the first page says it
   once it is read).

   Per rank, since every rank holds the whole model (data parallel).  Files are of the
   run: a checkpoint has parameters, both moments and, where the reference is not the
   policy, the reference, float32 each.  local */
#include "rl.h"
#include <string.h>

plan_t plan_line(const char *name, size_t bytes)
{
    return (plan_t){name, bytes, 0};
}

void plan_read(trainer_t *r)
{
    const deck_t *d = r->set.deck;
    recipe_fill(r->set.deck);
    r->set.recipe = recipe_read(d);
    r->set.seed = (uint64_t)deck_int(d, "run.seed");
    r->set.steps = deck_int(d, "run.steps");
    r->set.micro_tokens = (int)deck_int(d, "recipe.micro_tokens");
    r->set.record_every = (int)deck_int(d, "recipe.record_every");
    r->set.eval_every = (int)deck_int(d, "run.eval_every");
    if (!*deck_text(d, "model.dir"))
        fail_any(r->team.group, 1, CODE_USAGE,
                 "model.dir is not set: name a model directory (`aletheia init` "
                 "makes one)");
    r->set.sampler = (sampler_t){.how = {(float)r->set.recipe.temperature, 1, 0},
                                 .group = r->set.recipe.group,
                                 .max_new = r->set.recipe.max_new,
                                 .width = (int)deck_int(d, "sampler.width"),
                                 .max_prompt = (int)deck_int(d, "sampler.max_prompt"),
                                 .seed = r->set.seed,
                                 .purpose = RNG_SAMPLE};
    r->set.eval = (sampler_t){.group = (int)deck_int(d, "eval.samples"),
                              .max_new = (int)deck_int(d, "eval.max_new"),
                              .width = (int)deck_int(d, "eval.width"),
                              .max_prompt = (int)deck_int(d, "eval.max_prompt")};
    int answer =
        r->set.kind == RUN_SFT ? (int)deck_int(d, "sft.max_answer") : r->set.recipe.max_new;
    int together = r->set.kind == RUN_TRAIN && r->set.recipe.objective == OBJECTIVE_PAIR ? 2 : 1;
    int longest = r->set.sampler.max_prompt + together * answer; /* a pair is never cut */
    r->set.max_tokens = longest > r->set.micro_tokens ? longest : r->set.micro_tokens;
}

void plan_check(const trainer_t *r)
{
    text_t why = {0};
    int bad = r->set.kind == RUN_TRAIN && recipe_check(&r->set.recipe, r->set.deck, &why);
    fail_any(r->team.group, bad, CODE_USAGE, "%s", why.s);
    text_reset(&why);
}

void plan_effective(trainer_t *r, dtype_t held)
{
    deck_set(r->set.deck, "model.dtype", dtype_texts[held]);
    question_decide(r->set.deck, deck_text(r->set.deck, "model.dir"));
}

void plan_fit(trainer_t *r, const model_config_t *c)
{
    int room = c->max_position - r->set.eval.max_new;
    r->set.eval.max_prompt = r->set.eval.max_prompt < room ? r->set.eval.max_prompt : room;
}

/* The block, and with refilling a round's prompts beside it, dealt to the ranks, every answer as
   long as it may be: tokens, log-probabilities, text. */
static size_t waiting_bytes(const trainer_t *r, int ranks)
{
    enum { TEXT = 4 };
    const recipe_t *c = &r->set.recipe;
    size_t steps = c->sync_every > 1 ? (size_t)c->sync_every : 1, G = (size_t)c->group;
    size_t blocks = c->sync_every && c->refill ? 1 + GATHER_MOST : 1;
    size_t prompts = steps * blocks * (size_t)c->prompts;
    size_t answer = (size_t)r->set.sampler.max_prompt * sizeof(int32_t) +
                    (size_t)c->max_new * (sizeof(int32_t) + sizeof(float) + TEXT) + sizeof(traj_t) +
                    sizeof(reward_t) + sizeof(text_t) + sizeof(float);
    if (c->objective == OBJECTIVE_PAIR && !c->sync_every)
        G = 2;
    return (prompts + (size_t)ranks - 1) / (size_t)ranks *
           (sizeof(judged_t) + (size_t)r->set.sampler.max_prompt * sizeof(int32_t) + G * answer);
}

int plan_memory(plan_t *p, const trainer_t *r, const model_config_t *c, int ranks)
{
    params_t all = params_new(c);
    size_t block = (size_t)all.count * sizeof(float), host = LEARN_CHUNK * sizeof(float);
    params_free(&all);
    int train = r->set.kind == RUN_TRAIN, n = 0, eval = r->set.eval_every > 0;
    p[n++] = plan_line("parameters, as they are held", model_bytes(c, r->net.ops));
    p[n++] =
        plan_line("reference model",
                  train && recipe_keeps_reference(&r->set.recipe) ? model_bytes(c, r->net.ops) : 0);
    p[n++] = plan_line("optimizer: float32 master, two moments", optim_bytes(c));
    p[n++] = plan_line("gradient", block + (ranks > 1 ? block < host ? block : host : 0));
    p[n++] =
        plan_line("activations", acts_bytes(c, r->net.ops, r->set.max_tokens, r->set.max_tokens) +
                                     (size_t)r->set.max_tokens * 20);
    int samples = train && r->set.recipe.sync_every > 0;
    size_t pages[2] = {samples ? engine_page_bytes(c, r->net.ops, &r->set.sampler) : 0,
                       eval ? engine_page_bytes(c, r->net.ops, &r->set.eval) : 0};
    p[n++] = plan_line("generation: keys and values", pages[0]);
    p[n++] = plan_line("generation: workspace",
                       samples ? engine_bytes(c, r->net.ops, &r->set.sampler) - pages[0] : 0);
    p[n++] = plan_line("evaluation: keys and values", pages[1]);
    p[n++] = plan_line("evaluation: workspace",
                       eval ? engine_bytes(c, r->net.ops, &r->set.eval) - pages[1] : 0);
    p[n++] = (plan_t){"completions that wait, at most", train ? waiting_bytes(r, ranks) : 0, 1};
    ASSERT(n < PLAN_LINES);
    return n;
}

int plan_misfit(const plan_t *p, int n, size_t have, text_t *why)
{
    size_t sum = 0;
    for (int i = 1; i < n; i++) /* the first line is what the program has already */
        sum += p[i].bound ? 0 : p[i].bytes;
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
    int reference = r->set.kind == RUN_TRAIN && recipe_keeps_reference(&r->set.recipe) &&
                    r->set.recipe.reference_reset != 1;
    size_t bytes = (size_t)count * sizeof(float);
    p[0] = plan_line("a checkpoint", bytes * 3);
    p[1] = plan_line("a checkpoint between resets of the reference", reference ? bytes * 4 : 0);
    p[2] = plan_line("checkpoints kept (run.keep)",
                     (bytes * (reference ? 4 : 3)) * (size_t)deck_int(r->set.deck, "run.keep"));
    p[3] = plan_line("the exported model, bfloat16", bytes / 2);
    p[4] = plan_line("the exported model, float32", bytes);
    return 5;
}
