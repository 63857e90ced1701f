/* A run, from its first page to its last.

   trainer_open reads the deck, begins or continues the run directory, says what memory
   it will take, allocates all of it, and loads the parameters: from the model
   directory, or, when continuing, from the newest checkpoint.  Every compute rank holds
   the whole model, the same parameters, moments and update (data parallel); ranks
   differ in their share of a step's prompts only.

   Stopping.  Any rank may be asked (signal, RUN/stop).  It tells the others by mail,
   which they look for between decode steps, so that a phase is left within one decode
   step everywhere; the decision itself is collective, once per step and once after
   generation.  Every rank hears exactly ranks - 1 such messages before it ends, so none
   stays on the wire.

   Memory: see plan.c.  Inside a step only finished trajectories, texts
   and the problem draw allocate. */
#include "rl.h"
#include <string.h>
#include <unistd.h>

enum { TAG_STOP = 9 };

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
        if (backend_selftest(r->ops, shape[i][0] < 1024 ? shape[i][0] : 1024, shape[i][1]))
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
    ready_refuse(&ready, r->group);
    *config = ready.config;
    r->tokenizer = ready.tokenizer, ready.tokenizer = NULL;
    r->template = ready.template, ready.template = NULL;
    plan_effective(r, ready.held);
    ready_free(&ready);
}

static void say_prompt(trainer_t *r)
{
    text_t text = {0};
    if (r->kind == RUN_TRAIN)
        sampler_stop(&r->sampler, r->template->stop, r->template->n_stop);
    sampler_stop(&r->eval, r->template->stop, r->template->n_stop);
    template_say(r->template, &text);
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
    const model_config_t *c = model_config(r->model);
    into_t into = {r->ops, optim_master(r->optim)};
    double start = clock_now();
    hf_weights(r->group, deck_text(r->deck, "model.dir"), c, model_params(r->model), into_master,
               &into);
    model_from_block(r->model, optim_master(r->optim));
    log_line("weights      %s, held as %s, read in %.2f s", deck_text(r->deck, "model.dir"),
             deck_text(r->deck, "model.dtype"), clock_now() - start);
}

/* Plan and allocation ---------------------------------------------------------------- */

static void open_plan(trainer_t *r, const model_config_t *c)
{
    plan_t plan[PLAN_LINES];
    plan[0] = (plan_t){"program and libraries so far", mem_peak_rss()};
    int n = 1 + plan_memory(plan + 1, r, c, r->ranks);
    report_plan(r, plan, n);
}

static void allocate(trainer_t *r, const model_config_t *c)
{
    r->model = model_new(c, r->ops);
    if (r->kind == RUN_TRAIN && r->recipe.kl_beta > 0)
        r->reference = model_new(c, r->ops);
    r->optim = optim_new(r->model);
    r->count = model_params(r->model)->count;
    r->grad = r->ops->alloc((size_t)r->count * sizeof(float));
    r->acts = acts_new(c, r->ops, r->max_tokens, r->max_tokens);
    if (r->kind == RUN_TRAIN)
        r->engine = engine_new(c, r->ops, &r->sampler);
    if (r->eval_every)
        r->eval_engine = engine_new(c, r->ops, &r->eval);
    r->logp = ALLOC(float, r->max_tokens);
    r->ref_logp = ALLOC(float, r->max_tokens);
    r->entropy = ALLOC(float, r->max_tokens);
    r->coef = ALLOC(float, r->max_tokens);
    r->member = ALLOC(int, r->max_tokens);
}

/* Data -------------------------------------------------------------------------------- */

/* Execution is the only label: a list with candidates that never ran is refused. */
static void check_lists(const trainer_t *r, const char *path)
{
    for (int i = 0; i < r->file.n_list; i++) {
        const list_t *l = &r->file.list[i];
        const char *wrong = l->suite == SUITE_TRAIN ? list_check(&r->file, l) : NULL;
        if (wrong) /* the same on every rank: one speaks */
            fail_any(r->group, 1, CODE_DATA,
                     "%s: list %d: %s; `aletheia grade` executes what is missing and "
                     "drops lists that execution contradicts",
                     path, i, wrong);
    }
}

/* Lists with imported labels only where the deck says so; then the first page does too. */
static void check_labels(const trainer_t *r, const char *path)
{
    int n = bank_imported_lists(&r->file, SUITES);
    fail_any(r->group, n && !deck_flag(r->deck, "data.allow_imported"), CODE_DATA,
             BANK_IMPORTED_REFUSED, path, n);
    if (n)
        log_line("labels       IMPORTED, not executed here, for %d of %d lists of %s", n,
                 r->file.n_list, path);
}

static void open_data(trainer_t *r)
{
    const char *path = deck_text(r->deck, "data.problems");
    int fresh = !strcmp(deck_text(r->deck, "data.source"), "fresh");
    size_t before = mem_live();
    if (*path)
        bank_read(r->group, &r->file, path);
    check_labels(r, path);
    r->bank = &r->file;
    if (r->eval_every && !*path)
        fail_any(r->group, 1, CODE_USAGE,
                 "run.eval_every = %d, but data.problems is not set: name the problem file "
                 "with the suites to evaluate on, or set run.eval_every = 0",
                 r->eval_every);
    if (fresh) {
        if (!r->grading)
            fail_any(r->group, 1, CODE_USAGE,
                     "data.source = fresh needs programs to be executed: "
                     "`aletheia train` can, sft cannot; make a file with `aletheia problems`");
        r->fresh = fresh_new(r->deck, r->grading, r->dir, r->recipe.prompts);
        log_line("data         problems drawn, executed and listed for every step");
        return;
    }
    if (!*path)
        fail_any(r->group, 1, CODE_USAGE,
                 "data.problems is not set: name a problem file (`aletheia "
                 "problems` makes one), or set data.source = fresh");
    r->data = data_new(&r->file, r->seed);
    if (!data_count(r->data, 5))
        fail_any(r->group, 1, CODE_DATA,
                 "%s holds no lists of the train suite; make some with "
                 "`aletheia problems`",
                 path);
    check_lists(r, path);
    log_line("data         %s: %d lists to train on, %.1f MB", path, data_count(r->data, 5),
             (double)(mem_live() - before) / 1e6);
}

trainer_t *trainer_open(run_kind_t kind, deck_t *d, const char *dir, group_t *group,
                        grading_t *grading, const char *first_page)
{
    trainer_t *r = ALLOC(trainer_t, 1);
    r->kind = kind, r->deck = d, r->group = group, r->grading = grading;
    r->rank = group_rank(group), r->ranks = group_size(group);
    r->dir = mem_text(dir);
    r->started = clock_now();
    r->saved_step = -1;
    plan_read(r);
    model_config_t config;
    int there = rundir_prepare(group, dir, deck_flag(d, "run.resume"));
    if (there)
        plan_effective(r, hf_held_type(d, deck_text(d, "model.dir")));
    else
        look_at_model(r, NULL, &config);
    text_t effective = {0}, path = {0};
    deck_write(d, &effective);
    r->deck_text = mem_text(effective.s);
    text_reset(&effective);
    text_addf(&path, "%s/log.txt", dir);
    log_open(path.s);
    text_clear(&path);
    text_addf(&path, "%s/stop", dir);
    stop_watch_file(path.s);
    text_reset(&path);
    log_line("%s", first_page);
    log_line("run          %s%s", dir, there ? ", continued" : "");
    log_line("deck         %s", kind == RUN_SFT ? "sft" : r->recipe.name);
    r->ops = deck_backend(d, dtype_of(deck_text(d, "model.dtype"), F32));
    int unit = r->ops->weight == BF16 && backend_matrix_unit(deck_flag(d, "layout.matrix_unit"));
    log_line("layout       %d compute rank%s, %lld to a model, backend %s%s", r->ranks,
             r->ranks > 1 ? "s" : "", (long long)deck_int(d, "layout.tensor"), r->ops->name,
             unit ? " on the matrix unit" : "");

    r->mail = group_split(group, 0, r->rank);
    ckpt_t *from = there ? resume_open(r) : NULL;
    rundir_deck(group, dir, r->deck_text);
    if (from) {
        model_config_t stored;
        ckpt_config(from, &stored);
        look_at_model(r, &stored, &config);
    }
    say_prompt(r);
    plan_fit(r, &config);
    check_products(r, &config);
    open_data(r);
    open_plan(r, &config);
    allocate(r, &config);
    load_weights(r, from);
    if (r->reference && !from)
        model_copy(r->reference, r->model);
    if (from)
        resume_state(r, from);
    r->first_step = r->state.step;
    report_open(r);
    return r;
}

void trainer_close(trainer_t *r, int code)
{
    trainer_stopping(r);                         /* from here on all ranks agree */
    while (r->stop && r->heard < r->ranks - 1) { /* every rank says it once: leave no mail behind */
        size_t n;
        int from, tag;
        void *letter = mail_poll(r->mail, &n, &from, &tag);
        r->heard += letter != NULL;
        mem_free(letter);
    }
    mail_flush(r->mail);
    if (r->stop && r->rank == 0) {
        text_t path = {0};
        text_addf(&path, "%s/stop", r->dir);
        unlink(path.s);
        text_reset(&path);
    }
    report_last(r, code);
    metrics_close(r->metrics);
    stop_watch_file(NULL);
    log_close();
    trainer_clear(r);
    if (r->fresh)
        fresh_free(r->fresh);
    data_free(r->data);
    bank_free(&r->file);
    engine_free(r->engine), engine_free(r->eval_engine);
    acts_free(r->acts);
    optim_free(r->optim);
    r->ops->release(r->grad, (size_t)r->count * sizeof(float));
    model_free(r->model);
    if (r->reference)
        model_free(r->reference);
    tokenizer_free(r->tokenizer);
    template_free(r->template);
    batch_free(&r->batch);
    mem_free(r->logp), mem_free(r->ref_logp), mem_free(r->entropy), mem_free(r->coef);
    mem_free(r->member), mem_free(r->list), mem_free(r->prompt), mem_free(r->traj);
    mem_free(r->reward), mem_free(r->advantage), mem_free(r->text);
    group_free(r->mail);
    mem_free(r->dir), mem_free(r->deck_text);
    mem_free(r);
}

/* Stopping --------------------------------------------------------------------------- */

int trainer_asked(trainer_t *r)
{
    size_t n;
    int from, tag;
    double now = clock_now();
    if (now < r->look_at) /* looking for mail may cost a turn of the core */
        return r->stop;
    r->look_at = now + 0.01;
    void *letter = r->ranks > 1 ? mail_poll(r->mail, &n, &from, &tag) : NULL;
    r->heard += letter != NULL;
    if (r->grading)
        grading_listen(r->grading);
    r->stop |= letter != NULL || stop_asked();
    mem_free(letter);
    for (int i = 0; r->stop && !r->told && i < r->ranks; i++)
        if (i != r->rank)
            mail_post(r->mail, i, TAG_STOP, "s", 1);
    r->told = r->stop;
    return r->stop;
}

int trainer_stopping(trainer_t *r)
{
    double any = trainer_asked(r);
    comm_max_f64(r->group, &any, 1);
    if (any > 0 && !r->told) {
        r->stop = 1;
        r->look_at = 0;
        trainer_asked(r);
    }
    return any > 0;
}

/* One step's beginning and end ------------------------------------------------------- */

void trainer_phase(trainer_t *r, int phase)
{
    double now = clock_now();
    r->phase[phase] += now - r->mark;
    r->mark = now;
}

void trainer_begin(trainer_t *r)
{
    memset(r->sum, 0, sizeof r->sum);
    memset(r->phase, 0, sizeof r->phase);
    r->length_max = r->mismatch = 0;
    r->step_started = r->mark = clock_now();
    int every = r->recipe.reference_reset;
    if (r->reference && every > 0 && r->state.step % every == 0 &&
        r->state.reference_step != r->state.step) {
        model_copy(r->reference, r->model);
        r->state.reference_step = r->state.step;
    }
}

void trainer_room(trainer_t *r, int n_prompt, int group_size)
{
    r->group_size = group_size;
    if (n_prompt > r->cap_prompt) {
        size_t n = (size_t)n_prompt * group_size;
        r->cap_prompt = n_prompt;
        r->list = mem_grow(r->list, n_prompt * sizeof *r->list);
        r->prompt = mem_grow(r->prompt, n_prompt * sizeof *r->prompt);
        r->traj = mem_grow(r->traj, n * sizeof *r->traj);
        r->reward = mem_grow(r->reward, n * sizeof *r->reward);
        r->advantage = mem_grow(r->advantage, n * sizeof *r->advantage);
        r->text = mem_grow(r->text, n * sizeof *r->text);
    }
    if (!n_prompt)
        return; /* more ranks than prompts */
    memset(r->traj, 0, (size_t)n_prompt * group_size * sizeof *r->traj);
    memset(r->text, 0, (size_t)n_prompt * group_size * sizeof *r->text);
}

void trainer_clear(trainer_t *r)
{
    for (int i = 0; i < r->n_prompt * r->group_size; i++) {
        traj_reset(&r->traj[i]);
        text_reset(&r->text[i]);
    }
    for (int i = 0; i < r->n_prompt; i++)
        mem_free((void *)r->prompt[i].token);
    r->n_prompt = 0;
}

void trainer_encode(trainer_t *r, const text_t *t, int32_t **token, int *n)
{
    int cap = 0;
    *token = NULL, *n = 0;
    tokenizer_encode(r->tokenizer, t->s, t->len, 1, token, n, &cap);
}

void trainer_share(const trainer_t *r, int n, int *first, int *last)
{
    *first = (int)((int64_t)n * r->rank / r->ranks);
    *last = (int)((int64_t)n * (r->rank + 1) / r->ranks);
}
