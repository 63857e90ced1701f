/* What the kernel says of processes; descriptors that are handed on, or that nobody should
   inherit: small things that the keeper and its launchers both need, each with the way
   that older kernels have. */
#include "process.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CLOSE_RANGE = 436, DESCRIPTORS = 4096 };

int process_read(int dir, const char *name, char *out, size_t cap)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, out, cap - 1);
    if (fd >= 0)
        close(fd);
    out[n > 0 ? n : 0] = 0;
    return (int)n;
}

int process_stopped(int proc, pid_t pid)
{
    char name[64], text[512], *end;
    snprintf(name, sizeof name, "%s%d/stat", proc < 0 ? "/proc/" : "", pid);
    return pid > 0 && process_read(proc, name, text, sizeof text) > 0 &&
           (end = strrchr(text, ')')) && end[1] == ' ' && end[2] == 'T';
}

int process_children(pid_t *child, int most)
{
    char name[64], list[16384], *at = list, *next;
    int n = 0;
    snprintf(name, sizeof name, "/proc/%d/task/%d/children", getpid(), getpid());
    process_read(-1, name, list, sizeof list);
    for (long pid; n < most && (pid = strtol(at, &next, 10), next != at); at = next)
        child[n++] = (pid_t)pid;
    return n;
}

void process_close_from(int fd)
{
    if (syscall(CLOSE_RANGE, fd, ~0u, 0) < 0)
        for (; fd < DESCRIPTORS; fd++)
            close(fd);
}

typedef union {
    struct cmsghdr head;
    char room[CMSG_SPACE(HAND_MOST * sizeof(int))];
} attached_t;

void process_let_go(void)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return;
    close(pair[0]);
    close(pair[1]);
}

int process_hand(int to, const void *word, size_t n, const int *fd, int n_fd, int wait)
{
    attached_t a = {0};
    struct iovec v = {(void *)word, n};
    struct msghdr m = {.msg_iov = &v,
                       .msg_iovlen = 1,
                       .msg_control = a.room,
                       .msg_controllen = CMSG_SPACE((size_t)n_fd * sizeof(int))};
    if (n_fd > HAND_MOST)
        return 0;
    a.head.cmsg_level = SOL_SOCKET;
    a.head.cmsg_type = SCM_RIGHTS;
    a.head.cmsg_len = CMSG_LEN((size_t)n_fd * sizeof(int));
    memcpy(CMSG_DATA(&a.head), fd, (size_t)n_fd * sizeof(int));
    ssize_t sent = sendmsg(to, &m, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
    for (int i = 0; sent < 0 && errno == ETOOMANYREFS && i < 500; i++) {
        process_let_go();
        usleep(1000);
        sent = sendmsg(to, &m, MSG_NOSIGNAL | (wait ? 0 : MSG_DONTWAIT));
    }
    return sent == (ssize_t)n;
}

int process_take(int from, void *word, size_t n, int *fd)
{
    attached_t a = {0};
    struct iovec v = {word, n};
    struct msghdr m = {.msg_iov = &v,
                       .msg_iovlen = 1,
                       .msg_control = a.room,
                       .msg_controllen = CMSG_SPACE(sizeof(int))};
    *fd = -1;
    if (recvmsg(from, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != (ssize_t)n)
        return 0;
    if (m.msg_controllen >= CMSG_LEN(sizeof(int)) && a.head.cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(&a.head), sizeof(int));
    return 1;
}
