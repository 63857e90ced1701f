# The numbers that verifiers are judged by, as others compute them, for tests/eval_{vote,calibration,rank,paired}.c and
# tests/app_compare.c.
#   python tests/data/statistics_reference.py      (scipy 1.17, scikit-learn 1.9, statsmodels 0.15; writes statistics.ref)
#
# statistics.ref, one case a line, all numbers with 17 digits:
#   vote N VOTES.. RIGHT ASKED K CHANCE       SC@K: sum over all ways to draw K answers, in whole numbers
#   pass ASKED RIGHT K CHANCE                 1 - C(asked - right, k) / C(asked, k), in whole numbers
#   calibration N CONFIDENCE.. RIGHT.. BRIER ECE          sklearn's brier_score_loss; ECE by numpy.digitize
#   tau N X.. Y.. TAU                         scipy.stats.kendalltau; -1 where it is nan
#   ndcg N GAIN.. SCORE.. NDCG                sklearn's ndcg_score, which averages over ties; nan: no gain at all
#   ranking N RATE.. ANSWER[5][5].. TAU NDCG RIGHT ASKED FIRST ANSWERED CONTRADICTED BOTH TRANSITIVE TRIPLES
#   mcnemar A B P                             statsmodels' mcnemar, exact
#   holm N P.. ADJUSTED..                     statsmodels' multipletests
#   chi2 X FREEDOM TAIL                       scipy.stats.chi2.sf
#   position COUNTS[2+3+4+5].. STATISTIC FREEDOM P        scipy.stats.chisquare of each length, added up
#   compare LISTS K VERIFIERS (N RIGHT ANSWER[VERIFIERS][K]..)..     answers to each list, -1: unparsable; then
#           MEAN[VERIFIERS].. and for each pair DIFFERENCE LO HI ONLY_A ONLY_B P HOLM: statsmodels on votes, Holm over
#           the pairs, and scipy.stats.bootstrap of the paired difference
import itertools
import math
import os
import random
import numpy
import scipy
import sklearn
import statsmodels
from fractions import Fraction
from scipy import stats
from sklearn.metrics import brier_score_loss, ndcg_score
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

rng = random.Random(20261201)
out = [f"# scipy {scipy.__version__} scikit-learn {sklearn.__version__} statsmodels {statsmodels.__version__}"]


def line(kind, *parts):
    flat = []
    for p in parts:
        flat += [float(x) for x in numpy.ravel(p)]
    out.append(kind + " " + " ".join(f"{x:.17g}" for x in flat))


def vote(votes, right, asked, k):
    ways, spare = 0, asked - sum(votes)
    for drawn in itertools.product(*[range(min(v, k) + 1) for v in votes]):
        left = k - sum(drawn)
        if 0 <= left <= spare and all(d < drawn[right] for i, d in enumerate(drawn) if i != right):
            ways += math.prod(map(math.comb, votes, drawn)) * math.comb(spare, left)
    line("vote", len(votes), votes, right, asked, k, float(Fraction(ways, math.comb(asked, k))))


for votes, asked in [([3, 1], 4), ([2, 2], 4), ([0, 5], 8), ([8, 8], 16), ([5, 4, 3, 2, 1], 16), ([4, 4, 4, 4], 16),
                     ([0, 0, 0], 16), ([16, 0, 0], 16), ([9, 3, 2, 1, 0], 16), ([20, 18, 10], 64)]:
    for k in sorted({1, 2, 3, asked // 2, min(asked, 16), min(asked, 15)}):
        vote(votes, rng.randrange(len(votes)), asked, k)
vote([300, 290, 280], 0, 1000, 16)
vote([513, 511], 0, 1024, 64)
vote([520, 500], 0, 1024, 1023)
for asked, right, k in [(1, 0, 1), (1, 1, 1), (16, 3, 1), (16, 3, 4), (16, 3, 14), (200, 1, 100), (1000, 7, 100), (16, 16, 16)]:
    line("pass", asked, right, k, float(1 - Fraction(math.comb(asked - right, k), math.comb(asked, k))))


def calibration(confidence, right):
    c, r = numpy.array(confidence, float), numpy.array(right, float)
    bins = numpy.digitize(c, numpy.linspace(0, 1, 11)[1:-1], right=True)
    ece = sum(abs(r[bins == b].mean() - c[bins == b].mean()) * (bins == b).sum() / len(c) for b in set(bins))
    line("calibration", len(c), c, r, brier_score_loss(r, c, labels=[0, 1]), ece)


calibration([1.0], [1])
calibration([1.0], [0])
calibration([0.0, 0.0, 0.05], [0, 1, 0])
calibration([0.5] * 7, [1, 0, 1, 0, 1, 1, 1])
calibration([0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0] * 3, [rng.randrange(2) for _ in range(24)])
calibration([i / 16 for i in range(17)], [int(rng.random() < i / 16) for i in range(17)])
calibration([rng.random() for _ in range(60)], [rng.randrange(2) for _ in range(60)])


def tau_of(x, y):
    t = stats.kendalltau(x, y).statistic
    return -1 if math.isnan(t) else t


def ndcg_of(gain, score):
    return ndcg_score([gain], [score]) if any(gain) else math.nan


for n in [2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5, 12, 30]:
    x = [rng.randrange(n) for _ in range(n)]
    y = [rng.randrange(n) / 6 for _ in range(n)]
    line("tau", n, x, y, tau_of(x, y))
    line("ndcg", n, y, x, ndcg_of(y, x))
for x, y in [([1, 1, 1], [0, .5, 1]), ([0, 1, 2], [.5, .5, .5]), ([3, 2, 1], [0, 0, 0]), ([0, 1, 2, 3, 4], [0, .25, .5, .75, 1]),
             ([4, 3, 2, 1, 0], [0, .25, .5, .75, 1]), ([1, 1], [1, 0]), ([2, 2, 2, 2, 0], [1, 0, 0, 0, 0])]:
    line("tau", len(x), x, y, tau_of(x, y))
    line("ndcg", len(x), y, x, ndcg_of(y, x))


def ranking(rate, answer):
    n = len(rate)
    ask = {(i, j): answer[i][j] for i in range(n) for j in range(n) if i != j}
    wins = [sum(a == c for a in ask.values()) for c in range(n)]
    better = {(i, j): i if rate[i] > rate[j] else j for i, j in ask if rate[i] != rate[j]}
    parsed = {q: a for q, a in ask.items() if a >= 0}
    both = [(i, j) for i, j in ask if i < j and (i, j) in parsed and (j, i) in parsed]
    agreed = {frozenset(q): ask[q] for q in both if ask[q] == ask[q[::-1]]}
    triples = [[agreed.get(frozenset(p)) for p in itertools.combinations(t, 2)] for t in itertools.combinations(range(n), 3)]
    triples = [t for t in triples if None not in t]
    line("ranking", n, rate, answer, tau_of(wins, rate), ndcg_of(rate, wins), sum(ask[q] == b for q, b in better.items()),
         len(better), sum(a == i for (i, j), a in parsed.items()), len(parsed), len(both) - len(agreed), len(both),
         sum(len(set(t)) < 3 for t in triples), len(triples))


def answers(n, how):
    return [[how(i, j) if i < n and j < n and i != j else -7 for j in range(5)] for i in range(5)]


for n in [2, 3, 4, 5] * 3:
    rate = [rng.randrange(5) / 4 for _ in range(n)]
    ranking(rate, answers(n, lambda i, j: rng.choice([i, j, j if rate[j] > rate[i] else i, -1])))
ranking([0, .25, .5, .75, 1], answers(5, max))                              # never wrong
ranking([0, .25, .5, .75, 1], answers(5, min))                              # always
ranking([0, .25, .5, .75, 1], answers(5, lambda i, j: i))                   # the one shown first
ranking([0, .25, .5], answers(3, lambda i, j: -1))                          # never parsed
ranking([.5, .5, .5], answers(3, max))                                      # nothing to tell apart
ranking([0, 0, 0], answers(3, max))
ranking([1, .5, 0], answers(3, lambda i, j: i if (j - i) % 3 == 1 else j))  # a circle
ranking([1, .5, 0, 0, 0], answers(5, lambda i, j: i if (j - i) % 5 in (1, 2) else j))

for a, b in [(0, 0), (1, 0), (0, 5), (5, 5), (6, 5), (3, 12), (20, 41), (150, 100), (0, 60), (700, 650), (3000, 2800)]:
    line("mcnemar", a, b, min(1, mcnemar([[10, a], [b, 10]], exact=True).pvalue))
for p in [[0.03], [0.01, 0.04, 0.03], [0.02, 0.02, 0.02], [0.5, 0.001, 0.04, 0.04, 1, 0.0125], [0.9, 0.8, 0.7], [0, 0, 1]]:
    line("holm", len(p), p, multipletests(p, method="holm")[1])
for x, freedom in [(0, 1), (1e-9, 3), (3.84, 1), (5.99, 2), (0.5, 5), (20.5, 10), (30, 14), (700, 3), (900, 400), (90, 401)]:
    line("chi2", x, freedom, stats.chi2.sf(x, freedom))


def position(*counts):
    tests = [stats.chisquare(c) for c in counts if sum(c) >= 5 * len(c)]
    statistic, freedom = sum(t.statistic for t in tests), sum(len(c) - 1 for c in counts if sum(c) >= 5 * len(c))
    line("position", *counts, statistic, freedom, stats.chi2.sf(statistic, freedom) if freedom else math.nan)


position([40, 60], [30, 30, 33], [20, 20, 20, 20], [10, 9, 12, 30, 4])
position([40, 60], [0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0, 0])
position([5, 4], [7, 8, 0], [5, 5, 5, 4], [9, 8, 7, 1, 0])
position([1, 2], [1, 1, 1], [2, 2, 2, 2], [0, 0, 0, 0, 0])


def compare(lists, k, skills):
    data = []
    for _ in range(lists):
        n, ease = rng.randrange(2, 6), rng.random()
        right = rng.randrange(n)
        data.append((n, right, [[right if rng.random() < s * (1 + ease) / 2 else rng.randrange(-1, n) for _ in range(k)]
                                for s in skills]))
    share = numpy.array([[sum(a == right for a in one) / k for one in asked] for _, right, asked in data])

    def wins(n, right, one):
        votes = [one.count(c) for c in range(n)]
        return all(votes[c] < votes[right] for c in range(n) if c != right) and votes[right] > 0
    won = numpy.array([[wins(n, right, one) for one in asked] for n, right, asked in data])
    pairs, found = list(itertools.combinations(range(len(skills)), 2)), []
    for a, b in pairs:
        only_a, only_b = int((won[:, a] & ~won[:, b]).sum()), int((won[:, b] & ~won[:, a]).sum())
        table = [[int((won[:, a] & won[:, b]).sum()), only_a], [only_b, int((~won[:, a] & ~won[:, b]).sum())]]
        interval = stats.bootstrap((share[:, a] - share[:, b],), numpy.mean, n_resamples=20000, method="percentile",
                                   rng=numpy.random.default_rng(1)).confidence_interval
        found.append([(share[:, a] - share[:, b]).mean(), interval.low, interval.high, only_a, only_b,
                      min(1, mcnemar(table, exact=True).pvalue)])
    adjusted = multipletests([f[5] for f in found], method="holm")[1]
    line("compare", lists, k, len(skills), *[x for n, right, asked in data for x in (n, right, asked)], share.mean(axis=0),
         *[x for f, h in zip(found, adjusted) for x in (f, h)])


compare(120, 1, [0.95, 0.6, 0.3])
compare(80, 4, [0.7, 0.3])
compare(50, 3, [0.8, 0.7, 0.4, 0.0])

with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "statistics.ref"), "w") as f:
    f.write("\n".join(out) + "\n")
