/* Which cores launchers run on.

   A rank's cores are those that sched_getaffinity names after MPI has started: mpirun
   and srun bind a process before it begins, some MPIs bind it while they start, and the
   keeper, which is older than MPI, cannot know.  Every rank tells the others its host
   and its set once.

   A grader gives each launcher one core of its own set, and so no core of a compute rank
   where ranks are bound.  Where they are not, ranks of a node have the same set: the
   graders there then take theirs from its end, one behind the other, each core once, and
   compute ranks, which begin at its start, are left alone as long as there is room.  If
   the launchers of a node's graders are more than the cores of the set, or sets overlap
   without being the same, launchers are not pinned: they stay within the set, and the
   kernel spreads them.  The keeper of a rank that computes too is not pinned either: its
   programs run on whatever that rank leaves idle. */
#include "grade.h"
#include <sched.h>
#include <string.h>
#include <unistd.h>

enum { CORES = 1024 };

typedef struct {
    char host[256];
    unsigned char set[CORES / 8];
    int is_grader, launchers;
} seat_t;

static int has(const seat_t *s, int core)
{
    return s->set[core / 8] >> core % 8 & 1;
}

static int meets(const seat_t *a, const seat_t *b)
{
    int both = 0;
    for (int i = 0; i < CORES / 8; i++)
        both |= a->set[i] & b->set[i];
    return both && !strcmp(a->host, b->host);
}

static seat_t *seats(group_t *world, int is_grader, const keeper_t *k)
{
    seat_t mine = {.is_grader = is_grader, .launchers = k ? keeper_launchers(k) : 0};
    seat_t *all = ALLOC(seat_t, group_size(world));
    cpu_set_t *s = CPU_ALLOC(CORES);
    gethostname(mine.host, sizeof mine.host - 1);
    if (sched_getaffinity(0, CPU_ALLOC_SIZE(CORES), s) == 0)
        for (int c = 0; c < CORES; c++)
            if (CPU_ISSET_S((size_t)c, CPU_ALLOC_SIZE(CORES), s))
                mine.set[c / 8] |= (unsigned char)(1 << c % 8);
    CPU_FREE(s);
    comm_allgather(world, all, &mine, sizeof mine);
    return all;
}

int place_share(group_t *world)
{
    seat_t *all = seats(world, 0, NULL), *mine = &all[group_rank(world)];
    int cores = 0, ranks = 0;
    for (int c = 0; c < CORES; c++)
        cores += has(mine, c);
    for (int r = 0; r < group_size(world); r++)
        ranks += meets(mine, &all[r]);
    mem_free(all);
    return cores > ranks && ranks ? cores / ranks : 1;
}

void place_launchers(group_t *world, int is_grader, keeper_t *k)
{
    seat_t *all = seats(world, is_grader, k), *mine = &all[group_rank(world)];
    int core[CORES], n = 0, before = 0, together = 0, same = 1;
    for (int c = CORES - 1; c >= 0; c--)
        if (has(mine, c))
            core[n++] = c;
    for (int r = 0; r < group_size(world); r++) {
        if (!all[r].is_grader || !meets(mine, &all[r]))
            continue;
        same &= !memcmp(mine->set, all[r].set, sizeof mine->set);
        together += all[r].launchers;
        before += r < group_rank(world) ? all[r].launchers : 0;
    }
    if (k && n && is_grader && same && together <= n)
        keeper_place(k, core + before, mine->launchers, 1);
    else if (k && n)
        keeper_place(k, core, n, 0);
    mem_free(all);
}
