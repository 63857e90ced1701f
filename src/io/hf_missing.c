/* A model that is there in another form.

   Where config.json, tokenizer.json or model.safetensors is missing, the same may lie in other
   files.  Then the message says which those are, which one is needed, and the command that makes
   it.  Nothing is converted here: formats that are programs themselves (pickles) are not for us
   to open.  local */
#include "io/hf.h"
#include <dirent.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static const char *const needed[] = {[HF_CONFIG] = "config.json",
                                     [HF_TOKENIZER] = "tokenizer.json",
                                     [HF_WEIGHTS] = "model.safetensors"};

/* Names of files that hold the same in another form; how: what transformers is told beside the
   folder, NULL: it cannot read that. */
static const struct {
    int of;
    const char *pattern, *how;
} others[] = {
    {HF_CONFIG, "*.gguf", ", gguf_file="},
    {HF_CONFIG, "params.json", NULL},
    {HF_WEIGHTS, "pytorch_model*.bin", ""},
    {HF_WEIGHTS, "tf_model*.h5", ", from_tf=True"},
    {HF_WEIGHTS, "flax_model*.msgpack", ", from_flax=True"},
    {HF_WEIGHTS, "*.gguf", ", gguf_file="},
    {HF_WEIGHTS, "consolidated.*.pth", NULL},
    {HF_WEIGHTS, "consolidated*.safetensors", NULL},
    {HF_WEIGHTS, "adapter_model.*", NULL},
    {HF_WEIGHTS, "*.bin", NULL},
    {HF_WEIGHTS, "*.pt", NULL},
    {HF_WEIGHTS, "*.pth", NULL},
    {HF_WEIGHTS, "*.onnx", NULL},
    {HF_WEIGHTS, "*.safetensors", NULL},
    {HF_TOKENIZER, "vocab.json", ""},
    {HF_TOKENIZER, "merges.txt", ""},
    {HF_TOKENIZER, "tokenizer.model", ""},
    {HF_TOKENIZER, "*.tiktoken", ""},
    {HF_TOKENIZER, "*.gguf", ", gguf_file="},
};
enum { OTHERS = sizeof others / sizeof *others, NAMED = 4 };

static const char *note_of(const char *pattern)
{
    if (!strncmp(pattern, "consolidated", 12) || !strcmp(pattern, "params.json"))
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

int hf_other_form(const char *dir)
{
    char **name;
    int n, found = 0;
    for (int of = HF_CONFIG; of <= HF_WEIGHTS; of++) {
        found |= find_other(dir, of, &name, &n) >= 0;
        for (int k = 0; k < n; k++)
            mem_free(name[k]);
        mem_free(name);
    }
    return found;
}

void hf_missing(const char *dir, int of, text_t *out)
{
    char **name;
    int n, i = find_other(dir, of, &name, &n);
    const char *how = i < 0 ? NULL : others[i].how;
    text_addf(out, "%s/%s: cannot be read: No such file or directory", dir, needed[of]);
    for (int k = 0; k < n && k < NAMED; k++)
        text_addf(out, "%s%s", k ? ", " : "; there is ", name[k]);
    if (n > NAMED)
        text_addf(out, " and %d more", n - NAMED);
    if (how) {
        int named = *how && how[strlen(how) - 1] == '='; /* the file, too */
        int model = of != HF_TOKENIZER;
        text_addf(out,
                  "; to make a directory NEW with it: python -c 'from transformers import %s as X; "
                  "m = X.from_pretrained(\"%s\"%s%s%s%s%s); %sm.save_pretrained(\"NEW\")'",
                  model ? "AutoModelForCausalLM" : "AutoTokenizer", dir, how, named ? "\"" : "",
                  named ? name[0] : "", named ? "\"" : "",
                  named && model ? ", dtype=\"float32\"" : "",
                  named && model ? "m.hf_quantizer = m.config.quantization_config = None; " : "");
    } else if (i >= 0) {
        text_addf(out, ": %s", note_of(others[i].pattern));
    }
    for (int k = 0; k < n; k++)
        mem_free(name[k]);
    mem_free(name);
}
