/* The run directory.

       RUN/deck.in  log.txt  run.h5  ckpt/step-*.h5  rollout/step-*.h5  stop

   One rank makes it, all wait.  A directory in which a run has begun is refused unless
   run.resume = yes (one where an attempt ended before its first step, say because it
   did not fit, is not); with it, an absent or empty directory is simply begun, so that
   one command line starts a job, and continues it after every requeue.  A run that was
   killed before its first checkpoint starts over in place: nothing that it wrote is in
   the way.  RUN/stop asks a running program to save and end; it is taken away when that
   has been done. */
#include "rl.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A run has begun here when it has metrics (written first of all) or a checkpoint. */
static int begun(const char *dir)
{
    text_t path = {0};
    text_addf(&path, "%s/run.h5", dir);
    int there = access(path.s, F_OK) == 0;
    text_clear(&path);
    text_addf(&path, "%s/ckpt", dir);
    there |= access(path.s, F_OK) == 0 && ckpt_newest(path.s) >= 0;
    text_reset(&path);
    return there;
}

static void make(const char *path)
{
    if (mkdir(path, 0777) && errno != EEXIST)
        fail(errno == ENOSPC ? CODE_FIT : CODE_USAGE, "%s: cannot make this folder (run.dir): %s",
             path, strerror(errno));
}

/* mkdir -p */
static void make_all(const char *path)
{
    char *copy = mem_text(path);
    for (char *slash = strchr(copy + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        make(copy);
        *slash = '/';
    }
    make(copy);
    mem_free(copy);
}

static int prepare(const char *dir, int resume)
{
    struct stat st;
    if (stat(dir, &st) == 0 && !S_ISDIR(st.st_mode))
        fail(CODE_USAGE, "%s: run.dir names something that is not a folder", dir);
    if (!resume && begun(dir))
        fail(CODE_USAGE,
             "%s already holds a run; a run is never overwritten: add run.resume=yes to "
             "continue "
             "it, choose another run.dir, or remove that folder",
             dir);
    text_t path = {0};
    make_all(dir);
    text_addf(&path, "%s/ckpt", dir);
    make(path.s);
    int there = ckpt_newest(path.s) >= 0;
    text_clear(&path);
    text_addf(&path, "%s/rollout", dir);
    make(path.s);
    text_reset(&path);
    return there;
}

void rundir_deck(group_t *g, const char *dir, const char *deck)
{
    text_t path = {0};
    if (group_rank(g))
        return;
    text_addf(&path, "%s/deck.in", dir);
    int bad = text_write_file(path.s, deck, strlen(deck));
    if (bad)
        fail(bad == ENOSPC ? CODE_FIT : CODE_USAGE, "%s: cannot write: %s", path.s, strerror(bad));
    text_reset(&path);
}

int rundir_prepare(group_t *g, const char *dir, int resume)
{
    int there = 0;
    if (group_rank(g) == 0)
        there = prepare(dir, resume);
    comm_bcast(g, &there, sizeof there, 0);
    return there;
}

char *rundir_path(const deck_t *d, const char *deck_path)
{
    const char *slash = strrchr(deck_path, '/'), *base = slash ? slash + 1 : deck_path;
    size_t n = strlen(base);
    if (n > 3 && !strcmp(base + n - 3, ".in"))
        n -= 3;
    text_t out = {0};
    for (const char *p = deck_text(d, "run.dir"); *p; p++)
        if (p[0] == '%' && p[1] == 'n')
            text_addn(&out, base, n), p++;
        else
            text_addn(&out, p, 1);
    char *dir = mem_text(out.s ? out.s : "");
    text_reset(&out);
    if (!*dir)
        fail(CODE_USAGE, "run.dir is empty; give the folder that this run is to live in");
    return dir;
}
