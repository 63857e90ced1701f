/* A table from content keys to numbers: open addressing with linear probing.

   Keys are hashes already, so their low word is the place; a table is doubled before it
   is two thirds full.  Nothing is ever taken out.  Values are stored one higher than
   they are, so that fresh (zeroed) memory is an empty table.  24 bytes a place; a
   million keys are put in 0.1 s. */
#include "keymap.h"

/* Where key stands, or the empty place where it would. */
static int64_t place(const keymap_t *m, hash_t key)
{
    int64_t i = (int64_t)(key.lo & (uint64_t)(m->cap - 1));
    while (m->value[i] && !hash_equal(m->key[i], key))
        i = (i + 1) & (m->cap - 1);
    return i;
}

static void grow(keymap_t *m)
{
    keymap_t new = {.cap = m->cap ? 2 * m->cap : 256, .n = m->n};
    new.key = ALLOC(hash_t, new.cap);
    new.value = ALLOC(int64_t, new.cap);
    for (int64_t i = 0; i < m->cap; i++)
        if (m->value[i]) {
            int64_t at = place(&new, m->key[i]);
            new.key[at] = m->key[i];
            new.value[at] = m->value[i];
        }
    mem_free(m->key);
    mem_free(m->value);
    *m = new;
}

int64_t keymap_claim(keymap_t *m, hash_t key, int64_t value)
{
    ASSERT(value >= 0);
    if (3 * (m->n + 1) > 2 * m->cap)
        grow(m);
    int64_t at = place(m, key);
    if (!m->value[at]) {
        m->key[at] = key;
        m->value[at] = value + 1;
        m->n++;
    }
    return m->value[at] - 1;
}

int64_t keymap_find(const keymap_t *m, hash_t key)
{
    return m->cap ? m->value[place(m, key)] - 1 : -1;
}

void keymap_reset(keymap_t *m)
{
    mem_free(m->key);
    mem_free(m->value);
    *m = (keymap_t){0};
}
