/* aletheia export RUN|CKPT.h5 DIR [model.dtype=bfloat16]: a checkpoint as a Hugging Face
   model directory.

   What training changes (the weights) comes from the checkpoint, what it does not
   (tokenizer, generation defaults) is copied from the directory that the run started
   from.  All ranks read the checkpoint, one writes. A directory that holds a model is
   never overwritten. */
#include "app.h"
#include <string.h>
#include <unistd.h>

int verb_export(call_t *c)
{
    if (c->argc < 2)
        fail(CODE_USAGE, "usage: aletheia export RUN|CKPT.h5 DIR [model.dtype=bfloat16]");
    const char *out = c->argv[1];
    deck_t *d = deck_open(NULL, c->argc - 2, c->argv + 2);
    text_t config = {0};
    text_addf(&config, "%s/config.json", out);
    if (!access(config.s, F_OK))
        fail(CODE_USAGE,
             "%s holds a model already; remove it or choose another directory", out);
    text_reset(&config);
    loaded_t l = load_model(comm_world(), c->argv[0],
                            backend_open(deck_text(d, "layout.backend")));
    comm_barrier(comm_world()); /* everyone has seen that DIR is free */
    hash_t h = model_hash(l.model);
    if (group_rank(comm_world()) == 0) {
        char hash[33];
        hash_hex(h, hash);
        hf_write(out, l.model,
                 strcmp(deck_text(d, "model.dtype"), "float32") ? BF16 : F32, l.from);
        log_line("%s: step %lld of %s as %s", out, (long long)l.step, c->argv[0],
                 deck_text(d, "model.dtype"));
        log_line("RESULT verb=export step=%lld param_hash=%s", (long long)l.step, hash);
    }
    comm_barrier(comm_world());
    load_free(&l);
    deck_free(d);
    return CODE_DONE;
}
