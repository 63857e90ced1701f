/* The system-call filter, loaded once into the launcher and inherited by everything
   below it.

   Three answers.  Killed (SIGSYS, sub-code "security"): calls that no honest program of
   this kind makes and that are doors out - tracing, mounting, name spaces, kernel
   modules, bpf, io_uring, keyrings, foreign memory - and every call of another
   architecture (int 0x80) or of x32.  Refused with EPERM: calls that programs make now
   and then and can live without - sockets other than a pair, System V and POSIX shared
   objects, memfd, file locks, extended attributes, priorities, clocks, bigger pipes.
   Absent (ENOSYS): clone3, whose flags a filter cannot see, so that the C library falls
   back to clone, whose CLONE_NEWUSER is refused; and every call newer than this list.

   What is left can leave nothing behind a test: no object outlives its last process,
   except files in the scratch folder, which the launcher looks at after every run.  The
   launcher itself needs clone(CLONE_NEWPID), setns and the mount that gives the scratch another
   size after loading; guests hold no capability, so to them all of these fail.

   Without name spaces (`only`, the guest's pid, not 0) the filter is loaded into each
   guest and signals may go to that process alone; a landlock domain then stands in for
   the read-only root.

   Kernels from 5.11 cache the answer of calls whose arguments are not looked at: the
   cost is then a few nanoseconds a call. */
#include "box.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const killed[] = {"ptrace",
                                     "process_vm_readv",
                                     "process_vm_writev",
                                     "process_madvise",
                                     "umount",
                                     "umount2",
                                     "pivot_root",
                                     "chroot",
                                     "unshare",
                                     "open_tree",
                                     "move_mount",
                                     "fsopen",
                                     "fsconfig",
                                     "fsmount",
                                     "fspick",
                                     "mount_setattr",
                                     "open_by_handle_at",
                                     "name_to_handle_at",
                                     "bpf",
                                     "perf_event_open",
                                     "userfaultfd",
                                     "io_uring_setup",
                                     "io_uring_enter",
                                     "io_uring_register",
                                     "keyctl",
                                     "add_key",
                                     "request_key",
                                     "kexec_load",
                                     "kexec_file_load",
                                     "init_module",
                                     "finit_module",
                                     "delete_module",
                                     "reboot",
                                     "swapon",
                                     "swapoff",
                                     "acct",
                                     "quotactl",
                                     "quotactl_fd",
                                     "iopl",
                                     "ioperm",
                                     "settimeofday",
                                     "clock_settime",
                                     "clock_settime64",
                                     "stime",
                                     "adjtimex",
                                     "clock_adjtime",
                                     "sethostname",
                                     "setdomainname",
                                     "syslog",
                                     "nfsservctl",
                                     "vhangup",
                                     "lookup_dcookie",
                                     "fanotify_init",
                                     "fanotify_mark",
                                     "pidfd_getfd",
                                     "kcmp",
                                     "modify_ldt",
                                     "uselib",
                                     "_sysctl",
                                     "create_module",
                                     "get_kernel_syms",
                                     "query_module",
                                     "vm86",
                                     "vm86old",
                                     "process_mrelease",
                                     "migrate_pages",
                                     "move_pages"};
static const char *const refused[] = {"socket",
                                      "bind",
                                      "connect",
                                      "listen",
                                      "accept",
                                      "accept4",
                                      "shmget",
                                      "shmat",
                                      "shmctl",
                                      "semget",
                                      "semop",
                                      "semtimedop",
                                      "semctl",
                                      "msgget",
                                      "msgsnd",
                                      "msgrcv",
                                      "msgctl",
                                      "mq_open",
                                      "mq_unlink",
                                      "mq_notify",
                                      "memfd_create",
                                      "memfd_secret",
                                      "flock",
                                      "setxattr",
                                      "lsetxattr",
                                      "fsetxattr",
                                      "removexattr",
                                      "lremovexattr",
                                      "fremovexattr",
                                      "mknod",
                                      "mknodat",
                                      "sched_setaffinity",
                                      "sched_setscheduler",
                                      "sched_setparam",
                                      "sched_setattr",
                                      "setpriority",
                                      "ioprio_set",
                                      "mbind",
                                      "set_mempolicy",
                                      "set_mempolicy_home_node",
                                      "mlock",
                                      "mlock2",
                                      "mlockall",
                                      "personality",
                                      "inotify_init",
                                      "inotify_init1",
                                      "inotify_add_watch",
                                      "seccomp",
                                      "landlock_create_ruleset",
                                      "landlock_add_rule",
                                      "landlock_restrict_self",
                                      "remap_file_pages",
                                      "vmsplice",
                                      "pkey_alloc",
                                      "pkey_mprotect",
                                      "setuid",
                                      "setgid",
                                      "setreuid",
                                      "setregid",
                                      "setresuid",
                                      "setresgid",
                                      "setgroups",
                                      "setfsuid",
                                      "setfsgid",
                                      "clone3",
                                      "cachestat",
                                      "sync",
                                      "syncfs"};
/* Calls numbered above 423 that programs of today do use. */
static const char *const newer[] = {"pidfd_send_signal", "pidfd_open", "close_range",
                                    "openat2",           "faccessat2", "epoll_pwait2",
                                    "futex_waitv",       "fchmodat2",  "map_shadow_stack",
                                    "futex_wake",        "futex_wait", "futex_requeue"};

/* Without a mount namespace: what landlock does not see (truncate: not before ABI 3). */
static const char *const labels[] = {"chmod",  "fchmodat",  "fchmodat2", "chown",
                                     "lchown", "fchown",    "fchownat",  "utime",
                                     "utimes", "utimensat", "futimesat", "truncate"};

/* One refusal by name; names that this machine does not have are passed over. */
static int add(scmp_filter_ctx f, uint32_t action, const char *name)
{
    int nr = seccomp_syscall_resolve_name(name);
    if (nr == __NR_SCMP_ERROR || nr < 0) /* not of this machine */
        return 0;
    return seccomp_rule_add(f, action, nr, 0);
}

static int add_arguments(scmp_filter_ctx f, int only)
{
    const uint32_t no = SCMP_ACT_ERRNO(EPERM);
    const int locks[] = {F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW, F_SETLEASE, F_SETPIPE_SZ,
                         F_ADD_SEALS, F_NOTIFY, F_SETSIG,
                         /* what would stay with a stream or a folder for the next run */
                         F_SETOWN, F_SETOWN_EX, F_SET_RW_HINT, F_SET_FILE_RW_HINT};
    int rc = 0;
    for (size_t i = 0; !rc && i < sizeof locks / sizeof *locks; i++)
        rc = seccomp_rule_add(f, no, SCMP_SYS(fcntl), 1,
                              SCMP_CMP(1, SCMP_CMP_MASKED_EQ, ~0u, (uint64_t)locks[i]));
    const unsigned long door[] = {TIOCSTI, TIOCLINUX, TIOCSCTTY, FS_IOC_SETFLAGS,
                                  FS_IOC_FSSETXATTR};
    for (size_t i = 0; !rc && i < sizeof door / sizeof *door; i++)
        rc = seccomp_rule_add(f, no, SCMP_SYS(ioctl), 1,
                              SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffffu, door[i]));
    if (!rc)
        rc = seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), 1,
                              SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));
    if (!rc)
        rc = seccomp_rule_add(f, no, SCMP_SYS(socketpair), 1, SCMP_A0(SCMP_CMP_NE, AF_UNIX));
    const uint64_t unconnected[] = {SOCK_DGRAM, SOCK_RAW}; /* could send to any name */
    for (size_t i = 0; !rc && i < sizeof unconnected / sizeof *unconnected; i++)
        rc = seccomp_rule_add(f, no, SCMP_SYS(socketpair), 1,
                              SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, unconnected[i]));
    const uint64_t options[] = {PR_SET_SECCOMP, 62 /* PR_SCHED_CORE: idles other cores */};
    for (size_t i = 0; !rc && i < sizeof options / sizeof *options; i++)
        rc = seccomp_rule_add(f, no, SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, options[i]));
    const int at_pid[] = {SCMP_SYS(kill),
                          SCMP_SYS(tkill),
                          SCMP_SYS(tgkill),
                          SCMP_SYS(rt_sigqueueinfo),
                          SCMP_SYS(rt_tgsigqueueinfo),
                          SCMP_SYS(pidfd_open)};
    for (size_t i = 0; !rc && only && i < sizeof at_pid / sizeof *at_pid; i++)
        rc = seccomp_rule_add(f, no, at_pid[i], 1, SCMP_A0(SCMP_CMP_NE, (uint64_t)only));
    /* the launcher gives compilers a larger scratch; without its capability this fails too */
    if (!rc)
        rc = only ? add(f, SCMP_ACT_KILL_PROCESS, "mount")
                  : seccomp_rule_add(f, SCMP_ACT_KILL_PROCESS, SCMP_SYS(mount), 1,
                                     SCMP_A3(SCMP_CMP_NE, ROOT_RESIZE));
    if (!rc) /* of others: process 1 of a namespace may serve the next run too */
        rc = seccomp_rule_add(f, no, SCMP_SYS(prlimit64), 1, SCMP_A0(SCMP_CMP_GT, 0));
    const uint64_t buffers[] = {SO_SNDBUF, SO_RCVBUF}; /* kernel memory that nobody counts */
    for (size_t i = 0; !rc && i < sizeof buffers / sizeof *buffers; i++)
        rc = seccomp_rule_add(f, no, SCMP_SYS(setsockopt), 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, 0xffffffffu, buffers[i]));
    if (!rc && only)
        rc = seccomp_rule_add(f, no, SCMP_SYS(setns), 0);
    for (size_t i = 0; !rc && only && i < sizeof labels / sizeof *labels; i++)
        rc = add(f, no, labels[i]);
    return rc;
}

int filter_load(int only)
{
    scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
    if (!f)
        return -ENOMEM;
    seccomp_attr_set(f, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    seccomp_attr_set(f, SCMP_FLTATR_CTL_NNP, 1);
    seccomp_attr_set(f, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    int rc = add_arguments(f, only), known[256] = {0};
    for (size_t i = 0; !rc && i < sizeof killed / sizeof *killed; i++) {
        int nr = seccomp_syscall_resolve_name(killed[i]);
        if (nr >= 424 && nr < 680)
            known[nr - 424] = 1;
        rc = add(f, SCMP_ACT_KILL_PROCESS, killed[i]);
    }
    for (size_t i = 0; !rc && i < sizeof refused / sizeof *refused; i++) {
        int nr = seccomp_syscall_resolve_name(refused[i]), is3 = nr == SYS_clone3;
        if (nr >= 424 && nr < 680)
            known[nr - 424] = 1;
        rc = add(f, SCMP_ACT_ERRNO(is3 ? ENOSYS : EPERM), refused[i]);
    }
    for (size_t i = 0; i < sizeof newer / sizeof *newer; i++) {
        int nr = seccomp_syscall_resolve_name(newer[i]);
        if (nr >= 424 && nr < 680)
            known[nr - 424] = 1;
    }
    for (int nr = 424; !rc && nr < 680; nr++)
        if (!known[nr - 424])
            rc = seccomp_rule_add(f, SCMP_ACT_ERRNO(ENOSYS), nr, 0);
    if (!rc)
        rc = seccomp_load(f);
    seccomp_release(f);
    return rc;
}

/* landlock: without a mount namespace only the system's programs can be read, and only
   one folder written to ------------------------------------------------------------- */

enum { EXECUTE = 0x1, WRITE_FILE = 0x2, READ_FILE = 0x4, READ_DIR = 0x8, TRUNCATE = 0x4000 };
struct __attribute__((packed)) beneath {
    uint64_t allowed;
    int32_t parent;
};

int filter_landlock_abi(void)
{
    long abi = syscall(444, NULL, 0, 1); /* landlock_create_ruleset, VERSION */
    return abi > 0 ? (int)abi : 0;
}

static int allow(int set, int fd, uint64_t what)
{
    struct stat s;
    if (fd < 0)
        return errno == ENOENT || errno == EACCES ? 0 : -errno;
    if (fstat(fd, &s) == 0 && !S_ISDIR(s.st_mode))
        what &= EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE;
    struct beneath one = {what, fd};
    return syscall(445, set, 1, &one, 0) < 0 ? -errno : 0;
}

static int allow_path(int set, const char *path, uint64_t what)
{
    int fd = open(path, O_PATH | O_CLOEXEC), rc = allow(set, fd, what);
    if (fd >= 0)
        close(fd);
    return rc;
}

int filter_landlock(const char *writable, int program, int abi)
{
    const uint64_t all = 0x1fff | (abi >= 2 ? 0x2000 : 0) | (abi >= 3 ? TRUNCATE : 0);
    uint64_t handled[3] = {all, 0, 0};
    int set = (int)syscall(444, handled, sizeof handled[0], 0);
    if (set < 0)
        return -errno;
    int rc = allow_path(set, writable, all & ~0x40u & ~0x800u); /* no devices */
    for (int i = 0; !rc && root_shown[i]; i++)
        rc = allow_path(set, root_shown[i], EXECUTE | READ_FILE | READ_DIR);
    for (int i = 0; !rc && root_devices[i]; i++)
        rc = allow_path(set, root_devices[i], READ_FILE | WRITE_FILE);
    if (!rc && program >= 0)
        rc = allow(set, program, EXECUTE | READ_FILE);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (!rc && syscall(446, set, 0) < 0)
        rc = -errno;
    close(set);
    return rc;
}
