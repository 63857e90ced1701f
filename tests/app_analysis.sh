# Every analysis script draws what the program wrote, refuses what it did not, and needs
# nothing but the files.
# RUN: np=2
# TIMEOUT: 600
. "$TOP/tests/shell.sh"
. "$TOP/tests/tiny.sh"
python=/usr/bin/python3
$python -c 'import h5py, matplotlib' 2>/dev/null || { echo "skipped: $python has no h5py and matplotlib"; exit 77; }
tiny_make || { bad "no tiny model"; exit 1; }
must 2 train tiny.in run.dir=one run.steps=6 run.eval_every=3
must 2 sft tiny.in run.dir=two run.steps=3
must 2 eval tiny.in eval.out=before eval.suites=heldout,hard
must 2 eval tiny.in eval.out=after eval.suites=heldout,hard eval.model=one
cp -r "$TOP/analysis" scripts

draw()      # draw NAME SCRIPT ARGUMENTS...
{
    local name=$1
    shift
    $python "$@" --out "$name" >said 2>&1 || { bad "$*: failed"; cat said; }
    [ "$(head -c 4 "$name.png" | tail -c 3)" = PNG ] || bad "$*: no $name.png"
    grep -q '<svg' "$name.svg" || bad "$*: no $name.svg"
    [ "$(stat -c %s "$name.png")" -gt 20000 ] || bad "$*: $name.png is nearly empty"
}
draw a scripts/curves.py one
draw b scripts/curves.py one two/run.h5
draw c scripts/suites.py before after
draw d scripts/suites.py one
draw e scripts/phases.py one two

reject()    # reject SCRIPT ARGUMENTS...: one line, exit 3
{
    $python "$@" --out x >said 2>&1
    code=$?
    [ $code = 3 ] && [ "$(wc -l <said)" = 1 ] || { bad "$*: exit $code, not one line and 3"; cat said; }
    [ ! -e x.png ] || bad "$*: drew something all the same"
}
head -c 2000 one/run.h5 >short.h5
reject scripts/curves.py nowhere
reject scripts/curves.py problems.h5
reject scripts/curves.py short.h5
reject scripts/suites.py problems.h5
reject scripts/phases.py short.h5
# One damaged file among others is named and left out where that is asked for; of nothing nothing is drawn.
draw f scripts/curves.py one short.h5 --skip-bad
grep -q 'short.h5: not an HDF5 file, or truncated' said || bad "the damaged run is not named: $(cat said)"
draw g scripts/phases.py nowhere one --skip-bad
grep -q 'nowhere: no such file' said || bad "the absent run is not named: $(cat said)"
cp short.h5 after/strong.h5
reject scripts/suites.py before after
draw h scripts/suites.py before after --skip-bad
grep -q 'after/strong.h5: not an HDF5' said || bad "the damaged evaluation is not named: $(cat said)"
$python scripts/curves.py short.h5 nowhere --skip-bad --out x >said 2>&1
[ $? = 3 ] && [ ! -e x.png ] && grep -q 'nothing is left' said || bad "nothing but bad runs: $(cat said)"
exit $fail
