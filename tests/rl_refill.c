// A round of refilling draws what fills the block in five cases of six, by counts over all ranks alone: what is
// drawn, kept and left over is the same on any number of ranks; what goes is freed at the end of its round, and what
// waits is no more than the plan says.
// RUN: np=1,2,4
// TIMEOUT: 300
#include "rl_case.h"

/* P(at least m of n), each with probability p. */
static double enough(int n, double p, int m)
{
    double sum = 0;
    for (int k = m; k <= n; k++)
        sum += exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) +
                   (n - k) * log1p(-p));
    return sum;
}

static void rule(void)
{
    check(gather_draws(8, 16, 0, 0) == 8);
    check(gather_draws(0, 16, 10, 5) == 0 && gather_draws(-3, 16, 10, 5) == 0);
    check(gather_draws(8, 16, 10, 0) == 16);
    check(gather_draws(8, 16, 10, 10) == 8);
    check(gather_draws(8, 16, 1000, 1) == 16);
    static const int missing[] = {1, 2, 5, 16, 64, 128, 512};
    for (int p = 1; p < 20; p++)
        for (int i = 0; i < 7; i++) {
            int m = missing[i], n = gather_draws(m, 1 << 20, 20, p);
            double share = p / 20.0, fills = enough(n, share, m);
            check(fills > 0.79 && n >= m, "%d of %d at %g: %g", m, n, share, fills);
            check(m < 64 || enough(n - 1, share, m) < 0.88, "%d of %d at %g", m, n, share);
        }
}

static size_t bytes_of(const judged_list_t *l)
{
    size_t sum = 0;
    for (int k = 0; k < l->n; k++) {
        const judged_t *j = &l->item[k];
        sum += sizeof *j + (size_t)j->prompt.n * 4;
        for (int i = 0; i < j->n; i++)
            sum += (size_t)(j->traj[i].n_prompt + 2 * j->traj[i].n_token) * 4 + j->text[i].len +
                   sizeof(traj_t) + sizeof(reward_t) + sizeof(text_t) + sizeof(float);
    }
    return sum;
}

static size_t planned(const trainer_t *r)
{
    plan_t p[PLAN_LINES];
    int n = plan_memory(p, r, model_config(r->net.model), r->team.ranks);
    for (int i = 0; i < n; i++)
        if (strstr(p[i].name, "wait"))
            return p[i].bytes;
    return 0;
}

enum { STEPS = 6 };
typedef struct {
    int64_t position[STEPS], kept[STEPS], tried[STEPS];
    double reward[STEPS], rounds[STEPS];
} story_t;

/* Blocks of two steps, of groups whose rewards differ. */
static story_t run(const char *name, group_t *g)
{
    story_t s = {0};
    deck_t *d = case_deck(name, "run.steps=6 recipe.filter=all-equal recipe.refill=2 "
                                "recipe.sync_every=2 recipe.group=2");
    trainer_t *r = trainer_open(RUN_TRAIN, d, deck_text(d, "run.dir"), g, NULL, "test");
    for (int i = 0; i < STEPS; i++) {
        int64_t tried = r->state.tried, kept = r->state.kept, position = r->state.position;
        size_t before = mem_live();
        check(step_run(r) == 0);
        s.position[i] = r->state.position, s.tried[i] = r->state.tried, s.kept[i] = r->state.kept;
        s.reward[i] = r->step.sum[SUM_REWARD], s.rounds[i] = r->step.rounds;
        int64_t drawn = r->state.position - position, waits = r->block.n;
        comm_sum_i64(g, &waits, 1);
        check(bytes_of(&r->block) <= planned(r), "%zu bytes wait, %zu are planned",
              bytes_of(&r->block), planned(r));
        if (i % 2) {
            check(drawn == 0 && waits == 0 && r->step.rounds == 0);
            continue;
        }
        check(drawn == r->state.tried && r->state.kept <= r->state.tried);
        check(r->step.taken + waits == (r->state.kept < 14 ? r->state.kept : 14));
        if (r->step.rounds == 1)
            check(drawn == gather_draws(14, 28, tried, kept));
        check(mem_live() < before + planned(r));
    }
    check(r->state.drawn == r->state.learned + r->state.dropped && !r->block.n);
    trainer_close(r, CODE_DONE);
    deck_free(d);
    return s;
}

int main(int argc, char **argv)
{
    char own[64];
    test_begin(&argc, &argv);
    rule();
    case_make();
    int rank = group_rank(comm_world());
    group_t *self = group_split(comm_world(), rank, 0);
    story_t all = run("all", comm_world());
    snprintf(own, sizeof own, "own-%d", rank);
    story_t alone = run(own, self);
    int filtered = 0;
    for (int i = 0; i < 2;
         i++) { /* the first block: later ones know parameters whose sums had another order */
        check(all.position[i] == alone.position[i] && all.kept[i] == alone.kept[i]);
        check(all.tried[i] == alone.tried[i] && all.rounds[i] == alone.rounds[i]);
        check(fabs(all.reward[i] - alone.reward[i]) < 1e-9);
        filtered |= all.kept[i] < all.tried[i];
    }
    check(filtered && all.tried[0] > 14, "nothing was filtered: the test says nothing");
    comm_barrier(comm_world());
    group_free(self);
    return test_end();
}
