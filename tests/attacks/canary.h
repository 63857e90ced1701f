/* What must not be reached from inside, and what must not be left behind.

   Outside stand: a TCP and a UDP listener on the loopback, two unix sockets with abstract names
   and one with a path, world-readable files with the answer in /tmp and in the repository's
   folder, the answer in the environment, in an inheritable descriptor and in the memory of the
   process that started the keeper, and processes of the guests' users that any signal would end.
   The answer is random; nothing that a guest says may hold it. */
#pragma once
#include "corpus.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

enum { ATTACK_USER = 64501, GUESTS_FIRST = 0x70000000, TARGETS = 2, SOCKETS = 5 };

typedef struct {
    char answer[64], name[64], file[200], repo[400], path[100];
    int socket[SOCKETS], port[2], is_root;
    pid_t target[TARGETS];
    replace_t replace[8];
    int n_mounts, n_ipc;
} canary_t;

static inline int canary_named(const char *name, int abstract, int kind)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    strcpy(a.sun_path + abstract, name);
    int s = socket(AF_UNIX, kind | SOCK_NONBLOCK, 0);
    socklen_t len = (socklen_t)(sizeof(sa_family_t) + (size_t)abstract + strlen(name) + !abstract);
    check(bind(s, (struct sockaddr *)&a, len) == 0, "%s: %s", name, strerror(errno));
    check(kind == SOCK_DGRAM || listen(s, 5) == 0);
    return s;
}

static inline int canary_port(int kind, int *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof a;
    int s = socket(AF_INET, kind | SOCK_NONBLOCK, 0);
    check(bind(s, (struct sockaddr *)&a, sizeof a) == 0 &&
          getsockname(s, (struct sockaddr *)&a, &len) == 0);
    check(kind == SOCK_DGRAM || listen(s, 5) == 0);
    *port = ntohs(a.sin_port);
    return s;
}

static inline void canary_file(const char *path, const char *answer)
{
    int fd = open(path, O_CREAT | O_RDWR | O_TRUNC, 0644); /* stays open: inherited on purpose */
    fchmod(fd, 0644);
    check(fd >= 0 && write(fd, answer, strlen(answer)) > 0, "%s: %s", path, strerror(errno));
}

static inline int count_lines(const char *path)
{
    text_t t = {0};
    int n = 0;
    if (text_read_file(&t, path) == 0)
        for (const char *at = t.s; at && (at = strchr(at, '\n')); at++)
            n++;
    text_reset(&t);
    return n;
}

static inline int count_ipc(void)
{
    return count_lines("/proc/sysvipc/shm") + count_lines("/proc/sysvipc/sem") +
           count_lines("/proc/sysvipc/msg");
}

/* A process that any signal ends. */
static inline pid_t canary_target(unsigned uid)
{
    pid_t pid = fork();
    if (pid)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int s = 1; s < 32; s++)
        signal(s, SIG_DFL);
    if (setresuid(uid, uid, uid) < 0)
        _exit(9);
    for (;;)
        pause();
}

static inline void canary_start(canary_t *c)
{
    unsigned char random[16];
    char needle[64];
    *c = (canary_t){.is_root = geteuid() == 0};
    check(getrandom(random, sizeof random, 0) == sizeof random);
    strcpy(c->answer, "AC-key-");
    for (int i = 0; i < 16; i++)
        sprintf(c->answer + strlen(c->answer), "%02x", random[i]);
    snprintf(needle, sizeof needle, "%.*s", 20, c->answer);
    snprintf(c->name, sizeof c->name, "aletheia-canary-%d", getpid());
    c->socket[0] = canary_port(SOCK_STREAM, &c->port[0]);
    c->socket[1] = canary_port(SOCK_DGRAM, &c->port[1]);
    c->socket[2] = canary_named(c->name, 1, SOCK_STREAM);
    char other[70];
    snprintf(other, sizeof other, "%s-d", c->name);
    c->socket[3] = canary_named(other, 1, SOCK_DGRAM);
    snprintf(c->path, sizeof c->path, "/tmp/%s", c->name);
    c->socket[4] = canary_named(c->path, 0, SOCK_DGRAM);
    chmod(c->path, 0777);
    snprintf(c->file, sizeof c->file, "/tmp/%s-answer", c->name);
    char here[300] = ".";
    check(getcwd(here, sizeof here) != NULL);
    mkdir("build", 0755);
    snprintf(c->repo, sizeof c->repo, "%s/build/%s-answer", here, c->name);
    canary_file(c->file, c->answer);
    canary_file(c->repo, c->answer);
    setenv("ALETHEIA_CANARY", c->answer, 1);
    const unsigned uids[TARGETS] = {c->is_root ? ATTACK_USER : geteuid(),
                                    c->is_root ? GUESTS_FIRST : geteuid()};
    for (int i = 0; i < TARGETS; i++)
        c->target[i] = canary_target(uids[i]);
    const char *words[] = {"@TCP@",  "@UDP@", "@NAME@", "@FILE@",
                           "@REPO@", "@PID@", "@PPID@", "@NEEDLE@"};
    const char *texts[] = {NULL, NULL, c->name, c->file, c->repo, NULL, NULL, needle};
    const int numbers[] = {c->port[0], c->port[1], 0, 0, 0, c->target[0], getpid(), 0};
    for (int i = 0; i < 8; i++) {
        strcpy(c->replace[i].word, words[i]);
        if (texts[i])
            snprintf(c->replace[i].value, sizeof c->replace[i].value, "%.290s", texts[i]);
        else
            snprintf(c->replace[i].value, sizeof c->replace[i].value, "%d", numbers[i]);
    }
    c->n_mounts = count_lines("/proc/self/mountinfo");
    c->n_ipc = count_ipc();
}

/* None was reached, nothing is left; takes them down. */
static inline void canary_end(canary_t *c)
{
    char x[16];
    check(accept(c->socket[0], NULL, NULL) < 0 && errno == EAGAIN, "TCP was reached");
    check(recv(c->socket[1], x, sizeof x, 0) < 0 && errno == EAGAIN, "UDP was reached");
    check(accept(c->socket[2], NULL, NULL) < 0 && errno == EAGAIN, "an abstract name was reached");
    check(recv(c->socket[3], x, sizeof x, 0) < 0 && errno == EAGAIN,
          "an abstract name was reached");
    check(recv(c->socket[4], x, sizeof x, 0) < 0 && errno == EAGAIN, "a unix socket was reached");
    for (int i = 0; i < TARGETS; i++) {
        int status = 0;
        check(waitpid(c->target[i], &status, WNOHANG) == 0, "a process was reached: %x", status);
        kill(c->target[i], SIGKILL);
        waitpid(c->target[i], NULL, 0);
    }
    check(count_lines("/proc/self/mountinfo") <= c->n_mounts, "a mount is left");
    check(count_ipc() <= c->n_ipc, "a System V object is left");
    struct stat s;
    check(stat(c->file, &s) == 0 && s.st_size == (off_t)strlen(c->answer), "%s changed", c->file);
    check(stat(c->repo, &s) == 0 && s.st_size == (off_t)strlen(c->answer), "%s changed", c->repo);
    unlink(c->file);
    unlink(c->repo);
    unlink(c->path);
    for (int i = 0; i < SOCKETS; i++)
        close(c->socket[i]);
}

/* A user namespace in which there can be no further one, so that a keeper has only its degraded
   mode; root keeps all ids.  0: not to be had here. */
static inline int forbid_namespaces(void)
{
    int go[2], status = 0;
    char c = 'g', path[64], map[64];
    pid_t me = getpid(), helper;
    if (pipe(go) < 0 || (helper = fork()) < 0)
        return 0;
    if (helper == 0) {
        const char *const files[] = {"setgroups", "uid_map", "gid_map"};
        close(go[1]);
        if (read(go[0], &c, 1) != 1)
            _exit(2);
        for (int i = geteuid() == 0; i < 3; i++) {
            unsigned id = i == 1 ? geteuid() : getegid();
            snprintf(path, sizeof path, "/proc/%d/%s", me, files[i]);
            snprintf(map, sizeof map, geteuid() ? "%u %u 1" : "0 0 4294967294", id, id);
            int fd = open(path, O_WRONLY);
            const char *text = i ? map : "deny";
            if (fd < 0 || write(fd, text, strlen(text)) < 0)
                _exit(1);
            close(fd);
        }
        _exit(0);
    }
    int good = unshare(CLONE_NEWUSER) == 0 && write(go[1], &c, 1) == 1;
    close(go[0]);
    close(go[1]);
    good = waitpid(helper, &status, 0) == helper && status == 0 && good;
    int fd = open("/proc/sys/user/max_user_namespaces", O_WRONLY);
    good = fd >= 0 && write(fd, "0", 1) == 1 && good;
    close(fd);
    return good;
}

/* fn(ctx) in a process of its own; its exit status. */
static inline int mode_forked(int (*fn)(void *ctx), void *ctx)
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        exit(fn(ctx));
    check(waitpid(pid, &status, 0) == pid && WIFEXITED(status), "%x", status);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

/* This process becomes one in which a keeper has that mode, as root or as a user; 0: not to be had
   here. */
static inline int mode_enter(int modes, int user)
{
    if (modes & MODE_DEGRADED && !forbid_namespaces())
        return 0;
    if (user)
        check(setgroups(0, NULL) == 0 && setresgid(ATTACK_USER, ATTACK_USER, ATTACK_USER) == 0 &&
              setresuid(ATTACK_USER, ATTACK_USER, ATTACK_USER) == 0);
    prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
    return 1;
}

/* processes below this one ------------------------------------------------------------------- */

typedef struct {
    int pid, parent, fds, zombie;
    long rss_kb;
    char name[32];
} proc_t;

static inline int proc_read(proc_t *p, int pid)
{
    char path[64], text[512], state = 0;
    long pages = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    if (n <= 0)
        return 0;
    text[n] = 0;
    *p = (proc_t){.pid = pid};
    char *open_ = strchr(text, '('), *close_ = strrchr(text, ')');
    if (!open_ || !close_)
        return 0;
    snprintf(p->name, sizeof p->name, "%.*s", (int)(close_ - open_ - 1), open_ + 1);
    sscanf(close_ + 2,
           "%c %d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %*u %*u %ld",
           &state, &p->parent, &pages);
    p->zombie = state == 'Z';
    p->rss_kb = pages * 4;
    return 1;
}

static inline int proc_fds(int pid)
{
    char path[64];
    int n = -2;
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *d = opendir(path);
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

/* All descendants of this process; how many. */
static inline int proc_below(proc_t *p, int most)
{
    static proc_t all[8192];
    int n = 0, found = 0;
    DIR *d = opendir("/proc");
    for (struct dirent *e; d && n < 8192 && (e = readdir(d));)
        if (e->d_name[0] >= '1' && e->d_name[0] <= '9')
            n += proc_read(&all[n], atoi(e->d_name));
    if (d)
        closedir(d);
    for (int i = 0; i < n; i++) {
        int up = all[i].parent, depth = 0;
        while (up > 1 && up != getpid() && depth++ < 64) {
            int j = 0;
            while (j < n && all[j].pid != up)
                j++;
            up = j < n ? all[j].parent : 0;
        }
        if (up == getpid() && found < most)
            p[found++] = all[i];
    }
    return found;
}

/* Until there are no more than `most` below (three seconds), else a list of them. */
static inline int proc_settle(int most, text_t *list)
{
    static proc_t p[512];
    for (int i = 0; i < 300; i++) {
        while (most == 0 && waitpid(-1, NULL, WNOHANG) > 0) {
        }
        if (proc_below(p, 512) <= most)
            return 1;
        usleep(10000);
    }
    int n = proc_below(p, 512);
    for (int i = 0; i < n; i++)
        text_addf(list, " %d %s%s", p[i].pid, p[i].name, p[i].zombie ? "(Z)" : "");
    return 0;
}

/* Files of users low..high in the folders that everybody may write to. */
static inline int files_of(unsigned low, unsigned high, char *name, size_t cap)
{
    const char *const dirs[] = {"/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/var/lock"};
    int n = 0;
    for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
        DIR *d = opendir(dirs[i]);
        for (struct dirent *e; d && (e = readdir(d));) {
            struct stat s;
            if (fstatat(dirfd(d), e->d_name, &s, AT_SYMLINK_NOFOLLOW) == 0 && s.st_uid >= low &&
                s.st_uid <= high) {
                snprintf(name, cap, "%s/%s", dirs[i], e->d_name);
                n++;
            }
        }
        if (d)
            closedir(d);
    }
    return n;
}
