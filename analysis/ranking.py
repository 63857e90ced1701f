#!/usr/bin/python3
"""How verifiers put lists in order: analysis/ranking.py EVALDIR... [--out FILE] [--label NAME]... [--skip-bad]

Of evaluations in which all pairs of a list were asked in both orders (eval.pairs).  Above, one row a suite and one mark a
verifier with its 95% interval: Kendall's tau against the pass rates, NDCG, accuracy on pairs; how often the candidate shown
first is named, pairs answered differently in the two orders, triples without a circle.  Below: tau by length of list."""
from records import COLOURS, CHANCE, DOUBLE, intervals, legend_above, mark, np, parser, plt, points, read_measures, save

PANELS = [
    ("ktau", "Kendall's tau", 0, "tau against pass rates"),
    ("ndcg", "NDCG", None, "gain of the order"),
    ("pairacc", "pairwise accuracy", 0.5, "share of answers"),
    ("order", "first shown is named", 0.5, "share of answers"),
    ("contradiction", "contradictory pairs", None, "share of pairs"),
    ("transitivity", "transitive triples", None, "share of triples"),
]
HOW = ("no pairs were asked: `aletheia eval DECK eval.pairs=yes eval.out=FOLDER` asks all pairs of every list, "
       "and needs lists of 3 or more")


def draw_measure(ax, sets, suites, panel):
    """Suites downwards, verifiers beside each other within one."""
    measure, title, guess, unit = panel
    spread = 0.7 / max(3, len(sets))
    for j, (_, found) in enumerate(sets):
        have = [(i, found[s].one(measure)) for i, s in enumerate(suites) if s in found and found[s].one(measure)]
        if not have:
            continue
        y = np.array([i for i, _ in have]) + spread * (j - (len(sets) - 1) / 2)
        value, lo, hi = np.array([[r.value, r.lo, r.hi] for _, r in have]).T
        ax.plot(value, y, color=COLOURS[j], marker="o", markersize=3.2, linestyle="none")
        intervals(ax, y, value, lo, hi, across=True, ecolor=COLOURS[j])
    if guess is not None:
        ax.axvline(guess, **CHANCE)
    ax.set_title(title, loc="left", fontweight="bold")
    ax.set_xlabel(unit)
    ax.set_yticks(range(len(suites)), suites)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(suites) - 0.5, -0.5)
    ax.grid(axis="y", visible=False)
    for i in range(1, len(suites)):
        ax.axhline(i - 0.5, color="#d8d8d8", linewidth=0.3)
    if measure == "ktau":
        ax.set_xlim(min(-0.1, ax.get_xlim()[0]), 1)
    else:
        ax.set_xlim(0, 1)
        ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "", "0.5", "", "1"])


def draw_lengths(ax, sets, suite):
    sizes = set()
    for j, (_, found) in enumerate(sets):
        n, value, lo, hi, _ = found[suite].along("ktau", "length") if suite in found else np.zeros((5, 0))
        sizes |= {int(c) for c in n}
        points(ax, n + 0.1 * (j - (len(sets) - 1) / 2), value, lo, hi, COLOURS[j])
    ax.axhline(0, **CHANCE)
    ax.set_title(f"tau, {suite}", loc="left", fontweight="bold")
    ax.set_xlabel("candidates")
    if sizes:
        ax.set_xticks(sorted(sizes))
        ax.set_xlim(min(sizes) - 0.5, max(sizes) + 0.5)


def main():
    p = parser("Order of lists: tau, NDCG, pairs, order effect, with intervals.", "folder of evaluation files, or one", "ranking")
    a = p.parse_args()
    sets, suites = read_measures(a, lambda s: s.one("ktau") or s.one("pairacc"), HOW)
    lengths = [s for s in suites if any(s in f and f[s].of("ktau", "length") for _, f in sets)]
    tall = 0.55 + max(0.6, len(suites) * (0.1 + 0.085 * max(2, len(sets))))
    heights = [tall, tall] + ([1.45] if lengths else [])
    figure = plt.figure(figsize=(DOUBLE, sum(heights)))
    outer = figure.add_gridspec(len(heights), 1, height_ratios=heights)
    for row in range(2):
        grid = outer[row].subgridspec(1, 3)
        for column in range(3):
            ax = figure.add_subplot(grid[column])
            draw_measure(ax, sets, suites, PANELS[3 * row + column])
            if column:
                ax.set_yticklabels([])
    first = None
    for i, suite in enumerate(lengths):
        first = figure.add_subplot(outer[2].subgridspec(1, max(3, len(lengths)))[i], sharey=first)
        draw_lengths(first, sets, suite)
        if i:
            first.tick_params(labelleft=False)
    marks = {label: mark(COLOURS[j], marker="o", markersize=3.2) for j, (label, _) in enumerate(sets)}
    marks["guessing"] = plt.Line2D([], [], **CHANCE)
    legend_above(figure, marks, "error bars: 95% intervals over lists")
    save(figure, a.out)


if __name__ == "__main__":
    main()
