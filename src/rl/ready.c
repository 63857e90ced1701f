/* What a verb will refuse of a model, found before anything is loaded and said at once.

   plan, train, sft, eval, sample, score and export look through the same functions, so
   that none of them refuses later what another took:

       there           the directory, or a file that stands for it
       configuration   config.json is one that can be computed
       type            model.dtype is one in which a model is held
       weights         their headers have the names, shapes and types of that model
       tokenizer       it is there, and gives the ids that its makers' software gives
       embeddings      every id of the tokenizer has a row
       prompts         how the model is asked is decided, and every token of that is one
       positions       prompt and answer together have some

   Each look is tried (fail_catch); what one says is kept, and the next goes on with what
   there is.  ready_refuse ends the program with all of it in one message and the exit
   code of the first.  Only headers and small files are read: milliseconds beside the
   tokenizer, which is opened once, here.  A continued run has its configuration and
   weights from a checkpoint; then the directory is looked at for the rest only.  Every
   rank looks and finds the same; refusing is collective, so that one speaks. */
#include "rl.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

void ready_add(ready_t *r, int code, const char *message)
{
    for (int i = 0; i < r->n; i++)
        if (!strcmp(r->why[i], message))
            return;
    r->code = r->n ? r->code : code;
    PUSH(r->why, r->n, r->cap, mem_text(message));
}

/* A reader's message that names several things, a line each, becomes so many of ours. */
static int look(ready_t *r, void (*at)(void *ctx))
{
    text_t why = {0};
    int code = fail_catch(at, r, &why);
    char *line = code ? why.s : NULL, *more = code ? strstr(why.s, ":\n  ") : NULL;
    line = more ? more + 4 : line;
    for (char *end; line; line = end ? end + 3 : NULL) {
        end = more ? strstr(line, "\n  ") : NULL;
        if (end)
            *end = 0;
        ready_add(r, code, line);
    }
    text_reset(&why);
    return !code;
}

/* What is looked at ------------------------------------------------------------------ */

static void there(void *ctx)
{
    ready_t *r = ctx;
    struct stat st;
    if (stat(r->want.dir, &st))
        fail(CODE_DATA,
             "%s: cannot be read: %s; a model directory (config.json, tokenizer.json, "
             "model.safetensors) was expected",
             r->want.dir, strerror(errno));
}

static void configuration(void *ctx)
{
    ready_t *r = ctx;
    hf_config_read(r->want.dir, &r->config);
}

static void weights(void *ctx)
{
    ready_t *r = ctx;
    hf_weights_look(r->want.dir, &r->config);
}

static void tokenizer(void *ctx)
{
    ready_t *r = ctx;
    r->tokenizer = tokenizer_open(r->want.dir);
}

static void type(void *ctx)
{
    ready_t *r = ctx;
    r->held = hf_held_type(r->want.deck, r->want.dir);
}

static void embeddings(void *ctx)
{
    ready_t *r = ctx;
    if (tokenizer_size(r->tokenizer) > r->config.vocab)
        fail(CODE_DATA,
             "%s: the tokenizer has ids up to %d, the model %d rows of embeddings (vocab_size); is "
             "it another model's?",
             r->want.dir, tokenizer_size(r->tokenizer) - 1, r->config.vocab);
}

static void prompts(void *ctx)
{
    ready_t *r = ctx;
    r->template = template_open(r->want.deck, r->want.dir, r->tokenizer);
}

static void positions(void *ctx)
{
    ready_t *r = ctx;
    int most = r->config.max_position;
    if (r->want.longest > most)
        fail(
            CODE_USAGE,
            "the longest prompt and answer together are %d tokens, the model's positions end at %d "
            "(max_position_embeddings); lower sampler.max_prompt or %s",
            r->want.longest, most, r->want.answer_key);
}

static void evaluations(void *ctx)
{
    ready_t *r = ctx;
    if (r->want.eval_new >= r->config.max_position)
        fail(CODE_USAGE,
             "%s = %d leaves no room for a prompt: the model's positions end at %d "
             "(max_position_embeddings)",
             r->want.eval_key ? r->want.eval_key : "eval.max_new", r->want.eval_new,
             r->config.max_position);
}

/* All -------------------------------------------------------------------------------- */

ready_want_t ready_of_run(const trainer_t *r)
{
    int sft = r->set.kind == RUN_SFT;
    int answer = sft ? (int)deck_int(r->set.deck, "sft.max_answer") : r->set.recipe.max_new;
    return (ready_want_t){.deck = r->set.deck,
                          .dir = deck_text(r->set.deck, "model.dir"),
                          .asks = 1,
                          .longest = r->set.sampler.max_prompt + answer,
                          .answer_key = sft ? "sft.max_answer" : "recipe.max_new",
                          .eval_new = r->set.eval_every ? r->set.eval.max_new : 0};
}

ready_t ready_look(const ready_want_t *want)
{
    ready_t r = {.want = *want};
    if (!want->config && !look(&r, there))
        return r;
    r.alone = hf_is_config(want->dir);
    int planned = r.alone && want->config_will_do;
    r.has_config = want->config || look(&r, configuration);
    if (want->config)
        r.config = *want->config;
    look(&r, type);
    if (r.has_config && !want->config && !planned)
        look(&r, weights);
    int words = !planned && look(&r, tokenizer);
    if (words && r.has_config)
        look(&r, embeddings);
    if (words && want->asks)
        look(&r, prompts);
    if (r.has_config) {
        look(&r, positions);
        look(&r, evaluations);
    }
    return r;
}

void ready_refuse(const ready_t *r, group_t *g)
{
    text_t all = {0};
    if (r->n > 1)
        text_addf(&all, "%s: %d things are to be mended before this can begin:", r->want.dir, r->n);
    for (int i = 0; i < r->n; i++)
        if (r->n > 1)
            text_addf(&all, "\n  %d. %s", i + 1, r->why[i]);
        else
            text_add(&all, r->why[i]);
    fail_any(g, r->n, r->code, "%s", all.s ? all.s : ""); /* the same on every rank: one speaks */
    text_reset(&all);
}

void ready_free(ready_t *r)
{
    for (int i = 0; i < r->n; i++)
        mem_free(r->why[i]);
    mem_free(r->why);
    tokenizer_free(r->tokenizer);
    template_free(r->template);
    *r = (ready_t){0};
}
