"""Reading aletheia's HDF5 files for plots, and what all plots share (colours, sizes, saving).

Only the files are read, never the program: root attributes say kind and version, ragged data is a
pair NAME/data, NAME/offset.  Whatever cannot be read ends with one line that names the file, or, with
--skip-bad, is named and left out where there are others."""
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


def stop(message):
    """Bad input: one line, exit code 3, as the program's own."""
    print(f"analysis: {message}", file=sys.stderr)
    sys.exit(3)


def each(paths, read, skip):
    """What read gives of each path.  With skip those that cannot be read are named and left out, but not all of them."""
    got = []
    for path in paths:
        try:
            got.append(read(path))
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
    if int(f.attrs.get("version", 0)) > 1:
        stop(f"{path}: version {int(f.attrs['version'])} is newer than these scripts read (1)")
    if not f.attrs.get("committed", 0):
        stop(f"{path}: was never completed by its writer")
    return f


def ragged(group, name):
    """The items of a ragged text column."""
    data, offset = group[name]["data"][:].tobytes(), group[name]["offset"][:]
    return [data[a:b].decode("utf-8", "replace") for a, b in zip(offset[:-1], offset[1:])]


def run_file(path):
    return os.path.join(path, "run.h5") if os.path.isdir(path) else path


def run_name(path):
    path = os.path.abspath(path)
    return os.path.basename(os.path.dirname(path) if os.path.basename(path) == "run.h5" else path)


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
