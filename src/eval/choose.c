/* The best of N programs, chosen by a verifier.

   Of each problem N programs are drawn in an order (reference, weak, strong, rewritten ones mixed;
   all in one language); for each size 1, 2, 4, ..., N a tournament chooses among the first ones, so
   the curve over N is over growing pools.  All tournaments of a rank's problems play a round at a
   time, and a round's questions of all of them are one batch for the engine.  A pair that one
   tournament has asked is known to the others of its problem.

   What is chosen is executed while others are still being asked, and so are all entrants, for the
   vote of their outputs (trial.c).  Randomness is keyed by problem and question: ranks do not
   matter. */
#include "eval.h"
#include <math.h>
#include <string.h>
#include <time.h>

enum { SIZES = 8, PAIR_UNKNOWN = -2 };

typedef struct { /* a problem and its tournaments */
    int problem, lists;
    tournament_t *contest[SIZES];
    int asked[SIZES], silent[SIZES], chosen[SIZES];
    int8_t pair[ENTRANTS * ENTRANTS]; /* by who was shown first and second: winner, -1, unknown */
} case_t;

typedef struct { /* a match waiting for the answer to a question */
    int at, size, query;
    match_t *match;
} waiting_t;

typedef struct {
    const asker_t *a;
    const choosing_t *c;
    int size[SIZES], sizes;
    case_t *of;
    int n, *entrant; /* [n][programs]: programs of the bank */
    trial_t *trial;
    double stall, next_poll;
    int stopped;
    int64_t questions, silent;
} choosing_now_t;

/* Who takes part
   ---------------------------------------------------------------------- */

static int takes_part(const program_t *p)
{
    return !isnan(p->pass_rate) && p->label == LABEL_EXECUTED &&
           (!p->origin || strncmp(p->origin, "edited: ", 8) != 0);
}

typedef struct {
    int *first, *next; /* [n_problem], [n_program]: programs of a problem as chains, in order */
} chains_t;

static chains_t chains_of(const bank_t *b)
{
    chains_t c = {ALLOC(int, b->n_problem + 1), ALLOC(int, b->n_program + 1)};
    for (int i = 0; i < b->n_problem; i++)
        c.first[i] = -1;
    for (int i = b->n_program - 1; i >= 0; i--) {
        c.next[i] = c.first[b->program[i].problem];
        c.first[b->program[i].problem] = i;
    }
    return c;
}

/* The problem's programs in the language that most of them are in, into to[most] (NULL: counted). */
static int programs_of(const bank_t *b, const chains_t *c, int problem, int *to, int most)
{
    int count[LANGS] = {0}, lang = 0, n = 0;
    for (int i = c->first[problem]; i >= 0; i = c->next[i])
        count[b->program[i].lang] += takes_part(&b->program[i]);
    for (int l = 1; l < LANGS; l++)
        lang = count[l] > count[lang] ? l : lang;
    for (int i = c->first[problem]; i >= 0 && to && n < most; i = c->next[i])
        if (takes_part(&b->program[i]) && (int)b->program[i].lang == lang)
            to[n++] = i;
    return count[lang];
}

static void draw_entrants(const choosing_now_t *w, const chains_t *c, int problem, int *entrant)
{
    const bank_t *b = w->a->bank;
    int n = programs_of(b, c, problem, NULL, 0), *all = ALLOC(int, n + 1);
    rng_t r = rng_make(w->c->seed, RNG_CHOICE, b->problem[problem].id.lo, UINT64_MAX);
    programs_of(b, c, problem, all, n);
    rng_shuffle(&r, all, n);
    memcpy(entrant, all, sizeof(int) * (size_t)w->c->programs);
    mem_free(all);
}

/* The problems that are chosen for, of all ranks; how many. */
static int problems_of(const asker_t *a, const choosing_t *c, const chains_t *chains, int *problem,
                       choices_t *r)
{
    int n = 0;
    for (int i = 0; i < a->bank->n_problem && (!c->limit || n < c->limit); i++) {
        if (a->bank->problem[i].split != (int)c->split)
            continue;
        int programs = programs_of(a->bank, chains, i, NULL, 0);
        r->most = programs > r->most ? programs : r->most;
        r->too_few += programs < c->programs;
        if (programs >= c->programs)
            problem[n++] = i;
    }
    return n;
}

static void open_cases(choosing_now_t *w, const chains_t *chains, const int *problem)
{
    w->of = ALLOC(case_t, w->n + 1);
    w->entrant = ALLOC(int, (size_t)w->n *(size_t)w->c->programs + 1);
    for (int i = 0; i < w->n; i++) {
        case_t *k = &w->of[i];
        k->problem = problem[i];
        memset(k->pair, PAIR_UNKNOWN, sizeof k->pair);
        draw_entrants(w, chains, problem[i], w->entrant + (int64_t)i * w->c->programs);
        for (int s = 0; s < w->sizes; s++) {
            k->contest[s] = tournament_new(
                &(contest_t){.method = w->size[s] <= w->c->group ? BY_KNOCKOUT : w->c->method,
                             .n = w->size[s],
                             .group = w->c->group,
                             .rounds = w->c->rounds,
                             .seed = w->c->seed,
                             .key = (w->a->bank->problem[problem[i]].id.lo << 8) + (uint64_t)s});
            k->chosen[s] = -1;
        }
    }
}

/* Rounds
   ---------------------------------------------------------------------- */

static list_t list_of(const choosing_now_t *w, int at, const match_t *m)
{
    list_t l = {.suite = w->c->split, .problem = w->of[at].problem, .n = m->n};
    for (int i = 0; i < m->n; i++)
        l.program[i] = w->entrant[(int64_t)at * w->c->programs + m->entrant[i]];
    return l;
}

typedef struct { /* a round's questions: lists, then pairs */
    query_t *query[2];
    int n[2], cap[2], n_waiting, cap_waiting;
    waiting_t *waiting; /* query: below 0 ~ of a pair */
} round_t;

/* A pair's answer is known, or its question is in the round already. */
static int known_pair(const choosing_now_t *w, const round_t *r, int at, match_t *m)
{
    const case_t *k = &w->of[at];
    m->winner = k->pair[m->entrant[0] * ENTRANTS + m->entrant[1]];
    if (m->winner != PAIR_UNKNOWN)
        return -1;
    m->winner = -1;
    int item = k->problem * ENTRANTS * ENTRANTS + m->entrant[0] * ENTRANTS + m->entrant[1];
    for (int i = r->n[1] - 1; i >= 0 && r->query[1][i].list.problem == k->problem; i--)
        if (r->query[1][i].item == item)
            return i;
    return r->n[1];
}

static void add_match(choosing_now_t *w, round_t *r, int at, int size, match_t *m)
{
    case_t *k = &w->of[at];
    int is_pair = k->contest[size] && w->size[size] > w->c->group && w->c->method != BY_KNOCKOUT;
    query_t q = {.list = list_of(w, at, m)};
    k->asked[size]++;
    int place = r->n[0];
    if (is_pair) {
        place = known_pair(w, r, at, m);
        if (place < 0) {
            k->silent[size] += m->winner < 0;
            return;
        }
        q.item = k->problem * ENTRANTS * ENTRANTS + m->entrant[0] * ENTRANTS + m->entrant[1];
    } else {
        q.item = k->problem * ENTRANTS * ENTRANTS + k->lists++;
    }
    if (place == r->n[is_pair])
        PUSH(r->query[is_pair], r->n[is_pair], r->cap[is_pair], q);
    PUSH(r->waiting, r->n_waiting, r->cap_waiting,
         ((waiting_t){at, size, is_pair ? ~place : place, m}));
}

static int decided(const choosing_now_t *w, const query_t *q, const heard_t *h)
{
    int votes[5] = {0};
    for (int s = 0; s < w->a->how->samples; s++)
        if (h[s].answer >= 0)
            votes[h[s].answer]++;
    return vote_winner(votes, q->list.n);
}

/* 1: abandoned. */
static int hear(choosing_now_t *w, const asker_t *a, round_t *r)
{
    int K = a->how->samples, stopped = 0;
    heard_t *heard[2];
    for (int p = 0; p < 2; p++) {
        heard[p] = ALLOC(heard_t, (size_t)r->n[p] * (size_t)K + 1);
        stopped = stopped ||
                  ask_model(a, p ? ASK_DUEL : ASK_CHOICE, r->query[p], r->n[p], K, heard[p], NULL);
        w->questions += r->n[p];
        for (int i = 0; i < r->n[p] && !stopped; i++)
            w->silent += decided(w, &r->query[p][i], heard[p] + i * K) < 0;
    }
    for (int i = 0; i < r->n_waiting && !stopped; i++) {
        waiting_t *x = &r->waiting[i];
        case_t *k = &w->of[x->at];
        int p = x->query < 0, q = p ? ~x->query : x->query;
        int letter = decided(w, &r->query[p][q], heard[p] + q * K);
        x->match->winner = letter < 0 ? -1 : x->match->entrant[letter];
        k->silent[x->size] += letter < 0;
        if (p)
            k->pair[x->match->entrant[0] * ENTRANTS + x->match->entrant[1]] =
                (int8_t)x->match->winner;
    }
    mem_free(heard[0]), mem_free(heard[1]);
    return stopped;
}

/* All matches that can be played now; 0: everything is decided. */
static int collect(choosing_now_t *w, round_t *r)
{
    for (int i = 0; i < w->n; i++)
        for (int s = 0; s < w->sizes; s++) {
            case_t *k = &w->of[i];
            match_t *m;
            if (k->chosen[s] >= 0)
                continue;
            k->chosen[s] = tournament_winner(k->contest[s]);
            if (k->chosen[s] >= 0) {
                trial_judge(w->trial, i, k->chosen[s]);
                continue;
            }
            int n = tournament_round(k->contest[s], &m);
            for (int j = 0; j < n; j++)
                add_match(w, r, i, s, &m[j]);
        }
    for (int i = 0; i < w->n; i++)
        for (int s = 0; s < w->sizes; s++)
            if (w->of[i].chosen[s] < 0)
                return 1;
    return 0;
}

/* Graders are looked after as often as takes a thirtieth of the time: a look is some microseconds, but
   where ranks are more than cores MPI lends this one's to others meanwhile.  What they hold lasts
   longer than the longest pause. */
static int between_steps(void *ctx)
{
    const double often = 0.005, seldom = 1, share = 30;
    choosing_now_t *w = ctx;
    double start = clock_now();
    if (start >= w->next_poll) {
        trial_poll(w->trial);
        double end = clock_now(), pause = share * (end - start);
        w->stall += end - start;
        w->next_poll = end + fmin(fmax(pause, often), seldom);
        w->stopped = w->a->stop && w->a->stop(w->a->ctx);
    }
    return w->stopped;
}

/* 1: abandoned. */
static int play(choosing_now_t *w)
{
    asker_t a = *w->a;
    int stopped = 0;
    a.stop = between_steps, a.ctx = w;
    for (int going = 1; going && !stopped;) {
        round_t r = {0};
        going = collect(w, &r);
        stopped = going && hear(w, &a, &r);
        for (int i = 0; i < w->n && going && !stopped; i++)
            for (int s = 0; s < w->sizes; s++)
                if (w->of[i].chosen[s] < 0)
                    tournament_played(w->of[i].contest[s]);
        mem_free(r.query[0]), mem_free(r.query[1]), mem_free(r.waiting);
    }
    return stopped;
}

/* 1: abandoned. */
static int wait_for_graders(choosing_now_t *w)
{
    int64_t all = trial_left(w->trial), left = all;
    for (double shown = 0; left; left = trial_left(w->trial)) {
        trial_poll(w->trial);
        if (clock_now() > shown + 0.2)
            log_bar("executing", (double)(all - left), (double)all), shown = clock_now();
        if (w->a->stop && w->a->stop(w->a->ctx))
            return 1;
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    log_bar("executing", (double)all, (double)all);
    return 0;
}

/* Rows
   ---------------------------------------------------------------------- */

static void add_rows(const choosing_now_t *w, int at, choices_t *r)
{
    const bank_t *b = w->a->bank;
    const case_t *k = &w->of[at];
    const int *entrant = w->entrant + (int64_t)at * w->c->programs;
    for (int s = 0; s < w->sizes; s++) {
        int right = 0, first, passes = trial_passes(w->trial, at, k->chosen[s]);
        const program_t *p = &b->program[entrant[k->chosen[s]]];
        for (int i = 0; i < w->size[s]; i++)
            right += b->program[entrant[i]].pass_rate == 1;
        r->differ += passes >= 0 && passes != (p->pass_rate == 1);
        chosen_t row = {.problem = k->problem,
                        .id = (int64_t)b->problem[k->problem].id.lo,
                        .n = w->size[s],
                        .program = entrant[k->chosen[s]],
                        .right = passes == 1,
                        .asked = k->asked[s],
                        .unparsed = k->silent[s],
                        .any = right > 0,
                        .share = (double)right / w->size[s]};
        row.majority_right = trial_majority(w->trial, at, w->size[s], &first);
        row.majority = first < 0 ? -1 : entrant[first];
        r->row[r->n++] = row;
    }
}

static void close_cases(choosing_now_t *w)
{
    for (int i = 0; i < w->n; i++)
        for (int s = 0; s < w->sizes; s++)
            tournament_free(w->of[i].contest[s]);
    trial_free(w->trial);
    mem_free(w->of);
    mem_free(w->entrant);
}

static void gather(group_t *g, choices_t *r)
{
    int64_t sum[] = {r->questions, r->silent, r->runs, r->faults, r->differ, r->stopped};
    double *longest[] = {&r->generate_s, &r->stall_s, &r->wait_s};
    size_t bytes;
    comm_sum_i64(g, sum, 6);
    r->questions = sum[0], r->silent = sum[1], r->runs = sum[2], r->faults = sum[3];
    r->differ = sum[4], r->stopped = sum[5] > 0;
    for (int i = 0; i < 3; i++)
        comm_max_f64(g, longest[i], 1);
    chosen_t *all = comm_allgatherv(g, r->row, (size_t)r->n * sizeof *all, &bytes, NULL);
    mem_free(r->row);
    r->row = all;
    r->n = (int)(bytes / sizeof *all);
}

choices_t choose_programs(group_t *g, const asker_t *a, grading_t *grading, const choosing_t *c)
{
    choosing_now_t w = {.a = a, .c = c};
    choices_t r = {0};
    chains_t chains = chains_of(a->bank);
    int *problem = ALLOC(int, a->bank->n_problem + 1), rank = group_rank(g), size = group_size(g);
    for (int n = 1; n < c->programs; n *= 2)
        w.size[w.sizes++] = n;
    w.size[w.sizes++] = c->programs;
    r.problems = problems_of(a, c, &chains, problem, &r);
    int first = (int)((int64_t)r.problems * rank / size);
    w.n = (int)((int64_t)r.problems * (rank + 1) / size) - first;
    open_cases(&w, &chains, problem + first);
    w.trial = trial_new(grading, a->bank, &c->limits, w.entrant, w.n, c->programs);
    double start = clock_now();
    r.stopped = play(&w);
    r.generate_s = clock_now() - start;
    start = clock_now();
    r.stopped = r.stopped || wait_for_graders(&w);
    r.wait_s = clock_now() - start;
    r.stall_s = w.stall, r.questions = w.questions, r.silent = w.silent;
    trial_counts(w.trial, &r.runs, &r.faults);
    r.row = ALLOC(chosen_t, w.n * SIZES + 1);
    for (int i = 0; i < w.n && !r.stopped; i++)
        add_rows(&w, i, &r);
    close_cases(&w);
    gather(g, &r);
    mem_free(chains.first), mem_free(chains.next), mem_free(problem);
    return r;
}
