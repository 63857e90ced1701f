/* Python without a zygote, in the degraded mode: every run starts an interpreter.

   The program lies in the scratch as main.py, written anew before every run, and is
   started by cold.py (embedded here), which makes of an interpreter without site-packages
   what the zygote's runs are: the same builtins, the same arguments, tracebacks that
   begin with the program.  For calls calls.py does that.

   Compiling is tried once per program, under the compiler's limits, in a run of its own:
   a source that Python refuses is a COMPILE_ERROR here as it is there, and a bomb for the
   parser meets those limits.  Cost: one cold start per program and one per run, 12 ms
   each. */
#include "compile.h"
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

__asm__(".section .rodata\n.global cold_source\ncold_source:\n"
        ".incbin \"src/sandbox/language/cold.py\"\n.byte 0\n.previous\n");
extern const char cold_source[];

enum { REFUSED = 9 }; /* cold.py: compiled() raised */

int cold_words(box_t *b, ready_kind_t kind, const char **word)
{
    const char *const start[] = {b->python, "-S", "-s", "-B", "-c"};
    int n = 0;
    for (; n < (int)(sizeof start / sizeof *start); n++)
        word[n] = start[n];
    const int call = kind == READY_CALLS || kind == READY_SERVED;
    word[n++] = call ? calls_cold() : cold_source;
    if (!call)
        word[n++] = ready_is_checker(kind) ? "checker" : "plain";
    return n;
}

int cold_put(box_t *b, const char *s, size_t n)
{
    return compile_put(b, "main.py", s, n) && fchmodat(b->scratch, "main.py", 0400, 0) == 0;
}

const char *cold_check(box_t *b, const job_t *j, text_t *message, int *verdict)
{
    const char *word[LINE_WORDS] = {NULL};
    guest_t r = {.in = "", .limits = limits_compiling(j->limits), .exe = -1, .argv = word};
    r.limits.output_kb = 64;
    word[cold_words(b, READY_PLAIN, word) - 1] = "check";
    *verdict = V_FAULT;
    box_clean(b);
    if (!cold_put(b, j->source, j->n_source)) {
        box_clean(b);
        text_add(message, "the source does not fit into [sandbox] scratch_kb");
        *verdict = V_COMPILE_ERROR;
        return "compiler";
    }
    run_go(b, &r);
    box_clean(b);
    const char *why = r.fault;
    int status = WIFEXITED(r.status) ? WEXITSTATUS(r.status) : -1;
    if (why) {
        text_add(message, b->why);
    } else if (status || r.over_cpu || r.over_wall || r.over_memory) {
        static const char memory[] = "MemoryError";
        int said = status == REFUSED && r.out.len;
        *verdict = V_COMPILE_ERROR;
        int no_memory =
            said ? r.out.len >= sizeof memory - 1 && !memcmp(r.out.s, memory, sizeof memory - 1)
                 : r.over_memory;
        why = no_memory ? "compiler memory" : said ? "syntax" : "compiler";
        if (said)
            text_addn(message, r.out.s, r.out.len);
        else
            text_add(
                message,
                "the interpreter's compiler ended without an answer; its limits are [sandbox] compile_cpu_ms, "
                "compile_wall_ms and compile_memory_kb");
    }
    run_reset(&r);
    return why;
}
