/* The sound problem file that the targets bank and damage change: three problems with all that one can have. */
#include "fuzz.h"
#include "io.h"
#include <hdf5.h>
#include <math.h>

static bank_t small_bank(void)
{
    bank_t b = {0};
    for (int i = 0; i < 3; i++) {
        problem_t p = { { 1, (uint64_t)i }, i % 2, mem_text("sums"), mem_text("Add."), i, 1000, 65536, 2 * i, 2, mem_text("1"),
                        mem_text(i == 1 ? "exit(0)" : ""), LANG_PYTHON };
        PUSH(b.problem, b.n_problem, b.cap_problem, p);
        for (int k = 0; k < 2; k++) {
            test_t t = { i, mem_text("1 2\n"), k && i == 2 ? NULL : mem_text("3\n"), i == 1 ? CHECK_SPECIAL : (check_t)k,
                         k ? FORM_CALL : FORM_STDIN };
            PUSH(b.test, b.n_test, b.cap_test, t);
        }
        for (int k = 0; k < 3; k++) {
            program_t r = { { 2, (uint64_t)k }, i, LANG_PYTHON, k ? POOL_WEAK : POOL_REFERENCE, mem_text("print(3)"), mem_text("o"),
                            mem_text("c"), mem_text(""), NAN };
            PUSH(b.program, b.n_program, b.cap_program, r);
            for (int t = 0; t < 2; t++) {
                verdict_t v = { 3 * i + k, 2 * i + t, t && k ? V_WRONG_ANSWER : V_ACCEPTED, IN_RLIMITS, 100, 900, { 3, 4 } };
                PUSH(b.verdict, b.n_verdict, b.cap_verdict, v);
            }
        }
        list_t l = { (suite_t)i, i, 3, { 3 * i + 1, 3 * i, 3 * i + 2 }, 1 };
        PUSH(b.list, b.n_list, b.cap_list, l);
    }
    bank_rates(&b);
    return b;
}

static void make_sound(void *arg)
{
    bank_t b = small_bank();
    bank_write(NULL, &b, arg, "[run]\n");
    bank_free(&b);
}

static void read_sound(void *arg)
{
    bank_t b;
    bank_read(NULL, &b, arg);
    bank_free(&b);
}

/* After a failure HDF5 still holds files, datasets, types: all of the library is shut, and starts again by itself. */
static void sweep(void)
{
    H5close();
}

void *sound_image(size_t *size)
{
    fuzz_sweep = sweep;
    const char *path = fuzz_file("sound.h5", "", 0);
    text_t t = {0};
    fuzz_want(!fuzz_try(make_sound, (void *)path), "the sound file cannot be made");
    fuzz_want(!fuzz_try(read_sound, (void *)path), "the sound file is refused");
    fuzz_want(!text_read_file(&t, path), "%s is not there", path);
    void *image = memcpy(malloc(t.len), t.s, *size = t.len);
    text_reset(&t);
    return image;
}
