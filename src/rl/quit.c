/* Stopping: one rank is asked, all stop at the same place.

   Any rank may be asked (signal, RUN/stop).  It tells the others by mail, which they look
   for between decode steps, so that a phase is left within one decode step everywhere; the
   decision itself is collective, once per step and once after generation.  Every rank
   hears exactly ranks - 1 such messages before it ends, so none stays on the wire. */
#include "rl.h"

enum { TAG_STOP = 9 };

int trainer_asked(trainer_t *r)
{
    size_t n;
    int from, tag;
    double now = clock_now();
    if (now < r->quit.look_at) /* looking for mail may cost a turn of the core */
        return r->quit.stop;
    r->quit.look_at = now + 0.01;
    void *letter = r->team.ranks > 1 ? mail_poll(r->quit.mail, &n, &from, &tag) : NULL;
    r->quit.heard += letter != NULL;
    if (r->team.grading)
        grading_listen(r->team.grading);
    r->quit.stop |= letter != NULL || stop_asked();
    mem_free(letter);
    for (int i = 0; r->quit.stop && !r->quit.told && i < r->team.ranks; i++)
        if (i != r->team.rank)
            mail_post(r->quit.mail, i, TAG_STOP, "s", 1);
    r->quit.told = r->quit.stop;
    return r->quit.stop;
}

int trainer_stopping(trainer_t *r)
{
    double any = trainer_asked(r);
    comm_max_f64(r->team.group, &any, 1);
    if (any > 0 && !r->quit.told) {
        r->quit.stop = 1;
        r->quit.look_at = 0;
        trainer_asked(r);
    }
    return any > 0;
}

void quit_settle(trainer_t *r)
{
    trainer_stopping(r); /* from here on all ranks agree */
    while (r->quit.stop && r->quit.heard < r->team.ranks - 1) {
        size_t n;
        int from, tag;
        void *letter = mail_poll(r->quit.mail, &n, &from, &tag);
        r->quit.heard += letter != NULL;
        mem_free(letter);
    }
    mail_flush(r->quit.mail);
}
