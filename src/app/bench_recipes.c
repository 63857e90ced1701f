/* aletheia bench recipes DECK [section.key=value ...]: what blocks, filters, refilling, right
   answers, pairs and files cost beside the computing itself.

   Steps of the real trainer, on the ranks that it is started on, with the deck's model, lists
   and sizes: grpo-think, and beside it bo-grpo (a block of VISIT steps), raft, dapo (filter
   and refill) and offline-grpo (files that `aletheia collect` made a moment ago).  They take
   turns of VISIT steps, in an order that turns round each time, so that a clock that
   drifts, or a neighbour, is in all of them; each round gives a ratio to grpo-think's turn
   of that round, and medians of the rounds are printed.  The rate is 0: everything is computed,
   nothing moves, so all recipes sample from one model from beginning to end.

   What can be compared.  A step's tokens a second (sampled and trained, over the whole wall)
   mix two things of different cost: raft learns from fewer tokens than it samples, grpo-think
   runs its reference's forward too.  So beside it stand

       generate   tokens sampled a second of the generating phase
       learn      FLOP a second of the learning phase (counted as the column flops of run.h5)
       flops      FLOP a second of the whole step
       work       the seconds that grpo-think would need for as many sampled tokens, as many FLOP of
                  learning and as many steps, at its own rates, over those that were needed

   each divided by grpo-think's.  `work` is what the recipe itself costs: 1 is nothing.  What
   refilling throws away is no waste of speed but of samples: `surplus` is its share, `rounds`
   the rounds of sampling a block.  What a recipe did not do has no number.

   pairs: forward, backward and update of PAIRS pairs, prompts of 200 and answers of 40
   tokens, by learn.c as a step does it, a pair sharing its prompt against each answer with
   a prompt of its own.

   collect: its tokens a second of generation against those of grpo-think's steps, as many
   lists a part as a step has prompts; the forward that gives log-probabilities at temperature
   1 is extra, `score` is its time over that of generation.

   Everything is written to a temporary folder, which goes.  Memory: five trainers. */
#include "app.h"
#include <ftw.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { VISIT = 4, LEAST = 15, MOST = 101, PAIRS = 16, PROMPT = 200, ANSWER = 40 };
static const double least_seconds = 3; /* of each recipe's steps */

typedef struct { /* one turn */
    double wall, phase[PHASES], sampled, trained, flops, learn_flops;
    double rounds, groups, surplus;
    int blocks;
} turn_t;

typedef struct {
    const char *name, *key[4];
    deck_t *deck;
    trainer_t *trainer;
    turn_t turn[MOST];
} runner_t;

typedef struct {
    group_t *world;
    char **argv; /* deck and the user's overrides */
    int argc;
    char folder[512];
    int n; /* rounds so far */
    collected_t collected[MOST];
} recipes_t;

/* The folder, decks -------------------------------------------------------------------- */

static int gone(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static void make_folder(recipes_t *b)
{
    const char *in = getenv("TMPDIR");
    int bad = 0;
    if (group_rank(b->world) == 0) {
        snprintf(b->folder, sizeof b->folder, "%s/aletheia-bench-XXXXXX", in && *in ? in : "/tmp");
        bad = !mkdtemp(b->folder);
    }
    fail_any(b->world, bad, CODE_USAGE, "%s: cannot make this folder; set TMPDIR", b->folder);
    comm_bcast(b->world, b->folder, sizeof b->folder, 0);
}

static void quiet(const recipes_t *b, int on)
{
    log_set_rank(on ? 1 : group_rank(b->world));
}

/* The user's deck with these keys too; a key's value may hold one %s, the folder. */
static deck_t *deck_with(const recipes_t *b, const char *const *key, int n)
{
    int given = b->argc - 1;
    char **all = ALLOC(char *, given + n + 1);
    memcpy(all, b->argv + 1, sizeof *all * (size_t)given);
    for (int i = 0; i < n; i++) {
        text_t t = {0};
        const char *at = strstr(key[i], "%s");
        int head = at ? (int)(at - key[i]) : (int)strlen(key[i]);
        text_addf(&t, "%.*s%s%s", head, key[i], at ? b->folder : "", at ? at + 2 : "");
        all[given + i] = t.s;
    }
    deck_t *d = deck_open(b->argv[0], given + n, all);
    for (int i = 0; i < n; i++)
        mem_free(all[given + i]);
    mem_free(all);
    return d;
}

/* What cannot be used is refused before anything is made. */
static void look_at(const recipes_t *b)
{
    deck_t *d = deck_with(b, NULL, 0);
    const char *model = deck_text(d, "model.dir"), *problems = deck_text(d, "data.problems");
    bank_t bank = {0};
    int lists = 0;
    fail_any(b->world, !*model || !*problems, CODE_USAGE,
             "%s is not set: bench recipes needs a model directory and a problem file",
             *model ? "data.problems" : "model.dir");
    ready_t ready = ready_look(&(ready_want_t){.deck = d, .dir = model, .asks = 1});
    ready_refuse(&ready, b->world);
    ready_free(&ready);
    bank_read(b->world, &bank, problems);
    for (int i = 0; i < bank.n_list; i++)
        lists += bank.list[i].suite == SUITE_TRAIN;
    fail_any(b->world, !lists, CODE_DATA, "%s holds no lists of the train suite", problems);
    bank_free(&bank);
    deck_free(d);
}

static trainer_t *open_trainer(const recipes_t *b, deck_t *d, const char *name)
{
    text_t dir = {0};
    text_addf(&dir, "%s/%s", b->folder, name);
    quiet(b, 1);
    trainer_t *t = trainer_open(RUN_TRAIN, d, dir.s, b->world, NULL, "bench recipes");
    quiet(b, 0);
    text_reset(&dir);
    return t;
}

#define EVERY                                                                   \
    "run.steps=1000000000", "run.eval_every=0", "run.resume=no", "recipe.lr=0", \
        "recipe.record_every=0", "data.source=file"

static void open_runner(const recipes_t *b, runner_t *r)
{
    enum { KEYS = 10 };
    const char *key[KEYS] = {EVERY};
    int n = 6;
    for (int i = 0; i < 4 && r->key[i]; i++)
        key[n++] = r->key[i];
    r->deck = deck_with(b, key, n);
    r->trainer = open_trainer(b, r->deck, r->name);
}

static void close_trainer(const recipes_t *b, trainer_t *t, deck_t *d)
{
    quiet(b, 1);
    trainer_close(t, CODE_DONE);
    quiet(b, 0);
    deck_free(d);
}

/* Turns -------------------------------------------------------------------------------- */

static void take_turn(const recipes_t *b, runner_t *r, turn_t *to)
{
    trainer_t *t = r->trainer;
    state_t before = t->state;
    double phase[PHASES];
    memcpy(phase, t->book.phase_sum, sizeof phase);
    *to = (turn_t){0};
    quiet(b, 1);
    comm_barrier(b->world);
    double start = clock_now();
    for (int i = 0; i < VISIT; i++) {
        int stopped = step_run(t);
        ASSERT(!stopped);
        const double *s = t->step.sum;
        to->learn_flops += s[SUM_LEARN_FLOPS];
        to->rounds += t->step.rounds, to->blocks += t->step.rounds > 0;
        to->surplus += s[SUM_SURPLUS];
        to->groups += s[SUM_GROUPS] + s[SUM_FILTERED] + s[SUM_SURPLUS];
    }
    to->wall = clock_now() - start;
    quiet(b, 0);
    for (int i = 0; i < PHASES; i++)
        to->phase[i] = t->book.phase_sum[i] - phase[i];
    to->sampled = (double)(t->state.sampled - before.sampled);
    to->trained = (double)(t->state.trained - before.trained);
    to->flops = t->state.flops - before.flops;
}

/* collect.out is OUT of the folder; other answers with another seed. */
static void take_collect(const recipes_t *b, const char *out, int seed, const recipe_t *c,
                         collected_t *to)
{
    enum { KEYS = 9 };
    char text[KEYS][300];
    const char *key[KEYS];
    snprintf(text[0], sizeof *text, "collect.out=%%s/%s", out);
    snprintf(text[1], sizeof *text, "collect.samples=%d", c->group);
    snprintf(text[2], sizeof *text, "collect.max_new=%d", c->max_new);
    snprintf(text[3], sizeof *text, "collect.temperature=%.17g", c->temperature);
    snprintf(text[4], sizeof *text, "collect.part=%d", c->prompts);
    snprintf(text[5], sizeof *text, "collect.limit=%lld", (long long)VISIT * c->prompts);
    snprintf(text[6], sizeof *text, "collect.suite=train");
    snprintf(text[7], sizeof *text, "collect.mode=think");
    snprintf(text[8], sizeof *text, "run.seed=%d", seed);
    for (int i = 0; i < KEYS; i++)
        key[i] = text[i];
    deck_t *d = deck_with(b, key, KEYS);
    quiet(b, 1);
    int stopped = collect_run(d, b->world, to);
    quiet(b, 0);
    ASSERT(!stopped);
    deck_free(d);
}

/* What is said ------------------------------------------------------------------------- */

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
static double median(double *x, int n)
{
    int some = 0;
    for (int i = 0; i < n; i++)
        if (isfinite(x[i]))
            x[some++] = x[i];
    qsort(x, (size_t)some, sizeof *x, by_size);
    return some ? x[some / 2] : 0;
}

static void say_runner(const recipes_t *b, const runner_t *r, const runner_t *grpo)
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
        m[i] = median(x[i], b->n);
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

static void say_collect(const recipes_t *b, const runner_t *grpo)
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
             median(x, b->n), median(score, b->n));
}

/* Recipes ------------------------------------------------------------------------------ */

static void bench_steps(recipes_t *b)
{
    enum { N = 5 };
    runner_t *r = ALLOC(runner_t, N);
    static const runner_t kinds[N] = {
        {.name = "grpo-think", .key = {"recipe.name=grpo-think", "recipe.sync_every=1"}},
        {.name = "bo-grpo", .key = {"recipe.name=bo-grpo", "recipe.sync_every=4"}},
        {.name = "raft", .key = {"recipe.name=raft", "recipe.sync_every=1"}},
        {.name = "dapo", .key = {"recipe.name=dapo", "recipe.sync_every=1"}},
        {.name = "offline-grpo",
         .key = {"recipe.name=offline-grpo", "recipe.sync_every=0", "data.rollouts=%s/kept.h5"}},
    };
    turn_t first;
    collected_t kept;
    double seconds = 0;
    for (int i = 0; i < N; i++) {
        r[i] = kinds[i];
        if (i == N - 1)
            take_collect(b, "kept.h5", 1, &r[0].trainer->set.recipe, &kept);
        open_runner(b, &r[i]);
        take_turn(b, &r[i], &first); /* touches the memory */
    }
    for (b->n = 0; b->n < MOST && (b->n < LEAST || seconds < least_seconds); b->n++) {
        text_t out = {0};
        for (int i = 0; i < N; i++) {
            int which = b->n % 2 ? N - 1 - i : i;
            take_turn(b, &r[which], &r[which].turn[b->n]);
        }
        text_addf(&out, "collect-%d.h5", b->n);
        take_collect(b, out.s, 2 + b->n, &r[0].trainer->set.recipe, &b->collected[b->n]);
        text_reset(&out);
        seconds += r[0].turn[b->n].wall;
        comm_bcast(b->world, &seconds, sizeof seconds, 0);
    }
    for (int i = 0; i < N; i++)
        say_runner(b, &r[i], &r[0]);
    say_collect(b, &r[0]);
    for (int i = 0; i < N; i++)
        close_trainer(b, r[i].trainer, r[i].deck);
    mem_free(r);
}

/* Pairs -------------------------------------------------------------------------------- */

/* n answers to prompt `item`, from answer `first` on. */
static judged_t made_up(int vocab, int item, int first, int n)
{
    int32_t *token = ALLOC(int32_t, PROMPT);
    for (int i = 0; i < PROMPT; i++)
        token[i] = (int32_t)(rng_at(7, RNG_TEST, (uint64_t)item, 0, (uint32_t)i) * (float)vocab);
    judged_t j = judged_new(0, &(prompt_t){item, token, PROMPT}, n);
    for (int k = 0; k < n; k++) {
        traj_t *t = &j.traj[k];
        *t = (traj_t){.item = item, .sample = first + k, .n_prompt = PROMPT, .n_token = ANSWER};
        t->token = ALLOC(int32_t, PROMPT + ANSWER);
        t->logp = ALLOC(float, ANSWER);
        memcpy(t->token, token, sizeof *token * PROMPT);
        for (int i = 0; i < ANSWER; i++)
            t->token[PROMPT + i] = (int32_t)(rng_at(7, RNG_TEST, (uint64_t)item,
                                                    (uint64_t)(1 + first + k), (uint32_t)i) *
                                             (float)vocab);
    }
    return j;
}

static int everyone(const trainer_t *r, const judged_t *j, int i)
{
    (void)r, (void)j, (void)i;
    return 1;
}

/* Neighbours are a pair, whether they share their prompt or not; where they began is the reference. */
static void weigh(trainer_t *r, micro_t *m)
{
    pair_sums_t s = {0};
    ASSERT(m->n_member % 2 == 0);
    for (int k = 0; k < m->n_member; k += 2) {
        double coef[2], logp[2] = {0}, reference[2] = {0};
        for (int side = 0; side < 2; side++)
            for (int i = 0; i < m->member[k + side].n; i++)
                logp[side] += m->logp[m->member[k + side].row + i];
        loss_pair(coef, &s, r->set.recipe.pair_beta, logp, reference, PAIRS);
        for (int side = 0; side < 2; side++)
            for (int i = 0; i < m->member[k + side].n; i++)
                m->coef[m->member[k + side].row + i] = (float)coef[side];
    }
    r->step.sum[SUM_LOSS] += s.loss;
}

/* Seconds of one step, in one micro-batch; *loss is what it found. */
static double pair_step(trainer_t *t, int shared, double *loss)
{
    int vocab = model_config(t->net.model)->vocab;
    judged_list_t *l = &t->step.judged;
    for (int i = 0; i < PAIRS; i++)
        for (int k = 0; k < (shared ? 1 : 2); k++)
            PUSH(l->item, l->n, l->cap, made_up(vocab, i, k, shared ? 2 : 1));
    t->step.sum[SUM_LOSS] = 0;
    double start = clock_now();
    learn_run(t, everyone, 0, weigh);
    learn_update(t);
    double seconds = clock_now() - start;
    *loss = t->step.sum[SUM_LOSS];
    trainer_clear(t);
    return seconds;
}

static void bench_pairs(recipes_t *b)
{
    enum { REPEAT = 25 };
    char micro[64];
    snprintf(micro, sizeof micro, "recipe.micro_tokens=%d", 2 * PAIRS * (PROMPT + ANSWER));
    const char *key[] = {EVERY, "recipe.name=online-dpo", "recipe.sync_every=1", micro};
    deck_t *d = deck_with(b, key, sizeof key / sizeof *key);
    trainer_t *t = open_trainer(b, d, "pairs");
    double x[REPEAT], seconds[2][REPEAT], loss[2];
    for (int k = -1; k < REPEAT; k++) { /* the first one touches the memory */
        int first = k & 1;
        for (int i = 0; i < 2; i++) {
            int shared = i ? !first : first;
            double s = pair_step(t, shared, &loss[shared]);
            if (k >= 0)
                seconds[shared][k] = s;
        }
        if (k >= 0)
            x[k] = seconds[1][k] / seconds[0][k];
    }
    log_line("RESULT bench=pairs pairs=%d prompt=%d answer=%d shared_s=%.4f unshared_s=%.4f "
             "ratio=%.3f same_loss=%d",
             PAIRS, PROMPT, ANSWER, median(seconds[1], REPEAT), median(seconds[0], REPEAT),
             median(x, REPEAT), loss[0] == loss[1]);
    close_trainer(b, t, d);
}

void bench_recipes(char **argv, int argc)
{
    recipes_t *b = ALLOC(recipes_t, 1);
    b->world = comm_world(), b->argv = argv, b->argc = argc;
    look_at(b);
    make_folder(b);
    bench_steps(b);
    bench_pairs(b);
    comm_barrier(b->world);
    if (group_rank(b->world) == 0)
        nftw(b->folder, gone, 16, FTW_DEPTH | FTW_PHYS);
    mem_free(b);
}
