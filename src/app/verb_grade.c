/* aletheia grade DECK: execute what is not executed yet in a problem file, in place.

   Reads data.problems and runs every program that has no verdict on some test, or one that is not
   that of its present text, test, limits and tool-chain, or a fault of the sandbox (expected outputs
   that are missing come from the reference).  Lists that the new pass rates contradict are dropped;
   where the file has none, those that [problems] asks for are made.  The file is written again:
   aside, then renamed.  One in which everything was executed costs nothing and is left alone. */
#include "app.h"
#include <math.h>

static void progress(void *ctx, int done, int total)
{
    (void)ctx;
    log_bar("executing", done, total);
}

/* Keeps the lists that execution bears out; how many it did not. */
static int drop_lists(bank_t *b)
{
    int kept = 0, had = b->n_list;
    for (int i = 0; i < had; i++) {
        const char *wrong = list_check(b, &b->list[i]);
        if (!wrong)
            b->list[kept++] = b->list[i];
        else if (i - kept < 3)
            log_line("list %d (suite %s) is dropped: %s", i, suite_names[b->list[i].suite], wrong);
    }
    b->n_list = kept;
    return had - kept;
}

int verb_grade(call_t *c)
{
    if (c->argc < 1)
        fail(CODE_USAGE, "usage: aletheia grade DECK [section.key=value ...]");
    deck_t *d = deck_open(c->argv[0], c->argc - 1, c->argv + 1);
    group_t *world = comm_world();
    limits_t limits = limits_read(d);
    grading_t *g = grading_read(d, world, c->keeper);
    bank_t b = { 0 };
    const char *path = deck_text(d, "data.problems");
    if (!*path)
        fail(CODE_USAGE, "data.problems is not set: name the problem file to execute");
    bank_read_unrated(world, &b, path);

    double start = clock_now();
    int runs = grading_bank(g, world, &b, &limits, 0, -1, progress, NULL);
    double seconds = clock_now() - start;
    int dropped = runs ? drop_lists(&b) : 0, lists = b.n_list;
    if (b.n_list == 0)
        problems_make_lists(&b, d);
    int64_t faults = 0;
    for (int i = 0; i < b.n_verdict; i++)
        faults += b.verdict[i].verdict == V_FAULT;
    if (runs || b.n_list != lists) {                 /* what was dropped was found by running */
        text_t deck = { 0 };
        deck_write(d, &deck);
        bank_write(world, &b, path, deck.s);
        text_reset(&deck);
        log_line("written: %s: %d new verdicts, %d new lists, %d dropped", path, runs, b.n_list - lists, dropped);
    } else {
        log_line("%s: everything in it was executed before", path);
    }
    if (group_rank(world) == 0)
        printf("RESULT problems=%d programs=%d runs=%d cached=%d lists=%d dropped=%d faults=%lld seconds=%.2f "
               "runs_per_s=%.0f\n", b.n_problem, b.n_program, runs, b.n_verdict - runs, b.n_list, dropped, (long long)faults, seconds, runs / fmax(seconds, 1e-9));
    bank_free(&b);
    grading_close(g);
    deck_free(d);
    return CODE_DONE;
}
