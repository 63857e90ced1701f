/* The program process's loop, as a small shared object that zygote.py loads: a byte with
   stdin, stdout, stderr and a pid namespace comes in, a child is born there, its pid
   goes back.

   Why not in Python: a forked interpreter pays for every page it writes to, and a
   reference count is a write.  Receiving, forking, setting limits and unwinding in
   Python touches 200 pages of a run's 350, two thirds of its time.  Here it is a
   handful.  Nothing of Python is called: the process has one thread, so no lock can be
   held and the interpreter's state is as good in the child as it was here (what
   os.fork() does beyond that is done by zygote.py where a program could tell).

   Built for itself and embedded in python.c; it knows nothing of the rest of aletheia.
   The C library keeps a thread's id, and raise() uses it; a bare clone would leave the
   parent's id in the child.  serve_find looks for its place: where the id of this
   process stands here, and the id of a child stands in a child. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_FDS = 5,
       WORDS = 256 };            /* of the thread's control block that are looked at */

struct bound { int64_t which, soft, hard; };

int serve_find(void);
long serve(int control, int place, int n_bound, const struct bound *bound);

static int *control_block(void)
{
    return (int *)(uintptr_t)pthread_self();
}

/* Index of the thread id in the control block; -1: not found. */
int serve_find(void)
{
    const int *at = control_block(), own = (int)syscall(SYS_gettid);
    unsigned char here[WORDS], there[WORDS] = {0};
    int ends[2], found = -1, n = 0;
    for (int i = 0; i < WORDS; i++)
        here[i] = at[i] == own;
    if (pipe(ends) < 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        int mine = (int)syscall(SYS_gettid);
        for (int i = 0; i < WORDS; i++)
            there[i] = at[i] == mine;
        _exit(write(ends[1], there, sizeof there) != sizeof there);
    }
    close(ends[1]);
    if (pid < 0 || read(ends[0], there, sizeof there) != sizeof there)
        memset(there, 0, sizeof there);
    close(ends[0]);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    for (int i = 0; i < WORDS; i++)
        if (here[i] && there[i]) {
            found = i;
            n++;
        }
    return n == 1 ? found : -1;
}

static long born(int place)
{
    unsigned long flags = CLONE_PARENT | SIGCHLD | (place >= 0 ? CLONE_CHILD_SETTID : 0);
    int *id = place >= 0 ? control_block() + place : NULL;
#if defined(__x86_64__)
    return syscall(SYS_clone, flags, 0, 0, id, 0);
#else
    return syscall(SYS_clone, flags, 0, 0, 0, id);
#endif
}

/* The child gives everything up and has nothing but its three streams.  proc: -1, or the
   launcher's: whom the kernel, short of memory, is to take first. */
static int become(const int *fd, int proc, int n_bound, const struct bound *bound)
{
    int oom = proc < 0 ? -1 : openat(proc, "self/oom_score_adj", O_WRONLY);
    if (oom >= 0 && write(oom, "1000", 4) < 0)
        return -1;
    for (int i = 0; i < 3; i++)
        if (dup2(fd[i], i) < 0)
            return -1;
    if (syscall(436, 3, ~0u, 0) < 0)                    /* close_range, from Linux 5.9 */
        for (int i = 3; i < 256; i++)
            close(i);
    setpgid(0, 0);
    for (int i = 0; i < n_bound; i++) {
        struct rlimit l = {(rlim_t)bound[i].soft, (rlim_t)bound[i].hard};
        if (setrlimit((int)bound[i].which, &l) < 0)
            return -1;
    }
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    return (int)syscall(SYS_capset, &head, none);
}

/* Returns in a run only: 0, or -1 where it could not be made safe.  Ends the process
   when the other end is closed. */
long serve(int control, int place, int n_bound, const struct bound *bound)
{
    for (;;) {
        char byte;
        union {
            struct cmsghdr head;
            char room[CMSG_SPACE(MOST_FDS * sizeof(int))];
        } c;
        struct iovec v = {&byte, 1};
        struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = c.room,
                           .msg_controllen = sizeof c.room};
        ssize_t got = recvmsg(control, &m, MSG_CMSG_CLOEXEC);
        if (got < 0 && errno == EINTR)
            continue;
        struct cmsghdr *h = got == 1 ? CMSG_FIRSTHDR(&m) : NULL;
        int fd[MOST_FDS], n = h ? (int)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int)) : 0;
        if (n < 4)
            _exit(0);
        memcpy(fd, CMSG_DATA(h), (size_t)n * sizeof(int));
        int32_t pid = -1;
        if (syscall(SYS_setns, fd[3], CLONE_NEWPID) == 0)
            pid = (int32_t)born(place);
        if (pid == 0)
            return become(fd, n > 4 ? fd[4] : -1, n_bound, bound);
        while (send(control, &pid, sizeof pid, MSG_NOSIGNAL) < 0 && errno == EINTR) {
        }
        for (int i = 0; i < n; i++)
            close(fd[i]);
    }
}
