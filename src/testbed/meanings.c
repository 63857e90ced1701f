/* The meanings that problems of a range had so far: a set of numbers that only grows.

   Open addressing in a table of a power of two, at most half full. */
#include "testbed/ast.h"

struct meanings {
    uint64_t *key; /* open addressing; 0: free */
    int n, size;
};

meanings_t *meanings_new(void)
{
    return ALLOC(meanings_t, 1);
}

void meanings_free(meanings_t *m)
{
    if (m)
        mem_free(m->key);
    mem_free(m);
}

/* Where key is, or where it belongs. */
static int place_of(const meanings_t *m, uint64_t key)
{
    int i = (int)(key & (uint64_t)(m->size - 1));
    while (m->key[i] && m->key[i] != key)
        i = (i + 1) & (m->size - 1);
    return i;
}

int meanings_hold(const meanings_t *m, uint64_t key)
{
    return m->n && m->key[place_of(m, key)] == key;
}

void meanings_add(meanings_t *m, uint64_t key)
{
    if (2 * m->n >= m->size) {
        meanings_t more = {.size = m->size ? 2 * m->size : 256};
        more.key = ALLOC(uint64_t, more.size);
        for (int i = 0; i < m->size; i++)
            if (m->key[i])
                more.key[place_of(&more, m->key[i])] = m->key[i], more.n++;
        mem_free(m->key);
        *m = more;
    }
    int i = place_of(m, key);
    m->n += !m->key[i];
    m->key[i] = key;
}
