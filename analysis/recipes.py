#!/usr/bin/python3
"""Recipes by what they cost and what they reach: analysis/recipes.py FOLDER... [--out FILE] [--cost core_s|flops] [--skip-bad]

A FOLDER is a run, a folder of evaluations, or one that holds such (as jobs/recipes.sh leaves them).  One panel a suite: list
accuracy over the cost of training, answers that were collected for it included, one colour a recipe, one mark a folder of
runs.  Points with 95% intervals are evaluations of what a run became (where there are none, its own last one), small ones on
a line those that it made on its way.  Other models that were measured, as the base, are lines across with their interval as
a band; the dotted line is chance."""
import argparse
import os
import sys

from records import COLOURS, GREY, CHANCE, DOUBLE, SINGLE, each, in_order, legend_above, mark, np, plt, points, save, stop
from study import COSTS, Learned, Measured, expand

MARKS = "osD^vPX*"
LINES = ["-", "--", "-.", (0, (5, 1, 1, 1, 1, 1))]


class Shown:
    """What is drawn of a run: {suite: [(step, acc, lo, hi, chance)]} of evaluations, and of those on its way."""

    def __init__(self, run, group):
        self.run, self.group = run, group
        self.name = run.recipe + (" (without collecting)" if run.unknown else "")
        self.points, self.other, self.way = {}, {}, {}
        rows = run.evaluations()
        for (suite, mode), e in rows.items():
            if mode == run.mode or (suite, run.mode) not in rows:
                self.way[suite] = e

    def add(self, measured, step):
        for suite, row in measured.rows().items():
            own = self.points if measured.mode == self.run.mode else self.other
            own.setdefault(suite, []).append((step, *row))

    def last(self):
        """A run that was not evaluated afterwards has its own last evaluation."""
        for suite, rows in self.way.items():
            if suite not in self.points and suite not in self.other:
                self.points[suite] = rows[-1:]


def group_runs(runs):
    """Runs of one folder share a mark; a recipe that is there twice gets another."""
    shown, seen = [], {}
    for run in runs:
        parent = os.path.dirname(run.folder)
        again = seen[parent, run.recipe] = seen.get((parent, run.recipe), 0) + 1
        shown.append(Shown(run, (parent, again)))
    return shown, list(dict.fromkeys(s.group for s in shown))


def sort_out(runs, measured):
    """Each evaluation to its run; {label: {folder: {suite: row}}} of the other models."""
    others, hashes = {}, {}
    for m in measured:
        found = m.of_run([s.run for s in runs])
        if found and found[1] is None:
            print(f"analysis: {m.path}: {m.model} has gone on since it was measured, and at which step it was is not known: "
                  "left out", file=sys.stderr)
            continue
        if found:
            next(s for s in runs if s.run is found[0]).add(m, found[1])
            continue
        base = any(m.hash == s.run.start for s in runs)
        label = "base" if base else os.path.basename(os.path.normpath(m.model)) or "model"
        label += f", {m.mode}" if m.mode else ""
        own, rows = os.path.dirname(m.path), m.rows()
        folder = os.path.dirname(own)
        there = others.get(label, {}).get(folder, {})
        if set(there) & set(rows) or not base and hashes.setdefault(label, m.hash) != m.hash:
            label += f" ({os.path.basename(own)})"          # another of that name, or asked otherwise
        others.setdefault(label, {}).setdefault(folder, {}).update(rows)
    for s in runs:
        s.last()
    return others


def draw_others(ax, others, suite, shapes):
    """Those of the first folder as lines across, of further ones (other lists) as points without cost."""
    chances = []
    for i, (label, folders) in enumerate(others.items()):
        rows = [(folder, f[suite]) for folder, f in folders.items() if suite in f]
        for k, (folder, (acc, lo, hi, chance)) in enumerate(rows):
            chances.append(chance)
            if k == 0:
                if np.isfinite(lo):
                    ax.axhspan(lo, hi, color=GREY, alpha=0.12, linewidth=0)
                ax.axhline(acc, color=GREY, linestyle=LINES[i % len(LINES)], linewidth=1)
            else:
                points(ax, 0, acc, lo, hi, GREY, marker=shapes.get(folder, "."), markersize=4, clip_on=False, linestyle="none",
                       markerfacecolor="white" if i % 2 else GREY)
    return chances


def draw_run(ax, s, suite, unit, colour, shape):
    chances = []
    if len(s.way.get(suite, [])) > 1:
        at = [s.run.cost(step) / unit for step, *_ in s.way[suite]]
        ax.plot(at, [row[1] for row in s.way[suite]], color=colour, linewidth=0.8, marker=".", markersize=2.5, alpha=0.8)
    for rows, face in ((s.points.get(suite, []), colour), (s.other.get(suite, []), "white")):
        for step, acc, lo, hi, chance in rows:
            chances.append(chance)
            points(ax, s.run.cost(step) / unit, acc, lo, hi, colour, marker=shape, markersize=4.5, linestyle="none",
                   markerfacecolor=face, zorder=3)
    return chances


def main():
    p = argparse.ArgumentParser(description="Recipes by cost and list accuracy, with intervals.")
    p.add_argument("folder", nargs="+", help="run, folder of evaluations, or a folder of such")
    p.add_argument("--out", default="recipes", help="file to write; .png and .svg are both made (default: recipes)")
    p.add_argument("--cost", default="core_s", choices=sorted(COSTS), help="what the axis counts (default: core_s)")
    p.add_argument("--skip-bad", action="store_true", help="go on without what cannot be read, and name it")
    a = p.parse_args()
    unit, name_of_unit = COSTS[a.cost]
    found = each(a.folder, expand, a.skip_bad)
    paths = list(dict.fromkeys(r for runs, _ in found for r in runs))
    files = list(dict.fromkeys(f for _, files in found for f in files))
    if not paths:
        stop(f"{a.folder[0]}: only evaluations; a recipe's cost stands in its run: name the runs (folders with run.h5) too")
    runs, groups = group_runs(each(paths, lambda path: Learned(path, a.cost), a.skip_bad))
    others = sort_out(runs, each(files, Measured, a.skip_bad) if files else [])
    runs = [s for s in runs if s.points or s.other]
    if not runs:
        stop(f"{paths[0]}: was not evaluated; `aletheia eval DECK eval.model=RUN eval.out=FOLDER` does it, "
             "or run.eval_every on the way")
    names = list(dict.fromkeys(s.name for s in runs))
    if len(names) > len(COLOURS):
        stop(f"{len(names)} recipes, at most {len(COLOURS)} can be told apart in one plot")
    suites = in_order({suite for s in runs for suite in (*s.points, *s.other)})
    shapes = {group: MARKS[k % len(MARKS)] for k, group in enumerate(groups)}
    columns = min(2, len(suites))
    rows = (len(suites) + columns - 1) // columns
    figure, axes = plt.subplots(rows, columns, figsize=(SINGLE if columns == 1 else DOUBLE, 2.0 * rows), squeeze=False,
                                sharex=True, sharey=True)
    for i, ax in enumerate(axes.flat):
        if i >= len(suites):
            ax.set_visible(False)
            continue
        chances = draw_others(ax, others, suites[i], {folder: shape for (folder, _), shape in reversed(shapes.items())})
        for s in runs:
            chances += draw_run(ax, s, suites[i], unit, COLOURS[names.index(s.name)], shapes[s.group])
        if np.isfinite(chances).any():
            ax.axhline(np.nanmean(chances), **CHANCE)
        ax.set_title(suites[i], loc="left", fontweight="bold")
        ax.margins(x=0.08)
        ax.set_ylim(0, 1)
        ax.set_yticks(np.arange(0, 1.01, 0.2))
        if i % columns == 0:
            ax.set_ylabel("ListAcc (share of lists)")
        if i + columns >= len(suites):
            ax.set_xlabel(f"cost of training ({name_of_unit})")
            ax.tick_params(labelbottom=True)
    axes[0, 0].set_xlim(left=0)
    marks = {name: mark(COLOURS[i], marker="o", linestyle="none", markersize=4.5) for i, name in enumerate(names)}
    for parent, again in groups if len(groups) > 1 else []:
        marks[os.path.basename(parent) + (f", run {again}" if again > 1 else "")] = mark(
            marker=shapes[parent, again], linestyle="none", markersize=4.5)
    if any(s.other for s in runs):
        marks["other answer form"] = mark(marker="o", markerfacecolor="white", linestyle="none", markersize=4.5)
    marks |= {label: mark(linestyle=LINES[i % len(LINES)], linewidth=1) for i, label in enumerate(others)}
    marks["chance"] = plt.Line2D([], [], **CHANCE)
    legend_above(figure, marks, "error bars and bands: 95% intervals")
    save(figure, a.out)


if __name__ == "__main__":
    main()
