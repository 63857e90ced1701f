/* What of zygote.py is better done in C, as a small shared object that it loads: the
   birth of programs and of runs.

   serve_program is the zygote's loop: a byte with a socket attached comes in, a child is
   born, its pid goes back; it returns in the child, with the source that came over that
   socket.  serve_runs is the same in the program's process: a byte with stdin, stdout,
   stderr and a pid namespace (and perhaps the launcher's proc) comes in, a child is born
   there; it returns in the run.

   Why not in Python: a forked interpreter pays for every page it writes to, and a
   reference count is a write.  Receiving, forking, setting limits and unwinding in
   Python touches 200 pages of a run's 350, two thirds of its time.  Here it is a
   handful.  Nothing of Python is called between: the process has one thread, so no lock
   can be held and the interpreter's state is as good in the child as it was here (what
   os.fork() does beyond that is done by zygote.py where a program could tell).

   The interpreter's own pages.  A mapping of a file that was never written to is left out
   of a fork's page tables: each run would fault its way through the interpreter's code
   again, a third of its time.  So every read-only segment gets one byte written over
   itself.  And a fork copies, an exit takes down, one entry for each page that is there,
   a quarter of them code: where the machine has huge pages on offer the code moves into
   some, 512 entries in one.

   Built for itself and embedded in python.c; of the rest of aletheia it knows the order
   of what python.c sends, of Python one function.  The C library keeps a thread's id, and
   raise() uses it; a bare clone would leave the parent's id in the child.  find_place looks
   for it: where the id of this process stands here, and the id of a child stands in a
   child. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <linux/capability.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_FDS = 5, WORDS = 256 }; /* of the thread's control block that are looked at */

enum { CONTROL = 3, MOST_BOUNDS = 16, THREAD_STACK = 64 << 20 };
typedef struct {
    int64_t which, soft, hard;
} bound_t;
/* a program's, as python.c writes it */
typedef struct {
    int64_t n_source, n_bound, kind, cpu_s, space;
} head_t;
typedef struct object object_t; /* Python's */
extern object_t *PyBytes_FromStringAndSize(const char *s, ssize_t n);

void serve_ready(void); /* zygote: once, when all that it loads is loaded */
/* returns in a program's process only, whose socket is CONTROL: its source */
object_t *serve_program(void);
long serve_kind(void); /* of that program */
/* program: says that it is ready; returns in a run only: 0, or -1 where it could not be made
   safe */
long serve_runs(void);

static int place; /* of the thread id in the control block; -1: not known */
static head_t head;
static bound_t bound[MOST_BOUNDS];

static int *control_block(void)
{
    return (int *)(uintptr_t)pthread_self();
}

/* pages ------------------------------------------------------------------------------ */

enum { SPANS = 256, HUGE = 1 << 21 };
typedef struct {
    uintptr_t from, to;
    int prot;
} span_t;
typedef struct {
    span_t span[SPANS];
    int n;
    uintptr_t page;
} spans_t;

static int note_segments(struct dl_phdr_info *o, size_t size, void *to)
{
    spans_t *s = to;
    (void)size;
    for (int i = 0; i < o->dlpi_phnum && s->n < SPANS; i++) {
        const ElfW(Phdr) *h = &o->dlpi_phdr[i];
        if (h->p_type != PT_LOAD || h->p_flags & PF_W)
            continue;
        uintptr_t from = (o->dlpi_addr + h->p_vaddr) & -s->page,
                  end = (o->dlpi_addr + h->p_vaddr + h->p_filesz + s->page - 1) & -s->page;
        s->span[s->n++] =
            (span_t){from, end,
                     (h->p_flags & PF_R ? PROT_READ : 0) | (h->p_flags & PF_X ? PROT_EXEC : 0)};
    }
    return 0;
}

static void write_over(const span_t *s)
{
    if (mprotect((void *)s->from, s->to - s->from, s->prot | PROT_WRITE) < 0)
        return;
    *(volatile char *)s->from = *(volatile char *)s->from;
    mprotect((void *)s->from, s->to - s->from, s->prot);
}

/* The whole huge pages within [from, to), which can be read, become memory of our own, by the same
   bytes, in one system call: what runs here may lie in them. */
static void move(uintptr_t from, uintptr_t to)
{
    from = (from + HUGE - 1) & -(uintptr_t)HUGE;
    to &= -(uintptr_t)HUGE;
    if (from >= to)
        return;
    size_t n = to - from;
    char *room = mmap(NULL, n + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (room == MAP_FAILED)
        return;
    char *at = (char *)(((uintptr_t)room + HUGE - 1) & -(uintptr_t)HUGE), *end = room + n + HUGE;
    if (madvise(at, n, MADV_HUGEPAGE) == 0) {
        memcpy(at, (void *)from, n);
        if (mprotect(at, n, PROT_READ | PROT_EXEC) == 0 &&
            mremap(at, n, n, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)from) != MAP_FAILED) {
            if (at > room)
                munmap(room, (size_t)(at - room));
            if (end > at + n)
                munmap(at + n, (size_t)(end - at) - n);
            return;
        }
    }
    munmap(room, n + HUGE);
}

static void settle_pages(void)
{
    spans_t s = {.page = (uintptr_t)sysconf(_SC_PAGESIZE)};
    dl_iterate_phdr(note_segments, &s);
    for (int i = 0; i < s.n; i++)
        write_over(&s.span[i]);
    for (int i = 0, k; i < s.n; i = k) {
        int readable = s.span[i].prot & PROT_READ;
        for (k = i + 1; k < s.n && s.span[k].from == s.span[k - 1].to; k++)
            readable &= s.span[k].prot;
        if (readable)
            move(s.span[i].from, s.span[k - 1].to);
    }
}

/* runs ------------------------------------------------------------------------------- */

/* Index of the thread id in the control block; -1: not found. */
static int find_place(void)
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

static long born(void)
{
    unsigned long flags = CLONE_PARENT | SIGCHLD | (place >= 0 ? CLONE_CHILD_SETTID : 0);
    int *id = place >= 0 ? control_block() + place : NULL;
#if defined(__x86_64__)
    return syscall(SYS_clone, flags, 0, 0, id, 0);
#else
    return syscall(SYS_clone, flags, 0, 0, 0, id);
#endif
}

/* A byte with descriptors attached: how many, at least `least`, or the end. */
static int take(int *fd, int least)
{
    for (;;) {
        char byte;
        union {
            struct cmsghdr head;
            char room[CMSG_SPACE(MOST_FDS * sizeof(int))];
        } c;
        struct iovec v = {&byte, 1};
        struct msghdr m = {.msg_iov = &v,
                           .msg_iovlen = 1,
                           .msg_control = c.room,
                           .msg_controllen = sizeof c.room};
        ssize_t got = recvmsg(CONTROL, &m, MSG_CMSG_CLOEXEC);
        if (got < 0 && errno == EINTR)
            continue;
        struct cmsghdr *h = got == 1 ? CMSG_FIRSTHDR(&m) : NULL;
        int n = h ? (int)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int)) : 0;
        if (n < least)
            _exit(0);
        memcpy(fd, CMSG_DATA(h), (size_t)n * sizeof(int));
        return n;
    }
}

static void tell(const void *p, size_t n)
{
    while (send(CONTROL, p, n, MSG_NOSIGNAL) < 0 && errno == EINTR) {
    }
}

static void exactly(void *to, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t got = recv(CONTROL, (char *)to + at, n - at, 0);
        if (got == 0 || (got < 0 && errno != EINTR))
            _exit(0);
        at += got > 0 ? (size_t)got : 0;
    }
}

/* The C library took threads' stacks from the limit that the zygote began with. */
static void set_thread_stacks(void)
{
    pthread_attr_t a;
    size_t n = THREAD_STACK;
    for (int i = 0; i < head.n_bound; i++)
        if (bound[i].which == RLIMIT_STACK && bound[i].soft > 0 && (size_t)bound[i].soft < n)
            n = (size_t)bound[i].soft;
    if (pthread_attr_init(&a))
        return;
    if (pthread_attr_setstacksize(&a, n) == 0)
        pthread_setattr_default_np(&a);
    pthread_attr_destroy(&a);
}

/* What the launcher says of a program; from here on the compiler's limits hold. */
static object_t *receive_program(void)
{
    exactly(&head, sizeof head);
    if (head.n_bound > MOST_BOUNDS)
        _exit(0);
    exactly(bound, (size_t)head.n_bound * sizeof *bound);
    set_thread_stacks();
    setrlimit(RLIMIT_CPU, &(struct rlimit){(rlim_t)head.cpu_s, RLIM_INFINITY});
    struct rlimit space; /* for the compiler alone: runs may have more */
    if (getrlimit(RLIMIT_AS, &space) == 0) {
        space.rlim_cur = space.rlim_max < (rlim_t)head.space ? space.rlim_max : (rlim_t)head.space;
        setrlimit(RLIMIT_AS, &space);
    }
    char *source = mmap(NULL, (size_t)head.n_source + 1, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (source == MAP_FAILED)
        _exit(0);
    exactly(source, (size_t)head.n_source);
    object_t *o = PyBytes_FromStringAndSize(source, (ssize_t)head.n_source);
    munmap(source, (size_t)head.n_source + 1);
    return o;
}

object_t *serve_program(void)
{
    for (;;) {
        int fd[MOST_FDS];
        take(fd, 1);
        int32_t pid = (int32_t)born();
        if (pid == 0) {
            dup2(fd[0], CONTROL);
            close(fd[0]);
            return receive_program();
        }
        tell(&pid, sizeof pid);
        close(fd[0]);
    }
}

long serve_kind(void)
{
    return (long)head.kind;
}

void serve_ready(void)
{
    place = find_place();
    settle_pages();
}

static void say(int proc, const char *name, const char *word)
{
    int fd = openat(proc, name, O_WRONLY);
    if (fd >= 0 && write(fd, word, strlen(word)) < 0) {
    }
    if (fd >= 0)
        close(fd);
}

/* The child gives everything up and has nothing but its three streams.  proc: -1, or the
   launcher's: the kernel, short of memory, may take this one first; and the namespace's
   next process, if this one starts none, is to have its number. */
static int become(const int *fd, int proc)
{
    if (proc >= 0) {
        say(proc, "self/oom_score_adj", "1000");
        say(proc, "sys/kernel/ns_last_pid", "1");
    }
    for (int i = 0; i < 3; i++)
        if (dup2(fd[i], i) < 0)
            return -1;
    if (syscall(436, 3, ~0u, 0) < 0) /* close_range, from Linux 5.9 */
        for (int i = 3; i < 256; i++)
            close(i);
    setpgid(0, 0);
    for (int i = 0; i < head.n_bound; i++) {
        struct rlimit l = {(rlim_t)bound[i].soft, (rlim_t)bound[i].hard};
        if (setrlimit((int)bound[i].which, &l) < 0)
            return -1;
    }
    struct __user_cap_header_struct version = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct none[2] = {{0, 0, 0}, {0, 0, 0}};
    return (int)syscall(SYS_capset, &version, none);
}

long serve_runs(void)
{
    tell("K", 1);
    for (;;) {
        int fd[MOST_FDS], n = take(fd, 4);
        int32_t pid = -1;
        if (syscall(SYS_setns, fd[3], CLONE_NEWPID) == 0)
            pid = (int32_t)born();
        if (pid == 0)
            return become(fd, n > 4 ? fd[4] : -1);
        tell(&pid, sizeof pid);
        for (int i = 0; i < n; i++)
            close(fd[i]);
    }
}
