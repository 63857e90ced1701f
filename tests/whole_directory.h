/* Everything that a verb reads of a model directory, before weights; what is wrong, from all of it. */
#pragma once
#include "io.h"
#include "test.h"

typedef struct {
    const char *dir;
    model_config_t config;
} whole_t;

static inline void whole_config(void *ctx)
{
    whole_t *w = ctx;
    hf_config_read(w->dir, &w->config);
}

static inline void whole_tokenizer(void *ctx)
{
    tokenizer_free(tokenizer_open(((whole_t *)ctx)->dir));
}

static inline void whole_chat(void *ctx)
{
    hf_chat_t chat;
    hf_chat_read(((whole_t *)ctx)->dir, &chat);
    hf_chat_reset(&chat);
}

static inline void whole_weights(void *ctx)
{
    whole_t *w = ctx;
    hf_weights_look(w->dir, &w->config);
}

/* How many of the four are refused; weights only where the configuration is not. */
static inline int whole_look(const char *dir, text_t *why)
{
    static void (*const look[])(void *) = {whole_tokenizer, whole_chat, whole_weights};
    whole_t w = {.dir = dir};
    int config = fail_try(whole_config, &w, why), bad = config;
    for (int i = 0; i < 3 - config; i++) {
        text_add(why, "\n");
        bad += fail_try(look[i], &w, why);
    }
    text_add(why, "\n");
    return bad;
}
