/* The launchers of a keeper: how one is started, placed on a core, put into a control group, and
   ended.

   A launcher is cloned into fresh namespaces and waits until the keeper has written its id maps (a
   process of root maps the guests to an id of its own per launcher, an ordinary user can only map
   to himself), has put it into its group, and has given it its cores: one of its own (pin), or all
   that its rank may use.  Whatever cannot be done ends the launcher before it has run anything, and
   says why.  Ending one ends its whole pid namespace; without namespaces its scratch folder is
   removed here. */
#include "warden.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
    if (fd >= 0)
        close(fd);
    return n < 0 ? -1 : 0;
}

static int map_ids(pid_t pid)
{
    char path[64], text[64];
    const char *const kinds[] = {"uid_map", "gid_map"};
    const unsigned own[] = {geteuid(), getegid()};
    snprintf(path, sizeof path, "/proc/%d/setgroups", pid);
    if (geteuid() != 0)
        write_file(path, "deny");
    for (int k = 0; k < 2; k++) {
        snprintf(path, sizeof path, "/proc/%d/%s", pid, kinds[k]);
        snprintf(text, sizeof text, "65534 %d 1", BOX_OWN_ID + pid);
        if (geteuid() == 0 && write_file(path, text) == 0)
            continue;
        snprintf(text, sizeof text, "65534 %u 1", own[k]);
        if (write_file(path, text) < 0)
            return -1;
    }
    return 0;
}

/* Where launcher i may run; pid 0: this process.  1: it was elsewhere before. */
int warden_place(const warden_t *w, int i, pid_t pid)
{
    cpu_set_t *s = CPU_ALLOC(WARDEN_CORES), *old = CPU_ALLOC(WARDEN_CORES);
    size_t size = CPU_ALLOC_SIZE(WARDEN_CORES);
    CPU_ZERO_S(size, s);
    CPU_ZERO_S(size, old);
    sched_getaffinity(pid, size, old);
    for (int c = 0; c < w->n_core; c++)
        if (!w->pin || c == i % w->n_core)
            CPU_SET_S((size_t)w->core[c], size, s);
    if (w->n_core)
        sched_setaffinity(pid, size, s);
    int moved = w->n_core && !CPU_EQUAL_S(size, s, old);
    CPU_FREE(s);
    CPU_FREE(old);
    return moved;
}

/* Which control groups there are is found out with the first launcher. */
static void groups_take(warden_t *w)
{
    if (w->grouped)
        return;
    w->site = (cgroup_site_t){.pid = getpid()};
    if (!(w->modes & MODE_NO_CGROUPS))
        cgroup_take(&w->site, "");
    w->grouped = 1;
}

int warden_ungrouped(const warden_t *w)
{
    return w->modes & MODE_REQUIRE_CGROUPS && !w->site.version[CGROUP_MEMORY];
}

/* Those of launchers that run no more go; what there is is found out anew. */
void warden_leave_groups(warden_t *w)
{
    for (int i = 0; w->grouped && i < WARDEN_MOST; i++)
        if (!w->l[i].pid && w->l[i].grouped)
            cgroup_remove(&w->site, i);
    w->grouped = 0;
}

/* Moves a launcher into its group, and lets it go on: it is told which kinds it has. */
static int groups_enter(warden_t *w, int i, pid_t pid, int go)
{
    unsigned char kinds = 0;
    cgroup_enter(&w->site, i, pid);
    w->l[i].grouped = 1;
    if (warden_ungrouped(w))
        return -1;
    for (int k = 0; k < CGROUP_KINDS; k++)
        kinds |= w->site.version[k] ? 1 << k : 0;
    return write(go, &kinds, 1) == 1 ? 0 : -1;
}

void warden_launch(warden_t *w, int i)
{
    launcher_t *l = &w->l[i];
    int pair[2], go[2], side[2];
    groups_take(w);
    w->alone = w->alone ? w->alone : alone_new();
    const int spaces =
        CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0 ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, side) < 0 || pipe2(go, O_CLOEXEC) < 0)
        _exit(1);
    long pid =
        syscall(SYS_clone, SIGCHLD | (w->degraded ? 0 : spaces | CLONE_NEWCGROUP), 0, 0, 0, 0);
    if (pid < 0 && errno == EINVAL && !w->degraded)
        pid = syscall(SYS_clone, SIGCHLD | spaces, 0, 0, 0, 0);
    if (pid == 0) {
        prctl(PR_SET_NAME, "launcher", 0, 0, 0);
        signal(SIGCONT, SIG_DFL); /* the keeper's */
        warden_place(w, i, 0);
        int kept[] = {fcntl(go[0], F_DUPFD_CLOEXEC, 10), fcntl(side[1], F_DUPFD_CLOEXEC, 10)};
        pair[1] = fcntl(pair[1], F_DUPFD_CLOEXEC, 12); /* keep three, close the rest */
        dup3(kept[0], 3, O_CLOEXEC);
        dup3(kept[1], 4, O_CLOEXEC);
        for (int fd = 5; fd < pair[1]; fd++)
            close(fd);
        process_close_from(pair[1] + 1);
        box_main(pair[1], w->degraded, &w->limits, 3, &w->site, i, 4, &w->languages, w->alone);
    }
    int why = errno;
    close(pair[1]);
    close(side[1]);
    close(go[0]);
    if (pid > 0 && !w->degraded && map_ids((pid_t)pid) < 0) {
        why = errno;
        kill((pid_t)pid, SIGKILL);
        waitpid((pid_t)pid, NULL, 0);
        pid = -1;
    }
    if (pid > 0 && groups_enter(w, i, (pid_t)pid, go[1]) < 0) {
        kill((pid_t)pid, SIGKILL);
        waitpid((pid_t)pid, NULL, 0);
        pid = -1;
    }
    close(go[1]);
    l->to = (pipe_end_t){.fd = pair[0]};
    store_join(w->store, i, &l->to, side[0]);
    l->pid = pid > 0 ? (pid_t)pid : 0;
    l->ready = l->stopped = 0;
    l->heard = clock_now();
    l->deadline = l->heard + 120;
    if (pid > 0)
        return;
    store_lost(w->store, i);
    frame_reset(&l->to);
    text_t t = {0};
    if (warden_ungrouped(w))
        text_addf(&t,
                  "none: [sandbox] cgroups = require, but there is no control group for "
                  "memory: %s; `aletheia grade --doctor` says more",
                  w->site.why[CGROUP_MEMORY]);
    else
        text_addf(&t,
                  "none: user namespaces are not to be had here (%s); ask the "
                  "administrator for user.max_user_namespaces > 0, or set [sandbox] "
                  "allow_degraded = yes",
                  strerror(why));
    mem_free(w->mode);
    w->mode = mem_text(t.s);
    text_reset(&t);
    w->stands = 0;
    w->probed = 1;
}

/* Without namespaces the guests of a launcher that was killed have become our children.
   All are stopped before they are killed, since who forks faster than he is killed would
   win; whose parent was killed comes to us for the next round. */
static void end_orphans(const warden_t *w)
{
    pid_t child[1024];
    for (int round = 0, left = 1; left && round < 2000; round++) {
        int n = process_children(child, 1024);
        left = 0;
        for (int pass = 0; pass < 2; pass++)
            for (int c = 0; c < n; c++) {
                int ours = 0;
                for (int i = 0; i < WARDEN_MOST; i++)
                    ours |= w->l[i].pid == child[c];
                if (ours)
                    continue;
                kill(child[c], pass ? SIGKILL : SIGSTOP);
                if (pass)
                    waitpid(child[c], NULL, 0);
                left = 1;
            }
    }
}

void warden_end(warden_t *w, launcher_t *l)
{
    store_lost(w->store, (int)(l - w->l));
    alone_clear(w->alone, (int)(l - w->l));
    if (l->pid > 0) {
        kill(l->pid, SIGKILL);
        waitpid(l->pid, NULL, 0);
        l->pid = 0;
        if (w->degraded)
            end_orphans(w);
    }
    if (l->folder &&
        l->folder[0] == '/') { /* degraded: what its namespace would have taken along */
        char bin[512];
        snprintf(bin, sizeof bin, "%s.bin", l->folder);
        const char *const both[] = {l->folder, bin};
        for (int i = 0; i < 2; i++) {
            int fd = open(both[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
            if (fd >= 0)
                box_remove(fd);
            rmdir(both[i]);
        }
    }
    mem_free(l->folder);
    l->folder = NULL;
    frame_reset(&l->to);
    l->pid = 0;
    l->ready = 0;
}
