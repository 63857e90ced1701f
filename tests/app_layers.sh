# tests/layers.sh finds an include that climbs a floor, a foreign library out of its home
# and a file too long.
# RUN: np=1
set -u
fail=0
copy=$TEST_TMP/copy

try()   # try WHAT FILE TEXT: with TEXT at the end of FILE, layers.sh must fail and name FILE
{
    rm -rf "$copy"
    mkdir -p "$copy"
    cp -r "$TOP/src" "$TOP/include" "$TOP/tests" "$copy/"
    mkdir -p "$copy/$(dirname "$2")"
    printf '%b\n' "$3" >>"$copy/$2"
    if said=$("$TOP/tests/layers.sh" "$copy"); then
        echo "not found: $1"; fail=1
    elif ! grep -q "^$2:" <<<"$said"; then
        echo "$1: the message does not name $2: $said"; fail=1
    fi
}

"$TOP/tests/layers.sh" || { echo "the repository itself breaks the order"; fail=1; }
try "model includes rl"        src/model/extra.c   '#include "rl.h"'
try "header climbs"            include/base.h      '#include "comm.h"'
try "a folder of a higher floor" src/io/extra.c    '#include "sandbox/inner.h"'
try "mpi.h outside comm"       src/app/extra.c     '#include <mpi.h>'
try "an MPI call outside comm" src/rl/extra.c      '    MPI_Barrier(c);'
try "hdf5.h outside io/h5"     src/io/ckpt_extra.c '#include <hdf5.h>'
try "seccomp outside sandbox"  src/app/extra.c     '#include <seccomp.h>'
try "namespaces outside sandbox" src/io/extra.c    '    unshare(CLONE_NEWUSER);'
try "LAPACK outside eval"      src/rl/extra.c      '    cblas_sgemm(a, b);'
try "a test climbs"            tests/io_extra.c    '#include "rollout.h"'
try "an unknown floor"         src/attic/extra.c   'int attic;'
try "601 lines"                src/base/extra.c    "$(printf '\\n%.0s' $(seq 601))"
exit $fail
