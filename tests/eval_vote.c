// SC@k and pass@k are exact: as counted over every subset of small samples, and as whole numbers say of
// large ones; ties and unparsable answers win nothing.
// RUN: np=1
#include "statistics.h"
#include "eval.h"

static void vote_line(const double *x, int n)
{
    int candidates = (int)x[0], votes[5];
    for (int i = 0; i < candidates; i++)
        votes[i] = (int)x[1 + i];
    const double *y = x + 1 + candidates;
    double got = vote_right(votes, candidates, (int)y[0], (int)y[1], (int)y[2]);
    check(n == candidates + 5 && same(got, y[3], 1e-12), "k %g of %g: %.17g for %.17g", y[2], y[1],
          got, y[3]);
}

static void pass_line(const double *x, int n)
{
    double got = pass_at((int)x[0], (int)x[1], (int)x[2]);
    check(n == 4 && same(got, x[3], 1e-12), "k %g of %g: %.17g for %.17g", x[2], x[0], got, x[3]);
}

/* Every subset of `asked` answers (-1: unparsable), one at a time. */
static void every_subset(const int *answer, int asked, int n, int right)
{
    int votes[5] = {0}, hits = 0, subsets[17] = {0}, passed[17] = {0}, won[17] = {0};
    for (int i = 0; i < asked; i++) {
        hits += answer[i] == right;
        if (answer[i] >= 0)
            votes[answer[i]]++;
    }
    for (int set = 1; set < 1 << asked; set++) {
        int k = 0, of[5] = {0};
        for (int i = 0; i < asked; i++)
            if (set >> i & 1) {
                k++;
                if (answer[i] >= 0)
                    of[answer[i]]++;
            }
        int best = 1;
        for (int i = 0; i < n; i++)
            best &= i == right || of[i] < of[right];
        subsets[k]++;
        won[k] += best;
        passed[k] += of[right] > 0;
        check((vote_winner(of, n) == right) == best);
    }
    for (int k = 1; k <= asked; k++) {
        double sc = vote_right(votes, n, right, asked, k), pass = pass_at(asked, hits, k);
        check(fabs(sc - (double)won[k] / subsets[k]) < 1e-13 &&
                  fabs(pass - (double)passed[k] / subsets[k]) < 1e-13,
              "asked %d k %d: %g %g", asked, k, sc, pass);
    }
}

static void brute_force(void)
{
    rng_t r = rng_make(3, RNG_TEST, 0, 0);
    for (int e = 0; e < 200; e++) {
        int n = 2 + rng_below(&r, 4), asked = 1 + rng_below(&r, 10), right = rng_below(&r, n),
            answer[16];
        for (int i = 0; i < asked; i++)
            answer[i] = rng_below(&r, 3) ? rng_below(&r, n + 1) - 1 : right;
        every_subset(answer, asked, n, right);
    }
}

static void winners(void)
{
    check(vote_winner((int[]){0, 0, 0}, 3) == -1 && vote_winner((int[]){2, 1, 2}, 3) == -1);
    check(vote_winner((int[]){2, 2, 3}, 3) == 2 && vote_winner((int[]){1, 0}, 2) == 0);
    check(vote_winner((int[]){2, 2, 1, 3, 3}, 5) == -1 &&
          vote_winner((int[]){3, 1, 2, 2, 2}, 5) == 0);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    int votes = reference("vote", vote_line), passes = reference("pass", pass_line);
    check(votes == 58 && passes == 8, "%d %d", votes, passes);
    brute_force();
    winners();
    return test_end();
}
