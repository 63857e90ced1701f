/* Inside floor 5: control groups, where some are to be had. */
#pragma once
#include "sandbox.h"
#include <sys/types.h>

/* Processes that count like a guest's: the launcher, process 1 of the run, the zygote and up to
   four programs it has loaded, a test program's two; and the run's own first one, beside which it
   may start as many as the limit says.  Fewer: without namespaces there is neither process 1 nor
   zygote. */
enum { BOX_OTHERS = 10, BOX_FEWER = 4 };
typedef enum { CGROUP_MEMORY, CGROUP_PIDS, CGROUP_CPU, CGROUP_KINDS } cgroup_kind_t;

/* What this machine lets us have: for each kind the folder under which launchers' groups are
   made. */
typedef struct {
    int version[CGROUP_KINDS]; /* 0 (none), 1 or 2 */
    char dir[CGROUP_KINDS][400];
    char why[CGROUP_KINDS][200]; /* of a kind that is not to be had */
    int pid;                     /* of the keeper: part of the groups' names */
} cgroup_site_t;

/* One launcher's group, as the launcher sees it: open files and what they said before a run. */
typedef struct {
    int version[CGROUP_KINDS];
    int usage, limit, swap, events, pids, cpu; /* descriptors, -1: none */
    int64_t limit_kb, least_kb, processes, killed, cpu_us;
    int runs, oom;
} cgroup_t;

/* The keeper's side.  root: "", or a folder that stands for / (tests). */
/* also removes what dead keepers left; changes nothing else */
void cgroup_find(cgroup_site_t *s, const char *root);
/* the same, and v2: makes room for groups.  1: memory is bounded */
int cgroup_take(cgroup_site_t *s, const char *root);
/* makes launcher i's group, moves it in; kinds that fail are given up */
int cgroup_enter(cgroup_site_t *s, int i, pid_t pid);
void cgroup_remove(const cgroup_site_t *s, int i); /* whatever lives in it is killed */
void cgroup_print(text_t *t, const int *version);  /* "cgroup v1 (memory, pids, cpu)", "" if none */

/* The launcher's side. */
void cgroup_open(cgroup_t *c, const cgroup_site_t *s, int i); /* NULL: none */
/* before a run; own_kb: what the launcher may allocate meanwhile */
void cgroup_begin(cgroup_t *c, const limits_t *l, int64_t own_kb);
void cgroup_rest(cgroup_t *c); /* no guest is there: the launcher may hold what it wants */
int cgroup_oom(cgroup_t *c);   /* processes that the kernel has killed since, for want of memory */
/* since the first time that it was asked in this run; -1: not known */
int64_t cgroup_cpu_us(cgroup_t *c);
