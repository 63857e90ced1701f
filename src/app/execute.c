/* What verbs that execute a bank share: a store with a journal, lines of progress, the wish to
   stop, and lists that execution does not bear out. */
#include "app.h"
#include <math.h>
#include <string.h>

char *execute_beside(const char *path, const char *ending)
{
    text_t t = {0};
    text_addf(&t, "%s.%s", path, ending);
    return t.s;
}

typedef struct {
    double start, next, every; /* seconds; every: between lines where there is no terminal */
    double bar;                /* when it is drawn next */
} show_t;

static void time_text(char out[32], double s)
{
    int n = s < 359999 ? (int)s : 359999;
    if (n < 3600)
        snprintf(out, 32, "%d:%02d", n / 60, n % 60);
    else
        snprintf(out, 32, "%d:%02d:%02d", n / 3600, n / 60 % 60, n % 60);
}

/* On a terminal a bar five times a second, else a line every ten seconds. */
static void progress(void *ctx, const grading_progress_t *p)
{
    show_t *s = ctx;
    double now = clock_now(), t = fmax(now - s->start, 1e-3);
    char left[32], line[128];
    double programs = (double)p->done / t, runs = (double)p->executed / t;
    time_text(left, p->done ? (double)(p->total - p->done) / programs : 0);
    snprintf(line, sizeof line, "%.*f programs/s %.*f runs/s ETA %s", programs < 9.95, programs,
             runs < 9.95, runs, p->done ? left : "?");
    if (now >= s->bar || p->done >= p->total)
        log_bar(line, (double)p->done, (double)p->total), s->bar = now + 0.2;
    if (now < s->next || log_is_terminal())
        return;
    s->next = now + s->every;
    log_line("grading  %3.0f%%  %lld of %lld programs  %s",
             p->total ? 100.0 * (double)p->done / (double)p->total : 100, (long long)p->done,
             (long long)p->total, line);
}

static int asked_to_stop(void *ctx)
{
    (void)ctx;
    return stop_asked();
}

known_t *execute_store(const deck_t *d, grading_t *g, const char *journal)
{
    const char *others = deck_text(d, "sandbox.verdicts");
    known_t *known = grading_is_grader(g) ? NULL : known_open(grading_clients(g), journal);
    if (known) {
        limits_t limits = limits_read(d);
        int64_t n = known_count(known);
        if (n)
            log_line("going on: %lld runs were made by an earlier job", (long long)n);
        n = known_read(known, g, &limits, others, NULL, deck_flag(d, "sandbox.skip_bad"));
        if (*others)
            log_line("sandbox.verdicts: %lld verdicts", (long long)n);
        grading_know(g, known);
    }
    log_line("sandbox: %s", grading_mode(g));
    return known;
}

grading_made_t execute_bank(const deck_t *d, grading_t *g, group_t *world, bank_t *b,
                            bank_bads_t *left, int skip_bad)
{
    limits_t limits = limits_read(d);
    show_t show = {.start = clock_now(), .every = 10};
    show.next = show.start + show.every;
    grading_watch_t watch = {asked_to_stop, progress, &show, left, skip_bad};
    return grading_bank_watched(g, world, b, &limits, &watch);
}

/* Without the number that the test had among those that were looked at together. */
static void own_words(char *why)
{
    size_t n = why && !strncmp(why, "test ", 5) ? 5 + strspn(why + 5, "0123456789") : 0;
    if (n > 5 && !strncmp(why + n, ": ", 2))
        memmove(why, why + n + 2, strlen(why + n + 2) + 1);
    for (char *s = why; s && (s = strpbrk(s, "\n\r"));)
        *s = ' ';
}

void execute_calls(keeper_t *k, const char *const *text, int n, char **why)
{
    enum { MOST = 500 };
    for (int at = 0; at < n; at += MOST) {
        int part = n - at < MOST ? n - at : MOST;
        if (keeper_check_calls(k, text + at, part, why + at) >= 0) {
            for (int i = at; i < at + part; i++)
                own_words(why[i]);
            continue;
        }
        log_warn("tests that are calls were not looked at: %s", why[at] ? why[at] : "?");
        mem_free(why[at]);
        why[at] = NULL;
        return;
    }
}

int execute_faults(double rate, int64_t faults, int64_t runs, const char *why,
                   int64_t checker_faults, int64_t verdicts)
{
    if (faults)
        log_warn(
            "%lld of %lld runs failed on our side, not the programs': %s; they are no verdicts: run the same command "
            "again",
            (long long)faults, (long long)runs, why);
    if (checker_faults)
        log_warn(
            "%lld of %lld verdicts are checker_fault: a checker or a test failed itself; they say nothing of the "
            "program, and lists do not use it",
            (long long)checker_faults, (long long)verdicts);
    return (double)faults > rate * (double)runs || (double)checker_faults > rate * (double)verdicts;
}

int execute_ends(group_t *world, int broken)
{
    comm_bcast(world, &broken, sizeof broken, 0);
    if (broken && group_rank(world) == 0)
        fprintf(
            stderr,
            "aletheia: everything is written and reported, but faults are more than sandbox.fault_rate of the runs\n");
    return broken ? CODE_FAULT : CODE_DONE;
}

int execute_drop_lists(bank_t *b, void (*say)(void *ctx, int list, const char *why), void *ctx)
{
    int dropped = 0, had = b->n_list;
    char *keep = ALLOC(char, had + 1);
    for (int i = 0; i < had; i++)
        keep[i] = !list_check(b, &b->list[i]);
    for (int i = 0; i < had; i++) {
        const list_t *l = &b->list[i];
        const char *wrong = list_check(b, l);
        if (!wrong && l->edit && !keep[l->base])
            wrong = "the list that it was before its comments were edited is dropped";
        if (wrong && say)
            say(ctx, i, wrong);
        else if (wrong && dropped < 3)
            log_line("list %d (suite %s) is dropped: %s", i, suite_names[l->suite], wrong);
        dropped += wrong != NULL;
    }
    bank_keep_lists(b, keep);
    mem_free(keep);
    return dropped;
}
