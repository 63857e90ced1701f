/* What is said of a compilation that gave no program.

   Never nothing: the compiler's own words (their first 4000 bytes; of its standard output
   where its standard error is empty), then which limit stopped it and the key of the deck
   that sets it, or why nothing of a compilation that went well could be kept.  Where there
   is none of these, how it ended.

   That a file became too large is seen by the signal, or in the compiler's words: drivers
   start other programs, and tell of their ends. */
#include "compile.h"
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static int says(const guest_t *r, const char *words)
{
    return (r->err.s && strcasestr(r->err.s, words)) || (r->out.s && strcasestr(r->out.s, words));
}

/* What stopped it, and the key that says so; nothing where it ended by itself. */
static void say_limit(const guest_t *r, text_t *t)
{
    const limits_t *l = &r->limits;
    if (r->over_memory)
        text_addf(
            t,
            "the compiler was stopped: it took more than [sandbox] compile_memory_kb, %d KiB here",
            l->memory_kb);
    else if (r->over_cpu)
        text_addf(
            t, "the compiler was stopped: it took more than [sandbox] compile_cpu_ms, %d ms here",
            l->cpu_ms);
    else if (r->over_wall)
        text_addf(
            t, "the compiler was stopped: it took more than [sandbox] compile_wall_ms, %d ms here",
            l->wall_ms);
    else if (r->over_out || r->over_err)
        text_addf(
            t,
            "the compiler was stopped: it printed more than %d KiB, or more errors than [sandbox] stderr_kb",
            l->output_kb);
    else if ((WIFSIGNALED(r->status) && WTERMSIG(r->status) == SIGXFSZ) ||
             says(r, "File size limit exceeded") || says(r, "File too large") ||
             says(r, "No space left on device"))
        text_addf(
            t,
            "a file that the compiler writes may have [sandbox] compile_file_kb, %d KiB, and all of them together "
            "three times as much and scratch_kb",
            l->file_kb);
}

static void add_line(text_t *t, const char *s, size_t n)
{
    if (n && t->len && t->s[t->len - 1] != '\n')
        text_add(t, "\n");
    text_addn(t, s, n);
}

void compile_failure(const guest_t *r, const text_t *kept, failed_t *why)
{
    const text_t *words = r->err.len ? &r->err : &r->out;
    text_t limit = {0};
    why->verdict = r->fault ? V_FAULT : V_COMPILE_ERROR;
    why->subcode = r->fault                      ? r->fault
                   : r->over_memory              ? "compiler memory"
                   : r->over_cpu || r->over_wall ? "compiler time"
                                                 : "compiler";
    add_line(why->message, words->s ? words->s : "", words->len < 4000 ? words->len : 4000);
    if (!r->fault)
        say_limit(r, &limit);
    add_line(why->message, limit.s, limit.len);
    add_line(why->message, kept->s, kept->len);
    if (!words->len && !limit.len && !kept->len && !r->fault)
        text_addf(why->message,
                  WIFSIGNALED(r->status) ? "the compiler ended by signal %d without a word"
                                         : "the compiler ended with status %d without a word",
                  WIFSIGNALED(r->status) ? WTERMSIG(r->status) : WEXITSTATUS(r->status));
    text_reset(&limit);
}
