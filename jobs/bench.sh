#!/bin/bash
# Speeds, each beside its limit or beside a peer measured in the same minutes: `aletheia
# bench` on one rank, its topic `ranks` on two, and tests/peers where a Python with
# PyTorch is found (PYTHON=... names one; none is required).
set -eu
cd "$(dirname "$0")/.."
. jobs/env.sh
program=${ALETHEIA:-bin/aletheia}
$MPIRUN -np 1 "$program" bench product step generate grader
$MPIRUN -np 2 "$program" bench ranks
$MPIRUN -np 3 "$program" bench graders
for python in ${PYTHON:-python3 /usr/bin/python3}; do
    $python -c 'import torch, transformers' 2>/dev/null || continue
    echo "peers, with $($python -c 'import torch, transformers as t; print("torch", torch.__version__, "transformers", t.__version__)')"
    $python tests/peers/train_torch.py "$CORES"
    for threads in 1 $((CORES > 1 ? 2 : 0)); do
        [ "$threads" != 0 ] || continue
        $python tests/peers/generate_hf.py --threads "$threads" --aletheia "$program"
        ! $python -c 'import h5py' 2>/dev/null ||
            $python tests/peers/rollout_hf.py --threads "$threads" --aletheia "$program"
    done
    $python tests/peers/export_transformers.py input/models/pocket --aletheia "$program"
    $python tests/peers/round_trip.py "$program"
    exit 0
done
echo "no peers: no Python with torch and transformers (PYTHON=path names one)"
