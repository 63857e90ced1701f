/* aletheia grade DECK: execute what is not executed yet in a problem file, in place.

   Reads data.problems, runs every program that has no verdicts on every test (expected outputs that
   are missing come from the reference), makes the lists that [problems] asks for where the file has
   none, and writes the file again: aside, then renamed.  A file in which everything was executed
   costs nothing and is left alone. */
#include "app.h"
#include <math.h>

static void progress(void *ctx, int done, int total)
{
    (void)ctx;
    log_bar("executing", done, total);
}

int verb_grade(call_t *c)
{
    if (c->argc < 1)
        fail(CODE_USAGE, "usage: aletheia grade DECK [section.key=value ...]");
    deck_t *d = deck_open(c->argv[0], c->argc - 1, c->argv + 1);
    group_t *world = comm_world();
    limits_t limits = limits_read(d);
    keeper_configure(c->keeper, &limits, deck_flag(d, "sandbox.allow_degraded"), (int)deck_int(d, "layout.launchers"));
    int graders = (int)deck_int(d, "layout.graders");
    if (graders >= group_size(world))
        fail(CODE_USAGE, "layout.graders = %d leaves no rank to submit: there are %d ranks", graders, group_size(world));
    bank_t b = { 0 };
    const char *path = deck_text(d, "data.problems");
    bank_read(world, &b, path);

    grading_t *g = grading_open(world, graders, c->keeper);
    int verdicts = b.n_verdict, lists = b.n_list;
    double start = clock_now();
    grading_bank(g, world, &b, &limits, 0, -1, progress, NULL);
    double seconds = clock_now() - start;
    int runs = b.n_verdict - verdicts;
    if (b.n_list == 0)
        problems_make_lists(&b, d);
    int64_t faults = 0;
    for (int i = 0; i < b.n_verdict; i++)
        faults += b.verdict[i].verdict == V_FAULT;
    if (runs || b.n_list != lists) {
        text_t deck = { 0 };
        deck_write(d, &deck);
        bank_write(world, &b, path, deck.s);
        text_reset(&deck);
        log_line("written: %s: %d new verdicts, %d new lists", path, runs, b.n_list - lists);
    } else {
        log_line("%s: everything in it was executed before", path);
    }
    if (group_rank(world) == 0)
        printf("RESULT problems=%d programs=%d runs=%d cached=%d lists=%d faults=%lld seconds=%.2f runs_per_s=%.0f\n",
               b.n_problem, b.n_program, runs, verdicts, b.n_list, (long long)faults, seconds, runs / fmax(seconds, 1e-9));
    bank_free(&b);
    grading_close(g);
    deck_free(d);
    return CODE_DONE;
}
