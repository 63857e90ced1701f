/* Where a run's lists and answers come from: a problem file, problems drawn while it goes on, or
   rollout files.

   A problem file is read whole by every rank, and refused where a list of the train suite
   has candidates that were never executed, or labels that were imported and not asked for.
   It is needed for evaluations too, whatever the run learns from.  Rollout files are opened
   once the model is there: which parameters sampled them is compared with what the run
   begins with; a run that is continued must find the same answers in them.

   collective(group) */
#include "rl.h"
#include <string.h>

/* Execution is the only label: a list with candidates that never ran is refused. */
static void check_lists(const trainer_t *r, const char *path)
{
    for (int i = 0; i < r->src.file.n_list; i++) {
        const list_t *l = &r->src.file.list[i];
        const char *wrong = l->suite == SUITE_TRAIN ? list_check(&r->src.file, l) : NULL;
        if (wrong) /* the same on every rank: one speaks */
            fail_any(r->team.group, 1, CODE_DATA,
                     "%s: list %d: %s; `aletheia grade` executes what is missing and "
                     "drops lists that execution contradicts",
                     path, i, wrong);
    }
}

/* Lists with imported labels only where the deck says so; then the first page does too. */
static void check_labels(const trainer_t *r, const char *path)
{
    int n = bank_imported_lists(&r->src.file, SUITES);
    fail_any(r->team.group, n && !deck_flag(r->set.deck, "data.allow_imported"), CODE_DATA,
             BANK_IMPORTED_REFUSED, path, n);
    if (n)
        log_line("labels       IMPORTED, not executed here, for %d of %d lists of %s", n,
                 r->src.file.n_list, path);
}

void source_open(trainer_t *r)
{
    const char *path = deck_text(r->set.deck, "data.problems");
    int fresh = !strcmp(deck_text(r->set.deck, "data.source"), "fresh");
    size_t before = mem_live();
    if (*path)
        bank_read(r->team.group, &r->src.file, path);
    check_labels(r, path);
    r->src.bank = &r->src.file;
    if (r->set.eval_every && !*path)
        fail_any(r->team.group, 1, CODE_USAGE,
                 "run.eval_every = %d, but data.problems is not set: name the problem file "
                 "with the suites to evaluate on, or set run.eval_every = 0",
                 r->set.eval_every);
    if (r->set.kind == RUN_TRAIN && r->set.recipe.sync_every == 0)
        return;
    if (fresh) {
        if (!r->team.grading)
            fail_any(r->team.group, 1, CODE_USAGE,
                     "data.source = fresh needs programs to be executed: "
                     "`aletheia train` can, sft cannot; make a file with `aletheia problems`");
        r->src.fresh = fresh_new(r->set.deck, r->team.grading, r->set.dir, r->set.recipe.prompts);
        log_line("data         problems drawn, executed and listed for every step");
        return;
    }
    if (!*path)
        fail_any(r->team.group, 1, CODE_USAGE,
                 "data.problems is not set: name a problem file (`aletheia "
                 "problems` makes one), or set data.source = fresh");
    r->src.data = data_new(&r->src.file, r->set.seed);
    if (!data_count(r->src.data, 5))
        fail_any(r->team.group, 1, CODE_DATA,
                 "%s holds no lists of the train suite; make some with "
                 "`aletheia problems`",
                 path);
    check_lists(r, path);
    log_line("data         %s: %d lists to train on, %.1f MB", path, data_count(r->src.data, 5),
             (double)(mem_live() - before) / 1e6);
}

/* A run that is continued goes on in the same stream of the same answers. */
static void check_same(trainer_t *r)
{
    static const hash_t none;
    hash_t now = offline_hash(r->src.offline);
    int other = !hash_equal(r->state.rollouts, none) && !hash_equal(r->state.rollouts, now);
    fail_any(r->team.group, other, CODE_DATA,
             "%s: holds other answers than when this run began; put the files back, or begin "
             "another run.dir",
             deck_text(r->set.deck, "data.rollouts"));
    r->state.rollouts = now;
}

void source_open_offline(trainer_t *r)
{
    if (r->set.kind != RUN_TRAIN || r->set.recipe.sync_every > 0)
        return;
    r->src.offline = offline_open(r);
    check_same(r);
}

void source_close(trainer_t *r)
{
    if (r->src.fresh)
        fresh_free(r->src.fresh);
    if (r->src.offline)
        offline_free(r->src.offline);
    data_free(r->src.data);
    bank_free(&r->src.file);
}
