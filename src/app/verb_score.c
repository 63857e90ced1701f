/* aletheia score MODEL FILE.jsonl [layout.backend=...]: log-probabilities of given
   completions.

       {"prompt": TEXT, "completion": TEXT}      the completion's tokens, given the prompt
       {"tokens": [ids], "from": k}              tokens k.. given those before; k >= 1

   One JSON line comes out for each that goes in: how many tokens, their log-
   probabilities with nine significant digits (enough to give the float back exactly),
   and their sum.  Prompt and completion are encoded apart, as generation sees them.  A
   line that is neither: file, line and what was expected. */
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

static void parse_tokens(item_t *t, json_t *tokens, json_t *from, const char *file,
                         int line)
{
    if (from && !json_is_integer(from))
        fail(CODE_DATA, "%s:%d: \"from\" must be a whole number", file, line);
    for (size_t i = 0; i < json_array_size(tokens); i++) {
        json_t *v = json_array_get(tokens, i);
        if (!json_is_integer(v) || json_integer_value(v) < 0 ||
            json_integer_value(v) > INT32_MAX)
            fail(CODE_DATA, "%s:%d: \"tokens\"[%zu] is not a token number", file, line,
                 i);
        PUSH(t->token, t->n, t->cap, (int32_t)json_integer_value(v));
    }
    int64_t first = from ? json_integer_value(from) : 1;
    if (first < 1 || first >= t->n)
        fail(CODE_DATA,
             "%s:%d: \"from\" = %lld must be from 1 to the number of tokens less one, "
             "%d: the first "
             "token has nothing before it",
             file, line, (long long)first, t->n - 1);
    t->from = (int)first;
}

/* Encodes a text value; fails unless it is one. */
static void add_text(item_t *t, const tokenizer_t *k, json_t *v)
{
    tokenizer_encode(k, json_string_value(v), json_string_length(v), 1, &t->token, &t->n,
                     &t->cap);
}

static item_t parse_line(const char *s, size_t len, const tokenizer_t *k,
                         const char *file, int line)
{
    item_t t = {0};
    json_error_t e;
    json_t *o = json_loadb(s, len, JSON_ALLOW_NUL, &e);
    if (!o)
        fail(CODE_DATA, "%s:%d: not JSON at column %d: %s", file, line, e.column, e.text);
    json_t *prompt = json_object_get(o, "prompt"),
           *completion = json_object_get(o, "completion");
    json_t *tokens = json_object_get(o, "tokens");
    if (json_is_array(tokens)) {
        parse_tokens(&t, tokens, json_object_get(o, "from"), file, line);
    } else if (json_is_string(prompt) && json_is_string(completion)) {
        add_text(&t, k, prompt);
        t.from = t.n;
        add_text(&t, k, completion);
        if (t.from == 0 || t.n == t.from)
            fail(CODE_DATA, "%s:%d: \"%s\" is empty", file, line,
                 t.from ? "completion" : "prompt");
    } else {
        fail(CODE_DATA,
             "%s:%d: expected {\"prompt\": text, \"completion\": text} or {\"tokens\": "
             "[numbers], "
             "\"from\": number}",
             file, line);
    }
    json_decref(o);
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

static void check_item(const item_t *t, const model_config_t *c, const char *file,
                       int line)
{
    if (t->n > c->max_position)
        fail(CODE_DATA, "%s:%d: %d tokens, the model's positions end at %d", file, line,
             t->n, c->max_position);
    for (int i = 0; i < t->n; i++)
        if (t->token[i] >= c->vocab)
            fail(CODE_DATA, "%s:%d: token %d is outside the model's vocabulary of %d",
                 file, line, t->token[i], c->vocab);
}

int verb_score(call_t *c)
{
    if (c->argc < 2)
        fail(CODE_USAGE, "usage: aletheia score MODEL FILE.jsonl [layout.backend=NAME model.dtype=TYPE]");
    deck_t *d = deck_open(NULL, c->argc - 2, c->argv + 2);
    const char *file = c->argv[1];
    text_t in = {0}, out = {0};
    int bad = text_read_file(&in, file), line = 0;
    if (bad)
        fail(CODE_DATA, "%s: cannot read: %s", file, strerror(bad));
    loaded_t l = load_model(comm_world(), c->argv[0], d, 0);
    const ops_t *ops = model_ops(l.model);
    for (char *s = in.s, *end = in.s + in.len; s && s < end;) {
        char *stop = memchr(s, '\n', (size_t)(end - s));
        size_t len = (size_t)((stop ? stop : end) - s);
        line++;
        if (strspn(s, " \t\r") < len) {
            item_t t = parse_line(s, len, l.tokenizer, file, line);
            check_item(&t, model_config(l.model), file, line);
            text_clear(&out);
            score(&l, ops, &t, &out);
            if (group_rank(comm_world()) == 0)
                puts(out.s);
            mem_free(t.token);
        }
        s += len + 1;
    }
    text_reset(&in);
    text_reset(&out);
    load_free(&l);
    deck_free(d);
    return CODE_DONE;
}
