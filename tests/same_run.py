# same_run.py FILE   each line of FILE names two run directories: A B.  Their newest checkpoints must hold the same
# datasets and counters, bit for bit, and their run.h5 the same rows, but for seconds.
import sys, glob, h5py, numpy

CLOCK = {"wall_s"}
fail = 0


def bad(*words):
    global fail
    fail = 1
    print(*words)


def datasets(f):
    found = {}
    f.visititems(lambda name, x: found.update({name: x}) if isinstance(x, h5py.Dataset) else None)
    return found


def equal(x, y):
    return x.shape == y.shape and x.dtype == y.dtype and numpy.array_equal(
        numpy.ascontiguousarray(x).view(numpy.uint8), numpy.ascontiguousarray(y).view(numpy.uint8))


def checkpoints(a, b):
    one, two = (sorted(glob.glob(run + "/ckpt/*.h5"))[-1:] for run in (a, b))
    if not one or not two or one[0].split("/")[-1] != two[0].split("/")[-1]:
        return bad(a, b, "end with", one, two)
    with h5py.File(one[0]) as f, h5py.File(two[0]) as g:
        x, y = datasets(f), datasets(g)
        if x.keys() != y.keys():
            return bad(a, b, "other datasets:", sorted(set(x) ^ set(y)))
        differ = [name for name in x if not equal(x[name][()], y[name][()])]
        if differ:
            bad(a, b, len(differ), "datasets differ, as", differ[0])
        s, t = dict(f["state"].attrs), dict(g["state"].attrs)
        if s.keys() != t.keys():
            bad(a, b, "other counters:", sorted(set(s) ^ set(t)))
        for name in s.keys() & t.keys():
            if name != "seconds" and s[name] != t[name]:
                bad(a, b, "state", name, s[name], t[name])


def rows(a, b):
    with h5py.File(a + "/run.h5") as f, h5py.File(b + "/run.h5") as g:
        if f["step"].keys() != g["step"].keys():
            return bad(a, b, "other columns")
        for name in f["step"]:
            x, y = f["step"][name][()], g["step"][name][()]
            if name not in CLOCK and not equal(x, y):
                rows = [i for i in range(min(len(x), len(y))) if x[i] != y[i]]
                bad(a, b, "column", name, len(x), len(y), "rows; others:", [(i, x[i], y[i]) for i in rows[:2]])


for line in open(sys.argv[1]):
    a, b = line.split()
    try:
        checkpoints(a, b)
        rows(a, b)
    except OSError as e:
        bad(a, b, e)
sys.exit(fail)
