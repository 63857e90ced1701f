/* Executing a bank while somebody watches: how far it is, and the wish to stop.

   Clients tell rank 0 by mail how far they are; one that is asked to stop tells it too,
   and rank 0 tells all.  Each says END when it has nothing more to do (or was stopped),
   and rank 0 ends the talk with OVER when it has heard all of them: no mail is left
   behind.  Stopped work is dropped where it is.  Then every client has the same
   (bank_end.c), and graders, who have no store, get it by a broadcast. */
#include "bank_work.h"
#include <string.h>
#include <time.h>

enum { TAG_COUNT = 1, TAG_STOP, TAG_END, TAG_OVER };

typedef struct {
    grading_work_t *w;
    const grading_watch_t *watch;
    group_t *talk;
    grading_progress_t *of;  /* rank 0: [clients], as last told */
    int n_ended, incomplete; /* rank 0: who said END; any of them stopped early */
    int told, over;          /* told rank 0 (or, as rank 0, all) to stop; OVER has come */
    double next;
} talk_t;

static grading_progress_t progress_of(const grading_work_t *w)
{
    return (grading_progress_t){w->n_done, w->n_total, w->n_executed, w->n_known};
}

static void show(talk_t *t)
{
    grading_progress_t sum = progress_of(t->w);
    for (int i = 1; i < t->w->n_client; i++) {
        sum.done += t->of[i].done;
        sum.total += t->of[i].total;
        sum.executed += t->of[i].executed;
        sum.known += t->of[i].known;
    }
    if (t->watch->progress)
        t->watch->progress(t->watch->ctx, &sum);
}

static void listen(talk_t *t)
{
    size_t n;
    int from, tag;
    for (char *m; t->w->n_client > 1 && (m = mail_poll(t->talk, &n, &from, &tag)); mem_free(m)) {
        t->w->stop |= tag == TAG_STOP;
        t->n_ended += tag == TAG_END;
        if ((tag == TAG_COUNT || tag == TAG_END) && n == sizeof *t->of + 1) {
            memcpy(&t->of[from], m, sizeof *t->of);
            t->incomplete |= m[n - 1];
        }
        if (tag == TAG_OVER)
            t->over = 1, t->incomplete = m[0];
    }
}

static void tell(talk_t *t, int tag, int incomplete)
{
    char m[sizeof(grading_progress_t) + 1];
    grading_progress_t p = progress_of(t->w);
    memcpy(m, &p, sizeof p);
    m[sizeof p] = (char)incomplete;
    if (t->w->me)
        mail_post(t->talk, 0, tag, m, sizeof m);
}

/* Now and then: is a stop asked for, how far are we. */
static void look(talk_t *t)
{
    double now = clock_now();
    if (now < t->next)
        return;
    t->next = now + 0.1;
    listen(t);
    t->w->stop |= t->watch->stop && t->watch->stop(t->watch->ctx);
    if (t->w->stop && !t->told) {
        t->told = 1;
        for (int i = t->w->me ? 0 : 1; i < (t->w->me ? 1 : t->w->n_client); i++)
            mail_post(t->talk, i, TAG_STOP, "", 1);
    }
    if (t->w->me)
        tell(t, TAG_COUNT, 0);
    else
        show(t);
}

/* 1: stopped before everything was done, on any client. */
static int watch_work(grading_work_t *w, const grading_watch_t *watch)
{
    talk_t t = {.w = w, .watch = watch};
    t.talk = group_split(grading_clients(w->g), 0, w->me);
    t.of = ALLOC(grading_progress_t, w->n_client);
    double part = 0;
    while (!w->stop && (part = grading_bank_poll(w)) < 1) {
        look(&t);
        grading_wait(w->g, 2);
    }
    t.incomplete |= part < 1;
    tell(&t, TAG_END, t.incomplete);
    while (w->me ? !t.over : t.n_ended < w->n_client - 1) {
        t.next = t.next > clock_now() + 0.01 ? 0 : t.next;
        if (w->me)
            listen(&t);
        else
            look(&t);
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    char m = (char)t.incomplete;
    for (int i = 1; !w->me && i < w->n_client; i++)
        mail_post(t.talk, i, TAG_OVER, &m, 1);
    if (!w->me)
        show(&t);
    mail_flush(t.talk);
    group_free(t.talk);
    mem_free(t.of);
    return t.incomplete;
}

/* Of the first client that has one. */
static void first_why(const grading_work_t *w, char why[256])
{
    char *all = ALLOC(char, 256 * w->n_client);
    comm_allgather(grading_clients(w->g), all, w->why, sizeof w->why);
    for (int i = 0; i < w->n_client && !*why; i++)
        memcpy(why, all + 256 * i, 256);
    mem_free(all);
}

static grading_made_t run(grading_t *g, group_t *world, bank_t *b, const limits_t *l, int first,
                          int n, const grading_watch_t *watch)
{
    text_t all = {0};
    grading_made_t made = {0};
    if (grading_is_grader(g)) {
        grading_serve(g);
    } else {
        grading_work_t *w = work_begin(g, b, l, first, n, NULL, watch);
        made.stopped = watch_work(w, watch);
        work_pack(w, &all);
        int64_t sum[4] = {w->n_executed, w->n_known, w->n_total, w->n_faults};
        comm_sum_i64(grading_clients(g), sum, 4);
        made.executed = sum[0], made.known = sum[1], made.programs = sum[2], made.faults = sum[3];
        first_why(w, made.why);
        work_free(w);
        if (made.stopped)
            grading_drop(g);
        else
            grading_rest(g);
    }
    comm_bcast(world, &made, sizeof made, 0);
    uint64_t size = all.len;
    comm_bcast(world, &size, sizeof size, 0);
    if (grading_is_grader(g))
        all = (text_t){.s = mem_new(size + 1), .len = size, .cap = size + 1};
    comm_bcast(world, all.s, size, 0);
    made.rows = work_apply(b, &all, watch->left);
    text_reset(&all);
    return made;
}

grading_made_t grading_bank_watched(grading_t *g, group_t *world, bank_t *b, const limits_t *l,
                                    const grading_watch_t *watch)
{
    return run(g, world, b, l, 0, -1, watch);
}

typedef struct {
    void (*progress)(void *, int, int);
    void *ctx;
} plain_t;

static void plain_progress(void *ctx, const grading_progress_t *p)
{
    const plain_t *to = ctx;
    if (to->progress)
        to->progress(to->ctx, (int)p->done, (int)p->total);
}

int grading_bank(grading_t *g, group_t *world, bank_t *b, const limits_t *l, int first_problem,
                 int n_problem, void (*progress)(void *ctx, int done, int total), void *ctx)
{
    plain_t to = {progress, ctx};
    grading_watch_t w = {.progress = plain_progress, .ctx = &to};
    return (int)run(g, world, b, l, first_problem, n_problem, &w).executed;
}
