/* aletheia collect DECK: answers of one model to the lists of a suite, as a rollout file.

   K answers a list (collect.samples), each with its tokens, text, verdict, reward and log-
   probabilities: at the sampling temperature, as they were sampled, and at 1, which is
   what pairs and likelihoods are about (where the two temperatures are one, so are the
   numbers; otherwise a second forward, in which a list's answers share their prompt,
   gives the bits that training would compute).  data.rollouts of a training deck names
   such files.

   The lists are dealt to the ranks in turn, part by part; randomness is keyed by list, so
   the file is the same whatever the number of ranks, and however often the job was
   stopped: the same command goes on where the last whole part ends.  Lists whose prompts
   are longer than sampler.max_prompt, or than the model has positions for, are left out
   and counted. */
#include "app.h"
#include <string.h>

typedef struct {
    group_t *g;
    deck_t *deck;
    loaded_t l;
    bank_t bank;
    template_t *template;
    answer_mode_t mode;
    sampler_t sampler;
    engine_t *engine;
    acts_t *acts; /* NULL: temperature is 1 */
    int max_tokens, overlong_cache;
    int *list, n_list, part;
    double counted; /* until when parts have been charged with this job's time */
    collection_t to;
    collected_t made;
} collect_t;

static int asked(void *ctx)
{
    (void)ctx;
    return stop_asked();
}

/* One part ------------------------------------------------------------------------------ */

static void ask(collect_t *c, int first, int last, judged_list_t *to)
{
    text_t text = {0};
    for (int i = first; i < last; i++) {
        const list_t *l = &c->bank.list[c->list[i]];
        int32_t *token = NULL;
        int n = 0, cap = 0;
        if (i % group_size(c->g) != group_rank(c->g))
            continue;
        text_clear(&text);
        prompt_text(&text, c->template, &c->bank, l, c->mode);
        tokenizer_encode(c->l.tokenizer, text.s, text.len, 1, &token, &n, &cap);
        if (n > c->sampler.max_prompt) {
            c->made.left_out++;
            mem_free(token);
            continue;
        }
        judged_t j = judged_new(c->list[i], &(prompt_t){c->list[i], token, n}, c->sampler.group);
        j.candidates = l->n, j.right = l->answer;
        PUSH(to->item, to->n, to->cap, j);
    }
    text_reset(&text);
}

/* 1: the job is to stop. */
static int generate(collect_t *c, judged_list_t *to)
{
    int G = c->sampler.group;
    prompt_t *prompt = ALLOC(prompt_t, to->n + 1);
    traj_t *out = ALLOC(traj_t, (size_t)to->n * G + 1);
    double start = clock_now(), left;
    for (int i = 0; i < to->n; i++)
        prompt[i] = to->item[i].prompt;
    left = engine_run(c->engine, c->l.model, &c->sampler, prompt, to->n, out, NULL, asked, NULL);
    for (int i = 0; i < to->n && !left; i++)
        memcpy(to->item[i].traj, out + (size_t)i * G, sizeof *out * G);
    c->made.generate_s += clock_now() - start;
    comm_max_f64(c->g, &left, 1);
    mem_free(prompt);
    mem_free(out);
    return left > 0;
}

static void read_answers(collect_t *c, judged_t *j)
{
    list_t list = {.n = j->candidates, .answer = j->right};
    for (int i = 0; i < j->n; i++) {
        const traj_t *t = &j->traj[i];
        tokenizer_decode(c->l.tokenizer, t->token + t->n_prompt, t->n_token, 1, &j->text[i]);
        j->reward[i] =
            reward_of(j->text[i].s ? j->text[i].s : "", j->text[i].len, t->n_token, &list, c->mode,
                      c->template, c->sampler.max_new, c->overlong_cache, t->truncated);
        c->made.answers++;
        c->made.right += j->reward[i].correct > 0.5f;
        c->made.parsed += j->reward[i].answer >= 0;
        c->made.tokens += t->n_token;
        c->made.flops += traj_flops(model_config(c->l.model), t);
    }
    c->made.lists++;
}

/* Log-probabilities at temperature 1 of each answer, borrowed from `all`. */
static float **at_one(collect_t *c, const judged_list_t *l, float **all)
{
    int64_t rows = 0, tokens = 0;
    for (int k = 0; k < l->n; k++)
        for (int i = 0; i < l->item[k].n; i++, rows++)
            tokens += l->item[k].traj[i].n_token;
    float **row = ALLOC(float *, rows + 1), *to = *all = ALLOC(float, tokens + 1);
    for (int k = 0, r = 0; k < l->n; k++) {
        const judged_t *j = &l->item[k];
        float *first = to;
        for (int i = 0; i < j->n; i++, r++) {
            row[r] = to;
            if (!c->acts)
                memcpy(to, j->traj[i].logp, (size_t)j->traj[i].n_token * sizeof *to);
            to += j->traj[i].n_token;
        }
        if (c->acts)
            c->made.flops += learn_score(c->acts, c->max_tokens, c->l.model, &j->prompt, j->traj,
                                         j->n, 1, first);
    }
    return row;
}

/* 1: the job is to stop. */
static int make_part(collect_t *c, int part)
{
    judged_list_t judged = {0};
    double start = clock_now(), flops = c->made.flops, now;
    int first = part * c->part, last = first + c->part < c->n_list ? first + c->part : c->n_list;
    ask(c, first, last, &judged);
    int stop = generate(c, &judged);
    if (!stop) {
        float *all, **row;
        for (int k = 0; k < judged.n; k++)
            read_answers(c, &judged.item[k]);
        double scored = clock_now();
        row = at_one(c, &judged, &all);
        c->made.score_s += clock_now() - scored;
        now = clock_now(); /* with what it took to write the part before */
        collection_put(&c->to, c->g, part, &judged, row, c->made.flops - flops, now - c->counted);
        c->counted = now;
        mem_free(row);
        mem_free(all);
    }
    judged_free(&judged);
    c->made.seconds += clock_now() - start;
    return stop;
}

/* The whole ----------------------------------------------------------------------------- */

static void read_lists(collect_t *c)
{
    const deck_t *d = c->deck;
    suite_t suite;
    int limit = (int)deck_int(d, "collect.limit");
    const char *path = deck_text(d, "data.problems");
    suites_read(deck_text(d, "collect.suite"), &suite);
    fail_any(c->g, !*path, CODE_USAGE,
             "data.problems is not set: name a problem file (`aletheia problems` makes one)");
    bank_read(c->g, &c->bank, path);
    int imported = bank_imported_lists(&c->bank, suite);
    fail_any(c->g, imported && !deck_flag(d, "data.allow_imported"), CODE_DATA,
             BANK_IMPORTED_REFUSED, path, imported);
    c->list = ALLOC(int, c->bank.n_list + 1);
    for (int i = 0; i < c->bank.n_list && (!limit || c->n_list < limit); i++)
        if (c->bank.list[i].suite == suite)
            c->list[c->n_list++] = i;
    fail_any(c->g, !c->n_list, CODE_DATA, "%s holds no lists of the suite %s", path,
             suite_names[suite]);
}

sampler_t collect_sampler(const deck_t *d, const model_config_t *m)
{
    sampler_t s = {.how = {.temperature = (float)deck_real(d, "collect.temperature"),
                           .top_p = (float)deck_real(d, "collect.top_p")},
                   .group = (int)deck_int(d, "collect.samples"),
                   .max_new = (int)deck_int(d, "collect.max_new"),
                   .width = (int)deck_int(d, "sampler.width"),
                   .max_prompt = (int)deck_int(d, "sampler.max_prompt"),
                   .seed = (uint64_t)deck_int(d, "run.seed"),
                   .purpose = RNG_COLLECT};
    int room = m->max_position - s.max_new;
    s.max_prompt = s.max_prompt < room ? s.max_prompt : room;
    return s;
}

ready_want_t collect_want(const deck_t *d, const char *dir)
{
    return (ready_want_t){.deck = d,
                          .dir = dir,
                          .asks = 1,
                          .eval_new = (int)deck_int(d, "collect.max_new"),
                          .eval_key = "collect.max_new"};
}

static void read_sampler(collect_t *c)
{
    const deck_t *d = c->deck;
    const model_config_t *m = model_config(c->l.model);
    c->overlong_cache = (int)deck_int(d, "collect.overlong_cache");
    c->part = (int)deck_int(d, "collect.part");
    c->sampler = collect_sampler(d, m);
    fail_any(c->g, c->sampler.max_prompt < 1, CODE_USAGE,
             "collect.max_new = %d leaves no room for a prompt: the model's positions end at %d "
             "(max_position_embeddings)",
             c->sampler.max_new, m->max_position);
    fail_any(c->g, c->overlong_cache > c->sampler.max_new, CODE_USAGE,
             "collect.overlong_cache = %d must not be above collect.max_new = %d",
             c->overlong_cache, c->sampler.max_new);
    sampler_stop(&c->sampler, c->template->stop, c->template->n_stop);
    c->max_tokens = c->sampler.max_prompt + c->sampler.max_new;
}

/* What decides the content of a part. */
static hash_t decided_by(const collect_t *c)
{
    const sampler_t *s = &c->sampler;
    const origin_t *o = &c->to.origin;
    double x[] = {s->how.temperature,
                  s->how.top_p,
                  s->group,
                  s->max_new,
                  s->max_prompt,
                  (double)s->seed,
                  c->overlong_cache,
                  c->n_list,
                  c->part,
                  model_ops(c->l.model)->weight};
    hash_t h = bank_hash(&c->bank);
    h = hash_more(h, x, sizeof x);
    h = hash_more(h, &o->params, sizeof o->params);
    h = hash_more(h, &o->tokenizer, sizeof o->tokenizer);
    h = hash_more(h, &o->prompt, sizeof o->prompt);
    return hash_more(h, c->list, sizeof *c->list * (size_t)c->n_list);
}

/* 1: it is there already, whole. */
static int open_collection(collect_t *c)
{
    text_t deck = {0};
    const deck_t *d = c->deck;
    deck_write(d, &deck);
    c->to = (collection_t){.out = deck_text(d, "collect.out"),
                           .deck = deck.s,
                           .origin = {.model = (char *)deck_text(d, "model.dir"),
                                      .params = model_hash(c->l.model),
                                      .tokenizer = origin_tokenizer(c->l.from),
                                      .prompt = origin_prompt(c->template, c->mode),
                                      .temperature = deck_real(d, "collect.temperature"),
                                      .top_p = deck_real(d, "collect.top_p")},
                           .parts = (c->n_list + c->part - 1) / c->part};
    snprintf(c->to.origin.mode, sizeof c->to.origin.mode, "%s", deck_text(d, "collect.mode"));
    c->to.of = decided_by(c);
    fail_any(c->g, !*c->to.out, CODE_USAGE, "collect.out is not set: name the file to be made");
    return collection_open(&c->to, c->g);
}

static void open_model(collect_t *c)
{
    const deck_t *d = c->deck;
    const char *path = deck_text(d, "model.dir");
    fail_any(c->g, !*path, CODE_USAGE,
             "model.dir is not set: name a model directory, a run directory or a checkpoint");
    ready_want_t want = collect_want(d, path);
    c->l = load_asked(c->g, path, &want, 0);
    c->template = asked_template(c->deck, &c->l);
    c->mode = strcmp(deck_text(d, "collect.mode"), "think") ? MODE_INSTRUCT : MODE_THINK;
}

/* Over all ranks; of times the largest. */
static void sum_up(collect_t *c)
{
    collected_t *m = &c->made;
    int64_t n[6] = {m->lists, m->left_out, m->answers, m->right, m->parsed, m->tokens};
    double s[3] = {m->generate_s, m->score_s, m->seconds}, flops = m->flops;
    comm_sum_i64(c->g, n, 6);
    comm_sum_f64(c->g, &flops, 1);
    comm_max_f64(c->g, s, 3);
    *m = (collected_t){n[0], n[1], n[2], n[3], n[4], n[5], s[0], s[1], s[2], flops};
}

static void say_result(const deck_t *d, const collected_t *m, int stopped)
{
    log_line("%s: %lld answers to %lld lists%s, %lld lists left out as too long",
             stopped ? "stopped" : "done", (long long)m->answers, (long long)m->lists,
             stopped ? " so far" : " by this job", (long long)m->left_out);
    double n = m->answers ? (double)m->answers : 1;
    log_line("RESULT verb=collect out=%s lists=%lld answers=%lld right=%.4f parsed=%.4f "
             "length=%.1f tokens=%lld generate_s=%.2f tokens_per_s=%.0f score_s=%.2f seconds=%.2f "
             "flops=%.4g left_out=%lld",
             deck_text(d, "collect.out"), (long long)m->lists, (long long)m->answers,
             (double)m->right / n, (double)m->parsed / n, (double)m->tokens / n,
             (long long)m->tokens, m->generate_s,
             m->generate_s > 0 ? (double)m->tokens / m->generate_s : 0, m->score_s, m->seconds,
             m->flops, (long long)m->left_out);
}

static void close_all(collect_t *c)
{
    engine_free(c->engine);
    if (c->acts)
        acts_free(c->acts);
    template_free(c->template);
    bank_free(&c->bank);
    mem_free(c->list);
    collection_reset(&c->to);
    load_free(&c->l);
}

/* Part by part; 1: the job is to stop. */
static int collect(collect_t *c)
{
    int stop = 0;
    const model_config_t *m = model_config(c->l.model);
    c->engine = engine_new(m, model_ops(c->l.model), &c->sampler);
    if (c->to.origin.temperature != 1)
        c->acts = acts_new(m, model_ops(c->l.model), c->max_tokens, c->max_tokens);
    log_line("collect      %d answers to each of %d %s lists, %s, temperature %g, in %d parts",
             c->sampler.group, c->n_list, deck_text(c->deck, "collect.suite"),
             deck_text(c->deck, "collect.mode"), c->to.origin.temperature, c->to.parts);
    c->counted = clock_now();
    for (int part = 0; part < c->to.parts && !stop; part++) {
        if (!collection_has(&c->to, c->g, part))
            stop = make_part(c, part);
        if (!stop)
            log_bar(c->to.out, part + 1, c->to.parts);
    }
    int64_t rows = stop ? 0 : collection_end(&c->to, c->g);
    fail_any(
        c->g, !stop && !rows, CODE_DATA,
        "%s: no list of the suite %s has a prompt that is not longer than sampler.max_prompt = "
        "%d: nothing was collected",
        deck_text(c->deck, "data.problems"), deck_text(c->deck, "collect.suite"),
        c->sampler.max_prompt);
    return stop;
}

int collect_run(deck_t *d, group_t *g, collected_t *out)
{
    collect_t c = {.g = g, .deck = d};
    open_model(&c);
    read_lists(&c);
    read_sampler(&c);
    int done = open_collection(&c), stop = !done && collect(&c);
    if (done)
        log_line("%s: is whole; its parts were taken away", c.to.out);
    sum_up(&c);
    *out = c.made;
    close_all(&c);
    return stop;
}

int verb_collect(call_t *call)
{
    collected_t made;
    stop_install();
    int stopped = collect_run(call->deck, comm_world(), &made);
    say_result(call->deck, &made, stopped);
    return stopped ? CODE_AGAIN : CODE_DONE;
}
