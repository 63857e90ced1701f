/* From the deck's words to the backend that computes. */
#include "io.h"

const ops_t *deck_backend(const deck_t *d, dtype_t type)
{
    backend_matrix_unit(deck_flag(d, "layout.matrix_unit"));
    return backend_typed(deck_text(d, "layout.backend"), type);
}
