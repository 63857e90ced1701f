/* aletheia init DECK [section.key=value ...]: a random model directory, ready to be
   trained.

   The [model] section says the shape, or a config.json of elsewhere (model.config).  The
   tokenizer is trained on a text file or on the prompts and answers of freshly drawn
   problems, or copied (model.tokenizer); weights are drawn from run.seed
   (N(0, 0.02), residual outputs smaller), and the effective deck is left beside them,
   so the directory can be made again, bit for bit.  A tokenizer with the tokens of
   template chatml whose directory has no chat template gets chatml's, so that the new
   model is asked in this way here and by others' software.  One rank works; the others
   wait. */
#include "app.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Those of template chatml; the first one pads and separates texts, the last one ends an answer. */
static const char *const special[] = {"<|endoftext|>", "<|im_start|>", "<|im_end|>"};
enum {
    SPECIALS = sizeof special / sizeof *special,
    TRAINED = 768
}; /* entries where no number is given */

/* Template chatml as others' software reads it. */
static const char chat_template[] =
    "{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\\n' + m['content'] + '<|im_end|>\\n' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}\n";

static void write_file(const char *dir, const char *name, const text_t *t)
{
    text_t path = {0};
    text_addf(&path, "%s/%s", dir, name);
    int bad = text_write_file(path.s, t->s, t->len);
    if (bad)
        fail(CODE_FIT, "%s: cannot be written: %s", path.s, strerror(bad));
    text_reset(&path);
}

/* vocab 0: the tokenizer's size, not known yet */
static model_config_t shape(const deck_t *d)
{
    int open = deck_int(d, "model.vocab") == 0;
    if (*deck_text(d, "model.config")) {
        model_config_t like;
        hf_config_read(deck_text(d, "model.config"), &like);
        like.vocab = open ? 0 : like.vocab;
        return like;
    }
    model_config_t c = {.vocab = (int)deck_int(d, "model.vocab"),
                        .width = (int)deck_int(d, "model.width"),
                        .layers = (int)deck_int(d, "model.layers"),
                        .heads = (int)deck_int(d, "model.heads"),
                        .kv_heads = (int)deck_int(d, "model.kv_heads"),
                        .head_dim = (int)deck_int(d, "model.head_dim"),
                        .ffn = (int)deck_int(d, "model.ffn"),
                        .max_position = (int)deck_int(d, "model.max_position"),
                        .tied = deck_flag(d, "model.tied"),
                        .rms_eps = (float)deck_real(d, "model.rms_eps"),
                        .rope.theta = deck_real(d, "model.rope_theta")};
    snprintf(c.arch, sizeof c.arch, "%s", deck_text(d, "model.arch"));
    c.qkv_bias = !strcmp(c.arch, "Qwen2ForCausalLM");
    c.qk_norm = !strcmp(c.arch, "Qwen3ForCausalLM");
    if (!c.head_dim) {
        if (c.width % c.heads)
            fail(CODE_USAGE, "[model] width = %d is no multiple of heads = %d: give head_dim",
                 c.width, c.heads);
        c.head_dim = c.width / c.heads;
    }
    text_t why = {0};
    c.vocab = open ? TRAINED : c.vocab;
    const char *bad = model_config_check(&c, &why);
    if (bad)
        fail(CODE_USAGE, "[model]: %s", bad);
    text_reset(&why);
    c.vocab = open ? 0 : c.vocab;
    return c;
}

/* The directory and those above it; one that already holds a model is left alone. */
static void make_dir(const char *dir)
{
    text_t path = {0};
    if (!*dir)
        fail(CODE_USAGE, "model.dir is empty: name the directory to make");
    text_addf(&path, "%s/config.json", dir);
    if (!access(path.s, F_OK))
        fail(CODE_USAGE, "%s holds a model already; remove it or choose another model.dir", dir);
    text_clear(&path);
    text_add(&path, dir);
    for (char *s = path.s + 1;; s++) {
        char was = *s;
        if (was && was != '/')
            continue;
        *s = 0;
        if (mkdir(path.s, 0777) && errno != EEXIST)
            fail(CODE_FIT, "%s: cannot be made: %s", path.s, strerror(errno));
        *s = was;
        if (!was)
            break;
    }
    text_reset(&path);
}

static void make_tokenizer(const deck_t *d, const char *dir, model_config_t *c)
{
    text_t text = {0}, path = {0};
    const char *corpus = deck_text(d, "model.corpus");
    if (!strcmp(corpus, "problems")) {
        corpus_text(&text, d);
    } else {
        int bad = text_read_file(&text, corpus);
        if (bad)
            fail(CODE_DATA, "model.corpus: %s: %s; a text file or the word problems was expected",
                 corpus, strerror(bad));
    }
    double start = clock_now();
    text_addf(&path, "%s/tokenizer.json", dir);
    if (c->vocab)
        tokenizer_train(path.s, text.s ? text.s : "", text.len, c->vocab, special, SPECIALS);
    else
        c->vocab = tokenizer_train_most(path.s, text.s ? text.s : "", text.len, TRAINED, special,
                                        SPECIALS);
    log_line("tokenizer: %d entries from %.2f MB of text in %.1f s", c->vocab,
             (double)text.len / 1e6, clock_now() - start);
    text_clear(&text);
    text_addf(&text,
              "{\n  \"tokenizer_class\": \"PreTrainedTokenizerFast\",\n  \"bos_token\": null,\n"
              "  \"eos_token\": \"%s\",\n  \"pad_token\": \"%s\",\n  \"model_max_length\": "
              "%d,\n"
              "  \"clean_up_tokenization_spaces\": false\n}\n",
              special[SPECIALS - 1], special[0], c->max_position);
    write_file(dir, "tokenizer_config.json", &text);
    text_reset(&text);
    text_reset(&path);
}

static void check_tokenizer(const deck_t *d, const char *dir, model_config_t *c)
{
    tokenizer_t *t = tokenizer_open(dir);
    int n = tokenizer_size(t), like = *deck_text(d, "model.config") != 0;
    if (c->vocab && n > c->vocab)
        fail(CODE_USAGE,
             "model.tokenizer = %s has %d entries, but %s gives the model %d rows of embeddings; "
             "set model.vocab = 0, which gives it as many as the tokenizer has%s",
             dir, n, like ? "vocab_size of model.config" : "model.vocab", c->vocab,
             like ? "" : ", or a larger number");
    c->vocab = c->vocab ? c->vocab : n;
    tokenizer_free(t);
}

/* Once the directory has its tokenizer. */
static void give_template(const char *dir)
{
    hf_chat_t chat;
    tokenizer_t *t = tokenizer_open(dir);
    int has = 1;
    hf_chat_read(dir, &chat);
    for (int i = 1; i < SPECIALS; i++)
        has &= tokenizer_special(t, special[i]) >= 0;
    if (!chat.template && has)
        write_file(dir, "chat_template.jinja",
                   &(text_t){.s = (char *)(uintptr_t)chat_template, .len = strlen(chat_template)});
    else if (!chat.template)
        log_line(
            "%s: no chat template, and the tokenizer has no tokens of chatml: it is asked with "
            "prompt.template = plain, or a file of one's own",
            dir);
    hf_chat_reset(&chat);
    tokenizer_free(t);
}

static void make(const deck_t *d)
{
    const char *dir = deck_text(d, "model.dir");
    model_config_t c = shape(d);
    const char *tokenizer =
        *deck_text(d, "model.tokenizer") ? deck_text(d, "model.tokenizer") : NULL;
    if (tokenizer)
        check_tokenizer(d, tokenizer, &c);
    else if (c.vocab && c.vocab < 256 + SPECIALS)
        fail(CODE_USAGE,
             "%s = %d: a tokenizer that is trained has at least %d entries: 256 bytes and %d "
             "special tokens; model.vocab = 0 gives it %d",
             *deck_text(d, "model.config") ? "vocab_size of model.config" : "model.vocab", c.vocab,
             256 + SPECIALS, SPECIALS, TRAINED);
    make_dir(dir);
    if (!tokenizer)
        make_tokenizer(d, dir, &c);
    model_t *m = model_new(&c, deck_backend(d, F32));
    model_init_random(m, (uint64_t)deck_int(d, "run.seed"));
    text_t deck = {0};
    deck_write(d, &deck);
    write_file(dir, "deck.in", &deck);
    hf_write(dir, m, dtype_of(deck_text(d, "model.dtype"), F32), tokenizer, HF_SHARD_BYTES);
    give_template(dir);
    hf_question_write(dir, "brief");
    char hash[33];
    hash_hex(model_hash(m), hash);
    int64_t n = 0;
    for (int i = 0; i < model_params(m)->n; i++)
        n += model_params(m)->tensor[i].rows * model_params(m)->tensor[i].cols;
    log_line("%s: %s, %lld parameters, drawn from seed %lld", dir, c.arch, (long long)n,
             (long long)deck_int(d, "run.seed"));
    log_line("RESULT verb=init parameters=%lld vocab=%d drawn_hash=%s", (long long)n, c.vocab,
             hash);
    text_reset(&deck);
    model_free(m);
}

int verb_init(call_t *c)
{
    deck_t *d = c->deck;
    if (group_rank(comm_world()) == 0)
        make(d);
    comm_barrier(comm_world());
    return CODE_DONE;
}
