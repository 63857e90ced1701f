/* Threads on a machine that others use too.

   An operation ends when its last thread has; the others wait for it, a hundred times a token, and
   spin meanwhile, which on a core of one's own is the fastest way to wait.  Where another process
   wants one of the cores, a thread of ours stands in line there for some milliseconds while the
   others spin: the scheduler sees nothing but busy cores, moves nothing, and an operation of ten
   microseconds takes as long as the other's turn.  (To sleep sooner frees a core, but costs a tenth
   of the speed where nobody else is there: operations are that short.)

   So every WINDOW the kernel is asked how long threads of this process stood in line
   (/proc/self/task/N/schedstat, its second number).  Where that is more than SHARE of the time,
   as many threads fewer do the work for HOLD seconds, and then all of them again for a window, to
   see.  One core's work is lost, not everybody's, and bits do not depend on the number of threads.
   Where the kernel does not tell, nothing is done.

   Cost: a look at the clock for every product, a file of each thread every WINDOW. */
#include "backend/cpu/cpu.h"
#include <dirent.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#define WINDOW 0.05
#define HOLD   1.0
#define SHARE  0.2

/* Seconds that all threads have stood in line so far; below 0 where the kernel does not say. */
static double stood_in_line(void)
{
    double sum = 0;
    DIR *d = opendir("/proc/self/task");
    if (!d)
        return -1;
    for (struct dirent *e; (e = readdir(d));) {
        char path[300];
        double ran, stood;
        snprintf(path, sizeof path, "/proc/self/task/%s/schedstat", e->d_name);
        FILE *f = e->d_name[0] == '.' ? NULL : fopen(path, "r");
        if (f && fscanf(f, "%lf %lf", &ran, &stood) == 2)
            sum += stood * 1e-9;
        if (f)
            fclose(f);
    }
    closedir(d);
    return sum;
}

static struct {
    double until, from, stood; /* when to look again, since when, how long they had stood then */
    int wanted, now, said;     /* threads: what was set, and what we made of it (0: nothing) */
} state;

/* All threads, watched from now on. */
static void watch(void)
{
    if (state.now && omp_get_max_threads() == state.now) /* nobody has set another number */
        omp_set_num_threads(state.wanted);
    state.now = 0;
    state.from = clock_now();
    state.until = state.from + WINDOW;
    state.stood = stood_in_line();
}

void busy_look(void)
{
    int threads = omp_get_max_threads();
    if (threads == 1 && !state.now)
        return;
    double now = clock_now();
    if (now < state.until)
        return;
    double busy = stood_in_line() - state.stood, passed = now - state.from;
    int fresh = state.until == 0 || state.now || state.stood < 0;
    if (fresh || busy < SHARE * passed) {
        watch();
        return;
    }
    int fewer = (int)(busy / passed + 0.5);
    state.wanted = threads;
    state.now = threads - (fewer < 1 ? 1 : fewer);
    state.now = state.now < 1 ? 1 : state.now;
    state.until = now + HOLD;
    omp_set_num_threads(state.now);
    if (!state.said++)
        log_warn(
            "this machine is busy: other processes kept threads of this rank from running for %.0f%% of "
            "the time, and the others waited; fewer threads work while that lasts.  Fewer threads "
            "a rank (OMP_NUM_THREADS), or cores of its own, avoid it",
            100 * busy / passed);
}
