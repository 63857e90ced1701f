/* Banks of problems that ask for a + b * (number of the problem + 1), for tests that execute
   them. */
#pragma once
#include "sandbox.h"

/* Problem i with tests "0 0", "1 1", "2 4", ... whose outputs are not known yet. */
static inline void sums_problem(bank_t *b, int i, int tests, int time_ms)
{
    problem_t p = {.family = mem_text("sum"),
                   .statement = mem_text("add"),
                   .example = mem_text(""),
                   .time_ms = time_ms,
                   .memory_kb = 65536,
                   .test = b->n_test,
                   .tests = tests};
    p.id = hash_bytes(&i, sizeof i);
    PUSH(b->problem, b->n_problem, b->cap_problem, p);
    for (int t = 0; t < tests; t++) {
        text_t in = {0};
        text_addf(&in, "%d %d\n", t, t * t);
        test_t test = {.problem = i, .input = in.s, .n_input = in.len};
        PUSH(b->test, b->n_test, b->cap_test, test);
    }
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
/* A program for it; form: its text with one %d for the factor. */
static inline void sums_program(bank_t *b, int problem, lang_t lang, pool_t pool, const char *form)
{
    text_t t = {0};
    text_addf(&t, form, problem + 1);
    program_t p = {.problem = problem,
                   .lang = lang,
                   .pool = pool,
                   .source = t.s,
                   .n_source = t.len,
                   .origin = mem_text(""),
                   .core = mem_text(""),
                   .walk = mem_text(""),
                   .pass_rate = NAN};
    p.id = hash_bytes(t.s, t.len);
    PUSH(b->program, b->n_program, b->cap_program, p);
}
#pragma GCC diagnostic pop
