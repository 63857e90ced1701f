/* The lines of `bench recipes`: ratios of a turn to grpo-think's turn of the same round, medians
   of the rounds.  What each ratio says: bench_recipes.c. */
#include "bench_recipes.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TOKENS, GENERATE, LEARN, FLOPS, WORK, RATIOS };

static double over(double a, double b)
{
    return b > 0 ? a / b : NAN;
}

static double rest(const turn_t *t)
{
    return t->wall - t->phase[PHASE_GENERATE] - t->phase[PHASE_LEARN];
}

/* Of turn t beside turn g of the same round. */
static void compare(const turn_t *t, const turn_t *g, double x[RATIOS])
{
    double generate[2], learn[2];
    for (int i = 0; i < 2; i++) {
        const turn_t *one = i ? g : t;
        generate[i] = over(one->sampled, one->phase[PHASE_GENERATE]);
        learn[i] = over(one->learn_flops, one->phase[PHASE_LEARN]);
    }
    x[TOKENS] = over((t->sampled + t->trained) / t->wall, (g->sampled + g->trained) / g->wall);
    x[GENERATE] = t->sampled > 0 ? over(generate[0], generate[1]) : NAN;
    x[LEARN] = t->learn_flops > 0 ? over(learn[0], learn[1]) : NAN;
    x[FLOPS] = over(t->flops / t->wall, g->flops / g->wall);
    x[WORK] = over((t->sampled > 0 ? over(t->sampled, generate[1]) : 0) +
                       (t->learn_flops > 0 ? over(t->learn_flops, learn[1]) : 0) + rest(g),
                   t->wall);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Of those that are numbers: a round may have had nothing to learn. */
double recipes_median(double *x, int n)
{
    int some = 0;
    for (int i = 0; i < n; i++)
        if (isfinite(x[i]))
            x[some++] = x[i];
    qsort(x, (size_t)some, sizeof *x, by_size);
    return some ? x[some / 2] : 0;
}

void recipes_say(const recipes_t *b, const runner_t *r, const runner_t *grpo)
{
    double x[RATIOS][MOST], m[RATIOS];
    turn_t all = {0};
    for (int k = 0; k < b->n; k++) {
        const turn_t *t = &r->turn[k];
        double one[RATIOS];
        compare(t, &grpo->turn[k], one);
        for (int i = 0; i < RATIOS; i++)
            x[i][k] = one[i];
        for (int i = 0; i < PHASES; i++)
            all.phase[i] += t->phase[i];
        all.wall += t->wall, all.sampled += t->sampled, all.trained += t->trained;
        all.learn_flops += t->learn_flops, all.groups += t->groups, all.surplus += t->surplus;
        all.rounds += t->rounds, all.blocks += t->blocks;
    }
    for (int i = 0; i < RATIOS; i++)
        m[i] = recipes_median(x[i], b->n);
    text_t parts = {0};
    if (all.sampled > 0)
        text_addf(&parts, "generate_tokens_per_s=%.0f generate=%.3f rounds=%.2f surplus=%.3f ",
                  all.sampled / all.phase[PHASE_GENERATE], m[GENERATE],
                  over(all.rounds, all.blocks), over(all.surplus, all.groups));
    if (all.learn_flops > 0)
        text_addf(&parts, "learn_gflops=%.1f learn=%.3f ",
                  all.learn_flops / all.phase[PHASE_LEARN] / 1e9, m[LEARN]);
    log_line("RESULT bench=recipes recipe=%s ranks=%d steps=%d seconds=%.2f tokens_per_s=%.0f "
             "ratio=%.3f %sflops=%.3f work=%.3f draw_share=%.4f update_share=%.4f rest_share=%.4f",
             r->name, group_size(b->world), b->n * VISIT, all.wall,
             (all.sampled + all.trained) / all.wall, m[TOKENS], parts.s ? parts.s : "", m[FLOPS],
             m[WORK], all.phase[PHASE_DRAW] / all.wall, all.phase[PHASE_UPDATE] / all.wall,
             (rest(&all) - all.phase[PHASE_DRAW] - all.phase[PHASE_UPDATE]) / all.wall);
    text_reset(&parts);
}

void recipes_say_collect(const recipes_t *b, const runner_t *grpo)
{
    double x[MOST], score[MOST], tokens = 0, seconds = 0;
    for (int k = 0; k < b->n; k++) {
        const collected_t *c = &b->collected[k];
        const turn_t *g = &grpo->turn[k];
        x[k] = over(over((double)c->tokens, c->generate_s),
                    over(g->sampled, g->phase[PHASE_GENERATE]));
        score[k] = over(c->score_s, c->generate_s);
        tokens += (double)c->tokens, seconds += c->generate_s;
    }
    log_line("RESULT bench=collect ranks=%d answers=%lld generate_tokens_per_s=%.0f ratio=%.3f "
             "score=%.3f",
             group_size(b->world), (long long)b->collected[0].answers, over(tokens, seconds),
             recipes_median(x, b->n), recipes_median(score, b->n));
}
