/* The best of N programs, chosen by a verifier.

   Of each problem N programs are drawn in an order (reference, weak, strong, rewritten ones mixed;
   all in one language); for each size 1, 2, 4, ..., N a tournament chooses among the first ones, so
   the curve over N is over growing pools (play.c).

   What is chosen is executed while others are still being asked, and so are all entrants, for the
   vote of their outputs (trial.c).  Randomness is keyed by problem and question: ranks do not
   matter. */
#include "choose.h"
#include <math.h>
#include <string.h>
#include <time.h>

/* Who takes part
   ---------------------------------------------------------------------- */

static int takes_part(const program_t *p)
{
    return !isnan(p->pass_rate) && p->label == LABEL_EXECUTED && !program_edited(p);
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
