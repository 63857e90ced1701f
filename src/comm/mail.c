/* Small messages between single ranks, local and non-blocking: what clients and graders talk by.

   A posted message is copied into a block of its own and sent with MPI_Isend; blocks are freed as
   their sends complete (looked at on every post and poll).  Receiving probes for any source and
   any tag, so arrival order is not fixed: users of mail must not let it change a result.
   Mail of a group never mixes with its collectives: MPI keeps those apart by context. */
#include "comm_mpi.h"
#include <string.h>

typedef struct {
    MPI_Request request;
    void *bytes;
} letter_t;
struct mailbox {
    letter_t *letter;
    int n, cap;
};

static struct mailbox *box_of(group_t *g)
{
    if (!g->box)
        g->box = ALLOC(struct mailbox, 1);
    return g->box;
}

/* Frees what has been sent. */
static void sweep(struct mailbox *b)
{
    int kept = 0;
    for (int i = 0; i < b->n; i++) {
        int done;
        CHECK_MPI(MPI_Test(&b->letter[i].request, &done, MPI_STATUS_IGNORE));
        if (done)
            mem_free(b->letter[i].bytes);
        else
            b->letter[kept++] = b->letter[i];
    }
    b->n = kept;
}

void mail_post(group_t *g, int to, int tag, const void *bytes, size_t n)
{
    struct mailbox *b = box_of(g);
    ASSERT(n < INT32_MAX);
    letter_t l = {.bytes = mem_new(n ? n : 1)};
    if (n)
        memcpy(l.bytes, bytes, n);
    CHECK_MPI(MPI_Isend(l.bytes, (int)n, MPI_BYTE, to, tag, g->comm, &l.request));
    PUSH(b->letter, b->n, b->cap, l);
    sweep(b);
}

void *mail_poll(group_t *g, size_t *n, int *from, int *tag)
{
    int there, count;
    MPI_Status s;
    if (g->box)
        sweep(g->box);
    CHECK_MPI(MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, g->comm, &there, &s));
    if (!there)
        return NULL;
    CHECK_MPI(MPI_Get_count(&s, MPI_BYTE, &count));
    void *bytes = mem_new(count ? (size_t)count : 1);
    CHECK_MPI(
        MPI_Recv(bytes, count, MPI_BYTE, s.MPI_SOURCE, s.MPI_TAG, g->comm, MPI_STATUS_IGNORE));
    *n = (size_t)count;
    if (from)
        *from = s.MPI_SOURCE;
    if (tag)
        *tag = s.MPI_TAG;
    return bytes;
}

void mail_flush(group_t *g)
{
    if (!g->box)
        return;
    while (g->box->n)
        sweep(g->box);
    mem_free(g->box->letter);
    mem_free(g->box);
    g->box = NULL;
}
