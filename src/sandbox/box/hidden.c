/* Memory that no process's resident pages show, where no control group counts it.

   Shared anonymous memory stays when its pages are given up by every process
   (MADV_DONTNEED) or when most of a mapping is undone: it belongs to a file without a
   name.  Only the machine knows how much there is in all: when that rose by more than the
   limit during a run, and a process of the run has such a mapping, it is taken to be the
   run's.

   Bytes in flight in pipes and socket pairs are the kernel's: up to 64 KiB in a pipe, and
   208 KiB in either direction of a pair.  Descriptors are counted; only where they could
   hold more than the limit are the objects behind them told apart.

   Cost: one call (0.3 us) and one per process; the rest only under suspicion. */
#include "box.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

enum { PIPE_KB = 64, SOCKET_KB = 208, OBJECTS = 1 << 14, FEW = 16 };

int64_t hidden_shared_kb(void)
{
    struct sysinfo s;
    return sysinfo(&s) == 0 ? (int64_t)s.sharedram * s.mem_unit / 1024 : 0;
}

static int maps_shared(const box_t *b, pid_t pid)
{
    char name[64];
    snprintf(name, sizeof name, "%d/maps", pid);
    int fd = openat(b->proc, name, O_RDONLY | O_CLOEXEC), found = 0;
    FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
    char *line = NULL;
    size_t room = 0;
    while (f && !found && getline(&line, &room, f) > 0)
        found = strstr(line, "/dev/zero (deleted)") != NULL;
    free(line);
    if (f)
        fclose(f);
    else if (fd >= 0)
        close(fd);
    return found;
}

/* descriptors -------------------------------------------------------------------------- */

int hidden_descriptors(const box_t *b, pid_t pid)
{
    char name[64];
    snprintf(name, sizeof name, "%d/fd", pid);
    return openat(b->proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* Kernels from 6.2 on say how many there are; to others all may be open. */
static int64_t count(const box_t *b, pid_t pid)
{
    struct stat s;
    int fd = hidden_descriptors(b, pid);
    int64_t n = fd >= 0 && fstat(fd, &s) == 0 && s.st_size > 0 ? s.st_size : 128;
    if (fd >= 0)
        close(fd);
    return n;
}

static int by_number(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Pipes and sockets of one process: twice their number, odd for a socket. */
static int objects(const box_t *b, pid_t pid, uint64_t *object, int n)
{
    int fd = hidden_descriptors(b, pid);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (!d && fd >= 0)
        close(fd);
    for (struct dirent *e; d && n < OBJECTS && (e = readdir(d));) {
        char link[64] = "";
        unsigned long long number;
        if (readlinkat(fd, e->d_name, link, sizeof link - 1) <= 0)
            continue;
        if (sscanf(link, "pipe:[%llu]", &number) == 1)
            object[n++] = number * 2;
        else if (sscanf(link, "socket:[%llu]", &number) == 1)
            object[n++] = number * 2 + 1;
    }
    if (d)
        closedir(d);
    return n;
}

static int64_t in_flight_kb(const box_t *b, const tree_t *t)
{
    uint64_t *object = mem_new(OBJECTS * sizeof *object);
    int n = 0;
    int64_t kb = 0;
    for (int i = 0; i < t->n; i++)
        n = objects(b, t->now[i].pid, object, n);
    qsort(object, (size_t)n, sizeof *object, by_number);
    for (int i = 0; i < n; i++)
        if (!i || object[i] != object[i - 1])
            kb += object[i] & 1 ? SOCKET_KB : PIPE_KB;
    mem_free(object);
    return kb;
}

int64_t hidden_kb(const box_t *b, const tree_t *t, int64_t above_kb)
{
    int64_t shared = hidden_shared_kb() - t->shared_kb, most = 0, kb = 0;
    for (int i = 0; shared > above_kb && i < t->n; i++)
        if (maps_shared(b, t->now[i].pid))
            return shared;
    for (int i = 0; i < t->n; i++) {
        int64_t n = count(b, t->now[i].pid);
        most += n > FEW ? (n - FEW) * SOCKET_KB : 0;
    }
    if (most > above_kb)
        kb = in_flight_kb(b, t);
    return kb > above_kb ? kb : 0;
}
