#!/bin/sh
# The packages this program stands on.  `jobs/deps.sh` makes sure that what building and
# running need is there, `jobs/deps.sh check` also what only the tests use, `jobs/deps.sh fuzz`
# what only make fuzz uses.  Installs with apt where it may (root, or sudo without a password), else prints the command to give to
# whoever may.  When nothing is missing it costs one dpkg-query.
set -eu

build="gcc libc6-dev make pkg-config
    libopenmpi-dev openmpi-bin libhdf5-openmpi-dev hdf5-tools
    libscalapack-openmpi-dev libopenblas-dev
    libpcre2-dev libutf8proc-dev libxxhash-dev libjansson-dev libinih-dev libseccomp-dev
    python3 python3-h5py python3-matplotlib"
check="slurm-wlm munge procps"
fuzz="clang libclang-rt-dev"

if ! command -v dpkg-query >/dev/null; then
    cat <<'EOF'
deps: no dpkg on this machine, so nothing was installed.  What must be there (any version of the
last five years): a C17 compiler, GNU make, pkg-config, Open MPI, HDF5 built with that MPI,
ScaLAPACK, OpenBLAS, PCRE2, utf8proc, xxHash, jansson, inih, libseccomp with their headers;
Python 3 with h5py and matplotlib.  Compiler and library paths can be set in config.mk.
EOF
    exit 0
fi

missing()   # of the packages named, those not installed
{
    have=" $(dpkg-query -W -f '${db:Status-Status} ${Package} ' "$@" 2>/dev/null || true)"
    for p in "$@"; do
        case "$have" in *" installed $p "*) ;; *) printf ' %s' "$p" ;; esac
    done
}

need=$(missing $build)
case "${1:-}" in
check) extra=$(missing $check) ;;
fuzz) extra=$(missing $fuzz) ;;
*) extra= ;;
esac
[ -n "$need$extra" ] || exit 0

as=
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as="sudo -n"
    else
        echo "deps: missing:$need$extra"
        echo "deps: ask an administrator for:"
        echo "    apt-get update && apt-get install -y --no-install-recommends$need$extra"
        [ -z "$need" ] || exit 1
        echo "deps: the tests that need$extra will be skipped"
        exit 0
    fi
fi
echo "deps: installing$need$extra"
log=$(mktemp)
apt()
{
    $as env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 "$@" >>"$log" 2>&1
}
if ! { apt update && apt install -y --no-install-recommends $need $extra; }; then
    tail -n 20 "$log"
    echo "deps: apt-get failed; its words are above and in $log"
    exit 1
fi
rm -f "$log"
