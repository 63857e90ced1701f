# A problem file whose verdicts are missing, faulty, or of another text is completed by `aletheia grade`: the same verdicts, whoever
# executes; the second time costs nothing; lists that execution contradicts go.
# RUN: np=2
# TIMEOUT: 300
. "$TOP/tests/shell.sh"
python=/usr/bin/python3
$python -c 'import h5py' 2>/dev/null || { echo "skipped: $python has no h5py"; exit 77; }
cp "$TOP/tests/data/tiny.in" .
must 2 problems tiny.in problems.train=3 problems.heldout=1 problems.weak=4 problems.strong=2 problems.equivalents=1
[ $fail = 0 ] || exit 1

cat >edit.py <<'END'
import sys, h5py, numpy
def keep(f, rows):                       # only these verdicts stay
    for name in list(f["verdict"]):
        d = f["verdict"][name]
        x, kind = d[:][rows], d.dtype
        del f["verdict"][name]
        f["verdict"].create_dataset(name, data=x, dtype=kind)
with h5py.File(sys.argv[1], "r+") as f:
    v, names = f["verdict"], h5py.check_enum_dtype(f["verdict/verdict"].dtype)
    program, x = v["program"][:], v["verdict"][:]
    exec(sys.argv[2])
END
cat >facts.py <<'END'
import sys, h5py                         # all that must come back, not times
with h5py.File(sys.argv[1]) as f:
    v = f["verdict"]
    for row in sorted(zip(v["program"][:].tolist(), v["test"][:].tolist(), v["verdict"][:].tolist(), map(bytes, v["key"][:]))):
        print(*row)
    print(f["program/pass_rate"][:].tolist(), f["test/known"][:].tolist(), bytes(f["test/output/data"][:]))
    print(f["list/answer"][:].tolist(), f["list/program/data"][:].tolist())
END
facts() { $python facts.py "$1" >"$1.txt" || bad "$1: unreadable"; }
facts problems.h5

# grade N FILE RUNS KEYS...   completed in RUNS runs (a pattern), as it was before, and the second time for nothing
grade()
{
    local n=$1 file=$2 runs=$3 sum
    shift 3
    must "$n" grade tiny.in data.problems="$file" "$@"
    result runs | grep -Eqx "$runs" || bad "$file on $n ranks: $(result runs) runs, expected $runs"
    facts "$file"
    cmp "$file.txt" problems.h5.txt || bad "$file on $n ranks $*: other facts"
    sum=$(cksum <"$file")
    must "$n" grade tiny.in data.problems="$file" "$@"
    [ "$(result runs)" = 0 ] || bad "$file: $(result runs) runs the second time"
    [ "$sum" = "$(cksum <"$file")" ] || bad "$file was written though nothing was new"
}

spoil() { cp problems.h5 "$1"; $python edit.py "$1" "$2" || bad "$1: not edited"; }
cp problems.h5 whole.h5
grade 1 whole.h5 0
spoil part.h5 'keep(f, program % 3 != 1)'
cp part.h5 part2.h5
cp part.h5 part3.h5
grade 1 part.h5 '[1-9][0-9]*'
grade 2 part2.h5 '[1-9][0-9]*' layout.graders=1
grade 2 part3.h5 '[1-9][0-9]*'
spoil fault.h5 'x[program == 3] = names["fault"]; v["verdict"][:] = x'
grade 1 fault.h5 4
spoil other.h5 'k = v["key"][:]; k[program == 5] ^= 1; v["key"][:] = k'
grade 2 other.h5 4 layout.graders=1
spoil bare.h5 'keep(f, program < 0); f["test/known"][:] = 0'
grade 2 bare.h5 '[1-9][0-9]*'

# A wrong candidate is now said to be the right one: nothing is believed, and nothing is executed in vain.
spoil lie.h5 'p, o = f["list/program/data"], f["list/program/offset"]; a = int(f["list/answer"][0]); y = p[:]
y[o[0] + a], y[o[0] + (a + 1) % 2] = y[o[0] + (a + 1) % 2], y[o[0] + a]; p[:] = y; keep(f, program < 0)'
must 1 grade tiny.in data.problems=lie.h5
[ "$(result dropped)" = 1 ] || bad "the list with the wrong answer: $(result dropped) dropped"
refused 2 3 'nothing.h5' grade tiny.in data.problems=nothing.h5
refused 2 2 'layout.graders' grade tiny.in layout.graders=2
exit $fail
