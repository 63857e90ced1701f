/* One job at a time on a file: PATH.lock, made with O_EXCL, which every file system can (flock
   often cannot on shared ones).

   The lock says who holds it: host, boot, namespace of processes, process and its start, batch job
   and which attempt of it, since when.  Finding one, there are three cases.  The holder is of this
   very machine (host, boot, namespace): the process lives, and we are refused; or it does not (or
   its number was given to another since), and the lock is stale.  The holder is an earlier attempt
   of our own batch job, which cannot run beside us: stale.  Else nobody here can tell: refused,
   with the words how to remove it.

   A stale lock is renamed aside before it goes, and looked at again there: of two who find it
   stale one gets it, and should that one have caught a fresh lock, it is linked back.  A lock
   without its last line is being written; after two seconds it is taken for a broken one, which
   only a person removes.  A run that fails gives its lock back (fail_remove). */
#include "base.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct lock {
    char *path;
    text_t own;
};

static void add_file(text_t *t, const char *key, const char *path)
{
    char s[128] = "";
    FILE *f = fopen(path, "r");
    if (f && !fgets(s, sizeof s, f))
        s[0] = 0;
    if (f)
        fclose(f);
    s[strcspn(s, "\n")] = 0;
    text_addf(t, "%s=%s\n", key, s);
}

/* When a process began, in ticks since boot; 0: there is none. */
static long long start_of(long pid)
{
    char path[64], s[1024] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", pid);
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(s, 1, sizeof s - 1, f) : 0;
    if (f)
        fclose(f);
    s[n] = 0;
    char *p = strrchr(s, ')');
    if (!p || p[2] == 'Z' || p[2] == 'X')
        return 0;
    for (int field = 2; p && field < 22; field++)
        p = strchr(p + 1, ' ');
    return p ? atoll(p + 1) : 0;
}

static const char *from_env(const char *const *names)
{
    for (; *names; names++)
        if (getenv(*names))
            return getenv(*names);
    return "";
}

static void describe(text_t *t)
{
    static const char *const job[] = {"SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "JOB_ID", NULL};
    char host[256] = "", space[128] = "", since[64];
    time_t now = time(NULL);
    struct tm when;
    const char *attempt = getenv("SLURM_RESTART_COUNT");
    gethostname(host, sizeof host - 1);
    if (readlink("/proc/self/ns/pid", space, sizeof space - 1) < 0)
        space[0] = 0;
    strftime(since, sizeof since, "%Y-%m-%d %H:%M:%S", localtime_r(&now, &when));
    text_addf(t, "host=%s\npid=%ld\nstart=%lld\nspace=%s\n", host, (long)getpid(),
              start_of((long)getpid()), space);
    add_file(t, "boot", "/proc/sys/kernel/random/boot_id");
    text_addf(t, "job=%s\nattempt=%s\nsince=%s\nend=\n", from_env(job), attempt ? attempt : "0",
              since);
}

/* The value of key=... in a lock's text; "" if absent. */
static const char *value(const text_t *t, const char *key, char out[256])
{
    size_t n = strlen(key);
    out[0] = 0;
    for (const char *line = t->s; line && *line; line = strchr(line, '\n'), line += line != NULL)
        if (!strncmp(line, key, n) && line[n] == '=')
            snprintf(out, 256, "%.*s", (int)strcspn(line + n + 1, "\n"), line + n + 1);
    return out;
}

static int same(const text_t *a, const text_t *b, const char *key)
{
    char x[256], y[256];
    return !strcmp(value(a, key, x), value(b, key, y));
}

/* 1: whoever made this lock has ended; 0: it lives; -1: cannot be told from here. */
static int is_stale(const text_t *lock, const text_t *own)
{
    char s[256];
    if (*value(lock, "job", s) && same(lock, own, "job") && !same(lock, own, "attempt"))
        return 1;
    if (!same(lock, own, "host") || !same(lock, own, "boot") || !same(lock, own, "space"))
        return -1;
    long pid = atol(value(lock, "pid", s));
    long long start = start_of(pid);
    return start == 0 || start != atoll(value(lock, "start", s));
}

/* A whole lock, waited for while it is being written.  0: there is none (any more). */
static int read_lock(const char *path, text_t *t)
{
    for (int i = 0; i < 20; i++) {
        text_clear(t);
        int e = text_read_file(t, path);
        if (e == ENOENT)
            return 0;
        if (t->len && strstr(t->s, "\nend=\n"))
            return 1;
        usleep(100000);
    }
    fail(CODE_DATA,
         "%s: this lock does not say who holds it; if no job is working on that file, "
         "remove the lock and run again",
         path);
}

_Noreturn static void held(const char *what, const char *path, const text_t *t, int there)
{
    char host[256], pid[256], job[256], since[256], text[600] = "";
    if (*value(t, "job", job))
        snprintf(text, sizeof text, ", job %s", job);
    fail(CODE_DATA,
         "%s: held by another job: process %s on host %s%s, since %s.  Wait for its end, or "
         "use a copy of the file%s%s%s",
         what, value(t, "pid", pid), value(t, "host", host), text, value(t, "since", since),
         there ? "" : "; if that job has ended, remove ", there ? "" : path,
         there ? "" : " and run again");
}

/* Takes a stale lock away. */
static void clear(const char *path, const text_t *stale)
{
    text_t aside = {0}, now = {0};
    text_addf(&aside, "%s.%ld", path, (long)getpid());
    if (!rename(path, aside.s)) {
        if (!text_read_file(&now, aside.s) && strcmp(now.s, stale->s) && link(aside.s, path))
            log_warn("%s: two jobs took this lock at once", path);
        unlink(aside.s);
    }
    text_reset(&aside);
    text_reset(&now);
}

static int create(const char *path, const text_t *own)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666), e = fd < 0 ? errno : 0;
    if (e)
        return e;
    ssize_t n = write(fd, own->s, own->len);
    e = n == (ssize_t)own->len ? 0 : n < 0 ? errno : ENOSPC;
    if (close(fd) && !e)
        e = errno;
    if (e)
        unlink(path);
    return e;
}

lock_t *lock_take(const char *what)
{
    lock_t *l = ALLOC(lock_t, 1);
    text_t path = {0}, other = {0};
    text_addf(&path, "%s.lock", what);
    describe(&l->own);
    l->path = path.s;
    for (int e; (e = create(l->path, &l->own)) != 0;) {
        if (e != EEXIST)
            fail(e == ENOSPC || e == EDQUOT ? CODE_FIT : CODE_DATA,
                 "%s: the file cannot be locked: %s: %s; "
                 "its folder must exist, be writable and have space",
                 what, l->path, strerror(e));
        if (!read_lock(l->path, &other))
            continue;
        int stale = is_stale(&other, &l->own);
        if (stale != 1)
            held(what, l->path, &other, stale == 0);
        log_warn("%s: its holder has ended; the lock is taken over", l->path);
        clear(l->path, &other);
    }
    text_reset(&other);
    fail_remove(l->path);
    return l;
}

void lock_release(lock_t *l)
{
    text_t now = {0};
    if (!l)
        return;
    if (!text_read_file(&now, l->path) && now.s && !strcmp(now.s, l->own.s))
        unlink(l->path);
    fail_keep(l->path);
    text_reset(&now);
    text_reset(&l->own);
    mem_free(l->path);
    mem_free(l);
}
