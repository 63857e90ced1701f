/* aletheia show FILE [list N]: what is in any of our files, in words.  Rank 0 reads and prints.

   The words are io/show.c's: one function per kind of file, chosen by the file's own `format`
   attribute, never by its name.  list N prints one problem as a verifier sees it, with pass rates.

   aletheia show FILE prompt N [instruct|think] [DECK|MODELDIR] [section.key=value ...] prints the
   very text that a model is asked about list N, special tokens as text, with its number of tokens;
   `show list FILE N ...` is the same.  The model is MODELDIR, or model.dir of the deck or of the
   overrides, and [prompt] says how it is asked.  Without a model nothing can be counted, and where
   the template is not named either the frame shown is chatml. */
#include "app.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: aletheia show FILE [list N]\n"
    "       aletheia show FILE prompt N [instruct|think] [DECK|MODELDIR] [section.key=value ...]";
static const char *const modes[] = {"instruct", "think"};

static int number_of(const char *file, const char *what, const char *text)
{
    char *end;
    long n = strtol(text, &end, 10);
    if (*end || end == text || n < 0 || n > INT32_MAX)
        fail(CODE_USAGE, "show %s %s %s: expected a list's number, 0 or more", file, what, text);
    return (int)n;
}

static int is_model(const char *path)
{
    text_t config = {0};
    text_addf(&config, "%s/config.json", path);
    int there = access(config.s, F_OK) == 0;
    text_reset(&config);
    return there;
}

/* Words after the list's number, in any order: a mode, a deck or a model directory, overrides. */
static deck_t *read_words(int argc, char **argv, int asked[2])
{
    const char *file = NULL, *model = NULL;
    char **override = ALLOC(char *, argc + 1);
    int n = 0;
    asked[0] = asked[1] = 1;
    for (int i = 0; i < argc; i++) {
        if (strchr(argv[i], '='))
            override[n++] = argv[i];
        else if (!strcmp(argv[i], modes[0]) || !strcmp(argv[i], modes[1]))
            asked[0] = !strcmp(argv[i], modes[0]), asked[1] = !asked[0];
        else if (file || model)
            fail(CODE_USAGE, "show: %s: one deck or model directory was expected\n%s", argv[i],
                 usage);
        else if (is_model(argv[i]))
            model = argv[i];
        else
            file = argv[i];
    }
    deck_t *d = deck_open(file, n, override);
    mem_free(override);
    if (model)
        deck_set(d, "model.dir", model);
    return d;
}

static void show_limits(const deck_t *d, int n, text_t *out)
{
    static const char *const limits[] = {"sampler.max_prompt", "eval.max_prompt"};
    for (int i = 0; i < 2; i++)
        if (n > deck_int(d, limits[i]))
            text_addf(out, ", more than %s = %lld: %s leaves this list out", limits[i],
                      (long long)deck_int(d, limits[i]), i ? "an evaluation" : "training");
}

static void show_prompt(const char *path, int n, int argc, char **argv, text_t *out)
{
    int asked[2];
    deck_t *d = read_words(argc, argv, asked);
    const char *dir = *deck_text(d, "model.dir") ? deck_text(d, "model.dir") : NULL;
    int none = !dir && !strcmp(deck_text(d, "prompt.template"), "auto");
    if (none)
        deck_set(d, "prompt.template", "chatml");
    bank_t b;
    bank_read(NULL, &b, path);
    if (n >= b.n_list)
        fail(CODE_USAGE, "%s: there is no list %d; it has %d, numbered from 0", path, n, b.n_list);
    tokenizer_t *tokenizer = dir ? tokenizer_open(dir) : NULL;
    template_t *template = template_open(d, dir, tokenizer);
    if (none) {
        mem_free(template->why);
        template->why = mem_text("no model is named");
    }
    text_addf(out, "%s list %d, ", path, n);
    template_say(template, out);
    text_add(out, "\n");
    text_t text = {0};
    for (answer_mode_t mode = MODE_INSTRUCT; mode <= MODE_THINK; mode++) {
        if (!asked[mode])
            continue;
        int32_t *token = NULL;
        int n_token = 0, cap = 0;
        text_clear(&text);
        prompt_text(&text, template, &b, &b.list[n], mode);
        text_addf(out, "\n%s, ", modes[mode]);
        if (tokenizer) {
            tokenizer_encode(tokenizer, text.s, text.len, 1, &token, &n_token, &cap);
            text_addf(out, "%d tokens", n_token);
            show_limits(d, n_token, out);
        } else {
            text_addf(out, "%zu bytes; tokens are not counted: no model (model.dir = DIR)%s",
                      text.len, none ? ", and the frame of chatml stands for the model's" : "");
        }
        text_add(out, "\n");
        text_addn(out, text.s, text.len);
        text_add(out, "\n");
        mem_free(token);
    }
    text_reset(&text);
    template_free(template);
    tokenizer_free(tokenizer);
    bank_free(&b);
    deck_free(d);
}

int verb_show(call_t *c)
{
    int other = c->argc >= 3 && !strcmp(c->argv[0], "list") && strcmp(c->argv[1], "list");
    int prompt = c->argc >= 3 && !strcmp(c->argv[1], "prompt"),
        list = c->argc == 3 && !strcmp(c->argv[1], "list");
    if (c->argc != 1 && !list && !prompt && !other)
        fail(CODE_USAGE, "%s", usage);
    if (group_rank(comm_world()))
        return CODE_DONE;
    text_t out = {0};
    const char *file = c->argv[other ? 1 : 0];
    if (prompt || other)
        show_prompt(file, number_of(file, "prompt", c->argv[2]), c->argc - 3, c->argv + 3, &out);
    else if (list)
        show_list(file, number_of(file, "list", c->argv[2]), &out);
    else
        show_file(file, &out);
    fwrite(out.s ? out.s : "", 1, out.len, stdout);
    text_reset(&out);
    return CODE_DONE;
}
