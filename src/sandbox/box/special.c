/* Special checkers: a program decides whether an output is right.

   It is a guest like any other: own namespaces, filter, bounds; nothing of it is
   trusted but its answer about this one output.  It is started as

       CHECKER input expected output

   in its private folder, where these three files lie: the test's input, the expected
   output (empty where there is none) and the bytes that the program under test printed,
   whatever they are.  Standard input is empty.  Exit status 0: right, 1: wrong.
   All else (another status, a signal, an exception in Python, a limit passed, a checker
   that does not compile) is a fault, sub-code "checker ...": the label is unknown then.
   What it prints is not looked at, except that its words stand in the fault's message.

   Its limits are those of compiling: compile_cpu_ms, compile_wall_ms, compile_memory_kb.
   It runs only where the program under test ended well, as any comparison does.  Cost:
   one more run. */
#include "sandbox/language/compile.h"
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static limits_t checkers_limits(const limits_t *l)
{
    limits_t own = limits_compiling(*l);
    own.processes = own.processes < 64 ? 64 : own.processes;
    own.output_kb = own.output_kb < 64 ? 64 : own.output_kb;
    return own;
}

void special_open(box_t *b, ready_t *p, const job_t *j)
{
    job_t own = {.lang = j->checker_lang,
                 .source = j->checker,
                 .n_source = j->n_checker,
                 .limits = checkers_limits(&j->limits)};
    ready_open(b, p, &own, READY_CHECKER);
}

static int fault(outcome_t *o, const char *subcode, text_t *message, const char *words,
                 size_t n)
{
    o->verdict = V_FAULT;
    o->subcode = subcode_text(subcode);
    text_clear(message);
    text_addf(message, "the special checker failed (%s)%s", subcode, n ? ": " : "");
    text_addn(message, words, n);
    return 0;
}

static const char *failure(const guest_t *r)
{
    if (r->over_cpu || r->over_wall || r->over_memory || r->over_out || r->over_err)
        return "checker limit";
    if (WIFSIGNALED(r->status))
        return "checker crash";
    return WEXITSTATUS(r->status) > 1 ? "checker exit" : NULL;
}

int special_judge(box_t *b, ready_t *p, const job_t *j, int i, const text_t *got,
                  outcome_t *o, text_t *message)
{
    if (p->subcode)
        return fault(o, "checker compile", message, p->message.s ? p->message.s : "",
                     p->message.len);
    guest_t r = {.in = "", .limits = checkers_limits(&j->limits)};
    const char *want = j->expect[i] ? j->expect[i] : "";
    if (!box_clean(b))
        return fault(o, "checker files", message, "the folder could not be emptied", 31);
    ready_use(b, p, &r);
    if (!compile_put(b, "input", j->input[i], j->n_input[i]) ||
        !compile_put(b, "expected", want, j->expect[i] ? j->n_expect[i] : 0) ||
        !compile_put(b, "output", got->s ? got->s : "", got->len)) {
        static const char words[] = "its files do not fit into [sandbox] scratch_kb";
        box_clean(b);
        return fault(o, "checker files", message, words, sizeof words - 1);
    }
    run_go(b, &r);
    int status = WIFEXITED(r.status) ? WEXITSTATUS(r.status) : -1;
    const char *why = r.fault ? r.fault : failure(&r);
    if (r.fault)
        b->tainted = 1;
    if (why)
        fault(o, why, message, r.err.s ? r.err.s : "", r.err.len < 4000 ? r.err.len : 4000);
    run_reset(&r);
    box_clean(b);
    return !why && status == 0;
}
