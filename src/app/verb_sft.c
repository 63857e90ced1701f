/* aletheia sft DECK: the warm start, next-token loss on written answers.  The frame is
   verb_train.c's; the step is rl/sft.c. */
#include "app.h"

int verb_sft(call_t *c)
{
    return verb_run(c, RUN_SFT);
}
