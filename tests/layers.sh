#!/bin/bash
# The order of the floors, checked: a file may include headers of its own floor and of those below,
# and each foreign library has one home.  Prints every line that breaks this, files that grew over
# 600 lines, prototypes wider than 120, and, where there is the clang-format that .clang-format is
# written for, sources that `make format` would change.   tests/layers.sh [REPOSITORY]
set -u
cd "${1:-$(dirname "$0")/..}" || exit 1
floors="base comm backend model io sandbox testbed rollout rl eval app"

# sources, with the floor they stand on: src/FLOOR/..., include/FLOOR.h, tests/FLOOR_topic.c
find src include tests -path tests/attacks -prune -o \( -name '*.[ch]' -o -name '*.cu' -o -name '*.cuh' \) -print | sort |
    xargs -r awk -v floors="$floors" '
    function home(pattern) { return FILENAME ~ pattern }
    function bad(why) { printf "%s:%d: %s: %s\n", FILENAME, FNR, why, $0; n++ }
    BEGIN { count = split(floors, name, " "); for (i = 1; i <= count; i++) at[name[i]] = i }
    FNR == 1 {
        split(FILENAME, part, "/")
        floor = part[1] == "src" ? part[2] : part[2]
        if (part[1] == "include") sub(/\.h$/, "", floor)
        if (part[1] == "tests") sub(/_.*/, "", floor)
        mine = floor in at ? at[floor] : 0
        if (part[1] == "src" && !mine) { printf "%s: no floor is called %s\n", FILENAME, floor; n++ }
    }
    /^[ \t]*#[ \t]*include[ \t]*[<"]/ {
        split($0, q, /[<">]/); file = q[2]
        if ($0 ~ /"/) {
            top = file; sub(/^\.\.\//, "", top); sub(/^src\//, "", top); sub(/[\/.].*/, "", top)
            if (mine && (file ~ /\// || file == top ".h") && top in at && at[top] > mine)
                bad(floor " is below " top)
        }
        if (file ~ /^mpi(o|-ext)?\.h$/ && !home("^src/comm/")) bad("MPI belongs to src/comm")
        if (file ~ /^(hdf5|H5.*)\.h$/ && !home("^(src/io/h5|tests/fuzz/)")) bad("HDF5 belongs to src/io/h5*.c")
        if (file ~ /seccomp|sys\/mount|linux\/(audit|filter|landlock)|sys\/prctl/ &&
            !home("^(src/sandbox/|tests/sandbox_)"))
            bad("isolation belongs to src/sandbox")
        if (file ~ /cuda|nccl|cublas/ && !home("^src/backend/cuda/")) bad("CUDA belongs to src/backend/cuda")
        if (file ~ /cblas|lapack|blacs/ && !home("^src/eval/")) bad("LAPACK belongs to src/eval")
    }
    /(^|[^a-z_])(unshare|setns|pivot_root|clone3?|seccomp_[a-z_]+|SYS_clone3?)[ ]*[(,]|CLONE_NEW/ {
        if (!home("^(src/sandbox/|tests/sandbox_)") && $0 !~ /^[ \t]*(\/?\*|\/\/)/)
            bad("isolation belongs to src/sandbox")
    }
    /(^|[^A-Za-z_])MPI_[A-Z][a-z_]+ *\(/ {
        if (!home("^src/(comm/|io/h5)") && $0 !~ /^[ \t]*(\/?\*|\/\/)/) bad("MPI belongs to src/comm")
    }
    /(^|[^a-z_])(cblas_|LAPACKE_|p[sd](gemm|gesvd|syevd|geqrf)_|Cblacs_)/ {
        if (!home("^src/eval/") && $0 !~ /^[ \t]*(\/?\*|\/\/)/) bad("LAPACK belongs to src/eval")
    }
    length($0) > 120 && home("^include/.*h$") { bad("more than 120 columns") }
    { if (FNR == 601) { printf "%s: more than 600 lines\n", FILENAME; n++ } }
    END { exit n > 0 }' || bad=1
formatter=clang-format
command -v clang-format-14 >/dev/null && formatter=clang-format-14
if [ -f .clang-format ] && $formatter --version 2>/dev/null | grep -q 'version 14\.'; then
    make -s formatted FORMATTER=$formatter || bad=1
fi
exit ${bad:-0}
