/* Control groups, where some are to be had: the keeper's side, finding and making them.

   /proc/self/mountinfo says which hierarchies are mounted where, /proc/self/cgroup where
   in them we are; a launcher's group is made below our own place, so that what the batch
   system or the administrator set for us still holds, and is named aletheia-PID-I: keeper
   PID, launcher I.

   v1: the folder of our own place has to be writable (root, or one given to the user).

   v2 has the rule that a group with processes in it gives no controllers to its children.
   So, in this order: our own group where it already gives them (the root of all, or a
   namespace's); our own where it was delegated to us (it belongs to this user, or carries
   the mark that systemd's Delegate=yes sets): then its processes, ours, are moved one
   level down into `aletheia-ranks`, and the controllers switched on; else the group above,
   where it gives them and is ours to write, and ours has no bound of its own.  Whoever
   comes second finds it done: who was moved into `aletheia-ranks` stands for the group
   above it.

   A group goes when its launcher goes for good.  A keeper that was killed leaves empty
   ones behind: each start, and each end, removes those whose PID is no more. */
#include "cgroup.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define RANKS "aletheia-ranks"
static const char *const words[CGROUP_KINDS][2] = {{"memory", "memory"},
                                                   {"pids", "pids"},
                                                   {"cpuacct", "cpu"}};

static int slurp(const char *dir, const char *name, char *out, size_t cap)
{
    char path[900];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, out, cap - 1);
    out[n > 0 ? n : 0] = 0;
    if (fd >= 0)
        close(fd);
    return n >= 0;
}

static int spill(const char *dir, const char *name, const char *text)
{
    char path[900];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    int good = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    int why = errno;
    if (fd >= 0)
        close(fd);
    errno = why;
    return good;
}

/* A word of a list that is separated by any of `between`. */
static int has(const char *list, const char *word, const char *between)
{
    size_t n = strlen(word);
    for (const char *at = list; *at; at += strspn(at, between)) {
        size_t length = strcspn(at, between);
        if (length == n && !strncmp(at, word, n))
            return 1;
        at += length;
    }
    return 0;
}

/* where we are ----------------------------------------------------------------------- */

/* The path after "0::" or after the line that names this controller; 0: no such. */
static int own_path(const char *list, const char *controller, char *path, size_t cap)
{
    for (const char *at = list; at && *at; at = (at = strchr(at, '\n')) ? at + 1 : NULL) {
        char names[256];
        const char *second = strchr(at, ':'), *third;
        if (!second || !(third = strchr(second + 1, ':')))
            return 0;
        snprintf(names, sizeof names, "%.*s", (int)(third - second - 1), second + 1);
        if (controller ? !has(names, controller, ",") : strncmp(at, "0::", 3) != 0)
            continue;
        snprintf(path, cap, "%.*s", (int)strcspn(third + 1, "\n"), third + 1);
        return 1;
    }
    return 0;
}

/* The folder of our own group: of a v1 controller, or of v2 (NULL).  top: the mount's. */
static int own_folder(const char *root, const char *controller, char *dir, size_t cap, char *top,
                      size_t cap_top)
{
    char name[300], list[16384], path[400], *line = NULL;
    size_t room = 0;
    int found = 0;
    snprintf(name, sizeof name, "%s/proc/self", root);
    if (!slurp(name, "cgroup", list, sizeof list) || !own_path(list, controller, path, sizeof path))
        return 0;
    snprintf(name, sizeof name, "%s/proc/self/mountinfo", root);
    FILE *f = fopen(name, "re");
    while (f && !found && getline(&line, &room, f) > 0) {
        char within[300], at[300], type[64] = "", options[512] = "";
        const char *tail = strstr(line, " - ");
        if (sscanf(line, "%*d %*d %*s %299s %299s", within, at) != 2 || !tail ||
            sscanf(tail + 3, "%63s %*s %511s", type, options) != 2 ||
            strcmp(type, controller ? "cgroup" : "cgroup2") ||
            (controller && !has(options, controller, ",")))
            continue;
        size_t skip = strcmp(within, "/") ? strlen(within) : 0;
        if (strncmp(path, within, skip) || !strncmp(path, "/..", 3))
            continue;
        const char *rest = path + skip;
        snprintf(top, cap_top, "%s%s", root, at);
        snprintf(dir, cap, "%s%s%s", root, at, strcmp(rest, "/") ? rest : "");
        found = access(dir, F_OK) == 0;
    }
    free(line);
    if (f)
        fclose(f);
    return found;
}

/* v2 ---------------------------------------------------------------------------------- */

static int gives(const char *dir, const char *word)
{
    char list[512];
    return slurp(dir, "cgroup.subtree_control", list, sizeof list) && has(list, word, " \n");
}

static int delegated(const char *dir)
{
    struct stat s;
    char mark[8];
    if (access(dir, W_OK) < 0 || stat(dir, &s) < 0)
        return 0;
    return (geteuid() != 0 && s.st_uid == geteuid()) ||
           getxattr(dir, "user.delegate", mark, sizeof mark) > 0 ||
           getxattr(dir, "trusted.delegate", mark, sizeof mark) > 0;
}

/* Who was moved down by make_room still belongs to the group above. */
static void leave_ranks(char *own, const char *top)
{
    char *slash = strrchr(own, '/');
    if (strcmp(own, top) && slash && !strcmp(slash, "/" RANKS))
        *slash = 0;
}

/* Moves whoever is in the group one level down. */
static void make_room(const char *dir)
{
    char lower[600], list[16384];
    snprintf(lower, sizeof lower, "%s/" RANKS, dir);
    mkdir(lower, 0755);
    for (int round = 0; round < 10; round++) {
        if (!slurp(dir, "cgroup.procs", list, sizeof list) || !list[0])
            return;
        for (char *at = strtok(list, "\n"); at; at = strtok(NULL, "\n"))
            spill(lower, "cgroup.procs", at);
    }
}

/* Whether something was set for this group itself, not for one above it. */
static int bounded(const char *dir, const char *word)
{
    char name[32], text[64];
    snprintf(name, sizeof name, "%s.max", word);
    return slurp(dir, name, text, sizeof text) && text[0] && strncmp(text, "max", 3) != 0;
}

/* Where children of v2 groups get `word`; take 0 asks only, changing nothing. */
static int place_v2(const char *own, const char *top, const char *word, int take, char *dir,
                    size_t cap, char *why, size_t cap_why)
{
    char list[512], above[400], order[64];
    int offered = slurp(own, "cgroup.controllers", list, sizeof list) && has(list, word, " \n");
    snprintf(dir, cap, "%s", own);
    if (access(own, W_OK) == 0 && gives(own, word))
        return 1;
    if (offered && delegated(own)) {
        if (!take)
            return 1;
        make_room(own);
        snprintf(order, sizeof order, "+%s", word);
        if (spill(own, "cgroup.subtree_control", order))
            return 1;
        snprintf(why, cap_why, "%.120s/cgroup.subtree_control: %s", own, strerror(errno));
        return 0;
    }
    snprintf(above, sizeof above, "%s", own);
    char *slash = strrchr(above, '/');
    if (strcmp(own, top) && slash) {
        *slash = 0;
        snprintf(dir, cap, "%s", above);
        if (access(above, W_OK) == 0 && gives(above, word)) {
            if (!bounded(own, word))
                return 1;
            snprintf(why, cap_why,
                     "%.130s has a bound of its own; groups beside it would not "
                     "be held by it",
                     own);
            return 0;
        }
    }
    snprintf(why, cap_why,
             offered ? "%.150s is not delegated to this user" : "%.150s has no such controller",
             own);
    return 0;
}

/* all --------------------------------------------------------------------------------- */

/* Removes groups of keepers that are no more. */
static void sweep(const char *dir)
{
    DIR *d = opendir(dir);
    for (struct dirent *e; d && (e = readdir(d));) {
        int pid, i, end = 0;
        if (sscanf(e->d_name, "aletheia-%d-%d%n", &pid, &i, &end) == 2 && !e->d_name[end] &&
            pid > 0 && kill(pid, 0) < 0 && errno == ESRCH)
            unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
    }
    if (d)
        closedir(d);
}

static void find(cgroup_site_t *s, const char *root, int take)
{
    char own[400], top[400];
    *s = (cgroup_site_t){.pid = getpid()};
    for (int k = 0; k < CGROUP_KINDS; k++) {
        char *dir = s->dir[k];
        const size_t cap = sizeof s->dir[k];
        snprintf(s->why[k], sizeof s->why[k], "no hierarchy with it is mounted");
        if (own_folder(root, words[k][0], dir, cap, top, sizeof top)) {
            snprintf(own, sizeof own, "%s", dir);
            if (access(own, W_OK) == 0)
                s->version[k] = 1;
            else
                snprintf(s->why[k], sizeof s->why[k], "%.150s is not writable", own);
        } else if (own_folder(root, NULL, own, sizeof own, top, sizeof top)) {
            leave_ranks(own, top);
            if (place_v2(own, top, words[k][1], take, dir, cap, s->why[k], sizeof s->why[k]))
                s->version[k] = 2;
        }
        if (s->version[k])
            sweep(dir);
    }
}

void cgroup_find(cgroup_site_t *s, const char *root)
{
    find(s, root, 0);
}

int cgroup_take(cgroup_site_t *s, const char *root)
{
    find(s, root, 1);
    return s->version[CGROUP_MEMORY] != 0;
}

int cgroup_enter(cgroup_site_t *s, int i, pid_t pid)
{
    char path[600], text[32];
    snprintf(text, sizeof text, "%d", pid);
    for (int k = 0; k < CGROUP_KINDS; k++) {
        if (!s->version[k])
            continue;
        snprintf(path, sizeof path, "%s/aletheia-%d-%d", s->dir[k], s->pid, i);
        int good = mkdir(path, 0755) == 0 || errno == EEXIST;
        if (good && spill(path, "cgroup.procs", text))
            continue;
        snprintf(s->why[k], sizeof s->why[k], "%.150s: %s", path, strerror(errno));
        s->version[k] = 0;
        rmdir(path);
    }
    return s->version[CGROUP_MEMORY] != 0;
}

/* Ends whatever lives in the group: one write from 5.14 on, else one by one. */
static void empty(const char *path)
{
    char list[16384];
    if (spill(path, "cgroup.kill", "1"))
        return;
    if (slurp(path, "cgroup.procs", list, sizeof list))
        for (char *at = strtok(list, "\n"); at; at = strtok(NULL, "\n"))
            if (atoi(at) > 1)
                kill(atoi(at), SIGKILL);
}

void cgroup_remove(const cgroup_site_t *s, int i)
{
    char path[600];
    for (int k = 0; k < CGROUP_KINDS; k++) {
        if (!s->version[k])
            continue;
        snprintf(path, sizeof path, "%s/aletheia-%d-%d", s->dir[k], s->pid, i);
        for (int round = 0; round < 200 && rmdir(path) < 0 && errno == EBUSY; round++) {
            empty(path);
            nanosleep(&(struct timespec){0, 1000000}, NULL);
        }
    }
}

void cgroup_print(text_t *t, const int *version)
{
    static const char *const names[CGROUP_KINDS] = {"memory", "pids", "cpu"};
    for (int v = 1; v <= 2; v++) {
        int n = 0;
        for (int k = 0; k < CGROUP_KINDS; k++)
            if (version[k] == v)
                text_addf(t, "%s%s", n++ ? " " : v == 1 ? "+cgroup-v1(" : "+cgroup-v2(", names[k]);
        text_add(t, n ? ")" : "");
    }
}
