/* Inside floor 5: the keeper's own process. */
#pragma once
#include "sandbox/box/box.h"
#include "sandbox/process.h"
#include "store.h"

enum { WARDEN_MOST = 256, WARDEN_CORES = 1024 };

typedef struct {
    char *bytes;
    size_t n;
    int64_t ticket;
    int n_test, attempts;
    double allowance;
    done_t *have; /* answers of launchers that could not finish it; NULL: all in one piece so far */
    int *left;    /* with it: which tests of the whole job `bytes` holds now */
} work_t;

typedef struct {
    pid_t pid; /* 0: not running */
    pipe_end_t to;
    int ready, grouped; /* grouped: has had a control group */
    work_t *work;       /* NULL: idle */
    double deadline, heard;
    int stopped;  /* looks in a row that found it stopped */
    char *folder; /* degraded: its scratch, removed when it ends */
} launcher_t;

typedef struct {
    pipe_end_t rank;
    int nursery, lost_ms;
    double look_at, turned, hold; /* hold: nothing is given out before */
    int64_t restarts, repeated;   /* told to the rank */
    int configured, pin, n_core, core[WARDEN_CORES];
    limits_t limits;
    int modes, degraded, grouped; /* grouped: site is known */
    cgroup_site_t site;
    struct alone *alone; /* shared with the launchers */
    int launchers, info_wanted, stands, probed, failures;
    char *mode;
    languages_t languages;
    store_t *store;
    launcher_t l[WARDEN_MOST];
    work_t **queue; /* first in, first out: [head, n) */
    int head, n_queue, cap_queue;
} warden_t;

/* warden.c.  fd: the rank's socket; nursery: where new spares are announced. */
_Noreturn void warden_main(int fd, int nursery, int launchers, int spare);
/* warden_launch.c */
void warden_launch(warden_t *w, int i); /* launcher i; its failures are counted in w */
int warden_place(const warden_t *w, int i, pid_t pid); /* onto its cores; pid 0: this process */
int warden_ungrouped(const warden_t *w); /* a control group is required and is not to be had */
void warden_leave_groups(warden_t *w);
void warden_end(warden_t *w, launcher_t *l); /* kills it, with all it runs */
/* warden_jobs.c */
void warden_take(warden_t *w, const wire_in_t *in); /* a job from the rank */
void warden_give(warden_t *w, launcher_t *l);       /* the first of the queue */
/* what a launcher says, or that it is lost */
void warden_hear(warden_t *w, launcher_t *l, int readable);
void warden_refuse(warden_t *w);                 /* no sandbox: everything is a fault */
void warden_cancel(warden_t *w, int64_t ticket); /* < 0: all */
