#!/usr/bin/python3
"""What thinking is worth: analysis/budget.py EVALDIR... [--out FILE] [--label NAME]... [--skip-bad]

Of evaluations whose answers were cut at several budgets and made to answer (eval.budget), one column a suite over the
budget: list accuracy with 95% intervals (dashed: the same answers uncut, dotted: chance), the share of answers that were
cut, and the tokens that were used."""
from records import COLOURS, GREY, CHANCE, DOUBLE, SINGLE, band, legend_above, mark, np, parser, plt, read_measures, save

HOW = ("no answers were cut at a budget: `aletheia eval DECK eval.mode=think eval.budget=512,1024,2048 eval.out=FOLDER` "
       "cuts them")
ROWS = [("listacc", "ListAcc (share of lists)"), ("cut", "cut (share)"), ("tokens", "tokens used")]


def draw(ax, sets, suite, measure):
    for j, (_, found) in enumerate(sets):
        if suite not in found:
            continue
        at, value, lo, hi, _ = found[suite].along(measure, "budget")
        band(ax, at, value, lo, hi, COLOURS[j], marker="o", markersize=3)
        whole = found[suite].one(measure)
        if measure == "listacc" and whole:
            ax.axhline(whole.value, color=COLOURS[j], linestyle="--", linewidth=0.8)
    if measure != "tokens":
        ax.set_ylim(-0.02, 1.02)
        ax.set_yticks(np.arange(0, 1.01, 0.2 if measure == "listacc" else 0.5))
    else:
        ax.set_ylim(bottom=0)


def ticks(ax, budgets, most):
    """At the budgets themselves, at most so many, thinned where they would overlap."""
    ax.set_xscale("log", base=2)
    least = np.log2(budgets[-1] / budgets[0]) / (most - 0.9)
    shown = budgets[:1]
    for b in budgets[1:]:
        if np.log2(b / shown[-1]) >= least:
            shown.append(b)
    ax.set_xticks(shown, [f"{b:g}" for b in shown])
    ax.minorticks_off()


def main():
    p = parser("List accuracy over the thinking budget.", "folder of evaluation files, or one", "budget")
    a = p.parse_args()
    sets, suites = read_measures(a, lambda s: s.of("listacc", "budget"), HOW)
    rows = [r for r in ROWS if any(s.of(r[0], "budget") for _, f in sets for s in f.values())]
    ratios = [1.6 if r[0] == "listacc" else 0.8 for r in rows]
    columns = len(suites)
    width = SINGLE if columns == 1 else max(DOUBLE, 1.45 * columns)
    figure, axes = plt.subplots(len(rows), columns, figsize=(width, 1.15 * sum(ratios) + 0.3), squeeze=False, sharex="col",
                                sharey="row", gridspec_kw={"height_ratios": ratios})
    for i, suite in enumerate(suites):
        have = [f[suite] for _, f in sets if suite in f]
        for ax, (measure, unit) in zip(axes[:, i], rows):
            draw(ax, sets, suite, measure)
            if i == 0:
                ax.set_ylabel(unit)
        axes[0, i].set_title(suite, loc="left", fontweight="bold")
        chance = np.mean([float(s.attrs.get("chance", np.nan)) for s in have])
        if np.isfinite(chance):
            axes[0, i].axhline(chance, **CHANCE)
        ticks(axes[-1, i], sorted({float(r.of) for s in have for r in s.of("listacc", "budget")}),
              6 if columns < 3 else 4)
        axes[-1, i].set_xlabel("budget (tokens)")
    figure.align_ylabels()
    marks = {label: mark(COLOURS[j], marker="o", markersize=3) for j, (label, _) in enumerate(sets)}
    marks |= {"uncut": mark(GREY, linestyle="--", linewidth=0.8), "chance": plt.Line2D([], [], **CHANCE)}
    legend_above(figure, marks, "bands: 95% intervals over lists", 5)
    save(figure, a.out)


if __name__ == "__main__":
    main()
