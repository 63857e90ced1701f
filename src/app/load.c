/* A model by any of its names.

   DIR with config.json     a Hugging Face model directory
   DIR with ckpt/           a run directory: its newest complete checkpoint
   FILE.h5                  a checkpoint
   A checkpoint holds the configuration and the deck of its run; the deck's model.dir says where the
   tokenizer lies, since training never changes it.

   What is to be refused of a directory is refused first, all of it in one message
   (rl/ready.c); then weights are read. */
#include "app.h"
#include <string.h>

static void load_checkpoint(loaded_t *l, group_t *g, const char *path, const deck_t *d, int whole)
{
    model_config_t config;
    ckpt_t *c = ckpt_open(g, path);
    char *text = ckpt_deck(c);
    l->deck = deck_parse(path, text, 0, NULL);
    mem_free(text);
    int own = !strcmp(deck_text(d, "model.dtype"), "auto") &&
              strcmp(deck_text(l->deck, "model.dtype"), "auto");
    dtype_t type = whole ? F32 : hf_held_type(own ? l->deck : d, deck_text(l->deck, "model.dir"));
    ckpt_config(c, &config);
    l->model = model_new(&config, deck_backend(d, type));
    ckpt_get_model(c, "param", l->model);
    l->step = ckpt_int(c, "step");
    l->from = mem_text(deck_text(l->deck, "model.dir"));
    ckpt_close(c);
}

static void load_directory(loaded_t *l, group_t *g, const ready_want_t *want, int whole)
{
    ready_t ready = ready_look(want);
    ready_refuse(&ready, g);
    l->model = model_new(&ready.config, deck_backend(want->deck, whole ? F32 : ready.held));
    hf_weights_read(g, want->dir, l->model);
    l->from = mem_text(want->dir);
    l->tokenizer = ready.tokenizer, ready.tokenizer = NULL;
    ready_free(&ready);
}

loaded_t load_model(group_t *g, const char *path, const deck_t *d, int whole)
{
    return load_asked(g, path, &(ready_want_t){.deck = d}, whole);
}

loaded_t load_asked(group_t *g, const char *path, const ready_want_t *want, int whole)
{
    const deck_t *d = want->deck;
    loaded_t l = {.step = -1};
    size_t n = strlen(path);
    text_t ckpt = {0};
    if (text_in_dir(path, "config.json")) {
        ready_want_t here = *want;
        here.dir = path;
        load_directory(&l, g, &here, whole);
    } else if (n > 3 && !strcmp(path + n - 3, ".h5")) {
        load_checkpoint(&l, g, path, d, whole);
    } else if (text_in_dir(path, "ckpt")) {
        text_addf(&ckpt, "%s/ckpt", path);
        int64_t step = group_rank(g) == 0 ? ckpt_newest(ckpt.s) : 0;
        comm_bcast(g, &step, sizeof step, 0); /* one answer, also while the run goes on */
        if (step < 0)
            fail(CODE_DATA, "%s: no complete checkpoint there yet", ckpt.s);
        text_addf(&ckpt, "/step-%08lld.h5", (long long)step);
        load_checkpoint(&l, g, ckpt.s, d, whole);
    } else {
        if (hf_other_form(path))
            hf_config_read(path, &(model_config_t){0}); /* says how to convert it */
        fail(CODE_DATA,
             "%s: expected a model directory (config.json, model.safetensors, tokenizer.json), "
             "a run directory or a checkpoint.h5",
             path);
    }
    text_reset(&ckpt);
    if (!l.tokenizer)
        l.tokenizer = tokenizer_open(l.from);
    return l;
}

void load_free(loaded_t *l)
{
    if (l->model)
        model_free(l->model);
    if (l->tokenizer)
        tokenizer_free(l->tokenizer);
    mem_free(l->from);
    deck_free(l->deck);
    *l = (loaded_t){0};
}
