/* Every parameter tensor of a model: its name, shape and place in the one block.

   The block follows params.def: tensors before the layers, each layer's, tensors after.
   A tensor starts on 64 bytes, except those that one product reads together with the
   tensor before them (k and v after q, their biases, up after gate): these follow it
   without a gap, whatever the shape, so that [q;k;v] is one matrix [(H+2KV)D, C] and
   [gate;up] one matrix [2F, C].

   What params.def gives the one row `1` is a vector; a matrix that has one row in this model is
   none.

   Gaps hold zeros, in gradients too, so sums and updates may run over the whole block.
   Gradients, moments and copies have the block's layout. */
#include "model.h"
#include <string.h>

enum { ALIGN = 16 }; /* floats: 64 bytes */

typedef struct {
    const char *name;
    int per_layer, present, decay, id, vector;
    int64_t rows, cols;
    split_t split;
} kind_t;

static int joined_to_previous(int id)
{
    return id == PARAM_K || id == PARAM_V || id == PARAM_KB || id == PARAM_VB || id == PARAM_UP;
}

static void add(params_t *p, const kind_t *k, int layer)
{
    if (!k->present)
        return;
    if (!joined_to_previous(k->id))
        p->count = (p->count + ALIGN - 1) / ALIGN * ALIGN;
    param_t *t = &p->tensor[p->n++];
    if (k->per_layer)
        snprintf(t->name, sizeof t->name, k->name, layer);
    else
        snprintf(t->name, sizeof t->name, "%s", k->name);
    t->id = k->id;
    t->layer = layer;
    t->rows = k->rows;
    t->cols = k->cols;
    t->vector = k->vector;
    t->offset = p->count;
    t->split = k->split;
    t->decay = k->decay;
    p->count += k->rows * k->cols;
}

params_t params_new(const model_config_t *c)
{
    const kind_t kind[PARAM_KINDS] = {
#define PARAM(id, name, per_layer, rows, cols, split, decay, present) \
    {name, per_layer, present, decay, PARAM_##id, !strcmp(#rows, "1"), rows, cols, split},
#include "params.def"
#undef PARAM
    };
    params_t p = {.tensor = ALLOC(param_t, (int64_t)c->layers * PARAM_KINDS + PARAM_KINDS)};
    for (int first = 0, last; first < PARAM_KINDS; first = last) {
        int layers = kind[first].per_layer ? c->layers : 1;
        for (last = first; last < PARAM_KINDS; last++)
            if (kind[last].per_layer != kind[first].per_layer)
                break;
        for (int l = 0; l < layers; l++)
            for (int i = first; i < last; i++)
                add(&p, &kind[i], kind[i].per_layer ? l : -1);
    }
    p.count = (p.count + ALIGN - 1) / ALIGN * ALIGN;
    return p;
}

void params_free(params_t *p)
{
    mem_free(p->tensor);
    *p = (params_t){0};
}

const param_t *params_find(const params_t *p, const char *name)
{
    for (int i = 0; i < p->n; i++)
        if (!strcmp(p->tensor[i].name, name))
            return &p->tensor[i];
    return NULL;
}

int64_t params_offset(const params_t *p, int id, int layer)
{
    for (int i = 0; i < p->n; i++)
        if (p->tensor[i].id == id && p->tensor[i].layer == layer)
            return p->tensor[i].offset;
    return -1;
}
