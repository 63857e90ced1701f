/* Which question a model is asked.

   prompt.question names a row of input/questions.conf or a file of that form; auto is decided
   by the model directory: `brief`, which explains nothing, where `aletheia init` made the model
   to be taught by this program, `full` for all that come from elsewhere.

   init leaves a mark, aletheia_question in config.json, which exports and saving in transformers
   keep.  Directories of older versions have none; they are known by their make: no chat
   template, and <|endoftext|>, <|im_start|>, <|im_end|> as the last three tokens, where only our
   own tokenizer has them.

   Cost: a small file, and where it does not decide the tokenizer, once a run.  local */
#include "question.h"
#include <string.h>

static int is_ours(const tokenizer_t *t)
{
    static const char *const last[] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};
    for (int i = 0; i < 3; i++)
        if (tokenizer_special(t, last[i]) != tokenizer_size(t) - 3 + i)
            return 0;
    return 1;
}

/* The question of a model directory (NULL: none is named). */
static const char *suits(const char *dir, const tokenizer_t *t)
{
    hf_chat_t chat = {0};
    if (dir)
        hf_chat_read(dir, &chat);
    int brief = chat.question && !strcmp(chat.question, "brief");
    if (!chat.question && !chat.template && dir && text_in_dir(dir, "tokenizer.json")) {
        tokenizer_t *own = t ? NULL : tokenizer_open(dir);
        brief = is_ours(t ? t : own);
        tokenizer_free(own);
    }
    hf_chat_reset(&chat);
    return brief ? "brief" : "full";
}

void question_decide(deck_t *d, const char *dir)
{
    if (!strcmp(deck_text(d, "prompt.question"), "auto"))
        deck_set(d, "prompt.question", suits(dir, NULL));
}

static int is_row(const char *name)
{
    return !strcmp(name, "brief") || !strcmp(name, "full");
}

question_t *question_open(const deck_t *d, const char *dir, const tokenizer_t *t)
{
    question_t *q = ALLOC(question_t, 1);
    const char *asked = deck_text(d, "prompt.question");
    const char *fits = !strcmp(asked, "auto") || is_row(asked) ? suits(dir, t) : "";
    asked = strcmp(asked, "auto") ? asked : fits;
    q->name = mem_text(asked);
    q->why = mem_text(!is_row(asked)          ? "of one's own"
                      : strcmp(asked, fits)   ? "as the deck says"
                      : !dir                  ? "no model is named"
                      : !strcmp(fits, "full") ? "`aletheia init` did not make the model"
                                              : "`aletheia init` made the model");
    question_read(q, asked, is_row(asked) ? NULL : asked);
    return q;
}

question_t *question_named(const char *name)
{
    question_t *q = ALLOC(question_t, 1);
    q->name = mem_text(name);
    q->why = mem_text("");
    question_read(q, name, NULL);
    return q;
}

void question_free(question_t *q)
{
    if (!q)
        return;
    for (int i = 0; i < PARTS; i++)
        mem_free(q->part[i]), mem_free(q->judge[i]);
    mem_free(q->name), mem_free(q->why);
    mem_free(q);
}

void question_say(const question_t *q, text_t *out)
{
    text_addf(out, "question %s (%s)", q->name, q->why);
}
