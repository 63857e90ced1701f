/* One allocation cut into tensors.

   A workspace is described once, by a function that carves its tensors in order.  Run
   with no memory behind it the function gives the size, which is what the plan prints;
   run again over a block of that size it gives the tensors.  So plan and allocation
   cannot drift apart. */
#include "model/inside.h"

buf_t carve(carve_t *k, int64_t n)
{
    buf_t b = {NULL};
    if (k->base.p)
        b = buf_at(k->base, k->used);
    k->used += (n + 15) / 16 * 16;
    return b;
}

buf_t carve_bytes(carve_t *k, size_t bytes)
{
    return carve(k, (int64_t)((bytes + sizeof(float) - 1) / sizeof(float)));
}
