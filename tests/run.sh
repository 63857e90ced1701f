#!/bin/bash
# tests/run.sh TEST...   runs test programs (build/.../tests/NAME, source tests/NAME.c) and shell
# tests (tests/NAME.sh).  Each says near its top how it wants to be run:
#     RUN: np=1,2,4 backend=cpu,strict     on each number of ranks, on each backend
#     RUN: np=1 alone                      with nothing beside it (it measures time)
#     TIMEOUT: 300                         seconds, 300 if not said
# A shell test is started once per backend and calls mpirun itself; its largest np says how many
# cores it fills.  As many tests run side by side as their ranks fit the cores.  Exit 0 is passed, 77
# skipped (the reason on stdout), all else failed.  The last line is: N passed, N failed, N skipped.
#
# Environment   JOBS=n cores to fill   RANKS=1,2 only these np   SAN=1 built with sanitizers   SLOW=n times the seconds
#               ALETHEIA=program under test
# A test gets   ALETHEIA, ALETHEIA_BACKEND, MPIRUN, TOP (the repository), TEST_TMP (its own folder)
set -u
TOP=$(cd "$(dirname "$0")/.." && pwd)
cores=${JOBS:-$(nproc)}
export TOP ALETHEIA=${ALETHEIA:-$TOP/bin/aletheia}

. "$TOP/jobs/env.sh"
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 OMP_WAIT_POLICY=passive
unset OMPI_MCA_orte_execute_quiet    # what mpirun says of a killed rank is looked at

slow=${SLOW:-1}
if [ -n "${SAN:-}" ]; then
    slow=4
    export LSAN_OPTIONS=suppressions=$TOP/tests/lsan.supp:print_suppressions=0
    export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
fi

red= green= yellow= plain=
if [ -t 1 ]; then
    red=$(printf '\033[31m') green=$(printf '\033[32m') yellow=$(printf '\033[33m')
    plain=$(printf '\033[0m')
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/aletheia-tests.XXXXXX")
mkdir "$work/shared"
export TEST_SHARED=$work/shared     # what tests make once for each other
trap 'rm -rf "$work"' EXIT
trap 'kill $(jobs -p) 2>/dev/null; exit 130' INT TERM

# The list: cores, alone, seconds, np, backend, program; small ones first, by floor.
list=
n=0
for test in "$@"; do
    name=$(basename "$test" .sh)
    source=$TOP/tests/$name.c
    [ "${test%.sh}" = "$test" ] || source=$test
    [ -r "$source" ] || { echo "run.sh: $source is not there"; exit 1; }
    how=$(sed -n '1,12s/^\(\/\/\|#\) RUN: *//p' "$source" | head -1)
    seconds=$(sed -n '1,12s/^\(\/\/\|#\) TIMEOUT: *//p' "$source" | head -1)
    nps=1 backends=- alone=0
    for word in $how; do
        case $word in
        np=*) nps=${word#np=} ;;
        backend=*) backends=${word#backend=} ;;
        alone) alone=1 ;;
        *) echo "run.sh: $source: do not know '$word' in its RUN line"; exit 1 ;;
        esac
    done
    [ "$source" != "$test" ] || nps=${nps##*,}
    for np in ${nps//,/ }; do
        case ",${RANKS:-$np}," in *,$np,*) ;; *) continue ;; esac
        for backend in ${backends//,/ }; do
            fill=$((np < cores ? np : cores))
            [ $alone = 0 ] || fill=$cores
            list+="$fill $((n++)) $((${seconds:-300} * slow)) $np $backend $test"$'\n'
        done
    done
done
list=$(printf %s "$list" | sort -n -k1,1 -k2,2)

one()   # one test in the background: what it prints and its verdict go to $work/ID.*
{
    local id=$1 seconds=$2 np=$3 backend=$4 test=$5 began rc leaks
    export TEST_TMP=$work/$id
    mkdir "$TEST_TMP"
    [ "$backend" = - ] || export ALETHEIA_BACKEND=$backend
    # Leaks are looked for on one rank: the suppressions only match with the slow unwinder.
    [ "$np" = 1 ] && leaks=fast_unwind_on_malloc=0 || leaks=detect_leaks=0
    export ASAN_OPTIONS=detect_stack_use_after_return=0:allocator_may_return_null=1:$leaks
    began=${EPOCHREALTIME/[.,]/}
    if [ "${test%.sh}" = "$test" ]; then
        set -- env OMPI_MCA_orte_execute_quiet=1 timeout -k 10 "$seconds" $MPIRUN -np "$np" "$test"
    else
        set -- timeout -k 10 "$seconds" bash "$test"
    fi
    "$@" >"$work/$id.log" 2>&1 </dev/null &
    trap 'kill $! 2>/dev/null; wait; exit 143' TERM
    wait $!
    rc=$?
    [ $rc != 124 ] || echo "run.sh: not finished after $seconds s" >>"$work/$id.log"
    rm -rf "$TEST_TMP"
    echo "$rc $((${EPOCHREALTIME/[.,]/} - began))" >"$work/$id.now"
    mv "$work/$id.now" "$work/$id.end"      # whole when it is seen
}

passed=0 failed=0 skipped=0 busy=0
declare -A fills names
touch_lost()    # no child is left: those that did not report were killed from outside
{
    for id in "${!fills[@]}"; do
        [ -e "$work/$id.end" ] || echo "137 0" >"$work/$id.end"
    done
}

collect()   # waits for at least one test to end, and reports all that have
{
    local id rc us what
    wait -n || [ $? != 127 ] || touch_lost
    for id in "${!fills[@]}"; do
        [ -e "$work/$id.end" ] || continue
        read -r rc us <"$work/$id.end"
        what="${names[$id]} $((us / 1000000)).$((us / 100000 % 10))s"
        case $rc in
        0) passed=$((passed + 1)); echo "${green}ok$plain $what" ;;
        77) skipped=$((skipped + 1))
            echo "${yellow}skip$plain ${names[$id]} ($(grep -m1 . "$work/$id.log" | sed 's/^skipped: //'))" ;;
        *) failed=$((failed + 1)); echo "${red}FAIL$plain $what (exit $rc)"
            tail -n 200 "$work/$id.log" 2>/dev/null | sed 's/^/    /' ;;
        esac
        busy=$((busy - fills[$id]))
        unset "fills[$id]"
        rm -f "$work/$id.log" "$work/$id.end"
    done
}

while read -r fill id seconds np backend test; do
    [ -n "$fill" ] || continue
    while [ $((busy + fill)) -gt "$cores" ]; do collect; done
    names[$id]="$(basename "$test" .sh)"
    [ "${test%.sh}" != "$test" ] || names[$id]+=" np=$np"
    [ "$backend" = - ] || names[$id]+=" $backend"
    fills[$id]=$fill
    busy=$((busy + fill))
    one "$id" "$seconds" "$np" "$backend" "$test" &
done <<<"$list"
while [ $busy -gt 0 ]; do collect; done

echo "$passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
