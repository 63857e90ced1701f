/* What the processes of one run use, while they run.

   The launcher's own proc shows exactly its pid namespace: itself, Python's helpers,
   the run's guard, and the guest's processes, however they detached themselves.  Every
   one of the latter is read: its CPU clock (clock_gettime on the process clock:
   nanoseconds, threads included) and its resident pages.  CPU time is added up over all
   processes ever seen, each by its last reading, so that children reaped behind our
   back still count.  Where the plain sum of resident pages passes the limit and there
   are several processes, shared pages are sorted out by smaps_rollup (Pss).

   Cost: some 10 us plus 5 us per process; called every few milliseconds of a run.
   Without namespaces only the main process is looked at: the machine's /proc is
   everyone's. */
#include "box.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct entry {
    uint64_t ino;
    int64_t off;
    unsigned short len;
    unsigned char type;
    char name[];
};

static ssize_t slurp(int dir, const char *name, char *out, size_t cap)
{
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, out, cap - 1);
    if (fd >= 0)
        close(fd);
    out[n > 0 ? n : 0] = 0;
    return n;
}

static int64_t pages(int dir, const char *name)
{
    char text[256];
    long long size = 0, resident = 0;
    if (slurp(dir, name, text, sizeof text) > 0)
        sscanf(text, "%lld %lld", &size, &resident);
    return resident;
}

/* A process whose first thread has ended shows no memory; another thread of it does. */
static int64_t pages_of_threads(box_t *b, pid_t pid)
{
    char name[64];
    int64_t resident = 0;
    snprintf(name, sizeof name, "%d/task", pid);
    int fd = openat(b->proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (!d && fd >= 0)
        close(fd);
    for (struct dirent *e; d && !resident && (e = readdir(d));) {
        snprintf(name, sizeof name, "%.20s/statm", e->d_name);
        if (e->d_name[0] != '.')
            resident = pages(fd, name);
    }
    if (d)
        closedir(d);
    return resident;
}

static int64_t resident_kb(box_t *b, pid_t pid)
{
    char name[64];
    snprintf(name, sizeof name, "%d/statm", pid);
    int64_t resident = pages(b->proc, name);
    if (!resident)
        resident = pages_of_threads(b, pid);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static int64_t proportional_kb(box_t *b, pid_t pid)
{
    char name[64], text[2048];
    snprintf(name, sizeof name, "%d/smaps_rollup", pid);
    if (slurp(b->proc, name, text, sizeof text) <= 0)
        return resident_kb(b, pid);
    const char *at = strstr(text, "\nPss:");
    return at ? strtoll(at + 5, NULL, 10) : resident_kb(b, pid);
}

static void read_one(box_t *b, tree_t *t, pid_t pid)
{
    struct timespec c;
    if (clock_gettime((clockid_t)(~(unsigned)pid << 3 | 2), &c) == 0) {
        int i = 0;
        while (i < t->n && t->seen[i].pid != pid)
            i++;
        if (i < BOX_TREE) {
            t->n += i == t->n;
            t->seen[i] = (seen_t){c.tv_sec * 1000000LL + c.tv_nsec / 1000, pid};
        }
    }
    t->rss_kb += resident_kb(b, pid);
}

void tree_measure(box_t *b, tree_t *t, pid_t main_pid, int64_t limit_kb)
{
    char buf[8192];
    pid_t others[512];
    int n = 0;
    int64_t had = t->rss_kb;
    t->rss_kb = 0;
    if (b->proc < 0 || b->degraded) {
        if (b->proc >= 0)
            read_one(b, t, main_pid);
    } else {
        lseek(b->proc, 0, SEEK_SET);
        for (ssize_t got; (got = syscall(SYS_getdents64, b->proc, buf, sizeof buf)) > 0;)
            for (ssize_t at = 0; at < got;) {
                struct entry *e = (struct entry *)(buf + at);
                pid_t pid = e->name[0] >= '1' && e->name[0] <= '9' ? atoi(e->name) : 0;
                at += e->len;
                if (pid <= 1 || pid == t->guard || pid == b->zygote || pid == b->program)
                    continue;
                read_one(b, t, pid);
                if (n < 512)
                    others[n++] = pid;
            }
        if (t->rss_kb > limit_kb && n > 1) {
            t->rss_kb = 0;
            for (int i = 0; i < n; i++)
                t->rss_kb += proportional_kb(b, others[i]);
        }
    }
    t->rss_kb = t->rss_kb > had ? t->rss_kb : had; /* the peak */
    t->cpu_us = 0;
    for (int i = 0; i < t->n; i++)
        t->cpu_us += t->seen[i].cpu_us;
}

static void walk(int dir, int depth, int64_t *kb, int *left)
{
    DIR *d = depth < 64 ? fdopendir(dir) : NULL;
    if (!d) {
        close(dir);
        *kb = depth < 64 ? *kb : INT64_MAX / 2;
        return;
    }
    for (struct dirent *e; --*left > 0 && (e = readdir(d));) {
        struct stat s;
        if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
            fstatat(dir, e->d_name, &s, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        *kb += s.st_blocks / 2;
        int sub = !S_ISDIR(s.st_mode) ? -1
                                      : openat(dir, e->d_name, O_RDONLY | O_DIRECTORY |
                                                                   O_NOFOLLOW | O_CLOEXEC);
        if (sub >= 0)
            walk(sub, depth + 1, kb, left);
    }
    closedir(d);
}

int64_t scratch_kb(const box_t *b)
{
    int64_t kb = 0;
    int left = 4096, dir = openat(b->scratch, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir >= 0)
        walk(dir, 0, &kb, &left);
    return left > 0 ? kb : INT64_MAX / 2; /* as many files as the tmpfs has inodes */
}
