/* Pairs of stored answers, and what the reference says of them.

   The reference of an offline run is the model that it begins with, so its log-
   probabilities of every pair are computed once, before the first step, by the model
   itself: a second model in memory is never needed.  Where the file was sampled by these
   very parameters, its log-probabilities at temperature 1 are the ones that would be
   computed, bit for bit, and their sums are taken.  They are kept in pairs.file (or
   RUN/pairs.h5), which further runs from the same model read; a run that is continued
   must find it again, since the model has moved.

   The two answers share their prompt's forward.  Ranks take the pairs in turn.
   Communication: one sum over all pairs at the end; every PER pairs a word whether to
   stop. */
#include "offline.h"
#include <math.h>
#include <string.h>

enum { PER = 16 };

/* The right answer that the testbed writes to a list; tokens are new. */
static void write_answer(trainer_t *r, int list, int32_t **token, int *n)
{
    text_t text = {0};
    const bank_t *b = &r->src.file;
    trace_text(&text, r->net.template, b, &b->list[list], r->set.recipe.mode);
    trainer_encode(r, &text, token, n);
    text_reset(&text);
}

static int too_long(trainer_t *r, const offline_t *o, const pair_t *p)
{
    const rollout_t *no = rollouts_at(o->from, p->rejected);
    const rollout_t *yes = p->chosen < 0 ? NULL : rollouts_at(o->from, p->chosen);
    int n = yes ? yes->n_token : 0;
    if (!yes && no->list >= 0 && no->list < r->src.file.n_list) {
        int32_t *token;
        write_answer(r, no->list, &token, &n);
        mem_free(token);
    }
    return offline_too_long(r, no->n_prompt, no->n_token) || offline_too_long(r, no->n_prompt, n);
}

void offline_pairs_open(trainer_t *r, offline_t *o)
{
    const deck_t *d = r->set.deck;
    pairing_t how = {(int)deck_int(d, "pairs.most"), deck_flag(d, "pairs.splice"), r->set.seed};
    pairing_count_t c;
    int n = 0;
    fail_any(r->team.group, how.splice && !r->src.file.n_list, CODE_USAGE,
             "pairs.splice = yes writes right answers to the lists of a problem file: set "
             "data.problems to the one that was collected from");
    o->pair = pairs_form(o->from, &how, &n, &c);
    for (int i = 0; i < n; i++)
        if (!too_long(r, o, &o->pair[i]))
            o->pair[o->n_pair++] = o->pair[i];
    log_line(
        "pairs        %d of %d questions have right and wrong answers, %d right ones alone, %d "
        "wrong ones alone; %d pairs, %d of them with a written answer, %d too long",
        c.both, c.questions, c.only_right, c.only_wrong, n, c.spliced, n - o->n_pair);
    fail_any(r->team.group, !o->n_pair, CODE_DATA,
             "%s: no pair of a right and a wrong answer to one question is left (of %d questions, "
             "%d have right answers alone, %d wrong ones alone; pairs.splice = yes writes right "
             "ones); collect more samples a list, or at a higher temperature",
             deck_text(d, "data.rollouts"), c.questions, c.only_right, c.only_wrong);
}

/* The answer that the testbed writes to the list behind the prompt of `like`. */
static traj_t written(trainer_t *r, const traj_t *like, int list)
{
    text_t text = {0};
    int32_t *ask, *say;
    int n_ask, n_say;
    const bank_t *b = &r->src.file;
    answer_mode_t mode = r->set.recipe.mode;
    int bad = list < 0 || list >= b->n_list;
    if (!bad)
        prompt_text(&text, r->net.template, b, &b->list[list], mode);
    trainer_encode(r, &text, &ask, &n_ask);
    if (bad || n_ask != like->n_prompt || memcmp(ask, like->token, sizeof *ask * (size_t)n_ask))
        fail(CODE_DATA,
             "%s: list %d is not what was collected from, so no right answer can be written to it; "
             "name that problem file, or set pairs.splice = no",
             deck_text(r->set.deck, "data.problems"), list);
    write_answer(r, list, &say, &n_say);
    traj_t t = {.n_prompt = n_ask, .n_token = n_say};
    t.token = ALLOC(int32_t, n_ask + n_say);
    memcpy(t.token, ask, sizeof *ask * (size_t)n_ask);
    memcpy(t.token + n_ask, say, sizeof *say * (size_t)n_say);
    mem_free(ask);
    mem_free(say);
    text_reset(&text);
    return t;
}

judged_t offline_pair(trainer_t *r, offline_t *o, int i)
{
    const pair_t *p = &o->pair[i];
    int64_t at[2] = {p->chosen < 0 ? p->rejected : p->chosen, p->rejected};
    judged_t j = rollouts_take(o->from, at, 2, 1);
    if (p->chosen < 0) {
        traj_t t = written(r, &j.traj[1], j.list);
        traj_reset(&j.traj[0]);
        j.traj[0] = t;
        j.reward[0] = (reward_t){.total = 1, .correct = 1, .answer = j.right};
    }
    j.chosen = 0, j.rejected = 1;
    j.has_reference = 1;
    memcpy(j.reference, p->reference, sizeof j.reference);
    return j;
}

/* The reference of one pair ------------------------------------------------------------- */

/* The file's own log-probabilities are the reference's. */
static int known(const trainer_t *r, const offline_t *o, int64_t at, const traj_t *t)
{
    if (at < 0 || !t->logp || r->set.recipe.temperature != 1)
        return 0;
    const origin_t *from = rollouts_origin(o->from, rollouts_at(o->from, at)->file);
    return hash_equal(from->params, r->state.start);
}

static void refer(trainer_t *r, offline_t *o, int i)
{
    pair_t *p = &o->pair[i];
    judged_t j = offline_pair(r, o, i);
    const traj_t *t = j.traj;
    if (known(r, o, p->chosen, &t[0]) && known(r, o, p->rejected, &t[1])) {
        for (int side = 0; side < 2; side++)
            p->reference[side] = loss_logp(t[side].logp, t[side].n_token);
    } else {
        float *logp = ALLOC(float, t[0].n_token + t[1].n_token);
        learn_score(r->net.acts, r->set.max_tokens, r->net.model, &j.prompt, t, 2,
                    (float)r->set.recipe.temperature, logp);
        p->reference[0] = loss_logp(logp, t[0].n_token);
        p->reference[1] = loss_logp(logp + t[0].n_token, t[1].n_token);
        mem_free(logp);
    }
    judged_reset(&j);
}

/* 1: the run is to stop. */
static int refer_all(trainer_t *r, offline_t *o)
{
    int ranks = r->team.ranks;
    for (int i = 0; i < o->n_pair; i += PER * ranks) {
        if (trainer_stopping(r))
            return 1;
        for (int k = i; k < o->n_pair && k < i + PER * ranks; k++)
            if (trainer_owns(r, k))
                refer(r, o, k);
    }
    double *all = ALLOC(double, 2 * o->n_pair);
    for (int i = 0; i < o->n_pair; i++)
        if (trainer_owns(r, i))
            memcpy(all + 2 * i, o->pair[i].reference, sizeof o->pair[i].reference);
    comm_sum_f64(r->team.group, all, 2 * o->n_pair);
    for (int i = 0; i < o->n_pair; i++)
        memcpy(o->pair[i].reference, all + 2 * i, sizeof o->pair[i].reference);
    mem_free(all);
    return 0;
}

/* Of all that decides the numbers, but for the parameters. */
static hash_t made_of(const trainer_t *r, const offline_t *o)
{
    static const hash_t none;
    int splice = deck_flag(r->set.deck, "pairs.splice");
    return pairs_hash(o->from, o->pair, o->n_pair, r->set.recipe.temperature,
                      splice ? bank_hash(&r->src.file) : none);
}

int offline_prepare(trainer_t *r)
{
    offline_t *o = r->src.offline;
    const char *named = deck_text(r->set.deck, "pairs.file");
    text_t path = {0};
    int stop = 0;
    if (!o->pair || o->prepared)
        return 0;
    text_addf(&path, "%s%s", *named ? named : r->set.dir, *named ? "" : "/pairs.h5");
    hash_t of = made_of(r, o);
    double start = clock_now();
    if (pairs_read(r->team.group, path.s, r->state.start, of, o->pair, o->n_pair)) {
        log_line("reference    of %d pairs, from %s", o->n_pair, path.s);
    } else {
        fail_any(r->team.group, r->state.step > 0, CODE_DATA,
                 "%s: is gone; the reference's log-probabilities cannot be computed again, since "
                 "the model has moved: put it back, or begin another run.dir",
                 path.s);
        stop = refer_all(r, o);
        if (!stop) {
            pairs_write(r->team.group, path.s, r->set.deck_text, r->state.start, of, o->pair,
                        o->n_pair);
            log_line("reference    of %d pairs, computed in %.1f s, kept in %s", o->n_pair,
                     clock_now() - start, path.s);
        }
    }
    o->prepared = !stop;
    text_reset(&path);
    return stop;
}
