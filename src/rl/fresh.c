/* Training data that did not exist before the step.

   For every step `problems` problems are drawn (numbers step * problems + j of the
   train split's range), all their programs are executed, and lists are made of what
   execution said.  The programs of step t+1 are executed while step t generates and
   learns: fresh_begin sends them to the graders (or to each rank's own sandboxes in the
   background), fresh_poll moves answers along between decode steps, fresh_take waits
   for the rest.  Drawing is a pure function of (seed, number): a resumed run draws the
   same again.

   A fault of the sandbox is never a label: a program with one has no pass rate, so no
   list uses it.  More than one fault in a hundred runs ends the run.

   A run that is to stop waits for no execution: a rank that waits, or whose own programs
   are done while others' are not, looks for the wish to stop all the while; one that
   leaves the wait says so to the others, so that all leave it together, and what runs is
   cancelled, its processes killed.

   Memory: two steps' problems.  Communication: take is collective over the compute
   ranks, and all of them end with the same bank. */
#include "rl.h"
#include <time.h>

struct fresh {
    draw_t draw;
    limits_t limits;
    grading_t *g;
    group_t *talk; /* clients: who left the wait */
    uint64_t seed;
    int problems, lists;
    bank_t now, next;
    int64_t step; /* whose problems are in next; -1: nobody's */
    grading_work_t *work;
};

fresh_t *fresh_new(const deck_t *d, grading_t *g, int prompts)
{
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
    f->step = -1;
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
    group_free(f->talk);
    mem_free(f);
}

void fresh_begin(fresh_t *f, int64_t step)
{
    ASSERT(!f->work);
    f->step = step;
    for (int j = 0; j < f->problems; j++)
        draw_problem(&f->next, &f->draw, (int)(step * f->problems + j));
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

const bank_t *fresh_take(fresh_t *f, int64_t step, int (*stop)(void *), void *ctx)
{
    if (f->step != step) {
        if (f->work)
            grading_bank_drop(f->work);
        f->work = NULL;
        bank_free(&f->next);
        f->next = (bank_t){0};
        fresh_begin(f, step);
    }
    if (wait_all(f, stop, ctx))
        return NULL;
    grading_bank_finish(f->work, &f->next);
    f->work = NULL;
    grading_stats_t s = grading_stats(f->g);
    if (s.faults > 10 && s.faults * 100 > s.runs)
        fail(CODE_FAULT,
             "%lld of %lld runs of programs failed through our own fault: the sandbox is "
             "broken; "
             "`aletheia exec` shows one at a time",
             (long long)s.faults, (long long)s.runs);
    int n = f->next.n_problem;
    for (int i = 0; i < n; i++)
        lists_make(&f->next, i, SUITE_TRAIN, f->lists, f->seed + (uint64_t)step);
    bank_free(&f->now);
    f->now = f->next;
    f->next = (bank_t){0};
    f->step = -1;
    return &f->now;
}
