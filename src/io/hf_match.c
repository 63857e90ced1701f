/* Are the tensors in these files those of this model?

   Matching is exact: every tensor of the model must be there once, with the model's shape and a
   type of numbers that can be read, and nothing else, so that no weight is silently left at zero
   or ignored.  Exceptions: lm_head.weight of a model whose head shares the embedding (the values
   are compared when they are read); rotary_emb.inv_freq, a buffer that older software stored and
   that follows from config.json; and a matrix of one row that is stored as a vector, as this
   program once wrote it.

   Only headers are looked at.  Everything that is wrong is said, of each kind the first few.
   Cost: names are compared one by one, some 10 ms for a thousand tensors.  local */
#include "io/hf.h"
#include <stdlib.h>
#include <string.h>

enum { FEW = 5 }; /* tensors named, of a kind of mistake */

static int by_place(const void *x, const void *y)
{
    const found_t *a = x, *b = y;
    return a->file != b->file ? (a->file > b->file) - (a->file < b->file)
                              : (a->place > b->place) - (a->place < b->place);
}

/* 1: as it should be; else what it has is added. */
static int shape_fits(const safetensors_t *s, int at, safetensors_item_t item, text_t *has)
{
    int64_t flat = item.dim[1];
    if (safetensors_is_shape(s, at, item.dim, item.dims, has))
        return 1;
    return item.dims == 2 && item.dim[0] == 1 && safetensors_is_shape(s, at, &flat, 1, NULL);
}

static void shape_says(const safetensors_item_t *item, text_t *out)
{
    text_addf(out, "[%lld", (long long)item->dim[0]);
    if (item->dims > 1)
        text_addf(out, ", %lld", (long long)item->dim[1]);
    text_add(out, "]");
}

/* Where it is; else what is wrong with that is added to one of the two. */
static void match(const shards_t *s, const char *dir, const param_t *t, found_t *to,
                  refusals_t *missing, refusals_t *other)
{
    text_t why = {0}, want = {0};
    safetensors_item_t item = hf_item(t);
    shape_says(&item, &want);
    *to = (found_t){t, -1, -1, 0};
    for (int i = 0; i < s->n; i++) {
        int at = safetensors_find(s->file[i], t->name);
        if (at >= 0 && to->file >= 0)
            refusals_add(other, "%s: tensor %s is in both %s and %s", dir, t->name,
                         s->name[to->file], s->name[i]);
        else if (at >= 0)
            *to = (found_t){t, i, at, safetensors_place(s->file[i], at)};
    }
    if (to->file < 0)
        refusals_add(missing, "%s/%s: tensor %s is missing; shape %s was expected", dir, s->name[0],
                     t->name, want.s);
    else if (!safetensors_is_number(s->file[to->file], to->at, &why))
        refusals_add(other, "%s", why.s);
    else if (!shape_fits(s->file[to->file], to->at, item, &why))
        refusals_add(other, "%s/%s: tensor %s has shape %s; %s was expected", dir,
                     s->name[to->file], t->name, why.s, want.s);
    text_reset(&why);
    text_reset(&want);
}

static int ends_in(const char *name, const char *end)
{
    size_t n = strlen(name), m = strlen(end);
    return n >= m && !strcmp(name + n - m, end);
}

static void strangers(const shards_t *s, const char *dir, const model_config_t *c,
                      const params_t *p, refusals_t *r)
{
    int64_t head[2] = {c->vocab, c->width};
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < safetensors_count(s->file[i]); k++) {
            const char *name = safetensors_name(s->file[i], k);
            text_t has = {0};
            if (params_find(p, name) || ends_in(name, "rotary_emb.inv_freq"))
                continue;
            if (!c->tied || strcmp(name, "lm_head.weight"))
                refusals_add(r, "%s/%s: tensor %s is not part of the %s that config.json describes",
                             dir, s->name[i], name, c->arch);
            else if (!safetensors_is_shape(s->file[i], k, head, 2, &has))
                refusals_add(r, "%s/%s: tensor %s has shape %s; [%d, %d] was expected", dir,
                             s->name[i], name, has.s, c->vocab, c->width);
            text_reset(&has);
        }
}

/* The first few of them. */
static void some(refusals_t *to, refusals_t *from, const char *dir, const char *what)
{
    const char *line = from->text.s;
    int most = from->n == FEW + 1 ? from->n : FEW; /* one more is no shorter by its number */
    for (int i = 0; i < from->shown && i < most; i++) {
        const char *end = strstr(line, "\n  ");
        int n = (int)(end ? end - line : (ptrdiff_t)strlen(line));
        refusals_add(to, "%.*s", n, line);
        line = end ? end + 3 : line + n;
    }
    if (from->n > most)
        refusals_add(to, "%s: %d more tensors %s", dir, from->n - FEW, what);
    text_reset(&from->text);
}

void shards_match(const shards_t *s, const char *dir, const model_config_t *c, const params_t *p,
                  found_t *f, refusals_t *r)
{
    refusals_t missing = {0}, other = {0}, strange = {0};
    for (int i = 0; i < p->n; i++)
        match(s, dir, &p->tensor[i], &f[i], &missing, &other);
    strangers(s, dir, c, p, &strange);
    some(r, &missing, dir, "are missing");
    some(r, &other, dir, "have another shape or type");
    some(r, &strange, dir, "are not part of the model");
    if (!r->n)
        qsort(f, (size_t)p->n, sizeof *f, by_place);
}
