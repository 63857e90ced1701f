/* Packed tokens and their spans: the one layout for prefill, decode, scoring and
   training.

   Tokens of all sequences stand one after another.  A span says which of them belong
   together, at which position they begin, and through its runs where the keys before
   them are.  In training the keys are the batch's own rows, so a shared prompt is one
   span of its own whose run appears in every continuation's span:

       rows      p p p p p | a a a | b b      prompt of 5, continuations of 4 and 3
       positions 0 1 2 3 4   5 6 7   5 6
       spans     [0,5)       [5,8)   [8,10)
       runs of span 1: (pos 0, slot 0, count 5) (pos 5, slot 5, count 3)

   A continuation's last token predicts nothing and is left out; the prompt's last row
   predicts the first token of each continuation, so it is in `row` once per
   continuation. */
#include "model/inside.h"
#include <string.h>

void batch_clear(batch_t *b)
{
    b->n = b->n_span = b->n_run = b->n_row = 0;
}

void batch_free(batch_t *b)
{
    mem_free(b->token);
    mem_free(b->pos);
    mem_free(b->span);
    mem_free(b->run);
    mem_free(b->row);
    mem_free(b->target);
    *b = (batch_t){0};
}

int batch_span(batch_t *b, const int32_t *token, int n, int pos, const run_t *run, int runs)
{
    ASSERT(n > 0 && pos >= 0 && runs > 0);
    if (b->n + n > b->cap) {
        b->cap = 2 * b->cap > b->n + n ? 2 * b->cap : b->n + n;
        b->token = mem_grow(b->token, (size_t)b->cap * sizeof *b->token);
        b->pos = mem_grow(b->pos, (size_t)b->cap * sizeof *b->pos);
    }
    memcpy(b->token + b->n, token, (size_t)n * sizeof *token);
    for (int i = 0; i < n; i++)
        b->pos[b->n + i] = pos + i;
    span_t s = {.first = b->n, .count = n, .pos = pos, .run = b->n_run, .runs = runs};
    for (int i = 0; i < runs; i++)
        PUSH(b->run, b->n_run, b->cap_run, run[i]);
    PUSH(b->span, b->n_span, b->cap_span, s);
    b->n += n;
    return s.first;
}

void batch_row(batch_t *b, int row, int32_t target)
{
    if (b->n_row == b->cap_row) {
        b->cap_row = b->cap_row ? 2 * b->cap_row : 64;
        b->row = mem_grow(b->row, (size_t)b->cap_row * sizeof *b->row);
        b->target = mem_grow(b->target, (size_t)b->cap_row * sizeof *b->target);
    }
    b->row[b->n_row] = row;
    b->target[b->n_row++] = target;
}

int batch_prompt(batch_t *b, const int32_t *token, int n)
{
    run_t own = {.pos = 0, .slot = b->n, .count = n};
    batch_span(b, token, n, 0, &own, 1);
    return b->n_span - 1;
}

void batch_continue(batch_t *b, int prompt, const int32_t *token, int n)
{
    if (prompt < 0) {
        if (n < 2)
            return;
        run_t own = {.pos = 0, .slot = b->n, .count = n - 1};
        int first = batch_span(b, token, n - 1, 0, &own, 1);
        for (int i = 1; i < n; i++)
            batch_row(b, first + i - 1, token[i]);
        return;
    }
    ASSERT(prompt < b->n_span && b->span[prompt].pos == 0 && b->span[prompt].runs == 1);
    if (n < 1)
        return;
    span_t p = b->span[prompt];
    batch_row(b, p.first + p.count - 1, token[0]);
    if (n < 2)
        return;
    run_t run[2] = {{.pos = 0, .slot = p.first, .count = p.count},
                    {.pos = p.count, .slot = b->n, .count = n - 1}};
    int first = batch_span(b, token, n - 1, p.count, run, 2);
    for (int i = 1; i < n; i++)
        batch_row(b, first + i - 1, token[i]);
}

int64_t batch_attended(const batch_t *b)
{
    int64_t sum = 0;
    for (int i = 0; i < b->n_span; i++) {
        int64_t n = b->span[i].count, pos = b->span[i].pos;
        sum += n * pos + n * (n + 1) / 2;
    }
    return sum;
}

void batch_check(const batch_t *b, const model_config_t *c, int max_tokens, int max_rows)
{
    if (b->n > max_tokens || b->n_row > max_rows)
        fail(CODE_FAULT, "a batch of %d tokens, %d rows is larger than its workspace: %d, %d", b->n,
             b->n_row, max_tokens, max_rows);
    for (int i = 0; i < b->n; i++) {
        if (b->token[i] < 0 || b->token[i] >= c->vocab)
            fail(CODE_DATA, "token %d is outside the model's vocabulary of %d", b->token[i],
                 c->vocab);
        if (b->pos[i] < 0 || b->pos[i] >= c->max_position)
            fail(CODE_DATA, "position %d is beyond the model's %d positions", b->pos[i],
                 c->max_position);
    }
    for (int i = 0; i < b->n_row; i++)
        ASSERT(b->row[i] >= 0 && b->row[i] < b->n);
}
