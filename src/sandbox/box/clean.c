/* The scratch between runs: clean, or made so.

   It is compared with what it was when clean: free blocks, free inodes, and the ctimes of
   its two folders and of the link to the source.  Equal means nothing was written (2
   microseconds); otherwise it is emptied, folder by folder however deep they lie, and
   compared again.  What a run left in flight may hold blocks of it for some milliseconds
   more.  Times are set to a constant: they would carry a word to the next run. */
#include "box.h"
#include "sandbox/process.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The scratch's folders and the link in it; what is not there is as it was. */
static int look_at(const box_t *b, int i, struct stat *s)
{
    if (i == 2)
        return b->beside[0] ? fstatat(b->scratch, b->beside, s, AT_SYMLINK_NOFOLLOW) : 1;
    int fd = i ? b->shm : b->scratch;
    return fd < 0 ? 1 : fstat(fd, s);
}

int box_dirty(box_t *b)
{
    struct statfs f;
    for (int i = 0; i < 3; i++) {
        struct stat s;
        int none = look_at(b, i, &s);
        if (none < 0 || (!none && (s.st_ctim.tv_sec != b->changed[i].tv_sec ||
                                   s.st_ctim.tv_nsec != b->changed[i].tv_nsec ||
                                   (i < 2 && (s.st_mode & 07777) != 0700))))
            return 1;
    }
    return !b->degraded && (fstatfs(b->scratch, &f) < 0 || f.f_bfree != b->pristine.f_bfree ||
                            f.f_ffree != b->pristine.f_ffree);
}

static int open_folder(int dir, const char *name)
{
    const int how = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int sub = openat(dir, name, how);
    if (sub < 0 && errno == EACCES && fchmodat(dir, name, 0700, 0) == 0)
        sub = openat(dir, name, how);
    if (sub >= 0)
        fchmod(sub, 0700);
    return sub;
}

static int next_name(DIR *d, const char **name)
{
    for (struct dirent *e; (e = readdir(d));)
        if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..")) {
            *name = e->d_name;
            return 1;
        }
    return 0;
}

/* One folder inside dir: its files go, its folders move up into dir, then it goes. */
static int flatten(int dir, const char *name, int *serial)
{
    int sub = open_folder(dir, name), good = 1;
    DIR *d = sub < 0 ? NULL : fdopendir(sub);
    if (!d) {
        if (sub >= 0)
            close(sub);
        return 0;
    }
    for (const char *inner; next_name(d, &inner);) {
        if (unlinkat(sub, inner, 0) == 0)
            continue;
        int moving = open_folder(sub, inner), rc = -1;
        char to[32];
        do
            snprintf(to, sizeof to, "%d", (*serial)++);
        while ((rc = (int)syscall(SYS_renameat2, sub, inner, dir, to, 1)) < 0 &&
               errno == EEXIST); /* 1: never over another */
        good &= rc == 0;
        if (moving >= 0)
            close(moving);
    }
    closedir(d);
    return good & (unlinkat(dir, name, AT_REMOVEDIR) == 0);
}

int box_remove(int dir)
{
    int good = 1, serial = 0;
    for (int left = 1; left && good;) {
        int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *d = again < 0 ? NULL : fdopendir(again);
        if (!d && again >= 0)
            close(again);
        good = d != NULL;
        left = 0;
        for (const char *name; d && next_name(d, &name);)
            if (unlinkat(dir, name, 0) < 0 && errno != ENOENT) {
                left = 1;
                good &= flatten(dir, name, &serial);
            }
        if (d)
            closedir(d);
    }
    close(dir);
    return good;
}

static void stamp(box_t *b)
{
    const struct timespec never[2] = {{0, 0}, {0, 0}};
    futimens(b->scratch, never);
    if (b->shm >= 0)
        futimens(b->shm, never);
    if (b->beside[0])
        utimensat(b->scratch, b->beside, never, AT_SYMLINK_NOFOLLOW);
    for (int i = 0; i < 3; i++) {
        struct stat s = {0};
        if (look_at(b, i, &s) == 0)
            b->changed[i] = s.st_ctim;
    }
}

static int is_pristine(const box_t *b)
{
    struct statfs f;
    return b->degraded || (fstatfs(b->scratch, &f) == 0 && f.f_bfree == b->pristine.f_bfree &&
                           f.f_ffree == b->pristine.f_ffree);
}

void box_empty(box_t *b)
{
    for (int i = 0; i < 2; i++) {
        int folder = i ? b->shm : b->scratch;
        if (folder < 0)
            continue;
        fchmod(folder, 0700);
        int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (again < 0 || !box_remove(again))
            b->tainted = 1;
    }
}

int box_clean(box_t *b)
{
    if (!box_dirty(b))
        return 1;
    box_empty(b);
    if (!streams_relink(b))
        b->tainted = 1;
    for (int i = 0; i < 1000 && !b->tainted && !is_pristine(b); i++) {
        process_let_go();
        usleep(1000);
    }
    if (!is_pristine(b))
        b->tainted = 1;
    stamp(b);
    return !b->tainted;
}

void box_remember(box_t *b)
{
    fstatfs(b->scratch, &b->pristine);
    stamp(b);
}
