# eval_files.py FOLDER SKILL [SUITES] [WITHOUT]   evaluation files (kind "eval", version 2) of a made-up verifier whose
# answers name the right candidate SKILL times as often as each other one: the layout that `aletheia eval` writes, numbers
# from its own draws.  SUITES is a list with commas; WITHOUT names what was not asked (pairs, samples, budget, intervals).
# eval_files.py FILE.h5 SKILL choice SUITE   the same of kind "select", version 1.
import os, sys, zlib, h5py, numpy as np

EMPTY = float("nan")


def root(path, kind, version):
    f = h5py.File(path, "w")
    for name, value in (("format", f"aletheia/{kind}"), ("version", version), ("created_by", "aletheia test"),
                        ("host_layout", "1 rank on 1 host, first host here"), ("deck", "[eval]\nmodel = made-up\n"),
                        ("param_hash", "0" * 32), ("committed", 1)):
        f.attrs[name] = np.bytes_(value) if isinstance(value, str) else value
    return f


def put_ragged(group, name, words):
    data = "".join(words).encode()
    group[f"{name}/data"] = np.frombuffer(data, np.uint8)
    group[f"{name}/offset"] = np.cumsum([0] + [len(w.encode()) for w in words]).astype("i8")


def put_numbers(group, rows):
    g = group.create_group("number")
    for i, name in enumerate(("measure", "by", "of")):
        put_ragged(g, name, [str(r[i]) for r in rows])
    g["lists"] = np.array([r[3] for r in rows], "i4")
    for i, name in enumerate(("value", "lo", "hi", "beside")):
        g[name] = np.array([r[4 + i] for r in rows], "f8")


class Table(list):
    intervals = True

    def add(self, measure, by, of, x, beside=EMPTY):
        """Of one value a list; normal intervals will do here."""
        x = np.asarray(x, float)
        half = 1.96 * x.std() / np.sqrt(len(x)) if self.intervals and len(x) >= 5 else EMPTY
        self.append((measure, by, of, len(x), x.mean(), x.mean() - half, x.mean() + half, beside))


def draw(rng, n, skill, samples):
    """[lists, samples] answers, -1 unparsable, of verifiers whose skill differs by list; the right one is 0."""
    ease = rng.gamma(2, skill / 2, len(n))
    answer = np.empty((len(n), samples), int)
    for i, c in enumerate(n):
        p = np.array([ease[i]] + [1.0] * (c - 1))
        answer[i] = rng.choice(np.arange(-1, c), samples, p=np.append(0.03, 0.97 * p / p.sum()))
    return answer


def votes(rng, t, n, answer):
    asked = answer.shape[1]
    for k in range(1, asked + 1):
        won, passed = np.zeros(len(n)), np.zeros(len(n))
        for _ in range(20):
            some = answer[:, rng.permutation(asked)[:k]]
            count = np.stack([(some == c).sum(axis=1) for c in range(5)], axis=1)
            won += (count[:, :1] > count[:, 1:]).all(axis=1) / 20
            passed += (count[:, 0] > 0) / 20
        t.add("sc", "K", k, won)
        t.add("pass", "K", k, passed, np.mean(1 / n))
    count = np.stack([(answer == c).sum(axis=1) for c in range(5)], axis=1)
    sure, right = count.max(axis=1) / asked, (count[:, :1] > count[:, 1:]).all(axis=1)
    gap = 0
    for b in range(10):
        at = (sure > b / 10) & (sure <= (b + 1) / 10)
        if at.any():
            t.add("reliability", "bin", f"{(b + 1) / 10:.1f}", right[at], sure[at].mean())
            gap += at.mean() * abs(right[at].mean() - sure[at].mean())
        else:
            t.append(("reliability", "bin", f"{(b + 1) / 10:.1f}", 0, EMPTY, EMPTY, EMPTY, EMPTY))
    t.append(("ece", "all", "", len(n), gap, gap * 0.8, gap * 1.2, EMPTY))
    t.add("brier", "all", "", (sure - right) ** 2)


def pairs(rng, t, n, skill):
    for by, of, at in [("all", "", n >= 3)] + [("length", c, n == c) for c in (3, 4, 5)]:
        m = int(at.sum())
        t.add("ktau", by, of, np.tanh(rng.normal(np.log(skill) / 3, 0.5, m)))
        t.add("ndcg", by, of, rng.beta(4 + skill, 3, m))
        t.add("pairacc", by, of, rng.beta(2 + skill, 3, m), 0.5)
        t.add("order", by, of, rng.beta(7, 5, m), 0.5)
        t.add("contradiction", by, of, rng.beta(2, 2 + skill, m))
        t.add("transitivity", by, of, rng.beta(8, 1.5, m))


def budgets(rng, t, n, right):
    length = rng.gamma(3, 500, right.shape)
    for b in (256, 512, 1024, 2048, 4096):
        cut = length > b
        guess = rng.random(right.shape) < 0.5 / n[:, None]
        t.add("listacc", "budget", b, np.where(cut, guess, right).mean(axis=1), np.mean(1 / n))
        t.add("parse", "budget", b, np.where(cut, 0.8, 0.99).mean(axis=1))
        t.add("tokens", "budget", b, np.minimum(length, b).mean(axis=1))
        t.add("cut", "budget", b, cut.mean(axis=1))


def evaluation(folder, skill, suite, without, lists=240):
    rng = np.random.default_rng(zlib.crc32(f"{suite} {skill}".encode()))
    if "intervals" in without:
        lists = 4
    n = np.resize([3, 2, 4, 5], lists)
    samples = 1 if "samples" in without else 16
    answer = draw(rng, n, skill * (0.6 if suite in ("strong", "adv") else 1), samples)
    right = answer == 0
    t = Table()
    t.add("listacc", "all", "", right.mean(axis=1), np.mean(1 / n))
    for c in (2, 3, 4, 5):
        t.add("listacc", "length", c, right[n == c].mean(axis=1), 1 / c)
    t.add("parse", "all", "", (answer >= 0).mean(axis=1))
    if "samples" not in without:
        votes(rng, t, n, answer)
    if "pairs" not in without:
        pairs(rng, t, n, skill)
    if "budget" not in without:
        budgets(rng, t, n, right)
    os.makedirs(folder, exist_ok=True)
    with root(f"{folder}/{suite}.h5", "eval", 2) as f:
        g = f.create_group(f"suite/{suite}")
        put_numbers(g, t)
        for name, x in (("list", np.arange(lists)), ("n", n), ("id", np.arange(lists)), ("right", 0 * n)):
            g[name] = np.repeat(x, samples).astype("i8" if name == "id" else "i4")
        for name, x in (("k", np.arange(lists * samples) % samples), ("answer", answer), ("parsed", answer >= 0),
                        ("length", 0 * answer + 40), ("truncated", 0 * answer), ("correct", right)):
            g[name] = x.reshape(-1).astype("i4")
        g.attrs["chance"] = np.mean(1 / n)
        for measure, by, _, _, value, lo, hi, _ in t:
            if by == "all":
                g.attrs[measure] = value
                if np.isfinite(lo):
                    g.attrs[measure + "_lo"], g.attrs[measure + "_hi"] = lo, hi


def choice(path, skill, suite, problems=150):
    rng = np.random.default_rng(zlib.crc32(suite.encode()))
    right = rng.random((problems, 16)) < rng.beta(1, 2, problems)[:, None]
    t, rows = Table(), []
    for n in (1, 2, 4, 8, 16):
        some = right[:, :n]
        share = some.mean(axis=1)
        odds = np.random.default_rng(int(100 * skill)).random((problems, n)) ** (1 / np.where(some, skill, 1))
        got = {"verifier": some[np.arange(problems), odds.argmax(axis=1)].astype(float), "random": share,
               "majority": np.where(share > 0.35, 1.0, 0.8 * share), "oracle": some.any(axis=1).astype(float)}
        for name, x in got.items():
            t.add(name, "N", n, x)
        for name in ("random", "majority", "oracle"):
            t.add(f"verifier-{name}", "N", n, got["verifier"] - got[name])
        rows += [(i, i, n, odds[i].argmax(), got["verifier"][i]) for i in range(problems)]
    with root(path, "select", 1) as f:
        f.attrs["suite"], f.attrs["method"] = np.bytes_(suite), np.bytes_("knockout")
        put_numbers(f, t)
        for i, name in enumerate(("problem", "id", "n", "program", "right")):
            f[f"choice/{name}"] = np.array([r[i] for r in rows], "i8" if name == "id" else "i4")


if __name__ == "__main__":
    where, how = sys.argv[1], float(sys.argv[2])
    names = (sys.argv[3] if len(sys.argv) > 3 else "heldout").split(",")
    if names == ["choice"]:
        choice(where, how, sys.argv[4])
    else:
        for name in names:
            evaluation(where, how, name, (sys.argv[4] if len(sys.argv) > 4 else "").split(","))
