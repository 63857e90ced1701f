// Every preset that samples: on 2 and on 3 ranks the same samples, rewards, advantages and kept groups
// as on one, bit for bit, over a whole block; also where groups are filtered and refilled, in blocks of
// several steps, and where refilling ends unfilled.
// RUN: np=1,2,3 backend=cpu,strict
// TIMEOUT: 300
#include "rl_hand.h"

typedef struct {
    double filtered, surplus, missing, rounds, right, used, mixed, drawn;
} facts_t;

/* One block of steps, each recorded.  NULL: this rank has no part in it. */
static facts_t block(const char *run, const char *more, group_t *g)
{
    facts_t f = {0};
    deck_t *deck;
    if (!g)
        return f;
    trainer_t *r = hand_open(run, more, g, &deck);
    int k = r->set.recipe.sync_every;
    for (int step = 0; step < k; step++) {
        check(step_run(r) == 0 && r->step.mismatch == 0);
        f.filtered += r->step.sum[SUM_FILTERED], f.surplus += r->step.sum[SUM_SURPLUS];
        f.missing += r->set.recipe.prompts - r->step.taken;
        f.rounds += r->step.rounds;
        f.right += r->step.sum[SUM_RIGHT], f.used += (double)r->step.used;
    }
    check(r->block.n == 0 && r->state.drawn == r->state.learned + r->state.dropped);
    f.drawn = (double)r->state.drawn;
    hand_close(r, deck);
    return f;
}

/* Groups of the record that have right and wrong answers. */
static int mixed_in(const records_t *a, int group)
{
    int mixed = 0;
    for (int64_t i = 0; i < a->n; i += group) {
        int right = 0;
        for (int k = 0; k < group; k++)
            right += a->row[i + k].correct > 0;
        mixed += right > 0 && right < group;
    }
    return mixed;
}

static facts_t same(const char *name, const char *how, int steps)
{
    char run[2][64], more[500];
    int rank = group_rank(comm_world());
    group_t *alone = group_split(comm_world(), rank ? -1 : 0, 0);
    snprintf(more, sizeof more, "run.steps=8 recipe.record_every=1 %s", how);
    snprintf(run[0], sizeof run[0], "%s-all", name);
    snprintf(run[1], sizeof run[1], "%s-one", name);
    facts_t f = block(run[0], more, comm_world()), one = block(run[1], more, alone);
    comm_barrier(comm_world());
    if (alone) {
        check(
            !memcmp(&f, &one, sizeof f),
            "%s: filtered %g %g, surplus %g %g, missing %g %g, rounds %g %g, right %g %g, used %g %g, "
            "drawn %g %g",
            name, f.filtered, one.filtered, f.surplus, one.surplus, f.missing, one.missing,
            f.rounds, one.rounds, f.right, one.right, f.used, one.used, f.drawn, one.drawn);
        group_free(alone);
    }
    for (int step = 0; step < steps; step++) {
        records_t a = hand_records(run[0], step), b = hand_records(run[1], step);
        check(a.n == b.n, "%s: step %d: %lld rows and %lld", name, step, (long long)a.n,
              (long long)b.n);
        for (int64_t i = 0; i < a.n && a.n == b.n; i++)
            check(hand_same(&a.row[i], &b.row[i]) && a.row[i].advantage == b.row[i].advantage,
                  "%s: step %d row %lld", name, step, (long long)i);
        f.mixed += mixed_in(&a, 4);
        records_free(&a);
        records_free(&b);
    }
    return f;
}

static void every_preset(void)
{
    char how[200];
#define RECIPE(name, source, ...)                                                               \
    if (recipe_find(name)->sync_every) {                                                        \
        snprintf(how, sizeof how, "recipe.name=%s recipe.mode=instruct recipe.refill=%d", name, \
                 recipe_find(name)->refill ? 2 : 0);                                            \
        facts_t f = same(name, how, recipe_find(name)->sync_every);                             \
        check(f.right > 0 && f.used > 0, "%s: %g right, %g used", name, f.right, f.used);       \
    }
#include "recipes.def"
#undef RECIPE
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    case_make_leaning(4.5f);
    every_preset();
    const char *dapo = "recipe.name=dapo recipe.mode=instruct recipe.refill=9 recipe.prompts=5";
    facts_t f = same("dapo-full", dapo, 1);
    check(f.missing == 0 && f.rounds > 1 && f.filtered > 0 && f.surplus > 0 && f.mixed == 5,
          "missing %g rounds %g filtered %g surplus %g mixed %g", f.missing, f.rounds, f.filtered,
          f.surplus, f.mixed);
    f = same("dapo-cut", "recipe.name=dapo recipe.mode=instruct recipe.refill=1 recipe.prompts=7",
             1);
    check(f.missing > 0 && f.rounds == 2 && f.mixed == 7 - f.missing,
          "missing %g rounds %g mixed %g", f.missing, f.rounds, f.mixed);
    f = same("dapo-block",
             "recipe.name=dapo recipe.mode=instruct recipe.refill=9 recipe.prompts=3 "
             "recipe.sync_every=3",
             3);
    check(f.missing == 0 && f.filtered > 0 && f.mixed == 9, "missing %g filtered %g mixed %g",
          f.missing, f.filtered, f.mixed);
    f = same("equal",
             "recipe.name=grpo-think recipe.mode=instruct recipe.filter=all-equal recipe.refill=9 "
             "recipe.overlong_cache=0 recipe.prompts=5",
             1);
    check(f.filtered > 0 && f.missing == 0, "filtered %g missing %g", f.filtered, f.missing);
    f = same("kept", "recipe.name=raft recipe.mode=instruct recipe.keep=1 recipe.prompts=9", 1);
    check(f.used > 0 && f.used <= 9 && f.right > f.used, "%g used of %g right", f.used, f.right);
    return test_end();
}
