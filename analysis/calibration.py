#!/usr/bin/python3
"""Whether votes are worth what they claim: analysis/calibration.py EVALDIR... [--out FILE] [--label NAME]... [--skip-bad]

Of evaluations with several answers a list (eval.samples): the share of answers that agree is the confidence.  One panel a
suite: the share of lists that are right over the confidence, with 95% intervals, the diagonal is perfect calibration; the
bars below say how many lists have such a confidence.  ECE and Brier score stand in the legend."""
from records import COLOURS, GREY, DOUBLE, SINGLE, mark, np, parser, plt, points, read_measures, save

HOW = ("no confidence is recorded: it is the share of several answers that agree, "
       "`aletheia eval DECK eval.samples=16 eval.out=FOLDER` asks for them")
BINS = 10


def score(suite, measure):
    row = suite.one(measure)
    return f"{row.value:.3f}" if row else "-"


def draw_curve(ax, sets, suite):
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=0.8, linestyle=(0, (3, 1.5)))
    for j, (_, found) in enumerate(sets):
        if suite not in found:
            continue
        edge, value, lo, hi, mean = found[suite].along("reliability", "bin")
        x = np.where(np.isfinite(mean), mean, edge - 0.5 / BINS)
        points(ax, x, value, lo, hi, COLOURS[j])
    ax.set_xlim(0, 1.02)
    ax.set_ylim(-0.02, 1.04)
    ax.set_xticks(np.arange(0, 1.01, 0.2))
    ax.set_yticks(np.arange(0, 1.01, 0.2))
    ax.tick_params(labelbottom=False)


def draw_counts(ax, sets, suite):
    width = 0.86 / BINS / len(sets)
    for j, (_, found) in enumerate(sets):
        rows = found[suite].of("reliability", "bin") if suite in found else []
        at = np.array([float(r.of) for r in rows]) - 1 / BINS + 0.07 / BINS + width * (j + 0.5)
        ax.bar(at, [r.lists for r in rows], width, color=COLOURS[j])
    ax.set_xlim(0, 1.02)
    ax.set_xticks(np.arange(0, 1.01, 0.2))
    ax.set_ylim(bottom=0)
    ax.yaxis.get_major_locator().set_params(nbins=3, integer=True)
    ax.set_xlabel("confidence (share of answers)")
    ax.grid(axis="x", visible=False)


def legend(ax, sets, suite):
    """Above its panel: the suite, then a line a verifier."""
    marks = [mark(COLOURS[j], marker="o", markersize=3) for j, (_, f) in enumerate(sets) if suite in f]
    names = [f"{label}: ECE {score(f[suite], 'ece')}, Brier {score(f[suite], 'brier')}"
             for label, f in sets if suite in f]
    ax.legend(marks, names, loc="lower left", bbox_to_anchor=(-0.03, 1.0), title=suite, title_fontproperties={
        "size": 8, "weight": "bold"}, alignment="left", borderaxespad=0.1, borderpad=0.1, handlelength=1.4,
        fontsize=6.5)


def main():
    p = parser("Reliability of the share of votes as a confidence.", "folder of evaluation files, or one", "calibration")
    a = p.parse_args()
    sets, suites = read_measures(a, lambda s: s.of("reliability", "bin"), HOW)
    columns = min(3, len(suites))
    rows = (len(suites) + columns - 1) // columns
    width = SINGLE if columns == 1 else DOUBLE
    left, gap, right = 0.5, 0.34, 0.08                         # inches; a panel is as high as it is wide
    side = (width - left - right - gap * (columns - 1)) / columns
    side_y = min(side, 2.3)
    above, lower, below = 0.3 + 0.145 * len(sets), 0.55, 0.4
    tall = above + side_y + 0.08 + lower + below
    figure = plt.figure(figsize=(width, tall * rows))
    for i, suite in enumerate(suites):
        x, y = left + i % columns * (side + gap), tall * (rows - 1 - i // columns) + below
        curves, counts = (figure.add_axes((x / width, at / (tall * rows), side / width, high / (tall * rows)))
                          for at, high in ((y + lower + 0.08, side_y), (y, lower)))
        draw_curve(curves, sets, suite)
        draw_counts(counts, sets, suite)
        legend(curves, sets, suite)
        if i % columns == 0:
            curves.set_ylabel("right (share of lists)")
            counts.set_ylabel("lists")
            figure.align_ylabels([curves, counts])
        else:
            curves.tick_params(labelleft=False)
    save(figure, a.out)


if __name__ == "__main__":
    main()
