// Resources are bounded in every mode: control groups, rlimits alone, without namespaces; as root
// and as a user.
// RUN: np=1 alone
// TIMEOUT: 300
/* Each mode is made, not assumed: groups are forbidden by the keeper's modes, namespaces by a
   user namespace in which no more may be made. */
#include "test.h"
#include "sandbox.h"
#include "sandbox/box/cgroup.h"
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define HEAD                                                                                     \
    "#define _GNU_SOURCE\n#include <errno.h>\n#include <fcntl.h>\n#include <signal.h>\n"         \
    "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <sys/mman.h>\n"      \
    "#include <sys/socket.h>\n#include <sys/stat.h>\n#include <sys/wait.h>\n#include <time.h>\n" \
    "#include <unistd.h>\n#define MB (1 << 20)\nstatic void fill(char *p, size_t n)\n"           \
    "{ if (!p || p == MAP_FAILED) abort(); memset(p, 1, n); }\n"

typedef struct {
    const char *name, *source, *want, *verdicts; /* want NULL: no comparison */
} guest_case_t;

static const guest_case_t programs[] = {
    {"right",
     HEAD
     "int main(void) { int a, b; return scanf(\"%d%d\", &a, &b) != 2 || printf(\"%d\\n\", a + b) < 0; }",
     "7", "accepted"},
    {"heap", HEAD "int main(void) { for (;;) fill(malloc(MB), MB); }", NULL, "memory_limit"},
    {"shared",
     HEAD
     "int main(void) { for (int i = 0; i < 200; i++) { char *p = mmap(0, MB, 3, MAP_SHARED | MAP_ANONYMOUS, -1, 0);\n"
     "fill(p, MB); madvise(p, MB, MADV_DONTNEED); } sleep(1); return 0; }",
     NULL, "memory_limit"},
    {"remainder",
     HEAD
     "int main(void) { char *p = mmap(0, 200 * MB, 3, MAP_SHARED | MAP_ANONYMOUS, -1, 0); fill(p, 40 * MB);\n"
     "for (int i = 1; i < 5; i++) { madvise(p, 40 * i * MB, MADV_DONTNEED); fill(p + 40 * i * MB, 40 * MB); } sleep(1); return 0; }",
     NULL, "memory_limit"},
    {"children",
     HEAD
     "int main(void) { for (int i = 0; i < 20; i++) if (!fork()) { fill(malloc(8 * MB), 8 * MB); pause(); }\n"
     "sleep(5); return 0; }",
     NULL, "memory_limit"},
    {"orphans",
     HEAD
     "int main(void) { signal(SIGCHLD, SIG_IGN); for (int i = 0; i < 10; i++, usleep(2000)) if (!fork()) { if (fork()) _exit(0);\n"
     "fill(malloc(8 * MB), 8 * MB); pause(); } sleep(5); return 0; }",
     NULL, "memory_limit"},
    {"sockets",
     HEAD
     "int main(void) { char b[4096] = {0}; for (int i = 0; i < 24; i++) if (!fork()) { int p[2];\n"
     "while (!socketpair(AF_UNIX, SOCK_STREAM, 0, p)) for (int k = 0; k < 2; k++) {\n"
     "fcntl(p[k], F_SETFL, O_NONBLOCK); while (write(p[k], b, sizeof b) > 0); } pause(); } sleep(5); return 0; }",
     NULL, "memory_limit"},
    {"stack",
     HEAD
     "static int down(int n) { volatile char b[65536]; b[n & 65535] = 1; return down(n + 1) + b[3]; }\n"
     "int main(void) { return down(0); }",
     NULL, "memory_limit runtime_error"},
    {"memfd",
     HEAD
     "int main(void) { int f = memfd_create(\"x\", 0); puts(f < 0 ? \"no\" : \"yes\"); return 0; }",
     "no", "accepted"},
    {"files",
     HEAD
     "int main(void) { static char b[MB]; char n[9]; for (int i = 0; i < 40; i++) { sprintf(n, \"%d\", i);\n"
     "int f = open(n, O_CREAT | O_RDWR, 0600); for (int k = 0; k < 8; k++) if (write(f, b, MB) != MB) return 3; }\n"
     "sleep(1); return 0; }",
     NULL, "runtime_error memory_limit"},
    {"nameless",
     HEAD
     "int main(void) { static char b[MB]; for (int i = 0; i < 40; i++) { int f = open(\"n\", O_CREAT | O_RDWR, 0600);\n"
     "unlink(\"n\"); for (int k = 0; k < 8; k++) if (write(f, b, MB) != MB) return 3; }\n"
     "sleep(1); return 0; }",
     NULL, "runtime_error memory_limit"},
    {"processes",
     HEAD
     "int main(void) { int n = 0; while (n < 500) { int p = fork(); if (p < 0) break; if (!p) pause(); n++; }\n"
     "puts(n < 32 ? \"few\" : \"many\"); return 0; }",
     "few", "accepted"},
    {"spinning", HEAD "int main(void) { while (fork() >= 0 || 1) ; }", NULL, "time_limit"},
    {"reaped",
     HEAD
     "int main(void) { signal(SIGCHLD, SIG_IGN); for (int i = 0; i < 250; i++) { if (!fork()) { clock_t c = clock();\n"
     "while (clock() - c < 6000); _exit(0); } usleep(7000); } return 0; }",
     NULL, "time_limit"},
    {"sleeping", HEAD "int main(void) { sleep(100); return 0; }", NULL, "time_limit"},
    {"daemon",
     HEAD
     "int main(void) { if (!fork()) { setsid(); if (!fork()) sleep(100); _exit(0); } puts(\"7\"); return 0; }",
     "7", "accepted"},
    {"outside",
     HEAD
     "int main(void) { int bad = 0; bad |= open(\"/tmp/modes-canary\", O_RDWR) >= 0; bad |= !truncate(\"/tmp/modes-canary\", 0);\n"
     "bad |= open(\"/tmp/modes-canary\", O_RDONLY) >= 0; bad |= open(\"/tmp/modes-new\", O_CREAT | O_RDWR, 0600) >= 0 && access(\"/tmp/modes-canary\", F_OK) == 0;\n"
     "bad |= !chmod(\"/tmp/modes-canary\", 0777); bad |= open(\"/proc/1/environ\", O_RDONLY) >= 0; char n[64];\n"
     "sprintf(n, \"/proc/%d/environ\", getppid()); bad |= open(n, O_RDONLY) >= 0; bad |= open(\"/etc/passwd\", O_RDONLY) >= 0;\n"
     "bad |= !kill(getppid(), 0) && getppid(); puts(bad ? \"bad\" : \"good\"); return 0; }",
     "good", "accepted"},
    {"after", HEAD "int main(void) { puts(\"7\"); return 0; }", "7", "accepted"},
};

static void check_one(keeper_t *k, const guest_case_t *p, const char *suite, const char *in,
                      size_t n_in)
{
    const char *want = p->want;
    size_t n_want = want ? strlen(want) : 0;
    check_t c = CHECK_TOKENS;
    job_t j = {.lang = LANG_C,
               .source = p->source,
               .n_source = strlen(p->source),
               .n_test = 1,
               .input = &in,
               .n_input = &n_in,
               .expect = &want,
               .n_expect = &n_want,
               .check = &c};
    keeper_submit(k, &j);
    done_t *d = keeper_poll(k, 60000);
    if (!d)
        fail(CODE_FAULT, "%s: %s: no answer within a minute", suite, p->name);
    const outcome_t *o = d->outcome;
    check(
        strstr(p->verdicts, verdict_names[o->verdict]),
        "%s: %s: %s instead of %s; exit %d signal %d cpu %lld us wall %lld us memory %lld KiB: %s",
        suite, p->name, verdict_names[o->verdict], p->verdicts, o->exit, o->signal,
        (long long)o->cpu_us, (long long)o->wall_us, (long long)o->memory_kb, d->message);
    if (getenv("VERBOSE"))
        fprintf(stderr, "%s: %-10s %s/%s cpu %lld wall %lld memory %lld busy %.3f\n", suite,
                p->name, verdict_names[o->verdict], o->subcode, (long long)o->cpu_us,
                (long long)o->wall_us, (long long)o->memory_kb, d->busy_s);
    done_free(d);
}

/* No process, no folder and no group is left. */
static void check_left(const char *suite, const cgroup_site_t *site)
{
    char list[256] = "", path[600];
    for (int i = 0; i < 300; i++) {
        while (waitpid(-1, NULL, WNOHANG) > 0) {
        }
        snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
        int fd = open(path, O_RDONLY);
        ssize_t n = fd < 0 ? 0 : read(fd, list, sizeof list - 1);
        list[n > 0 ? n : 0] = 0;
        close(fd);
        if (n <= 0)
            break;
        usleep(10000);
    }
    check(!list[0], "%s: processes are left over: %s", suite, list);
    DIR *d = opendir(getenv("TMPDIR"));
    for (struct dirent *e; d && (e = readdir(d));)
        check(e->d_name[0] == '.', "%s: %s is left in the temporary folder", suite, e->d_name);
    if (d)
        closedir(d);
    d = site->version[CGROUP_MEMORY] ? opendir(site->dir[CGROUP_MEMORY]) : NULL;
    for (struct dirent *e; d && (e = readdir(d));) {
        int pid, i;
        check(sscanf(e->d_name, "aletheia-%d-%d", &pid, &i) != 2 || kill(pid, 0) == 0,
              "%s: the group %s is left over", suite, e->d_name);
    }
    if (d)
        closedir(d);
}

static int suite(const char *name, int modes, const char *mode)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    cgroup_site_t site;
    cgroup_find(&site, "");
    keeper_t *k = keeper_start(1);
    limits_t l = {.cpu_ms = 300,
                  .wall_ms = 1500,
                  .memory_kb = 49152,
                  .processes = 24,
                  .scratch_kb = 32768,
                  .file_kb = 16384,
                  .output_kb = 64};
    keeper_configure(k, &l, modes, 1);
    const char *is = keeper_mode(k);
    int there = strstr(is, mode) != NULL, tools = there && keeper_toolchain(k, LANG_C)[0];
    if (getenv("VERBOSE"))
        fprintf(stderr, "%s: %s\n", name, is);
    if (!strncmp(is, "none: neither", 13)) /* no landlock either: rightly refused */
        there = tools = 0;
    else
        check(there || !strcmp(mode, "cgroup"), "%s: the mode is '%s'", name, is);
    for (size_t i = 0; tools && i < sizeof programs / sizeof *programs; i++)
        check_one(k, &programs[i], name, "3 4\n", 4);
    char *large = mem_new(64 << 20); /* what the launcher holds is not the guest's memory */
    memcpy(memset(large, ' ', 64 << 20), "3 4", 3);
    for (int i = 0; tools && i < 2; i++)
        check_one(k, &programs[0], name, large, 64 << 20);
    mem_free(large);
    if (modes == 0) /* the kernel takes guests, never the launcher */
        check(keeper_stats(k).launchers == 0, "%s: %d launchers were lost", name,
              (int)keeper_stats(k).launchers);
    keeper_stop(k);
    check_left(name, &site);
    check(mem_live() == 0, "%s: %zu bytes were not freed", name, mem_live());
    return test_failures ? 1 : tools ? 0 : 77;
}

/* A user namespace in which there can be no further one; root keeps all ids. */
static int forbid_namespaces(void)
{
    int ready[2], done[2], status = 0;
    char c = 0, map[64];
    if (pipe(ready) < 0 || pipe(done) < 0)
        return 0;
    pid_t outside = getpid(), helper = fork();
    if (helper == 0) {
        close(ready[1]); /* ends by itself where that is not to be had */
        if (read(ready[0], &c, 1) == 1) {
            const char *const kinds[] = {"setgroups", "uid_map", "gid_map"};
            for (int i = geteuid() == 0; i < 3; i++) {
                snprintf(map, sizeof map, "/proc/%d/%s", outside, kinds[i]);
                int fd = open(map, O_WRONLY);
                if (geteuid() == 0)
                    strcpy(map, "0 0 4294967294");
                else
                    snprintf(map, sizeof map, "%u %u 1", i == 1 ? getuid() : getgid(),
                             i == 1 ? getuid() : getgid());
                const char *text = i ? map : "deny";
                if (fd < 0 || write(fd, text, strlen(text)) < 0)
                    _exit(1);
                close(fd);
            }
            _exit(0);
        }
        _exit(2);
    }
    int good = unshare(CLONE_NEWUSER) == 0 && write(ready[1], "g", 1) == 1;
    close(ready[1]), close(ready[0]), close(done[0]), close(done[1]);
    good = waitpid(helper, &status, 0) == helper && status == 0 && good;
    int fd = open("/proc/sys/user/max_user_namespaces", O_WRONLY);
    good = good && fd >= 0 && write(fd, "0", 1) == 1;
    if (fd >= 0)
        close(fd);
    return good;
}

/* An ordinary user; one of his own, since without namespaces all his processes count. */
static int become(int user)
{
    const uid_t id = 30000 + (uid_t)(getppid() % 30000);
    return !user ||
           (setgroups(0, NULL) == 0 && setresgid(id, id, id) == 0 && setresuid(id, id, id) == 0);
}

int main(void)
{
    static const struct {
        const char *name, *mode;
        int modes, degraded;
    } table[] = {
        {"groups", "cgroup", 0, 0},
        {"rlimits", "namespaces+seccomp+rlimits", MODE_NO_CGROUPS, 0},
        {"degraded", "degraded", MODE_NO_CGROUPS | MODE_DEGRADED, 1},
    };
    int is_root = geteuid() == 0, ran = 0, status;
    char temporary[] = "/tmp/modes-XXXXXX", name[64];
    check(mkdtemp(temporary) && chmod(temporary, 01777) == 0 &&
          setenv("TMPDIR", temporary, 1) == 0);
    int canary = open("/tmp/modes-canary", O_CREAT | O_RDWR | O_CLOEXEC, 0666);
    fchmod(canary, 0666);
    close(canary);
    for (size_t i = 0; i < 3; i++)
        for (int user = 0; user <= is_root; user++) {
            fflush(NULL);
            pid_t pid = fork();
            if (pid == 0) {
                test_failures = 0;
                if (table[i].degraded && !forbid_namespaces())
                    return 77;
                check(become(is_root && user));
                prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
                snprintf(name, sizeof name, "%s as %s", table[i].name,
                         user || !is_root ? "a user" : "root");
                return suite(name, table[i].modes, table[i].mode);
            }
            check(waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
                      (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 77),
                  "%s %d: %x", table[i].name, user, status);
            ran += status == 0;
        }
    unlink("/tmp/modes-canary");
    check(rmdir(temporary) == 0);
    if (!ran && !test_failures)
        printf("no sandbox with a C compiler in any mode\n");
    return test_failures ? 1 : ran ? 0 : 77;
}
