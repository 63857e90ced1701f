// Every preset that samples: on 2 and on 3 ranks the same samples, rewards, advantages and kept groups
// as on one, bit for bit, over a whole block; also where groups are filtered and refilled, in blocks of
// several steps, and where refilling ends unfilled.
// RUN: np=2,3
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

static facts_t same(const char *name, const char *how, int steps, int group)
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
        f.mixed += mixed_in(&a, group);
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
        facts_t f = same(name, how, recipe_find(name)->sync_every, 4);                          \
        check(f.right > 0 && f.used > 0, "%s: %g right, %g used", name, f.right, f.used);       \
    }
#include "recipes.def"
#undef RECIPE
}

/* Full ones of several draws; one that is left unfilled; a block of steps; the other filter. */
static void refilled(void)
{
    char name[32], how[200];
    double surplus = 0, filtered = 0;
    facts_t f;
    for (int seed = 1; seed <= 4; seed++) {
        snprintf(name, sizeof name, "dapo-%d", seed);
        snprintf(
            how, sizeof how,
            "recipe.name=dapo recipe.mode=instruct recipe.refill=9 recipe.prompts=11 run.seed=%d",
            seed);
        f = same(name, how, 1, 4);
        check(f.missing == 0 && f.mixed == 11, "missing %g rounds %g mixed %g", f.missing, f.rounds,
              f.mixed);
        check(f.drawn == 4 * (11 + f.filtered + f.surplus), "%g drawn", f.drawn);
        surplus += f.surplus, filtered += f.filtered;
    }
    check(surplus > 0 && filtered > 4, "surplus %g filtered %g", surplus, filtered);
    f = same(
        "dapo-cut",
        "recipe.name=dapo recipe.mode=instruct recipe.refill=1 recipe.prompts=13 recipe.group=2", 1,
        2);
    check(f.missing > 0 && f.rounds == 2 && f.mixed == 13 - f.missing,
          "missing %g rounds %g mixed %g", f.missing, f.rounds, f.mixed);
    f = same("dapo-block",
             "recipe.name=dapo recipe.mode=instruct recipe.refill=9 recipe.prompts=5 "
             "recipe.sync_every=3 recipe.group=2",
             3, 2);
    check(f.missing == 0 && f.filtered > 0 && f.mixed == 15, "missing %g filtered %g mixed %g",
          f.missing, f.filtered, f.mixed);
    f = same("equal",
             "recipe.name=grpo-think recipe.mode=instruct recipe.filter=all-equal recipe.refill=9 "
             "recipe.overlong_cache=0 recipe.prompts=7 recipe.group=2",
             1, 2);
    check(f.filtered > 0 && f.missing == 0, "filtered %g missing %g", f.filtered, f.missing);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    case_make_model(1);
    every_preset();
    refilled();
    facts_t f =
        same("kept", "recipe.name=raft recipe.mode=instruct recipe.keep=1 recipe.group=8", 1, 8);
    check(f.used > 0 && f.used <= 7 && f.right > f.used, "%g used of %g right", f.used, f.right);
    return test_end();
}
