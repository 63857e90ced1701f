/* The launcher's private file system: a read-only root that holds the system's programs
   and nothing of the machine's data.

     /usr /bin /sbin /lib /lib64 ...   the host's, read-only, no setuid; links stay links
     /etc/{ld.so.cache,...}  what the loader and the compiler driver need
     /dev/{null,zero,full,random,urandom}
     /tmp, /dev/shm          the scratch: two folders of one tmpfs that has a size and a
                             number of inodes
     /dev/fd/{0,1,2}         the streams of the run, with /dev/stdin, stdout, stderr as
                             links to them; read-only (streams.c)
     /source                 the source of the program that runs; read-only (streams.c)

   There is no /proc, no /sys, no home, no network file system unless /usr is one.  Three
   more mounts have no name in the tree and are reached only through the launcher's
   descriptors: a proc of its own pid namespace (to measure guests and to enter their
   namespaces), a tmpfs that keeps compiled programs, and the writable side of the streams
   and the source.  They are mounted before the
   old root goes: a kernel refuses a proc mount where none is visible.  A proc may be
   refused altogether (a container that masks parts of its own); then memory is bounded
   by rlimits alone and the mode says so.

   Called with all capabilities of a fresh user namespace.  Cost: about a millisecond,
   once. */
#include "box.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BASE "/tmp" /* where the new root is built; every system has it */

const char *const root_shown[] = {"/usr",
                                  "/bin",
                                  "/sbin",
                                  "/lib",
                                  "/lib32",
                                  "/lib64",
                                  "/libx32",
                                  "/etc/ld.so.cache",
                                  "/etc/alternatives",
                                  "/etc/localtime",
                                  "/etc/java-8-openjdk",
                                  "/etc/java-11-openjdk",
                                  "/etc/java-17-openjdk",
                                  "/etc/java-21-openjdk",
                                  "/etc/java-25-openjdk",
                                  NULL};
const char *const root_devices[] = {"/dev/null",   "/dev/zero",    "/dev/full",
                                    "/dev/random", "/dev/urandom", NULL};

static int read_only(const char *path)
{
    struct {
        uint64_t set, clear, propagation, userns;
    } a = {.set = 0x1 | 0x2 | 0x4};
    if (syscall(442, -1, path, 0x8000, &a, sizeof a) == 0) /* mount_setattr, recursive */
        return 0;
    struct statvfs v; /* older kernels: the top mount, keeping flags that are locked */
    unsigned long keep = 0;
    if (statvfs(path, &v) == 0)
        keep = (v.f_flag & ST_NOEXEC ? MS_NOEXEC : 0) | (v.f_flag & ST_NOATIME ? MS_NOATIME : 0) |
               (v.f_flag & ST_RELATIME ? MS_RELATIME : 0);
    return mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | keep,
                 NULL);
}

static int bind_one(const char *from, int device)
{
    char to[300];
    struct stat s;
    snprintf(to, sizeof to, BASE "%s", from);
    if (lstat(from, &s) < 0)
        return 0; /* the host has none */
    if (S_ISLNK(s.st_mode) && !device) {
        char link[256] = "";
        if (readlink(from, link, sizeof link - 1) < 0)
            return -1;
        return symlink(link, to);
    }
    if (S_ISDIR(s.st_mode)) {
        if (mkdir(to, 0755) < 0)
            return -1;
    } else {
        int fd = open(to, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
        if (fd < 0)
            return -1;
        close(fd);
    }
    if (mount(from, to, NULL, MS_BIND | MS_REC, NULL) < 0)
        return -1;
    return device ? 0 : read_only(to);
}

/* Mounts a file system that is then only reachable through the descriptor; through *used
   it can only be read. */
static int nameless(const char *type, const char *options, unsigned long flags, int *used)
{
    if (mkdir(BASE "/x", 0700) < 0)
        return -1;
    int fd = -1;
    if (mount(type, BASE "/x", type, flags, options) == 0) {
        fd = open(BASE "/x", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (used && mkdir(BASE "/y", 0700) == 0) {
            if (mount(BASE "/x", BASE "/y", NULL, MS_BIND, NULL) == 0) {
                if (mount(NULL, BASE "/y", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | flags, NULL) ==
                    0)
                    *used = open(BASE "/y", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                umount2(BASE "/y", MNT_DETACH);
            }
            rmdir(BASE "/y");
        }
        umount2(BASE "/x", MNT_DETACH);
    }
    rmdir(BASE "/x");
    return fd;
}

/* Two folders of a new tmpfs appear at two places, with more flags. */
static int mount_folders(const char *options, unsigned long flags, const char *const name[2],
                         const char *const place[2], const char *mode, int *writable)
{
    char from[64], to[64];
    if (mkdir(BASE "/x", 0700) < 0 ||
        mount("tmpfs", BASE "/x", "tmpfs", MS_NOSUID | MS_NODEV, options) < 0)
        return 0;
    int good = 1;
    for (int i = 0; i < 2 && good; i++) {
        snprintf(from, sizeof from, BASE "/x/%s", name[i]);
        snprintf(to, sizeof to, BASE "%s", place[i]);
        good = mkdir(from, (mode_t)strtol(mode, NULL, 8)) == 0 && mkdir(to, 0755) == 0 &&
               mount(from, to, NULL, MS_BIND, NULL) == 0 &&
               (!flags || mount(NULL, to, NULL, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV | flags,
                                NULL) == 0);
    }
    for (int i = 0; i < 2 && good && writable; i++) {
        snprintf(from, sizeof from, BASE "/x/%s", name[i]);
        good = (writable[i] = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0;
    }
    return umount2(BASE "/x", MNT_DETACH) == 0 && rmdir(BASE "/x") == 0 && good;
}

static int make_folders(box_t *b, const limits_t *l)
{
    static const char *const scratch[2] = {"tmp", "shm"}, *const at[2] = {"/tmp", "/dev/shm"};
    static const char *const desk[2] = {"fd", "source"}, *const seen[2] = {"/dev/fd", "/source"};
    static const char *const links[][2] = {{"fd/0", "stdin"},
                                           {"fd/1", "stdout"},
                                           {"fd/2", "stderr"}};
    char options[128];
    int writable[2] = {-1, -1};
    snprintf(options, sizeof options, "size=%dk,nr_inodes=4096,mode=700", l->scratch_kb);
    if (!mount_folders(options, 0, scratch, at, "700", NULL))
        return box_fail(b, "mounting the scratch");
    if (!mount_folders("size=2g,nr_inodes=64,mode=755", MS_RDONLY | MS_NOEXEC, desk, seen, "755",
                       writable))
        return box_fail(b, "mounting the folders of streams and source");
    b->streams = writable[0];
    b->desk = writable[1];
    for (int i = 0; i < 3; i++) {
        char name[64];
        snprintf(name, sizeof name, BASE "/dev/%s", links[i][1]);
        if (symlink(links[i][0], name) < 0)
            return box_fail(b, "making the links of streams");
    }
    return 1;
}

int root_enter(box_t *b, const limits_t *l)
{
    char options[64];
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return box_fail(b, "making the mounts private");
    if (mount("tmpfs", BASE, "tmpfs", MS_NOSUID, "size=1m,nr_inodes=512,mode=755") < 0)
        return box_fail(b, "mounting a root of tmpfs");
    b->proc = nameless("proc", NULL, MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
    snprintf(options, sizeof options, "size=%lldk,nr_inodes=1024,mode=700",
             (512LL << 10) + l->compile_file_kb);
    b->cache = nameless("tmpfs", options, MS_NOSUID | MS_NODEV, NULL);
    b->shelf = nameless("tmpfs", "size=640m,nr_inodes=1024,mode=755",
                        MS_NOSUID | MS_NODEV | MS_NOEXEC, &b->shelf_used);
    if (b->shelf_used < 0)
        b->shelf = -1;
    if (b->cache < 0)
        return box_fail(b, "mounting the folder of compiled programs");
    if (mkdir(BASE "/etc", 0755) < 0 || mkdir(BASE "/dev", 0755) < 0)
        return box_fail(b, "making folders in the new root");
    for (int i = 0; root_shown[i]; i++)
        if (bind_one(root_shown[i], 0) < 0)
            return box_fail(b, root_shown[i]);
    for (int i = 0; root_devices[i]; i++)
        if (bind_one(root_devices[i], 1) < 0)
            return box_fail(b, root_devices[i]);
    if (!make_folders(b, l))
        return 0;
    if (chdir(BASE) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
        chdir("/") < 0)
        return box_fail(b, "entering the new root");
    if (mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID, NULL) < 0)
        return box_fail(b, "making the root read-only");
    strcpy(b->scratch_path, "/tmp");
    b->scratch = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    b->shm = open("/dev/shm", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return b->scratch < 0 || b->shm < 0 ? box_fail(b, "opening the scratch") : streams_start(b);
}

int root_resize(box_t *b, int64_t kb)
{
    char options[64];
    snprintf(options, sizeof options, "size=%lldk", (long long)kb);
    return b->degraded || mount(NULL, "/tmp", NULL, ROOT_RESIZE, options) == 0;
}

int root_room(box_t *b, const limits_t *l)
{
    struct statvfs v;
    if (!b->degraded || fstatvfs(b->scratch, &v) < 0)
        return 1; /* a tmpfs of its own */
    double free_kb = (double)v.f_bavail * (double)v.f_frsize / 1024;
    if (free_kb >= l->scratch_kb)
        return 1;
    snprintf(b->why, sizeof b->why,
             "the temporary folder of %.200s has %.0f KiB free, [sandbox] scratch_kb asks for %d: "
             "make room, point TMPDIR elsewhere, or ask for less",
             b->scratch_path, free_kb, l->scratch_kb);
    return 0;
}

/* Without namespaces: a fresh folder, one more for compiled programs, and the machine's
   own /proc. */
int root_degraded(box_t *b, const limits_t *l)
{
    const char *top = getenv("TMPDIR");
    snprintf(b->scratch_path, sizeof b->scratch_path, "%s/guest-XXXXXX",
             top && *top ? top : "/tmp");
    if (!mkdtemp(b->scratch_path)) {
        snprintf(b->why, sizeof b->why,
                 "no folder can be made in the temporary folder %.200s (%s): point TMPDIR to one "
                 "that can be written to",
                 top && *top ? top : "/tmp", strerror(errno));
        return 0;
    }
    char name[sizeof b->scratch_path + 8];
    snprintf(name, sizeof name, "%s.bin", b->scratch_path);
    if (mkdir(name, 0700) < 0)
        return box_fail(b, "making a folder for compiled programs");
    b->scratch = open(b->scratch_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    b->cache = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    b->proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (b->scratch < 0 || b->cache < 0)
        return box_fail(b, "opening the scratch");
    return root_room(b, l) && streams_start(b);
}
