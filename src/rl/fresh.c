/* Training data that did not exist before the step.

   A unit is `problems` problems (numbers unit * problems + j of the train split's range):
   what one step's prompts are made of.  All their programs are executed, and lists are
   made of what execution said.  A block of several steps takes several units at once, a
   further round of sampling one more.  The programs of the units that come next are
   executed while this block is sampled and learned: fresh_begin sends them to the graders
   (or to each rank's own sandboxes in the background), fresh_poll moves answers along
   between decode steps, fresh_take waits for the rest.  Drawing is a pure function of
   (seed, unit): a resumed run draws the same again, and executes nothing again: every
   verdict is in the journals of RUN/verdicts as soon as it is known, and in
   RUN/verdicts/step-*.h5 with the checkpoint of that name.  Programs are executed at most
   a block before they are used, so a run that goes on at step s reads the files from s
   on, and the journals.  Other jobs may read them too (sandbox.verdicts).

   A fault of the sandbox is never a label: a program with one has no pass rate, so no
   list uses it.  More faults than sandbox.fault_rate end the run.

   A run that is to stop waits for no execution: a rank that waits, or whose own programs
   are done while others' are not, looks for the wish to stop all the while; one that
   leaves the wait says so to the others, so that all leave it together, and what runs is
   cancelled, its processes killed.

   Memory: two blocks' problems, and up to a million verdicts.  Communication: take is
   collective over the compute ranks, and all of them end with the same bank. */
#include "rl.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { KNOWN_MOST = 1 << 20 };

struct fresh {
    draw_t draw;
    limits_t limits;
    grading_t *g;
    group_t *talk; /* clients: who left the wait */
    uint64_t seed;
    int problems, lists, skip_bad;
    bank_t now, next;
    int64_t unit; /* first unit of next; -1: none */
    int units;    /* of next */
    grading_work_t *work;
    known_t *known; /* NULL until the first step */
    char *folder, *stores, *deck_text;
};

/* The store: what this run executed before, from step on, and what the deck points at. */
static void open_store(fresh_t *f, int64_t step)
{
    group_t *g = grading_clients(f->g);
    text_t path = {0};
    char from[32];
    if (group_rank(g) == 0 && mkdir(f->folder, 0777) && errno != EEXIST)
        fail(errno == ENOSPC ? CODE_FIT : CODE_USAGE, "%s: cannot make this folder: %s", f->folder,
             strerror(errno));
    comm_barrier(g);
    text_addf(&path, "%s/journal", f->folder);
    snprintf(from, sizeof from, "step-%08lld.h5", (long long)step);
    f->known = known_open(g, path.s);
    known_keep(f->known);
    known_read(f->known, f->g, &f->limits, f->folder, from, f->skip_bad);
    if (known_count(f->known))
        log_line("verdicts     %lld of this run are known from before",
                 (long long)known_count(f->known));
    known_read(f->known, f->g, &f->limits, f->stores, NULL, f->skip_bad);
    grading_know(f->g, f->known);
    text_reset(&path);
}

fresh_t *fresh_new(const deck_t *d, grading_t *g, const char *dir, int prompts)
{
    text_t deck = {0}, folder = {0};
    fresh_t *f = ALLOC(fresh_t, 1);
    draw_read(&f->draw, d, SUITE_TRAIN);
    f->limits = limits_read(d);
    f->g = g;
    f->talk = group_split(grading_clients(g), 0, group_rank(grading_clients(g)));
    f->seed = (uint64_t)deck_int(d, "run.seed");
    f->problems = (int)deck_int(d, "data.fresh_problems");
    if (!f->problems)
        f->problems = prompts;
    f->lists = (int)deck_int(d, "data.fresh_lists");
    f->skip_bad = deck_flag(d, "sandbox.skip_bad");
    f->unit = -1;
    deck_write(d, &deck);
    text_addf(&folder, "%s/verdicts", dir);
    f->deck_text = deck.s, f->folder = folder.s;
    f->stores = mem_text(deck_text(d, "sandbox.verdicts"));
    double steps = (double)deck_int(d, "run.steps"), room = draw_capacity(&f->draw);
    if (steps * f->problems > room)
        log_warn("%.0f problems will be drawn, but at least %.0f distinct ones are known "
                 "to exist: some may "
                 "return; raise problems.difficulty or add families",
                 steps * f->problems, room);
    return f;
}

void fresh_free(fresh_t *f)
{
    if (f->work)
        grading_bank_drop(f->work);
    bank_free(&f->now);
    bank_free(&f->next);
    grading_know(f->g, NULL);
    known_free(f->known);
    mem_free(f->deck_text);
    mem_free(f->folder);
    mem_free(f->stores);
    group_free(f->talk);
    mem_free(f);
}

void fresh_save(fresh_t *f, int64_t step)
{
    text_t path = {0};
    if (!f->known)
        return;
    text_addf(&path, "%s/step-%08lld.h5", f->folder, (long long)step);
    known_save(f->known, grading_clients(f->g), path.s, f->deck_text);
    text_reset(&path);
}

static void drop_next(fresh_t *f)
{
    if (f->work)
        grading_bank_drop(f->work);
    f->work = NULL;
    bank_free(&f->next);
    f->next = (bank_t){0};
    f->unit = -1;
}

void fresh_begin(fresh_t *f, int64_t unit, int units, int64_t step)
{
    if (f->unit == unit && f->units >= units)
        return;
    drop_next(f);
    f->unit = unit, f->units = units;
    if (!f->known)
        open_store(f, step);
    known_trim(f->known, KNOWN_MOST);
    meanings_t *seen = meanings_new();
    for (int j = 0; j < units * f->problems; j++)
        draw_distinct(&f->next, &f->draw, (int)(unit * f->problems + j), seen);
    meanings_free(seen);
    f->work = grading_bank_begin(f->g, &f->next, &f->limits, 0, -1, NULL);
}

void fresh_poll(fresh_t *f)
{
    if (f->work)
        grading_bank_poll(f->work);
}

static int who_left(fresh_t *f)
{
    size_t n;
    int from, tag, left = 0;
    for (char *m; (m = mail_poll(f->talk, &n, &from, &tag)); mem_free(m))
        left++;
    return left;
}

/* Until all ranks' programs are done; 1: the run is to stop before that. */
static int wait_all(fresh_t *f, int (*stop)(void *), void *ctx)
{
    int ranks = group_size(f->talk), me = group_rank(f->talk), left = 0, said = 0;
    double stopped = 0;
    while ((!said || left < ranks - 1) && !stopped) {
        int busy = grading_bank_poll(f->work) < 1;
        stopped = stop && stop(ctx);
        for (int i = 0; !busy && !said && i < ranks; i++)
            if (i != me)
                mail_post(f->talk, i, 1, "", 1);
        said |= !busy;
        left += who_left(f);
        if (busy || left < ranks - 1)
            nanosleep(&(struct timespec){0, 500000}, NULL);
    }
    for (int i = 0; !said && i < ranks; i++)
        if (i != me)
            mail_post(f->talk, i, 1, "", 1);
    while (left < ranks - 1)
        left += who_left(f);
    comm_max_f64(f->talk, &stopped, 1);
    return stopped > 0;
}

const bank_t *fresh_take(fresh_t *f, int64_t unit, int units, int64_t step, int (*stop)(void *),
                         void *ctx)
{
    fresh_begin(f, unit, units, step);
    if (wait_all(f, stop, ctx))
        return NULL;
    grading_bank_finish(f->work, &f->next);
    f->work = NULL;
    grading_stats_t s = grading_stats(f->g);
    if (s.faults > 10 && (double)s.faults > (double)s.runs * grading_fault_rate(f->g))
        fail(CODE_FAULT,
             "%lld of %lld runs of programs failed through our own fault: the sandbox is "
             "broken; "
             "`aletheia exec` shows one at a time",
             (long long)s.faults, (long long)s.runs);
    int n = f->next.n_problem;
    for (int i = 0; i < n; i++)
        lists_make(&f->next, i, SUITE_TRAIN, f->lists,
                   f->seed + (uint64_t)(unit + i / f->problems));
    bank_free(&f->now);
    f->now = f->next;
    f->next = (bank_t){0};
    f->unit = -1;
    return &f->now;
}

int fresh_unit(const fresh_t *f, const bank_t *b, int list)
{
    return b->list[list].problem / f->problems;
}
