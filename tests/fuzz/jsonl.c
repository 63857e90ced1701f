/* bank_import on any JSON lines.  What it accepts must be a bank that can be written (bank_check)
   and reported. */
#include "fuzz.h"
#include "io.h"

static char report[300];

static void use(void *arg)
{
    bank_t b;
    text_t why = {0};
    bank_bads_t bad = {0};
    int *line;
    bank_import(&b, arg, 1000, 65536, &bad, &line);
    fuzz_want(!bank_check(&b, &why), "imported, but: %s", why.s);
    fuzz_want(bank_same(&b, &b), "not the same as itself");
    bank_hash(&b);
    bank_report(&b, report, &bad, NULL);
    bank_bads_free(&bad);
    mem_free(line);
    bank_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file("problems.jsonl", data, size);
    snprintf(report, sizeof report, "%s/report", fuzz_folder());
    fuzz_try(use, (void *)path);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    return fuzz_lines(data, size, max, seed);
}
