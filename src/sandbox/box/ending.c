/* What the end of a run says: a verdict, or that its output decides.

   Precedence: FAULT, OUTPUT_LIMIT, MEMORY_LIMIT, TIME_LIMIT, RUNTIME_ERROR.  Memory runs
   out in two ways.  Either the run held more than its limit and was ended (sub-code
   resident); or its own allocator was refused something and the program, or what runs it,
   gave up (sub-code allocation).  The second is told from other failures by the last
   words that every such runtime has for it, on standard error of a run that ended by a
   signal or with a status other than 0; who prints them without need and fails has failed
   all the same. */
#include "box.h"
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static const struct {
    lang_t lang;
    const char *words;
} gave_up[] = {
    {LANG_CPP, "std::bad_alloc"},
    {LANG_JAVA, "java.lang.OutOfMemoryError"},
    {LANG_KOTLIN, "java.lang.OutOfMemoryError"},
    {LANG_RUST, "memory allocation of "},
    {LANG_GO, "out of memory"},
    {LANG_JAVASCRIPT, "heap out of memory"},
    {LANG_RUBY, "NoMemoryError"},
    {LANG_PERL, "Out of memory"},
    {LANG_HASKELL, "heap exhausted"},
    {LANG_OCAML, "Out_of_memory"},
    {LANG_PASCAL, "Runtime error 203"},
    {LANG_CSHARP, "OutOfMemoryException"},
};

/* Python's last line names the exception. */
static int ended_with_memory_error(const text_t *err)
{
    size_t n = err->len;
    while (n && (err->s[n - 1] == '\n' || err->s[n - 1] == ' '))
        n--;
    size_t from = n;
    while (from && err->s[from - 1] != '\n')
        from--;
    return n - from >= 11 && !memcmp(err->s + from, "MemoryError", 11);
}

static int ran_out(const guest_t *r, lang_t lang)
{
    if (lang == LANG_PYTHON)
        return WIFEXITED(r->status) && WEXITSTATUS(r->status) == 1 &&
               ended_with_memory_error(&r->err);
    for (size_t i = 0; i < sizeof gave_up / sizeof *gave_up; i++)
        if (gave_up[i].lang == lang && r->err.len &&
            memmem(r->err.s, r->err.len, gave_up[i].words, strlen(gave_up[i].words)))
            return 1;
    return 0;
}

outcome_t ending(const guest_t *r, lang_t lang)
{
    outcome_t o = {.subcode = "",
                   .exit = -1,
                   .cpu_us = r->cpu_us,
                   .wall_us = r->wall_us,
                   .memory_kb = r->peak_kb,
                   .stdout_bytes = r->n_out,
                   .stderr_bytes = r->n_err,
                   .first_difference = -1};
    if (WIFEXITED(r->status))
        o.exit = WEXITSTATUS(r->status);
    else
        o.signal = WTERMSIG(r->status);
    if (r->fault) {
        o.verdict = V_FAULT;
        o.subcode = r->fault;
    } else if (r->over_out || r->over_err) {
        o.verdict = V_OUTPUT_LIMIT;
        o.subcode = r->over_out ? "stdout" : "stderr";
    } else if (r->over_memory) {
        o.verdict = V_MEMORY_LIMIT;
        o.subcode = "resident";
    } else if (r->over_cpu || r->over_wall || o.signal == SIGXCPU) {
        o.verdict = V_TIME_LIMIT;
        o.subcode = r->over_cpu || o.signal == SIGXCPU ? "cpu" : "wall";
    } else if (o.exit && ran_out(r, lang)) {
        o.verdict = V_MEMORY_LIMIT;
        o.subcode = "allocation";
    } else if (o.signal) {
        o.verdict = V_RUNTIME_ERROR;
        o.subcode = o.signal == SIGSYS ? "security" : o.signal == SIGXFSZ ? "file size" : "signal";
    } else if (o.exit != 0) {
        o.verdict = V_RUNTIME_ERROR;
        o.subcode = "exit status";
    } else {
        o.verdict = V_NONE;
    }
    return o;
}

int ending_again(const outcome_t *o, const limits_t *l)
{
    if (o->verdict == V_TIME_LIMIT)
        return o->cpu_us < l->cpu_ms * 1000LL + run_grace_us(l) &&
               (o->subcode[0] == 'c' || o->cpu_us > l->cpu_ms * 300LL);
    return o->verdict == V_RUNTIME_ERROR &&
           (o->signal == SIGTERM || o->signal == SIGUSR1 || o->signal == SIGUSR2 ||
            o->signal == SIGINT || o->signal == SIGHUP || o->signal == SIGKILL);
}
