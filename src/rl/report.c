/* What people read of a run: the memory plan, a line per step, the last page; and its
   columns in run.h5.

   Sums of a step are taken over all ranks in one message, maxima in another; rank 0
   speaks.  The balance on the last page must hold in every run: what was drawn was
   judged, and was learned from, waits in the block, or was dropped for a stated reason
   (cut off at the budget, in a group whose advantages are all zero or that was filtered,
   not one of the two of a pair).

   The plan is compared with the memory of this machine that the ranks on it share:
   ranks are counted by host name.  Peak resident memory stands beside the plan at the
   end. */
#include "rl.h"
#include <math.h>
#include <string.h>
#include <unistd.h>

static const char *const phase_names[PHASES] = {"draw",   "generate",  "judge",
                                                "reward", "advantage", "learn",
                                                "reduce", "update",    "record"};
static const char *const columns[] = {
    "reward_mean",
    "reward_std",
    "list_accuracy",
    "parse_rate",
    "format_mean",
    "overlong_mean",
    "truncated",
    "entropy",
    "kl",
    "ratio_clipped",
    "grad_norm",
    "lr",
    "loss",
    "tokens_prompt",
    "tokens_sampled",
    "tokens_trained",
    "groups",
    "groups_dropped",
    "completions",
    "learned",
    "left_out",
    "length_mean",
    "length_max",
    "logp_mismatch",
    "flops",
    "wall_s",
    "masked",
    "groups_filtered",
    "groups_surplus",
    "groups_missing",
    "rounds",
    "samples_age",
    "empty",
    "reward_below",
    "pairs",
    "pair_accuracy",
    "pair_margin",
};
enum { COLUMNS = sizeof columns / sizeof *columns };

void report_plan(trainer_t *r, const plan_t *p, int n)
{
    char *host = ALLOC(char, 256), *all = ALLOC(char, (size_t)r->team.ranks * 256);
    int here = 0;
    gethostname(host, 255);
    comm_allgather(r->team.group, all, host, 256);
    for (int i = 0; i < r->team.ranks; i++)
        here += !strcmp(all + (size_t)i * 256, host);
    mem_free(host);
    mem_free(all);
    size_t sum = 0, have = mem_available() / (size_t)here;
    for (int i = 0; i < n; i++)
        sum += p[i].bound ? 0 : p[i].bytes;
    log_line("memory       MB on each rank");
    for (int i = 0; i < n; i++)
        if (p[i].bytes)
            log_line("  %10.1f  %s", (double)p[i].bytes / 1e6, p[i].name);
    log_line("  %10.1f  in all; %.1f free for each of %d rank%s on this machine", (double)sum / 1e6,
             (double)have / 1e6, here, here > 1 ? "s" : "");
    text_t why = {0};
    int bad = plan_misfit(p, n, have, &why);
    fail_any(r->team.group, bad, CODE_FIT, "%s", why.s);
    text_reset(&why);
    r->set.planned = sum;
}

void report_open(trainer_t *r)
{
    text_t path = {0};
    text_addf(&path, "%s/run.h5", r->set.dir);
    r->book.metrics = metrics_open(r->team.group, path.s, r->set.deck_text, columns, COLUMNS,
                                   phase_names, PHASES, r->state.step);
    metrics_event(r->book.metrics, r->state.step, r->state.step ? "resume" : "start", "");
    metrics_flush(r->book.metrics); /* from here on the directory holds a run */
    text_reset(&path);
    log_line("parameters   %lld, %d layers of width %d; steps %lld to %lld",
             (long long)r->net.count, model_config(r->net.model)->layers,
             model_config(r->net.model)->width, (long long)r->state.step, (long long)r->set.steps);
}

static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

/* Steps since the samples were made; NAN: they are from files. */
static double age(const trainer_t *r)
{
    const judged_list_t *l = &r->step.judged;
    double oldest = 0;
    for (int k = 0; k < l->n; k++)
        oldest = fmax(oldest, (double)(r->state.step - 1 - l->item[k].made));
    comm_max_f64(r->team.group, &oldest, 1);
    return r->src.offline ? NAN : oldest;
}

static void fill(const trainer_t *r, double wall, double *value)
{
    const double *s = r->step.sum;
    double n = s[SUM_COUNTED], mean = ratio(s[SUM_REWARD], n);
    double rl = r->set.kind == RUN_TRAIN ? 1 : NAN;
    double pair = r->set.recipe.objective == OBJECTIVE_PAIR ? rl : NAN;
    const double v[COLUMNS] = {
        rl * mean,
        rl * sqrt(fmax(0, ratio(s[SUM_REWARD2], n) - mean * mean)),
        rl * ratio(s[SUM_RIGHT], n),
        rl * ratio(s[SUM_PARSED], n),
        rl * ratio(s[SUM_FORMAT], n),
        rl * ratio(s[SUM_OVERLONG], n),
        rl * ratio(s[SUM_TRUNCATED], n),
        ratio(s[SUM_ENTROPY], s[SUM_WEIGHED]),
        rl * ratio(s[SUM_KL], s[SUM_WEIGHED]),
        rl * ratio(s[SUM_CLIPPED], s[SUM_WEIGHED]),
        r->step.grad_norm,
        r->step.lr,
        s[SUM_LOSS],
        s[SUM_PREFILLED],
        s[SUM_SAMPLED],
        s[SUM_TRAINED],
        s[SUM_GROUPS],
        s[SUM_SKIPPED],
        n,
        s[SUM_LEARNED],
        s[SUM_LEFT_OUT],
        ratio(s[SUM_LENGTH], n),
        r->step.length_max,
        rl * r->step.mismatch,
        s[SUM_FLOPS],
        wall,
        rl * ratio(s[SUM_MASKED], s[SUM_LENGTH]),
        rl * s[SUM_FILTERED],
        rl * s[SUM_SURPLUS],
        rl * (r->set.recipe.prompts - r->step.taken),
        rl * r->step.rounds,
        rl * r->step.age,
        rl * (r->step.used == 0),
        rl * (double)r->state.below,
        pair * s[SUM_PAIRS],
        pair * ratio(s[SUM_PAIR_RIGHT], s[SUM_PAIRS]),
        pair * ratio(s[SUM_MARGIN], s[SUM_PAIRS]),
    };
    memcpy(value, v, sizeof v);
}

static void eta(const trainer_t *r, char out[32])
{
    int s = (int)(r->book.pace * (double)(r->set.steps - r->state.step));
    if (s >= 3600)
        snprintf(out, 32, "%dh%02dm", s / 3600, s / 60 % 60);
    else
        snprintf(out, 32, "%dm%02ds", s / 60, s % 60);
}

/* What a step of reinforcement learning found, as far as its recipe has it. */
static void add_findings(const trainer_t *r, text_t *out)
{
    const recipe_t *c = &r->set.recipe;
    const double *s = r->step.sum;
    double n = s[SUM_COUNTED];
    if (r->src.offline)
        text_addf(out, "  loss %.4f", s[SUM_LOSS]);
    else
        text_addf(out, "  reward %+.3f  acc %.3f  parsed %.3f", ratio(s[SUM_REWARD], n),
                  ratio(s[SUM_RIGHT], n), ratio(s[SUM_PARSED], n));
    if (c->objective == OBJECTIVE_PAIR)
        text_addf(out, "  pairs %.0f  right %.3f  margin %.3f", s[SUM_PAIRS],
                  ratio(s[SUM_PAIR_RIGHT], s[SUM_PAIRS]), ratio(s[SUM_MARGIN], s[SUM_PAIRS]));
    if (c->filter)
        text_addf(out, "  kept %d/%d groups", r->step.taken, c->prompts);
    text_addf(out, "  length %.1f (max %.0f)  cut %.3f  entropy %.3f", ratio(s[SUM_LENGTH], n),
              r->step.length_max, ratio(s[SUM_TRUNCATED], n),
              ratio(s[SUM_ENTROPY], s[SUM_WEIGHED]));
    if (c->kl_beta > 0)
        text_addf(out, "  kl %.1e", ratio(s[SUM_KL], s[SUM_WEIGHED]));
}

static void line(const trainer_t *r, double wall)
{
    const double *s = r->step.sum;
    const double *p = r->step.phase;
    char left[32];
    text_t t = {0};
    eta(r, left);
    text_addf(&t, "step %lld/%lld", (long long)r->state.step, (long long)r->set.steps);
    if (r->set.kind == RUN_SFT)
        text_addf(&t, "  loss %.4f  entropy %.3f  length %.1f", s[SUM_LOSS],
                  ratio(s[SUM_ENTROPY], s[SUM_WEIGHED]), ratio(s[SUM_LENGTH], s[SUM_COUNTED]));
    else
        add_findings(r, &t);
    text_addf(&t, "  norm %.3f", r->step.grad_norm);
    if (r->set.kind == RUN_SFT)
        text_addf(&t, "  lr %.2e", r->step.lr);
    text_addf(&t, "  %.0f tok/s  [draw %.2f", (s[SUM_SAMPLED] + s[SUM_TRAINED]) / wall,
              p[PHASE_DRAW]);
    if (r->net.engine)
        text_addf(&t, " gen %.2f", p[PHASE_GENERATE]);
    log_line("%s learn %.2f reduce %.2f update %.2f s]  ETA %s", t.s, p[PHASE_LEARN],
             p[PHASE_REDUCE], p[PHASE_UPDATE], left);
    text_reset(&t);
    if (s[SUM_COUNTED] == 0 && s[SUM_LEFT_OUT] > 0)
        log_warn("step %lld: all %.0f lists were left out as too long: nothing was learned; raise "
                 "sampler.max_prompt",
                 (long long)r->state.step, s[SUM_LEFT_OUT]);
}

/* The reward of the first steps, and how long it has been below that. */
static void follow_reward(state_t *t, double reward)
{
    enum { FIRST = 10 };
    if (t->step <= FIRST)
        t->reward_start += (reward - t->reward_start) / (double)t->step;
    else
        t->below = reward < t->reward_start ? t->below + 1 : 0;
}

void report_step(trainer_t *r)
{
    double max[2] = {r->step.length_max, r->step.mismatch}, value[COLUMNS];
    r->step.sum[SUM_FLUSH] =
        r->team.rank == 0 && clock_now() > r->book.flush_at; /* rank 0's clock decides */
    comm_sum_f64(r->team.group, r->step.sum, SUMS);
    comm_max_f64(r->team.group, max, 2);
    r->step.length_max = max[0], r->step.mismatch = max[1];

    state_t *t = &r->state;
    const double *s = r->step.sum;
    t->step++;
    t->drawn += (int64_t)s[SUM_DRAWN];
    t->judged += (int64_t)s[SUM_DRAWN];
    t->learned += (int64_t)s[SUM_LEARNED];
    t->dropped += (int64_t)(s[SUM_COUNTED] - s[SUM_LEARNED]);
    t->left_out += (int64_t)s[SUM_LEFT_OUT];
    t->prefilled += (int64_t)s[SUM_PREFILLED];
    t->sampled += (int64_t)s[SUM_SAMPLED];
    t->trained += (int64_t)s[SUM_TRAINED];
    t->flops += s[SUM_FLOPS];

    follow_reward(t, ratio(s[SUM_REWARD], s[SUM_COUNTED]));
    r->step.age = age(r);
    trainer_phase(r, PHASE_RECORD);
    double wall = clock_now() - r->step.started;
    t->seconds += wall;
    r->book.pace = r->book.pace > 0 ? 0.8 * r->book.pace + 0.2 * wall : wall;
    for (int i = 0; i < PHASES; i++)
        r->book.phase_sum[i] += r->step.phase[i];
    fill(r, wall, value);
    metrics_row(r->book.metrics, t->step - 1, value, r->step.phase);
    if (r->step.sum[SUM_FLUSH] > 0) {
        metrics_flush(r->book.metrics);
        r->book.flush_at = clock_now() + 30;
    }
    line(r, wall);
    warn_step(r);
    log_bar(r->set.dir, (double)t->step, (double)r->set.steps);
    if (r->step.mismatch > 0)
        log_warn("step %lld: sampled and trained log-probabilities differ by up to %g; "
                 "they must be equal "
                 "bit for bit",
                 (long long)t->step, r->step.mismatch);
}

void report_last(trainer_t *r, int code)
{
    const state_t *t = &r->state;
    const char *what = r->set.kind == RUN_SFT ? "answers" : "completions";
    double total = 0, peak = (double)mem_peak_rss();
    for (int i = 0; i < PHASES; i++)
        total += r->book.phase_sum[i];
    comm_max_f64(r->team.group, &peak, 1);
    metrics_event(r->book.metrics, t->step, code == CODE_AGAIN ? "stopped" : "end", "");
    metrics_flush(r->book.metrics);
    log_line(" ");
    log_line("%s at step %lld of %lld", code == CODE_AGAIN ? "stopped" : "done", (long long)t->step,
             (long long)r->set.steps);
    int64_t waits = 0;
    for (int k = 0; k < r->block.n; k++)
        waits += r->block.item[k].n;
    comm_sum_i64(r->team.group, &waits, 1);
    char block[64] = "";
    if (waits)
        snprintf(block, sizeof block, " + not yet learned from %lld", (long long)waits);
    int balances = t->drawn == t->judged && t->judged == t->learned + t->dropped + waits;
    log_line("balance      %s %s %lld = judged %lld = learned %lld + dropped %lld%s%s", what,
             r->src.offline ? "taken from files" : "drawn", (long long)t->drawn,
             (long long)t->judged, (long long)t->learned, (long long)t->dropped, block,
             balances ? "" : "   DOES NOT BALANCE");
    if (t->empty)
        log_line("             %lld of %lld steps had nothing to learn and changed nothing",
                 (long long)t->empty, (long long)t->step);
    log_line("             lists left out as too long %lld; tokens prefilled %lld, "
             "sampled %lld, trained %lld",
             (long long)t->left_out, (long long)t->prefilled, (long long)t->sampled,
             (long long)t->trained);
    for (int i = 0; i < PHASES; i++)
        if (r->book.phase_sum[i] > 0.0005 * total)
            log_line("time         %-10s %9.2f s  %5.1f%%", phase_names[i], r->book.phase_sum[i],
                     100 * r->book.phase_sum[i] / total);
    log_line("work         %.3g FLOP in %.1f s of steps: %.2f GFLOP/s on each rank", t->flops,
             t->seconds, ratio(t->flops, t->seconds) / 1e9 / r->team.ranks);
    log_line("memory       peak %.1f MB of %.1f MB planned", peak / 1e6,
             (double)r->set.planned / 1e6);
    if (r->team.grading) {
        grading_stats_t g = grading_stats(r->team.grading);
        int64_t n[7] = {g.programs, g.runs, g.cached, g.faults, g.redispatched, g.restarts, g.lost};
        comm_sum_i64(r->team.group, n, 7);
        comm_sum_f64(r->team.group, &g.busy_s, 1);
        if (n[0])
            log_line("graded       %lld programs in %lld runs, %lld known before, %lld "
                     "faults, %.1f s of sandboxes",
                     (long long)n[0], (long long)n[1], (long long)n[2], (long long)n[3], g.busy_s);
        if (n[4] || n[5] || n[6])
            log_line("             %lld jobs given out again, %lld keepers and launchers "
                     "replaced, %lld times a grader was silent",
                     (long long)n[4], (long long)n[5], (long long)n[6]);
    }
    log_line("RESULT run=%s steps=%lld seconds=%.2f tokens_sampled=%lld "
             "tokens_trained=%lld peak_mb=%.1f "
             "planned_mb=%.1f flops=%.4g%s",
             r->set.dir, (long long)t->step, t->seconds, (long long)t->sampled,
             (long long)t->trained, peak / 1e6, (double)r->set.planned / 1e6, t->flops,
             bank_imported_lists(&r->src.file, SUITES) ? " labels=imported" : "");
}
