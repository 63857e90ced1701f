/* Where the answers of a rollout file are from.

   A file of answers is worth something to a model only if both read the same tokens under
   the same question.  So it says which tokenizer it was (hash of tokenizer.json), how
   questions were put (hash of a sample question with everything around it: template,
   system message, question, mode) and which parameters sampled at which temperature.
   Two runs that differ in one word of the question differ in the hash.

   Cost: a few kilobytes hashed.  Communication: that of attributes. */
#include "rl.h"
#include <errno.h>
#include <string.h>

/* A question of two candidates that stands for all. */
hash_t origin_prompt(const template_t *t, answer_mode_t mode)
{
    static char statement[] = "Print the sum of the two numbers.", family[] = "sample",
                example[] = "1 2", sources[2][16] = {"print(a + b)\n", "print(a - b)\n"},
                none[] = "";
    problem_t problem = {.family = family, .statement = statement, .example = example};
    program_t program[2] = {{.source = sources[0], .origin = none, .core = none, .walk = none},
                            {.source = sources[1], .origin = none, .core = none, .walk = none}};
    list_t list = {.suite = SUITE_TRAIN, .n = 2, .program = {0, 1}};
    bank_t bank = {.problem = &problem,
                   .n_problem = 1,
                   .program = program,
                   .n_program = 2,
                   .list = &list,
                   .n_list = 1};
    text_t text = {0};
    for (int i = 0; i < 2; i++) {
        program[i].n_source = strlen(sources[i]);
        program[i].lang = LANG_PYTHON;
    }
    prompt_text(&text, t, &bank, &list, mode);
    hash_t h = hash_bytes(text.s, text.len);
    text_reset(&text);
    return h;
}

hash_t origin_tokenizer(const char *dir)
{
    text_t path = {0};
    hash_t h = {0};
    text_addf(&path, "%s/tokenizer.json", dir);
    int bad = hash_file(&h, path.s);
    if (bad)
        fail(CODE_DATA, "%s: cannot be read: %s", path.s, strerror(bad));
    text_reset(&path);
    return h;
}

origin_t origin_of_run(const trainer_t *r)
{
    const recipe_t *c = &r->set.recipe;
    origin_t o = {.model = r->set.dir,
                  .tokenizer = origin_tokenizer(deck_text(r->set.deck, "model.dir")),
                  .prompt = origin_prompt(r->net.template, c->mode),
                  .temperature = c->temperature,
                  .top_p = 1};
    snprintf(o.mode, sizeof o.mode, "%s", c->mode == MODE_THINK ? "think" : "instruct");
    return o;
}

static void put_hash(h5_t *f, const char *name, hash_t h)
{
    char hex[33];
    hash_hex(h, hex);
    h5_put_text(f, "/", name, hex);
}

static hash_t get_hash(h5_t *f, const char *name, int *ok)
{
    hash_t h = {0};
    char *hex = h5_get_text(f, "/", name);
    unsigned long long hi, lo;
    if (hex && strlen(hex) == 32 && sscanf(hex, "%16llx%16llx", &hi, &lo) == 2)
        h = (hash_t){lo, hi};
    else
        *ok = 0;
    mem_free(hex);
    return h;
}

void origin_put(h5_t *f, const origin_t *o)
{
    h5_put_text(f, "/", "model", o->model);
    h5_put_text(f, "/", "mode", o->mode);
    put_hash(f, "param_hash", o->params);
    put_hash(f, "tokenizer_hash", o->tokenizer);
    put_hash(f, "prompt_hash", o->prompt);
    h5_put_real(f, "/", "temperature", o->temperature);
    h5_put_real(f, "/", "top_p", o->top_p);
}

int origin_get(h5_t *f, origin_t *o)
{
    int ok = 1;
    char *mode = h5_get_text(f, "/", "mode");
    *o = (origin_t){.model = h5_get_text(f, "/", "model")};
    snprintf(o->mode, sizeof o->mode, "%s", mode ? mode : "");
    o->params = get_hash(f, "param_hash", &ok);
    o->tokenizer = get_hash(f, "tokenizer_hash", &ok);
    o->prompt = get_hash(f, "prompt_hash", &ok);
    ok &= h5_get_real(f, "/", "temperature", &o->temperature) &&
          h5_get_real(f, "/", "top_p", &o->top_p) && o->model && mode;
    mem_free(mode);
    return ok;
}
