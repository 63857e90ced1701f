/* What this machine offers to the sandbox, what is missing, what that costs and what to
   do: the table of `aletheia grade --doctor`.

   Nothing is taken from a version number that can be tried: namespaces, the mounts of a
   launcher and system calls are tried, each in a short-lived child that ends without
   returning here; the rest is asked.  The tool-chains and the last row, the mode, come
   from a real launcher.  The table is about the machine it is printed on: start it on a
   node of the partition that shall grade, with the uid and the limits of the job. */
#include "box.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

/* One row: what, whether, what was found; where it is missing what that means. */
static void row(text_t *t, int good, const char *what, const char *found, const char *otherwise)
{
    text_addf(t, "%-8s %-22s %s%s%s\n", good ? "ok" : "missing", what, found,
              good || !*otherwise ? ""
              : *found            ? "; "
                                  : "",
              good ? "" : otherwise);
}

static const char *reason(int why)
{
    return why ? strerror(why) : "";
}

/* tried in a child ---------------------------------------------------------------------- */

static int in_child(int (*fn)(long), long x)
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
        int why = fn(x);
        _exit(why & 255);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return errno ? errno : EAGAIN;
    return WIFEXITED(status) ? WEXITSTATUS(status) : ENOSYS;
}

static int try_spaces(long flags)
{
    return unshare(CLONE_NEWUSER) < 0 || (flags && unshare((int)flags) < 0) ? errno : 0;
}

static int try_proc(long unused)
{
    (void)unused;
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID) < 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return errno;
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0 ? errno
                                                                                         : 0);
    return pid < 0 || waitpid(pid, &status, 0) != pid ? errno : WEXITSTATUS(status);
}

static int try_tmpfs(long unused)
{
    (void)unused;
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ||
                   mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
                   mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID, "size=1m") < 0
               ? errno
               : 0;
}

static int try_seccomp(long unused)
{
    (void)unused;
    return -filter_load(0);
}

/* A call is there if arguments that make no sense are not answered by ENOSYS. */
static int try_call(long nr)
{
    return syscall(nr, -1L, -1L, -1L, -1L, -1L, -1L) < 0 && errno == ENOSYS ? ENOSYS : 0;
}

static void namespaces(text_t *t)
{
    static const struct {
        long flag;
        const char *name, *otherwise;
    } spaces[] = {
        {0, "user namespaces",
         "nothing can be isolated.  Ask for user.max_user_namespaces > 0 (Debian: also "
         "kernel.unprivileged_userns_clone = 1, Ubuntu: kernel.apparmor_restrict_"
         "unprivileged_userns = 0, containers: a seccomp profile that allows unshare); "
         "or accept less: [sandbox] allow_degraded = yes"},
        {CLONE_NEWPID, "pid namespaces", "ask for user.max_pid_namespaces > 0"},
        {CLONE_NEWNS, "mount namespaces", "ask for user.max_mnt_namespaces > 0"},
        {CLONE_NEWNET, "network namespaces", "ask for user.max_net_namespaces > 0"},
        {CLONE_NEWIPC, "ipc namespaces", "ask for user.max_ipc_namespaces > 0"},
        {CLONE_NEWUTS, "uts namespaces", "ask for user.max_uts_namespaces > 0"},
        {CLONE_NEWCGROUP, "cgroup namespaces", "runs do without"},
    };
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        int why = in_child(try_spaces, spaces[i].flag);
        row(t, !why, spaces[i].name, reason(why), spaces[i].otherwise);
    }
    int why = in_child(try_proc, 0);
    row(t, !why, "mounting proc", reason(why),
        "memory is then bounded by address space alone and shorter looks cost more; "
        "containers: unmask /proc");
    why = in_child(try_tmpfs, 0);
    row(t, !why, "mounting tmpfs", reason(why), "the private file system cannot be built");
}

static void kernel(text_t *t)
{
    static const struct {
        long nr;
        const char *name, *otherwise;
    } calls[] = {
        {SYS_clone3, "clone3 (5.3)", "clone is used"},
        {436, "close_range (5.9)", "descriptors are closed one by one"},
        {434, "pidfd_open (5.3)", "/proc is used"},
        {424, "pidfd_send_signal (5.1)", "kill is used"},
        {437, "openat2 (5.6)", "openat is used"},
        {442, "mount_setattr (5.12)", "only the top of each mount becomes read-only"},
    };
    struct utsname u;
    char text[300];
    int major = 0, minor = 0;
    uname(&u);
    sscanf(u.release, "%d.%d", &major, &minor);
    snprintf(text, sizeof text, "%.64s %.64s", u.release, u.machine);
    row(t, major * 1000 + minor >= 4018, "kernel", text, "4.18 or later is needed");
    row(t, prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) >= 0, "no_new_privs", "", "");
    int why = in_child(try_seccomp, 0);
    row(t, !why, "seccomp filter", reason(why),
        "programs are never run without one: a kernel with CONFIG_SECCOMP_FILTER is needed");
    int abi = filter_landlock_abi();
    snprintf(text, sizeof text, abi ? "ABI %d" : "%.0d", abi);
    row(t, abi > 0, "landlock (5.13)", text,
        "needed only where there are no user namespaces (lsm=...,landlock at boot)");
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        row(t, !in_child(try_call, calls[i].nr), calls[i].name, "", calls[i].otherwise);
}

static void groups(text_t *t)
{
    static const char *const names[CGROUP_KINDS] = {"cgroup for memory", "cgroup for pids",
                                                    "cgroup for cpu time"};
    static const char *const otherwise[CGROUP_KINDS] =
        {"memory is bounded by address space and by looking every 5 ms (a few MB may pass); "
         "systemd-run --user -p Delegate=yes, or ask the administrator to delegate one",
         "the number of processes is bounded by RLIMIT_NPROC",
         "CPU time of processes that live for less than a millisecond may be missed"};
    cgroup_site_t s;
    cgroup_find(&s, "");
    for (int k = 0; k < CGROUP_KINDS; k++) {
        char text[500];
        snprintf(text, sizeof text, "v%d, %s", s.version[k], s.dir[k]);
        row(t, s.version[k] > 0, names[k], s.version[k] ? text : s.why[k], otherwise[k]);
    }
    if (s.version[CGROUP_MEMORY] == 2 || s.version[CGROUP_PIDS] == 2) {
        char path[500], file[520];
        snprintf(path, sizeof path, "%s/aletheia-%d-0",
                 s.dir[s.version[CGROUP_MEMORY] == 2 ? CGROUP_MEMORY : CGROUP_PIDS], s.pid);
        int why = mkdir(path, 0755) < 0 ? errno : 0; /* the root of all has no such file */
        snprintf(file, sizeof file, "%s/cgroup.kill", path);
        row(t, access(file, F_OK) == 0, "cgroup.kill (5.14)", reason(why), "kill is used");
        rmdir(path);
    }
}

static void folders(text_t *t)
{
    const char *top = getenv("TMPDIR");
    char path[300], text[400];
    struct statvfs v;
    top = top && *top ? top : "/tmp";
    snprintf(path, sizeof path, "%s/doctor-XXXXXX", top);
    int fd = mkstemp(path), why = errno;
    char page[4096] = "doctor";
    int full = fd >= 0 && write(fd, page, sizeof page) != (ssize_t)sizeof page;
    if (fd >= 0) {
        unlink(path);
        close(fd);
    }
    if (statvfs(top, &v) < 0)
        memset(&v, 0, sizeof v);
    if (fd >= 0)
        snprintf(text, sizeof text, "%s, %.0f MiB free", top,
                 (double)v.f_bavail * (double)v.f_frsize / 1048576);
    else
        snprintf(text, sizeof text, "%s: %s", top, strerror(why));
    row(t, fd >= 0 && !full, "temporary folder", text,
        full ? "it is full; point TMPDIR to one with room"
             : "needed only without user namespaces; point TMPDIR to one that can be "
               "written to");
}

static void limits_and_user(text_t *t)
{
    static const struct {
        int which;
        const char *name;
        rlim_t least;
    } all[] = {
        {RLIMIT_NPROC, "RLIMIT_NPROC", 128},
        {RLIMIT_NOFILE, "RLIMIT_NOFILE", 512},
        {RLIMIT_AS, "RLIMIT_AS", (rlim_t)2 << 30},
        {RLIMIT_STACK, "RLIMIT_STACK", (rlim_t)64 << 20},
        {RLIMIT_FSIZE, "RLIMIT_FSIZE", (rlim_t)64 << 20},
        {RLIMIT_CPU, "RLIMIT_CPU", 86400},
    };
    char text[200], map[100] = "";
    unsigned inside = 0, outside = 0, count = 0;
    int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read(fd, map, sizeof map - 1) > 0)
        sscanf(map, "%u %u %u", &inside, &outside, &count);
    if (fd >= 0)
        close(fd);
    snprintf(text, sizeof text, "uid %u%s; guests run as %s", geteuid(),
             count == 0xffffffffu ? "" : " inside a user namespace",
             geteuid() == 0 ? "an id per launcher that owns nothing (1879048192 and up)"
                            : "this user, who is 65534 to them");
    row(t, 1, "user", text, "");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct rlimit l;
        getrlimit(all[i].which, &l);
        if (l.rlim_max == RLIM_INFINITY)
            snprintf(text, sizeof text, "unlimited");
        else
            snprintf(text, sizeof text, "at most %llu", (unsigned long long)l.rlim_max);
        row(t, l.rlim_max >= all[i].least, all[i].name, text,
            "guests get no more than that; raise it (ulimit -H, or the batch system's)");
    }
}

int doctor_report(keeper_t *k, text_t *t)
{
    char text[200];
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    text_addf(t, "%-8s %-22s %s\n", "state", "what", "found; what it means and what to do");
    kernel(t);
    namespaces(t);
    groups(t);
    folders(t);
    limits_and_user(t);
    const char *mode = keeper_mode(k);
    int stands = strncmp(mode, "none", 4) != 0;
    for (int i = 0; i < LANGS; i++) {
        const char *line = keeper_toolchain(k, (lang_t)i), *why = keeper_refusal(k, (lang_t)i);
        if (!keeper_has_row(k, (lang_t)i))
            continue;
        snprintf(text, sizeof text, "language %s", lang_names[i]);
        row(t, line[0] != 0, text, line, stands ? why : "not looked for: no sandbox");
    }
    snprintf(text, sizeof text, "%d for this process, %d launchers", CPU_COUNT(&set),
             keeper_launchers(k));
    row(t, 1, "cores", text, "");
    text_addf(t, "\nmode     %s\n", mode);
    return stands;
}
