/* hf_chat_read on any text, which is every JSON file of the directory at once. */
#include "fuzz.h"
#include "io.h"

static void use(void *arg)
{
    hf_chat_t c;
    hf_chat_read(arg, &c);
    for (int i = 0; i < c.n_end; i++)
        fuzz_want(c.end[i] >= 0, "an answer ends with the token %d", c.end[i]);
    hf_chat_reset(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_file("tokenizer_config.json", data, size);
    fuzz_file("generation_config.json", data, size);
    fuzz_file("config.json", data, size);
    fuzz_try(use, (void *)fuzz_folder());
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    return fuzz_json(data, size, max, seed);
}
