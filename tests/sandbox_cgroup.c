// Groups are found, made and read as the kernel documents them: v2 on a tree of files that stands
// for /.
// RUN: np=1
#include "test.h"
#include "sandbox/box/cgroup.h"
#include <fcntl.h>
#include <sys/stat.h>

static char root[256];

static void put(const char *path, const char *text)
{
    char full[700];
    snprintf(full, sizeof full, "%s/%s", root, path);
    for (char *at = full + strlen(root) + 1; (at = strchr(at, '/')); *at++ = '/') {
        *at = 0;
        mkdir(full, 0755);
    }
    int fd = open(full, O_CREAT | O_TRUNC | O_WRONLY, 0644); /* in place: it may be open */
    check(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), "%s", full);
    close(fd);
}

static int says(const char *path, const char *text)
{
    char full[700];
    text_t t = {0};
    snprintf(full, sizeof full, "%s/%s", root, path);
    int good = text_read_file(&t, full) == 0 && t.s && !strcmp(t.s, text);
    if (!good)
        fprintf(stderr, "%s: '%s' instead of '%s'\n", path, t.s ? t.s : "(none)", text);
    text_reset(&t);
    return good;
}

static void tree(const char *own, const char *gives_own, const char *gives_above)
{
    char name[300];
    put("proc/self/mountinfo", "21 20 0:19 / /proc rw - proc proc rw\n"
                               "30 20 0:26 / /cg rw,nosuid shared:9 - cgroup2 cgroup2 rw\n");
    snprintf(name, sizeof name, "0::%s\n", own);
    put("proc/self/cgroup", name);
    snprintf(name, sizeof name, "cg%s/cgroup.controllers", own);
    put(name, "cpu memory pids\n");
    snprintf(name, sizeof name, "cg%s/cgroup.procs", own);
    put(name, "11\n12\n");
    snprintf(name, sizeof name, "cg%s/cgroup.subtree_control", own);
    put(name, gives_own);
    put("cg/cgroup.subtree_control", gives_above);
}

/* A group as the kernel would fill it, for keeper `pid`, launcher 3. */
static void fill(const char *dir, int pid)
{
    static const char *const file[][2] = {{"cgroup.procs", ""},
                                          {"memory.current", "8388608\n"},
                                          {"memory.max", "max\n"},
                                          {"memory.swap.max", "max\n"},
                                          {"pids.max", "max\n"},
                                          {"memory.events",
                                           "low 0\nhigh 0\nmax 4\noom 0\noom_kill 2\n"},
                                          {"cpu.stat",
                                           "usage_usec 5000\nuser_usec 3000\nsystem_usec 2000\n"}};
    for (size_t i = 0; i < sizeof file / sizeof *file; i++) {
        char name[400];
        snprintf(name, sizeof name, "%s/aletheia-%d-3/%s", dir, pid, file[i][0]);
        put(name, file[i][1]);
    }
}

/* Which place is taken. */
static void check_places(void)
{
    cgroup_site_t s;
    char want[300];
    tree("/", "memory pids cpu\n", "memory pids cpu\n");
    snprintf(want, sizeof want, "%s/cg", root);
    check(cgroup_take(&s, root) && s.version[CGROUP_MEMORY] == 2 &&
              !strcmp(s.dir[CGROUP_PIDS], want),
          "%s %s", s.dir[CGROUP_PIDS], s.why[CGROUP_PIDS]);
    tree("/job/step", "memory pids cpu\n", ""); /* ours gives already */
    snprintf(want, sizeof want, "%s/cg/job/step", root);
    check(cgroup_take(&s, root) && !strcmp(s.dir[CGROUP_MEMORY], want));
    tree("/leaf", "", "memory pids\n"); /* not delegated: the one above */
    snprintf(want, sizeof want, "%s/cg", root);
    if (geteuid() == 0) /* to a user his own folder is delegated */
        check(cgroup_take(&s, root) && !strcmp(s.dir[CGROUP_MEMORY], want) &&
                  !s.version[CGROUP_CPU],
              "%s", s.dir[CGROUP_MEMORY]);
    put("cg/leaf/memory.max", "1073741824\n"); /* which one beside it would not keep */
    put("cg/leaf/pids.max", "max\n");
    if (geteuid() == 0)
        check(!cgroup_take(&s, root) && strstr(s.why[CGROUP_MEMORY], "bound of its own") &&
                  s.version[CGROUP_PIDS] == 2,
              "%s", s.why[CGROUP_MEMORY]);
    tree("/alone", "", "cpu\n");
    if (geteuid() == 0)
        check(!cgroup_take(&s, root) && strstr(s.why[CGROUP_MEMORY], "not delegated"), "%s",
              s.why[CGROUP_MEMORY]);
    put("proc/self/cgroup", "0::/../elsewhere\n"); /* outside of our namespace */
    check(!cgroup_take(&s, root) && s.why[CGROUP_MEMORY][0]);
    put("proc/self/mountinfo", "");
    check(!cgroup_take(&s, root));
}

/* Delegated: who is in it goes one level down first, then the controllers are switched on. */
static void delegated(void)
{
    cgroup_site_t s;
    char want[300];
    tree("/mine", "", "");
    cgroup_find(&s, root);
    check(s.version[CGROUP_MEMORY] == 2 && says("cg/mine/cgroup.subtree_control", ""));
    put("cg/mine/aletheia-ranks/cgroup.procs", "");
    check(cgroup_take(&s, root), "%s", s.why[CGROUP_MEMORY]);
    check(says("cg/mine/aletheia-ranks/cgroup.procs", "12"));
    put("proc/self/cgroup", "0::/mine/aletheia-ranks\n"); /* where we are from now on */
    put("cg/mine/cgroup.procs", "");
    put("cg/mine/cgroup.subtree_control", "memory\n");
    put("cg/mine/aletheia-ranks/cgroup.controllers", "memory\n");
    snprintf(want, sizeof want, "%s/cg/mine", root);
    check(cgroup_take(&s, root) && s.version[CGROUP_PIDS] == 2 && s.version[CGROUP_CPU] == 2, "%s",
          s.why[CGROUP_PIDS]);
    for (int k = 0; k < CGROUP_KINDS; k++)
        check(!strcmp(s.dir[k], want), "%s", s.dir[k]);
    snprintf(want, sizeof want, "%s/cg/mine/aletheia-ranks/aletheia-ranks", root);
    check(access(want, F_OK) < 0);
}

static void check_delegated(void)
{
    int status;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        if (geteuid() == 0 && (chmod(root, 0755) < 0 || chown(root, 1000, 1000) < 0 ||
                               setregid(1000, 1000) < 0 || setreuid(1000, 1000) < 0))
            _exit(3);
        strcat(root, "/user");
        mkdir(root, 0755);
        delegated();
        _exit(test_failures != 0);
    }
    check(waitpid(pid, &status, 0) == pid && status == 0, "%x", status);
}

static void check_v2(void)
{
    cgroup_site_t s;
    cgroup_t c;
    limits_t l = {.memory_kb = 65536, .processes = 64};
    char name[300];
    tree("/run", "cpu memory pids\n", "");
    fill("cg/run", getpid());
    check(cgroup_take(&s, root) && cgroup_enter(&s, 3, 4711));
    snprintf(name, sizeof name, "cg/run/aletheia-%d-3", getpid());
#define FILE_OF(f) (snprintf(name, sizeof name, "cg/run/aletheia-%d-3/%s", getpid(), f), name)
    check(says(FILE_OF("cgroup.procs"), "4711"));
    cgroup_open(&c, &s, 3);
    check(c.version[0] == 2 && c.version[1] == 2 && c.version[2] == 2);
    check(says(FILE_OF("memory.swap.max"), "0ax\n")); /* a file, not the kernel's */
    cgroup_begin(&c, &l, 0);
    check(c.least_kb > 65536 && c.limit_kb >= 8192 + c.least_kb &&
              c.limit_kb <= 8192 + c.least_kb + 8192,
          "%lld", (long long)c.limit_kb);
    check(c.processes == 64);
    check(!cgroup_oom(&c) && cgroup_cpu_us(&c) == 0);
    put(FILE_OF("memory.events"), "low 0\nhigh 0\nmax 4\noom 1\noom_kill 3\n");
    put(FILE_OF("cpu.stat"), "usage_usec 7500\nuser_usec 3000\n");
    check(cgroup_oom(&c) && cgroup_cpu_us(&c) == 2500);
    check(cgroup_oom(&c));   /* it stays so for this run */
    cgroup_begin(&c, &l, 0); /* the next starts from there */
    check(!cgroup_oom(&c) && cgroup_cpu_us(&c) == 0);
}

/* What dead keepers left goes; what living ones use stays, and folders of others too. */
static void check_sweep(void)
{
    cgroup_site_t s;
    char dead[300], living[300], other[300];
    pid_t gone = fork();
    if (gone == 0)
        _exit(0);
    waitpid(gone, NULL, 0);
    tree("/sweep", "cpu memory pids\n", "");
    snprintf(dead, sizeof dead, "%s/cg/sweep/aletheia-%d-0", root, gone);
    snprintf(living, sizeof living, "%s/cg/sweep/aletheia-%d-0", root, getpid());
    snprintf(other, sizeof other, "%s/cg/sweep/aletheia-%d-0-x", root, gone);
    check(!mkdir(dead, 0755) && !mkdir(living, 0755) && !mkdir(other, 0755));
    cgroup_take(&s, root);
    check(access(dead, F_OK) < 0 && access(living, F_OK) == 0 && access(other, F_OK) == 0);
    cgroup_remove(&s, 0);
    check(access(living, F_OK) < 0);
}

int main(void)
{
    strcpy(root, "/tmp/cgroup-XXXXXX"); /* another user has to reach it */
    check(mkdtemp(root) != NULL);
    check_places();
    check_v2();
    check_sweep();
    check_delegated();
    char order[400];
    snprintf(order, sizeof order, "rm -rf '%s'", root);
    check(system(order) == 0);
    return test_failures != 0;
}
