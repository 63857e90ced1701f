/* Python without its start-up: a zygote that has it behind itself (zygote.py, embedded
   here).

   The zygote is `python3 -S -s -B`, started once per launcher inside the sandbox, with
   the usual modules of the standard library imported (no site-packages: the same
   modules everywhere) and a fixed hash seed.  For each guest program it forks a process
   that compiles the source once; for each test that process forks a run.  A run starts
   from a state that no guest has ever touched.

   Talk is over socket pairs: launcher -> zygote: a byte with the program's socket
   attached, answered by a pid; launcher -> program: {source length, bounds, kind
   (plain, special checker, calls, the tester itself, calls and what a tester asks: then
   talk.py, compiled, comes before the source), compile limits}, bounds, source, answered by
   'K' or 'E' + words; then per test a byte with stdin, stdout, stderr and the pid namespace
   attached (and proc, where a run says of itself what run.c's introduce_oneself says of
   others), answered by a pid.  Their loops are zygote_so.c, also embedded: the zygote
   finds it as a file in the folder of programs, where it stands while it starts.  The
   zygote and the program process keep one capability over the sandbox's own namespaces (to
   enter the run's); a run gives it up before the guest's first instruction.

   A program that cannot be compiled is a COMPILE_ERROR ("syntax"), also when it makes
   the compiler itself crash or run out of its limits.  Cost on a 2-core virtual
   machine: 25 ms for the zygote, a millisecond per program, 0.6 per test, most of it for
   the pages that a forked interpreter writes to. */
#include "sandbox/box/box.h"
#include "sandbox/process.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

__asm__(".section .rodata\n.global zygote_source\nzygote_source:\n.incbin "
        "\"src/sandbox/language/zygote.py\"\n"
        ".byte 0\n.global zygote_helper\nzygote_helper:\n.incbin \"" ZYGOTE_SO "\"\n"
        ".global zygote_helper_end\nzygote_helper_end:\n.previous\n");
static const rlim_t stack_most = (rlim_t)1 << 36;
extern const char zygote_source[], zygote_helper[], zygote_helper_end[];

/* Gives up at the end of wait_ms, or when `who` was found stopped twice. */
static int receive(box_t *b, pid_t who, int from, void *p, size_t n, int wait_ms)
{
    double end = clock_now() + wait_ms * 1e-3;
    int stopped = 0;
    for (size_t at = 0; at < n;) {
        struct pollfd f = {from, POLLIN, 0};
        int left = (int)((end - clock_now()) * 1e3);
        if (poll(&f, 1, left < 0 ? 0 : left > 500 ? 500 : left) == 0) {
            box_beat(b);
            stopped = process_stopped(b->proc, who) ? stopped + 1 : 0;
            if (left <= 0 || stopped > 1)
                return 0;
            continue;
        }
        ssize_t got = recv(from, (char *)p + at, n - at, 0);
        if (got == 0 || (got < 0 && errno != EINTR))
            return 0;
        at += got > 0 ? (size_t)got : 0;
    }
    return 1;
}

static int send_all(int to, const void *p, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t did = send(to, (const char *)p + at, n - at, MSG_NOSIGNAL);
        if (did < 0 && errno != EINTR)
            return 0;
        at += did > 0 ? (size_t)did : 0;
    }
    return 1;
}

/* the zygote ------------------------------------------------------------------------- */

typedef struct {
    box_t *b;
    int in, out, socket;
    volatile int failed;
} zygote_t;

static int zygote_exec(void *arg)
{
    zygote_t *z = arg;
    const char *argv[] = {"python3", "-S", "-s", "-B", "-c", zygote_source, calls_source, NULL};
    const char *env[] = {"PATH=/usr/local/bin:/usr/bin:/bin",
                         "HOME=/tmp",
                         "TMPDIR=/tmp",
                         "LC_ALL=C.UTF-8",
                         "LANG=C.UTF-8",
                         "PYTHONHASHSEED=0",
                         "LD_BIND_NOW=1", /* or every run would look its symbols up */
                         NULL};
    struct sigaction normal = {.sa_handler = SIG_DFL};
    const int ignored[] = {SIGPIPE, SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        sigaction(ignored[i], &normal, NULL);
    /* what lies above is moved away from the stack now: runs may use as much */
    struct rlimit stack;
    if (getrlimit(RLIMIT_STACK, &stack) == 0) {
        stack.rlim_cur = stack.rlim_max < stack_most ? stack.rlim_max : stack_most;
        setrlimit(RLIMIT_STACK, &stack);
    }
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    const uint32_t admin = 1u << CAP_SYS_ADMIN;
    struct __user_cap_data_struct some[2] = {{admin, admin, admin}, {0, 0, 0}};
    sigset_t open;
    sigemptyset(&open);
    if (setsid() < 0 || fchdir(z->b->cache) < 0 || dup2(z->in, 0) < 0 || dup2(z->out, 1) < 0 ||
        dup2(z->out, 2) < 0 || dup2(z->socket, 3) < 0 || fcntl(3, F_SETFD, 0) < 0 ||
        syscall(SYS_capset, &head, some) < 0 ||
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYS_ADMIN, 0, 0) < 0 ||
        sigprocmask(SIG_SETMASK, &open, NULL) < 0 ||
        execve(z->b->python, (char *const *)argv, (char *const *)env) < 0)
        z->failed = errno ? errno : EINVAL;
    _exit(127);
}

static int python_cold(box_t *b) /* no namespaces: the version only; runs start from nothing */
{
    text_t v = {0};
    const char *argv[] = {b->python, "-c", "import sys;print(sys.version.split()[0])", NULL};
    if (run_bare(b, argv, &v) == 0 && v.len)
        snprintf(b->python_tool, sizeof b->python_tool, "CPython %.*s", (int)strcspn(v.s, "\n"),
                 v.s);
    text_reset(&v);
    return b->python_tool[0] != 0;
}

static int put_helper(box_t *b)
{
    size_t n = (size_t)(zygote_helper_end - zygote_helper);
    int fd = openat(b->cache, "serve.so", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0500);
    int good = fd >= 0 && write(fd, zygote_helper, n) == (ssize_t)n;
    if (fd >= 0)
        close(fd);
    return good;
}

int python_start(box_t *b)
{
    const char *const paths[] = {"/usr/bin/python3", "/usr/local/bin/python3", "/bin/python3"};
    b->python[0] = 0;
    for (size_t i = 0; i < sizeof paths / sizeof *paths && !b->python[0]; i++)
        if (access(paths[i], X_OK) == 0)
            snprintf(b->python, sizeof b->python, "%s", paths[i]);
    if (!b->python[0])
        return 0;
    if (b->degraded)
        return python_cold(b);
    /* a file, as runs have: what sys.stdin can do is found out here */
    int pair[2], out[2], in = streams_input(b);
    if (in < 0 || !put_helper(b) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ||
        pipe2(out, O_CLOEXEC) < 0)
        return box_fail(b, "preparing the Python zygote");
    char *stack = mem_new(1 << 16), version[17] = "";
    zygote_t z = {.b = b, .in = in, .out = out[1], .socket = pair[1]};
    run_home(b);
    b->zygote = clone(zygote_exec, stack + (1 << 16), CLONE_VM | CLONE_VFORK | SIGCHLD, &z);
    mem_free(stack);
    close(pair[1]);
    close(in);
    close(out[1]);
    b->zygote_fd = pair[0];
    if (b->zygote < 0 || z.failed || !receive(b, b->zygote, pair[0], version, 16, 30000)) {
        char words[400] = "";
        struct pollfd p = {out[0], POLLIN, 0};
        if (poll(&p, 1, 100) > 0 && read(out[0], words, sizeof words - 1) < 0)
            words[0] = 0;
        snprintf(b->why, sizeof b->why, "the Python zygote did not start: %s%s",
                 z.failed ? strerror(z.failed) : "", words);
        close(out[0]);
        python_stop(b);
        return 0;
    }
    close(out[0]);
    unlinkat(b->cache, "serve.so", 0);
    version[strcspn(version, " ")] = 0;
    snprintf(b->python_tool, sizeof b->python_tool, "CPython %s", version);
    return 1;
}

void python_stop(box_t *b)
{
    python_unload(b);
    if (b->zygote > 0) {
        kill(b->zygote, SIGKILL);
        waitpid(b->zygote, NULL, 0);
    }
    if (b->zygote_fd >= 0)
        close(b->zygote_fd);
    b->zygote = 0;
    b->zygote_fd = -1;
    b->sockets = -1;
}

/* programs --------------------------------------------------------------------------- */

static int program_start(box_t *b)
{
    int pair[2];
    if (b->zygote <= 0 && !python_start(b))
        return 0;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return box_fail(b, "opening a socket pair");
    int pid = -1, good = process_hand(b->zygote_fd, "T", 1, &pair[1], 1, 1) &&
                         receive(b, b->zygote, b->zygote_fd, &pid, sizeof pid, 10000);
    close(pair[1]);
    if (!good || pid <= 0) {
        close(pair[0]);
        snprintf(b->why, sizeof b->why, "the Python zygote is gone");
        python_stop(b);
        return 0;
    }
    b->program = pid;
    b->program_fd = pair[0];
    b->sockets = -1;
    return 1;
}

static const char *load(box_t *b, const job_t *j, ready_kind_t kind, text_t *message, int *verdict,
                        int again)
{
    const limits_t *l = &j->limits;
    *verdict = V_FAULT;
    if (!program_start(b) && !program_start(b)) {
        text_add(message, b->python[0] ? b->why : "no python3 in /usr/bin");
        return b->python[0] ? "launcher" : "no toolchain";
    }
    bound_t bound[16];
    int n_bound = run_bounds(b, l, bound);
    if (kind == READY_TESTER)
        tester_bounds(l, bound, n_bound);
    text_t t = {0};
    const size_t served = kind == READY_SERVED ? 8 + b->talk.len : 0;
    wire_put_i64(&t, (int64_t)(served + j->n_source));
    wire_put_i64(&t, n_bound);
    wire_put_i64(&t, kind);
    wire_put_i64(&t, l->compile_cpu_ms / 1000 + 1);
    wire_put_i64(&t, l->compile_memory_kb * 1024LL);
    for (int i = 0; i < n_bound; i++) {
        wire_put_i64(&t, bound[i].which);
        wire_put_i64(&t, bound[i].soft);
        wire_put_i64(&t, bound[i].hard);
    }
    if (served) {
        wire_put_i64(&t, (int64_t)b->talk.len);
        text_addn(&t, b->talk.s, b->talk.len);
    }
    text_addn(&t, j->source, j->n_source);
    char answer = 0, words[4100];
    send_all(b->program_fd, t.s, t.len);
    text_reset(&t);
    if (receive(b, b->program, b->program_fd, &answer, 1, l->compile_wall_ms) && answer == 'K')
        return NULL;
    char more;
    errno = 0;
    if (!answer && !again &&
        (process_stopped(b->proc, b->program) ||
         (recv(b->program_fd, &more, 1, MSG_DONTWAIT) <= 0 && errno != EAGAIN))) {
        python_unload(b); /* it died: by the program's doing, or by a signal from outside */
        return load(b, j, kind, message, verdict, 1);
    }
    *verdict = V_COMPILE_ERROR;
    ssize_t n = answer == 'E' ? recv(b->program_fd, words, sizeof words, 0) : 0;
    if (n > 0)
        text_addn(message, words, (size_t)n);
    else
        text_add(
            message,
            "the interpreter's compiler ended without an answer; its limits are [sandbox] compile_cpu_ms, "
            "compile_wall_ms and compile_memory_kb");
    python_unload(b);
    int memory = n >= 11 && !memcmp(words, "MemoryError", 11);
    return memory ? "compiler memory" : answer == 'E' ? "syntax" : "compiler";
}

const char *python_load(box_t *b, const job_t *j, ready_kind_t kind, text_t *message, int *verdict)
{
    return load(b, j, kind, message, verdict, 0);
}

void python_unload(box_t *b)
{
    if (b->program > 0) {
        kill(b->program, SIGKILL);
        waitpid(b->program, NULL, 0);
    }
    if (b->program_fd >= 0)
        close(b->program_fd);
    b->program = 0;
    b->program_fd = -1;
    b->sockets = -1;
}

pid_t python_fork(box_t *b, const int stream[3], int ns)
{
    int fds[5] = {stream[0], stream[1], stream[2], ns, b->proc}, pid = -1;
    if (!process_hand(b->program_fd, "T", 1, fds, b->proc >= 0 ? 5 : 4, 1) ||
        !receive(b, b->program, b->program_fd, &pid, sizeof pid, 10000) || pid <= 0) {
        snprintf(b->why, sizeof b->why, "forking a Python run failed");
        return -1;
    }
    return pid;
}
