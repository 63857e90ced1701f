#!/bin/bash
# tests/slurm/down.sh DIR   ends, by process number, what up.sh DIR started, and waits for it.
set -u
pids=
for f in "$1"/run/slurmd-*.pid "$1"/run/slurmctld.pid "$1"/run/munged.pid; do
    [ ! -s "$f" ] || pids+=" $(cat "$f")"
done
[ -n "$pids" ] || exit 0
kill $pids 2>/dev/null
for try in $(seq 100); do
    left=
    for p in $pids; do
        state=$(awk '/^State/ { print $2 }' "/proc/$p/status" 2>/dev/null)
        case "$state" in '' | Z) ;; *) left+=" $p" ;; esac
    done
    [ -n "$left" ] || exit 0
    sleep 0.1
done
kill -9 $left 2>/dev/null
