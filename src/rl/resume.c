/* Checkpoints of a run, and continuing from one.

       param/  optim/m/  optim/v/      the block and its moments, by tensor name
       reference/                      where one is kept and is not the policy itself
       state                           the counters of state_t
       deck, config                    texts

   That is all the state there is: data order, random numbers and the learning rate are
   functions of (seed, step).  So a run that continues on the same number of ranks
   computes the same bits as one that never stopped; on another number the tensors are
   loaded exactly and results are equal up to the order of sums. Continuing refuses a
   deck that differs in a key marked FIXED.

   Of a block, and of the reference, one tensor is on the host at a time.  collective(group). */
#include "rl.h"
#include <stddef.h>
#include <string.h>

/* The fields of state_t by name; offsets so that saving and loading are one list. */
static const struct {
    const char *name;
    size_t at;
} counters[] = {
    {"step", offsetof(state_t, step)},
    {"drawn", offsetof(state_t, drawn)}, /* step first */
    {"judged", offsetof(state_t, judged)},
    {"learned", offsetof(state_t, learned)},
    {"dropped", offsetof(state_t, dropped)},
    {"left_out", offsetof(state_t, left_out)},
    {"prefilled", offsetof(state_t, prefilled)},
    {"sampled", offsetof(state_t, sampled)},
    {"trained", offsetof(state_t, trained)},
    {"reference_step", offsetof(state_t, reference_step)},
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
    ckpt_put_tensors(c, section, model_params(r->model), from_device, &(device_t){r->ops, block});
}

static void get_block(trainer_t *r, ckpt_t *c, const char *section, buf_t block)
{
    r->ops->zero(block, (size_t)r->count * sizeof(float));
    ckpt_get_tensors(c, section, model_params(r->model), to_device, &(device_t){r->ops, block});
}

static char *ckpt_folder(const trainer_t *r)
{
    text_t t = {0};
    text_addf(&t, "%s/ckpt", r->dir);
    char *path = mem_text(t.s);
    text_reset(&t);
    return path;
}

void trainer_save(trainer_t *r)
{
    if (r->saved_step == r->state.step)
        return;
    double start = clock_now();
    char *dir = ckpt_folder(r);
    if (r->fresh)
        fresh_save(r->fresh, r->state.step);
    ckpt_t *c = ckpt_create(r->group, dir, r->state.step, r->deck_text);
    ckpt_put_config(c, model_config(r->model));
    put_block(r, c, "param", optim_master(r->optim));
    put_block(r, c, "optim/m", optim_m(r->optim));
    put_block(r, c, "optim/v", optim_v(r->optim));
    if (r->reference && r->state.reference_step != r->state.step)
        ckpt_put_model(c, "reference", r->reference);
    for (int i = 1; i < COUNTERS; i++) { /* step is the checkpoint's own */
        int64_t value;
        memcpy(&value, (char *)&r->state + counters[i].at, sizeof value);
        ckpt_put_int(c, counters[i].name, value);
    }
    ckpt_put_int(c, "updates", optim_count(r->optim));
    ckpt_put_int(c, "seed", (int64_t)r->seed);
    ckpt_put_int(c, "ranks", r->ranks);
    ckpt_put_real(c, "seconds", r->state.seconds);
    ckpt_put_real(c, "flops", r->state.flops);
    metrics_flush(r->metrics); /* the metrics are never behind a checkpoint */
    ckpt_commit(c, (int)deck_int(r->deck, "run.keep"));
    r->saved_step = r->state.step;
    char text[128];
    snprintf(text, sizeof text, "step-%08lld.h5", (long long)r->state.step);
    metrics_event(r->metrics, r->state.step, "checkpoint", text);
    log_line("saved        %s/%s in %.2f s", dir, text, clock_now() - start);
    mem_free(dir);
}

ckpt_t *resume_open(trainer_t *r)
{
    char *dir = ckpt_folder(r);
    int64_t step = 0;
    if (r->rank == 0)
        step = ckpt_newest(dir);
    comm_bcast(r->group, &step, sizeof step, 0);
    text_t path = {0};
    text_addf(&path, "%s/step-%08lld.h5", dir, (long long)step);
    ckpt_t *c = ckpt_open(r->group, path.s);
    char *text = ckpt_deck(c);
    deck_t *old = deck_parse(path.s, text, 0, NULL);
    if (!deck_is_set(old, "prompt.question")) /* an older version's, which knew only this one */
        deck_set(old, "prompt.question", "brief");
    const char *key = deck_differs(old, r->deck);
    if (key) /* the same on every rank: one speaks */
        fail_any(r->group, 1, CODE_USAGE,
                 "%s: this run has %s = %s, the deck says %s, which may not change when "
                 "a run is "
                 "continued; set it back, or begin another run.dir",
                 path.s, key, deck_text(old, key), deck_text(r->deck, key));
    deck_free(old);
    mem_free(text);
    mem_free(dir);
    text_reset(&path);
    return c;
}

void resume_state(trainer_t *r, ckpt_t *c)
{
    get_block(r, c, "param", optim_master(r->optim));
    model_from_block(r->model, optim_master(r->optim));
    get_block(r, c, "optim/m", optim_m(r->optim));
    get_block(r, c, "optim/v", optim_v(r->optim));
    for (int i = 0; i < COUNTERS; i++) {
        int64_t value = ckpt_int(c, counters[i].name);
        memcpy((char *)&r->state + counters[i].at, &value, sizeof value);
    }
    optim_set_count(r->optim, ckpt_int(c, "updates"));
    r->state.seconds = ckpt_real(c, "seconds");
    r->state.flops = ckpt_real(c, "flops");
    if (r->reference && ckpt_has(c, "reference")) {
        ckpt_get_model(c, "reference", r->reference);
    } else if (r->reference) {
        model_copy(r->reference, r->model);
    }
    int64_t ranks = ckpt_int(c, "ranks");
    if (ranks != r->ranks)
        log_line("continued    from %lld ranks on %d: the same data and samples, sums in "
                 "another order",
                 (long long)ranks, r->ranks);
    r->saved_step = r->state.step;
    ckpt_close(c);
}
