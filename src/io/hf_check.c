/* All that is wrong with a model directory, said at once and before weights are read.

   Looked at: config.json field by field (hf_config.c), tokenizer.json part by part
   (tokenizer_json.c), what the directory says of chats (hf_chat.c), the headers of the weights
   (hf_match.c).  A part that is not there at all may be there in another form: then the message
   says which files those are, which one is needed, and the command that makes it.  Nothing is
   converted here: formats that are programs themselves (pickles) are not for us to open.

   Cost: the tokenizer is loaded, of the weights only headers are read.  local */
#include "io/hf.h"
#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* What is there instead ----------------------------------------------------------------- */

enum { WEIGHTS, TOKENIZER };

/* Names of files that hold the same in another form; how: what transformers is told beside the
   folder, NULL: it cannot read that. */
static const struct {
    int of;
    const char *pattern, *how;
} others[] = {
    {WEIGHTS, "pytorch_model*.bin", ""},
    {WEIGHTS, "tf_model*.h5", ", from_tf=True"},
    {WEIGHTS, "flax_model*.msgpack", ", from_flax=True"},
    {WEIGHTS, "*.gguf", ", gguf_file="},
    {WEIGHTS, "consolidated.*.pth", NULL},
    {WEIGHTS, "consolidated*.safetensors", NULL},
    {WEIGHTS, "adapter_model.*", NULL},
    {WEIGHTS, "*.bin", NULL},
    {WEIGHTS, "*.pt", NULL},
    {WEIGHTS, "*.pth", NULL},
    {WEIGHTS, "*.onnx", NULL},
    {WEIGHTS, "*.safetensors", NULL},
    {TOKENIZER, "vocab.json", ""},
    {TOKENIZER, "merges.txt", ""},
    {TOKENIZER, "tokenizer.model", ""},
    {TOKENIZER, "*.tiktoken", ""},
    {TOKENIZER, "*.gguf", ", gguf_file="},
};
enum { OTHERS = sizeof others / sizeof *others, NAMED = 4 };

static const char *note_of(const char *pattern)
{
    if (!strncmp(pattern, "consolidated", 12))
        return "this is the maker's own form; take the model's transformers form, or convert it with "
               "transformers' script for it (convert_llama_weights_to_hf.py and its like)";
    if (!strncmp(pattern, "adapter", 7))
        return "this is an adapter of another model: merge the two (peft: merge_and_unload) and save "
               "the result with save_pretrained";
    return "load it with the software that wrote it and save it with transformers' save_pretrained";
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Files of the directory that match the first pattern that any does; new names.  -1: none. */
static int find_other(const char *dir, int of, char ***name, int *n)
{
    int found = -1, cap = 0;
    *name = NULL;
    *n = 0;
    for (int i = 0; i < OTHERS && found < 0; i++) {
        DIR *d = others[i].of == of ? opendir(dir) : NULL;
        if (!d)
            continue;
        for (struct dirent *e; (e = readdir(d));)
            if (!fnmatch(others[i].pattern, e->d_name, 0))
                PUSH(*name, *n, cap, mem_text(e->d_name));
        closedir(d);
        found = *n ? i : -1;
    }
    if (*n)
        qsort(*name, (size_t)*n, sizeof **name, by_name);
    return found;
}

/* That `need` is missing, and what to do with what is there. */
static void missing(const char *dir, int of, const char *need, refusals_t *r)
{
    char **name;
    int n, i = find_other(dir, of, &name, &n);
    text_t t = {0};
    text_addf(&t, "%s/%s: cannot be read: No such file or directory", dir, need);
    for (int k = 0; k < n && k < NAMED; k++)
        text_addf(&t, "%s%s", k ? ", " : "; there is ", name[k]);
    if (n > NAMED)
        text_addf(&t, " and %d more", n - NAMED);
    if (i >= 0 && others[i].how) {
        int gguf = others[i].how[0] && others[i].how[strlen(others[i].how) - 1] == '=';
        text_addf(&t,
                  "; to make a directory NEW with it: python -c 'from transformers import %s as X; "
                  "X.from_pretrained(\"%s\"%s%s%s%s).save_pretrained(\"NEW\")'",
                  of == WEIGHTS ? "AutoModelForCausalLM" : "AutoTokenizer", dir, others[i].how,
                  gguf ? "\"" : "", gguf ? name[0] : "", gguf ? "\"" : "");
    } else if (i >= 0) {
        text_addf(&t, ": %s", note_of(others[i].pattern));
    }
    refusals_add(r, "%s", t.s);
    for (int k = 0; k < n; k++)
        mem_free(name[k]);
    mem_free(name);
    text_reset(&t);
}

/* The parts ------------------------------------------------------------------------------ */

typedef struct {
    const char *dir;
    shards_t shards;
    hf_chat_t chat;
} part_t;

static void open_shards(void *ctx)
{
    part_t *p = ctx;
    shards_open(&p->shards, p->dir);
}

static void read_chat(void *ctx)
{
    part_t *p = ctx;
    hf_chat_read(p->dir, &p->chat);
    hf_chat_reset(&p->chat);
}

static void check_weights(const char *dir, const model_config_t *c, refusals_t *r)
{
    part_t p = {.dir = dir};
    text_t why = {0};
    if (fail_try(open_shards, &p, &why)) {
        refusals_add(r, "%s", why.s);
    } else {
        params_t all = c ? params_new(c) : (params_t){0};
        found_t *f = ALLOC(found_t, all.n + 1);
        if (c)
            shards_match(&p.shards, dir, c, &all, f, r);
        mem_free(f);
        params_free(&all);
        shards_close(&p.shards);
    }
    text_reset(&why);
}

static void check_all(const char *dir, int need, model_config_t *c, tokenizer_t **t, refusals_t *r)
{
    struct stat s;
    int file = !stat(dir, &s) && S_ISREG(s.st_mode);
    hf_config_collect(dir, c, r);
    const model_config_t *known = r->n ? NULL : c;
    if (!known)
        c->vocab = 0;
    if (file && need)
        refusals_add(r, "%s: a file; a model directory was expected", dir);
    if (file)
        return;
    if (text_in_dir(dir, "tokenizer.json"))
        *t = tokenizer_collect(dir, r);
    else if (need & HF_TOKENIZER)
        missing(dir, TOKENIZER, "tokenizer.json", r);
    refusals_try(r, read_chat, &(part_t){.dir = dir});
    if (hf_has_weights(dir))
        check_weights(dir, known, r);
    else if (need & HF_WEIGHTS)
        missing(dir, WEIGHTS, "model.safetensors", r);
}

int hf_check(const char *dir, int need, model_config_t *c, tokenizer_t **t, text_t *why)
{
    refusals_t r = {0};
    model_config_t own;
    tokenizer_t *made = NULL;
    check_all(dir, need, c ? c : &own, &made, &r);
    refusals_say(&r, dir, why);
    if (t)
        *t = made;
    else
        tokenizer_free(made);
    text_reset(&r.text);
    return r.n;
}

void hf_require(const char *dir, int need, model_config_t *c, tokenizer_t **t)
{
    text_t why = {0};
    if (hf_check(dir, need, c, t, &why))
        fail(CODE_DATA, "%s", why.s);
}
