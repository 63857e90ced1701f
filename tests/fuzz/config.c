/* hf_config_parse on any text.  What it accepts is written (hf_config_text) and read again: the
   same model; and its tensors' sizes and its rotary frequencies can be computed with. */
#include "fuzz.h"
#include "io.h"
#include <math.h>

static void use(void *arg)
{
    model_config_t c, again;
    text_t one = {0}, two = {0};
    hf_config_parse("config.json", arg, &c);
    hf_config_text(&c, &one);
    hf_config_parse("again", one.s, &again);
    hf_config_text(&again, &two);
    fuzz_want(!strcmp(one.s, two.s), "written, read and written:\n%s\n%s", one.s, two.s);
    text_reset(&one);
    text_reset(&two);
    double frequency[64];
    if (c.layers > 64 || c.head_dim > 128)
        return;
    rope_frequencies(&c.rope, c.head_dim, frequency);
    for (int i = 0; i < c.head_dim / 2; i++)
        fuzz_want(isfinite(frequency[i]) && frequency[i] >= 0, "pair %d turns by %g", i,
                  frequency[i]);
    params_t p = params_new(&c);
    for (int i = 0; i < p.n; i++)
        fuzz_want(p.tensor[i].rows > 0 && p.tensor[i].cols > 0, "%s: %lld rows", p.tensor[i].name,
                  (long long)p.tensor[i].rows);
    fuzz_want(p.count > 0 && p.count < 1ll << 45, "%lld parameters", (long long)p.count);
    params_free(&p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *s = calloc(size + 1, 1);
    memcpy(s, data, size);
    fuzz_try(use, s);
    free(s);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    return fuzz_json(data, size, max, seed);
}
