/* The name of a verdict: a hash of everything that it depends on.

       program   its source, its language's tool-chain (version and flags), the harness
                 that includes it
       test      input, expected output and other right ones, form, checker (a special one:
                 its protocol, source and tool-chain, for testlib the header's content)
       limits    all of them, filled in
       sandbox   whether it was a degraded one, which measures memory and contains
                 programs in other ways; the other modes agree on every verdict

   Equal names, equal verdicts: so work is done once in a job, and what stands in a
   problem file or in another run's verdicts is used instead of executing again.  A run
   that makes an expected output has a name too, that of the test without output.

   Cost: the texts are hashed once (memory speed), a name after that 0.1 us. */
#include "sandbox/wire.h"
#include <string.h>

static hash_t with(hash_t h, const char *s)
{
    return hash_more(h, s ? s : "", s ? strlen(s) : 0);
}

static hash_t with_bytes(hash_t h, const char *s, size_t n)
{
    return hash_more(h, s ? s : "", s ? n : 0);
}

hash_t verdict_program(const char *source, size_t n_source, const char *toolchain,
                       const char *harness)
{
    hash_t h = with(with_bytes(hash_bytes("program", 7), source, n_source), toolchain);
    return harness && *harness ? with(with(h, "harness"), harness) : h;
}

hash_t verdict_test(const test_t *t, const char *output, size_t n_output, const verdict_by_t *by)
{
    const int form[3] = {output != NULL, t->check, t->form};
    hash_t h =
        with_bytes(hash_more(hash_bytes("test", 4), form, sizeof form), t->input, t->n_input);
    h = with_bytes(h, output, n_output);
    for (int i = t->accept; output && i < t->accept + t->accepts; i++)
        h = with_bytes(with(h, "or"), by->accept[i].output, by->accept[i].n_output);
    if (t->check >= CHECK_SPECIAL)
        h = with(with(h, by->checker), by->toolchain);
    return t->check == CHECK_TESTLIB ? hash_more(h, &by->testlib, sizeof by->testlib) : h;
}

sandbox_mode_t verdict_mode(const char *mode)
{
    const int v = strstr(mode, "cgroup-v1(memory") ? 1 : strstr(mode, "cgroup-v2(memory") ? 2 : 0;
    return !strncmp(mode, "degraded", 8)      ? (sandbox_mode_t)(IN_DEGRADED + v)
           : !strncmp(mode, "namespaces", 10) ? (sandbox_mode_t)(IN_RLIMITS + v)
                                              : IN_UNKNOWN;
}

hash_t verdict_key(hash_t program, hash_t test, const limits_t *l, const char *mode)
{
    text_t t = {0};
    wire_put_limits(&t, l);
    wire_put_i64(&t, !strncmp(mode, "degraded", 8));
    hash_t part[3] = {program, test, hash_bytes(t.s, t.len)};
    text_reset(&t);
    return hash_bytes(part, sizeof part);
}
