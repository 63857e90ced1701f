/* The floors of the grader's benchmark: programs run without a sandbox.

   Nothing that isolates a run can be faster than vfork + exec + wait of the same program
   with the same pipes, so that is what runs in the sandbox are compared with.  The
   programs are compiled by the system's compiler into a folder of their own, which
   bare_close removes. */
#include "bench_bare.h"
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int bare_open(bare_t *b)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(b->folder, sizeof b->folder, "%s/aletheia-bench-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    return mkdtemp(b->folder) != NULL;
}

const char *bare_path(bare_t *b, const char *name)
{
    snprintf(b->path, sizeof b->path, "%s/%s", b->folder, name);
    return b->path;
}

int bare_put(bare_t *b, const char *name, const char *s, size_t n)
{
    return text_write_file(bare_path(b, name), s, n) == 0 && chmod(b->path, 0755) == 0;
}

void bare_close(bare_t *b, const char *const *names)
{
    for (; *names; names++)
        unlink(bare_path(b, *names));
    rmdir(b->folder);
}

/* One run as a grader must do it: words on stdin, what it prints read back. */
static __attribute__((noinline)) int run_once(const char *const *argv, const char *in)
{
    int to[2], from[2], status = -1;
    char got[256];
    if (pipe2(to, O_CLOEXEC) < 0)
        return -1;
    if (pipe2(from, O_CLOEXEC) < 0) {
        close(to[0]);
        close(to[1]);
        return -1;
    }
    pid_t pid = vfork();
    if (pid == 0) {
        dup2(to[0], 0);
        dup2(from[1], 1);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    if (pid > 0 && write(to[1], in, strlen(in)) < 0)
        status = 0; /* it did not wait */
    close(to[1]);
    while (read(from[0], got, sizeof got) > 0) {
    }
    close(from[0]);
    return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

double bare_seconds(const char *const *argv, double at_least)
{
    int n = 0, bad = 0;
    struct sigaction old, ignore = {.sa_handler = SIG_IGN}; /* some do not read */
    sigaction(SIGPIPE, &ignore, &old);
    double start = clock_now(), end = start;
    for (; !bad && (n < 1 || end < start + at_least); n++, end = clock_now())
        bad = run_once(argv, "3 4\n") != 0;
    sigaction(SIGPIPE, &old, NULL);
    return bad ? 0 : (end - start) / n;
}
