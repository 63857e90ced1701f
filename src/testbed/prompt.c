/* What the verifier is asked.

   A ChatML frame around: the statement, the candidates one per block under their letters, and
   one line that says what is wanted.  For thinking the block of an example input is added (an
   input only, never an output) and the assistant's turn is opened with the thinking tag. */
#include "testbed.h"

const char *prompt_stop(void) { return "<|im_end|>"; }

void prompt_text(text_t *out, const bank_t *b, const list_t *l, answer_mode_t mode)
{
    const problem_t *p = &b->problem[l->problem];
    text_addf(out, "<|im_start|>user\n%s\n", p->statement);
    if (mode == MODE_THINK && p->example[0])
        text_addf(out, "Example: %s\n", p->example);
    for (int i = 0; i < l->n; i++) {
        const char *source = b->program[l->program[i]].source;
        size_t n = 0;
        while (source[n])
            n++;
        text_addf(out, "%c:\n%s%s", 'A' + i, source, n && source[n - 1] != '\n' ? "\n" : "");
    }
    text_add(out, "Which program is right? Box its letter.<|im_end|>\n<|im_start|>assistant\n");
    if (mode == MODE_THINK)
        text_add(out, "<think>\n");
}
