"""Reading aletheia's HDF5 files for plots, and what all plots share (colours, sizes, saving).

Only the files are read, never the program: root attributes say kind and version, ragged data is a
pair NAME/data, NAME/offset.  Whatever cannot be read ends with one line that names the file, or, with
--skip-bad, is named and left out where there are others."""
import argparse
import collections
import glob
import os
import sys

try:
    import h5py
    import numpy as np
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
except ImportError as missing:
    sys.exit(f"analysis: {missing}; on Debian: apt install python3-h5py python3-matplotlib, then use /usr/bin/python3")

# Okabe and Ito's colours, told apart by everyone; grey is for what is not a run.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8C6D31"]
GREY = "#767676"
plt.rcParams.update({
    "font.size": 8, "axes.titlesize": 8, "axes.labelsize": 8, "legend.fontsize": 7,
    "xtick.labelsize": 7, "ytick.labelsize": 7, "axes.linewidth": 0.6, "lines.linewidth": 1.2,
    "axes.spines.top": False, "axes.spines.right": False, "xtick.major.width": 0.6,
    "ytick.major.width": 0.6, "legend.frameon": False, "svg.fonttype": "none",
    "font.family": "sans-serif", "savefig.dpi": 200, "axes.grid": True, "grid.linewidth": 0.3,
    "grid.color": "#d8d8d8", "axes.axisbelow": True,
})
SINGLE, DOUBLE = 3.3, 6.7                       # widths of a figure in one and in two columns of a page, inches
CHANCE = {"color": "black", "linewidth": 1, "linestyle": ":"}
SUITES = ["train", "heldout", "equivalent", "strong", "hard", "adv"]
NEWEST = {"eval": 2, "rollout": 2}              # versions that are read; 1 of every other kind


def stop(message):
    """Bad input: one line, exit code 3, as the program's own."""
    print(f"analysis: {message}", file=sys.stderr)
    sys.exit(3)


def whole(path, read):
    """What read gives of the path; a file that lacks what its kind promises, or cannot be read to its end, is named."""
    try:
        return read(path)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError, OSError, RuntimeError) as why:
        stop(f"{path}: damaged, or not what its kind promises: {' '.join(str(why).split())}")


def each(paths, read, skip):
    """What read gives of each path.  With skip those that cannot be read are named and left out, but not all of them."""
    got = []
    for path in paths:
        try:
            got.append(whole(path, read))
        except SystemExit:
            if not skip:
                raise
    if not got:
        stop("nothing is left to show")
    return got


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def open_kind(path, kind):
    """The file, after checking that it is a complete one of this kind."""
    if not os.path.exists(path):
        stop(f"{path}: no such file; expected an aletheia/{kind} file")
    if not os.path.isfile(path):
        stop(f"{path}: not a file; expected an aletheia/{kind} file")
    try:
        f = h5py.File(path, "r")
    except OSError:
        stop(f"{path}: not an HDF5 file, or truncated; expected an aletheia/{kind} file")
    found = text(f.attrs.get("format", b"of another program"))
    if found != f"aletheia/{kind}":
        stop(f"{path}: this is {found}, expected aletheia/{kind}")
    newest = NEWEST.get(kind, 1)
    if int(f.attrs.get("version", 0)) > newest:
        stop(f"{path}: version {int(f.attrs['version'])} is newer than these scripts read ({newest})")
    if not f.attrs.get("committed", 0):
        stop(f"{path}: was never completed by its writer")
    return f


def ragged(group, name):
    """The items of a ragged text column."""
    data, offset = group[name]["data"][:].tobytes(), group[name]["offset"][:]
    if len(offset) < 1 or offset[0] != 0 or offset[-1] != len(data) or (np.diff(offset) < 0).any():
        raise ValueError(f"{group.name}/{name}: its offsets do not fit its data")
    return [data[a:b].decode("utf-8", "replace") for a, b in zip(offset[:-1], offset[1:])]


def run_file(path):
    return os.path.join(path, "run.h5") if os.path.isdir(path) else path


def run_name(path):
    path = os.path.abspath(path)
    return os.path.basename(os.path.dirname(path) if os.path.basename(path) == "run.h5" else path)


Row = collections.namedtuple("Row", "measure by of lists value lo hi beside")


def numbers(group):
    """The results that a suite (or a choice) holds as rows; lo and hi are NaN where there is no interval, beside is what
    stands beside the value: chance, the unedited lists, a mean confidence.  Empty for files of version 1."""
    if "number" not in group:
        return []
    g = group["number"]
    columns = [ragged(g, name) if isinstance(g[name], h5py.Group) else g[name][:].tolist()
               for name in Row._fields if name in g]
    have = [name for name in Row._fields if name in g]
    if len({len(c) for c in columns}) != 1 or not {"measure", "by", "value"} <= set(have):
        raise ValueError(f"{g.name}: its columns differ in length, or measure, by and value are not all there")
    missing = {"of": "", "lists": 0, "lo": np.nan, "hi": np.nan, "beside": np.nan}
    return [Row(**(missing | dict(zip(have, row)))) for row in zip(*columns)]


NUMBERED = ("length", "K", "bin", "budget", "N")        # what rows are by where `of` is a number


class Suite:
    """What one evaluation file says of one suite: attributes and rows."""

    def __init__(self, path, group):
        self.path, self.name = path, os.path.basename(group.name)
        self.attrs = {k: v for k, v in group.attrs.items()}
        self.rows = numbers(group)
        for r in self.rows:
            if r.by in NUMBERED:
                float(r.of)

    def of(self, measure, by="all"):
        """The rows of a measure, in their order; those without a value are left out."""
        return [r for r in self.rows if r.measure == measure and r.by == by and np.isfinite(r.value)]

    def one(self, measure):
        """The row over all lists, or None."""
        return next(iter(self.of(measure)), None)

    def along(self, measure, by):
        """The same as arrays, in order of the numbers that `of` names: at, value, lo, hi, beside."""
        rows = sorted((float(r.of), r.value, r.lo, r.hi, r.beside) for r in self.of(measure, by))
        return np.array(rows, dtype=float).reshape(len(rows), 5).T


def read_suites(path):
    """{suite: Suite} of one evaluation file."""
    with open_kind(path, "eval") as f:
        return {name: Suite(path, f["suite"][name]) for name in f["suite"]}


def eval_files(path):
    """The evaluation files that an argument names: itself, or what is in the folder or in its eval/."""
    if os.path.isfile(path):
        return [path]
    if not os.path.isdir(path):
        stop(f"{path}: no such file or folder; expected evaluation files, or a folder of them")
    for folder in (path, os.path.join(path, "eval")):
        files = [f for f in sorted(glob.glob(os.path.join(folder, "*.h5"))) if os.path.basename(f) != "run.h5"]
        if files:
            return files
    return []


def read_evaluation(path, skip=False):
    """{suite: Suite} of everything that an argument names."""
    files = eval_files(path)
    if not files:
        stop(f"{path}: holds no evaluations; make them with `aletheia eval DECK eval.out=FOLDER`")
    found = {}
    for suites in each(files, read_suites, skip):
        found.update(suites)
    return found


def label_of(path):
    """A file by its name; a folder by its own, but eval/ of a run by the run's."""
    if os.path.isfile(path):
        return os.path.splitext(os.path.basename(path))[0]
    name = run_name(path)
    return run_name(os.path.dirname(os.path.abspath(path))) if name == "eval" else name


def apart(labels, paths):
    """Labels of which no two are alike: those that are get the folder before them."""
    return [label if labels.count(label) == 1 else os.path.basename(os.path.dirname(os.path.abspath(path))) + "/" + label
            for label, path in zip(labels, paths)]


def parser(description, what, out):
    """The options that plots of several files share."""
    p = argparse.ArgumentParser(description=description)
    p.add_argument("file", nargs="+", help=what)
    p.add_argument("--out", default=out, help=f"file to write; .png and .svg are both made (default: {out})")
    p.add_argument("--label", action="append", default=[], help="name of the next one in the legend")
    p.add_argument("--skip-bad", action="store_true", help="go on without what cannot be read, and name it")
    return p


def read_sets(a, read, wanted, how):
    """[(label, what read gives)] of the arguments that hold what is wanted; the others are named, with how it is made."""
    def one(path):
        got = read(path)
        if not wanted(got):
            stop(f"{path}: {how}")
        return path, label_of(path), got
    if len(a.label) > len(a.file):
        stop(f"--label is given {len(a.label)} times for {len(a.file)} files")
    given = dict(zip(a.file, a.label))
    sets = each(a.file, one, a.skip_bad)
    if len(sets) > len(COLOURS):
        stop(f"{len(sets)} evaluations, at most {len(COLOURS)} can be told apart in one plot")
    labels = apart([label for _, label, _ in sets], [path for path, _, _ in sets])
    return [(given.get(path, label), got) for label, (path, _, got) in zip(labels, sets)]


def read_measures(a, has, how):
    """read_sets for evaluations: those of which some suite has(suite); suites without are left out."""
    sets = read_sets(a, lambda path: {name: s for name, s in read_evaluation(path, a.skip_bad).items() if has(s)}, len, how)
    return sets, in_order({name for _, found in sets for name in found})


def in_order(suites):
    """Suites as the study names them, others behind."""
    return sorted(suites, key=lambda s: (SUITES.index(s.split(",")[0]) if s.split(",")[0] in SUITES else 99, s))


def intervals(ax, x, value, lo, hi, across=False, **how):
    """Error bars where there are intervals; across: x is the height, the bars lie."""
    x, value, lo, hi = (np.atleast_1d(np.asarray(v, dtype=float)) for v in (x, value, lo, hi))
    ok = np.isfinite(lo) & np.isfinite(hi) & np.isfinite(value)
    if ok.any():
        sides = [np.maximum(value - lo, 0)[ok], np.maximum(hi - value, 0)[ok]]
        at = {"x": value[ok], "y": x[ok], "xerr": sides} if across else {"x": x[ok], "y": value[ok], "yerr": sides}
        ax.errorbar(**at, fmt="none", **({"capsize": 1.5, "elinewidth": 0.8, "zorder": 2.1} | how))


def points(ax, x, value, lo, hi, colour, **how):
    """Marks, a line through them where one is asked for, and their error bars."""
    ax.plot(x, value, color=colour, **({"marker": "o", "markersize": 3, "linewidth": 0.9} | how))
    intervals(ax, x, value, lo, hi, ecolor=colour)


def band(ax, x, value, lo, hi, colour, **how):
    """A line with its interval as a band behind it, where it has one."""
    ax.fill_between(x, lo, hi, where=np.isfinite(lo) & np.isfinite(hi), color=colour, alpha=0.15, linewidth=0)
    return ax.plot(x, value, color=colour, **how)


def page(n, most=3, height=2.0):
    """A figure of n panels, up to `most` beside each other, in one column of a page where one panel is all."""
    columns = min(most, n)
    rows = (n + columns - 1) // columns
    width = SINGLE if columns == 1 else DOUBLE
    figure, axes = plt.subplots(rows, columns, figsize=(width, height * rows), squeeze=False, sharey=True)
    for ax in axes.flat[n:]:
        ax.set_visible(False)
    return figure, list(axes.flat[:n]), columns


def legend_above(figure, marks, title=None, columns=5):
    """One legend above all panels ({name: mark}), filled row by row; the figure grows by its height."""
    width, height = figure.get_size_inches()
    longest = max(map(len, marks))
    ncol = max(1, min(columns, len(marks), int(width / (0.45 + 0.055 * longest))))
    rows = (len(marks) + ncol - 1) // ncol
    names = [n for c in range(ncol) for n in list(marks)[c::ncol]]      # matplotlib fills column by column
    top = 0.08 + 0.155 * (rows + (1 if title else 0))
    figure.set_size_inches(width, height + top)
    figure.legend([marks[n] for n in names], names, loc="upper center", ncol=ncol, title=title, title_fontsize=7,
                  bbox_to_anchor=(0.5, 1.0), borderaxespad=0.2, columnspacing=1.4, handlelength=1.8)
    figure.tight_layout(rect=(0, 0, 1, 1 - top / (height + top)), pad=0.4, w_pad=0.8, h_pad=0.8)


def mark(colour=GREY, **how):
    """What stands in a legend."""
    return plt.Line2D([], [], color=colour, **how)


class Run:
    """The metrics of one run: columns by name, phases, and the evaluations made on the way."""

    def __init__(self, path):
        self.path = run_file(path)
        self.name = run_name(path)
        with open_kind(self.path, "metrics") as f:
            self.step = f["step/step"][:]
            self.column = {k: f["step"][k][:] for k in f["step"]}
            names = h5py.check_enum_dtype(f["phase/names"].dtype)
            self.phases = sorted(names, key=names.get)
            self.seconds = f["phase/seconds"][:]                 # [step, rank, phase]
            self.events = list(zip(f["event/step"][:], ragged(f["event"], "kind"), ragged(f["event"], "text")))

    def get(self, name):
        """A column, or None where nothing of it was measured."""
        x = self.column.get(name)
        return None if x is None or not np.isfinite(x).any() else x

    def evaluations(self, suite=None):
        """{(suite, mode): [(step, acc, lo, hi, chance)]}; a step that was evaluated twice counts once."""
        found = {}
        for step, kind, line in self.events:
            if kind != "eval":
                continue
            word = dict(w.split("=", 1) for w in line.split() if "=" in w)
            if suite and word.get("suite") != suite:
                continue
            try:
                row = [float(word[k]) for k in ("acc", "lo", "hi", "chance")]
            except (KeyError, ValueError):
                continue
            found.setdefault((word.get("suite", "?"), word.get("mode", "")), {})[int(step)] = row
        return {k: [(s, *v[s]) for s in sorted(v)] for k, v in found.items()}


def smooth(x, window):
    """Running mean over `window` steps, centred, shorter at the ends; NaN is left out."""
    ok = np.isfinite(x)
    kernel = np.ones(window)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.convolve(np.where(ok, x, 0), kernel, "same") / np.convolve(ok.astype(float), kernel, "same")


def save(figure, out):
    """OUT.png and OUT.svg; says what it wrote."""
    stem, end = os.path.splitext(out)
    stem = stem if end in (".png", ".svg", ".pdf") else out
    folder = os.path.dirname(stem)
    for end in ("png", "svg"):
        try:
            if folder:
                os.makedirs(folder, exist_ok=True)
            figure.savefig(f"{stem}.{end}")
        except OSError as why:
            stop(f"{stem}.{end}: cannot be written: {why.strerror}")
        print(f"wrote {stem}.{end}")
    plt.close(figure)
