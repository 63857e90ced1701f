/* AdamW over the one block (Loshchilov & Hutter 2019), and the learning rate's schedule.

       g *= min(1, clip / |g|)
       m  = b1 m + (1-b1) g        v = b2 v + (1-b2) g^2
       p -= lr ( (m / c1) / (sqrt(v / c2) + eps) + decay p ),     c = 1 - b^t

   |g| is the norm of the whole gradient.  decay applies to matrices, not to norms and
   biases (params.def says which): neighbours of the same kind are updated in one call.
   Master parameters (float32, whatever the model holds) and moments have the block's layout: the
   update changes the master and the model takes it over.  A gradient that is not finite ends the
   run: it means a bug or a divergence, and an update with it would destroy the parameters.

   Nothing communicates: the caller has reduced the gradient. */
#include "rl.h"
#include <math.h>

typedef struct {
    int64_t first, count;
    int decay;
} range_t;

struct optim {
    const ops_t *ops;
    buf_t master, m, v;
    size_t bytes; /* of each */
    int64_t count, updates;
    range_t *range;
    int n_range, cap_range;
};

static void find_ranges(optim_t *o, const params_t *p)
{
    for (int i = 0; i < p->n; i++) {
        const param_t *t = &p->tensor[i];
        int64_t end = i + 1 < p->n ? t[1].offset : p->count;
        if (o->n_range && o->range[o->n_range - 1].decay == t->decay) {
            o->range[o->n_range - 1].count += end - t->offset;
        } else {
            range_t r = {t->offset, end - t->offset, t->decay};
            PUSH(o->range, o->n_range, o->cap_range, r);
        }
    }
}

optim_t *optim_new(const model_t *m)
{
    optim_t *o = ALLOC(optim_t, 1);
    o->ops = model_ops(m);
    o->count = model_params(m)->count;
    o->bytes = (size_t)o->count * sizeof(float);
    o->master = o->ops->alloc(o->bytes);
    o->m = o->ops->alloc(o->bytes);
    o->v = o->ops->alloc(o->bytes);
    o->ops->zero(o->m, o->bytes);
    o->ops->zero(o->v, o->bytes);
    model_to_block(m, o->master);
    find_ranges(o, model_params(m));
    return o;
}

void optim_free(optim_t *o)
{
    if (!o)
        return;
    o->ops->release(o->master, o->bytes);
    o->ops->release(o->m, o->bytes);
    o->ops->release(o->v, o->bytes);
    mem_free(o->range);
    mem_free(o);
}

size_t optim_bytes(const model_config_t *c)
{
    params_t p = params_new(c);
    size_t bytes = 3 * (size_t)p.count * sizeof(float);
    params_free(&p);
    return bytes;
}

buf_t optim_master(const optim_t *o)
{
    return o->master;
}

buf_t optim_m(const optim_t *o)
{
    return o->m;
}

buf_t optim_v(const optim_t *o)
{
    return o->v;
}

int64_t optim_count(const optim_t *o)
{
    return o->updates;
}

void optim_set_count(optim_t *o, int64_t n)
{
    ASSERT(n >= 0);
    o->updates = n;
}

double optim_step(optim_t *o, model_t *m, buf_t grad, const adamw_t *h)
{
    ASSERT(model_params(m)->count == o->count);
    double norm = sqrt(o->ops->sumsq(grad, o->count));
    if (!isfinite(norm))
        fail(CODE_FAULT,
             "the gradient of update %lld is not finite: lower the learning rate or "
             "look at the batch",
             (long long)o->updates + 1);
    double scale = h->clip_norm > 0 && norm > h->clip_norm ? h->clip_norm / norm : 1;
    double t = (double)++o->updates;
    float c1 = (float)(1 - pow(h->beta1, t)), c2 = (float)(1 - pow(h->beta2, t));
    for (int i = 0; i < o->n_range; i++) {
        const range_t *r = &o->range[i];
        o->ops->adamw(buf_at(o->master, r->first), buf_at(o->m, r->first), buf_at(o->v, r->first),
                      buf_at(grad, r->first), r->count, (float)h->lr, (float)h->beta1,
                      (float)h->beta2, (float)h->eps, r->decay ? (float)h->decay : 0, c1, c2,
                      (float)scale);
    }
    model_from_block(m, o->master);
    return norm;
}

/* Rises linearly over the first part of the steps, then stays; step counts from 0. */
double lr_at(double lr, double warmup_fraction, int64_t step, int64_t steps)
{
    double warm = ceil(warmup_fraction * (double)steps);
    return (double)step + 1 < warm ? lr * ((double)step + 1) / warm : lr;
}
