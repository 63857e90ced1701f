/* What the kernel says of processes, and descriptors that nobody should inherit: small
   things that the keeper and its launchers both need, each with the way that older
   kernels have. */
#include "process.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CLOSE_RANGE = 436, DESCRIPTORS = 4096 };

static ssize_t slurp(int dir, const char *name, char *out, size_t cap)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, out, cap - 1);
    if (fd >= 0)
        close(fd);
    out[n > 0 ? n : 0] = 0;
    return n;
}

int process_stopped(int proc, pid_t pid)
{
    char name[64], text[512], *end;
    snprintf(name, sizeof name, "%s%d/stat", proc < 0 ? "/proc/" : "", pid);
    return pid > 0 && slurp(proc, name, text, sizeof text) > 0 && (end = strrchr(text, ')')) && end[1] == ' ' &&
           end[2] == 'T';
}

int process_children(pid_t *child, int most)
{
    char name[64], list[16384], *at = list, *next;
    int n = 0;
    snprintf(name, sizeof name, "/proc/%d/task/%d/children", getpid(), getpid());
    slurp(-1, name, list, sizeof list);
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
