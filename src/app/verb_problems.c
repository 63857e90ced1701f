/* aletheia problems DECK [section.key=value ...]: fresh problems, executed, as a problem file.

   1. every rank draws the same problems (a pure function of the [problems] section);
   2. the graders execute every program on every test: expected outputs come from the reference,
      pass rates from verdicts;
   3. lists are made for each suite from the measured rates and checked one by one (suites.c), which
      for adv executes programs with edited comments;
   4. splits are compared: no problem may be in both, in whatever words; statements of the two
      splits that share nearly all of their words are counted as near-duplicates; and problems
      that mean the same are counted, which come where a family has no more to say;
   5. the file is written, and a table says what is in it.

   What the deck's numbers cannot give is said before anything is drawn.  The RESULT lines: one of the
   whole, one per suite. */
#include "app.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void progress(void *ctx, int done, int total)
{
    (void)ctx;
    log_bar("executing", done, total);
}

static void draw(bank_t *b, const deck_t *d)
{
    static const suite_t split[] = {SUITE_TRAIN, SUITE_HELDOUT};
    for (int s = 0; s < 2; s++) {
        draw_t r;
        draw_read(&r, d, split[s]);
        if (r.count > draw_capacity(&r))
            log_warn("problems.%s = %d, but these families and levels hold about %d "
                     "different statements: "
                     "some will come again, with other tests",
                     suite_names[split[s]], r.count, draw_capacity(&r));
        meanings_t *seen = meanings_new();
        for (int i = 0; i < r.count; i++) {
            draw_distinct(b, &r, i, seen);
            if (i % 256 == 0)
                log_bar("drawing", i, r.count);
        }
        meanings_free(seen);
        log_bar("drawing", r.count, r.count);
    }
}

/* Splits
   ---------------------------------------------------------------------- */

static int by_hash(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;
    return x[0] != y[0] ? (x[0] < y[0] ? -1 : 1) : (x[1] > y[1]) - (x[1] < y[1]);
}

/* Keys that stand in both splits.  key[n][2] = (hash, split). */
static int shared(uint64_t (*key)[2], int n)
{
    int both = 0;
    qsort(key, (size_t)n, sizeof *key, by_hash);
    for (int i = 0, j; i < n; i = j) {
        int seen = 0;
        for (j = i; j < n && key[j][0] == key[i][0]; j++)
            seen |= key[j][1] == SUITE_HELDOUT ? 2 : 1;
        both += seen == 3;
    }
    return both;
}

/* The words of a statement without numbers and single letters: what is left when constants
   differ. */
static hash_t gist(const char *statement)
{
    hash_t h = hash_bytes("", 0);
    for (const char *p = statement; *p;) {
        size_t n = strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
        if (n > 1)
            h = hash_more(h, p, n);
        p += n ? n : 1;
    }
    return h;
}

typedef struct {
    int overlap, same_words;
} splits_t;

static splits_t compare_splits(const bank_t *b)
{
    uint64_t(*id)[2] = (uint64_t(*)[2])mem_new((size_t)b->n_problem * sizeof *id + 1);
    uint64_t(*near)[2] = (uint64_t(*)[2])mem_new((size_t)b->n_problem * sizeof *near + 1);
    splits_t s = {0};
    int n = 0;
    for (int i = 0; i < b->n_program; i++) {
        const program_t *p = &b->program[i];
        const problem_t *q = &b->problem[p->problem];
        if (p->pool != POOL_REFERENCE || program_edited(p))
            continue;
        hash_t h = hash_more(hash_bytes(q->family, strlen(q->family)), p->core, strlen(p->core));
        id[n][0] = h.lo, id[n][1] = (uint64_t)q->split;
        near[n][0] = gist(q->statement).lo, near[n][1] = (uint64_t)q->split;
        n++;
    }
    s.overlap = shared(id, n);
    s.same_words = shared(near, n);
    mem_free(id);
    mem_free(near);
    return s;
}

/* The table
   ---------------------------------------------------------------------- */

static void say_families(const bank_t *b)
{
    char done[4096] = "";
    log_line("%-12s %9s %9s %9s", "family", "train", "heldout", "programs");
    for (int i = 0; i < b->n_problem; i++) {
        const char *name = b->problem[i].family;
        int n[2] = {0}, programs = 0;
        char mark[64];
        snprintf(mark, sizeof mark, " %s ", name);
        if (strstr(done, mark))
            continue;
        snprintf(done + strlen(done), sizeof done - strlen(done), "%s", mark);
        for (int j = 0; j < b->n_problem; j++)
            if (!strcmp(b->problem[j].family, name))
                n[b->problem[j].split == SUITE_HELDOUT]++;
        for (int j = 0; j < b->n_program; j++)
            programs += !strcmp(b->problem[b->program[j].problem].family, name);
        log_line("%-12s %9d %9d %9d", name, n[0], n[1], programs);
    }
}

/* Programs with edited comments count apart. */
static int row_of(const program_t *p)
{
    return program_edited(p) ? POOLS : (int)p->pool;
}

static int64_t say_pools(const bank_t *b)
{
    int64_t count[POOLS + 1][VERDICTS] = {{0}}, faults = 0;
    int programs[POOLS + 1] = {0}, right[POOLS + 1] = {0};
    for (int i = 0; i < b->n_verdict; i++)
        count[row_of(&b->program[b->verdict[i].program])][b->verdict[i].verdict]++;
    for (int i = 0; i < b->n_program; i++) {
        int row = row_of(&b->program[i]);
        programs[row]++;
        right[row] += b->program[i].pass_rate == 1;
    }
    log_line("%-12s %9s %9s %10s %10s %10s %8s %8s", "pool", "programs", "all pass", "accepted",
             "wrong", "runtime", "other", "fault");
    for (int p = 0; p <= POOLS; p++) {
        int64_t other = 0, *c = count[p];
        for (int v = V_TIME_LIMIT; v < VERDICTS; v++)
            other += v != V_RUNTIME_ERROR && v != V_FAULT ? c[v] : 0;
        faults += c[V_FAULT];
        if (programs[p])
            log_line("%-12s %9d %9d %10lld %10lld %10lld %8lld %8lld",
                     p < POOLS ? pool_names[p] : "edited", programs[p], right[p],
                     (long long)c[V_ACCEPTED], (long long)c[V_WRONG_ANSWER],
                     (long long)c[V_RUNTIME_ERROR], (long long)other, (long long)c[V_FAULT]);
    }
    return faults;
}

/* How many lists have each edit; what came of their execution. */
static void say_edits(const made_lists_t *m, text_t *result)
{
    text_t t = {0};
    for (int e = EDIT_NONE + 1; e < EDITS; e++) {
        text_addf(&t, "%s%s %d", t.len ? ", " : "", edit_names[e], m->adv.of[e]);
        text_addf(result, " %s=%d", edit_names[e], m->adv.of[e]);
    }
    log_line("adv by edit: %s; %d programs edited and executed, %d lists dropped because a verdict "
             "changed, %d because there is none",
             t.s, m->adv.programs, m->adv.changed, m->adv.unknown);
    text_addf(result, " edited=%d changed=%d unknown=%d", m->adv.programs, m->adv.changed,
              m->adv.unknown);
    text_reset(&t);
}

static int most_tests(const bank_t *b)
{
    int most = 0;
    for (int i = 0; i < b->n_problem; i++)
        most = b->problem[i].tests > most ? b->problem[i].tests : most;
    return most;
}

static void say_suites(const bank_t *b, const suite_t *suite, int n, const made_lists_t *m)
{
    log_line("%-12s %7s %7s %7s %7s %8s %8s %8s %10s", "suite", "n=2", "n=3", "n=4", "n=5", "lists",
             "chance", "rewritten", "wrong rate");
    for (int s = 0; s < n; s++) {
        int count[6] = {0}, lists = 0, rewritten = 0, wrong = 0;
        double chance = 0, rate = 0;
        for (int i = 0; i < b->n_list; i++) {
            const list_t *l = &b->list[i];
            if (l->suite != suite[s])
                continue;
            lists++, count[l->n]++, chance += 1.0 / l->n;
            rewritten += b->program[l->program[l->answer]].pool == POOL_EQUIVALENT;
            for (int k = 0; k < l->n; k++)
                if (k != l->answer)
                    wrong++, rate += b->program[l->program[k]].pass_rate;
        }
        chance /= lists ? lists : 1, rate /= wrong ? wrong : 1;
        log_line("%-12s %7d %7d %7d %7d %8d %8.3f %8.2f%% %10.3f", suite_names[suite[s]], count[2],
                 count[3], count[4], count[5], lists, chance, lists ? 100.0 * rewritten / lists : 0,
                 rate);
        text_t more = {0};
        if (suite[s] == SUITE_ADV)
            say_edits(m, &more);
        if (suite[s] == SUITE_HARD && !m->able && lists_rates(SUITE_HARD, most_tests(b)) >= 4)
            log_line("hard is not balanced: no problem has four wrong programs of different pass "
                     "rates in its range (more: problems.hard, problems.weak)");
        if (suite[s] == SUITE_HARD && m->able)
            log_line(
                "hard has as many lists of each length; %d problems have enough wrong programs "
                "of its range for a list of 5 (more: problems.hard, problems.weak)",
                m->able);
        if (group_rank(comm_world()) == 0)
            printf("RESULT suite=%s lists=%d n2=%d n3=%d n4=%d n5=%d chance=%.4f "
                   "rewritten=%d wrong_rate=%.4f%s\n",
                   suite_names[suite[s]], lists, count[2], count[3], count[4], count[5], chance,
                   rewritten, rate, more.s ? more.s : "");
        text_reset(&more);
    }
}

int verb_problems(call_t *c)
{
    deck_t *d = c->deck;
    group_t *world = comm_world();
    limits_t limits = limits_read(d);
    grading_t *g = grading_read(d, world, c->keeper);
    bank_t b = {0};
    double start = clock_now();
    suites_check(d, &b);
    suites_say_limits(d);
    draw(&b, d);
    suites_check(d, &b);
    double drawn = clock_now();
    known_t *known = grading_is_grader(g) ? NULL : known_new();
    if (known)
        known_read(known, g, &limits, deck_text(d, "sandbox.verdicts"), NULL,
                   deck_flag(d, "sandbox.skip_bad"));
    grading_know(g, known);
    grading_bank(g, world, &b, &limits, 0, -1, progress, NULL);
    made_lists_t made = problems_make_lists(&b, d, g, world);
    known_free(known);
    double graded = clock_now();
    suite_t suite[SUITES];
    int n_suite = suites_read(deck_text(d, "problems.suites"), suite);
    splits_t s = compare_splits(&b);
    say_families(&b);
    int64_t faults = say_pools(&b);
    int n_train, n_held, distinct = bank_meanings(&b, SUITES, NULL);
    int train = bank_meanings(&b, SUITE_TRAIN, &n_train);
    int held = bank_meanings(&b, SUITE_HELDOUT, &n_held);
    log_line("splits: %d problems to train on, %d different in meaning; %d held out, %d different "
             "in meaning; %d in both splits, %d wordings (constants apart) in both",
             n_train, train, n_held, held, s.overlap, s.same_words);
    if (s.overlap)
        fail(CODE_FAULT, "%d problems are in both splits", s.overlap);
    if (group_rank(world) == 0)
        say_suites(&b, suite, n_suite, &made);
    text_t deck = {0};
    deck_write(d, &deck);
    const char *out = deck_text(d, "problems.out");
    bank_write(world, &b, out, deck.s);
    char hex[33];
    hash_hex(bank_hash(&b), hex);
    log_line("written: %s (%s)", out, hex);
    if (group_rank(world) == 0)
        printf("RESULT problems=%d distinct=%d distinct_train=%d distinct_heldout=%d programs=%d "
               "runs=%d lists=%d overlap=%d same_wording=%d faults=%lld draw_s=%.2f grade_s=%.2f "
               "runs_per_s=%.0f\n",
               b.n_problem, distinct, train, held, b.n_program, b.n_verdict, b.n_list, s.overlap,
               s.same_words, (long long)faults, drawn - start, graded - drawn,
               b.n_verdict / fmax(graded - drawn, 1e-9));
    text_reset(&deck);
    bank_free(&b);
    grading_close(g);
    return CODE_DONE;
}
