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

   collect: its tokens a second of generation against those of grpo-think's steps, as many
   lists a part as a step has prompts; the forward that gives log-probabilities at temperature
   1 is extra, `score` is its time over that of generation.

   Everything is written to a temporary folder, which goes.  Memory: five trainers. */
#include "bench_recipes.h"
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LEAST = 9 };                    /* rounds */
static const double least_seconds = 3; /* of each recipe's steps */

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
deck_t *recipes_deck(const recipes_t *b, const char *const *key, int n)
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
    deck_t *d = recipes_deck(b, NULL, 0);
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

trainer_t *recipes_open(const recipes_t *b, deck_t *d, const char *name)
{
    text_t dir = {0};
    text_addf(&dir, "%s/%s", b->folder, name);
    quiet(b, 1);
    trainer_t *t = trainer_open(RUN_TRAIN, d, dir.s, b->world, NULL, "bench recipes");
    quiet(b, 0);
    text_reset(&dir);
    return t;
}

static void open_runner(const recipes_t *b, runner_t *r)
{
    enum { KEYS = 10 };
    const char *key[KEYS] = {EVERY};
    int n = 6;
    for (int i = 0; i < 4 && r->key[i]; i++)
        key[n++] = r->key[i];
    r->deck = recipes_deck(b, key, n);
    r->trainer = recipes_open(b, r->deck, r->name);
}

void recipes_close(const recipes_t *b, trainer_t *t, deck_t *d)
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
    deck_t *d = recipes_deck(b, key, KEYS);
    quiet(b, 1);
    int stopped = collect_run(d, b->world, to);
    quiet(b, 0);
    ASSERT(!stopped);
    deck_free(d);
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
        recipes_say(b, &r[i], &r[0]);
    recipes_say_collect(b, &r[0]);
    for (int i = 0; i < N; i++)
        recipes_close(b, r[i].trainer, r[i].deck);
    mem_free(r);
}

void bench_recipes(char **argv, int argc)
{
    recipes_t *b = ALLOC(recipes_t, 1);
    b->world = comm_world(), b->argv = argv, b->argc = argc;
    look_at(b);
    make_folder(b);
    bench_steps(b);
    recipes_pairs(b);
    comm_barrier(b->world);
    if (group_rank(b->world) == 0)
        nftw(b->folder, gone, 16, FTW_DEPTH | FTW_PHYS);
    mem_free(b);
}
