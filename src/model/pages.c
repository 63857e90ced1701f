/* Keys and values of all sequences that a rank generates.

   One block [L][page], pages in the backend's own form (keys of KEY_PAGE positions and
   their values), handed out from a stack, so a sequence may lie anywhere and a shared
   prompt lies there once.  Who owns which page is the caller's business; giving back a
   page that is free asserts.

   Keys belong to the parameters that made them.  pages_stamp names the version; it can
   change only while no page is taken, and a decode step under another version asserts.
   This is the check that what is generated is on-policy. */
#include "model/inside.h"

struct pages {
    const ops_t *ops;
    buf_t store;
    size_t bytes;
    size_t page_bytes; /* in one layer */
    int layers, n, n_free;
    int *free;   /* [n]: a stack of page numbers */
    int *owners; /* [n]; 0: free */
    int64_t version;
};

pages_t *pages_new(const model_config_t *c, const ops_t *ops, int n_pages)
{
    ASSERT(n_pages > 0);
    pages_t *p = ALLOC(pages_t, 1);
    p->ops = ops;
    p->layers = c->layers;
    p->page_bytes = ops->page_bytes(c->kv_heads, c->head_dim);
    p->bytes = (size_t)p->layers * (size_t)n_pages * p->page_bytes;
    p->store = ops->alloc(p->bytes);
    p->n = p->n_free = n_pages;
    p->free = ALLOC(int, n_pages);
    p->owners = ALLOC(int, n_pages);
    for (int i = 0; i < n_pages; i++)
        p->free[i] = n_pages - 1 - i;
    p->version = -1;
    return p;
}

void pages_free(pages_t *p)
{
    if (!p)
        return;
    p->ops->release(p->store, p->bytes);
    mem_free(p->free);
    mem_free(p->owners);
    mem_free(p);
}

size_t pages_bytes(const model_config_t *c, const ops_t *ops, int n_pages)
{
    size_t page = (size_t)c->layers * ops->page_bytes(c->kv_heads, c->head_dim);
    return (size_t)n_pages * (page + 2 * sizeof(int));
}

int pages_left(const pages_t *p)
{
    return p->n_free;
}

int pages_take(pages_t *p)
{
    if (!p->n_free)
        return -1;
    int page = p->free[--p->n_free];
    p->owners[page] = 1;
    return page;
}

void pages_share(pages_t *p, int page)
{
    ASSERT(page >= 0 && page < p->n && p->owners[page]);
    p->owners[page]++;
}

void pages_give(pages_t *p, int page)
{
    ASSERT(page >= 0 && page < p->n && p->owners[page]);
    if (--p->owners[page] == 0)
        p->free[p->n_free++] = page;
}

void pages_copy(pages_t *p, int to, int from)
{
    ASSERT(p->owners[to] == 1 && p->owners[from]);
    int64_t page = (int64_t)(p->page_bytes / sizeof(float));
    for (int l = 0; l < p->layers; l++)
        p->ops->copy(buf_at(pages_layer(p, l), to * page), buf_at(pages_layer(p, l), from * page),
                     p->page_bytes);
}

void pages_stamp(pages_t *p, int64_t version)
{
    ASSERT(p->n_free == p->n || p->version == version);
    p->version = version;
}

buf_t pages_layer(const pages_t *p, int layer)
{
    return buf_at(p->store, layer * p->n * (int64_t)(p->page_bytes / sizeof(float)));
}

int64_t pages_version(const pages_t *p)
{
    return p->version;
}

int pages_slots(const pages_t *p)
{
    return p->n * KEY_PAGE;
}
