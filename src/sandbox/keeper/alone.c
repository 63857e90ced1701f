/* A run that was just above its time limit is repeated alone, since the same work takes up
   to 1.3 times the CPU time beside a busy neighbour (shared caches, two threads of a core).

   One page is shared by the launchers of a keeper: who asks to be alone, and who runs.  A
   launcher says that it runs, then looks whether somebody asks (and steps back if so); who
   asks says so first, then waits for the others.  The order of these makes one of them see
   the other.  Nobody waits for ever: after PATIENCE the run goes on as it is.  The keeper
   clears the marks of a launcher that is gone.

   Cost: two writes and a read of shared memory per run. */
#include "sandbox/box/box.h"
#include <stdatomic.h>
#include <sys/mman.h>

enum { MOST = 256, PATIENCE_MS = 10000 };

struct alone {
    _Atomic int asks; /* launcher + 1; 0: nobody */
    _Atomic int runs[MOST];
};

alone_t *alone_new(void)
{
    void *p =
        mmap(NULL, sizeof(alone_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void alone_clear(alone_t *a, int i)
{
    int mine = i + 1;
    if (!a)
        return;
    atomic_store(&a->runs[i], 0);
    atomic_compare_exchange_strong(&a->asks, &mine, 0);
}

static int pause_1ms(box_t *b, int waited_ms)
{
    nanosleep(&(struct timespec){0, 1000000}, NULL);
    box_beat(b);
    return waited_ms + 1;
}

void alone_enter(box_t *b)
{
    alone_t *a = b->alone;
    for (int waited = 0; a; waited = pause_1ms(b, waited)) {
        atomic_store(&a->runs[b->number], 1);
        int who = atomic_load(&a->asks);
        if (!who || who == b->number + 1 || waited >= PATIENCE_MS)
            return;
        atomic_store(&a->runs[b->number], 0);
    }
}

void alone_leave(box_t *b)
{
    if (b->alone)
        atomic_store(&b->alone->runs[b->number], 0);
}

static int others_run(const alone_t *a, int self)
{
    int n = 0;
    for (int i = 0; i < MOST; i++)
        n += i != self && atomic_load(&a->runs[i]);
    return n;
}

void alone_begin(box_t *b)
{
    alone_t *a = b->alone;
    int waited = 0;
    for (int nobody = 0; a && waited < PATIENCE_MS; nobody = 0) {
        if (atomic_compare_exchange_strong(&a->asks, &nobody, b->number + 1))
            break;
        waited = pause_1ms(b, waited);
    }
    while (a && waited < PATIENCE_MS && others_run(a, b->number))
        waited = pause_1ms(b, waited);
}

void alone_end(box_t *b)
{
    int mine = b->number + 1;
    if (b->alone)
        atomic_compare_exchange_strong(&b->alone->asks, &mine, 0);
}
