#!/usr/bin/python3
"""Recipes by what they cost and what they reach: analysis/recipes.py RESULTS... [--out FILE] [--cost core_s|flops]

RESULTS are lines `RESULT recipe=NAME mode=... core_s=... SUITE=... SUITE_lo=... SUITE_hi=...`, as jobs/recipes.sh leaves
them in results.txt; of several files (other seeds) each is drawn with a mark of its own.  One panel a suite: list accuracy
with its 95% interval over the cost of training, answers that were collected for it included.  Lines across are the base in
either answer form, the dotted one is chance."""
import argparse
import os

from records import COLOURS, GREY, np, plt, save, stop

SUITES = ["heldout", "equivalent", "strong", "hard", "adv"]
COSTS = {"core_s": ("collect_core_s", 1, "core-seconds"), "flops": ("collect_flops", 1e12, "TFLOP")}
MARKS = "osD^v"


def read(path):
    """{recipe: {key: value}}, in order of the lines."""
    try:
        lines = open(path, encoding="utf-8").read().split("\n")
    except (OSError, UnicodeDecodeError) as why:
        stop(f"{path}: cannot be read: {getattr(why, 'strerror', why)}; expected lines of jobs/recipes.sh")
    found = {}
    for number, line in enumerate(lines, 1):
        if not line.startswith("RESULT recipe="):
            continue
        row = dict(word.split("=", 1) for word in line.split()[1:] if "=" in word)
        try:
            found[row["recipe"]] = {k: v if k in ("recipe", "mode") else float(v) for k, v in row.items()}
            [found[row["recipe"]][k] for pair in COSTS for k in (pair, COSTS[pair][0])]
        except (KeyError, ValueError) as why:
            stop(f"{path}: line {number}: {why} is missing or no number")
    if not any(not name.startswith("base-") for name in found):
        stop(f"{path}: no line RESULT recipe=...; expected results.txt of jobs/recipes.sh")
    return found


def cost_of(row, what):
    more, unit, _ = COSTS[what]
    return (row[what] + row[more]) / unit


def draw_base(ax, found, suite):
    for name, row in found.items():
        if name.startswith("base-") and suite in row:
            line = "-" if row["mode"] == "think" else "--"
            ax.axhspan(row[suite + "_lo"], row[suite + "_hi"], color=GREY, alpha=0.12, linewidth=0)
            ax.axhline(row[suite], color=GREY, linestyle=line, linewidth=1, label=f"base, {row['mode']}")
            ax.axhline(row[suite + "_chance"], color="black", linestyle=":", linewidth=1, label="chance")


def draw(ax, sets, suite, what, names):
    for k, found in enumerate(sets):
        if k == 0:
            draw_base(ax, found, suite)
        for name, row in found.items():
            if name.startswith("base-") or suite not in row:
                continue
            acc = row[suite]
            error = [[max(0, acc - row[suite + "_lo"])], [max(0, row[suite + "_hi"] - acc)]]
            ax.errorbar(cost_of(row, what), acc, yerr=error, color=COLOURS[names.index(name) % len(COLOURS)],
                        marker=MARKS[k % len(MARKS)], markersize=5, capsize=2, elinewidth=0.9, linestyle="none",
                        markerfacecolor="white" if k else None, label=name if k == 0 else None)
    ax.set_title(suite, loc="left", fontweight="bold")
    ax.set_xlim(left=0)
    ax.margins(x=0.08)
    ax.set_ylim(0, 1)
    ax.set_yticks(np.arange(0, 1.01, 0.2))


def main():
    p = argparse.ArgumentParser(description="Recipes by cost and list accuracy, with intervals.")
    p.add_argument("results", nargs="+", help="results.txt of jobs/recipes.sh")
    p.add_argument("--out", default="recipes", help="file to write; .png and .svg are both made (default: recipes)")
    p.add_argument("--cost", default="core_s", choices=sorted(COSTS), help="what the axis counts (default: core_s)")
    a = p.parse_args()
    sets = [read(path) for path in a.results]
    names = list(dict.fromkeys(n for found in sets for n in found if not n.startswith("base-")))
    suites = [s for s in SUITES if any(s in row for found in sets for row in found.values())]
    if not suites:
        stop(f"{a.results[0]}: no suite was measured")
    columns = min(2, len(suites))
    rows = (len(suites) + columns - 1) // columns
    height = 2.1 * rows + 0.6
    figure, axes = plt.subplots(rows, columns, figsize=(3.3 * columns, height), squeeze=False, sharex=True, sharey=True)
    for i, ax in enumerate(axes.flat):
        if i >= len(suites):
            ax.set_visible(False)
            continue
        draw(ax, sets, suites[i], a.cost, names)
        if i % columns == 0:
            ax.set_ylabel("ListAcc (share of lists)")
        if i + columns >= len(suites):
            ax.set_xlabel(f"cost of training ({COSTS[a.cost][2]})")
    marks = dict(zip(*reversed(axes.flat[0].get_legend_handles_labels())))
    for k, path in enumerate(a.results[1:], 1):
        marks[os.path.basename(os.path.dirname(os.path.abspath(path)))] = plt.Line2D(
            [], [], color=GREY, marker=MARKS[k % len(MARKS)], markerfacecolor="white", linestyle="none")
    marks["chance"] = marks.pop("chance", plt.Line2D([], [], color="black", linestyle=":", linewidth=1))
    figure.legend(marks.values(), marks.keys(), loc="upper center", ncol=4, title="error bars and bands: 95% intervals",
                  title_fontsize=7)
    figure.tight_layout(rect=(0, 0, 1, 1 - 0.62 / height))
    save(figure, a.out)


if __name__ == "__main__":
    main()
