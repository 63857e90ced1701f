/* A client's table of work: queued, sent, and answers kept for equal jobs.

   Slots are numbers, since tickets travel: a ticket is slot + 2^20 x serial, new each
   time a job is sent, so that the late answer of a grader that was given up, or of a job
   that was cancelled, is told from the one that is awaited.  Slots are used again.

   Work whose answers are compared has a name, the hash of its bytes without the ticket,
   and stands in a hash table under it.  Kept answers are a chain by age, bounded in
   number and bytes: the oldest go. */
#include "grade.h"
#include <string.h>

enum { BUCKETS = 1 << 16, SLOTS = 1 << 20, KEPT_MOST = 1 << 14, KEPT_BYTES = 64 << 20 };

void items_init(items_t *t)
{
    *t = (items_t){.free = -1, .queue = {-1, -1, 0}, .kept = {-1, -1, 0}};
    t->bucket = ALLOC(int, BUCKETS);
    memset(t->bucket, 0xff, BUCKETS * sizeof(int));
}

void items_reset(items_t *t)
{
    for (int i = 0; i < t->n_item; i++) {
        text_reset(&t->item[i].bytes);
        mem_free(t->item[i].waiter);
    }
    mem_free(t->item);
    mem_free(t->bucket);
    *t = (items_t){0};
}

/* chains ----------------------------------------------------------------------------- */

static void chain_out(items_t *t, chain_t *c, int slot)
{
    item_t *it = &t->item[slot];
    *(it->before < 0 ? &c->first : &t->item[it->before].after) = it->after;
    *(it->after < 0 ? &c->last : &t->item[it->after].before) = it->before;
    it->before = it->after = -1;
    c->n--;
}

static void chain_last(items_t *t, chain_t *c, int slot)
{
    t->item[slot].before = c->last;
    t->item[slot].after = -1;
    *(c->last < 0 ? &c->first : &t->item[c->last].after) = slot;
    c->last = slot;
    c->n++;
}

static void chain_first(items_t *t, chain_t *c, int slot)
{
    t->item[slot].after = c->first;
    t->item[slot].before = -1;
    *(c->first < 0 ? &c->last : &t->item[c->first].before) = slot;
    c->first = slot;
    c->n++;
}

/* items ------------------------------------------------------------------------------ */

int items_find(const items_t *t, hash_t key)
{
    int i = t->bucket[key.lo % BUCKETS];
    while (i >= 0 && !hash_equal(t->item[i].key, key))
        i = t->item[i].next;
    return i;
}

int items_add(items_t *t, const item_t *it)
{
    int slot = t->free, *first = &t->bucket[it->key.lo % BUCKETS];
    if (slot >= 0) {
        t->free = t->item[slot].next;
        t->item[slot] = *it;
    } else {
        slot = t->n_item;
        ASSERT(slot < SLOTS);
        PUSH(t->item, t->n_item, t->cap_item, *it);
    }
    t->item[slot].state = QUEUED;
    t->item[slot].ticket = -1;
    t->item[slot].next = -1;
    t->bytes += it->bytes.len;
    chain_last(t, &t->queue, slot);
    if (it->named) {
        t->item[slot].next = *first;
        *first = slot;
    }
    return slot;
}

void items_remove(items_t *t, int slot)
{
    item_t *it = &t->item[slot];
    if (it->state == KEPT) {
        chain_out(t, &t->kept, slot);
        t->kept_bytes -= it->bytes.len;
    } else {
        t->bytes -= it->bytes.len;
        if (it->state == QUEUED)
            chain_out(t, &t->queue, slot);
    }
    for (int *at = &t->bucket[it->key.lo % BUCKETS]; it->named && *at >= 0; at = &t->item[*at].next)
        if (*at == slot) {
            *at = it->next;
            break;
        }
    text_reset(&it->bytes);
    mem_free(it->waiter);
    *it = (item_t){.next = t->free, .ticket = -1};
    t->free = slot;
}

void items_send(items_t *t, int slot, int target)
{
    item_t *it = &t->item[slot];
    chain_out(t, &t->queue, slot);
    it->state = SENT;
    it->target = target;
    it->ticket = slot + SLOTS * ++t->n_sent;
    memcpy(it->bytes.s, &it->ticket, sizeof it->ticket); /* a job's first integer */
}

int items_sent(const items_t *t, int64_t ticket)
{
    int64_t slot = ticket % SLOTS;
    return ticket >= 0 && slot < t->n_item && t->item[slot].state == SENT &&
                   t->item[slot].ticket == ticket
               ? (int)slot
               : -1;
}

void items_requeue(items_t *t, int slot)
{
    t->item[slot].state = QUEUED;
    chain_first(t, &t->queue, slot);
}

void items_keep(items_t *t, int slot, text_t *answer)
{
    item_t *it = &t->item[slot];
    t->bytes -= it->bytes.len;
    text_reset(&it->bytes);
    it->bytes = *answer;
    *answer = (text_t){0};
    it->state = KEPT;
    chain_last(t, &t->kept, slot);
    t->kept_bytes += it->bytes.len;
    while (t->kept.n > KEPT_MOST || (t->kept.n > 1 && t->kept_bytes > KEPT_BYTES))
        items_remove(t, t->kept.first);
}
