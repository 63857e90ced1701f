#!/usr/bin/python3
"""Choosing the best of N programs: analysis/choosing.py SELECTFILE... [--out FILE] [--label NAME]... [--skip-bad]

Of files of `aletheia select` (select.out), one column a set of problems, over the number of programs N.  Above: pass@1 of
the chosen program, executed, for each verifier with its 95% interval; beside it a random choice, the majority by output and
the oracle, which is pass@N.  Below: the differences to the random and the majority choice on the same problems, with paired
intervals.  (A script named select.py would stand before Python's own module of that name.)"""
import os

from records import COLOURS, GREY, SINGLE, DOUBLE, Suite, band, each, legend_above, mark, np, open_kind, parser, plt
from records import points, read_sets, save, stop, text
from study import key

HOW = "holds no choice: `aletheia select DECK select.out=FILE` makes it"
BASES = {"oracle": ("--", "oracle (pass@N)"), "majority": ("-.", "majority"), "random": (":", "random")}
LESS = {"random": "o", "majority": "s"}


class Choice(Suite):
    """The rows of one choice, and which problems and method they are of."""

    def __init__(self, path, f):
        super().__init__(path, f)
        self.problems = text(self.attrs.get("suite", self.attrs.get("split", "problems")))
        self.method = text(self.attrs.get("method", "")) or key(text(self.attrs.get("deck", "")), "select.method")

    def same_programs(self, other):
        """Whether both chose from the same programs: what does not depend on a verifier is equal then."""
        mine, theirs = (x.along("oracle", "N")[:2] for x in (self, other))
        return self.problems == other.problems and mine.shape == theirs.shape and np.allclose(mine, theirs)


def read_file(path):
    with open_kind(path, "select") as f:
        return Choice(path, f)


def read_argument(path, skip):
    """The choices of a file, or of all files of a folder."""
    if not os.path.isdir(path):
        return [read_file(path)]
    files = sorted(os.path.join(path, f) for f in os.listdir(path) if f.endswith(".h5"))
    if not files:
        stop(f"{path}: {HOW}")
    return each(files, read_file, skip)


def panels_of(sets):
    """[[(j, choice)]]: choices of the same programs share a panel."""
    panels = []
    for j, (_, choices) in enumerate(sets):
        for choice in choices:
            panel = next((p for p in panels if p[0][1].same_programs(choice)), None)
            if panel is None:
                panels.append([(j, choice)])
            else:
                panel.append((j, choice))
    return panels


def beside(n, i, count):
    """N of the i-th of so many marks beside each other, on a logarithmic axis."""
    return n * 2 ** (0.06 * (i - (count - 1) / 2))


def draw_choice(ax, panel):
    for name, (line, _) in BASES.items():
        n, value, lo, hi, _ = panel[0][1].along(name, "N")
        band(ax, n, value, lo, hi, GREY, linestyle=line, linewidth=1)
    for i, (j, choice) in enumerate(panel):
        n, value, lo, hi, _ = choice.along("verifier", "N")
        points(ax, beside(n, i, len(panel)), value, lo, hi, COLOURS[j], linewidth=1.2)
    ax.set_ylim(0, 1.02)
    ax.set_yticks(np.arange(0, 1.01, 0.2))
    ax.tick_params(labelbottom=False)


def draw_difference(ax, panel):
    ax.axhline(0, color="black", linewidth=0.6)
    for k, (j, choice) in enumerate(panel):
        for i, (name, shape) in enumerate(LESS.items()):
            n, value, lo, hi, _ = choice.along(f"verifier-{name}", "N")
            points(ax, beside(n, 2 * k + i, 2 * len(panel)), value, lo, hi, COLOURS[j], marker=shape, linewidth=0.8,
                   linestyle=BASES[name][0], markerfacecolor="white" if i else COLOURS[j])
    ax.set_xlabel("programs N")


def title_of(panel, panels, sets):
    """The problems; where there are several panels of them, the verifier too."""
    name = panel[0][1].problems
    alone = sum(p[0][1].problems == name for p in panels) == 1
    return name if alone else f"{name}: {', '.join(sets[j][0] for j, _ in panel)}"


def main():
    p = parser("Pass@1 of the chosen program over the number of programs.", "file of `aletheia select`, or a folder of them",
               "choosing")
    a = p.parse_args()
    sets = read_sets(a, lambda path: read_argument(path, a.skip_bad), lambda c: any(x.of("verifier", "N") for x in c), HOW)
    panels = panels_of(sets)
    columns = len(panels)
    width = SINGLE if columns == 1 else max(DOUBLE, 1.9 * columns)
    figure, axes = plt.subplots(2, columns, figsize=(width, 3.5), squeeze=False, sharex=True, sharey="row",
                                gridspec_kw={"height_ratios": [1.7, 1]})
    most = max(c.along("verifier", "N")[0].max() for panel in panels for _, c in panel)
    ticks = [2 ** i for i in range(int(np.log2(most)) + 1)]
    for i, panel in enumerate(panels):
        draw_choice(axes[0, i], panel)
        draw_difference(axes[1, i], panel)
        axes[0, i].set_title(title_of(panel, panels, sets), loc="left", fontweight="bold")
        axes[1, i].set_xscale("log", base=2)
        axes[1, i].set_xticks(ticks, [str(t) for t in ticks])
        axes[1, i].minorticks_off()
    axes[0, 0].set_ylabel("pass@1 of the choice")
    axes[1, 0].set_ylabel("difference")
    figure.align_ylabels()
    methods = {c.method for _, choices in sets for c in choices}
    marks = {label + (f" ({c[0].method})" if len(methods) > 1 else ""): mark(COLOURS[j], marker="o", markersize=3)
             for j, (label, c) in enumerate(sets)}
    marks |= {name: mark(GREY, linestyle=line, linewidth=1) for line, name in BASES.values()}
    marks |= {f"less {BASES[name][1]}": mark(GREY, marker=shape, markersize=3, linestyle=BASES[name][0], linewidth=0.8,
                                             markerfacecolor="white" if i else GREY)
              for i, (name, shape) in enumerate(LESS.items())}
    legend_above(figure, marks, "error bars and bands: 95% intervals; below paired by problem")
    save(figure, a.out)


if __name__ == "__main__":
    main()
