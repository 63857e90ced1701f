// On the strict backend the host cannot look into a buffer, fresh memory is poison, and unknown
// backends are refused with the list of names.
// RUN: np=1
#include "test.h"
#include "backend.h"
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* What becomes of a child that does it. */
static int fate(void (*act)(const ops_t *ops, buf_t b))
{
    const ops_t *ops = backend_open("strict");
    buf_t b = ops->alloc(4096);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        signal(SIGSEGV, SIG_DFL);
        if (!freopen("/dev/null", "w", stderr))
            _exit(3);
        fail_set_hook(NULL); /* ends this child, not the run */
        act(ops, b);
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ops->release(b, 4096);
    return status;
}

static void host_reads(const ops_t *ops, buf_t b)
{
    (void)ops;
    *(volatile float *)buf_at(b, 5).p;
}

static void host_writes(const ops_t *ops, buf_t b)
{
    (void)ops;
    *(volatile float *)b.p = 1;
}

static void host_memory_given(const ops_t *ops, buf_t b)
{
    float x[2] = {1, 2};
    (void)b;
    ops->put((buf_t){x}, x, sizeof x);
}

static void legal(const ops_t *ops, buf_t b)
{
    float x[2] = {1, 2};
    ops->put(buf_at(b, 3), x, sizeof x);
    ops->add(buf_at(b, 3), buf_at(b, 4), 1);
    ops->get(x, buf_at(b, 3), 4);
    _exit(x[0] == 3 ? 42 : 1);
}

static void unknown(const ops_t *ops, buf_t b)
{
    (void)ops, (void)b;
    backend_open("abacus");
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    int read = fate(host_reads), write = fate(host_writes);
    /* a sanitizer exits instead */
    check(WIFSIGNALED(read) ? WTERMSIG(read) == SIGSEGV : WEXITSTATUS(read) != 0);
    check(WIFSIGNALED(write) ? WTERMSIG(write) == SIGSEGV : WEXITSTATUS(write) != 0);
    int given = fate(host_memory_given), good = fate(legal), name = fate(unknown);
    check(WIFSIGNALED(given) || WEXITSTATUS(given) == CODE_FAULT);
    check(WIFEXITED(good) && WEXITSTATUS(good) == 42);
    check(WIFEXITED(name) && WEXITSTATUS(name) == CODE_USAGE);

    const ops_t *ops = backend_open("strict");
    buf_t b = ops->alloc(1000);
    float x[250];
    ops->get(x, b, sizeof x);
    for (int i = 0; i < 250; i++)
        check(isnan(x[i]));
    ops->release(b, 1000);
    text_t names = {0};
    backend_names(&names);
    check(strstr(names.s, "cpu") && strstr(names.s, "strict"));
    text_reset(&names);
    check(backend_open("cpu") != backend_open("strict"));
    return test_end();
}
