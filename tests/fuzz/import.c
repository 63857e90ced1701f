/* import_open, import_next and import_read on any JSON lines: an input is the lines of lists or
   problems, a NUL, and the lines of tests.  What is accepted becomes banks that must be sound. */
#include "fuzz.h"
#include "io.h"

typedef struct {
    import_from_t from;
} input_t;

static void use(void *arg)
{
    input_t *in = arg;
    import_count_t count;
    bank_bads_t bad = {0};
    import_t *m = import_open(&in->from, &count, &bad);
    text_t batch = {0};
    int64_t lists = 0;
    while (import_next(m, &batch)) {
        import_batch_t b;
        text_t why = {0};
        import_tested(batch.s, batch.len);
        import_read(&b, batch.s, batch.len);
        if (!b.n_clash)
            bank_rates(&b.bank);
        fuzz_want(!bank_derive(&b.bank, &why), "imported, but: %s", why.s);
        lists += b.bank.n_list;
        text_clear(&batch);
        import_batch_free(&b);
    }
    fuzz_want(lists <= count.lists, "%lld lists of %lld", (long long)lists, (long long)count.lists);
    text_reset(&batch);
    import_close(m);
    bank_bads_free(&bad);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char list[300], tests[300], beside[300];
    size_t n = strnlen((const char *)data, size);
    snprintf(list, sizeof list, "%s", fuzz_file("lists.jsonl", data, n));
    snprintf(tests, sizeof tests, "%s",
             n < size ? fuzz_file("tests.jsonl", data + n + 1, size - n - 1) : "");
    snprintf(beside, sizeof beside, "%s/made.h5", fuzz_folder());
    input_t in = {{.in = list,
                   .suite = size % 2 ? "auto" : "train",
                   .schema = "auto",
                   .tests = tests,
                   .beside = beside,
                   .time_ms = 1000,
                   .memory_kb = 65536,
                   .line_bytes = 4096,
                   .skip_bad = size % 3 == 0}};
    fuzz_try(use, &in);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
    return fuzz_lines(data, size, max, seed);
}
