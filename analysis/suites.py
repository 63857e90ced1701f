#!/usr/bin/python3
"""List accuracy by suite: analysis/suites.py EVALDIR_OR_RUN... [--out FILE] [--label NAME]... [--skip-bad]

An EVALDIR holds evaluation files (eval.out of `aletheia eval`), one a suite; of a RUN its folder eval/ or, where there is
none, the first and the last of the evaluations it made on its way are taken.  Above: one bar a suite and evaluation with its
95% interval, black marks are chance.  Below: the same by the number of candidates in a list."""
import argparse
import os

from records import COLOURS, Run, each, eval_files, in_order, intervals, label_of, np, numbers, open_kind, plt, points, save, stop


def bootstrap(lists, correct):
    """Mean and 95% percentile interval over lists (samples of one list are not independent); none of fewer than 5."""
    _, where = np.unique(lists, return_inverse=True)
    mean = np.bincount(where, correct) / np.bincount(where)
    if len(mean) < 5:
        return mean.mean(), np.nan, np.nan
    draw = np.random.default_rng(1).integers(0, len(mean), (2000, len(mean)))
    lo, hi = np.percentile(mean[draw].mean(axis=1), [2.5, 97.5])
    return mean.mean(), lo, hi


def stored(attrs, name):
    if all(k in attrs for k in (name, name + "_lo", name + "_hi")):
        return tuple(float(attrs[k]) for k in (name, name + "_lo", name + "_hi"))
    return None


def read_file(path):
    """{suite: {"all": (acc, lo, hi), "chance": x, n: (acc, lo, hi)}}"""
    found = {}
    with open_kind(path, "eval") as f:
        for suite in f["suite"]:
            g = f["suite"][suite]
            n, lists, correct = g["n"][:], g["list"][:], g["correct"][:].astype(float)
            if len(n) == 0:
                continue
            r = {"all": stored(g.attrs, "listacc") or bootstrap(lists, correct),
                 "chance": float(g.attrs.get("chance", np.mean(1.0 / n)))}
            rows = {int(row.of): row[4:7] for row in numbers(g) if (row.measure, row.by) == ("listacc", "length")}
            for c in np.unique(n):
                at = n == c
                r[int(c)] = rows.get(int(c)) or stored(g.attrs, f"listacc_{c}") or bootstrap(lists[at], correct[at])
            found[suite] = r
    return found


def of_events(run):
    """The first and the last evaluation of every suite; the mode is named where there are several."""
    first, last = {}, {}
    rows = run.evaluations()
    for (suite, mode), e in rows.items():
        if len({m for s, m in rows if s == suite}) > 1:
            suite = f"{suite}, {mode}"
        for side, (step, acc, lo, hi, chance) in ((first, e[0]), (last, e[-1])):
            side[suite] = {"all": (acc, lo, hi), "chance": chance, "step": step}
    return first, last


def read_argument(path, skip=False):
    """[(label, {suite: ...})]"""
    if os.path.isfile(path):
        return [(label_of(path), read_file(path))]
    if not os.path.isdir(path):
        stop(f"{path}: no such file or folder; expected evaluation files, a folder of them, or a run")
    files = eval_files(path)
    if files:
        suites = {}
        for found in each(files, read_file, skip):
            suites.update(found)
        return [(label_of(path), suites)]
    if os.path.exists(os.path.join(path, "run.h5")):
        run = Run(path)
        first, last = of_events(run)
        if first:
            at = [sorted({s["step"] for s in side.values()}) for side in (first, last)]
            return [(f"{run.name}, step {at[0][0]}", first), (f"{run.name}, step {at[1][-1]}", last)]
    stop(f"{path}: holds no evaluations; make them with `aletheia eval DECK eval.out=FOLDER`, "
         "or train with run.eval_every set")


def draw_bars(ax, sets, suites):
    width = 0.8 / len(sets)
    for j, (label, found) in enumerate(sets):
        at = [i for i, s in enumerate(suites) if s in found]
        acc, lo, hi = np.array([found[suites[i]]["all"] for i in at]).T
        x = np.array(at) - 0.4 + width * (j + 0.5)
        ax.bar(x, acc, width * 0.94, color=COLOURS[j], label=label)
        intervals(ax, x, acc, lo, hi, capsize=2, ecolor="#303030")
        for xi, a, top in zip(x, acc, np.fmax(acc, hi)):
            if len(sets) * len(suites) <= 16:
                ax.text(xi, top + 0.012, f"{a:.2f}", ha="center", va="bottom", fontsize=6.5, zorder=6,
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})
    for i, s in enumerate(suites):
        chance = np.mean([f[s]["chance"] for _, f in sets if s in f])
        ax.plot([i - 0.44, i + 0.44], [chance, chance], color="black", linewidth=1.1, linestyle=(0, (3, 1.5)),
                label="chance" if i == 0 else None, zorder=5)
    ax.set_xticks(range(len(suites)), suites)
    ax.tick_params(axis="x", length=0)
    ax.set_ylabel("ListAcc (share of lists)")
    ax.set_ylim(0, 1.06)
    ax.set_yticks(np.arange(0, 1.01, 0.2))
    ax.grid(axis="x", visible=False)


def draw_lengths(ax, sets, suite, sizes):
    spread = 0.12
    for j, (label, found) in enumerate(sets):
        have = [c for c in sizes if c in found.get(suite, {})]
        if not have:
            continue
        at = np.array(have) + spread * (j - (len(sets) - 1) / 2)
        points(ax, at, *np.array([found[suite][c] for c in have]).T, COLOURS[j])
    for c in sizes:
        ax.plot([c - 0.38, c + 0.38], [1 / c, 1 / c], color="black", linewidth=1.1, linestyle=(0, (3, 1.5)))
    ax.set_title(suite, loc="left", fontweight="bold")
    ax.set_xticks(sizes)
    ax.set_xlim(min(sizes) - 0.6, max(sizes) + 0.6)
    ax.set_ylim(0, 1.06)
    ax.set_yticks(np.arange(0, 1.01, 0.2))
    ax.set_xlabel("candidates in a list")


def main():
    p = argparse.ArgumentParser(description="List accuracy by suite, with intervals and chance.")
    p.add_argument("evaluation", nargs="+", help="folder of evaluation files, one such file, or a run directory")
    p.add_argument("--out", default="suites", help="file to write; .png and .svg are both made (default: suites)")
    p.add_argument("--label", action="append", default=[], help="name of the next evaluation in the legend")
    p.add_argument("--skip-bad", action="store_true", help="go on without what cannot be read, and name it")
    a = p.parse_args()
    sets = [s for found in each(a.evaluation, lambda e: read_argument(e, a.skip_bad), a.skip_bad) for s in found]
    if len(sets) > len(COLOURS):
        stop(f"{len(sets)} evaluations, at most {len(COLOURS)} can be told apart in one plot")
    sets = [(a.label[i] if i < len(a.label) else label, found) for i, (label, found) in enumerate(sets)]
    suites = in_order({s for _, f in sets for s in f})
    if not suites:
        stop(f"{a.evaluation[0]}: no answers are recorded")
    sizes = sorted({c for _, f in sets for r in f.values() for c in r if isinstance(c, int)})
    width = max(3.6, 1.7 * len(suites))
    figure = plt.figure(figsize=(width, 4.6 if sizes else 2.8), constrained_layout=True)
    grid = figure.add_gridspec(2 if sizes else 1, len(suites), height_ratios=[1.25, 1] if sizes else [1])
    bars = figure.add_subplot(grid[0, :])
    draw_bars(bars, sets, suites)
    marks, names = bars.get_legend_handles_labels()
    last = names.index("chance")
    marks.append(marks.pop(last))
    names.append(names.pop(last))
    bars.legend(marks, names, loc="lower left", bbox_to_anchor=(0, 1.0), ncol=min(4, len(sets) + 1), borderaxespad=0.2,
                title="error bars: 95% intervals", title_fontsize=7, alignment="left")
    for i, suite in enumerate(suites if sizes else []):
        ax = figure.add_subplot(grid[1, i])
        draw_lengths(ax, sets, suite, sizes)
        if i == 0:
            ax.set_ylabel("ListAcc")
        else:
            ax.set_yticklabels([])
    save(figure, a.out)


if __name__ == "__main__":
    main()
