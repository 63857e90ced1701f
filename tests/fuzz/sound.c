/* The sound problem file that the targets bank and damage change: four problems that have all that
   one can have. */
#include "fuzz.h"
#include "io.h"
#include <hdf5.h>

static bank_t small_bank(void)
{
    bank_t b = {0};
    for (int i = 0; i < 4; i++) {
        int tests = i < 3 ? 2 : 0; /* of the last one only others' pass rates are known */
        problem_t p = {.id = {1, (uint64_t)i},
                       .split = i % 2,
                       .family = mem_text("sums"),
                       .statement = mem_text("Add."),
                       .difficulty = i % 3,
                       .time_ms = 1000,
                       .memory_kb = 65536,
                       .test = b.n_test,
                       .tests = tests,
                       .example = mem_text("1"),
                       .checker = mem_text(i == 1 ? "exit(0)" : ""),
                       .compare = {.absolute = i == 0 ? 1e-3 : 0,
                                   .relative = i == 0 ? -1 : 0,
                                   .nocase = i == 2},
                       .harness = mem_text(i == 2 ? "#include \"program\"" : ""),
                       .harness_lang = LANG_CPP};
        PUSH(b.problem, b.n_problem, b.cap_problem, p);
        for (int k = 0; k < tests; k++) {
            test_t t = {.problem = i,
                        .input = mem_text("1 2\n"),
                        .output = k && i == 2 ? NULL : mem_text("3\n"),
                        .check = i == 1 ? CHECK_SPECIAL : (check_t)k,
                        .form = k ? FORM_CALL : FORM_STDIN,
                        .n_input = 4,
                        .n_output = k && i == 2 ? 0 : 2,
                        .accepts = i == 0 && k};
            if (t.accepts)
                PUSH(b.accept, b.n_accept, b.cap_accept,
                     ((accepted_t){b.n_test, mem_text("4\n"), 2}));
            PUSH(b.test, b.n_test, b.cap_test, t);
        }
        for (int k = 0; k < 3; k++) {
            program_t r = {.id = {2, (uint64_t)k},
                           .problem = i,
                           .pool = k ? POOL_WEAK : POOL_REFERENCE,
                           .source = mem_text("print(3)"),
                           .n_source = 8,
                           .origin = mem_text("o"),
                           .core = mem_text("c"),
                           .walk = mem_text(""),
                           .label = tests ? LABEL_EXECUTED : LABEL_IMPORTED,
                           .pass_rate = k ? 0.25f * (float)k : 1};
            PUSH(b.program, b.n_program, b.cap_program, r);
            for (int t = 0; t < tests; t++) {
                verdict_t v = {.program = 3 * i + k,
                               .test = 2 * i + t,
                               .verdict = t && k ? V_WRONG_ANSWER : V_ACCEPTED,
                               .mode = IN_RLIMITS,
                               .time_us = 100,
                               .memory_kb = 900,
                               .key = {3, 4},
                               .scored = k == 1,
                               .score = 0.5,
                               .message = k == 2 ? mem_text("line 2") : NULL};
                PUSH(b.verdict, b.n_verdict, b.cap_verdict, v);
            }
        }
        list_t l = {.suite = (suite_t)i,
                    .problem = i,
                    .n = 3,
                    .program = {3 * i + 1, 3 * i, 3 * i + 2},
                    .answer = 1};
        PUSH(b.list, b.n_list, b.cap_list, l);
    }
    list_t l = b.list[1];
    l.suite = SUITE_ADV, l.edit = EDIT_NOVICE, l.base = 1;
    PUSH(b.list, b.n_list, b.cap_list, l);
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

/* After a failure HDF5 still holds files, datasets, types: all of the library is shut, and starts
   again by itself. */
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
