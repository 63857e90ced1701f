// Tournaments: a verifier that is never wrong finds the best entrant by every method, lists are as
// equal as can be, nobody meets twice while that can be avoided, and who says nothing chooses nobody
// in particular.
// RUN: np=1
#include "test.h"
#include "eval.h"

typedef int judge_of_t(const match_t *m, int best);

static int always_right(const match_t *m, int best)
{
    int winner = m->entrant[0];
    for (int i = 1; i < m->n; i++) /* the nearer to the best one wins */
        if (abs(m->entrant[i] - best) < abs(winner - best) || m->entrant[i] == best)
            winner = m->entrant[i];
    return winner;
}

static int always_first(const match_t *m, int best)
{
    (void)best;
    return m->entrant[0];
}

static int says_nothing(const match_t *m, int best)
{
    (void)m, (void)best;
    return -1;
}

typedef struct {
    int winner, rounds, questions, smallest, largest, again;
} played_t;

static played_t play(const contest_t *c, judge_of_t *judge, int best)
{
    static int met[ENTRANTS][ENTRANTS];
    memset(met, 0, sizeof met);
    played_t p = {.smallest = 99};
    tournament_t *t = tournament_new(c);
    for (match_t *m; tournament_winner(t) < 0; p.rounds++) {
        int n = tournament_round(t, &m);
        for (int i = 0; i < n; i++) {
            p.smallest = m[i].n < p.smallest ? m[i].n : p.smallest;
            p.largest = m[i].n > p.largest ? m[i].n : p.largest;
            p.again += m[i].n == 2 && met[m[i].entrant[0]][m[i].entrant[1]]++;
            m[i].winner = judge(&m[i], best);
        }
        p.questions += n;
        tournament_played(t);
    }
    p.winner = tournament_winner(t);
    tournament_free(t);
    return p;
}

static int log_up(int n)
{
    int k = 0;
    while (1 << k < n)
        k++;
    return k;
}

static void never_wrong(void)
{
    for (int n = 1; n <= ENTRANTS; n++)
        for (int best = 0; best < n; best += n < 8 ? 1 : 1 + n / 5)
            for (method_t m = 0; m < METHODS; m++) {
                contest_t c = {m, n, 5, 0, 1, 7};
                played_t p = play(&c, always_right, best);
                check(p.winner == best, "%s of %d: %d, not %d", method_names[m], n, p.winner, best);
                if (n == 1)
                    check(p.questions == 0);
                else if (m == BY_PAIRS)
                    check(p.questions == n * (n - 1) && p.rounds == 1 && !p.again);
                else if (m == BY_SWISS)
                    check(p.rounds == (log_up(n) ? log_up(n) : 1) + 1 &&
                              p.questions == p.rounds * (n / 2) * 2,
                          "%d: %d rounds, %d questions", n, p.rounds, p.questions);
            }
}

static void knockouts(void)
{
    static const struct {
        int n, group, questions, rounds;
    } known[] = {{2, 5, 1, 1}, {5, 5, 1, 1},  {6, 5, 3, 2},  {16, 5, 5, 2},
                 {8, 2, 7, 3}, {25, 5, 6, 2}, {26, 5, 9, 3}, {64, 5, 17, 3}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        contest_t c = {BY_KNOCKOUT, known[i].n, known[i].group, 0, 1, 7};
        played_t p = play(&c, always_right, 1);
        check(p.questions == known[i].questions && p.rounds == known[i].rounds,
              "%d by %d: %d questions, %d rounds", known[i].n, known[i].group, p.questions,
              p.rounds);
    }
    for (int n = 2; n <= ENTRANTS; n++)
        for (int group = 2; group <= 5; group++) {
            contest_t c = {BY_KNOCKOUT, n, group, 0, 1, 7};
            played_t p = play(&c, always_right, n - 1);
            check(p.winner == n - 1 && p.largest <= group, "%d by %d", n, group);
            check(p.smallest >= 2, "%d by %d: a list of %d", n, group, p.smallest);
            check(group > 2 || p.questions == n - 1, "%d pairs of %d", p.questions, n);
        }
}

/* With an even field and few rounds there is always somebody new. */
static void somebody_new(void)
{
    for (int n = 6; n <= ENTRANTS; n += 2) {
        contest_t c = {BY_SWISS, n, 5, 0, 1, 7};
        check(play(&c, always_right, n / 2).again == 0, "%d entrants meet twice", n);
    }
    contest_t c = {BY_SWISS, 16, 5, 9, 1, 7};
    check(play(&c, always_right, 3).rounds == 9);
}

/* Who always names the first one shown has no preference: the earliest of equal ones is left. */
static void no_preference(void)
{
    for (int n = 2; n <= 9; n++)
        for (method_t m = BY_SWISS; m <= BY_PAIRS; m++) {
            contest_t c = {m, n, 5, 0, 1, 7};
            check(n % 2 || play(&c, always_first, 0).winner == 0, "%s of %d", method_names[m], n);
        }
}

/* Silence: everybody may be drawn, equally often, and the same again. */
static void silence(void)
{
    enum { N = 12, TIMES = 6000 };
    int count[N] = {0};
    for (int i = 0; i < TIMES; i++) {
        contest_t c = {BY_KNOCKOUT, N, 4, 0, 5, (uint64_t)i};
        int winner = play(&c, says_nothing, 0).winner;
        check(winner == play(&c, says_nothing, 0).winner);
        count[winner]++;
    }
    double statistic = 0;
    for (int i = 0; i < N; i++)
        statistic += (count[i] - TIMES / N) * (double)(count[i] - TIMES / N) / (TIMES / N);
    check(chi2_tail(statistic, N - 1) > 1e-3, "chi-square %g of %d", statistic, N - 1);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    never_wrong();
    knockouts();
    somebody_new();
    no_preference();
    silence();
    return test_end();
}
