#!/bin/bash
# The study's five recipes from one base, on one problem file, with one budget of updates: what each makes of list
# accuracy, and at which cost.  What they share stands in input/recipes.in, what one of them demands below; all else is
# its preset (`aletheia help recipes`).
#
# Environment   NP=ranks (1 to 4, as there are cores)   DECK=another deck   RUN=folder for everything it writes
#               LAUNCH=how a parallel program is started (mpirun here, srun in a job)   SEED=of problems and runs
#               RECIPES="raft bo-grpo": these alone
# Stopped or killed, the same command goes on: what is complete is not repeated.
# Lines RESULT of every verb pass through; the last ones sum up, one a recipe and one of all.
set -euo pipefail
cd "$(dirname "$0")/.."
. jobs/env.sh
program=${ALETHEIA:-bin/aletheia}
deck=${DECK:-input/recipes.in}
NP=${NP:-$((CORES > 4 ? 4 : CORES))}
LAUNCH=${LAUNCH:-$MPIRUN -np $NP}
SEED=${SEED:-1}
RECIPES=${RECIPES:-grpo-think grpo-instruct raft dpo-think bo-grpo}
run=${RUN:-runs/$(basename "$deck" .in)}
began=$(date +%s)

demands()   # demands RECIPE   keys that it needs to be other than the deck's
{
    case $1 in
    # pairs are scored at temperature 1; at the others' rate the form of the answers is unlearned
    dpo-think) echo "recipe.temperature=1 recipe.lr=2e-4" ;;
    # one update at this rate moves the ratio of an answer by a hundred times what one at the study's does
    bo-grpo) echo "recipe.clip_low=3e-2 recipe.clip_high=4e-2" ;;
    esac
}

mode_of()   # mode_of RECIPE
{
    case $1 in *instruct) echo instruct ;; *) echo think ;; esac
}

# Everything in the folder is of one deck, one number of ranks, one seed.
mkdir -p "$run"
said="NP=$NP SEED=$SEED $({ cat "$deck"; declare -f demands; } | cksum)"
[ -e "$run/made-with" ] || echo "$said" >"$run/made-with"
if [ "$said" != "$(cat "$run/made-with")" ]; then
    echo "recipes.sh: $run was made with another deck, other demands, NP or SEED; name another folder: RUN=..." >&2
    exit 2
fi

stage()     # stage NAME WHAT VERB ARGUMENTS...   $run/NAME.txt is what it says, and there once it is complete
{
    local log=$run/$1
    echo
    if [ -e "$log.txt" ]; then
        echo "== $2: done before"
        grep '^RESULT' "$log.txt"
        return
    fi
    echo "== $2  ($LAUNCH aletheia ${*:3})"
    if ! $LAUNCH "$program" "${@:3}" </dev/null | tee -a "$log.part"; then
        local code=${PIPESTATUS[0]}
        echo "recipes.sh: stopped in: $2; the same command goes on"
        exit "$code"
    fi
    mv "$log.part" "$log.txt"
}

last()      # last NAME PATTERN KEY   its value on the last RESULT line of that kind; "-": there is none
{
    local line
    line=$(grep "^RESULT $2 " "$run/$1.txt" | tail -n 1 | tr ' ' '\n' | grep "^$3=") || line="=-"
    echo "${line#*=}"
}

problems=$run/problems.h5
common="data.problems=$problems run.seed=$SEED"
[ -e "$run/problems.txt" ] || rm -f "$problems"
stage problems "problems: draw, execute, list" problems "$deck" problems.out="$problems" problems.seed="$SEED"

measure()   # measure NAME MODEL MODE   its list accuracy, as $run/NAME-eval.txt
{
    stage "$1-eval" "list accuracy: $1, $3" eval "$deck" $common eval.model="$2" eval.mode="$3" eval.out="$run/$1-eval"
}

base=$(sed -n '/^\[model\]/,/^\[/s/^dir *= *\([^ #]*\).*/\1/p' "$deck")
modes=$(for name in $RECIPES; do mode_of "$name"; done | sort -u)
for mode in $modes; do
    measure "base-$mode" "$base" "$mode"
done

# One that was killed has not said what it had cost: it is begun anew.
collect()
{
    [ -e "$run/collected.txt" ] && return
    if ! tail -n 1 "$run/collected.part" 2>/dev/null | grep -q '^RESULT'; then
        rm -rf "$run/collected.part" "$run/collected.h5" "$run/collected.h5.parts"
    fi
}

for name in $RECIPES; do
    more=$(demands "$name")
    if [ "$name" = dpo-think ]; then
        collect
        stage collected "answers of the base, for pairs" collect "$deck" $common collect.out="$run/collected.h5"
        more="$more data.rollouts=$run/collected.h5"
    fi
    stage "$name" "training: $name" train "$deck" $common run.dir="$run/$name" run.resume=yes recipe.name="$name" $more
    measure "$name" "$run/$name" "$(mode_of "$name")"
done

# Tables --------------------------------------------------------------------------------------

suites=$(grep -ho '^RESULT suite=[a-z]*' "$run"/base-*-eval.txt | cut -d= -f2 | awk '!seen[$0]++')
rows="$(for mode in $modes; do echo "base-$mode"; done) $RECIPES"

accuracy()  # accuracy NAME SUITE   as a cell
{
    local acc
    acc=$(last "$1-eval" "suite=$2" acc)
    [ "$acc" = - ] && { printf '  %-21s' -; return; }
    printf '  %.3f [%.3f, %.3f]' "$acc" "$(last "$1-eval" "suite=$2" lo)" "$(last "$1-eval" "suite=$2" hi)"
}

sum_of()    # sum_of NAME KEY   over the RESULT lines of $run/NAME.txt
{
    tr ' ' '\n' <"$run/$1.txt" | awk -F= -v key="$2" '$1 == key { sum += $2 } END { print sum + 0 }'
}

cost()      # cost NAME   core-seconds and FLOPs of its training, then of collecting for it
{
    local seconds=0 flops=0 collect_s=0 collect_flops=0
    case $1 in
    base-*) ;;
    *) seconds=$(last "$1" "run=[^ ]*" seconds) flops=$(last "$1" "run=[^ ]*" flops) ;;
    esac
    [ "$1" != dpo-think ] || { collect_s=$(sum_of collected seconds); collect_flops=$(sum_of collected flops); }
    awk -v n="$NP" -v s="$seconds" -v f="$flops" -v cs="$collect_s" -v cf="$collect_flops" \
        'BEGIN { printf("%.1f %.4g %.1f %.4g\n", n * s, f, n * cs, cf) }'
}

table()
{
    local name suite c
    printf '%-14s' recipe
    for suite in $suites; do printf '  %-21s' "$suite [95%]"; done
    echo
    for name in $rows; do
        printf '%-14s' "$name"
        for suite in $suites; do accuracy "$name" "$suite"; done
        echo
    done
    echo
    printf '%-14s  %7s %7s %6s  %12s %10s   %s\n' recipe parsed length steps core-seconds TFLOP 'of these collecting'
    for name in $rows; do
        read -r -a c <<<"$(cost "$name")"
        printf '%-14s  %7s %7s %6s  %12.0f %10.1f' "$name" "$(last "$name-eval" suite=heldout parsed)" \
            "$(last "$name-eval" suite=heldout length)" "$(steps "$name")" \
            "$(awk -v a="${c[0]}" -v b="${c[2]}" 'BEGIN { print a + b }')" \
            "$(awk -v a="${c[1]}" -v b="${c[3]}" 'BEGIN { print (a + b) / 1e12 }')"
        [ "${c[2]}" = 0.0 ] || printf '   %.0f, %.1f' "${c[2]}" "$(awk -v f="${c[3]}" 'BEGIN { print f / 1e12 }')"
        echo
    done
}

steps()     # steps NAME
{
    case $1 in base-*) echo 0 ;; *) last "$1" "run=[^ ]*" steps ;; esac
}

results()   # one line a row, for scripts
{
    local name suite c key
    for name in $rows; do
        read -r -a c <<<"$(cost "$name")"
        printf 'RESULT recipe=%s mode=%s steps=%s core_s=%s flops=%s collect_core_s=%s collect_flops=%s parsed=%s length=%s' \
            "$name" "$(mode_of "$name")" "$(steps "$name")" "${c[@]}" "$(last "$name-eval" suite=heldout parsed)" \
            "$(last "$name-eval" suite=heldout length)"
        for suite in $suites; do
            [ "$(last "$name-eval" "suite=$suite" acc)" != - ] || continue
            printf ' %s_chance=%s' "$suite" "$(last "$name-eval" "suite=$suite" chance)"
            printf ' %s=%s' "$suite" "$(last "$name-eval" "suite=$suite" acc)"
            for key in lo hi; do printf ' %s_%s=%s' "$suite" $key "$(last "$name-eval" "suite=$suite" $key)"; done
        done
        echo
    done
}

echo
table | tee "$run/table.txt"
results >"$run/results.txt"
python=/usr/bin/python3
[ -x $python ] || python=python3
echo
if $python -c 'import h5py, matplotlib' 2>/dev/null; then
    $python analysis/recipes.py "$run" --out "$run/recipes"
else
    echo "no plot: $python has no h5py and matplotlib (make deps installs them)"
fi
echo "everything is in $run"
grep -v ' recipe=base-' "$run/results.txt"
echo "RESULT recipes=$(wc -w <<<"$RECIPES") steps=$(steps "${RECIPES%% *}")" \
    "$(tr ' ' '\n' <<<"$rows" | while read -r name; do [ -z "$name" ] || echo "$name=$(last "$name-eval" suite=heldout acc)"; done | tr '\n' ' ')seconds=$(($(date +%s) - began))"
