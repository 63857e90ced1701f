/* Checkpoints of a run, and continuing from one.

       param/  optim/m/  optim/v/      the block and its moments, by tensor name
       reference/                      where one is kept and is not the policy itself
       state                           the counters of state_t
       block/                          what was sampled and not yet learned from (record.c)
       deck, config                    texts

   That is all the state there is: data order, random numbers and the learning rate are
   functions of (seed, step) and of how many lists were drawn.  So a run that continues on the same number of ranks
   computes the same bits as one that never stopped; on another number the tensors are
   loaded exactly and results are equal up to the order of sums. Continuing refuses a
   deck that differs in a key marked FIXED.

   Of a block, and of the reference, one tensor is on the host at a time.  collective(group). */
#include "rl.h"
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* The counters of state_t by name: saving and loading are one list. */
static const struct {
    const char *name;
    size_t at;
} counters[] = {
    {"drawn", offsetof(state_t, drawn)},
    {"judged", offsetof(state_t, judged)},
    {"learned", offsetof(state_t, learned)},
    {"dropped", offsetof(state_t, dropped)},
    {"left_out", offsetof(state_t, left_out)},
    {"prefilled", offsetof(state_t, prefilled)},
    {"sampled", offsetof(state_t, sampled)},
    {"trained", offsetof(state_t, trained)},
    {"reference_step", offsetof(state_t, reference_step)},
    {"empty", offsetof(state_t, empty)},
    {"position", offsetof(state_t, position)},
    {"units", offsetof(state_t, units)},
    {"block_end", offsetof(state_t, block_end)},
    {"tried", offsetof(state_t, tried)},
    {"kept", offsetof(state_t, kept)},
    {"below", offsetof(state_t, below)},
    {"warned", offsetof(state_t, warned)},
    {"start_lo", offsetof(state_t, start.lo)},
    {"start_hi", offsetof(state_t, start.hi)},
    {"rollouts_lo", offsetof(state_t, rollouts.lo)},
    {"rollouts_hi", offsetof(state_t, rollouts.hi)},
};
enum { COUNTERS = sizeof counters / sizeof *counters };

typedef struct {
    const ops_t *ops;
    buf_t block;
} device_t;

static void from_device(void *ctx, const param_t *t, float *host)
{
    const device_t *d = ctx;
    d->ops->get(host, buf_at(d->block, t->offset), (size_t)(t->rows * t->cols) * sizeof *host);
}

static void to_device(void *ctx, const param_t *t, float *host)
{
    const device_t *d = ctx;
    d->ops->put(buf_at(d->block, t->offset), host, (size_t)(t->rows * t->cols) * sizeof *host);
}

static void put_block(trainer_t *r, ckpt_t *c, const char *section, buf_t block)
{
    ckpt_put_tensors(c, section, model_params(r->net.model), from_device,
                     &(device_t){r->net.ops, block});
}

static void get_block(trainer_t *r, ckpt_t *c, const char *section, buf_t block)
{
    r->net.ops->zero(block, (size_t)r->net.count * sizeof(float));
    ckpt_get_tensors(c, section, model_params(r->net.model), to_device,
                     &(device_t){r->net.ops, block});
}

static char *ckpt_folder(const trainer_t *r)
{
    text_t t = {0};
    text_addf(&t, "%s/ckpt", r->set.dir);
    char *path = mem_text(t.s);
    text_reset(&t);
    return path;
}

/* What waits in the block, as rows; none where every rank's is empty. */
static void put_waiting(trainer_t *r, ckpt_t *c)
{
    record_t *rows;
    int64_t n = judged_records(&r->block, &rows), all = n;
    comm_sum_i64(r->team.group, &all, 1);
    if (all)
        record_put(ckpt_file(c), "block", rows, (int)n);
    mem_free(rows);
}

static int owns(void *r, int item)
{
    return trainer_owns(r, item);
}

static int by_step(const void *a, const void *b)
{
    const judged_t *x = a, *y = b;
    return x->step != y->step
               ? (x->step > y->step) - (x->step < y->step)
               : (x->prompt.item > y->prompt.item) - (x->prompt.item < y->prompt.item);
}

/* The counters know how many they are. */
static void get_waiting(trainer_t *r, ckpt_t *c)
{
    const state_t *s = &r->state;
    int64_t waits = s->drawn - s->learned - s->dropped;
    records_t rows = {0};
    if (ckpt_has(c, "block"))
        rows = record_get(ckpt_file(c), "block");
    fail_any(
        r->team.group, rows.n != waits, CODE_DATA,
        "%s: %lld sampled completions wait to be learned from, it holds %lld; use the previous "
        "checkpoint",
        h5_path(ckpt_file(c)), (long long)waits, (long long)rows.n);
    judged_from_records(&r->block, rows.row, rows.n, owns, r);
    if (r->block.n)
        qsort(r->block.item, (size_t)r->block.n, sizeof *r->block.item, by_step);
    records_free(&rows);
}

/* What an older file does not have: it was written where every step had its own block. */
static int64_t otherwise(const trainer_t *r, const char *name)
{
    return !strcmp(name, "position") ? r->state.step * r->set.recipe.prompts
           : !strcmp(name, "units") || !strcmp(name, "block_end") ? r->state.step
                                                                  : 0;
}

void trainer_save(trainer_t *r)
{
    if (r->book.saved_step == r->state.step)
        return;
    double start = clock_now();
    char *dir = ckpt_folder(r);
    if (r->src.fresh)
        fresh_save(r->src.fresh, r->state.step);
    ckpt_t *c = ckpt_create(r->team.group, dir, r->state.step, r->set.deck_text);
    ckpt_put_config(c, model_config(r->net.model));
    put_block(r, c, "param", optim_master(r->net.optim));
    put_block(r, c, "optim/m", optim_m(r->net.optim));
    put_block(r, c, "optim/v", optim_v(r->net.optim));
    if (r->net.reference && r->state.reference_step != r->state.step)
        ckpt_put_model(c, "reference", r->net.reference);
    for (int i = 0; i < COUNTERS; i++) {
        int64_t value;
        memcpy(&value, (char *)&r->state + counters[i].at, sizeof value);
        ckpt_put_int(c, counters[i].name, value);
    }
    put_waiting(r, c);
    ckpt_put_int(c, "updates", optim_count(r->net.optim));
    ckpt_put_int(c, "seed", (int64_t)r->set.seed);
    ckpt_put_int(c, "ranks", r->team.ranks);
    ckpt_put_real(c, "seconds", r->state.seconds);
    ckpt_put_real(c, "flops", r->state.flops);
    ckpt_put_real(c, "reward_start", r->state.reward_start);
    metrics_flush(r->book.metrics); /* the metrics are never behind a checkpoint */
    ckpt_commit(c, (int)deck_int(r->set.deck, "run.keep"));
    r->book.saved_step = r->state.step;
    char text[128];
    snprintf(text, sizeof text, "step-%08lld.h5", (long long)r->state.step);
    metrics_event(r->book.metrics, r->state.step, "checkpoint", text);
    log_line("saved        %s/%s in %.2f s", dir, text, clock_now() - start);
    mem_free(dir);
}

ckpt_t *resume_open(trainer_t *r)
{
    char *dir = ckpt_folder(r);
    int64_t step = 0;
    if (r->team.rank == 0)
        step = ckpt_newest(dir);
    comm_bcast(r->team.group, &step, sizeof step, 0);
    text_t path = {0};
    text_addf(&path, "%s/step-%08lld.h5", dir, (long long)step);
    ckpt_t *c = ckpt_open(r->team.group, path.s);
    char *text = ckpt_deck(c);
    deck_t *old = deck_parse(path.s, text, 0, NULL);
    if (!deck_is_set(old, "prompt.question")) /* an older version's, which knew only this one */
        deck_set(old, "prompt.question", "brief");
    const char *key = deck_differs(old, r->set.deck);
    if (key) /* the same on every rank: one speaks */
        fail_any(r->team.group, 1, CODE_USAGE,
                 "%s: this run has %s = %s, the deck says %s, which may not change when "
                 "a run is "
                 "continued; set it back, or begin another run.dir",
                 path.s, key, deck_text(old, key), deck_text(r->set.deck, key));
    deck_free(old);
    mem_free(text);
    mem_free(dir);
    text_reset(&path);
    return c;
}

void resume_state(trainer_t *r, ckpt_t *c)
{
    get_block(r, c, "param", optim_master(r->net.optim));
    model_from_block(r->net.model, optim_master(r->net.optim));
    get_block(r, c, "optim/m", optim_m(r->net.optim));
    get_block(r, c, "optim/v", optim_v(r->net.optim));
    r->state.step = ckpt_int(c, "step");
    for (int i = 0; i < COUNTERS; i++) {
        int64_t value = ckpt_int_or(c, counters[i].name, otherwise(r, counters[i].name));
        memcpy((char *)&r->state + counters[i].at, &value, sizeof value);
    }
    get_waiting(r, c);
    optim_set_count(r->net.optim, ckpt_int(c, "updates"));
    r->state.seconds = ckpt_real(c, "seconds");
    r->state.flops = ckpt_real(c, "flops");
    r->state.reward_start = ckpt_real_or(c, "reward_start", 0);
    if (r->net.reference && ckpt_has(c, "reference")) {
        ckpt_get_model(c, "reference", r->net.reference);
    } else if (r->net.reference) {
        model_copy(r->net.reference, r->net.model);
    }
    int64_t ranks = ckpt_int(c, "ranks");
    if (ranks != r->team.ranks)
        log_line("continued    from %lld ranks on %d: the same data and samples, sums in "
                 "another order",
                 (long long)ranks, r->team.ranks);
    r->book.saved_step = r->state.step;
    ckpt_close(c);
}
