"""Runs and evaluations that belong together: what a run had cost when it became what was measured.

The cost of a run is the sum over its steps (run.h5), in core-seconds (ranks times seconds, graders among them) or in
floating-point operations; what was collected for it beforehand (data.rollouts) is added, from the attributes of those files.
An evaluation is of the run one of whose checkpoints has the parameters that it measured; where checkpoints are gone, of the
run that its deck names."""
import glob
import os
import re
import sys

from records import Run, h5py, np, open_kind, read_suites, stop, text, whole

COSTS = {"core_s": (1, "core-seconds"), "flops": (1e12, "TFLOP")}


def key(deck, name):
    """The value of section.key in the text of an effective deck; "" where it is not there."""
    section = ""
    for line in deck.split("\n"):
        line = line.split("#")[0].strip()
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line and f"{section}.{line.split('=', 1)[0].strip()}" == name:
            return line.split("=", 1)[1].strip()
    return ""


def deck_of(path):
    with h5py.File(path, "r") as f:
        return text(f.attrs.get("deck", "")), text(f.attrs.get("param_hash", ""))


class Learned(Run):
    """A run: its recipe, what it had cost after every step, which parameters it began with and has saved."""

    def __init__(self, path, what):
        super().__init__(path)
        if not len(self.step):
            stop(f"{self.path}: no step is recorded yet")
        self.folder = os.path.dirname(os.path.abspath(self.path))
        deck, _ = deck_of(self.path)
        self.dir, self.recipe, self.mode = key(deck, "run.dir"), key(deck, "recipe.name"), key(deck, "recipe.mode")
        missing = self.column.get("groups_missing")
        if missing is not None and not np.isfinite(missing).any():
            self.recipe = "sft"                             # which has no groups
        self.saved, self.start = {}, ""
        for file in sorted(glob.glob(os.path.join(self.folder, "ckpt", "step-*.h5"))):
            whole(file, self.look)
        spent = self.get("wall_s" if what == "core_s" else "flops")
        if spent is None:
            stop(f"{self.path}: no {what} of its steps is recorded")
        ranks = 1
        if what == "core_s":
            ranks = np.isfinite(self.seconds).any(axis=2).sum(axis=1) + int(key(deck, "layout.graders") or 0)
        self.spent = np.concatenate([[0], np.cumsum(np.nan_to_num(spent) * ranks)])
        self.collected, self.unknown = 0, False
        for name in key(deck, "data.rollouts").split(",") if key(deck, "recipe.sync_every") == "0" else []:
            self.add_collected(name.strip(), what)

    def look(self, path):
        with open_kind(path, "checkpoint") as f:
            state = f["state"].attrs
            self.saved[text(state["param_hash"])] = int(state["step"])
            self.start = "%016x%016x" % tuple(int(state[k]) & (1 << 64) - 1 for k in ("start_hi", "start_lo"))

    def add_collected(self, name, what):
        """Where the deck says, or beside the run."""
        beside = os.path.join(os.path.dirname(self.folder), os.path.basename(name))
        path = next((p for p in (name, beside) if os.path.isfile(p)), None)
        why = f"{self.folder}: {name}, which it learned from, is not there"
        if path:
            with open_kind(path, "rollout") as f:
                if what in f.attrs:
                    self.collected += float(f.attrs[what])
                    return
            why = f"{path}: does not say what collecting it cost (a run or an older version made it)"
        print(f"analysis: {why}: its cost is left out", file=sys.stderr)
        self.unknown = True

    def cost(self, step):
        return self.collected + self.spent[np.searchsorted(self.step, step)]


class Measured:
    """An evaluation file: results by suite, parameters, answer form, and the model as its deck calls it."""

    def __init__(self, path):
        self.path = os.path.abspath(path)
        self.suites = read_suites(path)
        deck, self.hash = deck_of(path)
        self.model, self.mode = key(deck, "eval.model") or key(deck, "model.dir"), key(deck, "eval.mode")

    def rows(self):
        """{suite: [acc, lo, hi, chance]}"""
        found = {}
        for name, suite in self.suites.items():
            row = suite.one("listacc")
            acc = row[4:7] if row else [float(suite.attrs.get(k, np.nan)) for k in ("listacc", "listacc_lo", "listacc_hi")]
            if np.isfinite(acc[0]):
                found[name] = [*acc, float(suite.attrs.get("chance", np.nan))]
        return found

    def of_run(self, runs):
        """(run, step) that it measured; None: another model, also the base where a run ended as it began; step None: a run
        as it no longer is."""
        beside = os.path.dirname(os.path.dirname(self.path))
        runs = sorted(runs, key=lambda r: os.path.dirname(r.folder) != beside)      # copies: the one beside it
        folder, _, file = os.path.normpath(self.model).partition("/ckpt/")
        named = [r for r in runs if r.dir and os.path.normpath(r.dir) == folder]
        same = [r for r in runs if self.hash in r.saved]
        both = [r for r in named if r in same]
        if both or same and self.hash not in [r.start for r in runs]:
            run = (both or same)[0]
            return run, run.saved[self.hash]
        if not named or self.hash in [r.start for r in runs]:
            return None
        named = [r for r in named if os.path.dirname(r.folder) == beside] or named
        if len(named) > 1:
            stop(f"{self.path}: measured {self.model}, and {len(named)} of the runs given call themselves that")
        step = re.fullmatch(r"step-(\d+)\.h5", file)
        if step:
            return named[0], int(step[1])
        return named[0], None if named[0].saved else int(named[0].step[-1]) + 1


def is_eval(path):
    """Also what cannot be read: who reads it names it."""
    try:
        with h5py.File(path, "r") as f:
            return text(f.attrs.get("format", "")) == "aletheia/eval"
    except OSError:
        return True


def expand(path):
    """Runs and evaluation files of an argument: itself, or what is in the folder and in its folders."""
    if not os.path.exists(path):
        stop(f"{path}: no such file or folder; expected runs, evaluations, or a folder of them")
    if os.path.isfile(path):
        return ([path], []) if os.path.basename(path) == "run.h5" else ([], [path])
    runs, files = [], []
    folders = [path] if os.path.isfile(os.path.join(path, "run.h5")) else [path] + sorted(glob.glob(os.path.join(path, "*", "")))
    for folder in folders:
        if os.path.isfile(os.path.join(folder, "run.h5")):
            runs.append(os.path.normpath(folder))
            folder = os.path.join(folder, "eval")
        files += [f for f in sorted(glob.glob(os.path.join(folder, "*.h5"))) if is_eval(f)]
    if not runs and not files:
        stop(f"{path}: holds neither runs (run.h5) nor evaluations (eval.out of `aletheia eval`)")
    return runs, files
