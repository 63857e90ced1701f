#!/bin/bash
# The demonstration: fresh problems are drawn and their candidate programs executed; the
# shipped model judges the suites; it is trained by what execution says; it judges again;
# plots.  One deck says everything: input/demo.in.
#
# Environment   NP=ranks (2 to 4, as there are cores)   DECK=another deck   RUN=folder for everything it writes
#               LAUNCH=how a parallel program is started (mpirun here, srun in demo.sbatch)
# Lines RESULT of every verb pass through; the last line sums up.
set -euo pipefail
cd "$(dirname "$0")/.."
. jobs/env.sh
program=${ALETHEIA:-bin/aletheia}
deck=${DECK:-input/demo.in}
NP=${NP:-$((CORES < 2 ? 2 : CORES > 4 ? 4 : CORES))}
LAUNCH=${LAUNCH:-$MPIRUN -np $NP}
run=${RUN:-}
if [ -z "$run" ]; then          # never over an older one
    run=runs/$(basename "$deck" .in)
    for i in $(seq 2 1000); do
        [ -e "$run" ] || break
        run=runs/$(basename "$deck" .in)-$i
    done
fi
mkdir -p runs "$(dirname "$run")"
began=$(date +%s)
work=$run.parts                 # what is not the training run's own
mkdir -p "$work"

step()      # step WHAT VERB ARGUMENTS...
{
    echo
    echo "== $1  ($LAUNCH aletheia ${*:2})"
    $LAUNCH "$program" "${@:2}"
}

common="run.dir=$run data.problems=$work/problems.h5"
step "problems: draw, execute, list" problems "$deck" problems.out="$work/problems.h5"
step "before: the shipped model" eval "$deck" $common eval.out="$work/before" | tee "$work/before.txt"
step "training" train "$deck" $common eval.suites=heldout
step "after" eval "$deck" $common eval.model="$run" eval.out="$work/after" | tee "$work/after.txt"

python=/usr/bin/python3
[ -x $python ] || python=python3
if $python -c 'import h5py, matplotlib' 2>/dev/null; then
    echo
    echo "== plots"
    $python analysis/curves.py "$run" --out "$work/curves"
    $python analysis/suites.py "$work/before" "$work/after" --out "$work/suites" --label before --label after
    $python analysis/phases.py "$run" --out "$work/phases"
else
    echo "no plots: $python has no h5py and matplotlib (make deps installs them)"
fi

value()     # value LOG SUITE KEY
{
    grep "^RESULT suite=$2 " "$work/$1.txt" | tail -n 1 | grep -o " $3=[^ ]*" | cut -d= -f2
}
echo
times_chance()     # times_chance SUITE: accuracy after, in chances
{
    awk -v after="$(value after "$1" acc)" -v chance="$(value after "$1" chance)" 'BEGIN { printf("%.2f", (chance > 0 ? after / chance : 0)) }'
}
echo "suite        chance    before [95%]              after [95%]               after / chance"
for suite in $(grep -o '^RESULT suite=[a-z]*' "$work/after.txt" | cut -d= -f2); do
    printf '%-12s %6.3f    %6.3f [%.3f, %.3f]    %6.3f [%.3f, %.3f]    %6.2f\n' "$suite" \
        "$(value after "$suite" chance)" \
        "$(value before "$suite" acc)" "$(value before "$suite" lo)" "$(value before "$suite" hi)" \
        "$(value after "$suite" acc)" "$(value after "$suite" lo)" "$(value after "$suite" hi)" "$(times_chance "$suite")"
done
echo "everything is in $run and $work"
echo "RESULT suite=heldout chance=$(value after heldout chance)" \
    "before=$(value before heldout acc) before_lo=$(value before heldout lo) before_hi=$(value before heldout hi)" \
    "after=$(value after heldout acc) after_lo=$(value after heldout lo) after_hi=$(value after heldout hi)" \
    "times_chance=$(times_chance heldout)" \
    "seconds=$(($(date +%s) - began))"
