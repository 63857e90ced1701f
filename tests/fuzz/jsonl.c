/* bank_import on any JSON lines.  What it accepts must be a bank that can be written (bank_check) and reported. */
#include "fuzz.h"
#include "io.h"

static char report[300];

static void use(void *arg)
{
    bank_t b;
    text_t why = {0};
    bank_import(&b, arg, 1000, 65536);
    fuzz_want(!bank_check(&b, &why), "imported, but: %s", why.s);
    fuzz_want(bank_same(&b, &b), "not the same as itself");
    bank_hash(&b);
    bank_report(&b, report);
    bank_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = fuzz_file("problems.jsonl", data, size);
    snprintf(report, sizeof report, "%s/report", fuzz_folder());
    fuzz_try(use, (void *)path);
    return 0;
}

/* One line is changed, doubled or taken away. */
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    size_t first = size ? fuzz_next(&seed) % size : 0, end = first;
    while (first > 0 && data[first - 1] != '\n')
        first--;
    while (end < size && data[end] != '\n')
        end++;
    size_t n = end - first, rest = size - end, made;
    uint8_t *line = malloc(max + 1), *tail = malloc(rest + 1);
    memcpy(line, data + first, n);
    memcpy(tail, data + end, rest);
    if (n && fuzz_next(&seed) % 16 == 0 && size + n + 1 <= max) {
        made = n + 1;
        memmove(data + end + made, data + end, rest);
        data[end] = '\n';
        memcpy(data + end + 1, line, n);
        size += made;
    } else {
        made = fuzz_next(&seed) % 32 ? fuzz_json(line, n, max - first - rest, seed) : 0;
        memcpy(data + first, line, made);
        memcpy(data + first + made, tail, rest);
        size = first + made + rest;
    }
    free(line);
    free(tail);
    return size;
}
