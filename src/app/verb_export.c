/* aletheia export RUN|CKPT.h5|MODELDIR DIR [model.dtype=TYPE model.shard_gb=N]: a
   checkpoint as a Hugging Face model directory.

   What training changes (the weights) comes from the checkpoint, what it does not
   (config, tokenizer, generation defaults) is carried over from the directory that the
   run started from; without model.dtype each tensor is written in the type that it had
   there, so a tensor that did not change keeps its bytes.  All ranks read the
   checkpoint, one writes.  A directory that holds a model is never overwritten. */
#include "app.h"
#include <string.h>
#include <unistd.h>

int verb_export(call_t *c)
{
    if (c->argc < 2)
        fail(CODE_USAGE,
             "usage: aletheia export RUN|CKPT.h5|MODELDIR DIR [model.dtype=TYPE model.shard_gb=N]");
    const char *out = c->argv[1];
    deck_t *d = deck_open(NULL, c->argc - 2, c->argv + 2);
    text_t config = {0};
    text_addf(&config, "%s/config.json", out);
    if (!access(config.s, F_OK))
        fail(CODE_USAGE, "%s holds a model already; remove it or choose another directory", out);
    text_reset(&config);
    loaded_t l = load_model(comm_world(), c->argv[0], d, 1);
    comm_barrier(comm_world()); /* everyone has seen that DIR is free */
    hash_t h = model_hash(l.model);
    if (group_rank(comm_world()) == 0) {
        char hash[33];
        hash_hex(h, hash);
        const char *type = deck_text(d, "model.dtype");
        hf_write(out, l.model, !strcmp(type, "auto") ? HF_AS_BEFORE : (int)dtype_of(type, F32),
                 l.from, (int64_t)(deck_real(d, "model.shard_gb") * 1e9));
        log_line("%s: step %lld of %s%s%s", out, (long long)l.step, c->argv[0],
                 strcmp(type, "auto") ? " as " : ", in the types of ",
                 strcmp(type, "auto") ? type : l.from);
        log_line("RESULT verb=export step=%lld param_hash=%s", (long long)l.step, hash);
    }
    comm_barrier(comm_world());
    load_free(&l);
    deck_free(d);
    return CODE_DONE;
}
