# Problems drawn and executed are the same on any layout of ranks and graders, in Python and in C; no problem is in both splits; references pass;
# none asks for nothing: no reference prints what it read, or always the same.
# RUN: np=2
# TIMEOUT: 240
. "$TOP/tests/shell.sh"
cat >p.in <<'END'
[problems]
train = 6
heldout = 6
difficulty = 1
weak = 6
strong = 3
tests = 6
END

# bank NAME RANKS overrides...   makes NAME.h5 and looks at what is said about it
bank()
{
    local name=$1 np=$2
    shift 2
    must "$np" problems p.in problems.out="$name.h5" "$@"
    [ "$(result overlap)" = 0 ] || bad "$name: splits overlap"
    [ "$(result faults)" = 0 ] || bad "$name: faults"
    [ "$(result lists)" -gt 10 ] || bad "$name: $(result lists) lists"
    grep -Eq '^reference +12 +12 +72 +0 ' out || bad "$name: a reference does not pass: $(grep ^reference out)"
    grep -q '^RESULT suite=train lists=[1-9]' out || bad "$name: no lists to train on"
}

bank one 1
bank two 2
bank graded 2 layout.graders=1
bank c 2 problems.language=c problems.weak=2 problems.equivalents=1 problems.strong=0
refused 0 2 'no family "sums"' problems p.in problems.families=sums

must 1 problems p.in problems.out=many.h5 problems.train=150 problems.heldout=150 problems.weak=1 problems.strong=0 problems.equivalents=0 \
    problems.difficulty=2
distinct=$(result distinct)
[ "$distinct" = $(($(result distinct_train) + $(result distinct_heldout))) ] && [ "$distinct" -gt 285 ] || bad "of 300 problems $distinct are distinct"
"$ALETHEIA" show many.h5 | grep -Eq "^  meanings +$distinct of the 300 drawn problems differ .*; train $(result distinct_train) of 150; heldout [0-9]+ of 150$" ||
    bad "show says: $("$ALETHEIA" show many.h5 | grep meanings)"
# what was executed: all tests of a problem give one output, or each gives back what it read
${python:-/usr/bin/python3} - one two c many <<'END' || fail=1
import sys
try:
    import h5py
except ImportError:
    sys.exit(0)
for name in sys.argv[1:]:
    with h5py.File(name + '.h5') as f:
        def texts(of):
            data, at = f[of + '/data'][...].tobytes(), f[of + '/offset'][...]
            return [data[at[i]:at[i + 1]].decode().split() for i in range(len(at) - 1)]
        read, wrote, problem = texts('test/input'), texts('test/output'), f['test/problem'][...]
        for p in sorted(set(problem)):
            mine = [i for i in range(len(problem)) if problem[i] == p]
            if len({tuple(wrote[i]) for i in mine}) < 2 or all(wrote[i] == read[i] for i in mine):
                print(f'{name}.h5: problem {p} asks for nothing: {[(read[i], wrote[i]) for i in mine]}')
                sys.exit(1)
END

# Times of runs differ; what was drawn, the verdicts and the lists may not.
${python:-/usr/bin/python3} - one two graded <<'END' || fail=1
import sys
try:
    import h5py, numpy
except ImportError:
    sys.exit(0)
def content(name):
    out = {}
    with h5py.File(name + '.h5') as f:
        f.visititems(lambda k, v: out.__setitem__(k, v[...].tobytes()) if isinstance(v, h5py.Dataset)
                     and not k.endswith(('time_us', 'memory_kb')) else None)
    return out
first = content(sys.argv[1])
assert len(first) > 15, sorted(first)
for name in sys.argv[2:]:
    other = content(name)
    differs = [k for k in first if other.get(k) != first[k]]
    if differs or set(first) != set(other):
        print(f'{name}.h5 and {sys.argv[1]}.h5 differ in {differs}')
        sys.exit(1)
END
exit $fail
