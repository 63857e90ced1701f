# What Open MPI must be told on a workstation, sourced by demo.sh, bench.sh and
# tests/run.sh: as root it wants to be asked twice; it refuses more ranks than cores; with
# more it must not spin while it waits (a thousand times slower); and its binding puts two
# jobs that run side by side on one core.
[ "$(id -u)" != 0 ] || export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_mpi_yield_when_idle=1
export OMPI_MCA_hwloc_base_binding_policy=none
CORES=$(env -u OMP_NUM_THREADS nproc)              # nproc listens to what comes next
export CORES OMP_NUM_THREADS=${OMP_NUM_THREADS:-1} OPENBLAS_NUM_THREADS=${OPENBLAS_NUM_THREADS:-1}
export MPIRUN=${MPIRUN:-mpirun}
