#!/bin/bash
# Speeds, each beside its limit or beside a peer measured in the same minutes: `aletheia bench` on one rank, its topic
# `ranks` on two, and the peers of tests/peers where a Python with PyTorch is found (PYTHON=...).
set -eu
cd "$(dirname "$0")/.."
. jobs/env.sh
program=${ALETHEIA:-bin/aletheia}
$MPIRUN -np 1 "$program" bench product step generate grader
$MPIRUN -np 2 "$program" bench ranks
for python in ${PYTHON:-python3 /usr/bin/python3}; do
    if $python -c 'import torch' 2>/dev/null; then
        for peer in tests/peers/*.py; do
            echo "peer: $peer"
            $python "$peer" || echo "peer: $peer did not run"
        done
        exit 0
    fi
done
echo "no peers: no Python with PyTorch (PYTHON=path names one)"
