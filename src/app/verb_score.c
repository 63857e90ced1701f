/* aletheia score MODEL FILE.jsonl [--skip-bad] [layout.backend=...]: log-probabilities of
   given completions.

       {"prompt": TEXT, "completion": TEXT}      the completion's tokens, given the prompt
       {"tokens": [ids], "from": k}              tokens k.. given those before; k >= 1

   One JSON line comes out for each that goes in: how many tokens, their log-
   probabilities with nine significant digits (enough to give the float back exactly),
   and their sum.  Prompt and completion are encoded apart, as generation sees them: the
   prompt as `sample` takes its text, with what the model's tokenizer puts before every
   text (tokenizer_encode_whole), the completion as it stands, with nothing around it.
   What stands before may be the whole prompt: then the text may be empty.

   All lines are looked at before the first is scored.  Those that are neither, or that the
   model cannot score, are named with file, line and what was expected, and end it; with
   --skip-bad they are named, and {"line": N, "skipped": WHY} stands in their place. */
#include "app.h"
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    int32_t *token;
    int n, cap, from; /* tokens [from, n) are scored */
} item_t;

/* 1: it is not what was expected; why gets what is wrong. */
static int parse_tokens(item_t *t, json_t *tokens, json_t *from, text_t *why)
{
    if (from && !json_is_integer(from)) {
        text_add(why, "\"from\" must be a whole number");
        return 1;
    }
    for (size_t i = 0; i < json_array_size(tokens); i++) {
        json_t *v = json_array_get(tokens, i);
        if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > INT32_MAX) {
            text_addf(why, "\"tokens\"[%zu] is not a token number", i);
            return 1;
        }
        PUSH(t->token, t->n, t->cap, (int32_t)json_integer_value(v));
    }
    int64_t first = from ? json_integer_value(from) : 1;
    if (first < 1 || first >= t->n) {
        text_addf(why,
                  "\"from\" = %lld must be from 1 to the number of tokens less one, "
                  "%d: the first "
                  "token has nothing before it",
                  (long long)first, t->n - 1);
        return 1;
    }
    t->from = (int)first;
    return 0;
}

static int parse_object(item_t *t, json_t *o, const tokenizer_t *k, text_t *why)
{
    json_t *prompt = json_object_get(o, "prompt"), *completion = json_object_get(o, "completion");
    json_t *tokens = json_object_get(o, "tokens");
    if (json_is_array(tokens))
        return parse_tokens(t, tokens, json_object_get(o, "from"), why);
    if (!json_is_string(prompt) || !json_is_string(completion)) {
        text_add(
            why,
            "expected {\"prompt\": text, \"completion\": text} or {\"tokens\": [numbers], \"from\": number}");
        return 1;
    }
    tokenizer_encode_whole(k, json_string_value(prompt), json_string_length(prompt), &t->token,
                           &t->n, &t->cap);
    t->from = t->n;
    tokenizer_encode(k, json_string_value(completion), json_string_length(completion), 1, &t->token,
                     &t->n, &t->cap);
    if (t->from == 0 || t->n == t->from)
        text_addf(why, "\"%s\" is empty", t->from ? "completion" : "prompt");
    return t->from == 0 || t->n == t->from;
}

/* The line's tokens, caller's; why->len: it cannot be scored. */
static item_t parse_line(const char *s, size_t len, const tokenizer_t *k, const model_config_t *c,
                         text_t *why)
{
    item_t t = {0};
    json_error_t e;
    json_t *o = json_loadb(s, len, JSON_ALLOW_NUL, &e);
    if (!o)
        text_addf(why, "not JSON at column %d: %s", e.column, e.text);
    int bad = !o || parse_object(&t, o, k, why);
    json_decref(o);
    if (!bad && t.n > c->max_position)
        text_addf(why, "%d tokens, the model's positions end at %d", t.n, c->max_position);
    for (int i = 0; i < t.n && !why->len; i++)
        if (t.token[i] >= c->vocab)
            text_addf(why, "token %d is outside the model's vocabulary of %d", t.token[i],
                      c->vocab);
    return t;
}

static void score(const loaded_t *l, const ops_t *ops, const item_t *t, text_t *out)
{
    const model_config_t *c = model_config(l->model);
    int n = t->n - t->from;
    acts_t *a = acts_new(c, ops, t->n, n);
    batch_t b = {0};
    float *logp = ALLOC(float, n);
    batch_continue(&b, batch_prompt(&b, t->token, t->from), t->token + t->from, n);
    train_forward(l->model, a, &b, 1, logp, NULL);
    double sum = 0;
    text_addf(out, "{\"tokens\": %d, \"logprobs\": [", n);
    for (int i = 0; i < n; i++) {
        sum += logp[i];
        text_addf(out, "%s%.9g", i ? ", " : "", logp[i]);
    }
    text_addf(out, "], \"sum\": %.17g}", sum);
    mem_free(logp);
    batch_free(&b);
    acts_free(a);
}

typedef struct { /* the lines, one after the other */
    const char *s, *end;
    int line;
} lines_t;

/* 0: there are no more; blank ones are passed over. */
static int next_line(lines_t *l, const char **s, size_t *n)
{
    while (l->s < l->end) {
        const char *stop = memchr(l->s, '\n', (size_t)(l->end - l->s));
        size_t skip =
            l->line == 0 && l->end - l->s >= 3 && !memcmp(l->s, "\xef\xbb\xbf", 3) ? 3 : 0;
        *s = l->s + skip;
        *n = (size_t)((stop ? stop : l->end) - *s);
        l->s = *s + *n + 1;
        l->line++;
        if (strspn(*s, " \t\r") < *n)
            return 1;
    }
    return 0;
}

/* Every line that cannot be scored, by its number. */
static void look(const loaded_t *l, const char *file, const text_t *in, bank_bads_t *bad)
{
    lines_t at = {in->s, in->s + in->len, 0};
    hf_chat_t chat;
    const char *s;
    hf_chat_read(l->from, &chat);
    tokenizer_late_bos(l->tokenizer, &chat, l->from);
    hf_chat_reset(&chat);
    for (size_t n; next_line(&at, &s, &n);) {
        text_t why = {0}, full = {0};
        item_t t = parse_line(s, n, l->tokenizer, model_config(l->model), &why);
        text_addf(&full, "%s:%d: %s", file, at.line, why.s ? why.s : "");
        if (why.len)
            bank_bad(bad, -1, at.line, file, full.s);
        text_reset(&why);
        text_reset(&full);
        mem_free(t.token);
    }
}

static void score_all(const loaded_t *l, const text_t *in, const bank_bads_t *bad)
{
    lines_t at = {in->s, in->s + in->len, 0};
    text_t out = {0};
    const char *s;
    int next = 0, speaks = group_rank(comm_world()) == 0;
    for (size_t n; next_line(&at, &s, &n);) {
        text_clear(&out);
        if (next < bad->n && bad->item[next].line == at.line) {
            const char *why = bad->item[next++].why;
            text_addf(&out, "{\"line\": %d, \"skipped\": ", at.line);
            exec_quote(&out, why, strlen(why));
            text_add(&out, "}");
        } else {
            text_t why = {0};
            item_t t = parse_line(s, n, l->tokenizer, model_config(l->model), &why);
            score(l, model_ops(l->model), &t, &out);
            mem_free(t.token);
        }
        if (speaks)
            puts(out.s);
    }
    text_reset(&out);
}

void score_help(text_t *out)
{
    text_add(
        out,
        "\nA line is {\"prompt\": TEXT, \"completion\": TEXT}, or {\"tokens\": [numbers], "
        "\"from\": K}: the tokens\nfrom number K on (the first is 0; K is 1 unless given), given "
        "those before them.\nPrompt and completion are encoded apart; special tokens written in "
        "them are recognised.  Before the\nprompt stands what the model's tokenizer puts before "
        "every text (post_processor of tokenizer.json; Llama\n3: <|begin_of_text|>), once, also "
        "where the prompt itself begins with it; what it would put behind a\ntext is left out.  In "
        "transformers:\n"
        "    ids = tokenizer(prompt).input_ids + "
        "tokenizer(completion, add_special_tokens=False).input_ids\n"
        "Numbers given as tokens are taken as they stand.  For each line one comes out:\n"
        "    {\"tokens\": how many, \"logprobs\": [of each], \"sum\": of them}\n");
}

int verb_score(call_t *c)
{
    int skip = c->argc > 2 && !strcmp(c->argv[2], "--skip-bad");
    if (c->argc < 2)
        fail(
            CODE_USAGE,
            "usage: aletheia score MODEL FILE.jsonl [--skip-bad] [layout.backend=NAME model.dtype=TYPE]");
    deck_t *d = deck_open(NULL, c->argc - 2 - skip, c->argv + 2 + skip);
    const char *file = c->argv[1];
    bank_bads_t wrong = {0};
    text_t in = {0};
    int bad = text_read_file(&in, file);
    if (bad)
        fail(CODE_DATA, "%s: cannot read: %s", file, strerror(bad));
    loaded_t l = load_model(comm_world(), c->argv[0], d, 0);
    look(&l, file, &in, &wrong);
    if (wrong.n && !skip)
        bank_bads_fail(&wrong, "--skip-bad");
    if (wrong.n)
        log_warn("%s: %d lines cannot be scored and are skipped", file, wrong.n);
    score_all(&l, &in, &wrong);
    bank_bads_free(&wrong);
    text_reset(&in);
    load_free(&l);
    deck_free(d);
    return CODE_DONE;
}
