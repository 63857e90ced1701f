#!/usr/bin/python3
"""What more answers are worth: analysis/votes.py EVALDIR... [--out FILE] [--label NAME]... [--skip-bad]

Of evaluations with several answers a list (eval.samples), one panel a suite over the number of answers K: self-consistency
SC@K, the share of lists for which the right candidate has strictly the most of K votes, and pass@K, the share for which one
answer of K is right.  Bands are 95% intervals, the dotted line is one guess."""
from records import COLOURS, GREY, CHANCE, band, legend_above, mark, np, page, parser, plt, read_measures, save

HOW = "only one answer was asked for every list: `aletheia eval DECK eval.samples=16 eval.out=FOLDER` asks for more"


def draw(ax, sets, suite):
    chances, most = [], 1
    for j, (_, found) in enumerate(sets):
        if suite not in found:
            continue
        for measure, line, size in (("pass", "--", 0), ("sc", "-", 2.5)):
            k, value, lo, hi, beside = found[suite].along(measure, "K")
            if len(k):
                band(ax, k, value, lo, hi, COLOURS[j], linestyle=line, marker="o", markersize=size)
                most = max(most, k.max())
        chances.append(float(found[suite].attrs.get("chance", np.nan)))
    if np.isfinite(chances).any():
        ax.axhline(np.nanmean(chances), **CHANCE)
    ticks = [2 ** i for i in range(int(np.log2(most)) + 1)]
    ax.set_xscale("log", base=2)
    ax.set_xticks(ticks, [str(t) for t in ticks])
    ax.minorticks_off()
    ax.set_title(suite, loc="left", fontweight="bold")
    ax.set_ylim(0, 1.02)
    ax.set_yticks(np.arange(0, 1.01, 0.2))


def main():
    p = parser("Self-consistency and pass@K over the number of answers.", "folder of evaluation files, or one", "votes")
    a = p.parse_args()
    sets, suites = read_measures(a, lambda s: len(s.of("sc", "K")) > 1, HOW)
    figure, axes, columns = page(len(suites))
    for i, (ax, suite) in enumerate(zip(axes, suites)):
        draw(ax, sets, suite)
        if i % columns == 0:
            ax.set_ylabel("share of lists")
        if i + columns >= len(suites):
            ax.set_xlabel("answers K")
    marks = {label: mark(COLOURS[j]) for j, (label, _) in enumerate(sets)}
    marks |= {"SC@K": mark(GREY, marker="o", markersize=2.5), "pass@K": mark(GREY, linestyle="--"),
              "one guess": plt.Line2D([], [], **CHANCE)}
    legend_above(figure, marks, "bands: 95% intervals over lists", 5)
    save(figure, a.out)


if __name__ == "__main__":
    main()
