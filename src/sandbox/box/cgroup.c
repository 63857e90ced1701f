/* Control groups, where some are to be had: the launcher's side of one.

   Every launcher lives in a group of its own together with the guests it starts, which
   are born there: no process is moved per run (that costs milliseconds), and nothing a
   guest does leaves the group.  Now and then the memory in use is read and the limit set
   to that plus the guest's and a margin (written only when it moved by megabytes); during
   and after it the count of kills says whether the kernel had to end somebody.  The margin
   is for what a guest is not to be blamed for: a bomb of failing forks alone has tens of
   megabytes on their way back.  Resident memory is held to the limit itself, by looking
   at it (measure.c), as in all modes.  The launcher and
   Python's helpers are never whom it takes: a guest's oom_score_adj is 1000, theirs less,
   and the difference weighs as much as half of the limit.  For the same reason
   memory.oom.group stays off: it would take the launcher along.  Between two jobs, when
   no guest is there, there is no limit: the next job may be larger than any guest may be.

   What a group sees and /proc does not: kernel memory (pipes, socket buffers, page
   tables), shared pages without a mapping, files in the scratch, and the CPU time of
   processes that lived and died between two looks.

     kind     v1                                       v2
     memory   memory.limit_in_bytes, oom_control   memory.max, swap.max, events
     pids     pids.max                                 pids.max
     cpu      cpuacct.usage                            cpu.stat

   The group's peak is not used: it has the page cache and the launcher in it, and most
   kernels cannot reset it.  Cost: nothing for a run that ends before the first look at it
   (5 ms), two small reads per look and run after that, 2 us each. */
#include "cgroup.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    STEP_KB = 4096,      /* limits move in steps of this */
    NONE_KB = INT32_MAX, /* 2 TiB: no limit */
    KERNEL_KB = 65536,   /* what the kernel takes and has not given back yet */
    OFTEN = 16
}; /* runs after which memory in use is read again */

static int64_t number(int fd)
{
    char text[64];
    ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
    if (n <= 0)
        return -1;
    text[n] = 0;
    return strtoll(text, NULL, 10);
}

/* The number behind a word that begins a line. */
static int64_t field(int fd, const char *word)
{
    char text[4096];
    size_t n_word = strlen(word);
    ssize_t n = fd < 0 ? -1 : pread(fd, text, sizeof text - 1, 0);
    if (n <= 0)
        return -1;
    text[n] = 0;
    for (const char *at = text; at; at = (at = strchr(at, '\n')) ? at + 1 : NULL)
        if (!strncmp(at, word, n_word) && at[n_word] == ' ')
            return strtoll(at + n_word + 1, NULL, 10);
    return -1;
}

static int put(int fd, int64_t x)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%lld", (long long)x);
    return fd >= 0 && pwrite(fd, text, (size_t)n, 0) == n;
}

static int open_one(const cgroup_site_t *s, cgroup_kind_t k, int i, const char *name, int flags)
{
    char path[600];
    snprintf(path, sizeof path, "%s/aletheia-%d-%d/%s", s->dir[k], s->pid, i, name);
    return open(path, flags | O_CLOEXEC);
}

void cgroup_open(cgroup_t *c, const cgroup_site_t *s, int i)
{
    *c = (cgroup_t){.usage = -1, .limit = -1, .swap = -1, .events = -1, .pids = -1, .cpu = -1};
    if (!s)
        return;
    memcpy(c->version, s->version, sizeof c->version);
    int v = c->version[CGROUP_MEMORY];
    const cgroup_kind_t m = CGROUP_MEMORY;
    if (v) {
        c->usage = open_one(s, m, i, v == 1 ? "memory.usage_in_bytes" : "memory.current", O_RDONLY);
        c->limit = open_one(s, m, i, v == 1 ? "memory.limit_in_bytes" : "memory.max", O_RDWR);
        c->swap =
            open_one(s, m, i, v == 1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max", O_RDWR);
        c->events = open_one(s, m, i, v == 1 ? "memory.oom_control" : "memory.events", O_RDONLY);
        if (c->usage < 0 || c->limit < 0 || c->events < 0)
            c->version[m] = 0;
        if (v == 2 && c->swap >= 0)
            put(c->swap, 0);
    }
    if (c->version[CGROUP_PIDS])
        c->pids = open_one(s, CGROUP_PIDS, i, "pids.max", O_RDWR);
    if ((v = c->version[CGROUP_CPU]))
        c->cpu = open_one(s, CGROUP_CPU, i, v == 1 ? "cpuacct.usage" : "cpu.stat", O_RDONLY);
    c->killed = c->version[m] ? field(c->events, "oom_kill") : -1;
    c->version[CGROUP_PIDS] *= c->pids >= 0;
    c->version[CGROUP_CPU] *= c->cpu >= 0;
}

static int64_t cpu_now(const cgroup_t *c)
{
    int64_t x = c->version[CGROUP_CPU] == 1 ? number(c->cpu) : field(c->cpu, "usage_usec");
    return x >= 0 && c->version[CGROUP_CPU] == 1 ? x / 1000 : x;
}

/* v1 wants the limit of memory never above that of memory with swap. */
static void set_limit(cgroup_t *c, int64_t kb)
{
    int swap = c->version[CGROUP_MEMORY] == 1 ? c->swap : -1;
    if (kb > c->limit_kb)
        put(swap, kb * 1024);
    if (put(c->limit, kb * 1024))
        c->limit_kb = kb;
    put(swap, kb * 1024);
}

void cgroup_rest(cgroup_t *c)
{
    if (!c->version[CGROUP_MEMORY] || c->limit_kb == NONE_KB)
        return;
    set_limit(c, NONE_KB);
    c->runs = 0;
}

void cgroup_begin(cgroup_t *c, const limits_t *l, int64_t own_kb)
{
    c->oom = 0;
    int64_t least = l->memory_kb + own_kb + KERNEL_KB;
    if (c->version[CGROUP_MEMORY] && (c->runs++ % OFTEN == 0 || c->least_kb != least)) {
        int64_t used = number(c->usage);
        int64_t want = (used < 0 ? 0 : used / 1024) + least;
        want += STEP_KB - want % STEP_KB;
        if (want > c->limit_kb || want < c->limit_kb - 2 * STEP_KB)
            set_limit(c, want);
        c->least_kb = least;
    }
    if (c->pids >= 0 && c->processes != l->processes && put(c->pids, l->processes + BOX_OTHERS))
        c->processes = l->processes;
    c->cpu_us = -1;
}

int cgroup_oom(cgroup_t *c)
{
    int64_t now = c->version[CGROUP_MEMORY] ? field(c->events, "oom_kill") : -1;
    if (now > c->killed)
        c->oom = 1;
    c->killed = now;
    return c->oom;
}

int64_t cgroup_cpu_us(cgroup_t *c)
{
    int64_t now = c->version[CGROUP_CPU] ? cpu_now(c) : -1;
    if (now >= 0 && c->cpu_us < 0)
        c->cpu_us = now;
    return now < 0 ? -1 : now - c->cpu_us;
}
