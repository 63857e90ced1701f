/* aletheia sample MODEL TEXT [sampler.key=value ...]: prints a continuation.

   TEXT is taken as it stands, special tokens written as text are recognised; "-" reads
   it from standard input.  Before it stands what the model's tokenizer puts before every
   text (post_processor of tokenizer.json: Llama 3's <|begin_of_text|>), unless it begins
   with that itself, as the text of a prompt does that `show` prints.  The continuation ends with a token that ends a text
   (eos_token_id of the model directory, <|endoftext|>) or an answer, where the model's
   chat template is known, or after sampler.max_new tokens.  Same seed, same words,
   whatever the machine's load or number of threads. */
#include "app.h"
#include <string.h>

static void read_stdin(text_t *t)
{
    char part[4096];
    for (size_t n; (n = fread(part, 1, sizeof part, stdin)) > 0;)
        text_addn(t, part, n);
}

static void add_stops(sampler_t *s, const deck_t *d, const loaded_t *l)
{
    hf_chat_t chat;
    template_t *t = template_try(d, l->from, l->tokenizer);
    int32_t end = tokenizer_special(l->tokenizer, "<|endoftext|>");
    hf_chat_read(l->from, &chat);
    tokenizer_late_bos(l->tokenizer, &chat, l->from);
    if (t)
        sampler_stop(s, t->stop, t->n_stop);
    sampler_stop(s, chat.end, chat.n_end);
    sampler_stop(s, &end, end >= 0);
    hf_chat_reset(&chat);
    template_free(t);
}

int verb_sample(call_t *c)
{
    if (c->argc < 2)
        fail(CODE_USAGE, "usage: aletheia sample MODEL TEXT [sampler.key=value ...]");
    deck_t *d = deck_open(NULL, c->argc - 2, c->argv + 2);
    loaded_t l = load_model(comm_world(), c->argv[0], d, 0);
    const ops_t *ops = model_ops(l.model);
    text_t text = {0};
    if (strcmp(c->argv[1], "-"))
        text_add(&text, c->argv[1]);
    else
        read_stdin(&text);
    int32_t *token = NULL;
    int n = 0, cap = 0;
    tokenizer_encode_whole(l.tokenizer, text.s ? text.s : "", text.len, &token, &n, &cap);
    if (!n)
        fail(CODE_USAGE, "the text is empty: there is nothing to continue");

    sampler_t s = sampler_read(d);
    add_stops(&s, d, &l);
    int room = model_config(l.model)->max_position - n;
    if (room < 1)
        fail(CODE_USAGE, "the text is %d tokens long, the model's positions end at %d", n,
             model_config(l.model)->max_position);
    s.max_prompt = n, s.width = 1, s.purpose = RNG_SAMPLE;
    s.max_new = s.max_new < room ? s.max_new : room;
    engine_t *e = engine_new(model_config(l.model), ops, &s);
    traj_t out;
    engine_run(e, l.model, &s, &(prompt_t){0, token, n}, 1, &out, NULL, NULL, NULL);
    text_clear(&text);
    tokenizer_decode(l.tokenizer, out.token + out.n_prompt, out.n_token, 1, &text);
    if (group_rank(comm_world()) == 0) {
        fwrite(text.s ? text.s : "", 1, text.len, stdout);
        putchar('\n');
    }
    traj_reset(&out);
    engine_free(e);
    mem_free(token);
    text_reset(&text);
    load_free(&l);
    deck_free(d);
    return CODE_DONE;
}
