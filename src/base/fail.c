/* The end of a run.

   aletheia is a batch program: what cannot be mended at once ends it, with one message that names
   the thing and the remedy.  Errors are values only at the edges where failure is normal (a guest
   program, an unparsable answer).  base knows no MPI, so ending the other ranks is a hook that
   comm installs.  A message about the user's input carries no source line: the line that matters
   is one of the deck or of the data.  Files that must not outlive the run (a lock, one that is
   half written) go too, also where a signal ends it; ^C is said in one line, like other ends.  The
   flag keeps a failure inside the hook from recursing.

   One bad file among many is such an edge too: fail_try gives its reader's message to who
   asked for it.  Whatever the reader had open or allocated stays so until the process ends:
   this is for a few files of a long list.  fail_catch is for several things that stand in the
   way of one start and are to be named together: who catches one ends the program soon. */
#include "base.h"
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*fail_hook)(int code); /* set once at start-up */
static int (*fail_said)(void);
static pid_t hooked; /* the process that set them: its children end alone */
static int failing;
static jmp_buf *trap; /* of fail_try; NULL: nobody wants to know */
static text_t *trap_why;
static int trap_all; /* of fail_catch */
static int speaker_rank;
enum { REMOVED = 4 };
static char remove_path[REMOVED][4096]; /* "": free */
static pid_t remover, interruptible;

void fail_set_hook(void (*hook)(int code))
{
    fail_hook = hook;
    fail_said = NULL;
    hooked = getpid();
}

void fail_set_said(int (*said)(void))
{
    fail_said = said;
}

void fail_set_rank(int rank)
{
    speaker_rank = rank;
}

void fail_remove(const char *path)
{
    int i = 0;
    if (remover != getpid())
        memset(remove_path, 0, sizeof remove_path);
    remover = getpid();
    while (i < REMOVED && remove_path[i][0])
        i++;
    if (i == REMOVED || !*path || strlen(path) >= sizeof *remove_path)
        return;
    strcpy(remove_path[i] + 1, path + 1);
    atomic_signal_fence(memory_order_seq_cst); /* whole when an interruption sees it */
    remove_path[i][0] = path[0];
}

void fail_keep(const char *path)
{
    for (int i = 0; i < REMOVED; i++)
        if (!strcmp(remove_path[i], path))
            remove_path[i][0] = 0;
}

/* What is wrong with the input is seen by all ranks at once; rank 0 speaks.  Where ranks are programs
   by themselves, the launcher takes a second to end them when it did.  SIGTERM, that a run may have
   asked to save upon, must end those now who wait. */
static int rank_0_speaks(void)
{
    if (speaker_rank <= 0)
        return 0;
    signal(SIGTERM, SIG_DFL);
    if (fail_said && hooked == getpid())
        return fail_said();
    double wait = fail_hook ? 0.4 * (speaker_rank < 4 ? speaker_rank : 4) : 4;
    for (double until = clock_now() + wait; clock_now() < until;)
        usleep(50000);
    return 0;
}

static void remove_files(void)
{
    for (int i = 0; i < REMOVED && remover == getpid(); i++)
        if (remove_path[i][0])
            unlink(remove_path[i]);
}

static _Noreturn void end(int code)
{
    if (fail_hook && hooked == getpid())
        fail_hook(code);
    _exit(code);
}

void fail_quietly(int code)
{
    signal(SIGTERM, SIG_DFL);
    failing = 1;
    remove_files();
    end(code);
}

static void on_signal(int s)
{
    static const char words[] = "aletheia: interrupted\n";
    if (interruptible == getpid()) {
        remove_files();
        if (s == SIGINT && speaker_rank == 0 && write(2, words, sizeof words - 1) < 0)
            failing = 1; /* nobody listens */
    }
    signal(s, SIG_DFL);
    raise(s);
}

void fail_on_signals(void)
{
    static const int which[] = {SIGINT, SIGTERM, SIGHUP};
    interruptible = getpid();
    for (int i = 0; i < 3; i++) {
        struct sigaction a = {.sa_handler = on_signal}, was;
        if (!sigaction(which[i], NULL, &was) && was.sa_handler != SIG_IGN)
            sigaction(which[i], &a, NULL);
    }
}

/* 0, or the code of what was caught. */
static int run_trapped(void (*run)(void *ctx), void *ctx, text_t *why, int all)
{
    jmp_buf back;
    trap_why = why;
    trap_all = all;
    trap = &back;
    int code = setjmp(back);
    if (!code)
        run(ctx);
    trap = NULL;
    return code;
}

int fail_try(void (*run)(void *ctx), void *ctx, text_t *why)
{
    return run_trapped(run, ctx, why, 0) != 0;
}

int fail_catch(void (*run)(void *ctx), void *ctx, text_t *why)
{
    return run_trapped(run, ctx, why, 1);
}

void fail_at(const char *file, int line, int code, const char *fmt, ...)
{
    char message[16384];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    if (n < 0)
        message[0] = 0;
    if (trap && !failing && (code == CODE_DATA || (trap_all && code != CODE_FAULT))) {
        text_add(trap_why, message);
        longjmp(*trap, code);
    }
    if (failing)
        _exit(code);
    failing = 1;
    remove_files();
    int quiet = rank_0_speaks();
    fflush(stdout);
    if (!quiet && code == CODE_FAULT)
        fprintf(stderr, "aletheia: %s  [%s:%d]\n", message, file, line);
    else if (!quiet)
        fprintf(stderr, "aletheia: %s\n", message);
    fflush(stderr);
    end(code);
}
