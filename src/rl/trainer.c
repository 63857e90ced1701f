/* A run, from its first page to its last.

   trainer_open reads the deck, begins or continues the run directory, says what memory
   it will take, allocates all of it, and loads the parameters: from the model
   directory, or, when continuing, from the newest checkpoint.  Every compute rank holds
   the whole model, the same parameters, moments and update (data parallel); ranks
   differ in the prompts that are dealt to them only.

   Memory: see plan.c.  Inside a step only finished completions, texts and the problem draw
   allocate. */
#include "rl.h"
#include <math.h>
#include <string.h>
#include <unistd.h>

/* The model -------------------------------------------------------------------------- */

/* Shapes of the forward's products: checked once for row invariance. */
static void check_products(const trainer_t *r, const model_config_t *c)
{
    int64_t q = (int64_t)c->heads * c->head_dim, kv = (int64_t)c->kv_heads * c->head_dim;
    int64_t shape[][2] = {{q + 2 * kv, c->width},
                          {c->width, q},
                          {2 * (int64_t)c->ffn, c->width},
                          {c->width, c->ffn},
                          {c->vocab, c->width}};
    /* rows of w are independent of each other by the operation's contract */
    for (int i = 0; i < 5; i++)
        if (backend_selftest(r->net.ops, shape[i][0] < 1024 ? shape[i][0] : 1024, shape[i][1]))
            log_line("products     the library's is not row-invariant at %lld x %lld: "
                     "ours is used instead",
                     (long long)shape[i][0], (long long)shape[i][1]);
}

/* Refuses what must be refused; then tokenizer, template and the type of the weights are the run's,
   and *config, if it is the directory's.  from: of the checkpoint that is continued, or NULL. */
static void look_at_model(trainer_t *r, const model_config_t *from, model_config_t *config)
{
    ready_want_t want = ready_of_run(r);
    want.config = from;
    ready_t ready = ready_look(&want);
    ready_refuse(&ready, r->team.group);
    *config = ready.config;
    r->net.tokenizer = ready.tokenizer, ready.tokenizer = NULL;
    r->net.template = ready.template, ready.template = NULL;
    plan_effective(r, ready.held);
    ready_free(&ready);
}

static void say_prompt(trainer_t *r)
{
    text_t text = {0};
    if (r->set.kind == RUN_TRAIN)
        sampler_stop(&r->set.sampler, r->net.template->stop, r->net.template->n_stop);
    sampler_stop(&r->set.eval, r->net.template->stop, r->net.template->n_stop);
    template_say(r->net.template, &text);
    log_line("prompt       %s", text.s);
    text_reset(&text);
}

typedef struct {
    const ops_t *ops;
    buf_t master;
} into_t;

static void into_master(void *ctx, const param_t *t, int64_t row, int64_t rows, const float *x)
{
    const into_t *i = ctx;
    i->ops->put(buf_at(i->master, t->offset + row * t->cols), x,
                (size_t)(rows * t->cols) * sizeof *x);
}

/* The float32 master is what the files hold, exactly; the model takes it over in its own type. */
static void load_weights(trainer_t *r, ckpt_t *from)
{
    if (from)
        return; /* resume_state puts them */
    const model_config_t *c = model_config(r->net.model);
    into_t into = {r->net.ops, optim_master(r->net.optim)};
    double start = clock_now();
    hf_weights(r->team.group, deck_text(r->set.deck, "model.dir"), c, model_params(r->net.model),
               into_master, &into);
    model_from_block(r->net.model, optim_master(r->net.optim));
    log_line("weights      %s, held as %s, read in %.2f s", deck_text(r->set.deck, "model.dir"),
             deck_text(r->set.deck, "model.dtype"), clock_now() - start);
}

/* What the counters are before the first step. */
static void begin_state(trainer_t *r)
{
    r->state.start = model_hash(r->net.model);
    if (r->net.reference)
        model_copy(r->net.reference, r->net.model);
}

/* Plan and allocation ---------------------------------------------------------------- */

static void open_plan(trainer_t *r, const model_config_t *c)
{
    plan_t plan[PLAN_LINES];
    plan[0] = plan_line("program and libraries so far", mem_peak_rss());
    int n = 1 + plan_memory(plan + 1, r, c, r->team.ranks);
    report_plan(r, plan, n);
}

static void allocate(trainer_t *r, const model_config_t *c)
{
    r->net.model = model_new(c, r->net.ops);
    int train = r->set.kind == RUN_TRAIN;
    if (train && recipe_keeps_reference(&r->set.recipe))
        r->net.reference = model_new(c, r->net.ops);
    r->net.optim = optim_new(r->net.model);
    r->net.count = model_params(r->net.model)->count;
    r->net.grad = r->net.ops->alloc((size_t)r->net.count * sizeof(float));
    r->net.acts = acts_new(c, r->net.ops, r->set.max_tokens, r->set.max_tokens);
    if (train && r->set.recipe.sync_every > 0)
        r->net.engine = engine_new(c, r->net.ops, &r->set.sampler);
    if (r->set.eval_every)
        r->net.eval_engine = engine_new(c, r->net.ops, &r->set.eval);
    r->micro.logp = ALLOC(float, r->set.max_tokens);
    r->micro.ref_logp = ALLOC(float, r->set.max_tokens);
    r->micro.entropy = ALLOC(float, r->set.max_tokens);
    r->micro.coef = ALLOC(float, r->set.max_tokens);
    r->micro.member = ALLOC(member_t, r->set.max_tokens);
}

/* The whole ---------------------------------------------------------------------------- */

trainer_t *trainer_open(run_kind_t kind, deck_t *d, const char *dir, group_t *group,
                        grading_t *grading, const char *first_page)
{
    trainer_t *r = ALLOC(trainer_t, 1);
    r->set.kind = kind, r->set.deck = d, r->team.group = group, r->team.grading = grading;
    r->team.rank = group_rank(group), r->team.ranks = group_size(group);
    r->set.dir = mem_text(dir);
    r->book.started = clock_now();
    r->book.saved_step = -1;
    plan_read(r);
    plan_check(r);
    model_config_t config;
    int there = rundir_prepare(group, dir, deck_flag(d, "run.resume"));
    if (there)
        plan_effective(r, hf_held_type(d, deck_text(d, "model.dir")));
    else
        look_at_model(r, NULL, &config);
    text_t effective = {0}, path = {0};
    deck_write(d, &effective);
    r->set.deck_text = mem_text(effective.s);
    text_reset(&effective);
    text_addf(&path, "%s/log.txt", dir);
    log_open(path.s);
    text_clear(&path);
    text_addf(&path, "%s/stop", dir);
    stop_watch_file(path.s);
    text_reset(&path);
    log_line("%s", first_page);
    log_line("run          %s%s", dir, there ? ", continued" : "");
    log_line("deck         %s", kind == RUN_SFT ? "sft" : r->set.recipe.name);
    r->net.ops = deck_backend(d, dtype_of(deck_text(d, "model.dtype"), F32));
    int unit =
        r->net.ops->weight == BF16 && backend_matrix_unit(deck_flag(d, "layout.matrix_unit"));
    log_line("layout       %d compute rank%s, %lld to a model, backend %s%s", r->team.ranks,
             r->team.ranks > 1 ? "s" : "", (long long)deck_int(d, "layout.tensor"),
             r->net.ops->name, unit ? " on the matrix unit" : "");

    r->quit.mail = group_split(group, 0, r->team.rank);
    ckpt_t *from = there ? resume_open(r) : NULL;
    rundir_deck(group, dir, r->set.deck_text);
    if (from) {
        model_config_t stored;
        ckpt_config(from, &stored);
        look_at_model(r, &stored, &config);
    }
    say_prompt(r);
    plan_fit(r, &config);
    check_products(r, &config);
    source_open(r);
    open_plan(r, &config);
    allocate(r, &config);
    load_weights(r, from);
    if (from)
        resume_state(r, from);
    else
        begin_state(r);
    r->book.first_step = r->state.step;
    source_open_offline(r);
    report_open(r);
    return r;
}

void trainer_close(trainer_t *r, int code)
{
    quit_settle(r);
    if (r->quit.stop && r->team.rank == 0) {
        text_t path = {0};
        text_addf(&path, "%s/stop", r->set.dir);
        unlink(path.s);
        text_reset(&path);
    }
    report_last(r, code);
    metrics_close(r->book.metrics);
    stop_watch_file(NULL);
    log_close();
    trainer_clear(r);
    source_close(r);
    engine_free(r->net.engine), engine_free(r->net.eval_engine);
    acts_free(r->net.acts);
    optim_free(r->net.optim);
    r->net.ops->release(r->net.grad, (size_t)r->net.count * sizeof(float));
    model_free(r->net.model);
    if (r->net.reference)
        model_free(r->net.reference);
    tokenizer_free(r->net.tokenizer);
    template_free(r->net.template);
    batch_free(&r->micro.batch);
    mem_free(r->micro.logp), mem_free(r->micro.ref_logp), mem_free(r->micro.entropy),
        mem_free(r->micro.coef);
    mem_free(r->micro.member);
    judged_free(&r->block), judged_free(&r->step.judged);
    group_free(r->quit.mail);
    mem_free(r->set.dir), mem_free(r->set.deck_text);
    mem_free(r);
}

/* One step's beginning and end ------------------------------------------------------- */

void trainer_phase(trainer_t *r, int phase)
{
    double now = clock_now();
    r->step.phase[phase] += now - r->step.mark;
    r->step.mark = now;
}

void trainer_begin(trainer_t *r)
{
    double now = clock_now();
    r->step = (step_t){.judged = r->step.judged, .started = now, .mark = now};
    r->step.lr = rate_at(r->set.deck, r->state.step, r->set.steps);
    int every = r->set.recipe.reference_reset;
    if (r->net.reference && every > 0 && r->state.step % every == 0 &&
        r->state.reference_step != r->state.step) {
        model_copy(r->net.reference, r->net.model);
        r->state.reference_step = r->state.step;
    }
}

void trainer_clear(trainer_t *r)
{
    judged_clear(&r->step.judged);
}

void trainer_count(trainer_t *r, const judged_t *j)
{
    double *s = r->step.sum;
    for (int i = 0; i < j->n; i++) {
        const traj_t *t = &j->traj[i];
        const reward_t *w = &j->reward[i];
        s[SUM_COUNTED]++;
        s[SUM_REWARD] += w->total;
        s[SUM_REWARD2] += (double)w->total * w->total;
        s[SUM_RIGHT] += w->correct;
        s[SUM_FORMAT] += w->format;
        s[SUM_OVERLONG] += w->overlong;
        s[SUM_PARSED] += w->answer >= 0;
        s[SUM_TRUNCATED] += t->truncated;
        s[SUM_LENGTH] += t->n_token;
        s[SUM_MASKED] += t->truncated ? t->n_token : 0;
        r->step.length_max = fmax(r->step.length_max, t->n_token);
    }
}

void trainer_encode(trainer_t *r, const text_t *t, int32_t **token, int *n)
{
    int cap = 0;
    *token = NULL, *n = 0;
    tokenizer_encode(r->net.tokenizer, t->s, t->len, 1, token, n, &cap);
}

int trainer_owns(const trainer_t *r, int64_t item)
{
    return item % r->team.ranks == r->team.rank;
}

int trainer_prepare(trainer_t *r)
{
    return r->src.offline ? offline_prepare(r) : 0;
}
