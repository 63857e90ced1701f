/* What a run's files take of the machine's disk, where the scratch is a folder of it: without
   namespaces.  (Else it is a tmpfs, which has a size.)

   The folder is walked, and what has no name any more but is still open is found among
   the descriptors of the run's processes, each file once.  A run that holds more than
   scratch_kb is killed, so that no disk is full of it; it may pass the bound by what it
   writes between two looks (5 ms).

   Cost: a system call per file and per open descriptor. */
#include "box.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 4096, DEPTH = 64 };
typedef struct {
    ino_t ino;
    int64_t kb;
} nameless_t;

static void walk(int dir, int depth, int64_t *kb, int *left)
{
    DIR *d = depth < DEPTH ? fdopendir(dir) : NULL;
    if (!d) {
        close(dir);
        *kb = depth < DEPTH ? *kb : INT64_MAX / 2;
        return;
    }
    for (struct dirent *e; --*left > 0 && (e = readdir(d));) {
        struct stat s;
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
            fstatat(dir, e->d_name, &s, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        *kb += s.st_blocks / 2;
        int sub = !S_ISDIR(s.st_mode)
                      ? -1
                      : openat(dir, e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (sub >= 0)
            walk(sub, depth + 1, kb, left);
    }
    closedir(d);
}

static int by_number(const void *a, const void *b)
{
    const ino_t x = ((const nameless_t *)a)->ino, y = ((const nameless_t *)b)->ino;
    return (x > y) - (x < y);
}

/* Regular files without a name that one process has open. */
static int nameless(const box_t *b, pid_t pid, dev_t disk, nameless_t *file, int n)
{
    struct stat s;
    int fd = hidden_descriptors(b, pid);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (!d && fd >= 0)
        close(fd);
    for (struct dirent *e; d && n < FILES && (e = readdir(d));)
        if (e->d_name[0] != '.' && fstatat(fd, e->d_name, &s, 0) == 0 && S_ISREG(s.st_mode) &&
            !s.st_nlink && s.st_dev == disk)
            file[n++] = (nameless_t){s.st_ino, s.st_blocks / 2};
    if (d)
        closedir(d);
    return n;
}

static int64_t nameless_kb(const box_t *b, const tree_t *t)
{
    struct stat own;
    int64_t kb = 0;
    int n = 0;
    if (b->proc < 0 || fstat(b->scratch, &own) < 0)
        return 0;
    nameless_t *file = mem_new(FILES * sizeof *file);
    for (int i = 0; i < t->n; i++)
        n = nameless(b, t->now[i].pid, own.st_dev, file, n);
    qsort(file, (size_t)n, sizeof *file, by_number);
    for (int i = 0; i < n; i++)
        kb += i && file[i].ino == file[i - 1].ino ? 0 : file[i].kb;
    mem_free(file);
    return kb;
}

int64_t scratch_kb(const box_t *b, const tree_t *t)
{
    int64_t kb = 0;
    int left = FILES, dir = openat(b->scratch, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir >= 0)
        walk(dir, 0, &kb, &left);
    /* as many files as the tmpfs has inodes */
    return left > 0 ? kb + nameless_kb(b, t) : INT64_MAX / 2;
}
