#!/bin/bash
# tests/fuzz/fuzz.sh BUILD SECONDS TARGET...   runs fuzz targets, as many side by side as there are cores, from the
# seeds (seeds.sh) and from what earlier runs found (BUILD/corpus).  One line for each; a finding is shown, its input
# is left in BUILD/found, and the exit code is 1.  `BUILD/TARGET FILE` runs one input again.
set -eu
build=$1 seconds=$2
shift 2
folder=$(mktemp -d /dev/shm/aletheia-fuzz-XXXXXX)
trap 'kill $(jobs -p) 2>/dev/null || :; wait; rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
rm -rf "$build/seeds"
tests/fuzz/seeds.sh "$build/seeds"
mkdir -p "$build/found"
export UBSAN_OPTIONS=print_stacktrace=1 LSAN_OPTIONS=suppressions=tests/lsan.supp:print_suppressions=0
export ASAN_OPTIONS=allocator_may_return_null=1:quarantine_size_mb=16
failed=0

last() { grep -o "$2 *[0-9]*" "$1" | tail -n 1 | grep -o '[0-9]*$' || echo '?'; }

one()
{
    local t=$1 rc=0 said dict=
    mkdir -p "$build/corpus/$t" "$folder/$t"
    [ ! -s "$build/seeds/$t.dict" ] || dict=-dict=$build/seeds/$t.dict
    FUZZ_FOLDER=$folder/$t "$build/$t" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=256 \
        -max_len=8192 -print_final_stats=1 $dict -artifact_prefix="$build/found/$t-" \
        "$build/corpus/$t" "$build/seeds/$t" >"$build/$t.log" 2>&1 || rc=$?
    said=$([ $rc = 0 ] && echo "ok  " || echo "FAIL")
    printf '%s %-12s %9s inputs, %6s/s, edges %5s, corpus %5s, memory at most %4s MB\n' "$said" "$t" \
        "$(last "$build/$t.log" number_of_executed_units:)" "$(last "$build/$t.log" average_exec_per_sec:)" \
        "$(last "$build/$t.log" cov:)" "$(ls "$build/corpus/$t" | wc -l)" "$(last "$build/$t.log" peak_rss_mb:)"
    [ $rc = 0 ] || grep -v '^#[0-9]' "$build/$t.log" | tail -n 60 | sed 's/^/    /'
    return $rc
}

cores=$(nproc) busy=0
for t in "$@"; do
    [ $busy -lt "$cores" ] || { wait -n || failed=1; busy=$((busy - 1)); }
    one "$t" &
    busy=$((busy + 1))
done
while [ $busy -gt 0 ]; do wait -n || failed=1; busy=$((busy - 1)); done
exit $failed
