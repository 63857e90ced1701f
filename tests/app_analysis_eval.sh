# Figures of what evaluations and choices hold: drawn of files in their layout (tests/eval_files.py), refused with the key that
# makes what is missing, or with what is damaged.
# RUN: np=1
. "$TOP/tests/shell.sh"
. "$TOP/tests/draw.sh"
make() { $python "$TOP/tests/eval_files.py" "$@" || bad "no files: $*"; }
scripts='ranking calibration votes budget'
make weak 1.5 heldout,strong,hard
make good 6 heldout,strong,hard,adv,equivalent
make few 4 heldout intervals
make weak.h5 1.5 choice heldout
make good.h5 6 choice heldout
make other.h5 6 choice hard
for s in $scripts; do
    draw $s scripts/$s.py weak good
    for text in weak good heldout strong hard adv equivalent; do
        grep -q ">$text" $s.svg || bad "$s: '$text' is not written in the figure"
    done
    draw $s-few scripts/$s.py few               # four lists have no intervals
    draw $s-named scripts/$s.py weak good --label Ada --label Bob
    grep -q '>Ada' $s-named.svg && grep -q '>Bob' $s-named.svg && ! grep -q '>weak' $s-named.svg || bad "$s: other labels"
    draw $s-same scripts/$s.py weak/heldout.h5 good/heldout.h5
    grep -q '>weak/heldout' $s-same.svg || bad "$s: two files of one name are not told apart"
done
draw suites scripts/suites.py weak good few
draw choosing scripts/choosing.py weak.h5 good.h5 other.h5
for text in weak good other heldout hard oracle majority random; do
    grep -q ">$text" choosing.svg || bad "choosing: '$text' is not written in the figure"
done
mkdir choices
cp weak.h5 other.h5 choices
draw choosing-folder scripts/choosing.py choices good.h5

# What is read is what was written.
PYTHONPATH=scripts $python - >said 2>&1 <<'PY' || { bad "numbers"; cat said; }
import h5py, numpy as np, records, choosing, os, sys
with h5py.File("good/heldout.h5") as f:
    g = f["suite/heldout/number"]
    word = {n: bytes(g[n]["data"]).decode() for n in ("measure", "by", "of")}
    cut = lambda n, i: word[n][g[n]["offset"][i]:g[n]["offset"][i + 1]]
    rows = {tuple(cut(n, i) for n in word): [g[c][i] for c in ("value", "lo", "hi", "beside")] for i in range(len(g["value"]))}
s = records.read_suites("good/heldout.h5")["heldout"]
assert len(rows) == len(s.rows) > 80
for measure, by, at in (("sc", "K", range(1, 17)), ("pass", "K", range(1, 17)), ("ktau", "length", (3, 4, 5)),
                        ("listacc", "budget", (256, 512, 1024, 2048, 4096))):
    want = np.array([[k, *rows[measure, by, str(k)]] for k in at]).T
    assert np.array_equal(s.along(measure, by), want, equal_nan=True), (measure, by)
assert [s.one("ece").value, s.one("brier").lo] == [rows["ece", "all", ""][0], rows["brier", "all", ""][1]]
assert s.one("nothing") is None and s.along("nothing", "K").shape == (5, 0)
ece = f"ECE {s.one('ece').value:.3f}, Brier {s.one('brier').value:.3f}"
assert ece in open("calibration.svg").read(), ece
with h5py.File("good/heldout.h5") as f:             # attributes say the same, for suites.py
    assert f["suite/heldout"].attrs["listacc"] == rows["listacc", "all", ""][0]
import suites
got = suites.read_file("good/heldout.h5")["heldout"]
assert got[3] == tuple(rows["listacc", "length", "3"][:3]), got
assert np.isnan(suites.read_file("few/heldout.h5")["heldout"]["all"][1:]).all()
a, b, c = (choosing.read_file(p) for p in ("weak.h5", "good.h5", "other.h5"))
assert a.same_programs(b) and not a.same_programs(c) and a.method == "knockout"
# A script of the name of one of Python's modules would stand before it.
names = {f[:-3] for f in os.listdir("scripts") if f.endswith(".py")}
assert not names & set(sys.stdlib_module_names), names
PY

# Nothing of it was measured: the message says how it is.
make without 2 heldout pairs,samples,budget
reject 'without: .*eval.pairs=yes' scripts/ranking.py without
reject 'without: .*eval.samples=16' scripts/calibration.py without
reject 'without: .*eval.samples=16' scripts/votes.py without
reject 'without: .*eval.budget=' scripts/budget.py without
draw suites-without scripts/suites.py without
make none.h5 2 choice heldout
$python -c 'import h5py; f = h5py.File("none.h5", "a"); del f["number"]'
reject 'none.h5: .*aletheia select' scripts/choosing.py none.h5
mkdir empty
for s in $scripts; do
    reject 'empty: holds no evaluations.*aletheia eval' scripts/$s.py empty
    reject 'nowhere: no such file' scripts/$s.py nowhere
    reject 'good.h5: this is aletheia/select, expected aletheia/eval' scripts/$s.py good.h5
done
reject 'empty: .*aletheia select' scripts/choosing.py empty
reject 'nowhere: no such file' scripts/choosing.py nowhere
reject 'heldout.h5: this is aletheia/eval, expected aletheia/select' scripts/choosing.py weak/heldout.h5

# Damaged files, of each kind of damage: cut off, a column gone, columns of other lengths, offsets beside the data, a value
# that is no number where there should be one, a newer version, not completed.
damage()    # damage NAME WHAT   a copy of the folder weak, its heldout.h5 changed by Python's WHAT
{
    rm -rf "$1"
    cp -r weak "$1"
    cp weak.h5 "$1.choice.h5"
    for file in "$1/heldout.h5 suite/heldout" "$1.choice.h5 ."; do
        set -- "$1" "$2" $file
        $python -c "import h5py, sys; f = h5py.File(sys.argv[1], 'a'); g = f[sys.argv[2]]['number']; $2" "$3" "$4" || bad "no $1"
    done
}
damage gone 'del g["value"]'
damage longer 'x = g["lo"][:]; del g["lo"]; g["lo"] = list(x) + [0]'
damage beside 'g["by/offset"][3] = 10 ** 6'
damage notext 'del g["measure/data"]'
damage newer 'f.attrs["version"] = 3'
damage half 'f.attrs["committed"] = 0'
damage words 'x = g["of"]["data"][:]; x[:] = 255; g["of/data"][:] = x'
damage short ''
for file in short/heldout.h5 short.choice.h5; do
    head -c 3000 $file >cut && mv cut $file
done
for name in gone longer beside notext newer half words short; do
    case $name in
    newer) why='version 3 is newer' ;;
    half) why='never completed' ;;
    short) why='not an HDF5 file, or truncated' ;;
    *) why=damaged ;;
    esac
    reject "$name/heldout.h5: .*($why)" scripts/votes.py good $name
    reject "$name.choice.h5: .*($why)" scripts/choosing.py good.h5 $name.choice.h5
done
for s in ranking calibration budget suites; do
    reject "gone/heldout.h5: damaged" scripts/$s.py good gone
    reject "short/heldout.h5: not an HDF5 file" scripts/$s.py good short
done
draw skipped scripts/votes.py weak gone without --skip-bad
grep -q 'gone/heldout.h5: damaged' said && grep -q 'without: ' said || bad "what is skipped is not named: $(cat said)"
exit $fail
